//! `reel rerun RUN [--from STAGE]`: what was asked for then, asked for again.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command};
use contracts::Id;
use serde_json::json;

use super::{Offer, Report, Verb, produce as said, run_arg, runs::with_registry, text};
use crate::{
    failure::Failure,
    produce::{Request, produce},
    stages::graph::EPISODE,
};

pub const VERB: Verb = Verb { name: "rerun", about: "Make a run's film again, from a stage on", args, offer: Offer::Repeats, run };

fn args(command: Command) -> Command {
    let stages = EPISODE.iter().map(|part| part.name).collect::<Vec<_>>().join(" ");
    command
        .arg(run_arg("Its id, as `reel runs` lists it, or `latest`").required(true))
        .arg(
            Arg::new("from")
                .long("from")
                .value_name("STAGE")
                .value_parser(clap::builder::PossibleValuesParser::new(EPISODE.iter().map(|part| part.name)))
                .hide_possible_values(true)
                .help("Make this stage and all that reads it once more, though it is remembered (default: only what is not)"),
        )
        .arg(super::out_arg("DIR", "Where the film goes (default: the folder of that run)"))
        .arg(Arg::new("yes").long("yes").action(ArgAction::SetTrue).help("Say yes at every approval point; recorded with your name"))
        .arg(super::jobs_arg("Steps at a time (default: one for each core)"))
        .after_help(format!(
            "The project is read as it is now. What is made once more is held against what is remembered, which stays; what comes\n\
             out otherwise is said, and the command exits with 8. Recorded answers of a model or a provider are never asked for again.\n\
             stages: {stages}"
        ))
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    let (of, given) = with_registry(|registry, runtime| {
        let row = super::runs::find(registry, runtime, &text(args, "run").unwrap_or_default())?;
        Ok((row.id, row.request))
    })?;
    let Some(request) = request(given.as_deref())? else {
        let hint = "type the command that made it: only the runs of `reel produce` are made again by name";
        return Err(Failure::usage(format!("run {of} was not made by `reel produce`, or by an older build"), hint));
    };
    let from = text(args, "from").and_then(|name| EPISODE.iter().find(|part| part.name == name)).map(|part| part.name);
    let request = Request {
        out: args.get_one::<PathBuf>("out").cloned().or(request.out),
        yes: args.get_flag("yes"),
        jobs: super::jobs(args)?,
        may_ask: !args.get_flag("json"),
        from,
        ..request
    };
    let produced = produce(&request)?;
    let otherwise = otherwise(&produced.summary.run_id)?;
    let (mut json, mut text) = (said::result(&produced), said::told(&produced));
    json["rerun_of"] = json!(of);
    json["came_out_otherwise"] = json!(otherwise);
    for step in &otherwise {
        text.push_str(&format!("  `{step}` came out otherwise than it is remembered; what is remembered stays\n"));
    }
    Ok(Report { exit: if otherwise.is_empty() { 0 } else { crate::failure::exit::STEP }, ..Report::new(json, text) })
}

/// What a recorded command line of `reel produce` asks for; `None` when it is no such one.
pub fn request(argv: Option<&[String]>) -> Result<Option<Request>, Failure> {
    let matches = argv.and_then(|argv| super::command().try_get_matches_from(argv).ok());
    matches.as_ref().and_then(|matches| matches.subcommand_matches(said::VERB.name)).map(said::request).transpose()
}

/// Steps of a run that gave something else than the memo holds for the same work.
fn otherwise(run: &Id) -> Result<Vec<String>, Failure> {
    with_registry(|registry, runtime| {
        let events = runtime.block_on(registry.events(Some(run), 0, u32::MAX)).map_err(Failure::damaged)?;
        let steps = events.iter().filter(|e| e.kind == "not_reproduced").filter_map(|e| e.json["step"].as_str());
        Ok(steps.map(str::to_owned).collect())
    })
}
