//! What a run would do, said before; what it did, made again and asked about afterwards.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::{ok, reel, refused, root};

/// A copy of the smallest film, to change.
fn tiny(dir: &Path) -> PathBuf {
    let (from, to) = (root().join("tests/fixtures/tiny"), dir.join("tiny"));
    fs::create_dir_all(to.join("episodes/01")).expect("folders");
    for file in ["project.toml", "episodes/01/script.fountain"] {
        fs::copy(from.join(file), to.join(file)).expect("copies");
    }
    to
}

/// Stages of a plan that would run something: name, steps to make.
fn to_make(plan: &Value) -> Vec<(String, u64)> {
    let stages = plan["stages"].as_array().expect("stages").iter();
    let stages = stages.map(|s| (s["name"].as_str().unwrap_or_default().to_owned(), s["to_make"].as_u64().unwrap_or_default()));
    stages.filter(|(_, n)| *n > 0).collect()
}

/// Stages of a run that made something: name, steps made.
fn made(home: &Path) -> Vec<(String, u64)> {
    let show = ok(reel(home).args(["show", "latest", "--json"]));
    let stages = show["summary"]["stages"].as_array().expect("stages").iter();
    let made = |s: &Value| s["steps"].as_u64().unwrap_or_default() - s["hits"].as_u64().unwrap_or_default();
    stages.map(|s| (s["name"].as_str().unwrap_or_default().to_owned(), made(s))).filter(|(_, n)| *n > 0).collect()
}

#[test]
fn a_plan_says_what_the_run_then_does_and_makes_no_picture() {
    let dir = tempfile::tempdir().expect("a folder");
    let (home, project) = (dir.path().join("home"), tiny(dir.path()));
    let plan = |flags: &[&str]| ok(reel(&home).arg("produce").arg(&project).args(["--draft", "--plan", "--json"]).args(flags));
    let produce = || ok(reel(&home).arg("produce").arg(&project).args(["--draft", "--yes", "--json"]));

    let cold = plan(&[]);
    assert_eq!((&cold["status"], &cold["cost_micro_usd"]), (&json!("planned"), &json!(0)));
    assert_eq!((&cold["waits"], &cold["next_actions"][0][1]), (&json!([]), &json!("produce")));
    // Nothing dear has run: no picture, no shot.
    let looked = cold["run_id"].as_str().expect("a run");
    let show = ok(reel(&home).args(["show", looked, "--json"]));
    assert_eq!(show["status"], "partial");
    let dear: BTreeSet<String> = to_make(&cold).into_iter().map(|(name, _)| name).collect();
    assert!(["assets", "shots", "mix", "soundtrack", "join", "publish"].iter().all(|s| dear.contains(*s)), "{dear:?}");

    // What the plan thought is kept, and what it foresaw comes.
    produce();
    let came = made(&home);
    assert!(came.iter().all(|(name, _)| !["arc", "script", "table_read", "shotlist", "manifest"].contains(&name.as_str())), "{came:?}");
    let mut foreseen = to_make(&cold);
    foreseen.retain(|(name, _)| came.iter().any(|(stage, _)| stage == name));
    let sorted = |mut list: Vec<(String, u64)>| {
        list.sort();
        list
    };
    assert_eq!(sorted(came), sorted(foreseen));
    let warm = plan(&[]);
    let latest = ok(reel(&home).args(["show", "latest", "--json"]));
    assert_eq!(latest["status"], "completed", "a look is not the newest run");
    assert_ne!(latest["run_id"], warm["run_id"]);
    assert_eq!((&warm["status"], &warm["to_make"]), (&json!("remembered"), &json!(0)), "{warm}");

    // One changed line: the plan names the steps that the run then makes, and what else may follow is at most as much.
    let script = project.join("episodes/01/script.fountain");
    let text = fs::read_to_string(&script).expect("reads");
    fs::write(&script, text.replace("I left it open.", "I left it shut.")).expect("writes");
    let line = plan(&[]);
    let foreseen = to_make(&line);
    produce();
    for (name, n) in
        made(&home).iter().filter(|(name, _)| ["assets", "shots", "mix", "soundtrack", "join", "publish"].contains(&name.as_str()))
    {
        let most = foreseen.iter().find(|(stage, _)| stage == name).map_or(0, |(_, n)| *n);
        assert!(*n <= most, "{name}: {n} made, {most} foreseen in {line}");
    }

    // A fault of the project is said as a run would say it; a point at which the run would wait is said, and nobody is asked.
    fs::write(project.join("episodes/01/notes.toml"), "[[card]]\n").expect("writes");
    refused(reel(&home).arg("produce").arg(&project).args(["--draft", "--plan", "--json"]), 3, "notes.malformed");
    fs::remove_file(project.join("episodes/01/notes.toml")).expect("removes");
    let settings = fs::read_to_string(project.join("project.toml")).expect("reads");
    fs::write(project.join("project.toml"), settings.replace("lock = false", "lock = true")).expect("writes");
    let waits = plan(&[])["waits"].clone();
    assert_eq!(waits[0]["point"], "approve_shotlist_timing_lock", "{waits}");
    assert_eq!(plan(&["--yes"])["waits"], json!([]));
}

#[test]
fn a_stage_is_made_again_from_there_on_and_the_film_is_the_same() {
    let dir = tempfile::tempdir().expect("a folder");
    let (home, project, out) = (dir.path().join("home"), tiny(dir.path()), dir.path().join("film"));
    ok(reel(&home).arg("produce").arg(&project).args(["--draft", "--yes", "--json", "--out"]).arg(&out));
    let film = fs::read(out.join("final.mp4")).expect("a film");
    let again = ok(reel(&home).args(["rerun", "latest", "--from", "mix", "--json"]));
    assert_eq!(again["came_out_otherwise"], json!([]));
    let stages: Vec<String> = made(&home).into_iter().map(|(name, _)| name).collect();
    assert_eq!(stages, ["mix", "soundtrack", "join", "publish"], "only what reads it");
    assert_eq!(fs::read(out.join("final.mp4")).expect("a film"), film, "the same folder, the same film");
    // Nothing is named: only what is not remembered runs.
    ok(reel(&home).args(["rerun", "latest", "--json"]));
    assert_eq!(made(&home), []);

    refused(reel(&home).args(["rerun", "latest", "--from", "nowhere", "--json"]), 2, "usage");
    refused(reel(&home).args(["rerun", "no-such-run", "--json"]), 2, "usage");
    ok(reel(&home).arg("write").arg(&project).arg("--json"));
    let runs = ok(reel(&home).args(["runs", "--json"]));
    let written = runs["runs"].as_array().expect("runs").iter().find(|r| r["look"] == true).expect("a story alone is a look");
    refused(reel(&home).args(["rerun", written["run_id"].as_str().expect("an id"), "--json"]), 2, "usage");
}

#[test]
fn an_audit_holds_and_a_changed_byte_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let (home, project, out) = (dir.path().join("home"), tiny(dir.path()), dir.path().join("film"));
    let film = ok(reel(&home).arg("produce").arg(&project).args(["--draft", "--yes", "--json", "--out"]).arg(&out));
    let run = film["run_id"].as_str().expect("a run");
    let audit = ok(reel(&home).args(["audit", run, "--json"]));
    assert_eq!(audit["holds"], true, "{audit}");
    let names: Vec<&str> = audit["checks"].as_array().expect("checks").iter().filter_map(|c| c["name"].as_str()).collect();
    for name in ["content", "documents", "lineage", "results", "graph", "once", "totals", "film"] {
        assert!(names.contains(&name), "{name} looked at nothing: {names:?}");
    }
    // The mix, changed behind the registry's back.
    let output: Value = serde_json::from_slice(&fs::read(out.join("RenderOutput.json")).expect("reads")).expect("JSON");
    let mix = output["mix"].as_str().expect("an address");
    let path = home.join("objects").join(&mix[..2]).join(&mix[2..]);
    let mut bytes = fs::read(&path).expect("reads");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let mut mode = fs::metadata(&path).expect("is there").permissions();
    #[allow(clippy::permissions_set_readonly_false, reason = "a test's own file")]
    mode.set_readonly(false);
    fs::set_permissions(&path, mode).expect("sets");
    fs::write(&path, &bytes).expect("writes");
    let answer = reel(&home).args(["audit", run, "--json"]).output().expect("starts");
    let said = crate::json(&answer);
    assert_eq!((answer.status.code(), &said["holds"]), (Some(7), &json!(false)), "{said}");
    assert!(said["checks"].to_string().contains(&mix[..8]), "{said}");
    // Made again, it holds again.
    ok(reel(&home).args(["rerun", run, "--json"]));
    assert_eq!(ok(reel(&home).args(["audit", run, "--json"]))["holds"], true);
}

#[test]
fn a_packed_run_is_proven_by_another_home_and_a_changed_byte_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let (home, project, bundle) = (dir.path().join("home"), tiny(dir.path()), dir.path().join("gate.reel.tar"));
    let film = ok(reel(&home).arg("produce").arg(&project).args(["--draft", "--yes", "--json"]));
    let packed = ok(reel(&home).args(["pack", film["run_id"].as_str().expect("a run"), "--json", "--out"]).arg(&bundle));
    // The same run gives the same bundle, and nothing in it says where it was made or by whom.
    let bytes = fs::read(&bundle).expect("a bundle");
    ok(reel(&home).args(["pack", film["run_id"].as_str().expect("a run"), "--json", "--out"]).arg(&bundle));
    assert!(fs::read(&bundle).expect("a bundle") == bytes, "the same run, another bundle");
    let place = dir.path().display().to_string();
    assert!(!bytes.windows(place.len()).any(|w| w == place.as_bytes()), "a folder of this machine is in the bundle");

    let replay = |file: &Path, flags: &[&str]| {
        let mut command = reel(&dir.path().join("elsewhere"));
        command.arg("replay").arg(file).arg("--json").args(flags);
        command
    };
    let proven = ok(&mut replay(&bundle, &[]));
    assert_eq!((&proven["holds"], &proven["steps"], &proven["other"]), (&json!(true), &packed["steps"], &json!({})), "{proven}");
    assert_eq!(proven["same"], packed["steps"], "every step was made again, with the same bytes");
    let left: Vec<_> = fs::read_dir(dir.path().join("elsewhere/tmp")).expect("lists").map(|e| e.expect("an entry").file_name()).collect();
    assert_eq!(left, ["lock"], "nothing stays of a replay");

    // One bit of the film, and one of the list.
    let changed = dir.path().join("changed.tar");
    let mut other = bytes.clone();
    let at = other.len() - other.len() / 4;
    other[at] ^= 1;
    fs::write(&changed, &other).expect("writes");
    let answer = replay(&changed, &["--files"]).output().expect("starts");
    assert_eq!(answer.status.code(), Some(7), "{}", String::from_utf8_lossy(&answer.stdout));
    let said = crate::json(&answer);
    assert!(said["holds"] == json!(false) && said["faults"].as_array().is_some_and(|f| f.len() == 1), "{said}");
    // What is no bundle, or leads out of it.
    for hostile in [&b"not a bundle"[..], &bytes[..2000], &[]] {
        fs::write(&changed, hostile).expect("writes");
        refused(&mut replay(&changed, &[]), 3, "document.refused");
    }
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(1);
    let name = b"../../out";
    header.as_old_mut().name[..name.len()].copy_from_slice(name);
    header.set_cksum();
    tar.append(&header, &b"x"[..]).expect("appends");
    fs::write(&changed, tar.into_inner().expect("ends")).expect("writes");
    refused(&mut replay(&changed, &[]), 3, "document.refused");

    // A project that is not as it was is not packed in the run's name.
    let script = project.join("episodes/01/script.fountain");
    let text = fs::read_to_string(&script).expect("reads");
    fs::write(&script, text.replace("I left it open.", "I left it shut.")).expect("writes");
    refused(reel(&home).args(["pack", film["run_id"].as_str().expect("a run"), "--json", "--out"]).arg(&bundle), 2, "usage");
}
