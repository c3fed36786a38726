//! What gates say in a run, and what is done about it: every answer is recorded with the run, whether it lets work pass or not.
//!
//! Safety is asked by one function at four points (002-26.2): the script, what tools are asked for, what was fetched or made, and the
//! finished film. What was found under `warn_only` is on record, and keeps the film from being handed out until somebody has looked.

use std::collections::BTreeMap;

use contracts::{
    Document, Id,
    canon::Verdict,
    project::{ApprovalPoints, Project, Safety},
    promise::{GateOutcome, GateStage, GateStatus},
    render::RenderOutput,
};
use gates::safety::{Point, judge};
use registry::{Registry, RunRow};
use serde_json::Value;

use crate::{failure::Failure, shop::tenant};

/// Where a person says that a film may be handed out although the safety gate found something.
const PUBLISH: &str = ApprovalPoints::PUBLISH;

/// What gates said in one run, in the order in which they were asked.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// Every answer.
    pub outcomes: Vec<GateOutcome>,
    /// What the safety gate said, whole, by where it stood.
    safety: Vec<(Point, Verdict)>,
}

impl Said {
    /// Records what a gate said.
    pub fn note(&mut self, id: impl Into<String>, stage: GateStage, verdict: &Verdict) {
        self.outcomes.push(outcome(id.into(), stage, verdict));
    }

    /// Records what the safety gate said at a point, and stops there if it says no.
    pub fn safety(&mut self, prefix: &str, point: Point, verdict: Verdict) -> Result<(), Failure> {
        let stage = if point == Point::Output { GateStage::Post } else { GateStage::Pre };
        self.note(format!("{prefix}{}", gate_of(point)), stage, &verdict);
        let refused = refusal(point, &verdict);
        // An earlier episode's script is judged on the way, and is no part of this film.
        if prefix.is_empty() {
            self.safety.push((point, verdict));
        }
        refused.map_or(Ok(()), Err)
    }

    /// What the safety gate said so far, under the names that a film's own verdicts have.
    pub fn safe(&self) -> impl Iterator<Item = Verdict> {
        self.safety.iter().map(|(point, verdict)| Verdict { gate: Id::slug(gate_of(*point)), ..verdict.clone() })
    }
}

/// The points, by the name of their verdict.
const POINTS: [(Point, &str); 4] =
    [(Point::Script, "safety-script"), (Point::Prompt, "safety-prompt"), (Point::Asset, "safety-asset"), (Point::Output, "safety-output")];

/// The name of the verdict of a point.
pub fn gate_of(point: Point) -> &'static str {
    POINTS.iter().find(|(p, _)| *p == point).map_or("safety", |(_, name)| name)
}

/// What the safety gate said of a film, read off its verdicts.
pub fn safety_of(verdicts: &[Verdict]) -> Vec<(Point, Verdict)> {
    let point = |verdict: &Verdict| POINTS.iter().find(|(_, name)| *name == verdict.gate.as_str()).map(|(point, _)| *point);
    verdicts.iter().filter_map(|verdict| Some((point(verdict)?, verdict.clone()))).collect()
}

/// Whether a run's film may be handed out, by what the safety gate said of it at every point. What was found in any mode waits for
/// a person who has looked, and is asked about here; what a gate could not judge stays.
pub fn publish(registry: &Registry, runtime: &tokio::runtime::Runtime, row: &RunRow) -> Result<(), Failure> {
    let made = crate::verbs::summary(registry, row).and_then(|s| s.artifacts.get(RenderOutput::SCHEMA_ID).cloned());
    let Some(subject) = made else { return Ok(()) };
    let output: RenderOutput = registry.artifact(&subject).map_err(Failure::damaged)?;
    let asked = safety_of(&output.verdicts);
    let decided = runtime.block_on(registry.decided(&tenant(), PUBLISH, &subject)).map_err(Failure::damaged)?;
    let by = decided.as_ref().filter(|(_, said)| said.approved).map(|(_, said)| said.approver.as_str());
    if gates::safety::publish(&asked, by).pass {
        return Ok(());
    }
    let stays = gates::safety::publish(&asked, Some("anybody"));
    let told = |verdict: &Verdict| verdict.findings.iter().map(gates::told).collect::<Vec<_>>().join("; ");
    if !stays.pass {
        let text = format!("the film of {} is not handed out: {}", row.id, told(&stays));
        return Err(Failure::blocked(text, "produce the episode again with this build, and hand that run out").next(&[
            "reel",
            "rerun",
            row.id.as_str(),
        ]));
    }
    let what = format!("what the safety gate found: {}", told(&stays));
    let again = ["reel", "pack", row.id.as_str()].map(str::to_owned).to_vec();
    if let Some((_, no)) = decided {
        let again = ["reel", "approve", row.id.as_str(), PUBLISH].map(str::to_owned).to_vec();
        return Err(Failure::rejected(PUBLISH, what, &no, again));
    }
    let mut txn = registry.begin();
    txn.review_ask(&row.id, PUBLISH, &subject, &what);
    txn.event(Some(&row.id), "review_requested", serde_json::json!({"point": PUBLISH, "subject": subject, "what": what}));
    runtime.block_on(txn.commit()).map_err(Failure::damaged)?;
    let look = ["reel", "show", row.id.as_str()].map(str::to_owned).to_vec();
    Err(Failure::approval(PUBLISH, what, &row.id, again, look))
}

/// A verdict as an outcome: how many findings there are, of which none may block.
pub fn outcome(id: String, stage: GateStage, verdict: &Verdict) -> GateOutcome {
    let told: Vec<String> = verdict.findings.iter().map(|f| format!("[{}] {}", f.code, f.message)).collect();
    let blocks = verdict.findings.iter().filter(|f| f.blocks).count();
    GateOutcome {
        id,
        stage,
        status: if verdict.pass { GateStatus::Pass } else { GateStatus::Fail },
        message: if told.is_empty() { "nothing was found".to_owned() } else { told.join("; ") },
        metric: Some(i64::try_from(blocks).unwrap_or(i64::MAX)),
        threshold: Some(0),
        unit: Some("count".to_owned()),
    }
}

fn refusal(point: Point, verdict: &Verdict) -> Option<Failure> {
    let what = match point {
        Point::Script => "the script is",
        Point::Prompt => "what tools would be asked for is",
        Point::Asset => "what the film is made of is",
        Point::Output => "the finished film is",
    };
    let found: Vec<String> = verdict.findings.iter().filter(|f| f.blocks).map(gates::told).collect();
    (!verdict.pass).then(|| {
        Failure::blocked(
            format!("{what} not for its audience: {}", found.join("; ")),
            "change the words (canon.toml, notes.toml, the screenplay, library.toml), or `[safety] audience` in project.toml; no film was made",
        )
    })
}

/// Judges texts at a point by the project's settings.
pub fn texts<'a>(safety: &Safety, point: Point, texts: impl IntoIterator<Item = (String, &'a str)>) -> Verdict {
    // What is said in many places is judged where it stands first.
    let mut once: BTreeMap<&str, String> = BTreeMap::new();
    for (place, text) in texts {
        once.entry(text).or_insert(place);
    }
    judge(safety, point, once.into_iter().map(|(text, place)| (place, text)))
}

/// Every text of a document's part that a person or a tool would read: addresses of content are left out.
pub fn leaves<'a>(place: &str, value: &'a Value, out: &mut Vec<(String, &'a str)>) {
    match value {
        Value::String(text) if !is_address(text) => out.push((place.to_owned(), text)),
        Value::Array(items) => items.iter().for_each(|item| leaves(place, item, out)),
        Value::Object(map) => map.values().for_each(|item| leaves(place, item, out)),
        _ => {}
    }
}

fn is_address(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Judges what the safety gate reads of values, each at its place.
pub fn values(project: &Project, point: Point, values: &[(String, Value)]) -> Verdict {
    let mut found = Vec::new();
    for (place, value) in values {
        leaves(place, value, &mut found);
    }
    texts(&project.safety, point, found)
}
