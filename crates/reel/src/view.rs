//! The run folder: a view of the registry for a person to open. Files are copies: editing one harms nothing.

use std::path::{Path, PathBuf};

use contracts::{Document, Hash, Id, assets::Rights, run::RunSummary};
use kit::{SystemFiles, failpoint, scratch::Hold};
use registry::{Registry, RegistryError, RunFilter};

use crate::{failure::Failure, produce::Film, shop::tenant, verbs::with_registry};

/// When every word of a film sounds: a list beside the documents, and none of them.
pub const TIMESTAMPS: &str = "timestamps.json";

/// What a film's pictures are and why, as content-machine's readers know it: beside the documents, and none of them.
pub const VISUALS: &str = "visuals.json";

/// Where a run lies when no folder was named.
pub fn default_dir(run: &Id) -> Result<PathBuf, Failure> {
    let home = kit::home::data_home().map_err(|e| Failure::unwritable(Path::new("the data home"), e))?;
    Ok(home.join("runs").join(run.as_str()))
}

/// Makes the folder, sweeps what a killed run left in it, and tries to write, before an hour of work is found to be for nothing.
pub fn check_writable(dir: &Path) -> Result<(), Failure> {
    SystemFiles::new().try_folder(dir).map_err(|e| Failure::unwritable(dir, e))
}

/// Makes the folder and keeps other runs out of it while the answer lives: two films at once would leave one beside the
/// documents of the other.
pub fn hold(dir: &Path) -> Result<Hold, Failure> {
    check_writable(dir)?;
    Hold::take(dir).map_err(|e| Failure::unwritable(dir, e))?.ok_or_else(|| Failure::busy(dir, writer(dir).as_ref()))
}

/// The run that is writing to a folder, as far as this home knows.
fn writer(dir: &Path) -> Option<Id> {
    let place = shown(dir);
    let filter = RunFilter { project: None, episode: None, limit: 100 };
    with_registry(|registry, runtime| {
        let rows = runtime.block_on(registry.runs(&tenant(), &filter)).map_err(Failure::damaged)?;
        Ok(rows.into_iter().find(|r| r.ended.is_none() && r.out_dir.as_ref() == Some(&place)).map(|r| r.id))
    })
    .ok()
    .flatten()
}

/// A run folder as it is recorded.
pub fn shown(dir: &Path) -> String {
    std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned()).display().to_string()
}

fn fault(path: &Path, error: RegistryError) -> Failure {
    match error {
        RegistryError::Io { .. } => Failure::unwritable(path, error),
        error => Failure::damaged(error),
    }
}

/// Writes the folder: documents first, the film last, so that a film under its final name is a finished run. What lies there
/// as it should be is left alone.
pub fn write(registry: &Registry, dir: &Path, film: &Film, summary: &RunSummary) -> Result<PathBuf, Failure> {
    failpoint::hit("reel.before_run_folder").map_err(Failure::step)?;
    let output = &film.output.doc;
    let captions = output.captions.iter().map(|(format, hash)| match format.as_str() {
        "timestamps" => (dir.join(TIMESTAMPS), hash),
        format => (dir.join(format!("captions.{format}")), hash),
    });
    let documents = film.artifacts.iter().map(|(schema, hash)| (dir.join(format!("{}.json", camel(schema))), hash));
    let mut old = Vec::new();
    for (path, hash) in documents.chain(captions).chain([(dir.join("contact_sheet.png"), &output.contact_sheet)]) {
        if !registry.blobs().exported(hash, &path).map_err(|e| fault(&path, e))? {
            old.push((path, hash));
        }
    }
    let film_path = dir.join("final.mp4");
    if !old.is_empty() || !registry.blobs().exported(&output.film, &film_path).map_err(|e| fault(&film_path, e))? {
        // An earlier film must not stand beside the documents of this one, should we be stopped half-way.
        registry.files().remove(&film_path).map_err(|e| Failure::unwritable(&film_path, e))?;
        old.push((film_path.clone(), &output.film));
    }
    let made = old.pop();
    for (path, hash) in old {
        registry.blobs().export(hash, &path).map_err(|e| fault(&path, e))?;
    }
    let credits = dir.join("credits.txt");
    let written = match credit(&film.rights) {
        Some(text) if registry.files().read(&credits).is_ok_and(|there| there == text.as_bytes()) => Ok(()),
        Some(text) => registry.files().write_atomic(&credits, text.as_bytes()),
        None => registry.files().remove(&credits),
    };
    written.map_err(|e| Failure::unwritable(&credits, e))?;
    text(registry, &dir.join(VISUALS), &film.visuals.text)?;
    let path = dir.join("run_summary.json");
    let text = summary.seal().map_err(Failure::internal)?.0;
    registry.files().write_atomic(&path, &text).map_err(|e| Failure::unwritable(&path, e))?;
    if let Some((path, hash)) = made {
        registry.blobs().export(hash, &path).map_err(|e| fault(&path, e))?;
    }
    Ok(film_path)
}

/// Writes a text unless it lies there already.
pub fn text(registry: &Registry, path: &Path, text: &str) -> Result<(), Failure> {
    if registry.files().read(path).is_ok_and(|there| there == text.as_bytes()) {
        return Ok(());
    }
    registry.files().write_atomic(path, text.as_bytes()).map_err(|e| Failure::unwritable(path, e))
}

/// What was decided in a project so far, beside the film.
pub fn log(registry: &Registry, dir: &Path, log: &Hash) -> Result<(), Failure> {
    let path = dir.join("decision_log.json");
    if registry.blobs().exported(log, &path).map_err(|e| fault(&path, e))? {
        return Ok(());
    }
    registry.blobs().export(log, &path).map_err(|e| fault(&path, e))
}

/// Whom a film owes words: a line an author, work and licence, for all that is not cleared property; nothing when nobody.
fn credit(rights: &[Rights]) -> Option<String> {
    let owed = rights.iter().filter(|r| r.licence != "proprietary_cleared");
    let lines: std::collections::BTreeSet<String> = owed
        .map(|r| match &r.attribution {
            Some(words) => format!("{words} ({}, {})\n", r.author, r.licence),
            None => format!("{} ({})\n", r.author, r.licence),
        })
        .collect();
    (!lines.is_empty()).then(|| lines.into_iter().collect())
}

/// `shot_list` → `ShotList`.
pub fn camel(schema: &str) -> String {
    schema.split('_').map(|w| w.chars().take(1).flat_map(char::to_uppercase).chain(w.chars().skip(1)).collect::<String>()).collect()
}
