//! The seven-dimension score of OpenMontage, dimension by dimension, weakness by weakness.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::context::{Around, Words, normalize, texts, tokenize, truthy};

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

/// How much a tool can be steered.
pub fn control(supports: &Value) -> f64 {
    let features = supports.as_object().filter(|map| !map.is_empty());
    features.map_or(0.3, |features| steered(&|name| truthy(features.get(name))))
}

fn steered(supports: &dyn Fn(&str) -> bool) -> f64 {
    // Folds: the sum of nothing is -0.0, and is told as such.
    let earned = CONTROL.iter().filter(|(name, _)| supports(name)).fold(0.0, |sum, (_, worth)| sum + worth);
    let all = CONTROL.iter().fold(0.0, |sum, (_, worth)| sum + worth);
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

/// What the score reads of a tool, wherever it comes from.
pub(crate) struct Traits<'a> {
    pub name: &'a str,
    pub provider: &'a str,
    pub capability: &'a str,
    pub tier: &'a str,
    pub stability: &'a str,
    pub runtime: &'a str,
    pub status: &'a str,
    pub best_for: &'a [&'a str],
    pub supports_nothing: bool,
    pub supports: &'a dyn Fn(&str) -> bool,
    pub cost_usd: f64,
    pub success_rate: Option<f64>,
    pub quality: Option<f64>,
    pub latency_s: Option<f64>,
}

/// What the score reads of a task; made once for all tools.
pub(crate) struct Task {
    intent: Words,
    style: Words,
    grand: bool,
    asset: String,
    motion: bool,
    generated: bool,
    reference: bool,
    editing: bool,
    locked: Vec<String>,
    budget_usd: Option<f64>,
}

impl Task {
    /// The context is normalised once more, without prompt, capability and operation: a wish that came only from those is lost
    /// when there was an intent.
    pub(crate) fn of(context: &Value) -> Self {
        let context = normalize(context, Around::default());
        let says = |name: &str| truthy(context.get(name));
        let intent = Words::of(tokenize(context["intent"].as_str().unwrap_or_default())).expanded();
        let given = Words::of(texts(context.get("style_keywords")).into_iter().map(str::to_lowercase));
        let grand = ["cinematic", "film", "movie", "trailer", "teaser", "dramatic", "epic", "premium"];
        Self {
            grand: intent.any(&grand) || given.any(&grand),
            intent,
            style: given.expanded(),
            asset: context["asset_type"].as_str().unwrap_or_default().to_owned(),
            motion: says("motion_required"),
            generated: says("prefers_generated_visuals"),
            reference: says("wants_reference_conditioning"),
            editing: says("wants_image_editing"),
            locked: texts(context.get("locked_providers")).into_iter().map(str::to_owned).collect(),
            budget_usd: context.get("budget_remaining_usd").and_then(Value::as_f64),
        }
    }

    /// The seven dimensions and their sum.
    pub(crate) fn score(&self, tool: &Traits<'_>) -> ([f64; 7], f64) {
        let best = Words::of(tool.best_for.iter().flat_map(|text| tokenize(text)));
        let stock = matches!(tool.provider, "pexels" | "pixabay") || best.any(&["stock", "footage", "b-roll", "library"]);
        let mut task_fit = if tool.best_for.is_empty() {
            0.3
        } else {
            let best = best.expanded();
            (0.7 * self.intent.overlap(&best) + 0.3 * self.style.overlap(&best) + 0.1).min(1.0)
        };
        let mut quality = tool.quality.unwrap_or_else(|| stated(tool));
        let mut control = if tool.supports_nothing { 0.3 } else { steered(tool.supports) };
        let (video, image) = (self.asset == "video", self.asset == "image");
        if self.motion && video && !tool.capability.contains("video") {
            task_fit *= 0.2;
        }
        if self.generated && stock && (video || image) {
            task_fit *= 0.55;
            quality *= 0.85;
        }
        let any = |features: &[&str]| features.iter().any(|feature| (tool.supports)(feature));
        if self.reference && video {
            if any(&["reference_to_video", "reference_image", "multiple_reference_images"]) {
                task_fit = (task_fit + 0.18).min(1.0);
                control = (control + 0.12).min(1.0);
            } else {
                task_fit *= 0.7;
            }
        }
        if self.editing && image {
            if any(&["image_edit", "style_transfer", "multiple_reference_images"]) {
                task_fit = (task_fit + 0.18).min(1.0);
                control = (control + 0.10).min(1.0);
            } else {
                task_fit *= 0.7;
            }
        }
        if self.grand && video {
            let features = ["native_audio", "multi_shot", "camera_direction", "lip_sync", "cinematic_quality"];
            match features.iter().filter(|feature| (tool.supports)(feature)).count() {
                0 => {}
                1 | 2 => task_fit = (task_fit + 0.05).min(1.0),
                _ => {
                    task_fit = (task_fit + 0.15).min(1.0);
                    quality = (quality + 0.10).min(1.0);
                }
            }
        }
        let continuity = match self.locked.iter().any(|provider| provider == tool.provider) {
            _ if self.locked.is_empty() => 0.5,
            true => 0.9,
            false => 0.4,
        };
        let cost = cost_efficiency(tool.cost_usd, self.budget_usd);
        let dimensions = [task_fit, quality, control, reliability(tool), cost, latency(tool), continuity];
        (dimensions, WEIGHTS.iter().zip(dimensions).fold(0.0, |sum, ((_, weight), value)| sum + weight * value))
    }
}

fn reliability(tool: &Traits<'_>) -> f64 {
    tool.success_rate.unwrap_or(match tool.status {
        "available" if tool.stability == "production" => 0.95,
        "available" => 0.8,
        "degraded" => 0.4,
        _ => 0.0,
    })
}

/// The quality that a stability suggests.
fn stated(tool: &Traits<'_>) -> f64 {
    let base: f64 = match tool.stability {
        "production" => 0.9,
        "beta" => 0.7,
        "experimental" => 0.4,
        _ => 0.5,
    };
    if tool.tier == "generate" && tool.stability == "production" { (base + 0.05).min(1.0) } else { base }
}

fn latency(tool: &Traits<'_>) -> f64 {
    match tool.latency_s {
        Some(seconds) if seconds <= 1.0 => 1.0,
        Some(seconds) if seconds <= 10.0 => 0.8,
        Some(seconds) if seconds <= 30.0 => 0.6,
        Some(seconds) if seconds <= 60.0 => 0.4,
        Some(_) => 0.2,
        None => match tool.runtime {
            "local" | "local_gpu" => 0.9,
            "hybrid" => 0.6,
            _ => 0.4,
        },
    }
}

/// What a tool scores for a task.
pub fn score(tool: &Tool, context: &Value) -> Score {
    scored(tool, &Task::of(context))
}

fn scored(tool: &Tool, task: &Task) -> Score {
    let traits = Traits {
        name: tool.name(),
        provider: tool.provider(),
        capability: tool.text("capability"),
        tier: tool.text("tier"),
        stability: tool.info.get("stability").and_then(Value::as_str).unwrap_or("experimental"),
        runtime: tool.text("runtime"),
        status: &tool.status,
        best_for: &tool.best_for(),
        supports_nothing: tool.info.get("supports").and_then(Value::as_object).is_none_or(Map::is_empty),
        supports: &|feature| tool.supports(feature),
        cost_usd: tool.cost_usd(),
        success_rate: tool.number("historical_success_rate"),
        quality: tool.number("quality_score"),
        latency_s: tool.number("latency_p50_seconds"),
    };
    let ([task_fit, output_quality, control, reliability, cost_efficiency, latency, continuity], weighted_score) = task.score(&traits);
    Score {
        tool_name: traits.name.to_owned(),
        provider: traits.provider.to_owned(),
        task_fit,
        output_quality,
        control,
        reliability,
        cost_efficiency,
        latency,
        continuity,
        weighted_score,
    }
}

/// All tools, best first; a tie keeps the order in which they came, and who is unavailable stays in.
pub fn rank<'a>(tools: impl IntoIterator<Item = &'a Tool>, context: &Value) -> Vec<Score> {
    let mut scores: Vec<Score> = {
        let task = Task::of(context);
        tools.into_iter().map(|tool| scored(tool, &task)).collect()
    };
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
