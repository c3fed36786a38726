//! Tools: what they are called and what they say of themselves (design §6; one file of `policies/providers/` each).

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The name of a tool or of a provider: `[a-z0-9][a-z0-9._-]{0,62}`. It never reaches a path.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = "^[a-z0-9][a-z0-9._-]{0,62}$"))]
pub struct ToolId(String);

impl ToolId {
    /// Checks a text and makes it a name.
    pub fn new(text: impl Into<String>) -> Result<Self, String> {
        let text = text.into();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let valid = text.len() <= 63 && text.starts_with(plain) && text.chars().all(|c| plain(c) || matches!(c, '.' | '_' | '-'));
        if valid {
            return Ok(Self(text));
        }
        let shown: String = text.escape_debug().to_string().chars().take(80).collect();
        Err(format!("`{shown}` is not a tool's name: it must match [a-z0-9][a-z0-9._-]{{0,62}}"))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ToolId {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::new(text)
    }
}

impl From<ToolId> for String {
    fn from(id: ToolId) -> Self {
        id.0
    }
}

impl std::fmt::Display for ToolId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// An enum of plain words: its variants, their text in JSON, and both ways between them.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// Every one, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its word.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// The one of a word.
            pub fn named(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == word)
            }
        }
    };
}

pub(crate) use words;

words! {
    /// What is made.
    Modality {
        /// Moving pictures.
        Video = "video",
        /// Stills.
        Image = "image",
        /// Spoken lines.
        Speech = "speech",
        /// A score.
        Music = "music",
        /// Ambience and effects.
        Sound = "sound",
        /// Words.
        Text = "text",
        /// Putting pictures and sound together.
        Runtime = "runtime",
    }
}

words! {
    /// How far a tool is trusted by those who make it.
    Stability {
        /// It may change or fail.
        Experimental = "experimental",
        /// It mostly works.
        Beta = "beta",
        /// It is relied on.
        Production = "production",
    }
}

words! {
    /// Where a tool does its work.
    Runs {
        /// On this machine's processor.
        Local = "local",
        /// On this machine's graphics card.
        LocalGpu = "local_gpu",
        /// Partly elsewhere.
        Hybrid = "hybrid",
        /// Elsewhere.
        Api = "api",
    }
}

impl Runs {
    /// Whether nothing leaves this machine.
    pub fn is_local(self) -> bool {
        matches!(self, Self::Local | Self::LocalGpu)
    }
}

words! {
    /// What a tool costs, roughly; cheapest first.
    CostTier {
        /// Nothing.
        Free = "free",
        /// Cents.
        Low = "low",
        /// Tens of cents.
        Medium = "medium",
        /// Half a dollar.
        High = "high",
        /// A dollar and more.
        Premium = "premium",
    }
}

words! {
    /// How secret what is handed to a tool may be; the most public first.
    DataClass {
        /// Anyone may see it.
        Public = "public",
        /// Those who work on it.
        Internal = "internal",
        /// Few.
        Confidential = "confidential",
        /// It may not leave this machine unless a tool says that it may.
        Restricted = "restricted",
    }
}

words! {
    /// What is paid for.
    CostUnit {
        /// Each call.
        Call = "call",
        /// Each second of what is made.
        Second = "second",
        /// Each thousand tokens.
        KiloToken = "kilotoken",
        /// Each million pixels.
        Megapixel = "megapixel",
    }
}

words! {
    /// How a tool is.
    Availability {
        /// It answers.
        Available = "available",
        /// It answers badly.
        Degraded = "degraded",
        /// It does not answer, or is not set up.
        Unavailable = "unavailable",
    }
}

words! {
    /// Its circuit breaker.
    Breaker {
        /// Calls pass.
        Closed = "closed",
        /// One call is tried.
        HalfOpen = "half_open",
        /// No call passes.
        Open = "open",
    }
}

/// What one call, second, thousand tokens or million pixels cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// What is counted.
    pub per: CostUnit,
    /// What one of it costs; absent where nobody knows, which is not zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub micro_usd: Option<i64>,
}

/// What a tool can take and give. Empty lists and absent numbers mean no limit that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The lengths it offers, milliseconds; what is asked for is rounded up to one of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub durations_ms: Vec<u32>,
    /// The longest, where it offers any length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_duration_ms: Option<u32>,
    /// Frames a second.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fps: Vec<u32>,
    /// `16:9`, `9:16`, …
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aspects: Vec<String>,
    /// Pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_width: Option<u32>,
    /// Pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_height: Option<u32>,
    /// `png`, `mp4`, `wav`, …
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub formats: Vec<String>,
}

/// What one tool says of itself: one file of `policies/providers/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToolManifest {
    /// The tool. One file, one tool; outcomes and verdicts hang on this name, never on the provider's.
    pub tool: ToolId,
    /// Who is called.
    pub provider: ToolId,
    /// Who sends the bill; absent where nobody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer: Option<ToolId>,
    /// What it is listed under: `video_generation`, `image_generation`, `tts`, `music_generation`, …
    pub capability: String,
    /// What it makes.
    pub modality: Modality,
    /// `text_to_video`, `image_to_video`, `speak`, …
    pub operations: BTreeSet<String>,
    /// Whether what it makes moves by itself.
    #[serde(default)]
    pub moves: bool,
    /// `generate`, `source`, `voice`, …
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tier: String,
    /// How far it is trusted.
    pub stability: Stability,
    /// Where it works.
    pub runtime: Runs,
    /// What it is best for, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub best_for: Vec<String>,
    /// Features: `seed`, `native_audio`, `reference_image`, …
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub supports: BTreeSet<String>,
    /// What it can take and give.
    #[serde(default)]
    pub limits: Limits,
    /// JSON Schema of its inputs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_schema: Option<Value>,
    /// JSON Schema of its outputs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_schema: Option<Value>,
    /// What it costs. Absent is unknown, which is not zero; what is free says so with a price of 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// What it costs, roughly.
    pub cost_tier: CostTier,
    /// The usual wait, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u32>,
    /// How good it is, parts per million.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality_ppm: Option<u32>,
    /// The licence of what it makes, as an SPDX expression or `LicenseRef-…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_licence: Option<String>,
    /// Whether what it makes may be sold.
    #[serde(default)]
    pub commercial: bool,
    /// What it may be handed.
    pub data_classes: BTreeSet<DataClass>,
    /// Variables that must be set for it to work; their names, never their values.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub environment: BTreeSet<String>,
    /// Tools to try after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallback: Vec<ToolId>,
}
