//! `reel render`: three JSON documents become a film, once; what is wrong is said before any work.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use base64::Engine;
use contracts::{Hash, assets::AssetManifest, package::RenderResponse, read, render::RenderPlan, shots::ShotList, shots::timing_lock};
use serde_json::{Value, json};

use crate::{ok, reel, root};

/// A copy of the example that a test may change.
struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        fs::create_dir(dir.path().join("p")).expect("a folder");
        for entry in fs::read_dir(root().join("examples/package")).expect("the example").flatten() {
            fs::copy(entry.path(), dir.path().join("p").join(entry.file_name())).expect("copies");
        }
        Self { dir }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join("p").join(name)
    }

    fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    fn read(&self, name: &str) -> Value {
        serde_json::from_slice(&fs::read(self.file(name)).expect("reads")).expect("is JSON")
    }

    /// Changes a file of the package.
    fn change(&self, name: &str, change: impl FnOnce(&mut Value)) {
        let mut value = self.read(name);
        change(&mut value);
        fs::write(self.file(name), value.to_string()).expect("writes");
    }

    fn command(&self) -> std::process::Command {
        let mut command = reel(&self.home());
        command.arg("render").arg(self.file("package.json")).arg("--json");
        command
    }

    /// Renders, and expects this exit code.
    fn render(&self, exit: i32) -> RenderResponse {
        answer(&mut self.command(), exit)
    }

    fn runs(&self) -> usize {
        ok(reel(&self.home()).args(["runs", "--json"]))["runs"].as_array().map_or(0, Vec::len)
    }
}

fn answer(command: &mut std::process::Command, exit: i32) -> RenderResponse {
    let output = command.output().expect("the binary starts");
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(exit), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    // The answer and nothing else: one line, a document of the contract.
    assert_eq!(text.lines().count(), 1, "{text}");
    let response: RenderResponse = read(text.trim().as_bytes()).unwrap_or_else(|e| panic!("{e}: {text}"));
    for fault in &response.errors {
        assert!(root().join(format!("docs/errors/{}.md", fault.code)).is_file(), "{} has no page", fault.code);
    }
    response
}

fn codes(response: &RenderResponse) -> Vec<&str> {
    response.errors.iter().map(|e| e.code.as_str()).collect()
}

/// The same film, twice: by the verb, and by a program that links the engine and nothing else of the house.
#[test]
fn three_documents_written_by_hand_become_a_film_and_the_library_makes_the_same() {
    let desk = Desk::new();
    let out = desk.dir.path().join("out");
    let done = answer(desk.command().arg("--out").arg(&out), 0);
    assert_eq!(json!(done.status), "completed");
    let names: Vec<&str> = done.artifact_uris.keys().map(String::as_str).collect();
    assert!(names.contains(&"video") && names.contains(&"captions.srt") && names.contains(&"captions.vtt"), "{names:?}");
    assert!(!names.iter().any(|n| n.starts_with("audio_stems")), "only what was asked for: {names:?}");
    for document in ["shot_list", "asset_manifest", "render_plan", "render_output", "video"] {
        assert!(done.lineage_hashes.contains_key(document), "{document}");
    }
    let summary = done.run_summary.as_ref().expect("was asked for");
    assert_eq!((summary.frames, summary.shots, summary.project_id.as_str()), (84, 2, "bay"));
    assert_eq!(summary.cache.map(|c| c.hits), Some(0));
    let film = fs::read(out.join("final.mp4")).expect("the film");
    assert_eq!(done.artifact_uris["video"], format!("sha256:{}", Hash::of(&film)));
    assert!(fs::read_to_string(out.join("captions.srt")).expect("captions").contains("Nobody is up but the gulls."));
    let shown = ok(reel(&desk.home()).args(["show", "latest", "--json"]));
    assert_eq!(shown["status"], "completed");

    let (list, manifest): (ShotList, AssetManifest) = (document(&desk, "ShotList.json"), document(&desk, "AssetManifest.json"));
    let plan: RenderPlan = document(&desk, "RenderPlan.json");
    assert_eq!(render::package::check(&list, &manifest, &plan), []);
    let pictures: Vec<Vec<u8>> = ["sky.png", "hills.png"].iter().map(|n| fs::read(desk.file(n)).expect("reads")).collect();
    let fetch = |hash: &Hash| pictures.iter().find(|p| Hash::of(p) == *hash).cloned().ok_or_else(|| "absent".to_owned());
    let ffmpeg = media::ffmpeg::Ffmpeg::find().expect("ffmpeg");
    let output: contracts::render::RenderOutput = read(&fs::read(out.join("RenderOutput.json")).expect("reads")).expect("is one");
    for threads in [1, 3] {
        let work = desk.dir.path().join(format!("work-{threads}"));
        fs::create_dir(&work).expect("a folder");
        let made = render::package::render_all(&plan, &[], &fetch, &ffmpeg, &work, threads).expect("renders");
        assert_eq!(fs::read(&made.film).expect("the film"), film, "{threads} threads");
        for (segment, by_verb) in made.segments.iter().zip(&output.segments) {
            assert_eq!(Hash::of(&fs::read(segment).expect("reads")), by_verb.video);
        }
        assert_eq!(
            made.reports.iter().map(|r| &r.composed).collect::<Vec<_>>(),
            output.segments.iter().map(|s| &s.composed).collect::<Vec<_>>()
        );
        assert_eq!(made.measured.frames, 84);
    }
}

fn document<T: contracts::Document>(desk: &Desk, name: &str) -> T {
    read(&fs::read(desk.file(name)).expect("reads")).expect("is one")
}

/// 002-21.3: sent again it is answered from the registry, and nothing runs: not even ffmpeg is there to be run.
#[test]
fn a_request_is_rendered_once_and_another_under_its_key_is_a_conflict() {
    let desk = Desk::new();
    desk.change("package.json", |p| p["desired_outputs"] = json!(["captions"]));
    let mut first = desk.render(0);
    assert_eq!((json!(first.status), desk.runs()), (json!("completed"), 1));
    assert!(!first.artifact_uris.contains_key("video"), "captions ask for no picture");
    let again = "0d3c1a52-0000-4c55-9b1f-2f0a5f3f9d10";
    desk.change("package.json", |p| p["request_id"] = json!(again));
    let replay = answer(desk.command().env("PATH", desk.dir.path()), 0);
    again.clone_into(&mut first.request_id);
    assert_eq!(replay, first, "the stored answer, under the new request's id");
    assert_eq!(desk.runs(), 1, "nothing was executed");
    // The same documents, given in another way, are the same request.
    let inline = desk.read("ShotList.json");
    desk.change("package.json", |p| p["inputs"]["shotlist_ref"] = inline);
    assert_eq!(answer(desk.command().env("PATH", desk.dir.path()), 0), first);
    // Another request under the key is not.
    desk.change("package.json", |p| p["callbacks"] = json!(["https://example.org/done"]));
    let conflict = desk.render(2);
    assert_eq!((codes(&conflict), json!(conflict.status), desk.runs()), (vec!["package.conflict"], json!("failed"), 1));
    // Under a key of its own it is rendered, and what it asked beside is said.
    desk.change("package.json", |p| p["idempotency_key"] = json!("another"));
    let other = desk.render(0);
    assert!(other.notes.iter().any(|n| n.contains("callbacks")), "{:?}", other.notes);
    assert_eq!(desk.runs(), 2);
    // Content that an answer names is kept, and the first is still answered.
    let gone = ok(reel(&desk.home()).args(["artifacts", "gc", "--keep-days", "0", "--max-bytes", "0", "--json"]));
    let kept: Vec<String> = other.artifact_uris.values().map(|u| u.replace("sha256:", "")).collect();
    let victims: Vec<&str> = gone["victims"].as_array().expect("a list").iter().filter_map(|v| v["hash"].as_str()).collect();
    assert!(kept.iter().all(|k| !victims.contains(&k.as_str())), "{victims:?}");
}

/// A failure that may pass leaves the key free; a film that needs what is missing is not begun.
#[test]
fn a_missing_tool_is_said_before_work_and_the_same_request_succeeds_later() {
    let desk = Desk::new();
    let refused = answer(desk.command().env("PATH", desk.dir.path()), 4);
    assert_eq!((codes(&refused), refused.errors[0].recoverable, desk.runs()), (vec!["tool.missing"], true, 0));
    desk.change("package.json", |p| p["desired_outputs"] = json!(["captions"]));
    assert_eq!(json!(answer(desk.command().env("PATH", desk.dir.path()), 0).status), "completed");
}

#[test]
fn a_wrong_timing_lock_is_refused_before_any_work() {
    let locks = |change: &dyn Fn(&Desk)| -> RenderResponse {
        let desk = Desk::new();
        change(&desk);
        let refused = desk.render(3);
        assert_eq!(desk.runs(), 0, "no run was begun");
        assert!(codes(&refused).iter().all(|c| *c == "package.timing_lock") && !refused.errors[0].recoverable, "{refused:?}");
        refused
    };
    let zero = "0".repeat(64);
    locks(&|desk| desk.change("RenderPlan.json", |p| p["timing_lock"] = json!(zero)));
    locks(&|desk| desk.change("AssetManifest.json", |p| p["timing_lock"] = json!(zero)));
    // Lengths moved from one shot to the next: the lock still stands there, and does not hold.
    let moved = |list: &mut Value, key: &str| {
        list[key][0]["frames"] = json!(50);
        list[key][1]["start_frame"] = json!(50);
        list[key][1]["frames"] = json!(34);
    };
    locks(&|desk| desk.change("ShotList.json", |p| moved(p, "shots")));
    let told = locks(&|desk| desk.change("RenderPlan.json", |p| moved(p, "shots")));
    assert!(told.errors[0].message.contains("`dawn-s1` for 50 frames, the shot list `dawn-s1` for 48"), "{told:?}");
    locks(&|desk| desk.change("RenderPlan.json", |p| p["edit_rate"] = json!("25/1")));
    // Two plans that agree about a lock that the list does not have.
    locks(&|desk| {
        let plan: RenderPlan = document(desk, "RenderPlan.json");
        let other = timing_lock(plan.edit_rate, plan.shots.iter().rev().map(|s| (&s.shot_id, s.frames))).expect("a lock");
        for file in ["RenderPlan.json", "AssetManifest.json"] {
            desk.change(file, |p| p["timing_lock"] = json!(other));
        }
    });
}

#[test]
fn what_is_wrong_is_said_all_at_once_and_the_key_stays_free() {
    let desk = Desk::new();
    desk.change("package.json", |p| {
        p["request_id"] = json!("first");
        p["idempotency_key"] = json!("");
        p["tenant_id"] = json!("acme");
        p["desired_outputs"] = json!([]);
        p["callbacks"] = json!(["http://example.org", "https://me:secret@example.org/", "https://example.org/ok"]);
        p["render_profile"] = json!("cinema");
    });
    let refused = desk.render(2);
    let said: String = refused.errors.iter().map(|e| e.message.as_str()).collect();
    for field in ["/request_id", "/idempotency_key", "/tenant_id", "/desired_outputs", "/callbacks/0", "/callbacks/1", "/render_profile"] {
        assert!(said.contains(field), "{field}: {said}");
    }
    assert!(!said.contains("/callbacks/2") && codes(&refused).contains(&"package.tenant"), "{said}");

    let desk = Desk::new();
    desk.change("RenderPlan.json", |p| {
        p["project_id"] = json!("cove");
        p["canvas"] = json!({"width": 720, "height": 1280});
        p["rights"] = json!({});
        p["encode"]["preset"] = json!("placebo");
        p["shots"][1]["planes"][0]["image"] = json!("1".repeat(64));
        p["shots"][1]["planes"][1]["image"] = json!(Hash::of(b"GIF89a.."));
    });
    desk.change("package.json", |p| {
        p["render_profile"] = json!("hq_runway");
        p["inputs"]["media"] = json!(["file:sky.png", "file:../../etc/passwd", "data:image/gif;base64,R0lGODlhLi4=", "file:absent.png"]);
    });
    let refused = desk.render(3);
    let said: String = refused.errors.iter().map(|e| format!("{} {}\n", e.code, e.message)).collect();
    for part in [
        "package.mismatch /render_profile",
        "the render plan is of `cove`",
        "another shape",
        "under what rights `bay-dawn`",
        "/encode",
        "shot `dawn-s2`, plane `sky`",
        "shot `dawn-s1`, plane `hills`",
        "package.reference /inputs/media/1",
        "package.media /inputs/media/2",
        "package.reference /inputs/media/3",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    assert_eq!(desk.runs(), 0);
}

#[test]
fn documents_are_refused_by_name() {
    type Change<'a> = &'a dyn Fn(&mut Value);
    let cases: [(&str, Change<'_>, &str, &str); 7] = [
        ("RenderPlan.json", &|p| p["render_runtime"] = json!("remotion"), "package.runtime", "remotion"),
        ("RenderPlan.json", &|p| p["schema_version"] = json!("1.0.0"), "package.document", "newer build"),
        ("RenderPlan.json", &|p| drop(p.as_object_mut().map(|m| m.remove("canvas"))), "package.document", "/canvas: required field"),
        ("ShotList.json", &|p| p["schema_id"] = json!("script"), "package.document", "/schema_id"),
        ("AssetManifest.json", &|p| p["needs"][0]["provider"] = json!("x"), "package.document", "/needs/0/provider"),
        ("RenderPlan.json", &|p| p["total_frames"] = json!(1u64 << 52), "package.document", "longer than"),
        ("RenderPlan.json", &|p| p["shots"][0]["movement"]["amount"] = json!(5000), "package.document", "5000"),
    ];
    for (file, change, code, said) in cases {
        let desk = Desk::new();
        desk.change(file, change);
        let refused = desk.render(3);
        assert!(codes(&refused).contains(&code) && refused.errors.iter().any(|e| e.message.contains(said)), "{said}: {refused:?}");
    }
    // Older and newer minors are read, of the package too; what they have more is passed over.
    let desk = Desk::new();
    desk.change("package.json", |p| {
        p["schema_version"] = json!("1.7.0");
        p["priority"] = json!("high");
        p["desired_outputs"] = json!(["captions"]);
    });
    desk.change("RenderPlan.json", |p| p["schema_version"] = json!("0.1.0"));
    desk.change("ShotList.json", |p| p["schema_version"] = json!("0.9.0"));
    let done = desk.command().output().expect("starts");
    let line: Value = serde_json::from_slice(&done.stdout).expect("is JSON");
    assert_eq!((&line["status"], &line["schema_version"]), (&json!("completed"), &json!("1.0.0")));
    desk.change("package.json", |p| p["schema_version"] = json!("2.0.0"));
    assert_eq!(codes(&desk.render(2)), ["package.malformed"]);
    fs::write(desk.file("package.json"), "{").expect("writes");
    assert_eq!(codes(&desk.render(2)), ["package.malformed"]);
}

/// Everything inline, from standard input; what the registry holds is named by content.
#[test]
fn a_package_may_hold_everything_itself() {
    let desk = Desk::new();
    let mut package = desk.read("package.json");
    for (field, file) in
        [("shotlist_ref", "ShotList.json"), ("asset_manifest_ref", "AssetManifest.json"), ("render_plan_ref", "RenderPlan.json")]
    {
        package["inputs"][field] = desk.read(file);
    }
    package["desired_outputs"] = json!(["captions", "run_summary"]);
    let data = |name: &str| {
        let bytes = fs::read(desk.file(name)).expect("reads");
        format!("data:image/png;base64,{}", base64::engine::general_purpose::STANDARD.encode(bytes))
    };
    package["inputs"]["media"] = json!([data("sky.png"), data("hills.png")]);
    let send = |package: &Value, exit: i32| -> RenderResponse {
        let mut command = reel(&desk.home());
        command.args(["render", "-", "--json"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("starts");
        std::io::Write::write_all(&mut child.stdin.take().expect("a pipe"), package.to_string().as_bytes()).expect("writes");
        let output = child.wait_with_output().expect("ends");
        assert_eq!(output.status.code(), Some(exit), "{}", String::from_utf8_lossy(&output.stdout));
        read(String::from_utf8_lossy(&output.stdout).trim().as_bytes()).expect("an answer")
    };
    let done = send(&package, 0);
    assert_eq!(json!(done.status), "completed");
    for sky in ["sky.png", "hills.png"] {
        let stored = registry::Registry::object_path(&desk.home(), &Hash::of(&fs::read(desk.file(sky)).expect("reads")));
        assert!(stored.is_file(), "{sky} was taken in");
    }
    // By address, what is there is found; a file is not, where there is no folder.
    package["idempotency_key"] = json!("by address");
    package["inputs"]["media"] = json!([]);
    package["inputs"]["render_plan_ref"] = json!(format!("sha256:{}", done.lineage_hashes["render_plan"]));
    assert_eq!(send(&package, 0).artifact_uris, done.artifact_uris);
    package["inputs"]["render_plan_ref"] = json!("file:RenderPlan.json");
    assert_eq!(codes(&send(&package, 3)), ["package.reference"]);
    package["inputs"]["render_plan_ref"] = json!(format!("sha256:{}", "2".repeat(64)));
    let absent = send(&package, 3);
    assert!(absent.errors[0].recoverable, "it may come");
}

/// A link that leads out of the package's folder is not followed.
#[test]
#[cfg(unix)]
fn a_link_out_of_the_folder_is_not_followed() {
    let desk = Desk::new();
    fs::rename(desk.file("RenderPlan.json"), desk.dir.path().join("outside.json")).expect("moves");
    std::os::unix::fs::symlink("../outside.json", desk.file("RenderPlan.json")).expect("links");
    let refused = desk.render(3);
    assert_eq!(codes(&refused), ["package.reference"]);
    assert!(refused.errors[0].message.contains("leads out"), "{refused:?}");
}

/// What a stand-in stands for is said by the plan, and the film is degraded; its shots are those the memo has.
#[test]
fn a_plan_with_stand_ins_is_degraded() {
    let desk = Desk::new();
    desk.change("RenderPlan.json", |p| p["stand_ins"] = json!(["bay-dawn"]));
    desk.change("package.json", |p| p["desired_outputs"] = json!(["captions", "run_summary"]));
    let done = desk.render(0);
    assert_eq!((json!(done.status), done.run_summary.map(|s| json!(s.status))), (json!("degraded"), Some(json!("degraded"))));
}

/// Two processes with one request at once: one works, the other hears its answer.
#[test]
fn two_who_send_one_request_at_once_get_one_answer() {
    let desk = Desk::new();
    let start = || desk.command().stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("starts");
    let both = [start(), start()].map(|child| child.wait_with_output().expect("ends"));
    let answers = both.map(|o| read::<RenderResponse>(String::from_utf8_lossy(&o.stdout).trim().as_bytes()).expect("an answer"));
    assert_eq!(answers[0], answers[1]);
    assert_eq!((json!(answers[0].status), desk.runs()), (json!("completed"), 1));
}

/// 002-11 and design §3: the engine stands on contracts and media, and knows no story.
#[test]
fn the_engine_links_no_story() {
    let output = std::process::Command::new(env!("CARGO"))
        .args(["tree", "--offline", "-p", "render", "--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .current_dir(root())
        .output()
        .expect("cargo");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8_lossy(&output.stdout);
    let house = fs::read_dir(root().join("crates")).expect("the crates").flatten().map(|e| e.file_name().to_string_lossy().into_owned());
    let house: Vec<String> = house.collect();
    let linked: std::collections::BTreeSet<&str> =
        tree.lines().filter_map(|l| l.split(' ').next()).filter(|name| house.iter().any(|c| c == name)).collect();
    assert_eq!(linked.into_iter().collect::<Vec<_>>(), ["contracts", "kit", "media", "render"]);
}

/// Stems alone: nothing is encoded, so that no encoder is needed, and their sum is the mix.
#[test]
fn stems_are_made_without_a_picture() {
    let desk = Desk::new();
    let tone: Vec<i16> = (0..48_000_i32).map(|n| ((n % 96 - 48) * 120) as i16).collect();
    let wav = media::wav::write(48_000, 1, &tone).expect("writes");
    fs::write(desk.file("tone.wav"), &wav).expect("writes");
    let (hash, slow) = (Hash::of(&wav), media::wav::write(44_100, 1, &tone).expect("writes"));
    let sound = |hash: &Hash, bus: &str| json!({"need_id": "bay-dawn", "bus": bus, "audio": hash, "start": 24_000, "samples": 48_000, "gain_cb": 0, "fade_in": 0, "fade_out": 0});
    desk.change("RenderPlan.json", |p| p["sounds"] = json!([sound(&hash, "voices"), sound(&hash, "effects")]));
    desk.change("package.json", |p| {
        p["desired_outputs"] = json!(["audio_stems"]);
        p["inputs"]["media"] = json!(["file:tone.wav"]);
    });
    let out = desk.dir.path().join("out");
    let done = answer(desk.command().env("PATH", desk.dir.path()).arg("--out").arg(&out), 0);
    let names: Vec<&str> = done.artifact_uris.keys().map(String::as_str).collect();
    assert_eq!(names, ["audio_stems.effects", "audio_stems.music", "audio_stems.voices"]);
    let stem = |name: &str| media::wav::read(&fs::read(out.join(name)).expect("a stem")).expect("is a WAV");
    assert!(stem("voices.wav").samples.iter().any(|s| *s != 0) && stem("music.wav").samples.iter().all(|s| s.abs() <= 1));
    assert_eq!(stem("voices.wav").frames() as u64, contracts::EditRate::FILM.samples_at(84));
    // A sound at another rate is refused by name, before any work.
    fs::write(desk.file("tone.wav"), &slow).expect("writes");
    desk.change("RenderPlan.json", |p| p["sounds"] = json!([sound(&Hash::of(&slow), "voices")]));
    desk.change("package.json", |p| p["idempotency_key"] = json!("slow"));
    let refused = desk.render(3);
    assert!(refused.errors[0].message.contains("sound `bay-dawn`") && refused.errors[0].message.contains("44100"), "{refused:?}");
}

/// Files are told apart by content: touched, renamed or moved, they miss nothing.
#[test]
fn a_renamed_and_touched_picture_is_the_same_picture() {
    let desk = Desk::new();
    let first = desk.render(0);
    let bytes = fs::read(desk.file("sky.png")).expect("reads");
    fs::remove_file(desk.file("sky.png")).expect("goes");
    fs::create_dir(desk.file("deep")).expect("a folder");
    fs::write(desk.file("deep/other.png"), bytes).expect("writes");
    desk.change("package.json", |p| {
        p["idempotency_key"] = json!("second night");
        p["inputs"]["media"] = json!(["file:deep/other.png", "file:hills.png"]);
    });
    let second = desk.render(0);
    assert_eq!(first.artifact_uris, second.artifact_uris);
    let cache = second.run_summary.and_then(|s| s.cache).expect("is counted");
    assert_eq!((cache.hits, cache.shot_hits), (cache.steps, cache.shots), "{cache:?}");
    assert!(Path::new(&desk.home()).is_dir());
}

/// A shot that dissolves out of another shows its picture and not what is drawn over it.
#[test]
fn other_words_drawn_into_a_shot_leave_the_one_that_dissolves_out_of_it_as_it_is() {
    let desk = Desk::new();
    desk.change("RenderPlan.json", |p| {
        p["burn_in"] = json!("plain");
        (p["captions"][0]["start"], p["captions"][0]["end"]) = (json!(6_000), json!(72_000));
    });
    let first = desk.render(0);
    desk.change("RenderPlan.json", |p| p["captions"][0]["text"] = json!("Nobody is up but the herons."));
    desk.change("package.json", |p| p["idempotency_key"] = json!("other words"));
    let second = desk.render(0);
    assert_ne!(first.artifact_uris["video"], second.artifact_uris["video"]);
    let remade = second.run_summary.expect("was asked for").remade;
    assert_eq!(remade.iter().map(|s| s.as_str()).collect::<Vec<_>>(), ["dawn-s1"]);
}
