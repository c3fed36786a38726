//! `reel approve RUN POINT` and `reel reject RUN POINT`: what a person decides about what a run waits for.

use clap::{Arg, ArgMatches, Command};
use contracts::{Id, run::Approval};
use registry::RunFilter;
use serde_json::json;

use super::{Offer, Report, Verb, runs::with_registry, text};
use crate::{approvals::approver, failure::Failure};

pub const APPROVE: Verb = Verb { name: "approve", about: "Say yes to what a run waits for", args, offer: Offer::Adds, run: approve };
pub const REJECT: Verb = Verb { name: "reject", about: "Say no to what a run waits for", args, offer: Offer::Adds, run: reject };

const AFTER_HELP: &str = "\
A decision is about content: the same content is not asked about again, in any run. It is recorded with name and time, and never
changed; a later one stands beside it, and counts.";

fn args(command: Command) -> Command {
    command
        .arg(Arg::new("run").value_name("RUN").required(true).help("The run that waits: its id, or `latest`"))
        .arg(Arg::new("point").value_name("POINT").help("The approval point (default: the one it waits at)"))
        .arg(Arg::new("by").long("by").value_name("NAME").help("Who decides (default: this session's user)"))
        .arg(Arg::new("notes").long("notes").value_name("TEXT").help("Why; kept with the decision"))
        .after_help(AFTER_HELP)
}

fn approve(args: &ArgMatches) -> Result<Report, Failure> {
    decide(args, true)
}

fn reject(args: &ArgMatches) -> Result<Report, Failure> {
    decide(args, false)
}

fn decide(args: &ArgMatches, approved: bool) -> Result<Report, Failure> {
    with_registry(|registry, runtime| {
        let open = runtime.block_on(registry.reviews(None)).map_err(Failure::damaged)?;
        let given = text(args, "run").unwrap_or_default();
        let run = if given == "latest" {
            let filter = RunFilter { project: None, episode: None, limit: 0 };
            let rows = runtime.block_on(registry.runs(&crate::shop::tenant(), &filter)).map_err(Failure::damaged)?;
            let waits = rows.into_iter().map(|row| row.id).find(|id| open.iter().any(|review| review.run == *id));
            waits.ok_or_else(|| Failure::usage("no run waits for a decision", "`reel runs` lists the runs"))?
        } else {
            Id::new(given).map_err(|e| Failure::usage(e, "`reel runs` lists the ids"))?
        };
        let point = text(args, "point");
        let waits: Vec<_> = open.iter().filter(|r| r.run == run && point.as_ref().is_none_or(|p| *p == r.point)).collect();
        let [review] = waits[..] else {
            let others: Vec<&str> = open.iter().filter(|r| r.run == run).map(|r| r.point.as_str()).collect();
            let at = if others.is_empty() { "nothing".to_owned() } else { others.join(", ") };
            let asked = point.map_or(String::new(), |p| format!(", not for `{}`", p.escape_debug()));
            return Err(Failure::usage(
                format!("run {run} waits for {at}{asked}"),
                "`reel runs` lists the runs, `reel show RUN` what they wait for",
            ));
        };
        let by = text(args, "by").filter(|name| !name.trim().is_empty()).unwrap_or_else(approver);
        let at = registry.clock().now_utc().rfc3339();
        let (point, subject) = (review.point.clone(), review.subject.clone());
        let decision = Approval { point, approver: by.clone(), at: at.clone(), subject, approved, notes: text(args, "notes") };
        let mut txn = registry.begin();
        txn.approval(&run, decision).review_end(&run, &review.point, &review.subject);
        let json = json!({"point": review.point, "subject": review.subject, "by": by, "approved": approved});
        txn.event(Some(&run), "decided", json.clone());
        runtime.block_on(txn.commit()).map_err(Failure::damaged)?;
        let word = if approved { "approved" } else { "refused" };
        let said = format!("{word}: {} of run {run}, {}, by {by} at {at}\n", review.point, review.what);
        let go_on = if approved { "run the same `reel produce` again: it goes on from here\n" } else { "" };
        Ok(Report::new(json!({"run_id": run, "decision": json, "at": at}), said + go_on))
    })
}
