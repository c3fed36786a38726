//! The lint of a script's words: no camera, no action that no picture can hold, no line nobody can say.

use canon::{blocks, verdict};
use contracts::{canon::Verdict, story::Script};

use crate::text::{has_phrase, lower_words, words};

/// Most words of an action.
const ACTION_WORDS: usize = 28;
/// Most words of a line.
const LINE_WORDS: usize = 15;

/// Words of the camera, refused as phrases: a salt pan and a door frame stay nouns.
const CAMERA: &[&str] = &[
    "camera",
    "zoom in",
    "zoom out",
    "zoom on",
    "zoom to",
    "zooms in",
    "zooms out",
    "zooms on",
    "zooms to",
    "zooming in",
    "zooming out",
    "zoomed in",
    "zoomed out",
    "pan across",
    "pan over",
    "pan to",
    "pan left",
    "pan right",
    "pans across",
    "pans over",
    "pans to",
    "pans left",
    "pans right",
    "panning across",
    "panning over",
    "panning to",
    "tilt up to",
    "tilt down to",
    "tilts up to",
    "tilts down to",
    "dolly",
    "close up",
    "close ups",
    "closeup",
    "closeups",
    "wide shot",
    "medium shot",
    "long shot",
    "tracking shot",
    "establishing shot",
    "reverse shot",
    "cut to",
    "fade in",
    "fade out",
    "fade to",
    "fades in",
    "fades out",
    "fades to",
    "dissolve to",
    "dissolves to",
    "angle on",
    "pov",
    "montage",
    "we see",
    "in frame",
    "into frame",
    "out of frame",
    "lens flare",
    "off screen",
    "offscreen",
];

/// Every phrase of the camera in the actions and lines of a script, with where it stands.
pub fn camera(script: &Script) -> Vec<String> {
    let mut found = Vec::new();
    for (_, beat) in script.beats() {
        let action = beat.action.iter().map(|a| (beat.id.to_string(), a.text.as_str()));
        let lines = beat.lines.iter().map(|l| (l.id.to_string(), l.text.as_str()));
        for (id, text) in action.chain(lines) {
            let text = lower_words(text);
            found.extend(CAMERA.iter().filter(|p| has_phrase(&text, p)).map(|p| format!("`{p}` in {id}")));
        }
    }
    found
}

/// The first phrase of the camera among words in lower case.
pub(crate) fn camera_of(words: &[String]) -> Option<&'static str> {
    CAMERA.iter().find(|p| has_phrase(words, p)).copied()
}

/// Judges the words of a script, a person's or a writer's.
pub fn script(script: &Script) -> Verdict {
    let mut found: Vec<_> = camera(script)
        .iter()
        .map(|what| blocks("script.camera", format!("{what}: a script says what happens, not how it is filmed"), &[what]))
        .collect();
    for (_, beat) in script.beats() {
        if let Some(action) = &beat.action {
            let n = words(&action.text).len();
            if n == 0 || n > ACTION_WORDS {
                found.push(blocks(
                    "script.action",
                    format!("{}: an action has 1 to {ACTION_WORDS} words, this has {n}", beat.id),
                    &[&beat.id],
                ));
            }
        }
        if beat.action.is_none() && beat.lines.is_empty() {
            found.push(blocks("script.empty", format!("{}: neither action nor line", beat.id), &[&beat.id]));
        }
        for line in &beat.lines {
            let n = words(&line.text).len();
            if n == 0 || n > LINE_WORDS {
                found.push(blocks("script.line", format!("{}: a line has 1 to {LINE_WORDS} words, this has {n}", line.id), &[&line.id]));
            }
            if !(1..=3).contains(&line.emotion.level) {
                found.push(blocks("script.emotion", format!("{}: a feeling has a level of 1 to 3", line.id), &[&line.id]));
            }
        }
    }
    verdict("script", found)
}
