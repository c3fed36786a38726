//! `reel worker`: takes work from the runs of other processes of this home.

use std::io::Write;
use std::sync::Arc;

use clap::{Arg, ArgMatches, Command};
use orchestrator::{Observer, Progress, Queue, Worker};
use serde_json::json;

use super::{Offer, Report, Verb, text};
use crate::{
    failure::Failure,
    shop::{Home, lease},
    stages::kinds::Rebuilt,
    tools::Tools,
};

pub const VERB: Verb =
    Verb { name: "worker", about: "Take work from the runs of other processes on this machine", args, offer: Offer::No, run };

fn args(command: Command) -> Command {
    command
        .arg(
            Arg::new("queue").long("queue").value_name("NAMES").help("Which queues: cpu, media, local_ai, external_ai (default cpu,media)"),
        )
        .arg(super::jobs_arg("Steps at a time (default: one for each core)"))
        .after_help(
            "A worker paints and renders for every `reel produce` of the same REELWRIGHT_HOME, until it is stopped (Ctrl-C).\n\
             It takes nothing that it would make differently: another build, or another ffmpeg, leaves the work to others.",
        )
}

/// A line on stderr for every step.
struct Said;

impl Observer for Said {
    fn note(&self, progress: Progress<'_>) {
        if let Progress::StepFinished { step, ms, ok, .. } = progress {
            let how = if ok { "done" } else { "FAILED" };
            let _ = writeln!(std::io::stderr().lock(), "{how} {step} {}.{:02} s", ms / 1000, ms % 1000 / 10);
        }
    }
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    let names = text(args, "queue").unwrap_or_else(|| "cpu,media".to_owned());
    let mut queues = Vec::new();
    for name in names.split(',').map(str::trim) {
        let Some(queue) = Queue::parse(name) else {
            let all = Queue::ALL.map(Queue::as_str).join(", ");
            return Err(Failure::usage(
                format!("--queue names `{}`; expected {all}, separated by commas", name.escape_debug()),
                "correct it and run the command again",
            ));
        };
        queues.push(queue);
    }
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let jobs = super::jobs(args)?.unwrap_or(cores);
    let tools = Arc::new(Tools::encoder()?);
    let home = Home::open()?;
    let worker = Worker::new(home.registry().clone(), Arc::new(Rebuilt { tools }), &queues, jobs, lease()?, Arc::new(Said));
    let worked = home.work(worker)?;
    home.close();
    let json = json!({"done": worked.done, "failed": worked.failed, "refused": worked.refused, "late": worked.late});
    let mut said = format!("stopped: {} done, {} failed", worked.done, worked.failed);
    if worked.refused > 0 {
        said.push_str(&format!(", {} left to others (another build or ffmpeg)", worked.refused));
    }
    if worked.late > 0 {
        said.push_str(&format!(", {} too late", worked.late));
    }
    Ok(Report::new(json, said + "\n"))
}
