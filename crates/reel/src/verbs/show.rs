//! `reel show RUN`: what happened, and what came of it; `--season PROJECT`: how a season stands.

use clap::{Arg, ArgAction, ArgMatches, Command};
use contracts::{Document, Id, render::RenderOutput, run::RunSummary, shots::ShotList};
use kit::Timestamp;
use registry::{Control, Registry};
use serde_json::{Value, json};

use super::{
    Offer, Report, Verb,
    produce::{made_again, remembered},
    run_arg,
    runs::{find, summary, with_registry},
    season, text,
};
use crate::{
    failure::Failure,
    timeline::{Stage, Step, Timeline},
};

pub const VERB: Verb = Verb { name: "show", about: "Say how a run was made, or how a season stands", args, offer: Offer::Reads, run };

fn args(command: Command) -> Command {
    command
        .arg(run_arg("Its id, as `reel runs` lists it (default, and `latest`: the newest)"))
        .arg(
            Arg::new("steps")
                .long("steps")
                .action(ArgAction::SetTrue)
                .help("Every step, with its attempts (`--json` has them all in any case)"),
        )
        .arg(
            Arg::new("season")
                .long("season")
                .value_name("PROJECT")
                .value_parser(clap::value_parser!(std::path::PathBuf))
                .conflicts_with_all(["run", "steps"])
                .help("How the accepted episodes of this project leave things: threads, who knows what, where everyone is"),
        )
        .arg(Arg::new("at").long("at").value_name("TIME").requires("season").help("As of this story time, such as 0122-11-03T23:45"))
        .after_help("example: reel show --season my-series --at 0131-10-23")
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    if let Some(project) = args.get_one::<std::path::PathBuf>("season") {
        return season::shown(project, text(args, "at").as_deref());
    }
    with_registry(|registry, runtime| {
        let row = find(registry, runtime, &text(args, "run").unwrap_or_else(|| "latest".to_owned()))?;
        let line = runtime.block_on(Timeline::of(registry, row)).map_err(Failure::damaged)?;
        let (row, summary) = (&line.row, summary(registry, &line.row));
        let width = kit::terminal::size().map_or(80, |(columns, _)| columns.clamp(60, 160));
        let mut text = head(&line, summary.as_ref());
        text.push_str(&standing(&line));
        let place = match &summary {
            Some(summary) => place(registry, runtime, &row.tenant, &row.id, summary)?,
            None => Place::default(),
        };
        text.push_str(&place.text());
        text.push_str(&bars(&line, width));
        text.push_str(&troubles(&line, width));
        text.push_str(&hands(&line));
        if args.get_flag("steps") {
            text.push_str(&steps(&line, width));
        }
        if let Some(summary) = &summary {
            text.push_str(&said(registry, summary, width));
        }
        let mut json = line.json();
        let more = json!({
            "run_id": row.id, "project": row.project, "episode": row.episode, "status": row.status, "word": line.word(),
            "started_at": row.started.rfc3339(), "ended_at": row.ended.map(Timestamp::rfc3339), "out_dir": row.out_dir,
            "error": row.error, "summary": summary.as_ref().map(crate::stages::json), "film_ref": place.name,
            "replaces": place.replaces, "replaced_by": place.replaced_by, "same_film_as": place.same_film_as,
            "next_actions": next(&line, summary.as_ref()),
        });
        if let (Value::Object(json), Value::Object(more)) = (&mut json, more) {
            json.extend(more);
        }
        Ok(Report::new(json, text))
    })
}

/// What may be done with the run now.
fn next(line: &Timeline, summary: Option<&RunSummary>) -> Vec<Vec<String>> {
    let run = line.row.id.as_str();
    let argv = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<String>>();
    let mut next = Vec::new();
    for review in &line.waits {
        next.push(argv(&["reel", "approve", run, &review.point]));
        next.push(argv(&["reel", "reject", run, &review.point]));
    }
    let filmed = summary.is_some_and(|s| s.artifacts.contains_key(RenderOutput::SCHEMA_ID));
    match (line.row.ended, line.row.control) {
        (None, Some(Control::Pause)) => next.extend(["resume", "drain", "cancel"].map(|verb| argv(&["reel", verb, run]))),
        (None, None) => next.extend([argv(&["reel", "events", run, "--follow"]), argv(&["reel", "pause", run])]),
        (Some(_), _) if filmed => next.extend([argv(&["reel", "frame", run, "50%"]), argv(&["reel", "storyboard", run])]),
        (Some(_), _) => next.extend(line.again.clone()),
        (None, _) => {}
    }
    next
}

fn head(line: &Timeline, summary: Option<&RunSummary>) -> String {
    let row = &line.row;
    let started = row.started.rfc3339();
    let mut text = format!(
        "run       {}\nproject   {}, episode {}\nstarted   {} {} UTC\n",
        row.id,
        row.project,
        row.episode,
        &started[..10],
        &started[11..19]
    );
    let default = || crate::view::default_dir(&row.id).ok().filter(|d| d.is_dir()).map(|d| d.display().to_string());
    if let Some(dir) = row.out_dir.clone().or_else(default) {
        text.push_str(&format!("folder    {dir}\n"));
    }
    let filmed = summary.filter(|s| s.artifacts.contains_key(RenderOutput::SCHEMA_ID));
    let how = match filmed {
        Some(summary) => crate::verbs::produce::line(summary),
        None => {
            let verb = if row.ended.is_some() { "after" } else { "for" };
            format!("{} {verb} {}", line.word(), seconds(line.elapsed_ms))
        }
    };
    text.push_str(&format!("status    {how}\n"));
    if let Some(error) = row.error.as_ref().filter(|_| line.waits.is_empty()) {
        text.push_str(&format!("because   {error}\n"));
    }
    text
}

/// What the run waits for, or is at, and how it goes on.
fn standing(line: &Timeline) -> String {
    let mut text = String::new();
    let run = &line.row.id;
    for review in &line.waits {
        let since = review.at.rfc3339();
        text.push_str(&format!("waits for {}: {}, since {} {} UTC\n", review.point, review.what, &since[..10], &since[11..16]));
        text.push_str(&format!("  yes     reel approve {run} {}\n  no      reel reject {run} {}\n", review.point, review.point));
    }
    if line.row.ended.is_none() {
        let count = |state: &str| line.steps.iter().filter(|s| s.state == state).count();
        text.push_str(&format!("now       {} at work, {} ready, {} done\n", count("running"), count("ready"), count("done")));
        for step in line.steps.iter().filter(|s| s.state == "running") {
            let by = step.attempts.last().map_or_else(String::new, |a| who(&a.owner, &line.row.owner));
            let ms = step.attempts.last().map_or(0, |a| line.elapsed_ms.saturating_sub(a.started_ms));
            text.push_str(&format!("          {} for {}, {by}\n", step.name, seconds(ms)));
        }
        if line.row.control == Some(Control::Pause) {
            text.push_str(&format!("  go on   reel resume {run}\n"));
        }
    } else if !matches!(line.row.status.as_str(), "completed" | "degraded")
        && let Some(again) = &line.again
    {
        text.push_str(&format!("  go on   {}\n", again.join(" ")));
    }
    text
}

/// The stages under each other on one line of time: `.` waited, `#` worked.
fn bars(line: &Timeline, width: usize) -> String {
    if line.steps.is_empty() {
        return String::new();
    }
    // The name, the time and the note beside the bar take the rest.
    let room = width.saturating_sub(56).clamp(16, 80);
    let whole = line.elapsed_ms.max(1);
    let end = seconds(line.elapsed_ms);
    let mut text = format!("timeline               0{end:>width$}\n", width = room);
    for stage in &line.stages {
        let of: Vec<&Step> = line.steps.iter().filter(|s| s.stage == stage.name).collect();
        let time = if stage.hits == stage.steps { 0 } else { stage.end_ms.saturating_sub(stage.begin_ms) };
        let note = note(stage);
        let name = cut(&stage.name, 12);
        let row = format!("  {name:<12} {:>7} |{}| {note}", seconds(time), bar(&of, whole, line.elapsed_ms, room));
        text.push_str(&cut(row.trim_end(), width));
        text.push('\n');
    }
    text
}

fn note(stage: &Stage) -> String {
    let mut parts = Vec::new();
    match (stage.steps, stage.hits) {
        (n, hits) if n == hits => parts.push("from memory".to_owned()),
        (1, _) => {}
        (n, 0) => parts.push(format!("{n} steps")),
        (n, hits) => parts.push(format!("{n} steps, {hits} known")),
    }
    for (count, word) in [(stage.running, "at work"), (stage.ready, "ready"), (stage.retries, "again"), (stage.failed, "FAILED")] {
        if count > 0 {
            parts.push(format!("{count} {word}"));
        }
    }
    parts.join(", ")
}

fn bar(steps: &[&Step], whole: u64, elapsed: u64, room: usize) -> String {
    let mut cells = vec![b' '; room];
    let at = |ms: u64| usize::try_from(ms.min(whole) * room as u64 / whole).unwrap_or(0).min(room - 1);
    for step in steps.iter().filter(|s| !s.hit) {
        let begun = step.attempts.first().map(|a| a.started_ms).or_else(|| (step.state == "ready").then_some(elapsed));
        if let Some(begun) = begun {
            cells[at(step.ready_ms)..=at(begun)].iter_mut().filter(|c| **c == b' ').for_each(|c| *c = b'.');
        }
    }
    for attempt in steps.iter().flat_map(|s| &s.attempts) {
        let (from, to) = (at(attempt.started_ms), at(attempt.ended_ms.unwrap_or(elapsed)));
        let failed = matches!(attempt.outcome.as_str(), "failed" | "lost");
        cells[from..=to].iter_mut().filter(|c| **c != b'x').for_each(|c| *c = b'#');
        if failed {
            cells[to] = b'x';
        }
    }
    String::from_utf8(cells).unwrap_or_default()
}

/// Every step that did not go as it should, attempt by attempt.
fn troubles(line: &Timeline, width: usize) -> String {
    let mut text = String::new();
    for step in
        line.steps.iter().filter(|s| s.attempts.len() > 1 || s.attempts.iter().any(|a| a.outcome != "done" && a.outcome != "running"))
    {
        text.push_str(&format!("{:<9} {}, now {}\n", "trouble", step.name, step.state));
        for attempt in &step.attempts {
            let took =
                attempt.ended_ms.map_or_else(String::new, |end| format!(" after {}", seconds(end.saturating_sub(attempt.started_ms))));
            let why = match (&attempt.error, attempt.outcome.as_str()) {
                (Some(error), _) => format!(": {error}"),
                (None, "lost") => ": whoever had it died or fell silent".to_owned(),
                _ => String::new(),
            };
            let said = format!("  attempt {} {}{took}, {}{why}", attempt.n, attempt.outcome, who(&attempt.owner, &line.row.owner));
            text.push_str(&cut(&said.replace('\n', " "), width * 2));
            text.push('\n');
        }
        if step.state == "dead" {
            text.push_str(&format!("  {}\n", cut(step.error.as_deref().unwrap_or_default(), width * 2)));
        }
    }
    text
}

/// Queues, and who worked.
fn hands(line: &Timeline) -> String {
    let mut text = String::new();
    for (at, (name, queue)) in line.queues.iter().enumerate() {
        let head = if at == 0 { "queues" } else { "" };
        text.push_str(&format!(
            "{head:<9} {name:<11} {:>4} steps, worked {}, waited {} in all, {} at most\n",
            queue.steps,
            seconds(queue.work_ms),
            seconds(queue.wait_ms),
            seconds(queue.longest_wait_ms)
        ));
    }
    if !line.queues.is_empty() {
        let share = line.stalled_permille();
        let goal = if share > 200 && line.row.ended.is_some() { "; more than the goal of 20 %" } else { "" };
        text.push_str(&format!("waiting   {}.{} % of the time: work was ready and nobody at it{goal}\n", share / 10, share % 10));
    }
    if line.hands.iter().any(|h| !h.own) {
        for (at, hand) in line.hands.iter().enumerate() {
            let head = if at == 0 { "workers" } else { "" };
            text.push_str(&format!(
                "{head:<9} {:<22} {:>4} steps, {}\n",
                who(&hand.owner, &line.row.owner),
                hand.steps,
                seconds(hand.work_ms)
            ));
        }
    }
    text
}

fn steps(line: &Timeline, width: usize) -> String {
    let room = width.saturating_sub(42).max(20);
    let mut text = format!("steps     {:<room$} {:>8} {:>8}  tries  by\n", "", "waited", "worked");
    for step in &line.steps {
        let by = step.attempts.last().map_or_else(String::new, |a| process(&a.owner).to_owned());
        let state = if step.hit { "known" } else { step.state };
        let row = format!(
            "  {state:<7} {:<room$} {:>8} {:>8} {:>6}  {by}",
            cut(&step.name, room),
            seconds(step.wait_ms),
            seconds(step.work_ms),
            step.attempts.len()
        );
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}

/// What the run's own summary says besides.
fn said(registry: &Registry, summary: &RunSummary, width: usize) -> String {
    let mut text = String::new();
    if let Some(share) = remembered(summary) {
        text.push_str(&format!("memory    {share}\n"));
    }
    if let Some(made) = made_again(summary) {
        text.push_str(&format!("again     {made}\n"));
    }
    if let Some(work) = summary.work.filter(|w| w.external_steps > 0 || w.tokens_in + w.tokens_out > 0) {
        text.push_str(&format!(
            "outside   {} steps, {} tokens out, {} tokens back, {}\n",
            work.external_steps, work.tokens_in, work.tokens_out, summary.cost_micro_usd
        ));
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
        let word = if approval.approved { "approved" } else { "refused" };
        text.push_str(&format!("{word:<9} {} by {} at {}\n", approval.point, approval.approver, approval.at));
    }
    for row in shots(registry, summary).lines() {
        text.push_str(&cut(row, width));
        text.push('\n');
    }
    text
}

/// A process by its number: the middle of the name it signs with.
pub fn process(owner: &str) -> &str {
    owner.rsplit('-').nth(1).unwrap_or(owner)
}

fn who(owner: &str, own: &str) -> String {
    if owner == own { "the run's own process".to_owned() } else { format!("process {}", process(owner)) }
}

/// Hundredths of a second under ten, tenths above, minutes above a hundred.
pub fn seconds(ms: u64) -> String {
    match ms {
        0 => "0 s".to_owned(),
        1..10_000 => format!("{}.{:02} s", ms / 1000, ms % 1000 / 10),
        10_000..100_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        _ => format!("{}:{:02} min", ms / 60_000, ms / 1000 % 60),
    }
}

/// At most this many characters, the last one a mark when some are missing.
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
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

fn shots(registry: &Registry, summary: &RunSummary) -> String {
    let Some(list) = summary.artifacts.get("shot_list").and_then(|hash| registry.artifact::<ShotList>(hash).ok()) else {
        return String::new();
    };
    let mut text = String::from("shots\n");
    let id_width = list.shots.iter().map(|shot| shot.id.len()).max().unwrap_or_default();
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
        text.push_str(&format!(
            "  {:>3}.{:01} s  {:<id_width$}  {:>4} frames  {what}\n",
            start / 1000,
            start % 1000 / 100,
            shot.id,
            shot.frames
        ));
    }
    text
}
