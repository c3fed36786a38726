//! `reel route order`: a set of providers as content-machine describes them, ordered by a policy within a budget.

use std::collections::BTreeSet;

use clap::ArgMatches;
use contracts::MicroUsd;
use contracts::choice::{
    Availability, Breaker, BudgetView, Candidate, CostTier, DataClass, Modality, Policy, Ranker, RankerMode, Runs, SelectionRequest,
    Snapshot, Stability, ToolId,
};
use routing::compat::cm;
use routing::policy_file::millionths;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::verbs::{Report, given::Given};

pub const AFTER_HELP: &str = "\
example:
  echo '{\"policy\": \"cost-first\", \"remainingGenerationBudgetUsd\": 0.12, \"providers\": [
    {\"name\": \"nanobanana\", \"assetType\": \"image\", \"costPerAsset\": 0.04},
    {\"name\": \"pexels\", \"assetType\": \"video\", \"costPerAsset\": 0}]}' | reel route order -
a provider without a costPerAsset has an unknown cost, which is not zero. Nothing feasible ends with 5 (choice.no_tool)";

/// The most providers of one set.
const MOST: usize = 10_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Asked {
    providers: Vec<Provider>,
    #[serde(default)]
    policy: Option<String>,
    #[serde(default)]
    remaining_generation_budget_usd: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Provider {
    name: ToolId,
    asset_type: cm::AssetType,
    #[serde(default)]
    cost_per_asset: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lax {
    providers: Vec<cm::Provider>,
    #[serde(default)]
    policy: Option<String>,
    #[serde(default)]
    remaining_generation_budget_usd: Option<f64>,
}

pub fn run(args: &ArgMatches) -> Result<Report, Failure> {
    let given = Given::of(args, &["route", "order"]);
    let value = given.value()?;
    if args.get_flag("compat") { lax(&given, value) } else { strict(&given, value) }
}

fn lax(given: &Given, value: Value) -> Result<Report, Failure> {
    let asked: Lax = given.read(value, "")?;
    let name = asked.policy.as_deref().unwrap_or("configured");
    let policy = cm::Policy::of(name).ok_or_else(|| {
        given.refuse(format!("/policy: `{}`; there are {}", name.chars().take(80).collect::<String>(), cm::POLICIES.join(", ")))
    })?;
    let plan = cm::plan(&asked.providers, policy, asked.remaining_generation_budget_usd);
    let mut text = format!("{}\n", plan.rationale);
    for (at, name) in plan.ordered_providers.iter().enumerate() {
        text.push_str(&format!("  {}. {name}\n", at + 1));
    }
    for skipped in &plan.skipped_providers {
        text.push_str(&format!("  no {:<20} {}\n", skipped.provider, skipped.reason));
    }
    Ok(Report::new(serde_json::to_value(&plan).map_err(Failure::internal)?, text))
}

/// Dollars of the file in whole micro-dollars.
fn money(given: &Given, value: &Value, at: &str, least: i64) -> Result<MicroUsd, Failure> {
    let told = if least == 0 { "expected US dollars, 0 to 1000000" } else { "expected US dollars, -1000000 to 1000000" };
    let money = millionths(value).filter(|m| (least..=1_000_000_000_000).contains(m));
    money.map(MicroUsd).ok_or_else(|| given.refuse(format!("{at}: {value}; {told}, with at most six digits behind the point")))
}

fn strict(given: &Given, value: Value) -> Result<Report, Failure> {
    let asked: Asked = given.read(value, "")?;
    if asked.providers.len() > MOST {
        return Err(given.refuse(format!("/providers: {} of them; at most {MOST} are read", asked.providers.len())));
    }
    let policy = match asked.policy.as_deref() {
        None => Policy::Configured,
        Some(name) => routing::policy(name).map_err(|e| given.refuse(format!("/policy: {e}")))?,
    };
    let left = asked.remaining_generation_budget_usd.as_ref().filter(|v| !v.is_null());
    let left = left.map(|v| money(given, v, "/remainingGenerationBudgetUsd", -1_000_000_000_000)).transpose()?;
    let mut seen = BTreeSet::new();
    let mut candidates = Vec::with_capacity(asked.providers.len());
    for (at, provider) in asked.providers.iter().enumerate() {
        if !seen.insert(&provider.name) {
            return Err(given.refuse(format!("/providers/{at}/name: `{}` stands twice", provider.name)));
        }
        let cost = provider.cost_per_asset.as_ref().filter(|v| !v.is_null());
        let quote = cost.map(|v| money(given, v, &format!("/providers/{at}/costPerAsset"), 0)).transpose()?;
        candidates.push(candidate(provider, quote));
    }
    let request = SelectionRequest {
        policy,
        // The order in which they are configured is an input.
        chain: asked.providers.iter().map(|p| p.name.clone()).collect(),
        ..SelectionRequest::of("a scene", Modality::Video)
    };
    let ranker = Ranker { mode: RankerMode::Off, ..Ranker::default() };
    let budget = BudgetView { remaining_micro_usd: left };
    let snapshot = Snapshot { request, budget, table: None, candidates, gates: Vec::new(), trends: None, ranker };
    let choice = routing::select(&snapshot).map_err(Failure::not_chosen)?;
    let skipped: Vec<Value> = choice.exclusions.iter().map(|e| json!({"provider": e.tool, "code": e.code, "reason": e.reason})).collect();
    let json = json!({
        "orderedProviders": choice.order.iter().map(|p| &p.tool).collect::<Vec<_>>(), "skippedProviders": skipped,
        "rationale": choice.rationale, "choice": choice,
    });
    Ok(Report::new(json, super::told(&choice)))
}

/// A provider as a choice sees it. It is taken to be well, and as good as content-machine says.
fn candidate(provider: &Provider, quote: Option<MicroUsd>) -> Candidate {
    let moves = provider.asset_type == cm::AssetType::Video;
    Candidate {
        tool: provider.name.clone(),
        provider: provider.name.clone(),
        capability: if moves { "video_generation" } else { "image_generation" }.to_owned(),
        moves,
        tier: String::new(),
        stability: Stability::Production,
        runtime: Runs::Api,
        best_for: Vec::new(),
        supports: BTreeSet::new(),
        lacks: Vec::new(),
        quote_micro_usd: quote,
        cost_tier: if quote == Some(MicroUsd(0)) { CostTier::Free } else { CostTier::Low },
        latency_ms: None,
        quality_ppm: u32::try_from(cm::quality(provider.name.as_str()) * 10_000).ok(),
        output_licence: None,
        commercial: true,
        data_classes: DataClass::ALL.iter().copied().collect(),
        missing_environment: Vec::new(),
        availability: Availability::Available,
        breaker: Breaker::Closed,
        why_unwell: None,
        fallback: Vec::new(),
        stats: None,
    }
}
