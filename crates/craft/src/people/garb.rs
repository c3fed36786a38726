//! What whole figures wear.

use contracts::story::{Emblem, Garment};

use super::{
    Cast, Desk, Person, emblem,
    figure::{Frame, cast},
};
use crate::paper::{Edge, Outline, Pt, Rgb};

/// The measures and colours of a garment on a person.
pub(super) struct Cut {
    /// Height of the hem above the ground.
    pub hem: f32,
    /// How far it flares.
    pub flare: f32,
    /// Half the width of the waist.
    pub waist: f32,
    /// Torso.
    pub body: [Rgb; 3],
    /// Sleeves.
    pub arm: [Rgb; 3],
    /// Legs, far and near.
    pub legs: [Rgb; 2],
    /// End of the sleeve.
    pub cuff: Rgb,
    /// A stripe around the upper arm.
    pub band: Option<Rgb>,
    /// Gloves.
    pub glove: Option<Rgb>,
    /// Boots or shoes, and how high they go.
    pub shoe: Rgb,
    pub boot: f32,
    /// Width of the sleeves, how much they widen to the hand, and width of the legs.
    pub sleeve: f32,
    pub wide: f32,
    pub thick: f32,
    /// A collar that stands behind the neck.
    pub collar: bool,
    /// A belt.
    pub belt: Option<Rgb>,
    /// Whether it hangs as a skirt or a long coat.
    pub skirt: bool,
    /// Whether legs may be bare below it.
    pub bare: bool,
}

/// The cut of a person's garment.
pub(super) fn cut(w: &Person) -> Cut {
    let c = w.coat;
    let soft = w.is_soft();
    let trousers = [Rgb::hex("#1a1c22"), Rgb::hex("#262830")];
    let long = Cut {
        hem: 1.25,
        flare: 0.52,
        waist: 0.38,
        body: c,
        arm: c,
        legs: trousers,
        cuff: c[0].scale(0.88),
        band: None,
        glove: None,
        shoe: w.boot,
        boot: 0.85,
        sleeve: 1.0,
        wide: 1.0,
        thick: 1.0,
        collar: true,
        belt: Some(c[0].scale(0.7)),
        skirt: true,
        bare: true,
    };
    let mut cut = match w.garment {
        Garment::Coat if soft => long,
        Garment::Coat => Cut { hem: 2.3, flare: 0.24, waist: 0.42, collar: false, belt: None, skirt: false, ..long },
        Garment::Robe => Cut { hem: 0.42, flare: 0.50, wide: 1.24, collar: false, belt: Some(w.accent[0]), cuff: w.accent[1], ..long },
        Garment::Dress => {
            Cut { hem: 0.95, flare: 0.66, waist: 0.33, collar: false, belt: Some(w.accent[1]), cuff: w.under, sleeve: 0.92, ..long }
        }
        Garment::Apron if soft => {
            Cut { hem: 1.0, flare: 0.54, waist: 0.35, collar: false, belt: None, sleeve: 0.95, cuff: w.under, ..long }
        }
        Garment::Apron => Cut { hem: 3.15, flare: 0.06, waist: 0.44, collar: false, belt: None, skirt: false, cuff: c[2], ..long },
        Garment::Shawl if soft => Cut { hem: 0.98, flare: 0.56, waist: 0.36, collar: false, belt: None, sleeve: 0.95, ..long },
        Garment::Shawl => Cut { hem: 2.9, flare: 0.10, waist: 0.42, collar: false, belt: None, skirt: false, ..long },
        Garment::Coverall => Cut {
            hem: 3.25,
            flare: 0.02,
            waist: 0.41,
            legs: [c[0].scale(0.82), c[1]],
            boot: 0.55,
            collar: true,
            belt: Some(c[0].scale(0.75)),
            band: Some(w.accent[1]),
            skirt: false,
            bare: false,
            sleeve: 1.02,
            thick: 1.06,
            ..long
        },
        Garment::Suit => Cut {
            hem: 2.95,
            flare: 0.08,
            waist: 0.38,
            legs: [c[0].scale(0.66), c[0].scale(0.9)],
            boot: 0.22,
            cuff: w.under,
            collar: false,
            belt: None,
            skirt: false,
            bare: false,
            sleeve: 0.96,
            ..long
        },
        Garment::Spacesuit => Cut {
            hem: 3.2,
            flare: 0.04,
            waist: 0.50,
            legs: [c[0], c[1]],
            boot: 0.95,
            shoe: c[0].scale(0.6),
            glove: w.glove(),
            cuff: w.accent[1],
            band: Some(w.accent[1]),
            collar: false,
            belt: Some(c[0].scale(0.62)),
            skirt: false,
            bare: false,
            sleeve: 1.22,
            thick: 1.30,
            ..long
        },
    };
    if w.is_child() && cut.skirt && w.garment != Garment::Robe {
        cut.hem = cut.hem.max(1.7);
    } else if w.is_child() && w.garment == Garment::Apron {
        cut.hem = 1.7;
    }
    cut
}

/// Torso and skirt, folds, and what lies on them.
pub(super) fn dress(d: &mut Desk, w: &Person, f: &Frame, cut: &Cut) {
    let cloth = body(d, f, cut);
    folds(d, f, cut, &cloth);
    if let Some(color) = cut.belt {
        belt(d, f, &cloth, color);
    }
    front(d, w, f, cut, &cloth);
}

fn body(d: &mut Desk, f: &Frame, cut: &Cut) -> Outline {
    let Frame { vw, hy, sy, sx, px, shw, .. } = *f;
    let drop = f.stance.drop;
    let x = f.stance.feet.map(|q| q.0);
    let (x0, x1) = (x[0].min(x[1]), x[0].max(x[1]));
    let wx = px * 0.8 + sx * 0.4;
    let waist = cut.waist * vw;
    // Shoulders and sides are the same in every pose: left side down, right side up.
    let left = [(sx - 0.2, sy - 0.12), (sx - shw * 0.85, sy + 0.05 + drop), (sx - shw * 1.10, sy + 0.5 + drop), (wx - waist, hy - 0.85)];
    let right = [(wx + waist, hy - 0.85), (sx + shw * 1.10, sy + 0.5 - drop), (sx + shw * 0.85, sy + 0.05 - drop), (sx + 0.2, sy - 0.12)];
    let below: Vec<Pt> = if f.sit && f.flat {
        let hem = if cut.skirt { -cut.hem.min(1.0) } else { hy + 0.55 };
        pts![
            (-0.62, hy - 0.1),
            (-0.78, hy + 0.5),
            (-0.80, hem),
            (-0.3, hem + 0.06),
            (0.3, hem + 0.06),
            (0.80, hem),
            (0.78, hy + 0.5),
            (0.62, hy - 0.1)
        ]
        .to_vec()
    } else if f.sit {
        let kx = x1 + 0.3;
        if cut.skirt {
            let low = -cut.hem.min(0.92);
            pts![
                (-0.58, hy + 0.05),
                (-0.56, hy + 0.50),
                (0.1, hy + 0.60),
                (kx - 0.78, hy + 0.72),
                (kx - 0.52, low - 0.06),
                (kx + 0.06, low + 0.04),
                (kx + 0.10, hy + 0.05),
                (kx - 0.25, hy - 0.36),
                (0.75, hy - 0.42),
                (0.46, hy - 0.62)
            ]
            .to_vec()
        } else {
            pts![(-0.54, hy + 0.05), (-0.50, hy + 0.36), (0.10, hy + 0.34), (0.62, hy + 0.20), (0.66, hy - 0.12), (0.46, hy - 0.50)]
                .to_vec()
        }
    } else if f.kneel && cut.skirt && !f.flat {
        pts![
            (-0.56, hy - 0.1),
            (-0.86, hy + 0.9),
            (-1.42, -0.42),
            (-1.40, -0.04, c),
            (-0.4, 0.03),
            (0.42, -0.06),
            (0.62, -0.62, c),
            (1.22, -0.82, c),
            (1.26, hy + 0.1),
            (0.98, hy - 0.22),
            (0.56, hy - 0.26)
        ]
        .to_vec()
    } else {
        let (flare, vw) = (cut.flare, vw);
        let lift = if f.stance.lean > 0.15 { 0.28 } else { 0.0 };
        let cl = if f.kneel { if cut.skirt { 0.06 } else { -hy - 0.42 } } else { cut.hem + lift };
        // A skirt follows the feet; what ends at the hip does not.
        let follow = if cut.skirt || cut.hem < 2.6 { 1.0 } else { 0.0 };
        let h0 = (x0 * 0.86 * follow).min(-0.5 * vw) - flare + px * (1.0 - follow);
        let h1 = (x1 * 0.80 * follow).max(0.5 * vw) + flare - 0.04 + px * (1.0 - follow);
        if -cl - 0.2 < hy {
            // A jacket: its hem is at the hip.
            pts![(px - 0.50 * vw, hy - 0.25), (h0 - 0.02, -cl, c), (px, -cl + 0.06), (h1 + 0.02, -cl, c), (px + 0.50 * vw, hy - 0.25)]
                .to_vec()
        } else {
            pts![
                (px - 0.56 * vw, hy - 0.1),
                (h0 * 0.8, hy + (-cl - hy) * 0.5),
                (h0 - 0.04, -cl + 0.02, c),
                ((h0 * 2.0 + h1) / 3.0, -cl + 0.1),
                ((h0 + h1 * 2.0) / 3.0, -cl + 0.03),
                (h1 + 0.04, -cl - 0.02, c),
                (h1 * 0.82, hy + (-cl - hy) * 0.5),
                (px + 0.56 * vw, hy - 0.1)
            ]
            .to_vec()
        }
    };
    let shape: Vec<Pt> =
        left.iter().map(|q| crate::paper::p(q.0, q.1)).chain(below).chain(right.iter().map(|q| crate::paper::p(q.0, q.1))).collect();
    let (a, b) = (d.t.pt(d.light * 0.8, sy), d.t.pt(-d.light * 0.8, hy));
    let s = cast(d, 1.0);
    let c = cut.body;
    d.put("coat", &shape, c[1], |q| q.edge(Edge::Cut).cast(s).k(0.8).tex(0.5).grad(a, b, c[2], c[0]))
}

fn folds(d: &mut Desk, f: &Frame, cut: &Cut, cloth: &Outline) {
    let Frame { hy, sy, sx, px, .. } = *f;
    let (light, c0, c2) = (d.light, cut.body[0], cut.body[2]);
    let x = f.stance.feet.map(|q| q.0);
    let middle = (x[0] + x[1]) / 2.0;
    let cl = cut.hem;
    let o = if f.flat { 0.03 } else { 0.22 };
    let mut fold = |key: &str, points: &[Pt], color: Rgb, alpha: f32| {
        d.put(key, points, color, |q| q.alpha(alpha).k(0.5).tex(0.5).clip(cloth));
    };
    if f.sit && f.flat {
        fold("fold/lap", &pts![(-0.8, hy + 0.16, c), (0.0, hy + 0.30), (0.8, hy + 0.16, c), (0.8, hy + 0.7), (-0.8, hy + 0.7)], c0, 0.55);
        return;
    }
    if f.sit {
        if !cut.skirt {
            fold("fold/hip", &pts![(-0.2, hy - 0.24, c), (0.2, hy - 0.16), (0.66, hy - 0.3, c), (0.24, hy - 0.04)], c0.scale(0.8), 0.7);
            return;
        }
        fold(
            "fold/lap",
            &pts![
                (-0.62, hy + 0.20, c),
                (0.2, hy + 0.24),
                (0.9, hy + 0.10),
                (1.38, hy + 0.02, c),
                (1.22, hy + 0.5),
                (0.9, hy + 1.0),
                (0.1, hy + 0.9),
                (-0.7, hy + 0.8)
            ],
            c0,
            0.6,
        );
        fold("fold/hip", &pts![(-0.2, hy - 0.30, c), (0.25, hy - 0.20), (0.72, hy - 0.42, c), (0.28, hy - 0.08)], c0.scale(0.8), 0.7);
        fold("fold/knee", &pts![(1.20, hy + 0.3, c), (1.32, hy + 0.9), (1.24, -0.5), (1.10, -0.5), (1.16, hy + 0.9)], c0.scale(0.7), 0.8);
        return;
    }
    if f.kneel && cut.skirt && !f.flat {
        fold("fold/shade", &pts![(-0.4, hy, c), (-0.9, -0.9), (-1.3, -0.02), (-0.5, 0.0), (-0.35, -0.9)], c0.scale(0.85), 0.7);
        fold("fold/knee", &pts![(0.5, hy + 0.1, c), (1.0, hy + 0.2), (0.8, hy + 0.7), (0.55, -0.5), (0.5, hy + 0.8)], c0, 0.6);
        fold("fold/light", &pts![(-0.05, hy - 0.3, c), (0.15, hy + 0.8), (0.10, -0.1, c), (-0.15, -0.1, c), (-0.02, hy + 0.8)], c2, 0.45);
        return;
    }
    if !cut.skirt && cut.hem > 2.6 {
        // A jacket: shade down one side, and the pull of the cloth at the waist.
        let l = -light;
        fold(
            "fold/shade",
            &pts![
                (sx + l * 0.34, sy + 0.9, c),
                (px + l * 0.26, hy - 0.6),
                (px + l * 0.34, hy + 0.2),
                (px + l * 0.8, hy + 0.3),
                (sx + l * 0.8, sy + 0.8)
            ],
            c0.scale(0.85),
            0.75,
        );
        for (i, (y, w)) in [(-0.78f32, 0.26f32), (-0.60, 0.20)].into_iter().enumerate() {
            fold(
                &format!("fold/pull/{i}"),
                &pts![
                    (px + l * 0.36, hy + y, c),
                    (px + l * 0.2, hy + y + 0.05),
                    (px + l * (0.36 - w), hy + y + 0.02, c),
                    (px + l * 0.22, hy + y + 0.10)
                ],
                c0.scale(0.8),
                0.7,
            );
        }
    } else {
        fold(
            "fold/shade",
            &pts![
                (sx * 0.4 - light * 0.25, hy - 0.7, c),
                (-light * 0.42, hy + 1.0),
                (-light * 0.62 + middle, -cl + 0.3),
                (-light * 0.95 + middle, -cl + 0.3),
                (-light * 0.6, hy + 0.8)
            ],
            c0.scale(0.8),
            0.8,
        );
        fold(
            "fold/light",
            &pts![
                (0.25 * light, hy - 0.6, c),
                (light * 0.40, hy + 1.0),
                (light * 0.62, -cl + 0.2),
                (light * 0.45, -cl + 0.2),
                (light * 0.28, hy + 1.0)
            ],
            c2,
            0.55,
        );
        if cut.skirt {
            // A second, shorter fold that starts at the carrying hip, and the band of the hem.
            fold(
                "fold/hip",
                &pts![
                    (px - 0.18, hy + 0.05, c),
                    (px - 0.10, hy + 0.9),
                    (middle - 0.22, -cl + 0.2),
                    (middle - 0.36, -cl + 0.2),
                    (px - 0.2, hy + 0.9)
                ],
                c0.scale(0.86),
                0.55,
            );
            fold(
                "fold/hem",
                &pts![(-2.2, -cl - 0.10, c), (middle, -cl - 0.03), (2.2, -cl - 0.12, c), (2.2, -cl + 0.3, c), (-2.2, -cl + 0.3, c)],
                c0.scale(0.74),
                0.5,
            );
        }
    }
    if f.back {
        fold("fold/seam", &pts![(px, hy + 0.2, c), (0.05, -cl + 0.2), (-0.06, -cl + 0.2)], c0.scale(0.6), 0.8);
    } else {
        fold(
            "fold/seam",
            &pts![
                (sx + o, sy + 0.5, c),
                (o + 0.05 + px, hy),
                (middle + o + 0.08, -cl + 0.2),
                (middle + o - 0.03, -cl + 0.2),
                (o - 0.03 + px, hy)
            ],
            c0.scale(0.6),
            0.8,
        );
    }
}

fn belt(d: &mut Desk, f: &Frame, cloth: &Outline, color: Rgb) {
    let Frame { vw, hy, sx, px, .. } = *f;
    let x = sx * 0.4 + px * 0.8;
    let tip = f.stance.drop * 0.5;
    let belt = pts![
        (x - 0.60 * vw, hy - 0.74 - tip),
        (x, hy - 0.70),
        (x + 0.60 * vw, hy - 0.74 + tip),
        (x + 0.60 * vw, hy - 0.52 + tip),
        (x, hy - 0.47),
        (x - 0.60 * vw, hy - 0.52 - tip)
    ];
    d.put("belt", &belt, color, |q| q.alpha(0.95).k(0.5).tex(0.5).clip(cloth));
    if !f.back && d.t.k >= 24.0 {
        let o = if f.flat { 0.03 } else { 0.22 };
        let buckle = pts![(x + o - 0.07, hy - 0.70), (x + o + 0.07, hy - 0.70), (x + o + 0.07, hy - 0.50), (x + o - 0.07, hy - 0.50)];
        d.put("belt/buckle", &buckle, Rgb::mix(color, Rgb::hex("#cfa85a"), 0.55), |q| q.straight().k(0.3).tex(0.3).clip(cloth));
    }
}

/// What lies on the breast: lapels, apron, shawl, zip, tie; emblem and scarf.
fn front(d: &mut Desk, w: &Person, f: &Frame, cut: &Cut, cloth: &Outline) {
    let Frame { sy, sx, .. } = *f;
    let small = cast(d, 0.4);
    let o = if f.flat { 0.03 } else { 0.22 };
    let light = d.light;
    match w.garment {
        Garment::Coat | Garment::Suit if !f.back && (w.is_soft() || !w.scarf || w.garment == Garment::Suit) => lapels(d, w, f, small),
        Garment::Robe if !f.back => crossed(d, w, f, cloth),
        Garment::Dress if !f.back => neckline(d, w, f, cloth),
        Garment::Apron => apron(d, w, f, cut, cloth),
        Garment::Shawl => shawl(d, w, f),
        Garment::Coverall => coverall(d, w, f, cloth),
        Garment::Spacesuit => pack(d, w, f),
        _ => {}
    }
    if !f.back && w.emblem != Emblem::None {
        let at = d.t.sub(sx + o * 0.5 - 0.30, sy + 0.62, 1.0, 0.0, 1.0);
        emblem(d.g, &at, w, light);
    }
    if w.scarf && !matches!(w.garment, Garment::Spacesuit | Garment::Shawl) {
        scarf(d, w, f, small);
    }
}

fn lapels(d: &mut Desk, w: &Person, f: &Frame, small: Cast) {
    let Frame { sy, sx, .. } = *f;
    let o = if f.flat { 0.03 } else { 0.22 };
    let light = d.light;
    let deep = if w.garment == Garment::Suit { 1.30 } else { 0.9 };
    if w.garment == Garment::Suit {
        let shirt = pts![(sx + o * 0.5 - 0.20, sy - 0.22, c), (sx + o * 0.5 + 0.22, sy - 0.22, c), (sx + o + 0.02, sy + deep, c)];
        d.put("shirt", &shirt, w.under, |q| q.k(0.4).tex(0.4));
        let tie = pts![
            (sx + o - 0.055, sy - 0.12, c),
            (sx + o + 0.055, sy - 0.12, c),
            (sx + o + 0.03, sy + 0.0),
            (sx + o + 0.075, sy + deep * 0.7),
            (sx + o, sy + deep * 0.92, c),
            (sx + o - 0.06, sy + deep * 0.7),
            (sx + o - 0.03, sy + 0.0)
        ];
        d.put("tie", &tie, w.accent[1], |q| q.k(0.3).tex(0.4));
    }
    for (s, key) in [(-1.0f32, "lapel/0"), (1.0, "lapel/1")] {
        let lapel = pts![
            (sx + o + s * 0.08, sy - 0.25, c),
            (sx + o * 0.6 + s * 0.32, sy - 0.14),
            (sx + o * 0.7 + s * 0.36, sy + 0.35, c),
            (sx + o, sy + deep, c),
            (sx + o + s * if deep > 1.0 { 0.05 } else { 0.03 }, sy + deep * 0.45)
        ];
        d.put(key, &lapel, if s == light { w.coat[2] } else { w.coat[1] }, |q| q.cast(small).k(0.5).tex(0.5));
    }
    if w.garment == Garment::Coat && !w.scarf && w.emblem == Emblem::None {
        let trim =
            pts![(sx + o - 0.05, sy - 0.2, c), (sx + o + 0.05, sy - 0.2, c), (sx + o + 0.02, sy + 0.9, c), (sx + o - 0.01, sy + 0.9, c)];
        d.put("trim", &trim, w.accent[1], |q| q.k(0.4).tex(0.4));
    }
    if d.t.k >= 24.0 {
        let n = if w.garment == Garment::Suit { 2 } else { 3 };
        for i in 0..n {
            let y = sy + deep + 0.14 + i as f32 * 0.30;
            let button = Rgb::mix(w.accent[1], Rgb::hex("#5a4632"), 0.4);
            d.put(&format!("button/{i}"), &crate::paper::disc(sx * 0.7 + f.px * 0.3 + o + 0.06, y, 0.036), button, |q| {
                q.cast(small).k(0.3).tex(0.3)
            });
        }
    }
}

/// The two edges of a robe, one over the other, in the accent.
fn crossed(d: &mut Desk, w: &Person, f: &Frame, cloth: &Outline) {
    let Frame { sy, sx, hy, .. } = *f;
    let o = if f.flat { 0.03 } else { 0.22 };
    let under = pts![(sx + o * 0.5 - 0.18, sy - 0.2, c), (sx + o * 0.5 + 0.2, sy - 0.2, c), (sx + o, sy + 0.55, c)];
    d.put("under", &under, w.under, |q| q.k(0.4).tex(0.4).clip(cloth));
    // The far edge ends under the near one, which goes down to the sash.
    for (s, key, end, over) in [(1.0f32, "edge/1", 0.72f32, 0.02f32), (-1.0, "edge/0", 1.48, 0.22)] {
        let (x0, x1) = (sx + o * 0.5 + s * 0.24, sx + o - s * over);
        let edge =
            pts![(x0 - s * 0.08, sy - 0.22, c), (x0 + s * 0.07, sy - 0.16, c), (x1 + s * 0.10, sy + end, c), (x1 - s * 0.05, sy + end, c)];
        d.put(key, &edge, w.accent[1], |q| q.k(0.4).tex(0.4).clip(cloth));
    }
    let fall =
        pts![(sx + o - 0.12, hy - 0.5, c), (sx + o + 0.04, hy - 0.5, c), (sx + o + 0.02, hy + 0.9, c), (sx + o - 0.14, hy + 0.86, c)];
    d.put("sash-end", &fall, w.accent[0], |q| q.k(0.4).tex(0.5));
}

/// A round neckline with a small collar, and buttons down the bodice.
fn neckline(d: &mut Desk, w: &Person, f: &Frame, cloth: &Outline) {
    let Frame { sy, sx, hy, .. } = *f;
    let o = if f.flat { 0.03 } else { 0.16 };
    let skin = pts![
        (sx + o - 0.24, sy - 0.22),
        (sx + o + 0.22, sy - 0.22),
        (sx + o + 0.17, sy + 0.12),
        (sx + o, sy + 0.24),
        (sx + o - 0.19, sy + 0.12)
    ];
    d.put("throat", &skin, Rgb::mix(w.skin, w.skin_shade, 0.25), |q| q.k(0.3).tex(0.4));
    let small = cast(d, 0.35);
    for (s, key) in [(-1.0f32, "collar/0"), (1.0, "collar/1")] {
        let leaf = pts![
            (sx + o + s * 0.20, sy - 0.24),
            (sx + o + s * 0.34, sy - 0.06),
            (sx + o + s * 0.26, sy + 0.22),
            (sx + o + s * 0.03, sy + 0.34, c),
            (sx + o + s * 0.16, sy + 0.08)
        ];
        d.put(key, &leaf, w.under, |q| q.cast(small).k(0.3).tex(0.4));
    }
    for i in 0..3 {
        let y = sy + 0.5 + i as f32 * 0.26;
        d.put(&format!("button/{i}"), &crate::paper::disc(sx + o, y, 0.032), w.accent[2], |q| q.k(0.2).tex(0.2).clip(cloth));
    }
    let l = -d.light;
    let dart = pts![(sx + l * 0.2, sy + 0.8, c), (f.px + l * 0.22, hy - 0.8), (f.px + l * 0.16, hy - 0.74, c), (sx + l * 0.14, sy + 1.0)];
    d.put("dart", &dart, w.coat[0].scale(0.8), |q| q.alpha(0.6).k(0.3).tex(0.4).clip(cloth));
}

/// Bib, skirt and strings of an apron.
fn apron(d: &mut Desk, w: &Person, f: &Frame, cut: &Cut, cloth: &Outline) {
    let Frame { sy, sx, hy, px, vw, .. } = *f;
    let o = if f.flat { 0.0 } else { 0.14 };
    let linen = w.linen();
    let dark = Rgb::mix(linen, w.coat[0], 0.35);
    let small = cast(d, 0.4);
    let waist = px * 0.8 + sx * 0.4;
    if f.back {
        let string = pts![
            (waist - 0.6 * vw, hy - 0.70),
            (waist + 0.6 * vw, hy - 0.70),
            (waist + 0.6 * vw, hy - 0.58),
            (waist - 0.6 * vw, hy - 0.58)
        ];
        d.put("apron/string", &string, linen, |q| q.k(0.3).tex(0.4).clip(cloth));
        for (s, key) in [(-1.0f32, "apron/bow/0"), (1.0, "apron/bow/1")] {
            let bow = pts![(waist, hy - 0.64, c), (waist + s * 0.26, hy - 0.78), (waist + s * 0.28, hy - 0.52)];
            d.put(key, &bow, linen, |q| q.cast(small).k(0.3).tex(0.4));
        }
        return;
    }
    if !w.scarf {
        let collar = pts![
            (sx + o - 0.22, sy - 0.20, c),
            (sx + o, sy + 0.12),
            (sx + o + 0.22, sy - 0.20, c),
            (sx + o + 0.3, sy + 0.02),
            (sx + o, sy + 0.30, c),
            (sx + o - 0.3, sy + 0.02)
        ];
        d.put("collar", &collar, w.coat[2], |q| q.cast(small).k(0.3).tex(0.4));
    }
    // Straps, bib, then the skirt from the waist: over the lap when they sit.
    for (s, key) in [(-1.0f32, "apron/strap/0"), (1.0, "apron/strap/1")] {
        let strap = pts![
            (sx + o + s * 0.25, sy - 0.02, c),
            (sx + o + s * 0.33, sy, c),
            (sx + o + s * 0.30, sy + 0.86, c),
            (sx + o + s * 0.21, sy + 0.86, c)
        ];
        d.put(key, &strap, dark, |q| q.straight().k(0.3).tex(0.4).clip(cloth));
    }
    let b = 0.36 * vw.min(1.0);
    let bib = pts![
        (sx + o - b, sy + 0.74, c),
        (sx + o + b, sy + 0.74, c),
        (waist + o + b * 0.92, hy - 0.58, c),
        (waist + o - b * 0.92, hy - 0.58, c)
    ];
    d.put("apron/bib", &bib, linen, |q| q.cast(small).k(0.4).tex(0.5).clip(cloth));
    let (feet, low) = (f.stance.feet, if w.is_soft() { -(cut.hem + 0.28) } else { -1.55 });
    let middle = (feet[0].0 + feet[1].0) * 0.5;
    let skirt = if f.sit && !f.flat {
        pts![
            (-0.1, hy - 0.62, c),
            (0.5, hy - 0.60, c),
            (0.9, hy - 0.40),
            (1.62, hy - 0.28),
            (1.80, hy + 0.2),
            (1.72, -1.12, c),
            (1.12, -1.16, c),
            (1.05, hy + 0.22),
            (0.2, hy + 0.05)
        ]
        .to_vec()
    } else {
        let low = if f.sit { hy + 0.9 } else { low };
        pts![
            (waist + o - 0.36 * vw, hy - 0.66, c),
            (waist + o + 0.36 * vw, hy - 0.66, c),
            (px + o + 0.50 * vw, hy + 0.5),
            (middle + o * 0.6 + 0.58 * vw, low, c),
            (middle + o * 0.6 - 0.50 * vw, low + 0.04, c),
            (px + o - 0.48 * vw, hy + 0.5)
        ]
        .to_vec()
    };
    let (a, e) = (d.t.pt(px + d.light * 0.5, hy), d.t.pt(px - d.light * 0.5, hy + 1.0));
    let panel = d.put("apron/skirt", &skirt, linen, |q| q.edge(Edge::Cut).cast(small).k(0.5).tex(0.5).grad(a, e, linen, dark));
    for (i, x) in [-0.16f32, 0.14].into_iter().enumerate() {
        let fold =
            pts![(px + o + x, hy - 0.4, c), (px + o + x * 1.6, hy + 0.6), (px + o + x * 1.9, low - 0.1, c), (px + o + x * 1.3, hy + 0.6)];
        d.put(&format!("apron/fold/{i}"), &fold, dark, |q| q.alpha(0.6).k(0.3).tex(0.4).clip(&panel));
    }
    let string =
        pts![(waist - 0.6 * vw, hy - 0.74), (waist + 0.6 * vw, hy - 0.74), (waist + 0.6 * vw, hy - 0.60), (waist - 0.6 * vw, hy - 0.60)];
    d.put("apron/string", &string, dark, |q| q.k(0.3).tex(0.4).clip(cloth));
}

/// A shawl over the shoulders, one end over the other, with a fringe.
fn shawl(d: &mut Desk, w: &Person, f: &Frame) {
    let Frame { sy, sx, shw, .. } = *f;
    let a = w.accent;
    let s = cast(d, 0.7);
    let o = if f.flat { 0.0 } else { 0.16 };
    let side = shw * 1.22 + 0.06;
    if f.back {
        let fall = pts![
            (sx - 0.3, sy - 0.22),
            (sx - side, sy + 0.18),
            (sx - side - 0.04, sy + 0.7),
            (sx, sy + 1.75, c),
            (sx + side + 0.04, sy + 0.7),
            (sx + side, sy + 0.18),
            (sx + 0.3, sy - 0.22)
        ];
        d.put("shawl", &fall, a[1], |q| q.edge(Edge::Cut).cast(s).k(0.7).tex(0.6));
        return;
    }
    for (sgn, key, low) in [(1.0f32, "shawl/1", 1.15f32), (-1.0, "shawl/0", 1.5)] {
        // The far shoulder of a turned body is nearer to its middle.
        let side = if sgn > 0.0 && !f.flat { side * 0.74 } else { side };
        let end = pts![
            (sx + o * 0.5 + sgn * 0.20, sy - 0.26),
            (sx + sgn * side * 0.86, sy + 0.06),
            (sx + sgn * (side + 0.04), sy + 0.62),
            (sx + sgn * side * 0.74, sy + 1.02),
            (sx + o - sgn * 0.10, sy + low, c),
            (sx + o - sgn * 0.24, sy + low - 0.16, c),
            (sx + o, sy + 0.32)
        ];
        let (dark, lit) = if sgn == d.light { (a[1], a[2]) } else { (a[0], a[1]) };
        let (from, to) = (d.t.pt(sx + sgn * side, sy), d.t.pt(sx, sy + 1.2));
        let shape = d.put(key, &end, lit, |q| q.edge(Edge::Cut).cast(s).k(0.7).tex(0.6).grad(from, to, lit, dark));
        for (i, t) in [0.32f32, 0.58].into_iter().enumerate() {
            let x = sx + sgn * side * (1.0 - t);
            let fold = pts![
                (x, sy + 0.0, c),
                (x - sgn * 0.04, sy + 0.45),
                (sx + o - sgn * (0.10 - 0.06 * t), sy + low - 0.2, c),
                (x - sgn * 0.12, sy + 0.5)
            ];
            d.put(&format!("{key}/fold/{i}"), &fold, a[0], |q| q.alpha(0.55).k(0.3).tex(0.4).clip(&shape));
        }
    }
    for i in 0..5 {
        let x = sx + o + 0.02 + i as f32 * 0.05;
        let y = sy + 1.47 - i as f32 * 0.035;
        d.line(&pts![(x, y), (x - 0.01, y + 0.17)], a[0], 0.022, 0.7, 0.9);
    }
}

/// Zip, pockets and a name patch.
fn coverall(d: &mut Desk, w: &Person, f: &Frame, cloth: &Outline) {
    let Frame { sy, sx, hy, px, .. } = *f;
    if f.back {
        let yoke = pts![(sx - 0.7, sy + 0.50, c), (sx, sy + 0.58), (sx + 0.7, sy + 0.50, c), (sx, sy + 0.62)];
        d.put("yoke", &yoke, w.coat[0].scale(0.7), |q| q.alpha(0.8).k(0.3).tex(0.4).clip(cloth));
        return;
    }
    let o = if f.flat { 0.0 } else { 0.20 };
    let small = cast(d, 0.35);
    for (s, key) in [(-1.0f32, "collar/0"), (1.0, "collar/1")] {
        let tip = pts![
            (sx + o + s * 0.05, sy - 0.22, c),
            (sx + o * 0.6 + s * 0.30, sy - 0.22),
            (sx + o * 0.7 + s * 0.32, sy + 0.10, c),
            (sx + o + s * 0.02, sy + 0.06, c)
        ];
        d.put(key, &tip, w.coat[2], |q| q.cast(small).k(0.3).tex(0.5));
    }
    let zip = [(sx + o, sy + 0.02), (px * 0.6 + sx * 0.5 + o, hy - 0.8), (px + o, hy + 0.2)].map(|q| crate::paper::p(q.0, q.1));
    d.line(&zip, Rgb::mix(w.coat[0], Rgb::hex("#d8d4c8"), 0.55), 0.030, 0.8, 0.95);
    for (s, key) in [(-1.0f32, "pocket/0"), (1.0, "pocket/1")] {
        let x = sx + o + s * 0.25 - if f.flat { 0.0 } else { 0.04 };
        let pocket = pts![(x - 0.12, sy + 0.52), (x + 0.12, sy + 0.52), (x + 0.12, sy + 0.86), (x - 0.12, sy + 0.86)];
        d.put(key, &pocket, w.coat[0], |q| q.straight().k(0.3).tex(0.5).clip(cloth));
    }
    let x = sx + o + 0.25;
    let patch = pts![(x - 0.11, sy + 0.36), (x + 0.11, sy + 0.36), (x + 0.11, sy + 0.46), (x - 0.11, sy + 0.46)];
    d.put("patch", &patch, w.accent[1], |q| q.straight().k(0.2).tex(0.3).clip(cloth));
}

/// The ring of the neck, a box of lights on the breast, the pack behind.
fn pack(d: &mut Desk, w: &Person, f: &Frame) {
    let Frame { sy, sx, shw, .. } = *f;
    let s = cast(d, 0.6);
    let metal = Rgb::mix(w.coat[2], Rgb::hex("#c8ccd0"), 0.55);
    if f.back {
        let pack = pts![(sx - 0.42, sy + 0.10), (sx + 0.42, sy + 0.10), (sx + 0.46, sy + 1.55), (sx - 0.46, sy + 1.55)];
        d.put("pack", &pack, w.coat[0].scale(0.9), |q| q.straight().edge(Edge::Cut).cast(s).k(0.6).tex(0.5));
        for (i, x) in [-0.2f32, 0.2].into_iter().enumerate() {
            let tank = pts![(sx + x - 0.14, sy + 0.25), (sx + x + 0.14, sy + 0.25), (sx + x + 0.14, sy + 1.4), (sx + x - 0.14, sy + 1.4)];
            d.put(&format!("tank/{i}"), &tank, w.coat[2], |q| q.cast(s).k(0.4).tex(0.4));
        }
    } else {
        let o = if f.flat { 0.0 } else { 0.16 };
        let unit = pts![(sx + o - 0.26, sy + 0.66), (sx + o + 0.26, sy + 0.66), (sx + o + 0.24, sy + 1.12), (sx + o - 0.24, sy + 1.12)];
        d.put("unit", &unit, w.coat[0].scale(0.75), |q| q.straight().edge(Edge::Cut).cast(s).k(0.4).tex(0.4));
        for (i, (x, c)) in [(-0.14f32, "#ffb45c"), (0.0, "#8fd0c0"), (0.14, "#d8584a")].into_iter().enumerate() {
            d.put(&format!("unit/{i}"), &crate::paper::disc(sx + o + x, sy + 0.80, 0.045), Rgb::hex(c), |q| q.k(0.2).tex(0.1));
        }
        let slot = pts![(sx + o - 0.17, sy + 0.94), (sx + o + 0.17, sy + 0.94), (sx + o + 0.17, sy + 1.02), (sx + o - 0.17, sy + 1.02)];
        d.put("unit/slot", &slot, Rgb::hex("#23262c"), |q| q.straight().k(0.2).tex(0.2));
        for sgn in [-1.0f32, 1.0] {
            let hose =
                pts![(sx + o + sgn * 0.22, sy + 0.80), (sx + o + sgn * shw * 0.86, sy + 0.62), (sx + o + sgn * shw * 0.66, sy + 0.20)];
            d.line(&hose, w.coat[0].scale(0.7), 0.07, 1.0, 1.0);
        }
    }
    let ring = pts![
        (sx - 0.44, sy - 0.12),
        (sx - 0.36, sy - 0.30),
        (sx, sy - 0.38),
        (sx + 0.40, sy - 0.30),
        (sx + 0.48, sy - 0.12),
        (sx + 0.36, sy + 0.10),
        (sx, sy + 0.18),
        (sx - 0.36, sy + 0.10)
    ];
    d.put("ring", &ring, metal, |q| q.edge(Edge::Clean).cast(s).k(0.4).tex(0.3));
    let inner = pts![(sx - 0.30, sy - 0.14), (sx, sy - 0.28), (sx + 0.32, sy - 0.14), (sx, sy + 0.03)];
    d.put("ring/inner", &inner, metal.scale(0.55), |q| q.k(0.3).tex(0.2));
}

fn scarf(d: &mut Desk, w: &Person, f: &Frame, small: Cast) {
    let Frame { sy, sx, .. } = *f;
    let o = if f.flat { 0.03 } else { 0.22 };
    let a = w.accent;
    if !f.back {
        let end = pts![(sx + o - 0.05, sy + 0.1), (sx + o + 0.22, sy + 0.1), (sx + o + 0.28, sy + 1.35), (sx + o, sy + 1.38)];
        d.put("scarf-end", &end, a[0], |q| q.edge(Edge::Cut).cast(small).k(0.5).tex(0.5));
    }
    let wound = pts![
        (sx - 0.40, sy - 0.25),
        (sx, sy - 0.32),
        (sx + 0.40 + o * 0.3, sy - 0.25),
        (sx + 0.44 + o * 0.3, sy + 0.1),
        (sx, sy + 0.26),
        (sx - 0.44, sy + 0.1)
    ];
    let s = cast(d, 0.5);
    d.put("scarf", &wound, a[1], |q| q.edge(Edge::Cut).cast(s).k(0.6).tex(0.5));
    d.put("scarf/fold", &pts![(sx - 0.4, sy - 0.05, c), (sx, sy + 0.1), (sx + 0.42, sy - 0.02, c), (sx, sy + 0.16)], a[0], |q| q.tex(0.5));
}
