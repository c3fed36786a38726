//! What OpenMontage at commit cd9f3c1 answers, to the bit, laxness included: for those who compare, never for our own films.
//! Values come and go as JSON, shaped as `tests/compat/selection.json` holds them. The strict answers are in [`crate::promise`]
//! and [`crate::slideshow`].

use contracts::promise::PromiseType;
use serde_json::{Map, Value, json};

use crate::{
    promise::{Brief, classify, rule},
    slideshow,
};

/// Cut types that move.
pub(crate) const MOTION_TYPES: &[&str] = &["video", "animation", "avatar"];
/// Cut types that are animated slides.
pub(crate) const SLIDE_TYPES: &[&str] =
    &["text_card", "stat_card", "chart", "bar_chart", "line_chart", "pie_chart", "kpi_grid", "comparison", "progress", "callout"];
/// Endings of files that are taken to move.
const MOTION_ENDINGS: &[&str] = &["mp4", "mov", "webm", "avi", "mkv"];

fn fault(message: impl Into<String>) -> Value {
    json!({"error": message.into()})
}

/// Whether a value counts as true where that language asks.
fn truthy(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Bool(b)) => *b,
        Some(Value::Number(n)) => n.as_f64() != Some(0.0),
        Some(Value::String(s)) => !s.is_empty(),
        Some(Value::Array(a)) => !a.is_empty(),
        Some(Value::Object(o)) => !o.is_empty(),
    }
}

/// A promise with every default filled in. Unknown fields are dropped; a type that there is none of is an error.
pub fn promise_from_dict(input: &Value) -> Value {
    let Some(kind) = input.get("promise_type").and_then(Value::as_str).filter(|name| PromiseType::named(name).is_some()) else {
        return fault(format!("promise_type {}: expected one of {}", input["promise_type"], names()));
    };
    let or = |field: &str, default: Value| input.get(field).cloned().unwrap_or(default);
    json!({
        "promise_type": kind,
        "motion_required": or("motion_required", json!(false)),
        "source_required": or("source_required", json!(false)),
        "tone_mode": or("tone_mode", json!("corporate")),
        "quality_floor": or("quality_floor", json!("presentable")),
        "approved_fallback": or("approved_fallback", Value::Null),
    })
}

fn names() -> String {
    PromiseType::ALL.map(PromiseType::name).join(", ")
}

/// The promise of `{pipeline_type, user_intent}`. A `motion_required` of null passes through, as it does there.
pub fn classify_from_brief(input: &Value) -> Value {
    let intent = &input["user_intent"];
    let given = intent.get("motion_required");
    let text = |field: &str| intent.get(field).and_then(Value::as_str).map(str::to_owned);
    let brief = Brief {
        pipeline_type: input["pipeline_type"].as_str().unwrap_or_default().to_owned(),
        motion_required: given.and_then(Value::as_bool),
        has_footage: truthy(intent.get("has_footage")),
        tone: text("tone"),
        quality: text("quality"),
    };
    let promise = classify(&brief);
    json!({
        "promise_type": promise.promise_type.name(),
        "motion_required": given.cloned().unwrap_or(json!(promise.motion_required)),
        "source_required": promise.source_required,
        "tone_mode": promise.tone_mode,
        "quality_floor": promise.quality_floor,
        "approved_fallback": Value::Null,
    })
}

#[derive(Clone, Copy, PartialEq)]
enum Counted {
    Motion,
    Slide,
    Still,
}

/// A cut by what it says of itself: its file's ending, then its type.
fn counted(cut: &Value) -> Counted {
    let source = cut["source"].as_str().unwrap_or_default().to_lowercase();
    let kind = cut["type"].as_str().unwrap_or_default();
    let ending = source.rsplit_once('.').map_or("", |(_, ending)| ending);
    if MOTION_ENDINGS.contains(&ending) || MOTION_TYPES.contains(&kind) {
        Counted::Motion
    } else if SLIDE_TYPES.contains(&kind) {
        Counted::Slide
    } else {
        Counted::Still
    }
}

/// `{promise, cuts}` → `{valid, violations, motion_ratio, motion_cuts, slide_cuts, still_cuts}`, by count.
pub fn validate_cuts(input: &Value) -> Value {
    let promise = &input["promise"];
    let Some(kind) = promise["promise_type"].as_str().and_then(PromiseType::named) else {
        return fault(format!("promise.promise_type {}: expected one of {}", promise["promise_type"], names()));
    };
    let Some(cuts) = input["cuts"].as_array() else {
        return fault("cuts: expected a list");
    };
    if cuts.is_empty() {
        return json!({"valid": false, "violations": ["No cuts provided"], "motion_ratio": 0.0});
    }
    let rule = rule(kind);
    let count = |what: Counted| cuts.iter().filter(|c| counted(c) == what).count();
    let (motion, slides, stills) = (count(Counted::Motion), count(Counted::Slide), count(Counted::Still));
    let total = cuts.len();
    let ratio = share(motion, total);
    let mut violations = Vec::new();
    let floor = f64::from(rule.min_motion_percent) / 100.0;
    if truthy(promise.get("motion_required")) && ratio < floor {
        violations.push(format!(
            "Motion ratio {:.0}% is below minimum {:.0}% for {}. {motion}/{total} cuts have real motion ({slides} are animated slides \
             which do not count as motion).",
            ratio * 100.0,
            floor * 100.0,
            kind.name()
        ));
    }
    let rest = slides + stills;
    if !rule.still_fallback_allowed && 2 * rest > total && promise["approved_fallback"] != "still_led" {
        violations.push(format!(
            "{} does not allow still-led fallback, but {rest}/{total} cuts are non-motion (stills + animated slides). User must approve \
             'still_led' fallback or provide motion content.",
            kind.name()
        ));
    }
    json!({"valid": violations.is_empty(), "violations": violations, "motion_ratio": ratio,
        "motion_cuts": motion, "slide_cuts": slides, "still_cuts": stills})
}

/// A share as a double.
#[expect(clippy::cast_precision_loss, reason = "counts of cuts are far below 2^52")]
pub(crate) fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// `{scenes, renderer_family, render_runtime?}` → `{average, verdict, dimensions, render_runtime}`.
pub fn slideshow_risk(input: &Value) -> Value {
    let runtime = input["render_runtime"].as_str().unwrap_or("ffmpeg");
    let Some(scenes) = input["scenes"].as_array() else {
        return fault("scenes: expected a list");
    };
    if scenes.is_empty() {
        return json!({"average": 5.0, "verdict": "fail", "dimensions": {}, "render_runtime": runtime});
    }
    let dimensions = slideshow::dimensions(scenes, input["renderer_family"].as_str().unwrap_or_default());
    let average = dimensions.iter().map(|d| d.score).sum::<f64>() / 6.0;
    let average = (average * 100.0).round() / 100.0;
    let scored: Map<String, Value> =
        dimensions.iter().map(|d| (d.name.to_owned(), json!({"score": d.score, "reason": d.reason}))).collect();
    json!({"average": average, "verdict": slideshow::verdict_of(average), "dimensions": scored, "render_runtime": runtime})
}

/// The two post gates of content-machine at 46cfe459: `{fallbacks, totalAssets, attempts, successes, gates: {enforce?,
/// maxFallbackRate?, minProviderSuccessRate?}}` → `{policyGates, error}`, doubles and all. The artifact is not written there when
/// `error` is no null; ours is ([`crate::native::Gated`]).
pub fn visuals_gates(input: &Value) -> Value {
    let count = |field: &str| usize::try_from(input[field].as_u64().unwrap_or(0)).unwrap_or(usize::MAX);
    let gates = &input["gates"];
    let mut outcomes = Vec::new();
    let mut put = |id: &str, pass: bool, message: &str, metric: f64, threshold: f64| {
        let status = if pass { "pass" } else { "fail" };
        outcomes.push(json!({"id": id, "stage": "post", "status": status, "message": message, "metric": metric, "threshold": threshold}));
    };
    if let Some(most) = gates["maxFallbackRate"].as_f64() {
        let rate = share(count("fallbacks"), count("totalAssets"));
        let message = if rate <= most { "Fallback rate within threshold" } else { "Fallback rate exceeds threshold" };
        put("visuals.max-fallback-rate", rate <= most, message, rate, most);
    }
    if let Some(least) = gates["minProviderSuccessRate"].as_f64() {
        let rate = if count("attempts") == 0 { 1.0 } else { share(count("successes"), count("attempts")) };
        let message = if rate >= least { "Provider success rate within threshold" } else { "Provider success rate below threshold" };
        put("visuals.min-provider-success-rate", rate >= least, message, rate, least);
    }
    let failed: Vec<&Value> = outcomes.iter().filter(|o| o["status"] == "fail").collect();
    let error = if gates["enforce"] == true && !failed.is_empty() {
        json!({"code": crate::native::POLICY_GATE_FAILED, "message": "Visuals policy gate failure",
            "context": {"failedGates": failed, "fix": crate::native::Refused::FIX}})
    } else {
        Value::Null
    };
    json!({"policyGates": outcomes, "error": error})
}
