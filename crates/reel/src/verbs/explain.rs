//! `reel explain FILE [SHOT]`: why a tool was chosen, recomputed from the file alone. It asks no home and no network.

use clap::{Arg, ArgMatches, Command};
use contracts::decision_log::{DecisionLog, LogEntry};
use serde_json::{Value, json};

use super::{
    Offer, Report, Verb,
    given::{self, Given},
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
FILE holds Decisions (one, a list, lines, or a document of an episode), is a visuals.json with ours beside its scenes, or a
decision_log.json, whose chain is checked. A record that does not follow from what it rested on ends with 7";

fn args(command: Command) -> Command {
    command
        .after_help(AFTER_HELP)
        .arg(given::arg("The record; `-` for standard input"))
        .arg(Arg::new("shot").value_name("SHOT").help("Only what is about this shot, scene, need or other subject"))
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    explain(&Given::of(args, &["explain"]), text(args, "shot").as_deref())
}

/// Explains what a file holds.
fn explain(given: &Given, shot: Option<&str>) -> Result<Report, Failure> {
    let mut values = Vec::new();
    given.each(|number, bytes| {
        values.push(serde_json::from_slice::<Value>(bytes).map_err(|e| given.refuse(format!("entry {number} is not valid JSON: {e}")))?);
        Ok(())
    })?;
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
