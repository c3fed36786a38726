//! The story of an episode, one file an arrow. Each loads its inputs, calls one engine, returns its outputs; if one grows,
//! logic has leaked.

pub mod arc;
pub mod assets;
pub mod burn;
pub mod canon_gate;
pub mod cast;
pub mod edit;
pub mod episode;
pub mod film;
pub mod graph;
pub mod join;
pub mod kinds;
pub mod manifest;
pub mod mix;
pub mod music;
pub mod proposal;
pub mod publish;
pub mod render_plan;
pub mod safety;
pub mod script;
pub mod shotlist;
pub mod shots;
pub mod table_read;

use std::sync::Arc;

use contracts::{
    Document, Hash,
    canon::{Canon, CanonDiff},
};
use orchestrator::{FnStep, Grade, Outputs, Runner, Step, StepCx, StepError, StepResult};
use registry::{Registry, RegistryError};
use serde_json::Value;
use world::WorldError;

use crate::{
    failure::Failure,
    foresee::{self, Foreseen},
    hand::CODES,
};

/// Kind and version of every step. Raise a version when its output changes: the golden test compares, and users' memos
/// would serve the old output for ever.
pub const STEP_VERSIONS: &[(&str, u32)] = &[
    ("proposal", 1),
    ("arc", 1),
    ("episode", 1),
    ("cast", 1),
    ("ask", 1),
    ("script", 1),
    ("edit", 1),
    ("safety", 1),
    ("canon_gate", 2),
    ("speak", 2),
    ("table_read", 3),
    ("shotlist", 7),
    ("manifest", 7),
    ("takes", 1),
    ("paint", 11),
    ("sound", 3),
    ("score", 3),
    ("library", 2),
    ("piece", 1),
    ("assets", 11),
    ("render_plan", 14),
    ("burn", 3),
    ("shot", 13),
    ("mix", 4),
    ("soundtrack", 4),
    ("captions", 4),
    ("sheet", 10),
    ("join", 4),
    ("measure", 2),
    ("publish", 4),
];

/// The version of a kind of step.
fn version(kind: &str) -> u32 {
    STEP_VERSIONS.iter().find(|(k, _)| *k == kind).map_or(0, |(_, v)| *v)
}

/// Where a projection names the build of its tool.
const TOOLS: [&str; 3] = ["encoder", "decoder", "engine"];

/// A step of an episode: the version is its kind's, the tool the one its projection names.
pub fn step(
    name: impl Into<String>,
    kind: &'static str,
    grade: Grade,
    projection: Value,
    act: impl Fn(&StepCx) -> Result<Outputs, StepError> + Send + Sync + 'static,
) -> FnStep {
    let tool = TOOLS.iter().find_map(|name| Some(projection.get(name)?.as_str()?.to_owned()));
    FnStep::new(name, (kind, version(kind)), grade, projection, act).by(tool)
}

/// A document with its address.
pub struct Made<T> {
    /// The document.
    pub doc: Arc<T>,
    /// Its address.
    pub hash: Hash,
}

impl<T> Clone for Made<T> {
    fn clone(&self) -> Self {
        Self { doc: Arc::clone(&self.doc), hash: self.hash.clone() }
    }
}

/// What stages run on.
pub struct Shop {
    /// Steps.
    pub runner: Runner,
    /// What they made.
    pub registry: Registry,
    /// The registry's driver.
    pub runtime: Arc<tokio::runtime::Runtime>,
    /// Put before the names of steps of an earlier episode, so that names stay unique in the run.
    pub prefix: String,
    /// Looks ahead and makes nothing dear, when there.
    pub foreseen: Option<Foreseen>,
    /// Whether the run's lines of telemetry and lineage are written: a run that mends itself writes them once.
    pub told: bool,
    /// What gates said so far.
    pub gates: crate::gated::Said,
}

impl Shop {
    /// Runs a stage of many steps; results in the order of the steps.
    pub fn all(&mut self, stage: &str, works: Vec<FnStep>) -> Result<Vec<StepResult>, Failure> {
        let steps = self.steps(stage, works);
        self.foresee(&[(stage, &steps)])?;
        self.runtime.block_on(self.runner.stage(stage, steps)).map_err(run_failure)
    }

    /// Runs a stage, and beside it a second one and a third that reads what the second made. Neither side reads what the
    /// other makes. When both fail, the first is told.
    pub fn beside(
        &mut self,
        one: (&str, Vec<FnStep>),
        two: (&str, Vec<FnStep>),
        three: (&str, impl FnOnce(&[StepResult]) -> Result<Vec<FnStep>, Failure>),
    ) -> Result<[Vec<StepResult>; 3], Failure> {
        let (first, second) = (self.steps(one.0, one.1), self.steps(two.0, two.1));
        self.foresee(&[(one.0, &first), (two.0, &second)])?;
        if self.foreseen.is_some() {
            // All that is known so far is known: what the third would do is the last to be seen.
            let first = self.runtime.block_on(self.runner.stage(one.0, first)).map_err(run_failure)?;
            let second = self.runtime.block_on(self.runner.stage(two.0, second)).map_err(run_failure)?;
            let third = three.1(&second)?;
            return Ok([first, second, self.all(three.0, third)?]);
        }
        let chain = async {
            let second = self.runner.stage(two.0, second).await.map_err(run_failure)?;
            let third = self.steps(three.0, three.1(&second)?);
            Ok((second, self.runner.stage(three.0, third).await.map_err(run_failure)?))
        };
        let (chain, first) = self.runtime.block_on(futures_util::future::join(chain, self.runner.stage(one.0, first)));
        let first = first.map_err(run_failure)?;
        let (second, third) = chain?;
        Ok([first, second, third])
    }

    fn foresee(&mut self, stages: &[(&str, &[Arc<dyn Step>])]) -> Result<(), Failure> {
        match &mut self.foreseen {
            Some(foreseen) => foresee::look(foreseen, &self.runner, &self.runtime, stages),
            None => Ok(()),
        }
    }

    fn steps(&self, stage: &str, works: Vec<FnStep>) -> Vec<Arc<dyn Step>> {
        let steps = works.into_iter().map(|work| {
            let name = if work.name() == stage { stage.to_owned() } else { format!("{stage}/{}", work.name()) };
            Arc::new(work.named(format!("{}{name}", self.prefix)).within(graph::allowed(stage))) as Arc<dyn Step>
        });
        steps.collect()
    }

    /// Runs a stage of one step.
    pub fn one(&mut self, stage: &str, work: FnStep) -> Result<StepResult, Failure> {
        self.all(stage, vec![work])?.pop().ok_or_else(|| Failure::internal(format!("stage {stage} returned nothing")))
    }

    /// Runs a stage of one step that makes one document, and reads it back from where it is stored.
    pub fn document<T: Document + Send + Sync>(
        &mut self,
        stage: &'static str,
        grade: Grade,
        projection: Value,
        make: impl Fn(&StepCx) -> Result<T, StepError> + Send + Sync + 'static,
    ) -> Result<Made<T>, Failure> {
        let work = step(stage, stage, grade, projection, move |cx| {
            let document = make(cx)?;
            Ok(Outputs::new().with(T::SCHEMA_ID, cx.put_document(&document)?))
        });
        let result = self.one(stage, work)?;
        self.read(&result)
    }

    /// Keeps a document that a person wrote.
    pub fn keep<T: Document>(&self, doc: T) -> Result<Made<T>, Failure> {
        let hash = self.runtime.block_on(self.runner.keep(&doc)).map_err(run_failure)?.hash;
        Ok(Made { doc: Arc::new(doc), hash })
    }

    /// Puts something on the run's record.
    pub fn note(&self, kind: &str, what: Value) -> Result<(), Failure> {
        let mut txn = self.registry.begin();
        txn.event(Some(self.runner.run_id()), kind, what);
        self.runtime.block_on(txn.commit_soon()).map(drop).map_err(Failure::damaged)
    }

    /// Reads a document a step made.
    pub fn read<T: Document>(&self, result: &StepResult) -> Result<Made<T>, Failure> {
        let hash = result
            .outputs
            .hash(T::SCHEMA_ID)
            .cloned()
            .ok_or_else(|| Failure::internal(format!("step {} made no {}", result.name, T::SCHEMA_ID)))?;
        let doc = self.registry.artifact::<T>(&hash).map_err(|e| Failure::damaged(e.to_string()))?;
        Ok(Made { doc: Arc::new(doc), hash })
    }
}

/// A value as JSON, for projections.
pub fn json<T: serde::Serialize + ?Sized>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// What the writer says when canon and project hold no story.
const UNTOLD: &str = "story.failed";

/// A writer's error, as the error of a step: the author's to mend, not the machine's.
pub fn untold(error: impl Into<WorldError>) -> StepError {
    let error = error.into();
    let code = if matches!(error, WorldError::Fountain { .. }) { SCREENPLAY } else { UNTOLD };
    StepError::from_error(code, error)
}

/// A diff that no script carries, judged: a refused one ends the step with its findings.
fn judged(canon: &Canon, diff: CanonDiff) -> Result<CanonDiff, StepError> {
    let verdict = canon::gate_facts(canon, &diff);
    if verdict.pass { Ok(canon::accept(diff, verdict)) } else { Err(untold(WorldError::Refused(verdict))) }
}

/// What is said of a screenplay that is no film.
const SCREENPLAY: &str = "fountain.malformed";

/// An engine's error, as the error of a step.
pub fn fault(error: impl std::fmt::Display) -> StepError {
    StepError::new("step.failed", error.to_string())
}

/// A run's failure, as a person meets it.
pub fn run_failure(run: orchestrator::RunError) -> Failure {
    match &run {
        orchestrator::RunError::Cancelled { .. } => Failure::interrupted(),
        orchestrator::RunError::Step { error, .. } if error.code == UNTOLD => {
            if let Some(WorldError::Refused(verdict)) = error.source_as::<WorldError>() {
                return Failure::contradiction(verdict);
            }
            Failure::story(UNTOLD, error, "change what the message names in canon.toml or project.toml, and run again")
        }
        orchestrator::RunError::Step { error, .. } if CODES.iter().any(|code| *code == error.code) => {
            Failure::notes(CODES.into_iter().find(|code| *code == error.code).unwrap_or(CODES[0]), &error.message)
        }
        orchestrator::RunError::Step { error, .. } if error.code == SCREENPLAY => Failure::screenplay(error),
        orchestrator::RunError::Step { error, .. } => match error.source_as::<RegistryError>() {
            Some(RegistryError::Corrupt { .. } | RegistryError::Missing { .. }) => Failure::damaged(error),
            _ => Failure::step(&run),
        },
        orchestrator::RunError::Registry(error @ RegistryError::RecordedLost { .. }) => Failure::recorded_lost(error),
        orchestrator::RunError::Registry(error) => Failure::damaged(error),
        _ => Failure::step(&run),
    }
}
