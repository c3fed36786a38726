//! How OpenMontage picks one tool: a preferred provider within a gap for video, always for pictures and speech, else the best
//! that is available. The next tool is never tried after a failure, and for pictures and speech the score that is told may
//! belong to another tool than the one that runs.

use serde_json::{Value, json};

use super::context::{Around, normalize, texts, truthy};
use super::score::{Score, Tool, rank};

/// Which selector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Clips.
    Video,
    /// Stills.
    Image,
    /// Speech.
    Speech,
}

impl Kind {
    /// `video`, `image` or `tts`.
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "video" => Some(Self::Video),
            "image" => Some(Self::Image),
            "tts" => Some(Self::Speech),
            _ => None,
        }
    }

    fn capability(self) -> &'static str {
        match self {
            Self::Video => "video_generation",
            Self::Image => "image_generation",
            Self::Speech => "tts",
        }
    }
}

/// How far behind the best a preferred video provider may be.
const GAP: f64 = 0.15;

/// The provider that a value of `VIDEO_GEN_LOCAL_MODEL` stands for.
pub fn hinted(model: &str) -> Option<&'static str> {
    match model {
        "wan2.2-ti2v-5b" | "wan2.2-t2v-a14b" | "wan2.2-i2v-a14b" | "wan2.1-1.3b" | "wan2.1-14b" => Some("wan"),
        "hunyuan-1.5" => Some("hunyuan"),
        "ltx2-local" => Some("ltx"),
        "cogvideo-5b" | "cogvideo-2b" => Some("cogvideo"),
        _ => None,
    }
}

/// What a clip is made from where nobody says.
const FROM_TEXT: &str = "text_to_video";

/// The tools that can do the operation; all of them where none can.
fn capable<'a>(tools: Vec<&'a Tool>, operation: Option<&str>) -> Vec<&'a Tool> {
    let operation = operation.unwrap_or(FROM_TEXT);
    let has_input = |tool: &Tool, name: &str| tool.input_properties.iter().flatten().any(|input| input == name);
    let can = |tool: &Tool| {
        let able = match operation {
            "image_to_video" => tool.supports("image_to_video") || has_input(tool, "image_url") || has_input(tool, "reference_image_url"),
            "reference_to_video" => tool.supports("reference_to_video"),
            _ => true,
        };
        able && tool.ready_operations.as_ref().is_none_or(|ready| ready.iter().any(|one| one == operation))
    };
    let able: Vec<&Tool> = tools.iter().copied().filter(|tool| can(tool)).collect();
    if able.is_empty() { tools } else { able }
}

/// The tool that runs and the score that is told of it.
fn pick<'a>(kind: Kind, inputs: &Value, tools: &[&'a Tool], ranking: Vec<Score>, hint: Option<&str>) -> Option<(&'a Tool, Score)> {
    let available = |tool: &&&Tool| tool.status == "available";
    let asked = inputs.get("preferred_provider").and_then(Value::as_str).filter(|p| !p.is_empty()).unwrap_or("auto");
    if kind == Kind::Video {
        let preferred = if asked == "auto" { hint.and_then(hinted).unwrap_or(asked) } else { asked };
        let by_name = |score: &Score| tools.iter().filter(available).copied().find(|tool| tool.name() == score.tool_name);
        let gap = inputs.get("preferred_provider_gap").and_then(Value::as_f64).unwrap_or(GAP);
        let top = ranking.first()?.weighted_score;
        let near = ranking.iter().find(|score| score.provider == preferred && by_name(score).is_some());
        let chosen = near
            .filter(|score| preferred != "auto" && score.weighted_score >= top - gap)
            .or_else(|| ranking.iter().find(|score| by_name(score).is_some()))?;
        return Some((by_name(chosen)?, chosen.clone()));
    }
    // Kept by provider: the last available tool of a provider hides the others, whichever of them was scored.
    let by_provider = |score: &Score| tools.iter().filter(available).copied().rfind(|tool| tool.provider() == score.provider);
    let preferred = ranking.iter().find(|score| asked != "auto" && score.provider == asked && by_provider(score).is_some());
    let chosen = preferred.or_else(|| ranking.iter().find(|score| by_provider(score).is_some()))?;
    Some((by_provider(chosen)?, chosen.clone()))
}

/// Picks a tool for inputs; `hint` is the value of `VIDEO_GEN_LOCAL_MODEL`.
pub fn select(kind: Kind, inputs: &Value, tools: &[Tool], hint: Option<&str>) -> Value {
    let said = |name: &str| inputs.get(name).and_then(Value::as_str);
    let prompt = said("prompt").filter(|p| !p.is_empty()).or_else(|| said("text")).or_else(|| said("query"));
    let operation = said("operation").filter(|o| !o.is_empty());
    let around = Around { prompt, capability: Some(kind.capability()), operation };
    let context = normalize(inputs.get("task_context").unwrap_or(&Value::Null), around);
    let all = rank(tools, &context);
    let allowed = texts(inputs.get("allowed_providers"));
    let open = !truthy(inputs.get("allowed_providers"));
    let mut left: Vec<&Tool> = tools.iter().filter(|tool| open || allowed.contains(&tool.provider())).collect();
    if kind == Kind::Video {
        left = capable(left, operation);
    }
    let ranking = rank(left.iter().copied(), &context);
    let picked = pick(kind, inputs, &left, ranking, hint);
    json!({
        "selected_tool": picked.as_ref().map(|(tool, _)| tool.name()),
        "selected_provider": picked.as_ref().map(|(tool, _)| tool.provider()),
        "score_tool_name": picked.as_ref().map(|(_, score)| score.tool_name.as_str()),
        "weighted_score": picked.as_ref().map(|(_, score)| score.weighted_score),
        "ranking_of_all_candidates": all.iter().map(|s| json!([s.tool_name, s.weighted_score])).collect::<Vec<_>>(),
    })
}
