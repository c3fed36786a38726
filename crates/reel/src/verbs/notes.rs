//! `reel notes read|edit PROJECT`: the author's hand on an episode, for programs that change a film line by line.

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};

use super::{Offer, Report, Verb, episode_arg, number, path, project_arg, text};
use crate::{
    failure::Failure,
    hand::edit::{About, Change, Set, Sheet, edit},
    project::ProjectFolder,
    stages::json as value,
};

pub const VERB: Verb = Verb {
    name: "notes",
    about: "Read and change what the author says about an episode's lines and shots",
    args,
    offer: Offer::Each(&[("read", Offer::Reads), ("edit", Offer::Replaces)]),
    run,
};

/// What a note is about, and which keys it takes: as an argument, in the file.
const LINE: &[(&str, &str)] = &[("text", "text"), ("emotion", "emotion"), ("cut", "cut")];
const ADDED: &[(&str, &str)] = &[("speaker", "speaker"), ("to", "to"), ("text", "text"), ("emotion", "emotion")];
const SHOT: &[(&str, &str)] =
    &[("picture", "picture"), ("framing", "framing"), ("length", "length"), ("move", "move"), ("begins", "begins")];
const MUSIC: &[(&str, &str)] = &[("mood", "mood"), ("level", "level")];
const WORD: &[(&str, &str)] = &[("sound", "sound")];

/// Arguments that say what a note is about.
const ABOUT: [(&str, &str, &str); 7] = [
    ("line", "ID", "Change a line that is there: takes text, emotion, cut"),
    ("after", "ID", "Add a line after this one: takes speaker, text, emotion, to, name"),
    ("before", "ID", "Add a line before this one"),
    ("beat", "ID", "Add a line at the end of this beat"),
    ("shot", "ID", "Change a shot, or the first shot of a beat: takes picture, framing, length, move, begins"),
    ("scene", "ID", "Change the music of a scene: takes mood, level"),
    ("word", "WORD", "Say how a word is said: takes sound"),
];

/// Arguments that say what it says.
const KEYS: [(&str, &str, &str); 13] = [
    ("text", "TEXT", "What is said, 1 to 200 characters"),
    ("emotion", "FEELING", "How it is said, such as `fear 2`"),
    ("speaker", "ID", "Who says a new line"),
    ("name", "NAME", "What a new line is called after the one it stands at"),
    ("picture", "ID", "An entry of library/library.toml"),
    ("framing", "FRAMING", "wide, full, medium_two, over_shoulder, medium, close or insert"),
    ("length", "LENGTH", "`3.5 s`, `3500 ms` or `84 f`"),
    ("move", "MOVE", "Such as hold, push_in, pan_left"),
    ("begins", "HOW", "Such as cut, dissolve, dip_to_black"),
    ("mood", "MOOD", "Such as calm, tense, hopeful"),
    ("level", "N", "0 silence, 1 to 3 stronger"),
    ("sound", "LETTERS", "Letters that sound like the word"),
    ("content", "TEXT", "Not one note: the whole file anew"),
];

fn args(command: Command) -> Command {
    let option = |(id, name, help): &(&'static str, &'static str, &'static str)| Arg::new(*id).long(*id).value_name(*name).help(*help);
    let read = Command::new("read").about("Show the notes on an episode, and the etag of their file").arg(project_arg()).arg(episode_arg());
    let edit = Command::new("edit")
        .about("Change one note on an episode, if the file is still the one that was read")
        .arg(project_arg())
        .arg(episode_arg())
        .arg(
            Arg::new("if-match")
                .long("if-match")
                .value_name("ETAG")
                .required(true)
                .help("The etag that `read` answered; `absent` for a file that is not there, `*` for any"),
        )
        .args(ABOUT.iter().map(option))
        .args(KEYS.iter().map(option))
        .arg(
            Arg::new("to")
                .long("to")
                .value_name("ID")
                .action(ArgAction::Append)
                .help("To whom a new line is said (default: all who are there)"),
        )
        .arg(Arg::new("cut").long("cut").action(ArgAction::SetTrue).help("The line is not said"))
        .arg(Arg::new("remove").long("remove").action(ArgAction::SetTrue).help("Take the note back"))
        .after_help(
            "Other notes keep their words, their order and their comments. What the whole file would say is checked before it is\n\
             written; whether its ids are in the film is said by `reel produce`. docs/notes.md shows every form.",
        );
    command.subcommand_required(true).subcommand(read).subcommand(edit)
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    match args.subcommand() {
        Some(("read", sub)) => read(sub),
        Some(("edit", sub)) => change(sub),
        _ => Err(Failure::usage("notes needs one of read, edit", "run `reel notes --help`")),
    }
}

fn read(args: &ArgMatches) -> Result<Report, Failure> {
    let (root, episode) = (path(args, "project"), number(args, "episode", 1, 999)?.unwrap_or(1));
    let folder = ProjectFolder::settings(&root)?;
    let sheet = Sheet::open(&root, episode)?;
    let mut json = told(&sheet, episode);
    match sheet.notes(&folder, episode) {
        Ok(notes) => json["notes"] = value(&notes),
        // A file that cannot be followed is shown all the same: who reads it wants to mend it.
        Err(failure) => json["fault"] = failure.json()["error"].take(),
    }
    let text = sheet.text.clone().unwrap_or_else(|| "# no notes yet\n".into());
    let end = if text.ends_with('\n') { "" } else { "\n" };
    let shown = format!("{text}{end}# {}, etag {}\n", sheet.file.display(), sheet.tag());
    Ok(Report::new(json, shown))
}

fn change(args: &ArgMatches) -> Result<Report, Failure> {
    let (root, episode) = (path(args, "project"), number(args, "episode", 1, 999)?.unwrap_or(1));
    let settings = ProjectFolder::settings(&root)?;
    let change = asked(args)?;
    let tag = text(args, "if-match").unwrap_or_default();
    let sheet = edit(&root, &settings, episode, &tag, &change)?;
    let mut json = told(&sheet, episode);
    json["notes"] = value(&sheet.notes(&settings, episode)?);
    let project = root.display().to_string();
    json["next_actions"] = json!([["reel", "produce", project, "--episode", episode.to_string()]]);
    let shown = format!("{} says so now, etag {}\n  next: reel produce {project} --episode {episode}\n", sheet.file.display(), sheet.tag());
    Ok(Report::new(json, shown))
}

fn told(sheet: &Sheet, episode: u32) -> Value {
    json!({
        "file": crate::view::shown(&sheet.file), "episode": episode, "etag": sheet.tag(), "exists": sheet.text.is_some(),
        "text": sheet.text.as_deref().unwrap_or_default(),
    })
}

/// The change that the arguments ask for: one note, or the whole file.
fn asked(args: &ArgMatches) -> Result<Change, Failure> {
    let again =
        "name one thing with one of --line, --after, --before, --beat, --shot, --scene, --word, or give the whole file with --content";
    let given: Vec<(&str, String)> = ABOUT.iter().filter_map(|(id, ..)| text(args, id).map(|t| (*id, t))).collect();
    let said: Vec<&str> = KEYS.iter().map(|(id, ..)| *id).chain(["to", "cut", "remove"]).filter(|id| present(args, id)).collect();
    if let Some(content) = text(args, "content") {
        if !given.is_empty() || said.len() > 1 {
            return Err(Failure::usage("--content is the whole file, and stands alone", again));
        }
        return Ok(Change::Whole(content));
    }
    let [(kind, id)] = &given[..] else {
        return Err(Failure::usage(format!("the note is about {} things; expected one", given.len()), again));
    };
    let (about, keys): (About, &[(&'static str, &'static str)]) = match *kind {
        "line" => (About::Line(id.clone()), LINE),
        "shot" => (About::Shot(id.clone()), SHOT),
        "scene" => (About::Music(id.clone()), MUSIC),
        "word" => (About::Word(id.clone()), WORD),
        "after" => (About::Added("after", id.clone(), text(args, "name")), ADDED),
        "before" => (About::Added("before", id.clone(), text(args, "name")), ADDED),
        _ => (About::Added("beat", id.clone(), text(args, "name")), ADDED),
    };
    let named = matches!(about, About::Added(..)).then_some("name");
    let takes: Vec<&str> = keys.iter().map(|(id, _)| *id).collect();
    let remove = args.get_flag("remove");
    let fits = |id: &str| (id == "remove") || Some(id) == named || (!remove && takes.contains(&id));
    if let Some(other) = said.iter().find(|id| !fits(id)) {
        let why = if remove { "--remove stands alone".to_owned() } else { format!("a note with --{kind} takes {}", takes.join(", ")) };
        return Err(Failure::usage(format!("--{other} does not belong there: {why}"), "correct it and run the command again"));
    }
    if remove {
        return Ok(Change::Gone(about));
    }
    let mut set = Vec::new();
    for (id, key) in keys {
        if !present(args, id) {
            continue;
        }
        set.push((
            *key,
            match *id {
                "cut" => Set::True,
                "to" => Set::Texts(args.get_many::<String>("to").into_iter().flatten().cloned().collect()),
                "level" => Set::Whole(i64::from(number(args, "level", 0, 3)?.unwrap_or(0))),
                id => Set::Text(text(args, id).unwrap_or_default()),
            },
        ));
    }
    if set.is_empty() {
        return Err(Failure::usage(
            format!("the note says nothing: with --{kind} give {}", takes.join(", ")),
            "or --remove, to take it back",
        ));
    }
    Ok(Change::Note(about, set))
}

/// Whether an argument was given.
fn present(args: &ArgMatches, id: &str) -> bool {
    args.value_source(id) == Some(clap::parser::ValueSource::CommandLine)
}
