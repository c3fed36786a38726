//! Ranking by outcomes and walking by policy and budget, as somaagent01 has them (Apache-2.0, commit a169e46).

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// How many outcomes the original asks its store for, newest first. Its ranker counts whatever the store gives: who hands a
/// history in cuts it.
pub const WINDOW: usize = 100;

/// What came of one call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Who was called; models are not told apart.
    pub provider: String,
    /// Whether it brought something.
    pub success: bool,
    /// Milliseconds.
    pub latency_ms: f64,
    /// 0 to 1; none and 0 both count as 0.5.
    #[serde(default)]
    pub quality_score: Option<f64>,
    /// Cents.
    pub cost_cents: f64,
}

/// What outcomes say of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stats {
    /// Share of calls.
    pub success_rate: f64,
    /// Over calls that worked; 0.5 without.
    pub avg_quality: f64,
    /// Milliseconds over calls that worked; 0 without.
    pub avg_latency: f64,
    /// Cents over all calls.
    pub avg_cost: f64,
}

impl Stats {
    /// Of a provider nobody has called.
    pub const COLD: Self = Self { success_rate: 0.8, avg_quality: 0.7, avg_latency: 2000.0, avg_cost: 0.0 };

    /// The weighted score.
    pub fn score(&self) -> f64 {
        let latency = 1.0 - (self.avg_latency / 10_000.0).min(1.0);
        let cost = 1.0 - (self.avg_cost / 10.0).min(1.0);
        0.4 * self.success_rate + 0.3 * self.avg_quality + 0.2 * latency + 0.1 * cost
    }
}

/// What the outcomes of a provider say.
pub fn stats(provider: &str, history: &[Outcome]) -> Stats {
    let seen: Vec<&Outcome> = history.iter().filter(|o| o.provider == provider).collect();
    if seen.is_empty() {
        return Stats::COLD;
    }
    let worked: Vec<&Outcome> = seen.iter().copied().filter(|o| o.success).collect();
    let mean = |of: &[&Outcome], value: fn(&Outcome) -> f64, without: f64| {
        if of.is_empty() { without } else { of.iter().fold(0.0, |sum, o| sum + value(o)) / of.len() as f64 }
    };
    Stats {
        success_rate: worked.len() as f64 / seen.len() as f64,
        avg_quality: mean(&worked, |o| o.quality_score.filter(|q| *q != 0.0).unwrap_or(0.5), 0.5),
        avg_latency: mean(&worked, |o| o.latency_ms, 0.0),
        avg_cost: mean(&seen, |o| o.cost_cents, 0.0),
    }
}

/// Candidates (provider, model), best provider first; ties keep their order.
pub fn rank(candidates: &[(String, String)], history: &[Outcome]) -> Value {
    let stats: BTreeMap<&str, Stats> = candidates.iter().map(|(p, _)| (p.as_str(), stats(p, history))).collect();
    let scores: BTreeMap<&str, f64> = stats.iter().map(|(p, s)| (*p, s.score())).collect();
    let mut order: Vec<&(String, String)> = candidates.iter().collect();
    order.sort_by(|a, b| scores[b.0.as_str()].partial_cmp(&scores[a.0.as_str()]).unwrap_or(Ordering::Equal));
    json!({"order": order, "stats": stats, "scores": scores})
}

/// A capability the router walks over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The tool.
    pub tool_id: String,
    /// Its provider.
    pub provider: String,
    /// free, low, medium, high or premium.
    pub cost_tier: String,
    /// Whether it is switched on.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// `unavailable` is denied.
    #[serde(default)]
    pub health_status: Option<String>,
}

fn yes() -> bool {
    true
}

/// What a policy said of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It may.
    Allow,
    /// It may not.
    Deny,
    /// The policy failed, with this error: a denial.
    Error(String),
}

/// Cents that a tier is taken to cost.
pub fn tier_cents(tier: &str) -> i64 {
    match tier {
        "free" => 0,
        "low" => 5,
        "high" => 50,
        "premium" => 100,
        _ => 20,
    }
}

/// The first candidate that is on, healthy, within the budget and allowed; the others with their reasons.
pub fn route(modality: &str, candidates: &[Candidate], budget: Option<i64>, used: i64, policy: impl Fn(&Candidate) -> Answer) -> Value {
    let mut denied: Vec<Value> = Vec::new();
    for candidate in candidates {
        let cents = tier_cents(&candidate.cost_tier);
        let remaining = budget.map(|limit| limit - used);
        let reason = if !candidate.enabled {
            "disabled".to_owned()
        } else if candidate.health_status.as_deref() == Some("unavailable") {
            "unavailable".to_owned()
        } else if let Some(left) = remaining.filter(|left| cents > *left) {
            format!("estimated_cost_{cents}_exceeds_remaining_{left}")
        } else {
            match policy(candidate) {
                Answer::Deny => "opa_policy_denied".to_owned(),
                Answer::Error(kind) => format!("policy_error_{kind}"),
                Answer::Allow => {
                    let mut context = Map::new();
                    context.insert("modality".into(), json!(modality));
                    context.insert("tool_id".into(), json!(candidate.tool_id));
                    context.insert("provider".into(), json!(candidate.provider));
                    context.insert("cost_tier".into(), json!(candidate.cost_tier));
                    context.insert("estimated_cost_cents".into(), json!(cents));
                    if let (Some(limit), Some(left)) = (budget, remaining) {
                        context.insert("budget_limit_cents".into(), json!(limit));
                        context.insert("budget_used_cents".into(), json!(used));
                        context.insert("budget_remaining_cents".into(), json!(left));
                    }
                    return json!({
                        "success": true, "tool_id": candidate.tool_id, "provider": candidate.provider, "denied_options": denied,
                        "budget_remaining_cents": remaining.map(|left| left - cents), "policy_context": context,
                    });
                }
            }
        };
        denied.push(json!([candidate.tool_id, candidate.provider, reason]));
    }
    json!({
        "success": false, "tool_id": null, "provider": null, "denied_options": denied, "budget_remaining_cents": null,
        "policy_context": {"modality": modality},
    })
}
