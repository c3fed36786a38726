//! What the safety gate is asked before a film is drawn: of the script before anything of it is spoken, of what tools would be asked
//! for, of what they made. A no ends the run, unless the project only wants to be warned.

use std::sync::Arc;

use contracts::{
    assets::{AssetManifest, AssetSource, ResolvedAssets},
    canon::Verdict,
    project::Project,
    story::Script,
};
use gates::safety::Point;
use orchestrator::{Grade, Outputs};
use serde_json::{Value, json};

use super::{Made, Shop, json, step};
use crate::{failure::Failure, gated, project::ProjectFolder, tell::Writing};

pub fn run(shop: &mut Shop, writing: &Writing, script: &Made<Script>) -> Result<(), Failure> {
    let (project, text) = (Arc::clone(&writing.project), Arc::clone(&script.doc));
    let projection =
        json!({"title": project.title, "audience": json(&project.safety), "script": script.hash, "words": gates::safety::fingerprint()});
    let work = step("safety", "safety", Grade::Pure, projection, move |_| {
        Ok(Outputs::new().with_facts(json(&gates::safety::script(&project, &text))))
    });
    let result = shop.one("safety", work)?;
    let verdict: Verdict = serde_json::from_value(result.outputs.facts).map_err(Failure::internal)?;
    let prefix = shop.prefix.clone();
    shop.gates.safety(&prefix, Point::Script, verdict)
}

/// What tools would be asked for: every word of every need.
pub fn prompts(shop: &mut Shop, project: &Project, manifest: &AssetManifest) -> Result<(), Failure> {
    let asked: Vec<(String, Value)> = manifest.needs.iter().map(|need| (need.id.to_string(), json!([need.spec, need.tags]))).collect();
    shop.gates.safety("", Point::Prompt, gated::values(project, Point::Prompt, &asked))
}

/// What was fetched and made: the words of the library's entries that are used, and what is said of every asset.
pub fn assets(shop: &mut Shop, folder: &ProjectFolder, manifest: &AssetManifest, resolved: &ResolvedAssets) -> Result<(), Failure> {
    let mut held: Vec<(String, Value)> = Vec::new();
    for need in &manifest.needs {
        let Some(asset) = resolved.assets.get(&need.id) else { continue };
        held.push((need.id.to_string(), json(asset)));
        let own = (asset.source == AssetSource::Library).then(|| match &need.library_id {
            Some(id) => folder.library.entries.get_key_value(id),
            None => folder.library.find(&need.tags),
        });
        let parts = asset.parts.iter().filter_map(|part| folder.library.entries.get_key_value(&part.library_id));
        for (id, entry) in own.flatten().into_iter().chain(parts) {
            held.push((format!("library/library.toml [{id}]"), json!([id, entry.file, entry.tags, entry.author, entry.attribution])));
        }
    }
    shop.gates.safety("", Point::Asset, gated::values(&folder.project, Point::Asset, &held))
}
