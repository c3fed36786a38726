//! What the gate may ask of truth, however it is stored.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use contracts::canon::{
    Canon, Character, Fact, FactValue, Location, Prop, Relationship, StoryTime, Thread, TimelineEvent, World, WorldRule,
};

use crate::{contradictions::SINGLE, words::words};

/// Truth over story time, as the gate reads it. A store behind it may be a canon in memory or a database.
pub trait Facts {
    /// The fact of this id.
    fn fact(&self, id: &str) -> Option<&Fact>;
    /// Every fact of (subject, attribute), the earliest first.
    fn about(&self, subject: &str, attribute: &str) -> Vec<&Fact>;
    /// Every fact of a person, place or thing: of which it is the subject or the value, or which the person knows. In the order of
    /// the canon, each once.
    fn touching(&self, id: &str) -> Vec<&Fact>;
    /// A person.
    fn person(&self, id: &str) -> Option<&Character>;
    /// A place.
    fn place(&self, id: &str) -> Option<&Location>;
    /// A thing.
    fn prop(&self, id: &str) -> Option<&Prop>;
    /// Every thread.
    fn threads(&self) -> &[Thread];
    /// Everybody.
    fn people(&self) -> &[Character];
    /// Every place.
    fn places(&self) -> &[Location];
    /// Every thing.
    fn props(&self) -> &[Prop];
    /// Every rule of the world.
    fn rules(&self) -> &[WorldRule];
    /// Who is what to whom.
    fn relationships(&self) -> &[Relationship];
    /// What happened.
    fn events(&self) -> &[TimelineEvent];
    /// The world's name and audience.
    fn world(&self) -> &World;
    /// Whether a word in lower case is a name here, or part of one: of the world, of people, places and things, or in the value of
    /// a fact.
    fn names(&self, word: &str) -> bool;

    /// The fact of (subject, attribute) that holds at a moment: the latest begun that has not ended.
    fn at(&self, subject: &str, attribute: &str, at: &StoryTime) -> Option<&Fact> {
        self.about(subject, attribute).into_iter().rev().find(|f| f.from <= *at && f.until.as_ref().is_none_or(|until| until > at))
    }

    /// Since when somebody knows a fact.
    fn known_since(&self, who: &str, fact: &str) -> Option<&StoryTime> {
        self.fact(fact)?.known_by.get(who)
    }

    /// When somebody died, if they did.
    fn death(&self, who: &str) -> Option<&Fact> {
        self.about(who, "dead").into_iter().next()
    }
}

/// A canon with indexes over its facts: one look-up for the questions a gate asks.
pub struct Book<'a> {
    canon: &'a Canon,
    by_id: BTreeMap<&'a str, u32>,
    by_subject: BTreeMap<(&'a str, &'a str), Vec<u32>>,
    touching: OnceLock<BTreeMap<&'a str, Vec<u32>>>,
    people: BTreeMap<&'a str, &'a Character>,
    places: BTreeMap<&'a str, &'a Location>,
    props: BTreeMap<&'a str, &'a Prop>,
    names: OnceLock<BTreeSet<String>>,
}

impl<'a> Book<'a> {
    /// Indexes a canon: O(n log n) in its facts.
    pub fn new(canon: &'a Canon) -> Self {
        let mut by_id = BTreeMap::new();
        let mut by_subject: BTreeMap<(&str, &str), Vec<u32>> = BTreeMap::new();
        for (n, fact) in (0..).zip(&canon.facts) {
            by_id.entry(fact.id.as_str()).or_insert(n);
            by_subject.entry((fact.subject.as_str(), fact.attribute.as_str())).or_default().push(n);
        }
        for facts in by_subject.values_mut() {
            facts.sort_by_key(|n| canon.facts.get(*n as usize).map(|f| (&f.from, &f.id)));
        }
        // The first of an id is the one that is meant, as before there was an index.
        let people = canon.characters.iter().rev().map(|c| (c.id.as_str(), c)).collect();
        let places = canon.locations.iter().rev().map(|l| (l.id.as_str(), l)).collect();
        let props = canon.props.iter().rev().map(|p| (p.id.as_str(), p)).collect();
        Self { canon, by_id, by_subject, touching: OnceLock::new(), people, places, props, names: OnceLock::new() }
    }

    /// The canon it reads.
    pub fn canon(&self) -> &'a Canon {
        self.canon
    }

    /// Every fact that holds at a moment, in the order of the canon. Of an attribute that has one value at a time, the latest.
    pub fn as_of(&self, at: &StoryTime) -> Vec<&'a Fact> {
        let holds = |f: &&Fact| f.from <= *at && f.until.as_ref().is_none_or(|until| until > at);
        let mut held: Vec<&Fact> = self.canon.facts.iter().filter(holds).collect();
        let single = |f: &Fact| SINGLE.contains(&f.attribute.as_str());
        let mut latest: BTreeMap<(&str, &str), &Fact> = BTreeMap::new();
        for fact in held.iter().copied().filter(|f| single(f)) {
            let slot = latest.entry((fact.subject.as_str(), fact.attribute.as_str())).or_insert(fact);
            if (&fact.from, &fact.id) > (&slot.from, &slot.id) {
                *slot = fact;
            }
        }
        held.retain(|f| !single(f) || latest.get(&(f.subject.as_str(), f.attribute.as_str())).is_some_and(|l| l.id == f.id));
        held
    }

    fn taken(&self, numbers: Option<&Vec<u32>>) -> Vec<&'a Fact> {
        numbers.into_iter().flatten().filter_map(|n| self.canon.facts.get(*n as usize)).collect()
    }

    fn touched(&self) -> &BTreeMap<&'a str, Vec<u32>> {
        self.touching.get_or_init(|| {
            let mut touching: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
            for (n, fact) in (0..).zip(&self.canon.facts) {
                let value = match &fact.value {
                    FactValue::Text(text) => Some(text.as_str()),
                    FactValue::Number(_) => None,
                };
                for id in std::iter::once(fact.subject.as_str()).chain(value).chain(fact.known_by.keys().map(|k| k.as_str())) {
                    let facts = touching.entry(id).or_default();
                    if facts.last() != Some(&n) {
                        facts.push(n);
                    }
                }
            }
            touching
        })
    }
}

impl Facts for Book<'_> {
    fn fact(&self, id: &str) -> Option<&Fact> {
        self.by_id.get(id).and_then(|n| self.canon.facts.get(*n as usize))
    }
    fn about(&self, subject: &str, attribute: &str) -> Vec<&Fact> {
        self.taken(self.by_subject.get(&(subject, attribute)))
    }
    fn touching(&self, id: &str) -> Vec<&Fact> {
        self.taken(self.touched().get(id))
    }
    fn person(&self, id: &str) -> Option<&Character> {
        self.people.get(id).copied()
    }
    fn place(&self, id: &str) -> Option<&Location> {
        self.places.get(id).copied()
    }
    fn prop(&self, id: &str) -> Option<&Prop> {
        self.props.get(id).copied()
    }
    fn threads(&self) -> &[Thread] {
        &self.canon.threads
    }
    fn people(&self) -> &[Character] {
        &self.canon.characters
    }
    fn places(&self) -> &[Location] {
        &self.canon.locations
    }
    fn props(&self) -> &[Prop] {
        &self.canon.props
    }
    fn rules(&self) -> &[WorldRule] {
        &self.canon.world_rules
    }
    fn relationships(&self) -> &[Relationship] {
        &self.canon.relationships
    }
    fn events(&self) -> &[TimelineEvent] {
        &self.canon.timeline_events
    }
    fn world(&self) -> &World {
        &self.canon.world
    }
    fn names(&self, word: &str) -> bool {
        let names = self.names.get_or_init(|| {
            let world = &self.canon.world;
            let texts = std::iter::once(&world.name).chain(&world.names).chain(&world.particulars);
            let texts = texts.chain(self.canon.characters.iter().map(|c| &c.role));
            let things = self.canon.locations.iter().map(|l| &l.name).chain(self.canon.props.iter().flat_map(|p| [&p.name, &p.look]));
            // A value said of many facts is read once.
            let values: BTreeSet<&String> = self
                .canon
                .facts
                .iter()
                .filter_map(|f| match &f.value {
                    FactValue::Text(text) => Some(text),
                    FactValue::Number(_) => None,
                })
                .collect();
            texts.chain(things).chain(values).flat_map(|text| words(text)).map(|w| w.low).collect()
        });
        names.contains(word)
    }
}
