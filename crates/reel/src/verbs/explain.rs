//! `reel explain RUN|FILE [SHOT]`: why a tool was chosen, recomputed from the record alone. A file asks no home and no network.

use std::path::Path;

use clap::{Arg, ArgMatches, Command};
use contracts::decision_log::{DecisionLog, LogEntry};
use contracts::{Hash, Id};
use serde_json::{Value, json};

use super::{
    Offer, Report, Verb,
    given::{self, Given},
    path,
    runs::{find, with_registry},
    text,
};
use crate::choices::{self, Held};
use crate::failure::{Failure, exit};

pub const VERB: Verb =
    Verb { name: "explain", about: "Say why a tool was chosen, and choose again from the record alone", args, offer: Offer::Reads, run };

const AFTER_HELP: &str = "\
example:
  reel explain decision.json
  reel explain visuals.json scene-003
  reel explain latest sc01-b02-s1
FILE holds Decisions (one, a list, lines, or a document of an episode), is a visuals.json with ours beside its scenes, or a
decision_log.json, whose chain is checked; what is no file is a run. A record that does not follow from what it rested on ends with 7";

fn args(command: Command) -> Command {
    command
        .after_help(AFTER_HELP)
        .arg(
            given::arg("The record; `-` for standard input; or a run: its id, as `reel runs` lists it, or `latest`").value_name("RUN|FILE"),
        )
        .arg(Arg::new("shot").value_name("SHOT").help("Only what is about this shot, scene, need or other subject"))
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    let (name, shot) = (path(args, "file"), text(args, "shot"));
    // Whatever lies there is a file; a run's id is none.
    match name.to_str().filter(|name| Id::new(*name).is_ok() && !Path::new(name).exists()) {
        Some(run) => of_run(run, shot.as_deref()),
        None => {
            let given = Given::of(args, &["explain"]);
            let mut values = Vec::new();
            given.each(|number, bytes| {
                let value = serde_json::from_slice(bytes);
                values.push(value.map_err(|e| given.refuse(format!("entry {number} is not valid JSON: {e}")))?);
                Ok(())
            })?;
            explain(&given, values, shot.as_deref())
        }
    }
}

/// Explains what a run chose, as it is on record: also of a run that made no film.
fn of_run(given: &str, shot: Option<&str>) -> Result<Report, Failure> {
    let (run, hash, value) = with_registry(|registry, runtime| {
        let row = find(registry, runtime, given)?;
        let events = runtime.block_on(registry.events(Some(&row.id), 0, u32::MAX)).map_err(Failure::damaged)?;
        let decided = events.iter().rev().find(|event| event.kind == "decided");
        let hash = decided.and_then(|event| event.json["decisions"].as_str()).and_then(|hash| Hash::try_from(hash.to_owned()).ok());
        let hash = hash.ok_or_else(|| {
            let why = "it ended before anything was chosen, remembers nothing of it, or was made by an older build";
            Failure::usage(format!("run {} has no choices on record: {why}", row.id), "produce the episode again, and ask about that run")
                .next(&["reel", "show", row.id.as_str()])
        })?;
        let bytes = registry.bytes(&hash).map_err(Failure::damaged)?;
        Ok((row.id, hash, serde_json::from_slice(&bytes).map_err(Failure::damaged)?))
    })?;
    let mut report = explain(&Given::named(format!("run {run}"), &["explain"]), vec![value], shot)?;
    report.json["run_id"] = json!(run);
    report.json["document"] = json!(hash);
    report.json["next_actions"] = json!([["reel", "show", run.as_str()]]);
    Ok(report)
}

/// Explains what a record holds.
fn explain(given: &Given, values: Vec<Value>, shot: Option<&str>) -> Result<Report, Failure> {
    match values.as_slice() {
        [log] if log.get("schema_id").is_some_and(|id| id == "decision_log") => {
            return told_log(given, given.read(log.clone(), "")?, shot);
        }
        _ => {}
    }
    let found: Vec<(usize, Held<'_>)> =
        values.iter().enumerate().flat_map(|(at, value)| choices::held(value).into_iter().map(move |one| (at, one))).collect();
    if found.is_empty() {
        return Err(given.refuse(why_none(values.first())));
    }
    let many = values.len() > 1;
    let mut subjects = Vec::new();
    let (mut rows, mut text, mut unequal) = (Vec::new(), String::new(), 0_usize);
    for (at, one) in found {
        let place = if many { format!("/{at}{}", one.pointer) } else { one.pointer.clone() };
        let decision = one.read().map_err(|e| given.refuse(format!("{place}{e}")))?;
        let subject = &decision.snapshot.request.subject;
        if shot.is_some_and(|shot| subject != shot && !one.names.iter().any(|name| name == shot)) {
            subjects.extend(one.names.into_iter().chain([subject.clone()]));
            continue;
        }
        let told = choices::explain(&decision);
        unequal += usize::from(!told.equal);
        let mut row = told.json;
        row["pointer"] = place.into();
        rows.push(row);
        text.push_str(&told.text);
    }
    if rows.is_empty() {
        return Err(nothing_about(given, shot.unwrap_or_default(), subjects));
    }
    if rows.len() > 1 {
        text.push_str(&match unequal {
            0 => format!("{} decisions: each follows from what it rested on\n", rows.len()),
            n => format!("{} decisions: {n} do NOT follow from what they rested on\n", rows.len()),
        });
    }
    let json = json!({"equal": unequal == 0, "decisions": rows});
    Ok(Report { json, text, exit: if unequal == 0 { 0 } else { exit::DAMAGED } })
}

/// What a file is that holds no decision.
fn why_none(value: Option<&Value>) -> String {
    match value {
        None => "it is empty".to_owned(),
        Some(value) if value.get("scenes").is_some() => {
            "its scenes hold no decision: it was not written by reel, or by one that did not keep them".to_owned()
        }
        Some(value) => match value.get("schema_id").and_then(Value::as_str) {
            Some(id) => format!("a `{}` holds no decision", id.escape_debug().take(60).collect::<String>()),
            None => "it holds no decision: expected a decision, a list or lines of them, a visuals.json or a decision_log.json".to_owned(),
        },
    }
}

fn nothing_about(given: &Given, shot: &str, mut subjects: Vec<String>) -> Failure {
    subjects.sort();
    subjects.dedup();
    let count = subjects.len();
    subjects.truncate(12);
    let more = if count > subjects.len() { format!(" and {} more", count - subjects.len()) } else { String::new() };
    let shot: String = shot.escape_debug().take(80).collect();
    given.refuse(format!("nothing in it is about `{shot}`; it is about {}{more}", subjects.join(", ")))
}

/// A decision log: whether its chain holds, and what was decided.
fn told_log(given: &Given, log: DecisionLog, shot: Option<&str>) -> Result<Report, Failure> {
    let complaints = routing::log::complaints(&log).map_err(|e| given.refuse(e))?;
    let about = |entry: &&LogEntry| {
        shot.is_none_or(|shot| entry.logged.subject == shot || entry.logged.stage == shot || entry.logged.decision_id.as_str() == shot)
    };
    let entries: Vec<&LogEntry> = log.decisions.iter().filter(about).collect();
    if let (true, Some(shot)) = (entries.is_empty(), shot) {
        return Err(nothing_about(given, shot, log.decisions.iter().map(|e| e.logged.subject.clone()).collect()));
    }
    let mut text = format!("{}: {} decisions\n", log.project_id, log.decisions.len());
    for entry in &entries {
        let logged = &entry.logged;
        let category = serde_json::to_value(logged.category).map_err(Failure::internal)?;
        let said = if logged.user_approved { "approved by a person" } else { "not asked of a person" };
        text.push_str(&format!(
            "{:>4} {} · {} · {} · {}: {}; {said}, {}\n",
            entry.seq,
            logged.decision_id,
            logged.stage,
            category.as_str().unwrap_or_default(),
            logged.subject,
            logged.selected,
            logged.at
        ));
        text.push_str(&format!("     because {}\n", logged.reason));
        for option in &logged.options_considered {
            let against = option.rejected_because.as_ref().map(|why| format!("; against it: {why}")).unwrap_or_default();
            let mark = if option.option_id == logged.selected { "*" } else { " " };
            text.push_str(&format!("     {mark} {:<20} {:>7} {}{against}\n", option.option_id, option.score_ppm, option.reason));
        }
    }
    text.push_str(&match complaints.as_slice() {
        [] => {
            "the chain holds: no entry was changed, moved or taken out (whether some were taken off its end cannot be seen from inside)\n"
                .to_owned()
        }
        found => found.iter().map(|why| format!("NOT EQUAL: {why}\n")).collect(),
    });
    let equal = complaints.is_empty();
    let json = json!({"equal": equal, "project_id": log.project_id, "entries": entries, "complaints": complaints});
    Ok(Report { json, text, exit: if equal { 0 } else { exit::DAMAGED } })
}
