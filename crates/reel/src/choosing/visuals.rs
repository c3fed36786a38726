//! The pictures of a run, told: the policy's gates are asked, `visuals.json` is put together, telemetry and lineage are written.

use contracts::{Hash, assets::AssetManifest, choice::Decided, promise::GateOutcome, shots::ShotList};
use gates::native::Gated;
use serde_json::Value;

use super::records::{self, Lines, Took};
use crate::{failure::Failure, produce::Request, project::ProjectFolder, stages::Shop, tools::Tools, view};

/// What is told of a run's pictures.
#[derive(Clone, Debug, Default)]
pub struct Visuals {
    /// `visuals.json`.
    pub json: Value,
    /// Its bytes.
    pub text: String,
    /// What the policy's gates said.
    pub gates: Vec<GateOutcome>,
    /// What a person should hear.
    pub notes: Vec<String>,
}

/// Tells it. Records are written before a gate that is enforced ends the run, and what was made is written then, too.
pub fn of(
    shop: &mut Shop,
    folder: &ProjectFolder,
    request: &Request,
    tools: &Tools,
    (manifest, shots): (&AssetManifest, &ShotList),
    (decided, took, decisions): (&[Decided], &Took, &Hash),
) -> Result<Visuals, Failure> {
    let choosing = tools.choosing()?;
    let (mut gates, mut enforced) = (Vec::new(), Vec::new());
    for stage in routing::policy_file::STAGES {
        let policy = choosing.stage(stage);
        let outcomes = records::outcomes(stage, decided, &policy);
        enforced.extend(outcomes.iter().filter(|_| policy.enforce == Some(true)).cloned());
        gates.extend(outcomes);
    }
    shop.gates.outcomes.extend(gates.iter().cloned());
    let record = records::Visuals { manifest, shots, decided, gates: &gates, decisions };
    let json = record.document();
    let text = format!("{json}\n");
    let mut notes = Vec::new();
    if !shop.told && (!request.look || request.pictures) {
        shop.told = true;
        let (run, at) = (shop.runner.run_id().clone(), shop.registry.clock().now_utc().rfc3339());
        let topic = folder.project.title.as_str();
        let lines = [(Lines::Routing, vec![record.telemetry(&run, &at, topic, took)]), (Lines::Lineage, record.lineage(&run, &at, topic))];
        for (kind, lines) in lines {
            let Some(path) = choosing.records.file(shop.registry.home(), kind)? else { continue };
            // They are told to whoever counts; a film does not fail for them.
            if let Err(error) = records::append(&path, &lines) {
                notes.push(format!("{} was not written: {error}", path.display()));
            }
        }
    }
    let failed = gates.iter().filter(|gate| !gate.passes());
    notes.extend(failed.map(|gate| format!("the policy's gate {} failed: {}", gate.id, gate.message)));
    let gated = Gated::new(Visuals { json, text, gates, notes }, enforced, true);
    match gated.refused {
        Some(refused) if !request.plan => {
            let dir = request.out.clone().map_or_else(|| view::default_dir(shop.runner.run_id()), Ok)?;
            let file = dir.join(view::VISUALS);
            view::text(&shop.registry, &file, &gated.artifact.text)?;
            Err(Failure::policy_gate(&refused, &file))
        }
        _ => Ok(gated.artifact),
    }
}
