//! The policies: every rule counts, and what goes wrong in one denies.

use std::time::Duration;

use contracts::promise::{GateOutcome, GateStatus};
use gates::policy::{Policies, SHIPPED, Source, TABLES, allows};
use serde_json::{Value, json};

fn shipped() -> &'static Policies {
    Policies::shipped().expect("the shipped policies load")
}

fn failed(outcomes: &[GateOutcome]) -> Vec<&str> {
    outcomes.iter().filter(|o| !o.passes()).map(|o| o.id.as_str()).collect()
}

#[test]
fn every_check_is_answered_in_the_order_of_its_name_and_with_its_numbers() {
    let input = json!({"quote_micro_usd": 40_001, "run": {"remaining_micro_usd": 40_000}, "tenant": {"remaining_micro_usd": "unlimited"}});
    let outcomes = shipped().judge("budget", &input);
    assert_eq!(outcomes.iter().map(|o| o.id.as_str()).collect::<Vec<_>>(), ["budget.quote", "budget.run", "budget.tenant"]);
    assert_eq!(
        serde_json::to_value(&outcomes[1]).expect("is JSON"),
        json!({"id": "budget.run", "stage": "pre", "status": "fail", "message": "the quote against what the run has left",
            "metric": 40_001, "threshold": 40_000, "unit": "micro_usd"})
    );
    assert!(outcomes[0].passes() && outcomes[2].passes() && !allows(&outcomes));
    assert!(!allows(&[]), "no answer is no yes");
}

#[test]
fn facts_that_are_missing_or_of_another_type_deny() {
    for (gate, checks) in shipped().gates() {
        for input in [json!({}), json!(null), json!([]), json!("x"), json!(7), json!({"tool": null, "actor": [], "data": 1})] {
            let outcomes = shipped().judge(gate, &input);
            assert_eq!(outcomes.len(), checks.len());
            assert!(outcomes.iter().all(|o| o.status == GateStatus::Fail), "{gate}: {input}: {outcomes:?}");
        }
    }
    assert_eq!(failed(&shipped().judge("no_such_gate", &json!({}))), ["no_such_gate.missing"]);
    let huge = json!({"action": "x".repeat(2_000_000), "actor": {"role": "admin"}});
    assert!(shipped().judge("roles", &huge).iter().all(|o| !o.passes() && o.message.contains("bytes, at most")));
}

#[test]
fn what_an_input_lacks_never_turns_a_no_into_a_yes() {
    for source in SHIPPED {
        let samples: Value = serde_json::from_str(source.samples).expect("samples");
        for sample in samples["samples"].as_array().expect("a list") {
            let whole = shipped().judge(source.name, &sample["input"]);
            for lacking in without_one_leaf(&sample["input"]) {
                let outcomes = shipped().judge(source.name, &lacking);
                // What says no may not say yes with less known; the one fact that only ever forbids is the threshold of free work.
                for (before, after) in whole.iter().zip(&outcomes) {
                    assert!(before.passes() || !after.passes(), "{}: {lacking} passes {}", source.name, after.id);
                }
            }
        }
    }
}

fn without_one_leaf(value: &Value) -> Vec<Value> {
    let Value::Object(map) = value else { return Vec::new() };
    let mut out = Vec::new();
    for (key, child) in map {
        let mut less = map.clone();
        less.remove(key);
        out.push(Value::Object(less));
        for child in without_one_leaf(child) {
            let mut with = map.clone();
            with.insert(key.clone(), child);
            out.push(Value::Object(with));
        }
    }
    out
}

fn with(source: &Source<'_>, rego: &str, tables: &str) -> Result<Policies, String> {
    Policies::load(&[Source { rego, ..*source }], tables).map_err(|e| e.to_string())
}

/// Every text that differs from this policy in one rule: a rule or a line of a body left out, a comparison, a boolean, a negation,
/// a set operation or a name of a fact changed. Messages, units and numbers that are only shown are no rules.
fn mutants(rego: &str) -> Vec<String> {
    let lines: Vec<&str> = rego.lines().collect();
    let join = |lines: Vec<String>| lines.join("\n");
    let mut out = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        let shown = ["\"message\":", "\"unit\":", "\"metric\":", "\"threshold\":"].iter().any(|s| line.trim_start().starts_with(s));
        if line.is_empty() || line.starts_with('#') || line.starts_with("package") || shown {
            continue;
        }
        let mut put = |changed: Option<String>| {
            let all = lines.iter().enumerate().filter_map(|(m, l)| if m == n { changed.clone() } else { Some((*l).to_owned()) });
            out.push(join(all.collect()));
        };
        // The part of a one-line answer that is only shown stays as it is.
        let (rule, rest) = line.split_once(", \"message\":").map_or((*line, String::new()), |(a, b)| (a, format!(", \"message\":{b}")));
        let (shown, condition) = rest.rsplit_once("} if ").map_or((rest.as_str(), ""), |(a, b)| (a, b));
        let swaps: &[(&str, &str)] = &[
            ("==", "!="),
            ("!=", "=="),
            ("<=", "<"),
            ("<=", ">"),
            (">=", ">"),
            (">=", "<"),
            ("true", "false"),
            ("false", "true"),
            ("not ", ""),
            (" & ", " | "),
            (" in ", " == "),
            ("is_number", "is_string"),
            ("is_array", "is_string"),
            ("is_string", "is_array"),
            ("\"pass\": ", "\"pass\": not_"),
            ("\"available\"", "\"unavailable\""),
            (", \"degraded\"", ""),
            ("input.", "input.x"),
            ("data.gates.", "data.gates.x"),
            ("\"canon\"", "\"c\""),
            ("\"timing\"", "\"c\""),
            ("\"registry\"", "\"c\""),
            ("== 0", "== 1"),
            (">= 0", ">= -1"),
            ("local_only", "may_leave"),
            ("may_leave", "local_only"),
            ("stays", "leaves"),
            ("leaves", "stays"),
        ];
        for (from, to) in swaps {
            for (at, _) in rule.match_indices(from) {
                let changed = format!("{}{to}{}", &rule[..at], &rule[at + from.len()..]);
                put(Some(format!("{changed}{rest}")));
            }
            for (at, _) in condition.match_indices(from) {
                let changed = format!("{}{to}{}", &condition[..at], &condition[at + from.len()..]);
                put(Some(format!("{rule}{shown}}} if {changed}")));
            }
        }
        // A line of a body, left out.
        if line.starts_with('\t') && !line.trim_start().starts_with('"') {
            put(None);
        }
        // `} if condition`, made unconditional.
        if !condition.is_empty() && condition != "{" {
            put(Some(format!("{rule}{shown}}}")));
        }
    }
    // Whole rules.
    let blocks: Vec<&str> = rego.split("\n\n").collect();
    for n in 1..blocks.len() {
        // What a default says no to is not answered without it, and denied as well.
        if blocks[n].starts_with("default") {
            continue;
        }
        let rest: Vec<&str> = blocks.iter().enumerate().filter(|(m, _)| *m != n).map(|(_, b)| *b).collect();
        out.push(rest.join("\n\n"));
    }
    out.retain(|m| m != rego);
    out
}

#[test]
fn a_change_of_any_rule_of_a_shipped_policy_is_found_when_it_is_loaded() {
    let mut killed = 0;
    let mut lived = Vec::new();
    for source in SHIPPED {
        for mutant in mutants(source.rego) {
            if with(source, &mutant, TABLES).is_err() {
                killed += 1;
                continue;
            }
            let at = source.rego.lines().zip(mutant.lines()).position(|(a, b)| a != b).unwrap_or_default();
            let line = |text: &str| text.lines().nth(at).unwrap_or_default().to_owned();
            lived.push(format!("{}:{}\n  was {}\n  is  {}", source.name, at + 1, line(source.rego), line(&mutant)));
        }
    }
    assert!(lived.is_empty(), "{} of {} mutants live:\n{}", lived.len(), killed + lived.len(), lived.join("\n"));
    assert!(killed > 250, "{killed} mutants");
}

#[test]
fn a_change_of_any_cell_of_a_table_is_found_when_it_is_loaded() {
    let tables: Value = serde_json::from_str(TABLES).expect("tables");
    let actions = tables["gates"]["actions"].as_array().expect("actions").clone();
    let roles: Vec<String> = tables["gates"]["roles"].as_object().expect("roles").keys().cloned().collect();
    assert!(Policies::load(SHIPPED, TABLES).is_ok());
    let mut cells = 0;
    for role in &roles {
        for action in &actions {
            let mut changed = tables.clone();
            let list = changed["gates"]["roles"][role].as_array_mut().expect("a list");
            match list.iter().position(|a| a == action) {
                Some(at) => drop(list.remove(at)),
                None => list.push(action.clone()),
            }
            let error = Policies::load(SHIPPED, &changed.to_string()).expect_err(&format!("{role}: {action}"));
            assert_eq!(error.name, "roles", "{role}: {action}");
            cells += 1;
        }
    }
    for list in ["actions", "classes", "local_only", "may_leave", "writing"] {
        let length = tables["gates"][list].as_array().expect("a list").len();
        for n in 0..length {
            let mut changed = tables.clone();
            changed["gates"][list].as_array_mut().expect("a list").remove(n);
            assert!(Policies::load(SHIPPED, &changed.to_string()).is_err(), "{list}[{n}]");
        }
    }
    assert_eq!(cells, roles.len() * actions.len());
}

const GOOD: &str =
    "package reel.gates.mine\nstage := \"post\"\nchecks := {\"a\"}\noutcomes contains {\"id\": \"a\", \"pass\": input.n < 3}";
const SAMPLES: &str =
    r#"{"samples": [{"name": "two", "input": {"n": 2}, "failed": []}, {"name": "three", "input": {"n": 3}, "failed": ["a"]}]}"#;

fn mine(rego: &str, samples: &str) -> Result<Policies, String> {
    Policies::load(&[Source { name: "mine", rego, samples }], "{}").map_err(|e| e.to_string())
}

#[test]
fn a_policy_that_cannot_be_trusted_is_refused_when_it_is_loaded() {
    assert!(mine(GOOD, SAMPLES).is_ok());
    let rule = |body: &str| GOOD.replace("input.n < 3", body);
    let more = |text: &str| format!("{GOOD}\n{text}\n");
    let long = format!("{GOOD}\n# {}", "x".repeat(10_000_000));
    let deep = more(&format!("y := {}1{}", "[".repeat(20_000), "]".repeat(20_000)));
    for (rego, told) in [
        ("package reel.gates.mine\nthis is not rego {", "mine.rego"),
        ("", "mine"),
        ("\u{0}\u{1}", "mine"),
        (&GOOD.replace("gates.mine", "gates.other"), "package reel.gates.mine"),
        (&GOOD.replace("stage := \"post\"", ""), "stage"),
        (&GOOD.replace("\"post\"", "\"later\""), "`later`"),
        (&GOOD.replace("{\"a\"}", "set()"), "checks"),
        (&GOOD.replace("{\"a\"}", "[1]"), "checks"),
        (&GOOD.replace("{\"a\"}", "{\"a\", \"b\"}"), "sample `two` fails"),
        (&GOOD.replace("outcomes contains", "outcome contains"), "outcomes"),
        (&rule("input.m < 3"), "sample `two` fails"),
        (&rule("inputt.n < 3"), "mine"),
        (&rule("unknown_function(input.n)"), "mine"),
        (&rule("x < 3"), "mine"),
        (&rule("\"yes\""), "neither yes nor no"),
        (&rule("input.n <= 3"), "sample `three` fails"),
        (&rule("true"), "sample `three` fails"),
        (&rule("to_number(\"x\") < input.n"), "sample `two`"),
        (&rule("rand.intn(\"x\", 3) < input.n"), "`rand.`"),
        (&rule("http.send({}).status == input.n"), "`http.`"),
        (&more("z := `\n` + rand.intn(\"x\", 3)"), "`rand.`"),
        (&more("outcomes contains {\"id\": \"c\", \"pass\": true}"), "none of its checks"),
        (&more("outcomes contains 7"), "no `id`"),
        (&more("outcomes contains {\"id\": sprintf(\"%d\", [i]), \"pass\": true} if some i in numbers.range(1, 2000)"), "2001 answers"),
        (&long, "at most"),
        (&deep, "nested deeper"),
    ] {
        let error = mine(rego, SAMPLES).map(|_| ()).expect_err(told);
        assert!(error.contains(told), "{told}: {error}");
    }
    for (samples, told) in [
        ("", "cannot be read"),
        ("{}", "cannot be read"),
        ("{\"samples\": []}", "no sample passes"),
        (r#"{"samples": [{"name": "two", "input": {"n": 2}, "failed": []}]}"#, "no sample fails `a`"),
        (r#"{"samples": [{"name": "three", "input": {"n": 3}, "failed": ["a"]}]}"#, "no sample passes"),
    ] {
        let error = mine(GOOD, samples).map(|_| ()).expect_err(told);
        assert!(error.contains(told), "{told}: {error}");
    }
    assert!(Policies::load(SHIPPED, "[]").is_err() && Policies::load(SHIPPED, "{").is_err());
    assert!(Policies::load(&[SHIPPED[0], SHIPPED[0]], TABLES).expect_err("twice").message.contains("two of this name"));
    let bare = Source { name: "Mine", rego: GOOD, samples: SAMPLES };
    assert!(Policies::load(&[bare], "{}").is_err());
}

#[test]
fn long_chains_do_not_end_the_program() {
    for chain in [
        format!("y := {}1", "-".repeat(900)),
        format!("y := 1{}", " +\n 1".repeat(5_000)),
        format!("y := 1{}", "\n + 1".repeat(5_000)),
        format!("y := 1{}", " +\n\n# more\n 1".repeat(5_000)),
        format!("y := 1{}", " + [\n1 + 1][0]".repeat(5_000)),
        format!("y := {}1{}", "(".repeat(20), "\n+ 1 + 1 + 1 + 1 + 1)".repeat(30)),
        format!("y if {{ true {} }}", "==\n true ".repeat(5_000)),
        format!("y := {{1}} {}", "|\n {1} ".repeat(5_000)),
        format!("y := input{}", ".a".repeat(480)),
        format!("y := input{}", "[\n1\n]".repeat(5_000)),
        format!("y := input{}", "[\n\n1\n\n]".repeat(5_000)),
    ] {
        let error = mine(&format!("{GOOD}\n{chain}\n"), SAMPLES).map(|_| ()).expect_err("refused");
        assert!(error.contains("steps in one expression"), "{error}");
    }
    for text in [
        format!("y := 1{}", " + 1".repeat(99)),
        format!("y if {{ {}true }}", "not ".repeat(200)),
        format!("y := 1 if input.a{}", "\nelse := 2 if input.b".repeat(5_000)),
        format!("y := input{}", ".a".repeat(99)),
    ] {
        // Refused or read: either is an answer.
        let _ = mine(&format!("{GOOD}\n{text}\n"), SAMPLES).map(|p| p.judge("mine", &json!({"n": 1})));
    }
}

#[test]
fn a_runaway_policy_is_stopped_and_denies() {
    let slow = "default slow := 0\nslow := count({[a, b] | some a in numbers.range(1, 3000); some b in numbers.range(1, 3000); a + b < 0}) if input.run";
    let rego = format!("{}\n{slow}\n", GOOD.replace("input.n < 3", "input.n < 3 - slow"));
    let source = Source { name: "mine", rego: &rego, samples: SAMPLES };
    let policies = Policies::load_within(&[source], "{}", Duration::from_millis(30)).expect("on its samples it is quick");
    let outcomes = policies.judge("mine", &json!({"n": 1, "run": true}));
    assert_eq!(failed(&outcomes), ["mine.a"]);
    assert!(outcomes[0].message.contains("could not be asked"), "{outcomes:?}");
    assert!(allows(&policies.judge("mine", &json!({"n": 1}))), "and the next question is answered again");
}

#[test]
fn a_verdict_is_the_same_each_time_and_from_every_thread() {
    let input = json!({"actor": {"role": "producer"}, "action": "publish"});
    let first = shipped().judge("roles", &input);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..50).for_each(|_| assert_eq!(shipped().judge("roles", &input), first)));
        }
    });
    let again = Policies::load(SHIPPED, TABLES).expect("loads");
    assert_eq!(again.fingerprint(), shipped().fingerprint());
    let other = Policies::load(&SHIPPED[..4], TABLES).expect("loads");
    assert_ne!(other.fingerprint(), shipped().fingerprint());
}
