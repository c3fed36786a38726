//! Integrated loudness after ITU-R BS.1770-4, at 48 kHz: the filters with the coefficients the standard prints, so that
//! no tangent or power of some CPU's own enters them. Tests compare it with the `ebur128` crate.

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
    /// Energy of the step that fills, by channel.
    energy: [f64; 2],
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
        Self { state: [[[0.0; 2]; 2]; 2], energy: [0.0; 2], count: 0, steps: Vec::new() }
    }

    /// Hears a block: left and right, in −1..1.
    pub fn push(&mut self, [mut left, mut right]: [&[f32]; 2]) {
        while !left.is_empty() {
            let n = (STEP - self.count).min(left.len()).min(right.len());
            if n == 0 {
                return;
            }
            self.hear(&left[..n], &right[..n]);
            (left, right) = (&left[n..], &right[n..]);
            self.count += n;
            if self.count == STEP {
                self.steps.push(self.energy.iter().sum::<f64>() / STEP as f64);
                (self.energy, self.count) = ([0.0; 2], 0);
                // A state that has decayed to nothing must not become a denormal number, which some CPUs compute slowly.
                self.state.iter_mut().flatten().flatten().filter(|z| z.abs() < 1e-30).for_each(|z| *z = 0.0);
            }
        }
    }

    fn hear(&mut self, left: &[f32], right: &[f32]) {
        let [[mut near, mut far], [mut near2, mut far2]] = self.state;
        let [c, d] = &STAGES;
        for (l, r) in left.iter().zip(right) {
            let pair = [f64::from(*l), f64::from(*r)];
            for k in 0..2 {
                let x = pair[k];
                let y = c[0] * x + near[k];
                near[k] = (c[1] * x + far[k]) - c[3] * y;
                far[k] = c[2] * x - c[4] * y;
                let z = d[0] * y + near2[k];
                near2[k] = (d[1] * y + far2[k]) - d[3] * z;
                far2[k] = d[2] * y - d[4] * z;
                self.energy[k] += z * z;
            }
        }
        self.state = [[near, far], [near2, far2]];
    }

    /// Integrated loudness so far in hundredths of LUFS; −7000, the absolute gate, when no block is above it. Sound
    /// shorter than a block of 400 ms is taken as one block.
    pub fn integrated_cb(&self) -> i32 {
        let block = |steps: &[f64]| steps.iter().sum::<f64>() / steps.len() as f64;
        let mut blocks: Vec<f64> = self.steps.windows(4).map(block).collect();
        if blocks.is_empty() {
            let frames = self.steps.len() * STEP + self.count;
            blocks.push((self.steps.iter().sum::<f64>() * STEP as f64 + self.energy.iter().sum::<f64>()) / frames.max(1) as f64);
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
