//! The binary and composition root: one `VERBS` table from which the command line and its JSON derive; wiring; one short
//! file per stage of an episode in `stages/`. Everything it does is done by a crate that can be used without it.

mod accept;
mod amended;
mod approvals;
mod audit;
mod bundle;
mod catalogue;
mod choices;
mod choosing;
mod diff;
mod events;
mod failure;
mod finished;
mod fonts;
mod foresee;
mod gated;
mod hand;
mod logged;
mod mcp;
mod package;
mod parallel;
mod pledge;
mod produce;
mod progress;
mod project;
mod proposal;
mod season;
mod shop;
mod stages;
mod storyboard;
mod takes;
mod tell;
mod timeline;
mod tools;
mod verbs;
mod view;
mod watch;
mod words;
mod writing;

use std::io::Write;
use std::process::ExitCode;

use failure::Failure;

fn main() -> ExitCode {
    let command = verbs::command();
    let matches = match command.try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return usage(&error),
    };
    // Which instructions compose frames: for tests and measurements, since no frame depends on it.
    if let Some(wanted) = std::env::var_os("REELWRIGHT_ISA")
        && let Err(why) = render::compositor::Isa::force_named(&wanted.to_string_lossy())
    {
        to_stderr(&format!("REELWRIGHT_ISA: {why}\n"));
        return ExitCode::from(failure::exit::USAGE);
    }
    let Some((name, args)) = matches.subcommand() else { return ExitCode::from(failure::exit::USAGE) };
    // Whoever reads events reads JSON to the end.
    let events = args.try_get_one::<bool>("events").is_ok_and(|flag| flag == Some(&true));
    let json = args.get_flag("json") || events;
    let done = match verbs::VERBS.iter().find(|v| v.name == name) {
        Some(verb) => (verb.run)(args).map(|report| verbs::next::of_report(name, args, report)).map_err(|f| {
            let told = match kit::home::data_home() {
                Ok(home) => f.or_full(&home),
                Err(_) => f,
            };
            verbs::next::of_failure(name, told)
        }),
        None => Err(Failure::internal(format!("no verb `{name}`"))),
    };
    let line = |mut value: serde_json::Value| {
        if events {
            value["event"] = "result".into();
        }
        format!("{value}\n")
    };
    let (text, code) = match &done {
        // A server has said all it had to say.
        Ok(report) if report.json.is_null() => (String::new(), report.exit),
        Ok(report) => (if json { line(report.json.clone()) } else { report.text.clone() }, report.exit),
        Err(failure) if json => (line(registry::redacted(failure.json())), failure.exit),
        Err(failure) => {
            to_stderr(&format!("{}\n", kit::redact::redactor().text(&failure.text())));
            return ExitCode::from(failure.exit);
        }
    };
    // A closed pipe (`reel runs | head`) is the reader's choice, not a fault.
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    ExitCode::from(code)
}

fn usage(error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind;
    let shown = error.render().to_string();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let mut out = std::io::stdout().lock();
            let _ = out.write_all(shown.as_bytes());
            ExitCode::SUCCESS
        }
        _ => {
            // Programs that asked for JSON get JSON, even when the rest of the line was wrong.
            if std::env::args_os().any(|a| a == "--json") {
                // What is wrong stands before the usage, on one line or with a list under it.
                let said: Vec<&str> =
                    shown.lines().map(str::trim).take_while(|l| !l.starts_with("Usage:")).filter(|l| !l.is_empty()).collect();
                let failure = Failure::usage(said.join(" ").trim_start_matches("error: "), "run `reel help`").next(&["reel", "help"]);
                let mut out = std::io::stdout().lock();
                let _ = writeln!(out, "{}", failure.json());
            } else {
                to_stderr(&shown);
            }
            ExitCode::from(failure::exit::USAGE)
        }
    }
}

fn to_stderr(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
