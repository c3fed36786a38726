//! Hands. Those that fill the frame: open, or with a thing between thumb and fingers. Those of whole figures: at rest,
//! closed, pointing, laid on something. The wrist is at the origin, the hand points to +x with its thumb at −y, and the scale
//! is that of a head.

use super::{Cast, Desk, Person, stance::Grip};
use crate::paper::{Group, Pt, Rgb, Xf};

/// How far from the wrist the edge of a held thing lies, hu.
pub const HELD: f32 = 0.21;

fn shadow(d: &Desk, m: f32) -> Cast {
    let k = d.t.k;
    Some((-d.light * d.t.m * 0.030 * k * m, 0.04 * k * m, 0.05 * k * m, 0.42))
}

/// Palm and fingers: what lies behind a thing that is held.
pub fn fingers(g: &mut Group, xf: &Xf, w: &Person, light: f32) {
    let mut d = Desk { g, t: *xf, light, part: "hand" };
    let s = shadow(&d, 0.35);
    // Four fingers, fanned, under the back of the hand; the thumb over it.
    for (i, length) in [0.44f32, 0.475, 0.455, 0.395].into_iter().enumerate() {
        let y = -0.073 + i as f32 * 0.049;
        let (end, half) = (y * 1.22, if i == 3 { 0.021 } else { 0.024 });
        let finger = pts![
            (0.12, y - half),
            (0.27, y * 1.1 - half * 1.05),
            (length - 0.03, end - half * 0.92),
            (length, end),
            (length - 0.03, end + half * 0.92),
            (0.27, y * 1.1 + half * 1.05),
            (0.12, y + half)
        ];
        let s = shadow(&d, 0.14);
        d.put(&format!("finger/{i}"), &finger, Rgb::mix(w.skin, w.skin_shade, 0.06 * i as f32), |q| q.cast(s).k(0.4).tex(0.4));
    }
    let back = pts![
        (-0.12, -0.062),
        (-0.03, -0.072),
        (0.05, -0.098),
        (0.15, -0.112),
        (0.205, -0.09),
        (0.215, 0.0),
        (0.195, 0.085),
        (0.12, 0.102),
        (0.02, 0.092),
        (-0.06, 0.07),
        (-0.12, 0.062)
    ];
    let palm = d.put("palm", &back, w.skin, |q| q.cast(s).k(0.4).tex(0.4));
    let shade = pts![(-0.14, 0.03), (0.0, 0.035), (0.12, 0.05), (0.23, 0.03), (0.2, 0.14), (-0.14, 0.12)];
    d.put("palm/shade", &shade, w.skin_shade, |q| q.alpha(0.35).k(0.4).tex(0.4).clip(&palm));
}

/// The ball of the thumb and the thumb, laid over the edge of what is held.
pub fn thumb_over(g: &mut Group, xf: &Xf, w: &Person, light: f32) {
    let mut d = Desk { g, t: *xf, light, part: "hand" };
    let s = shadow(&d, 0.28);
    let shape = pts![
        (-0.11, -0.052),
        (-0.03, -0.082),
        (0.06, -0.116),
        (0.15, -0.136),
        (0.24, -0.130),
        (0.325, -0.108),
        (0.362, -0.082),
        (0.352, -0.053),
        (0.30, -0.042),
        (0.22, -0.050),
        (0.155, -0.040),
        (0.11, 0.0),
        (0.04, 0.046),
        (-0.06, 0.050),
        (-0.12, 0.030)
    ];
    let skin = Rgb::mix(w.skin, w.skin_light, 0.20);
    let thumb = d.put("thumb-over", &shape, skin, |q| q.cast(s).k(0.4).tex(0.4));
    let under =
        pts![(0.36, -0.06), (0.30, -0.055), (0.22, -0.068), (0.14, -0.055), (0.08, -0.005), (0.0, 0.03), (0.06, 0.08), (0.38, -0.02)];
    d.put("thumb-over/shade", &under, w.skin_shade, |q| q.alpha(0.30).k(0.4).tex(0.4).clip(&thumb));
    let nail = pts![(0.306, -0.102), (0.336, -0.098), (0.354, -0.082), (0.346, -0.070), (0.318, -0.070), (0.302, -0.084)];
    d.put("thumb-over/nail", &nail, Rgb::mix(w.skin_light, Rgb::WHITE, 0.18), |q| q.alpha(0.75).k(0.2).tex(0.2).clip(&thumb));
    for x in [0.215f32, 0.228] {
        d.line(&pts![(x, -0.122), (x + 0.008, -0.105), (x + 0.004, -0.090)], w.skin_shade, 0.005, 0.8, 0.5);
    }
}

/// A hand of a person at rest, about .45 hu long: origin at the wrist, fingers to +x.
pub fn hand(g: &mut Group, xf: &Xf, w: &Person, light: f32) {
    fingers(g, xf, w, light);
    let mut d = Desk { g, t: *xf, light, part: "hand" };
    let s = shadow(&d, 0.2);
    d.put(
        "thumb",
        &pts![
            (-0.02, -0.075),
            (0.06, -0.125),
            (0.15, -0.168),
            (0.235, -0.178),
            (0.25, -0.15),
            (0.19, -0.115),
            (0.12, -0.065),
            (0.03, -0.03)
        ],
        Rgb::mix(w.skin, w.skin_light, 0.25),
        |q| q.cast(s).k(0.4).tex(0.4),
    );
}

/// The hand of a whole figure or of an arm before a bust.
pub(super) fn small(g: &mut Group, xf: &Xf, w: &Person, light: f32, grip: Grip, part: &'static str) {
    let mut d = Desk { g, t: *xf, light, part };
    let d = &mut d;
    let shade = Rgb::mix(w.skin, w.skin_shade, 0.34);
    let lit = Rgb::mix(w.skin, w.skin_light, 0.28);
    // Below this size single fingers are noise: one shape with a thumb.
    let fine = d.t.k >= 24.0;
    let s = shadow(d, 0.3);
    let inner = shadow(d, 0.14);
    let finger = |d: &mut Desk, i: usize, points: &[Pt], color: Rgb| {
        d.put(&format!("finger/{i}"), points, color, |q| q.cast(inner).k(0.3).tex(0.4));
    };
    match grip {
        Grip::Hidden => {}
        Grip::Rest => {
            // The far fingers first: they show past the near ones, as the hand curls.
            if fine {
                finger(d, 0, &pts![(0.16, 0.02), (0.30, 0.05), (0.385, 0.075), (0.37, 0.115), (0.27, 0.105), (0.16, 0.09)], shade);
                finger(d, 1, &pts![(0.17, -0.03), (0.32, -0.005), (0.425, 0.03), (0.41, 0.07), (0.29, 0.055), (0.17, 0.04)], shade);
            }
            let back = pts![
                (-0.06, -0.085),
                (0.06, -0.10),
                (0.17, -0.095),
                (0.30, -0.065),
                (0.40, -0.022),
                (0.415, 0.012),
                (0.37, 0.018),
                (0.27, 0.0),
                (0.21, 0.03),
                (0.17, 0.085),
                (0.05, 0.095),
                (-0.06, 0.075)
            ];
            d.put("hand", &back, w.skin, |q| q.cast(s).k(0.3).tex(0.45));
            if fine {
                d.line(&pts![(0.20, -0.035), (0.29, -0.022), (0.36, 0.0)], w.skin_shade, 0.010, 0.7, 0.55);
            }
            let thumb =
                pts![(0.02, -0.075), (0.10, -0.125), (0.19, -0.135), (0.265, -0.115), (0.26, -0.085), (0.17, -0.075), (0.08, -0.03)];
            d.put("thumb", &thumb, lit, |q| q.cast(inner).k(0.3).tex(0.4));
        }
        Grip::Fist => {
            let fist = pts![
                (-0.06, -0.08),
                (0.05, -0.12),
                (0.16, -0.125),
                (0.235, -0.09),
                (0.25, 0.0),
                (0.225, 0.09),
                (0.13, 0.125),
                (0.02, 0.105),
                (-0.06, 0.07)
            ];
            d.put("hand", &fist, w.skin, |q| q.cast(s).k(0.3).tex(0.45));
            if fine {
                for y in [-0.045f32, 0.012, 0.062] {
                    d.line(&pts![(0.115, y), (0.18, y + 0.004), (0.235, y - 0.002)], w.skin_shade, 0.011, 0.7, 0.6);
                }
            }
            let thumb = pts![(0.03, -0.09), (0.12, -0.105), (0.185, -0.06), (0.19, -0.015), (0.155, -0.01), (0.12, -0.055), (0.05, -0.045)];
            d.put("thumb", &thumb, lit, |q| q.cast(inner).k(0.3).tex(0.4));
        }
        Grip::Point => {
            let index = pts![(0.10, -0.105), (0.28, -0.10), (0.47, -0.078), (0.495, -0.058), (0.47, -0.038), (0.28, -0.030), (0.12, -0.02)];
            d.put("finger/0", &index, w.skin, |q| q.cast(s).k(0.3).tex(0.45));
            let palm = pts![
                (-0.06, -0.08),
                (0.06, -0.11),
                (0.17, -0.105),
                (0.235, -0.06),
                (0.25, 0.015),
                (0.225, 0.085),
                (0.13, 0.115),
                (0.02, 0.10),
                (-0.06, 0.07)
            ];
            d.put("hand", &palm, w.skin, |q| q.cast(inner).k(0.3).tex(0.45));
            if fine {
                for y in [0.0f32, 0.052] {
                    d.line(&pts![(0.12, y), (0.18, y + 0.004), (0.238, y)], w.skin_shade, 0.011, 0.7, 0.6);
                }
            }
            let thumb = pts![(0.02, -0.07), (0.10, -0.10), (0.19, -0.075), (0.22, -0.035), (0.185, -0.02), (0.12, -0.045), (0.05, -0.03)];
            d.put("thumb", &thumb, lit, |q| q.cast(inner).k(0.3).tex(0.4));
        }
        Grip::Open => {
            // Palm up: the fingers fan forward, the thumb stands off.
            for (i, (y, length, end)) in
                [(0.062f32, 0.36f32, 0.075f32), (0.026, 0.42, 0.028), (-0.012, 0.44, -0.02), (-0.048, 0.415, -0.066)]
                    .into_iter()
                    .enumerate()
            {
                if !fine && i % 2 == 1 {
                    continue;
                }
                let h = if fine { 0.024 } else { 0.045 };
                let f = pts![
                    (0.12, y - h),
                    (0.27, y - h + (end - y) * 0.4),
                    (length, end - h * 0.5),
                    (length, end + h * 0.5),
                    (0.27, y + h + (end - y) * 0.4),
                    (0.12, y + h)
                ];
                finger(d, i, &f, Rgb::mix(w.skin, w.skin_shade, 0.22 - 0.06 * i as f32));
            }
            let palm = pts![
                (-0.07, -0.075),
                (0.06, -0.092),
                (0.17, -0.085),
                (0.215, -0.02),
                (0.20, 0.07),
                (0.10, 0.10),
                (0.0, 0.09),
                (-0.07, 0.07)
            ];
            d.put("hand", &palm, w.skin, |q| q.cast(s).k(0.3).tex(0.45));
            let thumb = pts![(0.02, -0.07), (0.08, -0.13), (0.15, -0.19), (0.195, -0.205), (0.205, -0.175), (0.16, -0.125), (0.10, -0.055)];
            d.put("thumb", &thumb, lit, |q| q.cast(inner).k(0.3).tex(0.4));
        }
        Grip::Flat => {
            if fine {
                for (i, (y, length)) in [(0.066f32, 0.33f32), (0.028, 0.385), (-0.010, 0.40), (-0.046, 0.375)].into_iter().enumerate() {
                    let h = 0.023;
                    let f = pts![
                        (0.12, y - h),
                        (0.26, y - h),
                        (length, y - h * 0.6 + 0.012),
                        (length, y + h * 0.6 + 0.012),
                        (0.26, y + h),
                        (0.12, y + h)
                    ];
                    finger(d, i, &f, Rgb::mix(w.skin, w.skin_shade, 0.20 - 0.05 * i as f32));
                }
            }
            let reach = if fine { 0.22 } else { 0.38 };
            let back = pts![
                (-0.07, -0.075),
                (0.05, -0.095),
                (0.15, -0.092),
                (reach, -0.055),
                (reach + 0.01, 0.02),
                (reach - 0.03, 0.075),
                (0.08, 0.098),
                (-0.07, 0.072)
            ];
            d.put("hand", &back, w.skin, |q| q.cast(s).k(0.3).tex(0.45));
            let thumb =
                pts![(0.03, -0.075), (0.10, -0.118), (0.18, -0.128), (0.235, -0.105), (0.22, -0.08), (0.15, -0.072), (0.08, -0.035)];
            d.put("thumb", &thumb, lit, |q| q.cast(inner).k(0.3).tex(0.4));
        }
    }
}

/// Fingers closed over a thing that was painted after the hand: `xf` is the hand's, as [`super::Anchors`] gives it.
pub fn clasp(g: &mut Group, xf: &Xf, w: &Person, light: f32) {
    let mut d = Desk { g, t: *xf, light, part: "clasp" };
    let s = shadow(&d, 0.16);
    for (i, y) in [-0.06f32, -0.012, 0.036, 0.08].into_iter().enumerate() {
        let f = pts![(0.045, y - 0.026), (0.15, y - 0.03), (0.215, y - 0.012), (0.215, y + 0.014), (0.15, y + 0.026), (0.045, y + 0.024)];
        d.put(&format!("finger/{i}"), &f, Rgb::mix(w.skin, w.skin_shade, 0.07 * i as f32), |q| q.cast(s).k(0.3).tex(0.4));
    }
    let thumb = pts![(-0.02, -0.075), (0.06, -0.118), (0.15, -0.112), (0.175, -0.085), (0.14, -0.066), (0.06, -0.05)];
    d.put("thumb", &thumb, Rgb::mix(w.skin, w.skin_light, 0.28), |q| q.cast(s).k(0.3).tex(0.4));
}
