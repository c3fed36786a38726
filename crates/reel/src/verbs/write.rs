//! `reel write PROJECT`: the writer alone, JSON out. Nothing is spoken, drawn or rendered.

use std::sync::Arc;

use clap::{Arg, ArgMatches, Command};
use orchestrator::Silent;
use serde_json::json;

use super::{Offer, Report, Verb, episode_arg, number, path, project_arg};
use crate::{
    failure::Failure,
    project::ProjectFolder,
    shop::{Home, Manner, close, mending, stopped},
    stages::json as value,
    tell::tell,
};

pub const VERB: Verb = Verb { name: "write", about: "Write an episode's story and stop there: JSON out", args, offer: Offer::Repeats, run };

fn args(command: Command) -> Command {
    command.arg(project_arg()).arg(episode_arg()).arg(
        Arg::new("as")
            .long("as")
            .value_name("SHAPE")
            .value_parser(["chain", "sample"])
            .default_value("chain")
            .help("`chain`: the documents; `sample`: the one file a story judge reads"),
    )
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    let folder = ProjectFolder::open(&path(args, "project"))?;
    let episode = number(args, "episode", 1, 999)?.unwrap_or(1);
    let home = Home::open()?;
    let mut shop = home.shop(
        &folder.project.id,
        episode,
        &Manner { jobs: Some(1), out: None, look: true, request: None, fresh: Default::default() },
        Arc::new(Silent),
    )?;
    // Nothing is drawn, spoken or spent: there is nothing to say yes to.
    let told = mending(&mut shop, |shop| tell(shop, &folder, episode, &mut |_| Ok(()))).map_err(|failure| stopped(&shop, failure));
    let status = told.as_ref().map_or_else(Failure::status, |_| contracts::run::RunStatus::Completed);
    let written = told.and_then(|t| {
        if args.get_one::<String>("as").is_some_and(|a| a == "sample") {
            world::export::sample_shape(
                &folder.project,
                &t.before.doc,
                &t.arc.doc,
                &t.plan.doc,
                &t.cast.doc,
                &t.script.doc,
                &t.judged.diff.doc,
                &t.seen_before,
            )
            .map_err(Failure::internal)
        } else {
            let mut chain = json!({
                "story_arc": value(&*t.arc.doc), "episode_plan": value(&*t.plan.doc), "cast": value(&*t.cast.doc),
                "script": value(&*t.script.doc), "canon_diff": value(&*t.judged.diff.doc),
            });
            let notes = t.notes();
            if !notes.is_empty() {
                chain["notes"] = json!(notes);
            }
            if let Some(words) = &t.words {
                chain["written_by"] = value(&words.by);
            }
            Ok(chain)
        }
    });
    let error = written.as_ref().err().map(|e| e.message.clone());
    close(shop, status, None, error.as_deref())?;
    home.close();
    let written = written?;
    let text = serde_json::to_string_pretty(&written).map_err(Failure::internal)? + "\n";
    Ok(Report::new(written, text))
}
