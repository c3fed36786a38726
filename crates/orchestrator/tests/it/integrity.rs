//! Content that is lost under a run: made again in the same run, held against what it was, never consumed.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use contracts::{Hash, Seed};
use kit::{Files, MemoryFiles};
use orchestrator::{Outputs, RunError, Runner, Step, StepCx, StepError, StepResult};
use registry::{Grade, Registry, StepState};
use serde_json::{Value, json};

use super::{Log, TEXTS, essence, id, in_memory, in_memory_on, ran, start, two_stages};

/// Reads its inputs and makes one output of them; everything it read is in the log.
struct Weave {
    name: String,
    inputs: Vec<Hash>,
    salt: u64,
    grade: Grade,
    /// Added to the output, for steps that do not give the same twice.
    drift: Option<Arc<AtomicU64>>,
    read: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Step for Weave {
    fn name(&self) -> &str {
        &self.name
    }
    fn kind(&self) -> &'static str {
        "weave"
    }
    fn version(&self) -> u32 {
        1
    }
    fn grade(&self) -> Grade {
        self.grade
    }
    fn projection(&self) -> Value {
        json!({"name": self.name, "inputs": self.inputs, "salt": self.salt})
    }
    fn tool(&self) -> Option<String> {
        Some("loom 3".to_owned())
    }
    fn run(&self, cx: &StepCx) -> Result<Outputs, StepError> {
        let mut text = format!("{} {}\n", self.name, self.salt).into_bytes();
        for input in &self.inputs {
            let bytes = cx.get_bytes(input)?;
            self.read.lock().expect("not poisoned").push(bytes.clone());
            text.extend(bytes);
        }
        if let Some(drift) = &self.drift {
            text.extend(format!("drift {}", drift.fetch_add(1, Ordering::SeqCst)).into_bytes());
        }
        Ok(Outputs::new().with("cloth", cx.put_bytes(&text)?).with("label", cx.put_bytes(self.name.as_bytes())?))
    }
}

/// The graph of these tests: three threads, two cloths of two threads each, and a coat of both cloths.
#[derive(Clone, Default)]
struct Loom {
    salt: u64,
    drift: Option<Arc<AtomicU64>>,
    grade: Option<Grade>,
    read: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Loom {
    fn step(&self, name: &str, inputs: &[&StepResult], salt: u64) -> Arc<dyn Step> {
        let inputs = inputs.iter().map(|r| r.outputs.hash("cloth").expect("an output").clone()).collect();
        let (grade, drift) = match name {
            "thread/1" => (self.grade.unwrap_or(Grade::Pure), self.drift.clone()),
            _ => (Grade::Pure, None),
        };
        Arc::new(Weave { name: name.to_owned(), inputs, salt, grade, drift, read: Arc::clone(&self.read) })
    }

    /// One pass over all stages, and at its end everything it made, read as an export does.
    async fn pass(&self, runner: &Runner) -> Result<(Vec<StepResult>, Vec<Vec<u8>>), RunError> {
        let mut all = runner.stage("threads", (0..3).map(|n| self.step(&format!("thread/{n}"), &[], 0)).collect()).await?;
        let cloths = vec![self.step("cloth/0", &[&all[0], &all[1]], 0), self.step("cloth/1", &[&all[1], &all[2]], 0)];
        all.extend(runner.stage("cloths", cloths).await?);
        all.extend(runner.stage("coat", vec![self.step("coat", &[&all[3], &all[4]], self.salt)]).await?);
        let mut made = Vec::new();
        for output in all.iter().flat_map(|r| r.outputs.files.values()) {
            made.push(runner.registry().bytes(&output.hash)?);
        }
        Ok((all, made))
    }

    /// As the product drives a run: over the stages again while lost content can be made again.
    async fn run(&self, runner: &Runner) -> Result<(Vec<StepResult>, Vec<Vec<u8>>), RunError> {
        loop {
            match self.pass(runner).await {
                Err(error) if runner.mend().await?.is_empty() => return Err(error),
                Err(_) => {}
                done => return done,
            }
        }
    }
}

fn damage(files: &MemoryFiles, random: &mut Seed, whole: &[(std::path::PathBuf, Vec<u8>)]) -> &'static str {
    let (path, bytes) = &whole[random.below(whole.len() as u64) as usize];
    let mut broken = bytes.clone();
    let how = match random.below(4) {
        0 => {
            let at = random.below(bytes.len() as u64) as usize;
            broken[at] ^= 1 << random.below(8);
            "one bit"
        }
        1 => {
            broken.truncate(random.below(bytes.len() as u64) as usize);
            "cut short"
        }
        2 => {
            broken.fill(0);
            "zeroed"
        }
        _ => {
            let (other, theirs) = &whole[random.below(whole.len() as u64) as usize];
            files.write_atomic(other, bytes).expect("writes");
            broken.clone_from(theirs);
            "swapped"
        }
    };
    files.write_atomic(path, &broken).expect("writes");
    how
}

/// F04: 200 mutations, one to three at a time, under a run that must read what was made before: it ends well, with the very
/// bytes of the undamaged run, and no step has read a byte that was not one of theirs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damage_under_a_run_is_undone_in_that_run_and_consumed_by_no_step() {
    let files = MemoryFiles::new();
    let registry = in_memory_on(files.clone(), "").await;
    Loom::default().run(&start(&registry, 2).await).await.expect("runs");
    let mut random = Seed::new(4);
    let mut mended = 0;
    for n in 1..=200 {
        let healthy = in_memory("").await;
        let loom = Loom { salt: n, ..Loom::default() };
        let expected = loom.run(&start(&healthy, 1).await).await.expect("runs");
        let good: BTreeSet<Vec<u8>> = ran_bytes(&loom).into_iter().collect();
        let whole: Vec<_> =
            registry.blobs().list().expect("lists").blobs.iter().map(|b| Registry::object_path(Path::new("/"), &b.hash)).collect();
        let whole: Vec<_> = whole.into_iter().map(|p| (p.clone(), files.read(&p).expect("reads"))).collect();
        let how: Vec<&str> = (0..1 + random.below(3)).map(|_| damage(&files, &mut random, &whole)).collect();
        let loom = Loom { salt: n, ..Loom::default() };
        let runner = start(&registry, 2).await;
        let (results, made) = loom.run(&runner).await.unwrap_or_else(|e| panic!("mutation {n} ({how:?}): {e}"));
        assert_eq!((essence(&results), made), (essence(&expected.0), expected.1), "mutation {n} ({how:?})");
        assert!(ran_bytes(&loom).iter().all(|b| good.contains(b)), "mutation {n} ({how:?}): damaged bytes were consumed");
        let again = runner.made_again();
        assert!(again.iter().all(|a| a.same), "{again:?}");
        mended += again.len();
        let rows = registry.steps(runner.run_id()).await.expect("reads");
        assert!(rows.len() == 6 && rows.iter().all(|r| r.state == StepState::Done), "mutation {n}");
        let events = registry.events(Some(runner.run_id()), 0, 999).await.expect("reads");
        assert_eq!(events.iter().filter(|e| e.kind == "made_again").count(), again.len());
        // What no step and no export of this run asked for is found by looking.
        let found = registry.verify(1).await.expect("looks");
        for hash in found.damaged.iter().map(|d| &d.hash).chain(found.missing.iter().map(|m| &m.hash)) {
            let (_, bytes) = whole.iter().find(|(p, _)| *p == Registry::object_path(Path::new("/"), hash)).expect("was there");
            registry.blobs().put_bytes(bytes).expect("is restored");
        }
        assert!(registry.verify(1).await.expect("looks").sound());
    }
    assert!(mended > 60, "{mended} results were made again");
}

fn ran_bytes(loom: &Loom) -> Vec<Vec<u8>> {
    std::mem::take(&mut loom.read.lock().expect("not poisoned"))
}

fn corrupt(files: &MemoryFiles, results: &[StepResult], step: &str) -> Hash {
    let hash = results.iter().find(|r| r.name == step).and_then(|r| r.outputs.hash("cloth")).expect("an output").clone();
    assert!(files.corrupt(&Registry::object_path(Path::new("/"), &hash), 3));
    hash
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_record_says_what_was_made_again_and_what_this_run_made() {
    let files = MemoryFiles::new();
    let registry = in_memory_on(files.clone(), "").await;
    let (first, _) = Loom::default().run(&start(&registry, 1).await).await.expect("runs");
    let hash = corrupt(&files, &first, "cloth/0");
    let runner = start(&registry, 1).await;
    let loom = Loom { salt: 9, ..Loom::default() };
    let (results, _) = loom.run(&runner).await.expect("runs");
    assert_eq!(results.iter().filter(|r| !r.hit).map(|r| r.name.as_str()).collect::<Vec<_>>(), ["cloth/0", "coat"]);
    let again = runner.made_again();
    assert_eq!(again.iter().map(|a| (&a.hash, a.step.as_str(), a.same)).collect::<Vec<_>>(), [(&hash, "cloth/0", true)]);
    // The coat failed, and the run went over its stages again: that is one repeated attempt.
    let stages = runner.stages();
    let counted: Vec<_> = stages.iter().map(|s| (s.name.as_str(), s.steps, s.hits, s.cached, s.retries)).collect();
    let over = [("threads", 0, 0, true, 0), ("cloths", 0, 0, true, 0), ("coat", 0, 0, true, 0)];
    let last = [("threads", 3, 3, true, 0), ("cloths", 2, 1, false, 0), ("coat", 1, 0, false, 1)];
    assert_eq!(counted, [over, last].concat());
    let rows = registry.steps(runner.run_id()).await.expect("reads");
    let coat = rows.iter().find(|r| r.step.name == "coat").expect("a row");
    assert_eq!((coat.attempt, coat.state, coat.hit, coat.error.clone()), (2, StepState::Done, false, None));
    let kinds: Vec<String> = registry.events(Some(runner.run_id()), 0, 99).await.expect("reads").into_iter().map(|e| e.kind).collect();
    assert_eq!(
        kinds.iter().filter(|k| *k == "content_lost" || *k == "made_again" || *k == "step_failed").collect::<Vec<_>>(),
        ["step_failed", "content_lost", "made_again"]
    );
    // Beside what it made stand its making and its parents.
    let tenant = id("local");
    let coat = results.iter().find(|r| r.name == "coat").and_then(|r| r.outputs.hash("cloth")).expect("an output");
    let parents: BTreeSet<Hash> = registry.lineage(&tenant, coat).await.expect("reads").parents.into_iter().map(|(_, h)| h).collect();
    let cloths = results[3..5].iter().map(|r| r.outputs.hash("cloth").expect("an output").clone()).collect();
    assert_eq!(parents, cloths);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_forgotten_because_it_is_gone_is_not_lost() {
    let registry = in_memory("").await;
    let (first, _) = Loom::default().run(&start(&registry, 1).await).await.expect("runs");
    let cloth = first[3].outputs.hash("cloth").expect("an output").clone();
    // A document that stays names it, and the memo has forgotten it.
    let text = format!("{{\"of\":\"{cloth}\",\"schema_id\":\"script\",\"schema_version\":\"0.1.0\"}}");
    let mut txn = registry.begin();
    txn.put_artifact(&id("local"), text.as_bytes(), registry::Origin::default()).expect("stores");
    txn.commit().await.expect("commits");
    registry.blobs().remove(&cloth).expect("removes");
    let keys: Vec<Hash> = {
        let runs = registry.runs(&id("local"), &registry::RunFilter::default()).await.expect("reads");
        let rows = registry.steps(&runs[0].id).await.expect("reads");
        rows.into_iter().filter(|r| r.step.name == "cloth/0").map(|r| r.step.memo_key).collect()
    };
    assert!(matches!(registry.memo_get(&id("local"), &keys[0]).await, Ok(registry::MemoLookup::Lost { .. })));
    let found = registry.verify(1).await.expect("looks");
    assert_eq!(found.missing.iter().map(|m| (&m.hash, m.lost)).collect::<Vec<_>>(), [(&cloth, false)]);
    assert!(found.sound());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_stage_has_a_summary_too() {
    let registry = in_memory("orchestrator.before_step=error@4").await;
    let runner = start(&registry, 1).await;
    Loom::default().run(&runner).await.expect_err("the point fails");
    let stages = runner.stages();
    let counted: Vec<_> = stages.iter().map(|s| (s.name.as_str(), s.steps, s.hits, s.cached)).collect();
    assert_eq!(counted, [("threads", 3, 0, false), ("cloths", 2, 0, false)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pinned_result_may_come_out_otherwise_a_pure_one_may_not_and_a_recorded_one_is_lost() {
    for grade in [Grade::Pinned, Grade::Pure, Grade::Recorded] {
        let files = MemoryFiles::new();
        let registry = in_memory_on(files.clone(), "").await;
        let drift = Some(Arc::new(AtomicU64::new(0)));
        let loom = |salt| Loom { salt, drift: drift.clone(), grade: Some(grade), ..Loom::default() };
        let (first, _) = loom(1).run(&start(&registry, 1).await).await.expect("runs");
        let hash = corrupt(&files, &first, "thread/1");
        // The cloths are asked for again, or nobody would read the thread.
        corrupt(&files, &first, "cloth/0");
        corrupt(&files, &first, "cloth/1");
        let runner = start(&registry, 1).await;
        let done = loom(2).run(&runner).await;
        match grade {
            Grade::Pinned => {
                let (results, made) = done.expect("goes on with the new result");
                let thread = results[1].outputs.hash("cloth").expect("an output");
                assert_ne!(*thread, hash);
                assert!(made.iter().any(|b| b.ends_with(b"drift 1")) && !made.iter().any(|b| b.ends_with(b"drift 0")));
                assert!(runner.made_again().iter().any(|a| a.hash == hash && !a.same));
                assert!(results.iter().skip(3).all(|r| !r.hit), "everything made from it is made again");
            }
            Grade::Pure => {
                let error = done.expect_err("a pure step that gives other bytes is at fault");
                assert_eq!(error.code(), "orchestrator.not_reproduced");
                assert!(error.to_string().contains(hash.as_str()) && error.to_string().contains("thread/1"));
                loom(2).run(&start(&registry, 1).await).await.expect("the next run starts from what is there");
            }
            Grade::Recorded => {
                let error = done.expect_err("nobody can record it again");
                assert_eq!(error.code(), "registry.recorded_lost");
                assert!(error.to_string().contains(hash.as_str()), "{error}");
                assert_eq!(drift.as_ref().map(|d| d.load(Ordering::SeqCst)), Some(1), "it was not asked for again");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_lost_again_and_again_ends_the_run() {
    let registry = in_memory("").await;
    let runner = start(&registry, 1).await;
    let mut passes = 0;
    let error = loop {
        passes += 1;
        let step = Loom::default().step("thread/0", &[], 0);
        let made = runner.stage("threads", vec![step]).await.expect("runs");
        let hash = made[0].outputs.hash("cloth").expect("an output").clone();
        registry.blobs().remove(&hash).expect("removes");
        let error = registry.bytes(&hash).expect_err("is missing");
        if runner.mend().await.expect("asks").is_empty() {
            break error;
        }
    };
    assert_eq!((passes, error.code()), (3, "registry.missing"));
    assert!(runner.mend().await.expect("asks").is_empty(), "nothing new was lost");
}

/// F03, in the manner of SQLite: the 1st, 2nd, 3rd … file operation of a run fails, once and from there on, until nothing
/// fails. After each: no content under a wrong address, a database in order, and the next run ends with the same results.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_on_a_disk_that_fails_at_any_operation_stores_nothing_wrong() {
    let healthy = in_memory("").await;
    let expected = essence(&two_stages(&start(&healthy, 1).await, &TEXTS, &Log::default(), 1).await.expect("runs"));
    for for_ever in [false, true] {
        for n in 1.. {
            let files = MemoryFiles::new();
            let registry = in_memory_on(files.clone(), "").await;
            let arm = if for_ever { MemoryFiles::fail_from } else { MemoryFiles::fail_after };
            arm(&files, n, std::io::ErrorKind::StorageFull);
            let log = Log::default();
            let broken = two_stages(&start(&registry, 1).await, &TEXTS, &log, 1).await;
            let failed = files.has_failed();
            files.power_cut();
            let found = registry.verify(1).await.expect("looks");
            assert!(found.damaged.is_empty() && found.missing.is_empty() && found.database.is_empty(), "operation {n}: {found:?}");
            if let Err(error) = &broken {
                assert_eq!(error.code(), "registry.io", "operation {n}");
                assert!(error.to_string().contains("/objects/"), "operation {n} names the file: {error}");
            }
            let results = two_stages(&start(&registry, 2).await, &TEXTS, &log, 1).await.expect("runs on the healed disk");
            assert_eq!(essence(&results), expected, "operation {n}");
            assert!(registry.verify(1).await.expect("looks").sound(), "operation {n}");
            ran(&log);
            if !failed {
                assert!(n > 50, "twelve steps have more operations than {n}");
                break;
            }
        }
    }
}
