//! `reel audit RUN`: whether what is on record about a run holds. Every check reads the registry again; none believes the
//! summary.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{
    Document, Hash,
    assets::AssetManifest,
    project::Project,
    render::{RenderOutput, RenderPlan},
    run::{RunSummary, StageSummary},
    shots::ShotList,
};
use registry::{Registry, RegistryError, RunRow, StepRow, StepState};
use serde::Serialize;

use crate::{failure::Failure, shop::tenant, stages::graph, verbs::document_faults};

/// One question about a run, and what was found.
#[derive(Serialize)]
pub struct Check {
    /// Its name.
    pub name: &'static str,
    /// What holds when it passes.
    pub claim: &'static str,
    /// How many things were looked at. A check that looked at nothing has not passed: it is left out.
    pub looked_at: u64,
    /// What does not hold, each in a sentence.
    pub faults: Vec<String>,
}

impl Check {
    fn new(name: &'static str, claim: &'static str) -> Self {
        Self { name, claim, looked_at: 0, faults: Vec::new() }
    }

    fn look(&mut self, holds: bool, fault: impl FnOnce() -> String) {
        self.looked_at += 1;
        if !holds {
            self.faults.push(fault());
        }
    }
}

/// What there is to ask about.
struct Record<'a> {
    registry: &'a Registry,
    row: &'a RunRow,
    steps: Vec<StepRow>,
    summary: Option<RunSummary>,
    /// Finished steps, by the log: name, and how often.
    finished: BTreeMap<String, u64>,
    approvals: Vec<contracts::run::Approval>,
}

/// Asks everything.
pub fn audit(registry: &Registry, runtime: &tokio::runtime::Runtime, row: &RunRow) -> Result<Vec<Check>, Failure> {
    let steps = runtime.block_on(registry.steps(&row.id)).map_err(Failure::damaged)?;
    let events = runtime.block_on(registry.events(Some(&row.id), 0, u32::MAX)).map_err(Failure::damaged)?;
    let mut finished: BTreeMap<String, u64> = BTreeMap::new();
    for event in events.iter().filter(|e| e.kind == "step_finished") {
        *finished.entry(event.json["step"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
    }
    let approvals = runtime.block_on(registry.approvals(&row.id)).map_err(Failure::damaged)?;
    let summary = crate::verbs::summary(registry, row);
    let record = Record { registry, row, steps, summary, finished, approvals };
    let mut content = Check::new("content", "everything the run names is stored, and is what its address says");
    let mut documents = Check::new("documents", "every document of the chain is one of its kind");
    let mut lineage = Check::new("lineage", "what each document was made from is stored");
    for (id, hash) in record.summary.iter().flat_map(|s| &s.artifacts) {
        let bytes = registry.bytes(hash);
        content.look(bytes.is_ok(), || format!("{id} {}: {}", hash.short(), said(bytes.as_ref().err())));
        let Ok(bytes) = bytes else { continue };
        let faults = document_faults(&bytes, id);
        documents.look(faults.is_empty(), || format!("{id} {}: {}", hash.short(), faults.join("; ")));
        let parents = runtime.block_on(registry.lineage(&tenant(), hash)).map_err(Failure::damaged)?.parents;
        for (_, parent) in parents {
            let there = registry.blobs().size(&parent).is_ok_and(|size| size.is_some());
            lineage.look(there, || format!("{id} was made from {}, which is not stored", parent.short()));
        }
    }
    let mut results = Check::new("results", "what each finished step made is remembered, stored, and is what its address says");
    let keys: Vec<Hash> = record.done().map(|s| s.step.memo_key.clone()).collect();
    let memos = runtime.block_on(registry.memo_get_many(&tenant(), &keys)).map_err(Failure::damaged)?;
    let mut seen = BTreeSet::new();
    for (step, memo) in record.done().zip(memos) {
        let registry::MemoLookup::Hit(memo) = memo else {
            // Results that can be had again may be cleared away to make room.
            if step.step.grade == registry::Grade::Recorded {
                results.look(false, || format!("`{}` was recorded, and is not remembered any more", step.step.name));
            }
            continue;
        };
        for output in memo.outputs.files.values().filter(|o| seen.insert(o.hash.clone())) {
            let whole = registry.blobs().scan(&output.hash);
            results.look(whole.is_ok(), || format!("`{}`: {}: {}", step.step.name, output.hash.short(), said(whole.as_ref().err())));
        }
    }
    let all =
        [content, documents, lineage, results, graph_order(&record), once(&record), totals(&record), approved(&record), film(&record)];
    Ok(all.into_iter().filter(|check| check.looked_at > 0).collect())
}

fn said(error: Option<&RegistryError>) -> String {
    error.map(ToString::to_string).unwrap_or_default()
}

impl Record<'_> {
    fn done(&self) -> impl Iterator<Item = &StepRow> {
        self.steps.iter().filter(|s| s.state == StepState::Done)
    }

    fn document<T: Document>(&self) -> Option<T> {
        let hash = self.summary.as_ref()?.artifacts.get(T::SCHEMA_ID)?;
        self.registry.artifact(hash).ok()
    }
}

/// The run against the graph of an episode.
fn graph_order(record: &Record<'_>) -> Check {
    let mut check = Check::new("graph", "stages came in the order of what they read, and nothing was left out");
    // Each stage's place in the queue, the first time it was come to; earlier episodes are told before.
    let mut first: BTreeMap<&str, i64> = BTreeMap::new();
    for step in record.steps.iter().filter(|s| !s.step.name.starts_with("episode-")) {
        let place = i64::try_from(step.step.place).unwrap_or(i64::MAX);
        let name = graph::stage(&step.step.stage).map_or(step.step.stage.as_str(), |part| part.name);
        first.entry(name).and_modify(|p| *p = place.min(*p)).or_insert(place);
        check.look(graph::stage(&step.step.stage).is_some_and(|p| p.kinds.contains(&step.step.kind.as_str())), || {
            format!("`{}` is a `{}` in the stage `{}`, which has none", step.step.name, step.step.kind, step.step.stage)
        });
    }
    for part in graph::EPISODE.iter().filter(|p| first.contains_key(p.name)) {
        for need in part.needs.iter().filter(|need| first.contains_key(*need)) {
            check.look(first[need] < first[part.name], || format!("`{}` came before `{need}`, which it reads", part.name));
        }
    }
    if let Some(summary) = record.summary.as_ref().filter(|s| s.frames > 0) {
        for part in graph::EPISODE.iter().filter(|p| first.contains_key(p.name)) {
            for id in part.makes.iter().filter(|id| **id != "media") {
                check.look(summary.artifacts.contains_key(*id), || format!("`{}` ran, and the run names no {id}", part.name));
            }
        }
        for step in &record.steps {
            let ended = matches!(step.state, StepState::Done | StepState::Skipped);
            check.look(ended, || format!("the film is finished and `{}` is {}", step.step.name, step.state.as_str()));
        }
    }
    check
}

/// Nothing twice (law 7).
fn once(record: &Record<'_>) -> Check {
    let mut check = Check::new("once", "each step was finished once, and none that was remembered");
    // Content that was lost is made again: that is said, and is no second time.
    let again: BTreeSet<&str> =
        record.summary.iter().flat_map(|s| &s.notes).filter_map(|n| n.split("made again by `").nth(1)?.split('`').next()).collect();
    for step in record.done() {
        let name = step.step.name.as_str();
        let times = record.finished.get(name).copied().unwrap_or(0);
        let right = if step.hit { times == 0 } else { times == 1 };
        check.look(right || again.contains(name), || {
            let how = if step.hit { "remembered" } else { "made" };
            format!("`{name}` was {how}, and the log has it finished {times} times")
        });
    }
    check
}

/// The summary against the rows it is made from.
fn totals(record: &Record<'_>) -> Check {
    let mut check = Check::new("totals", "the summary's counts are those of the steps");
    let Some(summary) = &record.summary else { return check };
    let mut counted: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for step in record.done() {
        let (steps, hits) = counted.entry(step.step.stage.as_str()).or_default();
        *steps += 1;
        *hits += u64::from(step.hit);
    }
    for StageSummary { name, steps, hits, .. } in &summary.stages {
        let of = counted.get(name.as_str()).copied().unwrap_or_default();
        check.look(of == (*steps, *hits) || summary.frames == 0, || {
            format!("`{name}`: the summary says {steps} steps, {hits} of them from memory; the rows say {} and {}", of.0, of.1)
        });
    }
    check.look(record.row.status == crate::stages::json(&summary.status).as_str().unwrap_or_default(), || {
        format!("the summary says {:?}, the run {}", summary.status, record.row.status)
    });
    check
}

/// The yeses against the project's points.
fn approved(record: &Record<'_>) -> Check {
    let mut check = Check::new("approvals", "where the project asks for a yes there is one, about what was made");
    let Some(summary) = &record.summary else { return check };
    let known: BTreeSet<&Hash> = summary.artifacts.values().collect();
    for yes in &summary.approvals {
        check.look(yes.approved, || format!("{} was refused, and the run went on", yes.point));
        let subject = known.contains(&yes.subject) || record.registry.blobs().size(&yes.subject).is_ok_and(|s| s.is_some());
        check.look(subject, || format!("{} is about {}, which is not stored", yes.point, yes.subject.short()));
    }
    for kept in &record.approvals {
        check.look(!kept.approver.is_empty() && !kept.at.is_empty(), || format!("{} has no name or no time", kept.point));
    }
    let Some(project) = record.document::<Project>().filter(|_| summary.frames > 0) else { return check };
    let points = &project.approval_points;
    for (point, asked) in [
        ("approve_canon_diff", points.approve_canon_diff),
        ("approve_character_packs", points.approve_character_packs),
        ("approve_shotlist_timing_lock", points.approve_shotlist_timing_lock),
    ] {
        if asked {
            check.look(summary.approvals.iter().any(|yes| yes.point == point && yes.approved), || {
                format!("the project asks for {point}, and a film was made without it")
            });
        }
    }
    check
}

/// The film against its documents.
fn film(record: &Record<'_>) -> Check {
    let mut check = Check::new("film", "the film is as long as its shots, under one timing lock, and every gate let it pass");
    let Some(output) = record.document::<RenderOutput>() else { return check };
    for verdict in &output.verdicts {
        check.look(verdict.pass, || {
            format!(
                "the gate {} did not let it pass: {}",
                verdict.gate,
                verdict.findings.iter().map(canon::told).collect::<Vec<_>>().join("; ")
            )
        });
    }
    if let Some(shots) = record.document::<ShotList>() {
        let frames: u64 = shots.shots.iter().map(|s| s.frames).sum();
        check.look(shots.lock_holds(), || "the shots are not those of their timing lock".to_owned());
        check.look(frames == output.measured.frames, || format!("the shots are {frames} frames, the film {}", output.measured.frames));
        check.look(shots.timing_lock == output.timing_lock, || "the film is of another timing lock than the shots".to_owned());
        if let Some(manifest) = record.document::<AssetManifest>() {
            check.look(manifest.timing_lock == shots.timing_lock, || "the needs are of another timing lock than the shots".to_owned());
        }
    }
    if let Some(plan) = record.summary.as_ref().and_then(|s| s.artifacts.get(RenderPlan::SCHEMA_ID)) {
        check.look(*plan == output.render_plan, || "the film is of another render plan than the run's".to_owned());
    }
    let files = output.captions.iter().map(|(format, hash)| (format.as_str(), hash));
    for (what, hash) in files.chain([("film", &output.film), ("contact sheet", &output.contact_sheet), ("mix", &output.mix)]) {
        let bytes = record.registry.blobs().scan(hash);
        check.look(bytes.is_ok(), || format!("{what}: {}", said(bytes.as_ref().err())));
    }
    check
}
