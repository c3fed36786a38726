//! The second situation of the fairy tale pack: a river that comes up the doorsteps at night.

use std::collections::BTreeSet;

use contracts::{canon::ThreadState, project::Project, story::Truth};
use world::Episode;

use crate::{author, failed, id, project, season, season_holds, texts, told};

fn river(name: &str) -> Project {
    Project { genre: id("fairy_tale"), kernel: Some(id("k-river-steps")), ..project(name) }
}

/// Where a line, a picture or an effect stands: episode, then beat, counted over the season.
fn place<'e>(episodes: &'e [Episode], holds: impl Fn(&'e contracts::story::Beat) -> bool) -> Option<(usize, usize)> {
    episodes.iter().enumerate().find_map(|(i, e)| e.script.beats().position(|(_, b)| holds(b)).map(|n| (i, n)))
}

#[test]
fn thirty_titles_give_thirty_seasons() {
    let mut scripts = BTreeSet::new();
    for n in 0..30 {
        let episodes = season(&river(&format!("river-{n}")), None);
        season_holds(&episodes);
        scripts.extend(episodes.iter().map(|e| texts(&e.script).join("\n")));
    }
    assert_eq!(scripts.len(), 90, "no two of 90 scripts are the same");
}

#[test]
fn nothing_it_says_is_said_by_the_other_situation_of_its_pack() {
    let said = |kernel: &str| {
        let mut masked = BTreeSet::new();
        for n in 0..12 {
            let project = Project { genre: id("fairy_tale"), kernel: Some(id(kernel)), ..project(&format!("apart-{n}")) };
            for e in season(&project, None) {
                let names: BTreeSet<String> = e.cast.members.iter().flat_map(|m| world::text::lower_words(&m.name)).collect();
                let sentences =
                    e.script.lines().flat_map(|(.., l)| world::text::sentences(&l.text)).filter(|s| world::text::words(s).len() >= 3);
                masked.extend(sentences.map(|s| world::text::mask(&s, &names)).collect::<Vec<_>>());
            }
        }
        masked
    };
    let (door, river) = (said("k-borrowed-door"), said("k-river-steps"));
    assert!(door.len() > 60 && river.len() > 60, "{} and {} sentences", door.len(), river.len());
    assert_eq!(door.intersection(&river).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn what_happened_is_seen_before_it_is_told_and_told_by_the_one_who_did_it() {
    for n in 0..10 {
        let e = season(&river(&format!("truth-{n}")), None);
        let (lead, papa) = (e[0].arc.roles["lead"].clone(), e[0].arc.roles["papa"].clone());
        // Who took the stone: a lie at noon, and the truth by the same mouth at night; nobody else ever says it.
        let claims: Vec<_> = e
            .iter()
            .flat_map(|e| e.script.lines())
            .flat_map(|(.., l)| l.states.iter().filter(|c| c.fact.as_str() == "rs-took").map(|c| (l.speaker_id.clone(), c.truth)))
            .collect();
        assert_eq!(claims, [(papa.clone(), Truth::Lie), (papa, Truth::True)]);
        // Its clue, the mark that is missing, stands in a picture before the turn; so does the stone itself, an episode earlier.
        let begins = |fact: &'static str| place(&e, move |b| b.effects.iter().any(|f| f.as_str() == fact)).expect("it is shown");
        let turn = e[1].diff.learned.iter().find(|l| l.fact.as_str() == "rs-took").expect("somebody learns it");
        let turn = place(&e, |b| b.id == turn.cause).map(|(_, n)| (1, n)).expect("in a beat");
        assert!(begins("rs-turned") < begins("rs-seen") && begins("rs-seen") < begins("rs-counted") && begins("rs-counted") < turn);
        // The lead learns it there and not before.
        assert!(!e[0].after.facts.iter().any(|f| f.id.as_str() == "rs-took" && f.known_by.contains_key(lead.as_str())));
        // No ice is told of in one episode and explained in none: what it meant is seen.
        let about_ice =
            |e: &Episode| e.script.lines().filter(|(.., l)| world::text::lower_words(&l.text).contains(&"ice".to_owned())).count();
        assert_eq!(about_ice(&e[0]), 0);
        assert_eq!(about_ice(&e[1]), 1);
        assert!(about_ice(&e[2]) <= 1);
    }
}

#[test]
fn each_visit_costs_the_child_something_by_its_own_hand() {
    for n in 0..10 {
        let episodes = season(&river(&format!("cost-{n}")), None);
        for (e, spent) in episodes.iter().zip(["rs-pillow-given", "rs-told", "rs-given"]) {
            let (_, beat) = e.script.beats().find(|(_, b)| b.effects.iter().any(|f| f.as_str() == spent)).expect("something is spent");
            let who = &beat.action.as_ref().expect("a picture").who;
            assert_eq!(who.first(), Some(&e.arc.roles["lead"]), "{spent}");
        }
        // Told not a word, the child says none: what gives the secret away is a finger.
        let (scene, beat) =
            episodes[1].script.beats().find(|(_, b)| b.effects.iter().any(|f| f.as_str() == "rs-told")).expect("the finger");
        assert_eq!(beat.action.as_ref().map(|a| a.verb.as_str()), Some("point"));
        let lead = &episodes[1].arc.roles["lead"];
        assert!(scene.beats.iter().flat_map(|b| &b.lines).all(|l| l.speaker_id != *lead), "not a word");
    }
}

#[test]
fn one_bedtime_order_is_given_five_times_and_one_lie_ends() {
    for n in 0..10 {
        let episodes = season(&river(&format!("bed-{n}")), None);
        let of = |seed: &str| -> Vec<_> {
            let lines = episodes.iter().flat_map(|e| e.script.lines().map(|(.., l)| l));
            let ours = lines.filter(|l| [&l.echo_seed, &l.echo_of].into_iter().flatten().any(|s| s.as_str() == seed));
            ours.map(|l| (l.speaker_id.clone(), l.text.clone())).collect()
        };
        // Put to bed, hushed, kept to the letter, put to bed, hushed: by the mason twice, by the teller, by the child twice.
        let roles = &episodes[0].arc.roles;
        let speakers: Vec<_> = of("not-a-word").into_iter().map(|(who, _)| who).collect();
        assert_eq!(speakers, ["papa", "papa", "teller", "lead", "lead"].map(|s| roles[s].clone()));
        // The river is not tired until the last time it is asked nothing.
        let tired = of("not-tired");
        assert_eq!(tired.len(), 3);
        assert!(tired.iter().all(|(who, _)| *who == roles["river"]));
        let denies = |t: &str| t.contains(" not ") || t.contains("hardly");
        assert!(denies(&tired[0].1) && denies(&tired[1].1) && !denies(&tired[2].1), "{tired:?}");
        // It never names what it wants, and speaks without contractions.
        for (.., l) in episodes.iter().flat_map(|e| e.script.lines()).filter(|(.., l)| l.speaker_id == roles["river"]) {
            let words = world::text::lower_words(&l.text);
            assert!(!words.iter().any(|w| ["sleep", "asleep", "bed"].contains(&w.as_str())) && !l.text.contains('\''), "{}", l.text);
        }
        // The last picture has one word, and it belongs to somebody nobody has met.
        let (_, last) = episodes[2].script.beats().last().expect("a beat");
        assert_eq!(last.lines.len(), 1);
        assert_eq!(world::text::words(&last.lines[0].text).len(), 1);
        assert_eq!(last.lines[0].speaker_id, roles["brook"]);
        let open: Vec<_> = episodes[2].after.threads.iter().filter(|t| t.state == ThreadState::Open).map(|t| t.id.as_str()).collect();
        assert_eq!(open, ["th-small"]);
    }
}

const WEIR: &str = include_str!("weir.toml");

#[test]
fn a_weir_speaks_of_its_own_things() {
    for n in 0..10 {
        let episodes = season(&river(&format!("weir-{n}")), Some(&author(WEIR)));
        season_holds(&episodes);
        let all = told(&episodes);
        for own in ["Ebbe", "Oma", "Vater", "bolster", "cheese", "eight winters", "her wall"] {
            assert!(all.to_lowercase().contains(&own.to_lowercase()), "no `{own}` in: {all}");
        }
        for foreign in ["Papa", "Mama", "pillow", "cake", "bun", "pie ", "goose", "gander", "duck", "his wall", "his mark", "{"] {
            assert!(!all.contains(foreign), "`{foreign}` in: {all}");
        }
    }
}

#[test]
fn a_canon_that_fits_it_draws_it_and_one_that_fits_the_other_does_not() {
    for n in 0..10 {
        let free = |name: &str| Project { kernel: None, ..river(&format!("{name}-{n}")) };
        let weir = season(&free("own"), Some(&author(WEIR)));
        assert_eq!(weir[0].arc.kernel, id("k-river-steps"));
        let heath = season(&free("heath"), Some(&author(include_str!("heath.toml"))));
        assert_eq!(heath[0].arc.kernel, id("k-borrowed-door"));
        assert!(failed(&heath[0]).is_empty());
    }
}
