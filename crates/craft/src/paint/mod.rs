//! The public face of the artist: specifications in, planes with alpha and depth out. Everything here is pure: the same
//! specification and canvas give the same bytes on any machine.

mod afloat;
mod arms;
mod figure;
mod insert;

use std::collections::BTreeMap;

use contracts::{
    Seed,
    assets::{Cycle, Sway, Track, TrackProperty},
    picture::{BackgroundSpec, Canvas, CardSpec, Facing, FigureSpec, Framing, InsertSpec, StandInSpec, View},
};

use crate::{light::Plane, motion, paper::Rect, print};

/// Premultiplied RGBA, 8 bits a channel, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// `width · height · 4` bytes; no colour channel exceeds alpha.
    pub rgba: Vec<u8>,
}

/// One plane, placed on the canvas; it may reach beyond it.
#[derive(Clone, Debug, PartialEq)]
pub struct PaintedPlane {
    /// Such as `sky`, `sea`, `agnes`.
    pub name: String,
    /// The picture.
    pub pixels: Pixels,
    /// Left edge on the canvas, in pixels.
    pub x: i32,
    /// Upper edge on the canvas, in pixels.
    pub y: i32,
    /// How much of a camera move it follows, thousandths (art direction §3: the sky 10, actors 500, the near edge 1150).
    pub parallax: u32,
    /// 0 far to 1000 near; planes of several assets are merged by it.
    pub depth: u32,
    /// What replaces a part of it, by state: `mouth:open`, `mouth:spread`, `mouth:round`, `mouth:narrow`, `eyes:closed`.
    pub states: BTreeMap<String, PaintedPatch>,
    /// A slow motion of its own.
    pub sway: Option<Sway>,
    /// Motions of its own, at most one for each property ([`crate::motion`]).
    pub tracks: Vec<Track>,
    /// States that follow each other by themselves.
    pub cycles: Vec<Cycle>,
    /// Sheets right before it that move in another way. [`PaintedPlane::sheets`] puts them in their places; what this module
    /// hands out has none.
    pub upon: Vec<PaintedPlane>,
}

impl PaintedPlane {
    /// It, and what moves by itself upon it: far to near.
    pub fn sheets(mut self) -> Vec<Self> {
        let upon = std::mem::take(&mut self.upon);
        let own = std::iter::once(self).filter(|q| upon.is_empty() || !q.is_nothing());
        own.chain(upon.iter().cloned().flat_map(Self::sheets)).collect()
    }

    /// Whether there is nothing to see on it.
    fn is_nothing(&self) -> bool {
        self.pixels.width == 1 && self.pixels.height == 1 && self.pixels.rgba.last() == Some(&0)
    }

    /// Whether it moves or changes by itself.
    pub fn moves(&self) -> bool {
        self.sway.is_some() || !self.tracks.is_empty() || !self.cycles.is_empty()
    }

    /// Where it is, in pixels.
    pub fn rect(&self) -> Rect {
        Rect::new(self.x, self.y, self.pixels.width as i32, self.pixels.height as i32)
    }

    /// The picture as a plane of the light pass.
    pub fn as_plane(&self) -> Plane {
        Plane { x: self.x, y: self.y, w: self.pixels.width, h: self.pixels.height, rgba: self.pixels.rgba.clone() }
    }
}

/// A picture that replaces the pixels of a plane within its rectangle (it is not blended). It lies within the plane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaintedPatch {
    /// The picture.
    pub pixels: Pixels,
    /// Left edge on the canvas, in pixels.
    pub x: i32,
    /// Upper edge on the canvas, in pixels.
    pub y: i32,
}

/// Every plane of a place but its people, far to near. The first is opaque over the whole overscan
/// ([`crate::places::rig::OVERSCAN`]).
pub fn background(spec: &BackgroundSpec, canvas: Canvas) -> Vec<PaintedPlane> {
    print::scenery(crate::places::paint(spec, canvas), spec.place.style, canvas)
}

/// A person in a place's light: the body, and the arms when they lie on a table before it.
pub fn figure(spec: &FigureSpec, canvas: Canvas) -> Vec<PaintedPlane> {
    let mut planes = print::person(figure::figure(spec, canvas), spec.place.style, canvas, Some(figure::reddest(spec, canvas)));
    breathe(spec, canvas, &mut planes);
    planes
}

/// Breath: a person grows by a pixel or two from the foot of the picture up, whole figures from their feet. Who walks goes on. Arms before the
/// chest go along; what rests on a table does not.
fn breathe(spec: &FigureSpec, canvas: Canvas, planes: &mut [PaintedPlane]) {
    let unit = canvas.width.min(canvas.height) as f32 / 720.0;
    let (rise, side) = match spec.framing {
        Framing::Wide => (0.8, 0.0),
        Framing::Full => (1.3, 0.0),
        Framing::OverShoulder if spec.facing == Facing::Away => (1.0, 0.6),
        _ => (1.6, 0.45),
    };
    let Some((body, arms)) = planes.split_first_mut() else { return };
    let mut seed = Seed::of(&["breath", spec.character_id.as_str()]);
    let towards = match spec.facing {
        Facing::Right => 1.0,
        Facing::Left => -1.0,
        Facing::Front | Facing::Away => 0.0,
    };
    match figure::Gait::of(spec, canvas) {
        Some(gait) => {
            let step_ms = gait.frame_ms * figure::Gait::DRAWINGS / 2;
            motion::walk(body, &mut seed, rise * unit, step_ms);
            body.tracks.extend(motion::onward(towards * gait.advance, gait.frame_ms));
        }
        None => motion::breath(body, &mut seed, rise * unit, side * unit),
    }
    let raised = spec.holding.is_some() && !arms.iter().any(|q| q.depth >= 700);
    for plane in arms.iter_mut().filter(|_| raised) {
        plane.tracks = body.tracks.iter().filter(|t| t.property != TrackProperty::Scale).cloned().collect();
    }
}

/// Where a person's face (brow to chin) and head (with hair and headwear) stand, in pixels of the canvas, before the camera
/// moves; nothing for somebody who turns away.
pub fn head_boxes(spec: &FigureSpec, canvas: Canvas) -> Option<(Rect, Rect)> {
    figure::head_boxes(spec, canvas)
}

/// Where the words of a card stand, in pixels of the canvas.
pub fn text_boxes(spec: &CardSpec, canvas: Canvas) -> Vec<Rect> {
    crate::cards::text_boxes(spec, canvas)
}

/// One thing filling the frame, before its place out of focus, with the hand of its owner.
pub fn insert(spec: &InsertSpec, canvas: Canvas) -> Vec<PaintedPlane> {
    print::handled(insert::insert(spec, canvas), spec.place.style, canvas, insert::reddest(spec, canvas))
}

/// What `paint` paints, seen from elsewhere: painted larger, and the canvas laid over another part of it. Planes that are farther
/// or nearer than the actors slide against them.
pub fn viewed(view: Option<View>, canvas: Canvas, paint: impl FnOnce(Canvas) -> Vec<PaintedPlane>) -> Vec<PaintedPlane> {
    let Some(view) = view else { return paint(canvas) };
    let nearer = u32::from(view.nearer.clamp(1_000, 1_600));
    // Even sizes: a plate that is painted small and doubled keeps its centre.
    let large = |n: u32| (n * nearer / 1_000).next_multiple_of(2);
    let whole = Canvas { width: large(canvas.width), height: large(canvas.height) };
    let corner = |whole: u32, seen: u32, at: i16| ((whole - seen) as i32 * (1_000 + i32::from(at.clamp(-1_000, 1_000)))) / 2_000;
    let (x, y) = (corner(whole.width, canvas.width, view.aside), corner(whole.height, canvas.height, view.lower));
    let around = i32::from(view.around.clamp(-80, 80));
    let mut planes = paint(whole);
    for plane in &mut planes {
        let slide = canvas.width as i32 * around * (ACTORS - plane.parallax as i32) / (1_000 * ACTORS);
        plane.x += slide - x;
        plane.y -= y;
        for patch in plane.states.values_mut() {
            patch.x += slide - x;
            patch.y -= y;
        }
    }
    planes
}

/// The parallax of the people's plane, about which a viewer goes round.
const ACTORS: i32 = crate::places::parallax::ACTORS as i32;

/// A card with words.
pub fn card(spec: &CardSpec, canvas: Canvas) -> Vec<PaintedPlane> {
    print::card(crate::cards::card(spec, canvas), spec.style, canvas)
}

/// The place, dimmed, with a paper tag that bears the id of what is missing.
pub fn stand_in(spec: &StandInSpec, canvas: Canvas) -> Vec<PaintedPlane> {
    print::scenery(crate::cards::stand_in(spec, canvas), spec.place.style, canvas)
}
