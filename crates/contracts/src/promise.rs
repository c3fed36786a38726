//! The delivery promise: what a film was promised to be, locked by hash before work starts (requirements 001-1, 001-3, 001-14),
//! and what gates answer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{CanonicalError, Document, Hash, Id, MicroUsd, canonical_bytes};

/// What kind of film is promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PromiseType {
    /// Generated moving pictures carry it.
    MotionLed,
    /// Footage that somebody shot carries it.
    SourceLed,
    /// Numbers and charts.
    DataExplainer,
    /// A lesson.
    TeacherExplainer,
    /// A recording of a screen.
    ScreenDemo,
    /// A speaking figure.
    AvatarPresenter,
    /// A mixture; a narrative animatic is one.
    Hybrid,
    /// Another language for a film that exists.
    Localization,
}

impl PromiseType {
    /// All of them, in the order of the rule table.
    pub const ALL: [Self; 8] = [
        Self::MotionLed,
        Self::SourceLed,
        Self::DataExplainer,
        Self::TeacherExplainer,
        Self::ScreenDemo,
        Self::AvatarPresenter,
        Self::Hybrid,
        Self::Localization,
    ];

    /// As documents write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::MotionLed => "motion_led",
            Self::SourceLed => "source_led",
            Self::DataExplainer => "data_explainer",
            Self::TeacherExplainer => "teacher_explainer",
            Self::ScreenDemo => "screen_demo",
            Self::AvatarPresenter => "avatar_presenter",
            Self::Hybrid => "hybrid",
            Self::Localization => "localization",
        }
    }

    /// The type of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.name() == name)
    }
}

/// The full promise. Unknown fields are refused: what is not hashed is not locked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveryPromise {
    /// What kind of film.
    pub promise_type: PromiseType,
    /// Whether pictures must move: then a tool that cannot move is no candidate for video.
    #[serde(default)]
    pub motion_required: bool,
    /// Whether it must be made of the author's footage.
    #[serde(default)]
    pub source_required: bool,
    /// Such as `corporate` or `cinematic`.
    #[serde(default = "DeliveryPromise::tone")]
    pub tone_mode: String,
    /// Such as `presentable` or `broadcast`.
    #[serde(default = "DeliveryPromise::quality")]
    pub quality_floor: String,
    /// What may stand in for moving pictures, such as `still_led`; absent: nothing beyond what the type allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_fallback: Option<String>,
}

impl DeliveryPromise {
    /// The tone when none is named.
    pub fn tone() -> String {
        "corporate".into()
    }

    /// The quality when none is named.
    pub fn quality() -> String {
        "presentable".into()
    }

    /// A promise of this type with every default.
    pub fn of(promise_type: PromiseType) -> Self {
        Self {
            promise_type,
            motion_required: false,
            source_required: false,
            tone_mode: Self::tone(),
            quality_floor: Self::quality(),
            approved_fallback: None,
        }
    }
}

/// The engine that composes a film. Ours is `ffmpeg`; a proposal locked to another is refused, never swapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RenderRuntime {
    /// Scenes as web components.
    Remotion,
    /// Scenes as web pages.
    Hyperframes,
    /// Composed frames, encoded by ffmpeg.
    Ffmpeg,
}

impl RenderRuntime {
    /// As documents write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Remotion => "remotion",
            Self::Hyperframes => "hyperframes",
            Self::Ffmpeg => "ffmpeg",
        }
    }
}

/// What is locked by a proposal and carried unchanged through edit, compose and render. Unknown fields are refused: what is
/// not hashed is not locked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// The promise, whole.
    pub delivery_promise: DeliveryPromise,
    /// The engine.
    pub render_runtime: RenderRuntime,
    /// The family of looks, such as `animation-first`; absent: none was promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renderer_family: Option<String>,
}

impl Terms {
    /// The lock: the address of the canonical bytes of these terms.
    pub fn lock(&self) -> Result<Hash, CanonicalError> {
        Ok(Hash::of(&canonical_bytes(self)?))
    }
}

/// What is proposed before work starts, and locked when it is approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proposal {
    /// The project.
    pub project_id: Id,
    /// From 1.
    pub episode: u32,
    /// What is promised.
    pub terms: Terms,
    /// The hash over the terms: what edit, compose and the finished film are held against.
    pub locked: Hash,
    /// Which tools would be asked, best first.
    pub provider_rankings: Rankings,
    /// What it may cost.
    pub cost: CostEstimate,
    /// What could be promised, at least one; those that cannot say why.
    pub options: Vec<PromiseOption>,
    /// Which of the options the terms are.
    pub selected: Id,
    /// What was decided differently from what was asked, and other things worth a look.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Document for Proposal {
    const SCHEMA_ID: &'static str = "proposal";
    const SCHEMA_VERSION: &'static str = "0.1.0";
}

/// Tools by what they make, best first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rankings {
    /// Moving pictures.
    #[serde(default)]
    pub video: Vec<Ranked>,
    /// Still pictures.
    #[serde(default)]
    pub image: Vec<Ranked>,
    /// Voices.
    #[serde(default)]
    pub tts: Vec<Ranked>,
    /// Music.
    #[serde(default)]
    pub music: Vec<Ranked>,
    /// What puts pictures and sound together.
    #[serde(default)]
    pub runtime: Vec<Ranked>,
}

/// One place of a ranking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ranked {
    /// The tool.
    pub tool: String,
    /// Who provides it.
    pub provider: String,
    /// Why it stands here.
    pub reason: String,
    /// Its score in thousandths, of a policy that scores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score_milli: Option<i64>,
    /// Why it cannot be asked; absent: it can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_because: Option<String>,
}

/// What a film may cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CostEstimate {
    /// At worst, micro-USD; absent: nobody can say. Unknown is not zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst_micro_usd: Option<MicroUsd>,
    /// The budget, micro-USD; absent: none is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_micro_usd: Option<MicroUsd>,
    /// Both against each other.
    pub verdict: BudgetVerdict,
}

/// A cost against a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BudgetVerdict {
    /// At most four fifths of it.
    WithinBudget,
    /// More than four fifths of it, at most all.
    NearLimit,
    /// More than all of it.
    OverBudget,
    /// There is a budget, and nobody can say what it costs.
    UnknownCost,
    /// There is no budget.
    NoBudgetSet,
}

impl CostEstimate {
    /// The verdict of these two numbers, in whole micro-USD.
    pub fn of(worst: Option<MicroUsd>, budget: Option<MicroUsd>) -> Self {
        let verdict = match (worst, budget) {
            (_, None) => BudgetVerdict::NoBudgetSet,
            (None, Some(_)) => BudgetVerdict::UnknownCost,
            (Some(worst), Some(budget)) if worst > budget => BudgetVerdict::OverBudget,
            (Some(worst), Some(budget)) if i128::from(worst.0) * 5 > i128::from(budget.0) * 4 => BudgetVerdict::NearLimit,
            _ => BudgetVerdict::WithinBudget,
        };
        Self { worst_micro_usd: worst, budget_micro_usd: budget, verdict }
    }
}

/// Something that could be promised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PromiseOption {
    /// Its name in this proposal.
    pub option_id: Id,
    /// In a few words, for a person.
    pub label: String,
    /// What would be promised.
    pub terms: Terms,
    /// Why it cannot be; absent: it can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_because: Option<String>,
}

/// An approved change of what was promised. It names the options that were presented, and holds for exactly the terms that were
/// chosen; whoever keeps the decision log writes one as an entry of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TermsChange {
    /// The entry of the decision log.
    pub decision_id: Id,
    /// The lock of the terms it departs from.
    pub departs_from: Hash,
    /// What was presented: at least two, among them the terms it departs from.
    pub options: Vec<PromiseOption>,
    /// The option that was chosen.
    pub selected: Id,
    /// Why.
    pub reason: String,
    /// Who said yes; absent: nobody yet, and nothing changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
}

/// What one episode is held to: the proposal that was locked first, and every change of it that somebody approved, in order. A
/// record, not a chain artifact; it is kept under a name of its own, and changes are only ever added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PromiseLock {
    /// The proposal as it was locked.
    pub proposal: Proposal,
    /// Changes since, the first one first.
    #[serde(default)]
    pub changes: Vec<TermsChange>,
}

impl Document for PromiseLock {
    const SCHEMA_ID: &'static str = "promise_lock";
    const SCHEMA_VERSION: &'static str = "0.1.0";
}

/// When a gate is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GateStage {
    /// Before the work.
    Pre,
    /// After it.
    Post,
}

/// What a gate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GateStatus {
    /// Work passes.
    Pass,
    /// It does not. A gate that could not be asked, or gave no answer, says this too.
    Fail,
}

/// The answer of one gate, or of one check of it. Numbers are whole, in the unit that is named, so that a record which holds them
/// has one hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GateOutcome {
    /// The check, such as `budget.quote_within`.
    pub id: String,
    /// When it was asked.
    pub stage: GateStage,
    /// Pass or fail.
    pub status: GateStatus,
    /// What was found, for a person.
    pub message: String,
    /// What was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<i64>,
    /// What it was held against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<i64>,
    /// The unit of both: `ppm` (millionths of a whole), `micro_usd`, `count`, `frames`, `milli` (thousandths of one).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

impl GateOutcome {
    /// Whether work passes.
    pub fn passes(&self) -> bool {
        self.status == GateStatus::Pass
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_documents_write() {
        for t in PromiseType::ALL {
            assert_eq!(serde_json::to_value(t).ok(), Some(t.name().into()));
            assert_eq!(PromiseType::named(t.name()), Some(t));
        }
        for r in [RenderRuntime::Remotion, RenderRuntime::Hyperframes, RenderRuntime::Ffmpeg] {
            assert_eq!(serde_json::to_value(r).ok(), Some(r.name().into()));
        }
        assert_eq!(PromiseType::named("MOTION_LED"), None);
    }

    #[test]
    fn a_cost_is_held_against_its_budget_in_whole_numbers() {
        use BudgetVerdict as V;
        let at = |worst: Option<i64>, budget: Option<i64>| CostEstimate::of(worst.map(MicroUsd), budget.map(MicroUsd)).verdict;
        for (worst, budget, verdict) in [
            (Some(0), Some(0), V::WithinBudget),
            (Some(80), Some(100), V::WithinBudget),
            (Some(81), Some(100), V::NearLimit),
            (Some(100), Some(100), V::NearLimit),
            (Some(101), Some(100), V::OverBudget),
            (Some(1), Some(0), V::OverBudget),
            (Some(120_000), Some(120_000), V::NearLimit),
            (None, Some(100), V::UnknownCost),
            (None, None, V::NoBudgetSet),
            (Some(i64::MAX), Some(i64::MAX), V::NearLimit),
        ] {
            assert_eq!(at(worst, budget), verdict, "{worst:?} of {budget:?}");
        }
    }
}
