//! `reel top`: what is going on in this home now: runs, their steps, queues, workers, and what waits for a person.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal, Read, Write};
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command};
use kit::terminal::{Keys, size};
use orchestrator::Queue;
use registry::{Control, Registry, RegistryError, RunFilter, RunRow, StepRow, StepState, WorkerRow};
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};

use super::{
    Offer, Report, Verb,
    runs::with_registry,
    show::{cut, process, seconds},
};
use crate::{failure::Failure, timeline::waits};

pub const VERB: Verb = Verb { name: "top", about: "Show what is going on here, live", args, offer: Offer::No, run };

/// Runs that are looked through, the newest first.
const RUNS: u32 = 500;

/// While something is going, its times move; a step's beginning rings nobody.
const TICK: Duration = Duration::from_secs(1);

/// Rings come in showers.
const GAP: Duration = Duration::from_millis(100);

fn args(command: Command) -> Command {
    command
        .arg(Arg::new("once").long("once").action(ArgAction::SetTrue).help("Say it once and end (so it is in a pipe, and with --json)"))
        .after_help("It is drawn anew whenever something happens; `q` or Ctrl-C ends it.")
}

/// A run that is going, or waits.
struct Going {
    row: RunRow,
    steps: Vec<StepRow>,
    waits: Vec<registry::ReviewRow>,
}

impl Going {
    fn count(&self, state: StepState) -> usize {
        self.steps.iter().filter(|s| s.state == state).count()
    }

    /// The stage that was begun last.
    fn stage(&self) -> &str {
        let begun = self.steps.iter().filter(|s| !s.hit && s.started.is_some());
        begun.max_by_key(|s| s.step.place).map_or("", |s| &s.step.stage)
    }

    fn word(&self) -> &str {
        match (self.row.ended, self.row.control) {
            _ if !self.waits.is_empty() => "waits",
            (_, Some(Control::Pause)) => "paused",
            (_, Some(Control::Drain)) => "draining",
            (_, Some(Control::Cancel)) => "stopping",
            _ => &self.row.status,
        }
    }
}

/// All of it at one moment.
struct Now {
    at: i64,
    runs: Vec<Going>,
    workers: Vec<WorkerRow>,
}

impl Now {
    async fn look(registry: &Registry) -> Result<Self, RegistryError> {
        // Who has died holds nothing.
        registry.declare_lost().await?;
        let filter = RunFilter { project: None, episode: None, limit: RUNS };
        let asked: BTreeSet<contracts::Id> = registry.reviews(None).await?.into_iter().map(|review| review.run).collect();
        let mut runs = Vec::new();
        for row in registry.runs(&crate::shop::tenant(), &filter).await? {
            let waits = if asked.contains(&row.id) { waits(registry, &row).await? } else { Vec::new() };
            if row.ended.is_none() || !waits.is_empty() {
                let steps = if row.ended.is_none() { registry.steps(&row.id).await? } else { Vec::new() };
                runs.push(Going { row, steps, waits });
            }
        }
        Ok(Self { at: registry.clock().now_utc().ms(), runs, workers: registry.workers().await? })
    }

    fn live(&self) -> bool {
        self.runs.iter().any(|run| run.row.ended.is_none())
    }

    fn since(&self, from: kit::Timestamp) -> u64 {
        u64::try_from(self.at - from.ms()).unwrap_or(0)
    }

    /// Ready, running and dead steps of each queue.
    fn queues(&self) -> BTreeMap<&'static str, [usize; 3]> {
        let mut queues: BTreeMap<&'static str, [usize; 3]> = Queue::ALL.into_iter().map(|q| (q.as_str(), [0; 3])).collect();
        for step in self.runs.iter().flat_map(|run| &run.steps) {
            let at = match step.state {
                StepState::Ready => 0,
                StepState::Running => 1,
                StepState::Dead => 2,
                _ => continue,
            };
            if let Some(queue) = Queue::parse(&step.step.queue).and_then(|q| queues.get_mut(q.as_str())) {
                queue[at] += 1;
            }
        }
        queues
    }

    fn held(&self, owner: &str) -> usize {
        let steps = self.runs.iter().flat_map(|run| &run.steps);
        steps.filter(|s| s.state == StepState::Running && s.lease.as_deref() == Some(owner)).count()
    }

    fn json(&self) -> Value {
        let runs: Vec<Value> = self
            .runs
            .iter()
            .map(|run| {
                let at_work = run.steps.iter().filter(|s| s.state == StepState::Running);
                let at_work: Vec<Value> = at_work
                    .map(|s| {
                        let ms = s.started.map(|t| self.since(t));
                        json!({"step": s.step.name, "stage": s.step.stage, "queue": s.step.queue, "owner": s.lease, "ms": ms, "attempt": s.attempt})
                    })
                    .collect();
                json!({
                    "run_id": run.row.id, "project": run.row.project, "episode": run.row.episode, "status": run.row.status,
                    "word": run.word(), "control": run.row.control.map(Control::as_str), "stage": run.stage(), "ms": self.since(run.row.started),
                    "done": run.count(StepState::Done), "ready": run.count(StepState::Ready), "dead": run.count(StepState::Dead),
                    "at_work": at_work, "waits_for": run.waits.iter().map(crate::timeline::review).collect::<Vec<_>>(),
                })
            })
            .collect();
        let queues = self
            .queues()
            .into_iter()
            .map(|(name, [ready, running, dead])| json!({"queue": name, "ready": ready, "running": running, "dead": dead}));
        let workers = self.workers.iter().map(|w| {
            json!({
                "owner": w.owner, "process": process(&w.owner), "queues": w.queues, "build": w.build, "since": w.started.rfc3339(),
                "holds": self.held(&w.owner),
            })
        });
        let mut next: Vec<Vec<&str>> = Vec::new();
        for run in &self.runs {
            next.extend(run.waits.iter().map(|w| vec!["reel", "approve", run.row.id.as_str(), w.point.as_str()]));
            if run.row.control == Some(Control::Pause) {
                next.push(vec!["reel", "resume", run.row.id.as_str()]);
            }
        }
        next.extend(self.runs.iter().map(|run| vec!["reel", "show", run.row.id.as_str()]));
        if next.is_empty() {
            next.push(vec!["reel", "runs"]);
        }
        json!({
            "at": kit::Timestamp(self.at).rfc3339(), "runs": runs, "queues": queues.collect::<Vec<_>>(),
            "workers": workers.collect::<Vec<_>>(), "next_actions": next,
        })
    }

    /// As rows of at most this width.
    fn rows(&self, width: usize) -> Vec<String> {
        let live: Vec<&Going> = self.runs.iter().filter(|run| run.row.ended.is_none()).collect();
        let at_work: usize = live.iter().map(|run| run.count(StepState::Running)).sum();
        let plural = |n: usize, word: &str| if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") };
        let clock = kit::Timestamp(self.at).rfc3339();
        let waiting = self.runs.iter().filter(|run| !run.waits.is_empty()).count();
        let mut rows = vec![format!(
            "{} UTC   {}, {} at work, {}, {waiting} waiting for a person",
            &clock[11..19],
            plural(live.len(), "run"),
            at_work,
            plural(self.workers.len(), "worker"),
        )];
        let name = width.saturating_sub(45).clamp(16, 64);
        rows.push(String::new());
        if live.is_empty() {
            rows.push("nothing is going".to_owned());
        } else {
            rows.push(format!("{:<name$} {:<9} {:<12} {:>5} {:>5} {:>8}", "RUN", "STATE", "STAGE", "DONE", "READY", "TIME"));
        }
        for run in &live {
            rows.push(format!(
                "{:<name$} {:<9} {:<12} {:>5} {:>5} {:>8}",
                cut(run.row.id.as_str(), name),
                run.word(),
                cut(run.stage(), 12),
                run.count(StepState::Done),
                run.count(StepState::Ready),
                seconds(self.since(run.row.started) / 1000 * 1000)
            ));
            for step in run.steps.iter().filter(|s| s.state == StepState::Running) {
                let (ms, by) = (step.started.map_or(0, |t| self.since(t)), step.lease.as_deref().map_or("", process));
                let again = if step.attempt > 1 { format!(", attempt {}", step.attempt) } else { String::new() };
                rows.push(format!(
                    "  {:<room$} {:>8}  by {by}{again}",
                    cut(&step.step.name, name + 6),
                    seconds(ms / 100 * 100),
                    room = name + 6
                ));
            }
            for step in run.steps.iter().filter(|s| s.state == StepState::Dead) {
                rows.push(format!("  {} is dead: `reel retry {} {}`", step.step.name, run.row.id, step.step.name));
            }
        }
        let used: Vec<String> = self
            .queues()
            .into_iter()
            .filter(|(_, counts)| counts.iter().any(|n| *n > 0))
            .map(|(name, [ready, running, dead])| {
                let dead = if dead > 0 { format!(", {dead} DEAD") } else { String::new() };
                format!("{name}: {ready} ready, {running} running{dead}")
            })
            .collect();
        if !used.is_empty() {
            rows.extend([String::new(), format!("QUEUES    {}", used.join("; "))]);
        }
        for (n, worker) in self.workers.iter().enumerate() {
            if n == 0 {
                rows.push(String::new());
            }
            let own = live.iter().any(|run| run.row.owner == worker.owner);
            let queues: Vec<String> = worker.queues.iter().map(|(queue, n)| format!("{queue} {n}")).collect();
            let what = if own { "a run's own" } else { "for all runs" };
            let head = if n == 0 { "WORKERS" } else { "" };
            rows.push(format!(
                "{head:<9} {:<8} {what:<12} holds {}, room: {}",
                process(&worker.owner),
                self.held(&worker.owner),
                queues.join(", ")
            ));
        }
        for (n, (run, review)) in self.runs.iter().flat_map(|run| run.waits.iter().map(move |w| (run, w))).enumerate() {
            if n == 0 {
                rows.push(String::new());
            }
            let head = if n == 0 { "WAITS" } else { "" };
            rows.push(format!("{head:<9} {}: {}", review.point, review.what));
            rows.push(format!("          reel approve {} {}", run.row.id, review.point));
        }
        rows.iter().map(|row| cut(row.trim_end(), width)).collect()
    }

    fn text(&self, width: usize) -> String {
        self.rows(width).join("\n") + "\n"
    }
}

fn run(args: &ArgMatches) -> Result<Report, Failure> {
    let once = args.get_flag("once") || args.get_flag("json") || !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal();
    with_registry(|registry, runtime| {
        let now = if once { runtime.block_on(Now::look(registry)) } else { runtime.block_on(live(registry)) };
        let now = now.map_err(Failure::damaged)?;
        let width = size().map_or(80, |(columns, _)| columns);
        Ok(Report::new(now.json(), now.text(width)))
    })
}

/// The screen beside the one that was there, until dropped.
struct Screen(#[expect(dead_code, reason = "held, not read")] Option<Keys>);

impl Screen {
    fn open() -> Self {
        // Where keys cannot be had one by one, Ctrl-C ends it.
        let screen = Self(Keys::take().ok());
        put("\x1b[?1049h\x1b[?25l");
        screen
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        put("\x1b[?25h\x1b[?1049l");
    }
}

fn put(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Draws until somebody ends it; what was seen last.
async fn live(registry: &Registry) -> Result<Now, RegistryError> {
    let (pressed, mut keys) = tokio::sync::mpsc::unbounded_channel();
    let _screen = Screen::open();
    // Reads until the process ends: a thread that waits for a key cannot be asked to stop.
    let _ = std::thread::Builder::new().name("keys".into()).spawn(move || {
        let mut key = [0_u8];
        while std::io::stdin().read(&mut key).is_ok_and(|n| n == 1) && pressed.send(key[0]).is_ok() {}
    });
    let mut ends = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(|kind| signal(kind).ok());
    let [interrupt, terminate, hangup] = &mut ends;
    let mut resized = signal(SignalKind::window_change()).ok();
    loop {
        let mut woken = std::pin::pin!(registry.woken().notified());
        // Registered before the look, so that nothing is missed between the two.
        woken.as_mut().enable();
        let now = Now::look(registry).await?;
        let (width, height) = size().unwrap_or((80, 24));
        let mut frame = String::from("\x1b[H");
        let rows = now.rows(width);
        let room = height.saturating_sub(1);
        for row in rows.iter().take(room) {
            frame.push_str(row);
            frame.push_str("\x1b[K\r\n");
        }
        frame.push_str("\x1b[J");
        let more = rows.len().saturating_sub(room);
        frame.push_str(&if more > 0 { format!("{more} more rows; q ends") } else { "q ends".to_owned() });
        put(&frame);
        tokio::select! {
            () = &mut woken => tokio::time::sleep(GAP).await,
            () = tokio::time::sleep(TICK), if now.live() => {}
            key = keys.recv() => if matches!(key, None | Some(b'q' | b'Q' | 27)) { return Ok(now) },
            () = heard(interrupt) => return Ok(now),
            () = heard(terminate) => return Ok(now),
            () = heard(hangup) => return Ok(now),
            () = heard(&mut resized) => {}
        }
    }
}

/// A signal; one that cannot be listened to never comes.
async fn heard(signal: &mut Option<tokio::signal::unix::Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}
