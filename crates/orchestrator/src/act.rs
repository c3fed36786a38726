//! A step that is made of a closure.

use std::time::Duration;

use registry::{Grade, Outputs};
use serde_json::Value;

use crate::step::{Queue, Step, StepCx, StepError};

type Act = Box<dyn Fn(&StepCx) -> Result<Outputs, StepError> + Send + Sync>;

/// A [`Step`] whose work is a closure, for all whose steps are built where they are needed and not types of their own.
pub struct FnStep {
    name: String,
    kind: &'static str,
    version: u32,
    grade: Grade,
    projection: Value,
    act: Act,
    queue: Queue,
    portable: bool,
    timeout: Option<Duration>,
    tool: Option<String>,
}

impl FnStep {
    /// A step. `projection` holds exactly what `act` reads: with kind and version it is the step's key.
    pub fn new(
        name: impl Into<String>,
        (kind, version): (&'static str, u32),
        grade: Grade,
        projection: Value,
        act: impl Fn(&StepCx) -> Result<Outputs, StepError> + Send + Sync + 'static,
    ) -> Self {
        let (name, act) = (name.into(), Box::new(act));
        Self { name, kind, version, grade, projection, act, queue: Queue::Cpu, portable: false, timeout: None, tool: None }
    }

    /// The same step under another name.
    #[must_use]
    pub fn named(self, name: String) -> Self {
        Self { name, ..self }
    }

    /// The same step in another queue.
    #[must_use]
    pub fn on(self, queue: Queue) -> Self {
        Self { queue, ..self }
    }

    /// The same step, which [`crate::Kinds`] can rebuild in any process from its projection.
    #[must_use]
    pub fn portable(self) -> Self {
        Self { portable: true, ..self }
    }

    /// The same step, given up after so long.
    #[must_use]
    pub fn within(self, timeout: Option<Duration>) -> Self {
        Self { timeout, ..self }
    }

    /// The same step, done by a tool of this fingerprint.
    #[must_use]
    pub fn by(self, tool: Option<String>) -> Self {
        Self { tool, ..self }
    }
}

impl Step for FnStep {
    fn name(&self) -> &str {
        &self.name
    }
    fn kind(&self) -> &'static str {
        self.kind
    }
    fn version(&self) -> u32 {
        self.version
    }
    fn grade(&self) -> Grade {
        self.grade
    }
    fn projection(&self) -> Value {
        self.projection.clone()
    }
    fn queue(&self) -> Queue {
        self.queue
    }
    fn portable(&self) -> bool {
        self.portable
    }
    fn timeout(&self) -> Option<Duration> {
        self.timeout
    }
    fn tool(&self) -> Option<String> {
        self.tool.clone()
    }
    fn run(&self, cx: &StepCx) -> Result<Outputs, StepError> {
        (self.act)(cx)
    }
}
