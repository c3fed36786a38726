//! `reel watch PROJECT`: a draft that follows the author's hand, on a page of this machine.

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;

use super::{Offer, Report, Verb, episode_arg, number, path, project_arg};
use crate::{
    failure::Failure,
    watch::{Wish, watch},
};

pub const VERB: Verb =
    Verb { name: "watch", about: "Show a draft of an episode on a local page and renew it on every save", args, offer: Offer::No, run };

/// The port that is tried first.
const PORT: u32 = 4747;

fn args(command: Command) -> Command {
    command
        .arg(project_arg())
        .arg(episode_arg())
        .arg(Arg::new("port").long("port").value_name("P").help("The page's port on 127.0.0.1 (default 4747, or the next that is free)"))
        .arg(super::jobs_arg("Steps at a time (default: one for each core)"))
        .arg(Arg::new("no-voice").long("no-voice").action(ArgAction::SetTrue).help("A silent film: lines stand on intertitles"))
        .after_help(
            "Every save of project.toml, canon.toml, library/ or episodes/ makes what changed again, as a draft of 360 lines.\n\
             A draft is a look: it asks for no approval, accepts nothing into canon and writes no folder.\n\
             With --json each event is one line: serving, started, stage, finished, failed, changed, stopped.",
        )
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    let wish = Wish {
        project: path(args, "project"),
        episode: number(args, "episode", 1, 999)?.unwrap_or(1),
        port: number(args, "port", 0, 65_535)?.unwrap_or(PORT) as u16,
        voiced: !args.get_flag("no-voice"),
        jobs: super::jobs(args)?,
        json: args.get_flag("json"),
    };
    let drafts = watch(&wish)?;
    let plural = if drafts == 1 { "" } else { "s" };
    Ok(Report::new(json!({"event": "stopped", "drafts": drafts}), format!("stopped after {drafts} draft{plural}\n")))
}
