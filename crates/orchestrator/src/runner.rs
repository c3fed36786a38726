//! The runner: one stage of steps after another, memo first, at most `jobs` at a time, one durable commit a step.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use contracts::run::{RunStatus, RunSummary, StageSummary};
use contracts::{CanonicalError, Document, Hash, Id};
use kit::Timestamp;
use registry::{Grade, Making, Memo, MemoLookup, MemoPut, NewRun, NewStep, Origin, OutputRef, Outputs, Registry, RegistryError};
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

use crate::step::{Cancel, Step, StepCx, StepError, addresses, step_key};
use crate::{Observer, Progress, run_id};

/// What a run is of, and how it may run.
#[derive(Clone, Debug)]
pub struct RunSpec {
    /// Whose it is.
    pub tenant: Id,
    /// The project.
    pub project: Id,
    /// From 1.
    pub episode: u32,
    /// Steps at a time; at least 1. Results do not depend on it.
    pub jobs: usize,
    /// The run folder, for the record.
    pub out_dir: Option<String>,
    /// A look at work in hand, of which only the newest are kept.
    pub look: bool,
}

/// What one step gave.
#[derive(Clone, Debug, PartialEq)]
pub struct StepResult {
    /// The step.
    pub name: String,
    /// Its outputs.
    pub outputs: Outputs,
    /// Whether it did not have to run.
    pub hit: bool,
    /// Milliseconds of work.
    pub ms: u64,
}

impl StepResult {
    /// The output of this name.
    pub fn output(&self, name: &str) -> Result<&OutputRef, RunError> {
        self.outputs.get(name).ok_or_else(|| RunError::NoOutput { step: self.name.clone(), output: name.to_owned() })
    }
}

/// Why a run cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A step failed. Steps that were running beside it have finished, and no other was started.
    #[error("stage `{stage}`, step `{step}`: {error}")]
    Step {
        /// The stage.
        stage: String,
        /// The step: the first that failed, in the order of the stage.
        step: String,
        /// Why.
        error: StepError,
        /// How many others failed beside it.
        others: usize,
    },
    /// The run was asked to stop.
    #[error("cancelled in stage `{stage}`; what is finished is kept, and the next run goes on from there")]
    Cancelled {
        /// The stage.
        stage: String,
    },
    /// Two steps of a run have one name.
    #[error("two steps of this run are called `{step}`")]
    DuplicateName {
        /// The name.
        step: String,
    },
    /// A step's projection has no canonical form.
    #[error("step `{step}` has no key: {source}")]
    Key {
        /// The step.
        step: String,
        /// Why.
        source: CanonicalError,
    },
    /// A step did not return what a later one needs.
    #[error("step `{step}` returned no output `{output}`")]
    NoOutput {
        /// The step.
        step: String,
        /// The output.
        output: String,
    },
    /// The registry failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl RunError {
    /// A stable code, for documents and programs.
    pub fn code(&self) -> &str {
        match self {
            Self::Step { error, .. } => &error.code,
            Self::Cancelled { .. } => "orchestrator.cancelled",
            Self::DuplicateName { .. } => "orchestrator.duplicate_name",
            Self::Key { .. } => "orchestrator.no_key",
            Self::NoOutput { .. } => "orchestrator.no_output",
            Self::Registry(error) => error.code(),
        }
    }
}

/// Drives one run. The caller is the graph: it makes each stage's steps from the results of the stages before.
pub struct Runner {
    registry: Registry,
    observer: Arc<dyn Observer>,
    cancel: Cancel,
    permits: Arc<Semaphore>,
    tenant: Id,
    run: Id,
    started: Timestamp,
    started_ms: u64,
    progress: Arc<Mutex<Record>>,
}

/// How many times in one run the same content may be made again.
const MENDS: u32 = 2;

/// A remembered result whose content was damaged or missing, and that was made again in this run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeAgain {
    /// The content that was lost; the memo's key when it was the memo that was damaged.
    pub hash: Hash,
    /// The step that made it again.
    pub step: String,
    /// Whether it came out as it was. A pure step that does not is an error; a pinned one may not, and its result counts.
    pub same: bool,
}

/// What the run has done so far.
#[derive(Default)]
struct Record {
    names: BTreeMap<String, Known>,
    stages: Vec<StageSummary>,
    /// Counts up when lost content sends the run back to its beginning.
    round: u32,
    lost: BTreeMap<Hash, u32>,
    again: Vec<MadeAgain>,
}

/// A step this run has met.
struct Known {
    /// In which round last.
    round: u32,
    key: Hash,
    /// How many times it was begun.
    takes: u64,
    /// Milliseconds of work, when it was made in this run under this key.
    made: Option<u64>,
}

impl Record {
    /// Notes a step. `None` when it was met in this round already; else whether in an earlier one, and what it took there.
    fn meet(&mut self, name: &str, key: &Hash) -> Option<(bool, Option<u64>)> {
        let round = self.round;
        match self.names.get_mut(name) {
            None => {
                self.names.insert(name.to_owned(), Known { round, key: key.clone(), takes: 0, made: None });
                Some((false, None))
            }
            Some(known) if known.round == round => None,
            Some(known) => {
                known.made = known.made.filter(|_| known.key == *key);
                known.round = round;
                known.key = key.clone();
                Some((true, known.made))
            }
        }
    }
}

impl Runner {
    /// Starts a run under a new id and records it. Must be called inside a tokio runtime.
    pub async fn start(registry: Registry, spec: RunSpec, observer: Arc<dyn Observer>) -> Result<Self, RunError> {
        let started = registry.clock().now_utc();
        let started_ms = registry.clock().monotonic_ms();
        let mut salt = 0;
        let run = loop {
            let id = run_id(&spec.project, spec.episode, started, &format!("{}/{started_ms}/{salt}", registry.owner()));
            let run = NewRun {
                id: id.clone(),
                tenant: spec.tenant.clone(),
                project: spec.project.clone(),
                episode: spec.episode,
                out_dir: spec.out_dir.clone(),
                look: spec.look,
            };
            let mut txn = registry.begin();
            txn.run_start(run).event(
                Some(&id),
                "run_started",
                json!({"project": spec.project, "episode": spec.episode, "jobs": spec.jobs}),
            );
            match txn.commit().await {
                Ok(_) => break id,
                Err(RegistryError::RunExists { .. }) if salt < 1000 => salt += 1,
                Err(error) => return Err(error.into()),
            }
        };
        let permits = Arc::new(Semaphore::new(spec.jobs.clamp(1, Semaphore::MAX_PERMITS)));
        let progress = Arc::default();
        Ok(Self { registry, observer, cancel: Cancel::new(), permits, tenant: spec.tenant, run, started, started_ms, progress })
    }

    /// The run's id.
    pub fn run_id(&self) -> &Id {
        &self.run
    }

    /// When it started, RFC 3339, UTC.
    pub fn started_at(&self) -> String {
        self.started.rfc3339()
    }

    /// Milliseconds since it started.
    pub fn elapsed_ms(&self) -> u64 {
        self.registry.clock().monotonic_ms().saturating_sub(self.started_ms)
    }

    /// The registry it writes to.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Whose run it is.
    pub fn tenant(&self) -> &Id {
        &self.tenant
    }

    /// A handle that stops the run between two steps.
    pub fn cancel(&self) -> Cancel {
        self.cancel.clone()
    }

    /// What was lost and was made again so far.
    pub fn made_again(&self) -> Vec<MadeAgain> {
        self.record().again.clone()
    }

    /// Asked after a failure: which content turned out damaged or missing since this was asked last. When there is any, the
    /// run may go over its stages again from the first: what is whole is remembered, and the memo forgets what is not, so
    /// that it is made again. Empty when nothing was lost, or when the same content has been lost too often.
    pub async fn mend(&self) -> Result<Vec<Hash>, RunError> {
        let lost = self.registry.blobs().take_lost();
        if lost.is_empty() || self.cancel.is_cancelled() {
            return Ok(Vec::new());
        }
        let mut txn = self.registry.begin();
        let mut enough = false;
        {
            let mut record = self.record();
            for hash in &lost {
                let times = record.lost.entry(hash.clone()).or_default();
                *times += 1;
                enough |= *times > MENDS;
                txn.event(Some(&self.run), "content_lost", json!({"hash": hash, "time": *times}));
            }
            if !enough {
                record.round += 1;
                // The time of the first round counts; its steps are counted again.
                for stage in &mut record.stages {
                    (stage.steps, stage.hits, stage.cached) = (0, 0, true);
                }
            }
        }
        txn.commit_soon().await?;
        Ok(if enough { Vec::new() } else { lost })
    }

    /// The stages, in the order they ended, the one that failed among them. A stage that was gone over again stands here
    /// twice, the first time with its time alone.
    pub fn stages(&self) -> Vec<StageSummary> {
        self.record().stages.clone()
    }

    /// Stores a document that no step made (what a person wrote) and records it as this run's.
    pub async fn keep<T: Document>(&self, document: &T) -> Result<OutputRef, RunError> {
        let mut txn = self.registry.begin();
        let kept = txn.put_document(&self.tenant, document, Origin { run: Some(self.run.clone()), step: None })?;
        txn.commit_soon().await?;
        Ok(kept)
    }

    /// Stores a document's bytes as they were received and records it as this run's.
    pub async fn keep_bytes(&self, bytes: &[u8]) -> Result<OutputRef, RunError> {
        let mut txn = self.registry.begin();
        let kept = txn.put_artifact(&self.tenant, bytes, Origin { run: Some(self.run.clone()), step: None })?;
        txn.commit_soon().await?;
        Ok(kept)
    }

    /// An output as its type, checked.
    pub fn artifact<T: Document>(&self, result: &StepResult, output: &str) -> Result<T, RunError> {
        Ok(self.registry.artifact(&result.output(output)?.hash)?)
    }

    /// Runs a stage of one step.
    pub async fn one(&self, stage: &str, step: impl Step + 'static) -> Result<StepResult, RunError> {
        let name = step.name().to_owned();
        let mut results = self.stage(stage, vec![Arc::new(step)]).await?;
        results.pop().ok_or(RunError::NoOutput { step: name, output: "any".to_owned() })
    }

    /// Runs the steps of a stage and returns their results in the order of the steps. The memo is asked for all of them at
    /// once; of several with the same key one runs. Each that runs is finished by one durable commit, fenced by its lease.
    /// After a failure or a cancellation nothing new starts, and what runs is let finish and recorded.
    pub async fn stage(&self, stage: &str, steps: Vec<Arc<dyn Step>>) -> Result<Vec<StepResult>, RunError> {
        let begun = self.registry.clock().monotonic_ms();
        if self.cancel.is_cancelled() {
            return Err(RunError::Cancelled { stage: stage.to_owned() });
        }
        let failpoints = self.registry.failpoints().clone();
        let at = |point: &str| failpoints.hit_at(point, stage).map_err(RegistryError::from);
        at("orchestrator.before_stage")?;
        let plan = self.plan(stage, &steps).await?;
        at("orchestrator.planned")?;
        let known = plan.answers.iter().flatten().filter(|a| a.hit).count();
        let mut retries = 0;
        let outcome = self.work(stage, &steps, plan, &mut retries).await;
        if outcome.is_ok() {
            at("orchestrator.after_stage")?;
        }
        let hits = outcome.as_ref().map_or(known, |results| results.iter().filter(|r| r.hit).count()) as u64;
        let summary = StageSummary {
            name: stage.to_owned(),
            ms: self.registry.clock().monotonic_ms().saturating_sub(begun),
            cached: outcome.is_ok() && hits == steps.len() as u64,
            steps: steps.len() as u64,
            hits,
            retries,
        };
        if outcome.is_ok() {
            self.observer.note(Progress::StageFinished(&summary));
        }
        self.record().stages.push(summary);
        outcome
    }

    /// Ends the run for good, with its summary as an artifact.
    pub async fn finish(self, status: RunStatus, summary: Option<&RunSummary>, error: Option<&str>) -> Result<Option<OutputRef>, RunError> {
        let mut txn = self.registry.begin();
        let origin = Origin { run: Some(self.run.clone()), step: None };
        let stored = summary.map(|s| txn.put_document(&self.tenant, s, origin)).transpose()?;
        txn.event(Some(&self.run), "run_finished", json!({"status": status, "ms": self.elapsed_ms()}));
        txn.run_end(&self.run, status, stored.as_ref().map(|s| &s.hash), error);
        txn.commit().await?;
        Ok(stored)
    }

    fn record(&self) -> std::sync::MutexGuard<'_, Record> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keys, what the memo answers, and which step of several equal ones does the work. Journals all of it.
    async fn plan(&self, stage: &str, steps: &[Arc<dyn Step>]) -> Result<Plan, RunError> {
        let mut keys = Vec::with_capacity(steps.len());
        let mut met = Vec::with_capacity(steps.len());
        for step in steps {
            let name = step.name();
            keys.push(step_key(step.as_ref(), &self.tenant).map_err(|source| RunError::Key { step: name.to_owned(), source })?);
            let key = keys.last().ok_or_else(|| RunError::DuplicateName { step: name.to_owned() })?;
            met.push(self.record().meet(name, key).ok_or_else(|| RunError::DuplicateName { step: name.to_owned() })?);
        }
        let mut plan = Plan { answers: vec![None; steps.len()], ..Plan::default() };
        let mut txn = self.registry.begin();
        let mut used = Vec::new();
        let mut leaders = BTreeMap::new();
        for (index, lookup) in self.registry.memo_get_many(&self.tenant, &keys).await?.into_iter().enumerate() {
            let row = self.row(stage, steps[index].as_ref(), &keys[index]);
            let (again, made) = met[index];
            let was = match lookup {
                MemoLookup::Hit(memo) => {
                    // What an earlier round of this run made is not a hit: this run made it.
                    let result = StepResult { name: row.name.clone(), outputs: memo.outputs, hit: made.is_none(), ms: made.unwrap_or(0) };
                    match (again, made) {
                        (_, Some(_)) => {}
                        (true, None) => drop(txn.step_again(row.clone(), true)),
                        (false, None) => drop(txn.step_hit(row.clone())),
                    }
                    plan.answers[index] = Some(result);
                    used.push(memo.key);
                    plan.rows.push(row);
                    plan.again.push(again);
                    continue;
                }
                MemoLookup::Miss => None,
                MemoLookup::Lost { hash, was } => Some((hash, was)),
            };
            match leaders.get(&keys[index]) {
                Some(&leader) => plan.twins.push((index, leader)),
                None => {
                    leaders.insert(keys[index].clone(), index);
                    plan.leaders.push(index);
                    plan.lost.extend(was.map(|w| (index, w)));
                    if again {
                        txn.step_again(row.clone(), false);
                    } else {
                        txn.step_add(row.clone());
                    }
                }
            }
            plan.again.push(again);
            plan.rows.push(row);
        }
        txn.memo_used(&self.tenant, &used);
        txn.event(Some(&self.run), "stage_started", json!({"stage": stage, "steps": steps.len(), "hits": used.len()}));
        txn.commit_soon().await?;
        self.observer.note(Progress::StageStarted { stage, steps: steps.len(), hits: used.len() });
        for answer in plan.answers.iter().flatten() {
            self.observer.note(Progress::StepFinished { stage, step: &answer.name, hit: answer.hit, ms: answer.ms, ok: true });
        }
        Ok(plan)
    }

    fn row(&self, stage: &str, step: &dyn Step, key: &Hash) -> NewStep {
        NewStep {
            run: self.run.clone(),
            name: step.name().to_owned(),
            stage: stage.to_owned(),
            kind: step.kind().to_owned(),
            kind_version: step.version(),
            grade: step.grade(),
            memo_key: key.clone(),
        }
    }

    /// Runs what the memo did not answer, started in order, at most `jobs` at a time over all stages of the run.
    async fn work(&self, stage: &str, steps: &[Arc<dyn Step>], plan: Plan, retries: &mut u64) -> Result<Vec<StepResult>, RunError> {
        let Plan { rows, again, mut answers, leaders, twins, mut lost } = plan;
        let mut running: JoinSet<(usize, Result<StepResult, Failure>, Option<OwnedSemaphorePermit>)> = JoinSet::new();
        let mut waiting = leaders.into_iter().peekable();
        let mut failures: BTreeMap<usize, Failure> = BTreeMap::new();
        loop {
            let may_start = failures.is_empty() && !self.cancel.is_cancelled() && waiting.peek().is_some();
            if !may_start && running.is_empty() {
                break;
            }
            tokio::select! {
                biased;
                Some(ended) = running.join_next(), if !running.is_empty() => match ended {
                    Ok((index, Ok(result), _)) => {
                        if let Some(known) = self.record().names.get_mut(&result.name) {
                            known.made = Some(result.ms);
                        }
                        answers[index] = Some(result);
                    }
                    Ok((index, Err(failure), _)) => drop(failures.insert(index, failure)),
                    // The task itself does not panic and is not aborted, except when the runtime goes down.
                    Err(_) => return Err(RunError::Cancelled { stage: stage.to_owned() }),
                },
                permit = Arc::clone(&self.permits).acquire_owned(), if may_start => {
                    let Ok(permit) = permit else { return Err(RunError::Cancelled { stage: stage.to_owned() }) };
                    if let Some(index) = waiting.next_if(|_| !self.cancel.is_cancelled()) {
                        let work = Work {
                            registry: self.registry.clone(),
                            observer: Arc::clone(&self.observer),
                            cancel: self.cancel.clone(),
                            tenant: self.tenant.clone(),
                            step: Arc::clone(&steps[index]),
                            row: rows[index].clone(),
                            lost: lost.remove(&index),
                        };
                        if let Some(known) = self.record().names.get_mut(&work.row.name) {
                            known.takes += 1;
                            *retries += u64::from(known.takes > 1);
                        }
                        let progress = Arc::clone(&self.progress);
                        running.spawn(async move {
                            let mut permit = Some(permit);
                            let result = work.carry_out(&mut permit, &progress).await;
                            (index, result, permit)
                        });
                    }
                }
            }
        }
        let others = failures.len().saturating_sub(1);
        if let Some((index, failure)) = failures.into_iter().next() {
            let step = rows[index].name.clone();
            return Err(match failure {
                Failure::Step(error) => RunError::Step { stage: stage.to_owned(), step, error, others },
                Failure::Registry(error) => error.into(),
            });
        }
        let mut txn = self.registry.begin();
        for (index, leader) in twins {
            let name = rows[index].name.clone();
            answers[index] =
                answers[leader].as_ref().map(|r| StepResult { name: name.clone(), outputs: r.outputs.clone(), hit: true, ms: 0 });
            if answers[index].is_some() {
                if again[index] {
                    txn.step_again(rows[index].clone(), true);
                } else {
                    txn.step_hit(rows[index].clone());
                }
                self.observer.note(Progress::StepFinished { stage, step: &name, hit: true, ms: 0, ok: true });
            }
        }
        txn.commit_soon().await?;
        // Without a failure, an answer is missing only because the run was cancelled before its step started.
        answers.into_iter().collect::<Option<Vec<_>>>().ok_or_else(|| RunError::Cancelled { stage: stage.to_owned() })
    }
}

/// What is known before anything runs. Indices are places in the stage.
#[derive(Default)]
struct Plan {
    rows: Vec<NewStep>,
    /// Whether an earlier round of this run has met the step.
    again: Vec<bool>,
    answers: Vec<Option<StepResult>>,
    leaders: Vec<usize>,
    /// (a step, the step with the same key that runs for both)
    twins: Vec<(usize, usize)>,
    /// For a step whose result was remembered and is lost: the content that is gone, and what the result was.
    lost: BTreeMap<usize, (Hash, Option<Outputs>)>,
}

enum Failure {
    Step(StepError),
    Registry(RegistryError),
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        Self::Registry(error)
    }
}

/// One step on its way from taken to finished.
struct Work {
    registry: Registry,
    observer: Arc<dyn Observer>,
    cancel: Cancel,
    tenant: Id,
    step: Arc<dyn Step>,
    row: NewStep,
    lost: Option<(Hash, Option<Outputs>)>,
}

impl Work {
    /// Takes the step, runs it, commits its end. Gives the permit back as soon as the step has succeeded; after a failure
    /// it stays with the answer, so that nothing can start before the runner knows.
    async fn carry_out(self, permit: &mut Option<OwnedSemaphorePermit>, progress: &Mutex<Record>) -> Result<StepResult, Failure> {
        let clock = Arc::clone(self.registry.clock());
        let mut txn = self.registry.begin();
        txn.step_take(&self.row.run, &self.row.name);
        let fence = txn.commit_soon().await?.fences.first().copied().unwrap_or(0);
        self.observer.note(Progress::StepStarted { stage: &self.row.stage, step: &self.row.name });
        let begun = clock.monotonic_ms();
        let outcome = self.run().await.and_then(|outputs| self.hold_against(outputs));
        let ms = clock.monotonic_ms().saturating_sub(begun);
        let result = match outcome {
            Ok(outputs) => {
                // Waiting for the medium needs no processor: the next step may work meanwhile.
                *permit = None;
                let again = self.lost.as_ref().map(|(hash, was)| MadeAgain {
                    hash: hash.clone(),
                    step: self.row.name.clone(),
                    same: was.as_ref().is_none_or(|w| *w == outputs),
                });
                let committed = self.commit(fence, outputs, ms, again.as_ref()).await;
                if committed.is_ok() {
                    progress.lock().unwrap_or_else(PoisonError::into_inner).again.extend(again);
                }
                committed.map_err(Failure::from)
            }
            Err(error) => {
                let text = format!("{error:?}");
                let json = json!({"stage": self.row.stage, "step": self.row.name, "code": error.code, "error": error.message});
                let mut txn = self.registry.begin();
                txn.step_fail(&self.row.run, &self.row.name, fence, &text).event(Some(&self.row.run), "step_failed", json);
                match txn.commit().await {
                    Ok(_) => Err(Failure::Step(error)),
                    Err(registry) => Err(registry.into()),
                }
            }
        };
        let ok = result.is_ok();
        self.observer.note(Progress::StepFinished { stage: &self.row.stage, step: &self.row.name, hit: false, ms, ok });
        result
    }

    /// A pure step whose result was lost must give it back as it was: other bytes are a defect of the step or of the machine.
    fn hold_against(&self, outputs: Outputs) -> Result<Outputs, StepError> {
        match &self.lost {
            Some((hash, Some(was))) if self.row.grade == Grade::Pure && *was != outputs => Err(StepError::new(
                "orchestrator.not_reproduced",
                format!(
                    "what was stored under {hash} was lost, and the pure step `{}` made something else in its place: a defect of the step, or of this machine's memory; run again, and report it when it happens twice",
                    self.row.name
                ),
            )),
            _ => Ok(outputs),
        }
    }

    /// The step itself, on a thread where it may block.
    async fn run(&self) -> Result<Outputs, StepError> {
        let cx = StepCx::new(self.registry.clone(), self.cancel.clone());
        let (step, name) = (Arc::clone(&self.step), self.row.name.clone());
        let failpoints = self.registry.failpoints().clone();
        let thread = tokio::task::spawn_blocking(move || {
            let at = |point| failpoints.hit_at(point, &name).map_err(|e| StepError::from_error("orchestrator.injected", e));
            at("orchestrator.before_step")?;
            let outputs = step.run(&cx)?;
            at("orchestrator.after_step")?;
            Ok(outputs)
        });
        match thread.await {
            Ok(outcome) => outcome,
            Err(error) if error.is_panic() => {
                let payload = error.into_panic();
                let text = payload.downcast_ref::<String>().map(String::as_str).or_else(|| payload.downcast_ref::<&str>().copied());
                Err(StepError::new("orchestrator.panic", format!("a defect: the step panicked: {}", text.unwrap_or("no message"))))
            }
            Err(_) => Err(StepError::new("orchestrator.cancelled", "the runtime ended under the step")),
        }
    }

    /// Artifacts, memo, event and the step's end, all or nothing.
    async fn commit(&self, fence: i64, outputs: Outputs, ms: u64, again: Option<&MadeAgain>) -> Result<StepResult, RegistryError> {
        let NewStep { run, name, stage, kind, kind_version, grade, memo_key } = &self.row;
        let mut txn = self.registry.begin();
        let making = Making {
            kind: kind.clone(),
            kind_version: *kind_version,
            grade: *grade,
            memo_key: memo_key.clone(),
            tool: self.step.tool(),
            inputs: addresses(&self.step.projection()),
        };
        for output in outputs.files.values() {
            txn.record(&self.tenant, output, Origin { run: Some(run.clone()), step: Some(name.clone()) });
            txn.making(&self.tenant, &output.hash, making.clone());
        }
        if let Some(MadeAgain { hash, step, same }) = again {
            txn.event(Some(run), "made_again", json!({"hash": hash, "step": step, "same": same}));
        }
        let memo = Memo { key: memo_key.clone(), grade: *grade, kind: kind.clone(), kind_version: *kind_version, outputs: outputs.clone() };
        txn.memo_put(&self.tenant, memo, Some(run));
        txn.event(Some(run), "step_finished", json!({"stage": stage, "step": name, "key": memo_key, "ms": ms, "outputs": outputs}));
        txn.step_finish(run, name, fence);
        let committed = txn.commit().await?;
        self.registry.failpoints().hit_at("orchestrator.after_commit", name)?;
        // Another run was first: its result is the result.
        let outputs = match committed.memos.into_iter().next() {
            Some(MemoPut::Kept(kept)) => kept,
            _ => outputs,
        };
        Ok(StepResult { name: name.clone(), outputs, hit: false, ms })
    }
}
