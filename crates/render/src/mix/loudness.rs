//! Integrated loudness and true peak after ITU-R BS.1770-4, at 48 kHz: the filters with the coefficients the standard
//! prints, so that no tangent or power of some CPU's own enters them. Tests compare it with the `ebur128` crate.

use std::f64::consts::PI;

/// Samples in a step of 100 ms; a gating block is four of them.
const STEP: usize = 4_800;

/// First stage: the effect of a head. Second stage: the RLB weighting. (b0, b1, b2, a1, a2)
const STAGES: [[f64; 5]; 2] = [
    [1.535_124_859_586_97, -2.691_696_189_406_38, 1.198_392_810_852_85, -1.690_659_293_182_41, 0.732_480_774_215_85],
    [1.0, -2.0, 1.0, -1.990_047_454_833_98, 0.990_072_250_366_21],
];

/// Measures stereo sound, pair by pair.
pub struct Loudness {
    /// State of two stages: two delays of two channels, side by side so that one register holds both channels.
    state: [[[f64; 2]; 2]; 2],
    /// Energy of the step that fills.
    energy: f64,
    count: usize,
    /// Mean energy of each full step.
    steps: Vec<f64>,
}

impl Default for Loudness {
    fn default() -> Self {
        Self::new()
    }
}

impl Loudness {
    /// A meter that has heard nothing.
    pub fn new() -> Self {
        Self { state: [[[0.0; 2]; 2]; 2], energy: 0.0, count: 0, steps: Vec::new() }
    }

    /// Hears one pair of samples in −1..1.
    pub fn push(&mut self, left: f64, right: f64) {
        // A state that has decayed to nothing must not become a denormal number, which some CPUs compute slowly.
        let kept = |z: f64| if z.abs() < 1e-30 { 0.0 } else { z };
        let mut x = [left, right];
        for ([near, far], c) in self.state.iter_mut().zip(&STAGES) {
            for ((x, near), far) in x.iter_mut().zip(near).zip(far) {
                let y = c[0] * *x + *near;
                *near = kept(c[1] * *x - c[3] * y + *far);
                *far = kept(c[2] * *x - c[4] * y);
                *x = y;
            }
        }
        self.energy += x[0] * x[0];
        self.energy += x[1] * x[1];
        self.count += 1;
        if self.count == STEP {
            self.steps.push(self.energy / STEP as f64);
            (self.energy, self.count) = (0.0, 0);
        }
    }

    /// Integrated loudness so far in hundredths of LUFS; −7000, the absolute gate, when no block is above it. Sound
    /// shorter than a block of 400 ms is taken as one block.
    pub fn integrated_cb(&self) -> i32 {
        let block = |steps: &[f64]| steps.iter().sum::<f64>() / steps.len() as f64;
        let mut blocks: Vec<f64> = self.steps.windows(4).map(block).collect();
        if blocks.is_empty() {
            let frames = self.steps.len() * STEP + self.count;
            blocks.push((self.steps.iter().sum::<f64>() * STEP as f64 + self.energy) / frames.max(1) as f64);
        }
        let above = |gate: f64| {
            let loud: Vec<f64> = blocks.iter().copied().filter(|e| lufs(*e) > gate).collect();
            if loud.is_empty() { None } else { Some(lufs(block(&loud))) }
        };
        let integrated = above(-70.0).and_then(|ungated| above((ungated - 10.0).max(-70.0)));
        integrated.map_or(-7_000, |l| (l * 100.0).round() as i32)
    }
}

fn lufs(energy: f64) -> f64 {
    if energy <= 0.0 { -200.0 } else { -0.691 + 10.0 * libm::log10(energy) }
}

/// Taps on each side of a point between samples.
const SIDE: usize = 12;
const TAPS: usize = 2 * SIDE;
/// What lies between samples is less than this many times the highest sample near it (the sum of the taps' magnitudes).
pub const RISE: f64 = 3.0;

/// Finds true peaks in stereo: at every frame and, by four-fold oversampling, between it and the next. In f32: its error
/// is a ten-thousandth of a decibel, and four points fit one register.
pub struct Peaks {
    /// For each tap the coefficients of the points at ¼, ½ and ¾: a windowed sinc.
    taps: [[f32; 4]; TAPS],
    /// The last frames of both channels, written twice so that any `TAPS` in a row lie together.
    last: [[f32; 2 * TAPS]; 2],
    frame: usize,
    /// Frames left in which a sample above the floor is still near.
    near: usize,
}

impl Peaks {
    /// A finder that has heard nothing.
    pub fn new() -> Self {
        let mut taps = [[0f32; 4]; TAPS];
        for p in 0..3 {
            let coefficient = |k: usize| {
                let x = (k as f64 - (SIDE as f64 - 1.0)) - (p as f64 + 1.0) / 4.0;
                let window = 0.5 + 0.5 * libm::cos(PI * x / (SIDE as f64 + 0.5));
                libm::sin(PI * x) / (PI * x) * window
            };
            let sum: f64 = (0..TAPS).map(coefficient).sum();
            for (k, tap) in taps.iter_mut().enumerate() {
                tap[p] = (coefficient(k) / sum) as f32;
            }
        }
        Self { taps, last: [[0.0; 2 * TAPS]; 2], frame: 0, near: 0 }
    }

    /// Hears a frame; gives the frame `SIDE` frames before it and the peak there. Between samples it looks only where a
    /// sample near it reaches `floor`.
    pub fn push(&mut self, left: f64, right: f64, floor: f64) -> Option<(usize, f64)> {
        let slot = self.frame % TAPS;
        for (last, x) in self.last.iter_mut().zip([left, right]) {
            (last[slot], last[slot + TAPS]) = (x as f32, x as f32);
        }
        self.near = if left.abs().max(right.abs()) >= floor { TAPS } else { self.near.saturating_sub(1) };
        self.frame += 1;
        let frame = self.frame.checked_sub(SIDE + 1)?;
        // Oldest first: SIDE frames up to the one that is judged, then SIDE after it.
        let [left, right] = self.last.each_ref().map(|last| &last[slot + 1..=slot + TAPS]);
        let mut peak = left[SIDE - 1].abs().max(right[SIDE - 1].abs());
        if self.near > 0 {
            let (mut a, mut b) = ([0f32; 4], [0f32; 4]);
            for ((l, r), tap) in left.iter().zip(right).zip(&self.taps) {
                for k in 0..4 {
                    a[k] += l * tap[k];
                    b[k] += r * tap[k];
                }
            }
            peak = a.iter().chain(&b).fold(peak, |m, x| m.max(x.abs()));
        }
        Some((frame, f64::from(peak)))
    }

    /// How many frames of silence push the last frame out.
    pub const TAIL: usize = SIDE;
}

/// True peak in hundredths of dBTP by four-fold oversampling; −12 000 for silence.
pub fn true_peak(pairs: impl Iterator<Item = (f64, f64)>) -> i32 {
    let (mut peaks, mut top) = (Peaks::new(), 0.0f64);
    for (left, right) in pairs.chain(std::iter::repeat_n((0.0, 0.0), Peaks::TAIL)) {
        if let Some((_, peak)) = peaks.push(left, right, top / RISE) {
            top = top.max(peak);
        }
    }
    if top <= 1e-6 { -12_000 } else { (2_000.0 * libm::log10(top)).round() as i32 }
}
