//! F12: clocks that are wrong, that jump, that differ. Leases count beats and monotonic time, the journal counts, and no time
//! reaches what is hashed: nothing is leased twice, the order stands, results are the same.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use contracts::run::RunStatus;
use kit::{Clock, Failpoints, MemoryFiles, SeededClock, SystemClock, Timestamp};
use orchestrator::{Queue, RunSpec, Runner, Silent, StepResult, Worker};
use registry::{Registry, Scope, Seams};

use crate::rng::Rng;
use crate::run::Tally;
use crate::trivial::{Ledger, Trivial, TrivialKinds, block_on, spec, steps};
use crate::world::World;

/// The machine's clock, with the time of day set wrong.
struct Skewed {
    real: SystemClock,
    off: AtomicI64,
}

impl Skewed {
    fn new(off: i64) -> Arc<Self> {
        Arc::new(Self { real: SystemClock::new(), off: AtomicI64::new(off) })
    }

    fn jump(&self, ms: i64) {
        self.off.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for Skewed {
    fn now_utc(&self) -> Timestamp {
        Timestamp(self.real.now_utc().ms() + self.off.load(Ordering::SeqCst))
    }
    fn monotonic_ms(&self) -> u64 {
        self.real.monotonic_ms()
    }
}

const HOUR: i64 = 3_600_000;

/// How the clocks of a run's process and of a worker's go: what each is off by, and what each look adds.
const CASES: [(&str, i64, i64, [i64; 3]); 8] = [
    ("both right", 0, 0, [0, 0, 0]),
    ("an hour ahead of the other", HOUR, 0, [0, 0, 0]),
    ("an hour behind the other", -HOUR, 0, [0, 0, 0]),
    ("two hosts ten minutes apart", 300_000, -300_000, [0, 0, 0]),
    ("an hour forward and back, again and again", 0, 0, [HOUR, -HOUR, 0]),
    ("back by seven seconds at every look", 0, 0, [-7_000, -7_000, -7_000]),
    ("a leap second: one second twice", 0, 0, [-1_000, 0, 1_000]),
    ("before 1970", -3_000_000_000_000, 0, [1, -1, 0]),
];

const STEPS: usize = 24;

pub fn run(world: &World) -> Result<Tally, String> {
    let mut tally = Tally::default();
    let mut first: Option<Vec<String>> = None;
    for (n, case) in CASES.iter().enumerate() {
        let made = two_hosts(&world.folder(&format!("clocks-{n}"))?, case);
        let held = made.and_then(|hashes| match first.get_or_insert_with(|| hashes.clone()) == &hashes {
            true => Ok(()),
            false => Err("other results than with right clocks".to_owned()),
        });
        tally.case(held.map_err(|why| format!("{}: {why}", case.0)));
    }
    for (n, jump) in [HOUR, -HOUR].into_iter().enumerate() {
        tally.case(
            expiry(&world.folder(&format!("expiry-{n}"))?, jump)
                .map_err(|why| format!("a silent holder, time of day set by {jump} ms: {why}")),
        );
    }
    let seeds = if world.plan.long { 1_000 } else { 20 };
    let mut rng = Rng::new(world.plan.seed, "clocks");
    let mut expected = None;
    for seed in 0..seeds {
        let jumps: Vec<i64> = (0..8).map(|_| rng.below(2 * HOUR as usize) as i64 - HOUR).collect();
        let made = twin(&jumps).and_then(|hashes| match *expected.get_or_insert_with(|| hashes.clone()) == hashes {
            true => Ok(()),
            false => Err("other results".to_owned()),
        });
        tally.case(made.map_err(|why| format!("seeded clock {seed}: {why}")));
    }
    tally.note = format!("{} ways in which two processes' clocks go, {seeds} seeded clocks that jump at every stage", CASES.len());
    Ok(tally)
}

fn hashes(results: &[StepResult]) -> Vec<String> {
    results.iter().flat_map(|r| r.outputs.files.values().map(|o| o.hash.to_string())).collect()
}

async fn open(home: &Path, clock: &Arc<Skewed>) -> Result<Registry, String> {
    let seams = Seams { clock: Arc::clone(clock) as Arc<dyn Clock>, failpoints: Failpoints::none() };
    Registry::open_with(home, seams).await.map_err(|e| e.to_string())
}

/// A run and a worker, each with its clock.
fn two_hosts(home: &Path, &(_, own_off, other_off, adds): &(&str, i64, i64, [i64; 3])) -> Result<Vec<String>, String> {
    let said = |e: &dyn std::fmt::Display| e.to_string();
    block_on(async {
        let (here, there) = (Skewed::new(own_off), Skewed::new(other_off));
        let (own, other) = (open(home, &here).await?, open(home, &there).await?);
        let ledger = Ledger::default();
        let pattern = Trivial::new("", "", &ledger).taking(Duration::from_millis(3));
        let kinds = Arc::new(TrivialKinds { pattern: pattern.clone() });
        let worker = Worker::new(other.clone(), kinds, &Queue::ALL, 2, orchestrator::LEASE, Arc::new(Silent));
        let stop = worker.stopper();
        let worker = tokio::spawn(worker.run());
        let jumping = tokio::spawn({
            let (here, there) = (Arc::clone(&here), Arc::clone(&there));
            async move {
                for add in adds.iter().cycle() {
                    here.jump(*add);
                    tokio::time::sleep(Duration::from_millis(4)).await;
                    there.jump(*add);
                }
            }
        });
        let mut made = Vec::new();
        let mut ids = Vec::new();
        for round in 0..2 {
            let runner = Runner::start(own.clone(), spec("clocks"), Arc::new(Silent)).await.map_err(|e| said(&e))?;
            let run = runner.run_id().clone();
            let results = runner.stage("trivial", steps(STEPS, &pattern)).await.map_err(|e| said(&e))?;
            runner.finish(RunStatus::Completed, None, None).await.map_err(|e| said(&e))?;
            let attempts = own.attempts(&run).await.map_err(|e| said(&e))?;
            let wanted = if round == 0 { STEPS } else { 0 };
            if attempts.len() != wanted || attempts.iter().any(|a| a.n != 1 || a.outcome.as_deref() != Some("done")) {
                return Err(format!("{} attempts at {wanted} steps", attempts.len()));
            }
            order(&own, &run).await?;
            made = hashes(&results);
            ids.push(run);
        }
        jumping.abort();
        stop();
        let worked = worker.await.map_err(|e| said(&e))?.map_err(|e| said(&e))?;
        if ledger.all() != STEPS || ledger.most() != 1 || worked.late > 0 || worked.failed > 0 {
            return Err(format!("{} steps were worked on {} times, one of them {}: {worked:?}", STEPS, ledger.all(), ledger.most()));
        }
        if ids[0] == ids[1] {
            return Err(format!("two runs are called {}", ids[0]));
        }
        Ok(made)
    })
}

/// The journal's order is that of what happened, whatever the times beside it say.
async fn order(registry: &Registry, run: &contracts::Id) -> Result<(), String> {
    let events = registry.events(Some(run), 0, 10_000).await.map_err(|e| e.to_string())?;
    let kinds: Vec<&str> = events.iter().map(|e| e.kind.as_str()).collect();
    let place = |kind: &str| kinds.iter().position(|k| *k == kind);
    let grows = events.windows(2).all(|w| w[0].seq < w[1].seq);
    let (started, stage, end) = (place("run_started"), place("stage_started"), place("run_finished"));
    let between = kinds.iter().enumerate().filter(|(_, k)| **k == "step_finished").all(|(n, _)| Some(n) > stage && Some(n) < end);
    if grows && started == Some(0) && stage > started && end == Some(kinds.len() - 1) && between {
        Ok(())
    } else {
        Err(format!("the journal is out of order: {kinds:?}"))
    }
}

/// A holder that does not beat, and a time of day that is set: it is relieved after a lease of real time, not before.
fn expiry(home: &Path, jump: i64) -> Result<(), String> {
    const LEASE: Duration = Duration::from_millis(500);
    let said = |e: &dyn std::fmt::Display| e.to_string();
    block_on(async {
        let (here, there) = (Skewed::new(0), Skewed::new(-jump));
        let (own, silent) = (open(home, &here).await?, open(home, &there).await?);
        let ledger = Ledger::default();
        let pattern = Trivial::new("", "", &ledger).taking(Duration::from_millis(20));
        let runner = Runner::start(own.clone(), RunSpec { lease: LEASE, jobs: 1, ..spec("expiry") }, Arc::new(Silent)).await;
        let runner = Arc::new(runner.map_err(|e| said(&e))?);
        let working = tokio::spawn({
            let (runner, steps) = (Arc::clone(&runner), steps(4, &pattern));
            async move { runner.stage("trivial", steps).await }
        });
        loop {
            let mut txn = silent.begin();
            txn.claim("media", 1, Scope::Anyone(vec![("trivial".to_owned(), 1)]));
            let claimed = txn.commit().await.map_err(|e| said(&e))?.claimed.pop().unwrap_or_default();
            if !claimed.is_empty() {
                break;
            }
            if working.is_finished() {
                return Err("nothing was left to take".into());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let since = Instant::now();
        here.jump(jump);
        working.await.map_err(|e| said(&e))?.map_err(|e| said(&e))?;
        let waited = since.elapsed();
        let lost =
            own.attempts(runner.run_id()).await.map_err(|e| said(&e))?.iter().filter(|a| a.outcome.as_deref() == Some("lost")).count();
        if lost == 1 && waited >= LEASE * 9 / 10 && ledger.all() == 4 {
            Ok(())
        } else {
            Err(format!("{lost} leases lost after {} ms, {} steps worked on", waited.as_millis(), ledger.all()))
        }
    })
}

/// A run in memory over a clock that is set anew before every stage.
fn twin(jumps: &[i64]) -> Result<Vec<String>, String> {
    block_on(async {
        let clock = Arc::new(SeededClock::new(Timestamp(1_700_000_000_000), 1));
        let seams = Seams { clock: Arc::clone(&clock) as Arc<dyn Clock>, failpoints: Failpoints::none() };
        let registry = Registry::in_memory_with(seams, MemoryFiles::new()).await.map_err(|e| e.to_string())?;
        let runner = Runner::start(registry.clone(), spec("twin"), Arc::new(Silent)).await.map_err(|e| e.to_string())?;
        let (run, ledger) = (runner.run_id().clone(), Ledger::default());
        let mut made = Vec::new();
        for (n, jump) in jumps.iter().enumerate() {
            clock.jump_utc(*jump);
            let name = format!("stage-{n}");
            let step = Trivial::new(&name, &format!("text {n}"), &ledger).made();
            let result = runner.one(&name, step).await.map_err(|e| e.to_string())?;
            made.extend(hashes(&[result]));
        }
        runner.finish(RunStatus::Completed, None, None).await.map_err(|e| e.to_string())?;
        let events = registry.events(Some(&run), 0, 10_000).await.map_err(|e| e.to_string())?;
        if events.windows(2).any(|w| w[0].seq >= w[1].seq) || ledger.all() != jumps.len() {
            return Err(format!("{} events, {} steps worked on", events.len(), ledger.all()));
        }
        Ok(made)
    })
}
