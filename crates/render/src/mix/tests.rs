use std::collections::BTreeMap;
use std::io::Cursor;

use contracts::render::{Bus, Room};

use super::*;

const RATE: f64 = 48_000.0;

fn settings() -> MixSettings {
    MixSettings {
        duck_cb: -900,
        duck_lookahead_ms: 120,
        duck_attack_ms: 180,
        duck_release_ms: 600,
        loudness_cb: -1_600,
        true_peak_cb: -200,
    }
}

/// Sounds by address, as a store would hold them.
#[derive(Default)]
struct Shelf {
    files: BTreeMap<Hash, Vec<u8>>,
    sounds: Vec<PlannedSound>,
}

impl Shelf {
    fn put(&mut self, bus: Bus, start: u64, gain_cb: i32, channels: u16, samples: &[i16]) -> &mut PlannedSound {
        let bytes = wav::write(48_000, channels, samples).expect("sound");
        let audio = Hash::of(&bytes);
        self.files.insert(audio.clone(), bytes);
        let need_id = Id::new(format!("need-{}", self.sounds.len())).expect("id");
        let samples = samples.len() as u64 / u64::from(channels);
        self.sounds.push(PlannedSound { need_id, bus, audio, start, samples, gain_cb, fade_in: 0, fade_out: 0, room: None });
        self.sounds.last_mut().expect("just put")
    }

    fn mix(&self, total: u64) -> Result<Mixed, MixError> {
        self.mix_as(BLOCK, &settings(), total)
    }

    fn fetch(&self, hash: &Hash) -> Result<wav::Source, Box<dyn Error + Send + Sync>> {
        self.files.get(hash).cloned().map(wav::Source::Bytes).ok_or_else(|| "not on the shelf".into())
    }

    fn mix_as(&self, block: usize, settings: &MixSettings, total: u64) -> Result<Mixed, MixError> {
        let mut wav = Cursor::new(Vec::new());
        let sinks = Sinks { mix: &mut wav, stems: None };
        let made = mix_by(block, &self.sounds, settings, total, &|hash| self.fetch(hash), sinks)?;
        Ok(Mixed { wav: wav.into_inner(), made })
    }

    fn with_stems(&self, block: usize, total: u64) -> (Mixed, [Vec<u8>; STEMS]) {
        let (mut wav, mut voices, mut music, mut effects) =
            (Cursor::new(Vec::new()), Cursor::new(Vec::new()), Cursor::new(Vec::new()), Cursor::new(Vec::new()));
        let sinks = Sinks { mix: &mut wav, stems: Some([&mut voices, &mut music, &mut effects]) };
        let made = mix_by(block, &self.sounds, &settings(), total, &|hash| self.fetch(hash), sinks).expect("mixed");
        (Mixed { wav: wav.into_inner(), made }, [voices, music, effects].map(Cursor::into_inner))
    }
}

/// A mix, and what was said of it.
#[derive(Debug, PartialEq)]
struct Mixed {
    wav: Vec<u8>,
    made: Mix,
}

impl std::ops::Deref for Mixed {
    type Target = Mix;
    fn deref(&self) -> &Mix {
        &self.made
    }
}

/// Left and right of pairs, as meters take them.
fn sides(pairs: &[(f64, f64)]) -> [Vec<f32>; 2] {
    [pairs.iter().map(|p| p.0 as f32).collect(), pairs.iter().map(|p| p.1 as f32).collect()]
}

fn loudness_of(pairs: &[(f64, f64)]) -> i32 {
    let (mut meter, [left, right]) = (Loudness::new(), sides(pairs));
    meter.push([&left, &right]);
    meter.integrated_cb()
}

fn true_peak_of(pairs: &[(f64, f64)]) -> i32 {
    let (mut meter, [left, right]) = (TruePeak::new(), sides(pairs));
    meter.push([&left, &right]);
    meter.finish()
}

fn tone(hz: f64, amp: f64, frames: usize) -> Vec<i16> {
    (0..frames).map(|k| wav::to_i16(amp * libm::sin(2.0 * std::f64::consts::PI * hz * k as f64 / RATE))).collect()
}

/// Noise in bursts, with the crest of speech.
pub(super) fn speech(seed: u64, frames: usize) -> Vec<i16> {
    let mut seed = Seed::new(seed);
    let mut low = 0.0;
    (0..frames)
        .map(|k| {
            low += 0.2 * (seed.range(-1.0, 1.0) - low);
            let beat = libm::sin(std::f64::consts::PI * (k % 9_000) as f64 / 9_000.0);
            wav::to_i16(0.9 * low * beat * beat)
        })
        .collect()
}

fn level(mix: &Mixed, from: usize, to: usize) -> f64 {
    let sound = wav::read(&mix.wav).expect("own file");
    let part = &sound.samples[2 * from..2 * to];
    10.0 * libm::log10(part.iter().map(|s| f64::from(*s) * f64::from(*s)).sum::<f64>() / part.len() as f64)
}

#[test]
fn a_film_ends_at_its_loudness_under_its_ceiling() {
    for (gain, peaky) in [(-1_800, false), (0, true), (-600, true)] {
        let mut shelf = Shelf::default();
        for k in 0..6 {
            shelf.put(Bus::Voices, 24_000 + k * 130_000, gain, 1, &speech(k, 96_000));
        }
        let music: Vec<i16> = tone(220.0, 0.4, 900_000).into_iter().flat_map(|s| [s, s / 2]).collect();
        shelf.put(Bus::Music, 0, -1_300, 2, &music);
        if peaky {
            shelf.put(Bus::Effects, 400_000, 600, 1, &speech(99, 3_000));
        }
        let mixed = shelf.mix(900_000).expect("mixed");
        assert!((mixed.loudness_cb + 1_600).abs() <= 30, "{mixed:?}", mixed = (mixed.loudness_cb, mixed.true_peak_cb, mixed.gain_cb));
        assert!(mixed.true_peak_cb <= -190, "{}", mixed.true_peak_cb);
        assert_eq!(mixed.gain_cb % 10, 0);
        assert_eq!(mixed.wav.len(), 44 + 900_000 * 4);
        assert_eq!(mixed, shelf.mix(900_000).expect("again"));
    }
}

#[test]
fn the_meter_agrees_with_the_reference_implementation() {
    let sound = speech(5, 400_000);
    let pairs: Vec<f64> =
        sound.iter().zip(tone(997.0, 0.2, 400_000)).flat_map(|(a, b)| [f64::from(*a) / 32_768.0, f64::from(b) / 32_768.0]).collect();
    let both: Vec<(f64, f64)> = pairs.chunks_exact(2).map(|p| (p[0], p[1])).collect();
    let own = loudness_of(&both);
    let mut other = ebur128::EbuR128::new(2, 48_000, ebur128::Mode::I | ebur128::Mode::TRUE_PEAK).expect("meter");
    other.add_frames_f64(&pairs).expect("frames");
    let theirs = (other.loudness_global().expect("loudness") * 100.0).round() as i32;
    assert!((own - theirs).abs() <= 1, "{own} {theirs}");
    let peak = other.true_peak(0).expect("peak").max(other.true_peak(1).expect("peak"));
    let ours = true_peak_of(&both);
    assert!((ours - (2_000.0 * libm::log10(peak)).round() as i32).abs() <= 15, "{ours} {peak}");
    // The standard's own check: a 997 Hz sine at 0 dBFS in one channel reads −3.01.
    let sine: Vec<(f64, f64)> = (0..480_000).map(|k| (libm::sin(2.0 * std::f64::consts::PI * 997.0 * f64::from(k) / RATE), 0.0)).collect();
    assert!((loudness_of(&sine) + 301).abs() <= 1, "{}", loudness_of(&sine));
}

#[test]
fn a_peak_between_samples_is_seen() {
    // A quarter of the rate, sampled an eighth off its crests: samples at −3 dB, the sound at 0.
    let wave = |k: u32| libm::sin(std::f64::consts::FRAC_PI_2 * f64::from(k) + std::f64::consts::FRAC_PI_4);
    let sound: Vec<(f64, f64)> = (0..4_800).map(|k| (wave(k) * if k < 100 { f64::from(k) / 100.0 } else { 1.0 }, 0.0)).collect();
    let peak = true_peak_of(&sound);
    assert!((-15..=25).contains(&peak), "{peak}");
}

#[test]
fn music_steps_back_under_a_voice_and_returns() {
    let mut shelf = Shelf::default();
    shelf.put(Bus::Music, 0, 0, 1, &tone(1_000.0, 0.2, 480_000));
    shelf.put(Bus::Effects, 0, 0, 1, &tone(60.0, 0.0001, 480_000));
    // A voice nobody hears: what changes is ducking alone.
    shelf.put(Bus::Voices, 192_000, 0, 1, &vec![0; 96_000]);
    let mixed = shelf.mix(480_000).expect("mixed");
    let full = level(&mixed, 48_000, 180_000);
    assert!((full - level(&mixed, 340_000, 470_000)).abs() < 0.05);
    let under = level(&mixed, 200_000, 280_000);
    assert!((full - under - 9.0).abs() < 0.1, "{} dB", full - under);
    // It starts before the word and is down 180 ms later.
    assert!(full - level(&mixed, 190_000, 192_000) > 2.0 && (full - level(&mixed, 185_000, 186_000)).abs() < 0.05);
    assert!(level(&mixed, 300_000, 302_000) < full - 0.5 && level(&mixed, 289_000, 291_000) < full - 8.0);
}

#[test]
fn between_lines_close_together_music_stays_down() {
    let two = [(48_000u64, 96_000u64), (110_000, 150_000)];
    let ducking = duck::Ducking::new(two.into_iter(), &settings());
    let mut gains = vec![0f32; 250_000];
    ducking.fill(0, &mut gains);
    let held = db(-900) as f32;
    assert!(gains[60_000..150_000].iter().all(|g| (g - held).abs() < 1e-6));
    assert!(gains[..42_000].iter().all(|g| *g == 1.0) && gains[150_000 + 28_800..].iter().all(|g| *g == 1.0));
    assert!(gains.windows(2).all(|w| (w[1] - w[0]).abs() < 0.001), "no step");
    for from in [0, 41_990, 50_001, 100_000, 149_999, 178_790, 240_000] {
        let mut part = [0f32; 1_000];
        ducking.fill(from as u64, &mut part);
        assert_eq!(part, gains[from..from + 1_000], "from {from}");
    }
}

#[test]
fn silence_and_near_silence_are_not_raised() {
    let empty = Shelf::default().mix(96_000).expect("mixed");
    assert_eq!((empty.loudness_cb, empty.true_peak_cb, empty.gain_cb), (INAUDIBLE_CB, -12_000, 0));
    assert!(empty.wav[44..].iter().all(|b| *b == 0));
    let mut faint = Shelf::default();
    faint.put(Bus::Ambience, 0, 0, 1, &tone(500.0, 0.0005, 96_000));
    let mixed = faint.mix(96_000).expect("mixed");
    assert_eq!(mixed.gain_cb, 0);
    assert!((-7_000..-6_000).contains(&mixed.loudness_cb), "{}", mixed.loudness_cb);
    assert_eq!(Shelf::default().mix(0).expect("nothing").wav.len(), 44);
}

#[test]
fn sounds_lie_where_they_are_planned() {
    let mut shelf = Shelf::default();
    let sound = shelf.put(Bus::Effects, 10_000, 0, 2, &[8_000; 8_000]);
    (sound.fade_in, sound.fade_out) = (100, 100);
    shelf.put(Bus::Effects, 19_999, 0, 1, &[8_000; 5]);
    shelf.put(Bus::Effects, 30_000, 0, 1, &[8_000; 5]);
    let mixed = shelf.mix(20_000).expect("mixed");
    let played = wav::read(&mixed.wav).expect("own file");
    let quiet = |frame: usize| played.samples[2 * frame].abs() <= 2;
    assert!(quiet(9_999) && !quiet(10_005) && !quiet(13_995) && quiet(14_001) && quiet(19_998) && !quiet(19_999));
    assert!(played.samples[2 * 10_010] < played.samples[2 * 10_100] / 2, "fades in");
}

#[test]
fn bad_sounds_are_named() {
    let mut shelf = Shelf::default();
    shelf.put(Bus::Music, 0, 0, 1, &[1; 10]);
    shelf.files.clear();
    let error = shelf.mix(100).expect_err("gone").to_string();
    assert!(error.contains("need-0") && error.contains("not on the shelf"), "{error}");
    let hash = shelf.sounds[0].audio.clone();
    shelf.files.insert(hash.clone(), b"not a wav".to_vec());
    assert!(matches!(shelf.mix(100), Err(MixError::Wav { .. })));
    shelf.files.insert(hash, wav::write(44_100, 1, &[1; 10]).expect("sound"));
    assert!(matches!(shelf.mix(100), Err(MixError::Rate { rate: 44_100, .. })));
    assert!(matches!(shelf.mix(MAX_SAMPLES + 1), Err(MixError::TooLong { .. })));
}

#[test]
fn the_golden_mix() {
    let mut shelf = Shelf::default();
    shelf.put(Bus::Voices, 20_000, 0, 1, &speech(1, 48_000));
    shelf.put(Bus::Music, 0, -1_000, 1, &tone(330.0, 0.5, 96_000)).fade_in = 4_800;
    let mixed = shelf.mix(96_000).expect("mixed");
    assert_eq!(
        Hash::of(&mixed.wav).to_string(),
        "59b40d177c9a46bd1f5c07c40c717c6b944be5c87cb612850ad1e0d7dd3c7b19",
        "the mix changed: if that was meant, change the step's version too"
    );
}

/// A film with everything in it: voices in a room and outside, music, air, effects, fades, peaks.
fn everything() -> Shelf {
    let mut shelf = Shelf::default();
    let room = Some(Room { decay_ms: 350, wet_cb: -600 });
    shelf.put(Bus::Music, 0, -900, 2, &tone(330.0, 0.6, 240_000)).fade_out = 9_000;
    shelf.put(Bus::Voices, 12_345, 300, 1, &speech(1, 40_000)).room = room;
    shelf.put(Bus::Voices, 70_001, 0, 1, &speech(2, 20_000)).room = room;
    shelf.put(Bus::Voices, 95_000, 900, 2, &speech(3, 30_000));
    let air = shelf.put(Bus::Ambience, 3, -1_500, 1, &speech(4, 118_000));
    (air.fade_in, air.fade_out, air.room) = (5_000, 7_000, Some(Room { decay_ms: 1_200, wet_cb: -1_000 }));
    shelf.put(Bus::Effects, 60_000, 1_200, 1, &speech(5, 4_000)).fade_in = 50;
    shelf
}

#[test]
fn the_size_of_a_block_is_not_heard() {
    let shelf = everything();
    let (whole, stems) = shelf.with_stems(200_000, 120_000);
    for block in [BLOCK, 1, 997, 48_000] {
        assert!((&whole, &stems) == (&shelf.with_stems(block, 120_000).0, &shelf.with_stems(block, 120_000).1), "blocks of {block}");
    }
    assert!(whole == shelf.mix(120_000).expect("mixed"), "asking for stems changes the mix");
}

#[test]
fn stems_add_up_to_the_mix() {
    let shelf = everything();
    let (mix, stems) = shelf.with_stems(BLOCK, 120_000);
    assert!((-205..=-195).contains(&mix.true_peak_cb), "the limiter had nothing to do: {:?}", mix.made);
    let read = |bytes: &[u8]| wav::read(bytes).expect("own file").samples;
    let (mix, stems) = (read(&mix.wav), stems.each_ref().map(|s| read(s)));
    let apart = |k: usize| (stems.iter().map(|s| i32::from(s[k])).sum::<i32>() - i32::from(mix[k])).abs();
    let most = (0..mix.len()).map(apart).max().expect("samples");
    assert!(most <= 3, "{most} steps apart");
    // Each holds its own: voices rest before the first line, music and air do not.
    let loud = |stem: usize, from: usize, to: usize| stems[stem][2 * from..2 * to].iter().any(|x| x.abs() > 100);
    assert!(!loud(0, 0, 12_345) && loud(0, 20_000, 50_000) && loud(1, 0, 10_000) && loud(2, 1_000, 10_000));
}

#[test]
fn a_sample_lands_on_its_place_with_its_gain() {
    // Alone, and so quiet that neither master nor limiter touches it: what comes out is what was planned, and dither.
    for (start, gain_cb, expected) in [(0, 0, 100.0), (1, -600, 50.12), (4_095, 0, 100.0), (4_096, 600, 199.5), (9_999, -1_200, 25.12)] {
        let mut shelf = Shelf::default();
        shelf.put(Bus::Effects, start, gain_cb, 2, &[100, -100]);
        let played = wav::read(&shelf.mix(10_000).expect("mixed").wav).expect("own file").samples;
        for (k, pair) in played.chunks_exact(2).enumerate() {
            let want = if k as u64 == start { expected } else { 0.0 };
            assert!((f64::from(pair[0]) - want).abs() < 1.6 && (f64::from(pair[1]) + want).abs() < 1.6, "{start}: {k} {pair:?}");
        }
    }
}

#[test]
fn a_room_answers_after_the_sound_and_not_after_the_film() {
    let mut shelf = Shelf::default();
    let room = Room { decay_ms: 1_000, wet_cb: -600 };
    shelf.put(Bus::Voices, 10_000, 0, 1, &tone(400.0, 0.3, 20_000)).room = Some(room);
    let dry = {
        let mut dry = Shelf::default();
        dry.put(Bus::Voices, 10_000, 0, 1, &tone(400.0, 0.3, 20_000));
        dry
    };
    let (wet, dry) = (shelf.mix(120_000).expect("mixed"), dry.mix(120_000).expect("mixed"));
    assert!(level(&wet, 31_000, 40_000) > level(&dry, 31_000, 40_000) + 40.0, "nothing answers");
    assert!(level(&wet, 31_000, 36_000) > level(&wet, 55_000, 60_000) + 20.0, "it does not fall");
    // Ninety decibels down it is at rest.
    assert!(level(&wet, 103_000, 120_000) < 5.0, "{}", level(&wet, 103_000, 120_000));
    assert_eq!(shelf.mix(31_000).expect("short").wav.len(), 44 + 31_000 * 4);
    // Under a voice, what music's room says steps back with it.
    let ducked = |with: bool| {
        let mut shelf = Shelf::default();
        shelf.put(Bus::Music, 0, 0, 1, &tone(400.0, 0.3, 20_000)).room = Some(room);
        shelf.put(Bus::Effects, 100_000, 0, 1, &tone(400.0, 0.3, 40_000));
        shelf.put(if with { Bus::Voices } else { Bus::Effects }, 20_000, 0, 1, &vec![0; 40_000]);
        let mix = shelf.mix(140_000).expect("mixed");
        level(&mix, 30_000, 40_000) - level(&mix, 110_000, 130_000)
    };
    assert!((ducked(false) - ducked(true) - 9.0).abs() < 0.5, "{} {}", ducked(false), ducked(true));
}

#[test]
fn numbers_outside_their_range_are_named() {
    let said = |change: &dyn Fn(&mut MixSettings, &mut PlannedSound)| {
        let mut shelf = Shelf::default();
        shelf.put(Bus::Voices, 0, 0, 1, &[1; 10]);
        let (mut settings, sound) = (settings(), &mut shelf.sounds[0]);
        change(&mut settings, sound);
        shelf.mix_as(BLOCK, &settings, 100).err().map(|e| e.to_string())
    };
    assert_eq!(said(&|_, _| ()), None);
    assert_eq!(said(&|s, _| s.loudness_cb = -499).as_deref(), Some("`mix.loudness_cb` is -499; it must be from -4000 to -500"));
    assert_eq!(said(&|s, _| s.duck_cb = 1).as_deref(), Some("`mix.duck_cb` is 1; it must be from -6000 to 0"));
    assert!(said(&|s, _| s.duck_release_ms = 10_001).is_some_and(|e| e.contains("duck_release_ms` is 10001")));
    assert!(said(&|s, _| s.true_peak_cb = 10).is_some_and(|e| e.contains("true_peak_cb")));
    assert!(said(&|_, p| p.gain_cb = i32::MIN).is_some_and(|e| e.contains("sounds[0].gain_cb")));
    assert!(said(&|_, p| p.room = Some(Room { decay_ms: 99, wet_cb: 0 })).is_some_and(|e| e.contains("sounds[0].room.decay_ms` is 99")));
    assert!(said(&|_, p| p.room = Some(Room { decay_ms: 100, wet_cb: 1 })).is_some_and(|e| e.contains("room.wet_cb")));
    // Nothing that fits a number makes it fall over.
    assert_eq!(said(&|_, p| (p.start, p.samples, p.fade_in, p.fade_out) = (u64::MAX, u64::MAX, u64::MAX, u64::MAX)), None);
    assert_eq!(said(&|_, p| (p.start, p.samples, p.fade_in, p.fade_out) = (5, u64::MAX, u64::MAX, u64::MAX)), None);
}

#[test]
fn a_peak_in_the_first_frames_is_held_too() {
    let mut shelf = Shelf::default();
    shelf.put(Bus::Effects, 0, 1_500, 1, &tone(3_000.0, 0.9, 60));
    shelf.put(Bus::Music, 1_000, 0, 1, &tone(500.0, 0.2, 90_000));
    let mixed = shelf.mix(96_000).expect("mixed");
    assert!(mixed.true_peak_cb <= -190, "{:?}", mixed.made);
}
