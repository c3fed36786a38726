//! Takes: other pictures of one shot, made beside a finished film, chosen, and shown by the next production alone.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use contracts::{Hash, assets::AssetManifest, read, render::RenderOutput, run::RunSummary, takes::Selections};
use serde_json::Value;
use tempfile::TempDir;

use crate::notes::{example, hang_picture, note};
use crate::{ok, reel, refused};

struct Desk {
    dir: TempDir,
    project: PathBuf,
}

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let project = example(dir.path());
        Self { project, dir }
    }

    fn verb(&self, words: &[&str]) -> std::process::Command {
        let mut command = reel(&self.dir.path().join("home"));
        command.args(words).arg("--json");
        command
    }

    /// A silent draft: shot → its segment, and what was said of it.
    fn film(&self) -> (BTreeMap<String, Hash>, Value) {
        let out = self.dir.path().join("out");
        let mut command = self.verb(&["produce", "--yes", "--draft", "--no-voice"]);
        let done = ok(command.arg("--out").arg(&out).arg(&self.project));
        let output: RenderOutput = read(&fs::read(out.join("RenderOutput.json")).expect("reads")).expect("a document");
        (output.segments.into_iter().map(|s| (s.shot_id.to_string(), s.video)).collect(), done)
    }
}

fn remade(done: &Value) -> Vec<&str> {
    done["remade"].as_array().expect("a list").iter().filter_map(Value::as_str).collect()
}

fn differing<'a>(a: &'a BTreeMap<String, Hash>, b: &BTreeMap<String, Hash>) -> Vec<&'a str> {
    a.iter().filter(|(shot, video)| b.get(*shot) != Some(video)).map(|(shot, _)| shot.as_str()).collect()
}

/// Mean difference of two pictures, in levels of a channel.
fn apart(a: &Path, b: &Path) -> f64 {
    let open = |path: &Path| media::image::decode(&fs::read(path).expect("reads")).expect("a picture");
    let (a, b) = (open(a), open(b));
    assert_eq!((a.width, a.height), (b.width, b.height));
    let sum: u64 = a.rgba.iter().zip(&b.rgba).map(|(x, y)| u64::from(x.abs_diff(*y))).sum();
    sum as f64 / a.rgba.len() as f64
}

#[test]
fn a_take_is_painted_beside_the_film_picked_and_shown_by_its_shot_alone() {
    let desk = Desk::new();
    let (first, _) = desk.film();
    let shot = "sc02-b01-s1";

    let made = ok(&mut desk.verb(&["retake", "latest", shot, "--note", "more sea, less wall"]));
    assert_eq!((&made["take"]["take"], &made["cost_micro_usd"], &made["picked"]), (&1.into(), &0.into(), &0.into()), "{made}");
    let file = |key: &str| PathBuf::from(made[key].as_str().expect("a path"));
    let second = ok(&mut desk.verb(&["retake", "latest", shot]));
    let two = PathBuf::from(second["file"].as_str().expect("a path"));
    assert_eq!(second["take"]["take"], 2);
    // Another picture than the film's, and than each other; and the same again when it is asked for again.
    for (a, b) in [(file("take_0"), file("file")), (file("take_0"), two.clone()), (file("file"), two)] {
        assert!(apart(&a, &b) > 4.0, "{} {} {}", a.display(), b.display(), apart(&a, &b));
    }
    // Making takes changes no film.
    let (same, done) = desk.film();
    assert_eq!((&same, remade(&done)), (&first, vec![]));

    let listed = ok(&mut desk.verb(&["takes", "latest", shot]));
    let takes = listed["takes"].as_array().expect("a list");
    let row = |n: usize| (takes[n]["take"].as_u64().expect("a number"), takes[n]["picked"].as_bool().expect("a mark"));
    assert_eq!((takes.len(), row(0), row(1), row(2)), (3, (0, true), (1, false), (2, false)), "{listed}");
    assert_eq!(takes[1]["note"], "more sea, less wall");
    assert!(takes.iter().all(|t| Path::new(t["file"].as_str().expect("a path")).is_file()));
    let version = listed["version"].to_string();

    // Two who choose over one version: the second is told.
    ok(&mut desk.verb(&["pick", "latest", shot, "1", "--if-version", &version]));
    let late = refused(&mut desk.verb(&["pick", "latest", shot, "2", "--if-version", &version]), 6, "takes.moved");
    assert!(late["error"]["message"].as_str().is_some_and(|m| m.contains("shows take 1")), "{late}");

    // The shot is made again, and the shots that dissolve out of it; no other is.
    let (taken, done) = desk.film();
    assert_eq!(done["status"], "completed");
    let mut changed = remade(&done);
    changed.sort_unstable();
    assert_eq!(changed, differing(&taken, &first));
    assert!(changed.contains(&shot) && changed.len() <= 2, "{changed:?}");
    let out = desk.dir.path().join("out");
    let chosen: Selections = read(&fs::read(out.join("Selections.json")).expect("reads")).expect("a document");
    assert_eq!(chosen.shots.into_iter().map(|(s, n)| (s.to_string(), n)).collect::<Vec<_>>(), [(shot.to_owned(), 1)]);
    let summary: RunSummary = read(&fs::read(out.join("run_summary.json")).expect("reads")).expect("a document");
    assert!(summary.artifacts.contains_key("selections") && summary.cost_micro_usd.0 == 0);
    let manifest: AssetManifest = read(&fs::read(out.join("AssetManifest.json")).expect("reads")).expect("a document");
    assert!(manifest.base.is_some(), "it says what it was before a person chose");
    // A take of a film that shows a take is a take of the director's picture, not of the other take.
    let third = ok(&mut desk.verb(&["retake", "latest", shot]));
    assert_eq!((&third["take"]["take"], &third["picked"]), (&3.into(), &1.into()));
    assert!(apart(Path::new(third["take_0"].as_str().expect("a path")), &file("take_0")) < 0.01);

    // Chosen back, the film is the first one, out of memory.
    ok(&mut desk.verb(&["pick", "latest", shot, "0"]));
    let (back, done) = desk.film();
    assert_eq!((&back, remade(&done)), (&first, vec![]));
}

#[test]
fn what_has_no_other_take_says_why() {
    let desk = Desk::new();
    hang_picture(&desk.project);
    refused(&mut desk.verb(&["retake", "latest", "sc02-b01-s1"]), 2, "usage");
    note(&desk.project, "[[shot]]\nid = \"sc02-b04-s1\"\npicture = \"harbour\"\n");
    desk.film();
    let said = |words: &[&str]| {
        let answer = refused(&mut desk.verb(words), 2, "usage");
        format!("{} | {}", answer["error"]["message"].as_str().expect("text"), answer["error"]["hint"].as_str().expect("text"))
    };
    let card = said(&["retake", "latest", "end-card"]);
    assert!(card.contains("is a card") && card.contains("sc02-b01-s1"), "{card}");
    let pinned = said(&["retake", "latest", "sc02-b04-s1"]);
    assert!(pinned.contains("the author's own picture `harbour`") && pinned.contains("notes.toml"), "{pinned}");
    let unknown = said(&["retake", "latest", "sc09-b09-s9"]);
    assert!(unknown.contains("no shot `sc09-b09-s9`") && unknown.contains("sc02-b01-s1"), "{unknown}");
    assert!(said(&["retake", "no-such-run", "sc02-b01-s1"]).contains("there is no run `no-such-run`"));
    assert!(said(&["retake", "../x", "sc02-b01-s1"]).contains("is no run folder"));
    assert!(said(&["retake", "latest", "sc02-b01-s1", "--note", "a\u{7}b"]).contains("no control characters"));
    let none = said(&["pick", "latest", "sc02-b01-s1", "3"]);
    assert!(none.contains("has no take 3") && none.contains("its takes are: 0;"), "{none}");
    assert!(said(&["pick", "latest", "sc02-b01-s1", "x"]).contains("from 0 to 99"));
    assert!(said(&["pick", "latest", "end-card", "1"]).contains("is a card"));
    assert!(said(&["pick", "latest", "sc02-b04-s1", "1"]).contains("harbour"));
    assert_eq!(ok(&mut desk.verb(&["takes", "latest"]))["takes"], Value::Array(vec![]));

    // A choice that cannot be followed any more is said with the film.
    ok(&mut desk.verb(&["retake", "latest", "sc02-b01-s1"]));
    ok(&mut desk.verb(&["pick", "latest", "sc02-b01-s1", "1"]));
    note(&desk.project, "[[shot]]\nid = \"sc02-b01-s1\"\npicture = \"harbour\"\n");
    let (_, done) = desk.film();
    let notes = done["notes"].to_string();
    assert!(notes.contains("take 1 of sc02-b01-s1 is chosen, and the notes show the picture `harbour` there"), "{notes}");
}
