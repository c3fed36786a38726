//! Whether a film is about to be a slideshow: six looks at a scene plan, each from 0 (no risk) to 5, and what their mean says:
//! below 2 strong, below 3 acceptable, below 4 revise, else fail.
//!
//! The compat answer ([`crate::compat::slideshow_risk`]) has two holes: a family that does not claim to be cinematic gets the sixth
//! look for nothing and can reach 3.83 at most, so it never fails; and a scene plan that is an object raises and is skipped. Here
//! ([`risk`]) only the looks that apply are meant, and a plan that cannot be read fails.

use contracts::canon::Verdict;
use serde_json::Value;

use crate::{
    compat::{SLIDE_TYPES, share},
    verdict::{blocks, verdict, warns},
};

/// One look.
#[derive(Clone, Debug, PartialEq)]
pub struct Dimension {
    /// Its name.
    pub name: &'static str,
    /// 0 to 5.
    pub score: f64,
    /// Why.
    pub reason: String,
}

/// The risk of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Risk {
    /// The mean of the looks that apply.
    pub average: f64,
    /// `strong`, `acceptable`, `revise` or `fail`.
    pub verdict: &'static str,
    /// The looks that apply; none when the plan has no scene or cannot be read.
    pub dimensions: Vec<Dimension>,
}

/// What a mean says.
pub fn verdict_of(average: f64) -> &'static str {
    match average {
        a if a < 2.0 => "strong",
        a if a < 3.0 => "acceptable",
        a if a < 4.0 => "revise",
        _ => "fail",
    }
}

const CLAIM: &str = "unsupported_cinematic_claims";

fn field<'a>(scene: &'a Value, name: &str) -> &'a str {
    scene[name].as_str().unwrap_or_default().trim()
}

fn language<'a>(scene: &'a Value, name: &str) -> &'a str {
    scene["shot_language"][name].as_str().unwrap_or_default().trim()
}

/// The most frequent value and how often it is there.
fn commonest<'a>(values: impl Iterator<Item = &'a str>) -> (&'a str, usize) {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for value in values {
        match counts.iter_mut().find(|(v, _)| *v == value) {
            Some((_, n)) => *n += 1,
            None => counts.push((value, 1)),
        }
    }
    // The first of those that are equally frequent, so that the reason is one for one plan.
    counts.into_iter().rev().max_by_key(|(_, n)| *n).unwrap_or(("", 0))
}

/// The six looks at a plan of at least one scene.
pub(crate) fn dimensions(scenes: &[Value], family: &str) -> Vec<Dimension> {
    vec![repetition(scenes), decoration(scenes), motion(scenes), intent(scenes), typography(scenes), claims(scenes, family)]
}

fn repetition(scenes: &[Value]) -> Dimension {
    let name = "repetition";
    let total = scenes.len();
    if total < 3 {
        return Dimension { name, score: 0.0, reason: "Too few scenes to assess repetition".into() };
    }
    let (mut score, mut reasons) = (0.0_f64, Vec::new());
    let (kind, times) = commonest(scenes.iter().map(|s| field(s, "type")));
    let dominance = share(times, total);
    if dominance > 0.6 {
        score += 2.0;
        reasons.push(format!("Scene type '{kind}' dominates at {:.0}%", dominance * 100.0));
    }
    let mut described: Vec<&str> = scenes.iter().map(|s| field(s, "description")).collect();
    described.sort_unstable();
    described.dedup();
    let unique = share(described.len(), total);
    if unique < 0.5 {
        score += 2.0;
        reasons.push(format!("Only {:.0}% unique descriptions", unique * 100.0));
    }
    let (_, times) = commonest(scenes.iter().map(|s| language(s, "shot_size")));
    let same = share(times, total);
    if same > 0.6 {
        score += 1.0;
        reasons.push(format!("Same shot size in {:.0}% of scenes", same * 100.0));
    }
    let reason = if reasons.is_empty() { "Good variety".into() } else { reasons.join("; ") };
    Dimension { name, score: score.min(5.0), reason }
}

fn decoration(scenes: &[Value]) -> Dimension {
    let total = scenes.len();
    let purpose = ["information_role", "narrative_role", "shot_intent"];
    let idle = scenes.iter().filter(|s| purpose.iter().all(|p| field(s, p).is_empty())).count();
    let (score, reason) = match share(idle, total) {
        r if r > 0.6 => {
            (5.0, format!("{idle}/{total} scenes have no stated purpose (no information_role, narrative_role, or shot_intent)"))
        }
        r if r > 0.3 => (2.5, format!("{idle}/{total} scenes lack stated purpose")),
        _ => (0.0, "Most scenes have clear communicative purpose".into()),
    };
    Dimension { name: "decorative_visuals", score, reason }
}

fn motion(scenes: &[Value]) -> Dimension {
    let moved: Vec<&Value> = scenes.iter().filter(|s| !matches!(language(s, "camera_movement"), "" | "static")).collect();
    let named = scenes.iter().any(|s| !language(s, "camera_movement").is_empty());
    let aimless = moved.iter().filter(|s| field(s, "shot_intent").is_empty()).count();
    let (score, reason) = if !named {
        (1.5, "No camera movement defined (may be intentional for static style)".to_owned())
    } else if !moved.is_empty() && share(aimless, moved.len()) > 0.5 {
        (4.0, format!("{aimless}/{} camera movements have no stated intent", moved.len()))
    } else {
        (0.0, "Camera movement appears purposeful".to_owned())
    };
    Dimension { name: "weak_motion", score, reason }
}

fn intent(scenes: &[Value]) -> Dimension {
    let total = scenes.len();
    let meant = scenes.iter().filter(|s| !field(s, "shot_intent").is_empty()).count();
    let (score, reason) = match share(meant, total) {
        r if r < 0.3 => (5.0, format!("Only {meant}/{total} scenes have shot_intent — most shots lack purpose")),
        r if r < 0.7 => (2.5, format!("{meant}/{total} scenes have shot_intent")),
        _ => (0.0, "Strong shot intent coverage".into()),
    };
    Dimension { name: "weak_shot_intent", score, reason }
}

fn typography(scenes: &[Value]) -> Dimension {
    let total = scenes.len();
    let cards = scenes.iter().filter(|s| SLIDE_TYPES.contains(&field(s, "type"))).count();
    // A chart shows something: only cards of words count.
    let charts = scenes.iter().filter(|s| !matches!(field(s, "type"), "text_card" | "stat_card" | "callout")).count();
    let words = cards.min(total - charts);
    let (score, reason) = match share(words, total) {
        r if r > 0.6 => (4.0, format!("{words}/{total} scenes are text/stat cards — video feels like animated slides")),
        r if r > 0.4 => (2.5, format!("{words}/{total} scenes are text-based — consider balancing with visual scenes")),
        _ => (0.0, "Visual-first approach".into()),
    };
    Dimension { name: "typography_overreliance", score, reason }
}

fn claims(scenes: &[Value], family: &str) -> Dimension {
    let total = scenes.len();
    if !family.contains("cinematic") {
        return Dimension { name: CLAIM, score: 0.0, reason: "Not claiming cinematic treatment".into() };
    }
    let lit = scenes.iter().filter(|s| !language(s, "lighting_key").is_empty() && !language(s, "camera_movement").is_empty()).count();
    let hero = scenes.iter().any(|s| s["hero_moment"] == true);
    let (score, reason) = match (share(lit, total), hero) {
        (r, true) if r >= 0.5 => (0.0, "Cinematic claim is supported by the shots".to_owned()),
        (r, _) if r >= 0.5 => (2.5, "Cinematic claim without a hero moment".to_owned()),
        _ => (5.0, format!("Cinematic claim, but only {lit}/{total} scenes say light and movement")),
    };
    Dimension { name: CLAIM, score, reason }
}

/// The strict risk: `plan` is a list of scenes, or an object whose `scenes` is one.
pub fn risk(plan: &Value, family: Option<&str>) -> Risk {
    let scenes = plan.as_array().or_else(|| plan["scenes"].as_array());
    let Some(scenes) = scenes.filter(|scenes| !scenes.is_empty() && scenes.iter().all(Value::is_object)) else {
        return Risk { average: 5.0, verdict: "fail", dimensions: Vec::new() };
    };
    let family = family.unwrap_or_default();
    let claimed = family.contains("cinematic");
    let dimensions: Vec<Dimension> = dimensions(scenes, family).into_iter().filter(|d| claimed || d.name != CLAIM).collect();
    let sum: f64 = dimensions.iter().map(|d| d.score).sum();
    let average = (sum * 100.0 / if claimed { 6.0 } else { 5.0 }).round() / 100.0;
    Risk { average, verdict: verdict_of(average), dimensions }
}

/// The strict risk as a gate: `fail` blocks, `revise` is worth a look.
pub fn gate(plan: &Value, family: Option<&str>) -> Verdict {
    let risk = risk(plan, family);
    let worst: Vec<String> = risk.dimensions.iter().filter(|d| d.score >= 2.5).map(|d| format!("{}: {}", d.name, d.reason)).collect();
    let why = if risk.dimensions.is_empty() { "it has no scene, or cannot be read".to_owned() } else { worst.join("; ") };
    let message = format!("the plan's slideshow risk is {:.2} of 5 ({}): {why}", risk.average, risk.verdict);
    let found = match risk.verdict {
        "fail" => vec![blocks("promise.slideshow", message, &["scene plan", "renderer_family"])],
        "revise" => vec![warns("promise.slideshow", message, &["scene plan", "renderer_family"])],
        _ => vec![],
    };
    verdict("slideshow", found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::compat;

    fn worst() -> Vec<Value> {
        let moving = json!({"camera_movement": "pan"});
        (0..10).map(|_| json!({"type": "text_card", "description": "same", "shot_language": moving})).collect()
    }

    #[test]
    fn a_family_that_claims_nothing_can_fail_as_well() {
        let lax = compat::slideshow_risk(&json!({"scenes": worst(), "renderer_family": "explainer-data"}));
        assert_eq!((lax["average"].as_f64(), lax["verdict"].as_str()), (Some(3.83), Some("revise")), "the most it can reach there");
        let strict = risk(&json!(worst()), Some("explainer-data"));
        assert_eq!((strict.average, strict.verdict, strict.dimensions.len()), (4.6, "fail", 5));
        assert!(!gate(&json!(worst()), Some("explainer-data")).pass);
        assert_eq!(risk(&json!(worst()), Some("cinematic-trailer")).dimensions.len(), 6);
    }

    #[test]
    fn a_plan_is_read_in_both_forms_and_one_that_cannot_be_fails() {
        let plan = json!({"version": "1.0", "scenes": worst()});
        assert_eq!(risk(&plan, None), risk(&json!(worst()), None));
        for plan in [json!({}), json!([]), json!({"scenes": {}}), json!("scenes"), json!(null), json!([1, 2]), json!({"scenes": ["a"]})] {
            assert_eq!(risk(&plan, None).verdict, "fail", "{plan}");
            assert!(!gate(&plan, None).pass, "{plan}");
        }
        let good = |n: usize| {
            json!({"type": if n.is_multiple_of(2) { "video" } else { "animation" }, "description": format!("scene {n}"), "shot_intent": "show", "narrative_role": "hook",
                "shot_language": {"shot_size": format!("size {n}"), "camera_movement": "pan", "lighting_key": "low"}, "hero_moment": n == 0})
        };
        let plan = json!([good(0), good(1), good(2), good(3)]);
        for family in [None, Some("cinematic-trailer")] {
            assert_eq!((risk(&plan, family).average, gate(&plan, family).findings.len()), (0.0, 0));
        }
    }
}
