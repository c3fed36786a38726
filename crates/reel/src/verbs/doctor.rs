//! `reel doctor`: what this machine has, what is missing, and what that means for a film.

use clap::{ArgMatches, Command};
use serde_json::{Value, json};

use super::{Offer, Report, Verb};
use crate::{
    failure::{Failure, exit},
    fonts,
    tools::SPEECH_FILE,
    writing::{WRITING_FILE, Writer},
};

pub const VERB: Verb = Verb { name: "doctor", about: "Check what this machine has and what is missing", args, offer: Offer::Reads, run };

fn args(command: Command) -> Command {
    command
}

/// What can be drawn into the picture: our own fonts, and what fonts of this machine add.
fn captions() -> Vec<Row> {
    let own = "Latin, Greek, Cyrillic, Hebrew, Armenian, Georgian: built in".to_owned();
    let mut rows = vec![Row { what: "captions drawn".into(), ok: true, needed: false, detail: own }];
    for script in fonts::SCRIPTS.iter().filter(|s| !s.sample.is_empty()) {
        let found = fonts::find(script);
        let absent = || format!("no font: such captions stand beside the film only (apt-get install {})", script.package);
        let detail = found.as_ref().map_or_else(absent, |font| font.clone());
        rows.push(Row { what: format!("captions, {}", script.name), ok: found.is_some(), needed: false, detail });
    }
    rows
}

/// What the operator set up for speech, and whether it can be used; nothing when there is no such file.
fn set_up() -> Vec<Row> {
    let row = |what: &str, ok, detail| Row { what: what.into(), ok, needed: false, detail };
    match crate::tools::set_up() {
        Ok(None) => Vec::new(),
        Err(error) => vec![row(SPEECH_FILE, false, format!("{}; no film with voices can be made until it is mended", error.message))],
        Ok(Some((file, settings))) => {
            let found = media::speech::Engine::survey(&settings);
            let names: Vec<&str> = found.iter().map(|(name, _)| *name).collect();
            let says = if names.is_empty() { "sets up nothing".to_owned() } else { format!("sets up {}", names.join(", then ")) };
            let mut rows = vec![row(SPEECH_FILE, true, format!("{} {says}", file.display()))];
            rows.extend(found.into_iter().map(|(name, answer)| {
                let ok = answer.is_ok();
                let why = |why| format!("not used: {why}");
                row(&format!("speech, {name}"), ok, answer.unwrap_or_else(why))
            }));
            rows
        }
    }
}

/// The model the operator set up to write lines, and whether it can be asked; nothing when there is no such file.
fn model() -> Vec<Row> {
    let row = |what: &str, ok, detail| Row { what: what.into(), ok, needed: false, detail };
    match crate::writing::set_up() {
        Ok(None) => Vec::new(),
        Err(error) => vec![row(WRITING_FILE, false, format!("{}; no episode of a pack can be written until it is mended", error.message))],
        Ok(Some((file, settings))) => {
            let Some(model) = &settings.model else {
                return vec![row(WRITING_FILE, true, format!("{} sets up nothing", file.display()))];
            };
            let found = Writer::survey(model);
            let ok = found.is_ok();
            let detail = found.unwrap_or_else(|why| format!("not asked, the pack writes: {why}"));
            vec![row(WRITING_FILE, true, format!("{} sets up a model", file.display())), row("writing, model", ok, detail)]
        }
    }
}

struct Row {
    what: String,
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
            rows.push(Row { what: "ffmpeg".into(), ok: version.is_ok(), needed: true, detail });
        }
        Err(error) => rows.push(Row { what: "ffmpeg".into(), ok: false, needed: true, detail: error.to_string() }),
    }
    for (language, what) in [("en", "speech, English"), ("de", "speech, other languages")] {
        match crate::tools::speech(language) {
            Ok(engine) => rows.push(Row { what: what.into(), ok: true, needed: false, detail: engine.name().to_owned() }),
            Err(error) => rows.push(Row {
                what: what.into(),
                ok: false,
                needed: false,
                detail: format!("{}; films can be made with --no-voice", error.message),
            }),
        }
    }
    rows.extend(set_up());
    rows.extend(model());
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
            rows.push(Row { what: "data home".into(), ok: written.is_ok(), needed: true, detail });
        }
        Err(error) => rows.push(Row { what: "data home".into(), ok: false, needed: true, detail: error.to_string() }),
    }
    rows.extend(captions());
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    rows.push(Row { what: "cores".into(), ok: true, needed: true, detail: cores.to_string() });
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
    let mut text: String = rows.iter().map(|r| format!("{} {:<32} {}\n", mark(r), r.what, r.detail)).collect();
    text.push_str(if ready { "ready: films can be made here\n" } else { "not ready: install what is marked MISSING\n" });
    let json: Vec<Value> = rows.iter().map(|r| json!({"what": r.what, "ok": r.ok, "needed": r.needed, "detail": r.detail})).collect();
    Ok(Report { json: json!({"ready": ready, "checks": json}), text, exit: if ready { 0 } else { exit::TOOL } })
}
