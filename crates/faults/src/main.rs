//! `cargo xtask faults`, `fuzz-corpus` and `fuzz` end here; xtask builds what this needs and says where it is.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it talks to a person at a terminal")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use faults::run::Plan;

const USAGE: &str = "\
usage: faults run --reel FILE --work DIR [--lane short|long] [--seed N] [--only Fxx] [--sample N] [--at POINT]
       faults corpus
       faults mutate --work DIR [--seed N] [--seconds N] [--only TARGET]
started in the repository's root";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let root = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let rest = args.get(1..).unwrap_or_default();
    let done = match args.first().map(String::as_str) {
        Some("run") => plan(&root, rest).and_then(|plan| faults::run::run(&plan)),
        Some("corpus") => faults::corpus::replay(&root),
        Some("mutate") => mutate(&root, rest),
        // Children of our own, one a target.
        Some("replay") => return faults::corpus::replay_one(&root, rest.first().map_or("", String::as_str)),
        Some("race") => match rest {
            [home, seed] => number("SEED", seed).and_then(|seed| faults::races::writers_of(Path::new(home), seed)),
            _ => Err("race needs HOME SEED".to_owned()),
        },
        Some("mutate-one") => {
            let [name, seed, ms, hand] = rest else { return ExitCode::FAILURE };
            let (Ok(seed), Ok(ms)) = (seed.parse(), ms.parse()) else { return ExitCode::FAILURE };
            return faults::mutate::mutate_one(&root, name, seed, Duration::from_millis(ms), Path::new(hand));
        }
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("faults: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Options as pairs.
fn options(args: &[String]) -> Result<Vec<(&str, &str)>, String> {
    args.chunks(2)
        .map(|pair| match pair {
            [name, value] if name.starts_with("--") => Ok((name.as_str(), value.as_str())),
            _ => Err(format!("{} needs a value\n{USAGE}", pair.first().map_or("", String::as_str))),
        })
        .collect()
}

fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{name} is `{value}`; expected a whole number"))
}

fn plan(root: &Path, args: &[String]) -> Result<Plan, String> {
    let mut plan = Plan { root: root.to_owned(), ..Plan::default() };
    for (name, value) in options(args)? {
        match name {
            "--reel" => plan.reel = PathBuf::from(value),
            "--work" => plan.work = PathBuf::from(value),
            "--seed" => plan.seed = number(name, value)?,
            "--lane" if value == "short" => (plan.long, plan.sample) = (false, faults::run::SAMPLED),
            "--lane" if value == "long" => (plan.long, plan.sample) = (true, faults::run::POINTS),
            "--lane" => return Err(format!("--lane is `{value}`; expected short or long")),
            "--sample" => plan.sample = number(name, value)?,
            "--only" => plan.only = Some(value.to_uppercase()),
            "--at" => (plan.only, plan.at) = (Some("F01".into()), Some(value.to_owned())),
            _ => return Err(format!("no option {name}\n{USAGE}")),
        }
    }
    Ok(plan)
}

fn mutate(root: &Path, args: &[String]) -> Result<(), String> {
    let (mut work, mut seed, mut seconds, mut only) = (std::env::temp_dir(), 1, 60, None);
    for (name, value) in options(args)? {
        match name {
            "--work" => work = PathBuf::from(value),
            "--seed" => seed = number(name, value)?,
            "--seconds" => seconds = number(name, value)?,
            "--only" => only = Some(value),
            _ => return Err(format!("no option {name}\n{USAGE}")),
        }
    }
    faults::mutate::mutate(root, &work, seed, seconds, only)
}
