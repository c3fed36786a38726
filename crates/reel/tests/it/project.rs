//! A project's own folder: `new`, the library, approval points.

use std::fs;

use contracts::{assets::ResolvedAssets, read};

use crate::{ok, reel, refused, root};

#[test]
fn a_new_project_tells_a_story_at_once_and_is_not_overwritten() {
    let dir = tempfile::tempdir().expect("a folder");
    let project = dir.path().join("Cold Harbour");
    ok(reel(dir.path()).arg("new").arg(&project).args(["--title", "Cold \"Harbour\"", "--json"]));
    let story = ok(reel(dir.path()).arg("write").arg(&project).args(["--json"]));
    assert_eq!(story["script"]["project_id"], "cold-harbour");
    assert!(story["script"]["scenes"].as_array().is_some_and(|s| s.len() >= 4));
    refused(reel(dir.path()).arg("new").arg(&project).arg("--json"), 2, "usage");
    // Any pack there is can be asked for by name, and `new` says which there are.
    let help = reel(dir.path()).args(["new", "--help"]).output().expect("starts");
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    for genre in ["adventure", "fairy_tale", "mystery", "science_fiction"] {
        assert!(help.contains(genre), "{help}");
        let project = dir.path().join(genre);
        ok(reel(dir.path()).arg("new").arg(&project).args(["--genre", genre, "--json"]));
        let story = ok(reel(dir.path()).arg("write").arg(&project).arg("--json"));
        assert_eq!(story["story_arc"]["pack"], format!("{genre}@1"));
    }
    let opera = dir.path().join("opera");
    let answer = refused(reel(dir.path()).arg("new").arg(&opera).args(["--genre", "opera", "--json"]), 3, "genre.unknown");
    assert!(answer["error"]["hint"].as_str().is_some_and(|h| h.contains("adventure, fairy_tale, mystery, science_fiction")), "{answer}");
}

#[test]
fn an_approval_point_stops_the_run_until_someone_says_yes() {
    let dir = tempfile::tempdir().expect("a folder");
    let project = dir.path().join("p");
    ok(reel(dir.path()).arg("new").arg(&project).arg("--json"));
    let file = project.join("project.toml");
    let text = fs::read_to_string(&file).expect("the project").replace("approve_canon_diff = false", "approve_canon_diff = true");
    fs::write(&file, text).expect("writes");
    let out = dir.path().join("out");
    let mut asked = reel(dir.path());
    asked.arg("produce").arg(&project).args(["--json", "--no-voice", "--episode", "2", "--out"]).arg(&out);
    let answer = refused(&mut asked, 10, "approval.needed");
    assert_eq!(answer["status"], "blocked");
    // Episode 1 makes true what episode 2 is written from: it is asked about first.
    assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains("episode 1")), "{answer}");
    // Saying yes makes the film that was asked for, and no other.
    let command = |answer: &serde_json::Value, n: usize| -> Vec<String> {
        answer["next_actions"][n].as_array().expect("a command").iter().filter_map(|w| w.as_str().map(str::to_owned)).collect()
    };
    let again = command(&answer, 1);
    let (given, film) = (project.to_string_lossy(), out.to_string_lossy());
    assert_eq!(again, ["reel", "produce", &given, "--episode", "2", "--out", &film, "--no-voice"]);
    assert_eq!(answer["next_actions"][2][1], "write");
    let listed = ok(reel(dir.path()).args(["show", "--json"]));
    assert_eq!((&listed["run_id"], &listed["status"]), (&answer["run_id"], &answer["status"]));
    // A no stands, says who and why, and is about this content alone.
    let run = answer["run_id"].as_str().expect("an id");
    assert_eq!(command(&answer, 0), ["reel", "approve", run, "approve_canon_diff"]);
    ok(reel(dir.path()).args(["reject", run, "--by", "Ada", "--notes", "too dark", "--json"]));
    let no = refused(reel(dir.path()).args(&again[1..]).arg("--json"), 10, "approval.refused");
    assert!(no["error"]["message"].as_str().is_some_and(|m| m.contains("Ada") && m.contains("too dark")), "{no}");
    // Twice is too often.
    let twice = refused(reel(dir.path()).args(["reject", run, "--json"]), 2, "approval.decided");
    assert!(twice["error"]["message"].as_str().is_some_and(|m| m.contains("refused already, by Ada")), "{twice}");
    // Another episode's diff is asked about on its own; a yes by name lets the next run go on, a new process and a new run.
    let text = fs::read_to_string(&file).expect("the project").replace("approve_canon_diff = true", "approve_canon_diff = false");
    fs::write(&file, text.replace("approve_character_packs = false", "approve_character_packs = true")).expect("writes");
    let asked = refused(reel(dir.path()).args(&again[1..]).arg("--json"), 10, "approval.needed");
    let run = asked["run_id"].as_str().expect("an id");
    let yes = ok(reel(dir.path()).args(["approve", "latest", "approve_character_packs", "--by", "Ada", "--json"]));
    assert_eq!((&yes["run_id"], &yes["decision"]["approved"]), (&serde_json::json!(run), &serde_json::json!(true)));
    let film = ok(reel(dir.path()).args(&again[1..]).args(["--draft", "--json"]));
    let made = ok(reel(dir.path()).args(["show", film["run_id"].as_str().expect("an id"), "--json"]));
    assert_eq!(
        (&made["summary"]["approvals"][0]["approver"], &made["status"]),
        (&serde_json::json!("Ada"), &serde_json::json!("completed"))
    );
}

#[test]
fn a_cast_is_asked_about_before_a_line_is_written_for_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let project = dir.path().join("p");
    ok(reel(dir.path()).arg("new").arg(&project).arg("--json"));
    let file = project.join("project.toml");
    let text = fs::read_to_string(&file).expect("the project").replace("approve_character_packs = false", "approve_character_packs = true");
    fs::write(&file, text).expect("writes");
    let answer = refused(reel(dir.path()).arg("produce").arg(&project).args(["--json", "--no-voice"]), 10, "approval.needed");
    assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains("approve_character_packs")), "{answer}");
    let stages = ok(reel(dir.path()).args(["show", "--json"]))["summary"]["stages"].clone();
    let names: Vec<&str> = stages.as_array().expect("stages").iter().filter_map(|s| s["name"].as_str()).collect();
    assert!(names.contains(&"cast") && !names.contains(&"script"), "{names:?}");
}

#[test]
fn a_library_picture_is_used_and_a_lost_one_is_a_marked_stand_in() {
    let dir = tempfile::tempdir().expect("a folder");
    let project = dir.path().join("lighthouse");
    fs::create_dir_all(project.join("library")).expect("folders");
    for file in ["project.toml", "canon.toml"] {
        fs::copy(root().join("examples/lighthouse").join(file), project.join(file)).expect("copies");
    }
    let story = ok(reel(dir.path()).arg("write").arg(&project).arg("--json"));
    let place = story["script"]["scenes"][0]["location_id"].as_str().expect("a place").to_owned();
    let entry = |id: &str, file: &str, tag: &str| {
        format!("[{id}]\nfile = \"{file}\"\ntags = [\"background\", \"{tag}\"]\nlicence = \"CC0-1.0\"\nauthor = \"the tester\"\n")
    };
    let other = story["script"]["scenes"]
        .as_array()
        .and_then(|s| s.iter().map(|s| s["location_id"].as_str().unwrap_or_default()).find(|l| *l != place))
        .expect("a second place");
    fs::write(project.join("library/library.toml"), entry("mine", "mine.png", &place) + &entry("lost-picture", "lost.png", other))
        .expect("writes");
    // A link out of the project is as good as no picture.
    let outside = dir.path().join("private.png");
    let mine = media::image::encode(&media::image::Image { width: 8, height: 4, rgba: [40, 90, 160, 255].repeat(32) }).expect("encodes");
    fs::write(&outside, &mine).expect("writes");
    std::os::unix::fs::symlink(&outside, project.join("library/lost.png")).expect("links");
    fs::write(project.join("library/mine.png"), mine).expect("writes");
    let out = dir.path().join("out");
    let produce =
        || ok(reel(dir.path()).arg("produce").arg(&project).args(["--yes", "--json", "--draft", "--no-voice", "--out"]).arg(&out));
    let reason = |done: &serde_json::Value| {
        assert_eq!(done["status"], "degraded");
        let lost = done["stand_ins"].as_array().and_then(|s| s.iter().find(|s| s["missing_id"] == "lost-picture").cloned());
        lost.expect("is named")["reason"].as_str().unwrap_or_default().to_owned()
    };
    assert!(reason(&produce()).contains("it leads out of"));
    let resolved: ResolvedAssets = read(&fs::read(out.join("ResolvedAssets.json")).expect("reads")).expect("is a document");
    let licences: Vec<&str> = resolved.assets.values().map(|a| a.rights.licence.as_str()).collect();
    assert!(licences.contains(&"CC0-1.0") && licences.contains(&"proprietary_cleared"));
    assert_eq!(fs::read_to_string(out.join("credits.txt")).expect("credits"), "the tester (CC0-1.0)\n");
    // A file that is no picture is as good as none, and is called what it is.
    let lost = project.join("library/lost.png");
    fs::remove_file(&lost).expect("removes");
    fs::copy(root().join("tests/pictures/animated.gif"), &lost).expect("copies");
    assert!(reason(&produce()).contains("a GIF"));
    // Nor is one shown whose licence nobody knows.
    let list = project.join("library/library.toml");
    let known = fs::read_to_string(&list).expect("reads");
    let (mine, lost_entry) = known.split_once("[lost-picture]").expect("two entries");
    fs::write(&list, format!("{mine}[lost-picture]{}", lost_entry.replace("CC0-1.0", "from the web"))).expect("writes");
    assert!(reason(&produce()).contains("licence `from the web` is not known"));
    fs::write(&list, known).expect("writes");
    // The picture appears, under the old name, by whatever program it was written: the next run shows it, and makes only
    // the shots again that show it.
    fs::copy(root().join("tests/pictures/turned-6.jpg"), &lost).expect("copies");
    let done = produce();
    assert_eq!((&done["status"], &done["stand_ins"]), (&serde_json::json!("completed"), &serde_json::json!([])), "{done}");
    let list: contracts::shots::ShotList = read(&fs::read(out.join("ShotList.json")).expect("reads")).expect("is a document");
    let shows = |id: &str| {
        list.shots.iter().any(|s| {
            s.id.as_str() == id && matches!(&s.content, contracts::shots::ShotContent::Picture(p) if p.location_id.as_str() == other)
        })
    };
    let remade: Vec<&str> = done["remade"].as_array().expect("a list").iter().filter_map(|s| s.as_str()).collect();
    assert!(remade.iter().any(|id| shows(id)) && remade.len() < list.shots.len() / 2, "{remade:?}");
}
