//! The small scene of a title and an end card: what the film's place is known by, and the ground it stands on.

use contracts::{Seed, picture::CardSpec};

use super::{Proscenium, number, size_of};
use crate::{
    light::{self, Lit},
    paper::{Edge, Pt, Rgb, c, p},
    places::{
        Scene,
        palette::{hex, mix},
        pen::{Pen, group, sheet},
        plate::Plate,
        rig::{Rig, Stage},
        sky::waves,
    },
};

/// Size of the motif on an end card against a title's.
pub const END_MOTIF: f32 = 0.50;

/// What a film's place is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emblem {
    /// A lighthouse on its isle.
    Tower,
    /// A bare isle and a sail.
    Isle,
    /// A ship alone on the sea.
    Ship,
    /// Cottages on a rise, one window lit.
    Village,
    /// A hill with a mill.
    Hill,
    /// Trees around a light.
    Wood,
    /// Dunes before a low sun.
    Dunes,
    /// Peaks before the moon.
    Peaks,
    /// A bridge over water.
    River,
    /// Roofs and towers of a town.
    Town,
    /// A tower of cloud.
    Clouds,
    /// A world, and a ship before it.
    Stars,
}

/// What an emblem stands on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ground {
    Sea,
    Land,
    Clouds,
    /// It brings its own, or there is none.
    None,
}

impl Emblem {
    /// The emblem of a card's place.
    pub fn of(spec: &CardSpec, rig: &Rig) -> Self {
        let text = format!("{} {}", spec.place.look, spec.place.location_id).to_lowercase();
        let says = |list: &[&str]| text.split(|c: char| !c.is_alphanumeric()).any(|w| list.contains(&w));
        let light = says(&["tower", "lighthouse", "beacon", "light", "lamp"]);
        let far = says(&["space", "stars", "star", "orbit", "airlock", "tug", "station", "fuel", "tanks", "hatch"]);
        match rig.scene {
            Scene::LampRoom => Self::Tower,
            Scene::Headland | Scene::Landing | Scene::Gallery | Scene::Water if light => Self::Tower,
            // Where nothing else is said, a coast is seen from its light.
            Scene::Headland | Scene::Gallery => Self::Tower,
            Scene::Landing | Scene::Water => Self::Isle,
            Scene::Space | Scene::Cockpit => Self::Stars,
            Scene::Cabin if far => Self::Stars,
            Scene::Deck | Scene::Cabin => Self::Ship,
            Scene::Forest => Self::Wood,
            Scene::Dunes | Scene::Salt | Scene::Tent => Self::Dunes,
            Scene::Peaks => Self::Peaks,
            Scene::Hill => Self::Hill,
            Scene::River => Self::River,
            Scene::City | Scene::Hall => Self::Town,
            Scene::Air => Self::Clouds,
            Scene::Stair | Scene::Vault if light => Self::Tower,
            Scene::Street | Scene::Square | Scene::Cottage | Scene::Room | Scene::Shop | Scene::Stair | Scene::Vault => Self::Village,
        }
    }

    fn ground(self, rig: &Rig) -> Ground {
        match self {
            Self::Tower | Self::Isle | Self::Ship | Self::River => Ground::Sea,
            Self::Village if rig.scene == Scene::Street => Ground::Sea,
            Self::Village | Self::Hill | Self::Wood | Self::Peaks | Self::Town => Ground::Land,
            Self::Clouds => Ground::Clouds,
            Self::Dunes | Self::Stars => Ground::None,
        }
    }
}

/// One sheet of the ground an emblem stands on: 0 behind it, 1 and 2 before it.
pub fn ground(spec: &CardSpec, rig: &Rig, emblem: Emblem, i: usize, plate: &mut Plate) {
    let stage = &rig.stage;
    let (h, u, k) = (stage.h, stage.u, size_of(stage));
    let tone = |s: &str| rig.style.tone(hex(s));
    let hour = &rig.hour;
    let kind = emblem.ground(rig);
    if kind == Ground::None {
        return;
    }
    let seas = [("#3b5a80", 0.675, 10.0, 120.0), ("#1f3556", 0.747, 15.0, 170.0), ("#142542", 0.833, 22.0, 240.0)];
    let (color, y, amp, length) = seas[i];
    let part = ["card", spec.place.location_id.as_str(), "sea", &i.to_string()];
    let mut seed = Seed::of(&part);
    let tint = match kind {
        Ground::Land => mix(hour.land[i], hour.near, 0.12 * i as f32),
        Ground::Clouds => mix(hour.clouds[i], hour.sky[1], 0.15 * i as f32),
        Ground::Sea | Ground::None => hour.sea[[0, 3, 4][i]],
    };
    let color = mix(tone(color), tint, if kind == Ground::Sea { 0.25 } else { 0.55 });
    let core = mix(color, hex("#dfe8f0"), if i == 0 { 0.8 } else { 0.45 });
    let mut g = group(stage, stage.left(), h * y - 90.0, stage.right(), stage.bottom(), number(spec, "sea") ^ i as u64);
    {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        let (left, right, bottom) = (stage.left() - 60.0, stage.right() + 60.0, stage.bottom() + 90.0);
        match kind {
            Ground::Sea | Ground::None => {
                waves(&mut pen, &mut seed, (stage.left(), stage.right()), h * y, stage.bottom(), amp * k, length * k, color, core);
            }
            Ground::Land => {
                let mut points = Vec::new();
                let mut x = left;
                while x < right {
                    points.push(p(x, h * y + seed.range(-1.0, 1.0) as f32 * (14.0 + 8.0 * i as f32) * k));
                    x += seed.range(150.0, 260.0) as f32 * k;
                }
                points.extend([c(right, h * y), c(right, bottom), c(left, bottom), c(left, h * y)]);
                pen.shape(&points, color, |q| q.edge(Edge::Torn).core(core).sh(0.0, -3.0, 8.0, 0.35));
            }
            Ground::Clouds => {
                let mut x = left;
                while x < right {
                    let r = seed.range(44.0, 86.0) as f32 * k;
                    let dy = seed.range(-0.2, 0.5) as f32 * r;
                    pen.disc(x, h * y + dy + r * 0.4, r, color, |q| q.edge(Edge::Soft).core(core).sh(0.0, -3.0, 9.0, 0.3));
                    x += r * 0.8;
                }
                pen.rect(left, h * y + 60.0 * k, right, bottom, color, |q| q.flat());
            }
        }
    }
    plate.paper(&g, &Lit::plain().shadow(0.0, -4.0 * u, 9.0 * u, 0.38));
}

/// Where the motif stands: in the middle; on an end card further out and lower, under the words.
pub fn motif_at(at: &Proscenium, stage: &Stage, k: f32, end: bool) -> (f32, f32) {
    (at.cx, if end { stage.h * 0.675 - 12.0 * k } else { stage.h * 0.633 })
}

/// The small thing in the middle of a title: what the place is known by.
pub fn motif(spec: &CardSpec, rig: &Rig, emblem: Emblem, plate: &mut Plate, at: &Proscenium, k: f32, end: bool) {
    let stage = &rig.stage;
    let (h, u) = (stage.h, stage.u);
    let area = stage.rect();
    let (cx, base) = motif_at(at, stage, k, end);
    let k = if end { k * END_MOTIF } else { k };
    let wide = matches!(emblem, Emblem::Dunes | Emblem::Peaks | Emblem::Stars | Emblem::River | Emblem::Clouds);
    let reach = if wide { stage.w } else { 420.0 };
    let mut g = if emblem == Emblem::Stars {
        sheet(stage, number(spec, "motif"))
    } else {
        group(stage, cx - reach, h * 0.3, cx + reach, stage.bottom(), number(spec, "motif"))
    };
    let mut seed = Seed::of(&["card", spec.place.location_id.as_str(), "motif"]);
    let lamps = {
        let mut pen = Pen::new(&mut g, stage, rig.style);
        if emblem == Emblem::Stars {
            field(&mut pen, stage, &mut seed);
        }
        let mut pen = pen.at(cx, base, k, 1.0);
        draw(emblem, rig, &mut pen, &mut seed)
    };
    let to = |(x, y, r): (f32, f32, f32)| (cx + x * k, base + y * k, r * k);
    if let (Emblem::Tower, Some(lamp)) = (emblem, lamps.first()) {
        let (x, y, _) = to(*lamp);
        let pi = core::f32::consts::PI;
        for (part, angle) in [("beam-left", pi - 0.12), ("beam-right", 0.12)] {
            plate.screen(&light::beam(x * u, y * u, angle, 0.15, 700.0 * k * u, hex("#ffe3a0"), 0.8, area, number(spec, part)));
        }
    }
    plate.paper(&g, &Lit::plain().shadow(4.0 * u, 4.0 * u, 9.0 * u, 0.35));
    for lamp in lamps {
        let (x, y, r) = to(lamp);
        plate.screen(&light::glow(x * u, y * u, r * u, hex("#ffdc92"), 0.95, area, number(spec, "lamp") ^ r as u64));
    }
}

/// Stars over the whole opening.
fn field(pen: &mut Pen, stage: &Stage, seed: &mut Seed) {
    for i in 0..120 {
        let (x, y) = (seed.unit() as f32 * stage.w, seed.unit() as f32 * stage.h);
        let r = [0.8, 0.9, 1.1, 1.5, 2.0][seed.below(5) as usize];
        let alpha = seed.range(0.4, 0.95) as f32;
        pen.disc(x, y, r, [hex("#e8f0ff"), hex("#fff0d8"), hex("#c8d8ff")][i % 3], |q| q.clean().flat().tex(0.0).alpha(alpha));
    }
}

/// A cottage: its foot in the middle, 92 high, its window lit or dark.
fn cottage(pen: &mut Pen, wall: Rgb, dark: Rgb, lit: bool) {
    pen.poly(&[(-36.0, 0.0), (-36.0, -50.0), (0.0, -84.0), (36.0, -50.0), (36.0, 0.0)], wall, |q| q.sh(3.0, 4.0, 6.0, 0.4));
    pen.poly(&[(-44.0, -46.0), (0.0, -92.0), (44.0, -46.0), (38.0, -42.0), (0.0, -80.0), (-38.0, -42.0)], dark, |q| {
        q.sh(2.0, 3.0, 4.0, 0.4)
    });
    pen.rect(14.0, -88.0, 24.0, -66.0, dark, |q| q.flat());
    pen.rect(-8.0, -38.0, 8.0, -20.0, if lit { hex("#ffca70") } else { dark }, |q| q.clean().flat().tex(0.0));
}

/// Draws an emblem around its foot, within 180 units above it; what shines on it: x, y, reach.
fn draw(emblem: Emblem, rig: &Rig, pen: &mut Pen, seed: &mut Seed) -> Vec<(f32, f32, f32)> {
    let tone = |s: &str| rig.style.tone(hex(s));
    let (land, core, dark) = (tone("#22385a"), tone("#7f97b4"), tone("#101b33"));
    let wall = tone("#1a2a48");
    let green = mix(land, rig.hour.land[1], 0.45);
    let rise = |pen: &mut Pen, color: Rgb| {
        let hill = [p(-260.0, 74.0), p(-140.0, 28.0), p(0.0, 10.0), p(140.0, 26.0), p(280.0, 80.0), p(280.0, 420.0), p(-260.0, 420.0)];
        pen.shape(&hill, color, |q| q.edge(Edge::Torn).core(core));
    };
    match emblem {
        Emblem::Tower | Emblem::Isle => {
            let island: [Pt; 7] =
                [p(-120.0, 64.0), p(-50.0, 14.0), p(0.0, -4.0), p(60.0, 14.0), p(150.0, 84.0), p(150.0, 420.0), p(-120.0, 420.0)];
            pen.shape(&island, land, |q| q.edge(Edge::Torn).core(core));
            if emblem == Emblem::Isle {
                let rock = [c(-60.0, 40.0), p(-34.0, -40.0), p(-8.0, -86.0), p(22.0, -44.0), p(66.0, 34.0)];
                pen.shape(&rock, mix(land, dark, 0.4), |q| q.edge(Edge::Torn).core(core).sh(3.0, 3.0, 7.0, 0.4));
                sail(&mut pen.at(205.0, 44.0, 0.55, 1.0), dark, tone("#d8ceb8"));
                return vec![(205.0, 10.0, 120.0)];
            }
            pen.poly(&[(-22.0, 0.0), (-12.0, -126.0), (12.0, -126.0), (22.0, 0.0)], wall, |q| q.sh(3.0, 4.0, 6.0, 0.4));
            pen.rect(-18.0, -130.0, 18.0, -126.0, dark, |q| q.k(0.5));
            let glass = [(-11.0, -130.0), (11.0, -130.0), (10.0, -156.0), (-10.0, -156.0)];
            pen.poly(&glass, hex("#ffe9b0"), |q| q.clean().flat().tex(0.0));
            pen.poly(&[(-16.0, -155.0), (16.0, -155.0), (0.0, -176.0)], dark, |q| q.flat().k(0.5));
            vec![(0.0, -143.0, 240.0)]
        }
        Emblem::Ship => {
            sail(&mut pen.at(0.0, 40.0, 1.25, 1.0), dark, tone("#d8ceb8"));
            vec![(56.0, 20.0, 130.0)]
        }
        Emblem::Village => {
            rise(pen, green);
            let mut lamps = Vec::new();
            for (x, y, s, lit) in [(-104.0, 38.0, 0.8, false), (74.0, 34.0, 0.9, true), (-24.0, 24.0, 1.15, true)] {
                cottage(&mut pen.at(x, y, s, 1.0), wall, dark, lit);
                if lit {
                    lamps.push((x, y - 29.0 * s, 130.0));
                }
            }
            lamps
        }
        Emblem::Hill => {
            let hill =
                [p(-520.0, 110.0), p(-240.0, 40.0), p(-30.0, -34.0), p(180.0, 14.0), p(480.0, 100.0), p(480.0, 420.0), p(-520.0, 420.0)];
            pen.shape(&hill, green, |q| q.edge(Edge::Torn).core(core));
            let mut mill = pen.at(-14.0, -24.0, 1.0, 1.0);
            mill.poly(&[(-26.0, 6.0), (-17.0, -84.0), (17.0, -84.0), (26.0, 6.0)], wall, |q| q.sh(3.0, 4.0, 6.0, 0.4));
            mill.poly(&[(-20.0, -82.0), (0.0, -106.0), (20.0, -82.0)], dark, |q| q.flat());
            for i in 0..4 {
                let mut arm = mill.turned(0.0, -84.0, 1.0, 0.5 + core::f32::consts::FRAC_PI_2 * i as f32);
                arm.poly(&[(-1.5, 0.0), (1.5, 0.0), (1.5, -66.0), (-1.5, -66.0)], dark, |q| q.clean().flat());
                arm.poly(&[(1.5, -14.0), (15.0, -16.0), (15.0, -64.0), (1.5, -64.0)], tone("#cfc4ac"), |q| q.clean().flat().alpha(0.9));
            }
            mill.rect(-6.0, -40.0, 6.0, -24.0, hex("#ffca70"), |q| q.clean().flat().tex(0.0));
            cottage(&mut pen.at(132.0, 14.0, 0.6, 1.0), wall, dark, true);
            vec![(-14.0, -56.0, 150.0), (132.0, -4.0, 90.0)]
        }
        Emblem::Wood => {
            rise(pen, green);
            for i in 0..9 {
                let x = -260.0 + 65.0 * i as f32;
                let s = 0.7 + 0.5 * seed.unit() as f32;
                pen.shape(
                    &[c(x, -120.0 * s), p(x + 34.0 * s, -20.0), c(x + 46.0 * s, 60.0), c(x - 46.0 * s, 60.0), p(x - 34.0 * s, -20.0)],
                    mix(green, dark, 0.25 + 0.5 * seed.unit() as f32),
                    |q| q.edge(Edge::Rag).sh(3.0, 3.0, 7.0, 0.4),
                );
            }
            vec![(0.0, -40.0, 220.0)]
        }
        Emblem::Dunes => {
            pen.disc(0.0, -40.0, 84.0, tone("#fff0c0"), |q| q.edge(Edge::Soft).core(hex("#fffbe6")));
            for (i, color) in rig.hour.land.iter().enumerate() {
                let y = 20.0 + 60.0 * i as f32;
                let x = [0.0, 190.0, -150.0][i];
                let dune = [
                    p(-1600.0, y),
                    p(x - 310.0, y - 26.0),
                    p(x, y + 14.0),
                    p(x + 320.0, y - 22.0),
                    p(1600.0, y),
                    p(1600.0, 500.0),
                    p(-1600.0, 500.0),
                ];
                pen.shape(&dune, *color, |q| q.edge(Edge::Torn).core(rig.hour.land_core[i]).sh(0.0, -3.0, 9.0, 0.35));
            }
            vec![(0.0, -40.0, 300.0)]
        }
        Emblem::Peaks => {
            pen.disc(150.0, -96.0, 40.0, tone("#f4ecd0"), |q| q.edge(Edge::Soft).core(hex("#fffbe6")));
            for (x, y, s, t) in [(-210.0, 60.0, 0.8, 0.3), (190.0, 70.0, 0.9, 0.15), (-20.0, 80.0, 1.25, 0.0)] {
                let rock = mix(mix(land, rig.hour.land[0], 0.4), rig.hour.sky[1], t);
                let mut peak = pen.at(x, y, s, 1.0);
                peak.shape(
                    &[c(-190.0, 60.0), p(-90.0, -60.0), c(-6.0, -170.0), p(64.0, -84.0), c(200.0, 60.0), c(200.0, 400.0), c(-190.0, 400.0)],
                    rock,
                    |q| q.edge(Edge::Torn).core(core).sh(0.0, -3.0, 9.0, 0.35),
                );
                peak.poly(
                    &[(-6.0, -170.0), (32.0, -124.0), (12.0, -132.0), (2.0, -112.0), (-18.0, -134.0), (-44.0, -118.0)],
                    tone("#f0f2f6"),
                    |q| q.edge(Edge::Torn).k(0.6).flat(),
                );
            }
            vec![(150.0, -96.0, 170.0)]
        }
        Emblem::River => {
            for m in [-1.0f32, 1.0] {
                let mut bank = pen.at(0.0, 0.0, 1.0, m);
                bank.shape(
                    &[p(120.0, 64.0), p(200.0, 16.0), p(420.0, 0.0), p(1400.0, -10.0), p(1400.0, 420.0), p(90.0, 420.0)],
                    green,
                    |q| q.edge(Edge::Torn).core(core),
                );
            }
            let stone = mix(wall, tone("#6a6480"), 0.3);
            let mut arch: Vec<Pt> = vec![c(-250.0, 30.0), p(-120.0, -26.0), p(0.0, -44.0), p(120.0, -26.0), c(250.0, 30.0), c(180.0, 44.0)];
            arch.extend([p(96.0, 4.0), p(0.0, -20.0), p(-96.0, 4.0), c(-180.0, 44.0)]);
            pen.shape(&arch, stone, |q| q.core(core).sh(2.0, 5.0, 8.0, 0.45));
            cottage(&mut pen.at(-300.0, 14.0, 0.7, 1.0), wall, dark, true);
            pen.line(&[(60.0, -34.0), (60.0, -96.0)], dark, 3.0, 1.0, false);
            pen.disc(60.0, -100.0, 7.0, hex("#ffe9b0"), |q| q.clean().flat().tex(0.0));
            vec![(60.0, -100.0, 170.0), (-300.0, -6.0, 90.0)]
        }
        Emblem::Town => {
            rise(pen, green);
            let mut lamps = Vec::new();
            for i in 0..9 {
                let x = -230.0 + 56.0 * i as f32;
                let (w, tall) = (seed.range(24.0, 34.0) as f32, seed.range(46.0, 104.0) as f32);
                let color = mix(wall, dark, seed.range(0.0, 0.7) as f32);
                pen.poly(&[(x - w, 80.0), (x - w, 20.0 - tall), (x + w, 20.0 - tall), (x + w, 80.0)], color, |q| q.sh(3.0, 3.0, 6.0, 0.4));
                if i == 4 {
                    // The tower everything else stands round.
                    pen.poly(&[(x - 14.0, -60.0), (x - 12.0, -132.0), (x + 12.0, -132.0), (x + 14.0, -60.0)], color, |q| q.flat());
                    pen.poly(&[(x - 18.0, -130.0), (x, -176.0), (x + 18.0, -130.0)], dark, |q| q.flat());
                } else {
                    pen.poly(&[(x - w - 5.0, 22.0 - tall), (x, -tall - 8.0), (x + w + 5.0, 22.0 - tall)], dark, |q| q.flat());
                }
                for row in 0..3 {
                    for col in [-0.45f32, 0.35] {
                        let lit = seed.below(3) == 0;
                        let (wx, wy) = (x + col * w, 34.0 - tall + 24.0 * row as f32);
                        let pane = if lit { hex("#ffca70") } else { mix(dark, color, 0.4) };
                        pen.rect(wx - 4.0, wy, wx + 4.0, wy + 10.0, pane, |q| q.clean().flat().tex(0.0));
                        if lit && lamps.len() < 4 {
                            lamps.push((wx, wy + 5.0, 80.0));
                        }
                    }
                }
            }
            lamps
        }
        Emblem::Clouds => {
            pen.disc(-190.0, -96.0, 46.0, tone("#fff0c0"), |q| q.edge(Edge::Soft).core(hex("#fffbe6")));
            let cloud = mix(rig.hour.clouds[0], tone("#e8eaf2"), 0.4);
            for (x, y, r) in
                [(-96.0, 30.0, 62.0), (96.0, 34.0, 58.0), (-52.0, -24.0, 60.0), (58.0, -20.0, 54.0), (4.0, -66.0, 62.0), (0.0, 30.0, 92.0)]
            {
                pen.disc(x, y, r, cloud, |q| q.edge(Edge::Soft).core(rig.hour.cloud_core).sh(0.0, 4.0, 10.0, 0.3));
            }
            vec![(-190.0, -96.0, 190.0)]
        }
        Emblem::Stars => {
            let (sea, shade, lip) = (tone("#4a6f92"), tone("#22364e"), tone("#a8d0e0"));
            let body = pen.disc(0.0, 150.0, 236.0, sea, |q| q.edge(Edge::Soft).core(lip).tex(0.8).sh(0.0, -5.0, 16.0, 0.4));
            for (x, y, rx, ry) in
                [(-110.0, 40.0, 120.0, 20.0), (70.0, 80.0, 150.0, 26.0), (-30.0, -26.0, 90.0, 12.0), (30.0, 150.0, 200.0, 30.0)]
            {
                pen.ellipse(x, y, rx, ry, mix(lip, sea, 0.35), |q| q.edge(Edge::Torn).k(0.7).flat().alpha(0.7).clip(&body));
            }
            pen.disc(92.0, 214.0, 262.0, shade, |q| q.edge(Edge::Soft).flat().alpha(0.75).clip(&body).blur(20.0));
            // A ship on its way, small.
            let mut ship = pen.turned(128.0, -62.0, 1.0, -0.22);
            ship.poly(&[(-40.0, 8.0), (-34.0, -7.0), (22.0, -9.0), (46.0, 2.0), (22.0, 10.0)], tone("#d8d4cc"), |q| {
                q.sh(2.0, 3.0, 5.0, 0.5)
            });
            ship.poly(&[(-34.0, -6.0), (-52.0, -22.0), (-24.0, -8.0)], tone("#8f8a96"), |q| q.flat());
            ship.poly(&[(-34.0, 8.0), (-52.0, 22.0), (-22.0, 9.0)], tone("#8f8a96"), |q| q.flat());
            ship.poly(&[(18.0, -8.0), (34.0, -3.0), (18.0, 1.0)], dark, |q| q.clean().flat());
            vec![(82.0, -54.0, 90.0)]
        }
    }
}

/// A sailing ship: its keel at the foot, 130 high.
fn sail(pen: &mut Pen, hull: Rgb, cloth: Rgb) {
    pen.line(&[(0.0, -6.0), (0.0, -128.0)], hull, 3.5, 1.0, false);
    pen.curve(&[(4.0, -120.0), (40.0, -70.0), (52.0, -26.0), (4.0, -24.0)], cloth, |q| q.sh(3.0, 4.0, 6.0, 0.4));
    pen.curve(&[(-4.0, -112.0), (-30.0, -66.0), (-44.0, -24.0), (-4.0, -26.0)], cloth, |q| q.sh(3.0, 4.0, 6.0, 0.4));
    pen.shape(&[c(-62.0, -14.0), p(0.0, -6.0), c(70.0, -18.0), p(48.0, 16.0), p(0.0, 22.0), p(-44.0, 14.0)], hull, |q| {
        q.sh(2.0, 4.0, 6.0, 0.4)
    });
}
