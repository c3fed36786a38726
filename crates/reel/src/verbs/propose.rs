//! `reel propose PROJECT`: what would be promised, by which tools and at what cost, before any work is done; and a person's yes to it.

use clap::{Arg, ArgAction, ArgMatches, Command};
use contracts::promise::{Proposal, Ranked, Terms};
use serde_json::json;

use super::{Offer, Report, Verb, episode_arg, number, path, project_arg, text, with_registry};
use crate::{
    approvals::approver,
    choosing::asked::Asked,
    failure::{Failure, exit},
    logged,
    pledge::Pledge,
    project::ProjectFolder,
    proposal::{Locked, approve, in_force, lock, propose, told_cost},
    stages::json as value,
    tools::Tools,
};

pub const VERB: Verb = Verb {
    name: "propose",
    about: "Show what an episode is promised to be, by which tools, at what cost",
    args,
    offer: Offer::Repeats,
    run,
};

const AFTER_HELP: &str = "\
The promise is what [promise] of project.toml says, else what a story in pictures stands for. Runs are held to it at the edit, before
anything is drawn, and on what was measured of the finished film. The first accepted film of an episode locks it, or --approve does
before. Another promise than the locked one is refused until somebody approves it with a reason. Exits with 5 when what is proposed
cannot be kept, or is not what was locked.

  reel propose ./tern-head
  reel propose ./tern-head --approve --reason \"the photographs are the film now\"";

fn args(command: Command) -> Command {
    command
        .arg(project_arg())
        .arg(episode_arg())
        .arg(
            Arg::new("approve")
                .long("approve")
                .action(ArgAction::SetTrue)
                .help("Lock the episode to it; recorded with your name and every option there was"),
        )
        .arg(Arg::new("reason").long("reason").value_name("TEXT").help("Why the promise is another one than the locked one"))
        .arg(Arg::new("by").long("by").value_name("NAME").help("Who approves (default: this session's user)"))
        .after_help(AFTER_HELP)
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    let root = path(args, "project");
    let folder = ProjectFolder::open(&root)?;
    let episode = number(args, "episode", 1, 999)?.unwrap_or(1);
    let tools = Tools::find(&folder, true, &Asked::default())?;
    let proposal = propose(&folder, episode, tools.choosing()?)?;
    let reason = text(args, "reason");
    if let Some(reason) = reason.as_deref().filter(|r| r.chars().count() > 400 || r.contains(char::is_control)) {
        let message = format!("--reason has {} characters; expected 1 to 400 in one line", reason.chars().count());
        return Err(Failure::usage(message, "say it shorter, in plain words"));
    }
    with_registry(|registry, runtime| {
        let own = gates::promise::proposal(&proposal);
        let mut locked = None;
        if args.get_flag("approve") {
            if !own.pass {
                return Err(Failure::promise(&own));
            }
            let by = text(args, "by").filter(|name| !name.trim().is_empty()).unwrap_or_else(approver);
            let done = approve(registry, runtime, &proposal, &by, reason.as_deref())?;
            let entries = match &done {
                Locked::First => logged::proposed(&proposal, true),
                Locked::Before => Vec::new(),
                Locked::Changed(was, change) => vec![logged::changed(episode, was, &proposal.terms, change)],
            };
            logged::record(registry, runtime, &folder.project.id, None, &entries)?;
            locked = Some(done);
        }
        let held = lock(registry, runtime, &folder.project.id, episode)?.map(|(lock, _)| lock);
        let was = held.as_ref().map(in_force).transpose()?;
        let pledge =
            Pledge { proposal: proposal.clone().into(), lock: held.clone().map(Into::into), said: folder.project.promise.is_some() };
        let verdict = pledge.proposed();
        let shown = root.display().to_string();
        let number = episode.to_string();
        let next = if verdict.pass {
            vec![vec!["reel", "produce", &shown, "--episode", &number]]
        } else {
            // What is wrong is the author's to mend, and what can be promised is what this verb lists.
            vec![vec!["reel", "propose", &shown, "--episode", &number]]
        };
        let done = locked.as_ref().map(|locked| match locked {
            Locked::First => "locked".to_owned(),
            Locked::Before => "locked before".to_owned(),
            Locked::Changed(_, change) => format!("changed by decision {}", change.decision_id),
        });
        let faults = &tools.notes;
        let mut said = told(&proposal, was.as_ref());
        faults.iter().for_each(|fault| said.push_str(&format!("note      {fault}\n")));
        for finding in &verdict.findings {
            said.push_str(&format!("{}  {}\n", if finding.blocks { "BLOCKED " } else { "note    " }, gates::told(finding)));
        }
        said.push_str(&done.as_ref().map_or_else(String::new, |done| format!("{done}, for episode {episode}\n")));
        said.push_str(&format!("next      {}\n", next[0].join(" ")));
        let mut json = json!({
            "proposal": value(&proposal), "verdict": value(&verdict), "notes": faults, "next_actions": next,
        });
        if let Some(lock) = &held {
            json["lock"] = value(lock);
        }
        if let Some(done) = done {
            json["approved"] = json!(done);
        }
        Ok(Report { exit: if verdict.pass { 0 } else { exit::BLOCKED }, ..Report::new(json, said) })
    })
}

fn told(proposal: &Proposal, was: Option<&Terms>) -> String {
    let mut said = format!("episode   {} of {}\n", proposal.episode, proposal.project_id);
    said.push_str(&format!("promise   {}\n", line(&proposal.terms)));
    match was {
        Some(was) if *was == proposal.terms => said.push_str("locked    to this\n"),
        Some(was) => said.push_str(&format!("locked    to {}\n", line(was))),
        None => said.push_str("locked    not yet: the first accepted film locks it, or --approve does\n"),
    }
    let rankings = &proposal.provider_rankings;
    for (name, places) in [
        ("video", &rankings.video),
        ("image", &rankings.image),
        ("tts", &rankings.tts),
        ("music", &rankings.music),
        ("runtime", &rankings.runtime),
    ] {
        said.push_str(&format!("{name:<10}{}\n", ranking(places)));
    }
    said.push_str(&format!("cost      {}\n", told_cost(&proposal.cost)));
    for option in &proposal.options {
        let mark = if option.option_id == proposal.selected { "*" } else { " " };
        said.push_str(&format!("option  {mark} {:<18}{}\n", option.option_id.as_str(), option.label));
        if let Some(why) = &option.blocked_because {
            said.push_str(&format!("          {:<18}blocked because {why}\n", ""));
        }
    }
    proposal.notes.iter().for_each(|note| said.push_str(&format!("note      {note}\n")));
    said
}

fn line(terms: &Terms) -> String {
    let promise = &terms.delivery_promise;
    let mut words = vec![promise.promise_type.name().to_owned()];
    words.extend(promise.motion_required.then(|| "motion required".to_owned()));
    words.extend(promise.source_required.then(|| "the author's own pictures".to_owned()));
    words.extend([format!("tone {}", promise.tone_mode), format!("quality {}", promise.quality_floor)]);
    words.extend(promise.approved_fallback.iter().map(|fallback| format!("fallback {fallback}")));
    words.push(format!("composed by {}", terms.render_runtime.name()));
    words.extend(terms.renderer_family.iter().map(|family| format!("family {family}")));
    words.join(", ")
}

fn ranking(places: &[Ranked]) -> String {
    if places.is_empty() {
        return "no tool is known".to_owned();
    }
    let place = |place: &Ranked| match &place.blocked_because {
        Some(why) => format!("({}: {why})", place.tool),
        None => place.tool.clone(),
    };
    places.iter().map(place).collect::<Vec<_>>().join(", ")
}
