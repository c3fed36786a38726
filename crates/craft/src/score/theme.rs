//! The theme of a series and what becomes of it: turned over, read backwards, drawn out, pressed together, broken up,
//! dressed. A scene hears the one that its mood asks for; the ear knows it by its shape or by its rhythm.

use contracts::{Seed, story::Mood};

/// A note of a tune: when, how long, and which degree of the scale (7 is the octave).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Eighths from its start.
    pub at: i64,
    /// Eighths.
    pub length: i64,
    /// Degree; may be below 0.
    pub degree: i32,
}

/// What a series keeps.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    /// MIDI number of the lowest tonic.
    pub tonic: i32,
    /// Two bars of 4/4: the question.
    pub asks: Vec<Step>,
    /// Two bars of 4/4: the answer, which comes to rest.
    pub answers: Vec<Step>,
}

/// What becomes of a theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Variation {
    /// As it is.
    Plain,
    /// Leaps up become leaps down.
    Inverted,
    /// The last note first, in the old rhythm.
    Backwards,
    /// Twice as slow.
    Broad,
    /// Twice as fast, and again a step higher.
    Driven,
    /// Its first three notes, and again a step lower.
    Broken,
    /// Long notes get a neighbour.
    Dressed,
}

/// Rhythms of two bars of 4/4: where notes begin, in eighths.
const RHYTHMS: [&[i64]; 8] = [
    &[0, 3, 4, 8, 11],
    &[0, 3, 6, 8, 11],
    &[0, 2, 3, 8, 12],
    &[0, 4, 6, 7, 8, 12],
    &[0, 1, 4, 8, 10, 12],
    &[0, 3, 4, 6, 8, 12],
    &[0, 2, 4, 8, 9, 12],
    &[0, 6, 7, 8, 12],
];

impl Theme {
    /// The theme of a series.
    pub fn of(seed: &Seed) -> Self {
        let mut choose = seed.derive("theme");
        let tonic = 36 + [2, 4, 5, 7, 9, 0][choose.below(6) as usize];
        let rhythm = *choose.pick(&RHYTHMS).unwrap_or(&RHYTHMS[0]);
        // It leaps once, early, and walks after that against the leap; the last note does not settle.
        let first: i32 = [0, 2, 4][choose.below(3) as usize];
        let leap: i32 = [3, 4, 5, 4][choose.below(4) as usize] * if first == 4 && choose.below(2) == 0 { -1 } else { 1 };
        let after = 1 + choose.below(2) as usize;
        let mut degrees = vec![first];
        while degrees.len() < rhythm.len() {
            let before = degrees[degrees.len() - 1];
            let walk = [1, 1, 2, 1][choose.below(4) as usize];
            let turn = if choose.below(5) == 0 { -1 } else { 1 };
            degrees.push(match degrees.len() {
                n if n == after => before + leap,
                n if n < after => before + 1,
                _ => (before - leap.signum() * walk * turn).clamp(-3, 9),
            });
        }
        if let Some(last) = degrees.last_mut() {
            // On the second, the fourth, the fifth or the seventh: open.
            *last = [1i32, 3, 4, 6].into_iter().min_by_key(|d| ((d - *last).abs(), *d)).unwrap_or(1);
        }
        let asks = steps(rhythm, &degrees, 16);
        let mut home: Vec<i32> = degrees.iter().map(|d| d - 1).collect();
        home[0] = degrees[0];
        if let Some(last) = home.last_mut() {
            *last = [0i32, 7].into_iter().min_by_key(|d| ((d - *last).abs(), *d)).unwrap_or(0);
        }
        Self { tonic, asks, answers: steps(rhythm, &home, 16) }
    }

    /// The question, or the answer, as a variation of it, in two bars of `eighths` each.
    pub fn vary(&self, how: Variation, answer: bool, eighths: i64) -> Vec<Step> {
        let tune = if answer { &self.answers } else { &self.asks };
        let first = tune.first().map_or(0, |s| s.degree);
        let degrees: Vec<i32> = tune.iter().map(|s| s.degree).collect();
        let span = 2 * eighths;
        let placed: Vec<Step> = match how {
            Variation::Plain => tune.clone(),
            Variation::Inverted => tune.iter().map(|s| Step { degree: 2 * first - s.degree, ..*s }).collect(),
            Variation::Backwards => tune.iter().zip(degrees.iter().rev()).map(|(s, d)| Step { degree: *d, ..*s }).collect(),
            // Half of it fills the two bars.
            Variation::Broad => {
                tune.iter().filter(|s| s.at < 8).map(|s| Step { at: 2 * s.at, length: (2 * s.length).min(16 - 2 * s.at), ..*s }).collect()
            }
            Variation::Driven => (0..2)
                .flat_map(|k| {
                    tune.iter().map(move |s| Step { at: 8 * k + s.at / 2, length: (s.length / 2).max(1), degree: s.degree + k as i32 })
                })
                .collect(),
            Variation::Broken => (0..2)
                .flat_map(|k| {
                    tune.iter().take(3).map(move |s| Step { at: 8 * k + s.at.min(7), length: s.length.min(2), degree: s.degree - k as i32 })
                })
                .collect(),
            Variation::Dressed => tune
                .iter()
                .flat_map(|s| {
                    let plain = *s;
                    if s.length < 3 {
                        return vec![plain];
                    }
                    let half = s.length / 2;
                    vec![
                        Step { length: half, ..plain },
                        Step { at: s.at + half, length: 1, degree: s.degree + 1 },
                        Step { at: s.at + half + 1, length: s.length - half - 1, degree: s.degree },
                    ]
                })
                .collect(),
        };
        // Other metres hold the same tune, closer or wider.
        let mut out: Vec<Step> = Vec::new();
        for step in placed {
            let at = (2 * step.at * eighths + 8) / 16;
            if out.last().is_none_or(|last| at > last.at) && at < span {
                out.push(Step { at, length: (step.length * eighths / 8).clamp(1, span - at), ..step });
            }
        }
        // No note sounds into the next.
        for k in 1..out.len() {
            out[k - 1].length = out[k - 1].length.min(out[k].at - out[k - 1].at);
        }
        out
    }
}

fn steps(rhythm: &[i64], degrees: &[i32], end: i64) -> Vec<Step> {
    let next = rhythm.iter().skip(1).copied().chain([end]);
    rhythm.iter().zip(next).zip(degrees).map(|((at, next), degree)| Step { at: *at, length: next - at, degree: *degree }).collect()
}

/// What a mood makes of a theme, the likeliest first.
pub fn variations(mood: Mood) -> [Variation; 3] {
    use Variation::{Backwards, Broad, Broken, Dressed, Driven, Inverted, Plain};
    match mood {
        Mood::Calm => [Plain, Dressed, Backwards],
        Mood::Uneasy => [Inverted, Broken, Backwards],
        Mood::Wary => [Broken, Inverted, Driven],
        Mood::Tense => [Driven, Broken, Inverted],
        Mood::Heavy => [Broad, Inverted, Backwards],
        Mood::Watchful => [Backwards, Broken, Plain],
        Mood::Tender => [Plain, Broad, Dressed],
        Mood::Hopeful => [Dressed, Plain, Driven],
    }
}
