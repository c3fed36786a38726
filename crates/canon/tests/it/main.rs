//! The file an author writes, and what the gate says of a canon before any story is written from it.

mod context;
mod recall;
mod regression;
mod repair;

use canon::{Book, Facts, accept, address, apply, author, check, gate_facts};
use contracts::{
    Id,
    canon::{Canon, CanonDiff, Fact, FactKind, FactValue, StoryTime, Verdict},
};

const SMALL: &str = r##"
[world]
name = "the strait"
names = ["Petrel"]

[[characters]]
name = "Ada Quill"
born = "0100-05-01"

[[characters]]
name = "Hob Marsh"
born = "0090-01-01T06:00"
role = "ferryman"

[[locations]]
name = "the watch room"
family = "interior_room"
look = "planks and a window"
holds = ["lamp"]
travel_min = { quay = 25 }

[[locations]]
id = "quay"
name = "the quay"
family = "coast"
look = "tarred planks"

[[props]]
id = "lamp"
name = "the signal lamp"
look = "a shuttered lamp"
shape = "lamp"

[[facts]]
subject = "petrel"
attribute = "state"
value = "lost"
kind = "one_way"
from = "0110-11-03T22:00"
known_by = { hob = "0110-11-03T22:00" }

[[facts]]
subject = "hob"
attribute = "location"
value = "quay"
from = "0130-01-01"
until = "0130-01-02"
"##;

fn canon() -> Canon {
    author::parse(SMALL).expect("a canon")
}

fn codes(verdict: &Verdict) -> Vec<&str> {
    verdict.findings.iter().map(|f| f.code.as_str()).collect()
}

fn at(text: &str) -> StoryTime {
    StoryTime::try_from(text.to_owned()).expect("a story time")
}

fn fact(subject: &str, attribute: &str, value: &str, from: &str) -> Fact {
    Fact {
        id: Id::slug(&format!("new {subject} {attribute} {from}")),
        subject: Id::new(subject).expect("an id"),
        attribute: attribute.into(),
        value: FactValue::Text(value.into()),
        kind: FactKind::Stateful,
        from: at(from),
        until: None,
        known_by: Default::default(),
        cause: None,
        source: None,
    }
}

fn diff(canon: &Canon, added: Vec<Fact>) -> CanonDiff {
    CanonDiff {
        project_id: canon.project_id.clone(),
        base: address(canon).expect("an address"),
        added,
        modified: vec![],
        removed: vec![],
        ended: vec![],
        learned: vec![],
        characters: vec![],
        threads: vec![],
        justification: "a test".into(),
        provenance: "author".into(),
        verdict: None,
    }
}

#[test]
fn what_is_left_out_is_supplied() {
    let c = canon();
    assert_eq!((c.version, c.project_id.as_str()), (0, author::NO_PROJECT));
    assert_eq!(c.characters.iter().map(|p| p.id.as_str()).collect::<Vec<_>>(), ["ada", "hob"]);
    assert_eq!(c.characters[0].born, at("0100-05-01T00:00"));
    assert_eq!(c.locations[0].id.as_str(), "watch_room");
    assert_eq!((c.locations[0].words[0].as_str(), c.props[0].words[0].as_str()), ("room", "lamp"));
    assert_eq!(c.facts[1].source.as_deref(), Some("author"));
    assert!(check(&c).pass, "{:?}", check(&c).findings);
    let book = Book::new(&c);
    assert_eq!(book.at("hob", "location", &at("0130-01-01T12:00")).map(|f| &f.value), Some(&FactValue::Text("quay".into())));
    assert!(book.at("hob", "location", &at("0130-01-02T00:00")).is_none());
}

#[test]
fn a_mistake_is_named_by_field_and_line() {
    let wrong = |from: &str, to: &str| author::parse(&SMALL.replacen(from, to, 1)).expect_err("refused");
    let line = |needle: &str| Some(SMALL.lines().position(|l| l.contains(needle)).expect("there") + 1);
    let born = wrong("0100-05-01", "spring");
    assert_eq!((born.field.as_str(), born.line), ("characters[0].born", line("0100-05-01")));
    let family = wrong("\"coast\"", "\"moon\"");
    assert_eq!((family.field.as_str(), family.line), ("locations[1].family", line("\"coast\"")));
    assert!(family.message.contains("moon"), "{family}");
    let unknown = wrong("role = ", "rolle = ");
    assert!(unknown.message.contains("rolle") && unknown.line == line("role ="), "{unknown}");
    let missing = wrong("shape = \"lamp\"", "");
    assert!(missing.message.contains("shape") && missing.field.contains("props[0]"), "{missing}");
    let syntax = wrong("[world]", "[world");
    assert!(syntax.line.is_some() && syntax.to_string().starts_with("line "), "{syntax}");
}

#[test]
fn an_unsound_canon_is_refused() {
    let with = |from: &str, to: &str| check(&author::parse(&SMALL.replacen(from, to, 1)).expect("parses"));
    for (from, to, code) in [
        ("id = \"quay\"", "id = \"watch_room\"", "canon.id_twice"),
        ("holds = [\"lamp\"]", "holds = [\"harpoon\"]", "canon.unknown_prop"),
        ("{ quay = 25 }", "{ moon = 25 }", "canon.unknown_place"),
        ("{ hob = ", "{ tom = ", "canon.unknown_person"),
        ("value = \"quay\"", "value = \"moon\"", "canon.unknown_place"),
        ("until = \"0130-01-02\"", "until = \"0129-01-02\"", "canon.interval"),
        ("hob = \"0110-11-03T22:00\"", "hob = \"0110-11-02T22:00\"", "canon.known_before_true"),
        ("subject = \"petrel\"", "subject = \"gannet\"", "canon.unknown_subject"),
        ("born = \"0090-01-01T06:00\"", "born = \"0140-01-01\"", "canon.age"),
    ] {
        let verdict = with(from, to);
        assert!(!verdict.pass && codes(&verdict).contains(&code), "{to}: expected {code}, found {:?}", verdict.findings);
    }
}

#[test]
fn an_author_writes_rules_that_are_asked() {
    let rule = |policy: &str| format!("[[world_rules]]\nid = \"rule-a\"\ntext = \"No boat on a Sunday.\"\n{policy}\n{SMALL}");
    let parsed = |policy: &str| author::parse(&rule(policy));
    let one = parsed("policy = { of = \"beat\", kept = 'it.weekday != \"sunday\"' }").expect("a canon");
    assert_eq!(one.world_rules[0].policy.as_ref().map(|p| p.kept.len()), Some(1));
    assert!(check(&one).pass);
    let several = parsed("policy = { kept = ['it.hour > 6', 'it.verbb != 1'] }").expect("a canon");
    let verdict = check(&several);
    assert!(codes(&verdict).contains(&"canon.world_rule") && verdict.findings[0].message.contains("rule-a"), "{:?}", verdict.findings);
    assert!(parsed("").expect("a canon").world_rules[0].policy.is_none());
    for wrong in ["polcy = { kept = 'true' }", "policy = { kept = 'true', off = \"beat\" }", "policy = { of = \"shot\", kept = 'true' }"] {
        assert!(parsed(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_four_hard_contradictions_over_story_time() {
    let c = canon();
    let refused = |added: Vec<Fact>, code: &str| {
        let verdict = gate_facts(&c, &diff(&c, added));
        let found = verdict.findings.iter().find(|f| f.code == code).unwrap_or_else(|| panic!("{code} not in {:?}", verdict.findings));
        assert!(!verdict.pass && !found.sources.is_empty());
    };
    refused(vec![fact("ada", "name", "Ida Quill", "0100-05-01T00:00")], "canon.name");
    let mut old = fact("hob", "age", "", "0130-06-01T00:00");
    old.value = FactValue::Number(70);
    refused(vec![old], "canon.age");
    refused(vec![fact("hob", "location", "watch_room", "0130-01-01T12:00")], "canon.location");
    let dead = |from: &str| Fact { kind: FactKind::OneWay, ..fact("hob", "dead", "true", from) };
    refused(vec![dead("0129-01-01T00:00"), fact("hob", "location", "quay", "0131-01-01T00:00")], "canon.death");
    refused(vec![dead("0129-01-01T00:00"), fact("lamp", "holder", "hob", "0131-01-01T00:00")], "canon.death");
    refused(vec![dead("0080-01-01T00:00")], "canon.death");
    refused(vec![fact("petrel", "state", "afloat", "0131-01-01T00:00")], "canon.value");
    let fine = vec![fact("hob", "location", "watch_room", "0130-01-02T00:00"), fact("ada", "location", "quay", "0130-01-01T12:00")];
    assert!(gate_facts(&c, &diff(&c, fine)).pass);
}

#[test]
fn only_a_judged_diff_for_this_canon_changes_it() {
    let c = canon();
    let change = diff(&c, vec![fact("ada", "location", "quay", "0130-01-01T12:00")]);
    assert!(apply(&c, &change, None).is_err(), "not judged");
    let verdict = gate_facts(&c, &change);
    let change = accept(change, verdict);
    let next = apply(&c, &change, None).expect("applied");
    assert_eq!((next.version, next.facts.len()), (1, c.facts.len() + 1));
    assert!(apply(&next, &change, None).is_err(), "made for another canon");
}
