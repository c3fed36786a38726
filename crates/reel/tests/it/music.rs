//! Music of the author's own: pieces in `library/` in place of stretches of the score.

use std::{fs, path::Path, process::Command};

use contracts::{
    assets::{AssetManifest, Media, NeedSpec, ResolvedAsset, ResolvedAssets},
    read,
    render::{Bus, RenderPlan},
    shots::ShotList,
};
use media::wav;
use registry::Registry;
use serde_json::{Value, json};

use crate::{
    notes::example,
    ok, reel, refused,
    sound::{shares, voices_and_music},
};

/// Fourteen seconds of loud chords at 120 beats a minute, at a rate of their own.
fn piece(low: f64) -> Vec<u8> {
    let tone = |n: usize, hz: f64| ((n as f64 * hz / 44_100.0) % 1.0 - 0.5) * (1.0 - (n % 22_050) as f64 / 22_050.0);
    let sound = (0..14 * 44_100).flat_map(|n| {
        let (left, right) = (tone(n, low) + tone(n, low * 1.5), tone(n, low) + tone(n, low * 1.25));
        [left, right].map(|x| (x * 24_000.0) as i16)
    });
    wav::write(44_100, 2, &sound.collect::<Vec<_>>()).expect("sound")
}

fn produce(home: &Path, project: &Path, out: &Path) -> Value {
    ok(reel(home).arg("produce").arg(project).args(["--yes", "--json", "--draft", "--out"]).arg(out))
}

fn document<T: contracts::Document>(out: &Path, name: &str) -> T {
    read(&fs::read(out.join(name)).expect("reads")).expect("is a document")
}

/// The film's music.
fn music_of(out: &Path) -> ResolvedAsset {
    let manifest: AssetManifest = document(out, "AssetManifest.json");
    let need = manifest.needs.iter().find(|n| matches!(n.spec, NeedSpec::Music(_))).expect("music is needed");
    document::<ResolvedAssets>(out, "ResolvedAssets.json").assets[&need.id].clone()
}

#[test]
fn pieces_of_the_library_play_where_their_tags_say_and_a_lost_one_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let (project, home, out) = (example(dir.path()), dir.path().join("home"), dir.path().join("out"));
    let library = project.join("library");
    fs::create_dir_all(&library).expect("folders");
    let story = ok(reel(&home).arg("write").arg(&project).arg("--json"));
    let scene = |k: usize| story["script"]["scenes"][k].clone();
    let text = |value: &Value| value.as_str().expect("a word").to_owned();
    let (first, last) = (scene(0), scene(story["script"]["scenes"].as_array().expect("scenes").len() - 1));
    assert_ne!(first["id"], last["id"]);
    let entry = |id: &str, file: &str, tag: &str, more: &str| {
        format!(
            "[{id}]\nfile = \"{file}\"\ntags = [\"music\", \"{tag}\"]\nlicence = \"CC-BY-4.0\"\nauthor = \"A. Player\"\nattribution = \"{id} by A. Player\"\n{more}"
        )
    };
    // One for a place by the bar, one for a scene that ffmpeg must read, one that is not there, one for a mood no scene has.
    let list = library.join("library.toml");
    let named =
        entry("night-watch", "watch.wav", &text(&first["id"]), "bpm = 120.0\n") + &entry("going-home", "home.flac", &text(&last["id"]), "");
    fs::write(&list, named.clone() + &entry("lost", "lost.mp3", "card", "")).expect("writes");
    fs::write(library.join("watch.wav"), piece(110.0)).expect("writes");
    fs::write(dir.path().join("home.wav"), piece(147.0)).expect("writes");
    let made = Command::new("ffmpeg").args(["-v", "error", "-i"]).arg(dir.path().join("home.wav")).arg(library.join("home.flac")).status();
    assert!(made.expect("ffmpeg is here").success());

    let done = produce(&home, &project, &out);
    assert_eq!(done["status"], "degraded", "{done}");
    assert!(done["stand_ins"][0]["reason"].as_str().is_some_and(|r| r.contains("lost.mp3") && r.contains("our own score plays")), "{done}");
    fs::write(library.join("lost.mp3"), b"ID3 and nothing else").expect("writes");
    fs::write(library.join("band.sf2"), b"RIFF and nothing else").expect("writes");
    let band = entry("band", "band.sf2", "soundfont", "");
    fs::write(&list, named.clone() + &entry("lost", "lost.mp3", "card", "") + &band).expect("writes");
    let done = produce(&home, &project, &out);
    let said = |what: &str| done["stand_ins"][0]["reason"].as_str().is_some_and(|r| r.contains(what));
    assert!(said("lost.mp3 cannot be used") && said("band.sf2 cannot be used") && said("our own score plays"), "{done}");
    fs::write(&list, named).expect("writes");
    let done = produce(&home, &project, &out);
    assert_eq!((&done["status"], &done["stand_ins"]), (&json!("completed"), &json!([])), "{done}");

    // What plays is on record, with its rights, and whoever made it is thanked.
    let music = music_of(&out);
    let (shots, plan): (ShotList, RenderPlan) = (document(&out, "ShotList.json"), document(&out, "RenderPlan.json"));
    let played: Vec<&str> = music.parts.iter().map(|p| p.library_id.as_str()).collect();
    assert!(played.contains(&"night-watch") && played.contains(&"going-home"), "{:?}", music.parts);
    for part in &music.parts {
        let cue = shots.music.iter().find(|c| c.start == part.start).expect("it begins with a cue");
        let scene = if part.library_id.as_str() == "night-watch" { &first } else { &last };
        assert_eq!(cue.scene_id.as_ref().map(|s| json!(s.as_str())), Some(scene["id"].clone()));
        assert_eq!((part.rights.licence.as_str(), part.rights.author.as_str()), ("CC-BY-4.0", "A. Player"));
        assert!(plan.rights.values().any(|r| r == &part.rights));
        // It was far louder than our score.
        assert!(part.gain_cb < 0, "{part:?}");
    }
    let credits = fs::read_to_string(out.join("credits.txt")).expect("credits");
    assert!(credits.contains("night-watch by A. Player") && credits.contains("going-home by A. Player"), "{credits}");

    // Beside every line it is as quiet as the score is.
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let registry = runtime.block_on(Registry::open(&home)).expect("the registry");
    let file = |hash: &contracts::Hash| registry.blobs().get_bytes(hash).expect("is kept");
    let heard: Vec<_> = plan.sounds.iter().filter(|s| matches!(s.bus, Bus::Voices | Bus::Music)).cloned().collect();
    let (voices, beside) = voices_and_music(&heard, plan.edit_rate.samples_at(plan.total_frames), &file);
    let mut spoken = 0;
    for line in plan.sounds.iter().filter(|s| s.bus == Bus::Voices) {
        let (whole, fifths) = shares(&voices, &beside, (line.start, line.start + line.samples));
        let over = |p: &&contracts::assets::Part| p.start < line.start && line.start + line.samples < p.start + p.samples;
        spoken += music.parts.iter().filter(over).count();
        assert!(whole <= 0.25 && fifths.iter().all(|s| *s <= 0.30), "{}: {whole:.2}, {fifths:.2?}", line.need_id);
    }
    assert!(spoken > 3, "only {spoken} lines are spoken over a piece");

    // In another home, in another folder, on one core: the same music.
    let again = dir.path().join("again");
    fs::create_dir_all(again.join("library")).expect("folders");
    for name in ["project.toml", "canon.toml", "library/library.toml", "library/watch.wav", "library/home.flac"] {
        fs::copy(project.join(name), again.join(name)).expect("copies");
    }
    let (other, there) = (dir.path().join("other"), dir.path().join("there"));
    ok(reel(&other).arg("produce").arg(&again).args(["--yes", "--json", "--draft", "--jobs", "1", "--out"]).arg(&there));
    assert_eq!(music_of(&there), music);
    let Media::Sound { audio, .. } = &music.media else { panic!("music is a sound") };
    let other = runtime.block_on(Registry::open(&other)).expect("the registry");
    assert!(other.blobs().get_bytes(audio).expect("is kept") == file(audio));
}

#[test]
fn bars_that_cannot_be_are_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let project = example(dir.path());
    fs::create_dir_all(project.join("library")).expect("folders");
    for (tags, more, why) in [
        ("[\"music\", \"calm\"]", "bpm = 0", "bpm is 0; expected 20 to 300"),
        ("[\"music\", \"calm\"]", "bpm = 1e300", "expected 20 to 300"),
        ("[\"music\", \"calm\"]", "bpm = nan", "expected 20 to 300"),
        ("[\"music\", \"calm\"]", "bpm = 90\nbeats = 0", "beats is 0; expected 1 to 16"),
        ("[\"music\", \"calm\"]", "beats = 3", "bpm is not"),
        ("[\"background\", \"calm\"]", "bpm = 90", "not tagged `music`"),
    ] {
        let text = format!("[mine]\nfile = \"a.wav\"\ntags = {tags}\nlicence = \"CC0-1.0\"\nauthor = \"A\"\n{more}\n");
        fs::write(project.join("library/library.toml"), text).expect("writes");
        let answer = refused(reel(dir.path()).arg("write").arg(&project).arg("--json"), 3, "project.malformed");
        assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains(why)), "{answer}");
    }
}
