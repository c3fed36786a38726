//! `decision_log.json`: what was decided in one project, in order, each entry chained to the one before it, so that a changed,
//! moved or missing entry is found. Entries are only ever added; `routing::log` adds and checks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Document, Hash, Id};

/// The log of one project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DecisionLog {
    /// The project.
    pub project_id: Id,
    /// In the order in which they were decided.
    #[serde(default)]
    pub decisions: Vec<LogEntry>,
}

impl Document for DecisionLog {
    const SCHEMA_ID: &'static str = "decision_log";
    const SCHEMA_VERSION: &'static str = "0.1.0";
}

/// What a decision is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecisionCategory {
    /// Which pipeline makes the film.
    PipelineSelection,
    /// Which provider.
    ProviderSelection,
    /// Which family of renderers.
    RendererFamilySelection,
    /// Which renderer.
    RenderRuntimeSelection,
    /// Templated or made for this film.
    CompositionMode,
    /// Which playbook.
    Playbook,
    /// That a fallback was taken.
    FallbackDecision,
    /// What money was traded for.
    BudgetTradeoff,
    /// That less than promised was approved.
    DowngradeApproval,
    /// Where the music comes from.
    MusicSource,
    /// How much will move.
    MotionCommitment,
    /// Which concept.
    ConceptSelection,
    /// Which voice.
    VoiceSelection,
    /// That a capability was added.
    CapabilityExtension,
    /// That a playbook was departed from.
    PlaybookOverride,
    /// That a picture was checked against the facts.
    VisualAccuracyCheck,
    /// What must be approved, and by whom.
    ApprovalPolicy,
}

/// One thing that could have been decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogOption {
    /// Its id within the decision.
    pub option_id: String,
    /// For people.
    pub label: String,
    /// How it scored, parts per million.
    pub score_ppm: i64,
    /// What speaks for it.
    pub reason: String,
    /// What spoke against it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected_because: Option<String>,
}

fn yes() -> bool {
    true
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Logged {
    /// Its id; once in a log.
    pub decision_id: Id,
    /// The stage that asked.
    pub stage: String,
    /// What it is about.
    pub category: DecisionCategory,
    /// Of what: a shot, a voice, the film.
    pub subject: String,
    /// At least one.
    pub options_considered: Vec<LogOption>,
    /// The id of the option that was taken.
    pub selected: String,
    /// Why.
    pub reason: String,
    /// Whether a user is shown it.
    #[serde(default = "yes")]
    pub user_visible: bool,
    /// Whether a user said yes to it.
    #[serde(default)]
    pub user_approved: bool,
    /// How sure, parts per million.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence_ppm: Option<i64>,
    /// When, RFC 3339, UTC.
    pub at: String,
    /// The Decision record it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Hash>,
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogEntry {
    /// From 1, without a gap.
    pub seq: u64,
    /// What was decided.
    #[serde(flatten)]
    pub logged: Logged,
    /// The digest of the entry before it; absent in the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Hash>,
    /// The SHA-256 of this entry's canonical bytes without this field.
    pub digest: Hash,
}
