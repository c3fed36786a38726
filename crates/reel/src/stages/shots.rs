//! RenderPlan → one video segment a shot, composed, encoded, decoded again and measured. Each shot is a step of its own,
//! keyed by what it shows and never by where it stands: an inserted shot re-encodes no other.

use std::sync::Arc;

use contracts::{
    Hash, Id,
    render::{EncodeSettings, Overlay, RenderPlan, Segment},
    shots::Transition,
};
use orchestrator::{Grade, Outputs, Queue, StepCx, StepResult};
use render::{
    clip::Clips,
    compositor::Planes,
    player::Sources,
    shot::render_shot,
    timeline::{TimelineShot, lower},
};
use serde::{Deserialize, Serialize};

use super::{FnStep, Made, Shop, fault, json, mix, step};
use crate::{failure::Failure, tools::Tools};

/// A segment and a small picture of it.
pub struct Shot {
    pub segment: Segment,
    pub still: Hash,
    /// Whether it was made in this run; else the memo knew it.
    pub made: bool,
}

/// The sound of a film.
pub struct Sound {
    /// The mix, WAV, and its stems.
    pub mix: mix::Mixed,
    /// The mix, encoded.
    pub track: Hash,
}

/// Everything a shot is rendered from.
#[derive(Serialize, Deserialize)]
pub struct ShotSpec {
    shot: TimelineShot,
    /// The shot it dissolves out of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<TimelineShot>,
    encode: EncodeSettings,
    /// The build of the encoder.
    encoder: Hash,
}

/// A shot, to be rendered by any process that has this encoder.
pub fn work(name: String, spec: ShotSpec, tools: Arc<Tools>, planes: Arc<Planes>) -> FnStep {
    let projection = json(&spec);
    let act = move |cx: &StepCx| {
        let file = cx.temp_dir()?.join("segment.mp4");
        let fetch = |hash: &Hash| cx.get_bytes(hash).map_err(|e| e.to_string());
        let path_of = |hash: &Hash| cx.path_of(hash).map_err(|e| e.to_string());
        let sources = Sources { fetch: &fetch, clips: &Clips { ffmpeg: &tools.ffmpeg, path_of: &path_of }, planes: &planes };
        let done = render_shot(&spec.shot, spec.before.as_ref(), sources, &tools.ffmpeg, &spec.encode, &file).map_err(fault)?;
        let video = cx.put_file(&file)?;
        let segment = Segment {
            shot_id: spec.shot.shot_id.clone(),
            video: video.hash.clone(),
            frames: done.frames,
            composed: done.composed,
            black_frames: done.black_frames,
            longest_freeze: done.longest_freeze,
            held_frames: done.held_frames,
            inner_motion: done.inner_motion,
            moving: done.moving,
            caption_frames: done.caption_frames,
        };
        Ok(Outputs::new().with("video", video).with("still", cx.put_bytes(&done.poster)?).with_facts(json(&segment)))
    };
    step(name, "shot", Grade::Pinned, projection, act).on(Queue::Media).portable()
}

/// The shots, and beside them the mix and its encoding: neither reads the other.
pub fn run(
    shop: &mut Shop,
    plan: &Made<RenderPlan>,
    drawn: &[Overlay],
    stems: bool,
    tools: &Arc<Tools>,
) -> Result<(Vec<Shot>, Sound), Failure> {
    let timeline = lower(&plan.doc, drawn).map_err(Failure::step)?;
    let fingerprint = tools.encoder_fingerprint()?;
    // Shots of one run share the pictures that they have in common.
    let planes = Arc::new(Planes::default());
    let mut works = Vec::new();
    for (at, shot) in timeline.shots.iter().enumerate() {
        // A shot is rendered from itself and the one it dissolves out of; neither knows its name or its place in the film.
        let nameless = |shot: &TimelineShot| TimelineShot { shot_id: Id::slug("shot"), ..shot.clone() };
        // Of the shot before, what lies over its frames is not seen in the mix, nor how it began: another line drawn into it
        // leaves this shot as it is.
        let bare = |shot: &TimelineShot| TimelineShot { overlays: Vec::new(), transition: Transition::Cut, ..nameless(shot) };
        let before = at.checked_sub(1).filter(|_| shot.transition.shows_previous()).map(|b| bare(&timeline.shots[b]));
        let spec = ShotSpec { shot: nameless(shot), before, encode: plan.doc.encode.clone(), encoder: fingerprint.clone() };
        works.push(work(shot.shot_id.to_string(), spec, Arc::clone(tools), Arc::clone(&planes)));
    }
    let encode = |mixed: &[StepResult]| Ok(vec![mix::encoded(plan, mix::made(mixed.first(), "mix")?, tools)?]);
    let [results, mixed, track] = shop.beside(("shots", works), ("mix", vec![mix::work(plan, stems)]), ("soundtrack", encode))?;
    let named = results.into_iter().zip(&plan.doc.shots).map(|(result, planned)| {
        // Two shots that show the same share a segment; each keeps its own name.
        let segment: Segment = serde_json::from_value(result.outputs.facts.clone()).map_err(Failure::internal)?;
        let still = result.outputs.hash("still").cloned().ok_or_else(|| Failure::internal("a shot without a still"))?;
        Ok(Shot { segment: Segment { shot_id: planned.shot_id.clone(), ..segment }, still, made: !result.hit })
    });
    let sound = Sound { mix: mix::mixed(mixed.first())?, track: mix::made(track.first(), "sound")? };
    Ok((named.collect::<Result<_, Failure>>()?, sound))
}
