//! The hard contradictions: name, age, death and location over story time, and values that cannot both hold.

use std::collections::{BTreeMap, BTreeSet};

use contracts::canon::{Canon, CanonDiff, Fact, FactKind, FactValue, Finding, StoryTime, Verdict};
use gates::{blocks, verdict};

use crate::{
    derived,
    facts::{Book, Facts},
    sources::{self, fact as source},
    time,
};

/// Attributes that have one value at a time.
pub(crate) const SINGLE: &[&str] = &["name", "born", "dead", "age", "location", "holder", "state", "count", "post"];

pub(crate) fn show(value: &FactValue) -> String {
    match value {
        FactValue::Number(n) => n.to_string(),
        FactValue::Text(t) => t.clone(),
    }
}

/// The facts of a canon and of a diff over it: every (subject, attribute) group the diff touches, with the ends it sets.
pub(crate) struct Overlay<'a, F: Facts> {
    pub base: &'a F,
    added: BTreeMap<&'a str, &'a Fact>,
    groups: BTreeMap<(&'a str, &'a str), Vec<&'a Fact>>,
    ended: BTreeMap<&'a str, &'a StoryTime>,
}

impl<'a, F: Facts> Overlay<'a, F> {
    pub fn new(base: &'a F, diff: &'a CanonDiff) -> Self {
        let mut added = BTreeMap::new();
        let mut groups: BTreeMap<(&str, &str), Vec<&Fact>> = BTreeMap::new();
        for fact in &diff.added {
            added.entry(fact.id.as_str()).or_insert(fact);
            groups.entry((fact.subject.as_str(), fact.attribute.as_str())).or_default().push(fact);
        }
        let ended = diff.ended.iter().map(|e| (e.fact.as_str(), &e.until)).collect();
        Self { base, added, groups, ended }
    }

    pub fn fact(&self, id: &str) -> Option<&Fact> {
        self.added.get(id).copied().or_else(|| self.base.fact(id))
    }

    /// A fact the diff itself begins: its cause is a beat of this script, not of an earlier one with the same id.
    pub fn begun_here(&self, id: &str) -> Option<&'a Fact> {
        self.added.get(id).copied()
    }

    pub fn about(&self, subject: &str, attribute: &str) -> Vec<&Fact> {
        let mut facts = self.base.about(subject, attribute);
        facts.extend(self.groups.get(&(subject, attribute)).into_iter().flatten());
        facts.sort_by(|a, b| (&a.from, &a.id).cmp(&(&b.from, &b.id)));
        facts
    }

    pub fn until<'f>(&'f self, fact: &'f Fact) -> Option<&'f StoryTime> {
        self.ended.get(fact.id.as_str()).copied().or(fact.until.as_ref())
    }

    /// The fact that holds at a moment, ends of the diff included.
    pub fn at(&self, subject: &str, attribute: &str, at: &StoryTime) -> Option<&Fact> {
        self.about(subject, attribute).into_iter().rev().find(|f| f.from <= *at && self.until(f).is_none_or(|until| until > at))
    }

    pub fn touched(&self) -> impl Iterator<Item = (&'a str, &'a str)> + '_ {
        self.groups.keys().copied()
    }
}

/// Two values of one attribute that cannot both hold.
pub(crate) fn values<F: Facts>(over: &Overlay<'_, F>, subject: &str, attribute: &str, found: &mut Vec<Finding>) {
    if !SINGLE.contains(&attribute) {
        return;
    }
    let facts = over.about(subject, attribute);
    // For each value the fact that holds longest: a long interval may cover more than its neighbour.
    let mut held: BTreeMap<&FactValue, &Fact> = BTreeMap::new();
    let passes = |f: &Fact| matches!(f.kind, FactKind::Stateful | FactKind::Derived);
    let reach = |f: &Fact| (!passes(f), over.until(f).unwrap_or(&f.from).clone());
    let clashes = |a: &Fact, b: &Fact| {
        a.value != b.value
            && (!passes(a) || b.kind == FactKind::Immutable || over.until(a).map_or(a.from == b.from, |until| *until > b.from))
    };
    let mut before: Option<&Fact> = None;
    for b in facts {
        held.retain(|_, a| !passes(a) || reach(a).1 >= b.from);
        if let Some(a) = before.filter(|a| clashes(a, b)).or_else(|| held.values().copied().find(|a| clashes(a, b))) {
            let code = match attribute {
                "name" => "canon.name",
                "born" | "age" => "canon.age",
                "dead" => "canon.death",
                "location" => "canon.location",
                _ => "canon.value",
            };
            let message =
                format!("{subject}: {attribute} is `{}` from {} and `{}` from {}", show(&a.value), a.from, show(&b.value), b.from);
            found.push(blocks(code, message, &[&source(a), &source(b)]));
        }
        let longest = held.entry(&b.value).or_insert(b);
        if reach(b) >= reach(longest) {
            *longest = b;
        }
        before = Some(b);
    }
}

/// Facts about the dead, ages that do not fit the birth, knowledge of the dead or the unborn.
pub(crate) fn lives<F: Facts>(over: &Overlay<'_, F>, facts: &[&Fact], found: &mut Vec<Finding>) {
    for fact in facts {
        let dies = over.about(&fact.subject, "dead").into_iter().next();
        if let Some(death) = dies
            && matches!(fact.attribute.as_str(), "location" | "post" | "state" | "believes")
            && fact.from >= death.from
        {
            let message = format!("{} is dead from {}, yet {} begins at {}", fact.subject, death.from, fact.attribute, fact.from);
            found.push(blocks("canon.death", message, &[&source(death), &source(fact)]));
        }
        if fact.attribute == "holder"
            && let FactValue::Text(holder) = &fact.value
            && let Some(death) = over.about(holder, "dead").into_iter().next()
            && fact.from >= death.from
        {
            let message = format!("{holder} is dead from {}, yet holds {} from {}", death.from, fact.subject, fact.from);
            found.push(blocks("canon.death", message, &[&source(death), &source(fact)]));
        }
        if let Some(person) = over.base.person(&fact.subject) {
            let born_in = sources::person(&person.id);
            match (fact.attribute.as_str(), &fact.value) {
                ("age", FactValue::Number(age)) if (time::age(&person.born, &fact.from) - age).abs() > 1 => {
                    let message = format!(
                        "{} is {age} at {}, but was born {}: {}",
                        person.id,
                        fact.from,
                        person.born,
                        time::age(&person.born, &fact.from)
                    );
                    found.push(blocks("canon.age", message, &[&source(fact), &born_in]));
                }
                ("name", FactValue::Text(name)) if *name != person.name => {
                    found.push(blocks(
                        "canon.name",
                        format!("{} is `{}` and `{name}`", person.id, person.name),
                        &[&born_in, &source(fact)],
                    ));
                }
                ("born", FactValue::Text(born)) if !person.born.as_str().starts_with(born.as_str()) => {
                    found.push(blocks(
                        "canon.age",
                        format!("{} is born {} and {born}", person.id, person.born),
                        &[&born_in, &source(fact)],
                    ));
                }
                ("dead", _) if fact.from < person.born => {
                    let message = format!("{} dies at {} and is born {}", person.id, fact.from, person.born);
                    found.push(blocks("canon.death", message, &[&source(fact), &born_in]));
                }
                _ => {}
            }
            if fact.from < person.born && fact.attribute != "name" && fact.attribute != "dead" {
                let message = format!("{}: {} begins at {}, before the birth on {}", person.id, fact.attribute, fact.from, person.born);
                found.push(blocks("canon.age", message, &[&source(fact), &born_in]));
            }
        }
        if let Some(until) = &fact.until
            && *until <= fact.from
        {
            found.push(blocks("canon.interval", format!("{}: ends at {until}, begins at {}", fact.id, fact.from), &[&source(fact)]));
        }
        if fact.kind == FactKind::OneWay && fact.until.is_some() {
            found.push(blocks("canon.one_way", format!("{}: begins once and never ends, yet has an end", fact.id), &[&source(fact)]));
        }
        for (who, since) in &fact.known_by {
            if *since < fact.from {
                let message = format!("{who} knows {} at {since}, before it is true at {}", fact.id, fact.from);
                found.push(blocks("canon.known_before_true", message, &[&source(fact)]));
            }
            if let Some(death) = over.about(who, "dead").into_iter().next()
                && *since >= death.from
            {
                let message = format!("{who} is dead from {}, yet learns {} at {since}", death.from, fact.id);
                found.push(blocks("canon.death", message, &[&source(death), &source(fact)]));
            }
        }
    }
}

/// Ends that a diff sets: the fact exists, may end, and ends after it began.
pub(crate) fn ends<F: Facts>(over: &Overlay<'_, F>, diff: &CanonDiff, found: &mut Vec<Finding>) {
    for end in &diff.ended {
        let Some(fact) = over.fact(&end.fact) else {
            found.push(blocks("canon.unknown_fact", format!("{} ends, but is no fact", end.fact), &[&sources::script(&end.cause)]));
            continue;
        };
        if fact.kind != FactKind::Stateful {
            let message = format!("{} ends at {}, but never ends: it is {:?}", fact.id, end.until, fact.kind);
            found.push(blocks("canon.one_way", message, &[&source(fact), &sources::script(&end.cause)]));
        }
        if end.until <= fact.from || fact.until.as_ref().is_some_and(|until| *until < end.until) {
            let message = format!("{} ends at {}, but holds from {} until {:?}", fact.id, end.until, fact.from, fact.until);
            found.push(blocks("canon.interval", message, &[&source(fact), &sources::script(&end.cause)]));
        }
    }
}

/// Judges a diff that no script carries: a season's truth before its first episode, an author's correction, an accepted cast.
pub fn gate_facts(canon: &Canon, diff: &CanonDiff) -> Verdict {
    let book = Book::new(canon);
    // No beat shows these facts: whoever proposes them is where they were stated.
    let mut sourced = diff.clone();
    for fact in sourced.added.iter_mut().filter(|f| f.source.is_none() && f.cause.is_none()) {
        fact.source = Some(diff.provenance.clone());
    }
    let diff = &sourced;
    let over = Overlay::new(&book, diff);
    let mut found = Vec::new();
    unique(&book, diff, &mut found);
    for (subject, attribute) in over.touched() {
        values(&over, subject, attribute, &mut found);
    }
    let facts: Vec<&Fact> = diff.added.iter().chain(&diff.modified).collect();
    lives(&over, &facts, &mut found);
    derived::stated(&book, &facts, &mut found);
    ends(&over, diff, &mut found);
    for fact in &facts {
        references(&book, fact, &mut found);
    }
    for id in &diff.removed {
        if book.fact(id).is_none() {
            found.push(blocks("canon.unknown_fact", format!("{id} is removed, but is no fact"), &[&diff.provenance]));
        }
    }
    for learned in &diff.learned {
        found.push(blocks(
            "canon.unknown_beat",
            format!("{} learns {} in no scene", learned.who, learned.fact),
            &[&sources::script(&learned.cause)],
        ));
    }
    for person in &diff.characters {
        if let Some(old) = book.person(&person.id)
            && (old.name != person.name || old.born != person.born)
        {
            let message = format!("{} is {}, born {}, and {}, born {}", person.id, old.name, old.born, person.name, person.born);
            found.push(blocks(
                if old.name == person.name { "canon.age" } else { "canon.name" },
                message,
                &[&sources::person(&person.id), &diff.provenance],
            ));
        }
    }
    verdict("canon", found)
}

/// No fact id twice, in the canon or in the diff.
pub(crate) fn unique<F: Facts>(base: &F, diff: &CanonDiff, found: &mut Vec<Finding>) {
    let mut ids = BTreeSet::new();
    for fact in &diff.added {
        if !ids.insert(fact.id.as_str()) || base.fact(&fact.id).is_some() {
            let old = base.fact(&fact.id).map_or_else(|| "the same diff".to_owned(), source);
            found.push(blocks("canon.fact_twice", format!("fact {} is added twice", fact.id), &[&old, &source(fact)]));
        }
    }
}

/// Persons and places a fact names exist.
pub(crate) fn references<F: Facts>(base: &F, fact: &Fact, found: &mut Vec<Finding>) {
    if let (true, FactValue::Text(place)) = (fact.attribute == "location", &fact.value)
        && base.place(place).is_none()
    {
        found.push(blocks("canon.unknown_place", format!("{}: `{place}` is no place", fact.id), &[&source(fact)]));
    }
    if let (true, FactValue::Text(holder)) = (fact.attribute == "holder", &fact.value)
        && base.person(holder).is_none()
        && base.place(holder).is_none()
    {
        found.push(blocks("canon.unknown_person", format!("{}: `{holder}` is no person or place", fact.id), &[&source(fact)]));
    }
    for who in fact.known_by.keys() {
        if base.person(who).is_none() {
            found.push(blocks("canon.unknown_person", format!("{}: known by `{who}`, who is no person", fact.id), &[&source(fact)]));
        }
    }
}
