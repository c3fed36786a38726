//! The gate's regression data in `tests/contradictions`: what it must refuse, what it must let pass, and that a refused
//! change never becomes true (requirements 002-28.1c, 002-2c, 002-5.3; fault F24).

use std::collections::BTreeSet;
use std::path::Path;

use canon::{accept, address, apply, check, gate, gate_plan, inverse};
use contracts::{
    Document, Id, Seed,
    canon::{Canon, CanonDiff, EndedFact, Fact, FactKind, FactValue, Learned, StoryTime, Verdict},
    story::{Cast, EpisodePlan, Script},
};
use serde_json::{Map, Value, json};

fn text(path: &str) -> String {
    let path = format!("{}/../../tests/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

pub(crate) fn document(path: &str) -> Value {
    serde_json::from_str(&text(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// The sound episode every case changes.
fn sound() -> Map<String, Value> {
    let mut story = Map::new();
    for (name, path) in [
        ("canon", "fixtures/lighthouse/Canon.json"),
        ("cast", "fixtures/lighthouse/Cast.json"),
        ("script", "fixtures/lighthouse/Script.json"),
        ("diff", "contradictions/CanonDiff.json"),
        ("plan", "contradictions/EpisodePlan.json"),
    ] {
        story.insert(name.into(), document(path));
    }
    story
}

/// What a step of a path leads to; a missing field of an object is made.
fn step<'v>(value: &'v mut Value, part: &str) -> &'v mut Value {
    if value.is_array() {
        let list = value.as_array_mut().expect("a list");
        let at = list.iter().position(|e| e["id"] == part).or_else(|| part.parse().ok()).unwrap_or_else(|| panic!("no {part}"));
        return &mut list[at];
    }
    value.as_object_mut().unwrap_or_else(|| panic!("{part} of a leaf")).entry(part).or_insert(Value::Null)
}

fn at<'v>(story: &'v mut Map<String, Value>, path: &str) -> &'v mut Value {
    let (first, rest) = path.split_once('/').unwrap_or_else(|| panic!("{path} names no document"));
    rest.split('/').fold(story.get_mut(first).unwrap_or_else(|| panic!("no document {first}")), step)
}

fn beat(id: &str) -> String {
    format!("script/scenes/{}/beats/{id}", id.split('-').next().unwrap_or_default())
}

pub(crate) fn changed(case: &Value) -> Map<String, Value> {
    let mut story = sound();
    let each = |what: &str| case[what].as_object().cloned().unwrap_or_default();
    for (line, words) in each("say") {
        let (beat_id, _) = line.rsplit_once('-').expect("a line id");
        let line = at(&mut story, &format!("{}/lines/{line}", beat(beat_id)));
        line["text"] = words;
        line["states"] = json!([]);
        line["act"] = json!("say");
    }
    for (id, words) in each("act") {
        let action = at(&mut story, &format!("{}/action", beat(&id)));
        action["text"] = words;
        action["who"] = json!([]);
    }
    for (path, to) in each("set") {
        *at(&mut story, &path) = to;
    }
    for (path, more) in each("push") {
        let list = at(&mut story, &path).as_array_mut().unwrap_or_else(|| panic!("{path} is no list"));
        match more {
            Value::Array(all) => list.extend(all),
            one => list.push(one),
        }
    }
    for path in case["cut"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let (above, last) = path.rsplit_once('/').expect("a path");
        match at(&mut story, above) {
            Value::Array(list) => list.retain(|e| e["id"] != last),
            other => {
                other.as_object_mut().expect("an object").remove(last);
            }
        }
    }
    story
}

pub(crate) fn take<T: serde::de::DeserializeOwned>(story: &Map<String, Value>, name: &str) -> T {
    serde_json::from_value(story[name].clone()).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The canon, the judged diff over it, the script, and the verdict of the gate the case asks.
fn judged(case: &Value) -> (Canon, CanonDiff, Script, Verdict) {
    let mut story = changed(case);
    let canon: Canon = take(&story, "canon");
    story["diff"]["base"] = json!(address(&canon).expect("an address"));
    let (cast, script, diff): (Cast, Script, CanonDiff) = (take(&story, "cast"), take(&story, "script"), take(&story, "diff"));
    let verdict = match case["gate"].as_str() {
        Some("check") => check(&canon),
        Some("plan") => gate_plan(&take::<EpisodePlan>(&story, "plan"), &script),
        _ => gate(&canon, &cast, &script, &diff),
    };
    (canon, accept(diff, verdict.clone()), script, verdict)
}

pub(crate) fn cases(path: &str) -> Vec<Value> {
    let all: Value = toml::from_str(&text(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    all["case"].as_array().cloned().unwrap_or_else(|| panic!("{path} holds no case"))
}

#[test]
fn what_must_be_refused_is_refused_with_its_code_and_its_sources() {
    let mut wrong = Vec::new();
    let mut codes = BTreeSet::new();
    let all = cases("contradictions/reject.toml");
    assert!(all.len() >= 24);
    for case in &all {
        let (canon, diff, script, verdict) = judged(case);
        let (name, code) = (&case["name"], case["code"].as_str().expect("a code"));
        codes.insert(code.to_owned());
        let wanted: Vec<&str> = case["sources"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let named = |source: &str| verdict.findings.iter().any(|f| f.code == code && f.sources.iter().any(|s| s.starts_with(source)));
        let together = verdict.findings.iter().any(|f| f.code == code && wanted.iter().all(|w| f.sources.iter().any(|s| s.starts_with(w))));
        if verdict.pass || wanted.is_empty() || !together {
            let missing: Vec<&&str> = wanted.iter().filter(|w| !named(w)).collect();
            wrong.push(format!("{name}: {code} with {wanted:?} (missing {missing:?}) not in {:#?}", verdict.findings));
        }
        // Canon over generation: a refused change never becomes true.
        let before = canon.seal().expect("seals").0;
        if apply(&canon, &diff, Some(&script)).is_ok() || canon.seal().expect("seals").0 != before {
            wrong.push(format!("{name}: a refused diff was applied"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Every code the gate can give is here, and has a page.
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = [src.clone(), src.join("gate")].map(|folder| std::fs::read_dir(folder).expect("the sources").flatten());
    let files = files.into_iter().flatten().map(|e| e.path()).filter(|path| path.is_file());
    let sources: String = files.map(|path| std::fs::read_to_string(path).expect("a source")).collect();
    let given: BTreeSet<String> = sources
        .split('"')
        .filter(|s| {
            s.split_once('.').is_some_and(|(gate, code)| {
                ["canon", "plan"].contains(&gate)
                    && code != "toml"
                    && !code.is_empty()
                    && code.bytes().all(|b| b == b'_' || b.is_ascii_lowercase())
            })
        })
        .map(str::to_owned)
        .collect();
    assert!(given.len() > 25, "{given:?}");
    let untested: Vec<&String> = given.difference(&codes).collect();
    assert!(untested.is_empty(), "no case for {untested:?}");
    for code in given {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../docs/errors/{code}.md")).is_file(), "{code} has no page");
    }
}

#[test]
fn what_contradicts_nothing_passes_and_becomes_true() {
    let all = cases("contradictions/accept.toml");
    assert!(all.len() >= 12);
    let alarms = |case: &Value| Some((case["name"].clone(), judged(case).3)).filter(|(_, v)| !v.pass);
    let false_alarms: Vec<_> = all.iter().filter_map(alarms).collect();
    assert!(false_alarms.is_empty(), "{false_alarms:#?}");
    for case in &all {
        let (canon, diff, script, verdict) = judged(case);
        assert!(verdict.pass, "{}: {:#?}", case["name"], verdict.findings);
        let next = apply(&canon, &diff, Some(&script)).unwrap_or_else(|e| panic!("{}: {e}", case["name"]));
        assert_eq!(next.version, canon.version + 1);
    }
}

/// A diff that touches facts in every way there is, drawn from a seed. It need not be wise, only applicable.
fn drawn(canon: &Canon, script: &Script, seed: &mut Seed) -> CanonDiff {
    let times: Vec<&StoryTime> = script.scenes.iter().map(|s| &s.story_time).collect();
    let beats: Vec<&Id> = script.beats().map(|(_, b)| &b.id).collect();
    let mut diff: CanonDiff = serde_json::from_value({
        let mut empty = document("contradictions/CanonDiff.json");
        for list in ["added", "modified", "removed", "ended", "learned", "characters", "threads"] {
            empty[list] = json!([]);
        }
        empty["base"] = json!(address(canon).expect("an address"));
        empty
    })
    .expect("a diff");
    for fact in &canon.facts {
        let (time, cause) = (times[seed.below(times.len() as u64) as usize], beats[seed.below(beats.len() as u64) as usize]);
        match seed.below(8) {
            0 => diff.removed.push(fact.id.clone()),
            1 => diff.modified.push(Fact { value: FactValue::Number(seed.below(99) as i64), ..fact.clone() }),
            2 => diff.ended.push(EndedFact { fact: fact.id.clone(), until: time.clone(), cause: cause.clone() }),
            3 => diff.learned.push(Learned { who: Id::slug("bram"), fact: fact.id.clone(), cause: cause.clone() }),
            _ => {}
        }
    }
    for n in 0..seed.below(5) {
        diff.added.push(Fact {
            id: Id::slug(&format!("drawn-{n}")),
            subject: Id::slug("nessa"),
            attribute: "drawn".into(),
            value: FactValue::Number(n as i64),
            kind: FactKind::Stateful,
            from: times[0].clone(),
            until: None,
            known_by: Default::default(),
            cause: None,
            source: None,
        });
    }
    if seed.below(2) == 0 {
        diff.characters = canon.characters.iter().take(1).cloned().collect();
        diff.characters.iter_mut().for_each(|c| c.role = "another role".into());
    }
    if seed.below(2) == 0 {
        diff.threads = canon.threads.clone();
    }
    diff
}

#[test]
fn a_change_and_its_inverse_leave_the_canon_as_it_was_to_the_byte() {
    let story = sound();
    let (mut canon, script): (Canon, Script) = (take(&story, "canon"), take(&story, "script"));
    // A fact nobody sourced stays unsourced, too.
    canon.facts[3].source = None;
    let passed = || Verdict { gate: Id::slug("canon"), pass: true, findings: vec![] };
    for n in 0..300 {
        let mut seed = Seed::of(&["round trip", &n.to_string()]);
        let diff = accept(drawn(&canon, &script, &mut seed), passed());
        let after = apply(&canon, &diff, Some(&script)).unwrap_or_else(|e| panic!("{n}: {e}"));
        let back = accept(inverse(&canon, &diff, &after).unwrap_or_else(|e| panic!("{n}: {e}")), passed());
        let mut restored = apply(&after, &back, None).unwrap_or_else(|e| panic!("{n}: {e}"));
        assert_eq!(restored.version, canon.version + 2);
        restored.version = canon.version;
        assert_eq!(restored.seal().expect("seals").0, canon.seal().expect("seals").0, "{n}");
    }
}
