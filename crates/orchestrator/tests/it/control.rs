//! What a person asks of a run from another process: heard under its steps too, and nothing is lost by it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use orchestrator::{FnStep, Outputs, RunError, RunSpec, Runner, Silent, Step, StepError, StepResult};
use registry::{Control, Grade, Registry, StepState};
use serde_json::json;

use super::spec;

/// What a test holds of its steps: whether they fail, whether they may end, how often one ran.
#[derive(Clone, Default)]
struct Knobs {
    ran: Arc<AtomicU64>,
    fails: Arc<AtomicBool>,
    go: Arc<AtomicBool>,
}

impl Knobs {
    /// Fails while it is told to, and waits until it may end.
    fn step(&self, name: &str) -> Arc<dyn Step> {
        let Self { ran, fails, go } = self.clone();
        let own = name.to_owned();
        Arc::new(FnStep::new(name, ("slow", 1), Grade::Pure, json!({"name": name}), move |cx| {
            ran.fetch_add(1, Ordering::SeqCst);
            // Looks at nothing: whoever cancels may not wait for it.
            while !go.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(1));
            }
            if fails.load(Ordering::SeqCst) {
                return Err(StepError::new("test.fails", "as told"));
            }
            Ok(Outputs::new().with("out", cx.put_bytes(own.as_bytes())?))
        }))
    }
}

/// The run's process, and another one of the same home.
async fn two(home: &Path) -> (Runner, Registry, Registry) {
    let (own, hand) = (Registry::open(home).await.expect("opens"), Registry::open(home).await.expect("opens"));
    let spec = RunSpec { lease: Duration::from_millis(300), ..spec(1) };
    let runner = Runner::start(own.clone(), spec, Arc::new(Silent)).await.expect("starts");
    (runner, own, hand)
}

type Working = tokio::task::JoinHandle<(Result<Vec<StepResult>, RunError>, Runner)>;

/// A run of two steps, `s/a` and `s/b`, of which the first has begun, and another process of its home.
async fn begun(home: &Path, knobs: &Knobs) -> (contracts::Id, Working, Registry, Registry) {
    let (runner, own, hand) = two(home).await;
    let run = runner.run_id().clone();
    let steps = vec![knobs.step("s/a"), knobs.step("s/b")];
    let working = tokio::spawn(async move { (runner.stage("s", steps).await, runner) });
    until(|| knobs.ran.load(Ordering::SeqCst) == 1).await;
    (run, working, own, hand)
}

/// A paused run whose first step has been told to fail and to end.
async fn paused_over_a_failure(home: &Path, knobs: &Knobs) -> (contracts::Id, Working, Registry, Registry) {
    knobs.fails.store(true, Ordering::SeqCst);
    let (run, working, own, hand) = begun(home, knobs).await;
    say(&hand, &run, Some(Control::Pause)).await;
    knobs.go.store(true, Ordering::SeqCst);
    (run, working, own, hand)
}

async fn say(hand: &Registry, run: &contracts::Id, what: Option<Control>) {
    let mut txn = hand.begin();
    txn.control(run, what);
    txn.commit().await.expect("is heard");
}

async fn until(what: impl Fn() -> bool) {
    while !what() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelling_waits_for_no_step_and_keeps_what_is_finished() {
    let home = tempfile::tempdir().expect("a folder");
    let (runner, own, hand) = two(home.path()).await;
    let run = runner.run_id().clone();
    let (done, stuck) = (Knobs::default(), Knobs::default());
    done.go.store(true, Ordering::SeqCst);
    runner.stage("first", vec![done.step("first/a")]).await.expect("runs");
    let steps = vec![stuck.step("second/a"), stuck.step("second/b")];
    let working = tokio::spawn(async move { (runner.stage("second", steps).await, runner) });
    until(|| stuck.ran.load(Ordering::SeqCst) == 1).await;
    // The step never ends by itself: that this comes back at all is the proof.
    say(&hand, &run, Some(Control::Cancel)).await;
    let (stopped, runner) = working.await.expect("no panic");
    assert!(matches!(&stopped, Err(RunError::Cancelled { stage }) if stage == "second"), "{stopped:?}");
    let states: Vec<(String, StepState)> = own.steps(&run).await.expect("reads").into_iter().map(|s| (s.step.name, s.state)).collect();
    assert_eq!(states[0], ("first/a".to_owned(), StepState::Done));
    assert_eq!((states[1].1, states[2].1), (StepState::Failed, StepState::Ready), "the second was not begun");
    let events: Vec<String> = own.events(Some(&run), 0, 100).await.expect("reads").into_iter().map(|e| e.kind).collect();
    assert!(events.contains(&"step_stopped".to_owned()) && !events.contains(&"step_failed".to_owned()), "{events:?}");
    runner.finish(contracts::run::RunStatus::Cancelled, None, None).await.expect("ends");
    assert_eq!(own.run(&run).await.expect("reads").expect("is there").status, "cancelled");
    // What is given up ends some day, and is refused.
    stuck.go.store(true, Ordering::SeqCst);
    let again = Runner::start(own.clone(), spec(1), Arc::new(Silent)).await.expect("starts");
    let first = again.stage("first", vec![done.step("first/a")]).await.expect("is known");
    assert!(first[0].hit && done.ran.load(Ordering::SeqCst) == 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_fails_in_a_paused_run_is_held_for_a_second_try() {
    let home = tempfile::tempdir().expect("a folder");
    let knobs = Knobs::default();
    let (run, working, own, hand) = paused_over_a_failure(home.path(), &knobs).await;
    let state = async |name: &str| own.step_states(&run, &[name]).await.expect("reads")[name].state;
    while state("s/a").await != StepState::Failed {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert!(!working.is_finished(), "a paused run holds what has failed");
    knobs.fails.store(false, Ordering::SeqCst);
    let mut txn = hand.begin();
    txn.step_retry(&run, "s/a");
    txn.commit().await.expect("is put back");
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert_eq!((knobs.ran.load(Ordering::SeqCst), state("s/a").await), (1, StepState::Ready), "it is still paused");
    say(&hand, &run, None).await;
    let (results, _runner) = working.await.expect("no panic");
    assert_eq!(results.expect("goes on").len(), 2);
    assert_eq!(knobs.ran.load(Ordering::SeqCst), 3);
    let tried: Vec<(u32, Option<String>)> =
        own.attempts(&run).await.expect("reads").into_iter().filter(|a| a.step == "s/a").map(|a| (a.n, a.outcome)).collect();
    assert_eq!(tried, [(1, Some("failed".to_owned())), (2, Some("done".to_owned()))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_step_in_a_paused_run_that_nobody_tries_again_fails_it_when_it_goes_on() {
    let home = tempfile::tempdir().expect("a folder");
    let knobs = Knobs::default();
    let (run, working, _own, hand) = paused_over_a_failure(home.path(), &knobs).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    say(&hand, &run, None).await;
    let (failed, _runner) = working.await.expect("no panic");
    assert!(matches!(&failed, Err(RunError::Step { step, .. }) if step == "s/a"), "{failed:?}");
    assert_eq!(knobs.ran.load(Ordering::SeqCst), 1, "nothing new starts after a failure");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn draining_lets_what_runs_finish_and_starts_nothing() {
    let home = tempfile::tempdir().expect("a folder");
    let knobs = Knobs::default();
    let (run, working, own, hand) = begun(home.path(), &knobs).await;
    say(&hand, &run, Some(Control::Drain)).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!working.is_finished());
    knobs.go.store(true, Ordering::SeqCst);
    let (drained, _runner) = working.await.expect("no panic");
    assert!(matches!(drained, Err(RunError::Cancelled { .. })), "{drained:?}");
    let states: Vec<StepState> = own.steps(&run).await.expect("reads").into_iter().map(|s| s.state).collect();
    assert_eq!((states[0], states[1]), (StepState::Done, StepState::Ready));
}

/// What is asked by a process whose rings do not arrive: it stands in another network, or the system has no such addresses.
fn say_unheard(home: &Path, what: Option<&str>) {
    let conn = rusqlite::Connection::open(home.join("registry.sqlite")).expect("opens");
    conn.busy_timeout(PATIENCE).expect("is set");
    let asked = conn.execute("UPDATE runs SET control = ? WHERE ended IS NULL", [what]).expect("is written");
    assert_eq!(asked, 1);
}

const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_without_a_ring_is_heard_under_a_step() {
    let home = tempfile::tempdir().expect("a folder");
    let knobs = Knobs::default();
    let (_run, working, _own, _hand) = begun(home.path(), &knobs).await;
    // The step never ends by itself. The ear still hears the ring of its beginning.
    tokio::time::sleep(Duration::from_millis(300)).await;
    say_unheard(home.path(), Some("cancel"));
    let ended = tokio::time::timeout(PATIENCE, working).await;
    // Or the test itself would wait for it.
    knobs.go.store(true, Ordering::SeqCst);
    let (stopped, _runner) = ended.expect("it is heard").expect("no panic");
    assert!(matches!(&stopped, Err(RunError::Cancelled { .. })), "{stopped:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_run_that_holds_a_failure_goes_on_without_a_ring() {
    let home = tempfile::tempdir().expect("a folder");
    let knobs = Knobs::default();
    let (_run, working, _own, _hand) = paused_over_a_failure(home.path(), &knobs).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!working.is_finished(), "a paused run holds what has failed");
    say_unheard(home.path(), None);
    let (failed, _runner) = tokio::time::timeout(PATIENCE, working).await.expect("it is heard").expect("no panic");
    assert!(matches!(&failed, Err(RunError::Step { step, .. }) if step == "s/a"), "{failed:?}");
}
