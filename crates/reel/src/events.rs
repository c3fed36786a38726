//! What happens in a run, as lines of JSON: a projection of the registry's events and attempts, never a log of its own. Each line
//! says whose it is (tenant, project, episode, run) and, where it has one, stage and step; secrets are taken out where it is
//! written.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use contracts::Id;
use kit::{Clock, SystemClock, Timestamp};
use registry::{EventRow, Registry, RegistryError, RunFilter, RunRow, redacted};
use serde_json::{Map, Value, json};

use crate::verbs::process;

/// Reads on in a run's events, from where it stopped the last time.
pub struct Reader {
    registry: Registry,
    run: RunRow,
    /// Only lines of this stage.
    stage: Option<String>,
    /// The last event that was read.
    seq: i64,
    /// Attempts whose beginning was told.
    begun: BTreeSet<(String, u32)>,
    stages: BTreeMap<String, String>,
}

impl Reader {
    /// A reader from the run's beginning.
    pub fn new(registry: Registry, run: RunRow, stage: Option<String>) -> Self {
        Self { registry, run, stage, seq: 0, begun: BTreeSet::new(), stages: BTreeMap::new() }
    }

    /// The lines since the last time, and whether the run has ended (and all of it was told).
    pub async fn read(&mut self) -> Result<(Vec<Value>, bool), RegistryError> {
        // Looked at before its events: those of its end are then among them.
        let ended = self.registry.run(&self.run.id).await?.is_none_or(|run| run.ended.is_some());
        let mut events = Vec::new();
        loop {
            let page = self.registry.events(Some(&self.run.id), self.seq, 5_000).await?;
            let Some(last) = page.last() else { break };
            self.seq = last.seq;
            events.extend(page);
        }
        let steps = self.registry.steps(&self.run.id).await?;
        self.stages.extend(steps.iter().map(|s| (s.step.name.clone(), s.step.stage.clone())));
        let queues: BTreeMap<&str, &str> = steps.iter().map(|s| (s.step.name.as_str(), s.step.queue.as_str())).collect();
        let mut lines: Vec<(i64, u8, Value)> = Vec::new();
        for attempt in self.registry.attempts(&self.run.id).await? {
            if self.begun.insert((attempt.step.clone(), attempt.n)) {
                let queue = queues.get(attempt.step.as_str()).copied().unwrap_or_default();
                let more = json!({"step": attempt.step, "attempt": attempt.n, "owner": attempt.owner, "queue": queue});
                lines.push((attempt.started.ms(), 1, self.line(None, attempt.started, "step_started", more)));
            }
        }
        for EventRow { seq, at, kind, json, .. } in events {
            // What was planned comes before what was begun in the same moment, what has ended after it.
            let order = if kind.ends_with("_started") { 0 } else { 2 };
            lines.push((at.ms(), order, self.line(Some(seq), at, &kind, json)));
        }
        lines.sort_by_key(|(at, order, line)| (*at, *order, line["seq"].as_i64()));
        let wanted = |line: &Value| self.stage.as_ref().is_none_or(|stage| line["stage"].as_str() == Some(stage));
        Ok((lines.into_iter().map(|(_, _, line)| line).filter(wanted).collect(), ended))
    }

    fn line(&self, seq: Option<i64>, at: Timestamp, kind: &str, more: Value) -> Value {
        let mut line = Map::new();
        line.insert("event".into(), json!(kind));
        line.insert("at".into(), json!(at.rfc3339()));
        if let Some(seq) = seq {
            line.insert("seq".into(), json!(seq));
        }
        line.insert("level".into(), json!(level(kind)));
        line.insert("tenant".into(), json!(self.run.tenant));
        line.insert("run".into(), json!(self.run.id));
        line.insert("project".into(), json!(self.run.project));
        line.insert("episode".into(), json!(self.run.episode));
        if let Value::Object(more) = more {
            if let (None, Some(step)) = (more.get("stage"), more.get("step").and_then(Value::as_str))
                && let Some(stage) = self.stages.get(step)
            {
                line.insert("stage".into(), json!(stage));
            }
            // What an event says never takes the place of whose it is.
            for (name, value) in more {
                line.entry(name).or_insert(value);
            }
        }
        redacted(Value::Object(line))
    }
}

/// How loud an event is.
fn level(kind: &str) -> &'static str {
    match kind {
        "step_failed" | "run_interrupted" => "error",
        "lease_lost" | "step_refused" | "step_stopped" | "memo_kept" | "memo_lost" | "content_lost" | "made_again" | "step_retried" => {
            "warn"
        }
        _ => "info",
    }
}

/// Writes lines to standard output. `false` when nobody reads on.
pub fn write(lines: &[Value]) -> bool {
    let mut out = std::io::stdout().lock();
    lines.iter().all(|line| writeln!(out, "{line}").is_ok()) && out.flush().is_ok()
}

/// Waits for a ring, at most so long. Registered by the caller's look before, so that nothing is missed for longer than that.
pub async fn rung(registry: &Registry, most: Duration) {
    let _ = tokio::time::timeout(most, registry.woken().notified()).await;
}

/// The longest between two looks at a run that is going: a step's beginning rings nobody.
pub const LOOK: Duration = Duration::from_millis(500);

/// Writes what happens in the run of this process while it is made, beside whoever makes it.
pub struct Follower {
    done: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Follower {
    /// Follows the first run that this process begins from now on.
    pub fn start() -> Self {
        let (done, begun) = (Arc::new(AtomicBool::new(false)), SystemClock::new().now_utc());
        let told = Arc::clone(&done);
        let thread = std::thread::Builder::new().name("events".into()).spawn(move || {
            // Where the home cannot be opened the run says so.
            let _ = crate::verbs::with_registry(|registry, runtime| {
                let _ = runtime.block_on(follow(registry, begun, &told));
                Ok(())
            });
        });
        Self { done, thread: thread.ok() }
    }

    /// Writes what is left, when the run has ended.
    pub fn finish(mut self) {
        self.done.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn follow(registry: &Registry, begun: Timestamp, done: &AtomicBool) -> Result<(), RegistryError> {
    let own = std::process::id().to_string();
    let mut reader: Option<Reader> = None;
    loop {
        let last = done.load(Ordering::SeqCst);
        if reader.is_none() {
            let filter = RunFilter { project: None, episode: None, limit: 20 };
            let rows = registry.runs(&crate::shop::tenant(), &filter).await?;
            // A run of an earlier process that had the same number has begun before.
            let row = rows.into_iter().find(|row| process(&row.owner) == own && row.started.ms() >= begun.ms() - 1_000);
            reader = row.map(|row| Reader::new(registry.clone(), row, None));
        }
        if let Some(reader) = &mut reader
            && !write(&reader.read().await?.0)
        {
            return Ok(());
        }
        if last {
            return Ok(());
        }
        rung(registry, Duration::from_millis(100)).await;
    }
}

/// The run with this id in all its lines, by stage; lines without one are under `run`.
pub async fn by_stage(registry: &Registry, run: &Id) -> Result<BTreeMap<String, Vec<Value>>, RegistryError> {
    let mut stages: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    if let Some(row) = registry.run(run).await? {
        for line in Reader::new(registry.clone(), row, None).read().await?.0 {
            stages.entry(line["stage"].as_str().unwrap_or("run").to_owned()).or_default().push(line);
        }
    }
    Ok(stages)
}
