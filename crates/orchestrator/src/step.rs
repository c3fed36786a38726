//! What a step is: an identity, the inputs it reads, and an act that turns them into stored outputs.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use contracts::{CanonicalError, Document, Hash, Id, canonical_value};
use kit::{Clock, TempDir};
use registry::{Grade, NewStep, OutputRef, Outputs, Registry, RegistryError};
use serde_json::{Value, json};
use tokio::sync::Notify;

/// A node of the graph. It runs on a blocking thread and knows nothing of runs, memo or other steps.
pub trait Step: Send + Sync {
    /// Its name, unique in the run: `script`, `shots/sc03-b07-s2`.
    fn name(&self) -> &str;

    /// What it does: `script`, `shot`. Steps of one kind and version that read the same do the same.
    fn kind(&self) -> &'static str;

    /// Counts up whenever the same inputs would give other outputs.
    fn version(&self) -> u32;

    /// How its result can be had again.
    fn grade(&self) -> Grade;

    /// Exactly what it reads: the parts of its inputs, its parameters, the fingerprint of its tool. Canonical JSON (no
    /// floats, no nulls). What is not in here must not change its outputs.
    fn projection(&self) -> Value;

    /// Which of several results for the same request; 0 unless a person asked for another one.
    fn take(&self) -> u32 {
        0
    }

    /// The queue it waits in: what it needs most of.
    fn queue(&self) -> Queue {
        Queue::Cpu
    }

    /// Whether its projection is everything that any process needs to rebuild it, so that another one may take it.
    fn portable(&self) -> bool {
        false
    }

    /// How long one attempt may take; for ever when `None`.
    fn timeout(&self) -> Option<Duration> {
        None
    }

    /// The fingerprint of the tool that does the work, for the record beside what it makes; it is in the projection too.
    fn tool(&self) -> Option<String> {
        None
    }

    /// Does the work. Called once a run (again only when what it made was lost), and not at all when the memo knows the answer. Must look at
    /// [`StepCx::cancel`] in long loops.
    fn run(&self, cx: &StepCx) -> Result<Outputs, StepError>;
}

/// The four queues (002-13): what a step needs most of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Queue {
    /// Processors: writing, painting, composing, judging.
    Cpu,
    /// A model on this machine's accelerator.
    LocalAi,
    /// Encoding and decoding.
    Media,
    /// Somebody else's service.
    ExternalAi,
}

impl Queue {
    /// All four, in the order in which they are served.
    pub const ALL: [Self; 4] = [Self::Cpu, Self::Media, Self::LocalAi, Self::ExternalAi];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::LocalAi => "local_ai",
            Self::Media => "media",
            Self::ExternalAi => "external_ai",
        }
    }

    /// The queue of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|queue| queue.as_str() == name)
    }
}

/// The key of a step's result: the hash of kind, version, projection, take and tenant.
pub fn step_key(step: &dyn Step, tenant: &Id) -> Result<Hash, CanonicalError> {
    let identity = json!({
        "kind": step.kind(),
        "version": step.version(),
        "projection": step.projection(),
        "take": step.take(),
        "tenant": tenant.as_str(),
    });
    Ok(Hash::of(&canonical_value(&identity)?))
}

/// The row a step waits as in its queue. `place`: where it stands in its stage; `key`: [`step_key`].
pub fn step_row(step: &dyn Step, run: &Id, stage: &str, place: u64, key: Hash) -> Result<NewStep, CanonicalError> {
    let spec = match step.portable() {
        true => Some(String::from_utf8_lossy(&canonical_value(&step.projection())?).into_owned()),
        false => None,
    };
    Ok(NewStep {
        queue: step.queue().as_str().to_owned(),
        place,
        spec,
        timeout_ms: step.timeout().map(|t| u64::try_from(t.as_millis()).unwrap_or(u64::MAX)),
        run: run.clone(),
        name: step.name().to_owned(),
        stage: stage.to_owned(),
        kind: step.kind().to_owned(),
        kind_version: step.version(),
        grade: step.grade(),
        memo_key: key,
    })
}

/// The addresses in a projection: what a step was made from, as far as it is stored content.
pub(crate) fn addresses(projection: &Value) -> Vec<Hash> {
    let mut found = std::collections::BTreeSet::new();
    let mut waiting = vec![projection];
    while let Some(value) = waiting.pop() {
        match value {
            Value::String(text) => found.extend(Hash::try_from(text.clone()).ok()),
            Value::Array(items) => waiting.extend(items),
            Value::Object(map) => waiting.extend(map.values()),
            _ => {}
        }
    }
    found.into_iter().collect()
}

/// Why a step could not do its work. A verdict is not an error: a gate that says no returns an output that says so.
#[derive(Clone)]
pub struct StepError {
    /// A stable code, `media.encode`.
    pub code: String,
    /// What failed, why, and what to do.
    pub message: String,
    /// The engine's own error, for callers that look into it.
    pub source: Option<Arc<dyn Error + Send + Sync>>,
}

impl StepError {
    /// An error that is only a text.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), source: None }
    }

    /// An engine's error under a code; its text becomes the message.
    pub fn from_error(code: impl Into<String>, error: impl Error + Send + Sync + 'static) -> Self {
        Self { code: code.into(), message: error.to_string(), source: Some(Arc::new(error)) }
    }

    /// The engine's own error, if it is of this type.
    pub fn source_as<T: Error + 'static>(&self) -> Option<&T> {
        self.source.as_deref().and_then(|e| e.downcast_ref())
    }
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl Error for StepError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().and_then(|e| e.source())
    }
}

impl From<RegistryError> for StepError {
    fn from(error: RegistryError) -> Self {
        Self::from_error(error.code(), error)
    }
}

/// Whether to stop. Clones share it; once set it stays set. A child stops with its parent, and alone.
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    own: Arc<Stop>,
    parent: Option<Arc<Cancel>>,
}

#[derive(Debug, Default)]
struct Stop {
    asked: AtomicBool,
    now: AtomicBool,
    told: Notify,
}

impl Cancel {
    /// Not cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// One that is cancelled with this one, or by itself.
    #[must_use]
    pub fn child(&self) -> Self {
        Self { own: Arc::default(), parent: Some(Arc::new(self.clone())) }
    }

    /// Asks everyone to stop. Running steps may finish; no new one starts.
    pub fn cancel(&self) {
        self.own.asked.store(true, Ordering::SeqCst);
    }

    /// Asks everyone to stop now: running steps are not waited for, and what they still make is refused.
    pub fn abort(&self) {
        self.cancel();
        self.own.now.store(true, Ordering::SeqCst);
        self.own.told.notify_waiters();
    }

    /// Returns when this one, or one above it, was aborted.
    pub(crate) async fn aborted(&self) {
        let mut top = self;
        while let Some(parent) = &top.parent {
            top = parent;
        }
        loop {
            let mut told = std::pin::pin!(top.own.told.notified());
            // Registered before the look, so that nothing is missed between the two.
            told.as_mut().enable();
            if top.own.now.load(Ordering::SeqCst) {
                return;
            }
            told.await;
        }
    }

    /// Whether to stop.
    pub fn is_cancelled(&self) -> bool {
        self.own.asked.load(Ordering::SeqCst) || self.parent.as_ref().is_some_and(|parent| parent.is_cancelled())
    }
}

/// What a step is given to work with. All its acts block.
pub struct StepCx {
    registry: Registry,
    cancel: Cancel,
    temp: OnceLock<TempDir>,
}

impl StepCx {
    /// A context over a registry, for the runner and for tests of single steps.
    pub fn new(registry: Registry, cancel: Cancel) -> Self {
        Self { registry, cancel, temp: OnceLock::new() }
    }

    /// Stores bytes.
    pub fn put_bytes(&self, bytes: &[u8]) -> Result<OutputRef, StepError> {
        Ok(self.registry.blobs().put_bytes(bytes)?.into())
    }

    /// Seals and stores a document.
    pub fn put_document<T: Document>(&self, document: &T) -> Result<OutputRef, StepError> {
        Ok(self.registry.put_document(document)?)
    }

    /// Stores an artifact's bytes as received.
    pub fn put_artifact(&self, bytes: &[u8]) -> Result<OutputRef, StepError> {
        Ok(self.registry.put_artifact_bytes(bytes)?)
    }

    /// Stores a file. One in this step's own [`StepCx::temp_dir`] is moved in; any other is copied and stays.
    pub fn put_file(&self, path: &Path) -> Result<OutputRef, StepError> {
        let blobs = self.registry.blobs();
        let own = self.temp.get().is_some_and(|dir| path.starts_with(dir.path()));
        Ok(if own { blobs.adopt_file(path) } else { blobs.put_file(path) }?.into())
    }

    /// Stored bytes, checked against their address.
    pub fn get_bytes(&self, hash: &Hash) -> Result<Vec<u8>, StepError> {
        Ok(self.registry.bytes(hash)?)
    }

    /// A stored artifact as its type, checked.
    pub fn artifact<T: Document>(&self, hash: &Hash) -> Result<T, StepError> {
        Ok(self.registry.artifact(hash)?)
    }

    /// The stored file's name, for reading by a tool, after its content was checked.
    pub fn path_of(&self, hash: &Hash) -> Result<PathBuf, StepError> {
        Ok(self.registry.blobs().path_of(hash)?)
    }

    /// This step's own empty folder, removed when it ends.
    pub fn temp_dir(&self) -> Result<&Path, StepError> {
        if self.temp.get().is_none() {
            let made = self.registry.temp_dir("step")?;
            let dir = made.ok_or_else(|| StepError::new("orchestrator.no_disk", "this registry is in memory: a step has no folder"))?;
            let _ = self.temp.set(dir);
        }
        self.temp.get().map(TempDir::path).ok_or_else(|| StepError::new("orchestrator.no_disk", "the step's folder is gone"))
    }

    /// Whether to stop.
    pub fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// The clock, for what stands beside a result. Never for a result itself.
    pub fn clock(&self) -> &dyn Clock {
        self.registry.clock().as_ref()
    }
}
