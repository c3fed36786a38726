//! F11: a holder that is stopped (SIGSTOP) while it works, beyond its lease. Another takes over; let go on, it comes too late,
//! and its result is refused. One that beats is never relieved, however long it works.

use std::sync::Arc;
use std::time::Duration;

use orchestrator::{Queue, RunSpec, Runner, Silent, Worker};

use crate::after::Journal;
use crate::hands::{Hand, Place, beside, ended, outside_of_a_commit, signal, wait_for};
use crate::run::Tally;
use crate::trivial::{Ledger, Trivial, TrivialKinds, block_on, open, spec, steps};
use crate::world::{Golden, World, in_parallel};

/// Who is stopped, where, and when it goes on.
#[derive(Clone, Copy, Debug)]
struct Case {
    /// The worker; else the run's own process.
    worker: bool,
    point: &'static str,
    nth: u32,
    /// As soon as its step was taken from it; else when the film is finished.
    early: bool,
}

pub fn run(world: &World) -> Result<Tally, String> {
    let golden = world.golden()?;
    let mut cases = vec![
        Case { worker: true, point: "orchestrator.after_step", nth: 1, early: true },
        Case { worker: false, point: "orchestrator.after_step shots/", nth: 1, early: true },
    ];
    if world.plan.long {
        for early in [true, false] {
            for point in ["orchestrator.before_step", "orchestrator.after_step", "files.filled", "files.named"] {
                cases.extend((1..=3).map(|nth| Case { worker: true, point, nth, early }));
            }
        }
        for point in ["orchestrator.before_step assets/", "orchestrator.after_step assets/", "orchestrator.before_step shots/"] {
            cases.extend((1..=2).map(|nth| Case { worker: false, point, nth, early: true }));
        }
    }
    let mut tally = Tally::default();
    let outcomes = in_parallel(&cases, |at, case| zombie(world, golden, at, case));
    let (mut refused, mut missed) = (0, 0);
    for (case, outcome) in cases.iter().zip(outcomes) {
        match outcome {
            Ok(Some(late)) => {
                refused += late;
                tally.case(Ok(()));
            }
            Ok(None) => missed += 1,
            Err(why) => tally.case(Err(format!("{case:?}: {why}"))),
        }
    }
    if missed > 0 {
        tally.skipped.push((missed, "that often it did not come to the point before the run ended".into()));
    }
    if world.plan.long {
        tally.case(in_a_commit(world, golden).map_err(|why| format!("stopped in the middle of a commit: {why}")));
    }
    let holdings = if world.plan.long { 1_000 } else { 96 };
    tally.case(beating(world, holdings).map_err(|why| format!("heart-beating holders: {why}")));
    tally.note = format!("{refused} late results refused; {holdings} holders that beat for two leases and a half, none relieved");
    Ok(tally)
}

/// How many late results were refused; nothing when the point was not reached.
fn zombie(world: &World, golden: &Golden, at: usize, case: &Case) -> Result<Option<usize>, String> {
    let place = Place::new(world, &format!("zombie-{at}"))?;
    let point = format!("{}=stop@{}", case.point, case.nth);
    let hand = Hand::start(world, &place, "hand", if case.worker { &point } else { "" }, None)?;
    let mut command = place.produce(world);
    if !case.worker {
        command.env("REELWRIGHT_FAILPOINT", &point);
    }
    let lost = || Journal::read(&place.home).ok().flatten().is_some_and(|j| j.attempts.iter().any(|a| a.outcome == "lost"));
    let run = if case.worker {
        let run = beside(command);
        if wait_for(|| hand.stopped() || run.is_finished()) && hand.stopped() {
            hand.settle(&place.home)?;
        }
        let goes_on = wait_for(|| run.is_finished() || (case.early && hand.stopped() && lost()));
        let run = if goes_on && case.early && hand.stopped() && lost() {
            hand.go_on()?;
            ended(run)?
        } else {
            ended(run)?
        };
        if hand.stopped() {
            hand.go_on()?;
        }
        run
    } else {
        // The run's own process: it is started by hand, for its id.
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let mut child = command.spawn().map_err(|e| e.to_string())?;
        let state = |pid: u32| std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let stands = || state(child.id()).rsplit(") ").next().is_some_and(|s| s.starts_with('T'));
        if wait_for(stands) {
            outside_of_a_commit(child.id(), &place.home)?;
        }
        let gone = || !std::path::Path::new(&format!("/proc/{}", child.id())).exists() || state(child.id()).contains(") Z");
        // Let go on for a moment, to get out of a commit, it may have come to stand between two steps: then nobody has anything to
        // take over from it. A signal takes its time: it is asked again until one or the other is seen.
        let idle = || stands() && !holds_a_step(&place.home, child.id()) && !lost();
        let seen = wait_for(|| (stands() && lost()) || gone() || idle());
        if idle() {
            signal("CONT", child.id())?;
            let status = child.wait().map_err(|e| e.to_string())?;
            hand.end()?;
            place.holds(golden)?;
            place.remove()?;
            return if status.success() { Ok(None) } else { Err(format!("the run failed after it was let go on: {status}")) };
        }
        if stands() {
            signal("CONT", child.id())?;
        }
        if !seen {
            let held = holds_a_step(&place.home, child.id());
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("the run stood still and nobody took over; that it holds a step is {held}"));
        }
        let status = child.wait().map_err(|e| e.to_string())?;
        if !status.success() {
            return Err(format!("the run failed after it was let go on: {status}"));
        }
        // Its answer is that of the same command again, of which nothing runs.
        crate::world::finish(place.produce(world))?
    };
    if !run.status.success() {
        return Err(format!("the run failed: {}", run.said()));
    }
    let said = hand.end()?;
    let journal = place.holds(golden)?;
    let lost = journal.attempts.iter().filter(|a| a.outcome == "lost").count();
    let of = |a: &&crate::after::Attempt, outcome: &str| a.outcome == outcome;
    for a in journal.attempts.iter().filter(|a| of(a, "lost")) {
        let others = journal.attempts.iter().filter(|b| b.run == a.run && b.step == a.step && of(b, "done"));
        let done: Vec<&str> = others.map(|b| b.owner.as_str()).collect();
        // Who was let go on may take it anew, under another fence.
        if done.len() != 1 {
            return Err(format!("step {} was taken from {}, and was finished by {done:?}", a.step, a.owner));
        }
    }
    place.remove()?;
    if lost == 0 {
        return Ok(None);
    }
    if case.worker && said["late"].as_u64() != Some(lost as u64) {
        return Err(format!("{lost} steps were taken from the worker, and of its results it says: {said}"));
    }
    Ok(Some(lost))
}

/// Whether a step is on its way in the process of this id, which stands in the name it signs with.
fn holds_a_step(home: &std::path::Path, pid: u32) -> bool {
    let (pid, journal) = (pid.to_string(), Journal::read(home).ok().flatten());
    journal.is_some_and(|j| j.attempts.iter().any(|a| a.outcome.is_empty() && a.owner.split('-').nth(1) == Some(pid.as_str())))
}

/// A worker that is stopped while it holds the database's lock: the run says so by name when it has waited long enough, and
/// nothing is lost.
fn in_a_commit(world: &World, golden: &Golden) -> Result<(), String> {
    let place = Place::new(world, "zombie-commit")?;
    let hand = Hand::start(world, &place, "hand", "registry.before_commit=stop@1", None)?;
    let run = ended(beside(place.produce(world)))?;
    let stuck = hand.stopped();
    if stuck && run.json["error"]["code"] != "registry.locked" {
        return Err(format!("the run was to say that somebody holds the database: {}", run.said()));
    }
    hand.go_on()?;
    let again = ended(beside(place.produce(world)))?;
    if !again.status.success() {
        return Err(format!("with the worker going on: {}", again.said()));
    }
    hand.end()?;
    place.holds(golden)?;
    place.remove()?;
    if stuck { Ok(()) } else { Err("it was not stopped".into()) }
}

/// Holders that work for two leases and a half and beat: none is relieved, and nothing is done twice.
fn beating(world: &World, holdings: usize) -> Result<(), String> {
    const LEASE: Duration = Duration::from_millis(1_000);
    let dir = world.folder("beating")?;
    block_on(async {
        let (own, other) = (open(&dir).await?, open(&dir).await?);
        let ledger = Ledger::default();
        let slow = Trivial::new("slow", "slow", &ledger).taking(LEASE * 5 / 2);
        let kinds = Arc::new(TrivialKinds { pattern: slow });
        let worker = Worker::new(other, kinds, &Queue::ALL, 128, LEASE, Arc::new(Silent));
        let stop = worker.stopper();
        let worker = tokio::spawn(worker.run());
        let runner = Runner::start(own.clone(), RunSpec { lease: LEASE, jobs: 1, ..spec("beating") }, Arc::new(Silent)).await;
        let runner = runner.map_err(|e| e.to_string())?;
        let results = runner.stage("slow", steps(holdings, &Trivial::new("", "", &ledger).taking(LEASE * 5 / 2))).await;
        stop();
        let worked = worker.await.map_err(|e| e.to_string())?.map_err(|e| e.to_string())?;
        results.map_err(|e| e.to_string())?;
        let attempts = own.attempts(runner.run_id()).await.map_err(|e| e.to_string())?;
        let relieved = attempts.iter().filter(|a| a.outcome.as_deref() != Some("done")).count();
        if relieved > 0 || worked.late > 0 || ledger.most() != 1 || ledger.all() != holdings {
            return Err(format!(
                "{relieved} relieved, {} late, {} ran of {holdings}, one of them {} times",
                worked.late,
                ledger.all(),
                ledger.most()
            ));
        }
        Ok(())
    })
}
