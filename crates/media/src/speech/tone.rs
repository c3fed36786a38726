//! What is done to a voice after it was spoken: its own silence taken off, a little warmth, one level for all.

use crate::wav;

/// Below this a sample counts as silence (of 32 767), as in the reference table read (writing direction §3.2).
pub const SILENCE: i32 = 300;
/// Level of the voiced part: −20 dBFS.
const LEVEL: f64 = 0.1;
/// No sample is higher: −3 dBFS.
const PEAK: f64 = 0.707_945_784_384_137_9;
/// Below this level nothing is bent: −7 dBFS.
const KNEE: f64 = 0.45;

/// First and last sample that are not silence, or `None`.
pub fn sounding(samples: &[i16]) -> Option<(usize, usize)> {
    let loud = |s: &i16| i32::from(*s).abs() > SILENCE;
    Some((samples.iter().position(loud)?, samples.iter().rposition(loud)?))
}

/// A second-order filter section (Audio EQ Cookbook, R. Bristow-Johnson), at 48 kHz.
struct Section {
    b: [f64; 3],
    a: [f64; 2],
}

enum Shape {
    HighPass,
    LowShelf,
    Peak,
    HighShelf,
}

impl Section {
    fn new(shape: &Shape, hz: f64, q: f64, db: f64) -> Self {
        let w = 2.0 * std::f64::consts::PI * hz / 48_000.0;
        let (sin, cos) = (libm::sin(w), libm::cos(w));
        let alpha = sin / (2.0 * q);
        let amp = libm::pow(10.0, db / 40.0);
        let root = 2.0 * amp.sqrt() * alpha;
        let (b, a) = match shape {
            Shape::HighPass => ([(1.0 + cos) / 2.0, -(1.0 + cos), (1.0 + cos) / 2.0], [1.0 + alpha, -2.0 * cos, 1.0 - alpha]),
            Shape::Peak => ([1.0 + alpha * amp, -2.0 * cos, 1.0 - alpha * amp], [1.0 + alpha / amp, -2.0 * cos, 1.0 - alpha / amp]),
            Shape::LowShelf | Shape::HighShelf => {
                // The high shelf is the low one with the sign of the cosine turned.
                let s = if matches!(shape, Shape::LowShelf) { 1.0 } else { -1.0 };
                let c = s * cos;
                (
                    [
                        amp * ((amp + 1.0) - (amp - 1.0) * c + root),
                        s * 2.0 * amp * ((amp - 1.0) - (amp + 1.0) * c),
                        amp * ((amp + 1.0) - (amp - 1.0) * c - root),
                    ],
                    [
                        (amp + 1.0) + (amp - 1.0) * c + root,
                        s * -2.0 * ((amp - 1.0) + (amp + 1.0) * c),
                        (amp + 1.0) + (amp - 1.0) * c - root,
                    ],
                )
            }
        };
        Self { b: b.map(|x| x / a[0]), a: [a[1] / a[0], a[2] / a[0]] }
    }

    fn run(&self, sound: &mut [f64]) {
        let (mut z1, mut z2) = (0.0, 0.0);
        for x in sound {
            let y = self.b[0] * *x + z1;
            z1 = self.b[1] * *x - self.a[0] * y + z2;
            z2 = self.b[2] * *x - self.a[1] * y;
            *x = y;
        }
    }
}

/// A small voice made a little larger: rumble off, some body, less of the hard band, some air.
pub fn warm(sound: &mut [f64]) {
    for (shape, hz, q, db) in [
        (Shape::HighPass, 60.0, 0.707, 0.0),
        (Shape::LowShelf, 220.0, 0.707, 3.0),
        (Shape::Peak, 3_000.0, 0.9, -2.5),
        (Shape::HighShelf, 5_500.0, 0.707, 2.0),
    ] {
        Section::new(&shape, hz, q, db).run(sound);
    }
}

/// Raised-cosine fades at both ends, in samples.
pub fn fade(sound: &mut [f64], fade_in: usize, fade_out: usize) {
    let n = sound.len();
    let (fade_in, fade_out) = (fade_in.min(n / 2), fade_out.min(n / 2));
    let curve = |k: usize, of: usize| 0.5 - 0.5 * libm::cos(std::f64::consts::PI * (k as f64 + 0.5) / of as f64);
    for (k, x) in sound.iter_mut().take(fade_in).enumerate() {
        *x *= curve(k, fade_in);
    }
    for (k, x) in sound.iter_mut().rev().take(fade_out).enumerate() {
        *x *= curve(k, fade_out);
    }
}

/// Brings the voiced part of a line to −20 dBFS RMS and bends what would rise above −3 dBFS under it, so that voices of
/// different peaks stand equally loud.
pub fn level(sound: &[f64]) -> Vec<i16> {
    let gain = match voiced_rms(sound) {
        Some(rms) => (LEVEL / rms).min(20.0),
        None => 1.0,
    };
    sound.iter().map(|x| wav::to_i16(bend(x * gain))).collect()
}

/// RMS over the 20 ms blocks that hold voice: those within 20 dB of the loudest block.
pub fn voiced_rms(sound: &[f64]) -> Option<f64> {
    let power: Vec<f64> = sound.chunks(960).map(|c| c.iter().map(|x| x * x).sum::<f64>() / c.len() as f64).collect();
    let top = power.iter().copied().fold(0.0, f64::max);
    if top <= 1e-9 {
        return None;
    }
    let voiced: Vec<f64> = power.into_iter().filter(|p| *p >= top * 0.01).collect();
    Some((voiced.iter().sum::<f64>() / voiced.len() as f64).sqrt())
}

/// The identity up to the knee, then a curve that never reaches the peak; slope and value continue at the knee.
fn bend(x: f64) -> f64 {
    let over = (x.abs() - KNEE) / (PEAK - KNEE);
    if over <= 0.0 { x } else { (KNEE + (PEAK - KNEE) * over / (1.0 + over)).copysign(x) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f64, amp: f64, n: usize) -> Vec<f64> {
        (0..n).map(|k| amp * libm::sin(2.0 * std::f64::consts::PI * hz * k as f64 / 48_000.0)).collect()
    }

    #[test]
    fn loud_and_soft_lines_end_at_one_level() {
        for amp in [0.02, 0.1, 0.6] {
            let mut sound = tone(300.0, amp, 24_000);
            sound.extend(vec![0.0; 24_000]);
            let out = level(&sound);
            let back: Vec<f64> = out.iter().map(|s| f64::from(*s) / 32767.0).collect();
            let rms = voiced_rms(&back).expect("voice");
            assert!((rms - LEVEL).abs() < 0.002, "{amp}: {rms}");
        }
        assert!(level(&vec![0.0; 100]).iter().all(|s| *s == 0));
    }

    #[test]
    fn nothing_rises_above_the_ceiling() {
        let mut sound = tone(200.0, 0.01, 48_000);
        sound[20_000] = 0.9;
        let top = level(&sound).iter().map(|s| i32::from(*s).abs()).max().expect("samples");
        assert!(top <= (PEAK * 32767.0) as i32 + 1, "{top}");
    }

    #[test]
    fn filters_do_what_they_say() {
        let gain = |hz: f64| {
            let mut sound = tone(hz, 0.5, 48_000);
            warm(&mut sound);
            20.0 * libm::log10(sound[24_000..].iter().map(|x| x.abs()).fold(0.0, f64::max) / 0.5)
        };
        assert!(
            gain(20.0) < -12.0
                && (gain(120.0) - 3.0).abs() < 1.0
                && (gain(3_000.0) + 2.2).abs() < 0.6
                && (gain(12_000.0) - 2.0).abs() < 0.5
        );
    }
}
