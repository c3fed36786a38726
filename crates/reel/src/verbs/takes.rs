//! `reel retake`, `reel takes`, `reel pick`: other pictures of one shot, and which of them the film shows.

use std::io::Write;

use clap::{Arg, ArgMatches, Command};
use serde_json::json;

use super::{Offer, Report, Verb, number, run_arg, runs::with_registry, text};
use crate::{failure::Failure, shop::Home, stages::json as value, takes};

pub const RETAKE: Verb =
    Verb { name: "retake", about: "Paint another take of one shot's picture", args: retake_args, offer: Offer::Adds, run: retake };
pub const TAKES: Verb = Verb { name: "takes", about: "List the takes of a film's shots", args: takes_args, offer: Offer::Reads, run: list };
pub const PICK: Verb =
    Verb { name: "pick", about: "Choose the take a shot shows from now on", args: pick_args, offer: Offer::Replaces, run: pick };

const RUN: &str = "A run that made a film: its id, or `latest`";

fn shot_arg() -> Arg {
    Arg::new("shot").value_name("SHOT").help("The shot, such as sc01-b02-s1")
}

fn retake_args(command: Command) -> Command {
    command
        .arg(run_arg(RUN).required(true))
        .arg(shot_arg().required(true))
        .arg(Arg::new("note").long("note").value_name("TEXT").help("What should be otherwise; kept with the take, for people"))
        .after_help(
            "A take shows the same place, people and moment, seen from elsewhere. It is painted and put beside the film as a PNG;\n\
             the film changes when it is picked (`reel pick`) and produced again: that shot alone is made anew.\n\
             What it costs is said before anything is made; on this machine it costs nothing.",
        )
}

fn takes_args(command: Command) -> Command {
    command.arg(run_arg(RUN).required(true)).arg(shot_arg().help("Only of this shot"))
}

fn pick_args(command: Command) -> Command {
    command
        .arg(run_arg(RUN).required(true))
        .arg(shot_arg().required(true))
        .arg(Arg::new("take").value_name("TAKE").required(true).help("Its number; 0 is the picture the director chose"))
        .arg(
            Arg::new("if-version")
                .long("if-version")
                .value_name("N")
                .help("Only if nobody has chosen since: the version that `reel takes --json` gave"),
        )
        .after_help("The next `reel produce` of the episode shows it. A picture that the notes name outranks every take.")
}

fn retake(args: &ArgMatches) -> Result<Report, Failure> {
    let (run, shot) = (text(args, "run").unwrap_or_default(), text(args, "shot").unwrap_or_default());
    let home = Home::open()?;
    let made = takes::retake(&home, &run, &shot, text(args, "note"), &mut |quote| {
        let _ = writeln!(std::io::stderr().lock(), "{}", quote.told());
    });
    home.close();
    let takes::MadeTake { taken, file, first, picked } = made?;
    let (run, shot, number) = (taken.run_id.to_string(), taken.shot_id.to_string(), taken.take.to_string());
    let pick = ["reel", "pick", &run, &shot, &number];
    let told = format!(
        "{}\n  take {number} of {shot}, {} micro-USD; take {picked} is chosen\n  beside it: {}\n  choose it with `{}`, then produce again\n",
        file.display(),
        taken.cost_micro_usd.0,
        first.display(),
        pick.join(" ")
    );
    let answer = json!({
        "take": value(&taken), "file": file.display().to_string(), "take_0": first.display().to_string(), "picked": picked,
        "cost_micro_usd": taken.cost_micro_usd, "next_actions": [pick],
    });
    Ok(Report::new(answer, told))
}

fn list(args: &ArgMatches) -> Result<Report, Failure> {
    with_registry(|registry, runtime| {
        let shot = text(args, "shot");
        let found = takes::list(registry, runtime, &text(args, "run").unwrap_or_default(), shot.as_deref())?;
        let mut told = String::new();
        let mut rows = Vec::new();
        let mut actions = Vec::new();
        for takes::Listed { taken, picked, file } in &found.takes {
            let mark = if *picked { "*" } else { " " };
            let note = taken.note.as_ref().map_or(String::new(), |note| format!("  \"{}\"", note.replace('\n', " ")));
            told.push_str(&format!(
                "{mark} {:<18} take {:>2}  {} micro-USD  {}  by {}{note}\n    {}\n",
                taken.shot_id,
                taken.take,
                taken.cost_micro_usd.0,
                taken.at,
                taken.by,
                file.display()
            ));
            let mut row = value(taken);
            row["picked"] = json!(picked);
            row["file"] = json!(file.display().to_string());
            rows.push(row);
            if !picked {
                actions.push(["reel", "pick", found.run.as_str(), taken.shot_id.as_str(), &taken.take.to_string()].map(str::to_owned));
            }
        }
        if rows.is_empty() {
            let of = shot.as_ref().map_or("SHOT", |shot| shot.as_str());
            told = format!("no takes yet: every shot shows the picture the director chose\n  next: reel retake {} {of}\n", found.run);
        } else {
            told.push_str("* shows in the film from the next `reel produce` on\n");
        }
        let answer = json!({"run_id": found.run, "version": found.version, "takes": rows, "next_actions": actions});
        Ok(Report::new(answer, told))
    })
}

fn pick(args: &ArgMatches) -> Result<Report, Failure> {
    let take = number_of(args)?;
    let expected = number(args, "if-version", 0, u32::MAX)?.map(i64::from);
    with_registry(|registry, runtime| {
        let (run, shot) = (text(args, "run").unwrap_or_default(), text(args, "shot").unwrap_or_default());
        let done = takes::pick(registry, runtime, (&run, &shot), take, expected)?;
        let change = if done.before == done.take { "as before".to_owned() } else { format!("in place of take {}", done.before) };
        let told = format!("{} shows take {} from the next `reel produce` on, {change}\n", done.shot, done.take);
        let list = ["reel", "takes", done.run.as_str(), done.shot.as_str()];
        let answer = json!({
            "run_id": done.run, "shot_id": done.shot, "take": done.take, "before": done.before, "version": done.version,
            "next_actions": [list],
        });
        Ok(Report::new(answer, told))
    })
}

fn number_of(args: &ArgMatches) -> Result<u32, Failure> {
    let given = text(args, "take").unwrap_or_default();
    let most = contracts::takes::MAX_TAKE;
    given.parse::<u32>().ok().filter(|n| *n <= most).ok_or_else(|| {
        let message = format!("TAKE is `{}`; expected a whole number from 0 to {most}", given.escape_debug());
        Failure::usage(message, "`reel takes RUN SHOT` lists the takes of a shot")
    })
}
