//! Sounds for the workload: lines that have the shape of speech (syllables of buzz and hiss with pauses) and a bed of music.
//! Nothing here is a promise; they only give a mixer and an encoder the work that a film gives them.

use contracts::Seed;
use media::wav;

/// A line of so many samples at 48 kHz, mono.
pub fn line(number: usize, samples: usize) -> Result<Vec<u8>, String> {
    let mut seed = Seed::of(&["bench", "line", &number.to_string()]);
    let mut out = Vec::with_capacity(samples);
    let (mut held, mut buzz) = (0.0_f64, 0.0_f64);
    while out.len() < samples {
        let (length, pitch, hiss) = (seed.between(4_000, 9_000) as usize, seed.range(90.0, 180.0), seed.range(0.05, 0.5));
        let pause = if seed.below(5) == 0 { 6_000 } else { 900 };
        for k in 0..length + pause {
            let loud = if k < length { (k.min(length - k) as f64 / 900.0).min(1.0) } else { 0.0 };
            buzz = (buzz + pitch / 48_000.0).fract();
            let raw = (1.0 - hiss) * (2.0 * buzz - 1.0) + hiss * seed.range(-1.0, 1.0);
            held += 0.18 * (raw - held);
            out.push((held * loud * 9_000.0) as i16);
        }
    }
    out.truncate(samples);
    wav::write(48_000, 1, &out).map_err(|e| e.to_string())
}

/// Music of so many samples, stereo: chords that change every two seconds.
pub fn music(samples: usize) -> Result<Vec<u8>, String> {
    let mut seed = Seed::of(&["bench", "music"]);
    let mut out = Vec::with_capacity(samples * 2);
    let (mut turns, mut steps, mut low) = ([0.0_f64; 4], [0.0_f64; 4], 0.0_f64);
    for k in 0..samples {
        if k % 96_000 == 0 {
            let root = seed.range(110.0, 165.0);
            steps = [1.0, 1.25, 1.5, 2.0].map(|part| root * part / 48_000.0);
        }
        let mut chord = 0.0;
        for (turn, step) in turns.iter_mut().zip(steps) {
            *turn = (*turn + step).fract();
            chord += (4.0 * (*turn - 0.5).abs() - 1.0) * 0.25;
        }
        low += 0.05 * (seed.range(-1.0, 1.0) - low);
        let swell = 0.6 + 0.4 * ((k % 96_000) as f64 / 96_000.0);
        out.push(((chord * swell + low) * 6_000.0) as i16);
        out.push(((chord * swell - low) * 6_000.0) as i16);
    }
    wav::write(48_000, 2, &out).map_err(|e| e.to_string())
}
