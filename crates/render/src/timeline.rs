//! The Timeline: what a RenderPlan comes to, shot by shot, with nothing left to decide. Layers far to near, the move of
//! the camera, the motion of each layer, which patches show when. All numbers are integers, so that a shot's canonical
//! bytes are its key; where a layer stands on a frame is arithmetic without libm ([`Layer::placement`] takes its sine
//! from pure Rust).
//!
//! The move: the plane of the actors has parallax [`ACTORS`]. A push-in by `amount` thousandths scales that plane by
//! `1 + amount/1000` about the centre of the frame, a pan moves it by `amount/1000` of the frame's width, a tilt by as
//! much of its height, and every other plane follows in proportion to its parallax (art direction §3, §9). Moves run on
//! under the transition into the next shot. What does not change a picture is brought to one form, so that it changes no
//! key either: a move of nothing is a hold, a track that keeps its default is none.

mod motion;

use contracts::{
    EditRate, Hash, Id,
    assets::{Plane, Sway, Track},
    picture::Canvas,
    render::{Clip, Filter, Overlay, PlannedShot, RenderPlan},
    shots::{MoveKind, Movement, Transition},
};
use serde::{Deserialize, Serialize};

pub use motion::Placement;

/// Parallax of the plane of the actors, thousandths.
pub const ACTORS: u32 = 500;
/// The largest side of a frame or a layer, in pixels.
const MAX_SIDE: u32 = 16_384;

/// A film as it is played.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timeline {
    /// Shots in order, without gaps.
    pub shots: Vec<TimelineShot>,
}

/// A shot as it is played. Its canonical bytes, with those of the shot before it when it dissolves, decide every frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimelineShot {
    /// The shot.
    pub shot_id: Id,
    /// The frame; both sides even.
    pub canvas: Canvas,
    /// Frames per second.
    pub rate: EditRate,
    /// Whole frames.
    pub frames: u64,
    /// Frames the move takes: those of the shot and of the dissolve into the next.
    pub move_frames: u64,
    /// The move.
    pub movement: Movement,
    /// How it begins.
    pub transition: Transition,
    /// Layers, far to near.
    pub layers: Vec<Layer>,
    /// A moving picture that is shown in their place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip: Option<Clip>,
    /// Pictures over the finished frame, later ones over earlier ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overlays: Vec<ShotOverlay>,
    /// How pictures are sampled.
    #[serde(default)]
    pub filter: Filter,
}

/// A picture over the finished frames of a shot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShotOverlay {
    /// The PNG.
    pub image: Hash,
    /// Where it stands, in pixels of the canvas.
    pub rect: Rect,
    /// First frame of the shot in which it is seen.
    pub first: u64,
    /// One past the last.
    pub end: u64,
}

/// A picture on the canvas that moves as one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// The plane's name.
    pub name: String,
    /// The PNG.
    pub image: Hash,
    /// Where it stands at rest, in pixels of the canvas.
    pub rect: Rect,
    /// How much of the camera's move it follows, thousandths.
    pub parallax: u32,
    /// A constant extra scale about the centre, in millionths, without which a plane that covers an edge of the frame
    /// would uncover it during the move. 1,000,000 for a plane with enough overscan.
    pub cover: u32,
    /// A slow motion of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sway: Option<Sway>,
    /// Motions of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tracks: Vec<Track>,
    /// Patches that its cues name by index.
    pub patches: Vec<PatchImage>,
    /// From a frame on, these patches show, later ones over earlier ones. In order of frames.
    pub cues: Vec<Cue>,
}

/// A rectangle of whole pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rect {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

/// A picture that replaces a part of its layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatchImage {
    /// The PNG.
    pub image: Hash,
    /// Where it stands, in pixels of the canvas.
    pub rect: Rect,
}

/// What a layer shows from a frame on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cue {
    /// First frame in the shot.
    pub frame: u64,
    /// Indices of patches; empty for the plane alone.
    pub patches: Vec<u32>,
}

/// Why a plan has no timeline.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{shot}: {fault}")]
pub struct TimelineError {
    /// The shot, or `film`.
    pub shot: String,
    /// What is wrong with it.
    pub fault: String,
}

/// Lowers a plan. The same plan gives the same timeline. `drawn` are captions that were drawn for it, over its own overlays.
///
/// # Errors
/// When shots leave gaps or do not add up, a transition does not fit, a cue names a plane or a state that is not there,
/// or a size cannot be composed.
pub fn lower(plan: &RenderPlan, drawn: &[Overlay]) -> Result<Timeline, TimelineError> {
    let film = |fault: String| Err(TimelineError { shot: "film".into(), fault });
    let Canvas { width, height } = plan.canvas;
    if width % 2 == 1 || height % 2 == 1 || !(16..=MAX_SIDE).contains(&width) || !(16..=MAX_SIDE).contains(&height) {
        return film(format!("a frame of {width}×{height} cannot be composed: both sides must be even, 16 to {MAX_SIDE}"));
    }
    let mut shots = Vec::with_capacity(plan.shots.len());
    let mut at = 0;
    for (i, shot) in plan.shots.iter().enumerate() {
        let fault = |fault: String| TimelineError { shot: shot.shot_id.to_string(), fault };
        if shot.start_frame != at || shot.frames == 0 {
            return Err(fault(format!(
                "it starts at frame {} with {} frames; it must start at {at} and last",
                shot.start_frame, shot.frames
            )));
        }
        at += shot.frames;
        let mix = shot.transition.frames();
        let previous = i > 0 || !shot.transition.shows_previous();
        if mix > shot.frames || !previous {
            return Err(fault(format!("a mix of {mix} frames does not fit: it has {} frames and {i} shots before it", shot.frames)));
        }
        let next = plan.shots.get(i + 1).map(|next| next.transition).filter(|next| next.shows_previous());
        let tail = next.map_or(0, Transition::frames);
        shots.push(lower_shot(plan, drawn, shot, tail).map_err(fault)?);
    }
    if at != plan.total_frames || shots.is_empty() {
        return film(format!("its shots have {at} frames, {} were planned", plan.total_frames));
    }
    Ok(Timeline { shots })
}

fn lower_shot(plan: &RenderPlan, drawn: &[Overlay], shot: &PlannedShot, tail: u64) -> Result<TimelineShot, String> {
    let mut lowered = TimelineShot {
        shot_id: shot.shot_id.clone(),
        canvas: plan.canvas,
        rate: plan.edit_rate,
        frames: shot.frames,
        move_frames: shot.frames + tail,
        movement: motion::plain(shot.movement),
        transition: shot.transition,
        layers: Vec::with_capacity(shot.planes.len()),
        clip: shot.clip.clone(),
        overlays: overlays(plan.overlays.iter().chain(drawn), shot)?,
        filter: plan.filter,
    };
    if shot.movement.amount > 1000 {
        return Err(format!("a move of {} thousandths is not one a frame can follow: 0 to 1000", shot.movement.amount));
    }
    if shot.clip.is_some() {
        lowered.movement = Movement::new(MoveKind::Hold, 0);
    }
    if matches!(lowered.movement.kind, MoveKind::Hold | MoveKind::Handheld) {
        // What does not travel does not depend on how long it takes.
        lowered.move_frames = lowered.frames;
    }
    if shot.clip.is_some() {
        return Ok(lowered);
    }
    for cue in &shot.sprites {
        let Some(plane) = shot.planes.iter().find(|p| p.name == cue.plane) else {
            return Err(format!("a cue names the plane `{}`, which is not in the shot", cue.plane));
        };
        if !cue.state.is_empty() && !plane.states.contains_key(&cue.state) {
            return Err(format!("a cue names the state `{}`, which the plane `{}` does not have", cue.state, cue.plane));
        }
    }
    for plane in &shot.planes {
        let sway = plane.sway.map_or(0, |s| s.dx.unsigned_abs().max(s.dy.unsigned_abs()));
        if plane.parallax > 10_000 || sway > 1_000_000 {
            return Err(format!("`{}` moves by a parallax of {} and a sway of {sway}: too far to compose", plane.name, plane.parallax));
        }
        let rect = Rect { x: plane.x, y: plane.y, width: plane.width, height: plane.height };
        check_rect(&plane.name, rect)?;
        let patches = plane.states.iter().map(|(state, patch)| {
            let rect = Rect { x: patch.x, y: patch.y, width: patch.width, height: patch.height };
            check_rect(state, rect).map(|()| PatchImage { image: patch.image.clone(), rect })
        });
        let mut layer = Layer {
            parallax: plane.parallax,
            sway: plane.sway.filter(|s| s.period_ms > 0 && (s.dx != 0 || s.dy != 0)),
            tracks: motion::tracks(plane)?,
            patches: patches.collect::<Result<_, _>>()?,
            cues: cues(shot, plane),
            ..Layer::plain(&plane.name, plane.image.clone(), rect)
        };
        drop_unused(&mut layer);
        layer.cover = motion::cover(&lowered, &layer);
        lowered.layers.push(layer);
    }
    Ok(lowered)
}

/// The overlays that are seen in a shot, in its own frames.
fn overlays<'a>(all: impl Iterator<Item = &'a Overlay>, shot: &PlannedShot) -> Result<Vec<ShotOverlay>, String> {
    let (start, end) = (shot.start_frame, shot.start_frame + shot.frames);
    let seen = all.filter(|o| o.start_frame < end && o.start_frame.saturating_add(o.frames) > start);
    seen.map(|o| {
        let rect = Rect { x: o.x, y: o.y, width: o.width, height: o.height };
        check_rect("overlay", rect)?;
        let (first, last) = (o.start_frame.max(start) - start, o.start_frame.saturating_add(o.frames).min(end) - start);
        Ok(ShotOverlay { image: o.image.clone(), rect, first, end: last })
    })
    .collect()
}

/// Forgets patches no cue shows, so that a state that is never seen changes no key and costs no load.
fn drop_unused(layer: &mut Layer) {
    let used: std::collections::BTreeSet<u32> = layer.cues.iter().flat_map(|c| c.patches.iter().copied()).collect();
    let place = |i: u32| used.iter().position(|&u| u == i).unwrap_or(0) as u32;
    for cue in &mut layer.cues {
        cue.patches.iter_mut().for_each(|i| *i = place(*i));
    }
    let kept = used.iter().filter_map(|&i| layer.patches.get(i as usize).cloned()).collect();
    layer.patches = kept;
}

fn check_rect(name: &str, rect: Rect) -> Result<(), String> {
    let near = |v: i32| v.unsigned_abs() <= MAX_SIDE;
    let sides = (1..=MAX_SIDE).contains(&rect.width) && (1..=MAX_SIDE).contains(&rect.height);
    if sides && near(rect.x) && near(rect.y) {
        Ok(())
    } else {
        Err(format!("`{name}` at {},{} with {}×{} pixels cannot be composed", rect.x, rect.y, rect.width, rect.height))
    }
}

/// The cues of a plane: at each frame where a group changes, every group's state of that moment.
fn cues(shot: &PlannedShot, plane: &Plane) -> Vec<Cue> {
    let mut changes: Vec<_> = shot.sprites.iter().filter(|c| c.plane == plane.name).collect();
    changes.sort_by_key(|c| c.frame);
    let index = |state: &str| plane.states.keys().position(|s| s == state).map(|i| i as u32);
    let mut shown = std::collections::BTreeMap::new();
    let mut cues: Vec<Cue> = Vec::new();
    for change in changes {
        shown.insert(&change.group, index(&change.state));
        let patches: Vec<u32> = shown.values().flatten().copied().collect();
        match cues.last_mut() {
            Some(last) if last.frame == change.frame => last.patches = patches,
            _ => cues.push(Cue { frame: change.frame, patches }),
        }
    }
    let mut before: Vec<u32> = Vec::new();
    cues.retain(|cue| std::mem::replace(&mut before, cue.patches.clone()) != cue.patches);
    cues
}

impl Layer {
    /// A picture in the plane of the actors with no motion of its own and nothing that changes in it.
    pub fn plain(name: &str, image: Hash, rect: Rect) -> Self {
        Self {
            name: name.to_owned(),
            image,
            rect,
            parallax: ACTORS,
            cover: 1_000_000,
            sway: None,
            tracks: Vec::new(),
            patches: Vec::new(),
            cues: Vec::new(),
        }
    }

    /// The patches that show at a frame.
    pub fn shown(&self, frame: u64) -> &[u32] {
        let n = self.cues.partition_point(|cue| cue.frame <= frame);
        n.checked_sub(1).map_or(&[], |i| &self.cues[i].patches)
    }
}

#[cfg(test)]
mod tests;
