//! What lasts: wind, water, rain, fire, the air of rooms and nights.

use super::{
    Kind,
    stage::{Layer, Stage},
};
use crate::score::dsp::smooth;

/// Makes a lasting sound; `None` when the name is not one.
pub fn make(name: &str, stage: &mut Stage) -> Option<Kind> {
    match name {
        "wind" => wind(stage, 1.0, |_| 1.0),
        "wind_low" => {
            stage.layer(Layer { low: 90.0, high: 260.0, q: 0.8, gain: 2.2, gusts: 0.7, period: 3.4 }, |_| 1.0);
            stage.layer(Layer { low: 260.0, high: 520.0, q: 1.4, gain: 0.35, gusts: 0.9, period: 2.6 }, |_| 1.0);
        }
        "wind_soft" | "breeze" => {
            stage.layer(Layer { low: 240.0, high: 620.0, q: 0.7, gain: 1.0, gusts: 0.8, period: 2.9 }, |_| 1.0);
            stage.layer(Layer { low: 2_200.0, high: 4_200.0, q: 0.6, gain: 0.10, gusts: 0.95, period: 1.9 }, |_| 1.0);
        }
        "wind_rising" => {
            let end = stage.seconds().max(0.1);
            wind(stage, 1.2, move |t| 0.25 + 0.75 * smooth(t / end));
        }
        // It blows, and then it does not.
        "wind_dies" => {
            let end = stage.seconds().clamp(0.4, 3.0);
            wind(stage, 1.0, move |t| 1.0 - smooth((t / end - 0.35) / 0.45));
        }
        "sea" | "waves" | "swell" => waves(stage, 1.0),
        "water_lap" => lap(stage, 1.0),
        "rain" => rain(stage, |_| 1.0),
        "rain_begins" => rain(stage, |t| smooth(t / 4.0)),
        "rain_glass" => {
            stage.layer(Layer { low: 700.0, high: 1_300.0, q: 0.5, gain: 0.30, gusts: 0.4, period: 2.0 }, |_| 1.0);
            drops(stage, 70.0, 0.5, 2_400.0, 6_500.0, |_| 1.0);
            stage.room(0.15, 0.5, 0.5, 0.4);
        }
        "fire" => fire(stage, 1.0),
        "fire_low" => fire(stage, 0.45),
        "room" | "room_tone" => {
            stage.layer(Layer { low: 60.0, high: 110.0, q: 0.6, gain: 1.4, gusts: 0.25, period: 5.0 }, |_| 1.0);
            stage.layer(Layer { low: 300.0, high: 420.0, q: 0.5, gain: 0.16, gusts: 0.3, period: 4.0 }, |_| 1.0);
        }
        "night_insects" => insects(stage),
        "harbour" => {
            waves(stage, 0.25);
            lap(stage, 0.8);
            for at in stage.times(1.2, 3.0, 5.0, 9, 1.3) {
                stage.creak(at, 0.7, 14.0, 34.0, [340.0, 720.0, 1_450.0], 0.12, 0.4);
            }
        }
        "gulls" => gulls(stage),
        "storm" => {
            wind(stage, 1.5, |_| 1.0);
            rain(stage, |_| 0.6);
            for at in stage.times(0.4, 5.0, 9.0, 9, 1.2) {
                super::things::thunder(stage, at, 1.6);
            }
        }
        "radio_hiss" => {
            stage.layer(Layer { low: 1_700.0, high: 2_300.0, q: 0.5, gain: 1.0, gusts: 0.35, period: 0.7 }, |_| 1.0);
            drops(stage, 9.0, 0.8, 900.0, 2_600.0, |_| 1.0);
        }
        "pot" => {
            stage.layer(Layer { low: 380.0, high: 620.0, q: 0.7, gain: 0.10, gusts: 0.5, period: 1.1 }, |_| 1.0);
            bubbles(stage, 16.0, 170.0, 420.0, 0.30);
            stage.room(0.2, 0.4, 0.5, 0.35);
        }
        "pour" => {
            stage.layer(Layer { low: 1_300.0, high: 2_600.0, q: 0.6, gain: 0.22, gusts: 0.4, period: 0.4 }, |_| 1.0);
            bubbles(stage, 60.0, 420.0, 1_300.0, 0.22);
        }
        _ => return None,
    }
    Some(Kind::Lasts)
}

fn wind(stage: &mut Stage, force: f64, shape: impl Fn(f64) -> f64 + Copy) {
    stage.layer(Layer { low: 110.0, high: 330.0, q: 0.8, gain: 1.8, gusts: 0.6, period: 2.8 }, shape);
    stage.layer(Layer { low: 380.0, high: 860.0, q: 1.6, gain: 0.9 * force, gusts: 0.85, period: 2.1 }, shape);
    // Around corners it whistles, in gusts only.
    stage.layer(Layer { low: 640.0, high: 1_250.0, q: 9.0, gain: 0.35 * force, gusts: 0.98, period: 2.4 }, shape);
}

fn waves(stage: &mut Stage, force: f64) {
    // Two trains of swell that never meet twice in the same way; water draws back darker than it comes.
    for (period, phase) in [(7.3, 0.1), (9.7, 0.55)] {
        let rise = move |t: f64| {
            let part = (t / period + phase) % 1.0;
            if part < 0.35 { smooth(part / 0.35) } else { 1.0 - smooth((part - 0.35) / 0.65) }
        };
        stage.layer(Layer { low: 140.0, high: 300.0, q: 0.6, gain: 1.5 * force, gusts: 0.3, period: 2.0 }, move |t| 0.25 + 0.75 * rise(t));
        stage.layer(Layer { low: 420.0, high: 800.0, q: 0.5, gain: 0.7 * force, gusts: 0.3, period: 1.4 }, move |t| 0.05 + rise(t));
        let foam = move |t: f64| rise(t - 0.5) * rise(t - 0.5);
        stage.layer(Layer { low: 2_300.0, high: 4_400.0, q: 0.5, gain: 0.20 * force, gusts: 0.4, period: 0.9 }, foam);
    }
}

fn lap(stage: &mut Stage, force: f64) {
    stage.layer(Layer { low: 180.0, high: 300.0, q: 0.7, gain: 0.35 * force, gusts: 0.6, period: 2.2 }, |_| 1.0);
    stage.scatter(
        |_| 1.3,
        |stage, at, choose| {
            let (length, hz, pan) = (choose.range(0.22, 0.5), choose.range(260.0, 520.0), choose.range(-0.7, 0.7));
            let gain = force * choose.range(0.15, 0.5);
            stage.burst(at, length, hz, hz * 2.2, 1.3, 0.3, gain, pan);
            for _ in 0..choose.below(4) {
                let (later, tone) = (choose.range(0.05, length), choose.range(320.0, 900.0));
                stage.chirp(at + later, 0.05, tone, tone * 1.5, gain * 0.35, pan);
            }
        },
    );
}

fn rain(stage: &mut Stage, shape: impl Fn(f64) -> f64 + Copy) {
    stage.layer(Layer { low: 3_800.0, high: 6_200.0, q: 0.4, gain: 0.5, gusts: 0.3, period: 2.2 }, shape);
    stage.layer(Layer { low: 600.0, high: 1_000.0, q: 0.5, gain: 0.30, gusts: 0.3, period: 3.0 }, shape);
    drops(stage, 110.0, 0.20, 1_600.0, 5_200.0, shape);
}

fn drops(stage: &mut Stage, rate: f64, gain: f64, low: f64, high: f64, shape: impl Fn(f64) -> f64 + Copy) {
    stage.scatter(
        move |t| rate * shape(t),
        |stage, at, choose| {
            let size = choose.unit();
            let (hz, pan) = (choose.range(low, high), choose.range(-0.9, 0.9));
            stage.hit(at, &[(hz, 1.0, 0.02 + 0.03 * size)], 0.0006, gain * (0.2 + 0.8 * size * size * size), pan);
        },
    );
}

fn bubbles(stage: &mut Stage, rate: f64, low: f64, high: f64, gain: f64) {
    stage.scatter(
        |_| rate,
        |stage, at, choose| {
            let (hz, length) = (choose.range(low, high), choose.range(0.03, 0.09));
            let (loud, pan) = (gain * choose.range(0.2, 1.0), choose.range(-0.4, 0.4));
            stage.chirp(at, length, hz, hz * choose.range(1.2, 1.9), loud, pan);
        },
    );
}

fn fire(stage: &mut Stage, force: f64) {
    stage.layer(Layer { low: 70.0, high: 170.0, q: 0.7, gain: 1.0, gusts: 0.5, period: 0.8 }, |_| 1.0);
    stage.layer(Layer { low: 900.0, high: 1_900.0, q: 0.5, gain: 0.12, gusts: 0.6, period: 0.5 }, |_| 1.0);
    stage.scatter(
        |_| 11.0 * force + 2.0,
        |stage, at, choose| {
            // Most are faint, a few snap.
            let size = choose.unit();
            let (hz, pan) = (choose.range(1_100.0, 4_800.0), choose.range(-0.6, 0.6));
            let gain = 0.1 + 1.3 * size * size * size * size * size;
            stage.burst(at, 0.004 + 0.02 * size, hz, hz * 0.7, 1.2, 0.05, gain * (0.5 + 0.5 * force), pan);
        },
    );
}

fn insects(stage: &mut Stage) {
    stage.layer(Layer { low: 200.0, high: 380.0, q: 0.6, gain: 0.30, gusts: 0.5, period: 4.0 }, |_| 1.0);
    for (hz, pan, pause, gain) in [(4_350.0, -0.6, 0.62, 0.10), (4_010.0, 0.5, 0.81, 0.07), (5_120.0, 0.1, 1.37, 0.035)] {
        let mut choose = stage.next_seed();
        let mut at = choose.range(0.0, pause);
        while at < stage.seconds() {
            for pulse in 0..3 + choose.below(2) {
                let hz = hz * choose.range(0.994, 1.006);
                stage.chirp(at + pulse as f64 * 0.033, 0.026, hz, hz * 0.985, gain, pan);
            }
            at += pause * choose.range(0.85, 1.25);
        }
    }
}

fn gulls(stage: &mut Stage) {
    for at in stage.times(0.1, 2.4, 4.4, 2, 1.1) {
        let mut choose = stage.next_seed();
        let (pan, pitch, loud) = (choose.range(-0.8, 0.8), choose.range(0.88, 1.12), choose.range(0.35, 1.0));
        let mut t = at;
        for call in 0..2 + choose.below(4) {
            let length = choose.range(0.20, 0.34) * if call == 0 { 1.5 } else { 1.0 };
            let top = 1_560.0 * pitch * choose.range(0.94, 1.05);
            // A cry has a few harmonics and a rasp; it leaps up and falls.
            for (n, gain) in [(1.0, 1.0), (2.0, 0.55), (3.0, 0.22)] {
                stage.chirp(t, length * 0.22, top * 0.72 * n, top * n, 0.10 * gain * loud, pan);
                stage.chirp(t + length * 0.12, length, top * n, top * 0.62 * n, 0.20 * gain * loud, pan);
            }
            stage.burst(t + length * 0.1, length * 0.8, top * 1.9, top * 1.2, 5.0, 0.2, 0.12 * loud, pan);
            t += length + choose.range(0.05, 0.16);
        }
    }
    stage.room(0.55, 1.6, 0.35, 1.4);
}
