//! Strings with a bow.

use contracts::Seed;

use super::{BLOCK, Stage, sides};
use crate::score::{
    compose::Note,
    dsp::{Filter, Noise, RATE, Table, Wander, midi, smooth, step},
};

impl Stage {
    fn bowed(&mut self, pitch: i32) -> (Table, Table) {
        let sine = &self.sine;
        self.tables
            .entry((0, pitch))
            .or_insert_with(|| {
                let hz = midi(f64::from(pitch));
                // A saw, shaped by the body of a low string instrument: air at 110 Hz, wood at 250 and 420, bridge at 1.4 kHz.
                let body = |f: f64| {
                    let hump = |centre: f64, width: f64| 1.0 / (1.0 + ((f - centre) / width) * ((f - centre) / width));
                    0.45 + 0.9 * hump(110.0, 60.0) + 0.8 * hump(250.0, 90.0) + 0.7 * hump(420.0, 140.0) + 0.35 * hump(1_400.0, 500.0)
                };
                let harmonics = |cut: f64| -> Vec<f32> {
                    let count = ((6_000.0 / hz) as usize).clamp(1, 48);
                    let wave: Vec<f64> = (1..=count)
                        .map(|n| {
                            let f = hz * n as f64;
                            body(f) / n as f64 / (1.0 + (f / cut) * (f / cut))
                        })
                        .collect();
                    let power = wave.iter().map(|a| a * a / 2.0).sum::<f64>().sqrt();
                    wave.iter().map(|a| (a / power) as f32).collect()
                };
                (Table::new(sine, &harmonics(560.0)), Table::new(sine, &harmonics(2_400.0)))
            })
            .clone()
    }

    /// Three desks that drift apart.
    pub fn strings(&mut self, note: &Note, bright: f32, tremolo: f32, seed: &Seed) {
        let (dark, light) = self.bowed(note.pitch);
        let hz = midi(f64::from(note.pitch));
        // Short chords speak sooner.
        let attack = (note.held as f64 * 0.4).clamp(12_000.0, 46_000.0);
        let release = 72_000.0;
        let length = note.held + release as i64;
        // Low pitches carry more power than they are heard with; high ones less.
        let tilt = (libm::pow(hz / 130.0, -0.12) * 0.018) as f32 * note.amp;
        for (desk, cents) in [(-1.0f32, -5.5), (0.15, 0.8), (1.0, 6.0)] {
            let mut drift = Wander::new(seed.derive(&format!("drift {cents}")), 1.3);
            let mut swell = Wander::new(seed.derive(&format!("swell {cents}")), 2.4);
            let mut noise = Noise::new(seed.derive(&format!("bow {cents}")));
            let mut bow = Filter::new(1_700.0, 0.8);
            let mut phase = (noise.range(0.0, 4_294_967_295.0)) as u32;
            let mut shake = noise.range(0.0, 1.0);
            let rate = noise.range(5.6, 6.9) / RATE;
            let (left, right) = sides(note.pan + desk * 0.3);
            let mut before = 0f32;
            let mut k = 0i64;
            while k < length && note.at + k < self.samples {
                let at = note.at + k;
                let (rise, fall) = (smooth(k as f64 / attack), 1.0 - smooth((k - note.held) as f64 / release));
                let (wave, breath) = (drift.after(BLOCK), swell.after(BLOCK));
                shake = (shake + rate * BLOCK as f64) % 1.0;
                let shiver = 1.0 - f64::from(tremolo) * (0.5 + 0.5 * libm::cos(2.0 * std::f64::consts::PI * shake)) * 0.8;
                let now = (rise * fall * shiver * (1.0 + 0.16 * breath)) as f32 * tilt;
                let ratio = 1.0 + (cents + 3.0 * wave) * 0.000_577_8;
                let inc = step(hz * ratio);
                let mix = (bright * (0.55 + 0.45 * (rise as f32)) * (1.0 + 0.25 * breath as f32)).clamp(0.0, 1.0);
                for j in 0..BLOCK as i64 {
                    let gain = before + (now - before) * (j as f32 / BLOCK as f32);
                    phase = phase.wrapping_add(inc);
                    let tone = dark.at(phase) * (1.0 - mix) + light.at(phase) * mix;
                    let hair = bow.band(noise.next()) as f32;
                    self.add(at + j, (tone + hair * 0.10) * gain, left, right, 0.36);
                }
                before = now;
                k += BLOCK as i64;
            }
        }
    }

    /// One string that sings: it leans into a note, and its vibrato comes late.
    pub fn solo(&mut self, note: &Note, seed: &Seed) {
        let (dark, light) = self.bowed(note.pitch);
        let hz = midi(f64::from(note.pitch));
        let (attack, release) = ((note.held as f64 * 0.3).clamp(3_600.0, 9_600.0), 20_000.0);
        let mut drift = Wander::new(seed.derive("drift"), 0.9);
        let mut noise = Noise::new(seed.derive("bow"));
        let mut bow = Filter::new(2_100.0, 0.8);
        let (left, right) = sides(note.pan * 0.6);
        let rate = noise.range(5.0, 5.7) / RATE;
        let (mut phase, mut turn, mut before, mut k) = (0u32, 0f64, 0f32, 0i64);
        while k < note.held + release as i64 && note.at + k < self.samples {
            let arch = smooth(k as f64 / attack) * (1.0 - smooth((k - note.held) as f64 / release));
            let swell = 0.8 + 0.2 * smooth(k as f64 / (note.held as f64 * 0.6).max(1.0));
            let now = (arch * swell) as f32 * 0.066 * note.amp;
            turn = (turn + rate * BLOCK as f64) % 1.0;
            let vibrato = 16.0 * smooth((k as f64 - 10_000.0) / 16_000.0) * libm::sin(2.0 * std::f64::consts::PI * turn);
            let inc = step(hz * (1.0 + (vibrato + 2.0 * drift.after(BLOCK)) * 0.000_577_8));
            let mix = (0.30 + 0.35 * arch) as f32;
            for j in 0..BLOCK as i64 {
                let gain = before + (now - before) * (j as f32 / BLOCK as f32);
                phase = phase.wrapping_add(inc);
                let tone = dark.at(phase) * (1.0 - mix) + light.at(phase) * mix;
                let hair = bow.band(noise.next()) as f32;
                self.add(note.at + k + j, (tone + hair * 0.12) * gain, left, right, 0.42);
            }
            before = now;
            k += BLOCK as i64;
        }
    }

    /// One thin high string.
    pub fn held(&mut self, note: &Note, seed: &Seed) {
        let wave = Table::new(&self.sine, &[1.0, 0.28, 0.14, 0.05]);
        let hz = midi(f64::from(note.pitch));
        let (attack, release) = ((note.held as f64 * 0.5).clamp(24_000.0, 130_000.0), 84_000.0);
        let mut breath = Wander::new(seed.derive("breath"), 3.1);
        let mut drift = Wander::new(seed.derive("drift"), 0.9);
        let mut noise = Noise::new(seed.derive("air"));
        let mut air = Filter::new(hz * 2.0, 3.0);
        let (mut phase, mut other, mut before) = (0u32, 1u32 << 30, 0f32);
        let mut k = 0i64;
        while k < note.held + release as i64 && note.at + k < self.samples {
            let at = note.at + k;
            let shape = smooth(k as f64 / attack) * (1.0 - smooth((k - note.held) as f64 / release));
            let (swell, wave_off) = (breath.after(BLOCK), drift.after(BLOCK));
            let now = (shape * (0.7 + 0.3 * swell)) as f32 * 0.016 * note.amp;
            let inc = step(hz * (1.0 + wave_off * 0.0016));
            let inc2 = step(hz * (1.0025 - wave_off * 0.0012));
            for j in 0..BLOCK as i64 {
                let gain = before + (now - before) * (j as f32 / BLOCK as f32);
                phase = phase.wrapping_add(inc);
                other = other.wrapping_add(inc2);
                let hair = air.band(noise.next()) as f32 * 0.35;
                let (a, b) = (wave.at(phase) + hair, wave.at(other) + hair);
                self.add(at + j, a * gain, 0.62, 0.22, 0.5);
                self.add(at + j, b * gain, 0.22, 0.62, 0.5);
            }
            before = now;
            k += BLOCK as i64;
        }
    }
}
