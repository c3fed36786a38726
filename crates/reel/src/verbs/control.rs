//! `reel pause`, `resume`, `drain`, `cancel` and `retry`: what a person asks of a run that is going, in whichever process of this
//! home. The run hears it on the bell; nothing is lost by any of them.

use clap::{Arg, ArgMatches, Command};
use registry::{Control, Registry, RunRow, StepState};
use serde_json::json;

use super::{
    Offer, Report, Verb, run_arg,
    runs::{find, with_registry},
    text,
};
use crate::{approvals::approver, failure::Failure};

pub const PAUSE: Verb =
    Verb { name: "pause", about: "Hold a run: nothing new starts until it is resumed", args: pausing, offer: Offer::Repeats, run: pause };
pub const RESUME: Verb = Verb { name: "resume", about: "Let a paused run go on", args: resuming, offer: Offer::Repeats, run: resume };
pub const DRAIN: Verb =
    Verb { name: "drain", about: "Let a run finish what is running, and end", args: draining, offer: Offer::Repeats, run: drain };
pub const CANCEL: Verb = Verb { name: "cancel", about: "Stop a run now", args: cancelling, offer: Offer::Repeats, run: cancel };
pub const RETRY: Verb =
    Verb { name: "retry", about: "Try a step again that failed or is dead", args: retrying, offer: Offer::Repeats, run: retry };

const RUN: &str = "The run that is going: its id, or `latest`";

fn pausing(command: Command) -> Command {
    command.arg(run_arg(RUN).required(true)).after_help(
        "Steps that are running end; nothing new starts. A step that fails meanwhile is held for `reel retry RUN STEP`;\n\
         `reel resume RUN` goes on, `reel drain RUN` or `reel cancel RUN` end the run.",
    )
}

fn resuming(command: Command) -> Command {
    command.arg(run_arg(RUN).required(true))
}

fn draining(command: Command) -> Command {
    command
        .arg(run_arg(RUN).required(true))
        .after_help("What is running is finished and kept; the command that began the run goes on from there.")
}

fn cancelling(command: Command) -> Command {
    command.arg(run_arg(RUN).required(true)).after_help(
        "Finished steps are kept: the command that began the run goes on from there. What was running in the run's own process is\n\
         given up; what a worker has in hand is finished, and remembered.",
    )
}

fn retrying(command: Command) -> Command {
    command
        .arg(run_arg(RUN).required(true))
        .arg(Arg::new("step").value_name("STEP").required(true).help("The step, as `reel show RUN --steps` names it"))
        .after_help(
            "For a run that is going: its other steps are still running, or it is paused. A run that has ended is made again by its\n\
             own command, which `reel show RUN` says: finished steps are not run again, and failed ones are tried anew.",
        )
}

fn pause(args: &ArgMatches) -> Result<Report, Failure> {
    ask(args, Some(Control::Pause))
}

fn resume(args: &ArgMatches) -> Result<Report, Failure> {
    ask(args, None)
}

fn drain(args: &ArgMatches) -> Result<Report, Failure> {
    ask(args, Some(Control::Drain))
}

fn cancel(args: &ArgMatches) -> Result<Report, Failure> {
    ask(args, Some(Control::Cancel))
}

/// The run that is named, if it is going.
fn going(registry: &Registry, runtime: &tokio::runtime::Runtime, args: &ArgMatches) -> Result<RunRow, Failure> {
    let row = find(registry, runtime, &text(args, "run").unwrap_or_default())?;
    if row.ended.is_none() {
        return Ok(row);
    }
    let again = row.request.clone();
    Err(Failure::ended(&row.id, &row.status, again))
}

/// How strong a word is: a weaker one does not take back a stronger one.
fn strength(control: Option<Control>) -> u8 {
    match control {
        None => 0,
        Some(Control::Pause) => 1,
        Some(Control::Drain) => 2,
        Some(Control::Cancel) => 3,
    }
}

fn ask(args: &ArgMatches, wanted: Option<Control>) -> Result<Report, Failure> {
    with_registry(|registry, runtime| {
        let row = going(registry, runtime, args)?;
        let (run, was) = (row.id.clone(), row.control);
        if strength(was) > strength(wanted).max(1) {
            let doing = if was == Some(Control::Drain) { "finishing what is running, and will end" } else { "being cancelled" };
            let message = format!("RUN is `{run}`, which is {doing}; expected a run that goes on");
            return Err(Failure::usage(message, "`reel show RUN` says how it ended; the same command goes on where it stopped").next(&[
                "reel",
                "show",
                run.as_str(),
            ]));
        }
        let by = approver();
        if was != wanted {
            let mut txn = registry.begin();
            let word = wanted.map_or("resume", Control::as_str);
            txn.control(&run, wanted).event(Some(&run), "control", json!({"asked": word, "by": by}));
            // It may have ended between the look and the word.
            runtime.block_on(txn.commit()).map_err(|error| match error {
                registry::RegistryError::RunNotRunning { run } => Failure::ended(&run, "ended", None),
                error => Failure::damaged(error),
            })?;
        }
        let (said, next) = match (wanted, was == wanted) {
            (Some(Control::Pause), false) => ("paused: what is running ends, nothing new starts", vec!["resume", "drain", "cancel"]),
            (Some(Control::Pause), true) => ("paused already", vec!["resume", "drain", "cancel"]),
            (None, false) => ("goes on", vec!["show"]),
            (None, true) => ("is not paused: it is going", vec!["show"]),
            (Some(Control::Drain), _) => ("finishes what is running, and ends", vec!["show"]),
            (Some(Control::Cancel), _) => ("is being cancelled; what is finished is kept", vec!["show"]),
        };
        let mut told = format!("run {run} {said}\n");
        let again = row.request.clone();
        let mut actions: Vec<Vec<String>> = next.iter().map(|verb| ["reel", verb, run.as_str()].map(str::to_owned).to_vec()).collect();
        match wanted {
            Some(Control::Pause) => told.push_str(&format!("  next: `reel resume {run}`\n")),
            Some(Control::Drain | Control::Cancel) => {
                if let Some(argv) = again {
                    told.push_str(&format!("  to go on later: {}\n", argv.join(" ")));
                    actions.push(argv);
                }
            }
            None => {}
        }
        Ok(Report::new(
            json!({
                "run_id": run, "control": wanted.map(Control::as_str), "was": was.map(Control::as_str), "changed": was != wanted, "by": by,
                "next_actions": actions,
            }),
            told,
        ))
    })
}

fn retry(args: &ArgMatches) -> Result<Report, Failure> {
    with_registry(|registry, runtime| {
        let row = going(registry, runtime, args)?;
        let (run, name) = (row.id, text(args, "step").unwrap_or_default());
        let steps = runtime.block_on(registry.steps(&run)).map_err(Failure::damaged)?;
        let may = |state: StepState| matches!(state, StepState::Failed | StepState::Lost | StepState::Dead);
        let allowed: Vec<&str> = steps.iter().filter(|s| may(s.state)).map(|s| s.step.name.as_str()).collect();
        let state = steps.iter().find(|s| s.step.name == name).map(|s| s.state);
        if !state.is_some_and(may) {
            return Err(Failure::not_retried(&run, &name, state.map(StepState::as_str), &allowed));
        }
        let by = approver();
        let mut txn = registry.begin();
        txn.step_retry(&run, &name).event(Some(&run), "step_retried", json!({"step": name, "by": by}));
        runtime.block_on(txn.commit()).map_err(|error| match error {
            registry::RegistryError::Taken { state, .. } => Failure::not_retried(&run, &name, Some(&state), &allowed),
            error => Failure::damaged(error),
        })?;
        let paused = row.control == Some(Control::Pause);
        let mut told = format!("step {name} of run {run} waits to be tried again\n");
        let mut actions = vec![["reel", "show", run.as_str()].map(str::to_owned).to_vec()];
        if paused {
            told.push_str(&format!("  next: the run is paused: `reel resume {run}`\n"));
            actions.insert(0, ["reel", "resume", run.as_str()].map(str::to_owned).to_vec());
        }
        let was = state.map(StepState::as_str);
        Ok(Report::new(json!({"run_id": run, "step": name, "was": was, "state": "ready", "by": by, "next_actions": actions}), told))
    })
}
