//! What happens: struck, dropped, opened, rowed, written. As the air of a place the same things happen seldom.

use super::{
    Kind,
    stage::{Layer, Stage},
};
use crate::score::dsp::smooth;

/// Makes a sound of something that happens; `None` when the name is not one.
pub fn make(name: &str, stage: &mut Stage) -> Option<Kind> {
    match name {
        "oars" => oars(stage),
        "rope_creak" => {
            for at in stage.times(0.03, 1.3, 2.1, 2, 2.6) {
                let mut choose = stage.next_seed();
                let (length, pan) = (choose.range(0.5, 0.9), choose.range(-0.4, 0.4));
                stage.creak(at, length, 11.0, choose.range(26.0, 44.0), [310.0, 690.0, 1_500.0], 0.6, pan);
            }
            stage.room(0.12, 0.6, 0.5, 0.6);
        }
        "hinge" => {
            for at in stage.times(0.02, 2.0, 3.0, 1, 3.0) {
                stage.creak(at, 0.9, 38.0, 120.0, [540.0, 1_180.0, 2_350.0], 0.5, 0.1);
            }
            stage.room(0.25, 0.7, 0.45, 0.6);
        }
        "drip" | "drip_single" => {
            let most = if name == "drip" { 3 } else { 1 };
            for at in stage.times(0.05, 0.8, 1.2, most, 2.2) {
                let mut choose = stage.next_seed();
                let (hz, pan) = (choose.range(620.0, 900.0), choose.range(-0.3, 0.3));
                stage.burst(at, 0.012, 3_000.0, 1_500.0, 0.8, 0.1, 0.2, pan);
                stage.chirp(at + 0.012, 0.07, hz, hz * 2.1, 0.6, pan);
                stage.chirp(at + 0.10, 0.04, hz * 1.5, hz * 2.4, 0.12, pan);
            }
            stage.room(0.5, 1.5, 0.3, 0.9);
        }
        "pen" | "pencil_line" => pen(stage),
        "knock" | "knock_three" => {
            for start in stage.times(0.02, 9.0, 12.0, 1, 1.0) {
                for (k, loud) in [1.0, 0.85, 0.95].into_iter().enumerate() {
                    wood(stage, start + k as f64 * 0.42, loud);
                }
            }
            stage.room(0.22, 0.6, 0.45, 0.6);
        }
        "door" => {
            for at in stage.times(0.02, 9.0, 14.0, 1, 1.0) {
                stage.hit(at, &[(1_900.0, 0.4, 0.05), (3_100.0, 0.3, 0.03), (760.0, 0.5, 0.06)], 0.001, 0.5, 0.1);
                stage.creak(at + 0.18, 0.8, 24.0, 62.0, [420.0, 980.0, 1_900.0], 0.28, 0.1);
                stage.hit(at + 1.15, &[(82.0, 1.0, 0.25), (140.0, 0.6, 0.18), (330.0, 0.25, 0.1)], 0.003, 0.8, 0.0);
                stage.burst(at + 1.15, 0.12, 700.0, 250.0, 0.7, 0.04, 0.7, 0.0);
            }
            stage.room(0.3, 0.8, 0.45, 0.7);
        }
        "door_bang" => {
            for at in stage.times(0.02, 9.0, 14.0, 1, 1.0) {
                stage.hit(at, &[(64.0, 1.0, 0.4), (118.0, 0.8, 0.3), (240.0, 0.4, 0.16), (410.0, 0.25, 0.1)], 0.002, 1.0, 0.0);
                stage.burst(at, 0.22, 1_500.0, 300.0, 0.6, 0.02, 1.4, 0.0);
                for k in 1..5 {
                    stage.hit(at + 0.07 * f64::from(k), &[(880.0, 0.4, 0.05), (2_100.0, 0.3, 0.03)], 0.001, 0.3 / f64::from(k), 0.3);
                }
            }
            stage.room(0.45, 1.1, 0.4, 0.8);
        }
        "bell" => {
            for at in stage.times(0.01, 7.0, 11.0, 1, 1.2) {
                bell(stage, at, 392.0, 1.0);
            }
            stage.room(0.25, 2.4, 0.4, 1.2);
        }
        "bell_mule" => {
            for at in stage.times(0.01, 0.34, 0.9, 6, 2.0) {
                let partials = [(830.0, 1.0, 0.5), (1_245.0, 0.6, 0.35), (2_190.0, 0.35, 0.25), (3_320.0, 0.2, 0.12)];
                stage.hit(at, &partials, 0.0008, 0.5, 0.1);
            }
        }
        "footsteps" | "mules" => steps(stage, false),
        "boots" => steps(stage, true),
        "boots_iron" => {
            for at in stage.times(0.02, 0.54, 0.64, 5, 1.0) {
                let mut choose = stage.next_seed();
                let pitch = choose.range(0.93, 1.08);
                let iron = [(212.0, 0.9, 0.35), (487.0, 0.7, 0.5), (911.0, 0.5, 0.42), (1_640.0, 0.3, 0.3), (2_870.0, 0.14, 0.2)];
                stage.hit(at, &iron.map(|p| (p.0 * pitch, p.1, p.2)), 0.002, 0.5, 0.0);
                stage.burst(at, 0.05, 1_300.0, 500.0, 0.8, 0.05, 0.5, 0.0);
            }
            stage.room(0.45, 1.7, 0.3, 0.9);
        }
        "clock_tick" | "tick" => clock(stage),
        "thunder" => {
            for at in stage.times(0.01, 7.0, 12.0, 1, 1.0) {
                thunder(stage, at, 1.0);
            }
        }
        "page" => {
            for at in stage.times(0.03, 5.0, 9.0, 1, 1.0) {
                stage.burst(at, 0.34, 2_300.0, 5_200.0, 0.7, 0.55, 0.8, -0.1);
                stage.burst(at + 0.30, 0.16, 3_800.0, 1_500.0, 0.6, 0.08, 0.7, 0.15);
            }
            stage.room(0.12, 0.4, 0.4, 0.5);
        }
        "match" => {
            stage.burst(0.02, 0.22, 3_200.0, 5_600.0, 0.8, 0.4, 0.7, 0.1);
            stage.burst(0.20, 0.9, 2_600.0, 900.0, 0.5, 0.06, 0.9, 0.1);
            for k in 0..14 {
                let mut choose = stage.next_seed();
                stage.burst(
                    0.3 + 0.09 * f64::from(k) * choose.range(0.7, 1.3),
                    0.008,
                    3_300.0,
                    2_000.0,
                    1.0,
                    0.1,
                    choose.range(0.1, 0.5),
                    0.1,
                );
            }
        }
        "glass" => {
            for at in stage.times(0.01, 6.0, 9.0, 1, 1.0) {
                let clink = [(2_310.0, 1.0, 0.55), (3_890.0, 0.6, 0.4), (5_620.0, 0.4, 0.28), (8_240.0, 0.2, 0.15)];
                stage.hit(at, &clink, 0.0006, 0.5, 0.1);
                stage.hit(at + 0.11, &clink.map(|p| (p.0 * 1.07, p.1, p.2 * 0.7)), 0.0006, 0.22, -0.1);
            }
            stage.room(0.2, 0.6, 0.3, 0.5);
        }
        "cans" => {
            for at in stage.times(0.01, 0.5, 0.9, 3, 4.0) {
                let tin = [(340.0, 0.7, 0.22), (720.0, 1.0, 0.3), (1_330.0, 0.6, 0.25), (2_450.0, 0.4, 0.16), (4_100.0, 0.2, 0.08)];
                stage.hit(at, &tin, 0.0008, 0.5, 0.1);
                stage.burst(at, 0.03, 2_600.0, 1_100.0, 0.8, 0.05, 0.5, 0.1);
            }
            stage.room(0.3, 0.8, 0.4, 0.6);
        }
        "splash" => {
            for at in stage.times(0.01, 3.0, 6.0, 1, 2.0) {
                splash(stage, at, 1.0, 0.0);
            }
        }
        "canvas" => {
            for at in stage.times(0.02, 0.35, 0.9, 5, 2.0) {
                let mut choose = stage.next_seed();
                let (hz, pan) = (choose.range(160.0, 320.0), choose.range(-0.4, 0.4));
                stage.burst(at, 0.18, hz, hz * 0.6, 0.8, 0.12, choose.range(0.5, 1.0), pan);
                stage.burst(at, 0.07, 1_500.0, 900.0, 0.7, 0.1, 0.3, pan);
            }
        }
        "fog_horn" => {
            for at in stage.times(0.02, 11.0, 14.0, 1, 1.0) {
                horn(stage, at, &[92.0, 138.4], 2.3);
            }
            stage.room(0.5, 3.2, 0.55, 1.6);
        }
        "launch_whistle" => {
            for at in stage.times(0.02, 9.0, 12.0, 1, 1.0) {
                horn(stage, at, &[622.0, 741.0, 932.0], 1.1);
                stage.burst(at, 1.2, 2_400.0, 2_900.0, 0.6, 0.1, 0.5, 0.0);
            }
            stage.room(0.4, 2.0, 0.45, 1.4);
        }
        "lamp_dies" => {
            stage.burst(0.01, 0.10, 420.0, 160.0, 0.7, 0.1, 1.0, 0.0);
            stage.burst(0.05, 1.4, 2_800.0, 700.0, 0.5, 0.04, 0.5, 0.0);
        }
        "mill" => {
            for at in stage.times(0.02, 0.92, 1.04, 9, 1.0) {
                wood(stage, at, 0.8);
                stage.creak(at + 0.3, 0.5, 9.0, 20.0, [260.0, 560.0, 1_100.0], 0.3, 0.2);
            }
        }
        "radio_open" | "radio_close" => {
            stage.hit(0.01, &[(1_450.0, 0.7, 0.03), (2_700.0, 0.4, 0.02)], 0.0005, 0.7, 0.0);
            let (attack, length) = if name == "radio_open" { (0.05, 0.6) } else { (0.01, 0.25) };
            stage.burst(0.03, length, 1_900.0, 2_200.0, 0.5, attack, 0.6, 0.0);
        }
        "timer_ring" => {
            for at in stage.times(0.01, 9.0, 12.0, 1, 1.0) {
                for k in 0..22 {
                    let partials = [(2_480.0, 1.0, 0.3), (4_030.0, 0.5, 0.2), (6_110.0, 0.25, 0.1)];
                    stage.hit(at + 0.052 * f64::from(k), &partials, 0.0006, 0.3, 0.0);
                }
            }
        }
        "crust_crack" => {
            for (at, loud) in [(0.01, 1.0), (0.05, 0.5), (0.13, 0.7), (0.31, 0.25), (0.5, 0.15)] {
                stage.burst(at, 0.05, 2_600.0, 700.0, 0.7, 0.02, loud, 0.2);
                stage.hit(at, &[(140.0, 0.8, 0.2), (310.0, 0.4, 0.1)], 0.001, loud * 0.7, 0.0);
            }
        }
        "strap_cut" => {
            stage.burst(0.02, 0.16, 3_600.0, 1_900.0, 0.8, 0.7, 0.7, 0.0);
            stage.hit(0.17, &[(420.0, 0.8, 0.08), (900.0, 0.5, 0.05)], 0.001, 0.8, 0.0);
        }
        _ => return None,
    }
    Some(Kind::Happens)
}

/// One stroke after another: wood in its lock, the blade in, the pull, drops as it lifts.
fn oars(stage: &mut Stage) {
    for at in stage.times(0.02, 2.0, 2.3, 9, 1.0) {
        let mut choose = stage.next_seed();
        let pan = choose.range(-0.25, 0.25);
        stage.creak(at, 0.35, 16.0, 42.0, [280.0, 610.0, 1_240.0], 0.5, pan);
        stage.hit(at + 0.05, &[(150.0, 0.8, 0.1), (290.0, 0.5, 0.07), (640.0, 0.2, 0.04)], 0.002, 0.5, pan);
        splash(stage, at + 0.32, 0.6, pan);
        stage.burst(at + 0.42, 0.75, 380.0, 800.0, 0.9, 0.35, 0.75, pan);
        for k in 0..6 {
            let (later, hz) = (1.2 + 0.09 * f64::from(k) * choose.range(0.7, 1.4), choose.range(900.0, 1_900.0));
            stage.chirp(at + later, 0.035, hz, hz * 1.5, 0.10, pan);
        }
    }
    stage.room(0.1, 0.9, 0.5, 1.2);
}

fn splash(stage: &mut Stage, at: f64, loud: f64, pan: f64) {
    stage.burst(at, 0.16, 520.0, 1_500.0, 0.6, 0.08, 1.2 * loud, pan);
    stage.burst(at + 0.03, 0.5, 2_600.0, 1_700.0, 0.5, 0.1, 0.5 * loud, pan);
    let mut choose = stage.next_seed();
    for _ in 0..12 {
        let (later, hz) = (choose.range(0.05, 0.55), choose.range(350.0, 1_300.0));
        stage.chirp(at + later, 0.05, hz, hz * 1.6, 0.16 * loud, pan);
    }
}

fn wood(stage: &mut Stage, at: f64, loud: f64) {
    let door = [(118.0, 0.8, 0.16), (187.0, 1.0, 0.14), (318.0, 0.7, 0.10), (530.0, 0.4, 0.07), (870.0, 0.22, 0.05)];
    stage.hit(at, &door, 0.0012, 0.7 * loud, 0.0);
    stage.burst(at, 0.03, 1_900.0, 700.0, 0.7, 0.04, 0.8 * loud, 0.0);
}

/// Letters: short strokes of a nib, some up, some down, with gaps between words.
fn pen(stage: &mut Stage) {
    let mut choose = stage.next_seed();
    let mut at = 0.04;
    while at < stage.seconds() {
        for _ in 0..choose.between(4, 9) {
            let (length, loud) = (choose.range(0.05, 0.13), choose.range(0.35, 1.0));
            let hz = choose.range(2_600.0, 4_400.0);
            stage.burst(at, length, hz, hz * choose.range(0.75, 1.35), 1.1, 0.4, loud, 0.1);
            at += length * choose.range(0.8, 1.25);
        }
        // The hand lifts, and now and then goes to the ink.
        at += if choose.below(6) == 0 { choose.range(0.7, 1.1) } else { choose.range(0.12, 0.30) };
    }
    stage.room(0.08, 0.35, 0.4, 0.4);
}

fn bell(stage: &mut Stage, at: f64, hz: f64, loud: f64) {
    // Hum, prime, tierce, quint, nominal and two above, as founders name them; the tierce is minor.
    let partials = [
        (0.5, 0.5, 7.0),
        (1.0, 0.9, 5.0),
        (1.003, 0.4, 4.6),
        (1.2, 0.6, 3.8),
        (1.5, 0.35, 2.6),
        (2.0, 0.8, 3.0),
        (2.67, 0.25, 1.4),
        (4.02, 0.2, 0.8),
    ];
    stage.hit(at, &partials.map(|p| (p.0 * hz, p.1, p.2)), 0.0015, 0.3 * loud, 0.0);
    stage.burst(at, 0.03, 3_600.0, 2_000.0, 0.7, 0.05, 0.25 * loud, 0.0);
}

fn steps(stage: &mut Stage, heavy: bool) {
    let weight = if heavy { 1.0 } else { 0.6 };
    for (k, at) in stage.times(0.02, 0.50, 0.60, 5, 1.0).into_iter().enumerate() {
        let mut choose = stage.next_seed();
        let pan = if k % 2 == 0 { -0.12 } else { 0.12 };
        let pitch = choose.range(0.92, 1.1);
        stage.hit(at, &[(78.0 * pitch, weight, 0.12), (165.0 * pitch, 0.5, 0.08)], 0.003, 0.9, pan);
        stage.burst(at, 0.06, 900.0, 380.0, 0.7, 0.08, 0.6, pan);
        stage.burst(at + 0.07, 0.10, 1_900.0, 1_200.0, 0.6, 0.3, 0.16, pan);
    }
    stage.room(0.18, 0.6, 0.45, 0.6);
}

fn clock(stage: &mut Stage) {
    let mut at = 0.02;
    let mut k = 0;
    while at < stage.seconds() {
        let pitch = if k % 2 == 0 { 1.0 } else { 0.82 };
        stage.hit(at, &[(2_240.0 * pitch, 0.7, 0.03), (3_720.0 * pitch, 0.4, 0.02), (410.0 * pitch, 0.5, 0.05)], 0.0005, 0.6, 0.0);
        k += 1;
        at += 0.5;
    }
    stage.room(0.2, 0.5, 0.4, 0.5);
}

fn horn(stage: &mut Stage, at: f64, tones: &[f64], seconds: f64) {
    for tone in tones {
        // Reeds are rich: twelve harmonics, and breath.
        for n in 1..=12u32 {
            let gain = 0.28 / f64::from(n) / (1.0 + (f64::from(n) * tone / 900.0) * (f64::from(n) * tone / 900.0));
            stage.tone(at, seconds, tone * f64::from(n), gain);
        }
        stage.burst(at, seconds, tone * 3.0, tone * 3.2, 0.7, 0.12, 0.05, 0.0);
    }
}

/// A crack, then rolls that come later and lower.
pub fn thunder(stage: &mut Stage, at: f64, loud: f64) {
    let mut choose = stage.next_seed();
    stage.burst(at, 0.35, 1_300.0, 300.0, 0.5, 0.03, 0.9 * loud, 0.2);
    for k in 0..6 {
        let later = at + 0.12 + f64::from(k) * choose.range(0.18, 0.42);
        let (hz, pan) = (choose.range(70.0, 190.0), choose.range(-0.5, 0.5));
        stage.burst(later, choose.range(0.9, 1.8), hz * 1.5, hz * 0.6, 0.6, 0.12, loud * 1.8 / (1.0 + 0.5 * f64::from(k)), pan);
    }
    let end = at + 3.4;
    let roll = move |t: f64| if t < at { 0.0 } else { smooth((t - at) / 0.3) * (1.0 - smooth((t - at - 0.5) / (end - at - 0.5))) };
    stage.layer(Layer { low: 40.0, high: 110.0, q: 0.7, gain: 1.6 * loud, gusts: 0.7, period: 0.35 }, roll);
}
