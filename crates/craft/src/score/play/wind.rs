//! Breath: a flute, a low reed, a horn far back.

use contracts::Seed;

use super::{BLOCK, Stage, sides};
use crate::score::{
    compose::Note,
    dsp::{Filter, Noise, RATE, Table, Wander, midi, smooth, step},
};

/// How an instrument is blown.
pub struct Blown {
    /// Its place among the tables.
    kind: u8,
    /// Harmonics when it begins, and when it is in full voice.
    dark: &'static [f32],
    light: &'static [f32],
    /// Samples until it speaks, and until it is silent again.
    attack: f64,
    release: f64,
    /// Depth of vibrato in cents.
    vibrato: f64,
    /// Loudness of the breath in it, and of the first breath.
    breath: f32,
    chiff: f32,
    gain: f32,
    room: f32,
}

pub const FLUTE: Blown = Blown {
    kind: 1,
    dark: &[1.0, 0.22, 0.06, 0.02],
    light: &[1.0, 0.42, 0.16, 0.07, 0.03],
    attack: 3_400.0,
    release: 7_200.0,
    vibrato: 13.0,
    breath: 0.16,
    chiff: 0.5,
    gain: 0.056,
    room: 0.55,
};
pub const REED: Blown = Blown {
    kind: 2,
    dark: &[1.0, 0.03, 0.30, 0.03, 0.10, 0.02, 0.03],
    light: &[1.0, 0.06, 0.52, 0.07, 0.28, 0.06, 0.14, 0.03, 0.06],
    attack: 2_800.0,
    release: 6_000.0,
    vibrato: 4.0,
    breath: 0.05,
    chiff: 0.12,
    gain: 0.058,
    room: 0.5,
};
pub const HORN: Blown = Blown {
    kind: 3,
    dark: &[1.0, 0.55, 0.22, 0.08, 0.03],
    light: &[1.0, 0.85, 0.62, 0.42, 0.26, 0.15, 0.08, 0.04, 0.02],
    attack: 5_200.0,
    release: 12_000.0,
    vibrato: 3.0,
    breath: 0.02,
    chiff: 0.0,
    gain: 0.064,
    room: 0.85,
};

impl Stage {
    /// A blown note.
    pub fn blow(&mut self, note: &Note, seed: &Seed, how: &Blown) {
        let sine = &self.sine;
        let even = |wave: &[f32]| -> Vec<f32> {
            let power = (wave.iter().map(|a| a * a).sum::<f32>() * 0.5).sqrt();
            wave.iter().map(|a| a / power).collect()
        };
        let (dark, light) = self
            .tables
            .entry((how.kind, 0))
            .or_insert_with(|| (Table::new(sine, &even(how.dark)), Table::new(sine, &even(how.light))))
            .clone();
        let hz = midi(f64::from(note.pitch));
        let mut drift = Wander::new(seed.derive("drift"), 0.8);
        let mut swell = Wander::new(seed.derive("swell"), 1.4);
        let mut noise = Noise::new(seed.derive("breath"));
        let mut mouth = Filter::new((hz * 2.0).clamp(600.0, 4_000.0), 1.4);
        let rate = noise.range(4.7, 5.4) / RATE;
        let (left, right) = sides(note.pan);
        // Short notes are tongued, long ones grow.
        let attack = how.attack.min(note.held as f64 * 0.4);
        let (mut phase, mut turn, mut before, mut k) = (0u32, 0f64, 0f32, 0i64);
        while k < note.held + how.release as i64 && note.at + k < self.samples {
            let rise = smooth(k as f64 / attack);
            let fall = 1.0 - smooth((k - note.held) as f64 / how.release);
            let grow = 0.82 + 0.18 * smooth(k as f64 / 30_000.0);
            let late = smooth((k as f64 - 14_000.0) / 16_000.0);
            turn = (turn + rate * BLOCK as f64) % 1.0;
            let wave = libm::sin(2.0 * std::f64::consts::PI * turn) * late;
            let now = (rise * fall * grow * (1.0 + 0.05 * wave + 0.06 * swell.after(BLOCK))) as f32 * how.gain * note.amp;
            // A blown note comes from a little below.
            let scoop = -18.0 * (1.0 - smooth(k as f64 / (attack * 1.6)));
            let inc = step(hz * (1.0 + (how.vibrato * wave + 2.5 * drift.after(BLOCK) + scoop) * 0.000_577_8));
            let mix = (0.15 + 0.6 * rise * fall * grow) as f32 * note.amp.min(1.0);
            let air = how.breath + how.chiff * (smooth(k as f64 / 300.0) * (1.0 - smooth(k as f64 / 3_600.0))) as f32;
            for j in 0..BLOCK as i64 {
                let gain = before + (now - before) * (j as f32 / BLOCK as f32);
                phase = phase.wrapping_add(inc);
                let tone = dark.at(phase) * (1.0 - mix) + light.at(phase) * mix;
                let breath = mouth.band(noise.next()) as f32;
                self.add(note.at + k + j, (tone + breath * air) * gain, left, right, how.room);
            }
            before = now;
            k += BLOCK as i64;
        }
    }
}
