//! Four orderings of stock and image providers with a budget skip, as content-machine has them (MIT, commit 46cfe459).

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::to_fixed;

/// The names of the policies, in the order in which they are told.
pub const POLICIES: [&str; 4] = ["configured", "balanced", "cost-first", "quality-first"];

/// Names and figures of the original's providers.
#[derive(Deserialize, Default)]
struct Data {
    quality: BTreeMap<String, i64>,
    quality_of_any_other: i64,
    sources: Vec<String>,
}

static DATA: LazyLock<Data> = LazyLock::new(|| serde_json::from_str(include_str!("../../data/cm.json")).unwrap_or_default());

/// The values a scene's `source` may have.
pub(super) fn sources() -> Vec<&'static str> {
    DATA.sources.iter().map(String::as_str).collect()
}

/// One of the four, or nothing. `adaptive` is resolved before there is an order, and is none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// As listed.
    Configured,
    /// Video first, then cheap, then good.
    Balanced,
    /// Cheap first, then video, then good.
    CostFirst,
    /// Video first, then good, then cheap.
    QualityFirst,
}

impl Policy {
    /// Its name.
    pub fn name(self) -> &'static str {
        POLICIES[self as usize]
    }

    /// The policy of a name; letters' case counts.
    pub fn of(name: &str) -> Option<Self> {
        [Self::Configured, Self::Balanced, Self::CostFirst, Self::QualityFirst].into_iter().find(|p| p.name() == name)
    }
}

/// Whether a JSON value names a policy.
pub fn is_policy(value: &Value) -> bool {
    value.as_str().is_some_and(|name| Policy::of(name).is_some())
}

/// What a provider brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AssetType {
    /// Clips.
    Video,
    /// Stills.
    Image,
}

/// A provider as the original sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Provider {
    /// Its name; the quality table is by name.
    pub name: String,
    /// What it brings.
    pub asset_type: AssetType,
    /// US dollars for one asset.
    pub cost_per_asset: f64,
}

/// A provider that was left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Skipped {
    /// Its name.
    pub provider: String,
    /// Why, in the original's words.
    pub reason: String,
}

/// The order for one scene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Names, best first.
    pub ordered_providers: Vec<String>,
    /// In configured order.
    pub skipped_providers: Vec<Skipped>,
    /// What was done, in the original's words.
    pub rationale: String,
}

/// How good the original says a provider is, 0 to 100, by its name.
pub fn quality(name: &str) -> i64 {
    DATA.quality.get(name).copied().unwrap_or(DATA.quality_of_any_other)
}

/// The reason text of a skip.
pub fn skip_reason(cost_usd: f64, remaining_usd: f64) -> String {
    format!("cost ${} exceeds remaining budget ${}", to_fixed(cost_usd, 2), to_fixed(remaining_usd, 2))
}

/// Orders providers. An image provider that costs more than what remains is skipped; a paid video provider never is.
pub fn plan(providers: &[Provider], policy: Policy, remaining_usd: Option<f64>) -> Plan {
    let mut skipped = Vec::new();
    let mut allowed: Vec<&Provider> = Vec::new();
    for provider in providers {
        match remaining_usd {
            Some(left) if provider.asset_type == AssetType::Image && provider.cost_per_asset > left => {
                skipped.push(Skipped { provider: provider.name.clone(), reason: skip_reason(provider.cost_per_asset, left) });
            }
            _ => allowed.push(provider),
        }
    }
    let video_first = |a: &Provider, b: &Provider| (a.asset_type != AssetType::Video).cmp(&(b.asset_type != AssetType::Video));
    let cheap_first = |a: &Provider, b: &Provider| a.cost_per_asset.partial_cmp(&b.cost_per_asset).unwrap_or(Ordering::Equal);
    let good_first = |a: &Provider, b: &Provider| quality(&b.name).cmp(&quality(&a.name));
    // A stable sort: a full tie stays as configured.
    allowed.sort_by(|a, b| match policy {
        Policy::Configured => Ordering::Equal,
        Policy::Balanced => video_first(a, b).then(cheap_first(a, b)).then(good_first(a, b)),
        Policy::CostFirst => cheap_first(a, b).then(video_first(a, b)).then(good_first(a, b)),
        Policy::QualityFirst => video_first(a, b).then(good_first(a, b)).then(cheap_first(a, b)),
    });
    let rationale = match policy {
        Policy::Configured => "Using configured provider order".to_owned(),
        _ => format!("Applied {} routing policy", policy.name()),
    };
    Plan { ordered_providers: allowed.into_iter().map(|p| p.name.clone()).collect(), skipped_providers: skipped, rationale }
}
