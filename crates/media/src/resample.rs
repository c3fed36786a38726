//! Resampling by a polyphase windowed sinc. Coefficients are f64 from the `libm` crate and sums run in one fixed order,
//! so that the same bytes come out on every CPU (libraries that choose FMA at run time do not promise that).

use std::f64::consts::PI;

/// Zero crossings on each side of the kernel.
const HALF: f64 = 48.0;
/// Kaiser window: stopband at −95 dB.
const BETA: f64 = 9.6;
/// Cutoff as a part of the lower Nyquist frequency: the transition band ends there.
const CUTOFF: f64 = 0.94;

/// A conversion from one rate to another.
#[derive(Clone, Debug)]
pub struct Resampler {
    up: usize,
    down: usize,
    taps: usize,
    /// `up` phases of `taps` coefficients.
    kernel: Vec<f64>,
}

impl Resampler {
    /// From `from` to `to` samples a second (both at least 1). Equal rates copy.
    pub fn new(from: u32, to: u32) -> Self {
        let (from, to) = (from.max(1), to.max(1));
        let divisor = gcd(from, to);
        let (up, down) = ((to / divisor) as usize, (from / divisor) as usize);
        if up == down {
            return Self { up: 1, down: 1, taps: 0, kernel: Vec::new() };
        }
        // Cutoff relative to the input's sample rate; downwards the kernel widens by the same factor.
        let cut = 0.5 * CUTOFF * (f64::from(to) / f64::from(from)).min(1.0);
        let half = HALF / (2.0 * cut);
        let taps = 2 * libm::ceil(half) as usize;
        let mut kernel = Vec::with_capacity(up * taps);
        for phase in 0..up {
            let centre = (taps / 2 - 1) as f64 + phase as f64 / up as f64;
            let start = kernel.len();
            for k in 0..taps {
                let x = k as f64 - centre;
                kernel.push(2.0 * cut * sinc(2.0 * cut * x) * kaiser(x / half));
            }
            // Unity at 0 Hz in every phase, so that no phase pattern is heard as a tone.
            let sum: f64 = kernel[start..].iter().sum();
            kernel[start..].iter_mut().for_each(|c| *c /= sum);
        }
        Self { up, down, taps, kernel }
    }

    /// Output length for an input length.
    pub fn output_len(&self, input: usize) -> usize {
        (input * self.up).div_ceil(self.down)
    }

    /// Converts a whole sound, one channel; silence is assumed before and after. Output sample `n` is the sound at
    /// `n * from / to` input samples: there is no delay to take off.
    pub fn run(&self, input: &[f64]) -> Vec<f64> {
        if self.taps == 0 {
            return input.to_vec();
        }
        let half = self.taps / 2;
        let mut padded = vec![0.0; half - 1];
        padded.extend_from_slice(input);
        padded.resize(input.len() + 2 * self.taps, 0.0);
        (0..self.output_len(input.len()))
            .map(|n| {
                let (at, phase) = (n * self.down / self.up, n * self.down % self.up);
                let coefficients = &self.kernel[phase * self.taps..(phase + 1) * self.taps];
                padded[at..at + self.taps].iter().zip(coefficients).map(|(x, c)| x * c).sum()
            })
            .collect()
    }
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

fn sinc(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { libm::sin(PI * x) / (PI * x) }
}

/// Kaiser window over −1..1.
fn kaiser(x: f64) -> f64 {
    if x.abs() >= 1.0 { 0.0 } else { bessel_i0(BETA * (1.0 - x * x).sqrt()) / bessel_i0(BETA) }
}

fn bessel_i0(x: f64) -> f64 {
    let (mut sum, mut term, mut k) = (1.0, 1.0, 1.0);
    while term > sum * 1e-17 {
        term *= (x / (2.0 * k)) * (x / (2.0 * k));
        sum += term;
        k += 1.0;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f64, rate: f64, frames: usize) -> Vec<f64> {
        (0..frames).map(|n| libm::sin(2.0 * PI * hz * n as f64 / rate)).collect()
    }

    /// Level in decibels of the middle half, against a full sine.
    fn level(sound: &[f64]) -> f64 {
        let middle = &sound[sound.len() / 4..sound.len() * 3 / 4];
        10.0 * libm::log10(2.0 * middle.iter().map(|x| x * x).sum::<f64>() / middle.len() as f64)
    }

    #[test]
    fn passband_is_flat_and_in_place() {
        for rate in [8_000u32, 16_000, 22_050, 44_100] {
            for part in [0.01, 0.1, 0.3, 0.42] {
                let hz = part * f64::from(rate);
                let out = Resampler::new(rate, 48_000).run(&tone(hz, f64::from(rate), 8_000));
                let want = tone(hz, 48_000.0, out.len());
                let range = out.len() / 4..out.len() * 3 / 4;
                let worst = range.map(|n| (out[n] - want[n]).abs()).fold(0.0, f64::max);
                assert!(worst < 1e-3, "{rate} Hz, tone {hz}: off by {worst}");
            }
        }
    }

    #[test]
    fn images_and_aliases_are_gone() {
        // A tone at 0.45 of 16 kHz has its first image at 0.55: take the tone out of the result and see what is left.
        let out = Resampler::new(16_000, 48_000).run(&tone(6_000.0, 16_000.0, 16_000));
        let middle = &out[out.len() / 4..out.len() * 3 / 4];
        let want = tone(6_000.0, 48_000.0, out.len());
        let rest: Vec<f64> = middle.iter().zip(&want[out.len() / 4..]).map(|(a, b)| a - b).collect();
        assert!(level(&rest) < -75.0, "images at {} dB", level(&rest));
        // Downwards, what does not fit must vanish instead of folding.
        let folded = Resampler::new(48_000, 16_000).run(&tone(9_000.0, 48_000.0, 48_000));
        assert!(level(&folded) < -85.0, "alias at {} dB", level(&folded));
        assert!(level(&Resampler::new(48_000, 16_000).run(&tone(6_000.0, 48_000.0, 48_000))).abs() < 0.05);
    }

    #[test]
    fn lengths_and_edges_hold() {
        for (from, to) in [(16_000u32, 48_000u32), (22_050, 48_000), (48_000, 22_050), (8_000, 48_000), (48_000, 48_000)] {
            let r = Resampler::new(from, to);
            for n in [0usize, 1, 2, 100, 441] {
                let out = r.run(&vec![1.0; n]);
                assert_eq!(out.len(), (n as u64 * u64::from(to)).div_ceil(u64::from(from)) as usize);
                assert!(out.iter().all(|x| x.is_finite() && x.abs() < 1.3));
            }
        }
    }
}
