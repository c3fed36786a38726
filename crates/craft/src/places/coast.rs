//! The coast: headland with its tower, landing, gallery, open water. Drawn in the coordinates of the reference picture
//! (1280×720) and laid out on any canvas.

use contracts::{assets::TrackProperty, picture::Framing};

use super::{
    Lay, Scene, Site,
    palette::{hex, mix},
    parallax,
    parts::{Tones, boulder, glitter, lit_from},
    pen::{Pen, group, sheet},
    plate::Plate,
    rig::{Stage, is_lamp},
    shore,
    sky::{self, Sea, band, drift, fog, grass, sea},
    stood::{Spots, burn, furnish},
};
use crate::{
    light::{self, Lit},
    motion::{self, Motion},
    paint::PaintedPlane,
    paper::{Edge, Pt, Rgb, c, p},
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
pub fn layout(stage: &Stage, lay: Lay) -> Layout {
    // The first composition is the reference's; the others show more of the sea, or more of the land.
    let k = (stage.w / 1100.0).min(1.0) * ([1.0, 0.84, 1.13][lay.kind] + if lay.kind == 0 { 0.0 } else { 0.09 * lay.spread });
    let horizon = stage.h
        * (if stage.tall() { 0.50 } else { 0.558 } + [0.0, 0.035, -0.03][lay.kind] + if lay.kind == 0 { 0.0 } else { 0.02 * lay.lift });
    let (x, y) = (stage.w - 1280.0 * k, horizon - 402.0 * k);
    Layout { x, y, k, bottom: (stage.bottom() - y) / k, horizon }
}

/// Paints a coast.
pub fn paint(site: &Site) -> Vec<PaintedPlane> {
    let near = site.framing == Framing::MediumTwo;
    match site.rig.scene {
        Scene::Landing => shore::landing(site, near),
        Scene::Gallery => shore::gallery(site, near),
        Scene::Water => shore::water(site, near),
        _ if site.framing == Framing::Wide => headland(site),
        _ => clifftop(site, near),
    }
}

/// Whether the look names a tower; a headland whose look says nothing of buildings stays bare but for a cottage.
fn tower(site: &Site) -> bool {
    site.says(&["tower", "lighthouse", "light", "lamp", "beacon", "head"])
}

/// Whether the tower's lamp burns: as the great lamp's prop says, else by the hour.
pub(super) fn burning(site: &Site) -> bool {
    site.place.props.iter().find(|q| is_lamp(q) && super::rig::is_great(q)).map_or(site.rig.hour.lamps, |q| q.lit)
}

/// Sky and sea: sheets 0 to `to` of the water. With `split` the far water has a plane of its own and slides; else it is
/// one with the sky. `between` paints what stands in the water behind its middle sheets.
pub(super) fn base(site: &Site, span: Sea, to: usize, split: bool, between: impl FnOnce(&mut Plate), planes: &mut Vec<PaintedPlane>) {
    let mut far = Plate::new(&site.stage);
    sky::sky(site, span.horizon, &mut far);
    fog(site, span.horizon - 100.0, span.horizon + 120.0, 1.3, "horizon-fog", &mut far);
    // The far plate is opaque to its lower edge: what slides before it never opens a gap.
    if split {
        planes.push(far.done("sky", parallax::SKY, 0, None));
        let mut first = Plate::new(&site.stage);
        sea(site, span, 0, 2, &mut first);
        between(&mut first);
        planes.push(first.done("sea-far", parallax::FAR, 200, drift(site, "drift-far", 0.1)));
    } else {
        sea(site, span, 0, 2, &mut far);
        between(&mut far);
        planes.push(far.done("sky", parallax::SKY, 0, None));
    }
    let mut second = Plate::new(&site.stage);
    sea(site, span, 2, to - 1, &mut second);
    planes.push(second.done("sea", parallax::MID, 400, drift(site, "drift-mid", 0.4)));
    let mut third = Plate::new(&site.stage);
    sea(site, span, to - 1, to, &mut third);
    let low = span.horizon + span.span;
    let mut g = band(site, span.horizon, low + 60.0, "glitter");
    glitter(&mut Pen::new(&mut g, &site.stage, site.rig.style), site, &mut site.seed("glitter"), span.horizon + 4.0, low, 54);
    third.paper(&g, &Lit::plain().grain(0.0));
    planes.push(third.done("sea-near", parallax::MID, 401, drift(site, "drift-near", 0.7)));
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
    let side = |a: f32| if site.rig.lay.flip { pi - a } else { a };
    // The lamp turns: its light goes over the water, and comes back on the other side.
    let mut seed = site.seed("beam-turn");
    let (period, phase) = (seed.between(8_600, 11_200) as u32, seed.range(0.02, 0.10));
    for (part, angle, half, length, color, k, mid, turn) in [
        ("beam-up", pi - 0.115, 0.20, 1600.0, "#ffe0a0", 1.15, 640.0, 0.20),
        ("beam-up", pi - 0.115, 0.09, 1500.0, "#ffeec0", 1.0, 640.0, 0.20),
        ("beam-down", pi - 0.225, 0.20, 1600.0, "#ffe0a0", 1.15, 640.0, 0.0),
        ("beam-down", pi - 0.225, 0.09, 1500.0, "#ffeec0", 1.0, 640.0, 0.0),
        ("beam-back", 0.13, 0.17, 620.0, "#ffe3a0", 0.8, 520.0, 0.55),
    ] {
        let beam = light::beam(px, py, side(angle), half, length * r, hex(color), k * strength * 0.8, area, site.number(part));
        let sweep = motion::wave(TrackProperty::Opacity, mid, 1000.0 - mid, period, phase + turn);
        plate.upon(part, beam, Motion::of([sweep]));
    }
}

pub(super) fn glow(site: &Site, plate: &mut Plate, x: f32, y: f32, r: f32, color: &str, k: f32) {
    let stage = &site.stage;
    let (px, py) = stage.xf().pt(x, y);
    let reach = r * stage.u * site.rig.style.glow();
    plate.fire(site, (px, py), reach, hex(color), k, site.number("glow") ^ (r as u64));
}

/// Points in reference coordinates with the bottom stretched to the stage's.
fn ground(points: &[(f32, f32)], bottom: f32) -> Vec<Pt> {
    points.iter().map(|&(x, y)| p(x, if y >= 759.0 { bottom + 40.0 } else { y })).collect()
}

/// The reference's wide picture: `coast_night_wide`.
fn headland(site: &Site) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let at = layout(stage, rig.lay);
    let mut planes = Vec::new();
    let span = Sea { horizon: at.horizon, span: (stage.h - at.horizon) * 0.71, scale: 1.0 };
    base(site, span, 5, true, |_| {}, &mut planes);
    let to = |x: f32, y: f32| (at.x + x * at.k, at.y + y * at.k);
    let lit = tower(site) && burning(site);
    let haze = |lit: Lit, t: f32| lit.haze(hour.haze, (t * hour.haze_k).min(0.6));
    let px = |x: f32, y: f32| {
        let (x, y) = to(x, y);
        stage.xf().pt(site.side_x(x), y)
    };
    let s = at.k * stage.u;
    let mut set = Plate::new(stage);
    if lit {
        let (lx, ly) = to(948.0, 178.0);
        beams(site, &mut set, site.side_x(lx), ly, at.k);
    }
    let mut g = sheet(stage, site.number("headland"));
    let land = ground(
        &[
            (620.0, 470.0),
            (690.0, 424.0),
            (760.0, 412.0),
            (840.0, 380.0),
            (930.0, 350.0),
            (1010.0, 352.0),
            (1100.0, 376.0),
            (1420.0, 392.0),
            (1420.0, 760.0),
            (680.0, 760.0),
            (640.0, 560.0),
            (655.0, 510.0),
        ],
        at.bottom,
    );
    {
        let mut pen = site.hand(&mut g);
        let mut pen = pen.at(at.x, at.y, at.k, 1.0);
        pen.shape(&land, hour.land[0], |q| q.edge(Edge::Torn).core(hour.land_core[0]).sh(-3.0, -2.0, 9.0, 0.4));
        // Rock planes follow the fall line: straight facets of four tones between the land's dark and its lip.
        let (dark, lip) = (hour.land[2], hour.land_core[0]);
        let tones =
            [mix(hour.land[1], dark, 0.35), mix(hour.land[0], lip, 0.22), mix(hour.land[0], dark, 0.22), mix(hour.land[0], lip, 0.60)];
        let facets: [&[(f32, f32)]; 4] = [
            &[(656.0, 520.0), (690.0, 486.0), (702.0, 560.0), (690.0, 640.0), (706.0, 760.0), (640.0, 760.0), (650.0, 640.0)],
            &[
                (702.0, 500.0),
                (742.0, 470.0),
                (752.0, 540.0),
                (738.0, 600.0),
                (748.0, 680.0),
                (736.0, 760.0),
                (712.0, 760.0),
                (700.0, 640.0),
                (712.0, 570.0),
            ],
            &[
                (742.0, 470.0),
                (786.0, 446.0),
                (800.0, 500.0),
                (774.0, 540.0),
                (768.0, 610.0),
                (752.0, 660.0),
                (744.0, 600.0),
                (754.0, 540.0),
            ],
            &[(670.0, 452.0), (724.0, 424.0), (800.0, 404.0), (870.0, 384.0), (820.0, 420.0), (752.0, 446.0), (700.0, 470.0)],
        ];
        for (points, color) in facets.iter().zip(tones) {
            let points: Vec<(f32, f32)> = points.iter().map(|&(x, y)| (x, if y >= 759.0 { at.bottom + 40.0 } else { y })).collect();
            pen.poly(&points, color, |q| q.flat().alpha(0.8));
        }
    }
    let (lx, ly) = px(948.0, 298.0);
    let warm = if lit { 0.5 } else { 0.0 };
    set.paper(
        &g,
        &haze(Lit::plain().shadow(-6.0 * s, 2.0 * s, 16.0 * s, 0.4), 0.14).light(lx, ly, 360.0 * s, Rgb(1.0, 0.8, 0.5), warm, 1.7),
    );
    let mut g = sheet(stage, site.number("lighthouse"));
    {
        let mut pen = site.hand(&mut g);
        let mut pen = pen.at(at.x, at.y, at.k, 1.0);
        if tower(site) {
            lighthouse(&mut pen, site, lit);
        }
        match rig.lay.kind {
            0 => cottage(&mut pen, site),
            // Across from the tower, or two of them.
            1 => cottage(&mut pen.at(1896.0, 6.0, 1.0, -1.0), site),
            _ => {
                cottage(&mut pen, site);
                cottage(&mut pen.at(430.0, 96.0, 0.74, 1.0), site);
            }
        }
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
        glow(site, &mut set, site.side_x(x), y, 330.0 * at.k, "#ffd587", 1.0);
    }
    if hour.lamps {
        for (x, y, r) in [(948.0, 311.0, 50.0), (1032.0, 345.0, 60.0)] {
            let (x, y) = to(x, y);
            if x > 0.0 && (tower(site) || r > 55.0) {
                glow(site, &mut set, site.side_x(x), y, r * at.k, "#ffb85a", 0.7);
            }
        }
    }
    fog(site, to(0.0, 380.0).1, to(0.0, 520.0).1, 1.0, "land-fog", &mut set);
    planes.push(set.done("headland", parallax::SET, 550, None));
    planes.push(foreland(site, at));
    planes.push(near_grass(site, at));
    planes
}

/// The ground people walk on: one depth, so that nobody slides.
fn foreland(site: &Site, at: Layout) -> PaintedPlane {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let s = at.k * stage.u;
    let mut plate = Plate::new(stage);
    let mut g = sheet(stage, site.number("foreland"));
    let land = ground(
        &[
            (770.0, 610.0),
            (800.0, 540.0),
            (860.0, 500.0),
            (960.0, 470.0),
            (1040.0, 440.0),
            (1120.0, 424.0),
            (1210.0, 430.0),
            (1420.0, 420.0),
            (1420.0, 760.0),
            (790.0, 760.0),
        ],
        at.bottom,
    );
    {
        let mut pen = site.hand(&mut g);
        pen.at(at.x, at.y, at.k, 1.0).shape(&land, hour.land[1], |q| q.edge(Edge::Torn).core(hour.land_core[1]).sh(-3.0, -2.0, 9.0, 0.4));
    }
    let light = |lit: Lit, k: f32| {
        let (x, y) = stage.xf().pt(site.side_x(at.x + 985.0 * at.k), at.y + 560.0 * at.k);
        lit.light(x, y, 220.0 * s, Rgb(1.0, 0.86, 0.62), k, 1.7)
    };
    let warm = if hour.lamps { 0.55 } else { 0.12 };
    plate.paper(&g, &light(Lit::plain().shadow(-6.0 * s, 2.0 * s, 16.0 * s, 0.4).haze(hour.haze, 0.05 * hour.haze_k), warm * 0.4));
    let mut g = sheet(stage, site.number("path"));
    {
        let mut pen = site.hand(&mut g);
        let mut pen = pen.at(at.x, at.y, at.k, 1.0);
        let path = [
            (1010.0, 376.0),
            (1040.0, 400.0),
            (1100.0, 420.0),
            (1120.0, 450.0),
            (1060.0, 480.0),
            (960.0, 505.0),
            (900.0, 545.0),
            (910.0, 600.0),
            (1010.0, 640.0),
            (1120.0, 664.0),
            (1180.0, 760.0),
            (1060.0, 760.0),
            (1010.0, 690.0),
            (880.0, 640.0),
            (850.0, 580.0),
            (860.0, 530.0),
            (930.0, 486.0),
            (1030.0, 462.0),
            (1070.0, 440.0),
            (1050.0, 418.0),
            (1015.0, 398.0),
        ];
        pen.shape(&ground(&path, at.bottom.max(760.0)), hour.path, |q| q.edge(Edge::Soft).flat().alpha(0.75));
        let foot = [(790.0, 600.0), (812.0, 556.0), (826.0, 610.0), (818.0, 680.0), (826.0, 760.0), (790.0, 760.0), (796.0, 680.0)];
        let foot: Vec<(f32, f32)> = foot.iter().map(|&(x, y)| (x, if y >= 759.0 { at.bottom + 40.0 } else { y })).collect();
        pen.poly(&foot, mix(hour.land[1], hour.land[2], 0.6), |q| q.flat().alpha(0.8));
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
    let floors =
        [(980.0, 628.0), (1110.0, 650.0), (872.0, 640.0), (1160.0, 660.0)].map(|(x, y)| (site.side_x(at.x + x * at.k), at.y + y * at.k));
    things(site, &mut plate, &floors, 22.0 * at.k);
    plate.done("foreland", parallax::ACTORS, 600, None)
}

fn near_grass(site: &Site, at: Layout) -> PaintedPlane {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let (w, h) = (stage.w, stage.h);
    let mut plate = Plate::new(stage);
    let mut g = band(site, h * 0.80, stage.bottom(), "near-land");
    {
        let mut pen = site.hand(&mut g);
        let (bottom, near) = (stage.bottom() + 40.0, mix(hour.land[2], hour.near, 0.2));
        let left: Vec<Pt> =
            [(-0.14, 0.972), (0.0625, 0.92), (0.1875, 0.94), (0.3125, 0.98), (0.44, 1.03)].map(|(x, y)| p(x * w, y * h)).to_vec();
        let left = [left, vec![p(0.44 * w, bottom), p(-0.14 * w, bottom)]].concat();
        let right: Vec<Pt> =
            [(0.59, 1.055), (0.70, 0.98), (0.83, 0.958), (0.92, 0.977), (1.12, 0.91)].map(|(x, y)| p(x * w, y * h)).to_vec();
        let right = [right, vec![p(1.12 * w, bottom), p(0.59 * w, bottom)]].concat();
        for points in [left, right] {
            pen.shape(&points, near, |q| q.edge(Edge::Torn).core(hour.land_core[2]).k(1.2).sh(-3.0, -2.0, 9.0, 0.4));
        }
    }
    plate.paper(&g, &Lit::plain().shadow(0.0, -6.0 * stage.u, 16.0 * stage.u, 0.4));
    let mut g = band(site, h * 0.84, stage.bottom(), "near-grass");
    {
        let mut pen = site.hand(&mut g);
        let mut seed = site.seed("grass");
        grass(&mut pen, &mut seed, -0.05 * w, 0.33 * w, h * 0.98, (22.0, 66.0), 34, hour.near);
        grass(&mut pen, &mut seed, 0.67 * w, 1.06 * w, h * 0.98, (22.0, 66.0), 36, hour.near);
    }
    plate.upon(
        "blades",
        light::finish(&g, &Lit::plain().blur(1.6 * stage.u).shadow(2.0, 3.0, 6.0 * stage.u, 0.4)),
        sky::wind(site, "blades"),
    );
    let _ = at;
    plate.done("grass", parallax::NEAR, 900, None)
}

/// A place's props on the ground before the viewer, with their glow.
fn things(site: &Site, plate: &mut Plate, floors: &[(f32, f32)], head: f32) {
    let stage = &site.stage;
    let mut g = sheet(stage, site.number("things"));
    let spots = Spots { wall: &[], board: &floors[2..], floor: floors, head };
    let flames = furnish(&mut Pen::new(&mut g, stage, site.rig.style), site, &spots, true);
    let s = stage.u;
    plate.paper(&g, &site.rig.key.on(Lit::plain().ambient(site.rig.ambient).shadow(2.0 * s, 3.0 * s, 6.0 * s, 0.4), stage.ub));
    burn(site, plate, &flames);
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
    let mut g = group(stage, ox + 500.0 * k, oy + 80.0 * k, ox + 1500.0 * k, horizon + 180.0, site.number("far-light"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let mut pen = pen.at(ox, oy, k, 1.0);
        let land: Vec<Pt> = [
            (600.0, 470.0),
            (690.0, 430.0),
            (800.0, 396.0),
            (900.0, 360.0),
            (1010.0, 352.0),
            (1120.0, 380.0),
            (1260.0, 420.0),
            (1400.0, 480.0),
            (1420.0, 640.0),
            (580.0, 640.0),
        ]
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
    let lay = rig.lay;
    let horizon = h * (if near { 0.50 } else { 0.46 } + 0.025 * lay.lift);
    let mut planes = Vec::new();
    let light = |plate: &mut Plate| {
        let k = [1.0, 0.74, 1.3][lay.kind];
        far_light(site, plate, w * if near { 0.50 } else { lay.x(0.74 + 0.04 * lay.spread) }, horizon, if near { 0.62 } else { 0.72 * k });
        fog(site, horizon - 30.0, horizon + 110.0, 1.0, "far-light-fog", plate);
    };
    base(site, Sea { horizon, span: h * 0.36, scale: 1.2 }, 4, !near, light, &mut planes);
    let top = h * if near { 0.86 } else { 0.76 };
    let mut plate = Plate::new(stage);
    let mut g = band(site, top - 90.0, stage.bottom(), "clifftop");
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let mut seed = site.seed("clifftop");
        let bottom = stage.bottom() + 40.0;
        let mut points: Vec<Pt> = (0..=8)
            .map(|i| {
                p(w * (-0.1 + 0.15 * i as f32), top + seed.range(-16.0, 16.0) as f32 - 14.0 * libm::cosf(i as f32 + 2.1 * lay.kind as f32))
            })
            .collect();
        points.extend([p(w * 1.12, bottom), p(w * -0.12, bottom)]);
        pen.shape(&points, hour.land[1], |q| q.edge(Edge::Torn).core(hour.land_core[1]).sh(0.0, -3.0, 9.0, 0.4));
        pen.curve(
            &[
                (w * lay.x(0.44), top + 6.0),
                (w * lay.x(0.52), top + 4.0),
                (w * lay.x(0.60), top + 60.0),
                (w * lay.x(0.76), bottom),
                (w * lay.x(0.30), bottom),
                (w * lay.x(0.40), top + 70.0),
            ],
            hour.path,
            |q| q.edge(Edge::Soft).flat().alpha(0.6),
        );
        let stone = Tones::rock(site, 1);
        for (t, wide) in [[(0.06f32, 150.0f32), (0.15, 70.0)], [(0.93, 120.0), (0.80, 60.0)], [(0.02, 90.0), (0.95, 170.0)]][lay.kind] {
            let x = w * lay.x(t);
            boulder(&mut pen, &mut seed, x, top + 44.0, wide, wide * 0.62, &stone, lit_from(site, x));
        }
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
    if !near {
        let floors = [(w * 0.50, h * 0.90), (w * 0.80, h * 0.91), (w * 0.22, h * 0.91), (w * 0.90, h * 0.90)];
        things(site, &mut plate, &floors, 72.0);
    }
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
    plate.upon(
        "blades",
        light::finish(&g, &Lit::plain().blur(2.2 * stage.u).shadow(2.0, 3.0, 6.0 * stage.u, 0.4)),
        sky::wind(site, "blades"),
    );
    plate.done("grass", parallax::NEAR, 900, None)
}
