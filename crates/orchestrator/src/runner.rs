//! The runner: one stage of steps after another, memo first, at most `jobs` at a time, one durable commit a step.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use contracts::run::{RunStatus, RunSummary, StageSummary};
use contracts::{CanonicalError, Document, Hash, Id};
use kit::Timestamp;
use registry::{Control, Grade, MemoLookup, NewRun, NewStep, Origin, OutputRef, Outputs, Registry, RegistryError, Scope, StepState};
use serde_json::json;
use tokio::task::JoinSet;

use crate::ear::Ear;
use crate::limit::Limit;
use crate::pool::{Heart, Lapses, Permit, Pools, rounds};
use crate::step::{Cancel, Queue, Step, StepError, step_key, step_row};
use crate::work::{Failure, STOPPED, Work};
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
    /// The command that makes the same run again, if there is one.
    pub request: Option<Vec<String>>,
    /// Stages whose pure and pinned steps are made again although the memo knows them. What they make is held against what
    /// the memo holds, which stays.
    pub fresh: BTreeSet<String>,
    /// How long a holder of a step may be silent before another takes over: [`crate::LEASE`].
    pub lease: Duration,
}

impl RunSpec {
    /// A run of an episode with nothing special about it: no folder, nothing made afresh, the usual lease.
    pub fn new(tenant: Id, project: Id, episode: u32, jobs: usize) -> Self {
        Self { tenant, project, episode, jobs, out_dir: None, look: false, request: None, fresh: BTreeSet::new(), lease: crate::LEASE }
    }
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
    /// It took longer than its steps together may, and a fifth more.
    #[error("the run was given up in stage `{stage}`: it took longer than the {} s that its steps may together and a fifth more; what is finished is kept", .allowed.as_secs_f64())]
    Late {
        /// The stage.
        stage: String,
        /// How long it was allowed.
        allowed: Duration,
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
            Self::Late { .. } => "orchestrator.deadline",
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
    pools: Pools,
    lease: Duration,
    /// Counts the stages, for the order of the queues.
    places: AtomicU64,
    tenant: Id,
    run: Id,
    started: Timestamp,
    started_ms: u64,
    progress: Arc<Mutex<Record>>,
    limit: Limit,
    fresh: BTreeSet<String>,
    heart: Heart,
    _ear: Ear,
}

/// More than the steps of any stage.
const STAGE: u64 = 1_000_000;

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
pub(crate) struct Record {
    names: BTreeMap<String, Known>,
    stages: Vec<StageSummary>,
    /// Counts up when lost content sends the run back to its beginning.
    round: u32,
    lost: BTreeMap<Hash, u32>,
    pub(crate) again: Vec<MadeAgain>,
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
                request: spec.request.clone(),
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
        let pools = Pools::of(spec.jobs);
        let heart = Heart::start(&registry, &pools, spec.lease).await?;
        let cancel = Cancel::new();
        let ear = Ear::open(&registry, &run, &cancel, &observer, spec.lease);
        Ok(Self {
            registry,
            observer,
            cancel,
            pools,
            lease: spec.lease,
            places: AtomicU64::new(0),
            tenant: spec.tenant,
            run,
            started,
            started_ms,
            progress: Arc::default(),
            limit: Limit::default(),
            fresh: spec.fresh,
            heart,
            _ear: ear,
        })
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
        self.limit.enter(self.now(), plan.leaders.iter().map(|&index| steps[index].timeout()));
        let known = plan.answers.iter().flatten().filter(|a| a.hit).count();
        let mut retries = 0;
        let outcome = self.work(stage, &steps, plan, &mut retries).await;
        self.limit.leave(self.now());
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
        // No beat after the last word.
        drop(self.heart);
        txn.run_end(&self.run, status, stored.as_ref().map(|s| &s.hash), error).worker_gone();
        txn.commit().await?;
        Ok(stored)
    }

    fn record(&self) -> std::sync::MutexGuard<'_, Record> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> u64 {
        self.registry.clock().monotonic_ms()
    }

    /// The whole run may take this long, whatever its steps may; without a limit when `None`.
    pub fn within(&self, whole: Option<Duration>) {
        self.limit.give(self.now(), whole);
    }

    /// Comes back when the run has taken too long.
    async fn overdue(&self) {
        loop {
            match self.limit.left(self.now()) {
                None => std::future::pending().await,
                Some(Duration::ZERO) => return,
                // While it is paused this stands still, and is waited for once more.
                Some(left) => tokio::time::sleep(left).await,
            }
        }
    }

    /// Which of these steps the memo could answer now. Nothing is noted.
    pub async fn known(&self, steps: &[Arc<dyn Step>]) -> Result<Vec<bool>, RunError> {
        let key = |step: &Arc<dyn Step>| {
            step_key(step.as_ref(), &self.tenant).map_err(|source| RunError::Key { step: step.name().to_owned(), source })
        };
        let keys: Vec<Hash> = steps.iter().map(key).collect::<Result<_, _>>()?;
        let found = self.registry.memo_get_many(&self.tenant, &keys).await?;
        Ok(found.iter().map(|lookup| matches!(lookup, MemoLookup::Hit(_))).collect())
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
        // Earlier stages first, and in a stage the order of its steps.
        let base = self.places.fetch_add(1, Ordering::Relaxed) * STAGE;
        let mut plan = Plan { answers: vec![None; steps.len()], ..Plan::default() };
        let mut txn = self.registry.begin();
        let mut used = Vec::new();
        let mut leaders = BTreeMap::new();
        for (index, lookup) in self.registry.memo_get_many(&self.tenant, &keys).await?.into_iter().enumerate() {
            let step = steps[index].as_ref();
            let row = step_row(step, &self.run, stage, base + index as u64, keys[index].clone())
                .map_err(|source| RunError::Key { step: step.name().to_owned(), source })?;
            let (again, made) = met[index];
            // What cannot be made again is never asked for a second time (law 2).
            let afresh = self.fresh.contains(stage) && steps[index].grade() != Grade::Recorded && made.is_none();
            let was = match lookup {
                MemoLookup::Hit(memo) if !afresh => {
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
                MemoLookup::Hit(_) | MemoLookup::Miss => None,
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

    /// Runs what the memo did not answer: what waits is claimed in order, as much as there is room for, and what another worker
    /// has taken is waited for.
    async fn work(&self, stage: &str, steps: &[Arc<dyn Step>], plan: Plan, retries: &mut u64) -> Result<Vec<StepResult>, RunError> {
        let Plan { rows, again, mut answers, leaders, twins, mut lost } = plan;
        let at: BTreeMap<&str, usize> = leaders.iter().map(|&index| (rows[index].name.as_str(), index)).collect();
        // What waits in each queue, as far as is known here; and what others hold.
        let mut ready: BTreeMap<Queue, usize> = BTreeMap::new();
        leaders.iter().for_each(|&index| *ready.entry(steps[index].queue()).or_default() += 1);
        let mut open: BTreeSet<usize> = leaders.iter().copied().collect();
        let mut running: JoinSet<(usize, Result<StepResult, Failure>, Option<Permit>)> = JoinSet::new();
        let mut mine: BTreeSet<usize> = BTreeSet::new();
        let mut failures: BTreeMap<usize, Failure> = BTreeMap::new();
        let (mut lapses, mut rounds) = (Lapses::default(), rounds(self.lease));
        let mut late = false;
        // Renewed before every look, so that nothing is missed between a look and the wait.
        let mut woken = std::pin::pin!(self.registry.woken().notified());
        loop {
            let going = failures.is_empty() && !self.cancel.is_cancelled();
            let next = Queue::ALL.into_iter().find(|queue| going && ready.get(queue).is_some_and(|n| *n > 0));
            let waiting: usize = ready.values().sum();
            let elsewhere = going && open.len() > mine.len() + waiting;
            if next.is_none() && running.is_empty() && !elsewhere {
                if failures.is_empty() || self.cancel.is_cancelled() {
                    break;
                }
                woken.set(self.registry.woken().notified());
                match self.second_chance(&rows, &mut failures).await? {
                    Chance::None => break,
                    Chance::Held => tokio::select! {
                        () = woken.as_mut() => {}
                        _ = rounds.tick() => {}
                    },
                    Chance::Again => {}
                }
                continue;
            }
            tokio::select! {
                biased;
                Some(ended) = running.join_next(), if !running.is_empty() => match ended {
                    Ok((index, outcome, _)) => {
                        mine.remove(&index);
                        match outcome {
                            Ok(result) => {
                                if let Some(known) = self.record().names.get_mut(&result.name) {
                                    known.made = Some(result.ms);
                                }
                                open.remove(&index);
                                answers[index] = Some(result);
                            }
                            // Another worker has it since: its result counts.
                            Err(Failure::Registry(RegistryError::Fenced { .. })) => {}
                            Err(Failure::Step(error)) if error.code == STOPPED && self.cancel.is_cancelled() => {}
                            Err(failure) => drop(failures.insert(index, failure)),
                        }
                    }
                    // The task itself does not panic and is not aborted, except when the runtime goes down.
                    Err(_) => return Err(RunError::Cancelled { stage: stage.to_owned() }),
                },
                permit = self.pools.room(next.unwrap_or(Queue::Cpu)), if next.is_some() => {
                    let Some(permit) = permit else { return Err(RunError::Cancelled { stage: stage.to_owned() }) };
                    let queue = next.unwrap_or(Queue::Cpu);
                    let mut permits = vec![permit];
                    while permits.len() < ready.get(&queue).copied().unwrap_or(0) && let Some(more) = self.pools.room_now(queue) {
                        permits.push(more);
                    }
                    if self.cancel.is_cancelled() {
                        continue;
                    }
                    let mut txn = self.registry.begin();
                    txn.claim(queue.as_str(), u32::try_from(permits.len()).unwrap_or(u32::MAX), Scope::Stage(self.run.clone(), stage.to_owned()));
                    let claimed = txn.commit_soon().await?.claimed.pop().unwrap_or_default();
                    let wanted = permits.len();
                    for (claim, permit) in claimed.iter().zip(permits) {
                        let Some(&index) = at.get(claim.step.name.as_str()) else {
                            // Left over from an earlier round of the run, which does not need it any more.
                            let mut txn = self.registry.begin();
                            txn.step_release(&self.run, &claim.step.name, claim.fence).step_skip(&self.run, &claim.step.name);
                            txn.commit_soon().await?;
                            continue;
                        };
                        mine.insert(index);
                        *ready.entry(queue).or_default() -= 1;
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
                        let (progress, fence) = (Arc::clone(&self.progress), claim.fence);
                        running.spawn(async move {
                            let mut permit = Some(permit);
                            let result = work.carry_out(fence, &mut permit, &progress).await;
                            (index, result, permit)
                        });
                    }
                    if claimed.len() < wanted {
                        // The rest is held elsewhere, or the run is paused.
                        woken.set(self.registry.woken().notified());
                        self.look(&rows, steps, &mut open, &mine, &mut ready, &mut answers, &mut failures).await?;
                    }
                }
                () = self.overdue(), if !late => {
                    late = true;
                    self.cancel.cancel();
                }
                // Before the bell, which may ring without end.
                _ = rounds.tick(), if elsewhere => {
                    lapses.look(&self.registry, self.lease).await?;
                    self.registry.declare_lost().await?;
                    self.look(&rows, steps, &mut open, &mine, &mut ready, &mut answers, &mut failures).await?;
                }
                () = &mut woken, if elsewhere => {
                    woken.set(self.registry.woken().notified());
                    self.look(&rows, steps, &mut open, &mine, &mut ready, &mut answers, &mut failures).await?;
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
        // A step that took too long itself says more.
        if late {
            return Err(RunError::Late { stage: stage.to_owned(), allowed: self.limit.allowed().unwrap_or_default() });
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

    /// Whether a person wants what has failed to be tried again: said while other steps of the stage were still running, or
    /// while the run is paused, which then waits for that word.
    async fn second_chance(&self, rows: &[NewStep], failures: &mut BTreeMap<usize, Failure>) -> Result<Chance, RunError> {
        let control = self.registry.run(&self.run).await?.and_then(|run| run.control);
        if matches!(control, Some(Control::Drain | Control::Cancel)) {
            self.cancel.cancel();
            return Ok(Chance::None);
        }
        let names: Vec<&str> = failures.keys().map(|&index| rows[index].name.as_str()).collect();
        let states = self.registry.step_states(&self.run, &names).await?;
        let before = failures.len();
        failures.retain(|&index, _| states.get(&rows[index].name).is_none_or(|row| row.state != StepState::Ready));
        Ok(match control {
            _ if failures.len() < before => Chance::Again,
            Some(Control::Pause) => Chance::Held,
            _ => Chance::None,
        })
    }

    /// Looks how those steps stand that are not in this process's hands.
    #[expect(clippy::too_many_arguments, reason = "the state of one loop")]
    async fn look(
        &self,
        rows: &[NewStep],
        steps: &[Arc<dyn Step>],
        open: &mut BTreeSet<usize>,
        mine: &BTreeSet<usize>,
        ready: &mut BTreeMap<Queue, usize>,
        answers: &mut [Option<StepResult>],
        failures: &mut BTreeMap<usize, Failure>,
    ) -> Result<(), RunError> {
        let control = self.registry.run(&self.run).await?.and_then(|run| run.control);
        self.limit.pause(self.now(), control == Some(Control::Pause));
        if matches!(control, Some(Control::Drain | Control::Cancel)) {
            self.cancel.cancel();
            return Ok(());
        }
        let others: Vec<usize> = open.difference(mine).copied().collect();
        let names: Vec<&str> = others.iter().map(|&index| rows[index].name.as_str()).collect();
        let states = self.registry.step_states(&self.run, &names).await?;
        ready.clear();
        for index in others {
            let Some(row) = states.get(&rows[index].name) else { continue };
            match row.state {
                StepState::Ready if control.is_none() => *ready.entry(steps[index].queue()).or_default() += 1,
                StepState::Ready | StepState::Running => {}
                StepState::Done => match self.registry.memo_get(&self.tenant, &rows[index].memo_key).await? {
                    MemoLookup::Hit(memo) => {
                        let ms = row.ended.zip(row.started).map_or(0, |(end, start)| u64::try_from(end.ms() - start.ms()).unwrap_or(0));
                        answers[index] = Some(StepResult { name: rows[index].name.clone(), outputs: memo.outputs, hit: false, ms });
                        open.remove(&index);
                    }
                    // Made and lost between two looks: the run goes over its stages again.
                    MemoLookup::Miss | MemoLookup::Lost { .. } => {
                        let name = &rows[index].name;
                        let text = format!("what another worker made of `{name}` is gone; run again");
                        failures.insert(index, Failure::Step(StepError::new("orchestrator.gone", text)));
                    }
                },
                StepState::Failed | StepState::Lost | StepState::Dead | StepState::Skipped => {
                    let said = row.error.clone().unwrap_or_else(|| format!("it is {}", row.state.as_str()));
                    let (code, text) =
                        said.split_once(": ").filter(|(code, _)| !code.contains(' ')).unwrap_or(("orchestrator.dead", &said));
                    failures.insert(index, Failure::Step(StepError::new(code, text)));
                }
            }
        }
        Ok(())
    }
}

/// What becomes of a stage in which a step has failed.
enum Chance {
    /// It has failed.
    None,
    /// The run is paused: a person may still say that the step is to be tried again.
    Held,
    /// Somebody said so.
    Again,
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
