//! `reel approve RUN POINT` and `reel reject RUN POINT`: what a person decides about what a run waits for.

use clap::{Arg, ArgMatches, Command};
use contracts::{Hash, Id, project::ApprovalPoints, run::Approval};
use registry::{Registry, RunFilter};
use serde_json::json;

use super::{Offer, Report, Verb, run_arg, runs::with_registry, text};
use crate::{approvals::approver, failure::Failure, shop::tenant};

pub const APPROVE: Verb = Verb { name: "approve", about: "Say yes to what a run waits for", args, offer: Offer::Adds, run: approve };
pub const REJECT: Verb = Verb { name: "reject", about: "Say no to what a run waits for", args, offer: Offer::Adds, run: reject };

const AFTER_HELP: &str = "\
A decision is about content: the same content is not asked about again, in any run, and a run that waits goes on when the same
command is given again, however long it waited. Silence is never a yes. A decision is recorded with name and time, and never
changed. Of a run that waits no more a later decision may be made: it stands beside the first and counts from the next run on;
a film that is finished stays what it is.";

fn args(command: Command) -> Command {
    command
        .arg(run_arg("The run that waits: its id, or `latest`").required(true))
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
    let point = text(args, "point");
    let points: Vec<&str> = ApprovalPoints::NAMES.into_iter().chain([ApprovalPoints::PUBLISH]).collect();
    if let Some(unknown) = point.as_ref().filter(|p| !points.contains(&p.as_str())) {
        let message = format!("there is no approval point `{}`", unknown.escape_debug());
        return Err(Failure::usage(message, format!("the points are: {}", points.join(", "))));
    }
    with_registry(|registry, runtime| {
        let question = question(registry, runtime, &text(args, "run").unwrap_or_default(), point.as_deref(), approved)?;
        let Question { run, point, subject, what, later, again } = question;
        let by = text(args, "by").filter(|name| !name.trim().is_empty()).unwrap_or_else(approver);
        let at = registry.clock().now_utc().rfc3339();
        let notes = text(args, "notes");
        let json = json!({"point": point, "subject": subject, "by": by, "approved": approved, "later": later});
        let decision = Approval { point: point.clone(), approver: by.clone(), at: at.clone(), subject, approved, notes };
        let mut txn = registry.begin();
        let entry = crate::logged::approval(&decision);
        txn.approval(&run, decision);
        txn.event(Some(&run), "decided", json.clone());
        runtime.block_on(txn.commit()).map_err(Failure::damaged)?;
        let row = runtime.block_on(registry.run(&run)).map_err(Failure::damaged)?;
        if let Some(row) = row {
            crate::logged::record(registry, runtime, &row.project, Some(&run), &[entry])?;
        }
        let word = if approved { "approved" } else { "refused" };
        let mut said = format!("{word}: {point} of run {run}, {what}, by {by} at {at}\n");
        if later {
            said.push_str("  it counts from the next run on; what is finished stays what it is\n");
        } else if approved {
            let command = again.as_ref().map_or_else(|| "the same `reel produce` again".to_owned(), |argv| format!("`{}`", argv.join(" ")));
            said.push_str(&format!("  go on with {command}\n"));
        }
        let actions: Vec<&Vec<String>> = again.iter().filter(|_| approved).collect();
        Ok(Report::new(json!({"run_id": run, "decision": json, "at": at, "next_actions": actions}), said))
    })
}

/// What is decided about.
struct Question {
    run: Id,
    point: String,
    subject: Hash,
    what: String,
    /// Whether it was decided before, the other way.
    later: bool,
    /// The command that goes on.
    again: Option<Vec<String>>,
}

/// What a person means: what the run waits for, or else what was decided about it before.
fn question(
    registry: &Registry,
    runtime: &tokio::runtime::Runtime,
    given: &str,
    point: Option<&str>,
    approved: bool,
) -> Result<Question, Failure> {
    let open = runtime.block_on(registry.reviews(None)).map_err(Failure::damaged)?;
    let row = if given == "latest" {
        let filter = RunFilter { project: None, episode: None, limit: 0 };
        let rows = runtime.block_on(registry.runs(&tenant(), &filter)).map_err(Failure::damaged)?;
        let waits = rows.into_iter().find(|row| open.iter().any(|review| review.run == row.id));
        waits.ok_or_else(|| Failure::nothing_to_decide("no run waits for a decision", "`reel runs` lists the runs"))?
    } else {
        let id = Id::new(given).map_err(|e| Failure::usage(e, "`reel runs` lists the ids"))?;
        let row = runtime.block_on(registry.run(&id)).map_err(Failure::damaged)?;
        row.ok_or_else(|| Failure::usage(format!("there is no run `{id}`"), "`reel runs` lists the ids"))?
    };
    let run = row.id.clone();
    let own: Vec<_> = open.iter().filter(|review| review.run == run).collect();
    let waits: Vec<_> = own.iter().filter(|review| point.is_none_or(|p| p == review.point)).collect();
    if let [review] = waits[..] {
        let hands_out = review.point == ApprovalPoints::PUBLISH;
        let again = if hands_out { Some(["reel", "pack", run.as_str()].map(str::to_owned).to_vec()) } else { row.request.clone() };
        let (point, subject, what) = (review.point.clone(), review.subject.clone(), review.what.clone());
        return Ok(Question { run, point, subject, what, later: false, again });
    }
    if waits.len() > 1 {
        let points: Vec<&str> = waits.iter().map(|review| review.point.as_str()).collect();
        let message = format!("run {run} waits at {} points: {}", points.len(), points.join(", "));
        return Err(Failure::usage(message, "name the point after the run"));
    }
    // Not waited for. What was decided before, in this run or for it, may be decided otherwise.
    let mut before = runtime.block_on(registry.approvals(&run)).map_err(Failure::damaged)?;
    before.extend(super::runs::summary(registry, &row).into_iter().flat_map(|s| s.approvals));
    before.retain(|decision| point.is_none_or(|p| p == decision.point));
    let mut subjects: Vec<(&str, &Hash)> = before.iter().map(|d| (d.point.as_str(), &d.subject)).collect();
    subjects.sort_unstable();
    subjects.dedup();
    let at = point.map_or(String::new(), |p| format!(" at {p}"));
    let [(point, subject)] = subjects[..] else {
        let waits = own.iter().map(|review| review.point.as_str()).collect::<Vec<_>>().join(", ");
        let waits = if waits.is_empty() { format!("it is {}", row.status) } else { format!("it waits at {waits}") };
        let message = format!("run {run} waits for nothing{at}: {waits}");
        return Err(if subjects.is_empty() {
            Failure::nothing_to_decide(message, "`reel runs` lists the runs, `reel show RUN` says what they wait for")
        } else {
            let points: Vec<&str> = subjects.iter().map(|(point, _)| *point).collect();
            Failure::usage(message, format!("to decide otherwise about what was decided, name the point: {}", points.join(", ")))
        });
    };
    let last = runtime.block_on(registry.decided(&tenant(), point, subject)).map_err(Failure::damaged)?;
    if let Some((_, last)) = last.filter(|(_, last)| last.approved == approved) {
        let word = if approved { "approved" } else { "refused" };
        let message = format!("{point} of run {run} was {word} already, by {} at {}", last.approver, last.at);
        return Err(Failure::decided(message, "nothing is to be done: a decision stands until the content is another one"));
    }
    let what = "which was decided otherwise before".to_owned();
    Ok(Question { point: point.to_owned(), subject: subject.clone(), what, later: true, again: None, run })
}
