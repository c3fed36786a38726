//! The canon by hand: a diff is judged, kept in the project, entered before the episode it names, taken back; a stale one is refused.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::notes::example;
use crate::{json as answer_of, ok, reel, refused};

struct Desk {
    dir: tempfile::TempDir,
    project: PathBuf,
}

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let project = example(dir.path());
        Self { dir, project }
    }

    fn canon(&self, verb: &str, more: &[&str]) -> Command {
        let mut command = reel(&self.dir.path().join("home"));
        command.args(["canon", verb]).arg(&self.project).args(more).arg("--json");
        command
    }

    fn diff(&self, diff: Value) -> String {
        let file = self.dir.path().join("diff.json");
        fs::write(&file, diff.to_string()).expect("writes");
        file.display().to_string()
    }

    fn script(&self, episode: &str) -> Value {
        ok(reel(&self.dir.path().join("home")).arg("write").arg(&self.project).args(["--episode", episode, "--json"]))
    }

    fn files(&self) -> usize {
        fs::read_dir(self.project.join("canon")).map_or(0, Iterator::count)
    }
}

fn fact(id: &str, value: &str) -> Value {
    json!({"id": id, "subject": "bram", "attribute": "owes", "value": value, "from": "0131-10-22"})
}

fn owes(id: &str) -> Value {
    json!({"justification": "Bram owes the harbour", "added": [fact(id, "a tin")]})
}

#[test]
fn a_diff_enters_before_its_episode_and_is_taken_back() {
    let desk = Desk::new();
    let (first, second) = (desk.script("1"), desk.script("2"));
    let show = ok(&mut desk.canon("show", &["--before", "2"]));
    let file = desk.diff(json!({"base": show["address"], "justification": "Bram owes the harbour", "added": [fact("h-debt", "a tin")]}));
    let checked = ok(&mut desk.canon("check", &[&file, "--before", "2"]));
    assert_eq!((checked["verdict"]["pass"].as_bool(), desk.files()), (Some(true), 0));
    let done = ok(&mut desk.canon("apply", &[&file, "--before", "2"]));
    assert_eq!((done["file"].as_str(), done["counts"]["added"].as_u64()), (Some("canon/0001.json"), Some(1)), "{done}");
    // The episode before it is the same to the byte; the one after it is written over another canon.
    assert_eq!(desk.script("1"), first);
    assert_ne!(desk.script("2")["canon_diff"]["base"], second["canon_diff"]["base"]);
    let now = ok(&mut desk.canon("show", &["--before", "2"]));
    assert_eq!(now["address"], done["address"], "what was promised is what stands");
    assert!(now["canon"]["facts"].as_array().is_some_and(|f| f.iter().any(|f| f["id"] == "h-debt" && f["source"] == "canon/0001.json")));
    // In another home the same folder gives the same canon.
    let elsewhere = desk.dir.path().join("elsewhere");
    let there = ok(reel(&elsewhere).args(["canon", "show"]).arg(&desk.project).args(["--before", "2", "--json"]));
    assert_eq!(there["address"], now["address"]);
    // What holds then, and before.
    let holds = |when: &str| {
        let then = ok(&mut desk.canon("as-of", &[when]));
        then["facts"].as_array().is_some_and(|f| f.iter().any(|f| f["id"] == "h-debt"))
    };
    assert!(holds("ep2") && !holds("ep1"));
    // Taken back: the canon is what it was but for its version, and both diffs stay on record.
    let back = ok(&mut desk.canon("revert", &["1", "--before", "2"]));
    assert_eq!((back["file"].as_str(), back["counts"]["removed"].as_u64()), (Some("canon/0002.json"), Some(1)));
    let after = ok(&mut desk.canon("show", &["--before", "2"]));
    let but_version = |mut canon: Value| {
        canon["version"] = json!(0);
        canon
    };
    assert_eq!(but_version(after["canon"].clone()), but_version(show["canon"].clone()));
    let log = ok(&mut desk.canon("log", &[]));
    let by: Vec<&str> = log["versions"].as_array().into_iter().flatten().filter_map(|v| v["by"].as_str()).collect();
    assert!(by.contains(&"canon/0001.json, before episode 2") && by.contains(&"canon/0002.json, before episode 2"), "{by:?}");
    let versions: Vec<u64> = log["versions"].as_array().into_iter().flatten().filter_map(|v| v["version"].as_u64()).collect();
    assert_eq!(versions, (0..versions.len() as u64).collect::<Vec<_>>(), "one line of versions");
    // Twice is once too often.
    refused(&mut desk.canon("revert", &["1", "--before", "2"]), 5, "canon.conflict");
    refused(&mut desk.canon("revert", &["7"]), 2, "usage");
}

#[test]
fn a_stale_a_contradicting_and_a_malformed_diff_change_nothing() {
    let desk = Desk::new();
    let base = ok(&mut desk.canon("show", &[]))["address"].clone();
    let stale = json!({"base": base, "justification": "why", "added": [fact("h-two", "two tins")]});
    ok(&mut desk.canon("apply", &[&desk.diff(owes("h-one"))]));
    let answer = refused(&mut desk.canon("apply", &[&desk.diff(stale)]), 3, "canon.stale");
    let next = answer["next_actions"][0].as_array().cloned().unwrap_or_default();
    assert_eq!(next.get(2), Some(&json!("show")), "{answer}");
    let twice = json!({"justification": "why", "added": [{"id": "x", "subject": "nessa", "attribute": "born", "value": "0050-01-01", "from": "0050-01-01", "kind": "immutable"}]});
    let answer = refused(&mut desk.canon("apply", &[&desk.diff(twice.clone())]), 5, "canon.contradiction");
    assert!(answer["error"]["findings"][0]["code"].as_str().is_some_and(|c| c.starts_with("canon.age")), "{answer}");
    let output = desk.canon("check", &[&desk.diff(twice)]).output().expect("starts");
    assert_eq!((output.status.code(), answer_of(&output)["verdict"]["pass"].as_bool()), (Some(5), Some(false)));
    // A value that would contradict a fact only if that fact stayed: it is changed in the same diff.
    for (diff, code) in [
        (json!({"justification": "why"}), "canon.diff_malformed"),
        (json!({"justification": "why", "project_id": "other", "added": [fact("y", "z")]}), "canon.diff_malformed"),
        (json!({"justification": "why", "learned": [{"who": "bram", "fact": "h-one", "cause": "sc01"}]}), "canon.diff_malformed"),
        (json!({"justification": "", "added": [fact("y", "z")]}), "document.refused"),
        (json!({"justification": "why", "addded": []}), "document.refused"),
        (json!({"justification": "why", "added": [{"id": "y"}]}), "document.refused"),
        (json!([1]), "document.refused"),
    ] {
        refused(&mut desk.canon("apply", &[&desk.diff(diff)]), 3, code);
    }
    assert_eq!(desk.files(), 1);
    // What the author applied is laid over a canon that has moved on, unless it touches what has changed.
    let changed = json!({"justification": "why", "modified": [fact("h-one", "three tins")]});
    ok(&mut desk.canon("apply", &[&desk.diff(changed)]));
    let file = desk.project.join("canon/0001.json");
    let text = fs::read_to_string(&file).expect("reads");
    fs::write(&file, text.replace("a tin", "half a tin")).expect("writes");
    let answer = refused(&mut desk.canon("show", &[]), 5, "canon.conflict");
    assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains("canon/0002.json") && m.contains("h-one")), "{answer}");
    refused(reel(&desk.dir.path().join("home")).arg("write").arg(&desk.project).arg("--json"), 5, "canon.conflict");
    fs::write(&file, text.replace("\"before\"", "\"befor\"")).expect("writes");
    refused(&mut desk.canon("show", &[]), 3, "project.malformed");
}

#[test]
fn of_many_who_apply_at_once_each_is_kept_or_told() {
    let desk = Desk::new();
    let base = ok(&mut desk.canon("show", &[]))["address"].clone();
    let start = |n: usize| {
        let file = desk.dir.path().join(format!("{n}.json"));
        let diff = json!({"base": base, "justification": "why", "added": [fact(&format!("h-{n}"), "a tin")]});
        fs::write(&file, diff.to_string()).expect("writes");
        let mut command = desk.canon("apply", &[]);
        command.arg(file).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("starts")
    };
    let children: Vec<_> = (0..4).map(start).collect();
    let ended: Vec<_> = children.into_iter().map(|c| c.wait_with_output().expect("ends")).collect();
    let kept = ended.iter().filter(|o| o.status.success()).count();
    assert_eq!((kept, desk.files()), (1, 1), "{ended:?}");
    for other in ended.iter().filter(|o| !o.status.success()) {
        assert_eq!(answer_of(other)["error"]["code"], "canon.stale");
    }
}
