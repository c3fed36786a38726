//! AssetManifest (what the film needs, no provider) and ResolvedAssets (what met it, with rights) (002-5.7, design §4).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Document, Hash, Id,
    lexicon::Substitution,
    picture::{BackgroundSpec, Canvas, CardSpec, FigureSpec, InsertSpec, View},
    shots::{Easing, MusicCue},
};

/// What the film needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AssetManifest {
    /// The project.
    pub project_id: Id,
    /// From 1.
    pub episode: u32,
    /// The timing these needs were read from.
    pub timing_lock: Hash,
    /// The frame they are made for.
    pub canvas: Canvas,
    /// The manifest before a person's choice of takes, by address; absent where nobody has chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Hash>,
    /// Needs, by id.
    pub needs: Vec<Need>,
}

impl Document for AssetManifest {
    const SCHEMA_ID: &'static str = "asset_manifest";
    const SCHEMA_VERSION: &'static str = "0.2.0";
    const FORBIDDEN_KEYS: &'static [&'static str] = &["provider", "provider_id", "tool", "model", "cost", "price"];
}

/// One need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Need {
    /// Names it in ResolvedAssets; made from what is needed, never from position.
    pub id: Id,
    /// Tags a library entry may match.
    pub tags: Vec<String>,
    /// The library entry the author named. When it is absent from the library, a marked stand-in is painted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub library_id: Option<Id>,
    /// Shots that show or sound it.
    pub used_by: Vec<Id>,
    /// From where a picture is seen, when a take of its shot sees it in another way than usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<View>,
    /// What is needed.
    pub spec: NeedSpec,
}

/// What is needed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum NeedSpec {
    /// Every plane of a place but its people.
    Background(BackgroundSpec),
    /// A person.
    Figure(Box<FigureSpec>),
    /// A thing filling the frame.
    Insert(Box<InsertSpec>),
    /// A card.
    Card(CardSpec),
    /// A spoken line; its voice was cast and spoken at the table read.
    Voice(VoiceSpec),
    /// The score of the whole film.
    Music(MusicSpec),
    /// A sound: an effect, or the air of a place.
    Sound(SoundSpec),
}

impl NeedSpec {
    /// Whether it is met by a picture.
    pub fn is_picture(&self) -> bool {
        matches!(self, Self::Background(_) | Self::Figure(_) | Self::Insert(_) | Self::Card(_))
    }
}

/// A spoken line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VoiceSpec {
    /// The line.
    pub line_id: Id,
    /// Who speaks.
    pub speaker_id: Id,
    /// The words.
    pub text: String,
    /// Length in samples that the timing lock holds for it.
    pub samples: u64,
}

/// The score of the whole film.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MusicSpec {
    /// What the theme is made from: the project's id, so that a series keeps its theme.
    pub theme: Id,
    /// Genre.
    pub genre: Id,
    /// Moods in film time.
    pub cues: Vec<MusicCue>,
    /// Where lines sound (start, end) in film samples: the score leaves room there.
    pub lines: Vec<(u64, u64)>,
    /// Length of the film in samples.
    pub samples: u64,
    /// What a library's piece may say of a scene beside its mood, by scene: place, hour, weather. The score does not read it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scenes: BTreeMap<Id, Vec<String>>,
}

/// A sound.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct SoundSpec {
    /// Such as `oars`, `wind`, `pen`.
    pub sound: Id,
    /// Length in samples.
    pub samples: u64,
    /// Whether it is the air of a place.
    pub ambience: bool,
}

/// What met the needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ResolvedAssets {
    /// The project.
    pub project_id: Id,
    /// From 1.
    pub episode: u32,
    /// The manifest, by address.
    pub manifest: Hash,
    /// One for each need, by need id.
    pub assets: BTreeMap<Id, ResolvedAsset>,
}

impl Document for ResolvedAssets {
    const SCHEMA_ID: &'static str = "resolved_assets";
    const SCHEMA_VERSION: &'static str = "0.2.0";
}

/// What met a need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ResolvedAsset {
    /// Where it came from.
    pub source: AssetSource,
    /// The medium.
    pub media: Media,
    /// Rights.
    pub rights: Rights,
    /// Set when it only stands in for something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stand_in: Option<StandIn>,
    /// What is in it in place of what nobody here knows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub substitutions: Vec<Substitution>,
    /// What in it came from the library, when the rest did not: pieces of music between stretches of the score.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
}

/// A stretch of a sound that came from the library.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    /// The entry of the library.
    pub library_id: Id,
    /// The author's file, by its bytes.
    pub file: Hash,
    /// First sample in the film.
    pub start: u64,
    /// Length in samples.
    pub samples: u64,
    /// How much louder it was made, hundredths of a decibel.
    pub gain_cb: i32,
    /// Rights.
    pub rights: Rights,
}

/// Where an asset came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AssetSource {
    /// The project's own library.
    Library,
    /// Painted, spoken or composed on this machine.
    Local,
}

/// Why an asset is only a stand-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StandIn {
    /// What is missing.
    pub missing_id: String,
    /// Why.
    pub reason: String,
}

/// Rights (requirement 002-9b; default of 002-19.0h).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rights {
    /// An SPDX id, or `proprietary_cleared` for what this machine made.
    pub licence: String,
    /// Who made it.
    pub author: String,
    /// The words a licence asks to be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribution: Option<String>,
}

impl ResolvedAsset {
    /// The rights of all that is in it: its own, then those of its parts.
    pub fn all_rights(&self) -> impl Iterator<Item = &Rights> {
        std::iter::once(&self.rights).chain(self.parts.iter().map(|part| &part.rights))
    }
}

impl Rights {
    /// What this machine made itself (requirement 002-19.0h).
    pub fn cleared(author: &str) -> Self {
        Self { licence: "proprietary_cleared".into(), author: author.into(), attribution: None }
    }
}

/// A medium, by content address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Media {
    /// Planes with alpha and depth, far to near.
    Picture {
        /// The frame the planes were made for.
        canvas: Canvas,
        /// Planes, far to near.
        planes: Vec<Plane>,
    },
    /// 48 kHz WAV, 16-bit.
    Sound {
        /// The file.
        audio: Hash,
        /// Length in samples.
        samples: u64,
        /// 1 or 2.
        channels: u8,
    },
    /// Nothing sounds: a line without a voice, a sound the artist does not know.
    Silence,
}

/// One plane: a PNG with straight alpha, placed on the canvas. It may reach beyond the canvas (overscan), so `x` and `y`
/// may be negative.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plane {
    /// Such as `sky`, `sea-2`, `agnes`.
    pub name: String,
    /// The PNG.
    pub image: Hash,
    /// Left edge on the canvas, in pixels.
    pub x: i32,
    /// Upper edge on the canvas, in pixels.
    pub y: i32,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// How much of a camera move it follows, in thousandths: 0 for the sky, 500 for the plane of the actors, who move by
    /// what the movement says, more for what is nearer (art direction §3, parallax).
    pub parallax: u32,
    /// Where it stands, far 0 to near 1000: planes of several assets are merged by it.
    pub depth: u32,
    /// Patches that replace a part of it, by state: `mouth:open`, `eyes:closed`. Placed like planes.
    #[serde(default)]
    pub states: BTreeMap<String, Patch>,
    /// A slow motion of its own, such as water or cloud.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sway: Option<Sway>,
    /// Motions of its own, beside those of the camera; at most one for each property.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tracks: Vec<Track>,
    /// States that follow each other by themselves, such as a flag's; the render plan names their frames.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cycles: Vec<Cycle>,
}

impl Plane {
    /// Whether it moves or changes by itself, the camera left aside.
    pub fn moves(&self) -> bool {
        let sways = |sway: &Sway| sway.period_ms > 0 && (sway.dx, sway.dy) != (0, 0);
        self.sway.as_ref().is_some_and(sways)
            || self.tracks.iter().any(Track::changes)
            || self.cycles.iter().any(|c| c.states.iter().any(|s| Some(s) != c.states.first()))
    }
}

/// States of one group that follow each other without end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cycle {
    /// What changes, such as `cloth` or `walk`: one state of each group shows at a time.
    pub group: String,
    /// The plane's states in order; an empty name shows the plane alone.
    pub states: Vec<String>,
    /// How long each is shown, milliseconds, at least 1.
    pub frame_ms: u32,
    /// How far into the round it begins, milliseconds.
    #[serde(default)]
    pub phase: u32,
}

/// How one property of a plane changes over its shot. Before the first key it has the first value, after the last key the
/// last one; between two it goes from one to the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Track {
    /// What changes.
    pub property: TrackProperty,
    /// Values at times, in order of time, at least one.
    pub keys: Vec<Key>,
    /// How the way between two keys is gone.
    #[serde(default)]
    pub easing: Easing,
    /// Whether it begins again after the last key; then the last value should be the first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeat: bool,
}

impl Track {
    /// Whether its value is ever another than at its beginning.
    pub fn changes(&self) -> bool {
        self.keys.iter().any(|key| Some(key.value) != self.keys.first().map(|first| first.value))
    }
}

/// What a track changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrackProperty {
    /// Shift to the right, thousandths of a pixel.
    X,
    /// Shift down, thousandths of a pixel.
    Y,
    /// Scale about the plane's own centre, millionths: 1,000,000 is as painted.
    Scale,
    /// How much of it is seen, thousandths.
    Opacity,
}

/// A value at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Key {
    /// Milliseconds from the start of the shot.
    pub at_ms: u32,
    /// In the property's unit.
    pub value: i32,
}

/// A picture that replaces a part of a plane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Patch {
    /// The PNG.
    pub image: Hash,
    /// Left edge on the canvas, in pixels.
    pub x: i32,
    /// Upper edge on the canvas, in pixels.
    pub y: i32,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// A slow motion of a plane: amplitude in thousandths of a pixel, period in milliseconds, phase in thousandths of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sway {
    /// Sideways, thousandths of a pixel.
    pub dx: i32,
    /// Up and down, thousandths of a pixel.
    pub dy: i32,
    /// One turn, milliseconds.
    pub period_ms: u32,
    /// Where in the turn it starts, thousandths.
    pub phase: u32,
}
