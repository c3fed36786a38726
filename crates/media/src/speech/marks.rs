//! When each word sounds and what the mouth does, from the phones of a spoken line.

use contracts::table_read::{Mouth, MouthMark, WordMark};

/// A mouth shape is held this long at least: two frames of film at 24 frames a second.
pub const MOUTH_HOLD: u64 = 4_000;

/// A phone in a line, in samples at 48 kHz.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    /// As the engine names it (ARPAbet in lower case; `pau` is silence).
    pub name: String,
    /// First sample.
    pub start: u64,
    /// One past the last sample.
    pub end: u64,
}

impl Phone {
    /// Whether it is silence.
    pub fn is_pause(&self) -> bool {
        self.name == "pau"
    }
}

/// Gives each sounding phone of a sentence to a word, when the phones of each word spoken alone are known: the cheapest
/// edit from one to the other, so that a vowel weakened in context does not shift every word after it. `alone` holds one
/// list for each word; a word without phones gets none. The answer holds a word index for each of `heard`.
pub fn align(alone: &[Vec<String>], heard: &[&str]) -> Vec<usize> {
    let flat: Vec<(usize, &str)> = alone.iter().enumerate().flat_map(|(w, p)| p.iter().map(move |p| (w, p.as_str()))).collect();
    let (n, m) = (flat.len(), heard.len());
    let mut cost = vec![0u32; (n + 1) * (m + 1)];
    let at = |i: usize, j: usize| i * (m + 1) + j;
    for i in 0..=n {
        for j in 0..=m {
            cost[at(i, j)] = match (i, j) {
                (0, j) => 3 * j as u32,
                (i, 0) => 3 * i as u32,
                _ => (cost[at(i - 1, j - 1)] + differ(flat[i - 1].1, heard[j - 1])).min(cost[at(i - 1, j)] + 3).min(cost[at(i, j - 1)] + 3),
            };
        }
    }
    let mut words = vec![usize::MAX; m];
    let (mut i, mut j) = (n, m);
    while i > 0 && j > 0 {
        if cost[at(i, j)] == cost[at(i - 1, j - 1)] + differ(flat[i - 1].1, heard[j - 1]) {
            words[j - 1] = flat[i - 1].0;
            (i, j) = (i - 1, j - 1);
        } else if cost[at(i, j)] == cost[at(i - 1, j)] + 3 {
            i -= 1;
        } else {
            j -= 1;
        }
    }
    // A phone that only the sentence has (a linking sound) belongs to the word before it.
    let first = flat.first().map_or(0, |f| f.0);
    let mut last = first;
    for word in &mut words {
        if *word == usize::MAX {
            *word = last;
        }
        last = *word;
    }
    words
}

/// Gives phones to words by their letters, when nothing better is known: every word with letters gets at least one phone
/// as long as there are enough.
pub fn share(weights: &[u64], phones: usize) -> Vec<usize> {
    let total: u64 = weights.iter().sum();
    if total == 0 || phones == 0 {
        return vec![0; phones];
    }
    let voiced: Vec<usize> = (0..weights.len()).filter(|&w| weights[w] > 0).collect();
    let mut counts = vec![0usize; weights.len()];
    let (mut sum, mut given) = (0u64, 0usize);
    for (k, &w) in voiced.iter().enumerate() {
        sum += weights[w];
        let until = ((sum * phones as u64 + total / 2) / total) as usize;
        let leave = voiced.len() - k - 1;
        let until = until.max(given + 1).min(phones.saturating_sub(leave).max(given));
        counts[w] = until - given;
        given = until;
    }
    counts.iter().enumerate().flat_map(|(w, &n)| std::iter::repeat_n(w, n)).collect()
}

/// Span of each word from the phones of a sentence and their words (`None` for pauses); a word without a phone has none.
pub fn spans(words: usize, phones: &[Phone], owner: &[Option<usize>]) -> Vec<Option<(u64, u64)>> {
    let mut spans: Vec<Option<(u64, u64)>> = vec![None; words];
    for (phone, word) in phones.iter().zip(owner) {
        if let Some(span) = word.and_then(|w| spans.get_mut(w)) {
            *span = Some(span.map_or((phone.start, phone.end), |(a, b)| (a.min(phone.start), b.max(phone.end))));
        }
    }
    spans
}

/// Word marks of a whole line: every word in order, `start < end`, none before the one before it, all inside `samples`.
/// A word without a sound of its own (a dash) gets a share of the silence it stands in, or a sliver of its neighbour.
/// Empty when the line is too short to hold a sample for each word.
pub fn word_marks(texts: &[&str], spans: &[Option<(u64, u64)>], samples: u64) -> Vec<WordMark> {
    let n = texts.len();
    if (samples as usize) < n {
        return Vec::new();
    }
    // Starts first: known ones, then the unknown spread evenly between the known.
    let mut marks: Vec<(u64, u64)> = Vec::with_capacity(n);
    let mut i = 0;
    while i < n {
        if let Some(span) = spans.get(i).copied().flatten() {
            marks.push(span);
            i += 1;
            continue;
        }
        let run = (i..n).take_while(|&k| spans.get(k).copied().flatten().is_none()).count();
        let from = marks.last().map_or(0, |m| m.1);
        let to = spans.get(i + run).copied().flatten().map_or(samples, |s| s.0).max(from);
        let each = (to - from) / run as u64;
        for k in 0..run as u64 {
            marks.push((from + k * each, from + (k + 1) * each));
        }
        i += run;
    }
    // Then order, forwards and backwards, so that each holds one sample at least.
    let mut floor = 0;
    for (k, mark) in marks.iter_mut().enumerate() {
        let last_start = samples - (n - k) as u64;
        mark.0 = mark.0.max(floor).min(last_start);
        mark.1 = mark.1.max(mark.0 + 1).min(last_start + 1);
        floor = mark.0 + 1;
    }
    for k in 1..n {
        if marks[k].0 < marks[k - 1].1 {
            marks[k - 1].1 = marks[k].0;
        }
    }
    texts.iter().zip(marks).map(|(text, (start, end))| WordMark { text: (*text).to_owned(), start, end }).collect()
}

/// The mouth of a line: one mark at 0, each later one `MOUTH_HOLD` or more after the one before it.
/// `sounds` are (start, shape) in order.
pub fn mouth_marks(sounds: &[(u64, Mouth)], samples: u64) -> Vec<MouthMark> {
    if samples == 0 {
        return Vec::new();
    }
    let mut parts: Vec<(u64, u64, Mouth)> = Vec::new();
    let lead = sounds.first().is_none_or(|s| s.0 > 0).then_some((0, Mouth::Rest));
    let all: Vec<(u64, Mouth)> = lead.into_iter().chain(sounds.iter().copied().filter(|s| s.0 < samples)).collect();
    for (k, &(start, shape)) in all.iter().enumerate() {
        let end = all.get(k + 1).map_or(samples, |next| next.0);
        match parts.last_mut() {
            _ if end <= start => {}
            Some(last) if last.2 == shape => last.1 = end,
            _ => parts.push((start, end, shape)),
        }
    }
    // The shortest part joins its shorter neighbour until all are long enough; the shape that is seen more wins.
    while parts.len() > 1 {
        let Some((k, short)) = parts.iter().enumerate().map(|(k, p)| (k, p.1 - p.0)).min_by_key(|p| p.1) else { break };
        if short >= MOUTH_HOLD {
            break;
        }
        let length = |k: usize| parts.get(k).map_or(u64::MAX, |p| p.1 - p.0);
        let other = if k > 0 && length(k - 1) <= length(k + 1) { k - 1 } else { k + 1 };
        let (a, b) = (parts[k.min(other)], parts[k.max(other)]);
        let wins = |p: (u64, u64, Mouth)| (p.1 - p.0) * if p.2 == Mouth::Narrow { 1 } else { 2 };
        let shape = if wins(b) > wins(a) { b.2 } else { a.2 };
        parts[k.min(other)] = (a.0, b.1, shape);
        parts.remove(k.max(other));
        parts.dedup_by(|next, kept| {
            let same = next.2 == kept.2;
            if same {
                kept.1 = next.1;
            }
            same
        });
    }
    parts.into_iter().map(|(start, _, shape)| MouthMark { start, shape }).collect()
}

/// The mouth of a phone (art direction §7).
pub fn mouth_of(phone: &str) -> Mouth {
    match phone {
        "pau" | "m" | "b" | "p" => Mouth::Rest,
        "aa" | "ae" | "ah" | "ay" | "aw" | "eh" => Mouth::Open,
        "iy" | "ih" | "ey" | "y" => Mouth::Spread,
        "ao" | "ow" | "oy" | "uw" | "uh" | "w" => Mouth::Round,
        _ => Mouth::Narrow,
    }
}

/// The mouth of a letter, for engines that do not tell their phones.
pub fn mouth_of_letter(letter: char) -> Mouth {
    match letter {
        'a' | 'ä' | 'á' | 'à' | 'â' | 'ã' | 'å' | 'æ' => Mouth::Open,
        'e' | 'i' | 'é' | 'è' | 'ê' | 'ë' | 'í' | 'ì' | 'î' | 'ï' | 'y' => Mouth::Spread,
        'o' | 'u' | 'w' | 'ö' | 'ü' | 'ó' | 'ò' | 'ô' | 'õ' | 'ú' | 'ù' | 'û' | 'ø' => Mouth::Round,
        'm' | 'b' | 'p' => Mouth::Rest,
        // Letters of other scripts: a syllable opens the mouth more often than not.
        c if !c.is_ascii() && (c as u32).is_multiple_of(2) => Mouth::Open,
        _ => Mouth::Narrow,
    }
}

fn differ(a: &str, b: &str) -> u32 {
    let vowel = |p: &str| p.starts_with(['a', 'e', 'i', 'o', 'u']);
    match (a == b, vowel(a) == vowel(b)) {
        (true, _) => 0,
        (_, true) => 2,
        _ => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(list: &[&str]) -> Vec<Vec<String>> {
        list.iter().map(|w| w.split_whitespace().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn phones_find_their_words_through_weak_vowels_and_links() {
        let alone = words(&["dh iy", "", "ey", "k ae n"]);
        let heard = ["dh", "ax", "y", "ax", "k", "ae", "n"];
        assert_eq!(align(&alone, &heard), [0, 0, 0, 2, 3, 3, 3]);
        assert_eq!(align(&[], &["k"]), [0]);
        assert_eq!(align(&alone, &[]), Vec::<usize>::new());
    }

    #[test]
    fn shares_are_ordered_and_complete() {
        for phones in 0..12 {
            let owner = share(&[3, 0, 1, 9, 2], phones);
            assert_eq!(owner.len(), phones);
            assert!(owner.is_sorted() && owner.iter().all(|&w| w != 1 && w < 5));
            if phones >= 4 {
                assert!([0, 2, 3, 4].iter().all(|w| owner.contains(w)), "{owner:?}");
            }
        }
    }

    #[test]
    fn marks_hold_for_any_spans() {
        let mut seed = contracts::Seed::new(7);
        for round in 0..400 {
            let n = 1 + seed.below(9) as usize;
            let samples = n as u64 + seed.below(500);
            let texts: Vec<&str> = (0..n).map(|_| "word").collect();
            let spans: Vec<_> = (0..n)
                .map(|_| (seed.below(4) > 0).then(|| (seed.below(samples + 20), seed.below(samples + 20))))
                .map(|s| s.map(|(a, b)| (a.min(b), a.max(b))))
                .collect();
            let marks = word_marks(&texts, &spans, samples);
            assert_eq!(marks.len(), n);
            let mut before = 0;
            for mark in &marks {
                assert!(mark.start >= before && mark.start < mark.end && mark.end <= samples, "round {round}: {spans:?} -> {marks:?}");
                before = mark.end;
            }
        }
        assert!(word_marks(&["a", "b"], &[None, None], 1).is_empty());
    }

    #[test]
    fn mouths_are_held_and_start_at_once() {
        let mut seed = contracts::Seed::new(3);
        let shapes = [Mouth::Rest, Mouth::Open, Mouth::Spread, Mouth::Round, Mouth::Narrow];
        for _ in 0..200 {
            let samples = 1 + seed.below(90_000);
            let mut sounds: Vec<(u64, Mouth)> =
                (0..seed.below(30)).map(|_| (seed.below(samples), shapes[seed.below(5) as usize])).collect();
            sounds.sort_by_key(|s| s.0);
            let marks = mouth_marks(&sounds, samples);
            assert_eq!(marks[0].start, 0);
            for pair in marks.windows(2) {
                assert!(pair[1].start >= pair[0].start + MOUTH_HOLD && pair[0].shape != pair[1].shape);
            }
            assert!(marks.last().expect("one").start < samples);
        }
    }
}
