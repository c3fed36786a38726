//! Who speaks when something is set up, when it refuses a line, when it breaks down, and when nobody can speak a line.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use contracts::table_read::{ReadLine, TableRead};
use serde_json::Value;

use super::{ok, reel, root};

#[path = "../../../media/src/speech/tests/server.rs"]
mod server;
use server::speech_server;

/// Half a second of a tone, as WAV.
fn tone() -> Vec<u8> {
    let wave = |k: i32| if k % 109 < 54 { 6_000 } else { -6_000 };
    media::wav::write(24_000, 1, &(0..12_000).map(wave).collect::<Vec<i16>>()).expect("sound")
}

fn lighthouse(dir: &Path) -> std::path::PathBuf {
    let project = dir.join("lighthouse");
    fs::create_dir_all(project.join("episodes/01")).expect("folders");
    for file in ["project.toml", "canon.toml"] {
        fs::copy(root().join("examples/lighthouse").join(file), project.join(file)).expect("copies");
    }
    project
}

fn produce(dir: &Path, project: &Path) -> (Value, TableRead) {
    let out = dir.join("out");
    let done = ok(reel(dir).arg("produce").arg(project).args(["--yes", "--json", "--draft", "--out"]).arg(&out));
    let read = serde_json::from_slice(&fs::read(out.join("TableRead.json")).expect("a table read")).expect("a document");
    (done, read)
}

fn set_up(dir: &Path, url: &str) {
    let text = format!("[server]\nurl = \"{url}\"\nmodel = \"tts-1\"\nvoice = \"alloy\"\n");
    fs::write(dir.join("speech.toml"), text).expect("writes");
}

fn notes(done: &Value) -> String {
    done["notes"].to_string() + &done["summary"]["notes"].to_string()
}

#[test]
fn a_person_has_one_voice_in_a_scene_whoever_refuses_a_line() {
    let dir = tempfile::tempdir().expect("a folder");
    let project = lighthouse(dir.path());
    let story = ok(reel(dir.path()).arg("write").arg(&project).arg("--json"));
    // The first scene in which one person says two lines; its second is refused.
    let scenes = story["script"]["scenes"].as_array().expect("scenes");
    let lines_of = |scene: &Value| -> Vec<(String, String, String)> {
        let text = |l: &Value, key: &str| l[key].as_str().unwrap_or_default().to_owned();
        let beats = scene["beats"].as_array().expect("beats").clone();
        let lines = beats.iter().flat_map(|b| b["lines"].as_array().cloned().unwrap_or_default()).collect::<Vec<_>>();
        lines.iter().map(|l| (text(l, "id"), text(l, "speaker_id"), text(l, "text"))).collect()
    };
    let (scene, speaker, refused) = scenes
        .iter()
        .find_map(|scene| {
            let lines = lines_of(scene);
            let second = lines.iter().enumerate().find(|(k, l)| lines[..*k].iter().any(|m| m.1 == l.1))?;
            Some((lines.clone(), second.1.1.clone(), second.1.2.clone()))
        })
        .expect("somebody speaks twice");
    let first = refused.split(['.', '!', '?']).next().unwrap_or_default().to_owned();
    let url = speech_server(move |asked| {
        if asked["input"].as_str().is_some_and(|said| said.starts_with(&first)) { (400, b"no".to_vec()) } else { (200, tone()) }
    });
    set_up(dir.path(), &url);
    let (done, read) = produce(dir.path(), &project);
    assert_eq!(done["status"], "completed", "{done}");
    let engine = |id: &str| read.lines.iter().find(|l| l.line_id.as_str() == id).map(|l| l.engine.clone()).expect("was read");
    for (id, who, _) in &scene {
        let want = if *who == speaker { "flite" } else { "server" };
        assert_eq!(engine(id), want, "{id} of {who}");
    }
    let instead = |l: &&ReadLine| l.instead.as_deref().is_some_and(|why| why.contains("status 400"));
    let (others, all) = (read.lines.iter().filter(instead).count(), read.lines.len());
    assert!(others >= 2 && others < all / 2, "{others} of {all} lines are spoken by another");
    assert!(notes(&done).contains("spoken by flite in place of the first choice"), "{done}");
}

#[test]
fn a_line_nobody_can_speak_degrades_the_film_and_a_server_that_dies_costs_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let project = lighthouse(dir.path());
    let story = ok(reel(dir.path()).arg("write").arg(&project).arg("--json"));
    let beats = story["script"]["scenes"][0]["beats"].as_array().expect("beats");
    let line = beats.iter().find_map(|b| b["lines"][0]["id"].as_str()).expect("a line").to_owned();
    // Letters that flite has no sound for.
    fs::write(project.join("episodes/01/notes.toml"), format!("[[line]]\nid = \"{line}\"\ntext = \"\u{4f60}\u{597d}\"\n")).expect("writes");
    let settings = fs::read_to_string(project.join("project.toml")).expect("the project");
    fs::write(project.join("project.toml"), settings + "\n[pronounce]\nlamp = \"lump\"\n").expect("writes");
    let (done, read) = produce(dir.path(), &project);
    assert_eq!(done["status"], "degraded", "{done}");
    let missing =
        done["stand_ins"].as_array().and_then(|s| s.iter().find(|s| s["missing_id"] == line.as_str()).cloned()).expect("is named");
    assert!(missing["reason"].as_str().is_some_and(|r| r.contains("nobody speaks this line: nothing to say")), "{missing}");
    let silent: Vec<&ReadLine> = read.lines.iter().filter(|l| l.audio.is_none()).collect();
    assert!(silent.len() == 1 && silent[0].engine == "none" && silent[0].samples > 48_000, "{silent:?}");
    // People of one type are cast apart.
    let mut voices: Vec<(&str, &str)> =
        read.lines.iter().map(|l| (l.voice.as_str(), l.speaker_id.as_str())).filter(|v| v.0 != "none").collect();
    voices.sort_unstable();
    voices.dedup();
    assert!(voices.windows(2).all(|w| w[0].0 != w[1].0), "two people share a voice: {voices:?}");

    // A server that goes down after two sentences is left alone; the film is the one that flite spoke.
    let alive = Arc::new(AtomicBool::new(true));
    let calls = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let url = speech_server(move |_| {
        if calls.fetch_add(1, Ordering::SeqCst) >= 2 {
            alive.store(false, Ordering::SeqCst);
        }
        if alive.load(Ordering::SeqCst) { (200, tone()) } else { (503, Vec::new()) }
    });
    set_up(dir.path(), &url);
    let (done, again) = produce(dir.path(), &project);
    assert!(again.lines.iter().all(|l| l.engine != "server") && notes(&done).contains("broke down"), "{done}");
    let audio = |read: &TableRead| read.lines.iter().map(|l| l.audio.clone()).collect::<Vec<_>>();
    assert_eq!(audio(&read), audio(&again));
    // A server elsewhere is not asked, and a file that cannot be read is said.
    set_up(dir.path(), "http://192.0.2.1:9");
    let (done, _) = produce(dir.path(), &project);
    assert!(notes(&done).contains("is not on this machine"), "{done}");
    fs::write(dir.path().join("speech.toml"), "[server]\nurl = 3\n").expect("writes");
    let answer = reel(dir.path()).arg("produce").arg(&project).args(["--yes", "--json", "--draft"]).output().expect("starts");
    let said = String::from_utf8_lossy(&answer.stdout);
    assert!(!answer.status.success() && said.contains("speech.toml") && said.contains("server.url"), "{said}");
}

#[test]
fn the_doctor_says_what_is_set_up_and_whether_it_answers() {
    let dir = tempfile::tempdir().expect("a folder");
    let checks = || {
        let answer = ok(reel(dir.path()).args(["doctor", "--json"]));
        let rows = answer["checks"].as_array().expect("checks").clone();
        rows.into_iter().map(|row| (row["what"].as_str().unwrap_or_default().to_owned(), row)).collect::<std::collections::BTreeMap<_, _>>()
    };
    let said = |row: &Value| (row["ok"].as_bool(), row["detail"].as_str().unwrap_or_default().to_owned());
    assert!(!checks().contains_key("speech.toml"), "nothing is set up");
    // A server that listens is told nothing; a model that is not there is named.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let seen = std::thread::spawn(move || {
        let (mut line, _) = listener.accept().expect("somebody looks");
        let mut heard = Vec::new();
        let _ = line.read_to_end(&mut heard);
        heard
    });
    let piper = "[piper]\nmodel = \"/nowhere/voice.onnx\"\ncommand = \"sh\"\n";
    let file = dir.path().join("speech.toml");
    fs::write(&file, format!("[server]\nurl = \"{url}\"\nmodel = \"tts-1\"\nvoice = \"alloy\"\n{piper}")).expect("writes");
    let found = checks();
    assert_eq!(seen.join().expect("ends"), b"", "the server was told something");
    let (ok_file, detail) = said(&found["speech.toml"]);
    assert!(ok_file == Some(true) && detail.contains("speech.toml sets up server, then piper"), "{detail}");
    let (ok_server, detail) = said(&found["speech, server"]);
    assert!(ok_server == Some(true) && detail.contains(&url) && detail.contains("tts-1") && detail.contains("listens"), "{detail}");
    let (ok_piper, detail) = said(&found["speech, piper"]);
    assert!(ok_piper == Some(false) && detail.contains("/nowhere/voice.onnx"), "{detail}");
    // Now nobody listens there; another machine is not looked for; a file that cannot be read is said to be one.
    let (ok_server, detail) = said(&checks()["speech, server"]);
    assert!(ok_server == Some(false) && detail.contains("could not be asked"), "{detail}");
    fs::write(&file, "[server]\nurl = \"http://tts.invalid\"\nhosts = [\"tts.invalid\"]\nmodel = \"m\"\nvoice = \"v\"\n").expect("writes");
    let (ok_server, detail) = said(&checks()["speech, server"]);
    assert!(ok_server == Some(true) && detail.contains("not looked for now"), "{detail}");
    fs::write(&file, "[server]\nurl = 3\n").expect("writes");
    let (ok_file, detail) = said(&checks()["speech.toml"]);
    assert!(ok_file == Some(false) && detail.contains("line 2"), "{detail}");
    let text = reel(dir.path()).arg("doctor").output().expect("starts");
    assert!(String::from_utf8_lossy(&text.stdout).contains("absent  speech.toml"), "{}", String::from_utf8_lossy(&text.stdout));
}

#[test]
fn what_a_server_spoke_is_packed_and_never_asked_for_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let (home, there, project) = (dir.path().join("home"), dir.path().join("there"), dir.path().join("tiny"));
    for at in [&home, &there, &project.join("episodes/01")] {
        fs::create_dir_all(at).expect("folders");
    }
    for file in ["project.toml", "episodes/01/script.fountain"] {
        fs::copy(root().join("tests/fixtures/tiny").join(file), project.join(file)).expect("copies");
    }
    let calls = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    let url = speech_server(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        (200, tone())
    });
    set_up(&home, &url);
    set_up(&there, &url);
    ok(reel(&home).arg("produce").arg(&project).args(["--yes", "--json", "--draft"]));
    let bundle = dir.path().join("tiny.reel.tar");
    ok(reel(&home).args(["pack", "latest", "--json", "--out"]).arg(&bundle));
    let asked = calls.load(Ordering::SeqCst);
    assert!(asked > 0, "nobody asked the server");
    let proven = ok(reel(&there).arg("replay").arg(&bundle).arg("--json"));
    assert_eq!((&proven["holds"], &proven["other"]), (&Value::from(true), &serde_json::json!({})), "{proven}");
    assert_eq!(calls.load(Ordering::SeqCst), asked, "a replay asks nobody");
}
