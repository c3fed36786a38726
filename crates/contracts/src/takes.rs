//! Takes: several pictures of one shot, and which of them a person has chosen (design §2, §5). Take 0 is the one that was made
//! unasked; it is always there.
//!
//! [`Selections`] is an artifact of the chain: an input of the next production, which outranks every generator. [`Takes`] is the
//! record beside it: what was made, when, at what cost, and what was said of it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Document, Hash, Id, MicroUsd};

/// The highest number of a take.
pub const MAX_TAKE: u32 = 99;

/// The most characters of a take's note.
pub const MAX_NOTE: usize = 1_000;

/// Which take of each shot a person has chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Selections {
    /// The project.
    pub project_id: Id,
    /// From 1.
    pub episode: u32,
    /// Shot → the take that is shown, 1 to 99. A shot that is not named shows take 0.
    #[serde(default)]
    pub shots: BTreeMap<Id, u32>,
}

impl Document for Selections {
    const SCHEMA_ID: &'static str = "selections";
    const SCHEMA_VERSION: &'static str = "0.1.0";
}

impl Selections {
    /// Nothing chosen.
    pub fn none(project_id: Id, episode: u32) -> Self {
        Self { project_id, episode, shots: BTreeMap::new() }
    }

    /// The take of a shot that is shown.
    pub fn of(&self, shot: &Id) -> u32 {
        self.shots.get(shot).copied().unwrap_or(0)
    }

    /// The same with a take of a shot chosen; take 0 is how it is when nobody chooses.
    pub fn with(mut self, shot: &Id, take: u32) -> Self {
        if take == 0 {
            self.shots.remove(shot);
        } else {
            self.shots.insert(shot.clone(), take);
        }
        self
    }
}

/// The takes that were made of an episode's shots.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Takes {
    /// The project.
    pub project_id: Id,
    /// From 1.
    pub episode: u32,
    /// In the order in which they were made.
    #[serde(default)]
    pub takes: Vec<Taken>,
}

impl Document for Takes {
    const SCHEMA_ID: &'static str = "takes";
    const SCHEMA_VERSION: &'static str = "0.1.0";
}

impl Takes {
    /// None made.
    pub fn none(project_id: Id, episode: u32) -> Self {
        Self { project_id, episode, takes: Vec::new() }
    }

    /// The takes of a shot, by number.
    pub fn of<'a>(&'a self, shot: &'a Id) -> impl Iterator<Item = &'a Taken> {
        self.takes.iter().filter(move |take| &take.shot_id == shot)
    }

    /// The number the next take of a shot gets.
    pub fn next(&self, shot: &Id) -> u32 {
        1 + self.of(shot).map(|take| take.take).max().unwrap_or(0)
    }
}

/// One take.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Taken {
    /// The shot.
    pub shot_id: Id,
    /// From 1.
    pub take: u32,
    /// What was said of it when it was asked for: for people, and for whoever paints the next one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Who asked for it.
    pub by: String,
    /// When, RFC 3339, UTC.
    pub at: String,
    /// What it cost.
    pub cost_micro_usd: MicroUsd,
    /// Who painted it: `local` for this machine.
    pub made_by: String,
    /// The run whose shot it is another take of.
    pub run_id: Id,
    /// One frame of it, PNG.
    pub still: Hash,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn take_0_is_what_nobody_chose() {
        let (a, b) = (Id::slug("a"), Id::slug("b"));
        let none = Selections::none(Id::slug("p"), 1);
        let chosen = none.clone().with(&a, 2).with(&b, 1);
        assert_eq!((chosen.of(&a), chosen.of(&b), none.of(&a)), (2, 1, 0));
        assert_eq!(chosen.with(&a, 0).with(&b, 0), none, "chosen back, it is the same document as before");
    }

    #[test]
    fn numbers_are_counted_by_shot() {
        let mut takes = Takes::none(Id::slug("p"), 1);
        for (shot, n) in [("a", 1), ("a", 2), ("b", 1)] {
            assert_eq!(takes.next(&Id::slug(shot)), n);
            takes.takes.push(Taken {
                shot_id: Id::slug(shot),
                take: n,
                note: None,
                by: "mara".into(),
                at: "2026-01-01T00:00:00Z".into(),
                cost_micro_usd: MicroUsd(0),
                made_by: "local".into(),
                run_id: Id::slug("r"),
                still: Hash::of(b"still"),
            });
        }
        assert_eq!(takes.of(&Id::slug("a")).count(), 2);
    }
}
