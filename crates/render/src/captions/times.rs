//! When words sound: by the marks of the table read, else in proportion to their length; and the list of them as JSON.

use contracts::{Id, canonical::CanonicalError, canonical_bytes, render::Caption, time::ms_of_samples};
use serde::Serialize;

use super::{Atom, clean, columns};

/// When an atom sounds, in samples of the film.
#[derive(Clone, Debug)]
pub(super) struct Time {
    /// First sample.
    pub start: u64,
    /// Its words.
    pub words: Vec<TimedWord>,
}

/// A word, or the part of one that stands in an atom.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimedWord {
    /// First byte in the atom.
    pub from: usize,
    /// One past the last byte.
    pub to: usize,
    /// First sample of the film.
    pub start: u64,
    /// One past the last sample.
    pub end: u64,
}

/// First and last sample of each word in the film: by its mark, else in proportion to its columns. Times never go back and
/// never leave the line.
fn of_words(caption: &Caption, words: &[String]) -> Vec<(u64, u64)> {
    let length = caption.end.saturating_sub(caption.start);
    let marked = caption.words.len() == words.len();
    let total: usize = words.iter().map(|w| columns(w).max(1)).sum::<usize>().max(1);
    let mut sum = 0;
    let mut before = caption.start;
    let mut place = |offset: u64| {
        before = caption.start.saturating_add(offset).clamp(before, caption.end.max(before));
        before
    };
    let mut spans = Vec::with_capacity(words.len());
    for (k, word) in words.iter().enumerate() {
        let share = |sum: usize| (u128::from(length) * sum as u128 / total as u128) as u64;
        let (from, to) = (sum, sum + columns(word).max(1));
        sum = to;
        let mark = caption.words.get(k).filter(|_| marked);
        let (start, end) = mark.map_or_else(|| (share(from), share(to)), |mark| (mark.start, mark.end));
        spans.push((place(start), place(end)));
    }
    spans
}

/// When each atom sounds. A word that stands in several atoms shares its time among them.
pub(super) fn of_atoms(caption: &Caption, words: &[String], atoms: &[Atom<'_>]) -> Vec<Time> {
    let spans = of_words(caption, words);
    let whole: Vec<usize> = words.iter().map(|w| columns(w).max(1)).collect();
    // Where in its word the next piece begins.
    let (mut current, mut done) = (usize::MAX, 0);
    let mut out = Vec::with_capacity(atoms.len());
    for atom in atoms {
        let mut timed = Vec::new();
        let mut at = 0;
        for (k, piece) in atom.text.split(' ').enumerate() {
            let word = atom.word + k;
            if word != current {
                (current, done) = (word, 0);
            }
            let (start, end) = spans.get(word).copied().unwrap_or((caption.end, caption.end));
            let share = |part: usize| {
                let whole = whole.get(word).copied().unwrap_or(1);
                start + (u128::from(end - start) * part.min(whole) as u128 / whole as u128) as u64
            };
            let next = done + columns(piece);
            timed.push(TimedWord { from: at, to: at + piece.len(), start: share(done), end: share(next) });
            done = next;
            at += piece.len() + 1;
        }
        out.push(Time { start: timed.first().map_or(caption.end, |w| w.start), words: timed });
    }
    out
}

#[derive(Serialize)]
struct Line<'a> {
    line_id: &'a Id,
    speaker: &'a str,
    start_ms: u64,
    end_ms: u64,
    words: Vec<Word>,
}

#[derive(Serialize)]
struct Word {
    text: String,
    start_ms: u64,
    end_ms: u64,
}

/// Every line of the film with its words and their times: canonical JSON, a list in order of time of
/// `{line_id, speaker, start_ms, end_ms, words: [{text, start_ms, end_ms}]}`. Milliseconds of the film.
///
/// # Errors
/// When a time is beyond what canonical JSON holds.
pub fn timestamps(captions: &[Caption]) -> Result<Vec<u8>, CanonicalError> {
    let mut ordered: Vec<&Caption> = captions.iter().collect();
    ordered.sort_by_key(|c| c.start);
    let lines = ordered.into_iter().map(|caption| {
        let words = clean(&caption.text);
        let spans = of_words(caption, &words);
        let words = words.into_iter().zip(spans).map(|(text, (start, end))| Word {
            text,
            start_ms: ms_of_samples(start),
            end_ms: ms_of_samples(end),
        });
        Line {
            line_id: &caption.line_id,
            speaker: &caption.speaker,
            start_ms: ms_of_samples(caption.start),
            end_ms: ms_of_samples(caption.end),
            words: words.collect(),
        }
    });
    canonical_bytes(&lines.collect::<Vec<_>>())
}
