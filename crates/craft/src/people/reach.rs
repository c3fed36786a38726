//! An arm before a bust: its shoulder in the coat, its hand where it is wanted. A bust's body is broader against its head than a
//! whole figure's.

use super::{
    Desk, Person,
    bust::{LOWER, below, shoulders},
    figure::tube,
    hand::small,
    stance::{Grip, V},
};
use crate::paper::{Edge, Group, Xf};

/// The way of an arm before a bust and what its hand does, in the units of the body.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reach {
    shoulder: V,
    elbow: V,
    wrist: V,
    grip: Grip,
    /// Turn of the hand against the forearm, radians.
    turn: f32,
    /// The upper arm hangs, the forearm comes up again: two sheets, as one would fold over itself.
    bent: bool,
    /// The arm of the near side: its thumb is on the other side of the hand.
    near: bool,
}

/// Length of a bust's hand against one of a whole figure.
const HAND: f32 = 1.36;
/// Middle of a fist beyond its wrist, of the hand's scale.
const FIST: f32 = 0.13;

impl Reach {
    /// Holding something at (x, y), head units: the upper arm hangs at the body's side, the forearm comes up before the coat.
    /// `tucked`, the elbow is before the body, so that a frame which ends at the shoulders shows where the arm comes from.
    pub fn holding(w: &Person, (x, y): V, near: bool, tucked: bool) -> Self {
        let side = if near { -1.0 } else { 1.0 };
        let (x, y) = if w.is_child() { ((x + 0.02) / w.bust_scale(), (y - LOWER) / w.bust_scale()) } else { (x, y) };
        let (wide, middle) = (shoulders(w), -0.08);
        let elbow = (middle + side * (wide - 0.06) * if tucked { 0.5 } else { 1.0 }, (y + 1.05).max(1.7));
        let (dx, dy) = (x - elbow.0, y - elbow.1);
        let length = (dx * dx + dy * dy).sqrt().max(1e-3);
        let back = FIST * HAND;
        let wrist = (x - dx / length * back, y - dy / length * back);
        Self { shoulder: (middle + side * wide * 0.80, 1.04), elbow, wrist, grip: Grip::Fist, turn: 0.0, bent: true, near }
    }

    /// Pointing to the side faced, with `room` head units to the frame's edge; `low` keeps below a face beside it.
    pub fn pointing(w: &Person, room: f32, low: bool) -> Self {
        let x = (room / w.bust_scale() - 0.95).clamp(0.62, 1.62);
        let y = if low { 1.30 } else { 1.02 };
        let shoulder = if w.is_child() { (0.34, 1.30) } else { (0.42, 1.40) };
        Self { shoulder, elbow: (0.28 + x * 0.34, 1.64), wrist: (x, y), grip: Grip::Point, turn: 0.0, bent: false, near: false }
    }

    /// Around somebody who stands close on the side faced; `upper` lies higher on the back than the other's arm.
    pub fn around(upper: bool) -> Self {
        let y = if upper { 1.42 } else { 1.80 };
        Self {
            shoulder: (-0.66, 1.24),
            elbow: (-0.02, y + 0.32),
            wrist: (0.92, y),
            grip: Grip::Flat,
            turn: -0.10,
            bent: false,
            near: false,
        }
    }
}

/// Paints the arm; returns the hand's transform, for fingers over what it holds.
pub fn reaching(g: &mut Group, xf: &Xf, w: &Person, light: f32, reach: &Reach) -> Xf {
    let t = below(xf, w, 1.0);
    let mut desk = Desk { g, t, light, part: if reach.near { "reach-near" } else { "reach" } };
    let d = &mut desk;
    let Reach { shoulder, elbow, wrist, grip, turn, bent, near } = *reach;
    let angle = libm::atan2f(wrist.1 - elbow.1, wrist.0 - elbow.0);
    let size = HAND * if w.is_soft() { 0.94 } else { 1.04 } * if w.is_child() { 1.08 } else { 1.0 };
    let hand = if near {
        t.sub(wrist.0, wrist.1, size, angle + turn + core::f32::consts::PI, -1.0)
    } else {
        t.sub(wrist.0, wrist.1, size, angle + turn, 1.0)
    };
    let glove = w.glove().map(|c| w.gloved(c));
    let thin = w.girth * if w.glove().is_some() { 1.25 } else { 1.0 };
    let mid = |a: V, b: V, t: f32| (a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t);
    let k = d.t.k;
    let shadow = Some((-light * t.m * 0.018 * k, 0.030 * k, 0.034 * k, 0.48));
    if bent {
        let upper =
            tube(&[shoulder, mid(shoulder, elbow, 0.28), mid(shoulder, elbow, 0.62), elbow], &[0.12, 0.27, 0.31, 0.32].map(|v| v * thin));
        let cloth = w.sleeve_cloth();
        let (a, b) = (d.t.pt(shoulder.0 + light * 0.3, shoulder.1), d.t.pt(elbow.0 - light * 0.3, elbow.1));
        d.put("upper", &upper, cloth[1], |q| q.edge(Edge::Cut).cast(shadow).k(0.9).tex(0.5).grad(a, b, cloth[2], cloth[0]));
    }
    small(d.g, &hand, glove.as_ref().unwrap_or(w), light, grip, if near { "reach-hand-near" } else { "reach-hand" });
    let chain = if bent {
        [mid(wrist, elbow, 1.10), elbow, mid(elbow, wrist, 0.34), mid(elbow, wrist, 0.68), wrist]
    } else {
        [shoulder, mid(shoulder, elbow, 0.5), elbow, mid(elbow, wrist, 0.5), wrist]
    };
    let widths = if bent { [0.18, 0.31, 0.30, 0.255, 0.205] } else { [0.36, 0.35, 0.31, 0.265, 0.215] };
    let sleeve = tube(&chain, &widths.map(|v| v * thin));
    let cloth = w.sleeve_cloth();
    let (a, b) = (d.t.pt(wrist.0 + light * 0.3, wrist.1 - 0.2), d.t.pt(elbow.0 - light * 0.4, elbow.1 + 0.2));
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
