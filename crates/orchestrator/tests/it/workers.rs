//! Several processes at one run: nothing twice, nothing lost, the same as by one. A second registry of one home is a second
//! process: it has a name, a bell and a lock of its own.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use contracts::{Hash, run::RunStatus};
use orchestrator::{Kinds, Queue, RunError, RunSpec, Runner, Silent, Step, StepError, StepResult, Worker, step_key, step_row};
use registry::{Claimed, Control, Registry, RegistryError, Scope, StepState};
use serde_json::Value;

use super::{Double, Log, id, spec};

/// Rebuilds doublings.
struct Doubles {
    log: Log,
    /// Put into what is rebuilt, as another build would.
    skew: &'static str,
    /// How long each takes.
    ms: u64,
}

impl Kinds for Doubles {
    fn known(&self) -> Vec<(String, u32)> {
        vec![("double".to_owned(), 1)]
    }
    fn build(&self, name: &str, kind: &str, spec: Value) -> Result<Arc<dyn Step>, StepError> {
        assert_eq!(kind, "double");
        let text = format!("{}{}", spec["text"].as_str().expect("a text"), self.skew);
        Ok(step(name, &text, &self.log, self.ms))
    }
}

fn step(name: &str, text: &str, log: &Log, ms: u64) -> Arc<dyn Step> {
    Double { wait: Duration::from_millis(ms), portable: true, ..Double::new(name, text, log) }.step()
}

fn steps(n: u64, log: &Log, ms: u64) -> Vec<Arc<dyn Step>> {
    (0..n).map(|i| step(&format!("double/{i:03}"), &format!("text {i}"), log, ms)).collect()
}

fn count(log: &Log) -> u64 {
    log.lock().expect("not poisoned").len() as u64
}

async fn open(home: &Path) -> Registry {
    Registry::open(home).await.expect("opens")
}

async fn start(registry: &Registry, lease: Duration) -> Runner {
    Runner::start(registry.clone(), RunSpec { lease, ..spec(1) }, Arc::new(Silent)).await.expect("starts")
}

/// A run of six steps of 40 ms, and one of them in the hands of a process that took it and was stopped (SIGSTOP): it lives, its
/// lock is held, and it does not beat.
async fn held_by(
    frozen: &Registry,
    runner: Runner,
    log: &Log,
) -> (tokio::task::JoinHandle<Result<(Runner, Vec<StepResult>), RunError>>, Claimed) {
    let working = tokio::spawn({
        let steps = steps(6, log, 40);
        async move { runner.stage("doubles", steps).await.map(|results| (runner, results)) }
    });
    loop {
        let mut txn = frozen.begin();
        txn.claim("media", 1, Scope::Anyone(vec![("double".to_owned(), 1)]));
        match txn.commit().await.expect("claims").claimed.pop().expect("an answer").pop() {
            Some(claim) => break (working, claim),
            None => tokio::time::sleep(Duration::from_millis(1)).await,
        }
    }
}

const LEASE: Duration = Duration::from_millis(300);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_worker_of_another_process_takes_its_share_and_the_result_is_the_same() {
    let home = tempfile::tempdir().expect("a folder");
    let (own, other) = (open(home.path()).await, open(home.path()).await);
    assert_ne!(own.owner(), other.owner());
    let (here, there) = (Log::default(), Log::default());
    let kinds = Arc::new(Doubles { log: Arc::clone(&there), skew: "", ms: 2 });
    let worker = Worker::new(other.clone(), kinds, &[Queue::Media], 3, orchestrator::LEASE, Arc::new(Silent));
    let stop = worker.stopper();
    let worker = tokio::spawn(worker.run());
    let runner = start(&own, orchestrator::LEASE).await;
    let results = runner.stage("doubles", steps(60, &here, 4)).await.expect("runs");
    for (i, result) in results.iter().enumerate() {
        assert_eq!(result.output("text").expect("made").hash, Hash::of(format!("text {i}").repeat(2).as_bytes()));
    }
    stop();
    let worked = worker.await.expect("no panic").expect("works");
    let (here, there) = (count(&here), count(&there));
    assert_eq!(here + there, 60, "each step ran once");
    assert_eq!((worked.done, worked.failed, worked.refused, worked.late), (there, 0, 0, 0));
    assert!(there >= 10, "three hands do more than one in ten of what four do: {there}");
    let attempts = own.attempts(runner.run_id()).await.expect("reads");
    assert_eq!(attempts.len(), 60);
    assert!(attempts.iter().all(|a| a.outcome.as_deref() == Some("done") && a.n == 1));
    assert_eq!(attempts.iter().filter(|a| a.owner == other.owner()).count() as u64, there);
    assert!(own.workers().await.expect("reads").iter().all(|w| w.owner == own.owner()), "who stops says so");
    runner.finish(RunStatus::Completed, None, None).await.expect("ends");
    assert_eq!(own.workers().await.expect("reads"), [], "and so does a run");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_worker_that_would_make_something_else_gives_the_step_back() {
    let home = tempfile::tempdir().expect("a folder");
    let (own, other) = (open(home.path()).await, open(home.path()).await);
    let (here, there) = (Log::default(), Log::default());
    let kinds = Arc::new(Doubles { log: Arc::clone(&there), skew: " of another build", ms: 2 });
    let worker = Worker::new(other.clone(), kinds, &Queue::ALL, 3, orchestrator::LEASE, Arc::new(Silent));
    let stop = worker.stopper();
    let worker = tokio::spawn(worker.run());
    let runner = start(&own, orchestrator::LEASE).await;
    runner.stage("doubles", steps(20, &here, 3)).await.expect("runs");
    stop();
    let worked = worker.await.expect("no panic").expect("works");
    assert_eq!((count(&here), count(&there), worked.done), (20, 0, 0));
    let refused = own.events(Some(runner.run_id()), 0, 1000).await.expect("reads");
    let refused: Vec<_> = refused.iter().filter(|e| e.kind == "step_refused").collect();
    assert_eq!(refused.len() as u64, worked.refused);
    assert!(refused.iter().all(|e| e.json["code"] == "orchestrator.not_rebuilt"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_holder_that_beats_no_more_is_relieved_and_its_late_result_is_refused() {
    let home = tempfile::tempdir().expect("a folder");
    let (own, frozen) = (open(home.path()).await, open(home.path()).await);
    let log = Log::default();
    let runner = start(&own, LEASE).await;
    let run = runner.run_id().clone();
    let (working, claim) = held_by(&frozen, runner, &log).await;
    let (runner, results) = working.await.expect("no panic").expect("runs");
    assert_eq!((results.len(), count(&log)), (6, 6), "what was held was done again, and nothing else");
    let mut late = frozen.begin();
    late.step_finish(&run, &claim.step.name, claim.fence);
    assert!(matches!(late.commit().await, Err(RegistryError::Fenced { .. })));
    let attempts = own.attempts(&run).await.expect("reads");
    let of: Vec<_> = attempts.iter().filter(|a| a.step == claim.step.name).map(|a| (a.n, a.outcome.as_deref())).collect();
    assert_eq!(of, [(1, Some("lost")), (2, Some("done"))]);
    assert_eq!(attempts.len(), 7);
    drop(runner);
}

/// In a busy home somebody rings at every moment. Who waits for a step that a stopped process holds looks after the lease all the
/// same: the run itself, and a worker beside a run whose own lease is longer.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_bell_that_rings_without_end_saves_no_silent_holder() {
    for by_worker in [false, true] {
        let home = tempfile::tempdir().expect("a folder");
        let (own, other, frozen) = (open(home.path()).await, open(home.path()).await, open(home.path()).await);
        let log = Log::default();
        let runner = start(&own, if by_worker { Duration::from_secs(3_600) } else { LEASE }).await;
        let run = runner.run_id().clone();
        let (working, claim) = held_by(&frozen, runner, &log).await;
        let ringing = [own.woken().clone(), other.woken().clone()].map(|bell| {
            tokio::spawn(async move {
                loop {
                    bell.notify_waiters();
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            })
        });
        let kinds = Arc::new(Doubles { log: Arc::clone(&log), skew: "", ms: 1 });
        let lease = if by_worker { LEASE } else { Duration::from_secs(3_600) };
        let worker = Worker::new(other, kinds, &Queue::ALL, 1, lease, Arc::new(Silent));
        let stop = worker.stopper();
        let worker = tokio::spawn(worker.run());
        let patience = Duration::from_secs(60);
        let (_runner, results) =
            tokio::time::timeout(patience, working).await.expect("somebody takes over").expect("no panic").expect("runs");
        stop();
        worker.await.expect("no panic").expect("works");
        ringing.iter().for_each(tokio::task::JoinHandle::abort);
        assert_eq!((results.len(), count(&log)), (6, 6), "what was held was done again, and nothing else");
        let attempts = own.attempts(&run).await.expect("reads");
        let lost: Vec<_> = attempts.iter().filter(|a| a.outcome.as_deref() == Some("lost")).map(|a| &a.step).collect();
        assert_eq!(lost, [&claim.step.name]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_holder_that_beats_is_never_relieved_however_long_it_works() {
    let home = tempfile::tempdir().expect("a folder");
    let (own, other) = (open(home.path()).await, open(home.path()).await);
    let (here, there) = (Log::default(), Log::default());
    let worker =
        Worker::new(other, Arc::new(Doubles { log: Arc::clone(&there), skew: "", ms: 1_500 }), &Queue::ALL, 1, LEASE, Arc::new(Silent));
    let stop = worker.stopper();
    let worker = tokio::spawn(worker.run());
    let runner = start(&own, LEASE).await;
    runner.stage("doubles", steps(4, &here, 100)).await.expect("runs");
    stop();
    let worked = worker.await.expect("no panic").expect("works");
    assert_eq!(count(&here) + count(&there), 4);
    assert_eq!((worked.late, worked.done), (0, count(&there)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_over_which_three_workers_die_is_dead_until_a_person_says_otherwise() {
    let home = tempfile::tempdir().expect("a folder");
    let own = open(home.path()).await;
    let log = Log::default();
    let runner = start(&own, orchestrator::LEASE).await;
    let run = runner.run_id().clone();
    // The run's own hands are full, so that others take the poison.
    let other = open(home.path()).await;
    let poison = step("poison", "poison", &log, 0);
    let mut txn = own.begin();
    let key = step_key(poison.as_ref(), &id("local")).expect("a key");
    txn.step_add(step_row(poison.as_ref(), &run, "doubles", 0, key).expect("a row"));
    txn.commit().await.expect("adds");
    for death in 1..=3 {
        let victim = open(home.path()).await;
        let mut txn = victim.begin();
        txn.claim("media", 1, Scope::Anyone(vec![("double".to_owned(), 1)]));
        assert_eq!(txn.commit().await.expect("claims").claimed[0].len(), 1, "death {death}");
        victim.close().await;
        other.declare_lost().await.expect("looks");
    }
    let state = |steps: Vec<registry::StepRow>| steps[0].state;
    assert_eq!(state(own.steps(&run).await.expect("reads")), StepState::Dead);
    assert_eq!(other.waiting("media", &[("double".to_owned(), 1)]).await.expect("reads"), 0);
    let mut txn = own.begin();
    txn.step_retry(&run, "poison");
    txn.commit().await.expect("retries");
    assert_eq!(state(own.steps(&run).await.expect("reads")), StepState::Ready);
    assert_eq!(own.attempts(&run).await.expect("reads").len(), 3, "what was tried stays on record");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_run_starts_nothing_until_it_goes_on_and_a_drained_one_ends() {
    let home = tempfile::tempdir().expect("a folder");
    let (own, hand) = (open(home.path()).await, open(home.path()).await);
    let log = Log::default();
    let runner = start(&own, orchestrator::LEASE).await;
    let run = runner.run_id().clone();
    let control = async |what: Option<Control>| {
        let mut txn = hand.begin();
        txn.control(&run, what);
        txn.commit().await.expect("is heard");
    };
    control(Some(Control::Pause)).await;
    let working = tokio::spawn({
        let steps = steps(5, &log, 1);
        async move { (runner.stage("doubles", steps).await, runner) }
    });
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert_eq!(count(&log), 0);
    control(None).await;
    let (results, runner) = working.await.expect("no panic");
    assert_eq!((results.expect("runs").len(), count(&log)), (5, 5));
    control(Some(Control::Drain)).await;
    let drained = runner.stage("more", steps(9, &log, 1).split_off(5)).await;
    assert!(matches!(drained, Err(RunError::Cancelled { .. })), "{drained:?}");
    assert_eq!(count(&log), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_takes_too_long_is_given_up() {
    let home = tempfile::tempdir().expect("a folder");
    let own = open(home.path()).await;
    let log = Log::default();
    let runner = start(&own, orchestrator::LEASE).await;
    let slow = Double { limit: Some(Duration::from_millis(30)), ..Double::new("slow", "slow", &log) };
    let error = runner.stage("doubles", vec![slow.step()]).await.expect_err("is given up");
    assert_eq!(error.code(), "orchestrator.timeout");
    assert!(error.to_string().contains("took longer than 0.03 s"), "{error}");
}
