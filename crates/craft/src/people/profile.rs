//! The head in profile, facing +x.

use contracts::story::{HairStyle, Headwear};

use super::{
    Cast, Desk, Face, Lips, Mien, Person,
    hair::plait,
    hats::{self, Seen},
};
use crate::paper::{Blend, Edge, Group, Outline, Piece, Pt, Rgb, Xf, disc, lerp};

const PROFILE: [Pt; 24] = pts![
    (-0.05, -0.5),
    (0.14, -0.465),
    (0.275, -0.36),
    (0.325, -0.22),
    (0.34, -0.1),
    (0.312, -0.025),
    (0.345, 0.06),
    (0.415, 0.158),
    (0.405, 0.195),
    (0.342, 0.215),
    (0.358, 0.262),
    (0.33, 0.3),
    (0.348, 0.338),
    (0.312, 0.378),
    (0.322, 0.44),
    (0.275, 0.495),
    (0.16, 0.478),
    (0.02, 0.40),
    (-0.1, 0.29),
    (-0.22, 0.24),
    (-0.36, 0.14),
    (-0.45, -0.05),
    (-0.44, -0.25),
    (-0.32, -0.42)
];

/// A child's: a high round brow, a small nose that turns up, full lips close below it, a soft chin.
const CHILD: [Pt; 24] = pts![
    (-0.05, -0.5),
    (0.14, -0.465),
    (0.282, -0.36),
    (0.342, -0.22),
    (0.357, -0.08),
    (0.334, 0.035),
    (0.336, 0.110),
    (0.380, 0.178),
    (0.376, 0.208),
    (0.334, 0.224),
    (0.350, 0.264),
    (0.328, 0.300),
    (0.342, 0.334),
    (0.306, 0.366),
    (0.300, 0.420),
    (0.238, 0.464),
    (0.125, 0.448),
    (-0.01, 0.392),
    (-0.12, 0.300),
    (-0.22, 0.245),
    (-0.36, 0.14),
    (-0.45, -0.05),
    (-0.44, -0.25),
    (-0.32, -0.42)
];

/// Paints a head in profile; returns the outline of its face.
pub fn head_profile(g: &mut Group, xf: &Xf, w: &Person, face: &Face) -> Outline {
    let k = xf.k;
    let light = face.light;
    let mien = face.mien();
    let lips = Lips::of(&mien, face.mouth);
    let h = w.hair;
    let soft = w.is_soft();
    let long = w.has_long_hair();
    let m = xf.m;
    let cast = |q: f32| -> Cast { Some((-light * m * 0.008 * k * q, 0.012 * k * q, 0.014 * k * q, 0.42)) };
    let mut desk = Desk { g, t: *xf, light, part: "profile" };
    let d = &mut desk;
    if w.headwear == Headwear::Hood {
        let shell = pts![
            (0.1, -0.66),
            (-0.15, -0.70),
            (-0.40, -0.6),
            (-0.54, -0.3),
            (-0.54, 0.1),
            (-0.46, 0.5),
            (-0.2, 0.72),
            (0.06, 0.64),
            (0.14, 0.3),
            (0.2, -0.3)
        ];
        d.put("hood-shell", &shell, w.cap[0], |q| q.edge(Edge::Cut).cast(cast(1.3)).tex(0.5));
    }
    if w.headwear == Headwear::Helmet {
        hats::shell(d, w, 1.0, cast(1.3));
    }
    if w.falls() {
        let longer = w.falls_by();
        let fall = pts![
            (-0.1, -0.3),
            (0.02, 0.0),
            (-0.02, 0.3),
            (-0.06, 0.6),
            (-0.14, 0.9),
            (-0.34, 0.96),
            (-0.52, 0.84),
            (-0.54, 0.4),
            (-0.50, 0.0),
            (-0.42, -0.3)
        ];
        let fall = fall.map(|q| Pt { y: if q.y > 0.5 { q.y + longer } else { q.y }, ..q });
        d.put("hair-fall", &fall, h[0], |q| q.edge(Edge::Cut).cast(cast(1.2)).tex(0.5));
    }
    if w.hair_style == HairStyle::Bun && w.is_bareheaded() {
        d.put("bun", &pts![(-0.30, -0.50), (-0.36, -0.66), (-0.28, -0.80), (-0.1, -0.80), (-0.02, -0.68), (-0.07, -0.52)], h[0], |q| {
            q.edge(Edge::Cut).cast(cast(1.0)).k(0.6).tex(0.5)
        });
        for (a, tone) in [(-0.30f32, 1usize), (-0.22, 2), (-0.12, 3)] {
            let crescent =
                pts![(a + 0.02, -0.52), (a - 0.03, -0.66), (a + 0.06, -0.77), (a + 0.12, -0.72), (a + 0.07, -0.62), (a + 0.09, -0.53)];
            d.put(&format!("bun/{tone}"), &crescent, h[tone], |q| q.cast(cast(0.4)).k(0.5).tex(0.5));
        }
    }
    let open = lips.open;
    let youth = w.youth();
    let contour = lerp(&PROFILE, &CHILD, youth);
    let shadow = cast(1.2);
    let skin = sag(d, "face", &contour, w.skin, open * 0.35, &|q| q.tex(0.5).cast(shadow), Edge::Clean, 0.4);
    d.put(
        "jaw",
        &pts![(-0.25, -0.05), (-0.05, 0.1), (0.02, 0.26), (0.15, 0.38), (0.28, 0.46), (0.2, 0.55), (-0.3, 0.5)],
        w.skin_shade,
        |q| q.alpha(0.5 - 0.15 * youth).tex(0.35).k(0.4).blur(k * 0.03 * youth).clip(&skin),
    );
    let flush = Rgb::mix(w.skin, Rgb::hex("#c8584a"), 0.4);
    let low = 0.09 * youth;
    d.put("blush", &pts![(0.12, low + 0.08), (0.22, low + 0.06), (0.24, 0.2 + low * 0.5), (0.12, 0.26 + low * 0.4)], flush, |q| {
        q.alpha(0.3 + 0.08 * youth).blur(k * 0.03).clip(&skin)
    });
    eye(d, w, &mien, face.eyes_closed, &skin);
    let nostril =
        pts![(0.335, 0.2), (0.36, 0.18), (0.385, 0.19), (0.37, 0.205)].map(|q| Pt { x: q.x - 0.022 * youth, y: q.y + 0.012 * youth, ..q });
    d.put("nostril", &nostril, w.skin_shade, |q| q.alpha(0.9 - 0.35 * youth).tex(0.35).k(0.4).clip(&skin));
    if d.fine() && youth < 0.5 {
        d.line(&pts![(0.325, 0.165), (0.315, 0.195), (0.335, 0.21)], w.skin_shade.scale(0.8), 0.008, 0.8, 0.8);
    }
    if open > 0.01 {
        let hole = pts![
            (0.272, 0.300, c),
            (0.33, 0.300 - open * 0.1),
            (0.362, 0.292, c),
            (0.352, 0.31 + open * 0.5, c),
            (0.32, 0.31 + open * 0.45)
        ];
        d.put("mouth", &hole, Rgb::hex("#2e0f14"), |q| q.tex(0.0).k(0.2).clip(&skin));
    }
    let drop = open * 0.45;
    d.put("lip", &pts![(0.275, 0.302, c), (0.32, 0.268), (0.37, 0.262), (0.35, 0.3), (0.32, 0.305)], w.lip[0], |q| {
        q.tex(0.35).k(0.4).clip(&skin)
    });
    d.put(
        "lip/lower",
        &pts![(0.275, 0.302, c), (0.33, 0.303 + drop), (0.365, 0.33 + drop), (0.33, 0.352 + drop), (0.3, 0.33 + drop)],
        w.lip[1],
        |q| q.tex(0.35).k(0.4).clip(&skin),
    );
    if open <= 0.02 {
        d.line(&pts![(0.262, 0.302 + lips.corner), (0.3, 0.302), (0.345, 0.3)], Rgb::hex("#3d1518"), 0.008, 0.8, 1.0);
    }
    let lower = |q: Pt| Pt { y: q.y + 0.06 * youth, ..q };
    let ear = pts![(-0.06, -0.06), (-0.01, -0.09), (0.04, -0.05), (0.02, 0.04), (-0.02, 0.11), (-0.06, 0.1)].map(lower);
    d.put("ear", &ear, w.skin, |q| q.cast(cast(0.6)).k(0.4).tex(0.5));
    let shell = pts![(-0.035, -0.03), (0.0, -0.05), (0.015, 0.0), (-0.02, 0.06)].map(lower);
    d.put("ear/shell", &shell, w.skin_shade, |q| q.alpha(0.7).tex(0.35).k(0.4).clip(&skin));
    if face.shade > 0.0 {
        split(d, face, &skin);
    }
    if long {
        long_hair(d, w, &cast);
    } else if w.hair_style != HairStyle::Bald {
        let short = pts![
            (0.245, -0.375, c),
            (0.13, -0.315),
            (0.075, -0.2),
            (0.06, -0.05),
            (0.03, 0.03, c),
            (-0.02, -0.07),
            (-0.06, -0.03),
            (-0.08, 0.1),
            (-0.14, 0.22),
            (-0.3, 0.24),
            (-0.44, 0.1),
            (-0.49, -0.1),
            (-0.47, -0.33),
            (-0.33, -0.49),
            (-0.06, -0.565),
            (0.16, -0.52),
            (0.26, -0.44)
        ];
        let close = w.hair_style == HairStyle::Cropped;
        let short = short.map(|q| if close { Pt { x: q.x * 0.965 - 0.004, y: q.y * 0.955 + 0.01, ..q } } else { q });
        d.put("crop", &short, h[1], |q| q.cast(cast(1.0)).edge(Edge::Cut).k(0.6).tex(0.5));
        d.put("crop/dark", &pts![(-0.08, 0.08, c), (-0.16, -0.06), (-0.44, -0.05), (-0.44, 0.1), (-0.3, 0.23), (-0.14, 0.21)], h[0], |q| {
            q.alpha(0.85).k(0.4).tex(0.5)
        });
        let sheen = if close { 0.35 } else { 0.85 };
        d.put("crop/light", &pts![(0.22, -0.42, c), (-0.02, -0.46), (-0.34, -0.36, c), (-0.08, -0.53), (0.14, -0.50)], h[2], |q| {
            q.alpha(sheen).k(0.4).tex(0.5)
        });
    } else if !soft {
        d.put(
            "wreath",
            &pts![(-0.06, -0.1, c), (-0.08, 0.1), (-0.14, 0.22), (-0.3, 0.24), (-0.42, 0.1), (-0.455, -0.08), (-0.25, -0.12)],
            h[0],
            |q| q.edge(Edge::Soft).k(0.006 * k).tex(0.5),
        );
    }
    if w.has_full_beard() {
        let b = pts![
            (-0.06, -0.02, c),
            (-0.03, 0.12),
            (0.1, 0.2),
            (0.27, 0.235),
            (0.37, 0.25),
            (0.345, 0.3),
            (0.37, 0.37),
            (0.42, 0.5),
            (0.36, 0.68),
            (0.22, 0.74),
            (0.04, 0.6),
            (-0.1, 0.42),
            (-0.12, 0.2)
        ];
        let shadow = cast(1.2);
        sag(d, "beard", &b, h[0], drop, &|q| q.cast(shadow).tex(0.5), Edge::Rag, 0.004 * k);
        let inner = pts![(0.02, 0.2), (0.26, 0.27), (0.34, 0.4), (0.33, 0.55), (0.24, 0.62), (0.12, 0.48), (0.04, 0.42)];
        let shadow = cast(0.5);
        sag(d, "beard/1", &inner, h[1], drop, &|q| q.cast(shadow).tex(0.5), Edge::Rag, 0.0035 * k);
        d.put("moustache", &pts![(0.385, 0.235, c), (0.3, 0.225), (0.2, 0.3), (0.16, 0.42, c), (0.28, 0.36), (0.37, 0.3)], h[3], |q| {
            q.edge(Edge::Rag).k(0.0025 * k).cast(cast(0.5)).tex(0.5)
        });
    }
    wear(d, w, &cast);
    skin
}

/// A sheet whose lower front drops with the jaw: cut once and moved, so that its edge does not boil while the mouth moves.
#[allow(clippy::too_many_arguments, reason = "one sheet and how it is cut")]
fn sag(
    d: &mut Desk,
    key: &str,
    points: &[Pt],
    color: Rgb,
    drop: f32,
    style: &dyn for<'a> Fn(Piece<'a>) -> Piece<'a>,
    edge: Edge,
    k: f32,
) -> Outline {
    let key = format!("{}/{key}", d.part);
    let cut = d.g.cut(&Piece::new(points, color).edge(edge).k(k).xf(&d.t).key(key.as_str()));
    let t = d.t;
    let (sin, cos) = (libm::sinf(t.r), libm::cosf(t.r));
    let outline = if drop <= 0.0 {
        cut
    } else {
        cut.map(|q| {
            let (px, py) = (q[0] - t.ox, q[1] - t.oy);
            let (x, y) = ((px * cos + py * sin) / t.k * t.m, (py * cos - px * sin) / t.k);
            let share = ((y - 0.30) / 0.15).clamp(0.0, 1.0) * ((x + 0.05) / 0.15).clamp(0.0, 1.0);
            let by = share * share * (3.0 - 2.0 * share) * drop * t.k;
            [q[0] - sin * by, q[1] + cos * by]
        })
    };
    d.g.piece(&style(Piece::ready(&outline, color)).key(key))
}

/// Chiaroscuro: by a light before it the back of the cheek is dark; by one behind it, the front of the face.
fn split(d: &mut Desk, face: &Face, skin: &Outline) {
    let points: Vec<Pt> = if face.light > 0.0 {
        pts![
            (0.03, -0.85, c),
            (0.06, -0.40),
            (0.03, -0.22),
            (0.075, -0.08),
            (0.03, 0.02),
            (0.05, 0.14),
            (0.10, 0.26),
            (0.085, 0.36),
            (0.16, 0.46),
            (0.17, 0.7, c),
            (-0.8, 0.7, c),
            (-0.8, -0.85, c)
        ]
        .to_vec()
    } else {
        pts![
            (0.10, -0.85, c),
            (0.14, -0.40),
            (0.185, -0.20),
            (0.15, -0.10),
            (0.175, -0.01),
            (0.21, 0.08),
            (0.255, 0.17),
            (0.215, 0.25),
            (0.235, 0.33),
            (0.18, 0.42),
            (0.16, 0.7, c),
            (0.8, 0.7, c),
            (0.8, -0.85, c)
        ]
        .to_vec()
    };
    let outline = Outline::smooth(&points, &d.t, 3.0);
    let color = Rgb::mix(Rgb::WHITE, face.tint, face.shade);
    let k = d.t.k;
    d.g.piece(&Piece::ready(&outline, color).no_shadow().tex(0.0).blur((k * 0.006).max(0.5)).blend(Blend::Multiply).clip(skin));
}

fn eye(d: &mut Desk, w: &Person, mien: &Mien, closed: bool, skin: &Outline) {
    let es = w.eye_scale();
    let dy = w.eye_line();
    let man = !w.is_soft();
    let u = 0.036 * mien.open * es;
    let wider = 1.0 + 0.12 * w.youth();
    let at = |points: &[Pt]| -> Vec<Pt> { points.iter().map(|q| Pt { x: (q.x - 0.276) * wider + 0.276, y: q.y + dy, ..*q }).collect() };
    let socket = at(&pts![(0.16, -0.03), (0.22, -0.075), (0.30, -0.05), (0.29, 0.02), (0.2, 0.04)]);
    d.put("eye/socket", &socket, w.skin_shade, |q| q.alpha(0.4 - 0.22 * w.youth()).tex(0.35).k(0.4).clip(skin));
    let dark = Rgb::hex("#2a1216");
    let wedge = at(&pts![(0.185, 0.004, c), (0.225, -u * 0.75), (0.268, -u, c), (0.276, 0.0), (0.262, 0.022, c), (0.22, 0.02)]);
    if closed {
        d.put("eye/lid-down", &wedge, Rgb::mix(w.skin, w.skin_shade, 0.3), |q| q.tex(0.35).k(0.3));
        d.put("eye/lash-down", &at(&pts![(0.175, 0.006, c), (0.22, 0.018), (0.285, 0.018, c), (0.22, 0.032)]), dark, |q| q.tex(0.0).k(0.3));
    } else {
        let white = Outline::smooth(&wedge, &d.t, 1.0);
        d.g.piece(&Piece::ready(&white, Rgb::hex("#efe6d6")).no_shadow().tex(0.0));
        d.put("eye/iris", &disc(0.262, -0.004 + dy, 0.03 * es), w.iris.scale(0.8), |q| q.tex(0.0).k(0.1).clip(&white));
        d.put("eye/pupil", &disc(0.268, -0.004 + dy, 0.014 * es), Rgb::hex("#140c10"), |q| q.tex(0.0).k(0.1).clip(&white));
        d.put(
            "eye/lid",
            &at(&pts![(0.165, 0.0, c), (0.22, -u * 0.85), (0.285, -u - 0.012, c), (0.268, -u * 0.72), (0.22, -u * 0.6)]),
            dark,
            |q| q.tex(0.0).k(0.4),
        );
    }
    let [bi, bm, bo] = mien.brow;
    let t = w.brow_thickness * 0.9;
    let up = 0.016 * w.youth();
    let brow = at(&pts![
        (0.32, -0.10 - up + bi, c),
        (0.25, -0.125 - up + bm - t * 0.6),
        (0.14, -0.085 - up + bo, c),
        (0.24, -0.1 - up + bm + t * 0.2)
    ]);
    let k = d.t.k;
    d.put("brow", &brow, w.brow, |q| q.tex(0.35).edge(if man { Edge::Rag } else { Edge::Clean }).k(if man { 0.0016 * k } else { 0.4 }));
}

fn long_hair(d: &mut Desk, w: &Person, cast: &dyn Fn(f32) -> Cast) {
    let h = w.hair;
    let mass = pts![
        (0.26, -0.37, c),
        (0.15, -0.3),
        (0.1, -0.14),
        (0.06, 0.0),
        (0.02, 0.07, c),
        (-0.05, -0.05),
        (-0.1, 0.1),
        (-0.2, 0.24),
        (-0.36, 0.18),
        (-0.47, -0.02),
        (-0.48, -0.26),
        (-0.34, -0.47),
        (-0.1, -0.55),
        (0.12, -0.53),
        (0.24, -0.45)
    ];
    d.put("hair", &mass, h[1], |q| q.cast(cast(1.0)).tex(0.5));
    for (i, (a, b, tone)) in
        [((0.2f32, -0.44f32), (-0.28f32, -0.50f32), 3usize), ((0.16, -0.33), (-0.40, -0.34), 2), ((0.09, -0.2), (-0.42, -0.14), 0)]
            .into_iter()
            .enumerate()
    {
        let m = ((a.0 + b.0) * 0.5, (a.1 + b.1) * 0.5);
        let strand = pts![(a.0, a.1, c), (m.0, m.1 - 0.05), (b.0, b.1, c), (m.0, m.1 + 0.03)];
        d.put(&format!("strand/{i}"), &strand, h[tone], |q| q.alpha(0.85).tex(0.5));
    }
    if w.hair_style == HairStyle::Plaits {
        plait(d, w, -0.16, 0.14, "plait-near");
    } else if w.falls() {
        let lock = pts![
            (0.06, -0.1, c),
            (0.02, 0.1),
            (-0.04, 0.4),
            (-0.06, 0.7),
            (-0.12, 0.92, c),
            (-0.28, 0.8),
            (-0.30, 0.45),
            (-0.24, 0.15),
            (-0.12, -0.06)
        ];
        d.put("lock", &lock, h[2], |q| q.cast(cast(1.0)).tex(0.5));
    } else {
        d.put("lock", &pts![(0.10, -0.16, c), (0.07, 0.0), (0.075, 0.15), (0.11, 0.28, c), (0.04, 0.15), (0.03, 0.0)], h[2], |q| {
            q.cast(cast(0.7)).tex(0.5)
        });
    }
}

fn wear(d: &mut Desk, w: &Person, cast: &dyn Fn(f32) -> Cast) {
    match w.headwear {
        Headwear::None => {}
        Headwear::Hat | Headwear::Helmet | Headwear::Crown => hats::over(d, w, Seen::Profile, cast),
        Headwear::Cap => {
            d.put(
                "cap",
                &pts![
                    (-0.47, -0.1),
                    (-0.54, -0.3),
                    (-0.42, -0.52),
                    (-0.06, -0.61),
                    (0.26, -0.54),
                    (0.36, -0.4),
                    (0.33, -0.24),
                    (-0.05, -0.2)
                ],
                w.cap[2],
                |q| q.edge(Edge::Cut).cast(cast(1.2)).tex(0.5),
            );
            d.put(
                "cap/band",
                &pts![(-0.46, -0.04), (-0.48, -0.2), (-0.1, -0.28), (0.33, -0.30), (0.35, -0.2), (0.0, -0.17)],
                w.cap[1],
                |q| q.edge(Edge::Cut).cast(cast(0.6)).tex(0.5),
            );
            d.put("cap/visor", &pts![(0.2, -0.24, c), (0.4, -0.24), (0.56, -0.14, c), (0.4, -0.145), (0.22, -0.16)], w.cap[0], |q| {
                q.edge(Edge::Cut).cast(cast(0.8)).tex(0.5)
            });
            d.put("cap/top", &pts![(-0.48, -0.33), (-0.38, -0.5), (-0.05, -0.59), (0.2, -0.54), (-0.1, -0.46)], w.cap[3], |q| {
                q.edge(Edge::Cut).alpha(0.9).tex(0.5)
            });
        }
        Headwear::Knitted => {
            d.put(
                "knit",
                &pts![
                    (-0.48, -0.12),
                    (-0.51, -0.32),
                    (-0.42, -0.54),
                    (-0.18, -0.665),
                    (0.08, -0.655),
                    (0.28, -0.55),
                    (0.375, -0.40),
                    (0.36, -0.26),
                    (-0.05, -0.2)
                ],
                w.cap[2],
                |q| q.edge(Edge::Soft).cast(cast(1.2)).k(0.5).tex(0.7),
            );
            d.put(
                "knit/fold",
                &pts![
                    (-0.49, -0.05),
                    (-0.50, -0.22),
                    (-0.2, -0.29),
                    (0.1, -0.33),
                    (0.375, -0.33),
                    (0.375, -0.2),
                    (0.1, -0.19),
                    (-0.2, -0.12)
                ],
                w.cap[3],
                |q| q.edge(Edge::Soft).cast(cast(0.8)).k(0.5).tex(0.7),
            );
        }
        Headwear::Hood => {
            let rim = pts![
                (-0.2, 0.70),
                (-0.44, 0.45),
                (-0.54, 0.1),
                (-0.54, -0.3),
                (-0.46, -0.66, c),
                (-0.2, -0.67),
                (0.1, -0.62),
                (0.275, -0.49),
                (0.315, -0.33, c),
                (0.2, -0.36),
                (0.07, -0.26),
                (0.0, -0.05),
                (0.0, 0.2),
                (0.06, 0.42),
                (0.12, 0.55),
                (0.02, 0.68)
            ];
            d.put("hood", &rim, w.cap[2], |q| q.cast(cast(1.1)).k(0.5).tex(0.5));
            let edge = pts![
                (0.315, -0.33, c),
                (0.2, -0.36),
                (0.07, -0.26),
                (0.0, -0.05),
                (0.0, 0.2),
                (0.06, 0.42, c),
                (-0.045, 0.2),
                (-0.045, -0.06),
                (0.04, -0.30),
                (0.19, -0.41)
            ];
            d.put("hood/edge", &edge, w.cap[3], |q| q.k(0.4).tex(0.5));
        }
        Headwear::Turban => {
            d.put(
                "turban",
                &pts![
                    (-0.46, -0.06),
                    (-0.54, -0.3),
                    (-0.42, -0.56),
                    (-0.14, -0.68),
                    (0.16, -0.66),
                    (0.35, -0.5),
                    (0.41, -0.3),
                    (0.36, -0.18),
                    (0.1, -0.2),
                    (-0.15, -0.1)
                ],
                w.cap[2],
                |q| q.edge(Edge::Soft).cast(cast(1.1)).k(0.5).tex(0.5),
            );
            d.put(
                "turban/a",
                &pts![(-0.52, -0.22, c), (-0.1, -0.44), (0.24, -0.62, c), (0.32, -0.5), (-0.05, -0.28), (-0.46, -0.08)],
                w.cap[3],
                |q| q.alpha(0.9).tex(0.5),
            );
            d.put("turban/b", &pts![(0.40, -0.3, c), (0.1, -0.42), (-0.3, -0.60, c), (-0.05, -0.36), (0.3, -0.2)], w.cap[1], |q| {
                q.alpha(0.8).tex(0.5)
            });
        }
    }
}
