//! A Fountain file as the script itself: of one episode of a pack's season, and of a project that has nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use contracts::{notes::Notes, read, shots::ShotList};

use crate::{ok, reel, refused, root};

/// A project whose episode is a screenplay of `tests/fountain`.
fn project(dir: &Path, genre: &str, episode: &str, screenplay: &str) -> PathBuf {
    let project = dir.join("p");
    ok(reel(dir).arg("new").arg(&project).arg("--json"));
    let file = project.join("project.toml");
    let text = fs::read_to_string(&file).expect("the project").replace("genre = \"mystery\"", &format!("genre = \"{genre}\""));
    fs::write(&file, text).expect("writes");
    fs::create_dir_all(project.join("episodes").join(episode)).expect("a folder");
    let text = fs::read_to_string(root().join("tests/fountain").join(screenplay)).expect("a screenplay");
    fs::write(project.join("episodes").join(episode).join("script.fountain"), text).expect("writes");
    project
}

#[test]
fn a_screenplay_is_an_episode_of_a_season_that_a_pack_began() {
    let dir = tempfile::tempdir().expect("a folder");
    let project = project(dir.path(), "mystery", "02", "lighthouse_02.fountain");
    fs::copy(root().join("examples/lighthouse/canon.toml"), project.join("canon.toml")).expect("copies");
    let first = ok(reel(dir.path()).arg("write").arg(&project).arg("--json"));
    assert_eq!(first["story_arc"]["pack"], "mystery@1");
    let second = ok(reel(dir.path()).arg("write").arg(&project).args(["--episode", "2", "--json"]));
    assert_eq!(second["script"]["title"], "The Second Watch");
    assert_eq!(second["canon_diff"]["provenance"], "episodes/02/script.fountain");
    let said: Vec<&str> =
        second["script"]["scenes"][1]["beats"].as_array().expect("beats").iter().filter_map(|b| b["lines"][0]["text"].as_str()).collect();
    assert_eq!(said, ["You counted five tins. Count again.", "You took one.", "I brought one.", "Then who brought the first?"]);
    // The pack cannot go on from what it did not write, and says what would.
    let third = refused(reel(dir.path()).arg("write").arg(&project).args(["--episode", "3", "--json"]), 3, "episode.unknown");
    assert!(third["error"]["hint"].as_str().is_some_and(|h| h.contains("episodes/03/script.fountain")), "{third}");
    // A name that is nobody's is refused with its line.
    let file = project.join("episodes/02/script.fountain");
    let text = fs::read_to_string(&file).expect("the screenplay").replace("\nNESSA\n(guarded)", "\nNESA\n(guarded)");
    fs::write(&file, text).expect("writes");
    let answer = refused(reel(dir.path()).arg("write").arg(&project).args(["--episode", "2", "--json"]), 3, "fountain.malformed");
    let message = answer["error"]["message"].as_str().expect("a message");
    assert!(message.contains("episodes/02/script.fountain line 20: ") && message.contains("did you mean Nessa Roan?"), "{message}");
    // An episode's folder has two digits.
    fs::create_dir_all(project.join("episodes/3")).expect("a folder");
    let answer = refused(reel(dir.path()).arg("write").arg(&project).arg("--json"), 3, "project.malformed");
    assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains("episodes/03")), "{answer}");
}

#[test]
fn a_screenplay_alone_is_a_film_in_any_genre() {
    let dir = tempfile::tempdir().expect("a folder");
    let project = project(dir.path(), "western", "01", "dry_well.fountain");
    let produce =
        |out: &Path| ok(reel(dir.path()).arg("produce").arg(&project).args(["--draft", "--yes", "--no-voice", "--json", "--out"]).arg(out));
    let out = dir.path().join("out");
    let done = produce(&out);
    assert_eq!(done["status"], "completed", "{done}");
    let notes: Vec<&str> = done["notes"].as_array().expect("notes").iter().filter_map(|n| n.as_str()).collect();
    assert!(notes.contains(&"taken from the screenplay: Josie Carr, 34, woman"), "{notes:?}");
    let hints: Notes = read(&fs::read(out.join("Notes.json")).expect("the hints are a document")).expect("is a document");
    assert!(hints.shots.len() >= 5 && hints.lines.is_empty());
    let before: ShotList = read(&fs::read(out.join("ShotList.json")).expect("reads")).expect("is a document");
    // One word of one line: the people, the places and every other picture stay as they are.
    let file = project.join("episodes/01/script.fountain");
    let text = fs::read_to_string(&file).expect("the screenplay");
    fs::write(&file, text.replace("First one's yours.", "First cup's yours.")).expect("writes");
    let again = dir.path().join("again");
    let done = produce(&again);
    let after: ShotList = read(&fs::read(again.join("ShotList.json")).expect("reads")).expect("is a document");
    let ids = |list: &ShotList| list.shots.iter().map(|s| s.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&after), ids(&before));
    let stage =
        |name: &str| done["stages"].as_array().and_then(|s| s.iter().find(|s| s["name"] == name)).expect("a stage")["cached"].clone();
    assert_eq!((stage("arc"), stage("cast"), stage("script")), (true.into(), true.into(), false.into()));
    let remade = done["remade"].as_array().expect("a list").len();
    assert!((1..=2).contains(&remade), "{remade} shots were made again: {done}");
}

#[test]
fn every_sound_of_an_action_is_one_the_artist_makes() {
    for (_, sound) in world::fountain::SOUNDS {
        assert!(craft::foley::KNOWN.contains(sound), "{sound}");
    }
}
