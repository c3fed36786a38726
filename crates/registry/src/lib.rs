//! Artifacts, blobs, memo, refs, runs, steps, events: one SQLite database and a folder of files. Knows neither what a
//! step does nor film.
//!
//! Three seams, so that more than one machine can share a home one day: [`Store`] is the database, [`Blobs`] the content,
//! [`Wake`] how processes tell each other that there is work. What is decided above them is decided once.
//!
//! # Invariants
//! - Content is addressed by the SHA-256 of its bytes as received: hashed when written, hashed when read. Damaged content
//!   is moved to quarantine and named in the error, never handed out ([`Blobs`]).
//! - Content reaches the medium before any row that names it.
//! - Finishing a step is one durable commit of its artifacts, memo, refs and events, refused as a whole when its fence is
//!   stale ([`Txn`]). What was acknowledged by [`Txn::commit`] survives a power cut.
//! - The memo is first-writer-wins. A remembered result counts only while its content is there.
//! - A lease is held by a living process: the kernel drops a dead one's lock, and the next start declares what it held lost.
//! - Nothing that is kept by a ref, a film, a recorded result or a run that is going is ever collected ([`Registry::collect`]).
//! - A client's key is claimed by one process at a time, and answered once: whoever asks again gets that answer.
//! - The database's layout moves forward only; a newer one is refused.

mod blobs;
mod decisions;
mod error;
mod gc;
mod index;
mod op;
mod reads;
mod redact;
mod rows;
mod sqlite;
mod store;
mod txn;
mod verify;
mod wake;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

pub use blobs::{Blob, Blobs, FolderBlobs, Listing, Scan};
pub use decisions::decision_digest;
pub use error::RegistryError;
pub use gc::{Collection, Room, Victim, Why};
pub use index::{Index, MemoEntry, RunEntry};
pub use op::{Committed, Op};
pub use redact::redacted;
pub use rows::{
    ArtifactRow, AttemptRow, Claim, Claimed, Control, EventRow, Grade, Held, Lineage, Making, Memo, MemoLookup, MemoPut, NewRun, NewStep,
    Origin, OutputRef, Outputs, RefMove, RefRow, Relation, ReviewRow, RunFilter, RunRow, Scope, StepRow, StepState, WorkerRow,
};
pub use sqlite::{RecallIndex, Remembered, SqliteStore};
pub use store::{Answer, Around, DecisionRow, Decisions, MemoRow, Moves, Store, memo_digest};
pub use txn::Txn;
pub use verify::{Finding, Verified};
pub use wake::{Ears, Wake};

use contracts::Document;
use kit::scratch::Door;
use kit::{Bell, Clock, Failpoints, Files, MemoryFiles, Scratch, SystemClock, SystemFiles, TempDir};

use tokio::sync::Notify;

/// The guarded acts a registry stands on; tests hand in twins.
#[derive(Clone)]
pub struct Seams {
    /// The time of rows and events.
    pub clock: Arc<dyn Clock>,
    /// Points where a test makes a commit fail or die.
    pub failpoints: Failpoints,
}

impl Seams {
    /// The machine's clock, and the failpoints of the environment.
    pub fn system() -> Self {
        Self { clock: Arc::new(SystemClock::new()), failpoints: kit::failpoint::global().clone() }
    }

    /// What a store stands on.
    fn around(&self, wake: Option<Arc<dyn Wake>>) -> Around {
        Around { clock: Arc::clone(&self.clock), failpoints: self.failpoints.clone(), woken: Arc::new(Notify::new()), wake }
    }
}

/// One home's registry. Cloning shares it.
#[derive(Clone)]
pub struct Registry(Arc<Inner>);

/// A registry that somebody else keeps open.
#[derive(Clone)]
pub struct WeakRegistry(Weak<Inner>);

impl WeakRegistry {
    /// The registry, while it is open.
    pub fn upgrade(&self) -> Option<Registry> {
        self.0.upgrade().map(Registry)
    }
}

struct Inner {
    store: Arc<dyn Store>,
    blobs: Arc<dyn Blobs>,
    files: Arc<dyn Files>,
    seams: Seams,
    owner: String,
    home: PathBuf,
    /// Told after every commit, here or in another process, that gives somebody something to do.
    woken: Arc<Notify>,
    /// The way to the other processes; a registry in memory has none.
    wake: Option<Arc<dyn Wake>>,
    /// Listens to the others, from the first time somebody waits.
    ears: OnceLock<Ears>,
    /// This process's folder for unfinished files; a registry in memory has none.
    /// A registry in memory has none; a closed one, none any more.
    scratch: Option<Mutex<Option<Scratch>>>,
}

impl Registry {
    /// Opens the registry of a home, makes it when it is missing, sweeps what killed processes left, and declares lost what
    /// they held. Must be called inside a tokio runtime, which then carries the writer.
    pub async fn open(home: &Path) -> Result<Self, RegistryError> {
        Self::open_with(home, Seams::system()).await
    }

    /// As [`Registry::open`], over given seams.
    pub async fn open_with(home: &Path, seams: Seams) -> Result<Self, RegistryError> {
        let home = std::path::absolute(home).map_err(RegistryError::io("find", home))?;
        let tmp = home.join("tmp");
        let label = seams.clock.now_utc().ms().to_string();
        let scratch = Scratch::open(&tmp, &label).map_err(RegistryError::io("open", &tmp))?;
        // Copies handed out are written from the same folder: what a kill leaves of them is swept with the rest.
        let files: Arc<dyn Files> = Arc::new(SystemFiles::with_temp_dir(scratch.dir()));
        let blobs = Arc::new(FolderBlobs::new(&home, Arc::clone(&files), Arc::clone(&files)));
        let owner = scratch.dir().file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        // Where there is no bell to be had, whoever waits looks again now and then.
        let wake = Bell::open(&tmp, &owner).ok().map(|bell| Arc::new(bell) as Arc<dyn Wake>);
        let around = seams.around(wake);
        let store = Arc::new(SqliteStore::open(&home.join("registry.sqlite"), around.clone()).await?);
        let Around { woken, wake, .. } = around;
        let ears = OnceLock::new();
        let registry =
            Self(Arc::new(Inner { store, blobs, files, seams, owner, home, woken, wake, ears, scratch: Some(Mutex::new(Some(scratch))) }));
        registry.declare_lost().await?;
        Ok(registry)
    }

    /// Declares lost what processes hold that have died: their steps, their runs, their claims. Asked by whoever waits for
    /// another process; done at every start.
    pub async fn declare_lost(&self) -> Result<(), RegistryError> {
        let tmp = self.home().join("tmp");
        let mut dead = self.begin();
        for holder in self.holders().await? {
            if self.0.scratch.is_some() && holder != self.owner() && !Scratch::is_alive(&tmp, &holder) {
                dead.owner_died(&holder);
            }
        }
        dead.commit().await.map(|_| ())
    }

    /// A registry in memory, gone with its last clone: the twin for tests.
    pub async fn in_memory() -> Result<Self, RegistryError> {
        Self::in_memory_with(Seams::system(), MemoryFiles::new()).await
    }

    /// As [`Registry::in_memory`], over given seams and files.
    pub async fn in_memory_with(seams: Seams, files: MemoryFiles) -> Result<Self, RegistryError> {
        let files: Arc<dyn Files> = Arc::new(files);
        let blobs = Arc::new(FolderBlobs::new(Path::new("/"), Arc::clone(&files), Arc::clone(&files)));
        let around = seams.around(None);
        let store = Arc::new(SqliteStore::in_memory(around.clone()).await?);
        let Around { woken, wake, .. } = around;
        let (owner, home, ears) = ("memory".to_owned(), PathBuf::from("/"), OnceLock::new());
        Ok(Self(Arc::new(Inner { store, blobs, files, seams, owner, home, woken, wake, ears, scratch: None })))
    }

    /// The content store.
    pub fn blobs(&self) -> &Arc<dyn Blobs> {
        &self.0.blobs
    }

    /// Writes files, inside the store and outside it, under temporary names in this process's own folder: what a kill
    /// leaves is swept at the next start.
    pub fn files(&self) -> &Arc<dyn Files> {
        &self.0.files
    }

    /// The clock of its rows.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.seams.clock
    }

    /// Points where a test makes work fail or die.
    pub fn failpoints(&self) -> &Failpoints {
        &self.0.seams.failpoints
    }

    /// The name this process signs leases with.
    pub fn owner(&self) -> &str {
        &self.0.owner
    }

    /// The folder everything stands in; `/` in memory.
    pub fn home(&self) -> &Path {
        &self.0.home
    }

    /// Keeps other processes from opening this home until the answer is dropped. A registry in memory has no door.
    pub(crate) fn close_door(&self) -> Result<Option<Door>, RegistryError> {
        let Some(_) = &self.0.scratch else { return Ok(None) };
        let tmp = self.0.home.join("tmp");
        Door::close(&tmp).map(Some).map_err(RegistryError::io("lock", tmp))
    }

    /// An empty folder on the store's file system, removed when dropped or, after a kill, at the next start. A registry in
    /// memory has none.
    pub fn temp_dir(&self, label: &str) -> Result<Option<TempDir>, RegistryError> {
        let Some(scratch) = &self.0.scratch else { return Ok(None) };
        let scratch = scratch.lock().unwrap_or_else(PoisonError::into_inner);
        let scratch = scratch.as_ref().ok_or(RegistryError::Closed)?;
        scratch.temp_dir(label).map(Some).map_err(RegistryError::io("make a folder in", scratch.dir()))
    }

    /// Stores an artifact's bytes as received, without recording it yet. Blocks on the disk.
    pub fn put_artifact_bytes(&self, bytes: &[u8]) -> Result<OutputRef, RegistryError> {
        let (schema_id, schema_version) = txn::envelope(bytes)?;
        let blob = self.blobs().put_bytes(bytes)?;
        Ok(OutputRef { hash: blob.hash, size: blob.size, schema_id: Some(schema_id), schema_version: Some(schema_version) })
    }

    /// Seals and stores a document, without recording it yet. Blocks on the disk.
    pub fn put_document<T: Document>(&self, document: &T) -> Result<OutputRef, RegistryError> {
        self.put_artifact_bytes(&document.seal()?.0)
    }

    /// Waited on by whoever looks for work or for an answer: notified after every commit, in this process or in another one of
    /// the home, that gives somebody something to do. Register (`notified`) before looking, or a ring between the two is lost.
    pub fn woken(&self) -> &Arc<Notify> {
        if let Some(wake) = &self.0.wake {
            self.0.ears.get_or_init(|| {
                let woken = Arc::clone(&self.0.woken);
                Arc::clone(wake).hear(Box::new(move || woken.notify_waiters()))
            });
        }
        &self.0.woken
    }

    /// A hold that does not keep the registry open.
    pub fn downgrade(&self) -> WeakRegistry {
        WeakRegistry(Arc::downgrade(&self.0))
    }

    /// Begins a transaction. Nothing is held until it commits.
    pub fn begin(&self) -> Txn {
        Txn::new(self.clone())
    }

    /// Waits for pending writes and folds the log into the database file. Afterwards writes fail with `Closed`. Dropping the
    /// last clone does the same without waiting. This process's own folder goes with it, whoever still holds a clone: a step that
    /// was given up may never let go of its own.
    pub async fn close(self) {
        self.0.store.close().await;
        if let Some(scratch) = &self.0.scratch {
            drop(scratch.lock().unwrap_or_else(PoisonError::into_inner).take());
        }
    }

    /// Where content stands in a home, for tools that look at it from outside.
    pub fn object_path(home: &Path, hash: &contracts::Hash) -> PathBuf {
        FolderBlobs::new(home, Arc::new(SystemFiles::new()), Arc::new(SystemFiles::new())).place(hash)
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.0.store
    }
}

impl From<Blob> for OutputRef {
    fn from(blob: Blob) -> Self {
        Self { hash: blob.hash, size: blob.size, schema_id: None, schema_version: None }
    }
}
