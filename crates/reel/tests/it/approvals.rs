//! Approval points: a run stops, says so by every channel, waits as long as it takes, and goes on from where it stopped.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use contracts::{Id, read, run::RunSummary};
use kit::{Clock, Failpoints, SeededClock, SystemClock, Timestamp};
use registry::{Registry, Room, Seams};
use serde_json::Value;
use tempfile::TempDir;

use crate::notes::{example, note};
use crate::{ok, reel, refused};

const DIFF: &str = "approve_canon_diff";
const LOCK: &str = "approve_shotlist_timing_lock";
const HOOK: &str = "REELWRIGHT_REVIEW_WEBHOOK";

struct Desk {
    dir: TempDir,
    project: PathBuf,
}

impl Desk {
    /// A project that says nothing of approvals.
    fn silent() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let project = example(dir.path());
        let file = project.join("project.toml");
        let text = fs::read_to_string(&file).expect("reads");
        let (before, _) = text.split_once("[approval_points]").expect("the example writes them out");
        fs::write(&file, before).expect("writes");
        Self { project, dir }
    }

    fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    fn out(&self) -> PathBuf {
        self.dir.path().join("out")
    }

    fn verb(&self, words: &[&str]) -> Command {
        let mut command = reel(&self.home());
        command.args(words).env("USER", "mara");
        command
    }

    fn produce(&self) -> Command {
        let mut command = self.verb(&["produce", "--draft", "--no-voice", "--out"]);
        command.arg(self.out()).arg(&self.project);
        command
    }

    /// A run that stops at a point: its id, and what it said.
    fn stops(&self, point: &str) -> (String, Value) {
        let answer = refused(self.produce().arg("--json"), 10, "approval.needed");
        assert!(answer["error"]["message"].as_str().is_some_and(|m| m.starts_with(point)), "{answer}");
        (answer["run_id"].as_str().expect("a run").to_owned(), answer)
    }

    /// The same at a terminal of its own, where somebody types: exit code, and what stood on the screen.
    fn at_a_terminal(&self, typed: &str) -> (Option<i32>, String) {
        let produce = self.produce();
        let words = [produce.get_program()].into_iter().chain(produce.get_args());
        let line: Vec<String> = words.map(|word| format!("'{}'", word.to_str().expect("UTF-8"))).collect();
        let mut script = self.verb(&[]);
        let env: Vec<_> = script.get_envs().map(|(k, v)| (k.to_owned(), v.map(ToOwned::to_owned))).collect();
        script = Command::new("script");
        script.env_clear().args(["--quiet", "--return", "--command", &line.join(" "), "/dev/null"]);
        script.envs(env.into_iter().filter_map(|(k, v)| Some((k, v?)))).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = script.spawn().expect("script of bsdutils starts");
        child.stdin.take().expect("a pipe").write_all(typed.as_bytes()).expect("types");
        let output = child.wait_with_output().expect("ends");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn events(&self, run: &str, kind: &str) -> Vec<Value> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let registry = Registry::open(&self.home()).await.expect("opens");
            let events = registry.events(Some(&Id::new(run).expect("an id")), 0, u32::MAX).await.expect("reads");
            registry.close().await;
            events.into_iter().filter(|e| e.kind == kind).map(|e| e.json).collect()
        })
    }

    /// The whole store is looked over for what may go, so many days from now, with no room left.
    fn collect_in(&self, days: u64) {
        let now = SystemClock::new().now_utc().ms();
        let then = Arc::new(SeededClock::new(Timestamp(now + days as i64 * 86_400_000), 1));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let seams = Seams { clock: then, failpoints: Failpoints::parse("").expect("a setting") };
            let registry = Registry::open_with(&self.home(), seams).await.expect("opens");
            registry.collect(Room { keep_days: 1, max_bytes: Some(0) }).await.expect("collects");
            registry.close().await;
        });
    }
}

/// Somebody who is told things: answers each with a status, and hands back what came.
fn listener(status: &'static str, calls: usize) -> (String, std::thread::JoinHandle<Vec<(String, Value)>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/told?key=s3cret", listener.local_addr().expect("bound"));
    let heard = std::thread::spawn(move || {
        (0..calls)
            .map(|_| {
                let (mut line, _) = listener.accept().expect("a caller");
                let (mut got, mut part) = (Vec::new(), [0u8; 4_096]);
                loop {
                    let n = line.read(&mut part).expect("reads");
                    got.extend_from_slice(&part[..n]);
                    let text = String::from_utf8_lossy(&got).into_owned();
                    let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                    let length = head.lines().find_map(|l| l.strip_prefix("Content-Length: ")).expect("a length");
                    if body.len() >= length.parse::<usize>().expect("a number") {
                        let _ = line.write_all(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").as_bytes());
                        return (head.lines().next().unwrap_or_default().to_owned(), serde_json::from_str(body).expect("JSON"));
                    }
                }
            })
            .collect()
    });
    (url, heard)
}

#[test]
fn a_silent_project_asks_by_every_channel_waits_for_a_month_and_goes_on_from_where_it_stopped() {
    let desk = Desk::silent();
    // 002-27.4: as text, as an event, and by the hook; asked again, the hook is not called again.
    let (url, heard) = listener("200 OK", 1);
    let first = desk.produce().env(HOOK, &url).output().expect("starts");
    let text = String::from_utf8_lossy(&first.stderr).into_owned();
    assert_eq!(first.status.code(), Some(10), "{text}");
    assert!(text.contains("approve_canon_diff waits for a yes: what episode 1 makes true") && text.contains("reel approve"), "{text}");
    let (line, told) = heard.join().expect("is told").remove(0);
    assert_eq!(line, "POST /told?key=s3cret HTTP/1.1");
    let run = told["run"].as_str().expect("a run").to_owned();
    assert_eq!((&told["project"], &told["episode"], &told["point"]), (&"lighthouse".into(), &1.into(), &DIFF.into()), "{told}");
    assert_eq!(told["approve"], serde_json::json!(["reel", "approve", run, DIFF]));
    assert!(told["what"].is_string() && told["subject"].as_str().is_some_and(|s| s.len() == 64));
    assert_eq!(desk.events(&run, "review_requested").len(), 1);
    assert_eq!(desk.events(&run, "review_sent")[0]["point"], DIFF);
    let again = refused(desk.produce().env(HOOK, "http://127.0.0.1:9/closed").arg("--json"), 10, "approval.needed");
    assert_eq!(desk.events(again["run_id"].as_str().expect("a run"), "review_not_sent"), [] as [Value; 0], "one question, one call");

    // A month in which the store is swept and nobody says anything: still a question, and what was made is there.
    desk.collect_in(31);
    desk.stops(DIFF);
    let yes = ok(&mut desk.verb(&["approve", &run, DIFF, "--notes", "as it should be", "--json"]));
    assert_eq!((&yes["decision"]["by"], &yes["decision"]["approved"]), (&"mara".into(), &true.into()));
    assert_eq!(yes["next_actions"][0][1], "produce", "{yes}");
    desk.collect_in(62);
    let (second, _) = desk.stops(LOCK);
    let steps = ok(&mut desk.verb(&["show", &second, "--json"]))["summary"]["stages"].clone();
    let before: Vec<&Value> = steps.as_array().expect("stages").iter().filter(|s| s["name"] != "shotlist").collect();
    for stage in before.iter().filter(|s| ["arc", "episode", "cast", "script", "canon_gate"].contains(&s["name"].as_str().unwrap_or(""))) {
        assert_eq!(stage["cached"], true, "made once: {stage}");
    }
    let yes = ok(&mut desk.verb(&["approve", "latest", "--json"]));
    assert_eq!(yes["decision"]["point"], LOCK);
    let done = ok(desk.produce().arg("--json"));
    assert_eq!(done["status"], "completed");
    let summary: RunSummary = read(&fs::read(desk.out().join("run_summary.json")).expect("reads")).expect("a document");
    let given: Vec<&str> = summary.approvals.iter().map(|a| a.point.as_str()).collect();
    assert_eq!(given, [DIFF, LOCK], "002-27.1b: character packs are not asked about unless the project wants it");

    // 002-27.1c: a yes to lengths is a yes to these lengths. Others are asked about; the film of the old ones stays.
    let film = fs::read(desk.out().join("final.mp4")).expect("the film");
    note(&desk.project, "[[shot]]\nid = \"sc02-b01-s1\"\nlength = \"6.5 s\"\n");
    desk.stops(LOCK);
    assert!(fs::read(desk.out().join("final.mp4")).expect("the film") == film, "a run that waits touches no film");
    note(&desk.project, "");
    let back = ok(desk.produce().arg("--json"));
    assert_eq!((&back["status"], back["remade"].as_array().map(Vec::len)), (&"completed".into(), Some(0)), "the old lock stands");
    // Nobody is asked any more: a film was made.
    refused(&mut desk.verb(&["approve", "latest", "--json"]), 2, "approval.nothing");
    assert!(ok(&mut desk.verb(&["artifacts", "verify", "--json"]))["sound"].as_bool().unwrap_or(true));
}

#[test]
fn at_a_terminal_a_person_is_asked_and_anything_but_yes_is_a_wait() {
    let desk = Desk::silent();
    let (code, screen) = desk.at_a_terminal("yes\nperhaps\n");
    assert_eq!(code, Some(10), "{screen}");
    assert!(screen.contains(&format!("{DIFF}: what episode 1 makes true")) && screen.matches("yes? [y/N]").count() == 2, "{screen}");
    ok(desk.produce().args(["--yes", "--json"]));
    let summary: RunSummary = read(&fs::read(desk.out().join("run_summary.json")).expect("reads")).expect("a document");
    let given: Vec<(&str, &str)> =
        summary.approvals.iter().map(|a| (a.approver.as_str(), a.notes.as_deref().unwrap_or_default())).collect();
    assert_eq!(given, [("mara", "given at the terminal"), ("mara", "given by --yes")], "the first yes was kept, the other not given");
}

#[test]
fn a_decision_is_made_once_and_a_later_one_counts_from_the_next_run_on() {
    let desk = Desk::silent();
    let (run, _) = desk.stops(DIFF);
    let said = |words: &[&str], code: &str| {
        let mut command = desk.verb(words);
        let answer = refused(command.arg("--json"), 2, code);
        format!("{} | {}", answer["error"]["message"].as_str().expect("text"), answer["error"]["hint"].as_str().expect("text"))
    };
    let unknown = said(&["approve", &run, "approve_everything"], "usage");
    assert!(unknown.contains("no approval point `approve_everything`") && unknown.contains(LOCK), "{unknown}");
    assert!(said(&["approve", &run, LOCK], "approval.nothing").contains(&format!("it waits at {DIFF}")));
    assert!(said(&["approve", "no-such-run"], "usage").contains("there is no run `no-such-run`"));
    assert!(said(&["approve", "../x"], "usage").contains("reel runs"));

    // A no stands until somebody says yes.
    ok(&mut desk.verb(&["reject", &run, DIFF, "--notes", "she would never say that", "--json"]));
    let no = refused(desk.produce().arg("--json"), 10, "approval.refused");
    assert!(no["error"]["message"].as_str().is_some_and(|m| m.contains("mara") && m.contains("she would never say that")), "{no}");
    assert!(said(&["reject", &run, DIFF], "approval.decided").contains("refused already, by mara"));
    ok(&mut desk.verb(&["approve", &run, DIFF, "--by", "tobias", "--json"]));
    assert!(said(&["approve", &run, DIFF], "approval.decided").contains("approved already, by tobias"));

    let (locked, _) = desk.stops(LOCK);
    ok(&mut desk.verb(&["approve", &locked, "--json"]));
    let done = ok(desk.produce().arg("--json"));
    let film = done["run_id"].as_str().expect("a run").to_owned();
    // Of a finished run: what was said is said; otherwise is a later decision, and the film stays what it is.
    assert!(said(&["approve", &film, LOCK], "approval.decided").contains("approved already"));
    let bytes = fs::read(desk.out().join("final.mp4")).expect("the film");
    let later = desk.verb(&["reject", &film, LOCK]).output().expect("starts");
    let text = String::from_utf8_lossy(&later.stdout).into_owned();
    assert!(later.status.success() && text.contains("counts from the next run on") && text.contains("stays what it is"), "{text}");
    refused(desk.produce().arg("--json"), 10, "approval.refused");
    assert!(fs::read(desk.out().join("final.mp4")).expect("the film") == bytes);
    assert_eq!(ok(&mut desk.verb(&["show", &film, "--json"]))["status"], "completed");
}

#[test]
fn a_hook_that_fails_is_said_and_recorded_and_stops_nothing() {
    for (hook, why) in [
        ("http://127.0.0.1:9/s3cret", "127.0.0.1:9"),
        ("http://hooks.example.org/s3cret", "https"),
        ("nonsense s3cret", "https"),
        ("https://10.1.2.3/s3cret", "no address that may be called"),
    ] {
        let desk = Desk::silent();
        let output = desk.produce().env(HOOK, hook).arg("--json").output().expect("starts");
        let (answer, noise) = (crate::json(&output), String::from_utf8_lossy(&output.stderr).into_owned());
        assert_eq!((output.status.code(), answer["error"]["code"].as_str()), (Some(10), Some("approval.needed")), "{answer}");
        assert!(noise.contains("nobody was told") && noise.contains(why), "{noise}");
        let events = desk.events(answer["run_id"].as_str().expect("a run"), "review_not_sent");
        assert!(events.len() == 1 && events[0]["why"].as_str().is_some_and(|w| w.contains(why)), "{events:?}");
        assert!(!noise.contains("s3cret") && !events[0].to_string().contains("s3cret"), "the address is a secret: {noise}");
    }
    let desk = Desk::silent();
    let (url, heard) = listener("500 No", 1);
    let output = desk.produce().env(HOOK, &url).output().expect("starts");
    heard.join().expect("is told");
    let noise = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(10) && noise.contains("answered with the status 500"), "{noise}");
}
