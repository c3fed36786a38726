//! A model that writes lines: what it says well stands in the script with its name on record; whatever goes wrong with it, the story is
//! the pack's, and that is told.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use serde_json::{Value, json};

use super::model_server::{Asked, chat, model_server};
use super::{ok, reel, root};

/// A project to write, with these lines in its settings.
fn lighthouse(dir: &Path, settings: &str) -> PathBuf {
    let project = dir.join("lighthouse");
    fs::create_dir_all(&project).expect("folders");
    let text = fs::read_to_string(root().join("examples/lighthouse/project.toml")).expect("the example");
    fs::write(project.join("project.toml"), text + settings).expect("writes");
    fs::copy(root().join("examples/lighthouse/canon.toml"), project.join("canon.toml")).expect("copies");
    project
}

fn set_up(home: &Path, url: &str, more: &str) {
    fs::write(home.join("writing.toml"), format!("[model]\nurl = \"{url}\"\nmodel = \"stub:1b\"\n{more}")).expect("writes");
}

fn write(home: &Path, project: &Path) -> Value {
    ok(reel(home).env("TEST_API_KEY", "s3cret-canary-7f").arg("write").arg(project).arg("--json"))
}

fn lines(story: &Value) -> Vec<(String, String)> {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let list = |v: &Value, key: &str| v[key].as_array().cloned().unwrap_or_default();
    let beats = list(&story["script"], "scenes").iter().flat_map(|s| list(s, "beats")).collect::<Vec<_>>();
    beats.iter().flat_map(|b| list(b, "lines")).map(|l| (text(&l["id"]), text(&l["text"]))).collect()
}

fn notes(story: &Value) -> String {
    story["notes"].to_string()
}

#[test]
fn a_models_lines_stand_in_the_script_with_its_name_and_are_never_asked_for_twice() {
    let dir = tempfile::tempdir().expect("a folder");
    let project = lighthouse(dir.path(), "");
    let own = write(dir.path(), &project);
    assert!(own.get("written_by").is_none() && own.get("notes").is_none(), "nothing is set up: nothing is said");
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let heard = Arc::clone(&asked);
    let url = model_server(move |call| {
        heard.lock().expect("a list").push(call.head.clone());
        chat(&call.reworded())
    });
    set_up(dir.path(), &(url + "/v1"), "key_env = \"TEST_API_KEY\"\n");
    let story = write(dir.path(), &project);
    let by = story["written_by"].as_object().expect("who wrote").clone();
    let models = lines(&story).into_iter().filter(|(id, _)| by[id] == "model:stub:1b").collect::<Vec<_>>();
    assert!(models.len() >= 5, "{by:?} {}", notes(&story));
    assert!(models.iter().all(|(_, text)| ["And ", "So ", "Still, "].iter().any(|w| text.starts_with(w))), "{models:?}");
    assert_eq!(lines(&story).len(), lines(&own).len());
    assert_eq!(story["canon_diff"], own["canon_diff"], "what becomes true is the pack's");
    assert!(notes(&story).contains(&format!("{} of {} lines are by model:stub:1b", models.len(), by.len())), "{}", notes(&story));
    let calls = asked.lock().expect("a list").clone();
    assert!(calls.iter().all(|head| head.starts_with("POST /v1/chat/completions HTTP/1.1\r\n")), "{calls:?}");
    assert!(calls.iter().all(|head| head.contains("\r\nAuthorization: Bearer s3cret-canary-7f\r\n")), "{calls:?}");
    // Asked again: the same story, and not one call.
    assert_eq!(write(dir.path(), &project), story);
    assert_eq!(asked.lock().expect("a list").len(), calls.len());
    // The key is in no file of the home.
    let mut waiting = vec![dir.path().to_path_buf()];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(&path).expect("a folder").map(|e| e.expect("an entry").path()));
        } else {
            let bytes = fs::read(&path).expect("a file");
            assert!(!bytes.windows(16).any(|w| w == b"s3cret-canary-7f"), "{}", path.display());
        }
    }
    // Without the file it is the pack's story again.
    fs::remove_file(dir.path().join("writing.toml")).expect("is there");
    assert_eq!(write(dir.path(), &project), own);
}

#[test]
fn anthropics_interface_is_spoken_too() {
    let dir = tempfile::tempdir().expect("a folder");
    let project = lighthouse(dir.path(), "");
    let url = model_server(|call: &Asked| {
        assert!(
            call.head.starts_with("POST /v1/messages HTTP/1.1\r\n") && call.head.contains("\r\nanthropic-version: 2023-06-01\r\n"),
            "{}",
            call.head
        );
        let content = json!([{"type": "text", "text": call.reworded()}]);
        (200, json!({"content": content, "stop_reason": "end_turn", "usage": {"input_tokens": 1, "output_tokens": 1}}).to_string())
    });
    set_up(dir.path(), &url, "api = \"anthropic\"\n");
    let story = write(dir.path(), &project);
    assert!(
        story["written_by"].as_object().is_some_and(|by| by.values().filter(|v| *v == "model:stub:1b").count() >= 5),
        "{}",
        notes(&story)
    );
}

#[test]
fn a_model_that_fails_costs_nothing_but_is_told_and_asked_again_another_day() {
    let dir = tempfile::tempdir().expect("a folder");
    let project = lighthouse(dir.path(), "");
    let own = write(dir.path(), &project);
    let calls = Arc::new(AtomicUsize::new(0));
    let error = |kind: &str| json!({"error": {"code": 1, "type": kind, "message": "key s3cret-canary-7f is odd"}}).to_string();
    let choice = |content: Value, refusal: Value, finish: &str| {
        json!({"choices": [{"message": {"content": content, "refusal": refusal}, "finish_reason": finish}]}).to_string()
    };
    let cases: Vec<(&str, u16, String, &str, usize)> = vec![
        ("500", 500, error("server_error"), "transient, server_error", 3),
        ("quota", 429, error("insufficient_quota"), "fatal, quota", 1),
        ("key", 401, error("authentication_error"), "fatal, auth", 1),
        ("refusal", 200, choice(Value::Null, json!("I cannot"), "stop"), "content_rejected: the model refused it (I cannot)", 5),
        ("cut", 200, choice(json!("{\"sc"), Value::Null, "length"), "it was cut off before its end", 15),
        ("schema", 200, choice(json!("{\"budget\": 9}"), Value::Null, "stop"), "its answer does not meet the schema after 3 calls", 15),
        ("html", 200, "<html>".into(), "transient, not_understood", 3),
    ];
    for (name, status, body, told, most) in cases {
        let home = dir.path().join(name);
        fs::create_dir_all(&home).expect("a folder");
        calls.store(0, Ordering::SeqCst);
        let counted = Arc::clone(&calls);
        let url = model_server(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            (status, body.clone())
        });
        set_up(&home, &url, "key_env = \"TEST_API_KEY\"\n");
        let story = write(&home, &project);
        assert_eq!((&story["script"], &story["canon_diff"]), (&own["script"], &own["canon_diff"]), "{name}");
        assert!(notes(&story).contains(told) && notes(&story).contains("keeps the pack's words"), "{name}: {}", notes(&story));
        assert!(!story.to_string().contains("s3cret-canary-7f"), "{name}: {}", notes(&story));
        assert_eq!(calls.load(Ordering::SeqCst), most, "{name}");
        // A refusal is an answer, and kept; a failure is not, and the model is asked when it is well again.
        calls.store(0, Ordering::SeqCst);
        let counted = Arc::clone(&calls);
        let url = model_server(move |call| {
            counted.fetch_add(1, Ordering::SeqCst);
            chat(&call.reworded())
        });
        set_up(&home, &url, "key_env = \"TEST_API_KEY\"\n");
        let again = write(&home, &project);
        let asked_again = calls.load(Ordering::SeqCst) > 0;
        assert_eq!(asked_again, status != 200 || name == "html", "{name}");
        assert_eq!(again["script"] == own["script"], !asked_again, "{name}: {}", notes(&again));
    }
    // Nobody there at all.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port");
    let home = dir.path().join("gone");
    fs::create_dir_all(&home).expect("a folder");
    set_up(&home, &format!("http://{gone}"), "");
    let story = write(&home, &project);
    assert!(story["script"] == own["script"] && notes(&story).contains("transient, unreachable"), "{}", notes(&story));
}

#[test]
fn a_model_elsewhere_is_asked_by_nobody_who_did_not_say_so() {
    let dir = tempfile::tempdir().expect("a folder");
    let project = lighthouse(dir.path(), "");
    let own = write(dir.path(), &project)["script"].clone();
    let far = "hosts = [\"llm.example.org\"]\n";
    let story = |project: &Path, url: &str, more: &str| {
        set_up(dir.path(), url, more);
        let story = write(dir.path(), project);
        assert_eq!(story["script"], own);
        notes(&story)
    };
    assert!(story(&project, "https://llm.example.org/v1", far).contains("[writing] external = \\\"allowed\\\""));
    let open = lighthouse(&dir.path().join("open"), "\n[writing]\nexternal = \"allowed\"\n");
    assert!(story(&open, "https://llm.example.org/v1", far).contains("free = true"));
    let clear = format!("{far}free = true\nkey_env = \"TEST_API_KEY\"\n");
    assert!(story(&open, "http://llm.example.org/v1", &clear).contains("in the clear"));
    assert!(story(&project, "http://127.0.0.1:9", "key_env = \"OTHER_API_KEY\"\n").contains("`OTHER_API_KEY` is not set"));
    // What the file cannot mean is said, and never a key that stands in it.
    for (more, told) in [
        ("key_env = \"sk-live-canary\"\n", "model.key_env begins with `sk-l`"),
        ("key = \"sk-live-canary\"\n", "key"),
        ("timeout_s = 0\n", "model.timeout_s is 0; expected 1 to 600"),
        ("api = \"soap\"\n", "model.api"),
    ] {
        set_up(dir.path(), "http://127.0.0.1:9", more);
        let out = reel(dir.path()).arg("write").arg(&project).arg("--json").output().expect("starts");
        let said = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
        assert!(!out.status.success() && said.contains("writing.toml") && said.contains(told) && !said.contains("canary"), "{said}");
    }
}
