//! Is an author's canon sound before anything is written from it?

use std::collections::BTreeSet;

use contracts::canon::{Canon, CanonDiff, Fact, FactValue, Finding, StoryTime, ThreadState, Verdict};
use gates::{blocks, rules::Rules, verdict};

use crate::{
    contradictions::{Overlay, lives, references, values},
    derived,
    facts::{Book, Facts},
    sources::{entry, fact as source, person as person_of, place as place_of},
    ties, time,
};

/// Judges a whole canon: duplicate ids, unknown references, bad intervals, and the contradictions of its facts.
pub fn check(canon: &Canon) -> Verdict {
    let book = Book::new(canon);
    let mut found = Vec::new();
    duplicates("character", "characters", canon.characters.iter().map(|c| c.id.as_str()), &mut found);
    duplicates("location", "locations", canon.locations.iter().map(|l| l.id.as_str()), &mut found);
    duplicates("prop", "props", canon.props.iter().map(|p| p.id.as_str()), &mut found);
    duplicates("world rule", "world_rules", canon.world_rules.iter().map(|r| r.id.as_str()), &mut found);
    duplicates("event", "timeline_events", canon.timeline_events.iter().map(|e| e.id.as_str()), &mut found);
    duplicates("fact", "facts", canon.facts.iter().map(|f| f.id.as_str()), &mut found);
    duplicates("thread", "threads", canon.threads.iter().map(|t| t.id.as_str()), &mut found);
    duplicates(
        "character, place or thing",
        "characters]], [[locations]] or [[props",
        canon
            .characters
            .iter()
            .map(|c| c.id.as_str())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .chain(canon.locations.iter().map(|l| l.id.as_str()).collect::<BTreeSet<_>>())
            .chain(canon.props.iter().map(|p| p.id.as_str()).collect::<BTreeSet<_>>()),
        &mut found,
    );
    for place in &canon.locations {
        for prop in &place.holds {
            if book.prop(prop).is_none() {
                found.push(blocks("canon.unknown_prop", format!("{} holds `{prop}`, which is no prop", place.id), &[&place_of(&place.id)]));
            }
        }
        for other in place.travel_min.keys() {
            if book.place(other).is_none() {
                found.push(blocks(
                    "canon.unknown_place",
                    format!("{} has a way to `{other}`, which is no place", place.id),
                    &[&place_of(&place.id)],
                ));
            }
        }
    }
    for tie in &canon.relationships {
        for who in [&tie.from, &tie.to] {
            if book.person(who).is_none() && book.about(who, "is").is_empty() {
                let message = format!("`{who}` in the relationship {} is no person", tie.kind);
                found.push(blocks("canon.unknown_person", message, &[&ties::tie(tie)]));
            }
        }
    }
    ties::ties(canon, &book, &mut found);
    ties::events(canon, &book, &mut found);
    for event in &canon.timeline_events {
        for who in &event.who {
            if book.person(who).is_none() {
                found.push(blocks(
                    "canon.unknown_person",
                    format!("`{who}` in the event {} is no person", event.id),
                    &[&entry("timeline_events", &event.id)],
                ));
            }
        }
    }
    // The canon as a diff over itself would see every fact twice: the overlay adds nothing here.
    let nothing = CanonDiff {
        project_id: canon.project_id.clone(),
        base: contracts::Hash::of(b""),
        added: vec![],
        modified: vec![],
        removed: vec![],
        ended: vec![],
        learned: vec![],
        characters: vec![],
        threads: vec![],
        justification: String::new(),
        provenance: String::new(),
        verdict: None,
    };
    let over = Overlay::new(&book, &nothing);
    let groups: BTreeSet<(&str, &str)> = canon.facts.iter().map(|f| (f.subject.as_str(), f.attribute.as_str())).collect();
    for (subject, attribute) in groups {
        values(&over, subject, attribute, &mut found);
    }
    let facts: Vec<&Fact> = canon.facts.iter().collect();
    lives(&over, &facts, &mut found);
    derived::stated(&book, &facts, &mut found);
    if let Err(faults) = Rules::load(&canon.world_rules) {
        for fault in faults {
            let message = format!("{}: {}", fault.rule, fault.message);
            found.push(blocks("canon.world_rule", message, &[&entry("world_rules", &fault.rule)]));
        }
    }
    looks(canon, &book, &mut found);
    let named: BTreeSet<String> = canon.world.names.iter().map(|n| contracts::Id::slug(n).to_string()).collect();
    for fact in &canon.facts {
        references(&book, fact, &mut found);
        let subject = fact.subject.as_str();
        let known = book.person(subject).is_some()
            || book.place(subject).is_some()
            || book.prop(subject).is_some()
            || named.contains(subject)
            || fact.attribute == "is"
            || subject == derived::CALENDAR
            || !book.about(subject, "is").is_empty();
        if !known {
            let message = format!(
                "{}: `{subject}` is no person, place, thing or name of the world (a fact with the attribute `is` introduces it)",
                fact.id
            );
            found.push(blocks("canon.unknown_subject", message, &[&source(fact)]));
        }
    }
    for thread in &canon.threads {
        for fact in &thread.answer {
            if book.fact(fact).is_none() {
                found.push(blocks(
                    "canon.unknown_fact",
                    format!("{} is answered by `{fact}`, which is no fact", thread.id),
                    &[&entry("threads", &thread.id)],
                ));
            }
        }
        if thread.state == ThreadState::Paid && thread.paid_by.is_none() {
            found.push(blocks("canon.thread", format!("{} is paid by nothing", thread.id), &[&entry("threads", &thread.id)]));
        }
    }
    verdict("canon", found)
}

/// The age a person is drawn with fits the birth, when the canon says when the season begins.
fn looks(canon: &Canon, book: &Book<'_>, found: &mut Vec<Finding>) {
    let begins = book.about("season", "begins").into_iter().next().and_then(|fact| match &fact.value {
        FactValue::Text(day) => Some((fact, StoryTime::try_from(format!("{day}T00:00")).ok()?)),
        FactValue::Number(_) => None,
    });
    let Some((season, day)) = begins else { return };
    for who in &canon.characters {
        let Some(look) = &who.look else { continue };
        let age = time::age(&who.born, &day);
        if (i64::from(look.age) - age).abs() > 1 {
            let message =
                format!("{}: look.age is {}, but born {} makes {age} years at {day}, when the season begins", who.id, look.age, who.born);
            let (drawn, born) = (format!("{} look.age", person_of(&who.id)), format!("{} born, {}", person_of(&who.id), source(season)));
            found.push(blocks("canon.age", message, &[&drawn, &born]));
        }
    }
}

fn duplicates<'a>(what: &str, table: &str, ids: impl Iterator<Item = &'a str>, found: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            found.push(blocks("canon.id_twice", format!("{what} `{id}` is defined twice"), &[&entry(table, id)]));
        }
    }
}
