//! Hat, helmet and crown, from every side.

use contracts::story::{Garment, Headwear};

use super::{Cast, Desk, Person};
use crate::paper::{Edge, Pt, Rgb, disc, lerp};

/// Which side a head shows.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Seen {
    /// Between front (0) and three quarters (1).
    Yaw(f32),
    /// In profile.
    Profile,
    /// From behind.
    Back,
}

/// The four drawings of one sheet: front, three quarters, profile, back.
fn pick(seen: Seen, front: &[Pt], turned: &[Pt], profile: &[Pt], back: &[Pt]) -> Vec<Pt> {
    match seen {
        Seen::Yaw(y) => lerp(front, turned, y),
        Seen::Profile => profile.to_vec(),
        Seen::Back => back.to_vec(),
    }
}

/// Paints what is over hair and forehead. `cast` gives a shadow `m` times as deep as usual.
pub(super) fn over(d: &mut Desk, w: &Person, seen: Seen, cast: &dyn Fn(f32) -> Cast) {
    match w.headwear {
        Headwear::Hat => hat(d, w, seen, cast),
        Headwear::Helmet => helmet(d, w, seen, cast),
        Headwear::Crown => crown(d, w, seen, cast),
        _ => {}
    }
}

fn hat(d: &mut Desk, w: &Person, seen: Seen, cast: &dyn Fn(f32) -> Cast) {
    let front = pts![
        (-0.385, -0.20),
        (-0.40, -0.42),
        (-0.33, -0.66),
        (-0.12, -0.735),
        (0.0, -0.70),
        (0.12, -0.735),
        (0.33, -0.66),
        (0.40, -0.42),
        (0.385, -0.20),
        (0.0, -0.26)
    ];
    let turned = pts![
        (-0.44, -0.12),
        (-0.475, -0.36),
        (-0.40, -0.62),
        (-0.16, -0.74),
        (-0.03, -0.70),
        (0.09, -0.725),
        (0.28, -0.63),
        (0.36, -0.42),
        (0.34, -0.24),
        (-0.05, -0.20)
    ];
    let profile = pts![
        (-0.46, -0.10),
        (-0.50, -0.36),
        (-0.40, -0.63),
        (-0.13, -0.745),
        (0.0, -0.70),
        (0.13, -0.72),
        (0.29, -0.60),
        (0.355, -0.40),
        (0.33, -0.22),
        (-0.05, -0.18)
    ];
    let crown =
        d.put("hat", &pick(seen, &front, &turned, &profile, &front), w.cap[2], |q| q.edge(Edge::Cut).cast(cast(1.1)).k(0.7).tex(0.6));
    let dent = pts![(-0.20, -0.72, c), (-0.02, -0.60), (0.20, -0.71, c), (0.10, -0.655), (-0.08, -0.655)];
    d.put("hat/dent", &dent, w.cap[0], |q| q.alpha(0.5).k(0.4).tex(0.5).clip(&crown));
    let l = -d.light;
    let shade = pts![(l * 0.26, -0.72, c), (l * 0.33, -0.45), (l * 0.30, -0.15, c), (l * 0.60, -0.15, c), (l * 0.60, -0.72, c)];
    d.put("hat/shade", &shade, w.cap[0], |q| q.alpha(0.55).k(0.4).tex(0.5).clip(&crown));
    let band = [
        pts![(-0.42, -0.15), (-0.42, -0.31), (-0.2, -0.365), (0.0, -0.38), (0.2, -0.365), (0.42, -0.31), (0.42, -0.15), (0.0, -0.22)],
        pts![(-0.47, -0.06), (-0.50, -0.21), (-0.2, -0.30), (0.05, -0.33), (0.22, -0.335), (0.38, -0.315), (0.37, -0.18), (0.0, -0.17)],
        pts![(-0.49, -0.04), (-0.52, -0.20), (-0.2, -0.30), (0.05, -0.325), (0.22, -0.325), (0.38, -0.30), (0.36, -0.18), (0.0, -0.15)],
    ];
    d.put("hat/band", &pick(seen, &band[0], &band[1], &band[2], &band[0]), w.cap[1], |q| q.k(0.4).tex(0.4).clip(&crown));
    let brim = [
        pts![
            (-0.64, -0.175, c),
            (-0.42, -0.285),
            (-0.2, -0.315),
            (0.0, -0.325),
            (0.2, -0.315),
            (0.42, -0.285),
            (0.64, -0.175, c),
            (0.42, -0.165),
            (0.22, -0.19),
            (0.0, -0.20),
            (-0.22, -0.19),
            (-0.42, -0.165)
        ],
        pts![
            (-0.66, -0.06, c),
            (-0.44, -0.185),
            (-0.2, -0.25),
            (0.05, -0.285),
            (0.24, -0.30),
            (0.44, -0.28),
            (0.60, -0.205, c),
            (0.44, -0.185),
            (0.26, -0.19),
            (0.05, -0.175),
            (-0.2, -0.12),
            (-0.44, -0.06)
        ],
        pts![
            (-0.70, -0.05, c),
            (-0.45, -0.165),
            (-0.2, -0.225),
            (0.05, -0.26),
            (0.24, -0.275),
            (0.46, -0.27),
            (0.66, -0.235, c),
            (0.46, -0.21),
            (0.26, -0.195),
            (0.05, -0.165),
            (-0.2, -0.11),
            (-0.45, -0.05)
        ],
    ];
    let k = d.t.k;
    let edge = d.put("hat/brim", &pick(seen, &brim[0], &brim[1], &brim[2], &brim[0]), w.cap[2], |q| {
        q.edge(Edge::Cut).shadow(0.0, k * 0.03, k * 0.022, 0.5).k(0.6).tex(0.5)
    });
    let lit = pts![(-0.7, -0.30, c), (0.0, -0.36), (0.7, -0.30, c), (0.5, -0.245), (0.0, -0.275), (-0.5, -0.20)];
    d.put("hat/brim/lit", &lit, w.cap[3], |q| q.alpha(0.7).k(0.3).tex(0.4).clip(&edge));
}

/// The shell behind a helmeted head.
pub(super) fn shell(d: &mut Desk, w: &Person, y: f32, cast: Cast) {
    let front = pts![
        (0.0, -0.70),
        (0.28, -0.65),
        (0.48, -0.44),
        (0.56, -0.14),
        (0.54, 0.18),
        (0.44, 0.46),
        (0.2, 0.60),
        (-0.2, 0.60),
        (-0.44, 0.46),
        (-0.54, 0.18),
        (-0.56, -0.14),
        (-0.48, -0.44),
        (-0.28, -0.65)
    ];
    let turned = pts![
        (-0.08, -0.70),
        (0.18, -0.66),
        (0.37, -0.48),
        (0.44, -0.2),
        (0.40, 0.14),
        (0.30, 0.44),
        (0.1, 0.62),
        (-0.2, 0.64),
        (-0.44, 0.48),
        (-0.56, 0.18),
        (-0.59, -0.14),
        (-0.53, -0.44),
        (-0.34, -0.64)
    ];
    d.put("helmet-shell", &lerp(&front, &turned, y), w.cap[0], |q| q.edge(Edge::Clean).cast(cast).k(0.5).tex(0.35));
}

fn helmet(d: &mut Desk, w: &Person, seen: Seen, cast: &dyn Fn(f32) -> Cast) {
    if seen == Seen::Back {
        let shape = pts![
            (0.0, -0.715),
            (0.28, -0.66),
            (0.48, -0.45),
            (0.56, -0.14),
            (0.54, 0.20),
            (0.42, 0.50),
            (0.0, 0.60),
            (-0.42, 0.50),
            (-0.54, 0.20),
            (-0.56, -0.14),
            (-0.48, -0.45),
            (-0.28, -0.66)
        ];
        let body = d.put("helmet", &shape, w.cap[2], |q| q.edge(Edge::Clean).cast(cast(1.2)).k(0.5).tex(0.35));
        d.put("helmet/ridge", &pts![(-0.05, -0.8, c), (0.05, -0.8, c), (0.06, 0.7, c), (-0.06, 0.7, c)], w.accent[1], |q| {
            q.k(0.3).tex(0.3).clip(&body)
        });
        let l = -d.light;
        let shade = pts![(l * 0.25, -0.8, c), (l * 0.38, -0.2), (l * 0.30, 0.7, c), (l * 0.7, 0.7, c), (l * 0.7, -0.8, c)];
        d.put("helmet/shade", &shade, w.cap[1], |q| q.alpha(0.65).k(0.3).tex(0.3).clip(&body));
        return;
    }
    let front = pts![
        (-0.36, 0.55, c),
        (-0.48, 0.36),
        (-0.56, 0.08),
        (-0.56, -0.18),
        (-0.46, -0.48),
        (-0.27, -0.66),
        (0.0, -0.715),
        (0.27, -0.66),
        (0.46, -0.48),
        (0.56, -0.18),
        (0.56, 0.08),
        (0.48, 0.36),
        (0.36, 0.55, c),
        (0.345, 0.40),
        (0.385, 0.20),
        (0.40, 0.0),
        (0.365, -0.20),
        (0.24, -0.335),
        (0.0, -0.385),
        (-0.24, -0.335),
        (-0.365, -0.20),
        (-0.40, 0.0),
        (-0.385, 0.20),
        (-0.345, 0.40)
    ];
    let turned = pts![
        (-0.22, 0.62, c),
        (-0.44, 0.42),
        (-0.575, 0.10),
        (-0.585, -0.18),
        (-0.51, -0.47),
        (-0.34, -0.65),
        (-0.08, -0.715),
        (0.17, -0.665),
        (0.34, -0.51),
        (0.425, -0.30),
        (0.42, -0.10),
        (0.40, 0.02),
        (0.372, 0.04, c),
        (0.372, -0.08),
        (0.355, -0.16),
        (0.32, -0.235),
        (0.25, -0.305),
        (0.12, -0.345),
        (-0.03, -0.30),
        (-0.15, -0.14),
        (-0.195, 0.06),
        (-0.17, 0.24),
        (-0.08, 0.40),
        (0.04, 0.52)
    ];
    let profile = pts![
        (-0.14, 0.64, c),
        (-0.42, 0.44),
        (-0.585, 0.10),
        (-0.60, -0.18),
        (-0.52, -0.48),
        (-0.34, -0.66),
        (-0.08, -0.72),
        (0.16, -0.67),
        (0.32, -0.54),
        (0.395, -0.38),
        (0.40, -0.28),
        (0.385, -0.22),
        (0.36, -0.20, c),
        (0.32, -0.26),
        (0.26, -0.30),
        (0.20, -0.32),
        (0.13, -0.31),
        (0.06, -0.25),
        (0.01, -0.14),
        (-0.02, 0.0),
        (-0.02, 0.18),
        (0.02, 0.34),
        (0.09, 0.46),
        (0.10, 0.56)
    ];
    let rim =
        d.put("helmet", &pick(seen, &front, &turned, &profile, &front), w.cap[2], |q| q.edge(Edge::Clean).cast(cast(1.1)).k(0.5).tex(0.35));
    let l = -d.light;
    let shade = pts![(l * 0.20, -0.8, c), (l * 0.40, -0.36), (l * 0.44, 0.1), (l * 0.34, 0.7, c), (l * 0.8, 0.7, c), (l * 0.8, -0.8, c)];
    d.put("helmet/shade", &shade, w.cap[1], |q| q.alpha(0.6).k(0.3).tex(0.3).clip(&rim));
    let x = match seen {
        Seen::Yaw(y) => 0.04 * y,
        _ => -0.06,
    };
    let ridge = pts![(x - 0.05, -0.8, c), (x + 0.05, -0.8, c), (x + 0.07, -0.2, c), (x - 0.07, -0.2, c)];
    d.put("helmet/ridge", &ridge, w.accent[1], |q| q.k(0.3).tex(0.3).clip(&rim));
    let gleam = pts![(d.light * 0.16, -0.62, c), (d.light * 0.36, -0.50), (d.light * 0.47, -0.24, c), (d.light * 0.36, -0.42)];
    d.put("helmet/gleam", &gleam, Rgb::mix(w.cap[3], Rgb::WHITE, 0.4), |q| q.alpha(0.7).k(0.2).tex(0.1).clip(&rim));
    if w.garment == Garment::Spacesuit {
        // A clear dome: only what it mirrors is seen of it.
        let m = match seen {
            Seen::Yaw(y) => 0.05 * y,
            _ => 0.10,
        };
        let arc =
            pts![(m + 0.12, -0.33, c), (m + 0.24, -0.20), (m + 0.285, 0.02), (m + 0.24, 0.26, c), (m + 0.215, 0.02), (m + 0.18, -0.18)];
        d.put("helmet/glass", &arc, Rgb::WHITE, |q| q.alpha(0.20).k(0.2).tex(0.0));
    }
}

fn crown(d: &mut Desk, w: &Person, seen: Seen, cast: &dyn Fn(f32) -> Cast) {
    let front = pts![
        (-0.365, -0.27, c),
        (-0.405, -0.56, c),
        (-0.28, -0.44, c),
        (-0.20, -0.66, c),
        (-0.10, -0.47, c),
        (0.0, -0.71, c),
        (0.10, -0.47, c),
        (0.20, -0.66, c),
        (0.28, -0.44, c),
        (0.405, -0.56, c),
        (0.365, -0.27, c),
        (0.2, -0.29),
        (0.0, -0.305),
        (-0.2, -0.29)
    ];
    let turned = pts![
        (-0.44, -0.15, c),
        (-0.49, -0.48, c),
        (-0.35, -0.41, c),
        (-0.28, -0.62, c),
        (-0.16, -0.45, c),
        (-0.03, -0.70, c),
        (0.07, -0.47, c),
        (0.18, -0.65, c),
        (0.24, -0.45, c),
        (0.36, -0.56, c),
        (0.335, -0.255, c),
        (0.2, -0.27),
        (0.0, -0.25),
        (-0.22, -0.205)
    ];
    let profile = pts![
        (-0.47, -0.10, c),
        (-0.52, -0.44, c),
        (-0.38, -0.43, c),
        (-0.32, -0.60, c),
        (-0.20, -0.46, c),
        (-0.08, -0.70, c),
        (0.02, -0.47, c),
        (0.13, -0.66, c),
        (0.20, -0.46, c),
        (0.34, -0.58, c),
        (0.33, -0.27, c),
        (0.15, -0.265),
        (-0.05, -0.24),
        (-0.27, -0.17)
    ];
    let (a, b) = (d.t.pt(d.light * 0.4, -0.5), d.t.pt(-d.light * 0.4, -0.3));
    let gold = d.put("crown", &pick(seen, &front, &turned, &profile, &front), w.cap[2], |q| {
        q.straight().edge(Edge::Clean).cast(cast(0.8)).k(0.3).tex(0.3).grad(a, b, w.cap[3], w.cap[1])
    });
    let rows = [
        [(-0.30, -0.345), (-0.15, -0.375), (0.0, -0.385), (0.15, -0.375), (0.30, -0.345)],
        [(-0.36, -0.27), (-0.18, -0.31), (0.02, -0.335), (0.18, -0.345), (0.29, -0.34)],
        [(-0.40, -0.22), (-0.24, -0.28), (-0.06, -0.325), (0.12, -0.345), (0.28, -0.355)],
    ];
    let (row, other, t) = match seen {
        Seen::Yaw(y) => (rows[0], rows[1], y),
        Seen::Profile => (rows[2], rows[2], 0.0),
        Seen::Back => (rows[0], rows[0], 0.0),
    };
    for (i, (a, b)) in row.iter().zip(&other).enumerate() {
        let (x, y) = (a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t);
        let stone = if i == 2 { w.accent[2] } else { Rgb::mix(w.coat[2], Rgb::WHITE, 0.25) };
        d.put(&format!("crown/{i}"), &disc(x, y, if i == 2 { 0.034 } else { 0.022 }), stone, |q| q.k(0.2).tex(0.1).clip(&gold));
    }
}
