//! `reel mcp`: the verbs as tools of the Model Context Protocol.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command};
use serde_json::Value;

use super::{Offer, Report, Verb};
use crate::failure::Failure;

pub const VERB: Verb =
    Verb { name: "mcp", about: "Serve these verbs to an agent: Model Context Protocol on stdin and stdout", args, offer: Offer::No, run };

fn args(command: Command) -> Command {
    command
        .arg(
            Arg::new("root")
                .long("root")
                .value_name("DIR")
                .value_parser(clap::value_parser!(PathBuf))
                .help("Refuse every path outside this folder; relative paths start there (default: none is refused)"),
        )
        .after_help(
            "A client starts this command and speaks to it; a person has no use for it. It works with the rights of who started it,\n\
             ends when its input ends, and stops what it started then. docs/agents.md says how to connect it and how to work with it.",
        )
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    crate::mcp::serve(args.get_one::<PathBuf>("root").map(PathBuf::as_path))?;
    // Standard output belongs to the protocol: there is nothing to report.
    Ok(Report::new(Value::Null, ""))
}
