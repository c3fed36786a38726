//! Words that are spoken other than they are written. The engine reads the respelling; whoever reads the marks sees the
//! written words.

use std::collections::BTreeMap;

use contracts::table_read::WordMark;
use unicode_segmentation::UnicodeSegmentation;

/// A text as an engine is to read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Respelled {
    /// The text with its words respelled.
    pub text: String,
    /// For each written word, how many words of `text` speak it.
    counts: Vec<usize>,
}

/// Puts the sound of each word in place of the word: whole words, in any case, by the word boundaries of Unicode
/// (UAX 29); a possessive `'s` stays. `None` when no word of `sounds` is in the text, and it is read as it is written.
pub fn respell(text: &str, sounds: &BTreeMap<String, String>) -> Option<Respelled> {
    let sounds: BTreeMap<String, &str> = sounds.iter().map(|(word, sound)| (word.to_lowercase(), sound.trim())).collect();
    let (mut spoken, mut counts, mut found) = (Vec::new(), Vec::new(), false);
    for written in text.split_whitespace() {
        let mut said = String::new();
        for piece in written.split_word_bounds() {
            match sound_of(piece, &sounds) {
                Some(sound) => {
                    found = true;
                    said.push_str(&sound);
                }
                None => said.push_str(piece),
            }
        }
        counts.push(said.split_whitespace().count());
        spoken.push(said);
    }
    found.then(|| Respelled { text: spoken.join(" "), counts })
}

fn sound_of(word: &str, sounds: &BTreeMap<String, &str>) -> Option<String> {
    if let Some(sound) = sounds.get(&word.to_lowercase()) {
        return Some((*sound).to_owned());
    }
    let (stem, tail) = ["'s", "\u{2019}s"].iter().find_map(|tail| word.strip_suffix(tail).map(|stem| (stem, tail)))?;
    sounds.get(&stem.to_lowercase()).map(|sound| format!("{sound}{tail}"))
}

impl Respelled {
    /// The marks of the written words, from those of the words that were spoken.
    pub fn as_written(&self, text: &str, spoken: &[WordMark]) -> Vec<WordMark> {
        let mut rest = spoken;
        let mut marks = Vec::with_capacity(self.counts.len());
        for (written, &count) in text.split_whitespace().zip(&self.counts) {
            let (own, after) = rest.split_at(count.min(rest.len()));
            rest = after;
            if let (Some(first), Some(last)) = (own.first(), own.last()) {
                marks.push(WordMark { text: written.to_owned(), start: first.start, end: last.end });
            }
        }
        marks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sounds() -> BTreeMap<String, String> {
        [("Combs", "koomz"), ("inspection", "in speck shun"), ("Été", "ay tay")].map(|(w, s)| (w.to_owned(), s.to_owned())).into()
    }

    fn said(text: &str) -> Option<String> {
        respell(text, &sounds()).map(|r| r.text)
    }

    #[test]
    fn whole_words_in_any_case_are_respelled_and_nothing_else() {
        assert_eq!(said("Ask Combs, now.").as_deref(), Some("Ask koomz, now."));
        assert_eq!(
            said("COMBS! \u{201c}combs\u{201d} Combs's Combs\u{2019}s").as_deref(),
            Some("koomz! \u{201c}koomz\u{201d} koomz's koomz\u{2019}s")
        );
        assert_eq!(said("the ÉTÉ-boat").as_deref(), Some("the ay tay-boat"));
        for other in ["Honeycombs", "Combsley", "comb", "Combsé", "co_combs", ""] {
            assert_eq!(said(other), None, "{other}");
        }
    }

    #[test]
    fn marks_are_those_of_the_written_words() {
        let text = "The inspection is Combs's, dear.";
        let respelled = respell(text, &sounds()).expect("it holds them");
        assert_eq!(respelled.text, "The in speck shun is koomz's, dear.");
        let spoken: Vec<WordMark> = respelled
            .text
            .split_whitespace()
            .enumerate()
            .map(|(i, w)| WordMark { text: w.into(), start: i as u64 * 10, end: i as u64 * 10 + 8 })
            .collect();
        let marks = respelled.as_written(text, &spoken);
        let shown: Vec<(&str, u64, u64)> = marks.iter().map(|m| (m.text.as_str(), m.start, m.end)).collect();
        assert_eq!(shown, [("The", 0, 8), ("inspection", 10, 38), ("is", 40, 48), ("Combs's,", 50, 58), ("dear.", 60, 68)]);
        // A line too short to mark has no marks.
        assert!(respelled.as_written(text, &[]).is_empty());
    }
}
