//! Foley: effects and the air of places, each made by a few lines from its name alone. A name with `_stop` is silence;
//! `_far` is the same thing further away. A name that is not listed is made as another one that is ([`made_as`]).

mod air;
mod living;
mod machines;
mod names;
mod stage;
mod things;

use contracts::{Seed, assets::SoundSpec};

pub use names::{KNOWN, SILENCE, made_as};

use crate::score::dsp::bend;
use stage::Stage;

/// The longest sound that is made, in samples: ten minutes.
pub const MAX_SAMPLES: u64 = 48_000 * 600;

/// Interleaved stereo at 48 kHz, `spec.samples` frames (at most ten minutes), no sample above 0.6: what [`made_as`] names,
/// silence where something stops; `None` when nothing here is like it. Pure: the same name and length give the same bytes
/// on every machine.
pub fn sound(spec: &SoundSpec) -> Option<Vec<f32>> {
    let (made, _) = made_as(&spec.sound)?;
    let frames = spec.samples.min(MAX_SAMPLES) as usize;
    if made == SILENCE {
        return Some(vec![0.0; 2 * frames]);
    }
    let far = names::near(spec.sound.as_str()).1;
    let mut stage = Stage::new(frames, Seed::of(&["foley", made]), spec.ambience);
    let kind = make(made, &mut stage)?;
    if far {
        stage.away();
    }
    // Wind that dies is as loud as wind until then, however long the silence after it is.
    let heard = if made == "wind_dies" { 2 * 3 * 48_000 } else { usize::MAX };
    Some(finish(stage.out, kind, heard, trim(made), far))
}

fn make(name: &str, stage: &mut Stage) -> Option<Kind> {
    air::make(name, stage)
        .or_else(|| living::make(name, stage))
        .or_else(|| machines::make(name, stage))
        .or_else(|| things::make(name, stage))
}

/// How loud a thing is beside its kind: a room is not as loud as a storm, and high cries carry further than they should.
fn trim(name: &str) -> f64 {
    match name {
        "room" | "room_tone" | "hum" => 0.35,
        "night_insects" | "gulls" | "birds" | "timer_ring" | "beep" => 0.5,
        "radio_hiss" | "pot" | "pen" | "pencil_line" | "fire_low" | "wind_soft" | "breeze" => 0.7,
        "clock_tick" | "tick" => 0.6,
        "storm" => 1.25,
        _ => 1.0,
    }
}

/// Whether a listed name lasts (the air of a place) rather than happens.
pub fn is_ambience(name: &str) -> bool {
    let mut nothing = Stage::new(0, Seed::new(0), true);
    make(name, &mut nothing) == Some(Kind::Lasts)
}

/// Whether a sound lasts or happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It lasts: brought to an even loudness.
    Lasts,
    /// It happens: brought to an even peak.
    Happens,
}

/// One loudness for all air, in its first `heard` numbers, one peak for all effects, both ends closed.
fn finish(mut out: Vec<f32>, kind: Kind, heard: usize, trim: f64, far: bool) -> Vec<f32> {
    let power = |part: &[f32]| part.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>() / part.len().max(1) as f64;
    let gain = match kind {
        Kind::Lasts => 0.075 / power(&out[..out.len().min(heard)]).sqrt().max(1e-6),
        Kind::Happens => {
            // What hisses is loud long before its peaks are high: its loudest fifth of a second counts too.
            let peak = f64::from(out.iter().fold(0f32, |m, x| m.max(x.abs())));
            let loudest = out.chunks(2 * 9_600).map(power).fold(0.0, f64::max).sqrt();
            (0.55 / peak.max(1e-6)).min(0.11 / loudest.max(1e-6))
        }
    };
    let gain = (gain * trim * if far { 0.45 } else { 1.0 }) as f32;
    let frames = out.len() / 2;
    let (fade_in, fade_out) = match kind {
        Kind::Lasts => (960, 960),
        Kind::Happens => (48, 960),
    };
    for (k, pair) in out.chunks_exact_mut(2).enumerate() {
        let edge = (k as f32 / fade_in as f32).min((frames - 1 - k) as f32 / fade_out as f32).min(1.0);
        for x in pair {
            *x = bend(*x * gain * edge, 0.45, 0.6);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use contracts::{Hash, Id};

    fn spec(name: &str, samples: u64, ambience: bool) -> SoundSpec {
        SoundSpec { sound: Id::new(name).expect("id"), samples, ambience }
    }

    #[test]
    fn every_listed_name_sounds_within_bounds() {
        for name in KNOWN {
            for ambience in [false, true] {
                let sound = sound(&spec(name, 134_400, ambience)).unwrap_or_else(|| panic!("`{name}` is listed and unknown"));
                assert_eq!(sound.len(), 268_800);
                let peak = sound.iter().fold(0f32, |m, x| m.max(x.abs()));
                assert!(peak <= 0.6 && peak > 0.02 && sound.iter().all(|x| x.is_finite()), "{name}: peak {peak}");
                let mean = sound.iter().map(|x| f64::from(*x)).sum::<f64>() / sound.len() as f64;
                assert!(mean.abs() < 0.01, "{name}: leans to {mean}");
                assert!(sound[sound.len() - 2].abs() < 1e-3, "{name}: cut off");
            }
        }
    }

    #[test]
    fn effects_start_at_once() {
        for name in [
            "knock",
            "bell",
            "match",
            "door_bang",
            "glass",
            "thunder",
            "splash",
            "page",
            "oars",
            "boots",
            "drip",
            "pen",
            "dog",
            "hoof",
            "spoon",
            "beep",
            "clang",
            "crow",
            "owl",
        ] {
            let sound = sound(&spec(name, 134_400, false)).expect("known");
            let first = sound.iter().position(|x| x.abs() > 0.03).expect("sounds");
            assert!(first < 2 * 12_000, "{name} starts after {} ms", first / 96);
        }
    }

    #[test]
    fn stops_are_silent_the_unknown_is_the_nearest_and_only_what_is_like_nothing_is_none() {
        for name in ["oars_stop", "bell_far_stop", "silence"] {
            assert_eq!(sound(&spec(name, 4_800, false)), Some(vec![0.0; 9_600]), "{name}");
        }
        for (asked, made) in [("seagulls", "gulls"), ("church_bell", "bell"), ("trombone_far", "fog_horn_far")] {
            assert_eq!(sound(&spec(asked, 48_000, false)), sound(&spec(made, 48_000, false)), "{asked}");
        }
        for name in ["qwxzjk", "far", "x_far"] {
            assert!(sound(&spec(name, 48_000, false)).is_none(), "{name}");
        }
    }

    #[test]
    fn wind_that_stops_falls_and_is_silent() {
        let strength = |s: &[f32]| (s.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>() / s.len() as f64).sqrt();
        let blows = sound(&spec("wind", 48_000, true)).expect("known");
        for seconds in [4u64, 20] {
            let stops = sound(&spec("wind_stop", seconds * 48_000, true)).expect("known");
            let (first, last) = (strength(&stops[..96_000]), strength(&stops[2 * 144_000..]));
            assert!((0.7..1.8).contains(&(first / strength(&blows))), "{seconds} s: {first}");
            assert!(last < 1e-3, "{seconds} s: {last}");
        }
    }

    #[test]
    fn far_is_softer_and_darker() {
        let (near, far) = (sound(&spec("oars", 134_400, false)).expect("known"), sound(&spec("oars_far", 134_400, false)).expect("known"));
        let power = |s: &[f32]| s.iter().map(|x| f64::from(*x).abs()).sum::<f64>();
        let change =
            |s: &[f32]| s.chunks_exact(2).zip(s[2..].chunks_exact(2)).map(|(a, b)| f64::from(a[0] - b[0]).abs()).sum::<f64>() / power(s);
        let (darker, softer) = (change(&far) / change(&near), power(&far) / power(&near));
        assert!(darker < 0.7 && softer < 0.7, "{darker} {softer}");
    }

    #[test]
    fn any_length_is_made_and_again_the_same() {
        for samples in [0u64, 1, 2, 47, 4_801] {
            for name in ["wind", "rain", "oars", "storm", "drip", "harbour", "knock"] {
                let one = sound(&spec(name, samples, true)).expect("known");
                assert_eq!(one.len(), samples as usize * 2);
                assert_eq!(Some(one), sound(&spec(name, samples, true)));
            }
        }
    }

    #[test]
    fn the_golden_foley() {
        let mut bytes = Vec::new();
        for name in KNOWN {
            bytes.extend(sound(&spec(name, 24_000, name.starts_with('w'))).expect("known").iter().flat_map(|x| x.to_le_bytes()));
        }
        assert_eq!(
            Hash::of(&bytes).to_string(),
            "4b318f9e527330d46f254bf5451342d8d2599d3f87ca46c9cd9e81a50010cde9",
            "foley changed: if that was meant, change the step's version too"
        );
    }
}
