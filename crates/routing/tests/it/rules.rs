//! Excluding and ordering, rule by rule; and the strict answer beside each answer of the originals that is lax.

use std::collections::BTreeSet;

use contracts::MicroUsd;
use contracts::choice::{
    Availability, Breaker, CostTier, DataClass, ExclusionCode, GateAnswer, Modality, OrderTable, Policy, SelectionRequest, ToolManifest,
    ToolStats, Trends,
};
use routing::compat::{cm, portfolio, score, selector};
use routing::discover::Health;
use routing::{Catalogue, SelectError, Surroundings, find_candidates, rank, select, snapshot};
use serde_json::json;

use crate::world::{clip, id, left, shipped, wanted};

/// The order of a choice, as one text.
fn order(catalogue: &Catalogue, request: &SelectionRequest, around: &Surroundings) -> String {
    ordered(catalogue, request, None, around)
}

fn ordered(catalogue: &Catalogue, request: &SelectionRequest, table: Option<OrderTable>, around: &Surroundings) -> String {
    let choice = routing::choose(&snapshot(catalogue, request.clone(), table, around));
    choice.order.iter().map(|p| p.tool.as_str()).collect::<Vec<_>>().join(" ")
}

fn table(tools: &[&str]) -> OrderTable {
    let order = tools.iter().map(|t| id(t)).collect();
    OrderTable { version: "1.0.0".into(), modality: Modality::Video, task: None, local_only: false, order }
}

type Change = Box<dyn Fn(&mut ToolManifest, &mut SelectionRequest, &mut Surroundings)>;

#[test]
fn every_rule_excludes_alone_and_says_why() {
    use ExclusionCode as Code;
    let base = Catalogue::of([clip("a", true, Some(40_000))]);
    let mut request = wanted(Policy::Balanced);
    request.motion_required = true;
    request.commercial = true;
    let around = left(40_000);
    assert_eq!(order(&base, &request, &around), "a", "equal to what remains passes");
    let cases: Vec<(Code, &str, Change)> = vec![
        (
            Code::OverBudget,
            "worst case $0.040000 is more than the $0.039999",
            Box::new(|_, _, s| s.budget.remaining_micro_usd = Some(MicroUsd(39_999))),
        ),
        (Code::OverBudget, "more than the -$0.000001 that remain", Box::new(|_, _, s| s.budget.remaining_micro_usd = Some(MicroUsd(-1)))),
        (Code::CostUnknown, "nobody knows what it costs", Box::new(|t, _, _| t.price = None)),
        (Code::PromiseMotion, "motion was promised", Box::new(|t, _, _| t.moves = false)),
        (
            Code::Rights,
            "comes under CC-BY-NC-4.0",
            Box::new(|t, _, _| (t.commercial, t.output_licence) = (false, Some("CC-BY-NC-4.0".into()))),
        ),
        (Code::DataClass, "may not be handed `confidential`", Box::new(|_, r, _| r.data_class = DataClass::Confidential)),
        (Code::NotLocal, "never leaves this machine", Box::new(|_, r, _| r.local_only = true)),
        (Code::NotAllowed, "not among those", Box::new(|_, r, _| r.allowed = BTreeSet::from([id("b")]))),
        (Code::CostTier, "tier `low` is above `free`", Box::new(|_, r, _| r.max_cost_tier = Some(CostTier::Free))),
        (Code::EnvironmentMissing, "ACME_KEY is not set", Box::new(|t, _, _| t.environment = BTreeSet::from(["ACME_KEY".into()]))),
        (Code::NotCovered, "it cannot `dance`", Box::new(|_, r, _| r.operation = Some("dance".into()))),
        (
            Code::NotCovered,
            "9000 ms is longer than 8000 ms",
            Box::new(|t, r, _| (t.limits.durations_ms, r.duration_ms) = (vec![4_000, 8_000], Some(9_000))),
        ),
        (Code::NotCovered, "width 3840 is above 1920", Box::new(|t, r, _| (t.limits.max_width, r.width) = (Some(1920), Some(3840)))),
        (
            Code::NotCovered,
            "aspect 1:1 is not among 16:9",
            Box::new(|t, r, _| (t.limits.aspects, r.aspect) = (vec!["16:9".into()], Some("1:1".into()))),
        ),
        (
            Code::NotCovered,
            "25 frames a second are not among [24, 30]",
            Box::new(|t, r, _| (t.limits.fps, r.fps) = (vec![24, 30], Some(25))),
        ),
        (
            Code::NotCovered,
            "format `webm` is not among mp4",
            Box::new(|t, r, _| (t.limits.formats, r.format) = (vec!["mp4".into()], Some("webm".into()))),
        ),
        (Code::NotCovered, "it has no `seed`", Box::new(|_, r, _| r.needs = BTreeSet::from(["seed".into()]))),
        (
            Code::Unavailable,
            "no answer since 3 minutes",
            Box::new(|_, _, s| {
                let why = Some("no answer since 3 minutes".into());
                s.health.insert(id("a"), Health { availability: Availability::Unavailable, breaker: Breaker::Closed, why });
            }),
        ),
        (
            Code::BreakerOpen,
            "too many calls failed",
            Box::new(|_, _, s| {
                s.health.insert(id("a"), Health { breaker: Breaker::Open, ..Health::WELL });
            }),
        ),
        (
            Code::GateDenied,
            "egress: this tenant may not",
            Box::new(|_, _, s| {
                s.gates.push(GateAnswer { gate: "egress".into(), tool: Some(id("a")), pass: false, reason: "this tenant may not".into() })
            }),
        ),
        (
            Code::GateDenied,
            "safety: the gate did not answer",
            Box::new(|_, _, s| {
                s.gates.push(GateAnswer { gate: "safety".into(), tool: None, pass: false, reason: "the gate did not answer".into() })
            }),
        ),
    ];
    let mut seen = BTreeSet::new();
    for (code, told, change) in cases {
        let (mut tool, mut request, mut around) = (clip("a", true, Some(40_000)), request.clone(), around.clone());
        change(&mut tool, &mut request, &mut around);
        let error = select(&snapshot(&Catalogue::of([tool]), request, None, &around)).expect_err("nothing is left");
        let SelectError::NoTool { choice, .. } = &error else { panic!("{error}") };
        let codes: Vec<Code> = choice.exclusions.iter().map(|e| e.code).collect();
        assert_eq!(codes, [code], "{error}");
        assert!(error.to_string().contains(told), "{error}");
        assert!(error.to_string().starts_with("no tool can do `sc01-b02-s1`: a ("), "{error}");
        seen.insert(code);
    }
    assert_eq!(seen.len(), Code::ALL.len(), "a rule without a case: {seen:?}");
}

#[test]
fn every_reason_of_every_tool_is_there() {
    let (mut a, mut b) = (clip("a", false, None), clip("b", true, Some(5)));
    a.commercial = false;
    b.limits.formats = vec!["mp4".into()];
    let mut request = SelectionRequest { format: Some("webm".into()), motion_required: true, commercial: true, ..wanted(Policy::Scored) };
    request.data_class = DataClass::Restricted;
    let error = select(&snapshot(&Catalogue::of([b, a]), request, None, &left(4))).expect_err("nothing is left");
    let SelectError::NoTool { choice, .. } = error else { panic!("{error}") };
    let all: Vec<String> = choice.exclusions.iter().map(|e| format!("{} {}", e.tool, e.code.name())).collect();
    assert_eq!(all, ["a promise_motion", "a data_class", "a rights", "a cost_unknown", "b not_covered", "b data_class", "b over_budget"]);
}

#[test]
fn preference_then_policy_then_hint_then_the_declared_chain() {
    let with = |name: &str, fallback: &[&str]| {
        let mut tool = clip(name, true, Some(10));
        tool.fallback = fallback.iter().map(|f| id(f)).collect();
        tool
    };
    let catalogue = Catalogue::of([with("a", &["d"]), with("b", &[]), with("c", &[]), with("d", &["c"])]);
    let mut request = wanted(Policy::Configured);
    let around = left(1_000);
    // Nothing but names; then the chain of the first, and the chain of who stands in it.
    assert_eq!(order(&catalogue, &request, &around), "a d c b");
    // The table outranks the chain.
    assert_eq!(ordered(&catalogue, &request, Some(table(&["c", "b"])), &around), "c b a d");
    // The environment's hint outranks the chain, and not the table.
    request.hint = Some(id("d-co"));
    assert_eq!(order(&catalogue, &request, &around), "d c a b");
    assert_eq!(ordered(&catalogue, &request, Some(table(&["c", "b"])), &around), "c b d a");
    // A chain that a person configured outranks the table.
    request.chain = vec![id("b-co")];
    assert_eq!(ordered(&catalogue, &request, Some(table(&["c", "b"])), &around), "b c d a");
    // A preference outranks everything, in its order.
    request.preferred = vec![id("a"), id("c-co")];
    assert_eq!(ordered(&catalogue, &request, Some(table(&["c", "b"])), &around), "a c b d");
    // The others of a preferred tool that is not feasible move up, and its reason is kept.
    let mut gone = around.clone();
    gone.health.insert(id("a"), Health { availability: Availability::Unavailable, ..Health::WELL });
    assert_eq!(ordered(&catalogue, &request, Some(table(&["c", "b"])), &gone), "c b d");
}

#[test]
fn found_tools_come_by_health_and_then_by_cost_tier() {
    let tier = |name: &str, tier: CostTier, formats: &[&str]| {
        let mut tool = clip(name, true, Some(1));
        (tool.cost_tier, tool.limits.formats) = (tier, formats.iter().map(|f| (*f).to_owned()).collect());
        tool
    };
    let catalogue = Catalogue::of([
        tier("dear", CostTier::High, &["png", "webp"]),
        tier("cheap", CostTier::Low, &["png"]),
        tier("free-but-ill", CostTier::Free, &["png", "webp"]),
        tier("gone", CostTier::Free, &["webp"]),
    ]);
    let health = [("free-but-ill", Availability::Degraded), ("gone", Availability::Unavailable)];
    let health = health.into_iter().map(|(t, availability)| (id(t), Health { availability, ..Health::WELL })).collect();
    let found = |request: &SelectionRequest| {
        find_candidates(&catalogue, request, &health).iter().map(|t| t.tool.as_str()).collect::<Vec<_>>().join(" ")
    };
    let mut request = wanted(Policy::Configured);
    assert_eq!(found(&request), "cheap dear free-but-ill");
    request.format = Some("webp".into());
    assert_eq!(found(&request), "dear free-but-ill");
    request.max_cost_tier = Some(CostTier::Medium);
    assert_eq!(found(&request), "free-but-ill");
    request.modality = Modality::Music;
    assert_eq!(found(&request), "");
}

#[test]
fn local_tools_stand_first_without_a_word_of_anyone() {
    let (catalogue, tables) = shipped();
    for (modality, task, first) in [
        (Modality::Image, None, "library.picture"),
        (Modality::Image, Some("establishing"), "craft.painter"),
        // Where nothing is known against it: a server that whoever runs this machine has set up.
        (Modality::Speech, None, "server"),
        (Modality::Music, None, "library.music"),
        (Modality::Sound, None, "library.sound"),
        (Modality::Runtime, None, "ffmpeg"),
    ] {
        let mut request = SelectionRequest::of("x", modality);
        request.task = task.map(str::to_owned);
        let own = tables.of(modality, task).cloned();
        let choice = select(&snapshot(&catalogue, request, own, &Surroundings::default())).expect("there is one");
        assert_eq!(choice.first, Some(id(first)), "{modality:?} {task:?}");
        assert!(choice.rationale.starts_with("ordering table "), "{}", choice.rationale);
    }
}

#[test]
fn adaptive_follows_what_past_runs_say_and_puts_slow_tools_last() {
    let trends = |records, fallbacks, cost, successes| {
        Some(Trends { records, min_records: 5, scenes: 100, fallbacks, cost_micro_usd: MicroUsd(cost), attempts: 100, successes })
    };
    for (trends, expected) in [
        (None, Policy::Balanced),
        (trends(4, 100, 0, 0), Policy::Balanced),
        (trends(5, 35, 5_000_000, 60), Policy::Balanced),
        (trends(5, 36, 0, 100), Policy::QualityFirst),
        (trends(5, 0, 0, 59), Policy::QualityFirst),
        (trends(5, 0, 5_000_001, 100), Policy::CostFirst),
        (trends(5, 100, 50_000_000, 0), Policy::QualityFirst),
    ] {
        assert_eq!(routing::choose::resolve(Policy::Adaptive, trends.as_ref()).0, expected, "{trends:?}");
    }
    // 000-18: a latency regression changes the choice, and only under `adaptive`.
    let catalogue = Catalogue::of([clip("quick", true, Some(10)), clip("steady", true, Some(20))]);
    let mut around = left(100);
    let stats = |now, before| ToolStats { latency_ms: now, latency_before_ms: before, samples: 10, ..rank::COLD };
    let mut request = wanted(Policy::Adaptive);
    for (now, before, first) in
        [(2_000, 2_000, "quick steady"), (4_000, 2_000, "quick steady"), (4_001, 2_000, "steady quick"), (900, 100, "quick steady")]
    {
        around.stats.insert(id("quick"), stats(now, before));
        request.policy = Policy::Adaptive;
        assert_eq!(order(&catalogue, &request, &around), first, "{before} ms, then {now} ms");
        request.policy = Policy::Balanced;
        assert_eq!(order(&catalogue, &request, &around), "quick steady");
    }
}

// Where strict routing differs from the originals on purpose: the lax answer, the strict one, and why.

#[test]
fn a_paid_clip_is_bound_by_the_budget_as_a_paid_picture_is() {
    // content-machine skips images only.
    let providers = [
        cm::Provider { name: "runway".into(), asset_type: cm::AssetType::Video, cost_per_asset: 0.5 },
        cm::Provider { name: "nanobanana".into(), asset_type: cm::AssetType::Image, cost_per_asset: 0.04 },
    ];
    let lax = cm::plan(&providers, cm::Policy::Configured, Some(0.01));
    assert_eq!(lax.ordered_providers, ["runway"]);
    let catalogue = Catalogue::of([clip("runway", true, Some(500_000)), clip("nanobanana", false, Some(40_000))]);
    assert_eq!(order(&catalogue, &wanted(Policy::Configured), &left(10_000)), "", "0.01 USD buys neither");
}

#[test]
fn exactly_three_of_four_cents_fit_twelve() {
    // The original drops the third: 0.12 − 0.04 − 0.04 is 0.03999999999999999.
    let image = [cm::Provider { name: "nanobanana".into(), asset_type: cm::AssetType::Image, cost_per_asset: 0.04 }];
    let mut remaining = 0.12_f64;
    let mut lax = 0;
    while !cm::plan(&image, cm::Policy::Configured, Some(remaining)).ordered_providers.is_empty() {
        lax += 1;
        remaining = (remaining - 0.04).max(0.0);
    }
    assert_eq!(lax, 2);
    let catalogue = Catalogue::of([clip("nanobanana", false, Some(40_000))]);
    let (mut remaining, mut strict) = (120_000, 0);
    while let Ok(choice) = select(&snapshot(&catalogue, wanted(Policy::Configured), None, &left(remaining))) {
        remaining -= choice.order[0].quote_micro_usd.expect("is known").0;
        strict += 1;
    }
    assert_eq!((strict, remaining), (3, 0));
}

#[test]
fn a_tool_for_stills_is_no_candidate_where_motion_is_promised() {
    // OpenMontage: 0.7195 against 0.5109 for the still, although motion is required.
    let info = |name: &str, capability: &str, supports: &[&str], best_for: &[&str], more: serde_json::Value| {
        let supports: serde_json::Map<String, serde_json::Value> = supports.iter().map(|s| ((*s).to_owned(), json!(true))).collect();
        let mut info = json!({"name": name, "provider": name, "capability": capability, "tier": "generate", "stability": "production",
            "runtime": "api", "supports": supports, "best_for": best_for});
        info.as_object_mut().expect("is one").extend(more.as_object().expect("is one").clone());
        info
    };
    let tool = |info, cost: f64| score::Tool {
        info,
        status: "available".into(),
        estimate_cost_usd: json!(cost),
        input_properties: None,
        ready_operations: None,
    };
    let features = [
        "reference_image",
        "style_transfer",
        "inpainting",
        "controlnet",
        "img2img",
        "negative_prompt",
        "custom_size",
        "aspect_ratio",
        "seed",
    ];
    let still = tool(info("still", "image_generation", &features, &["photorealistic images", "product stills"], json!({})), 0.03);
    let video = tool(
        info(
            "video",
            "video_generation",
            &["aspect_ratio", "seed"],
            &["fast social clips", "short vertical reels"],
            json!({"latency_p50_seconds": 20.0}),
        ),
        0.05,
    );
    let context = json!({"intent": "photorealistic product stills", "asset_type": "video", "motion_required": true});
    let lax = score::rank([&still, &video], &context);
    assert_eq!(lax[0].tool_name, "still");
    assert!((lax[0].weighted_score - 0.7195).abs() < 1e-12 && (lax[1].weighted_score - 0.510_932_432_432_432_5).abs() < 1e-12);
    let catalogue = Catalogue::of([clip("still", false, Some(30_000)), clip("video", true, Some(50_000))]);
    for policy in Policy::ALL {
        let request = SelectionRequest { motion_required: true, intent: "photorealistic product stills".into(), ..wanted(*policy) };
        assert_eq!(order(&catalogue, &request, &left(1_000_000)), "video", "{policy:?}");
    }
}

#[test]
fn an_unavailable_tool_is_in_no_order_and_an_unknown_cost_is_not_free() {
    // OpenMontage ranks an unavailable tool above an available one, and takes an estimate that fails for free.
    let info = |name: &str| json!({"name": name, "provider": name, "best_for": [name], "capability": "video_generation"});
    let tool = |name: &str, status: &str, cost| score::Tool {
        info: info(name),
        status: status.into(),
        estimate_cost_usd: cost,
        input_properties: None,
        ready_operations: None,
    };
    let tools = [tool("film", "unavailable", json!(0.1)), tool("other", "available", json!("raises"))];
    let lax = score::rank(&tools, &json!({"intent": "film", "style_keywords": ["film"], "asset_type": "video"}));
    assert_eq!((lax[0].tool_name.as_str(), lax[1].cost_efficiency), ("film", 1.0));
    let catalogue = Catalogue::of([clip("film", true, Some(100_000)), clip("other", true, None), clip("third", true, Some(900_000))]);
    let mut around = Surroundings::default();
    around.health.insert(id("film"), Health { availability: Availability::Unavailable, ..Health::WELL });
    assert_eq!(order(&catalogue, &wanted(Policy::CostFirst), &around), "third other", "without a budget the unknown is the dearest");
    around.budget.remaining_micro_usd = Some(MicroUsd(1_000_000));
    assert_eq!(order(&catalogue, &wanted(Policy::CostFirst), &around), "third", "under a budget it is no candidate");
}

#[test]
fn the_score_that_is_told_belongs_to_the_tool_that_runs() {
    // OpenMontage keeps tools by provider: of two tools of one, the score of the first is told of the second.
    let info = |name: &str, quality: f64| json!({"name": name, "provider": "p", "best_for": ["cat"], "capability": "image_generation", "quality_score": quality});
    let tool = |name: &str, quality| score::Tool {
        info: info(name, quality),
        status: "available".into(),
        estimate_cost_usd: json!(0),
        input_properties: None,
        ready_operations: None,
    };
    let lax = selector::select(selector::Kind::Image, &json!({"prompt": "a cat"}), &[tool("good", 0.9), tool("bad", 0.1)], None);
    assert_eq!((&lax["selected_tool"], &lax["score_tool_name"]), (&json!("bad"), &json!("good")));
    let (mut good, mut bad) = (clip("good", false, Some(0)), clip("bad", false, Some(0)));
    (good.quality_ppm, bad.quality_ppm) = (Some(900_000), Some(100_000));
    (good.provider, bad.provider) = (id("p"), id("p"));
    let mut request = wanted(Policy::Scored);
    request.preferred = vec![id("p")];
    let choice = select(&snapshot(&Catalogue::of([bad, good]), request, None, &left(1))).expect("there are two");
    assert_eq!(choice.first, Some(id("good")));
    let scores: Vec<Option<i64>> = choice.order.iter().map(|p| p.score_ppm).collect();
    assert!(scores[0] > scores[1], "each has its own: {scores:?}");
}

#[test]
fn a_quality_of_nothing_is_bad_and_two_tools_of_a_provider_are_two() {
    // somaagent01 takes 0.0 for unknown, and ranks by provider.
    let lax = portfolio::stats(
        "p",
        &[portfolio::Outcome { provider: "p".into(), success: true, latency_ms: 1.0, quality_score: Some(0.0), cost_cents: 0.0 }],
    );
    assert!((lax.avg_quality - 0.5).abs() < 1e-12);
    let one = |tool: &str, quality| rank::Outcome {
        tool: id(tool),
        at_s: 1,
        success: true,
        latency_ms: 1,
        quality_ppm: quality,
        cost_micro_usd: MicroUsd(0),
    };
    let history = [one("p.a", Some(0)), one("p.b", Some(900_000)), one("p.c", None)];
    let quality = |tool: &str| rank::stats(&id(tool), &history, rank::WINDOW).expect("was called").quality_ppm;
    assert_eq!((quality("p.a"), quality("p.b"), quality("p.c")), (0, 900_000, 500_000));
}

#[test]
fn a_table_that_keeps_a_task_here_keeps_it_here() {
    let catalogue = Catalogue::of([clip("far", true, Some(0))]);
    let mut own = table(&["far"]);
    assert_eq!(ordered(&catalogue, &wanted(Policy::Configured), Some(own.clone()), &left(0)), "far");
    own.local_only = true;
    for policy in Policy::ALL {
        assert_eq!(ordered(&catalogue, &wanted(*policy), Some(own.clone()), &left(0)), "", "{policy:?}");
    }
}
