//! The deck of a ship: towards the bow, along the rail, or at the stern with its wheel; a small open boat from within.

use contracts::picture::Framing;

use super::{
    Site,
    palette::{hex, mix},
    parallax,
    parts::{self, within},
    pen::{Pen, sheet},
    plate::Plate,
    sky::{self, Sea, drift, fog, sea},
    stood::{Spots, burn, furnish},
};
use crate::{
    light::Lit,
    paint::PaintedPlane,
    paper::{Outline, Pt, Rgb, c, p},
};

struct Timber {
    plank: Rgb,
    dark: Rgb,
    light: Rgb,
    rope: Rgb,
    sail: Rgb,
}

fn timber(site: &Site) -> Timber {
    let hour = &site.rig.hour;
    let t = |s: &str| site.rig.style.tone(hex(s));
    let dim = if hour.lamps { 0.50 } else { 0.08 };
    let own = t(["#8a6644", "#7a6a54", "#94704a"][site.seed("timber").below(3) as usize]);
    let plank = mix(own, hour.land[1], dim);
    Timber {
        plank,
        dark: mix(plank, hour.near, 0.58),
        light: mix(plank, mix(hour.light, Rgb::WHITE, 0.4), if hour.lamps { 0.16 } else { 0.28 }),
        rope: mix(t("#a88c5c"), hour.near, if hour.lamps { 0.45 } else { 0.12 }),
        sail: mix(t(["#e6dcc4", "#d8c8a4", "#b86a50"][site.seed("sail").below(3) as usize]), hour.land[1], dim * 0.8),
    }
}

/// The deck: towards the bow, along the rail, or at the stern with its wheel; for a small boat its own bow and oars.
pub fn paint(site: &Site) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let lay = rig.lay;
    let near = site.framing == Framing::MediumTwo;
    let full = site.framing == Framing::Full;
    let (w, h, u) = (stage.w, stage.h, stage.u);
    let tone = timber(site);
    let small =
        site.says(&["oars", "rowing", "dinghy", "skiff", "punt", "canoe", "boat", "tarred"]) && !site.says(&["mast", "ship", "sails"]);
    let horizon = h * (if near { 0.53 } else { 0.50 } + 0.03 * lay.lift);
    let span = Sea { horizon, span: h * 0.34, scale: 0.9 };
    let mut planes = Vec::new();
    let mut far = Plate::new(stage);
    sky::sky(site, horizon, &mut far);
    fog(site, horizon - 90.0, horizon + 90.0, 1.0, "horizon-fog", &mut far);
    sea(site, span, 0, 2, &mut far);
    if lay.kind == 1 {
        coastline(site, horizon, &mut far);
    }
    planes.push(far.done("sky", parallax::SKY, 0, None));
    let mut water = Plate::new(stage);
    sea(site, span, 2, 4, &mut water);
    planes.push(water.done("sea", parallax::MID, 400, drift(site, "drift-mid", 0.5)));
    let mut set = Plate::new(stage);
    let mut g = sheet(stage, site.number("deck"));
    let k = (w / 1280.0).clamp(0.62, 1.0)
        * if near {
            1.5
        } else if full {
            1.35
        } else {
            1.0
        };
    let mut lamps = Vec::new();
    let flames;
    {
        let mut pen = site.hand(&mut g);
        if small {
            boat_bow(&mut pen, site, &tone, near, k);
        } else {
            match lay.kind {
                0 => towards_bow(&mut pen, site, &tone, horizon, near, k, &mut lamps),
                1 => broadside(&mut pen, site, &tone, near, k),
                _ => stern(&mut pen, site, &tone, horizon, near, k, &mut lamps),
            }
        }
    }
    let amb = if hour.lamps { mix(hour.ambient, Rgb::WHITE, 0.40) } else { mix(hour.ambient, Rgb::WHITE, 0.6) };
    let on = rig.key.on(Lit::plain().ambient(amb).shadow(4.0 * u, 5.0 * u, 12.0 * u, 0.38), stage.ub);
    set.paper(&g, &on);
    if !near {
        let mut g = sheet(stage, site.number("things"));
        {
            let mut pen = Pen::new(&mut g, stage, rig.style);
            let floors =
                [(w * lay.x(0.30), h * 0.92), (w * lay.x(0.72), h * 0.91), (w * lay.x(0.22), h * 0.94), (w * lay.x(0.80), h * 0.94)];
            let head = if full { 70.0 } else { 34.0 };
            flames = furnish(&mut pen, site, &Spots { wall: &[], board: &floors[1..], floor: &floors, head }, true);
        }
        set.paper(&g, &on);
        burn(site, &mut set, &flames);
    }
    for (x, y) in lamps {
        if hour.lamps {
            parts::glow(site, &mut set, site.side_x(x), y, 190.0 * k, "#ffb85a", 0.85);
        }
    }
    planes.push(set.done("deck", parallax::ACTORS, 560, None));
    let mut front = Plate::new(stage);
    let mut g = sheet(stage, site.number("front"));
    {
        let mut pen = site.hand(&mut g);
        let (l, r, b) = (site.left() - 10.0, site.right() + 10.0, stage.bottom() + 10.0);
        if near {
            let y = h * 0.93;
            pen.rect(l, y - 12.0, r, y + 12.0, mix(tone.dark, tone.plank, 0.5), |q| {
                q.sh(0.0, 6.0, 8.0, 0.5).grad((0.0, y - 12.0), (0.0, y + 12.0), tone.plank, tone.dark)
            });
            let mut x = l;
            while x < r {
                pen.rect(x, y + 12.0, x + 16.0, b, tone.dark, |q| q.sh(3.0, 2.0, 6.0, 0.4));
                x += 118.0;
            }
        } else {
            // A coil of rope and a line before the lens.
            for i in 0..4 {
                let (rx, ry, y) = (150.0 - 8.0 * i as f32, 40.0 - 2.0 * i as f32, h * 1.02 - 17.0 * i as f32);
                let ring: Vec<(f32, f32)> = (0..=28)
                    .map(|j| core::f32::consts::TAU * j as f32 / 28.0)
                    .map(|a| (w * 0.04 + rx * libm::cosf(a), y + ry * libm::sinf(a)))
                    .collect();
                pen.line(&ring, mix(mix(tone.rope, hour.dark, 0.7), Rgb(0.05, 0.05, 0.08), 0.4), 15.0, 1.0, true);
            }
        }
    }
    let ambient = if rig.flame { rig.ambient } else { mix(rig.ambient, Rgb::WHITE, 0.3) };
    front.paper(&g, &Lit::plain().ambient(if near { ambient } else { Rgb::WHITE }).blur(2.0 * u).shadow(2.0, 3.0, 8.0 * u, 0.4));
    planes.push(front.done("front", parallax::NEAR, 900, None));
    planes
}

fn coastline(site: &Site, horizon: f32, plate: &mut Plate) {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let mut seed = site.seed("coastline");
    let mut g = sky::band(site, horizon - 130.0, horizon + 30.0, "coastline");
    {
        let mut pen = site.hand(&mut g);
        let mut points = vec![c(stage.w * 0.5, horizon + 6.0)];
        for i in 0..8 {
            let t = i as f32 / 7.0;
            points.push(p(stage.w * (0.54 + 0.62 * t), horizon - (14.0 + 62.0 * t) * within(&mut seed, 0.6, 1.2)));
        }
        points.push(c(stage.w * 1.2, horizon + 8.0));
        pen.shape(&points, hour.land[0], |q| q.edge(crate::paper::Edge::Torn).core(hour.land_core[0]).sh(-2.0, -2.0, 8.0, 0.3));
    }
    plate.paper(&g, &Lit::plain().haze(hour.haze, (0.36 * hour.haze_k).min(0.75)));
}

/// A mast with its yard, a furled or a drawing sail, and shrouds to the deck's sides.
#[allow(clippy::too_many_arguments, reason = "a mast is these numbers")]
fn mast(pen: &mut Pen, site: &Site, tone: &Timber, x: f32, foot: f32, wide: f32, spread: f32, drawing: bool) {
    let top = site.stage.top() - 20.0;
    let h = site.stage.h;
    let yard = h * 0.13;
    if drawing {
        let body = pen.curve(
            &[
                (x - spread * 1.5, yard + 4.0),
                (x + spread * 1.5, yard + 4.0),
                (x + spread * 1.42, h * 0.30),
                (x + spread * 1.5, h * 0.43),
                (x, h * 0.385),
                (x - spread * 1.5, h * 0.43),
                (x - spread * 1.42, h * 0.30),
            ],
            tone.sail,
            |q| {
                q.sh(6.0, 6.0, 12.0, 0.4).grad(
                    (x - spread * 1.5, 0.0),
                    (x + spread * 1.5, 0.0),
                    mix(tone.sail, Rgb::WHITE, 0.18),
                    mix(tone.sail, tone.dark, 0.42),
                )
            },
        );
        for i in 1..5 {
            let sx = x - spread * 1.5 + spread * 3.0 * i as f32 / 5.0;
            pen.line(&[(sx, yard), (sx * 0.98 + x * 0.02, h * 0.44)], mix(tone.sail, tone.dark, 0.4), 1.8, 0.5, false);
        }
        pen.curve(
            &[(x - spread * 1.5, h * 0.33), (x, h * 0.30), (x + spread * 1.5, h * 0.33), (x, h * 0.335)],
            mix(tone.sail, tone.dark, 0.3),
            |q| q.flat().alpha(0.5).clip(&body),
        );
    } else {
        pen.curve(
            &[
                (x - spread * 1.5, yard - 2.0),
                (x, yard - 10.0),
                (x + spread * 1.5, yard - 2.0),
                (x + spread * 1.4, yard + 26.0),
                (x, yard + 34.0),
                (x - spread * 1.4, yard + 26.0),
            ],
            tone.sail,
            |q| {
                q.sh(4.0, 6.0, 9.0, 0.4).grad(
                    (0.0, yard - 8.0),
                    (0.0, yard + 32.0),
                    mix(tone.sail, Rgb::WHITE, 0.12),
                    mix(tone.sail, tone.dark, 0.5),
                )
            },
        );
        for i in 0..9 {
            let sx = x - spread * 1.36 + spread * 2.72 * i as f32 / 8.0;
            pen.line(&[(sx, yard - 8.0), (sx + 4.0, yard + 32.0)], tone.rope, 3.0, 1.0, false);
        }
    }
    pen.rect(x - spread * 1.66, yard - 8.0, x + spread * 1.66, yard + 6.0, tone.plank, |q| q.sh(2.0, 6.0, 7.0, 0.45));
    pen.poly(&[(x - wide * 0.7, top), (x + wide * 0.7, top), (x + wide, foot), (x - wide, foot)], tone.plank, |q| {
        q.sh(7.0, 4.0, 10.0, 0.45).grad((x - wide, 0.0), (x + wide, 0.0), tone.light, tone.dark)
    });
    for y in [0.34f32, 0.52] {
        pen.rect(x - wide * 1.06, h * y, x + wide * 1.06, h * y + 12.0, tone.rope, |q| q.sh(0.0, 3.0, 4.0, 0.4));
    }
}

/// Shrouds from high on a mast to a rail: ropes and ratlines.
fn shrouds(pen: &mut Pen, tone: &Timber, head: (f32, f32), foot: (f32, f32), wide: f32) {
    let n = 4;
    for i in 0..n {
        let t = i as f32 / (n - 1) as f32;
        pen.line(&[(head.0 + 6.0 * t, head.1), (foot.0 + wide * (t - 0.5), foot.1)], tone.rope, 3.2, 1.0, false);
    }
    for j in 1..15 {
        let t = j as f32 / 15.0;
        let y = head.1 + (foot.1 - head.1) * t;
        let cx = head.0 + (foot.0 - head.0) * t;
        let half = (3.0 + (wide * 0.5 - 3.0) * t).max(2.0);
        pen.line(&[(cx - half, y), (cx, y + 2.0), (cx + half, y)], tone.rope, 1.8, 0.9, true);
    }
}

/// Planks that run to a point.
fn planks(pen: &mut Pen, site: &Site, tone: &Timber, outline: &[(f32, f32)], vx: f32, vy: f32, y0: f32) -> Outline {
    let b = site.stage.bottom() + 30.0;
    let body = pen.poly(outline, tone.plank, |q| {
        q.sh(0.0, -3.0, 10.0, 0.4).grad((0.0, y0), (0.0, b), mix(tone.plank, tone.light, 0.5), mix(tone.plank, tone.dark, 0.35))
    });
    pen.g.set_clip(Some(&body));
    let mut seed = site.seed("planks");
    for i in -16i32..=16 {
        let x = vx + i as f32 * site.stage.w * 0.075;
        let top = (vx + (x - vx) * ((y0 - vy) / (b - vy)), y0);
        pen.line(&[top, (x, b)], tone.dark, 2.2, 0.65, false);
    }
    for _ in 0..26 {
        let t = seed.unit() as f32;
        let y = y0 + (b - y0) * t * t;
        let x = within(&mut seed, site.left(), site.right());
        pen.line(&[(x, y), (x + 20.0 + 40.0 * t, y)], tone.dark, 1.8, 0.5, false);
    }
    pen.g.set_clip(None);
    body
}

/// A rail on turned posts along a line.
fn rail(pen: &mut Pen, tone: &Timber, line: &[(f32, f32)], tall: impl Fn(f32, f32) -> f32, step: f32) {
    let mut rest = 0.0;
    for pair in line.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let long = ((b.0 - a.0) * (b.0 - a.0) + (b.1 - a.1) * (b.1 - a.1)).sqrt().max(1.0);
        let mut s = rest;
        while s < long {
            let t = s / long;
            let (x, y) = (a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t);
            let k = tall(x, y);
            let wide = k * 0.075;
            pen.curve(
                &[
                    (x - wide, y),
                    (x - wide * 1.5, y - k * 0.35),
                    (x - wide * 0.7, y - k * 0.6),
                    (x - wide, y - k),
                    (x + wide, y - k),
                    (x + wide * 0.7, y - k * 0.6),
                    (x + wide * 1.5, y - k * 0.35),
                    (x + wide, y),
                ],
                tone.plank,
                |q| q.sh(2.0, 2.0, 4.0, 0.4).grad((x - wide, 0.0), (x + wide, 0.0), tone.light, tone.dark),
            );
            s += step * k / 60.0;
        }
        rest = s - long;
    }
    let upper: Vec<Pt> = line.iter().map(|&(x, y)| p(x, y - tall(x, y) * 1.10)).collect();
    let lower: Vec<Pt> = line.iter().rev().map(|&(x, y)| p(x, y - tall(x, y) * 0.92)).collect();
    pen.shape(&[upper, lower].concat(), tone.light, |q| q.sh(0.0, 5.0, 6.0, 0.45).clean());
}

fn towards_bow(pen: &mut Pen, site: &Site, tone: &Timber, horizon: f32, near: bool, k: f32, lamps: &mut Vec<(f32, f32)>) {
    let (w, h) = (site.stage.w, site.stage.h);
    let b = site.stage.bottom() + 30.0;
    let tip = (w * (0.52 + 0.03 * site.rig.lay.spread), h * if near { 0.70 } else { 0.635 });
    // The sprit over the water.
    pen.poly(
        &[
            (tip.0 - 9.0 * k, tip.1 + 6.0),
            (tip.0 + 70.0 * k, horizon - 74.0 * k),
            (tip.0 + 80.0 * k, horizon - 70.0 * k),
            (tip.0 + 12.0 * k, tip.1 + 6.0),
        ],
        tone.plank,
        |q| q.sh(4.0, 4.0, 8.0, 0.4),
    );
    pen.line(&[(tip.0 + 74.0 * k, horizon - 72.0 * k), (w * 0.40, site.stage.top() - 20.0)], tone.rope, 3.0, 1.0, false);
    let left: Vec<(f32, f32)> = vec![(-0.14 * w, h * 0.93), (w * 0.10, h * 0.79), (w * 0.34, tip.1 + h * 0.045), tip];
    let right: Vec<(f32, f32)> = vec![tip, (w * 0.70, tip.1 + h * 0.045), (w * 0.92, h * 0.79), (w * 1.14, h * 0.93)];
    let mut outline = left.clone();
    outline.extend(right.iter().skip(1).copied());
    outline.extend([(w * 1.14, b), (-0.14 * w, b)]);
    planks(pen, site, tone, &outline, tip.0, tip.1 - h * 0.35, tip.1);
    let tall = move |_: f32, y: f32| (34.0 + (y - tip.1).max(0.0) * 0.30) * k.max(1.0) * if near { 0.9 } else { 1.0 };
    rail(pen, tone, &left, tall, 26.0);
    rail(pen, tone, &right, tall, 26.0);
    if !near {
        mast(pen, site, tone, w * 0.20, h * 0.83, 15.0 * k, 118.0 * k, site.seed("sail-set").below(2) == 0);
        shrouds(pen, tone, (w * 0.20, h * 0.02), (w * 0.045, h * 0.80), 60.0 * k);
        hatch(pen, tone, w * 0.55, h * 0.80, k);
    } else {
        shrouds(pen, tone, (w * 0.30, -h * 0.15), (w * 0.02, h * 0.80), 120.0);
    }
    let (lx, ly) = (tip.0, tip.1 - 62.0 * k);
    deck_lamp(pen, site, lx, ly, k);
    lamps.push((lx, ly));
}

fn hatch(pen: &mut Pen, tone: &Timber, x: f32, y: f32, k: f32) {
    pen.poly(
        &[
            (x - 92.0 * k, y + 16.0 * k),
            (x - 74.0 * k, y - 12.0 * k),
            (x + 74.0 * k, y - 12.0 * k),
            (x + 92.0 * k, y + 16.0 * k),
            (x + 92.0 * k, y + 30.0 * k),
            (x - 92.0 * k, y + 30.0 * k),
        ],
        tone.dark,
        |q| q.sh(3.0, 5.0, 8.0, 0.45),
    );
    pen.poly(
        &[(x - 92.0 * k, y + 16.0 * k), (x - 74.0 * k, y - 12.0 * k), (x + 74.0 * k, y - 12.0 * k), (x + 92.0 * k, y + 16.0 * k)],
        tone.light,
        |q| q.flat(),
    );
    for i in -3i32..=3 {
        let t = i as f32 / 3.5;
        pen.line(&[(x + 74.0 * k * t, y - 12.0 * k), (x + 92.0 * k * t, y + 16.0 * k)], tone.dark, 3.0, 0.9, false);
    }
    for t in [0.33f32, 0.66] {
        pen.line(
            &[(x - (74.0 + 18.0 * t) * k, y + (-12.0 + 28.0 * t) * k), (x + (74.0 + 18.0 * t) * k, y + (-12.0 + 28.0 * t) * k)],
            tone.dark,
            3.0,
            0.9,
            false,
        );
    }
}

fn deck_lamp(pen: &mut Pen, site: &Site, x: f32, y: f32, k: f32) {
    let hour = &site.rig.hour;
    let iron = mix(hour.dark, hour.near, 0.3);
    let glass = if hour.lamps { hex("#ffdc90") } else { mix(hour.sky[2], iron, 0.35) };
    pen.line(&[(x, y + 10.0 * k), (x, y + 60.0 * k)], iron, 4.0 * k, 1.0, false);
    pen.poly(
        &[(x - 10.0 * k, y + 12.0 * k), (x - 12.0 * k, y - 10.0 * k), (x + 12.0 * k, y - 10.0 * k), (x + 10.0 * k, y + 12.0 * k)],
        glass,
        |q| q.clean().flat().tex(0.0),
    );
    pen.poly(&[(x - 15.0 * k, y - 9.0 * k), (x, y - 24.0 * k), (x + 15.0 * k, y - 9.0 * k)], iron, |q| q.clean().sh(0.0, 2.0, 3.0, 0.4));
    pen.rect(x - 13.0 * k, y + 11.0 * k, x + 13.0 * k, y + 16.0 * k, iron, |q| q.clean().flat());
}

fn broadside(pen: &mut Pen, site: &Site, tone: &Timber, near: bool, k: f32) {
    let (w, h) = (site.stage.w, site.stage.h);
    let (l, r, b) = (site.left() - 20.0, site.right() + 20.0, site.stage.bottom() + 30.0);
    let y = h * if near { 0.80 } else { 0.745 };
    let line: Vec<(f32, f32)> =
        (0..=10).map(|i| l + (r - l) * i as f32 / 10.0).map(|x| (x, y + 18.0 * ((x - w * 0.5) / w) * ((x - w * 0.5) / w) * -4.0)).collect();
    let mut outline = line.clone();
    outline.extend([(r, b), (l, b)]);
    planks(pen, site, tone, &outline, w * 0.5, -h * 0.9, y - 18.0);
    let tall = 82.0 * k;
    rail(pen, tone, &line, move |_, _| tall, 44.0);
    pen.rect(l, y - 12.0, r, y + 10.0, mix(tone.plank, tone.dark, 0.3), |q| q.sh(0.0, 5.0, 7.0, 0.45));
    let mx = w * (0.78 + 0.05 * site.rig.lay.spread);
    mast(pen, site, tone, mx, y + 60.0, 19.0 * k, 150.0 * k, site.seed("sail-set").below(2) == 0);
    for dx in [-260.0f32, 250.0] {
        shrouds(pen, tone, (mx, -h * 0.1), (mx + dx * k, y - tall), 96.0 * k);
    }
    if !near {
        // A boat under its cover on the deck, and a chest.
        let (cx, cy) = (w * 0.14, y + 84.0);
        pen.curve(
            &[
                (cx - 150.0 * k, cy - 40.0 * k),
                (cx + 150.0 * k, cy - 44.0 * k),
                (cx + 118.0 * k, cy + 8.0 * k),
                (cx - 110.0 * k, cy + 10.0 * k),
            ],
            mix(tone.plank, site.rig.style.tone(hex("#4a5a66")), 0.5),
            |q| q.sh(4.0, 6.0, 9.0, 0.45),
        );
        pen.curve(
            &[
                (cx - 156.0 * k, cy - 40.0 * k),
                (cx - 60.0 * k, cy - 74.0 * k),
                (cx + 70.0 * k, cy - 76.0 * k),
                (cx + 156.0 * k, cy - 44.0 * k),
                (cx, cy - 28.0 * k),
            ],
            tone.sail,
            |q| {
                q.sh(0.0, 4.0, 6.0, 0.4).grad(
                    (0.0, cy - 76.0 * k),
                    (0.0, cy - 30.0 * k),
                    mix(tone.sail, Rgb::WHITE, 0.1),
                    mix(tone.sail, tone.dark, 0.4),
                )
            },
        );
        for dx in [-80.0f32, 0.0, 84.0] {
            pen.line(&[(cx + dx * k, cy - 74.0 * k), (cx + dx * 1.06 * k, cy - 6.0 * k)], tone.rope, 3.0, 1.0, false);
        }
    }
}

fn stern(pen: &mut Pen, site: &Site, tone: &Timber, horizon: f32, near: bool, k: f32, lamps: &mut Vec<(f32, f32)>) {
    let (w, h) = (site.stage.w, site.stage.h);
    let (l, r, b) = (site.left() - 20.0, site.right() + 20.0, site.stage.bottom() + 30.0);
    let y = h * if near { 0.80 } else { 0.72 };
    // The wake.
    let foam = mix(site.rig.hour.sea_core, Rgb::WHITE, 0.2);
    let mut seed = site.seed("wake");
    for _ in 0..36 {
        let t = seed.unit() as f32;
        let yy = horizon + 10.0 + (y - horizon - 40.0).max(20.0) * t;
        let x = w * 0.46 + within(&mut seed, -1.0, 1.0) * (12.0 + 150.0 * t);
        let half = 8.0 + 30.0 * t;
        pen.shape(&[c(x - half, yy), p(x, yy - 2.0), c(x + half, yy), p(x, yy + 2.0)], foam, |q| q.flat().clean().alpha(0.45).tex(0.1));
    }
    let outline = [(l, y + 12.0), (w * 0.12, y), (w * 0.88, y), (r, y + 12.0), (r, b), (l, b)];
    planks(pen, site, tone, &outline, w * 0.5, -h * 0.5, y);
    let line = vec![(l, y + 14.0), (w * 0.12, y + 2.0), (w * 0.5, y - 4.0), (w * 0.88, y + 2.0), (r, y + 14.0)];
    let tall = 70.0 * k;
    rail(pen, tone, &line, move |_, _| tall, 40.0);
    for x in [0.12f32, 0.88] {
        deck_lamp(pen, site, w * x, y - tall - 50.0 * k, k);
        lamps.push((w * x, y - tall - 50.0 * k));
    }
    if near {
        return;
    }
    // The wheel on its box.
    let (cx, cy, rr) = (w * (0.655 + 0.03 * site.rig.lay.spread), y - 16.0 * k, 64.0 * k);
    pen.poly(
        &[(cx - 30.0 * k, y + 56.0 * k), (cx - 22.0 * k, cy - 10.0 * k), (cx + 22.0 * k, cy - 10.0 * k), (cx + 30.0 * k, y + 56.0 * k)],
        mix(tone.plank, tone.dark, 0.35),
        |q| q.sh(5.0, 4.0, 9.0, 0.45).grad((cx - 26.0 * k, 0.0), (cx + 26.0 * k, 0.0), tone.light, tone.dark),
    );
    wheel(pen, tone, cx, cy, rr);
    // A boom with its furled sail goes out of the picture overhead.
    pen.poly(&[(l, h * 0.075), (r, h * 0.135), (r, h * 0.158), (l, h * 0.095)], tone.plank, |q| q.sh(4.0, 7.0, 10.0, 0.45));
    pen.curve(&[(l, h * 0.03), (w * 0.5, h * 0.055), (r, h * 0.10), (r, h * 0.14), (w * 0.5, h * 0.115), (l, h * 0.08)], tone.sail, |q| {
        q.sh(3.0, 6.0, 9.0, 0.4).grad((0.0, h * 0.04), (0.0, h * 0.13), mix(tone.sail, Rgb::WHITE, 0.12), mix(tone.sail, tone.dark, 0.5))
    });
    pen.line(&[(w * 0.30, h * 0.10), (w * 0.27, y - tall)], tone.rope, 3.0, 1.0, false);
}

/// A ship's wheel.
fn wheel(pen: &mut Pen, tone: &Timber, cx: f32, cy: f32, r: f32) {
    let ring = |r: f32| -> Vec<(f32, f32)> {
        (0..=28).map(|i| core::f32::consts::TAU * i as f32 / 28.0).map(|a| (cx + r * libm::cosf(a), cy + r * libm::sinf(a))).collect()
    };
    for i in 0..8 {
        let a = core::f32::consts::TAU * (i as f32 + 0.25) / 8.0;
        let (dx, dy) = (libm::cosf(a), libm::sinf(a));
        pen.line(&[(cx, cy), (cx + dx * r * 1.28, cy + dy * r * 1.28)], tone.light, r * 0.09, 1.0, false);
    }
    pen.line(&ring(r + 1.5), tone.dark, r * 0.20, 1.0, true);
    pen.line(&ring(r), tone.plank, r * 0.15, 1.0, true);
    pen.line(&ring(r * 0.96), tone.light, r * 0.03, 0.8, true);
    pen.disc(cx, cy, r * 0.20, tone.plank, |q| q.clean().sh(2.0, 3.0, 4.0, 0.4));
    pen.disc(cx, cy, r * 0.09, tone.dark, |q| q.clean().flat());
}

/// A small open boat from within: its sides narrow to the bow, thwarts cross it, oars lie shipped.
fn boat_bow(pen: &mut Pen, site: &Site, tone: &Timber, near: bool, k: f32) {
    let (w, h) = (site.stage.w, site.stage.h);
    let b = site.stage.bottom() + 30.0;
    let tar = mix(tone.plank, site.rig.hour.near, 0.45);
    let tip = (w * (0.52 + 0.05 * site.rig.lay.spread), h * if near { 0.66 } else { 0.60 });
    let outer = [
        p(-0.10 * w, h * 0.86),
        p(w * 0.16, h * 0.765),
        p(w * 0.38, tip.1 + h * 0.05),
        c(tip.0, tip.1 - h * 0.02),
        p(w * 0.68, tip.1 + h * 0.05),
        p(w * 0.90, h * 0.765),
        p(w * 1.12, h * 0.86),
        c(w * 1.12, b),
        c(-0.10 * w, b),
    ];
    pen.shape(&outer, tar, |q| q.sh(0.0, -4.0, 12.0, 0.45));
    let inner = [
        (-0.06 * w, h * 0.90),
        (w * 0.20, h * 0.80),
        (w * 0.40, tip.1 + h * 0.085),
        (tip.0, tip.1 + h * 0.035),
        (w * 0.66, tip.1 + h * 0.085),
        (w * 0.86, h * 0.80),
        (w * 1.08, h * 0.90),
        (w * 1.1, b),
        (-0.1 * w, b),
    ];
    let body = pen.curve(&inner, tone.dark, |q| {
        q.sh(0.0, 6.0, 10.0, 0.5).grad((0.0, tip.1), (0.0, b), tone.plank, mix(tone.dark, site.rig.hour.near, 0.3))
    });
    pen.g.set_clip(Some(&body));
    // Ribs, the boards of the floor, thwarts.
    for i in 0..6 {
        let t = 0.12 + 0.17 * i as f32;
        let y = tip.1 + h * 0.06 + (h - tip.1) * t * t;
        let half = w * (0.10 + 0.42 * t);
        pen.line(&[(tip.0 - half, y), (tip.0, y + 30.0 + 60.0 * t), (tip.0 + half, y)], tone.plank, 7.0 + 9.0 * t, 0.8, true);
    }
    for i in -3i32..=3 {
        let x = tip.0 + i as f32 * w * 0.11;
        pen.line(&[(tip.0 + i as f32 * w * 0.02, tip.1 + h * 0.10), (x, b)], mix(tone.dark, site.rig.hour.near, 0.4), 3.0, 0.7, false);
    }
    pen.g.set_clip(None);
    for (t, y) in [(0.16f32, 0.085f32), (0.40, 0.215)] {
        let y = tip.1 + h * y;
        let half = w * (0.10 + 0.40 * t);
        pen.poly(
            &[(tip.0 - half, y), (tip.0 + half, y), (tip.0 + half * 1.04, y + 15.0 + 16.0 * t), (tip.0 - half * 1.04, y + 15.0 + 16.0 * t)],
            tone.light,
            |q| q.sh(0.0, 9.0, 9.0, 0.5).grad((tip.0 - half, 0.0), (tip.0 + half, 0.0), tone.light, mix(tone.plank, tone.dark, 0.3)),
        );
    }
    if site.says(&["tarpaulin", "cover"]) {
        let cloth = mix(site.rig.style.tone(hex("#6a5a44")), tone.dark, 0.3);
        pen.curve(
            &[
                (tip.0 - w * 0.13, tip.1 + h * 0.09),
                (tip.0 - w * 0.06, tip.1 + h * 0.01),
                (tip.0 + w * 0.05, tip.1 + h * 0.005),
                (tip.0 + w * 0.13, tip.1 + h * 0.085),
                (tip.0 + w * 0.02, tip.1 + h * 0.125),
            ],
            cloth,
            |q| q.sh(2.0, 6.0, 8.0, 0.45).grad((0.0, tip.1), (0.0, tip.1 + h * 0.12), mix(cloth, tone.light, 0.3), cloth),
        );
    }
    for s in [-1.0f32, 1.0] {
        pen.line(
            &[(tip.0 + s * w * 0.06, tip.1 + h * 0.10), (tip.0 + s * w * 0.33, h * 0.94), (tip.0 + s * w * 0.42, h * 1.05)],
            mix(tone.light, tone.plank, 0.4),
            9.0 * k,
            1.0,
            false,
        );
    }
}
