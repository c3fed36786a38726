//! An arm before a bust: its shoulder in the coat, its hand where it is wanted. Head units of the bust, whose body is broader
//! against its head than a whole figure's.

use super::{
    Desk, Person,
    figure::tube,
    hand::small,
    stance::{Grip, V},
};
use crate::paper::{Edge, Group, Xf};

/// The way of an arm before a bust and what its hand does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reach {
    shoulder: V,
    elbow: V,
    wrist: V,
    grip: Grip,
    /// Turn of the hand against the forearm, radians.
    turn: f32,
}

/// Length of a bust's hand against one of a whole figure.
const HAND: f32 = 1.36;

impl Reach {
    /// Holding something at (x, y): the forearm comes up from below the frame.
    pub fn holding(x: f32, y: f32, hangs: bool) -> Self {
        // The wrist lies below the grip, or behind it when the thing hangs from the fist.
        let (wrist, turn) = if hangs { ((x - 0.06, y + 0.17), 0.35) } else { ((x + 0.03, y + 0.18), 0.0) };
        let elbow = (wrist.0 + 0.10 + 0.25 * (0.9 - wrist.0).max(0.0) * 0.3, wrist.1 + 1.32);
        Self { shoulder: (elbow.0 - 0.10, elbow.1 + 0.9), elbow, wrist, grip: Grip::Fist, turn }
    }

    /// Pointing to the side faced, with `room` head units to the frame's edge; `low` keeps below a face beside it.
    pub fn pointing(room: f32, low: bool) -> Self {
        let x = (room - 0.95).clamp(0.62, 1.62);
        let y = if low { 1.30 } else { 1.02 };
        Self { shoulder: (0.42, 1.40), elbow: (0.28 + x * 0.34, 1.64), wrist: (x, y), grip: Grip::Point, turn: 0.0 }
    }

    /// Around somebody who stands close on the side faced; `upper` lies higher on the back than the other's arm.
    pub fn around(upper: bool) -> Self {
        let y = if upper { 1.42 } else { 1.80 };
        Self { shoulder: (-0.66, 1.24), elbow: (-0.02, y + 0.32), wrist: (0.92, y), grip: Grip::Flat, turn: -0.10 }
    }
}

/// Paints the arm; returns the hand's transform, for fingers over what it holds.
pub fn reaching(g: &mut Group, xf: &Xf, w: &Person, light: f32, reach: &Reach) -> Xf {
    let t = *xf;
    let mut desk = Desk { g, t, light, part: "reach" };
    let d = &mut desk;
    let Reach { shoulder, elbow, wrist, grip, turn } = *reach;
    let angle = libm::atan2f(wrist.1 - elbow.1, wrist.0 - elbow.0);
    let size = HAND * if w.is_soft() { 0.94 } else { 1.04 } * if w.is_child() { 0.74 } else { 1.0 };
    let hand = t.sub(wrist.0, wrist.1, size, angle + turn, 1.0);
    let glove = w.glove().map(|c| w.gloved(c));
    small(d.g, &hand, glove.as_ref().unwrap_or(w), light, grip, "reach-hand");
    let thin = w.girth * if w.is_child() { 0.72 } else { 1.0 } * if w.glove().is_some() { 1.25 } else { 1.0 };
    let mid = |a: V, b: V, t: f32| (a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t);
    let chain = [shoulder, mid(shoulder, elbow, 0.5), elbow, mid(elbow, wrist, 0.5), wrist];
    let sleeve = tube(&chain, &[0.36, 0.35, 0.31, 0.265, 0.215].map(|v| v * thin));
    let cloth = w.sleeve_cloth();
    let (a, b) = (d.t.pt(wrist.0 + light * 0.3, wrist.1 - 0.2), d.t.pt(elbow.0 - light * 0.4, elbow.1 + 0.2));
    let k = d.t.k;
    let shadow = Some((-light * t.m * 0.018 * k, 0.030 * k, 0.034 * k, 0.48));
    let shape = d.put("sleeve", &sleeve, cloth[1], |q| q.edge(Edge::Cut).cast(shadow).k(0.9).tex(0.5).grad(a, b, cloth[2], cloth[0]));
    let cuff = tube(&[mid(elbow, wrist, 0.86), mid(elbow, wrist, 1.05)], &[0.34 * thin, 0.34 * thin]);
    d.put("cuff", &cuff, w.cuff(), |q| q.straight().k(0.4).tex(0.4).clip(&shape));
    // Two folds across the forearm, and the shade along its lower side.
    let (ux, uy) = {
        let (x, y) = (wrist.0 - elbow.0, wrist.1 - elbow.1);
        let l = (x * x + y * y).sqrt().max(1e-3);
        (x / l, y / l)
    };
    let (nx, ny) = (-uy, ux);
    for (i, s) in [0.22f32, 0.50].into_iter().enumerate() {
        let c0 = mid(elbow, wrist, s);
        let side = if i == 0 { 1.0 } else { -1.0 };
        let fold = pts![
            (c0.0 + nx * 0.30 * side, c0.1 + ny * 0.30 * side, c),
            (c0.0 + nx * 0.08 * side + ux * 0.06, c0.1 + ny * 0.08 * side + uy * 0.06),
            (c0.0 - nx * 0.16 * side + ux * 0.16, c0.1 - ny * 0.16 * side + uy * 0.16, c),
            (c0.0 + nx * 0.06 * side + ux * 0.12, c0.1 + ny * 0.06 * side + uy * 0.12)
        ];
        d.put(&format!("fold/{i}"), &fold, cloth[0].scale(0.8), |q| q.alpha(0.7).k(0.3).tex(0.4).clip(&shape));
    }
    hand
}
