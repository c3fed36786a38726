//! The seam to the database: what the registry asks of it, and what it relies on. Embedded it is SQLite
//! ([`crate::SqliteStore`]); beyond one machine another database keeps the same promises. `tests/it/contract.rs` holds them.

use std::collections::BTreeMap;
use std::sync::Arc;

use contracts::run::Approval;
use contracts::{Hash, Id};
use futures_util::future::BoxFuture;
use kit::{Clock, Failpoints, Timestamp};
use tokio::sync::Notify;

use crate::RegistryError;
use crate::index::Index;
use crate::op::{Committed, Op};
use crate::rows::{
    ArtifactRow, AttemptRow, Claim, EventRow, Grade, Held, Lineage, Memo, Outputs, RefMove, RefRow, ReviewRow, RunFilter, RunRow, StepRow,
    WorkerRow,
};
use crate::wake::Wake;

/// What a store answers, once it has asked its database.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, RegistryError>>;

/// What a store stands on, and whom it tells.
#[derive(Clone)]
pub struct Around {
    /// The time of rows and events: all acts of one commit happen at one moment.
    pub clock: Arc<dyn Clock>,
    /// Points where a test makes a commit fail or die.
    pub failpoints: Failpoints,
    /// Those of this process who wait.
    pub woken: Arc<Notify>,
    /// The other processes of the home; a registry in memory has none.
    pub wake: Option<Arc<dyn Wake>>,
}

impl Around {
    /// Tells all who wait, here and elsewhere, that there may be something to do.
    pub fn tell(&self) {
        self.woken.notify_waiters();
        self.wake.iter().for_each(|wake| wake.tell());
    }

    /// The failpoints of a commit, one a list: how lists fall into groups is a matter of time, their number is not. `lists`
    /// says of each whether it is durable.
    pub(crate) fn points(
        &self,
        lists: impl IntoIterator<Item = bool>,
        durable: &'static str,
        soon: &'static str,
    ) -> Result<(), RegistryError> {
        lists.into_iter().try_for_each(|list| self.failpoints.hit(if list { durable } else { soon })).map_err(RegistryError::from)
    }
}

/// The database behind a registry. It holds what is true; what is in the memory of a store is lost with it.
///
/// # What every store keeps
/// - *Whole lists.* A list that was acknowledged is there whole; one that was refused left nothing, and takes no other with it.
///   One that failed (`Database`, `Closed`, `Injected`) is there whole or not at all, and whoever asks again sees which. A caller
///   that stops waiting undoes nothing and leaves nothing half done.
/// - *One order.* Lists happen one after the other, on all machines the same; each act sees what those before it did. A
///   question sees whole commits only, and all that were acknowledged before it was asked.
/// - *Numbers that grow.* No fence is ever given twice, not even one that a power cut took back, and each is greater than all
///   before. Whoever has seen an event never sees one with a lower number come later: a counter that is not drawn in the order
///   of the commits does not keep this.
/// - *Tenants apart.* What is asked for one tenant answers nothing of another's.
/// - *Order of rows* as each question says, on texts byte by byte, whatever the database's language is.
/// - *A newer layout is refused*, with what it is, and left as it is.
pub trait Store: Send + Sync {
    /// Does all of a list or nothing. `durable`: answers when it has reached the medium; else as soon as all can see it, and a
    /// power cut may take it back until a later durable commit carries it along. Lists that wait may share one commit. After
    /// it, when an act of a list that was not refused [wakes](Op::wakes), [`Around::tell`] is called before anybody is answered.
    /// For each list, failpoint `registry.before_commit` lies before the commit and `registry.after_commit` after it
    /// (`…_soon` where it is not durable).
    ///
    /// [`Op::Claim`] takes in one statement, or under a lock: of two who claim at once, none gets what the other has, and none
    /// waits for the other's work. [`Op::StepEnd`] compares the fence and ends the step in one statement.
    fn commit(&self, ops: Vec<Op>, durable: bool) -> Answer<'_, Committed>;

    /// Finishes what was handed in, and lets go of the database. Afterwards `commit` fails with `Closed`. Asked twice, it
    /// answers twice.
    fn close(&self) -> BoxFuture<'_, ()>;

    /// What is remembered under these keys, in any order; those that are not are left out. The one question that is asked for
    /// every step: it reads nothing that stands in [`Store::memo_reads`].
    fn memos<'a>(&'a self, tenant: &'a Id, keys: &'a [Hash]) -> Answer<'a, Vec<MemoRow>>;

    /// What the steps with these keys have read, as text, in any order, where it was noted.
    fn memo_reads<'a>(&'a self, tenant: &'a Id, keys: &'a [Hash]) -> Answer<'a, Vec<(Hash, String)>>;

    /// What is known beside a document.
    fn artifact<'a>(&'a self, tenant: &'a Id, hash: &'a Hash) -> Answer<'a, Option<ArtifactRow>>;

    /// What stands directly above and below a piece of content, each by relation and address.
    fn lineage<'a>(&'a self, tenant: &'a Id, hash: &'a Hash) -> Answer<'a, Lineage>;

    /// Where a name points.
    fn get_ref<'a>(&'a self, tenant: &'a Id, name: &'a str) -> Answer<'a, Option<RefRow>>;

    /// Moves of names, the oldest first: of one name by version, to one content by time, name and version.
    fn ref_moves<'a>(&'a self, tenant: &'a Id, of: Moves<'a>) -> Answer<'a, Vec<RefMove>>;

    /// One run.
    fn run<'a>(&'a self, id: &'a Id) -> Answer<'a, Option<RunRow>>;

    /// A tenant's runs, the newest first; of one moment, the greatest id first.
    fn runs<'a>(&'a self, tenant: &'a Id, filter: &'a RunFilter) -> Answer<'a, Vec<RunRow>>;

    /// How long a tenant's steps of a kind took on average, in whole milliseconds, over the newest thousand that ran.
    fn usual_ms<'a>(&'a self, tenant: &'a Id) -> Answer<'a, BTreeMap<String, u64>>;

    /// The steps of a run, by name; or those of these names, in any order.
    fn steps<'a>(&'a self, run: &'a Id, names: Option<&'a [&'a str]>) -> Answer<'a, Vec<StepRow>>;

    /// The attempts at the steps of a run, by step and number.
    fn attempts<'a>(&'a self, run: &'a Id) -> Answer<'a, Vec<AttemptRow>>;

    /// How many steps a [claim](Op::Claim) of anyone's steps of these kinds and versions would find in a queue.
    fn waiting<'a>(&'a self, queue: &'a str, kinds: &'a [(String, u32)]) -> Answer<'a, usize>;

    /// Steps of runs that are going, held by others than this owner, by run and name.
    fn held<'a>(&'a self, not_by: &'a str) -> Answer<'a, Vec<Held>>;

    /// Processes that take work, by name.
    fn workers(&self) -> Answer<'_, Vec<WorkerRow>>;

    /// Processes that hold a run, a step or a claim or take work, each once. Which of them live the registry judges, by their
    /// folders: of processes on another machine it knows nothing, and must not be asked to.
    fn holders(&self) -> Answer<'_, Vec<String>>;

    /// Events after a place in the log, in its order: of one run, or of all.
    fn events<'a>(&'a self, run: Option<&'a Id>, after: i64, limit: u32) -> Answer<'a, Vec<EventRow>>;

    /// The decisions recorded for a run, in the order they were made.
    fn approvals<'a>(&'a self, run: &'a Id) -> Answer<'a, Vec<Approval>>;

    /// The last decision of a tenant's people about this content at this point, and for which run.
    fn decided<'a>(&'a self, tenant: &'a Id, point: &'a str, subject: &'a Hash) -> Answer<'a, Option<(Id, Approval)>>;

    /// What waits for a person, of one run or of all: by time, run, point and content.
    fn reviews<'a>(&'a self, run: Option<&'a Id>) -> Answer<'a, Vec<ReviewRow>>;

    /// Who has claimed a client's key; `None` when it is free or its answer has expired by then.
    fn request<'a>(&'a self, tenant: &'a Id, key: &'a str, now: Timestamp) -> Answer<'a, Option<Claim>>;

    /// Every row that refers to content. Whoever asks keeps writers away, or can bear that the parts are of different moments.
    fn index(&self, now: Timestamp) -> Answer<'_, Index>;

    /// Each `step_finished` of the log, as text, with the grade of its step.
    fn finished(&self) -> Answer<'_, Vec<(Grade, String)>>;

    /// All decisions as they stand, in the order they were made, with what guards them: rows that do not read back too.
    fn decisions(&self) -> Answer<'_, Decisions>;

    /// What the database says of its own files, and rows that point to rows which are not there; empty when all is well.
    fn complaints(&self) -> Answer<'_, Vec<String>>;
}

/// Which moves of names.
#[derive(Clone, Copy, Debug)]
pub enum Moves<'a> {
    /// Of this name.
    Of(&'a str),
    /// Of any name to this content.
    To(&'a Hash),
}

/// A remembered result as it stands in the database.
#[derive(Clone, Debug, PartialEq)]
pub struct MemoRow {
    /// The step's key.
    pub key: Hash,
    /// How it can be had again.
    pub grade: Grade,
    /// The step's kind.
    pub kind: String,
    /// The version of that kind.
    pub kind_version: u32,
    /// The result, as JSON: the text that was written.
    pub outputs: String,
    /// What guards it ([`memo_digest`]); `None` for what older layouts remembered.
    pub digest: Option<String>,
}

impl MemoRow {
    /// What was remembered; `None` when the row does not say what was written.
    pub(crate) fn outputs(&self) -> Option<Outputs> {
        if self.digest.as_ref().is_some_and(|d| d != memo_digest(&self.key, &self.outputs).as_str()) {
            return None;
        }
        serde_json::from_str(&self.outputs).ok()
    }

    /// The row as what was remembered.
    pub(crate) fn with(self, outputs: Outputs) -> Memo {
        Memo { key: self.key, grade: self.grade, kind: self.kind, kind_version: self.kind_version, outputs }
    }
}

/// What guards a memo's row: under which key which outputs, as text, were remembered.
pub fn memo_digest(key: &Hash, outputs: &str) -> Hash {
    Hash::of(format!("{key} {outputs}").as_bytes())
}

/// People's decisions as they stand in the database.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decisions {
    /// In the order they were made.
    pub rows: Vec<DecisionRow>,
    /// The greatest number that was ever given.
    pub ever: i64,
}

/// A decision as it stands in the database.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionRow {
    /// Its number.
    pub seq: i64,
    /// Its run, as it stands there.
    pub run: String,
    /// What it says; `None` when it does not read back.
    pub said: Option<(Id, Approval)>,
    /// What guards it; `None` for those of older layouts.
    pub digest: Option<String>,
}
