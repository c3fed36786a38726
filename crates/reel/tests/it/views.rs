//! What is told of runs: from the registry alone, the same in every view, with what comes next.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use registry::Registry;
use serde_json::{Value, json};

use crate::{json as last, ok, reel, root};

/// A project in a folder of its own, and a home.
fn desk(dir: &Path) -> (PathBuf, PathBuf) {
    let (home, project) = (dir.join("home"), dir.join("tern-head"));
    ok(reel(&home).arg("new").arg(&project).arg("--json"));
    (home, project)
}

/// The smallest film there is.
fn produce(home: &Path, project: &Path) -> Command {
    let mut command = reel(home);
    command.arg("produce").arg(project).args(["--yes", "--json", "--no-voice", "--draft", "--out"]).arg(project.join("film"));
    command
}

/// Reads the registry itself, as no view does.
fn tables<T>(home: &Path, read: impl AsyncFnOnce(&Registry) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let registry = Registry::open(home).await.expect("the registry");
        let told = read(&registry).await;
        registry.close().await;
        told
    })
}

/// Verbs after which nothing comes, and why.
const ENDS: [(&str, &str); 7] = [
    ("schema", "it prints shapes"),
    ("doctor", "it names what to install where something is missing"),
    ("artifacts", "what is sound needs nothing"),
    ("route", "it answers what was asked, and does nothing"),
    ("promise", "it answers what was asked, and does nothing"),
    ("policy", "it answers what was asked, and does nothing"),
    ("explain", "it tells what was"),
];
/// Verbs whose answer is not a report: a document of a contract of its own, or lines of a server that ends with its client.
const OTHERS: [&str; 3] = ["render", "watch", "mcp"];

#[test]
fn every_result_and_every_error_says_what_comes_next() {
    let dir = tempfile::tempdir().expect("a folder");
    let (home, project) = desk(dir.path());
    let run = |words: &[&str]| -> Value {
        let output = reel(&home).args(words).arg("--json").stdin(Stdio::null()).output().expect("starts");
        last(&output)
    };
    let p = project.to_str().expect("is text");
    // A run that waits for a person, a film, and a change of one line.
    fs::write(project.join("project.toml"), {
        let text = fs::read_to_string(project.join("project.toml")).expect("reads");
        text.replace("approve_shotlist_timing_lock = false", "approve_shotlist_timing_lock = true")
    })
    .expect("writes");
    let waits = run(&["produce", p, "--no-voice", "--draft", "--out", &format!("{p}/film")]);
    assert_eq!(waits["error"]["code"], "approval.needed", "{waits}");
    let waiting = waits["run_id"].as_str().expect("a run").to_owned();
    let listed = run(&["runs", "--waiting"]);
    assert_eq!(listed["runs"][0]["waits_for"][0]["point"], "approve_shotlist_timing_lock", "{listed}");
    assert_eq!(run(&["runs", "--waiting", "--status", "completed"])["runs"], json!([]));
    let shown = run(&["show", &waiting]);
    assert_eq!((&shown["word"], &shown["next_actions"][0][1]), (&json!("waits"), &json!("approve")));
    let text = reel(&home).args(["show", &waiting]).output().expect("starts").stdout;
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(text.contains(&format!("reel approve {waiting} approve_shotlist_timing_lock")), "{text}");
    assert!(text.contains("go on   reel produce "), "{text}");
    let top = run(&["top"]);
    assert_eq!((&top["runs"][0]["word"], &top["next_actions"][0][1]), (&json!("waits"), &json!("approve")), "{top}");
    let no = run(&["reject", &waiting]);
    let yes = {
        // The no stands; the same command names the yes.
        let film = run(&["produce", p, "--no-voice", "--draft", "--yes", "--out", &format!("{p}/film")]);
        assert_eq!(film["status"], "completed", "{film}");
        film
    };
    let made = yes["run_id"].as_str().expect("a run").to_owned();
    let words: Vec<(&str, Vec<&str>)> = vec![
        ("new", vec!["new", "PLACE"]),
        ("propose", vec!["propose", p]),
        ("runs", vec!["runs"]),
        ("show", vec!["show", &made]),
        ("diff", vec!["diff", &waiting, &made]),
        ("top", vec!["top", "--once"]),
        ("events", vec!["events", &made]),
        ("audit", vec!["audit", &made]),
        ("takes", vec!["takes", &made]),
        ("write", vec!["write", p]),
        ("frame", vec!["frame", &made, "1s", "--out", "FRAME"]),
        ("storyboard", vec!["storyboard", &made, "--out", "BOARD"]),
        ("schema", vec!["schema", "list"]),
        ("artifacts", vec!["artifacts", "verify"]),
        ("doctor", vec!["doctor"]),
        ("route", vec!["route", "select", "REQUEST"]),
        ("promise", vec!["promise", "classify", "BRIEF"]),
        ("policy", vec!["policy", "check", "POLICY"]),
        ("explain", vec!["explain", "CHOSEN"]),
        ("telemetry", vec!["telemetry", "routing"]),
        ("visuals", vec!["visuals", p, "--no-voice", "--draft"]),
    ];
    let put = |name: &str, text: String| {
        fs::write(dir.path().join(name), text).expect("writes");
        dir.path().join(name).display().to_string()
    };
    let request =
        put("request.json", json!({"subject": "s", "modality": "image", "data_class": "public", "policy": "configured"}).to_string());
    let brief = put("brief.json", json!({"pipeline_type": "cinematic"}).to_string());
    let policy = put("policy.json", json!({"schemaVersion": 1, "visuals": {"routingPolicy": "balanced"}}).to_string());
    let chosen = put("chosen.json", run(&["route", "select", &request])["decision"].to_string());
    let (place, frame, board) = (dir.path().join("other"), dir.path().join("frame.png"), dir.path().join("board"));
    let mut seen: BTreeSet<String> = ["produce", "reject"].map(str::to_owned).into();
    for (what, answer) in [("reject", &no), ("produce", &yes)] {
        assert!(answer["next_actions"].as_array().is_some_and(|next| !next.is_empty()), "{what}: {answer}");
    }
    for (verb, words) in words {
        let words: Vec<String> = words
            .iter()
            .map(|word| match *word {
                "PLACE" => place.display().to_string(),
                "FRAME" => frame.display().to_string(),
                "BOARD" => board.display().to_string(),
                "REQUEST" => request.clone(),
                "BRIEF" => brief.clone(),
                "POLICY" => policy.clone(),
                "CHOSEN" => chosen.clone(),
                other => other.to_owned(),
            })
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let answer = run(&words);
        assert!(answer["error"].is_null(), "{verb}: {}", answer["error"]);
        let next = answer["next_actions"].as_array().unwrap_or_else(|| panic!("{verb} says nothing of what comes next"));
        let ends = ENDS.iter().any(|(name, _)| *name == verb);
        assert!(ends || !next.is_empty(), "{verb} ends with nothing to do next, and is not on the list");
        assert!(next.iter().all(|argv| argv[0] == "reel" || argv[0] == "apt-get"), "{verb}: {next:?}");
        seen.insert(verb.to_owned());
    }
    // Every verb there is: its result was looked at, or its error is; those that serve have none of either.
    let help = String::from_utf8(reel(&home).arg("help").output().expect("starts").stdout).expect("is text");
    let verbs: Vec<&str> = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1)
        .take_while(|line| !line.trim().is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .filter(|verb| *verb != "help")
        .collect();
    assert!(verbs.len() > 20, "{help}");
    for verb in verbs {
        let wrong = run(&[verb, "--no-such-option"]);
        assert!(wrong["error"]["code"] == "usage" && wrong["next_actions"].as_array().is_some_and(|n| !n.is_empty()), "{verb}: {wrong}");
        if !seen.contains(verb) && !OTHERS.contains(&verb) {
            // What it needs is not there: the error says what to do.
            let words: &[&str] = match verb {
                "pick" => &["pick", "no-such-run", "sc01-b01-s1", "1"],
                "retry" => &["retry", "no-such-run", "arc"],
                "retake" => &["retake", "no-such-run", "sc01-b01-s1"],
                "worker" => &["worker", "--queue", "none"],
                other => &[other, "no-such-run"],
            };
            let error = run(words);
            assert!(error["next_actions"].as_array().is_some_and(|n| !n.is_empty()), "{verb}: {error}");
        }
    }
}

#[test]
fn two_runs_are_told_apart_by_their_causes_and_the_sums_are_those_of_the_tables() {
    let dir = tempfile::tempdir().expect("a folder");
    let (home, project) = desk(dir.path());
    let first = ok(&mut produce(&home, &project));
    let a = first["run_id"].as_str().expect("a run").to_owned();
    let script: Value = serde_json::from_slice(&fs::read(project.join("film/Script.json")).expect("reads")).expect("is JSON");
    let lines = script["scenes"].as_array().expect("scenes").iter().flat_map(|s| s["beats"].as_array().expect("beats"));
    let line = lines.flat_map(|b| b["lines"].as_array().into_iter().flatten()).nth(1).expect("a line")["id"].as_str().expect("an id");
    fs::create_dir_all(project.join("episodes/01")).expect("a folder");
    fs::write(project.join("episodes/01/notes.toml"), format!("[[line]]\nid = \"{line}\"\ntext = \"It never burned.\"\n")).expect("writes");
    // One of its steps fails, and the run with it; the next one goes on.
    let cut = produce(&home, &project).env("REELWRIGHT_FAILPOINT", "orchestrator.before_step=error@3").output().expect("starts");
    let cut = last(&cut);
    assert_eq!(cut["status"], "failed", "{cut}");
    assert_eq!(cut["next_actions"][0][1], "produce", "{cut}");
    let second = ok(&mut produce(&home, &project));
    let b = second["run_id"].as_str().expect("a run").to_owned();
    let diff = ok(reel(&home).args(["diff", &a, &b, "--json"]));
    let cause = &diff["causes"][0];
    assert_eq!((&cause["cause"], &cause["kind"]), (&json!("document"), &json!("notes")), "{}", diff["causes"]);
    assert!(cause["changes"].to_string().contains("It never burned."), "{cause}");
    assert_eq!(diff["causes"].as_array().map(Vec::len), Some(1), "{}", diff["causes"]);
    // Exactly the shots that the second film says it made.
    assert_eq!(diff["shots"], second["remade"]);
    assert!(diff["same_stages"].as_array().is_some_and(|same| same.contains(&json!("arc")) && same.contains(&json!("cast"))));
    assert_eq!(diff["b"]["duration_ms"], second["duration_ms"]);
    let same = ok(reel(&home).args(["diff", &b, &b, "--json"]));
    assert_eq!((&same["same"], &same["causes"]), (&json!(true), &json!([])));
    // The sums of each run are those of the tables.
    for run in [&a, &b, &cut["run_id"].as_str().expect("a run").to_owned()] {
        let shown = ok(reel(&home).args(["show", run, "--json"]));
        let (summary, work) = (&shown["summary"], &shown["summary"]["work"]);
        assert_eq!(summary["schema_version"], Value::Null, "a summary in a view is its content");
        let id = contracts::Id::new(run.clone()).expect("an id");
        let (attempts, events, steps) = tables(&home, async |r| {
            let attempts = r.attempts(&id).await.expect("reads");
            (attempts, r.events(Some(&id), 0, 100_000).await.expect("reads"), r.steps(&id).await.expect("reads"))
        });
        let kinds = |kind: &str| events.iter().filter(|e| e.kind == kind).count() as u64;
        let ended = |outcome: &str| attempts.iter().filter(|a| a.outcome.as_deref() == Some(outcome)).count() as u64;
        assert_eq!(work["attempts"], attempts.len() as u64, "{run}: {work}");
        assert_eq!((work["failures"].as_u64(), ended("failed")), (Some(kinds("step_failed")), kinds("step_failed")), "{run}");
        assert_eq!(work["local_steps"].as_u64(), Some(kinds("step_finished")), "{run}");
        assert_eq!(work["external_steps"], 0);
        let worked: i64 = attempts.iter().map(|a| a.ended.expect("has ended").ms() - a.started.ms()).sum();
        assert_eq!(work["work_ms"].as_i64(), Some(worked), "{run}");
        let planned: u64 = events.iter().filter(|e| e.kind == "stage_started").filter_map(|e| e.json["steps"].as_u64()).sum();
        let staged: u64 = summary["stages"].as_array().expect("stages").iter().filter_map(|s| s["steps"].as_u64()).sum();
        assert_eq!((staged, steps.len() as u64), (planned, planned), "{run}");
        let hits = steps.iter().filter(|s| s.hit).count() as u64;
        assert_eq!(summary["cache"]["hits"].as_u64(), Some(hits), "{run}");
        let retries: u64 = summary["stages"].as_array().expect("stages").iter().filter_map(|s| s["retries"].as_u64()).sum();
        assert_eq!(work["retries"].as_u64(), Some(retries), "{run}");
        // Lines of events are those of the table, and the beginnings of the attempts.
        let told = ok(reel(&home).args(["events", run, "--json"]));
        let told = told["events"].as_array().expect("events");
        assert_eq!(told.len(), events.len() + attempts.len(), "{run}");
        assert!(told.iter().all(|line| line["run"] == run.as_str() && line["tenant"] == "local" && line["event"].is_string()));
        assert!(told.iter().all(|line| line.get("step").is_none() || line["stage"].is_string()), "a step has a stage");
    }
    // Logs a stage: every line once.
    let logs = dir.path().join("logs");
    ok(reel(&home).args(["events", &b, "--json", "--logs"]).arg(&logs));
    let count: usize =
        fs::read_dir(&logs).expect("reads").flatten().map(|f| fs::read_to_string(f.path()).expect("reads").lines().count()).sum();
    assert_eq!(count, ok(reel(&home).args(["events", &b, "--json"]))["events"].as_array().expect("events").len());
    assert!(logs.join("shots.jsonl").is_file() && logs.join("run.jsonl").is_file());
}

#[test]
fn events_come_as_they_happen_and_hold_no_secret() {
    const CANARY: &str = "c4nary-5ecret/Value+42";
    let dir = tempfile::tempdir().expect("a folder");
    // The secret is where a person may put it by mistake: in a path, an address, a header.
    let (home, project) = desk(dir.path());
    let mut command = produce(&home, &project);
    command.arg("--events").env("SERVICE_TOKEN", CANARY);
    command.env("REELWRIGHT_FAILPOINT", format!("orchestrator.before_step={}", "error@4"));
    let output = command.output().expect("starts");
    let lines: Vec<Value> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("not JSON ({e}): {line}")))
        .collect();
    let kinds: Vec<&str> = lines.iter().filter_map(|line| line["event"].as_str()).collect();
    assert_eq!((kinds.first(), kinds.last()), (Some(&"run_started"), Some(&"result")), "{kinds:?}");
    for kind in ["stage_started", "step_started", "step_finished", "step_failed", "run_finished"] {
        assert!(kinds.contains(&kind), "{kind} is missing: {kinds:?}");
    }
    let result = lines.last().expect("a line");
    assert_eq!((&result["status"], &result["error"]["code"]), (&json!("failed"), &json!("step.failed")), "{result}");
    // A message that holds it, in text and in JSON.
    let lost = dir.path().join(format!("no-{}", CANARY.replace('/', "%2F")));
    let hex: String = CANARY.bytes().map(|b| format!("{b:02x}")).collect();
    let forms = [CANARY.to_owned(), hex.clone(), CANARY.replace('/', "%2F").replace('+', "%2B")];
    for (place, json) in [(lost.clone(), true), (lost, false), (dir.path().join(&hex), true), (dir.path().join(&hex), false)] {
        let mut command = reel(&home);
        command.arg("produce").arg(&place).env("SERVICE_TOKEN", CANARY.replace('/', "%2F"));
        command.env("OTHER_SECRET", CANARY);
        if json {
            command.arg("--json");
        }
        let output = command.output().expect("starts");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(said.contains("project.missing") && said.contains("[redacted]"), "{said}");
        assert!(forms.iter().all(|form| !said.contains(form)), "{said}");
    }
    assert!(root().join("docs/errors/project.missing.md").is_file());
}
