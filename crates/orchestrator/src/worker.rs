//! A process that takes work from the runs of others: it claims what waits, rebuilds it from what it reads, carries it out and
//! commits the end. The run's own process sees the result when it looks.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use registry::{Claimed, Registry, RegistryError, Scope};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::pool::{Heart, Lapses, Permit, Pools, rounds};
use crate::runner::{Record, StepResult};
use crate::step::{Cancel, Queue, Step, StepError, step_key};
use crate::work::{Failure, Work};
use crate::{Observer, RunError};

/// Rebuilds steps.
pub trait Kinds: Send + Sync {
    /// The kinds it can rebuild, each with the version of this build: others are left alone.
    fn known(&self) -> Vec<(String, u32)>;

    /// The step of this name and kind that reads `spec`, which is what [`Step::projection`] said.
    fn build(&self, name: &str, kind: &str, spec: Value) -> Result<Arc<dyn Step>, StepError>;
}

/// Takes work until it is stopped.
pub struct Worker {
    registry: Registry,
    kinds: Arc<dyn Kinds>,
    pools: Pools,
    queues: Vec<Queue>,
    observer: Arc<dyn Observer>,
    cancel: Cancel,
    lease: Duration,
}

/// What a worker has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Worked {
    /// Steps that ended well.
    pub done: u64,
    /// Steps that failed.
    pub failed: u64,
    /// Steps that were given back, because they could not be rebuilt here as they are.
    pub refused: u64,
    /// Results that came too late: somebody else had the step by then.
    pub late: u64,
}

impl Worker {
    /// A worker for these queues, `jobs` steps at a time on the processors. `lease`: [`crate::LEASE`].
    pub fn new(
        registry: Registry,
        kinds: Arc<dyn Kinds>,
        queues: &[Queue],
        jobs: usize,
        lease: Duration,
        observer: Arc<dyn Observer>,
    ) -> Self {
        let pools = Pools::only(jobs, queues);
        Self { registry, kinds, pools, queues: queues.to_vec(), observer, cancel: Cancel::new(), lease }
    }

    /// A handle that stops it; whoever sets it wakes it too ([`Registry::woken`]).
    pub fn cancel(&self) -> Cancel {
        self.cancel.clone()
    }

    /// Stops it: what runs is finished, nothing new is taken.
    pub fn stopper(&self) -> impl Fn() + Send + Sync + 'static {
        let (cancel, registry) = (self.cancel.clone(), self.registry.downgrade());
        move || {
            cancel.cancel();
            if let Some(registry) = registry.upgrade() {
                registry.woken().notify_waiters();
            }
        }
    }

    /// Works until stopped.
    ///
    /// # Errors
    /// The registry fails. What ran is lost with its lease, and waits again.
    pub async fn run(self) -> Result<Worked, RunError> {
        let heart = Heart::start(&self.registry, &self.pools, self.lease).await?;
        let mut known = self.kinds.known();
        let mut running: JoinSet<Option<Result<StepResult, Failure>>> = JoinSet::new();
        let (mut lapses, mut rounds) = (Lapses::default(), rounds(self.lease));
        let mut worked = Worked::default();
        let mut woken = std::pin::pin!(self.registry.woken().notified());
        loop {
            if !self.cancel.is_cancelled() {
                for &queue in &self.queues {
                    for (claim, permit) in self.claim(queue, &known).await? {
                        match self.rebuild(&claim) {
                            Ok(step) => drop(running.spawn(self.carry(claim, step, permit))),
                            Err(why) => {
                                // Another build or another tool makes something else of every step of the kind: it is not asked
                                // for again.
                                worked.refused += 1;
                                known.retain(|(kind, _)| *kind != claim.step.kind);
                                self.give_back(&claim, &why).await?;
                            }
                        }
                    }
                }
            } else if running.is_empty() {
                break;
            }
            tokio::select! {
                biased;
                Some(ended) = running.join_next(), if !running.is_empty() => match ended {
                    Ok(Some(Ok(_))) => worked.done += 1,
                    Ok(Some(Err(Failure::Registry(RegistryError::Fenced { .. })))) => worked.late += 1,
                    Ok(Some(Err(Failure::Step(_)))) => worked.failed += 1,
                    Ok(Some(Err(Failure::Registry(error)))) => return Err(error.into()),
                    Ok(None) | Err(_) => {}
                },
                // Before the bell, which may ring without end.
                _ = rounds.tick() => {
                    lapses.look(&self.registry, self.lease).await?;
                    self.registry.declare_lost().await?;
                }
                () = &mut woken => woken.set(self.registry.woken().notified()),
            }
        }
        drop(heart);
        let mut txn = self.registry.begin();
        txn.worker_gone();
        txn.commit_soon().await?;
        Ok(worked)
    }

    /// Takes as much of a queue as there is room for. An idle worker only reads.
    async fn claim(&self, queue: Queue, known: &[(String, u32)]) -> Result<Vec<(Claimed, Permit)>, RunError> {
        let waiting = self.registry.waiting(queue.as_str(), known).await?;
        let mut permits = Vec::new();
        while permits.len() < waiting
            && let Some(permit) = self.pools.room_now(queue)
        {
            permits.push(permit);
        }
        if permits.is_empty() {
            return Ok(Vec::new());
        }
        let mut txn = self.registry.begin();
        txn.claim(queue.as_str(), u32::try_from(permits.len()).unwrap_or(u32::MAX), Scope::Anyone(known.to_vec()));
        let claimed = txn.commit_soon().await?.claimed.pop().unwrap_or_default();
        Ok(claimed.into_iter().zip(permits).collect())
    }

    /// The step, when it is the one that was asked for: same kind, same version, same tool, same inputs, hence the same key.
    fn rebuild(&self, claim: &Claimed) -> Result<Arc<dyn Step>, StepError> {
        let refuse = |why: String| StepError::new("orchestrator.not_rebuilt", why);
        let spec = claim.step.spec.as_deref().unwrap_or("null");
        let spec: Value = serde_json::from_str(spec).map_err(|e| refuse(format!("what it reads is damaged: {e}")))?;
        let step = self.kinds.build(&claim.step.name, &claim.step.kind, spec)?;
        match step_key(step.as_ref(), &claim.tenant) {
            Ok(key) if key == claim.step.memo_key => Ok(step),
            Ok(_) => Err(refuse("this process would make something else of it: its build or its tools are other ones".to_owned())),
            Err(error) => Err(refuse(error.to_string())),
        }
    }

    async fn give_back(&self, claim: &Claimed, why: &StepError) -> Result<(), RunError> {
        let mut txn = self.registry.begin();
        txn.step_release(&claim.step.run, &claim.step.name, claim.fence);
        let json = json!({"step": claim.step.name, "owner": self.registry.owner(), "code": why.code, "error": why.message});
        txn.event(Some(&claim.step.run), "step_refused", json);
        txn.commit_soon().await?;
        Ok(())
    }

    fn carry(
        &self,
        claim: Claimed,
        step: Arc<dyn Step>,
        permit: Permit,
    ) -> impl Future<Output = Option<Result<StepResult, Failure>>> + Send + 'static {
        let work = Work {
            registry: self.registry.clone(),
            observer: Arc::clone(&self.observer),
            cancel: self.cancel.child(),
            tenant: claim.tenant,
            step,
            row: claim.step,
            lost: None,
        };
        async move {
            let mut permit = Some(permit);
            Some(work.carry_out(claim.fence, &mut permit, &Mutex::new(Record::default())).await)
        }
    }
}
