//! The runner: nothing twice, the same whatever the number of jobs, failures and kills at every point.

#[path = "it/control.rs"]
mod control;
#[path = "it/graph.rs"]
mod graph;
#[path = "it/integrity.rs"]
mod integrity;
#[path = "it/resume.rs"]
mod resume;
#[path = "it/workers.rs"]
mod workers;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use contracts::run::RunStatus;
use contracts::{Hash, Id, Seed};
use kit::{Failpoints, MemoryFiles, SeededClock, Timestamp};
use orchestrator::{
    Cancel, FnStep, Observer, Outputs, Progress, Queue, RunError, RunSpec, Runner, Silent, Step, StepCx, StepError, StepResult,
};
use registry::{Grade, Registry, RegistryError, RunFilter, Seams, StepState};
use serde_json::{Value, json};

fn id(text: &str) -> Id {
    Id::new(text).expect("an id")
}

fn spec(jobs: usize) -> RunSpec {
    RunSpec::new(id("local"), id("lighthouse"), 1, jobs)
}

async fn in_memory(failpoints: &str) -> Registry {
    in_memory_on(MemoryFiles::new(), failpoints).await
}

async fn in_memory_on(files: MemoryFiles, failpoints: &str) -> Registry {
    let clock = Arc::new(SeededClock::new(Timestamp(1_700_000_000_000), 1));
    let failpoints = Failpoints::parse(failpoints).expect("a setting");
    Registry::in_memory_with(Seams { clock, failpoints }, files).await.expect("opens")
}

async fn start(registry: &Registry, jobs: usize) -> Runner {
    Runner::start(registry.clone(), spec(jobs), Arc::new(Silent)).await.expect("starts")
}

type Log = Arc<Mutex<Vec<String>>>;

/// Doubles a text, slowly if told to; notes in a log that it ran.
struct Double {
    name: String,
    text: String,
    wait: Duration,
    log: Log,
    fail: bool,
    /// Whether any process can rebuild it; then it waits for an encoder.
    portable: bool,
    limit: Option<Duration>,
}

impl Double {
    fn new(name: impl Into<String>, text: impl Into<String>, log: &Log) -> Self {
        let (wait, log) = (Duration::ZERO, Arc::clone(log));
        Self { name: name.into(), text: text.into(), wait, log, fail: false, portable: false, limit: None }
    }

    fn step(self) -> Arc<dyn Step> {
        Arc::new(FnStep::from(self))
    }
}

impl From<Double> for FnStep {
    fn from(Double { name, text, wait, log, fail, portable, limit }: Double) -> Self {
        let reads = json!({"text": text});
        let step = FnStep::new(name.clone(), ("double", 1), Grade::Pure, reads, move |cx| {
            log.lock().expect("not poisoned").push(name.clone());
            while limit.is_some() && !cx.cancel().is_cancelled() {
                std::thread::sleep(Duration::from_millis(1));
            }
            std::thread::sleep(wait);
            if fail {
                return Err(StepError::new("double.refused", format!("cannot double {text}")));
            }
            let twice = cx.put_bytes(text.repeat(2).as_bytes())?;
            Ok(Outputs::new().with("text", twice).with_facts(json!({"length": text.len() * 2})))
        });
        let step = step.within(limit);
        if portable { step.on(Queue::Media).portable() } else { step }
    }
}

fn ran(log: &Log) -> Vec<String> {
    std::mem::take(&mut log.lock().expect("not poisoned"))
}

/// Two stages, the second made from the results of the first; one step of the first stage has a twin.
async fn two_stages(runner: &Runner, texts: &[&str], log: &Log, seed: u64) -> Result<Vec<StepResult>, RunError> {
    let mut seed = Seed::new(seed);
    let mut steps = |prefix: &str, texts: Vec<String>| -> Vec<Arc<dyn Step>> {
        let step = |(n, text): (usize, String)| {
            let wait = Duration::from_micros(seed.below(3000));
            Double { wait, ..Double::new(format!("{prefix}/{n}"), text, log) }.step()
        };
        texts.into_iter().enumerate().map(step).collect()
    };
    let first = runner.stage("first", steps("first", texts.iter().map(|t| (*t).to_owned()).collect())).await?;
    let mut texts = Vec::new();
    for result in &first {
        let bytes = runner.registry().bytes(&result.output("text")?.hash)?;
        texts.push(String::from_utf8(bytes).expect("text"));
    }
    let mut all = first;
    all.extend(runner.stage("second", steps("second", texts)).await?);
    Ok(all)
}

fn essence(results: &[StepResult]) -> Vec<(String, Outputs)> {
    results.iter().map(|r| (r.name.clone(), r.outputs.clone())).collect()
}

const TEXTS: [&str; 7] = ["a", "b", "c", "b", "d", "e", "f"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_do_not_depend_on_jobs_or_time() {
    let mut first = None;
    for jobs in 1..=4 {
        for seed in 0..3 {
            let registry = in_memory("").await;
            let log = Log::default();
            let runner = start(&registry, jobs).await;
            let results = two_stages(&runner, &TEXTS, &log, seed).await.expect("runs");
            assert_eq!(results[0].output("text").expect("an output").hash, Hash::of(b"aa"));
            assert_eq!(*first.get_or_insert_with(|| essence(&results)), essence(&results), "jobs {jobs}, seed {seed}");
            let mut names = ran(&log);
            assert_eq!(names.len(), 12, "of two steps with one key, one ran: {names:?}");
            if jobs == 1 {
                let order = names.clone();
                names.sort();
                assert_eq!(order, names, "one job takes the steps in their order");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_run_runs_nothing_and_a_changed_projection_runs_only_what_it_touches() {
    let registry = in_memory("").await;
    let log = Log::default();
    let first = start(&registry, 2).await;
    let before = two_stages(&first, &TEXTS, &log, 1).await.expect("runs");
    first.finish(RunStatus::Completed, None, None).await.expect("ends");
    assert_eq!(ran(&log).len(), 12);

    let second = start(&registry, 2).await;
    let again = two_stages(&second, &TEXTS, &log, 2).await.expect("runs");
    assert_eq!(ran(&log), Vec::<String>::new());
    assert_eq!(essence(&before), essence(&again));
    assert!(again.iter().all(|r| r.hit));
    let stages = second.stages();
    assert_eq!(
        stages.iter().map(|s| (s.name.as_str(), s.steps, s.hits, s.cached)).collect::<Vec<_>>(),
        [("first", 7, 7, true), ("second", 7, 7, true)]
    );
    let rows = registry.steps(second.run_id()).await.expect("reads");
    assert!(rows.len() == 14 && rows.iter().all(|r| r.hit && r.state == StepState::Done && r.attempt == 0));

    let third = start(&registry, 2).await;
    let texts = ["a", "b", "c", "b", "D", "e", "f"];
    two_stages(&third, &texts, &log, 3).await.expect("runs");
    assert_eq!(ran(&log), ["first/4", "second/4"]);
    assert_eq!(third.stages()[0].hits, 6);
    let list = registry.runs(&id("local"), &RunFilter::default()).await.expect("reads");
    assert_eq!(list.len(), 3);
    assert_ne!(first_of(&list, 0), first_of(&list, 1));
}

fn first_of(list: &[registry::RunRow], n: usize) -> &Id {
    &list[n].id
}

#[tokio::test]
async fn every_part_of_a_steps_identity_is_in_its_key() {
    struct Probe(&'static str, u32, Value, u32);
    impl Step for Probe {
        fn name(&self) -> &str {
            "probe"
        }
        fn kind(&self) -> &'static str {
            self.0
        }
        fn version(&self) -> u32 {
            self.1
        }
        fn grade(&self) -> Grade {
            Grade::Pure
        }
        fn projection(&self) -> Value {
            self.2.clone()
        }
        fn take(&self) -> u32 {
            self.3
        }
        fn run(&self, _: &StepCx) -> Result<Outputs, StepError> {
            Ok(Outputs::new())
        }
    }
    let probes = [
        (Probe("a", 1, json!({"x": 1}), 0), "local"),
        (Probe("b", 1, json!({"x": 1}), 0), "local"),
        (Probe("a", 2, json!({"x": 1}), 0), "local"),
        (Probe("a", 1, json!({"x": 2}), 0), "local"),
        (Probe("a", 1, json!({"x": 1}), 1), "local"),
        (Probe("a", 1, json!({"x": 1}), 0), "other"),
    ];
    let keys: BTreeSet<Hash> = probes.iter().map(|(p, t)| orchestrator::step_key(p, &id(t)).expect("a key")).collect();
    assert_eq!(keys.len(), probes.len());
    let runner = start(&in_memory("").await, 1).await;
    let refused = runner.one("s", Probe("a", 1, json!({"x": 1.5}), 0)).await;
    assert!(matches!(refused, Err(RunError::Key { .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_failure_nothing_starts_and_what_ran_is_kept() {
    let registry = in_memory("").await;
    let log = Log::default();
    for jobs in 1..=3 {
        let runner = start(&registry, jobs).await;
        let text = |n: usize| format!("{jobs}-{n}");
        let steps: Vec<Arc<dyn Step>> = (0..9)
            .map(|n| {
                let wait = Duration::from_millis(if n == 2 { 0 } else { 2 });
                Double { fail: n == 2, wait, ..Double::new(format!("s{n}"), text(n), &log) }.step()
            })
            .collect();
        match runner.stage("doubles", steps).await {
            Err(RunError::Step { stage, step, error, others: 0 }) => {
                assert_eq!((stage.as_str(), step.as_str(), error.code.as_str()), ("doubles", "s2", "double.refused"));
                assert_eq!(error.to_string(), format!("cannot double {jobs}-2"));
            }
            other => panic!("the failure went unseen: {other:?}"),
        }
        let began = ran(&log);
        assert!(began.len() < 9, "something waited and did not start: {began:?}");
        let rows = registry.steps(runner.run_id()).await.expect("reads");
        for row in rows {
            let name = row.step.name.clone();
            let expected = match (name.as_str(), began.contains(&name)) {
                ("s2", _) => StepState::Failed,
                (_, true) => StepState::Done,
                (_, false) => StepState::Ready,
            };
            assert_eq!(row.state, expected, "{name}");
            assert_eq!(row.error.is_some(), name == "s2");
        }
        assert!(matches!(runner.one("more", FnStep::from(Double::new("s2", "x", &log))).await, Err(RunError::DuplicateName { .. })));
        ran(&log);
    }
}

#[tokio::test]
async fn a_panic_is_an_error_of_its_step() {
    let registry = in_memory("").await;
    let runner = start(&registry, 1).await;
    let panics = FnStep::new("panics", ("panics", 1), Grade::Pure, json!({}), |_| panic!("index out of bounds"));
    let error = runner.one("s", panics).await.expect_err("fails");
    assert_eq!(error.code(), "orchestrator.panic");
    assert!(error.to_string().contains("index out of bounds"));
    assert_eq!(registry.steps(runner.run_id()).await.expect("reads")[0].state, StepState::Failed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_run_stops_between_steps_and_the_next_one_goes_on() {
    /// Cancels when the third step is finished.
    struct AtThird(Mutex<(u32, Option<Cancel>)>);
    impl Observer for AtThird {
        fn note(&self, progress: Progress<'_>) {
            if let Progress::StepFinished { hit: false, .. } = progress {
                let mut state = self.0.lock().expect("not poisoned");
                state.0 += 1;
                if let (3, Some(cancel)) = (state.0, &state.1) {
                    cancel.cancel();
                }
            }
        }
    }
    let registry = in_memory("").await;
    let log = Log::default();
    let observer = Arc::new(AtThird(Mutex::default()));
    let runner = Runner::start(registry.clone(), spec(1), Arc::clone(&observer) as Arc<dyn Observer>).await.expect("starts");
    observer.0.lock().expect("not poisoned").1 = Some(runner.cancel());
    let stopped = two_stages(&runner, &TEXTS, &log, 1).await;
    assert!(matches!(stopped, Err(RunError::Cancelled { stage }) if stage == "first"));
    // The next step may work while the end of the one before is being written; none starts after that.
    let began = ran(&log);
    assert!(began.len() == 3 || began.len() == 4, "{began:?}");
    runner.finish(RunStatus::Failed, None, Some("cancelled")).await.expect("ends");
    let next = start(&registry, 1).await;
    two_stages(&next, &TEXTS, &log, 1).await.expect("runs");
    assert_eq!(ran(&log).len(), 12 - began.len());
}

#[tokio::test]
async fn the_observer_is_told_in_order() {
    #[derive(Default)]
    struct Notes(Mutex<Vec<String>>);
    impl Observer for Notes {
        fn note(&self, progress: Progress<'_>) {
            let text = match progress {
                Progress::StageStarted { stage, steps, hits } => format!("{stage} {steps}/{hits}"),
                Progress::StepStarted { step, .. } => format!("+{step}"),
                Progress::StepFinished { step, hit, ok, .. } => format!("-{step} {hit} {ok}"),
                Progress::StageFinished(summary) => format!("{} {}/{}", summary.name, summary.steps, summary.hits),
                Progress::Asked(asked) => format!("asked {asked:?}"),
            };
            self.0.lock().expect("not poisoned").push(text);
        }
    }
    let registry = in_memory("").await;
    let log = Log::default();
    let notes = Arc::new(Notes::default());
    let runner = Runner::start(registry.clone(), spec(1), Arc::clone(&notes) as Arc<dyn Observer>).await.expect("starts");
    runner.one("warm", FnStep::from(Double::new("w", "a", &log))).await.expect("runs");
    let steps: Vec<Arc<dyn Step>> = [("x", "b"), ("y", "a"), ("z", "b")].map(|(n, t)| Double::new(n, t, &log).step()).into();
    runner.stage("main", steps).await.expect("runs");
    let told = notes.0.lock().expect("not poisoned").split_off(4);
    assert_eq!(told, ["main 3/1", "-y true true", "+x", "-x false true", "-z true true", "main 3/2"]);
    let kinds: Vec<String> = registry.events(Some(runner.run_id()), 0, 99).await.expect("reads").into_iter().map(|e| e.kind).collect();
    assert_eq!(kinds, ["run_started", "stage_started", "step_finished", "stage_started", "step_finished"]);
}

/// Fails the n-th file operation of a run, for every n, then runs again on the healed disk: the same results, and no step
/// whose end was acknowledged ran twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_on_a_failing_disk_is_continued_by_the_next() {
    let healthy = in_memory("").await;
    let expected = essence(&two_stages(&start(&healthy, 1).await, &TEXTS, &Log::default(), 1).await.expect("runs"));
    for n in (1..).step_by(3) {
        let files = MemoryFiles::new();
        let registry = in_memory_on(files.clone(), "").await;
        let log = Log::default();
        files.fail_from(n, std::io::ErrorKind::StorageFull);
        let runner = start(&registry, 1).await;
        let broken = two_stages(&runner, &TEXTS, &log, 1).await;
        let failed = files.has_failed();
        files.power_cut();
        let first = ran(&log);
        let done: BTreeSet<String> = registry
            .steps(runner.run_id())
            .await
            .expect("reads")
            .into_iter()
            .filter(|r| r.state == StepState::Done)
            .map(|r| r.step.name)
            .collect();
        if !failed {
            assert_eq!(essence(&broken.expect("runs")), expected);
            break;
        }
        assert_eq!(broken.expect_err("the disk failed").code(), "registry.io", "operation {n}");
        assert_eq!(done.len() + 1, first.len() + usize::from(done.contains("first/3")), "all that began but the last one is done");
        let results = two_stages(&start(&registry, 2).await, &TEXTS, &log, 1).await.expect("runs on the healed disk");
        assert_eq!(essence(&results), expected, "operation {n}");
        let second = ran(&log);
        assert!(second.iter().all(|name| !done.contains(name)), "operation {n}: {done:?} ran again in {second:?}");
    }
}

#[tokio::test]
async fn an_error_at_a_failpoint_ends_the_stage_and_leaves_memo_and_journal_in_step() {
    // Durable commits: the run's start, then the steps' ends, of which two may share one.
    for (point, least, most) in [
        ("orchestrator.before_step=error@2", 1, 1),
        ("orchestrator.after_step=error@2", 1, 1),
        ("registry.before_commit=error@2", 0, 1),
        ("registry.after_commit=error@2", 1, 2),
        ("orchestrator.after_commit=error@2", 2, 3),
    ] {
        let registry = in_memory(point).await;
        let log = Log::default();
        let runner = start(&registry, 1).await;
        two_stages(&runner, &TEXTS, &log, 1).await.expect_err(point);
        let rows = registry.steps(runner.run_id()).await.expect("reads");
        let done: Vec<String> = rows.into_iter().filter(|r| r.state == StepState::Done).map(|r| r.step.name).collect();
        assert!((least..=most).contains(&done.len()), "{point}: {done:?}");
        ran(&log);
        two_stages(&start(&registry, 1).await, &TEXTS, &log, 1).await.expect("runs");
        let again = ran(&log);
        assert_eq!(again.len(), 12 - done.len(), "{point}: what is in the journal as done is in the memo");
        assert!(again.iter().all(|name| !done.contains(name)), "{point}");
    }
}

/// A step that appends its name to a file when it runs, and makes its output as a file in its own folder.
fn slow(n: usize, ledger: PathBuf) -> Arc<dyn Step> {
    let (name, text) = (format!("s{n}"), format!("text {n}"));
    Arc::new(FnStep::new(name.clone(), ("slow", 1), Grade::Pinned, json!({"text": text}), move |cx| {
        let io = |e| StepError::from_error("slow.io", e);
        let mut ledger = OpenOptions::new().append(true).create(true).open(&ledger).map_err(io)?;
        writeln!(ledger, "{name}").map_err(io)?;
        let path = cx.temp_dir()?.join("half.mp4");
        kit::Files::write_atomic(&kit::SystemFiles::new(), &path, text.repeat(1000).as_bytes()).map_err(io)?;
        let film = cx.put_file(&path)?;
        assert!(!path.exists(), "the step's own file is moved in");
        Ok(Outputs::new().with("film", film))
    }))
}

async fn slow_run(home: &Path) -> Result<Vec<StepResult>, RunError> {
    let registry = Registry::open(home).await?;
    let runner = start(&registry, 1).await;
    let results = runner.stage("slow", (0..4).map(|n| slow(n, home.join("ledger"))).collect()).await?;
    runner.finish(RunStatus::Completed, None, None).await?;
    registry.close().await;
    Ok(results)
}

/// Not a test of its own: the process that the next test kills.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_victim() {
    if let Some(home) = std::env::var_os("REELWRIGHT_TEST_VICTIM") {
        slow_run(Path::new(&home)).await.expect("runs");
    }
}

/// Kills a real process at each point and occasion; the next one ends with the same results, runs no finished step again,
/// and leaves no temporary file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_is_continued_by_the_next() {
    let whole = tempfile::tempdir().expect("a folder");
    let expected = essence(&slow_run(whole.path()).await.expect("runs"));
    let points = [
        "orchestrator.before_step",
        "orchestrator.after_step",
        "registry.before_commit",
        "registry.after_commit",
        "orchestrator.after_commit",
    ];
    for point in points {
        for nth in [1, 3] {
            let home = tempfile::tempdir().expect("a folder");
            let exe = std::env::current_exe().expect("this test");
            #[allow(clippy::disallowed_methods, reason = "the victim is this very test, and it must be killed in the middle")]
            let status = std::process::Command::new(exe)
                .args(["--exact", "the_victim", "--test-threads", "1"])
                .env("REELWRIGHT_TEST_VICTIM", home.path())
                .env("REELWRIGHT_FAILPOINT", format!("{point}=kill@{nth}"))
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .status()
                .expect("starts");
            assert_eq!(status.code(), None, "{point}@{nth} did not kill");
            let registry = Registry::open(home.path()).await.expect("opens after the kill");
            let runs = registry.runs(&id("local"), &RunFilter::default()).await.expect("reads");
            let mut done = BTreeSet::new();
            for run in &runs {
                let rows = registry.steps(&run.id).await.expect("reads");
                // Some of it is done, or nothing is (003-34).
                let status = if rows.iter().any(|row| row.state == StepState::Done) { "partial" } else { "failed" };
                assert_eq!((run.status.as_str(), run.ended.is_some()), (status, true), "{point}@{nth}");
                for row in rows {
                    assert_ne!(row.state, StepState::Running, "{point}@{nth}");
                    if row.state == StepState::Done {
                        done.insert(row.step.name);
                    }
                }
            }
            registry.close().await;
            assert_eq!(essence(&slow_run(home.path()).await.expect("goes on")), expected, "{point}@{nth}");
            let ledger = std::fs::read_to_string(home.path().join("ledger")).expect("reads");
            let mut times: BTreeMap<&str, u32> = BTreeMap::new();
            for name in ledger.lines() {
                *times.entry(name).or_default() += 1;
            }
            assert_eq!(times.len(), 4);
            assert!(done.iter().all(|name| times[name.as_str()] == 1), "{point}@{nth}: {done:?} in {times:?}");
            let left: Vec<_> =
                std::fs::read_dir(home.path().join("tmp")).expect("lists").map(|e| e.expect("an entry").file_name()).collect();
            assert_eq!(left, ["lock"], "{point}@{nth}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_runs_at_once_on_one_home_agree() {
    let home = tempfile::tempdir().expect("a folder");
    let both = [0, 1].map(|_| {
        let home = home.path().to_owned();
        tokio::spawn(async move { slow_run(&home).await.map(|r| essence(&r)) })
    });
    let mut results = Vec::new();
    for task in both {
        results.push(task.await.expect("ends").expect("runs"));
    }
    assert_eq!(results[0], results[1]);
    let registry = Registry::open(home.path()).await.expect("opens");
    let runs = registry.runs(&id("local"), &RunFilter::default()).await.expect("reads");
    assert!(runs.len() == 2 && runs.iter().all(|r| r.status == "completed"));
    assert!(registry.events(None, 0, 999).await.expect("reads").iter().all(|e| e.kind != "memo_kept"));
}

#[tokio::test]
async fn damaged_content_is_an_error_once_and_made_again_by_the_next_run() {
    let home = tempfile::tempdir().expect("a folder");
    let before = slow_run(home.path()).await.expect("runs");
    let hash = before[2].output("film").expect("an output").hash.clone();
    let path = Registry::object_path(home.path(), &hash);
    let mut bytes = std::fs::read(&path).expect("reads");
    bytes[100] ^= 1;
    kit::Files::write_atomic(&kit::SystemFiles::new(), &path, &bytes).expect("writes");
    let registry = Registry::open(home.path()).await.expect("opens");
    assert!(matches!(registry.bytes(&hash), Err(RegistryError::Corrupt { .. })));
    registry.close().await;
    let again = slow_run(home.path()).await.expect("runs");
    assert_eq!(essence(&again), essence(&before));
    assert_eq!(again.iter().map(|r| r.hit).collect::<Vec<_>>(), [true, true, false, true]);
}
