//! Words of an author's files that name a style, a kind of place or a mood: one that is not known is read as the nearest that
//! is, and put on record. Files of programs stay strict.

use contracts::lexicon::{Substitution, WordKind, known, nearest};

/// The text with every unknown word after one of these keys (`key = "word"`) replaced, and what was replaced, in the order of
/// the text. Lines stay lines, so that what is said of the text still finds its place.
pub fn settled(text: &str, keys: &[(&str, WordKind)]) -> (String, Vec<Substitution>) {
    let mut settled = String::with_capacity(text.len());
    let mut made = Vec::new();
    for line in text.split_inclusive('\n') {
        match keys.iter().find_map(|(key, kind)| unknown(line, key, *kind)) {
            Some((from, to, substitution)) => {
                settled.push_str(&line[..from]);
                settled.push_str(&substitution.used);
                settled.push_str(&line[to..]);
                made.push(substitution);
            }
            None => settled.push_str(line),
        }
    }
    (settled, made)
}

/// Where in a line the word of a key stands, when it is not a known one.
fn unknown(line: &str, key: &str, kind: WordKind) -> Option<(usize, usize, Substitution)> {
    if line.trim_start().starts_with('#') {
        return None;
    }
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    for (at, _) in line.match_indices(key) {
        let rest = &line[at + key.len()..];
        let value = rest.trim_start().strip_prefix('=').map(str::trim_start);
        let Some(value) = value.filter(|_| !line[..at].ends_with(part)) else { continue };
        let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else { continue };
        let from = line.len() - value.len() + 1;
        let to = from + line[from..].find(quote)?;
        let asked = &line[from..to];
        if known(kind).any(|word| word == asked) {
            continue;
        }
        let used = nearest(kind, asked)?.to_owned();
        return Some((from, to, Substitution { kind, asked: asked.to_owned(), used }));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_word_is_replaced_where_it_stands_and_nothing_else_is() {
        let text = "title = \"visual_style = woodcut\"\nvisual_style = \"watercolour\" # soft\n# visual_style = \"x\"\nmy_visual_style = \"x\"\n[a]\nb = { visual_style = 'inc' }\n";
        let (settled, made) = settled(text, &[("visual_style", WordKind::Style)]);
        assert_eq!(settled, text.replace("watercolour", "pastel").replace("'inc'", "'ink'"));
        let told: Vec<(&str, &str)> = made.iter().map(|s| (s.asked.as_str(), s.used.as_str())).collect();
        assert_eq!(told, [("watercolour", "pastel"), ("inc", "ink")]);
    }

    #[test]
    fn a_known_word_stays() {
        for text in ["visual_style = \"ink\"\r\n", "visual_style = 3", "visual_style = \"open", ""] {
            assert_eq!(settled(text, &[("visual_style", WordKind::Style)]), (text.to_owned(), vec![]));
        }
    }
}
