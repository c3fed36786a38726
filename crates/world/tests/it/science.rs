//! The science fiction pack: projects with nothing but a title, the shipped example, another world, and its sums.

use contracts::{canon::FactValue, project::Project, story::VoiceType};
use world::{Episode, TemplateWriter, produce};

use crate::{author, id, project, season, season_holds, seasons_differ, texts, told};

fn science(name: &str) -> Project {
    Project { genre: id("science_fiction"), ..project(name) }
}

/// A project of the situation with the early answer.
fn early(name: &str) -> Project {
    Project { kernel: Some(id("k-early-answer")), ..science(name) }
}

/// The number a fact of the season says.
fn number(e: &Episode, fact: &str) -> i64 {
    match e.after.facts.iter().find(|f| f.id.as_str() == fact).map(|f| &f.value) {
        Some(FactValue::Number(n)) => *n,
        other => panic!("{fact} is {other:?}"),
    }
}

fn minutes(e: &Episode, scene: &str) -> i64 {
    let scene = e.script.scenes.iter().find(|s| s.id.as_str() == scene).expect("the scene");
    canon::time::minutes(&scene.story_time)
}

#[test]
fn forty_titles_give_forty_seasons() {
    seasons_differ(
        40,
        38,
        4,
        |n| early(&format!("tug-{n}")),
        |episodes| {
            // The home office is a lamp: nobody draws it. Whoever copies it is drawn, and heard on a radio of her own.
            let cast = &episodes[0].cast.members;
            let of = |name: &str| cast.iter().find(|m| m.name == name);
            assert!(of("Control").is_some_and(|m| m.look.is_none() && m.voice.reference == VoiceType::Radio));
            assert!(cast.iter().any(|m| m.look.is_some() && m.voice.reference == VoiceType::RadioSoft));
        },
    );
}

#[test]
fn every_wonder_is_a_sum_the_viewer_can_do() {
    for n in 0..20 {
        let [one, two, three] = <[Episode; 3]>::try_from(season(&early(&format!("sum-{n}")), None)).unwrap_or_else(|_| panic!("three"));
        // The call goes out at 14:00. An answer takes twice the distance of whoever gives it, to the minute.
        let called = canon::time::minutes(&one.after.facts.iter().find(|f| f.id.as_str() == "ea-called").expect("a call").from);
        let (near, away) = (number(&one, "ea-near"), number(&one, "ea-away"));
        assert_eq!(minutes(&one, "sc01") - called, 2 * near);
        assert_eq!(number(&one, "ea-early-answer"), 2 * near);
        assert_eq!(minutes(&one, "sc06") - called, 2 * away);
        assert!(minutes(&one, "sc03") - minutes(&one, "sc02") > 2 * near, "the question has to go there and back");
        assert_eq!(minutes(&two, "sc04") - minutes(&two, "sc03"), 2 * away);
        // One tank too few with the load, enough without it: both numbers are said.
        let said = texts(&three.script).join(" ");
        let tanks = number(&three, "ea-fuel");
        for n in [tanks, tanks + 1] {
            assert!(said.to_lowercase().contains(&world::text::number(n)), "{n} in: {said}");
        }
    }
}

#[test]
fn each_of_them_breaks_a_habit_of_speech_once() {
    for n in 0..10 {
        let episodes = season(&early(&format!("habit-{n}")), None);
        let roles = &episodes[0].arc.roles;
        let said = |slot: &str, word: &str| {
            let lines = episodes.iter().flat_map(|e| e.script.lines().filter(|(.., l)| l.speaker_id == roles[slot]));
            lines.filter(|(.., l)| world::text::lower_words(&l.text).contains(&word.to_owned())).count()
        };
        assert_eq!(said("other", "i"), 1, "who keeps the fuel says I once, when it is owned up");
        assert_eq!(said("other", "please"), 1, "and please once, to the home office");
        assert_eq!(said("control", "please"), 0);
        // The home office says one sentence twice, and its author said it before it could arrive.
        let nobody = "nobody out there";
        let all: Vec<&str> = episodes.iter().flat_map(|e| e.script.lines().map(|(.., l)| l.text.as_str())).collect();
        assert_eq!(all.iter().filter(|t| t.contains(nobody)).count(), 3, "{all:?}");
    }
}

const SLOW_LIGHT: &str = include_str!("../../../../examples/slow-light/canon.toml");
const MAIL_BOAT: &str = include_str!("mail_boat.toml");

#[test]
fn slow_light_holds_together() {
    let episodes = season(&science("slow-light"), Some(&author(SLOW_LIGHT)));
    season_holds(&episodes);
    // What one episode spends is what the next one lacks, and it is spent by hand: the engineer's once, then the pilot's.
    let hands = [("ea-reserve-spent", Some("holm")), ("ea-signed", Some("runa")), ("ea-dropped", None)];
    for (e, (spent, hand)) in episodes.iter().zip(hands) {
        let (_, beat) = e.script.beats().find(|(_, b)| b.effects.iter().any(|f| f.as_str() == spent)).expect("something is spent");
        let who: Vec<_> = beat.action.iter().flat_map(|a| a.who.clone()).collect();
        assert_eq!(who, hand.map(id).into_iter().collect::<Vec<_>>(), "{spent}");
    }
    let said = episodes.iter().flat_map(|e| texts(&e.script)).collect::<Vec<_>>().join(" ");
    for own in ["Second Helping", "Rough Draft", "Ilse", "seven degrees", "twelve minutes"] {
        assert!(said.contains(own), "no `{own}` in: {said}");
    }
}

#[test]
fn a_mail_boat_speaks_of_its_own_things() {
    for n in 0..10 {
        let episodes = season(&science(&format!("mail-{n}")), Some(&author(MAIL_BOAT)));
        season_holds(&episodes);
        let all = told(&episodes);
        for own in ["Tam", "Gerda", "letters", "Paper Round", "Loose Leaf", "Harbour", "eight years"] {
            assert!(all.contains(own), "no `{own}` in: {all}");
        }
        for foreign in ["copper", "Control", "Long Division", "{"] {
            assert!(!all.contains(foreign), "`{foreign}` in: {all}");
        }
    }
}

#[test]
fn somebody_too_young_to_have_written_the_order_is_refused() {
    let young = SLOW_LIGHT.replace("born = \"2339-11-19\"", "born = \"2362-11-19\"").replace("age = 50", "age = 27");
    let error = produce(&TemplateWriter, &science("slow-light"), Some(&author(&young)), 1).map(|_| ()).expect_err("refused").to_string();
    assert!(error.contains("other") && error.contains("36 or more"), "{error}");
}
