//! Choosing without a project: `reel route`, `promise`, `policy` and `explain`, as a program meets them.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::{json as last, ok, reel, refused, root};

/// The verb, with this on its standard input.
fn said(home: &Path, words: &[&str], input: &str) -> Output {
    let mut child =
        reel(home).args(words).arg("--json").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
    // Who has refused the beginning does not read the end.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    child.wait_with_output().expect("ends")
}

fn asked(home: &Path, words: &[&str], input: &Value) -> (i32, Value) {
    let output = said(home, words, &input.to_string());
    (output.status.code().expect("it ended by itself"), last(&output))
}

/// The command, with its input in a file.
fn file(home: &Path, dir: &Path, words: &[&str], input: &[u8]) -> Command {
    let path = dir.join("input.json");
    fs::write(&path, input).expect("writes");
    let mut command = reel(home);
    command.args(words).arg(path).arg("--json");
    command
}

fn vectors(name: &str) -> Value {
    let text = fs::read_to_string(root().join("tests/compat").join(name)).expect("the vectors are in the repository");
    serde_json::from_str(&text).expect("is JSON")
}

/// Equal, with doubles to 1e-12.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap_or(f64::NAN), b.as_f64().unwrap_or(f64::NAN));
            (a - b).abs() <= 1e-12 * a.abs().max(1.0)
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b))),
        _ => a == b,
    }
}

/// What a case answers, without what every answer says.
fn plain(mut answer: Value) -> Value {
    answer.as_object_mut().expect("an object").remove("next_actions");
    answer
}

#[test]
fn the_verbs_answer_as_the_public_projects_do_where_they_are_asked_to() {
    let dir = tempfile::tempdir().expect("a folder");
    let home = dir.path();
    let (routing, selection, multimodal) = (vectors("routing.json"), vectors("selection.json"), vectors("multimodal.json"));
    let mut cases: Vec<(&[&str], Value, Value)> = Vec::new();
    // Every fourth of the long suites: all of them go through the library in its own test.
    let some = |suite: &Value, each: usize| suite.as_array().expect("cases").iter().step_by(each).cloned().collect::<Vec<_>>();
    for case in some(&routing["routing_cases"], 4) {
        let providers = routing["provider_sets"][case["set"].as_str().expect("a set")].clone();
        let left = case["remainingGenerationBudgetUsd"].clone();
        let input = json!({"providers": providers, "policy": case["policy"], "remainingGenerationBudgetUsd": left});
        cases.push((&["route", "order", "--compat", "-"], input, case["expected"].clone()));
    }
    for case in some(&selection["scoring_cases"], 1) {
        let input = json!({"task_context": case["task_context"], "tools": case["tools"]});
        cases.push((&["route", "score", "--compat", "-"], input, case["expected"].clone()));
    }
    for case in some(&multimodal["portfolio_ranker_cases"], 1) {
        let input = json!({"candidates": case["candidates"], "history": case["history"]});
        cases.push((&["route", "rank", "--compat", "-"], input, case["expected"].clone()));
    }
    for case in some(&routing["recommendation_cases"], 1) {
        let input = json!({"records": case["records"], "minRecords": case["minRecords"]});
        cases.push((&["route", "recommend", "--compat", "-"], input, json!({"recommendation": case["expected"]})));
    }
    for case in some(&selection["classify_from_brief_cases"], 4) {
        cases.push((&["promise", "classify", "--compat", "-"], case.clone(), json!({"promise": case["expected"]})));
    }
    for case in some(&selection["validate_cuts_cases"], 4) {
        let cuts = selection["cut_lists"][case["cuts_ref"].as_str().expect("a list")].clone();
        cases.push((&["promise", "check", "--compat", "-"], json!({"promise": case["promise"], "cuts": cuts}), case["expected"].clone()));
    }
    assert!(cases.len() > 100, "{}", cases.len());
    for (words, input, expected) in cases {
        let (exit, answer) = asked(home, words, &input);
        let answer = plain(answer);
        assert!(same(&expected, &answer), "{words:?}\n{input}\nexpected {expected}\nfound    {answer}");
        let no = expected.get("valid") == Some(&Value::Bool(false));
        assert_eq!(exit, if no { 5 } else { 0 }, "{words:?} {input}");
    }
}

#[test]
fn strict_order_binds_everything_by_the_budget_and_names_what_is_left_out() {
    let dir = tempfile::tempdir().expect("a folder");
    let home = dir.path();
    let provider = |name: &str, kind: &str, cost: Value| json!({"name": name, "assetType": kind, "costPerAsset": cost});
    let set =
        |left: Value, providers: Vec<Value>| json!({"policy": "cost-first", "remainingGenerationBudgetUsd": left, "providers": providers});
    let three = || {
        vec![
            provider("runway", "video", json!(0.5)),
            provider("nanobanana", "image", json!(0.04)),
            provider("unpriced", "image", Value::Null),
        ]
    };
    let (exit, answer) = asked(home, &["route", "order", "-"], &set(json!(0.04), three()));
    assert_eq!((exit, &answer["orderedProviders"]), (0, &json!(["nanobanana"])), "{answer}");
    let codes: Vec<&str> = answer["skippedProviders"].as_array().expect("a list").iter().filter_map(|s| s["code"].as_str()).collect();
    assert_eq!(codes, ["over_budget", "cost_unknown"]);
    // Without a budget an unknown cost is the dearest.
    let (_, answer) = asked(home, &["route", "order", "-"], &set(Value::Null, three()));
    assert_eq!(answer["orderedProviders"], json!(["nanobanana", "runway", "unpriced"]));
    // Nothing feasible: an error that holds every exclusion.
    let input = set(json!(0.01), three()).to_string();
    let answer = refused(&mut file(home, home, &["route", "order"], input.as_bytes()), 5, "choice.no_tool");
    assert_eq!(answer["error"]["choice"]["exclusions"].as_array().map(Vec::len), Some(3), "{answer}");
    for (input, named) in [
        (set(json!(1), vec![provider("a", "image", json!(-0.1))]), "/providers/0/costPerAsset: -0.1"),
        (set(json!(1), vec![provider("a", "image", json!(0.000_000_1))]), "six digits"),
        (set(json!(1), vec![provider("a", "image", json!("free"))]), "/providers/0/costPerAsset"),
        (set(json!(1), vec![provider("a", "image", json!(0)), provider("a", "video", json!(0))]), "`a` stands twice"),
        (set(json!(1), vec![provider("../a", "image", json!(0))]), "/providers/0"),
        (json!({"providers": [], "polcy": "balanced"}), "/polcy"),
        (json!({"providers": [], "policy": "cheapest"}), "configured, balanced, cost-first, quality-first, scored, adaptive"),
        (json!([]), "/"),
    ] {
        let answer = refused(&mut file(home, home, &["route", "order"], input.to_string().as_bytes()), 3, "document.refused");
        assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains(named)), "{named}: {answer}");
    }
}

/// A manifest of a person's own.
const OWN: &str = "tool = \"house.painter\"\nprovider = \"house\"\ncapability = \"image_generation\"\nmodality = \"image\"\n\
    operations = [\"plate\"]\nmoves = true\ntier = \"generate\"\nstability = \"beta\"\nruntime = \"local\"\ncost_tier = \"free\"\n\
    commercial = true\ndata_classes = [\"public\"]\n";

fn request(more: &Value) -> Value {
    let mut request =
        json!({"subject": "sc01-b01-s1", "modality": "image", "operation": "plate", "data_class": "public", "policy": "configured"});
    request.as_object_mut().expect("is one").extend(more.as_object().expect("is one").clone());
    request
}

#[test]
fn a_tool_is_selected_from_what_is_built_in_and_from_a_persons_folder() {
    let dir = tempfile::tempdir().expect("a folder");
    let home = dir.path();
    let (exit, answer) = asked(home, &["route", "select", "-"], &request(&json!({})));
    assert_eq!((exit, &answer["choice"]["first"]), (0, &json!("craft.painter")), "{answer}");
    assert_eq!(answer["choice"]["exclusions"][0]["tool"], "library.picture", "no project is named");
    assert!(answer.get("faults").is_none());
    // An engine that nobody set up is no candidate.
    let (_, answer) = asked(home, &["route", "select", "-"], &request(&json!({"modality": "speech", "operation": "speak"})));
    for engine in ["piper", "server"] {
        let left_out = answer["choice"]["exclusions"].as_array().expect("a list").iter().find(|e| e["tool"] == engine);
        assert!(left_out.is_some_and(|e| e["code"] == "unavailable"), "{engine}: {answer}");
    }
    // Dropped in, and it is a tool; a faulty one is named and the others stand.
    let folder = home.join(".config/reelwright/providers");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("house.toml"), OWN).expect("writes");
    fs::write(folder.join("bad.toml"), OWN.replace("stability = \"beta\"", "stability = \"alpha\"")).expect("writes");
    let preferred = request(&json!({"preferred": ["house"]})).to_string();
    let output = said(home, &["route", "select", "-"], &preferred);
    let answer = last(&output);
    assert_eq!(answer["choice"]["first"], "house.painter", "{answer}");
    assert_eq!((&answer["faults"][0]["field"], answer["faults"].as_array().map(Vec::len)), (&json!("stability"), Some(1)), "{answer}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("bad.toml: stability"));
    // Another folder is named; the person's is not read then.
    let empty = home.join("empty");
    fs::create_dir_all(&empty).expect("a folder");
    let (_, answer) =
        asked(home, &["route", "select", "-", "--providers", &empty.display().to_string()], &request(&json!({"preferred": ["house"]})));
    assert_eq!((&answer["choice"]["first"], answer.get("faults")), (&json!("craft.painter"), None));
    let gone = home.join("gone").display().to_string();
    let input = request(&json!({})).to_string();
    refused(file(home, home, &["route", "select"], input.as_bytes()).args(["--providers", &gone]), 2, "usage");
    // What is known around a request is said beside it.
    let around = json!({"request": request(&json!({})), "health": {"craft.painter": {"availability": "unavailable", "why": "no room"}}});
    let (_, answer) = asked(home, &["route", "select", "-"], &around);
    assert!(answer["choice"]["exclusions"].to_string().contains("no room") && answer["choice"]["first"] == "standin.picture", "{answer}");
    let (_, scored) = asked(home, &["route", "score", "-"], &request(&json!({"intent": "storybook animation"})));
    assert_eq!(scored["scores"][0]["tool"], "craft.painter", "{scored}");
    assert_eq!(scored["scores"][0]["dimensions"].as_object().map(serde_json::Map::len), Some(7));
}

#[test]
fn no_tool_a_contradiction_and_what_cannot_be_read_are_errors_that_name_their_cause() {
    let dir = tempfile::tempdir().expect("a folder");
    let home = dir.path();
    let select = |input: Value| file(home, home, &["route", "select"], input.to_string().as_bytes());
    let answer = refused(&mut select(request(&json!({"modality": "video"}))), 5, "choice.no_tool");
    assert_eq!(answer["error"]["choice"]["order"], json!([]), "{answer}");
    let still = request(&json!({"motion_required": true, "preferred": ["standin"]}));
    let answer = refused(&mut select(still), 5, "choice.contradiction");
    assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains("standin")), "{answer}");
    for (input, named) in [
        (request(&json!({"motion_requird": true})), "/motion_requird: no such key"),
        (json!({"request": request(&json!({"policy": "cheapest"}))}), "/policy"),
        (json!({"request": request(&json!({})), "budgt": {}}), "/budgt"),
        (json!({"request": request(&json!({})), "budget": {"remaining": 4}}), "/budget/remaining: no such key"),
        (
            json!({"request": request(&json!({})), "health": {"craft.painter": {"availability": "fine"}}}),
            "/health/craft.painter/availability",
        ),
        (request(&json!({"modality": "smell"})), "/modality"),
        (
            json!({"request": request(&json!({})), "candidates": [], "budget": {"remaining_micro_usd": i64::MIN}}),
            "/budget/remaining_micro_usd",
        ),
        (json!({"request": request(&json!({})), "ranker": {"mode": "active", "epsilon_ppm": -1}}), "/ranker/epsilon_ppm: -1"),
        (
            json!({"request": request(&json!({})), "stats": {"craft.painter": {"samples": 1, "success_ppm": i64::MAX, "quality_ppm": 0,
                "latency_ms": 0, "latency_before_ms": 0, "cost_micro_usd": 0}}}),
            "`craft.painter` stats/success_ppm",
        ),
        (json!(7), "/"),
    ] {
        let answer = refused(&mut select(input), 3, "document.refused");
        assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains(named)), "{named}: {answer}");
    }
    // A negative cost would be the cheapest of all.
    let mut cheap = decision(home, "s")["snapshot"].clone();
    cheap["candidates"][0]["quote_micro_usd"] = json!(-1);
    let answer = refused(&mut select(cheap), 3, "document.refused");
    assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains("quote_micro_usd: -1")), "{answer}");
    // Bytes that are no JSON, too deep, too many, or never end.
    for verb in [["route", "select"], ["route", "order"], ["route", "score"], ["route", "rank"], ["promise", "check"]] {
        for bytes in [b"\xff\xfe".to_vec(), b"{".to_vec(), b"[".repeat(100_000), Vec::new()] {
            refused(&mut file(home, home, &verb, &bytes), 3, "document.refused");
        }
        refused(reel(home).args(verb).args(["/dev/zero", "--json"]), 3, "document.refused");
        refused(reel(home).args(verb).args(["/no/such/file", "--json"]), 3, "document.refused");
    }
    for verb in [vec!["route", "recommend"], vec!["explain"], vec!["policy", "replay", "--policy", "balanced"]] {
        for bytes in [b"\xff\xfe".to_vec(), b"{\n".to_vec(), b"[".repeat(100_000), Vec::new()] {
            let code = if bytes.is_empty() && verb[0] == "route" { continue } else { "document.refused" };
            refused(&mut file(home, home, &verb, &bytes), 3, code);
        }
        refused(reel(home).args(&verb).args(["/dev/zero", "--json"]), 3, "document.refused");
    }
    let huge = home.join("huge.json");
    fs::File::create(&huge).and_then(|f| f.set_len(65 << 20)).expect("a file");
    refused(reel(home).args(["route", "select", "--json"]).arg(&huge), 3, "document.refused");
    refused(reel(home).args(["explain", "--json"]).arg(&huge), 3, "document.refused");
}

#[test]
fn tools_are_ranked_by_what_came_of_their_calls() {
    let dir = tempfile::tempdir().expect("a folder");
    let home = dir.path();
    let outcome = |tool: &str, at: i64, success: bool, quality: i64| json!({"tool": tool, "at_s": at, "success": success, "latency_ms": 2_000, "quality_ppm": quality, "cost_micro_usd": 0});
    let outcomes: Vec<Value> = (0..10).flat_map(|n| [outcome("good", n, true, 900_000), outcome("bad", n, n % 2 == 0, 0)]).collect();
    let input = json!({"tools": ["good", "bad", "new"], "outcomes": outcomes});
    let (exit, answer) = asked(home, &["route", "rank", "-"], &input);
    let order: Vec<&str> = answer["ranking"].as_array().expect("a list").iter().filter_map(|r| r["tool"].as_str()).collect();
    assert_eq!((exit, order), (0, vec!["good", "new", "bad"]), "{answer}");
    assert_eq!((&answer["ranking"][1]["cold"], &answer["ranking"][2]["stats"]["quality_ppm"]), (&json!(true), &json!(0)), "0 is bad");
    assert!(answer.get("activation").is_none());
    let day = 86_400;
    let shadowed: Vec<Value> =
        (0..7).flat_map(|d| (0..10).map(move |n| json!({"at_s": 10 * day - d * day - n, "diverged": false}))).collect();
    let ready = |shadowed: &[Value]| {
        let input = json!({"outcomes": [], "now_s": 10 * day, "shadowed": shadowed});
        asked(home, &["route", "rank", "-"], &input).1["activation"]["ready"].clone()
    };
    assert_eq!(ready(&shadowed), true);
    let mut one = shadowed.clone();
    one[3]["diverged"] = json!(true);
    assert_eq!(ready(&one), false, "one of ten is a tenth");
    assert_eq!(ready(&shadowed[10..]), false, "a day without a choice");
    for (input, named) in [
        (json!({"outcomes": [outcome("good", -1, true, 0)]}), "/outcomes/0/at_s: -1"),
        (json!({"outcomes": [outcome("good", 1, true, 1_000_001)]}), "/outcomes/0/quality_ppm: 1000001"),
        (json!({"outcomes": [{"tool": "good"}]}), "/outcomes/0/at_s: required"),
        (json!({"outcomes": [], "window": 0}), "/window: 0"),
        (json!({"outcomes": [], "shadowed": [{"at_s": 1, "diverged": true}]}), "/now_s: required"),
    ] {
        let answer = refused(&mut file(home, home, &["route", "rank"], input.to_string().as_bytes()), 3, "document.refused");
        assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains(named)), "{named}: {answer}");
    }
}

#[test]
fn past_runs_speak_for_a_policy_in_whole_numbers() {
    let dir = tempfile::tempdir().expect("a folder");
    let home = dir.path();
    let run = |day: u32, fallbacks: u32, latency: u32| {
        json!({"schemaVersion": 1, "recordedAt": format!("2026-01-{day:02}T00:00:00.000Z"), "routingPolicy": "balanced", "providerChain": ["p"],
            "sceneCount": 10, "fromGenerated": 0, "fallbacks": fallbacks, "totalGenerationCostUsd": 0.04 * 3.0, "skippedProviders": [],
            "providerSummary": [{"provider": "p", "attempts": 10, "successes": 9, "failures": 1, "avgLatencyMs": latency}]})
    };
    let lines = |runs: &[Value]| runs.iter().map(|r| format!("{r}\n")).collect::<String>();
    let recommend = |input: String| ok(&mut file(home, home, &["route", "recommend"], input.as_bytes()));
    // Too few of them say nothing.
    let answer = recommend(lines(&[run(1, 9, 10)]));
    assert_eq!((&answer["policy"], &answer["confidence_ppm"]), (&json!("balanced"), &json!(0)), "{answer}");
    let many: Vec<Value> = (1..=20).map(|day| run(day, 5, if day > 10 { 5_000 } else { 1_000 })).collect();
    let answer = recommend(lines(&many));
    assert_eq!((&answer["policy"], &answer["confidence_ppm"]), (&json!("quality-first"), &json!(500_000)), "{answer}");
    assert_eq!((&answer["trends"]["cost_micro_usd"], &answer["slowed"][0]["provider"]), (&json!(2_400_000), &json!("p")));
    // An array, and an object of records, are the same; so is another order of lines.
    let mut turned = many.clone();
    turned.reverse();
    assert_eq!(plain(recommend(json!(turned).to_string())), plain(answer.clone()));
    assert_eq!(plain(recommend(json!({"records": many}).to_string())), plain(answer));
    let mut wrong = run(1, 11, 10);
    let message = |input: &Value| {
        let answer = refused(&mut file(home, home, &["route", "recommend"], input.to_string().as_bytes()), 3, "document.refused");
        answer["error"]["message"].as_str().unwrap_or_default().to_owned()
    };
    assert!(message(&wrong).contains("/0/fallbacks: 11 of 10"));
    wrong["sceneCount"] = json!(-1);
    assert!(message(&wrong).contains("/0/sceneCount: -1"));
    wrong.as_object_mut().expect("is one").remove("recordedAt");
    assert!(message(&wrong).contains("/0/recordedAt: required"));
}

#[test]
fn a_promise_is_read_from_a_brief_and_held_against_cuts() {
    let dir = tempfile::tempdir().expect("a folder");
    let home = dir.path();
    let brief = json!({"pipeline_type": "cinematic", "user_intent": {"tone": "noir"}});
    let (exit, answer) = asked(home, &["promise", "classify", "-"], &brief);
    let promise = answer["promise"].clone();
    assert_eq!((exit, &promise["promise_type"], &promise["motion_required"]), (0, &json!("motion_led"), &json!(true)), "{answer}");
    assert_eq!(answer["rule"]["min_motion_percent"], 70);
    let misspelt = json!({"pipeline_type": "cinematic", "user_intent": {"motion_requird": true}}).to_string();
    let answer = refused(&mut file(home, home, &["promise", "classify"], misspelt.as_bytes()), 3, "document.refused");
    assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains("motion_requird")));

    let cut = |shot: &str, frames: u64, kind: &str| json!({"shot_id": shot, "frames": frames, "kind": kind});
    let check = |promise: &Value, cuts: &[Value]| asked(home, &["promise", "check", "-"], &json!({"promise": promise, "cuts": cuts}));
    let codes = |answer: &Value| -> Vec<String> {
        let findings = answer["verdict"]["findings"].as_array().expect("a list");
        findings.iter().filter_map(|f| f["code"].as_str().map(str::to_owned)).collect()
    };
    let film: Vec<Value> =
        (0..8).map(|n| cut(&format!("v{n}"), 48, "video")).chain([cut("s1", 48, "still"), cut("s2", 48, "still")]).collect();
    let (exit, answer) = check(&promise, &film);
    assert_eq!((exit, &answer["valid"], &answer["measure"]), (0, &json!(true), &json!("planned")), "{answer}");
    assert_eq!(answer["counted"]["by_time"], json!({"part": 384, "whole": 480, "ppm": 800_000}));
    // By time it is broken where by count it is kept.
    let mut long = film.clone();
    long[9]["frames"] = json!(1_000);
    let (exit, answer) = check(&promise, &long);
    assert_eq!((exit, codes(&answer)), (5, vec!["promise.motion_floor".to_owned(), "promise.still_led".to_owned()]));
    // Where one cut was measured, all must be.
    let mut measured = film.clone();
    measured[0]["moving"] = json!(true);
    let (exit, answer) = check(&promise, &measured);
    assert!(exit == 5 && answer["measure"] == "decoded" && codes(&answer).iter().any(|c| c == "promise.not_measured"), "{answer}");
    // No promise, no cuts.
    let (exit, answer) = check(&Value::Null, &film);
    assert_eq!((exit, codes(&answer)), (5, vec!["promise.missing".to_owned()]));
    assert_eq!((check(&promise, &[]).0, codes(&check(&promise, &[]).1)), (5, vec!["promise.no_cuts".to_owned()]));
    for (promise, cuts, named) in [
        (json!({"promise_type": "epic"}), json!([]), "/promise/promise_type"),
        (json!({"promise_type": "hybrid", "motion": true}), json!([]), "/promise/motion"),
        (promise.clone(), json!([cut("s", 1, "gif")]), "/cuts/0/kind"),
        (promise.clone(), json!([{"shot_id": "s", "frames": -1, "kind": "video"}]), "/cuts/0/frames"),
        (promise.clone(), json!([cut("s", 1 << 40, "video")]), "/cuts/0/frames"),
        (promise, Value::Null, "/cuts"),
    ] {
        let input = json!({"promise": promise, "cuts": cuts}).to_string();
        let answer = refused(&mut file(home, home, &["promise", "check"], input.as_bytes()), 3, "document.refused");
        assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains(named)), "{named}: {answer}");
    }
}

#[test]
fn a_policy_is_checked_before_anything_is_chosen_by_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let home = dir.path();
    let check = |text: &str| file(home, home, &["policy", "check"], text.as_bytes());
    let good = r#"{"schemaVersion": "1.0.0", "visuals": {"providerChain": ["a", "b"], "routingPolicy": "cost-first",
        "maxGenerationCostUsd": 0.1, "gates": {"enforce": true, "maxFallbackRate": 0.25}}, "audio": {}}"#;
    let answer = ok(&mut check(good));
    assert_eq!(answer["stages"]["visuals"]["max_cost_micro_usd"], 100_000, "{answer}");
    assert_eq!((&answer["stages"]["visuals"]["max_fallback_ppm"], &answer["stages"]["audio"]), (&json!(250_000), &json!({})));
    for (text, named) in [
        (r#"{"visuals": {"routingPolcy": "balanced"}}"#, "/visuals/routingPolcy: no such key; there are providerChain, routingPolicy"),
        (r#"{"visuels": {}}"#, "/visuels: no such key; there are schemaVersion, script, audio, visuals, render"),
        (r#"{"visuals": {"routingPolicy": "best"}}"#, "configured, balanced, cost-first"),
        (r#"{"visuals": {"maxGenerationCostUsd": -1}}"#, "/visuals/maxGenerationCostUsd: -1"),
        (r#"{"visuals": {"gates": {"maxFallbackRate": 1.5}}}"#, "/visuals/gates/maxFallbackRate: 1.5"),
        ("{", "not valid JSON"),
    ] {
        let answer = refused(&mut check(text), 3, "policy.malformed");
        assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains(named)), "{named}: {answer}");
    }
    refused(&mut check(&format!("{{\"visuals\": \"{}\"}}", "x".repeat(10 << 20))), 3, "policy.malformed");
    refused(check(good).args(["--samples", "x"]), 2, "usage");

    // Every policy that is shipped, and what is wrong with one whose words are changed.
    let gates = root().join("policies/gates");
    for name in ["budget", "data_class", "pre_execution", "roles", "selection"] {
        let answer = ok(reel(home).args(["policy", "check", "--json"]).arg(gates.join(format!("{name}.rego"))));
        assert!(answer["gate"] == name && answer["checks"].as_array().is_some_and(|c| !c.is_empty()), "{answer}");
        assert!(answer["samples"].as_u64().is_some_and(|n| n > 1));
    }
    let (rego, samples) = (home.join("budget.rego"), home.join("budget.json"));
    fs::copy(gates.join("budget.json"), &samples).expect("copies");
    let text = fs::read_to_string(gates.join("budget.rego")).expect("reads");
    let refuse = |text: &str| {
        fs::write(&rego, text).expect("writes");
        let answer = refused(reel(home).args(["policy", "check", "--json"]).arg(&rego), 3, "policy.refused");
        answer["error"]["message"].as_str().unwrap_or_default().to_owned()
    };
    assert!(refuse(&text.replace("input.quote_micro_usd <= input.run", "input.quote_micro_usd < input.run")).contains("sample"));
    assert!(refuse(&text.replace("package reel.gates.budget", "package other")).contains("package"));
    assert!(refuse(&text.replace("is_number(input.quote_micro_usd)", "is_numbre(input.quote_micro_usd)")).contains("budget"));
    let runaway = "\nspin if { some a in numbers.range(1, 100000)\n some b in numbers.range(1, 100000)\n a * b == -1 }\n\
        outcomes contains {\"id\": \"quote\", \"pass\": false, \"message\": \"\"} if spin\n";
    assert!(refuse(&format!("{text}{runaway}")).contains("budget"));
    fs::write(&rego, &text).expect("writes");
    fs::remove_file(&samples).expect("removes");
    assert!(refuse(&text).contains("budget.json"));
}

/// A Decision, as `reel route select` answers it.
fn decision(home: &Path, subject: &str) -> Value {
    let around = json!({
        "request": request(&json!({"subject": subject, "policy": "quality-first"})), "budget": {"remaining_micro_usd": 100_000},
    });
    let (exit, answer) = asked(home, &["route", "select", "-"], &around);
    assert_eq!(exit, 0, "{answer}");
    answer["decision"].clone()
}

#[test]
fn a_decision_is_made_again_from_its_file_on_a_machine_that_has_nothing_else() {
    let dir = tempfile::tempdir().expect("a folder");
    let home = dir.path();
    let explain = |value: &Value, more: &[&str]| -> (i32, Value) {
        let path = dir.path().join("record.json");
        fs::write(&path, value.to_string()).expect("writes");
        let output = Command::new(env!("CARGO_BIN_EXE_reel")).env_clear().arg("explain").arg(&path).args(more).arg("--json").output();
        let output = output.expect("starts");
        (output.status.code().expect("ends"), last(&output))
    };
    let one = decision(home, "sc01-b01-s1");
    let (exit, answer) = explain(&one, &[]);
    assert_eq!((exit, &answer["equal"]), (0, &json!(true)), "{answer}");
    assert_eq!(answer["decisions"][0]["choice"], one["choice"]);
    // Whatever is changed of what it rested on, or of what it says, is found.
    let painter =
        one["snapshot"]["candidates"].as_array().expect("a list").iter().position(|c| c["tool"] == "craft.painter").expect("is there");
    for (pointer, value, named) in [
        (format!("/snapshot/candidates/{painter}/quote_micro_usd"), json!(200_000), "the record says `craft.painter`"),
        ("/choice/first".to_owned(), json!("standin.picture"), "the record says `standin.picture`"),
        ("/choice/order/0/reason".to_owned(), json!("because"), "a reason"),
        ("/choice/exclusions/0/reason".to_owned(), json!("because"), "an exclusion"),
        ("/cost_micro_usd".to_owned(), json!(7), "the record says"),
    ] {
        let mut changed = one.clone();
        *changed.pointer_mut(&pointer).unwrap_or_else(|| panic!("{pointer} in {one}")) = value;
        let (exit, answer) = explain(&changed, &[]);
        assert_eq!((exit, &answer["equal"]), (7, &json!(false)), "{pointer}: {answer}");
        assert!(answer["decisions"][0]["differs"].as_str().is_some_and(|d| d.contains(named)), "{pointer}: {answer}");
    }
    // A list, the answer of `select`, a document of an episode and a visuals.json hold them, too.
    let two = decision(home, "sc01-b02-s1");
    let (exit, answer) = explain(&json!([one, two]), &["sc01-b02-s1"]);
    assert_eq!((exit, answer["decisions"].as_array().map(Vec::len), &answer["decisions"][0]["pointer"]), (0, Some(1), &json!("/1")));
    let scenes = json!({"schemaVersion": "1.1.0", "scenes": [
        {"sceneId": "scene-001", "matchReasoning": {"reelwright": {"decision": one}}},
        {"sceneId": "scene-002", "matchReasoning": {"reelwright": {"decision": two}}}]});
    let (exit, answer) = explain(&scenes, &["scene-002"]);
    assert_eq!((exit, &answer["decisions"][0]["subject"]), (0, &json!("sc01-b02-s1")), "{answer}");
    let episode = json!({"schema_id": "decisions", "schema_version": "0.1.0", "decided": [
        {"need_id": "n1", "used_by": ["s1", "s2"], "decision": one}, {"need_id": "n2", "decision": two}]});
    assert_eq!(explain(&episode, &["s2"]).1["decisions"][0]["subject"], "sc01-b01-s1");
    assert_eq!(explain(&episode, &[]).1["decisions"].as_array().map(Vec::len), Some(2));
    // What is not in it is said, with what is.
    let (exit, answer) = explain(&episode, &["s3"]);
    assert!(exit == 3 && answer["error"]["message"].as_str().is_some_and(|m| m.contains("n1") && m.contains("sc01-b02-s1")), "{answer}");
    for value in
        [json!({"scenes": []}), json!({"schema_id": "script"}), json!([]), json!({"schema_id": "decision", "schema_version": "9.0.0"})]
    {
        assert_eq!(explain(&value, &[]).0, 3, "{value}");
    }
    let mut newer = one.clone();
    newer["schema_version"] = json!("9.0.0");
    let (exit, answer) = explain(&newer, &[]);
    assert!(exit == 3 && answer["error"]["message"].as_str().is_some_and(|m| m.contains("schema_version")), "{answer}");
    // As a person reads it.
    fs::write(dir.path().join("record.json"), one.to_string()).expect("writes");
    let text = reel(home).arg("explain").arg(dir.path().join("record.json")).output().expect("starts").stdout;
    let text = String::from_utf8_lossy(&text).into_owned();
    for part in ["sc01-b01-s1", "craft.painter", "left out library.picture", "$0.100000 remained", "the choice is the same"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_log_whose_chain_is_broken_says_where() {
    let dir = tempfile::tempdir().expect("a folder");
    let text = fs::read_to_string(root().join("tests/old/decision_log/0.1.0.json")).expect("an old one");
    let log: Value = serde_json::from_str(&text).expect("is JSON");
    let answer = ok(&mut file(dir.path(), dir.path(), &["explain"], text.as_bytes()));
    assert_eq!((&answer["equal"], answer["entries"].as_array().map(Vec::len)), (&json!(true), log["decisions"].as_array().map(Vec::len)));
    let mut changed = log.clone();
    changed["decisions"][0]["reason"] = json!("another");
    let output = file(dir.path(), dir.path(), &["explain"], changed.to_string().as_bytes()).output().expect("starts");
    let answer = last(&output);
    assert_eq!((output.status.code(), &answer["equal"]), (Some(7), &json!(false)), "{answer}");
    assert!(answer["complaints"][0].as_str().is_some_and(|c| c.contains("entry 1")), "{answer}");
}

#[test]
fn another_policy_is_tried_on_the_past() {
    let dir = tempfile::tempdir().expect("a folder");
    let home = dir.path();
    let decisions: Vec<Value> = (0..3).map(|n| decision(home, &format!("s{n}"))).collect();
    let lines: String = decisions.iter().map(|d| format!("{d}\n")).collect();
    let replay = |text: &str, policy: &str| ok(file(home, home, &["policy", "replay"], text.as_bytes()).args(["--policy", policy]));
    let answer = replay(&lines, "quality-first");
    assert_eq!((&answer["decisions"], &answer["same_first"], &answer["not_recomputed"]), (&json!(3), &json!(3), &json!(0)), "{answer}");
    assert_eq!(answer["quality"]["estimate"], "not estimable");
    let pretty = serde_json::to_string_pretty(&decisions).expect("is JSON");
    assert_eq!(plain(replay(&pretty, "quality-first")), plain(answer.clone()), "an array is as good as lines");
    let held = json!({"decided": decisions.iter().map(|d| json!({"need_id": "n", "decision": d})).collect::<Vec<_>>()});
    assert_eq!(plain(replay(&held.to_string(), "quality-first")), plain(answer));
    // A dearer painter: who goes by cost takes another.
    let mut dear = decisions.clone();
    for one in &mut dear {
        let candidates = one["snapshot"]["candidates"].as_array_mut().expect("a list");
        candidates.iter_mut().find(|c| c["tool"] == "craft.painter").expect("is there")["quote_micro_usd"] = json!(50_000);
    }
    let answer = replay(&json!(dear).to_string(), "cost-first");
    assert_eq!((&answer["other_first"], &answer["quote_micro_usd"]), (&json!(3), &json!(0)), "{answer}");
    assert_eq!(answer["not_recomputed"], 3, "the records do not follow from what was changed");
    assert_eq!(answer["complaints"][0]["subject"], "s0");
    refused(file(home, home, &["policy", "replay"], lines.as_bytes()).args(["--policy", "cheapest"]), 2, "usage");
    refused(&mut file(home, home, &["policy", "replay", "--policy", "balanced"], b"{\"schema_id\": \"script\"}"), 3, "document.refused");
    // More than are held at once: all are counted, and the first fault is named by its place.
    let many = lines.repeat(700);
    assert_eq!(replay(&many, "balanced")["decisions"], 2_100);
    let late = format!("{many}{{\"schema_id\": \"decision\"}}\n{lines}{{}}\n");
    let answer = refused(&mut file(home, home, &["policy", "replay", "--policy", "balanced"], late.as_bytes()), 3, "document.refused");
    assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains("entry 2101 ")), "{answer}");
    let broken = format!("{lines}{{\"schema_id\": \"decision\"}}\n");
    let answer = refused(&mut file(home, home, &["policy", "replay", "--policy", "balanced"], broken.as_bytes()), 3, "document.refused");
    assert!(answer["error"]["message"].as_str().is_some_and(|m| m.contains("entry 4")), "{answer}");
}
