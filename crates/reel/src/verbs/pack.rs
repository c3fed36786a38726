//! `reel pack RUN` and `reel replay BUNDLE`: a run handed over, and proven elsewhere.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command};
use contracts::bundle::Bundle;
use serde_json::json;

use super::{Offer, Report, Verb, path, run_arg, runs::find, text, with_registry};
use crate::{
    bundle::{pack, replay},
    failure::{Failure, exit},
    produce::Request,
};

pub const PACK: Verb = Verb {
    name: "pack",
    about: "Put a run into one file that another machine can prove",
    args: pack_args,
    offer: Offer::Replaces,
    run: run_pack,
};
pub const REPLAY: Verb = Verb {
    name: "replay",
    about: "Prove a packed run: every file, and every step made again",
    args: replay_args,
    offer: Offer::Reads,
    run: run_replay,
};

fn pack_args(command: Command) -> Command {
    command
        .arg(run_arg("Its id (default, and `latest`: the newest)"))
        .arg(super::out_arg("FILE", "The file to write (default: RUN.reel.tar here)"))
        .after_help(
            "It holds the author's folder as far as it is read, the documents, the film, and the key and outputs of every step. It names\n\
             no machine, no folder and no person, and is refused when a file holds a secret. The project must still be as it was.",
        )
}

fn replay_args(command: Command) -> Command {
    command
        .arg(Arg::new("bundle").value_name("BUNDLE").required(true).value_parser(clap::value_parser!(PathBuf)).help("A file of `reel pack`"))
        .arg(Arg::new("files").long("files").action(ArgAction::SetTrue).help("Only check that each file is what the list says; make nothing"))
        .arg(super::jobs_arg("Steps at a time (default: one for each core)"))
        .after_help(
            "Makes the film again in an empty home of its own, without network, and holds every step against the list. A step whose tool\n\
             (ffmpeg, a voice) is another build here cannot be held against it: it is counted, and is no fault. Exits with 7 when something\n\
             does not hold.",
        )
}

fn run_pack(args: &ArgMatches) -> Result<Report, Failure> {
    let row = with_registry(|registry, runtime| find(registry, runtime, &text(args, "run").unwrap_or_else(|| "latest".to_owned())))?;
    let Some(request) = super::rerun::request(row.request.as_deref())? else {
        let hint = "`reel runs` lists the runs; those of `reel produce` can be packed";
        return Err(Failure::usage(format!("RUN is `{}`, which was not made by `reel produce`, or by an older build", row.id), hint));
    };
    // What would be handed over must be what made the film: a look ahead finds every step in memory, under the keys of the run.
    let plan = crate::produce::plan(&request)?;
    let changed = with_registry(|registry, runtime| {
        let keys = |run| -> Result<std::collections::BTreeMap<String, contracts::Hash>, Failure> {
            let rows = runtime.block_on(registry.steps(run)).map_err(Failure::damaged)?;
            Ok(rows.into_iter().map(|row| (row.step.name, row.step.memo_key)).collect())
        };
        let (then, now) = (keys(&row.id)?, keys(&plan.run)?);
        Ok(now.iter().find(|(name, key)| then.get(*name) != Some(*key)).map(|(name, _)| name.clone()))
    })?;
    if changed.is_some() || plan.foreseen.stages.iter().any(|stage| stage.to_make() > 0) {
        let at = changed.map_or(String::new(), |step| format!(": `{step}` reads something else now"));
        return Err(Failure::usage(
            format!("the project is not as it was when `{}` was made{at}", row.id),
            "run `reel produce` again and pack that run",
        )
        .next(&["reel", "rerun", row.id.as_str()]));
    }
    with_registry(|registry, runtime| crate::gated::publish(registry, runtime, &row))?;
    let to = args.get_one::<PathBuf>("out").cloned().unwrap_or_else(|| PathBuf::from(format!("{}.reel.tar", row.id)));
    let packed = with_registry(|registry, runtime| pack(registry, runtime, &row, &request, &to))?;
    let shown = std::path::absolute(&to).unwrap_or_else(|_| to.clone()).display().to_string();
    let said = format!(
        "{}\n  {} bytes, {} files, {} steps; sha256 {}\n  next: `reel replay {}` on any machine\n",
        to.display(),
        packed.bytes,
        packed.list.files.len(),
        packed.list.steps.len(),
        packed.hash,
        to.display()
    );
    let json = json!({
        "run_id": row.id, "bundle": shown, "bytes": packed.bytes, "sha256": packed.hash, "files": packed.list.files.len(),
        "steps": packed.list.steps.len(), "next_actions": [["reel", "replay", shown]],
    });
    Ok(Report::new(json, said))
}

fn run_replay(args: &ArgMatches) -> Result<Report, Failure> {
    let jobs = super::jobs(args)?;
    let file = path(args, "bundle");
    let request = |list: &Bundle, project: &Path| -> Result<Request, Failure> {
        let mut argv =
            vec!["reel".to_owned(), "produce".into(), project.display().to_string(), "--episode".into(), list.episode.to_string()];
        argv.extend(list.flags.iter().cloned());
        let request = super::rerun::request(Some(&argv))?;
        let request = request.ok_or_else(|| Failure::document(&file, format!("/flags: this build does not know {:?}", list.flags)))?;
        // Whoever said yes is on the list; here nothing is accepted but into a home that vanishes.
        Ok(Request { yes: true, jobs, may_ask: false, ..request })
    };
    let found = replay(&file, &request, args.get_flag("files"))?;
    let holds = found.faults.is_empty();
    let total = found.list.as_ref().map_or(0, |list| list.steps.len());
    let mut said =
        format!("files     {} of {} are what the list says\n", found.files, found.list.as_ref().map_or(0, |list| list.files.len()));
    if !args.get_flag("files") {
        said.push_str(&format!("steps     {} of {total} made again, with the same bytes\n", found.same));
    }
    for (why, n) in &found.other {
        said.push_str(&format!("          {n} {why}: not held against it\n"));
    }
    for fault in &found.faults {
        said.push_str(&format!("FAILS     {fault}\n"));
    }
    let json = json!({
        "bundle": file.display().to_string(), "holds": holds, "files": found.files, "steps": total, "same": found.same, "other": found.other,
        "faults": found.faults, "next_actions": [],
    });
    Ok(Report { exit: if holds { 0 } else { exit::DAMAGED }, ..Report::new(json, said) })
}
