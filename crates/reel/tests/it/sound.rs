//! Score and foley as a film has them: made, mixed under voices by the house's settings, and measured, on fifty seeds.

use std::collections::BTreeMap;
use std::io::Cursor;

use contracts::{
    Hash, Id, Seed,
    assets::{MusicSpec, SoundSpec},
    render::{Bus, PlannedSound},
    shots::MusicCue,
    story::Mood,
};
use craft::{foley, score};
use media::wav;
use render::mix::{Meter, Sinks, mix};

const SEEDS: u64 = 50;
const MOODS: [Mood; 8] = [Mood::Calm, Mood::Uneasy, Mood::Wary, Mood::Tense, Mood::Heavy, Mood::Watchful, Mood::Tender, Mood::Hopeful];
const GENRES: [&str; 4] = ["mystery", "adventure", "science_fiction", "fairy_tale"];

/// A short film of a seed: three scenes and an end card, words in each scene.
fn film(number: u64) -> MusicSpec {
    let mut choose = Seed::of(&["film", &number.to_string()]);
    let (mut at, mut cues, mut lines) = (0, Vec::new(), Vec::new());
    for scene in 0..3u64 {
        let samples = 3 * 48_000 + choose.below(3 * 48_000);
        let mood = MOODS[((number + 3 * scene) % 8) as usize];
        let level = 1 + choose.below(3) as u8;
        cues.push(MusicCue { scene_id: Some(Id::new(format!("sc{scene:02}")).expect("id")), mood, level, start: at, samples });
        let start = at + 24_000 + choose.below(samples / 3);
        lines.push((start, (start + 40_000 + choose.below(60_000)).min(at + samples - 9_600)));
        at += samples;
    }
    cues.push(MusicCue { scene_id: None, mood: Mood::Watchful, level: 2, start: at, samples: 168_000 });
    let id = |text: String| Id::new(text).expect("id");
    MusicSpec {
        theme: id(format!("series-{number}")),
        genre: id(GENRES[number as usize % 4].into()),
        cues,
        lines,
        samples: at + 168_000,
        scenes: BTreeMap::new(),
    }
}

/// As the stage stores it.
fn pcm(sound: &[f32]) -> Vec<i16> {
    sound.iter().map(|s| (s.clamp(-1.0, 1.0) * 32_767.0).round() as i16).collect()
}

fn rms(samples: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = samples.fold((0.0, 0u32), |(sum, count), x| (sum + x * x, count + 1));
    (sum / f64::from(count.max(1))).sqrt()
}

/// Loudness and true peak, in LUFS and dBTP.
fn loudness(sound: &[f32]) -> (f64, f64) {
    let mut meter = Meter::default();
    meter.push(sound.as_chunks::<2>().0);
    let (loudness, peak) = meter.finish();
    (f64::from(loudness) / 100.0, f64::from(peak) / 100.0)
}

/// The spectral centroid in Hz: the mean over windows of 4 096 samples that are not silent.
fn centroid(sound: &[f32]) -> f64 {
    const N: usize = 4_096;
    let (mut sum, mut count) = (0.0, 0);
    for window in sound.chunks_exact(2 * N) {
        let mut re: Vec<f64> = window
            .chunks_exact(2)
            .enumerate()
            .map(|(k, pair)| f64::from(pair[0] + pair[1]) * (0.5 - 0.5 * libm_cos(2.0 * std::f64::consts::PI * k as f64 / N as f64)))
            .collect();
        if rms(re.iter().copied()) < 1e-4 {
            continue;
        }
        let mut im = vec![0.0; N];
        fft(&mut re, &mut im);
        let power: Vec<f64> = (1..N / 2).map(|k| (re[k] * re[k] + im[k] * im[k]).sqrt()).collect();
        let all: f64 = power.iter().sum();
        sum += power.iter().enumerate().map(|(k, p)| (k + 1) as f64 * 48_000.0 / N as f64 * p).sum::<f64>() / all;
        count += 1;
    }
    sum / f64::from(count.max(1))
}

fn libm_cos(x: f64) -> f64 {
    #[allow(clippy::disallowed_methods, reason = "a measure, compared with wide limits; nothing is made of it")]
    x.cos()
}

/// In place, radix 2.
fn fft(re: &mut [f64], im: &mut [f64]) {
    let n = re.len();
    let mut j = 0;
    for i in 1..n {
        let mut bit = n >> 1;
        while j & bit != 0 {
            j ^= bit;
            bit >>= 1;
        }
        j |= bit;
        if i < j {
            re.swap(i, j);
            im.swap(i, j);
        }
    }
    let mut length = 2;
    while length <= n {
        let angle = -2.0 * std::f64::consts::PI / length as f64;
        let turns: Vec<(f64, f64)> =
            (0..length / 2).map(|k| (libm_cos(angle * k as f64), libm_cos(angle * k as f64 - std::f64::consts::FRAC_PI_2))).collect();
        for start in (0..n).step_by(length) {
            for (k, (c, s)) in turns.iter().enumerate() {
                let (a, b) = (start + k, start + k + length / 2);
                let (x, y) = (re[b] * c - im[b] * s, re[b] * s + im[b] * c);
                (re[b], im[b]) = (re[a] - x, im[a] - y);
                (re[a], im[a]) = (re[a] + x, im[a] + y);
            }
        }
        length *= 2;
    }
}

/// The largest step from one sample to the next, either side.
fn leap(sound: &[f32]) -> f32 {
    sound.chunks_exact(2).zip(sound[2..].chunks_exact(2)).map(|(a, b)| (a[0] - b[0]).abs().max((a[1] - b[1]).abs())).fold(0.0, f32::max)
}

/// The longest stretch under −60 dBFS, in milliseconds.
fn silence(sound: &[f32]) -> usize {
    let (mut longest, mut run) = (0, 0);
    for block in sound.chunks(96) {
        run = if block.iter().all(|x| x.abs() < 1e-3) { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[test]
fn fifty_scores_are_within_their_limits() {
    let (mut loudest, mut softest, mut hashes) = (f64::MIN, f64::MAX, std::collections::BTreeSet::new());
    for number in 0..SEEDS {
        let film = film(number);
        let sound = score::score(&film);
        let (lufs, peak) = loudness(&sound);
        let (bright, step, still) = (centroid(&sound), leap(&sound), silence(&sound));
        let said = format!("{number}: {lufs:.1} LUFS, {peak:.1} dBTP, centroid {bright:.0} Hz, step {step:.3}, {still} ms silent");
        assert!((-34.0..-17.0).contains(&lufs), "{said}");
        assert!(peak <= -6.0, "{said}");
        assert!((150.0..2_000.0).contains(&bright), "{said}");
        assert!(step < 0.1, "{said}");
        assert!(still < 1_000, "{said}");
        let mean = sound.iter().map(|x| f64::from(*x)).sum::<f64>() / sound.len() as f64;
        assert!(mean.abs() < 1e-3, "{number}: leans to {mean}");
        (loudest, softest) = (loudest.max(lufs), softest.min(lufs));
        hashes.insert(Hash::of(&pcm(&sound).iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>()));
    }
    assert_eq!(hashes.len(), SEEDS as usize, "two series sound the same");
    assert!(loudest - softest < 12.0, "from {softest:.1} to {loudest:.1} LUFS");
    // Again the same, to the byte.
    assert!(score::score(&film(7)) == score::score(&film(7)));
}

#[test]
fn every_foley_sound_is_within_its_limits() {
    let mut choose = Seed::of(&["foley"]);
    for name in foley::KNOWN {
        for ambience in [false, true] {
            let samples = 96_000 + choose.below(96_000);
            let spec = SoundSpec { sound: Id::new(*name).expect("id"), samples, ambience };
            let sound = foley::sound(&spec).expect("listed");
            let (lufs, peak) = loudness(&sound);
            let bright = centroid(&sound);
            let said = format!("{name} (air: {ambience}): {lufs:.1} LUFS, {peak:.1} dBTP, centroid {bright:.0} Hz");
            assert!((-48.0..-12.0).contains(&lufs), "{said}");
            assert!(peak <= -4.0, "{said}");
            assert!((60.0..9_500.0).contains(&bright), "{said}");
            assert!(sound[..2].iter().chain(&sound[sound.len() - 2..]).all(|x| x.abs() < 0.02), "{said}: it is cut off");
            if foley::is_ambience(name) && ambience {
                assert!(silence(&sound) < 1_500 || *name == "wind_dies", "{said}: {} ms of air are silent", silence(&sound));
            }
        }
    }
}

/// Something like speech: a buzz in syllables, its voiced part at −20 dBFS as the table read leaves it.
fn voice(samples: u64, seed: &Seed) -> Vec<i16> {
    let mut choose = seed.derive("voice");
    let (mut out, mut phase) = (Vec::new(), 0.0);
    while out.len() < samples as usize {
        let (length, hz) = (choose.between(5_000, 11_000) as usize, choose.range(100.0, 220.0));
        for k in 0..length {
            phase = (phase + hz / 48_000.0) % 1.0;
            let shape = (k.min(length - k) as f64 / 900.0).min(1.0);
            out.push((phase - 0.5) * shape);
        }
        out.extend(vec![0.0; choose.between(0, 1_500) as usize]);
    }
    out.truncate(samples as usize);
    let level = 0.1 / rms(out.iter().copied());
    out.iter().map(|x| (x * level * 32_767.0) as i16).collect()
}

/// The voices and the music of a film as they are mixed, left and right in turn.
pub fn voices_and_music(sounds: &[PlannedSound], samples: u64, file: &dyn Fn(&Hash) -> Vec<u8>) -> (Vec<i16>, Vec<i16>) {
    let [mut whole, mut voices, mut music, mut effects] = [(); 4].map(|()| Cursor::new(Vec::new()));
    let sinks = Sinks { mix: &mut whole, stems: Some([&mut voices, &mut music, &mut effects]) };
    let fetch = |hash: &Hash| Ok(wav::Source::Bytes(file(hash)));
    mix(sounds, &adapt::mix_settings(), samples, &fetch, sinks).expect("mixed");
    let stem = |file: Cursor<Vec<u8>>| wav::read(&file.into_inner()).expect("a stem").samples;
    (stem(voices), stem(music))
}

/// How loud music is beside a line while it is spoken: over the whole line, and in every fifth of a second of it.
pub fn shares(voices: &[i16], music: &[i16], (start, end): (u64, u64)) -> (f64, Vec<f64>) {
    let part = |samples: &[i16], from: u64, to: u64| {
        let part = &samples[2 * from as usize..2 * to as usize];
        let side = |s: usize| rms(part.iter().skip(s).step_by(2).map(|x| f64::from(*x)));
        side(0).max(side(1))
    };
    let line = part(voices, start, end);
    let fifths = (start..end.saturating_sub(9_599)).step_by(9_600).map(|from| part(music, from, from + 9_600) / line);
    (part(music, start, end) / line, fifths.collect())
}

#[test]
fn music_is_at_most_three_tenths_of_a_line_while_it_is_spoken() {
    let mut worst = 0.0f64;
    for number in 0..SEEDS {
        let film = film(number);
        let mut files: BTreeMap<Hash, Vec<u8>> = BTreeMap::new();
        let mut sounds = Vec::new();
        let mut put = |bus, start, gain_cb, channels, samples: &[i16], fades: (u64, u64)| {
            let bytes = wav::write(48_000, channels, samples).expect("sound");
            let audio = Hash::of(&bytes);
            files.insert(audio.clone(), bytes);
            let need_id = Id::new(format!("need-{start}-{channels}")).expect("id");
            let samples = samples.len() as u64 / u64::from(channels);
            sounds.push(PlannedSound { need_id, bus, audio, start, samples, gain_cb, fade_in: fades.0, fade_out: fades.1, room: None });
        };
        put(Bus::Music, 0, adapt::MUSIC_CB, 2, &pcm(&score::score(&film)), (19_200, 72_000));
        let seed = Seed::of(&["line", &number.to_string()]);
        for (start, end) in &film.lines {
            put(Bus::Voices, *start, 0, 1, &voice(end - start, &seed.derive(&start.to_string())), (0, 0));
        }
        let (voices, music) = voices_and_music(&sounds, film.samples, &|hash| files[hash].clone());
        for line in &film.lines {
            let (whole, fifths) = shares(&voices, &music, *line);
            worst = fifths.iter().copied().fold(worst, f64::max);
            assert!(worst <= 0.30, "{number}: music is {worst:.2} of a line: {fifths:.2?}");
            assert!(whole <= 0.25, "{number}: {whole:.2} over the line");
        }
        // It is heard where nobody speaks.
        assert!(rms(music[music.len() - 2 * 144_000..music.len() - 2 * 72_000].iter().map(|x| f64::from(*x))) > 100.0, "{number}");
    }
    assert!(worst > 0.02, "there was no music to measure");
}
