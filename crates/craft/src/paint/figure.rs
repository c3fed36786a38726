//! People in the light of their place, framed by the table (art direction §2), with the patches that let them speak and
//! blink.

use std::collections::BTreeMap;

use contracts::{
    Seed,
    assets::Cycle,
    picture::{Canvas, Expression, Facing, FigureSpec, Framing, Gaze, Pose, Slot, Turn},
    project::VisualStyle,
    story::Headwear,
    table_read::Mouth,
};

use super::{PaintedPatch, PaintedPlane, Pixels, arms::arms};
use crate::{
    light::{self, Lit, Plane, finish_in},
    paper::{Group, Rect, Rgb, Xf},
    people::{self, Body, Face, Manner, PROFILE_YAW, Person, Sheets, View, bust_box, eyes_box, figure_box, mouth_box},
    places::{
        desert,
        palette::{hex, mix},
        parallax,
        pen::Pen,
        plate::{Plate, painted},
        rig::{Beacon, Rig, rig_of},
        stand,
    },
    print, props,
};

/// A person, far to near: the body, then the arms that lie on a table before it.
pub fn figure(spec: &FigureSpec, canvas: Canvas) -> Vec<PaintedPlane> {
    let rig = rig_of(spec, canvas);
    match spec.framing {
        Framing::Wide | Framing::Full => whole(spec, &rig),
        Framing::OverShoulder if spec.facing == Facing::Away => vec![shoulder(spec, &rig)],
        _ => near(spec, &rig),
    }
}

/// Where a figure's face and head are on the canvas, in pixels, before the camera moves; nothing when it turns away.
pub fn head_boxes(spec: &FigureSpec, canvas: Canvas) -> Option<(Rect, Rect)> {
    if spec.facing == Facing::Away {
        return None;
    }
    let rig = rig_of(spec, canvas);
    let person = Person::from_look(&spec.look);
    let (t, yaw) = match spec.framing {
        Framing::Wide | Framing::Full => {
            let (t, body) = standing(spec, &rig, &person);
            (people::head_of(&t, &person, &body), body.face.yaw)
        }
        _ => {
            let at = mark(spec, &rig, &person);
            (at.head(&rig), at.yaw)
        }
    };
    Some((people::face_box(&t, yaw), people::crown_box(&t, &person)))
}

/// How red somebody's skin is in the light of their place ([`print::reddest`]).
pub(super) fn reddest(spec: &FigureSpec, canvas: Canvas) -> f32 {
    let rig = rig_of(spec, canvas);
    let lamp = spec.holding.as_ref().is_some_and(|q| q.lit);
    print::reddest(Rgb::hex(&spec.look.skin), rig.flame || lamp || rig.hour.low || rig.hour.lamps)
}

pub(super) fn seed(spec: &FigureSpec, part: &str) -> u64 {
    Seed::of(&["figure", spec.character_id.as_str(), part]).next_u64()
}

/// Who stands between two others stands behind them; in a narrow two-shot the left one is the nearer. What a person holds
/// lies 3 before them, so that it is still behind whoever stands before them.
pub(super) fn depth(spec: &FigureSpec, narrow: bool) -> u32 {
    650 + match spec.slot {
        Slot::Centre => 0,
        Slot::Left if narrow && spec.framing == Framing::MediumTwo => 24,
        Slot::Left => 8,
        Slot::Right => 16,
    }
}

/// A light of the rig on a list, shifted and weighted.
pub(super) fn lamp(lit: Lit, key: &Beacon, ub: f32, dy: f32, r: f32, k: f32, p: f32) -> Lit {
    lit.light(key.x * ub, (key.y + dy) * ub, r * ub, key.c, k, p)
}

/// A head's place in a framing: canvas units, the height of the head, the mirror, how it is turned and bent.
pub(super) struct Mark {
    pub x: f32,
    pub y: f32,
    pub hu: f32,
    pub m: f32,
    pub yaw: f32,
    pub tilt: f32,
}

impl Mark {
    /// The transform of the body.
    fn body(&self, rig: &Rig) -> Xf {
        let ub = rig.stage.ub;
        Xf { ox: self.x * ub, oy: self.y * ub, k: self.hu * ub, m: self.m, r: 0.0 }
    }

    /// The transform of the head.
    fn head(&self, rig: &Rig) -> Xf {
        people::tilted(&self.body(rig), self.tilt)
    }
}

/// Where a figure's head is, as its shot takes it.
fn mark(spec: &FigureSpec, rig: &Rig, person: &Person) -> Mark {
    let mut at = usual_mark(spec, rig, person);
    let take = spec.take;
    at.tilt = f32::from(take.tilt.clamp(-120, 120)) / 1000.0;
    at.yaw = match (spec.facing, take.turn) {
        (Facing::Front | Facing::Away, _) => 0.0,
        (_, Turn::ThreeQuarter) => 1.0,
        (_, Turn::Slight) => 0.80,
        (_, Turn::Profile) => PROFILE_YAW,
    };
    let nearer = f32::from(take.nearer.clamp(-300, 400)) / 1000.0;
    if matches!(spec.framing, Framing::Close | Framing::Medium) && nearer != 0.0 {
        // Nearer: the chin stays clear of what is written below and the crown leaves the frame first. Farther: the headroom
        // stays small.
        at.hu *= 1.0 + nearer;
        at.y -= rig.stage.h * if nearer > 0.0 { 0.11 * nearer } else { -0.24 * nearer };
        // In a tall frame a larger head moves over, so that room is left where it looks.
        if nearer > 0.0 && rig.stage.narrow() {
            at.x -= at.m * rig.stage.w * 0.12 * nearer;
        }
    }
    if spec.framing == Framing::MediumTwo && spec.pose == Pose::Embrace {
        let aside = if spec.slot == Slot::Right { 0.47 } else { -0.47 };
        at.x = rig.stage.w * 0.5 + aside * at.hu;
        at.m = -aside.signum();
    }
    at
}

fn usual_mark(spec: &FigureSpec, rig: &Rig, person: &Person) -> Mark {
    let stage = &rig.stage;
    let (w, h) = (stage.w, stage.h);
    let m = rig.side;
    let (yaw, tilt) = (1.0, 0.0);
    let small = if person.is_child() { 0.90 } else { 1.0 };
    match spec.framing {
        Framing::MediumTwo => {
            let x = match spec.slot {
                Slot::Left => 0.31,
                Slot::Centre => 0.5,
                Slot::Right => 0.69,
            };
            // A narrow frame takes two people one behind the other: the left one nearer, larger and lower, so that the
            // faces stand apart though the shoulders overlap.
            let (x, y, hu) = if stage.tall() {
                match spec.slot {
                    Slot::Left => (0.315, 0.432, w * 0.370),
                    Slot::Centre => (0.5, 0.375, w * 0.330),
                    Slot::Right => (0.690, 0.352, w * 0.315),
                }
            } else if stage.narrow() {
                match spec.slot {
                    Slot::Left => (0.300, 0.440, w * 0.330),
                    Slot::Centre => (0.5, 0.400, w * 0.300),
                    Slot::Right => (0.695, 0.385, w * 0.282),
                }
            } else {
                (x, 0.372, h * 0.298)
            };
            let hu = hu * small;
            Mark { x: w * x, y: h * y + hu * (1.0 - small) * 2.2, hu, m, yaw, tilt }
        }
        // The face on the far side of the shoulder, in the part of the frame that it leaves.
        Framing::OverShoulder if spec.facing != Facing::Away => {
            let (aside, y, hu) = if stage.tall() {
                (0.13, 0.372, w * 0.480)
            } else if stage.narrow() {
                (0.14, 0.420, h * 0.390)
            } else {
                (0.14, 0.425, h * 0.400)
            };
            let hu = hu * small;
            Mark { x: w * (0.5 - aside * m), y: h * y + hu * (1.0 - small) * 1.6, hu, m, yaw, tilt }
        }
        // The shoulder: half out of the frame on its owner's side.
        Framing::OverShoulder => {
            let s = if spec.slot == Slot::Right { -1.0 } else { 1.0 };
            let (edge, y, hu) = if stage.tall() {
                (0.060, 0.570, w * 0.560)
            } else if stage.narrow() {
                (0.060, 0.540, h * 0.470)
            } else {
                (0.085, 0.510, h * 0.460)
            };
            Mark { x: w * (0.5 - (0.5 - edge) * s), y: h * y, hu: hu * small, m: s, yaw: 0.0, tilt }
        }
        Framing::Medium => {
            let hu = (h * 0.350).min(w * 0.44) * small;
            Mark { x: w * (0.5 - 0.08 * m), y: h * 0.378 + hu * (1.0 - small) * 2.2, hu, m, yaw, tilt }
        }
        _ => {
            // In a tall frame the face fills the width, above the middle.
            // In a tall frame a brim or a helmet is as wide as the frame: such a head is taken a little smaller.
            let broad = person.is_spirit() || matches!(person.headwear, Headwear::Hat | Headwear::Helmet);
            let (aside, y, hu) =
                if stage.tall() { (0.05, 0.455, w * if broad { 0.61 } else { 0.70 }) } else { (0.08, 0.535, (h * 0.562).min(w * 0.62)) };
            Mark { x: w * (0.5 - aside * m), y: h * y, hu, m, yaw, tilt }
        }
    }
}

/// How a body near the viewer is lit. Skin must not share its value with the sky behind it: where there is no flame, the
/// ambient is pulled down and cool, and what it loses comes back from the side of the key, warm at the hours of a low sun.
fn bust_light(rig: &Rig, at: &Mark, framing: Framing) -> Lit {
    let ub = rig.stage.ub;
    let key = &rig.key;
    let close = framing == Framing::Close;
    // Which side of the frame the light is on, seen from the person.
    let from = if key.x >= at.x { 1.0 } else { -1.0 };
    let (dx, dy, blur) = if close { (22.0, 14.0, 26.0) } else { (16.0, 12.0, 18.0) };
    let reach = if close { 950.0 } else { 660.0 };
    let (rx, soft) = if close { (5.0, 2.5) } else { (3.0, 1.4) };
    let shade = if rig.flame { 0.5 } else { 0.36 } * rig.style.shadow().min(1.1);
    let fade = rig.flame.then_some((key.x * ub, key.y * ub, reach * ub, 1.0));
    // A woodcut is three inks cut at fixed values: light that was moved for the eye moves whole faces into another ink.
    let far = match (rig.style.0, close) {
        (VisualStyle::Woodcut, _) => 0.0,
        (_, true) => 1.0,
        (_, false) => 0.6,
    };
    let (ambient, k, tone, rim) = if rig.flame || far == 0.0 {
        (rig.ambient, 1.0, key.c, rig.rim.1)
    } else if rig.hour.low {
        let cool = Rgb(rig.ambient.0 * 0.62, rig.ambient.1 * 0.66, rig.ambient.2 * 0.84);
        (mix(rig.ambient, cool, far), 1.0 + 0.42 * far, mix(key.c, Rgb(1.0, 0.80, 0.56), 0.45 * far), (rig.rim.1 * 1.35).min(0.92))
    } else if rig.hour.lamps {
        (rig.ambient.scale(1.0 - 0.10 * far), 1.0 + 0.22 * far, key.c, (rig.rim.1 * 1.1).min(0.9))
    } else {
        (rig.ambient.scale(1.0 - 0.12 * far), 1.0 + 0.20 * far, key.c, (rig.rim.1 * 1.3).min(0.7))
    };
    Lit::plain()
        .ambient(ambient)
        .light(key.x * ub, key.y * ub, key.r * ub, tone, key.k * k, key.p)
        .shadow(-from * dx * ub, dy * ub, blur * ub, shade)
        .rim(-from * rx * ub, 2.0 * ub, soft * ub, rig.rim.0, rim, fade)
        .rim(from * rx * ub, 3.0 * ub, (soft + 1.2) * ub, rig.counter.0, rig.counter.1, None)
}

/// Depth of the split shade on a near face.
fn split(rig: &Rig, framing: Framing) -> f32 {
    let own = if rig.flame || !rig.hour.low || rig.style.0 == VisualStyle::Woodcut { rig.shade } else { rig.shade.max(0.56) };
    if framing == Framing::Close { own } else { own * 0.82 }
}

/// A state of the face to paint.
#[derive(Clone, Copy, Default)]
struct State {
    mouth: Option<Mouth>,
    closed: bool,
    /// Which drawing of a double step.
    drawing: u8,
}

/// The face of a state, as its shot takes it.
fn face_of(spec: &FigureSpec, yaw: f32, light: f32, shade: f32, tint: Rgb, state: State) -> Face {
    let aside = match spec.take.gaze {
        Gaze::Partner | Gaze::Down => 0.75 * yaw.min(1.0),
        Gaze::Aside => -0.45,
    };
    let mut face = Face::new(yaw, spec.expression).light(light).shade(shade, tint).mouth(state.mouth).look(aside);
    face.lowered = spec.take.gaze == Gaze::Down;
    if state.closed { face.closed() } else { face }
}

/// Paints body and head on a window.
fn paint_bust(spec: &FigureSpec, rig: &Rig, person: &Person, at: &Mark, window: Rect, state: State) -> Group {
    let mut group = Group::of(window, seed(spec, "bust"));
    let side = if rig.key.x >= at.x { 1.0 } else { -1.0 };
    let light = side * at.m;
    let face = face_of(spec, at.yaw, light, split(rig, spec.framing), rig.shade_tint, state);
    people::bust(&mut group, &at.body(rig), person, at.yaw, light);
    people::head(&mut group, &at.head(rig), person, &face);
    group
}

fn near(spec: &FigureSpec, rig: &Rig) -> Vec<PaintedPlane> {
    let person = Person::from_look(&spec.look);
    let at = mark(spec, rig, &person);
    let lit = bust_light(rig, &at, spec.framing);
    let t = at.body(rig);
    let all = rig.stage.rect();
    let window = bust_box(&t).grow(lit.margin()).meet(&all);
    let base = light::finish(&paint_bust(spec, rig, &person, &at, window, State::default()), &lit);
    let mut plane = painted(&base, spec.character_id.as_str(), parallax::ACTORS, depth(spec, rig.stage.narrow()), None);
    let head = at.head(rig);
    plane.states = states(spec, &person, &head, at.yaw, &base, &mut |area, state| {
        let group = paint_bust(spec, rig, &person, &at, area.grow(lit.margin()).meet(&all), state);
        finish_in(&group, &lit, area)
    });
    let mut planes = vec![plane];
    planes.extend(arms(spec, rig, &person, &at));
    planes
}

/// The patches with which a head blinks and, when it speaks, talks. `paint` paints the plane in an area, in a state.
fn states(
    spec: &FigureSpec,
    person: &Person,
    head: &Xf,
    yaw: f32,
    base: &Plane,
    paint: &mut dyn FnMut(Rect, State) -> Plane,
) -> BTreeMap<String, PaintedPatch> {
    let mut wanted: Vec<(&str, Rect, State)> =
        vec![("eyes:closed", eyes_box(head, person, yaw), State { closed: true, ..State::default() })];
    if spec.speaks {
        let lips = mouth_box(head, person, yaw);
        for (name, mouth) in
            [("mouth:open", Mouth::Open), ("mouth:spread", Mouth::Spread), ("mouth:round", Mouth::Round), ("mouth:narrow", Mouth::Narrow)]
        {
            wanted.push((name, lips, State { mouth: Some(mouth), ..State::default() }));
        }
    }
    let mut states = BTreeMap::new();
    for (name, area, state) in wanted {
        let area = area.meet(&base.rect());
        if area.is_empty() {
            continue;
        }
        if let Some(patch) = patch(&paint(area, state), base) {
            states.insert(name.to_owned(), patch);
        }
    }
    states
}

/// The part of a plane that differs from its base, two pixels more on each side.
fn patch(changed: &Plane, base: &Plane) -> Option<PaintedPatch> {
    let area = changed.rect();
    let old = base.crop(area);
    let mut bounds: Option<Rect> = None;
    let w = area.w as usize;
    for (y, (a, b)) in changed.rgba.chunks_exact(w * 4).zip(old.rgba.chunks_exact(w * 4)).enumerate() {
        let differs = |x: &usize| a[x * 4..x * 4 + 4] != b[x * 4..x * 4 + 4];
        if let Some(first) = (0..w).find(differs) {
            let last = (0..w).rev().find(differs).unwrap_or(first);
            let row = Rect::new(area.x + first as i32, area.y + y as i32, (last + 1 - first) as i32, 1);
            bounds = Some(bounds.map_or(row, |b| b.join(&row)));
        }
    }
    let crop = bounds?.grow(2).meet(&area);
    let q = changed.crop(crop);
    Some(PaintedPatch { pixels: Pixels { width: q.w, height: q.h, rgba: q.rgba }, x: q.x, y: q.y })
}

/// Light screened onto a plane and around it.
pub(super) fn union(plane: &Plane, glow: &Plane) -> Plane {
    let rect = plane.rect().join(&glow.rect());
    let mut out = plane.crop(rect);
    let area = glow.rect();
    for y in area.y..area.bottom() {
        for x in area.x..area.right() {
            let s = ((y - area.y) as usize * area.w as usize + (x - area.x) as usize) * 4;
            let d = ((y - rect.y) as usize * rect.w as usize + (x - rect.x) as usize) * 4;
            let light = &glow.rgba[s..s + 4];
            let most = u32::from(light[0].max(light[1]).max(light[2]));
            if most == 0 {
                continue;
            }
            for (c, l) in out.rgba[d..d + 3].iter_mut().zip(light) {
                let l = u32::from(*l);
                *c = (l + (u32::from(*c) * (255 - l) + 127) / 255).min(255) as u8;
            }
            let a = u32::from(out.rgba[d + 3]);
            out.rgba[d + 3] = (most + (a * (255 - most) + 127) / 255).min(255) as u8;
        }
    }
    out
}

/// What the hands of somebody who only stands do: a habit of the person, coloured by what they feel.
fn manner(spec: &FigureSpec) -> Manner {
    use Expression as E;
    if spec.pose != Pose::Stand || spec.holding.is_some() || matches!(spec.facing, Facing::Away) {
        return Manner::Easy;
    }
    let habit = Seed::of(&["manner", spec.character_id.as_str()]).below(6);
    let turn = habit + spec.expression as u64;
    if spec.speaks && !turn.is_multiple_of(4) {
        return Manner::Talk;
    }
    let row: [Manner; 3] = match spec.expression {
        E::Worried | E::Afraid => [Manner::Chest, Manner::Clasped, Manner::Clasped],
        E::Sad => [Manner::Clasped, Manner::Easy, Manner::Chest],
        E::Angry | E::Determined | E::Stern => [Manner::Hip, Manner::Easy, Manner::Hip],
        E::Surprised => [Manner::Chest, Manner::Easy, Manner::Easy],
        E::Happy | E::Neutral | E::Soft => [Manner::Pocket, Manner::Clasped, Manner::Easy],
    };
    row[(turn % 3) as usize]
}

/// Where a whole figure stands, and its body in the light of the place.
fn standing(spec: &FigureSpec, rig: &Rig, person: &Person) -> (Xf, Body) {
    let ub = rig.stage.ub;
    let (mut x, mut y, mut hu) = stand(rig, spec.framing, spec.slot);
    let mut m = if spec.facing == Facing::Left { -1.0 } else { 1.0 };
    if spec.pose == Pose::Embrace && spec.slot != Slot::Centre {
        // Chest to chest in the middle of where two would stand.
        let (a, b) = (stand(rig, spec.framing, Slot::Left), stand(rig, spec.framing, Slot::Right));
        let aside = if spec.slot == Slot::Right { 1.0 } else { -1.0 };
        (y, hu) = ((a.1 + b.1) * 0.5, (a.2 + b.2) * 0.5);
        x = (a.0 + b.0) * 0.5 + aside * 0.72 * hu;
        m = -aside;
    }
    let hu = hu * person.stature();
    let t = Xf { ox: x * ub, oy: y * ub, k: hu * ub, m, r: 0.0 };
    let view = match (spec.facing, spec.take.turn) {
        (Facing::Left | Facing::Right, Turn::Profile) => View::Profile,
        (Facing::Left | Facing::Right, _) => View::ThreeQuarter,
        (Facing::Front, _) => View::Front,
        (Facing::Away, _) => View::Back,
    };
    let from = if rig.key.x >= x { 1.0 } else { -1.0 };
    let face = face_of(spec, view.yaw(), from * m, rig.shade * 0.7, rig.shade_tint, State::default());
    let mut body = Body::new(view, if spec.holding.is_some() && spec.pose == Pose::Stand { Pose::Hold } else { spec.pose }, face);
    body.lantern = false;
    body.manner = manner(spec);
    body.tilt = f32::from(spec.take.tilt.clamp(-120, 120)) / 1000.0;
    (t, body)
}

/// Drawings of one double step.
const DRAWINGS: u32 = 12;

/// How somebody goes on: drawings that follow each other, and how far the figure moves with each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gait {
    /// How long one drawing shows, milliseconds.
    pub frame_ms: u32,
    /// Of the longest step.
    stride: f32,
    /// How far the figure goes on with every drawing, pixels.
    pub advance: f32,
}

impl Gait {
    /// Drawings of a double step.
    pub(super) const DRAWINGS: u32 = DRAWINGS;

    /// How a whole figure walks or runs; nothing for everybody else. Near by, steps are short and slow: nobody leaves the frame
    /// within a shot.
    pub(super) fn of(spec: &FigureSpec, canvas: Canvas) -> Option<Self> {
        let wide = match spec.framing {
            Framing::Wide => true,
            Framing::Full => false,
            _ => return None,
        };
        let (frame_ms, stride) = match (spec.pose, wide) {
            (Pose::Walk, true) => (92, 0.46),
            (Pose::Walk, false) => (104, 0.28),
            (Pose::Run, true) => (50, 0.50),
            (Pose::Run, false) => (54, 0.34),
            _ => return None,
        };
        let rig = rig_of(spec, canvas);
        let person = Person::from_look(&spec.look);
        if person.is_spirit() {
            return None;
        }
        let (t, body) = standing(spec, &rig, &person);
        let body = Body { stride, ..body };
        let aside = matches!(body.view, View::Profile | View::ThreeQuarter);
        let advance = if aside { body.double_step() / DRAWINGS as f32 * t.k } else { 0.0 };
        Some(Self { frame_ms, stride, advance })
    }
}

/// A whole figure standing in its place; an arm around somebody is a plane of its own, before both.
fn whole(spec: &FigureSpec, rig: &Rig) -> Vec<PaintedPlane> {
    let stage = &rig.stage;
    let ub = stage.ub;
    let person = Person::from_look(&spec.look);
    let (t, body) = standing(spec, rig, &person);
    let gait = Gait::of(spec, stage.canvas);
    let body = Body { stride: gait.map_or(body.stride, |g| g.stride), ..body };
    let (x, y, hu, m) = (t.ox / ub, t.oy / ub, t.k / ub, t.m);
    let key = &rig.key;
    let from = if key.x >= x { 1.0 } else { -1.0 };
    let wide = spec.framing == Framing::Wide;
    let (sx, sy, sb) = if wide { (5.0, 3.0, 5.0) } else { (12.0, 6.0, 12.0) };
    let rim = if wide { 2.0 } else { 3.0 };
    let mut lit = lamp(Lit::plain().ambient(rig.ambient), key, ub, 0.0, key.r, key.k, key.p)
        .shadow(-from * sx * ub, sy * ub, sb * ub, 0.45)
        .rim(-from * rim * ub, ub, 0.9 * ub, rig.rim.0, rig.rim.1 * 0.8, None)
        .rim(from * rim * 0.6 * ub, 2.0 * ub, ub, rig.counter.0, rig.counter.1, None);
    let reach = (hu * ub) as i32;
    let window = figure_box(&t).grow(lit.margin() + reach).meet(&stage.rect());
    let shade = desert::long_shadow(rig, x, y, hu * 0.94);
    let window = match &shade {
        Some(points) => {
            let reach = Rect::around(&[points.iter().map(|q| [q.0 * ub, q.1 * ub]).collect()]).grow((hu * ub) as i32);
            window.join(&reach).meet(&stage.rect())
        }
        None => window,
    };
    let window = if window.is_empty() { Rect::new(0, 0, 1, 1) } else { window };
    let embraces = spec.pose == Pose::Embrace && matches!(body.view, View::ThreeQuarter | View::Profile);
    let paint = |window: Rect, sheets: Sheets, state: State| -> (Group, Option<(f32, f32)>) {
        let mut group = Group::of(window, seed(spec, "body"));
        let face = face_of(spec, body.face.yaw, body.face.light, body.face.shade, body.face.tint, state);
        let phase = body.phase + f32::from(state.drawing) / DRAWINGS as f32;
        let body = Body { face, sheets, phase, ..body };
        if sheets == Sheets::Arm {
            people::figure(&mut group, &t, &person, &body);
            return (group, None);
        }
        ground_shadow(&mut group, rig, x, y, hu, -from, if spec.pose == Pose::Sit { m } else { 0.0 });
        if let Some(points) = &shade {
            let dark = mix(rig.hour.near, rig.hour.land[1], 0.35);
            let mut pen = Pen { g: &mut group, xf: Xf::new(0.0, 0.0, ub), style: rig.style };
            pen.poly(points, dark, |q| q.flat().tex(0.0).blur(hu * 0.10).alpha(0.42));
        }
        if spec.pose == Pose::Sit && !person.is_spirit() {
            seat(&mut group, rig, x, y, hu, m);
        }
        let anchors = people::figure(&mut group, &t, &person, &body);
        let mut flame = None;
        // Nobody carries a boat, or what covers one, in a hand.
        if let Some(prop) = spec.holding.as_ref().filter(|q| !matches!(q.shape.as_str(), "tarpaulin" | "boat")) {
            let mut pen = Pen { g: &mut group, xf: Xf::new(0.0, 0.0, ub), style: rig.style };
            let size = props::stature(prop.shape.as_str()) * hu * 0.9;
            let s = size / 200.0;
            let (gx, gy) = props::grip(prop.shape.as_str());
            let (ax, ay) = (anchors.hand.0 / ub, anchors.hand.1 / ub);
            let mut q = pen.at(ax - gx * s * m, ay - gy * s, s, m);
            flame = props::paint(&mut q, prop, rig.style).map(|f| q.xf.pt(f.x, f.y));
            if !wide {
                people::clasp(&mut group, &anchors.hand_xf, &person, body.face.light);
            }
        }
        (group, flame)
    };
    let (group, flame) = paint(window, if embraces { Sheets::Body } else { Sheets::All }, State::default());
    if let Some((fx, fy)) = flame {
        // Where a lamp burns already, the one in the hand adds little.
        lit = lit.light(fx, fy, hu * 9.0 * ub, Rgb(1.0, 0.72, 0.40), if rig.flame { 0.45 } else { 1.0 }, 1.6);
    }
    let glow = flame.map(|(fx, fy)| {
        let r = if wide { 190.0 } else { 330.0 };
        light::glow(fx, fy, r * ub, hex("#ffb04e"), 1.0, stage.rect(), seed(spec, "glow"))
    });
    let lighten = |plane: Plane| match &glow {
        Some(glow) => union(&plane, glow),
        None => plane,
    };
    let base = lighten(light::finish(&group, &lit));
    let depth = depth(spec, rig.stage.narrow());
    let mut plane = painted(&base, spec.character_id.as_str(), parallax::ACTORS, depth, None);
    if !wide && spec.facing != Facing::Away {
        let head = people::head_of(&t, &person, &body);
        let sheets = if embraces { Sheets::Body } else { Sheets::All };
        plane.states = states(spec, &person, &head, body.view.yaw(), &base, &mut |area, state| {
            let (group, _) = paint(area.grow(lit.margin()).meet(&stage.rect()), sheets, state);
            let painted = finish_in(&group, &lit, area);
            match &glow {
                Some(glow) => union(&painted, &glow.crop(area.meet(&glow.rect()))).crop(area),
                None => painted,
            }
        });
    }
    if let Some(gait) = gait {
        // The base is the first drawing; what is drawn anew begins below what a mouth and an eye change.
        let area = people::going_box(&t, &person, &body).meet(&base.rect());
        let face = plane.states.values().map(|p| p.y + p.pixels.height as i32).max().unwrap_or(area.y);
        let area = Rect::edges(area.x, area.y.max(face), area.right(), area.bottom());
        for drawing in 1..DRAWINGS as u8 {
            let (group, _) = paint(area.grow(lit.margin()).meet(&stage.rect()), Sheets::All, State { drawing, ..State::default() });
            let painted = finish_in(&group, &lit, area);
            let painted = match &glow {
                Some(glow) => union(&painted, &glow.crop(area.meet(&glow.rect()))).crop(area),
                None => painted,
            };
            if let Some(patch) = patch(&painted, &base) {
                plane.states.insert(format!("walk:{drawing}"), patch);
            }
        }
        let states = (0..DRAWINGS).map(|n| if n == 0 { String::new() } else { format!("walk:{n}") }).collect();
        plane.cycles = vec![Cycle { group: "walk".to_owned(), states, frame_ms: gait.frame_ms, phase: 0 }];
    }
    let mut planes = vec![plane];
    if embraces {
        let (group, _) = paint(window, Sheets::Arm, State::default());
        let arm = light::finish(&group, &lit);
        let depth = 690 + u32::from(spec.slot == Slot::Right);
        planes.push(painted(&arm, &format!("{}-arms", spec.character_id), parallax::ACTORS, depth, None));
    }
    planes
}

/// Whoever is spoken to, from behind: a dark mass of shoulder and head, out of focus, that frames the face beyond it. Painted
/// at half size, as everything in it is soft.
fn shoulder(spec: &FigureSpec, rig: &Rig) -> PaintedPlane {
    let person = Person::from_look(&spec.look);
    let at = mark(spec, rig, &person);
    let half = rig.stage.halved();
    let t = Xf { k: at.hu * half.ub, ox: at.x * half.ub, oy: at.y * half.ub, m: at.m, r: 0.0 };
    let mut group = Group::of(half.rect(), seed(spec, "shoulder"));
    people::bust_back(&mut group, &t, &person, 1.0);
    people::head_back(&mut group, &t, &person, 1.0);
    let dark = mix(rig.hour.near, Rgb(0.03, 0.03, 0.05), 0.5);
    let lit = Lit::plain().ambient(rig.ambient.scale(0.42)).haze(dark, 0.40).shadow(10.0 * half.ub, 4.0 * half.ub, 20.0 * half.ub, 0.5);
    let mut plate = Plate::new(&half);
    plate.paper(&group, &lit.blur(5.0 * half.ub).grain(0.0));
    plate.doubled(&rig.stage).done(spec.character_id.as_str(), parallax::NEAR, 905, None)
}

/// What a seated figure sits on: a chair indoors, a stone elsewhere. The hip is 2.1 heads above the ground.
fn seat(group: &mut Group, rig: &Rig, x: f32, y: f32, hu: f32, m: f32) {
    let mut pen = Pen { g: group, xf: Xf::new(0.0, 0.0, rig.stage.ub), style: rig.style };
    let mut pen = pen.at(x, y, hu / 100.0, m);
    if rig.scene.indoors() {
        let wood = rig.style.tone(hex("#94683f"));
        let dark = mix(wood, rig.hour.near, 0.45);
        // Far legs, then the back with its two rails, the near legs and the seat.
        for x in [-64.0, 44.0] {
            pen.poly(&[(x, 0.0), (x + 4.0, -168.0), (x + 18.0, -168.0), (x + 13.0, 0.0)], dark, |q| q.sh(2.0, 2.0, 4.0, 0.4));
        }
        for (x, tone) in [(-78.0, dark), (-106.0, wood)] {
            pen.poly(&[(x, -168.0), (x - 16.0, -404.0), (x - 2.0, -408.0), (x + 17.0, -168.0)], tone, |q| q.sh(3.0, 3.0, 5.0, 0.45));
        }
        for y in [-384.0, -316.0] {
            pen.poly(&[(-124.0, y), (-86.0, y - 4.0), (-84.0, y + 30.0), (-120.0, y + 34.0)], mix(wood, dark, 0.4), |q| {
                q.sh(2.0, 3.0, 4.0, 0.4)
            });
        }
        pen.poly(&[(-92.0, -66.0), (56.0, -66.0), (56.0, -52.0), (-92.0, -52.0)], dark, |q| q.sh(1.0, 2.0, 3.0, 0.35));
        for x in [-104.0, 58.0] {
            pen.poly(&[(x, 2.0), (x + 3.0, -164.0), (x + 23.0, -164.0), (x + 18.0, 2.0)], wood, |q| q.sh(3.0, 3.0, 5.0, 0.45));
        }
        pen.poly(&[(-114.0, -186.0), (84.0, -186.0), (88.0, -158.0), (-112.0, -158.0)], wood, |q| {
            q.sh(0.0, 6.0, 7.0, 0.5).grad((0.0, -186.0), (0.0, -158.0), mix(wood, hex("#ffe0b0"), 0.25), wood)
        });
    } else {
        let stone = mix(rig.hour.land[0], rig.hour.wall, 0.4);
        let side = mix(stone, rig.hour.near, 0.4);
        pen.curve(&[(-112.0, 4.0), (-108.0, -120.0), (-78.0, -176.0), (34.0, -182.0), (82.0, -130.0), (96.0, 4.0)], stone, |q| {
            q.sh(4.0, 4.0, 8.0, 0.4).grad((-90.0, 0.0), (80.0, 0.0), stone, side)
        });
        pen.poly(&[(20.0, -178.0), (78.0, -128.0), (92.0, 2.0), (36.0, 2.0)], side, |q| q.flat().alpha(0.8));
    }
}

/// The soft dark under the feet, without which people float: wide and thin away from the light, dense where soles and the
/// legs of a stool touch. `sits` is the side a seated figure faces, else 0.
fn ground_shadow(group: &mut Group, rig: &Rig, x: f32, y: f32, hu: f32, away: f32, sits: f32) {
    let mut pen = Pen { g: group, xf: Xf::new(0.0, 0.0, rig.stage.ub), style: rig.style };
    let dark = mix(rig.hour.near, Rgb(0.02, 0.02, 0.06), 0.5);
    let (cx, rx) = if sits == 0.0 { (x + away * hu * 0.22, 0.95) } else { (x + (sits * 0.42 + away * 0.10) * hu, 1.55) };
    pen.ellipse(cx, y + hu * 0.03, hu * rx, hu * 0.15, dark, |q| q.flat().tex(0.0).blur(hu * 0.09).alpha(0.5));
    pen.ellipse(cx - away * hu * 0.06, y + hu * 0.01, hu * rx * 0.72, hu * 0.07, dark, |q| q.flat().tex(0.0).blur(hu * 0.035).alpha(0.55));
}
