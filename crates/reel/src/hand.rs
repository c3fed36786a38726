//! The author's hand: `episodes/NN/notes.toml`, as a person writes it, and where in it each note stands. What is wrong with
//! a note is found by whoever follows it, and said here with its line.

pub mod edit;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use contracts::{
    EditRate, Id,
    lexicon::{Substitution, WordKind},
    notes::{LineNote, LinePlace, MusicNote, NoteFault, NoteFaultKind, NoteRef, Notes, ShotNote},
    picture::Framing,
    project::Project,
    shots::{DipColour, MoveKind, Side, Transition},
    story::{EmotionTag, Mood},
};
use orchestrator::StepError;
use serde::Deserialize;
use toml::Spanned;

use crate::{
    failure::Failure,
    project::{from_toml, read_text},
    words::settled,
};

/// The codes of what can be wrong with notes.
pub const CODES: [&str; 3] = ["notes.malformed", "notes.unknown", "notes.contradictory"];

/// The notes on one episode.
pub struct Hand {
    /// What they say.
    pub notes: Notes,
    /// Where they say it.
    pub places: Places,
    /// Words that are not known, and what they were read as.
    pub substitutions: Vec<Substitution>,
}

/// Which line of the file each note begins on. A note that is in no file (a hint of a screenplay) has none.
#[derive(Clone, Debug, Default)]
pub struct Places {
    file: PathBuf,
    lines: Vec<usize>,
    shots: Vec<usize>,
    music: Vec<usize>,
    words: BTreeMap<String, usize>,
}

impl Places {
    fn line(&self, note: &NoteRef) -> Option<usize> {
        match note {
            NoteRef::Line(n) => self.lines.get(*n),
            NoteRef::Shot(n) => self.shots.get(*n),
            NoteRef::Music(n) => self.music.get(*n),
            NoteRef::Word(word) => self.words.get(word),
        }
        .copied()
    }

    /// A fault, with the code of its kind and in words: the file, the lines, and what is wrong there.
    fn told(&self, fault: &NoteFault) -> (&'static str, String) {
        let code = match fault.kind {
            NoteFaultKind::Malformed => CODES[0],
            NoteFaultKind::Unknown => CODES[1],
            NoteFaultKind::Contradictory => CODES[2],
        };
        let place = match (self.line(&fault.at), fault.against.as_ref().and_then(|n| self.line(n))) {
            (Some(a), Some(b)) => format!("lines {a} and {b}: "),
            (Some(a), None) | (None, Some(a)) => format!("line {a}: "),
            (None, None) => String::new(),
        };
        (code, format!("{}: {place}{}", self.file.display(), fault.why))
    }

    /// A fault, as the failure of a run.
    pub fn failure(&self, fault: &NoteFault) -> Failure {
        let (code, message) = self.told(fault);
        Failure::notes(code, message)
    }

    /// A fault, as the error of a step.
    pub fn error(&self, fault: &NoteFault) -> StepError {
        let (code, message) = self.told(fault);
        StepError::new(code, message)
    }
}

/// Reads the notes on an episode; none when nothing was written.
pub fn read(root: &Path, project: &Project, episode: u32) -> Result<Hand, Failure> {
    let file = file(root, episode);
    let Some(text) = read_text(&file)? else {
        return Ok(Hand { notes: Notes::none(project.id.clone(), episode), places: Places::default(), substitutions: Vec::new() });
    };
    checked(&text, &file, project, episode)
}

/// Where the notes on an episode stand.
fn file(root: &Path, episode: u32) -> PathBuf {
    root.join(format!("episodes/{episode:02}/notes.toml"))
}

/// Notes that can be followed as far as their file alone tells.
fn checked(text: &str, file: &Path, project: &Project, episode: u32) -> Result<Hand, Failure> {
    let hand = parse(text, file, project, episode)?;
    hand.notes.check().map_err(|fault| hand.places.failure(&fault))?;
    Ok(hand)
}

fn parse(text: &str, file: &Path, project: &Project, episode: u32) -> Result<Hand, Failure> {
    let malformed = |why: String| Failure::notes(CODES[0], format!("{}: {why}", file.display()));
    let (settled, substitutions) = settled(text, &[("mood", WordKind::Mood)]);
    let text = settled.as_str();
    let written: Written = from_toml(text).map_err(malformed)?;
    let line_of = |at: usize| 1 + text.get(..at).unwrap_or(text).matches('\n').count();
    let mut places = Places { file: file.to_owned(), ..Places::default() };
    let mut notes = Notes::none(project.id.clone(), episode);
    let mut unnamed: BTreeMap<LineAnchor, u32> = BTreeMap::new();
    for entry in written.line {
        let line = line_of(entry.span().start);
        places.lines.push(line);
        notes.lines.push(entry.into_inner().note(&mut unnamed).map_err(|why| malformed(format!("line {line}: {why}")))?);
    }
    for entry in written.shot {
        places.shots.push(line_of(entry.span().start));
        notes.shots.push(entry.into_inner().note(project.edit_rate));
    }
    for entry in written.music {
        places.music.push(line_of(entry.span().start));
        let MusicEntry { scene, mood, level } = entry.into_inner();
        notes.music.push(MusicNote { scene_id: scene, mood, level });
    }
    for (word, sound) in written.pronounce {
        places.words.insert(word.get_ref().clone(), line_of(word.span().start));
        notes.pronounce.insert(word.into_inner(), sound);
    }
    Ok(Hand { notes, places, substitutions })
}

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    line: Vec<Spanned<LineEntry>>,
    #[serde(default)]
    shot: Vec<Spanned<ShotEntry>>,
    #[serde(default)]
    music: Vec<Spanned<MusicEntry>>,
    #[serde(default)]
    pronounce: BTreeMap<Spanned<String>, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LineEntry {
    id: Option<Id>,
    text: Option<String>,
    emotion: Option<Feeling>,
    cut: Option<bool>,
    after: Option<Id>,
    before: Option<Id>,
    beat: Option<Id>,
    speaker: Option<Id>,
    to: Option<Vec<Id>>,
    name: Option<Id>,
}

/// Where a line is added, as the key of its count: `a` after a line or at the end of a beat, `b` before a line.
type LineAnchor = (char, Id);

impl LineEntry {
    fn note(self, unnamed: &mut BTreeMap<LineAnchor, u32>) -> Result<LineNote, String> {
        let emotion = self.emotion.map(|f| f.0);
        let anchors = [&self.after, &self.before, &self.beat].iter().filter(|a| a.is_some()).count();
        if let Some(line_id) = self.id {
            if anchors > 0 || self.speaker.is_some() || self.to.is_some() || self.name.is_some() {
                return Err(format!(
                    "`id` names the line {line_id}, which is there: after, before, beat, speaker, to and name belong to a new line, without `id`"
                ));
            }
            if self.cut != Some(true) {
                return Ok(LineNote::Replace { line_id, text: self.text, emotion });
            }
            if self.text.is_some() || emotion.is_some() {
                return Err(format!("{line_id} is cut, and has words or a feeling too: give one or the other"));
            }
            return Ok(LineNote::Cut { line_id });
        }
        if self.cut.is_some() {
            return Err("`cut` needs the `id` of the line to cut".into());
        }
        if anchors != 1 {
            return Err(format!(
                "a line is changed by its `id`, or added by exactly one of after, before and beat; this has {anchors} of them"
            ));
        }
        let (place, kind) = match (self.after, self.before, self.beat) {
            (Some(line), ..) => (LinePlace::After(line), 'a'),
            (_, Some(line), _) => (LinePlace::Before(line), 'b'),
            (_, _, Some(beat)) => (LinePlace::Beat(beat), 'a'),
            (None, None, None) => return Err("a new line needs one of after, before and beat".into()),
        };
        let (LinePlace::After(anchor) | LinePlace::Before(anchor) | LinePlace::Beat(anchor)) = &place;
        let speaker_id = self.speaker.ok_or_else(|| format!("the line added at {anchor} has no speaker"))?;
        let text = self.text.ok_or_else(|| format!("the line added at {anchor} has no text"))?;
        let suffix = match &self.name {
            Some(name) => name.to_string(),
            None => {
                let count = unnamed.entry((kind, anchor.clone())).or_default();
                *count += 1;
                format!("{kind}{count}")
            }
        };
        let line_id = anchor.child(&suffix).map_err(|e| e.to_string())?;
        // What is made of a line is named after it.
        line_id.child("voice").map_err(|_| format!("the new line would be called {line_id}, which is too long: give it a shorter name"))?;
        Ok(LineNote::Add { line_id, place, speaker_id, to: self.to, text, emotion })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShotEntry {
    id: Id,
    picture: Option<Id>,
    framing: Option<Framing>,
    length: Option<Length>,
    #[serde(rename = "move")]
    movement: Option<MoveKind>,
    begins: Option<Begins>,
}

impl ShotEntry {
    fn note(self, rate: EditRate) -> ShotNote {
        ShotNote {
            at: self.id,
            library_id: self.picture,
            framing: self.framing,
            length_ms: self.length.map(|l| l.ms(rate)),
            movement: self.movement,
            transition: self.begins.map(|b| match b {
                Begins::Cut => Transition::Cut,
                Begins::Dissolve => Transition::Dissolve { frames: 0 },
                Begins::DipToBlack => Transition::Dip { frames: 0, colour: DipColour::Black },
                Begins::DipToWhite => Transition::Dip { frames: 0, colour: DipColour::White },
                Begins::WipeFromLeft => Transition::Wipe { frames: 0, from: Side::Left },
                Begins::WipeFromRight => Transition::Wipe { frames: 0, from: Side::Right },
                Begins::WipeFromTop => Transition::Wipe { frames: 0, from: Side::Top },
                Begins::WipeFromBottom => Transition::Wipe { frames: 0, from: Side::Bottom },
            }),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Begins {
    Cut,
    Dissolve,
    DipToBlack,
    DipToWhite,
    WipeFromLeft,
    WipeFromRight,
    WipeFromTop,
    WipeFromBottom,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MusicEntry {
    scene: Id,
    mood: Option<Mood>,
    level: Option<u8>,
}

/// `fear`, or `fear 2`.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Feeling(EmotionTag);

impl TryFrom<String> for Feeling {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let expected = || format!("`{}` is no feeling; expected one with a level of 1 to 3, such as `fear 2`", cut(&text));
        let mut words = text.split_whitespace();
        let tag = words.next().ok_or_else(expected)?;
        let level = words.next().map_or(Ok(1), str::parse).map_err(|_| expected())?;
        if words.next().is_some() || !(1..=3).contains(&level) {
            return Err(expected());
        }
        let tag = serde_json::from_value(tag.into()).map_err(|e: serde_json::Error| e.to_string())?;
        Ok(Self(EmotionTag { tag, level }))
    }
}

/// `3.5 s`, `3500 ms` or `84 f`.
#[derive(Deserialize)]
#[serde(try_from = "String")]
enum Length {
    Ms(u32),
    Frames(u32),
}

impl Length {
    /// Milliseconds, such that a length in frames gives those frames again.
    fn ms(&self, rate: EditRate) -> u32 {
        match self {
            Self::Ms(ms) => *ms,
            Self::Frames(n) => u32::try_from(rate.ms(u64::from(*n))).unwrap_or(u32::MAX),
        }
    }
}

impl TryFrom<String> for Length {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let expected = || format!("`{}` is no length; expected seconds, milliseconds or frames: `3.5 s`, `3500 ms`, `84 f`", cut(&text));
        let number = text.trim().trim_end_matches(char::is_alphabetic);
        let unit = text.trim().strip_prefix(number).unwrap_or_default();
        let number = number.trim_end();
        let whole = |digits: &str| match digits.len() {
            1..=9 if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse::<u32>().ok(),
            _ => None,
        };
        let length = match unit {
            "s" => {
                let (seconds, part) = number.split_once('.').unwrap_or((number, "0"));
                let thousandths = whole(&format!("{part:0<3}")).filter(|_| part.len() <= 3);
                whole(seconds).and_then(|s| s.checked_mul(1_000)).zip(thousandths).and_then(|(s, t)| s.checked_add(t)).map(Self::Ms)
            }
            "ms" => whole(number).map(Self::Ms),
            "f" => whole(number).map(Self::Frames),
            _ => None,
        };
        length.ok_or_else(expected)
    }
}

/// What a person wrote, short enough to be shown.
fn cut(text: &str) -> String {
    text.escape_debug().take(60).collect()
}
