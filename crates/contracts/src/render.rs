//! RenderPlan (every decision taken, for one profile) and RenderOutput (the film, measured) (002-5.8, 002-5.9, 002-11).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Document, EditRate, Hash, Id,
    assets::{Plane, Rights},
    picture::Canvas,
    promise::Terms,
    shots::{Movement, Transition},
    table_read::WordMark,
};

/// Everything the renderer plays, for one profile. Nothing is left to decide.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RenderPlan {
    /// The project.
    pub project_id: Id,
    /// From 1.
    pub episode: u32,
    /// Title of the film.
    pub title: String,
    /// Language of the lines, BCP 47.
    pub language: String,
    /// `preview_local`, `standard_local`, `hq_{provider}`.
    pub profile: Id,
    /// What plays it.
    pub render_runtime: Runtime,
    /// What was promised, locked by hash in the proposal; absent in a plan that no proposal stands behind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
    /// The frame.
    pub canvas: Canvas,
    /// Frames per second.
    pub edit_rate: EditRate,
    /// The timing every render obeys.
    pub timing_lock: Hash,
    /// Whole frames of the film.
    pub total_frames: u64,
    /// Encoder settings.
    pub encode: EncodeSettings,
    /// How pictures are sampled when they are scaled.
    #[serde(default)]
    pub filter: Filter,
    /// How captions are drawn into the picture; absent: they stand beside the film only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burn_in: Option<BurnIn>,
    /// Pictures that lie over the film: a mark, a caption drawn elsewhere. Transitions and moves do not touch them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overlays: Vec<Overlay>,
    /// Shots in order.
    pub shots: Vec<PlannedShot>,
    /// Sounds in order.
    pub sounds: Vec<PlannedSound>,
    /// How they are mixed.
    pub mix: MixSettings,
    /// Captions in order.
    pub captions: Vec<Caption>,
    /// Chapters in order.
    pub chapters: Vec<Chapter>,
    /// Rights of everything used, by need id.
    pub rights: BTreeMap<Id, Rights>,
    /// Need ids that only have a stand-in.
    pub stand_ins: Vec<Id>,
}

impl Document for RenderPlan {
    const SCHEMA_ID: &'static str = "render_plan";
    const SCHEMA_VERSION: &'static str = "0.2.0";
}

/// How pictures are sampled when they are scaled or moved by parts of a pixel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// Between the two nearest samples each way.
    #[default]
    Linear,
    /// Between the four nearest each way (Catmull-Rom): sharpness stays the same all through a move.
    Cubic,
}

/// How a caption is drawn into the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BurnIn {
    /// Light letters with a dark edge.
    Plain,
    /// Light letters on a dark box.
    Boxed,
    /// As plain, and the word that is spoken stands out.
    Highlight,
}

/// A picture over the film for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Overlay {
    /// The PNG, with alpha.
    pub image: Hash,
    /// Left edge in the frame, pixels.
    pub x: i32,
    /// Upper edge in the frame, pixels.
    pub y: i32,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// First frame of the film in which it is seen.
    pub start_frame: u64,
    /// For how many frames.
    pub frames: u64,
}

/// A moving picture that is shown in place of a shot's planes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Clip {
    /// The file: MP4 with H.264, H.265, VP9 or AV1.
    pub video: Hash,
    /// How much of its beginning is left away, milliseconds.
    #[serde(default)]
    pub skip_ms: u32,
    /// What is done when its shape is not that of the frame.
    #[serde(default)]
    pub fit: Fit,
}

/// What is done when a clip's shape is not that of the frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// It fills the frame; what hangs over is cut on both sides alike.
    #[default]
    Cover,
    /// All of it is seen; the rest of the frame is black.
    Contain,
}

/// What plays a plan. Ours is `ffmpeg`; a plan locked to another runtime is refused, never swapped (design §12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each name is its own description")]
pub enum Runtime {
    Ffmpeg,
}

/// Encoder settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EncodeSettings {
    /// x264 preset.
    pub preset: String,
    /// x264 constant rate factor.
    pub crf: u32,
    /// AAC bits per second.
    pub audio_bit_rate: u32,
}

/// A shot as it is played.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedShot {
    /// The shot.
    pub shot_id: Id,
    /// First frame in the film.
    pub start_frame: u64,
    /// Whole frames.
    pub frames: u64,
    /// Planes, far to near.
    pub planes: Vec<Plane>,
    /// A moving picture that is shown in their place. Its move is its own: planes, movement and sprites are not played.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip: Option<Clip>,
    /// The viewer's move.
    pub movement: Movement,
    /// How it begins.
    pub transition: Transition,
    /// Which state patches show when: mouths and eyelids.
    pub sprites: Vec<SpriteCue>,
    /// True when the shot was planned to stand still, so that a frozen picture is no fault.
    pub still: bool,
}

/// From a frame of the shot on, a plane shows this state; an empty state shows the plane alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SpriteCue {
    /// The plane's name.
    pub plane: String,
    /// What changes, such as `mouth` or `eyes`: one state of each group shows at a time.
    pub group: String,
    /// The state's name, such as `mouth:open`; empty for none.
    pub state: String,
    /// First frame in the shot.
    pub frame: u64,
}

/// A sound as it is played.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedSound {
    /// The need it meets.
    pub need_id: Id,
    /// Which bus it goes to.
    pub bus: Bus,
    /// 48 kHz WAV.
    pub audio: Hash,
    /// First sample in the film.
    pub start: u64,
    /// Length in samples.
    pub samples: u64,
    /// Gain in hundredths of a decibel.
    pub gain_cb: i32,
    /// Fade in, samples.
    pub fade_in: u64,
    /// Fade out, samples.
    pub fade_out: u64,
    /// The room it sounds in; absent: as it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<Room>,
}

/// A room that answers a sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Room {
    /// How long its answer takes to fall by 60 dB, milliseconds, 100 to 4000.
    pub decay_ms: u32,
    /// How loud it answers beside the sound, hundredths of a decibel, −6000 to 0.
    pub wet_cb: i32,
}

/// A bus of the mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each name is its own description")]
pub enum Bus {
    Voices,
    Music,
    Ambience,
    Effects,
}

/// How sounds are mixed. Decibels in hundredths, times in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MixSettings {
    /// How far music and ambience drop under a voice.
    pub duck_cb: i32,
    /// How long before a voice they start to drop.
    pub duck_lookahead_ms: u32,
    /// How long they take to drop.
    pub duck_attack_ms: u32,
    /// How long they take to come back.
    pub duck_release_ms: u32,
    /// Integrated loudness, hundredths of LUFS (BS.1770).
    pub loudness_cb: i32,
    /// Ceiling of the limiter, hundredths of dBTP.
    pub true_peak_cb: i32,
}

/// A caption.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Caption {
    /// The line.
    pub line_id: Id,
    /// Who speaks, for people who cannot hear them.
    pub speaker: String,
    /// The words.
    pub text: String,
    /// First sample in the film.
    pub start: u64,
    /// One past the last sample.
    pub end: u64,
    /// Word times in samples from `start` of the line.
    pub words: Vec<WordMark>,
}

/// A chapter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Chapter {
    /// Its name.
    pub title: String,
    /// First frame.
    pub start_frame: u64,
}

/// The film and the files beside it, measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RenderOutput {
    /// The project.
    pub project_id: Id,
    /// From 1.
    pub episode: u32,
    /// The plan, by address.
    pub render_plan: Hash,
    /// The timing it obeys.
    pub timing_lock: Hash,
    /// What was promised, as the plan carried it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
    /// The film.
    pub film: Hash,
    /// Captions by format: `srt`, `vtt`, `ass`, and `timestamps`, the words with their times as JSON.
    pub captions: BTreeMap<String, Hash>,
    /// The contact sheet, PNG.
    pub contact_sheet: Hash,
    /// The mix before encoding, 48 kHz stereo WAV.
    pub mix: Hash,
    /// The mix as the film holds it, encoded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soundtrack: Option<Hash>,
    /// The parts of the mix, when they were asked for: `voices`, `music`, `effects`. Their sum is the mix before its dither.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub stems: BTreeMap<String, Hash>,
    /// One video segment for each shot.
    pub segments: Vec<Segment>,
    /// What was measured on the finished file.
    pub measured: Measured,
    /// Gates asked about it.
    pub verdicts: Vec<crate::canon::Verdict>,
}

impl Document for RenderOutput {
    const SCHEMA_ID: &'static str = "render_output";
    const SCHEMA_VERSION: &'static str = "0.2.0";
}

/// One encoded shot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Segment {
    /// The shot.
    pub shot_id: Id,
    /// The MP4.
    pub video: Hash,
    /// Frames that were decoded from it.
    pub frames: u64,
    /// Hash over the composed frames, before encoding: equal on every machine.
    pub composed: Hash,
    /// Frames whose picture is black.
    pub black_frames: u64,
    /// Longest run of equal frames.
    pub longest_freeze: u64,
    /// Frames at its end that show the last one of a clip that was too short.
    #[serde(default)]
    pub held_frames: u64,
    /// Mean difference of luma between what is seen and what the camera's own move would have made of an earlier picture,
    /// thousandths of a level: a pan over a still picture has none.
    #[serde(default)]
    pub inner_motion: u64,
    /// Whether something in it moves by itself.
    #[serde(default)]
    pub moving: bool,
    /// Frames in which a drawn-in caption was planned, and in how many of them it was seen.
    #[serde(default)]
    pub caption_frames: (u64, u64),
}

/// What was measured on the finished file. Decibels and LUFS in hundredths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Measured {
    /// Frames decoded.
    pub frames: u64,
    /// Length in milliseconds.
    pub duration_ms: u64,
    /// Integrated loudness.
    pub loudness_cb: i32,
    /// True peak of the decoded sound.
    pub true_peak_cb: i32,
    /// Lines in whose span a voice was measured.
    pub lines_heard: u64,
    /// Lines that should sound.
    pub lines_planned: u64,
    /// Captions written.
    pub captions: u64,
    /// How long a caption of them is shown, milliseconds.
    #[serde(default)]
    pub caption_ms: u64,
    /// The longest time in which nothing sounds, milliseconds.
    #[serde(default)]
    pub longest_silence_ms: u64,
    /// Samples at or beyond full scale.
    #[serde(default)]
    pub clipped_samples: u64,
    /// Bytes of the film.
    pub bytes: u64,
}
