//! How things stand at a moment of story time: where everybody and everything is, who knows what since when, which questions are
//! open. Read off canon and the scripts told so far; nothing here decides what is true.

use std::collections::BTreeMap;

use contracts::{
    Id,
    canon::{Canon, Fact, FactValue, StoryTime, Thread, ThreadKind},
    story::{Scene, Script},
};
use serde::Serialize;

use crate::{
    facts::{Book, Facts},
    time::epoch,
};

/// How things stand at a moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Standing {
    /// The moment; facts that begin at it hold.
    pub at: StoryTime,
    /// Everybody, in the order of the canon.
    pub people: Vec<PersonNow>,
    /// Every thing, in the order of the canon.
    pub things: Vec<ThingNow>,
    /// Every question that was opened by then.
    pub threads: Vec<ThreadNow>,
}

/// A person at a moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PersonNow {
    /// Who.
    pub id: Id,
    /// By name.
    pub name: String,
    /// Where, as far as canon or a scene says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Dead since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dead: Option<StoryTime>,
    /// What they know, the earliest first.
    pub knows: Vec<Known>,
}

/// A thing at a moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ThingNow {
    /// What.
    pub id: Id,
    /// By name.
    pub name: String,
    /// Who has it, or where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What else holds of it, in words.
    pub state: Vec<Known>,
}

/// A place somebody or something is at, or a person who has it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Place {
    /// A location or a character.
    pub id: Id,
    /// By name.
    pub name: String,
    /// Since when, as far as it is known.
    pub since: StoryTime,
    /// The fact or the scene that says so, such as `ol-lantern-given` or `ep3 sc05`.
    pub by: String,
}

/// A fact, in words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Known {
    /// Which.
    pub fact: Id,
    /// In words.
    pub told: String,
    /// Known, or true, since.
    pub since: StoryTime,
}

/// A question at a moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ThreadNow {
    /// Which.
    pub id: Id,
    /// What is asked.
    pub question: String,
    /// `season` or `episode`.
    pub kind: ThreadKind,
    /// `open` or `paid`, by then.
    pub state: &'static str,
    /// Where it was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened: Option<Beat>,
    /// Where it was moved.
    pub advanced: Vec<Beat>,
    /// Where it was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid: Option<Beat>,
    /// The facts that answer it, once it is paid.
    pub answer: Vec<Known>,
    /// When it is owed, such as `ep3`, while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
}

/// A beat of an episode.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Beat {
    /// Such as `ep1 sc03-b01`.
    pub beat: String,
    /// The story time of its scene, where its script was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<StoryTime>,
}

/// What things are called, and when beats were.
struct Words<'a> {
    book: &'a Book<'a>,
    beats: BTreeMap<String, &'a StoryTime>,
}

impl Words<'_> {
    /// A person, place, thing or name of the world by its name; else the id in words.
    fn name(&self, id: &str) -> String {
        let named = self.book.person(id).map(|c| c.name.clone());
        let named = named.or_else(|| self.book.place(id).map(|l| l.name.clone())).or_else(|| self.book.prop(id).map(|p| p.name.clone()));
        let is = || match &self.book.about(id, "is").first()?.value {
            FactValue::Text(text) => Some(text.clone()),
            FactValue::Number(_) => None,
        };
        named.or_else(is).unwrap_or_else(|| id.replace(['_', '-'], " "))
    }

    fn value(&self, value: &FactValue) -> String {
        match value {
            FactValue::Number(n) => n.to_string(),
            FactValue::Text(id) if self.book.person(id).is_some() || self.book.place(id).is_some() || self.book.prop(id).is_some() => {
                self.name(id)
            }
            FactValue::Text(text) => text.clone(),
        }
    }

    fn fact(&self, fact: &Fact, since: &StoryTime) -> Known {
        Known { fact: fact.id.clone(), told: format!("{}: {}", self.name(&fact.subject), self.said(fact)), since: since.clone() }
    }

    /// Attribute and value, without the subject.
    fn said(&self, fact: &Fact) -> String {
        match fact.attribute.as_str() {
            "state" | "is" => self.value(&fact.value),
            "holder" => format!("with {}", self.value(&fact.value)),
            "location" => format!("at {}", self.value(&fact.value)),
            attribute => format!("{} {}", attribute.replace('_', " "), self.value(&fact.value)),
        }
    }

    fn beat(&self, beat: &str) -> Beat {
        Beat { beat: beat.to_owned(), at: self.beats.get(beat).map(|at| (*at).clone()) }
    }
}

/// A fact in words, such as `the green lantern: with Bram Tolley`.
pub fn worded(canon: &Canon, fact: &Fact) -> String {
    Words { book: &Book::new(canon), beats: BTreeMap::new() }.fact(fact, &fact.from).told
}

/// Whether a fact holds at a moment.
pub fn holds(fact: &Fact, at: &StoryTime) -> bool {
    fact.from <= *at && fact.until.as_ref().is_none_or(|until| until > at)
}

/// How things stand at a moment, or at the end of what canon and scripts tell. `scripts` are the episodes told so far, in order.
/// One pass over facts and scenes, and O(n log n) for the index.
pub fn standing(canon: &Canon, scripts: &[&Script], at: Option<&StoryTime>) -> Standing {
    let book = Book::new(canon);
    let beats = scripts.iter().flat_map(|s| s.beats().map(|(scene, b)| (format!("ep{} {}", s.episode, b.id), &scene.story_time)));
    let words = Words { book: &book, beats: beats.collect() };
    let scenes: Vec<(u32, &Scene)> = scripts.iter().flat_map(|s| s.scenes.iter().map(|scene| (s.episode, scene))).collect();
    let last = scenes.iter().map(|(_, s)| &s.story_time).chain(canon.facts.iter().map(|f| &f.from)).max();
    let at = at.or(last).cloned().unwrap_or_else(epoch);
    let seen: Vec<(u32, &Scene)> = scenes.into_iter().filter(|(_, s)| s.story_time <= at).collect();
    let mut knows: BTreeMap<&str, Vec<Known>> = BTreeMap::new();
    let mut states: BTreeMap<&str, Vec<Known>> = BTreeMap::new();
    for fact in &canon.facts {
        for (who, since) in fact.known_by.iter().filter(|(_, since)| **since <= at) {
            knows.entry(who.as_str()).or_default().push(words.fact(fact, since));
        }
        if holds(fact, &at) && !matches!(fact.attribute.as_str(), "holder" | "location" | "is") && book.prop(&fact.subject).is_some() {
            let state = Known { told: words.said(fact), ..words.fact(fact, &fact.from) };
            states.entry(fact.subject.as_str()).or_default().push(state);
        }
    }
    for known in knows.values_mut().chain(states.values_mut()) {
        known.sort_by(|a, b| (&a.since, &a.fact).cmp(&(&b.since, &b.fact)));
    }
    let people = canon.characters.iter().map(|who| PersonNow {
        id: who.id.clone(),
        name: who.name.clone(),
        place: whereabouts(&words, &at, who.id.as_str(), seen.iter().rev().find(|(_, s)| s.present.contains(&who.id))),
        dead: book.death(&who.id).filter(|f| f.from <= at).map(|f| f.from.clone()),
        knows: knows.remove(who.id.as_str()).unwrap_or_default(),
    });
    let props = |scene: &Scene| scene.beats.iter().filter_map(|b| b.action.clone()).flat_map(|a| a.props).collect::<Vec<_>>();
    let shown: Vec<(u32, &Scene, Vec<Id>)> = seen.iter().map(|(n, s)| (*n, *s, props(s))).collect();
    let things = canon.props.iter().map(|thing| {
        let last = shown.iter().rev().find(|(.., props)| props.contains(&thing.id)).map(|(n, s, _)| (*n, *s));
        let stands = || {
            let there = canon.locations.iter().find(|l| l.holds.contains(&thing.id))?;
            Some(Place { id: there.id.clone(), name: there.name.clone(), since: epoch(), by: "canon".into() })
        };
        ThingNow {
            id: thing.id.clone(),
            name: thing.name.clone(),
            place: whereabouts(&words, &at, thing.id.as_str(), last.as_ref()).or_else(stands),
            state: states.remove(thing.id.as_str()).unwrap_or_default(),
        }
    });
    let (people, things) = (people.collect(), things.collect());
    let threads = canon.threads.iter().filter_map(|t| thread(&words, t, &at)).collect();
    Standing { at, people, things, threads }
}

/// Where somebody or something is: who holds it, else the later of a stated place and the last scene it was seen in.
fn whereabouts(words: &Words<'_>, at: &StoryTime, id: &str, seen: Option<&(u32, &Scene)>) -> Option<Place> {
    let stated = |attribute: &str| {
        let fact = words.book.at(id, attribute, at)?;
        let FactValue::Text(place) = &fact.value else { return None };
        let known = Id::new(place).ok()?;
        Some(Place { name: words.name(place), id: known, since: fact.from.clone(), by: fact.id.to_string() })
    };
    let seen = seen.map(|(episode, scene)| Place {
        id: scene.location_id.clone(),
        name: words.name(&scene.location_id),
        since: scene.story_time.clone(),
        by: format!("ep{episode} {}", scene.id),
    });
    match (stated("holder").or_else(|| stated("location")), seen) {
        // A holder is where it is, whoever looked at it since.
        (Some(stated), _) if words.book.at(id, "holder", at).is_some() => Some(stated),
        (Some(stated), Some(seen)) => Some(if seen.since > stated.since { seen } else { stated }),
        (one, other) => one.or(other),
    }
}

/// A thread as it stood at a moment; none before it was opened. What no script tells the time of counts as long past.
fn thread(words: &Words<'_>, thread: &Thread, at: &StoryTime) -> Option<ThreadNow> {
    let by_then = |beat: &Beat| beat.at.as_ref().is_none_or(|then| then <= at);
    let opened = thread.opened_by.as_deref().map(|b| words.beat(b));
    if !opened.as_ref().is_none_or(by_then) {
        return None;
    }
    let paid = thread.paid_by.as_deref().map(|b| words.beat(b)).filter(by_then);
    let answer = |id: &Id| words.book.fact(id).map(|f| words.fact(f, &f.from));
    Some(ThreadNow {
        id: thread.id.clone(),
        question: thread.question.clone(),
        kind: thread.kind,
        state: if paid.is_some() { "paid" } else { "open" },
        opened,
        advanced: thread.advanced_by.iter().map(|b| words.beat(b)).filter(by_then).collect(),
        answer: paid.iter().flat_map(|_| thread.answer.iter().filter_map(answer)).collect(),
        due: thread.due.clone().filter(|_| paid.is_none()),
        paid,
    })
}
