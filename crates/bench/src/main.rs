//! `cargo xtask bench render`: one film made in one sitting by (a) `reel render`, (b) the bare encoder fed from memory with the
//! very frames of (a), (c) ffmpeg's zoompan, plain and from pictures blown up four times. Rounds are interleaved, figures are
//! medians of CPU seconds of whole process trees: machines are shared and noisy, ratios of one sitting are not. It asserts
//! nothing. `docs/performance.md` keeps the last output and says what each figure means.
#![allow(
    clippy::disallowed_methods,
    reason = "it times other programs with the machine's own clock; the product's guards do not apply to its measuring"
)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it talks to a person at a terminal")]

mod batch;
mod captions;
mod film;
mod inner;
mod ours;
mod peers;
mod pictures;
mod report;
mod runner;
mod sounds;
mod time;

use std::path::PathBuf;
use std::process::ExitCode;

/// What was asked for.
pub struct Options {
    /// The built binary.
    pub reel: PathBuf,
    /// An empty folder of its own.
    pub work: PathBuf,
    /// Interleaved rounds.
    pub rounds: usize,
    /// Shots of five seconds.
    pub shots: usize,
    /// 1080 lines with the better filter and preset, instead of 720.
    pub standard: bool,
    /// Whether zoompan is timed too.
    pub peers: bool,
    /// Inner motion over every picture: rain, fire, dust, breath. There are no peers for it.
    pub motion: bool,
    /// Only the parts of the picture, in this process.
    pub parts: bool,
    /// One line of JSON, for programs.
    pub json: bool,
}

const USAGE: &str = "\
usage: bench --reel FILE --work DIR [--rounds N] [--shots N] [--standard] [--motion] [--no-peers] [--parts] [--json]
       bench runner --reel FILE --work DIR [--json]
       bench batch --reel FILE --work DIR";

fn options() -> Result<Options, String> {
    let mut options = Options {
        reel: PathBuf::new(),
        work: PathBuf::new(),
        rounds: 5,
        shots: 24,
        standard: false,
        peers: true,
        motion: false,
        parts: false,
        json: false,
    };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value\n{USAGE}"));
        let number = |text: String, low: usize, high: usize| match text.parse::<usize>() {
            Ok(n) if (low..=high).contains(&n) => Ok(n),
            _ => Err(format!("`{text}` is not a whole number from {low} to {high}\n{USAGE}")),
        };
        match arg.as_str() {
            "--reel" => options.reel = value()?.into(),
            "--work" => options.work = value()?.into(),
            "--rounds" => options.rounds = number(value()?, 1, 99)?,
            "--shots" => options.shots = number(value()?, 2, 240)?,
            "--standard" => options.standard = true,
            "--motion" => (options.motion, options.peers) = (true, false),
            "--no-peers" => options.peers = false,
            "--parts" => options.parts = true,
            "--json" => options.json = true,
            _ => return Err(format!("`{arg}` is not an option\n{USAGE}")),
        }
    }
    if options.reel.as_os_str().is_empty() || options.work.as_os_str().is_empty() {
        return Err(USAGE.into());
    }
    Ok(options)
}

/// The workloads that measure the runner, not the engine: their options.
fn of_runner(args: &[String]) -> Result<runner::Options, String> {
    match args {
        [reel, reel_file, work, work_dir, rest @ ..] if reel == "--reel" && work == "--work" => {
            if let Some(other) = rest.iter().find(|a| *a != "--json") {
                return Err(format!("`{other}` is not an option\n{USAGE}"));
            }
            Ok(runner::Options { reel: reel_file.into(), work: work_dir.into(), json: !rest.is_empty() })
        }
        _ => Err(USAGE.into()),
    }
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let rest = args.get(1..).unwrap_or_default();
    let done = match args.first().map(String::as_str) {
        Some("runner") => of_runner(rest).and_then(|options| runner::run(&options)),
        Some("batch") => of_runner(rest).and_then(|options| batch::run(&options)),
        // A child of our own.
        Some("serve-empty") => runner::serve(std::path::Path::new(rest.first().map_or("", String::as_str))),
        _ => options().and_then(|options| report::run(&options)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("bench: {message}");
            ExitCode::FAILURE
        }
    }
}
