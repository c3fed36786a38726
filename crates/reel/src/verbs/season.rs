//! `reel produce --episodes N` and `reel show --season PROJECT`: a season in one command, and how it stands.

use std::path::Path;

use canon::{Known, Place, Standing, ThreadNow};
use contracts::{canon::StoryTime, story::StoryArc};
use serde_json::{Value, json};
use world::StoryWriter;

use super::{Report, plan, produce as one, runs::with_registry, show::cut};
use crate::{
    events::Follower,
    failure::Failure,
    produce::{Request, produce},
    project::ProjectFolder,
    season::Season,
};

/// Makes the films of the episodes 1 to `episodes`, in order. The first that is refused ends it; what is made stays.
pub fn produced(request: &Request, episodes: u32, events: bool) -> Result<Report, Failure> {
    let folder = ProjectFolder::open(&request.project)?;
    there_are(&folder, episodes)?;
    let mut text = String::new();
    let mut made: Vec<Value> = Vec::new();
    for number in 1..=episodes {
        let request = Request { episode: number, out: request.out.as_deref().map(|dir| place(dir, number)), ..request.clone() };
        let stopped = |failure: Failure| failure.of_season(number, episodes);
        if request.plan {
            let plan = crate::produce::plan(&request).map_err(stopped)?;
            let told = plan::text(&request, &plan);
            let told = told.rsplit_once("  next: ").map_or(told.as_str(), |(told, _)| told);
            let mut json = plan::json(&request, &plan);
            json["episode"] = json!(number);
            text.push_str(&format!("episode {number} of {episodes}\n{told}"));
            made.push(json);
            continue;
        }
        let follower = events.then(Follower::start);
        let done = produce(&request);
        follower.into_iter().for_each(Follower::finish);
        let done = done.map_err(stopped)?;
        let mut json = one::result(&done);
        json["episode"] = json!(number);
        text.push_str(&format!("episode {number} of {episodes}: {}", one::told(&done)));
        made.push(json);
    }
    let project = request.project.display().to_string();
    let next = if request.plan {
        Request { episode: episodes, plan: false, ..request.clone() }.argv("").iter().map(|w| (*w).to_owned()).collect()
    } else {
        ["reel", "show", "--season", &project].map(str::to_owned).to_vec()
    };
    let next: Vec<String> = season_words(next, episodes, episodes);
    let all = |status: &str| made.iter().all(|m| m["status"] == status);
    let status = match request.plan {
        true if all("remembered") => "remembered",
        true => "planned",
        false if all("completed") => "completed",
        false => "degraded",
    };
    text.push_str(&format!("  next: {}\n", next.join(" ")));
    Ok(Report::new(json!({"status": status, "episodes": made, "next_actions": [next]}), text))
}

/// Where an episode's film goes under the folder of a season.
fn place(dir: &Path, number: u32) -> std::path::PathBuf {
    dir.join(format!("episode-{number:02}"))
}

/// A command about one episode as the command about all of them.
pub fn season_words(argv: Vec<String>, number: u32, episodes: u32) -> Vec<String> {
    let produces = argv.get(1).is_some_and(|verb| verb == "produce");
    match argv.iter().position(|word| word == "--episode") {
        Some(at) if produces && argv.get(at + 1) == Some(&number.to_string()) => {
            let mut argv = argv;
            (argv[at], argv[at + 1]) = ("--episodes".into(), episodes.to_string());
            // Each episode has a folder of its own under the one that was given.
            if let Some(out) = argv.iter().position(|word| word == "--out").map(|at| at + 1)
                && let Some(folder) =
                    argv.get(out).map(Path::new).filter(|p| p.ends_with(format!("episode-{number:02}"))).and_then(Path::parent)
            {
                argv[out] = folder.display().to_string();
            }
            argv
        }
        _ => argv,
    }
}

/// Refuses a season that is longer than what anybody writes, before its first film is made.
fn there_are(folder: &ProjectFolder, episodes: u32) -> Result<(), Failure> {
    // What stops the arc from being written is said by the production, with its place.
    let Ok(StoryArc { episodes: season, .. }) = folder.writer.arc(&folder.project, &folder.canon) else { return Ok(()) };
    match (1..=episodes).find(|n| season.iter().all(|e| e.number != *n)) {
        None => Ok(()),
        Some(missing) => {
            let most = missing - 1;
            let message =
                format!("--episodes is {episodes}, and the season of `{}` has no episode {missing}: nothing was made", folder.project.id);
            let hint = if most == 0 { "make one: `--episode N`".to_owned() } else { format!("ask for --episodes {most}") };
            Err(Failure::story("episode.unknown", message, hint))
        }
    }
}

/// How a season stands.
pub fn shown(root: &Path, at: Option<&str>) -> Result<Report, Failure> {
    let project = ProjectFolder::settings(root)?;
    let at = at.map(moment).transpose()?;
    with_registry(|registry, runtime| {
        let season = Season::of(registry, runtime, &project)?;
        let path = root.display().to_string();
        let rows: Vec<Value> = season
            .episodes
            .iter()
            .map(|e| {
                json!({
                    "episode": e.number, "title": e.title, "recap": e.recap, "question": e.question, "answer": e.answer, "run_id": e.run,
                })
            })
            .collect();
        let standing = season.standing(at.as_ref());
        let missing = (1..).find(|n| season.episodes.iter().all(|e| e.number != *n)).unwrap_or(1);
        let whole = season.of.is_some_and(|of| season.episodes.len() >= of);
        let next: Vec<Vec<String>> = match (&standing, whole) {
            (None, _) => vec![["reel", "produce", &path, "--episodes", "3"].map(str::to_owned).to_vec()],
            (_, false) => vec![["reel", "produce", &path, "--episode", &missing.to_string()].map(str::to_owned).to_vec()],
            _ => vec![["reel", "canon", "log", &path].map(str::to_owned).to_vec()],
        };
        let width = kit::terminal::size().map_or(100, |(columns, _)| columns.clamp(60, 140));
        let mut text = match &standing {
            None => format!("{}: no episode has an accepted film yet\n", project.title),
            Some(standing) => told(&project.title, &season, standing, width),
        };
        if !whole {
            text.push_str(&format!("  next: {}\n", next[0].join(" ")));
        }
        let canon = season.canon.as_ref().map(|(hash, canon)| json!({"address": hash, "version": canon.version}));
        let json = json!({
            "project": project.id, "title": project.title, "episodes": rows, "episodes_of_season": season.of, "canon": canon,
            "standing": standing, "next_actions": next,
        });
        Ok(Report::new(json, text))
    })
}

/// A moment of story time, as a person gives it: a day, or a minute of it.
pub fn moment(given: &str) -> Result<StoryTime, Failure> {
    let full = if given.len() == 10 { format!("{given}T23:59") } else { given.to_owned() };
    StoryTime::try_from(full).map_err(|_| {
        let message = format!("TIME is `{}`; expected story time such as 0122-11-03 or 0122-11-03T23:45", given.escape_debug());
        Failure::usage(message, "a day is meant to its end")
    })
}

fn told(title: &str, season: &Season, now: &Standing, width: usize) -> String {
    let mut text = format!("{title}: {} told, as things stand at {}\n\nepisodes\n", count(season), time(&now.at));
    for e in &season.episodes {
        text.push_str(&wrapped(&format!("  {:>2}  {}: ", e.number, e.title), &one_line(&e.recap), width));
    }
    if !now.threads.is_empty() {
        text.push_str("\nthreads\n");
    }
    for thread in &now.threads {
        text.push_str(&wrapped(&format!("  {:<5} {} ", thread.state, thread.question), &format!("({})", history(thread)), width));
        for answer in &thread.answer {
            text.push_str(&wrapped("          ", &answer.told, width));
        }
    }
    let begins = season.episodes.first().and_then(|e| e.script.scenes.first()).map(|s| &s.story_time);
    text.push_str(&standing(now, begins, width));
    text
}

/// Who is where, what is where, who knows what. What was known before `begins` is counted, and not listed.
pub fn standing(now: &Standing, begins: Option<&StoryTime>, width: usize) -> String {
    let mut text = "\nwhere everyone is\n".to_owned();
    let name = now.people.iter().map(|p| p.name.chars().count()).chain(now.things.iter().map(|t| t.name.chars().count())).max();
    let name = name.unwrap_or(0).min(28);
    for who in &now.people {
        let where_ = match (&who.dead, &who.place) {
            (Some(since), _) => format!("dead since {}", time(since)),
            (None, Some(place)) => at(place),
            (None, None) => "not seen yet".into(),
        };
        text.push_str(&wrapped(&format!("  {:<name$}  ", cut(&who.name, name)), &where_, width));
    }
    let known: Vec<_> = now.things.iter().filter(|t| t.place.is_some() || !t.state.is_empty()).collect();
    if !known.is_empty() {
        text.push_str("\nwhere everything is\n");
    }
    for thing in known {
        let mut head = format!("  {:<name$}  ", cut(&thing.name, name));
        for part in thing.place.iter().map(at).chain(thing.state.iter().map(|s| format!("{}, since {}", s.told, time(&s.since)))) {
            text.push_str(&wrapped(&head, &part, width));
            head = " ".repeat(name + 4);
        }
    }
    text.push_str("\nwho knows what, since when\n");
    for who in now.people.iter().filter(|p| !p.knows.is_empty()) {
        let (before, since): (Vec<&Known>, Vec<&Known>) = who.knows.iter().partition(|k| begins.is_some_and(|begins| k.since < *begins));
        let before = if before.is_empty() { String::new() } else { format!(" (and {} from before the first scene)", before.len()) };
        text.push_str(&format!("  {}{before}\n", who.name));
        for Known { told, since, .. } in since {
            text.push_str(&wrapped(&format!("    {}  ", time(since)), told, width));
        }
    }
    text
}

fn count(season: &Season) -> String {
    let n = season.episodes.len();
    let of = season.of.filter(|of| *of != n).map_or(String::new(), |of| format!(" of {of}"));
    format!("{n}{of} episode{}", if n == 1 && of.is_empty() { "" } else { "s" })
}

fn at(place: &Place) -> String {
    // What the canon's places hold stands there from the beginning of time.
    let since = if place.since == canon::time::epoch() { String::new() } else { format!(", since {}", time(&place.since)) };
    format!("{}{since} ({})", place.name, place.by)
}

/// How a thread went, in episodes.
fn history(thread: &ThreadNow) -> String {
    let episode = |beat: &str| beat.split(' ').next().unwrap_or(beat).replace("ep", "ep ");
    let mut parts = Vec::new();
    parts.extend(thread.opened.as_ref().map(|b| format!("opened {}", episode(&b.beat))));
    let mut moved: Vec<String> = thread.advanced.iter().map(|b| episode(&b.beat)).collect();
    moved.dedup();
    if !moved.is_empty() {
        parts.push(format!("moved {}", moved.join(", ")));
    }
    parts.extend(thread.paid.as_ref().map(|b| format!("paid {}", episode(&b.beat))));
    parts.extend(thread.due.as_ref().map(|due| format!("due {}", due.replace("ep", "ep "))));
    if parts.is_empty() { "open from the start".into() } else { parts.join("; ") }
}

/// Story time for people: the day, and the hour where there is one.
pub fn time(at: &StoryTime) -> String {
    let (day, hour) = at.as_str().split_at(10);
    if hour == "T00:00" { day.to_owned() } else { format!("{day} {}", &hour[1..]) }
}

fn one_line(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() { "(its screenplay has no synopsis)".into() } else { words }
}

/// Words under each other, after a head whose width they keep clear.
pub fn wrapped(head: &str, words: &str, width: usize) -> String {
    let indent = head.chars().count().min(width / 3);
    let mut text = String::new();
    let mut line = head.to_owned();
    let mut begun = true;
    for word in words.split_whitespace() {
        if !begun && line.chars().count() + 1 + word.chars().count() > width {
            text.push_str(line.trim_end());
            text.push('\n');
            line = " ".repeat(indent);
            begun = true;
        }
        if !begun {
            line.push(' ');
        }
        line.push_str(word);
        begun = false;
    }
    text.push_str(line.trim_end());
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argv(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn what_goes_on_with_an_episode_goes_on_with_the_season() {
        let words = |given: &str| season_words(argv(given), 2, 3).join(" ");
        assert_eq!(words("reel produce p --episode 2 --out o/episode-02 --yes"), "reel produce p --episodes 3 --out o --yes");
        assert_eq!(words("reel produce p --episode 1"), "reel produce p --episode 1");
        assert_eq!(words("reel write p --episode 2"), "reel write p --episode 2");
        assert_eq!(words("reel approve r point"), "reel approve r point");
    }

    #[test]
    fn a_day_is_meant_to_its_end_and_text_keeps_its_width() {
        assert_eq!(moment("0122-11-03").map(String::from).ok().as_deref(), Some("0122-11-03T23:59"));
        assert!(moment("tomorrow").is_err() && moment("0122-13-03").is_err() && moment("ü").is_err());
        let text = wrapped("  1  The Title: ", "one two three four five six seven eight nine ten eleven", 30);
        assert!(text.lines().all(|line| line.chars().count() <= 30) && text.lines().count() == 4, "{text}");
    }
}
