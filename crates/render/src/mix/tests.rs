use super::*;
use std::collections::BTreeMap;

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

    fn mix(&self, total: u64) -> Result<Mix, MixError> {
        mix(&self.sounds, &settings(), total, &|hash| self.files.get(hash).cloned().ok_or_else(|| "not on the shelf".into()))
    }
}

fn tone(hz: f64, amp: f64, frames: usize) -> Vec<i16> {
    (0..frames).map(|k| wav::to_i16(amp * libm::sin(2.0 * std::f64::consts::PI * hz * k as f64 / RATE))).collect()
}

/// Noise in bursts, with the crest of speech.
fn speech(seed: u64, frames: usize) -> Vec<i16> {
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

fn level(mix: &Mix, from: usize, to: usize) -> f64 {
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
    let mut own = Loudness::new();
    pairs.chunks_exact(2).for_each(|p| own.push(p[0], p[1]));
    let mut other = ebur128::EbuR128::new(2, 48_000, ebur128::Mode::I | ebur128::Mode::TRUE_PEAK).expect("meter");
    other.add_frames_f64(&pairs).expect("frames");
    let theirs = (other.loudness_global().expect("loudness") * 100.0).round() as i32;
    assert!((own.integrated_cb() - theirs).abs() <= 1, "{} {theirs}", own.integrated_cb());
    let peak = other.true_peak(0).expect("peak").max(other.true_peak(1).expect("peak"));
    let ours = true_peak(pairs.chunks_exact(2).map(|p| (p[0], p[1])));
    assert!((ours - (2_000.0 * libm::log10(peak)).round() as i32).abs() <= 15, "{ours} {peak}");
    // The standard's own check: a 997 Hz sine at 0 dBFS in one channel reads −3.01.
    let mut sine = Loudness::new();
    (0..480_000).for_each(|k| sine.push(libm::sin(2.0 * std::f64::consts::PI * 997.0 * f64::from(k) / RATE), 0.0));
    assert!((sine.integrated_cb() + 301).abs() <= 1, "{}", sine.integrated_cb());
}

#[test]
fn a_peak_between_samples_is_seen() {
    // A quarter of the rate, sampled an eighth off its crests: samples at −3 dB, the sound at 0.
    let wave = |k: u32| libm::sin(std::f64::consts::FRAC_PI_2 * f64::from(k) + std::f64::consts::FRAC_PI_4);
    let peak = true_peak((0..4_800).map(|k| (wave(k) * if k < 100 { f64::from(k) / 100.0 } else { 1.0 }, 0.0)));
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
    let mut cursor = ducking.from(0);
    let gains: Vec<f64> = (0..250_000).map(|_| cursor.next()).collect();
    let held = db(-900);
    assert!(gains[60_000..150_000].iter().all(|g| (g - held).abs() < 1e-9));
    assert!(gains[..42_000].iter().all(|g| *g == 1.0) && gains[150_000 + 28_800..].iter().all(|g| *g == 1.0));
    assert!(gains.windows(2).all(|w| (w[1] - w[0]).abs() < 0.001), "no step");
    let mut late = ducking.from(100_000);
    assert!((0..1_000).all(|k| late.next() == gains[100_000 + k]));
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
        "147e7c34e0659c224356fa89bad61b4ff0ca86a27049105045150de9666e4003",
        "the mix changed: if that was meant, change the step's version too"
    );
}
