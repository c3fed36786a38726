//! What can go wrong, each with a stable code.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use contracts::{CanonicalError, Hash, Id, ReadError};

/// Why the registry could not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// SQLite refused or failed. Shared, because one failed commit fails everyone in its group.
    #[error("the registry's database failed: {0}")]
    Database(Arc<rusqlite::Error>),
    /// The database could not be opened: no right to, no space, or not a database.
    #[error("cannot open the registry's database {}: {source}", .path.display())]
    CannotOpen {
        /// Its file.
        path: PathBuf,
        /// SQLite's reason.
        source: Arc<rusqlite::Error>,
    },
    /// The database was written by a newer build.
    #[error("the database {} has layout {found}, and this build knows up to {ours}: use the newer build that wrote it, or another home", .path.display())]
    NewerDatabase {
        /// Its file.
        path: PathBuf,
        /// Its layout.
        found: i64,
        /// The newest layout of this build.
        ours: i64,
    },
    /// A file could not be read or written.
    #[error("cannot {act} {}: {source}", .path.display())]
    Io {
        /// What was being done, such as `write`.
        act: &'static str,
        /// To which file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Stored bytes are not the ones that were stored. The file has been moved out of the way.
    #[error("the stored file {hash} is damaged: {}{}", .path.display(), .quarantined.as_ref().map_or(String::new(), |q| format!("; moved to {}", q.display())))]
    Corrupt {
        /// The address it should have.
        hash: Hash,
        /// Where it stood.
        path: PathBuf,
        /// Where it stands now; `None` when it could not be moved.
        quarantined: Option<PathBuf>,
    },
    /// No such content.
    #[error("nothing is stored under {hash}")]
    Missing {
        /// The address asked for.
        hash: Hash,
    },
    /// A recorded result cannot be made again, and its content is gone or damaged.
    #[error(
        "the recorded result of {kind} (key {key}) names {hash}, which is lost; it cannot be recomputed: restore the file from a backup, or ask for another take"
    )]
    RecordedLost {
        /// The memo's key.
        key: Hash,
        /// The step's kind.
        kind: String,
        /// The content that is gone.
        hash: Hash,
    },
    /// A registry in memory has no paths.
    #[error("{hash} has no path: this registry is in memory")]
    NotOnDisk {
        /// The address asked for.
        hash: Hash,
    },
    /// Bytes are not the document they were read as.
    #[error("{hash} is not a readable artifact: {source}")]
    Read {
        /// The address.
        hash: Hash,
        /// What is wrong, by JSON pointer.
        source: ReadError,
    },
    /// Bytes handed in as an artifact have no `schema_id` and `schema_version`.
    #[error("not an artifact: {reason}")]
    Envelope {
        /// What is wrong.
        reason: String,
    },
    /// A document has no canonical form.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// A row of the database does not read back; the database was changed by something else.
    #[error("the registry's row of {what} cannot be read: {reason}")]
    Row {
        /// Table and key.
        what: String,
        /// What is wrong.
        reason: String,
    },
    /// The step is not this worker's any more: its lease was lost, or it has ended.
    #[error("step `{step}` of run {run} is not held under fence {fence} any more; its result is refused")]
    Fenced {
        /// The run.
        run: Id,
        /// The step.
        step: String,
        /// The fence that was shown.
        fence: i64,
    },
    /// Somebody holds the step, or it is done.
    #[error("step `{step}` of run {run} cannot be taken: it is {state}")]
    Taken {
        /// The run.
        run: Id,
        /// The step.
        step: String,
        /// Its state.
        state: String,
    },
    /// A compare-and-set lost.
    #[error("`{name}` is at version {found}, not {expected}: somebody moved it first")]
    RefMoved {
        /// The reference.
        name: String,
        /// The version that was expected; 0 means absent.
        expected: i64,
        /// The version found; 0 means absent.
        found: i64,
    },
    /// There is such a run already.
    #[error("there is a run {run} already")]
    RunExists {
        /// The run.
        run: Id,
    },
    /// There is no such run, or it has ended.
    #[error("there is no running run {run}")]
    RunNotRunning {
        /// The run.
        run: Id,
    },
    /// A request that this process answers is not claimed by it, or was answered before.
    #[error("the request `{key}` is not claimed by this process any more")]
    NotClaimed {
        /// The client's key.
        key: String,
    },
    /// The writer has stopped.
    #[error("the registry is closed")]
    Closed,
    /// A test asked for this failure.
    #[error(transparent)]
    Injected(#[from] kit::failpoint::Injected),
}

impl RegistryError {
    /// A stable code, for documents and programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Database(_) => "registry.database",
            Self::CannotOpen { .. } => "registry.cannot_open",
            Self::NewerDatabase { .. } => "registry.newer_database",
            Self::Io { .. } => "registry.io",
            Self::Corrupt { .. } => "registry.corrupt",
            Self::Missing { .. } => "registry.missing",
            Self::RecordedLost { .. } => "registry.recorded_lost",
            Self::NotOnDisk { .. } => "registry.not_on_disk",
            Self::Read { .. } => "registry.unreadable",
            Self::Envelope { .. } => "registry.not_an_artifact",
            Self::Canonical(_) => "registry.not_canonical",
            Self::Row { .. } => "registry.bad_row",
            Self::Fenced { .. } => "registry.fenced",
            Self::Taken { .. } => "registry.taken",
            Self::RefMoved { .. } => "registry.ref_moved",
            Self::RunExists { .. } => "registry.run_exists",
            Self::RunNotRunning { .. } => "registry.run_not_running",
            Self::NotClaimed { .. } => "registry.not_claimed",
            Self::Closed => "registry.closed",
            Self::Injected(_) => "registry.injected",
        }
    }

    pub(crate) fn io(act: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { act, path, source }
    }

    pub(crate) fn row(what: impl Into<String>, reason: impl ToString) -> Self {
        Self::Row { what: what.into(), reason: reason.to_string() }
    }
}

impl From<rusqlite::Error> for RegistryError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}
