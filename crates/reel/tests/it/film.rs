//! The example from nothing to a film, three times: it is whole, it is what was planned, and it is the same every time.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

use contracts::{
    assets::ResolvedAssets,
    document::{ReadError, documents},
    read,
    render::RenderOutput,
    shots::{ShotContent, ShotList},
    story::Script,
    table_read::TableRead,
};
use serde_json::Value;

use crate::{ok, reel, root};

const CHAIN: [&str; 8] = ["Proposal", "Script", "TableRead", "ShotList", "AssetManifest", "ResolvedAssets", "RenderPlan", "RenderOutput"];

/// Everything in a run folder but the record of the run, which may hold times.
pub fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let read = fs::read_dir(dir).expect("the run folder").flatten();
    read.map(|e| (e.file_name().to_string_lossy().into_owned(), fs::read(e.path()).expect("a file")))
        // What was decided, and when, is of one home.
        .filter(|(n, _)| !["run_summary.json", "decision_log.json"].contains(&n.as_str()))
        .collect()
}

fn document<T: contracts::Document>(dir: &Path, name: &str) -> T {
    read(&fs::read(dir.join(name)).expect("the document is there")).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn lighthouse(home: &Path, out: &Path) -> Command {
    let mut command = reel(home);
    command.arg("produce").arg(root().join("examples/lighthouse")).args(["--yes", "--json", "--out"]).arg(out);
    command
}

#[test]
fn the_lighthouse_film_is_whole_and_the_same_whoever_makes_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let (home, out) = (dir.path().join("home"), dir.path().join("first"));
    let done = ok(lighthouse(&home, &out).args(["--jobs", "2"]));
    whole(&out, &done);
    documents_hold(&out);
    // Another home, clock, language, number of jobs, and folder.
    let other = dir.path().join("second");
    let mut strange = Command::new("sh");
    let line = "umask 077; exec \"$0\" \"$@\"";
    strange.arg("-c").arg(line).arg(env!("CARGO_BIN_EXE_reel")).arg("produce").arg(root().join("examples/lighthouse"));
    strange.args(["--yes", "--json", "--jobs", "3", "--out"]).arg(&other);
    strange.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("REELWRIGHT_HOME", dir.path().join("another home"));
    strange.env("TZ", "Pacific/Kiritimati").env("LANG", "tr_TR.UTF-8").env("LC_ALL", "tr_TR.UTF-8");
    ok(&mut strange);
    let (a, b) = (files(&out), files(&other));
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
    let differing: Vec<&String> = a.iter().filter(|(name, bytes)| b[*name] != **bytes).map(|(name, _)| name).collect();
    assert!(differing.is_empty(), "differ: {differing:?}");
    // The same home again: nothing is done twice.
    let third = dir.path().join("third");
    fs::create_dir(&third).expect("a folder");
    fs::write(third.join("final.mp4"), "an older film").expect("writes");
    let again = ok(&mut lighthouse(&home, &third));
    assert!(again["stages"].as_array().is_some_and(|s| s.len() >= 12 && s.iter().all(|s| s["cached"] == true)), "{again}");
    assert_eq!(files(&third), a);
    // What lies there as it should be is left alone; what was changed there comes back.
    let inode = |name: &str| fs::metadata(third.join(name)).expect("is there").ino();
    let (script, film) = (inode("Script.json"), inode("final.mp4"));
    ok(&mut lighthouse(&home, &third));
    assert_eq!((inode("Script.json"), inode("final.mp4")), (script, film));
    fs::write(third.join("captions.srt"), "edited").expect("writes");
    ok(&mut lighthouse(&home, &third));
    assert_eq!(files(&third), a);
    assert_eq!(inode("Script.json"), script);
    let listed = ok(reel(&home).args(["runs", "--json"]));
    assert_eq!(listed["runs"].as_array().map(Vec::len), Some(4));
    let shown = ok(reel(&home).args(["show", "--json"]));
    assert_eq!(shown["summary"]["shots"], done["shots"]);
}

fn whole(out: &Path, done: &Value) {
    for name in CHAIN {
        assert!(out.join(format!("{name}.json")).is_file(), "{name}.json");
    }
    for name in [
        "run_summary.json",
        "final.mp4",
        "captions.srt",
        "captions.vtt",
        "captions.ass",
        "timestamps.json",
        "visuals.json",
        "contact_sheet.png",
    ] {
        assert!(out.join(name).is_file(), "{name}");
    }
    assert_eq!(done["status"], "completed", "{done}");
    assert_eq!(done["cost_micro_usd"], 0);
    let (script, read): (Script, TableRead) = (document(out, "Script.json"), document(out, "TableRead.json"));
    let (shots, output): (ShotList, RenderOutput) = (document(out, "ShotList.json"), document(out, "RenderOutput.json"));
    let resolved: ResolvedAssets = document(out, "ResolvedAssets.json");
    assert!(shots.lock_holds() && output.timing_lock == shots.timing_lock);
    assert!((12..=20).contains(&shots.shots.len()), "{} shots", shots.shots.len());
    assert!((45_000..=75_000).contains(&output.measured.duration_ms), "{} ms", output.measured.duration_ms);
    assert!(script.scenes.len() >= 4);
    assert_eq!(output.measured.frames, shots.total_frames);
    assert_eq!(shots.shots.iter().map(|s| s.frames).sum::<u64>(), shots.total_frames);
    assert!(shots.shots.iter().all(|s| shots.edit_rate.ms(s.frames) <= adapt::MAX_SHOT_MS));
    assert!(shots.shots.iter().any(|s| matches!(s.content, ShotContent::Card(_))));
    assert!((output.measured.loudness_cb + 1_600).abs() <= 100, "{} LUFS/100", output.measured.loudness_cb);
    assert!(output.measured.true_peak_cb <= -100, "{} dBTP/100", output.measured.true_peak_cb);
    assert_eq!(output.measured.lines_planned, read.lines.len() as u64);
    assert!(output.measured.lines_heard * 100 >= output.measured.lines_planned * 95);
    assert!(output.verdicts.len() >= 5 && output.verdicts.iter().all(|v| v.pass));
    assert!(resolved.assets.values().all(|a| !a.rights.licence.is_empty()));
    let srt = fs::read_to_string(out.join("captions.srt")).expect("captions");
    let shown: Vec<String> =
        render::captions::srt_text(&srt).iter().flat_map(|t| t.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect();
    let said: Vec<String> = script.lines().flat_map(|(_, _, l)| l.text.split_whitespace().map(str::to_owned)).collect();
    assert_eq!(shown, said);
    let texts: Vec<&str> = script.lines().map(|(_, _, l)| l.text.as_str()).collect();
    let mut once = texts.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), texts.len(), "a sentence is said twice");
}

/// Every document validates; without any one of its required leaves it is refused, and the leaf is named.
fn documents_hold(out: &Path) {
    let checked = ok(reel(out).args(["schema", "validate", "--json"]).arg(out));
    assert_eq!(checked["valid"], true, "{checked}");
    let mut kinds = std::collections::BTreeSet::new();
    let files = fs::read_dir(out).expect("the run folder").flatten();
    // The words' times and the pictures as other programs know them stand beside the documents.
    let beside = ["timestamps.json", "visuals.json"];
    for entry in files.filter(|e| e.path().extension().is_some_and(|e| e == "json") && !beside.iter().any(|name| e.file_name() == *name)) {
        let value: Value = serde_json::from_slice(&fs::read(entry.path()).expect("a file")).expect("JSON");
        let id = value["schema_id"].as_str().expect("an id").to_owned();
        let kind = documents().iter().find(|d| d.id == id).expect("a known document");
        let schema = kind.schema();
        let required: Vec<String> =
            schema["required"].as_array().expect("a list").iter().filter_map(|r| r.as_str().map(str::to_owned)).collect();
        for leaf in &required {
            let mut less = value.clone();
            less.as_object_mut().expect("an object").remove(leaf);
            let error = kind.check(&serde_json::to_vec(&less).expect("JSON")).expect_err("a required leaf is missing");
            assert!(matches!(error, ReadError::Field { .. }) && error.to_string().starts_with(&format!("/{leaf}: ")), "{id}: {error}");
        }
        let deep = deep_leaf(&schema, &value);
        if let Some((pointer, less)) = deep {
            let error = kind.check(&serde_json::to_vec(&less).expect("JSON")).expect_err("a required leaf is missing");
            assert!(error.to_string().contains(&pointer), "{id}: {error} does not name {pointer}");
        }
        kinds.insert(id);
    }
    // All of the chain; the example's author wrote no notes and chose no take, no client sent a package, nobody packed, and no model
    // was given what it may know. A Decision stands in the document of all of them.
    let mut missing: Vec<&str> = documents().iter().map(|d| d.id).filter(|id| !kinds.contains(*id)).collect();
    missing.sort_unstable();
    let unmade =
        ["bundle", "context_pack", "decision", "notes", "promise_lock", "render_package", "render_response", "selections", "takes"];
    assert_eq!(missing, unmade, "{kinds:?}");
}

/// A required leaf inside the first list of objects, and the document without it.
fn deep_leaf(schema: &Value, value: &Value) -> Option<(String, Value)> {
    let properties = schema["properties"].as_object()?;
    for (name, property) in properties {
        let reference = property["items"]["$ref"].as_str()?.strip_prefix("#/$defs/").map(str::to_owned);
        let Some(item) = reference.and_then(|r| schema["$defs"].get(&r).cloned()) else { continue };
        let Some(leaf) = item["required"].as_array().and_then(|r| r.first()).and_then(Value::as_str) else { continue };
        if value[name].get(0).is_some() {
            let mut less = value.clone();
            less[name][0].as_object_mut()?.remove(leaf);
            return Some((format!("/{name}/0/{leaf}"), less));
        }
    }
    None
}
