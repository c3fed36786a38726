//! Words, syllables, lengths and numbers of a line: what can be known before any voice exists.

use contracts::text::{TENS, UNITS};
use std::collections::BTreeSet;

/// The words of a text: runs of letters and apostrophes.
pub fn words(text: &str) -> Vec<String> {
    text.replace('\u{2019}', "'")
        .split(|c: char| !(c.is_ascii_alphabetic() || c == '\''))
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The words in lower case.
pub fn lower_words(text: &str) -> Vec<String> {
    words(&text.to_lowercase())
}

fn syllables_of(word: &str) -> u64 {
    let vowel = |b: u8| matches!(b, b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
    let bytes = word.as_bytes();
    let mut count = 0;
    let mut inside = false;
    for &b in bytes {
        count += u64::from(vowel(b) && !inside);
        inside = vowel(b);
    }
    if word.ends_with('e') && count > 1 && !word.ends_with("le") {
        count -= 1;
    }
    count.max(1)
}

/// Syllables of a text, by runs of vowels.
pub fn syllables(text: &str) -> u64 {
    lower_words(text).iter().map(|w| syllables_of(w)).sum()
}

/// Sentences of a text, each without its mark.
pub fn sentences(text: &str) -> Vec<String> {
    text.split_inclusive(['.', '!', '?']).map(|s| s.trim().trim_end_matches(['.', '!', '?']).to_owned()).filter(|s| !s.is_empty()).collect()
}

/// Milliseconds of a line before any voice exists: 280 + 190 a syllable + 480 a further sentence + 390 a comma, fitted to a
/// synthetic reader (writing direction §3.2; mean error 0.2 s).
pub fn estimate_ms(text: &str) -> u64 {
    let commas = text.matches(',').count() as u64;
    280 + 190 * syllables(text) + 480 * (sentences(text).len() as u64).saturating_sub(1) + 390 * commas
}

/// Word counts of the sentences of a line: its shape.
pub fn shape(text: &str) -> Vec<usize> {
    sentences(text).iter().map(|s| words(s).len()).collect()
}

/// The first two words, in lower case.
pub fn opening(text: &str) -> String {
    lower_words(text).into_iter().take(2).collect::<Vec<_>>().join(" ")
}

/// Number words of the lexicon.
pub const NUMBERS: &[&str] = &[
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "twenty", "thirty", "forty",
    "fifty", "sixty", "seventy", "eighty", "ninety", "hundred", "thousand", "half", "third", "first", "second",
];

/// The line with names and numbers masked, for comparing sentences across films.
pub fn mask(text: &str, names: &BTreeSet<String>) -> String {
    let masked = lower_words(text).into_iter().map(|w| {
        if names.contains(&w) {
            "N".to_owned()
        } else if NUMBERS.contains(&w.as_str()) {
            "#".to_owned()
        } else {
            w
        }
    });
    masked.collect::<Vec<_>>().join(" ")
}

/// A whole number in words, 0 to 999; digits beyond.
pub fn number(n: i64) -> String {
    match n {
        0 => "no".to_owned(),
        1..=19 => UNITS[n as usize].to_owned(),
        20..=99 => {
            let (tens, one) = (TENS[(n / 10 - 2) as usize], n % 10);
            if one == 0 { tens.to_owned() } else { format!("{tens}-{}", UNITS[one as usize]) }
        }
        100..=999 => {
            let head = if n / 100 == 1 { "a hundred".to_owned() } else { format!("{} hundred", UNITS[(n / 100) as usize]) };
            if n % 100 == 0 { head } else { format!("{head} and {}", number(n % 100)) }
        }
        _ => n.to_string(),
    }
}

/// The ordinal in words, 1 to 99; digits beyond.
pub fn ordinal(n: i64) -> String {
    const SMALL: [&str; 13] =
        ["", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"];
    match n {
        1..=12 => SMALL[n as usize].to_owned(),
        13..=19 => format!("{}th", UNITS[n as usize]),
        20..=99 if n % 10 == 0 => format!("{}ieth", TENS[(n / 10 - 2) as usize].trim_end_matches('y')),
        21..=99 => format!("{}-{}", TENS[(n / 10 - 2) as usize], ordinal(n % 10)),
        _ => format!("{n}th"),
    }
}

/// First letter in upper case.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// A regular English plural.
pub fn plural(noun: &str) -> String {
    if noun.ends_with('s') || noun.ends_with('x') || noun.ends_with("ch") || noun.ends_with("sh") {
        format!("{noun}es")
    } else if noun.ends_with('y') && !noun.ends_with("ay") && !noun.ends_with("ey") && !noun.ends_with("oy") {
        format!("{}ies", noun.trim_end_matches('y'))
    } else {
        format!("{noun}s")
    }
}

/// A name without its article.
pub fn bare(name: &str) -> &str {
    ["the ", "The ", "a ", "A ", "an ", "An "].iter().find_map(|article| name.strip_prefix(article)).unwrap_or(name)
}

/// Whether the words of `phrase` stand in `text` in order, side by side.
pub fn has_phrase(text: &[String], phrase: &str) -> bool {
    let wanted = lower_words(phrase);
    !wanted.is_empty() && text.windows(wanted.len()).any(|w| w == wanted.as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_words() {
        assert_eq!(
            (number(10), number(100), number(112), number(46)),
            ("ten".into(), "a hundred".into(), "a hundred and twelve".into(), "forty-six".into())
        );
        assert_eq!(
            (ordinal(10), ordinal(12), ordinal(20), ordinal(31)),
            ("tenth".into(), "twelfth".into(), "twentieth".into(), "thirty-first".into())
        );
    }

    #[test]
    fn length_grows_with_syllables_sentences_and_commas() {
        assert_eq!(syllables("There's my sixth can."), 5);
        assert_eq!(estimate_ms("Cold."), 280 + 190);
        assert_eq!(estimate_ms("Cold. Dark, here."), 280 + 190 * 3 + 480 + 390);
        assert_eq!(shape("Nine went out. I wrote them down myself."), vec![3, 5]);
    }

    #[test]
    fn masks_names_and_numbers() {
        let names = BTreeSet::from(["nessa".to_owned()]);
        assert_eq!(mask("Ten boats home, Nessa!", &names), "# boats home N");
        assert!(has_phrase(&lower_words("We cut to the chase"), "cut to"));
        assert!(!has_phrase(&lower_words("a short cut, too"), "cut to"));
    }
}
