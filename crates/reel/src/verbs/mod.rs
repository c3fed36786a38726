//! One table of verbs: the command line, its `--json` and its help derive from it.

mod approve;
mod artifacts;
mod audit;
mod canon;
mod control;
mod diff;
mod doctor;
mod events;
mod exchange;
mod explain;
mod frame;
mod given;
mod mcp;
mod new;
pub mod next;
mod notes;
mod pack;
mod plan;
mod policy;
mod produce;
mod promise;
mod propose;
mod render;
mod rerun;
mod route;
mod runs;
mod schema;
pub mod season;
mod show;
mod storyboard;
mod takes;
mod telemetry;
mod top;
mod visuals;
mod watch;
mod worker;
mod write;

pub use artifacts::bytes;
pub use runs::{summary, with_registry};
pub use schema::{MAX_DOCUMENT, document_faults};
pub use show::process;

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::Value;

use crate::failure::Failure;

/// What a verb has to say.
pub struct Report {
    /// For programs: one line.
    pub json: Value,
    /// For people.
    pub text: String,
    /// Exit code; 0 unless the verb answers a question with no.
    pub exit: u8,
}

impl Report {
    /// A report that ends well.
    pub fn new(json: Value, text: impl Into<String>) -> Self {
        Self { json, text: text.into(), exit: 0 }
    }
}

/// How a verb is offered as a tool to a program that drives reel (`reel mcp`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Not at all: it runs until somebody stops it.
    No,
    /// It only looks.
    Reads,
    /// It only looks, and what it makes are pictures: they are part of the answer instead of files at the named argument.
    Shows(&'static str),
    /// It adds something each time, and takes nothing away.
    Adds,
    /// It adds something once, however often it is asked with the same arguments, and takes nothing away.
    Repeats,
    /// It puts something in the place of what was there, or removes it.
    Replaces,
    /// Each command under it is a tool of its own.
    Each(&'static [(&'static str, Offer)]),
}

/// One verb.
pub struct Verb {
    /// What is typed.
    pub name: &'static str,
    /// What it does, in a line.
    pub about: &'static str,
    /// Its arguments.
    pub args: fn(Command) -> Command,
    /// Whether an agent may call it, and what it does to the world.
    pub offer: Offer,
    /// Does it.
    pub run: fn(&ArgMatches) -> Result<Report, Failure>,
}

/// Every verb, in the order in which a creator meets them.
pub const VERBS: &[Verb] = &[
    new::VERB,
    notes::VERB,
    propose::VERB,
    produce::VERB,
    rerun::VERB,
    render::VERB,
    visuals::VERB,
    watch::VERB,
    storyboard::VERB,
    frame::VERB,
    takes::RETAKE,
    takes::TAKES,
    takes::PICK,
    runs::VERB,
    show::VERB,
    explain::VERB,
    diff::VERB,
    top::VERB,
    events::VERB,
    audit::VERB,
    telemetry::VERB,
    pack::PACK,
    pack::REPLAY,
    approve::APPROVE,
    approve::REJECT,
    control::PAUSE,
    control::RESUME,
    control::DRAIN,
    control::CANCEL,
    control::RETRY,
    write::VERB,
    canon::VERB,
    exchange::IMPORT,
    exchange::EXPORT,
    route::VERB,
    promise::VERB,
    policy::VERB,
    schema::VERB,
    artifacts::VERB,
    worker::VERB,
    mcp::VERB,
    doctor::VERB,
];

const AFTER_HELP: &str = "\
exit codes: 0 done · 1 fault of reel · 2 usage · 3 project · 4 missing tool · 5 blocked by a gate · 6 cannot write
            7 damaged data · 8 a step failed · 10 waits for approval, or was refused it · 130 stopped
environment: REELWRIGHT_HOME  where artifacts and runs are kept (default: $XDG_DATA_HOME/reelwright)
             REELWRIGHT_FONTS  folders of fonts for captions in the picture, in place of the system's (docs/captions.md)
             REELWRIGHT_CACHE_MAX  the size the store is brought back to after a run, such as 20G (default: no limit)
             REELWRIGHT_REVIEW_WEBHOOK  an https address that is told when a run waits for approval
errors have a code in brackets: docs/errors/CODE.md explains each";

/// The argument that names a run; `help` says which runs are meant.
fn run_arg(help: &'static str) -> Arg {
    Arg::new("run").value_name("RUN").help(help)
}

/// The command line.
pub fn command() -> Command {
    let mut command = Command::new("reel")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Turns a story project into finished film episodes, on this machine, without a key or a network")
        .after_help(AFTER_HELP)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(false);
    for verb in VERBS {
        let json = Arg::new("json").long("json").action(ArgAction::SetTrue).global(true).help("Print one line of JSON for programs");
        command = command.subcommand((verb.args)(Command::new(verb.name).about(verb.about)).arg(json));
    }
    command
}

/// The folder of a project, for verbs that start from one.
fn project_arg() -> Arg {
    Arg::new("project")
        .value_name("PROJECT")
        .value_parser(clap::value_parser!(std::path::PathBuf))
        .required(true)
        .help("The folder that holds project.toml")
}

/// Which episode.
fn episode_arg() -> Arg {
    Arg::new("episode").long("episode").value_name("N").help("Which episode of the season (default 1)")
}

/// Where something is written.
fn out_arg(value: &'static str, help: &'static str) -> Arg {
    Arg::new("out").long("out").value_name(value).value_parser(clap::value_parser!(std::path::PathBuf)).help(help)
}

/// How much is done at once.
fn jobs_arg(help: &'static str) -> Arg {
    Arg::new("jobs").long("jobs").value_name("N").help(help)
}

/// How much is to be done at once, if anybody says.
fn jobs(args: &ArgMatches) -> Result<Option<usize>, Failure> {
    Ok(number(args, "jobs", 1, 256)?.map(|n| n as usize))
}

/// Events as they happen.
fn events_arg() -> Arg {
    Arg::new("events").long("events").action(ArgAction::SetTrue).help(
        "Print what happens as it happens, one JSON object a line; the last line has `\"event\": \"result\"` and is what --json prints",
    )
}

/// An optional text argument.
fn text(args: &ArgMatches, name: &str) -> Option<String> {
    args.get_one::<String>(name).cloned()
}

/// A path argument, empty when it was not given. Names that are not UTF-8 are paths too.
fn path(args: &ArgMatches, name: &str) -> std::path::PathBuf {
    args.get_one::<std::path::PathBuf>(name).cloned().unwrap_or_default()
}

/// A whole number within a range, or a message that names both.
fn number(args: &ArgMatches, name: &str, low: u32, high: u32) -> Result<Option<u32>, Failure> {
    let Some(given) = args.get_one::<String>(name) else { return Ok(None) };
    match given.parse::<u32>() {
        Ok(n) if (low..=high).contains(&n) => Ok(Some(n)),
        _ => Err(Failure::usage(
            format!("--{name} is `{given}`; expected a whole number from {low} to {high}"),
            "correct it and run the command again",
        )),
    }
}
