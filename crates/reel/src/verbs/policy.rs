//! `reel policy check FILE` and `reel policy replay DECISIONS`: whether a policy can be used, and what another one would have done.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command};
use contracts::choice::{Decision, Policy};
use gates::policy::{MAX_SOURCE, Policies, Source, TABLES};
use kit::files::read_at_most;
use routing::policy_file::{MAX_BYTES, PolicyFile, STAGES, parse};
use routing::replay::{Estimate, PolicyReplay, read, verify};
use serde_json::{Value, json};

use super::{
    Offer, Report, Verb,
    given::{self, Given},
};
use crate::{choices, failure::Failure, parallel};

pub const VERB: Verb = Verb {
    name: "policy",
    about: "Check a policy, and ask what another one would have chosen",
    args,
    offer: Offer::Each(&[("check", Offer::Reads), ("replay", Offer::Reads)]),
    run,
};

const CHECK: &str = "\
example:
  reel policy check policy.json
  reel policy check policies/gates/budget.rego
a policy file is {\"schemaVersion\": 1, \"visuals\": {\"providerChain\": [..], \"routingPolicy\": \"balanced\", \"maxGenerationCostUsd\": 0.5,
\"gates\": {..}, \"evaluation\": {..}}} with script, audio, visuals and render; a key that nobody knows is refused. A policy in Rego is tried
on its samples, NAME.json beside NAME.rego, over the tables that are built in";

const REPLAY: &str = "\
example:
  reel policy replay decisions.jsonl --policy cost-first
FILE holds Decisions: one a line, an array, one alone, or a document that holds them, such as Decisions.json of a run folder.
Quality and failures are an interval where tools were drawn by lot, and `not estimable` where none were";

/// Entries of the past that are held at once, and their bytes.
const AT_ONCE: usize = 2_000;
const BYTES_AT_ONCE: usize = 8 << 20;
/// Complaints that are listed.
const SHOWN: usize = 20;

fn args(command: Command) -> Command {
    let path = |id: &'static str, name: &'static str, help: &'static str| {
        Arg::new(id).long(id).value_name(name).value_parser(clap::value_parser!(PathBuf)).help(help)
    };
    command
        .subcommand_required(true)
        .subcommand(
            Command::new("check")
                .about("Read a policy file strictly, or try a policy in Rego on its samples")
                .after_help(CHECK)
                .arg(given::arg("The policy file, JSON (`-` for standard input), or a policy in Rego, `.rego`"))
                .arg(path("samples", "FILE", "Samples of a policy in Rego (default: NAME.json beside it)"))
                .arg(path("tables", "FILE", "Tables a policy in Rego reads as `data` (default: those that are built in)")),
        )
        .subcommand(
            Command::new("replay")
                .about("Choose again among what was there, by another policy")
                .after_help(REPLAY)
                .arg(given::arg("Decisions; `-` for standard input"))
                .arg(
                    Arg::new("policy")
                        .long("policy")
                        .value_name("POLICY")
                        .required(true)
                        .value_parser(Policy::ALL.iter().map(|p| p.name()).collect::<Vec<_>>())
                        .help("The policy to try"),
                ),
        )
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    match args.subcommand() {
        Some(("check", sub)) => check(sub),
        Some(("replay", sub)) => replay(sub),
        _ => Err(Failure::usage("policy needs one of check, replay", "run `reel policy --help`")),
    }
}

fn check(args: &ArgMatches) -> Result<Report, Failure> {
    let given = Given::of(args, &["policy", "check"]);
    if let Some(file) = given.file().filter(|file| file.extension().is_some_and(|end| end == "rego")) {
        return rego(file, args);
    }
    if let Some(flag) = ["samples", "tables"].into_iter().find(|flag| args.get_one::<PathBuf>(flag).is_some()) {
        return Err(Failure::usage(format!("--{flag} goes with a policy in Rego"), "give a file that ends in .rego"));
    }
    let malformed = |why: String| Failure::policy_file(&given.name(), why).next(&["reel", "policy", "check", "--help"]);
    let bytes = match given.file() {
        Some(file) => read_at_most(file, MAX_BYTES as u64).map_err(|e| malformed(e.to_string()))?,
        None => given.bytes()?,
    };
    let text = String::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8".into()))?;
    let policy = parse(&text).map_err(|e| malformed(e.to_string()))?;
    let json = json!({"valid": true, "kind": "policy_file", "stages": policy.stages});
    Ok(Report::new(json, format!("ok      {}\n{}", given.name(), told(&policy))))
}

/// A policy file, for people.
fn told(policy: &PolicyFile) -> String {
    let mut text = String::new();
    for stage in STAGES.iter().filter(|stage| policy.stages.contains_key(**stage)) {
        let says = policy.stage(stage);
        let chain = says.provider_chain.map(|chain| {
            let names: Vec<&str> = chain.iter().map(contracts::choice::ToolId::as_str).collect();
            format!("chain {}", names.join(", "))
        });
        let parts = [
            says.routing_policy.map(|p| format!("policy {}", p.name())),
            chain,
            says.max_cost.map(|most| format!("at most {most}")),
            says.enforce.map(|enforce| if enforce { "gates block".to_owned() } else { "gates are on record only".to_owned() }),
            says.max_fallback_ppm.map(|ppm| format!("fallbacks at most {ppm} ppm")),
            says.min_success_ppm.map(|ppm| format!("at least {ppm} ppm of calls work")),
            says.adaptive_window.map(|n| format!("adaptive looks back {n} runs")),
            says.min_records.map(|n| format!("and needs {n}")),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        let says = if parts.is_empty() { "says nothing".to_owned() } else { parts.join("; ") };
        text.push_str(&format!("  {stage:<8} {says}\n"));
    }
    text
}

fn rego(file: &Path, args: &ArgMatches) -> Result<Report, Failure> {
    let text = |path: &Path| -> Result<String, Failure> {
        let refuse = |why: String| Failure::policy_refused(format!("{}: {why}", path.display()));
        let bytes = read_at_most(path, MAX_SOURCE as u64).map_err(|e| refuse(e.to_string()))?;
        String::from_utf8(bytes).map_err(|_| refuse("it is not UTF-8".into()))
    };
    let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let rego = text(file)?;
    let samples = text(&args.get_one::<PathBuf>("samples").cloned().unwrap_or_else(|| file.with_extension("json")))?;
    let tables = args.get_one::<PathBuf>("tables").map(|path| text(path)).transpose()?;
    let source = Source { name: &name, rego: &rego, samples: &samples };
    let policies = Policies::load(&[source], tables.as_deref().unwrap_or(TABLES)).map_err(Failure::policy_refused)?;
    let checks: Vec<&String> = policies.gates().flat_map(|(_, checks)| checks).collect();
    let tried = serde_json::from_str::<Value>(&samples).ok().and_then(|v| Some(v["samples"].as_array()?.len())).unwrap_or(0);
    let json = json!({
        "valid": true, "kind": "rego", "gate": name, "checks": checks, "samples": tried, "fingerprint": policies.fingerprint(),
    });
    let names: Vec<&str> = checks.iter().map(|c| c.as_str()).collect();
    Ok(Report::new(
        json,
        format!("ok      {}\n  gate {name}: {}; {tried} samples came out as they say\n", file.display(), names.join(", ")),
    ))
}

fn replay(args: &ArgMatches) -> Result<Report, Failure> {
    let given = Given::of(args, &["policy", "replay"]);
    let policy = args.get_one::<String>("policy").and_then(|name| Policy::named(name));
    let policy = policy.ok_or_else(|| Failure::internal("a policy of no name"))?;
    let mut past = PolicyReplay::new(policy);
    let (mut complaints, mut broken) = (Vec::new(), 0_u64);
    let mut take = |entries: &mut Vec<(usize, Vec<u8>)>| -> Result<(), Failure> {
        // Reading is most of the work.
        for found in parallel::each(entries, |(number, bytes)| of_entry(&given, *number, bytes)) {
            for one in found? {
                if let Some(why) = one.complaint {
                    broken += 1;
                    if complaints.len() < SHOWN {
                        complaints.push(json!({"place": one.place, "subject": one.decision.snapshot.request.subject, "why": why}));
                    }
                }
                past.add(&one.decision);
            }
        }
        entries.clear();
        Ok(())
    };
    let (mut entries, mut bytes) = (Vec::new(), 0);
    given.each(|number, entry| {
        bytes += entry.len();
        entries.push((number, entry.to_vec()));
        if entries.len() < AT_ONCE && bytes < BYTES_AT_ONCE {
            return Ok(());
        }
        bytes = 0;
        take(&mut entries)
    })?;
    take(&mut entries)?;
    let report = past.report();
    if report.decisions == 0 {
        return Err(given.refuse("it holds no decision"));
    }
    let told = |what: &str, estimate: Option<&Estimate>| match estimate {
        Some(Estimate::Interval { mean_ppm, low_ppm, high_ppm, effective_samples }) => {
            format!("  {what}  {mean_ppm} ppm ({low_ppm} to {high_ppm}; worth {effective_samples} observations)\n")
        }
        Some(Estimate::NotEstimable { reason, .. }) => format!("  {what}  not estimable: {reason}\n"),
        None => format!("  {what}  not estimable\n"),
    };
    let mut text = format!(
        "{}: {} decisions; the same tool first in {}, another in {}, none feasible in {}\n  \
         cost     {} at worst, where the record's first tools had {} and the attempts came to {}{}\n",
        report.policy,
        report.decisions,
        report.same_first,
        report.other_first,
        report.none_feasible,
        report.quote_micro_usd,
        report.recorded_quote_micro_usd,
        report.recorded_cost_micro_usd,
        if report.unknown_quotes == 0 { String::new() } else { format!("; of {} tools nobody knows it", report.unknown_quotes) },
    );
    text.push_str(&told("quality ", report.quality.as_ref()));
    text.push_str(&told("failures", report.failure.as_ref()));
    for one in &complaints {
        let word = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
        text.push_str(&format!(
            "  {}, {}: the record does not follow from what it rested on: {}\n",
            word("place"),
            word("subject"),
            word("why")
        ));
    }
    let mut json = serde_json::to_value(&report).map_err(Failure::internal)?;
    json["not_recomputed"] = broken.into();
    json["complaints"] = json!(complaints);
    Ok(Report::new(json, text))
}

/// A decision of the past.
struct Past {
    place: String,
    decision: Decision,
    /// Why it does not follow from what it rested on.
    complaint: Option<String>,
}

/// The decisions of one entry: it is one, or holds some.
fn of_entry(given: &Given, number: usize, bytes: &[u8]) -> Result<Vec<Past>, Failure> {
    let past = |place: String, decision: Decision| {
        let complaint = verify(&decision).err();
        Past { place, decision, complaint }
    };
    let first = match read(bytes) {
        Ok(decision) => return Ok(vec![past(format!("decision {number}"), decision)]),
        Err(error) => error,
    };
    let value: Value = serde_json::from_slice(bytes).map_err(|e| given.refuse(format!("entry {number} is not valid JSON: {e}")))?;
    let held: Vec<_> = choices::held(&value).into_iter().filter(|one| !one.pointer.is_empty()).collect();
    if held.is_empty() {
        return Err(given.refuse(format!("entry {number} holds no decision: {first}")));
    }
    let each = |one: &choices::Held<'_>| {
        let place = format!("entry {number}{}", one.pointer);
        one.read().map_err(|e| given.refuse(format!("{place}{e}"))).map(|decision| past(place.clone(), decision))
    };
    held.iter().map(each).collect()
}
