//! What is stored stays what was stored, or is named; nothing that is kept is ever collected; old databases move forward.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use contracts::{Hash, Id, Seed};
use kit::{Files, MemoryFiles};
use registry::{Grade, Making, Memo, MemoLookup, Origin, OutputRef, Outputs, Registry, RegistryError, Relation, Room, Why};
use serde_json::json;

use super::{id, in_memory, key, memo, seams, start_run};

fn place(hash: &Hash) -> PathBuf {
    Registry::object_path(Path::new("/"), hash)
}

/// A document that names these addresses.
fn naming(n: u64, names: &[&Hash]) -> Vec<u8> {
    let document = json!({"n": n, "names": names, "schema_id": "render_plan", "schema_version": "0.1.0"});
    contracts::canonical_value(&document).expect("is canonical")
}

/// A finished run's home in memory: forty pieces of content of many sizes, half of them documents, each remembered.
async fn home(seed: u64) -> (Registry, MemoryFiles, Vec<(Hash, Vec<u8>)>) {
    let (registry, files) = in_memory().await;
    let run = start_run(&registry, "r1").await;
    let tenant = id("local");
    let mut random = Seed::new(seed);
    let mut stored: Vec<(Hash, Vec<u8>)> = Vec::new();
    let mut txn = registry.begin();
    for n in 0..40 {
        let bytes = match n % 2 {
            0 => naming(n, &stored.last().map(|(h, _)| h).into_iter().collect::<Vec<_>>()),
            _ => (0..[0, 1, 2, 100, 5_000][n as usize / 2 % 5]).map(|_| random.below(256) as u8).collect(),
        };
        let output: OutputRef = match n % 2 {
            0 => txn.put_artifact(&tenant, &bytes, Origin { run: Some(run.clone()), step: None }).expect("stores"),
            _ => registry.blobs().put_bytes(&bytes).expect("stores").into(),
        };
        txn.record(&tenant, &output, Origin::default());
        txn.memo_put(&tenant, memo(n, Grade::Pure, output.clone()), Some(&run));
        stored.push((output.hash, bytes));
    }
    txn.commit().await.expect("commits");
    (registry, files, stored)
}

/// Damages a file behind everyone's back; says how, or nothing when these bytes cannot be damaged so.
fn mutate(files: &MemoryFiles, stored: &[(Hash, Vec<u8>)], random: &mut Seed) -> Option<(&'static str, Vec<usize>)> {
    let pick = random.below(stored.len() as u64) as usize;
    let (hash, bytes) = &stored[pick];
    let put = |hash: &Hash, bytes: &[u8]| files.write_atomic(&place(hash), bytes).expect("writes");
    let mut broken = bytes.clone();
    let how = match random.below(4) {
        0 if !bytes.is_empty() => {
            let at = random.below(bytes.len() as u64) as usize;
            broken[at] ^= 1 << random.below(8);
            "one bit"
        }
        1 if !bytes.is_empty() => {
            broken.truncate(random.below(bytes.len() as u64) as usize);
            "cut short"
        }
        2 if bytes.iter().any(|b| *b != 0) => {
            broken.fill(0);
            "zeroed"
        }
        3 => {
            let other = random.below(stored.len() as u64) as usize;
            if stored[other].1 == *bytes {
                return None;
            }
            put(hash, &stored[other].1);
            put(&stored[other].0, bytes);
            return Some(("swapped", vec![pick, other]));
        }
        _ => return None,
    };
    put(hash, &broken);
    Some((how, vec![pick]))
}

/// F04: 200 mutations of a finished home. Each is seen by whatever reads, handed out to nobody, set aside, and undone by
/// storing the content again; a look over the home names exactly what is damaged, and who refers to it.
#[tokio::test]
async fn of_two_hundred_mutations_none_is_read_and_each_is_named() {
    let (registry, files, stored) = home(4).await;
    let mut random = Seed::new(44);
    let mut done = 0;
    let mut ways = BTreeSet::new();
    while done < 200 {
        let Some((how, hit)) = mutate(&files, &stored, &mut random) else { continue };
        done += 1;
        ways.insert(how);
        let hit: BTreeSet<&Hash> = hit.into_iter().map(|at| &stored[at].0).collect();
        match done % 3 {
            0 => {
                let found = registry.verify(2).await.expect("looks");
                assert_eq!(found.damaged.iter().map(|d| &d.hash).collect::<BTreeSet<_>>(), hit, "{how}");
                assert!(!found.sound() && found.damaged.iter().all(|d| !d.lost && !d.named_by.is_empty() && d.quarantined.is_some()));
            }
            n => {
                for hash in &hit {
                    let read = if n == 1 { registry.bytes(hash).map(drop) } else { registry.blobs().export(hash, Path::new("/out/x")) };
                    assert!(matches!(read, Err(RegistryError::Corrupt { quarantined: Some(_), .. })), "{how}: {read:?}");
                }
                assert_eq!(registry.blobs().take_lost().iter().collect::<BTreeSet<_>>(), hit);
            }
        }
        let found = registry.verify(1).await.expect("looks");
        assert_eq!(found.missing.iter().map(|d| &d.hash).collect::<BTreeSet<_>>(), hit, "{how}: set aside, and missed");
        for hash in &hit {
            let (_, bytes) = stored.iter().find(|(h, _)| h == *hash).expect("is known");
            registry.blobs().put_bytes(bytes).expect("is stored again");
        }
        for (hash, bytes) in &stored {
            assert_eq!(registry.bytes(hash).expect("is whole"), *bytes, "{how}");
        }
    }
    assert_eq!(ways.len(), 4, "{ways:?}");
    let found = registry.verify(3).await.expect("looks");
    assert!(found.sound() && found.files == stored.iter().map(|(h, _)| h).collect::<BTreeSet<_>>().len() as u64, "{found:?}");
    assert!(found.quarantined.len() > 200, "every damaged file is kept for inspection");
}

#[tokio::test]
async fn a_look_over_a_home_tells_lost_from_missing_and_orphans_from_strays() {
    let (registry, files) = in_memory().await;
    let run = start_run(&registry, "r1").await;
    let tenant = id("local");
    let put = |text: &str| -> OutputRef { registry.blobs().put_bytes(text.as_bytes()).expect("stores").into() };
    let (pure, recorded, plane) = (put("pure"), put("recorded"), put("a plane"));
    let orphan = put("nobody's");
    files.write_atomic(Path::new("/objects/ab/notes.txt"), b"a person was here").expect("writes");
    let mut txn = registry.begin();
    for output in [&pure, &recorded, &plane] {
        txn.record(&tenant, output, Origin::default());
    }
    txn.memo_put(&tenant, memo(1, Grade::Pure, pure.clone()), None).memo_put(&tenant, memo(2, Grade::Recorded, recorded.clone()), None);
    let plan = txn.put_artifact(&tenant, &naming(1, &[&plane.hash, &key(77)]), Origin { run: Some(run), step: None }).expect("stores");
    txn.ref_cas(&tenant, "film/x", 0, &plan.hash);
    txn.commit().await.expect("commits");
    let found = registry.verify(2).await.expect("looks");
    assert!(found.sound() && found.missing.is_empty(), "an address that was never content names nothing: {found:?}");
    assert_eq!(found.orphans.iter().map(|o| &o.hash).collect::<Vec<_>>(), [&orphan.hash]);
    assert_eq!(found.strays, [Path::new("/objects/ab/notes.txt")]);
    assert_eq!(found.running, [id("r1")]);

    registry.blobs().remove(&pure.hash).expect("removes");
    let found = registry.verify(2).await.expect("looks");
    assert!(found.sound(), "it can be made again");
    assert_eq!((found.missing.len(), found.missing[0].lost), (1, false));
    assert!(found.missing[0].named_by[0].contains("pure result `out` of a step paint"), "{:?}", found.missing[0].named_by);

    registry.blobs().remove(&plane.hash).expect("removes");
    let found = registry.verify(2).await.expect("looks");
    let lost = found.missing.iter().find(|m| m.lost).expect("nothing makes the plane again");
    assert_eq!((&lost.hash, &lost.named_by), (&plane.hash, &vec![format!("document {}", plan.hash.short())]));
    registry.blobs().put_bytes(b"a plane").expect("stores");

    assert!(files.corrupt(&place(&recorded.hash), 2));
    let found = registry.verify(2).await.expect("looks");
    assert!(!found.sound() && found.damaged[0].lost);
    assert!(!registry.verify(2).await.expect("looks").sound(), "a recorded result stays lost until it is restored");
    registry.blobs().put_bytes(b"recorded").expect("is restored");
    registry.blobs().put_bytes(b"pure").expect("is made again");
    assert!(registry.verify(2).await.expect("looks").sound());
}

#[tokio::test]
async fn a_memo_whose_row_was_changed_is_not_believed() {
    let home = tempfile::tempdir().expect("a folder");
    let tenant = id("local");
    let registry = Registry::open_with(home.path(), seams("")).await.expect("opens");
    let output: OutputRef = registry.blobs().put_bytes(b"frames").expect("stores").into();
    for (n, grade) in [(1, Grade::Pinned), (2, Grade::Recorded)] {
        let mut txn = registry.begin();
        let outputs = Outputs::new().with("out", output.clone()).with_facts(json!({"frames": 240}));
        txn.memo_put(&tenant, Memo { key: key(n), grade, kind: "shot".into(), kind_version: 1, outputs }, None);
        txn.commit().await.expect("commits");
        assert!(matches!(registry.memo_get(&tenant, &key(n)).await, Ok(MemoLookup::Hit(_))));
    }
    alter(home.path(), "UPDATE memo SET outputs = replace(outputs, '240', '241')");
    assert_eq!(registry.verify(1).await.expect("looks").memos.len(), 2);
    assert_eq!(registry.memo_get(&tenant, &key(1)).await.expect("reads"), MemoLookup::Lost { hash: key(1), was: None });
    assert_eq!(registry.memo_get(&tenant, &key(1)).await.expect("reads"), MemoLookup::Miss);
    assert!(matches!(registry.memo_get(&tenant, &key(2)).await, Err(RegistryError::RecordedLost { .. })));
}

/// Changes the database behind the registry's back.
pub fn alter(home: &Path, sql: &'static str) {
    try_alter(home, sql).expect("alters");
}

/// The same, where the database may refuse.
pub fn try_alter(home: &Path, sql: &'static str) -> Result<(), rusqlite::Error> {
    let conn = behind(home);
    conn.execute_batch("PRAGMA foreign_keys = OFF")?;
    conn.execute_batch(sql)?;
    conn.close().map_err(|(_, error)| error)
}

/// Another connection to the database of a home, which is made when it is missing.
pub fn behind(home: &Path) -> rusqlite::Connection {
    let conn = rusqlite::Connection::open(home.join("registry.sqlite")).expect("opens");
    conn.busy_timeout(std::time::Duration::from_secs(5)).expect("is set");
    conn
}

#[tokio::test]
async fn the_database_is_asked_about_itself() {
    let home = tempfile::tempdir().expect("a folder");
    let registry = Registry::open_with(home.path(), seams("")).await.expect("opens");
    alter(home.path(), "INSERT INTO approvals (run, point, approver, at, subject, approved) VALUES ('nobody', 'p', 'a', 't', 's', 1)");
    // Its subject is no address: rows that cannot be read are the finding, not a crash.
    let found = registry.verify(1).await.expect("looks");
    assert!(!found.sound() && found.database.iter().any(|d| d.contains("`approvals`") && d.contains("`runs`")), "{:?}", found.database);
    registry.close().await;
    alter(home.path(), "PRAGMA wal_checkpoint(TRUNCATE)");
    // A page in the middle is overwritten.
    let path = home.path().join("registry.sqlite");
    let mut bytes = std::fs::read(&path).expect("reads");
    assert!(bytes.len() > 3 * 4096, "{}", bytes.len());
    for byte in &mut bytes[2 * 4096..2 * 4096 + 64] {
        *byte = 0xA5;
    }
    kit::SystemFiles::new().write_atomic(&path, &bytes).expect("writes");
    match Registry::open_with(home.path(), seams("")).await {
        Ok(registry) => assert!(!registry.verify(1).await.expect("looks").sound()),
        Err(error) => assert!(matches!(error, RegistryError::Database(_) | RegistryError::CannotOpen { .. }), "{error}"),
    }
}

#[tokio::test]
async fn a_database_of_the_first_layout_moves_forward_with_all_it_holds() {
    let home = tempfile::tempdir().expect("a folder");
    let tenant = id("local");
    alter(home.path(), include_str!("../data/layout_1.sql"));
    let registry = Registry::open_with(home.path(), seams("")).await.expect("opens");
    let bytes = super::artifact(1);
    registry.blobs().put_bytes(&bytes).expect("stores");
    let hash = Hash::of(&bytes);
    let row = registry.artifact_row(&tenant, &hash).await.expect("reads").expect("is known");
    assert_eq!((row.schema_id.as_str(), row.made), ("script", None));
    let MemoLookup::Hit(old) = registry.memo_get(&tenant, &key(1)).await.expect("reads") else { panic!("the memo is forgotten") };
    assert_eq!(old.outputs.hash("script"), Some(&hash));
    let moves = registry.ref_moves(&tenant, "canon/lighthouse").await.expect("reads");
    assert_eq!(moves.iter().map(|m| (m.version, &m.hash)).collect::<Vec<_>>(), [(3, &hash)]);
    assert_eq!(registry.lineage(&tenant, &hash).await.expect("reads"), registry::Lineage::default());
    let run = registry.run(&id("r1")).await.expect("reads").expect("is known");
    assert_eq!(run.status, "completed");
    let steps = registry.steps(&run.id).await.expect("reads");
    let step = steps.first().expect("the step moved with its run");
    assert_eq!(
        (step.step.name.as_str(), step.state, step.step.queue.as_str(), step.attempt, step.step.memo_key.clone()),
        ("script", registry::StepState::Done, "cpu", 1, key(1))
    );
    assert!(registry.verify(1).await.expect("looks").sound());
    // What is new is recorded from here on, and the second opening changes nothing.
    let mut txn = registry.begin();
    txn.on_behalf_of(&run.id).ref_cas(&tenant, "canon/lighthouse", 3, &key(9));
    txn.commit().await.expect("moves");
    registry.close().await;
    let registry = Registry::open_with(home.path(), seams("")).await.expect("opens");
    let moves = registry.ref_moves(&tenant, "canon/lighthouse").await.expect("reads");
    assert_eq!(moves.iter().map(|m| (m.version, m.run.clone())).collect::<Vec<_>>(), [(3, None), (4, Some(id("r1")))]);
}

#[tokio::test]
async fn an_artifact_knows_how_and_of_what_it_was_made_and_what_took_its_place() {
    let (registry, _) = in_memory().await;
    let run = start_run(&registry, "r1").await;
    let tenant = id("local");
    let store = async |bytes: Vec<u8>, inputs: Vec<Hash>, tool: Option<&str>| {
        let mut txn = registry.begin();
        let output = txn.put_artifact(&tenant, &bytes, Origin { run: Some(run.clone()), step: Some("step".into()) }).expect("stores");
        let making = Making {
            kind: "publish".into(),
            kind_version: 2,
            grade: Grade::Pinned,
            memo_key: key(1),
            tool: tool.map(str::to_owned),
            inputs,
        };
        txn.making(&tenant, &output.hash, making);
        txn.commit().await.expect("commits");
        output.hash
    };
    let plan = store(naming(1, &[]), vec![], None).await;
    let old = store(naming(2, &[]), vec![plan.clone(), key(55)], Some("encoder 5.1")).await;
    let new = store(naming(3, &[]), vec![plan.clone()], Some("encoder 5.2")).await;
    let mut txn = registry.begin();
    txn.link(&tenant, &new, Relation::Supersedes, &old).link(&tenant, &new, Relation::Supersedes, &old);
    txn.commit().await.expect("links");
    let lineage = registry.lineage(&tenant, &old).await.expect("reads");
    assert_eq!(lineage.parents, [(Relation::MadeFrom, plan.clone())], "an input that is no content is no parent");
    assert_eq!(lineage.children, [(Relation::Supersedes, new.clone())]);
    let parents: BTreeSet<_> = registry.lineage(&tenant, &new).await.expect("reads").parents.into_iter().collect();
    assert_eq!(parents, [(Relation::MadeFrom, plan.clone()), (Relation::Supersedes, old.clone())].into());
    assert_eq!(registry.lineage(&tenant, &plan).await.expect("reads").children.len(), 2);
    assert_eq!(registry.lineage(&id("other"), &plan).await.expect("reads"), registry::Lineage::default(), "another tenant's");
    let made = registry.artifact_row(&tenant, &old).await.expect("reads").expect("is known").made.expect("was recorded");
    assert_eq!(
        (made.kind.as_str(), made.kind_version, made.grade, made.tool.as_deref()),
        ("publish", 2, Grade::Pinned, Some("encoder 5.1"))
    );
    // The same bytes made otherwise: the first record stays.
    assert_eq!(store(naming(2, &[]), vec![], Some("encoder 9")).await, old);
    assert_eq!(registry.artifact_row(&tenant, &old).await.expect("reads").expect("is known").made, Some(made));
}

/// A random home, random demands for room: what is kept is kept, what goes is gone with every row that named it, and what
/// was said before is what happens.
#[tokio::test]
async fn nothing_that_is_kept_is_ever_collected() {
    for seed in 0..30 {
        let (registry, _) = in_memory().await;
        let tenant = id("local");
        let mut random = Seed::new(seed);
        let (film, failed) = (start_run(&registry, "film").await, start_run(&registry, "failed").await);
        let mut content: Vec<OutputRef> = Vec::new();
        let mut must_stay: BTreeSet<Hash> = BTreeSet::new();
        for n in 0..40 {
            let parents: Vec<Hash> =
                (0..random.below(3)).filter_map(|_| content.get(random.below(40) as usize)).map(|o| o.hash.clone()).collect();
            let run = if random.below(6) == 0 { &film } else { &failed };
            let grade = [Grade::Pure, Grade::Pinned, Grade::Recorded][(random.below(9) / 4) as usize];
            let mut txn = registry.begin();
            let bytes = naming(n, &parents.iter().collect::<Vec<_>>());
            let output = txn.put_artifact(&tenant, &bytes, Origin { run: Some(run.clone()), step: None }).expect("stores");
            if random.below(5) > 0 {
                txn.memo_put(&tenant, memo(n, grade, output.clone()), Some(run));
                if grade == Grade::Recorded {
                    must_stay.insert(output.hash.clone());
                }
            }
            if random.below(10) == 0 {
                txn.ref_cas(&tenant, &format!("ref/{n}"), 0, &output.hash);
                must_stay.insert(output.hash.clone());
            }
            txn.commit().await.expect("commits");
            if run == &film {
                must_stay.insert(output.hash.clone());
            }
            content.push(output);
        }
        let mut waiting: Vec<Hash> = must_stay.iter().cloned().collect();
        while let Some(hash) = waiting.pop() {
            let text: serde_json::Value = serde_json::from_slice(&registry.bytes(&hash).expect("reads")).expect("JSON");
            let named: Vec<Hash> = serde_json::from_value(text["names"].clone()).expect("addresses");
            waiting.extend(named.into_iter().filter(|n| must_stay.insert(n.clone())));
        }
        let room = match random.below(3) {
            0 => Room { keep_days: 0, max_bytes: None },
            1 => Room { keep_days: 30, max_bytes: None },
            _ => Room { keep_days: 30, max_bytes: Some(random.below(6_000)) },
        };
        let refused = registry.collect(room).await.expect("looks");
        assert_eq!(refused.running.len(), 2, "runs are going");
        assert!(content.iter().all(|c| registry.bytes(&c.hash).is_ok()), "and nothing went");
        let mut txn = registry.begin();
        txn.run_end(&film, contracts::run::RunStatus::Completed, None, None);
        txn.run_end(&failed, contracts::run::RunStatus::Failed, None, Some("a reason"));
        txn.commit().await.expect("ends");
        let said = registry.plan_collection(room).await.expect("plans");
        assert!(content.iter().all(|c| registry.bytes(&c.hash).is_ok()), "a plan changes nothing");
        let done = registry.collect(room).await.expect("collects");
        assert_eq!(done, said);
        let gone: BTreeSet<&Hash> = done.victims.iter().map(|v| &v.blob.hash).collect();
        assert!(must_stay.iter().all(|h| !gone.contains(h)), "seed {seed}");
        for output in &content {
            assert_eq!(registry.bytes(&output.hash).is_ok(), !gone.contains(&output.hash), "seed {seed}");
        }
        if room.max_bytes.is_none() {
            assert!(room.keep_days == 0 || done.victims.iter().all(|v| v.why == Why::Orphan), "seed {seed}: used today");
        }
        if room.keep_days == 0 {
            assert_eq!(gone.len() + must_stay.len(), content.len(), "seed {seed}: all that may go went");
        }
        let found = registry.verify(1).await.expect("looks");
        assert!(found.sound() && found.missing.is_empty() && found.orphans.is_empty(), "seed {seed}: {found:?}");
        let kept = registry.events(None, 0, 999).await.expect("reads");
        assert!(kept.iter().any(|e| e.kind == "collected"));
        let again: Id = start_run(&registry, "later").await;
        assert!(registry.run(&again).await.expect("reads").is_some());
    }
}
