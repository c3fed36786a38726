//! Words of a text with what stands between them: enough to read a name, a number or the end of a clause, and no more.

use contracts::text::{TENS, UNITS};

/// A word of a text.
#[derive(Debug)]
pub(crate) struct Word<'a> {
    /// As written, without a possessive.
    pub text: &'a str,
    /// In lower case, with straight apostrophes.
    pub low: String,
    /// Whether it was a possessive (or `is` in short): `Nessa's`.
    pub owns: bool,
    /// Whether it begins a sentence.
    pub starts: bool,
    /// What stands between it and the word before it, or the beginning.
    pub before: &'a str,
    /// What stands between it and the next word, or the end.
    pub after: &'a str,
}

impl Word<'_> {
    /// `Rone`: a capital, then small letters.
    pub fn is_name(&self) -> bool {
        let mut chars = self.text.chars();
        chars.next().is_some_and(char::is_uppercase) && chars.clone().next().is_some() && chars.all(|c| !c.is_uppercase())
    }

    /// `RONE`: capitals only, at least two.
    pub fn is_loud(&self) -> bool {
        self.text.chars().count() > 1 && self.text.chars().all(|c| !c.is_lowercase())
    }

    /// Whether a clause may begin here.
    pub fn begins(&self) -> bool {
        self.starts || self.before.contains([',', ';', ':', '—', '–', '(', '"', '“'])
    }

    /// Whether a clause ends here.
    pub fn ends(&self) -> bool {
        let gap = self.after.trim();
        self.after.is_empty() || gap.starts_with(['.', ',', '!', '?', ';', ':', '—', '–', ')', '"', '”', '…'])
    }
}

/// The words of a text.
pub(crate) fn words(text: &str) -> Vec<Word<'_>> {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    let mut from = None;
    for (i, c) in text.char_indices() {
        let inner = c.is_alphanumeric() || (from.is_some() && matches!(c, '\'' | '\u{2019}' | '-'));
        match (inner, from) {
            (true, None) => from = Some(i),
            (false, Some(start)) => {
                spans.push((start, i));
                from = None;
            }
            _ => {}
        }
    }
    spans.extend(from.map(|start| (start, text.len())));
    let trimmed: Vec<(usize, usize)> =
        spans.iter().map(|&(a, b)| (a, a + text[a..b].trim_end_matches(['\'', '\u{2019}', '-']).len())).collect();
    let mut out: Vec<Word<'_>> = Vec::with_capacity(trimmed.len());
    for (n, &(a, b)) in trimmed.iter().enumerate() {
        let before = &text[n.checked_sub(1).map_or(0, |p| trimmed[p].1)..a];
        let after = &text[b..trimmed.get(n + 1).map_or(text.len(), |next| next.0)];
        let whole = &text[a..b];
        let bare = ["'s", "\u{2019}s"].iter().find_map(|s| whole.strip_suffix(s)).filter(|w| !w.is_empty());
        let text = bare.unwrap_or(whole);
        let starts = n == 0 || before.contains(['.', '!', '?', '…', '\n']);
        out.push(Word { text, low: text.to_lowercase().replace('\u{2019}', "'"), owns: bare.is_some(), starts, before, after });
    }
    out
}

/// Whether the sentence that holds word `i` asks.
pub(crate) fn asks(words: &[Word<'_>], i: usize) -> bool {
    words[i..].iter().find(|w| w.after.contains(['.', '!', '?', '…'])).is_some_and(|w| w.after.contains('?'))
}

fn small(word: &str) -> Option<i64> {
    UNITS.iter().position(|u| *u == word).map(|n| n as i64)
}

fn tens(word: &str) -> Option<i64> {
    TENS.iter().position(|t| *t == word).map(|n| 20 + 10 * n as i64)
}

/// The whole number at word `i`, in digits or in words up to a hundred, and how many words it takes.
pub(crate) fn number(words: &[Word<'_>], i: usize) -> Option<(i64, usize)> {
    let word = words.get(i)?;
    if word.owns {
        return None;
    }
    let low = word.low.as_str();
    if low.len() <= 3 && low.bytes().all(|b| b.is_ascii_digit()) {
        return low.parse().ok().map(|n| (n, 1));
    }
    if let Some((ten, one)) = low.split_once('-') {
        return Some((tens(ten)? + small(one).filter(|n| (1..=9).contains(n))?, 1));
    }
    if low == "hundred" {
        return Some((100, 1));
    }
    if let Some(ten) = tens(low) {
        let one = words.get(i + 1).filter(|_| word.after == " ").and_then(|w| small(&w.low)).filter(|n| (1..=9).contains(n));
        return Some(one.map_or((ten, 1), |one| (ten + one, 2)));
    }
    small(low).map(|n| (n, 1))
}

/// A number below a hundred in words, as an age is written.
pub(crate) fn spelt(n: i64) -> Option<String> {
    let n = usize::try_from(n).ok()?;
    let ten = (n / 10).checked_sub(2).and_then(|t| TENS.get(t));
    match (UNITS.get(n), ten, n % 10) {
        (Some(unit), _, _) => Some((*unit).to_owned()),
        (None, Some(ten), 0) => Some((*ten).to_owned()),
        (None, Some(ten), one) => Some(format!("{ten}-{}", UNITS[one])),
        _ => None,
    }
}

/// A text with a capital at its head.
pub(crate) fn sentence_case(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Whether two words differ by one letter: one other, one more, one less, or two neighbours exchanged.
pub(crate) fn near(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    if a == b || long.len() - short.len() > 1 {
        return false;
    }
    let head = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    if short.len() < long.len() {
        return short[head..] == long[head + 1..];
    }
    let exchanged =
        head + 1 < short.len() && short[head] == long[head + 1] && short[head + 1] == long[head] && short[head + 2..] == long[head + 2..];
    short[head + 1..] == long[head + 1..] || exchanged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_know_what_stands_around_them() {
        let read = words("Nessa\u{2019}s oil. I'm forty-one, Bram!");
        let told: Vec<(&str, bool, bool, bool)> = read.iter().map(|w| (w.low.as_str(), w.owns, w.starts, w.ends())).collect();
        assert_eq!(
            told,
            [
                ("nessa", true, true, false),
                ("oil", false, false, true),
                ("i'm", false, true, false),
                ("forty-one", false, false, true),
                ("bram", false, false, true)
            ]
        );
        assert!(words("").is_empty() && words("... —").is_empty());
        assert!(asks(&words("Who is it? Me."), 0) && !asks(&words("Who is it? Me."), 3));
    }

    #[test]
    fn numbers_are_read_in_digits_and_in_words() {
        let n = |text: &str| number(&words(text), 0);
        assert_eq!((n("41"), n("forty-one"), n("forty one"), n("nineteen.")), (Some((41, 1)), Some((41, 1)), Some((41, 2)), Some((19, 1))));
        assert_eq!((n("boats"), n("1931"), n("forty-boat"), n("forty. One")), (None, None, None, Some((40, 1))));
    }

    #[test]
    fn one_letter_is_near_and_two_are_not() {
        assert!(near("tolly", "tolley") && near("nesas", "nessa") && near("nesse", "nessa") && near("tolley", "tollez"));
        assert!(!near("nessa", "nessa") && !near("rone", "roan") && !near("bram", "adam") && !near("a", "abc"));
    }
}
