//! `reel artifacts verify|gc`: whether what is stored is what was stored, and what of it may go.

use clap::{Arg, ArgAction, ArgMatches, Command};
use registry::{Collection, Finding, Room, Verified, Victim, Why};
use serde_json::{Value, json};

use super::{Offer, Report, Verb, number, runs::with_registry, text};
use crate::failure::{Failure, exit};

pub const VERB: Verb = Verb {
    name: "artifacts",
    about: "Check what is stored, and make room",
    args,
    offer: Offer::Each(&[("verify", Offer::Repeats), ("gc", Offer::Replaces)]),
    run,
};

/// Findings of one kind that a person is shown; a program gets all.
const SHOWN: usize = 20;

fn args(command: Command) -> Command {
    let jobs = super::jobs_arg("Threads that read (default: one for each core)");
    let gc = "\
kept, whatever is asked: every film that was made and all it was made from, every earlier one, what a person approved,
what cannot be made again, what `reel render` answered in the last 30 days, and what a run that is going has touched. Of
looks (`reel watch`) the newest five of an episode. The rest can be made again by the next run.";
    command
        .subcommand_required(true)
        .subcommand(
            Command::new("verify")
                .about("Hash everything in the data home; damaged files are moved to its quarantine")
                .arg(jobs)
                .after_help("exit codes: 0 all is well, or what is missing can be made again · 7 something is damaged, or lost for good"),
        )
        .subcommand(
            Command::new("gc")
                .about("Remove what nothing keeps: leavings of unfinished runs, and results that were not used for long")
                .arg(Arg::new("dry-run").long("dry-run").action(ArgAction::SetTrue).help("Only say what would go, how much, and why"))
                .arg(Arg::new("keep-days").long("keep-days").value_name("N").help("Results used within so many days stay (default 30)"))
                .arg(
                    Arg::new("max-bytes")
                        .long("max-bytes")
                        .value_name("SIZE")
                        .help("Go on, the least recently used first, until the store is this small: 800M, 2G (default: REELWRIGHT_CACHE_MAX, else no limit)"),
                )
                .after_help(gc),
        )
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    match args.subcommand() {
        Some(("verify", sub)) => verify(sub),
        Some(("gc", sub)) => gc(sub),
        _ => Err(Failure::usage("artifacts needs one of verify, gc", "run `reel artifacts --help`")),
    }
}

fn verify(args: &ArgMatches) -> Result<Report, Failure> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let jobs = super::jobs(args)?.unwrap_or(cores);
    with_registry(|registry, runtime| {
        let found = runtime.block_on(registry.verify(jobs)).map_err(Failure::damaged)?;
        let exit = if found.sound() { 0 } else { exit::DAMAGED };
        Ok(Report { json: verified_json(&found), text: verified_text(&found), exit })
    })
}

/// Whole megabytes a second; the time is counted in milliseconds, so a small home says little.
fn rate(found: &Verified) -> u64 {
    found.bytes / 1000 / found.ms.max(1)
}

fn verified_json(found: &Verified) -> Value {
    let finding =
        |f: &Finding| json!({"hash": f.hash, "bytes": f.size, "quarantined": f.quarantined, "named_by": f.named_by, "lost": f.lost});
    let mut next: Vec<Vec<&str>> = Vec::new();
    if !found.orphans.is_empty() {
        next.push(vec!["reel", "artifacts", "gc", "--dry-run"]);
    }
    json!({
        "sound": found.sound(), "files": found.files, "bytes": found.bytes, "ms": found.ms, "mb_per_s": rate(found),
        "damaged": found.damaged.iter().map(finding).collect::<Vec<_>>(),
        "missing": found.missing.iter().map(finding).collect::<Vec<_>>(),
        "orphaned": found.orphans.iter().map(|b| json!({"hash": b.hash, "bytes": b.size})).collect::<Vec<_>>(),
        "strays": found.strays, "quarantined": found.quarantined.len(),
        "memos_damaged": found.memos.iter().map(|(grade, kind, key)| json!({"key": key, "kind": kind, "grade": grade})).collect::<Vec<_>>(),
        "database": found.database, "running": found.running, "next_actions": next,
    })
}

fn verified_text(found: &Verified) -> String {
    let mut text = format!("{} files, {} hashed in {} ms ({} MB/s)\n", found.files, size(found.bytes), found.ms, rate(found));
    for (what, findings) in [("DAMAGED", &found.damaged), ("missing", &found.missing)] {
        for f in findings.iter().take(SHOWN) {
            let place = f.quarantined.as_ref().map_or(String::new(), |q| format!(", moved to {}", q.display()));
            let fate = match (f.lost, f.named_by.is_empty()) {
                (true, _) => "lost: nothing here can make it again; restore it from a backup",
                (false, true) => "nothing refers to it",
                (false, false) => "the next run that needs it makes it again",
            };
            text.push_str(&format!("{what}   {}{place}\n          {fate}\n", f.hash));
            for by in f.named_by.iter().take(3) {
                text.push_str(&format!("          {by}\n"));
            }
            if f.named_by.len() > 3 {
                text.push_str(&format!("          and {} more\n", f.named_by.len() - 3));
            }
        }
        if findings.len() > SHOWN {
            text.push_str(&format!("{what}   and {} more; --json names all\n", findings.len() - SHOWN));
        }
    }
    for (grade, kind, key) in &found.memos {
        text.push_str(&format!("DAMAGED   the row of a {grade} result of a step {kind} ({key})\n"));
    }
    for line in &found.database {
        text.push_str(&format!("DAMAGED   database: {line}\n"));
    }
    for path in &found.strays {
        text.push_str(&format!("stray     {} is no content\n", path.display()));
    }
    if !found.orphans.is_empty() {
        let bytes = found.orphans.iter().map(|b| b.size).sum();
        let why = if found.running.is_empty() { "left by unfinished runs" } else { "left by unfinished runs, or of one that is going" };
        text.push_str(&format!(
            "orphaned  {} files, {}: {why}; `reel artifacts gc --dry-run` says more\n",
            found.orphans.len(),
            size(bytes)
        ));
    }
    if !found.quarantined.is_empty() {
        text.push_str(&format!(
            "          {} damaged files stand in quarantine; delete them when you have looked at them\n",
            found.quarantined.len()
        ));
    }
    text.push_str(match (found.sound(), found.damaged.is_empty() && found.missing.is_empty()) {
        (true, true) => "sound: every stored byte is the one that was stored\n",
        (true, false) => "sound: what is missing can be made again\n",
        (false, _) => "not sound\n",
    });
    text
}

fn gc(args: &ArgMatches) -> Result<Report, Failure> {
    let keep_days = number(args, "keep-days", 0, 36_500)?.unwrap_or(30);
    let max_bytes = text(args, "max-bytes").map(|given| bytes("--max-bytes", &given)).transpose()?.or(crate::shop::cache_max()?);
    let room = Room { keep_days, max_bytes };
    let dry = args.get_flag("dry-run");
    with_registry(|registry, runtime| {
        let plan = if dry { runtime.block_on(registry.plan_collection(room)) } else { runtime.block_on(registry.collect(room)) };
        let plan = plan.map_err(Failure::damaged)?;
        if !dry && let Some(run) = plan.running.first() {
            return Err(Failure::going(run));
        }
        Ok(Report::new(gc_json(&plan, dry), gc_text(&plan, dry)))
    })
}

/// `800M`, `2G`, `1048576`.
pub fn bytes(name: &str, given: &str) -> Result<u64, Failure> {
    let (digits, unit) = given.split_at(given.find(|c: char| !c.is_ascii_digit()).unwrap_or(given.len()));
    let factor: Option<u64> = match unit.to_ascii_uppercase().as_str() {
        "" => Some(1),
        "K" => Some(1 << 10),
        "M" => Some(1 << 20),
        "G" => Some(1 << 30),
        "T" => Some(1 << 40),
        _ => None,
    };
    let wrong = || Failure::usage(format!("{name} is `{given}`; expected a whole number with K, M, G or T"), "write it as 800M or 2G");
    digits.parse::<u64>().ok().zip(factor).and_then(|(n, f)| n.checked_mul(f)).ok_or_else(wrong)
}

fn why(victim: &Victim) -> String {
    match &victim.why {
        Why::Orphan => "left by an unfinished run, or by a look that newer ones replaced".to_owned(),
        Why::Unused { kind, grade, days } => format!("{grade} result of a step {kind}, last used {days} days ago"),
    }
}

fn gc_json(plan: &Collection, dry: bool) -> Value {
    let victims: Vec<Value> = plan.victims.iter().map(|v| json!({"hash": v.blob.hash, "bytes": v.blob.size, "why": why(v)})).collect();
    json!({
        "dry_run": dry, "bytes": plan.bytes, "freed": plan.freed, "results": plan.memos.len(), "victims": victims, "running": plan.running,
        "next_actions": if dry && !victims.is_empty() { vec![vec!["reel", "artifacts", "gc"]] } else { Vec::new() },
    })
}

fn gc_text(plan: &Collection, dry: bool) -> String {
    let mut text = String::new();
    for victim in plan.victims.iter().take(SHOWN) {
        text.push_str(&format!("{:>9}  {}  {}\n", size(victim.blob.size), victim.blob.hash.short(), why(victim)));
    }
    if plan.victims.len() > SHOWN {
        text.push_str(&format!("           and {} more; --json names all\n", plan.victims.len() - SHOWN));
    }
    let act = if dry { "would go" } else { "went" };
    let (files, freed, all) = (plan.victims.len(), size(plan.freed), size(plan.bytes));
    text.push_str(&format!("{files} files, {freed} of {all}, {act}; {} remembered results with them\n", plan.memos.len()));
    if dry && let Some(run) = plan.running.first() {
        text.push_str(&format!("run {run} is going: nothing can go before it has ended\n"));
    }
    text
}

/// Bytes for a person.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{}.{} kB", bytes / 1_000, bytes % 1_000 / 100),
        1_000_000..1_000_000_000 => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
        _ => format!("{}.{} GB", bytes / 1_000_000_000, bytes % 1_000_000_000 / 100_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_nonsense_is_named() {
        for (given, expected) in [("0", 0), ("800M", 800 << 20), ("2g", 2 << 30), ("7k", 7 << 10)] {
            assert_eq!(bytes("--max-bytes", given).expect("a size"), expected);
        }
        for given in ["", "M", "2GB", "-1", "99999999T", "1.5G"] {
            assert!(bytes("--max-bytes", given).expect_err("refused").message.contains("--max-bytes"), "{given}");
        }
    }
}
