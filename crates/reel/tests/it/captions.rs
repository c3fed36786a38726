//! Captions drawn into the picture: seen in the decoded film, drawn again only where words change, refused where a letter has
//! no font.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use contracts::{
    read,
    render::{BurnIn, RenderOutput, RenderPlan},
    run::RunSummary,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    notes::{example, note},
    ok, reel, refused,
};

fn produce(dir: &TempDir, project: &Path, out: &str) -> std::process::Command {
    let mut command = reel(&dir.path().join("home"));
    command.arg("produce").arg(project).args(["--yes", "--draft", "--json", "--out"]).arg(dir.path().join(out));
    command
}

fn document<T: contracts::Document>(dir: &TempDir, out: &str, name: &str) -> T {
    read(&fs::read(dir.path().join(out).join(name)).expect("the document")).expect("is a document")
}

/// Steps and hits of a stage of a run.
fn stage(dir: &TempDir, out: &str, name: &str) -> Option<(u64, u64)> {
    let summary: RunSummary = document(dir, out, "run_summary.json");
    summary.stages.iter().find(|s| s.name == name).map(|s| (s.steps, s.hits))
}

/// Pixels of a frame that are as golden as a highlighted word.
fn golden(dir: &TempDir, out: &str, run: &Value, ms: u64) -> usize {
    let png = dir.path().join(format!("{out}-{ms}.png"));
    let mut command = reel(&dir.path().join("home"));
    ok(command.args(["frame", run["run_id"].as_str().expect("a run")]).arg(format!("{ms}ms")).arg("--json").arg("--out").arg(&png));
    let picture = media::image::decode(&fs::read(png).expect("a frame")).expect("a picture");
    picture.rgba.chunks_exact(4).filter(|p| p[0] > 225 && (170..235).contains(&p[1]) && p[2] < 110).count()
}

#[test]
fn captions_are_drawn_once_a_line_and_seen_in_the_film() {
    let dir = tempfile::tempdir().expect("a folder");
    let project = example(dir.path());
    let text = fs::read_to_string(project.join("project.toml")).expect("reads");
    let beside = ok(&mut produce(&dir, &project, "beside"));
    assert_eq!(stage(&dir, "beside", "burn"), None, "nothing is drawn that nobody asked for");
    fs::write(project.join("project.toml"), text.replace("captions = \"none\"", "captions = \"highlight\"")).expect("writes");
    let drawn = ok(&mut produce(&dir, &project, "drawn"));
    let plan: RenderPlan = document(&dir, "drawn", "RenderPlan.json");
    assert_eq!(plan.burn_in, Some(BurnIn::Highlight));
    let lines = plan.captions.len() as u64;
    let (steps, hits) = stage(&dir, "drawn", "burn").expect("the stage");
    assert!(steps >= lines && hits == 0, "{steps} steps, {hits} hits");
    // What is told and what is timed is the same with and without.
    let output: RenderOutput = document(&dir, "drawn", "RenderOutput.json");
    let before: RenderOutput = document(&dir, "beside", "RenderOutput.json");
    assert_eq!((&output.captions, &output.timing_lock), (&before.captions, &before.timing_lock));
    assert_eq!(output.captions.keys().map(String::as_str).collect::<Vec<_>>(), ["ass", "srt", "timestamps", "vtt"]);
    assert!(output.measured.caption_ms > 1_000 * lines && output.measured.caption_ms < output.measured.duration_ms);

    // In the middle of the longest word of the longest line, gold is seen where there was none.
    let times: Vec<Value> = serde_json::from_slice(&fs::read(dir.path().join("drawn/timestamps.json")).expect("reads")).expect("JSON");
    let words = times.iter().flat_map(|l| l["words"].as_array().expect("words"));
    let word = words.max_by_key(|w| w["text"].as_str().map(str::len)).expect("a word");
    let ms = (word["start_ms"].as_u64().expect("ms") + word["end_ms"].as_u64().expect("ms")) / 2;
    let (with, without) = (golden(&dir, "drawn", &drawn, ms), golden(&dir, "beside", &beside, ms));
    assert!(with > without + 40, "{word}: {with} golden pixels, {without} without captions");

    // Another word in one line draws that line again, and no other; a look of the command outranks the project's.
    note(&project, "[[line]]\nid = \"sc02-b02-l1\"\ntext = \"This tower stands on rock. You row on water.\"\n");
    ok(&mut produce(&dir, &project, "changed"));
    let (steps, hits) = stage(&dir, "changed", "burn").expect("the stage");
    assert!(steps - hits <= 2 && hits + 2 >= lines, "{steps} steps, {hits} hits");
    let segments = |output: &RenderOutput| -> BTreeMap<String, String> {
        output.segments.iter().map(|s| (s.shot_id.to_string(), s.video.to_string())).collect()
    };
    let changed: RenderOutput = document(&dir, "changed", "RenderOutput.json");
    let (old, new) = (segments(&output), segments(&changed));
    let same = new.iter().filter(|(shot, video)| old.get(*shot) == Some(video)).count();
    // The line's own shot, and the one after it where that begins in it. Those that only stand elsewhere are what they were.
    assert!(same + 2 >= new.len(), "{same} of {} shots are what they were", new.len());
    ok(produce(&dir, &project, "none").args(["--burn-in", "none"]));
    assert_eq!(stage(&dir, "none", "burn"), None);
}

#[test]
fn a_letter_without_a_font_blocks_before_a_shot_is_drawn_and_no_captions_in_the_picture_mend_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let project = example(dir.path());
    note(&project, "[[line]]\nid = \"sc02-b02-l1\"\ntext = \"This tower stands on \u{5ca9} and \u{1f680}. You row on water.\"\n");
    let bare = dir.path().join("no-fonts");
    fs::create_dir_all(&bare).expect("a folder");
    let said =
        refused(produce(&dir, &project, "out").args(["--burn-in", "boxed"]).env("REELWRIGHT_FONTS", &bare), 5, "captions.missing_glyph");
    let message = said["error"]["message"].as_str().expect("a message");
    assert!(
        message.contains('\u{5ca9}')
            && message.contains('\u{1f680}')
            && message.contains("Chinese, Japanese; emoji") | message.contains("emoji; Chinese"),
        "{message}"
    );
    let action = said["next_actions"][0].as_array().expect("an action").iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ");
    assert_eq!(action, "apt-get install -y fonts-noto-cjk fonts-noto-color-emoji");
    assert!(!dir.path().join("out/final.mp4").exists());
    // With the fonts of this machine (`cargo xtask test` installs them) the letters are drawn.
    ok(produce(&dir, &project, "out").args(["--burn-in", "boxed"]));
    assert!(stage(&dir, "out", "burn").is_some());
    let srt = fs::read_to_string(dir.path().join("out/captions.srt")).expect("reads");
    assert!(srt.contains('\u{5ca9}') && srt.contains('\u{1f680}'));
}
