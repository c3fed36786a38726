//! The seven-dimension score of OpenMontage, dimension by dimension, weakness by weakness.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::context::{Around, expand, normalize, texts, tokenize, truthy};

/// The dimensions and their weights, in the order in which they are told and added.
pub const WEIGHTS: [(&str, f64); 7] = [
    ("task_fit", 0.30),
    ("output_quality", 0.20),
    ("control", 0.15),
    ("reliability", 0.15),
    ("cost_efficiency", 0.10),
    ("latency", 0.05),
    ("continuity", 0.05),
];

/// What a feature adds to control; all of them together are 11.1, of which half is enough for a full score.
const CONTROL: [(&str, f64); 9] = [
    ("controlnet", 2.0),
    ("reference_image", 1.8),
    ("style_transfer", 1.5),
    ("inpainting", 1.5),
    ("img2img", 1.3),
    ("negative_prompt", 1.0),
    ("custom_size", 0.8),
    ("aspect_ratio", 0.7),
    ("seed", 0.5),
];

/// A tool as the original lists it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// What its `get_info` says.
    pub info: Value,
    /// `available`, `degraded` or `unavailable`.
    pub status: String,
    /// US dollars; a text where the estimate fails, which counts as free.
    pub estimate_cost_usd: Value,
    /// Names of its inputs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_properties: Option<Vec<String>>,
    /// Operations it can do as it is set up now; not given where it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_operations: Option<Vec<String>>,
}

impl Tool {
    fn text(&self, name: &str) -> &str {
        self.info.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.info.get(name).and_then(Value::as_f64)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.text("name")
    }

    /// Who is called.
    pub fn provider(&self) -> &str {
        self.text("provider")
    }

    /// Whether it says that it can do this.
    pub fn supports(&self, feature: &str) -> bool {
        truthy(self.info.get("supports").and_then(|s| s.get(feature)))
    }

    fn best_for(&self) -> Vec<&str> {
        texts(self.info.get("best_for"))
    }

    /// US dollars; 0 where the estimate fails.
    pub fn cost_usd(&self) -> f64 {
        self.estimate_cost_usd.as_f64().unwrap_or(0.0)
    }
}

/// What a tool scores for a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The tool.
    pub tool_name: String,
    /// Its provider.
    pub provider: String,
    /// What it is said to be best for against what is wanted.
    pub task_fit: f64,
    /// Stated quality, or what its stability suggests.
    pub output_quality: f64,
    /// How much can be steered.
    pub control: f64,
    /// How often it works.
    pub reliability: f64,
    /// Cheap is 1.
    pub cost_efficiency: f64,
    /// Quick is 1.
    pub latency: f64,
    /// Whether it stays with what was used before.
    pub continuity: f64,
    /// The weighted sum.
    pub weighted_score: f64,
}

impl Score {
    fn dimensions(&self) -> [f64; 7] {
        [self.task_fit, self.output_quality, self.control, self.reliability, self.cost_efficiency, self.latency, self.continuity]
    }

    /// The three dimensions that carry most, as the original tells them.
    pub fn explain(&self) -> String {
        let mut parts: Vec<(&str, f64, f64)> =
            WEIGHTS.iter().zip(self.dimensions()).map(|((name, weight), value)| (*name, value, *weight)).collect();
        parts.sort_by(|a, b| (b.1 * b.2).partial_cmp(&(a.1 * a.2)).unwrap_or(Ordering::Equal));
        let mut told = format!("{} ({}): {:.2}", self.tool_name, self.provider, self.weighted_score);
        for (name, value, weight) in parts.into_iter().take(3) {
            told.push_str(&format!("\n  {name}={value:.2} (w={weight})"));
        }
        told
    }
}

/// The first five of a ranking as text.
pub fn told(ranking: &[Score]) -> String {
    let line = |(n, s): (usize, &Score)| {
        format!(
            "  {}. {} ({}) — score: {:.2} [fit={:.1} quality={:.1} control={:.1} reliable={:.1} cost={:.1}]",
            n + 1,
            s.tool_name,
            s.provider,
            s.weighted_score,
            s.task_fit,
            s.output_quality,
            s.control,
            s.reliability,
            s.cost_efficiency
        )
    };
    ranking.iter().take(5).enumerate().map(line).collect::<Vec<_>>().join("\n")
}

/// Shared words over the smaller set; 0 where one is empty.
fn overlap(one: &BTreeSet<String>, other: &BTreeSet<String>) -> f64 {
    let smaller = one.len().min(other.len());
    if smaller == 0 { 0.0 } else { one.intersection(other).count() as f64 / smaller as f64 }
}

/// How much a tool can be steered.
pub fn control(supports: &Value) -> f64 {
    let Some(features) = supports.as_object().filter(|map| !map.is_empty()) else { return 0.3 };
    // A fold: the sum of nothing is -0.0, and is told as such.
    let earned = CONTROL.iter().filter(|(name, _)| truthy(features.get(*name))).fold(0.0, |sum, (_, worth)| sum + worth);
    let all: f64 = CONTROL.iter().map(|(_, worth)| worth).sum();
    (earned / (all * 0.5)).min(1.0)
}

/// Free is 1; against a budget by its share, without one by bands of dollars. Over the budget is still 0.1.
pub fn cost_efficiency(cost_usd: f64, budget_usd: Option<f64>) -> f64 {
    if cost_usd <= 0.0 {
        return 1.0;
    }
    match budget_usd {
        Some(budget) if budget <= 0.0 => 0.0,
        Some(budget) => match cost_usd / budget {
            share if share > 0.5 => 0.1,
            share if share > 0.2 => 0.5,
            _ => 0.8,
        },
        None => match cost_usd {
            cost if cost < 0.05 => 0.9,
            cost if cost < 0.20 => 0.7,
            cost if cost < 1.00 => 0.5,
            _ => 0.3,
        },
    }
}

fn reliability(tool: &Tool) -> f64 {
    tool.number("historical_success_rate").unwrap_or(match tool.status.as_str() {
        "available" if tool.text("stability") == "production" => 0.95,
        "available" => 0.8,
        "degraded" => 0.4,
        _ => 0.0,
    })
}

fn quality(tool: &Tool) -> f64 {
    if let Some(stated) = tool.number("quality_score") {
        return stated;
    }
    let stability = tool.info.get("stability").and_then(Value::as_str).unwrap_or("experimental");
    let base: f64 = match stability {
        "production" => 0.9,
        "beta" => 0.7,
        "experimental" => 0.4,
        _ => 0.5,
    };
    if tool.text("tier") == "generate" && stability == "production" { (base + 0.05).min(1.0) } else { base }
}

fn latency(tool: &Tool) -> f64 {
    match tool.number("latency_p50_seconds") {
        Some(seconds) if seconds <= 1.0 => 1.0,
        Some(seconds) if seconds <= 10.0 => 0.8,
        Some(seconds) if seconds <= 30.0 => 0.6,
        Some(seconds) if seconds <= 60.0 => 0.4,
        Some(_) => 0.2,
        None => match tool.text("runtime") {
            "local" | "local_gpu" => 0.9,
            "hybrid" => 0.6,
            _ => 0.4,
        },
    }
}

/// What a tool scores for a task. The context is normalised once more, without prompt, capability and operation: a wish that
/// came only from those is lost when there was an intent.
pub fn score(tool: &Tool, context: &Value) -> Score {
    let context = normalize(context, Around::default());
    let says = |name: &str| truthy(context.get(name));
    let asset = context["asset_type"].as_str().unwrap_or_default();
    let intent = expand(tokenize(context["intent"].as_str().unwrap_or_default()));
    let style = expand(texts(context.get("style_keywords")).into_iter().map(str::to_lowercase));
    let best_for = tool.best_for();
    let best: BTreeSet<String> = best_for.iter().flat_map(|text| tokenize(text)).collect();
    let mut task_fit = if best_for.is_empty() {
        0.3
    } else {
        let best = expand(&best);
        (0.7 * overlap(&intent, &best) + 0.3 * overlap(&style, &best) + 0.1).min(1.0)
    };
    let mut output_quality = quality(tool);
    let mut control = control(tool.info.get("supports").unwrap_or(&Value::Null));
    if says("motion_required") && asset == "video" && !tool.text("capability").contains("video") {
        task_fit *= 0.2;
    }
    let stock = matches!(tool.provider(), "pexels" | "pixabay")
        || ["stock", "footage", "b-roll", "library"].iter().any(|word| best.contains(*word));
    if says("prefers_generated_visuals") && stock && matches!(asset, "video" | "image") {
        task_fit *= 0.55;
        output_quality *= 0.85;
    }
    let any = |features: &[&str]| features.iter().any(|feature| tool.supports(feature));
    if says("wants_reference_conditioning") && asset == "video" {
        if any(&["reference_to_video", "reference_image", "multiple_reference_images"]) {
            task_fit = (task_fit + 0.18).min(1.0);
            control = (control + 0.12).min(1.0);
        } else {
            task_fit *= 0.7;
        }
    }
    if says("wants_image_editing") && asset == "image" {
        if any(&["image_edit", "style_transfer", "multiple_reference_images"]) {
            task_fit = (task_fit + 0.18).min(1.0);
            control = (control + 0.10).min(1.0);
        } else {
            task_fit *= 0.7;
        }
    }
    let given: Vec<String> = texts(context.get("style_keywords")).into_iter().map(str::to_lowercase).collect();
    let grand = ["cinematic", "film", "movie", "trailer", "teaser", "dramatic", "epic", "premium"];
    if asset == "video" && grand.iter().any(|word| intent.contains(*word) || given.iter().any(|g| g == word)) {
        let features = ["native_audio", "multi_shot", "camera_direction", "lip_sync", "cinematic_quality"];
        match features.iter().filter(|feature| tool.supports(feature)).count() {
            0 => {}
            1 | 2 => task_fit = (task_fit + 0.05).min(1.0),
            _ => {
                task_fit = (task_fit + 0.15).min(1.0);
                output_quality = (output_quality + 0.10).min(1.0);
            }
        }
    }
    let locked = texts(context.get("locked_providers"));
    let continuity = match locked.contains(&tool.provider()) {
        _ if locked.is_empty() => 0.5,
        true => 0.9,
        false => 0.4,
    };
    let mut score = Score {
        tool_name: tool.name().to_owned(),
        provider: tool.provider().to_owned(),
        task_fit,
        output_quality,
        control,
        reliability: reliability(tool),
        cost_efficiency: cost_efficiency(tool.cost_usd(), context.get("budget_remaining_usd").and_then(Value::as_f64)),
        latency: latency(tool),
        continuity,
        weighted_score: 0.0,
    };
    score.weighted_score = WEIGHTS.iter().zip(score.dimensions()).map(|((_, weight), value)| weight * value).sum();
    score
}

/// All tools, best first; a tie keeps the order in which they came, and who is unavailable stays in.
pub fn rank<'a>(tools: impl IntoIterator<Item = &'a Tool>, context: &Value) -> Vec<Score> {
    let mut scores: Vec<Score> = tools.into_iter().map(|tool| score(tool, context)).collect();
    scores.sort_by(|a, b| b.weighted_score.partial_cmp(&a.weighted_score).unwrap_or(Ordering::Equal));
    scores
}

/// Everything that is said of a ranking at once: the context, the scores, the order, and both texts.
pub fn ranked(context: &Value, tools: &[Tool]) -> Value {
    let normalized = normalize(context, Around::default());
    let ranking = rank(tools, &normalized);
    json!({
        "normalized_task_context": normalized,
        "scores_in_input_order": tools.iter().map(|tool| score(tool, &normalized)).collect::<Vec<_>>(),
        "ranking": ranking.iter().map(|s| s.tool_name.as_str()).collect::<Vec<_>>(),
        "explain_top": ranking.first().map(Score::explain),
        "format_ranking": told(&ranking),
    })
}
