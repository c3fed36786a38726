//! A village: cottages in steps above a quay, windows lit at night, the harbour before them.

use contracts::picture::Framing;

use super::{
    Site,
    interior::{Spots, burn, furnish},
    palette::{hex, mix},
    parallax,
    pen::{Pen, group, sheet},
    plate::Plate,
    sky::{self, Sea, drift, fog, sea},
    weather::smoke,
};
use crate::{
    light::{self, Lit},
    paint::PaintedPlane,
    paper::{Edge, Pt, Rgb, p},
    props,
};

/// One cottage: left foot at (x, y); returns its lit windows and the top of its chimney.
#[allow(clippy::too_many_arguments, reason = "a house is these numbers")]
fn cottage(
    pen: &mut Pen,
    site: &Site,
    seed: &mut contracts::Seed,
    x: f32,
    y: f32,
    w: f32,
    h: f32,
    far: f32,
) -> (Vec<(f32, f32)>, (f32, f32)) {
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
        let mut pen = Pen::new(&mut g, stage, rig.style);
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
        let (px, py) = stage.xf().pt(x, y);
        plate.screen(&light::glow(px, py, size * 0.55 * stage.u, hex("#ffb85a"), 0.62, stage.rect(), site.number("window-glow")));
    }
    // Somebody is at home in one house of a row, or in two.
    let home = seed.below(2) as usize;
    for (n, chimney) in chimneys.into_iter().skip(home).step_by(3).take(2).enumerate() {
        smoke(site, plate, &format!("smoke-{part}-{n}"), chimney, size / 150.0);
    }
}

/// Paints a village.
pub fn paint(site: &Site) -> Vec<PaintedPlane> {
    let near = site.framing == Framing::MediumTwo;
    let wide = site.framing == Framing::Wide;
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let (w, h) = (stage.w, stage.h);
    let u = stage.u;
    let k = (w / 1280.0).clamp(0.66, 1.0);
    let horizon = h * 0.50;
    let mut planes = Vec::new();
    let mut far = Plate::new(stage);
    sky::sky(site, horizon, &mut far);
    fog(site, horizon - 90.0, horizon + 90.0, 1.2, "horizon-fog", &mut far);
    sea(site, Sea { horizon, span: h * 0.36, scale: 0.8 }, 0, 3, &mut far);
    planes.push(far.done("sky", parallax::SKY, 0, None));
    // The hill behind with its far row, then the street itself.
    let mut back = Plate::new(stage);
    let mut g = sheet(stage, site.number("hill"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let b = stage.bottom() + 30.0;
        let hill: Vec<Pt> = [(0.26, 0.62), (0.36, 0.50), (0.48, 0.42), (0.62, 0.34), (0.78, 0.30), (0.92, 0.27), (1.14, 0.25)]
            .map(|(x, y)| p(w * x, h * y))
            .to_vec();
        let hill = [hill, vec![p(w * 1.14, b), p(w * 0.2, b), p(w * 0.22, h * 0.70)]].concat();
        pen.shape(&hill, hour.land[0], |q| q.edge(Edge::Torn).core(hour.land_core[0]).sh(-3.0, -2.0, 9.0, 0.4));
    }
    back.paper(&g, &Lit::plain().shadow(-4.0 * u, -2.0 * u, 14.0 * u, 0.35).haze(hour.haze, (0.22 * hour.haze_k).min(0.6)));
    if !near {
        row(
            site,
            &mut back,
            "far-row",
            w * 0.52,
            w * 1.06,
            h * if wide { 0.47 } else { 0.40 },
            if wide { 74.0 } else { 110.0 } * k,
            -h * 0.09,
            0.28,
        );
    }
    fog(site, h * 0.38, h * 0.60, 0.9, "hill-fog", &mut back);
    planes.push(back.done("hill", parallax::MID, 400, None));
    let mut street = Plate::new(stage);
    if near {
        row(site, &mut street, "row", w * -0.06, w * 1.06, h * 0.82, 360.0 * k, -10.0, 0.05);
    } else {
        let size = if wide { 150.0 } else { 340.0 };
        let y = h * if wide { 0.73 } else { 0.765 };
        row(site, &mut street, "row", w * if wide { 0.40 } else { 0.30 }, w * 1.04, y, size * k, -h * 0.04, 0.06);
    }
    planes.push(street.done("street", parallax::SET, 500, None));
    // The quay people stand on.
    let mut plate = Plate::new(stage);
    let mut g = sheet(stage, site.number("quay"));
    let mut flames = Vec::new();
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let b = stage.bottom() + 30.0;
        let y = h * if near { 0.80 } else { 0.735 };
        let stone = mix(hour.land[1], hour.wall, if hour.lamps { 0.28 } else { 0.55 });
        let edge = if near { -0.1 } else { 0.27 };
        let top = [(w * (edge + 0.05), y), (stage.right() + 20.0, y - 12.0), (stage.right() + 20.0, b), (w * edge, b)];
        pen.poly(&top, mix(stone, hour.path, 0.4), |q| {
            q.sh(-6.0, 2.0, 14.0, 0.45).grad((0.0, y), (0.0, h), mix(stone, hour.path, 0.5), mix(stone, hour.near, 0.4))
        });
        let mut seed = site.seed("cobbles");
        for _ in 0..90 {
            let t = seed.unit() as f32;
            let yy = y + 16.0 + (h - y) * t * t * 1.1;
            let x = w * seed.range(f64::from(edge) + 0.06, 1.06) as f32;
            let s = 9.0 + 16.0 * t;
            pen.ellipse(x, yy, s, s * 0.34, mix(stone, if seed.below(2) == 0 { hour.land_core[0] } else { hour.near }, 0.35), |q| {
                q.flat().alpha(0.45).edge(Edge::Soft).k(0.4)
            });
        }
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
            let floors = [(w * 0.36, h * 0.86), (w * 0.80, h * 0.85), (w * 0.88, h * 0.90), (w * 0.72, h * 0.82)];
            let head = if wide { 30.0 } else { 66.0 };
            flames = furnish(&mut pen, site, &Spots { wall: &[], board: &floors[1..], floor: &floors, head: head * k }, true);
        }
    }
    let amb = if hour.lamps { mix(hour.ambient, Rgb::WHITE, 0.3) } else { mix(hour.ambient, Rgb::WHITE, 0.5) };
    plate.paper(&g, &rig.key.on(Lit::plain().ambient(amb).shadow(-5.0 * u, 0.0, 14.0 * u, 0.4), stage.ub));
    if hour.lamps {
        let (px, py) = stage.xf().pt(w * 0.66, h * 0.80);
        plate.screen(&light::rad_squeezed(px, py, (420.0 * u, 110.0 * u), 1.6, hex("#ffb85a"), 0.26, stage.rect(), site.number("pool")));
    }
    burn(site, &mut plate, &flames);
    planes.push(plate.done("quay", parallax::ACTORS, 600, None));
    if !near {
        let mut plate = Plate::new(stage);
        let bw = 250.0 * k;
        let (bx, by) = (w * 0.135, h * 0.845);
        let mut g = group(stage, stage.left(), h * 0.66, w * 0.34, stage.bottom(), site.number("boat"));
        {
            let mut pen = Pen::new(&mut g, stage, rig.style);
            props::boat(&mut pen.at(bx, by, bw / 300.0, 1.0), &[], rig.style);
        }
        plate.paper(&g, &rig.key.on(Lit::plain().ambient(amb).shadow(3.0 * u, 6.0 * u, 10.0 * u, 0.4), stage.ub));
        planes.push(plate.done("boat", parallax::ACTORS, 610, drift(site, "boat-drift", 0.2)));
    }
    planes
}
