//! Strings with a finger: a delay line that loses its heights as it goes round (Karplus and Strong 1983, tuned after Jaffe
//! and Smith 1983).

use contracts::Seed;

use super::{Stage, sides};
use crate::score::{
    compose::Note,
    dsp::{Noise, Pluck, RATE, midi, smooth},
};

/// How a string is plucked.
pub struct Plucked {
    /// How soft the finger is, 0 to 1: a nail is near 0.
    soft: f32,
    /// How much of its heights a string loses each time round, 0 to 1.
    loss: f32,
    /// Seconds to −60 dB at 220 Hz.
    life: f64,
    /// Where it is plucked, from the bridge.
    place: f64,
    /// Samples after the note until it is damped.
    damp: f64,
    gain: f32,
    room: f32,
}

pub const HARP: Plucked = Plucked { soft: 0.84, loss: 0.30, life: 3.4, place: 0.42, damp: 36_000.0, gain: 0.058, room: 0.6 };
pub const LUTE: Plucked = Plucked { soft: 0.66, loss: 0.38, life: 1.9, place: 0.16, damp: 14_000.0, gain: 0.046, room: 0.45 };
pub const FINGER: Plucked = Plucked { soft: 0.90, loss: 0.55, life: 0.75, place: 0.24, damp: 9_000.0, gain: 0.075, room: 0.5 };

impl Stage {
    /// A plucked note.
    pub fn pluck(&mut self, note: &Note, seed: Seed, how: &Plucked) {
        let hz = midi(f64::from(note.pitch));
        let life = how.life * libm::pow(220.0 / hz, 0.5);
        let mut string = Pluck::new(hz, life, how.soft, how.loss, how.place, &mut Noise::new(seed));
        let (left, right) = sides(note.pan);
        let gain = how.gain * note.amp;
        let length = ((life * 1.05 * RATE) as i64).min(note.held + how.damp as i64).min(self.samples - note.at);
        for k in 0..length {
            let damped = 1.0 - smooth((k - note.held) as f64 / how.damp);
            let shape = smooth(k as f64 / 130.0) * damped * smooth((length - k) as f64 / 2_400.0);
            self.add(note.at + k, string.next() * shape as f32 * gain, left, right, how.room);
        }
    }
}
