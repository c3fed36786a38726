//! The context pack: the one input of a writing step besides its own instructions (requirement 002-6.4).
//!
//! It holds a part of the canon, past events, the last summary and open threads, within a budget of tokens, each with its reason.
//! It never holds a line of an earlier script: the keys under which one could stand are refused.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Document, Hash, Id, canon::StoryTime};

/// What a writer may know for one step, and why each part of it is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ContextPack {
    /// The project.
    pub project_id: Id,
    /// The canon it was taken from, by address.
    pub canon: Hash,
    /// The canon's version.
    pub canon_version: u32,
    /// What is to be written.
    pub step: ContextStep,
    /// The episode, from 1; absent for a season.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub episode: Option<u32>,
    /// The scene, when only one is to be written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scene: Option<Id>,
    /// The moment of story time: nothing that begins later is in the pack.
    pub at: StoryTime,
    /// The most tokens the items may take, by an estimate that is never lower than a tokeniser's count.
    pub budget: u32,
    /// What they take, by the same estimate.
    pub used: u32,
    /// What may be known, in order of need.
    pub items: Vec<ContextItem>,
    /// What was left out, and why.
    pub left_out: Vec<LeftOut>,
}

impl Document for ContextPack {
    const SCHEMA_ID: &'static str = "context_pack";
    const SCHEMA_VERSION: &'static str = "0.1.0";
    const FORBIDDEN_KEYS: &'static [&'static str] = &["script", "scripts", "scenes", "beats", "lines", "line", "dialogue", "transcript"];
}

/// A step of writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each name is its own description")]
pub enum ContextStep {
    Arc,
    Plan,
    Script,
    /// Words of a scene that the gate refused are written again.
    Repair,
}

/// One thing a writer may know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ContextItem {
    /// What it is.
    pub kind: ContextKind,
    /// Its id in the canon; a name of its own for what is no entry of the canon (`plan`, `last-summary`).
    pub id: Id,
    /// What there is to know, in sentences.
    pub text: String,
    /// Why it is here.
    pub reason: String,
    /// Who of the people at hand does not know it at this moment: they may not say it, nor act on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown_to: Vec<Id>,
    /// What it takes of the budget, its name and reason included.
    pub tokens: u32,
}

/// What an item of a context pack is: there is no kind for a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContextKind {
    /// What this step is to reach: of the arc, or of the plan.
    Goal,
    /// A rule of the world.
    Rule,
    /// Name and audience of the world.
    World,
    /// A person.
    Person,
    /// A place.
    Place,
    /// A thing.
    Prop,
    /// An open question.
    Thread,
    /// A fact that holds at this moment.
    Fact,
    /// What happened in the episode before.
    Summary,
    /// What habits of earlier episodes are spent.
    Style,
    /// Who is what to whom.
    Relationship,
    /// What happened in the past, or held and does no longer.
    PastEvent,
}

/// Entries of one kind that are not in the pack, for one reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LeftOut {
    /// What they are.
    pub kind: ContextKind,
    /// Why they are not there.
    pub reason: String,
    /// How many.
    pub count: u32,
    /// The first of them, at most 20.
    pub ids: Vec<Id>,
}

/// What finished episodes of a season have used up: ids, counts and hashes, never a sentence.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StyleLedger {
    /// How many episodes it stands for.
    pub episodes: u32,
    /// First two words of a line, in lower case → how often they opened one. At most four times a season.
    #[serde(default)]
    pub openings: BTreeMap<String, u32>,
    /// Three tactics in a row, `a b c` → how often. At most twice a season.
    #[serde(default)]
    pub tactics: BTreeMap<String, u32>,
    /// Forms of hook, turn, cost and last image: each once a season.
    #[serde(default)]
    pub forms: Vec<Id>,
    /// Hashes of every sentence of three words or more, names and numbers masked. None comes twice.
    #[serde(default)]
    pub sentences: Vec<Hash>,
}
