//! Notes: what a person changed by hand (law 5). An input like any other, and it outranks every generator. A person writes
//! it as `episodes/NN/notes.toml`; the camera words of a screenplay become the same document, with less weight.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Document, Id,
    picture::Framing,
    shots::{MoveKind, Transition},
    story::{EmotionTag, Mood},
};

/// What a person changed in one episode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Notes {
    /// The project.
    pub project_id: Id,
    /// From 1.
    pub episode: u32,
    /// Changes of lines, at most one a line.
    #[serde(default)]
    pub lines: Vec<LineNote>,
    /// Changes of shots, at most one a shot.
    #[serde(default)]
    pub shots: Vec<ShotNote>,
    /// Changes of music, at most one a scene.
    #[serde(default)]
    pub music: Vec<MusicNote>,
    /// How a word is said: the word as it is written → letters that sound like it. Captions keep the word.
    #[serde(default)]
    pub pronounce: BTreeMap<String, String>,
}

impl Document for Notes {
    const SCHEMA_ID: &'static str = "notes";
    const SCHEMA_VERSION: &'static str = "0.1.0";
}

impl Notes {
    /// No notes.
    pub fn none(project_id: Id, episode: u32) -> Self {
        Self { project_id, episode, lines: Vec::new(), shots: Vec::new(), music: Vec::new(), pronounce: BTreeMap::new() }
    }

    /// Whether a person changed nothing.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.shots.is_empty() && self.music.is_empty() && self.pronounce.is_empty()
    }
}

/// A line replaced, cut or added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum LineNote {
    /// Other words for a line. Its place, speaker and id stay.
    Replace {
        /// The line.
        line_id: Id,
        /// The words.
        text: String,
        /// What it feels, when that changes too.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        emotion: Option<EmotionTag>,
    },
    /// The line is not spoken.
    Cut {
        /// The line.
        line_id: Id,
    },
    /// A new line.
    Add {
        /// Its id: the beat's, then a suffix that no generator gives (`sc01-b02-a1`).
        line_id: Id,
        /// Where.
        place: LinePlace,
        /// Who speaks.
        speaker_id: Id,
        /// To whom; nobody when it is said to oneself.
        #[serde(default)]
        to: Vec<Id>,
        /// The words.
        text: String,
        /// What it feels.
        emotion: EmotionTag,
    },
}

impl LineNote {
    /// The line it replaces, cuts or adds.
    pub fn line_id(&self) -> &Id {
        match self {
            Self::Replace { line_id, .. } | Self::Cut { line_id } | Self::Add { line_id, .. } => line_id,
        }
    }
}

/// Where a new line stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinePlace {
    /// Right after this line.
    After(Id),
    /// Right before this line.
    Before(Id),
    /// At the end of this beat.
    Beat(Id),
}

/// What a person decided about a shot. What is absent stays with the director.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShotNote {
    /// The shot (`sc01-b02-s1`), or a beat: then its first picture.
    pub at: Id,
    /// A picture of the project's library.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub library_id: Option<Id>,
    /// How near the viewer stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub framing: Option<Framing>,
    /// Length in milliseconds; never shorter than its lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length_ms: Option<u32>,
    /// The viewer's move.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub movement: Option<MoveKind>,
    /// How it begins; a dissolve's frames are set by the adapter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transition: Option<Transition>,
}

/// What a person decided about the music of a scene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MusicNote {
    /// The scene.
    pub scene_id: Id,
    /// Mood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mood: Option<Mood>,
    /// 0 is silence, 3 the strongest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
}
