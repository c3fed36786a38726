//! `reel canon …`: what is true in a project, as of when, checked, changed by the author's hand and taken back.

use std::path::PathBuf;
use std::sync::Arc;

use canon::AmendError;
use clap::{Arg, ArgMatches, Command};
use contracts::{
    Document, Id,
    canon::{Canon, CanonDiff, StoryTime, Verdict},
    run::RunStatus,
};
use orchestrator::Silent;
use serde_json::{Map, Value, json};

use super::{
    Offer, Report, Verb,
    given::{self, Given},
    number, path, project_arg,
    season::{moment, standing, time, wrapped},
    text,
};
use crate::{
    accept::canon_of,
    amended::{self, Amended},
    failure::{Failure, exit},
    project::ProjectFolder,
    shop::{Home, Manner, close, mending, stopped, tenant},
    stages::{Shop, json as value},
    tell::{By, Version, canon_after, canon_before},
};

pub const VERB: Verb = Verb {
    name: "canon",
    about: "Show what is true in a project, check it, and change it by hand",
    args,
    offer: Offer::Each(&[
        ("show", Offer::Repeats),
        ("as-of", Offer::Repeats),
        ("check", Offer::Repeats),
        ("apply", Offer::Adds),
        ("revert", Offer::Adds),
        ("log", Offer::Repeats),
    ]),
    run,
};

const BEFORE: &str = "Before this episode (default: the first without an accepted film)";

fn args(command: Command) -> Command {
    let before = || Arg::new("before").long("before").value_name("N").help(BEFORE);
    let show = Command::new("show")
        .about("The canon as it stands, with its address: the base of a diff")
        .arg(project_arg())
        .arg(before())
        .after_help("example: reel canon show my-series --json");
    let as_of = Command::new("as-of")
        .about("What held at a moment of story time, or after an episode")
        .arg(project_arg())
        .arg(
            Arg::new("when")
                .value_name("TIME")
                .required(true)
                .help("Story time such as 0122-11-03T23:45, a day, or `ep2`: after episode 2"),
        )
        .after_help("example: reel canon as-of my-series ep2");
    let check = Command::new("check")
        .about("Judge canon.toml and the story's canon; with a diff, judge it and apply nothing")
        .arg(project_arg())
        .arg(given::arg("A canon_diff; `-` for standard input").required(false))
        .arg(before())
        .after_help("example: reel canon check my-series diff.json\nexit code 5 when something contradicts");
    let apply = Command::new("apply")
        .about("Make a diff true before an episode, if the canon is still the one it was made over")
        .arg(project_arg())
        .arg(given::arg("A canon_diff; `-` for standard input"))
        .arg(before())
        .after_help(
            "A diff says `base` (the address `reel canon show` gives; absent: the canon as it stands), `justification`, and what\n\
             it changes: `added`, `modified`, `removed`, `ended`, `threads` (those that change). docs/canon.md shows each. It is kept\n\
             as canon/NNNN.json in the project; episodes from N on are written over it. example: reel canon apply my-series diff.json",
        );
    let revert = Command::new("revert")
        .about("Take a diff back that the author applied, by its inverse")
        .arg(project_arg())
        .arg(Arg::new("number").value_name("N").required(true).help("The number of its file: 2 for canon/0002.json"))
        .arg(before())
        .after_help("The inverse is judged and kept as a diff of its own: what has been applied stays on record.\nexample: reel canon revert my-series 2");
    let log = Command::new("log")
        .about("Every version of the canon: where it comes from, what the gate said, what it changed")
        .arg(project_arg())
        .after_help("example: reel canon log my-series");
    command.subcommand_required(true).subcommands([show, as_of, check, apply, revert, log])
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    match args.subcommand() {
        Some(("show", args)) => show(args),
        Some(("as-of", args)) => as_of(args),
        Some(("check", args)) => check(args),
        Some(("apply", args)) => apply(args),
        Some(("revert", args)) => revert(args),
        Some(("log", args)) => log(args),
        _ => Err(Failure::usage("no such command of `reel canon`", "`reel canon --help` lists them")),
    }
}

/// A project whose story is told as far as a question needs.
struct Desk {
    root: PathBuf,
    folder: ProjectFolder,
    home: Home,
    /// The season's episodes, in order.
    episodes: Vec<u32>,
    /// Those with an accepted film.
    filmed: Vec<u32>,
}

impl Desk {
    fn open(args: &ArgMatches) -> Result<Self, Failure> {
        let root = path(args, "project");
        let folder = ProjectFolder::open(&root)?;
        let home = Home::open()?;
        let mut desk = Self { root, folder, home, episodes: Vec::new(), filmed: Vec::new() };
        use world::StoryWriter;
        let folder = &desk.folder;
        // Where no arc can be written, telling says why, with its place.
        desk.episodes = folder
            .writer
            .arc(&folder.project, &folder.canon)
            .map_or_else(|_| vec![1], |arc| arc.episodes.iter().map(|e| e.number).collect());
        for number in &desk.episodes {
            let name = canon_of(&desk.folder.project.id, *number);
            let film = desk.home.runtime.block_on(desk.home.registry.get_ref(&tenant(), &name)).map_err(Failure::damaged)?;
            desk.filmed.extend(film.map(|_| *number));
        }
        Ok(desk)
    }

    /// Does something with the story, as a look: nothing is accepted.
    fn tell<T>(&self, folder: &ProjectFolder, mut work: impl FnMut(&mut Shop, &ProjectFolder) -> Result<T, Failure>) -> Result<T, Failure> {
        let manner = Manner { jobs: Some(1), out: None, look: true, request: None, fresh: Default::default() };
        let episode = self.episodes.first().copied().unwrap_or(1);
        let mut shop = self.home.shop(&folder.project.id, episode, &manner, Arc::new(Silent))?;
        let done = mending(&mut shop, |shop| work(shop, folder)).map_err(|failure| stopped(&shop, failure));
        let (status, error) = match &done {
            Ok(_) => (RunStatus::Completed, None),
            Err(failure) => (failure.status(), Some(failure.message.clone())),
        };
        close(shop, status, None, error.as_deref())?;
        done
    }

    /// The first episode after all that have films: where the author's hand is now. None when the whole season has films.
    fn next(&self) -> Option<u32> {
        let last = self.filmed.last().copied().unwrap_or(0);
        self.episodes.iter().copied().find(|n| *n > last)
    }

    /// The episode that `--before` names.
    fn before(&self, args: &ArgMatches) -> Result<Option<u32>, Failure> {
        let Some(given) = number(args, "before", 1, 99)? else { return Ok(self.next()) };
        if self.episodes.contains(&given) {
            return Ok(Some(given));
        }
        let known = self.episodes.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        let message = format!("--before is {given}; expected an episode of the season: {known}");
        Err(Failure::story("episode.unknown", message, "name one of them"))
    }

    /// As [`Desk::before`], for a diff: it must stand before an episode.
    fn stands(&self, args: &ArgMatches) -> Result<u32, Failure> {
        self.before(args)?.ok_or_else(|| {
            let last = self.episodes.last().copied().unwrap_or(1);
            let message = "every episode of the season has an accepted film, and a diff stands before an episode: --before is missing";
            Failure::usage(message, format!("name the episode that is to be told anew over it, such as `--before {last}`"))
        })
    }

    fn told(&self, before: Option<u32>) -> Result<Vec<Version>, Failure> {
        let last = self.episodes.last().copied().unwrap_or(1);
        self.tell(&self.folder, |shop, folder| match before {
            Some(episode) => canon_before(shop, folder, episode),
            None => canon_after(shop, folder, last),
        })
    }

    /// The file the next diff is kept in.
    fn next_file(&self) -> String {
        amended::file(self.folder.amended.len() as u32 + 1)
    }

    fn project(&self) -> String {
        self.root.display().to_string()
    }
}

fn last(versions: Vec<Version>) -> Result<Version, Failure> {
    versions.into_iter().next_back().ok_or_else(|| Failure::internal("no canon was told"))
}

fn width() -> usize {
    kit::terminal::size().map_or(100, |(columns, _)| columns.clamp(60, 140))
}

fn stands_where(desk: &Desk, before: Option<u32>) -> String {
    match before {
        Some(episode) => format!("before episode {episode}"),
        None => format!("after episode {}", desk.episodes.last().copied().unwrap_or(1)),
    }
}

fn show(args: &ArgMatches) -> Result<Report, Failure> {
    let desk = Desk::open(args)?;
    let before = desk.before(args)?;
    let now = last(desk.told(before)?)?;
    let place = stands_where(&desk, before);
    let canon = &now.canon.doc;
    let mut text =
        format!("{}, version {} of the canon, {place}\nbase      {}\n", desk.folder.project.title, canon.version, now.canon.hash);
    text.push_str(&contents(canon, width()));
    let next = json!([["reel", "canon", "log", desk.project()]]);
    let json = json!({
        "project": desk.folder.project.id, "address": now.canon.hash, "version": canon.version, "stands": place, "before": before,
        "canon": value(&**canon), "next_actions": next,
    });
    desk.home.close();
    Ok(Report::new(json, text))
}

fn contents(canon: &Canon, width: usize) -> String {
    let mut text = String::new();
    let mut list = |head: &str, rows: Vec<(String, String)>| {
        if rows.is_empty() {
            return;
        }
        text.push_str(&format!("\n{head}\n"));
        let id = rows.iter().map(|(id, _)| id.chars().count()).max().unwrap_or(0).min(28);
        for (name, words) in rows {
            text.push_str(&wrapped(&format!("  {name:<id$}  "), &words, width));
        }
    };
    list(
        "people",
        canon.characters.iter().map(|c| (c.id.to_string(), format!("{}, born {}; {}", c.name, time(&c.born), c.role))).collect(),
    );
    list("places", canon.locations.iter().map(|l| (l.id.to_string(), l.name.clone())).collect());
    list("things", canon.props.iter().map(|p| (p.id.to_string(), p.name.clone())).collect());
    list("rules", canon.world_rules.iter().map(|r| (r.id.to_string(), r.text.clone())).collect());
    let state = |t: &contracts::canon::Thread| value(&t.state).as_str().unwrap_or_default().to_owned();
    list("threads", canon.threads.iter().map(|t| (t.id.to_string(), format!("{} ({})", t.question, state(t)))).collect());
    let fact = |f: &contracts::canon::Fact| {
        let until = f.until.as_ref().map_or(String::new(), |until| format!(" until {}", time(until)));
        format!("{}, from {}{until}", canon::worded(canon, f), time(&f.from))
    };
    list("facts", canon.facts.iter().map(|f| (f.id.to_string(), fact(f))).collect());
    text
}

fn as_of(args: &ArgMatches) -> Result<Report, Failure> {
    let desk = Desk::open(args)?;
    let given = text(args, "when").unwrap_or_default();
    let episode = given.strip_prefix("ep").and_then(|n| n.parse::<u32>().ok());
    let (versions, at, place): (_, Option<StoryTime>, _) = match episode {
        Some(n) if desk.episodes.contains(&n) => {
            (desk.tell(&desk.folder, |shop, folder| canon_after(shop, folder, n))?, None, format!("after episode {n}"))
        }
        Some(n) => {
            let message = format!(
                "TIME is `ep{n}`; expected an episode of the season: {}",
                desk.episodes.iter().map(|n| format!("ep{n}")).collect::<Vec<_>>().join(", ")
            );
            return Err(Failure::story("episode.unknown", message, "name one of them, or a story time"));
        }
        None => {
            let at = moment(&given)?;
            let place = format!("at {}", time(&at));
            (desk.told(desk.next())?, Some(at), place)
        }
    };
    let scripts: Vec<&contracts::story::Script> = versions.iter().filter_map(|v| v.script.as_ref()).map(|s| &*s.doc).collect();
    let now = versions.last().ok_or_else(|| Failure::internal("no canon was told"))?;
    let canon = &*now.canon.doc;
    let stood = canon::standing(canon, &scripts, at.as_ref());
    let held: Vec<Value> = canon.facts.iter().filter(|f| canon::holds(f, &stood.at)).map(value).collect();
    let begins = scripts.first().and_then(|s| s.scenes.first()).map(|s| &s.story_time);
    let mut told = format!(
        "{}, {place}: {} of {} facts hold (version {} of the canon)\n",
        desk.folder.project.title,
        held.len(),
        canon.facts.len(),
        canon.version
    );
    told.push_str(&standing(&stood, begins, width()));
    let json = json!({
        "project": desk.folder.project.id, "address": now.canon.hash, "version": canon.version, "at": stood.at, "stands": place,
        "facts": held, "standing": stood, "next_actions": [["reel", "canon", "log", desk.project()]],
    });
    desk.home.close();
    Ok(Report::new(json, told))
}

fn check(args: &ArgMatches) -> Result<Report, Failure> {
    let desk = Desk::open(args)?;
    let given = args.get_one::<PathBuf>("file").map(|_| Given::of(args, &["canon", "check"]));
    let before = if given.is_some() { Some(desk.stands(args)?) } else { desk.before(args)? };
    let now = last(desk.told(before)?)?;
    let (what, verdict) = match &given {
        None => ("the canon".to_owned(), canon::check(&now.canon.doc)),
        Some(file) => {
            let proposal = proposed(file, &now, &desk)?;
            match canon::amend(&now.canon.doc, &proposal) {
                Ok((amendment, _)) => (
                    file.name(),
                    amendment.diff.verdict.unwrap_or_else(|| Verdict { gate: Id::slug("canon"), pass: true, findings: vec![] }),
                ),
                Err(AmendError::Refused(verdict)) => (file.name(), verdict),
                Err(error) => return Err(refused(&desk, before.unwrap_or(1), &file.name(), error)),
            }
        }
    };
    let place = stands_where(&desk, before);
    let mut told = format!("{what}, {place}: {}\n", if verdict.pass { "nothing contradicts" } else { "refused" });
    for finding in &verdict.findings {
        told.push_str(&wrapped(&format!("  {} ", if finding.blocks { "blocks" } else { "warns " }), &canon::told(finding), width()));
    }
    let next = match (&given, verdict.pass) {
        (Some(file), true) => {
            vec!["reel".into(), "canon".into(), "apply".into(), desk.project(), file.file().map_or("-".into(), |f| f.display().to_string())]
        }
        _ => vec!["reel".to_owned(), "canon".into(), "show".into(), desk.project()],
    };
    let json = json!({"project": desk.folder.project.id, "address": now.canon.hash, "stands": place, "verdict": value(&verdict), "next_actions": [next]});
    desk.home.close();
    Ok(Report { exit: if verdict.pass { 0 } else { exit::BLOCKED }, ..Report::new(json, told) })
}

/// What an author may leave out of a diff, filled in.
fn proposed(given: &Given, now: &Version, desk: &Desk) -> Result<CanonDiff, Failure> {
    let Value::Object(mut said) = given.value()? else {
        return Err(given.refuse("expected an object, such as {\"justification\": …, \"added\": […]}"));
    };
    const KEYS: [&str; 15] = [
        "schema_id",
        "schema_version",
        "project_id",
        "base",
        "added",
        "modified",
        "removed",
        "ended",
        "learned",
        "characters",
        "threads",
        "justification",
        "provenance",
        "verdict",
        "next_actions",
    ];
    if let Some(key) = said.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(given.refuse(format!("/{}: no such key", key.escape_debug().take(60).collect::<String>())));
    }
    let mut or = |key: &str, usual: Value| {
        said.entry(key).or_insert(usual);
    };
    or("schema_id", CanonDiff::SCHEMA_ID.into());
    or("schema_version", CanonDiff::SCHEMA_VERSION.into());
    or("project_id", json!(now.canon.doc.project_id));
    or("base", json!(now.canon.hash));
    or("provenance", desk.next_file().into());
    for list in ["added", "modified", "removed", "ended", "learned", "characters", "threads"] {
        or(list, Value::Array(Vec::new()));
    }
    said.remove("verdict");
    said.remove("next_actions");
    for list in ["added", "modified"] {
        said.get_mut(list).into_iter().flat_map(|l| l.as_array_mut()).flatten().filter_map(Value::as_object_mut).for_each(fact_usual);
    }
    let bytes = serde_json::to_vec(&said).map_err(Failure::internal)?;
    let diff: CanonDiff = contracts::read(&bytes).map_err(|e| given.refuse(e))?;
    let words = |text: &str| (1..=500).contains(&text.trim().chars().count());
    if !words(&diff.justification) || !words(&diff.provenance) {
        return Err(given.refuse("/justification and /provenance: expected 1 to 500 characters that say why, and who"));
    }
    Ok(diff)
}

/// A fact may leave out its kind and, as canon.toml lets it, the hour of its beginning.
fn fact_usual(fact: &mut Map<String, Value>) {
    fact.entry("kind").or_insert("stateful".into());
    for key in ["from", "until"] {
        if let Some(Value::String(day)) = fact.get_mut(key)
            && day.len() == 10
        {
            day.push_str("T00:00");
        }
    }
}

/// Why a proposal was not applied.
fn refused(desk: &Desk, before: u32, what: &str, error: AmendError) -> Failure {
    match error {
        AmendError::Stale { .. } => Failure::canon_stale(format!("{what}: {error}"), &desk.root, before),
        AmendError::Refused(verdict) => {
            Failure::contradiction(&verdict).hint("correct the diff, or what it contradicts, and apply it again; nothing was applied")
        }
        AmendError::Conflict(_) => {
            let hint = "look at what stands there now with the command below, and apply another diff in its place; nothing was applied";
            Failure::canon_conflict(what, &error, &desk.root, before).hint(hint)
        }
        error => Failure::canon_diff(what, error),
    }
}

fn apply(args: &ArgMatches) -> Result<Report, Failure> {
    let desk = Desk::open(args)?;
    let given = Given::of(args, &["canon", "apply"]);
    let before = desk.stands(args)?;
    let now = last(desk.told(Some(before))?)?;
    let proposal = proposed(&given, &now, &desk)?;
    let done = put(&desk, before, &given.name(), &now, &proposal);
    desk.home.close();
    done
}

/// Puts a proposal beside the author's diffs, when the gate lets it pass and nobody was faster.
fn put(desk: &Desk, before: u32, what: &str, now: &Version, proposal: &CanonDiff) -> Result<Report, Failure> {
    let (amendment, after) = canon::amend(&now.canon.doc, proposal).map_err(|e| refused(desk, before, what, e))?;
    let number = desk.folder.amended.len() as u32 + 1;
    let amended = Amended { number, before, amendment };
    // What the author applied before a later episode must still stand over this.
    let latest = desk.folder.amended.iter().map(|a| a.before).max().filter(|latest| *latest > before);
    if let Some(latest) = latest {
        let mut amends = desk.folder.amended.clone();
        amends.push(amended.clone());
        let trial = ProjectFolder { amended: amends, ..ProjectFolder::open(&desk.root)? };
        desk.tell(&trial, |shop, folder| canon_before(shop, folder, latest))?;
    }
    if !amended.put(&desk.root)? {
        let why = format!("{what}: {} was applied by somebody else meanwhile; nothing was applied", amended.file());
        return Err(Failure::canon_stale(why, &desk.root, before));
    }
    let address = canon::address(&after).map_err(Failure::internal)?;
    let diff = &amended.amendment.diff;
    let anew: Vec<u32> = desk.filmed.iter().copied().filter(|n| *n >= before).collect();
    let mut told = format!(
        "{}\n  before episode {before}: {}; version {} of the canon\n",
        amended.file(),
        counts(diff, &now.canon.doc, &after).told(),
        after.version
    );
    if !anew.is_empty() {
        let list = anew.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        told.push_str(&format!("  note: films of episode {list} were made before it; produce them again\n"));
    }
    let produce = ["reel", "produce", &desk.project(), "--episode", &before.to_string()].map(str::to_owned);
    told.push_str(&format!("  next: {}\n", produce.join(" ")));
    let json = json!({
        "project": desk.folder.project.id, "number": number, "file": amended.file(), "before": before, "base": now.canon.hash, "address": address,
        "version": after.version, "counts": counts(diff, &now.canon.doc, &after).json(), "verdict": diff.verdict.as_ref().map(value),
        "produce_again": anew, "next_actions": [produce, ["reel", "canon", "revert", &desk.project(), &number.to_string()]],
    });
    Ok(Report::new(json, told))
}

fn revert(args: &ArgMatches) -> Result<Report, Failure> {
    let desk = Desk::open(args)?;
    let wanted = number(args, "number", 1, 9_999)?.unwrap_or(0);
    let before = desk.stands(args)?;
    let Some(there) = desk.folder.amended.iter().find(|a| a.number == wanted) else {
        let message = format!("N is {wanted}; the author has applied {} diffs here", desk.folder.amended.len());
        return Err(Failure::usage(message, "`reel canon log` lists them; what an episode makes true is changed by changing the episode")
            .next(&["reel", "canon", "log", &desk.project()]));
    };
    // It cannot be taken back before it was said.
    let before = before.max(there.before);
    let now = last(desk.told(Some(before))?)?;
    let what = format!("the inverse of {}", there.file());
    let back = canon::take_back(&now.canon.doc, &there.amendment).map_err(|e| refused(&desk, before, &what, e))?;
    let done = put(&desk, before, &what, &now, &back);
    desk.home.close();
    done
}

fn log(args: &ArgMatches) -> Result<Report, Failure> {
    let desk = Desk::open(args)?;
    // As far as films were accepted, and the author's hand stands behind them.
    let furthest = desk.folder.amended.iter().map(|a| a.before).max().unwrap_or(0);
    let before = desk.next().map(|next| next.max(furthest));
    let versions = desk.told(before)?;
    let mut rows = Vec::new();
    let mut told = format!("{}, {}\n", desk.folder.project.title, stands_where(&desk, before));
    let mut prior: Option<&Canon> = None;
    for Version { by, canon, diff, .. } in &versions {
        let Told { by, provenance, justification } = origin(&desk, by, diff.as_ref().map(|d| &*d.doc));
        let verdict = diff.as_ref().and_then(|d| d.doc.verdict.as_ref());
        let changed = prior.map(|prior| delta(prior, &canon.doc));
        let warned = verdict.map_or(0, |v| v.findings.iter().filter(|f| !f.blocks).count());
        let passed = match (verdict, prior) {
            (_, None) => "checked".to_owned(),
            (Some(_), _) if warned > 0 => format!("passed, {warned} warnings"),
            _ => "passed".to_owned(),
        };
        let counted = changed.as_ref().map_or_else(|| format!("{} facts", canon.doc.facts.len()), Counts::told);
        told.push_str(&wrapped(
            &format!("  {:>3}  {:<8}  ", canon.doc.version, canon.hash.short()),
            &format!("{by}: {counted}; {passed}"),
            width(),
        ));
        if let Some(why) = &justification {
            told.push_str(&wrapped("                 ", why, width()));
        }
        rows.push(json!({
            "version": canon.doc.version, "address": canon.hash, "by": by, "provenance": provenance, "justification": justification,
            "diff": diff.as_ref().map(|d| &d.hash), "verdict": verdict.map(value), "counts": changed.as_ref().map(Counts::json),
        }));
        prior = Some(&canon.doc);
    }
    let project = desk.project();
    let json = json!({
        "project": desk.folder.project.id, "stands": stands_where(&desk, before), "versions": rows,
        "next_actions": [["reel", "canon", "show", &project]],
    });
    desk.home.close();
    Ok(Report::new(json, told))
}

/// Where a version comes from, in words.
struct Told {
    by: String,
    provenance: String,
    justification: Option<String>,
}

fn origin(desk: &Desk, by: &By, diff: Option<&CanonDiff>) -> Told {
    let said = |by: String, usual: &str| Told {
        by,
        provenance: diff.map_or_else(|| usual.to_owned(), |d| d.provenance.clone()),
        justification: diff.map(|d| d.justification.clone()).filter(|j| !j.trim().is_empty()),
    };
    match by {
        By::Author => said("canon.toml".into(), "author"),
        By::Truth => said("what the season hides".into(), "season"),
        By::Cast => said("looks and voices".into(), "cast"),
        By::Hand(hand) => said(format!("{}, before episode {}", hand.file(), hand.before), "author"),
        By::Episode(n) => {
            let film = if desk.filmed.contains(n) { "" } else { ", no film yet" };
            said(format!("episode {n}{film}"), "episode")
        }
    }
}

/// How many things a version changed.
#[derive(Default)]
struct Counts {
    added: usize,
    modified: usize,
    removed: usize,
    ended: usize,
    learned: usize,
    people: usize,
    threads: usize,
}

impl Counts {
    fn told(&self) -> String {
        let all = [
            (self.added, "added"),
            (self.modified, "modified"),
            (self.removed, "removed"),
            (self.ended, "ended"),
            (self.learned, "learned"),
            (self.people, "people"),
            (self.threads, "threads"),
        ];
        let parts: Vec<String> = all.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
        if parts.is_empty() { "nothing changed".into() } else { parts.join(", ") }
    }

    fn json(&self) -> Value {
        json!({
            "added": self.added, "modified": self.modified, "removed": self.removed, "ended": self.ended, "learned": self.learned,
            "people": self.people, "threads": self.threads,
        })
    }
}

/// What a diff of the author's changed: what it calls modified is modified, even where only an end differs.
fn counts(diff: &CanonDiff, before: &Canon, after: &Canon) -> Counts {
    let all = delta(before, after);
    Counts { modified: diff.modified.len(), ended: diff.ended.len(), learned: diff.learned.len(), ..all }
}

/// What differs between two versions.
fn delta(before: &Canon, after: &Canon) -> Counts {
    use std::collections::BTreeMap;
    let old: BTreeMap<&Id, &contracts::canon::Fact> = before.facts.iter().map(|f| (&f.id, f)).collect();
    let mut counts = Counts { removed: old.len(), ..Counts::default() };
    for fact in &after.facts {
        let Some(was) = old.get(&fact.id) else {
            counts.added += 1;
            continue;
        };
        counts.removed -= 1;
        let same = |f: &contracts::canon::Fact| contracts::canon::Fact { until: None, known_by: BTreeMap::new(), ..f.clone() };
        counts.modified += usize::from(same(was) != same(fact));
        counts.ended += usize::from(was.until != fact.until);
        counts.learned += fact.known_by.keys().filter(|who| !was.known_by.contains_key(*who)).count();
    }
    counts.people = after.characters.iter().filter(|c| !before.characters.contains(c)).count();
    counts.threads = after.threads.iter().filter(|t| !before.threads.contains(t)).count();
    counts
}
