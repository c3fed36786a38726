//! The coast: headland with its tower, landing, gallery, open water. Drawn in the coordinates of the reference picture
//! (1280×720) and laid out on any canvas.

use contracts::picture::Framing;

use super::{
    Scene, Site, parallax,
    palette::{Disc, hex, mix},
    pen::{Pen, group, sheet},
    plate::Plate,
    rig::{Stage, is_lamp},
    sky::{self, Sea, band, drift, fog, grass, sea},
};
use crate::{
    light::{self, Lit},
    paint::PaintedPlane,
    paper::{Edge, Pt, Rgb, c, p},
    props,
};

/// Reference coordinates onto a stage: origin and scale. The set piece keeps to the right, the horizon stays the horizon.
#[derive(Clone, Copy)]
pub struct Layout {
    /// Where the reference's left edge comes to.
    pub x: f32,
    /// Where its upper edge comes to.
    pub y: f32,
    /// Scale.
    pub k: f32,
    /// Bottom of the stage in reference coordinates.
    pub bottom: f32,
    /// Horizon in view units.
    pub horizon: f32,
}

/// How the reference's wide picture lies on a stage.
pub fn layout(stage: &Stage) -> Layout {
    let k = (stage.w / 1100.0).min(1.0);
    let horizon = stage.h * if stage.tall() { 0.50 } else { 0.558 };
    let (x, y) = (stage.w - 1280.0 * k, horizon - 402.0 * k);
    Layout { x, y, k, bottom: (stage.bottom() - y) / k, horizon }
}

/// Paints a coast.
pub fn paint(site: &Site) -> Vec<PaintedPlane> {
    let near = site.framing == Framing::MediumTwo;
    match site.rig.scene {
        Scene::Landing => landing(site, near),
        Scene::Gallery => gallery(site, near),
        Scene::Water => water(site, near),
        _ if site.framing == Framing::Wide => headland(site),
        _ => clifftop(site, near),
    }
}

/// Whether the look names a tower; a headland whose look says nothing of buildings stays bare but for a cottage.
fn tower(site: &Site) -> bool {
    site.says(&["tower", "lighthouse", "light", "lamp", "beacon", "head"])
}

/// Whether the tower's lamp burns: as the great lamp's prop says, else by the hour.
fn burning(site: &Site) -> bool {
    site.place.props.iter().find(|q| is_lamp(q) && super::rig::is_great(q)).map_or(site.rig.hour.lamps, |q| q.lit)
}

fn base(site: &Site, span: Sea, planes: &mut Vec<PaintedPlane>) {
    let mut far = Plate::new(&site.stage);
    sky::sky(site, span.horizon, &mut far);
    fog(site, span.horizon - 100.0, span.horizon + 120.0, 1.3, "horizon-fog", &mut far);
    // The far plate is opaque to its lower edge: what slides before it never opens a gap.
    planes.push(far.done("sky", parallax::SKY, 0, None));
    let mut first = Plate::new(&site.stage);
    sea(site, span, 0, 2, &mut first);
    planes.push(first.done("sea-far", parallax::FAR, 200, drift(site, "drift-far", 0.1)));
    let mut second = Plate::new(&site.stage);
    sea(site, span, 2, 4, &mut second);
    planes.push(second.done("sea", parallax::MID, 400, drift(site, "drift-mid", 0.5)));
}

/// A lighthouse on reference coordinates: foot at (948, 372), lamp at (948, 178).
fn lighthouse(pen: &mut Pen, site: &Site, lit: bool) {
    let hour = &site.rig.hour;
    let tone = |t: &str| site.rig.style.tone(hex(t));
    let shade = |c: Rgb| mix(c, hour.land[1], 0.55);
    let wall = if hour.lamps { mix(hour.wall, hex("#e9e2d2"), 0.55) } else { hour.wall };
    let band = if hour.lamps { tone("#b4554a") } else { mix(tone("#b4554a"), hour.haze, 0.18) };
    let iron = hour.dark;
    let body = pen.poly(&[(912.0, 372.0), (924.0, 218.0), (972.0, 218.0), (984.0, 372.0)], wall, |q| {
        q.clean().grad((905.0, 0.0), (990.0, 0.0), wall, shade(wall)).sh(4.0, 4.0, 8.0, 0.4)
    });
    for (a, b) in [(250.0, 288.0), (324.0, 358.0)] {
        pen.rect(900.0, a, 1000.0, b, band, |q| q.clean().flat().clip(&body).grad((905.0, 0.0), (990.0, 0.0), band, shade(band)));
    }
    pen.poly(&[(912.0, 222.0), (984.0, 222.0), (988.0, 210.0), (908.0, 210.0)], mix(iron, hour.land[0], 0.3), |q| q.sh(2.0, 3.0, 4.0, 0.4));
    for i in 0..9 {
        let x = 912.0 + 9.0 * i as f32;
        pen.line(&[(x, 210.0), (x, 198.0)], iron, 1.4, 1.0, false);
    }
    pen.line(&[(908.0, 198.0), (988.0, 198.0)], iron, 2.0, 1.0, false);
    let glass = if lit { hex("#ffe9b0") } else { mix(hour.sky[2], iron, 0.25) };
    pen.poly(&[(928.0, 210.0), (968.0, 210.0), (966.0, 158.0), (930.0, 158.0)], glass, |q| q.clean().flat().tex(0.0));
    for x in [930.0, 941.0, 955.0, 967.0] {
        pen.line(&[(x, 158.0), (x, 210.0)], mix(iron, hour.land[0], 0.3), 2.0, 1.0, false);
    }
    pen.curve(&[(920.0, 160.0), (976.0, 160.0), (962.0, 142.0), (948.0, 128.0), (934.0, 142.0)], iron, |q| q.sh(2.0, 3.0, 4.0, 0.4));
    pen.line(&[(948.0, 130.0), (948.0, 112.0)], iron, 2.4, 1.0, false);
    let window = if hour.lamps { hex("#ffca70") } else { mix(iron, hour.wall, 0.2) };
    pen.rect(941.0, 300.0, 955.0, 322.0, window, |q| q.clean().flat().tex(0.0));
}

fn cottage(pen: &mut Pen, site: &Site) {
    let hour = &site.rig.hour;
    let wall = mix(hour.land[0], hour.wall, 0.28);
    let window = if hour.lamps { hex("#ffca70") } else { hour.dark };
    pen.poly(&[(1000.0, 372.0), (1000.0, 322.0), (1032.0, 296.0), (1064.0, 322.0), (1064.0, 372.0)], wall, |q| q.sh(3.0, 3.0, 6.0, 0.4));
    pen.poly(&[(992.0, 326.0), (1032.0, 290.0), (1072.0, 326.0), (1066.0, 330.0), (1032.0, 302.0), (998.0, 330.0)], hour.dark, |q| q);
    pen.rect(1024.0, 336.0, 1040.0, 354.0, window, |q| q.clean().flat().tex(0.0));
}

fn beams(site: &Site, plate: &mut Plate, x: f32, y: f32, k: f32) {
    let stage = &site.stage;
    let r = k * stage.u;
    let (px, py) = stage.xf().pt(x, y);
    let area = stage.rect();
    let pi = core::f32::consts::PI;
    let strength = if site.rig.hour.haze_k > 1.3 { 1.2 } else { 1.0 };
    for (part, angle, half, length, color, k) in [
        ("beam-wide", pi - 0.17, 0.21, 1600.0, "#ffe0a0", 1.15),
        ("beam-core", pi - 0.17, 0.09, 1500.0, "#ffeec0", 1.0),
        ("beam-back", 0.13, 0.17, 620.0, "#ffe3a0", 0.8),
    ] {
        plate.screen(&light::beam(px, py, angle, half, length * r, hex(color), k * strength, area, site.number(part)));
    }
}

fn glow(site: &Site, plate: &mut Plate, x: f32, y: f32, r: f32, color: &str, k: f32) {
    let stage = &site.stage;
    let (px, py) = stage.xf().pt(x, y);
    plate.screen(&light::glow(px, py, r * stage.u * site.rig.style.glow(), hex(color), k, stage.rect(), site.number("glow") ^ (r as u64)));
}

/// Points in reference coordinates with the bottom stretched to the stage's.
fn ground(points: &[(f32, f32)], bottom: f32) -> Vec<Pt> {
    points.iter().map(|&(x, y)| p(x, if y >= 759.0 { bottom + 40.0 } else { y })).collect()
}

/// The reference's wide picture: `coast_night_wide`.
fn headland(site: &Site) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let at = layout(stage);
    let mut planes = Vec::new();
    let span = Sea { horizon: at.horizon, span: (stage.h - at.horizon) * 0.71, scale: 1.0 };
    base(site, span, &mut planes);
    let to = |x: f32, y: f32| (at.x + x * at.k, at.y + y * at.k);
    let lit = tower(site) && burning(site);
    let haze = |lit: Lit, t: f32| lit.haze(hour.haze, (t * hour.haze_k).min(0.6));
    let px = |x: f32, y: f32| {
        let (x, y) = to(x, y);
        stage.xf().pt(x, y)
    };
    let s = at.k * stage.u;
    let mut set = Plate::new(stage);
    if lit {
        let (lx, ly) = to(948.0, 178.0);
        beams(site, &mut set, lx, ly, at.k);
    }
    let mut g = sheet(stage, site.number("headland"));
    let land = ground(
        &[
            (620.0, 470.0), (690.0, 424.0), (760.0, 412.0), (840.0, 380.0), (930.0, 350.0), (1010.0, 352.0), (1100.0, 376.0),
            (1420.0, 392.0), (1420.0, 760.0), (680.0, 760.0), (640.0, 560.0), (655.0, 510.0),
        ],
        at.bottom,
    );
    Pen::new(&mut g, stage, rig.style)
        .at(at.x, at.y, at.k, 1.0)
        .shape(&land, hour.land[0], |q| q.edge(Edge::Torn).core(hour.land_core[0]).sh(-3.0, -2.0, 9.0, 0.4));
    let (lx, ly) = px(948.0, 298.0);
    let warm = if lit { 0.5 } else { 0.0 };
    set.paper(&g, &haze(Lit::plain().shadow(-6.0 * s, 2.0 * s, 16.0 * s, 0.4), 0.14).light(lx, ly, 360.0 * s, Rgb(1.0, 0.8, 0.5), warm, 1.7));
    let mut g = group(stage, to(880.0, 0.0).0, to(0.0, 90.0).1, to(1100.0, 0.0).0, to(0.0, 400.0).1, site.number("lighthouse"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let mut pen = pen.at(at.x, at.y, at.k, 1.0);
        if tower(site) {
            lighthouse(&mut pen, site, lit);
        }
        cottage(&mut pen, site);
    }
    let (lx, ly) = px(948.0, 178.0);
    let amb = if hour.lamps { Rgb(0.62, 0.68, 0.88) } else { mix(hour.ambient, Rgb::WHITE, 0.5) };
    let rim = mix(hour.light, Rgb::WHITE, 0.3);
    set.paper(
        &g,
        &Lit::plain()
            .shadow(6.0 * s, 4.0 * s, 10.0 * s, 0.4)
            .ambient(amb)
            .light(lx, ly, 170.0 * s, Rgb(1.0, 0.8, 0.5), if lit { 0.6 } else { 0.0 }, 1.7)
            .rim(3.0 * s, 0.0, 1.2 * s, rim, 0.45, None),
    );
    if lit {
        let (x, y) = to(948.0, 182.0);
        glow(site, &mut set, x, y, 330.0 * at.k, "#ffd587", 1.0);
    }
    if hour.lamps {
        for (x, y, r) in [(948.0, 311.0, 50.0), (1032.0, 345.0, 60.0)] {
            let (x, y) = to(x, y);
            if x > 0.0 && (tower(site) || r > 55.0) {
                glow(site, &mut set, x, y, r * at.k, "#ffb85a", 0.7);
            }
        }
    }
    fog(site, to(0.0, 380.0).1, to(0.0, 520.0).1, 1.0, "land-fog", &mut set);
    planes.push(set.done("headland", parallax::SET, 550, None));
    planes.push(foreland(site, at, span));
    planes.push(near_grass(site, at));
    planes
}

/// The ground people walk on, with the nearest water: one depth, so that nobody slides.
fn foreland(site: &Site, at: Layout, span: Sea) -> PaintedPlane {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let s = at.k * stage.u;
    let mut plate = Plate::new(stage);
    sea(site, span, 4, 5, &mut plate);
    let mut g = sheet(stage, site.number("foreland"));
    let land = ground(
        &[
            (770.0, 610.0), (800.0, 540.0), (860.0, 500.0), (960.0, 470.0), (1040.0, 440.0), (1120.0, 424.0), (1210.0, 430.0),
            (1420.0, 420.0), (1420.0, 760.0), (790.0, 760.0),
        ],
        at.bottom,
    );
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        pen.at(at.x, at.y, at.k, 1.0).shape(&land, hour.land[1], |q| q.edge(Edge::Torn).core(hour.land_core[1]).sh(-3.0, -2.0, 9.0, 0.4));
    }
    let light = |lit: Lit, k: f32| {
        let (x, y) = stage.xf().pt(at.x + 985.0 * at.k, at.y + 560.0 * at.k);
        lit.light(x, y, 220.0 * s, Rgb(1.0, 0.86, 0.62), k, 1.7)
    };
    let warm = if hour.lamps { 0.55 } else { 0.12 };
    plate.paper(&g, &light(Lit::plain().shadow(-6.0 * s, 2.0 * s, 16.0 * s, 0.4).haze(hour.haze, 0.05 * hour.haze_k), warm * 0.4));
    let mut g = sheet(stage, site.number("path"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let mut pen = pen.at(at.x, at.y, at.k, 1.0);
        let path = [
            (1010.0, 376.0), (1040.0, 400.0), (1100.0, 420.0), (1120.0, 450.0), (1060.0, 480.0), (960.0, 505.0), (900.0, 545.0),
            (910.0, 600.0), (1010.0, 640.0), (1120.0, 664.0), (1180.0, 760.0), (1060.0, 760.0), (1010.0, 690.0), (880.0, 640.0),
            (850.0, 580.0), (860.0, 530.0), (930.0, 486.0), (1030.0, 462.0), (1070.0, 440.0), (1050.0, 418.0), (1015.0, 398.0),
        ];
        pen.shape(&ground(&path, at.bottom.max(760.0)), hour.path, |q| q.edge(Edge::Soft).flat().alpha(0.75));
        // Rock planes follow the fall line: straight facets of four tones between the land's dark and its lip.
        let (dark, lip) = (hour.land[2], hour.land_core[0]);
        let tones = [mix(hour.land[1], dark, 0.35), mix(hour.land[0], lip, 0.22), mix(hour.land[0], dark, 0.22), mix(hour.land[0], lip, 0.60), mix(hour.land[1], dark, 0.6)];
        let facets: [&[(f32, f32)]; 5] = [
            &[(656.0, 520.0), (690.0, 486.0), (702.0, 560.0), (690.0, 640.0), (706.0, 760.0), (640.0, 760.0), (650.0, 640.0)],
            &[(702.0, 500.0), (742.0, 470.0), (752.0, 540.0), (738.0, 600.0), (748.0, 680.0), (736.0, 760.0), (712.0, 760.0), (700.0, 640.0), (712.0, 570.0)],
            &[(742.0, 470.0), (786.0, 446.0), (800.0, 500.0), (774.0, 540.0), (768.0, 610.0), (752.0, 660.0), (744.0, 600.0), (754.0, 540.0)],
            &[(670.0, 452.0), (724.0, 424.0), (800.0, 404.0), (870.0, 384.0), (820.0, 420.0), (752.0, 446.0), (700.0, 470.0)],
            &[(790.0, 600.0), (812.0, 556.0), (826.0, 610.0), (818.0, 680.0), (826.0, 760.0), (790.0, 760.0), (796.0, 680.0)],
        ];
        for (points, color) in facets.iter().zip(tones) {
            let points: Vec<(f32, f32)> = points.iter().map(|&(x, y)| (x, if y >= 759.0 { at.bottom + 40.0 } else { y })).collect();
            pen.poly(&points, color, |q| q.flat().alpha(0.8));
        }
        let mut seed = site.seed("tufts");
        let tuft = mix(hour.land[1], hour.land[2], 0.75);
        for _ in 0..26 {
            let (x, y) = (seed.range(1060.0, 1290.0) as f32, seed.range(560.0, 680.0) as f32);
            for q in [-1.0f32, 0.0, 1.0] {
                let h = seed.range(8.0, 17.0) as f32;
                pen.shape(&[c(x + q * 3.0 - 1.4, y), p(x + q * 6.0, y - h), c(x + q * 3.0 + 1.4, y)], tuft, |q| q.flat().clean().k(0.3));
            }
        }
    }
    plate.paper(&g, &light(Lit::plain(), warm * 1.4));
    plate.done("foreland", parallax::ACTORS, 600, None)
}

fn near_grass(site: &Site, at: Layout) -> PaintedPlane {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let (w, h) = (stage.w, stage.h);
    let mut plate = Plate::new(stage);
    let mut g = band(site, h * 0.80, stage.bottom(), "near-land");
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let (bottom, near) = (stage.bottom() + 40.0, mix(hour.land[2], hour.near, 0.2));
        let left: Vec<Pt> = [(-0.14, 0.972), (0.0625, 0.92), (0.1875, 0.94), (0.3125, 0.98), (0.44, 1.03)].map(|(x, y)| p(x * w, y * h)).to_vec();
        let left = [left, vec![p(0.44 * w, bottom), p(-0.14 * w, bottom)]].concat();
        let right: Vec<Pt> = [(0.59, 1.055), (0.70, 0.98), (0.83, 0.958), (0.92, 0.977), (1.12, 0.91)].map(|(x, y)| p(x * w, y * h)).to_vec();
        let right = [right, vec![p(1.12 * w, bottom), p(0.59 * w, bottom)]].concat();
        for points in [left, right] {
            pen.shape(&points, near, |q| q.edge(Edge::Torn).core(hour.land_core[2]).k(1.2).sh(-3.0, -2.0, 9.0, 0.4));
        }
    }
    plate.paper(&g, &Lit::plain().shadow(0.0, -6.0 * stage.u, 16.0 * stage.u, 0.4));
    let mut g = band(site, h * 0.84, stage.bottom(), "near-grass");
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let mut seed = site.seed("grass");
        grass(&mut pen, &mut seed, -0.05 * w, 0.33 * w, h * 0.98, (22.0, 66.0), 34, hour.near);
        grass(&mut pen, &mut seed, 0.67 * w, 1.06 * w, h * 0.98, (22.0, 66.0), 36, hour.near);
    }
    plate.paper(&g, &Lit::plain().blur(1.6 * stage.u).shadow(2.0, 3.0, 6.0 * stage.u, 0.4));
    let _ = at;
    plate.done("grass", parallax::NEAR, 900, None)
}

/// A small headland with its light, far off, for the nearer framings.
fn far_light(site: &Site, plate: &mut Plate, x: f32, horizon: f32, k: f32) {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let lit = tower(site) && burning(site);
    let (ox, oy) = (x - 948.0 * k, horizon - 366.0 * k);
    if lit {
        beams(site, plate, x, oy + 178.0 * k, k * 1.6);
    }
    let mut g = group(stage, ox + 500.0 * k, oy + 80.0 * k, ox + 1500.0 * k, horizon + 60.0, site.number("far-light"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let mut pen = pen.at(ox, oy, k, 1.0);
        let land: Vec<Pt> = [(600.0, 470.0), (690.0, 430.0), (800.0, 396.0), (900.0, 360.0), (1010.0, 352.0), (1120.0, 380.0), (1260.0, 420.0), (1400.0, 480.0)]
            .map(|(x, y)| p(x, y))
            .to_vec();
        pen.shape(&land, hour.land[0], |q| q.edge(Edge::Torn).core(hour.land_core[0]).sh(-3.0, -2.0, 9.0, 0.4));
        if tower(site) {
            lighthouse(&mut pen, site, lit);
        }
        cottage(&mut pen, site);
    }
    let amb = if hour.lamps { Rgb(0.72, 0.78, 0.94) } else { Rgb(0.97, 0.97, 0.97) };
    plate.paper(&g, &Lit::plain().ambient(amb).haze(hour.haze, (0.28 * hour.haze_k).min(0.7)));
    if lit {
        glow(site, plate, x, oy + 182.0 * k, 420.0 * k, "#ffd587", 1.0);
    }
}

/// A clifftop before the sea: the headland's nearer framings.
fn clifftop(site: &Site, near: bool) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let (w, h) = (stage.w, stage.h);
    let horizon = h * if near { 0.50 } else { 0.46 };
    let mut planes = Vec::new();
    base(site, Sea { horizon, span: h * 0.36, scale: 1.2 }, &mut planes);
    let mut set = Plate::new(stage);
    far_light(site, &mut set, w * if near { 0.52 } else { 0.74 }, horizon, if near { 0.62 } else { 0.72 });
    fog(site, horizon - 30.0, horizon + 110.0, 1.0, "far-light-fog", &mut set);
    planes.push(set.done("headland", parallax::SET, 450, None));
    let top = h * if near { 0.86 } else { 0.76 };
    let mut plate = Plate::new(stage);
    let mut g = band(site, top - 90.0, stage.bottom(), "clifftop");
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let mut seed = site.seed("clifftop");
        let bottom = stage.bottom() + 40.0;
        let mut points: Vec<Pt> = (0..=8).map(|i| p(w * (-0.1 + 0.15 * i as f32), top + seed.range(-16.0, 16.0) as f32 - 14.0 * libm::cosf(i as f32))).collect();
        points.extend([p(w * 1.12, bottom), p(w * -0.12, bottom)]);
        pen.shape(&points, hour.land[1], |q| q.edge(Edge::Torn).core(hour.land_core[1]).sh(0.0, -3.0, 9.0, 0.4));
        pen.curve(
            &[(w * 0.44, top + 6.0), (w * 0.52, top + 4.0), (w * 0.60, top + 60.0), (w * 0.76, bottom), (w * 0.30, bottom), (w * 0.40, top + 70.0)],
            hour.path,
            |q| q.edge(Edge::Soft).flat().alpha(0.6),
        );
        let tuft = mix(hour.land[1], hour.land[2], 0.7);
        for i in 0..30 {
            let x = w * (-0.05 + 1.1 * (i as f32 + seed.unit() as f32) / 30.0);
            let y = top + seed.range(20.0, f64::from((bottom - top) * 0.7)) as f32;
            if (x / w - 0.53).abs() > 0.13 {
                grass(&mut pen, &mut seed, x - 6.0, x + 6.0, y, (14.0, 30.0), 3, tuft);
            }
        }
    }
    let s = stage.u;
    plate.paper(&g, &rig.key.on(Lit::plain().shadow(0.0, -5.0 * s, 14.0 * s, 0.4), stage.ub));
    planes.push(plate.done("ground", parallax::ACTORS, 560, None));
    planes.push(front_grass(site));
    planes
}

fn front_grass(site: &Site) -> PaintedPlane {
    let (rig, stage) = (site.rig, &site.stage);
    let (w, h) = (stage.w, stage.h);
    let mut plate = Plate::new(stage);
    let mut g = band(site, h * 0.84, stage.bottom(), "front-grass");
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let mut seed = site.seed("front-grass");
        grass(&mut pen, &mut seed, -0.06 * w, 0.22 * w, h * 1.02, (34.0, 92.0), 24, rig.hour.near);
        grass(&mut pen, &mut seed, 0.80 * w, 1.06 * w, h * 1.02, (34.0, 92.0), 22, rig.hour.near);
    }
    plate.paper(&g, &Lit::plain().blur(2.2 * stage.u).shadow(2.0, 3.0, 6.0 * stage.u, 0.4));
    plate.done("grass", parallax::NEAR, 900, None)
}

/// Courses of dressed stone within a rectangle.
#[allow(clippy::too_many_arguments, reason = "a wall is these numbers")]
pub fn masonry(pen: &mut Pen, site: &Site, x0: f32, y0: f32, x1: f32, y1: f32, course: f32, color: Rgb, clip: Option<&crate::paper::Outline>) {
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
fn landing(site: &Site, near: bool) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let (w, h) = (stage.w, stage.h);
    let s = stage.u;
    let horizon = h * 0.47;
    let mut planes = Vec::new();
    base(site, Sea { horizon, span: h * 0.40, scale: 1.15 }, &mut planes);
    // The tower's foot at the right, rising out of the frame.
    let mut set = Plate::new(stage);
    let (x0, foot) = (w * if near { 0.80 } else { 0.66 }, h * 0.80);
    let mut g = group(stage, x0 - 80.0, stage.top(), stage.right(), stage.bottom(), site.number("tower-foot"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let stone = mix(hour.land[0], hour.wall, if hour.lamps { 0.30 } else { 0.55 });
        let (top, right) = (stage.top() - 20.0, stage.right() + 20.0);
        let outline = [(x0 + 46.0, top), (right, top), (right, foot + 40.0), (x0 - 14.0, foot + 40.0), (x0 + 10.0, h * 0.4)];
        let body = pen.poly(&outline, mix(stone, hour.near, 0.4), |q| q.sh(-8.0, 4.0, 14.0, 0.45));
        masonry(&mut pen, site, x0 - 20.0, top, right, foot + 40.0, 46.0, stone, Some(&body));
        let shade = mix(hour.near, stone, 0.25);
        if !near {
            let dx = w * 0.83;
            pen.shape(&[c(dx - 52.0, foot + 10.0), c(dx - 52.0, foot - 150.0), p(dx - 30.0, foot - 196.0), p(dx, foot - 210.0), p(dx + 30.0, foot - 196.0), c(dx + 52.0, foot - 150.0), c(dx + 52.0, foot + 10.0)], mix(stone, hour.near, 0.62), |q| q.sh(0.0, 0.0, 6.0, 0.5));
            pen.shape(&[c(dx - 42.0, foot + 10.0), c(dx - 42.0, foot - 146.0), p(dx - 24.0, foot - 184.0), p(dx, foot - 196.0), p(dx + 24.0, foot - 184.0), c(dx + 42.0, foot - 146.0), c(dx + 42.0, foot + 10.0)], mix(rig.style.tone(hex("#6a4a34")), hour.near, 0.35), |q| q.flat());
            for i in -2i32..=2 {
                pen.line(&[(dx + 16.0 * i as f32, foot), (dx + 16.0 * i as f32, foot - 176.0)], shade, 2.0, 0.6, false);
            }
            pen.disc(dx + 26.0, foot - 80.0, 5.0, rig.style.tone(hex("#b9873a")), |q| q.clean());
        }
        let ry = h * 0.66;
        let rx = x0 + 44.0;
        for (r, color) in [(19.0, shade), (17.0, mix(hour.dark, hour.land_core[0], 0.35))] {
            let ring: Vec<(f32, f32)> = (0..=20).map(|i| core::f32::consts::TAU * i as f32 / 20.0).map(|a| (rx + r * libm::cosf(a), ry + 16.0 + r * libm::sinf(a))).collect();
            pen.line(&ring, color, 5.0, 1.0, true);
        }
        pen.disc(rx, ry, 8.0, hour.dark, |q| q.clean());
    }
    let amb = if hour.lamps { mix(hour.ambient, Rgb::WHITE, 0.35) } else { mix(hour.ambient, Rgb::WHITE, 0.6) };
    set.paper(&g, &rig.key.on(Lit::plain().ambient(amb).shadow(-8.0 * s, 6.0 * s, 16.0 * s, 0.45).haze(hour.haze, (0.06 * hour.haze_k).min(0.4)), stage.ub));
    planes.push(set.done("tower", parallax::SET, 500, None));
    // The boat rocks at the steps.
    let bw = if near { 300.0 } else { 330.0 } * (w / 1280.0).clamp(0.6, 1.0);
    let (bx, by) = if near { (w * 0.52, h * 0.70) } else { (w * 0.24, h * 0.755) };
    let mut plate = Plate::new(stage);
    let mut g = group(stage, bx - bw * 0.8, by - bw, bx + bw * 0.8, by + bw * 0.3, site.number("boat"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        props::boat(&mut pen.at(bx, by - bw * 0.05, bw / 300.0, 1.0), &[], rig.style);
    }
    plate.paper(&g, &rig.key.on(Lit::plain().ambient(amb).shadow(4.0 * s, 8.0 * s, 12.0 * s, 0.4), stage.ub));
    let mut seed = site.seed("boat");
    let bob = contracts::assets::Sway {
        dx: (2200.0 * s) as i32,
        dy: (3200.0 * s) as i32,
        period_ms: seed.between(3800, 4600) as u32,
        phase: seed.below(1000) as u32,
    };
    planes.push(plate.done("boat", parallax::SET, 520, Some(bob)));
    // Water before the boat, and the steps people stand on.
    let mut plate = Plate::new(stage);
    let mut g = band(site, h * 0.62, stage.bottom(), "steps");
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let mut waves = site.seed("sea-4");
        let y = h * if near { 0.76 } else { 0.80 };
        let core = mix(hour.sea[4], hour.sea_core, 0.40);
        sky::waves(&mut pen, &mut waves, (stage.left(), stage.right()), y, stage.bottom(), 22.0, 230.0, hour.sea[4], core);
        let stone = mix(hour.land[1], hour.wall, if hour.lamps { 0.30 } else { 0.55 });
        let tread = mix(stone, hour.land_core[0], 0.45);
        let right = stage.right() + 20.0;
        let n = 5;
        for i in 0..n {
            let t = i as f32 / (n - 1) as f32;
            let (x, y) = if near { (w * (0.62 - 0.22 * t), h * (0.86 + 0.045 * i as f32)) } else { (w * (0.60 - 0.26 * t), h * (0.765 + 0.048 * i as f32)) };
            let next = stage.bottom() + 20.0;
            let riser = mix(stone, hour.near, 0.12 + 0.10 * t);
            pen.poly(&[(x, y), (right, y - 4.0), (right, next), (x - 10.0, next)], riser, |q| q.sh(-4.0, -2.0, 8.0, 0.45));
            pen.poly(&[(x - 4.0, y - 9.0), (right, y - 13.0), (right, y + 8.0), (x - 6.0, y + 10.0)], mix(tread, hour.land[1], t * 0.25), |q| q.sh(0.0, 4.0, 5.0, 0.45).k(1.4));
            // Wet stone holds the light of the sky.
            let gx = x + 40.0 + seed.range(0.0, 220.0) as f32;
            pen.shape(&[c(gx, y - 2.0), p(gx + 60.0, y - 5.0), c(gx + 130.0, y - 2.0), p(gx + 60.0, y + 1.0)], hour.sky[2], |q| q.flat().alpha(0.45).clean().tex(0.2));
        }
        if !near {
            let px = w * 0.445;
            pen.poly(&[(px - 9.0, h * 0.835), (px - 7.0, h * 0.70), (px + 9.0, h * 0.70), (px + 11.0, h * 0.835)], hour.dark, |q| q.sh(4.0, 3.0, 6.0, 0.4));
            pen.ellipse(px + 1.0, h * 0.70, 10.0, 4.0, mix(hour.dark, hour.land_core[0], 0.4), |q| q.clean().flat());
            pen.line(&[(px, h * 0.715), (px - 60.0, h * 0.785), (bx + bw * 0.42, by - bw * 0.02)], mix(rig.style.tone(hex("#8a6f4a")), hour.dark, 0.45), 3.0, 1.0, true);
        }
    }
    plate.paper(&g, &rig.key.on(Lit::plain().ambient(amb).shadow(-4.0 * s, -4.0 * s, 14.0 * s, 0.4), stage.ub));
    planes.push(plate.done("steps", parallax::ACTORS, 600, None));
    planes
}

/// An iron rail before nothing but water.
fn gallery(site: &Site, near: bool) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let (w, h) = (stage.w, stage.h);
    let s = stage.u;
    let horizon = h * if near { 0.58 } else { 0.60 };
    let mut planes = Vec::new();
    base(site, Sea { horizon, span: h * 0.36, scale: 0.8 }, &mut planes);
    let lit = burning(site);
    let frost = if site.says(&["frost", "ice", "snow", "white"]) { mix(hour.land_core[0], hex("#eef4fa"), 0.6) } else { hour.land_core[0] };
    let mut plate = Plate::new(stage);
    let mut g = sheet(stage, site.number("rail"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let (rail, deck) = if near { (h * 0.66, h * 1.02) } else { (h * 0.55, h * 0.83) };
        let iron = mix(hour.dark, hour.land[1], 0.3);
        let (left, right) = (stage.left() - 20.0, stage.right() + 20.0);
        // Plates of the deck, and the kerb the posts stand on.
        pen.poly(&[(left, deck + 4.0), (right, deck + 4.0), (right, stage.bottom() + 30.0), (left, stage.bottom() + 30.0)], mix(iron, hour.near, 0.25), |q| q.sh(0.0, -4.0, 9.0, 0.45));
        for i in 0..16 {
            let x = left + (right - left) * i as f32 / 15.0;
            pen.line(&[(x, deck + 10.0), (w * 0.5 + (x - w * 0.5) * 1.7, stage.bottom() + 20.0)], hour.near, 2.2, 0.55, false);
        }
        for t in [0.22, 0.55] {
            let y = deck + (stage.bottom() - deck) * t;
            pen.line(&[(left, y), (right, y)], hour.near, 2.0, 0.45, false);
        }
        pen.rect(left, deck - 10.0, right, deck + 10.0, mix(iron, frost, 0.10), |q| q.sh(0.0, 4.0, 6.0, 0.5));
        let post = if near { 150.0 } else { 128.0 };
        let thick = if near { 1.5 } else { 1.0 };
        let sag = |x: f32| 16.0 * ((x - w * 0.5) / w) * ((x - w * 0.5) / w) * 4.0;
        let mut x = w * 0.5 - post * 8.5;
        while x < right {
            let y = rail - sag(x);
            pen.poly(&[(x - 5.0 * thick, deck), (x - 4.0 * thick, y), (x + 4.0 * thick, y), (x + 5.0 * thick, deck)], iron, |q| q.sh(3.0, 2.0, 5.0, 0.4));
            pen.line(&[(x - 3.0 * thick, y + 8.0), (x - 3.4 * thick, deck - 12.0)], frost, 1.4 * thick, 0.5, false);
            x += post;
        }
        for (k, width) in [(0.36, 4.0), (0.68, 4.0)] {
            let line: Vec<(f32, f32)> = (0..=10).map(|i| left + (right - left) * i as f32 / 10.0).map(|x| (x, rail - sag(x) + (deck - rail) * k)).collect();
            pen.line(&line, iron, width * thick, 1.0, true);
            let rime: Vec<(f32, f32)> = line.iter().map(|&(x, y)| (x, y - 1.6 * thick)).collect();
            pen.line(&rime, frost, 1.2 * thick, 0.55, true);
        }
        let top: Vec<(f32, f32)> = (0..=10).map(|i| left + (right - left) * i as f32 / 10.0).map(|x| (x, rail - sag(x))).collect();
        let bar: Vec<Pt> = top.iter().map(|&(x, y)| p(x, y - 8.0 * thick)).chain(top.iter().rev().map(|&(x, y)| p(x, y + 7.0 * thick))).collect();
        pen.shape(&bar, iron, |q| q.sh(2.0, 5.0, 6.0, 0.45).clean());
        let rime: Vec<Pt> = top.iter().map(|&(x, y)| p(x, y - 10.0 * thick)).chain(top.iter().rev().map(|&(x, y)| p(x, y - 4.0 * thick))).collect();
        pen.shape(&rime, frost, |q| q.edge(Edge::Torn).k(0.8).sh(0.0, 2.0, 2.0, 0.3));
    }
    let amb = if hour.lamps { mix(hour.ambient, Rgb::WHITE, 0.35) } else { mix(hour.ambient, Rgb::WHITE, 0.6) };
    let mut lit_rail = rig.key.on(Lit::plain().ambient(amb).shadow(0.0, 3.0 * s, 8.0 * s, 0.35), stage.ub);
    if lit {
        let (lx, ly) = stage.xf().pt(w * 0.04, h * 0.34);
        lit_rail = lit_rail.light(lx, ly, 760.0 * s, Rgb(1.0, 0.78, 0.46), 0.9, 1.5);
    }
    plate.paper(&g, &lit_rail);
    planes.push(plate.done("rail", parallax::ACTORS - 60, 560, None));
    // The lamp room's glass at the left edge: the side the light comes from.
    let mut plate = Plate::new(stage);
    let wide = w * if near { 0.10 } else { 0.15 };
    let mut g = group(stage, stage.left(), stage.top(), wide + 60.0, stage.bottom(), site.number("glass"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let (left, top, bottom) = (stage.left() - 20.0, stage.top() - 20.0, stage.bottom() + 20.0);
        let pane = if lit { hex("#ffd98c") } else { mix(hour.sky[1], hour.dark, 0.3) };
        let far = if lit { hex("#e8a24c") } else { mix(hour.sky[0], hour.dark, 0.4) };
        pen.poly(&[(left, top), (wide, top), (wide + 6.0, h * 0.72), (left, h * 0.72)], pane, |q| q.grad((0.0, h * 0.1), (0.0, h * 0.75), pane, far).tex(0.3).sh(6.0, 4.0, 14.0, 0.4));
        pen.poly(&[(left, h * 0.72), (wide + 6.0, h * 0.72), (wide + 18.0, bottom), (left, bottom)], mix(hour.dark, hour.near, 0.3), |q| q.sh(6.0, -3.0, 10.0, 0.45));
        let bar = mix(hour.dark, hour.near, 0.2);
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
        glow(site, &mut plate, w * 0.02, h * 0.36, 520.0, "#ffc46a", 0.75);
    }
    planes.push(plate.done("lamp-room", parallax::FRONT, 580, None));
    planes
}

/// A faceted rock out of the water on a base line, `s` its side of light.
fn rock(pen: &mut Pen, site: &Site, part: &str, x: f32, y: f32, wide: f32, high: f32, tone: usize) {
    let hour = &site.rig.hour;
    let mut seed = site.seed(part);
    let n = 7;
    let body = hour.land[tone];
    let mut ridge: Vec<(f32, f32)> = (0..=n)
        .map(|i| {
            let t = i as f32 / n as f32;
            let hill = libm::powf(libm::sinf(core::f32::consts::PI * (0.06 + 0.88 * t)), 0.7);
            let cut = if i % 2 == 1 { 0.80 } else { 1.0 } * seed.range(0.80, 1.08) as f32;
            (x + wide * (t - 0.5), y - high * hill * cut)
        })
        .collect();
    let crest = ridge.clone();
    ridge.extend([(x + wide * 0.56, y + 60.0), (x - wide * 0.56, y + 60.0)]);
    let outline = pen.poly(&ridge, body, |q| q.edge(Edge::Torn).core(hour.land_core[tone]).sh(-3.0, -2.0, 9.0, 0.4));
    let lip = hour.land_core[0];
    for (i, pair) in crest.windows(2).enumerate() {
        let (a, b) = (pair[0], pair[1]);
        let lean = seed.range(-0.10, 0.10) as f32 * wide;
        let foot = (a.0 * 0.5 + b.0 * 0.5 + lean, y + 30.0);
        let color = if i % 3 == 0 { mix(body, lip, 0.20) } else if i % 3 == 1 { mix(body, hour.near, 0.55) } else { mix(body, lip, 0.08) };
        pen.poly(&[(a.0, a.1 + 6.0), (b.0, b.1 + 6.0), (foot.0 + 26.0, foot.1), (foot.0 - 18.0, foot.1)], color, |q| q.flat().alpha(0.7).clip(&outline));
    }
}

/// Two black rocks with a gap of moving water between them.
fn water(site: &Site, near: bool) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let (w, h) = (stage.w, stage.h);
    let s = stage.u;
    let horizon = h * if near { 0.52 } else { 0.44 };
    let span = Sea { horizon, span: h * 0.40, scale: 1.25 };
    let mut planes = Vec::new();
    base(site, span, &mut planes);
    let k = (w / 1280.0).clamp(0.62, 1.0);
    let banks = rig.scene == Scene::Water && site.says(&["river", "bank", "banks", "stream"]);
    let rocks = site.says(&["rock", "rocks", "reef", "skerry", "channel", "stones"]) || banks || near;
    if rocks {
        let mut plate = Plate::new(stage);
        let mut g = sheet(stage, site.number("rocks"));
        {
            let mut pen = Pen::new(&mut g, stage, rig.style);
            let y = h * if near { 0.68 } else { 0.70 };
            rock(&mut pen, site, "rock-a", w * if near { 0.10 } else { 0.21 }, y, 420.0 * k, h * 0.40 * k, 1);
            rock(&mut pen, site, "rock-b", w * if near { 0.93 } else { 0.80 }, y + 20.0, 470.0 * k, h * 0.52 * k, 1);
        }
        let light = if hour.disc == Disc::None { 0.1 } else { 0.35 };
        plate.paper(&g, &Lit::plain().shadow(0.0, 4.0 * s, 14.0 * s, 0.4).haze(hour.haze, (0.10 * hour.haze_k).min(0.5)).light(stage.w * 0.25 * s, stage.h * 0.2 * s, 900.0 * s, hour.light, light, 1.5));
        fog(site, h * 0.56, h * 0.78, 1.0, "rock-fog", &mut plate);
        planes.push(plate.done("rocks", parallax::SET, 500, None));
    }
    let mut plate = Plate::new(stage);
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
            pen.shape(&[c(x - l, yy), p(x - l * 0.2, yy - 3.5), c(x + l, yy + 3.0), p(x, yy + 3.0)], hour.sea_core, |q| q.flat().alpha(0.38).clean().tex(0.3));
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
        sky::waves(&mut pen, &mut seed, (stage.left(), stage.right()), h * 0.93, stage.bottom(), 34.0, 300.0, mix(hour.sea[4], hour.near, 0.25), core);
    }
    plate.paper(&g, &Lit::plain().shadow(0.0, -5.0 * s, 14.0 * s, 0.4));
    planes.push(plate.done("sea-near", parallax::NEAR, 880, drift(site, "drift-near", 1.0)));
    planes
}
