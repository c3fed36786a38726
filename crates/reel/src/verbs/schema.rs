//! `reel schema list|export|validate|migrate`: the documents of the chain, for clients that do not link our code.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command};
use contracts::{DocumentKind, documents};
use kit::files::{Files, SystemFiles, read_at_most};
use serde_json::{Value, json};

use super::{Offer, Report, Verb};
use crate::failure::{Failure, exit};

/// The largest document that is read, in bytes: a hundred times the longest episode's.
pub const MAX_DOCUMENT: u64 = 64 << 20;

pub const VERB: Verb = Verb {
    name: "schema",
    about: "List, export and check the documents of the chain",
    args,
    offer: Offer::Each(&[("list", Offer::Reads), ("export", Offer::Replaces), ("validate", Offer::Reads), ("migrate", Offer::Replaces)]),
    run,
};

fn args(command: Command) -> Command {
    command
        .subcommand_required(true)
        .subcommand(Command::new("list").about("Name every document, its version and what it is"))
        .subcommand(
            Command::new("export")
                .about("Write the JSON Schemas to a folder, or print one")
                .arg(Arg::new("id").long("id").value_name("SCHEMA").help("Print this one"))
                .arg(Arg::new("dir").value_name("DIR").value_parser(clap::value_parser!(PathBuf)).help("Write all of them here")),
        )
        .subcommand(
            Command::new("validate").about("Check files, or every document in a run folder").arg(
                Arg::new("paths")
                    .value_name("PATH")
                    .value_parser(clap::value_parser!(PathBuf))
                    .required(true)
                    .num_args(1..)
                    .action(ArgAction::Append)
                    .help("Files, or run folders"),
            ),
        )
        .subcommand(
            Command::new("migrate")
                .about("Bring documents of an older version to this build's; the files given stay as they are")
                .arg(
                    Arg::new("paths")
                        .value_name("PATH")
                        .value_parser(clap::value_parser!(PathBuf))
                        .required(true)
                        .num_args(1..)
                        .action(ArgAction::Append)
                        .help("Files, or run folders"),
                )
                .arg(super::out_arg("DIR", "Write the new documents here, under their old names (needed for more than one; else printed)")),
        )
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    match args.subcommand() {
        Some(("list", _)) => Ok(list()),
        Some(("export", sub)) => export(sub),
        Some(("validate", sub)) => {
            let paths: Vec<PathBuf> = sub.get_many::<PathBuf>("paths").into_iter().flatten().cloned().collect();
            validate(&paths)
        }
        Some(("migrate", sub)) => {
            let paths: Vec<PathBuf> = sub.get_many::<PathBuf>("paths").into_iter().flatten().cloned().collect();
            migrate(&paths, sub.get_one::<PathBuf>("out"))
        }
        _ => Err(Failure::usage("schema needs one of list, export, validate, migrate", "run `reel schema --help`")),
    }
}

fn list() -> Report {
    let json: Vec<Value> = documents()
        .iter()
        .map(|d| json!({"schema_id": d.id, "schema_version": d.version, "about": d.about, "forbidden_keys": d.forbidden_keys}))
        .collect();
    let text: String = documents().iter().map(|d| format!("{:<16} {}  {}\n", d.id, d.version, d.about)).collect();
    Report::new(json!({"schemas": json}), text)
}

fn export(args: &ArgMatches) -> Result<Report, Failure> {
    let pretty = |d: &DocumentKind| serde_json::to_string_pretty(&d.schema()).map(|t| t + "\n").map_err(Failure::internal);
    if let Some(id) = args.get_one::<String>("id") {
        let kind = kind(id)?;
        return Ok(Report::new(kind.schema(), pretty(kind)?));
    }
    let Some(dir) = args.get_one::<PathBuf>("dir").cloned() else {
        return Err(Failure::usage("export needs a folder, or --id SCHEMA", "run `reel schema export schemas`"));
    };
    std::fs::create_dir_all(&dir).map_err(|e| Failure::unwritable(&dir, e))?;
    let mut names = Vec::new();
    for kind in documents() {
        let file = dir.join(format!("{}.schema.json", kind.id));
        SystemFiles::new().write_atomic(&file, pretty(kind)?.as_bytes()).map_err(|e| Failure::unwritable(&file, e))?;
        names.push(file.display().to_string());
    }
    Ok(Report::new(json!({"written": names}), format!("{} schemas in {}\n", names.len(), dir.display())))
}

fn kind(id: &str) -> Result<&'static DocumentKind, Failure> {
    documents().iter().find(|d| d.id == id).ok_or_else(|| {
        let known: Vec<&str> = documents().iter().map(|d| d.id).collect();
        Failure::usage(format!("no schema `{id}`"), format!("choose one of: {}", known.join(", ")))
    })
}

/// Files as they are, folders as the JSON files in them, by name.
fn documents_in(paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut inside: Vec<PathBuf> = std::fs::read_dir(path)
                .into_iter()
                .flatten()
                .flatten()
                .map(|e| e.path())
                .filter(|p| {
                    p.extension().is_some_and(|e| e == "json")
                        && ![crate::view::TIMESTAMPS, crate::view::VISUALS].iter().any(|name| p.ends_with(name))
                })
                .collect();
            inside.sort();
            files.extend(inside);
        } else {
            files.push(path.clone());
        }
    }
    files
}

/// Brings documents to this build's versions. The old ones are never touched: an artifact is immutable (002-30.3).
fn migrate(paths: &[PathBuf], out: Option<&PathBuf>) -> Result<Report, Failure> {
    let files = documents_in(paths);
    if files.is_empty() {
        return Err(Failure::usage("no JSON file there", "give files, or a run folder"));
    }
    if files.len() > 1 && out.is_none() {
        return Err(Failure::usage(format!("{} documents need a folder to go to", files.len()), "add --out DIR"));
    }
    let mut rows = Vec::new();
    let mut text = String::new();
    for file in &files {
        let refuse = |why: String| Failure::document(file, why);
        let bytes = read_at_most(file, MAX_DOCUMENT).map_err(|e| refuse(e.to_string()))?;
        let done = contracts::migrate::migrate(&bytes).map_err(|e| refuse(e.to_string()))?;
        let mut row = json!({"file": file.display().to_string(), "schema_id": done.kind, "from": done.from, "to": done.to, "steps": done.steps, "hash": done.hash});
        match out {
            Some(dir) => {
                std::fs::create_dir_all(dir).map_err(|e| Failure::unwritable(dir, e))?;
                let to = dir.join(file.file_name().unwrap_or_default());
                if to.canonicalize().ok().is_some_and(|to| file.canonicalize().is_ok_and(|file| file == to)) {
                    return Err(Failure::usage(format!("{} would be written over", file.display()), "choose another --out"));
                }
                SystemFiles::new().write_atomic(&to, &done.bytes).map_err(|e| Failure::unwritable(&to, e))?;
                row["out"] = to.display().to_string().into();
                let what = if done.steps.is_empty() { "nothing to change".to_owned() } else { done.steps.join("; ") };
                text.push_str(&format!("{} {} → {}: {what}\n", to.display(), done.from, done.to));
            }
            None => {
                row["document"] = serde_json::from_slice(&done.bytes).map_err(Failure::internal)?;
                text = String::from_utf8_lossy(&done.bytes).into_owned() + "\n";
            }
        }
        rows.push(row);
    }
    Ok(Report::new(json!({"files": rows}), text))
}

/// Checks each file against the schema it names, and as this build reads it.
fn validate(paths: &[PathBuf]) -> Result<Report, Failure> {
    let files = documents_in(paths);
    if files.is_empty() {
        return Err(Failure::usage("no JSON file there", "give files, or a run folder"));
    }
    let mut validators = BTreeMap::new();
    let mut rows = Vec::new();
    let mut text = String::new();
    let mut valid = true;
    for file in &files {
        let faults = faults(file, &mut validators);
        valid &= faults.is_empty();
        let name = file.display().to_string();
        if faults.is_empty() {
            text.push_str(&format!("ok      {name}\n"));
        }
        for fault in &faults {
            text.push_str(&format!("refused {name}: {fault}\n"));
        }
        rows.push(json!({"file": name, "valid": faults.is_empty(), "faults": faults}));
    }
    let exit = if valid { 0 } else { exit::PROJECT };
    Ok(Report { json: json!({"valid": valid, "files": rows}), text, exit })
}

fn faults(file: &Path, validators: &mut BTreeMap<&'static str, jsonschema::Validator>) -> Vec<String> {
    let bytes = match read_at_most(file, MAX_DOCUMENT) {
        Ok(bytes) => bytes,
        Err(error) => return vec![error.to_string()],
    };
    all_faults(&bytes, validators)
}

/// What is wrong with bytes as a document of this kind, all that can be seen at once; empty when nothing is.
pub fn document_faults(bytes: &[u8], id: &str) -> Vec<String> {
    let found = serde_json::from_slice::<Value>(bytes).ok().and_then(|v| Some(v.get("schema_id")?.as_str()? == id));
    match found {
        Some(false) => vec![format!("/schema_id: expected `{id}`")],
        _ => all_faults(bytes, &mut BTreeMap::new()),
    }
}

fn all_faults(bytes: &[u8], validators: &mut BTreeMap<&'static str, jsonschema::Validator>) -> Vec<String> {
    let value: Value = match serde_json::from_slice(bytes) {
        Ok(value) => value,
        Err(error) => return vec![format!("not valid JSON: {error}")],
    };
    let Some(id) = value.get("schema_id").and_then(Value::as_str) else { return vec!["/schema_id: required field is missing".into()] };
    let Some(kind) = documents().iter().find(|d| d.id == id) else { return vec![format!("/schema_id: no document is called `{id}`")] };
    // The reader names a missing field by pointer and knows versions and forbidden keys; the schema knows shapes.
    let mut faults: Vec<String> = kind.check(bytes).err().map(|e| e.to_string()).into_iter().collect();
    if !validators.contains_key(kind.id) {
        match jsonschema::draft202012::new(&kind.schema()) {
            Ok(validator) => {
                validators.insert(kind.id, validator);
            }
            Err(error) => return vec![format!("the schema of {id} cannot be used: {error}")],
        }
    }
    if let Some(validator) = validators.get(kind.id) {
        for error in validator.iter_errors(&value).take(20) {
            let fault = match error.kind() {
                jsonschema::error::ValidationErrorKind::Required { property } => {
                    let name = property.as_str().unwrap_or_default().replace('~', "~0").replace('/', "~1");
                    format!("{}/{name}: required field is missing", error.instance_path())
                }
                _ => format!("{}: {error}", error.instance_path()),
            };
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
    }
    faults
}
