//! RunSummary: what one run did (requirement 002-16). A record beside the chain: it may hold times.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Document, Hash, Id, MicroUsd, assets::StandIn, lexicon::Substitution, promise::GateOutcome};

/// What one run did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunSummary {
    /// The run.
    pub run_id: Id,
    /// The project.
    pub project_id: Id,
    /// From 1.
    pub episode: u32,
    /// How it ended.
    pub status: RunStatus,
    /// When it started, RFC 3339, UTC.
    pub started_at: String,
    /// Wall time in milliseconds.
    pub elapsed_ms: u64,
    /// Length of the film in milliseconds; 0 without one.
    pub duration_ms: u64,
    /// Frames of the film.
    pub frames: u64,
    /// Shots.
    pub shots: u64,
    /// What only has a stand-in, and why.
    pub stand_ins: Vec<StandIn>,
    /// What was used in place of what nobody here knows: the nearest place, style, mood, thing or sound.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub substitutions: Vec<Substitution>,
    /// Shots whose picture was made again in this run, in film order; the others came from the memo.
    #[serde(default)]
    pub remade: Vec<Id>,
    /// What was not as asked for, and why: fallbacks, skipped tools, notes.
    pub notes: Vec<String>,
    /// Money spent.
    pub cost_micro_usd: MicroUsd,
    /// Stages in order.
    pub stages: Vec<StageSummary>,
    /// How much of it the memo answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<CacheUse>,
    /// What its steps took, summed over their attempts and events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<WorkUse>,
    /// Artifacts of the chain, by schema id.
    pub artifacts: std::collections::BTreeMap<String, Hash>,
    /// Approvals recorded.
    pub approvals: Vec<Approval>,
    /// What gates said, in the order in which they were asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<GateOutcome>,
}

impl Document for RunSummary {
    const SCHEMA_ID: &'static str = "run_summary";
    const SCHEMA_VERSION: &'static str = "0.4.0";
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// It has not ended.
    Running,
    /// A film was made, decoded and measured.
    Completed,
    /// A film was made; something in it stands in for something else.
    Degraded,
    /// A gate said no.
    Blocked,
    /// It could not go on.
    Failed,
    /// Some steps are done, the rest is not; the same command goes on.
    Partial,
    /// A person stopped it; what was finished is kept, and the same command goes on.
    Cancelled,
}

/// One stage of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StageSummary {
    /// Such as `shots`.
    pub name: String,
    /// Wall time in milliseconds.
    pub ms: u64,
    /// Whether every step of it was answered by the memo.
    pub cached: bool,
    /// Steps.
    pub steps: u64,
    /// Steps answered by the memo.
    pub hits: u64,
    /// Repeated attempts.
    pub retries: u64,
}

/// How much of a run the memo answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CacheUse {
    /// Steps of all stages.
    pub steps: u64,
    /// Of them answered by the memo.
    pub hits: u64,
    /// Shots.
    pub shots: u64,
    /// Of them answered by the memo.
    pub shot_hits: u64,
}

impl CacheUse {
    /// Counted over the stages of a run; a stage may stand there in parts.
    pub fn of(stages: &[StageSummary]) -> Self {
        let mut used = Self::default();
        for stage in stages {
            used.steps += stage.steps;
            used.hits += stage.hits;
            if stage.name == "shots" {
                used.shots += stage.steps;
                used.shot_hits += stage.hits;
            }
        }
        used
    }

    /// Answered by the memo, in hundredths; 0 when nothing was asked.
    pub fn percent(hits: u64, of: u64) -> u64 {
        (hits * 100).checked_div(of).unwrap_or(0)
    }
}

/// What the steps of a run took: a projection of the registry's attempts and events, never a count of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkUse {
    /// Attempts at steps that the memo did not answer.
    pub attempts: u64,
    /// Attempts after the first one of their step.
    pub retries: u64,
    /// Attempts that failed.
    pub failures: u64,
    /// Attempts whose worker died or fell silent.
    pub lost: u64,
    /// Steps carried out on machines of ours.
    pub local_steps: u64,
    /// Steps carried out by somebody else's service.
    pub external_steps: u64,
    /// Steps carried out by other processes than the run's own.
    pub elsewhere: u64,
    /// Time of all attempts together, in milliseconds.
    pub work_ms: u64,
    /// Time of all steps together between being ready and being taken, in milliseconds.
    pub wait_ms: u64,
    /// Wall time in which steps were ready and none was worked on, in milliseconds.
    pub stalled_ms: u64,
    /// Tokens sent to models.
    pub tokens_in: u64,
    /// Tokens received from models.
    pub tokens_out: u64,
}

/// A yes of a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Approval {
    /// Which point.
    pub point: String,
    /// Who.
    pub approver: String,
    /// When, RFC 3339, UTC.
    pub at: String,
    /// What was approved, by address.
    pub subject: Hash,
    /// Approved or rejected.
    pub approved: bool,
    /// Notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}
