//! The proposal of an episode: what is promised, by which tools and at what cost, before work starts; and what an episode was locked
//! to by its first accepted film, or by a person before it.
//!
//! The promise is what `[promise]` of project.toml says, and where it says nothing what the kind of production stands for. Later
//! runs are held to the lock: other terms need an approved change that names the options (law 8, design §12).

use contracts::{
    Id, MicroUsd,
    choice::{Choice, Modality, Snapshot, ToolId},
    project::Project,
    promise::{
        BudgetVerdict, CostEstimate, DeliveryPromise, PromiseLock, PromiseOption, PromiseType, Proposal, Ranked, Rankings, RenderRuntime,
        Terms, TermsChange,
    },
};
use gates::promise::{Brief, classify, rule};
use registry::{Origin, Registry, RegistryError};
use serde_json::json;

use crate::{
    choosing::{Choosing, LIBRARY_MUSIC, LIBRARY_PICTURE},
    failure::Failure,
    project::{MUSIC, ProjectFolder},
    shop::tenant,
};

/// What composes films here.
pub const RUNTIME: RenderRuntime = RenderRuntime::Ffmpeg;

/// The family of looks that the local painter is of.
const FAMILY: &str = "animation-first";

/// The tone of a story that nobody has said more of.
const TONE: &str = "narrative";

/// Where the lock of an episode is kept.
pub fn lock_of(project: &Id, episode: u32) -> String {
    format!("promise/{project}/ep-{episode:02}")
}

/// What a project promises.
pub fn terms(project: &Project) -> Terms {
    let said = project.promise.clone().unwrap_or_default();
    let brief = Brief {
        pipeline_type: said.production.unwrap_or_default(),
        motion_required: said.motion_required,
        has_footage: said.source_required == Some(true),
        tone: Some(said.tone_mode.unwrap_or_else(|| TONE.to_owned())),
        quality: said.quality_floor,
    };
    let mut promise = classify(&brief);
    if let Some(kind) = said.promise_type {
        promise.promise_type = kind;
        promise.motion_required = said.motion_required.unwrap_or(moves(kind));
    }
    promise.approved_fallback = said.approved_fallback;
    Terms {
        delivery_promise: promise,
        render_runtime: said.render_runtime.unwrap_or(RUNTIME),
        renderer_family: Some(said.renderer_family.unwrap_or_else(|| FAMILY.to_owned())),
    }
}

/// Whether a type promises motion by itself.
fn moves(kind: PromiseType) -> bool {
    matches!(kind, PromiseType::MotionLed | PromiseType::AvatarPresenter)
}

/// Proposes an episode: a pure function of the project's folder, and of the tools that its runs choose among.
pub fn propose(folder: &ProjectFolder, episode: u32, choosing: &Choosing) -> Result<Proposal, Failure> {
    let project = &folder.project;
    let terms = terms(project);
    let entries = || folder.library.entries.values();
    let held = [(LIBRARY_MUSIC, entries().any(|e| e.is_music())), (LIBRARY_PICTURE, entries().any(|e| !e.is_music()))];
    let empty: Vec<(&str, &str)> =
        held.into_iter().filter(|(_, held)| !held).map(|(tool, _)| (tool, "the project's library holds none")).collect();
    let survey = |modality, operation| {
        let moves = modality == Modality::Video && terms.delivery_promise.motion_required;
        choosing.survey(modality, operation, moves, &empty)
    };
    let (video, image, tts, music, sound, runtime) = (
        survey(Modality::Video, None),
        survey(Modality::Image, Some("plate")),
        survey(Modality::Speech, Some("speak")),
        survey(Modality::Music, Some("score")),
        survey(Modality::Sound, None),
        survey(Modality::Runtime, Some("render")),
    );
    let worst = worst([&image, &tts, &music, &sound, &runtime].into_iter().chain(needs_video(&terms).then_some(&video)));
    let provider_rankings =
        Rankings { video: ranked(&video), image: ranked(&image), tts: ranked(&tts), music: ranked(&music), runtime: ranked(&runtime) };
    let options = options(folder, &terms, &provider_rankings);
    let same = options.iter().find(|option| option.terms == terms);
    let selected = same.ok_or_else(|| Failure::internal("what is proposed is none of its options"))?.option_id.clone();
    let mut notes = Vec::new();
    if project.promise.is_none() {
        let kind = terms.delivery_promise.promise_type;
        let percent = rule(kind).min_motion_percent;
        notes.push(format!(
            "project.toml says nothing of [promise]: a story told in pictures is `{}`, and at least {percent} % of it moves",
            kind.name()
        ));
    }
    let locked = terms.lock().map_err(Failure::internal)?;
    let cost = CostEstimate::of(worst, Some(project.cost_policy.budget_micro_usd));
    Ok(Proposal { project_id: project.id.clone(), episode, terms, locked, provider_rankings, cost, options, selected, notes })
}

/// The places of a choice: what can be asked in its order, then what cannot, with every reason.
fn ranked((snapshot, choice): &(Snapshot, Choice)) -> Vec<Ranked> {
    let provider = |tool: &ToolId| snapshot.candidates.iter().find(|c| c.tool == *tool).map(|c| c.provider.to_string()).unwrap_or_default();
    let feasible = choice.order.iter().map(|placed| Ranked {
        tool: placed.tool.to_string(),
        provider: provider(&placed.tool),
        reason: placed.reason.clone(),
        score_milli: placed.score_ppm.map(|ppm| ppm / 1_000),
        blocked_because: None,
    });
    let mut out: Vec<Ranked> = feasible.collect();
    for exclusion in &choice.exclusions {
        let why = format!("{}: {}", exclusion.code.name(), exclusion.reason);
        match out.iter_mut().find(|r| r.tool == exclusion.tool.as_str()) {
            Some(Ranked { blocked_because: Some(said), .. }) => *said = format!("{said}; {why}"),
            Some(_) => {}
            None => out.push(Ranked {
                tool: exclusion.tool.to_string(),
                provider: provider(&exclusion.tool),
                reason: "it is no candidate".to_owned(),
                score_milli: None,
                blocked_because: Some(why),
            }),
        }
    }
    out
}

/// What the tools that come first cost at worst. How often one is called is known once the story is told: nothing times anything is
/// nothing, and of a price nobody can say yet.
fn worst<'a>(choices: impl Iterator<Item = &'a (Snapshot, Choice)>) -> Option<MicroUsd> {
    let first = choices.filter_map(|(_, choice)| choice.order.first());
    first.into_iter().all(|placed| placed.quote_micro_usd == Some(MicroUsd(0))).then_some(MicroUsd(0))
}

fn needs_video(terms: &Terms) -> bool {
    rule(terms.delivery_promise.promise_type).requires_video_generation
}

/// Everything that could be promised: the terms as they are asked for, those of every other type, those of every other runtime.
fn options(folder: &ProjectFolder, terms: &Terms, rankings: &Rankings) -> Vec<PromiseOption> {
    let mut options = Vec::new();
    let mut put = |id: &str, label: String, terms: Terms| {
        let blocked_because = blocked(folder, &terms, rankings);
        options.push(PromiseOption { option_id: Id::new(id).unwrap_or_else(|_| Id::slug(id)), label, terms, blocked_because });
    };
    let own = terms.delivery_promise.promise_type;
    for kind in PromiseType::ALL {
        let percent = rule(kind).min_motion_percent;
        let label = match kind {
            PromiseType::MotionLed => format!("moving pictures from a generator carry it: {percent} % at least"),
            PromiseType::SourceLed => format!("the author's own pictures are seen, and {percent} % of it moves at least"),
            PromiseType::Hybrid => format!("a story in pictures, painted or not, of which {percent} % move at least"),
            PromiseType::AvatarPresenter => format!("a speaking figure from a generator: {percent} % at least"),
            PromiseType::DataExplainer => "numbers and charts; stills may carry it".to_owned(),
            PromiseType::TeacherExplainer => "a lesson; stills may carry it".to_owned(),
            PromiseType::ScreenDemo => "a recording of a screen; stills may carry it".to_owned(),
            PromiseType::Localization => "another language for a film that exists; stills may carry it".to_owned(),
        };
        let promise = if kind == own {
            terms.delivery_promise.clone()
        } else {
            let source_required = kind == PromiseType::SourceLed;
            DeliveryPromise { promise_type: kind, motion_required: moves(kind), source_required, ..terms.delivery_promise.clone() }
        };
        put(kind.name(), label, Terms { delivery_promise: promise, ..terms.clone() });
    }
    for runtime in [RenderRuntime::Ffmpeg, RenderRuntime::Remotion, RenderRuntime::Hyperframes] {
        if runtime != terms.render_runtime {
            let label = format!("the same promise, composed by {}", runtime.name());
            put(runtime.name(), label, Terms { render_runtime: runtime, ..terms.clone() });
        }
    }
    options
}

/// Why terms cannot be promised here, if they cannot.
fn blocked(folder: &ProjectFolder, terms: &Terms, rankings: &Rankings) -> Option<String> {
    let mut why = Vec::new();
    let (promise, runtime) = (&terms.delivery_promise, terms.render_runtime);
    if runtime != RUNTIME {
        why.push(format!("this build composes with {}, and a runtime is never swapped", RUNTIME.name()));
    }
    if needs_video(terms) && !rankings.video.iter().any(|r| r.blocked_because.is_none()) {
        let known: Vec<String> =
            rankings.video.iter().map(|r| format!("{} ({})", r.tool, r.blocked_because.as_deref().unwrap_or_default())).collect();
        let known = if known.is_empty() { "there is none".to_owned() } else { known.join("; ") };
        why.push(format!("it needs a tool that makes video, and painted animation never counts as one: {known}"));
    }
    if promise.source_required && !folder.library.entries.values().any(|e| !e.tags.iter().any(|t| t == MUSIC)) {
        why.push("the author's own pictures were promised, and library/library.toml has none".to_owned());
    }
    (!why.is_empty()).then(|| why.join("; "))
}

/// The lock of an episode, and the version of its name.
pub fn lock(
    registry: &Registry,
    runtime: &tokio::runtime::Runtime,
    project: &Id,
    episode: u32,
) -> Result<Option<(PromiseLock, i64)>, Failure> {
    let row = runtime.block_on(registry.get_ref(&tenant(), &lock_of(project, episode))).map_err(Failure::damaged)?;
    row.map(|row| Ok((registry.artifact(&row.hash).map_err(Failure::damaged)?, row.version))).transpose()
}

/// What came of an approval.
pub enum Locked {
    /// It was locked for the first time.
    First,
    /// It was locked to the same terms before.
    Before,
    /// It was locked to these other terms, and the change is on record.
    Changed(Box<Terms>, Box<TermsChange>),
}

/// Locks an episode to what is proposed, in a person's name. Where it is locked to other terms, the change is recorded with its
/// reason and with every option that was there.
pub fn approve(
    registry: &Registry,
    runtime: &tokio::runtime::Runtime,
    proposal: &Proposal,
    by: &str,
    reason: Option<&str>,
) -> Result<Locked, Failure> {
    let name = lock_of(&proposal.project_id, proposal.episode);
    loop {
        let now = lock(registry, runtime, &proposal.project_id, proposal.episode)?;
        let (next, version, done) = match now {
            None => (PromiseLock { proposal: proposal.clone(), changes: Vec::new() }, 0, Locked::First),
            Some((lock, version)) => {
                let terms = in_force(&lock)?;
                if terms == proposal.terms {
                    return Ok(Locked::Before);
                }
                let Some(reason) = reason.map(str::trim).filter(|reason| !reason.is_empty()) else {
                    let text = "other terms were locked for this episode: a change of them names its reason";
                    return Err(Failure::usage(text, "add --reason TEXT: why the promise is another one now"));
                };
                let change = change(proposal, &terms, lock.changes.len(), by, reason)?;
                let mut lock = lock;
                lock.changes.push(change.clone());
                (lock, version, Locked::Changed(Box::new(terms), Box::new(change)))
            }
        };
        let mut txn = registry.begin();
        let hash = txn.put_document(&tenant(), &next, Origin::default()).map_err(Failure::damaged)?.hash;
        txn.ref_cas(&tenant(), &name, version, &hash);
        let change = next.changes.last();
        let json = json!({
            "project": proposal.project_id, "episode": proposal.episode, "locked": proposal.locked, "by": by,
            "decision": change.map(|c| &c.decision_id), "reason": change.map(|c| &c.reason),
        });
        txn.event(None, "promise_locked", without_null(json));
        match runtime.block_on(txn.commit()) {
            // Somebody else locked it meanwhile: what they locked is looked at.
            Err(RegistryError::RefMoved { .. }) => {}
            done_so => return done_so.map(|_| done).map_err(Failure::damaged),
        }
    }
}

fn without_null(mut value: serde_json::Value) -> serde_json::Value {
    if let Some(map) = value.as_object_mut() {
        map.retain(|_, v| !v.is_null());
    }
    value
}

/// The terms a lock holds an episode to.
pub fn in_force(lock: &PromiseLock) -> Result<Terms, Failure> {
    gates::promise::terms::in_force(&lock.proposal, &lock.changes)
        .map_err(|findings| Failure::damaged(findings.iter().map(gates::told).collect::<Vec<_>>().join("; ")))
}

/// The change of the terms in force to those of a proposal.
fn change(proposal: &Proposal, was: &Terms, number: usize, by: &str, reason: &str) -> Result<TermsChange, Failure> {
    let kept = PromiseOption {
        option_id: Id::slug("as-locked"),
        label: "what the episode was locked to".to_owned(),
        terms: was.clone(),
        blocked_because: None,
    };
    let options = std::iter::once(kept).chain(proposal.options.iter().cloned()).collect();
    Ok(TermsChange {
        decision_id: Id::slug(&format!("terms-ep{:02}-{}", proposal.episode, number + 1)),
        departs_from: was.lock().map_err(Failure::internal)?,
        options,
        selected: proposal.selected.clone(),
        reason: reason.to_owned(),
        approved_by: Some(by.to_owned()),
    })
}

/// Whether a cost can be paid, in words.
pub fn told_cost(cost: &CostEstimate) -> String {
    let worst = cost.worst_micro_usd.map_or_else(|| "nobody can say what it costs".to_owned(), |worst| format!("{worst} at worst"));
    let verdict = match cost.verdict {
        BudgetVerdict::WithinBudget => "within the budget",
        BudgetVerdict::NearLimit => "near the budget's limit",
        BudgetVerdict::OverBudget => "over the budget",
        BudgetVerdict::UnknownCost => "asked about before anything is spent",
        BudgetVerdict::NoBudgetSet => "no budget is set",
    };
    let budget = cost.budget_micro_usd.map_or_else(String::new, |budget| format!(" of {budget}"));
    format!("{worst}{budget}: {verdict}")
}
