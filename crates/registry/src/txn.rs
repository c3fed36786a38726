//! Writing: a transaction is a list of acts that happen together or not at all, in one durable commit.

use std::collections::BTreeMap;

use contracts::run::{Approval, RunStatus};
use contracts::{Document, Hash, Id};
use kit::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::op::{Committed, Op};
use crate::redact::redacted;
use crate::rows::{Control, Making, Memo, NewRun, NewStep, Origin, OutputRef, Relation, Scope, StepState};
use crate::{Registry, RegistryError};

/// A transaction being put together. Dropping it undoes nothing, because nothing has happened; content that was already
/// stored stays as unreferenced bytes for a later collection.
pub struct Txn {
    registry: Registry,
    ops: Vec<Op>,
    run: Option<Id>,
}

#[derive(Deserialize)]
struct Envelope {
    schema_id: String,
    schema_version: String,
}

/// What an artifact's bytes say they are.
pub(crate) fn envelope(bytes: &[u8]) -> Result<(String, String), RegistryError> {
    let envelope: Envelope = serde_json::from_slice(bytes).map_err(|e| RegistryError::Envelope { reason: e.to_string() })?;
    Ok((envelope.schema_id, envelope.schema_version))
}

impl Txn {
    pub(crate) fn new(registry: Registry) -> Self {
        Self { registry, ops: Vec::new(), run: None }
    }

    fn op(&mut self, op: Op) -> &mut Self {
        self.ops.push(op);
        self
    }

    /// Stores an artifact's bytes as received and records it. Blocks on the disk.
    pub fn put_artifact(&mut self, tenant: &Id, bytes: &[u8], origin: Origin) -> Result<OutputRef, RegistryError> {
        let output = self.registry.put_artifact_bytes(bytes)?;
        self.record(tenant, &output, origin);
        Ok(output)
    }

    /// Seals a document, stores it and records it. Blocks on the disk.
    pub fn put_document<T: Document>(&mut self, tenant: &Id, document: &T, origin: Origin) -> Result<OutputRef, RegistryError> {
        self.put_artifact(tenant, &document.seal()?.0, origin)
    }

    /// Records content that is stored already: a blob, and an artifact when it is one.
    pub fn record(&mut self, tenant: &Id, output: &OutputRef, origin: Origin) -> &mut Self {
        self.op(Op::Blob { hash: output.hash.clone(), size: output.size });
        if output.schema_id.is_some() {
            self.op(Op::Artifact { tenant: tenant.clone(), output: output.clone(), origin });
        }
        self
    }

    /// Offers a result to the memo. The first result stays; [`Committed::memos`] says which it was.
    pub fn memo_put(&mut self, tenant: &Id, memo: Memo, run: Option<&Id>) -> &mut Self {
        self.op(Op::Memo { tenant: tenant.clone(), memo, run: run.cloned() })
    }

    /// Records beside a remembered result what its step has read: its projection, canonical JSON. The first stays.
    pub fn memo_reads(&mut self, tenant: &Id, key: &Hash, reads: String) -> &mut Self {
        self.op(Op::MemoReads { tenant: tenant.clone(), key: key.clone(), reads })
    }

    /// Removes a remembered result, because its content is lost.
    pub fn memo_forget(&mut self, tenant: &Id, key: &Hash) -> &mut Self {
        self.op(Op::MemoForget { tenant: tenant.clone(), key: key.clone() })
    }

    /// Marks remembered results as used now, for eviction by least recent use.
    pub fn memo_used(&mut self, tenant: &Id, keys: &[Hash]) -> &mut Self {
        if keys.is_empty() {
            return self;
        }
        self.op(Op::MemoUsed { tenant: tenant.clone(), keys: keys.to_vec() })
    }

    /// Records how content that this transaction (or an earlier one) stores was made: its creation parameters, of which the
    /// first stay, and its parents.
    pub fn making(&mut self, tenant: &Id, hash: &Hash, making: Making) -> &mut Self {
        self.op(Op::Making { tenant: tenant.clone(), hash: hash.clone(), making })
    }

    /// Links two pieces of content. Both are kept; nothing about either changes.
    pub fn link(&mut self, tenant: &Id, child: &Hash, relation: Relation, parent: &Hash) -> &mut Self {
        self.op(Op::Link { tenant: tenant.clone(), child: child.clone(), relation, parent: parent.clone() })
    }

    /// Names the run on whose behalf the names in this transaction move.
    pub fn on_behalf_of(&mut self, run: &Id) -> &mut Self {
        self.run = Some(run.clone());
        self
    }

    /// Moves a name from `expected` (0 for absent) to this content, or fails the transaction with `RefMoved`. Every move is
    /// kept ([`Registry::ref_moves`]).
    pub fn ref_cas(&mut self, tenant: &Id, name: &str, expected: i64, hash: &Hash) -> &mut Self {
        let run = self.run.clone();
        self.op(Op::Ref { tenant: tenant.clone(), name: name.to_owned(), expected, hash: hash.clone(), run })
    }

    /// Forgets that content was stored, after its file was removed because nothing refers to it.
    pub(crate) fn gone(&mut self, hash: &Hash) -> &mut Self {
        self.op(Op::Gone { hash: hash.clone() })
    }

    /// Appends an event.
    pub fn event(&mut self, run: Option<&Id>, kind: &str, json: Value) -> &mut Self {
        self.op(Op::Event { run: run.cloned(), kind: kind.to_owned(), json: redacted(json) })
    }

    /// Starts a run, owned by this process. Fails with `RunExists` when the id is taken.
    pub fn run_start(&mut self, run: NewRun) -> &mut Self {
        let owner = self.registry.owner().to_owned();
        self.op(Op::RunStart { run, owner })
    }

    /// Ends a run. Fails with `RunNotRunning` when it has ended before.
    pub fn run_end(&mut self, run: &Id, status: RunStatus, summary: Option<&Hash>, error: Option<&str>) -> &mut Self {
        self.op(Op::RunEnd { run: run.clone(), status, summary: summary.cloned(), error: error.map(clean) })
    }

    /// Adds a step that waits to be taken.
    pub fn step_add(&mut self, step: NewStep) -> &mut Self {
        self.op(Op::StepAdd { step, hit: false })
    }

    /// Adds a step that the memo has answered.
    pub fn step_hit(&mut self, step: NewStep) -> &mut Self {
        self.op(Op::StepAdd { step, hit: true })
    }

    /// Puts a step of this run that has ended or never began back to be taken again, or marks it answered by the memo. Fails
    /// with `Taken` while somebody holds it.
    pub fn step_again(&mut self, step: NewStep, hit: bool) -> &mut Self {
        self.op(Op::StepAgain { step, hit })
    }

    /// Takes a step for this process. Its fence is in [`Committed::fences`]; fails with `Taken` when it is held or done.
    pub fn step_take(&mut self, run: &Id, name: &str) -> &mut Self {
        let owner = self.registry.owner().to_owned();
        self.op(Op::StepTake { run: run.clone(), name: name.to_owned(), owner })
    }

    /// Takes what waits in a queue, at most `limit` steps, for this process: [`Committed::claimed`].
    pub fn claim(&mut self, queue: &str, limit: u32, scope: Scope) -> &mut Self {
        let owner = self.registry.owner().to_owned();
        self.op(Op::Claim { queue: queue.to_owned(), limit, scope, owner })
    }

    /// Leaves out a step that waits.
    pub fn step_skip(&mut self, run: &Id, name: &str) -> &mut Self {
        self.op(Op::StepSkip { run: run.clone(), name: name.to_owned() })
    }

    /// Puts a step that has failed, was lost or is dead back into its queue, its attempts counted anew.
    pub fn step_retry(&mut self, run: &Id, name: &str) -> &mut Self {
        self.op(Op::StepRetry { run: run.clone(), name: name.to_owned() })
    }

    /// Gives a step back that this process took and cannot do: it waits for another, and the attempt never was.
    pub fn step_release(&mut self, run: &Id, name: &str, fence: i64) -> &mut Self {
        self.op(Op::StepRelease { run: run.clone(), name: name.to_owned(), fence })
    }

    /// Takes a step from a holder that beats no more: it waits again, or is dead when that happened too often. Nothing happens
    /// when the holder has ended it meanwhile.
    pub fn step_expire(&mut self, run: &Id, name: &str, fence: i64) -> &mut Self {
        self.op(Op::StepExpire { run: run.clone(), name: name.to_owned(), fence })
    }

    /// Says that this process takes work, from which queues how much at a time. Said again, it is a beat: this process lives.
    pub fn worker_up(&mut self, queues: &BTreeMap<String, u32>, build: &str) -> &mut Self {
        let owner = self.registry.owner().to_owned();
        self.op(Op::WorkerUp { owner, queues: queues.clone(), build: build.to_owned() })
    }

    /// Says that this process takes no more work.
    pub fn worker_gone(&mut self) -> &mut Self {
        let owner = self.registry.owner().to_owned();
        self.op(Op::WorkerGone { owner })
    }

    /// Asks something of a run that is going, or lifts what was asked. Fails with `RunNotRunning` when it has ended.
    pub fn control(&mut self, run: &Id, control: Option<Control>) -> &mut Self {
        self.op(Op::Control { run: run.clone(), control })
    }

    /// Asks a person to decide. Asked twice, it stands once, since the first time.
    pub fn review_ask(&mut self, run: &Id, point: &str, subject: &Hash, what: &str) -> &mut Self {
        self.op(Op::ReviewAsk { run: run.clone(), point: point.to_owned(), subject: subject.clone(), what: what.to_owned() })
    }

    /// Takes a question back, because it was answered or is none any more.
    pub fn review_end(&mut self, run: &Id, point: &str, subject: &Hash) -> &mut Self {
        self.op(Op::ReviewEnd { run: run.clone(), point: point.to_owned(), subject: subject.clone() })
    }

    /// Finishes a step. Fails with `Fenced`, and everything with it, when the step is not held under this fence.
    pub fn step_finish(&mut self, run: &Id, name: &str, fence: i64) -> &mut Self {
        self.op(Op::StepEnd { run: run.clone(), name: name.to_owned(), fence, state: StepState::Done, error: None })
    }

    /// Records that an attempt failed; the step can be taken again. Fenced as [`Txn::step_finish`].
    pub fn step_fail(&mut self, run: &Id, name: &str, fence: i64, error: &str) -> &mut Self {
        let error = Some(clean(error));
        self.op(Op::StepEnd { run: run.clone(), name: name.to_owned(), fence, state: StepState::Failed, error })
    }

    /// Records a person's decision, which nothing can change afterwards. Who waited for it waits no more.
    pub fn approval(&mut self, run: &Id, approval: Approval) -> &mut Self {
        self.op(Op::Approval { run: run.clone(), approval })
    }

    /// Claims a key under which a client asks once for what `body` says. [`Committed::claims`] says who has it now.
    pub fn request_claim(&mut self, tenant: &Id, key: &str, body: &Hash) -> &mut Self {
        let owner = self.registry.owner().to_owned();
        self.op(Op::RequestClaim { tenant: tenant.clone(), key: key.to_owned(), body: body.clone(), owner })
    }

    /// Answers a request this process has claimed: the document stays, with all it names, until it expires, and then the
    /// key is free again. Fails with `NotClaimed` when the claim is not this process's any more.
    pub fn request_answer(&mut self, tenant: &Id, key: &str, response: &Hash, expires: Timestamp) -> &mut Self {
        let owner = self.registry.owner().to_owned();
        let (tenant, key, response) = (tenant.clone(), key.to_owned(), response.clone());
        self.op(Op::RequestAnswer { tenant, key, owner, response, expires_at: expires.ms() })
    }

    /// Gives a claim back without an answer: the next who asks may work.
    pub fn request_release(&mut self, tenant: &Id, key: &str) -> &mut Self {
        let owner = self.registry.owner().to_owned();
        self.op(Op::RequestRelease { tenant: tenant.clone(), key: key.to_owned(), owner })
    }

    pub(crate) fn owner_died(&mut self, owner: &str) -> &mut Self {
        self.op(Op::OwnerDied { owner: owner.to_owned() })
    }

    /// Whether there is nothing to commit.
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    /// Commits everything or nothing. When this returns, it has reached the medium.
    pub async fn commit(self) -> Result<Committed, RegistryError> {
        self.send(true).await
    }

    /// Commits everything or nothing without waiting for the medium: visible to all at once, lost in a power cut unless a
    /// later durable commit follows, which carries it along. For what can be done again: taking a step, a hit, an event.
    pub async fn commit_soon(self) -> Result<Committed, RegistryError> {
        self.send(false).await
    }

    async fn send(self, durable: bool) -> Result<Committed, RegistryError> {
        if self.ops.is_empty() {
            return Ok(Committed::default());
        }
        self.registry.store().commit(self.ops, durable).await
    }
}

/// A message without secrets.
fn clean(text: &str) -> String {
    kit::redact::redactor().text(text).into_owned()
}
