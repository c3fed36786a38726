//! A run in one process, a person in another: pause, resume, cancel, drain, and a retry that is refused by name.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use contracts::Id;
use registry::Registry;
use serde_json::Value;

use crate::{film::files, json, ok, reel, refused, root};

/// The smallest film there is, begun.
fn begin(home: &Path, project: &Path) -> Child {
    let mut command = reel(home);
    command.arg("produce").arg(project).args(["--yes", "--json", "--no-voice", "--draft", "--jobs", "1"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts")
}

fn show(home: &Path) -> Value {
    ok(reel(home).args(["show", "latest", "--steps", "--json"]))
}

fn done(show: &Value) -> usize {
    show["steps"].as_array().map_or(0, |steps| steps.iter().filter(|s| s["state"] == "done").count())
}

/// Waits until the newest run is as wanted; the film's own process must still be there.
fn until(home: &Path, child: &mut Child, what: impl Fn(&Value) -> bool) -> Value {
    loop {
        assert!(child.try_wait().expect("is watched").is_none(), "the run ended too soon");
        let output = reel(home).args(["show", "latest", "--steps", "--json"]).output().expect("starts");
        if output.status.success() {
            let now = json(&output);
            if what(&now) {
                return now;
            }
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn end(child: Child) -> Output {
    child.wait_with_output().expect("ends")
}

#[test]
fn a_run_is_paused_resumed_and_cancelled_from_another_process_and_the_same_command_goes_on() {
    let dir = tempfile::tempdir().expect("a folder");
    let (home, project) = (dir.path().join("home"), dir.path().join("tern-head"));
    ok(reel(&home).arg("new").arg(&project).arg("--json"));
    let mut child = begin(&home, &project);
    until(&home, &mut child, |now| done(now) > 3);
    let paused = ok(reel(&home).args(["pause", "latest", "--json"]));
    let run = paused["run_id"].as_str().expect("a run").to_owned();
    assert_eq!((&paused["control"], &paused["changed"]), (&Value::from("pause"), &Value::from(true)));
    assert_eq!(paused["next_actions"][0], serde_json::json!(["reel", "resume", run]));
    // What runs ends; then nothing moves.
    let held = until(&home, &mut child, |now| now["steps"].as_array().is_some_and(|s| s.iter().all(|s| s["state"] != "running")));
    assert_eq!((&held["status"], &held["control"]), (&Value::from("running"), &Value::from("pause")));
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(done(&show(&home)), done(&held), "a paused run starts nothing");
    assert_eq!(ok(reel(&home).args(["pause", &run, "--json"]))["changed"], false);
    // A retry of what has not failed, and of what is not there, says what is allowed.
    for (step, is) in [("arc", "which is done"), ("no/such", "which the run does not have")] {
        let no = refused(reel(&home).args(["retry", &run, step, "--json"]), 2, "step.not_retried");
        assert!(no["error"]["message"].as_str().expect("a message").contains(is), "{no}");
    }
    assert_eq!(ok(reel(&home).args(["resume", &run, "--json"]))["was"], "pause");
    until(&home, &mut child, |now| done(now) > done(&held));
    let cancelled = ok(reel(&home).args(["cancel", &run, "--json"]));
    assert_eq!(cancelled["control"], "cancel");
    let output = end(child);
    let said = json(&output);
    assert_eq!((output.status.code(), &said["error"]["code"]), (Some(130), &Value::from("run.cancelled")), "{said}");
    let after = show(&home);
    assert_eq!(after["status"], "cancelled", "{after}");
    let kept = done(&after);
    // Nothing more can be asked of it.
    for verb in [vec!["pause"], vec!["resume"], vec!["drain"], vec!["cancel"], vec!["retry"]] {
        let mut command = reel(&home);
        command.args(&verb).arg(&run);
        if verb == ["retry"] {
            command.arg("arc");
        }
        refused(command.arg("--json"), 2, "run.ended");
    }
    refused(reel(&home).args(["pause", "no-such-run", "--json"]), 2, "usage");
    // The command that is named goes on, and makes nothing twice.
    let argv: Vec<&str> = said["next_actions"][0].as_array().expect("a command").iter().filter_map(Value::as_str).collect();
    assert_eq!(argv[0], "reel");
    let made = ok(reel(&home).args(&argv[1..]).arg("--json"));
    assert_eq!(made["status"], "completed", "{made}");
    assert!(made["cache"]["hits"].as_u64() >= Some(kept as u64), "{kept} steps were done: {made}");
}

#[test]
fn a_drained_run_ends_partial_and_says_how_to_go_on() {
    let dir = tempfile::tempdir().expect("a folder");
    let (home, project) = (dir.path().join("home"), dir.path().join("tern-head"));
    ok(reel(&home).arg("new").arg(&project).arg("--json"));
    let mut child = begin(&home, &project);
    until(&home, &mut child, |now| done(now) > 1);
    let said: Value = ok(reel(&home).args(["drain", "latest", "--json"]));
    let argv = said["next_actions"].as_array().expect("actions").last().expect("one").clone();
    assert_eq!((&argv[0], &argv[1]), (&Value::from("reel"), &Value::from("produce")));
    let output = end(child);
    assert_eq!((output.status.code(), &json(&output)["error"]["code"]), (Some(130), &Value::from("run.drained")));
    let after = show(&home);
    assert_eq!(after["status"], "partial");
    let steps = after["steps"].as_array().expect("steps");
    assert!(steps.iter().all(|s| s["state"] == "done" || s["state"] == "ready"), "what ran was finished: {after}");
}

#[test]
fn a_worker_paints_and_sounds_what_waits_while_the_run_stands_still_and_the_film_is_the_same() {
    let dir = tempfile::tempdir().expect("a folder");
    let (home, alone, out) = (dir.path().join("home"), dir.path().join("alone"), dir.path().join("out"));
    let produce = |home: &Path, out: &Path| {
        let mut command = reel(home);
        command
            .arg("produce")
            .arg(root().join("tests/fixtures/tiny"))
            .args(["--yes", "--json", "--draft", "--jobs", "1", "--out"])
            .arg(out);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    };
    let mut worker = reel(&home).args(["worker", "--jobs", "2"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
    // The run takes the first of the stage, and then stands still with it: all others are the worker's.
    let mut run = produce(&home, &out).env("REELWRIGHT_FAILPOINT", "orchestrator.before_step assets/=stop").spawn().expect("starts");
    let left = |now: &Value| {
        let steps = now["steps"].as_array().map_or(&[] as &[Value], Vec::as_slice);
        let assets: Vec<&Value> = steps.iter().filter(|s| s["step"].as_str().is_some_and(|n| n.starts_with("assets/"))).collect();
        if assets.len() < 3 { usize::MAX } else { assets.iter().filter(|s| s["state"] != "done").count() }
    };
    // None is left when the worker was slow enough to relieve the run of its first, too.
    until(&home, &mut run, |now| left(now) <= 1);
    assert!(Command::new("sh").arg("-c").arg(format!("kill -CONT {}", run.id())).status().expect("starts").success());
    let made = end(run);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    worker.kill().expect("is there");
    worker.wait().expect("ends");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let kinds: BTreeSet<String> = runtime.block_on(async {
        let registry = Registry::open(&home).await.expect("opens");
        let run = Id::new(json(&made)["run_id"].as_str().expect("a run")).expect("an id");
        let owner = registry.run(&run).await.expect("reads").expect("is there").owner;
        let other = registry.attempts(&run).await.expect("reads").into_iter().filter(|a| a.owner != owner).map(|a| a.step);
        let other: BTreeSet<String> = other.collect();
        registry.steps(&run).await.expect("reads").into_iter().filter(|s| other.contains(&s.step.name)).map(|s| s.step.kind).collect()
    });
    assert!(["paint", "sound", "score"].iter().all(|kind| kinds.contains(*kind)), "{kinds:?}");
    ok(&mut produce(&dir.path().join("elsewhere"), &alone));
    let (a, b) = (files(&out), files(&alone));
    let differing: Vec<&String> = a.iter().filter(|(name, bytes)| b.get(*name) != Some(*bytes)).map(|(name, _)| name).collect();
    assert!(differing.is_empty() && a.len() == b.len(), "differ: {differing:?}");
}
