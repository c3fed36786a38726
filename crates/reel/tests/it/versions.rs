//! Documents of other versions, as a person meets them: read, migrated, or refused with what to do (002-30.2 to 30.5).

use std::fs;

use serde_json::{Value, json};

use crate::{ok, reel, refused, root};

#[test]
fn an_old_document_migrates_to_a_new_file_and_stays_what_it_was() {
    let dir = tempfile::tempdir().expect("a folder");
    let (home, out) = (dir.path().join("home"), dir.path().join("out"));
    let old = root().join("tests/old/run_summary/0.1.0.json");
    let before = fs::read(&old).expect("reads");
    let migrate = |source: &std::path::Path| ok(reel(&home).args(["schema", "migrate", "--json", "--out"]).arg(&out).arg(source));
    let done = migrate(&old);
    assert_eq!((&done["files"][0]["from"], &done["files"][0]["to"]), (&json!("0.1.0"), &json!("0.4.0")));
    assert_eq!(fs::read(&old).expect("reads"), before, "an artifact is never changed");
    let new = out.join("0.1.0.json");
    let made: Value = serde_json::from_slice(&fs::read(&new).expect("is written")).expect("is JSON");
    assert_eq!((&made["schema_version"], &made["remade"]), (&json!("0.4.0"), &json!([])));
    let checked = ok(reel(&home).args(["schema", "validate", "--json"]).arg(&old).arg(&new));
    assert_eq!(checked["valid"], json!(true), "minors mix: {checked}");
    refused(reel(&home).args(["schema", "migrate", "--json", "--out"]).arg(&out).arg(&new), 2, "usage");
}

#[test]
fn what_cannot_be_migrated_is_refused_by_name_and_nothing_is_written() {
    let dir = tempfile::tempdir().expect("a folder");
    let home = dir.path().join("home");
    let script: Value = serde_json::from_slice(&fs::read(root().join("tests/old/script/0.1.0.json")).expect("reads")).expect("is JSON");
    let cases = [
        (json!({"schema_version": "3.0.0"}), "newer than this build"),
        (json!({"schema_version": "first"}), "/schema_version"),
        (json!({"schema_id": "../script"}), "/schema_id"),
        (json!({"scenes": 7}), "/scenes"),
        (json!({"camera": "close"}), "camera"),
    ];
    for (n, (change, said)) in cases.into_iter().enumerate() {
        let mut document = script.clone();
        let map = document.as_object_mut().expect("is an object");
        map.extend(change.as_object().expect("is an object").clone());
        let file = dir.path().join(format!("{n}.json"));
        fs::write(&file, document.to_string()).expect("writes");
        let answer = refused(reel(&home).args(["schema", "migrate", "--json"]).arg(&file), 3, "document.refused");
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(said) && message.contains(&format!("{n}.json")), "{message}");
    }
}
