//! A light at sea: a lamp that burns on a coast at night in nobody's hand is out there, small, low on black water, with its
//! own reflection. It is the one colour of its picture.

use contracts::{
    Seed,
    assets::Sway,
    picture::{Canvas, Facing, Framing, InsertSpec},
};

use super::PaintedPlane;
use crate::{
    light::{self, Lit},
    paper::{Edge, Rgb, c, p},
    places::{
        self, Scene, Site,
        palette::{Disc, mix},
        parallax,
        pen::{Pen, group, sheet},
        plate::Plate,
        rig::{is_great, is_lamp, rig},
        sky::{self, Sea, drift, fog},
        weather,
    },
    props,
};

/// Where the light burns, in parts of width and height, and the water line of its boat.
const LIGHT: (f32, f32) = (0.56, 0.520);
const WATER: f32 = 0.585;

/// Paints it, far to near; nothing when the thing is not a lamp left alone on a coast by night.
pub fn afloat(spec: &InsertSpec, canvas: Canvas) -> Option<Vec<PaintedPlane>> {
    let mut rig = rig(&spec.place, Framing::Wide, Facing::Right, canvas);
    let at_sea = matches!(rig.scene, Scene::Headland | Scene::Landing | Scene::Gallery | Scene::Water);
    let alone = spec.hand.is_none() && spec.prop.lit && is_lamp(&spec.prop) && !is_great(&spec.prop);
    if !(at_sea && alone && rig.hour.lamps) {
        return None;
    }
    // Away from the moon: every value falls back before the light.
    let hour = &mut rig.hour;
    hour.disc = Disc::None;
    for i in 0..3 {
        hour.clouds[i] = mix(mix(hour.sky[1], hour.sky[0], 0.4), hour.clouds[i], 0.15);
    }
    hour.sky[2] = mix(hour.sky[2], hour.sky[1], 0.45);
    let ink = mix(hour.near, hour.sky[0], 0.4);
    for (i, t) in [0.50, 0.52, 0.55, 0.56, 0.58].into_iter().enumerate() {
        hour.sea[i] = mix(hour.sea[i], ink, t);
    }
    hour.sea_core = mix(hour.sea_core, hour.sea[0], 0.55);
    let site = places::site(&rig, &spec.place, Framing::Wide);
    let stage = &site.stage;
    let (w, h, s) = (stage.w, stage.h, stage.u);
    let color = props::light_of(&spec.prop);
    let (lx, ly) = (w * LIGHT.0, h * LIGHT.1);
    let (px, py) = stage.xf().pt(lx, ly);
    let shine = |lit: Lit, k: f32, r: f32| lit.light(px, py, r * s, color, k, 1.6);
    let area = stage.rect();
    let sea = Sea { horizon: h * 0.43, span: h * 0.50, scale: 0.95 };
    let mut planes = Vec::new();
    let mut far = Plate::new(stage);
    sky::sky(&site, sea.horizon, &mut far);
    fog(&site, sea.horizon - 90.0, sea.horizon + 70.0, 1.2, "horizon-fog", &mut far);
    sky::sea(&site, sea, 0, 1, &mut far);
    far.screen(&light::rad_squeezed(px, py, (520.0 * s, 300.0 * s), 2.2, color, 0.16, area, site.number("air")));
    planes.push(far.done("sky", parallax::SKY, 0, None));
    let mut plate = Plate::new(stage);
    rocks(&site, &mut plate, &|lit| shine(lit, 0.55, 620.0));
    planes.push(plate.done("rocks", parallax::FAR, 200, None));
    let mut plate = Plate::new(stage);
    sky::sea(&site, sea, 1, 2, &mut plate);
    plate.screen(&light::rad_squeezed(px, h * 0.56 * s, (420.0 * s, 46.0 * s), 1.8, color, 0.40, area, site.number("sheen-far")));
    planes.push(plate.done("sea-far", parallax::MID, 300, drift(&site, "drift-far", 0.15)));
    planes.push(boat(&site, spec, (lx, ly), color));
    let mut plate = Plate::new(stage);
    sky::sea(&site, sea, 2, 5, &mut plate);
    plate.screen(&light::rad_squeezed(px, h * 0.61 * s, (380.0 * s, 110.0 * s), 1.7, color, 0.34, area, site.number("sheen")));
    planes.push(plate.done("sea", parallax::SET, 420, drift(&site, "drift-mid", 0.35)));
    planes.push(reflection(&site, lx, color));
    let mut plate = Plate::new(stage);
    fog(&site, h * 0.40, h * 0.60, 0.75, "low-fog", &mut plate);
    fog(&site, h * 0.66, h * 0.92, 0.45, "near-fog", &mut plate);
    let slow = Sway { dx: (26_000.0 * s) as i32, dy: 0, period_ms: 7000, phase: site.seed("fog").below(1000) as u32 };
    planes.push(plate.done("fog", parallax::ACTORS, 520, Some(slow)));
    planes.push(places::top(&site, (rig.scene == Scene::Gallery).then(|| places::fore::rail(&site, 0.915, 4.5))));
    let mut planes: Vec<PaintedPlane> = planes.into_iter().flat_map(PaintedPlane::sheets).collect();
    planes.extend(weather::falling(&site));
    planes.sort_by_key(|q| q.depth);
    places::named_apart(&mut planes);
    Some(planes)
}

/// Black rocks on either side, faintly touched by the light.
fn rocks(site: &Site, plate: &mut Plate, shine: &dyn Fn(Lit) -> Lit) {
    let (rig, stage) = (site.rig, &site.stage);
    let (w, h) = (stage.w, stage.h);
    let mut seed = site.seed("skerry");
    let mut g = group(stage, stage.left(), h * 0.12, stage.right(), h * 0.62, site.number("skerry"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let black = mix(rig.hour.near, rig.hour.sea[1], 0.30);
        let foot = h * 0.56;
        // x of the foot's ends, x and height of the peak.
        for (i, (a, b, x, top)) in
            [(-0.12f32, 0.27f32, 0.085f32, 0.25f32), (0.13, 0.36, 0.235, 0.125), (0.79, 1.12, 0.955, 0.20), (0.73, 0.86, 0.80, 0.072)]
                .into_iter()
                .enumerate()
        {
            let peak = foot - h * top;
            // Up one flank and down the other, steep and shallow by turns, as rock breaks.
            let mut points = vec![(w * a, foot + 30.0)];
            for (from, side) in [(a, 1.0f32), (b, -1.0)] {
                let mut flank = Vec::new();
                let (mut along, mut up) = (0.0f32, 0.0f32);
                while along < 0.90 && up < 0.90 {
                    let left = 1.0 - along;
                    along += left * seed.range(0.12, 0.34) as f32;
                    up += (1.0 - up) * seed.range(0.02, 0.10) as f32;
                    flank.push((w * (from + (x - from) * along), foot + (peak - foot) * up));
                    along += left * seed.range(0.03, 0.12) as f32;
                    up += (1.0 - up) * seed.range(0.22, 0.46) as f32;
                    flank.push((w * (from + (x - from) * along), foot + (peak - foot) * up));
                }
                if side < 0.0 {
                    flank.reverse();
                    points.push((w * x, peak));
                }
                points.extend(flank);
            }
            points.push((w * b, foot + 30.0));
            let tone = mix(black, rig.hour.haze, if i % 2 == 0 { 0.04 } else { 0.09 });
            pen.poly(&points, tone, |q| q.edge(Edge::Cut).k(1.4).sh(0.0, -3.0, 9.0, 0.35));
        }
    }
    plate.paper(&g, &shine(Lit::plain().ambient(rig.ambient).haze(rig.hour.haze, 0.06)));
}

/// A small dark boat with the lamp standing in it.
fn boat(site: &Site, spec: &InsertSpec, (lx, ly): (f32, f32), color: Rgb) -> PaintedPlane {
    let (rig, stage) = (site.rig, &site.stage);
    let (h, s) = (stage.h, stage.u);
    let long = 215.0 * (stage.w / 1280.0).clamp(0.7, 1.0);
    let water = h * WATER;
    let mut plate = Plate::new(stage);
    let mut g = group(stage, lx - long, ly - 120.0, lx + long, water + 50.0, site.number("boat-afloat"));
    let flame = {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let (k, tall) = (long / 300.0, 58.0);
        let foot = water - 36.0 * k;
        let q = tall / 200.0;
        let flame = props::paint(&mut pen.at(lx, foot - tall * 0.46, q, 1.0), &spec.prop, rig.style);
        let dark = ["#0e131d".to_owned(), "#232a33".to_owned(), "#171c26".to_owned()];
        props::boat(&mut pen.at(lx + 4.0, water, k, 1.0), &dark, rig.style);
        flame.map_or((lx, ly), |f| (lx + f.x * q, foot - tall * 0.46 + f.y * q))
    };
    let (fx, fy) = stage.xf().pt(flame.0, flame.1);
    let lit = Lit::plain().ambient(mix(rig.ambient, Rgb::BLACK, 0.35)).light(fx, fy, 120.0 * s, color, 1.1, 1.6);
    // Most of the glow is in the air behind the boat, so that the hull stays a dark shape before it.
    let area = stage.rect();
    plate.screen(&light::glow(fx, fy, 300.0 * s, color, 0.85, area, site.number("sea-glow")));
    plate.paper(&g, &lit.shadow(0.0, 5.0 * s, 9.0 * s, 0.45));
    plate.fire(site, (fx, fy), 120.0 * s, color, 0.5, site.number("sea-near"));
    plate.screen(&light::glow(fx, fy, 46.0 * s, mix(color, Rgb::WHITE, 0.35), 0.9, area, site.number("sea-core")));
    let bob = Sway { dx: (1600.0 * s) as i32, dy: (3000.0 * s) as i32, period_ms: 4300, phase: site.seed("boat").below(1000) as u32 };
    plate.done(spec.prop.prop_id.as_str(), parallax::MID, 350, Some(bob))
}

/// The light on the water: a soft column, and slivers that widen and thin out towards the viewer.
fn reflection(site: &Site, lx: f32, color: Rgb) -> PaintedPlane {
    let (rig, stage) = (site.rig, &site.stage);
    let (h, s) = (stage.h, stage.u);
    let mut plate = Plate::new(stage);
    let area = stage.rect();
    let (px, _) = stage.xf().pt(lx, 0.0);
    plate.screen(&light::rad_squeezed(px, h * 0.66 * s, (74.0 * s, 230.0 * s), 1.9, color, 0.42, area, site.number("column")));
    let mut g = sheet(stage, site.number("slivers"));
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let mut seed = site.seed("slivers");
        let n = 34;
        for i in 0..n {
            let t = (i as f32 + seed.unit() as f32) / n as f32;
            let y = h * (WATER + 0.012) + (h * 0.93 - h * WATER) * t * (0.35 + 0.65 * t);
            let x = lx + (seed.unit() + seed.unit() - 1.0) as f32 * (10.0 + 64.0 * t);
            let half = (9.0 + 40.0 * t) * seed.range(0.5, 1.2) as f32;
            let tall = 1.3 + 2.2 * t;
            let a = 0.85 * (1.0 - t) * (1.0 - t) + 0.10;
            let tint = mix(color, Rgb::WHITE, 0.45 * (1.0 - t));
            pen.shape(&[c(x - half, y), p(x, y - tall), c(x + half, y), p(x, y + tall)], tint, |q| q.flat().alpha(a).clean().tex(0.2));
        }
    }
    plate.paper(&g, &Lit::plain().grain(0.0));
    // It trembles more than it travels.
    let tremble = Sway {
        dx: (3200.0 * s) as i32,
        dy: (1400.0 * s) as i32,
        period_ms: Seed::of(&["reflection"]).between(3500, 3900) as u32,
        phase: 300,
    };
    plate.done("reflection", parallax::MID, 430, Some(tremble))
}
