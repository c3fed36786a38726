//! Rules of a story's world, written in Rego by its author, over the facts of an episode (requirement 002-5.2).
//!
//! A rule says of what it is asked (the scenes, the beats, the lines or the episode) and when it is **kept**: one or several bodies of
//! Rego over `it`, of which one has to hold. What is not kept is broken: so an undefined value breaks a rule, and so does an error.
//! All rules are asked in one evaluation of one set, `kept`; only when that fails are they asked one by one, to name the one at fault.
//!
//! The text of a rule is not trusted. It may hold a query and nothing else: no rule of its own, no import, no other data; functions
//! from a short list; fields an episode has, so that a slip of the pen is found when the rule is loaded and not never.

use std::{collections::BTreeSet, num::NonZeroU32, time::Duration};

use contracts::canon::{RuleOf, WorldRule};
use regorus::{Engine, Value as Rego, utils::limits::ExecutionTimerConfig};
use serde_json::{Value, json};

use crate::policy::{MAX_INPUT, evaluate, first_lines, load};

/// The most rules with a policy a world may have.
pub const MAX_RULES: usize = 64;
/// The most bodies of a rule, and the longest one, bytes.
pub const MAX_BODIES: usize = 16;
/// The longest body, bytes.
pub const MAX_BODY: usize = 2_000;
/// How long all rules may take over one episode.
pub const TIME_LIMIT: Duration = Duration::from_millis(500);

/// Functions a rule may call: each is a plain function of its arguments, and none makes much of little.
const FUNCTIONS: &[&str] = &[
    "count",
    "sum",
    "max",
    "min",
    "abs",
    "ceil",
    "floor",
    "round",
    "lower",
    "upper",
    "contains",
    "startswith",
    "endswith",
    "trim",
    "split",
    "replace",
    "substring",
    "indexof",
    "to_number",
    "is_number",
    "is_string",
    "is_null",
    "sort",
    "object.get",
    "array.concat",
];
/// Words that would make more of a body than a query.
const REFUSED: &[&str] = &["package", "import", "default", "data", "with", "if", "else"];
/// Words that stand before a bracket and are no function.
const WORDS: &[&str] = &["in", "some", "every", "not", "and", "or"];

/// What is wrong with the rules of a world.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the rule {rule}: {message}")]
pub struct RuleError {
    /// Which.
    pub rule: String,
    /// What, and what is allowed.
    pub message: String,
}

/// A rule that does not hold somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which rule.
    pub rule: String,
    /// The scene, beat or line; `episode` for the whole of it.
    pub at: String,
    /// Why it could not be asked, when that is what is wrong.
    pub fault: Option<String>,
}

/// The rules of a world that have a policy, loaded and tried.
#[derive(Debug)]
pub struct Rules {
    rules: Vec<WorldRule>,
    engine: Option<Engine>,
}

/// The list of an episode's facts a rule is asked of.
fn list(of: RuleOf) -> &'static str {
    match of {
        RuleOf::Scene => "scenes",
        RuleOf::Beat => "beats",
        RuleOf::Line => "lines",
        RuleOf::Episode => "episode",
    }
}

impl Rules {
    /// Loads rules, each tried on an episode with every field and on one with nothing in it. A world without policies has nothing to
    /// ask.
    ///
    /// # Errors
    /// Every rule that cannot be used, with the reason.
    pub fn load(rules: &[WorldRule]) -> Result<Self, Vec<RuleError>> {
        let rules: Vec<WorldRule> = rules.iter().filter(|r| r.policy.is_some()).cloned().collect();
        if rules.is_empty() {
            return Ok(Self { rules, engine: None });
        }
        if rules.len() > MAX_RULES {
            let message = format!("the world has {} rules with a policy, at most {MAX_RULES} are asked", rules.len());
            return Err(vec![RuleError { rule: rules[MAX_RULES].id.to_string(), message }]);
        }
        let mut faults = Vec::new();
        for rule in &rules {
            let tried = engine(std::slice::from_ref(rule)).and_then(|e| asked(&e, &sample()).and_then(|_| asked(&e, &nothing())));
            if let Err(message) = tried {
                faults.push(RuleError { rule: rule.id.to_string(), message });
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let engine = engine(&rules).map_err(|message| vec![RuleError { rule: "all together".into(), message }])?;
        Ok(Self { rules, engine: Some(engine) })
    }

    /// Whether there is a rule to ask.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Names of the world a rule speaks of: every text in quotation marks.
    pub fn names(&self) -> BTreeSet<String> {
        let bodies = self.rules.iter().filter_map(|r| r.policy.as_ref()).flat_map(|p| &p.kept);
        bodies.filter_map(|body| code(body).ok()).flat_map(|read| read.quoted).collect()
    }

    /// Every rule that is broken, and where, over the facts of an episode: an object with `episode`, `scenes`, `beats` and `lines`,
    /// each entry with its `id`.
    pub fn broken(&self, facts: &Value) -> Vec<Broken> {
        let Some(together) = &self.engine else { return vec![] };
        let kept = match asked(together, facts) {
            Ok(kept) => kept,
            Err(why) => return self.one_by_one(facts, &why),
        };
        let mut broken = Vec::new();
        for rule in &self.rules {
            let Some(policy) = &rule.policy else { continue };
            for id in ids(facts, policy.of) {
                if !kept.contains(&(rule.id.to_string(), id.clone())) {
                    broken.push(Broken { rule: rule.id.to_string(), at: id, fault: None });
                }
            }
        }
        broken
    }

    /// The rules that cannot be asked. When each can, but not all together, none passes.
    fn one_by_one(&self, facts: &Value, why: &str) -> Vec<Broken> {
        let alone = |rule: &WorldRule| engine(std::slice::from_ref(rule)).and_then(|e| asked(&e, facts)).err();
        let fault = |rule: &WorldRule, why: String| Broken { rule: rule.id.to_string(), at: "episode".into(), fault: Some(why) };
        // The first at fault is enough: each may take the whole time there is.
        let first = self.rules.iter().find_map(|rule| alone(rule).map(|why| fault(rule, why)));
        first.map_or_else(|| self.rules.iter().map(|rule| fault(rule, why.to_owned())).collect(), |one| vec![one])
    }
}

fn ids(facts: &Value, of: RuleOf) -> Vec<String> {
    match of {
        RuleOf::Episode => vec!["episode".into()],
        _ => facts[list(of)].as_array().into_iter().flatten().filter_map(|e| e["id"].as_str().map(str::to_owned)).collect(),
    }
}

/// The engine over one module of these rules.
fn engine(rules: &[WorldRule]) -> Result<Engine, String> {
    let mut module = String::from("package reel.world\n\n");
    for rule in rules {
        let Some(policy) = &rule.policy else { continue };
        if policy.kept.is_empty() || policy.kept.len() > MAX_BODIES {
            return Err(format!("`kept` has {} bodies, expected 1 to {MAX_BODIES}", policy.kept.len()));
        }
        let some = match policy.of {
            RuleOf::Episode => "it := input.episode".to_owned(),
            of => format!("some it in input.{}", list(of)),
        };
        for body in &policy.kept {
            readable(body)?;
            module.push_str(&format!("kept contains [\"{}\", it.id] if {{\n\t{some}\n\t{}\n}}\n\n", rule.id, body.trim()));
        }
    }
    load::text(&module)?;
    let mut engine = Engine::new();
    engine.set_execution_timer_config(ExecutionTimerConfig {
        limit: TIME_LIMIT,
        check_interval: NonZeroU32::new(100).unwrap_or(NonZeroU32::MIN),
    });
    engine.set_strict_builtin_errors(true);
    engine.add_policy("rules.rego".into(), module).map_err(|e| first_lines(&e.to_string()))?;
    Ok(engine)
}

/// The one evaluation: (rule, id) of all that is kept.
fn asked(engine: &Engine, facts: &Value) -> Result<BTreeSet<(String, String)>, String> {
    let text = serde_json::to_string(facts).map_err(|e| format!("the facts are no JSON: {e}"))?;
    if text.len() > MAX_INPUT {
        return Err(format!("the facts of the episode have {} bytes, at most {MAX_INPUT} are read", text.len()));
    }
    let mut engine = engine.clone();
    engine.set_input(Rego::from_json_str(&text).map_err(|e| format!("the facts cannot be read: {e}"))?);
    let set = evaluate(&mut engine, "data.reel.world.kept")?;
    let set = set.as_set().map_err(|_| "`kept` is no set".to_owned())?;
    let pair = |item: &Rego| {
        let part = |n: usize| item[n].as_string().ok().map(|s| s.to_string());
        part(0).zip(part(1))
    };
    Ok(set.iter().filter_map(pair).collect())
}

/// A body without what stands in quotation marks and comments, and what stood in quotation marks.
struct Code {
    bare: String,
    quoted: Vec<String>,
}

fn code(body: &str) -> Result<Code, String> {
    let (mut bare, mut quoted) = (String::new(), Vec::new());
    let mut chars = body.chars();
    let mut depth = Vec::new();
    while let Some(c) = chars.next() {
        match c {
            '"' | '`' => {
                let mut text = String::new();
                loop {
                    match chars.next() {
                        Some('\\') if c == '"' => text.extend(chars.next()),
                        Some(end) if end == c => break,
                        Some('\n') | None if c == '"' => return Err("a quotation mark is never closed".into()),
                        None => return Err("a quotation mark is never closed".into()),
                        Some(other) => text.push(other),
                    }
                }
                quoted.push(text);
                bare.push('"');
            }
            '#' => {
                for rest in chars.by_ref() {
                    if rest == '\n' {
                        break;
                    }
                }
                bare.push('\n');
            }
            _ => {
                match c {
                    '(' | '[' | '{' => depth.push(c),
                    ')' | ']' | '}' => {
                        let open = match c {
                            ')' => '(',
                            ']' => '[',
                            _ => '{',
                        };
                        if depth.pop() != Some(open) {
                            return Err(format!("`{c}` closes nothing that was opened in it"));
                        }
                    }
                    _ => {}
                }
                bare.push(c);
            }
        }
    }
    if let Some(open) = depth.pop() {
        return Err(format!("`{open}` is never closed"));
    }
    Ok(Code { bare, quoted })
}

/// Whether a body is a query over the fields of an episode, and no more.
fn readable(body: &str) -> Result<(), String> {
    if body.trim().is_empty() || body.len() > MAX_BODY {
        return Err(format!("a body has {} bytes, expected 1 to {MAX_BODY}", body.len()));
    }
    let Code { bare, .. } = code(body)?;
    let letters: Vec<char> = bare.chars().collect();
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut i = 0;
    while i < letters.len() {
        if !inner(letters[i]) {
            i += 1;
            continue;
        }
        let start = i;
        while i < letters.len() && inner(letters[i]) {
            i += 1;
        }
        let word: String = letters[start..i].iter().collect();
        let field = start > 0 && letters[start - 1] == '.';
        let called = letters[i..].iter().find(|c| !c.is_whitespace()) == Some(&'(');
        let space = || -> String {
            let head: String = letters[..start.saturating_sub(1)].iter().collect();
            head.chars().rev().take_while(|c| inner(*c)).collect::<Vec<_>>().into_iter().rev().collect()
        };
        if called {
            let name = if field { format!("{}.{word}", space()) } else { word.clone() };
            if !FUNCTIONS.contains(&name.as_str()) && !WORDS.contains(&word.as_str()) {
                return Err(format!("`{name}` is no function a rule may call; there are {}", FUNCTIONS.join(", ")));
            }
        } else if field && !["object", "array"].contains(&word.as_str()) && !word.starts_with(|c: char| c.is_ascii_digit()) {
            let fields = fields();
            if !fields.contains(word.as_str()) {
                let all = fields.into_iter().collect::<Vec<_>>().join(", ");
                return Err(format!(
                    "`.{word}` is no field of an episode; there are {all} (a name of your world stands in brackets: `it.facts[\"lamp\"][\"state\"]`)"
                ));
            }
        } else if !field && REFUSED.contains(&word.as_str()) {
            return Err(format!("`{word}` may not stand in a rule: it is one query over `it` and `input`"));
        }
    }
    Ok(())
}

/// Every field of the facts of an episode.
fn fields() -> BTreeSet<&'static str> {
    FIELDS.iter().copied().collect()
}

/// The fields of an episode's facts, in the order of the page about them.
pub const FIELDS: &[&str] = &[
    "episode",
    "scenes",
    "beats",
    "lines",
    "places",
    "people",
    "id",
    "n",
    "number",
    "title",
    "place",
    "scene",
    "beat",
    "at",
    "minute",
    "hour",
    "day",
    "weekday",
    "time_of_day",
    "weather",
    "mood",
    "present",
    "heard",
    "since_minutes",
    "fn",
    "verb",
    "who",
    "props",
    "text",
    "words",
    "effects",
    "sounds",
    "facts",
    "after",
    "speaker",
    "to",
    "act",
    "tactic",
    "delivery",
    "emotion",
    "states",
    "minutes_to",
    "family",
    "name",
    "born",
    "age",
    "knows",
];

fn nothing() -> Value {
    json!({"episode": {"id": "episode"}, "scenes": [], "beats": [], "lines": [], "places": {}, "people": {}})
}

/// An episode of one scene, with every field: what a rule is tried on.
fn sample() -> Value {
    let scene = json!({
        "id": "sc01", "n": 0, "place": "here", "at": "0001-01-02T10:30", "minute": 2070, "hour": 10, "day": 1, "weekday": "tuesday",
        "time_of_day": "day", "weather": "clear", "mood": "calm", "present": ["one", "two"], "heard": [], "since_minutes": 0, "facts": {}
    });
    let mut beat = scene.clone();
    let line = json!({
        "id": "sc01-b01-l1", "n": 0, "beat": "sc01-b01", "scene": "sc01", "place": "here", "at": "0001-01-02T10:30", "minute": 2070,
        "hour": 10, "day": 1, "weekday": "tuesday", "speaker": "one", "to": ["two"], "text": "Count them again.",
        "words": ["count", "them", "again"], "act": "order", "tactic": "plain", "delivery": "plain", "emotion": "calm",
        "states": [{"id": "a-fact", "text": "true"}], "facts": {}, "knows": ["a-fact"]
    });
    if let Some(beat) = beat.as_object_mut() {
        beat.remove("since_minutes");
        for (field, value) in [
            ("id", json!("sc01-b01")),
            ("scene", json!("sc01")),
            ("fn", json!("hook")),
            ("verb", json!("count")),
            ("who", json!(["one"])),
            ("props", json!(["thing"])),
            ("text", json!("One counts the things.")),
            ("words", json!(["one", "counts", "the", "things"])),
            ("effects", json!(["a-fact"])),
            ("sounds", json!([])),
            ("after", json!({})),
            ("lines", json!(["sc01-b01-l1"])),
        ] {
            beat.insert(field.into(), value);
        }
    }
    json!({
        "episode": {"id": "episode", "number": 1, "title": "A title", "facts": {}, "after": {}},
        "scenes": [scene], "beats": [beat], "lines": [line],
        "places": {"here": {"id": "here", "family": "hall", "minutes_to": {"there": 10}}},
        "people": {"one": {"id": "one", "name": "One", "born": "0001-01-01T00:00", "age": 0}, "two": {"id": "two", "name": "Two", "born": "0001-01-01T00:00", "age": 0}}
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use contracts::{Id, canon::RulePolicy};

    fn rule(of: RuleOf, kept: &[&str]) -> WorldRule {
        let policy = RulePolicy { of, kept: kept.iter().map(|k| (*k).to_owned()).collect() };
        WorldRule { id: Id::slug("rule-a"), text: "A rule.".into(), policy: Some(policy) }
    }

    fn broken(of: RuleOf, kept: &[&str]) -> Vec<String> {
        let rules = Rules::load(&[rule(of, kept)]).unwrap_or_else(|e| panic!("{kept:?}: {e:?}"));
        rules.broken(&sample()).into_iter().map(|b| b.fault.unwrap_or(b.at)).collect()
    }

    fn refused(kept: &str) -> String {
        Rules::load(&[rule(RuleOf::Beat, &[kept])]).err().unwrap_or_else(|| panic!("{kept}: loaded"))[0].to_string()
    }

    #[test]
    fn what_is_not_kept_is_broken_and_so_is_what_nobody_can_say() {
        assert!(broken(RuleOf::Beat, &["it.weekday == \"tuesday\""]).is_empty());
        assert_eq!(broken(RuleOf::Beat, &["it.weekday == \"sunday\""]), ["sc01-b01"]);
        assert!(broken(RuleOf::Beat, &["it.verb == \"row\"", "it.weekday != \"sunday\""]).is_empty(), "one body is enough");
        assert!(broken(RuleOf::Line, &["every w in it.words { not w in {\"please\", \"sorry\"} }"]).is_empty());
        assert_eq!(broken(RuleOf::Line, &["count(it.words) > 3; it.speaker == \"one\" # a comment }"]), ["sc01-b01-l1"]);
        assert_eq!(broken(RuleOf::Scene, &["it.facts[\"lamp\"][\"state\"] == \"burning\""]), ["sc01"], "no such fact: broken");
        assert_eq!(broken(RuleOf::Episode, &["count([b | some b in input.beats; b.verb == \"sing\"]) == 1"]), ["episode"]);
        assert!(broken(RuleOf::Scene, &["input.places[it.place].minutes_to[\"there\"] >= 10"]).is_empty());
        assert!(Rules::load(&[]).expect("none").is_empty());
    }

    #[test]
    fn hostile_and_mistaken_text_is_refused_with_the_rule_named() {
        for (kept, why) in [
            ("it.verbb == \"row\"", "`.verbb` is no field"),
            ("it.verb = = \"row\"", "rule-a"),
            ("x == 1", "rule-a"),
            ("true }\nkept contains [\"rule-b\", \"sc01\"] if { true", "closes nothing"),
            ("true\nkept contains x if true", "`if` may not stand"),
            ("http.send({\"method\": \"get\"})", "`http.send` is no function"),
            ("numbers.range(1, 1000000000)", "no function"),
            ("time.now_ns() > 0", "no function"),
            ("count (data.reel.world.kept) == 0", "`data` may not"),
            ("it.verb == \"row\" with input as {}", "`with` may not"),
            ("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "nested deeper"),
            ("it.verb == \"row", "never closed"),
            ("count(it.n) == 1", "rule-a"),
            ("", "0 bytes"),
            ("import rego.v1", "`import` may not"),
        ] {
            let told = refused(kept);
            assert!(told.contains("rule-a") && told.contains(why), "{kept}: {told}");
        }
        let long = format!("it.verb == \"{}\"", "x".repeat(MAX_BODY));
        assert!(refused(&long).contains("bytes"));
        let chain = format!("1{} == 1", "+1".repeat(400));
        assert!(refused(&chain).contains("steps in one expression"), "{}", refused(&chain));
        let many: Vec<WorldRule> = (0..=MAX_RULES).map(|_| rule(RuleOf::Beat, &["true"])).collect();
        assert!(Rules::load(&many).is_err());
    }

    #[test]
    fn a_rule_that_never_ends_is_stopped_and_denied_by_name() {
        let slow = "count([1 | some a in input.lines; some b in input.lines; some c in input.lines; some d in input.lines; some e in input.lines; a.n + b.n + c.n + d.n + e.n > 0]) >= 0";
        let rules =
            Rules::load(&[WorldRule { id: Id::slug("rule-fine"), ..rule(RuleOf::Line, &["true"]) }, rule(RuleOf::Episode, &[slow])]);
        let rules = rules.expect("quick on the sample");
        let mut facts = sample();
        let line = facts["lines"][0].clone();
        facts["lines"] = (0..60).map(|_| line.clone()).collect();
        let broken = rules.broken(&facts);
        assert_eq!((broken.len(), broken[0].rule.as_str(), broken[0].at.as_str()), (1, "rule-a", "episode"));
        assert!(broken[0].fault.is_some());
        facts["lines"][0]["text"] = json!("x".repeat(MAX_INPUT));
        assert!(rules.broken(&facts).iter().all(|b| b.fault.is_some()) && !rules.broken(&facts).is_empty());
    }

    #[test]
    fn every_field_of_the_sample_is_one_a_rule_may_name() {
        fn keys(value: &Value, into: &mut BTreeSet<String>) {
            match value {
                Value::Object(map) => map.iter().for_each(|(k, v)| {
                    into.insert(k.clone());
                    keys(v, into);
                }),
                Value::Array(items) => items.iter().for_each(|v| keys(v, into)),
                _ => {}
            }
        }
        let mut found = BTreeSet::new();
        keys(&sample(), &mut found);
        for name in ["here", "there", "one", "two"] {
            found.remove(name);
        }
        let known: BTreeSet<String> = fields().into_iter().map(str::to_owned).collect();
        assert_eq!(found, known);
    }
}
