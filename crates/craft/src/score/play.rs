//! How notes sound: bowed wave tables, ringing partials, a soft beat, in one room.

use std::collections::BTreeMap;

use contracts::Seed;

use super::{
    compose::{Note, Player},
    dsp::{Filter, Noise, RATE, Ring, Room, Table, Wander, bend, midi, smooth, step},
};

/// Samples between two looks at slow values.
const BLOCK: usize = 64;

/// Loudness of the whole over time, one value a block.
pub struct Level(Vec<f32>);

impl Level {
    /// From (first, one past the last, level 0 to 3), with soft changes; silence before and after the film.
    pub fn new(spans: &[(i64, i64, u8)], samples: usize) -> Self {
        const GAINS: [f64; 4] = [0.0, 0.52, 0.76, 1.0];
        let goal = |at: i64| spans.iter().find(|s| at >= s.0 && at < s.1).map_or(0.0, |s| GAINS[usize::from(s.2.min(3))]);
        // A mean over 0.7 s around each moment turns steps into slopes.
        let around: i64 = 16_800;
        let end = samples as i64;
        let value = |k: usize| {
            let at = (k * BLOCK) as i64;
            let mean = (-4i64..=4).map(|j| goal((at + j * around / 4).clamp(0, (end - 1).max(0)))).sum::<f64>() / 9.0;
            let open = smooth(at as f64 / 36_000.0) * smooth((end - at) as f64 / 60_000.0);
            (mean * open) as f32
        };
        let rough: Vec<f32> = (0..=samples / BLOCK + 1).map(value).collect();
        // Nine looks make nine small steps; a second mean takes their corners off.
        let wide = 66;
        let mut sum: f64 = rough.iter().take(wide).map(|x| f64::from(*x)).sum();
        let mut smoothed = Vec::with_capacity(rough.len());
        for k in 0..rough.len() {
            let (from, to) = (k.saturating_sub(wide), (k + wide).min(rough.len()));
            smoothed.push((sum / (to - from) as f64) as f32);
            sum += rough.get(k + wide).map_or(0.0, |x| f64::from(*x));
            sum -= if k >= wide { f64::from(rough[k - wide]) } else { 0.0 };
        }
        Self(smoothed)
    }

    fn at(&self, sample: i64) -> f32 {
        self.0.get((sample.max(0) as usize) / BLOCK).copied().unwrap_or(0.0)
    }
}

/// Plays all notes into interleaved stereo.
pub fn play(notes: &[Note], level: &Level, samples: usize) -> Vec<f32> {
    let mut stage = Stage {
        dry: vec![0.0; samples * 2],
        wet: vec![0.0; samples],
        samples: samples as i64,
        level,
        sine: Table::sine(),
        tables: BTreeMap::new(),
    };
    for (number, note) in notes.iter().enumerate() {
        let seed = Seed::of(&["note", &number.to_string(), &note.pitch.to_string()]);
        match note.player {
            Player::Strings { bright, tremolo } => stage.strings(note, bright, tremolo, &seed),
            Player::Held => stage.held(note, &seed),
            Player::Felt => stage.felt(note, seed),
            Player::Glass => stage.glass(note),
            Player::Pulse => stage.pulse(note),
            Player::Drum => stage.drum(note, seed),
            Player::Tick => stage.tick(note, seed),
        }
    }
    let Stage { mut dry, wet, .. } = stage;
    let mut room = Room::new(2.9, 0.42, 1.0);
    for (k, (pair, x)) in dry.chunks_exact_mut(2).zip(wet).enumerate() {
        let (l, r) = room.next(x);
        // The room goes out with the film.
        let end = 1.6 * smooth((samples - 1 - k) as f64 / 24_000.0) as f32;
        pair[0] = bend((pair[0] + l) * end, 0.34, 0.5);
        pair[1] = bend((pair[1] + r) * end, 0.34, 0.5);
    }
    dry
}

struct Stage<'a> {
    dry: Vec<f32>,
    wet: Vec<f32>,
    samples: i64,
    level: &'a Level,
    sine: Vec<f32>,
    /// Dark and bright wave of a bowed pitch.
    tables: BTreeMap<i32, (Table, Table)>,
}

impl Stage<'_> {
    /// Adds a sample with a pan and a share for the room.
    #[inline]
    fn add(&mut self, at: i64, x: f32, left: f32, right: f32, room: f32) {
        if at >= 0 && at < self.samples {
            let k = at as usize;
            self.dry[2 * k] += x * left;
            self.dry[2 * k + 1] += x * right;
            self.wet[k] += x * room;
        }
    }

    fn bowed(&mut self, pitch: i32) -> (Table, Table) {
        let sine = &self.sine;
        self.tables
            .entry(pitch)
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

    fn strings(&mut self, note: &Note, bright: f32, tremolo: f32, seed: &Seed) {
        let (dark, light) = self.bowed(note.pitch);
        let hz = midi(f64::from(note.pitch));
        let (attack, release) = (52_000.0, 84_000.0);
        let length = note.held + release as i64;
        // Low pitches carry more power than they are heard with; high ones less.
        let tilt = (libm::pow(hz / 130.0, -0.12) * 0.028) as f32 * note.amp;
        for (desk, cents) in [(-1.0f32, -5.5), (0.15, 0.8), (1.0, 6.0)] {
            let mut drift = Wander::new(seed.derive(&format!("drift {cents}")), 1.3);
            let mut swell = Wander::new(seed.derive(&format!("swell {cents}")), 2.4);
            let mut noise = Noise::new(seed.derive(&format!("bow {cents}")));
            let mut bow = Filter::new(1_700.0, 0.8);
            let mut phase = (noise.range(0.0, 4_294_967_295.0)) as u32;
            let mut shake = noise.range(0.0, 1.0);
            let rate = noise.range(5.6, 6.9) / RATE;
            let pan = (note.pan + desk * 0.3).clamp(-1.0, 1.0);
            let (left, right) = ((1.0 - pan) * 0.5, (1.0 + pan) * 0.5);
            let mut before = 0f32;
            let mut k = 0i64;
            while k < length {
                let at = note.at + k;
                let (rise, fall) = (smooth(k as f64 / attack), 1.0 - smooth((k - note.held) as f64 / release));
                let (wave, breath) = (drift.after(BLOCK), swell.after(BLOCK));
                shake = (shake + rate * BLOCK as f64) % 1.0;
                let shiver = 1.0 - f64::from(tremolo) * (0.5 + 0.5 * libm::cos(2.0 * std::f64::consts::PI * shake)) * 0.8;
                let now = (rise * fall * shiver * (1.0 + 0.16 * breath)) as f32 * tilt * self.level.at(at);
                if at + BLOCK as i64 <= 0 || at >= self.samples || (now == 0.0 && before == 0.0) {
                    before = now;
                    k += BLOCK as i64;
                    continue;
                }
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

    fn held(&mut self, note: &Note, seed: &Seed) {
        let wave = Table::new(&self.sine, &[1.0, 0.28, 0.14, 0.05]);
        let hz = midi(f64::from(note.pitch));
        let (attack, release) = (130_000.0, 96_000.0);
        let mut breath = Wander::new(seed.derive("breath"), 3.1);
        let mut drift = Wander::new(seed.derive("drift"), 0.9);
        let mut noise = Noise::new(seed.derive("air"));
        let mut air = Filter::new(hz * 2.0, 3.0);
        let (mut phase, mut other, mut before) = (0u32, 1u32 << 30, 0f32);
        let mut k = 0i64;
        while k < note.held + release as i64 {
            let at = note.at + k;
            let shape = smooth(k as f64 / attack) * (1.0 - smooth((k - note.held) as f64 / release));
            let (swell, wave_off) = (breath.after(BLOCK), drift.after(BLOCK));
            let now = (shape * (0.7 + 0.3 * swell)) as f32 * 0.018 * note.amp * self.level.at(at);
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

    /// Rings a set of partials: (ratio, loudness, seconds to −60 dB), with a soft start.
    fn ring(&mut self, note: &Note, partials: &[(f64, f64, f64)], attack: f64, gain: f64, room: f32) {
        let hz = midi(f64::from(note.pitch));
        let gain = gain * f64::from(note.amp) * f64::from(self.level.at(note.at));
        if gain == 0.0 || note.at >= self.samples {
            return;
        }
        let longest = partials.iter().map(|p| p.2).fold(0.0, f64::max);
        let mut rings: Vec<Ring> = partials.iter().filter(|p| p.0 * hz < 12_000.0).map(|p| Ring::new(p.0 * hz, p.1 * gain, p.2)).collect();
        let (left, right) = ((1.0 - note.pan) * 0.5, (1.0 + note.pan) * 0.5);
        let length = (longest * 1.1 * RATE) as i64;
        for k in 0..length.min(self.samples - note.at) {
            let x: f64 = rings.iter_mut().map(Ring::next).sum();
            let start = smooth(k as f64 / attack);
            let end = smooth((length - k) as f64 / 9_600.0);
            self.add(note.at + k, (x * start * end) as f32, left, right, room);
        }
    }

    fn felt(&mut self, note: &Note, seed: Seed) {
        let hz = midi(f64::from(note.pitch));
        let life = 5.0 * libm::pow(220.0 / hz, 0.55);
        let mut partials = Vec::new();
        for n in 1..=7 {
            let n = f64::from(n);
            // Strings are a little stiff: partials lie sharp.
            let ratio = n * (1.0 + 0.000_35 * n * n).sqrt();
            let amp = libm::pow(n, -1.7) / (1.0 + (hz * n / 1_500.0) * (hz * n / 1_500.0));
            partials.push((ratio * 0.9997, amp, life / (1.0 + 0.45 * (n - 1.0))));
            partials.push((ratio * 1.0004, amp * 0.7, life / (0.45 + 0.3 * n)));
        }
        self.ring(note, &partials, 380.0, 0.175, 0.42);
        // The felt itself.
        let gain = 0.012 * note.amp * self.level.at(note.at);
        let (mut noise, mut felt) = (Noise::new(seed), Filter::new(300.0, 0.9));
        for k in 0..2_400 {
            let shape = smooth(k as f64 / 160.0) * (1.0 - smooth(k as f64 / 2_400.0));
            self.add(note.at + k, (felt.low(noise.next()) * shape) as f32 * gain * 3.0, 0.5, 0.5, 0.3);
        }
    }

    fn glass(&mut self, note: &Note) {
        let hz = midi(f64::from(note.pitch));
        let life = 3.4 * libm::pow(440.0 / hz, 0.4);
        let partials =
            [(1.0, 1.0, life), (1.0012, 0.5, life * 0.8), (2.0, 0.16, life * 0.5), (3.01, 0.1, life * 0.3), (5.4, 0.035, life * 0.14)];
        self.ring(note, &partials, 170.0, 0.088, 0.62);
    }

    fn pulse(&mut self, note: &Note) {
        let gain = 0.2 * f64::from(note.amp) * f64::from(self.level.at(note.at));
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

    fn drum(&mut self, note: &Note, seed: Seed) {
        self.ring(note, &[(3.0, 1.0, 0.4), (4.77, 0.5, 0.3), (6.4, 0.3, 0.2)], 90.0, 0.16, 0.3);
        self.burst(note, seed, 900.0, 0.8, 2_900, 0.1);
    }

    fn tick(&mut self, note: &Note, seed: Seed) {
        self.burst(note, seed, 3_400.0, 6.0, 900, 0.12);
    }

    fn burst(&mut self, note: &Note, seed: Seed, hz: f64, q: f64, length: i64, gain: f32) {
        let (mut noise, mut filter) = (Noise::new(seed), Filter::new(hz, q));
        let gain = gain * note.amp * self.level.at(note.at);
        for k in 0..length {
            let fall = 1.0 - smooth(k as f64 / length as f64);
            let x = filter.band(noise.next()) * smooth(k as f64 / 60.0) * fall * fall;
            self.add(note.at + k, x as f32 * gain, 0.5, 0.5, 0.3);
        }
    }
}
