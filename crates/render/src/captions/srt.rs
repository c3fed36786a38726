//! SubRip. Plain text; arrows, tags and overrides in the text are parted by an invisible joiner, since the format has no
//! escapes.

use std::fmt::Write;

use contracts::render::Caption;

use super::{FROM_LEFT, FROM_RIGHT, JOINER, clock, cues, directed};

/// The captions as SubRip.
pub fn srt(captions: &[Caption]) -> String {
    let mut out = String::new();
    for (k, cue) in cues(captions).iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(out, "{}\n{} --> {}\n", k + 1, clock(cue.start_ms(), ','), clock(cue.end_ms(), ','));
        for line in &cue.lines {
            out += &directed(&part_markup(line), cue.from_right);
            out.push('\n');
        }
        out.push('\n');
    }
    out
}

/// A cue as it is read from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// First millisecond.
    pub start_ms: u64,
    /// One past the last millisecond.
    pub end_ms: u64,
    /// Its lines, without what [`srt`] put in to keep text text.
    pub lines: Vec<String>,
}

/// The cues of a SubRip file that [`srt`] wrote: what a gate judges, the file and not the intent. Blocks that are none are
/// left out.
pub fn read_srt(srt: &str) -> Vec<Shown> {
    let block = |block: &str| {
        let mut lines = block.lines().skip(1);
        let (from, to) = lines.next()?.split_once(" --> ")?;
        let lines = lines.map(|line| line.strip_prefix([FROM_LEFT, FROM_RIGHT]).unwrap_or(line).replace(JOINER, ""));
        Some(Shown { start_ms: milliseconds(from)?, end_ms: milliseconds(to)?, lines: lines.collect() })
    };
    srt.split("\n\n").filter_map(block).collect()
}

/// The text of each cue of a SubRip file that [`srt`] wrote, white space normalised.
pub fn srt_text(srt: &str) -> Vec<String> {
    read_srt(srt).iter().map(|cue| cue.lines.iter().flat_map(|l| l.split_whitespace()).collect::<Vec<_>>().join(" ")).collect()
}

fn milliseconds(clock: &str) -> Option<u64> {
    let (time, ms) = clock.split_once(',')?;
    let mut seconds = 0u64;
    for part in time.split(':') {
        seconds = seconds.checked_mul(60)?.checked_add(part.parse().ok()?)?;
    }
    seconds.checked_mul(1000)?.checked_add(ms.parse().ok()?)
}

/// Parts `-->`, `<tag` and `{\tag`, which SubRip players act on.
fn part_markup(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '>' && out.ends_with("--") {
            out.push(JOINER);
        }
        out.push(c);
        let next = chars.peek().copied().unwrap_or(' ');
        if (c == '<' && (next == '/' || next.is_alphabetic())) || (c == '{' && next == '\\') {
            out.push(JOINER);
        }
    }
    out
}
