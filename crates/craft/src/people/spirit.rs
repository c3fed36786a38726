//! A spirit: a face on a shape of ribbons. It has no legs and no coat; its look's colours are those of its ribbons.

use contracts::picture::Pose;

use super::{
    Cast, Desk, Face, HEM, Lips, Person,
    face::{Side, brow, eye, mouth},
    figure::{Anchors, Body, Frame, View, tube},
    stance::{V, limb},
};
use crate::paper::{Edge, Group, Outline, Rgb, Xf, lerp};

fn cast(d: &Desk, m: f32) -> Cast {
    let k = d.t.k;
    Some((-d.light * d.t.m * 0.018 * k * m, 0.024 * k * m, 0.03 * k * m, 0.42))
}

/// One ribbon along a way, its width from start to end; its upper edge catches the light.
fn ribbon(d: &mut Desk, key: &str, way: &[V], widths: (f32, f32, f32), tone: Rgb, shadow: f32) {
    let n = way.len().max(2);
    let width = |i: usize| {
        let t = i as f32 / (n - 1) as f32;
        if t < 0.5 { widths.0 + (widths.1 - widths.0) * t * 2.0 } else { widths.1 + (widths.2 - widths.1) * (t - 0.5) * 2.0 }
    };
    let all: Vec<f32> = (0..n).map(width).collect();
    let s = cast(d, shadow);
    let shape = d.put(key, &tube(way, &all), tone, |q| q.edge(Edge::Cut).cast(s).k(0.5).tex(0.5));
    let side = d.light * 0.62;
    let lit: Vec<V> = way.iter().zip(&all).map(|(q, w)| (q.0 + side * w, q.1)).collect();
    let thin: Vec<f32> = all.iter().map(|w| w * 0.34).collect();
    let bright = Rgb::mix(tone, Rgb::WHITE, 0.30);
    d.put(&format!("{key}/lit"), &tube(&lit, &thin), bright, |q| q.alpha(0.55).k(0.4).tex(0.4).clip(&shape));
}

/// The tones of its ribbons, dark to light, then the accent.
fn tone(w: &Person, i: usize) -> Rgb {
    match i % 6 {
        0 => w.coat[1],
        1 => w.hair[2],
        2 => w.coat[2],
        3 => w.hair[1],
        4 => w.accent[1],
        _ => w.hair[3],
    }
}

/// Paints the head: from every side but behind it shows its face.
pub(super) fn head(g: &mut Group, xf: &Xf, w: &Person, face: &Face) -> Outline {
    let y = face.yaw.min(1.0);
    let mien = face.mien();
    let lips = Lips::of(&mien, face.mouth);
    let mut desk = Desk { g, t: *xf, light: face.light, part: "head" };
    let d = &mut desk;
    hair(d, w, y);
    let mask = lerp(
        &pts![
            (0.0, -0.47),
            (0.20, -0.42),
            (0.30, -0.24),
            (0.31, -0.04),
            (0.285, 0.14),
            (0.215, 0.31),
            (0.105, 0.45),
            (0.0, 0.5),
            (-0.105, 0.45),
            (-0.215, 0.31),
            (-0.285, 0.14),
            (-0.31, -0.04),
            (-0.30, -0.24),
            (-0.20, -0.42)
        ],
        &pts![
            (0.02, -0.47),
            (0.19, -0.42),
            (0.275, -0.26),
            (0.29, -0.08),
            (0.275, 0.12),
            (0.235, 0.30),
            (0.16, 0.45),
            (0.09, 0.5),
            (-0.02, 0.46),
            (-0.14, 0.33),
            (-0.22, 0.14),
            (-0.26, -0.06),
            (-0.27, -0.26),
            (-0.18, -0.42)
        ],
        y,
    );
    let s = cast(d, 0.8);
    let (a, b) = (d.t.pt(face.light * 0.3, -0.3), d.t.pt(-face.light * 0.3, 0.3));
    let pale = Rgb::mix(w.skin_light, w.skin, 0.35);
    let skin = d.put("face", &mask, w.skin, |q| q.cast(s).k(0.4).tex(0.45).grad(a, b, pale, Rgb::mix(w.skin, w.skin_shade, 0.45)));
    let mx = 0.10 * y;
    let near = Side { cx: mx - 0.150 + 0.004 * y, cy: 0.0, s: -1.0, sx: 0.96 };
    let far = Side { cx: mx + 0.147 - 0.052 * y, cy: 0.0, s: 1.0, sx: 0.96 - 0.25 * y };
    let look = face.look.unwrap_or(0.5 * y);
    eye(d, near, w, &mien, look, face.eyes_closed, &skin);
    eye(d, far, w, &mien, look, face.eyes_closed, &skin);
    let l = -face.light;
    let nose = pts![
        (mx + l * 0.012, -0.05, c),
        (mx + 0.03 * y + l * 0.03, 0.12),
        (mx + 0.03 * y, 0.185),
        (mx + 0.03 * y - l * 0.02, 0.17),
        (mx + l * 0.004, 0.05)
    ];
    d.put("nose", &nose, w.skin_shade, |q| q.alpha(0.55).k(0.3).tex(0.3).clip(&skin));
    mouth(d, mx + 0.018 * y, 0.315, w, Lips { w: lips.w * 0.86, ..lips }, y >= 0.5);
    brow(d, near, w, &mien);
    brow(d, far, w, &mien);
    if face.shade > 0.0 {
        let side = pts![
            (l * 0.06, -0.6, c),
            (l * 0.10, -0.2),
            (l * 0.14, 0.1),
            (l * 0.08, 0.34),
            (l * 0.02, 0.6, c),
            (l * 0.7, 0.6, c),
            (l * 0.7, -0.6, c)
        ];
        let side: Vec<_> = side.iter().map(|q| crate::paper::Pt { x: q.x + if l < 0.0 { -0.10 * y } else { 0.10 * y }, ..*q }).collect();
        let color = Rgb::mix(Rgb::WHITE, face.tint, face.shade * 0.8);
        d.put("split", &side, color, |q| q.blend(crate::paper::Blend::Multiply).blur((xf.k * 0.008).max(0.5)).tex(0.0).clip(&skin));
    }
    // Two ribbons frame the face; one lies across the brow.
    let fall = |s: f32| -> [V; 5] {
        [
            (0.04 + s * 0.08, -0.50),
            (mx * 0.6 + s * 0.27, -0.36),
            (s * 0.335 - 0.02 * y, -0.05),
            (s * 0.36 - 0.04 * y, 0.26),
            (s * 0.46 - 0.03 * y, 0.62),
        ]
    };
    if y < 0.5 {
        ribbon(d, "frame/far", &fall(1.0), (0.05, 0.085, 0.02), tone(w, 3), 0.5);
    }
    ribbon(d, "frame/near", &fall(-1.0), (0.05, 0.095, 0.02), tone(w, 1), 0.5);
    ribbon(
        d,
        "brow-band",
        &[(-0.40, -0.20), (-0.26, -0.37), (0.02 + 0.04 * y, -0.43), (0.24 + 0.02 * y, -0.36), (0.36 - 0.05 * y, -0.22)],
        (0.03, 0.062, 0.03),
        tone(w, 4),
        0.5,
    );
    skin
}

/// The ribbons behind the face: they rise and stream back, as if there were always wind.
fn hair(d: &mut Desk, w: &Person, y: f32) {
    let b = 0.3 + 0.7 * y;
    let ways: [[V; 5]; 7] = [
        [(0.18, -0.20), (0.26, -0.50), (0.10, -0.66), (-0.18 * b, -0.72), (-0.52 * b, -0.62)],
        [(0.24, 0.05), (0.36, -0.26), (0.30, -0.56), (0.04, -0.65), (-0.34 * b, -0.57)],
        [(-0.1, -0.30), (-0.24, -0.56), (-0.46, -0.60), (-0.66, -0.46), (-0.86, -0.52)],
        [(-0.2, -0.10), (-0.42, -0.36), (-0.62, -0.24), (-0.78, -0.02), (-1.00, -0.08)],
        [(-0.2, 0.10), (-0.44, -0.02), (-0.56, 0.20), (-0.62, 0.46), (-0.84, 0.56)],
        [(0.2, 0.10), (0.36 - 0.1 * y, 0.05), (0.42 - 0.2 * y, 0.30), (0.44 - 0.2 * y, 0.56), (0.62 - 0.3 * y, 0.78)],
        [(-0.15, 0.20), (-0.36, 0.22), (-0.44, 0.48), (-0.40, 0.74), (-0.56, 0.98)],
    ];
    // Under them a dark ground, so that no gap opens between them.
    let skull = pts![
        (0.0, -0.56),
        (0.24, -0.50),
        (0.36 - 0.03 * y, -0.24),
        (0.35 - 0.06 * y, 0.10),
        (0.2, 0.36),
        (-0.2, 0.40),
        (-0.36, 0.14),
        (-0.40, -0.18),
        (-0.28, -0.48)
    ];
    let s = cast(d, 1.0);
    d.put("skull", &skull, w.hair[0], |q| q.edge(Edge::Cut).cast(s).tex(0.5));
    for (i, way) in ways.iter().enumerate() {
        ribbon(d, &format!("ribbon/{i}"), way, (0.10, 0.105, 0.015), tone(w, i), 0.7);
    }
}

/// The head from behind.
pub(super) fn head_back(g: &mut Group, xf: &Xf, w: &Person, light: f32) {
    let mut d = Desk { g, t: *xf, light, part: "back" };
    hair(&mut d, w, 0.0);
    for (i, x) in [-0.24f32, -0.08, 0.08, 0.24].into_iter().enumerate() {
        let way = [(x * 0.3, -0.52), (x, -0.30), (x * 1.15, 0.0), (x * 1.05, 0.3), (x * 1.5, 0.62)];
        ribbon(&mut d, &format!("back/{i}"), &way, (0.06, 0.12, 0.03), tone(w, i + 1), 0.5);
    }
}

/// The body below a head, down to [`HEM`]: ribbons that start at the neck and fall over where shoulders would be.
pub(super) fn bust(g: &mut Group, xf: &Xf, w: &Person, light: f32) {
    let mut desk = Desk { g, t: *xf, light, part: "bust" };
    let d = &mut desk;
    let ground = pts![
        (-0.16, 0.30),
        (0.16, 0.30),
        (0.30, 0.66),
        (0.78, 0.94),
        (0.98, 1.6),
        (1.05, HEM),
        (-1.05, HEM),
        (-0.98, 1.6),
        (-0.78, 0.94),
        (-0.30, 0.66)
    ];
    let s = cast(d, 1.2);
    let (a, b) = (d.t.pt(light * 0.9, 0.9), d.t.pt(-light * 0.9, 2.0));
    let c = w.coat;
    d.put("coat", &ground, c[1], |q| q.edge(Edge::Cut).cast(s).tex(0.5).grad(a, b, c[2], c[0]));
    for (i, u) in [-1.0f32, 0.96, -0.66, 0.62, -0.34, 0.30, 0.0].into_iter().enumerate() {
        let wave = if i % 2 == 0 { 0.07 } else { -0.06 };
        let way = [
            (u * 0.16, 0.46),
            (u * 0.62 + wave, 0.82),
            (u * 0.92 - wave, 1.35),
            (u * 0.98 + wave, 2.1),
            (u * 1.02 - wave, 3.0),
            (u * 1.02, HEM),
        ];
        ribbon(d, &format!("ribbon/{i}"), &way, (0.09, 0.19, 0.24), tone(w, i), 0.8);
    }
    // Wound once about the neck.
    ribbon(d, "neck", &[(-0.40, 0.58), (-0.2, 0.70), (0.02, 0.74), (0.24, 0.69), (0.42, 0.56)], (0.05, 0.115, 0.05), tone(w, 5), 0.8);
    ribbon(d, "neck/over", &[(0.36, 0.60), (0.10, 0.80), (-0.18, 0.92), (-0.52, 1.2), (-0.62, 1.7)], (0.05, 0.10, 0.03), tone(w, 4), 0.8);
}

/// The whole of it. It stands on nothing: its ribbons end above the ground, or lie on it where it sits.
pub(super) fn figure(d: &mut Desk, w: &Person, f: &Frame, body: &Body, head_xf: &Xf) -> Anchors {
    let xf = d.t;
    let low = matches!(body.pose, Pose::Sit | Pose::Kneel);
    let (sy, sx, hy) = (f.sy, f.sx, f.hy);
    let swing = if matches!(body.pose, Pose::Walk | Pose::Run) { -0.9 } else { -0.22 };
    let limbs: Vec<(usize, V, V)> = (0..2)
        .map(|i| {
            let (elbow, wrist) = limb(f.shoulders[i], f.stance.hands[i], 1.22, 1.12, f.stance.elbow[i]);
            (i, elbow, wrist)
        })
        .collect();
    let arm = |d: &mut Desk, i: usize, elbow: V, wrist: V| {
        let (dx, dy) = (wrist.0 - elbow.0, wrist.1 - elbow.1);
        let l = (dx * dx + dy * dy).sqrt().max(1e-3);
        let (ux, uy) = (dx / l, dy / l);
        let end = [
            (wrist.0 + ux * 0.26 - uy * 0.06, wrist.1 + uy * 0.26 + ux * 0.06),
            (wrist.0 + ux * 0.36 + uy * 0.10, wrist.1 + uy * 0.36 - ux * 0.10),
        ];
        let s = f.shoulders[i];
        let way = [
            s,
            ((s.0 + elbow.0) * 0.5, (s.1 + elbow.1) * 0.5),
            elbow,
            ((elbow.0 + wrist.0) * 0.5, (elbow.1 + wrist.1) * 0.5),
            wrist,
            end[0],
            end[1],
        ];
        ribbon(d, ["arm/0", "arm/1"][i], &way, (0.17, 0.15, 0.03), tone(w, 1 + i * 2), 0.8);
    };
    if f.flat || f.stance.over {
        // Both arms before the body.
    } else {
        let (_, e, r) = limbs[1];
        arm(d, 1, e, r);
    }
    let ground = pts![
        (sx - 0.22, sy - 0.2),
        (sx + 0.22, sy - 0.2),
        (sx + f.shw, sy + 0.2),
        (0.44, hy - 0.4),
        (if low { 0.95 } else { 0.50 }, -0.55),
        (0.2 + swing * 0.4, -0.16, c),
        (-0.3 + swing * 0.5, -0.24),
        (if low { -0.95 } else { -0.52 }, -0.6),
        (-0.44, hy - 0.4),
        (sx - f.shw, sy + 0.2)
    ];
    let s = cast(d, 1.2);
    d.put("coat", &ground, w.coat[0], |q| q.edge(Edge::Cut).cast(s).k(0.7).tex(0.5));
    for (i, u) in [-1.0f32, 1.0, -0.62, 0.62, -0.3, 0.34, 0.02].into_iter().enumerate() {
        let wave = if i % 2 == 0 { 0.10 } else { -0.09 };
        let spread = if low { 1.5 } else { 0.72 };
        let end = -0.04 - 0.10 * (i % 3) as f32;
        let way = [
            (sx + u * 0.20, sy - 0.14),
            (sx + u * f.shw * 0.98, sy + 0.32),
            (u * 0.42 + wave, hy - 0.5),
            (u * 0.52 - wave, hy * 0.55),
            (u * spread * 0.8 + wave + swing * 0.3, hy * 0.25),
            (u * spread + swing * 0.8, end - 0.10),
            (u * spread * 1.15 + swing * 1.3 + 0.2 * u, end),
        ];
        ribbon(d, &format!("ribbon/{i}"), &way, (0.12, 0.22, 0.035), tone(w, i), 0.8);
    }
    ribbon(
        d,
        "neck",
        &[(sx - 0.36, sy - 0.12), (sx - 0.1, sy + 0.05), (sx + 0.14, sy + 0.05), (sx + 0.38, sy - 0.12)],
        (0.05, 0.11, 0.05),
        tone(w, 5),
        0.8,
    );
    match body.view {
        View::Back => super::head_back(d.g, head_xf, w, d.light),
        view => {
            head(d.g, head_xf, w, &Face { yaw: view.yaw(), ..body.face });
        }
    }
    let order: &[usize] = if f.flat || f.stance.over { &[1, 0] } else { &[0] };
    for &i in order {
        let (_, e, r) = limbs[i];
        arm(d, i, e, r);
    }
    let wrist = limbs[usize::from(f.stance.over)].2;
    let hc = head_xf.pt(0.0, 0.0);
    Anchors { hand: xf.pt(wrist.0, wrist.1), hand_xf: xf.sub(wrist.0, wrist.1, 1.0, 0.0, 1.0), lamp: None, head: hc, head_xf: *head_xf }
}
