//! `reel route recommend`: the policy that past runs speak for, from lines of telemetry.

use clap::ArgMatches;
use contracts::choice::Policy;
use routing::compat::recommend::{Telemetry, recommend};
use routing::policy_file::{ADAPTIVE_WINDOW, MIN_RECORDS};
use routing::{choose, trends};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::verbs::{Report, given::Given};

pub const AFTER_HELP: &str = "\
example:
  reel route recommend telemetry.jsonl
FILE is lines of routing telemetry, an array of them, or {\"records\": [..], \"minRecords\": 20, \"window\": 200}. With fewer runs than
minRecords nothing speaks for anything: the answer is `balanced`, with a confidence of 0";

/// The most records of one file.
const MOST: usize = 1_000_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Asked {
    records: Vec<Telemetry>,
    #[serde(default)]
    min_records: Option<f64>,
    #[serde(default)]
    window: Option<u32>,
}

pub fn run(args: &ArgMatches) -> Result<Report, Failure> {
    let given = Given::of(args, &["route", "recommend"]);
    let mut asked = Asked { records: Vec::new(), min_records: None, window: None };
    given.each(|number, bytes| {
        let value: Value = serde_json::from_slice(bytes).map_err(|e| given.refuse(format!("record {number} is not valid JSON: {e}")))?;
        if number == 1 && value.get("records").is_some() {
            asked = given.read(value, "")?;
            return Ok(());
        }
        if asked.records.len() >= MOST {
            return Err(given.refuse(format!("more than {MOST} records")));
        }
        asked.records.push(given.read(value, &format!("/{}", number - 1))?);
        Ok(())
    })?;
    let least = asked.min_records.unwrap_or(f64::from(MIN_RECORDS));
    if args.get_flag("compat") {
        let found = recommend(&asked.records, least);
        let text = found.as_ref().map_or_else(
            || "too few records: nothing is recommended\n".to_owned(),
            |r| format!("{} (confidence {:.2}): {}\n", r.policy.name(), r.confidence, r.reason),
        );
        return Ok(Report::new(json!({"recommendation": found}), text));
    }
    let whole = least.fract() == 0.0 && (1.0..=1e6).contains(&least);
    if !whole {
        return Err(given.refuse(format!("/minRecords: {least}; expected a whole number, 1 to 1000000")));
    }
    let window = asked.window.unwrap_or(ADAPTIVE_WINDOW);
    if !(1..=1_000_000).contains(&window) {
        return Err(given.refuse(format!("/window: {window}; expected a whole number, 1 to 1000000")));
    }
    let (trends, slowed) = trends::of(&asked.records, window, least as u32).map_err(|why| given.refuse(why))?;
    let (policy, reason) = choose::resolve(Policy::Adaptive, Some(&trends));
    let enough = trends.records >= trends.min_records;
    let confidence = if enough { trends::confidence_ppm(&trends) } else { 0 };
    let mut text = format!("{} (confidence {confidence} ppm): {reason}\n", policy.name());
    for slow in &slowed {
        text.push_str(&format!("  {} has become slow: {} ms a call, {} ms before\n", slow.provider, slow.now_ms, slow.before_ms));
    }
    let json = json!({
        "policy": policy, "reason": reason, "confidence_ppm": confidence, "trends": trends, "slowed": slowed,
        "cost_a_scene_micro_usd": trends::cost_a_scene(&trends),
    });
    Ok(Report::new(json, text))
}
