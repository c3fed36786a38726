//! `reel route order|score|select|rank|recommend FILE`: choosing alone, JSON in, JSON out.

mod order;
mod rank;
mod recommend;
mod score;
mod select;

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command};
use contracts::choice::{Choice, Exclusion, Placed};

use super::{Offer, Report, Verb, given};
use crate::failure::Failure;

pub const VERB: Verb = Verb {
    name: "route",
    about: "Choose among tools, without a project: JSON in, JSON out",
    args,
    offer: Offer::Each(&[
        ("order", Offer::Reads),
        ("score", Offer::Reads),
        ("select", Offer::Reads),
        ("rank", Offer::Reads),
        ("recommend", Offer::Reads),
    ]),
    run,
};

fn args(command: Command) -> Command {
    let file = || given::arg("What is asked, as JSON; `-` for standard input");
    let compat = |help: &'static str| Arg::new("compat").long("compat").action(ArgAction::SetTrue).help(help);
    let providers = || {
        Arg::new("providers")
            .long("providers")
            .value_name("FOLDER")
            .value_parser(clap::value_parser!(PathBuf))
            .help("Manifests beside those that are built in (default: $XDG_CONFIG_HOME/reelwright/providers)")
    };
    command
        .subcommand_required(true)
        .after_help("docs/choosing.md says what is excluded, how it is ordered, and where this differs from the public projects")
        .subcommand(
            Command::new("order")
                .about("Order a set of providers by a policy, within a budget")
                .after_help(order::AFTER_HELP)
                .arg(file())
                .arg(compat("As content-machine orders: a paid clip is bound by no budget, and money is doubles")),
        )
        .subcommand(
            Command::new("score")
                .about("Score tools for a task in seven dimensions")
                .after_help(score::AFTER_HELP)
                .arg(file())
                .arg(providers())
                .arg(compat("As OpenMontage scores: what cannot be asked keeps its place, and an unknown cost is free")),
        )
        .subcommand(
            Command::new("select")
                .about("Choose a tool for a request, with a reason for every tool that is left out")
                .after_help(select::AFTER_HELP)
                .arg(file())
                .arg(providers()),
        )
        .subcommand(
            Command::new("rank")
                .about("Rank tools by what came of their calls, and say whether the ranking may be made active")
                .after_help(rank::AFTER_HELP)
                .arg(file())
                .arg(compat("As somaagent01 ranks: by provider, and a quality of 0 counts as unknown")),
        )
        .subcommand(
            Command::new("recommend")
                .about("Say which policy past runs speak for")
                .after_help(recommend::AFTER_HELP)
                .arg(file())
                .arg(compat("As content-machine recommends: in doubles, and without a look at waits")),
        )
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    match args.subcommand() {
        Some(("order", sub)) => order::run(sub),
        Some(("score", sub)) => score::run(sub),
        Some(("select", sub)) => select::run(sub),
        Some(("rank", sub)) => rank::run(sub),
        Some(("recommend", sub)) => recommend::run(sub),
        _ => Err(Failure::usage("route needs one of order, score, select, rank, recommend", "run `reel route --help`")),
    }
}

/// An order, for people.
pub fn told_order(order: &[Placed]) -> String {
    order.iter().enumerate().map(|(at, placed)| format!("  {}. {:<20} {}\n", at + 1, placed.tool.as_str(), placed.reason)).collect()
}

/// Tools that are no candidates, for people.
pub fn told_exclusions(exclusions: &[Exclusion]) -> String {
    exclusions.iter().map(|e| format!("  no {:<20} [{}] {}\n", e.tool.as_str(), e.code.name(), e.reason)).collect()
}

/// A choice, for people.
pub fn told(choice: &Choice) -> String {
    format!("{}\n{}{}", choice.rationale, told_order(&choice.order), told_exclusions(&choice.exclusions))
}
