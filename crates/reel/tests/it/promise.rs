//! What an episode is promised to be: proposed, locked, held to at three places, and changed only by somebody's yes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use contracts::{
    decision_log::{DecisionCategory, DecisionLog},
    picture::CardKind,
    promise::Proposal,
    read,
    render::RenderOutput,
    run::RunSummary,
    shots::{ShotContent, ShotList},
};
use serde_json::{Value, json};

use crate::{json as last, ok, reel, refused, root};

/// A copy of the example in a folder of its own, with a table of its own at the end of its settings.
fn project(dir: &Path, promise: &str) -> PathBuf {
    let to = dir.join("lighthouse");
    fs::create_dir_all(&to).expect("a folder");
    for name in ["project.toml", "canon.toml"] {
        fs::copy(root().join("examples/lighthouse").join(name), to.join(name)).expect("copies");
    }
    promises(&to, promise);
    to
}

/// Puts these lines in the place of what was promised.
fn promises(project: &Path, lines: &str) {
    let file = project.join("project.toml");
    let text = fs::read_to_string(&file).expect("reads");
    let text = text.split("\n[promise]\n").next().unwrap_or_default();
    fs::write(&file, if lines.is_empty() { text.to_owned() } else { format!("{text}\n[promise]\n{lines}\n") }).expect("writes");
}

/// The smallest film there is.
fn produce(home: &Path, project: &Path) -> Command {
    let mut command = reel(home);
    command.arg("produce").arg(project).args(["--yes", "--json", "--no-voice", "--out"]).arg(project.join("film"));
    command
}

fn propose(home: &Path, project: &Path) -> Command {
    let mut command = reel(home);
    command.arg("propose").arg(project).arg("--json");
    command
}

#[test]
fn a_proposal_shows_rankings_cost_and_every_option_with_what_blocks_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let (home, project) = (dir.path().join("home"), project(dir.path(), ""));
    let shown = ok(&mut propose(&home, &project));
    let proposal: Proposal = serde_json::from_value(shown["proposal"].clone()).expect("a proposal");
    assert_eq!(proposal.locked, proposal.terms.lock().expect("a lock"));
    assert_eq!((proposal.selected.as_str(), &shown["verdict"]["pass"], &shown["lock"]), ("hybrid", &json!(true), &Value::Null));
    let first = |ranking: &str| shown["proposal"]["provider_rankings"][ranking][0]["tool"].clone();
    assert_eq!((first("image"), first("music"), first("runtime")), (json!("craft.painter"), json!("craft.score"), json!("ffmpeg")));
    assert_eq!(shown["proposal"]["provider_rankings"]["video"], json!([]), "nothing here makes video");
    assert!(!shown["proposal"]["provider_rankings"]["tts"].as_array().expect("a list").is_empty());
    assert_eq!(shown["proposal"]["cost"]["verdict"], "within_budget");
    let blocked = |id: &str| {
        let option = proposal.options.iter().find(|option| option.option_id.as_str() == id).expect("an option");
        option.blocked_because.clone().unwrap_or_default()
    };
    assert_eq!(proposal.options.len(), 10);
    assert!(blocked("motion_led").contains("makes video") && blocked("remotion").contains("never swapped"));
    assert!(blocked("hybrid").is_empty() && blocked("teacher_explainer").is_empty());
    // A manifest is no adapter: what this build cannot call can be asked for nothing, and promises nothing.
    let config = dir.path().join("config");
    fs::create_dir_all(config.join("reelwright/providers")).expect("a folder");
    let manifest = fs::read_to_string(root().join("policies/providers/craft.painter.toml")).expect("reads");
    let manifest = manifest.replace("craft.painter", "elsewhere.video").replace("modality = \"image\"", "modality = \"video\"");
    fs::write(config.join("reelwright/providers/video.toml"), manifest).expect("writes");
    let shown = ok(propose(&home, &project).env("XDG_CONFIG_HOME", &config));
    let video = &shown["proposal"]["provider_rankings"]["video"][0];
    assert_eq!(video["tool"], "elsewhere.video", "{shown}");
    assert!(video["blocked_because"].as_str().is_some_and(|why| why.contains("no adapter")), "{video}");
    // For people.
    let text = String::from_utf8(reel(&home).arg("propose").arg(&project).output().expect("starts").stdout).expect("is text");
    for word in ["promise   hybrid", "image     craft.painter", "blocked because", "cost      $0.000000", "next      reel produce"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn what_cannot_be_kept_here_is_refused_before_anything_is_made() {
    let dir = tempfile::tempdir().expect("a folder");
    let home = dir.path().join("home");
    for (lines, code) in [
        ("production = \"cinematic\"", "promise.no_tool"),
        ("promise_type = \"avatar_presenter\"", "promise.no_tool"),
        ("promise_type = \"source_led\"\nsource_required = true", "promise.options"),
        ("render_runtime = \"remotion\"", "promise.options"),
        ("promise_type = \"motion_led\"\nmotion_required = false", "promise.contradictory"),
    ] {
        let project = project(dir.path(), lines);
        let shown = propose(&home, &project).output().expect("starts");
        assert_eq!(shown.status.code(), Some(5), "{lines}");
        assert_eq!(last(&shown)["verdict"]["pass"], false, "{lines}");
        let error = refused(&mut produce(&home, &project), 5, "promise.broken");
        let codes: Vec<&str> = error["error"]["findings"].as_array().expect("findings").iter().filter_map(|f| f["code"].as_str()).collect();
        assert!(codes.contains(&code), "{lines}: {codes:?}");
        assert_eq!(error["next_actions"][0][1], "propose", "{error}");
        assert!(!project.join("film/final.mp4").exists() && !project.join("film/Script.json").exists(), "{lines}");
        refused(propose(&home, &project).arg("--approve"), 5, "promise.broken");
        // The run is on record with what its gate said.
        let run = ok(reel(&home).args(["show", error["run_id"].as_str().expect("a run"), "--json"]));
        let gates = run["summary"]["gates"].as_array().expect("gates");
        assert!(gates.iter().any(|g| g["id"] == "promise.proposal" && g["status"] == "fail"), "{lines}: {gates:?}");
    }
    for (lines, field) in [
        ("production = \"cinematc\"", "promise.production"),
        ("promise_type = \"cinematic\"", "promise_type"),
        ("renderer_family = \"nice\"", "promise.renderer_family"),
        ("approved_fallback = \"anything\"", "promise.approved_fallback"),
        ("tone_mode = \" \"", "promise.tone_mode"),
        ("tone = \"calm\"", "promise.tone"),
    ] {
        let project = project(dir.path(), lines);
        let error = refused(&mut propose(&home, &project), 3, "project.malformed");
        assert!(error["error"]["message"].as_str().is_some_and(|m| m.contains(field)), "{lines}: {error}");
    }
}

#[test]
fn the_first_film_locks_its_episode_and_another_promise_needs_a_yes_with_a_reason() {
    let dir = tempfile::tempdir().expect("a folder");
    let (home, project) = (dir.path().join("home"), project(dir.path(), ""));
    let made = ok(&mut produce(&home, &project));
    let out = project.join("film");
    let document = |name: &str| fs::read(out.join(name)).expect("is there");
    let proposal: Proposal = read(&document("Proposal.json")).expect("a proposal");
    let output: RenderOutput = read(&document("RenderOutput.json")).expect("an output");
    assert_eq!(output.terms.as_ref(), Some(&proposal.terms));
    assert!(output.verdicts.iter().any(|v| v.gate.as_str() == "promise" && v.pass));
    let summary: RunSummary = read(&document("run_summary.json")).expect("a summary");
    let motion = |place: &str| {
        let named = |id: &str| summary.gates.iter().find(|g| g.id == format!("promise.{place}.{id}")).expect("is on record").clone();
        [named("motion_by_count"), named("motion_by_time")]
    };
    for place in ["edit", "compose", "rendered"] {
        assert!(summary.gates.iter().any(|g| g.id == format!("promise.{place}") && g.passes()), "{place}");
        for outcome in motion(place) {
            assert!(outcome.passes() && outcome.metric > outcome.threshold && outcome.threshold == Some(200_000), "{outcome:?}");
        }
    }
    assert!(summary.gates.iter().any(|g| g.id == "promise.slideshow" && g.passes() && g.threshold == Some(4_000)));
    // By what was measured, and nothing else.
    let moving = output.segments.iter().filter(|s| s.moving).count() as i64;
    // A line on a card is said, not seen: it is no cut of the picture.
    let list: ShotList = read(&document("ShotList.json")).expect("a list");
    let seen = list.shots.iter().filter(|s| !matches!(&s.content, ShotContent::Card(c) if c.card == CardKind::Intertitle)).count();
    assert!(seen < list.shots.len());
    assert_eq!(motion("rendered")[0].metric, Some(moving * 1_000_000 / seen as i64));
    // Every locked field, changed by hand, is refused.
    for lines in [
        "promise_type = \"teacher_explainer\"",
        "motion_required = true",
        "tone_mode = \"calm\"",
        "quality_floor = \"broadcast\"",
        "approved_fallback = \"still_led\"",
        "renderer_family = \"documentary-montage\"",
        "render_runtime = \"hyperframes\"",
    ] {
        promises(&project, lines);
        let error = refused(&mut produce(&home, &project), 5, "promise.broken");
        let message = error["error"]["message"].as_str().expect("a message");
        let field = lines.split(' ').next().expect("a field");
        assert!(message.contains("promise.changed") && message.contains(field), "{lines}: {message}");
        let shown = propose(&home, &project).output().expect("starts");
        assert_eq!(shown.status.code(), Some(5), "{lines}");
    }
    // What says the same in more words changes nothing.
    promises(&project, "production = \"narrative\"\nrender_runtime = \"ffmpeg\"\nmotion_required = false");
    assert_eq!(ok(&mut produce(&home, &project))["remade"], json!([]));
    // A yes names a reason, every option there was, and who said it.
    promises(&project, "promise_type = \"teacher_explainer\"");
    refused(propose(&home, &project).arg("--approve"), 2, "usage");
    refused(propose(&home, &project).args(["--approve", "--reason", " "]), 2, "usage");
    let approved = ok(propose(&home, &project).args(["--approve", "--reason", "it is a lesson now", "--by", "mara"]));
    let change = &approved["lock"]["changes"][0];
    assert_eq!((&change["approved_by"], &change["reason"]), (&json!("mara"), &json!("it is a lesson now")), "{approved}");
    assert!(change["options"].as_array().is_some_and(|options| options.len() == 11), "{change}");
    let again = ok(&mut produce(&home, &project));
    assert_ne!(again["run_id"], made["run_id"]);
    let output: RenderOutput = read(&document("RenderOutput.json")).expect("an output");
    assert_eq!(output.terms.expect("terms").delivery_promise.promise_type.name(), "teacher_explainer");
    // What was decided is on record beside the film, in order, each entry chained to the one before it; making the same again decides
    // nothing anew.
    let log: DecisionLog = read(&document("decision_log.json")).expect("a log");
    assert!(routing::log::complaints(&log).expect("is hashed").is_empty());
    let category = |category: DecisionCategory| log.decisions.iter().filter(|d| d.logged.category == category).collect::<Vec<_>>();
    use DecisionCategory as C;
    assert_eq!((category(C::MotionCommitment).len(), category(C::RenderRuntimeSelection).len(), category(C::MusicSource).len()), (1, 1, 1));
    let less = category(C::DowngradeApproval);
    assert_eq!((less.len(), less[0].logged.user_approved, less[0].logged.options_considered.len()), (1, true, 11), "20 % to nothing");
    assert!(!category(C::ProviderSelection).is_empty() && less[0].logged.reason == "it is a lesson now");
    ok(&mut produce(&home, &project));
    let then: DecisionLog = read(&document("decision_log.json")).expect("a log");
    assert_eq!(then, log);
    let explained = ok(reel(&home).args(["explain", "--json"]).arg(out.join("decision_log.json")));
    assert!(explained["next_actions"].is_array());
    // A changed entry is found, and nothing is added after it.
    let mut forged = log.clone();
    forged.decisions[0].logged.reason = "another".to_owned();
    assert!(!routing::log::complaints(&forged).expect("is hashed").is_empty());
    assert!(routing::log::extends(&log, &then) && !routing::log::extends(&forged, &then));
    // And what was promised at first is now what is refused.
    promises(&project, "");
    refused(&mut produce(&home, &project), 5, "promise.broken");
    // The change is on record, and another episode of the project is held to nothing yet.
    let other = ok(propose(&home, &project).args(["--episode", "2"]));
    assert_eq!((&other["lock"], &other["verdict"]["pass"]), (&Value::Null, &json!(true)));
}

#[test]
fn a_film_of_stills_breaks_the_promise_of_motion_before_it_is_drawn() {
    let dir = tempfile::tempdir().expect("a folder");
    let (home, project) = (dir.path().join("home"), dir.path().join("stills"));
    ok(reel(&home).arg("new").arg(&project).arg("--json"));
    fs::write(
        project.join("canon.toml"),
        "[[location]]\nid = \"hall\"\nname = \"Hall\"\nfamily = \"interior_room\"\nlook = \"a bare hall\"\n",
    )
    .expect("writes");
    let library = project.join("library");
    fs::create_dir_all(&library).expect("a folder");
    fs::copy(root().join("examples/salt-road/library").join(picture()), library.join(picture())).expect("copies");
    let entry =
        format!("[photo]\nfile = \"{}\"\ntags = [\"background\", \"hall\"]\nlicence = \"CC0-1.0\"\nauthor = \"A. Author\"\n", picture());
    fs::write(library.join("library.toml"), entry).expect("writes");
    fs::create_dir_all(project.join("episodes/01")).expect("a folder");
    let scene = "The hall lies empty.\n\nNothing stirs.\n\nThe light is going.\n";
    fs::write(project.join("episodes/01/script.fountain"), format!("Title: Stills\n\nINT. HALL - DAY\n\n{scene}")).expect("writes");
    // Nobody promised that it moves: that it does not is told.
    let told = ok(&mut produce(&home, &project));
    let notes = told["notes"].as_array().expect("notes").iter().filter_map(Value::as_str);
    assert_eq!(notes.filter(|n| n.contains("promise.motion_floor")).count(), 2, "by count and by time: {told}");
    promises(&project, "promise_type = \"hybrid\"");
    let error = refused(&mut produce(&home, &project), 5, "promise.broken");
    let findings = error["error"]["findings"].as_array().expect("findings");
    assert!(findings.iter().all(|f| f["code"] == "promise.motion_floor"), "{error}");
    assert_eq!(findings.len(), 2, "by count and by time: {error}");
    let run = ok(reel(&home).args(["show", error["run_id"].as_str().expect("a run"), "--json"]));
    let gates = run["summary"]["gates"].as_array().expect("gates");
    assert!(gates.iter().any(|g| g["id"] == "promise.edit" && g["status"] == "pass"), "{gates:?}");
    assert!(gates.iter().any(|g| g["id"] == "promise.compose" && g["status"] == "fail"), "{gates:?}");
    // Promised as what it is, it is a film, once somebody has said yes to another promise than the first film's.
    promises(&project, "promise_type = \"teacher_explainer\"");
    refused(&mut produce(&home, &project), 5, "promise.broken");
    ok(propose(&home, &project).args(["--approve", "--reason", "a lesson of stills"]));
    ok(&mut produce(&home, &project));
}

/// A picture of an example's library.
fn picture() -> String {
    let names = fs::read_dir(root().join("examples/salt-road/library")).expect("a folder").flatten();
    let mut names: Vec<String> = names.map(|f| f.file_name().to_string_lossy().into_owned()).filter(|n| n.ends_with("jpg")).collect();
    names.sort();
    names.into_iter().next().expect("a picture")
}
