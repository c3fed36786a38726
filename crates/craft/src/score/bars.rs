//! Bars: every cue is cut into whole bars, so that music begins, changes its level and ends on a bar line, and that line
//! is the film's own cut. A mood has a tempo; a cue bends it by a few hundredths until the bars fit.

use contracts::{Seed, assets::MusicSpec, story::Mood};

/// Nothing shorter than this can hold a bar: such a cue goes to the one before it. Samples.
const SHORTEST: i64 = 38_400;
/// Metres that are tried beside the series' own, in eighths, each with what it costs in thousandths of a tempo.
const METRES: [(i64, i64); 5] = [(8, 15), (6, 25), (4, 60), (10, 70), (12, 80)];

/// A stretch of film with one mood and one level.
#[derive(Clone, Debug, PartialEq)]
pub struct Cue {
    /// First sample.
    pub from: i64,
    /// One past the last sample.
    pub to: i64,
    /// Mood.
    pub mood: Mood,
    /// 0 to 3.
    pub level: u8,
    /// The scene, or `card`, and which of its cues this is: what its choices hang on.
    pub name: String,
    /// Its bars: one after another, from `from` to `to` without a gap.
    pub bars: Vec<Bar>,
}

/// A bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// First sample.
    pub from: i64,
    /// One past the last sample.
    pub to: i64,
    /// How many eighths it has.
    pub eighths: i64,
}

impl Bar {
    /// The sample of an eighth; past the bar it goes on at the same pace.
    pub fn eighth(&self, k: i64) -> i64 {
        self.from + (self.to - self.from) * k / self.eighths
    }

    /// Samples of an eighth.
    pub fn step(&self) -> i64 {
        (self.to - self.from) / self.eighths
    }
}

/// Quarters a minute of a mood, before a series and a scene bend it.
pub fn tempo(mood: Mood) -> i64 {
    match mood {
        Mood::Heavy => 50,
        Mood::Watchful => 58,
        Mood::Calm => 64,
        Mood::Tender => 68,
        Mood::Uneasy => 72,
        Mood::Wary => 84,
        Mood::Hopeful => 92,
        Mood::Tense => 112,
    }
}

/// The cues of a film without gaps and with their bars: what no cue covers keeps the mood before it.
pub fn cues(spec: &MusicSpec, series: &Seed) -> Vec<Cue> {
    let total = spec.samples as i64;
    let mut given: Vec<_> = spec.cues.iter().filter(|c| c.samples > 0 && c.start < spec.samples).collect();
    given.sort_by_key(|c| c.start);
    let mut cues: Vec<Cue> = Vec::new();
    for cue in given {
        let from = if cues.is_empty() { 0 } else { cue.start as i64 };
        let name = cue.scene_id.as_ref().map_or("card", |s| s.as_str());
        if let Some(last) = cues.last_mut() {
            if from - last.from < SHORTEST {
                // Too short for a bar of its own: what comes takes its place.
                (last.mood, last.level) = (cue.mood, cue.level.min(3));
                continue;
            }
            last.to = from;
        }
        let nth = cues.iter().filter(|c| c.name.split('/').next() == Some(name)).count();
        cues.push(Cue { from, to: total, mood: cue.mood, level: cue.level.min(3), name: format!("{name}/{nth}"), bars: Vec::new() });
    }
    if cues.len() > 1 && cues.last().is_some_and(|c| c.to - c.from < SHORTEST) {
        cues.pop();
        if let Some(last) = cues.last_mut() {
            last.to = total;
        }
    }
    for cue in &mut cues {
        cue.bars = bars(cue, series);
    }
    cues
}

/// The bars of a cue.
fn bars(cue: &Cue, series: &Seed) -> Vec<Bar> {
    let scene = cue.name.split('/').next().unwrap_or_default();
    // A series has a pace of its own, a scene a little of it: both sides of a turn in one scene go alike.
    let pace = 1_000 + series.derive("pace").between(-50, 50) + series.derive("pace").derive(scene).between(-30, 30);
    let eighth = 48_000 * 30_000 / (tempo(cue.mood) * pace).max(1);
    let waltz = series.derive("metre").below(4) == 0 && matches!(cue.mood, Mood::Calm | Mood::Tender | Mood::Watchful | Mood::Hopeful);
    let own = if waltz { 6 } else { 8 };
    let length = cue.to - cue.from;
    let fit = |&(eighths, price): &(i64, i64)| {
        let one = eighths * eighth;
        let count = ((length + one / 2) / one).max(1);
        let (ours, asked) = (count * one, length);
        // How far the tempo has to give way, in thousandths.
        let bend = if ours > asked { ours * 1_000 / asked.max(1) } else { asked * 1_000 / ours.max(1) } - 1_000;
        (bend + if eighths == own { 0 } else { price }, eighths, count)
    };
    let Some((_, eighths, count)) = METRES.iter().map(fit).min() else { return Vec::new() };
    (0..count).map(|k| Bar { from: cue.from + length * k / count, to: cue.from + length * (k + 1) / count, eighths }).collect()
}
