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
    speakers: Vec<Id>,
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

impl Draft {
    /// The draft with one more line, or nothing when the line is refused.
    fn with(&self, intent: &Intent<'_>, candidate: &Candidate, rules: &Rules<'_>) -> Option<Self> {
        let words = lower_words(&candidate.text);
        let has = |list: &[String]| words.iter().any(|w| list.iter().any(|t| t == w));
        let masked = mask(&candidate.text, &rules.names);
        let opens = opening(&candidate.text);
        let opened = if words.len() < 2 { 0 } else { self.openings.get(&opens).copied().unwrap_or(0) };
        let refused = words.is_empty()
            || words.len() > 15
            || words.len() > intent.most_words
            || candidate.text.matches(',').count() > 2
            || has(rules.taboo)
            || has(intent.never)
            || words.iter().any(|w| is_homograph(w) || intent.conceals.contains(w))
            || (words.len() >= 3 && self.sentences.contains(&masked))
            || opened >= 2;
        if refused {
            return None;
        }
        let mut score = 0;
        let kit = words.iter().filter(|w| rules.kit.contains(w.as_str()) || NUMBERS.contains(&w.as_str())).collect::<BTreeSet<_>>().len();
        score += 6 * kit.min(2) as i64;
        let marked = words.iter().any(|w| intent.marks.iter().any(|m| if m == "#" { NUMBERS.contains(&w.as_str()) } else { m == w }));
        let (said, habitual) = self.habits.get(&intent.speaker).copied().unwrap_or((0, 0));
        // The signature habit may mark three lines in five.
        if marked && (habitual + 1) * 5 <= (said + 1) * 3 + 2 {
            score += 5;
        }
        if (intent.band[0]..=intent.band[1]).contains(&words.len()) {
            score += 4;
        }
        let mine = content(&words);
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
        if !words.iter().any(|w| intent.picture.contains(w)) {
            score += 4;
        }
        score -= 20 * words.iter().filter(|w| is_feeling(w)).count() as i64;
        if is_stock(&words) || is_maxim(&words) {
            score -= 30;
        }
        score -= 12 * i64::from(opened);
        let form = shape(&candidate.text);
        if self.lines.len() >= 2 && self.lines[self.lines.len() - 2..].iter().all(|l| shape(&l.text) == form) {
            score -= 15;
        }
        if kit == 0 && !echoes {
            score -= 8;
        }
        if candidate.stiff {
            score -= 6;
        }
        // Chance, one stream a decision: an inserted beat re-rolls nothing else.
        score += rules.stream.derive(intent.id.as_str()).derive(&candidate.mould).below(10) as i64;

        let mut next = self.clone();
        next.score += score;
        *next.openings.entry(opens).or_default() += 1;
        next.sentences.insert(masked);
        let counts = next.habits.entry(intent.speaker.clone()).or_default();
        *counts = (counts.0 + 1, counts.1 + u32::from(marked));
        if let Some(seed) = intent.echo_seed {
            next.seeds.insert(seed.clone(), words.clone());
        }
        next.lines.push(candidate.clone());
        next.speakers.push(intent.speaker.clone());
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
        let mut next: Vec<Draft> = beam.iter().flat_map(|d| intent.candidates.iter().filter_map(|c| d.with(intent, c, rules))).collect();
        if next.is_empty() {
            return Err(intent.id.clone());
        }
        next.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.key().cmp(&b.key())));
        next.truncate(BEAM);
        beam = next;
    }
    Ok(beam)
}
