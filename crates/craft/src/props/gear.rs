//! Things that measure, steer and protect: timer, radio, gauge, chart, switch, wheel, helmet, scale, tray of plants, staff,
//! sword, camel and its pack.

use super::{Paints, caravan::leg, home::sides};
use crate::{
    paper::{Edge, c, p},
    places::{
        palette::{hex, mix},
        pen::Pen,
    },
    text::{Face, Type, fit},
};

fn ring(cx: f32, cy: f32, r: f32, n: usize) -> Vec<(f32, f32)> {
    (0..=n).map(|i| core::f32::consts::TAU * i as f32 / n as f32).map(|a| (cx + r * libm::cosf(a), cy + r * libm::sinf(a))).collect()
}

/// A dial with marks round it and a hand; `sweep` in turns from straight up.
fn dial(pen: &mut Pen, q: &Paints, r: f32, face: &str, marks: usize, hand: f32) {
    let paper = q.tone(face);
    let ink = q.tone("#26262e");
    pen.disc(0.0, 0.0, r, paper, |s| s.clean().flat().grad((-r, -r), (r, r), mix(paper, hex("#ffffff"), 0.3), mix(paper, ink, 0.18)));
    for i in 0..marks {
        let a = core::f32::consts::TAU * (i as f32 / marks as f32 - 0.25);
        let k = if i % 3 == 0 { 0.74 } else { 0.82 };
        let at = |k: f32| (r * k * libm::cosf(a), r * k * libm::sinf(a));
        pen.line(&[at(k), at(0.92)], ink, if i % 3 == 0 { 4.0 } else { 2.0 }, 0.9, false);
    }
    let a = core::f32::consts::TAU * (hand - 0.25);
    pen.line(
        &[(-0.14 * r * libm::cosf(a), -0.14 * r * libm::sinf(a)), (0.66 * r * libm::cosf(a), 0.66 * r * libm::sinf(a))],
        q.own(1, "#a23f36"),
        6.0,
        1.0,
        false,
    );
    pen.disc(0.0, 0.0, r * 0.10, ink, |s| s.clean().sh(1.0, 2.0, 2.0, 0.4));
}

/// A wind-up timer, or a clock when the look says so.
pub(super) fn timer(pen: &mut Pen, q: &Paints) {
    let body = q.own(0, "#e4dfd2");
    let (light, dark) = sides(q, body);
    if q.says(&["clock"]) {
        for s in [-1.0f32, 1.0] {
            pen.poly(&[(s * 46.0, 74.0), (s * 66.0, 70.0), (s * 74.0, 100.0), (s * 60.0, 100.0)], dark, |q| {
                q.clean().sh(2.0, 2.0, 4.0, 0.4)
            });
        }
    }
    pen.curve(
        &[(-92.0, 98.0), (-100.0, 30.0), (-86.0, -50.0), (-40.0, -94.0), (40.0, -94.0), (86.0, -50.0), (100.0, 30.0), (92.0, 98.0)],
        body,
        |s| s.clean().sh(4.0, 6.0, 10.0, 0.5).grad((-90.0, -80.0), (90.0, 90.0), light, mix(body, dark, 0.6)),
    );
    pen.rect(-13.0, -104.0, 13.0, -88.0, dark, |s| s.clean().sh(1.0, 2.0, 3.0, 0.4));
    let mut pen = pen.at(0.0, 6.0, 1.0, 1.0);
    pen.disc(0.0, 0.0, 80.0, mix(body, dark, 0.5), |s| s.clean().sh(0.0, 3.0, 5.0, 0.45));
    dial(&mut pen, q, 73.0, "#f4f0e4", 12, 0.20);
}

/// A needle gauge with its red quarter.
pub(super) fn gauge(pen: &mut Pen, q: &Paints) {
    let body = q.own(0, "#5a636c");
    let (light, dark) = sides(q, body);
    pen.rect(-100.0, -98.0, 100.0, 98.0, body, |s| s.clean().sh(4.0, 6.0, 10.0, 0.5).grad((-90.0, -90.0), (90.0, 90.0), light, dark));
    for (x, y) in [(-84.0f32, -82.0f32), (84.0, -82.0), (-84.0, 82.0), (84.0, 82.0)] {
        pen.disc(x, y, 7.0, dark, |s| s.clean().sh(1.0, 1.0, 2.0, 0.4));
        pen.line(&[(x - 4.0, y - 3.0), (x + 4.0, y + 3.0)], light, 1.6, 0.9, false);
    }
    pen.disc(0.0, 0.0, 82.0, dark, |s| s.clean().sh(0.0, 3.0, 5.0, 0.45));
    dial(pen, q, 74.0, "#e8e4d8", 12, 0.86);
    let arc: Vec<(f32, f32)> = (0..=8)
        .map(|i| core::f32::consts::PI * (0.62 + 0.36 * i as f32 / 8.0))
        .map(|a| (60.0 * libm::cosf(a), 60.0 * libm::sinf(a)))
        .collect();
    pen.line(&arc, q.own(1, "#b03a34"), 12.0, 0.95, true);
    let words = q.prop.inscription.as_deref().unwrap_or(if q.says(&["reserve"]) { "RESERVE" } else { "" });
    if !words.is_empty() {
        let set = fit(words, Type::new(Face::Bold, 15.0).tracked(0.08), 84.0, 20.0, 1);
        pen.words(&set, 0.0, 32.0, 1.0, q.tone("#8a2a26"), |s| s.flat().tex(0.2));
    }
}

/// A radio in its case, with a lamp under wire.
pub(super) fn radio(pen: &mut Pen, q: &Paints) {
    let body = q.own(0, "#59616a");
    let (light, dark) = sides(q, body);
    pen.line(&[(70.0, -40.0), (96.0, -99.0)], dark, 4.0, 1.0, false);
    pen.poly(&[(100.0, -44.0), (122.0, -56.0), (124.0, 78.0), (100.0, 96.0)], dark, |s| s.sh(4.0, 5.0, 8.0, 0.45).clean());
    pen.poly(&[(-124.0, -44.0), (-104.0, -56.0), (122.0, -56.0), (102.0, -44.0)], light, |s| s.clean().flat());
    pen.rect(-124.0, -46.0, 102.0, 96.0, body, |s| {
        s.clean().sh(3.0, 5.0, 9.0, 0.5).grad((-120.0, -40.0), (100.0, 90.0), mix(body, light, 0.4), mix(body, dark, 0.4))
    });
    for j in 0..6 {
        for i in 0..6 {
            pen.disc(-104.0 + 15.0 * i as f32, -22.0 + 17.0 * j as f32, 4.6, dark, |s| s.clean().flat());
        }
    }
    pen.rect(2.0, -30.0, 88.0, 2.0, q.tone("#1c2a2c"), |s| s.clean().flat());
    for i in 0..9 {
        pen.line(
            &[(10.0 + 9.0 * i as f32, -24.0), (10.0 + 9.0 * i as f32, if i % 3 == 0 { -8.0 } else { -15.0 })],
            hex("#a8e0c8"),
            1.6,
            0.8,
            false,
        );
    }
    pen.line(&[(38.0, -27.0), (38.0, 0.0)], hex("#e08a4a"), 2.4, 1.0, false);
    for (x, r) in [(22.0f32, 15.0f32), (66.0, 19.0)] {
        pen.disc(x, 34.0, r, dark, |s| s.clean().sh(1.0, 3.0, 4.0, 0.45));
        pen.disc(x, 33.0, r * 0.78, light, |s| s.clean().flat().grad((x - r, 20.0), (x + r, 46.0), light, body));
        pen.line(&[(x, 33.0), (x + r * 0.5, 33.0 - r * 0.5)], dark, 2.4, 1.0, false);
    }
    // The lamp that says somebody answers.
    pen.disc(44.0, 76.0, 13.0, if q.prop.lit { hex("#ffb347") } else { q.tone("#7a4a20") }, |s| s.clean().sh(0.0, 2.0, 3.0, 0.4));
    for dx in [-7.0f32, 0.0, 7.0] {
        pen.line(&[(44.0 + dx, 62.0), (44.0 + dx, 90.0)], dark, 1.8, 1.0, false);
    }
}

/// A chart: white lines on dark paper, or a map on pale paper.
pub(super) fn chart(pen: &mut Pen, q: &Paints) {
    let night = q.says(&["black", "stars", "white lines", "dark"]);
    let paper = q.own(0, if night { "#171d2a" } else { "#dccfa8" });
    let ink = if night { q.tone("#dfe6ee") } else { q.tone("#6a4a34") };
    let mark = q.own(1, "#b04a3c");
    pen.poly(&[(-150.0, -88.0), (146.0, -92.0), (150.0, 88.0), (-148.0, 92.0)], paper, |s| {
        s.edge(Edge::Torn).core(mix(paper, hex("#fffaf0"), 0.5)).k(0.8).sh(4.0, 6.0, 10.0, 0.5).tex(0.9)
    });
    for x in [-74.0f32, 2.0, 76.0] {
        pen.line(&[(x, -88.0), (x + 2.0, 88.0)], mix(paper, ink, 0.3), 1.6, 0.6, false);
    }
    for i in 0..4 {
        let y = -56.0 + 36.0 * i as f32;
        let line: Vec<(f32, f32)> =
            (0..=10).map(|j| -140.0 + 28.0 * j as f32).map(|x| (x, y + 16.0 * libm::sinf(x * 0.021 + i as f32 * 1.4))).collect();
        pen.line(&line, ink, 1.8, 0.75, true);
    }
    for (x, y) in [(-104.0f32, -30.0f32), (-40.0, 34.0), (28.0, -50.0), (98.0, 18.0), (60.0, 66.0)] {
        pen.disc(x, y, 3.6, ink, |s| s.clean().flat());
    }
    let road = [(-104.0f32, -30.0f32), (-66.0, 8.0), (-40.0, 34.0), (16.0, 20.0), (98.0, 18.0)];
    for pair in road.windows(2) {
        for k in 0..5 {
            let at = |t: f32| (pair[0].0 + (pair[1].0 - pair[0].0) * t, pair[0].1 + (pair[1].1 - pair[0].1) * t);
            pen.line(&[at(k as f32 / 5.0), at(k as f32 / 5.0 + 0.11)], mark, 2.6, 0.95, false);
        }
    }
    pen.line(&[(90.0, 10.0), (106.0, 26.0)], mark, 4.0, 1.0, false);
    pen.line(&[(106.0, 10.0), (90.0, 26.0)], mark, 4.0, 1.0, false);
    for i in 0..4 {
        let a = core::f32::consts::FRAC_PI_2 * i as f32;
        let (dx, dy) = (libm::sinf(a), -libm::cosf(a));
        pen.poly(
            &[(112.0 + dx * 24.0, -52.0 + dy * 24.0), (112.0 - dy * 5.0, -52.0 + dx * 5.0), (112.0 + dy * 5.0, -52.0 - dx * 5.0)],
            if i == 0 { mark } else { ink },
            |s| s.clean().flat(),
        );
    }
}

/// A switch under a hinged red cover.
pub(super) fn switch(pen: &mut Pen, q: &Paints) {
    let plate = q.tone("#59616a");
    let guard = q.own(0, "#b03a34");
    let (light, dark) = sides(q, plate);
    pen.rect(-84.0, -98.0, 84.0, 98.0, plate, |s| s.clean().sh(4.0, 6.0, 10.0, 0.5).grad((-80.0, -90.0), (80.0, 90.0), light, dark));
    for (x, y) in [(-68.0f32, -82.0f32), (68.0, -82.0), (-68.0, 82.0), (68.0, 82.0)] {
        pen.disc(x, y, 6.0, dark, |s| s.clean().flat());
    }
    pen.rect(-42.0, -10.0, 42.0, 76.0, dark, |s| s.clean().flat());
    pen.poly(&[(-9.0, 38.0), (9.0, 38.0), (13.0, -6.0), (-13.0, -6.0)], mix(light, hex("#ffffff"), 0.3), |s| {
        s.clean().sh(2.0, 4.0, 5.0, 0.5)
    });
    pen.ellipse(0.0, -8.0, 16.0, 12.0, light, |s| s.clean().sh(1.0, 2.0, 3.0, 0.4));
    // The cover stands half open above it.
    pen.poly(&[(-52.0, -40.0), (52.0, -40.0), (62.0, -84.0), (-62.0, -84.0)], mix(guard, dark, 0.4), |s| s.clean().flat());
    pen.poly(&[(-62.0, -84.0), (62.0, -84.0), (58.0, -26.0), (40.0, -12.0), (-40.0, -12.0), (-58.0, -26.0)], guard, |s| {
        s.clean().sh(2.0, 9.0, 10.0, 0.5).grad((0.0, -84.0), (0.0, -12.0), mix(guard, hex("#ffe0d0"), 0.3), mix(guard, dark, 0.35))
    });
    for i in 0..4 {
        pen.poly(
            &[
                (-44.0 + 26.0 * i as f32, -70.0),
                (-34.0 + 26.0 * i as f32, -70.0),
                (-44.0 + 26.0 * i as f32, -40.0),
                (-54.0 + 26.0 * i as f32, -40.0),
            ],
            q.tone("#f0d890"),
            |s| s.clean().flat().alpha(0.6),
        );
    }
}

/// A wheel with spokes: of a ship, of a valve, of a wagon.
pub(super) fn wheel(pen: &mut Pen, q: &Paints) {
    let steel = q.says(&["steel", "iron", "valve", "metal"]);
    let body = q.own(0, if steel { "#7d868e" } else { "#7a5836" });
    let (light, dark) = sides(q, body);
    let spokes = if steel { 4 } else { 8 };
    for i in 0..spokes {
        let a = core::f32::consts::TAU * (i as f32 + 0.5) / spokes as f32;
        let out = if steel { 74.0 } else { 99.0 };
        let (dx, dy) = (libm::cosf(a), libm::sinf(a));
        pen.line(&[(2.0, 3.0), (2.0 + dx * out, 3.0 + dy * out)], dark, 15.0, 1.0, false);
        pen.line(&[(0.0, 0.0), (dx * out, dy * out)], mix(body, light, 0.3), 11.0, 1.0, false);
    }
    pen.line(&ring(2.0, 4.0, 74.0, 36), dark, 25.0, 1.0, true);
    pen.line(&ring(0.0, 0.0, 74.0, 36), body, 20.0, 1.0, true);
    pen.line(&ring(-1.5, -2.0, 70.0, 36), light, 4.0, 0.8, true);
    pen.disc(0.0, 0.0, 22.0, body, |s| s.clean().sh(2.0, 4.0, 5.0, 0.45).grad((-20.0, -20.0), (20.0, 20.0), light, dark));
    pen.disc(0.0, 0.0, 8.0, dark, |s| s.clean().flat());
}

/// A helmet with a visor of glass; of iron when the look says knight.
pub(super) fn helmet(pen: &mut Pen, q: &Paints) {
    let iron = q.says(&["knight", "iron", "visor", "crest"]);
    let shell = q.own(0, if iron { "#868e96" } else { "#e2e0d8" });
    let (light, dark) = sides(q, shell);
    pen.curve(&[(-88.0, 74.0), (-78.0, 58.0), (78.0, 58.0), (88.0, 74.0), (80.0, 98.0), (-80.0, 98.0)], mix(shell, dark, 0.35), |s| {
        s.clean().sh(2.0, 5.0, 7.0, 0.45)
    });
    pen.curve(
        &[
            (-84.0, 66.0),
            (-98.0, 10.0),
            (-84.0, -54.0),
            (-40.0, -92.0),
            (0.0, -99.0),
            (40.0, -92.0),
            (84.0, -54.0),
            (98.0, 10.0),
            (84.0, 66.0),
        ],
        shell,
        |s| s.clean().sh(3.0, 6.0, 10.0, 0.5).grad((-80.0, -80.0), (80.0, 70.0), light, mix(shell, dark, 0.7)),
    );
    if iron {
        pen.rect(-68.0, -18.0, 76.0, -4.0, q.tone("#0c0c12"), |s| s.clean().flat());
        for i in 0..6 {
            pen.rect(-50.0 + 22.0 * i as f32, 14.0, -44.0 + 22.0 * i as f32, 50.0, q.tone("#0c0c12"), |s| s.clean().flat());
        }
        pen.rect(-6.0, -98.0, 8.0, 60.0, mix(shell, light, 0.5), |s| s.clean().sh(2.0, 2.0, 3.0, 0.4));
        return;
    }
    let glass = q.own(1, "#3a5a78");
    let visor = pen.curve(
        &[(-62.0, 40.0), (-72.0, 0.0), (-58.0, -46.0), (0.0, -62.0), (60.0, -46.0), (76.0, 0.0), (66.0, 40.0), (0.0, 54.0)],
        q.tone("#b9873a"),
        |s| s.clean().sh(0.0, 2.0, 4.0, 0.4),
    );
    let _ = visor;
    let pane = pen.curve(
        &[(-54.0, 34.0), (-63.0, 0.0), (-50.0, -40.0), (0.0, -54.0), (52.0, -40.0), (67.0, 0.0), (58.0, 34.0), (0.0, 46.0)],
        glass,
        |s| s.clean().flat().grad((-50.0, -50.0), (60.0, 40.0), mix(glass, hex("#cfe6f4"), 0.45), mix(glass, dark, 0.6)),
    );
    pen.curve(&[(-50.0, -30.0), (-20.0, -46.0), (-6.0, -44.0), (-44.0, 26.0), (-54.0, 10.0)], hex("#eef6fc"), |s| {
        s.flat().clean().tex(0.0).alpha(0.5).clip(&pane)
    });
    for s in [-1.0f32, 1.0] {
        pen.ellipse(s * 88.0, 8.0, 14.0, 24.0, mix(shell, dark, 0.4), |q| q.clean().sh(2.0, 3.0, 4.0, 0.4));
    }
    pen.rect(-30.0, 78.0, 30.0, 90.0, q.own(2, "#c0542f"), |s| s.clean().flat());
}

/// A pair of scales.
pub(super) fn scale(pen: &mut Pen, q: &Paints) {
    let brass = q.own(0, "#b9873a");
    let (light, dark) = sides(q, brass);
    let tilt = 9.0;
    pen.poly(&[(-52.0, 99.0), (-40.0, 86.0), (40.0, 86.0), (52.0, 99.0)], dark, |s| s.clean().sh(2.0, 3.0, 5.0, 0.45));
    pen.poly(&[(-8.0, 88.0), (-5.0, -84.0), (5.0, -84.0), (8.0, 88.0)], brass, |s| {
        s.clean().sh(3.0, 3.0, 5.0, 0.45).grad((-8.0, 0.0), (8.0, 0.0), light, dark)
    });
    pen.disc(0.0, -88.0, 10.0, light, |s| s.clean().sh(1.0, 2.0, 3.0, 0.4));
    pen.line(&[(-110.0, -66.0 + tilt), (0.0, -74.0), (110.0, -66.0 - tilt)], dark, 10.0, 1.0, true);
    pen.line(&[(-110.0, -68.0 + tilt), (0.0, -76.0), (110.0, -68.0 - tilt)], brass, 6.0, 1.0, true);
    for (s, dy) in [(-1.0f32, tilt), (1.0, -tilt)] {
        let x = s * 106.0;
        for dx in [-44.0f32, 44.0] {
            pen.line(&[(x, -66.0 + dy), (x + dx, 28.0 + dy)], dark, 2.0, 1.0, false);
        }
        pen.curve(&[(x - 52.0, 26.0 + dy), (x - 30.0, 48.0 + dy), (x + 30.0, 48.0 + dy), (x + 52.0, 26.0 + dy)], brass, |q| {
            q.clean().sh(1.0, 4.0, 5.0, 0.45).grad((x - 50.0, 0.0), (x + 50.0, 0.0), light, dark)
        });
    }
    pen.poly(&[(-124.0, 22.0 + tilt), (-120.0, -2.0 + tilt), (-94.0, -2.0 + tilt), (-90.0, 22.0 + tilt)], q.own(1, "#6a6e74"), |s| {
        s.clean().sh(1.0, 2.0, 3.0, 0.4)
    });
}

/// A tray of seedlings.
pub(super) fn tray(pen: &mut Pen, q: &Paints) {
    let body = q.own(1, "#8a9298");
    let green = q.own(0, "#5a8f4c");
    let (light, dark) = sides(q, body);
    pen.poly(&[(-136.0, 26.0), (-118.0, 10.0), (118.0, 10.0), (136.0, 26.0)], q.tone("#3a2a20"), |s| s.flat());
    for i in 0..9 {
        let x = -108.0 + 27.0 * i as f32;
        let tall = 66.0 + 30.0 * (((i * 5) % 4) as f32) / 3.0;
        let leaf = mix(green, if i % 2 == 0 { hex("#e0f0b0") } else { dark }, 0.2);
        pen.line(&[(x, 22.0), (x + 3.0, 22.0 - tall * 0.8)], mix(leaf, dark, 0.3), 4.0, 1.0, true);
        for (s, k) in [(-1.0f32, 0.45f32), (1.0, 0.62), (-1.0, 0.82), (1.0, 0.96)] {
            let y = 22.0 - tall * k;
            pen.curve(
                &[(x + 1.0, y + 8.0), (x + s * 14.0, y - 2.0), (x + s * 27.0, y - 14.0), (x + s * 20.0, y + 4.0), (x + s * 8.0, y + 10.0)],
                leaf,
                |q| q.clean().sh(1.0, 2.0, 4.0, 0.35),
            );
        }
    }
    pen.poly(&[(-140.0, 22.0), (140.0, 22.0), (128.0, 92.0), (-128.0, 92.0)], body, |s| {
        s.clean().sh(3.0, 6.0, 9.0, 0.5).grad((0.0, 20.0), (0.0, 92.0), light, dark)
    });
    pen.rect(-144.0, 16.0, 144.0, 30.0, light, |s| s.clean().sh(0.0, 4.0, 5.0, 0.45));
}

/// A walking staff with a wound grip.
pub(super) fn staff(pen: &mut Pen, q: &Paints) {
    let wood = q.own(0, "#8a6844");
    let (light, dark) = sides(q, wood);
    pen.curve(
        &[(-4.0, 100.0), (-6.0, 30.0), (-3.0, -40.0), (-8.0, -92.0), (2.0, -101.0), (9.0, -92.0), (5.0, -40.0), (3.0, 30.0), (4.0, 100.0)],
        wood,
        |s| s.clean().sh(3.0, 3.0, 6.0, 0.45).grad((-7.0, 0.0), (7.0, 0.0), light, dark),
    );
    for i in 0..6 {
        let y = -34.0 + 7.0 * i as f32;
        pen.line(&[(-6.0, y), (6.0, y - 3.0)], q.own(1, "#a23f36"), 4.4, 1.0, false);
    }
    pen.disc(0.0, -92.0, 9.0, mix(wood, light, 0.3), |s| s.edge(Edge::Soft).k(0.5).sh(1.0, 2.0, 3.0, 0.4));
}

/// A sword, point down.
pub(super) fn sword(pen: &mut Pen, q: &Paints) {
    let steel = q.own(0, "#aab2b8");
    let gold = q.own(1, "#b9873a");
    let (light, dark) = sides(q, steel);
    let mut pen = pen.turned(0.0, 0.0, 1.0, 0.35);
    pen.poly(&[(-11.0, -44.0), (0.0, -44.0), (0.0, 106.0), (-9.0, 88.0)], light, |s| s.clean().sh(3.0, 4.0, 7.0, 0.45));
    pen.poly(&[(0.0, -44.0), (11.0, -44.0), (9.0, 88.0), (0.0, 106.0)], mix(steel, dark, 0.4), |s| s.clean().flat());
    pen.line(&[(0.0, -40.0), (0.0, 70.0)], dark, 2.4, 0.7, false);
    pen.curve(&[(-48.0, -46.0), (-40.0, -56.0), (0.0, -52.0), (40.0, -56.0), (48.0, -46.0), (0.0, -40.0)], gold, |s| {
        s.clean().sh(2.0, 4.0, 5.0, 0.45).grad((-46.0, 0.0), (46.0, 0.0), mix(gold, hex("#fff4c8"), 0.5), mix(gold, dark, 0.4))
    });
    pen.rect(-6.5, -92.0, 6.5, -52.0, q.tone("#5a3a2a"), |s| s.clean().sh(2.0, 3.0, 4.0, 0.4));
    for i in 0..5 {
        pen.line(&[(-6.5, -88.0 + 8.0 * i as f32), (6.5, -84.0 + 8.0 * i as f32)], gold, 1.6, 0.9, false);
    }
    pen.disc(0.0, -97.0, 9.0, gold, |s| s.clean().sh(1.0, 2.0, 3.0, 0.4));
}

/// A camel from the side with its load, if its look names one.
pub(super) fn camel(pen: &mut Pen, q: &Paints) {
    let coat = q.own(0, "#a8663c");
    let rug = q.own(1, "#8a2f3a");
    let (light, dark) = sides(q, coat);
    for (x, lean) in [(-62.0f32, -4.0f32), (44.0, 4.0)] {
        pen.curve(&leg(x, lean, (9.0, 10.0, 10.0), (5.0, 4.0, 54.0), (5.0, 90.0), (12.0, 8.0)), mix(coat, dark, 0.55), |s| {
            s.clean().sh(2.0, 2.0, 4.0, 0.35)
        });
    }
    pen.curve(&[(-96.0, -10.0), (-110.0, 16.0), (-106.0, 44.0), (-98.0, 42.0), (-96.0, 14.0), (-88.0, 0.0)], mix(coat, dark, 0.4), |s| {
        s.sh(1.0, 2.0, 3.0, 0.35)
    });
    pen.curve(
        &[
            (-98.0, -2.0),
            (-86.0, -26.0),
            (-60.0, -30.0),
            (-36.0, -58.0),
            (-12.0, -66.0),
            (10.0, -50.0),
            (28.0, -28.0),
            (64.0, -24.0),
            (78.0, -2.0),
            (66.0, 24.0),
            (10.0, 34.0),
            (-60.0, 32.0),
            (-92.0, 20.0),
        ],
        coat,
        |s| s.sh(3.0, 5.0, 8.0, 0.45).grad((0.0, -60.0), (0.0, 34.0), light, mix(coat, dark, 0.5)).k(0.7),
    );
    pen.curve(
        &[
            (54.0, -18.0),
            (84.0, -14.0),
            (100.0, -46.0),
            (104.0, -84.0),
            (118.0, -92.0),
            (120.0, -74.0),
            (116.0, -40.0),
            (104.0, 0.0),
            (78.0, 18.0),
            (58.0, 8.0),
        ],
        coat,
        |s| s.sh(2.0, 3.0, 6.0, 0.4).grad((60.0, -80.0), (110.0, 0.0), mix(coat, light, 0.6), coat),
    );
    pen.curve(
        &[(102.0, -94.0), (118.0, -100.0), (138.0, -90.0), (150.0, -78.0), (146.0, -70.0), (126.0, -72.0), (108.0, -76.0)],
        mix(coat, light, 0.3),
        |s| s.sh(1.0, 3.0, 5.0, 0.4),
    );
    pen.curve(&[(104.0, -92.0), (100.0, -104.0), (110.0, -101.0), (112.0, -92.0)], coat, |s| s.clean().sh(1.0, 1.0, 2.0, 0.35));
    pen.ellipse(122.0, -88.0, 2.6, 2.2, dark, |s| s.clean().flat());
    for (x, lean) in [(-80.0f32, 2.0f32), (62.0, -3.0)] {
        pen.curve(&leg(x, lean, (12.0, 4.0, 2.0), (7.0, 5.0, 50.0), (6.0, 90.0), (13.0, 9.0)), mix(coat, light, 0.2), |s| {
            s.clean().sh(2.0, 2.0, 5.0, 0.4).grad((0.0, 0.0), (0.0, 100.0), coat, dark)
        });
    }
    pen.curve(&[(-58.0, -30.0), (-30.0, -62.0), (-4.0, -66.0), (22.0, -34.0), (24.0, 14.0), (-20.0, 20.0), (-60.0, 12.0)], rug, |s| {
        s.sh(2.0, 4.0, 6.0, 0.45).grad((0.0, -60.0), (0.0, 20.0), mix(rug, hex("#ffe0c0"), 0.2), mix(rug, dark, 0.4))
    });
    for y in [-6.0f32, 6.0] {
        pen.line(&[(-62.0, y), (-20.0, y + 5.0), (26.0, y)], q.tone("#e0a040"), 4.0, 1.0, true);
    }
    if q.says(&["pack", "load", "bundle", "camel"]) {
        pack_at(pen, q, -18.0, -66.0, 0.5);
    }
    pen.line(&[(126.0, -70.0), (120.0, -30.0), (142.0, 6.0), (160.0, -6.0)], q.tone("#8a6a42"), 2.6, 1.0, true);
}

/// Rolled bundles tied on a saddle.
pub(super) fn pack(pen: &mut Pen, q: &Paints) {
    pack_at(pen, q, 0.0, 20.0, 1.55);
}

fn pack_at(pen: &mut Pen, q: &Paints, x: f32, y: f32, k: f32) {
    let cloth = q.own(2, "#6a4630");
    let second = q.own(3, "#4f3a34");
    let (light, dark) = sides(q, cloth);
    let mut pen = pen.at(x, y, k, 1.0);
    for (dx, dy, w, h, tone) in
        [(-22.0f32, 6.0f32, 30.0f32, 19.0f32, second), (26.0, 8.0, 26.0, 17.0, cloth), (0.0, -18.0, 40.0, 17.0, cloth)]
    {
        pen.curve(
            &[
                (dx - w, dy),
                (dx - w * 0.9, dy - h * 0.8),
                (dx, dy - h),
                (dx + w * 0.9, dy - h * 0.8),
                (dx + w, dy),
                (dx + w * 0.8, dy + h * 0.7),
                (dx - w * 0.8, dy + h * 0.7),
            ],
            tone,
            |s| {
                s.sh(2.0, 4.0, 6.0, 0.45).edge(Edge::Soft).k(0.6).grad(
                    (0.0, dy - h),
                    (0.0, dy + h),
                    mix(tone, light, 0.4),
                    mix(tone, dark, 0.4),
                )
            },
        );
        for t in [-0.4f32, 0.4] {
            pen.line(&[(dx + w * t, dy - h * 0.9), (dx + w * t * 1.1, dy + h * 0.7)], q.tone("#c8a468"), 3.0, 1.0, true);
        }
    }
}

/// A grease pencil.
pub(super) fn pencil(pen: &mut Pen, q: &Paints) {
    let wood = q.own(0, "#d8a83c");
    let (light, dark) = sides(q, wood);
    let mut pen = pen.turned(0.0, 0.0, 1.0, 0.72);
    pen.rect(-15.0, -98.0, 15.0, 60.0, wood, |s| s.clean().sh(4.0, 5.0, 8.0, 0.45).grad((-15.0, 0.0), (15.0, 0.0), light, dark));
    pen.line(&[(-4.0, -96.0), (-4.0, 60.0)], dark, 1.6, 0.5, false);
    pen.poly(&[(-15.0, 60.0), (15.0, 60.0), (4.0, 92.0), (-4.0, 92.0)], q.tone("#e4cfa4"), |s| s.clean().sh(2.0, 3.0, 5.0, 0.4));
    pen.shape(&[c(-5.0, 90.0), c(5.0, 90.0), p(1.0, 104.0)], q.tone("#26262e"), |s| s.clean().flat());
    pen.rect(-15.0, -98.0, 15.0, -82.0, q.own(1, "#a23f36"), |s| s.clean().flat());
}
