//! The safety gate at its four points, and a film that is handed out only when somebody has looked at what it found.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use contracts::{decision_log::DecisionLog, read, render::RenderOutput};
use serde_json::{Value, json};

use crate::{
    notes::{example, note},
    ok, reel, refused,
};

/// How a project is spoiled.
type Spoil = fn(&Path);

const BAD: &str = "Immigrants are vermin.";

/// The smallest film there is.
fn produce(home: &Path, project: &Path) -> Command {
    let mut command = reel(home);
    command.arg("produce").arg(project).args(["--yes", "--json", "--no-voice", "--draft", "--out"]).arg(project.join("film"));
    command
}

fn warn_only(project: &Path) {
    let file = project.join("project.toml");
    let text = fs::read_to_string(&file).expect("reads");
    let warned = text.replace("audience = \"general\"", "audience = \"general\"\nmode = \"warn_only\"");
    assert_ne!(text, warned);
    fs::write(&file, warned).expect("writes");
}

/// What the gates said of a run, by id.
fn gate(home: &Path, run: &Value, id: &str) -> Value {
    let shown = ok(reel(home).args(["show", run.as_str().expect("a run"), "--json"]));
    let gates = shown["summary"]["gates"].as_array().expect("gates").clone();
    gates.into_iter().find(|g| g["id"] == id).unwrap_or_default()
}

#[test]
fn what_is_not_for_its_audience_stops_at_the_point_where_it_stands() {
    // Where an author may put it: a line, the look of a place that is painted, the words of a library's entry.
    let spoil: [(&str, Spoil); 3] = [
        ("safety-script", |project| note(project, &format!("[[line]]\nid = \"sc02-b02-l1\"\ntext = {}\n", json!(BAD)))),
        ("safety-prompt", |project| {
            let file = project.join("canon.toml");
            let text = fs::read_to_string(&file).expect("reads");
            let spoiled = text.replacen("look = \"", &format!("look = \"{BAD} "), 20);
            assert_ne!(text, spoiled);
            fs::write(file, spoiled).expect("writes");
        }),
        ("safety-asset", |project| {
            note(project, "[[shot]]\nid = \"sc04-b01\"\npicture = \"harbour\"\n");
            let file = project.join("library/library.toml");
            let text = fs::read_to_string(&file).expect("reads");
            let spoiled = text.replacen("author = \"", &format!("author = \"{BAD} "), 20);
            assert_ne!(text, spoiled);
            fs::write(file, spoiled).expect("writes");
        }),
    ];
    for (point, spoil) in spoil {
        let dir = tempfile::tempdir().expect("a folder");
        let (home, project): (PathBuf, PathBuf) = (dir.path().join("home"), example(dir.path()));
        crate::notes::hang_picture(&project);
        spoil(&project);
        let error = refused(&mut produce(&home, &project), 5, "gate.blocked");
        let message = error["error"]["message"].as_str().expect("a message");
        assert!(message.contains("safety.hate") && message.contains("audience `general`"), "{point}: {message}");
        let said = gate(&home, &error["run_id"], point);
        assert_eq!((&said["status"], &said["threshold"], &said["unit"]), (&json!("fail"), &json!(0), &json!("count")), "{point}");
        assert!(said["metric"].as_i64().is_some_and(|n| n > 0), "{point}: {said}");
        assert!(!project.join("film/final.mp4").exists(), "{point}");
    }
}

#[test]
fn a_warning_goes_on_and_the_film_is_handed_out_when_somebody_has_looked() {
    let dir = tempfile::tempdir().expect("a folder");
    let (home, project) = (dir.path().join("home"), example(dir.path()));
    warn_only(&project);
    note(&project, &format!("[[line]]\nid = \"sc02-b02-l1\"\ntext = {}\n", json!(BAD)));
    let made = ok(&mut produce(&home, &project));
    let run = made["run_id"].as_str().expect("a run").to_owned();
    assert!(made["notes"].as_array().expect("notes").iter().any(|n| n.as_str().is_some_and(|n| n.contains("safety.hate"))), "{made}");
    let output: RenderOutput = read(&fs::read(project.join("film/RenderOutput.json")).expect("is there")).expect("an output");
    let points: Vec<(&str, bool)> = output
        .verdicts
        .iter()
        .filter(|v| v.gate.as_str().starts_with("safety"))
        .map(|v| (v.gate.as_str(), v.findings.is_empty()))
        .collect();
    // Said in the script, set on a card, and read by whoever watches.
    let expected = [("safety-script", false), ("safety-prompt", false), ("safety-asset", true), ("safety-output", false)];
    assert_eq!(points.iter().map(|(p, e)| ((*p).to_owned(), *e)).collect::<Vec<_>>(), expected.map(|(p, e)| (p.to_owned(), e)));
    let bundle = dir.path().join("film.reel.tar");
    let pack = || {
        let mut command = reel(&home);
        command.args(["pack", &run, "--json", "--out"]).arg(&bundle);
        command
    };
    let waits = refused(&mut pack(), 10, "approval.needed");
    assert_eq!(waits["next_actions"][0], json!(["reel", "approve", run, "approve_publish"]), "{waits}");
    assert!(!bundle.exists());
    // A no stands until somebody says yes.
    ok(reel(&home).args(["reject", &run, "approve_publish", "--by", "mara", "--json"]));
    refused(&mut pack(), 10, "approval.refused");
    let yes = ok(reel(&home).args(["approve", &run, "approve_publish", "--by", "ida", "--notes", "he is the villain", "--json"]));
    assert_eq!(yes["decision"]["by"], "ida");
    ok(&mut pack());
    assert!(bundle.is_file());
    // Both are on record, in order, with what was said.
    let log = tables(&home, "decisions/lighthouse");
    let said: Vec<(&str, bool)> = log.decisions.iter().map(|d| (d.logged.selected.as_str(), d.logged.user_approved)).collect();
    assert_eq!(said, [("refused", false), ("approved", true)]);
    assert_eq!(
        (log.decisions[1].logged.reason.as_str(), routing::log::complaints(&log).expect("is hashed").len()),
        ("he is the villain", 0)
    );
    // It is of this film: another one is looked at anew.
    note(&project, &format!("[[line]]\nid = \"sc02-b02-l1\"\ntext = {}\n", json!(format!("{BAD} So they say."))));
    let other = ok(&mut produce(&home, &project));
    let other = other["run_id"].as_str().expect("a run");
    refused(reel(&home).args(["pack", other, "--json", "--out"]).arg(dir.path().join("other.tar")), 10, "approval.needed");
}

/// The decision log as the registry keeps it.
fn tables(home: &Path, name: &str) -> DecisionLog {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let registry = registry::Registry::open(home).await.expect("the registry");
        let row = registry.get_ref(&contracts::Id::slug("local"), name).await.expect("reads").expect("a log");
        let log = registry.artifact(&row.hash).expect("a log");
        registry.close().await;
        log
    })
}
