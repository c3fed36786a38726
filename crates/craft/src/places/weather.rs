//! What moves in the air of a place: rain and snow, mist, blown sand, lightning, dust in the light (art direction §9). Each is
//! a plane of its own whose tracks say how it goes.

use contracts::{
    Seed,
    assets::TrackProperty::{Opacity, X, Y},
    canon::PlaceFamily,
    picture::Framing,
    story::Weather,
};

use super::{
    Scene, Site,
    palette::{hex, mix},
    parallax,
    pen::{Pen, group},
    plate::{Plate, painted, unlit},
    rig::Stage,
};
use crate::{
    light::{self, Plane},
    motion::{self, Motion},
    paint::PaintedPlane,
    paper::{Edge, Group, Rect, Rgb},
};

/// Puffs of a chimney that are seen at once.
const PUFFS: u32 = 3;
/// How far rain goes aside on its way down.
const SLANT: f32 = 0.22;

/// Something that falls everywhere: how fast (units a second), how far aside of its way down, its plane.
struct Falling {
    name: &'static str,
    speed: f32,
    slant: f32,
    parallax: u32,
    depth: u32,
}

/// A sheet that repeats: one period of it, and the same again above, as much to the right as it comes to the left on its way
/// down. `piece` draws one thing at (x, y), in units.
fn repeating(site: &Site, fall: &Falling, count: usize, piece: impl Fn(&mut Pen, &mut Seed, f32, f32)) -> PaintedPlane {
    let stage = &Stage { u: site.rig.stage.ub, origin: (0.0, 0.0), ..site.rig.stage };
    let area = stage.rect();
    // Whole pairs of pixels: colours lie on every second one.
    let period = (area.h + 1) / 2 * 2;
    let aside = (period as f32 * fall.slant / 2.0).round() as i32 * 2;
    let tile = Rect::new(area.x - aside, area.y, area.w + 2 * aside, period);
    let mut group = Group::of(tile, site.number(fall.name));
    {
        let mut pen = Pen::new(&mut group, stage, site.rig.style);
        let units = |pixels: i32| pixels as f32 / stage.u;
        let mut seeds = site.seed(fall.name);
        for _ in 0..count {
            let (x, y) = (units(tile.x) + seeds.unit() as f32 * units(tile.w), units(tile.y) + seeds.unit() as f32 * units(period));
            let seed = Seed::new(seeds.next_u64());
            // What hangs over an edge of the period comes in again at the other one.
            for k in [-1.0f32, 0.0, 1.0] {
                piece(&mut pen, &mut seed.clone(), x + k * units(aside), y - k * units(period));
            }
        }
    }
    let source = group.pixmap.data();
    let wide = (area.w + aside) as usize * 4;
    let mut rgba = Vec::with_capacity(wide * period as usize * 2);
    for copy in [aside, 0] {
        for row in source.chunks_exact(tile.w as usize * 4) {
            let from = (aside - copy) as usize * 4;
            rgba.extend_from_slice(&row[from..from + wide]);
        }
    }
    let plane = Plane { x: area.x, y: area.y - period, w: (area.w + aside) as u32, h: period as u32 * 2, rgba };
    let ms = (period as f32 / stage.u / fall.speed * 1000.0) as u32;
    PaintedPlane { tracks: motion::fall(period, aside, ms), ..painted(&plane, fall.name, fall.parallax, fall.depth, None) }
}

/// Rain or snow, far and near; nothing indoors, where it is seen through windows only.
pub fn falling(site: &Site) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.rig.stage);
    let hour = &rig.hour;
    if hour.rain <= 0.0 && hour.snow <= 0.0 {
        return Vec::new();
    }
    let close = matches!(site.framing, Framing::Close | Framing::Medium | Framing::OverShoulder | Framing::Insert);
    let indoors = rig.scene.indoors();
    if indoors && close {
        return Vec::new();
    }
    let area = stage.w * stage.h / (1280.0 * 720.0);
    let storm = site.place.weather == Weather::Storm;
    let near = if close { 1.6 } else { 1.0 };
    let pale = mix(hour.sky[2], hex("#ffffff"), 0.45);
    let pale = if rig.scene.dry() { mix(pale, hex("#ffffff"), 0.35) } else { pale };
    let mut planes = Vec::new();
    let behind = if close { 310 } else { 555 };
    let streak = |k: f32, faint: f32| {
        move |pen: &mut Pen, seed: &mut Seed, x: f32, y: f32| {
            let l = seed.range(22.0, 70.0) as f32 * k;
            let a = seed.range(0.15, 0.46) as f32 * faint;
            let w = seed.range(0.8, 1.6) as f32 * k;
            pen.line(&[(x, y), (x - l * SLANT, y + l)], pale, w, a, false);
        }
    };
    let flake = |k: f32, faint: f32| {
        move |pen: &mut Pen, seed: &mut Seed, x: f32, y: f32| {
            let r = seed.range(1.6, 4.8) as f32 * k;
            let a = seed.range(0.35, 0.85) as f32 * faint;
            pen.disc(x, y, r, hex("#f6f8fc"), |q| q.clean().flat().tex(0.0).alpha(a).blur(r * 0.25));
        }
    };
    let slant = if storm { SLANT * 1.8 } else { SLANT };
    if hour.rain > 0.0 {
        let count = (if storm { 130.0 } else { 95.0 } * area) as usize;
        let through = Falling { name: "rain-far", speed: 360.0, slant, parallax: parallax::MID, depth: if indoors { 40 } else { behind } };
        planes.push(repeating(site, &through, count, streak(0.62 * near, 0.75)));
        if !indoors {
            let before = Falling { name: "rain", speed: 520.0, slant, parallax: parallax::NEAR, depth: 985 };
            planes.push(repeating(site, &before, count, streak(near, 1.0)));
        }
        if storm && !(close && indoors) {
            planes.push(lightning(site, if close { 305 } else { 45 }));
        }
    } else {
        let count = (140.0 * area) as usize;
        let far = Falling { name: "snow-far", speed: 46.0, slant: 0.0, parallax: parallax::MID, depth: if indoors { 40 } else { behind } };
        let mut far = repeating(site, &far, count * 3 / 2, flake(0.55 * near, 0.85));
        far.tracks.push(aside(site, "snow-far", 9.0, (6_200, 7_900)));
        planes.push(far);
        if !indoors {
            let near_by = Falling { name: "snow", speed: 82.0, slant: 0.0, parallax: parallax::NEAR, depth: 985 };
            let mut snow = repeating(site, &near_by, count, flake(near, 1.0));
            snow.tracks.push(aside(site, "snow", 15.0, (4_300, 5_900)));
            planes.push(snow);
        }
    }
    planes
}

fn aside(site: &Site, part: &str, units: f32, ms: (i64, i64)) -> contracts::assets::Track {
    motion::swing(&mut site.seed(&format!("{part}-aside")), X, 0.0, f64::from(units * site.stage.ub) * 1000.0, ms)
}

/// The sky lit from behind for a moment.
fn lightning(site: &Site, depth: u32) -> PaintedPlane {
    let stage = &site.rig.stage;
    let area = stage.rect();
    let mut seed = site.seed("lightning");
    let (x, y) = (stage.w * seed.range(0.2, 0.8) as f32 * stage.ub, stage.h * 0.12 * stage.ub);
    let reach = stage.w.max(stage.h) * stage.ub;
    let sheet = light::mask(hex("#e8f0ff"), area, site.number("lightning"), |px, py| {
        let d = ((px - x) * (px - x) + (py - y) * (py - y)).sqrt() / reach;
        0.62 * (1.0 - d).clamp(0.18, 1.0)
    });
    PaintedPlane { tracks: vec![motion::flash(&mut seed)], ..painted(&sheet, "lightning", parallax::SKY, depth, None) }
}

/// Mist that drifts in fog, a lighter one over water and peaks at the cool hours; sand that the wind takes along over dry
/// land. Nothing indoors.
pub fn drifting(site: &Site) -> Vec<PaintedPlane> {
    let rig = site.rig;
    if rig.scene.indoors() {
        return Vec::new();
    }
    let hour = &rig.hour;
    let close = matches!(site.framing, Framing::Close | Framing::Medium | Framing::OverShoulder | Framing::Insert);
    let behind = if close { 320 } else { 545 };
    if site.place.weather == Weather::Fog {
        // Distance goes; what the people speak of, and they themselves, stay: it is before them only at the foot.
        let far = veil(site, "mist-far", (0.34, 0.76), 0.66, 6.0, mix(hour.fog, Rgb::WHITE, 0.16), 300.0);
        let (top, k) = match site.framing {
            _ if close => (0.82, 0.34),
            Framing::MediumTwo => (0.80, 0.38),
            _ => (0.66, 0.40),
        };
        let near = veil(site, "mist", (top, 1.08), k, 9.5, mix(hour.fog, Rgb::WHITE, 0.24), 340.0);
        return vec![placed(far, parallax::MID, behind), placed(near, parallax::FRONT, 860)];
    }
    if matches!(site.place.family, PlaceFamily::Desert) && rig.scene.dry() && hour.rain <= 0.0 && hour.snow <= 0.0 && !close {
        // Low over the ground, quicker than mist.
        let sand = mix(hour.haze, hour.land_core[0], 0.4);
        return vec![placed(veil(site, "sand", (0.60, 0.92), 0.50, 22.0, mix(sand, Rgb::WHITE, 0.15), 130.0), parallax::SET, 590)];
    }
    if rig.scene == Scene::Peaks && !close {
        return vec![placed(veil(site, "mist-far", (0.34, 0.66), 0.55, 5.0, hour.fog, 300.0), parallax::MID, 450)];
    }
    Vec::new()
}

fn placed(mut plane: PaintedPlane, parallax: u32, depth: u32) -> PaintedPlane {
    (plane.parallax, plane.depth) = (parallax, depth);
    plane
}

/// A band of fog between two parts of the height that goes aside at `speed` units a second.
fn veil(site: &Site, name: &str, (top, bottom): (f32, f32), k: f32, speed: f32, color: Rgb, cell: f32) -> PaintedPlane {
    let stage = &site.rig.stage;
    let u = stage.ub;
    // As wide as its way, so that its ends are never seen.
    let reach = (motion::drift_reach(speed) * u).ceil() as i32 + 2;
    let area = stage.rect();
    let wide = Rect::edges(area.x - reach, area.y, area.right() + reach, area.bottom());
    let y = |t: f32| stage.h * t * u;
    let plane = light::fog(color, y(top), y(bottom), k, cell * u, wide, site.number(name));
    let mut seed = site.seed(&format!("{name}-drift"));
    PaintedPlane { tracks: vec![motion::drift(&mut seed, speed, u)], ..painted(&plane.trimmed(), name, parallax::MID, 500, None) }
}

/// Dust in the light of a flame, or by day in what falls through a window: two handfuls that rise and wander.
pub fn dust(site: &Site) -> Vec<PaintedPlane> {
    let rig = site.rig;
    let lit_room = rig.scene.indoors() && !rig.hour.lamps && site.framing != Framing::Insert;
    if !(rig.flame || lit_room) {
        return Vec::new();
    }
    let stage = &Stage { u: rig.stage.ub, origin: (0.0, 0.0), ..rig.stage };
    let whole = matches!(site.framing, Framing::Wide | Framing::Full);
    let color = if rig.flame { hex("#ffe0b0") } else { mix(rig.hour.disc_colours[3], Rgb::WHITE, 0.3) };
    let reach = rig.key.r.min(if whole { 420.0 } else { 620.0 });
    let down = if rig.flame { 0.0 } else { reach * 0.35 };
    ["dust-far", "dust"]
        .into_iter()
        .enumerate()
        .map(|(n, name)| {
            let mut seed = site.seed(name);
            let mut group = super::pen::sheet(stage, site.number(name));
            {
                let mut pen = Pen::new(&mut group, stage, rig.style);
                for _ in 0..26 {
                    let x = rig.key.x + seed.range(-1.0, 1.0) as f32 * reach * 0.9;
                    let y = rig.key.y + down + seed.range(-0.85, 0.55) as f32 * reach * 0.8;
                    let r = seed.range(0.8, 2.4) as f32 * if whole { 0.75 } else { 1.0 };
                    let d = ((x - rig.key.x) * (x - rig.key.x) + (y - rig.key.y - down) * (y - rig.key.y - down)).sqrt() / reach;
                    let a = (0.46 * (1.0 - d)).max(0.05) * seed.range(0.35, 1.0) as f32;
                    pen.disc(x, y, r, color, |q| q.flat().tex(0.0).alpha(a).blur((r * 0.5).max(0.5)));
                }
            }
            let mut rise = motion::drift(&mut seed, 5.0 + 4.0 * n as f32, stage.ub);
            rise.property = Y;
            let tracks = vec![
                motion::swing(&mut seed, X, 0.0, f64::from(11.0 * stage.ub) * 1000.0, (5_300, 8_100)),
                rise,
                motion::swing(&mut seed, Opacity, 800.0, 200.0, (2_900, 4_700)),
            ];
            let (parallax, depth) = if n == 0 { (parallax::SET, 545) } else { (parallax::NEAR, 975) };
            PaintedPlane { tracks, ..painted(&unlit(&group), name, parallax, depth, None) }
        })
        .collect()
}

/// Smoke above a chimney or a fire at (x, y), view units, `k` the size of things there: puffs that come, rise aside and are
/// gone, each a third of its life behind the one before.
pub fn smoke(site: &Site, plate: &mut Plate, part: &str, (x, y): (f32, f32), k: f32) {
    let (rig, stage) = (site.rig, &site.stage);
    let mut seed = site.seed(part);
    let lean = if seed.below(2) == 0 { 1.0 } else { -1.0 };
    let windy = if matches!(site.place.weather, Weather::Storm | Weather::Rain) { 2.0 } else { 1.0 };
    let life = seed.between(4_700, 6_300) as u32;
    let grey = mix(mix(rig.hour.fog, rig.hour.haze, 0.5), rig.style.tone(hex("#d8d4d0")), 0.35);
    for n in 0..PUFFS {
        let mut g = group(stage, x - 60.0 * k, y - 60.0 * k, x + 60.0 * k, y + 30.0 * k, site.number(part));
        {
            let mut pen = Pen::new(&mut g, stage, rig.style);
            for _ in 0..4 {
                let r = seed.range(8.0, 15.0) as f32 * k;
                let (dx, dy) = (seed.range(-12.0, 12.0) as f32 * k, seed.range(-20.0, -4.0) as f32 * k);
                pen.disc(x + dx + lean * 4.0 * k, y + dy, r, grey, |q| q.edge(Edge::Soft).flat().tex(0.2).alpha(0.5).blur(r * 0.4));
            }
        }
        let turn = (f64::from(n) + seed.range(0.05, 0.3)) / f64::from(PUFFS);
        let px = |units: f32| units * k * stage.u;
        let tracks = motion::puff(px(seed.range(64.0, 86.0) as f32), px(lean * windy * seed.range(20.0, 34.0) as f32), life, turn, 900);
        plate.upon(&format!("{part}-{n}"), unlit(&g), Motion::of(tracks));
    }
}
