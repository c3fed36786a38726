//! One step on its way from claimed to finished.

use std::sync::{Arc, Mutex, PoisonError};

use contracts::{Hash, Id};
use registry::{Grade, Making, Memo, MemoPut, NewStep, Origin, Outputs, Registry, RegistryError};
use serde_json::json;

use crate::pool::Permit;
use crate::runner::{MadeAgain, Record, StepResult};
use crate::step::{Cancel, Step, StepCx, StepError, addresses};
use crate::{Observer, Progress};

/// The code of a step that was stopped because its run was cancelled.
pub(crate) const STOPPED: &str = "orchestrator.cancelled";

/// Why a step has no result.
pub(crate) enum Failure {
    Step(StepError),
    Registry(RegistryError),
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        Self::Registry(error)
    }
}

/// One step on its way from taken to finished.
pub(crate) struct Work {
    pub(crate) registry: Registry,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) cancel: Cancel,
    pub(crate) tenant: Id,
    pub(crate) step: Arc<dyn Step>,
    pub(crate) row: NewStep,
    pub(crate) lost: Option<(Hash, Option<Outputs>)>,
}

impl Work {
    /// Runs a step that was claimed under a fence, and commits its end. Gives the permit back as soon as the step has succeeded; after a failure
    /// it stays with the answer, so that nothing can start before the runner knows.
    pub(crate) async fn carry_out(self, fence: i64, permit: &mut Option<Permit>, progress: &Mutex<Record>) -> Result<StepResult, Failure> {
        let clock = Arc::clone(self.registry.clock());
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
                let kind = if error.code == STOPPED { "step_stopped" } else { "step_failed" };
                let mut txn = self.registry.begin();
                txn.step_fail(&self.row.run, &self.row.name, fence, &text).event(Some(&self.row.run), kind, json);
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
        let cancel = self.cancel.child();
        let cx = StepCx::new(self.registry.clone(), cancel.clone());
        let (step, name) = (Arc::clone(&self.step), self.row.name.clone());
        let failpoints = self.registry.failpoints().clone();
        let thread = tokio::task::spawn_blocking(move || {
            let at = |point| failpoints.hit_at(point, &name).map_err(|e| StepError::from_error("orchestrator.injected", e));
            at("orchestrator.before_step")?;
            let outputs = step.run(&cx)?;
            at("orchestrator.after_step")?;
            Ok(outputs)
        });
        let limit = self.step.timeout();
        let timed = async {
            match limit {
                None => Ok(thread.await),
                Some(limit) => tokio::time::timeout(limit, thread).await.map_err(|_| limit),
            }
        };
        let ended = tokio::select! {
            biased;
            ended = timed => match ended {
                Ok(ended) => ended,
                Err(limit) => {
                    // A thread cannot be taken its work from: it is asked to stop, and what it still makes is refused.
                    cancel.cancel();
                    let text = format!("`{}` took longer than {} s and was given up", self.row.name, limit.as_secs_f64());
                    return Err(StepError::new("orchestrator.timeout", text));
                }
            },
            () = self.cancel.aborted() => {
                return Err(StepError::new(STOPPED, "it was stopped before it ended; what it still makes is refused"));
            }
        };
        match ended {
            Ok(outcome) => outcome,
            Err(error) if error.is_panic() => {
                let payload = error.into_panic();
                let text = payload.downcast_ref::<String>().map(String::as_str).or_else(|| payload.downcast_ref::<&str>().copied());
                Err(StepError::new("orchestrator.panic", format!("a defect: the step panicked: {}", text.unwrap_or("no message"))))
            }
            Err(_) => Err(StepError::new(STOPPED, "the runtime ended under the step")),
        }
    }

    /// Artifacts, memo, event and the step's end, all or nothing.
    async fn commit(&self, fence: i64, outputs: Outputs, ms: u64, again: Option<&MadeAgain>) -> Result<StepResult, RegistryError> {
        let NewStep { run, name, stage, kind, kind_version, grade, memo_key, .. } = &self.row;
        let mut txn = self.registry.begin();
        let projection = self.step.projection();
        let making = Making {
            kind: kind.clone(),
            kind_version: *kind_version,
            grade: *grade,
            memo_key: memo_key.clone(),
            tool: self.step.tool(),
            inputs: addresses(&projection),
        };
        for output in outputs.files.values() {
            txn.record(&self.tenant, output, Origin { run: Some(run.clone()), step: Some(name.clone()) });
            txn.making(&self.tenant, &output.hash, making.clone());
        }
        if let Some(MadeAgain { hash, step, same }) = again {
            txn.event(Some(run), "made_again", json!({"hash": hash, "step": step, "same": same}));
        }
        let memo = Memo { key: memo_key.clone(), grade: *grade, kind: kind.clone(), kind_version: *kind_version, outputs: outputs.clone() };
        txn.memo_put(&self.tenant, memo, Some(run)).memo_reads(&self.tenant, memo_key, projection.to_string());
        txn.event(Some(run), "step_finished", json!({"stage": stage, "step": name, "key": memo_key, "ms": ms, "outputs": outputs}));
        txn.step_finish(run, name, fence);
        let committed = txn.commit().await?;
        self.registry.failpoints().hit_at("orchestrator.after_commit", name)?;
        // Another run was first: its result is the result. That the same work gave something else is not passed over.
        let outputs = match committed.memos.into_iter().next() {
            Some(MemoPut::Kept(kept)) => {
                if *grade != Grade::Recorded && kept != outputs {
                    let json =
                        json!({"stage": stage, "step": name, "key": memo_key, "grade": grade.as_str(), "kept": kept, "made": outputs});
                    let mut txn = self.registry.begin();
                    txn.event(Some(run), "not_reproduced", json);
                    txn.commit_soon().await?;
                }
                kept
            }
            _ => outputs,
        };
        Ok(StepResult { name: name.clone(), outputs, hit: false, ms })
    }
}
