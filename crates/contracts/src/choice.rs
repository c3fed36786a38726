//! Choosing a tool: what tools say of themselves, what is asked, and the record of the choice (design §2 Decision, §6).
//!
//! A [`Decision`] holds everything its choice rested on: whoever has the file can choose again and must come to the same.
//! Shares are parts per million and money is micro-dollars: what is hashed holds no floats.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::tool::words;
use crate::{Document, Hash, Id, MicroUsd};

pub use crate::tool::{
    Availability, Breaker, CostTier, CostUnit, DataClass, Limits, Modality, Price, Runs, Stability, ToolId, ToolManifest,
};

/// One million: a share of everything.
pub const WHOLE: i64 = 1_000_000;

words! {
    /// How tools are ordered.
    Policy {
        /// By the ordering tables, local first: the default.
        Configured = "configured",
        /// What moves first, then cheap, then good.
        Balanced = "balanced",
        /// Cheap first.
        CostFirst = "cost-first",
        /// What moves first, then good, then cheap.
        QualityFirst = "quality-first",
        /// By seven weighted dimensions.
        Scored = "scored",
        /// Whichever of the others past runs speak for, slow tools last.
        Adaptive = "adaptive",
    }
}

words! {
    /// Why a tool is no candidate.
    ExclusionCode {
        /// It cannot do the operation, format, size, length, aspect, rate or feature.
        NotCovered = "not_covered",
        /// It does not answer, or is not set up.
        Unavailable = "unavailable",
        /// Its breaker is open.
        BreakerOpen = "breaker_open",
        /// A variable it needs is not set.
        EnvironmentMissing = "environment_missing",
        /// It cannot move where motion was promised.
        PromiseMotion = "promise_motion",
        /// A gate said no, or could not answer.
        GateDenied = "gate_denied",
        /// It may not see data of this class.
        DataClass = "data_class",
        /// Its output may not be used as the film will be.
        Rights = "rights",
        /// Its worst case is more than what remains.
        OverBudget = "over_budget",
        /// Nobody knows what it costs, and there is a budget.
        CostUnknown = "cost_unknown",
        /// It works elsewhere, and this task stays here.
        NotLocal = "not_local",
        /// It is not among those that were asked for.
        NotAllowed = "not_allowed",
        /// Its cost tier is above what was asked for.
        CostTier = "cost_tier",
    }
}

words! {
    /// What the learned ranking does.
    RankerMode {
        /// Nothing.
        Off = "off",
        /// It ranks, and is compared with the policy; the default.
        Shadow = "shadow",
        /// It orders, within what is feasible.
        Active = "active",
    }
}

/// What is wanted of a tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SelectionRequest {
    /// What it is for: a shot, a line, a plate.
    pub subject: String,
    /// What is made.
    pub modality: Modality,
    /// The operation; absent takes any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The task, as the ordering tables name it; absent takes the modality's general table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// What the policies of gates and the scorer read.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub intent: String,
    /// Words of the style.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub style: Vec<String>,
    /// The format of the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u32>,
    /// `16:9`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aspect: Option<String>,
    /// Frames a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fps: Option<u32>,
    /// Tokens at most, for what is paid by them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u32>,
    /// Features it must have.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub needs: BTreeSet<String>,
    /// Whether motion was promised.
    #[serde(default)]
    pub motion_required: bool,
    /// How secret the inputs are.
    pub data_class: DataClass,
    /// Whether the film will be sold.
    #[serde(default)]
    pub commercial: bool,
    /// Whether the task may not leave this machine.
    #[serde(default)]
    pub local_only: bool,
    /// Tools or providers to take first, where they are feasible.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub preferred: Vec<ToolId>,
    /// Tools or providers that may be taken; empty takes any.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub allowed: BTreeSet<ToolId>,
    /// A chain of tools or providers that stands before the ordering table under `configured`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<ToolId>,
    /// Providers that were used before, for continuity.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub locked: BTreeSet<ToolId>,
    /// The provider an environment variable points at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<ToolId>,
    /// The dearest tier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_cost_tier: Option<CostTier>,
    /// How to order.
    pub policy: Policy,
}

impl SelectionRequest {
    /// A request for anything of a modality, under the default policy.
    pub fn of(subject: impl Into<String>, modality: Modality) -> Self {
        Self {
            subject: subject.into(),
            modality,
            operation: None,
            task: None,
            intent: String::new(),
            style: Vec::new(),
            format: None,
            width: None,
            height: None,
            duration_ms: None,
            aspect: None,
            fps: None,
            tokens: None,
            needs: BTreeSet::new(),
            motion_required: false,
            data_class: DataClass::Public,
            commercial: false,
            local_only: false,
            preferred: Vec::new(),
            allowed: BTreeSet::new(),
            chain: Vec::new(),
            locked: BTreeSet::new(),
            hint: None,
            max_cost_tier: None,
            policy: Policy::Configured,
        }
    }
}

/// What may still be spent, as the ledger says: total less spent, reserved and held back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BudgetView {
    /// What remains; absent where nothing bounds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remaining_micro_usd: Option<MicroUsd>,
}

/// An ordering table: one file of `policies/routing/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrderTable {
    /// `major.minor.patch` of the table.
    pub version: String,
    /// What is made.
    pub modality: Modality,
    /// The task; absent is the modality's general table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// Whether the task may never leave this machine (002 §12.1).
    #[serde(default)]
    pub local_only: bool,
    /// Tools, first to last.
    pub order: Vec<ToolId>,
}

/// What a gate said of a tool, or of the whole request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GateAnswer {
    /// The gate.
    pub gate: String,
    /// The tool; absent speaks of all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<ToolId>,
    /// Whether it passes. A gate that could not answer does not pass.
    pub pass: bool,
    /// Why.
    pub reason: String,
}

/// What past calls of a tool came to, over a window that is handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ToolStats {
    /// Calls in the window.
    pub samples: u32,
    /// Share that brought something.
    pub success_ppm: i64,
    /// Mean over calls that did.
    pub quality_ppm: i64,
    /// Mean wait over calls that did, milliseconds.
    pub latency_ms: i64,
    /// The same of the older half of the window.
    pub latency_before_ms: i64,
    /// Mean over all calls.
    pub cost_micro_usd: MicroUsd,
}

/// One tool as the choice saw it: everything that excluding and ordering read, so that the choice can be made again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Candidate {
    /// The tool.
    pub tool: ToolId,
    /// Who is called.
    pub provider: ToolId,
    /// What it is listed under.
    pub capability: String,
    /// Whether what it makes moves.
    pub moves: bool,
    /// `generate`, …
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tier: String,
    /// How far it is trusted.
    pub stability: Stability,
    /// Where it works.
    pub runtime: Runs,
    /// What it is best for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub best_for: Vec<String>,
    /// Features.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub supports: BTreeSet<String>,
    /// What of the request it cannot do, each in words; empty where it covers all of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<String>,
    /// The worst case for this request; absent where nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote_micro_usd: Option<MicroUsd>,
    /// Roughly.
    pub cost_tier: CostTier,
    /// The usual wait, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u32>,
    /// Stated quality.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality_ppm: Option<u32>,
    /// The licence of what it makes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_licence: Option<String>,
    /// Whether what it makes may be sold.
    pub commercial: bool,
    /// What it may be handed.
    pub data_classes: BTreeSet<DataClass>,
    /// Variables it needs that are not set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_environment: Vec<String>,
    /// How it is.
    pub availability: Availability,
    /// Its breaker.
    pub breaker: Breaker,
    /// Why it is so, where it is not well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_unwell: Option<String>,
    /// Tools to try after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallback: Vec<ToolId>,
    /// Past calls; absent where there were none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stats: Option<ToolStats>,
}

/// What past runs say, for the `adaptive` policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Trends {
    /// Runs.
    pub records: u32,
    /// The fewest runs that say anything.
    pub min_records: u32,
    /// Scenes or shots of all runs.
    pub scenes: u64,
    /// Of them, those that took a fallback.
    pub fallbacks: u64,
    /// What they cost.
    pub cost_micro_usd: MicroUsd,
    /// Calls.
    pub attempts: u64,
    /// Calls that brought something.
    pub successes: u64,
}

/// How the learned ranking takes part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ranker {
    /// What it does.
    pub mode: RankerMode,
    /// How often another feasible tool is tried first; 0 is never, the default.
    #[serde(default)]
    pub epsilon_ppm: i64,
    /// Who is served; the draw hangs on it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tenant: String,
}

impl Default for Ranker {
    fn default() -> Self {
        Self { mode: RankerMode::Shadow, epsilon_ppm: 0, tenant: String::new() }
    }
}

/// Everything a choice rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Snapshot {
    /// What is wanted.
    pub request: SelectionRequest,
    /// What may be spent.
    #[serde(default)]
    pub budget: BudgetView,
    /// The ordering table in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<OrderTable>,
    /// Tools of the modality, in the order of their names.
    pub candidates: Vec<Candidate>,
    /// What gates said before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<GateAnswer>,
    /// What past runs say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trends: Option<Trends>,
    /// How the learned ranking takes part.
    #[serde(default)]
    pub ranker: Ranker,
}

/// A tool that was no candidate, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exclusion {
    /// The tool.
    pub tool: ToolId,
    /// Which rule.
    pub code: ExclusionCode,
    /// In words, with the values.
    pub reason: String,
}

/// A tool's place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Placed {
    /// The tool.
    pub tool: ToolId,
    /// Its worst case; absent where nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote_micro_usd: Option<MicroUsd>,
    /// Its seven-dimension score, where the policy used one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score_ppm: Option<i64>,
    /// Why it stands here.
    pub reason: String,
}

/// What the learned ranking said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ranking {
    /// What it was allowed to do.
    pub mode: RankerMode,
    /// Feasible tools, best first, with their scores.
    pub order: Vec<(ToolId, i64)>,
    /// Whether its first differs from the policy's.
    pub diverged: bool,
    /// Whether another tool was tried first by lot.
    pub explored: bool,
    /// How likely the first tool was to be first; 1 000 000 without exploration.
    pub propensity_ppm: i64,
}

/// The outcome of a choice: what is computed from a [`Snapshot`] alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Choice {
    /// The policy that ordered; `adaptive` is resolved.
    pub policy: Policy,
    /// What was done, in words.
    pub rationale: String,
    /// In the order in which they are tried.
    pub order: Vec<Placed>,
    /// The first of them; absent where none was feasible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<ToolId>,
    /// Every tool that was no candidate, every reason.
    pub exclusions: Vec<Exclusion>,
    /// What the learned ranking said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranking: Option<Ranking>,
}

words! {
    /// What came of an attempt.
    AttemptResult {
        /// It brought what was wanted.
        Success = "success",
        /// It failed.
        Failure = "failure",
        /// What it brought was refused.
        Rejected = "rejected",
        /// Nobody knows.
        Unknown = "unknown",
    }
}

/// One try at one tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attempt {
    /// The tool.
    pub tool: ToolId,
    /// `primary`, `fallback`, `retry`, …
    pub phase: String,
    /// What came of it.
    pub result: AttemptResult,
    /// The error, with secrets taken out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Milliseconds; absent where nobody waited: the result was remembered, or the record may hold no times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u64>,
    /// What it cost.
    pub cost_micro_usd: MicroUsd,
    /// How good it was, where somebody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality_ppm: Option<i64>,
}

/// The record of one choice (design §2). A record, not a chain artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// What the choice rested on.
    pub snapshot: Snapshot,
    /// What was chosen, and why.
    pub choice: Choice,
    /// What was tried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// The tool whose result was taken; absent where none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<ToolId>,
    /// What all attempts cost.
    #[serde(default)]
    pub cost_micro_usd: MicroUsd,
    /// The content hash of what was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Hash>,
}

impl Document for Decision {
    const SCHEMA_ID: &'static str = "decision";
    const SCHEMA_VERSION: &'static str = "0.1.0";
}

/// Every choice that one production of an episode rested on, in the order in which things were needed. A record, not a chain
/// artifact. It holds no times and nothing that only one run knows, so that the same choices are the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decisions {
    /// The project.
    pub project_id: Id,
    /// From 1.
    pub episode: u32,
    /// One for each thing that was needed.
    pub decided: Vec<Decided>,
}

impl Document for Decisions {
    const SCHEMA_ID: &'static str = "decisions";
    const SCHEMA_VERSION: &'static str = "0.1.0";
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decided {
    /// What was needed: a need of the AssetManifest; of a voice, its line's need.
    pub need_id: Id,
    /// Shots that show or sound it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub used_by: Vec<Id>,
    /// The choice.
    pub decision: Decision,
}
