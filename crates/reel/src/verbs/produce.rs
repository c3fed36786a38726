//! `reel produce PROJECT`: the main job.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command};
use contracts::{
    project::Captions,
    run::{CacheUse, RunStatus, RunSummary},
};
use serde_json::{Value, json};

use super::{Offer, Report, Verb, episode_arg, number, path, plan, project_arg, season};
use crate::{
    choosing::asked::Asked,
    events::Follower,
    failure::Failure,
    produce::{Produced, Request, produce},
};

pub const VERB: Verb = Verb { name: "produce", about: "Make a film of an episode", args, offer: Offer::Repeats, run };

const AFTER_HELP: &str = "\
change the film by hand: episodes/NN/notes.toml in the project replaces, cuts and adds lines, pins pictures, sets framing,
length, music and how a word is said; only what it changes is made again. docs/notes.md shows every form";

/// The flags of choosing, as `reel produce` calls them.
const CHOOSING: [&str; 4] = ["visuals-provider", "visuals-fallback-providers", "visuals-routing-policy", "visuals-max-generation-cost-usd"];

fn args(command: Command) -> Command {
    Asked::args(command, &CHOOSING)
        .after_help(AFTER_HELP)
        .arg(project_arg())
        .arg(episode_arg())
        .arg(
            Arg::new("episodes")
                .long("episodes")
                .value_name("N")
                .conflicts_with("episode")
                .help("All episodes from 1 to N, in order, each with its film; the first that is refused ends it"),
        )
        .arg(super::out_arg("DIR", "Where the film and its documents go (default: the data home)"))
        .arg(Arg::new("yes").long("yes").action(ArgAction::SetTrue).help("Say yes at every approval point; recorded with your name"))
        .arg(super::jobs_arg("Steps at a time (default: one for each core)"))
        .arg(Arg::new("plan").long("plan").action(ArgAction::SetTrue).help(
            "Say what would run, what is remembered and what it would cost, and make no film (the story is written for it, and kept)",
        ))
        .arg(
            Arg::new("profile")
                .long("profile")
                .value_name("NAME")
                .value_parser(["preview_local", "standard_local"])
                .conflicts_with("draft")
                .help("720 lines, or 1080 lines with the better filter and encoder preset (default: the project's first)"),
        )
        .arg(Arg::new("draft").long("draft").action(ArgAction::SetTrue).help("A small film, made faster: same story, timing and sound"))
        .arg(
            Arg::new("burn-in")
                .long("burn-in")
                .value_name("LOOK")
                .value_parser(["none", "plain", "boxed", "highlight"])
                .help("Draw captions into the picture (default: `captions` in project.toml); they stand beside the film in any case"),
        )
        .arg(super::events_arg())
        .arg(Arg::new("no-voice").long("no-voice").action(ArgAction::SetTrue).help("A silent film: lines stand on intertitles"))
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    let request = request(args)?;
    if let Some(episodes) = number(args, "episodes", 1, 99)? {
        return season::produced(&request, episodes, args.get_flag("events"));
    }
    if request.plan {
        let plan = crate::produce::plan(&request)?;
        return Ok(Report::new(plan::json(&request, &plan), plan::text(&request, &plan)));
    }
    let follower = args.get_flag("events").then(Follower::start);
    let produced = produce(&request);
    follower.into_iter().for_each(Follower::finish);
    let produced = produced?;
    Ok(Report::new(result(&produced), told(&produced)))
}

/// What the words of a command line ask for.
pub fn request(args: &ArgMatches) -> Result<Request, Failure> {
    Ok(Request {
        out: args.get_one::<PathBuf>("out").cloned(),
        yes: args.get_flag("yes"),
        jobs: super::jobs(args)?,
        voiced: !args.get_flag("no-voice"),
        draft: args.get_flag("draft"),
        captions: captions(args),
        profile: super::text(args, "profile"),
        may_ask: !args.get_flag("json") && !args.get_flag("events"),
        plan: args.get_flag("plan"),
        choosing: Asked::of(args),
        ..Request::new(path(args, "project"), number(args, "episode", 1, 999)?.unwrap_or(1))
    })
}

/// The look that was asked for; clap has refused any other word.
fn captions(args: &ArgMatches) -> Option<Captions> {
    args.get_one::<String>("burn-in").and_then(|look| serde_json::from_value(Value::from(look.as_str())).ok())
}

pub fn result(produced: &Produced) -> Value {
    let s = &produced.summary;
    let stages: Vec<Value> = s.stages.iter().map(|s| json!({"name": s.name, "ms": s.ms, "cached": s.cached})).collect();
    let dir = absolute(&produced.run_dir);
    json!({
        "run_id": s.run_id, "run_dir": dir, "status": s.status, "film": absolute(&produced.film), "duration_ms": s.duration_ms,
        "frames": s.frames, "shots": s.shots, "stand_ins": s.stand_ins, "substitutions": s.substitutions, "remade": s.remade, "notes": s.notes, "cost_micro_usd": s.cost_micro_usd, "stages": stages, "cache": s.cache,
        "next_actions": [["reel", "show", s.run_id.as_str()], ["reel", "schema", "validate", dir]],
    })
}

fn absolute(path: &std::path::Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

pub fn told(produced: &Produced) -> String {
    let s = &produced.summary;
    let mut text = format!("{}\n{}\n", produced.film.display(), line(s));
    if let Some(made) = made_again(s) {
        text.push_str(&format!("  made again: {made}\n"));
    }
    for stand_in in &s.stand_ins {
        text.push_str(&format!("  stand-in for {}: {}\n", stand_in.missing_id, stand_in.reason));
    }
    for substitution in &s.substitutions {
        text.push_str(&format!("  note: {}\n", substitution.told()));
    }
    for note in &s.notes {
        text.push_str(&format!("  note: {note}\n"));
    }
    if std::io::stdout().is_terminal() {
        text.push_str(&format!("  next: watch it; `reel show {}` says how it was made\n", s.run_id));
    }
    text
}

/// The shots that were made again, when others were not: on a first run there is nothing to say.
pub fn made_again(s: &RunSummary) -> Option<String> {
    let others = s.shots.saturating_sub(s.remade.len() as u64);
    if s.remade.is_empty() || others == 0 {
        return None;
    }
    let names: Vec<&str> = s.remade.iter().map(|id| id.as_str()).collect();
    Some(format!("{}; {others} {} from memory", names.join(", "), if others == 1 { "other" } else { "others" }))
}

/// How much of a run was remembered.
pub fn remembered(s: &RunSummary) -> Option<String> {
    let used = s.cache.filter(|c| c.steps > 0)?;
    let share = |hits, of| format!("{hits} of {of} ({} %)", CacheUse::percent(hits, of));
    let shots = if used.shots > 0 { format!(", {} shots", share(used.shot_hits, used.shots)) } else { String::new() };
    Some(format!("{} steps{shots}", share(used.hits, used.steps)))
}

/// One line on a run.
pub fn line(s: &RunSummary) -> String {
    let status = match s.status {
        RunStatus::Completed => "completed",
        RunStatus::Degraded => "completed with stand-ins",
        RunStatus::Blocked => "blocked",
        RunStatus::Failed => "failed",
        RunStatus::Running => "running",
        RunStatus::Partial => "partial: some steps are done, the rest is not",
        RunStatus::Cancelled => "cancelled",
    };
    format!(
        "{status}: {}.{} s, {} frames, {} shots, {}, made in {}.{} s",
        s.duration_ms / 1000,
        s.duration_ms % 1000 / 100,
        s.frames,
        s.shots,
        s.cost_micro_usd,
        s.elapsed_ms / 1000,
        s.elapsed_ms % 1000 / 100
    )
}
