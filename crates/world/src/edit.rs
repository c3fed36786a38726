//! A person's notes on lines, applied to a script (law 5: the author wins).
//!
//! What the writer said about a line's words goes with the words: a line that says something else claims nothing, echoes
//! nothing, and does no act but saying. Beats stay, even without a line, so that what hangs on them (title, clues, facts,
//! threads) keeps its place.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{
    Id,
    notes::{LineNote, LinePlace, NoteFault, NoteRef, Notes},
    story::{Cast, Delivery, Emotion, EmotionTag, Hold, Line, Part, Scene, Script},
};

/// The script with its lines replaced, cut and added as the notes say.
///
/// # Errors
/// Notes that contradict each other, or name a line, a beat or a person that is not there.
pub fn lines(script: &Script, cast: &Cast, notes: &Notes) -> Result<Script, NoteFault> {
    notes.check()?;
    let desk = Desk::new(script, cast, notes)?;
    let mut edited = script.clone();
    for scene in &mut edited.scenes {
        let mut stage = Stage { cast, felt: BTreeMap::new(), heard: Vec::new() };
        let written: Vec<Vec<Line>> = scene.beats.iter_mut().map(|b| std::mem::take(&mut b.lines)).collect();
        for (at, lines) in written.into_iter().enumerate() {
            let mut out = Vec::new();
            for line in lines {
                desk.line(line, scene, &mut stage, &mut out)?;
            }
            for &note in desk.at_beat.get(&scene.beats[at].id).into_iter().flatten() {
                desk.added(note, scene, &mut stage, &mut out)?;
            }
            scene.beats[at].lines = out;
        }
        // Somebody who speaks without being there is heard from outside: the gate then asks whether that can be.
        scene.heard.append(&mut stage.heard);
    }
    // An echo of words that are gone is no echo.
    let gone: BTreeSet<&Id> = script.lines().filter(|(.., l)| desk.replaces_words(l)).filter_map(|(.., l)| l.echo_seed.as_ref()).collect();
    for line in edited.scenes.iter_mut().flat_map(|s| &mut s.beats).flat_map(|b| &mut b.lines) {
        if line.echo_of.as_ref().is_some_and(|seed| gone.contains(seed)) {
            line.echo_of = None;
        }
    }
    Ok(edited)
}

/// The notes, by what they hang on.
struct Desk<'a> {
    notes: &'a Notes,
    /// Line → what is done to it.
    done: BTreeMap<&'a Id, &'a LineNote>,
    /// Line → notes that add before and after it, in their order.
    before: BTreeMap<&'a Id, Vec<usize>>,
    after: BTreeMap<&'a Id, Vec<usize>>,
    /// Beat → notes that add at its end.
    at_beat: BTreeMap<&'a Id, Vec<usize>>,
}

/// What has happened so far in a scene.
struct Stage<'a> {
    cast: &'a Cast,
    /// Who last felt what.
    felt: BTreeMap<Id, EmotionTag>,
    /// Who is newly heard.
    heard: Vec<Id>,
}

impl<'a> Desk<'a> {
    fn new(script: &'a Script, cast: &'a Cast, notes: &'a Notes) -> Result<Self, NoteFault> {
        let mut desk = Self { notes, done: BTreeMap::new(), before: BTreeMap::new(), after: BTreeMap::new(), at_beat: BTreeMap::new() };
        let written: BTreeSet<&Id> = script.lines().map(|(.., l)| &l.id).collect();
        let mut known = written.clone();
        let beats: BTreeSet<&Id> = script.beats().map(|(_, b)| &b.id).collect();
        for (n, note) in notes.lines.iter().enumerate() {
            let at = NoteRef::Line(n);
            let no_line = |id: &Id, known: &BTreeSet<&Id>| NoteFault::unknown(at.clone(), "line", id, known.iter().map(|k| k.as_str()));
            match note {
                LineNote::Replace { line_id, .. } | LineNote::Cut { line_id } => {
                    if !written.contains(line_id) {
                        return Err(no_line(line_id, &written));
                    }
                    desk.done.insert(line_id, note);
                }
                LineNote::Add { line_id, place, speaker_id, .. } => {
                    match place {
                        LinePlace::After(anchor) | LinePlace::Before(anchor) if !known.contains(anchor) => {
                            return Err(no_line(anchor, &known));
                        }
                        LinePlace::After(anchor) => desk.after.entry(anchor).or_default().push(n),
                        LinePlace::Before(anchor) => desk.before.entry(anchor).or_default().push(n),
                        LinePlace::Beat(beat) if !beats.contains(beat) => {
                            return Err(NoteFault::unknown(at, "beat", beat, beats.iter().map(|b| b.as_str())));
                        }
                        LinePlace::Beat(beat) => desk.at_beat.entry(beat).or_default().push(n),
                    }
                    if !known.insert(line_id) {
                        return Err(NoteFault::impossible(
                            at,
                            format!("the new line would be called {line_id}, as one that is there: name it"),
                        ));
                    }
                    if !cast.members.iter().any(|m| m.id == *speaker_id) {
                        return Err(NoteFault::unknown(
                            at,
                            "one in the cast called",
                            speaker_id,
                            cast.members.iter().map(|m| m.id.as_str()),
                        ));
                    }
                }
            }
        }
        Ok(desk)
    }

    /// Whether the line's words are said no more.
    fn replaces_words(&self, line: &Line) -> bool {
        match self.done.get(&line.id) {
            Some(LineNote::Replace { text, .. }) => text.as_ref().is_some_and(|t| t.trim() != line.text),
            Some(LineNote::Cut { .. }) => true,
            _ => false,
        }
    }

    /// A line with all that stands before and after it.
    fn line(&self, mut line: Line, scene: &Scene, stage: &mut Stage<'_>, out: &mut Vec<Line>) -> Result<(), NoteFault> {
        let own = line.id.clone();
        for &note in self.before.get(&own).into_iter().flatten() {
            self.added(note, scene, stage, out)?;
        }
        let new_words = self.replaces_words(&line);
        match self.done.get(&own) {
            Some(LineNote::Cut { .. }) => {}
            done => {
                if let Some(LineNote::Replace { text, emotion, .. }) = done {
                    if let Some(text) = text.as_ref().filter(|_| new_words) {
                        line = Line { states: vec![], echo_seed: None, echo_of: None, ..said(line, text) };
                    }
                    line.emotion = emotion.unwrap_or(line.emotion);
                }
                stage.felt.insert(line.speaker_id.clone(), line.emotion);
                out.push(line);
            }
        }
        for &note in self.after.get(&own).into_iter().flatten() {
            self.added(note, scene, stage, out)?;
        }
        Ok(())
    }

    fn added(&self, note: usize, scene: &Scene, stage: &mut Stage<'_>, out: &mut Vec<Line>) -> Result<(), NoteFault> {
        let Some(LineNote::Add { line_id, speaker_id, to, text, emotion, .. }) = self.notes.lines.get(note) else { return Ok(()) };
        let there = |id: &Id| scene.present.contains(id) || scene.heard.contains(id);
        let to = match to {
            Some(to) => {
                if let Some(absent) = to.iter().find(|id| !there(id)) {
                    let all = scene.present.iter().chain(&scene.heard).map(|id| id.as_str());
                    return Err(NoteFault::unknown(NoteRef::Line(note), &format!("one in {} called", scene.id), absent, all));
                }
                to.clone()
            }
            None => scene.present.iter().filter(|id| *id != speaker_id).cloned().collect(),
        };
        let narrates = stage.cast.members.iter().any(|m| m.id == *speaker_id && m.part == Part::Narrator);
        if !there(speaker_id) && !narrates && !stage.heard.contains(speaker_id) {
            stage.heard.push(speaker_id.clone());
        }
        let emotion = emotion.or_else(|| stage.felt.get(speaker_id).copied()).unwrap_or(EmotionTag { tag: Emotion::Calm, level: 1 });
        let line = Line {
            id: line_id.clone(),
            speaker_id: speaker_id.clone(),
            to,
            text: String::new(),
            act: Id::slug(ACT),
            tactic: Id::slug(TACTIC),
            emotion,
            delivery: Delivery::Plain,
            hold_before: Hold::None,
            states: vec![],
            echo_seed: None,
            echo_of: None,
        };
        self.line(said(line, text), scene, stage, out)
    }
}

/// What a line does whose words are the author's: it is said, as it was written.
const ACT: &str = "say";
const TACTIC: &str = "as-written";

fn said(line: Line, text: &str) -> Line {
    Line { text: text.trim().to_owned(), act: Id::slug(ACT), tactic: Id::slug(TACTIC), ..line }
}
