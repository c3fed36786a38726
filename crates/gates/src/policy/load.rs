//! How a policy is loaded: bounded, parsed, its checks read, tried on every sample.

use std::{collections::BTreeSet, num::NonZeroU32, time::Duration};

use contracts::promise::GateStage;
use regorus::{Engine, Value as Rego, utils::limits::ExecutionTimerConfig};
use serde::Deserialize;
use serde_json::Value;

use super::{Gate, MAX_SOURCE, Source, evaluate, first_lines};

/// The deepest nesting of brackets in a policy, and the most operators in a row: the engine's parser goes down one step for each,
/// and would end the program where a thread's stack does (measured: some hundreds of steps in 2 MiB, unoptimised).
const MAX_DEPTH: usize = 32;
const MAX_CHAIN: usize = 100;
/// What makes an expression one step deeper.
const STEPS: &str = "+-*/%|&=<>!.[(";
/// What a line begins with that goes on with the line before it.
const GOES_ON: &str = "+-*/%|&=<>!.[(])";

/// Functions whose answer is not made of the input alone: the same facts would get another verdict.
const BANNED: &[&str] = &["rand.", "time.", "http.", "net.", "uuid.", "opa.", "rego.", "print(", "trace("];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Samples {
    samples: Vec<Sample>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    name: String,
    input: Value,
    failed: BTreeSet<String>,
}

/// The tables, as the engine holds them.
pub(super) fn tables(text: &str) -> Result<Rego, String> {
    sized("the tables", text)?;
    let value: Value = serde_json::from_str(text).map_err(|e| format!("not valid JSON: {e}"))?;
    if !value.is_object() {
        return Err("expected a JSON object".into());
    }
    Rego::from_json_str(text).map_err(|e| first_lines(&e.to_string()))
}

fn sized(what: &str, text: &str) -> Result<(), String> {
    if text.len() <= MAX_SOURCE {
        return Ok(());
    }
    Err(format!("{what} has {} bytes, at most {MAX_SOURCE} are read: divide it into several gates", text.len()))
}

/// Loads one policy and tries it on its samples.
pub(super) fn gate(source: &Source<'_>, tables: &Rego, limit: Duration) -> Result<Gate, String> {
    let name = source.name;
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
        return Err("a name holds lower-case letters and `_` only".into());
    }
    sized("the policy", source.rego)?;
    sized("the samples", source.samples)?;
    text(source.rego)?;
    let mut engine = Engine::new();
    let step = NonZeroU32::new(100).unwrap_or(NonZeroU32::MIN);
    engine.set_execution_timer_config(ExecutionTimerConfig { limit, check_interval: step });
    engine.set_strict_builtin_errors(true);
    let package = engine.add_policy(format!("{name}.rego"), source.rego.to_owned()).map_err(|e| first_lines(&e.to_string()))?;
    if package != format!("data.reel.gates.{name}") {
        return Err(format!("its package is `{package}`, expected `package reel.gates.{name}`"));
    }
    engine.add_data(tables.clone()).map_err(|e| first_lines(&e.to_string()))?;
    let mut ask = |rule: &str| {
        evaluate(&mut engine, &format!("data.reel.gates.{name}.{rule}")).map_err(|e| format!("its `{rule}` cannot be read: {e}"))
    };
    let stage = match ask("stage")?.as_string().map(|s| s.to_string()).unwrap_or_default().as_str() {
        "pre" => GateStage::Pre,
        "post" => GateStage::Post,
        other => return Err(format!("its stage is `{other}`, expected \"pre\" or \"post\"")),
    };
    let said = ask("checks")?;
    let said = said.as_set().map_err(|_| "its `checks` are no set of names".to_owned())?;
    let checks: Option<BTreeSet<String>> = said.iter().map(|c| c.as_string().ok().map(|s| s.to_string())).collect();
    let checks = checks.filter(|c| !c.is_empty()).ok_or("its `checks` are no set of names, or an empty one")?;
    let gate = Gate { engine, stage, checks };
    try_out(&gate, source)?;
    Ok(gate)
}

/// What a look at the text alone refuses: brackets too deep for the engine's parser, and functions of the world outside.
pub(crate) fn text(rego: &str) -> Result<(), String> {
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    let (mut code, mut chain, mut goes_on) = (String::new(), 0_usize, false);
    for (number, line) in rego.lines().enumerate() {
        code.clear();
        for c in line.chars() {
            match quote {
                Some(_) if escaped => escaped = false,
                Some('"') if c == '\\' => escaped = true,
                Some(q) if c == q => quote = None,
                Some(_) => {}
                None if c == '#' => break,
                None if c == '"' || c == '`' => quote = Some(c),
                None => code.push(c),
            }
            if quote.is_none() {
                match c {
                    '(' | '[' | '{' => depth += 1,
                    ')' | ']' | '}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                if depth > MAX_DEPTH {
                    return Err(format!("line {}: brackets are nested deeper than {MAX_DEPTH}", number + 1));
                }
            }
        }
        // Only a raw string goes on in the next line.
        (quote, escaped) = (quote.filter(|q| *q == '`'), false);
        // An expression goes on in the next line only at a sign, or inside brackets that are not those of a rule.
        let trimmed = code.trim();
        let (first, last) = (trimmed.chars().next(), trimmed.chars().next_back());
        if !goes_on && !first.is_some_and(|c| GOES_ON.contains(c)) && !trimmed.is_empty() {
            chain = 0;
        }
        chain += trimmed.chars().filter(|c| STEPS.contains(*c)).count();
        goes_on = depth > 2 || last.map_or(goes_on, |c| STEPS.contains(c));
        if chain > MAX_CHAIN {
            return Err(format!("line {}: more than {MAX_CHAIN} steps in one expression: name its parts", number + 1));
        }
        for banned in BANNED {
            let called = code.match_indices(banned).any(|(at, _)| {
                let before = code[..at].chars().next_back();
                !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '.')
            });
            if called {
                return Err(format!("line {}: `{banned}` may not be used: the same facts must get the same verdict", number + 1));
            }
        }
    }
    Ok(())
}

fn try_out(gate: &Gate, source: &Source<'_>) -> Result<(), String> {
    let Samples { samples } = serde_json::from_str(source.samples).map_err(|e| format!("its samples cannot be read: {e}"))?;
    let mut failed_once = BTreeSet::new();
    let mut passed = false;
    for sample in &samples {
        // An error is a deny in use, and a fault of the policy here.
        let answers = gate.answers(source.name, &sample.input).map_err(|why| format!("sample `{}`: {why}", sample.name))?;
        let outcomes = gate.outcomes(source.name, &Ok(answers));
        let skip = source.name.len() + 1;
        let failed: BTreeSet<String> = outcomes.iter().filter(|o| !o.passes()).map(|o| o.id[skip..].to_owned()).collect();
        if failed != sample.failed {
            return Err(format!("sample `{}` fails {failed:?}, expected {:?}", sample.name, sample.failed));
        }
        passed |= failed.is_empty();
        failed_once.extend(failed);
    }
    if !passed {
        return Err("no sample passes whole: add one, so that a gate that denies everything is found".into());
    }
    match gate.checks.difference(&failed_once).next() {
        Some(check) => Err(format!("no sample fails `{check}`: add one, so that a check that denies nothing is found")),
        None => Ok(()),
    }
}
