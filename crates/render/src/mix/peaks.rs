//! True peaks: what stereo sound reaches at its samples and, by four-fold oversampling, between them (ITU-R BS.1770-4,
//! annex 2). In f32: its error is a ten-thousandth of a decibel, and each point's sum has one order.

use std::f64::consts::PI;

/// Taps on each side of a point between samples.
const SIDE: usize = 12;
const TAPS: usize = 2 * SIDE;
/// Frames that are judged together: where none of them and of their neighbours is loud, nothing is looked at between.
const CHUNK: usize = 32;
/// What a chunk reads: its frames, those before and those after.
const SPAN: usize = CHUNK + TAPS - 1;

/// Finds true peaks in stereo: at every frame and between it and the next.
pub struct Peaks {
    /// Coefficients of the points at ¼, ½ and ¾: a windowed sinc.
    taps: [[f32; TAPS]; 3],
    /// What lies between samples is never more than this many times the highest sample near it.
    rise: f32,
    /// Both channels: frames that are not judged yet, and those before them that this needs.
    waiting: [Vec<f32>; 2],
}

impl Peaks {
    /// A finder that has heard nothing but silence.
    pub fn new() -> Self {
        let mut taps = [[0f32; TAPS]; 3];
        for (p, taps) in taps.iter_mut().enumerate() {
            let coefficient = |k: usize| {
                let x = (k as f64 - (SIDE as f64 - 1.0)) - (p as f64 + 1.0) / 4.0;
                let window = 0.5 + 0.5 * libm::cos(PI * x / (SIDE as f64 + 0.5));
                libm::sin(PI * x) / (PI * x) * window
            };
            let sum: f64 = (0..TAPS).map(coefficient).sum();
            taps.iter_mut().enumerate().for_each(|(k, tap)| *tap = (coefficient(k) / sum) as f32);
        }
        let sums = taps.iter().map(|taps| taps.iter().map(|t| t.abs()).sum::<f32>());
        // A hair more than the sum of magnitudes, for what rounding adds.
        let rise = sums.fold(0.0, f32::max) * 1.0001;
        Self { taps, rise, waiting: [vec![0.0; SIDE - 1], vec![0.0; SIDE - 1]] }
    }

    /// Hears frames, and adds to `out` the peak of every frame that is followed by twelve others, in order. A peak between
    /// samples that stays under `floor` may be left out.
    pub fn push(&mut self, [left, right]: [&[f32]; 2], floor: f32, out: &mut Vec<f32>) {
        self.waiting[0].extend_from_slice(left);
        self.waiting[1].extend_from_slice(right);
        let mut at = 0;
        while self.waiting[0].len() - at >= SPAN {
            let part = self.waiting.each_ref().map(|w| w[at..at + SPAN].first_chunk::<SPAN>());
            let [Some(left), Some(right)] = part else { break };
            out.extend_from_slice(&self.chunk(left, right, floor));
            at += CHUNK;
        }
        self.waiting.iter_mut().for_each(|w| drop(w.drain(..at)));
    }

    /// Ends the sound: adds the peaks that are still owed. What comes after is silence.
    pub fn finish(&mut self, floor: f32, out: &mut Vec<f32>) {
        let owed = self.waiting[0].len() + 1 - SIDE;
        let silence = [0.0; SPAN];
        let before = out.len();
        self.push([&silence, &silence], floor, out);
        out.truncate(before + owed);
    }

    fn chunk(&self, left: &[f32; SPAN], right: &[f32; SPAN], floor: f32) -> [f32; CHUNK] {
        let mut peaks = [0f32; CHUNK];
        for channel in [left, right] {
            for (peak, x) in peaks.iter_mut().zip(&channel[SIDE - 1..]) {
                *peak = peak.max(x.abs());
            }
        }
        for channel in [left, right] {
            // Sixteen numbers side by side: one running maximum would be a chain of as many steps as there are samples.
            let mut highest = [0f32; 16];
            for part in channel.chunks(16) {
                highest.iter_mut().zip(part).for_each(|(h, x)| *h = h.max(x.abs()));
            }
            if highest.iter().fold(0f32, |h, x| h.max(*x)) * self.rise < floor {
                continue;
            }
            for taps in &self.taps {
                let mut sums = [0f32; CHUNK];
                for (k, tap) in taps.iter().enumerate() {
                    for (sum, x) in sums.iter_mut().zip(&channel[k..k + CHUNK]) {
                        *sum += tap * x;
                    }
                }
                peaks.iter_mut().zip(&sums).for_each(|(peak, sum)| *peak = peak.max(sum.abs()));
            }
        }
        peaks
    }
}

/// Measures the true peak of sound that comes in blocks.
pub struct TruePeak {
    finder: Peaks,
    found: Vec<f32>,
    top: f32,
}

impl TruePeak {
    /// A meter that has heard nothing.
    pub fn new() -> Self {
        Self { finder: Peaks::new(), found: Vec::new(), top: 0.0 }
    }

    /// Hears a block: left and right, in −1..1.
    pub fn push(&mut self, block: [&[f32]; 2]) {
        self.found.clear();
        self.finder.push(block, self.top, &mut self.found);
        self.top = self.found.iter().fold(self.top, |top, x| top.max(*x));
    }

    /// The highest so far in hundredths of dBTP; −12 000 for silence.
    pub fn finish(mut self) -> i32 {
        self.found.clear();
        self.finder.finish(self.top, &mut self.found);
        let top = f64::from(self.found.iter().fold(self.top, |top, x| top.max(*x)));
        if top <= 1e-6 { -12_000 } else { (2_000.0 * libm::log10(top)).round() as i32 }
    }
}

impl Default for TruePeak {
    fn default() -> Self {
        Self::new()
    }
}
