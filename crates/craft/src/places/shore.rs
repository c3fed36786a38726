//! The shore: the landing with its steps and boat, the gallery's rail, rocks in open water.

use contracts::picture::Framing;

use super::{
    Scene, Site,
    coast::{base, burning, glow},
    interior,
    palette::{Disc, hex, mix},
    parallax,
    parts::{Tones, crag, lit_from, ridge, stony, within},
    pen::{Pen, group, sheet},
    plate::Plate,
    rig::{is_great, is_lamp},
    sky::{self, Sea, band, drift, fog},
    stood::{self, Spots},
};
use crate::{
    light::Lit,
    paint::PaintedPlane,
    paper::{Edge, Pt, Rgb, c, p},
    props,
};

/// Courses of dressed stone within a rectangle.
#[allow(clippy::too_many_arguments, reason = "a wall is these numbers")]
pub fn masonry(
    pen: &mut Pen,
    site: &Site,
    x0: f32,
    y0: f32,
    x1: f32,
    y1: f32,
    course: f32,
    color: Rgb,
    clip: Option<&crate::paper::Outline>,
) {
    let mut seed = site.seed("masonry");
    let dark = mix(color, site.rig.hour.near, 0.5);
    pen.g.set_clip(clip);
    let mut y = y0;
    let mut row = 0;
    while y < y1 {
        let mut x = x0 - if row % 2 == 0 { 0.0 } else { course * 0.8 };
        while x < x1 {
            let w = course * seed.range(1.3, 2.3) as f32;
            let t = seed.range(-0.16, 0.16) as f32;
            let stone = if t > 0.0 { mix(color, site.rig.hour.land_core[0], t) } else { mix(color, dark, -t * 1.6) };
            pen.rect(x + 1.5, y + 1.5, x + w - 1.5, y + course - 1.5, stone, |q| q.k(0.8).sh(1.0, 1.5, 2.0, 0.30));
            x += w;
        }
        y += course;
        row += 1;
    }
    pen.g.set_clip(None);
}

/// Steps at the foot of the tower, a boat alongside.
pub fn landing(site: &Site, near: bool) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let (w, h) = (stage.w, stage.h);
    let s = stage.u;
    let lay = rig.lay;
    let horizon = h * (0.47 + 0.035 * lay.lift);
    let mut planes = Vec::new();
    base(site, Sea { horizon, span: h * 0.40, scale: 1.15 }, 4, false, |_| {}, &mut planes);
    let full = site.framing == Framing::Full;
    // The tower's foot at the right, rising out of the frame.
    let mut set = Plate::new(stage);
    let (x0, foot) = (
        w * [0.0, 0.05, -0.06][lay.kind]
            + w * if near {
                0.80
            } else if full {
                0.58
            } else {
                0.66
            },
        h * if full { 0.82 } else { 0.80 },
    );
    let dk = if full { 1.75 } else { 1.28 };
    let mut g = sheet(stage, site.number("tower-foot"));
    {
        let mut pen = site.hand(&mut g);
        let stone = mix(stony(hour.land[0], 0.75), hour.wall, if hour.lamps { 0.30 } else { 0.55 });
        let (top, right) = (stage.top() - 20.0, site.right() + 20.0);
        let outline = [(x0 + 46.0, top), (right, top), (right, foot + 40.0), (x0 - 14.0, foot + 40.0), (x0 + 10.0, h * 0.4)];
        let body = pen.poly(&outline, mix(stone, hour.near, 0.4), |q| q.sh(-8.0, 4.0, 14.0, 0.45));
        masonry(&mut pen, site, x0 - 20.0, top, right, foot + 40.0, 46.0, stone, Some(&body));
        let shade = mix(hour.near, stone, 0.25);
        if !near {
            let dx = w * if full { 0.84 } else { 0.83 };
            let mut door = pen.at(dx, foot, dk, 1.0);
            let leaf = mix(rig.style.tone(hex("#6a4a34")), hour.near, 0.30);
            door.shape(&interior::arch(-52.0, 52.0, -150.0, 10.0, 60.0), mix(stone, hour.near, 0.62), |q| q.sh(0.0, 0.0, 6.0, 0.5));
            door.shape(&interior::arch(-42.0, 42.0, -146.0, 10.0, 50.0), leaf, |q| q.flat());
            for i in -2i32..=2 {
                door.line(&[(16.0 * i as f32, 0.0), (16.0 * i as f32, -176.0)], shade, 2.0, 0.6, false);
            }
            door.disc(26.0, -80.0, 5.0, rig.style.tone(hex("#b9873a")), |q| q.clean());
            // A bracket lamp beside the door: the one warm light at night.
            door.line(&[(-84.0, -196.0), (-84.0, -214.0), (-100.0, -220.0)], hour.dark, 4.0, 1.0, true);
            let glass = if hour.lamps { hex("#ffcf6a") } else { mix(hour.dark, hour.sky[2], 0.4) };
            door.poly(&[(-110.0, -200.0), (-90.0, -200.0), (-93.0, -172.0), (-107.0, -172.0)], glass, |q| q.clean().flat().tex(0.0));
            door.poly(&[(-114.0, -198.0), (-100.0, -214.0), (-86.0, -198.0)], hour.dark, |q| q.clean().sh(0.0, 2.0, 3.0, 0.4));
            door.rect(-110.0, -174.0, -90.0, -168.0, hour.dark, |q| q.clean().flat());
        }
        // Seen whole, it hangs beyond the door, where nobody stands before it.
        let (rx, ry) = if near || full { (x0 + 40.0, foot - h * 0.14) } else { (w * 0.945, foot - h * 0.115) };
        for (r, color) in [(19.0, shade), (17.0, mix(hour.dark, hour.land_core[0], 0.35))] {
            let ring: Vec<(f32, f32)> = (0..=20)
                .map(|i| core::f32::consts::TAU * i as f32 / 20.0)
                .map(|a| (rx + r * libm::cosf(a), ry + 16.0 + r * libm::sinf(a)))
                .collect();
            pen.line(&ring, color, 5.0, 1.0, true);
        }
        pen.disc(rx, ry, 8.0, hour.dark, |q| q.clean());
    }
    let amb = if hour.lamps { mix(hour.ambient, Rgb::WHITE, 0.35) } else { mix(hour.ambient, Rgb::WHITE, 0.6) };
    set.paper(
        &g,
        &rig.key.on(
            Lit::plain().ambient(amb).shadow(-8.0 * s, 6.0 * s, 16.0 * s, 0.45).haze(hour.haze, (0.06 * hour.haze_k).min(0.4)),
            stage.ub,
        ),
    );
    if hour.lamps && !near {
        let (lx, ly) = (w * if full { 0.84 } else { 0.83 } - 100.0 * dk, foot - 186.0 * dk);
        glow(site, &mut set, site.side_x(lx), ly, 210.0 * dk.sqrt(), "#ffb85a", 0.85);
    }
    // The boat rocks at the steps.
    let bw = if near {
        300.0
    } else if full {
        430.0
    } else {
        410.0
    } * (w / 1280.0).clamp(0.6, 1.0);
    let (bx, by) = if near {
        (w * 0.52, h * 0.70)
    } else if full {
        (w * (0.15 + 0.03 * lay.spread), h * 0.765)
    } else {
        (w * ([0.245, 0.31, 0.18][lay.kind] + 0.03 * lay.spread), h * 0.765)
    };
    let mut plate = Plate::new(stage);
    let mut g = sheet(stage, site.number("boat"));
    {
        let mut pen = site.hand(&mut g);
        let mut pen = pen.at(bx, by - bw * 0.05, bw / 300.0, 1.0);
        // What a cloth covers lies in the boat.
        if let Some(load) = site.place.props.iter().find(|q| q.shape.as_str() == "tarpaulin") {
            props::paint(&mut pen.at(-34.0, -58.0, 0.36, 1.0), load, rig.style);
        }
        props::boat(&mut pen, &[], rig.style);
    }
    plate.paper(&g, &rig.key.on(Lit::plain().ambient(amb).shadow(4.0 * s, 8.0 * s, 12.0 * s, 0.4), stage.ub));
    let mut seed = site.seed("boat");
    let bob = contracts::assets::Sway {
        dx: (2200.0 * s) as i32,
        dy: (3200.0 * s) as i32,
        period_ms: seed.between(3800, 4600) as u32,
        phase: seed.below(1000) as u32,
    };
    if near {
        // Behind people's shoulders a still boat will do: it shares the tower's plane.
        set.over(plate.plane());
        planes.push(set.done("tower", parallax::SET, 500, None));
    } else {
        planes.push(set.done("tower", parallax::SET, 500, None));
        planes.push(plate.done("boat", parallax::SET, 520, Some(bob)));
    }
    // Water before the boat, and the steps people stand on.
    let mut plate = Plate::new(stage);
    let mut g = band(site, h * 0.62, stage.bottom(), "steps");
    {
        let mut pen = site.hand(&mut g);
        let mut waves = site.seed("sea-4");
        let y = h * if near { 0.76 } else { 0.80 };
        let core = mix(hour.sea[4], hour.sea_core, 0.40);
        sky::waves(&mut pen, &mut waves, (site.left(), site.right()), y, stage.bottom(), 12.0, 210.0, hour.sea[4], core);
        let low = mix(hour.sea[4], hour.near, 0.30);
        let core = mix(low, hour.sea_core, 0.34);
        sky::waves(&mut pen, &mut waves, (site.left(), site.right()), h * 0.925, stage.bottom(), 16.0, 270.0, low, core);
        if !near {
            foot_rocks(&mut pen, site, full);
        }
        let stone = mix(stony(hour.land[1], 0.75), hour.wall, if hour.lamps { 0.30 } else { 0.55 });
        let tread = mix(stone, hour.land_core[0], 0.62);
        let right = site.right() + 20.0;
        let n = 5;
        for i in 0..n {
            let t = i as f32 / (n - 1) as f32;
            let (x, y) = if near {
                (w * (0.62 - 0.22 * t), h * (0.86 + 0.045 * i as f32))
            } else if full {
                (w * (0.40 - 0.22 * t), h * (0.80 + 0.052 * i as f32))
            } else {
                (w * (0.60 - 0.26 * t), h * (0.765 + 0.048 * i as f32))
            };
            let next = stage.bottom() + 20.0;
            let riser = mix(stone, hour.near, 0.12 + 0.10 * t);
            pen.poly(&[(x, y), (right, y - 4.0), (right, next), (x - 10.0, next)], riser, |q| q.sh(-4.0, -2.0, 8.0, 0.45));
            pen.poly(
                &[(x - 4.0, y - 9.0), (right, y - 13.0), (right, y + 8.0), (x - 6.0, y + 10.0)],
                mix(tread, hour.land[1], t * 0.25),
                |q| q.sh(0.0, 4.0, 5.0, 0.45).k(1.4),
            );
            // Wet stone holds the light of the sky.
            let gx = x + 40.0 + seed.range(0.0, 220.0) as f32;
            pen.shape(
                &[c(gx, y - 2.0), p(gx + 60.0, y - 5.0), c(gx + 130.0, y - 2.0), p(gx + 60.0, y + 1.0)],
                mix(hour.sky[2], hour.cloud_core, 0.3),
                |q| q.flat().alpha(0.5).clean().tex(0.2),
            );
        }
        if !near && !full {
            let px = w * 0.445;
            pen.poly(&[(px - 9.0, h * 0.835), (px - 7.0, h * 0.70), (px + 9.0, h * 0.70), (px + 11.0, h * 0.835)], hour.dark, |q| {
                q.sh(4.0, 3.0, 6.0, 0.4)
            });
            pen.ellipse(px + 1.0, h * 0.70, 10.0, 4.0, mix(hour.dark, hour.land_core[0], 0.4), |q| q.clean().flat());
            pen.line(
                &[(px, h * 0.715), (px - 60.0, h * 0.785), (bx + bw * 0.42, by - bw * 0.02)],
                mix(rig.style.tone(hex("#8a6f4a")), hour.dark, 0.45),
                3.0,
                1.0,
                true,
            );
        }
    }
    plate.paper(&g, &rig.key.on(Lit::plain().ambient(amb).shadow(-4.0 * s, -4.0 * s, 14.0 * s, 0.4), stage.ub));
    let mut g = band(site, h * 0.5, stage.bottom(), "things");
    let mut flames = Vec::new();
    let mut rest = site.place.clone();
    rest.props.retain(|q| q.shape.as_str() != "tarpaulin");
    let ashore = Site { place: &rest, words: Vec::new(), ..*site };
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let floors = if full {
            [(w * 0.52, h * 0.90), (w * 0.80, h * 0.89), (w * 0.42, h * 0.90), (w * 0.92, h * 0.92)]
        } else {
            [(w * 0.60, h * 0.855), (w * 0.80, h * 0.835), (w * 0.55, h * 0.90), (w * 0.88, h * 0.855)]
        }
        .map(|(x, y)| (site.side_x(x), y));
        let head = if full { 72.0 } else { 32.0 };
        if !near {
            flames = stood::furnish(&mut pen, &ashore, &Spots { wall: &[], board: &floors[2..], floor: &floors, head }, true);
        }
    }
    plate.paper(&g, &rig.key.on(Lit::plain().ambient(amb).shadow(2.0 * s, 3.0 * s, 6.0 * s, 0.4), stage.ub));
    stood::burn(site, &mut plate, &flames);
    planes.push(plate.done("steps", parallax::ACTORS, 600, None));
    planes
}

/// A harbour across the water by night: a low shore, a row of warm points, and what the water makes of them.
fn harbour_lights(site: &Site, horizon: f32, plate: &mut Plate) {
    let (rig, stage) = (site.rig, &site.stage);
    if !(rig.hour.lamps && site.says(&["lights", "lamps"]) && site.says(&["harbour", "harbor", "town", "village", "port"])) {
        return;
    }
    let (w, s) = (stage.w, stage.u);
    let mut seed = site.seed("harbour-lights");
    let mut g = band(site, horizon - 60.0, horizon + 70.0, "harbour-lights");
    let mut points: Vec<(f32, f32)> = Vec::new();
    {
        let mut pen = site.hand(&mut g);
        let shore = mix(rig.hour.sea[0], rig.hour.near, 0.55);
        let mut hill = vec![c(w * 0.60, horizon + 10.0)];
        for i in 1..9 {
            let t = i as f32 / 8.0;
            hill.push(p(w * (0.60 + 0.5 * t), horizon + 4.0 - 24.0 * t.sqrt() * seed.range(0.7, 1.2) as f32));
        }
        hill.push(c(site.right() + 30.0, horizon + 14.0));
        pen.shape(&hill, shore, |q| q.edge(Edge::Soft).flat().k(0.6));
        for i in 0..9 {
            let t = (i as f32 + 0.2 + 0.6 * seed.unit() as f32) / 9.0;
            points.push((w * (0.655 + 0.30 * t), horizon - 2.0 - seed.range(0.0, 7.0) as f32));
        }
        let warm = hex("#ffd08a");
        for &(x, y) in &points {
            pen.disc(x, y, 2.2, hex("#fff0cc"), |q| q.clean().flat().tex(0.0));
            for j in 0..5 {
                let yy = horizon + 10.0 + 7.0 * j as f32 + seed.range(-2.0, 2.0) as f32;
                let half = seed.range(3.0, 9.0) as f32;
                let a = 0.62 - 0.11 * j as f32;
                pen.shape(&[c(x - half, yy), p(x, yy - 1.1), c(x + half, yy), p(x, yy + 1.1)], warm, |q| {
                    q.flat().clean().tex(0.0).alpha(a)
                });
            }
        }
    }
    plate.paper(&g, &Lit::plain().grain(0.0));
    for (i, &(x, y)) in points.iter().enumerate() {
        let (px, py) = stage.xf().pt(site.side_x(x), y);
        let seed = site.number("harbour-glow") ^ i as u64;
        plate.screen(&crate::light::glow(px, py, 30.0 * s, hex("#ffb45c"), 0.85, stage.rect(), seed));
    }
}

/// An iron rail before nothing but water.
pub fn gallery(site: &Site, near: bool) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let (w, h) = (stage.w, stage.h);
    let s = stage.u;
    let lay = rig.lay;
    let horizon = h * (if near { 0.58 } else { 0.60 } + [0.0, -0.07, 0.035][lay.kind]);
    let mut planes = Vec::new();
    let lights = |plate: &mut Plate| harbour_lights(site, horizon, plate);
    base(site, Sea { horizon, span: h * 0.36, scale: 0.8 }, 4, !near, lights, &mut planes);
    let lit = burning(site);
    let frost = if site.says(&["frost", "ice", "snow", "white"]) { mix(hour.land_core[0], hex("#eef4fa"), 0.6) } else { hour.land_core[0] };
    let mut plate = Plate::new(stage);
    let mut g = sheet(stage, site.number("rail"));
    {
        let mut pen = site.hand(&mut g);
        let (rail, deck) = if near { (h * 0.66, h * 1.02) } else { (h * 0.55, h * 0.83) };
        let iron = mix(hour.dark, hour.land_core[1], 0.34);
        let (left, right) = (site.left() - 20.0, site.right() + 20.0);
        // Plates of the deck, and the kerb the posts stand on.
        pen.poly(
            &[(left, deck + 4.0), (right, deck + 4.0), (right, stage.bottom() + 30.0), (left, stage.bottom() + 30.0)],
            mix(iron, hour.land[0], 0.4),
            |q| q.sh(0.0, -4.0, 9.0, 0.45),
        );
        for i in 0..16 {
            let x = left + (right - left) * i as f32 / 15.0;
            pen.line(&[(x, deck + 10.0), (w * 0.5 + (x - w * 0.5) * 1.7, stage.bottom() + 20.0)], hour.near, 2.2, 0.55, false);
        }
        for t in [0.22, 0.55] {
            let y = deck + (stage.bottom() - deck) * t;
            pen.line(&[(left, y), (right, y)], hour.near, 2.0, 0.45, false);
        }
        pen.rect(left, deck - 10.0, right, deck + 10.0, mix(iron, frost, 0.10), |q| q.sh(0.0, 4.0, 6.0, 0.5));
        let post = if near { 150.0 } else { 128.0 } * [1.0, 1.36, 0.76][lay.kind];
        let thick = if near { 1.5 } else { 1.0 };
        let sag = |x: f32| 16.0 * ((x - w * 0.5) / w) * ((x - w * 0.5) / w) * 4.0;
        let mut x = w * 0.5 - post * 8.5;
        while x < right {
            let y = rail - sag(x);
            pen.poly(&[(x - 5.0 * thick, deck), (x - 4.0 * thick, y), (x + 4.0 * thick, y), (x + 5.0 * thick, deck)], iron, |q| {
                q.sh(3.0, 2.0, 5.0, 0.4)
            });
            pen.line(&[(x - 3.0 * thick, y + 8.0), (x - 3.4 * thick, deck - 12.0)], frost, 1.4 * thick, 0.5, false);
            x += post;
        }
        for (k, width) in [(0.36, 4.0), (0.68, 4.0)] {
            let line: Vec<(f32, f32)> =
                (0..=10).map(|i| left + (right - left) * i as f32 / 10.0).map(|x| (x, rail - sag(x) + (deck - rail) * k)).collect();
            pen.line(&line, iron, width * thick, 1.0, true);
            let rime: Vec<(f32, f32)> = line.iter().map(|&(x, y)| (x, y - 1.6 * thick)).collect();
            pen.line(&rime, frost, 1.2 * thick, 0.55, true);
        }
        let top: Vec<(f32, f32)> = (0..=10).map(|i| left + (right - left) * i as f32 / 10.0).map(|x| (x, rail - sag(x))).collect();
        let bar: Vec<Pt> =
            top.iter().map(|&(x, y)| p(x, y - 8.0 * thick)).chain(top.iter().rev().map(|&(x, y)| p(x, y + 7.0 * thick))).collect();
        pen.shape(&bar, iron, |q| q.sh(2.0, 5.0, 6.0, 0.45).clean());
        let rime: Vec<Pt> =
            top.iter().map(|&(x, y)| p(x, y - 10.0 * thick)).chain(top.iter().rev().map(|&(x, y)| p(x, y - 4.0 * thick))).collect();
        pen.shape(&rime, frost, |q| q.edge(Edge::Torn).k(0.8).sh(0.0, 2.0, 2.0, 0.3));
    }
    let amb = if hour.lamps { mix(hour.ambient, Rgb::WHITE, 0.35) } else { mix(hour.ambient, Rgb::WHITE, 0.6) };
    let mut lit_rail = rig.key.on(Lit::plain().ambient(amb).shadow(0.0, 3.0 * s, 8.0 * s, 0.35), stage.ub);
    if lit {
        let (lx, ly) = stage.xf().pt(site.side_x(w * 0.04), h * 0.34);
        lit_rail = lit_rail.light(lx, ly, 760.0 * s, Rgb(1.0, 0.78, 0.46), 0.9, 1.5);
    }
    plate.paper(&g, &lit_rail);
    // The lamp room's glass at the left edge: the side the light comes from.
    let wide = w * if near { 0.10 } else { [0.15, 0.22, 0.09][lay.kind] };
    let mut g = sheet(stage, site.number("glass"));
    {
        let mut pen = site.hand(&mut g);
        let (left, top, bottom) = (site.left() - 20.0, stage.top() - 20.0, stage.bottom() + 20.0);
        let pane = if lit { hex("#ffd98c") } else { mix(hour.sky[1], hour.sky[2], 0.5) };
        let far = if lit { hex("#e8a24c") } else { mix(hour.sky[1], hour.dark, 0.3) };
        pen.poly(&[(left, top), (wide, top), (wide + 6.0, h * 0.72), (left, h * 0.72)], pane, |q| {
            q.grad((0.0, h * 0.1), (0.0, h * 0.75), pane, far).tex(0.3).sh(6.0, 4.0, 14.0, 0.4)
        });
        pen.poly(&[(left, h * 0.72), (wide + 6.0, h * 0.72), (wide + 18.0, bottom), (left, bottom)], mix(hour.dark, hour.near, 0.3), |q| {
            q.sh(6.0, -3.0, 10.0, 0.45)
        });
        let bar = mix(hour.dark, hour.land_core[1], 0.15);
        for x in [-0.35, 0.22, 0.62] {
            pen.line(&[(wide * x, top), (wide * x + 4.0, h * 0.73)], bar, 9.0, 1.0, false);
        }
        for y in [0.14, 0.43] {
            pen.line(&[(left, h * y), (wide + 2.0, h * y)], bar, 8.0, 1.0, false);
        }
        pen.poly(&[(wide - 6.0, top), (wide + 12.0, top), (wide + 20.0, bottom), (wide - 2.0, bottom)], bar, |q| q.sh(5.0, 2.0, 8.0, 0.45));
    }
    plate.paper(&g, &Lit::plain().ambient(if lit { Rgb(0.95, 0.9, 0.85) } else { amb }).shadow(8.0 * s, 3.0 * s, 14.0 * s, 0.4));
    if lit {
        glow(site, &mut plate, site.side_x(w * 0.02), h * 0.36, 520.0, "#ffc46a", 0.75);
    }
    let mut g = band(site, h * 0.4, stage.bottom(), "things");
    let mut flames = Vec::new();
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let (full, y) = (site.framing == Framing::Full, h * 0.90);
        let floors = [(w * 0.52, y), (w * 0.80, y), (w * 0.24, y), (w * 0.90, y)].map(|(x, y)| (site.side_x(x), y));
        if !near {
            let head = if full { 72.0 } else { 42.0 };
            flames = stood::furnish(&mut pen, site, &Spots { wall: &[], board: &floors[2..], floor: &floors, head }, true);
        }
    }
    plate.paper(&g, &lit_rail);
    stood::burn(site, &mut plate, &flames);
    planes.push(plate.done("rail", parallax::ACTORS, 560, None));
    planes
}

/// Rocks at the water's edge, before the landing's steps and across from them.
fn foot_rocks(pen: &mut Pen, site: &Site, full: bool) {
    let (w, h) = (site.stage.w, site.stage.h);
    let mut seed = site.seed("foot-rocks");
    let tones = Tones::rock(site, 1);
    let k = if full { 1.5 } else { 1.0 };
    let foam = mix(site.rig.hour.sea_core, Rgb::WHITE, 0.15);
    let spots: &[(f32, f32, f32, f32)] = match site.rig.lay.kind {
        0 => &[(0.02, 0.905, 0.17, 0.11), (0.16, 0.95, 0.10, 0.05)],
        1 => &[(0.07, 0.885, 0.10, 0.07), (-0.02, 0.96, 0.20, 0.13), (0.24, 0.97, 0.07, 0.035)],
        _ => &[(0.00, 0.93, 0.26, 0.16)],
    };
    for &(x, y, wide, high) in spots {
        let (x, y, half, high) = (w * x, h * y, w * wide * 0.5 * k, h * high * k);
        let top = within(&mut seed, 0.3, 0.6);
        let line = ridge(&mut seed, x - half, x + half, y, high, top);
        // The hand may be mirrored; the light is not.
        let from = lit_from(site, site.side_x(x)) * site.rig.lay.m();
        crag(pen, &mut seed, &line, y, &tones, from);
        for _ in 0..9 {
            let fx = x + within(&mut seed, -1.2, 1.2) * half;
            let fy = y + within(&mut seed, 16.0, 36.0);
            let l = within(&mut seed, 14.0, 46.0);
            pen.shape(&[c(fx - l, fy), p(fx, fy - 3.0), c(fx + l, fy + 1.0), p(fx, fy + 3.0)], foam, |q| {
                q.flat().clean().alpha(0.6).tex(0.2)
            });
        }
    }
}

/// A faceted rock out of the water on a base line.
#[allow(clippy::too_many_arguments, reason = "a rock is these numbers")]
fn rock(pen: &mut Pen, site: &Site, part: &str, x: f32, y: f32, wide: f32, high: f32, tone: usize) {
    let mut seed = site.seed(part);
    let top = within(&mut seed, 0.26, 0.74);
    let line = ridge(&mut seed, x - wide * 0.5, x + wide * 0.5, y + 20.0, high, top);
    let tones = Tones::rock(site, tone);
    crag(pen, &mut seed, &line, y + 20.0, &tones, lit_from(site, x));
    let foam = mix(site.rig.hour.sea_core, Rgb::WHITE, 0.15);
    for _ in 0..14 {
        let fx = x + within(&mut seed, -0.62, 0.62) * wide;
        let (fy, l) = (y + within(&mut seed, 24.0, 58.0), within(&mut seed, 16.0, 60.0));
        pen.shape(&[c(fx - l, fy), p(fx, fy - 3.4), c(fx + l, fy + 1.5), p(fx, fy + 3.4)], foam, |q| q.flat().clean().alpha(0.55).tex(0.2));
    }
}

/// Two black rocks with a gap of moving water between them.
pub fn water(site: &Site, near: bool) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let (w, h) = (stage.w, stage.h);
    let s = stage.u;
    let horizon = h * (if near { 0.52 } else { 0.44 } + 0.04 * rig.lay.lift);
    let span = Sea { horizon, span: h * 0.40, scale: 1.25 };
    let mut planes = Vec::new();
    base(site, span, 4, false, |_| {}, &mut planes);
    let k = (w / 1280.0).clamp(0.62, 1.0);
    let banks = rig.scene == Scene::Water && site.says(&["river", "bank", "banks", "stream"]);
    let rocks = site.says(&["rock", "rocks", "reef", "skerry", "channel", "stones"]) || banks || near;
    if rocks {
        let mut plate = Plate::new(stage);
        let mut g = sheet(stage, site.number("rocks"));
        {
            let mut pen = Pen::new(&mut g, stage, rig.style);
            let y = h * if near { 0.68 } else { 0.70 };
            let lay = rig.lay;
            // Two of a kind, one great one and its stack, or three in a row.
            let spots: &[(f32, f32, f32, f32)] = match lay.kind {
                0 => &[(0.21, 0.0, 420.0, 0.40), (0.80, 20.0, 470.0, 0.52)],
                1 => &[(0.90, -26.0, 150.0, 0.22), (0.17, 16.0, 620.0, 0.56), (0.66, -14.0, 110.0, 0.36)],
                _ => &[(0.10, -20.0, 260.0, 0.24), (0.38, -44.0, 130.0, 0.13), (0.82, 18.0, 520.0, 0.38)],
            };
            for (i, &(x, dy, wide, high)) in spots.iter().enumerate() {
                let x = if near { [0.06, 0.95, 0.5][i] } else { x + 0.02 * lay.spread };
                if near && i == 2 {
                    continue;
                }
                rock(&mut pen, site, ["rock-a", "rock-b", "rock-c"][i], w * lay.x(x), y + dy, wide * k, h * high * k, 1);
            }
        }
        let light = if hour.disc == Disc::None { 0.1 } else { 0.35 };
        plate.paper(
            &g,
            &Lit::plain().shadow(0.0, 4.0 * s, 14.0 * s, 0.4).haze(hour.haze, (0.10 * hour.haze_k).min(0.5)).light(
                stage.w * 0.25 * s,
                stage.h * 0.2 * s,
                900.0 * s,
                hour.light,
                light,
                1.5,
            ),
        );
        fog(site, h * 0.56, h * 0.78, 1.0, "rock-fog", &mut plate);
        planes.push(plate.done("rocks", parallax::SET, 500, None));
    }
    // A lamp on open water hangs in a boat: low on the water, where there is no land.
    let afloat = site.place.props.iter().find(|q| is_lamp(q) && !is_great(q)).filter(|_| !near);
    let mut plate = Plate::new(stage);
    if let Some(prop) = afloat {
        let (bx, by, bk) = (w * 0.53, h * 0.715, 0.40 * k);
        let mut g = group(stage, bx - 100.0, by - 110.0, bx + 100.0, by + 40.0, site.number("boat"));
        let flame = {
            let mut pen = Pen::new(&mut g, stage, rig.style);
            props::boat(&mut pen.at(bx, by, bk, 1.0), &[], rig.style);
            stood::stand(&mut pen, prop, bx, by - 34.0 * k, 34.0 * k, rig)
        };
        plate.paper(&g, &rig.key.on(Lit::plain().ambient(rig.ambient), stage.ub));
        stood::burn(site, &mut plate, flame.as_slice());
    }
    let mut g = band(site, h * 0.60, stage.bottom(), "race");
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let mut seed = site.seed("race");
        let y = h * if near { 0.74 } else { 0.72 };
        let core = mix(hour.sea[3], hour.sea_core, 0.50);
        sky::waves(&mut pen, &mut seed, (stage.left(), stage.right()), y, stage.bottom(), 24.0, 210.0, hour.sea[3], core);
        // Foam where the stream runs between the rocks.
        for _ in 0..26 {
            let t = seed.unit() as f32;
            let yy = y + 20.0 + t * (h - y) * 0.8;
            let x = w * 0.5 + (seed.unit() + seed.unit() - 1.0) as f32 * w * (0.14 + 0.30 * t);
            let l = seed.range(24.0, 90.0) as f32 * (0.5 + t);
            pen.shape(&[c(x - l, yy), p(x - l * 0.2, yy - 3.5), c(x + l, yy + 3.0), p(x, yy + 3.0)], hour.sea_core, |q| {
                q.flat().alpha(0.38).clean().tex(0.3)
            });
        }
    }
    plate.paper(&g, &Lit::plain().shadow(0.0, -4.0 * s, 10.0 * s, 0.35));
    planes.push(plate.done("race", parallax::ACTORS, 600, drift(site, "drift-race", 0.6)));
    let mut plate = Plate::new(stage);
    let mut g = band(site, h * 0.78, stage.bottom(), "near-water");
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let mut seed = site.seed("sea-4");
        let core = mix(hour.sea[4], hour.sea_core, 0.34);
        sky::waves(
            &mut pen,
            &mut seed,
            (stage.left(), stage.right()),
            h * 0.93,
            stage.bottom(),
            34.0,
            300.0,
            mix(hour.sea[4], hour.near, 0.25),
            core,
        );
    }
    plate.paper(&g, &Lit::plain().shadow(0.0, -5.0 * s, 14.0 * s, 0.4));
    planes.push(plate.done("sea-near", parallax::NEAR, 880, drift(site, "drift-near", 1.0)));
    planes
}
