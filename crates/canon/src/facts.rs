//! What the gate may ask of truth, however it is stored.

use std::collections::BTreeMap;

use contracts::canon::{Canon, Character, Fact, FactValue, Location, Prop, StoryTime, Thread};

/// Truth over story time, as the gate reads it. A store behind it may be a canon in memory or a database.
pub trait Facts {
    /// The fact of this id.
    fn fact(&self, id: &str) -> Option<&Fact>;
    /// Every fact of (subject, attribute), the earliest first.
    fn about(&self, subject: &str, attribute: &str) -> Vec<&Fact>;
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
    /// Texts whose words are names here: of the world, of places and things, and the values of facts.
    fn names(&self) -> Vec<&str>;

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
    by_id: BTreeMap<&'a str, &'a Fact>,
    by_subject: BTreeMap<(&'a str, &'a str), Vec<&'a Fact>>,
}

impl<'a> Book<'a> {
    /// Indexes a canon: O(n log n) in its facts.
    pub fn new(canon: &'a Canon) -> Self {
        let mut by_id = BTreeMap::new();
        let mut by_subject: BTreeMap<(&str, &str), Vec<&Fact>> = BTreeMap::new();
        for fact in &canon.facts {
            by_id.entry(fact.id.as_str()).or_insert(fact);
            by_subject.entry((fact.subject.as_str(), fact.attribute.as_str())).or_default().push(fact);
        }
        for facts in by_subject.values_mut() {
            facts.sort_by(|a, b| (&a.from, &a.id).cmp(&(&b.from, &b.id)));
        }
        Self { canon, by_id, by_subject }
    }
}

impl Facts for Book<'_> {
    fn fact(&self, id: &str) -> Option<&Fact> {
        self.by_id.get(id).copied()
    }
    fn about(&self, subject: &str, attribute: &str) -> Vec<&Fact> {
        self.by_subject.get(&(subject, attribute)).cloned().unwrap_or_default()
    }
    fn person(&self, id: &str) -> Option<&Character> {
        self.canon.characters.iter().find(|c| c.id.as_str() == id)
    }
    fn place(&self, id: &str) -> Option<&Location> {
        self.canon.locations.iter().find(|l| l.id.as_str() == id)
    }
    fn prop(&self, id: &str) -> Option<&Prop> {
        self.canon.props.iter().find(|p| p.id.as_str() == id)
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
    fn names(&self) -> Vec<&str> {
        let world = &self.canon.world;
        let texts = std::iter::once(&world.name).chain(&world.names).chain(&world.particulars);
        let texts = texts.chain(self.canon.characters.iter().map(|c| &c.role));
        let things = self.canon.locations.iter().map(|l| &l.name).chain(self.canon.props.iter().flat_map(|p| [&p.name, &p.look]));
        let values = self.canon.facts.iter().filter_map(|f| match &f.value {
            FactValue::Text(text) => Some(text),
            FactValue::Number(_) => None,
        });
        texts.chain(things).chain(values).map(String::as_str).collect()
    }
}
