//! What lives: birds, dogs, hooves, people who talk among themselves.

use super::{
    Kind,
    stage::{Layer, Stage},
};
use crate::score::dsp::{Filter, Noise, RATE, Wander, smooth};

/// Makes a sound of something that lives; `None` when the name is not one.
pub fn make(name: &str, stage: &mut Stage) -> Option<Kind> {
    match name {
        "birds" => birds(stage),
        "crowd" => crowd(stage),
        "crow" => {
            for at in stage.times(0.02, 2.4, 4.0, 1, 1.6) {
                caws(stage, at);
            }
            stage.room(0.3, 1.4, 0.4, 1.3);
            return Some(Kind::Happens);
        }
        "owl" => {
            for at in stage.times(0.02, 5.0, 8.0, 1, 1.6) {
                for (later, length, hz) in [(0.0, 0.30, 372.0), (0.62, 0.22, 355.0), (0.92, 0.75, 366.0)] {
                    stage.tone(at + later, length, hz, 0.4);
                    stage.tone(at + later, length, hz * 2.0, 0.05);
                    stage.burst(at + later, length, hz * 2.2, hz * 2.0, 2.0, 0.2, 0.05, 0.2);
                }
            }
            stage.room(0.5, 2.0, 0.45, 1.5);
            return Some(Kind::Happens);
        }
        "dog" => {
            for at in stage.times(0.01, 2.2, 4.5, 1, 1.8) {
                let mut choose = stage.next_seed();
                let (pitch, pan) = (choose.range(0.92, 1.08), choose.range(-0.3, 0.3));
                let mut t = at;
                for k in 0..2 + choose.below(2) {
                    bark(stage, t, pitch * choose.range(0.95, 1.05), if k == 0 { 1.0 } else { 0.85 }, pan);
                    t += choose.range(0.34, 0.52);
                }
            }
            stage.room(0.25, 1.1, 0.45, 1.1);
            return Some(Kind::Happens);
        }
        "hoof" => {
            let mut k = 0;
            for at in stage.times(0.02, 0.92, 1.0, 3, 1.0) {
                // Four feet of a walk, two and two.
                for later in [0.0, 0.21, 0.47, 0.69] {
                    clop(stage, at + later, k);
                    k += 1;
                }
            }
            stage.room(0.2, 0.7, 0.4, 0.8);
            return Some(Kind::Happens);
        }
        _ => return None,
    }
    Some(Kind::Lasts)
}

/// Small birds, each with a phrase of its own that it says again, never quite the same.
fn birds(stage: &mut Stage) {
    stage.layer(Layer { low: 300.0, high: 700.0, q: 0.5, gain: 0.035, gusts: 0.6, period: 3.2 }, |_| 1.0);
    for (number, (low, high, pause)) in
        [(2_700.0, 3_600.0, 1.9), (3_900.0, 5_200.0, 2.7), (2_050.0, 2_700.0, 3.6), (4_600.0, 6_200.0, 4.4)].into_iter().enumerate()
    {
        let mut choose = stage.next_seed();
        let pan = [-0.55, 0.6, 0.15, -0.2][number];
        let loud = [1.0, 0.6, 0.8, 0.35][number];
        let phrase: Vec<(f64, f64, f64)> =
            (0..2 + choose.below(4)).map(|_| (choose.range(0.05, 0.15), choose.range(low, high), choose.range(low, high))).collect();
        let trills = choose.below(3) == 0;
        let mut at = choose.range(0.02, 0.4 + 0.3 * number as f64);
        while at < stage.seconds() {
            let mut t = at;
            for (length, from, to) in &phrase {
                let bend = choose.range(0.97, 1.03);
                let times = if trills { 3 } else { 1 };
                for _ in 0..times {
                    let length = length / f64::from(times);
                    stage.chirp(t, length * 1.3, from * bend, to * bend, 0.2 * loud, pan);
                    stage.chirp(t, length * 1.1, from * bend * 2.0, to * bend * 2.0, 0.025 * loud, pan);
                    t += length * 1.15;
                }
                t += choose.range(0.02, 0.07);
            }
            at = t + pause * choose.range(0.5, 1.5);
        }
    }
    stage.room(0.6, 1.3, 0.35, 1.4);
}

fn caws(stage: &mut Stage, at: f64) {
    let mut choose = stage.next_seed();
    let (pan, mut t) = (choose.range(-0.5, 0.5), at);
    for _ in 0..2 + choose.below(2) {
        let (length, hz) = (choose.range(0.24, 0.34), choose.range(500.0, 570.0));
        for n in 1..=6 {
            let n = f64::from(n);
            stage.chirp(t, length, hz * n, hz * 0.8 * n, 0.16 / (0.6 + 0.4 * n), pan);
        }
        stage.burst(t, length, 1_500.0, 1_150.0, 1.2, 0.1, 0.5, pan);
        t += length + choose.range(0.12, 0.25);
    }
}

fn bark(stage: &mut Stage, at: f64, pitch: f64, loud: f64, pan: f64) {
    for n in 1..=7 {
        let n = f64::from(n);
        // A throat: most of it lies near 700 Hz and 1.4 kHz.
        let hz = 330.0 * pitch * n;
        let body = 1.0 / (1.0 + ((hz - 720.0) / 420.0) * ((hz - 720.0) / 420.0))
            + 0.5 / (1.0 + ((hz - 1_450.0) / 500.0) * ((hz - 1_450.0) / 500.0));
        stage.chirp(at, 0.05, hz * 0.8, hz * 1.15, 0.22 * body * loud, pan);
        stage.chirp(at + 0.03, 0.17, hz * 1.15, hz * 0.72, 0.5 * body * loud, pan);
    }
    stage.burst(at, 0.15, 1_150.0 * pitch, 750.0 * pitch, 0.8, 0.12, 0.7 * loud, pan);
}

fn clop(stage: &mut Stage, at: f64, k: usize) {
    let mut choose = stage.next_seed();
    let pitch = [1.0, 0.84, 1.07, 0.9][k % 4] * choose.range(0.96, 1.05);
    let pan = [-0.15, 0.15, -0.05, 0.05][k % 4];
    let hollow = [(430.0, 0.6, 0.05), (790.0, 1.0, 0.06), (1_340.0, 0.5, 0.035), (2_200.0, 0.2, 0.02)];
    stage.hit(at, &hollow.map(|p| (p.0 * pitch, p.1, p.2)), 0.0008, 0.5 * choose.range(0.8, 1.0), pan);
    stage.hit(at, &[(96.0, 0.6, 0.07)], 0.002, 0.4, pan);
    stage.burst(at, 0.03, 1_900.0, 900.0, 0.7, 0.05, 0.3, pan);
}

/// Many people, none of whom is understood.
fn crowd(stage: &mut Stage) {
    for number in 0..11 {
        let seed = stage.next_seed();
        let mut choose = seed.derive("who");
        let low = choose.below(2) == 0;
        let hz = if low { choose.range(95.0, 140.0) } else { choose.range(170.0, 235.0) };
        let pan = f64::from(number) / 5.0 - 1.0;
        speaker(stage, &seed, hz, if low { 1.0 } else { 1.14 }, 0.16 * choose.range(0.5, 1.0), pan);
    }
    stage.layer(Layer { low: 320.0, high: 620.0, q: 0.6, gain: 0.10, gusts: 0.4, period: 1.6 }, |_| 1.0);
    stage.room(0.5, 0.9, 0.5, 1.0);
}

/// One of them: a voice whose vowels and syllables come by chance, with pauses to breathe.
fn speaker(stage: &mut Stage, seed: &contracts::Seed, hz: f64, size: f64, gain: f64, pan: f64) {
    const VOWELS: [(f64, f64); 6] =
        [(700.0, 1_150.0), (480.0, 1_700.0), (320.0, 2_100.0), (460.0, 900.0), (340.0, 780.0), (560.0, 1_350.0)];
    let (mut choose, mut noise) = (seed.derive("syllables"), Noise::new(seed.derive("breath")));
    let mut tune = Wander::new(seed.derive("tune"), 0.7);
    // A mouth at some distance: above its second vowel little comes through.
    let (mut filters, mut far) = ([Filter::new(500.0, 5.0), Filter::new(1_400.0, 6.0)], Filter::new(1_900.0 * size, 0.6));
    let (left, right) = ((1.0 - pan).min(1.0), (1.0 + pan).min(1.0));
    let mut phase = 0.0;
    let mut start = (choose.unit() * RATE * 0.8) as usize;
    let mut left_to_say = choose.between(3, 9);
    while start < stage.frames {
        let length = (choose.range(0.12, 0.26) * RATE) as usize;
        let (f1, f2) = *choose.pick(&VOWELS).unwrap_or(&VOWELS[0]);
        filters[0].tune(f1 * size, 5.0);
        filters[1].tune(f2 * size, 6.0);
        let loud = gain * choose.range(0.5, 1.0);
        let pitch = hz * (1.0 + 0.14 * tune.after(length));
        for k in 0..length.min(stage.frames - start) {
            phase += pitch / RATE;
            let push = if phase >= 1.0 {
                phase -= 1.0;
                1.0
            } else {
                0.0
            };
            let source = push * 6.0 - 6.0 * pitch / RATE + noise.next() * 0.05;
            let part = k as f64 / length as f64;
            let mouth = far.low(filters[0].band(source) + 0.5 * filters[1].band(source));
            let x = mouth * loud * smooth(part * 5.0) * smooth((1.0 - part) * 3.0);
            stage.add(start + k, x * left, x * right);
        }
        left_to_say -= 1;
        start += length + (choose.range(0.0, 0.05) * RATE) as usize;
        if left_to_say <= 0 {
            left_to_say = choose.between(3, 9);
            start += (choose.range(0.25, 1.1) * RATE) as usize;
        }
    }
}
