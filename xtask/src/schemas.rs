//! `schemas/` is generated from the contract types, and committed.

use std::collections::BTreeMap;

use crate::sh;

/// File name and text of every schema.
pub fn generate() -> Result<BTreeMap<String, String>, String> {
    contracts::documents()
        .iter()
        .map(|kind| {
            let mut text = serde_json::to_string_pretty(&kind.schema()).map_err(|e| e.to_string())?;
            text.push('\n');
            Ok((format!("{}.schema.json", kind.id), text))
        })
        .collect()
}

/// Writes them.
pub fn write() -> Result<(), String> {
    let folder = sh::root().join("schemas");
    std::fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
    let wanted = generate()?;
    for entry in std::fs::read_dir(&folder).map_err(|e| e.to_string())?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".schema.json") && !wanted.contains_key(&name) {
            std::fs::remove_file(entry.path()).map_err(|e| e.to_string())?;
        }
    }
    for (name, text) in &wanted {
        std::fs::write(folder.join(name), text).map_err(|e| e.to_string())?;
    }
    println!("{} schemas in schemas/", wanted.len());
    Ok(())
}

/// Keeps one document of each kind from a run folder under `tests/old/KIND/VERSION.json`, for ever: the proof that a later
/// build reads what this one wrote. Long lists are cut to two entries. What is kept already is never written again.
pub fn keep(run: &str) -> Result<(), String> {
    let mut kept = 0;
    for entry in std::fs::read_dir(run).map_err(|e| format!("{run}: {e}"))?.flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|e| e != "json") {
            continue;
        }
        let bytes = std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let mut value: serde_json::Value = serde_json::from_slice(&bytes).map_err(|e| format!("{}: {e}", path.display()))?;
        let text = |key: &str| value.get(key).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
        let (id, version) = (text("schema_id"), text("schema_version"));
        let Some(kind) = contracts::documents().iter().find(|k| k.id == id) else { continue };
        cut(&mut value);
        let bytes = contracts::canonical_bytes(&value).map_err(|e| e.to_string())?;
        kind.check(&bytes).map_err(|e| format!("{}: cut to two entries a list it is {e}", path.display()))?;
        let to = sh::root().join("tests/old").join(&id).join(format!("{version}.json"));
        if !to.exists() {
            std::fs::create_dir_all(to.parent().unwrap_or(&to)).map_err(|e| e.to_string())?;
            std::fs::write(&to, bytes).map_err(|e| e.to_string())?;
            kept += 1;
        }
    }
    println!("{kept} documents kept in tests/old/");
    Ok(())
}

/// Lists of more than two entries, and maps of more than forty, keep their first.
fn cut(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Array(items) => {
            items.truncate(2);
            items.iter_mut().for_each(cut);
        }
        serde_json::Value::Object(map) => {
            let late: Vec<String> = map.keys().skip(40).cloned().collect();
            for key in late {
                map.remove(&key);
            }
            map.values_mut().for_each(cut);
        }
        _ => {}
    }
}

/// Names every schema file that is not what the types say.
pub fn stale() -> Result<Vec<String>, String> {
    let folder = sh::root().join("schemas");
    let wanted = generate()?;
    let mut stale: Vec<String> = wanted
        .iter()
        .filter(|(name, text)| std::fs::read_to_string(folder.join(name)).ok().as_ref() != Some(text))
        .map(|(name, _)| format!("schemas/{name} is not what the types say: run `cargo xtask schemas`"))
        .collect();
    for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".json") && !wanted.contains_key(&name) {
            stale.push(format!("schemas/{name} belongs to no type: remove it"));
        }
    }
    Ok(stale)
}
