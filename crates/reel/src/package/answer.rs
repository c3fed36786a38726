//! The answer as files and exit code.

use std::path::Path;

use contracts::package::{RenderResponse, RenderStatus};
use contracts::{Document, Hash, render::RenderOutput};
use kit::files::{Files, SystemFiles};
use registry::RegistryError;

use crate::{
    failure::{Failure, exit},
    verbs::with_registry,
};

/// The exit code of an answer: what a terminal would have said.
pub fn exit_of(response: &RenderResponse) -> u8 {
    if response.status != RenderStatus::Failed {
        return 0;
    }
    match response.errors.first().map(|e| e.code.as_str()) {
        Some("gate.blocked") => exit::BLOCKED,
        Some("tool.missing") => exit::TOOL,
        Some("internal") => exit::INTERNAL,
        _ => exit::STEP,
    }
}

/// What an output is called in a folder.
fn file_name(name: &str) -> String {
    match name.split_once('.') {
        None if name == "video" => "final.mp4".into(),
        Some(("captions", "timestamps")) => "timestamps.json".into(),
        Some(("audio_stems", bus)) => format!("{bus}.wav"),
        _ => name.to_owned(),
    }
}

/// Copies the outputs into a folder, the film last, with RenderOutput where there is one, and the answer itself.
pub fn copy_out(response: &RenderResponse, dir: &Path) -> Result<Vec<String>, Failure> {
    let _hold = crate::view::hold(dir)?;
    with_registry(|registry, _| {
        let mut written = Vec::new();
        let mut put = |name: String, hash: &Hash| -> Result<(), Failure> {
            let path = dir.join(&name);
            registry.blobs().export(hash, &path).map_err(|e| match e {
                RegistryError::Io { .. } => Failure::unwritable(&path, e),
                e => Failure::damaged(e),
            })?;
            written.push(name);
            Ok(())
        };
        if let Some(hash) = response.lineage_hashes.get(RenderOutput::SCHEMA_ID) {
            put("RenderOutput.json".into(), hash)?;
        }
        let (film, beside): (Vec<_>, Vec<_>) = response.artifact_uris.iter().partition(|(name, _)| *name == "video");
        for (name, uri) in beside.into_iter().chain(film) {
            let hash = uri.strip_prefix("sha256:").and_then(|h| Hash::try_from(h.to_owned()).ok());
            put(file_name(name), &hash.ok_or_else(|| Failure::internal(format!("`{uri}` is no address")))?)?;
        }
        let path = dir.join("response.json");
        let bytes = response.seal().map_err(Failure::internal)?.0;
        SystemFiles::new().write_atomic(&path, &bytes).map_err(|e| Failure::unwritable(&path, e))?;
        written.push("response.json".into());
        Ok(written)
    })
}
