//! The mystery of three mugs: two people, three mugs, and nothing gone from the shelf.

use std::collections::BTreeSet;

use contracts::{
    project::Project,
    story::{Line, Truth},
};
use world::Episode;

use crate::{author, id, project, season, season_holds, seasons_differ, texts, told};

const WEIR: &str = include_str!("eel_weir.toml");

fn three_mugs(name: &str) -> Project {
    Project { kernel: Some(id("k-three-mugs")), ..project(name) }
}

/// The lines of a season, in order, with the number of the episode.
fn lines(episodes: &[Episode]) -> Vec<(u32, &Line)> {
    episodes.iter().flat_map(|e| e.script.lines().map(move |(.., l)| (e.script.episode, l))).collect()
}

#[test]
fn two_dozen_titles_give_as_many_seasons() {
    seasons_differ(24, 23, 4, |n| three_mugs(&format!("rock-{n}")), |_| ());
}

#[test]
fn one_lie_is_told_three_times_by_three_people_and_each_time_hides_a_half() {
    for n in 0..6 {
        let episodes = season(&three_mugs(&format!("pot-{n}")), None);
        let role = |slot: &str| episodes[0].arc.roles[slot].clone();
        let said: Vec<_> = lines(&episodes)
            .into_iter()
            .filter(|(_, l)| l.text.ends_with("I ate at the pot."))
            .map(|(n, l)| (n, l.speaker_id.clone()))
            .collect();
        // Who feeds, then who made somebody go without, then the child that was fed: the viewer knows by then what it means.
        assert_eq!(said, [(1, role("other")), (2, role("lead")), (3, role("third"))]);
        // The child's is never explained: it is the last word of the season, and then there are four mugs.
        assert_eq!(lines(&episodes).last().map(|(_, l)| l.text.as_str()), Some("I ate at the pot."));
        let (_, last) = episodes[2].script.beats().last().expect("a beat");
        assert_eq!(last.action.as_ref().map(|a| a.props.len()), Some(4));
        assert!(episodes[2].after.threads.iter().any(|t| t.id.as_str() == "th-fourth" && t.paid_by.is_none()));
    }
}

#[test]
fn three_calls_are_a_lie_until_somebody_who_counted_says_two() {
    for n in 0..6 {
        let episodes = season(&three_mugs(&format!("calls-{n}")), None);
        // The whole of it is in canon before the first picture, and nobody adds to it: the child and the cook knew all along.
        let hidden = ["tm-called-twice", "tm-kept-breath", "tm-ashore", "tm-hidden", "tm-keeps-from", "tm-one-more"];
        for fact in hidden {
            assert!(episodes[0].before.facts.iter().any(|f| f.id.as_str() == fact), "{fact}");
            assert!(episodes.iter().all(|e| e.diff.added.iter().all(|f| f.id.as_str() != fact)), "{fact} is told as news");
        }
        let said: Vec<_> = lines(&episodes)
            .into_iter()
            .flat_map(|(n, l)| {
                l.states.iter().filter(|c| c.fact.as_str() == "tm-called-twice").map(move |c| (n, l.speaker_id.clone(), c.truth))
            })
            .collect();
        let (lead, third) = (episodes[0].arc.roles["lead"].clone(), episodes[0].arc.roles["third"].clone());
        assert_eq!(said, [(1, lead.clone(), Truth::Lie), (3, lead.clone(), Truth::Lie), (3, third, Truth::True), (3, lead, Truth::True)]);
        // What is counted was seen an episode before it is read: the string hangs from a hand at the end of the second.
        let string = &episodes[0].arc.roles["string"];
        let (_, last) = episodes[1].script.beats().last().expect("a beat");
        assert!(last.action.as_ref().is_some_and(|a| a.props.contains(string)) && episodes[2].seen_before.contains(string));
    }
}

#[test]
fn what_is_given_up_is_given_up_by_the_one_who_weighs_and_was_wanted_from_the_first() {
    for n in 0..6 {
        let episodes = season(&three_mugs(&format!("cost-{n}")), None);
        for (e, spent) in episodes.iter().zip(["tm-boat-let-go", "tm-box-burned", "tm-one-alive"]) {
            let order: Vec<_> = e.script.beats().map(|(_, b)| b).collect();
            let at = order.iter().position(|b| b.effects.iter().any(|f| f.as_str() == spent)).expect("something is spent");
            let action = order[at].action.as_ref().expect("it is seen");
            assert_eq!(action.who, [e.arc.roles["lead"].clone()], "{spent}");
            // Nothing is spent that was not seen before.
            let seen = |p| e.seen_before.contains(p) || order[..at].iter().any(|b| b.action.iter().any(|a| a.props.contains(p)));
            assert!(action.props.iter().all(|p| seen(p) || *p == e.arc.roles["claim"]), "{spent}: {:?}", action.props);
        }
        // The one who never miscounts says the word in two lines of the season.
        let said = lines(&episodes).into_iter().filter(|(_, l)| l.text.contains("miscounted")).map(|(n, l)| (n, l.speaker_id.clone()));
        let lead = &episodes[0].arc.roles["lead"];
        assert_eq!(said.collect::<Vec<_>>(), [(1, lead.clone()), (3, lead.clone())]);
    }
}

#[test]
fn no_sentence_is_shared_with_the_lighthouse() {
    let sentences = |kernel: &str| {
        let mut all = BTreeSet::new();
        for n in 0..8 {
            let p = Project { kernel: Some(id(kernel)), ..project(&format!("apart-{n}")) };
            for e in season(&p, None) {
                let names = e.cast.members.iter().map(|m| m.name.as_str()).chain(e.before.world.names.iter().map(String::as_str));
                let names: BTreeSet<String> = names.flat_map(world::text::lower_words).collect();
                let said = texts(&e.script).into_iter().filter(|t| world::text::words(t).len() >= 3);
                all.extend(said.map(|t| world::text::mask(&t, &names)));
            }
        }
        all
    };
    let shared: Vec<String> = sentences("k-other-light").intersection(&sentences("k-three-mugs")).cloned().collect();
    assert_eq!(shared, Vec::<String>::new());
}

#[test]
fn a_weir_speaks_of_its_own_things() {
    for n in 0..6 {
        let episodes = season(&three_mugs(&format!("weir-{n}")), Some(&author(WEIR)));
        season_holds(&episodes);
        let all = told(&episodes);
        for own in ["Brita", "Osk", "Ivo", "bowl", "trunk", "eel hut", "Patience", "surveyor", "amber", "wooden bowl"] {
            assert!(all.contains(own), "no `{own}` in: {all}");
        }
        for foreign in ["mug", "soup", "broth", "boat shed", "agent", "this rock", "every cove", "a cove", "{"] {
            assert!(!all.contains(foreign), "`{foreign}` in: {all}");
        }
    }
}
