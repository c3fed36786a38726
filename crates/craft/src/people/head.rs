//! The head in front and three-quarter view; between them it turns by moving its points.

use contracts::story::{Beard, HairStyle};

use super::{
    Desk, Face, Lips, Mien, Person,
    face::{Side, brow, eye, mouth},
    hair, wear,
};
use crate::paper::{Blend, Edge, Group, Outline, Piece, Pt, Rgb, Xf, c, lerp};

const FRONT: [Pt; 20] = pts![
    (0.0, -0.5),
    (0.19, -0.455),
    (0.31, -0.33),
    (0.352, -0.17),
    (0.35, -0.04),
    (0.342, 0.07),
    (0.318, 0.19),
    (0.265, 0.31),
    (0.17, 0.42),
    (0.085, 0.487),
    (0.0, 0.5),
    (-0.085, 0.487),
    (-0.17, 0.42),
    (-0.265, 0.31),
    (-0.318, 0.19),
    (-0.342, 0.07),
    (-0.35, -0.04),
    (-0.352, -0.17),
    (-0.31, -0.33),
    (-0.19, -0.455)
];
const TURNED: [Pt; 20] = pts![
    (-0.02, -0.5),
    (0.16, -0.46),
    (0.268, -0.35),
    (0.31, -0.2),
    (0.312, -0.09),
    (0.276, 0.005),
    (0.300, 0.115),
    (0.262, 0.245),
    (0.215, 0.36),
    (0.19, 0.45),
    (0.115, 0.5),
    (0.03, 0.487),
    (-0.07, 0.43),
    (-0.17, 0.34),
    (-0.235, 0.235),
    (-0.265, 0.1),
    (-0.36, -0.02),
    (-0.4, -0.17),
    (-0.37, -0.34),
    (-0.22, -0.46)
];

/// A child's: the cheeks are the widest part, the chin is small and soft, the bridge of the nose hardly dents the contour.
const CHILD_FRONT: [Pt; 20] = pts![
    (0.0, -0.5),
    (0.19, -0.455),
    (0.31, -0.33),
    (0.352, -0.17),
    (0.354, -0.04),
    (0.358, 0.08),
    (0.352, 0.19),
    (0.312, 0.305),
    (0.222, 0.402),
    (0.108, 0.458),
    (0.0, 0.468),
    (-0.108, 0.458),
    (-0.222, 0.402),
    (-0.312, 0.305),
    (-0.352, 0.19),
    (-0.358, 0.08),
    (-0.354, -0.04),
    (-0.352, -0.17),
    (-0.31, -0.33),
    (-0.19, -0.455)
];
const CHILD_TURNED: [Pt; 20] = pts![
    (-0.02, -0.5),
    (0.16, -0.46),
    (0.275, -0.35),
    (0.326, -0.2),
    (0.332, -0.06),
    (0.306, 0.05),
    (0.318, 0.165),
    (0.296, 0.275),
    (0.243, 0.37),
    (0.185, 0.436),
    (0.105, 0.470),
    (0.015, 0.460),
    (-0.095, 0.412),
    (-0.195, 0.335),
    (-0.262, 0.235),
    (-0.295, 0.11),
    (-0.36, -0.02),
    (-0.4, -0.17),
    (-0.37, -0.34),
    (-0.22, -0.46)
];

/// The outline of the face: heavier jaws on men, rounder cheeks and a shorter chin the younger somebody is.
fn contour(w: &Person, y: f32) -> Vec<Pt> {
    let youth = w.youth();
    let grown = lerp(&FRONT, &TURNED, y);
    let mut points = if youth > 0.0 { lerp(&grown, &lerp(&CHILD_FRONT, &CHILD_TURNED, y), youth) } else { grown };
    for q in &mut points {
        if !w.is_soft() {
            q.x *= 1.0 + 0.03 * (1.0 - youth);
            if !w.has_full_beard() && q.y > 0.15 {
                // A jaw that no beard covers: wider towards its angle, squarer at the chin.
                let angle = (1.0 - ((q.y - 0.34) / 0.19).abs()).max(0.0);
                let square = if q.y > 0.4 { 0.012 } else { 0.0 };
                q.x += (q.x - 0.10 * y).signum() * (0.022 * angle + square) * (1.0 - youth);
            }
        }
    }
    points
}

/// Paints a head in any view but from behind; returns the outline of its face. `xf` has its origin at the head's centre and the head's height as scale.
pub fn head(g: &mut Group, xf: &Xf, w: &Person, face: &Face) -> Outline {
    if w.is_spirit() {
        return super::spirit::head(g, xf, w, face);
    }
    if super::in_profile(face.yaw) {
        return super::head_profile(g, xf, w, face);
    }
    let mien = face.mien();
    let lips = Lips::of(&mien, face.mouth);
    let mut desk = Desk { g, t: *xf, light: face.light, part: "head" };
    let d = &mut desk;
    let (y, light) = (face.yaw, face.light);
    let look = face.look.unwrap_or(0.5 * y);
    let turned = y >= 0.5;
    wear::behind(d, w, y);
    hair::back(d, w, y);
    if !turned {
        for (s, key) in [(-1.0, "ear-near"), (1.0, "ear-far")] {
            let low = 0.6 * w.eye_line();
            let ear = pts![
                (s * 0.335, low - 0.05),
                (s * 0.385, low - 0.075),
                (s * 0.405, low - 0.02),
                (s * 0.385, low + 0.09),
                (s * 0.345, low + 0.14)
            ];
            let cast = d.cast(0.5);
            d.put(key, &ear, Rgb::mix(w.skin, w.skin_shade, 0.25), |q| q.cast(cast));
        }
    }
    let cast = d.cast(1.3);
    let skin = d.put("face", &contour(w, y), w.skin, |q| q.cast(cast).k(0.5).tex(0.45));
    planes(d, w, y, light, &skin);
    let ey = w.eye_line();
    let mx = 0.10 * y;
    let near = Side { cx: mx - 0.158 + 0.004 * y, cy: ey, s: -1.0, sx: 1.0 };
    let far = Side { cx: mx + 0.155 - (0.052 + 0.006 * w.youth()) * y, cy: ey, s: 1.0, sx: 1.0 - 0.27 * y };
    eye(d, near, w, &mien, look, face.eyes_closed, &skin);
    eye(d, far, w, &mien, look, face.eyes_closed, &skin);
    nose(d, w, y, light, &skin);
    if d.fine() {
        wrinkles(d, w, y, &mien, near.cx, far);
    }
    let (mcx, mcy) = (mx + 0.018 * y, mouth_height(w));
    if w.beard == Beard::Stubble {
        stubble(d, w, y, &skin);
    }
    if !w.has_full_beard() {
        mouth(d, mcx, mcy, w, lips, turned);
    }
    brow(d, near, w, &mien);
    brow(d, far, w, &mien);
    if mien.lips.w > 0.13 && mien.lips.corner < -0.02 && d.fine() && !w.has_full_beard() && w.lined() > 0.0 {
        for (s, x) in [(-1.0, mcx - 0.165), (1.0, mcx + 0.165 - 0.05 * y)] {
            d.line(&pts![(x - s * 0.02, 0.2), (x + s * 0.004, 0.26), (x - s * 0.004, 0.30)], w.skin_shade, 0.008, 1.0, 0.55 * w.lined());
        }
    }
    if face.shade > 0.0 {
        split(d, w, face, &skin);
    }
    if w.has_full_beard() {
        beard(d, w, y, lips, mcx, mcy);
    }
    hair::front(d, w, y);
    wear::front(d, w, y);
    skin
}

/// A child's mouth lies as high above its shorter chin.
fn mouth_height(w: &Person) -> f32 {
    let grown = if w.is_soft() { 0.318 } else { 0.315 };
    grown + (0.312 - grown) * w.youth()
}

/// Blush, jaw shade, the hair over the skull and the ear of the three-quarter view.
fn planes(d: &mut Desk, w: &Person, y: f32, light: f32, skin: &Outline) {
    let (mx, k) = (0.10 * y, d.t.k);
    let flush = Rgb::mix(w.skin, Rgb::hex("#c8584a"), 0.38);
    let youth = w.youth();
    // A child's cheeks are round and red where they are fullest; a grown face has the planes of its bones.
    let near = lerp(
        &pts![(mx - 0.24, 0.02), (mx - 0.1, 0.07), (mx - 0.06, 0.2), (mx - 0.14, 0.33), (mx - 0.27, 0.22)],
        &pts![(mx - 0.245, 0.165), (mx - 0.165, 0.160), (mx - 0.115, 0.225), (mx - 0.185, 0.292), (mx - 0.265, 0.235)],
        youth,
    );
    let far = lerp(
        &pts![(mx + 0.07, 0.06), (mx + 0.2, 0.03), (mx + 0.22, 0.16), (mx + 0.12, 0.28)],
        &pts![(mx + 0.145, 0.17), (mx + 0.215, 0.165), (mx + 0.225, 0.25), (mx + 0.145, 0.28)],
        youth,
    );
    d.put("blush-near", &near, flush, |q| q.alpha(0.30 + 0.08 * youth).blur(k * 0.035).clip(skin));
    d.put("blush-far", &far, flush, |q| q.alpha(0.28 + 0.08 * youth).blur(k * 0.03).clip(skin));
    if y >= 0.5 {
        // It thins out along the edge of the jaw and ends on the chin's contour, softly: a step there reads as a scar.
        let jaw = pts![
            (-0.30, -0.05),
            (-0.262, 0.1),
            (-0.215, 0.25),
            (-0.13, 0.362),
            (-0.03, 0.445),
            (0.10, 0.512, c),
            (0.0, 0.60),
            (-0.2, 0.54),
            (-0.44, 0.3),
            (-0.44, -0.05)
        ];
        let jaw = jaw.map(|q| Pt { x: q.x - 0.035 * youth, y: q.y - 0.01 * youth, ..q });
        d.put("jaw", &jaw, w.skin_shade, |q| q.alpha(0.5 - 0.1 * youth).tex(0.35).k(0.4).blur(k * (0.012 + 0.016 * youth)).clip(skin));
        if !w.has_long_hair() && w.hair_style != HairStyle::Bald {
            let side = pts![(-0.44, -0.22), (-0.27, -0.2), (-0.245, -0.04), (-0.25, 0.1), (-0.24, 0.2), (-0.34, 0.32), (-0.46, 0.12)];
            d.put("nape", &side, w.hair[0], |q| q.edge(Edge::Cut).tex(0.35).k(0.4).clip(skin));
        }
        // Under long hair the little that is left of an ear is a patch on the temple.
        if w.has_long_hair() {
            return;
        }
        let cast = d.cast(0.6);
        let moved = |q: Pt| Pt { x: q.x - 0.03 * youth, y: q.y + 0.06 * youth, ..q };
        let ear = pts![(-0.245, -0.055), (-0.19, -0.085), (-0.15, -0.045), (-0.165, 0.03), (-0.19, 0.115), (-0.225, 0.13), (-0.24, 0.06)];
        d.put("ear", &ear.map(moved), w.skin, |q| q.cast(cast).k(0.5).tex(0.5));
        let shell = pts![(-0.225, -0.03), (-0.19, -0.05), (-0.178, 0.0), (-0.2, 0.06)];
        d.put("ear/shell", &shell.map(moved), w.skin_shade, |q| q.alpha(0.45).tex(0.35).k(0.4));
    } else {
        let jaw = pts![
            (-light * 0.36, -0.2),
            (-light * 0.27, -0.02),
            (-light * 0.235, 0.14),
            (-light * 0.15, 0.34),
            (-light * 0.04, 0.5),
            (-light * 0.4, 0.5),
            (-light * 0.45, 0.0)
        ];
        let jaw = jaw.map(|q| Pt { x: q.x - light * 0.045 * youth, ..q });
        d.put("jaw", &jaw, w.skin_shade, |q| q.alpha(0.5 - 0.1 * youth).tex(0.35).k(0.4).blur(k * 0.028 * youth).clip(skin));
    }
}

/// A child's nose has no bridge to speak of: a tip that catches the light and the little shade below it.
fn button(d: &mut Desk, w: &Person, y: f32, light: f32, skin: &Outline) {
    let k = d.t.k;
    let x = 0.135 * y;
    let at = |points: &[Pt]| -> Vec<Pt> { points.iter().map(|q| Pt { x: q.x + x, ..*q }).collect() };
    let side = if y >= 0.5 { -1.0 } else { -light };
    let flank = pts![(side * 0.050, 0.175), (side * 0.030, 0.120), (side * 0.020, 0.175), (side * 0.026, 0.212), (side * 0.056, 0.212)];
    d.put("nose", &at(&flank), w.skin_shade, |q| q.alpha(0.38).tex(0.3).blur(k * 0.010).clip(skin));
    let under =
        pts![(-0.050, 0.204), (-0.022, 0.214), (0.0, 0.221), (0.022, 0.214), (0.050, 0.204), (0.030, 0.234), (0.0, 0.241), (-0.030, 0.234)];
    d.put("nose/under", &at(&under), w.skin_shade, |q| q.alpha(0.72).tex(0.3).k(0.3).blur(k * 0.003).clip(skin));
    let tip = pts![(light * 0.004, 0.150), (light * 0.026, 0.160), (light * 0.030, 0.186), (light * 0.010, 0.197), (light * -0.010, 0.176)];
    d.put("nose/light", &at(&tip), w.skin_light, |q| q.alpha(0.75).tex(0.3).blur(k * 0.006).clip(skin));
    let dark = Rgb::mix(w.skin_shade, Rgb::hex("#3a1a1c"), 0.5);
    for (s, key) in [(-1.0, "nose/slit-near"), (1.0, "nose/slit-far")] {
        let s = s * 0.024;
        let slit = pts![(s - 0.011, 0.222), (s, 0.215), (s + 0.011, 0.222), (s, 0.228)];
        d.put(key, &at(&slit), dark, |p| p.alpha(0.6).tex(0.0).k(0.2).clip(skin));
    }
}

fn nose(d: &mut Desk, w: &Person, y: f32, light: f32, skin: &Outline) {
    if w.youth() > 0.7 {
        return button(d, w, y, light, skin);
    }
    let (mx, k, ns) = (0.10 * y, d.t.k, w.nose_scale());
    let small = |points: &[Pt]| -> Vec<Pt> {
        let cx = mx + 0.03 * y;
        points.iter().map(|q| Pt { x: (q.x - cx) * ns + cx, y: (q.y - 0.215) * ns + 0.215, corner: q.corner }).collect()
    };
    let dark = Rgb::hex("#3a1a1c");
    if y >= 0.5 {
        let ridge = pts![
            (mx, -0.06, c),
            (mx + 0.022, 0.0),
            (mx + 0.05, 0.1),
            (mx + 0.088, 0.17),
            (mx + 0.080, 0.2),
            (mx + 0.045, 0.212),
            (mx, 0.2),
            (mx - 0.028, 0.21),
            (mx - 0.05, 0.19),
            (mx - 0.04, 0.15),
            (mx - 0.012, 0.07)
        ];
        let m = d.t.m;
        let color = Rgb::mix(w.skin, w.skin_light, 0.35);
        d.put("nose", &small(&ridge), color, |q| q.shadow(-k * 0.006 * m, k * 0.007, k * 0.010, 0.36).tex(0.35).k(0.4).clip(skin));
        let under = pts![
            (mx - 0.05, 0.19),
            (mx - 0.03, 0.172),
            (mx, 0.185),
            (mx + 0.04, 0.192),
            (mx + 0.08, 0.2),
            (mx + 0.05, 0.225),
            (mx - 0.02, 0.222)
        ];
        d.put("nose/under", &small(&under), w.skin_shade, |q| q.alpha(0.85).tex(0.35).k(0.4).clip(skin));
        let slit = pts![(mx - 0.012, 0.2), (mx + 0.012, 0.192), (mx + 0.03, 0.2), (mx + 0.01, 0.208)];
        d.put("nose/slit", &small(&slit), dark, |q| q.alpha(0.8).tex(0.0).k(0.4).clip(skin));
        return;
    }
    let q = -light;
    let ridge = pts![
        (q * 0.045, -0.07, c),
        (q * 0.03, 0.02),
        (q * 0.028, 0.1),
        (q * 0.062, 0.165),
        (q * 0.06, 0.2),
        (q * 0.02, 0.214),
        (-q * 0.02, 0.212),
        (-q * 0.058, 0.196),
        (-q * 0.05, 0.17),
        (0.0, 0.15),
        (q * 0.004, 0.05),
        (q * 0.02, -0.02)
    ];
    let moved = |points: &[Pt]| -> Vec<Pt> { small(points).into_iter().map(|v| Pt { x: v.x + mx, ..v }).collect() };
    d.put("nose", &moved(&ridge), Rgb::mix(w.skin, w.skin_shade, 0.62), |p| p.alpha(0.95).tex(0.35).k(0.4).clip(skin));
    let under =
        pts![(-0.062, 0.194), (-0.03, 0.186), (0.0, 0.2), (0.03, 0.186), (0.062, 0.194), (0.03, 0.216), (0.0, 0.222), (-0.03, 0.216)];
    d.put("nose/under", &moved(&under), w.skin_shade, |p| p.alpha(0.9).tex(0.35).k(0.4).clip(skin));
    let shine = pts![(light * 0.012, 0.02), (light * 0.022, 0.1), (light * 0.026, 0.16), (light * 0.006, 0.165), (light * 0.002, 0.08)];
    d.put("nose/light", &moved(&shine), w.skin_light, |p| p.alpha(0.8).tex(0.35).k(0.4).clip(skin));
    for (s, key) in [(-1.0, "nose/slit-near"), (1.0, "nose/slit-far")] {
        let slit = pts![(s * 0.04, 0.2), (s * 0.026, 0.194), (s * 0.014, 0.203), (s * 0.028, 0.208)];
        d.put(key, &moved(&slit), dark, |p| p.alpha(0.75).tex(0.0).k(0.4).clip(skin));
    }
}

/// What years and feelings draw into a face. Up to thirty, feelings are in the brows alone.
fn wrinkles(d: &mut Desk, w: &Person, y: f32, mien: &Mien, near: f32, far: Side) {
    let mx = 0.10 * y;
    let shade = w.skin_shade;
    let lined = w.lined();
    if lined <= 0.0 {
        return;
    }
    if mien.brow[0] > 0.015 {
        for s in [-1.0, 1.0] {
            d.line(
                &pts![(mx + s * 0.022 + 0.02 * y, -0.10), (mx + s * 0.016 + 0.02 * y, -0.045)],
                shade.scale(0.75),
                0.008,
                1.0,
                0.7 * lined,
            );
        }
    }
    if mien.brow[0] < -0.03 {
        for (dy, ww) in [(-0.235, 0.1), (-0.205, 0.075)] {
            let wave = pts![
                (mx - ww, dy + 0.012),
                (mx - ww * 0.4, dy - 0.002),
                (mx, dy + 0.008),
                (mx + ww * 0.4, dy - 0.002),
                (mx + ww * 0.85, dy + 0.012)
            ];
            d.line(&wave, shade, 0.007, 1.0, 0.55 * lined);
        }
    }
    if w.age < 50 {
        return;
    }
    // Age: bags, crow's feet and the lines of the forehead; fainter on women.
    let strength = if w.is_soft() { 0.7 } else { 1.0 };
    for (s, cx, q) in [(-1.0, near, 1.0), (1.0, far.cx, far.sx)] {
        d.line(
            &pts![(cx + s * 0.02 * q, 0.055), (cx - s * 0.05 * q, 0.062), (cx - s * 0.075 * q, 0.045)],
            shade,
            0.009,
            1.0,
            0.75 * strength,
        );
        if !(y >= 0.5 && s > 0.0) {
            for i in 0..3 {
                let i = i as f32;
                d.line(&pts![(cx + s * 0.088 * q, i * 0.012), (cx + s * 0.112 * q, -0.012 + i * 0.018)], shade, 0.006, 1.0, 0.6 * strength);
            }
        }
    }
    if !w.is_soft() {
        for dy in [-0.2, -0.165] {
            d.line(&pts![(mx - 0.15, dy), (mx, dy - 0.008), (mx + 0.13 * far.sx, dy)], shade, 0.007, 1.0, 0.5);
        }
    }
    if !w.has_full_beard() {
        for (s, x, q) in [(-1.0, mx - 0.115, 1.0), (1.0, mx + 0.125 - 0.03 * y, far.sx)] {
            d.line(
                &pts![(x + s * -0.035 * q, 0.2), (x + s * 0.012 * q, 0.25), (x + s * 0.018 * q, 0.3)],
                shade,
                0.008,
                1.0,
                0.6 * strength,
            );
        }
    }
}

/// Chiaroscuro: the side away from the light, multiplied.
fn split(d: &mut Desk, w: &Person, face: &Face, skin: &Outline) {
    let (y, light, k) = (face.yaw, face.light, d.t.k);
    let l = -light;
    let (edge, side): (Vec<Pt>, f32) = if y < 0.5 {
        let line = pts![
            (0.03, -0.8),
            (0.05, -0.4),
            (0.085, -0.2),
            (0.10, -0.12),
            (0.035, -0.06),
            (0.03, 0.02),
            (0.03, 0.1),
            (0.055, 0.17),
            (0.05, 0.2),
            (0.015, 0.225),
            (0.02, 0.26),
            (0.04, 0.29),
            (0.01, 0.315),
            (0.035, 0.35),
            (0.0, 0.39),
            (0.03, 0.45),
            (0.02, 0.55),
            (0.1, 0.9)
        ];
        (line.iter().map(|q| Pt { x: l * q.x + 0.10 * y, ..*q }).collect(), l)
    } else if light > 0.0 {
        let line = pts![
            (-0.02, -0.85),
            (-0.05, -0.4),
            (-0.085, -0.22),
            (-0.115, -0.1),
            (-0.10, -0.02),
            (-0.145, 0.06),
            (-0.135, 0.15),
            (-0.085, 0.25),
            (-0.075, 0.33),
            (-0.035, 0.41),
            (-0.03, 0.48),
            (0.02, 0.6),
            (0.0, 0.9)
        ];
        (line.to_vec(), -1.0)
    } else {
        let line = pts![
            (0.14, -0.85),
            (0.18, -0.4),
            (0.21, -0.2),
            (0.225, -0.12),
            (0.17, -0.06),
            (0.19, 0.02),
            (0.215, 0.1),
            (0.25, 0.17),
            (0.235, 0.2),
            (0.19, 0.225),
            (0.195, 0.26),
            (0.215, 0.29),
            (0.185, 0.315),
            (0.205, 0.35),
            (0.17, 0.39),
            (0.2, 0.45),
            (0.16, 0.55),
            (0.2, 0.9)
        ];
        (line.iter().map(|q| Pt { x: q.x - 0.065, ..*q }).collect(), 1.0)
    };
    let youth = w.youth();
    let mut points = edge;
    // On a young face the shade follows the round of the cheek and stays back: a bent edge reads as a hollow.
    let turned = y >= 0.5;
    for q in &mut points {
        let round = 1.0 - ((q.y - 0.12) / 0.45) * ((q.y - 0.12) / 0.45);
        let round = round.max(-0.6);
        let x = if turned && side < 0.0 {
            -0.065 - 0.135 * round
        } else if turned {
            0.155 + 0.095 * round
        } else {
            0.10 * y + l * (0.07 + 0.11 * round)
        };
        q.x += (x - q.x) * (youth * 1.4).min(1.0);
    }
    if let Some(first) = points.first_mut() {
        first.corner = true;
    }
    if let Some(last) = points.last_mut() {
        last.corner = true;
    }
    points.extend([c(side * 1.2, 0.9), c(side * 1.2, -0.85)]);
    // Between a cap and a beard little skin is left: a hard edge through it, on dark skin too, reads as dirt.
    let low = w.skin.luma() < 0.45;
    let (depth, soft) = match (w.has_full_beard(), low) {
        (true, true) => (0.55, 0.034),
        (true, false) => (0.82, 0.016),
        (false, true) => (0.85, 0.012),
        (false, false) => (1.0, 0.006),
    };
    let (depth, soft) = (depth * (1.0 - 0.12 * youth), soft + 0.026 * youth);
    let points: Vec<Pt> = if w.has_full_beard() {
        points.iter().map(|q| Pt { x: q.x + if q.x.abs() < 1.0 { side * 0.035 } else { 0.0 }, ..*q }).collect()
    } else {
        points
    };
    let outline = Outline::smooth(&points, &d.t, 3.0);
    let color = Rgb::mix(Rgb::WHITE, face.tint, face.shade * depth);
    d.g.piece(&Piece::ready(&outline, color).no_shadow().tex(0.0).blur((k * soft).max(0.5)).blend(Blend::Multiply).clip(skin));
    if y < 0.5 && youth <= 0.0 {
        let spot = pts![(l * 0.11, 0.045), (l * 0.2, 0.04), (l * 0.175, 0.11), (l * 0.13, 0.17)];
        d.put("triangle", &spot, Rgb::mix(w.skin, w.skin_light, 0.2), |q| q.alpha(0.5).blur(k * 0.008).clip(skin));
    }
}

/// A shaved beard's shadow on jaw and lip.
fn stubble(d: &mut Desk, w: &Person, y: f32, skin: &Outline) {
    let (mx, k) = (0.10 * y, d.t.k);
    let color = Rgb::mix(w.skin_shade, w.hair[0], 0.6);
    let jaw = pts![
        (mx - 0.42, -0.02),
        (mx - 0.33 + 0.03 * y, 0.06),
        (mx - 0.25, 0.22),
        (mx - 0.17, 0.275),
        (mx - 0.10, 0.235),
        (mx, 0.24),
        (mx + 0.10 - 0.03 * y, 0.235),
        (mx + 0.17 - 0.05 * y, 0.275),
        (mx + 0.25 - 0.08 * y, 0.22),
        (mx + 0.33 - 0.10 * y, 0.06),
        (mx + 0.42 - 0.05 * y, -0.02),
        (mx + 0.46, 0.5),
        (mx, 0.62),
        (mx - 0.46, 0.5)
    ];
    d.put("stubble", &jaw, color, |q| q.alpha(0.34).blur(k * 0.02).clip(skin));
}

/// A full beard: one mass, two inner tones, two halves of a moustache. Its tips follow the jaw: the mass is cut once and
/// stretched, so that its edge does not boil while the mouth moves.
fn beard(d: &mut Desk, w: &Person, y: f32, lips: Lips, mcx: f32, mcy: f32) {
    let (dx, k, h) = (0.10 * y, d.t.k, w.hair);
    let drop = lips.open * 0.5;
    let mass = pts![
        (dx - 0.335 + 0.03 * y, 0.075, c),
        (dx - 0.285, 0.19),
        (dx - 0.2, 0.235),
        (dx - 0.1, 0.232),
        (dx, 0.243),
        (dx + 0.1, 0.232),
        (dx + 0.2 - 0.05 * y, 0.235),
        (dx + 0.285 - 0.10 * y, 0.19 + 0.035 * y),
        (dx + 0.335 - 0.150 * y, 0.075 + 0.125 * y, c),
        (dx + 0.36 - 0.17 * y, 0.26),
        (dx + 0.31 - 0.12 * y, 0.48),
        (dx + 0.17 - 0.05 * y, 0.66),
        (dx, 0.74),
        (dx - 0.18, 0.65),
        (dx - 0.32 + 0.01 * y, 0.47),
        (dx - 0.37, 0.25)
    ];
    let cast = d.cast(1.6);
    hang(d, "beard", &mass, h[0], 0.0042 * k, cast, drop);
    for (tone, inset) in [(1usize, 0.05f32), (2, 0.10)] {
        let inner = pts![
            (dx - 0.30 + 0.02 * y + inset * 0.5, 0.16),
            (dx - 0.17, 0.262),
            (dx, 0.27),
            (dx + 0.17 - 0.05 * y, 0.262),
            (dx + 0.30 - 0.14 * y - inset * 0.5, 0.16),
            (dx + 0.29 - 0.11 * y - inset, 0.44 - inset * 0.6),
            (dx + 0.10, 0.62 - inset * 1.3),
            (dx + 0.03, 0.55 - inset),
            (dx - 0.07, 0.66 - inset * 1.2),
            (dx - 0.16, 0.54 - inset),
            (dx - 0.28 + inset * 0.6, 0.46 - inset)
        ];
        let cast = d.cast(0.6);
        hang(d, if tone == 1 { "beard/1" } else { "beard/2" }, &inner, h[tone], 0.0036 * k, cast, drop);
    }
    mouth(d, mcx, mcy + 0.012, w, Lips { w: lips.w * 0.8, ..lips }, y >= 0.5);
    let half = |s: f32, q: f32| {
        pts![
            (mcx, 0.236, c),
            (mcx + s * 0.06 * q, 0.224),
            (mcx + s * 0.14 * q, 0.25),
            (mcx + s * 0.205 * q, 0.36),
            (mcx + s * 0.19 * q, 0.39, c),
            (mcx + s * 0.13 * q, 0.33),
            (mcx + s * 0.06 * q, 0.305),
            (mcx, 0.292, c)
        ]
    };
    let cast = d.cast(0.7);
    // On dark hair the light tones are scraps of paper.
    let dark = usize::from(h[2].luma() < 0.32);
    d.put("moustache-near", &half(-1.0, 1.0), h[2 - dark], |q| q.edge(Edge::Rag).k(0.0026 * k).cast(cast).tex(0.5));
    d.put("moustache-far", &half(1.0, 1.0 - 0.22 * y), h[3 - dark], |q| q.edge(Edge::Rag).k(0.0026 * k).cast(cast).tex(0.5));
}

/// A ragged sheet whose lower part hangs from the jaw.
fn hang(d: &mut Desk, key: &str, points: &[Pt], color: Rgb, k: f32, cast: super::Cast, drop: f32) {
    let key = format!("head/{key}");
    let cut = d.g.cut(&Piece::new(points, color).edge(Edge::Rag).k(k).xf(&d.t).key(key.as_str()));
    let t = d.t;
    let (axis, s) = ((-libm::sinf(t.r), libm::cosf(t.r)), t.k);
    let outline = if drop <= 0.0 {
        cut
    } else {
        cut.map(|q| {
            let along = ((q[0] - t.ox) * axis.0 + (q[1] - t.oy) * axis.1) / s;
            let share = ((along - 0.58) / 0.16).clamp(0.0, 1.0);
            let share = share * share * (3.0 - 2.0 * share) * drop * s;
            [q[0] + axis.0 * share, q[1] + axis.1 * share]
        })
    };
    d.g.piece(&Piece::ready(&outline, color).cast(cast).tex(0.7).key(key));
}
