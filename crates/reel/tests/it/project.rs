//! A project's own folder: `new`, the library, approval points.

use std::fs;

use contracts::{assets::ResolvedAssets, read};

use crate::{ok, reel, refused, root};

#[test]
fn a_new_project_tells_a_story_at_once_and_is_not_overwritten() {
    let dir = tempfile::tempdir().expect("a folder");
    let project = dir.path().join("Cold Harbour");
    ok(reel(dir.path()).arg("new").arg(&project).args(["--title", "Cold \"Harbour\"", "--json"]));
    let story = ok(reel(dir.path()).arg("write").arg(&project).args(["--json"]));
    assert_eq!(story["script"]["project_id"], "cold-harbour");
    assert!(story["script"]["scenes"].as_array().is_some_and(|s| s.len() >= 4));
    refused(reel(dir.path()).arg("new").arg(&project).arg("--json"), 2, "usage");
}

#[test]
fn an_approval_point_stops_the_run_until_someone_says_yes() {
    let dir = tempfile::tempdir().expect("a folder");
    let project = dir.path().join("p");
    ok(reel(dir.path()).arg("new").arg(&project).arg("--json"));
    let file = project.join("project.toml");
    let text = fs::read_to_string(&file).expect("the project").replace("approve_canon_diff = false", "approve_canon_diff = true");
    fs::write(&file, text).expect("writes");
    let answer = refused(reel(dir.path()).arg("produce").arg(&project).args(["--json", "--no-voice"]), 10, "approval.needed");
    assert!(answer["next_actions"][0].as_array().is_some_and(|a| a.iter().any(|w| w == "--yes")));
}

#[test]
fn a_library_picture_is_used_and_a_lost_one_is_a_marked_stand_in() {
    let dir = tempfile::tempdir().expect("a folder");
    let project = dir.path().join("lighthouse");
    fs::create_dir_all(project.join("library")).expect("folders");
    for file in ["project.toml", "canon.toml"] {
        fs::copy(root().join("examples/lighthouse").join(file), project.join(file)).expect("copies");
    }
    let story = ok(reel(dir.path()).arg("write").arg(&project).arg("--json"));
    let place = story["script"]["scenes"][0]["location_id"].as_str().expect("a place").to_owned();
    let entry = |id: &str, file: &str, tag: &str| {
        format!("[{id}]\nfile = \"{file}\"\ntags = [\"background\", \"{tag}\"]\nlicence = \"CC0-1.0\"\nauthor = \"the tester\"\n")
    };
    let other = story["script"]["scenes"]
        .as_array()
        .and_then(|s| s.iter().map(|s| s["location_id"].as_str().unwrap_or_default()).find(|l| *l != place))
        .expect("a second place");
    fs::write(project.join("library/library.toml"), entry("mine", "mine.png", &place) + &entry("lost-picture", "lost.png", other))
        .expect("writes");
    fs::write(
        project.join("library/mine.png"),
        media::image::encode(&media::image::Image { width: 8, height: 4, rgba: [40, 90, 160, 255].repeat(32) }).expect("encodes"),
    )
    .expect("writes");
    let out = dir.path().join("out");
    let done = ok(reel(dir.path()).arg("produce").arg(&project).args(["--yes", "--json", "--no-voice", "--out"]).arg(&out));
    assert_eq!(done["status"], "degraded");
    assert!(done["stand_ins"].as_array().is_some_and(|s| s.iter().any(|s| s["missing_id"] == "lost-picture")), "{done}");
    let resolved: ResolvedAssets = read(&fs::read(out.join("ResolvedAssets.json")).expect("reads")).expect("is a document");
    let licences: Vec<&str> = resolved.assets.values().map(|a| a.rights.licence.as_str()).collect();
    assert!(licences.contains(&"CC0-1.0") && licences.contains(&"proprietary_cleared"));
}
