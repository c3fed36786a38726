//! `reel route score`: seven dimensions, of tools as OpenMontage lists them, or of the catalogue for a request.

use clap::ArgMatches;
use routing::choose::Scored;
use routing::compat::context::{Around, normalize};
use routing::compat::score::{Score, Tool, ranked};
use serde_json::{Value, json};

use super::select;
use crate::failure::Failure;
use crate::verbs::{Report, given::Given};

pub const AFTER_HELP: &str = "\
example:
  echo '{\"subject\": \"sc01-b01-s1\", \"modality\": \"image\", \"intent\": \"storybook animation\", \"data_class\": \"public\",
    \"policy\": \"scored\"}' | reel route score -
FILE is a request as `reel route select` takes it, or {\"task_context\": {..}, \"tools\": [{\"info\": {..}, \"status\": \"available\",
\"estimate_cost_usd\": 0.04}]} as OpenMontage describes tools. What cannot be asked has no place in the ranking";

/// The most tools of one list.
const MOST: usize = 10_000;

pub fn run(args: &ArgMatches) -> Result<Report, Failure> {
    let given = Given::of(args, &["route", "score"]);
    let value = given.value()?;
    let compat = args.get_flag("compat");
    if !compat && value.get("tools").is_none() {
        return catalogue(&given, &value, args);
    }
    let context = value.get("task_context").cloned().unwrap_or(Value::Null);
    let tools: Vec<Tool> = given.read(value.get("tools").cloned().unwrap_or(Value::Null), "/tools")?;
    if tools.len() > MOST {
        return Err(given.refuse(format!("/tools: {} of them; at most {MOST} are read", tools.len())));
    }
    if compat {
        let json = ranked(&context, &tools);
        let text = format!("{}\n", json["format_ranking"].as_str().unwrap_or_default());
        return Ok(Report::new(json, text));
    }
    strict(&given, &context, tools)
}

/// What speaks against a tool of a list, in words.
fn against(tool: &Tool, motion: bool, budget: Option<f64>) -> Option<(&'static str, String)> {
    let capability = tool.info.get("capability").and_then(Value::as_str).unwrap_or_default();
    if tool.status == "unavailable" {
        return Some(("unavailable", "it does not answer".into()));
    }
    if motion && !capability.contains("video") {
        return Some(("promise_motion", "motion was promised, and what it makes does not move".into()));
    }
    match (tool.estimate_cost_usd.as_f64(), budget) {
        (None, Some(left)) => Some(("cost_unknown", format!("nobody knows what it costs, and {left} USD remain"))),
        (Some(cost), Some(left)) if cost > left.max(0.0) => {
            Some(("over_budget", format!("its worst case {cost} USD is more than the {left} USD that remain")))
        }
        _ => None,
    }
}

fn strict(given: &Given, context: &Value, mut tools: Vec<Tool>) -> Result<Report, Failure> {
    for (at, tool) in tools.iter().enumerate() {
        let refuse = |field: &str, why: String| Err(given.refuse(format!("/tools/{at}/{field}: {why}")));
        if tool.name().is_empty() {
            return refuse("info/name", "a tool has a name".into());
        }
        if tools[..at].iter().any(|other| other.name() == tool.name()) {
            return refuse("info/name", format!("`{}` stands twice", tool.name()));
        }
        if !["available", "degraded", "unavailable"].contains(&tool.status.as_str()) {
            return refuse("status", format!("`{}`; expected available, degraded or unavailable", tool.status));
        }
        if tool.estimate_cost_usd.as_f64().is_some_and(|cost| cost < 0.0) {
            return refuse("estimate_cost_usd", format!("{} is no cost", tool.estimate_cost_usd));
        }
    }
    // The order in which they were found changes nothing.
    tools.sort_by(|a, b| a.name().cmp(b.name()));
    let normalized = normalize(context, Around::default());
    let motion = normalized["motion_required"] == true;
    let budget = normalized["budget_remaining_usd"].as_f64();
    let excluded: Vec<Value> = tools
        .iter()
        .filter_map(|tool| against(tool, motion, budget).map(|(code, why)| json!({"tool": tool.name(), "code": code, "reason": why})))
        .collect();
    tools.retain(|tool| against(tool, motion, budget).is_none());
    for tool in &mut tools {
        if tool.estimate_cost_usd.as_f64().is_none() {
            // Unknown is not free: it scores as the dearest band.
            tool.estimate_cost_usd = json!(f64::MAX);
        }
    }
    let scores: Vec<Score> = routing::compat::score::rank(&tools, &normalized);
    let mut text: String =
        scores.iter().enumerate().map(|(at, s)| format!("  {}. {:<20} {:.4}\n", at + 1, s.tool_name, s.weighted_score)).collect();
    for one in &excluded {
        text.push_str(&format!(
            "  no {:<20} [{}] {}\n",
            one["tool"].as_str().unwrap_or_default(),
            one["code"].as_str().unwrap_or_default(),
            one["reason"].as_str().unwrap_or_default()
        ));
    }
    let json = json!({"normalized_task_context": normalized, "scores": scores, "exclusions": excluded});
    Ok(Report::new(json, text))
}

/// Tools of the catalogue, or of a snapshot.
fn catalogue(given: &Given, value: &Value, args: &ArgMatches) -> Result<Report, Failure> {
    let asked = select::asked(given, value, args)?;
    let (scored, exclusions) = routing::choose::scored(&asked.snapshot);
    let line = |(at, s): (usize, &Scored)| {
        let seven: Vec<String> = s.dimensions.iter().map(|(name, value)| format!("{name} {value}")).collect();
        format!("  {}. {:<20} {:>7}  {}\n", at + 1, s.tool.as_str(), s.score_ppm, seven.join(", "))
    };
    let mut text: String = scored.iter().enumerate().map(line).collect();
    text.push_str(&super::told_exclusions(&exclusions));
    let mut json = json!({"scores": scored, "exclusions": exclusions});
    asked.faults_into(&mut json);
    Ok(Report::new(json, text))
}
