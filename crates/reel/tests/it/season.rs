//! A season in one command: its films in order, a yes between them, and how things stand after them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{ok, reel, refused};

const SCREENPLAYS: [&str; 3] = [
    "Title: The Well\nLogline: A letter comes to a dry town.\n\nINT. STABLE - DAY\n\n[[time: 0122-11-03T10:00]]\n\nJOSIE CARR (34) holds out a letter.\n\nJOSIE\nYour brother wrote it.\n\nHANK (61) takes it. [[fact: letter holder hank]]\n\nHANK\nThen he is alive.\n",
    "Title: The Rope\n\nEXT. WELL - DAY\n\n[[time: 0122-11-04T10:00]]\n\nJOSIE looks into the well.\n\nJOSIE\nThere is no rope.\n",
    "Title: The Rain\n\nEXT. WELL - NIGHT\n\n[[time: 0122-11-05T22:00]]\n\nHANK drops a coin into the well. [[fact: letter holder josie_carr]]\n\nJOSIE\nIt is raining.\n",
];

/// A season of three short screenplays.
pub fn project(dir: &Path) -> PathBuf {
    let project = dir.join("p");
    ok(reel(dir).arg("new").arg(&project).arg("--json"));
    for (at, text) in SCREENPLAYS.iter().enumerate() {
        let folder = project.join(format!("episodes/{:02}", at + 1));
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("script.fountain"), text).expect("writes");
    }
    project
}

fn texts(value: &serde_json::Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|v| v.as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn three_episodes_are_one_command_with_a_yes_between_them() {
    let dir = tempfile::tempdir().expect("a folder");
    let project = project(dir.path());
    let file = project.join("project.toml");
    let text = fs::read_to_string(&file).expect("reads").replace("approve_canon_diff = false", "approve_canon_diff = true");
    fs::write(&file, text).expect("writes");
    let out = dir.path().join("out");
    let produce = || {
        let mut command = reel(dir.path());
        command.arg("produce").arg(&project).args(["--episodes", "3", "--no-voice", "--json", "--out"]).arg(&out);
        command
    };
    let show = || {
        let mut command = reel(dir.path());
        command.args(["show", "--json", "--season"]).arg(&project);
        command
    };
    // Nothing is there yet, and more episodes than there are is said before the first is made.
    assert_eq!(ok(&mut show())["standing"], serde_json::Value::Null);
    let answer = refused(reel(dir.path()).arg("produce").arg(&project).args(["--episodes", "4", "--json"]), 3, "episode.unknown");
    assert!(answer["error"]["hint"].as_str().is_some_and(|h| h.contains("--episodes 3")), "{answer}");
    let plan = ok(produce().arg("--plan"));
    assert_eq!(plan["episodes"].as_array().map(Vec::len), Some(3));
    assert_eq!(texts(&plan["next_actions"][0])[..5], ["reel", "produce", project.to_str().expect("UTF-8"), "--episodes", "3"]);
    // The first question ends it; what goes on goes on with the season.
    let first = refused(&mut produce(), 10, "approval.needed");
    let said = |answer: &serde_json::Value, key: &str| answer["error"][key].as_str().unwrap_or_default().to_owned();
    assert!(said(&first, "message").starts_with("episode 1 of 3: approve_canon_diff"), "{first}");
    let again = texts(&first["next_actions"][1]);
    assert!(again.join(" ").contains("--episodes 3") && again.contains(&out.display().to_string()), "{again:?}");
    let go_on = format!("go on with `reel produce {} --episodes 3", project.display());
    assert!(said(&first, "hint").contains(&go_on), "{first}");
    ok(reel(dir.path()).args(&texts(&first["next_actions"][0])[1..]).arg("--json"));
    // The first film is made, and the second episode asks.
    let second = refused(&mut produce(), 10, "approval.needed");
    assert!(
        said(&second, "message").starts_with("episode 2 of 3") && said(&second, "hint").contains("episode 1 is made and stays"),
        "{second}"
    );
    assert!(out.join("episode-01/final.mp4").is_file());
    let one = ok(&mut show());
    assert_eq!((one["episodes"].as_array().map(Vec::len), one["episodes_of_season"].as_u64()), (Some(1), Some(3)));
    assert_eq!(texts(&one["next_actions"][0])[3..], ["--episode", "2"]);
    // A yes for all of it.
    let done = ok(produce().arg("--yes"));
    assert_eq!((done["status"].as_str(), done["episodes"].as_array().map(Vec::len)), (Some("completed"), Some(3)), "{done}");
    for n in 1..=3 {
        assert!(out.join(format!("episode-{n:02}/final.mp4")).is_file(), "episode {n}");
    }
    let season = ok(&mut show());
    let standing = &season["standing"];
    assert_eq!(season["episodes"][0]["recap"], "A letter comes to a dry town.");
    assert_eq!(standing["at"], "0122-11-05T22:00");
    let place =
        |who: &str| standing["people"].as_array().into_iter().flatten().find(|p| p["name"] == who).map(|p| p["place"]["name"].clone());
    assert_eq!(place("Josie Carr"), Some("the well".into()));
    let letter = &standing["things"][0];
    assert_eq!((letter["id"].as_str(), letter["place"]["name"].as_str()), (Some("letter"), Some("Josie Carr")), "{standing}");
    // As of an earlier moment Hank has it, and who knows it knows it since then.
    let then = ok(show().args(["--at", "0122-11-04"]));
    assert_eq!(then["standing"]["things"][0]["place"]["name"], "Hank");
    let knows = then["standing"]["people"].as_array().into_iter().flatten().find(|p| p["name"] == "Hank").map(|p| p["knows"].clone());
    assert_eq!(knows.expect("Hank")[0]["since"], "0122-11-03T10:00");
    refused(show().args(["--at", "tomorrow"]), 2, "usage");
}
