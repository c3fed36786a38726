//! A run of five steps, each made from the one before, that is killed after the third (003-34).

use std::path::Path;
use std::sync::Arc;

use contracts::run::RunStatus;
use orchestrator::{FnStep, Grade, Graph, Inputs, Node, Outputs, Ran, RunError, Step};
use registry::{Registry, RunFilter, StepState};
use serde_json::json;

use super::{id, start};

/// Appends its name to what the step before it made.
fn link(name: String, before: Option<contracts::Hash>) -> Arc<dyn Step> {
    let mut reads = json!({"name": name});
    if let Some(before) = &before {
        reads["before"] = json!(before);
    }
    Arc::new(FnStep::new(name.clone(), ("link", 1), Grade::Pure, reads, move |cx| {
        let mut text = before.as_ref().map_or(Ok(Vec::new()), |hash| cx.get_bytes(hash))?;
        text.extend(name.bytes());
        Ok(Outputs::new().with("text", cx.put_bytes(&text)?))
    }))
}

fn chain() -> Graph {
    let names: Vec<String> = (1..=5).map(|n| format!("step-{n}")).collect();
    let node = |n: usize| {
        let (name, before) = (names[n].clone(), n.checked_sub(1).map(|n| names[n].clone()));
        let (own, needed) = (name.clone(), before.clone());
        let node = Node::new(name, move |inputs: &Inputs| {
            let made = needed.as_ref().map(|name| inputs[name][0].outputs.files["text"].hash.clone());
            Ok(vec![link(own.clone(), made)])
        });
        before.into_iter().fold(node, Node::after)
    };
    Graph::compile((0..5).map(node).collect()).expect("a graph")
}

async fn five(home: &Path) -> Result<(contracts::Id, Ran), RunError> {
    let registry = Registry::open(home).await?;
    let runner = start(&registry, 1).await;
    let run = runner.run_id().clone();
    let ran = runner.graph(&chain()).await?;
    runner.finish(RunStatus::Completed, None, None).await?;
    registry.close().await;
    Ok((run, ran))
}

/// Not a test of its own: the process that the next test kills.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_victim_of_five() {
    if let Some(home) = std::env::var_os("REELWRIGHT_TEST_FIVE") {
        five(Path::new(&home)).await.expect("runs");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_after_the_third_of_five_steps_the_next_run_skips_three_and_does_two() {
    let home = tempfile::tempdir().expect("a folder");
    let exe = std::env::current_exe().expect("this test");
    #[allow(clippy::disallowed_methods, reason = "the victim is this very test, and it must be killed in the middle")]
    let status = std::process::Command::new(exe)
        .args(["--exact", "resume::the_victim_of_five", "--test-threads", "1"])
        .env("REELWRIGHT_TEST_FIVE", home.path())
        .env("REELWRIGHT_FAILPOINT", "orchestrator.after_commit step-3=kill")
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status()
        .expect("starts");
    assert_eq!(status.code(), None, "it was to be killed");
    // What is there of it is there: three of its steps, and a run that says it was cut.
    let registry = Registry::open(home.path()).await.expect("opens");
    let runs = registry.runs(&id("local"), &RunFilter::default()).await.expect("reads");
    assert_eq!((runs.len(), runs[0].ended.is_some()), (1, true));
    assert!(runs[0].error.as_deref().is_some_and(|e| e.contains("interrupted")), "{:?}", runs[0]);
    let done: Vec<String> = registry
        .steps(&runs[0].id)
        .await
        .expect("reads")
        .into_iter()
        .filter(|row| row.state == StepState::Done)
        .map(|row| row.step.name)
        .collect();
    assert_eq!(done, ["step-1", "step-2", "step-3"]);
    registry.close().await;
    let (run, ran) = five(home.path()).await.expect("goes on");
    let hits: Vec<bool> = (1..=5).map(|n| ran.results[&format!("step-{n}")][0].hit).collect();
    assert_eq!(hits, [true, true, true, false, false]);
    let registry = Registry::open(home.path()).await.expect("opens");
    let tried: Vec<String> = registry.attempts(&run).await.expect("reads").into_iter().map(|a| a.step).collect();
    assert_eq!(tried, ["step-4", "step-5"], "what was finished is not tried again");
    let film = &ran.results["step-5"][0].outputs.files["text"].hash;
    assert_eq!(registry.bytes(film).expect("reads"), b"step-1step-2step-3step-4step-5");
}
