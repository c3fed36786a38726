//! `reel import`, `reel export`: screenplays from other programs and for them, as Fountain and as Final Draft's FDX.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Arg, ArgAction, ArgMatches, Command};
use contracts::{canon::Canon, story::Cast, story::Script};
use kit::files::{Files, SystemFiles, read_at_most};
use orchestrator::Silent;
use serde_json::json;
use world::{
    WorldError,
    fountain::{self, Kind, Manuscript, Part, Screenplay, fdx},
};

use super::{
    Offer, Report, Verb, episode_arg, given, number, path, project_arg, run_arg,
    runs::{find, summary, with_registry},
    text,
};
use crate::{
    failure::Failure,
    project::{ProjectFolder, read_text},
    shop::{Home, Manner, close, mending, stopped},
    tell::tell,
};

pub const IMPORT: Verb = Verb {
    name: "import",
    about: "Make a screenplay of another program an episode of a project",
    args: import_args,
    offer: Offer::Replaces,
    run: import,
};
pub const EXPORT: Verb = Verb {
    name: "export",
    about: "Write an episode as a screenplay for other programs",
    args: export_args,
    offer: Offer::Replaces,
    run: export,
};

const FORMATS: [&str; 2] = ["fountain", "fdx"];

fn import_args(command: Command) -> Command {
    command
        .arg(given::arg("A screenplay: .fountain, or .fdx of Final Draft"))
        .arg(project_arg())
        .arg(episode_arg())
        .arg(
            Arg::new("replace")
                .long("replace")
                .action(ArgAction::SetTrue)
                .help("Put it in the place of the episode's screenplay, if there is another"),
        )
        .arg(
            Arg::new("check")
                .long("check")
                .action(ArgAction::SetTrue)
                .help("Only say what it is, and whether the project can be told with it"),
        )
        .after_help(
            "It is checked with the whole project (people, places, length), kept as episodes/NN/script.fountain, and reported.\n\
             example: reel import draft.fdx my-series --episode 2",
        )
}

fn export_args(command: Command) -> Command {
    command
        .arg(run_arg("A run whose script is written: its id, or `latest` (default: the project's episode, when --project is given)"))
        .arg(
            Arg::new("project")
                .long("project")
                .value_name("PROJECT")
                .value_parser(clap::value_parser!(PathBuf))
                .conflicts_with("run")
                .help("A project, whose episode is written as its story stands now"),
        )
        .arg(episode_arg().requires("project"))
        .arg(Arg::new("to").long("to").value_name("FORMAT").value_parser(FORMATS).default_value("fountain").help("The format"))
        .arg(
            Arg::new("out")
                .long("out")
                .value_name("FILE")
                .value_parser(clap::value_parser!(PathBuf))
                .help("The file (default: standard output)"),
        )
        .after_help("example: reel export --project my-series --episode 2 --to fdx --out episode-2.fdx")
}

/// A screenplay as it came, and what was read as something else.
fn read(file: &Path) -> Result<(Screenplay, Vec<String>), Failure> {
    let bytes = read_at_most(file, fdx::MAX_FDX as u64 + 1).map_err(|e| Failure::document(file, e))?;
    let text = String::from_utf8(bytes)
        .map_err(|e| Failure::document(file, format!("it is not UTF-8 text (byte {})", e.utf8_error().valid_up_to())))?;
    let text = contracts::nfc(&text);
    let name = file.display();
    let wrong = |e: fountain::FountainError| {
        let line = if e.line > 0 { format!(" line {}", e.line) } else { String::new() };
        Failure::screenplay(format!("{name}{line}: {}", e.message))
    };
    let ends = |end: &str| file.extension().is_some_and(|e| e.eq_ignore_ascii_case(end));
    if ends("fdx") || (!ends("fountain") && text.trim_start_matches('\u{feff}').trim_start().starts_with("<?xml")) {
        let fdx::Fdx { play, unknown } = fdx::read(&text).map_err(wrong)?;
        let told = |(kind, n): (String, usize)| format!("{n} paragraphs of the type `{}` are read as action", kind.escape_debug());
        return Ok((play, unknown.into_iter().map(told).collect()));
    }
    Ok((fountain::parse(&text).map_err(wrong)?, Vec::new()))
}

/// How much a screenplay holds.
struct Held {
    scenes: usize,
    speeches: usize,
    actions: usize,
    words: usize,
    people: Vec<String>,
}

impl Held {
    fn of(play: &Screenplay) -> Self {
        let mut held = Self { scenes: 0, speeches: 0, actions: 0, words: 0, people: Vec::new() };
        for element in &play.elements {
            let words = |text: &str| text.split_whitespace().count();
            match &element.kind {
                Kind::Heading { .. } => held.scenes += 1,
                Kind::Action(text) => {
                    held.actions += 1;
                    held.words += words(text);
                }
                Kind::Dialogue { cue, parts, .. } => {
                    held.speeches += 1;
                    held.words += parts.iter().map(|p| if let Part::Say(text) = p { words(text) } else { 0 }).sum::<usize>();
                    if !held.people.contains(cue) {
                        held.people.push(cue.clone());
                    }
                }
                _ => {}
            }
        }
        held
    }
}

fn import(args: &ArgMatches) -> Result<Report, Failure> {
    let (file, root) = (path(args, "file"), path(args, "project"));
    let episode = number(args, "episode", 1, 99)?.unwrap_or(1);
    ProjectFolder::settings(&root)?;
    let (play, mut notes) = read(&file)?;
    let held = Held::of(&play);
    if held.scenes + held.speeches + held.actions == 0 {
        return Err(Failure::screenplay(format!("{}: it holds no scene, no action and no dialogue", file.display())));
    }
    // A Fountain file keeps its author's words as they stand; another is written as one.
    let own = file.extension().is_some_and(|e| e.eq_ignore_ascii_case("fountain"));
    let text = match own.then(|| read_text(&file)).transpose()?.flatten() {
        Some(text) => text,
        None => fountain::print(&play),
    };
    let name = format!("episodes/{episode:02}/script.fountain");
    let to = root.join(&name);
    let before = read_text(&to)?;
    let same = before.as_ref() == Some(&text);
    let only = args.get_flag("check");
    if before.is_some() && !same && !args.get_flag("replace") && !only {
        let hint = "give another --episode, or --replace to put it in the place of what is there";
        return Err(Failure::usage(format!("episode {episode} has a screenplay already: {name}"), hint));
    }
    let shown = file.display().to_string();
    let manuscript = Manuscript::read(episode, &shown, &text).map_err(|e: WorldError| Failure::screenplay(e))?;
    let folder = ProjectFolder::open_with(&root, Some(manuscript))?;
    notes.extend(folder.said.iter().cloned());
    if !same && !only {
        let dir = to.parent().unwrap_or(&root);
        std::fs::create_dir_all(dir).map_err(|e| Failure::unwritable(dir, e))?;
        SystemFiles::new().write_atomic(&to, text.as_bytes()).map_err(|e| Failure::unwritable(&to, e))?;
    }
    let done = match (only, same) {
        (true, _) => "checked, nothing was written",
        (_, true) => "it stands there already",
        _ if before.is_some() => "in the place of another",
        _ => "new",
    };
    let mut told = format!(
        "{name}: {done}\n  {} scenes, {} speeches of {}, {} actions, {} words\n",
        held.scenes,
        held.speeches,
        if held.people.len() == 1 { "one person".to_owned() } else { format!("{} people", held.people.len()) },
        held.actions,
        held.words
    );
    for note in &notes {
        told.push_str(&format!("  note: {note}\n"));
    }
    let project = root.display().to_string();
    let next = ["reel", "produce", &project, "--episode", &episode.to_string()].map(str::to_owned);
    told.push_str(&format!("  next: {}\n", next.join(" ")));
    let json = json!({
        "file": to.display().to_string(), "episode": episode, "written": !same && !only, "replaced": before.is_some() && !same && !only,
        "scenes": held.scenes, "speeches": held.speeches, "actions": held.actions, "words": held.words, "people": held.people,
        "notes": notes, "next_actions": [next],
    });
    Ok(Report::new(json, told))
}

fn export(args: &ArgMatches) -> Result<Report, Failure> {
    let (play, of) = match args.get_one::<PathBuf>("project") {
        Some(root) => of_project(root, number(args, "episode", 1, 999)?.unwrap_or(1))?,
        None => of_run(&text(args, "run").unwrap_or_else(|| "latest".to_owned()))?,
    };
    let format = text(args, "to").unwrap_or_default();
    let written = if format == "fdx" { fdx::print(&play) } else { fountain::print(&play) };
    let held = Held::of(&play);
    let mut json =
        json!({"format": format, "of": of, "scenes": held.scenes, "speeches": held.speeches, "bytes": written.len(), "next_actions": []});
    let Some(out) = args.get_one::<PathBuf>("out") else {
        json["text"] = written.as_str().into();
        return Ok(Report::new(json, written));
    };
    SystemFiles::new().write_atomic(out, written.as_bytes()).map_err(|e| Failure::unwritable(out, e))?;
    json["file"] = out.display().to_string().into();
    Ok(Report::new(json, format!("{}\n  {of}: {} scenes, {} speeches\n", out.display(), held.scenes, held.speeches)))
}

/// The episode as its story stands now: the author's screenplay as it is, else the script that is written.
fn of_project(root: &Path, episode: u32) -> Result<(Screenplay, String), Failure> {
    let folder = ProjectFolder::open(root)?;
    let of = format!("{}, episode {episode}", folder.project.title);
    if let Some(manuscript) = folder.writer.manuscript(episode) {
        return Ok((manuscript.play().clone(), of));
    }
    let home = Home::open()?;
    let manner = Manner { jobs: Some(1), out: None, look: true, request: None, fresh: Default::default() };
    let mut shop = home.shop(&folder.project.id, episode, &manner, Arc::new(Silent))?;
    let told = mending(&mut shop, |shop| tell(shop, &folder, episode, &mut |_| Ok(()))).map_err(|failure| stopped(&shop, failure));
    let status = told.as_ref().map_or_else(Failure::status, |_| contracts::run::RunStatus::Completed);
    let error = told.as_ref().err().map(|e| e.message.clone());
    close(shop, status, None, error.as_deref())?;
    home.close();
    let told = told?;
    Ok((fountain::screenplay(&told.script.doc, &told.cast.doc, &told.before.doc), of))
}

/// The script of a run that made a film.
fn of_run(run: &str) -> Result<(Screenplay, String), Failure> {
    with_registry(|registry, runtime| {
        let row = find(registry, runtime, run)?;
        let summary = summary(registry, &row);
        let address = |id: &str| summary.as_ref().and_then(|s| s.artifacts.get(id));
        let (Some(script), Some(cast), Some(canon)) = (address("script"), address("cast"), address("canon")) else {
            let failure = Failure::usage(
                format!("run {} made no film, and has no script to hand over", row.id),
                "`reel runs --status completed` lists those that did",
            );
            return Err(failure.next(&["reel", "runs", "--status", "completed"]));
        };
        let script: Script = registry.artifact(script).map_err(Failure::damaged)?;
        let cast: Cast = registry.artifact(cast).map_err(Failure::damaged)?;
        let canon: Canon = registry.artifact(canon).map_err(Failure::damaged)?;
        Ok((fountain::screenplay(&script, &cast, &canon), format!("{}, episode {} of run {}", script.title, script.episode, row.id)))
    })
}
