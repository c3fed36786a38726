//! How fast choosing is: select among 100 tools with every reason, discovery over 10,000, replay of 100,000 decisions. Prints
//! figures and asserts nothing: `cargo run --release -p routing --example choosing_speed`.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "it measures with the real clock and talks to a person")]

use std::collections::BTreeMap;
use std::time::Instant;

use contracts::choice::{
    Attempt, AttemptResult, Availability, CostTier, DataClass, Decision, Limits, Modality, OrderTable, Policy, Price, RankerMode, Runs,
    SelectionRequest, Stability, ToolId, ToolManifest, ToolStats,
};
use contracts::tool::CostUnit;
use contracts::{Document, MicroUsd, Seed};
use routing::discover::Health;
use routing::replay::PolicyReplay;
use routing::{Catalogue, Surroundings, choose, find_candidates, rank, snapshot};

fn id(name: &str) -> ToolId {
    ToolId::new(name).unwrap_or_else(|e| panic!("{e}"))
}

/// A tool, drawn.
fn tool(seed: &mut Seed, at: usize) -> ToolManifest {
    let words = ["cinematic film clips", "dramatic trailers, epic motion", "fast social clips", "stock footage search", "product stills"];
    ToolManifest {
        tool: id(&format!("tool-{at:05}")),
        provider: id(&format!("provider-{}", at % 40)),
        payer: Some(id("payer")),
        capability: "video_generation".into(),
        modality: if at % 10 == 9 { Modality::Image } else { Modality::Video },
        operations: [["text_to_video", "image_to_video", "extend"][at % 3].to_owned(), "upscale".to_owned()].into(),
        moves: seed.below(4) != 0,
        tier: "generate".into(),
        stability: *seed.pick(Stability::ALL).unwrap_or(&Stability::Beta),
        runtime: if seed.below(5) == 0 { Runs::LocalGpu } else { Runs::Api },
        best_for: (0..3).map(|_| words[seed.below(5) as usize].to_owned()).collect(),
        supports: ["seed", "native_audio", "lip_sync", "reference_image"]
            .iter()
            .filter(|_| seed.below(2) == 0)
            .map(|s| (*s).to_owned())
            .collect(),
        limits: Limits {
            durations_ms: vec![4_000, 8_000],
            fps: vec![24, 30],
            max_width: Some(1920),
            max_height: Some(1080),
            ..Limits::default()
        },
        input_schema: None,
        output_schema: None,
        price: Some(Price { per: CostUnit::Second, micro_usd: (seed.below(10) != 0).then(|| seed.between(0, 100_000)) }),
        cost_tier: CostTier::Low,
        latency_ms: Some(20_000),
        quality_ppm: Some(seed.below(1_000_001) as u32),
        output_licence: None,
        commercial: seed.below(10) != 0,
        data_classes: [DataClass::Public].into(),
        environment: Default::default(),
        fallback: Vec::new(),
    }
}

fn request(policy: Policy, subject: String) -> SelectionRequest {
    SelectionRequest {
        intent: "an epic cinematic trailer for a film about the sea".into(),
        motion_required: true,
        commercial: true,
        duration_ms: Some(5_000),
        fps: Some(24),
        width: Some(1280),
        height: Some(720),
        policy,
        ..SelectionRequest::of(subject, Modality::Video)
    }
}

fn surroundings(catalogue: &Catalogue, seed: &mut Seed) -> Surroundings {
    let mut around = Surroundings::default();
    around.budget.remaining_micro_usd = Some(MicroUsd(400_000));
    for tool in catalogue.tools() {
        if seed.below(10) == 0 {
            let availability = *seed.pick(Availability::ALL).unwrap_or(&Availability::Available);
            around.health.insert(tool.tool.clone(), Health { availability, ..Health::WELL });
        }
        around.stats.insert(tool.tool.clone(), ToolStats { samples: 50, success_ppm: seed.between(0, 1_000_000), ..rank::COLD });
    }
    around
}

fn percentile(times: &mut [u128], share: usize) -> f64 {
    times.sort_unstable();
    times[(times.len() * share / 100).min(times.len() - 1)] as f64 / 1_000.0
}

fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}

fn main() {
    let mut seed = Seed::of(&["speed"]);
    let hundred = Catalogue::of((0..112).map(|at| tool(&mut seed, at)));
    let around = surroundings(&hundred, &mut seed);
    let table = OrderTable {
        version: "1.0.0".into(),
        modality: Modality::Video,
        task: None,
        local_only: false,
        order: hundred.tools().iter().take(40).map(|t| t.tool.clone()).collect(),
    };
    for policy in Policy::ALL {
        let (mut whole, mut alone) = (Vec::new(), Vec::new());
        let mut counts = (0, 0, 0);
        for n in 0..5_000 {
            let request = request(*policy, format!("shot-{n}"));
            let started = Instant::now();
            let snapshot = snapshot(&hundred, request, Some(table.clone()), &around);
            let ready = Instant::now();
            let choice = choose(&snapshot);
            alone.push(ready.elapsed().as_nanos());
            whole.push(started.elapsed().as_nanos());
            counts = (snapshot.candidates.len(), choice.order.len(), choice.exclusions.len());
        }
        println!(
            "select {:<14} {} tools, {} ordered, {} reasons: p50 {:.0} µs, p99 {:.0} µs (with the snapshot made: p50 {:.0}, p99 {:.0})",
            policy.name(),
            counts.0,
            counts.1,
            counts.2,
            percentile(&mut alone, 50),
            percentile(&mut alone, 99),
            percentile(&mut whole, 50),
            percentile(&mut whole, 99)
        );
    }

    let many = Catalogue::of((0..10_000).map(|at| tool(&mut seed, at)));
    let mut wanted = request(Policy::Configured, "shot".into());
    for operation in [Some("text_to_video"), None] {
        wanted.operation = operation.map(str::to_owned);
        let mut times = Vec::new();
        let mut found = 0;
        for _ in 0..300 {
            let started = Instant::now();
            found = find_candidates(&many, &wanted, &BTreeMap::new()).len();
            times.push(started.elapsed().as_nanos());
        }
        println!(
            "discovery over 10000 tools, {operation:?}: {found} found, p50 {:.0} µs, p99 {:.0} µs",
            percentile(&mut times, 50),
            percentile(&mut times, 99)
        );
    }
    drop(many);

    let ten = Catalogue::of((0..10).filter(|at| at % 10 != 9).map(|at| tool(&mut seed, at)));
    let mut around = surroundings(&ten, &mut seed);
    (around.ranker.mode, around.ranker.epsilon_ppm) = (RankerMode::Active, 200_000);
    let decision = |n: u32| {
        let snapshot = snapshot(&ten, request(Policy::Balanced, format!("shot-{n}")), None, &around);
        let choice = choose(&snapshot);
        let attempts: Vec<Attempt> = choice
            .first
            .iter()
            .map(|tool| Attempt {
                tool: tool.clone(),
                phase: "primary".into(),
                result: if n.is_multiple_of(7) { AttemptResult::Failure } else { AttemptResult::Success },
                error: None,
                latency_ms: Some(1_000),
                cost_micro_usd: MicroUsd(1_000),
                quality_ppm: Some(700_000),
            })
            .collect();
        let cost_micro_usd = MicroUsd(attempts.iter().map(|a| a.cost_micro_usd.0).sum());
        Decision { chosen: choice.first.clone(), snapshot, choice, attempts, cost_micro_usd, content: None }
    };
    // Written down first, as the registry would hold them; one after the other is read and replayed.
    let (mut read_ns, mut replay_ns, mut bytes_in_all) = (0_u128, 0_u128, 0_usize);
    let mut replay = PolicyReplay::new(Policy::CostFirst);
    for n in 0..100_000 {
        let bytes = decision(n).seal().map(|(bytes, _)| bytes).unwrap_or_default();
        bytes_in_all += bytes.len();
        let started = Instant::now();
        let read: Decision = routing::replay::read(&bytes).unwrap_or_else(|e| panic!("{e}"));
        let between = Instant::now();
        replay.add(&read);
        replay_ns += between.elapsed().as_nanos();
        read_ns += (between - started).as_nanos();
    }
    println!(
        "replay of 100000 decisions of {} candidates: {:.2} s choosing, {:.2} s reading {} MB of JSON; peak {} MB in all",
        ten.tools().len(),
        replay_ns as f64 / 1e9,
        read_ns as f64 / 1e9,
        bytes_in_all / 1_000_000,
        peak_mb()
    );
    println!("{}", serde_json::to_string(&replay.report()).unwrap_or_default());
}
