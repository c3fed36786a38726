//! The records beside the content: what each table says, as Rust types.

use std::collections::BTreeMap;
use std::fmt;

use contracts::run::RunStatus;
use contracts::{Hash, Id};
use kit::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How a result can be had again (design, law 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// The same bytes on any machine.
    Pure,
    /// The same bytes for one build of a tool, whose fingerprint is in the key.
    Pinned,
    /// Cannot be recomputed; kept and replayed.
    Recorded,
}

impl Grade {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pure => "pure",
            Self::Pinned => "pinned",
            Self::Recorded => "recorded",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Pure, Self::Pinned, Self::Recorded].into_iter().find(|g| g.as_str() == text)
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One named output of a step: stored content, and what kind of document it is if it is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputRef {
    /// Its address.
    pub hash: Hash,
    /// Its size in bytes.
    pub size: u64,
    /// `schema_id` of an artifact; absent for a blob.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_id: Option<String>,
    /// `schema_version` of an artifact; absent for a blob.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_version: Option<String>,
}

/// What a step returned: named content, and small facts a later stage decides by (counts, lengths, names).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outputs {
    /// Named content.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, OutputRef>,
    /// Small facts; null when there are none.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub facts: Value,
    /// Milliseconds since the epoch from which on it may not be used again, where somebody else's terms say so. It is then
    /// forgotten, and asked for anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
}

impl Outputs {
    /// No outputs.
    pub fn new() -> Self {
        Self::default()
    }

    /// These outputs and one more.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, output: OutputRef) -> Self {
        self.files.insert(name.into(), output);
        self
    }

    /// These outputs with these facts.
    #[must_use]
    pub fn with_facts(mut self, facts: Value) -> Self {
        self.facts = facts;
        self
    }

    /// These outputs, to be used until then and no longer.
    #[must_use]
    pub fn until(mut self, end: Timestamp) -> Self {
        self.expires_at = Some(end.ms());
        self
    }

    /// Whether they may not be used any more.
    pub fn expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now.ms())
    }

    /// The output of this name.
    pub fn get(&self, name: &str) -> Option<&OutputRef> {
        self.files.get(name)
    }

    /// The address of the output of this name.
    pub fn hash(&self, name: &str) -> Option<&Hash> {
        self.files.get(name).map(|o| &o.hash)
    }
}

/// A remembered result.
#[derive(Clone, Debug, PartialEq)]
pub struct Memo {
    /// The step's key.
    pub key: Hash,
    /// How it can be had again.
    pub grade: Grade,
    /// The step's kind.
    pub kind: String,
    /// The version of that kind.
    pub kind_version: u32,
    /// The result.
    pub outputs: Outputs,
}

/// What the memo says to a question.
#[derive(Clone, Debug, PartialEq)]
pub enum MemoLookup {
    /// Remembered, and every output is there at its size.
    Hit(Memo),
    /// Not remembered.
    Miss,
    /// Was remembered; content of it is gone, or the row itself is damaged. The row is removed, so that a new result can
    /// take its place.
    Lost {
        /// The content that is gone; the memo's key when it is the row that is damaged.
        hash: Hash,
        /// What was remembered, to hold a new result against; `None` when the row is damaged.
        was: Option<Outputs>,
    },
}

/// What happened when a result was offered to the memo.
#[derive(Clone, Debug, PartialEq)]
pub enum MemoPut {
    /// It was the first.
    Stored,
    /// The same result was there.
    Same,
    /// Another result was there first and stays; for a pure step this is a defect of the step.
    Kept(Outputs),
}

/// One production of one episode, to be started.
#[derive(Clone, Debug, PartialEq)]
pub struct NewRun {
    /// Its id.
    pub id: Id,
    /// Whose it is.
    pub tenant: Id,
    /// The project.
    pub project: Id,
    /// From 1.
    pub episode: u32,
    /// The run folder, as the person named it.
    pub out_dir: Option<String>,
    /// A look at work in hand: what it made is kept only while it is among the newest looks of its episode.
    pub look: bool,
    /// The command that makes the same run again, if there is one.
    pub request: Option<Vec<String>>,
}

/// A row of `runs`.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRow {
    /// Its id.
    pub id: Id,
    /// Whose it is.
    pub tenant: Id,
    /// The project.
    pub project: Id,
    /// From 1.
    pub episode: u32,
    /// `running`, `completed`, `degraded`, `blocked`, `failed`, `partial`, `cancelled` (as in `RunStatus`).
    pub status: String,
    /// The process that makes it.
    pub owner: String,
    /// When it started.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// The run folder.
    pub out_dir: Option<String>,
    /// The address of its RunSummary.
    pub summary: Option<Hash>,
    /// Why it could not go on.
    pub error: Option<String>,
    /// What a person asks of it.
    pub control: Option<Control>,
    /// Whether it was only a look at work in hand, or ahead.
    pub look: bool,
    /// The command that makes the same run again, if it was recorded.
    pub request: Option<Vec<String>>,
}

/// Which runs to list.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// Of this project only.
    pub project: Option<Id>,
    /// Of this episode only.
    pub episode: Option<u32>,
    /// At most this many; 0 for all.
    pub limit: u32,
}

/// What came of claiming a key under which a client asks for something once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nobody had it, or what was answered under it has expired: this process may work.
    Mine,
    /// It was answered before.
    Answered {
        /// What was asked for then.
        body: Hash,
        /// The answer, a stored document.
        response: Hash,
    },
    /// A process is at it.
    Held {
        /// What it was asked for.
        body: Hash,
        /// Who.
        owner: String,
    },
}

/// A node of a run's graph.
#[derive(Clone, Debug, PartialEq)]
pub struct NewStep {
    /// Its run.
    pub run: Id,
    /// Its name, unique in the run.
    pub name: String,
    /// Its stage.
    pub stage: String,
    /// Its kind.
    pub kind: String,
    /// The version of that kind.
    pub kind_version: u32,
    /// How its result can be had again.
    pub grade: Grade,
    /// Its key in the memo.
    pub memo_key: Hash,
    /// The queue it waits in.
    pub queue: String,
    /// Its place in the queue: lower ones first, then by run and name.
    pub place: u64,
    /// What it reads, canonical JSON, when any process can rebuild it from that; else only its run's own process can.
    pub spec: Option<String>,
    /// How long one attempt may take, milliseconds.
    pub timeout_ms: Option<u64>,
}

/// Where a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// Waiting to be taken.
    Ready,
    /// Held by a worker.
    Running,
    /// Finished.
    Done,
    /// Its attempt failed.
    Failed,
    /// Its worker died with its run.
    Lost,
    /// Too many workers died over it: nobody takes it again unless a person says so.
    Dead,
    /// Left out, as the graph says.
    Skipped,
}

impl StepState {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Lost => "lost",
            Self::Dead => "dead",
            Self::Skipped => "skipped",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Ready, Self::Running, Self::Done, Self::Failed, Self::Lost, Self::Dead, Self::Skipped]
            .into_iter()
            .find(|s| s.as_str() == text)
    }
}

/// A row of `steps`.
#[derive(Clone, Debug, PartialEq)]
pub struct StepRow {
    /// What it is.
    pub step: NewStep,
    /// Where it stands.
    pub state: StepState,
    /// The process that holds or held it.
    pub lease: Option<String>,
    /// The number of that lease; 0 when it was never held.
    pub fence: i64,
    /// How many times it was taken.
    pub attempt: u32,
    /// Whether the memo answered.
    pub hit: bool,
    /// When it was put into its queue.
    pub enqueued: Option<Timestamp>,
    /// When it was taken.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Why its last attempt failed.
    pub error: Option<String>,
}

/// A row of `events`.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRow {
    /// Its place in the log; grows, with gaps at most where a commit was undone.
    pub seq: i64,
    /// Its run, if it has one.
    pub run: Option<Id>,
    /// When.
    pub at: Timestamp,
    /// Such as `step_finished`.
    pub kind: String,
    /// The rest.
    pub json: Value,
}

/// A row of `refs`: a name that moves.
#[derive(Clone, Debug, PartialEq)]
pub struct RefRow {
    /// What it points to.
    pub hash: Hash,
    /// Counts its moves, from 1.
    pub version: i64,
}

/// One move of a name.
#[derive(Clone, Debug, PartialEq)]
pub struct RefMove {
    /// The name.
    pub name: String,
    /// The version this move made, from 1.
    pub version: i64,
    /// What the name points to since.
    pub hash: Hash,
    /// The run that moved it, where one did and it was recorded.
    pub run: Option<Id>,
    /// When.
    pub at: Timestamp,
}

/// How a piece of content was made: the creation parameters that stand beside it, and what it was made from.
#[derive(Clone, Debug, PartialEq)]
pub struct Making {
    /// The kind of step.
    pub kind: String,
    /// The version of that kind.
    pub kind_version: u32,
    /// How it can be had again.
    pub grade: Grade,
    /// The key under which the result is remembered.
    pub memo_key: Hash,
    /// The fingerprint of the tool that made it, where one did.
    pub tool: Option<String>,
    /// Addresses the step read. Those that are stored content become its parents; others are left out.
    pub inputs: Vec<Hash>,
}

/// How two pieces of content hang together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// The child was made from the parent.
    MadeFrom,
    /// The child took the parent's place; both are kept.
    Supersedes,
}

impl Relation {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MadeFrom => "made_from",
            Self::Supersedes => "supersedes",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::MadeFrom, Self::Supersedes].into_iter().find(|r| r.as_str() == text)
    }
}

/// What stands directly above and below a piece of content.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lineage {
    /// What it was made from, and what it took the place of.
    pub parents: Vec<(Relation, Hash)>,
    /// What was made from it, and what took its place.
    pub children: Vec<(Relation, Hash)>,
}

/// A row of `artifacts`.
#[derive(Clone, Debug, PartialEq)]
pub struct ArtifactRow {
    /// Its address.
    pub hash: Hash,
    /// Its kind.
    pub schema_id: String,
    /// The version it was written in.
    pub schema_version: String,
    /// Its size in bytes.
    pub size: u64,
    /// When it was first stored.
    pub created_at: Timestamp,
    /// The run that first stored it.
    pub run: Option<Id>,
    /// The step that first stored it.
    pub step: Option<String>,
    /// How it was made, without its inputs (those are in its [`Lineage`]); `None` for what no step made, and for what was
    /// stored before this was recorded.
    pub made: Option<Making>,
}

/// Where an artifact came from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Origin {
    /// The run.
    pub run: Option<Id>,
    /// The step.
    pub step: Option<String>,
}

/// A step that a worker has claimed.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// What it is.
    pub step: NewStep,
    /// Whose run it is.
    pub tenant: Id,
    /// The fence to show when finishing.
    pub fence: i64,
    /// Which attempt this is, from 1.
    pub attempt: u32,
}

/// A step that another process holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// Its run.
    pub run: Id,
    /// The step.
    pub step: String,
    /// Under which fence.
    pub fence: i64,
    /// Who holds it.
    pub owner: String,
    /// What the holder's beat says now ([`WorkerRow::beat`]).
    pub beat: i64,
}

/// From whose steps a worker claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// From this stage of this run, which is this process's own.
    Stage(Id, String),
    /// From every run of the home, those steps of these kinds and versions that any process can rebuild.
    Anyone(Vec<(String, u32)>),
}

/// One try at a step.
#[derive(Clone, Debug, PartialEq)]
pub struct AttemptRow {
    /// The step.
    pub step: String,
    /// From 1.
    pub n: u32,
    /// The process that tried.
    pub owner: String,
    /// Under which fence.
    pub fence: i64,
    /// When it was taken.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// `done`, `failed` or `lost`; `None` while it runs.
    pub outcome: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
}

/// A process that takes work.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkerRow {
    /// The name it signs with.
    pub owner: String,
    /// The queues it serves, by how many steps at a time.
    pub queues: BTreeMap<String, u32>,
    /// The version of the build it is.
    pub build: String,
    /// When it came.
    pub started: Timestamp,
    /// Counts up while it lives. Whoever sees it stand still for the length of a lease, by a clock of its own, may take over.
    pub beat: i64,
}

/// What a run waits for a person to decide.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewRow {
    /// The run.
    pub run: Id,
    /// The approval point.
    pub point: String,
    /// The content it is about.
    pub subject: Hash,
    /// In words.
    pub what: String,
    /// Since when.
    pub at: Timestamp,
}

/// What a person asks of a run that is going.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Start nothing until it is lifted.
    Pause,
    /// Let what runs finish, start nothing, end.
    Drain,
    /// Stop what can be stopped, end.
    Cancel,
}

impl Control {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Drain => "drain",
            Self::Cancel => "cancel",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Pause, Self::Drain, Self::Cancel].into_iter().find(|c| c.as_str() == text)
    }
}

/// The name of a run's status in the database.
pub(crate) fn status_name(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Running => "running",
        RunStatus::Completed => "completed",
        RunStatus::Degraded => "degraded",
        RunStatus::Blocked => "blocked",
        RunStatus::Failed => "failed",
        RunStatus::Partial => "partial",
        RunStatus::Cancelled => "cancelled",
    }
}
