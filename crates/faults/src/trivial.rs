//! Steps that do next to nothing, for faults of the runner itself: two registries of one home are two processes to each other,
//! with names, bells and locks of their own.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use contracts::Id;
use orchestrator::{FnStep, Grade, Kinds, Outputs, Queue, RunSpec, Step, StepCx, StepError};
use registry::Registry;
use serde_json::{Value, json};

/// How often each text was worked on.
#[derive(Clone, Debug, Default)]
pub struct Ledger(Arc<Mutex<BTreeMap<String, usize>>>);

impl Ledger {
    fn note(&self, text: &str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(text.to_owned()).or_default() += 1;
    }

    /// How often anything was.
    pub fn all(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }

    /// How often that was which was most often.
    pub fn most(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().copied().max().unwrap_or(0)
    }
}

/// Doubles a text, after a wait. Any process can rebuild it.
#[derive(Clone, Debug)]
pub struct Trivial {
    name: String,
    text: String,
    wait: Duration,
    ledger: Ledger,
}

impl Trivial {
    pub fn new(name: &str, text: &str, ledger: &Ledger) -> Self {
        Self { name: name.into(), text: text.into(), wait: Duration::ZERO, ledger: ledger.clone() }
    }
}

impl Trivial {
    /// One that takes so long.
    pub fn taking(self, wait: Duration) -> Self {
        Self { wait, ..self }
    }

    /// The step itself, for a stage of several.
    pub fn step(self) -> Arc<dyn Step> {
        Arc::new(self.made())
    }

    /// The step itself.
    pub fn made(self) -> FnStep {
        let Self { name, text, wait, ledger } = self;
        let reads = json!({"text": text});
        let double = move |cx: &StepCx| {
            ledger.note(&text);
            std::thread::sleep(wait);
            Ok(Outputs::new().with("text", cx.put_bytes(text.repeat(2).as_bytes())?))
        };
        FnStep::new(name, ("trivial", 1), Grade::Pure, reads, double).on(Queue::Media).portable()
    }
}

/// Rebuilds them after a pattern.
pub struct TrivialKinds {
    pub pattern: Trivial,
}

impl Kinds for TrivialKinds {
    fn known(&self) -> Vec<(String, u32)> {
        vec![("trivial".to_owned(), 1)]
    }
    fn build(&self, name: &str, _: &str, spec: Value) -> Result<Arc<dyn Step>, StepError> {
        let text = spec["text"].as_str().unwrap_or_default().to_owned();
        Ok(Trivial { name: name.to_owned(), text, ..self.pattern.clone() }.step())
    }
}

/// So many steps after a pattern, each with a text of its own.
pub fn steps(n: usize, pattern: &Trivial) -> Vec<Arc<dyn Step>> {
    (0..n).map(|i| Trivial { name: format!("trivial/{i:05}"), text: format!("text {i}"), ..pattern.clone() }.step()).collect()
}

/// A run of them.
pub fn spec(project: &str) -> RunSpec {
    RunSpec::new(Id::slug("local"), Id::slug(project), 1, 2)
}

/// A home's registry, once more.
pub async fn open(home: &Path) -> Result<Registry, String> {
    Registry::open(home).await.map_err(|e| e.to_string())
}

/// Runs something that waits.
pub fn block_on<T>(work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(|e| e.to_string())?;
    runtime.block_on(work)
}
