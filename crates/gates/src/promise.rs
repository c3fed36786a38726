//! The delivery promise (requirements 001-1 to 001-4, 001-14 to 001-19): the rule table, what a brief asks for, and whether a
//! film is what was promised: by its terms at three places ([`terms`]) and by its cuts ([`cuts`]).

pub mod cuts;
pub mod terms;

use contracts::promise::{DeliveryPromise, PromiseType};

pub use cuts::{Cut, CutKind, Measure};
pub use terms::{Place, compose, edit, proposal, rendered};

/// What a type of promise allows and asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Whether stills may stand in for most of the film.
    pub still_fallback_allowed: bool,
    /// Whether it needs pictures that a generator or a camera made to move; painted animation never is one.
    pub requires_video_generation: bool,
    /// The least share of cuts that move, in percent.
    pub min_motion_percent: u32,
}

/// The rule of a type.
pub fn rule(promise: PromiseType) -> Rule {
    let (still_fallback_allowed, requires_video_generation, min_motion_percent) = match promise {
        PromiseType::MotionLed => (false, true, 70),
        PromiseType::AvatarPresenter => (false, true, 30),
        PromiseType::SourceLed => (true, false, 30),
        PromiseType::Hybrid => (true, false, 20),
        PromiseType::DataExplainer | PromiseType::TeacherExplainer | PromiseType::ScreenDemo | PromiseType::Localization => {
            (true, false, 0)
        }
    };
    Rule { still_fallback_allowed, requires_video_generation, min_motion_percent }
}

/// What is known of a film before it is promised.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brief {
    /// The kind of production, such as `cinematic` or `animated-explainer`; what none knows is a mixture.
    pub pipeline_type: String,
    /// Whether pictures must move; `None`: nothing was said.
    pub motion_required: Option<bool>,
    /// Whether the author has footage.
    pub has_footage: bool,
    /// The tone; `None`: nothing was said.
    pub tone: Option<String>,
    /// The quality; `None`: nothing was said.
    pub quality: Option<String>,
}

/// The kinds of production that are known. All that the table below does not name are mixtures.
pub const PRODUCTIONS: [&str; 13] = [
    "animated-explainer",
    "animation",
    "avatar-spokesperson",
    "character-animation",
    "cinematic",
    "clip-factory",
    "documentary-montage",
    "hybrid",
    "localization-dub",
    "narrative",
    "podcast-repurpose",
    "screen-demo",
    "talking-head",
];

/// The families of looks that are known.
pub const FAMILIES: [&str; 8] = [
    "animation-first",
    "cinematic-trailer",
    "documentary-montage",
    "explainer-data",
    "explainer-teacher",
    "presenter",
    "product-reveal",
    "screen-demo",
];

/// The type that a kind of production stands for.
fn type_of(pipeline: &str) -> PromiseType {
    match pipeline {
        "cinematic" | "animation" => PromiseType::MotionLed,
        "animated-explainer" => PromiseType::DataExplainer,
        "talking-head" | "avatar-spokesperson" => PromiseType::AvatarPresenter,
        "screen-demo" => PromiseType::ScreenDemo,
        "localization-dub" => PromiseType::Localization,
        "podcast-repurpose" | "clip-factory" => PromiseType::SourceLed,
        _ => PromiseType::Hybrid,
    }
}

/// The promise a brief asks for.
pub fn classify(brief: &Brief) -> DeliveryPromise {
    let mut kind = type_of(&brief.pipeline_type);
    if brief.motion_required == Some(false) && kind == PromiseType::MotionLed {
        kind = PromiseType::Hybrid;
    }
    if brief.has_footage && kind != PromiseType::Localization {
        kind = PromiseType::SourceLed;
    }
    DeliveryPromise {
        promise_type: kind,
        motion_required: brief.motion_required.unwrap_or(matches!(kind, PromiseType::MotionLed | PromiseType::AvatarPresenter)),
        source_required: brief.has_footage,
        tone_mode: brief.tone.clone().unwrap_or_else(DeliveryPromise::tone),
        quality_floor: brief.quality.clone().unwrap_or_else(DeliveryPromise::quality),
        approved_fallback: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_table_is_the_seeds() {
        let rows: Vec<(&str, bool, bool, u32)> = PromiseType::ALL
            .into_iter()
            .map(|t| (t.name(), rule(t).still_fallback_allowed, rule(t).requires_video_generation, rule(t).min_motion_percent))
            .collect();
        let seed = [
            ("motion_led", false, true, 70),
            ("source_led", true, false, 30),
            ("data_explainer", true, false, 0),
            ("teacher_explainer", true, false, 0),
            ("screen_demo", true, false, 0),
            ("avatar_presenter", false, true, 30),
            ("hybrid", true, false, 20),
            ("localization", true, false, 0),
        ];
        assert_eq!(rows, seed);
    }
}
