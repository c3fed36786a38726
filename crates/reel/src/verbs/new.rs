//! `reel new DIR`: a project that can be produced at once.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command};
use contracts::Id;
use kit::files::{Files, SystemFiles};
use serde_json::json;

use super::{Offer, Report, Verb, path, text};
use crate::failure::Failure;

pub const VERB: Verb = Verb { name: "new", about: "Start a project in a new folder", args, offer: Offer::Adds, run };

fn args(command: Command) -> Command {
    command
        .arg(
            Arg::new("dir")
                .value_name("DIR")
                .value_parser(clap::value_parser!(PathBuf))
                .required(true)
                .help("The folder to make; its name becomes the project's id"),
        )
        .arg(Arg::new("title").long("title").value_name("TEXT").help("Title of the series (default: from the folder's name)"))
        .arg(
            Arg::new("genre")
                .long("genre")
                .value_name("GENRE")
                .default_value("mystery")
                .help(format!("Genre pack: {}", world::genres().join(", "))),
        )
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    let dir = path(args, "dir");
    // `.` has a name too: that of the folder it stands for.
    let named = dir.file_name().map(ToOwned::to_owned).or_else(|| std::fs::canonicalize(&dir).ok()?.file_name().map(ToOwned::to_owned));
    let name = named.map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let id = Id::slug(&name);
    let title = text(args, "title").unwrap_or_else(|| capitalised(&name).chars().filter(|c| !c.is_control()).take(60).collect());
    let genre = text(args, "genre").unwrap_or_else(|| "mystery".into());
    if !world::genres().contains(&genre.as_str()) {
        let hint = format!("choose one of: {}", world::genres().join(", "));
        return Err(Failure::story("genre.unknown", format!("nobody here writes `{genre}`"), hint));
    }
    if title.chars().any(char::is_control) || title.chars().count() > 60 || title.trim().is_empty() {
        return Err(Failure::usage("--title must be 1 to 60 characters in one line", "give a shorter title"));
    }
    let file = dir.join("project.toml");
    if file.exists() {
        return Err(Failure::usage(
            format!("{} already exists", file.display()),
            "choose another folder, or edit the project that is there",
        ));
    }
    let [low, high] = world::seconds(&Id::new(genre.as_str()).map_err(Failure::internal)?).map_err(Failure::internal)?;
    let body = template(&id, &title, &genre, &kernel(&id, &genre)?, low, high);
    write(&file, body.as_bytes())?;
    let shown = dir.display().to_string();
    let report = format!(
        "made {}\n  next: reel produce {shown} --out {shown}/film\n  to write your own people, places and facts, add canon.toml (examples/lighthouse, examples/salt-road and examples/slow-light show one)\n",
        file.display()
    );
    Ok(Report::new(json!({"project": id, "dir": shown, "next_actions": [["reel", "produce", shown]]}), report))
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(|e| Failure::unwritable(folder, e))?;
    SystemFiles::new().write_atomic(file, bytes).map_err(|e| Failure::unwritable(file, e))
}

fn capitalised(name: &str) -> String {
    let spaced = name.replace(['-', '_'], " ");
    let words = spaced.split_whitespace().map(|w| {
        let mut letters = w.chars();
        letters.next().map(|c| c.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    });
    let title = words.collect::<Vec<_>>().join(" ");
    if title.is_empty() { "Untitled".into() } else { title }
}

/// The situation a new project begins from: written into its file, so that a build that knows more of them changes no season.
fn kernel(id: &Id, genre: &str) -> Result<Id, Failure> {
    let genre = Id::new(genre).map_err(Failure::internal)?;
    world::drawn(id, &genre).cloned().map_err(Failure::internal)
}

fn template(id: &Id, title: &str, genre: &str, kernel: &Id, low: u32, high: u32) -> String {
    // A TOML basic string takes JSON's escapes.
    let quoted = serde_json::Value::from(title);
    let genres = world::genres().join(", ");
    let kernels = Id::new(genre).ok().and_then(|g| world::kernels(&g).ok()).unwrap_or_default();
    let kernels = kernels.iter().map(|k| k.as_str()).collect::<Vec<_>>().join(", ");
    format!(
        r#"# A Reelwright project. Every setting is written out; change what you like and run `reel produce` again.
id = "{id}"
title = {quoted}
genre = "{genre}"            # {genres}
kernel = "{kernel}"           # the situation the season is written from: {kernels}
visual_style = "paper"        # paper, ink, dusk, woodcut, pastel
target_duration_s = 60        # the {genre} pack writes {low} to {high} seconds
edit_rate = "24/1"            # 24/1, 25/1, 30/1, 30000/1001
language = "en"
aspect = "16:9"               # 16:9, 9:16, 1:1
captions = "none"             # drawn into the picture: none, plain, boxed, highlight
render_profiles = ["preview_local"]
continuity_mode = "strict"    # a contradiction blocks the film

[cost_policy]
budget_micro_usd = 0          # nothing is bought
external = "forbidden"        # nothing leaves this machine

[safety]
audience = "general"

# Where a person must say yes. With `true` a run stops there until you say yes (`reel approve`), and goes on from there; at a
# terminal it asks. A line that is left out counts as true; approve_character_packs as false.
[approval_points]
approve_canon_diff = false
approve_character_packs = false
approve_shotlist_timing_lock = false
approve_external_spend = true
spend_threshold_micro_usd = 1000000   # up to one dollar nobody is asked
"#
    )
}
