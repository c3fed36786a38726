//! The documents of content-machine as JSON shapes: the policy file (its visuals part is all it has), one scene of
//! `visuals.json`, and the whole of it at schema 1.1.0.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::cm::{POLICIES, sources};
use super::shape::{Bound, Issue, Presence, Shape, count};

use Presence::{Default as Or, Optional, Required};

fn object(fields: Vec<(&'static str, Shape, Presence)>) -> Shape {
    Shape::Object(fields, false)
}

fn strict(fields: Vec<(&'static str, Shape, Presence)>) -> Shape {
    Shape::Object(fields, true)
}

fn number(bounds: &[Bound]) -> Shape {
    Shape::Number(bounds.to_vec())
}

fn list(of: Shape) -> Shape {
    Shape::List(Box::new(of), 0)
}

fn policy() -> Shape {
    Shape::OneOf(POLICIES.to_vec())
}

fn share() -> Shape {
    number(&[Bound::Min(0.0), Bound::Max(1.0)])
}

static POLICY_FILE: LazyLock<Shape> = LazyLock::new(|| {
    let positive = || number(&[Bound::Whole, Bound::Above(0.0)]);
    let visuals = strict(vec![
        ("providerChain", Shape::List(Box::new(Shape::Text), 1), Optional),
        ("routingPolicy", Shape::Union(vec![policy(), Shape::Literal(json!("adaptive"))]), Optional),
        ("maxGenerationCostUsd", number(&[Bound::Min(0.0)]), Optional),
        (
            "gates",
            strict(vec![
                ("enforce", Shape::Bool, Or(json!(false))),
                ("maxFallbackRate", share(), Optional),
                ("minProviderSuccessRate", share(), Optional),
            ]),
            Optional,
        ),
        ("evaluation", strict(vec![("adaptiveWindow", positive(), Or(json!(200))), ("minRecords", positive(), Or(json!(20)))]), Optional),
    ]);
    Shape::Union(vec![
        strict(vec![("schemaVersion", Shape::Literal(json!(1)), Or(json!(1))), ("visuals", visuals.clone(), Optional)]),
        strict(vec![("schemaVersion", Shape::Literal(json!("1.0.0")), Required), ("visuals", visuals, Optional)]),
    ])
});

static ASSET: LazyLock<Shape> = LazyLock::new(|| {
    let reasoning = object(vec![
        ("reasoning", Shape::Text, Required),
        ("conceptsMatched", list(Shape::Text), Optional),
        ("moodAlignment", Shape::Text, Optional),
        ("selectedProvider", Shape::Text, Optional),
        ("providerAttempts", list(Shape::Text), Optional),
        ("routingPolicy", policy(), Optional),
        ("routingRationale", Shape::Text, Optional),
        ("skippedProviders", list(object(vec![("provider", Shape::Text, Required), ("reason", Shape::Text, Required)])), Optional),
        ("alternatives", list(object(vec![("path", Shape::Text, Required), ("whyNotChosen", Shape::Text, Required)])), Optional),
    ]);
    object(vec![
        ("sceneId", Shape::Text, Required),
        ("source", Shape::OneOf(sources()), Required),
        ("assetPath", Shape::Text, Required),
        ("duration", number(&[Bound::Above(0.0)]), Required),
        ("assetType", Shape::OneOf(vec!["video", "image"]), Optional),
        ("motionStrategy", motion(), Optional),
        ("motionApplied", Shape::Bool, Optional),
        ("generationPrompt", Shape::Text, Optional),
        ("generationModel", Shape::Text, Optional),
        ("generationCost", number(&[Bound::Min(0.0)]), Optional),
        ("embeddingSimilarity", share(), Optional),
        ("llmConfidence", share(), Optional),
        ("matchReasoning", reasoning, Optional),
        ("visualCue", Shape::Text, Optional),
        ("trimStart", number(&[Bound::Min(0.0)]), Optional),
        ("trimEnd", number(&[Bound::Above(0.0)]), Optional),
        ("trimReasoning", Shape::Text, Optional),
    ])
});

fn motion() -> Shape {
    Shape::OneOf(vec!["none", "kenburns", "depthflow", "veo"])
}

static OUTPUT: LazyLock<Shape> = LazyLock::new(|| {
    let positive = || number(&[Bound::Above(0.0)]);
    let size = || number(&[Bound::Whole, Bound::Above(0.0)]);
    let gate = object(vec![
        ("id", Shape::Text, Required),
        ("stage", Shape::OneOf(vec!["pre", "post"]), Required),
        ("status", Shape::OneOf(vec!["pass", "fail"]), Required),
        ("message", Shape::Text, Required),
        ("metric", number(&[]), Optional),
        ("threshold", number(&[]), Optional),
    ]);
    let clip = object(vec![
        ("id", Shape::Text, Required),
        ("url", Shape::Url, Required),
        ("thumbnailUrl", Shape::Url, Optional),
        ("duration", positive(), Required),
        ("width", size(), Required),
        ("height", size(), Required),
        ("startTime", number(&[Bound::Min(0.0)]), Required),
        ("endTime", positive(), Required),
        ("source", Shape::OneOf(vec!["pexels", "pixabay", "local"]), Required),
        ("sourceId", Shape::Text, Required),
        ("searchQuery", Shape::Text, Required),
        ("sectionId", Shape::Text, Optional),
    ]);
    let keyword = object(vec![
        ("keyword", Shape::Text, Required),
        ("sectionId", Shape::Text, Required),
        ("startTime", number(&[Bound::Min(0.0)]), Required),
        ("endTime", positive(), Required),
        ("visualHint", Shape::Text, Optional),
    ]);
    let gameplay = object(vec![
        ("path", Shape::Text, Required),
        ("duration", positive(), Required),
        ("width", size(), Optional),
        ("height", size(), Optional),
        ("style", Shape::Text, Optional),
    ]);
    object(vec![
        ("schemaVersion", Shape::Text, Or(json!("1.1.0"))),
        ("scenes", list(ASSET.clone()), Required),
        ("totalAssets", count(), Required),
        ("fromUserFootage", count(), Required),
        ("fromStock", count(), Required),
        ("fallbacks", count(), Required),
        ("fromGenerated", count(), Optional),
        ("totalGenerationCost", number(&[Bound::Min(0.0)]), Optional),
        ("motionStrategy", motion(), Optional),
        ("gameplayClip", gameplay, Optional),
        ("embeddingModel", Shape::Text, Optional),
        ("reasoningModel", Shape::Text, Optional),
        ("provider", Shape::Text, Optional),
        ("providerRoutingPolicy", policy(), Optional),
        ("providerChain", list(Shape::Text), Optional),
        ("policyGates", list(gate), Optional),
        ("clips", list(clip), Optional),
        ("keywords", list(keyword), Optional),
        ("totalDuration", positive(), Optional),
        ("fallbacksUsed", count(), Optional),
    ])
});

/// A policy file of either version, as version 1 with its defaults, or what is wrong with it.
pub fn policy_file(value: &Value) -> Result<Value, Vec<Issue>> {
    let mut parsed = POLICY_FILE.parse(value)?;
    parsed["schemaVersion"] = json!(1);
    Ok(parsed)
}

/// One scene of `visuals.json`: unknown keys taken out, defaults filled in.
pub fn asset(value: &Value) -> Result<Value, Vec<Issue>> {
    Ok(with_defaults(ASSET.parse(value)?))
}

/// A whole `visuals.json`.
pub fn output(value: &Value) -> Result<Value, Vec<Issue>> {
    let mut parsed = OUTPUT.parse(value)?;
    if let Some(scenes) = parsed["scenes"].as_array_mut() {
        for scene in scenes {
            *scene = with_defaults(scene.take());
        }
    }
    for name in ["fromGenerated", "totalGenerationCost"] {
        if parsed.get(name).is_none() {
            parsed[name] = json!(0);
        }
    }
    Ok(parsed)
}

fn with_defaults(mut scene: Value) -> Value {
    if scene.get("assetType").is_none() {
        scene["assetType"] = json!("video");
    }
    if scene.get("motionStrategy").is_none() && scene["assetType"] == "image" {
        scene["motionStrategy"] = json!("kenburns");
    }
    if scene.get("motionApplied").is_none() {
        scene["motionApplied"] = json!(false);
    }
    scene
}
