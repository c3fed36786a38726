//! The score: a quiet bed of low strings, one held note, few plucked notes and a slow beat, made from moods and the places
//! of lines. The theme comes from the series alone, so that every episode has it; harmony comes home in the last cue.

pub(crate) mod dsp;

mod compose;
mod play;

use contracts::assets::MusicSpec;

/// The longest score that is made, in samples: one hour.
pub const MAX_SAMPLES: u64 = 48_000 * 3_600;

/// Interleaved stereo at 48 kHz, `spec.samples` frames (at most an hour), no sample above 0.5. Moods change on bar lines;
/// level 0 is silence but for what still rings. Pure: the same bytes on every machine.
pub fn score(spec: &MusicSpec) -> Vec<f32> {
    let samples = spec.samples.min(MAX_SAMPLES) as usize;
    let moods = compose::moods(spec);
    let levels: Vec<(i64, i64, u8)> = moods.iter().map(|m| (m.0, m.1, m.3)).collect();
    let notes = compose::compose(spec);
    play::play(&notes, &play::Level::new(&levels, samples), samples)
}

#[cfg(test)]
mod tests {
    use super::*;
    use contracts::{Hash, Id, shots::MusicCue, story::Mood};

    const ALL: [Mood; 8] = [Mood::Calm, Mood::Uneasy, Mood::Wary, Mood::Tense, Mood::Heavy, Mood::Watchful, Mood::Tender, Mood::Hopeful];

    fn spec(seconds: u64, cues: &[(Mood, u8)], lines: &[(u64, u64)]) -> MusicSpec {
        let samples = seconds * 48_000;
        let each = samples / cues.len().max(1) as u64;
        let cue = |(k, (mood, level)): (usize, &(Mood, u8))| MusicCue {
            scene_id: None,
            mood: *mood,
            level: *level,
            start: k as u64 * each,
            samples: each,
        };
        MusicSpec {
            theme: Id::new("lighthouse").expect("id"),
            genre: Id::new("mystery").expect("id"),
            cues: cues.iter().enumerate().map(cue).collect(),
            lines: lines.to_vec(),
            samples,
        }
    }

    fn rms(sound: &[f32]) -> f64 {
        (sound.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>() / sound.len().max(1) as f64).sqrt()
    }

    #[test]
    fn every_mood_sounds_and_none_is_loud() {
        for mood in ALL {
            for level in 1..=3 {
                let sound = score(&spec(9, &[(mood, level)], &[]));
                assert_eq!(sound.len(), 9 * 96_000);
                let peak = sound.iter().fold(0f32, |m, x| m.max(x.abs()));
                let loud = rms(&sound[2 * 96_000..7 * 96_000]);
                assert!(peak <= 0.5 && (0.02..0.2).contains(&loud), "{mood:?} {level}: peak {peak}, rms {loud}");
                // No clicks: neighbours are close, and both ends are silent.
                let leap = sound.chunks_exact(2).zip(sound[2..].chunks_exact(2)).map(|(a, b)| (a[0] - b[0]).abs()).fold(0.0, f32::max);
                assert!(leap < 0.08, "{mood:?} {level}: a leap of {leap}");
                assert!(sound[..20].iter().chain(&sound[sound.len() - 20..]).all(|x| x.abs() < 2e-3));
            }
        }
    }

    #[test]
    fn levels_are_heard_and_zero_is_silence() {
        let sound = score(&spec(24, &[(Mood::Uneasy, 1), (Mood::Uneasy, 3), (Mood::Uneasy, 0)], &[]));
        let part = |from: usize, to: usize| rms(&sound[from * 96_000..to * 96_000]);
        assert!(part(10, 15) > 1.25 * part(3, 7), "{} {}", part(3, 7), part(10, 15));
        assert!(part(21, 24) < 0.02 * part(10, 15), "{}", part(21, 24));
        assert!(score(&spec(3, &[], &[])).iter().all(|x| x.abs() < 1e-9));
        assert!(score(&spec(0, &[(Mood::Calm, 1)], &[])).is_empty());
    }

    #[test]
    fn plucked_notes_leave_room_for_lines() {
        let plucked = |lines: &[(u64, u64)]| {
            let is_plucked = |n: &&compose::Note| matches!(n.player, compose::Player::Felt | compose::Player::Glass);
            compose::compose(&spec(120, &[(Mood::Calm, 2), (Mood::Tender, 2), (Mood::Calm, 2)], lines)).iter().filter(is_plucked).count()
        };
        let (free, spoken) = (plucked(&[]), plucked(&[(0, 120 * 48_000)]));
        assert!(free > 30 && spoken * 3 < free, "{free} without lines, {spoken} under one long line");
    }

    #[test]
    fn a_series_keeps_its_theme_and_another_has_another() {
        let one = spec(20, &[(Mood::Calm, 2)], &[]);
        let mut other = one.clone();
        other.theme = Id::new("salt-road").expect("id");
        assert_ne!(compose::compose(&one), compose::compose(&other));
        assert_eq!(score(&one), score(&one.clone()));
    }

    #[test]
    fn the_golden_score() {
        let sound = score(&spec(12, &[(Mood::Wary, 1), (Mood::Tense, 2), (Mood::Hopeful, 3)], &[(96_000, 200_000)]));
        let bytes: Vec<u8> = sound.iter().flat_map(|x| x.to_le_bytes()).collect();
        assert_eq!(
            Hash::of(&bytes).to_string(),
            "3c9fe282c26285804c767d9b986c6995f9165d0b5ad547ac522cd95be9fdb65a",
            "the score changed: if that was meant, change the step's version too"
        );
    }
}
