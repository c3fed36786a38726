//! The situation of the spare breath: its sum, its counted words, its truth, and another world that plays it.

use std::collections::BTreeSet;

use contracts::{
    canon::FactValue,
    project::Project,
    story::{Line, Truth},
};
use world::{
    Episode,
    text::{lower_words, mask, number, sentences, words},
};

use crate::{author, id, project, season, season_holds, seasons_differ, texts, told};

fn breath(name: &str) -> Project {
    Project { genre: id("science_fiction"), kernel: Some(id("k-spare-breath")), ..project(name) }
}

fn three(name: &str) -> [Episode; 3] {
    <[Episode; 3]>::try_from(season(&breath(name), None)).unwrap_or_else(|_| panic!("three"))
}

/// The number an author's world and the pack agree on.
fn count(e: &Episode, subject: &str, attribute: &str) -> i64 {
    match e.after.facts.iter().find(|f| f.subject.as_str() == subject && f.attribute == attribute).map(|f| &f.value) {
        Some(FactValue::Number(n)) => *n,
        other => panic!("({subject}, {attribute}) is {other:?}"),
    }
}

/// The lines of an episode by whoever plays a part.
fn of<'e>(e: &'e Episode, slot: &str) -> Vec<&'e Line> {
    e.script.lines().map(|(.., l)| l).filter(|l| l.speaker_id == e.arc.roles[slot]).collect()
}

#[test]
fn twenty_titles_give_twenty_seasons() {
    seasons_differ(20, 19, 3, |n| breath(&format!("air-{n}")), |_| ());
}

#[test]
fn two_heads_for_the_long_way_breathe_what_three_breathe_straight_home() {
    let mut ways = BTreeSet::new();
    for n in 0..10 {
        let [_, _, e] = three(&format!("days-{n}"));
        let stop = count(&e, "the_stop", "days_it_takes");
        let (long, straight) = (3 * stop, 2 * stop);
        assert_eq!((2 * long, long - straight), (3 * straight, stop), "a stop takes the days it costs");
        let sum = &e.script.lines().find(|(_, b, _)| b.id.as_str() == "sc02-b03").expect("the sum").2.text.to_lowercase();
        assert!(sum.contains(&number(long)) && sum.contains(&number(straight)), "{sum}");
        ways.insert(long);
    }
    assert_eq!(ways, BTreeSet::from([9, 12, 15]));
}

#[test]
fn the_words_that_are_counted_are_that_many() {
    for n in 0..8 {
        let episodes = three(&format!("words-{n}"));
        // Four through a shut door, and as few as will do, until the hour is named; thirteen at supper, and somebody counts both.
        for e in &episodes[..2] {
            assert!(of(e, "other").iter().all(|l| words(&l.text).len() <= 7), "{:?}", texts(&e.script));
        }
        let counted = |e: &Episode, beat: &str| {
            let said: Vec<_> = e.script.lines().filter(|(_, b, _)| b.id.as_str() == beat).map(|(.., l)| words(&l.text).len()).collect();
            said[0]
        };
        assert_eq!(counted(&episodes[0], "sc02-b02"), 4);
        assert!(counted(&episodes[2], "sc02-b05") >= 10, "the first long sentence");
        assert_eq!(counted(&episodes[2], "sc07-b01"), 13);
        let said = texts(&episodes[2].script);
        assert!(said.last().is_some_and(|t| lower_words(t).contains(&"thirteen".to_owned())), "{said:?}");
    }
}

#[test]
fn what_was_done_is_found_out_and_never_told_as_news() {
    for n in 0..6 {
        let episodes = three(&format!("truth-{n}"));
        // Who hid it all never says a word of it but one lie, one double meaning, and what can no longer be helped.
        let hidden = ["sb-frost", "sb-heater", "sb-line"];
        for e in &episodes {
            for claim in of(e, "other").iter().flat_map(|l| &l.states) {
                assert!(claim.truth == Truth::Lie || !hidden.contains(&claim.fact.as_str()), "{claim:?}");
            }
        }
        let beat = |e: &Episode, fact: &str, truth: Truth| {
            let at = |(_, b, l): (_, &contracts::story::Beat, &Line)| {
                l.states.iter().any(|c| c.fact.as_str() == fact && c.truth == truth).then(|| b.id.clone())
            };
            e.script.lines().find_map(at).unwrap_or_else(|| panic!("nobody says {fact}"))
        };
        let [one, two, three] = &episodes;
        assert!(beat(two, "sb-mother", Truth::Double) < beat(two, "sb-mother", Truth::True), "told when the tray is gone");
        assert!(id("sc03-b04") < beat(two, "sb-mother", Truth::True));
        assert_eq!(beat(one, "sb-frost", Truth::Lie), id("sc03-b04"));
        assert_eq!(beat(three, "sb-line", Truth::True), id("sc02-b04"));
        // What the turns are read from was seen an episode before.
        let shown = |e: &Episode, slot: &str| {
            e.script.beats().any(|(_, b)| b.action.as_ref().is_some_and(|a| a.props.contains(&e.arc.roles[slot])))
        };
        assert!(["label", "heater", "chart", "browns"].iter().all(|slot| shown(one, slot)));
        assert!(["pencil", "chart"].iter().all(|slot| shown(two, slot)));
    }
}

#[test]
fn each_cost_is_paid_by_the_hand_that_wanted_it_and_is_lacking_afterwards() {
    for n in 0..6 {
        let episodes = three(&format!("cost-{n}"));
        let lead = &episodes[0].arc.roles["lead"];
        for (e, (spent, ended)) in
            episodes.iter().zip([("sb-lamp-given", "sb-lamp"), ("sb-thrown", "sb-mother"), ("sb-passed", "sb-meeting")])
        {
            let (_, beat) = e.script.beats().find(|(_, b)| b.effects.iter().any(|f| f.as_str() == spent)).expect("something is spent");
            assert_eq!(beat.action.as_ref().map(|a| a.who.as_slice()), Some(std::slice::from_ref(lead)), "{spent}");
            assert!(e.diff.ended.iter().any(|f| f.fact.as_str() == ended), "{ended} ends");
        }
        // Without its lamp the cockpit is dark three nights later; without the green tray there are no shelves of leaves to sit by.
        let dark = |e: &Episode| told(std::slice::from_ref(e)).to_lowercase();
        assert!(dark(&episodes[1]).contains("cockpit is black") || dark(&episodes[1]).contains("dark cockpit"));
        assert!(dark(&episodes[2]).contains("bare shelves"));
    }
}

#[test]
fn no_sentence_is_shared_with_the_other_situation() {
    let said = |kernel: &str| -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for n in 0..6 {
            let named = Project { kernel: Some(id(kernel)), ..breath(&format!("both-{n}")) };
            for e in season(&named, None) {
                let names = e.cast.members.iter().map(|m| m.name.as_str()).chain(e.before.world.names.iter().map(String::as_str));
                let names = names.flat_map(lower_words).collect();
                let all_of = |t: &String| sentences(t).iter().map(|s| mask(s, &names)).collect::<Vec<_>>();
                all.extend(texts(&e.script).iter().flat_map(all_of).filter(|s| words(s).len() >= 3));
            }
        }
        all
    };
    let both: Vec<String> = said("k-early-answer").intersection(&said("k-spare-breath")).cloned().collect();
    assert_eq!(both, Vec::<String>::new());
}

const DEEP_BOAT: &str = include_str!("deep_boat.toml");

#[test]
fn a_boat_under_the_sea_breathes_its_own_air() {
    for n in 0..6 {
        // Nobody names the situation: this canon takes up most of it.
        let deep = Project { kernel: None, ..breath(&format!("deep-{n}")) };
        let episodes = season(&deep, Some(&author(DEEP_BOAT)));
        season_holds(&episodes);
        assert_eq!(episodes[0].arc.kernel, id("k-spare-breath"));
        let all = told(&episodes);
        for own in ["Marta", "Wim", "Pella", "Low Tide", "brother", "leeks", "twelve", "eight"] {
            assert!(all.contains(own), "no `{own}` in: {all}");
        }
        for foreign in ["beans", "radishes", "daughter", "sister", "Sunday Best", "Night Train", "{"] {
            assert!(!all.contains(foreign), "`{foreign}` in: {all}");
        }
        let places: BTreeSet<_> = episodes.iter().flat_map(|e| e.script.scenes.iter().map(|s| s.location_id.clone())).collect();
        assert!(places.contains(&id("wheel_room")) && places.contains(&id("black_water")), "{places:?}");
    }
}
