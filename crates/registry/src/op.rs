//! The closed language of writing: every change to a store is a list of these acts.

use std::collections::BTreeMap;

use contracts::run::{Approval, RunStatus};
use contracts::{Hash, Id};
use serde_json::Value;

use crate::rows::{Claim, Claimed, Control, Making, Memo, MemoPut, NewRun, NewStep, Origin, OutputRef, Relation, Scope, StepState};

/// One act. Everything it needs is in it, so that a store can apply it without asking anyone. What an act refuses, it refuses
/// for its whole list.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// Notes that content is stored. Noted before, nothing changes.
    Blob {
        /// Its address.
        hash: Hash,
        /// Its size in bytes.
        size: u64,
    },
    /// Notes a tenant's document. The first note stays.
    Artifact {
        /// Whose.
        tenant: Id,
        /// Its address, size and kind.
        output: OutputRef,
        /// Where it came from.
        origin: Origin,
    },
    /// Offers a result: the first stays, unless it has expired. Answers in [`Committed::memos`]; another result than the one
    /// that stays leaves an event `memo_kept`.
    Memo {
        /// Whose.
        tenant: Id,
        /// The result.
        memo: Memo,
        /// The run that offers it.
        run: Option<Id>,
    },
    /// Notes beside a remembered result what its step has read. The first stays; nothing is remembered, nothing is noted.
    MemoReads {
        /// Whose.
        tenant: Id,
        /// The result's key.
        key: Hash,
        /// Canonical JSON.
        reads: String,
    },
    /// Forgets a result.
    MemoForget {
        /// Whose.
        tenant: Id,
        /// Its key.
        key: Hash,
    },
    /// Marks results as used now. No mark ever goes back in time.
    MemoUsed {
        /// Whose.
        tenant: Id,
        /// Their keys.
        keys: Vec<Hash>,
    },
    /// Notes how a document was made: the first parameters stay; of its inputs those that are noted content become parents.
    Making {
        /// Whose.
        tenant: Id,
        /// The document.
        hash: Hash,
        /// How it was made.
        making: Making,
    },
    /// Links two pieces of content. Linked before, nothing changes.
    Link {
        /// Whose.
        tenant: Id,
        /// The later one.
        child: Hash,
        /// How they hang together.
        relation: Relation,
        /// The earlier one.
        parent: Hash,
    },
    /// Forgets content for all tenants, and its links to what it was made from.
    Gone {
        /// Its address.
        hash: Hash,
    },
    /// Moves a name from one version to the next, compare and set, and notes the move. Refuses with `RefMoved`; answers in
    /// [`Committed::versions`].
    Ref {
        /// Whose.
        tenant: Id,
        /// The name.
        name: String,
        /// The version it must have; 0 when it must not be there.
        expected: i64,
        /// Where it points from now on.
        hash: Hash,
        /// On whose behalf.
        run: Option<Id>,
    },
    /// Appends to the log.
    Event {
        /// Its run.
        run: Option<Id>,
        /// Such as `step_finished`.
        kind: String,
        /// The rest, without secrets.
        json: Value,
    },
    /// Starts a run. Refuses with `RunExists`.
    RunStart {
        /// The run.
        run: NewRun,
        /// The process that makes it.
        owner: String,
    },
    /// Ends a run. Refuses with `RunNotRunning`. Where a film was made, nothing its episode waited for is a question any more;
    /// a look answers none.
    RunEnd {
        /// The run.
        run: Id,
        /// How it ended.
        status: RunStatus,
        /// Its summary.
        summary: Option<Hash>,
        /// Why it could not go on.
        error: Option<String>,
    },
    /// Adds a step, to be taken or answered by the memo. Refuses with `Taken` when the run has one of this name.
    StepAdd {
        /// The step.
        step: NewStep,
        /// Whether the memo has answered.
        hit: bool,
    },
    /// As `StepAdd`, also over a step that is there, as long as nobody holds it: its fence and its count of attempts go on.
    StepAgain {
        /// The step.
        step: NewStep,
        /// Whether the memo has answered.
        hit: bool,
    },
    /// Takes one step that waits, has failed or was lost; an attempt begins. Refuses with `Taken`; answers in
    /// [`Committed::fences`].
    StepTake {
        /// The run.
        run: Id,
        /// The step.
        name: String,
        /// Who takes it.
        owner: String,
    },
    /// Takes what waits in a queue, in the order of place, run and name, from runs that go on and that nobody has asked to
    /// stop; an attempt at each begins. No step is ever given to two. Answers in [`Committed::claimed`].
    Claim {
        /// The queue.
        queue: String,
        /// At most so many.
        limit: u32,
        /// From whose steps.
        scope: Scope,
        /// Who takes them.
        owner: String,
    },
    /// Leaves out a step that waits. Refuses with `Taken`.
    StepSkip {
        /// The run.
        run: Id,
        /// The step.
        name: String,
    },
    /// Lets a step that has failed, was lost, left out or is dead wait again, its deaths counted anew. Refuses with `Taken`.
    StepRetry {
        /// The run.
        run: Id,
        /// The step.
        name: String,
    },
    /// Gives a step back: it waits again, and the attempt never was. Not held under this fence, nothing happens.
    StepRelease {
        /// The run.
        run: Id,
        /// The step.
        name: String,
        /// Under which it was held.
        fence: i64,
    },
    /// Takes a step from a holder that is gone: the attempt is lost, the step waits again or, after three, is dead; leaves an
    /// event `lease_lost`. Not held under this fence, nothing happens.
    StepExpire {
        /// The run.
        run: Id,
        /// The step.
        name: String,
        /// Under which it was held.
        fence: i64,
    },
    /// Ends a step and its attempt. Refuses with `Fenced` when it is not held under this fence. What a done step reads is not
    /// kept.
    StepEnd {
        /// The run.
        run: Id,
        /// The step.
        name: String,
        /// Under which it is held.
        fence: i64,
        /// `Done` or `Failed`.
        state: StepState,
        /// Why it failed.
        error: Option<String>,
    },
    /// Notes that a process takes work; noted again, its beat counts up.
    WorkerUp {
        /// The process.
        owner: String,
        /// The queues it serves, by how many steps at a time.
        queues: BTreeMap<String, u32>,
        /// The version of its build.
        build: String,
    },
    /// Notes that a process takes no more work.
    WorkerGone {
        /// The process.
        owner: String,
    },
    /// Asks something of a run that is going, or lifts it. Refuses with `RunNotRunning`.
    Control {
        /// The run.
        run: Id,
        /// What is asked.
        control: Option<Control>,
    },
    /// Asks a person. What the same episode asked at this point about other content is taken back. Asked twice, the first
    /// stands.
    ReviewAsk {
        /// The run.
        run: Id,
        /// The approval point.
        point: String,
        /// The content it is about.
        subject: Hash,
        /// In words.
        what: String,
    },
    /// Takes a question back.
    ReviewEnd {
        /// The run.
        run: Id,
        /// The approval point.
        point: String,
        /// The content it is about.
        subject: Hash,
    },
    /// A process is gone. What it held of others' runs expires as in `StepExpire`. Of its own runs, what was held or waited is
    /// lost, and they end: `partial` when a step is done, else `failed`, with an event `run_interrupted`. Its claims are free.
    OwnerDied {
        /// The process.
        owner: String,
    },
    /// Records a decision, with the digest of itself and of the one before it ([`crate::decision_digest`]). Nothing changes or
    /// removes it: the database itself refuses to. All of the tenant who waited for it wait no more.
    Approval {
        /// The run.
        run: Id,
        /// The decision.
        approval: Approval,
    },
    /// Claims a client's key, when it is free or its answer has expired. Answers in [`Committed::claims`].
    RequestClaim {
        /// Whose.
        tenant: Id,
        /// The client's key.
        key: String,
        /// What is asked for.
        body: Hash,
        /// Who claims.
        owner: String,
    },
    /// Answers what this owner has claimed. Refuses with `NotClaimed`.
    RequestAnswer {
        /// Whose.
        tenant: Id,
        /// The client's key.
        key: String,
        /// Who has claimed.
        owner: String,
        /// The answer, a stored document.
        response: Hash,
        /// Until when it stands, milliseconds since the epoch.
        expires_at: i64,
    },
    /// Gives a claim back without an answer.
    RequestRelease {
        /// Whose.
        tenant: Id,
        /// The client's key.
        key: String,
        /// Who has claimed.
        owner: String,
    },
}

impl Op {
    /// Whether somebody who waits has something to do once this has happened.
    pub fn wakes(&self) -> bool {
        match self {
            Self::StepAdd { hit, .. } | Self::StepAgain { hit, .. } => !hit,
            Self::StepEnd { .. }
            | Self::StepRetry { .. }
            | Self::StepRelease { .. }
            | Self::StepExpire { .. }
            | Self::StepSkip { .. }
            | Self::Control { .. }
            | Self::Approval { .. }
            | Self::RunEnd { .. }
            | Self::OwnerDied { .. } => true,
            _ => false,
        }
    }

    /// Whether it gives a lease.
    pub fn leases(&self) -> bool {
        matches!(self, Self::StepTake { .. } | Self::Claim { .. })
    }
}

/// What a commit answered, each list in the order of its acts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Committed {
    /// For each `memo_put`.
    pub memos: Vec<MemoPut>,
    /// For each `step_take`: the fence to show when finishing.
    pub fences: Vec<i64>,
    /// For each `claim`: what was there to take, in the order of the queue.
    pub claimed: Vec<Vec<Claimed>>,
    /// For each `ref_cas`: the new version.
    pub versions: Vec<i64>,
    /// For each `request_claim`: what came of it.
    pub claims: Vec<Claim>,
}
