//! Where foley is made: a stereo canvas with the few strokes every sound consists of.

use contracts::Seed;

use crate::score::dsp::{Filter, Noise, RATE, Ring, Room, Wander, smooth};

/// Samples between two looks at slow values.
pub const BLOCK: usize = 64;

/// A stereo canvas.
pub struct Stage {
    /// Interleaved.
    pub out: Vec<f32>,
    /// Its length.
    pub frames: usize,
    /// Whether it is the air of a place: things that happen are then rare.
    pub ambience: bool,
    seed: Seed,
    strokes: u32,
}

/// A steady layer of noise through a band that wanders.
#[derive(Clone, Copy, Debug)]
pub struct Layer {
    /// Lowest centre in Hz.
    pub low: f64,
    /// Highest centre in Hz.
    pub high: f64,
    /// Quality of the band.
    pub q: f64,
    /// Loudness.
    pub gain: f64,
    /// How far gusts take it down, 0 to 1.
    pub gusts: f64,
    /// Seconds between gusts.
    pub period: f64,
}

impl Stage {
    /// An empty canvas.
    pub fn new(frames: usize, seed: Seed, ambience: bool) -> Self {
        Self { out: vec![0.0; frames * 2], frames, ambience, seed, strokes: 0 }
    }

    /// A seed for the next stroke.
    pub fn next_seed(&mut self) -> Seed {
        self.strokes += 1;
        self.seed.derive(&self.strokes.to_string())
    }

    /// Seconds of the whole.
    pub fn seconds(&self) -> f64 {
        self.frames as f64 / RATE
    }

    /// Adds one frame; past the end it is nothing.
    #[inline]
    pub fn add(&mut self, frame: usize, left: f64, right: f64) {
        if let Some(pair) = self.out.get_mut(2 * frame..2 * frame + 2) {
            pair[0] += left as f32;
            pair[1] += right as f32;
        }
    }

    /// When something happens: at `first` for an effect (or a little later for air) and again between `low` and `high`
    /// seconds apart; an effect happens at most `most` times, air to the end, `rare` times more seldom.
    pub fn times(&mut self, first: f64, low: f64, high: f64, most: usize, rare: f64) -> Vec<f64> {
        let mut choose = self.next_seed();
        let (rare, most) = if self.ambience { (rare, usize::MAX) } else { (1.0, most) };
        // Air begins somewhere in it, but is heard even in a short scene.
        let mut at = if self.ambience { first + choose.unit() * (low * rare).min(0.4 * self.seconds()) } else { first };
        let mut times = Vec::new();
        while at < self.seconds() && times.len() < most {
            times.push(at);
            at += choose.range(low, high) * rare;
        }
        times
    }

    /// Adds a layer of noise; both sides share its gusts and nothing else.
    pub fn layer(&mut self, layer: Layer, shape: impl Fn(f64) -> f64) {
        let seed = self.next_seed();
        let mut gust = Wander::new(seed.derive("gust"), layer.period);
        let mut flutter = Wander::new(seed.derive("flutter"), layer.period * 0.23);
        let mut noise = [Noise::new(seed.derive("left")), Noise::new(seed.derive("right"))];
        let mut filters = [[Filter::new(layer.low, layer.q); 2]; 2];
        let mut before = 0.0;
        for start in (0..self.frames).step_by(BLOCK) {
            let wave = 0.5 + 0.4 * gust.after(BLOCK) + 0.1 * flutter.after(BLOCK);
            let hz = layer.low + (layer.high - layer.low) * wave;
            for side in &mut filters {
                side.iter_mut().for_each(|f| f.tune(hz, layer.q));
            }
            let now = layer.gain * (1.0 - layer.gusts * (1.0 - wave * wave)) * shape(start as f64 / RATE);
            for k in 0..BLOCK.min(self.frames - start) {
                let gain = before + (now - before) * k as f64 / BLOCK as f64;
                let mut side = |s: usize| {
                    let x = filters[s][0].band(noise[s].next());
                    filters[s][1].low(x) * gain
                };
                let (left, right) = (side(0), side(1));
                self.add(start + k, left, right);
            }
            before = now;
        }
    }

    /// A struck thing: partials (Hz, loudness, seconds to −60 dB), softened at the start over `attack` seconds.
    pub fn hit(&mut self, at: f64, partials: &[(f64, f64, f64)], attack: f64, gain: f64, pan: f64) {
        let start = (at * RATE) as usize;
        let longest = partials.iter().map(|p| p.2).fold(0.0, f64::max);
        let length = ((longest * 1.2 * RATE) as usize).min(self.frames.saturating_sub(start));
        let mut rings: Vec<Ring> = partials.iter().map(|p| Ring::new(p.0, p.1 * gain, p.2)).collect();
        let (left, right) = sides(pan);
        for k in 0..length {
            let x: f64 = rings.iter_mut().map(Ring::next).sum::<f64>() * smooth(k as f64 / (attack * RATE).max(1.0));
            self.add(start + k, x * left, x * right);
        }
    }

    /// A burst of noise through a band that moves from one frequency to another; `attack` is a part of its length.
    #[allow(clippy::too_many_arguments, reason = "a stroke is described by numbers; names would only repeat them")]
    pub fn burst(&mut self, at: f64, seconds: f64, from: f64, to: f64, q: f64, attack: f64, gain: f64, pan: f64) {
        let mut noise = Noise::new(self.next_seed());
        // A band and a low pass above it: nothing in nature hisses up to the limit of hearing when it is struck softly.
        let (mut band, mut top) = (Filter::new(from, q), Filter::new(from * 1.5, 0.6));
        let (start, length) = ((at * RATE) as usize, (seconds * RATE) as usize);
        let (left, right) = sides(pan);
        for k in 0..length.min(self.frames.saturating_sub(start)) {
            let part = k as f64 / length as f64;
            if k % BLOCK == 0 {
                let hz = from + (to - from) * part;
                band.tune(hz, q);
                top.tune(hz * 1.5, 0.6);
            }
            let fall = 1.0 - smooth((part - attack) / (1.0 - attack));
            let x = top.low(band.band(noise.next())) * smooth(part / attack.max(1e-4)) * fall * fall * gain;
            self.add(start + k, x * left, x * right);
        }
    }

    /// A tone that slides and dies: a bubble, a drop.
    pub fn chirp(&mut self, at: f64, seconds: f64, from: f64, to: f64, gain: f64, pan: f64) {
        let (start, length) = ((at * RATE) as usize, (seconds * RATE) as usize);
        let (left, right) = sides(pan);
        let mut phase = 0.0;
        for k in 0..length.min(self.frames.saturating_sub(start)) {
            let part = k as f64 / length as f64;
            phase += (from + (to - from) * part) / RATE;
            let fall = (1.0 - part) * (1.0 - part);
            let x = libm::sin(2.0 * std::f64::consts::PI * phase) * smooth(k as f64 / 60.0) * fall * gain;
            self.add(start + k, x * left, x * right);
        }
    }

    /// A held tone with soft ends that trembles a little.
    pub fn tone(&mut self, at: f64, seconds: f64, hz: f64, gain: f64) {
        let mut drift = Wander::new(self.next_seed(), 0.4);
        let (start, length) = ((at * RATE) as usize, (seconds * RATE) as usize);
        let (mut phase, mut pitch) = (0.0, hz);
        for k in 0..length.min(self.frames.saturating_sub(start)) {
            if k % BLOCK == 0 {
                pitch = hz * (1.0 + 0.003 * drift.after(BLOCK) - 0.05 * (1.0 - smooth(k as f64 / 7_200.0)));
            }
            phase += pitch / RATE;
            let x = libm::sin(2.0 * std::f64::consts::PI * phase) * gain;
            let y = x * smooth(k as f64 / 9_600.0) * smooth((length - k) as f64 / 14_400.0);
            self.add(start + k, y, y);
        }
    }

    /// Wood or rope that sticks and slips: pulses whose rate rises and falls, in a body of resonances.
    #[allow(clippy::too_many_arguments, reason = "as burst")]
    pub fn creak(&mut self, at: f64, seconds: f64, slow: f64, fast: f64, body: [f64; 3], gain: f64, pan: f64) {
        let mut noise = Noise::new(self.next_seed());
        let mut filters = body.map(|hz| Filter::new(hz, 9.0));
        let (start, length) = ((at * RATE) as usize, (seconds * RATE) as usize);
        let (left, right) = sides(pan);
        let (mut phase, mut push) = (0.0, 0.0);
        for k in 0..length.min(self.frames.saturating_sub(start)) {
            let part = k as f64 / length as f64;
            let arch = 4.0 * part * (1.0 - part);
            phase += (slow + (fast - slow) * arch) * (1.0 + 0.3 * noise.next()) / RATE;
            if phase >= 1.0 {
                phase -= 1.0;
                push = 0.6 + 0.4 * noise.next();
            }
            let x: f64 = filters.iter_mut().zip([1.0, 0.7, 0.4]).map(|(f, g)| f.band(push) * g).sum();
            push *= 0.9;
            let y = x * gain * smooth(part * 6.0) * smooth((1.0 - part) * 4.0);
            self.add(start + k, y * left, y * right);
        }
    }

    /// Small events by chance, `rate` a second: rain drops, crackles, bubbles. `make(stage, at, chance)` draws one.
    pub fn scatter(&mut self, rate: impl Fn(f64) -> f64, mut make: impl FnMut(&mut Self, f64, &mut Seed)) {
        let mut choose = self.next_seed();
        let mut at = 0.0;
        loop {
            // Time to the next one falls as the rate rises; the floor keeps a rate of zero from standing still.
            at += -libm::log(1.0 - choose.unit()) / rate(at).max(0.05);
            if at >= self.seconds() {
                return;
            }
            make(self, at, &mut choose);
        }
    }

    /// Puts everything so far into a room: how much of it, how long, how dark.
    pub fn room(&mut self, share: f32, t60: f64, dark: f32, size: f64) {
        let mut room = Room::new(t60, dark, size);
        for pair in self.out.chunks_exact_mut(2) {
            let (l, r) = room.next((pair[0] + pair[1]) * 0.5 * share);
            pair[0] += l;
            pair[1] += r;
        }
    }

    /// Takes it further away: air swallows the heights, sides come together, more of the land answers.
    pub fn away(&mut self) {
        let mut filters = [[Filter::new(800.0, 0.6); 2]; 2];
        for pair in self.out.chunks_exact_mut(2) {
            let middle = (pair[0] + pair[1]) * 0.5;
            for (x, filters) in pair.iter_mut().zip(&mut filters) {
                let narrow = f64::from(middle * 0.7 + *x * 0.3);
                *x = filters.iter_mut().fold(narrow, |x, f| f.low(x)) as f32;
            }
        }
        self.room(0.5, 1.8, 0.6, 1.3);
    }
}

/// Shares of both sides for a pan of −1 to 1.
fn sides(pan: f64) -> (f64, f64) {
    ((1.0 - pan).min(1.0), (1.0 + pan).min(1.0))
}
