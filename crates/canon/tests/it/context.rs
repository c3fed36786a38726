//! The context pack: only what may be known, in order of need, within its budget.

use canon::{
    Book, address, context,
    context::{ContextError, Need, text, tokens},
};
use contracts::{
    Document, Id,
    canon::{Canon, Fact, FactKind, FactValue, StoryTime},
    context::{ContextKind, ContextPack, ContextStep},
    story::{EpisodePlan, Script},
};

use crate::regression::document;

pub(crate) fn canon() -> Canon {
    serde_json::from_value(document("fixtures/lighthouse/Canon.json")).expect("a canon")
}

fn plan() -> EpisodePlan {
    serde_json::from_value(document("contradictions/EpisodePlan.json")).expect("a plan")
}

pub(crate) fn at(text: &str) -> StoryTime {
    StoryTime::try_from(text.to_owned()).expect("a story time")
}

fn fact(id: &str, from: &str) -> Fact {
    Fact {
        id: Id::slug(id),
        subject: Id::slug("bram"),
        attribute: "owns".into(),
        value: FactValue::Text("a boat".into()),
        kind: FactKind::Stateful,
        from: at(from),
        until: None,
        known_by: Default::default(),
        cause: None,
        source: Some("author".into()),
    }
}

fn packed(canon: &Canon, budget: u32) -> Result<ContextPack, ContextError> {
    let (hash, now, plan) = (address(canon).expect("an address"), at("0131-10-21T06:40"), plan());
    let need = Need { step: ContextStep::Script, episode: Some(1), budget, plan: Some(&plan), ..need_of(&hash, &now) };
    context(&Book::new(canon), &need)
}

#[test]
fn a_pack_holds_what_a_writer_needs_with_reasons_and_is_the_same_again() {
    let canon = canon();
    let pack = packed(&canon, 6_000).expect("a pack");
    let has = |kind| pack.items.iter().any(|i| i.kind == kind);
    for kind in [ContextKind::Goal, ContextKind::Rule, ContextKind::Person, ContextKind::Place, ContextKind::Prop, ContextKind::Fact] {
        assert!(has(kind), "{kind:?}");
    }
    assert!(pack.items.iter().all(|i| !i.reason.is_empty() && !i.text.is_empty() && i.tokens > 0));
    assert_eq!(pack.items.iter().map(|i| i.tokens).sum::<u32>(), pack.used);
    assert!(pack.used <= pack.budget && tokens(&text(&pack)) <= pack.used, "{} of {}", tokens(&text(&pack)), pack.used);
    assert_eq!(pack.items[0].kind, ContextKind::Goal, "what the step is to reach comes first");
    let again = packed(&canon, 6_000).expect("a pack");
    assert_eq!(pack.seal().expect("seals").1, again.seal().expect("seals").1);
}

#[test]
fn less_room_takes_the_most_needed_and_says_what_it_left() {
    let canon = canon();
    let wide = packed(&canon, 100_000).expect("a pack");
    let mut last = usize::MAX;
    for budget in [6_000, 4_000, 2_500, 1_500] {
        let pack = packed(&canon, budget).expect("a pack");
        assert!(pack.used <= budget && pack.items.len() <= last);
        last = pack.items.len();
        let all = pack.items.len() as u32 + pack.left_out.iter().map(|l| l.count).sum::<u32>();
        assert_eq!(all, wide.items.len() as u32 + wide.left_out.iter().map(|l| l.count).sum::<u32>(), "nothing is left out unsaid");
        assert!(pack.left_out.iter().all(|l| !l.reason.is_empty() && l.ids.len() <= 20 && l.ids.len() as u32 <= l.count));
        assert!(pack.items.iter().filter(|i| i.kind == ContextKind::Rule).count() == canon.world_rules.len(), "rules are never left out");
    }
    match packed(&canon, 100) {
        Err(ContextError::Budget { budget: 100, needs }) => {
            assert!(packed(&canon, needs).is_ok());
            assert!(packed(&canon, needs - 1).is_err());
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_begins_later_is_not_known_and_who_does_not_know_is_named() {
    let mut canon = canon();
    let mut known = fact("bram-boat", "0130-01-01T00:00");
    known.known_by.insert(Id::slug("bram"), at("0130-01-01T00:00"));
    known.known_by.insert(Id::slug("nessa"), at("0131-10-22T00:00"));
    canon.facts.extend([known, fact("bram-later", "0131-10-21T06:41")]);
    let pack = packed(&canon, 100_000).expect("a pack");
    let item = pack.items.iter().find(|i| i.id.as_str() == "bram-boat").expect("the fact");
    assert_eq!(item.unknown_to, [Id::slug("nessa")], "she learns it a day later");
    assert!(text(&pack).contains("[not known to nessa]"));
    assert!(pack.items.iter().all(|i| i.id.as_str() != "bram-later"));
    assert!(pack.left_out.iter().any(|l| l.reason == "begins later" && l.ids.contains(&Id::slug("bram-later"))));
    let day_after = at("0131-10-22T00:00");
    let hash = address(&canon).expect("an address");
    let later = context(&Book::new(&canon), &need_of(&hash, &day_after)).expect("a pack");
    assert!(later.items.iter().find(|i| i.id.as_str() == "bram-boat").is_some_and(|i| i.unknown_to.is_empty()));
    assert!(later.items.iter().any(|i| i.id.as_str() == "bram-later"));
}

pub(crate) fn need_of<'a>(hash: &'a contracts::Hash, at: &'a StoryTime) -> Need<'a> {
    Need {
        canon: hash,
        step: ContextStep::Plan,
        episode: Some(2),
        scene: None,
        at,
        budget: 100_000,
        people: &[],
        places: &[],
        arc: None,
        plan: None,
        last: None,
        style: None,
        wanted: &[],
        recalled: &[],
    }
}

#[test]
fn no_line_of_an_earlier_script_is_in_it_and_asking_for_one_is_refused() {
    let script: Script = serde_json::from_value(document("fixtures/lighthouse/Script.json")).expect("a script");
    let (canon, last) = (canon(), plan());
    let (hash, now) = (address(&canon).expect("an address"), at("0131-11-01T00:00"));
    let with = |wanted: &str| context(&Book::new(&canon), &Need { wanted: &[wanted.to_owned()], ..need_of(&hash, &now) });
    let need = Need { last: Some(&last), ..need_of(&hash, &now) };
    let pack = context(&Book::new(&canon), &need).expect("a pack");
    assert!(pack.items.iter().any(|i| i.kind == ContextKind::Summary && i.text.contains(&last.summary)));
    let told = text(&pack).to_lowercase();
    for (_, _, line) in script.lines() {
        for sentence in line.text.split_inclusive(['.', '!', '?']).filter(|s| s.split_whitespace().count() >= 3) {
            assert!(!told.contains(&sentence.trim().to_lowercase()), "{sentence}");
        }
    }
    for asked in ["script ep1", "line sc01-b01-l1", "Script", "scene sc01", "dialogue 1", "transcript x"] {
        assert_eq!(with(asked).expect_err("refused"), ContextError::OldScript(asked.into()));
    }
    for asked in ["fact no-such", "prop", "", "person script", "memory oil"] {
        assert_eq!(with(asked).expect_err("refused"), ContextError::Unknown(asked.into()));
    }
    let pack = with("prop great_lamp").expect("a pack");
    assert!(pack.items.iter().any(|i| i.id.as_str() == "great_lamp" && i.reason == "asked for"));
    // A script cannot come in as a summary, nor be read back out of a pack.
    let long = EpisodePlan { summary: "She says: fine light. ".repeat(60), ..plan() };
    let need = Need { last: Some(&long), ..need_of(&hash, &now) };
    assert!(matches!(context(&Book::new(&canon), &need), Err(ContextError::LongSummary { episode: 1, .. })));
    let mut value: serde_json::Value = serde_json::from_slice(&pack.seal().expect("seals").0).expect("JSON");
    value["items"][0]["lines"] = serde_json::json!(["Fine light last night!"]);
    let refused = contracts::read::<ContextPack>(&serde_json::to_vec(&value).expect("JSON")).expect_err("refused");
    assert!(refused.to_string().contains("lines"), "{refused}");
}

#[test]
fn the_estimate_never_falls_short_where_texts_are_joined() {
    let texts = ["", "She puts out the great lamp.", "Nine out.", "0131-10-21T06:40", "XQJ zzz", "Ölkanne — müde", "a  b\n\n", "strength"];
    for a in texts {
        for b in texts {
            assert!(tokens(&format!("{a}\n{b}")) <= tokens(a) + tokens(b) + 1, "{a} | {b}");
        }
    }
    // Never above the bytes, which no byte-level tokeniser exceeds, and never below a word's share.
    assert!(texts.iter().all(|t| tokens(t) as usize <= t.len()));
    assert_eq!((tokens("lamp"), tokens("the lamp"), tokens("42"), tokens("é"), tokens("QZ")), (2, 4, 2, 2, 2));
}
