//! Profiles: the same story, timing, needs and assets; another plan, another film (002-11, 002-10.2).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use contracts::{
    read,
    render::{Filter, RenderOutput, RenderPlan},
};
use serde_json::json;

use crate::{ok, reel, refused};

const SCREENPLAY: &str = "\
Title: Two Stones

INT. WORKSHOP - DAY

Ida puts two stones on the bench.

IDA
One for each of us.
";

fn documents(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(dir).expect("the run folder").flatten().map(|e| (e.file_name().to_string_lossy().into_owned(), e.path()));
    files.filter(|(name, _)| name != "run_summary.json").map(|(name, path)| (name, fs::read(path).expect("reads"))).collect()
}

#[test]
fn a_profile_changes_the_plan_and_the_film_and_no_other_document() {
    let dir = tempfile::tempdir().expect("a folder");
    let project = dir.path().join("p");
    ok(reel(dir.path()).arg("new").arg(&project).arg("--json"));
    fs::create_dir_all(project.join("episodes/01")).expect("a folder");
    fs::write(project.join("episodes/01/script.fountain"), SCREENPLAY).expect("writes");
    let produce = |profile: &str| {
        let out = dir.path().join(profile);
        let mut command = reel(dir.path());
        command.arg("produce").arg(&project).args(["--yes", "--no-voice", "--json", "--profile", profile, "--out"]).arg(&out);
        (ok(&mut command), out)
    };
    let (_, preview) = produce("preview_local");
    let (second, standard) = produce("standard_local");
    let (small, large) = (documents(&preview), documents(&standard));
    assert_eq!(small.keys().collect::<Vec<_>>(), large.keys().collect::<Vec<_>>());
    let differ: Vec<&str> =
        small.iter().filter(|(name, bytes)| large[*name] != **bytes && name.ends_with(".json")).map(|(name, _)| name.as_str()).collect();
    assert_eq!(differ, ["RenderOutput.json", "RenderPlan.json"]);
    let plan = |bytes: &BTreeMap<String, Vec<u8>>| -> RenderPlan { read(&bytes["RenderPlan.json"]).expect("a plan") };
    let (a, b) = (plan(&small), plan(&large));
    assert_eq!((a.canvas.width, a.canvas.height, b.canvas.width, b.canvas.height), (1280, 720, 1920, 1080));
    assert_eq!((a.filter, b.filter, a.timing_lock == b.timing_lock), (Filter::Linear, Filter::Cubic, true));
    let widest = |plan: &RenderPlan| plan.shots.iter().flat_map(|s| &s.planes).map(|p| p.width).max();
    assert!(widest(&b) > widest(&a), "its pictures are painted for its frame, not enlarged");
    let output: RenderOutput = read(&large["RenderOutput.json"]).expect("an output");
    assert_eq!(output.measured.frames, a.total_frames);
    let ffmpeg = media::ffmpeg::Ffmpeg::find().expect("ffmpeg");
    let video = ffmpeg.video(&standard.join("final.mp4")).expect("a film");
    assert_eq!((video.stream.width, video.stream.height), (Some(1920), Some(1080)));
    // The story, the sounds and the smaller pictures were remembered.
    let cached = |name: &str| second["stages"].as_array().expect("stages").iter().find(|s| s["name"] == name).map(|s| s["cached"].clone());
    assert_eq!((cached("assets"), cached("plates")), (Some(json!(true)), Some(json!(false))));
    // A draft is no profile.
    let mut both = reel(dir.path());
    both.arg("produce").arg(&project).args(["--draft", "--profile", "standard_local", "--json"]);
    refused(&mut both, 2, "usage");
}
