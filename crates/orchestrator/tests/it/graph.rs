//! Graphs with no film in them: order, circles, fan-out, and what a failure means.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use contracts::Seed;
use orchestrator::{Graph, GraphError, Inputs, Node, OnFailure, RunError, StepError};

use super::{Double, Log, in_memory, ran, start};

fn idle(name: &str, needs: &[&str]) -> Node {
    needs.iter().fold(Node::new(name, |_: &Inputs| Ok(Vec::new())), |node, need| node.after(*need))
}

#[test]
fn the_order_is_that_of_the_public_compiler_and_respects_every_edge() {
    let diamond = vec![idle("d", &["b", "c"]), idle("c", &["a"]), idle("b", &["a"]), idle("a", &[])];
    let graph = Graph::compile(diamond).expect("a graph");
    assert_eq!(graph.order().collect::<Vec<_>>(), ["a", "c", "b", "d"]);
    for seed in 0..200 {
        let mut seed = Seed::new(seed);
        let n = 2 + seed.below(40) as usize;
        // Edges go from a hidden order to an earlier one, and the nodes are given in any.
        let mut names: Vec<usize> = (0..n).collect();
        for k in (1..n).rev() {
            names.swap(k, seed.below(k as u64 + 1) as usize);
        }
        let mut edges: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for later in 1..n {
            for _ in 0..seed.below(4) {
                edges.entry(later).or_default().push(seed.below(later as u64) as usize);
            }
        }
        let node = |k: &usize| {
            let needs: Vec<String> = edges.get(k).into_iter().flatten().map(|e| format!("n{e}")).collect();
            idle(&format!("n{k}"), &needs.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let graph = Graph::compile(names.iter().map(node).collect()).expect("a graph");
        let at: BTreeMap<String, usize> = graph.order().enumerate().map(|(at, name)| (name.to_owned(), at)).collect();
        assert_eq!(at.len(), n);
        assert!(edges.iter().all(|(later, needs)| needs.iter().all(|need| at[&format!("n{need}")] < at[&format!("n{later}")])));
        let again = Graph::compile(names.iter().map(node).collect()).expect("a graph");
        assert!(graph.order().eq(again.order()));
    }
}

#[test]
fn what_is_no_graph_is_said_by_name() {
    let wrong = Graph::compile(vec![idle("a", &["z"]), idle("a", &[]), idle("b", &["y", "z"])]).expect_err("is none");
    let unknown = |node: &str, needs: &str| GraphError::Unknown { node: node.into(), needs: needs.into() };
    assert_eq!(wrong, [GraphError::Duplicate { name: "a".into() }, unknown("a", "z"), unknown("b", "y"), unknown("b", "z")]);
    let circle = Graph::compile(vec![idle("x", &["a"]), idle("a", &["b"]), idle("b", &["a"])]).expect_err("is none");
    assert_eq!(circle[0].to_string(), "nodes need each other in a circle: a -> b -> a");
    let own = Graph::compile(vec![idle("a", &["a"])]).expect_err("is none");
    assert_eq!(own[0].to_string(), "nodes need each other in a circle: a -> a");
    let spare = Graph::compile(vec![idle("a", &[]).on_failure(OnFailure::Fallback("gone".into()))]).expect_err("is none");
    assert_eq!(spare, [unknown("a", "gone")]);
    // Nobody stands in for whoever stands in for them, nor for whom they wait.
    let for_each_other = |a: &[&str], b: &[&str]| {
        let fall = |name: &str, needs: &[&str], to: &str| idle(name, needs).on_failure(OnFailure::Fallback(to.into()));
        Graph::compile(vec![fall("a", a, "b"), if b.is_empty() { fall("b", b, "a") } else { idle("b", b) }]).expect_err("is none")
    };
    assert_eq!(for_each_other(&[], &[])[0].to_string(), "nodes need each other in a circle: a -> b -> a");
    assert_eq!(for_each_other(&[], &["a"])[0].to_string(), "nodes need each other in a circle: a -> b -> a");
}

#[test]
fn a_long_chain_and_a_wide_fan_compile() {
    let chain = (0..10_000).map(|k| if k == 0 { idle("n0", &[]) } else { idle(&format!("n{k}"), &[&format!("n{}", k - 1)]) });
    assert_eq!(Graph::compile(chain.rev().collect()).expect("a graph").order().last(), Some("n9999"));
}

#[test]
fn a_run_may_take_a_fifth_longer_than_its_nodes() {
    let node = |name: &str, s: u64| idle(name, &[]).within(Duration::from_secs(s));
    let graph = Graph::compile(vec![node("a", 10), node("b", 40)]).expect("a graph");
    assert_eq!(graph.deadline(), Some(Duration::from_secs(60)));
    assert_eq!(Graph::compile(vec![node("a", 10), idle("b", &[])]).expect("a graph").deadline(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_takes_longer_than_that_is_given_up() {
    let (registry, log) = (registry::Registry::in_memory().await.expect("opens"), Log::default());
    let runner = super::start(&registry, 1).await;
    let slow = Double { wait: Duration::from_millis(400), ..Double::new("slow", "slow", &log) }.step();
    let make = move |_: &Inputs| Ok(vec![Arc::clone(&slow)]);
    let graph = Graph::compile(vec![Node::new("slow", make).within(Duration::from_millis(25))]).expect("a graph");
    let error = runner.graph(&graph).await.expect_err("is given up");
    assert_eq!(error.code(), "orchestrator.deadline");
    assert!(error.to_string().contains("longer than the 0.03 s"), "{error}");
}

fn doubling(name: &str, needs: &[&str], texts: &[&str], fail: bool, log: &Log) -> Node {
    let (own, texts, log) = (name.to_owned(), texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>(), Arc::clone(log));
    let make = move |inputs: &Inputs| {
        // Steps read the facts of what came before: lengths of texts.
        let before: u64 = inputs.values().flatten().filter_map(|r| r.outputs.facts["length"].as_u64()).sum();
        let steps = texts.iter().enumerate().map(|(k, text)| {
            let text = format!("{text}{before}");
            Double { fail, ..Double::new(format!("{own}/{k}"), text, &log) }.step()
        });
        Ok(steps.collect())
    };
    needs.iter().fold(Node::new(name, make), |node, need| node.after(*need))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_read_what_they_need_and_a_second_run_runs_nothing() {
    let registry = in_memory("").await;
    let log = Log::default();
    let graph = || {
        Graph::compile(vec![
            doubling("end", &["left", "right"], &["e"], false, &log),
            doubling("left", &["root"], &["l"], false, &log),
            doubling("right", &["root"], &["r", "s", "t"], false, &log),
            doubling("root", &[], &["a", "b"], false, &log),
        ])
        .expect("a graph")
    };
    let first = start(&registry, 2).await.graph(&graph()).await.expect("runs");
    assert_eq!((ran(&log).len(), first.partial(), first.results.len()), (7, false, 4));
    // root: two texts of 2 letters, doubled; left: one of 2; right: three of 2; end reads 4 + 12.
    assert_eq!(first.results["end"][0].outputs.facts["length"], 6);
    let names: Vec<&str> = first.results["right"].iter().map(|r| r.name.as_str()).collect();
    assert_eq!(names, ["right/0", "right/1", "right/2"]);
    let second = start(&registry, 1).await.graph(&graph()).await.expect("runs");
    assert_eq!(ran(&log).len(), 0);
    assert!(second.results.values().flatten().all(|r| r.hit));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_means_what_its_node_says() {
    let registry = in_memory("").await;
    let log = Log::default();
    let nodes = |policy: OnFailure, spare_fails: bool| {
        vec![
            doubling("root", &[], &["a"], false, &log),
            doubling("weak", &["root"], &["w"], true, &log).on_failure(policy),
            doubling("spare", &["root"], &["s"], spare_fails, &log).on_failure(OnFailure::Skip),
            doubling("beside", &["root"], &["b"], false, &log),
            doubling("end", &["weak"], &["e"], false, &log),
        ]
    };
    let graph = |policy, spare_fails| Graph::compile(nodes(policy, spare_fails)).expect("a graph");

    let error = start(&registry, 1).await.graph(&graph(OnFailure::Fail, false)).await.expect_err("fails");
    assert!(matches!(&error, RunError::Step { stage, .. } if stage == "weak"), "{error}");

    let left_out = start(&registry, 1).await.graph(&graph(OnFailure::Skip, false)).await.expect("goes on");
    assert!(left_out.partial() && left_out.results.contains_key("beside"));
    assert_eq!(left_out.skipped.keys().collect::<Vec<_>>(), ["end", "weak"]);
    assert_eq!(left_out.skipped["end"], "it needs `weak`, which was left out");

    ran(&log);
    let other = start(&registry, 1).await.graph(&graph(OnFailure::Fallback("spare".into()), false)).await.expect("goes on");
    assert_eq!((other.partial(), other.replaced.get("weak").map(String::as_str)), (false, Some("spare")));
    assert_eq!(other.results["weak"], other.results["spare"]);
    assert!(other.results.contains_key("end"));

    // Elsewhere, where nobody remembers that it went well once.
    let registry = in_memory("").await;
    let neither = start(&registry, 1).await.graph(&graph(OnFailure::Fallback("spare".into()), true)).await.expect("goes on");
    assert!(neither.partial() && neither.skipped.contains_key("weak") && neither.skipped.contains_key("end"), "{neither:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_for_a_spare_that_was_not_called_is_left_out_and_said() {
    let registry = in_memory("").await;
    let log = Log::default();
    let graph = Graph::compile(vec![
        doubling("sound", &[], &["a"], false, &log).on_failure(OnFailure::Fallback("spare".into())),
        doubling("spare", &[], &["s"], false, &log),
        doubling("end", &["spare"], &["e"], false, &log),
    ]);
    let done = start(&registry, 1).await.graph(&graph.expect("a graph")).await.expect("runs");
    assert_eq!(done.skipped.get("end").map(String::as_str), Some("it needs `spare`, which never came"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_cannot_make_its_steps_fails_like_any_other() {
    let registry = in_memory("").await;
    let node = Node::new("odd", |_: &Inputs| Err(StepError::new("odd.refused", "not today")));
    let error = start(&registry, 1).await.graph(&Graph::compile(vec![node]).expect("a graph")).await.expect_err("fails");
    assert_eq!((error.code(), error.to_string().as_str()), ("odd.refused", "stage `odd`, step `odd`: not today"));
}
