//! Text as it enters the house.

use unicode_normalization::UnicodeNormalization;

/// Normalisation form C (Unicode Standard Annex 15). What a person writes passes through here once, at ingest, so that
/// equal words have equal bytes and equal hashes whichever keyboard or editor they came from (design §4).
pub fn nfc(text: &str) -> String {
    text.nfc().collect()
}

/// How many letters must be changed, added or taken away to make one text of another (Levenshtein), over at most the first
/// 80 characters of each: enough to find the name that was meant.
pub fn distance(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().take(80).collect();
    let mut row: Vec<usize> = (0..=one.len()).collect();
    for (i, c) in other.chars().take(80).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, w) in one.iter().enumerate() {
            let cost = (diagonal + usize::from(c != *w)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], cost);
        }
    }
    row[one.len()]
}

/// English words of the numbers below twenty.
pub const UNITS: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];

/// English words of the tens from twenty to ninety.
pub const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

/// The most characters of a line a person writes: what is said in one breath, and can be read on one card.
pub const MAX_LINE_CHARS: usize = 200;

/// Why nobody can say a line: nothing in it is a letter or a digit, it is too long, or it holds characters that are not
/// seen but change what is.
pub fn speakable(text: &str) -> Result<(), String> {
    let chars = text.chars().count();
    if text.trim().is_empty() {
        return Err(format!("is empty; expected 1 to {MAX_LINE_CHARS} characters"));
    }
    if chars > MAX_LINE_CHARS {
        return Err(format!("has {chars} characters; expected 1 to {MAX_LINE_CHARS}: divide it into several lines"));
    }
    let hidden = |c: &char| c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    if let Some(hidden) = text.chars().find(hidden) {
        return Err(format!("holds the character U+{:04X}, which is not text", u32::from(hidden)));
    }
    if !text.chars().any(char::is_alphanumeric) {
        return Err("holds no letter and no digit: nobody can say it".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_and_its_accent_become_one() {
        assert_eq!(nfc("Ne\u{301}ss \u{212b}"), "N\u{e9}ss \u{c5}");
        assert_eq!(nfc("plain = \"text\""), "plain = \"text\"");
    }
}
