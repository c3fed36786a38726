//! `reel doctor`: what this machine has, what is missing, and what that means for a film.

use clap::{ArgMatches, Command};
use serde_json::{Value, json};

use super::{Report, Verb};
use crate::failure::{Failure, exit};

pub const VERB: Verb = Verb { name: "doctor", about: "Check what this machine has and what is missing", args, run };

fn args(command: Command) -> Command {
    command
}

struct Row {
    what: &'static str,
    ok: bool,
    /// Whether a film can be made without it.
    needed: bool,
    detail: String,
}

fn run(_: &ArgMatches) -> Result<Report, Failure> {
    let mut rows = Vec::new();
    match media::ffmpeg::Ffmpeg::find() {
        Ok(ffmpeg) => {
            let version = ffmpeg.fingerprint();
            let detail = version.as_ref().map_or_else(ToString::to_string, |v| v.lines().next().unwrap_or_default().to_owned());
            rows.push(Row { what: "ffmpeg", ok: version.is_ok(), needed: true, detail });
        }
        Err(error) => rows.push(Row { what: "ffmpeg", ok: false, needed: true, detail: error.to_string() }),
    }
    for (language, what) in [("en", "speech, English"), ("de", "speech, other languages")] {
        match crate::tools::speech(language) {
            Ok(engine) => rows.push(Row { what, ok: true, needed: false, detail: engine.name().to_owned() }),
            Err(error) => {
                rows.push(Row { what, ok: false, needed: false, detail: format!("{}; films can be made with --no-voice", error.message) })
            }
        }
    }
    match kit::home::data_home() {
        Ok(home) => {
            let probe = home.join("doctor");
            let written = std::fs::create_dir_all(&home).and_then(|()| {
                use kit::files::Files;
                let files = kit::files::SystemFiles::new();
                files.write_atomic(&probe, b"ok")?;
                files.remove(&probe)
            });
            let detail = match &written {
                Ok(()) => home.display().to_string(),
                Err(e) => format!("{} cannot be written: {e}; set REELWRIGHT_HOME to a folder you may write to", home.display()),
            };
            rows.push(Row { what: "data home", ok: written.is_ok(), needed: true, detail });
        }
        Err(error) => rows.push(Row { what: "data home", ok: false, needed: true, detail: error.to_string() }),
    }
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    rows.push(Row { what: "cores", ok: true, needed: true, detail: cores.to_string() });
    let ready = rows.iter().all(|r| r.ok || !r.needed);
    let mark = |r: &Row| {
        if r.ok {
            "ok     "
        } else if r.needed {
            "MISSING"
        } else {
            "absent "
        }
    };
    let mut text: String = rows.iter().map(|r| format!("{} {:<24} {}\n", mark(r), r.what, r.detail)).collect();
    text.push_str(if ready { "ready: films can be made here\n" } else { "not ready: install what is marked MISSING\n" });
    let json: Vec<Value> = rows.iter().map(|r| json!({"what": r.what, "ok": r.ok, "needed": r.needed, "detail": r.detail})).collect();
    Ok(Report { json: json!({"ready": ready, "checks": json}), text, exit: if ready { 0 } else { exit::TOOL } })
}
