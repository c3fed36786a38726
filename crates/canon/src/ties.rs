//! Who is what to whom, and what happened when: whether the author's own tables can all be true.

use std::collections::{BTreeMap, BTreeSet};

use contracts::canon::{Canon, Finding, Relationship};
use gates::blocks;

use crate::{
    facts::{Book, Facts},
    sources::{self, entry, fact as source, person},
};

/// Ties with the name of the same tie from the other side. A tie that is its own other side holds both ways.
const SIDES: &[(&str, &str)] = &[
    ("parent_of", "child_of"),
    ("mother_of", "child_of"),
    ("father_of", "child_of"),
    ("child_of", "parent_of"),
    ("employs", "works_for"),
    ("works_for", "employs"),
    ("married_to", "married_to"),
    ("sibling_of", "sibling_of"),
    ("twin_of", "twin_of"),
];

/// Ties that go up one way: nobody stands above oneself, however many lie between.
const ABOVE: &[&str] = &["parent_of", "mother_of", "father_of"];

/// Ties a person has to one other at a time.
const ONE: &[&str] = &["married_to", "twin_of"];

/// What a relationship is called in the author's file.
pub(crate) fn tie(tie: &Relationship) -> String {
    entry("relationships", format!("{} {} {}", tie.from, tie.kind, tie.to))
}

/// Ties that break each other, or a birth.
pub(crate) fn ties(canon: &Canon, book: &Book<'_>, found: &mut Vec<Finding>) {
    let code = "canon.relationship";
    let mut seen: BTreeMap<(&str, &str, &str), &Relationship> = BTreeMap::new();
    let mut one: BTreeMap<(&str, &str), (&str, &Relationship)> = BTreeMap::new();
    let mut above: BTreeMap<&str, Vec<(&str, &Relationship)>> = BTreeMap::new();
    for t in &canon.relationships {
        let (from, to, kind) = (t.from.as_str(), t.to.as_str(), t.kind.as_str());
        if from == to {
            found.push(blocks(code, format!("{from} {kind} {to}: nobody is that to oneself"), &[&tie(t)]));
            continue;
        }
        let Some((_, side)) = SIDES.iter().find(|(name, _)| *name == kind) else { continue };
        // `a parent_of b` and `b parent_of a`: what may hold one way only is said both ways.
        if *side != kind
            && let Some(other) = seen.get(&(to, from, kind))
        {
            let message = format!("{from} {kind} {to}, and {to} {kind} {from}: one of the two is the other way round");
            found.push(blocks(code, message, &[&tie(other), &tie(t)]));
        }
        seen.insert((from, to, kind), t);
        if ONE.contains(&kind) {
            for (who, whom) in [(from, to), (to, from)] {
                match one.get(&(who, kind)) {
                    Some((known, other)) if *known != whom => {
                        let message = format!("{who} is {kind} {known}, and {kind} {whom}");
                        found.push(blocks(code, message, &[&tie(other), &tie(t)]));
                    }
                    _ => {
                        one.insert((who, kind), (whom, t));
                    }
                }
            }
        }
        let up = if ABOVE.contains(&kind) { Some((from, to)) } else { (kind == "child_of").then_some((to, from)) };
        if let Some((parent, child)) = up {
            above.entry(parent).or_default().push((child, t));
            if let (Some(p), Some(c)) = (book.person(parent), book.person(child))
                && c.born <= p.born
            {
                let message = format!("{parent} is born {}, and {child}, the child, {}", p.born, c.born);
                found.push(blocks(code, message, &[&tie(t), &person(parent), &person(child)]));
            }
        }
    }
    for start in above.keys() {
        if let Some(t) = reaches(&above, start) {
            found.push(blocks(code, format!("{start} comes from {start}, generations on"), &[&tie(t)]));
            break;
        }
    }
}

/// The tie by which somebody would be an own descendant.
fn reaches<'a>(above: &BTreeMap<&str, Vec<(&'a str, &'a Relationship)>>, start: &str) -> Option<&'a Relationship> {
    let mut seen = BTreeSet::new();
    let mut next: Vec<&str> = vec![start];
    while let Some(at) = next.pop() {
        for (child, t) in above.get(at).into_iter().flatten() {
            if *child == start {
                return Some(t);
            }
            if seen.insert(*child) {
                next.push(child);
            }
        }
    }
    None
}

/// Events: who took part lived, and what came after another did come after it.
pub(crate) fn events(canon: &Canon, book: &Book<'_>, found: &mut Vec<Finding>) {
    let code = "canon.event_order";
    let by_id: BTreeMap<&str, _> = canon.timeline_events.iter().map(|e| (e.id.as_str(), e)).collect();
    for event in &canon.timeline_events {
        let here = entry("timeline_events", &event.id);
        for who in &event.who {
            if let Some(known) = book.person(who)
                && event.at < known.born
            {
                let message = format!("{who} takes part in {} at {}, and is born {}", event.id, event.at, known.born);
                found.push(blocks(code, message, &[&here, &sources::person(who)]));
            }
            if let Some(death) = book.death(who)
                && event.at > death.from
            {
                let message = format!("{who} takes part in {} at {}, dead from {}", event.id, event.at, death.from);
                found.push(blocks("canon.death", message, &[&here, &source(death)]));
            }
        }
        for before in &event.after {
            match by_id.get(before.as_str()) {
                None => {
                    found.push(blocks("canon.unknown_event", format!("{} comes after `{before}`, which is no event", event.id), &[&here]))
                }
                // Two that each come after the other cannot both be later: a ring is found here, too.
                Some(other) if event.at <= other.at => {
                    let message = format!("{} comes after {before}, but is at {} and that at {}", event.id, event.at, other.at);
                    found.push(blocks(code, message, &[&here, &entry("timeline_events", before)]));
                }
                Some(_) => {}
            }
        }
    }
}
