//! Progress: a moving line on a terminal, plain lines in a pipe. Always on stderr, so that stdout stays the result.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

use contracts::run::StageSummary;
use indicatif::{ProgressBar, ProgressStyle};
use orchestrator::{Observer, Progress as Event};
use registry::Control;

/// Tells a person how far a run is.
pub struct Progress {
    terminal: bool,
    bars: Mutex<BTreeMap<String, ProgressBar>>,
    /// The last stage that ended: said when another one starts, since a stage may run in two parts.
    ended: Mutex<Option<StageSummary>>,
}

impl Progress {
    /// A bar on a terminal, lines in a pipe.
    pub fn new() -> Self {
        Self { terminal: std::io::stderr().is_terminal(), bars: Mutex::default(), ended: Mutex::default() }
    }

    fn bars(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, ProgressBar>> {
        self.bars.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress {
    /// Says what has ended, unless it is this stage, of which another part begins.
    fn settle(&self, unless: Option<&str>) {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(stage) = ended.take_if(|s| unless != Some(s.name.as_str())) else { return };
        let from_memory = match (stage.hits, stage.steps) {
            (hits, steps) if hits == steps => "from memory".to_owned(),
            (0, 1) => String::new(),
            (0, steps) => format!("{steps} steps"),
            (hits, steps) => format!("{steps} steps, {hits} from memory"),
        };
        say(format!("  {:<12} {:>9}  {from_memory}", stage.name, seconds(stage.ms)).trim_end());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.settle(None);
    }
}

fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

fn seconds(ms: u64) -> String {
    format!("{}.{:02} s", ms / 1000, ms % 1000 / 10)
}

impl Observer for Progress {
    fn note(&self, event: Event<'_>) {
        match event {
            Event::StageStarted { stage, .. } => self.settle(Some(stage)),
            // Stages may run beside each other: the one that ended before this one is said first.
            Event::StageFinished(stage) => self.settle(Some(&stage.name)),
            _ => {}
        }
        match event {
            Event::StageStarted { stage, steps, hits } if self.terminal && hits < steps => {
                let bar = ProgressBar::new(steps as u64);
                if let Ok(style) = ProgressStyle::with_template("  {prefix:<12} [{bar:24}] {pos}/{len} {wide_msg}") {
                    bar.set_style(style.progress_chars("=> "));
                }
                bar.set_prefix(stage.to_owned());
                bar.set_position(hits as u64);
                bar.tick();
                self.bars().insert(stage.to_owned(), bar);
            }
            Event::StepStarted { stage, step } => {
                if let Some(bar) = self.bars().get(stage) {
                    bar.set_message(step.to_owned());
                }
            }
            Event::StepFinished { stage, hit: false, .. } => {
                if let Some(bar) = self.bars().get(stage) {
                    bar.inc(1);
                }
            }
            Event::StageFinished(stage) => {
                if let Some(bar) = self.bars().remove(&stage.name) {
                    bar.finish_and_clear();
                }
                let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
                match ended.as_mut().filter(|s| s.name == stage.name) {
                    Some(first) => {
                        first.ms += stage.ms;
                        first.steps += stage.steps;
                        first.hits += stage.hits;
                    }
                    None => *ended = Some(stage.clone()),
                }
            }
            Event::Asked(asked) => {
                let said = match asked {
                    Some(Control::Pause) => "paused: nothing new starts until `reel resume latest`",
                    Some(Control::Drain) => "draining: what is running is finished, then this run ends",
                    Some(Control::Cancel) => "cancelled: stopping",
                    None => "resumed",
                };
                match self.bars().values().next() {
                    Some(bar) => bar.println(format!("  {said}")),
                    None => say(&format!("  {said}")),
                }
            }
            Event::StageStarted { .. } | Event::StepFinished { .. } => {}
        }
    }
}
