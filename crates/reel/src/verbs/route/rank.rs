//! `reel route rank`: the learned ranking over outcomes, and whether it may be made active.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use clap::ArgMatches;
use contracts::MicroUsd;
use contracts::choice::{ToolId, WHOLE};
use routing::compat::portfolio;
use routing::rank::{COLD, Outcome, Shadowed, WINDOW, activation, score, stats};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::verbs::{Report, given::Given};

pub const AFTER_HELP: &str = "\
example:
  echo '{\"tools\": [\"craft.painter\", \"other.painter\"], \"outcomes\": [{\"tool\": \"craft.painter\", \"at_s\": 1790000000,
    \"success\": true, \"latency_ms\": 600, \"quality_ppm\": 700000, \"cost_micro_usd\": 0}]}' | reel route rank -
window is how many outcomes of a tool count, newest first (default 100); a tool without any is ranked by what is assumed of a new one.
With {\"now_s\": N, \"shadowed\": [{\"at_s\": N, \"diverged\": false}]} it is said, too, whether the ranking may be made active: less than
a tenth diverged on each of the last seven days";

/// The most outcomes of one file.
const MOST: usize = 1_000_000;
/// The most tools.
const MOST_TOOLS: usize = 10_000;
/// The longest wait, and the latest time, that is believed.
const LONGEST: i64 = 1_000_000_000_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    outcomes: Vec<Outcome>,
    #[serde(default)]
    tools: Vec<ToolId>,
    #[serde(default)]
    window: Option<usize>,
    #[serde(default)]
    now_s: Option<i64>,
    #[serde(default)]
    shadowed: Vec<Shadowed>,
}

#[derive(Deserialize)]
struct Lax {
    candidates: Vec<(String, String)>,
    history: Vec<portfolio::Outcome>,
}

pub fn run(args: &ArgMatches) -> Result<Report, Failure> {
    let given = Given::of(args, &["route", "rank"]);
    let value = given.value()?;
    if args.get_flag("compat") {
        let asked: Lax = given.read(value, "")?;
        let json = portfolio::rank(&asked.candidates, &asked.history);
        let order = json["order"].as_array().into_iter().flatten();
        let text = order.enumerate().map(|(at, one)| {
            let name = one[0].as_str().unwrap_or_default();
            format!("  {}. {name:<20} {:.4}\n", at + 1, json["scores"][name].as_f64().unwrap_or(0.0))
        });
        return Ok(Report::new(json.clone(), text.collect::<String>()));
    }
    strict(&given, given.read(value, "")?)
}

/// Names the first outcome that cannot be.
fn check(given: &Given, asked: &Asked) -> Result<(), Failure> {
    let many = |what: &str, count: usize, most: usize| match count > most {
        true => Err(given.refuse(format!("/{what}: {count} of them; at most {most} are read"))),
        false => Ok(()),
    };
    many("outcomes", asked.outcomes.len(), MOST)?;
    many("shadowed", asked.shadowed.len(), MOST)?;
    many("tools", asked.tools.len(), MOST_TOOLS)?;
    for (at, outcome) in asked.outcomes.iter().enumerate() {
        for (field, value, most) in [
            ("at_s", outcome.at_s, LONGEST),
            ("latency_ms", outcome.latency_ms, LONGEST),
            ("quality_ppm", outcome.quality_ppm.unwrap_or(0), WHOLE),
            ("cost_micro_usd", outcome.cost_micro_usd.0, LONGEST),
        ] {
            if !(0..=most).contains(&value) {
                return Err(given.refuse(format!("/outcomes/{at}/{field}: {value}; expected 0 to {most}")));
            }
        }
    }
    Ok(())
}

fn strict(given: &Given, mut asked: Asked) -> Result<Report, Failure> {
    check(given, &asked)?;
    let window = asked.window.unwrap_or(WINDOW);
    if !(1..=MOST).contains(&window) {
        return Err(given.refuse(format!("/window: {window}; expected 1 to {MOST}")));
    }
    asked.outcomes.sort_by(|a, b| a.tool.cmp(&b.tool));
    let by_tool = &asked.outcomes;
    let tools: BTreeSet<&ToolId> = asked.tools.iter().chain(asked.outcomes.iter().map(|o| &o.tool)).collect();
    if tools.len() > MOST_TOOLS {
        return Err(given.refuse(format!("/outcomes: {} tools; at most {MOST_TOOLS} are ranked", tools.len())));
    }
    let mut ranking: Vec<(i64, Value)> = Vec::with_capacity(tools.len());
    let mut text = String::new();
    for tool in tools {
        let from = by_tool.partition_point(|o| o.tool < *tool);
        let to = by_tool.partition_point(|o| o.tool <= *tool);
        let known = stats(tool, &by_tool[from..to], window);
        let score = score(known.as_ref().unwrap_or(&COLD));
        ranking.push((score, json!({"tool": tool, "score_ppm": score, "stats": known, "cold": known.is_none()})));
    }
    // Tools come by name, and the sort is stable.
    ranking.sort_by_key(|(score, _)| Reverse(*score));
    for (at, (score, one)) in ranking.iter().enumerate() {
        let seen = match one["stats"]["samples"].as_u64() {
            Some(n) => format!("{n} calls, {} ppm of them worked", one["stats"]["success_ppm"]),
            None => "nobody has called it".to_owned(),
        };
        text.push_str(&format!("  {}. {:<20} {score:>7}  {seen}\n", at + 1, one["tool"].as_str().unwrap_or_default()));
    }
    let mut json = json!({"ranking": ranking.into_iter().map(|(_, one)| one).collect::<Vec<_>>(), "window": window});
    let spent: i64 = asked.outcomes.iter().map(|o| o.cost_micro_usd.0).fold(0, i64::saturating_add);
    json["outcomes"] = json!({"count": asked.outcomes.len(), "cost_micro_usd": MicroUsd(spent)});
    match (asked.now_s, asked.shadowed.is_empty()) {
        (Some(now), _) => {
            let answer = activation(&asked.shadowed, now);
            let word = if answer.ready { "the ranking may be made active" } else { "the ranking stays in shadow" };
            text.push_str(&format!("{word}: {}\n", answer.reason));
            json["activation"] = json!(answer);
        }
        (None, false) => {
            return Err(given.refuse("/now_s: required with `shadowed`: seconds since 1970 from which seven days are counted back"));
        }
        (None, true) => {}
    }
    Ok(Report::new(json, text))
}
