//! `reel runs`: what has been made here.

use std::io::IsTerminal;

use clap::{Arg, ArgAction, ArgMatches, Command};
use contracts::{Id, run::RunSummary};
use kit::Timestamp;
use registry::{Control, Registry, RegistryError, RunFilter, RunRow, StepState};
use serde_json::{Value, json};

use super::{Offer, Report, Verb, number, text};
use crate::{
    failure::Failure,
    shop::registry_failure,
    timeline::{review, waits},
};

pub const VERB: Verb = Verb { name: "runs", about: "List runs, newest first", args, offer: Offer::Reads, run };

/// How a run may stand.
const STATUSES: [&str; 7] = ["running", "completed", "degraded", "blocked", "failed", "partial", "cancelled"];

fn args(command: Command) -> Command {
    command
        .arg(Arg::new("status").long("status").value_name("NAMES").help(format!("Only runs that stand so: {}", STATUSES.join(", "))))
        .arg(Arg::new("project").long("project").value_name("ID").help("Only runs of this project"))
        .arg(Arg::new("episode").long("episode").value_name("N").help("Only runs of this episode"))
        .arg(
            Arg::new("since")
                .long("since")
                .value_name("TIME")
                .help("Only runs begun since then: 90m, 36h, 7d, 2026-11-20 or 2026-11-20T08:00 (UTC)"),
        )
        .arg(Arg::new("waiting").long("waiting").action(ArgAction::SetTrue).help("Only runs that wait for a person to decide"))
        .arg(Arg::new("limit").long("limit").value_name("N").help("At most this many (default 20)"))
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    let project = text(args, "project").map(Id::new).transpose().map_err(|e| Failure::usage(e, "give the id in project.toml"))?;
    let limit = number(args, "limit", 1, 10_000)?.unwrap_or(20);
    let episode = number(args, "episode", 1, 999)?;
    let statuses = text(args, "status").map(|given| statuses(&given)).transpose()?;
    let waiting = args.get_flag("waiting");
    with_registry(|registry, runtime| {
        let since = text(args, "since").map(|given| since(&given, registry.clock().now_utc())).transpose()?;
        let filter = RunFilter { project, episode, limit: 0 };
        let all = runtime.block_on(registry.runs(&crate::shop::tenant(), &filter)).map_err(Failure::damaged)?;
        let mut text = String::new();
        let mut rows: Vec<Value> = Vec::new();
        let mut asked: Option<Vec<String>> = None;
        for row in all {
            if rows.len() == limit as usize || since.as_ref().is_some_and(|since| row.started.rfc3339() < *since) {
                break;
            }
            if statuses.as_ref().is_some_and(|wanted| !wanted.contains(&row.status)) {
                continue;
            }
            let waits = runtime.block_on(waits(registry, &row)).map_err(Failure::damaged)?;
            if waiting && waits.is_empty() {
                continue;
            }
            let summary = summary(registry, &row);
            let now = if row.ended.is_none() { runtime.block_on(now(registry, &row)).map_err(Failure::damaged)? } else { String::new() };
            let film = summary.as_ref().filter(|s| s.frames > 0);
            let length = film.map_or_else(String::new, |s| format!("{:>5} s {:>4} shots", s.duration_ms / 1000, s.shots));
            let word = match (row.ended, row.control) {
                _ if !waits.is_empty() => "waits",
                (None, Some(control)) => control.as_str(),
                _ => &row.status,
            };
            let started = row.started.rfc3339();
            let length = if row.look { "   a look".to_owned() } else { length };
            text.push_str(format!("{} {}  {word:<9}  {:<36} {length}", &started[..10], &started[11..16], row.id).trim_end());
            text.push('\n');
            if !now.is_empty() {
                text.push_str(&format!("  {now}\n"));
            }
            for review in &waits {
                text.push_str(&format!("  waits for {}: {}\n", review.point, review.what));
                asked.get_or_insert_with(|| ["reel", "approve", row.id.as_str(), &review.point].map(str::to_owned).to_vec());
            }
            rows.push(json!({
                "run_id": row.id, "project": row.project, "episode": row.episode, "status": row.status, "look": row.look, "started_at": started,
                "ended_at": row.ended.map(Timestamp::rfc3339), "out_dir": row.out_dir, "error": row.error,
                "control": row.control.map(Control::as_str), "duration_ms": summary.map(|s| s.duration_ms),
                "waits_for": waits.iter().map(review).collect::<Vec<_>>(), "now": (!now.is_empty()).then_some(now),
            }));
        }
        if rows.is_empty() {
            let none = statuses.is_none() && since.is_none() && !waiting && filter.project.is_none() && filter.episode.is_none();
            text.push_str(if none { "no runs yet\n  next: reel produce PROJECT\n" } else { "no such runs\n  next: reel runs\n" });
        }
        if let Some(argv) = asked.as_ref().filter(|_| std::io::stdout().is_terminal()) {
            text.push_str(&format!("  next: look at one with `reel show RUN`; say yes with `{}`\n", argv.join(" ")));
        }
        let newest = rows.first().and_then(|r| r["run_id"].as_str());
        let mut next: Vec<Vec<String>> = asked.into_iter().collect();
        next.extend(newest.map(|run| ["reel", "show", run].map(str::to_owned).to_vec()));
        Ok(Report::new(json!({"runs": rows, "next_actions": next}), text))
    })
}

/// What a run that is going is at.
async fn now(registry: &Registry, row: &RunRow) -> Result<String, RegistryError> {
    let steps = registry.steps(&row.id).await?;
    let count = |state: StepState| steps.iter().filter(|s| s.state == state).count();
    let at = steps.iter().find(|s| s.state == StepState::Running).map_or_else(String::new, |s| format!(" ({})", s.step.name));
    let (running, ready, done) = (count(StepState::Running), count(StepState::Ready), count(StepState::Done));
    Ok(match row.control {
        Some(Control::Pause) => format!("paused, {running} at work, {ready} ready: `reel resume {}`", row.id),
        _ => format!("{running} at work{at}, {ready} ready, {done} done"),
    })
}

fn statuses(given: &str) -> Result<Vec<String>, Failure> {
    let names: Vec<String> = given.split(',').map(|name| name.trim().to_owned()).collect();
    match names.iter().find(|name| !STATUSES.contains(&name.as_str())) {
        None => Ok(names),
        Some(other) => Err(Failure::usage(
            format!("--status names `{}`; expected {}, separated by commas", other.escape_debug(), STATUSES.join(", ")),
            "correct it and run the command again",
        )),
    }
}

/// The moment from which on, as RFC 3339 sorts: so long ago, or a date with as much of a time as was given.
pub(super) fn since(given: &str, now: Timestamp) -> Result<String, Failure> {
    let wrong = || {
        Failure::usage(
            format!("--since is `{}`; expected such as 90m, 36h, 7d, 2026-11-20 or 2026-11-20T08:00", given.escape_debug()),
            "correct it and run the command again",
        )
    };
    if let Some(unit) = given.chars().last().filter(|c| matches!(c, 'm' | 'h' | 'd')) {
        let number: i64 = given[..given.len() - 1].parse().ok().filter(|n| (0..=1_000_000).contains(n)).ok_or_else(wrong)?;
        let ms = match unit {
            'm' => 60_000,
            'h' => 3_600_000,
            _ => 86_400_000,
        };
        return Ok(Timestamp(now.ms() - number * ms).rfc3339());
    }
    // A moment is written in one way, so that as much of it as was given can be compared as text.
    let shape = "0000-00-00T00:00:00.000Z";
    let fits = given.len() >= 10
        && given.len() <= shape.len()
        && given.bytes().zip(shape.bytes()).all(|(is, should)| if should == b'0' { is.is_ascii_digit() } else { is == should });
    if fits { Ok(given.to_owned()) } else { Err(wrong()) }
}

/// The summary of a run that has one.
pub fn summary(registry: &Registry, row: &RunRow) -> Option<RunSummary> {
    row.summary.as_ref().and_then(|hash| registry.artifact(hash).ok())
}

/// How many runs back the newest that is no look is sought.
const LATEST: u32 = 1000;

/// The run that a person names: by its id, or `latest`.
pub fn find(registry: &Registry, runtime: &tokio::runtime::Runtime, given: &str) -> Result<RunRow, Failure> {
    if given == "latest" {
        let filter = RunFilter { project: None, episode: None, limit: LATEST };
        let rows = runtime.block_on(registry.runs(&crate::shop::tenant(), &filter)).map_err(Failure::damaged)?;
        // A look that has ended (a draft of `reel watch`, a plan) is what somebody saw, not what was made.
        let newest = rows.iter().find(|row| !row.look || row.ended.is_none()).or(rows.first()).cloned();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_so_long_ago_or_a_date() {
        let now = Timestamp(1_709_251_199_000);
        for (given, is) in [
            ("90m", Some("2024-02-29T22:29:59.000Z")),
            ("2d", Some("2024-02-27T23:59:59.000Z")),
            ("2024-02-28", Some("2024-02-28")),
            ("2024-02-28T08:00", Some("2024-02-28T08:00")),
            ("yesterday", None),
            ("-1d", None),
            ("99999999999999999999d", None),
            ("d", None),
            ("2024-2-28", None),
            ("ü", None),
            ("", None),
        ] {
            assert_eq!(since(given, now).ok().as_deref(), is, "{given}");
        }
    }
}
