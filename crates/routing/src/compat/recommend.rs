//! Which ordering past runs speak for, as content-machine computes it: success, fallbacks and cost; latency is written down
//! and not used.

use serde::{Deserialize, Serialize};

use super::cm::{Policy, Skipped};

/// One run of the visuals stage: one line of telemetry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Telemetry {
    /// 1.
    pub schema_version: u32,
    /// RFC 3339.
    pub recorded_at: String,
    /// The run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipeline_id: Option<String>,
    /// What the film is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// The policy that ordered.
    pub routing_policy: String,
    /// The configured chain.
    pub provider_chain: Vec<String>,
    /// Scenes in all.
    pub scene_count: f64,
    /// Scenes that were generated.
    pub from_generated: f64,
    /// Scenes that took a fallback.
    pub fallbacks: f64,
    /// US dollars.
    pub total_generation_cost_usd: f64,
    /// In the order of the first attempt.
    pub provider_summary: Vec<ProviderSummary>,
    /// Deduplicated by provider and reason.
    #[serde(default)]
    pub skipped_providers: Vec<Skipped>,
}

/// What one provider did in one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProviderSummary {
    /// Its name.
    pub provider: String,
    /// Calls.
    pub attempts: f64,
    /// Calls that brought something.
    pub successes: f64,
    /// The others.
    pub failures: f64,
    /// Milliseconds a call, failures included.
    pub avg_latency_ms: f64,
}

/// What past runs speak for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recommendation {
    /// The ordering.
    pub policy: Policy,
    /// 0 to 1, by the number of records.
    pub confidence: f64,
    /// In the original's words.
    pub reason: String,
    /// What it rests on.
    pub metrics: Metrics,
}

/// What a recommendation rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Metrics {
    /// Runs.
    pub records: usize,
    /// Scenes of all runs.
    pub scene_count: f64,
    /// Share of scenes; 1 without scenes.
    pub fallback_rate: f64,
    /// US dollars.
    pub generated_cost_per_scene_usd: f64,
    /// Share of calls; 0 without calls.
    pub provider_success_rate: f64,
}

/// Nothing where there are fewer than `min_records`.
pub fn recommend(records: &[Telemetry], min_records: f64) -> Option<Recommendation> {
    let count = records.len() as f64;
    if count < min_records {
        return None;
    }
    let sum = |of: fn(&Telemetry) -> f64| records.iter().fold(0.0, |sum, record| sum + of(record));
    let scenes = sum(|r| r.scene_count);
    let (fallbacks, cost) = (sum(|r| r.fallbacks), sum(|r| r.total_generation_cost_usd));
    let tried = records.iter().flat_map(|r| &r.provider_summary).fold((0.0, 0.0), |(a, s), p| (a + p.attempts, s + p.successes));
    let share = |part: f64, whole: f64, without: f64| if whole > 0.0 { part / whole } else { without };
    let metrics = Metrics {
        records: records.len(),
        scene_count: scenes,
        fallback_rate: share(fallbacks, scenes, 1.0),
        generated_cost_per_scene_usd: share(cost, scenes, 0.0),
        provider_success_rate: share(tried.1, tried.0, 0.0),
    };
    let (policy, reason) = if metrics.provider_success_rate < 0.6 || metrics.fallback_rate > 0.35 {
        (Policy::QualityFirst, "High fallback rate or low provider success rate")
    } else if metrics.generated_cost_per_scene_usd > 0.05 {
        (Policy::CostFirst, "Generation cost per scene trending high")
    } else {
        (Policy::Balanced, "Balanced default from telemetry trends")
    };
    let confidence = (count / (min_records * 2.0).max(1.0)).clamp(0.0, 1.0);
    Some(Recommendation { policy, confidence, reason: reason.to_owned(), metrics })
}
