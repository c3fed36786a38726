//! The blank letter, second situation of the adventure pack: what is sealed, who walks behind, and what being late costs.

use contracts::{
    canon::{FactValue, ThreadState},
    project::Project,
    story::{BeatFn, Truth},
};
use world::{Episode, TemplateWriter, produce, text::lower_words};

use crate::{author, id, project, season, season_holds, seasons_differ, told};

fn letter(name: &str) -> Project {
    Project { genre: id("adventure"), kernel: Some(id("k-blank-letter")), ..project(name) }
}

fn of<'e>(e: &'e Episode, slot: &str) -> &'e contracts::Id {
    &e.arc.roles[slot]
}

/// The place of a beat in its film: of the first that begins a fact, or shows a thing, or says a word.
fn first(e: &Episode, what: impl Fn(&contracts::story::Beat) -> bool) -> usize {
    e.script.beats().position(|(_, b)| what(b)).expect("a beat")
}

#[test]
fn two_dozen_letters_give_two_dozen_seasons() {
    seasons_differ(24, 23, 4, |n| letter(&format!("letter-{n}")), |_| ());
}

#[test]
fn any_length_the_pack_writes_is_written() {
    for target in [60, 66, 70, 75] {
        for n in 0..2 {
            let long = Project { target_duration_s: target, ..letter(&format!("long-{target}-{n}")) };
            season_holds(&season(&long, None));
        }
    }
}

#[test]
fn what_is_hidden_is_shown_before_it_is_said_and_never_told_as_news() {
    for n in 0..8 {
        let episodes = season(&letter(&format!("truth-{n}")), None);
        // Nobody says in the first two films whose child it is that comes the other way, nor in the first that anybody is kept behind.
        let hidden = ["bl-given", "bl-small-of", "bl-own-comes", "bl-bed"];
        for e in &episodes[..2] {
            assert!(e.script.lines().all(|(.., l)| l.states.iter().all(|s| !hidden.contains(&s.fact.as_str()))));
        }
        // The lead is told of nothing that she did not first hold in her hand: tag, mitten, small mitten.
        for (i, reveal, thing) in
            [(0, "bl-blank", "letter"), (1, "bl-pledge", "tag"), (1, "bl-paid-by", "mitten"), (2, "bl-small-of", "small")]
        {
            let e = &episodes[i];
            let thing = &e.arc.roles[thing];
            let said = first(e, |b| b.lines.iter().any(|l| l.states.iter().any(|s| s.fact.as_str() == reveal)));
            let seen = first(e, |b| b.action.iter().any(|a| a.props.contains(thing)));
            assert!(seen <= said, "{reveal} is said in beat {said} and {thing} seen in {seen}");
        }
        // Nobody lies in this season: each says what is so, and leaves out the rest.
        assert!(episodes.iter().flat_map(|e| e.script.lines()).all(|(.., l)| l.states.iter().all(|s| s.truth == Truth::True)));
    }
}

#[test]
fn the_count_is_correct_without_the_letter_and_stops_without_the_child() {
    for n in 0..8 {
        let episodes = season(&letter(&format!("count-{n}")), None);
        let e = &episodes[0];
        let clerk = of(e, "clerk");
        let said: Vec<&str> = e.script.lines().filter(|(.., l)| l.speaker_id == *clerk).map(|(.., l)| l.text.as_str()).collect();
        assert_eq!(said.iter().filter(|t| t.ends_with("Correct.")).count(), 2, "{said:?}");
        assert!(said.iter().all(|t| !t.to_lowercase().contains("letter")), "the clerk has no word for it: {said:?}");
        assert!(said.last().is_some_and(|t| t.ends_with("Where is the child?")), "{said:?}");
        // Three times a count is correct, then two children are, and then there is one more than two.
        let last = episodes[2].script.lines().last().map(|(.., l)| l.text.clone());
        assert_eq!(last.as_deref(), Some("Three."));
        // A sentence learned by heart is said twice: to a book, and to whoever it is about.
        let kept: Vec<_> =
            episodes.iter().flat_map(|e| e.script.lines()).filter(|(.., l)| l.text == "I am well. I was well kept.").collect();
        assert_eq!(kept.iter().map(|(.., l)| &l.to[0]).collect::<Vec<_>>(), [clerk, of(e, "other")]);
    }
}

#[test]
fn each_cost_is_by_the_lead_and_makes_what_stands_in_the_way_next() {
    for n in 0..8 {
        let episodes = season(&letter(&format!("cost-{n}")), None);
        let hand = of(&episodes[0], "lead").clone();
        for (e, spent) in episodes.iter().zip(["bl-broken", "bl-rope-cut", "bl-late"]) {
            let (_, beat) = e.script.beats().find(|(_, b)| b.effects.iter().any(|f| f.as_str() == spent)).expect("something is spent");
            assert_eq!(beat.function, BeatFn::Cost);
            assert_eq!(beat.action.as_ref().map(|a| a.who.as_slice()), Some(&[hand.clone()][..]), "{spent}");
        }
        // A thumb in the wax: not by the gate. No boat: a day behind. The clerk says the day before the rope is cut.
        let e = &episodes[1];
        let gate = first(e, |b| b.lines.iter().any(|l| l.states.iter().any(|s| s.fact.as_str() == "bl-gate-day")));
        assert!(gate < first(e, |b| b.effects.iter().any(|f| f.as_str() == "bl-rope-cut")));
        // Whoever cut it waits: noon is over when the keeper comes, and the day is not.
        let scenes = &episodes[2].script.scenes;
        let came = canon::time::minutes(&scenes[5].story_time);
        assert!(came > canon::time::minutes(&scenes[3].story_time) && came - canon::time::minutes(&scenes[0].story_time) < 8 * 60);
        // Both that the lead loses by it are in canon: no seal whole, no licence.
        for lost in ["bl-clean", "bl-licensed"] {
            let fact = episodes[2].after.facts.iter().find(|f| f.id.as_str() == lost).expect("a fact");
            assert!(fact.until.is_some(), "{lost}");
        }
    }
}

#[test]
fn every_picture_that_decides_was_planted() {
    for n in 0..6 {
        let episodes = season(&letter(&format!("plant-{n}")), None);
        let shows = |e: &Episode, slot: &str| first(e, |b| b.action.iter().any(|a| a.props.contains(&e.arc.roles[slot])));
        assert_eq!(shows(&episodes[0], "mitten"), 0, "the dearest payment lies in the first picture");
        assert!(shows(&episodes[2], "twin") < first(&episodes[2], |b| b.function == BeatFn::Turn));
        assert!(shows(&episodes[1], "lamp") < first(&episodes[1], |b| b.function == BeatFn::Cost));
        let open: Vec<_> = episodes[2].after.threads.iter().filter(|t| t.state == ThreadState::Open).map(|t| t.id.as_str()).collect();
        assert_eq!(open, ["th-third"]);
        // What an author would count: nights, years, fingers.
        let n = |subject: &str, attribute: &str| {
            episodes[0].before.facts.iter().find(|f| f.subject.as_str() == subject && f.attribute == attribute).map(|f| f.value.clone())
        };
        assert!(matches!(n("carrying", "years_unbroken"), Some(FactValue::Number(9..=12))));
    }
}

#[test]
fn the_formula_speaker_and_the_keeper_keep_their_words() {
    for n in 0..8 {
        let episodes = season(&letter(&format!("voice-{n}")), None);
        let said = |slot: &str| -> Vec<String> {
            episodes
                .iter()
                .flat_map(|e| e.script.lines().filter(|(.., l)| l.speaker_id == *of(e, slot)).map(|(.., l)| l.text.clone()))
                .collect()
        };
        assert!(said("clerk").iter().all(|t| !lower_words(t).contains(&"i".to_owned()) && !t.contains('\'')), "{:?}", said("clerk"));
        assert_eq!(said("clerk").iter().filter(|t| t.ends_with('?')).count(), 1, "who counts asks once");
        let keeper = said("other").join(" ").to_lowercase();
        assert!(["feet", "stone", "stove"].iter().any(|w| keeper.contains(w)) && !keeper.contains("mine"), "{keeper}");
    }
}

const TWO_VALLEYS: &str = include_str!("letter.toml");

#[test]
fn two_valleys_speak_of_their_own_things() {
    for n in 0..6 {
        let episodes = season(&letter(&format!("valley-{n}")), Some(&author(TWO_VALLEYS)));
        season_holds(&episodes);
        let all = told(&episodes);
        for own in ["Rolf", "Jem", "Ulf", "yellow glove", "oxen", "daughter"] {
            assert!(all.contains(own), "no `{own}` in: {all}");
        }
        for foreign in ["mitten", "red ", " pony", "ponies", "donkey", " she ", "She ", "{"] {
            assert!(!all.contains(foreign), "`{foreign}` in: {all}");
        }
        // The ferry is an hour and a half from the road: the boat waits for the walk.
        let scenes = &episodes[1].script.scenes;
        assert!(canon::time::minutes(&scenes[2].story_time) - canon::time::minutes(&scenes[1].story_time) >= 90);
    }
}

#[test]
fn a_keeper_too_young_to_have_kept_anybody_is_refused() {
    let young = TWO_VALLEYS.replace("0155-09-01", "0190-09-01").replace("age = 56", "age = 21");
    let error = produce(&TemplateWriter, &letter("young"), Some(&author(&young)), 1).map(|_| ()).expect_err("refused").to_string();
    assert!(error.contains("other") && error.contains("needs an adult"), "{error}");
}
