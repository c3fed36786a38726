//! Twenty seeded episodes, mixed, encoded as a film's sound is, decoded, and measured by two meters.

use std::{collections::BTreeMap, f64::consts::PI, path::Path};

use contracts::{
    Hash, Id, Seed,
    render::{Bus, EncodeSettings, MixSettings, PlannedSound, Room},
};
use media::{ffmpeg::Ffmpeg, wav};
use render::{
    join::encode_sound,
    mix::{Meter, Mix, mix_to_folder},
    soundtrack::{Soundtrack, soundtrack},
};

const SECOND: u64 = 48_000;
/// What is made and measured side by side.
const THREADS: usize = 2;

/// An episode: what it sounds like, and how it is mixed.
struct Episode {
    files: BTreeMap<Hash, Vec<u8>>,
    sounds: Vec<PlannedSound>,
    settings: MixSettings,
    encode: EncodeSettings,
    samples: u64,
    /// Whether the codec brings its peaks over the ceiling.
    over: bool,
}

impl Episode {
    fn put(&mut self, bus: Bus, start: u64, gain_cb: i32, channels: u16, samples: &[i16]) -> &mut PlannedSound {
        let bytes = wav::write(48_000, channels, samples).unwrap();
        let (audio, samples) = (Hash::of(&bytes), samples.len() as u64 / u64::from(channels));
        self.files.insert(audio.clone(), bytes);
        let need_id = Id::new(format!("need-{}", self.sounds.len())).unwrap();
        self.sounds.push(PlannedSound { need_id, bus, audio, start, samples, gain_cb, fade_in: 0, fade_out: 0, room: None });
        self.sounds.last_mut().unwrap()
    }

    /// Eight to twenty lines with pauses between, over music and the air of places, with effects.
    fn of(number: u64) -> Self {
        let mut seed = Seed::of(&["episode", &number.to_string()]);
        // A third each at the loudness of the web, of phones, of broadcast.
        let loudness_cb = [-1_600, -1_400, -2_300][number as usize % 3];
        let (preset, audio_bit_rate) =
            [("veryfast", 160_000), ("faster", 192_000), ("ultrafast", 128_000), ("veryfast", 160_000)][number as usize % 4];
        let mut episode = Self {
            files: BTreeMap::new(),
            sounds: Vec::new(),
            settings: MixSettings {
                duck_cb: -900,
                duck_lookahead_ms: 120,
                duck_attack_ms: 180,
                duck_release_ms: 600,
                loudness_cb,
                true_peak_cb: -220,
            },
            over: number == 10,
            encode: EncodeSettings { preset: preset.into(), crf: 23, audio_bit_rate },
            samples: seed.between(20, if number % 6 == 4 { 60 } else { 35 }) as u64 * SECOND,
        };
        let lines = seed.between(8, 20) as u64;
        let every = episode.samples / lines;
        for line in 0..lines {
            let length = (every as f64 * seed.range(0.4, 0.95)) as usize;
            let kind = seed.below(4);
            let voice: Vec<i16> = match kind {
                0 => noise_voice(&mut seed, length),
                1 => (0..length).map(|k| wav::to_i16(0.35 * libm::sin(2.0 * PI * 180.0 * k as f64 / 48_000.0))).collect(),
                _ => spoken(&mut seed, length),
            };
            let start = line * every + seed.below(every / 20 + 1);
            let sound = episode.put(Bus::Voices, start, seed.between(-200, 200) as i32, 1, &voice);
            sound.room = (kind == 2).then_some(Room { decay_ms: 350, wet_cb: -2_200 });
        }
        let length = episode.samples as usize;
        let music = music(&mut seed, length);
        let bed = episode.put(Bus::Music, 0, seed.between(-1_200, -300) as i32, 2, &music);
        (bed.fade_in, bed.fade_out) = (19_200, 72_000);
        let air = noise_voice(&mut seed, length);
        episode.put(Bus::Ambience, 0, seed.between(-2_400, -1_200) as i32, 1, &air).fade_in = 16_800;
        for _ in 0..seed.between(2, 10) {
            let hit = hit(&mut seed);
            let start = seed.below(episode.samples);
            episode.put(Bus::Effects, start, seed.between(-1_000, 0) as i32, 1, &hit).fade_out = 2_400;
        }
        episode
    }

    /// Its mix, and the mix's sound after encoding and decoding, left and right in turn.
    fn heard(&self, ffmpeg: &Ffmpeg, folder: &Path) -> (Mix, Soundtrack, Vec<f32>) {
        let fetch = |hash: &Hash| Ok(wav::Source::Bytes(self.files[hash].clone()));
        let (mix, files) = mix_to_folder(&self.sounds, &self.settings, self.samples, &fetch, folder, false).unwrap();
        let out = folder.join("sound.mp4");
        // What the codec alone makes of it, where it is known to go over: else the second look proves nothing.
        if self.over {
            encode_sound(&self.encode, &files[0].1, ffmpeg, &out).unwrap();
            let [(_, peak), _] = measured(&decoded(ffmpeg, &out));
            assert!(peak > -100, "one look was enough: {peak}");
        }
        let track = soundtrack(&self.settings, &self.encode, &files[0].1, ffmpeg, folder, &out).unwrap();
        (mix, track, decoded(ffmpeg, &out))
    }
}

/// A file's sound, left and right in turn.
fn decoded(ffmpeg: &Ffmpeg, path: &Path) -> Vec<f32> {
    let (mut decoder, mut heard) = (ffmpeg.decode_sound(path).unwrap(), Vec::new());
    while let Some(block) = decoder.next_block().unwrap() {
        heard.extend(block);
    }
    heard
}

/// Pulses of a throat through three resonances, in syllables: peaks far above their mean, as speech has them.
fn spoken(seed: &mut Seed, frames: usize) -> Vec<i16> {
    let pitch = seed.range(90.0, 240.0);
    let mut states = [[0.0; 2]; 3];
    let (mut phase, mut top) = (0.0, 1e-9_f64);
    let mut formants = [600.0, 1_400.0, 2_600.0];
    let sound: Vec<f64> = (0..frames)
        .map(|k| {
            if k % 9_600 == 0 {
                formants = [seed.range(300.0, 800.0), seed.range(900.0, 2_200.0), seed.range(2_300.0, 3_400.0)];
            }
            phase += pitch / 48_000.0;
            let mut pulse = seed.range(-0.02, 0.02);
            if phase >= 1.0 {
                phase -= 1.0;
                pulse += 1.0;
            }
            let mut sum = 0.0;
            for (state, hz) in states.iter_mut().zip(formants) {
                let (r, w) = (0.985, 2.0 * PI * hz / 48_000.0);
                let y = pulse + 2.0 * r * libm::cos(w) * state[0] - r * r * state[1];
                *state = [y, state[0]];
                sum += y;
            }
            let syllable = libm::sin(PI * (k % 9_600) as f64 / 9_600.0);
            let x = sum * syllable * syllable;
            top = top.max(x.abs());
            x
        })
        .collect();
    let gain = seed.range(0.3, 0.95) / top;
    sound.into_iter().map(|x| wav::to_i16(x * gain)).collect()
}

fn noise_voice(seed: &mut Seed, frames: usize) -> Vec<i16> {
    let (mut low, rate, gain) = (0.0, seed.range(0.05, 0.6), seed.range(0.3, 0.9));
    (0..frames)
        .map(|k| {
            low += rate * (seed.range(-1.0, 1.0) - low);
            let beat = libm::sin(PI * (k % 14_400) as f64 / 14_400.0);
            wav::to_i16(gain * low * beat)
        })
        .collect()
}

/// Plucked chords with overtones, left and right a little apart.
fn music(seed: &mut Seed, frames: usize) -> Vec<i16> {
    let mut out = vec![0.0; frames * 2];
    for bar in 0..frames.div_ceil(24_000) {
        for _ in 0..3 {
            let hz = 110.0 * libm::pow(2.0, seed.between(0, 30) as f64 / 12.0);
            let (pan, at) = (seed.range(0.2, 0.8), bar * 24_000 + seed.below(3_000) as usize);
            for (k, pair) in out[2 * at.min(frames)..].chunks_exact_mut(2).take(60_000).enumerate() {
                let t = k as f64 / 48_000.0;
                let tone: f64 = (1..5).map(|n| libm::sin(2.0 * PI * hz * f64::from(n) * t) / f64::from(n)).sum();
                let x = 0.2 * libm::exp(-3.0 * t) * tone;
                pair[0] += x * (1.0 - pan);
                pair[1] += x * pan;
            }
        }
    }
    out.into_iter().map(wav::to_i16).collect()
}

/// A door, a drum, a dropped thing: full scale at once, gone soon.
fn hit(seed: &mut Seed) -> Vec<i16> {
    let (decay, hz, rough) = (seed.range(10.0, 40.0), seed.range(60.0, 2_000.0), seed.unit());
    (0..24_000)
        .map(|k| {
            let t = f64::from(k) / 48_000.0;
            let body = libm::sin(2.0 * PI * hz * t) * (1.0 - rough) + seed.range(-1.0, 1.0) * rough;
            wav::to_i16(0.98 * body * libm::exp(-decay * t))
        })
        .collect()
}

/// Loudness and true peak in hundredths: by our meters, and by the reference's.
fn measured(heard: &[f32]) -> [(i32, i32); 2] {
    let mut meter = Meter::default();
    meter.push(heard.as_chunks::<2>().0);
    let mut other = ebur128::EbuR128::new(2, 48_000, ebur128::Mode::I | ebur128::Mode::TRUE_PEAK).unwrap();
    other.add_frames_f32(heard).unwrap();
    let top = other.true_peak(0).unwrap().max(other.true_peak(1).unwrap());
    let theirs = ((other.loudness_global().unwrap() * 100.0).round() as i32, (2_000.0 * libm::log10(top)).round() as i32);
    [meter.finish(), theirs]
}

#[test]
fn twenty_episodes_are_as_loud_as_planned_and_no_louder_than_allowed() {
    let bench = super::Bench::new("episodes");
    let (bench, mut rows) = (&bench, Vec::new());
    std::thread::scope(|scope| {
        let work = |first: usize| {
            scope.spawn(move || {
                let one = |number: usize| {
                    let episode = Episode::of(number as u64);
                    let folder = bench.scratch.temp_dir(&format!("episode-{number}"));
                    let (mix, track, heard) = episode.heard(&bench.ffmpeg, &folder);
                    std::fs::remove_dir_all(&folder).unwrap();
                    (number, episode.settings.loudness_cb, mix, track, measured(&heard))
                };
                (first..20).step_by(THREADS).map(one).collect::<Vec<_>>()
            })
        };
        let threads: Vec<_> = (0..THREADS).map(work).collect();
        rows.extend(threads.into_iter().flat_map(|thread| thread.join().unwrap()));
    });
    rows.sort_by_key(|row| row.0);
    let told: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
    let told = told.join("\n");
    assert_eq!(rows.len(), 20);
    for (number, target, _, track, meters) in &rows {
        for (loudness, peak) in meters {
            assert!((loudness - target).abs() <= 50 && *peak <= -100, "episode {number}:\n{told}");
        }
        assert_eq!((track.loudness_cb, track.true_peak_cb), meters[0], "episode {number}");
        assert!((meters[0].0 - meters[1].0).abs() <= 2, "meters differ: {number}:\n{told}");
        // The reference looks between samples with a shorter filter: it may miss a part of a peak of high notes, ours may not.
        assert!((-20..=60).contains(&(meters[0].1 - meters[1].1)), "meters differ: {number}:\n{told}");
    }
    // The codec brought some of them over the ceiling, and the limiter was at work in most, or this says nothing.
    assert!(rows.iter().any(|row| row.3.looks > 1), "{told}");
    assert!(rows.iter().filter(|row| row.2.true_peak_cb > -230).count() >= 10, "{told}");
}
