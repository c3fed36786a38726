//! A village: cottages in steps above a quay with the harbour before them, or round a green under hills, windows lit at
//! night.

use contracts::{Seed, picture::Framing};

use super::{
    Scene, Site,
    palette::{hex, mix},
    parallax,
    parts::{self, Tones, height_at, hill, leaves, lit_from, slope, tree, within},
    pen::{Pen, sheet},
    plate::Plate,
    river::{grove, row as trees},
    sky::{self, Sea, band, drift, fog, grass, sea},
    stood::{Spots, burn, furnish},
    weather::smoke,
};
use crate::{
    light::{self, Lit},
    paint::PaintedPlane,
    paper::{Edge, Pt, Rgb, c, p},
    props,
};

/// One cottage: left foot at (x, y); returns its lit windows and the top of its chimney.
#[allow(clippy::too_many_arguments, reason = "a house is these numbers")]
pub fn cottage(pen: &mut Pen, site: &Site, seed: &mut Seed, x: f32, y: f32, w: f32, h: f32, far: f32) -> (Vec<(f32, f32)>, (f32, f32)) {
    let hour = &site.rig.hour;
    let t = |s: &str| site.rig.style.tone(hex(s));
    let plaster = t(["#c8b8a0", "#b0a49a", "#a89a8a", "#bca890", "#9aa0a4"][seed.below(5) as usize]);
    let tiles = t(["#6a3f38", "#4a4a58", "#5c4a40", "#74503c"][seed.below(4) as usize]);
    let wall = mix(mix(plaster, hour.land[0], if hour.lamps { 0.45 } else { 0.12 }), hour.haze, far);
    let roof = mix(mix(tiles, hour.land[1], if hour.lamps { 0.40 } else { 0.10 }), hour.haze, far);
    let dark = mix(hour.dark, hour.haze, far);
    let pitch = w * seed.range(0.40, 0.56) as f32;
    let gable = seed.below(2) == 0;
    pen.rect(x, y - h, x + w, y + 20.0, wall, |q| q.sh(5.0, 3.0, 9.0, 0.42).grad((x, 0.0), (x + w, 0.0), wall, mix(wall, dark, 0.30)));
    let cx = x + w * if seed.below(2) == 0 { 0.22 } else { 0.74 };
    let top = y - h - pitch * if gable { 0.75 } else { 0.95 };
    // Behind the roof, down to the eaves: no gable leaves it hanging in the air.
    pen.rect(cx - w * 0.055, top - h * 0.16, cx + w * 0.055, y - h, mix(roof, dark, 0.4), |q| q.sh(2.0, 3.0, 4.0, 0.4));
    let e = w * 0.07;
    if gable {
        pen.poly(&[(x, y - h), (x + w * 0.5, y - h - pitch), (x + w, y - h)], wall, |q| q.flat());
        pen.poly(
            &[
                (x - e, y - h + 10.0),
                (x + w * 0.5, y - h - pitch - 10.0),
                (x + w + e, y - h + 10.0),
                (x + w + e * 0.4, y - h + 18.0),
                (x + w * 0.5, y - h - pitch + 12.0),
                (x - e * 0.4, y - h + 18.0),
            ],
            roof,
            |q| q.sh(2.0, 5.0, 6.0, 0.45),
        );
    } else {
        pen.poly(
            &[(x - e, y - h + 6.0), (x + w * 0.12, y - h - pitch * 0.8), (x + w * 0.90, y - h - pitch * 0.8), (x + w + e, y - h + 6.0)],
            roof,
            |q| q.sh(2.0, 6.0, 7.0, 0.45).grad((0.0, y - h - pitch), (0.0, y - h), mix(roof, hour.land_core[0], 0.18), roof),
        );
        for i in 1..4 {
            let yy = y - h - pitch * 0.8 * (1.0 - i as f32 / 4.0);
            pen.line(&[(x + w * 0.02, yy), (x + w * 0.98, yy + 2.0)], dark, 1.4, 0.4, false);
        }
    }
    let mut lamps = Vec::new();
    let n = if w > 130.0 { 3 } else { 2 };
    let door = seed.below(n) as usize;
    for i in 0..n as usize {
        let wx = x + w * (i as f32 + 0.5) / n as f32;
        for row in 0..2 {
            let lit = hour.lamps && seed.below(5) < 2;
            if row == 0 && i == door {
                let d = mix(t(["#3e5548", "#5a2f2c", "#33465c"][seed.below(3) as usize]), dark, if hour.lamps { 0.45 } else { 0.1 });
                pen.rect(wx - w * 0.075, y - h * 0.44, wx + w * 0.075, y + 20.0, d, |q| q.sh(0.0, 2.0, 3.0, 0.4));
                continue;
            }
            let (ww, wh) = (w * 0.075, h * 0.115);
            let wy = y - h * if row == 0 { 0.30 } else { 0.76 };
            let glass = if lit { hex("#ffca70") } else { mix(mix(dark, hour.sky[1], 0.35), hour.haze, far * 0.5) };
            pen.rect(
                wx - ww - 4.0,
                wy - wh - 4.0,
                wx + ww + 4.0,
                wy + wh + 4.0,
                mix(wall, hex("#fff8e8"), if hour.lamps { 0.10 } else { 0.35 }),
                |q| q.sh(0.0, 2.0, 3.0, 0.35).k(0.5),
            );
            pen.rect(wx - ww, wy - wh, wx + ww, wy + wh, glass, |q| q.flat().k(0.4).tex(if lit { 0.1 } else { 0.4 }));
            pen.line(&[(wx, wy - wh), (wx, wy + wh)], mix(dark, wall, 0.3), 2.4, 1.0, false);
            pen.line(&[(wx - ww, wy), (wx + ww, wy)], mix(dark, wall, 0.3), 2.2, 1.0, false);
            if lit {
                lamps.push((wx, wy));
            }
        }
    }
    (lamps, (cx, top - h * 0.16))
}

/// A row of cottages along a line; x positions by seed.
#[allow(clippy::too_many_arguments, reason = "a row is these numbers")]
fn row(site: &Site, plate: &mut Plate, part: &str, x0: f32, x1: f32, y: f32, size: f32, slope: f32, far: f32) {
    let (rig, stage) = (site.rig, &site.stage);
    let mut seed = site.seed(part);
    let (mut lamps, mut chimneys) = (Vec::new(), Vec::new());
    let mut g = sheet(stage, site.number(part));
    {
        let mut pen = site.hand(&mut g);
        let mut x = x0;
        while x < x1 {
            let w = size * seed.range(0.85, 1.35) as f32;
            let h = size * seed.range(0.80, 1.12) as f32;
            let yy = y + slope * (x - x0) / (x1 - x0) + seed.range(-6.0, 6.0) as f32;
            let (lit, chimney) = cottage(&mut pen, site, &mut seed, x, yy, w, h, far);
            lamps.extend(lit);
            chimneys.push(chimney);
            x += w * seed.range(0.98, 1.10) as f32;
        }
    }
    let amb = if rig.hour.lamps { Rgb(0.66, 0.70, 0.90) } else { mix(rig.hour.ambient, Rgb::WHITE, 0.5) };
    plate.paper(&g, &rig.key.on(Lit::plain().ambient(amb).shadow(3.0 * stage.u, 2.0 * stage.u, 10.0 * stage.u, 0.4), stage.ub));
    for (x, y) in lamps {
        let (px, py) = stage.xf().pt(site.side_x(x), y);
        plate.screen(&light::glow(px, py, size * 0.55 * stage.u, hex("#ffb85a"), 0.62, stage.rect(), site.number("window-glow")));
    }
    // Somebody is at home in one house of a row, or in two.
    let home = seed.below(2) as usize;
    for (n, chimney) in chimneys.into_iter().skip(home).step_by(3).take(2).enumerate() {
        smoke(site, plate, &format!("smoke-{part}-{n}"), (site.side_x(chimney.0), chimney.1), size / 150.0);
    }
}

/// Paints a village.
pub fn paint(site: &Site) -> Vec<PaintedPlane> {
    if site.rig.scene == Scene::Square { square(site) } else { quay(site) }
}

/// A street above a quay.
fn quay(site: &Site) -> Vec<PaintedPlane> {
    let near = site.framing == Framing::MediumTwo;
    let wide = site.framing == Framing::Wide;
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let lay = rig.lay;
    let (w, h) = (stage.w, stage.h);
    let u = stage.u;
    let k = stage.scale();
    let horizon = h * (0.50 + 0.03 * lay.lift);
    let right = site.right() + 20.0;
    let mut planes = Vec::new();
    let mut far = Plate::new(stage);
    sky::sky(site, horizon, &mut far);
    fog(site, horizon - 90.0, horizon + 90.0, 1.2, "horizon-fog", &mut far);
    sea(site, Sea { horizon, span: h * 0.36, scale: 0.8 }, 0, 3, &mut far);
    planes.push(far.done("sky", parallax::SKY, 0, None));
    // The hill behind with its far row, then the street itself.
    let mut back = Plate::new(stage);
    let mut g = sheet(stage, site.number("hill"));
    let mut windows = Vec::new();
    {
        let mut pen = site.hand(&mut g);
        let b = stage.bottom() + 30.0;
        let knots: &[(f32, f32)] = match lay.kind {
            0 => &[(0.26, 0.62), (0.36, 0.50), (0.48, 0.42), (0.62, 0.34), (0.78, 0.30), (0.92, 0.27), (1.14, 0.25)],
            1 => &[(0.34, 0.60), (0.44, 0.36), (0.54, 0.24), (0.64, 0.25), (0.76, 0.34), (0.90, 0.37), (1.14, 0.33)],
            _ => &[(0.10, 0.60), (0.24, 0.53), (0.40, 0.49), (0.60, 0.44), (0.74, 0.36), (0.88, 0.24), (1.14, 0.16)],
        };
        let hill: Vec<Pt> = knots.iter().map(|&(x, y)| p(w * x, h * y)).collect();
        let x0 = knots[0].0;
        let hill = [hill, vec![p(w * 1.14, b), p(w * (x0 - 0.06), b), p(w * (x0 - 0.04), h * 0.70)]].concat();
        pen.shape(&hill, hour.land[0], |q| q.edge(Edge::Torn).core(hour.land_core[0]).sh(-3.0, -2.0, 9.0, 0.4));
        if !near && lay.kind == 1 {
            steeple(&mut pen, site, w * 0.56, h * 0.28, 120.0 * k, &mut windows);
        }
    }
    back.paper(&g, &Lit::plain().shadow(-4.0 * u, -2.0 * u, 14.0 * u, 0.35).haze(hour.haze, (0.22 * hour.haze_k).min(0.6)));
    if !near {
        let (x0, y, rise) = [(0.52, 0.47, -0.09), (0.60, 0.50, 0.01), (0.40, 0.54, -0.16)][lay.kind];
        let y = if wide { y } else { y - 0.07 };
        row(site, &mut back, "far-row", w * x0, w * 1.06, h * y, if wide { 74.0 } else { 110.0 } * k, h * rise, 0.28);
    }
    fog(site, h * 0.38, h * 0.60, 0.9, "hill-fog", &mut back);
    planes.push(back.done("hill", parallax::MID, 400, None));
    let mut street = Plate::new(stage);
    let edge = if near { -0.1 } else { [0.27, 0.36, 0.14][lay.kind] + 0.05 * lay.spread };
    if near {
        row(site, &mut street, "row", w * -0.06, w * 1.06, h * 0.82, 360.0 * k, -10.0, 0.05);
    } else {
        let size = if wide { [150.0, 186.0, 118.0][lay.kind] } else { [340.0, 380.0, 270.0][lay.kind] };
        let y = h * if wide { 0.73 } else { 0.765 };
        row(site, &mut street, "row", w * (edge + if wide { 0.13 } else { 0.03 }), w * 1.04, y, size * k, -h * 0.04, 0.06);
    }
    planes.push(street.done("street", parallax::SET, 500, None));
    // The quay people stand on.
    let mut plate = Plate::new(stage);
    let mut g = sheet(stage, site.number("quay"));
    {
        let mut pen = site.hand(&mut g);
        let b = stage.bottom() + 30.0;
        let y = h * if near { 0.80 } else { 0.735 };
        let stone = mix(parts::stony(hour.land[1], 0.7), hour.wall, if hour.lamps { 0.28 } else { 0.55 });
        let top = [(w * (edge + 0.05), y), (right, y - 12.0), (right, b), (w * edge, b)];
        pen.poly(&top, mix(stone, hour.path, 0.4), |q| {
            q.sh(-6.0, 2.0, 14.0, 0.45).grad((0.0, y), (0.0, h), mix(stone, hour.path, 0.5), mix(stone, hour.near, 0.4))
        });
        cobbles(&mut pen, site, w * (edge + 0.06), w * 1.06, y + 16.0, h * 1.06, mix(stone, hour.path, 0.4), 90);
        if !near {
            // The quay's face towards the water.
            pen.poly(
                &[(w * (edge + 0.05), y), (w * (edge + 0.058), y + 8.0), (w * (edge + 0.012), b), (w * (edge - 0.03), b)],
                mix(stone, hour.near, 0.5),
                |q| q.sh(-6.0, 2.0, 10.0, 0.45),
            );
            for (x, yy) in [(edge + 0.085, y + 44.0), (edge + 0.075, y + 128.0)] {
                let x = w * x;
                pen.poly(
                    &[
                        (x - 9.0, yy),
                        (x - 8.0, yy - 30.0),
                        (x - 14.0, yy - 34.0),
                        (x + 14.0, yy - 34.0),
                        (x + 8.0, yy - 30.0),
                        (x + 9.0, yy),
                    ],
                    hour.dark,
                    |q| q.sh(3.0, 3.0, 5.0, 0.4).clean(),
                );
            }
        }
    }
    let amb = if hour.lamps { mix(hour.ambient, Rgb::WHITE, 0.3) } else { mix(hour.ambient, Rgb::WHITE, 0.5) };
    let lit = rig.key.on(Lit::plain().ambient(amb).shadow(-5.0 * u * lay.m(), 0.0, 14.0 * u, 0.4), stage.ub);
    plate.paper(&g, &lit);
    let flames =
        things(site, &mut plate, &lit, near, &[(0.36, 0.86), (0.80, 0.85), (0.88, 0.90), (0.72, 0.82)], if wide { 30.0 } else { 66.0 } * k);
    if hour.lamps {
        let (px, py) = stage.xf().pt(site.side_x(w * 0.66), h * 0.80);
        plate.screen(&light::rad_squeezed(px, py, (420.0 * u, 110.0 * u), 1.6, hex("#ffb85a"), 0.26, stage.rect(), site.number("pool")));
    }
    burn(site, &mut plate, &flames);
    planes.push(plate.done("quay", parallax::ACTORS, 600, None));
    if !near {
        let mut plate = Plate::new(stage);
        let bw = 250.0 * k;
        let (bx, by) = (w * (edge * 0.5), h * (0.845 + 0.02 * lay.spread));
        let mut g = sheet(stage, site.number("boat"));
        {
            let mut pen = site.hand(&mut g);
            props::boat(&mut pen.at(bx, by, bw / 300.0, 1.0), &[], rig.style);
        }
        plate.paper(&g, &rig.key.on(Lit::plain().ambient(amb).shadow(3.0 * u, 6.0 * u, 10.0 * u, 0.4), stage.ub));
        planes.push(plate.done("boat", parallax::ACTORS, 610, drift(site, "boat-drift", 0.2)));
    }
    planes
}

/// A place's things on the ground: spots in fractions of the stage. Returns what burns.
fn things(site: &Site, plate: &mut Plate, lit: &Lit, near: bool, spots: &[(f32, f32)], head: f32) -> Vec<(f32, f32, f32)> {
    if near {
        return Vec::new();
    }
    let stage = &site.stage;
    let floors: Vec<(f32, f32)> = spots.iter().map(|&(x, y)| (stage.w * site.rig.lay.x(x), stage.h * y)).collect();
    let mut g = sheet(stage, site.number("things"));
    let flames = {
        let mut pen = Pen::new(&mut g, stage, site.rig.style);
        furnish(&mut pen, site, &Spots { wall: &[], board: &floors[1..], floor: &floors, head }, true)
    };
    plate.paper(&g, lit);
    flames
}

/// Stones of a pavement between two x, larger towards the viewer.
#[allow(clippy::too_many_arguments, reason = "a pavement is these numbers")]
pub fn cobbles(pen: &mut Pen, site: &Site, x0: f32, x1: f32, y0: f32, y1: f32, stone: Rgb, count: usize) {
    let hour = &site.rig.hour;
    let mut seed = site.seed("cobbles");
    for _ in 0..count {
        let t = seed.unit() as f32;
        let yy = y0 + (y1 - y0) * t * t;
        let x = within(&mut seed, x0, x1);
        let s = 9.0 + 18.0 * t;
        pen.ellipse(x, yy, s, s * 0.34, mix(stone, if seed.below(2) == 0 { hour.land_core[0] } else { hour.near }, 0.35), |q| {
            q.flat().alpha(0.45).edge(Edge::Soft).k(0.4)
        });
    }
}

/// A church with its steeple: foot of the tower at (x, y).
fn steeple(pen: &mut Pen, site: &Site, x: f32, y: f32, high: f32, windows: &mut Vec<(f32, f32)>) {
    let hour = &site.rig.hour;
    let wall = mix(hour.land[0], hour.wall, if hour.lamps { 0.24 } else { 0.5 });
    let roof = mix(hour.dark, hour.land[0], 0.2);
    let k = high / 100.0;
    let mut pen = pen.at(x, y, k, 1.0);
    pen.poly(&[(10.0, 8.0), (10.0, -30.0), (64.0, -30.0), (64.0, 8.0)], wall, |q| q.sh(3.0, 3.0, 6.0, 0.4));
    pen.poly(&[(6.0, -28.0), (18.0, -50.0), (60.0, -50.0), (70.0, -28.0)], roof, |q| q.sh(2.0, 3.0, 4.0, 0.4));
    pen.poly(&[(-14.0, 10.0), (-13.0, -56.0), (13.0, -56.0), (14.0, 10.0)], wall, |q| {
        q.sh(4.0, 3.0, 6.0, 0.4).grad((-14.0, 0.0), (14.0, 0.0), wall, mix(wall, hour.dark, 0.4))
    });
    pen.poly(&[(-17.0, -54.0), (0.0, -100.0), (17.0, -54.0)], roof, |q| q.sh(2.0, 3.0, 4.0, 0.4));
    let glass = if hour.lamps { hex("#ffca70") } else { mix(hour.dark, hour.sky[1], 0.3) };
    pen.shape(&[c(-5.0, -34.0), p(0.0, -44.0), c(5.0, -34.0), c(5.0, -24.0), c(-5.0, -24.0)], glass, |q| q.clean().flat().tex(0.1));
    if hour.lamps {
        windows.push((x, y - 34.0 * k));
    }
}

/// A windmill, its foot at (x, y).
pub fn windmill(pen: &mut Pen, site: &Site, x: f32, y: f32, high: f32, far: f32) {
    let hour = &site.rig.hour;
    let t = |s: &str| site.rig.style.tone(hex(s));
    let wall = mix(mix(mix(t("#c8bca4"), hour.land[0], if hour.lamps { 0.5 } else { 0.15 }), hour.dark, 0.1), hour.haze, far);
    let dark = mix(mix(hour.dark, hour.land[0], 0.15), hour.haze, far);
    let cloth = mix(mix(t("#e6dcc4"), hour.land[0], if hour.lamps { 0.5 } else { 0.05 }), hour.haze, far);
    let mut pen = pen.at(x, y, high / 100.0, 1.0);
    pen.poly(&[(-24.0, 3.0), (-15.0, -58.0), (15.0, -58.0), (24.0, 3.0)], wall, |q| {
        q.sh(4.0, 3.0, 6.0, 0.4).grad((-24.0, 0.0), (24.0, 0.0), wall, mix(wall, dark, 0.45))
    });
    pen.curve(&[(-17.0, -56.0), (-13.0, -68.0), (0.0, -75.0), (13.0, -68.0), (17.0, -56.0)], dark, |q| q.sh(2.0, 3.0, 4.0, 0.4));
    pen.shape(&[c(-6.0, 3.0), c(-6.0, -14.0), p(0.0, -20.0), c(6.0, -14.0), c(6.0, 3.0)], dark, |q| q.flat());
    let glass = if hour.lamps { hex("#ffca70") } else { dark };
    pen.rect(-4.0, -44.0, 4.0, -35.0, glass, |q| q.clean().flat());
    let turn = site.seed("sails").range(0.15, 1.2) as f32;
    for i in 0..4 {
        let mut sail = pen.turned(0.0, -62.0, 1.0, turn + core::f32::consts::FRAC_PI_2 * i as f32);
        sail.poly(&[(2.0, -8.0), (12.0, -9.0), (13.0, -46.0), (2.0, -47.0)], cloth, |q| q.sh(2.0, 3.0, 4.0, 0.35).k(0.5));
        for j in 0..4 {
            sail.line(&[(2.0, -14.0 - 9.0 * j as f32), (12.5, -15.0 - 9.0 * j as f32)], dark, 0.9, 0.7, false);
        }
        sail.line(&[(0.0, 0.0), (1.0, -49.0)], dark, 2.4, 1.0, false);
    }
    pen.disc(0.0, -62.0, 3.6, dark, |q| q.clean());
}

/// A well with its little roof, its foot at (x, y).
pub fn well(pen: &mut Pen, site: &Site, x: f32, y: f32, high: f32) {
    let hour = &site.rig.hour;
    let t = |s: &str| site.rig.style.tone(hex(s));
    let dim = if hour.lamps { 0.5 } else { 0.1 };
    let stone = Tones::of(site, mix(t("#9a948a"), hour.land[1], dim));
    let wood = mix(t("#6a4e36"), hour.land[1], dim);
    let mut pen = pen.at(x, y, high / 100.0, 1.0);
    for s in [-1.0f32, 1.0] {
        pen.rect(s * 30.0 - 3.0, -72.0, s * 30.0 + 3.0, -20.0, wood, |q| q.sh(2.0, 2.0, 3.0, 0.4));
    }
    pen.line(&[(0.0, -66.0), (0.0, -36.0)], wood, 1.4, 1.0, false);
    pen.rect(-30.0, -69.0, 30.0, -64.0, mix(wood, hour.near, 0.2), |q| q.sh(0.0, 2.0, 3.0, 0.4));
    pen.ellipse(0.0, -34.0, 36.0, 9.0, mix(hour.near, stone.dark, 0.3), |q| q.clean().flat());
    let body = pen.curve(&[(-37.0, -34.0), (-36.0, -2.0), (0.0, 8.0), (36.0, -2.0), (37.0, -34.0), (0.0, -25.0)], stone.body, |q| {
        q.sh(4.0, 4.0, 6.0, 0.45).grad((-36.0, 0.0), (36.0, 0.0), stone.light, stone.dark)
    });
    for r in 0..3 {
        for i in 0..5 {
            let (bx, by) = (-34.0 + 15.0 * i as f32 + 6.0 * (r % 2) as f32, -24.0 + 11.0 * r as f32);
            pen.rect(bx, by, bx + 12.0, by + 8.0, stone.step(((i * 3 + r * 5) % 5) as f32 * 0.4 - 0.8), |q| {
                q.flat().alpha(0.6).clip(&body)
            });
        }
    }
    let roof = mix(t("#6a3f38"), hour.land[1], dim);
    pen.poly(&[(-44.0, -68.0), (-4.0, -100.0), (4.0, -100.0), (44.0, -68.0), (38.0, -66.0), (-38.0, -66.0)], roof, |q| {
        q.sh(0.0, 5.0, 6.0, 0.45).grad((0.0, -100.0), (0.0, -66.0), mix(roof, hour.land_core[0], 0.2), roof)
    });
}

/// A village round its green: hills and what stands on them, a row of cottages with a lane, two near houses, the green.
fn square(site: &Site) -> Vec<PaintedPlane> {
    let near = site.framing == Framing::MediumTwo;
    let wide = site.framing == Framing::Wide;
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let lay = rig.lay;
    let (w, h, u) = (stage.w, stage.h, stage.u);
    let k = stage.scale();
    let horizon = h * (0.47 + 0.04 * lay.lift);
    let mut planes = Vec::new();
    // Sky, the hills, a mill or a steeple on them, woods.
    let mut far = Plate::new(stage);
    sky::sky(site, horizon, &mut far);
    let mut seed = site.seed("green-hills");
    let mut windows = Vec::new();
    for i in 0..2 {
        let dy = [-0.12, -0.03][i];
        let mut knots: Vec<(f32, f32)> =
            (0..6).map(|j| (j as f32 / 5.0, horizon / h + dy + within(&mut seed, -0.06, 0.05) * (1.0 - 0.4 * i as f32))).collect();
        // One hill stands out: the one that is looked up to.
        let high = [1, 4, 3][lay.kind];
        if i == 0 {
            knots[high].1 -= 0.10;
        }
        let line = slope(site, &knots);
        let mut g = band(site, horizon - h * 0.42, stage.bottom(), &format!("hills-{i}"));
        {
            let mut pen = Pen::new(&mut g, stage, rig.style);
            let body = hill(&mut pen, site, &line, hour.land[0], hour.land_core[0]);
            // Fields: long strips along the slope.
            for _ in 0..7 {
                let x = within(&mut seed, -0.05, 1.0) * w;
                let y = height_at(&line, x) + within(&mut seed, 14.0, 70.0);
                let l = within(&mut seed, 60.0, 190.0);
                let tone = mix(hour.land[0], if seed.below(2) == 0 { hour.land_core[0] } else { hour.land[1] }, 0.35);
                pen.poly(&[(x, y), (x + l, y - 8.0), (x + l * 0.86, y + 14.0), (x - l * 0.1, y + 20.0)], tone, |q| {
                    q.flat().alpha(0.6).clip(&body)
                });
            }
            if i == 0 {
                let x = w * lay.x([0.22, 0.80, 0.62][lay.kind]);
                let y = height_at(&line, x) + 6.0;
                if site.says(&["mill", "windmill", "sails"]) || lay.kind == 0 {
                    windmill(&mut pen, site, x, y, 118.0 * k, 0.14);
                } else if lay.kind == 1 {
                    steeple(&mut pen, site, x, y, 130.0 * k, &mut windows);
                } else {
                    trees(&mut pen, site, &mut seed, &line, x - 90.0, x + 90.0, 76.0 * k, 4, 0, 0.14);
                }
                if site.says(&["door"]) && site.says(&["hill", "valley"]) {
                    let dx = w * lay.x(0.42);
                    let dy = height_at(&line, dx);
                    pen.shape(
                        &[c(dx - 9.0, dy + 3.0), c(dx - 9.0, dy - 24.0), p(dx, dy - 30.0), c(dx + 9.0, dy - 24.0), c(dx + 9.0, dy + 3.0)],
                        rig.style.tone(hex("#3f7a52")),
                        |q| q.clean(),
                    );
                }
            } else {
                trees(&mut pen, site, &mut seed, &line, stage.left(), stage.right(), 62.0 * k, 11, 0, 0.10);
            }
        }
        far.paper(&g, &Lit::plain().haze(hour.haze, ([0.36, 0.20][i] * hour.haze_k).min(0.7)).shadow(0.0, -3.0 * u, 8.0 * u, 0.25));
        fog(site, horizon - 30.0, horizon + 110.0, 0.8, &format!("green-fog-{i}"), &mut far);
    }
    for (x, y) in windows {
        parts::glow(site, &mut far, x, y, 40.0, "#ffb85a", 0.6);
    }
    planes.push(far.done("sky", parallax::SKY, 0, None));
    // The row across the green, with a gap where a lane leaves it; smoke over the roofs.
    let mut back = Plate::new(stage);
    let foot = h * if near {
        0.80
    } else if wide {
        0.665
    } else {
        0.70
    };
    let size = if near {
        300.0
    } else if wide {
        112.0
    } else {
        190.0
    } * k;
    let gap = [(0.44, 0.60), (0.62, 0.80), (0.20, 0.36)][lay.kind];
    let gap = if near { (0.36, 0.60) } else { gap };
    row(site, &mut back, "row-a", -w * 0.08, w * gap.0 - size * 0.8, foot, size, -4.0, 0.10);
    row(site, &mut back, "row-b", w * gap.1, w * 1.06, foot, size * 1.06, -10.0, 0.10);
    fog(site, foot - 90.0, foot + 30.0, 0.6, "row-fog", &mut back);
    planes.push(back.done("row", parallax::MID, 400, None));
    // The near houses at the frame's sides, and the green.
    let mut plate = Plate::new(stage);
    let mut g = sheet(stage, site.number("green"));
    let mut lamps = Vec::new();
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let mut seed = site.seed("green");
        let g0 = foot / h - 0.005;
        let line = slope(site, &[(-0.05, g0 + 0.03), (0.2, g0), (0.5, g0 + 0.012), (0.8, g0 - 0.004), (1.05, g0 + 0.035)]);
        let turf = mix(hour.land[1], hour.land[0], 0.35);
        let body = hill(&mut pen, site, &line, turf, hour.land_core[1]);
        // The lane: from the gap towards the viewer.
        let gx = (gap.0 + gap.1) * 0.5 - 0.02;
        let lane: Vec<(f32, f32)> = [
            (gx - 0.025, g0),
            (gx + 0.025, g0),
            (gx + 0.02 + (0.5 - gx) * 0.3, g0 + 0.07),
            (0.62 + (gx - 0.5) * 0.2, g0 + 0.17),
            (0.86, 1.1),
            (0.22, 1.1),
            (0.40 + (gx - 0.5) * 0.3, g0 + 0.17),
            (gx - 0.03 + (0.5 - gx) * 0.3, g0 + 0.07),
        ]
        .iter()
        .map(|q| (w * lay.x(q.0), h * q.1))
        .collect();
        pen.curve(&lane, mix(hour.path, turf, 0.15), |q| q.edge(Edge::Soft).flat().alpha(0.85).clip(&body));
        parts::tufts(&mut pen, &mut seed, &line, w * -0.05, w * 1.05, h - foot, 44, mix(turf, hour.land[2], 0.45));
        if !near {
            let house = if wide { 250.0 } else { 430.0 } * k;
            let base = h * if wide { 0.80 } else { 0.83 };
            // One house at the side in every composition; a second one, or a tree, across from it.
            let own = site.side_x(w * [0.015, -0.04, 0.03][lay.kind] + house * 0.5) - house * 0.5;
            let mut porch = site.seed("house-a");
            lamps.extend(
                cottage(
                    &mut pen,
                    site,
                    &mut porch,
                    own - if lay.flip { -house * 0.12 } else { house * 0.12 },
                    base,
                    house,
                    house * 0.66,
                    0.0,
                )
                .0,
            );
            let ox = w * lay.x(0.90);
            let leaf = leaves(site, "#5f8f58", 1);
            let bark = mix(mix(rig.style.tone(hex("#6a5648")), hour.land[1], 0.4), hour.near, 0.1);
            match lay.kind {
                0 => tree(&mut pen, &mut seed, grove(site)[0], ox, base + 8.0, house * 1.25, bark, &leaf, lit_from(site, ox)),
                1 => {
                    let mut other = site.seed("house-b");
                    let wide = house * 0.8;
                    lamps.extend(cottage(&mut pen, site, &mut other, ox - wide * 0.45, base - 14.0, wide, wide * 0.7, 0.0).0);
                }
                _ => {
                    tree(&mut pen, &mut seed, grove(site)[1], ox + 30.0 * lay.m(), base, house * 1.0, bark, &leaf, lit_from(site, ox));
                    tree(
                        &mut pen,
                        &mut seed,
                        grove(site)[0],
                        ox - 60.0 * lay.m(),
                        base - 16.0,
                        house * 0.8,
                        bark,
                        &leaf,
                        lit_from(site, ox),
                    );
                }
            }
            let wx = w * lay.x([0.69, 0.30, 0.66][lay.kind]);
            if site.says(&["well", "pump", "fountain"]) || lay.kind != 1 {
                well(&mut pen, site, wx, h * if wide { 0.775 } else { 0.80 }, if wide { 96.0 } else { 170.0 } * k);
            }
            if site.says(&["step", "doorstep", "steps"]) {
                let sx = site.side_x(w * 0.20);
                let stone = Tones::of(site, mix(hour.wall, hour.land[1], 0.5));
                for i in 0..2 {
                    let y = base + 4.0 + 14.0 * i as f32;
                    let half = house * (0.20 + 0.05 * i as f32);
                    pen.poly(
                        &[(sx - half, y - 10.0), (sx + half, y - 10.0), (sx + half + 8.0, y + 8.0), (sx - half - 8.0, y + 8.0)],
                        stone.step(0.6 - 0.8 * i as f32),
                        |q| q.sh(0.0, 5.0, 6.0, 0.45),
                    );
                }
            }
        }
    }
    let amb = if hour.lamps { mix(hour.ambient, Rgb::WHITE, 0.4) } else { mix(hour.ambient, Rgb::WHITE, 0.6) };
    let lit = rig.key.on(Lit::plain().ambient(amb).shadow(0.0, -4.0 * u, 12.0 * u, 0.4), stage.ub);
    plate.paper(&g, &lit);
    for (x, y) in lamps {
        parts::glow(site, &mut plate, x, y, if wide { 110.0 } else { 190.0 } * k, "#ffb85a", 0.6);
    }
    if hour.lamps {
        let (px, py) = stage.xf().pt(site.side_x(w * 0.30), h * 0.84);
        plate.screen(&light::rad_squeezed(px, py, (360.0 * u, 90.0 * u), 1.6, hex("#ffb85a"), 0.24, stage.rect(), site.number("pool")));
    }
    let head = if wide { 28.0 } else { 68.0 } * k;
    let flames = things(site, &mut plate, &lit, near, &[(0.36, 0.89), (0.74, 0.88), (0.84, 0.92), (0.24, 0.91)], head);
    burn(site, &mut plate, &flames);
    planes.push(plate.done("green", parallax::ACTORS, 600, None));
    planes.push(hedge(site, near));
    planes
}

/// What stands before the green: grass at the sides; before two people a low wall of dry stone.
fn hedge(site: &Site, near: bool) -> PaintedPlane {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let (w, h) = (stage.w, stage.h);
    let mut plate = Plate::new(stage);
    let mut g = band(site, h * 0.78, stage.bottom(), "hedge");
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let mut seed = site.seed("hedge");
        if near {
            let tones = Tones::of(site, mix(mix(hour.wall, hour.land[1], if hour.lamps { 0.7 } else { 0.4 }), hour.near, 0.2));
            let mut y = h * 0.915;
            while y < stage.bottom() + 10.0 {
                let mut x = stage.left() - 30.0 + within(&mut seed, -30.0, 0.0);
                while x < stage.right() {
                    let l = within(&mut seed, 46.0, 110.0);
                    let up = within(&mut seed, -5.0, 5.0);
                    pen.curve(
                        &[
                            (x + 3.0, y + up + 5.0),
                            (x + l * 0.3, y + up),
                            (x + l * 0.8, y + up + 2.0),
                            (x + l - 3.0, y + 10.0),
                            (x + l - 5.0, y + 30.0),
                            (x + l * 0.5, y + 34.0),
                            (x + 4.0, y + 31.0),
                        ],
                        tones.step(within(&mut seed, -0.6, 0.5)),
                        |q| q.sh(2.0, 4.0, 6.0, 0.45).k(1.2),
                    );
                    x += l;
                }
                y += 33.0;
            }
        } else {
            grass(&mut pen, &mut seed, stage.left(), 0.24 * w, h * 1.03, (26.0, 76.0), 26, hour.near);
            grass(&mut pen, &mut seed, 0.78 * w, stage.right(), h * 1.03, (26.0, 76.0), 24, hour.near);
        }
    }
    let ambient = if rig.flame { rig.ambient } else { mix(rig.ambient, Rgb::WHITE, 0.3) };
    let lit = Lit::plain().blur(1.8 * stage.u).shadow(0.0, -4.0 * stage.u, 10.0 * stage.u, 0.4);
    plate.paper(&g, &if near { lit.ambient(ambient) } else { lit });
    plate.done("hedge", parallax::NEAR, 900, None)
}
