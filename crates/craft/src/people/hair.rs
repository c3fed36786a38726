//! Hair: a dark mass behind the head, wings or a cap of hair before it, strands, a loose lock.

use contracts::story::{HairStyle, Headwear};

use super::{Desk, Person};
use crate::paper::{Edge, Group, Pt, Xf, c, lerp, p};

/// The mass behind skull and neck.
pub(super) fn back(d: &mut Desk, w: &Person, y: f32) {
    let (k, h) = (d.t.k, w.hair);
    let cast = d.cast(1.5);
    if w.hair_style == HairStyle::Bald {
        let skull = lerp(
            &pts![
                (0.0, -0.5),
                (0.3, -0.4),
                (0.36, -0.1),
                (0.345, 0.1),
                (0.26, 0.24),
                (-0.26, 0.24),
                (-0.345, 0.1),
                (-0.36, -0.1),
                (-0.3, -0.4)
            ],
            &pts![
                (-0.02, -0.5),
                (0.25, -0.4),
                (0.3, -0.1),
                (0.1, 0.16),
                (-0.1, 0.30),
                (-0.29, 0.25),
                (-0.41, 0.10),
                (-0.45, -0.12),
                (-0.36, -0.39)
            ],
            y,
        );
        let skin = crate::paper::Rgb::mix(w.skin, w.skin_shade, 0.35);
        d.put("skull", &skull, skin, |q| q.cast(cast).k(0.5).tex(0.45));
        // A wreath of short hair, on men only.
        if !w.is_soft() {
            let wreath = lerp(
                &pts![
                    (-0.33, -0.12),
                    (-0.38, -0.06),
                    (-0.375, 0.12),
                    (-0.3, 0.26),
                    (0.3, 0.26),
                    (0.375, 0.12),
                    (0.38, -0.06),
                    (0.33, -0.12)
                ],
                &pts![(-0.30, -0.2), (-0.43, -0.12), (-0.44, 0.1), (-0.34, 0.3), (-0.05, 0.30), (0.1, 0.14), (0.2, 0.0), (0.1, -0.15)],
                y,
            );
            d.put("hair-back", &wreath, h[0], |q| q.edge(Edge::Soft).cast(cast).k(0.006 * k).tex(0.5));
        }
        return;
    }
    if w.has_long_hair() {
        if w.hair_style == HairStyle::Bun && w.is_bareheaded() && !w.worn.braid {
            bun(d, w, y);
        }
        let front = pts![
            (0.0, -0.545),
            (0.22, -0.5),
            (0.36, -0.35),
            (0.402, -0.15),
            (0.385, 0.05),
            (0.34, 0.16),
            (0.2, 0.3),
            (-0.2, 0.3),
            (-0.34, 0.16),
            (-0.385, 0.05),
            (-0.402, -0.15),
            (-0.36, -0.35),
            (-0.22, -0.5)
        ];
        let turned = pts![
            (-0.03, -0.55),
            (0.18, -0.51),
            (0.30, -0.38),
            (0.32, -0.2),
            (0.2, 0.0),
            (0.1, 0.2),
            (0.0, 0.33),
            (-0.2, 0.34),
            (-0.34, 0.24),
            (-0.43, 0.07),
            (-0.47, -0.15),
            (-0.43, -0.36),
            (-0.26, -0.51)
        ];
        d.put("hair-back", &lerp(&front, &turned, y), h[0], |q| q.edge(Edge::Cut).cast(cast).tex(0.5));
    } else {
        let front = pts![
            (0.0, -0.5),
            (0.3, -0.4),
            (0.385, -0.1),
            (0.38, 0.16),
            (0.3, 0.28),
            (-0.3, 0.28),
            (-0.38, 0.16),
            (-0.385, -0.1),
            (-0.3, -0.4)
        ];
        let turned = pts![
            (0.0, -0.5),
            (0.25, -0.4),
            (0.3, -0.1),
            (0.1, 0.16),
            (-0.1, 0.34),
            (-0.3, 0.32),
            (-0.42, 0.14),
            (-0.46, -0.1),
            (-0.36, -0.4)
        ];
        d.put("hair-back", &lerp(&front, &turned, y), h[0], |q| q.edge(Edge::Soft).cast(cast).k(0.006 * k).tex(0.5));
    }
}

fn bun(d: &mut Desk, w: &Person, y: f32) {
    let (bx, h) = (-0.13 * y, w.hair);
    let cast = d.cast(1.0);
    let knot = pts![
        (bx - 0.2, -0.56),
        (bx - 0.17, -0.72),
        (bx - 0.02, -0.79),
        (bx + 0.15, -0.74),
        (bx + 0.2, -0.6),
        (bx + 0.12, -0.47),
        (bx - 0.1, -0.46)
    ];
    d.put("bun", &knot, h[0], |q| q.edge(Edge::Cut).cast(cast).k(0.6).tex(0.5));
    let cast = d.cast(0.5);
    for (i, (a, b)) in [(-0.17f32, -0.02f32), (-0.10, 0.05), (0.0, 0.13)].into_iter().enumerate() {
        let crescent = pts![
            (bx + a, -0.53),
            (bx + a - 0.005, -0.66),
            (bx + b + 0.02, -0.745),
            (bx + b + 0.05, -0.70),
            (bx + b, -0.60),
            (bx + b, -0.5)
        ];
        d.put(&format!("bun/{i}"), &crescent, h[i + 1], |q| q.cast(cast).k(0.5).tex(0.5));
    }
}

/// Loose hair that falls behind the shoulders: to be painted before the neck.
pub(super) fn fall(g: &mut Group, t: &Xf, w: &Person, y: f32, light: f32) {
    if !w.falls() {
        return;
    }
    let mut d = Desk { g, t: *t, light, part: "head" };
    let cast = d.cast(1.5);
    let front = pts![
        (0.0, -0.4),
        (0.3, -0.35),
        (0.41, -0.1),
        (0.42, 0.2),
        (0.47, 0.55),
        (0.44, 0.86),
        (0.2, 0.95),
        (-0.2, 0.95),
        (-0.45, 0.88),
        (-0.48, 0.55),
        (-0.42, 0.2),
        (-0.41, -0.1),
        (-0.3, -0.35)
    ];
    let turned = pts![
        (-0.1, -0.4),
        (0.1, -0.35),
        (0.22, -0.1),
        (0.2, 0.2),
        (0.14, 0.55),
        (0.05, 0.86),
        (-0.2, 0.98),
        (-0.4, 0.98),
        (-0.56, 0.86),
        (-0.55, 0.5),
        (-0.5, 0.2),
        (-0.47, -0.1),
        (-0.4, -0.35)
    ];
    let longer = w.falls_by();
    let fall: Vec<Pt> = lerp(&front, &turned, y).into_iter().map(|q| Pt { y: if q.y > 0.8 { q.y + longer } else { q.y }, ..q }).collect();
    d.put("hair-fall", &fall, w.hair[0], |q| q.edge(Edge::Cut).cast(cast).tex(0.5));
}

/// What lies over forehead and temples.
pub(super) fn front(d: &mut Desk, w: &Person, y: f32) {
    if matches!(w.headwear, Headwear::Hood | Headwear::Helmet) {
        // Under a hood only the parting shows; the rest would press through its rim.
        if !matches!(w.hair_style, HairStyle::Bald | HairStyle::Cropped) {
            wings(d, w, y);
        }
        return;
    }
    match (w.hair_style, w.has_long_hair()) {
        (HairStyle::Bald, _) => {}
        (_, true) => {
            if w.falls() {
                locks(d, w, y);
            }
            wings(d, w, y);
            if w.is_bareheaded() || matches!(w.headwear, Headwear::Cap | Headwear::Hat) {
                strands(d, w, y);
            }
            if w.hair_style == HairStyle::Plaits {
                plait(d, w, 0.335 - 0.10 * y, 0.12 + 0.36 * y, "plait-far");
                plait(d, w, -0.335 - 0.03 * y, 0.12, "plait-near");
            } else if w.worn.braid {
                plait(d, w, -0.335 - 0.03 * y, 0.12, "braid");
            } else if w.hair_style == HairStyle::Bun {
                loose_lock(d, w, y);
            }
            if w.worn.fringe && w.is_bareheaded() {
                fringe(d, w, y);
            }
        }
        _ if !w.is_bareheaded() && w.has_full_beard() => {}
        _ if !w.is_bareheaded() => sideburns(d, w, y),
        (HairStyle::Cropped, _) => cropped(d, w, y),
        _ => {
            crop(d, w, y);
            if w.worn.fringe {
                fringe(d, w, y);
            }
        }
    }
}

/// A plait that starts at (`x0`, `y0`) behind an ear and falls over the shoulder: lozenges over one another, and a tied end.
pub(super) fn plait(d: &mut Desk, w: &Person, x0: f32, y0: f32, key: &str) {
    let h = w.hair;
    let out = if x0 < 0.0 { -1.0 } else { 1.0 };
    let at = |t: f32| -> (f32, f32) { (x0 + out * (0.10 * t - 0.13 * t * t), y0 + (1.30 - y0) * t) };
    let n = 7;
    for i in (0..n).rev() {
        let (t0, t1) = (i as f32 / n as f32, (i as f32 + 1.45) / n as f32);
        let ((ax, ay), (bx, by)) = (at(t0), at(t1));
        let wide = 0.118 - 0.038 * t0;
        let (mx, my) = ((ax + bx) * 0.5, (ay + by) * 0.5);
        // Left and right strands by turns.
        let s = if i % 2 == 0 { 1.0 } else { -1.0 };
        let strand = pts![
            (ax - wide * 0.55 * s, ay, c),
            (mx + wide * 0.35 * s, my - 0.10),
            (mx + wide * s, my + 0.02),
            (bx + wide * 0.25 * s, by, c),
            (mx - wide * 0.55 * s, my + 0.05)
        ];
        let cast = d.cast(0.7);
        d.put(&format!("{key}/{i}"), &strand, h[if i % 2 == 0 { 2 } else { 1 }], |q| q.edge(Edge::Cut).cast(cast).k(0.5).tex(0.5));
        d.put(
            &format!("{key}-lit/{i}"),
            &pts![
                (ax - wide * 0.3 * s, ay + 0.02, c),
                (mx + wide * 0.5 * s, my - 0.05),
                (bx + wide * 0.1 * s, by - 0.02, c),
                (mx + wide * 0.2 * s, my)
            ],
            h[3],
            |q| q.alpha(0.45).k(0.4).tex(0.4),
        );
    }
    let (x, yy) = at(1.06);
    let cast = d.cast(0.6);
    d.put(
        &format!("{key}/end"),
        &pts![(x - 0.05, yy, c), (x + 0.05, yy, c), (x + 0.035, yy + 0.16), (x, yy + 0.24, c), (x - 0.045, yy + 0.15)],
        h[1],
        |q| q.edge(Edge::Cut).cast(cast).k(0.5).tex(0.5),
    );
    d.put(
        &format!("{key}/tie"),
        &pts![(x - 0.062, yy - 0.02), (x + 0.062, yy - 0.02), (x + 0.058, yy + 0.045), (x - 0.058, yy + 0.045)],
        w.accent[1],
        |q| q.straight().cast(cast).k(0.4).tex(0.4),
    );
}

/// Hair cut over the brows, in uneven tips.
fn fringe(d: &mut Desk, w: &Person, y: f32) {
    let h = w.hair;
    let front = pts![
        (-0.345, -0.06, c),
        (-0.375, -0.26),
        (-0.22, -0.46),
        (0.02, -0.50),
        (0.24, -0.45),
        (0.375, -0.24),
        (0.345, -0.06, c),
        (0.285, -0.185),
        (0.235, -0.105, c),
        (0.165, -0.20),
        (0.11, -0.095, c),
        (0.03, -0.195),
        (-0.035, -0.10, c),
        (-0.10, -0.20),
        (-0.175, -0.09, c),
        (-0.235, -0.19),
        (-0.285, -0.085, c)
    ];
    let turned = pts![
        (-0.185, -0.02, c),
        (-0.30, -0.22),
        (-0.20, -0.45),
        (0.03, -0.50),
        (0.20, -0.46),
        (0.315, -0.29),
        (0.318, -0.10, c),
        (0.288, -0.20),
        (0.262, -0.115, c),
        (0.222, -0.21),
        (0.18, -0.10, c),
        (0.125, -0.205),
        (0.07, -0.105, c),
        (0.0, -0.20),
        (-0.055, -0.085, c),
        (-0.105, -0.19),
        (-0.145, -0.075, c)
    ];
    let cast = d.cast(1.0);
    d.put("fringe", &lerp(&front, &turned, y), h[1], |q| q.edge(Edge::Cut).cast(cast).k(0.5).tex(0.5));
    for (i, (a, b)) in [(-0.20f32, -0.05f32), (0.02, 0.09), (0.20, 0.19)].into_iter().enumerate() {
        let x = a + (b - a) * y;
        d.put(&format!("fringe/{i}"), &pts![(x, -0.45, c), (x + 0.045, -0.30), (x + 0.015, -0.15, c), (x - 0.03, -0.29)], h[2], |q| {
            q.alpha(0.8).k(0.4).tex(0.5)
        });
    }
}

fn wings(d: &mut Desk, w: &Person, y: f32) {
    let h = w.hair;
    let near = lerp(
        &pts![
            (-0.05, -0.36, c),
            (-0.15, -0.335),
            (-0.27, -0.22),
            (-0.318, -0.05),
            (-0.325, 0.10),
            (-0.37, 0.04),
            (-0.405, -0.16),
            (-0.35, -0.38),
            (-0.2, -0.525),
            (0.02, -0.555),
            (0.06, -0.49)
        ],
        &pts![
            (0.10, -0.375, c),
            (0.0, -0.335),
            (-0.13, -0.24),
            (-0.205, -0.09),
            (-0.235, 0.12),
            (-0.33, 0.14),
            (-0.455, -0.1),
            (-0.43, -0.36),
            (-0.25, -0.535),
            (0.0, -0.565),
            (0.12, -0.49)
        ],
        y,
    );
    let far = lerp(
        &pts![
            (-0.06, -0.37, c),
            (0.08, -0.35),
            (0.23, -0.25),
            (0.305, -0.07),
            (0.325, 0.10),
            (0.37, 0.04),
            (0.405, -0.16),
            (0.35, -0.38),
            (0.2, -0.525),
            (0.0, -0.555),
            (-0.08, -0.48)
        ],
        &pts![
            (0.09, -0.38, c),
            (0.18, -0.35),
            (0.25, -0.27),
            (0.282, -0.15),
            (0.288, -0.04),
            (0.325, -0.12),
            (0.335, -0.24),
            (0.28, -0.41),
            (0.16, -0.525),
            (0.0, -0.56),
            (0.03, -0.46)
        ],
        y,
    );
    let cast = d.cast(1.0);
    d.put("wing-far", &far, h[1], |q| q.cast(cast).tex(0.5));
    let cast = d.cast(1.1);
    let tone = if d.light < 0.0 || y > 0.5 { h[2] } else { h[1] };
    d.put("wing-near", &near, tone, |q| q.cast(cast).tex(0.5));
}

fn strands(d: &mut Desk, w: &Person, y: f32) {
    for (i, (u0, u1, tone)) in [(0.15f32, 0.3f32, 3usize), (0.45, 0.56, 0), (0.7, 0.86, 3)].into_iter().enumerate() {
        let at = |u: f32| -> Vec<Pt> {
            if y < 0.5 {
                lerp(&pts![(-0.06, -0.385), (-0.2, -0.3), (-0.30, -0.14)], &pts![(-0.02, -0.535), (-0.27, -0.45), (-0.375, -0.2)], u)
            } else {
                lerp(&pts![(0.085, -0.4), (-0.06, -0.3), (-0.2, -0.10)], &pts![(0.0, -0.55), (-0.3, -0.48), (-0.43, -0.15)], u)
            }
        };
        let band = |a: Vec<Pt>, b: Vec<Pt>| [c(a[0].x, a[0].y), a[1], c(a[2].x, a[2].y), b[2], b[1], b[0]];
        d.put(&format!("strand/{i}"), &band(at(u0), at(u1)), w.hair[tone], |q| q.alpha(0.75).k(0.5).tex(0.5));
        if y < 0.5 {
            let over = |points: Vec<Pt>| -> Vec<Pt> { points.into_iter().map(|q| p(-q.x - 0.06, q.y)).collect() };
            d.put(&format!("strand-far/{i}"), &band(over(at(u0)), over(at(u1))), w.hair[tone.saturating_sub(1)], |q| {
                q.alpha(0.75).k(0.5).tex(0.5)
            });
        }
    }
}

/// One lock at the temple: a mark that survives every framing.
fn loose_lock(d: &mut Desk, w: &Person, y: f32) {
    let sx = -0.29 + 0.06 * y;
    let lock = pts![
        (sx + 0.005, -0.22, c),
        (sx - 0.03, -0.05),
        (sx - 0.02, 0.12),
        (sx + 0.015, 0.25),
        (sx + 0.005, 0.33, c),
        (sx - 0.03, 0.22),
        (sx - 0.058, 0.06),
        (sx - 0.052, -0.1)
    ];
    let cast = d.cast(0.9);
    d.put("lock", &lock, w.hair[2], |q| q.cast(cast).k(0.5).tex(0.5));
}

/// Loose hair falls before the shoulders.
fn locks(d: &mut Desk, w: &Person, y: f32) {
    let near = lerp(
        &pts![
            (-0.29, -0.24, c),
            (-0.322, -0.02),
            (-0.31, 0.16),
            (-0.36, 0.38),
            (-0.325, 0.62),
            (-0.36, 0.88, c),
            (-0.46, 0.74),
            (-0.455, 0.52),
            (-0.475, 0.20),
            (-0.43, -0.1),
            (-0.39, -0.3)
        ],
        &pts![
            (-0.19, -0.24, c),
            (-0.232, 0.0),
            (-0.22, 0.18),
            (-0.30, 0.40),
            (-0.25, 0.64),
            (-0.31, 0.92, c),
            (-0.45, 0.78),
            (-0.46, 0.54),
            (-0.51, 0.24),
            (-0.47, -0.1),
            (-0.43, -0.3)
        ],
        y,
    );
    let longer = w.falls_by();
    let near: Vec<Pt> = near.into_iter().map(|q| Pt { y: if q.y > 0.6 { q.y + longer * 0.8 } else { q.y }, ..q }).collect();
    let cast = d.cast(1.2);
    d.put("lock-near", &near, w.hair[2], |q| q.cast(cast).tex(0.5));
    d.put(
        "lock-near/dark",
        &lerp(
            &pts![(-0.37, -0.2, c), (-0.40, 0.1), (-0.43, 0.45), (-0.40, 0.7, c), (-0.41, 0.45), (-0.375, 0.1)],
            &pts![(-0.35, -0.2, c), (-0.37, 0.1), (-0.42, 0.45), (-0.40, 0.72, c), (-0.39, 0.45), (-0.34, 0.1)],
            y,
        ),
        w.hair[0],
        |q| q.alpha(0.75).k(0.5).tex(0.5),
    );
    if y < 0.5 {
        let far = pts![
            (0.29, -0.24, c),
            (0.322, -0.02),
            (0.315, 0.2),
            (0.335, 0.4),
            (0.35, 0.6),
            (0.33, 0.78, c),
            (0.44, 0.66),
            (0.475, 0.42),
            (0.445, 0.14),
            (0.425, -0.1),
            (0.385, -0.3)
        ];
        d.put("lock-far", &far, w.hair[1], |q| q.cast(cast).tex(0.5));
    }
}

/// Hair cut close to the skull: one soft sheet a finger's breadth above the skin, with its hairline.
fn cropped(d: &mut Desk, w: &Person, y: f32) {
    let shape = lerp(
        &pts![
            (-0.345, 0.00, c),
            (-0.372, -0.12),
            (-0.372, -0.30),
            (-0.275, -0.455),
            (-0.06, -0.535),
            (0.14, -0.53),
            (0.285, -0.44),
            (0.372, -0.29),
            (0.372, -0.12),
            (0.345, 0.00, c),
            (0.318, -0.15),
            (0.27, -0.275),
            (0.12, -0.335),
            (-0.12, -0.335),
            (-0.27, -0.275),
            (-0.318, -0.15)
        ],
        &pts![
            (-0.165, 0.01, c),
            (-0.26, -0.07),
            (-0.42, -0.04),
            (-0.468, -0.25),
            (-0.375, -0.44),
            (-0.12, -0.535),
            (0.11, -0.52),
            (0.258, -0.42),
            (0.322, -0.29),
            (0.308, -0.16, c),
            (0.275, -0.245),
            (0.20, -0.315),
            (0.05, -0.345),
            (-0.06, -0.30),
            (-0.115, -0.24),
            (-0.155, -0.13)
        ],
        y,
    );
    let (a, b) = (d.t.pt(d.light * 0.3, -0.5), d.t.pt(-d.light * 0.35, -0.1));
    let h = w.hair;
    let sheet = d.put("cropped", &shape, h[1], |q| q.edge(Edge::Soft).k(0.5).tex(0.8).grad(a, b, h[2], h[0]));
    if d.fine() {
        // Short strokes along the growth, so that it is hair and not a cap.
        for i in 0..14 {
            let u = (i as f32 + 0.5) / 14.0;
            let (x, r) = (-0.30 + 0.60 * u, if i % 2 == 0 { 0.0 } else { 0.045 });
            let top = -0.50 + 1.3 * (u - 0.5) * (u - 0.5) + r;
            let points = pts![(x - 0.05 * y, top), (x + 0.012 - 0.05 * y, top + 0.055)];
            let points = d.t.apply(&points);
            let width = (0.006 * d.t.k).max(0.7);
            d.g.line_in(&points, h[0], width, &crate::paper::Xf::ID, 0.5, true, Some(&sheet));
        }
    }
}

/// What shows of short hair under a cap: a little before the ears.
fn sideburns(d: &mut Desk, w: &Person, y: f32) {
    let length = if w.is_child() { 0.0 } else { 0.05 };
    let near = lerp(
        &pts![(-0.36, -0.2), (-0.31, -0.2), (-0.318, -0.08), (-0.33, length, c), (-0.35, -0.02)],
        &pts![(-0.27, -0.2), (-0.175, -0.2), (-0.165, -0.1), (-0.175, length * 0.4, c), (-0.205, -0.07)],
        y,
    );
    d.put("sideburn-near", &near, w.hair[0], |q| q.k(0.5).tex(0.5));
    if y < 0.5 {
        let far = pts![(0.36, -0.2), (0.30, -0.2), (0.313, -0.06), (0.325, length, c), (0.35, -0.02)];
        d.put("sideburn-far", &far, w.hair[0], |q| q.k(0.5).tex(0.5));
    }
}

/// Short hair of men and boys: a cap of hair with a parting, sideburns before the ears.
fn crop(d: &mut Desk, w: &Person, y: f32) {
    let h = w.hair;
    let lift = if w.is_child() { 0.0 } else { -0.004 };
    let shape = lerp(
        &pts![
            (-0.335, 0.04, c),
            (-0.385, -0.10),
            (-0.392, -0.32),
            (-0.29, -0.48),
            (-0.06, -0.565),
            (0.16, -0.555),
            (0.31, -0.455),
            (0.392, -0.3),
            (0.388, -0.10),
            (0.335, 0.04, c),
            (0.312, -0.14),
            (0.255, -0.275),
            (0.10, -0.325),
            (-0.14, -0.30),
            (-0.20, -0.27),
            (-0.305, -0.14)
        ],
        &pts![
            (-0.155, 0.05, c),
            (-0.26, -0.07),
            (-0.43, -0.02),
            (-0.49, -0.25),
            (-0.39, -0.46),
            (-0.12, -0.565),
            (0.13, -0.54),
            (0.275, -0.43),
            (0.335, -0.28),
            (0.318, -0.14, c),
            (0.285, -0.225),
            (0.20, -0.305),
            (0.06, -0.33),
            (-0.06, -0.27),
            (-0.10, -0.24),
            (-0.15, -0.11)
        ],
        y,
    );
    let cast = d.cast(1.1);
    d.put("crop", &shape.iter().map(|q| Pt { y: q.y + lift, ..*q }).collect::<Vec<_>>(), h[1], |q| {
        q.cast(cast).edge(Edge::Cut).k(0.7).tex(0.5)
    });
    // Swept from the parting: two light planes and a dark one.
    let sweeps: [(&str, [Pt; 5], [Pt; 5], usize); 3] = [
        (
            "crop/a",
            pts![(-0.16, -0.315, c), (0.02, -0.43), (0.26, -0.40, c), (0.06, -0.495), (-0.16, -0.43)],
            pts![(-0.02, -0.31, c), (0.08, -0.42), (0.27, -0.365, c), (0.10, -0.485), (-0.06, -0.43)],
            2,
        ),
        (
            "crop/b",
            pts![(-0.17, -0.40, c), (-0.02, -0.50), (0.20, -0.49, c), (0.0, -0.54), (-0.16, -0.48)],
            pts![(-0.06, -0.42, c), (0.04, -0.50), (0.18, -0.47, c), (0.02, -0.54), (-0.10, -0.49)],
            3,
        ),
        (
            "crop/c",
            pts![(-0.21, -0.31, c), (-0.30, -0.24), (-0.36, -0.08, c), (-0.365, -0.26), (-0.28, -0.40)],
            pts![(-0.12, -0.30, c), (-0.24, -0.22), (-0.40, -0.10, c), (-0.42, -0.28), (-0.26, -0.42)],
            0,
        ),
    ];
    for (key, a, b, tone) in &sweeps {
        d.put(key, &lerp(a, b, y), h[*tone], |q| q.alpha(0.8).k(0.5).tex(0.5));
    }
}
