//! What comes next: runnable argument vectors in every result and every error, where the verb or the failure names none itself.

use clap::ArgMatches;
use serde_json::{Value, json};

use super::{Report, runs::with_registry};
use crate::failure::{Failure, exit};

/// The report with its next steps.
pub fn of_report(verb: &str, args: &ArgMatches, mut report: Report) -> Report {
    // A server has said all; what answers with a document of a contract of its own says nothing beside it.
    let named = report.json.get("next_actions").and_then(Value::as_array).is_some_and(|next| !next.is_empty());
    let plain = !named && report.json.as_object().is_some_and(|json| !json.contains_key("schema_id"));
    if plain {
        report.json["next_actions"] = json!(after(verb, args, &report.json));
    }
    report
}

/// The failure with a next step: the words of the verb, when they were wrong; else the same again, once the cause is mended.
pub fn of_failure(verb: &str, mut failure: Failure) -> Failure {
    if failure.next_actions.is_empty() {
        let own: Vec<String> = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
        let words = if failure.exit == exit::USAGE { vec![verb.to_owned(), "--help".to_owned()] } else { own };
        failure.next_actions.push(std::iter::once("reel".to_owned()).chain(words).collect());
    }
    failure
}

fn after(verb: &str, args: &ArgMatches, json: &Value) -> Vec<Vec<String>> {
    let argv = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
    let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
    match verb {
        "new" => vec![argv(&["reel", "produce", &path(args, "dir")]), argv(&["reel", "watch", &path(args, "dir")])],
        "write" => vec![argv(&["reel", "produce", &path(args, "project")])],
        "frame" | "storyboard" => vec![argv(&["reel", "show", &given(args, "run")])],
        "approve" => asked(&text("run_id")).into_iter().collect(),
        "reject" | "takes" => vec![argv(&["reel", "show", &text("run_id")])],
        "rerun" => vec![argv(&["reel", "show", &text("run_id")])],
        "pack" | "replay" => vec![argv(&["reel", "runs"])],
        "worker" => vec![argv(&["reel", "top", "--once"])],
        "artifacts" if args.subcommand_name() == Some("gc") => vec![argv(&["reel", "artifacts", "verify"])],
        "artifacts" if json["sound"] == false => vec![argv(&["reel", "runs"])],
        _ => Vec::new(),
    }
}

/// The command that makes a run again.
fn asked(run: &str) -> Option<Vec<String>> {
    let run = contracts::Id::new(run).ok()?;
    let row = with_registry(|registry, runtime| runtime.block_on(registry.run(&run)).map_err(Failure::damaged)).ok().flatten();
    row.and_then(|row| row.request)
}

fn path(args: &ArgMatches, name: &str) -> String {
    let given = args.try_get_one::<std::path::PathBuf>(name).ok().flatten();
    given.map_or_else(|| ".".to_owned(), |path| path.display().to_string())
}

fn given(args: &ArgMatches, name: &str) -> String {
    args.try_get_one::<String>(name).ok().flatten().cloned().unwrap_or_else(|| "latest".to_owned())
}
