//! Decisions in files: where they are, whether each follows from what it rested on, and what a person reads of them. Nothing here
//! asks a home, a registry or a network.

use contracts::MicroUsd;
use contracts::choice::{Attempt, Candidate, Decision, Exclusion, Placed, RankerMode};
use contracts::document::{ReadError, from_value};
use routing::replay::{recompute, verify};
use serde_json::{Value, json};

/// A Decision as it stands in a file.
pub struct Held<'a> {
    /// Where, as a JSON pointer; empty for the whole.
    pub pointer: String,
    /// The Decision's own JSON.
    pub value: &'a Value,
    /// What it is asked for by, beside its subject: its scene, its need, the shots that show it.
    pub names: Vec<String>,
}

impl Held<'_> {
    /// The Decision. One that stands alone is a document, and says its version; one inside a document is of that document's.
    pub fn read(&self) -> Result<Decision, ReadError> {
        if self.pointer.is_empty() {
            return contracts::read(&serde_json::to_vec(self.value).map_err(ReadError::Json)?);
        }
        from_value(self.value.clone())
    }
}

/// Every Decision a JSON value holds: it may be one, a list of them, the answer of `reel route select`, a document of all choices
/// of an episode, or a `visuals.json` with ours beside its scenes.
pub fn held(value: &Value) -> Vec<Held<'_>> {
    let mut found = Vec::new();
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    if is(value) {
        found.push(Held { pointer: String::new(), value, names: Vec::new() });
        return found;
    }
    for (at, one) in value.as_array().into_iter().flatten().enumerate() {
        if is(one) {
            found.push(Held { pointer: format!("/{at}"), value: one, names: Vec::new() });
        }
    }
    if let Some(one) = value.get("decision").filter(|one| is(one)) {
        found.push(Held { pointer: "/decision".into(), value: one, names: Vec::new() });
    }
    for (at, one) in value.get("decided").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let used = one.get("used_by").and_then(Value::as_array).into_iter().flatten();
        let names = used.filter_map(|id| id.as_str().map(str::to_owned)).chain(text(one, "need_id")).collect();
        if let Some(decision) = one.get("decision").filter(|one| is(one)) {
            found.push(Held { pointer: format!("/decided/{at}/decision"), value: decision, names });
        }
    }
    for (at, scene) in value.get("scenes").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let ours = "/matchReasoning/reelwright/decision";
        if let Some(decision) = scene.pointer(ours).filter(|one| is(one)) {
            found.push(Held {
                pointer: format!("/scenes/{at}{ours}"),
                value: decision,
                names: text(scene, "sceneId").into_iter().collect(),
            });
        }
    }
    found
}

/// Whether a value has the parts of a Decision.
fn is(value: &Value) -> bool {
    value.get("snapshot").is_some_and(Value::is_object) && value.get("choice").is_some_and(Value::is_object)
}

/// A Decision, and whether it follows from what it rested on.
pub struct Explained {
    /// For programs.
    pub json: Value,
    /// For people.
    pub text: String,
    /// Whether the choice, made again from the record alone, is the recorded one.
    pub equal: bool,
}

/// Tells a Decision, and makes its choice again.
pub fn explain(decision: &Decision) -> Explained {
    let verified = verify(decision);
    let request = &decision.snapshot.request;
    let mut text = format!("{} · {} · {}\n", request.subject, wanted(decision), decision.choice.rationale);
    text.push_str(&match (&decision.chosen, &decision.choice.first) {
        (Some(taken), Some(first)) if taken == first => format!("  taken    {taken}\n"),
        (Some(taken), Some(first)) => format!("  taken    {taken}, a fallback: `{first}` stands first\n"),
        (Some(taken), None) => format!("  taken    {taken}\n"),
        (None, Some(first)) if decision.attempts.is_empty() => format!("  first    {first}; nothing was tried\n"),
        (None, Some(first)) => format!("  taken    nothing; {first} stands first\n"),
        (None, None) => "  taken    nothing: no tool is feasible\n".to_owned(),
    });
    for (at, placed) in decision.choice.order.iter().enumerate() {
        text.push_str(&order_line(decision, at, placed));
    }
    for exclusion in &decision.choice.exclusions {
        text.push_str(&left_out(exclusion));
    }
    for gate in &decision.snapshot.gates {
        let tool = gate.tool.as_ref().map_or("every tool", |tool| tool.as_str());
        text.push_str(&format!("  gate     {} says {} to {tool}: {}\n", gate.gate, if gate.pass { "yes" } else { "no" }, gate.reason));
    }
    for attempt in &decision.attempts {
        text.push_str(&tried(attempt));
    }
    let left = decision.snapshot.budget.remaining_micro_usd;
    let budget = left.map_or_else(|| "no budget bounded it".to_owned(), |left| format!("{left} remained"));
    text.push_str(&format!("  money    {} spent; {budget}\n", decision.cost_micro_usd));
    if let Some(ranking) = &decision.choice.ranking {
        text.push_str(&ranked(ranking));
    }
    text.push_str(&match &verified {
        Ok(()) => "  made again from this record alone, the choice is the same\n".to_owned(),
        Err(why) => format!("  NOT EQUAL: {why}\n"),
    });
    let mut json = json!({
        "subject": request.subject, "equal": verified.is_ok(), "chosen": decision.chosen, "choice": decision.choice,
        "attempts": decision.attempts, "cost_micro_usd": decision.cost_micro_usd,
    });
    if let Err(why) = &verified {
        json["differs"] = why.as_str().into();
        json["recomputed"] = json!(recompute(decision));
    }
    Explained { json, text, equal: verified.is_ok() }
}

/// What was asked for, in words.
fn wanted(decision: &Decision) -> String {
    let request = &decision.snapshot.request;
    let mut words = vec![request.modality.name().to_owned()];
    words.extend(request.operation.clone());
    words.extend(request.task.as_ref().map(|task| format!("task {task}")));
    words.extend(request.duration_ms.map(|ms| format!("{ms} ms")));
    if request.motion_required {
        words.push("motion is required".into());
    }
    if request.local_only {
        words.push("on this machine only".into());
    }
    if !request.preferred.is_empty() {
        let names: Vec<&str> = request.preferred.iter().map(contracts::choice::ToolId::as_str).collect();
        words.push(format!("{} preferred", names.join(", ")));
    }
    words.join(", ")
}

fn order_line(decision: &Decision, at: usize, placed: &Placed) -> String {
    let candidate: Option<&Candidate> = decision.snapshot.candidates.iter().find(|c| c.tool == placed.tool);
    let quote = match placed.quote_micro_usd {
        Some(MicroUsd(0)) => "free".to_owned(),
        Some(quote) => format!("{quote} at worst"),
        None => "of unknown cost".to_owned(),
    };
    let runs = candidate.map_or("", |c| c.runtime.name());
    format!("  {:<8} {:<20} {}; {quote}, {runs}\n", if at == 0 { "order" } else { "" }, placed.tool.as_str(), placed.reason)
}

fn left_out(exclusion: &Exclusion) -> String {
    format!("  left out {:<20} [{}] {}\n", exclusion.tool.as_str(), exclusion.code.name(), exclusion.reason)
}

fn tried(attempt: &Attempt) -> String {
    let error = attempt.error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
    format!("  tried    {:<20} {}, {}, {}{error}\n", attempt.tool.as_str(), attempt.phase, attempt.result.name(), attempt.cost_micro_usd)
}

fn ranked(ranking: &contracts::choice::Ranking) -> String {
    let first = ranking.order.first().map_or("nothing", |(tool, _)| tool.as_str());
    let word = match (ranking.mode, ranking.diverged) {
        (RankerMode::Active, _) => "orders".to_owned(),
        (_, true) => format!("would have put {first} first"),
        (_, false) => "agrees".to_owned(),
    };
    let lot = if ranking.explored { "; another was drawn by lot" } else { "" };
    format!("  learned  the learned ranking ({}) {word}{lot}\n", ranking.mode.name())
}
