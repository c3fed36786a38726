//! Is an author's canon sound before anything is written from it?

use std::collections::BTreeSet;

use contracts::canon::{Canon, CanonDiff, Fact, Finding, ThreadState, Verdict};
use gates::{blocks, verdict};

use crate::{
    contradictions::{Overlay, lives, references, source, values},
    facts::{Book, Facts},
};

/// Judges a whole canon: duplicate ids, unknown references, bad intervals, and the contradictions of its facts.
pub fn check(canon: &Canon) -> Verdict {
    let book = Book::new(canon);
    let mut found = Vec::new();
    duplicates("character", canon.characters.iter().map(|c| c.id.as_str()), &mut found);
    duplicates("location", canon.locations.iter().map(|l| l.id.as_str()), &mut found);
    duplicates("prop", canon.props.iter().map(|p| p.id.as_str()), &mut found);
    duplicates("world rule", canon.world_rules.iter().map(|r| r.id.as_str()), &mut found);
    duplicates("event", canon.timeline_events.iter().map(|e| e.id.as_str()), &mut found);
    duplicates("fact", canon.facts.iter().map(|f| f.id.as_str()), &mut found);
    duplicates("thread", canon.threads.iter().map(|t| t.id.as_str()), &mut found);
    duplicates(
        "character, place or thing",
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
                found.push(blocks("canon.unknown_prop", format!("{} holds `{prop}`, which is no prop", place.id), &[&place.id]));
            }
        }
        for other in place.travel_min.keys() {
            if book.place(other).is_none() {
                found.push(blocks("canon.unknown_place", format!("{} has a way to `{other}`, which is no place", place.id), &[&place.id]));
            }
        }
    }
    for tie in &canon.relationships {
        for who in [&tie.from, &tie.to] {
            if book.person(who).is_none() && book.about(who, "is").is_empty() {
                let message = format!("`{who}` in the relationship {} is no person", tie.kind);
                found.push(blocks("canon.unknown_person", message, &["relationships"]));
            }
        }
    }
    for event in &canon.timeline_events {
        for who in &event.who {
            if book.person(who).is_none() {
                found.push(blocks("canon.unknown_person", format!("`{who}` in the event {} is no person", event.id), &[&event.id]));
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
    let named: BTreeSet<String> = canon.world.names.iter().map(|n| contracts::Id::slug(n).to_string()).collect();
    for fact in &canon.facts {
        references(&book, fact, &mut found);
        let subject = fact.subject.as_str();
        let known = book.person(subject).is_some()
            || book.place(subject).is_some()
            || book.prop(subject).is_some()
            || named.contains(subject)
            || fact.attribute == "is"
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
                found.push(blocks("canon.unknown_fact", format!("{} is answered by `{fact}`, which is no fact", thread.id), &[&thread.id]));
            }
        }
        if thread.state == ThreadState::Paid && thread.paid_by.is_none() {
            found.push(blocks("canon.thread", format!("{} is paid by nothing", thread.id), &[&thread.id]));
        }
    }
    verdict("canon", found)
}

fn duplicates<'a>(what: &str, ids: impl Iterator<Item = &'a str>, found: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            found.push(blocks("canon.id_twice", format!("{what} `{id}` is defined twice"), &[id]));
        }
    }
}
