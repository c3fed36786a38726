//! `reel storyboard RUN`: a film as panels, an HTML page and PNG sheets.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command};
use kit::files::{Files, SystemFiles};
use media::image::{Image, encode_rgb};
use serde_json::{Value, json};

use super::{Offer, Report, Verb, number, run_arg, runs::with_registry, text};
use crate::{
    failure::Failure,
    finished::Finished,
    storyboard::{Board, Documents, Panel, Spoken, html, sheet},
};

pub const VERB: Verb =
    Verb { name: "storyboard", about: "Lay a film out shot by shot: an HTML page and PNG sheets", args, offer: Offer::Shows("out"), run };

/// Width of the page's pictures in pixels, of a wide film and of any other.
const PICTURE: (u32, u32) = (640, 320);

fn args(command: Command) -> Command {
    command
        .arg(run_arg("The id of a run, its folder, or `latest` (the default)"))
        .arg(
            Arg::new("out")
                .long("out")
                .value_name("DIR")
                .value_parser(clap::value_parser!(PathBuf))
                .default_value("storyboard")
                .help("Where the page and the sheets go"),
        )
        .arg(Arg::new("sheet").long("sheet").value_name("N").help("Only this sheet, from 1 (default: the page and all sheets)"))
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    let out = args.get_one::<PathBuf>("out").cloned().unwrap_or_default();
    let only = number(args, "sheet", 1, 10_000)?.map(|n| n as usize);
    crate::view::check_writable(&out)?;
    with_registry(|registry, runtime| {
        let run = Finished::find(registry, runtime, text(args, "run").as_deref().unwrap_or("latest"))?;
        let documents = Documents::of(&run)?;
        let board = Board::of(&documents);
        let wanted: Vec<u64> = board.panels.iter().map(|p| p.picture).collect();
        let frames = run.frames(&documents.plan, &wanted)?;
        let width = if board.canvas.width > board.canvas.height { PICTURE.0 } else { PICTURE.1 };
        let height = width * board.canvas.height / board.canvas.width;
        let mut pictures = Vec::new();
        for panel in &board.panels {
            let frame = frames.get(&panel.picture).ok_or_else(|| Failure::internal(format!("no frame {}", panel.picture)))?;
            let rgba = frame.rgb().as_chunks::<3>().0.iter().flat_map(|&[r, g, b]| [r, g, b, 255]).collect();
            pictures.push(Image { width: frame.width as u32, height: frame.height as u32, rgba }.cover(width, height));
        }
        let sheets = sheet::pages(&board, &pictures)?;
        if let Some(wanted) = only.filter(|n| *n > sheets.len()) {
            let hint = format!("give --sheet 1 to {}", sheets.len());
            return Err(Failure::usage(format!("there is no sheet {wanted}: the film fills {}", sheets.len()), hint));
        }
        let mut files = Vec::new();
        if only.is_none() {
            let small = pictures.iter().map(png).collect::<Result<Vec<_>, _>>()?;
            files.push(store(&out, "storyboard.html", html::page(&board, &small).as_bytes())?);
        }
        for (number, sheet) in (1..).zip(&sheets).filter(|(number, _)| only.is_none_or(|n| n == *number)) {
            files.push(store(&out, &format!("storyboard-{number}.png"), sheet)?);
        }
        let shown: Vec<String> = files.iter().map(|f| std::path::absolute(f).unwrap_or_else(|_| f.clone()).display().to_string()).collect();
        let told = format!(
            "{}\n{}: {}\n",
            files.iter().map(|f| f.display().to_string()).collect::<Vec<_>>().join("\n"),
            board.title,
            board.length()
        );
        Ok(Report::new(
            json!({
                "run_id": run.summary.run_id, "files": shown, "sheets": sheets.len(), "panels": board.panels.len(),
                "timing_lock": board.lock, "shots": board.panels.iter().map(facts).collect::<Vec<_>>(),
            }),
            told,
        ))
    })
}

/// What a program needs to name a shot or a line of it.
fn facts(panel: &Panel) -> Value {
    let line = |line: &Spoken| json!({"line_id": line.line_id, "speaker": line.speaker, "text": line.text});
    json!({
        "shot_id": panel.shot_id, "scene_id": panel.scene_id, "start_frame": panel.start_frame, "frames": panel.frames,
        "framing": panel.framing, "purpose": panel.purpose, "action": panel.action, "lines": panel.lines.iter().map(line).collect::<Vec<_>>(),
        "stand_in": panel.stand_in,
    })
}

fn png(picture: &Image) -> Result<Vec<u8>, Failure> {
    let rgb: Vec<u8> = picture.rgba.as_chunks::<4>().0.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect();
    encode_rgb(picture.width, picture.height, &rgb).map_err(Failure::internal)
}

fn store(dir: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, Failure> {
    let path = dir.join(name);
    SystemFiles::new().write_atomic(&path, bytes).map_err(|e| Failure::unwritable(&path, e))?;
    Ok(path)
}
