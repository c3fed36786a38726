//! The author's loop: a save makes again what it changed and nothing else, the page shows it, an error stops nothing. Then
//! the storyboard and single frames of that film.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use contracts::shots::ShotList;
use serde_json::Value;

use crate::{ok, reel, refused, root};

/// How long an event may take on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(300);

/// A watch that runs.
struct Watch {
    child: Child,
    events: Receiver<Value>,
}

impl Watch {
    fn start(home: &Path, project: &Path) -> Self {
        let mut command = reel(home);
        command.arg("watch").arg(project).args(["--json", "--no-voice", "--port", "0"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().expect("the binary starts");
        let out = BufReader::new(child.stdout.take().expect("its output"));
        let (send, events) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let event = serde_json::from_str(&line).unwrap_or_else(|e| panic!("not JSON ({e}): {line}"));
                if send.send(event).is_err() {
                    break;
                }
            }
        });
        Self { child, events }
    }

    /// The next event of this name; stages may come before it, an end of another kind may not.
    fn next(&self, name: &str) -> Value {
        loop {
            let event = self.events.recv_timeout(PATIENCE).unwrap_or_else(|e| panic!("no `{name}`: {e}"));
            match event["event"].as_str() {
                Some(found) if found == name => return event,
                Some("finished" | "failed" | "stopped") => panic!("`{name}` was awaited: {event}"),
                _ => {}
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One request, its whole answer: status line with headers, body.
fn ask(port: u64, request: &str) -> (String, Vec<u8>) {
    let mut stream = open(port, request);
    let mut all = Vec::new();
    stream.read_to_end(&mut all).expect("an answer");
    let at = all.windows(4).position(|w| w == b"\r\n\r\n").expect("an end of headers");
    (String::from_utf8_lossy(&all[..at]).to_lowercase(), all[at + 4..].to_vec())
}

fn open(port: u64, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port as u16)).expect("the page");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let (line, headers) = request.split_once('\n').unwrap_or((request, ""));
    let host = if headers.contains("Host:") { String::new() } else { format!("Host: 127.0.0.1:{port}\r\n") };
    let headers: String = headers.lines().map(|h| format!("{h}\r\n")).collect();
    stream.write_all(format!("{line} HTTP/1.1\r\n{host}Connection: close\r\n{headers}\r\n").as_bytes()).expect("asks");
    stream
}

/// Saves as an editor does: a new file, renamed over the old one.
fn save(path: &Path, text: &str) {
    let new = path.with_extension("toml.tmp");
    fs::write(&new, text).expect("writes");
    fs::rename(new, path).expect("renames");
}

fn ids(value: &Value) -> Vec<&str> {
    value.as_array().expect("a list").iter().filter_map(Value::as_str).collect()
}

#[test]
fn a_save_renews_the_draft_and_an_error_stops_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let (home, project) = (dir.path().join("home"), dir.path().join("lighthouse"));
    fs::create_dir(&project).expect("a folder");
    for file in ["project.toml", "canon.toml"] {
        fs::copy(root().join("examples/lighthouse").join(file), project.join(file)).expect("copies");
    }
    refused(reel(&home).arg("watch").arg(dir.path()).arg("--json"), 3, "project.missing");
    let mut watch = Watch::start(&home, &project);
    let port = watch.next("serving")["port"].as_u64().expect("a port");
    let first = watch.next("finished");
    assert_eq!(ids(&first["remade"]).len() as u64, first["shots"].as_u64().unwrap_or_default(), "{first}");
    page(port, &first);
    // Pages that look are told.
    let mut told = BufReader::new(open(port, "GET /events"));
    let mut version = || loop {
        let mut line = String::new();
        assert!(told.read_line(&mut line).expect("an event") > 0, "the stream ended");
        let Some(data) = line.strip_prefix("data: ") else { continue };
        let event: Value = serde_json::from_str(data).expect("JSON");
        if event["mood"] != "making" {
            return event;
        }
    };
    assert_eq!(version()["version"], 1);
    // Other words for a line, in a file and a folder that were not there: its shot, and nothing else.
    let notes = project.join("episodes/01/notes.toml");
    fs::create_dir_all(project.join("episodes/01")).expect("folders");
    save(&notes, "[[line]]\nid = \"sc02-b02-l1\"\ntext = \"Stone keeps its own time, and so does the fog.\"\n");
    assert_eq!(ids(&watch.next("changed")["files"]), ["episodes/01/notes.toml"]);
    let second = watch.next("finished");
    let again = ids(&second["remade"]);
    assert!(!again.is_empty() && again.len() <= 2 && again.iter().all(|id| id.starts_with("sc02-b0")), "{second}");
    assert_ne!(second["film"], first["film"]);
    let event = version();
    assert_eq!(event["version"], 2);
    assert!(second["film"].as_str().is_some_and(|f| f.ends_with(event["film"].as_str().unwrap_or("?"))));
    // A file that cannot be read is said, here and on the page, which keeps its film.
    let file = project.join("project.toml");
    let text = fs::read_to_string(&file).expect("the project");
    save(&file, &text.replacen("genre", "gerne", 1));
    let failed = watch.next("failed");
    assert_eq!(failed["error"]["code"], "project.malformed", "{failed}");
    let shown = String::from_utf8_lossy(&ask(port, "GET /").1).into_owned();
    assert!(shown.contains("class=\"trouble\"") && shown.contains("project.malformed") && shown.contains("<video"), "{shown}");
    save(&file, &text);
    let third = watch.next("finished");
    assert_eq!((ids(&third["remade"]).len(), &third["film"]), (0, &second["film"]));
    assert!(!String::from_utf8_lossy(&ask(port, "GET /board").1).contains("class=\"trouble\""));
    // Ctrl-C.
    let stopped = Command::new("kill").args(["-INT", &watch.child.id().to_string()]).status().expect("kill starts");
    assert!(stopped.success());
    assert_eq!(watch.next("stopped")["drafts"], 3);
    assert!(watch.child.wait().expect("it ends").success());
    let run = third["run_id"].as_str().expect("a run");
    storyboard(&home, dir.path(), run);
    frames(&home, dir.path(), &project, run);
}

/// What the page hands out, and to whom.
fn page(port: u64, first: &Value) {
    let (head, body) = ask(port, "GET /");
    let body = String::from_utf8_lossy(&body).into_owned();
    assert!(head.starts_with("http/1.1 200") && head.contains("x-content-type-options: nosniff"), "{head}");
    assert!(head.contains("content-security-policy: default-src 'none'") && !head.contains("unsafe"), "{head}");
    assert!(body.contains("sc02-b01-s1") && !body.contains("<script>") && !body.contains("style=\"") && !body.contains("https://"));
    for name in ["/page.js", "/page.css", "/board"] {
        assert!(ask(port, &format!("GET {name}")).0.starts_with("http/1.1 200"), "{name}");
    }
    let url = first["film"].as_str().expect("a film");
    let film = url.split_once(&format!(":{port}")).expect("its port").1;
    let (head, whole) = ask(port, &format!("GET {film}"));
    assert!(head.contains("content-type: video/mp4") && head.contains("immutable"), "{head}");
    assert_eq!(whole.get(4..8), Some(&b"ftyp"[..]));
    let (head, part) = ask(port, &format!("GET {film}\nRange: bytes=1000-300999"));
    assert!(head.starts_with("http/1.1 206") && head.contains(&format!("content-range: bytes 1000-300999/{}", whole.len())), "{head}");
    assert!(part == whole[1000..301_000]);
    let (head, part) = ask(port, &format!("GET {film}\nRange: bytes=-5"));
    assert!(head.starts_with("http/1.1 206") && part == whole[whole.len() - 5..], "{head}");
    assert!(ask(port, &format!("GET {film}\nRange: bytes={}-", whole.len())).0.starts_with("http/1.1 416"));
    // Nobody by another name, nothing that was not offered, nothing but reading.
    for host in ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1.evil.example", ""] {
        let (head, body) = ask(port, &format!("GET {film}\nHost: {host}"));
        assert!(head.starts_with("http/1.1 4") && body.len() < 200, "{host}: {head}");
    }
    assert!(ask(port, &format!("GET /\nHost: localhost:{port}")).0.starts_with("http/1.1 200"));
    let hash = film.trim_start_matches("/file/");
    for path in [
        "/nothing",
        "/file/",
        "/file/x.mp4",
        "/file/../../etc/passwd",
        "/file/..%2f..%2fetc%2fpasswd",
        &format!("/file/{}", hash.replace("mp4", "png")),
    ] {
        assert!(ask(port, &format!("GET {path}")).0.starts_with("http/1.1 404"), "{path}");
    }
    for method in ["POST", "PUT", "DELETE"] {
        assert!(ask(port, &format!("{method} /")).0.starts_with("http/1.1 405"), "{method}");
    }
}

fn storyboard(home: &Path, dir: &Path, run: &str) {
    let (one, two) = (dir.join("one"), dir.join("two"));
    // A story that was only written since is not the latest film.
    ok(reel(home).arg("write").arg(crate::root().join("examples/lighthouse")).arg("--json"));
    let made = ok(reel(home).args(["storyboard", "latest", "--json", "--out"]).arg(&one));
    assert_eq!(made["run_id"], run);
    ok(reel(home).args(["storyboard", run, "--json", "--out"]).arg(&two));
    let panels = made["panels"].as_u64().expect("a number");
    let files = ids(&made["files"]);
    assert_eq!(files.len() as u64, 1 + panels.div_ceil(6), "{made}");
    for file in files {
        let name = Path::new(file).file_name().expect("a name");
        assert!(fs::read(one.join(name)).expect("reads") == fs::read(two.join(name)).expect("reads"), "{file} differs");
    }
    let html = fs::read_to_string(one.join("storyboard.html")).expect("the page");
    assert_eq!(html.matches("<article").count() as u64, panels);
    assert_eq!(html.matches("src=\"data:image/png;base64,").count() as u64, panels);
    assert!(html.contains("id=\"sc02-b01-s1\"") && html.contains("dissolve in") && !html.contains("://"), "needs nothing else");
    let sheet = media::image::decode(&fs::read(one.join("storyboard-1.png")).expect("the sheet")).expect("a PNG");
    assert_eq!((sheet.width, sheet.height), (1754, 1240));
    refused(reel(home).args(["storyboard", "no-such-run", "--json", "--out"]).arg(&one), 2, "usage");
}

fn frames(home: &Path, dir: &Path, project: &Path, run: &str) {
    // The same film as a folder; all of it is remembered.
    let out = dir.join("folder");
    let made = ok(reel(home).arg("produce").arg(project).args(["--draft", "--yes", "--no-voice", "--json", "--out"]).arg(&out));
    assert!(made["stages"].as_array().is_some_and(|s| s.iter().all(|s| s["cached"] == true)), "{made}");
    let list: ShotList = contracts::read(&fs::read(out.join("ShotList.json")).expect("the shots")).expect("a document");
    let folder = out.to_string_lossy().into_owned();
    let take = |run: &str, at: &str, name: &str| {
        let file = dir.join(name);
        let told = ok(reel(home).args(["frame", run, at, "--json", "--out"]).arg(&file));
        (told, fs::read(file).expect("the picture"))
    };
    // A segment's frame and the film's are one picture, however it is asked for.
    let shot = &list.shots[4];
    let number = shot.start_frame + 7;
    let (told, picture) = take("latest", &format!("{number}f"), "a.png");
    assert_eq!((&told["frame"], &told["shot_id"], &told["frame_in_shot"]), (&number.into(), &shot.id.as_str().into(), &7.into()), "{told}");
    let code = told["timecode"].as_str().expect("a timecode").to_owned();
    for (run, at) in [(run, format!("{}+7f", shot.id)), (&folder, format!("{number}f")), (run, code)] {
        assert!(take(run, &at, "b.png").1 == picture, "{run} {at}");
    }
    assert_ne!(take("latest", &format!("{}f", number + 30), "c.png").1, picture);
    let line = list.lines.first().expect("a line");
    let middle = list.edit_rate.frame_at(line.start + line.samples / 2);
    assert_eq!(take("latest", &format!("{middle}f"), "d.png").0["line"]["line_id"], line.line_id.as_str());
    let image = media::image::decode(&picture).expect("a PNG");
    assert_eq!((image.width, image.height), (640, 360));
    assert!(take("latest", &format!("{}f", list.total_frames - 1), "e.png").1.len() > 1000, "the last frame");
    let late = refused(reel(home).args(["frame", "latest", &format!("{}f", list.total_frames), "--json"]), 2, "usage");
    assert!(late["error"]["hint"].as_str().is_some_and(|h| h.contains(&format!("{}f", list.total_frames - 1))), "{late}");
    refused(reel(home).args(["frame", "latest", "sc99-b01-s1", "--json"]), 2, "usage");
    refused(reel(home).args(["frame", "no/such/folder", "1s", "--json"]), 2, "usage");
}
