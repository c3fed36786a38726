//! WebVTT with the speaker as voice.

use std::fmt::Write;

use contracts::render::Caption;

use super::{clean, clock, cues, directed};

/// The captions as WebVTT.
pub fn vtt(captions: &[Caption]) -> String {
    let mut out = String::from("WEBVTT\n\n");
    for cue in cues(captions) {
        // Writing to a String cannot fail.
        let _ = write!(out, "{}-{}\n{} --> {}\n", cue.line_id, cue.part, clock(cue.start_ms(), '.'), clock(cue.end_ms(), '.'));
        let speaker = escape(&clean(&cue.speaker).join(" "));
        // Before the bracket that ends the tag, hyphens would make an arrow of it, and that ends the cue.
        let speaker = speaker.trim_end_matches(['-', ' ']);
        if !speaker.is_empty() {
            let _ = write!(out, "<v {speaker}>");
        }
        let lines: Vec<String> = cue.lines.iter().map(|l| directed(l, cue.from_right)).collect();
        out += &escape(&lines.join("\n"));
        out += "\n\n";
    }
    out
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
