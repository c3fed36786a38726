//! Candidate lines and their rank, in whole numbers (writing direction §2.5).

use std::collections::{BTreeMap, BTreeSet};

use contracts::{Id, Seed};

use crate::{
    judge::{is_feeling, is_homograph, is_maxim, is_stock},
    text::{NUMBERS, lower_words, mask, opening, shape},
};

/// One way to say a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// The mould, such as `sc01-b01-l1/2`.
    pub mould: String,
    /// The sentence.
    pub text: String,
    /// A sentence whose contractions were written out: whoever speaks plainly would not.
    pub stiff: bool,
}

/// What a line must do, as the ranker reads it.
pub(crate) struct Intent<'a> {
    pub id: Id,
    pub speaker: Id,
    pub answers: bool,
    pub band: [usize; 2],
    pub conceals: BTreeSet<String>,
    pub echo_seed: Option<&'a Id>,
    pub echo_of: Option<&'a Id>,
    /// Words of the props in the picture it plays in.
    pub picture: BTreeSet<String>,
    /// Words by which the speaker's habit is recognised.
    pub marks: &'a [String],
    pub never: &'a [String],
    pub most_words: usize,
    pub candidates: Vec<Candidate>,
}

/// What every line of the film shares.
pub(crate) struct Rules<'a> {
    pub kit: BTreeSet<String>,
    pub names: BTreeSet<String>,
    pub taboo: &'a [String],
    pub stream: Seed,
}

/// A film's lines so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub score: i64,
    pub lines: Vec<Candidate>,
    shapes: Vec<Vec<usize>>,
    openings: BTreeMap<String, u32>,
    sentences: BTreeSet<String>,
    seeds: BTreeMap<Id, Vec<String>>,
    habits: BTreeMap<Id, (u32, u32)>,
}

/// Beams kept over the film.
const BEAM: usize = 16;

const FUNCTION_WORDS: &[&str] = &[
    "a", "an", "the", "and", "or", "but", "to", "of", "in", "on", "at", "for", "with", "from", "up", "down", "out", "it", "its", "it's",
    "i", "you", "he", "she", "they", "them", "we", "me", "my", "your", "his", "her", "that", "that's", "this", "there", "was", "is", "are",
    "were", "be", "been", "so", "then", "who", "what", "whose", "all", "one", "not", "no", "had", "has", "have", "by", "as", "than",
    "every",
];

fn content(words: &[String]) -> BTreeSet<&str> {
    words.iter().map(String::as_str).filter(|w| !FUNCTION_WORDS.contains(w)).collect()
}

/// A candidate, read once for all drafts it may join.
struct Reading {
    candidate: Candidate,
    words: Vec<String>,
    masked: String,
    opens: String,
    shape: Vec<usize>,
    kit: usize,
    marked: bool,
    /// What does not depend on the lines before it: band, picture, feelings, sayings, chance.
    own: i64,
}

impl Reading {
    /// Nothing when no draft may hold the line.
    fn of(intent: &Intent<'_>, candidate: &Candidate, rules: &Rules<'_>) -> Option<Self> {
        if refusal(intent, &candidate.text, rules).is_some() {
            return None;
        }
        let words = lower_words(&candidate.text);
        let kit = words.iter().filter(|w| rules.kit.contains(w.as_str()) || NUMBERS.contains(&w.as_str())).collect::<BTreeSet<_>>().len();
        let mut own = 6 * kit.min(2) as i64;
        if (intent.band[0]..=intent.band[1]).contains(&words.len()) {
            own += 4;
        }
        if !words.iter().any(|w| intent.picture.contains(w)) {
            own += 4;
        }
        own -= 20 * words.iter().filter(|w| is_feeling(w)).count() as i64;
        if is_stock(&words) || is_maxim(&words) {
            own -= 30;
        }
        if candidate.stiff {
            own -= 6;
        }
        // Chance, one stream a decision: adding a beat leaves every other draw as it was.
        own += rules.stream.derive(intent.id.as_str()).derive(&candidate.mould).below(10) as i64;
        let marks = |w: &String| intent.marks.iter().any(|m| if m == "#" { NUMBERS.contains(&w.as_str()) } else { m == w });
        Some(Self {
            candidate: candidate.clone(),
            masked: mask(&candidate.text, &rules.names),
            opens: opening(&candidate.text),
            shape: shape(&candidate.text),
            kit,
            marked: words.iter().any(marks),
            own,
            words,
        })
    }
}

/// Why no draft may hold a line of these words; nothing when one may.
pub(crate) fn refusal(intent: &Intent<'_>, text: &str, rules: &Rules<'_>) -> Option<String> {
    let words = lower_words(text);
    let one = |list: &[String]| words.iter().find(|w| list.contains(w)).cloned();
    let most = intent.most_words.min(15);
    if words.is_empty() || words.len() > most {
        return Some(format!("it has {} words; the speaker says 1 to {most}", words.len()));
    }
    if text.matches(',').count() > 2 {
        return Some("it has more than two commas".into());
    }
    let never = one(rules.taboo).or_else(|| one(intent.never)).map(|w| format!("`{w}` is never said here"));
    let unclear = || words.iter().find(|w| is_homograph(w)).map(|w| format!("`{w}` is spoken in two ways"));
    let told = || words.iter().find(|w| intent.conceals.contains(*w)).map(|w| format!("`{w}` tells what the speaker conceals"));
    never.or_else(unclear).or_else(told)
}

impl Draft {
    /// The draft with one more line, or nothing when the line is refused here.
    fn with(&self, intent: &Intent<'_>, line: &Reading) -> Option<Self> {
        let opened = if line.words.len() < 2 { 0 } else { self.openings.get(&line.opens).copied().unwrap_or(0) };
        if opened >= 2 || (line.words.len() >= 3 && self.sentences.contains(&line.masked)) {
            return None;
        }
        let mut score = line.own;
        let (said, habitual) = self.habits.get(&intent.speaker).copied().unwrap_or((0, 0));
        // The signature habit may mark three lines in five.
        if line.marked && (habitual + 1) * 5 <= (said + 1) * 3 + 2 {
            score += 5;
        }
        let mine = content(&line.words);
        let echoes = intent.echo_of.and_then(|seed| self.seeds.get(seed)).is_some_and(|old| old.iter().any(|w| mine.contains(w.as_str())));
        if echoes || intent.echo_seed.is_some() {
            score += 6;
        }
        if intent.answers
            && let Some(last) = self.lines.last()
        {
            let theirs = lower_words(&last.text);
            if content(&theirs).intersection(&mine).next().is_none() {
                score += 5;
            }
        }
        score -= 12 * i64::from(opened);
        if self.shapes.len() >= 2 && self.shapes[self.shapes.len() - 2..].iter().all(|s| *s == line.shape) {
            score -= 15;
        }
        if line.kit == 0 && !echoes {
            score -= 8;
        }

        let mut next = self.clone();
        next.score += score;
        *next.openings.entry(line.opens.clone()).or_default() += 1;
        next.sentences.insert(line.masked.clone());
        let counts = next.habits.entry(intent.speaker.clone()).or_default();
        *counts = (counts.0 + 1, counts.1 + u32::from(line.marked));
        if let Some(seed) = intent.echo_seed {
            next.seeds.insert(seed.clone(), line.words.clone());
        }
        next.lines.push(line.candidate.clone());
        next.shapes.push(line.shape.clone());
        Some(next)
    }

    fn key(&self) -> Vec<&str> {
        self.lines.iter().map(|l| l.mould.as_str()).collect()
    }
}

/// The best drafts of the whole film, the best first; ties go by mould id.
///
/// # Errors
/// The id of a line every candidate of which is refused.
pub(crate) fn rank(intents: &[Intent<'_>], rules: &Rules<'_>) -> Result<Vec<Draft>, Id> {
    let mut beam = vec![Draft::default()];
    for intent in intents {
        let readings: Vec<Reading> = intent.candidates.iter().filter_map(|c| Reading::of(intent, c, rules)).collect();
        let mut next: Vec<Draft> = beam.iter().flat_map(|d| readings.iter().filter_map(|r| d.with(intent, r))).collect();
        if next.is_empty() {
            return Err(intent.id.clone());
        }
        next.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.key().cmp(&b.key())));
        next.truncate(BEAM);
        beam = next;
    }
    Ok(beam)
}
