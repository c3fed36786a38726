//! `reel visuals PROJECT`: the stage of the pictures alone: story, shots, needs, and what meets them.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};

use super::{Offer, Report, Verb, episode_arg, number, path, project_arg};
use crate::{
    choosing::asked::Asked,
    failure::Failure,
    produce::{Request, visuals},
};

pub const VERB: Verb =
    Verb { name: "visuals", about: "Choose and make an episode's pictures, and no film", args, offer: Offer::Repeats, run };

/// The flags of choosing, as this verb calls them.
const CHOOSING: [&str; 4] = ["provider", "fallback-providers", "routing-policy", "max-generation-cost-usd"];

const AFTER_HELP: &str = "\
example: reel visuals PROJECT --routing-policy quality-first --out pictures
`visuals.json` and `Decisions.json` are written; the pictures stay in the data home, and the film of the same episode finds them there.
docs/choosing.md says how tools are chosen";

fn args(command: Command) -> Command {
    Asked::args(command, &CHOOSING)
        .after_help(AFTER_HELP)
        .arg(project_arg())
        .arg(episode_arg())
        .arg(super::out_arg("DIR", "Where visuals.json and Decisions.json go (default: the run's folder in the data home)"))
        .arg(super::jobs_arg("Steps at a time (default: one for each core)"))
        .arg(Arg::new("draft").long("draft").action(ArgAction::SetTrue).help("Small pictures, made faster"))
        .arg(Arg::new("no-voice").long("no-voice").action(ArgAction::SetTrue).help("Of a silent film: lines stand on intertitles"))
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    let request = Request {
        out: args.get_one::<PathBuf>("out").cloned(),
        jobs: super::jobs(args)?,
        voiced: !args.get_flag("no-voice"),
        draft: args.get_flag("draft"),
        look: true,
        pictures: true,
        choosing: Asked::of(args),
        ..Request::new(path(args, "project"), number(args, "episode", 1, 999)?.unwrap_or(1))
    };
    let made = visuals(&request)?;
    let doc = &made.visuals.json;
    let run = made.run.as_str();
    let json = json!({
        "run_id": run, "visuals": made.file.display().to_string(), "decisions": made.decisions.display().to_string(),
        "assets": doc["totalAssets"], "fallbacks": doc["fallbacks"], "policy": doc["reelwright"]["asked_policy"],
        "provider_chain": doc["providerChain"], "gates": made.visuals.gates, "notes": made.notes,
        "cost_micro_usd": doc["reelwright"]["cost_micro_usd"],
        "next_actions": [["reel", "explain", run], request.argv("")],
    });
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let chain: Vec<String> = doc["providerChain"].as_array().into_iter().flatten().map(word).collect();
    let mut text = format!(
        "{}\n  {} shots, {} fallbacks, by `{}` from {}\n",
        made.file.display(),
        doc["totalAssets"],
        doc["fallbacks"],
        word(&doc["reelwright"]["asked_policy"]),
        chain.join(", ")
    );
    for note in &made.notes {
        text.push_str(&format!("  note: {note}\n"));
    }
    text.push_str(&format!("  next: `reel explain {run} SHOT` says why a shot shows what it shows\n"));
    Ok(Report::new(json, text))
}
