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
