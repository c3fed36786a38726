//! Bundle: the list of contents of `reel pack`, from which `reel replay` proves a run on another machine. It names no machine,
//! no folder and no person.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Document, Hash, Id, run::RunStatus};

/// What a bundle holds, and what its run made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bundle {
    /// The project.
    pub project_id: Id,
    /// From 1.
    pub episode: u32,
    /// How the run ended.
    pub status: RunStatus,
    /// The version of reel that packed it.
    pub build: String,
    /// Flags of the command that made the film, without folders: `--draft`, `--profile NAME`.
    pub flags: Vec<String>,
    /// Files of the bundle: name → address of its bytes. `project/…` is the author's folder, `film/…` what was made.
    pub files: BTreeMap<String, Hash>,
    /// Documents of the chain, by schema id; each is a file `film/{id}.json`.
    pub artifacts: BTreeMap<String, Hash>,
    /// Every finished step of the run.
    pub steps: Vec<PackedStep>,
    /// The yeses: point, what was approved, and who as a number in place of a name.
    pub approvals: Vec<PackedApproval>,
}

impl Document for Bundle {
    const SCHEMA_ID: &'static str = "bundle";
    const SCHEMA_VERSION: &'static str = "0.1.0";
}

/// A step and what it made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PackedStep {
    /// Its name, such as `shots/sc01-b01-s1`.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// The version of that kind.
    pub version: u32,
    /// `pure`, `pinned` or `recorded`.
    pub grade: String,
    /// The key: the hash of everything it read.
    pub key: Hash,
    /// What it made: output → address.
    pub outputs: BTreeMap<String, Hash>,
    /// The address of the facts it stated beside its outputs, as canonical JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<Hash>,
    /// Of a recorded step, whose answer is never asked for again: all it gave, as the memo keeps it. Its content stands in the
    /// bundle as `recorded/ADDRESS`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<serde_json::Value>,
}

/// A yes, without the name of who said it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PackedApproval {
    /// The point.
    pub point: String,
    /// `approver-1` and so on.
    pub approver: String,
    /// When, RFC 3339, UTC.
    pub at: String,
    /// What was approved.
    pub subject: Hash,
}
