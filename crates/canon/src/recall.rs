//! Recall: what lies near a text, by words and by vectors (requirement 002-6.2). It helps a writer to find what may matter and is never
//! authoritative.
//!
//! What is recalled is a **name** of an entry of the canon, `fact lamp-dark`, and nothing else: what is true of it is read in canon, as of
//! the moment ([`crate::context::Need::recalled`]). So what an index holds too long, wrongly or by somebody else's hand loses to canon, a
//! name canon does not hold is dropped, and an empty index changes no verdict.
//!
//! No question about truth can reach an index, because the gate asks [`Facts`] and no index is one:
//!
//! ```compile_fail
//! fn asks(index: &dyn canon::recall::Recall, cast: &contracts::story::Cast, script: &contracts::story::Script, diff: &contracts::canon::CanonDiff) {
//!     canon::gate_over(index, cast, script, diff);
//! }
//! ```

use std::collections::{BTreeMap, BTreeSet};

use contracts::canon::StoryTime;

use crate::{contradictions::show, facts::Facts, words::words};

/// Numbers in a vector.
pub const SIZE: usize = 256;
/// Ranks are fused as in reciprocal rank fusion, with this constant.
const RANK: i64 = 60;

/// A point in the space of an embedder: whole numbers, so that two machines agree on what is near.
pub type Vector = Vec<i16>;

/// Why an index did not answer. Whoever asked goes on without it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("recall did not answer: {0}")]
pub struct RecallError(pub String);

/// A text under the name of the entry of canon it speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    /// `KIND ID`, as [`crate::context::Need::wanted`] writes it.
    pub name: String,
    /// What is remembered of it, to be found by.
    pub text: String,
}

/// A name that was recalled: no text, no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// `KIND ID`.
    pub name: String,
    /// The higher, the nearer; comparable within one answer only.
    pub score: i64,
}

/// An index of memories. Its order is the same for the same memories and the same question.
pub trait Recall {
    /// Puts memories in; one of a name already there takes its place.
    ///
    /// # Errors
    /// The index cannot be written.
    fn remember(&mut self, memories: &[Memory]) -> Result<(), RecallError>;

    /// What is nearest to a text, at most so many.
    ///
    /// # Errors
    /// The index cannot be read.
    fn recall(&self, text: &str, most: usize) -> Result<Vec<Hit>, RecallError>;
}

/// Makes a vector of a text.
pub trait Embedder {
    /// What its vectors may be compared with: those of the same name only.
    fn name(&self) -> &str;

    /// The vector of a text.
    ///
    /// # Errors
    /// Whoever makes it did not answer.
    fn embed(&self, text: &str) -> Result<Vector, RecallError>;
}

/// The embedder that needs no model and no network: words and their triples of letters, hashed into [`SIZE`] sums of whole numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hashing;

impl Embedder for Hashing {
    fn name(&self) -> &str {
        "hashing-256-1"
    }

    fn embed(&self, text: &str) -> Result<Vector, RecallError> {
        Ok(hashed(text))
    }
}

/// FNV-1a, 64 bits: the same number for the same bytes, for ever.
fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

fn hashed(text: &str) -> Vector {
    let mut sums = [0_i32; SIZE];
    let mut add = |bytes: &[u8], weight: i32| {
        let hash = fnv(bytes.iter().copied());
        if let Some(sum) = usize::try_from(hash % SIZE as u64).ok().and_then(|at| sums.get_mut(at)) {
            *sum += if hash >> 63 == 0 { weight } else { -weight };
        }
    };
    for word in words(text) {
        let marked = format!("^{}$", word.low);
        // Short words join and say little.
        let weight = if word.low.chars().count() > 3 { 6 } else { 1 };
        add(marked.as_bytes(), weight);
        marked.as_bytes().windows(3).for_each(|triple| add(triple, 1));
    }
    sums.iter().map(|sum| i16::try_from(*sum).unwrap_or(if *sum < 0 { i16::MIN } else { i16::MAX })).collect()
}

/// How near two vectors are: the cosine of their angle in thousandths, −1000 to 1000. Vectors of different length are as far as can be.
pub fn nearness(a: &[i16], b: &[i16]) -> i64 {
    if a.len() != b.len() {
        return -1000;
    }
    let dot = |x: &[i16], y: &[i16]| x.iter().zip(y).map(|(p, q)| i128::from(*p) * i128::from(*q)).sum::<i128>();
    let length = (dot(a, a) * dot(b, b)).isqrt();
    if length == 0 { 0 } else { i64::try_from(dot(a, b) * 1000 / length).unwrap_or(-1000) }
}

/// One order out of two: what both find near comes first (reciprocal ranks, added in whole numbers; of equals, the first by name).
pub fn fused(by_words: &[String], by_vector: &[String], most: usize) -> Vec<Hit> {
    let mut scores: BTreeMap<&str, i64> = BTreeMap::new();
    for list in [by_words, by_vector] {
        for (rank, name) in (1..).zip(list) {
            *scores.entry(name).or_default() += 1_000_000 / (RANK + rank);
        }
    }
    let mut hits: Vec<Hit> = scores.into_iter().map(|(name, score)| Hit { name: name.to_owned(), score }).collect();
    hits.sort_by(|a, b| (b.score, &a.name).cmp(&(a.score, &b.name)));
    hits.truncate(most);
    hits
}

/// What of a canon can be remembered: its facts, events and threads, each under its name.
pub fn memories(base: &impl Facts, facts: &[contracts::canon::Fact]) -> Vec<Memory> {
    let called = |id: &str| {
        let person = base.person(id).map(|p| p.name.as_str());
        person
            .or_else(|| base.place(id).map(|l| l.name.as_str()))
            .or_else(|| base.prop(id).map(|p| p.name.as_str()))
            .unwrap_or(id)
            .to_owned()
    };
    let facts = facts.iter().map(|f| {
        let value = show(&f.value);
        Memory { name: format!("fact {}", f.id), text: format!("{} {} {}", called(&f.subject), f.attribute, called(&value)) }
    });
    let events = base.events().iter().map(|e| Memory { name: format!("event {}", e.id), text: e.text.clone() });
    let threads = base.threads().iter().map(|t| Memory { name: format!("thread {}", t.id), text: t.question.clone() });
    facts.chain(events).chain(threads).collect()
}

/// The names among hits that canon holds at a moment, the nearest first: what [`crate::context::Need::recalled`] may be given.
pub fn held(base: &impl Facts, at: &StoryTime, hits: &[Hit]) -> Vec<String> {
    let holds = |name: &str| match name.split_once(' ') {
        Some(("fact", id)) => base.fact(id).is_some_and(|f| f.from <= *at),
        Some(("event", id)) => base.events().iter().any(|e| e.id.as_str() == id && e.at <= *at),
        Some(("thread", id)) => base.threads().iter().any(|t| t.id.as_str() == id),
        _ => false,
    };
    hits.iter().filter(|hit| holds(&hit.name)).map(|hit| hit.name.clone()).collect()
}

/// An index in memory: for one canon, for as long as it is at hand.
#[derive(Clone, Debug)]
pub struct Shelf<E> {
    embedder: E,
    memories: BTreeMap<String, (BTreeSet<String>, Vector)>,
}

impl<E: Embedder> Shelf<E> {
    /// An empty one.
    pub fn new(embedder: E) -> Self {
        Self { embedder, memories: BTreeMap::new() }
    }
}

fn telling(text: &str) -> BTreeSet<String> {
    words(text).into_iter().map(|w| w.low).filter(|w| w.chars().count() > 2).collect()
}

impl<E: Embedder> Recall for Shelf<E> {
    fn remember(&mut self, memories: &[Memory]) -> Result<(), RecallError> {
        for memory in memories {
            let vector = self.embedder.embed(&memory.text)?;
            self.memories.insert(memory.name.clone(), (telling(&memory.text), vector));
        }
        Ok(())
    }

    fn recall(&self, text: &str, most: usize) -> Result<Vec<Hit>, RecallError> {
        let (asked, vector) = (telling(text), self.embedder.embed(text)?);
        let ranked = |score: &dyn Fn(&BTreeSet<String>, &Vector) -> i64| {
            let mut all: Vec<(i64, &String)> =
                self.memories.iter().map(|(name, (words, vector))| (score(words, vector), name)).filter(|(score, _)| *score > 0).collect();
            all.sort_by(|a, b| (b.0, a.1).cmp(&(a.0, b.1)));
            all.into_iter().take(most.saturating_mul(4)).map(|(_, name)| name.clone()).collect::<Vec<_>>()
        };
        let by_words = ranked(&|words, _| i64::try_from(words.intersection(&asked).count()).unwrap_or(0));
        let by_vector = ranked(&|_, other| nearness(&vector, other));
        Ok(fused(&by_words, &by_vector, most))
    }
}
