//! Hammers, mallets and drums.

use contracts::Seed;

use super::{Stage, sides};
use crate::score::{
    compose::Note,
    dsp::{Filter, Noise, RATE, Ring, Table, midi, smooth},
};

/// How a struck note begins and ends.
struct Stroke {
    /// Samples of its soft start.
    attack: f64,
    /// Samples of its damper, after the note.
    damp: f64,
    gain: f64,
    room: f32,
}

impl Stage {
    /// Rings a set of partials: (ratio, loudness, seconds to −60 dB).
    fn ring(&mut self, note: &Note, partials: &[(f64, f64, f64)], stroke: &Stroke) {
        let hz = midi(f64::from(note.pitch));
        let gain = stroke.gain * f64::from(note.amp);
        let longest = partials.iter().map(|p| p.2).fold(0.0, f64::max);
        let mut rings: Vec<Ring> = partials.iter().filter(|p| p.0 * hz < 12_000.0).map(|p| Ring::new(p.0 * hz, p.1 * gain, p.2)).collect();
        let (left, right) = sides(note.pan);
        let length = ((longest * 1.1 * RATE) as i64).min(note.held + stroke.damp as i64).min(self.samples - note.at);
        for k in 0..length {
            let x: f64 = rings.iter_mut().map(Ring::next).sum();
            let start = smooth(k as f64 / stroke.attack);
            let end = smooth((length - k) as f64 / 4_800.0) * (1.0 - smooth((k - note.held) as f64 / stroke.damp));
            self.add(note.at + k, (x * start * end) as f32, left, right, stroke.room);
        }
    }

    /// A piano with felt between hammer and string.
    pub fn felt(&mut self, note: &Note, seed: Seed) {
        let hz = midi(f64::from(note.pitch));
        let life = 5.0 * libm::pow(220.0 / hz, 0.55);
        let mut partials = Vec::new();
        for n in 1..=7 {
            let n = f64::from(n);
            // Strings are a little stiff: partials lie sharp.
            let ratio = n * (1.0 + 0.000_35 * n * n).sqrt();
            let amp = libm::pow(n, -1.7) / (1.0 + (hz * n / 1_500.0) * (hz * n / 1_500.0));
            partials.push((ratio * 0.9997, amp, life / (1.0 + 0.45 * (n - 1.0))));
            if n < 4.0 {
                partials.push((ratio * 1.0004, amp * 0.7, life / (0.45 + 0.3 * n)));
            }
        }
        self.ring(note, &partials, &Stroke { attack: 380.0, damp: 26_000.0, gain: 0.125, room: 0.45 });
        // The felt itself.
        let gain = 0.036 * note.amp;
        let (mut noise, mut felt) = (Noise::new(seed), Filter::new(300.0, 0.9));
        for k in 0..2_400 {
            let shape = smooth(k as f64 / 160.0) * (1.0 - smooth(k as f64 / 2_400.0));
            self.add(note.at + k, (felt.low(noise.next()) * shape) as f32 * gain, 0.5, 0.5, 0.3);
        }
    }

    /// A celesta.
    pub fn glass(&mut self, note: &Note) {
        let hz = midi(f64::from(note.pitch));
        let life = 3.4 * libm::pow(440.0 / hz, 0.4);
        let partials =
            [(1.0, 1.0, life), (1.0012, 0.5, life * 0.8), (2.0, 0.16, life * 0.5), (3.01, 0.1, life * 0.3), (5.4, 0.035, life * 0.14)];
        self.ring(note, &partials, &Stroke { attack: 170.0, damp: 48_000.0, gain: 0.07, room: 0.62 });
    }

    /// A soft low beat.
    pub fn pulse(&mut self, note: &Note) {
        let gain = 0.14 * f64::from(note.amp);
        let mut phase = 0.0f64;
        let sine = Table::new(&self.sine, &[1.0, 0.12]);
        for k in 0..19_200i64 {
            let t = k as f64 / RATE;
            let hz = 46.0 + 34.0 * libm::exp(-t * 26.0);
            phase = (phase + hz / RATE) % 1.0;
            let shape = smooth(k as f64 / 420.0) * libm::exp(-t * 11.0) * smooth((19_200 - k) as f64 / 2_400.0);
            let x = f64::from(sine.at((phase * 4_294_967_295.0) as u32)) * shape * gain;
            self.add(note.at + k, x as f32, 0.5, 0.5, 0.16);
        }
    }

    /// A hand drum.
    pub fn drum(&mut self, note: &Note, seed: Seed) {
        let stroke = Stroke { attack: 90.0, damp: 24_000.0, gain: 0.10, room: 0.35 };
        self.ring(note, &[(3.0, 1.0, 0.4), (4.77, 0.5, 0.3), (6.4, 0.3, 0.2)], &stroke);
        self.burst(note, seed, 900.0, 0.8, 2_900, 0.06);
    }

    /// A damped high tick.
    pub fn tick(&mut self, note: &Note, seed: Seed) {
        self.burst(note, seed, 3_400.0, 6.0, 900, 0.09);
    }

    fn burst(&mut self, note: &Note, seed: Seed, hz: f64, q: f64, length: i64, gain: f32) {
        let (mut noise, mut filter) = (Noise::new(seed), Filter::new(hz, q));
        let gain = gain * note.amp;
        for k in 0..length {
            let fall = 1.0 - smooth(k as f64 / length as f64);
            let x = filter.band(noise.next()) * smooth(k as f64 / 60.0) * fall * fall;
            self.add(note.at + k, x as f32 * gain, 0.5, 0.5, 0.3);
        }
    }
}
