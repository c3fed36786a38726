//! What people built: engines, pumps, wheels, signals, metal.

use super::{
    Kind,
    stage::{Layer, Stage},
};
use crate::score::dsp::{Filter, Noise, RATE, Wander, smooth};

/// Makes a sound of a machine or a tool; `None` when the name is not one.
pub fn make(name: &str, stage: &mut Stage) -> Option<Kind> {
    match name {
        "engine" => {
            motor(stage, 24.0, [84.0, 168.0, 410.0], 0.5);
            stage.layer(Layer { low: 700.0, high: 1_100.0, q: 0.6, gain: 0.05, gusts: 0.3, period: 0.6 }, |_| 1.0);
        }
        "burn" => {
            // A flame in a bell of metal: it is lit with a blow and then roars.
            let lit = |t: f64| 0.15 + 0.85 * smooth(t / 0.35);
            stage.layer(Layer { low: 38.0, high: 80.0, q: 0.6, gain: 2.4, gusts: 0.25, period: 0.5 }, lit);
            stage.layer(Layer { low: 120.0, high: 260.0, q: 0.5, gain: 1.1, gusts: 0.3, period: 0.3 }, lit);
            stage.layer(Layer { low: 700.0, high: 1_500.0, q: 0.5, gain: 0.28, gusts: 0.3, period: 0.2 }, lit);
            if !stage.ambience {
                stage.hit(0.01, &[(52.0, 1.0, 0.5), (97.0, 0.5, 0.3)], 0.006, 0.9, 0.0);
            }
        }
        "hum" => {
            for (hz, gain) in [(50.0, 0.25), (100.0, 0.30), (150.0, 0.08), (200.0, 0.10), (300.0, 0.04), (402.0, 0.025)] {
                drone(stage, hz, gain);
            }
            stage.layer(Layer { low: 240.0, high: 420.0, q: 0.5, gain: 0.16, gusts: 0.15, period: 3.0 }, |_| 1.0);
            stage.layer(Layer { low: 1_600.0, high: 2_200.0, q: 0.5, gain: 0.03, gusts: 0.2, period: 2.0 }, |_| 1.0);
        }
        "pump" => {
            let mut at = 0.02;
            while at < stage.seconds() {
                stage.hit(at, &[(62.0, 1.0, 0.16), (124.0, 0.5, 0.1), (365.0, 0.15, 0.06)], 0.006, 0.9, 0.0);
                stage.burst(at + 0.05, 0.34, 1_500.0, 900.0, 0.6, 0.4, 0.22, 0.1);
                stage.hit(at + 0.48, &[(88.0, 0.6, 0.12), (810.0, 0.1, 0.05)], 0.004, 0.6, 0.05);
                stage.burst(at + 0.50, 0.30, 700.0, 1_100.0, 0.6, 0.3, 0.12, -0.1);
                at += 0.92;
            }
            stage.layer(Layer { low: 90.0, high: 140.0, q: 0.7, gain: 0.10, gusts: 0.2, period: 1.0 }, |_| 1.0);
            stage.room(0.2, 0.7, 0.5, 0.7);
        }
        "wheel" => {
            stage.layer(Layer { low: 90.0, high: 210.0, q: 0.7, gain: 0.5, gusts: 0.5, period: 0.4 }, |_| 1.0);
            stage.layer(Layer { low: 500.0, high: 900.0, q: 0.6, gain: 0.10, gusts: 0.6, period: 0.3 }, |_| 1.0);
            let mut choose = stage.next_seed();
            let mut at = 0.05;
            while at < stage.seconds() {
                stage.creak(at, 0.5, 18.0, 46.0, [420.0, 930.0, 1_750.0], 0.4, 0.15);
                for _ in 0..2 + choose.below(3) {
                    let (later, hz) = (choose.range(0.0, 1.2), choose.range(0.8, 1.25));
                    stage.hit(at + later, &[(140.0 * hz, 0.8, 0.06), (390.0 * hz, 0.5, 0.04)], 0.002, 0.35, -0.1);
                }
                at += choose.range(1.2, 1.4);
            }
            stage.room(0.1, 0.5, 0.5, 0.7);
        }
        "beep" => {
            for at in stage.times(0.01, 1.4, 1.6, 2, 2.0) {
                for later in [0.0, 0.16] {
                    stage.tone(at + later, 0.11, 1_046.5, 0.34);
                    stage.tone(at + later, 0.11, 2_093.0, 0.06);
                }
            }
            stage.room(0.15, 0.4, 0.4, 0.5);
            return Some(Kind::Happens);
        }
        "clang" => {
            for at in stage.times(0.01, 2.6, 4.2, 1, 2.0) {
                let iron = [
                    (178.0, 0.5, 1.2),
                    (431.0, 0.9, 1.4),
                    (713.0, 0.7, 1.1),
                    (1_190.0, 0.6, 0.8),
                    (1_930.0, 0.35, 0.5),
                    (3_260.0, 0.2, 0.3),
                ];
                stage.hit(at, &iron, 0.0008, 0.4, 0.0);
                stage.burst(at, 0.05, 2_600.0, 900.0, 0.7, 0.03, 0.6, 0.0);
            }
            stage.room(0.4, 1.6, 0.35, 0.9);
            return Some(Kind::Happens);
        }
        "spoon" => {
            for at in stage.times(0.02, 0.62, 0.78, 4, 2.4) {
                let mut choose = stage.next_seed();
                let pitch = choose.range(0.94, 1.06);
                let bowl = [(1_720.0, 0.6, 0.22), (2_930.0, 1.0, 0.16), (4_480.0, 0.5, 0.1), (6_900.0, 0.25, 0.06)];
                stage.hit(at, &bowl.map(|p| (p.0 * pitch, p.1, p.2)), 0.0006, 0.36, 0.1);
                // Round the bowl, and against it again.
                stage.burst(at + 0.08, 0.32, 2_500.0, 3_400.0, 1.4, 0.5, 0.10, 0.0);
                stage.hit(at + 0.38, &bowl.map(|p| (p.0 * pitch * 1.03, p.1, p.2 * 0.7)), 0.0006, 0.18, -0.1);
            }
            stage.room(0.15, 0.5, 0.4, 0.5);
            return Some(Kind::Happens);
        }
        _ => return None,
    }
    Some(Kind::Lasts)
}

/// A steady tone that breathes a little.
fn drone(stage: &mut Stage, hz: f64, gain: f64) {
    let mut swell = Wander::new(stage.next_seed(), 1.7);
    let (mut phase, mut now) = (0.0, gain);
    for k in 0..stage.frames {
        if k % super::stage::BLOCK == 0 {
            now += (gain * (1.0 + 0.15 * swell.after(super::stage::BLOCK)) - now) * 0.2;
        }
        phase += hz / RATE;
        if phase >= 1.0 {
            phase -= 1.0;
        }
        let x = libm::sin(2.0 * std::f64::consts::PI * phase) * now;
        stage.add(k, x, x);
    }
}

/// Explosions in a row that ring a body.
fn motor(stage: &mut Stage, rate: f64, body: [f64; 3], gain: f64) {
    let seed = stage.next_seed();
    let mut noise = Noise::new(seed.derive("fire"));
    let mut hunt = Wander::new(seed.derive("hunt"), 1.9);
    let mut filters = body.map(|hz| Filter::new(hz, 3.0));
    let (mut phase, mut push, mut now, mut stroke) = (0.0, 0.0, rate, 0usize);
    for k in 0..stage.frames {
        if k % super::stage::BLOCK == 0 {
            now = rate * (1.0 + 0.035 * hunt.after(super::stage::BLOCK));
        }
        phase += now / RATE;
        if phase >= 1.0 {
            phase -= 1.0;
            // Four cylinders, none like the next.
            push = [1.0, 0.82, 0.94, 0.76][stroke % 4] * (1.0 + 0.12 * noise.next());
            stroke += 1;
        }
        let source = push * (0.75 + 0.25 * noise.next());
        push *= 0.9965;
        let x: f64 = filters.iter_mut().zip([1.0, 0.8, 0.35]).map(|(f, g)| f.band(source) * g).sum::<f64>() * gain;
        stage.add(k, x * 0.97, x * 1.03);
    }
}
