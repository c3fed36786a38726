//! `reel mcp` as an agent meets it: what passed between it and an independent client once, said again; and all that no
//! honest client says.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{reel, root};

/// Longer than any answer takes on a busy machine: a test that waits so long has hung.
const PATIENCE: Duration = Duration::from_secs(240);
const REVISION: &str = "2025-11-25";

/// A server and its client's end of the pipes.
struct Session {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<Value>,
    /// What the server said without being asked.
    notices: Vec<Value>,
    next: u64,
}

impl Session {
    /// A server whose home and folder are in `work`.
    fn open(work: &Path, args: &[&str]) -> Self {
        let mut command = reel(&work.join("home"));
        command.arg("mcp").args(args).current_dir(work).env("USER", "keeper");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let (say, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines() {
                let line = line.expect("text");
                let message = serde_json::from_str(&line).unwrap_or_else(|e| panic!("no protocol on stdout ({e}): {line}"));
                if say.send(message).is_err() {
                    return;
                }
            }
        });
        let input = child.stdin.take();
        Self { child, input, lines, notices: Vec::new(), next: 1 }
    }

    /// A session that has begun.
    fn begun(work: &Path, args: &[&str]) -> Self {
        let mut session = Self::open(work, args);
        let hello = json!({"protocolVersion": REVISION, "capabilities": {}, "clientInfo": {"name": "tester", "version": "1"}});
        let answer = session.ask("initialize", hello);
        assert_eq!(answer["result"]["protocolVersion"], REVISION, "{answer}");
        session.tell(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        session
    }

    fn raw(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("an open input");
        input.write_all(bytes).and_then(|()| input.flush()).expect("the server reads");
    }

    fn tell(&mut self, message: &Value) {
        self.raw(format!("{message}\n").as_bytes());
    }

    /// The next answer, whoever it is for.
    fn hear(&mut self) -> Value {
        loop {
            let message = self.lines.recv_timeout(PATIENCE).expect("the server answers");
            assert_eq!(message["jsonrpc"], "2.0", "{message}");
            if message.get("method").is_none() {
                return message;
            }
            self.notices.push(message);
        }
    }

    fn begin(&mut self, method: &str, params: Value) -> u64 {
        let id = self.next;
        self.next += 1;
        self.tell(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        id
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params);
        let answer = self.hear();
        assert_eq!(answer["id"], id, "{answer}");
        answer
    }

    /// A call's structured answer, and whether it went well.
    fn call(&mut self, tool: &str, arguments: Value) -> (Value, bool) {
        let answer = self.ask("tools/call", json!({"name": tool, "arguments": arguments}));
        let result = &answer["result"];
        (result["structuredContent"].clone(), result["isError"] != true)
    }

    fn good(&mut self, tool: &str, arguments: Value) -> Value {
        let (answer, well) = self.call(tool, arguments);
        assert!(well, "{tool}: {answer}");
        answer
    }

    fn refused(&mut self, tool: &str, arguments: Value, code: &str) -> Value {
        let (answer, well) = self.call(tool, arguments.clone());
        assert!(!well && answer["error"]["code"] == code, "{tool} {arguments}: {answer}");
        let page = root().join(format!("docs/errors/{code}.md"));
        assert!(page.is_file(), "{code} has no page");
        answer
    }

    /// Closes its input; it must end well, and have said nothing but protocol.
    fn close(mut self) {
        drop(self.input.take());
        let status = self.child.wait().expect("it ends");
        assert!(status.success(), "{status}");
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The smallest project, with these lines for its settings changed.
fn tiny(work: &Path, name: &str, change: &[(&str, &str)]) -> PathBuf {
    let (from, to) = (root().join("tests/fixtures/tiny"), work.join(name));
    std::fs::create_dir_all(to.join("episodes/01")).expect("folders");
    std::fs::copy(from.join("episodes/01/script.fountain"), to.join("episodes/01/script.fountain")).expect("copies");
    let mut settings = std::fs::read_to_string(from.join("project.toml")).expect("settings");
    for (old, new) in change {
        assert!(settings.contains(old), "{old}");
        settings = settings.replace(old, new);
    }
    std::fs::write(to.join("project.toml"), settings).expect("writes");
    to
}

/// What differs from one session to the next, and what it is called in the transcript.
#[derive(Default)]
struct Names(Vec<(String, String)>);

/// Keys whose values tell time, or how much was remembered.
const PASSING: [&str; 6] = ["stages", "cache", "elapsed_ms", "started_at", "steps", "instructions"];

impl Names {
    fn of(work: &Path) -> Self {
        Self(vec![(work.canonicalize().expect("a folder").display().to_string(), "<work>".into())])
    }

    /// The message, as it stands in the transcript.
    fn normal(&mut self, message: &Value) -> Value {
        match message {
            Value::String(text) => self.text(text).into(),
            Value::Array(list) => list.iter().map(|v| self.normal(v)).collect(),
            Value::Object(object) => {
                let mut out = serde_json::Map::new();
                // The run is named where it stands first, whatever the order of keys.
                for (key, value) in object {
                    let value = match (key.as_str(), value) {
                        ("data", Value::String(data)) if object.get("type").is_some_and(|t| t == "image") => {
                            let picture = media::image::decode(&STANDARD.decode(data).expect("base64")).expect("a PNG");
                            let (mut low, mut high) = (255, 0);
                            for pixel in picture.rgba.as_chunks::<4>().0 {
                                (low, high) = (low.min(pixel[1]), high.max(pixel[1]));
                            }
                            assert!(high - low > 40, "a blank picture");
                            format!("<png {}x{}>", picture.width, picture.height).into()
                        }
                        ("tools", Value::Array(_)) => "<tools>".into(),
                        ("version", _) => "<version>".into(),
                        (key, _) if PASSING.contains(&key) => continue,
                        _ => self.normal(value),
                    };
                    out.insert(key.clone(), value);
                }
                // The text of an answer is its JSON.
                if let (Some(structured), Some(text)) = (object.get("structuredContent"), message.pointer("/content/0/text")) {
                    let same: Value = serde_json::from_str(text.as_str().unwrap_or_default()).expect("JSON");
                    assert_eq!(&same, structured);
                    out["content"][0]["text"] = "<the same>".into();
                }
                out.into()
            }
            other => other.clone(),
        }
    }

    fn text(&mut self, text: &str) -> String {
        for word in text.split(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')) {
            let parts: Vec<&str> = word.rsplitn(5, '-').collect();
            let digits = |part: &str, n: usize| part.len() == n && part.bytes().all(|b| b.is_ascii_digit());
            if let [end, time, day, episode, _] = parts[..]
                && end.len() == 4
                && digits(time, 6)
                && digits(day, 8)
                && episode.starts_with('e')
                && self.0.iter().all(|(actual, _)| actual != word)
            {
                let number = self.0.len();
                self.0.push((word.to_owned(), format!("<run-{number}>")));
            }
        }
        self.0.iter().fold(text.to_owned(), |text, (actual, name)| text.replace(actual, name))
    }

    /// A message of the transcript, as it is said today.
    fn actual(&self, message: &Value) -> Value {
        let text = self.0.iter().fold(message.to_string(), |text, (actual, name)| text.replace(name, actual));
        serde_json::from_str(&text).expect("JSON")
    }
}

/// That all of `expected` is in `found`: an answer may say more than it once did, and offer more to do next.
fn within(expected: &Value, found: &Value, at: &str) {
    match (expected, found) {
        (Value::Object(a), Value::Object(b)) => {
            for (key, value) in a {
                let there = b.get(key).unwrap_or_else(|| panic!("{at}/{key} is gone: {found}"));
                within(value, there, &format!("{at}/{key}"));
            }
        }
        (Value::Array(a), Value::Array(b)) if at.ends_with("next_actions") || at.ends_with("next_calls") => {
            assert!(a.iter().all(|one| b.contains(one)), "{at}: {expected}\n{found}");
        }
        (Value::Array(a), Value::Array(b)) => {
            assert_eq!(a.len(), b.len(), "{at}: {expected}\n{found}");
            a.iter().zip(b).enumerate().for_each(|(n, (a, b))| within(a, b, &format!("{at}/{n}")));
        }
        _ => assert_eq!(expected, found, "{at}"),
    }
}

fn transcript() -> PathBuf {
    root().join("tests/fixtures/mcp/transcript.jsonl")
}

/// A recording as `cargo xtask peers` makes it, brought into the form of the transcript.
fn normalised(raw: &str, work: &Path) -> Vec<Value> {
    let mut names = Names::of(work);
    let entries = raw.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    // Notices tell time: they are no part of it.
    let kept = entries.filter(|entry| entry["from"] != "server" || entry["message"].get("method").is_none());
    kept.map(|entry| names.normal(&entry)).collect()
}

/// What an independent client said once is said again; the answers are the same.
#[test]
fn the_recorded_session_passes_again() {
    // A fresh recording is first brought into form; it becomes the transcript when that is asked for.
    if let Some(raw) = std::env::var_os("REELWRIGHT_MCP_RAW") {
        let raw = PathBuf::from(raw);
        let text = std::fs::read_to_string(&raw).expect("the recording");
        let fresh = normalised(&text, raw.parent().expect("its folder"));
        if std::env::var_os("REELWRIGHT_MCP_ACCEPT").is_some() {
            let lines: String = fresh.iter().map(|entry| format!("{entry}\n")).collect();
            std::fs::write(transcript(), lines).expect("writes");
        }
    }
    let dir = tempfile::tempdir().expect("a folder");
    let work = dir.path();
    let mut names = Names::of(work);
    let root_arg = work.canonicalize().expect("a folder").display().to_string();
    let mut session = Session::open(work, &["--root", &root_arg]);
    let text = std::fs::read_to_string(transcript()).expect("the transcript");
    let (mut asked, mut pictures) = (0, Vec::new());
    for line in text.lines() {
        let entry: Value = serde_json::from_str(line).expect("JSON");
        match entry["from"].as_str() {
            Some("author") => {
                let file = work.join(entry["file"].as_str().expect("a file"));
                std::fs::create_dir_all(file.parent().expect("a folder")).expect("folders");
                std::fs::copy(root().join("tests/fixtures/mcp/script.fountain"), file).expect("copies");
            }
            Some("client") => session.tell(&names.actual(&entry["message"])),
            _ => {
                let answer = session.hear();
                within(&entry["message"], &names.normal(&answer), "");
                asked += 1;
                if let Some(data) = answer.pointer("/result/content/1/data") {
                    pictures.push(data.clone());
                }
            }
        }
    }
    let [_, before, after, untouched, same] = &pictures[..] else { panic!("{} pictures", pictures.len()) };
    assert!(asked > 15 && before != after, "the changed words are seen");
    assert!(untouched == same, "a shot without a note shows what it showed");
    let told: Vec<f64> = session.notices.iter().filter_map(|n| n["params"]["progress"].as_f64()).collect();
    assert!(told.len() > 5 && told.is_sorted(), "progress: {told:?}");
    session.close();
}

/// The revision without a handshake: every request says which revision it speaks.
#[test]
fn both_kinds_of_session_are_served_and_versions_are_negotiated() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut session = Session::open(dir.path(), &[]);
    let meta = |version: &str| {
        json!({"_meta": {
            "io.modelcontextprotocol/protocolVersion": version,
            "io.modelcontextprotocol/clientInfo": {"name": "tester", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {},
        }})
    };
    let found = session.ask("server/discover", meta("2026-07-28"));
    let versions = found["result"]["supportedVersions"].as_array().unwrap_or_else(|| panic!("{found}")).clone();
    assert!(versions.contains(&json!("2026-07-28")) && versions.contains(&json!(REVISION)), "{found}");
    let unknown = session.ask("tools/list", meta("2031-01-01"));
    assert!(unknown["error"]["message"].as_str().is_some_and(|m| m.contains("ersion")), "{unknown}");
    let listed = session.ask("tools/list", meta("2026-07-28"));
    assert!(listed["result"]["tools"].as_array().is_some_and(|t| t.len() > 10), "{listed}");
    session.close();
    // A client that asks for a revision of tomorrow is offered the newest that begins with a handshake.
    let mut session = Session::open(dir.path(), &[]);
    let hello = json!({"protocolVersion": "2031-01-01", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
    assert_eq!(session.ask("initialize", hello)["result"]["protocolVersion"], REVISION);
    session.close();
    // Nobody came: that is no fault.
    Session::open(dir.path(), &[]).close();
}

/// What no honest client says is answered by name, and the next request is served.
#[test]
fn hostile_messages_are_named_and_the_server_goes_on() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut session = Session::begun(dir.path(), &[]);
    for (line, code) in [
        ("{".to_owned(), -32700),
        ("\u{0}\u{1}\u{2}".into(), -32700),
        ("[".repeat(200_000), -32700),
        ("{\"a\":".repeat(50_000), -32700),
        (format!("\"{}\"", "x".repeat(2 << 20)), -32600),
        ("x".repeat(9 << 20), -32600),
        ("[]".into(), -32600),
        ("null".into(), -32600),
        (r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#.into(), -32600),
        (r#"{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}"#.into(), -32600),
        (r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#.into(), -32600),
    ] {
        session.raw(format!("{line}\n").as_bytes());
        let answer = session.hear();
        let shown: String = line.chars().take(40).collect();
        assert_eq!(answer["error"]["code"], code, "{shown}: {answer}");
        assert!(answer["error"]["message"].as_str().is_some_and(|m| m.len() > 10 && m.len() < 400), "{shown}: {answer}");
    }
    session.raw(&[0xff, 0xfe, b'\n']);
    assert_eq!(session.hear()["error"]["code"], -32700);
    for (method, params, code) in [
        ("no/such/method", json!({}), -32601),
        ("resources/list", json!({"cursor": 5}), -32601),
        ("tools/call", json!({"name": "no_such_tool", "arguments": {}}), -32602),
        ("tools/call", json!({"name": "../../bin/sh", "arguments": {}}), -32602),
        ("tools/call", json!({"name": "watch", "arguments": {"project": "p"}}), -32602),
        ("tools/call", json!({"name": "mcp", "arguments": {}}), -32602),
        ("tools/call", json!({"name": 7}), -32602),
        ("tools/call", json!({"name": "runs", "arguments": [1]}), -32602),
        ("tools/call", json!({}), -32602),
    ] {
        let answer = session.ask(method, params.clone());
        // What this server does not have may as well be an empty list.
        if method != "resources/list" {
            assert_eq!(answer["error"]["code"], code, "{method} {params}: {answer}");
        }
    }
    for (tool, arguments, code) in [
        ("produce", json!({"project": "absent"}), "project.missing"),
        ("produce", json!({"project": "-", "episode": 1}), "usage"),
        ("produce", json!({"project": ".", "episode": 1e300}), "usage"),
        ("produce", json!({"project": ".", "burn_in": "$(id)"}), "usage"),
        ("produce", json!({"project": "a\u{0}b"}), "usage"),
        ("show", json!({"run": "../../etc/passwd"}), "usage"),
        ("show", json!({"run": "--help"}), "usage"),
        ("show", json!({"run": {"$ne": null}}), "usage"),
        ("frame", json!({"run": "latest", "at": "\u{202e}"}), "usage"),
        ("approve", json!({"run": "latest", "by": "the owner"}), "usage"),
        ("notes_edit", json!({"project": "absent", "if_match": "*", "line": "x", "text": "y"}), "project.missing"),
    ] {
        let answer = session.refused(tool, arguments, code);
        assert!(answer["error"]["hint"].is_string() && answer["next_actions"].is_array(), "{answer}");
    }
    assert_eq!(session.ask("ping", json!({}))["result"], json!({}));
    // A line that never ends takes no more memory than a message may have.
    let before = memory(session.child.id());
    for _ in 0..64 {
        session.raw(&vec![b'x'; 1 << 20]);
    }
    session.raw(b"\n");
    assert_eq!(session.hear()["error"]["code"], -32600);
    let grown = memory(session.child.id()).saturating_sub(before);
    assert!(grown < 16 << 20, "64 MB of one line cost {grown} bytes");
    session.close();
}

/// What a process holds in memory, in bytes.
fn memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a process");
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).expect("its memory");
    line.split_whitespace().nth(1).and_then(|n| n.parse::<u64>().ok()).expect("a number") * 1024
}

/// With a root, nothing outside it is named, made or read.
#[test]
fn calls_stay_in_the_root() {
    let dir = tempfile::tempdir().expect("a folder");
    let work = dir.path().canonicalize().expect("a folder");
    let inner = work.join("inner");
    std::fs::create_dir(&inner).expect("a folder");
    tiny(&work, "outside", &[]);
    tiny(&inner, "mine", &[]);
    std::os::unix::fs::symlink("../outside", inner.join("link")).expect("links");
    let inner_text = inner.display().to_string();
    let mut session = Session::begun(&work, &["--root", &inner_text]);
    let outside = work.join("outside").display().to_string();
    for (tool, arguments) in [
        ("write", json!({"project": "../outside"})),
        ("write", json!({"project": outside})),
        ("write", json!({"project": "link"})),
        ("write", json!({"project": "mine/../../outside"})),
        ("new", json!({"dir": "../made"})),
        ("new", json!({"dir": "link/made"})),
        ("produce", json!({"project": "mine", "out": "/tmp"})),
        ("produce", json!({"project": "mine", "out": "../film"})),
        ("notes_edit", json!({"project": "link", "if_match": "*", "content": ""})),
        ("schema_export", json!({"dir": outside})),
        ("schema_validate", json!({"paths": ["mine/project.toml", "/etc/passwd"]})),
        ("frame", json!({"run": "../outside", "at": "0f"})),
        ("frame", json!({"run": "link", "at": "0f"})),
        ("storyboard", json!({"run": outside})),
        ("render", json!({"package": "link/package.json"})),
    ] {
        session.refused(tool, arguments, "path.outside");
    }
    assert!(!work.join("made").exists() && !work.join("film").exists() && !work.join("outside/episodes/01/notes.toml").exists());
    let read = session.good("notes_read", json!({"project": "mine"}));
    assert_eq!(read["file"].as_str(), Some(inner.join("mine/episodes/01/notes.toml").display().to_string().as_str()));
    session.good("write", json!({"project": inner.join("mine").display().to_string()}));
    session.close();
}

/// A run is stopped when the client takes the call back, and when the session ends; others are answered meanwhile.
#[test]
fn long_work_is_beside_other_answers_and_can_be_stopped() {
    let dir = tempfile::tempdir().expect("a folder");
    let work = dir.path();
    let lighthouse = root().join("examples/lighthouse").display().to_string();
    let mut session = Session::begun(work, &[]);
    let long =
        json!({"name": "produce", "arguments": {"project": lighthouse, "no_voice": true, "jobs": 1}, "_meta": {"progressToken": "t"}});
    let id = session.begin("tools/call", long.clone());
    // Others are answered while it works; it tells how far it is.
    while session.notices.is_empty() {
        assert_eq!(session.ask("ping", json!({}))["result"], json!({}));
    }
    let runs = session.good("runs", json!({}));
    assert_eq!(runs["runs"][0]["status"], "running", "{runs}");
    assert!(session.notices.iter().all(|n| n["method"] == "notifications/progress" && n["params"]["progressToken"] == "t"));
    session.tell(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id, "reason": "enough"}}));
    let stopped = (0..1_000).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        session.good("runs", json!({}))["runs"][0]["status"] != "running"
    });
    assert!(stopped, "the run goes on although nobody wants it");
    // The session ends in the middle of another run.
    session.begin("tools/call", long);
    let count = session.notices.len();
    while session.notices.len() == count {
        session.ask("ping", json!({}));
    }
    session.close();
    let mut session = Session::begun(work, &[]);
    let runs = session.good("runs", json!({}));
    let states: Vec<&str> = runs["runs"].as_array().expect("runs").iter().filter_map(|r| r["status"].as_str()).collect();
    assert!(states.len() == 2 && states.iter().all(|s| *s != "running" && *s != "completed"), "{runs}");
    session.close();
}

/// Nobody is asked on a terminal, and the agent cannot say yes in a person's name.
#[test]
fn a_run_that_waits_says_which_call_decides() {
    let dir = tempfile::tempdir().expect("a folder");
    let project = tiny(dir.path(), "asks", &[("approve_character_packs = false", "approve_character_packs = true")]);
    let mut session = Session::begun(dir.path(), &[]);
    let making = json!({"project": project.display().to_string(), "draft": true, "no_voice": true});
    let waits = session.refused("produce", making.clone(), "approval.needed");
    let calls = waits["next_calls"].as_array().expect("calls").clone();
    let approve = calls.iter().find(|c| c["tool"] == "approve").unwrap_or_else(|| panic!("{waits}"));
    assert_eq!(approve["arguments"]["point"], "approve_character_packs");
    session.refused("produce", json!({"project": "p", "yes": true}), "usage");
    let decided = session.good("approve", approve["arguments"].clone());
    assert_eq!(decided["decision"]["by"], "keeper through reel mcp (tester)", "{decided}");
    let made = session.good("produce", making);
    assert!(made["film"].is_string(), "{made}");
    session.close();
}

/// Notes are changed by etag, on the command line as well; what would not stand is not written.
#[test]
fn notes_are_edited_by_etag_and_never_overwritten() {
    let dir = tempfile::tempdir().expect("a folder");
    let project = tiny(dir.path(), "noted", &[]);
    let home = dir.path().join("home");
    let run = |args: &[&str]| {
        let mut command = reel(&home);
        command.arg("notes").args(args).arg(&project).arg("--json");
        command
    };
    let read = || crate::ok(&mut run(&["read"]));
    assert_eq!((read()["etag"].clone(), read()["exists"].clone()), (json!("absent"), json!(false)));
    let made = crate::ok(&mut run(&["edit", "--if-match", "absent", "--line", "i-left-it-fb792-l1", "--text", "I closed it."]));
    assert_eq!(made["notes"]["lines"][0]["text"], "I closed it.");
    assert_eq!(made["etag"], read()["etag"]);
    crate::refused(&mut run(&["edit", "--if-match", "absent", "--word", "gate", "--sound", "gayt"]), 3, "notes.stale");
    let etag = made["etag"].as_str().expect("an etag").to_owned();
    let file = project.join("episodes/01/notes.toml");
    let before = std::fs::read(&file).expect("the file");
    for (args, exit, code) in [
        (vec!["--line", "i-left-it-fb792-l1", "--text", ""], 3, "notes.malformed"),
        (vec!["--line", "NOT AN ID", "--text", "x"], 3, "notes.malformed"),
        (vec!["--shot", "s1", "--framing", "from behind"], 3, "notes.malformed"),
        (vec!["--shot", "s1", "--remove"], 3, "notes.unknown"),
        (vec!["--content", "[[line"], 3, "notes.malformed"),
        (vec!["--content", "x = 1"], 3, "notes.malformed"),
        (vec!["--scene", "sc01", "--level", "9"], 2, "usage"),
        (vec!["--line", "a", "--shot", "b", "--text", "x"], 2, "usage"),
        (vec!["--line", "a", "--framing", "wide"], 2, "usage"),
        (vec!["--line", "a"], 2, "usage"),
        (vec!["--text", "x"], 2, "usage"),
        (vec!["--content", "", "--text", "x"], 2, "usage"),
        (vec!["--line", "a", "--text", "x", "--remove"], 2, "usage"),
    ] {
        let mut all = vec!["edit", "--if-match", etag.as_str()];
        all.extend(args);
        crate::refused(&mut run(&all), exit, code);
        assert_eq!(std::fs::read(&file).expect("the file"), before);
    }
    // A person's own file, mended by a program; a broken one is shown as it is.
    std::fs::write(&file, "# mine\n[[shot]]\nid = \"s1\" # first\nframing = \"close\"\n").expect("writes");
    let edited = crate::ok(&mut run(&["edit", "--if-match", "*", "--shot", "s1", "--framing", "wide"]));
    assert_eq!(edited["text"], "# mine\n[[shot]]\nid = \"s1\" # first\nframing = \"wide\"\n");
    std::fs::write(&file, "[[line").expect("writes");
    let broken = read();
    assert_eq!((broken["text"].as_str(), broken["fault"]["code"].as_str()), (Some("[[line"), Some("notes.malformed")), "{broken}");
    let whole = crate::ok(&mut run(&["edit", "--if-match", broken["etag"].as_str().expect("an etag"), "--content", ""]));
    assert_eq!(whole["text"], "");
}

/// Every command and every tool that the skill file names is there and does what it says, in its order.
#[test]
fn the_skill_file_is_true() {
    let text = std::fs::read_to_string(root().join("docs/agents.md")).expect("the file");
    let (name, about) = (text.lines().nth(1).unwrap_or_default(), text.lines().nth(2).unwrap_or_default());
    assert!(text.starts_with("---\n") && name.starts_with("name: ") && about.starts_with("description: ") && about.len() < 400);
    let dir = tempfile::tempdir().expect("a folder");
    let work = dir.path();
    let mut session = Session::begun(work, &[]);
    let listed = session.ask("tools/list", json!({}));
    let tools = listed["result"]["tools"].as_array().expect("tools");
    let mut named = 0;
    for row in text.lines().filter(|l| l.starts_with("| `")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let tool = tools.iter().find(|t| t["name"] == cells[1].trim_matches('`')).unwrap_or_else(|| panic!("no tool {row}"));
        assert_eq!(tool["annotations"]["readOnlyHint"], cells[2] == "yes", "{row}");
        named += 1;
    }
    assert!(named >= 10, "{named} tools");
    session.close();
    // The commands of the loop, as they stand there; a small screenplay keeps the film short.
    let (mut ran, mut etag, mut line) = (0, String::new(), String::new());
    for command in text.lines().filter_map(|l| l.strip_prefix("$ reel ")) {
        let command = command.replace("ETAG", &etag).replace("LINE", &line).replace("--draft", "--draft --no-voice");
        // The whole film costs what the tests of films cost; here the same command finds what its draft has made.
        let command = if command.contains("--out film") { format!("{command} --draft --no-voice") } else { command };
        // Words in quotes are one argument.
        let args = command.split('"').enumerate().flat_map(|(n, part)| match n % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect::<Vec<_>>(),
            _ => vec![part.to_owned()],
        });
        let answer = crate::ok(reel(&work.join("home")).args(args).current_dir(work));
        if let Some(said) = answer.pointer("/shots").and_then(Value::as_array) {
            let lines = said.iter().flat_map(|s| s["lines"].as_array().cloned().unwrap_or_default());
            line = lines.last().and_then(|l| l["line_id"].as_str().map(str::to_owned)).expect("a line");
        }
        if let Some(tag) = answer["etag"].as_str() {
            etag = tag.to_owned();
        }
        if command.starts_with("new ") {
            std::fs::create_dir_all(work.join("gate/episodes/01")).expect("folders");
            let script = root().join("tests/fixtures/tiny/episodes/01/script.fountain");
            std::fs::copy(script, work.join("gate/episodes/01/script.fountain")).expect("copies");
        }
        ran += 1;
    }
    assert!(ran >= 8 && work.join("look.png").is_file() && work.join("film/final.mp4").is_file(), "{ran} commands");
    let config: Value =
        serde_json::from_str(text.split("```json\n").nth(1).and_then(|t| t.split("```").next()).expect("a config")).expect("JSON");
    let server = &config["mcpServers"]["reelwright"];
    assert_eq!((&server["command"], &server["args"][0]), (&json!("reel"), &json!("mcp")));
}
