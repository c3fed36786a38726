//! Opening and closing what a run stands on: home, registry, runner, signals.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use contracts::{
    Id,
    run::{RunStatus, RunSummary},
};
use orchestrator::{Cancel, MadeAgain, Observer, RunSpec, Runner, Worked, Worker};
use registry::{Control, Registry, Room};
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    failure::{Failure, exit},
    stages::{Shop, run_failure},
    verbs::bytes,
};

/// Whose runs these are. One tenant lives in an embedded registry.
pub fn tenant() -> Id {
    Id::slug("local")
}

/// What runs stand on: the registry of one data home, its driver, and who may stop them. `reel watch` keeps it open over
/// many runs.
pub struct Home {
    /// What was made here.
    pub registry: Registry,
    /// The registry's driver.
    pub runtime: Arc<tokio::runtime::Runtime>,
    stop: Stop,
    /// How large the store may stay, in bytes.
    most: Option<u64>,
}

/// Names the most bytes the store keeps once a run has ended; unset, nothing goes by itself.
pub const CACHE_MAX: &str = "REELWRIGHT_CACHE_MAX";

/// The limit of the environment.
pub fn cache_max() -> Result<Option<u64>, Failure> {
    let given = std::env::var_os(CACHE_MAX).filter(|v| !v.is_empty());
    given.map(|given| bytes(CACHE_MAX, &given.to_string_lossy())).transpose()
}

/// Names how many milliseconds a holder of a step may be silent before another takes over. Only tests of that have a reason to
/// set it: too short a lease costs work that is done twice and counted once, never a result.
pub const LEASE_MS: &str = "REELWRIGHT_LEASE_MS";

/// How long a lease lasts: what the environment says, at least a tenth of a second, or [`orchestrator::LEASE`].
pub fn lease() -> Result<std::time::Duration, Failure> {
    let Some(given) = std::env::var_os(LEASE_MS).filter(|v| !v.is_empty()) else { return Ok(orchestrator::LEASE) };
    match given.to_str().and_then(|text| text.parse::<u64>().ok()) {
        Some(ms) if (100..=3_600_000).contains(&ms) => Ok(std::time::Duration::from_millis(ms)),
        _ => {
            let given = given.to_string_lossy().into_owned();
            let text = format!("{LEASE_MS} is `{}`; expected milliseconds from 100 to 3600000", given.escape_debug());
            Err(Failure::usage(text, "correct or unset the variable"))
        }
    }
}

/// How a run is made.
pub struct Manner<'a> {
    /// Steps at a time; one for each core when nothing is said.
    pub jobs: Option<usize>,
    /// The folder it is written to.
    pub out: Option<&'a Path>,
    /// A look at work in hand: only the newest are kept.
    pub look: bool,
    /// What was asked for, so that it can be asked for again.
    pub request: Option<Vec<String>>,
    /// Stages whose steps are made again although the memo knows them.
    pub fresh: BTreeSet<&'static str>,
}

/// Ctrl-C, and the end of the session or of the machine: what runs may finish, nothing new starts.
#[derive(Clone, Default)]
struct Stop {
    asked: Cancel,
    /// The run that is on its way.
    run: Arc<Mutex<Option<Cancel>>>,
}

impl Stop {
    fn run(&self) -> std::sync::MutexGuard<'_, Option<Cancel>> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stop(&self) {
        self.asked.cancel();
        if let Some(run) = &*self.run() {
            run.cancel();
        }
    }

    fn watch(&self, run: Cancel) {
        let mut current = self.run();
        if self.asked.is_cancelled() {
            run.cancel();
        }
        *current = Some(run);
    }
}

impl Home {
    /// Opens the data home.
    pub fn open() -> Result<Self, Failure> {
        let home = kit::home::data_home().map_err(|e| Failure::unwritable(Path::new("the data home"), e))?;
        Self::at(&home)
    }

    /// Opens a data home at a place of its own.
    pub fn at(home: &Path) -> Result<Self, Failure> {
        kit::failpoint::from_env().map_err(|e| Failure::usage(e, "correct or unset the variable"))?;
        let most = cache_max()?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(Failure::internal)?;
        let registry = runtime.block_on(Registry::open(home)).map_err(|e| registry_failure(home, e))?;
        let stop = Stop::default();
        for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
            let (stop, waiting) = (stop.clone(), registry.downgrade());
            runtime.spawn(async move {
                if let Ok(mut signal) = signal(kind) {
                    signal.recv().await;
                    stop.stop();
                    // Whoever waits for work looks up.
                    if let Some(registry) = waiting.upgrade() {
                        registry.woken().notify_waiters();
                    }
                }
            });
        }
        Ok(Self { registry, runtime: Arc::new(runtime), stop, most })
    }

    /// Whether somebody asked to stop.
    pub fn stopped(&self) -> bool {
        self.stop.asked.is_cancelled()
    }

    /// What everything is kept in.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Works for others until somebody asks to stop.
    pub fn work(&self, worker: Worker) -> Result<Worked, Failure> {
        self.stop.watch(worker.cancel());
        self.runtime.block_on(worker.run()).map_err(crate::stages::run_failure)
    }

    /// Starts a run.
    pub fn shop(&self, project: &Id, episode: u32, manner: &Manner<'_>, observer: Arc<dyn Observer>) -> Result<Shop, Failure> {
        let jobs = manner.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get));
        let out_dir = manner.out.map(crate::view::shown);
        let lease = lease()?;
        let spec = RunSpec {
            out_dir,
            look: manner.look,
            request: manner.request.clone(),
            fresh: manner.fresh.iter().map(|stage| (*stage).to_owned()).collect(),
            lease,
            ..RunSpec::new(tenant(), project.clone(), episode, jobs)
        };
        let runner = self.runtime.block_on(Runner::start(self.registry.clone(), spec, observer)).map_err(Failure::step)?;
        self.stop.watch(runner.cancel());
        Ok(Shop {
            runner,
            registry: self.registry.clone(),
            runtime: Arc::clone(&self.runtime),
            prefix: String::new(),
            foreseen: None,
            told: false,
            gates: Default::default(),
        })
    }

    /// Makes the store as small as the environment asks, the least recently used first; nothing that is kept goes, and nothing
    /// at all beside another run. What fails here is left for the next time: the work that was done is done.
    pub fn make_room(&self) {
        let Some(most) = self.most else { return };
        // Young results go too, but only as far as the limit asks.
        let room = Room { keep_days: u32::MAX, max_bytes: Some(most) };
        if let Err(error) = self.runtime.block_on(self.registry.collect(room)) {
            self.runtime.block_on(async {
                let mut txn = self.registry.begin();
                txn.event(None, "collection_failed", serde_json::json!({"code": error.code(), "message": error.to_string()}));
                let _ = txn.commit_soon().await;
            });
        }
    }

    /// Waits for what is still to be written. A run that is dropped without it loses nothing that was acknowledged.
    pub fn close(self) {
        self.runtime.block_on(self.registry.close());
        // A step that was given up may still be at it: nobody waits for it.
        if let Some(runtime) = Arc::into_inner(self.runtime) {
            runtime.shutdown_background();
        }
    }
}

/// Does the work, and again when stored content turned out damaged or missing under it: what is whole is remembered, what is
/// not is made again. Ends with the work's own failure when nothing was lost, or when it does not help.
pub fn mending<T>(shop: &mut Shop, mut work: impl FnMut(&mut Shop) -> Result<T, Failure>) -> Result<T, Failure> {
    loop {
        let failure = match work(shop) {
            Err(failure) if matches!(failure.exit, exit::DAMAGED | exit::STEP | exit::INTERNAL | exit::UNWRITABLE) => failure,
            done => return done,
        };
        if shop.runtime.block_on(shop.runner.mend()).map_err(run_failure)?.is_empty() {
            return Err(failure);
        }
        shop.prefix.clear();
    }
}

/// Who stopped a run that was stopped: a person may have asked for it from another process.
pub fn stopped(shop: &Shop, failure: Failure) -> Failure {
    if failure.exit != exit::INTERRUPTED {
        return failure;
    }
    let row = shop.runtime.block_on(shop.registry.run(shop.runner.run_id())).ok().flatten();
    match row.and_then(|row| row.control) {
        Some(Control::Drain) => Failure::drained(),
        Some(Control::Cancel) => Failure::cancelled(),
        Some(Control::Pause) | None => failure,
    }
}

/// What was lost and made again, for the person whose disk it is.
pub fn mended(shop: &Shop) -> Vec<String> {
    let note = |again: MadeAgain| {
        let came = if again.same { "" } else { "; it came out otherwise, and the new one counts" };
        format!("content {} was damaged or missing on disk; made again by `{}`{came}", again.hash.short(), again.step)
    };
    shop.runner.made_again().into_iter().map(note).collect()
}

/// A registry that cannot be opened: most often a folder that may not be written.
pub fn registry_failure(home: &Path, error: registry::RegistryError) -> Failure {
    match error {
        registry::RegistryError::Io { .. } => Failure::unwritable(home, error),
        _ if home.to_str().is_none() => Failure::unwritable(home, "the data home's name must be UTF-8"),
        error => Failure::damaged(error),
    }
}

/// Ends a run: its summary is recorded.
pub fn close(shop: Shop, status: RunStatus, summary: Option<&RunSummary>, error: Option<&str>) -> Result<(), Failure> {
    let Shop { runner, runtime, .. } = shop;
    runtime.block_on(runner.finish(status, summary, error)).map_err(Failure::step)?;
    Ok(())
}
