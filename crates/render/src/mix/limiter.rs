//! A look-ahead limiter of true peaks: the gain is already down when a peak arrives, and returns slowly.
//!
//! Look-ahead 2 ms, which is also how long it takes to come down; release 80 ms (63 % of the way back); both channels
//! are turned down together. It works on frames in order and gives their gains later than it takes them.

use std::collections::VecDeque;

use super::peaks::Peaks;

/// How far it looks ahead: 2 ms.
const AHEAD: usize = 96;
/// The way back to full gain in one sample: 63 % in 80 ms.
const RELEASE: f32 = 1.0 / 3_840.0;
/// Nearer to full gain than this it is full: 0.002 dB. Else the way back would never end.
const FULL: f32 = 1.0 - 1.0 / 4_096.0;

/// The limiter.
pub struct Limiter {
    /// The highest magnitude that needs no turning down.
    limit: f32,
    finder: Peaks,
    peaks: Vec<f32>,
    /// The frame before's peak: what lies between two frames binds both.
    before: f32,
    /// Gains needed, lowest first: (frame, gain), rising; what a later, lower one covers is gone.
    needed: VecDeque<(u64, f32)>,
    /// Frames whose peaks are known.
    known: u64,
    held: f32,
    /// The last held gains and their sum: the mean over the look-ahead turns a step down into a ramp that ends where the
    /// peak is. The sum is exact: it has fewer bits than an f64.
    last: [f32; AHEAD],
    at: usize,
    sum: f64,
    /// Frames since anything but full gain was held or needed.
    idle: usize,
}

impl Limiter {
    /// A limiter that keeps `gain` times the sound at or under `ceiling`.
    pub fn new(gain: f64, ceiling: f64) -> Self {
        Self {
            limit: (ceiling / gain) as f32,
            finder: Peaks::new(),
            peaks: Vec::new(),
            before: 0.0,
            needed: VecDeque::new(),
            known: 0,
            held: 1.0,
            last: [1.0; AHEAD],
            at: 0,
            sum: AHEAD as f64,
            idle: AHEAD,
        }
    }

    /// Hears frames and adds to `gains` those that are known, one a frame, in order.
    pub fn push(&mut self, block: [&[f32]; 2], gains: &mut Vec<f32>) {
        let mut peaks = std::mem::take(&mut self.peaks);
        self.finder.push(block, self.limit, &mut peaks);
        peaks.drain(..).for_each(|peak| self.frame(peak, gains));
        self.peaks = peaks;
    }

    /// Ends the sound: adds the gains that are still owed.
    pub fn finish(&mut self, gains: &mut Vec<f32>) {
        let mut peaks = std::mem::take(&mut self.peaks);
        self.finder.finish(self.limit, &mut peaks);
        peaks.iter().for_each(|peak| self.frame(*peak, gains));
        // A sound shorter than the look-ahead has still all its gains to come, and none besides.
        (0..AHEAD).for_each(|_| self.frame(0.0, gains));
    }

    /// A frame's peak is known; gives the gain of the frame that is a look-ahead before it.
    fn frame(&mut self, peak: f32, gains: &mut Vec<f32>) {
        let highest = peak.max(self.before);
        self.before = peak;
        let k = self.known;
        self.known += 1;
        let now = k.checked_sub(AHEAD as u64);
        if highest <= self.limit && self.idle >= AHEAD {
            // Nothing to do, and nothing left from before.
            gains.extend(now.map(|_| 1.0));
            return;
        }
        if highest > self.limit {
            let need = self.limit / highest;
            while self.needed.back().is_some_and(|b| b.1 >= need) {
                self.needed.pop_back();
            }
            self.needed.push_back((k, need));
        }
        let Some(now) = now else {
            self.idle = 0;
            return;
        };
        while self.needed.front().is_some_and(|f| f.0 < now) {
            self.needed.pop_front();
        }
        self.held += (1.0 - self.held) * RELEASE;
        if self.held > FULL {
            self.held = 1.0;
        }
        self.held = self.held.min(self.needed.front().map_or(1.0, |f| f.1));
        if now == 0 {
            // There is no time before the first frame to come down in: it begins where it must be.
            self.last = [self.held; AHEAD];
            self.sum = f64::from(self.held) * AHEAD as f64;
        }
        self.sum += f64::from(self.held) - f64::from(self.last[self.at]);
        self.last[self.at] = self.held;
        self.at = (self.at + 1) % AHEAD;
        self.idle = if self.held < 1.0 || !self.needed.is_empty() { 0 } else { self.idle + 1 };
        gains.push((self.sum / AHEAD as f64) as f32);
    }
}
