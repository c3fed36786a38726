//! A hand that fills the frame: open, or with a thing between thumb and fingers. Its wrist is at the origin, it points to
//! +x, and the scale is that of a head.

use super::{Cast, Desk, Person};
use crate::paper::{Group, Rgb, Xf};

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
