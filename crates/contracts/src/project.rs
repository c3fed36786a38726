//! Project: the settings of one series (requirement 002-5.1). A person writes it as `project.toml`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Document, EditRate, Id, MicroUsd,
    promise::{PromiseType, RenderRuntime},
    render::BurnIn,
};

/// The settings of one series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Project {
    /// Names the project in paths and runs.
    pub id: Id,
    /// Shown on the title card.
    pub title: String,
    /// The genre pack that writes it, such as `mystery`.
    pub genre: Id,
    /// The situation of the pack the season is written from; absent: the one that takes up most of the author's canon, drawn by the
    /// project's id where several take up as much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<Id>,
    /// The look of every picture.
    pub visual_style: VisualStyle,
    /// Target length of an episode in seconds, 30 to 600.
    pub target_duration_s: u32,
    /// Frames per second.
    pub edit_rate: EditRate,
    /// Language of the lines, BCP 47.
    pub language: String,
    /// Shape of the picture.
    pub aspect: Aspect,
    /// One or two sentences the writer starts from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub premise: Option<String>,
    /// How captions are drawn into the picture; absent: `none`, they stand beside the film only. They always stand there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captions: Option<Captions>,
    /// The profiles this project may be rendered in; the first is used unless another is asked for.
    pub render_profiles: Vec<Id>,
    /// What happens when a text contradicts the canon.
    pub continuity_mode: ContinuityMode,
    /// What the film is promised to be, as far as the author says so; absent: what its kind of production stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promise: Option<Pledge>,
    /// How money may be spent.
    pub cost_policy: CostPolicy,
    /// Who may write; absent: the pack, and a model that whoever runs this machine has set up on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writing: Option<WritingPolicy>,
    /// What may be shown.
    pub safety: Safety,
    /// Where a person must say yes; absent: as the seed says, see [`ApprovalPoints`].
    #[serde(default)]
    pub approval_points: ApprovalPoints,
    /// How a word is said in every episode: the word as it is written → letters that sound like it. Captions keep the word;
    /// what an episode's notes say of a word outranks this.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pronounce: BTreeMap<String, String>,
}

impl Document for Project {
    const SCHEMA_ID: &'static str = "project";
    const SCHEMA_VERSION: &'static str = "0.5.0";
}

/// The five named looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VisualStyle {
    /// Torn paper, full light.
    Paper,
    /// Four values and one accent.
    Ink,
    /// Violet shadow, apricot light.
    Dusk,
    /// Three inks, no gradients.
    Woodcut,
    /// Pale and soft.
    Pastel,
}

/// Shape of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Aspect {
    /// 1280×720 in the preview profile.
    #[serde(rename = "16:9")]
    Wide,
    /// 720×1280 in the preview profile.
    #[serde(rename = "9:16")]
    Tall,
    /// 720×720 in the preview profile.
    #[serde(rename = "1:1")]
    Square,
}

impl Aspect {
    /// Width and height in pixels when the short side is `short`.
    pub fn size(self, short: u32) -> (u32, u32) {
        match self {
            Self::Wide => (short * 16 / 9, short),
            Self::Tall => (short, short * 16 / 9),
            Self::Square => (short, short),
        }
    }
}

/// How captions are drawn into the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Captions {
    /// Not at all.
    #[default]
    None,
    /// Light letters with a dark edge.
    Plain,
    /// Light letters on a dark box.
    Boxed,
    /// As plain, and the word that is spoken stands out.
    Highlight,
}

impl Captions {
    /// What a plan says of it.
    pub fn burn_in(self) -> Option<BurnIn> {
        match self {
            Self::None => None,
            Self::Plain => Some(BurnIn::Plain),
            Self::Boxed => Some(BurnIn::Boxed),
            Self::Highlight => Some(BurnIn::Highlight),
        }
    }
}

/// What happens when a text contradicts the canon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContinuityMode {
    /// A contradiction blocks the film.
    Strict,
    /// A contradiction is reported and waits for review.
    Review,
}

/// What the author says of the promise. What is not said follows from the kind of production; nothing said at all is a story
/// told in pictures, a `hybrid`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pledge {
    /// The kind of production, such as `cinematic` or `documentary-montage`: the type follows from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub production: Option<String>,
    /// The type itself; it outranks what the kind of production stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promise_type: Option<PromiseType>,
    /// Whether pictures must move.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub motion_required: Option<bool>,
    /// Whether the author's own pictures must be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_required: Option<bool>,
    /// The tone; absent: `narrative`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tone_mode: Option<String>,
    /// The least quality; absent: `presentable`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality_floor: Option<String>,
    /// What may stand in for moving pictures; the one there is: `still_led`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_fallback: Option<String>,
    /// What composes the film; absent: `ffmpeg`, the one runtime of this build.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub render_runtime: Option<RenderRuntime>,
    /// The family of looks; absent: `animation-first`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renderer_family: Option<String>,
}

/// How money may be spent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CostPolicy {
    /// The most one run may spend. Zero keeps every provider out.
    pub budget_micro_usd: MicroUsd,
    /// `forbidden`: nothing leaves this machine.
    pub external: External,
}

/// Who may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WritingPolicy {
    /// Whether the story may be told to a model on another machine. `forbidden`: it stays on this one.
    pub external: External,
}

/// Whether outside providers may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum External {
    /// Never.
    Forbidden,
    /// Within the budget, after approval.
    Allowed,
}

/// What may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Safety {
    /// `general`, `teen` or `mature`.
    pub audience: Audience,
    /// What happens when the safety gate finds something; absent: `fail_closed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<SafetyMode>,
}

/// What happens when the safety gate finds something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SafetyMode {
    /// The stage is blocked, and nothing of it is made.
    #[default]
    FailClosed,
    /// It is on record and work goes on; publishing is blocked until somebody has looked.
    WarnOnly,
}

/// Who watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Everybody.
    General,
    /// From twelve.
    Teen,
    /// Adults.
    Mature,
}

/// Where a person must say yes (requirement 002-27). A point that nothing is said of is as the seed says: true, false, true, and
/// true above a threshold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ApprovalPoints {
    /// Before a CanonDiff changes the canon.
    pub approve_canon_diff: bool,
    /// Before the looks of the cast are used.
    pub approve_character_packs: bool,
    /// Before the timing is locked. A yes is given to one shot list: other lengths are asked about anew, and a film of the old
    /// ones stays what it is.
    pub approve_shotlist_timing_lock: bool,
    /// Before money above the threshold leaves the machine.
    pub approve_external_spend: bool,
    /// Up to what estimate nobody is asked about spending, micro-USD; absent: 1,000,000, which is one dollar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spend_threshold_micro_usd: Option<MicroUsd>,
}

impl Default for ApprovalPoints {
    fn default() -> Self {
        Self {
            approve_canon_diff: true,
            approve_character_packs: false,
            approve_shotlist_timing_lock: true,
            approve_external_spend: true,
            spend_threshold_micro_usd: None,
        }
    }
}

impl ApprovalPoints {
    /// The threshold when the project names none: one dollar.
    pub const THRESHOLD: MicroUsd = MicroUsd(1_000_000);

    /// The names of the points.
    pub const NAMES: [&'static str; 4] =
        ["approve_canon_diff", "approve_character_packs", "approve_shotlist_timing_lock", "approve_external_spend"];

    /// The point at which a person says that a film may be handed out although the safety gate found something in it. No project
    /// switches it off.
    pub const PUBLISH: &'static str = "approve_publish";

    /// The most that is spent without asking.
    pub fn threshold(&self) -> MicroUsd {
        self.spend_threshold_micro_usd.unwrap_or(Self::THRESHOLD)
    }

    /// Whether a person must say yes before this much is spent, at worst. What nobody can estimate is asked about; nothing is
    /// not (002-27.1d, design §6: unknown cost is not zero).
    pub fn asks_to_spend(&self, worst: Option<MicroUsd>) -> bool {
        self.approve_external_spend && worst.is_none_or(|worst| worst.0 > 0 && worst > self.threshold())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_that_nothing_is_said_of_are_as_the_seed_says() {
        let read = |text: &str| serde_json::from_str::<ApprovalPoints>(text).expect("reads");
        let points = read("{}");
        let as_seed = |p: &ApprovalPoints| {
            (p.approve_canon_diff, p.approve_character_packs, p.approve_shotlist_timing_lock, p.approve_external_spend)
        };
        assert_eq!((as_seed(&points), points.threshold()), ((true, false, true, true), MicroUsd(1_000_000)));
        assert_eq!(as_seed(&read("{\"approve_canon_diff\":false}")), (false, false, true, true), "the rest stays as it was");
        let names = serde_json::to_value(&points).expect("writes");
        let names: Vec<&String> = names.as_object().expect("an object").keys().collect();
        let mut known = ApprovalPoints::NAMES.to_vec();
        known.sort_unstable();
        assert_eq!(names, known, "and nothing is written down that nobody said");
    }

    #[test]
    fn money_is_asked_about_above_the_threshold_alone() {
        let mut points = ApprovalPoints { spend_threshold_micro_usd: Some(MicroUsd(500)), ..ApprovalPoints::default() };
        for (worst, asks) in [(Some(0), false), (Some(499), false), (Some(500), false), (Some(501), true), (None, true)] {
            assert_eq!(points.asks_to_spend(worst.map(MicroUsd)), asks, "{worst:?}");
        }
        points.spend_threshold_micro_usd = Some(MicroUsd(0));
        assert!(points.asks_to_spend(Some(MicroUsd(1))) && !points.asks_to_spend(Some(MicroUsd(0))));
        points.approve_external_spend = false;
        assert!(!points.asks_to_spend(Some(MicroUsd(i64::MAX))) && !points.asks_to_spend(None));
    }
}
