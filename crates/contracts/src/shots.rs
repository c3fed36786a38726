//! ShotList and the timing lock (requirements 002-5.6, 002-8). The lock is the timeline authority of every render.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Document, EditRate, Hash, Id,
    canonical::{CanonicalError, canonical_bytes},
    picture::{Expression, Facing, Framing, Pose, Slot, Take},
    story::{BeatFn, Mood, TimeOfDay, Weather},
};

/// Timed shots.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShotList {
    /// The project.
    pub project_id: Id,
    /// From 1.
    pub episode: u32,
    /// Frames per second.
    pub edit_rate: EditRate,
    /// Shots in order, without gaps.
    pub shots: Vec<Shot>,
    /// When each line sounds, in film time.
    pub lines: Vec<LineCue>,
    /// When each sound starts, in film time.
    pub sounds: Vec<SoundCue>,
    /// Music by scene, in film time.
    pub music: Vec<MusicCue>,
    /// Whole frames of the film.
    pub total_frames: u64,
    /// Hash over the edit rate and (shot id, frames) in order.
    pub timing_lock: Hash,
}

impl Document for ShotList {
    const SCHEMA_ID: &'static str = "shot_list";
    const SCHEMA_VERSION: &'static str = "0.4.0";
}

/// The timing lock: the address of the edit rate and (shot id, whole frames) in order.
pub fn timing_lock<'a>(edit_rate: EditRate, shots: impl Iterator<Item = (&'a Id, u64)>) -> Result<Hash, CanonicalError> {
    let rows: Vec<(&str, u64)> = shots.map(|(id, frames)| (id.as_str(), frames)).collect();
    Ok(Hash::of(&canonical_bytes(&serde_json::json!({"edit_rate": String::from(edit_rate), "shots": rows}))?))
}

impl ShotList {
    /// The lock these shots have now; equal to `timing_lock` unless somebody touched a length after it was set.
    pub fn compute_lock(edit_rate: EditRate, shots: &[Shot]) -> Result<Hash, CanonicalError> {
        timing_lock(edit_rate, shots.iter().map(|s| (&s.id, s.frames)))
    }

    /// Whether the lock still holds.
    pub fn lock_holds(&self) -> bool {
        Self::compute_lock(self.edit_rate, &self.shots).is_ok_and(|lock| lock == self.timing_lock)
    }
}

/// One picture over whole frames.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Shot {
    /// Hangs on its beat: `sc03-b07-s1`.
    pub id: Id,
    /// The scene; absent for cards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scene_id: Option<Id>,
    /// The beat; absent for cards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beat_id: Option<Id>,
    /// What the beat does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<BeatFn>,
    /// What the picture is for; absent for cards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// First frame in the film.
    pub start_frame: u64,
    /// Whole frames.
    pub frames: u64,
    /// What is in it.
    pub content: ShotContent,
    /// The viewer's move.
    pub movement: Movement,
    /// How it begins.
    pub transition: Transition,
}

/// What a picture does in its scene: from this the director chooses how it is framed (002-8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Where we are: the place, whole.
    Establish,
    /// Nearer: from the place to people and what they do.
    Approach,
    /// One to another: what is said between two, or weighs.
    Confront,
    /// A thing is seen, large, that was not seen before; or the last image.
    Reveal,
    /// A face that listens or looks.
    React,
}

/// What a shot shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ShotContent {
    /// A place with its people and things.
    Picture(Picture),
    /// A card.
    Card(CardContent),
}

/// A place with its people and things.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Picture {
    /// Where.
    pub location_id: Id,
    /// Hour.
    pub time_of_day: TimeOfDay,
    /// Weather.
    pub weather: Weather,
    /// Mood.
    pub mood: Mood,
    /// Framing.
    pub framing: Framing,
    /// Which side it looks to.
    pub toward: Facing,
    /// People.
    pub figures: Vec<ShotFigure>,
    /// Things seen.
    pub props: Vec<Id>,
    /// What happens, in words.
    pub description: String,
    /// A picture of the project's library that the author named for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub library_id: Option<Id>,
}

/// A person in a shot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShotFigure {
    /// Who.
    pub character_id: Id,
    /// Where in the frame.
    pub slot: Slot,
    /// Which way.
    pub facing: Facing,
    /// Body.
    pub pose: Pose,
    /// Face.
    pub expression: Expression,
    /// What is in the hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holding: Option<Id>,
    /// Whether they speak in this shot.
    pub speaks: bool,
    /// How this shot takes them.
    #[serde(default, skip_serializing_if = "crate::picture::is_usual")]
    pub take: Take,
}

/// A card's words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CardContent {
    /// What kind of card.
    pub card: crate::picture::CardKind,
    /// The large line or lines.
    pub text: Vec<String>,
    /// The small lines.
    pub small: Vec<String>,
}

/// The viewer's move over a shot. Amounts are thousandths: of the zoom for push and pull, of the frame's width for a pan, of
/// its height for a tilt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Movement {
    /// Which.
    pub kind: MoveKind,
    /// How far, in thousandths; 0 for a hold.
    pub amount: u32,
    /// How it begins and ends; absent: as its kind does by itself ([`MoveKind::easing`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub easing: Option<Easing>,
    /// What the tremor of a held camera is made from; 0 for every other move.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub seed: u32,
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl Movement {
    /// A move as its kind begins and ends by itself.
    pub fn new(kind: MoveKind, amount: u32) -> Self {
        Self { kind, amount, easing: None, seed: 0 }
    }
}

/// How a way from 0 to 1 is gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Easing {
    /// At one speed.
    Linear,
    /// Out of rest: `t²`.
    In,
    /// Into rest: `t(2 − t)`.
    Out,
    /// From rest to rest: `t²(3 − 2t)`.
    #[default]
    InOut,
}

/// The templates of movement. All but parallax and hand-held move every plane in proportion to its parallax: push and pull
/// scale, pan and tilt slide and rest at both ends, track slides at one speed. Parallax goes round the actors: their plane
/// stays, nearer ones slide one way and farther ones the other. Hand-held trembles, by at most its amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each name is its own description")]
pub enum MoveKind {
    Hold,
    PushIn,
    PullOut,
    PanLeft,
    PanRight,
    TiltUp,
    TiltDown,
    TrackLeft,
    TrackRight,
    ParallaxLeft,
    ParallaxRight,
    Handheld,
}

impl MoveKind {
    /// How the move begins and ends when nothing else is said: a camera that travels keeps one speed.
    pub fn easing(self) -> Easing {
        match self {
            Self::TrackLeft | Self::TrackRight | Self::Handheld => Easing::Linear,
            _ => Easing::InOut,
        }
    }
}

/// How a shot begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Transition {
    /// At once.
    Cut,
    /// Mixed with the end of the shot before it, which runs on under it.
    Dissolve {
        /// Frames of the mix, taken from this shot.
        frames: u64,
    },
    /// Out of black; only the first shot of a film.
    FromBlack {
        /// Frames.
        frames: u64,
    },
    /// Through one colour: the shot before it runs on and goes, then this one comes.
    Dip {
        /// Frames of both halves, taken from this shot.
        frames: u64,
        /// The colour.
        colour: DipColour,
    },
    /// Drawn over the shot before it, which runs on under it.
    Wipe {
        /// Frames of the wipe, taken from this shot.
        frames: u64,
        /// The side of the frame it comes from.
        from: Side,
    },
}

impl Transition {
    /// Frames in which it is not yet over; 0 for a cut.
    pub fn frames(self) -> u64 {
        match self {
            Self::Cut => 0,
            Self::Dissolve { frames } | Self::FromBlack { frames } | Self::Dip { frames, .. } | Self::Wipe { frames, .. } => frames,
        }
    }

    /// The same, over `frames` frames; a cut stays one.
    pub fn lasting(self, frames: u64) -> Self {
        match self {
            Self::Cut => Self::Cut,
            Self::Dissolve { .. } => Self::Dissolve { frames },
            Self::FromBlack { .. } => Self::FromBlack { frames },
            Self::Dip { colour, .. } => Self::Dip { frames, colour },
            Self::Wipe { from, .. } => Self::Wipe { frames, from },
        }
    }

    /// Whether the shot before it is seen in it.
    pub fn shows_previous(self) -> bool {
        matches!(self, Self::Dissolve { .. } | Self::Dip { .. } | Self::Wipe { .. })
    }
}

/// What a dip goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each name is its own description")]
pub enum DipColour {
    Black,
    White,
}

/// A side of the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each name is its own description")]
pub enum Side {
    Left,
    Right,
    Top,
    Bottom,
}

/// When a line sounds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LineCue {
    /// The line.
    pub line_id: Id,
    /// Who speaks.
    pub speaker_id: Id,
    /// The shot it starts in.
    pub shot_id: Id,
    /// First sample in the film.
    pub start: u64,
    /// Length in samples.
    pub samples: u64,
}

/// When a sound starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SoundCue {
    /// Such as `oars`, or `wind` for the air of a place.
    pub sound: Id,
    /// The shot it starts in.
    pub shot_id: Id,
    /// First sample in the film.
    pub start: u64,
    /// Length in samples.
    pub samples: u64,
    /// Whether it is the air of a place (a loop) or a single cue.
    pub ambience: bool,
}

/// The mood the music states over a stretch of film.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MusicCue {
    /// The scene; absent over cards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scene_id: Option<Id>,
    /// Mood.
    pub mood: Mood,
    /// How strongly, 0 to 3; 0 is silence.
    pub level: u8,
    /// First sample in the film.
    pub start: u64,
    /// Length in samples.
    pub samples: u64,
}
