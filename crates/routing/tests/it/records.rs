//! Records of choices: a Decision chooses itself again; the log notices every change; replays say what can be said.

use std::sync::LazyLock;

use contracts::choice::{Attempt, AttemptResult, Decision, Policy, Ranker, RankerMode, SelectionRequest, Snapshot, ToolStats};
use contracts::decision_log::{DecisionCategory, DecisionLog, LogOption, Logged};
use contracts::{Document, Id, MicroUsd, Seed};
use routing::log::{self, LogError};
use routing::rank::{self, Outcome, Shadowed};
use routing::replay::{Estimate, PolicyReplay, recompute, verify};
use routing::{Catalogue, Surroundings, choose, snapshot};

use crate::world::{clip, id, left, wanted};

/// Two tools that move, one that does not, and one whose cost nobody knows.
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    Catalogue::of([
        clip("dear", true, Some(90_000)),
        clip("cheap", true, Some(10_000)),
        clip("still", false, Some(0)),
        clip("secret", true, None),
    ])
});

fn decided(snapshot: Snapshot) -> Decision {
    let choice = choose(&snapshot);
    let attempt = choice.order.first().map(|placed| Attempt {
        tool: placed.tool.clone(),
        phase: "primary".into(),
        result: AttemptResult::Success,
        error: None,
        latency_ms: Some(1_200),
        cost_micro_usd: placed.quote_micro_usd.unwrap_or_default(),
        quality_ppm: Some(800_000),
    });
    let chosen = choice.first.clone();
    let cost_micro_usd = attempt.as_ref().map(|a| a.cost_micro_usd).unwrap_or_default();
    Decision { snapshot, choice, attempts: attempt.into_iter().collect(), chosen, cost_micro_usd, content: None }
}

fn sample(policy: Policy) -> Decision {
    let request = SelectionRequest { motion_required: true, intent: "an epic film".into(), ..wanted(policy) };
    decided(snapshot(&CATALOGUE, request, None, &left(100_000)))
}

#[test]
fn a_decision_chooses_itself_again_from_its_file_alone() {
    for policy in Policy::ALL {
        let decision = sample(*policy);
        let (bytes, hash) = decision.seal().expect("has a canonical form");
        assert_eq!(log::address(&decision).expect("has an address"), hash);
        let read: Decision = contracts::read(&bytes).expect("reads");
        assert_eq!(read, decision);
        assert_eq!(routing::replay::read(&bytes).expect("reads"), decision);
        let less = String::from_utf8(bytes.clone()).expect("is text").replace("\"cost_tier\":\"low\",", "");
        let said = routing::replay::read(less.as_bytes()).expect_err("a field is missing").to_string();
        assert_eq!(said, "/snapshot/candidates/0/cost_tier: required field is missing");
        // What was concluded is taken out before anything is computed.
        let mut stripped: serde_json::Value = serde_json::from_slice(&bytes).expect("is JSON");
        let map = stripped.as_object_mut().expect("is an object");
        let gone = [map.remove("choice"), map.remove("chosen"), map.remove("attempts"), map.remove("cost_micro_usd")];
        assert!(gone.iter().all(Option::is_some));
        let rested: Snapshot = contracts::document::from_value(stripped["snapshot"].clone()).expect("reads");
        assert_eq!(choose(&rested), decision.choice, "{policy:?}");
        assert_eq!(recompute(&read), decision.choice);
        verify(&read).expect("follows");
    }
}

type Change = fn(&mut Decision);

#[test]
fn a_changed_cost_changes_the_answer_and_a_changed_answer_is_found() {
    let decision = sample(Policy::CostFirst);
    assert_eq!(decision.choice.first, Some(id("cheap")));
    let mut dearer = decision.clone();
    let cheap = dearer.snapshot.candidates.iter_mut().find(|c| c.tool == id("cheap")).expect("is there");
    cheap.quote_micro_usd = Some(MicroUsd(95_000));
    assert_eq!(verify(&dearer), Err("the record says `cheap`, and what it rested on says `dear`".into()));
    let changes: [(&str, Change); 7] = [
        ("the recorded order is", |d| d.choice.order.swap(0, 1)),
        ("the order is right, and a reason", |d| d.choice.order[1].reason.push('!')),
        ("the order is right, and a reason", |d| d.choice.exclusions.clear()),
        ("`still` was tried, and was no candidate", |d| d.attempts[0].tool = id("still")),
        ("`still` was taken, and was no candidate", |d| d.chosen = Some(id("still"))),
        ("the attempts cost $0.010000, and the record says $0.000000", |d| d.cost_micro_usd = MicroUsd(0)),
        ("the record says `cheap`, and what it rested on says no tool", |d| d.snapshot.budget.remaining_micro_usd = Some(MicroUsd(1))),
    ];
    for (told, change) in changes {
        let mut changed = decision.clone();
        change(&mut changed);
        // Swapping the order alone leaves `first` as it was.
        let said = verify(&changed).expect_err("is found");
        assert!(said.starts_with(told), "{said}");
    }
}

fn logged(decision_id: &str, selected: &str) -> Logged {
    let option = |name: &str| LogOption {
        option_id: name.into(),
        label: name.into(),
        score_ppm: 500_000,
        reason: "it fits".into(),
        rejected_because: None,
    };
    Logged {
        decision_id: Id::slug(decision_id),
        stage: "assets".into(),
        category: DecisionCategory::ProviderSelection,
        subject: "sc01-b02-s1".into(),
        options_considered: vec![option("a"), option("b")],
        selected: selected.into(),
        reason: "cheaper".into(),
        user_visible: true,
        user_approved: false,
        confidence_ppm: None,
        at: "2026-01-01T00:00:00Z".into(),
        decision: None,
    }
}

#[test]
fn the_log_takes_options_only_and_notices_every_change() {
    let mut log = DecisionLog { project_id: Id::slug("p"), decisions: Vec::new() };
    for (name, selected) in [("one", "a"), ("two", "b"), ("three", "a")] {
        log::append(&mut log, logged(name, selected)).expect("is taken");
    }
    assert_eq!(log::complaints(&log).expect("is canonical"), Vec::<String>::new());
    assert!(matches!(log::append(&mut log, logged("four", "c")), Err(LogError::NotAnOption { .. })));
    assert!(matches!(log::append(&mut log, logged("two", "a")), Err(LogError::Twice(_))));
    let mut none = logged("five", "a");
    none.options_considered.clear();
    assert!(matches!(log::append(&mut log, none), Err(LogError::NoOption)));
    let mut much = logged("six", "a");
    much.options_considered[1].score_ppm = 1_000_001;
    let said = log::append(&mut log, much).expect_err("is refused").to_string();
    assert_eq!(said, "/options_considered/1/score_ppm: 1000001 is not between 0 and 1000000");
    assert_eq!(log.decisions.len(), 3, "what is refused leaves no trace");

    let bytes = log.seal().expect("has a canonical form").0;
    let read: DecisionLog = contracts::read(&bytes).expect("reads");
    assert_eq!(read, log);
    let changes: [fn(&mut DecisionLog); 8] = [
        |l| l.decisions[1].logged.selected = "a".into(),
        |l| l.decisions[0].logged.user_approved = true,
        |l| l.decisions[2].logged.options_considered[0].score_ppm = 1,
        |l| l.decisions[1].seq = 7,
        |l| l.decisions.swap(0, 1),
        |l| drop(l.decisions.remove(1)),
        |l| drop(l.decisions.remove(0)),
        |l| l.decisions[2].before = None,
    ];
    for (n, change) in changes.iter().enumerate() {
        let mut changed = log.clone();
        change(&mut changed);
        assert!(!log::complaints(&changed).expect("is canonical").is_empty(), "change {n} is not noticed");
        assert!(matches!(log::append(&mut changed, logged("next", "a")), Err(LogError::Broken(_))), "change {n}");
        assert!(!log::extends(&log, &changed), "change {n}");
    }
    let mut longer = log.clone();
    log::append(&mut longer, logged("next", "a")).expect("is taken");
    assert!(log::extends(&log, &longer) && !log::extends(&longer, &log));
}

#[test]
fn the_options_of_a_choice_are_its_tools_with_what_spoke_against_them() {
    let decision = sample(Policy::CostFirst);
    let options = log::options(&decision.choice);
    let told: Vec<String> =
        options.iter().map(|o| format!("{} {}", o.option_id, o.rejected_because.as_deref().unwrap_or("taken"))).collect();
    assert_eq!(
        told,
        [
            "cheap taken",
            "dear `cheap` stands before it",
            "secret cost_unknown: nobody knows what it costs, and $0.100000 remain",
            "still promise_motion: motion was promised, and what it makes does not move",
        ]
    );
}

fn outcomes(tool: &str, count: i64, success: bool, latency_ms: i64) -> Vec<Outcome> {
    let one = |at_s| Outcome { tool: id(tool), at_s, success, latency_ms, quality_ppm: Some(800_000), cost_micro_usd: MicroUsd(1_000) };
    (0..count).map(one).collect()
}

#[test]
fn outcomes_are_windowed_and_their_order_does_not_matter() {
    let mut history = outcomes("a", 100, false, 9_000);
    history.extend(outcomes("a", 100, true, 500).into_iter().map(|o| Outcome { at_s: o.at_s + 1_000, ..o }));
    let stats = rank::stats(&id("a"), &history, rank::WINDOW).expect("was called");
    assert_eq!((stats.samples, stats.success_ppm, stats.latency_ms), (100, 1_000_000, 500), "the older hundred is forgotten");
    let all = rank::stats(&id("a"), &history, 1_000).expect("was called");
    assert_eq!((all.samples, all.success_ppm), (200, 500_000));
    history.reverse();
    assert_eq!(rank::stats(&id("a"), &history, rank::WINDOW), Some(stats));
    assert_eq!(rank::stats(&id("b"), &history, rank::WINDOW), None);
    assert_eq!(rank::score(&rank::COLD), 790_000, "as the original's cold start");
    assert_eq!(rank::score(&stats), 400_000 + 240_000 + 190_000 + 99_000);
}

fn ranked(mode: RankerMode, epsilon_ppm: i64, tenant: &str) -> Surroundings {
    let mut around = left(100_000);
    around.ranker = Ranker { mode, epsilon_ppm, tenant: tenant.into() };
    let stats = |success_ppm| ToolStats { samples: 10, success_ppm, ..rank::COLD };
    around.stats.insert(id("dear"), stats(1_000_000));
    around.stats.insert(id("cheap"), stats(100_000));
    around
}

#[test]
fn shadow_changes_nothing_and_counts_active_orders_what_is_allowed() {
    let request = SelectionRequest { motion_required: true, ..wanted(Policy::CostFirst) };
    let run = |mode, epsilon| choose(&snapshot(&CATALOGUE, request.clone(), None, &ranked(mode, epsilon, "t")));
    let (off, shadow, active) = (run(RankerMode::Off, 0), run(RankerMode::Shadow, 900_000), run(RankerMode::Active, 0));
    assert_eq!((off.first.clone(), &off.ranking), (Some(id("cheap")), &None));
    assert_eq!(shadow.order, off.order, "shadow is ignored, exploration too");
    let ranking = shadow.ranking.expect("ranked");
    assert!(ranking.diverged && !ranking.explored && ranking.propensity_ppm == 1_000_000);
    let all: Vec<&str> = ranking.order.iter().map(|(tool, _)| tool.as_str()).collect();
    assert_eq!(all, ["dear", "cheap"], "all feasible tools are ranked, and no other");
    assert_eq!(active.first, Some(id("dear")));
    // A denied top is never chosen, however well it did.
    let mut denied = ranked(RankerMode::Active, 0, "t");
    denied.gates.push(contracts::choice::GateAnswer { gate: "roles".into(), tool: Some(id("dear")), pass: false, reason: "no".into() });
    assert_eq!(choose(&snapshot(&CATALOGUE, request.clone(), None, &denied)).first, Some(id("cheap")));
    // What a person prefers stands before any ranking.
    let preferred = SelectionRequest { preferred: vec![id("cheap")], ..request };
    let choice = choose(&snapshot(&CATALOGUE, preferred, None, &ranked(RankerMode::Active, 1_000_000, "t")));
    assert_eq!(choice.first, Some(id("cheap")));
    assert!(!choice.ranking.expect("ranked").diverged);
}

#[test]
fn exploration_is_off_by_default_seeded_by_tenant_and_as_often_as_said() {
    let explored = |tenant: &str, epsilon: i64| -> Vec<bool> {
        let one = |n: i32| {
            let request = SelectionRequest { subject: format!("s{n}"), motion_required: true, ..wanted(Policy::CostFirst) };
            let choice = choose(&snapshot(&CATALOGUE, request, None, &ranked(RankerMode::Active, epsilon, tenant)));
            let ranking = choice.ranking.expect("ranked");
            let expected = if ranking.explored { epsilon / 2 } else { 1_000_000 - epsilon + epsilon / 2 };
            assert!(epsilon == 0 || ranking.propensity_ppm == expected, "{ranking:?}");
            ranking.explored
        };
        (0..4_000).map(one).collect()
    };
    assert_eq!(Ranker::default().epsilon_ppm, 0);
    assert!(!explored("one", 0).contains(&true), "off is never");
    let (one, two) = (explored("one", rank::EPSILON_PPM), explored("two", rank::EPSILON_PPM));
    assert_eq!(one, explored("one", rank::EPSILON_PPM), "the same tenant draws the same");
    assert_ne!(one, two);
    // One in twenty draws, of two tools: one in forty is another than the first, ± 4 deviations.
    let often = one.iter().filter(|e| **e).count();
    assert!((60..=140).contains(&often), "{often} of 4000");
}

#[test]
fn seven_quiet_days_make_a_ranking_fit_to_be_active() {
    const DAY: i64 = 86_400;
    let now = 1_000 * DAY;
    let days = |rate: i64, days: std::ops::Range<i64>| -> Vec<Shadowed> {
        days.flat_map(|day| (0..100).map(move |n| Shadowed { at_s: now - day * DAY - n * 60, diverged: n < rate })).collect()
    };
    let fit = |history: &[Shadowed]| rank::activation(history, now);
    assert!(fit(&days(9, 0..7)).ready);
    let tenth = fit(&days(10, 0..7));
    assert!(!tenth.ready && tenth.divergence_ppm == 100_000, "{tenth:?}");
    let short = fit(&days(0, 0..6));
    assert!(!short.ready && short.reason == "no choice was ranked 6 to 7 days ago", "{short:?}");
    // A bad day is not made good by six better ones, and one that is over counts no more.
    let mut bad = days(0, 0..6);
    bad.extend(days(11, 6..7));
    assert!(!fit(&bad).ready);
    let mut over = days(0, 0..7);
    over.extend(days(90, 7..30));
    over.push(Shadowed { at_s: now + 5, diverged: true });
    assert_eq!((fit(&over).ready, fit(&over).samples), (true, 700));
    assert!(!fit(&[]).ready);
}

#[test]
fn another_policy_over_the_past_costs_what_it_would_have_cost() {
    let mut replay = PolicyReplay::new(Policy::CostFirst);
    for n in 0..10 {
        let request = SelectionRequest { subject: format!("s{n}"), motion_required: true, ..wanted(Policy::Configured) };
        let mut around = left(100_000);
        around.ranker.mode = RankerMode::Off;
        let mut request = request;
        request.chain = vec![id("dear")];
        if n == 9 {
            around.budget.remaining_micro_usd = Some(MicroUsd(5));
        }
        replay.add(&decided(snapshot(&CATALOGUE, request, None, &around)));
    }
    let report = replay.report();
    assert_eq!((report.decisions, report.same_first, report.other_first, report.none_feasible), (10, 0, 9, 1));
    assert_eq!((report.recorded_cost_micro_usd.0, report.quote_micro_usd.0), (9 * 90_000, 9 * 10_000));
    let Some(Estimate::NotEstimable { estimate, reason }) = report.quality else { panic!("nothing was drawn") };
    assert_eq!(estimate, "not estimable");
    assert!(reason.starts_with("no choice was drawn by lot"), "{reason}");
}

#[test]
fn where_lots_were_drawn_the_interval_holds_what_is_true() {
    // `cheap` fails a third of the time; the ranking prefers `dear`, and tries `cheap` by lot.
    let truth = 333_333;
    let mut held = 0;
    for world in 0..40 {
        let mut replay = PolicyReplay::new(Policy::CostFirst);
        let mut seed = Seed::of(&["world", &world.to_string()]);
        for n in 0..600 {
            let request = SelectionRequest { subject: format!("{world}-{n}"), motion_required: true, ..wanted(Policy::CostFirst) };
            let mut decision = decided(snapshot(&CATALOGUE, request, None, &ranked(RankerMode::Active, 400_000, "t")));
            let fails = decision.choice.first == Some(id("cheap")) && seed.below(3) == 0;
            if fails {
                decision.attempts[0].result = AttemptResult::Failure;
            }
            verify(&decision).expect("follows");
            replay.add(&decision);
        }
        let Some(Estimate::Interval { mean_ppm, low_ppm, high_ppm, effective_samples }) = replay.report().failure else {
            panic!("lots were drawn")
        };
        assert!(low_ppm <= mean_ppm && mean_ppm <= high_ppm && effective_samples > 50, "{mean_ppm} {effective_samples}");
        held += u32::from((low_ppm..=high_ppm).contains(&truth));
    }
    // 95 % of 40 is 38; fewer than 32 would be four deviations away.
    assert!(held >= 32, "the interval held the truth in {held} of 40 worlds");
}

#[test]
fn the_documents_that_are_kept_are_what_is_written() {
    // As long as 0.1.0 is what is written, it comes out as it was kept; a later version is kept beside it.
    let mut log = DecisionLog { project_id: Id::slug("lighthouse"), decisions: Vec::new() };
    let decision = sample(Policy::CostFirst);
    let mut entry = logged("one", "cheap");
    entry.options_considered = log::options(&decision.choice);
    entry.decision = Some(log::address(&decision).expect("has an address"));
    log::append(&mut log, entry).expect("is taken");
    let root = format!("{}/../../tests", env!("CARGO_MANIFEST_DIR"));
    for (kind, bytes) in [("decision", decision.seal().expect("seals").0), ("decision_log", log.seal().expect("seals").0)] {
        let old = format!("{root}/old/{kind}/0.1.0.json");
        assert_eq!(std::fs::read(&old).expect("is kept"), bytes, "{old}");
    }
}

#[test]
fn a_record_that_holds_any_number_is_read_to_its_end() {
    // Somebody else's file may say anything; nothing overflows, and what does not follow is said.
    let most = [i64::MAX, i64::MIN];
    for (value, policy) in most.into_iter().flat_map(|value| Policy::ALL.iter().map(move |policy| (value, *policy))) {
        let mut decision = sample(policy);
        decision.snapshot.ranker = Ranker { mode: RankerMode::Active, epsilon_ppm: value, tenant: String::new() };
        for candidate in &mut decision.snapshot.candidates {
            candidate.stats = Some(ToolStats {
                samples: u32::MAX,
                success_ppm: value,
                quality_ppm: value,
                latency_ms: value,
                latency_before_ms: value,
                cost_micro_usd: MicroUsd(value),
            });
            candidate.quote_micro_usd = Some(MicroUsd(value));
        }
        decision.cost_micro_usd = MicroUsd(value);
        for attempt in &mut decision.attempts {
            attempt.cost_micro_usd = MicroUsd(value);
        }
        decision.attempts.extend(decision.attempts.clone());
        let again = recompute(&decision);
        assert_eq!(again, recompute(&decision));
        assert!(verify(&decision).is_err(), "{policy:?} {value}");
        let mut past = PolicyReplay::new(policy);
        past.add(&decision);
        past.add(&decision);
        let report = past.report();
        assert_eq!((report.decisions, report.recorded_cost_micro_usd), (2, MicroUsd(value)));
    }
}
