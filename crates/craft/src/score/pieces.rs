//! Pieces of the author's own in place of stretches of the score: begun with the stretch, repeated while it lasts, faded
//! out where it ends. The score keeps the other stretches, so that what rings from it rings over the first bars of a piece.

use contracts::assets::MusicSpec;

use super::{Font, MAX_SAMPLES, compose, font, play, stretches};

/// A piece: 48 kHz stereo, left and right in turn.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'a> {
    /// Samples, 16 bits.
    pub sound: &'a [i16],
    /// Its bars, when its author counted them: they begin with its first sample.
    pub pace: Option<Pace>,
}

/// Bars of one length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Thousandths of a beat a minute.
    pub milli_bpm: u64,
    /// Beats of a bar.
    pub beats: u64,
}

impl Pace {
    /// The first sample of a bar, so that bars do not drift.
    fn bar(self, k: u64) -> u64 {
        let beats = u128::from(k) * u128::from(self.beats.max(1));
        u64::try_from(beats.saturating_mul(60_000 * 48_000) / u128::from(self.milli_bpm.max(1))).unwrap_or(u64::MAX)
    }

    /// How many whole bars a number of samples holds.
    fn bars(self, samples: u64) -> u64 {
        let about = u128::from(samples) * u128::from(self.milli_bpm) / (u128::from(self.beats.max(1)) * 60_000 * 48_000);
        let about = u64::try_from(about).unwrap_or(samples).min(samples);
        about.saturating_sub(u64::from(self.bar(about) > samples))
    }
}

/// What plays in a stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Play {
    /// Which of the pieces.
    pub piece: usize,
    /// How much louder it is made, hundredths of a decibel.
    pub gain_cb: i32,
}

impl Play {
    fn gain(self) -> f32 {
        libm::pow(10.0, f64::from(self.gain_cb) / 2_000.0) as f32
    }
}

/// Nothing jumps: a beginning or a seam on a bar takes this long, in samples.
const EDGE: u64 = 480;
/// How long what rings over a seam on a bar is still heard, in samples.
const RING: u64 = 24_000;
/// How long the end of a piece without bars sounds into its next beginning, in samples.
const SEAM: u64 = 48_000;
/// How long a piece goes on to fade at a stretch's end: at least and at most, in samples.
const FADE: (u64, u64) = (24_000, 144_000);
/// How long a change of level takes, in samples.
const SWELL: u64 = 24_000;

/// The score of a film in which `plays`, by the places of [`stretches`], names what sounds in the place of our notes;
/// interleaved stereo at 48 kHz like [`super::score`], whose bytes it has when nothing is named. Stretches next to each
/// other with one piece are one: it goes on and only its gain changes. A stretch of level 0 stays silent.
///
/// `font`: the instruments that play our notes, in place of our own players.
///
/// # Errors
/// The soundfont cannot be played: in words.
pub fn score_with(spec: &MusicSpec, font: Option<&Font>, pieces: &[Piece<'_>], plays: &[Option<Play>]) -> Result<Vec<f32>, String> {
    let named = |k: usize| plays.get(k).copied().flatten().filter(|p| pieces.get(p.piece).is_some_and(|p| p.sound.len() >= 2));
    let notes = compose::compose(spec, &|k| named(k).is_none());
    let mut out = play::play(&notes, spec.samples.min(MAX_SAMPLES) as usize);
    if let Some(font) = font {
        out = font::play(font, &notes, &out)?;
    }
    let stretches = stretches(spec);
    let mut k = 0;
    while k < stretches.len() {
        let Some(first) = named(k).filter(|_| stretches[k].level > 0) else {
            k += 1;
            continue;
        };
        let mut gains = vec![(stretches[k].from, first.gain())];
        let from = stretches[k].from;
        let mut to = stretches[k].to;
        while let Some(next) = stretches.get(k + 1).filter(|s| s.level > 0).and(named(k + 1)).filter(|p| p.piece == first.piece) {
            k += 1;
            gains.push((stretches[k].from, next.gain()));
            to = stretches[k].to;
        }
        k += 1;
        sound_in(&mut out, pieces[first.piece], (from, to), &gains);
    }
    Ok(out)
}

/// How a piece is repeated: once round, and how its end goes into its next beginning.
struct Round {
    /// The first sample that is played.
    first: u64,
    /// From one beginning to the next.
    length: u64,
    /// How long a beginning takes to be there, and how long what comes before it is still heard.
    rise: u64,
    ring: u64,
}

fn round(piece: Piece<'_>) -> Round {
    let frames = piece.sound.len() as u64 / 2;
    if let Some(pace) = piece.pace {
        let bars = pace.bars(frames);
        // A phrase has four bars.
        let length = pace.bar(if bars >= 8 { bars - bars % 4 } else { bars });
        if (2 * EDGE..=frames).contains(&length) {
            return Round { first: 0, length, rise: EDGE, ring: RING.min(frames - length) };
        }
    }
    // Silence before and behind it is none of it: −60 dBFS.
    let loud = |pair: &[i16]| pair.iter().any(|x| x.unsigned_abs() > 32);
    let first = piece.sound.chunks_exact(2).position(loud).unwrap_or(0) as u64;
    let last = piece.sound.chunks_exact(2).rposition(loud).map_or(frames, |k| k as u64 + 1);
    let frames = last - first.min(last);
    let seam = SEAM.min(frames / 4);
    Round { first, length: frames - seam, rise: seam, ring: seam }
}

impl Round {
    /// The loudness of a sample of one time round: it comes out of what was before, and goes over into what comes after.
    fn gain(&self, at: u64, begun: bool) -> f32 {
        let share = |k: u64, of: u64| if of == 0 { 1.0 } else { (k as f32 / of as f32).min(1.0) };
        let fall = self.ring.max(EDGE);
        let over = (at + fall).saturating_sub(self.length + self.ring);
        // Two sounds that have nothing to do with each other keep their power: the root.
        share(at, if begun { EDGE } else { self.rise }).sqrt() * (1.0 - share(over, fall)).sqrt()
    }
}

fn sound_in(out: &mut [f32], piece: Piece<'_>, (from, to): (u64, u64), gains: &[(u64, f32)]) {
    let to = to.min(out.len() as u64 / 2);
    let round = round(piece);
    if from >= to || round.length == 0 {
        return;
    }
    let fade = fade(piece.pace, from, to);
    let mut begin = from;
    while begin < to {
        for at in 0..(round.length + round.ring).min(to - begin) {
            let sample = begin + at;
            let gain = round.gain(at, begin == from) * level(gains, sample) * faded(fade, to, sample);
            for side in 0..2 {
                let x = f32::from(piece.sound[2 * (round.first + at) as usize + side]) / 32_768.0;
                out[2 * sample as usize + side] += x * gain;
            }
        }
        begin += round.length;
    }
}

/// Where a piece begins to fade: with the last bar that leaves time for it.
fn fade(pace: Option<Pace>, from: u64, to: u64) -> u64 {
    let span = to - from;
    let (least, most) = (FADE.0.min(span / 3), FADE.1.min(span / 2));
    let bar = pace.and_then(|pace| {
        let latest = span - least;
        Some(pace.bar(pace.bars(latest))).filter(|at| *at <= latest)
    });
    from + bar.unwrap_or(0).max(span - most)
}

fn faded(fade: u64, to: u64, sample: u64) -> f32 {
    if sample < fade {
        return 1.0;
    }
    let left = (to - sample) as f32 / (to - fade).max(1) as f32;
    left * left * (3.0 - 2.0 * left)
}

/// The gain at a sample: after a change of level it goes from the one to the other.
fn level(gains: &[(u64, f32)], sample: u64) -> f32 {
    let k = gains.partition_point(|g| g.0 <= sample).max(1) - 1;
    let (at, now) = gains[k];
    let before = if k > 0 { gains[k - 1].1 } else { now };
    let share = (sample.saturating_sub(at) as f32 / SWELL as f32).min(1.0);
    before + (now - before) * share * share * (3.0 - 2.0 * share)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use contracts::{Id, shots::MusicCue, story::Mood};

    use super::*;

    fn played(spec: &MusicSpec, pieces: &[Piece<'_>], plays: &[Option<Play>]) -> Vec<f32> {
        score_with(spec, None, pieces, plays).expect("our own players play everything")
    }

    fn spec(cues: &[(Mood, u8, u64)]) -> MusicSpec {
        let mut at = 0;
        let mut all = Vec::new();
        for (k, (mood, level, seconds)) in cues.iter().enumerate() {
            let samples = seconds * 48_000;
            all.push(MusicCue { scene_id: Some(Id::slug(&format!("sc{k}"))), mood: *mood, level: *level, start: at, samples });
            at += samples;
        }
        MusicSpec { theme: Id::slug("t"), genre: Id::slug("mystery"), cues: all, lines: vec![], samples: at, scenes: BTreeMap::new() }
    }

    /// A beat at every quarter, loud at the first of four: 120 a minute.
    fn beats(seconds: usize) -> Vec<i16> {
        let sound = |n: usize| {
            let (beat, at) = (n / 24_000, n % 24_000);
            let amp = if beat.is_multiple_of(4) { 16_000.0 } else { 6_000.0 };
            let fade = 1.0 - (at as f64 / 24_000.0);
            let wave = [0.0, 1.0, 0.0, -1.0, 0.0];
            let (turn, way) = (at % 240 / 60, (at % 60) as f64 / 60.0);
            (amp * fade * fade * (wave[turn] + (wave[turn + 1] - wave[turn]) * way)) as i16
        };
        (0..seconds * 48_000).flat_map(|n| [sound(n); 2]).collect()
    }

    fn strength(sound: &[f32], from: usize, frames: usize) -> f64 {
        let part = &sound[2 * from..2 * (from + frames)];
        (part.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>() / part.len() as f64).sqrt()
    }

    const PACE: Pace = Pace { milli_bpm: 120_000, beats: 4 };

    #[test]
    fn nothing_named_is_the_score_itself() {
        let film = spec(&[(Mood::Calm, 2, 6), (Mood::Tense, 3, 6)]);
        assert_eq!(played(&film, &[], &[]), super::super::score(&film));
        let piece = Piece { sound: &[], pace: None };
        assert_eq!(played(&film, &[piece], &[Some(Play { piece: 0, gain_cb: 0 }), None]), super::super::score(&film));
    }

    #[test]
    fn a_piece_is_repeated_on_its_bars_and_ends_with_its_stretch() {
        // 9 s and a bit hold four bars of 2 s: the seam is at 8 s, not at the file's end.
        let sound = beats(9);
        let film = spec(&[(Mood::Calm, 2, 21), (Mood::Calm, 0, 4)]);
        let play = [Some(Play { piece: 0, gain_cb: -600 }), None];
        let out = played(&film, &[Piece { sound: &sound, pace: Some(PACE) }], &play);
        for bar in 0..9 {
            let at = bar * 96_000;
            let (first, second) = (strength(&out, at + 600, 9_000), strength(&out, at + 24_600, 9_000));
            assert!(first > 2.0 * second, "bar {bar}: {first} and {second}");
        }
        let leap = out.chunks_exact(2).zip(out[2..].chunks_exact(2)).map(|(a, b)| (a[0] - b[0]).abs()).fold(0.0, f32::max);
        assert!(leap < 0.02, "a step of {leap}");
        // It fades from the bar at 18 s on, and is gone at 21 s.
        assert_eq!(fade(Some(PACE), 0, 21 * 48_000), 20 * 48_000);
        let (end, after) = (strength(&out, 21 * 48_000 - 480, 480), strength(&out, 21 * 48_000, 4 * 48_000));
        assert!(end < 0.002 && after < 1e-6, "{end} {after}");
    }

    #[test]
    fn without_bars_a_piece_goes_over_into_itself() {
        // Half a second of silence at both ends of a long tone.
        let tone = |n: usize| if (24_000..216_000).contains(&n) { if n % 200 < 100 { 8_000 } else { -8_000 } } else { 0 };
        let sound: Vec<i16> = (0..240_000).flat_map(|n| [tone(n); 2]).collect();
        let film = spec(&[(Mood::Calm, 2, 14)]);
        let out = played(&film, &[Piece { sound: &sound, pace: None }], &[Some(Play { piece: 0, gain_cb: 0 })]);
        let (mut least, mut most) = (f64::MAX, 0.0f64);
        for at in (960..11 * 48_000).step_by(4_800) {
            let s = strength(&out, at, 4_800);
            (least, most) = (least.min(s), most.max(s));
        }
        // The same tone twice is at most as loud as twice its power, and never silent.
        assert!(least > 0.15 && most < 0.37, "{least} to {most}");
    }

    #[test]
    fn one_piece_goes_on_over_a_cut_and_changes_its_level_slowly() {
        let sound: Vec<i16> = (0..48_000 * 20).flat_map(|n| [if n % 200 < 100 { 8_000i16 } else { -8_000 }; 2]).collect();
        let film = spec(&[(Mood::Calm, 1, 5), (Mood::Calm, 3, 6), (Mood::Heavy, 3, 6)]);
        let plays = [Some(Play { piece: 0, gain_cb: -1_200 }), Some(Play { piece: 0, gain_cb: 0 }), None];
        let out = played(&film, &[Piece { sound: &sound, pace: None }], &plays);
        assert!((strength(&out, 4 * 48_000, 4_800) - 0.061).abs() < 0.002);
        assert!((strength(&out, 6 * 48_000, 4_800) - 0.244).abs() < 0.002);
        for at in (48_000..8 * 48_000).step_by(480) {
            let (a, b) = (strength(&out, at, 480), strength(&out, at + 480, 480));
            assert!((a - b).abs() < 0.02, "{at}: {a} and {b}");
        }
        // The score comes back after it.
        assert!(strength(&out, 13 * 48_000, 96_000) > 0.002);
    }

    #[test]
    fn paces_and_pieces_of_any_size_are_played() {
        let film = spec(&[(Mood::Calm, 2, 3)]);
        let sound = beats(1);
        for pace in [
            None,
            Some(Pace { milli_bpm: 0, beats: 0 }),
            Some(Pace { milli_bpm: 1, beats: u64::MAX }),
            Some(Pace { milli_bpm: u64::MAX, beats: 1 }),
            Some(PACE),
        ] {
            for frames in [1, 2, 500, 48_000] {
                let piece = Piece { sound: &sound[..2 * frames], pace };
                let out = played(&film, &[piece], &[Some(Play { piece: 0, gain_cb: 0 })]);
                assert!(out.len() == 2 * 144_000 && out.iter().all(|x| x.is_finite()), "{pace:?} {frames}");
            }
        }
    }
}
