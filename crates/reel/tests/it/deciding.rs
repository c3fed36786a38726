//! Runs choose every tool by routing: each choice follows from its record, files and flags change it, and what was chosen is told
//! where other programs look.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use contracts::{
    assets::{AssetManifest, NeedSpec},
    choice::{AttemptResult, Decisions, ExclusionCode, Modality, Policy},
    shots::ShotList,
};
use routing::{compat, replay::verify};
use serde_json::{Value, json};

use crate::{notes::example, ok, reel, refused, root};

/// The pictures of an episode, small and without voices, into a folder.
fn pictures(home: &Path, project: &Path, out: &Path) -> Command {
    let mut command = reel(home);
    command.arg("visuals").arg(project).args(["--draft", "--no-voice", "--json", "--out"]).arg(out);
    command
}

fn read<T: contracts::Document>(path: &Path) -> T {
    contracts::read(&fs::read(path).expect("is there")).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn value(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("is there")).expect("JSON")
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

struct Desk {
    _dir: tempfile::TempDir,
    home: PathBuf,
    project: PathBuf,
    out: PathBuf,
}

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let project = example(dir.path());
        Self { home: dir.path().join("home"), project, out: dir.path().join("out"), _dir: dir }
    }

    fn pictures(&self) -> Command {
        pictures(&self.home, &self.project, &self.out)
    }

    fn decisions(&self) -> Decisions {
        read(&self.out.join("Decisions.json"))
    }

    fn visuals(&self) -> Value {
        value(&self.out.join("visuals.json"))
    }

    /// A manifest in the person's own folder.
    fn tool(&self, name: &str, text: &str) {
        let folder = self.home.join(".config/reelwright/providers");
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(name), text).expect("writes");
    }
}

/// A manifest of somebody else's pictures, which this build cannot ask for.
fn stranger(tool: &str, price: i64) -> String {
    format!(
        "tool = \"{tool}\"\nprovider = \"elsewhere\"\npayer = \"elsewhere\"\ncapability = \"image_generation\"\nmodality = \"image\"\n\
         operations = [\"plate\"]\nmoves = true\ntier = \"generate\"\nstability = \"production\"\nruntime = \"api\"\ncost_tier = \"low\"\n\
         quality_ppm = 990000\ncommercial = true\ndata_classes = [\"public\", \"internal\"]\n[price]\nper = \"call\"\nmicro_usd = {price}\n"
    )
}

#[test]
fn every_asset_has_a_choice_that_follows_from_its_record_and_other_programs_read_it() {
    let desk = Desk::new();
    let film = desk.out.join("film");
    let mut produce = reel(&desk.home);
    produce.arg("produce").arg(&desk.project).args(["--yes", "--json", "--draft", "--out"]).arg(&film);
    let done = ok(&mut produce);
    let run = done["run_id"].as_str().expect("a run");
    let decisions: Decisions = read(&film.join("Decisions.json"));
    let (manifest, shots): (AssetManifest, ShotList) = (read(&film.join("AssetManifest.json")), read(&film.join("ShotList.json")));
    // Pictures, voices, score and sounds: all of it, in the order of the needs.
    let needs: Vec<&str> = manifest.needs.iter().map(|need| need.id.as_str()).collect();
    let all: Vec<&str> = decisions.decided.iter().map(|d| d.need_id.as_str()).collect();
    assert_eq!(all, [&["script"][..], &needs, &["film"]].concat());
    let (script, runtime) = (&decisions.decided[0].decision, &decisions.decided[needs.len() + 1].decision);
    assert_eq!(
        (script.chosen.as_ref().map(|t| t.as_str()), runtime.choice.first.as_ref().map(|t| t.as_str())),
        (Some("pack.writer"), Some("ffmpeg"))
    );
    assert!(verify(script).is_ok() && verify(runtime).is_ok());
    for (need, decided) in manifest.needs.iter().zip(&decisions.decided[1..]) {
        let decision = &decided.decision;
        verify(decision).unwrap_or_else(|why| panic!("{}: {why}", need.id));
        let modality = match need.spec {
            NeedSpec::Voice(_) => (Modality::Speech, "flite"),
            NeedSpec::Music(_) => (Modality::Music, "craft.score"),
            NeedSpec::Sound(_) => (Modality::Sound, "craft.foley"),
            _ => (Modality::Image, "craft.painter"),
        };
        let chosen = decision.chosen.as_ref().map_or("", |tool| tool.as_str());
        assert_eq!((decision.snapshot.request.modality, chosen), modality, "{}", need.id);
        assert!(decision.content.is_some() && decided.used_by == need.used_by, "{}", need.id);
        // What could be taken was asked of every gate, and the answers are in the record.
        let gates = decision.snapshot.gates.iter().filter(|g| g.tool == decision.chosen && g.pass).map(|g| g.gate.as_str());
        assert_eq!(gates.collect::<Vec<_>>(), ["selection", "data_class", "budget", "pre_execution"], "{}", need.id);
        // Stripped of everything that was decided, the record gives the same choice again; another price gives another.
        let mut dearer = decision.snapshot.clone();
        assert_eq!(routing::choose(&dearer), decision.choice);
        for candidate in dearer.candidates.iter_mut().filter(|c| c.tool.as_str() == chosen) {
            candidate.quote_micro_usd = Some(contracts::MicroUsd(1));
        }
        assert_ne!(routing::choose(&dearer).first, decision.choice.first, "{}", need.id);
    }
    // content-machine's reader reads every field it knows.
    let visuals = value(&film.join("visuals.json"));
    let theirs = compat::visuals::output(&visuals).expect("reads");
    assert_eq!(theirs["schemaVersion"], "1.1.0");
    assert_eq!((theirs["totalAssets"].as_u64(), &theirs["fallbacks"]), (Some(shots.shots.len() as u64), &json!(0)));
    assert_eq!((&theirs["providerRoutingPolicy"], &theirs["providerChain"][0]), (&json!("configured"), &json!("craft")));
    let scene = &theirs["scenes"][0];
    assert_eq!((&scene["sceneId"], &scene["matchReasoning"]["selectedProvider"]), (&json!(shots.shots[0].id), &json!("craft")));
    assert!(visuals["policyGates"].as_array().is_some_and(|g| g.iter().any(|g| g["stage"] == "pre" && g["status"] == "pass")));
    // One line a run, one line a shot; a second run adds its own and changes nothing else.
    let (routing, lineage) = (desk.home.join("telemetry/visuals-routing.jsonl"), desk.home.join("lineage/visual-assets.jsonl"));
    let line = lines(&routing).remove(0);
    let told: compat::recommend::Telemetry = serde_json::from_value(line.clone()).expect("content-machine's reader reads it");
    assert_eq!((told.pipeline_id.as_deref(), told.fallbacks, told.routing_policy.as_str()), (Some(run), 0.0, "configured"));
    assert!(line["reelwright"]["attempts"].as_array().is_some_and(|a| a.iter().any(|a| a["latency_ms"].as_u64() > Some(0))), "{line}");
    assert_eq!(lines(&lineage).len(), shots.shots.len());
    let before = fs::read(film.join("Decisions.json")).expect("reads");
    ok(&mut produce);
    assert_eq!(fs::read(film.join("Decisions.json")).expect("reads"), before, "the same choices are the same bytes");
    assert_eq!((lines(&routing).len(), lines(&lineage).len()), (2, 2 * shots.shots.len()));
    // What was remembered waited for nobody.
    let again = &lines(&routing)[1];
    assert!(again["reelwright"]["attempts"].as_array().is_some_and(|a| a.iter().all(|a| a.get("latency_ms").is_none())), "{again}");
    // The record is found by run and shot, and by file where there is no home.
    let shot = shots.shots[1].id.as_str();
    let told = ok(reel(&desk.home).args(["explain", run, shot, "--json"]));
    assert!(told["equal"] == true && told["decisions"].as_array().is_some_and(|d| !d.is_empty()), "{told}");
    let nowhere = desk.out.join("nowhere");
    for name in ["Decisions.json", "visuals.json"] {
        let from_file = ok(reel(&nowhere).arg("explain").arg(film.join(name)).args([shot, "--json"]));
        assert_eq!(from_file["equal"], true, "{name}: {from_file}");
        assert_eq!(from_file["decisions"][0]["chosen"], told["decisions"][0]["chosen"], "{name}");
    }
    assert!(!nowhere.join("registry.sqlite").exists());
    refused(reel(&desk.home).args(["explain", run, "sc99-b99-s9", "--json"]), 3, "document.refused");
    telemetry(&desk, &lineage, (run, shot));
}

fn telemetry(desk: &Desk, lineage: &Path, (run, shot): (&str, &str)) {
    let ask = |words: &[&str]| ok(reel(&desk.home).arg("telemetry").args(words).arg("--json"));
    let all = ask(&["routing", "--trend"]);
    assert_eq!((&all["records"], &all["trend"][0]["records"], &all["passed_over"]), (&json!(2), &json!(2), &json!(0)), "{all}");
    assert_eq!((&all["providers"][0]["provider"], &all["providers"][0]["success_ppm"]), (&json!("craft"), &json!(1_000_000)));
    assert_eq!(ask(&["routing", "--pipeline", run])["records"], 1);
    assert_eq!(ask(&["routing", "--provider", "nobody"])["records"], 0);
    assert_eq!(ask(&["routing", "--policy", "configured", "--limit", "1"])["records"], 1);
    assert_eq!(ask(&["routing", "--since", "2099-01-01"])["records"], 0);
    refused(reel(&desk.home).args(["telemetry", "routing", "--since", "yesterday", "--json"]), 2, "usage");
    // A line that is no record is passed over, and said.
    let text = fs::read_to_string(lineage).expect("reads");
    fs::write(lineage, format!("{text}{{\"half\": ")).expect("writes");
    let found = ask(&["lineage", "--scene", shot, "--pipeline", run]);
    assert_eq!((&found["records"], &found["passed_over"]), (&json!(1), &json!(1)), "{found}");
    let content = found["sample"][0]["reelwright"]["content"].as_str().expect("an address").to_owned();
    assert!(ask(&["lineage", "--asset", &content])["records"].as_u64() >= Some(2));
    assert!(
        found["sample"][0].get("generationPrompt").is_none() && found["sample"][0]["assetPath"] == format!("sha256:{content}").as_str()
    );
}

#[test]
fn files_and_flags_change_the_plan_in_their_order_and_nobody_eligible_is_an_error_with_every_reason() {
    let desk = Desk::new();
    let first = ok(&mut desk.pictures());
    assert_eq!((&first["policy"], &first["fallbacks"]), (&json!("configured"), &json!(0)), "{first}");
    let plain = desk.visuals();
    // The project's file, the workflow's over it, the flag over both.
    let policy = |json: Value| json!({"schemaVersion": 1, "visuals": json}).to_string();
    fs::write(desk.project.join("policy.json"), policy(json!({"routingPolicy": "balanced"}))).expect("writes");
    assert_eq!(ok(&mut desk.pictures())["policy"], "balanced");
    let workflow = desk.out.join("workflow.json");
    fs::write(&workflow, policy(json!({"routingPolicy": "cost-first", "maxGenerationCostUsd": 0}))).expect("writes");
    let made = ok(desk.pictures().arg("--policy").arg(&workflow));
    assert_eq!(made["policy"], "cost-first");
    assert!(made["gates"].as_array().is_some_and(|g| g.iter().any(|g| g["id"] == "visuals.max-worst-cost")), "{made}");
    let made = ok(desk.pictures().arg("--policy").arg(&workflow).args(["--routing-policy", "quality-first"]));
    assert_eq!(made["policy"], "quality-first");
    // Another order of equal tools makes the same pictures.
    let same = |other: &Value| other["scenes"][0]["assetPath"] == plain["scenes"][0]["assetPath"];
    assert!(same(&desk.visuals()));
    // A chain puts a stand-in first, which nobody takes for the picture.
    fs::remove_file(desk.project.join("policy.json")).expect("removes");
    let made = ok(desk.pictures().args(["--provider", "standin", "--fallback-providers", "craft"]));
    assert!(made["fallbacks"].as_u64() > Some(0), "{made}");
    let chained = desk.decisions();
    let stood = chained.decided.iter().filter(|d| d.decision.chosen.as_ref().is_some_and(|t| t.as_str() == "standin.picture"));
    assert!(stood.count() > 0 && desk.visuals()["scenes"].as_array().is_some_and(|s| s.iter().any(|s| s["source"] == "fallback-color")));
    // A comma chain stands alone: people are drawn by nobody else.
    let error = refused(desk.pictures().args(["--provider", "library,standin"]), 5, "choice.no_tool");
    let exclusions = error["error"]["choice"]["exclusions"].as_array().expect("a list");
    let of = |tool: &str, code: &str| exclusions.iter().any(|e| e["tool"] == tool && e["code"] == code && e["reason"].is_string());
    assert!(of("craft.painter", "not_allowed") && of("library.picture", "unavailable") && of("standin.picture", "unavailable"), "{error}");
    // What is misspelt is not passed over.
    for (file, named) in [
        (policy(json!({"routingPolicy": "cheap"})), "/visuals/routingPolicy"),
        (policy(json!({"providers": ["craft"]})), "/visuals/providers"),
        (json!({"schemaVersion": 1, "video": {}}).to_string(), "/video"),
        (policy(json!({"maxGenerationCostUsd": -1})), "/visuals/maxGenerationCostUsd"),
    ] {
        fs::write(&workflow, &file).expect("writes");
        let error = refused(desk.pictures().arg("--policy").arg(&workflow), 3, "policy.malformed");
        assert!(error["error"]["message"].as_str().is_some_and(|m| m.contains(named) && m.contains("workflow.json")), "{file}: {error}");
    }
    refused(desk.pictures().args(["--provider", "dalle"]), 2, "usage");
    refused(desk.pictures().args(["--max-generation-cost-usd", "lots"]), 2, "usage");
    refused(desk.pictures().args(["--routing-policy", "cheap"]), 2, "usage");
    // An enforced gate ends the run; what was made, and what was counted, is written all the same.
    fs::write(&workflow, policy(json!({"gates": {"enforce": true, "maxFallbackRate": 0}}))).expect("writes");
    fs::remove_file(desk.out.join("visuals.json")).expect("removes");
    let counted = lines(&desk.home.join("telemetry/visuals-routing.jsonl")).len();
    let mut enforced = desk.pictures();
    enforced.arg("--policy").arg(&workflow);
    let error = refused(enforced.args(["--provider", "standin", "--fallback-providers", "craft"]), 5, "POLICY_GATE_FAILED");
    assert!(error["error"]["message"].as_str().is_some_and(|m| m.contains("visuals.max-fallback-rate")), "{error}");
    assert_eq!(lines(&desk.home.join("telemetry/visuals-routing.jsonl")).len(), counted + 1);
    let gates = desk.visuals()["policyGates"].clone();
    assert!(gates.as_array().is_some_and(|g| g.iter().any(|g| g["id"] == "visuals.max-fallback-rate" && g["status"] == "fail")), "{gates}");
    // The other stages' gates are asked by the same file: the third of the voices, none; the writer, as dear as it may be.
    let audio = json!({"schemaVersion": 1, "audio": {"providerChain": ["nobody"], "gates": {"maxFallbackRate": 0, "minProviderSuccessRate": 1}},
        "script": {"maxGenerationCostUsd": 0.5, "routingPolicy": "cost-first"}, "render": {"maxGenerationCostUsd": 0}});
    fs::write(&workflow, audio.to_string()).expect("writes");
    let made = ok(desk.pictures().arg("--policy").arg(&workflow));
    let ids: Vec<&str> = made["gates"].as_array().expect("a list").iter().filter_map(|g| g["id"].as_str()).collect();
    for id in ["audio.max-fallback-rate", "audio.min-provider-success-rate", "script.max-worst-cost", "render.max-worst-cost"] {
        assert!(ids.contains(&id), "{id}: {made}");
    }
    assert!(made["notes"].to_string().contains("the policy's chain for audio names `nobody`"), "{made}");
    let script = &desk.decisions().decided[0].decision;
    assert_eq!((script.choice.policy, script.snapshot.budget.remaining_micro_usd), (Policy::CostFirst, Some(contracts::MicroUsd(0))));
    // `reel produce` has the same flags by longer names, and remembers them for the next time.
    let mut produce = reel(&desk.home);
    produce.arg("produce").arg(&desk.project).args(["--draft", "--no-voice", "--yes", "--json", "--visuals-provider", "library,standin"]);
    produce.args([
        "--visuals-fallback-providers",
        "craft",
        "--visuals-routing-policy",
        "scored",
        "--visuals-max-generation-cost-usd",
        "0.12",
    ]);
    let error = refused(&mut produce, 5, "choice.no_tool");
    let shown = ok(reel(&desk.home).args(["show", error["run_id"].as_str().expect("a run"), "--json"]));
    let again = shown["next_actions"].to_string();
    for flag in ["--visuals-provider", "library,standin", "--visuals-routing-policy", "scored", "--visuals-max-generation-cost-usd", "0.12"]
    {
        assert!(again.contains(flag), "{flag}: {again}");
    }
}

#[test]
fn a_tool_of_a_persons_folder_is_listed_and_never_chosen_where_nobody_can_carry_it_out() {
    let desk = Desk::new();
    desk.tool("best.toml", &stranger("elsewhere.best", 40_000));
    desk.tool("bad.toml", &stranger("elsewhere.bad", -1));
    let made = ok(desk.pictures().args(["--routing-policy", "quality-first"]));
    assert!(made["notes"].to_string().contains("bad.toml: price.micro_usd"), "{made}");
    for decided in desk.decisions().decided.iter().filter(|d| d.decision.snapshot.request.modality == Modality::Image) {
        let of = |code| decided.decision.choice.exclusions.iter().find(|e| e.tool.as_str() == "elsewhere.best" && e.code == code);
        let why = of(ExclusionCode::Unavailable).unwrap_or_else(|| panic!("{:?}", decided.decision.choice.exclusions));
        assert!(why.reason.contains("no adapter"), "{}", why.reason);
        // The project lets nothing leave this machine, and spends nothing.
        assert!(of(ExclusionCode::NotLocal).is_some() && of(ExclusionCode::OverBudget).is_some());
        assert_eq!(decided.decision.chosen.as_ref().map(|t| t.as_str()), Some("craft.painter"));
    }
    // Asked for by name alone it is still no candidate, and there is no other.
    let error = refused(desk.pictures().args(["--provider", "elsewhere.best,elsewhere"]), 5, "choice.no_tool");
    assert!(error["error"]["message"].as_str().is_some_and(|m| m.contains("no adapter")), "{error}");
    // A person's own word on the painter stands in the place of ours: one that costs money is over a budget of nothing.
    let painter = fs::read_to_string(root().join("policies/providers/craft.painter.toml")).expect("reads");
    let dear =
        painter.replace("cost_tier = \"free\"", "cost_tier = \"low\"\npayer = \"craft\"").replace("micro_usd = 0", "micro_usd = 40000");
    desk.tool("painter.toml", &dear);
    let error = refused(&mut desk.pictures(), 5, "choice.no_tool");
    assert!(error["error"]["message"].as_str().is_some_and(|m| m.contains("over_budget")), "{error}");
}

#[test]
fn an_authors_picture_is_a_choice_too_and_records_go_where_the_other_readers_look() {
    let desk = Desk::new();
    ok(&mut desk.pictures());
    let manifest: Decisions = desk.decisions();
    let background = manifest.decided.iter().find(|d| d.decision.snapshot.request.intent.contains("background")).expect("a background");
    let tags: Vec<&str> = background.decision.snapshot.request.intent.split(' ').collect();
    let library = desk.project.join("library");
    fs::create_dir_all(&library).expect("a folder");
    let pixel = media::image::encode(&media::image::Image { width: 8, height: 4, rgba: [40, 90, 160, 255].repeat(32) }).expect("encodes");
    fs::write(library.join("own.png"), &pixel).expect("writes");
    let entry = format!("[own-picture]\nfile = \"own.png\"\ntags = {tags:?}\nlicence = \"CC0-1.0\"\nauthor = \"A\"\n");
    fs::write(library.join("library.toml"), entry).expect("writes");
    let cm = desk.out.join("cm");
    let mut command = desk.pictures();
    command.arg("--cm-paths").env("CM_VISUALS_TELEMETRY_PATH", cm.join("t.jsonl")).env("CM_ASSET_LINEAGE_PATH", cm.join("l.jsonl"));
    ok(&mut command);
    assert_eq!(lines(&cm.join("t.jsonl")).len(), 1);
    assert!(lines(&cm.join("l.jsonl")).iter().any(|line| line["selectedProvider"] == "library"));
    let found = |desk: &Desk| desk.decisions().decided.into_iter().find(|d| d.need_id == background.need_id).expect("is there").decision;
    let decision = found(&desk);
    verify(&decision).expect("follows");
    assert_eq!(decision.chosen.as_ref().map(|t| t.as_str()), Some("library.picture"));
    assert_eq!(
        desk.visuals()["fromUserFootage"],
        desk.visuals()["scenes"]
            .as_array()
            .map_or(0, |s| s.iter().filter(|s| s["matchReasoning"]["selectedProvider"] == "library").count())
    );
    // Switched off, and by default under the home of the person.
    ok(desk.pictures().arg("--cm-paths").env("CM_VISUALS_OBSERVABILITY", "0"));
    assert!(!desk.home.join(".cm").exists());
    ok(desk.pictures().arg("--cm-paths"));
    assert!(
        desk.home.join(".cm/telemetry/visuals-routing.jsonl").is_file()
            && desk.home.join(".cm/assets/lineage/visual-assets.jsonl").is_file()
    );
    assert_eq!(ok(reel(&desk.home).args(["telemetry", "routing", "--cm-paths", "--json"]))["records"], 1);
    // The author's picture outranks every generator, unless somebody writes down another chain.
    ok(desk.pictures().args(["--routing-policy", "cost-first"]));
    assert_eq!(found(&desk).chosen.as_ref().map(|t| t.as_str()), Some("library.picture"));
    ok(desk.pictures().args(["--provider", "craft"]));
    assert_eq!(found(&desk).chosen.as_ref().map(|t| t.as_str()), Some("craft.painter"));
    // A picture that is gone is an attempt that failed, never a silent painting.
    fs::remove_file(library.join("own.png")).expect("removes");
    let made = ok(&mut desk.pictures());
    let decision = found(&desk);
    verify(&decision).expect("follows");
    assert_eq!(decision.chosen.as_ref().map(|t| t.as_str()), Some("standin.picture"));
    assert!(
        decision.choice.exclusions.iter().any(|e| e.tool.as_str() == "library.picture" && e.reason.contains("own.png")),
        "{decision:?}"
    );
    assert!(made["fallbacks"].as_u64() > Some(0), "{made}");
    // What is no picture is tried, and the attempt is told with its error.
    fs::write(library.join("own.png"), b"no picture").expect("writes");
    ok(&mut desk.pictures());
    let decision = found(&desk);
    verify(&decision).expect("follows");
    let tried: Vec<(&str, AttemptResult)> = decision.attempts.iter().map(|a| (a.tool.as_str(), a.result)).collect();
    assert_eq!(tried, [("library.picture", AttemptResult::Failure), ("standin.picture", AttemptResult::Success)]);
    assert!(decision.attempts[0].error.as_ref().is_some_and(|e| e.contains("own.png")) && decision.choice.policy == Policy::Configured);
}

#[test]
fn what_past_runs_took_changes_the_order_only_where_the_policy_adapts() {
    let desk = Desk::new();
    let file = desk.home.join("telemetry/visuals-routing.jsonl");
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    let line = |n: u32, success: u32| {
        json!({
            "schemaVersion": 1, "recordedAt": format!("2026-01-01T00:00:{n:02}.000Z"), "routingPolicy": "configured", "providerChain": ["craft"],
            "sceneCount": 10, "fromGenerated": 10, "fallbacks": 10 - success, "totalGenerationCostUsd": 0,
            "providerSummary": [{"provider": "craft", "attempts": 10, "successes": success, "failures": 10 - success, "avgLatencyMs": 5}],
            "skippedProviders": [],
        })
    };
    let past = |success: u32| (0..3).map(|n| format!("{}\n", line(n, success))).collect::<String>();
    let policy =
        json!({"schemaVersion": 1, "visuals": {"routingPolicy": "adaptive", "evaluation": {"minRecords": 3, "adaptiveWindow": 3}}});
    fs::write(desk.project.join("policy.json"), policy.to_string()).expect("writes");
    for (success, resolved) in [(10, Policy::Balanced), (5, Policy::QualityFirst)] {
        fs::write(&file, past(success)).expect("writes");
        let made = ok(&mut desk.pictures());
        assert_eq!(made["policy"], "adaptive");
        let decisions = desk.decisions();
        let image =
            &decisions.decided.iter().find(|d| d.decision.snapshot.request.modality == Modality::Image).expect("a picture").decision;
        verify(image).expect("follows");
        assert_eq!(image.choice.policy, resolved);
        assert_eq!(image.snapshot.trends.map(|t| (t.records, t.attempts)), Some((3, 30)));
        // content-machine's readers know what it became, never `adaptive`.
        assert_eq!(desk.visuals()["providerRoutingPolicy"], json!(resolved));
    }
}
