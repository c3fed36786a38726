//! The table read: every line spoken once. What timing, captions and mouths are made from (design §2, §7).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Document, Hash, Id};

/// Every line of the script, spoken once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TableRead {
    /// The project.
    pub project_id: Id,
    /// From 1.
    pub episode: u32,
    /// False when the film is made without voices; lengths are then reading lengths.
    pub voiced: bool,
    /// Lines in script order.
    pub lines: Vec<ReadLine>,
}

impl TableRead {
    /// How many lines nobody could speak.
    pub fn unspoken(&self) -> u64 {
        self.lines.iter().filter(|l| l.unspoken.is_some()).count() as u64
    }
}

impl Document for TableRead {
    const SCHEMA_ID: &'static str = "table_read";
    const SCHEMA_VERSION: &'static str = "0.2.0";
}

/// One spoken line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReadLine {
    /// The line.
    pub line_id: Id,
    /// Who speaks.
    pub speaker_id: Id,
    /// The words, as in the script.
    pub text: String,
    /// Engine, such as `flite`, `espeak-ng`, `piper`, `server`, or `none`.
    pub engine: String,
    /// Voice with its settings, such as `slt stretch=0.99 f0=175`.
    pub voice: String,
    /// Length in samples at 48 kHz.
    pub samples: u64,
    /// 48 kHz mono WAV; absent without a voice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio: Option<Hash>,
    /// One mark a word, in order.
    pub words: Vec<WordMark>,
    /// What the mouth does, in order, without gaps; empty without a voice.
    pub mouth: Vec<MouthMark>,
    /// Why nobody speaks this line in a film with voices: it has the length of reading it, and the film is degraded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unspoken: Option<String>,
    /// Why another engine than the first choice speaks it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<String>,
}

/// When a word sounds, in samples from the start of the line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WordMark {
    /// As written, punctuation included.
    pub text: String,
    /// First sample.
    pub start: u64,
    /// One past the last sample.
    pub end: u64,
}

/// A mouth shape from a sample until the next mark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MouthMark {
    /// First sample.
    pub start: u64,
    /// The shape.
    pub shape: Mouth,
}

/// Mouth shapes of speech (art direction §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mouth {
    /// Closed: silence, m, b, p.
    Rest,
    /// Wide open: a.
    Open,
    /// Spread: e, i.
    Spread,
    /// Round: o, u, w.
    Round,
    /// Teeth on lip: f, v, and other consonants.
    Narrow,
}
