//! The score: a theme of the series and what moods make of it, over harmony that comes home at the end of every cue, played
//! by bowed, struck, plucked and blown instruments. Made from moods, the places of lines and the names of series and scene.
//!
//! Every cue of the film is a whole number of bars in its mood's tempo, so that it begins and ends on a bar line and levels
//! change on one. Under words the tune is silent and the rest is thin.

pub(crate) mod dsp;

mod band;
mod bars;
mod compose;
mod font;
mod pieces;
mod play;
mod theme;

use contracts::{Seed, assets::MusicSpec, story::Mood};

pub use font::{Font, SYNTHESISER};
pub use pieces::{Pace, Piece, Play, score_with};

/// The longest score that is made, in samples: one hour.
pub const MAX_SAMPLES: u64 = 48_000 * 3_600;

/// Interleaved stereo at 48 kHz, `spec.samples` frames (at most an hour), no sample above 0.5. Level 0 is silence but for
/// what still rings. Pure: the same bytes on every machine.
pub fn score(spec: &MusicSpec) -> Vec<f32> {
    let samples = spec.samples.min(MAX_SAMPLES) as usize;
    let notes = compose::compose(spec, &|_| true);
    play::play(&notes, samples)
}

/// A stretch of film with one mood and one level, as the score plays it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// First sample.
    pub from: u64,
    /// One past the last sample.
    pub to: u64,
    /// Mood.
    pub mood: Mood,
    /// 0 to 3.
    pub level: u8,
    /// The scene, or `card`.
    pub scene: String,
}

/// The stretches of a film, one after another without a gap: its cues, those too short for a bar left out.
pub fn stretches(spec: &MusicSpec) -> Vec<Stretch> {
    let cues = bars::cues(spec, &Seed::of(&["score", spec.theme.as_str(), spec.genre.as_str()]));
    let scene = |name: &str| name.split('/').next().unwrap_or_default().to_owned();
    cues.into_iter()
        .map(|c| Stretch { from: c.from as u64, to: c.to as u64, mood: c.mood, level: c.level, scene: scene(&c.name) })
        .collect()
}

/// The bar lines of a score, in order: the first sample of every bar, and the end of the last. Every cue of `spec` that
/// lasts 0.8 s or longer begins on one.
pub fn bar_lines(spec: &MusicSpec) -> Vec<u64> {
    let seed = Seed::of(&["score", spec.theme.as_str(), spec.genre.as_str()]);
    let cues = bars::cues(spec, &seed);
    let mut lines: Vec<u64> = cues.iter().flat_map(|c| &c.bars).map(|bar| bar.from as u64).collect();
    lines.extend(cues.last().map(|c| c.to as u64));
    lines
}

#[cfg(test)]
mod tests;
