//! The context pack: what a writer may know for one step (requirement 002-6.4), a part of the canon as of a moment, within a budget.
//!
//! There is no way to put a script in: what came before arrives as the facts and events an accepted diff left, as the summary of the
//! last plan, and as counts of spent habits. Asking for a script by name is refused.
//!
//! # Tokens
//! No tokeniser is asked: the estimate is made of whole numbers and is meant to be too high, never too low ([`tokens`]).

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use contracts::{
    Hash, Id,
    canon::{Character, Fact, FactKind, Location, Prop, StoryTime, Thread, ThreadState},
    context::{ContextItem, ContextKind, ContextPack, ContextStep, LeftOut, StyleLedger},
    story::{EpisodePlan, StoryArc},
};

use crate::{
    contradictions::{SINGLE, show},
    facts::{Book, Facts},
    time,
};

/// The longest summary of an episode that is taken, characters: a longer one is no summary.
pub const MAX_SUMMARY: usize = 1_000;
/// Names of things that were left out, at most, for each reason.
const NAMED: usize = 20;
/// What a thing is called that is no part of a canon, when somebody asks for it.
const OF_SCRIPTS: &[&str] = &["script", "scripts", "episode", "scene", "beat", "line", "lines", "dialogue", "transcript", "screenplay"];

/// What a step of writing needs.
#[derive(Clone, Copy, Debug)]
pub struct Need<'a> {
    /// The address of the canon at hand ([`crate::address`]).
    pub canon: &'a Hash,
    /// What is to be written.
    pub step: ContextStep,
    /// The episode, from 1; none for a season.
    pub episode: Option<u32>,
    /// The one scene that is to be written, by its id in the plan.
    pub scene: Option<&'a Id>,
    /// The moment: what begins later is left out.
    pub at: &'a StoryTime,
    /// The most tokens.
    pub budget: u32,
    /// Who matters; empty: whoever has a role in the arc, else everybody.
    pub people: &'a [Id],
    /// Where it plays; empty: the places of the plan (of the scene, when there is one), else every place.
    pub places: &'a [Id],
    /// The season.
    pub arc: Option<&'a StoryArc>,
    /// The episode's plan.
    pub plan: Option<&'a EpisodePlan>,
    /// The plan of the episode before: its summary is taken, nothing else.
    pub last: Option<&'a EpisodePlan>,
    /// What earlier episodes have spent.
    pub style: Option<&'a StyleLedger>,
    /// Entries of the canon to take in whatever happens: `KIND ID`, such as `fact lamp-dark` or `prop tin_cup`.
    pub wanted: &'a [String],
    /// Entries that may matter, as [`crate::recall::held`] names them: taken when there is room, and only what canon says of them.
    pub recalled: &'a [String],
}

impl<'a> Need<'a> {
    /// What a whole script needs: the moment is that of the plan's last scene.
    pub fn of_script(canon: &'a Hash, arc: &'a StoryArc, plan: &'a EpisodePlan, at: &'a StoryTime, budget: u32) -> Self {
        Self {
            canon,
            step: ContextStep::Script,
            episode: Some(plan.number),
            scene: None,
            at: plan.scenes.last().map_or(at, |s| &s.story_time),
            budget,
            people: &[],
            places: &[],
            arc: Some(arc),
            plan: Some(plan),
            last: None,
            style: None,
            wanted: &[],
            recalled: &[],
        }
    }
}

/// Why there is no pack.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContextError {
    /// A script was asked for.
    #[error("`{0}`: no earlier script is ever given to a writer; ask for what it left in canon, as `fact ID`, `thread ID` or `event ID`")]
    OldScript(String),
    /// Something was asked for that the canon does not hold.
    #[error("`{0}` is nothing the canon holds; ask as `KIND ID` with a kind of {KINDS}")]
    Unknown(String),
    /// A summary that is no summary.
    #[error(
        "the summary of episode {episode} has {length} characters, at most {MAX_SUMMARY} are taken: write it in a few sentences, without dialogue"
    )]
    LongSummary {
        /// The episode.
        episode: u32,
        /// Its characters.
        length: usize,
    },
    /// What may not be left out does not fit.
    #[error("a budget of {budget} tokens cannot hold the goals and the rules of the world, which take {needs}; allow at least that")]
    Budget {
        /// The budget.
        budget: u32,
        /// What is needed.
        needs: u32,
    },
}

const KINDS: &str = "person, place, prop, fact, thread, rule, event";

/// How many tokens a text takes at most, by a rule of thumb in whole numbers that over-estimates on purpose: half its letters for a
/// word (all of them, where it has a capital inside, three consonants in a row, or a rare letter), one for every digit, mark and line
/// break, one for every further space, and every byte of what is not ASCII.
///
/// `tokens(a) + tokens(b)` is never below that of both with a line break between.
pub fn tokens(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let (mut at, mut sum) = (0, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        let rest = &bytes[at..];
        let run = |fits: &dyn Fn(&u8) -> bool| rest.iter().take_while(|b| fits(b)).count();
        let (length, costs) = match byte {
            b if b.is_ascii_alphabetic() => {
                let length = run(&|b| b.is_ascii_alphabetic());
                (length, word(&rest[..length]))
            }
            b' ' => {
                let length = run(&|b| *b == b' ');
                (length, length - 1)
            }
            _ => (1, 1),
        };
        at += length;
        sum += costs;
    }
    u32::try_from(sum).unwrap_or(u32::MAX)
}

fn word(letters: &[u8]) -> usize {
    let hard = |b: &u8| !matches!(b.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
    let rare = |b: &u8| matches!(b.to_ascii_lowercase(), b'j' | b'q' | b'x' | b'z');
    let loud = letters.iter().skip(1).any(u8::is_ascii_uppercase);
    let odd = loud || letters.iter().any(rare) || letters.windows(3).any(|w| w.iter().all(hard));
    if odd { letters.len() } else { letters.len().div_ceil(2) }
}

/// The pack as a writer reads it: an item a line. It takes no more than `used` tokens.
pub fn text(pack: &ContextPack) -> String {
    pack.items.iter().map(told).collect()
}

fn told(item: &ContextItem) -> String {
    let unknown = if item.unknown_to.is_empty() {
        String::new()
    } else {
        format!(" [not known to {}]", item.unknown_to.iter().map(Id::as_str).collect::<Vec<_>>().join(", "))
    };
    format!("{} {}: {}{unknown} ({})\n", kind(item.kind), item.id, item.text, item.reason)
}

fn kind(kind: ContextKind) -> &'static str {
    match kind {
        ContextKind::Goal => "goal",
        ContextKind::Rule => "rule",
        ContextKind::World => "world",
        ContextKind::Person => "person",
        ContextKind::Place => "place",
        ContextKind::Prop => "prop",
        ContextKind::Thread => "thread",
        ContextKind::Fact => "fact",
        ContextKind::Summary => "summary",
        ContextKind::Style => "style",
        ContextKind::Relationship => "tie",
        ContextKind::PastEvent => "event",
    }
}

/// Takes what a step needs from a canon: items in order of need while the budget lasts. The same input gives the same pack.
///
/// # Errors
/// A script is asked for, or what the canon does not hold; a summary that is none; a budget that cannot hold goals and rules.
pub fn context(book: &Book<'_>, need: &Need<'_>) -> Result<ContextPack, ContextError> {
    let mut packing = Packing::new(book, need)?;
    packing.goals();
    packing.world();
    packing.wanted()?;
    packing.summary()?;
    packing.entries();
    packing.threads();
    packing.style();
    packing.facts();
    packing.past();
    packing.recalled();
    packing.packed()
}

/// What is near in time and what only might matter, in one order: the lower, the sooner it is taken.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Must,
    Wanted,
    Person,
    Place,
    Thread,
    Prop,
    Summary,
    Style,
    Fact,
    Recalled,
    Tie,
    Known,
    Event,
    Past,
    Elsewhere,
}

/// An entry that may be taken: its text is made only when there is room.
struct Candidate<'b> {
    rank: Rank,
    kind: ContextKind,
    id: Id,
    reason: &'static str,
    what: What<'b>,
}

enum What<'b> {
    Text(String),
    Fact(&'b Fact),
    Person(&'b Character),
    Place(&'b Location),
    Prop(&'b Prop),
}

struct Packing<'a, 'b, 'c> {
    book: &'b Book<'c>,
    need: &'b Need<'a>,
    people: Vec<&'b Id>,
    near: BTreeSet<&'b str>,
    taken: Vec<Candidate<'b>>,
    left: BTreeMap<(ContextKind, &'static str), (u32, Vec<Id>)>,
}

impl<'a: 'b, 'b, 'c: 'b> Packing<'a, 'b, 'c> {
    fn new(book: &'b Book<'c>, need: &'b Need<'a>) -> Result<Self, ContextError> {
        let known = |found: bool, kind: &str, id: &Id| if found { Ok(()) } else { Err(ContextError::Unknown(format!("{kind} {id}"))) };
        for who in need.people {
            known(book.person(who).is_some(), "person", who)?;
        }
        for place in need.places {
            known(book.place(place).is_some(), "place", place)?;
        }
        let unique = |ids: Vec<&'b Id>| {
            let mut seen = BTreeSet::new();
            ids.into_iter().filter(|id| seen.insert(id.as_str())).collect::<Vec<_>>()
        };
        let mut people: Vec<&Id> = need.people.iter().collect();
        if people.is_empty() {
            people = need.arc.into_iter().flat_map(|arc| arc.roles.values()).filter(|id| book.person(id).is_some()).collect();
        }
        if people.is_empty() {
            people = book.people().iter().map(|c| &c.id).collect();
        }
        let mut places: Vec<&Id> = need.places.iter().collect();
        if places.is_empty() {
            let scenes = need.plan.into_iter().flat_map(|plan| &plan.scenes).filter(|s| need.scene.is_none_or(|id| *id == s.id));
            places = scenes.map(|s| &s.location_id).filter(|id| book.place(id).is_some()).collect();
        }
        if places.is_empty() {
            places = book.places().iter().map(|l| &l.id).collect();
        }
        let people = unique(people);
        let near = people.iter().copied().chain(places).map(|id| id.as_str()).collect();
        Ok(Self { book, need, people, near, taken: vec![], left: BTreeMap::new() })
    }

    fn take(&mut self, rank: Rank, kind: ContextKind, id: Id, reason: &'static str, text: String) {
        self.taken.push(Candidate { rank, kind, id, reason, what: What::Text(text) });
    }

    fn leave(&mut self, kind: ContextKind, reason: &'static str, id: &Id) {
        let (count, ids) = self.left.entry((kind, reason)).or_default();
        *count += 1;
        if ids.len() < NAMED {
            ids.push(id.clone());
        }
    }

    /// What this step is to reach.
    fn goals(&mut self) {
        let must = Rank::Must;
        if let Some(arc) = self.need.arc {
            let text = sentences(&[&arc.premise, &labelled("it looks like", &arc.decoy)]);
            self.take(must, ContextKind::Goal, Id::slug("arc"), "the season this belongs to", text);
            let totem = labelled("the thing that changes hand or meaning", &arc.totem);
            self.take(Rank::Thread, ContextKind::Goal, Id::slug("arc-totem"), "the season's own thing", totem);
            for row in arc.episodes.iter().filter(|row| self.need.episode.is_none_or(|n| n == row.number)) {
                let text = sentences(&[&row.value, &labelled("asked", &row.question), &labelled("revealed", &row.reveal)]);
                self.take(
                    must,
                    ContextKind::Goal,
                    Id::slug(&format!("arc-ep{}", row.number)),
                    "what the season asks of this episode",
                    text,
                );
            }
        }
        let Some(plan) = self.need.plan else { return };
        let text = sentences(&[
            &plan.summary,
            &labelled("asks", &plan.question),
            &labelled("turn", &plan.turn),
            &labelled("cost", &plan.cost),
            &labelled("answer", &plan.answer),
        ]);
        self.take(must, ContextKind::Goal, Id::slug("plan"), "the plan of this episode", text);
        for scene in plan.scenes.iter().filter(|s| self.need.scene.is_none_or(|id| *id == s.id)) {
            let wants = [("goal", &scene.goal), ("obstacle", &scene.obstacle), ("price", &scene.price), ("after it", &scene.reversal)];
            let told: Vec<String> = wants.iter().map(|(what, text)| labelled(what, text)).collect();
            let text = format!("{} at {}. {}", scene.location_id, scene.story_time, sentences(&told.iter().collect::<Vec<_>>()));
            self.take(must, ContextKind::Goal, Id::slug(&format!("plan-{}", scene.id)), "a scene of the plan", text);
        }
        for clue in plan.clues.iter().filter(|_| self.need.scene.is_none()) {
            let told = [labelled("seems", &clue.false_reading), labelled("means", &clue.true_reading)];
            let text = sentences(&[&clue.observable, &told[0], &told[1]]);
            self.take(Rank::Thread, ContextKind::Goal, clue.id.clone(), "a clue of the plan", text);
        }
    }

    fn world(&mut self) {
        for rule in self.book.rules() {
            self.take(Rank::Must, ContextKind::Rule, rule.id.clone(), "holds always", rule.text.clone());
        }
        let world = self.book.world();
        let names = labelled("names that are nobody", &world.names.join(", "));
        self.take(Rank::Wanted, ContextKind::World, Id::slug("world"), "where it all happens", sentences(&[&world.name, &names]));
    }

    /// What is asked for by name.
    fn wanted(&mut self) -> Result<(), ContextError> {
        for asked in self.need.wanted {
            let named = self.named(asked)?;
            self.taken.push(Candidate { rank: Rank::Wanted, reason: "asked for", ..named });
        }
        Ok(())
    }

    /// What was recalled, where canon holds it.
    fn recalled(&mut self) {
        for name in self.need.recalled {
            match self.named(name) {
                Ok(named) => self.taken.push(named),
                Err(_) => self.leave(ContextKind::Fact, "recalled, and not in canon at this moment", &Id::slug(name)),
            }
        }
    }

    /// The entry of the canon under a name, `KIND ID`.
    fn named(&self, asked: &str) -> Result<Candidate<'b>, ContextError> {
        let (book, at) = (self.book, self.need.at);
        let (what, id) = asked.split_once(' ').unwrap_or((asked, ""));
        if OF_SCRIPTS.contains(&what.to_lowercase().as_str()) {
            return Err(ContextError::OldScript(asked.to_owned()));
        }
        let missing = || ContextError::Unknown(asked.to_owned());
        let (kind, id, what) = match what {
            "person" => book.person(id).map(|who| (ContextKind::Person, &who.id, What::Text(self.person(who)))).ok_or_else(missing)?,
            "place" => book.place(id).map(|one| (ContextKind::Place, &one.id, What::Text(place(one)))).ok_or_else(missing)?,
            "prop" => book.prop(id).map(|one| (ContextKind::Prop, &one.id, What::Text(prop(one)))).ok_or_else(missing)?,
            "rule" => {
                let rule = book.rules().iter().find(|r| r.id.as_str() == id).ok_or_else(missing)?;
                (ContextKind::Rule, &rule.id, What::Text(rule.text.clone()))
            }
            "thread" => {
                let one = book.threads().iter().find(|t| t.id.as_str() == id).ok_or_else(missing)?;
                (ContextKind::Thread, &one.id, What::Text(thread(one)))
            }
            "event" => {
                let event = book.events().iter().find(|e| e.id.as_str() == id && e.at <= *at).ok_or_else(missing)?;
                (ContextKind::PastEvent, &event.id, What::Text(format!("{}: {}", event.at, event.text)))
            }
            "fact" => {
                let fact = book.fact(id).filter(|f| f.from <= *at).ok_or_else(missing)?;
                (if self.over(fact) { ContextKind::PastEvent } else { ContextKind::Fact }, &fact.id, What::Fact(fact))
            }
            _ => return Err(missing()),
        };
        Ok(Candidate { rank: Rank::Recalled, kind, id: id.clone(), reason: "recalled as near to this", what })
    }

    /// Whether a fact that has begun holds no longer at the moment.
    fn over(&self, fact: &Fact) -> bool {
        let at = self.need.at;
        fact.until.as_ref().is_some_and(|until| until <= at)
            || (SINGLE.contains(&fact.attribute.as_str())
                && fact.kind == FactKind::Stateful
                && self.book.at(&fact.subject, &fact.attribute, at).is_some_and(|now| now.id != fact.id))
    }

    fn summary(&mut self) -> Result<(), ContextError> {
        let Some(last) = self.need.last else { return Ok(()) };
        let length = last.summary.chars().count();
        if length > MAX_SUMMARY {
            return Err(ContextError::LongSummary { episode: last.number, length });
        }
        let text = format!("Episode {}, {}: {}", last.number, last.title, last.summary);
        self.take(Rank::Summary, ContextKind::Summary, Id::slug("last-summary"), "the episode before this one", text);
        Ok(())
    }

    /// People, places and things: those at hand, then the rest of the world.
    fn entries(&mut self) {
        let book = self.book;
        let mut found = Vec::new();
        for who in book.people() {
            let near = self.near.contains(who.id.as_str());
            let (rank, reason) = if near { (Rank::Person, "has a part in it") } else { (Rank::Elsewhere, "of this world, without a part") };
            found.push(Candidate { rank, kind: ContextKind::Person, id: who.id.clone(), reason, what: What::Person(who) });
        }
        let mut held: BTreeSet<&Id> = BTreeSet::new();
        for one in book.places() {
            let near = self.near.contains(one.id.as_str());
            let (rank, reason) = if near { (Rank::Place, "it plays here") } else { (Rank::Elsewhere, "of this world, not played in") };
            found.push(Candidate { rank, kind: ContextKind::Place, id: one.id.clone(), reason, what: What::Place(one) });
            held.extend(one.holds.iter().filter(|_| near));
        }
        let totem = self.need.arc.map(|arc| arc.totem.as_str());
        for one in book.props() {
            let holder = book.at(&one.id, "holder", self.need.at).map(|f| show(&f.value));
            let near = held.contains(&one.id) || totem == Some(one.id.as_str()) || holder.as_deref().is_some_and(|h| self.near.contains(h));
            let (rank, reason) = if near { (Rank::Prop, "at hand") } else { (Rank::Elsewhere, "of this world, not at hand") };
            found.push(Candidate { rank, kind: ContextKind::Prop, id: one.id.clone(), reason, what: What::Prop(one) });
            if near {
                self.near.insert(&one.id);
            }
        }
        self.taken.append(&mut found);
        for tie in book.relationships() {
            let near = self.near.contains(tie.from.as_str()) && self.near.contains(tie.to.as_str());
            let id = Id::slug(&format!("{}-{}-{}", tie.from, tie.kind, tie.to));
            if near {
                let text = format!("{} {} {}", tie.from, tie.kind, tie.to);
                self.take(Rank::Tie, ContextKind::Relationship, id, "between people at hand", text);
            } else {
                self.leave(ContextKind::Relationship, "between people who have no part", &id);
            }
        }
    }

    fn threads(&mut self) {
        let due = self.need.episode.map(|n| format!("ep{n}"));
        for one in self.book.threads() {
            if one.state == ThreadState::Open {
                let now = due.is_some() && one.due == due;
                self.take(
                    Rank::Thread,
                    ContextKind::Thread,
                    one.id.clone(),
                    if now { "open, and owed in this episode" } else { "open" },
                    thread(one),
                );
            } else {
                self.leave(ContextKind::Thread, "paid already", &one.id);
            }
        }
    }

    /// Habits that have reached their limit.
    fn style(&mut self) {
        let Some(style) = self.need.style.filter(|s| s.episodes > 0) else { return };
        let spent = |used: &BTreeMap<String, u32>, limit: u32| {
            used.iter().filter(|(_, n)| **n >= limit).map(|(what, _)| what.as_str()).collect::<Vec<_>>().join(" / ")
        };
        let openings = labelled("begin no line with", &spent(&style.openings, 4));
        let tactics = labelled("not these tactics in a row", &spent(&style.tactics, 2));
        let forms = labelled("forms that are spent", &style.forms.iter().map(Id::as_str).collect::<Vec<_>>().join(", "));
        let text = sentences(&[&openings, &tactics, &forms]);
        if !text.is_empty() {
            self.take(Rank::Style, ContextKind::Style, Id::slug("style"), "used up by earlier episodes", text);
        }
    }

    /// What holds at the moment and touches who and what is at hand.
    fn facts(&mut self) {
        let (book, at) = (self.book, self.need.at);
        let mut seen: BTreeSet<*const Fact> = BTreeSet::new();
        let mut found: Vec<(Rank, &Fact)> = Vec::new();
        let mut later: Vec<&Fact> = Vec::new();
        for id in &self.near {
            for fact in book.touching(id) {
                if !seen.insert(std::ptr::from_ref(fact)) {
                    continue;
                }
                if fact.from > *at {
                    later.push(fact);
                    continue;
                }
                let over = self.over(fact);
                let of = self.near.contains(fact.subject.as_str());
                found.push((
                    if over {
                        Rank::Past
                    } else if of {
                        Rank::Fact
                    } else {
                        Rank::Known
                    },
                    fact,
                ));
            }
        }
        for fact in later {
            self.leave(ContextKind::Fact, "begins later", &fact.id);
        }
        // What surely has no room is not put in order: an item takes at least ten tokens.
        let most = (self.need.budget / 10) as usize + 1;
        let order = |a: &(Rank, &Fact), b: &(Rank, &Fact)| (a.0, Reverse(&a.1.from), &a.1.id).cmp(&(b.0, Reverse(&b.1.from), &b.1.id));
        if found.len() > most {
            found.select_nth_unstable_by(most, order);
            for (rank, fact) in found.split_off(most) {
                self.leave(if rank == Rank::Past { ContextKind::PastEvent } else { ContextKind::Fact }, NO_ROOM, &fact.id);
            }
        }
        found.sort_by(order);
        for (rank, fact) in found {
            let (kind, reason) = match rank {
                Rank::Past => (ContextKind::PastEvent, "held once"),
                Rank::Known => (ContextKind::Fact, "known to somebody here"),
                _ => (ContextKind::Fact, "of somebody or something here"),
            };
            self.taken.push(Candidate { rank, kind, id: fact.id.clone(), reason, what: What::Fact(fact) });
        }
    }

    fn past(&mut self) {
        for event in self.book.events() {
            if event.at > *self.need.at {
                self.leave(ContextKind::PastEvent, "happens later", &event.id);
            } else if event.who.is_empty() || event.who.iter().any(|who| self.near.contains(who.as_str())) {
                let text = format!("{}: {}", event.at, event.text);
                self.take(Rank::Event, ContextKind::PastEvent, event.id.clone(), "happened to them", text);
            } else {
                self.leave(ContextKind::PastEvent, "happened to people who have no part", &event.id);
            }
        }
    }

    fn person(&self, who: &Character) -> String {
        let age = time::age(&who.born, self.need.at);
        let mut told = vec![
            who.name.clone(),
            who.role.clone(),
            format!("{age} years old"),
            labelled("wants", &who.want),
            labelled("fears", &who.fear),
            labelled("believes, and it is false", &who.lie),
            labelled("contradiction", &who.contradiction),
        ];
        if let Some(voice) = &who.voice {
            told.push(format!("speaks {}, {} words a line, never over {}", voice.register, voice.words_mean, voice.words_max));
            told.push(labelled("habits", &voice.habits.join(", ")));
            told.push(labelled("never says", &voice.never.join(", ")));
            told.push(labelled("lies by", &voice.lie_tell));
            told.push(labelled("under pressure", &voice.under_pressure));
        }
        if let Some(death) = self.book.death(&who.id).filter(|d| d.from <= *self.need.at) {
            told.push(format!("dead since {}", death.from));
        }
        sentences(&told.iter().collect::<Vec<_>>())
    }

    fn item(&self, candidate: &Candidate<'_>) -> ContextItem {
        let (text, unknown_to) = match &candidate.what {
            What::Text(text) => (text.clone(), vec![]),
            What::Person(who) if candidate.rank == Rank::Elsewhere => (sentences(&[&who.name, &who.role]), vec![]),
            What::Person(who) => (self.person(who), vec![]),
            What::Place(one) => (place(one), vec![]),
            What::Prop(one) => (prop(one), vec![]),
            What::Fact(fact) => {
                let knows = |who: &&&Id| fact.known_by.get(**who).is_some_and(|since| since <= self.need.at);
                let over = fact.until.as_ref().filter(|until| *until <= self.need.at);
                let until = over.map(|until| format!(", until {until}")).unwrap_or_default();
                let text = format!("{} {} {}, since {}{until}", fact.subject, fact.attribute, show(&fact.value), fact.from);
                (text, self.people.iter().filter(|who| !knows(who)).map(|who| (*who).clone()).collect())
            }
        };
        let mut item = ContextItem {
            kind: candidate.kind,
            id: candidate.id.clone(),
            text,
            reason: candidate.reason.to_owned(),
            unknown_to,
            tokens: 0,
        };
        item.tokens = tokens(&told(&item));
        item
    }

    fn packed(mut self) -> Result<ContextPack, ContextError> {
        let mut candidates = std::mem::take(&mut self.taken);
        candidates.sort_by_key(|c| c.rank);
        let budget = self.need.budget;
        let must = candidates.iter().filter(|c| c.rank <= Rank::Wanted && c.kind != ContextKind::World);
        let needs: u32 = must.map(|c| self.item(c).tokens).sum();
        if needs > budget {
            return Err(ContextError::Budget { budget, needs });
        }
        let (mut items, mut used, mut seen) = (Vec::new(), 0_u32, BTreeSet::new());
        // How many in a row did not fit: after so many, what is left of the budget is left.
        let mut missed = 0_u32;
        for candidate in candidates {
            if !seen.insert((candidate.kind, candidate.id.clone())) {
                continue;
            }
            let item = (missed < MISSES).then(|| self.item(&candidate)).filter(|item| item.tokens <= budget - used);
            match item {
                Some(item) => {
                    used += item.tokens;
                    missed = 0;
                    items.push(item);
                }
                None => {
                    missed += 1;
                    self.leave(candidate.kind, NO_ROOM, &candidate.id);
                }
            }
        }
        let left_out = self.left.iter().map(|((kind, reason), (count, ids))| LeftOut {
            kind: *kind,
            reason: (*reason).to_owned(),
            count: *count,
            ids: ids.clone(),
        });
        Ok(ContextPack {
            project_id: self.book.canon().project_id.clone(),
            canon: self.need.canon.clone(),
            canon_version: self.book.canon().version,
            step: self.need.step,
            episode: self.need.episode,
            scene: self.need.scene.cloned(),
            at: self.need.at.clone(),
            budget,
            used,
            items,
            left_out: left_out.collect(),
        })
    }
}

/// So many items in a row that do not fit, and no further one is tried.
const MISSES: u32 = 64;
const NO_ROOM: &str = "no room in the budget";

/// `what: text`, or nothing.
fn labelled(what: &str, text: &str) -> String {
    if text.trim().is_empty() { String::new() } else { format!("{what}: {text}") }
}

/// Parts that are not empty, each closed by a full stop.
fn sentences<S: AsRef<str>>(parts: &[S]) -> String {
    let full = |part: &str| if part.ends_with(['.', '!', '?']) { part.to_owned() } else { format!("{part}.") };
    parts.iter().map(|p| p.as_ref().trim()).filter(|p| !p.is_empty()).map(full).collect::<Vec<_>>().join(" ")
}

fn place(one: &Location) -> String {
    let ways: Vec<String> = one.travel_min.iter().map(|(to, minutes)| format!("{to} {minutes}")).collect();
    let holds = one.holds.iter().map(Id::as_str).collect::<Vec<_>>().join(", ");
    let told = [labelled("holds", &holds), labelled("sounds", &one.sounds.join(", ")), labelled("minutes to", &ways.join(", "))];
    sentences(&[&one.name, &one.look, &told[0], &told[1], &told[2]])
}

fn prop(one: &Prop) -> String {
    sentences(&[&one.name, &one.look, &labelled("one can", &one.affordances.join(", "))])
}

fn thread(one: &Thread) -> String {
    let due = one.due.as_deref().map(|due| labelled("owed in", due)).unwrap_or_default();
    sentences(&[&one.question, &due])
}
