//! Notes: what a person changed by hand (law 5). An input like any other, and it outranks every generator. A person writes
//! it as `episodes/NN/notes.toml`; the camera words of a screenplay become the same document, with less weight.
//!
//! What is wrong with a note is said as a [`NoteFault`]: by place in the document, so that whoever read the file can name
//! its line. A document merged from several sources keeps the author's notes first and in order.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Document, Id,
    picture::Framing,
    shots::{MoveKind, Transition},
    story::{EmotionTag, Mood},
    text::speakable,
};

/// The most notes of one kind.
pub const MAX_NOTES: usize = 1_000;

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
    const SCHEMA_VERSION: &'static str = "0.3.0";
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

    /// What can be wrong with notes whatever the script: two that contradict each other, and words nobody can say.
    pub fn check(&self) -> Result<(), NoteFault> {
        for (n, kind) in [(self.lines.len(), "line"), (self.shots.len(), "shot"), (self.music.len(), "music")] {
            if n > MAX_NOTES {
                let at = match kind {
                    "line" => NoteRef::Line(MAX_NOTES),
                    "shot" => NoteRef::Shot(MAX_NOTES),
                    _ => NoteRef::Music(MAX_NOTES),
                };
                return Err(NoteFault::malformed(at, format!("there are {n} notes of the kind `{kind}`; at most {MAX_NOTES} are read")));
            }
        }
        self.check_lines()?;
        self.check_shots()?;
        let mut scenes: BTreeMap<&Id, usize> = BTreeMap::new();
        for (n, note) in self.music.iter().enumerate() {
            let at = NoteRef::Music(n);
            if let Some(first) = scenes.insert(&note.scene_id, n) {
                return Err(NoteFault::against(at, NoteRef::Music(first), format!("the music of {} is noted twice", note.scene_id)));
            }
            if note.mood.is_none() && note.level.is_none() {
                return Err(NoteFault::malformed(
                    at,
                    format!("the note on the music of {} says nothing: give mood or level", note.scene_id),
                ));
            }
            if let Some(level) = note.level.filter(|l| *l > 3) {
                return Err(NoteFault::malformed(at, format!("level is {level}; expected 0 (silence) to 3")));
            }
        }
        check_words(&self.pronounce)
    }

    fn check_lines(&self) -> Result<(), NoteFault> {
        let mut noted: BTreeMap<&Id, (usize, &str)> = BTreeMap::new();
        for (n, note) in self.lines.iter().enumerate() {
            let at = NoteRef::Line(n);
            let (id, what, text, emotion) = match note {
                LineNote::Replace { line_id, text, emotion } => (line_id, "replaced", text.as_deref(), *emotion),
                LineNote::Cut { line_id } => (line_id, "cut", None, None),
                LineNote::Add { line_id, text, emotion, .. } => (line_id, "added", Some(text.as_str()), *emotion),
            };
            if let Some((first, before)) = noted.insert(id, (n, what)) {
                let why = format!("{id} is {before} and {what}: a line has one note");
                return Err(NoteFault::against(NoteRef::Line(first), at, why));
            }
            if let Some(text) = text {
                speakable(text).map_err(|why| NoteFault::malformed(at.clone(), format!("{id}: text {why}")))?;
            } else if matches!(note, LineNote::Replace { emotion: None, .. }) {
                return Err(NoteFault::malformed(at, format!("the note on {id} says nothing: give text, emotion or cut")));
            }
            if let Some(emotion) = emotion.filter(|e| !(1..=3).contains(&e.level)) {
                return Err(NoteFault::malformed(at, format!("{id}: a feeling of level {}; expected 1 to 3", emotion.level)));
            }
        }
        for (n, note) in self.lines.iter().enumerate() {
            let LineNote::Add { place: LinePlace::After(anchor) | LinePlace::Before(anchor), .. } = note else { continue };
            if let Some((cut, "cut")) = noted.get(anchor) {
                let why = format!("a line is added at {anchor}, which is cut");
                return Err(NoteFault::against(NoteRef::Line(n), NoteRef::Line(*cut), why));
            }
        }
        Ok(())
    }

    fn check_shots(&self) -> Result<(), NoteFault> {
        let mut noted: BTreeMap<&str, usize> = BTreeMap::new();
        for (n, note) in self.shots.iter().enumerate() {
            if let Some(first) = noted.insert(&note.at, n) {
                return Err(NoteFault::against(NoteRef::Shot(first), NoteRef::Shot(n), format!("{} is noted twice", note.at)));
            }
            if note.library_id.is_none()
                && note.framing.is_none()
                && note.length_ms.is_none()
                && note.movement.is_none()
                && note.transition.is_none()
            {
                let why = format!("the note on {} says nothing: give picture, framing, length, move or begins", note.at);
                return Err(NoteFault::malformed(NoteRef::Shot(n), why));
            }
        }
        for (at, n) in &noted {
            if let Some(beat) = at.strip_suffix("-s1")
                && let Some(other) = noted.get(beat)
            {
                let why = format!("{at} is the first picture of {beat}: it is noted twice");
                return Err(NoteFault::against(NoteRef::Shot(*other.min(n)), NoteRef::Shot(*other.max(n)), why));
            }
        }
        Ok(())
    }
}

/// What can be wrong with a lexicon: two entries for one word, a word that is not one, a sound nobody can say.
///
/// # Errors
/// The first entry that cannot stand.
pub fn check_words(pronounce: &BTreeMap<String, String>) -> Result<(), NoteFault> {
    let mut known: BTreeMap<String, &String> = BTreeMap::new();
    for (word, sound) in pronounce {
        let at = NoteRef::Word(word.clone());
        if let Some(other) = known.insert(word.to_lowercase(), word) {
            let why = format!("`{other}` and `{word}` are one word: say once how it sounds");
            return Err(NoteFault::against(NoteRef::Word(other.clone()), at, why));
        }
        let letter = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '\u{2019}');
        if !word.starts_with(char::is_alphanumeric) || !word.chars().all(letter) || word.chars().count() > MAX_SOUND {
            let why = format!("`{}` is not one word: expected 1 to {MAX_SOUND} letters, no spaces and no hyphens", word.escape_debug());
            return Err(NoteFault::malformed(at, why));
        }
        let sayable = |c: char| letter(c) || matches!(c, ' ' | '-');
        if !sound.contains(char::is_alphanumeric) || !sound.chars().all(sayable) || sound.chars().count() > MAX_SOUND {
            let sound: String = sound.escape_debug().take(80).collect();
            let why = format!("`{word}` sounds like `{sound}`; expected 1 to {MAX_SOUND} letters, with spaces or hyphens between them");
            return Err(NoteFault::malformed(at, why));
        }
    }
    Ok(())
}

/// The most characters of a word, and of how it sounds.
const MAX_SOUND: usize = 60;

/// Which note: by its place among its kind, or by its word.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each name is its own description")]
pub enum NoteRef {
    Line(usize),
    Shot(usize),
    Music(usize),
    Word(String),
}

/// What kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteFaultKind {
    /// A value outside its range, or a note that says nothing.
    Malformed,
    /// It names what is not there.
    Unknown,
    /// It contradicts another note, or what must be seen or heard there.
    Contradictory,
}

/// Why a note cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct NoteFault {
    /// What kind of fault.
    pub kind: NoteFaultKind,
    /// The note.
    pub at: NoteRef,
    /// The note it contradicts, when it is another note.
    pub against: Option<NoteRef>,
    /// In words: what, why, and the allowed range.
    pub why: String,
}

impl NoteFault {
    /// A value outside its range.
    pub fn malformed(at: NoteRef, why: impl Into<String>) -> Self {
        Self { kind: NoteFaultKind::Malformed, at, against: None, why: why.into() }
    }

    /// `name` is no `what`; the nearest ones that are known are listed.
    pub fn unknown<'a>(at: NoteRef, what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Self {
        let near = nearest(name, known);
        let near = if near.is_empty() { "there is none".to_owned() } else { format!("nearest: {}", near.join(", ")) };
        Self { kind: NoteFaultKind::Unknown, at, against: None, why: format!("there is no {what} `{name}`; {near}") }
    }

    /// It cannot be so, for a reason that is no other note.
    pub fn impossible(at: NoteRef, why: impl Into<String>) -> Self {
        Self { kind: NoteFaultKind::Contradictory, at, against: None, why: why.into() }
    }

    /// Two notes contradict each other.
    pub fn against(at: NoteRef, against: NoteRef, why: impl Into<String>) -> Self {
        Self { kind: NoteFaultKind::Contradictory, at, against: Some(against), why: why.into() }
    }
}

/// The three known names that are nearest to one that is not known, by the letters that would have to change.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut all: Vec<(usize, &str)> = known.map(|k| (crate::text::distance(name, k), k)).collect();
    all.sort_unstable();
    all.dedup();
    all.into_iter().take(3).map(|(_, k)| k).collect()
}

impl Notes {
    /// These notes, and what weaker ones ask where these say nothing: field by field, shot by shot. A beat's note speaks of the
    /// beat's first picture. The author's notes stay first and in order.
    pub fn over(mut self, weaker: &Self) -> Self {
        let first = |at: &Id| at.strip_suffix("-s1").unwrap_or(at).to_owned();
        for hint in &weaker.shots {
            match self.shots.iter_mut().find(|n| first(&n.at) == first(&hint.at)) {
                Some(note) => {
                    note.library_id = note.library_id.take().or_else(|| hint.library_id.clone());
                    note.framing = note.framing.or(hint.framing);
                    note.length_ms = note.length_ms.or(hint.length_ms);
                    note.movement = note.movement.or(hint.movement);
                    note.transition = note.transition.or(hint.transition);
                }
                None => self.shots.push(hint.clone()),
            }
        }
        self
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
        /// The words; absent when only the feeling changes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
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
        /// Its id: that of the line or beat it stands at, then a suffix no generator gives (`sc01-b02-l1-a1`).
        line_id: Id,
        /// Where.
        place: LinePlace,
        /// Who speaks.
        speaker_id: Id,
        /// To whom; nobody when it is said to oneself, everybody else who is present when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Vec<Id>>,
        /// The words.
        text: String,
        /// What it feels; as the speaker last felt in the scene when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        emotion: Option<EmotionTag>,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::Emotion;

    fn id(text: &str) -> Id {
        Id::new(text).expect("an id")
    }

    fn none() -> Notes {
        Notes::none(id("p"), 1)
    }

    fn replace(line: &str, text: &str) -> LineNote {
        LineNote::Replace { line_id: id(line), text: Some(text.into()), emotion: None }
    }

    fn add(line: &str, place: LinePlace) -> LineNote {
        LineNote::Add { line_id: id(line), place, speaker_id: id("nessa"), to: None, text: "Count again.".into(), emotion: None }
    }

    fn shot(at: &str) -> ShotNote {
        ShotNote { at: id(at), library_id: None, framing: None, length_ms: Some(2_000), movement: None, transition: None }
    }

    fn fault(notes: &Notes) -> (NoteFaultKind, NoteRef, Option<NoteRef>) {
        let fault = notes.check().expect_err("is refused");
        (fault.kind, fault.at, fault.against)
    }

    #[test]
    fn two_notes_on_one_thing_name_both_places() {
        use NoteFaultKind::Contradictory;
        let pair = |a: NoteRef, b: NoteRef| (Contradictory, a, Some(b));
        let mut notes = none();
        notes.lines = vec![replace("l2", "So."), replace("l1", "So."), LineNote::Cut { line_id: id("l1") }];
        assert_eq!(fault(&notes), pair(NoteRef::Line(1), NoteRef::Line(2)));
        notes.lines = vec![add("l1-a1", LinePlace::After(id("l1"))), LineNote::Cut { line_id: id("l1") }];
        assert_eq!(fault(&notes), pair(NoteRef::Line(0), NoteRef::Line(1)));
        notes.lines = vec![add("l1-a1", LinePlace::After(id("l1"))), add("l1-a1", LinePlace::Before(id("l1")))];
        assert_eq!(fault(&notes), pair(NoteRef::Line(0), NoteRef::Line(1)));
        notes = none();
        notes.shots = vec![shot("sc01-b01-s1"), shot("sc01-b02"), shot("sc01-b01")];
        assert_eq!(fault(&notes), pair(NoteRef::Shot(0), NoteRef::Shot(2)));
        notes.shots = vec![shot("sc01-b01"), shot("sc01-b01")];
        assert_eq!(fault(&notes), pair(NoteRef::Shot(0), NoteRef::Shot(1)));
        notes = none();
        notes.pronounce = [("Combs".to_owned(), "koomz".to_owned()), ("combs".to_owned(), "kohmz".to_owned())].into();
        assert_eq!(fault(&notes), pair(NoteRef::Word("Combs".into()), NoteRef::Word("combs".into())));
    }

    #[test]
    fn values_out_of_range_and_empty_notes_are_refused() {
        let long = "word ".repeat(2_000);
        for text in ["", " ", "...", "a\u{7}b", "one\ntwo", "left\u{202e}right", long.as_str()] {
            let mut notes = none();
            notes.lines = vec![replace("l1", text)];
            assert_eq!(fault(&notes).0, NoteFaultKind::Malformed, "{text:.20}");
        }
        let mut notes = none();
        notes.lines = vec![LineNote::Replace { line_id: id("l1"), text: None, emotion: None }];
        assert_eq!(fault(&notes).0, NoteFaultKind::Malformed);
        notes.lines = vec![LineNote::Replace { line_id: id("l1"), text: None, emotion: Some(EmotionTag { tag: Emotion::Fear, level: 4 }) }];
        assert_eq!(fault(&notes).0, NoteFaultKind::Malformed);
        notes = none();
        notes.music = vec![MusicNote { scene_id: id("sc01"), mood: None, level: Some(9) }];
        let fault = notes.check().expect_err("is refused");
        assert!(fault.why.contains("level is 9") && fault.why.contains("0 (silence) to 3"), "{fault}");
        for (word, sound) in [("two words", "x"), ("", "x"), ("-x", "x"), ("Combs", ""), ("Combs", "$(x)"), ("Combs", long.as_str())] {
            let mut notes = none();
            notes.pronounce = [(word.to_owned(), sound.to_owned())].into();
            assert_eq!(notes.check().expect_err("is refused").kind, NoteFaultKind::Malformed, "{word}");
        }
    }

    #[test]
    fn the_nearest_names_come_first() {
        let known = ["sc01-b01-l1", "sc01-b02-l1", "sc02-b03-l1", "sc05-b03-l1"];
        assert_eq!(nearest("sc02-b3-l1", known.into_iter())[0], "sc02-b03-l1");
        assert_eq!(nearest("x", std::iter::empty::<&str>()), Vec::<&str>::new());
    }
}
