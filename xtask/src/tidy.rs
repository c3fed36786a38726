//! House rules that are executed: a rule that is not is folklore.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::{schemas, sh};

/// The arrows of the house: crate → what it may depend on. `reel` may depend on all; `xtask` is outside the house.
const ARROWS: &[(&str, &[&str])] = &[
    ("contracts", &[]),
    ("kit", &[]),
    ("gates", &["contracts"]),
    ("routing", &["contracts", "gates"]),
    ("canon", &["contracts", "gates"]),
    ("world", &["contracts", "canon"]),
    ("adapt", &["contracts"]),
    ("media", &["contracts", "kit"]),
    ("craft", &["contracts"]),
    ("render", &["contracts", "media"]),
    ("registry", &["contracts", "kit"]),
    ("orchestrator", &["contracts", "registry", "kit"]),
    ("reel", &["*"]),
    ("bench", &["contracts", "media", "craft", "render", "registry", "orchestrator"]),
    ("faults", &["*"]),
    ("xtask", &["contracts"]),
];

const MAX_LINES: usize = 800;

/// Runs every rule; names every breach.
pub fn run() -> Result<(), String> {
    let mut faults = Vec::new();
    arrows(&mut faults)?;
    let files = tracked()?;
    sources(&files, &mut faults);
    faults.extend(schemas::stale()?);
    architecture(&mut faults);
    goldens(&mut faults);
    if faults.is_empty() {
        println!("tidy: {} files, {} crates, all rules hold", files.len(), ARROWS.len());
        return Ok(());
    }
    for fault in &faults {
        eprintln!("tidy: {fault}");
    }
    Err(format!("{} house rules broken", faults.len()))
}

fn tracked() -> Result<Vec<PathBuf>, String> {
    let listed = sh::read("git", &["ls-files", "--cached", "--others", "--exclude-standard"])?;
    Ok(listed.lines().map(PathBuf::from).filter(|p| sh::root().join(p).is_file()).collect())
}

/// Dependencies between our crates, from `cargo metadata`; dev-dependencies count too.
fn arrows(faults: &mut Vec<String>) -> Result<(), String> {
    let text = sh::read(&sh::cargo(), &["metadata", "--format-version", "1", "--no-deps"])?;
    let metadata: serde_json::Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    let packages = metadata["packages"].as_array().cloned().unwrap_or_default();
    let ours: BTreeSet<&str> = packages.iter().filter_map(|p| p["name"].as_str()).collect();
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    for package in &packages {
        let name = package["name"].as_str().unwrap_or_default();
        let Some(may) = allowed.get(name) else {
            faults
                .push(format!("crate `{name}` is not in the house: give it a charter and its arrows (xtask/src/tidy.rs, ARCHITECTURE.md)"));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let on = dependency["name"].as_str().unwrap_or_default();
            if ours.contains(on) && !may.contains(&on) && !may.contains(&"*") {
                faults.push(format!("`{name}` may not depend on `{on}`: arrows point down only"));
            }
            let version = dependency["req"].as_str().unwrap_or_default();
            if !ours.contains(on) && !version.starts_with('=') {
                faults
                    .push(format!("`{name}` depends on `{on}` {version}: pin the exact version (`={}`)", version.trim_start_matches('^')));
            }
        }
    }
    Ok(())
}

fn sources(files: &[PathBuf], faults: &mut Vec<String>) {
    // The marks are put together here so that this file does not hold them.
    let marks: Vec<String> = [("TO", "DO"), ("FIX", "ME"), ("XX", "X"), ("HA", "CK")].iter().map(|(a, b)| format!("{a}{b}")).collect();
    let doubles: Vec<String> = ["mock", "fake", "dummy"].iter().map(|s| (*s).to_owned()).collect();
    for file in files {
        let name = file.to_string_lossy().into_owned();
        let Ok(text) = std::fs::read_to_string(sh::root().join(file)) else { continue };
        let rust = file.extension().is_some_and(|e| e == "rs");
        let lines = text.lines().count();
        if rust && lines > MAX_LINES {
            faults.push(format!("{name} has {lines} lines: divide it before {MAX_LINES}"));
        }
        if name.ends_with("src/lib.rs") && !text.starts_with("//!") {
            faults.push(format!("{name} does not begin with its charter (`//!`)"));
        }
        if name.ends_with("Cargo.toml") {
            // A version of its own stands beside the reason for it; the workspace's are explained once, at the root.
            let above = std::iter::once("").chain(text.lines());
            let bare = above
                .zip(text.lines())
                .enumerate()
                .filter(|(_, (above, line))| line.contains("\"=") && !line.contains('#') && !above.trim_start().starts_with('#'));
            faults.extend(bare.map(|(n, (_, line))| format!("{name}:{}: `{}` does not say why it is needed", n + 1, line.trim())));
        }
        if !rust || name.starts_with("xtask/") {
            machine_paths(&name, &text, faults);
            continue;
        }
        let product = product_part(&name, &text);
        machine_paths(&name, product, faults);
        for (number, line) in product.lines().enumerate() {
            let place = format!("{name}:{}", number + 1);
            for mark in &marks {
                if words(line).any(|w| w == mark) {
                    faults.push(format!("{place}: `{mark}` mark: finish it or file an issue"));
                }
            }
            let code = line.split("//").next().unwrap_or_default().to_lowercase();
            for double in &doubles {
                if words(&code).any(|w| w.split('_').any(|p| p == double)) {
                    faults.push(format!("{place}: a test double (`{double}`) outside tests"));
                }
            }
        }
    }
}

/// The part of a source file that ships: everything before its test module, nothing of a test file.
fn product_part<'a>(name: &str, text: &'a str) -> &'a str {
    if name.contains("/tests/") || name.ends_with("/tests.rs") || name.contains("/examples/") {
        return "";
    }
    text.split("#[cfg(test)]").next().unwrap_or_default()
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty())
}

/// Paths of one machine do not belong in a project that runs on any.
fn machine_paths(name: &str, text: &str, faults: &mut Vec<String>) {
    if name.ends_with(".lock") || name.starts_with("tests/") {
        return;
    }
    for (number, line) in text.lines().enumerate() {
        for folder in ["tmp", "work", "farm", "root", "home"] {
            let start = format!("/{folder}/");
            let found = line.match_indices(&start).any(|(at, _)| {
                let before = line[..at].chars().last();
                let after = line[at + start.len()..].chars().next();
                !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '}' | '/' | '~'))
                    && after.is_some_and(|c| c.is_ascii_lowercase())
            });
            if found {
                faults.push(format!("{name}:{}: a path of one machine", number + 1));
            }
        }
    }
}

/// ARCHITECTURE.md names every crate, and none that is gone.
fn architecture(faults: &mut Vec<String>) {
    let text = std::fs::read_to_string(sh::root().join("ARCHITECTURE.md")).unwrap_or_default();
    for (name, _) in ARROWS {
        let exists = Path::new(name) == Path::new("xtask") || sh::root().join("crates").join(name).is_dir();
        let named = text.contains(&format!("`{name}`"));
        if exists && !named {
            faults.push(format!("ARCHITECTURE.md does not name `{name}`"));
        }
        if !exists && named {
            faults.push(format!("ARCHITECTURE.md names `{name}`, which does not exist"));
        }
    }
}

/// Every golden was made by the version its step has now; the golden test compares the bytes.
fn goldens(faults: &mut Vec<String>) {
    let golden = std::fs::read_to_string(sh::root().join("tests/golden/steps.json")).unwrap_or_default();
    let golden: serde_json::Value = serde_json::from_str(&golden).unwrap_or_default();
    let source = std::fs::read_to_string(sh::root().join("crates/reel/src/stages/mod.rs")).unwrap_or_default();
    let table = source.split("STEP_VERSIONS").nth(1).and_then(|t| t.split("];").next()).unwrap_or_default();
    let mut found = 0;
    for row in table.split('(').skip(1) {
        let mut cells = row.split(['"', ',', ')']).map(str::trim).filter(|c| !c.is_empty());
        let (Some(kind), Some(Ok(version))) = (cells.next(), cells.next().map(str::parse::<u64>)) else { continue };
        found += 1;
        let stored = golden[kind]["version"].as_u64();
        if stored != Some(version) {
            let stored = stored.map_or("none".to_owned(), |v| v.to_string());
            faults.push(format!(
                "tests/golden/steps.json: `{kind}` was made by version {stored}, the step is at {version}: run `cargo xtask golden`"
            ));
        }
    }
    if found == 0 {
        faults.push("crates/reel/src/stages/mod.rs: no STEP_VERSIONS table found".into());
    }
}
