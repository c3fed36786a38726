//! One clear message, a documented exit code, nothing half-written.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::{ok, reel, refused, root};

/// A folder for a test, with a project made by `reel new`.
fn fresh() -> (TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().expect("a folder");
    let project = dir.path().join("tern-head");
    ok(reel(&dir.path().join("home")).args(["new"]).arg(&project).arg("--json"));
    (dir, project)
}

fn produce(home: &Path, project: &Path) -> Command {
    let mut command = reel(home);
    command.arg("produce").arg(project).args(["--yes", "--json"]);
    command
}

/// Nothing lies in the output folder under a final name.
fn nothing_made(out: &Path) {
    let names: Vec<String> =
        fs::read_dir(out).into_iter().flatten().flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    assert!(names.is_empty(), "{names:?}");
}

#[test]
fn a_missing_project_names_the_folder_and_the_command() {
    let dir = tempfile::tempdir().expect("a folder");
    let missing = dir.path().join("nowhere");
    let answer = refused(&mut produce(dir.path(), &missing), 3, "project.missing");
    assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains("nowhere")));
    assert_eq!(answer["next_actions"][0][1], "new");
    let empty = dir.path().join("empty");
    fs::create_dir(&empty).expect("a folder");
    refused(&mut produce(dir.path(), &empty), 3, "project.missing");
    let file = dir.path().join("file");
    fs::write(&file, "x").expect("a file");
    refused(&mut produce(dir.path(), &file), 3, "project.missing");
}

#[test]
fn a_malformed_project_names_file_line_field_and_range() {
    let (dir, project) = fresh();
    let file = project.join("project.toml");
    let good = fs::read_to_string(&file).expect("the project");
    let home = dir.path().join("home");
    for (from, to, named) in [
        ("edit_rate = \"24/1\"", "edit_rate = \"0/1\"", "edit_rate"),
        ("target_duration_s = 60", "target_duration_s = 6000", "30 to 600"),
        ("title = ", "titel = ", "title"),
        ("genre = \"mystery\"", "genre = 7", "line"),
        ("[safety]", "[safety", "line"),
        ("id = \"tern-head\"", "id = \"../up\"", "[a-z0-9]"),
        ("render_profiles = [\"preview_local\"]", "render_profiles = []", "render_profiles"),
        ("language = \"en\"", "language = \"-o x\"", "language"),
        ("language = \"en\"", "language = \"en\"\npremis = \"A light goes out.\"", "premis"),
        ("audience = \"general\"", "audience = \"general\"\nblood = true", "safety.blood"),
        ("continuity_mode = \"strict\"", "continuity_mode = \"review\"", "strict"),
    ] {
        assert!(good.contains(from), "{from}");
        fs::write(&file, good.replace(from, to)).expect("writes");
        let answer = refused(&mut produce(&home, &project), 3, "project.malformed");
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(named) && message.contains("project.toml"), "{to}: {message}");
    }
    fs::write(&file, [0xFF, 0xFE, 0x00]).expect("writes");
    refused(&mut produce(&home, &project), 3, "project.malformed");
    fs::write(&file, good.replace("genre = \"mystery\"", "genre = \"opera\"")).expect("writes");
    let answer = refused(&mut produce(&home, &project), 3, "genre.unknown");
    assert!(answer["error"]["hint"].as_str().is_some_and(|h| h.contains("mystery")));
}

#[test]
fn a_canon_that_cannot_be_is_refused_before_anything_is_made() {
    let (dir, project) = fresh();
    fs::write(project.join("canon.toml"), "[world]\nname = 3\n").expect("writes");
    let answer = refused(&mut produce(&dir.path().join("home"), &project), 3, "canon.malformed");
    assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains("canon.toml")));
}

#[test]
fn a_canon_of_another_project_is_refused() {
    let (dir, project) = fresh();
    fs::write(project.join("canon.toml"), "project_id = \"elsewhere\"\n").expect("writes");
    let answer = refused(&mut produce(&dir.path().join("home"), &project), 3, "canon.malformed");
    assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains("elsewhere")));
}

#[test]
fn what_is_no_file_is_not_read() {
    let (dir, project) = fresh();
    let home = dir.path().join("home");
    // Neither would ever end.
    let pipe = Command::new("mkfifo").arg(project.join("canon.toml")).status().expect("starts");
    assert!(pipe.success());
    refused(&mut produce(&home, &project), 3, "project.malformed");
    fs::remove_file(project.join("canon.toml")).expect("removes");
    fs::remove_file(project.join("project.toml")).expect("removes");
    std::os::unix::fs::symlink("/dev/zero", project.join("project.toml")).expect("links");
    refused(&mut produce(&home, &project), 3, "project.malformed");
}

#[test]
fn names_that_are_not_utf_8_are_paths_like_others() {
    use std::os::unix::ffi::OsStrExt;
    let dir = tempfile::tempdir().expect("a folder");
    let home = dir.path().join("home");
    let project = dir.path().join(std::ffi::OsStr::from_bytes(b"p-\xff"));
    refused(&mut produce(&home, &project), 3, "project.missing");
    refused(produce(&home, &project).arg("--nonsense"), 2, "usage");
    ok(reel(&home).arg("new").arg(&project).arg("--json"));
    ok(reel(&home).arg("write").arg(&project).arg("--json"));
}

#[test]
fn an_episode_past_the_season_says_which_there_are() {
    let (dir, project) = fresh();
    let answer = refused(produce(&dir.path().join("home"), &project).args(["--episode", "77"]), 3, "episode.unknown");
    assert!(answer["error"]["hint"].as_str().is_some_and(|h| h.contains("1 to")));
}

#[test]
fn missing_tools_are_named_with_their_package() {
    let (dir, project) = fresh();
    let home = dir.path().join("home");
    let bin = dir.path().join("bin");
    let out = dir.path().join("out");
    fs::create_dir(&bin).expect("a folder");
    let answer = refused(produce(&home, &project).arg("--out").arg(&out).env("PATH", &bin), 4, "tool.missing");
    assert!(answer["error"]["hint"].as_str().is_some_and(|h| h.contains("apt-get install ffmpeg")), "{answer}");
    nothing_made(&out);
    for program in ["ffmpeg", "ffprobe"] {
        let real = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).map(|d| d.join(program)).find(|p| p.is_file());
        std::os::unix::fs::symlink(real.expect("ffmpeg is installed: `cargo xtask test` installs it"), bin.join(program)).expect("links");
    }
    let answer = refused(produce(&home, &project).arg("--out").arg(&out).env("PATH", &bin), 4, "tool.missing");
    assert!(answer["error"]["hint"].as_str().is_some_and(|h| h.contains("flite") && h.contains("--no-voice")), "{answer}");
    nothing_made(&out);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let (dir, project) = fresh();
    let file = dir.path().join("file");
    fs::write(&file, "x").expect("a file");
    // A file where a folder is needed cannot be written, not even by root.
    let answer = refused(produce(&dir.path().join("home"), &project).arg("--out").arg(file.join("out")), 6, "out.unwritable");
    assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains("file")));
    refused(&mut produce(&file, &project), 6, "out.unwritable");
}

#[test]
fn the_command_line_is_checked() {
    let dir = tempfile::tempdir().expect("a folder");
    let project = root().join("examples/lighthouse");
    for args in [&["--jobs", "0"][..], &["--jobs", "many"], &["--episode", "-1"], &["--nonsense"], &["--episode"]] {
        let output = produce(dir.path(), &project).args(args).output().expect("starts");
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert_eq!(crate::json(&output)["error"]["code"], "usage", "{args:?}");
    }
    assert_eq!(reel(dir.path()).output().expect("starts").status.code(), Some(2));
    let help = reel(dir.path()).arg("--help").output().expect("starts");
    assert!(help.status.success() && String::from_utf8_lossy(&help.stdout).contains("exit codes"));
    refused(reel(dir.path()).args(["show", "no-such-run", "--json"]), 2, "usage");
    let answer = refused(reel(dir.path()).args(["produce", "--json"]), 2, "usage");
    assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains("PROJECT")), "{answer}");
    refused(reel(dir.path()).args(["new", "x", "--genre", "opera", "--json"]), 3, "genre.unknown");
}

#[test]
fn letters_that_no_font_has_block_the_film_and_are_named() {
    let (dir, project) = fresh();
    let file = project.join("project.toml");
    let text = fs::read_to_string(&file).expect("the project").replace("title = \"Tern Head\"", "title = \"Tern 日 Head\"");
    fs::write(&file, text).expect("writes");
    let out = dir.path().join("out");
    let answer = refused(produce(&dir.path().join("home"), &project).arg("--no-voice").arg("--out").arg(&out), 5, "gate.blocked");
    assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains('日')), "{answer}");
    nothing_made(&out);
}

#[test]
fn a_word_the_audience_does_not_hear_blocks_before_anything_is_spoken() {
    let (dir, project) = fresh();
    let (home, out) = (dir.path().join("home"), dir.path().join("out"));
    let file = project.join("project.toml");
    let good = fs::read_to_string(&file).expect("the project");
    let title = good.lines().find(|l| l.starts_with("title = ")).expect("a title");
    fs::write(&file, good.replace(title, "title = \"The Bullshit Light\"")).expect("writes");
    let answer = refused(produce(&home, &project).arg("--out").arg(&out), 5, "gate.blocked");
    let message = answer["error"]["message"].as_str().unwrap_or_default();
    assert!(message.contains("project.toml title") && message.contains("safety.audience"), "{message}");
    nothing_made(&out);
    fs::write(&file, good.replace(title, "title = \"The Bullshit Light\"").replace("audience = \"general\"", "audience = \"mature\""))
        .expect("writes");
    ok(reel(&home).arg("write").arg(&project).arg("--json"));
}
