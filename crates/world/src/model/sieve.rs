//! What a proposal must be to become a candidate: a sentence that can be spoken, says what its intent says, invents nothing, and
//! contradicts nothing.

use std::collections::BTreeSet;

use contracts::{
    canon::{Finding, Verdict},
    story::Script,
};

use super::Allows;
use crate::{
    lint,
    rank::{Candidate, refusal},
    text::{NUMBERS, capital, has_phrase, lower_words, sentences, words},
    write::Board,
};

/// Marks a spoken line may hold.
const MARKS: &str = ".,!?'-";

pub(super) struct Sieve<'a> {
    board: &'a Board<'a>,
    script: &'a Script,
    own: &'a [Candidate],
    allows: &'a Allows<'a>,
    /// What the gates say of the pack's own script.
    before: BTreeSet<(String, String)>,
    /// Names that may be said, word by word in lower case.
    known: BTreeSet<String>,
}

/// Marks that reorder the letters around them, or are none.
pub(super) fn turns_text(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

impl<'a> Sieve<'a> {
    pub fn new(board: &'a Board<'a>, script: &'a Script, own: &'a [Candidate], allows: &'a Allows<'a>) -> Self {
        let canon = board.desk.canon;
        let names = board.cast.members.iter().map(|m| m.name.as_str()).chain(canon.characters.iter().map(|p| p.name.as_str()));
        let things = canon.locations.iter().map(|l| l.name.as_str()).chain(canon.world.names.iter().map(String::as_str));
        let words = canon.locations.iter().flat_map(|l| &l.words).chain(canon.props.iter().flat_map(|p| &p.words));
        let words = words.chain(&canon.world.particulars).map(String::as_str);
        let mut known: BTreeSet<String> = names.chain(things).chain(words).flat_map(lower_words).collect();
        // Days and months are no names that anybody invents.
        known.extend(canon::CALENDAR.iter().map(|w| (*w).to_owned()));
        let mut sieve = Self { board, script, own, allows, before: BTreeSet::new(), known };
        sieve.before = sieve.verdicts(script).iter().flat_map(blocking).map(|f| (f.code.clone(), f.message.clone())).collect();
        sieve
    }

    fn verdicts(&self, script: &Script) -> [Verdict; 3] {
        let board = self.board;
        [canon::gate(board.desk.canon, board.cast, script, &board.diff), lint::script(script), (self.allows)(script)]
    }

    /// Those of the texts that may become candidates of the line at this place, and why the others may not.
    pub fn sift(&self, at: usize, texts: Vec<String>) -> (Vec<String>, Vec<String>) {
        let (mut good, mut bad): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        for text in texts {
            match self.pass(at, &text) {
                Ok(text) if good.contains(&text) => {}
                Ok(text) => good.push(text),
                Err(why) => bad.push(why),
            }
        }
        (good, bad)
    }

    fn pass(&self, at: usize, text: &str) -> Result<String, String> {
        let intent = &self.board.intents[at];
        let letters: String = intent.candidates.iter().map(|c| c.text.as_str()).collect();
        let text = spoken(text, &letters)?;
        if let Some(why) = refusal(intent, &text, &self.board.rules) {
            return Err(why);
        }
        if intent.candidates.iter().any(|c| c.text == text) {
            return Err("it is the draft".into());
        }
        self.invents(at, &text)?;
        let mut lines = self.own.to_vec();
        lines[at].text.clone_from(&text);
        let script = self.board.assemble(&lines).map_err(|e| e.to_string())?;
        for finding in self.verdicts(&script).iter().flat_map(blocking) {
            if !self.before.contains(&(finding.code.clone(), finding.message.clone())) {
                return Err(canon::told(finding));
            }
        }
        debug_assert_eq!(script.scenes.len(), self.script.scenes.len());
        Ok(text)
    }

    /// No name and no number that the story does not have here.
    fn invents(&self, at: usize, text: &str) -> Result<(), String> {
        let own: BTreeSet<String> = self.board.intents[at].candidates.iter().flat_map(|c| lower_words(&c.text)).collect();
        for word in sentences(text).iter().flat_map(|sentence| words(sentence).into_iter().skip(1)) {
            let low = word.to_lowercase();
            let bare = low.strip_suffix("'s").unwrap_or(&low);
            let mine = matches!(bare, "i" | "i'm" | "i'll" | "i've" | "i'd");
            if word.starts_with(char::is_uppercase) && !mine && !self.known.contains(bare) && !own.contains(&low) {
                return Err(format!("`{word}` is nobody and nothing of this story"));
            }
        }
        let counted = |w: &&String| NUMBERS.contains(&w.as_str()) && *w != "one" && !own.contains(*w);
        if let Some(word) = lower_words(text).iter().find(counted) {
            return Err(format!("`{word}` is a number that the draft does not say"));
        }
        match lint::camera_of(&lower_words(text)) {
            Some(phrase) => Err(format!("`{phrase}` is a word of the camera")),
            None => Ok(()),
        }
    }
}

fn blocking(verdict: &Verdict) -> impl Iterator<Item = &Finding> {
    verdict.findings.iter().filter(|f| f.blocks)
}

/// A text as a line: its marks are plain ones, it begins with a capital and ends with a stop. Letters beyond the plain ones must be among
/// `letters`: what looks like an `a` may be none.
fn spoken(text: &str, letters: &str) -> Result<String, String> {
    let text = contracts::nfc(text.trim());
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{2018}' | '\u{2019}' | '\u{2bc}' => out.push('\''),
            '\u{2010}' | '\u{2011}' => out.push('-'),
            '\u{2026}' => out.push_str("..."),
            ' ' | '\u{a0}' => out.push(' '),
            c if c.is_ascii_alphabetic() || MARKS.contains(c) => out.push(c),
            c if c.is_alphabetic() && letters.contains(c) => out.push(c),
            c => return Err(format!("it holds `{}`; a line is plain letters, spaces and `{MARKS}`", c.escape_debug())),
        }
    }
    let out = out.split_whitespace().collect::<Vec<_>>().join(" ");
    if !out.contains(char::is_alphabetic) {
        return Err("it has no words".into());
    }
    let lower = lower_words(&out);
    if ["as an ai", "language model", "json", "schema"].iter().any(|p| has_phrase(&lower, p)) {
        return Err("it speaks of whoever wrote it".into());
    }
    let ended = if out.ends_with(['.', '!', '?']) { out } else { format!("{}.", out.trim_end_matches([',', '-'])) };
    Ok(capital(&ended))
}
