//! Decisions as content-machine's readers know them: `matchReasoning` of `visuals.json`, one line of routing telemetry, one line of
//! lineage (public-projects 1.5 and 1.6). Ours stands beside under `reelwright`: what those records lose — the error's text, the
//! phase, the tool, the content hash — is there, and an old reader passes over it.

use contracts::choice::{Attempt, AttemptResult, Decision, Policy, WHOLE};
use serde_json::{Value, json};

/// Whether the original's readers know a policy; it writes what `adaptive` became, and knows no `scored`.
fn known(policy: Policy) -> bool {
    !matches!(policy, Policy::Adaptive | Policy::Scored)
}

fn provider<'a>(decision: &'a Decision, tool: &'a contracts::choice::ToolId) -> &'a str {
    let found = decision.snapshot.candidates.iter().find(|c| c.tool == *tool);
    found.map_or(tool.as_str(), |c| c.provider.as_str())
}

/// Tools that were left out, as the original lists them.
fn skipped(decision: &Decision) -> Vec<Value> {
    let one = |e: &contracts::choice::Exclusion| json!({"provider": provider(decision, &e.tool), "reason": e.reason});
    let mut skipped: Vec<Value> = Vec::new();
    for value in decision.choice.exclusions.iter().map(one) {
        if !skipped.contains(&value) {
            skipped.push(value);
        }
    }
    skipped
}

fn attempt(decision: &Decision, attempt: &Attempt) -> Value {
    let mut told = json!({
        "tool": attempt.tool, "provider": provider(decision, &attempt.tool), "phase": attempt.phase, "result": attempt.result,
        "cost_micro_usd": attempt.cost_micro_usd,
    });
    if let Some(ms) = attempt.latency_ms {
        told["latency_ms"] = json!(ms);
    }
    if let Some(error) = &attempt.error {
        told["error"] = json!(error);
    }
    told
}

/// `matchReasoning` of one scene. It is there for every scene, also where nothing was found.
pub fn match_reasoning(decision: &Decision) -> Value {
    let subject = &decision.snapshot.request.subject;
    let modality = decision.snapshot.request.modality.name();
    let reasoning = match &decision.chosen {
        Some(tool) => format!("Found {modality} from \"{}\" for \"{subject}\"", provider(decision, tool)),
        None => format!("Found no {modality} for \"{subject}\""),
    };
    let attempts: Vec<String> = decision.attempts.iter().map(|a| format!("{}:{}", provider(decision, &a.tool), a.phase)).collect();
    let mut told = json!({
        "reasoning": reasoning, "providerAttempts": attempts, "routingRationale": decision.choice.rationale,
        "skippedProviders": skipped(decision),
        "reelwright": {
            "asked_policy": decision.snapshot.request.policy, "policy": decision.choice.policy,
            "order": decision.choice.order.iter().map(|p| &p.tool).collect::<Vec<_>>(),
            "attempts": decision.attempts.iter().map(|a| attempt(decision, a)).collect::<Vec<_>>(),
            // Whole, so that the choice can be made again from this file alone.
            "decision": decision,
        },
    });
    if let Some(tool) = &decision.chosen {
        told["selectedProvider"] = json!(provider(decision, tool));
        told["reelwright"]["tool"] = json!(tool);
    }
    if known(decision.choice.policy) {
        told["routingPolicy"] = json!(decision.choice.policy);
    }
    told
}

/// One line of telemetry: what the choices of one run came to.
pub fn telemetry(run: &str, recorded_at: &str, topic: &str, decisions: &[Decision]) -> Value {
    // In the order of the first attempt.
    // Name, calls, calls that brought something, milliseconds, calls that were waited for.
    let mut summary: Vec<(&str, u64, u64, u64, u64)> = Vec::new();
    let mut chain: Vec<&str> = Vec::new();
    let mut left_out: Vec<Value> = Vec::new();
    let mut cost = 0;
    let (mut generated, mut fallbacks) = (0, 0);
    for decision in decisions {
        cost += decision.cost_micro_usd.0;
        for placed in &decision.choice.order {
            let name = provider(decision, &placed.tool);
            if !chain.contains(&name) {
                chain.push(name);
            }
        }
        for one in skipped(decision) {
            if !left_out.contains(&one) {
                left_out.push(one);
            }
        }
        for tried in &decision.attempts {
            let name = provider(decision, &tried.tool);
            if !summary.iter().any(|(known, ..)| *known == name) {
                summary.push((name, 0, 0, 0, 0));
            }
            if let Some(row) = summary.iter_mut().find(|(known, ..)| *known == name) {
                row.1 += 1;
                row.2 += u64::from(tried.result == AttemptResult::Success);
                row.3 += tried.latency_ms.unwrap_or(0);
                row.4 += u64::from(tried.latency_ms.is_some());
            }
        }
        let taken = decision.chosen.as_ref().and_then(|t| decision.snapshot.candidates.iter().find(|c| c.tool == *t));
        generated += u64::from(taken.is_some_and(|c| c.tier == "generate"));
        fallbacks += u64::from(decision.chosen != decision.choice.first || decision.chosen.is_none());
    }
    let policy = decisions.first().map_or(Policy::Configured, |d| d.choice.policy);
    let providers: Vec<Value> = summary
        .iter()
        .map(|(name, attempts, successes, wait, waited)| {
            json!({"provider": name, "attempts": attempts, "successes": successes, "failures": attempts - successes,
                "avgLatencyMs": *wait as f64 / (*waited).max(1) as f64})
        })
        .collect();
    json!({
        "schemaVersion": 1, "recordedAt": recorded_at, "pipelineId": run, "topic": topic, "routingPolicy": policy,
        "providerChain": chain, "sceneCount": decisions.len(), "fromGenerated": generated, "fallbacks": fallbacks,
        "totalGenerationCostUsd": cost as f64 / WHOLE as f64, "providerSummary": providers, "skippedProviders": left_out,
        "reelwright": {
            "cost_micro_usd": cost,
            "attempts": decisions.iter().flat_map(|d| d.attempts.iter().map(|a| {
                let mut told = attempt(d, a);
                told["subject"] = json!(d.snapshot.request.subject);
                told
            })).collect::<Vec<_>>(),
        },
    })
}

/// One line of lineage: where the picture of one scene came from. The prompt is left out: it is in the Decision, where who may
/// read it is known.
pub fn lineage(run: &str, recorded_at: &str, asset_path: &str, decision: &Decision) -> Value {
    let taken = decision.chosen.as_ref().and_then(|t| decision.snapshot.candidates.iter().find(|c| c.tool == *t));
    let mut told = json!({
        "schemaVersion": 1, "recordedAt": recorded_at, "pipelineId": run, "sceneId": decision.snapshot.request.subject,
        "assetPath": asset_path, "source": taken.map_or("none", |c| c.provider.as_str()),
        "assetType": if taken.is_some_and(|c| c.capability.contains("video")) { "video" } else { "image" },
        "generationCostUsd": decision.cost_micro_usd.0 as f64 / WHOLE as f64,
        "isFallback": decision.chosen != decision.choice.first || decision.chosen.is_none(),
        "reelwright": {"cost_micro_usd": decision.cost_micro_usd},
    });
    if known(decision.choice.policy) {
        told["routingPolicy"] = json!(decision.choice.policy);
    }
    if let Some(tool) = taken {
        told["selectedProvider"] = json!(tool.provider);
        told["reelwright"]["tool"] = json!(tool.tool);
        if let Some(licence) = &tool.output_licence {
            told["reelwright"]["licence"] = json!(licence);
        }
    }
    if let Some(content) = &decision.content {
        told["reelwright"]["content"] = json!(content);
    }
    told
}
