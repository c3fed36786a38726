//! A Fountain file as the script itself (law 5: the author wins). Fountain 1.1: title page, headings, action, dialogue, notes,
//! boneyard, sections, synopses, transitions. Camera words become hints for shots and never reach a script.
//!
//! # Notes that are read
//! `[[time: 0122-11-03T23:45]]`, `[[weather: fog]]`, `[[mood: tense]]`, `[[present: nessa, bram]]`, `[[heard: bram]]` of a scene;
//! `[[id: the-slip]]`, `[[fn: turn]]`, `[[sound: bell]]`, `[[title]]`, `[[fact: subject attribute value]]`, `[[dies: bram]]` of the
//! picture they stand in or before. Every other note is the author's own.
//!
//! # Invariants
//! - Ids hang on words: an inserted scene, action or dialogue renames no picture.
//! - Any text is read in linear time or refused with the line; nothing panics.
//! - People and places are brought in only where the author wrote no canon; otherwise an unknown name is refused.

mod build;
mod clock;
pub mod fdx;
mod names;
mod parse;
mod people;
mod pieces;
mod print;
mod words;
mod writer;

#[cfg(test)]
mod tests;

use contracts::{Hash, canon::StoryTime};

pub use parse::{Element, Kind, MAX_BYTES, MAX_SCENES, Part, Screenplay, parse};
pub use print::{print, screenplay};
pub use words::SOUNDS;
pub use writer::{FountainWriter, Opened, open};

use crate::WorldError;

/// The longest film that is made, in milliseconds.
const MAX_FILM_MS: u64 = 600_000;
/// The most paragraphs that are seen or spoken, and their letters: more than any film of that length holds.
const MAX_SEEN: usize = 1_000;
const MAX_LETTERS: usize = 100_000;

/// Why a screenplay is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct FountainError {
    /// The line of the file, from 1; 0 for the whole file.
    pub line: u32,
    /// What is wrong there, and what is allowed.
    pub message: String,
}

impl FountainError {
    fn long(line: u32, message: String) -> Self {
        Self { line, message }
    }

    fn of(self, file: &str) -> WorldError {
        WorldError::Fountain { file: file.to_owned(), line: self.line, message: self.message }
    }
}

/// The screenplay of an episode.
#[derive(Clone, Debug)]
pub struct Manuscript {
    /// The episode, from 1.
    pub number: u32,
    /// What the author calls the file: `episodes/01/script.fountain`.
    pub name: String,
    /// The address of its text.
    pub source: Hash,
    play: Screenplay,
}

impl Manuscript {
    /// Reads the screenplay of an episode. `name` is what errors call it.
    ///
    /// # Errors
    /// More than a film of ten minutes can hold.
    pub fn read(number: u32, name: &str, text: &str) -> Result<Self, WorldError> {
        let text = contracts::nfc(text);
        let play = parse(&text).map_err(|e| e.of(name))?;
        let letters = |e: &Element| match &e.kind {
            Kind::Action(text) => text.len(),
            Kind::Dialogue { parts, .. } => parts.iter().map(|p| if let Part::Say(t) = p { t.len() } else { 0 }).sum(),
            _ => 0,
        };
        let (mut seen, mut total) = (0, 0);
        for element in &play.elements {
            total += letters(element);
            seen += usize::from(matches!(element.kind, Kind::Action(_) | Kind::Dialogue { .. }));
        }
        let seconds = MAX_FILM_MS / 1000;
        if seen > MAX_SEEN || total > MAX_LETTERS {
            let message = format!(
                "{seen} actions and dialogues with {total} bytes are longer than any film of {seconds} s: at most {MAX_SEEN} with {MAX_LETTERS}; divide it into episodes"
            );
            return Err(FountainError { line: 0, message }.of(name));
        }
        Ok(Self { number, name: name.to_owned(), source: Hash::of(text.as_bytes()), play })
    }

    /// The screenplay.
    pub fn play(&self) -> &Screenplay {
        &self.play
    }

    fn cues(&self) -> impl Iterator<Item = &str> {
        self.play.elements.iter().filter_map(|e| if let Kind::Dialogue { cue, .. } = &e.kind { Some(cue.as_str()) } else { None })
    }

    fn headings(&self) -> impl Iterator<Item = (u32, &str)> {
        self.play
            .elements
            .iter()
            .filter_map(|e| if let Kind::Heading { text, .. } = &e.kind { Some((e.line, text.as_str())) } else { None })
    }

    fn actions(&self) -> impl Iterator<Item = &str> {
        self.play.elements.iter().filter_map(|e| if let Kind::Action(text) = &e.kind { Some(text.as_str()) } else { None })
    }

    /// When its first scene stands.
    fn first_time(&self, opens: &StoryTime) -> StoryTime {
        clock::first_time(self, opens)
    }

    /// What happens, as the author sums it up: the title page's logline or summary, else the first synopses.
    fn summary(&self) -> String {
        let told = ["Logline", "Summary", "Synopsis"].iter().find_map(|key| self.play.titled(key));
        told.unwrap_or_else(|| {
            let lines =
                self.play.elements.iter().filter_map(|e| if let Kind::Synopsis(text) = &e.kind { Some(text.as_str()) } else { None });
            lines.take(3).collect::<Vec<_>>().join(" ")
        })
    }
}
