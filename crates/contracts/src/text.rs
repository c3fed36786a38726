//! Text as it enters the house.

use unicode_normalization::UnicodeNormalization;

/// Normalisation form C (Unicode Standard Annex 15). What a person writes passes through here once, at ingest, so that
/// equal words have equal bytes and equal hashes whichever keyboard or editor they came from (design §4).
pub fn nfc(text: &str) -> String {
    text.nfc().collect()
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
