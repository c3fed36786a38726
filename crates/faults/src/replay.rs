//! F10: every message once, five times, late, out of order. A queue held against a twin of a few lines: each message has the
//! effect the twin says, and every side effect happens once. The bell rung too often, one request sent again and again.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use contracts::{Hash, Id};
use kit::Bell;
use orchestrator::{Queue, Runner, Silent, Worker};
use registry::{Grade, Memo, MemoLookup, NewRun, NewStep, Outputs, Registry, RegistryError, Scope, StepState};
use serde_json::{Value, json};

use crate::after::Journal;
use crate::rng::Rng;
use crate::run::Tally;
use crate::trivial::{Ledger, Trivial, TrivialKinds, block_on, open, spec, steps};
use crate::world::{Ended, World, finish};

pub fn run(world: &World) -> Result<Tally, String> {
    let mut tally = Tally::default();
    let seeds = if world.plan.long { 200 } else { 16 };
    let dir = world.folder("replay")?;
    let delivered = block_on(async {
        let both = [open(&dir).await?, open(&dir).await?];
        let mut delivered = 0;
        for seed in 0..seeds {
            let outcome = messages(&both, seed, &mut Rng::new(world.plan.seed ^ (seed << 32), "replay")).await;
            delivered += outcome.as_ref().unwrap_or(&0);
            tally.case(outcome.map(|_| ()).map_err(|why| format!("messages, seed {seed}: {why}")));
        }
        Ok(delivered)
    })?;
    tally.case(
        at_once(&world.folder("at-once")?, if world.plan.long { 300 } else { 30 }).map_err(|why| format!("five ends at once: {why}")),
    );
    tally.case(bells(&world.folder("bells")?).map_err(|why| format!("a bell that rings without end: {why}")));
    tally.case(submitted_twice(&world.folder("submitted")?).map_err(|why| format!("steps submitted twice: {why}")));
    requests(world, &mut tally)?;
    tally.skipped.push((1, "replay over an HTTP API: there is none yet".into()));
    tally.note = format!("{delivered} deliveries of messages to a queue and its twin, each message up to five times and out of order");
    Ok(tally)
}

/// What may be sent to the queue about a step.
#[derive(Clone, Copy, Debug)]
enum Message {
    Add,
    Finish(i64),
    Fail(i64),
    Expire(i64),
    Release(i64),
    Retry,
    Skip,
}

/// The twin: one step of the queue in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Twin {
    state: Option<StepState>,
    fence: i64,
    attempt: u32,
    ends: u32,
}

impl Twin {
    /// Whether the message is taken; what it does when it is.
    fn told(&mut self, message: Message) -> bool {
        let held = |fence: i64| self.state == Some(StepState::Running) && self.fence == fence;
        match message {
            Message::Add if self.state.is_none() => self.state = Some(StepState::Ready),
            Message::Finish(fence) if held(fence) => (self.state, self.ends) = (Some(StepState::Done), self.ends + 1),
            Message::Fail(fence) if held(fence) => self.state = Some(StepState::Failed),
            Message::Expire(fence) if held(fence) => {
                self.state = Some(if self.attempt >= 3 { StepState::Dead } else { StepState::Ready });
            }
            Message::Release(fence) if held(fence) => (self.state, self.attempt) = (Some(StepState::Ready), self.attempt - 1),
            // What comes too late for these is no error: the step was ended or taken meanwhile.
            Message::Expire(_) | Message::Release(_) => {}
            Message::Retry if matches!(self.state, Some(StepState::Failed | StepState::Dead | StepState::Skipped)) => {
                (self.state, self.attempt) = (Some(StepState::Ready), 0);
            }
            Message::Skip if self.state == Some(StepState::Ready) => self.state = Some(StepState::Skipped),
            _ => return false,
        }
        true
    }
}

fn local() -> Id {
    Id::slug("local")
}

fn new_step(run: &Id, name: &str, place: u64) -> NewStep {
    NewStep {
        run: run.clone(),
        name: name.to_owned(),
        stage: "stage".into(),
        kind: "trivial".into(),
        kind_version: 1,
        grade: Grade::Pure,
        memo_key: Hash::of(format!("{run}/{name}").as_bytes()),
        queue: "cpu".into(),
        place,
        spec: Some("{}".into()),
        timeout_ms: None,
    }
}

async fn new_run(registry: &Registry, name: &str) -> Result<Id, String> {
    let run = Id::slug(name);
    let mut txn = registry.begin();
    let new =
        NewRun { id: run.clone(), tenant: local(), project: Id::slug("replay"), episode: 1, out_dir: None, look: false, request: None };
    txn.run_start(new);
    txn.commit_soon().await.map_err(|e| e.to_string())?;
    Ok(run)
}

/// The commit of a step's end: its memo and its event are its side effects.
async fn finished(registry: &Registry, step: &NewStep, fence: i64) -> Result<(), RegistryError> {
    let mut txn = registry.begin();
    let (kind, outputs) = (step.kind.clone(), Outputs::new().with_facts(json!({"of": step.name})));
    txn.memo_put(&local(), Memo { key: step.memo_key.clone(), grade: step.grade, kind, kind_version: 1, outputs }, Some(&step.run));
    txn.event(Some(&step.run), "step_finished", json!({"step": step.name}));
    txn.step_finish(&step.run, &step.name, fence);
    txn.commit_soon().await.map(drop)
}

async fn deliver(registry: &Registry, step: &NewStep, message: Message) -> Result<(), RegistryError> {
    let mut txn = registry.begin();
    let (run, name) = (&step.run, step.name.as_str());
    match message {
        Message::Finish(fence) => return finished(registry, step, fence).await,
        Message::Add => txn.step_add(step.clone()),
        Message::Fail(fence) => txn.step_fail(run, name, fence, "it failed"),
        Message::Expire(fence) => txn.step_expire(run, name, fence),
        Message::Release(fence) => txn.step_release(run, name, fence),
        Message::Retry => txn.step_retry(run, name),
        Message::Skip => txn.step_skip(run, name),
    };
    txn.commit_soon().await.map(drop)
}

const STEPS: usize = 5;

/// Sends messages to two processes of one home, each up to five times and later than others. How many were delivered.
async fn messages(both: &[Registry; 2], seed: u64, rng: &mut Rng) -> Result<usize, String> {
    let run = new_run(&both[0], &format!("replay-{seed}")).await?;
    let rows: Vec<NewStep> = (0..STEPS).map(|n| new_step(&run, &format!("step-{n}"), n as u64)).collect();
    let mut twins = [Twin::default(); STEPS];
    let mut fences: Vec<Vec<i64>> = vec![Vec::new(); STEPS];
    let mut waiting: Vec<(usize, Message, usize)> = (0..STEPS).map(|n| (n, Message::Add, 1 + rng.below(5))).collect();
    let mut delivered = 0;
    for _ in 0..160 {
        let registry = &both[rng.below(2)];
        match rng.below(6) {
            0 => {
                let limit = 1 + rng.below(2);
                let mut txn = registry.begin();
                txn.claim("cpu", limit as u32, Scope::Stage(run.clone(), "stage".into()));
                let claimed = txn.commit_soon().await.map_err(|e| e.to_string())?.claimed.pop().unwrap_or_default();
                let ready = (0..STEPS).filter(|n| twins[*n].state == Some(StepState::Ready)).take(limit);
                let expected: Vec<String> = ready.map(|n| rows[n].name.clone()).collect();
                let got: Vec<String> = claimed.iter().map(|c| c.step.name.clone()).collect();
                if got != expected {
                    return Err(format!("{got:?} were claimed, {expected:?} were there"));
                }
                for claim in claimed {
                    let n = claim.step.place as usize;
                    if fences.iter().flatten().any(|f| *f == claim.fence && fences[n].contains(f)) {
                        return Err(format!("the fence {} was given twice", claim.fence));
                    }
                    fences[n].push(claim.fence);
                    let twin = &mut twins[n];
                    (twin.state, twin.fence, twin.attempt) = (Some(StepState::Running), claim.fence, twin.attempt + 1);
                }
            }
            1 => {
                let n = rng.below(STEPS);
                let Some(&fence) = rng.pick(&fences[n]) else { continue };
                let message = match rng.below(7) {
                    0..=2 => Message::Finish(fence),
                    3 => Message::Fail(fence),
                    4 => Message::Expire(fence),
                    5 => Message::Release(fence),
                    _ => [Message::Retry, Message::Skip][rng.below(2)],
                };
                waiting.push((n, message, 1 + rng.below(5)));
            }
            _ if !waiting.is_empty() => {
                let at = rng.below(waiting.len());
                let (n, message, left) = waiting[at];
                if left == 1 {
                    waiting.swap_remove(at);
                } else {
                    waiting[at].2 -= 1;
                }
                let before = twins[n];
                let expected = twins[n].told(message);
                let got = deliver(registry, &rows[n], message).await;
                delivered += 1;
                let refused = matches!(got, Err(RegistryError::Fenced { .. } | RegistryError::Taken { .. }));
                if got.is_ok() != expected || (got.is_err() && !refused) {
                    return Err(format!("{message:?} to {before:?}: {got:?}"));
                }
            }
            _ => {}
        }
    }
    // As it stands, and what it brought about.
    let stand: BTreeMap<String, StepState> =
        both[1].steps(&run).await.map_err(|e| e.to_string())?.into_iter().map(|r| (r.step.name, r.state)).collect();
    let events = both[1].events(Some(&run), 0, 10_000).await.map_err(|e| e.to_string())?;
    for (row, twin) in rows.iter().zip(&twins) {
        let ends = events.iter().filter(|e| e.kind == "step_finished" && e.json["step"] == row.name.as_str()).count();
        let known = matches!(both[0].memo_get(&local(), &row.memo_key).await, Ok(MemoLookup::Hit(_)));
        if stand.get(&row.name) != twin.state.as_ref() || ends != twin.ends as usize || ends > 1 || known != (ends == 1) {
            return Err(format!("{} is {:?} with {ends} ends, its twin {twin:?}", row.name, stand.get(&row.name)));
        }
    }
    Ok(delivered)
}

/// One end of one step, sent five times at one moment to two processes: one is taken.
fn at_once(home: &Path, times: usize) -> Result<(), String> {
    block_on(async {
        let both = [open(home).await?, open(home).await?];
        let run = new_run(&both[0], "at-once").await?;
        for n in 0..times {
            let row = new_step(&run, &format!("step-{n:04}"), n as u64);
            let mut txn = both[n % 2].begin();
            txn.step_add(row.clone()).claim("cpu", 1, Scope::Stage(run.clone(), "stage".into()));
            let claimed = txn.commit_soon().await.map_err(|e| e.to_string())?.claimed.pop().unwrap_or_default();
            let fence = claimed.first().ok_or("nothing was claimed")?.fence;
            let sent: Vec<_> = (0..5)
                .map(|k| {
                    let (registry, row) = (both[k % 2].clone(), row.clone());
                    tokio::spawn(async move { finished(&registry, &row, fence).await })
                })
                .collect();
            let mut taken = 0;
            for one in sent {
                match one.await.map_err(|e| e.to_string())? {
                    Ok(()) => taken += 1,
                    Err(RegistryError::Fenced { .. }) => {}
                    Err(other) => return Err(other.to_string()),
                }
            }
            if taken != 1 {
                return Err(format!("{taken} of five were taken"));
            }
        }
        let events = both[0].events(Some(&run), 0, 10_000).await.map_err(|e| e.to_string())?;
        let ends = events.iter().filter(|e| e.kind == "step_finished").count();
        if ends == times { Ok(()) } else { Err(format!("{ends} ends of {times} steps")) }
    })
}

/// Strangers ring the bell of a home, each ring up to five times, while a run and a worker work.
fn bells(home: &Path) -> Result<(), String> {
    const N: usize = 60;
    let said = |e: &dyn std::fmt::Display| e.to_string();
    block_on(async {
        let (own, other) = (open(home).await?, open(home).await?);
        let over = Arc::new(AtomicBool::new(false));
        let root = home.join("tmp");
        let ringing = std::thread::spawn({
            let over = Arc::clone(&over);
            move || -> std::io::Result<u64> {
                let strangers = [Bell::open(&root, "stranger-1")?, Bell::open(&root, "stranger-2")?];
                let mut rings = 0;
                while !over.load(Ordering::SeqCst) {
                    for _ in 0..=rings % 5 {
                        strangers[rings as usize % 2].ring();
                    }
                    rings += 1;
                    std::thread::sleep(Duration::from_micros(200));
                }
                Ok(rings)
            }
        });
        let ledger = Ledger::default();
        let pattern = Trivial::new("", "", &ledger).taking(Duration::from_millis(2));
        let worker =
            Worker::new(other, Arc::new(TrivialKinds { pattern: pattern.clone() }), &Queue::ALL, 2, orchestrator::LEASE, Arc::new(Silent));
        let stop = worker.stopper();
        let worker = tokio::spawn(worker.run());
        let runner = Runner::start(own.clone(), spec("bells"), Arc::new(Silent)).await.map_err(|e| said(&e))?;
        let results = runner.stage("trivial", steps(N, &pattern)).await.map_err(|e| said(&e))?;
        over.store(true, Ordering::SeqCst);
        stop();
        worker.await.map_err(|e| said(&e))?.map_err(|e| said(&e))?;
        let rings = ringing.join().map_err(|_| "the ringer panicked")?.map_err(|e| said(&e))?;
        let attempts = own.attempts(runner.run_id()).await.map_err(|e| said(&e))?.len();
        if (results.len(), attempts, ledger.all(), ledger.most()) == (N, N, N, 1) && rings > 0 {
            Ok(())
        } else {
            Err(format!("{attempts} attempts at {N} steps, {} worked on, {rings} rings", ledger.all()))
        }
    })
}

/// One step, submitted many times: it is worked on once (002-13).
fn submitted_twice(home: &Path) -> Result<(), String> {
    let said = |e: &dyn std::fmt::Display| e.to_string();
    block_on(async {
        let (own, other) = (open(home).await?, open(home).await?);
        let ledger = Ledger::default();
        let pattern = Trivial::new("", "", &ledger).taking(Duration::from_millis(5));
        let runner = Runner::start(own.clone(), spec("submitted"), Arc::new(Silent)).await.map_err(|e| said(&e))?;
        // Forty names, eight texts.
        let many: Vec<Arc<dyn orchestrator::Step>> = (0..40)
            .map(|n| Trivial::new(&format!("s{n:02}"), &format!("text {}", n % 8), &ledger).taking(Duration::from_millis(5)).step())
            .collect();
        let first = runner.stage("many", many).await.map_err(|e| said(&e))?;
        if ledger.all() != 8 {
            return Err(format!("eight different steps under forty names were worked on {} times", ledger.all()));
        }
        // Another run, in another process: all is known.
        let again = Runner::start(other, spec("submitted"), Arc::new(Silent)).await.map_err(|e| said(&e))?;
        let second = again.stage("again", steps(8, &pattern)).await.map_err(|e| said(&e))?;
        let same = second.iter().zip(&first).all(|(a, b)| a.outputs == b.outputs && a.hit);
        if same && ledger.all() == 8 { Ok(()) } else { Err(format!("another run worked on them again: {}", ledger.all())) }
    })
}

/// One request for a film under one key: sent five times at once and once more, the answer is one; another under it is refused.
fn requests(world: &World, tally: &mut Tally) -> Result<(), String> {
    let base = world.folder("requests")?;
    let (home, example) = (base.join("home"), world.plan.root.join("examples/package"));
    let package = base.join("package");
    crate::world::copy_tree(&example, &package)?;
    let file = package.join("package.json");
    let send = || -> Result<Ended, String> {
        let mut command = world.reel(&home);
        command.arg("render").arg(&file).arg("--json");
        finish(command)
    };
    // Five at one moment, however few cores there are.
    let mut answers: Vec<Result<Ended, String>> = std::thread::scope(|scope| {
        let five: Vec<_> = (0..5).map(|_| scope.spawn(send)).collect();
        five.into_iter().map(|one| one.join().unwrap_or_else(|_| Err("the harness panicked".to_owned()))).collect()
    });
    answers.push(send());
    let mut seen: Vec<Value> = Vec::new();
    for answer in answers {
        let answer = answer?;
        tally.hold(answer.status.success(), || format!("a request that was sent again: {} {}", answer.said(), answer.json["errors"]));
        if !seen.contains(&answer.json) {
            seen.push(answer.json);
        }
    }
    tally.hold(seen.len() == 1, || format!("one request has {} answers", seen.len()));
    let journal = Journal::read(&home)?.ok_or("there is no registry")?;
    tally.hold(journal.runs.len() == 1, || format!("one request sent six times made {} runs", journal.runs.len()));
    let text = std::fs::read_to_string(&file).map_err(|e| e.to_string())?;
    let mut other: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    other["desired_outputs"] = json!(["video"]);
    std::fs::write(&file, other.to_string()).map_err(|e| e.to_string())?;
    let conflict = send()?;
    let code = conflict.json.to_string().contains("package.conflict");
    tally.hold(code && !conflict.status.success(), || format!("another request under the same key: {}", conflict.said()));
    std::fs::remove_dir_all(&base).map_err(|e| e.to_string())
}
