//! Opening and closing what a run stands on: home, registry, runner, signals.

use std::path::Path;
use std::sync::Arc;

use contracts::{
    Id,
    run::{RunStatus, RunSummary},
};
use orchestrator::{RunSpec, Runner};
use registry::Registry;
use tokio::signal::unix::{SignalKind, signal};

use crate::{failure::Failure, produce::Request, progress::Progress, stages::Shop};

/// Whose runs these are. One tenant lives in an embedded registry.
pub fn tenant() -> Id {
    Id::slug("local")
}

/// Opens the registry and starts a run in it.
pub fn open_shop(project: &Id, episode: u32, request: &Request) -> Result<Shop, Failure> {
    kit::failpoint::from_env().map_err(|e| Failure::usage(e, "correct or unset the variable"))?;
    let home = kit::home::data_home().map_err(|e| Failure::unwritable(Path::new("the data home"), e))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(Failure::internal)?;
    let registry = runtime.block_on(Registry::open(&home)).map_err(|e| registry_failure(&home, e))?;
    let jobs = request.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get));
    let out_dir = request.out.as_ref().map(|o| std::path::absolute(o).unwrap_or_else(|_| o.clone()).display().to_string());
    let spec = RunSpec { tenant: tenant(), project: project.clone(), episode, jobs, out_dir };
    let progress = Progress::new(request.quiet);
    let runner = runtime.block_on(Runner::start(registry.clone(), spec, Arc::new(progress))).map_err(Failure::step)?;
    let cancel = runner.cancel();
    // Ctrl-C, and the end of the session or of the machine: what runs may finish, nothing new starts.
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        let cancel = cancel.clone();
        runtime.spawn(async move {
            if let Ok(mut stop) = signal(kind) {
                stop.recv().await;
                cancel.cancel();
            }
        });
    }
    Ok(Shop { runner, registry, runtime, prefix: String::new() })
}

/// A registry that cannot be opened: most often a folder that may not be written.
pub fn registry_failure(home: &Path, error: registry::RegistryError) -> Failure {
    match error {
        registry::RegistryError::Io { .. } => Failure::unwritable(home, error),
        _ if home.to_str().is_none() => Failure::unwritable(home, "the data home's name must be UTF-8"),
        error => Failure::damaged(error),
    }
}

/// Ends a run: approvals and summary are recorded, the registry is closed.
pub fn close(shop: Shop, status: RunStatus, summary: Option<&RunSummary>, error: Option<&str>) -> Result<(), Failure> {
    let Shop { runner, registry, runtime, .. } = shop;
    runtime.block_on(async {
        let mut txn = registry.begin();
        for approval in summary.iter().flat_map(|s| &s.approvals) {
            txn.approval(runner.run_id(), approval.clone());
        }
        if !txn.is_empty() {
            txn.commit().await.map_err(Failure::damaged)?;
        }
        runner.finish(status, summary, error).await.map_err(Failure::step)?;
        registry.close().await;
        Ok(())
    })
}
