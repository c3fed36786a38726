//! `reel show RUN`: what happened, and what came of it.

use clap::{Arg, ArgMatches, Command};
use contracts::{Document, Id, render::RenderOutput, run::RunSummary, shots::ShotList};
use registry::{Registry, RunFilter};
use serde_json::json;

use super::{
    Offer, Report, Verb,
    produce::{line, made_again, remembered},
    runs::{summary, with_registry},
    text,
};
use crate::failure::Failure;

pub const VERB: Verb = Verb { name: "show", about: "Say how a run was made", args, offer: Offer::Reads, run };

fn args(command: Command) -> Command {
    command.arg(Arg::new("run").value_name("RUN").help("Its id, as `reel runs` lists it (default, and `latest`: the newest)"))
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    with_registry(|registry, runtime| {
        let tenant = crate::shop::tenant();
        let row = match text(args, "run").filter(|run| run != "latest") {
            Some(id) => {
                let id = Id::new(id).map_err(|e| Failure::usage(e, "`reel runs` lists the ids"))?;
                let row = runtime.block_on(registry.run(&id)).map_err(Failure::damaged)?;
                row.ok_or_else(|| Failure::usage(format!("there is no run `{id}`"), "`reel runs` lists the ids"))?
            }
            None => {
                let filter = RunFilter { project: None, episode: None, limit: 1 };
                let newest = runtime.block_on(registry.runs(&tenant, &filter)).map_err(Failure::damaged)?.pop();
                newest.ok_or_else(|| Failure::usage("there are no runs yet", "make one with `reel produce PROJECT`"))?
            }
        };
        let steps = runtime.block_on(registry.steps(&row.id)).map_err(Failure::damaged)?;
        let mut text =
            format!("run       {}\nproject   {}, episode {}\nstarted   {}\n", row.id, row.project, row.episode, row.started.rfc3339());
        let default = || crate::view::default_dir(&row.id).ok().filter(|d| d.is_dir()).map(|d| d.display().to_string());
        if let Some(dir) = row.out_dir.clone().or_else(default) {
            text.push_str(&format!("folder    {dir}\n"));
        }
        let Some(summary) = summary(registry, &row) else {
            text.push_str(&format!("status    {}{}\n", row.status, row.error.as_ref().map_or(String::new(), |e| format!(": {e}"))));
            return Ok(Report::new(json!({"run_id": row.id, "status": row.status, "error": row.error, "steps": steps.len()}), text));
        };
        text.push_str(&format!("status    {}\n", line(&summary)));
        if let Some(error) = &row.error {
            text.push_str(&format!("because   {error}\n"));
        }
        let place = place(registry, runtime, &tenant, &row.id, &summary)?;
        text.push_str(&place.text());
        text.push_str(&stages(&summary));
        if let Some(share) = remembered(&summary) {
            text.push_str(&format!("memory    {share}\n"));
        }
        if let Some(made) = made_again(&summary) {
            text.push_str(&format!("again     {made}\n"));
        }
        for stand_in in &summary.stand_ins {
            text.push_str(&format!("stand-in  {}: {}\n", stand_in.missing_id, stand_in.reason));
        }
        for substitution in &summary.substitutions {
            text.push_str(&format!("note      {}\n", substitution.told()));
        }
        for note in &summary.notes {
            text.push_str(&format!("note      {note}\n"));
        }
        for approval in &summary.approvals {
            text.push_str(&format!("approved  {} by {} at {}\n", approval.point, approval.approver, approval.at));
        }
        text.push_str(&shots(registry, &summary));
        Ok(Report::new(
            json!({
                "run_id": row.id, "status": row.status, "error": row.error, "summary": super::super::stages::json(&summary),
                "steps": steps.len(), "film_ref": place.name, "replaces": place.replaces, "replaced_by": place.replaced_by,
                "same_film_as": place.same_film_as,
            }),
            text,
        ))
    })
}

/// Where a run's film stands among the films of its episode and profile.
#[derive(Default)]
struct Place {
    /// The name that points to the latest of them.
    name: Option<String>,
    /// The run whose film this one's took the place of.
    replaces: Option<Id>,
    /// The run whose film took the place of this one's.
    replaced_by: Option<Id>,
    /// The run that made this very film first; this one only found it again.
    same_film_as: Option<Id>,
}

impl Place {
    fn text(&self) -> String {
        let mut text = String::new();
        for (what, word, run) in
            [("same film", "as of run", &self.same_film_as), ("replaces", "run", &self.replaces), ("replaced", "by run", &self.replaced_by)]
        {
            if let Some(run) = run {
                text.push_str(&format!("{what:<9} {word} {run}\n"));
            }
        }
        text
    }
}

fn place(registry: &Registry, runtime: &tokio::runtime::Runtime, tenant: &Id, run: &Id, summary: &RunSummary) -> Result<Place, Failure> {
    let Some(film) = summary.artifacts.get(RenderOutput::SCHEMA_ID) else { return Ok(Place::default()) };
    let moves = runtime.block_on(registry.ref_moves_to(tenant, film)).map_err(Failure::damaged)?;
    let own = moves.iter().find(|m| m.run.as_ref() == Some(run));
    let Some(here) = own.or(moves.last()) else { return Ok(Place::default()) };
    let all = runtime.block_on(registry.ref_moves(tenant, &here.name)).map_err(Failure::damaged)?;
    let at = |version: i64| all.iter().find(|m| m.version == version).and_then(|m| m.run.clone());
    Ok(Place {
        name: Some(here.name.clone()),
        replaces: own.and_then(|o| at(o.version - 1)),
        replaced_by: at(here.version + 1),
        same_film_as: if own.is_none() { here.run.clone() } else { None },
    })
}

fn stages(summary: &RunSummary) -> String {
    let longest = summary.stages.iter().map(|s| s.ms).max().unwrap_or(0).max(1);
    let mut text = String::from("stages\n");
    for stage in &summary.stages {
        let bar = "#".repeat((stage.ms * 30 / longest) as usize);
        text.push_str(&format!(
            "  {:<12} {:>6} ms  {:>3} steps, {:>3} from memory  {bar}\n",
            stage.name, stage.ms, stage.steps, stage.hits
        ));
    }
    text
}

fn shots(registry: &Registry, summary: &RunSummary) -> String {
    let Some(list) = summary.artifacts.get("shot_list").and_then(|hash| registry.artifact::<ShotList>(hash).ok()) else {
        return String::new();
    };
    let mut text = String::from("shots\n");
    for shot in &list.shots {
        let what = match &shot.content {
            contracts::shots::ShotContent::Picture(p) => {
                let framing = crate::stages::json(&p.framing);
                let people: Vec<&str> = p.figures.iter().map(|f| f.character_id.as_str()).collect();
                format!("{:<11} {:<14} {}", framing.as_str().unwrap_or_default(), p.location_id, people.join(", "))
            }
            contracts::shots::ShotContent::Card(card) => format!("card        {}", card.text.join(" / ")),
        };
        let start = list.edit_rate.ms(shot.start_frame);
        text.push_str(&format!("  {:>3}.{:01} s  {:<18} {:>4} frames  {what}\n", start / 1000, start % 1000 / 100, shot.id, shot.frames));
    }
    text
}
