//! The data home under damage, without room, and under two runs at once: real processes, a real disk, the film to the byte.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use contracts::{Hash, Id, Seed};
use kit::files::{Files, SystemFiles};
use registry::{MemoLookup, Registry};
use serde_json::Value;
use tempfile::TempDir;

use crate::{json, ok, reel, refused};

/// A project in a folder of its own.
fn project(dir: &Path) -> PathBuf {
    let project = dir.join("tern-head");
    ok(reel(&dir.join("setup")).arg("new").arg(&project).arg("--json"));
    project
}

/// The smallest film there is: a silent draft.
fn produce(home: &Path, project: &Path, out: &Path) -> Command {
    let mut command = reel(home);
    command.arg("produce").arg(project).args(["--yes", "--json", "--no-voice", "--draft", "--out"]).arg(out);
    command
}

/// Everything in a run folder but the record of the run.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let read = fs::read_dir(dir).expect("the run folder").flatten();
    read.map(|e| (e.file_name().to_string_lossy().into_owned(), fs::read(e.path()).expect("a file")))
        .filter(|(n, _)| n != "run_summary.json")
        .collect()
}

/// A home that stands on the files of another. Nothing writes into a stored file, so links are enough; the database is
/// copied.
fn twin(home: &Path, to: &Path) {
    for path in walk(home) {
        let there = to.join(path.strip_prefix(home).expect("is below"));
        fs::create_dir_all(there.parent().expect("a folder")).expect("a folder");
        if path.starts_with(home.join("objects")) {
            fs::hard_link(&path, &there).expect("links");
        } else {
            fs::copy(&path, &there).expect("copies");
        }
    }
}

fn walk(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            found.extend(walk(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found.sort();
    found
}

/// Puts other bytes under a stored name, as a bad disk does. The file it was linked to stays as it is.
fn overwrite(path: &Path, bytes: &[u8]) {
    SystemFiles::new().write_atomic(path, bytes).expect("writes");
}

/// What each step of a run made: file by kind of step, name of step and name of output.
fn outputs(home: &Path, run: &str) -> Vec<(String, String, PathBuf)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let found = runtime.block_on(async {
        let registry = Registry::open(home).await.expect("the registry");
        let mut found = Vec::new();
        for row in registry.steps(&Id::new(run).expect("an id")).await.expect("reads") {
            let MemoLookup::Hit(memo) = registry.memo_get(&Id::slug("local"), &row.step.memo_key).await.expect("reads") else {
                panic!("{} is not remembered", row.step.name)
            };
            for (name, output) in memo.outputs.files {
                let path = Registry::object_path(home, &output.hash);
                found.push((row.step.kind.clone(), format!("{} {name}", row.step.name), path));
            }
        }
        registry.close().await;
        found
    });
    // The last connection folds the log into the database when it goes, on a thread of its own.
    for _ in 0..500 {
        if !home.join("registry.sqlite-wal").exists() {
            return found;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("the database was not closed");
}

fn verify(home: &Path) -> Value {
    let output = reel(home).args(["artifacts", "verify", "--json"]).output().expect("starts");
    let answer = json(&output);
    assert_eq!(output.status.code(), Some(if answer["sound"] == true { 0 } else { 7 }), "{answer}");
    answer
}

/// A finished film in a home, made once for the tests of this file that need one.
struct Finished {
    dir: TempDir,
    home: PathBuf,
    project: PathBuf,
    film: BTreeMap<String, Vec<u8>>,
    run: String,
}

fn finished() -> Finished {
    let dir = tempfile::tempdir().expect("a folder");
    let (project, home, out) = (project(dir.path()), dir.path().join("home"), dir.path().join("out"));
    let done = ok(&mut produce(&home, &project, &out));
    let run = done["run_id"].as_str().expect("a run").to_owned();
    let sound = verify(&home);
    assert_eq!((&sound["sound"], sound["orphaned"].as_array().map(Vec::len)), (&Value::Bool(true), Some(0)), "{sound}");
    assert!(sound["files"].as_u64() > Some(50) && sound["bytes"].as_u64() > Some(1_000_000), "{sound}");
    Finished { film: files(&out), dir, home, project, run }
}

/// One film, and everything that can befall the home it stands in. One test, because the film is what costs.
#[test]
fn a_finished_home_under_damage_and_two_runs_at_once() {
    let base = finished();
    damage_is_undone(&base);
    a_film_replaces_another_and_both_are_kept(&base);
    two_at_once(&base);
    room_is_made(&base);
    a_full_disk_is_survived(&base);
}

/// F04 with the real binary: one bit, cut short, zeroed, swapped; in what is exported, and in what a changed run reads.
fn damage_is_undone(base: &Finished) {
    let mut random = Seed::new(4);
    let made = outputs(&base.home, &base.run);
    let of = |kind: &str| -> Vec<&PathBuf> { made.iter().filter(|(k, ..)| k == kind).map(|(.., p)| p).collect() };
    for (n, kind) in ["join", "sheet", "render_plan", "script", "captions"].into_iter().enumerate() {
        let home = base.dir.path().join(format!("damaged-{kind}"));
        twin(&base.home, &home);
        let path = home.join(of(kind)[0].strip_prefix(&base.home).expect("is below"));
        let mut bytes = fs::read(&path).expect("reads");
        match n % 4 {
            0 => {
                let at = random.below(bytes.len() as u64) as usize;
                bytes[at] ^= 1 << random.below(8);
            }
            1 => bytes.truncate(bytes.len() / 2),
            2 => bytes.fill(0),
            _ => bytes = fs::read(of("mix")[0]).expect("reads"),
        }
        overwrite(&path, &bytes);
        let out = base.dir.path().join(format!("out-{kind}"));
        let done = ok(&mut produce(&home, &base.project, &out));
        assert!(files(&out) == base.film, "{kind}: the film is another");
        let hash = format!(
            "{}{}",
            path.parent().and_then(Path::file_name).expect("a folder").to_string_lossy(),
            path.file_name().expect("a name").to_string_lossy()
        );
        let notes = done["notes"].to_string();
        assert!(notes.contains(&hash[..12]) && notes.contains("made again"), "{kind}: {notes}");
        // A file of another size is missed before it is read, and stays where it is until its content comes again.
        assert!(fs::read_dir(home.join("quarantine")).is_ok_and(|d| d.count() == 1), "{kind}");
        let sound = verify(&home);
        assert_eq!(sound["sound"], true, "{kind}: {sound}");
    }
    // What a look finds first, the next run makes again.
    let home = base.dir.path().join("looked-at");
    twin(&base.home, &home);
    for (kind, at) in [("paint", 3), ("shot", 1)] {
        let path = home.join(of(kind)[at].strip_prefix(&base.home).expect("is below"));
        let mut bytes = fs::read(&path).expect("reads");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 16;
        overwrite(&path, &bytes);
    }
    let found = verify(&home);
    let damaged = found["damaged"].as_array().expect("a list");
    assert!(damaged.len() == 2 && damaged.iter().all(|d| d["lost"] == false), "{found}");
    assert!(found["damaged"].to_string().contains("of a step shot") && found["damaged"].to_string().contains("of a step paint"), "{found}");
    let out = base.dir.path().join("out-looked-at");
    ok(&mut produce(&home, &base.project, &out));
    assert!(files(&out) == base.film);
    assert_eq!(verify(&home)["missing"].as_array().map(Vec::len), Some(0));
    // A row of the database that says something else is not believed.
    // A person's document is no step's: it is stored again from the project.
    let canon = base.film.get("Canon.json").expect("the canon");
    let path = Registry::object_path(&home, &Hash::of(canon));
    overwrite(&path, &vec![0; canon.len()]);
    ok(&mut produce(&home, &base.project, &out));
    assert!(files(&out) == base.film);
}

/// Requirement 002-30.3: the old film stays, the new one says whose place it took.
fn a_film_replaces_another_and_both_are_kept(base: &Finished) {
    let home = base.dir.path().join("replaced");
    twin(&base.home, &home);
    let changed = base.dir.path().join("changed");
    fs::create_dir_all(&changed).expect("a folder");
    for path in walk(&base.project) {
        let there = changed.join(path.strip_prefix(&base.project).expect("is below"));
        fs::create_dir_all(there.parent().expect("a folder")).expect("a folder");
        fs::copy(&path, &there).expect("copies");
    }
    let file = changed.join("project.toml");
    let text = fs::read_to_string(&file).expect("the project");
    fs::write(&file, text.replace("title = \"Tern Head\"", "title = \"Tern Point\"")).expect("writes");
    let (out, again) = (base.dir.path().join("out-new"), base.dir.path().join("out-again"));
    let new = ok(&mut produce(&home, &changed, &out));
    let third = ok(&mut produce(&home, &changed, &again));
    assert!(files(&out) != base.film && files(&out) == files(&again));
    let show = |run: &Value| ok(reel(&home).arg("show").arg(run.as_str().expect("a run")).arg("--json"));
    let first = Value::from(base.run.clone());
    let (old, now, same) = (show(&first), show(&new["run_id"]), show(&third["run_id"]));
    assert_eq!((&old["replaces"], &old["replaced_by"]), (&Value::Null, &new["run_id"]), "{old}");
    assert_eq!((&now["replaces"], &now["replaced_by"]), (&first, &Value::Null));
    assert_eq!((&same["same_film_as"], &same["replaces"]), (&new["run_id"], &Value::Null));
    assert_eq!(now["film_ref"], "film/tern-head/ep-01/draft_local");
    let told = reel(&home).arg("show").arg(&base.run).output().expect("starts");
    assert!(String::from_utf8_lossy(&told.stdout).contains(&format!("replaced  by run {}", new["run_id"].as_str().expect("a run"))));
    // The first film is still in the registry, whole, and linked.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let registry = Registry::open(&home).await.expect("the registry");
        let hash =
            |shown: &Value| -> Hash { serde_json::from_value(shown["summary"]["artifacts"]["render_output"].clone()).expect("an address") };
        let (before, after) = (hash(&old), hash(&now));
        assert_eq!(Hash::of(&registry.bytes(&before).expect("is kept")), Hash::of(&base.film["RenderOutput.json"]));
        let tenant = Id::slug("local");
        let parents = registry.lineage(&tenant, &after).await.expect("reads").parents;
        assert!(parents.contains(&(registry::Relation::Supersedes, before)));
        let plan: Hash = serde_json::from_value(now["summary"]["artifacts"]["render_plan"].clone()).expect("an address");
        assert!(parents.contains(&(registry::Relation::MadeFrom, plan.clone())));
        let row = registry.artifact_row(&tenant, &plan).await.expect("reads").expect("is known");
        assert_eq!(row.made.map(|m| m.kind), Some("render_plan".into()));
        registry.close().await;
    });
}

fn started(mut command: Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts")
}

fn ended(child: Child) -> (Option<i32>, Value) {
    let output = child.wait_with_output().expect("ends");
    (output.status.code(), json(&output))
}

/// Two runs of one project at once, in one home: into folders of their own both end well, into the same one the second is
/// told who has it; a folder whose run was killed is free.
fn two_at_once(base: &Finished) {
    let fresh = base.dir.path().join("fresh");
    let stories: Vec<Child> = (0..3)
        .map(|_| {
            let mut command = reel(&fresh);
            command.arg("write").arg(&base.project).arg("--json");
            started(command)
        })
        .collect();
    let told: Vec<Value> =
        stories.into_iter().map(ended).map(|(code, answer)| if code == Some(0) { answer } else { panic!("{answer}") }).collect();
    assert!(told.iter().all(|t| *t == told[0]), "three stories told at once on a home that was not there are one");
    assert_eq!(verify(&fresh)["sound"], true);

    // Some work for both to do: five shots, their pictures, the mix and the film are gone.
    let home = base.dir.path().join("both");
    twin(&base.home, &home);
    for kind in ["shot", "paint", "mix", "join"] {
        for (.., path) in outputs(&base.home, &base.run).iter().filter(|(k, ..)| k == kind).take(10) {
            fs::remove_file(home.join(path.strip_prefix(&base.home).expect("is below"))).expect("removes");
        }
    }
    let (one, two) = (base.dir.path().join("one"), base.dir.path().join("two"));
    let first = started(produce(&home, &base.project, &one));
    let second = started(produce(&home, &base.project, &two));
    // Until the first two have begun, the third could be first.
    let going =
        || ok(reel(&home).args(["runs", "--json"]))["runs"].as_array().map_or(0, |r| r.iter().filter(|r| r["status"] == "running").count());
    while going() < 2 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let answer = refused(&mut produce(&home, &base.project, &one), 6, "out.busy");
    assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains("tern-head-e01-")), "{answer}");
    let going = refused(reel(&home).args(["artifacts", "gc", "--json"]), 6, "registry.busy");
    assert!(going["error"]["message"].as_str().is_some_and(|m| m.contains("tern-head-e01-")), "{going}");
    for (child, out) in [(first, &one), (second, &two)] {
        let (code, answer) = ended(child);
        assert_eq!(code, Some(0), "{answer}");
        assert!(files(out) == base.film, "the film of a run beside another is another");
    }
    let sound = verify(&home);
    assert!(sound["sound"] == true && sound["running"].as_array().is_some_and(Vec::is_empty), "{sound}");
    let runs = ok(reel(&home).args(["runs", "--json"]));
    assert_eq!(runs["runs"].as_array().map(Vec::len), Some(3), "the refused one began no run");
    // Another episode and the same one at once; the one that is killed holds nothing afterwards.
    let mut other = started({
        let mut command = produce(&home, &base.project, &two);
        command.args(["--episode", "2"]);
        command
    });
    std::thread::sleep(std::time::Duration::from_millis(500));
    other.kill().expect("is killed");
    other.wait().expect("ends");
    ok(&mut produce(&home, &base.project, &two));
    assert!(files(&two) == base.film);
    assert_eq!(verify(&home)["sound"], true);
}

/// `gc` takes the leavings of runs that made no film, and never what a film was made from.
fn room_is_made(base: &Finished) {
    let home = base.dir.path().join("both");
    let plan = ok(reel(&home).args(["artifacts", "gc", "--dry-run", "--keep-days", "0", "--json"]));
    let done = ok(reel(&home).args(["artifacts", "gc", "--keep-days", "0", "--json"]));
    assert_eq!((&plan["victims"], &plan["freed"]), (&done["victims"], &done["freed"]));
    let sound = verify(&home);
    assert!(sound["sound"] == true && sound["missing"].as_array().is_some_and(Vec::is_empty), "{sound}");
    let again = base.dir.path().join("after-gc");
    let done = ok(&mut produce(&home, &base.project, &again));
    assert!(done["stages"].as_array().is_some_and(|s| s.iter().all(|s| s["cached"] == true)), "{done}");
    assert!(files(&again) == base.film);
    refused(reel(&home).args(["artifacts", "gc", "--max-bytes", "much", "--json"]), 2, "usage");
}

/// F03 on a real disk that is really full, at several fillings: told as such with the path and what to free, nothing wrong is
/// kept, and with room again the run ends with the very film.
fn a_full_disk_is_survived(base: &Finished) {
    let home = base.dir.path().join("to-fill");
    twin(&base.home, &home);
    let gone: Vec<PathBuf> = ["shot", "paint", "mix", "join"]
        .iter()
        .flat_map(|kind| outputs(&base.home, &base.run).into_iter().filter(move |(k, ..)| k == kind).take(6).map(|(.., p)| p))
        .map(|p| p.strip_prefix(&base.home).expect("is below").to_owned())
        .collect();
    for path in &gone {
        fs::remove_file(home.join(path)).expect("removes");
    }
    let full = |answer: &Value| {
        assert_eq!((&answer["error"]["code"], &answer["error"]["exit_code"]), (&Value::from("disk.full"), &Value::from(6)), "{answer}");
        let text = answer["error"].to_string();
        assert!(text.contains("artifacts gc --dry-run") && text.contains("no space is left for "), "{answer}");
    };
    // A limit on the size of a file, which every machine has: the mix is larger than this.
    let limited = base.dir.path().join("limited");
    twin(&home, &limited);
    let out = base.dir.path().join("out-limited");
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 4000; exec \"$0\" \"$@\""]);
    let wrapped = produce(&limited, &base.project, &out);
    shell.arg(wrapped.get_program()).args(wrapped.get_args()).env_clear().env("REELWRIGHT_HOME", &limited);
    shell.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let answer = refused(&mut shell, 6, "disk.full");
    full(&answer);
    assert!(!out.join("final.mp4").exists(), "no film before it is whole");
    assert_eq!(verify(&limited)["sound"], true);
    ok(&mut produce(&limited, &base.project, &out));
    assert!(files(&out) == base.film);

    // A small disk of its own. Where this machine lets nobody mount one, the limit above is all there is to see.
    let (disk, out) = (base.dir.path().join("disk"), base.dir.path().join("out-disk"));
    fs::create_dir(&disk).expect("a folder");
    let script = r#"
        set -u
        mount -t tmpfs -o size=400m tmpfs "$DISK" || exit 77
        cp -r "$FROM" "$DISK/home" && for gone in $GONE; do rm -f "$DISK/home/$gone"; done
        for room in 100 3000 9000 20000; do
            free=$(df -k "$DISK" | awk 'END { print $4 }')
            head -c $(((free - room) * 1024)) /dev/zero > "$DISK/ballast"
            echo "room $room"; "$REEL" "$@"; echo "exit $?"
            rm "$DISK/ballast"
            "$REEL" artifacts verify --json; echo "exit $?"
        done
        echo "room enough"; "$REEL" "$@"; echo "exit $?"
    "#;
    let inside = disk.join("home");
    let wrapped = produce(&inside, &base.project, &out);
    let mut shell = Command::new("unshare");
    shell.args(["-Urm", "sh", "-c", script, "sh"]).args(wrapped.get_args());
    shell.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("REELWRIGHT_HOME", &inside);
    let list: Vec<String> = gone.iter().map(|p| p.display().to_string()).collect();
    shell.env("REEL", env!("CARGO_BIN_EXE_reel")).env("DISK", &disk).env("FROM", &home).env("GONE", list.join(" "));
    let output = shell.output();
    let Some(output) = output.ok().filter(|o| o.status.success()) else {
        let mounts = Command::new("unshare").args(["-Urm", "true"]).status().is_ok_and(|s| s.success());
        assert!(!mounts, "this machine can mount a disk, and the test of a full one did not run");
        return;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let said: Vec<&str> = text.lines().filter(|l| l.starts_with("exit ")).collect();
    let answers: Vec<Value> = text.lines().filter(|l| l.starts_with('{')).map(|l| serde_json::from_str(l).expect("JSON")).collect();
    assert_eq!((said.len(), answers.len()), (9, 9), "{text}");
    let mut filled = 0;
    for (pair, code) in answers[..8].chunks(2).zip(said.chunks(2)) {
        if code[0] != "exit 0" {
            assert_eq!(code[0], "exit 6", "{text}");
            full(&pair[0]);
            assert!(pair[0]["error"]["message"].as_str().is_some_and(|m| m.contains(&disk.display().to_string())), "{}", pair[0]);
            filled += 1;
        }
        assert!(code[1] == "exit 0" && pair[1]["sound"] == true && pair[1]["database"] == serde_json::json!([]), "{}", pair[1]);
    }
    assert!(filled >= 2, "the disk was never full: {text}");
    assert_eq!(said[8], "exit 0", "{text}");
    assert!(files(&out) == base.film, "with room again the film is the same");
}
