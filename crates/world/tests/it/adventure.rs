//! The adventure pack: the shipped example, another world, and projects with nothing but a title.

use std::collections::BTreeSet;

use contracts::{Document, project::Project, story::VoiceType};
use world::{TemplateWriter, produce};

use crate::{author, id, project, season, season_holds, seasons_differ, told};

fn adventure(name: &str) -> Project {
    Project { genre: id("adventure"), ..project(name) }
}

#[test]
fn forty_titles_give_forty_seasons() {
    let road = |n| Project { kernel: Some(id("k-half-row")), ..adventure(&format!("road-{n}")) };
    seasons_differ(40, 38, 3, road, |_| ());
}

const SALT_ROAD: &str = include_str!("../../../../examples/salt-road/canon.toml");
const ICE_ROAD: &str = include_str!("ice_road.toml");

#[test]
fn the_salt_road_holds_together_and_is_the_same_twice() {
    let one = season(&adventure("salt-road"), Some(&author(SALT_ROAD)));
    season_holds(&one);
    let two = season(&adventure("salt-road"), Some(&author(SALT_ROAD)));
    for (a, b) in one.iter().zip(&two) {
        assert_eq!(a.script.seal().expect("canonical").1, b.script.seal().expect("canonical").1);
    }
    // What one episode spends is what the next one lacks, and each is spent by the lead's own hand.
    for (e, spent) in one.iter().zip(["hr-cut", "hr-rope-cut", "hr-undone"]) {
        let (_, beat) = e.script.beats().find(|(_, b)| b.effects.iter().any(|f| f.as_str() == spent)).expect("something is spent");
        assert_eq!(beat.action.as_ref().map(|a| a.who.as_slice()), Some(&[id("orsa")][..]), "{spent}");
    }
    // Three people, and each of them speaks in each episode.
    for e in &one {
        let speakers: BTreeSet<_> = e.script.lines().map(|(.., l)| l.speaker_id.clone()).collect();
        assert_eq!(speakers, BTreeSet::from([id("leland"), id("orsa"), id("pim")]));
    }
    // The ornate one never shortens a word, and says `we` in one line of the season only.
    let carr: Vec<String> =
        one.iter().flat_map(|e| e.script.lines().filter(|(.., l)| l.speaker_id == id("leland")).map(|(.., l)| l.text.clone())).collect();
    assert!(carr.iter().all(|t| !t.contains('\'') || t.contains("father's") || t.contains("brother's")), "{carr:?}");
    assert_eq!(carr.iter().filter(|t| world::text::lower_words(t).contains(&"we".to_owned())).count(), 1, "{carr:?}");
}

#[test]
fn tea_over_ice_speaks_of_its_own_things() {
    for n in 0..10 {
        let episodes = season(&adventure(&format!("ice-{n}")), Some(&author(ICE_ROAD)));
        season_holds(&episodes);
        let all = told(&episodes);
        for own in ["Garrick", "Tove", "Isa", "tea", "post", "oxen", "nine", "sister"] {
            assert!(all.contains(own), "no `{own}` in: {all}");
        }
        for foreign in [" salt", "mule", "brother", "Orsa", "{", " he says", "He says nine"] {
            assert!(!all.contains(foreign), "`{foreign}` in: {all}");
        }
        // The long ice is 45 minutes from the posts: the second scene waits for the walk.
        let scenes = &episodes[0].script.scenes;
        assert!(canon::time::minutes(&scenes[1].story_time) - canon::time::minutes(&scenes[0].story_time) >= 45);
        let voices: BTreeSet<VoiceType> = episodes[0].cast.members.iter().map(|m| m.voice.reference).collect();
        assert_eq!(voices, BTreeSet::from([VoiceType::Woman, VoiceType::Girl, VoiceType::Man]));
    }
}

#[test]
fn somebody_too_young_for_the_debt_is_refused() {
    let young = SALT_ROAD.replace("born = \"0371-09-12\"", "born = \"0385-09-12\"").replace("age = 41", "age = 27");
    let error = produce(&TemplateWriter, &adventure("salt-road"), Some(&author(&young)), 1).map(|_| ()).expect_err("refused").to_string();
    assert!(error.contains("other") && error.contains("32 or more"), "{error}");
    let long = Project { target_duration_s: 55, ..adventure("salt-road") };
    let error = produce(&TemplateWriter, &long, None, 1).map(|_| ()).expect_err("refused").to_string();
    assert!(error.contains("60 to 75"), "{error}");
}
