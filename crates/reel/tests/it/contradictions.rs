//! Name, age, death and location: a story that contradicts itself makes no film, says where both sides stand, changes no
//! canon; and goes on once it is corrected.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use contracts::{
    Hash, Id,
    canon::{Canon, CanonDiff},
};
use registry::Registry;
use serde_json::Value;
use tempfile::TempDir;

use crate::{ok, reel, refused, root};

/// A copy of the example, with a home of its own.
struct Story {
    dir: TempDir,
    canon: String,
}

impl Story {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let example = root().join("examples/lighthouse");
        fs::create_dir(dir.path().join("lighthouse")).expect("a folder");
        fs::copy(example.join("project.toml"), dir.path().join("lighthouse/project.toml")).expect("copies");
        let story = Self { canon: fs::read_to_string(example.join("canon.toml")).expect("the canon"), dir };
        story.canon(&story.canon);
        story
    }

    fn project(&self) -> PathBuf {
        self.dir.path().join("lighthouse")
    }

    fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    fn canon(&self, text: &str) {
        fs::write(self.project().join("canon.toml"), text).expect("writes");
    }

    /// The canon with one thing said otherwise.
    fn changed(&self, from: &str, to: &str) {
        assert!(self.canon.contains(from), "{from}");
        self.canon(&self.canon.replacen(from, to, 1));
    }

    /// The canon with more facts.
    fn stated(&self, facts: &str) {
        self.canon(&format!("{}\n{facts}", self.canon));
    }

    /// The author's notes on the first episode: other words for a line.
    fn says(&self, line: &str, words: &str) {
        let folder = self.project().join("episodes/01");
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("notes.toml"), format!("[[line]]\nid = \"{line}\"\ntext = \"{words}\"\n")).expect("writes");
    }

    fn verb(&self, verb: &str) -> Command {
        let mut command = reel(&self.home());
        command.arg(verb).arg(self.project()).arg("--json");
        command
    }

    fn produce(&self, out: &Path) -> Command {
        let mut command = self.verb("produce");
        command.args(["--yes", "--out"]).arg(out);
        command
    }

    /// Where a name of the canon points.
    fn at(&self, name: &str) -> Option<Hash> {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let registry = Registry::open(&self.home()).await.expect("opens");
            let row = registry.get_ref(&Id::slug("local"), name).await.expect("reads");
            registry.close().await;
            row.map(|r| r.hash)
        })
    }

    fn document<T: contracts::Document>(&self, hash: &Hash) -> T {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let registry = runtime.block_on(Registry::open(&self.home())).expect("opens");
        let document = registry.artifact(hash).expect("is there");
        runtime.block_on(registry.close());
        document
    }

    /// `reel produce` and `reel write` both refuse, with this finding and both its sides; nothing is made and no canon moves.
    fn refuses(&self, code: &str, sides: [&str; 2]) -> Value {
        let out = self.dir.path().join("refused");
        let refs = || ["canon/lighthouse", "canon/lighthouse/ep-01", "diff/lighthouse/ep-01"].map(|name| self.at(name));
        let before = refs();
        refused(&mut self.verb("write"), 5, "canon.contradiction");
        let answer = refused(&mut self.produce(&out), 5, "canon.contradiction");
        assert_eq!(answer["status"], "blocked", "{answer}");
        let findings = answer["error"]["findings"].as_array().expect("findings");
        let found = findings.iter().find(|f| f["code"] == code).unwrap_or_else(|| panic!("no {code} in {answer}"));
        for side in sides {
            let named = found["sources"].as_array().is_some_and(|s| s.iter().any(|s| s.as_str().is_some_and(|s| s.starts_with(side))));
            assert!(named, "`{side}` is no source of {found}");
            assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains(side)), "{answer}");
        }
        assert!(root().join(format!("docs/errors/{code}.md")).is_file(), "{code} has no page");
        assert!(!out.join("final.mp4").exists());
        assert_eq!(refs(), before);
        answer
    }

    /// Corrected, the same command goes on.
    fn goes_on(&self) {
        self.canon(&self.canon);
        assert_eq!(ok(&mut self.verb("write"))["script"]["episode"], 1);
    }
}

#[test]
fn two_names_for_one_person() {
    let story = Story::new();
    story.stated("[[facts]]\nsubject = \"nessa\"\nattribute = \"name\"\nvalue = \"Nessa Rone\"\n");
    story.refuses("canon.name", ["canon.toml [[characters]] nessa", "canon.toml [[facts]] nessa-name"]);
    story.goes_on();
}

#[test]
fn an_age_that_no_birthday_gives() {
    let story = Story::new();
    story.changed("\nage = 34\n", "\nage = 44\n");
    let answer = story.refuses("canon.age", ["canon.toml [[characters]] nessa look.age", "canon.toml [[characters]] nessa born"]);
    assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains("look.age is 44") && m.contains("34 years")), "{answer}");
    story.stated("[[facts]]\nsubject = \"bram\"\nattribute = \"age\"\nvalue = 51\nfrom = \"0131-10-01\"\n");
    story.refuses("canon.age", ["canon.toml [[facts]] bram-age", "canon.toml [[characters]] bram"]);
    story.goes_on();
}

#[test]
fn one_person_in_two_places() {
    let story = Story::new();
    let place = |place: &str, from: &str, until: &str| {
        format!("[[facts]]\nsubject = \"nessa\"\nattribute = \"location\"\nvalue = \"{place}\"\nfrom = \"{from}\"\nuntil = \"{until}\"\n\n")
    };
    // Two facts of the canon; then one fact and a scene of the script.
    let both = place("gallery", "0131-10-01", "0131-10-03") + &place("landing", "0131-10-02", "0131-10-04");
    story.stated(&both);
    story.refuses("canon.location", ["canon.toml [[facts]] nessa-location", "canon.toml [[facts]] nessa-location-2"]);
    story.stated(&place("the_combs", "0131-10-21T06:30", "0131-10-21T07:00"));
    story.refuses("canon.location", ["canon.toml [[facts]] nessa-location", "script sc01"]);
    // One after the other is no contradiction.
    story.stated(&(place("gallery", "0131-10-01", "0131-10-02") + &place("landing", "0131-10-02", "0131-10-04")));
    ok(&mut story.verb("write"));
    story.goes_on();
}

#[test]
fn a_persons_own_line_is_read_as_well_and_named_by_its_file() {
    let story = Story::new();
    let mine = "episodes/01/notes.toml sc02-b04-l1";
    for (words, code, other) in [
        ("I am forty-four, and cold.", "canon.age", "canon.toml [[characters]] nessa"),
        ("Ask Bram Toller about oil.", "canon.name", "canon.toml [[characters]] bram"),
        ("Bram is dead.", "canon.death", "script sc02"),
        ("I'm in the lamp room.", "canon.location", "canon.toml [[locations]] lamp_room"),
    ] {
        story.says("sc02-b04-l1", words);
        story.refuses(code, [mine, other]);
    }
    // What contradicts nothing is the author's to say.
    story.says("sc02-b04-l1", "I am thirty-four, and cold.");
    story.goes_on();
}

/// The whole way: a film is accepted, the story is made to contradict itself, nothing moves, it is corrected, and the
/// same command makes the film from what it had.
#[test]
fn the_dead_do_not_speak_and_the_corrected_story_goes_on() {
    let story = Story::new();
    story.stated("[[facts]]\nid = \"bram-dead\"\nsubject = \"bram\"\nattribute = \"dead\"\nvalue = \"drowned\"\nfrom = \"0131-10-21\"\n");
    story.refuses("canon.death", ["canon.toml [[facts]] bram-dead", "fact ol-weather (template:mystery"]);
    assert_eq!(story.at("canon/lighthouse"), None);
    story.canon(&story.canon);
    // Corrected, the story is told once; the film goes on from there.
    story.goes_on();
    let out = story.dir.path().join("out");
    let done = ok(&mut story.produce(&out));
    assert!(out.join("final.mp4").is_file());
    let cached = |name: &str| done["stages"].as_array().is_some_and(|s| s.iter().any(|s| s["name"] == name && s["cached"] == true));
    assert!(cached("arc") && cached("script") && cached("canon_gate"), "{done}");
    // What the film made true is true now.
    let (head, first) = (story.at("canon/lighthouse"), story.at("canon/lighthouse/ep-01"));
    assert!(head.is_some() && head == first);
    let canon: Canon = story.document(&head.expect("a head"));
    let diff: CanonDiff = story.document(&story.at("diff/lighthouse/ep-01").expect("a diff"));
    assert!(diff.verdict.as_ref().is_some_and(|v| v.pass) && !diff.added.is_empty());
    assert!(diff.added.iter().all(|f| canon.facts.iter().any(|g| g.id == f.id)));
    assert!(canon.version >= 3, "season, cast, episode: {}", canon.version);
    // Accepted canon does not move under a story that contradicts it.
    story.stated("[[facts]]\nid = \"bram-dead\"\nsubject = \"bram\"\nattribute = \"dead\"\nvalue = \"drowned\"\nfrom = \"0131-10-21\"\n");
    story.refuses("canon.death", ["canon.toml [[facts]] bram-dead", "fact ol-weather (template:mystery"]);
    // An earlier episode whose story has moved on since its film is said. A draft is looked at while working: it accepts nothing.
    story.changed("attribute = \"boats\"\nvalue = 9\n", "attribute = \"boats\"\nvalue = 7\n");
    let done = ok(story.produce(&story.dir.path().join("second")).args(["--episode", "2", "--draft"]));
    let said = |n: &Value| n.as_str().is_some_and(|n| n.contains("produce episode 1 again"));
    assert!(done["notes"].as_array().is_some_and(|n| n.iter().any(said)), "{done}");
    assert_eq!((story.at("canon/lighthouse/ep-02"), story.at("canon/lighthouse")), (None, story.at("canon/lighthouse/ep-01")));
}
