//! What holds of any tools, any request and any budget: thousands of each, drawn from seeds.

use contracts::choice::{
    Availability, Breaker, DataClass, GateAnswer, Modality, OrderTable, Policy, Ranker, RankerMode, SelectionRequest, Snapshot, Stability,
    ToolId, ToolStats, Trends,
};
use contracts::{MicroUsd, Seed};
use routing::discover::Health;
use routing::{Catalogue, Surroundings, choose, snapshot};

use crate::world::{clip, id, wanted};

fn odds(seed: &mut Seed, one_in: u64) -> bool {
    seed.below(one_in) == 0
}

/// Between one and twelve tools, their surroundings, and a request.
fn drawn(seed: &mut Seed) -> Snapshot {
    let count = seed.between(1, 12);
    let mut around = Surroundings::default();
    let mut tools = Vec::new();
    for at in 0..count {
        let price = if odds(seed, 6) { None } else { Some(seed.between(0, 9) * 10_000) };
        let mut tool = clip(&format!("t{at:02}"), !odds(seed, 3), price);
        tool.provider = id(&format!("p{}", seed.below(4)));
        tool.quality_ppm = (!odds(seed, 3)).then(|| seed.below(1_000_001) as u32);
        tool.stability = *seed.pick(Stability::ALL).expect("has some");
        tool.best_for = vec![["cinematic film", "stock footage", "corporate business", "lamp"][seed.below(4) as usize].to_owned()];
        tool.commercial = !odds(seed, 4);
        tool.latency_ms = (!odds(seed, 2)).then(|| seed.below(90_000) as u32);
        tool.fallback = (0..seed.below(3)).map(|_| id(&format!("t{:02}", seed.below(12)))).filter(|f| *f != tool.tool).collect();
        if odds(seed, 4) {
            let availability = *seed.pick(Availability::ALL).expect("has some");
            let breaker = *seed.pick(Breaker::ALL).expect("has some");
            around.health.insert(tool.tool.clone(), Health { availability, breaker, why: None });
        }
        if odds(seed, 2) {
            let stats = ToolStats {
                samples: seed.below(20) as u32,
                success_ppm: seed.between(0, 1_000_000),
                quality_ppm: seed.between(0, 1_000_000),
                latency_ms: seed.between(0, 20_000),
                latency_before_ms: seed.between(0, 20_000),
                cost_micro_usd: MicroUsd(seed.between(0, 200_000)),
            };
            around.stats.insert(tool.tool.clone(), stats);
        }
        if odds(seed, 6) {
            around.gates.push(GateAnswer { gate: "g".into(), tool: Some(tool.tool.clone()), pass: odds(seed, 2), reason: "drawn".into() });
        }
        tools.push(tool);
    }
    around.budget.remaining_micro_usd = (!odds(seed, 4)).then(|| MicroUsd(seed.between(-10_000, 120_000)));
    around.trends = odds(seed, 2).then(|| Trends {
        records: seed.below(20) as u32,
        min_records: 5,
        scenes: seed.below(50),
        fallbacks: seed.below(20),
        cost_micro_usd: MicroUsd(seed.between(0, 5_000_000)),
        attempts: 50,
        successes: seed.below(51),
    });
    around.ranker = Ranker {
        mode: *seed.pick(RankerMode::ALL).expect("has some"),
        epsilon_ppm: if odds(seed, 2) { 0 } else { 300_000 },
        tenant: format!("tenant-{}", seed.below(3)),
    };
    let some = |seed: &mut Seed, most: u64| -> Vec<ToolId> {
        let names =
            (0..seed.below(most)).map(|_| if odds(seed, 2) { format!("t{:02}", seed.below(12)) } else { format!("p{}", seed.below(4)) });
        names.collect::<Vec<_>>().iter().map(|name| id(name)).collect()
    };
    let request = SelectionRequest {
        intent: ["epic film", "", "a lamp", "stock footage of a city"][seed.below(4) as usize].to_owned(),
        motion_required: odds(seed, 2),
        commercial: odds(seed, 2),
        data_class: if odds(seed, 8) { DataClass::Confidential } else { DataClass::Public },
        preferred: if odds(seed, 3) { some(seed, 3) } else { Vec::new() },
        chain: if odds(seed, 3) { some(seed, 4) } else { Vec::new() },
        hint: odds(seed, 3).then(|| id("p1")),
        ..wanted(*seed.pick(Policy::ALL).expect("has some"))
    };
    let mut order = some(seed, 8);
    order.sort();
    order.dedup();
    let table =
        odds(seed, 2).then(|| OrderTable { version: "1.0.0".into(), modality: Modality::Video, task: None, local_only: false, order });
    snapshot(&Catalogue::of(tools), request, table, &around)
}

#[test]
fn a_denied_tool_is_never_chosen_and_every_tool_is_accounted_for() {
    let mut chosen = 0;
    for round in 0..4_000 {
        let snapshot = drawn(&mut Seed::of(&["denied", &round.to_string()]));
        let choice = choose(&snapshot);
        for placed in &choice.order {
            let tool = snapshot.candidates.iter().find(|c| c.tool == placed.tool).expect("is one of them");
            let request = &snapshot.request;
            assert!(snapshot.gates.iter().all(|g| g.pass || g.tool.as_ref() != Some(&tool.tool)), "round {round}: {}", tool.tool);
            assert!(tool.availability != Availability::Unavailable && tool.breaker != Breaker::Open, "round {round}");
            assert!(!request.motion_required || tool.moves, "round {round}: a still tool where motion was promised");
            assert!(!request.commercial || tool.commercial, "round {round}");
            assert!(tool.data_classes.contains(&request.data_class), "round {round}");
            if let Some(MicroUsd(left)) = snapshot.budget.remaining_micro_usd {
                assert!(tool.quote_micro_usd.is_some_and(|q| q.0 <= left.max(0)), "round {round}: over budget");
            }
            assert!(choice.exclusions.iter().all(|e| e.tool != tool.tool), "round {round}: both placed and excluded");
        }
        let contradicted = choice.rationale.contains("is preferred and cannot move");
        for candidate in &snapshot.candidates {
            let placed = choice.order.iter().filter(|p| p.tool == candidate.tool).count();
            let excluded = choice.exclusions.iter().any(|e| e.tool == candidate.tool);
            assert!(contradicted || (placed == 1) != excluded, "round {round}: {} is nowhere or twice", candidate.tool);
        }
        assert_eq!(choice.first, choice.order.first().map(|p| p.tool.clone()));
        chosen += u32::from(choice.first.is_some());
    }
    assert!((1_000..3_900).contains(&chosen), "the rounds say little: {chosen} of 4000 chose");
}

#[test]
fn the_order_in_which_tools_are_found_changes_nothing() {
    for round in 0..2_000 {
        let mut seed = Seed::of(&["found", &round.to_string()]);
        let snapshot = drawn(&mut seed);
        let choice = choose(&snapshot);
        for _ in 0..3 {
            let mut turned = snapshot.clone();
            for at in (1..turned.candidates.len()).rev() {
                turned.candidates.swap(at, seed.below(at as u64 + 1) as usize);
            }
            turned.gates.reverse();
            let mut again = choose(&turned);
            // Two gates that deny one tool are told in the order in which they were asked.
            again.exclusions.sort_by(|a, b| (&a.tool, &a.code, &a.reason).cmp(&(&b.tool, &b.code, &b.reason)));
            let mut choice = choice.clone();
            choice.exclusions.sort_by(|a, b| (&a.tool, &a.code, &a.reason).cmp(&(&b.tool, &b.code, &b.reason)));
            assert_eq!(again, choice, "round {round}");
        }
    }
}

#[test]
fn a_dearer_tool_never_rises_under_cost_first() {
    let mut moved = 0;
    for round in 0..4_000 {
        let mut seed = Seed::of(&["dearer", &round.to_string()]);
        let mut snapshot = drawn(&mut seed);
        snapshot.request.policy = Policy::CostFirst;
        snapshot.ranker.mode = RankerMode::Shadow;
        let before = choose(&snapshot);
        let at = seed.below(snapshot.candidates.len() as u64) as usize;
        let tool = snapshot.candidates[at].tool.clone();
        let place = |choice: &contracts::choice::Choice| choice.order.iter().position(|p| p.tool == tool).unwrap_or(usize::MAX);
        let candidate = &mut snapshot.candidates[at];
        candidate.quote_micro_usd = candidate.quote_micro_usd.map(|q| MicroUsd(q.0 + seed.between(1, 50_000)));
        let after = choose(&snapshot);
        assert!(place(&after) >= place(&before), "round {round}: `{tool}` rose from {} to {}", place(&before), place(&after));
        moved += u32::from(place(&after) > place(&before));
    }
    assert!(moved > 500, "the rounds say little: {moved} of 4000 moved");
}

#[test]
fn ten_thousand_sequences_never_spend_more_than_there_is() {
    let mut bought = 0_u64;
    for round in 0..10_000 {
        let mut seed = Seed::of(&["sequence", &round.to_string()]);
        let total = seed.between(0, 300_000);
        let mut snapshot = drawn(&mut seed);
        snapshot.request.preferred.clear();
        let mut left = total;
        for _ in 0..8 {
            snapshot.budget.remaining_micro_usd = Some(MicroUsd(left));
            let choice = choose(&snapshot);
            let Some(first) = choice.order.first() else { break };
            let quote = first.quote_micro_usd.expect("under a budget every candidate has a quote").0;
            left -= quote;
            bought += 1;
            assert!(left >= 0, "round {round}: {total} were there, and {left} remain");
        }
    }
    assert!(bought > 20_000, "{bought}");
}

#[test]
fn the_still_tool_never_wins_a_request_for_motion() {
    for round in 0..2_000 {
        let mut snapshot = drawn(&mut Seed::of(&["still", &round.to_string()]));
        snapshot.request.motion_required = true;
        // As good, as cheap and as well as can be.
        let best = snapshot.candidates.first_mut().expect("has one");
        (best.moves, best.quality_ppm, best.quote_micro_usd, best.stability) =
            (false, Some(1_000_000), Some(MicroUsd(0)), Stability::Production);
        best.stats = Some(ToolStats { samples: 100, success_ppm: 1_000_000, quality_ppm: 1_000_000, latency_ms: 1, ..routing::rank::COLD });
        let still = best.tool.clone();
        for policy in Policy::ALL {
            snapshot.request.policy = *policy;
            assert_ne!(choose(&snapshot).first, Some(still.clone()), "round {round}, {policy:?}");
        }
    }
}

#[test]
fn choosing_a_hundred_times_is_choosing_once() {
    let snapshot = drawn(&mut Seed::of(&["hundred"]));
    let once = choose(&snapshot);
    assert!((0..100).all(|_| choose(&snapshot) == once));
}
