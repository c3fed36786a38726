//! One policy file across script, audio, visuals and render (000-15): what content-machine's file says of visuals, said of every
//! stage. Both of its versions are read; a key that nobody knows is refused. Dollars become whole micro-dollars, exactly.

use std::collections::BTreeMap;

use contracts::MicroUsd;
use contracts::choice::{Policy, ToolId, WHOLE};
use serde::Serialize;
use serde_json::{Map, Value};

/// The most bytes of a policy file.
pub const MAX_BYTES: usize = 1024 * 1024;

/// The stages a policy file speaks of.
pub const STAGES: [&str; 4] = ["script", "audio", "visuals", "render"];

/// What is wrong with a policy file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {message}")]
pub struct PolicyFileError {
    /// Where, as a JSON pointer; `/` is the file as a whole.
    pub pointer: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

fn fault(pointer: &str, message: impl Into<String>) -> PolicyFileError {
    PolicyFileError { pointer: if pointer.is_empty() { "/".into() } else { pointer.into() }, message: message.into() }
}

/// What a file says of one stage. What it does not say is left to the file below it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StagePolicy {
    /// Tools or providers, first to last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_chain: Option<Vec<ToolId>>,
    /// How to order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing_policy: Option<Policy>,
    /// The most that may be spent in this stage.
    #[serde(rename = "max_cost_micro_usd", skip_serializing_if = "Option::is_none")]
    pub max_cost: Option<MicroUsd>,
    /// Whether a gate that fails blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enforce: Option<bool>,
    /// The largest share of fallbacks, parts per million.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_fallback_ppm: Option<i64>,
    /// The smallest share of calls that work, parts per million.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_success_ppm: Option<i64>,
    /// How many runs `adaptive` looks back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adaptive_window: Option<u32>,
    /// How many of them it needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_records: Option<u32>,
}

/// What `adaptive` looks back where no file says otherwise.
pub const ADAPTIVE_WINDOW: u32 = 200;

/// What it needs where no file says otherwise.
pub const MIN_RECORDS: u32 = 20;

/// A policy file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PolicyFile {
    /// By stage.
    pub stages: BTreeMap<&'static str, StagePolicy>,
}

impl PolicyFile {
    /// This file over another: what this one says wins, field by field. Project file < workflow file < flags.
    pub fn over(mut self, below: &Self) -> Self {
        for (stage, under) in &below.stages {
            let own = self.stages.entry(stage).or_default();
            let under = under.clone();
            own.provider_chain = own.provider_chain.take().or(under.provider_chain);
            own.routing_policy = own.routing_policy.or(under.routing_policy);
            own.max_cost = own.max_cost.or(under.max_cost);
            own.enforce = own.enforce.or(under.enforce);
            own.max_fallback_ppm = own.max_fallback_ppm.or(under.max_fallback_ppm);
            own.min_success_ppm = own.min_success_ppm.or(under.min_success_ppm);
            own.adaptive_window = own.adaptive_window.or(under.adaptive_window);
            own.min_records = own.min_records.or(under.min_records);
        }
        self
    }

    /// What it says of a stage.
    pub fn stage(&self, stage: &str) -> StagePolicy {
        self.stages.get(stage).cloned().unwrap_or_default()
    }
}

/// A chain as it is asked for on the command line (public-projects 1.7): a comma chain stands alone; one provider is followed by
/// the flag's fallbacks and the file's, each once.
pub fn chain(provider: Option<&str>, flag: Option<&str>, file: &[ToolId]) -> Result<Vec<ToolId>, String> {
    let parts = |text: &str| -> Result<Vec<ToolId>, String> {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(ToolId::new).collect()
    };
    let mut chain = provider.map(parts).transpose()?.unwrap_or_default();
    if !provider.is_some_and(|p| p.contains(',')) {
        chain.extend(flag.map(parts).transpose()?.unwrap_or_default());
        chain.extend(file.iter().cloned());
    }
    let mut once = Vec::with_capacity(chain.len());
    for name in chain {
        if !once.contains(&name) {
            once.push(name);
        }
    }
    Ok(once)
}

/// Reads a policy file.
pub fn parse(text: &str) -> Result<PolicyFile, PolicyFileError> {
    if text.len() > MAX_BYTES {
        return Err(fault("", format!("{} bytes; a policy file has at most {MAX_BYTES}", text.len())));
    }
    let value: Value = serde_json::from_str(text).map_err(|e| fault("", format!("not valid JSON: {e}")))?;
    let file = table(&value, "", &[&["schemaVersion"][..], &STAGES].concat())?;
    if let Some(version) = file.get("schemaVersion").filter(|v| **v != 1 && **v != "1.0.0") {
        return Err(fault("/schemaVersion", format!("{version}: this build reads 1 and \"1.0.0\"")));
    }
    let mut stages = BTreeMap::new();
    for stage in STAGES {
        if let Some(value) = file.get(stage) {
            stages.insert(stage, read_stage(value, &format!("/{stage}"))?);
        }
    }
    Ok(PolicyFile { stages })
}

/// An object with no other keys than these.
fn table<'a>(value: &'a Value, at: &str, keys: &[&str]) -> Result<&'a Map<String, Value>, PolicyFileError> {
    let map = value.as_object().ok_or_else(|| fault(at, "expected an object"))?;
    match map.keys().find(|key| !keys.contains(&key.as_str())) {
        Some(key) => {
            let key = key.chars().take(60).collect::<String>().replace('~', "~0").replace('/', "~1");
            Err(fault(&format!("{at}/{key}"), format!("no such key; there are {}", keys.join(", "))))
        }
        None => Ok(map),
    }
}

fn read_stage(value: &Value, at: &str) -> Result<StagePolicy, PolicyFileError> {
    let map = table(value, at, &["providerChain", "routingPolicy", "maxGenerationCostUsd", "gates", "evaluation"])?;
    let mut stage = StagePolicy::default();
    if let Some(names) = map.get("providerChain") {
        let at = format!("{at}/providerChain");
        let names = names.as_array().filter(|n| !n.is_empty()).ok_or_else(|| fault(&at, "expected at least one name"))?;
        let name =
            |(n, value): (usize, &Value)| ToolId::new(value.as_str().unwrap_or_default()).map_err(|why| fault(&format!("{at}/{n}"), why));
        stage.provider_chain = Some(names.iter().enumerate().map(name).collect::<Result<_, _>>()?);
    }
    if let Some(policy) = map.get("routingPolicy") {
        let name = policy.as_str().unwrap_or_default();
        stage.routing_policy = Some(crate::policy(name).map_err(|why| fault(&format!("{at}/routingPolicy"), why.to_string()))?);
    }
    stage.max_cost = map.get("maxGenerationCostUsd").map(|v| dollars(v, &format!("{at}/maxGenerationCostUsd"))).transpose()?;
    if let Some(gates) = map.get("gates") {
        let at = format!("{at}/gates");
        let gates = table(gates, &at, &["enforce", "maxFallbackRate", "minProviderSuccessRate"])?;
        if let Some(enforce) = gates.get("enforce") {
            stage.enforce = Some(enforce.as_bool().ok_or_else(|| fault(&format!("{at}/enforce"), "expected true or false"))?);
        }
        let share = |name: &str| gates.get(name).map(|v| share(v, &format!("{at}/{name}"))).transpose();
        stage.max_fallback_ppm = share("maxFallbackRate")?;
        stage.min_success_ppm = share("minProviderSuccessRate")?;
    }
    if let Some(evaluation) = map.get("evaluation") {
        let at = format!("{at}/evaluation");
        let evaluation = table(evaluation, &at, &["adaptiveWindow", "minRecords"])?;
        let count = |name: &str| {
            let count = |v: &Value| {
                let whole = v.as_u64().filter(|n| (1..=1_000_000).contains(n)).and_then(|n| u32::try_from(n).ok());
                whole.ok_or_else(|| fault(&format!("{at}/{name}"), format!("{v}: expected a whole number, 1 to 1000000")))
            };
            evaluation.get(name).map(count).transpose()
        };
        stage.adaptive_window = count("adaptiveWindow")?;
        stage.min_records = count("minRecords")?;
    }
    Ok(stage)
}

/// A decimal number in millionths, exactly, or nothing where it has more than six digits behind the point: US dollars as
/// micro-dollars, shares as parts per million.
pub fn millionths(value: &Value) -> Option<i64> {
    let text = value.as_number()?.to_string();
    let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((&text, "0"));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let shift = exponent.parse::<i32>().ok()? + 6 - i32::try_from(fraction.len()).ok()?;
    let number: i128 = format!("{whole}{fraction}").parse().ok()?;
    let power = 10_i128.checked_pow(shift.unsigned_abs())?;
    let scaled = if shift >= 0 { number.checked_mul(power)? } else { (number % power == 0).then_some(number / power)? };
    i64::try_from(scaled).ok()
}

fn dollars(value: &Value, at: &str) -> Result<MicroUsd, PolicyFileError> {
    let most = 1_000_000_000_000;
    let money = millionths(value).filter(|m| (0..=most).contains(m));
    money
        .map(MicroUsd)
        .ok_or_else(|| fault(at, format!("{value}: expected US dollars, 0 to 1000000, with at most six digits behind the point")))
}

fn share(value: &Value, at: &str) -> Result<i64, PolicyFileError> {
    let share = millionths(value).filter(|m| (0..=WHOLE).contains(m));
    share.ok_or_else(|| fault(at, format!("{value}: expected a share, 0 to 1, with at most six digits behind the point")))
}
