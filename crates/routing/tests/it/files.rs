//! The policy file of every stage, and the records that content-machine's readers read.

use contracts::choice::{Attempt, AttemptResult, Decision, Policy, SelectionRequest};
use contracts::{Hash, MicroUsd};
use routing::compat::{recommend::Telemetry, visuals};
use routing::policy_file::{chain, parse};
use routing::{Catalogue, choose, snapshot, views};
use serde_json::json;

use crate::world::{clip, id, left, wanted};

#[test]
fn one_file_governs_every_stage_and_unknown_keys_are_refused() {
    let text = r#"{"schemaVersion": "1.0.0", "script": {"routingPolicy": "adaptive"}, "audio": {"providerChain": ["piper", "flite"]},
        "visuals": {"maxGenerationCostUsd": 0.12, "gates": {"enforce": true, "maxFallbackRate": 0.35}, "evaluation": {"minRecords": 5}},
        "render": {"maxGenerationCostUsd": 1e-6}}"#;
    let file = parse(text).expect("is good");
    assert_eq!(file.stage("script").routing_policy, Some(Policy::Adaptive));
    assert_eq!(file.stage("audio").provider_chain, Some(vec![id("piper"), id("flite")]));
    let visuals = file.stage("visuals");
    assert_eq!((visuals.max_cost, visuals.enforce, visuals.max_fallback_ppm), (Some(MicroUsd(120_000)), Some(true), Some(350_000)));
    assert_eq!((visuals.min_records, visuals.adaptive_window), (Some(5), None));
    assert_eq!(file.stage("render").max_cost, Some(MicroUsd(1)));
    let flags = parse(r#"{"visuals": {"maxGenerationCostUsd": 0, "gates": {"enforce": false}}}"#).expect("is good");
    let both = flags.over(&file);
    let visuals = both.stage("visuals");
    assert_eq!((visuals.max_cost, visuals.enforce, visuals.max_fallback_ppm), (Some(MicroUsd(0)), Some(false), Some(350_000)));
    assert_eq!(both.stage("script"), file.stage("script"));
    for (text, told) in [
        (r#"{"sound": {}}"#, "/sound: no such key; there are schemaVersion, script, audio, visuals, render"),
        (r#"{"visuals": {"policy": 1}}"#, "/visuals/policy: no such key; there are providerChain"),
        (r#"{"audio": {"gates": {"maxFallbackRat": 1}}}"#, "/audio/gates/maxFallbackRat: no such key"),
        (r#"{"schemaVersion": 2}"#, "/schemaVersion: 2: this build reads 1"),
        (
            r#"{"visuals": {"routingPolicy": "Adaptive"}}"#,
            "/visuals/routingPolicy: policy `Adaptive`: there is none of that name; there are configured",
        ),
        (r#"{"visuals": {"maxGenerationCostUsd": -1}}"#, "/visuals/maxGenerationCostUsd: -1: expected US dollars, 0 to 1000000"),
        (r#"{"visuals": {"maxGenerationCostUsd": 0.0000001}}"#, "/visuals/maxGenerationCostUsd: 1e-7: expected"),
        (r#"{"visuals": {"maxGenerationCostUsd": 1e300}}"#, "/visuals/maxGenerationCostUsd: 1e+300: expected"),
        (r#"{"visuals": {"gates": {"maxFallbackRate": 1.000001}}}"#, "/visuals/gates/maxFallbackRate: 1.000001: expected a share"),
        (r#"{"visuals": {"evaluation": {"minRecords": 0}}}"#, "/visuals/evaluation/minRecords: 0: expected a whole number, 1 to"),
        (r#"{"visuals": {"providerChain": []}}"#, "/visuals/providerChain: expected at least one name"),
        (r#"{"visuals": {"providerChain": ["a", 7]}}"#, "/visuals/providerChain/1: `` is not a tool's name"),
        (r#"{"visuals": []}"#, "/visuals: expected an object"),
        ("[", "/: not valid JSON"),
    ] {
        let said = parse(text).expect_err("is refused").to_string();
        assert!(said.starts_with(told), "{said}");
    }
    let said = parse(&" ".repeat(10 * 1024 * 1024)).expect_err("is refused").to_string();
    assert_eq!(said, "/: 10485760 bytes; a policy file has at most 1048576");
}

#[test]
fn a_comma_chain_stands_alone() {
    let file = [id("c"), id("a")];
    let told = |provider, flag| chain(provider, flag, &file).map(|c| c.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
    assert_eq!(told(Some("a, b"), Some("d")), Ok("a b".into()));
    assert_eq!(told(Some("a"), Some("d,a")), Ok("a d c".into()));
    assert_eq!(told(None, None), Ok("c a".into()));
    assert_eq!(told(Some("a,"), Some("d")), Ok("a".into()), "a comma is a chain, also of one");
    assert!(told(Some("../a"), None).is_err());
}

fn decision(n: u32, policy: Policy, failing: bool) -> Decision {
    let catalogue = Catalogue::of([clip("cheap", true, Some(10_000)), clip("dear", true, Some(40_000)), clip("gone", true, Some(900_000))]);
    let request = SelectionRequest { subject: format!("scene-{n:03}"), ..wanted(policy) };
    let snapshot = snapshot(&catalogue, request, None, &left(100_000));
    let choice = choose(&snapshot);
    let tried = |tool: &str, phase: &str, fails: bool| Attempt {
        tool: id(tool),
        phase: phase.into(),
        result: if fails { AttemptResult::Failure } else { AttemptResult::Success },
        error: fails.then(|| "503 from upstream".into()),
        latency_ms: Some(300),
        cost_micro_usd: MicroUsd(if fails { 0 } else { 40_000 }),
        quality_ppm: None,
    };
    let attempts = if failing {
        vec![tried("cheap", "primary", true), tried("dear", "fallback", false)]
    } else {
        vec![tried("cheap", "primary", false)]
    };
    let chosen = attempts.last().map(|a| a.tool.clone());
    Decision { snapshot, choice, attempts, chosen, cost_micro_usd: MicroUsd(40_000), content: Some(Hash::of(b"picture")) }
}

#[test]
fn the_originals_readers_read_our_records_and_lose_nothing_they_know() {
    for policy in Policy::ALL {
        let reasoning = views::match_reasoning(&decision(1, *policy, true));
        let scene =
            json!({"sceneId": "scene-001", "source": "user-footage", "assetPath": "x.mp4", "duration": 2, "matchReasoning": reasoning});
        let read = visuals::asset(&scene).unwrap_or_else(|e| panic!("{policy:?}: {e:?}"));
        let told = &read["matchReasoning"];
        assert_eq!(told["selectedProvider"], "dear-co");
        assert_eq!(told["providerAttempts"], json!(["cheap-co:primary", "dear-co:fallback"]));
        let why = "its worst case $0.900000 is more than the $0.100000 that remain";
        assert_eq!(told["skippedProviders"], json!([{"provider": "gone-co", "reason": why}]));
        assert!(told.get("reelwright").is_none(), "an old reader passes over ours");
        assert_eq!(reasoning["reelwright"]["attempts"][0]["error"], "503 from upstream");
    }
    let decisions = [decision(1, Policy::CostFirst, true), decision(2, Policy::CostFirst, false)];
    let line = views::telemetry("run-1", "2026-01-01T00:00:00Z", "a lamp", &decisions);
    let read: Telemetry = serde_json::from_value(line.clone()).expect("reads");
    assert_eq!((read.routing_policy.as_str(), read.scene_count, read.fallbacks), ("cost-first", 2.0, 1.0));
    assert_eq!(read.provider_chain, ["cheap-co", "dear-co"]);
    let rows: Vec<(&str, f64, f64, f64)> =
        read.provider_summary.iter().map(|p| (p.provider.as_str(), p.attempts, p.successes, p.avg_latency_ms)).collect();
    assert_eq!(rows, [("cheap-co", 2.0, 1.0, 300.0), ("dear-co", 1.0, 1.0, 300.0)]);
    assert!((read.total_generation_cost_usd - 0.08).abs() < 1e-12);
    assert_eq!(line["reelwright"]["attempts"][0]["subject"], "scene-001");
    let line = views::lineage("run-1", "2026-01-01T00:00:00Z", "shots/1.mp4", &decisions[0]);
    assert_eq!((&line["selectedProvider"], &line["isFallback"]), (&json!("dear-co"), &json!(true)));
    assert_eq!(line["reelwright"]["content"], Hash::of(b"picture").as_str());
    assert!(line.get("generationPrompt").is_none());
}
