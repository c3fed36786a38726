//! What sound is made of: tables, filters, noise and a room. Sines come from the `libm` crate once and are looked up or
//! continued by recurrence after that, so that the same sound comes out on every machine, fast.

use std::f64::consts::PI;

use contracts::Seed;

/// Samples a second.
pub const RATE: f64 = 48_000.0;
/// Bits of a wave table's index.
const BITS: u32 = 11;
const SIZE: usize = 1 << BITS;

/// One turn of a wave, read at a phase of 32 bits.
#[derive(Clone, Debug)]
pub struct Table(Vec<f32>);

impl Table {
    /// The sum of sine harmonics 1, 2, 3 … with these amplitudes.
    pub fn new(sine: &[f32], harmonics: &[f32]) -> Self {
        let mut wave: Vec<f32> = vec![0.0; SIZE + 1];
        for (h, amp) in harmonics.iter().enumerate().filter(|h| *h.1 != 0.0) {
            // Harmonics start at phases of their own: in step they would make a spike.
            let turn = h * h * 97;
            for (k, w) in wave.iter_mut().enumerate() {
                *w += amp * sine[(k * (h + 1) + turn) % SIZE];
            }
        }
        Self(wave)
    }

    /// One turn of a sine, for [`Table::new`].
    pub fn sine() -> Vec<f32> {
        (0..SIZE).map(|k| libm::sin(2.0 * PI * k as f64 / SIZE as f64) as f32).collect()
    }

    /// The wave at a phase, between two samples by a straight line.
    #[inline]
    pub fn at(&self, phase: u32) -> f32 {
        let k = (phase >> (32 - BITS)) as usize;
        let part = (phase & ((1 << (32 - BITS)) - 1)) as f32 * (1.0 / (1u32 << (32 - BITS)) as f32);
        self.0[k] + (self.0[k + 1] - self.0[k]) * part
    }
}

/// A phase step for a frequency.
pub fn step(hz: f64) -> u32 {
    (hz / RATE * 4_294_967_296.0) as u32
}

/// Frequency of a MIDI note number; 69 is 440 Hz.
pub fn midi(note: f64) -> f64 {
    440.0 * libm::exp2((note - 69.0) / 12.0)
}

/// White noise in −1..1.
#[derive(Clone, Debug)]
pub struct Noise(Seed);

impl Noise {
    /// Noise of a seed.
    pub fn new(seed: Seed) -> Self {
        Self(seed)
    }

    /// The next sample.
    #[inline]
    pub fn next(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * (2.0 / 9_007_199_254_740_992.0) - 1.0
    }

    /// A number in `low..high`.
    pub fn range(&mut self, low: f64, high: f64) -> f64 {
        self.0.range(low, high)
    }
}

/// A state-variable filter (topology-preserving, A. Simper): low, band and high at once, stable while it is moved.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    a1: f64,
    a2: f64,
    a3: f64,
    k: f64,
    z1: f64,
    z2: f64,
}

impl Filter {
    /// A filter at a frequency with a quality.
    pub fn new(hz: f64, q: f64) -> Self {
        let mut filter = Self::default();
        filter.tune(hz, q);
        filter
    }

    /// Moves it.
    pub fn tune(&mut self, hz: f64, q: f64) {
        let g = libm::tan(PI * hz.clamp(5.0, 22_000.0) / RATE);
        self.k = 1.0 / q.max(0.05);
        self.a1 = 1.0 / (1.0 + g * (g + self.k));
        self.a2 = g * self.a1;
        self.a3 = g * self.a2;
    }

    /// Low and band (unity at its centre).
    #[inline]
    pub fn run(&mut self, x: f64) -> (f64, f64) {
        let v3 = x - self.z2;
        let v1 = self.a1 * self.z1 + self.a2 * v3;
        let v2 = self.z2 + self.a2 * self.z1 + self.a3 * v3;
        self.z1 = 2.0 * v1 - self.z1;
        self.z2 = 2.0 * v2 - self.z2;
        (v2, self.k * v1)
    }

    /// Low part.
    #[inline]
    pub fn low(&mut self, x: f64) -> f64 {
        self.run(x).0
    }

    /// Band part.
    #[inline]
    pub fn band(&mut self, x: f64) -> f64 {
        self.run(x).1
    }
}

/// A sine that dies away, by recurrence.
#[derive(Clone, Copy, Debug)]
pub struct Ring {
    c: f64,
    r2: f64,
    y1: f64,
    y2: f64,
}

impl Ring {
    /// Starts at zero and rises; falls by 60 dB in `t60` seconds.
    pub fn new(hz: f64, amp: f64, t60: f64) -> Self {
        let w = 2.0 * PI * hz / RATE;
        let r = libm::exp(-6.907_755 / (t60 * RATE));
        Self { c: 2.0 * r * libm::cos(w), r2: r * r, y1: 0.0, y2: -amp * libm::sin(w) / r }
    }

    /// The next sample.
    #[inline]
    pub fn next(&mut self) -> f64 {
        let y = self.c * self.y1 - self.r2 * self.y2;
        self.y2 = self.y1;
        self.y1 = y;
        y
    }
}

/// A plucked string: a delay line of one turn of its wave, which loses its heights each time round.
#[derive(Clone, Debug)]
pub struct Pluck {
    line: Vec<f32>,
    at: usize,
    low: f32,
    loss: f32,
    gain: f32,
    turn: f32,
    x1: f32,
    y1: f32,
}

impl Pluck {
    /// A string at a frequency that falls by 60 dB in `t60` seconds, plucked at `place` of its length by a finger of a
    /// softness; `loss` from 0 to below 1 is what it loses of its heights.
    pub fn new(hz: f64, t60: f64, soft: f32, loss: f32, place: f64, noise: &mut Noise) -> Self {
        // The losses and the fine tuning are delays too.
        let whole = (RATE / hz - f64::from(loss) / (1.0 - f64::from(loss))).max(4.0);
        let length = (whole - 0.3).floor().max(2.0);
        let part = whole - length;
        let (count, soft) = (length as usize, soft.clamp(0.0, 0.97));
        // A finger is noise without its heights; twice round the filter, so that the line closes without a step.
        let raw: Vec<f32> = (0..count).map(|_| noise.next() as f32).collect();
        let mut y = 0f32;
        let mut pull: Vec<f32> = vec![0.0; count];
        for k in 0..2 * count {
            y = raw[k % count] * (1.0 - soft) + y * soft;
            pull[k % count] = y;
        }
        // What has a knot at the place of the finger does not sound.
        let back = ((place * length) as usize).clamp(1, count - 1);
        let mut line: Vec<f32> = (0..count).map(|k| pull[k] - pull[(k + count - back) % count]).collect();
        let mean = line.iter().sum::<f32>() / count as f32;
        line.iter_mut().for_each(|x| *x -= mean);
        let power = (line.iter().map(|x| x * x).sum::<f32>() / count as f32).sqrt().max(1e-6);
        line.iter_mut().for_each(|x| *x /= power);
        let gain = libm::pow(10.0, -3.0 / (hz * t60)) as f32;
        // Both filters stand where the line ends: begun at rest, they would tear it at its seam.
        let (low, turn) = (line[count - 1], ((1.0 - part) / (1.0 + part)) as f32);
        Self { line, at: 0, low, loss, gain, turn, x1: low * gain, y1: low * gain }
    }

    /// The next sample.
    #[inline]
    pub fn next(&mut self) -> f32 {
        let x = self.line[self.at];
        self.low = x * (1.0 - self.loss) + self.low * self.loss;
        let y = self.low * self.gain;
        let out = self.turn * (y - self.y1) + self.x1;
        (self.x1, self.y1) = (y, out);
        self.line[self.at] = out;
        self.at += 1;
        if self.at == self.line.len() {
            self.at = 0;
        }
        x
    }
}

/// A value that wanders smoothly within −1..1, a new goal every `period` samples.
#[derive(Clone, Debug)]
pub struct Wander {
    noise: Noise,
    from: f64,
    to: f64,
    at: f64,
    step: f64,
}

impl Wander {
    /// A wanderer with a mean period in seconds.
    pub fn new(seed: Seed, seconds: f64) -> Self {
        let mut noise = Noise::new(seed);
        let (from, to) = (noise.next(), noise.next());
        Self { noise, from, to, at: 0.0, step: 1.0 / (seconds * RATE) }
    }

    /// Moves on by `samples` and gives the value.
    pub fn after(&mut self, samples: usize) -> f64 {
        self.at += self.step * samples as f64;
        while self.at >= 1.0 {
            self.at -= 1.0;
            (self.from, self.to) = (self.to, self.noise.next());
        }
        self.from + (self.to - self.from) * smooth(self.at)
    }
}

/// 0 to 1 with flat ends.
pub fn smooth(x: f64) -> f64 {
    let x = x.clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}

/// A room: eight delays that feed each other (a feedback delay network with a Hadamard matrix), darker as it dies.
pub struct Room {
    lines: Vec<Vec<f32>>,
    at: Vec<usize>,
    gain: [f32; 8],
    damp: [f32; 8],
    dark: f32,
    pass: [(Vec<f32>, usize); 2],
}

impl Room {
    /// A room that takes `t60` seconds to fall by 60 dB; `dark` from 0 (bright) to 1; `size` stretches its delays.
    pub fn new(t60: f64, dark: f32, size: f64) -> Self {
        const LENGTHS: [f64; 8] = [1_433.0, 1_601.0, 1_867.0, 2_053.0, 2_251.0, 2_399.0, 2_617.0, 2_797.0];
        let lengths = LENGTHS.map(|l| (l * size) as usize | 1);
        let gain = lengths.map(|l| libm::pow(10.0, -3.0 * l as f64 / (t60 * RATE)) as f32);
        Self {
            lines: lengths.iter().map(|l| vec![0.0; *l]).collect(),
            at: vec![0; 8],
            gain,
            damp: [0.0; 8],
            dark,
            pass: [(vec![0.0; 347], 0), (vec![0.0; 113], 0)],
        }
    }

    /// The next pair of samples of the room's answer.
    #[inline]
    pub fn next(&mut self, x: f32) -> (f32, f32) {
        // The offset keeps the tail out of denormal numbers; it is far below any sample that is written.
        let mut x = x + 1e-18;
        for (line, at) in &mut self.pass {
            let held = line[*at];
            let y = held - 0.6 * x;
            line[*at] = x + 0.6 * y;
            *at = (*at + 1) % line.len();
            x = y;
        }
        let mut v = [0f32; 8];
        for (k, v) in v.iter_mut().enumerate() {
            let out = self.lines[k][self.at[k]] * self.gain[k];
            self.damp[k] = out + (self.damp[k] - out) * self.dark;
            *v = self.damp[k];
        }
        let left = v[0] - v[2] + v[4] - v[6];
        let right = v[1] - v[3] + v[5] - v[7];
        for half in [4, 2, 1] {
            for k in 0..8 {
                if k & half == 0 {
                    let (a, b) = (v[k], v[k | half]);
                    (v[k], v[k | half]) = (a + b, a - b);
                }
            }
        }
        for (k, v) in v.iter().enumerate() {
            self.lines[k][self.at[k]] = x + v * 0.353_553_4;
            self.at[k] = (self.at[k] + 1) % self.lines[k].len();
        }
        (left * 0.5, right * 0.5)
    }
}

/// The identity up to `knee`, then a curve that never reaches `top`.
pub fn bend(x: f32, knee: f32, top: f32) -> f32 {
    let over = (x.abs() - knee) / (top - knee);
    if over <= 0.0 { x } else { (knee + (top - knee) * over / (1.0 + over)).copysign(x) }
}
