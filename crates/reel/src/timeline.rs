//! How a run went, read off the registry: steps with their attempts, waits and workers; stages; queues. A projection of what is
//! recorded, made anew at every look, true of a run that is going, waits, has failed or was cut off.

use std::collections::BTreeMap;

use contracts::run::WorkUse;
use registry::{AttemptRow, Control, EventRow, Registry, RegistryError, ReviewRow, RunRow, StepRow, StepState};
use serde_json::{Value, json};

/// The queue of other people's services.
const EXTERNAL: &str = "external_ai";

/// One try at a step.
pub struct Attempt {
    /// From 1.
    pub n: u32,
    /// Who tried, by the name it signs with.
    pub owner: String,
    /// Milliseconds after the run's start.
    pub started_ms: u64,
    /// The same, of its end; `None` while it runs.
    pub ended_ms: Option<u64>,
    /// `done`, `failed`, `lost` or `stopped`; `running` before its end.
    pub outcome: String,
    /// Why it failed.
    pub error: Option<String>,
}

/// One step of a run.
pub struct Step {
    pub name: String,
    pub stage: String,
    pub kind: String,
    pub kind_version: u32,
    pub queue: String,
    pub key: contracts::Hash,
    /// As the registry names it, and `stopped`.
    pub state: &'static str,
    pub hit: bool,
    /// Milliseconds after the run's start at which it was ready.
    pub ready_ms: u64,
    /// Milliseconds it was ready and nobody had taken it, all attempts together.
    pub wait_ms: u64,
    /// Milliseconds its attempts took, all together.
    pub work_ms: u64,
    pub attempts: Vec<Attempt>,
    pub error: Option<String>,
}

/// A stage: its steps together.
#[derive(Default)]
pub struct Stage {
    pub name: String,
    /// Milliseconds after the run's start at which its first step was ready, and at which the last one ended.
    pub begin_ms: u64,
    pub end_ms: u64,
    pub steps: u64,
    pub hits: u64,
    pub done: u64,
    pub running: u64,
    pub ready: u64,
    pub failed: u64,
    /// Attempts after the first one of their step.
    pub retries: u64,
    pub wait_ms: u64,
    pub work_ms: u64,
}

/// A queue: its steps together.
#[derive(Default)]
pub struct Queue {
    pub steps: u64,
    pub wait_ms: u64,
    pub longest_wait_ms: u64,
    pub work_ms: u64,
    /// Wall time in which steps of this queue were ready, and none of the run was worked on.
    pub stalled_ms: u64,
}

/// Who worked.
pub struct Hand {
    pub owner: String,
    /// The run's own process, or another one.
    pub own: bool,
    pub steps: u64,
    pub work_ms: u64,
}

/// A whole run.
pub struct Timeline {
    pub row: RunRow,
    /// The command that makes it again.
    pub again: Option<Vec<String>>,
    /// What it waits for a person to decide.
    pub waits: Vec<ReviewRow>,
    pub steps: Vec<Step>,
    pub stages: Vec<Stage>,
    pub queues: BTreeMap<String, Queue>,
    pub hands: Vec<Hand>,
    /// Wall time of the run so far, in milliseconds.
    pub elapsed_ms: u64,
    /// All of it together.
    pub work: WorkUse,
}

impl Timeline {
    /// Reads a run.
    pub async fn of(registry: &Registry, row: RunRow) -> Result<Self, RegistryError> {
        let run = row.id.clone();
        let (steps, attempts) = (registry.steps(&run).await?, registry.attempts(&run).await?);
        let events = all_events(registry, &run).await?;
        let again = row.request.clone();
        let waits = waits(registry, &row).await?;
        let now = registry.clock().now_utc().ms();
        Ok(Self::told(row, again, waits, steps, &attempts, &events, now))
    }

    fn told(
        row: RunRow,
        again: Option<Vec<String>>,
        waits: Vec<ReviewRow>,
        rows: Vec<StepRow>,
        attempts: &[AttemptRow],
        events: &[EventRow],
        now: i64,
    ) -> Self {
        let start = row.started.ms();
        // A clock that was set back gives no negative times.
        let at = |ms: i64| u64::try_from(ms - start).unwrap_or(0);
        let end = row.ended.map_or(now, |end| end.ms()).max(start);
        let elapsed_ms = at(end);
        let mut tried: BTreeMap<&str, Vec<&AttemptRow>> = BTreeMap::new();
        attempts.iter().for_each(|a| tried.entry(a.step.as_str()).or_default().push(a));
        let mut steps = Vec::with_capacity(rows.len());
        for step in rows {
            let tries = tried.remove(step.step.name.as_str()).unwrap_or_default();
            steps.push((step.step.place, step_told(&step, &tries, start, end)));
        }
        steps.sort_by(|a, b| (a.0, &a.1.name).cmp(&(b.0, &b.1.name)));
        let steps: Vec<Step> = steps.into_iter().map(|(_, step)| step).collect();
        let work = sums(&steps, &row.owner, events, elapsed_ms);
        let stages = stages(&steps, elapsed_ms);
        let queues = queues(&steps, elapsed_ms);
        let hands = hands(&steps, &row.owner);
        Self { row, again, waits, stages, queues, hands, elapsed_ms, work, steps }
    }

    /// How it stands, in a word.
    pub fn word(&self) -> &str {
        match (self.row.ended, self.row.control) {
            _ if !self.waits.is_empty() => "waits",
            (None, Some(Control::Pause)) => "paused",
            (None, Some(Control::Drain)) => "draining",
            (None, Some(Control::Cancel)) => "stopping",
            _ => &self.row.status,
        }
    }

    /// Time in which work was ready and nothing was worked on, in thousandths of the run's time.
    pub fn stalled_permille(&self) -> u64 {
        (self.work.stalled_ms * 1000).checked_div(self.elapsed_ms).unwrap_or(0)
    }

    /// All of it, for programs.
    pub fn json(&self) -> Value {
        let steps: Vec<Value> = self.steps.iter().map(Step::json).collect();
        let stages: Vec<Value> = self
            .stages
            .iter()
            .map(|s| {
                json!({
                    "stage": s.name, "begin_ms": s.begin_ms, "end_ms": s.end_ms, "steps": s.steps, "hits": s.hits, "done": s.done,
                    "running": s.running, "ready": s.ready, "failed": s.failed, "retries": s.retries, "wait_ms": s.wait_ms, "work_ms": s.work_ms,
                })
            })
            .collect();
        let queues: Vec<Value> = self
            .queues
            .iter()
            .map(|(name, q)| {
                json!({
                    "queue": name, "steps": q.steps, "wait_ms": q.wait_ms, "longest_wait_ms": q.longest_wait_ms, "work_ms": q.work_ms,
                    "stalled_ms": q.stalled_ms,
                })
            })
            .collect();
        let hands: Vec<Value> =
            self.hands.iter().map(|h| json!({"owner": h.owner, "own": h.own, "steps": h.steps, "work_ms": h.work_ms})).collect();
        json!({
            "elapsed_ms": self.elapsed_ms, "steps": steps, "stages": stages, "queues": queues, "workers": hands, "work": self.work,
            "stalled_permille": self.stalled_permille(), "waits_for": self.waits.iter().map(review).collect::<Vec<_>>(),
            "control": self.row.control.map(Control::as_str), "again": self.again,
        })
    }
}

impl Step {
    fn json(&self) -> Value {
        let attempts: Vec<Value> = self
            .attempts
            .iter()
            .map(|a| {
                let mut out = json!({"n": a.n, "owner": a.owner, "started_ms": a.started_ms, "ended_ms": a.ended_ms, "outcome": a.outcome});
                if let Some(error) = &a.error {
                    out["error"] = json!(error);
                }
                out
            })
            .collect();
        let mut out = json!({
            "step": self.name, "stage": self.stage, "kind": self.kind, "kind_version": self.kind_version, "queue": self.queue,
            "key": self.key, "state": self.state, "hit": self.hit, "ready_ms": self.ready_ms, "wait_ms": self.wait_ms,
            "work_ms": self.work_ms, "attempts": attempts,
        });
        if let Some(error) = &self.error {
            out["error"] = json!(error);
        }
        out
    }
}

/// What a run waits for, for programs: with the words that decide.
pub fn review(review: &ReviewRow) -> Value {
    json!({
        "point": review.point, "what": review.what, "subject": review.subject, "since": review.at.rfc3339(),
        "approve": ["reel", "approve", review.run.as_str(), review.point.as_str()],
        "reject": ["reel", "reject", review.run.as_str(), review.point.as_str()],
    })
}

/// What a run still waits for: what was decided about the same content elsewhere is decided here too.
pub async fn waits(registry: &Registry, row: &RunRow) -> Result<Vec<ReviewRow>, RegistryError> {
    let mut open = Vec::new();
    for review in registry.reviews(Some(&row.id)).await? {
        if registry.decided(&row.tenant, &review.point, &review.subject).await?.is_none() {
            open.push(review);
        }
    }
    Ok(open)
}

/// All events of a run, however many.
pub async fn all_events(registry: &Registry, run: &contracts::Id) -> Result<Vec<EventRow>, RegistryError> {
    const PAGE: u32 = 5_000;
    let mut all: Vec<EventRow> = Vec::new();
    loop {
        let page = registry.events(Some(run), all.last().map_or(0, |e| e.seq), PAGE).await?;
        let last = page.len() < PAGE as usize;
        all.extend(page);
        if last {
            return Ok(all);
        }
    }
}

/// The sums of a run, for its summary.
pub async fn work_of(registry: &Registry, run: &contracts::Id) -> Result<WorkUse, RegistryError> {
    let Some(row) = registry.run(run).await? else { return Ok(WorkUse::default()) };
    Ok(Timeline::of(registry, row).await?.work)
}

fn step_told(row: &StepRow, tries: &[&AttemptRow], start: i64, end: i64) -> Step {
    let at = |ms: i64| u64::try_from(ms - start).unwrap_or(0);
    let span = |from: i64, to: i64| u64::try_from(to - from).unwrap_or(0);
    let (mut wait_ms, mut work_ms) = (0, 0);
    let mut attempts = Vec::with_capacity(tries.len());
    // It is ready from when it was put in, and again from the end of each attempt that was not its last.
    let moments = [row.enqueued.map(|t| t.ms()), tries.first().map(|t| t.started.ms())];
    let mut ready = moments.into_iter().flatten().min().unwrap_or(start);
    let ready_ms = at(ready);
    for attempt in tries {
        let (from, to) = (attempt.started.ms(), attempt.ended.map_or(end, |t| t.ms()));
        wait_ms += span(ready, from);
        work_ms += span(from, to);
        ready = to;
        let stopped = attempt.error.as_ref().is_some_and(|e| e.starts_with("orchestrator.cancelled"));
        let outcome = match attempt.outcome.as_deref() {
            Some("failed") if stopped => "stopped",
            Some(outcome) => outcome,
            None => "running",
        };
        attempts.push(Attempt {
            n: attempt.n,
            owner: attempt.owner.clone(),
            started_ms: at(from),
            ended_ms: attempt.ended.map(|t| at(t.ms())),
            outcome: outcome.to_owned(),
            error: attempt.error.clone(),
        });
    }
    if row.state == StepState::Ready {
        wait_ms += span(ready, end);
    }
    let stopped = attempts.last().is_some_and(|a| a.outcome == "stopped");
    let state = match row.state {
        StepState::Failed if stopped => "stopped",
        state => state.as_str(),
    };
    Step {
        name: row.step.name.clone(),
        stage: row.step.stage.clone(),
        kind: row.step.kind.clone(),
        kind_version: row.step.kind_version,
        queue: row.step.queue.clone(),
        key: row.step.memo_key.clone(),
        state,
        hit: row.hit,
        ready_ms,
        wait_ms,
        work_ms,
        attempts,
        error: row.error.clone(),
    }
}

fn stages(steps: &[Step], elapsed: u64) -> Vec<Stage> {
    let mut stages: Vec<Stage> = Vec::new();
    for step in steps {
        let at = match stages.iter().position(|s| s.name == step.stage) {
            Some(at) => at,
            None => {
                stages.push(Stage { name: step.stage.clone(), begin_ms: u64::MAX, ..Stage::default() });
                stages.len() - 1
            }
        };
        let stage = &mut stages[at];
        let end = match step.attempts.last() {
            Some(last) => last.ended_ms.unwrap_or(elapsed),
            None if step.state == "ready" => elapsed,
            None => step.ready_ms,
        };
        stage.begin_ms = stage.begin_ms.min(step.ready_ms);
        stage.end_ms = stage.end_ms.max(end);
        stage.steps += 1;
        stage.hits += u64::from(step.hit);
        stage.done += u64::from(step.state == "done");
        stage.running += u64::from(step.state == "running");
        stage.ready += u64::from(step.state == "ready");
        stage.failed += u64::from(matches!(step.state, "failed" | "dead" | "lost" | "stopped"));
        stage.retries += (step.attempts.len() as u64).saturating_sub(1);
        stage.wait_ms += step.wait_ms;
        stage.work_ms += step.work_ms;
    }
    stages
}

fn queues(steps: &[Step], elapsed: u64) -> BTreeMap<String, Queue> {
    let mut queues: BTreeMap<String, Queue> = BTreeMap::new();
    let busy = busy(steps, elapsed);
    for step in steps.iter().filter(|s| !s.hit) {
        let queue = queues.entry(step.queue.clone()).or_default();
        queue.steps += 1;
        queue.wait_ms += step.wait_ms;
        queue.longest_wait_ms = queue.longest_wait_ms.max(step.wait_ms);
        queue.work_ms += step.work_ms;
    }
    for (name, queue) in &mut queues {
        let of: Vec<&Step> = steps.iter().filter(|s| s.queue == *name).collect();
        queue.stalled_ms = without(&idle(&of, elapsed), &busy);
    }
    queues
}

/// Spans in which steps were ready and not taken.
fn idle(steps: &[&Step], elapsed: u64) -> Vec<(u64, u64)> {
    let mut spans = Vec::new();
    for step in steps.iter().filter(|s| !s.hit) {
        let mut ready = step.ready_ms;
        for attempt in &step.attempts {
            spans.push((ready, attempt.started_ms));
            ready = attempt.ended_ms.unwrap_or(elapsed);
        }
        if step.state == "ready" {
            spans.push((ready, elapsed));
        }
    }
    union(spans)
}

/// Spans in which something was worked on.
fn busy(steps: &[Step], elapsed: u64) -> Vec<(u64, u64)> {
    let attempts = steps.iter().flat_map(|s| &s.attempts);
    union(attempts.map(|a| (a.started_ms, a.ended_ms.unwrap_or(elapsed))).collect())
}

fn union(mut spans: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
    spans.retain(|(from, to)| from < to);
    spans.sort_unstable();
    let mut out: Vec<(u64, u64)> = Vec::new();
    for (from, to) in spans {
        match out.last_mut() {
            Some(last) if last.1 >= from => last.1 = last.1.max(to),
            _ => out.push((from, to)),
        }
    }
    out
}

/// How long the spans of `one` are outside those of `other`; both in order and apart.
fn without(one: &[(u64, u64)], other: &[(u64, u64)]) -> u64 {
    let covered = |(from, to): (u64, u64)| -> u64 { other.iter().map(|&(a, b)| b.min(to).saturating_sub(a.max(from))).sum() };
    one.iter().map(|&span| span.1 - span.0 - covered(span)).sum()
}

fn hands(steps: &[Step], own: &str) -> Vec<Hand> {
    let mut by: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for step in steps {
        for attempt in &step.attempts {
            let entry = by.entry(&attempt.owner).or_default();
            entry.0 += u64::from(attempt.outcome == "done");
            entry.1 += attempt.ended_ms.map_or(0, |end| end.saturating_sub(attempt.started_ms));
        }
    }
    let mut hands: Vec<Hand> =
        by.into_iter().map(|(owner, (steps, work_ms))| Hand { owner: owner.to_owned(), own: owner == own, steps, work_ms }).collect();
    hands.sort_by_key(|h| !h.own);
    hands
}

/// What a service that was paid or asked reports, as the broker will write it: `spent` events carry tokens.
fn sums(steps: &[Step], own: &str, events: &[EventRow], elapsed: u64) -> WorkUse {
    let mut work = WorkUse::default();
    for step in steps {
        work.attempts += step.attempts.len() as u64;
        work.retries += (step.attempts.len() as u64).saturating_sub(1);
        for attempt in &step.attempts {
            work.failures += u64::from(attempt.outcome == "failed");
            work.lost += u64::from(attempt.outcome == "lost");
        }
        if let Some(last) = step.attempts.last().filter(|a| a.outcome == "done") {
            if step.queue == EXTERNAL {
                work.external_steps += 1;
            } else {
                work.local_steps += 1;
            }
            work.elsewhere += u64::from(last.owner != own);
        }
        work.work_ms += step.work_ms;
        work.wait_ms += if step.hit { 0 } else { step.wait_ms };
    }
    let all: Vec<&Step> = steps.iter().collect();
    work.stalled_ms = without(&idle(&all, elapsed), &busy(steps, elapsed));
    for event in events.iter().filter(|e| e.kind == "spent") {
        work.tokens_in += event.json["tokens_in"].as_u64().unwrap_or(0);
        work.tokens_out += event.json["tokens_out"].as_u64().unwrap_or(0);
    }
    work
}

#[cfg(test)]
mod tests {
    use contracts::{Hash, Id};
    use kit::Timestamp;
    use registry::{Grade, NewStep};

    use super::*;

    const START: i64 = 1_000_000;

    fn run(ended: Option<i64>) -> RunRow {
        RunRow {
            id: Id::slug("r"),
            tenant: Id::slug("local"),
            project: Id::slug("p"),
            episode: 1,
            status: "running".into(),
            owner: "1-100-0".into(),
            started: Timestamp(START),
            ended: ended.map(|ms| Timestamp(START + ms)),
            out_dir: None,
            look: false,
            request: None,
            summary: None,
            error: None,
            control: None,
        }
    }

    fn step(name: &str, queue: &str, state: StepState, ready: i64) -> StepRow {
        let step = NewStep {
            run: Id::slug("r"),
            name: name.into(),
            stage: "s".into(),
            kind: "k".into(),
            kind_version: 1,
            grade: Grade::Pure,
            memo_key: Hash::of(name.as_bytes()),
            queue: queue.into(),
            place: 0,
            spec: None,
            timeout_ms: None,
        };
        let enqueued = Some(Timestamp(START + ready));
        StepRow { step, state, lease: None, fence: 0, attempt: 1, hit: false, enqueued, started: None, ended: None, error: None }
    }

    fn attempt(step: &str, n: u32, owner: &str, from: i64, to: Option<i64>, outcome: Option<&str>) -> AttemptRow {
        AttemptRow {
            step: step.into(),
            n,
            owner: owner.into(),
            fence: 1,
            started: Timestamp(START + from),
            ended: to.map(|ms| Timestamp(START + ms)),
            outcome: outcome.map(str::to_owned),
            error: None,
        }
    }

    fn event(kind: &str, json: Value) -> EventRow {
        EventRow { seq: 1, run: None, at: Timestamp(START), kind: kind.into(), json }
    }

    #[test]
    fn waits_work_and_hands_are_counted_once_each() {
        let steps = vec![
            step("a", "cpu", StepState::Done, 0),
            step("b", "external_ai", StepState::Done, 0),
            step("c", "cpu", StepState::Ready, 100),
        ];
        let attempts = [
            attempt("a", 1, "1-200-0", 10, Some(30), Some("lost")),
            attempt("a", 2, "1-100-0", 40, Some(60), Some("done")),
            attempt("b", 1, "1-300-0", 20, Some(50), Some("done")),
        ];
        let events = [
            event("spent", json!({"tokens_in": 7, "tokens_out": 5})),
            event("spent", json!({"tokens_in": 3})),
            event("other", json!({"tokens_in": 9})),
        ];
        let line = Timeline::told(run(Some(150)), None, Vec::new(), steps, &attempts, &events, START + 999);
        let work = line.work;
        assert_eq!((work.attempts, work.retries, work.failures, work.lost), (3, 1, 0, 1));
        assert_eq!(
            (work.local_steps, work.external_steps, work.elsewhere),
            (1, 1, 1),
            "a was ended by the run's own process, b by another"
        );
        assert_eq!(work.work_ms, 20 + 20 + 30);
        // a: 0..10 and 30..40; b: 0..20; c: 100..150, when the run ended.
        assert_eq!(work.wait_ms, 20 + 20 + 50);
        // Nothing was at work in 0..10 and in 100..150.
        assert_eq!((work.stalled_ms, line.elapsed_ms, line.stalled_permille()), (60, 150, 400));
        assert_eq!((work.tokens_in, work.tokens_out), (10, 5));
        assert_eq!(line.queues["cpu"].wait_ms + line.queues["external_ai"].wait_ms, work.wait_ms);
        assert_eq!((line.queues["cpu"].longest_wait_ms, line.queues["external_ai"].stalled_ms), (50, 10));
        assert_eq!(line.hands.iter().map(|h| (h.own, h.steps)).collect::<Vec<_>>(), [(true, 1), (false, 0), (false, 1)]);
        let stage = &line.stages[0];
        assert_eq!((stage.begin_ms, stage.end_ms, stage.retries, stage.ready), (0, 150, 1, 1));
    }

    #[test]
    fn a_clock_that_was_set_back_gives_no_negative_times() {
        let attempts = [attempt("a", 1, "1-100-0", -500, Some(-400), Some("done"))];
        let steps = vec![step("a", "cpu", StepState::Done, -900)];
        let line = Timeline::told(run(None), None, Vec::new(), steps, &attempts, &[], START - 5_000);
        assert_eq!((line.elapsed_ms, line.stalled_permille()), (0, 0));
        assert_eq!((line.steps[0].work_ms, line.steps[0].wait_ms, line.steps[0].ready_ms), (100, 400, 0));
        assert_eq!(line.work.work_ms, 100);
    }

    #[test]
    fn what_runs_is_counted_up_to_now() {
        let attempts = [attempt("a", 1, "1-100-0", 10, None, None)];
        let line = Timeline::told(run(None), None, Vec::new(), vec![step("a", "cpu", StepState::Running, 0)], &attempts, &[], START + 110);
        assert_eq!((line.steps[0].work_ms, line.steps[0].attempts[0].outcome.as_str(), line.word()), (100, "running", "running"));
        assert_eq!(line.work.stalled_ms, 10);
    }
}
