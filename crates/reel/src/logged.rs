//! `decision_log.json`: what was decided in a project, in order. It is kept under one name of the registry, each entry chained to the
//! one before it, and only ever grows; a run folder holds a copy. What was decided before in the same way is not decided again, so
//! that making the same film twice adds nothing.

use std::collections::BTreeMap;

use contracts::{
    Hash, Id,
    choice::{Decided, Modality, WHOLE},
    decision_log::{DecisionCategory, DecisionLog, LogOption, Logged},
    promise::{PromiseOption, Proposal, Ranked, Terms, TermsChange},
    run::{Approval, RunSummary},
};
use gates::promise::rule;
use registry::{Origin, Registry, RegistryError};

use crate::{failure::Failure, shop::tenant, stages::json as value};

/// Where the log of a project is kept.
pub fn log_of(project: &Id) -> String {
    format!("decisions/{project}")
}

/// Something that was decided, before it has a number and a time.
pub struct Entry {
    stage: &'static str,
    category: DecisionCategory,
    subject: String,
    options: Vec<LogOption>,
    selected: String,
    reason: String,
    user_approved: bool,
    decision: Option<Hash>,
}

/// Adds what is not decided yet, and says where the log is now; nothing where nothing was ever decided.
pub fn record(
    registry: &Registry,
    runtime: &tokio::runtime::Runtime,
    project: &Id,
    run: Option<&Id>,
    entries: &[Entry],
) -> Result<Option<Hash>, Failure> {
    let name = log_of(project);
    loop {
        let row = runtime.block_on(registry.get_ref(&tenant(), &name)).map_err(Failure::damaged)?;
        let mut log = match &row {
            Some(row) => registry.artifact::<DecisionLog>(&row.hash).map_err(Failure::damaged)?,
            None => DecisionLog { project_id: project.clone(), decisions: Vec::new() },
        };
        let before = log.decisions.len();
        for entry in entries {
            let of_same = |logged: &&Logged| logged.category == entry.category && logged.subject == entry.subject;
            let last = log.decisions.iter().rev().map(|e| &e.logged).find(of_same);
            if last.is_some_and(|l| l.selected == entry.selected && l.user_approved == entry.user_approved) {
                continue;
            }
            let category = value(&entry.category).as_str().unwrap_or_default().to_owned();
            let logged = Logged {
                decision_id: Id::slug(&format!("{category}-{}", log.decisions.len() + 1)),
                stage: entry.stage.to_owned(),
                category: entry.category,
                subject: entry.subject.clone(),
                options_considered: entry.options.clone(),
                selected: entry.selected.clone(),
                reason: entry.reason.clone(),
                user_visible: true,
                user_approved: entry.user_approved,
                confidence_ppm: None,
                at: registry.clock().now_utc().rfc3339(),
                decision: entry.decision.clone(),
            };
            routing::log::append(&mut log, logged).map_err(|e| Failure::damaged(format!("the decision log of {project}: {e}")))?;
        }
        if log.decisions.len() == before {
            return Ok(row.map(|row| row.hash));
        }
        let mut txn = registry.begin();
        if let Some(run) = run {
            txn.on_behalf_of(run);
        }
        let origin = Origin { run: run.cloned(), step: None };
        let hash = txn.put_document(&tenant(), &log, origin).map_err(Failure::damaged)?.hash;
        txn.ref_cas(&tenant(), &name, row.map_or(0, |row| row.version), &hash);
        match runtime.block_on(txn.commit()) {
            // Somebody else decided something meanwhile: theirs stands before ours.
            Err(RegistryError::RefMoved { .. }) => {}
            done => return done.map(|_| Some(hash)).map_err(Failure::damaged),
        }
    }
}

fn option(id: &str, label: &str, score_ppm: i64, reason: &str, rejected_because: Option<String>) -> LogOption {
    LogOption { option_id: id.to_owned(), label: label.to_owned(), score_ppm, reason: reason.to_owned(), rejected_because }
}

/// Options of a promise: what cannot be promised scores nothing, and nobody scored the rest.
fn promised(options: &[PromiseOption], selected: &Id) -> Vec<LogOption> {
    let of = |o: &PromiseOption| {
        let score = if o.blocked_because.is_some() { 0 } else { WHOLE };
        let other = (o.option_id != *selected).then(|| "the terms that were asked for are others".to_owned());
        option(o.option_id.as_str(), &o.label, score, &o.label, o.blocked_because.clone().or(other))
    };
    options.iter().map(of).collect()
}

fn episode(number: u32) -> String {
    format!("episode {number}")
}

/// What a proposal decides: how much will move, and what composes it.
pub fn proposed(proposal: &Proposal, approved: bool) -> Vec<Entry> {
    let reason = format!("its terms have the hash {}", proposal.locked);
    let runtime = proposal.terms.render_runtime.name();
    let place = |(at, r): (usize, &Ranked)| option(&r.tool, &r.tool, if at == 0 { WHOLE } else { 0 }, &r.reason, r.blocked_because.clone());
    let mut runtimes: Vec<LogOption> = proposal.provider_rankings.runtime.iter().enumerate().map(place).collect();
    if !runtimes.iter().any(|o| o.option_id == runtime) {
        runtimes.push(option(runtime, runtime, 0, "it was asked for", None));
    }
    let entry = |category, options, selected: &str, reason: &str| Entry {
        stage: "proposal",
        category,
        subject: episode(proposal.episode),
        options,
        selected: selected.to_owned(),
        reason: reason.to_owned(),
        user_approved: approved,
        decision: None,
    };
    vec![
        entry(DecisionCategory::MotionCommitment, promised(&proposal.options, &proposal.selected), proposal.selected.as_str(), &reason),
        entry(DecisionCategory::RenderRuntimeSelection, runtimes, runtime, "a runtime is never swapped"),
    ]
}

/// An approved change of what was locked: less than before is a downgrade.
pub fn changed(number: u32, was: &Terms, now: &Terms, change: &TermsChange) -> Entry {
    let floor = |terms: &Terms| rule(terms.delivery_promise.promise_type).min_motion_percent;
    let required = |terms: &Terms| terms.delivery_promise.motion_required || terms.delivery_promise.source_required;
    let less = floor(now) < floor(was) || required(was) && !required(now);
    Entry {
        stage: "proposal",
        category: if less { DecisionCategory::DowngradeApproval } else { DecisionCategory::MotionCommitment },
        subject: format!("{}, {}", episode(number), change.decision_id),
        options: promised(&change.options, &change.selected),
        selected: change.selected.to_string(),
        reason: change.reason.clone(),
        user_approved: change.approved_by.is_some(),
        decision: None,
    }
}

/// What a person said at an approval point. Names stay with the approvals themselves.
pub fn approval(said: &Approval) -> Entry {
    let (yes, no) = ("approved", "refused");
    let selected = if said.approved { yes } else { no };
    let of = |id: &str| {
        let other = (id != selected).then(|| "a person said otherwise".to_owned());
        option(id, id, if id == selected { WHOLE } else { 0 }, "what a person may say at an approval point", other)
    };
    Entry {
        stage: "approval",
        category: DecisionCategory::ApprovalPolicy,
        subject: format!("{} of {}", said.point, said.subject),
        options: vec![of(yes), of(no)],
        selected: selected.to_owned(),
        reason: said.notes.clone().unwrap_or_else(|| "no reason was given".to_owned()),
        user_approved: said.approved,
        decision: None,
    }
}

/// What a film's run decided: which tools met its needs, whose voices, where its music comes from, and what only stands in.
pub fn of_film(summary: &RunSummary, decided: &[Decided]) -> Result<Vec<Entry>, Failure> {
    // One entry for every tool that met needs of a kind, with what the first of those choices rested on.
    let mut groups: BTreeMap<(Modality, String), &Decided> = BTreeMap::new();
    for one in decided {
        if let Some(tool) = &one.decision.chosen {
            groups.entry((one.decision.snapshot.request.modality, tool.to_string())).or_insert(one);
        }
    }
    let mut entries = Vec::new();
    for ((modality, tool), one) in groups {
        let options = routing::log::options(&one.decision.choice);
        if !options.iter().any(|o| o.option_id == tool) {
            continue;
        }
        let category = match modality {
            Modality::Speech => DecisionCategory::VoiceSelection,
            Modality::Music => DecisionCategory::MusicSource,
            _ => DecisionCategory::ProviderSelection,
        };
        entries.push(Entry {
            stage: "assets",
            category,
            subject: format!("{}, {}, {tool}", episode(summary.episode), modality.name()),
            options,
            selected: tool,
            reason: one.decision.choice.rationale.clone(),
            user_approved: false,
            decision: Some(routing::log::address(&one.decision).map_err(Failure::internal)?),
        });
    }
    for missing in &summary.stand_ins {
        entries.push(Entry {
            stage: "assets",
            category: DecisionCategory::FallbackDecision,
            subject: format!("{}, {}", episode(summary.episode), missing.missing_id),
            options: vec![
                option("as-asked", &missing.missing_id, 0, "it was asked for", Some(missing.reason.clone())),
                option("stand-in", "a stand-in that says what is missing", WHOLE, "the film goes on, marked degraded", None),
            ],
            selected: "stand-in".to_owned(),
            reason: missing.reason.clone(),
            user_approved: false,
            decision: None,
        });
    }
    entries.extend(summary.approvals.iter().map(approval));
    Ok(entries)
}
