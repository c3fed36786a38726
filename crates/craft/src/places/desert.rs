//! Dry land: dunes after the reference picture `salt_road_dawn`, salt flats, bare mountains. The sun stands large and low at
//! the ends of the day; sheets of ground overlap towards the viewer, people stand on the third, two near ones come before
//! them.

use contracts::{Seed, picture::Framing, story::TimeOfDay};

use super::{
    Scene, Site,
    palette::{Disc, hex, mix},
    parallax,
    parts::{Tones, crag, lit_from, ridge, within},
    peaks::{self, range, rocks, snow},
    pen::Pen,
    plate::{Plate, unlit},
    rig::{Rig, Stage},
    sky::{self, band, fog, grass},
    stood,
};
use crate::{
    light::Lit,
    paint::PaintedPlane,
    paper::{Edge, Outline, Pt, Rgb, c, p},
};

/// Where dry land lies in a frame, view units.
#[derive(Clone, Copy, Debug)]
pub struct Lie {
    /// The furthest edge of the land.
    pub horizon: f32,
    /// The edge of the sheet people stand on.
    pub ground: f32,
    /// The edge of the sheet before them.
    pub near: f32,
}

/// How the land lies on a stage: in a wide picture in a tall frame the sky takes the upper half, people the lower third.
/// Before whole people the near sheets come to their soles, before two busts to the frame's lower edge.
pub fn lie(stage: &Stage, framing: Framing) -> Lie {
    let (a, b, c) = match framing {
        Framing::Full if stage.tall() => (0.440, 0.640, 0.930),
        Framing::Full => (0.530, 0.690, 0.965),
        Framing::MediumTwo if stage.tall() => (0.470, 0.640, 0.905),
        Framing::MediumTwo => (0.540, 0.700, 0.930),
        _ => open_lie(stage),
    };
    Lie { horizon: stage.h * a, ground: stage.h * b, near: stage.h * c }
}

/// As [`lie`], with the horizon of a location.
pub fn lie_of(site: &Site) -> Lie {
    let at = lie(&site.stage, site.framing);
    Lie { horizon: at.horizon + (at.ground - at.horizon) * 0.30 * site.rig.lay.lift, ..at }
}

fn open_lie(stage: &Stage) -> (f32, f32, f32) {
    if stage.tall() {
        (0.488, 0.668, 0.765)
    } else if stage.narrow() {
        (0.530, 0.710, 0.815)
    } else {
        (0.560, 0.735, 0.855)
    }
}

/// Paints dunes, a salt flat or mountains.
pub fn paint(site: &Site) -> Vec<PaintedPlane> {
    match site.rig.scene {
        Scene::Salt => flat(site),
        Scene::Peaks => peaks::paint(site),
        _ => dunes(site),
    }
}

/// Five tones of sand, far to near.
pub fn sand(rig: &Rig, hour: TimeOfDay) -> [Rgb; 5] {
    let tones = match hour {
        TimeOfDay::Night => ["#5a6a90", "#46557c", "#364368", "#28334f", "#182036"],
        TimeOfDay::Day | TimeOfDay::Morning => ["#ecd2a0", "#e0ba84", "#cc9c68", "#b07e52", "#7e5740"],
        TimeOfDay::Dawn => ["#e0967e", "#d07c74", "#ad5f66", "#84475a", "#43253c"],
        TimeOfDay::Dusk => ["#b8707c", "#985a74", "#744668", "#533356", "#2a1c38"],
    };
    weathered(rig, tones.map(|t| rig.style.tone(hex(t))))
}

/// Five tones of salt crust, far to near.
fn salt(rig: &Rig, hour: TimeOfDay) -> [Rgb; 5] {
    let tones = match hour {
        TimeOfDay::Night => ["#8496bc", "#6d80aa", "#586b96", "#43557e", "#26324f"],
        TimeOfDay::Day | TimeOfDay::Morning => ["#f3ecdc", "#ece3d0", "#ded2bc", "#c9baa4", "#9c8d80"],
        TimeOfDay::Dawn => ["#f6c9a8", "#eab49e", "#d69a94", "#b07c88", "#6c4a66"],
        TimeOfDay::Dusk => ["#d39c9c", "#bb8496", "#9c6c8c", "#75527a", "#43325a"],
    };
    weathered(rig, tones.map(|t| rig.style.tone(hex(t))))
}

fn weathered(rig: &Rig, tones: [Rgb; 5]) -> [Rgb; 5] {
    let t = if rig.hour.rain > 0.0 {
        0.24
    } else if rig.hour.haze_k > 1.3 {
        0.30
    } else {
        0.0
    };
    tones.map(|c| mix(c, mix(rig.hour.haze, rig.hour.sky[1], 0.4), t))
}

/// The light lip of a torn sheet of ground.
pub(super) fn lip(rig: &Rig) -> Rgb {
    mix(rig.hour.cloud_core, rig.hour.disc_colours[0], if rig.hour.disc == Disc::None { 0.1 } else { 0.4 })
}

/// A long soft crest from one end of the stage to the other, and the height of its highest point: two waves of seeded
/// length.
pub(super) fn crest(stage: &Stage, seed: &mut Seed, y: f32, amp: f32) -> (Vec<(f32, f32)>, (f32, f32)) {
    let (a, b) = (seed.unit() as f32, seed.unit() as f32);
    let (la, lb) = (seed.range(0.75, 1.05) as f32, seed.range(1.7, 2.4) as f32);
    let wave = |x: f32| {
        let turn = core::f32::consts::TAU;
        libm::sinf(turn * (x * la + a)) + 0.38 * libm::sinf(turn * (x * lb + b))
    };
    let n = 14;
    let wide = stage.right() - stage.left() + 80.0;
    let points: Vec<(f32, f32)> =
        (0..=n).map(|i| stage.left() - 40.0 + wide * i as f32 / n as f32).map(|x| (x, y + amp * wave(x / stage.w.max(900.0)))).collect();
    let inner = points.iter().filter(|q| q.0 > stage.w * 0.12 && q.0 < stage.w * 0.88);
    let top = inner.fold((stage.w * 0.5, f32::MAX), |best, q| if q.1 < best.1 { *q } else { best });
    (points, top)
}

/// A sheet of ground below a crest.
pub(super) fn ground(pen: &mut Pen, stage: &Stage, line: &[(f32, f32)], color: Rgb, core: Rgb) -> Outline {
    let mut points: Vec<Pt> = line.iter().map(|q| p(q.0, q.1)).collect();
    points.extend([p(stage.right() + 40.0, stage.bottom() + 40.0), p(stage.left() - 40.0, stage.bottom() + 40.0)]);
    pen.shape(&points, color, |q| q.edge(Edge::Torn).k(0.9).core(core).sh(0.0, -3.0, 10.0, 0.28))
}

/// Thin bright slivers near the horizon: air that trembles with heat.
fn haze_slivers(site: &Site, y: f32, plate: &mut Plate) {
    if site.rig.hour.rain > 0.0 || site.rig.hour.snow > 0.0 || site.place.time_of_day == TimeOfDay::Night {
        return;
    }
    let (rig, stage) = (site.rig, &site.stage);
    let mut seed = site.seed("heat");
    let mut g = band(site, y - 30.0, y + 190.0, "heat");
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let tint = mix(rig.hour.sky[2], Rgb::WHITE, 0.35);
        for _ in 0..26 {
            let (x, yy) = (seed.range(-0.05, 1.05) as f32 * stage.w, y + seed.range(-6.0, 150.0) as f32);
            let half = seed.range(15.0, 75.0) as f32;
            pen.shape(&[c(x - half, yy), p(x, yy - 1.2), c(x + half, yy), p(x, yy + 1.2)], tint, |q| q.flat().clean().alpha(0.35).tex(0.1));
        }
    }
    plate.upon("heat", unlit(&g), sky::tremble(site, "heat"));
}

/// How a sheet of ground is lit: by the disc above it.
pub(super) fn lit(site: &Site, y: f32, haze: f32) -> Lit {
    let (rig, stage) = (site.rig, &site.stage);
    let u = stage.u;
    let (lx, ly) = stage.xf().pt(sky::disc_spot(rig).0, y);
    let k = if rig.hour.disc == Disc::None { 0.08 } else { 0.42 };
    Lit::plain().shadow(0.0, -5.0 * u, 14.0 * u, 0.3).haze(rig.hour.haze, (haze * rig.hour.haze_k).min(0.8)).light(
        lx,
        ly,
        460.0 * u,
        rig.hour.light,
        k,
        1.7,
    )
}

fn dunes(site: &Site) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let (w, h) = (stage.w, stage.h);
    let u = stage.u;
    let at = lie_of(site);
    let tones = sand(rig, site.place.time_of_day);
    let core = lip(rig);
    let mut plates = vec![Plate::new(stage), Plate::new(stage), Plate::new(stage), Plate::new(stage)];
    sky::sky(site, at.horizon, &mut plates[0]);
    let tops = [at.horizon, at.horizon + (at.ground - at.horizon) * 0.36, at.ground, at.near, at.near + (h - at.near) * 0.58];
    for i in 0..5 {
        let to = [1, 1, 2, 3, 3][i];
        let mut seed = site.seed(&format!("dune-{i}"));
        let y = tops[i];
        let mut g = band(site, y - 100.0, stage.bottom(), &format!("dune-{i}"));
        {
            let mut pen = Pen::new(&mut g, stage, rig.style);
            let amp = [19.0, 26.0, 10.0, 28.0, 22.0][i]
                * if i == 2 { 1.0 } else { [1.0, 0.7, 1.6][rig.lay.kind] * (1.0 + 0.25 * rig.lay.spread) };
            let (line, top) = crest(stage, &mut seed, y, amp);
            let color = tones[i];
            let body = ground(&mut pen, stage, &line, color, mix(color, core, 0.72 - 0.1 * i as f32));
            if i == 3 || i == 1 {
                // The lee side in shade, under its crest.
                let (x, y) = top;
                let side = if x > w * 0.5 { -1.0 } else { 1.0 };
                let at = |dx: f32, dy: f32| (x + side * w * dx, y + h * dy);
                let lee: Vec<Pt> = [(0.0, 0.0), (-0.035, 0.055), (0.012, 0.12), (-0.02, 0.26), (0.36, 0.26), (0.30, 0.13), (0.16, 0.06)]
                    .iter()
                    .enumerate()
                    .map(|(n, &(dx, dy))| {
                        let (x, y) = at(dx, dy);
                        if n == 0 || n == 3 || n == 4 { c(x, y) } else { p(x, y) }
                    })
                    .collect();
                pen.shape(&lee, mix(color, tones[4], 0.42), |q| q.flat().alpha(if i == 3 { 0.55 } else { 0.3 }).clip(&body));
            }
            if i >= 3 {
                for j in 0..4 {
                    let yy = y + 34.0 + 36.0 * j as f32;
                    let ripple: Vec<(f32, f32)> = line.iter().map(|q| (q.0, yy + (q.1 - y) * (0.7 - 0.12 * j as f32))).collect();
                    pen.line(&ripple, core, 1.5, 0.16, true);
                }
            }
            if i == 4 && hour.rain <= 0.0 {
                grass(&mut pen, &mut seed, 0.02 * w, 0.22 * w, y + 40.0, (24.0, 70.0), 18, hour.near);
                grass(&mut pen, &mut seed, 0.80 * w, 0.99 * w, y + 40.0, (24.0, 70.0), 18, hour.near);
            }
        }
        plates[to].paper(&g, &lit(site, y, [0.42, 0.26, 0.06, 0.0, 0.0][i]).blur(if i == 4 { 1.2 * u } else { 0.0 }));
        if i < 2 {
            fog(site, y - 30.0, y + 130.0, 1.0, &format!("dune-fog-{i}"), &mut plates[to]);
        }
        if i == 0 && rig.lay.kind == 1 {
            mesas(site, at, &mut plates[to]);
        }
        if i == 1 {
            haze_slivers(site, at.horizon, &mut plates[to]);
        }
        if i == 2 {
            outcrop(site, at, &mut plates[to]);
            standing(site, at, &mut plates[to]);
        }
    }
    let depths =
        [("sky", parallax::SKY, 0), ("dune-far", parallax::MID, 400), ("dune", parallax::ACTORS, 600), ("dune-near", parallax::NEAR, 900)];
    finished(plates, depths)
}

/// Tones of the rock that stands out of sand.
fn sandstone(site: &Site, depth: f32) -> Tones {
    let sand = sand(site.rig, site.place.time_of_day);
    let body = mix(sand[3], sand[2], depth);
    Tones { dark: mix(sand[4], body, 0.25 * depth), body, light: mix(sand[1], sand[0], 0.3), lip: mix(sand[0], lip(site.rig), 0.5) }
}

/// Flat-topped rocks at the end of the land.
fn mesas(site: &Site, at: Lie, plate: &mut Plate) {
    let (rig, stage) = (site.rig, &site.stage);
    let mut seed = site.seed("mesas");
    let tones = sandstone(site, 0.6);
    let base = stage.h.min(stage.w * 1.1);
    let mut g = band(site, at.horizon - base * 0.3, at.horizon + 90.0, "mesas");
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        for (x, wide, high) in [(0.10f32, 0.22f32, 0.15f32), (0.27, 0.09, 0.10), (0.90, 0.26, 0.19)] {
            let x = stage.w * rig.lay.x(x + 0.02 * rig.lay.spread);
            let half = stage.w * wide * 0.5;
            let (top, foot) = (at.horizon - base * high * within(&mut seed, 0.85, 1.15), at.horizon + 26.0);
            let line: Vec<(f32, f32)> = [
                (-1.0, 0.0),
                (-0.80, 0.30),
                (-0.70, 0.62),
                (-0.66, 0.98),
                (-0.2, 1.0),
                (0.25, 0.97),
                (0.62, 1.0),
                (0.68, 0.60),
                (0.82, 0.26),
                (1.0, 0.0),
            ]
            .iter()
            .map(|&(dx, t): &(f32, f32)| (x + half * (dx + within(&mut seed, -0.03, 0.03)), foot + (top - foot) * t))
            .collect();
            crag(&mut pen, &mut seed, &line, foot, &tones, lit_from(site, x));
        }
    }
    plate.paper(&g, &Lit::plain().haze(rig.hour.haze, (0.42 * rig.hour.haze_k).min(0.8)));
}

/// Rock that breaks through the sand at one side of the ground people walk on.
fn outcrop(site: &Site, at: Lie, plate: &mut Plate) {
    if site.rig.lay.kind == 0 || !matches!(site.framing, Framing::Wide | Framing::Full) {
        return;
    }
    let (rig, stage) = (site.rig, &site.stage);
    let mut seed = site.seed("outcrop");
    let tones = sandstone(site, 0.2);
    let k = if site.framing == Framing::Full { 1.5 } else { 1.0 };
    let mut g = band(site, at.ground - stage.h * 0.3, stage.bottom(), "outcrop");
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let spots: &[(f32, f32, f32)] = if rig.lay.kind == 1 { &[(0.97, 0.15, 0.13)] } else { &[(0.03, 0.19, 0.17), (0.15, 0.06, 0.045)] };
        let k = k * (1.0 + 0.45 * rig.lay.spread);
        for &(x, wide, high) in spots {
            let (x, half) = (stage.w * rig.lay.x(x), stage.w * wide * 0.5 * k);
            let foot = at.ground + (stage.h - at.ground) * 0.10;
            let top = within(&mut seed, 0.35, 0.65);
            let line = ridge(&mut seed, x - half, x + half, foot, stage.h.min(stage.w * 1.2) * high * k, top);
            crag(&mut pen, &mut seed, &line, foot, &tones, lit_from(site, x));
        }
    }
    plate.paper(&g, &lit(site, at.ground, 0.03));
}

pub(super) fn finished(plates: Vec<Plate>, depths: [(&str, u32, u32); 4]) -> Vec<PaintedPlane> {
    plates.into_iter().zip(depths).map(|(plate, (name, parallax, depth))| plate.done(name, parallax, depth, None)).collect()
}

/// What stands on the ground of a whole picture: a tent, marker stones, and the place's own things.
pub(super) fn standing(site: &Site, at: Lie, plate: &mut Plate) {
    if !matches!(site.framing, Framing::Wide | Framing::Full) {
        return;
    }
    let (rig, stage) = (site.rig, &site.stage);
    let (w, h) = (stage.w, stage.h);
    let full = site.framing == Framing::Full;
    let (_, foot, hu) = super::stand(rig, site.framing, contracts::picture::Slot::Left);
    let flames;
    let mut g = band(site, stage.top(), stage.bottom(), "standing");
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        if site.says(&["roof", "roofs", "smoke", "village", "town"]) {
            far_roof(&mut pen, site, at);
        }
        if site.says(&["stones", "markers", "cairns", "posts", "milestones"]) {
            markers(&mut pen, site, at);
        }
        if site.says(&["tent", "tents", "camp", "pavilion"]) {
            tent(&mut pen, site, w * rig.lay.x(0.20), at.ground + (h - at.ground) * 0.07, hu * if full { 3.0 } else { 7.4 });
        }
        // Beasts stand behind whoever leads, other things on either side.
        let head = if full { hu * 0.62 } else { hu };
        let y = if full { at.ground + (foot - at.ground) * 0.30 } else { foot + hu * 0.1 };
        let floors = [(w * 0.175, y), (w * 0.90, y + hu * 0.25), (w * 0.05, y + hu * 0.35), (w * 0.96, y)];
        let boards = [(w * 0.84, y), (w * 0.93, y), (w * 0.10, y)];
        flames = stood::furnish(&mut pen, site, &stood::Spots { wall: &[], board: &boards, floor: &floors, head }, true);
    }
    let u = stage.u;
    plate.paper(
        &g,
        &rig.key.on(Lit::plain().ambient(mix(rig.ambient, Rgb::WHITE, 0.25)).shadow(6.0 * u, 4.0 * u, 10.0 * u, 0.35), stage.ub),
    );
    stood::burn(site, plate, &flames);
}

/// A far house at the end of the land, and its smoke.
fn far_roof(pen: &mut Pen, site: &Site, at: Lie) {
    let (rig, w) = (site.rig, site.stage.w);
    let (x, y) = (w * rig.lay.x(0.82), at.horizon + (at.ground - at.horizon) * 0.22);
    let wall = mix(mix(rig.hour.wall, rig.hour.land[0], 0.55), rig.hour.haze, 0.25);
    let roof = mix(rig.hour.dark, rig.hour.haze, 0.25);
    let mut pen = pen.at(x, y, 1.0, 1.0);
    pen.poly(&[(-34.0, 6.0), (-34.0, -20.0), (30.0, -20.0), (30.0, 6.0)], wall, |q| q.sh(2.0, 2.0, 4.0, 0.3));
    pen.poly(&[(-42.0, -18.0), (-26.0, -42.0), (24.0, -42.0), (38.0, -18.0)], roof, |q| q.sh(1.0, 2.0, 3.0, 0.35));
    pen.rect(10.0, -54.0, 18.0, -40.0, roof, |q| q.flat());
    if rig.hour.lamps || rig.hour.low {
        pen.rect(-18.0, -12.0, -8.0, -2.0, hex("#ffca70"), |q| q.clean().flat().tex(0.0));
    }
    let smoke = mix(rig.hour.haze, Rgb::WHITE, 0.35);
    pen.line(&[(14.0, -54.0), (20.0, -84.0), (8.0, -116.0), (24.0, -150.0), (18.0, -190.0)], smoke, 7.0, 0.45, true);
    pen.line(&[(14.0, -54.0), (18.0, -80.0), (12.0, -108.0)], smoke, 4.0, 0.5, true);
}

/// The plate of salt that carries people over water.
fn raft(site: &Site, plate: &mut Plate) {
    if !matches!(site.framing, Framing::Wide | Framing::Full) {
        return;
    }
    let (rig, stage) = (site.rig, &site.stage);
    let slot = |slot| super::stand(rig, site.framing, slot);
    let ((x0, y, hu), (x1, _, _)) = (slot(contracts::picture::Slot::Left), slot(contracts::picture::Slot::Right));
    let tones = salt(rig, site.place.time_of_day);
    let (cx, half, tall) = ((x0 + x1) * 0.5, (x1 - x0) * 0.5 + hu * 2.2, hu * 0.55);
    let mut seed = site.seed("raft");
    let around: Vec<(f32, f32)> = (0..13)
        .map(|i| core::f32::consts::TAU * i as f32 / 13.0)
        .map(|a| {
            let k = seed.range(0.90, 1.08) as f32;
            (cx + half * k * libm::cosf(a), y + hu * 0.12 + tall * k * libm::sinf(a))
        })
        .collect();
    let under: Vec<(f32, f32)> = around.iter().map(|q| (q.0, q.1 + hu * 0.20)).collect();
    let mut g = band(site, y - hu * 2.0, y + hu * 3.0, "raft");
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        pen.poly(&under, mix(tones[3], rig.hour.near, 0.45), |q| q.k(0.7).sh(0.0, 3.0, 8.0, 0.35));
        pen.poly(&around, mix(tones[1], tones[2], 0.6), |q| q.k(0.7).flat());
    }
    plate.paper(&g, &lit(site, y, 0.0));
}

/// Plates of salt adrift on water, wider and flatter with distance, each with its thickness.
fn floes(site: &Site, horizon: f32, from: f32, to: f32, plate: &mut Plate) {
    let (rig, stage) = (site.rig, &site.stage);
    let tones = salt(rig, site.place.time_of_day);
    let mut seed = site.seed("floes");
    let mut g = band(site, from - 10.0, to, "floes");
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let depth = (stage.h - horizon).max(1.0);
        let mut y = from + 12.0;
        while y < to {
            let near = ((y - horizon) / depth).clamp(0.05, 1.2);
            let n = ((stage.w / (420.0 * near + 60.0)) as usize).max(2);
            for i in 0..n {
                let x = stage.w * (i as f32 + 0.5 + seed.range(-0.42, 0.42) as f32) / n as f32;
                let half = (150.0 * near + 18.0) * seed.range(0.45, 1.1) as f32;
                let tall = half * 0.20;
                let yy = y + seed.range(-0.3, 0.3) as f32 * tall;
                let wave = |seed: &mut Seed| seed.range(0.72, 1.12) as f32;
                let around: Vec<(f32, f32)> = (0..9)
                    .map(|j| core::f32::consts::TAU * j as f32 / 9.0)
                    .map(|a| {
                        let k = wave(&mut seed);
                        (x + half * k * libm::cosf(a), yy + tall * k * libm::sinf(a))
                    })
                    .collect();
                let under: Vec<(f32, f32)> = around.iter().map(|q| (q.0, q.1 + 3.0 + 9.0 * near)).collect();
                let tone = mix(tones[1], tones[3], near * 0.5);
                let t = (0.45 * (1.0 - near) * rig.hour.haze_k).clamp(0.0, 0.6);
                pen.poly(&under, mix(mix(tone, rig.hour.near, 0.5), rig.hour.haze, t), |q| q.k(0.6).sh(0.0, 3.0, 6.0, 0.3));
                pen.poly(&around, mix(tone, rig.hour.haze, t), |q| q.k(0.6).flat());
            }
            y += 26.0 + 120.0 * near;
        }
    }
    plate.paper(&g, &lit(site, from, 0.0));
}

/// Upright stones in a row that runs to the horizon: whitewashed heads, long shadows.
fn markers(pen: &mut Pen, site: &Site, at: Lie) {
    let (rig, w) = (site.rig, site.stage.w);
    let mut seed = site.seed("markers");
    let stone = rig.style.tone(if rig.hour.lamps { hex("#4c4a5c") } else { hex("#8a7468") });
    let white = mix(rig.hour.cloud_core, rig.hour.haze, 0.15);
    let n = 6;
    for i in 0..n {
        let t = i as f32 / (n - 1) as f32;
        let near = t * t;
        let y = at.horizon + 8.0 + (at.ground - at.horizon + 26.0) * near;
        let x = w * site.rig.lay.x(0.80 + 0.12 * near) + seed.range(-6.0, 6.0) as f32;
        let tall = 9.0 + 66.0 * near;
        let wide = tall * seed.range(0.30, 0.38) as f32;
        let lean = tall * seed.range(-0.06, 0.08) as f32;
        let tone = mix(stone, rig.hour.haze, 0.55 * (1.0 - t) * rig.hour.haze_k.min(1.3));
        let dark = mix(tone, rig.hour.near, 0.35);
        if rig.hour.disc != Disc::None {
            let away = if sky::disc_spot(rig).0 < x { 1.0 } else { -1.0 };
            pen.shape(
                &[
                    c(x - wide * 0.5, y),
                    c(x + wide * 0.5, y),
                    p(x + wide * 0.6 + away * tall * 0.9, y + tall * 0.5),
                    p(x + away * tall * 0.9, y + tall * 0.5),
                ],
                mix(rig.hour.near, rig.hour.haze, 0.2),
                |q| q.flat().tex(0.0).alpha(0.28).blur(1.5 + 2.0 * near),
            );
        }
        let body = pen.poly(
            &[
                (x - wide * 0.55, y + 2.0),
                (x - wide * 0.45 + lean * 0.5, y - tall * 0.6),
                (x - wide * 0.28 + lean, y - tall * 0.96),
                (x + wide * 0.10 + lean, y - tall),
                (x + wide * 0.36 + lean, y - tall * 0.84),
                (x + wide * 0.46 + lean * 0.5, y - tall * 0.4),
                (x + wide * 0.55, y + 2.0),
            ],
            tone,
            |q| q.sh(2.0, 2.0, 4.0, 0.35).grad((x - wide * 0.5, 0.0), (x + wide * 0.5, 0.0), tone, dark),
        );
        pen.rect(x - wide, y - tall * 1.1, x + wide, y - tall * 0.72, mix(white, tone, 0.1), |q| q.flat().clip(&body));
    }
}

/// A travellers' tent with a striped side and a dark or lamplit opening: foot of its middle at (x, y), `high` units high.
pub(super) fn tent(pen: &mut Pen, site: &Site, x: f32, y: f32, high: f32) {
    let rig = site.rig;
    let tone = |s: &str| rig.style.tone(hex(s));
    let dim = |c: Rgb| if rig.hour.lamps { mix(c, rig.hour.land[1], 0.45) } else { c };
    let (cloth, stripe, inside) =
        (dim(tone("#c9a878")), dim(tone("#9a4a40")), if rig.hour.lamps { hex("#ffc070") } else { dim(tone("#3a2a2a")) });
    let mut pen = pen.at(x, y, high / 100.0, 1.0);
    for (ax, bx) in [(-96.0, -136.0), (96.0, 138.0)] {
        pen.line(&[(ax * 0.72, -52.0), (bx, 4.0)], mix(cloth, rig.hour.near, 0.5), 1.6, 1.0, false);
    }
    let body = pen.shape(
        &[
            c(-112.0, 2.0),
            c(-92.0, -44.0),
            p(-48.0, -62.0),
            c(-30.0, -96.0),
            p(0.0, -84.0),
            c(34.0, -98.0),
            p(54.0, -64.0),
            c(94.0, -44.0),
            c(114.0, 2.0),
        ],
        cloth,
        |q| q.sh(6.0, 3.0, 8.0, 0.4).grad((-100.0, 0.0), (100.0, 0.0), mix(cloth, Rgb::WHITE, 0.10), mix(cloth, rig.hour.near, 0.30)),
    );
    for sx in [-84.0f32, -62.0, 50.0, 72.0, 94.0] {
        pen.poly(&[(sx, 4.0), (sx * 0.62, -100.0), (sx * 0.62 + 5.0, -100.0), (sx + 9.0, 4.0)], stripe, |q| {
            q.flat().alpha(0.85).clip(&body)
        });
    }
    pen.shape(&[c(-34.0, 2.0), p(-22.0, -48.0), c(2.0, -78.0), p(22.0, -46.0), c(32.0, 2.0)], inside, |q| q.flat().tex(0.3));
    pen.shape(&[c(-34.0, 2.0), p(-22.0, -48.0), c(2.0, -78.0), p(-10.0, -46.0), c(-16.0, 2.0)], mix(cloth, rig.hour.near, 0.12), |q| {
        q.sh(2.0, 2.0, 3.0, 0.4)
    });
    pen.line(&[(-30.0, -96.0), (-30.0, -108.0)], mix(cloth, rig.hour.near, 0.6), 2.0, 1.0, false);
    pen.line(&[(34.0, -98.0), (34.0, -110.0)], mix(cloth, rig.hour.near, 0.6), 2.0, 1.0, false);
}

/// The plates of a salt flat: sky and far ranges, the crust people walk on, the crust before them.
fn flat(site: &Site) -> Vec<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.stage);
    let hour = &rig.hour;
    let u = stage.u;
    let at = lie_of(site);
    let tones = salt(rig, site.place.time_of_day);
    let core = mix(lip(rig), Rgb::WHITE, 0.25);
    let water = site.says(&["water", "mirror", "flooded", "brine"]);
    let brine = water && site.says(&["black", "brine", "dark"]);
    let wet = hour.rain > 0.0 || water;
    let deep = mix(hour.near, hour.sky[1], 0.34);
    let tones = match (brine, water) {
        // Black water: a little of the sky far off, none near.
        (true, _) => [0.45, 0.30, 0.20, 0.12, 0.04].map(|t| mix(deep, hour.sky[2], t)),
        (_, true) => core::array::from_fn(|i| mix(tones[i], mix(hour.sky[2], hour.sky[1], 0.2 * i as f32), 0.62 - 0.07 * i as f32)),
        _ if wet => tones.map(|c| mix(c, hour.sky[1], 0.16)),
        _ => tones,
    };
    let mut plates = vec![Plate::new(stage), Plate::new(stage), Plate::new(stage), Plate::new(stage)];
    sky::sky(site, at.horizon, &mut plates[0]);
    if site.says(&["mountain", "mountains", "hills", "peaks", "range", "ridge", "ridges"]) {
        let rock = rocks(rig, site.place.time_of_day);
        let mut g = band(site, at.horizon - stage.h * 0.30, at.horizon + 70.0, "ranges");
        {
            let mut pen = Pen::new(&mut g, stage, rig.style);
            range(
                &mut pen,
                site,
                "range-far",
                at.horizon + 4.0,
                stage.h.min(stage.w * 1.1) * 0.17,
                mix(rock[0], hour.haze, 0.45),
                snow(site),
            );
            range(&mut pen, site, "range", at.horizon + 8.0, stage.h.min(stage.w * 1.1) * 0.085, mix(rock[1], hour.haze, 0.25), None);
        }
        plates[1].paper(&g, &Lit::plain().shadow(0.0, -3.0 * u, 8.0 * u, 0.2).haze(hour.haze, (0.22 * hour.haze_k).min(0.7)));
    }
    let tops = [
        at.horizon,
        at.horizon + (at.ground - at.horizon) * 0.42,
        at.ground + (at.near - at.ground) * 0.2,
        at.near,
        at.near + (stage.h - at.near) * 0.62,
    ];
    for i in 0..5 {
        let to = [1, 2, 2, 3, 3][i];
        let mut seed = site.seed(&format!("salt-{i}"));
        let y = tops[i];
        let mut g = band(site, y - 40.0, stage.bottom(), &format!("salt-{i}"));
        {
            let mut pen = Pen::new(&mut g, stage, rig.style);
            let amp = [1.0, 3.0, 5.0, 8.0, 11.0][i];
            let (line, _) = crest(stage, &mut seed, y, if water { amp * 0.35 } else { amp });
            let edge = if brine { 0.22 } else { 0.70 - 0.08 * i as f32 };
            ground(&mut pen, stage, &line, tones[i], mix(tones[i], core, edge));
            if i == 4 && !water {
                for _ in 0..30 {
                    let x = seed.range(-0.06, 1.06) as f32 * stage.w;
                    let (k, yy) = (seed.range(6.0, 20.0) as f32, y + seed.range(-4.0, 26.0) as f32);
                    pen.poly(
                        &[(x - k, yy), (x - k * 0.2, yy - k), (x + k * 0.5, yy - k * 0.6), (x + k, yy)],
                        mix(tones[3], core, 0.35),
                        |q| q.sh(1.0, 1.0, 2.0, 0.3),
                    );
                }
            }
        }
        plates[to].paper(&g, &lit(site, y, [0.40, 0.18, 0.05, 0.0, 0.0][i]).blur(if i == 4 { 1.4 * u } else { 0.0 }));
        if i == 0 {
            haze_slivers(site, at.horizon, &mut plates[to]);
            fog(site, y - 34.0, y + 60.0, 0.9, "salt-fog", &mut plates[to]);
        }
        if i == 2 {
            if !water {
                cracks(site, at.horizon, tops[1] + 6.0, at.near + 40.0, tones[3], core, &mut plates[to]);
            }
            if wet {
                mirror(site, at, &mut plates[to]);
            }
            if water {
                floes(site, at.horizon, tops[1], at.near + 20.0, &mut plates[to]);
                raft(site, &mut plates[to]);
            }
            standing(site, at, &mut plates[to]);
        }
        if i == 3 && water {
            floes(site, at.horizon, at.near + 16.0, stage.bottom(), &mut plates[to]);
        } else if i == 3 {
            cracks(site, at.horizon, at.near + 10.0, tops[4], tones[4], core, &mut plates[to]);
        }
    }
    finished(
        plates,
        [("sky", parallax::SKY, 0), ("salt-far", parallax::FAR, 300), ("salt", parallax::ACTORS, 600), ("salt-near", parallax::NEAR, 900)],
    )
}

/// The net of polygons a drying crust breaks into, in perspective: each seam a shade and a lit edge.
fn cracks(site: &Site, horizon: f32, from: f32, to: f32, shade: Rgb, core: Rgb, plate: &mut Plate) {
    let (rig, stage) = (site.rig, &site.stage);
    let mut seed = site.seed("cracks");
    let mut g = band(site, from, to, "cracks");
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let depth = stage.h - horizon;
        // Rows of cells by their distance from the horizon; a row is as high as its cells are wide, foreshortened.
        let mut y = horizon + depth * 0.035;
        let mut row = 0;
        while y < to + 60.0 {
            let cell = (y - horizon) * 0.62 + 6.0;
            let next = y + cell * 0.42;
            let n = (stage.w / cell) as i32 + 4;
            let shift = if row % 2 == 0 { 0.0 } else { 0.5 };
            let a = 0.20 + 0.34 * ((y - horizon) / depth).clamp(0.0, 1.0);
            for i in -2..n {
                let jitter = |seed: &mut Seed, k: f32| seed.range(-0.16, 0.16) as f32 * k;
                let x = stage.w * 0.5 + (i as f32 - n as f32 * 0.5 + shift) * cell;
                let (l, m, r) = (x, x + cell * 0.5 + jitter(&mut seed, cell), x + cell);
                let lift = cell * 0.13;
                let wide = (cell * 0.018).clamp(0.7, 3.4);
                if y > from - 20.0 {
                    let seam = [(l, y), (m, y - lift + jitter(&mut seed, lift)), (r, y)];
                    pen.line(&seam, shade, wide, a, false);
                    pen.line(&seam.map(|q| (q.0, q.1 + wide)), core, wide * 0.7, a * 0.7, false);
                    let foot = (l + (l - stage.w * 0.5) * 0.06 + jitter(&mut seed, cell * 0.6), next - cell * 0.10);
                    pen.line(&[(l, y), foot], shade, wide, a, false);
                } else {
                    let _ = (jitter(&mut seed, 1.0), jitter(&mut seed, 1.0));
                }
            }
            y = next;
            row += 1;
        }
    }
    plate.paper(&g, &Lit::plain().grain(0.0));
}

/// Water on the crust: the disc's column of light and flat slivers of sky.
fn mirror(site: &Site, at: Lie, plate: &mut Plate) {
    let (rig, stage) = (site.rig, &site.stage);
    let mut seed = site.seed("mirror");
    let (dx, _, r) = sky::disc_spot(rig);
    let mut g = band(site, at.horizon, at.near + 60.0, "mirror");
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let pale = mix(rig.hour.sky[2], Rgb::WHITE, 0.25);
        for i in 0..70 {
            let t = seed.unit() as f32;
            let y = at.horizon + 6.0 + (at.near - at.horizon + 20.0) * t * t;
            let lit = i % 3 == 0 && rig.hour.disc != Disc::None;
            let x = if lit { dx + seed.range(-1.0, 1.0) as f32 * r * 0.8 } else { seed.range(-0.05, 1.05) as f32 * stage.w };
            let half = (14.0 + 90.0 * t) * seed.range(0.5, 1.3) as f32;
            let tall = 0.8 + 2.6 * t;
            let tint = if lit { rig.hour.disc_colours[0] } else { mix(pale, rig.hour.sky[1], seed.unit() as f32 * 0.6) };
            pen.shape(&[c(x - half, y), p(x, y - tall), c(x + half, y), p(x, y + tall)], tint, |q| q.flat().clean().alpha(0.45).tex(0.2));
        }
    }
    plate.paper(&g, &Lit::plain().grain(0.0));
}

/// A long shadow on the ground of somebody who stands before a low sun: origin at the feet, `tall` their height, units.
/// Returns its outline's points; nothing when the light is high or hidden.
pub fn long_shadow(rig: &Rig, x: f32, y: f32, hu: f32) -> Option<[(f32, f32); 4]> {
    if !rig.scene.dry() || !rig.hour.low || rig.hour.disc == Disc::None {
        return None;
    }
    let (dx, _, _) = sky::disc_spot(rig);
    let lean = ((x - dx) / rig.stage.w).clamp(-0.6, 0.6);
    let (long, wide) = (hu * 5.6, hu * 0.52);
    let slide = lean * long * 1.1;
    Some([(x - wide * 0.8, y), (x + wide * 0.8, y), (x + slide + wide * 1.5, y + long), (x + slide - wide * 1.5, y + long)])
}
