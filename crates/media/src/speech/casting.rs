//! Who sounds how: people of one casting type get pitch and pace of their own, so that no two of them sound the same.

use std::collections::BTreeMap;

use contracts::{Id, Seed, story::VoiceType};

/// How a person's voice differs from its casting type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Casting {
    /// Hundredths of a semitone, −300 to 300.
    pub pitch_cents: i32,
    /// Thousandths of the pace, −100 to 100: above 0 is faster.
    pub rate_pm: i32,
}

/// Steps of pitch and of pace.
const PITCHES: [i32; 5] = [-240, -120, 0, 120, 240];
const RATES: [i32; 3] = [-45, 0, 45];

/// The castings of people, in the order in which the cast lists them: whoever is alone with a type is near to it, whoever
/// comes later goes where there is most room. A person keeps a casting as long as those listed before keep theirs, in every
/// episode and scene.
pub fn cast<'a>(people: impl IntoIterator<Item = (&'a Id, VoiceType)>) -> BTreeMap<Id, Casting> {
    let mut all: BTreeMap<Id, Casting> = BTreeMap::new();
    let mut taken: BTreeMap<VoiceType, Vec<Casting>> = BTreeMap::new();
    for (who, voice) in people {
        if all.contains_key(who) {
            continue;
        }
        let taken = taken.entry(voice).or_default();
        let mut seed = Seed::of(&["casting", who.as_str()]);
        let mut places: Vec<Casting> =
            PITCHES.iter().flat_map(|pitch| RATES.iter().map(|rate| Casting { pitch_cents: *pitch, rate_pm: *rate })).collect();
        // After fifteen of one type the steps get smaller.
        let round = (taken.len() / places.len()) as i32;
        places.iter_mut().for_each(|p| *p = Casting { pitch_cents: p.pitch_cents + 40 * round.min(1) - 11 * (round - 1).max(0), ..*p });
        if taken.is_empty() {
            places.retain(|p| p.pitch_cents.abs() <= 120);
        }
        let room = |p: &Casting| {
            let apart = |t: &Casting| (p.pitch_cents - t.pitch_cents).abs() + 2 * (p.rate_pm - t.rate_pm).abs();
            taken.iter().map(apart).min().unwrap_or(0)
        };
        let most = places.iter().map(room).max().unwrap_or(0);
        places.retain(|p| room(p) == most);
        let casting = seed.pick(&places).copied().unwrap_or_default();
        taken.push(casting);
        all.insert(who.clone(), casting);
    }
    all
}

impl Casting {
    /// The factor on frequencies.
    pub(super) fn pitch(self) -> f64 {
        libm::exp2(f64::from(self.pitch_cents.clamp(-300, 300)) / 1_200.0)
    }

    /// The pace in thousandths.
    pub(super) fn pace(self) -> u32 {
        (1_000 + self.rate_pm.clamp(-100, 100)).unsigned_abs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> Id {
        Id::new(text).expect("id")
    }

    #[test]
    fn no_two_of_one_type_are_cast_alike() {
        let names: Vec<Id> = (0..30).map(|n| id(&format!("person-{n}"))).collect();
        let all = cast(names.iter().map(|n| (n, VoiceType::Man)));
        let unlike: std::collections::BTreeSet<&Casting> = all.values().collect();
        assert_eq!(unlike.len(), 30);
        assert!(all.values().all(|c| c.pitch_cents.abs() <= 300 && c.rate_pm.abs() <= 100));
        // Two are far apart: two semitones at least, or as much in pace.
        for seed in 0..40 {
            let (one, two) = (id(&format!("a{seed}")), id(&format!("b{seed}")));
            let pair = cast([(&one, VoiceType::Woman), (&two, VoiceType::Woman)]);
            let (a, b) = (pair[&one], pair[&two]);
            assert!((a.pitch_cents - b.pitch_cents).abs() >= 240, "{a:?} {b:?}");
        }
    }

    #[test]
    fn who_comes_later_changes_nobody() {
        let (one, two, other) = (id("mara"), id("agnes"), id("joss"));
        let few = cast([(&one, VoiceType::Woman)]);
        let many = cast([(&one, VoiceType::Woman), (&other, VoiceType::Man), (&two, VoiceType::Woman)]);
        assert_eq!(few[&one], many[&one]);
        assert_ne!(many[&one], many[&two]);
        assert_eq!(cast([(&one, VoiceType::Woman), (&one, VoiceType::Man)]).len(), 1);
    }
}
