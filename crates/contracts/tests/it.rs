//! Contracts: canonical bytes, ids, frames, seeds, and the reading rules of every document.

use contracts::{
    Document, EditRate, Hash, Id, Seed, canonical_value,
    document::{ReadError, read},
    documents,
    project::Project,
    story::Script,
};
use serde_json::{Value, json};

fn canonical(value: &Value) -> String {
    String::from_utf8(canonical_value(value).expect("has a canonical form")).expect("is UTF-8")
}

#[test]
fn canonical_bytes_sort_by_utf16_and_escape_as_rfc_8785_says() {
    // RFC 8785 §3.2.3: the sorting example, with its values as texts.
    let value = json!({"\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh", "1": "One",
        "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control", "\u{f6}": "Latin Small Letter O With Diaeresis"});
    let order: Vec<usize> = ["Carriage Return", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew"]
        .iter()
        .map(|w| canonical(&value).find(w).expect("is there"))
        .collect();
    assert!(order.windows(2).all(|w| w[0] < w[1]), "{}", canonical(&value));
    assert_eq!(canonical(&json!({"b": [1, -2, true, "a\"\\\u{0}\n/"], "a": {}})), r#"{"a":{},"b":[1,-2,true,"a\"\\\u0000\n/"]}"#);
}

#[test]
fn floats_large_integers_and_null_have_no_canonical_form() {
    for (value, pointer) in
        [(json!({"a": [0.5]}), "/a/0"), (json!({"a": 9_007_199_254_740_992_u64}), "/a"), (json!({"a~/b": null}), "/a~0~1b")]
    {
        let error = canonical_value(&value).expect_err("is refused").to_string();
        assert!(error.starts_with(pointer), "{error}");
    }
}

#[test]
fn ids_refuse_everything_that_could_leave_a_folder() {
    for good in ["a", "0", "sc01-b02-l1", "lamp_room", &"x".repeat(63)] {
        assert!(Id::new(good).is_ok(), "{good}");
    }
    let long = "x".repeat(64);
    for bad in
        ["", "-a", "_a", "A", "a/b", "..", ".", "a.b", "a b", "a\0", "é", "a\u{202e}", "%2e%2e", "a\\b", "con:", long.as_str(), "a\n"]
    {
        assert!(Id::new(bad).is_err(), "{bad:?}");
        assert!(serde_json::from_value::<Id>(json!(bad)).is_err(), "{bad:?}");
    }
    assert_eq!(Id::slug("  The Keeper's Lamp! ").as_str(), "the-keeper-s-lamp");
    assert_eq!(Id::slug("???").as_str(), "untitled");
}

#[test]
fn frames_and_samples_agree_at_every_rate() {
    for (text, frames, samples) in [("24/1", 24, 48_000), ("30000/1001", 30_000, 48_048_000), ("25/1", 1, 1_920), ("30/1", 3, 4_800)] {
        let rate = EditRate::try_from(text.to_owned()).expect("is a rate");
        assert_eq!(rate.samples_at(frames), samples);
        for frame in 0..2_000 {
            let start = rate.samples_at(frame);
            // A frame's first sample is in that frame, the one before it is not: no sound slips by a frame.
            assert_eq!(rate.frame_at(start), frame, "{text} frame {frame}");
            assert!(frame == 0 || rate.frame_at(start - 1) == frame - 1, "{text} frame {frame}");
            assert!(rate.samples_at(rate.frames_to_hold(start)) + 2 > start);
        }
    }
    for bad in ["24", "0/1", "24/0", "1000/1", "-24/1", "24/1/1", "a/b", ""] {
        let error = EditRate::try_from(bad.to_owned()).expect_err(bad);
        assert!(error.contains(&format!("`{bad}`")) && error.contains("between 1 and 120 frames a second"), "{error}");
    }
}

#[test]
fn seeds_are_the_same_everywhere_and_parts_do_not_run_together() {
    assert_eq!(Seed::new(0).next_u64(), 0xE220_A839_7B1D_CDAF, "SplitMix64's first output for 0");
    assert_ne!(Seed::of(&["ab", "c"]).next_u64(), Seed::of(&["a", "bc"]).next_u64());
    let mut seed = Seed::of(&["x"]);
    assert!((0..1_000).all(|_| seed.below(7) < 7 && (0.0..1.0).contains(&seed.unit()) && (-3..=3).contains(&seed.between(-3, 3))));
}

fn project() -> Value {
    json!({"schema_id": "project", "schema_version": "0.1.0", "id": "p", "title": "P", "genre": "mystery", "visual_style": "paper",
        "target_duration_s": 60, "edit_rate": "24/1", "language": "en", "aspect": "16:9", "render_profiles": ["preview_local"],
        "continuity_mode": "strict", "cost_policy": {"budget_micro_usd": 0, "external": "forbidden"}, "safety": {"audience": "general"},
        "approval_points": {"approve_canon_diff": true, "approve_character_packs": false, "approve_shotlist_timing_lock": true, "approve_external_spend": true}})
}

fn with(pointer: &str, value: Value) -> Vec<u8> {
    let mut document = project();
    match document.pointer_mut(pointer) {
        Some(place) => *place = value,
        None => document[pointer.trim_start_matches('/')] = value,
    }
    serde_json::to_vec(&document).expect("is JSON")
}

#[test]
fn unknown_fields_and_other_minors_are_read_and_other_majors_refused_with_the_migration() {
    assert!(read::<Project>(&with("/added_later", json!({"x": 1}))).is_ok());
    assert!(read::<Project>(&with("/schema_version", json!("0.9.3"))).is_ok());
    let error = read::<Project>(&with("/schema_version", json!("2.0.0"))).expect_err("is refused");
    assert!(matches!(error, ReadError::Major { .. }) && error.to_string().contains("use one that writes project 2.0.0"), "{error}");
    assert!(matches!(read::<Script>(&with("/x", json!(1))), Err(ReadError::Kind { .. })));
    assert!(read::<Project>(b"\"a story about a lamp\"").is_err(), "prose is no document");
}

#[test]
fn a_missing_or_wrong_field_is_named_by_pointer() {
    let mut document = project();
    document["cost_policy"].as_object_mut().expect("is an object").remove("external");
    let error = read::<Project>(&serde_json::to_vec(&document).expect("is JSON")).expect_err("is refused").to_string();
    assert_eq!(error, "/cost_policy/external: required field is missing");
    let error = read::<Project>(&with("/edit_rate", json!("0/0"))).expect_err("is refused").to_string();
    assert!(error.starts_with("/edit_rate: "), "{error}");
}

#[test]
fn camera_words_are_refused_in_a_script_at_any_depth() {
    let script = json!({"schema_id": "script", "schema_version": "0.1.0", "project_id": "p", "episode": 1, "title": "T", "title_after": "b",
        "scenes": [{"id": "sc01", "x": [{"camera": "low"}]}]});
    let error = read::<Script>(&serde_json::to_vec(&script).expect("is JSON")).expect_err("is refused").to_string();
    assert_eq!(error, "/scenes/0/x/0/camera: the key `camera` may not appear in a script");
}

#[test]
fn a_sealed_document_reads_back_and_its_address_is_that_of_its_bytes() {
    let read_back: Project = read(&serde_json::to_vec(&project()).expect("is JSON")).expect("reads");
    let (bytes, hash) = read_back.seal().expect("seals");
    assert_eq!(hash, Hash::of(&bytes));
    assert_eq!(read::<Project>(&bytes).expect("reads"), read_back);
    assert_eq!(hash.as_str().len(), 64);
}

#[test]
fn every_document_has_a_schema_with_its_envelope() {
    let mut ids = std::collections::BTreeSet::new();
    for kind in documents() {
        assert!(ids.insert(kind.id), "{} twice", kind.id);
        let schema = kind.schema();
        let required = schema["required"].as_array().expect("is a list");
        assert!(required.contains(&json!("schema_id")) && required.contains(&json!("schema_version")), "{}", kind.id);
        assert_eq!(schema["properties"]["schema_id"]["const"], json!(kind.id));
    }
    assert!(ids.contains("notes") && ids.len() > 14, "the chain and what stands beside it");
}

/// Every file of `tests/old`: one a kind and version ever written.
fn old() -> Vec<(String, Vec<u8>)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/old");
    let kinds = std::fs::read_dir(&root).expect("the folder of old versions");
    let files = kinds.flatten().flat_map(|kind| std::fs::read_dir(kind.path()).expect("a kind").flatten());
    let mut out: Vec<(String, Vec<u8>)> = files
        .map(|f| (f.path().strip_prefix(&root).expect("inside").display().to_string(), std::fs::read(f.path()).expect("reads")))
        .collect();
    out.sort();
    out
}

#[test]
fn every_version_ever_written_is_read_for_ever_and_migrates_to_this_one() {
    let stored = old();
    for kind in documents() {
        let newest = format!("{}/{}.json", kind.id, kind.version);
        assert!(stored.iter().any(|(name, _)| *name == newest), "tests/old/{newest} is missing: `cargo xtask schemas --keep RUN_DIR`");
    }
    for (name, bytes) in stored {
        let (id, version) = name.trim_end_matches(".json").split_once('/').expect("KIND/VERSION.json");
        let kind = documents().iter().find(|d| d.id == id).unwrap_or_else(|| panic!("{name}: no such kind"));
        kind.check(&bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        let migrated = contracts::migrate::migrate(&bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!((migrated.from.as_str(), migrated.to), (version, kind.version), "{name}");
        let again = contracts::migrate::migrate(&migrated.bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!((again.hash, again.steps.len()), (migrated.hash, 0), "{name}: migrating twice is migrating once");
    }
}

#[test]
fn an_old_summary_gains_the_list_it_did_not_have_and_keeps_the_rest() {
    let bytes = old().into_iter().find(|(name, _)| name == "run_summary/0.1.0.json").expect("is stored").1;
    let before: Value = serde_json::from_slice(&bytes).expect("is JSON");
    let migrated = contracts::migrate::migrate(&bytes).expect("migrates");
    let mut after: Value = serde_json::from_slice(&migrated.bytes).expect("is JSON");
    assert_eq!(migrated.steps.len(), 1);
    assert_eq!(after["remade"], json!([]));
    let map = after.as_object_mut().expect("is an object");
    map.remove("remade");
    map.insert("schema_version".into(), before["schema_version"].clone());
    assert_eq!(after, before);
}

#[test]
fn minors_mix_and_majors_do_not() {
    for (version, reads) in [("0.0.9", true), ("0.1.0", true), ("0.1.77", true), ("0.42.0", true), ("1.0.0", false), ("2.3.4", false)] {
        let bytes = with("/schema_version", json!(version));
        assert_eq!(read::<Project>(&bytes).is_ok(), reads, "{version}");
        let newer = version != "0.0.9" && version != "0.1.0" && version != "0.1.77";
        assert_eq!(contracts::migrate::migrate(&bytes).is_err(), newer, "{version}");
    }
}
