//! The work: only what was asked for, by the stages an episode's run takes, recorded like any run.

use std::collections::BTreeMap;
use std::sync::Arc;

use contracts::{
    Document, Hash, MicroUsd,
    assets::{AssetManifest, StandIn},
    package::{DesiredOutput, RenderResponse, RenderStatus},
    render::{RenderOutput, RenderPlan},
    run::{CacheUse, RunStatus, RunSummary},
    shots::ShotList,
};
use orchestrator::Observer;

use super::{Answer, Order, check::Ready, failed, fault_of, read::Inputs};
use crate::{
    failure::Failure,
    shop::{Home, Manner, close, mended, mending, stopped},
    stages::{self, Made, Shop, publish::Said, run_failure},
    timeline::work_of,
};

/// What came out.
#[derive(Default)]
struct Work {
    /// By name, as the contract lists them.
    outputs: BTreeMap<String, Hash>,
    film: Option<Made<RenderOutput>>,
    remade: Vec<contracts::Id>,
}

/// Renders what is asked for and says how it went, and in which stage it ended.
pub fn render(home: &Home, order: &Order, inputs: &Inputs, ready: &Ready, observer: Arc<dyn Observer>) -> (Answer, String) {
    let plan = &inputs.plan.doc;
    let request_id = &inputs.package.request_id;
    let manner = Manner { jobs: order.jobs, out: order.out.as_deref(), look: false, request: None, fresh: Default::default() };
    let mut shop = match home.shop(&plan.project_id, plan.episode, &manner, observer) {
        Ok(shop) => shop,
        Err(failure) => return (Answer::of_failure(request_id, "request", &failure), "request".into()),
    };
    let started_at = shop.runner.started_at();
    let run = shop.runner.run_id().clone();
    let done = mending(&mut shop, |shop| work(shop, inputs, ready));
    let stage = shop.runner.stages().last().map_or_else(|| "request".to_owned(), |s| s.name.clone());
    let lineage = [
        (ShotList::SCHEMA_ID, &inputs.list.hash),
        (AssetManifest::SCHEMA_ID, &inputs.manifest.hash),
        (RenderPlan::SCHEMA_ID, &inputs.plan.hash),
    ];
    let lineage: BTreeMap<String, Hash> = lineage.into_iter().map(|(name, hash)| (name.to_owned(), hash.clone())).collect();
    let mut response: RenderResponse = failed(request_id);
    response.notes.clone_from(&ready.notes);
    response.notes.extend(mended(&shop));
    response.lineage_hashes.clone_from(&lineage);
    let mut summary = RunSummary {
        run_id: run.clone(),
        project_id: plan.project_id.clone(),
        episode: plan.episode,
        status: RunStatus::Failed,
        started_at,
        elapsed_ms: shop.runner.elapsed_ms(),
        duration_ms: 0,
        frames: 0,
        shots: 0,
        stand_ins: stand_ins(plan),
        substitutions: Vec::new(),
        remade: Vec::new(),
        notes: response.notes.clone(),
        cost_micro_usd: MicroUsd(0),
        stages: crate::produce::merged(shop.runner.stages()),
        cache: Some(CacheUse::of(&shop.runner.stages())),
        work: shop.runtime.block_on(work_of(&shop.registry, &run)).ok(),
        artifacts: lineage,
        approvals: Vec::new(),
        gates: shop.gates.outcomes.clone(),
    };
    let failure = match done {
        Ok(work) => {
            (summary.status, response.status) = match plan.stand_ins.is_empty() {
                true => (RunStatus::Completed, RenderStatus::Completed),
                false => (RunStatus::Degraded, RenderStatus::Degraded),
            };
            for (name, hash) in &work.outputs {
                response.artifact_uris.insert(name.clone(), format!("sha256:{hash}"));
                response.lineage_hashes.insert(name.clone(), hash.clone());
            }
            if let Some(film) = work.film {
                summary.duration_ms = film.doc.measured.duration_ms;
                summary.frames = film.doc.measured.frames;
                summary.shots = film.doc.segments.len() as u64;
                summary.artifacts.insert(RenderOutput::SCHEMA_ID.into(), film.hash.clone());
                response.lineage_hashes.insert(RenderOutput::SCHEMA_ID.into(), film.hash);
            }
            summary.remade = work.remade;
            None
        }
        Err(failure) => {
            let failure = stopped(&shop, failure);
            summary.status = failure.status();
            response.errors.push(fault_of(&stage, &failure));
            Some(failure.of_run(&run))
        }
    };
    if inputs.package.desired_outputs.contains(&DesiredOutput::RunSummary) {
        response.run_summary = Some(summary.clone());
    }
    let mut exit = failure.as_ref().map_or(0, |f| f.exit);
    if let Err(error) = close(shop, summary.status, Some(&summary), failure.as_ref().map(|f| f.message.as_str()))
        && failure.is_none()
    {
        // A film whose run is not on record is not handed out.
        let lost = Answer::of_failure(request_id, "publish", &error);
        (response, exit) = (lost.response, lost.exit);
    }
    (Answer { response, exit, run: Some(run), replayed: false }, stage)
}

/// What only has a stand-in. The plan names needs; their reasons stayed with whoever made it.
fn stand_ins(plan: &RenderPlan) -> Vec<StandIn> {
    let reason = || "the plan says that it only stands in for something".to_owned();
    plan.stand_ins.iter().map(|id| StandIn { missing_id: id.to_string(), reason: reason() }).collect()
}

fn work(shop: &mut Shop, inputs: &Inputs, ready: &Ready) -> Result<Work, Failure> {
    let wanted = |output| inputs.package.desired_outputs.contains(&output);
    // The registry keeps what came, as it came.
    for bytes in [&inputs.list.bytes, &inputs.manifest.bytes, &inputs.plan.bytes] {
        shop.runtime.block_on(shop.runner.keep_bytes(bytes)).map_err(run_failure)?;
    }
    let mut txn = shop.registry.begin();
    for stored in &ready.media {
        txn.record(shop.runner.tenant(), stored, registry::Origin::default());
    }
    shop.runtime.block_on(txn.commit_soon()).map_err(Failure::damaged)?;
    let plan = Made { doc: Arc::new(inputs.plan.doc.clone()), hash: inputs.plan.hash.clone() };
    let mut out = Work::default();
    let mut captions = None;
    let stems_wanted = wanted(DesiredOutput::AudioStems);
    let mut stems = BTreeMap::new();
    if wanted(DesiredOutput::Video) {
        let tools = ready.tools.as_ref().ok_or_else(|| Failure::internal("no encoder for a film"))?;
        let film = stages::film::run(shop, &plan, &Said::of_plan(&plan.doc), stems_wanted, tools)?;
        stems.clone_from(&film.output.doc.stems);
        out.outputs.insert("video".into(), film.output.doc.film.clone());
        out.remade = film.shots.iter().filter(|s| s.made).map(|s| s.segment.shot_id.clone()).collect();
        captions = Some(film.output.doc.captions.clone());
        out.film = Some(film.output);
    }
    if wanted(DesiredOutput::Captions) {
        let captions = match captions {
            Some(captions) => captions,
            None => stages::join::captions_alone(shop, &plan)?,
        };
        out.outputs.extend(captions.into_iter().map(|(format, hash)| (format!("captions.{format}"), hash)));
    }
    if stems_wanted {
        if !wanted(DesiredOutput::Video) {
            let made = shop.one("mix", stages::mix::work(&plan, true))?;
            stems = stages::mix::mixed(Some(&made))?.stems;
        }
        out.outputs.extend(stems.into_iter().map(|(bus, hash)| (format!("audio_stems.{bus}"), hash)));
    }
    Ok(out)
}
