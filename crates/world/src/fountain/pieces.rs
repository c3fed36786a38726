//! Paragraphs cut to what one picture holds and one breath says.

use super::{
    build::calm,
    words::{Camera, camera},
};

/// Most words of an action.
const ACTION_WORDS: usize = 28;
/// Letters after which a dialogue is cut between sentences, and within one.
const LINE: usize = 140;
const LONG_LINE: usize = 240;
/// The longest line that can be spoken.
pub(super) const LONGEST_LINE: usize = 400;

/// Sentences with their marks; white space between them is one space.
fn sentences(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut start, mut ended) = (0, false);
    for (at, c) in text.char_indices() {
        match c {
            '.' | '!' | '?' | '\u{2026}' | '\u{3002}' => ended = true,
            '"' | '\'' | ')' | '\u{201d}' | '\u{2019}' if ended => {}
            ' ' if ended => {
                out.push(text[start..at].trim());
                (start, ended) = (at + 1, false);
            }
            _ => ended = false,
        }
    }
    out.push(text[start..].trim());
    out.retain(|s| !s.is_empty());
    out
}

/// An action as pictures: cut where the camera is told something, and before it has too many words.
pub(super) fn pieces(text: &str) -> Vec<(Camera, String)> {
    let mut out: Vec<(Camera, String)> = Vec::new();
    for sentence in sentences(text) {
        let (told, rest) = match camera(sentence) {
            Some((told, at)) => (Some(told), calm(&sentence[at..])),
            None => (None, sentence.to_owned()),
        };
        // `WE PUSH IN. CLOSE ON the lamp.`: both are asked of the same picture.
        if let Some(told) = told {
            match out.last_mut() {
                Some((camera, words)) if words.is_empty() => {
                    camera.framing = told.framing.or(camera.framing);
                    camera.movement = told.movement.or(camera.movement);
                }
                _ => out.push((told, String::new())),
            }
        }
        if !rest.chars().any(char::is_alphanumeric) {
            continue;
        }
        let mut words: Vec<&str> = rest.split(' ').collect();
        while !words.is_empty() {
            let here = words.len().min(ACTION_WORDS);
            let comma = words[..here].iter().rposition(|w| w.ends_with([',', ';', ':'])).map(|i| i + 1).filter(|i| *i >= 6);
            let take = if words.len() > ACTION_WORDS { comma.unwrap_or(here) } else { here };
            let piece = words.drain(..take).collect::<Vec<_>>().join(" ");
            match out.last_mut() {
                Some((_, before)) if before.is_empty() => *before = piece,
                Some((_, before)) if before.split(' ').count() + take <= ACTION_WORDS => {
                    before.push(' ');
                    before.push_str(&piece);
                }
                _ => out.push((Camera::default(), piece)),
            }
        }
    }
    out
}

/// A dialogue as lines that one breath says: between sentences, else after a comma, else between words. No word is lost.
pub(super) fn spoken(text: &str) -> Vec<String> {
    let length = |s: &str| s.chars().count();
    let mut out: Vec<String> = Vec::new();
    if length(text) <= LINE {
        return vec![text.to_owned()];
    }
    for sentence in sentences(text) {
        let mut line = String::new();
        let mut parts = Vec::new();
        let long = length(sentence) > LONG_LINE;
        for word in sentence.split(' ') {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
            let n = length(&line);
            if long && ((n > LINE / 2 && word.ends_with([',', ';', ':'])) || n > LINE) {
                parts.push(std::mem::take(&mut line));
            }
        }
        if !line.is_empty() {
            parts.push(line);
        }
        for part in parts {
            match out.last_mut() {
                Some(before) if !long && length(before) + length(&part) < LINE => {
                    before.push(' ');
                    before.push_str(&part);
                }
                _ => out.push(part),
            }
        }
    }
    out
}
