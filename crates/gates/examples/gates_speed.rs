//! How fast the gates are: `cargo run --release -p gates --example gates_speed`. It prints figures and asserts nothing.

use std::process::ExitCode;

use contracts::{
    project::{Audience, Safety},
    promise::{DeliveryPromise, PromiseType},
};
use gates::{
    policy::{Policies, SHIPPED, TABLES, allows},
    promise::{Cut, CutKind, Measure, cuts},
    safety::{Point, judge},
};
use serde_json::json;

/// Seconds of CPU this process has used, as the kernel counts them.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}

/// The middle and the 99th of a hundred of what `work` takes, microseconds, each over `batch` calls.
fn timed(batch: u32, mut work: impl FnMut()) -> (f64, f64) {
    let mut samples: Vec<f64> = (0..200)
        .map(|_| {
            let before = cpu();
            (0..batch).for_each(|_| work());
            (cpu() - before) * 1e6 / f64::from(batch)
        })
        .collect();
    samples.sort_by(f64::total_cmp);
    (samples[100], samples[198])
}

#[expect(clippy::print_stdout, reason = "figures are what this prints")]
fn main() -> ExitCode {
    let tell = |what: &str, (p50, p99): (f64, f64)| println!("{what}: p50 {p50:.1} µs, p99 {p99:.1} µs (CPU)");
    let Ok(policies) = Policies::load(SHIPPED, TABLES) else { return ExitCode::FAILURE };
    let budget = json!({"quote_micro_usd": 40_000, "run": {"remaining_micro_usd": 40_000}, "tenant": {"remaining_micro_usd": "unlimited"}});
    let tool = json!({"local": false, "availability": "available", "missing": [], "writes": ["picture"], "id": "t", "provider": "p",
        "modality": ["video"], "operations": ["generate"], "moves": true, "licence_cleared": true});
    let pre = json!({"task": "video", "tool": tool, "project": {"external": "allowed"},
        "spend": {"worst_micro_usd": 1, "threshold_micro_usd": 2, "approved": false}});
    let select = json!({"tool": tool, "request": {"modality": "video", "operation": "generate", "motion_required": true},
        "tenant": {"denied": ["q"], "allowed": "all"}});
    let asked = [("pre_execution", &pre), ("selection", &select), ("budget", &budget)];
    if !asked.iter().all(|(gate, input)| allows(&policies.judge(gate, input))) {
        return ExitCode::FAILURE;
    }
    tell("three Rego gates", timed(20, || asked.iter().for_each(|(gate, input)| drop(policies.judge(gate, input)))));
    tell("loading the five policies with every sample", timed(1, || drop(Policies::load(SHIPPED, TABLES))));
    let cuts: Vec<Cut> = (0..120)
        .map(|n| Cut {
            shot_id: format!("s{n}"),
            frames: 96,
            kind: CutKind::Video,
            from_source: false,
            stand_in: false,
            moving: Some(true),
        })
        .collect();
    let promise = DeliveryPromise::of(PromiseType::MotionLed);
    tell("a promise against 120 cuts", timed(100, || drop(cuts::check(&promise, &cuts, Measure::Decoded))));
    let safety = Safety { audience: Audience::General, mode: None };
    let lines: Vec<String> =
        (0..100).map(|n| format!("Line {n}: the keeper climbs the stair, and the lamp is lit again before the tide turns.")).collect();
    let texts = || lines.iter().map(|l| ("line".to_owned(), l.as_str()));
    tell("the safety of a script of 100 lines", timed(1, || drop(judge(&safety, Point::Script, texts()))));
    ExitCode::SUCCESS
}
