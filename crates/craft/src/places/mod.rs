//! Places: every plane of a location but its people (art direction §2–§6).
//!
//! | family | painted as, by the nouns of the look |
//! |---|---|
//! | coast | headland with a tower, landing, gallery, open water |
//! | river | a river between its banks, with a bridge or a mill; black water over salt |
//! | forest | forest |
//! | mountain | three ranges above a ledge; round hills above a valley |
//! | desert | dunes; a salt flat; the inside of a tent |
//! | village | cottages round a green; a street above a quay where the look names one |
//! | city_street | a street, a row of fronts, a square with its tower |
//! | interior_room | study; cottage with a hearth; round glass lamp room; stair; tent; cabin; hall |
//! | workshop | bench and tools; vault with shelf and pegs |
//! | hall | columns, high windows, banners; the castle's yard |
//! | vehicle | deck or small boat; cabin, hold, carriage; cockpit; hull among stars |
//! | sky | a floor of cloud; worlds and stars above bare ground |
//!
//! A location's id decides how its parts stand ([`scene::Lay`]): one of three compositions a scene, either way round, with
//! its own horizon and spread.

pub mod city;
pub mod coast;
pub mod cockpit;
pub mod cottage;
pub mod deck;
pub mod desert;
pub mod fore;
pub mod glasshouse;
pub mod hall;
pub mod heaven;
pub mod interior;
pub mod palette;
pub mod parts;
pub mod peaks;
pub mod pen;
pub mod plate;
pub mod rig;
pub mod river;
pub mod scene;
pub mod shop;
pub mod shore;
pub mod sky;
pub mod stood;
pub mod tent;
pub mod vessel;
pub mod village;
pub mod weather;
pub mod wild;
pub mod workshop;

use contracts::{
    Seed,
    picture::{BackgroundSpec, Canvas, Framing, PlaceSpec},
};
use pen::Pen;
use plate::Plate;
use rig::{Rig, Stage};
pub use scene::{Lay, Scene};

use crate::{
    light,
    paint::PaintedPlane,
    paper::{Group, Rgb, p},
    props,
};

/// A place about to be painted: its light, its words and its seed.
pub struct Site<'a> {
    /// The light.
    pub rig: &'a Rig,
    /// What to paint.
    pub place: &'a PlaceSpec,
    /// Framing.
    pub framing: Framing,
    /// The sheet.
    pub stage: Stage,
    words: Vec<String>,
}

impl<'a> Site<'a> {
    fn new(rig: &'a Rig, place: &'a PlaceSpec, framing: Framing, stage: Stage) -> Self {
        let words = place.look.to_lowercase().split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect();
        Self { rig, place, framing, stage, words }
    }

    /// Whether the look names one of these.
    pub fn says(&self, list: &[&str]) -> bool {
        self.words.iter().any(|w| list.contains(&w.as_str()))
    }

    /// A hand that draws the place on its own side: x runs the other way where its parts change sides.
    pub fn hand<'g>(&self, g: &'g mut Group) -> Pen<'g> {
        let xf = self.stage.xf();
        let xf = if self.rig.lay.flip { xf.sub(self.stage.w, 0.0, 1.0, 0.0, -1.0) } else { xf };
        Pen { g, xf, style: self.rig.style }
    }

    /// Where an x of [`Site::hand`] lies in view units.
    pub fn side_x(&self, x: f32) -> f32 {
        if self.rig.lay.flip { self.stage.w - x } else { x }
    }

    /// Left end of the overscan for [`Site::hand`].
    pub fn left(&self) -> f32 {
        if self.rig.lay.flip { self.stage.w - self.stage.right() } else { self.stage.left() }
    }

    /// Right end of the overscan for [`Site::hand`].
    pub fn right(&self) -> f32 {
        if self.rig.lay.flip { self.stage.w - self.stage.left() } else { self.stage.right() }
    }

    /// The choices of a part: the same in every episode, framing and light of this location.
    pub fn seed(&self, part: &str) -> Seed {
        Seed::of(&["place", self.place.location_id.as_str(), part])
    }

    /// A seed number for a group or a plane of light.
    pub fn number(&self, part: &str) -> u64 {
        self.seed(part).next_u64()
    }
}

/// Parallax by depth (art direction §3), thousandths of the camera's move.
pub mod parallax {
    /// Sky.
    pub const SKY: u32 = 10;
    /// Far water and land.
    pub const FAR: u32 = 80;
    /// Middle water and land.
    pub const MID: u32 = 200;
    /// Set pieces.
    pub const SET: u32 = 350;
    /// People, and the ground they stand on.
    pub const ACTORS: u32 = 500;
    /// What stands before people.
    pub const FRONT: u32 = 620;
    /// Grass and near ground.
    pub const NEAR: u32 = 850;
    /// The dark edge.
    pub const EDGE: u32 = 1150;
}

/// Every plane of a place but its people, far to near.
pub fn paint(spec: &BackgroundSpec, canvas: Canvas) -> Vec<PaintedPlane> {
    let rig = rig::rig(&spec.place, spec.framing, spec.toward, canvas);
    match spec.framing {
        Framing::Close | Framing::Medium | Framing::OverShoulder | Framing::Insert => behind(&rig, &spec.place, spec.framing),
        framing => {
            let site = Site::new(&rig, &spec.place, framing, rig.stage);
            let mut planes: Vec<PaintedPlane> = compose(&site).into_iter().flat_map(PaintedPlane::sheets).collect();
            if framing == Framing::MediumTwo {
                between(&site, &mut planes);
            }
            // What stands at the very front moves with the front plane: one plane less to composite.
            let mut front = if planes.last().is_some_and(|q| q.depth >= 880 && !q.moves()) { planes.pop() } else { None };
            if let Some(before) = fore::before(&site) {
                front = Some(match front {
                    Some(low) => {
                        let mut plate = Plate::new(&rig.stage);
                        plate.over(&before.as_plane()).over(&low.as_plane());
                        plate.done("near", parallax::NEAR, 900, None)
                    }
                    None => before,
                });
            }
            planes.push(top(&site, front));
            airy(&site, planes)
        }
    }
}

/// With what moves in the air between the planes, far to near.
fn airy(site: &Site, mut planes: Vec<PaintedPlane>) -> Vec<PaintedPlane> {
    planes.extend(weather::drifting(site));
    planes.extend(weather::falling(site));
    planes.extend(weather::dust(site));
    planes.sort_by_key(|q| q.depth);
    named_apart(&mut planes);
    planes
}

/// Gives every plane of a picture a name of its own: two plates may both hold a fire.
pub fn named_apart(planes: &mut [PaintedPlane]) {
    let mut seen = std::collections::BTreeMap::new();
    for plane in planes {
        let before: &mut u32 = seen.entry(plane.name.clone()).or_default();
        if *before > 0 {
            plane.name = format!("{}.{before}", plane.name);
        }
        *before += 1;
    }
}

/// Large things the shot names, behind and between two people: on the ground, never before a face.
fn between(site: &Site, planes: &mut [PaintedPlane]) {
    let (rig, stage) = (site.rig, &site.stage);
    let large = |q: &&contracts::picture::PropSpec| {
        !rig::is_lamp(q) && props::rest(&q.shape) == props::Rest::Floor && props::drawn_as(&q.shape).0 != "boat"
    };
    let Some(at) = planes.iter().rposition(|q| q.depth < 700 && !q.moves()) else { return };
    let things: Vec<_> = site.place.props.iter().filter(large).take(3).collect();
    if things.is_empty() {
        return;
    }
    let mut group = pen::sheet(stage, site.number("between"));
    {
        let mut pen = Pen::new(&mut group, stage, rig.style);
        for (prop, (x, y)) in things.into_iter().zip([(0.5, 0.87), (0.045, 0.89), (0.955, 0.89)]) {
            let height = (props::stature(prop.shape.as_str()) * stage.h * 0.085).clamp(stage.h * 0.10, stage.h * 0.56);
            stood::stand(&mut pen, prop, stage.w * x, stage.h * y - height * 0.5, height, rig);
        }
    }
    let u = stage.u;
    let ambient = if rig.scene.indoors() { rig.room } else { palette::mix(rig.ambient, Rgb::WHITE, 0.3) };
    let lit = rig.key.on(light::Lit::plain().ambient(ambient).shadow(4.0 * u, 5.0 * u, 10.0 * u, 0.4).blur(1.2 * u), stage.ub);
    let mut plate = Plate::new(stage);
    plate.over(&planes[at].as_plane()).paper(&group, &lit);
    let (name, parallax, depth) = (planes[at].name.clone(), planes[at].parallax, planes[at].depth);
    planes[at] = plate.done(&name, parallax, depth, None);
}

/// Before one person seen to the waist, small things the shot names: on the corner of a table, on the side that is empty.
fn corner(site: &Site) -> Option<PaintedPlane> {
    let (rig, stage) = (site.rig, &site.rig.stage);
    let named: Vec<_> =
        site.place.props.iter().filter(|q| !rig::is_lamp(q) && props::rest(&q.shape) != props::Rest::Floor).take(2).collect();
    if site.framing != Framing::Medium || !rig.scene.has_table() || named.is_empty() {
        return None;
    }
    let half = stage.halved();
    let (w, h) = (stage.w, stage.h);
    let woods = interior::Woods::of(site);
    let top = h * 0.90;
    let mut group = pen::sheet(&half, site.number("corner"));
    {
        let mut pen = Pen::new(&mut group, &half, rig.style);
        let x = |t: f32| w * (0.5 + t * rig.side);
        let board = [(x(0.13), top), (x(0.62), top), (x(0.62), h * 1.1), (x(0.09), h * 1.1)];
        pen.poly(&board, woods.table[0], |q| q.sh(0.0, -6.0, 12.0, 0.5).grad((0.0, top), (0.0, h), woods.table[0], woods.table[1]));
        for (prop, t) in named.into_iter().zip([0.39, 0.24]) {
            let height = (props::stature(prop.shape.as_str()) * h * 0.24).clamp(h * 0.11, h * 0.22);
            stood::stand(&mut pen, prop, x(t), h * 0.945 - height * 0.5, height, rig);
        }
    }
    let lit = light::Lit::plain().ambient(palette::mix(rig.ambient, Rgb::WHITE, 0.15)).grain(0.0).blur(1.4 * half.ub);
    let mut small = Plate::new(&half);
    small.paper(&group, &rig.key.on(lit, half.ub));
    Some(small.doubled(stage).done("table", parallax::FRONT, 790, None))
}

fn compose(site: &Site) -> Vec<PaintedPlane> {
    match site.rig.scene {
        Scene::Headland | Scene::Landing | Scene::Gallery | Scene::Water => coast::paint(site),
        Scene::Room | Scene::LampRoom | Scene::Stair => interior::paint(site),
        Scene::Vault => workshop::paint(site),
        Scene::Shop => shop::paint(site),
        Scene::Cottage | Scene::Tent => cottage::paint(site),
        Scene::Hall => hall::paint(site),
        Scene::Deck | Scene::Cabin | Scene::Cockpit => vessel::paint(site),
        Scene::Street | Scene::Square => village::paint(site),
        Scene::City => city::paint(site),
        Scene::River => river::paint(site),
        Scene::Forest => wild::paint(site),
        Scene::Hill => wild::hills(site),
        Scene::Air | Scene::Space => heaven::paint(site),
        Scene::Dunes | Scene::Salt | Scene::Peaks => desert::paint(site),
    }
}

/// A place about to be painted in a framing.
pub fn site<'a>(rig: &'a Rig, place: &'a PlaceSpec, framing: Framing) -> Site<'a> {
    Site::new(rig, place, framing, rig.stage)
}

/// The planes of a near framing, the nearest last.
pub fn behind(rig: &Rig, place: &PlaceSpec, framing: Framing) -> Vec<PaintedPlane> {
    match framing {
        Framing::Medium => soft(rig, place, framing, 1.18, 2.6),
        Framing::OverShoulder => soft(rig, place, framing, 1.30, 3.6),
        Framing::Insert => soft(rig, place, framing, 1.9, 8.0),
        _ => soft(rig, place, framing, 1.55, 7.0),
    }
}

/// A near framing: the place's middle picture seen by a nearer eye, out of focus, with the light of the answer-space and
/// one dark edge. Painted at half size, as everything in it is soft.
fn soft(rig: &Rig, place: &PlaceSpec, framing: Framing, zoom: f32, blur: f32) -> Vec<PaintedPlane> {
    let full = rig.stage;
    let half = full.halved();
    // The eye looks past the person: at the part of the place on the side the person faces.
    // A far light stands in the middle of its picture: there the eye turns until it shines in the answer-space.
    // Over open land the eye turns far enough that the sun stands on one side only.
    let turn = match rig.scene {
        Scene::Headland => -0.15,
        scene if scene.dry() => 0.34,
        _ => 0.10,
    };
    let x = full.w * (0.5 + turn * rig.side);
    let y = full.h * if rig.scene.indoors() { 0.40 } else { 0.47 };
    let view = half.look(zoom, x, y, full.w * 0.5, full.h * 0.46);
    let mut far = rig.clone();
    far.stage = view;
    let site = Site::new(&far, place, Framing::MediumTwo, view);
    let mut plate = Plate::new(&view);
    for plane in compose(&site).into_iter().filter(|q| q.depth < 700).flat_map(PaintedPlane::sheets) {
        plate.over(&plane.as_plane());
    }
    plate.soften(blur * half.ub);
    let mut plate = plate.doubled(&full);
    let near = Site::new(rig, place, framing, full);
    let area = full.rect();
    let ub = full.ub;
    if rig.flame {
        let k = &rig.key;
        plate.fire(&near, (k.x * ub, k.y * ub), 760.0 * ub * rig.style.glow(), palette::hex("#ff9c45"), 0.72, near.number("glow-behind"));
    } else {
        let k = &rig.key;
        let glow =
            |part: f32| light::rad(k.x * ub, k.y * ub, 720.0 * ub, 2.0, rig.hour.disc_colours[3], part, area, near.number("glow-behind"));
        plate.screen(&glow(0.19));
        // A thing that fills the frame is looked at: nothing stirs behind it.
        if framing != Framing::Insert {
            plate.breathing(&near, "glow-behind", glow(0.06));
        }
    }
    plate.grain(2.4, near.number("grain"));
    let mut planes = plate.done("behind", parallax::MID, 300, None).sheets();
    if framing != Framing::Insert {
        planes.extend(corner(&near));
        planes.extend(stood::lamp_in_front(&near).into_iter().flat_map(PaintedPlane::sheets));
    }
    planes.push(top(&near, None));
    airy(&near, planes)
}

/// The nearest plane: the dark out-of-focus edge on the side that is turned away from, and the darkened corners.
pub fn top(site: &Site, front: Option<PaintedPlane>) -> PaintedPlane {
    let rig = site.rig;
    let stage = &rig.stage;
    let area = stage.rect();
    let mut plate = Plate::new(stage);
    if let Some(front) = front {
        plate.over(&front.as_plane());
    }
    // In daylight in the open nothing near is dark enough for it.
    let frames = rig.scene.indoors() || rig.hour.lamps;
    if frames && matches!(site.framing, Framing::Close | Framing::Medium) {
        edge(site, &mut plate);
    }
    let centre = match site.framing {
        Framing::Close | Framing::Medium | Framing::OverShoulder => (0.5 + 0.05 * rig.side, 0.5),
        _ => (0.5, 0.48),
    };
    let (w, h) = (stage.canvas.width as f32, stage.canvas.height as f32);
    let k = rig.hour.vignette * if rig.scene.indoors() { 1.1 } else { 1.0 };
    let corners = light::vignette(k.min(0.48), centre, w, h, area, site.number("vignette"));
    plate.over(&corners);
    plate.done("near", parallax::NEAR, 1000, None)
}

fn edge(site: &Site, plate: &mut Plate) {
    let rig = site.rig;
    let stage = &rig.stage;
    let half = stage.halved();
    let mut group = pen::sheet(&half, site.number("edge"));
    let color = palette::mix(rig.hour.near, Rgb(0.02, 0.03, 0.06), 0.6);
    let mut pen = Pen::new(&mut group, &half, rig.style);
    let (w, h) = (stage.w, stage.h);
    let wide = w * if stage.tall() { 0.05 } else { 0.07 };
    let s = -rig.side;
    let x = |v: f32| if s < 0.0 { v } else { w - v };
    let out = -200.0;
    pen.shape(
        &[
            p(x(out), -80.0),
            p(x(wide), -80.0),
            p(x(wide * 0.62), h * 0.28),
            p(x(wide * 1.06), h * 0.58),
            p(x(wide * 0.75), h + 90.0),
            p(x(out), h + 90.0),
        ],
        color,
        |q| q.flat(),
    );
    let mut small = Plate::new(&half);
    small.paper(&group, &light::Lit::plain().blur(8.5 * half.ub).grain(0.0).shadow(5.0 * -s * half.ub, 2.0, 10.0 * half.ub, 0.5));
    plate.over(small.doubled(stage).plane());
}

/// Where a whole figure stands: feet and the height of a head, canvas units. The ground under it has the actors' parallax.
pub fn stand(rig: &Rig, framing: Framing, slot: contracts::picture::Slot) -> (f32, f32, f32) {
    use contracts::picture::Slot;
    let stage = &rig.stage;
    let (w, h) = (stage.w, stage.h);
    if framing == Framing::Full || rig.scene.indoors() {
        // Whoever stands between two others stands a step behind them. A tall frame is filled by the height of people, and
        // their feet stay above what a player lays over its lower edge.
        let (aside, foot, hu) = if stage.tall() {
            (0.225, 0.865, w * 0.150)
        } else if stage.narrow() {
            (0.235, 0.925, h * 0.112)
        } else {
            (0.165, 0.93, h * 0.108)
        };
        return match slot {
            Slot::Left => (w * (0.5 - aside), h * foot, hu),
            Slot::Centre => (w * 0.5, h * foot - hu * 0.16, hu * 0.95),
            Slot::Right => (w * (0.5 + aside), h * foot, hu),
        };
    }
    match rig.scene {
        Scene::Headland => {
            let at = coast::layout(stage, rig.lay);
            // Where the land changes sides, so do the two places on its path: who stands at the left stays there.
            let (x, y) = match (slot, rig.lay.flip) {
                (Slot::Left, false) | (Slot::Right, true) => (912.0, 618.0),
                (Slot::Centre, _) => (975.0, 630.0),
                (Slot::Right, false) | (Slot::Left, true) => (1052.0, 652.0),
            };
            let x = at.x + x * at.k;
            (if rig.lay.flip { w - x } else { x }, at.y + y * at.k, 17.5 * at.k)
        }
        // On the crest of the third sheet, with room for a beast at the left.
        Scene::Dunes | Scene::Salt | Scene::Peaks => {
            let at = desert::lie(stage, framing);
            let hu = (at.near - at.ground) * 0.26;
            let x = match slot {
                Slot::Left => 0.42,
                Slot::Centre => 0.575,
                Slot::Right => 0.73,
            };
            (w * x, at.ground + (at.near - at.ground) * 0.22, hu)
        }
        scene => {
            let (l, c, r, y, hu) = match scene {
                Scene::Landing => (0.50, 0.60, 0.71, 0.872, 32.0),
                Scene::Gallery => (0.38, 0.5, 0.64, 0.91, 40.0),
                Scene::Street => (0.40, 0.50, 0.60, 0.855, 18.5),
                Scene::Forest => (0.44, 0.50, 0.60, 0.885, 29.0),
                Scene::River => (0.40, 0.50, 0.62, 0.875, 24.0),
                Scene::City => (0.42, 0.51, 0.61, 0.885, 25.0),
                Scene::Square => (0.41, 0.50, 0.60, 0.865, 22.0),
                Scene::Hill => (0.42, 0.52, 0.63, 0.845, 22.0),
                Scene::Deck => (0.41, 0.50, 0.61, 0.885, 34.0),
                Scene::Air => (0.42, 0.51, 0.60, 0.845, 24.0),
                Scene::Space => (0.42, 0.51, 0.60, 0.865, 24.0),
                _ => (0.40, 0.52, 0.64, 0.90, 24.0),
            };
            let x = match slot {
                Slot::Left => l,
                Slot::Centre => c,
                Slot::Right => r,
            };
            // A tall frame sees the place from nearer, so that people are more than marks in it.
            let nearer = if stage.tall() { 1.32 } else { 1.0 };
            (w * x, h * y, hu * (w / 1280.0).clamp(0.75, 1.0) * nearer)
        }
    }
}
