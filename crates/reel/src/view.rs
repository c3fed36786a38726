//! The run folder: a view of the registry for a person to open. Files are copies: editing one harms nothing.

use std::path::{Path, PathBuf};

use contracts::{Document, Hash, Id, run::RunSummary};
use kit::files::{Files, SystemFiles};
use registry::Registry;

use crate::{failure::Failure, produce::Film};

/// Where a run lies when no folder was named.
pub fn default_dir(run: &Id) -> Result<PathBuf, Failure> {
    let home = kit::home::data_home().map_err(|e| Failure::unwritable(Path::new("the data home"), e))?;
    Ok(home.join("runs").join(run.as_str()))
}

/// Makes the folder and writes a file in it, before an hour of work is found to be for nothing.
pub fn check_writable(dir: &Path) -> Result<(), Failure> {
    let probe = dir.join(".reel-can-write");
    let files = SystemFiles::new();
    std::fs::create_dir_all(dir)
        .and_then(|()| files.write_atomic(&probe, b""))
        .and_then(|()| files.remove(&probe))
        .map_err(|e| Failure::unwritable(dir, e))
}

/// Writes the folder: documents first, the film last, so that a film under its final name is a finished run.
pub fn write(registry: &Registry, dir: &Path, film: &Film, summary: &RunSummary) -> Result<PathBuf, Failure> {
    check_writable(dir)?;
    // An earlier film must not stand beside the documents of this one, should we be stopped half-way.
    let film_path = dir.join("final.mp4");
    SystemFiles::new().remove(&film_path).map_err(|e| Failure::unwritable(&film_path, e))?;
    let put = |name: &str, hash: &Hash| -> Result<PathBuf, Failure> {
        let path = dir.join(name);
        registry.blobs().export(hash, &path).map_err(|e| match e {
            registry::RegistryError::Io { .. } => Failure::unwritable(&path, e),
            e => Failure::damaged(e),
        })?;
        Ok(path)
    };
    for (schema, hash) in &film.artifacts {
        put(&format!("{}.json", camel(schema)), hash)?;
    }
    for (format, hash) in &film.output.doc.captions {
        put(&format!("captions.{format}"), hash)?;
    }
    put("contact_sheet.png", &film.output.doc.contact_sheet)?;
    store(dir, "run_summary.json", &summary.seal().map_err(Failure::internal)?.0)?;
    put("final.mp4", &film.output.doc.film)
}

fn store(dir: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, Failure> {
    let path = dir.join(name);
    SystemFiles::new().write_atomic(&path, bytes).map_err(|e| Failure::unwritable(&path, e))?;
    Ok(path)
}

/// `shot_list` → `ShotList`.
pub fn camel(schema: &str) -> String {
    schema.split('_').map(|w| w.chars().take(1).flat_map(char::to_uppercase).chain(w.chars().skip(1)).collect::<String>()).collect()
}
