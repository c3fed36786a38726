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
