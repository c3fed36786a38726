//! `reel runs`: what has been made here.

use clap::{Arg, ArgMatches, Command};
use contracts::{Id, run::RunSummary};
use registry::{Registry, RunFilter, RunRow};
use serde_json::{Value, json};

use super::{Offer, Report, Verb, number, text};
use crate::{failure::Failure, shop::registry_failure};

pub const VERB: Verb = Verb { name: "runs", about: "List runs, newest first", args, offer: Offer::Reads, run };

fn args(command: Command) -> Command {
    command
        .arg(Arg::new("project").long("project").value_name("ID").help("Only runs of this project"))
        .arg(Arg::new("limit").long("limit").value_name("N").help("At most this many (default 20)"))
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    let project = text(args, "project").map(Id::new).transpose().map_err(|e| Failure::usage(e, "give the id in project.toml"))?;
    let limit = number(args, "limit", 1, 10_000)?.unwrap_or(20);
    with_registry(|registry, runtime| {
        let filter = RunFilter { project, episode: None, limit };
        let rows = runtime.block_on(registry.runs(&crate::shop::tenant(), &filter)).map_err(Failure::damaged)?;
        let mut text = String::new();
        let mut json_rows: Vec<Value> = Vec::new();
        for row in &rows {
            let summary = summary(registry, row);
            let seconds = summary.as_ref().map_or_else(String::new, |s| format!("{:>4} s  {:>3} shots", s.duration_ms / 1000, s.shots));
            text.push_str(&format!("{}  {:<10} {}  {seconds}\n", row.started.rfc3339(), row.status, row.id));
            json_rows.push(json!({
                "run_id": row.id, "project": row.project, "episode": row.episode, "status": row.status, "started_at": row.started.rfc3339(),
                "out_dir": row.out_dir, "error": row.error, "duration_ms": summary.map(|s| s.duration_ms),
            }));
        }
        if rows.is_empty() {
            text.push_str("no runs yet\n  next: reel produce PROJECT\n");
        }
        Ok(Report::new(json!({"runs": json_rows}), text))
    })
}

/// The summary of a run that has one.
pub fn summary(registry: &Registry, row: &RunRow) -> Option<RunSummary> {
    row.summary.as_ref().and_then(|hash| registry.artifact(hash).ok())
}

/// The run that a person names: by its id, or `latest`.
pub fn find(registry: &Registry, runtime: &tokio::runtime::Runtime, given: &str) -> Result<RunRow, Failure> {
    if given == "latest" {
        let filter = RunFilter { project: None, episode: None, limit: 1 };
        let newest = runtime.block_on(registry.runs(&crate::shop::tenant(), &filter)).map_err(Failure::damaged)?.pop();
        return newest.ok_or_else(|| Failure::usage("there are no runs yet", "make one with `reel produce PROJECT`"));
    }
    let list = |failure: Failure| failure.next(&["reel", "runs"]);
    let id = Id::new(given).map_err(|e| list(Failure::usage(e, "`reel runs` lists the ids")))?;
    let row = runtime.block_on(registry.run(&id)).map_err(Failure::damaged)?;
    row.ok_or_else(|| list(Failure::usage(format!("RUN is `{id}`; there is no such run here"), "`reel runs` lists the ids")))
}

/// Opens the registry for reading verbs.
pub fn with_registry<T>(f: impl FnOnce(&Registry, &tokio::runtime::Runtime) -> Result<T, Failure>) -> Result<T, Failure> {
    let home = kit::home::data_home().map_err(|e| Failure::unwritable(std::path::Path::new("the data home"), e))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(Failure::internal)?;
    let registry = runtime.block_on(Registry::open(&home)).map_err(|e| registry_failure(&home, e))?;
    f(&registry, &runtime)
}
