//! The registry against a model, against failing files, against a power cut, and against another process's leavings.

#[path = "it/cache.rs"]
mod cache;
#[path = "it/contract.rs"]
mod contract;
#[path = "it/decisions.rs"]
mod decisions;
#[path = "it/integrity.rs"]
mod integrity;
#[path = "it/opening.rs"]
mod opening;
#[path = "it/recall.rs"]
mod recall;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use contracts::run::{Approval, RunStatus};
use contracts::{Hash, Id, Seed};
use kit::{Failpoints, MemoryFiles, SeededClock, Timestamp};
use registry::{
    Grade, Memo, MemoLookup, MemoPut, NewRun, NewStep, Origin, OutputRef, Outputs, Registry, RegistryError, RunFilter, Seams, StepState,
};
use serde_json::json;

fn id(text: &str) -> Id {
    Id::new(text).expect("an id")
}

fn seams(failpoints: &str) -> Seams {
    let clock = Arc::new(SeededClock::new(Timestamp(1_700_000_000_000), 1));
    Seams { clock, failpoints: Failpoints::parse(failpoints).expect("a setting") }
}

async fn in_memory() -> (Registry, MemoryFiles) {
    let files = MemoryFiles::new();
    (Registry::in_memory_with(seams(""), files.clone()).await.expect("opens"), files)
}

fn key(n: u64) -> Hash {
    Hash::of(format!("key {n}").as_bytes())
}

fn memo(n: u64, grade: Grade, output: OutputRef) -> Memo {
    Memo { key: key(n), grade, kind: "paint".into(), kind_version: 1, outputs: Outputs::new().with("out", output) }
}

fn step(run: &Id, name: &str) -> NewStep {
    NewStep {
        run: run.clone(),
        name: name.into(),
        stage: "shots".into(),
        kind: "paint".into(),
        kind_version: 1,
        grade: Grade::Pure,
        memo_key: key(1),
        queue: "cpu".to_owned(),
        place: 0,
        spec: None,
        timeout_ms: None,
    }
}

fn new_run(run: &Id) -> NewRun {
    NewRun { id: run.clone(), tenant: id("local"), project: id("lighthouse"), episode: 1, out_dir: None, look: false, request: None }
}

async fn start_run(registry: &Registry, name: &str) -> Id {
    let run = id(name);
    let mut txn = registry.begin();
    txn.run_start(new_run(&run));
    txn.commit().await.expect("starts");
    run
}

fn artifact(n: u64) -> Vec<u8> {
    format!("{{\"n\":{n},\"schema_id\":\"script\",\"schema_version\":\"0.1.0\",\"unknown\":true}}").into_bytes()
}

/// What the registry should say, in the plainest form there is.
#[derive(Default, PartialEq, Debug)]
struct Model {
    refs: BTreeMap<String, (Hash, i64)>,
    memo: BTreeMap<u64, Hash>,
    artifacts: BTreeMap<Hash, Vec<u8>>,
    events: Vec<String>,
}

/// 200 random transactions on a registry on disk, in memory, and in a model that fits in twenty lines: the same answers,
/// after each of them and, on disk, after closing and opening again.
#[tokio::test]
async fn two_hundred_random_transactions_agree_with_the_model() {
    let home = tempfile::tempdir().expect("a folder");
    let mut disk = Registry::open_with(home.path(), seams("")).await.expect("opens");
    let (memory, _) = in_memory().await;
    let tenant = id("local");
    let mut model = Model::default();
    let mut seed = Seed::new(20);
    for n in 0..200 {
        let name = format!("canon/{}", seed.below(3));
        let expected = seed.below(4) as i64;
        let memo_key = seed.below(25);
        let content = seed.below(40);
        let event = format!("e{n}");
        let with = seed.below(8);
        let mut outcomes = Vec::new();
        for registry in [&disk, &memory] {
            let mut txn = registry.begin();
            let output = txn.put_artifact(&tenant, &artifact(content), Origin::default()).expect("stores");
            if with & 1 != 0 {
                txn.memo_put(&tenant, memo(memo_key, Grade::Pure, output.clone()), None);
            }
            if with & 2 != 0 {
                txn.ref_cas(&tenant, &name, expected, &output.hash);
            }
            if with & 4 != 0 {
                txn.event(None, &event, json!({"n": n}));
            }
            outcomes.push(match if seed.clone().below(2) == 0 { txn.commit().await } else { txn.commit_soon().await } {
                Ok(done) => format!("{done:?}"),
                Err(RegistryError::RefMoved { found, .. }) => format!("moved {found}"),
                Err(other) => panic!("{other}"),
            });
        }
        assert_eq!(outcomes[0], outcomes[1], "transaction {n}");
        let bytes = artifact(content);
        let hash = Hash::of(&bytes);
        let current = model.refs.get(&name).map_or(0, |r| r.1);
        if with & 2 != 0 && current != expected {
            assert_eq!(outcomes[0], format!("moved {current}"));
        } else {
            model.artifacts.insert(hash.clone(), bytes);
            if with & 1 != 0 {
                let first = model.memo.entry(memo_key).or_insert_with(|| hash.clone()).clone();
                let says = if outcomes[0].contains("Kept") { "kept" } else { "as offered" };
                assert_eq!(says, if first == hash { "as offered" } else { "kept" }, "transaction {n}: {}", outcomes[0]);
                if first != hash {
                    model.events.push("memo_kept".into());
                }
            }
            if with & 2 != 0 {
                model.refs.insert(name, (hash, expected + 1));
            }
            if with & 4 != 0 {
                model.events.push(event);
            }
        }
        if n % 40 == 39 {
            disk.close().await;
            disk = Registry::open_with(home.path(), seams("")).await.expect("opens again");
            for registry in [&disk, &memory] {
                assert_eq!(look(registry, &model).await, model, "after transaction {n}");
            }
        }
    }
}

/// What a registry says about everything the model knows and could know.
async fn look(registry: &Registry, model: &Model) -> Model {
    let tenant = id("local");
    let mut seen = Model::default();
    for n in 0..3 {
        let name = format!("canon/{n}");
        if let Some(r) = registry.get_ref(&tenant, &name).await.expect("reads") {
            seen.refs.insert(name, (r.hash, r.version));
        }
    }
    let keys: Vec<Hash> = (0..25).map(key).collect();
    for (n, lookup) in (0..).zip(registry.memo_get_many(&tenant, &keys).await.expect("reads")) {
        match lookup {
            MemoLookup::Hit(memo) => drop(seen.memo.insert(n, memo.outputs.hash("out").expect("an output").clone())),
            MemoLookup::Miss => {}
            MemoLookup::Lost { hash, .. } => panic!("{hash} is lost"),
        }
    }
    for hash in model.artifacts.keys() {
        let row = registry.artifact_row(&tenant, hash).await.expect("reads").expect("is known");
        assert_eq!((row.schema_id.as_str(), row.schema_version.as_str()), ("script", "0.1.0"));
        seen.artifacts.insert(hash.clone(), registry.bytes(hash).expect("reads"));
    }
    seen.events = registry.events(None, 0, 1000).await.expect("reads").into_iter().map(|e| e.kind).collect();
    seen
}

/// A step's work on files that fail at every possible operation, once or for ever, followed by a power cut: whatever the
/// database acknowledged is there whole, and doing the step again succeeds.
#[tokio::test]
async fn a_failure_at_any_file_operation_loses_nothing_acknowledged() {
    for for_ever in [false, true] {
        for n in 1.. {
            let (registry, files) = in_memory().await;
            let run = start_run(&registry, "r1").await;
            let arm = if for_ever { MemoryFiles::fail_from } else { MemoryFiles::fail_after };
            arm(&files, n, std::io::ErrorKind::StorageFull);
            let first = work(&registry, &run, "s1").await;
            let failed = files.has_failed();
            files.power_cut();
            let lookup = registry.memo_get(&id("local"), &key(7)).await.expect("reads");
            match first {
                Ok(()) => check_hit(&registry, lookup),
                Err(error) => {
                    assert!(failed && matches!(error, RegistryError::Io { .. }), "{error}");
                    assert_eq!(lookup, MemoLookup::Miss, "nothing was acknowledged");
                    work(&registry, &run, "s2").await.expect("the second attempt succeeds");
                    files.power_cut();
                    check_hit(&registry, registry.memo_get(&id("local"), &key(7)).await.expect("reads"));
                }
            }
            if !failed {
                assert!(n > 8, "a step of two files has more operations than {n}");
                break;
            }
        }
    }
}

async fn work(registry: &Registry, run: &Id, name: &str) -> Result<(), RegistryError> {
    let tenant = id("local");
    let mut txn = registry.begin();
    txn.step_add(step(run, name)).step_take(run, name);
    let fence = txn.commit_soon().await?.fences[0];
    let frames: OutputRef = registry.blobs().put_bytes(b"frames")?.into();
    let mut txn = registry.begin();
    let script = txn.put_artifact(&tenant, &artifact(1), Origin { run: Some(run.clone()), step: Some(name.into()) })?;
    txn.record(&tenant, &frames, Origin::default());
    let outputs = Outputs::new().with("frames", frames).with("script", script).with_facts(json!({"frames": 24}));
    txn.memo_put(&tenant, Memo { key: key(7), grade: Grade::Pinned, kind: "shot".into(), kind_version: 2, outputs }, Some(run));
    txn.step_finish(run, name, fence);
    txn.commit().await.map(|_| ())
}

fn check_hit(registry: &Registry, lookup: MemoLookup) {
    let MemoLookup::Hit(memo) = lookup else { panic!("an acknowledged result is gone: {lookup:?}") };
    assert_eq!(memo.outputs.facts, json!({"frames": 24}));
    for output in memo.outputs.files.values() {
        assert_eq!(registry.bytes(&output.hash).expect("its content is whole").len() as u64, output.size);
    }
}

#[tokio::test]
async fn a_commit_that_fails_is_undone_and_one_whose_answer_is_lost_stands() {
    for (point, stands) in [("registry.before_commit", false), ("registry.after_commit", true)] {
        // The second durable commit: the first one starts the run.
        let registry = Registry::in_memory_with(seams(&format!("{point}=error@2")), MemoryFiles::new()).await.expect("opens");
        let run = start_run(&registry, "r1").await;
        assert!(matches!(work(&registry, &run, "s1").await, Err(RegistryError::Injected(_))));
        let lookup = registry.memo_get(&id("local"), &key(7)).await.expect("reads");
        let state = registry.steps(&run).await.expect("reads")[0].state;
        if stands {
            check_hit(&registry, lookup);
            assert_eq!(state, StepState::Done);
        } else {
            assert_eq!((lookup, state), (MemoLookup::Miss, StepState::Running), "memo and step are undone together");
        }
    }
}

#[tokio::test]
async fn a_stale_fence_is_refused_with_everything_that_came_with_it() {
    let (registry, _) = in_memory().await;
    let run = start_run(&registry, "r1").await;
    let take = async || {
        let mut txn = registry.begin();
        txn.step_take(&run, "s1");
        txn.commit_soon().await.map(|c| c.fences[0])
    };
    let mut txn = registry.begin();
    txn.step_add(step(&run, "s1"));
    txn.commit_soon().await.expect("adds");
    let old = take().await.expect("takes");
    assert!(matches!(take().await, Err(RegistryError::Taken { state, .. }) if state == "running"));
    let mut txn = registry.begin();
    txn.step_fail(&run, "s1", old, "the tool crashed");
    txn.commit().await.expect("fails");
    let new = take().await.expect("takes again");
    assert!(new > old);
    let late = async |fence| {
        let mut txn = registry.begin();
        let output = txn.put_artifact(&id("local"), &artifact(5), Origin::default()).expect("stores");
        txn.memo_put(&id("local"), memo(5, Grade::Pure, output), None).event(Some(&run), "late", json!({}));
        txn.step_finish(&run, "s1", fence);
        txn.commit().await
    };
    assert!(matches!(late(old).await, Err(RegistryError::Fenced { fence, .. }) if fence == old));
    assert_eq!(registry.memo_get(&id("local"), &key(5)).await.expect("reads"), MemoLookup::Miss);
    assert_eq!(registry.events(Some(&run), 0, 10).await.expect("reads"), []);
    late(new).await.expect("the holder finishes");
    assert!(matches!(late(new).await, Err(RegistryError::Fenced { .. })), "twice is once too often");
    let steps = registry.steps(&run).await.expect("reads");
    assert_eq!((steps[0].state, steps[0].attempt, steps[0].fence), (StepState::Done, 2, new));
    let mut txn = registry.begin();
    txn.step_add(step(&run, "s1"));
    assert!(matches!(txn.commit().await, Err(RegistryError::Taken { state, .. }) if state == "done"));
}

#[tokio::test]
async fn of_two_who_move_a_name_one_wins_and_one_is_told() {
    let (registry, _) = in_memory().await;
    let tenant = id("local");
    let both: Vec<_> = (0..8)
        .map(|n| {
            let registry = registry.clone();
            let tenant = tenant.clone();
            tokio::spawn(async move {
                let mut txn = registry.begin();
                txn.ref_cas(&tenant, "canon/lighthouse", 0, &key(n)).event(None, "moved", json!({"n": n}));
                txn.commit().await.is_ok()
            })
        })
        .collect();
    let mut winners = 0;
    for task in both {
        winners += u32::from(task.await.expect("ends"));
    }
    assert_eq!(winners, 1);
    assert_eq!(registry.events(None, 0, 100).await.expect("reads").len(), 1, "the losers' events are undone with them");
    assert_eq!(registry.get_ref(&tenant, "canon/lighthouse").await.expect("reads").expect("is set").version, 1);
    assert_eq!(registry.get_ref(&id("other"), "canon/lighthouse").await.expect("reads"), None, "another tenant's name");
}

#[tokio::test]
async fn lost_content_is_a_miss_for_what_can_be_made_again_and_an_error_for_what_cannot() {
    let (registry, files) = in_memory().await;
    let tenant = id("local");
    for (n, grade, cut) in [(1, Grade::Pure, true), (2, Grade::Recorded, true), (3, Grade::Pinned, false), (4, Grade::Recorded, false)] {
        let output: OutputRef = registry.blobs().put_bytes(format!("content {n}").as_bytes()).expect("stores").into();
        let mut txn = registry.begin();
        txn.memo_put(&tenant, memo(n, grade, output.clone()), None);
        assert_eq!(txn.commit().await.expect("commits").memos, [MemoPut::Stored]);
        assert!(matches!(registry.memo_get(&tenant, &key(n)).await, Ok(MemoLookup::Hit(_))));
        assert_eq!(registry.memo_get(&id("other"), &key(n)).await.expect("reads"), MemoLookup::Miss, "another tenant's key");
        if cut {
            kit::Files::write_atomic(&files, &Registry::object_path(Path::new("/"), &output.hash), b"cont").expect("truncates");
        } else {
            registry.blobs().remove(&output.hash).expect("removes");
        }
        let lookup = registry.memo_get(&tenant, &key(n)).await;
        if grade == Grade::Recorded {
            assert!(matches!(lookup, Err(RegistryError::RecordedLost { hash, .. }) if hash == output.hash));
        } else {
            let was = Some(Outputs::new().with("out", output.clone()));
            assert_eq!(lookup.expect("reads"), MemoLookup::Lost { hash: output.hash, was });
            let events = registry.events(None, 0, 9).await.expect("reads");
            assert_eq!(events.last().map(|e| (e.kind.as_str(), &e.json["key"])), Some(("memo_lost", &json!(key(n)))));
            assert_eq!(registry.memo_get(&tenant, &key(n)).await.expect("reads"), MemoLookup::Miss);
        }
    }
}

#[tokio::test]
async fn a_flipped_bit_on_disk_is_named_and_quarantined() {
    let home = tempfile::tempdir().expect("a folder");
    let registry = Registry::open(home.path()).await.expect("opens");
    let output = registry.put_artifact_bytes(&artifact(1)).expect("stores");
    assert_eq!(registry.bytes(&output.hash).expect("reads"), artifact(1), "bytes as received, unknown fields and all");
    let path = Registry::object_path(home.path(), &output.hash);
    assert_eq!(registry.blobs().path_of(&output.hash).expect("is whole"), path);
    let mut bytes = artifact(1);
    bytes[4] ^= 4;
    kit::Files::write_atomic(&kit::SystemFiles::new(), &path, &bytes).expect("writes");
    match registry.blobs().path_of(&output.hash) {
        Err(RegistryError::Corrupt { hash, path: named, quarantined: Some(aside) }) => {
            assert_eq!((hash, named), (output.hash.clone(), path));
            assert!(aside.starts_with(home.path().join("quarantine")) && aside.is_file());
        }
        other => panic!("damage went unseen: {other:?}"),
    }
    assert!(matches!(registry.bytes(&output.hash), Err(RegistryError::Missing { .. })));
    assert!(matches!(registry.put_artifact_bytes(b"{\"schema_id\":\"script\"}"), Err(RegistryError::Envelope { .. })));
}

#[tokio::test]
async fn what_a_dead_process_held_is_lost_at_the_next_start_and_a_living_one_is_left_alone() {
    let home = tempfile::tempdir().expect("a folder");
    let dead = Registry::open(home.path()).await.expect("opens");
    let first = start_run(&dead, "r1").await;
    let mut txn = dead.begin();
    txn.step_add(step(&first, "s1")).step_take(&first, "s1");
    let fence = txn.commit().await.expect("takes").fences[0];
    let living = Registry::open(home.path()).await.expect("opens beside it");
    let second = start_run(&living, "r2").await;
    assert_eq!(living.run(&first).await.expect("reads").expect("is known").status, "running");
    dead.close().await;
    let next = Registry::open(home.path()).await.expect("opens");
    let run = next.run(&first).await.expect("reads").expect("is known");
    assert_eq!((run.status.as_str(), run.ended.is_some()), ("failed", true));
    assert_eq!(next.steps(&first).await.expect("reads")[0].state, StepState::Lost);
    assert_eq!(next.run(&second).await.expect("reads").expect("is known").status, "running");
    let mut zombie = next.begin();
    zombie.step_finish(&first, "s1", fence);
    assert!(matches!(zombie.commit().await, Err(RegistryError::Fenced { .. })));
    let left: Vec<_> = std::fs::read_dir(home.path().join("tmp")).expect("lists").collect();
    assert_eq!(left.len(), 3, "two living processes and the gate: {left:?}");
}

/// A step that was given up holds on to the registry for as long as its thread lives, and the process does not wait for it.
#[tokio::test]
async fn what_is_closed_leaves_no_folder_behind_whoever_still_holds_it() {
    let home = tempfile::tempdir().expect("a folder");
    let registry = Registry::open(home.path()).await.expect("opens");
    let held = registry.clone();
    let output = registry.blobs().put_bytes(b"content").expect("stores");
    registry.close().await;
    let left: Vec<_> = std::fs::read_dir(home.path().join("tmp")).expect("lists").map(|e| e.expect("reads").file_name()).collect();
    assert_eq!(left, ["lock"]);
    assert!(matches!(held.temp_dir("step"), Err(RegistryError::Closed)));
    assert_eq!(held.blobs().get_bytes(&output.hash).expect("reads"), b"content");
}

#[tokio::test]
async fn a_newer_database_is_refused_and_left_as_it_is() {
    let home = tempfile::tempdir().expect("a folder");
    Registry::open(home.path()).await.expect("opens").close().await;
    let set = |value: i64| -> i64 {
        let conn = integrity::behind(home.path());
        let was = conn.query_row("SELECT value FROM meta WHERE key = 'layout'", [], |row| row.get(0)).expect("reads");
        conn.execute("UPDATE meta SET value = ? WHERE key = 'layout'", [value]).expect("writes");
        was
    };
    let ours = set(99);
    let refused = Registry::open(home.path()).await.err().expect("is refused");
    assert!(matches!(refused, RegistryError::NewerDatabase { found: 99, .. }), "{refused}");
    set(ours);
    Registry::open(home.path()).await.expect("opens again");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named_and_left_as_it_is() {
    let home = tempfile::tempdir().expect("a folder");
    let path = home.path().join("registry.sqlite");
    let text = "a letter to a friend, long enough to be taken for a page of something ".repeat(20);
    kit::Files::write_atomic(&kit::SystemFiles::new(), &path, text.as_bytes()).expect("writes");
    let refused = Registry::open(home.path()).await.err().expect("is refused");
    assert!(matches!(&refused, RegistryError::CannotOpen { path: named, .. } if *named == path), "{refused}");
    assert_eq!(std::fs::read_to_string(path).expect("reads"), text);
}

#[tokio::test]
async fn runs_and_approvals_are_recorded_once() {
    let (registry, _) = in_memory().await;
    let run = start_run(&registry, "r1").await;
    let mut again = registry.begin();
    again.run_start(new_run(&run));
    assert!(matches!(again.commit().await, Err(RegistryError::RunExists { .. })));
    let approval = Approval {
        point: "approve_canon_diff".into(),
        approver: "ana".into(),
        at: "2026-11-20T00:00:00.000Z".into(),
        subject: key(1),
        approved: true,
        notes: Some("fine".into()),
    };
    let mut txn = registry.begin();
    txn.approval(&run, approval.clone()).run_end(&run, RunStatus::Completed, Some(&key(2)), None);
    txn.commit().await.expect("ends");
    assert_eq!(registry.approvals(&run).await.expect("reads"), [approval]);
    let mut twice = registry.begin();
    twice.run_end(&run, RunStatus::Failed, None, Some("late"));
    assert!(matches!(twice.commit().await, Err(RegistryError::RunNotRunning { .. })));
    let other = start_run(&registry, "r2").await;
    let list = registry.runs(&id("local"), &RunFilter { project: Some(id("lighthouse")), ..RunFilter::default() }).await.expect("reads");
    assert_eq!(list.iter().map(|r| r.id.clone()).collect::<Vec<_>>(), [other, run]);
    assert_eq!((list[1].status.as_str(), list[1].summary.clone()), ("completed", Some(key(2))));
    assert_eq!(registry.runs(&id("other"), &RunFilter::default()).await.expect("reads"), []);
}

/// Two processes' worth of writers on one home: every transaction of both is there, and the memo kept the first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_writers_on_one_home_lose_nothing() {
    let home = tempfile::tempdir().expect("a folder");
    let mut tasks = Vec::new();
    for writer in 0..2_u64 {
        let registry = Registry::open(home.path()).await.expect("opens");
        tasks.push(tokio::spawn(async move {
            for n in 0..20 {
                let output: OutputRef = registry.blobs().put_bytes(format!("{writer} {n}").as_bytes()).expect("stores").into();
                let mut txn = registry.begin();
                txn.memo_put(&id("local"), memo(n, Grade::Recorded, output), None).event(None, "wrote", json!({"by": writer}));
                txn.commit().await.expect("commits");
            }
        }));
    }
    for task in tasks {
        task.await.expect("ends");
    }
    let registry = Registry::open(home.path()).await.expect("opens");
    let events = registry.events(None, 0, 1000).await.expect("reads");
    assert_eq!(events.iter().filter(|e| e.kind == "wrote").count(), 40);
    assert_eq!(events.iter().filter(|e| e.kind == "memo_kept").count(), 20);
    let keys: Vec<Hash> = (0..20).map(key).collect();
    let all = registry.memo_get_many(&id("local"), &keys).await.expect("reads");
    assert!(all.iter().all(|l| matches!(l, MemoLookup::Hit(_))));
    assert!(Path::new(home.path()).join("registry.sqlite").is_file());
}

#[tokio::test]
async fn what_a_remembered_step_has_read_stands_beside_it_and_goes_with_it() {
    let (registry, _files) = in_memory().await;
    let tenant = id("local");
    let output: OutputRef = registry.blobs().put_bytes(b"content").expect("stores").into();
    let mut txn = registry.begin();
    txn.memo_put(&tenant, memo(1, Grade::Pure, output.clone()), None).memo_reads(&tenant, &key(1), r#"{"line":"one"}"#.into());
    txn.memo_put(&tenant, memo(2, Grade::Pure, output.clone()), None);
    txn.commit().await.expect("commits");
    let mut txn = registry.begin();
    txn.memo_reads(&tenant, &key(1), r#"{"line":"two"}"#.into()).memo_reads(&tenant, &key(3), "{}".into());
    txn.commit().await.expect("commits");
    let keys = [key(1), key(2), key(3)];
    let reads = registry.memo_reads(&tenant, &keys).await.expect("reads");
    assert_eq!(reads, [(key(1), json!({"line": "one"}))].into(), "the first stays; what is not remembered has none");
    assert!(registry.memo_reads(&id("other"), &keys).await.expect("reads").is_empty(), "another tenant's");
    let made = registry.memo_outputs(&tenant, &keys).await.expect("reads");
    assert_eq!(made.keys().cloned().collect::<std::collections::BTreeSet<_>>(), [key(1), key(2)].into());
    let mut txn = registry.begin();
    txn.memo_forget(&tenant, &key(1));
    txn.commit().await.expect("forgets");
    assert!(registry.memo_reads(&tenant, &keys).await.expect("reads").is_empty());
}

#[tokio::test]
async fn errors_and_events_are_written_without_secrets() {
    let (registry, _files) = in_memory().await;
    let run = NewRun { id: id("r"), tenant: id("local"), project: id("p"), episode: 1, out_dir: None, look: false, request: None };
    let mut txn = registry.begin();
    txn.run_start(run).event(Some(&id("r")), "told", json!({"error": "GET https://user:hunter2@host/x was refused"}));
    txn.run_end(&id("r"), contracts::run::RunStatus::Failed, None, Some("Authorization: Bearer abcdef123456 was refused"));
    txn.commit().await.expect("commits");
    let events = registry.events(None, 0, 10).await.expect("reads");
    assert_eq!(events[0].json["error"], "GET https://[redacted]@host/x was refused");
    let row = registry.run(&id("r")).await.expect("reads").expect("is there");
    assert!(row.error.as_deref().is_some_and(|e| !e.contains("abcdef123456") && e.contains("was refused")), "{:?}", row.error);
}
