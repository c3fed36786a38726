//! The fairy tale pack: projects with nothing but a title, another world, and the share of its teller.

use std::collections::BTreeSet;

use contracts::{
    project::Project,
    story::{Part, VoiceType},
};
use world::judge::judge;

use crate::{author, id, project, season, season_holds, seasons_differ, told};

fn fairy(name: &str) -> Project {
    Project { genre: id("fairy_tale"), kernel: Some(id("k-borrowed-door")), ..project(name) }
}

#[test]
fn forty_titles_give_forty_seasons() {
    // The child's name is what differs.
    seasons_differ(
        40,
        35,
        5,
        |n| fairy(&format!("door-{n}")),
        |episodes| {
            // The powers are shapes of ribbons; the teller is only heard.
            let cast = &episodes[0].cast.members;
            let drawn: Vec<bool> = cast.iter().map(|m| m.look.is_some()).collect();
            assert_eq!(drawn, [true, true, true, true, false]);
            assert_eq!(cast.iter().filter(|m| m.part == Part::Narrator && m.voice.reference == VoiceType::Teller).count(), 1);
        },
    );
}

#[test]
fn a_teller_tells_half_of_it_and_no_more() {
    let episodes = season(&fairy("half"), None);
    let e = &episodes[0];
    let failed = |script: &contracts::story::Script| {
        let report = judge(&e.before, &e.cast, &e.plan, script, &e.diff, &e.seen_before);
        report.failed.iter().map(|(id, _)| *id).collect::<BTreeSet<_>>()
    };
    assert!(failed(&e.script).is_empty());
    // The same lines, told: more than half.
    let mut told = e.script.clone();
    let teller = e.arc.roles["teller"].clone();
    for line in told.scenes.iter_mut().flat_map(|s| &mut s.beats).flat_map(|b| &mut b.lines).skip(8) {
        line.speaker_id = teller.clone();
    }
    assert!(failed(&told).contains("W09"));
    // Nobody who is no teller may have half the words of a film in a book.
    let mut cast = e.cast.clone();
    cast.members.iter_mut().for_each(|m| m.part = if m.part == Part::Narrator { Part::Witness } else { m.part });
    let mut written = e.script.clone();
    for line in written.scenes.iter_mut().flat_map(|s| &mut s.beats).flat_map(|b| &mut b.lines).filter(|l| l.speaker_id == teller) {
        line.delivery = contracts::story::Delivery::Write;
    }
    let report = judge(&e.before, &cast, &e.plan, &written, &e.diff, &e.seen_before);
    assert!(report.failed.iter().any(|(id, _)| *id == "W09"), "{:?}", report.failed);
}

#[test]
fn one_rule_is_said_three_times_and_means_three_things() {
    for n in 0..10 {
        let episodes = season(&fairy(&format!("rule-{n}")), None);
        // A rule of manners, a wait that nobody ends, and what it did to somebody: three speakers' sentences, one seed.
        let echoes: Vec<_> = episodes
            .iter()
            .flat_map(|e| e.script.lines().map(|(.., l)| (l.echo_seed.as_ref(), l.echo_of.as_ref(), l.speaker_id.clone())))
            .filter(|(seed, of, _)| [seed, of].into_iter().flatten().any(|s| s.as_str() == "three-knocks"))
            .collect();
        assert_eq!(echoes.len(), 3);
        assert_ne!(echoes[0].2, echoes[2].2);
        // What each visit costs is what the next one lacks: a lock, then a light, then the door itself.
        for (e, spent) in episodes.iter().zip(["bd-key-given", "bd-out", "bd-burned"]) {
            let (_, beat) = e.script.beats().find(|(_, b)| b.effects.iter().any(|f| f.as_str() == spent)).expect("something is spent");
            assert_eq!(beat.action.as_ref().map(|a| a.who.as_slice()), Some(&[e.arc.roles["lead"].clone()][..]), "{spent}");
        }
    }
}

const HEATH: &str = include_str!("heath.toml");

#[test]
fn a_heath_speaks_of_its_own_things() {
    for n in 0..10 {
        let episodes = season(&fairy(&format!("heath-{n}")), Some(&author(HEATH)));
        season_holds(&episodes);
        let all = told(&episodes);
        for own in ["Kip", "Opa", "father", "violet door", "sheet", "four winters"] {
            assert!(all.to_lowercase().contains(&own.to_lowercase()), "no `{own}` in: {all}");
        }
        for foreign in ["Gran", "mother", "green door", "yellow door", "white door", "blanket", "quilt", "{"] {
            assert!(!all.contains(foreign), "`{foreign}` in: {all}");
        }
        let he = ["He knocked three times", "after that he waited"];
        assert!(he.iter().any(|t| all.contains(t)), "{all}");
    }
}
