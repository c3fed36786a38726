//! `reel render PACKAGE`: the video engine alone, for any client: RenderPackage in, RenderResponse out.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command};
use contracts::package::RenderStatus;

use super::{Offer, Report, Verb};
use crate::{
    events::Follower,
    failure::Failure,
    package::{Answer, Order, copy_out, render},
};

pub const VERB: Verb =
    Verb { name: "render", about: "Render a film from three JSON documents, without a story", args, offer: Offer::Repeats, run };

const AFTER_HELP: &str = "\
a RenderPackage names or holds a ShotList, an AssetManifest and a RenderPlan, and says which outputs are wanted. All of it is
checked before any work. The same idempotency_key with the same request is answered from the registry for 30 days; with
another request it is a conflict. --json prints the RenderResponse and nothing else. docs/render-package.md shows a whole one";

fn args(command: Command) -> Command {
    command
        .after_help(AFTER_HELP)
        .arg(
            Arg::new("package")
                .value_name("PACKAGE")
                .value_parser(clap::value_parser!(PathBuf))
                .required(true)
                .help("The package's file, whose folder holds what it names; `-` for standard input"),
        )
        .arg(super::out_arg("DIR", "Copy the outputs and the answer here (they are always kept in the data home)"))
        .arg(super::jobs_arg("Shots at a time (default: one for each core)"))
        .arg(super::events_arg())
        .arg(
            Arg::new("no-wait")
                .long("no-wait")
                .action(ArgAction::SetTrue)
                .help("Answer `in_progress` when another process is at the same request (default: wait for it)"),
        )
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    let file = super::path(args, "package");
    let order = Order {
        file: (file != Path::new("-")).then_some(file),
        jobs: super::jobs(args)?,
        wait: !args.get_flag("no-wait"),
        out: args.get_one::<PathBuf>("out").cloned(),
    };
    if let Some(dir) = &order.out {
        crate::view::check_writable(dir)?;
    }
    let follower = args.get_flag("events").then(Follower::start);
    let answer = render(&order);
    follower.into_iter().for_each(Follower::finish);
    let done = matches!(answer.response.status, RenderStatus::Completed | RenderStatus::Degraded);
    let written = match &order.out {
        Some(dir) if done => copy_out(&answer.response, dir)?,
        _ => Vec::new(),
    };
    let json = serde_json::from_slice(&contracts::Document::seal(&answer.response).map_err(Failure::internal)?.0);
    Ok(Report { json: json.map_err(Failure::internal)?, text: told(&answer, order.out.as_deref(), &written), exit: answer.exit })
}

fn told(answer: &Answer, out: Option<&Path>, written: &[String]) -> String {
    let response = &answer.response;
    let status = match response.status {
        RenderStatus::Queued => "queued",
        RenderStatus::InProgress => "in progress",
        RenderStatus::Completed => "completed",
        RenderStatus::Failed => "failed",
        RenderStatus::Degraded => "completed with stand-ins",
    };
    let how = match (&answer.run, answer.replayed) {
        (_, true) => ", answered from the registry".to_owned(),
        (Some(run), false) => format!(", run {run}"),
        (None, false) => String::new(),
    };
    let mut text = format!("{status}: request {}{how}\n", response.request_id);
    for (name, uri) in &response.artifact_uris {
        text.push_str(&format!("  {name:<22} {uri}\n"));
    }
    for fault in &response.errors {
        let again = if fault.recoverable { "; the same request may succeed later" } else { "" };
        text.push_str(&format!("error[{}]: {} ({}{again})\n", fault.code, fault.message, fault.stage));
    }
    for note in &response.notes {
        text.push_str(&format!("  note: {note}\n"));
    }
    if let (Some(dir), false) = (out, written.is_empty()) {
        text.push_str(&format!("  in {}: {}\n", dir.display(), written.join(", ")));
    }
    text
}
