//! Things of a house and a tale: door, pot, spoon, mitten, loaf, basket, mushroom, flower, crown, ladder, chair.

use super::Paints;
use crate::{
    paper::{Edge, Pt, Rgb, c, p},
    places::{
        palette::{hex, mix},
        pen::Pen,
    },
};

/// A plank door in its posts, with iron straps and a latch.
pub(super) fn door(pen: &mut Pen, q: &Paints) {
    let leaf = q.own(0, "#3f7a52");
    let post = q.own(1, "#5a452e");
    let iron = q.tone("#2a2a32");
    let dark = mix(leaf, q.tone("#0c1410"), 0.5);
    pen.rect(-58.0, -100.0, 58.0, 100.0, post, |s| {
        s.sh(4.0, 4.0, 9.0, 0.5).k(0.8).grad((-58.0, 0.0), (58.0, 0.0), mix(post, hex("#f0e0c0"), 0.2), mix(post, dark, 0.4))
    });
    pen.rect(-47.0, -90.0, 47.0, 100.0, leaf, |s| {
        s.flat().grad((-47.0, 0.0), (47.0, 0.0), mix(leaf, hex("#ffffff"), 0.16), mix(leaf, dark, 0.5))
    });
    for i in -2i32..=2 {
        let x = 18.8 * i as f32;
        pen.line(&[(x, -90.0), (x + 0.6, 100.0)], dark, 1.6, 0.8, false);
    }
    for y in [-64.0f32, 62.0] {
        pen.poly(&[(-47.0, y - 6.0), (18.0, y - 4.0), (28.0, y), (18.0, y + 4.0), (-47.0, y + 6.0)], iron, |s| {
            s.sh(0.0, 2.0, 3.0, 0.45).clean()
        });
        for x in [-38.0f32, -18.0, 4.0] {
            pen.disc(x, y, 1.8, mix(iron, hex("#ffffff"), 0.4), |s| s.clean().flat());
        }
    }
    pen.poly(&[(24.0, -6.0), (42.0, -8.0), (42.0, 10.0), (24.0, 8.0)], iron, |s| s.clean().sh(1.0, 2.0, 3.0, 0.4));
    pen.line(&[(20.0, 1.0), (40.0, 1.0)], mix(iron, hex("#ffffff"), 0.25), 3.0, 1.0, false);
    if q.says(&["cat", "hole"]) {
        pen.shape(&[c(-34.0, 98.0), c(-34.0, 82.0), p(-22.0, 72.0), c(-10.0, 82.0), c(-10.0, 98.0)], q.tone("#0c0c12"), |s| {
            s.clean().flat()
        });
    }
}

/// A round pot on three legs.
pub(super) fn pot(pen: &mut Pen, q: &Paints) {
    let iron = q.own(0, "#33343c");
    let light = mix(iron, q.tone("#d8d0c8"), 0.36);
    let dark = mix(iron, q.tone("#08080c"), 0.6);
    let bail: Vec<(f32, f32)> = (0..=14)
        .map(|i| core::f32::consts::PI * (1.0 + i as f32 / 14.0))
        .map(|a| (82.0 * libm::cosf(a), -42.0 + 54.0 * libm::sinf(a)))
        .collect();
    pen.line(&bail, dark, 6.0, 1.0, true);
    for (x, lean) in [(-58.0f32, -12.0f32), (0.0, 0.0), (58.0, 12.0)] {
        pen.poly(&[(x - 9.0, 62.0), (x + 9.0, 62.0), (x + 5.0 + lean, 99.0), (x - 5.0 + lean, 99.0)], dark, |s| {
            s.clean().sh(2.0, 2.0, 3.0, 0.4)
        });
    }
    pen.curve(
        &[
            (-80.0, -44.0),
            (-96.0, 6.0),
            (-84.0, 54.0),
            (-44.0, 78.0),
            (0.0, 82.0),
            (44.0, 78.0),
            (84.0, 54.0),
            (96.0, 6.0),
            (80.0, -44.0),
            (0.0, -36.0),
        ],
        iron,
        |s| s.clean().sh(3.0, 6.0, 10.0, 0.5).grad((-90.0, -40.0), (90.0, 60.0), light, dark),
    );
    pen.ellipse(0.0, -46.0, 86.0, 17.0, mix(iron, light, 0.5), |s| s.clean().sh(0.0, 3.0, 4.0, 0.45));
    pen.ellipse(0.0, -46.0, 74.0, 12.0, q.own(1, "#6a4a30"), |s| s.clean().flat());
    pen.curve(&[(-74.0, -20.0), (-84.0, 10.0), (-72.0, 44.0), (-62.0, 46.0), (-72.0, 10.0), (-62.0, -18.0)], light, |s| {
        s.flat().alpha(0.5).clean()
    });
    for s in [-1.0f32, 1.0] {
        pen.disc(s * 84.0, -38.0, 9.0, dark, |q| q.clean().sh(1.0, 2.0, 3.0, 0.4));
    }
}

/// A wooden spoon.
pub(super) fn spoon(pen: &mut Pen, q: &Paints) {
    let wood = q.own(0, "#b08a58");
    let (light, dark) = (mix(wood, hex("#fff0d0"), 0.4), mix(wood, q.tone("#2a1a10"), 0.5));
    let mut pen = pen.turned(0.0, 0.0, 1.0, 0.5);
    pen.curve(&[(-7.0, 98.0), (-6.0, 0.0), (-9.0, -30.0), (9.0, -30.0), (6.0, 0.0), (7.0, 98.0), (0.0, 104.0)], wood, |s| {
        s.clean().sh(4.0, 5.0, 8.0, 0.45).grad((-8.0, 0.0), (8.0, 0.0), light, dark)
    });
    pen.curve(
        &[(0.0, -104.0), (-26.0, -90.0), (-34.0, -58.0), (-22.0, -30.0), (0.0, -20.0), (22.0, -30.0), (34.0, -58.0), (26.0, -90.0)],
        wood,
        |s| s.clean().sh(4.0, 5.0, 8.0, 0.45).grad((-34.0, -90.0), (30.0, -30.0), light, wood),
    );
    pen.curve(
        &[(0.0, -94.0), (-19.0, -82.0), (-25.0, -58.0), (-14.0, -38.0), (0.0, -32.0), (14.0, -38.0), (25.0, -58.0), (19.0, -82.0)],
        mix(wood, dark, 0.45),
        |s| s.flat().grad((-20.0, -90.0), (20.0, -36.0), dark, mix(wood, light, 0.3)),
    );
}

/// A knitted mitten with a turned cuff.
pub(super) fn mitten(pen: &mut Pen, q: &Paints) {
    let wool = q.own(0, "#a8423a");
    let cuff = q.own(1, "#e4dcc8");
    let dark = mix(wool, q.tone("#1c0c14"), 0.45);
    pen.curve(
        &[(26.0, 34.0), (56.0, 6.0), (80.0, -28.0), (92.0, -18.0), (84.0, 12.0), (58.0, 48.0), (34.0, 62.0)],
        mix(wool, dark, 0.15),
        |s| s.edge(Edge::Soft).k(0.8).sh(3.0, 5.0, 8.0, 0.45),
    );
    let body = pen.curve(
        &[
            (-44.0, 62.0),
            (-52.0, 10.0),
            (-48.0, -50.0),
            (-26.0, -88.0),
            (4.0, -96.0),
            (32.0, -82.0),
            (46.0, -44.0),
            (46.0, 14.0),
            (40.0, 62.0),
        ],
        wool,
        |s| s.edge(Edge::Soft).k(0.8).sh(3.0, 5.0, 9.0, 0.5).grad((-50.0, -40.0), (50.0, 20.0), mix(wool, hex("#fff0e0"), 0.22), dark),
    );
    for j in 0..8 {
        let y = -76.0 + 18.0 * j as f32;
        let row: Vec<(f32, f32)> = (0..=10).map(|i| (-56.0 + 11.2 * i as f32, y + if i % 2 == 0 { 0.0 } else { 6.0 })).collect();
        pen.g.set_clip(Some(&body));
        pen.line(&row, dark, 1.8, 0.5, false);
        pen.g.set_clip(None);
    }
    for (x, y) in [(-22.0f32, -30.0f32), (16.0, -30.0), (-3.0, 6.0)] {
        pen.poly(&[(x, y - 12.0), (x + 10.0, y), (x, y + 12.0), (x - 10.0, y)], cuff, |s| s.flat().clean().clip(&body));
    }
    pen.curve(
        &[(-54.0, 60.0), (-50.0, 54.0), (0.0, 58.0), (46.0, 54.0), (50.0, 62.0), (48.0, 96.0), (0.0, 101.0), (-52.0, 96.0)],
        cuff,
        |s| s.edge(Edge::Soft).k(0.7).sh(0.0, 3.0, 5.0, 0.4).grad((-50.0, 0.0), (50.0, 0.0), cuff, mix(cuff, dark, 0.35)),
    );
    for i in 0..9 {
        let x = -44.0 + 11.0 * i as f32;
        pen.line(&[(x, 62.0), (x + 1.0, 95.0)], mix(cuff, dark, 0.4), 2.0, 0.55, false);
    }
}

/// A round loaf with its cuts.
pub(super) fn loaf(pen: &mut Pen, q: &Paints) {
    let crust = q.own(0, "#b57a3c");
    let (light, dark) = (mix(crust, hex("#ffe8b8"), 0.5), mix(crust, q.tone("#3a1a0c"), 0.6));
    pen.ellipse(0.0, 84.0, 130.0, 16.0, q.tone("#140e10"), |s| s.flat().tex(0.0).blur(7.0).alpha(0.45));
    let body = pen.curve(
        &[
            (-138.0, 60.0),
            (-134.0, 0.0),
            (-92.0, -56.0),
            (0.0, -78.0),
            (92.0, -56.0),
            (134.0, 0.0),
            (138.0, 60.0),
            (90.0, 90.0),
            (-90.0, 90.0),
        ],
        crust,
        |s| s.edge(Edge::Soft).k(0.8).sh(3.0, 6.0, 10.0, 0.45).grad((-60.0, -70.0), (40.0, 90.0), light, dark),
    );
    for (x, tall) in [(-66.0f32, 74.0f32), (-8.0, 92.0), (54.0, 82.0)] {
        pen.curve(
            &[(x - 16.0, 22.0), (x - 4.0, 20.0 - tall * 0.6), (x + 22.0, 14.0 - tall), (x + 18.0, 20.0 - tall * 0.5), (x + 4.0, 26.0)],
            mix(light, hex("#fff6e0"), 0.4),
            |s| s.clean().sh(1.0, 2.0, 3.0, 0.4).clip(&body),
        );
    }
    for i in 0..22 {
        let (x, y) = (-110.0 + 10.0 * i as f32, -40.0 + ((i * 37) % 90) as f32);
        pen.ellipse(x, y, 3.2, 1.6, mix(light, hex("#ffffff"), 0.5), |s| s.flat().clean().alpha(0.55).clip(&body));
    }
}

/// A wicker basket with its handle; what is in it under a cloth.
pub(super) fn basket(pen: &mut Pen, q: &Paints) {
    let cane = q.own(0, "#b5873f");
    let cloth = q.own(1, "#c9483c");
    let (light, dark) = (mix(cane, hex("#ffe8b0"), 0.4), mix(cane, q.tone("#2a180c"), 0.5));
    let handle = |k: f32| -> Vec<(f32, f32)> {
        (0..=18)
            .map(|i| core::f32::consts::PI * (1.0 + i as f32 / 18.0))
            .map(|a| (k * 74.0 * libm::cosf(a), 4.0 + k * 100.0 * libm::sinf(a)))
            .collect()
    };
    pen.line(&handle(1.0), dark, 13.0, 1.0, true);
    pen.line(&handle(1.0), cane, 9.0, 1.0, true);
    for i in 0..13 {
        let a = core::f32::consts::PI * (1.04 + 0.92 * i as f32 / 12.0);
        let (x, y) = (74.0 * libm::cosf(a), 4.0 + 100.0 * libm::sinf(a));
        pen.line(&[(x - 5.0, y - 3.0), (x + 5.0, y + 3.0)], dark, 2.0, 0.7, false);
    }
    pen.curve(&[(-84.0, 10.0), (-60.0, -22.0), (-20.0, -30.0), (24.0, -26.0), (64.0, -20.0), (86.0, 10.0)], cloth, |s| {
        s.sh(0.0, 4.0, 5.0, 0.4).edge(Edge::Soft).grad((0.0, -30.0), (0.0, 12.0), mix(cloth, hex("#ffffff"), 0.2), mix(cloth, dark, 0.4))
    });
    let body = pen.curve(
        &[(-98.0, 4.0), (-86.0, 60.0), (-70.0, 94.0), (0.0, 102.0), (70.0, 94.0), (86.0, 60.0), (98.0, 4.0), (0.0, 14.0)],
        cane,
        |s| s.sh(3.0, 6.0, 9.0, 0.5).clean().grad((-90.0, 0.0), (90.0, 0.0), light, dark),
    );
    pen.g.set_clip(Some(&body));
    for j in 0..6 {
        let y = 18.0 + 15.0 * j as f32;
        for i in 0..14 {
            let x = -100.0 + 15.0 * i as f32 + if j % 2 == 0 { 0.0 } else { 7.5 };
            pen.curve(
                &[(x, y), (x + 4.0, y - 4.0), (x + 10.0, y - 4.0), (x + 14.0, y), (x + 10.0, y + 6.0), (x + 4.0, y + 6.0)],
                if (i + j) % 2 == 0 { light } else { cane },
                |s| s.sh(1.0, 2.0, 2.0, 0.4).clean(),
            );
        }
    }
    pen.g.set_clip(None);
    pen.curve(
        &[
            (-102.0, 0.0),
            (-60.0, 12.0),
            (0.0, 16.0),
            (60.0, 12.0),
            (102.0, 0.0),
            (102.0, 14.0),
            (60.0, 26.0),
            (0.0, 30.0),
            (-60.0, 26.0),
            (-102.0, 14.0),
        ],
        cane,
        |s| s.clean().sh(0.0, 4.0, 5.0, 0.45).grad((-100.0, 0.0), (100.0, 0.0), light, mix(cane, dark, 0.5)),
    );
}

/// Mushrooms: a large one and a small one.
pub(super) fn mushroom(pen: &mut Pen, q: &Paints) {
    let cap = q.own(0, "#d2604e");
    let stem = q.own(1, "#efe6d4");
    let dark = mix(cap, q.tone("#2a0c12"), 0.5);
    for (x, y, k) in [(-16.0f32, 0.0f32, 1.0f32), (70.0, 48.0, 0.5)] {
        let mut pen = pen.at(x, y, k, 1.0);
        pen.curve(&[(-24.0, -6.0), (-20.0, 50.0), (-30.0, 98.0), (30.0, 98.0), (20.0, 50.0), (24.0, -6.0)], stem, |s| {
            s.clean().sh(3.0, 4.0, 7.0, 0.45).grad((-26.0, 0.0), (26.0, 0.0), stem, mix(stem, dark, 0.35))
        });
        pen.curve(
            &[(-24.0, 18.0), (0.0, 28.0), (24.0, 18.0), (26.0, 32.0), (0.0, 42.0), (-26.0, 32.0)],
            mix(stem, hex("#ffffff"), 0.3),
            |s| s.sh(0.0, 2.0, 3.0, 0.4),
        );
        pen.ellipse(0.0, -4.0, 78.0, 16.0, mix(stem, dark, 0.3), |s| s.clean().flat());
        let body = pen.curve(
            &[(-88.0, -8.0), (-82.0, -48.0), (-48.0, -86.0), (0.0, -98.0), (48.0, -86.0), (82.0, -48.0), (88.0, -8.0), (0.0, 4.0)],
            cap,
            |s| s.clean().sh(2.0, 6.0, 8.0, 0.5).grad((-60.0, -90.0), (60.0, 0.0), mix(cap, hex("#ffe8d8"), 0.3), dark),
        );
        for (dx, dy, r) in [
            (-44.0f32, -48.0f32, 12.0f32),
            (-6.0, -76.0, 10.0),
            (34.0, -52.0, 13.0),
            (-16.0, -28.0, 9.0),
            (64.0, -22.0, 9.0),
            (-72.0, -18.0, 8.0),
        ] {
            pen.ellipse(dx, dy, r, r * 0.82, stem, |s| s.clean().sh(1.0, 1.0, 2.0, 0.35).clip(&body));
        }
    }
}

/// A flower on its stalk, two leaves.
pub(super) fn flower(pen: &mut Pen, q: &Paints) {
    let petal = q.own(0, "#d8b04a");
    let heart = q.own(1, "#7a4a2a");
    let green = q.tone("#4f7a4c");
    pen.curve(&[(-3.0, -30.0), (4.0, 20.0), (-4.0, 99.0), (5.0, 99.0), (12.0, 20.0), (5.0, -30.0)], green, |s| {
        s.clean().sh(2.0, 3.0, 5.0, 0.4)
    });
    for s in [-1.0f32, 1.0] {
        pen.curve(
            &[(2.0, 62.0), (s * 34.0, 40.0), (s * 66.0, 12.0), (s * 50.0, 46.0), (s * 22.0, 68.0)],
            mix(green, hex("#d8e8a8"), if s < 0.0 { 0.2 } else { 0.0 }),
            |q| q.clean().sh(2.0, 3.0, 5.0, 0.4),
        );
    }
    for ring in 0..2 {
        let n = 8;
        for i in 0..n {
            let a = core::f32::consts::TAU * (i as f32 + 0.5 * ring as f32) / n as f32;
            let r = 62.0 - 18.0 * ring as f32;
            let mut pen = pen.turned(0.0, -44.0, 1.0, a);
            let tone = mix(petal, if ring == 0 { q.tone("#6a3a20") } else { hex("#fff4d0") }, 0.18);
            pen.curve(&[(0.0, -8.0), (-15.0, -r * 0.5), (-11.0, -r * 0.9), (0.0, -r), (11.0, -r * 0.9), (15.0, -r * 0.5)], tone, |s| {
                s.clean().sh(1.0, 2.0, 4.0, 0.4)
            });
        }
    }
    pen.disc(0.0, -44.0, 19.0, heart, |s| s.edge(Edge::Rag).k(0.5).sh(1.0, 2.0, 4.0, 0.45));
}

/// A crown of gold with stones.
pub(super) fn crown(pen: &mut Pen, q: &Paints) {
    let gold = q.own(0, "#c8963c");
    let gem = q.own(1, "#a23f4a");
    let (light, dark) = (mix(gold, hex("#fff4c8"), 0.55), mix(gold, q.tone("#3a2010"), 0.55));
    pen.curve(&[(-96.0, -20.0), (0.0, -46.0), (96.0, -20.0), (80.0, 44.0), (0.0, 24.0), (-80.0, 44.0)], dark, |s| s.clean().flat());
    let points: [Pt; 15] = [
        c(-104.0, -62.0),
        p(-80.0, -4.0),
        p(-60.0, 4.0),
        c(-52.0, -80.0),
        p(-34.0, 2.0),
        p(-18.0, 6.0),
        c(0.0, -98.0),
        p(18.0, 6.0),
        p(34.0, 2.0),
        c(52.0, -80.0),
        p(60.0, 4.0),
        p(80.0, -4.0),
        c(104.0, -62.0),
        c(86.0, 84.0),
        c(-86.0, 84.0),
    ];
    pen.shape(&points, gold, |s| s.clean().sh(2.0, 6.0, 9.0, 0.5).grad((-90.0, -40.0), (90.0, 70.0), light, mix(gold, dark, 0.5)));
    for (x, y) in [(-104.0f32, -66.0f32), (-52.0, -84.0), (0.0, -102.0), (52.0, -84.0), (104.0, -66.0)] {
        pen.disc(x, y, 9.0, light, |s| s.clean().sh(1.0, 2.0, 3.0, 0.4));
    }
    pen.curve(&[(-88.0, 58.0), (0.0, 74.0), (88.0, 58.0), (86.0, 88.0), (0.0, 104.0), (-86.0, 88.0)], mix(gold, dark, 0.2), |s| {
        s.clean().sh(0.0, 3.0, 4.0, 0.45).grad((-88.0, 0.0), (88.0, 0.0), light, dark)
    });
    for (x, y) in [(-54.0f32, 74.0f32), (0.0, 84.0), (54.0, 74.0)] {
        pen.ellipse(x, y, 11.0, 9.0, gem, |s| {
            s.clean().sh(1.0, 2.0, 2.0, 0.4).grad(
                (x - 8.0, y - 8.0),
                (x + 8.0, y + 8.0),
                mix(gem, hex("#ffffff"), 0.5),
                mix(gem, dark, 0.4),
            )
        });
    }
}

/// A ladder against nothing.
pub(super) fn ladder(pen: &mut Pen, q: &Paints) {
    let wood = q.own(0, "#8a6a44");
    let (light, dark) = (mix(wood, hex("#ffe8c0"), 0.3), mix(wood, q.tone("#1c120a"), 0.5));
    for i in 0..7 {
        let y = -84.0 + 28.0 * i as f32;
        let half = 26.0 + 1.6 * i as f32;
        pen.rect(-half, y, half, y + 9.0, mix(wood, dark, 0.2), |s| s.sh(1.0, 4.0, 4.0, 0.45).k(0.5));
    }
    for s in [-1.0f32, 1.0] {
        pen.poly(&[(s * 28.0 - 6.0, -100.0), (s * 28.0 + 6.0, -100.0), (s * 40.0 + 7.0, 100.0), (s * 40.0 - 7.0, 100.0)], wood, |q| {
            q.sh(3.0, 3.0, 6.0, 0.45).grad((s * 34.0 - 8.0, 0.0), (s * 34.0 + 8.0, 0.0), light, dark)
        });
    }
}

/// A kitchen chair from three quarters.
pub(super) fn chair(pen: &mut Pen, q: &Paints) {
    let wood = q.own(0, "#7a5a3c");
    let (light, dark) = (mix(wood, hex("#ffe8c0"), 0.25), mix(wood, q.tone("#1a1008"), 0.55));
    for (x, y0) in [(-36.0f32, 16.0f32), (30.0, 10.0)] {
        pen.poly(&[(x - 5.0, y0), (x + 5.0, y0), (x + 4.0, 84.0), (x - 4.0, 84.0)], dark, |s| s.flat());
    }
    for x in [-44.0f32, 26.0] {
        pen.poly(&[(x - 6.0, 8.0), (x - 9.0, -100.0), (x + 3.0, -100.0), (x + 6.0, 8.0)], wood, |s| {
            s.sh(3.0, 3.0, 5.0, 0.4).grad((x - 8.0, 0.0), (x + 6.0, 0.0), light, dark)
        });
    }
    for y in [-86.0f32, -54.0, -24.0] {
        pen.poly(&[(-46.0, y), (26.0, y - 3.0), (26.0, y + 12.0), (-46.0, y + 15.0)], mix(wood, light, 0.3), |s| s.sh(0.0, 4.0, 5.0, 0.45));
    }
    pen.poly(&[(-52.0, 8.0), (32.0, 4.0), (54.0, 24.0), (-42.0, 30.0)], light, |s| s.sh(0.0, 5.0, 6.0, 0.5));
    pen.poly(&[(-42.0, 30.0), (54.0, 24.0), (54.0, 34.0), (-42.0, 40.0)], dark, |s| s.flat());
    for (x, y0) in [(-38.0f32, 38.0f32), (48.0, 32.0)] {
        pen.poly(&[(x - 6.0, y0), (x + 6.0, y0), (x + 5.0, 100.0), (x - 5.0, 100.0)], wood, |s| {
            s.sh(3.0, 3.0, 5.0, 0.4).grad((x - 6.0, 0.0), (x + 6.0, 0.0), light, dark)
        });
    }
}

/// A tower of cards of one shape in a row: three doors, three cups.
pub(super) fn three(pen: &mut Pen, q: &Paints, draw: fn(&mut Pen, &Paints)) {
    let colours = q.prop.colours.clone();
    let fall = ["#a23f36", "#2f4a7a", "#26262c"].map(str::to_owned);
    for (i, x) in [-104.0f32, 0.0, 104.0].into_iter().enumerate() {
        let mut one = q.prop.clone();
        one.colours = vec![colours.get(i).cloned().unwrap_or_else(|| fall[i].clone())];
        draw(&mut pen.at(x, 0.0, 0.86, 1.0), &Paints { prop: &one, style: q.style });
    }
}

/// A colour between two for things with a lit and a shaded side.
pub(super) fn sides(q: &Paints, own: Rgb) -> (Rgb, Rgb) {
    (mix(own, hex("#fff4e0"), 0.34), mix(own, q.tone("#0c0a10"), 0.5))
}
