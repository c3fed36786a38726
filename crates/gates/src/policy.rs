//! Policies in Rego over JSON (requirements 003-9, 002-34): the only user of the Rego engine.
//!
//! A policy is a package `reel.gates.NAME` that names its `stage` (`"pre"` or `"post"`) and its `checks`, and answers in one set,
//! `outcomes`, of `{id, pass, message, metric?, threshold?, unit?}`. **Every check must be answered with `pass: true`**: one that is
//! not answered, because a fact is missing or has another type, is denied like one that is answered with no. So is everything when
//! evaluating fails, is stopped at its time limit, or gives something that is no answer.
//!
//! A policy is loaded with samples (`{"samples": [{name, input, failed: [check]}]}`): each is evaluated then and there, because an
//! unsafe variable, an unknown function or a typo shows only when a rule is evaluated. There must be a sample that passes whole, and
//! for every check one in which it fails.

pub(crate) mod load;

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::OnceLock,
    time::Duration,
};

use contracts::{
    Hash,
    promise::{GateOutcome, GateStage, GateStatus},
};
use regorus::{Engine, Value as Rego};
use serde_json::Value;

/// The longest policy or samples file that is read, bytes.
pub const MAX_SOURCE: usize = 256 * 1024;
/// The longest input, as JSON, bytes.
pub const MAX_INPUT: usize = 1024 * 1024;
/// How long one evaluation may take.
pub const TIME_LIMIT: Duration = Duration::from_millis(200);
/// The most answers a gate may give.
const MAX_OUTCOMES: usize = 1_000;

/// A policy as it is written.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The name of its gate: the file's name without its ending, and the last part of its package.
    pub name: &'a str,
    /// The Rego text.
    pub rego: &'a str,
    /// Its samples, JSON.
    pub samples: &'a str,
}

/// What is wrong with a policy; nothing of it was loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("policy `{name}`: {message}")]
pub struct PolicyError {
    /// The policy, or `tables`.
    pub name: String,
    /// What happened, and what to do.
    pub message: String,
}

#[derive(Debug)]
struct Gate {
    engine: Engine,
    stage: GateStage,
    checks: BTreeSet<String>,
}

/// Policies that have been loaded and tried on their samples.
#[derive(Debug)]
pub struct Policies {
    gates: BTreeMap<String, Gate>,
    fingerprint: Hash,
}

macro_rules! shipped {
    ($($name:literal),*) => {
        &[$(Source {
            name: $name,
            rego: include_str!(concat!("../../../policies/gates/", $name, ".rego")),
            samples: include_str!(concat!("../../../policies/gates/", $name, ".json")),
        }),*]
    };
}

/// The policies that are shipped.
pub const SHIPPED: &[Source<'static>] = shipped!["pre_execution", "selection", "budget", "data_class", "roles"];
/// The tables they read, as `data.gates`.
pub const TABLES: &str = include_str!("../../../policies/gates/tables.json");

impl Policies {
    /// The shipped policies, loaded once a process.
    pub fn shipped() -> Result<&'static Self, &'static PolicyError> {
        static LOADED: OnceLock<Result<Policies, PolicyError>> = OnceLock::new();
        LOADED.get_or_init(|| Self::load(SHIPPED, TABLES)).as_ref()
    }

    /// Loads policies over one set of tables (a JSON object, `data` of every policy), and tries each on its samples.
    pub fn load(sources: &[Source<'_>], tables: &str) -> Result<Self, PolicyError> {
        Self::load_within(sources, tables, TIME_LIMIT)
    }

    /// As [`Policies::load`], with another time limit for one evaluation.
    pub fn load_within(sources: &[Source<'_>], tables: &str, limit: Duration) -> Result<Self, PolicyError> {
        let fault = |name: &str, message: String| PolicyError { name: name.to_owned(), message };
        let data = load::tables(tables).map_err(|m| fault("tables", m))?;
        let mut gates = BTreeMap::new();
        let mut parts = vec![tables];
        for source in sources {
            let gate = load::gate(source, &data, limit).map_err(|m| fault(source.name, m))?;
            if gates.insert(source.name.to_owned(), gate).is_some() {
                return Err(fault(source.name, "there are two of this name".into()));
            }
            parts.extend([source.name, source.rego]);
        }
        // Lengths stand before the parts, so that no text can pass from one into the next.
        let text: String = parts.iter().map(|p| format!("{}:{p}", p.len())).collect();
        Ok(Self { gates, fingerprint: Hash::of(text.as_bytes()) })
    }

    /// The address of the policies and their tables, for the keys of what rests on them.
    pub fn fingerprint(&self) -> &Hash {
        &self.fingerprint
    }

    /// The gates, and the checks of each.
    pub fn gates(&self) -> impl Iterator<Item = (&str, &BTreeSet<String>)> {
        self.gates.iter().map(|(name, gate)| (name.as_str(), &gate.checks))
    }

    /// Asks one gate. There is one outcome a check, in order of their names, `GATE.CHECK`; a gate that there is none of, or that
    /// cannot be asked, gives failed ones.
    pub fn judge(&self, gate: &str, input: &Value) -> Vec<GateOutcome> {
        match self.gates.get(gate) {
            Some(known) => known.judge(gate, input),
            None => vec![GateOutcome {
                id: format!("{gate}.missing"),
                stage: GateStage::Pre,
                status: GateStatus::Fail,
                message: format!("no policy is named `{gate}`; policies are {}", self.gates.keys().cloned().collect::<Vec<_>>().join(", ")),
                metric: None,
                threshold: None,
                unit: None,
            }],
        }
    }
}

/// Whether outcomes let work pass: there is one, and none failed.
pub fn allows(outcomes: &[GateOutcome]) -> bool {
    !outcomes.is_empty() && outcomes.iter().all(GateOutcome::passes)
}

/// One answer of a policy.
struct Answer {
    pass: bool,
    message: String,
    metric: Option<i64>,
    threshold: Option<i64>,
    unit: Option<String>,
}

impl Gate {
    fn judge(&self, name: &str, input: &Value) -> Vec<GateOutcome> {
        self.outcomes(name, &self.answers(name, input))
    }

    fn outcomes(&self, name: &str, answers: &Result<Vec<(String, Answer)>, String>) -> Vec<GateOutcome> {
        self.checks
            .iter()
            .map(|check| {
                let denied = |message: String| Answer { pass: false, message, metric: None, threshold: None, unit: None };
                let answer = match answers {
                    Err(why) => denied(format!("the policy could not be asked: {why}")),
                    Ok(found) => {
                        // What is answered twice passes only when both say so.
                        let mut mine = found.iter().filter(|(id, _)| id == check).map(|(_, answer)| answer);
                        let first = mine.next();
                        match mine.find(|a| !a.pass).filter(|_| first.is_some_and(|f| f.pass)).or(first) {
                            None => denied("the policy gives no answer: a fact it rests on is missing or has another type".into()),
                            Some(Answer { pass, message, metric, threshold, unit }) => {
                                Answer { pass: *pass, message: message.clone(), metric: *metric, threshold: *threshold, unit: unit.clone() }
                            }
                        }
                    }
                };
                GateOutcome {
                    id: format!("{name}.{check}"),
                    stage: self.stage,
                    status: if answer.pass { GateStatus::Pass } else { GateStatus::Fail },
                    message: answer.message,
                    metric: answer.metric,
                    threshold: answer.threshold,
                    unit: answer.unit,
                }
            })
            .collect()
    }

    /// The one evaluation of a gate. An error is a reason to deny everything.
    fn answers(&self, name: &str, input: &Value) -> Result<Vec<(String, Answer)>, String> {
        let text = serde_json::to_string(input).map_err(|e| format!("the input is no JSON: {e}"))?;
        if text.len() > MAX_INPUT {
            return Err(format!("the input has {} bytes, at most {MAX_INPUT} are read", text.len()));
        }
        let input = Rego::from_json_str(&text).map_err(|e| format!("the input cannot be read: {e}"))?;
        let mut engine = self.engine.clone();
        engine.set_input(input);
        let set = evaluate(&mut engine, &format!("data.reel.gates.{name}.outcomes"))
            .map_err(|e| format!("its `outcomes` cannot be read: {e}"))?;
        let items = set.as_set().map_err(|_| "`outcomes` is no set".to_owned())?;
        if items.len() > MAX_OUTCOMES {
            return Err(format!("it gives {} answers, at most {MAX_OUTCOMES} are read", items.len()));
        }
        items.iter().map(|item| self.answer(item)).collect()
    }

    fn answer(&self, item: &Rego) -> Result<(String, Answer), String> {
        let text = |field: &str| item[field].as_string().ok().map(|s| s.to_string());
        let id = text("id").ok_or("an answer has no `id`")?;
        if !self.checks.contains(&id) {
            return Err(format!("it answers `{id}`, which is none of its checks"));
        }
        let pass = *item["pass"].as_bool().map_err(|_| format!("its answer `{id}` says neither yes nor no"))?;
        let number = |field: &str| item[field].as_i64().ok();
        let message = text("message").unwrap_or_default();
        Ok((id, Answer { pass, message, metric: number("metric"), threshold: number("threshold"), unit: text("unit") }))
    }
}

/// Evaluates a rule; a fault of the engine itself is an error like any other.
pub(crate) fn evaluate(engine: &mut Engine, rule: &str) -> Result<Rego, String> {
    let caught = catch_unwind(AssertUnwindSafe(|| engine.eval_rule(rule.to_owned())));
    match caught {
        Ok(Ok(Rego::Undefined)) => Err(format!("`{rule}` is undefined")),
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(first_lines(&error.to_string())),
        Err(_) => Err("the engine failed".into()),
    }
}

pub(crate) fn first_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    lines.join(" ").chars().take(400).collect()
}
