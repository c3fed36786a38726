//! Goldens: what each step makes of the example, as a hash beside the step's version. The silent film is used, because
//! without a speech engine everything up to the encoder is pure: the same bytes on any machine.

use std::collections::BTreeMap;
use std::fs;

use contracts::{Hash, Id, canonical_value};
use registry::{MemoLookup, Registry};
use serde_json::{Value, json};

use crate::{
    notes::{example, small_hand},
    ok, reel, root,
};

/// Steps whose bytes belong to one build of a tool; of a shot, the composed frames are pure, and those are kept.
const PINNED: [&str; 5] = ["join", "measure", "proposal", "publish", "soundtrack"];

/// The table in the source: kind and version.
fn versions() -> BTreeMap<String, u64> {
    let source = fs::read_to_string(root().join("crates/reel/src/stages/mod.rs")).expect("the stages");
    let table = source.split("STEP_VERSIONS").nth(1).and_then(|t| t.split("];").next()).expect("the table");
    let rows = table.split('(').skip(1).filter_map(|row| {
        let mut cells = row.split(['"', ',', ')']).map(str::trim).filter(|c| !c.is_empty());
        Some((cells.next()?.to_owned(), cells.next()?.parse().ok()?))
    });
    rows.collect()
}

#[test]
fn golden_outputs_change_only_with_their_steps_version() {
    let dir = tempfile::tempdir().expect("a folder");
    let home = dir.path().join("home");
    let film = |project: &std::path::Path| {
        let mut command = reel(&home);
        command.arg("produce").arg(project).args(["--yes", "--json", "--draft", "--no-voice", "--out"]).arg(dir.path().join("out"));
        let done = ok(&mut command);
        outputs(&home, &Id::new(done["run_id"].as_str().expect("a run")).expect("an id"))
    };
    let mut made = film(&root().join("examples/lighthouse"));
    // What the example does not do, a copy of it does that an author has changed: of its steps, those are kept that only it has.
    let project = example(dir.path());
    small_hand(&project);
    for (kind, hash) in film(&project) {
        made.entry(kind).or_insert(hash);
    }
    let path = root().join("tests/golden/steps.json");
    let stored: Value = fs::read(&path).ok().and_then(|b| serde_json::from_slice(&b).ok()).unwrap_or_else(|| json!({}));
    let mut golden = BTreeMap::new();
    let mut changed = Vec::new();
    for (kind, version) in versions() {
        let hash = match made.get(&kind) {
            Some(_) if PINNED.contains(&kind.as_str()) => "pinned to the tool".to_owned(),
            Some(hash) => hash.to_string(),
            None => "not in the example".to_owned(),
        };
        let (old, old_version) = (stored[&kind]["output"].as_str().unwrap_or_default(), stored[&kind]["version"].as_u64());
        if old != hash && old_version == Some(version) {
            changed.push(format!("{kind} (version {version}): {old} became {hash}"));
        }
        golden.insert(kind, json!({"version": version, "output": hash}));
    }
    // Before anything was released an output may change under its version; REELWRIGHT_ACCEPT_GOLDEN=first says so.
    let accept = std::env::var("REELWRIGHT_ACCEPT_GOLDEN").unwrap_or_default();
    if accept != "first" {
        assert!(
            changed.is_empty(),
            "outputs changed under an unchanged version: raise it in STEP_VERSIONS, then `cargo xtask golden`\n{}",
            changed.join("\n")
        );
    }
    if !accept.is_empty() {
        fs::write(&path, serde_json::to_string_pretty(&golden).expect("JSON") + "\n").expect("writes");
        return;
    }
    assert_eq!(json!(golden), stored, "run `cargo xtask golden` to accept");
}

/// One hash a kind, over what its steps made, in the order of their names.
fn outputs(home: &std::path::Path, run: &Id) -> BTreeMap<String, Hash> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let registry = runtime.block_on(Registry::open(home)).expect("the registry");
    let tenant = Id::slug("local");
    let mut kinds: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for row in runtime.block_on(registry.steps(run)).expect("the steps") {
        let memo = match runtime.block_on(registry.memo_get(&tenant, &row.step.memo_key)).expect("the memo") {
            MemoLookup::Hit(memo) => memo,
            other => panic!("{} is not remembered: {other:?}", row.step.name),
        };
        let output = if row.step.kind == "shot" {
            memo.outputs.facts["composed"].clone()
        } else {
            serde_json::to_value(&memo.outputs).expect("JSON")
        };
        kinds.entry(row.step.kind).or_default().push(json!([row.step.name, without_null(output)]));
    }
    kinds.into_iter().map(|(kind, rows)| (kind, Hash::of(&canonical_value(&json!(rows)).expect("is canonical")))).collect()
}

fn without_null(value: Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(map.into_iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k, without_null(v))).collect()),
        Value::Array(items) => items.into_iter().map(without_null).collect(),
        other => other,
    }
}
