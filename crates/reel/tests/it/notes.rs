//! The author's hand: `episodes/NN/notes.toml` changes what it names, is refused by line where it cannot, and nothing else is
//! made again.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use contracts::{
    Hash, Id,
    assets::{AssetSource, ResolvedAssets},
    notes::Notes,
    read,
    render::RenderOutput,
    shots::ShotList,
    story::Script,
    table_read::ReadLine,
};
use registry::{MemoLookup, Registry};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{ok, reel, refused, root};

/// A copy of the example in a folder, for a test to change.
pub fn example(dir: &Path) -> PathBuf {
    let project = dir.join("lighthouse");
    fs::create_dir_all(project.join("episodes/01")).expect("folders");
    for file in ["project.toml", "canon.toml"] {
        fs::copy(root().join("examples/lighthouse").join(file), project.join(file)).expect("copies");
    }
    project
}

/// Writes the notes of episode 1.
pub fn note(project: &Path, text: &str) {
    fs::write(project.join("episodes/01/notes.toml"), text).expect("writes");
}

/// Gives the project a library with one picture in it, called `harbour`, that only a note asks for.
pub fn hang_picture(project: &Path) {
    fs::create_dir_all(project.join("library")).expect("a folder");
    let entry = "[harbour]\nfile = \"harbour.png\"\ntags = [\"harbour\", \"night\"]\nlicence = \"CC0-1.0\"\nauthor = \"the tester\"\n";
    fs::write(project.join("library/library.toml"), entry).expect("writes");
    let rgba = (0..32 * 18u32).flat_map(|i| [(i * 7 % 256) as u8, 90, 160, 255]).collect();
    let picture = media::image::Image { width: 32, height: 18, rgba };
    fs::write(project.join("library/harbour.png"), media::image::encode(&picture).expect("encodes")).expect("writes");
}

struct Desk {
    dir: TempDir,
    project: PathBuf,
}

/// A film and what was said of it.
struct Film {
    done: Value,
    out: PathBuf,
    /// Shot → its segment.
    segments: BTreeMap<String, Hash>,
    order: Vec<String>,
}

impl Film {
    fn document<T: contracts::Document>(&self, name: &str) -> T {
        read(&fs::read(self.out.join(name)).expect("the document")).expect("is a document")
    }

    fn remade(&self) -> Vec<&str> {
        self.done["remade"].as_array().expect("a list").iter().filter_map(Value::as_str).collect()
    }

    /// What was not made again is what it was, to the byte; the summary names all the rest.
    fn keeps(&self, before: &Film) {
        for (shot, segment) in self.segments.iter().filter(|(shot, _)| !self.remade().contains(&shot.as_str())) {
            assert_eq!(before.segments.get(shot), Some(segment), "{shot}");
        }
        let differing: Vec<&str> =
            self.order.iter().filter(|s| before.segments.get(*s) != self.segments.get(*s)).map(String::as_str).collect();
        assert_eq!(self.remade(), differing, "the summary names the shots made again, and no other");
    }
}

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let project = example(dir.path());
        Self { project, dir }
    }

    fn verb(&self, verb: &str) -> Command {
        let mut command = reel(&self.dir.path().join("home"));
        command.arg(verb).arg(&self.project);
        command
    }

    /// A silent draft: everything but voices and size is the real thing.
    fn produce(&self) -> Command {
        let mut command = self.verb("produce");
        command.args(["--yes", "--draft", "--no-voice", "--out"]).arg(self.dir.path().join("out"));
        command
    }

    fn film(&self, notes: &str) -> Film {
        note(&self.project, notes);
        let done = ok(self.produce().arg("--json"));
        let out = self.dir.path().join("out");
        let output: RenderOutput = read(&fs::read(out.join("RenderOutput.json")).expect("reads")).expect("is a document");
        let order = output.segments.iter().map(|s| s.shot_id.to_string()).collect();
        let segments = output.segments.into_iter().map(|s| (s.shot_id.to_string(), s.video)).collect();
        Film { done, out, segments, order }
    }
}

#[test]
fn only_what_a_note_changes_is_made_again() {
    let desk = Desk::new();
    hang_picture(&desk.project);
    let first = desk.film("");
    assert_eq!(first.done["status"], "completed");
    assert_eq!(first.remade().len(), first.order.len(), "a first run makes every shot");
    assert!(!first.out.join("Notes.json").exists());

    // Other words for one line.
    let line = "[[line]]\nid = \"sc02-b02-l1\"\ntext = \"This tower stands on rock. You row on water.\"\n";
    let replaced = desk.film(line);
    replaced.keeps(&first);
    assert_eq!((replaced.remade(), &replaced.order), (vec!["sc02-b02-t1"], &first.order));
    // 002-29.3: at least 60 % of the steps of a minor change are remembered, and of its shots all but one.
    let cache = &replaced.done["cache"];
    let count = |name: &str| cache[name].as_u64().expect("a number");
    assert!(count("hits") * 100 >= count("steps") * 60, "{cache}");
    assert_eq!((count("shots"), count("shot_hits")), (first.order.len() as u64, first.order.len() as u64 - 1), "{cache}");
    assert_eq!(first.done["cache"]["shot_hits"], 0, "a first run remembers nothing");
    let script: Script = replaced.document("Script.json");
    assert!(script.lines().any(|(.., l)| l.text == "This tower stands on rock. You row on water."));
    assert!(fs::read_to_string(replaced.out.join("captions.srt")).expect("captions").contains("You row on water."));
    assert_eq!(replaced.document::<Notes>("Notes.json").lines.len(), 1);

    // A line more: the new card and no other; a name is one nobody else had.
    let added = "[[line]]\nafter = \"sc01-b02-l1\"\nspeaker = \"nessa\"\ntext = \"Count again.\"\n";
    let longer = desk.film(&format!("{line}{added}"));
    longer.keeps(&replaced);
    assert_eq!(longer.remade(), ["sc01-b02-t-l1-a1"]);
    let others: Vec<&String> = longer.order.iter().filter(|s| *s != "sc01-b02-t-l1-a1").collect();
    assert_eq!(others, first.order.iter().collect::<Vec<_>>());

    // Its words change, its name does not. A cut, a picture, a length, a framing and music, all at once.
    let notes = format!(
        "{}{}",
        added.replace("Count again.", "Count them again."),
        "[[line]]\nid = \"sc05-b03-l1\"\ncut = true\n\
         [[shot]]\nid = \"sc04-b01\"\npicture = \"harbour\"\n\
         [[shot]]\nid = \"sc03-b02-s1\"\nlength = \"84 f\"\n\
         [[shot]]\nid = \"sc02-b06\"\nframing = \"close\"\nmove = \"pull_out\"\n\
         [[music]]\nscene = \"sc03\"\nlevel = 0\n"
    );
    let much = desk.film(&notes);
    assert_eq!(much.done["status"], "completed");
    // The last picture now runs on under the dissolve into the end card, where its own card stood between them.
    let want = ["sc01-b02-t-l1-a1", "sc02-b06-s1", "sc03-b02-s1", "sc04-b01-s1", "sc05-b03-s1", "end-card"];
    assert_eq!(much.remade(), want);
    for (shot, segment) in first.segments.iter().filter(|(s, _)| !want.contains(&s.as_str()) && *s != "sc05-b03-t1") {
        assert_eq!(much.segments.get(shot), Some(segment), "{shot}");
    }
    assert!(!much.order.contains(&"sc05-b03-t1".to_owned()));
    let list: ShotList = much.document("ShotList.json");
    assert_eq!(list.shots.iter().find(|s| s.id.as_str() == "sc03-b02-s1").map(|s| s.frames), Some(84));
    assert!(list.music.iter().any(|c| c.scene_id == Some(Id::slug("sc03")) && c.level == 0));
    let resolved: ResolvedAssets = much.document("ResolvedAssets.json");
    assert!(resolved.assets.values().any(|a| a.source == AssetSource::Library && a.rights.licence == "CC0-1.0"));

    // What a person reads.
    note(&desk.project, &notes.replace("\"84 f\"", "\"4 s\"").replace("\"harbour\"", "\"harbour_at_dawn\""));
    let told = desk.produce().output().expect("starts");
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    let others = much.order.len() - 2;
    assert!(told.contains(&format!("made again: sc03-b02-s1, sc04-b01-s1; {others} others from memory\n")), "{told}");
    assert!(told.contains("stand-in for harbour_at_dawn"), "{told}");
    let shown = reel(&desk.dir.path().join("home")).arg("show").output().expect("starts");
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("again     sc03-b02-s1, sc04-b01-s1;"), "{shown}");

    // Without notes it is the first film again, to the byte, out of the memo.
    let back = desk.film("# nothing\n");
    assert_eq!((back.remade(), &back.segments), (vec![], &first.segments));
    assert_eq!(back.document::<RenderOutput>("RenderOutput.json").film, {
        let first: Value = first.done.clone();
        assert_eq!(first["frames"], back.done["frames"]);
        Hash::of(&fs::read(back.out.join("final.mp4")).expect("the film"))
    });
}

#[test]
fn notes_that_cannot_be_followed_are_refused_by_line() {
    let desk = Desk::new();
    let (bad, unknown, against) = ("notes.malformed", "notes.unknown", "notes.contradictory");
    let line = |rest: &str| format!("[[line]]\n{rest}\n");
    let replace = |id: &str| line(&format!("id = \"{id}\"\ntext = \"So.\""));
    let add = |rest: &str| line(&format!("{rest}\nspeaker = \"nessa\"\ntext = \"So.\""));
    let shot = |rest: &str| format!("[[shot]]\n{rest}\n");
    let cases: Vec<(String, &str, &[&str])> = vec![
        ("[[line]\n".into(), bad, &["line 1"]),
        (replace("sc01-b02-l1") + "colour = \"red\"\n", bad, &["line 4", "colour"]),
        ("[[lines]]\nid = \"x\"\n".into(), bad, &["line 1", "lines", "pronounce"]),
        (replace("SC01"), bad, &["line 2", "[a-z0-9]"]),
        (line("id = \"sc01-b02-l1\""), bad, &["line 1", "says nothing"]),
        (line("id = \"sc01-b02-l1\"\ntext = \"\""), bad, &["line 1", "1 to 200"]),
        (line(&format!("id = \"sc01-b02-l1\"\ntext = \"{}\"", "word ".repeat(2_000))), bad, &["line 1", "10000", "several lines"]),
        (line("id = \"sc01-b02-l1\"\ntext = \"a\\u0007b\""), bad, &["line 1", "U+0007"]),
        (line("id = \"sc01-b02-l1\"\ntext = \"...\""), bad, &["no letter"]),
        (line("id = \"sc01-b02-l1\"\nemotion = \"fear 9\""), bad, &["line 3", "fear 9", "1 to 3"]),
        (line("id = \"sc01-b02-l1\"\nemotion = \"hungry\""), bad, &["line 3", "hungry", "pleading"]),
        (line("id = \"sc01-b02-l1\"\ncut = true\ntext = \"So.\""), bad, &["line 1", "cut"]),
        (line("id = \"sc01-b02-l1\"\ntext = \"So.\"\nspeaker = \"bram\""), bad, &["line 1", "speaker"]),
        (add("after = \"sc01-b02-l1\"\nbefore = \"sc01-b03-l1\""), bad, &["line 1", "exactly one"]),
        (line("after = \"sc01-b02-l1\"\ntext = \"So.\""), bad, &["no speaker"]),
        (add(&format!("beat = \"sc01-b02\"\nname = \"{}\"", "n".repeat(52))), bad, &["too long"]),
        (shot("id = \"sc01-b02\"\nlength = \"long\""), bad, &["line 3", "3.5 s"]),
        (shot("id = \"sc01-b02\"\nlength = \"9 s\""), bad, &["line 1", "9.0 s", "8.0 s"]),
        (shot("id = \"sc01-b02\"\nlength = \"99999999999999999999 s\""), bad, &["line 3"]),
        (shot("id = \"sc01-b02\"\nframing = \"huge\""), bad, &["line 3", "medium_two"]),
        (shot("id = \"sc01-b02\""), bad, &["says nothing"]),
        ("[[music]]\nscene = \"sc01\"\nlevel = 9\n".into(), bad, &["line 1", "level is 9", "0 (silence) to 3"]),
        ("[pronounce]\nCombs = \"koomz\"\n\"two words\" = \"x\"\n".into(), bad, &["line 3", "two words"]),
        (replace("sc01-b02-l1") + &replace("sc02-b3-l1"), unknown, &["line 4", "sc02-b3-l1", "nearest: sc02-b03-l1"]),
        (add("after = \"sc01-b02-l7\""), unknown, &["sc01-b02-l7", "sc01-b02-l1"]),
        (line("beat = \"sc01-b02\"\nspeaker = \"nesa\"\ntext = \"So.\""), unknown, &["nesa", "nessa"]),
        (shot("id = \"sc01-b77\"\nframing = \"close\""), unknown, &["line 1", "sc01-b77"]),
        ("\n\n[[music]]\nscene = \"sc99\"\nlevel = 0\n".into(), unknown, &["line 3", "sc99"]),
        (replace("sc01-b02-l1") + &line("id = \"sc01-b02-l1\"\ncut = true"), against, &["lines 1 and 4", "replaced and cut"]),
        (line("id = \"sc01-b02-l1\"\ncut = true") + &add("after = \"sc01-b02-l1\""), against, &["lines 4 and 1", "is cut"]),
        (add("beat = \"sc01-b02\"\nname = \"x\"") + &add("beat = \"sc01-b02\"\nname = \"x\""), against, &["lines 1 and 6", "sc01-b02-x"]),
        (
            shot("id = \"sc01-b02-s1\"\nlength = \"4 s\"") + &shot("id = \"sc01-b02\"\nframing = \"close\""),
            against,
            &["lines 1 and 4", "twice"],
        ),
        (shot("id = \"sc02-b03\"\nframing = \"insert\""), against, &["line 1", "insert", "thing"]),
        (shot("id = \"sc01-b01\"\nframing = \"medium_two\""), against, &["two people"]),
        ("[pronounce]\nCombs = \"koomz\"\ncombs = \"kohmz\"\n".into(), against, &["lines 2 and 3", "one word"]),
    ];
    for (notes, code, words) in cases {
        note(&desk.project, &notes);
        let answer = refused(desk.verb("write").arg("--json"), 3, code);
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains("notes.toml") && message.len() < 700, "{notes:.200}: {message}");
        for word in words {
            assert!(message.contains(word), "{notes:.200}: `{word}` is not in: {message}");
        }
    }
    // What only the lengths of the lines can tell is told before anything is drawn.
    note(&desk.project, &(shot("id = \"sc01-b02\"\nlength = \"2 s\"") + &shot("id = \"sc01-b02-t1\"\nlength = \"0.5 s\"")));
    let answer = refused(desk.produce().arg("--json"), 3, against);
    let message = answer["error"]["message"].as_str().unwrap_or_default();
    assert!(message.contains("line 4") && message.contains("sound until"), "{message}");
    note(&desk.project, &shot("id = \"sc01-b02-s2\"\nlength = \"2 s\""));
    let answer = refused(desk.produce().arg("--json"), 3, unknown);
    assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains("line 1") && m.contains("sc01-b02-s1")), "{answer}");
    assert!(!desk.dir.path().join("out/final.mp4").exists());
    // A folder nobody reads is no notes.
    fs::remove_file(desk.project.join("episodes/01/notes.toml")).expect("removes");
    fs::create_dir(desk.project.join("episodes/1")).expect("a folder");
    fs::write(desk.project.join("episodes/1/notes.toml"), replace("sc01-b02-l1")).expect("writes");
    let answer = refused(desk.verb("write").arg("--json"), 3, "project.malformed");
    assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains("two digits")), "{answer}");
}

#[test]
fn a_word_said_otherwise_is_written_as_it_was_and_speaks_only_its_own_lines_again() {
    let desk = Desk::new();
    let file = desk.project.join("project.toml");
    let text = fs::read_to_string(&file).expect("the project");
    let text = text.replace("approve_shotlist_timing_lock = false", "approve_shotlist_timing_lock = true");
    assert!(text.contains("approve_shotlist_timing_lock = true"));
    fs::write(&file, text).expect("writes");
    // The run stops before anything is drawn: what was spoken is in the memo.
    let home = desk.dir.path().join("home");
    let spoken = |notes: &str| -> (BTreeMap<Id, ReadLine>, u64) {
        note(&desk.project, notes);
        let answer = refused(desk.verb("produce").arg("--json"), 10, "approval.needed");
        let run = Id::new(answer["run_id"].as_str().expect("a run")).expect("an id");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let registry = runtime.block_on(Registry::open(&home)).expect("the registry");
        let mut lines = BTreeMap::new();
        for row in runtime.block_on(registry.steps(&run)).expect("the steps").into_iter().filter(|r| r.step.kind == "speak") {
            match runtime.block_on(registry.memo_get(&Id::slug("local"), &row.step.memo_key)).expect("the memo") {
                MemoLookup::Hit(memo) => {
                    let line: ReadLine = serde_json::from_value(memo.outputs.facts).expect("a line");
                    lines.insert(line.line_id.clone(), line)
                }
                other => panic!("{} is not remembered: {other:?}", row.step.name),
            };
        }
        runtime.block_on(registry.close());
        let shown = ok(reel(&home).args(["show", "--json"]));
        let stage =
            shown["summary"]["stages"].as_array().expect("stages").iter().find(|s| s["name"] == "table_read").expect("is read").clone();
        (lines, stage["steps"].as_u64().unwrap_or(0) - stage["hits"].as_u64().unwrap_or(0))
    };
    let (before, _) = spoken("");
    let (after, made) = spoken("[pronounce]\nINSPECTOR = \"in speck ter\"\nzebra = \"zeebra\"\n");
    let with: Vec<&Id> = before.values().filter(|l| l.text.contains("inspector")).map(|l| &l.line_id).collect();
    assert_eq!(with.len(), 1, "the example speaks of the inspector once");
    // The line and the table that holds it.
    assert_eq!(made, 2);
    for (id, line) in &before {
        if with.contains(&id) {
            let texts = |l: &ReadLine| l.words.iter().map(|w| w.text.clone()).collect::<Vec<_>>();
            assert_eq!((&after[id].text, texts(&after[id])), (&line.text, texts(line)), "captions keep the written words");
            assert_ne!(after[id].audio, line.audio, "it sounds otherwise");
            let marks = &after[id].words;
            assert!(marks.windows(2).all(|w| w[0].end <= w[1].start) && marks.last().is_some_and(|w| w.end <= after[id].samples));
        } else {
            assert_eq!(&after[id], line);
        }
    }
}

/// The notes and the picture of the golden table: one line with as many letters as before, so that no length changes.
pub fn small_hand(project: &Path) {
    hang_picture(project);
    let text = "This tower stands on rock. Fog never.";
    note(project, &format!("[[line]]\nid = \"sc02-b02-l1\"\ntext = {}\n[[shot]]\nid = \"sc04-b01\"\npicture = \"harbour\"\n", json!(text)));
}
