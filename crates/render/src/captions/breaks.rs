//! Where text may be broken, and where it is: Unicode line breaking (UAX #14), and among what it allows the parts and lines
//! that read best in the time there is.

use std::collections::BTreeSet;

use unicode_linebreak::{BreakClass, break_property, linebreaks};
use unicode_segmentation::UnicodeSegmentation;

use super::{COLUMNS, LINGER_MS, columns, reading_ms, times::Time};

/// A piece of text that is never broken: mostly a word, or a character of a script that is written without spaces; two words
/// where no line may begin with the second, as before a French `!`.
#[derive(Clone, Debug)]
pub(super) struct Atom<'a> {
    /// Its text; single spaces inside.
    pub text: &'a str,
    /// Which word it begins with or belongs to.
    pub word: usize,
    /// Its width.
    pub columns: usize,
    /// Whether a space stands before it.
    pub spaced: bool,
}

/// The atoms of a text of words with single spaces, for lines of so many columns.
pub(super) fn atoms(text: &str, limit: usize) -> Vec<Atom<'_>> {
    let free: BTreeSet<usize> = linebreaks(text).map(|(at, _)| at).collect();
    let mut atoms: Vec<Atom<'_>> = Vec::new();
    let mut start = 0;
    for (word, part) in text.split(' ').enumerate() {
        // What may not begin a line stays with what is before it.
        let bound = atoms.last().filter(|before| !free.contains(&start) && before.columns + 1 + columns(part) <= limit);
        if let Some(before) = bound {
            let from = start - 1 - before.text.len();
            let joined = &text[from..start + part.len()];
            let (word, spaced) = (before.word, before.spaced);
            atoms.pop();
            atoms.push(Atom { text: joined, word, columns: columns(joined), spaced });
        } else {
            for (k, pair) in inside(part, limit).windows(2).enumerate() {
                let piece = &part[pair[0]..pair[1]];
                atoms.push(Atom { text: piece, word, columns: columns(piece), spaced: k == 0 });
            }
        }
        start += part.len() + 1;
    }
    atoms
}

/// Where a word may be broken, its beginning and end included: between characters of a script without spaces; any other
/// word only if it is wider than a line.
fn inside(word: &str, limit: usize) -> Vec<usize> {
    let mut cuts = vec![0];
    let too_wide = columns(word) > limit;
    let graphemes: Vec<usize> = word.grapheme_indices(true).map(|(at, _)| at).collect();
    let unspaced = |c: Option<char>| c.is_some_and(|c| columns(c.encode_utf8(&mut [0; 4])) == 2 || is_complex(c));
    for (at, _) in linebreaks(word) {
        let (before, after) = (word[..at].chars().next_back(), word[at..].chars().next());
        // An emoji of several characters is one to the reader.
        if at < word.len() && graphemes.binary_search(&at).is_ok() && (too_wide || unspaced(before) || unspaced(after)) {
            cuts.push(at);
        }
    }
    // Thai and its neighbours part their words without a sign, and finding them takes a dictionary: where such a run is wider
    // than a line, it is broken between characters.
    if too_wide && word.chars().any(is_complex) {
        let complex =
            |at: usize| word[..at].chars().next_back().is_some_and(is_complex) && word[at..].chars().next().is_some_and(is_complex);
        cuts.extend(graphemes.into_iter().filter(|&at| at > 0 && complex(at)));
        cuts.sort_unstable();
        cuts.dedup();
    }
    cuts.push(word.len());
    cuts
}

fn is_complex(c: char) -> bool {
    break_property(c as u32) == BreakClass::ComplexContext
}

/// What a second more than there is costs, against the costs below.
const LATE: u64 = 120;
/// What every further part costs.
const PART: u64 = 30;
/// What it costs to part where no clause ends.
const TORN: u64 = 40;
/// What a part of a single word costs, or one that is hardly filled.
const LONE: u64 = 40;

/// Atoms in parts, each of one or two lines: of all ways to part them the cheapest, where it costs to have less time than
/// reading takes, to part inside a clause, and to leave a word alone. `room` is the sample at which the next line begins.
pub(super) fn parts<'a, 'b>(atoms: &'b [Atom<'a>], times: &[Time], room: u64, limit: usize) -> Vec<Vec<&'b [Atom<'a>]>> {
    let n = atoms.len();
    // best[i]: what the atoms from i on cost, and how many of them the first part takes.
    let mut best: Vec<(u64, usize)> = vec![(0, 0); n + 1];
    for i in (0..n).rev() {
        let rest = &atoms[i..];
        let fit = two_lines(rest, limit);
        best[i] = (1..=fit)
            .map(|take| {
                let j = i + take;
                let have = if j < n { times[j].start } else { room }.saturating_sub(times[i].start) / 48;
                let width = width(&rest[..take]);
                let need = if j < n { reading_ms(width) } else { reading_ms(width) + LINGER_MS };
                let mut cost = PART + need.saturating_sub(have).min(100_000) * LATE / 1000;
                if j < n && !ends_clause(rest[take - 1].text) {
                    cost += TORN;
                }
                if n > 1 && (take == 1 || width * 4 < limit) {
                    cost += LONE;
                }
                (cost + best[j].0, take)
            })
            // Of equal ones the longest first part.
            .min_by_key(|&(cost, take)| (cost, usize::MAX - take))
            .unwrap_or((0, 1));
    }
    let mut parts = Vec::new();
    let mut i = 0;
    while i < n {
        let j = i + best[i].1.max(1);
        parts.push(two_halves(&atoms[i..j], limit));
        i = j;
    }
    parts
}

/// How many atoms fit on two lines, at least one.
fn two_lines(atoms: &[Atom<'_>], limit: usize) -> usize {
    let first = one_line(atoms, limit);
    first + if first < atoms.len() { one_line(&atoms[first..], limit) } else { 0 }
}

/// How many atoms fit on a line; one wider than a line still takes a line of its own.
fn one_line(atoms: &[Atom<'_>], limit: usize) -> usize {
    let mut width = 0;
    for (k, atom) in atoms.iter().enumerate() {
        width += atom.columns + usize::from(k > 0 && atom.spaced);
        if width > limit {
            return k.max(1);
        }
    }
    atoms.len()
}

/// The break that leaves the two lines most even, preferring the end of a clause; one line when all fits.
fn two_halves<'a, 'b>(atoms: &'b [Atom<'a>], limit: usize) -> Vec<&'b [Atom<'a>]> {
    if one_line(atoms, limit) == atoms.len() {
        return vec![atoms];
    }
    let fits = |part: &[Atom<'_>]| one_line(part, limit) == part.len();
    let uneven = |k: usize| {
        let (a, b) = (width(&atoms[..k]), width(&atoms[k..]));
        a.abs_diff(b) + if ends_clause(atoms[k - 1].text) { 0 } else { 20 * limit / COLUMNS }
    };
    let best = (1..atoms.len()).filter(|&k| fits(&atoms[..k]) && fits(&atoms[k..])).min_by_key(|&k| uneven(k));
    let (a, b) = atoms.split_at(best.unwrap_or_else(|| one_line(atoms, limit)));
    vec![a, b]
}

fn width(atoms: &[Atom<'_>]) -> usize {
    atoms.iter().enumerate().map(|(k, a)| a.columns + usize::from(k > 0 && a.spaced)).sum()
}

/// Atoms as they stand on a line.
pub(super) fn join(atoms: &[Atom<'_>]) -> String {
    let mut out = String::new();
    for (k, atom) in atoms.iter().enumerate() {
        if k > 0 && atom.spaced {
            out.push(' ');
        }
        out += atom.text;
    }
    out
}

fn ends_clause(word: &str) -> bool {
    word.trim_end_matches(['"', '\'', '\u{201d}', '\u{2019}', ')', '」', '』', '»'])
        .ends_with(['.', '!', '?', ',', ';', ':', '\u{2014}', '\u{2026}', '。', '、', '，', '！', '？', '；', '：', '،', '؛', '؟', '।'])
}
