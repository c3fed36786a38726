//! The head from behind.

use contracts::story::{HairStyle, Headwear};

use super::{
    Cast, Desk, Person,
    hair::plait,
    hats::{self, Seen},
};
use crate::paper::{Edge, Group, Xf};

/// Paints a head seen from behind.
pub fn head_back(g: &mut Group, xf: &Xf, w: &Person, light: f32) {
    if w.is_spirit() {
        return super::spirit::head_back(g, xf, w, light);
    }
    let k = xf.k;
    let mut desk = Desk { g, t: *xf, light, part: "back" };
    let d = &mut desk;
    let h = w.hair;
    let cast = |m: f32| -> Cast { Some((-light * xf.m * 0.008 * k * m, 0.012 * k * m, 0.014 * k * m, 0.42)) };
    if w.headwear == Headwear::Hood {
        let hood = pts![
            (0.0, -0.72),
            (0.26, -0.66),
            (0.45, -0.48),
            (0.52, -0.18),
            (0.51, 0.15),
            (0.45, 0.5),
            (0.2, 0.68),
            (-0.2, 0.68),
            (-0.45, 0.5),
            (-0.51, 0.15),
            (-0.52, -0.18),
            (-0.45, -0.48),
            (-0.26, -0.66)
        ];
        d.put("hood", &hood, w.cap[2], |q| q.edge(Edge::Cut).cast(cast(1.2)).tex(0.5));
        d.put("hood/seam", &pts![(-0.01, -0.70, c), (0.02, -0.2), (0.01, 0.6, c), (-0.02, -0.2)], w.cap[1], |q| {
            q.alpha(0.8).k(0.4).tex(0.5)
        });
        let l = -light;
        d.put(
            "hood/shade",
            &pts![(l * 0.46, -0.46, c), (l * 0.52, -0.1), (l * 0.48, 0.4, c), (l * 0.38, 0.1), (l * 0.36, -0.2)],
            w.cap[1],
            |q| q.alpha(0.7).k(0.4).tex(0.5),
        );
        return;
    }
    for (s, key) in [(-1.0, "ear-near"), (1.0, "ear-far")] {
        d.put(key, &pts![(s * 0.335, -0.05), (s * 0.395, -0.075), (s * 0.405, -0.02), (s * 0.385, 0.09), (s * 0.345, 0.14)], w.skin, |q| {
            q.cast(cast(0.5)).tex(0.5)
        });
    }
    let bald = w.hair_style == HairStyle::Bald;
    let long = w.has_long_hair();
    let skull = pts![
        (0.0, -0.545),
        (0.22, -0.5),
        (0.36, -0.35),
        (0.40, -0.12),
        (0.36, 0.1),
        (0.2, 0.3),
        (0.0, 0.34),
        (-0.2, 0.3),
        (-0.36, 0.1),
        (-0.40, -0.12),
        (-0.36, -0.35),
        (-0.22, -0.5)
    ];
    let color = if bald {
        w.skin
    } else if long {
        h[1]
    } else {
        h[0]
    };
    let edge = if long || bald { Edge::Cut } else { Edge::Soft };
    d.put("skull", &skull, color, |q| q.edge(edge).cast(cast(1.2)).tex(0.5));
    if bald {
        let wreath = pts![
            (0.385, -0.12),
            (0.36, 0.1),
            (0.2, 0.3),
            (0.0, 0.34),
            (-0.2, 0.3),
            (-0.36, 0.1),
            (-0.385, -0.12),
            (-0.2, -0.02),
            (0.0, 0.0),
            (0.2, -0.02)
        ];
        d.put("wreath", &wreath, h[0], |q| q.edge(Edge::Soft).k(0.5).tex(0.5));
    }
    if long {
        for (i, x) in [-0.3f32, -0.17, 0.17, 0.3].into_iter().enumerate() {
            let strand = pts![(x, if x.abs() < 0.2 { 0.2 } else { 0.08 }, c), (x * 1.12, -0.1), (x * 0.4, -0.46, c), (x * 0.9, -0.12)];
            d.put(&format!("strand/{i}"), &strand, if x * light > 0.0 { h[2] } else { h[0] }, |q| q.alpha(0.85).tex(0.5));
        }
        if w.hair_style == HairStyle::Bun && w.is_bareheaded() && !w.worn.braid {
            d.put(
                "bun",
                &pts![(-0.2, -0.42), (-0.22, -0.6), (-0.1, -0.76), (0.1, -0.76), (0.22, -0.6), (0.18, -0.42), (0.0, -0.36)],
                h[1],
                |q| q.edge(Edge::Cut).cast(cast(1.1)).tex(0.5),
            );
            for (i, (a, tone)) in [(-0.1f32, 0usize), (0.0, 2), (0.1, 3)].into_iter().enumerate() {
                d.put(
                    &format!("bun/{i}"),
                    &pts![(a - 0.02, -0.42, c), (a - 0.06, -0.58), (a, -0.72, c), (a + 0.05, -0.58)],
                    h[tone],
                    |q| q.alpha(0.85).tex(0.5),
                );
            }
        }
        if w.hair_style == HairStyle::Plaits {
            plait(d, w, -0.27, 0.16, "plait-near");
            plait(d, w, 0.27, 0.16, "plait-far");
        }
        if w.falls() {
            let longer = w.falls_by();
            let fall = pts![
                (0.0, -0.1),
                (0.3, -0.1),
                (0.41, 0.1),
                (0.45, 0.5),
                (0.42, 0.86),
                (0.2, 0.96),
                (-0.05, 0.93),
                (-0.25, 0.97),
                (-0.43, 0.86),
                (-0.46, 0.5),
                (-0.41, 0.1),
                (-0.3, -0.1)
            ];
            let fall = fall.map(|q| crate::paper::Pt { y: if q.y > 0.8 { q.y + longer } else { q.y }, ..q });
            d.put("fall", &fall, h[1], |q| q.edge(Edge::Cut).tex(0.5));
            for (i, x) in [-0.28f32, -0.1, 0.12, 0.29].into_iter().enumerate() {
                let low = 0.88 + longer;
                let strand = pts![(x * 0.5, -0.3, c), (x, 0.1), (x * 1.25, 0.5), (x * 1.2, low, c), (x * 1.05, 0.5), (x * 0.8, 0.1)];
                d.put(&format!("fall/{i}"), &strand, if x * light > 0.0 { h[2] } else { h[0] }, |q| q.alpha(0.8).tex(0.5));
            }
        }
    } else if !bald && w.is_bareheaded() && w.hair_style != HairStyle::Cropped {
        let crown = pts![(-0.02, -0.45, c), (0.16, -0.40), (0.28, -0.2), (0.26, 0.05, c), (0.18, -0.15), (0.08, -0.32)];
        d.put("whorl", &crown, if light > 0.0 { h[2] } else { h[1] }, |q| q.alpha(0.8).tex(0.5));
        d.put(
            "whorl/near",
            &pts![(-0.06, -0.45, c), (-0.2, -0.38), (-0.3, -0.16), (-0.27, 0.06, c), (-0.2, -0.14), (-0.12, -0.32)],
            h[1],
            |q| q.alpha(0.8).tex(0.5),
        );
    }
    match w.headwear {
        Headwear::Cap => {
            d.put(
                "cap",
                &pts![
                    (-0.41, -0.06),
                    (-0.45, -0.33),
                    (-0.34, -0.53),
                    (0.0, -0.6),
                    (0.34, -0.53),
                    (0.45, -0.33),
                    (0.41, -0.06),
                    (0.0, -0.02)
                ],
                w.cap[2],
                |q| q.edge(Edge::Cut).cast(cast(1.0)).tex(0.5),
            );
            d.put(
                "cap/band",
                &pts![(-0.41, -0.05), (-0.41, -0.18), (0.0, -0.13), (0.41, -0.18), (0.41, -0.05), (0.0, 0.0)],
                w.cap[1],
                |q| q.edge(Edge::Cut).cast(cast(0.5)).tex(0.5),
            );
        }
        Headwear::Knitted => {
            d.put(
                "knit",
                &pts![
                    (-0.42, -0.08),
                    (-0.45, -0.33),
                    (-0.35, -0.56),
                    (-0.13, -0.665),
                    (0.13, -0.665),
                    (0.35, -0.56),
                    (0.45, -0.33),
                    (0.42, -0.08),
                    (0.0, -0.02)
                ],
                w.cap[2],
                |q| q.edge(Edge::Soft).cast(cast(1.0)).k(0.5).tex(0.7),
            );
            d.put(
                "knit/fold",
                &pts![(-0.43, -0.02), (-0.44, -0.19), (0.0, -0.13), (0.44, -0.19), (0.43, -0.02), (0.0, 0.05)],
                w.cap[3],
                |q| q.edge(Edge::Soft).cast(cast(0.6)).k(0.5).tex(0.7),
            );
        }
        Headwear::Turban => {
            d.put(
                "turban",
                &pts![
                    (-0.42, -0.04),
                    (-0.49, -0.3),
                    (-0.40, -0.58),
                    (-0.14, -0.70),
                    (0.14, -0.70),
                    (0.40, -0.58),
                    (0.49, -0.3),
                    (0.42, -0.04),
                    (0.0, 0.02)
                ],
                w.cap[2],
                |q| q.edge(Edge::Soft).cast(cast(1.0)).k(0.5).tex(0.5),
            );
            d.put("turban/a", &pts![(-0.46, -0.2, c), (-0.1, -0.42), (0.3, -0.62, c), (0.1, -0.36), (-0.38, -0.05)], w.cap[3], |q| {
                q.alpha(0.85).tex(0.5)
            });
            d.put("turban/b", &pts![(0.47, -0.2, c), (0.2, -0.36), (-0.2, -0.62, c), (0.0, -0.3), (0.36, -0.06)], w.cap[1], |q| {
                q.alpha(0.85).tex(0.5)
            });
        }
        Headwear::Hat | Headwear::Helmet | Headwear::Crown => hats::over(d, w, Seen::Back, &cast),
        Headwear::None | Headwear::Hood => {}
    }
}
