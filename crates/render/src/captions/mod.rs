//! Captions: every word of the script, at most two lines of 42 columns, timed by the table read, as SRT, WebVTT, ASS and as
//! a list of words with their times.
//!
//! A line of the script that fits is one cue; a longer one becomes several, parted where it reads best and timed by the
//! words' own marks. A cue lingers in the silence after it until it can be read at [`SPEED`]. Cues never overlap and never
//! come before their first word. Text is data: an arrow, a tag or an override in it stays text.

use contracts::{
    Id,
    picture::Canvas,
    render::Caption,
    time::{ms_of_samples, samples_of_ms},
};
use unicode_width::UnicodeWidthStr;

mod ass;
mod breaks;
mod srt;
mod times;
mod vtt;

pub use ass::ass;
pub use srt::{Shown, read_srt, srt, srt_text};
pub use times::timestamps;
pub use vtt::vtt;

use breaks::Atom;

/// Columns of a caption line.
pub const COLUMNS: usize = 42;
/// Columns that are read in a second, where the film leaves the time: 20 letters, or 10 ideographs.
pub const SPEED: u64 = 20;
/// A cue stays this long after its last word, where there is room.
const LINGER_MS: u64 = 250;
/// A cue is shown this long at least, where there is room.
const SHORTEST_MS: u64 = 900;
/// Two frames of film between cues, so that the eye sees the change.
const GAP_MS: u64 = 83;
/// Invisible and without width (U+2060): parts what a player would take for markup.
const JOINER: char = '\u{2060}';
/// Marks of direction: before a line that begins from the one side and is of a text that reads from the other.
const FROM_RIGHT: char = '\u{200f}';
const FROM_LEFT: char = '\u{200e}';

/// One caption on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cue {
    /// The line of the script.
    pub line_id: Id,
    /// Which part of it, from 1.
    pub part: usize,
    /// Who speaks.
    pub speaker: String,
    /// One or two lines of text, unescaped.
    pub lines: Vec<String>,
    /// Whether the text it is of reads from the right: the first letter of the whole line of the script that has a direction
    /// says so.
    pub from_right: bool,
    /// Its words, in order: pieces of `lines`. Of a script without spaces: what may stand alone on a line.
    pub words: Vec<CueWord>,
    /// First sample of the film. Samples and not milliseconds: what is a whole number of frames later stays so, and a caption is
    /// drawn into the same frames of its shot wherever the shot stands.
    pub start: u64,
    /// One past the last sample.
    pub end: u64,
}

/// A word of a cue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CueWord {
    /// Which line it stands on.
    pub line: usize,
    /// First byte in that line.
    pub from: usize,
    /// One past its last byte.
    pub to: usize,
    /// When it begins to sound, in samples of the film.
    pub start: u64,
    /// When it has sounded.
    pub end: u64,
}

impl CueWord {
    /// When it begins to sound, in milliseconds.
    pub fn start_ms(&self) -> u64 {
        ms_of_samples(self.start)
    }

    /// When it has sounded, in milliseconds.
    pub fn end_ms(&self) -> u64 {
        ms_of_samples(self.end)
    }
}

impl Cue {
    /// First millisecond.
    pub fn start_ms(&self) -> u64 {
        ms_of_samples(self.start)
    }

    /// One past the last millisecond.
    pub fn end_ms(&self) -> u64 {
        ms_of_samples(self.end)
    }

    /// Columns of the whole cue: what has to be read.
    pub fn columns(&self) -> usize {
        self.lines.iter().map(|l| columns(l)).sum()
    }
}

/// A screen that captions are laid out for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// The frame.
    pub canvas: Canvas,
    /// How far words keep from the left and the right edge, pixels.
    pub side: u32,
    /// How far words keep from the lower edge, pixels.
    pub bottom: u32,
}

impl Screen {
    /// Size of the letters in pixels: 6.2 % of the short side; in a tall frame, which is watched on a telephone, 6.8 %.
    pub fn size(&self) -> u32 {
        let Canvas { width, height } = self.canvas;
        (width.min(height) * if height > width { 68 } else { 62 } / 1000).max(8)
    }

    /// Columns that stand on a line between the margins, a letter taken as half as wide as it is high; at most [`COLUMNS`].
    pub fn columns(&self) -> usize {
        let room = self.canvas.width.saturating_sub(2 * self.side);
        (room as usize * 2 / self.size() as usize).clamp(8, COLUMNS)
    }
}

/// The cues of a film, in order of time, without overlap, in lines of [`COLUMNS`].
pub fn cues(captions: &[Caption]) -> Vec<Cue> {
    cues_within(captions, COLUMNS)
}

/// The same in lines of so many columns. A word that has no place to be broken and is wider stands on a line of its own.
pub fn cues_within(captions: &[Caption], columns: usize) -> Vec<Cue> {
    let mut ordered: Vec<&Caption> = captions.iter().collect();
    ordered.sort_by_key(|c| c.start);
    let after = |k: usize| ordered.get(k + 1).map(|next: &&Caption| next.start);
    let mut cues: Vec<Cue> = ordered.iter().enumerate().flat_map(|(k, caption)| split(caption, after(k), columns)).collect();
    // Starts strictly rise; two lines that start together follow each other by a millisecond.
    let mut floor = 0;
    for cue in &mut cues {
        cue.start = cue.start.max(floor);
        floor = cue.start + samples_of_ms(1);
    }
    for k in 0..cues.len() {
        let next = cues.get(k + 1).map_or(u64::MAX, |n| n.start);
        let cue = &mut cues[k];
        let spoken = cue.end.max(cue.start + samples_of_ms(1));
        let read = cue.start + samples_of_ms(reading_ms(cue.columns()));
        // Lingering leaves a gap before the next cue; speech and reading may use it up.
        let (wanted, needed) = ((spoken + samples_of_ms(LINGER_MS)).max(read), spoken.max(read));
        cue.end = wanted.min(next.saturating_sub(samples_of_ms(GAP_MS))).max(needed).min(next);
    }
    cues
}

/// How long so many columns take to read.
fn reading_ms(columns: usize) -> u64 {
    (columns as u64 * 1000).div_ceil(SPEED).max(SHORTEST_MS)
}

/// The cues of one line, which another follows at a sample; times are those of speech.
fn split(caption: &Caption, next: Option<u64>, columns: usize) -> Vec<Cue> {
    let words = clean(&caption.text);
    let text = words.join(" ");
    let atoms = if words.is_empty() { Vec::new() } else { breaks::atoms(&text, columns) };
    let times = times::of_atoms(caption, &words, &atoms);
    // Until the next line there is time to read this one; without a next line, as long as is needed.
    let room = next.unwrap_or(u64::MAX).max(caption.end);
    let from_right = unicode_bidi::get_base_direction(text.as_str()) == unicode_bidi::Direction::Rtl;
    let mut cues = Vec::new();
    let mut from = 0;
    for lines in breaks::parts(&atoms, &times, room, columns) {
        let count: usize = lines.iter().map(|l| l.len()).sum();
        let (Some(first), Some(last)) = (times.get(from), times.get(from + count - 1)) else { break };
        let end = times.get(from + count).map_or(caption.end.max(last.start), |next| next.start);
        let mut cue = Cue {
            line_id: caption.line_id.clone(),
            part: cues.len() + 1,
            speaker: caption.speaker.clone(),
            lines: lines.iter().map(|l| breaks::join(l)).collect(),
            from_right,
            words: Vec::with_capacity(count),
            start: if from == 0 { caption.start } else { first.start },
            end,
        };
        for (line, atoms) in lines.iter().enumerate() {
            let mut at = 0;
            for (k, atom) in atoms.iter().enumerate() {
                at += usize::from(k > 0 && atom.spaced);
                for word in &times[from].words {
                    cue.words.push(CueWord { line, from: at + word.from, to: at + word.to, start: word.start, end: word.end });
                }
                at += atom.text.len();
                from += 1;
            }
        }
        cues.push(cue);
    }
    cues
}

/// Words without control characters.
fn clean(text: &str) -> Vec<String> {
    let without = |w: &str| w.chars().filter(|c| !c.is_control()).collect::<String>();
    let apart = |c: char| c.is_whitespace() || matches!(c, '\u{2028}' | '\u{2029}');
    text.split(apart).map(without).filter(|w| !w.is_empty()).collect()
}

/// Columns of a text on the screen: 2 for an ideograph or an emoji, 0 for what hangs on another, else 1 (UAX #11).
pub fn columns(text: &str) -> usize {
    text.width()
}

/// A line as a player is to show it: one that begins from the one side and belongs to a text that reads from the other gets a
/// mark in front. A line that begins with such a mark gets another, so that [`srt_text`] knows ours.
fn directed(line: &str, from_right: bool) -> String {
    use unicode_bidi::Direction::{Ltr, Rtl};
    let (mark, other) = if from_right { (FROM_RIGHT, Ltr) } else { (FROM_LEFT, Rtl) };
    let marked = line.starts_with([FROM_LEFT, FROM_RIGHT]) || unicode_bidi::get_base_direction(line) == other;
    if marked { format!("{mark}{line}") } else { line.to_owned() }
}

fn clock(ms: u64, point: char) -> String {
    format!("{:02}:{:02}:{:02}{point}{:03}", ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000)
}

#[cfg(test)]
mod tests;
