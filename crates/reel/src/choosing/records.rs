//! What is written of choices beside the run: `visuals.json`, one line of telemetry a run, one line of lineage a shot. Their shapes
//! are content-machine's, whose readers pass over what stands under `reelwright`. The lines are for trends and for other programs;
//! what a choice rested on is in the Decisions.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use contracts::{
    Hash, Id, MicroUsd,
    assets::{AssetManifest, Need, NeedSpec},
    choice::{Decided, Decision, Modality, Policy, ToolId, Trends},
    picture::CardKind,
    promise::{GateOutcome, GateStage, GateStatus},
    shots::{MoveKind, Shot, ShotList},
};
use kit::files::{append_line, read_at_most};
use routing::{compat::recommend::Telemetry, policy_file::StagePolicy, rank, views};
use serde_json::{Value, json};

use super::{LIBRARY_PICTURE, Past, STAND_IN};
use crate::failure::Failure;

/// The most bytes of a file of lines that are read.
pub const MAX_LINES: u64 = 256 << 20;

/// Where lines are appended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Where content-machine's readers look, instead of the data home.
    cm: bool,
}

/// A kind of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// One a run.
    Routing,
    /// One a shot.
    Lineage,
}

impl Places {
    /// Under the data home, or where content-machine's readers look.
    pub fn of(cm: bool) -> Self {
        Self { cm }
    }

    /// The file; nothing where `CM_VISUALS_OBSERVABILITY` switches such records off.
    pub fn file(self, home: &Path, lines: Lines) -> Result<Option<PathBuf>, Failure> {
        let (ours, theirs, variable) = match lines {
            Lines::Routing => ("telemetry/visuals-routing.jsonl", ".cm/telemetry/visuals-routing.jsonl", "CM_VISUALS_TELEMETRY_PATH"),
            Lines::Lineage => ("lineage/visual-assets.jsonl", ".cm/assets/lineage/visual-assets.jsonl", "CM_ASSET_LINEAGE_PATH"),
        };
        if !self.cm {
            return Ok(Some(home.join(ours)));
        }
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        if set("CM_VISUALS_OBSERVABILITY").is_some_and(|value| value == "0" || value == "false") {
            return Ok(None);
        }
        match (set(variable), set("HOME")) {
            (Some(path), _) => Ok(Some(path.into())),
            (None, Some(home)) => Ok(Some(Path::new(&home).join(theirs))),
            (None, None) => Err(Failure::usage(format!("--cm-paths: neither {variable} nor HOME is set"), format!("set {variable}"))),
        }
    }

    /// What past runs say, for a policy that adapts. What cannot be read says nothing.
    pub fn past(self, policy: &StagePolicy) -> Past {
        let Some(home) = kit::home::data_home().ok() else { return Past::default() };
        let Some(path) = self.file(&home, Lines::Routing).ok().flatten() else { return Past::default() };
        let window = policy.adaptive_window.unwrap_or(routing::policy_file::ADAPTIVE_WINDOW);
        let least = policy.min_records.unwrap_or(routing::policy_file::MIN_RECORDS);
        let (lines, _) = read_lines(&path, Lines::Routing).unwrap_or_default();
        past(&lines, window, least)
    }
}

/// The lines of a file that are records of their kind, oldest first, and how many others were passed over. No file: no lines.
pub fn read_lines(path: &Path, lines: Lines) -> std::io::Result<(Vec<Value>, u64)> {
    let bytes = match read_at_most(path, MAX_LINES) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((Vec::new(), 0)),
        other => other?,
    };
    let (mut found, mut passed) = (Vec::new(), 0);
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
        let value: Option<Value> = serde_json::from_slice(line).ok();
        match value.filter(|value| is_record(value, lines)) {
            Some(value) => found.push(value),
            None => passed += 1,
        }
    }
    Ok((found, passed))
}

/// Whether a value is a record as content-machine's readers take them.
fn is_record(value: &Value, lines: Lines) -> bool {
    let texts = |names: &[&str]| names.iter().all(|name| value[name].is_string());
    let known = value["schemaVersion"] == 1 && texts(&["recordedAt"]);
    known
        && match lines {
            Lines::Routing => serde_json::from_value::<Telemetry>(value.clone()).is_ok(),
            Lines::Lineage => texts(&["sceneId", "assetPath", "source", "assetType"]),
        }
}

/// Lines of telemetry as the adapting policy reads them, oldest first: sums of the newest, and of every tool how its calls went.
pub fn past(lines: &[Value], window: u32, least: u32) -> Past {
    let records: Vec<Telemetry> = lines.iter().filter_map(|line| serde_json::from_value(line.clone()).ok()).collect();
    let none = Trends { min_records: least, ..Trends::default() };
    let trends = routing::trends::of(&records, window, least).map_or(none, |(trends, _)| trends);
    let mut outcomes: Vec<rank::Outcome> = Vec::new();
    let newest = &lines[lines.len().saturating_sub(window as usize)..];
    for (at, line) in newest.iter().enumerate() {
        for attempt in line["reelwright"]["attempts"].as_array().into_iter().flatten() {
            // What was remembered says nothing of how a tool is.
            let (Some(tool), Some(ms)) = (attempt["tool"].as_str().and_then(|t| ToolId::new(t).ok()), attempt["latency_ms"].as_i64())
            else {
                continue;
            };
            outcomes.push(rank::Outcome {
                tool,
                // Only the order of runs counts.
                at_s: at as i64,
                success: attempt["result"] == "success",
                latency_ms: ms,
                quality_ppm: None,
                cost_micro_usd: MicroUsd(attempt["cost_micro_usd"].as_i64().unwrap_or(0)),
            });
        }
    }
    let tools: BTreeSet<ToolId> = outcomes.iter().map(|o| o.tool.clone()).collect();
    let stats = tools.into_iter().filter_map(|tool| rank::stats(&tool, &outcomes, rank::WINDOW).map(|stats| (tool, stats)));
    Past { trends, stats: stats.collect() }
}

/// What one picture of a run took: milliseconds, or nothing where it was remembered.
pub type Took = BTreeMap<Id, u64>;

/// The visuals of a film: choices for pictures, the shots that show them, and what the policy's gates said.
pub struct Visuals<'a> {
    /// Needs and shots.
    pub manifest: &'a AssetManifest,
    /// Shots.
    pub shots: &'a ShotList,
    /// Choices, all of the run.
    pub decided: &'a [Decided],
    /// What the policy's gates said of them.
    pub gates: &'a [GateOutcome],
    /// Where the choices are kept.
    pub decisions: &'a Hash,
}

impl Visuals<'_> {
    fn pictures(&self) -> impl Iterator<Item = &Decided> {
        self.decided.iter().filter(|d| d.decision.snapshot.request.modality == Modality::Image)
    }

    /// What is seen in a shot, the picture that fills the frame first.
    fn seen(&self, shot: &Shot) -> Vec<&Decided> {
        let need = |decided: &Decided| self.manifest.needs.iter().find(|need| need.id == decided.need_id);
        let mut seen: Vec<(u8, &Decided)> = self.pictures().filter(|d| d.used_by.contains(&shot.id)).map(|d| (place(need(d)), d)).collect();
        seen.sort_by_key(|(place, _)| *place);
        seen.into_iter().map(|(_, decided)| decided).collect()
    }

    /// Shots with what is seen in them; a shot in which nothing was chosen has no line.
    fn scenes(&self) -> impl Iterator<Item = (&Shot, Vec<&Decided>)> {
        self.shots.shots.iter().map(|shot| (shot, self.seen(shot))).filter(|(_, seen)| !seen.is_empty())
    }

    /// `visuals.json` at schema 1.1.0.
    pub fn document(&self) -> Value {
        let mut scenes = Vec::new();
        let (mut held, mut generated, mut fallbacks, mut cost, mut length) = (0, 0, 0, 0, 0.0);
        for (shot, seen) in self.scenes() {
            let main = &seen[0].decision;
            let seconds = self.shots.edit_rate.ms(shot.frames) as f64 / 1_000.0;
            let own = |d: &&Decided| json!({"need": d.need_id, "tool": d.decision.chosen, "content": d.decision.content});
            let mut reasoning = views::match_reasoning(main);
            // The choice is computed again from this file alone.
            reasoning["reelwright"]["decision"] = json!(main);
            let still = shot.movement.kind == MoveKind::Hold;
            held += u64::from(took(main, LIBRARY_PICTURE));
            generated += u64::from(is_generated(main));
            fallbacks += u64::from(is_fallback(main));
            cost += main.cost_micro_usd.0;
            length += seconds;
            scenes.push(json!({
                "sceneId": shot.id, "source": source(main), "assetPath": asset_path(main), "duration": seconds, "assetType": "image",
                "motionStrategy": if still { "none" } else { "depthflow" }, "motionApplied": !still,
                "generationCost": main.cost_micro_usd.0 as f64 / 1e6, "matchReasoning": reasoning,
                "reelwright": {"pictures": seen.iter().map(own).collect::<Vec<_>>()},
            }));
        }
        let mut chain: Vec<&str> = Vec::new();
        for (decision, tool) in self.pictures().flat_map(|d| d.decision.choice.order.iter().map(move |p| (&d.decision, &p.tool))) {
            let name = provider(decision, tool);
            if !chain.contains(&name) {
                chain.push(name);
            }
        }
        let mut document = json!({
            "schemaVersion": "1.1.0", "scenes": scenes, "totalAssets": scenes.len(), "fromUserFootage": held, "fromStock": 0,
            "fallbacks": fallbacks, "fromGenerated": generated, "totalGenerationCost": cost as f64 / 1e6,
            "providerChain": chain, "policyGates": self.gates.iter().map(gate).collect::<Vec<_>>(),
            "reelwright": {
                "project_id": self.shots.project_id, "episode": self.shots.episode, "decisions": self.decisions,
                "gates": self.gates, "cost_micro_usd": cost,
            },
        });
        if length > 0.0 {
            document["totalDuration"] = json!(length);
        }
        if let Some(first) = self.pictures().next() {
            document["reelwright"]["asked_policy"] = json!(first.decision.snapshot.request.policy);
            if !matches!(first.decision.choice.policy, Policy::Adaptive | Policy::Scored) {
                document["providerRoutingPolicy"] = json!(first.decision.choice.policy);
            }
        }
        document
    }

    /// The line of telemetry.
    pub fn telemetry(&self, run: &Id, at: &str, topic: &str, took: &Took) -> Value {
        let timed = |decided: &Decided| {
            let mut decision = decided.decision.clone();
            let last = decision.attempts.len().saturating_sub(1);
            for (n, attempt) in decision.attempts.iter_mut().enumerate() {
                // One step made the picture, whatever it tried: its time stands with the attempt that brought something.
                attempt.latency_ms = took.get(&decided.need_id).copied().map(|ms| if n == last { ms } else { 0 });
            }
            decision
        };
        let decisions: Vec<Decision> = self.pictures().map(timed).collect();
        let mut line = views::telemetry(run.as_str(), at, topic, &decisions);
        line["reelwright"]["project_id"] = json!(self.shots.project_id);
        line["reelwright"]["episode"] = json!(self.shots.episode);
        line["reelwright"]["decisions"] = json!(self.decisions);
        // Which picture an attempt was for is there; in which shots it is seen, and what was taken, stands beside.
        for attempt in line["reelwright"]["attempts"].as_array_mut().into_iter().flatten() {
            if let Some(own) = self.pictures().find(|d| attempt["subject"] == d.decision.snapshot.request.subject.as_str()) {
                attempt["scenes"] = json!(own.used_by);
                if let Some(content) = &own.decision.content {
                    attempt["content"] = json!(content);
                }
            }
        }
        let pictures = || self.pictures().map(|d| &d.decision);
        line["fallbacks"] = json!(pictures().filter(|d| is_fallback(d)).count());
        line["fromGenerated"] = json!(pictures().filter(|d| is_generated(d)).count());
        line["reelwright"]["asked_policy"] = json!(pictures().next().map(|d| d.snapshot.request.policy));
        line["reelwright"]["remembered"] = json!(decisions.len() - took.len().min(decisions.len()));
        line
    }

    /// The lines of lineage.
    pub fn lineage(&self, run: &Id, at: &str, topic: &str) -> Vec<Value> {
        let line = |(shot, seen): (&Shot, Vec<&Decided>)| {
            let main = &seen[0].decision;
            let mut line = views::lineage(run.as_str(), at, &asset_path(main), main);
            line["sceneId"] = json!(shot.id);
            line["source"] = json!(source(main));
            line["topic"] = json!(topic);
            line["isFallback"] = json!(is_fallback(main));
            let own = |d: &&Decided| json!({"need": d.need_id, "tool": d.decision.chosen, "content": d.decision.content});
            line["reelwright"]["need"] = json!(seen[0].need_id);
            line["reelwright"]["pictures"] = json!(seen.iter().map(own).collect::<Vec<_>>());
            line["reelwright"]["project_id"] = json!(self.shots.project_id);
            line
        };
        self.scenes().map(line).collect()
    }
}

/// What the policy asks of a stage, before its work and after. Of pictures it is always asked whether there was a tool for each; of
/// other stages only what the policy names.
pub fn outcomes(stage: &str, decided: &[Decided], policy: &StagePolicy) -> Vec<GateOutcome> {
    let of_stage = |decision: &&Decision| super::stage_of(decision.snapshot.request.modality) == stage;
    let made: Vec<&Decision> = decided.iter().map(|d| &d.decision).filter(of_stage).collect();
    let whole = |n: usize| n as u64;
    let mut outcomes = Vec::new();
    if stage == "visuals" {
        let least = made.iter().map(|d| d.choice.order.len()).min().unwrap_or(1);
        outcomes.push(gates::native::providers_feasible(whole(least), 1));
    }
    if let Some(most) = policy.max_cost {
        let quote = |d: &&Decision| d.choice.order.first().and_then(|p| p.quote_micro_usd).map(|q| q.0);
        let worst = made.iter().map(quote).try_fold(0_i64, |sum, quote| sum.checked_add(quote?));
        outcomes.push(gates::native::worst_cost(worst, most.0));
    }
    let ppm = |share: i64| u32::try_from(share).unwrap_or(u32::MAX);
    if let Some(most) = policy.max_fallback_ppm {
        let fallbacks = made.iter().filter(|d| is_fallback(d)).count();
        outcomes.push(gates::native::fallback_rate(whole(fallbacks), whole(made.len()), ppm(most)));
    }
    if let Some(least) = policy.min_success_ppm {
        let attempts = || made.iter().flat_map(|d| &d.attempts);
        let worked = attempts().filter(|a| a.result == contracts::choice::AttemptResult::Success).count();
        outcomes.push(gates::native::provider_success_rate(whole(worked), whole(attempts().count()), ppm(least)));
    }
    for outcome in &mut outcomes {
        outcome.id = outcome.id.replacen("visuals", stage, 1);
    }
    outcomes
}

/// What fills the frame stands first; a strip with a place's name last.
fn place(need: Option<&Need>) -> u8 {
    match need.map(|need| &need.spec) {
        Some(NeedSpec::Background(_) | NeedSpec::Insert(_)) => 0,
        Some(NeedSpec::Card(card)) if card.card != CardKind::Location => 0,
        Some(NeedSpec::Figure(_)) => 1,
        _ => 2,
    }
}

fn provider<'a>(decision: &'a Decision, tool: &'a ToolId) -> &'a str {
    let found = decision.snapshot.candidates.iter().find(|c| c.tool == *tool);
    found.map_or(tool.as_str(), |c| c.provider.as_str())
}

fn took(decision: &Decision, tool: &str) -> bool {
    decision.chosen.as_ref().is_some_and(|chosen| chosen.as_str() == tool)
}

/// Whether something else stands there than what came first, or nothing, or what only stands in; of work that is done.
fn is_fallback(decision: &Decision) -> bool {
    if decision.attempts.is_empty() {
        return false;
    }
    decision.chosen.is_none() || decision.chosen != decision.choice.first || took(decision, STAND_IN)
}

fn is_generated(decision: &Decision) -> bool {
    let tool = decision.snapshot.candidates.iter().find(|c| decision.chosen.as_ref() == Some(&c.tool));
    tool.is_some_and(|c| c.tier == "generate" && c.tool.as_str() != STAND_IN)
}

/// Where a picture came from, in the original's eight words: what this machine holds or made is the user's.
fn source(decision: &Decision) -> &'static str {
    if decision.chosen.is_none() || took(decision, STAND_IN) { "fallback-color" } else { "user-footage" }
}

/// The address of what is seen.
fn asset_path(decision: &Decision) -> String {
    decision.content.as_ref().map_or_else(|| "none".to_owned(), |hash| format!("sha256:{hash}"))
}

/// A gate's outcome as content-machine writes it: shares are of one, money is in dollars.
fn gate(outcome: &GateOutcome) -> Value {
    let number = |n: i64| match outcome.unit.as_deref() {
        Some("ppm" | "micro_usd") => json!(n as f64 / 1e6),
        _ => json!(n),
    };
    let mut told = json!({
        "id": outcome.id, "stage": if outcome.stage == GateStage::Pre { "pre" } else { "post" },
        "status": if outcome.status == GateStatus::Pass { "pass" } else { "fail" }, "message": outcome.message,
    });
    for (name, value) in [("metric", outcome.metric), ("threshold", outcome.threshold)] {
        if let Some(value) = value {
            told[name] = number(value);
        }
    }
    told
}

/// Appends lines, each whole and none between the words of another's.
pub fn append(path: &Path, lines: &[Value]) -> std::io::Result<()> {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    append_line(path, &text)
}
