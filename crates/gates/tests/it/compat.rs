//! Every vector of `tests/compat/selection.json` that is the gates' to answer.

use serde_json::{Value, json};

/// The vectors as they were given.
pub fn vectors() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/compat/selection.json");
    serde_json::from_slice(&std::fs::read(path).expect("the vectors are there")).expect("they are JSON")
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => (x.as_f64().unwrap_or(f64::NAN) - y.as_f64().unwrap_or(f64::NAN)).abs() <= 1e-12,
        (Value::Array(x), Value::Array(y)) => x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same(x, y)),
        (Value::Object(x), Value::Object(y)) => x.len() == y.len() && x.iter().all(|(k, v)| y.get(k).is_some_and(|w| same(v, w))),
        _ => a == b,
    }
}

fn suite(name: &str, at_least: usize, answer: impl Fn(&Value, &Value) -> Value) {
    let vectors = vectors();
    let cases = vectors[name].as_array().expect("a suite");
    assert!(cases.len() >= at_least, "{name} has {} cases", cases.len());
    for (n, case) in cases.iter().enumerate() {
        let ours = answer(&vectors, case);
        assert!(same(&ours, &case["expected"]), "{name}[{n}]\n ours {ours}\ntheirs {}", case["expected"]);
    }
}

#[test]
fn cuts_are_counted_as_there() {
    suite("validate_cuts_cases", 130, |all, case| {
        let cuts = &all["cut_lists"][case["cuts_ref"].as_str().expect("a name")];
        gates::compat::validate_cuts(&json!({"promise": case["promise"], "cuts": cuts}))
    });
}

#[test]
fn briefs_are_classified_as_there() {
    suite("classify_from_brief_cases", 53, |_, case| gates::compat::classify_from_brief(case));
}

#[test]
fn defaults_are_filled_in_as_there() {
    suite("promise_from_dict_cases", 3, |_, case| gates::compat::promise_from_dict(&case["input"]));
}

#[test]
fn slideshows_are_weighed_as_there() {
    suite("slideshow_risk_cases", 4, |_, case| gates::compat::slideshow_risk(case));
}

#[test]
fn what_is_no_promise_is_an_error_that_names_the_field() {
    for (answer, field) in [
        (gates::compat::promise_from_dict(&json!({"promise_type": "epic"})), "promise_type \"epic\""),
        (gates::compat::validate_cuts(&json!({"promise": {}, "cuts": []})), "promise.promise_type"),
        (gates::compat::validate_cuts(&json!({"promise": {"promise_type": "hybrid"}})), "cuts"),
        (gates::compat::slideshow_risk(&json!({"scenes": {"scenes": []}})), "scenes"),
    ] {
        assert!(answer["error"].as_str().is_some_and(|e| e.starts_with(field)), "{answer}");
    }
}

#[test]
fn the_post_gates_of_visuals_answer_as_there() {
    let gates = json!({"enforce": true, "maxFallbackRate": 0.5, "minProviderSuccessRate": 0.5});
    let answer = |fallbacks: u64, total: u64, attempts: u64, successes: u64, gates: &Value| {
        gates::compat::visuals_gates(
            &json!({"fallbacks": fallbacks, "totalAssets": total, "attempts": attempts, "successes": successes, "gates": gates}),
        )
    };
    // The whole-stage run "gates enforced" of the vectors: one scene, four attempts, none succeeded.
    let failed = json!([
        {"id": "visuals.max-fallback-rate", "stage": "post", "status": "fail", "message": "Fallback rate exceeds threshold",
            "metric": 1, "threshold": 0.5},
        {"id": "visuals.min-provider-success-rate", "stage": "post", "status": "fail",
            "message": "Provider success rate below threshold", "metric": 0, "threshold": 0.5}
    ]);
    let fix = "Loosen policy thresholds, improve provider chain quality, or disable enforce mode";
    let error = json!({"code": "POLICY_GATE_FAILED", "message": "Visuals policy gate failure",
        "context": {"failedGates": failed, "fix": fix}});
    let ours = answer(1, 1, 4, 0, &gates);
    assert!(same(&ours["error"], &error) && same(&ours["policyGates"], &failed), "{ours}");
    let ours = answer(1, 2, 2, 1, &gates);
    assert!(ours["error"].is_null() && ours["policyGates"].as_array().is_some_and(|g| g.iter().all(|g| g["status"] == "pass")));
    assert!(answer(0, 0, 0, 0, &gates)["error"].is_null(), "no asset, no fallback; no attempt, no failure");
    assert!(answer(1, 1, 4, 0, &json!({"maxFallbackRate": 0.5}))["error"].is_null(), "not enforced");
    assert_eq!(answer(1, 1, 4, 0, &json!({"enforce": true})), json!({"policyGates": [], "error": null}));
}
