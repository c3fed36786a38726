//! The vectors of three public projects, case by case through the public API. `cargo xtask golden DIR` and the crate's own test
//! share this file, so that both answer alike.

use routing::compat::{cm, context, portfolio, recommend, score, selector, shape::Issue, visuals};
use serde_json::{Value, json};

/// What came of one suite.
pub struct Suite {
    /// `file.json / name`.
    pub name: String,
    /// Cases that came out as expected.
    pub passed: usize,
    /// Cases in all.
    pub total: usize,
    /// Why a later issue answers for it, where that is so.
    pub later: Option<&'static str>,
    /// What came out otherwise.
    pub failures: Vec<String>,
}

/// Suites whose subject does not stand yet.
const LATER: [(&str, &str); 6] = [
    ("match_visuals_e2e_cases", "the stage itself: providers on a wire"),
    ("cost_tracker_cases", "the broker's ledger"),
    ("dsl_compiler_cases", "the task language"),
    ("circuit_breaker_cases", "the broker's breaker"),
    ("provenance_redaction_cases", "provenance on a wire"),
    ("asset_critic_cases", "the critic"),
];

/// The files and their suites.
pub const FILES: [&str; 3] = ["selection.json", "routing.json", "multimodal.json"];

type Run = fn(&Value, &Value) -> Result<Value, String>;

/// What answers a suite; both JSON values are the file and the case.
const SUITES: [(&str, Run); 21] = [
    ("policies", |_, _| Ok(json!(cm::POLICIES))),
    ("guard", |_, case| Ok(json!(cm::is_policy(&case[0])))),
    ("routing_cases", |file, case| {
        let providers: Vec<cm::Provider> = from(&file["provider_sets"][text(&case["set"])])?;
        let policy = cm::Policy::of(text(&case["policy"])).ok_or("no such policy")?;
        to(&cm::plan(&providers, policy, case["remainingGenerationBudgetUsd"].as_f64()))
    }),
    ("skip_reason_formatting", |_, case| Ok(json!(cm::skip_reason(number(&case["cost"])?, number(&case["remaining"])?)))),
    ("recommendation_cases", |_, case| {
        let records: Vec<recommend::Telemetry> = from(&case["records"])?;
        to(&recommend::recommend(&records, number(&case["minRecords"])?))
    }),
    ("generation_policy_cases", |_, case| Ok(parsed(visuals::policy_file(&case["input"]), true))),
    ("visual_asset_cases", |_, case| Ok(parsed(visuals::asset(&case["input"]), false))),
    ("visuals_output_cases", |_, case| Ok(parsed(visuals::output(&case["input"]), false))),
    ("scoring_cases", |_, case| Ok(score::ranked(&case["task_context"], &from::<Vec<score::Tool>>(&case["tools"])?))),
    ("normalize_task_context_cases", |_, case| {
        let input = &case["input"];
        let said = |name: &str| input[name].as_str();
        let around = context::Around { prompt: said("prompt"), capability: said("capability"), operation: said("operation") };
        Ok(context::normalize(&input["task_context"], around))
    }),
    ("tokenize_cases", |_, case| Ok(sorted(json!(context::tokenize(text(&case["input"])))))),
    ("expand_synonyms_cases", |_, case| to(&context::expand(from::<Vec<String>>(&case["input"])?))),
    ("control_cases", |_, case| Ok(json!(score::control(&case["input"])))),
    ("cost_efficiency_cases", |_, case| Ok(json!(score::cost_efficiency(number(&case["input"][0])?, case["input"][1].as_f64())))),
    ("selector_cases", |_, case| {
        let kind = selector::Kind::of(text(&case["kind"])).ok_or("no such selector")?;
        let tools: Vec<score::Tool> = from(&case["tools"])?;
        Ok(selector::select(kind, &case["inputs"], &tools, case["env_VIDEO_GEN_LOCAL_MODEL"].as_str()))
    }),
    ("portfolio_ranker_cases", |_, case| {
        Ok(portfolio::rank(&from::<Vec<(String, String)>>(&case["candidates"])?, &from::<Vec<portfolio::Outcome>>(&case["history"])?))
    }),
    ("validate_cuts_cases", |file, case| {
        let cuts = &file["cut_lists"][text(&case["cuts_ref"])];
        Ok(gates::compat::validate_cuts(&json!({"promise": case["promise"], "cuts": cuts})))
    }),
    ("classify_from_brief_cases", |_, case| Ok(gates::compat::classify_from_brief(case))),
    ("promise_from_dict_cases", |_, case| Ok(gates::compat::promise_from_dict(&case["input"]))),
    ("slideshow_risk_cases", |_, case| Ok(gates::compat::slideshow_risk(case))),
    ("policy_router_cases", |_, case| {
        let candidates: Vec<portfolio::Candidate> = from(&case["candidates"])?;
        let named = |list: &Value, one: &portfolio::Candidate| {
            list.as_array().is_some_and(|l| l.iter().any(|v| v == &json!(format!("{}/{}", one.tool_id, one.provider))))
        };
        let policy = |one: &portfolio::Candidate| match one {
            one if named(&case["policy_raises_for"], one) => portfolio::Answer::Error("TimeoutError".into()),
            one if named(&case["policy_denies"], one) => portfolio::Answer::Deny,
            _ => portfolio::Answer::Allow,
        };
        let used = case["budget_used_cents"].as_i64().unwrap_or(0);
        Ok(portfolio::route("image", &candidates, case["budget_limit_cents"].as_i64(), used, policy))
    }),
];

/// Every suite of one file.
pub fn run(name: &str, file: &Value) -> Vec<Suite> {
    let mut suites = Vec::new();
    for (key, value) in file.as_object().into_iter().flatten() {
        let Some(cases) = value.as_array() else { continue };
        let mut suite = Suite { name: format!("{name} / {key}"), passed: 0, total: cases.len(), later: None, failures: Vec::new() };
        if let Some((_, why)) = LATER.iter().find(|(later, _)| later == key) {
            suite.later = Some(why);
            suites.push(suite);
            continue;
        }
        let Some((_, answer)) = SUITES.iter().find(|(suite, _)| suite == key) else {
            suite.failures.push("nothing here answers this suite".into());
            suites.push(suite);
            continue;
        };
        for (index, case) in cases.iter().enumerate() {
            // Two lists hold no cases of the usual shape: names that are compared as one, and pairs.
            let expected = match key.as_str() {
                "policies" => value.clone(),
                "guard" => case[1].clone(),
                "skip_reason_formatting" => case["reason"].clone(),
                "tokenize_cases" => sorted(case["expected"].clone()),
                _ => case["expected"].clone(),
            };
            match answer(file, case).and_then(|found| same(&expected, &found, "")) {
                Ok(()) => suite.passed += 1,
                Err(why) => {
                    let title = case["title"].as_str().map(|t| format!(" ({t})")).unwrap_or_default();
                    suite.failures.push(format!("case {index}{title}: {why}"));
                }
            }
        }
        suites.push(suite);
    }
    suites
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn number(value: &Value) -> Result<f64, String> {
    value.as_f64().ok_or_else(|| format!("{value} is no number"))
}

fn from<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T, String> {
    serde_json::from_value(value.clone()).map_err(|e| e.to_string())
}

fn to<T: serde::Serialize>(value: &T) -> Result<Value, String> {
    serde_json::to_value(value).map_err(|e| e.to_string())
}

fn parsed(result: Result<Value, Vec<Issue>>, with_issues: bool) -> Value {
    let (data, issues) = match result {
        Ok(data) => (data, Vec::new()),
        Err(issues) => (Value::Null, issues),
    };
    let mut out = json!({"success": !data.is_null(), "data": data});
    if with_issues {
        out["issue_paths"] = issues.iter().map(|i| json!({"path": i.path, "code": i.code})).collect();
    }
    out
}

/// A list as a set: words once, in order.
fn sorted(value: Value) -> Value {
    let mut words: Vec<String> = value.as_array().into_iter().flatten().map(|v| text(v).to_owned()).collect();
    words.sort();
    words.dedup();
    json!(words)
}

/// Equal, with doubles to 1e-12 and everything else exactly; else where and how they differ.
pub fn same(expected: &Value, found: &Value, at: &str) -> Result<(), String> {
    match (expected, found) {
        (Value::Number(e), Value::Number(f)) => {
            let (e, f) = (e.as_f64().unwrap_or(f64::NAN), f.as_f64().unwrap_or(f64::NAN));
            if (e - f).abs() <= 1e-12 * e.abs().max(1.0) { Ok(()) } else { Err(format!("{at}: expected {e}, found {f}")) }
        }
        (Value::Array(e), Value::Array(f)) if e.len() == f.len() => {
            e.iter().zip(f).enumerate().try_for_each(|(i, (e, f))| same(e, f, &format!("{at}/{i}")))
        }
        (Value::Object(e), Value::Object(f)) => {
            if let Some(key) = f.keys().find(|key| !e.contains_key(*key)) {
                return Err(format!("{at}: `{key}` was not expected"));
            }
            e.iter().try_for_each(|(key, e)| match f.get(key) {
                Some(f) => same(e, f, &format!("{at}/{key}")),
                None => Err(format!("{at}: `{key}` is missing")),
            })
        }
        _ if expected == found => Ok(()),
        _ => Err(format!("{at}: expected {expected}, found {found}")),
    }
}
