//! `reel events RUN`: what happened in a run, as lines of JSON; or as one file of lines a stage.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};

use super::{
    Offer, Report, Verb, run_arg,
    runs::{find, with_registry},
    text,
};
use crate::{
    events::{LOOK, Reader, by_stage, rung, write},
    failure::Failure,
};

pub const VERB: Verb =
    Verb { name: "events", about: "Print what happened in a run, one JSON object a line", args, offer: Offer::Reads, run };

fn args(command: Command) -> Command {
    command
        .arg(run_arg("Its id, as `reel runs` lists it (default, and `latest`: the newest)"))
        .arg(Arg::new("follow").long("follow").action(ArgAction::SetTrue).conflicts_with("logs").help("Go on until the run has ended"))
        .arg(Arg::new("stage").long("stage").value_name("NAME").conflicts_with("logs").help("Only what belongs to this stage"))
        .arg(
            Arg::new("logs")
                .long("logs")
                .value_name("DIR")
                .value_parser(clap::value_parser!(PathBuf))
                .help("Write them as DIR/STAGE.jsonl, one file a stage, and run.jsonl for the rest"),
        )
        .after_help(
            "Every line has event, at, level, tenant, run, project and episode, and where it belongs to one, stage and step. Lines are made\n\
             anew from the registry each time: nothing is logged twice. Secrets of the environment are taken out.\n\
             With --json, one object with all lines under `events`.",
        )
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    let stage = text(args, "stage");
    let (whole, follow) = (args.get_flag("json"), args.get_flag("follow"));
    with_registry(|registry, runtime| {
        let row = find(registry, runtime, &text(args, "run").unwrap_or_else(|| "latest".to_owned()))?;
        let id = row.id.clone();
        if let Some(dir) = args.get_one::<PathBuf>("logs") {
            crate::view::check_writable(dir)?;
            let mut files = Vec::new();
            for (stage, lines) in runtime.block_on(by_stage(registry, &id)).map_err(Failure::damaged)? {
                let path = dir.join(format!("{}.jsonl", stage.replace(['/', '\\'], "-")));
                let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
                registry.files().write_atomic(&path, text.as_bytes()).map_err(|e| Failure::unwritable(&path, e))?;
                files.push(path.display().to_string());
            }
            let text = files.iter().map(|file| format!("{file}\n")).collect::<String>();
            return Ok(Report::new(json!({"run_id": id, "files": files, "next_actions": next(id.as_str())}), text));
        }
        if let Some(stage) = &stage {
            let steps = runtime.block_on(registry.steps(&id)).map_err(Failure::damaged)?;
            let mut known: Vec<&str> = steps.iter().map(|s| s.step.stage.as_str()).collect();
            known.sort_unstable();
            known.dedup();
            if row.ended.is_some() && !known.contains(&stage.as_str()) {
                return Err(Failure::usage(
                    format!("--stage is `{}`; expected one of {}", stage.escape_debug(), known.join(", ")),
                    "`reel show RUN` lists the stages of a run",
                )
                .next(&["reel", "show", id.as_str()]));
            }
        }
        let mut reader = Reader::new(registry.clone(), row, stage);
        let mut all: Vec<Value> = Vec::new();
        loop {
            let (lines, ended) = runtime.block_on(reader.read()).map_err(Failure::damaged)?;
            if whole {
                all.extend(lines);
            } else if !write(&lines) {
                break;
            }
            if ended || !follow {
                break;
            }
            runtime.block_on(rung(registry, LOOK));
        }
        Ok(Report::new(json!({"run_id": id, "events": all, "next_actions": next(id.as_str())}), ""))
    })
}

fn next(run: &str) -> Value {
    json!([["reel", "show", run]])
}
