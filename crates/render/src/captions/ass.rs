//! Advanced SubStation Alpha: a style for the screen, and the time of every word as karaoke.
//!
//! The format has no escape that every player knows. As in ffmpeg's writer, braces get a backslash before them and a
//! backslash an invisible joiner after it: no text can then begin an override or a line break.

use std::fmt::Write;

use contracts::render::Caption;

use super::{Cue, JOINER, Screen, clean, cues_within, directed};

/// The captions as ASS for a screen, in letters of its size and within its margins. Words that are still to come are grey.
pub fn ass(captions: &[Caption], screen: &Screen) -> String {
    let (size, canvas) = (screen.size(), screen.canvas);
    let (edge, shade) = ((size / 16).max(1), (size / 40).max(1));
    // Encoding −1 lets the player find the direction of each text.
    let mut out = format!(
        "[Script Info]\nScriptType: v4.00+\nPlayResX: {}\nPlayResY: {}\nWrapStyle: 2\nScaledBorderAndShadow: yes\nYCbCr Matrix: TV.709\n\n\
         [V4+ Styles]\n\
         Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, \
         ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding\n\
         Style: Default,Arial,{size},&H00FFFFFF,&H00C0C0C0,&H00101010,&H80000000,-1,0,0,0,100,100,0,0,1,{edge},{shade},2,{side},{side},{bottom},-1\n\n\
         [Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n",
        canvas.width,
        canvas.height,
        side = screen.side,
        bottom = screen.bottom,
    );
    for cue in cues_within(captions, screen.columns()) {
        let (start, end) = (cue.start_ms() / 10, (cue.end_ms() / 10).max(cue.start_ms() / 10 + 1));
        let speaker = clean(&cue.speaker).join(" ").replace(',', " ");
        // Writing to a String cannot fail.
        let _ = writeln!(out, "Dialogue: 0,{},{},Default,{speaker},0,0,0,,{}", clock(start), clock(end), text(&cue, start));
    }
    out
}

/// The text of a cue that begins at a hundredth of a second: before each word how long it takes until the next one begins.
fn text(cue: &Cue, start: u64) -> String {
    let mut out = String::new();
    let mut at = start;
    for (k, line) in cue.lines.iter().enumerate() {
        if k > 0 {
            out += "\\N";
        }
        // The mark stands before the first tag.
        let marked = directed(line, cue.from_right);
        out += &escape(&marked[..marked.len() - line.len()]);
        let words: Vec<_> = cue.words.iter().enumerate().filter(|(_, w)| w.line == k).collect();
        let mut done = 0;
        for (i, word) in words {
            out += &escape(&line[done..word.from]);
            if i == 0 && word.start_ms() / 10 > at {
                let _ = write!(out, "{{\\k{}}}", word.start_ms() / 10 - at);
                at = word.start_ms() / 10;
            }
            let next = cue.words.get(i + 1).map_or(word.end_ms(), |next| next.start_ms()) / 10;
            let _ = write!(out, "{{\\k{}}}", next.saturating_sub(at));
            at = at.max(next);
            out += &escape(&line[word.from..word.to]);
            done = word.to;
        }
        out += &escape(&line[done..]);
    }
    out
}

fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '{' | '}' => out.extend(['\\', c]),
            '\\' => out.extend([c, JOINER]),
            c => out.push(c),
        }
    }
    out
}

/// Hours, minutes, seconds and hundredths.
fn clock(cs: u64) -> String {
    format!("{}:{:02}:{:02}.{:02}", cs / 360_000, cs / 6_000 % 60, cs / 100 % 60, cs % 100)
}
