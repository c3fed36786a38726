//! Telling someone how it goes.

use contracts::run::StageSummary;
use registry::Control;

/// One thing that happened.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// A stage begins; `hits` of its `steps` are answered already.
    StageStarted {
        /// The stage.
        stage: &'a str,
        /// Steps in it.
        steps: usize,
        /// Answered by the memo.
        hits: usize,
    },
    /// A step was taken by a worker.
    StepStarted {
        /// Its stage.
        stage: &'a str,
        /// Its name.
        step: &'a str,
    },
    /// A step has ended, and that is durable unless it failed. Hits and twins end too.
    StepFinished {
        /// Its stage.
        stage: &'a str,
        /// Its name.
        step: &'a str,
        /// Answered without running.
        hit: bool,
        /// Milliseconds of work.
        ms: u64,
        /// Whether it succeeded.
        ok: bool,
    },
    /// A stage has ended well.
    StageFinished(&'a StageSummary),
    /// A person asks something of the run, or (`None`) asks it no more.
    Asked(Option<Control>),
}

/// Who is told. Called from several threads; must return at once.
pub trait Observer: Send + Sync {
    /// Takes note.
    fn note(&self, progress: Progress<'_>);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn note(&self, _: Progress<'_>) {}
}
