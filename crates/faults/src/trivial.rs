//! Steps that do next to nothing, for faults of the runner itself: two registries of one home are two processes to each other,
//! with names, bells and locks of their own.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use contracts::Id;
use orchestrator::{Grade, Kinds, Outputs, Queue, RunSpec, Step, StepCx, StepError};
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
}

impl Step for Trivial {
    fn name(&self) -> &str {
        &self.name
    }
    fn kind(&self) -> &'static str {
        "trivial"
    }
    fn version(&self) -> u32 {
        1
    }
    fn grade(&self) -> Grade {
        Grade::Pure
    }
    fn projection(&self) -> Value {
        json!({"text": self.text})
    }
    fn queue(&self) -> Queue {
        Queue::Media
    }
    fn portable(&self) -> bool {
        true
    }
    fn run(&self, cx: &StepCx) -> Result<Outputs, StepError> {
        self.ledger.note(&self.text);
        std::thread::sleep(self.wait);
        Ok(Outputs::new().with("text", cx.put_bytes(self.text.repeat(2).as_bytes())?))
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
        Ok(Arc::new(Trivial { name: name.to_owned(), text, ..self.pattern.clone() }))
    }
}

/// So many steps after a pattern, each with a text of its own.
pub fn steps(n: usize, pattern: &Trivial) -> Vec<Arc<dyn Step>> {
    let step = |i| Arc::new(Trivial { name: format!("trivial/{i:05}"), text: format!("text {i}"), ..pattern.clone() }) as Arc<dyn Step>;
    (0..n).map(step).collect()
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
