//! One production of one episode: the stages in order, the record of what happened, the run folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use adapt::{Profile, Story};
use contracts::{
    Document, Hash, Id, MicroUsd,
    assets::{ResolvedAssets, StandIn},
    canon::Canon,
    project::Project,
    run::{Approval, RunStatus, RunSummary, StageSummary},
    story::{Cast, EpisodePlan, Script},
    table_read::TableRead,
};
use orchestrator::{RunSpec, Runner};
use registry::Registry;
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};
use world::{StoryWriter, TemplateWriter};

use crate::{
    failure::Failure,
    progress::Progress,
    project::ProjectFolder,
    stages::{self, Made, Shop},
    tools::Tools,
    view,
};

/// What was asked for.
pub struct Request {
    pub project: PathBuf,
    pub episode: u32,
    pub out: Option<PathBuf>,
    pub yes: bool,
    pub jobs: Option<usize>,
    pub voiced: bool,
    /// Progress as plain lines or on a terminal.
    pub quiet: bool,
}

impl Request {
    /// The command that asks for the same again, with one more flag.
    fn argv(&self, flag: &str) -> Vec<String> {
        let mut argv = vec!["reel".to_owned(), "produce".into(), self.project.display().to_string()];
        argv.extend(["--episode".to_owned(), self.episode.to_string()]);
        argv.extend(self.out.iter().flat_map(|out| ["--out".to_owned(), out.display().to_string()]));
        argv.extend(self.jobs.iter().flat_map(|jobs| ["--jobs".to_owned(), jobs.to_string()]));
        argv.extend((!self.voiced).then(|| "--no-voice".to_owned()));
        argv.push(flag.to_owned());
        argv
    }

    /// The command that shows the story that is asked about.
    fn look(&self) -> Vec<String> {
        ["reel", "write", &self.project.display().to_string(), "--episode", &self.episode.to_string()].map(str::to_owned).to_vec()
    }
}

/// What came of it.
pub struct Produced {
    pub summary: RunSummary,
    pub run_dir: PathBuf,
    pub film: PathBuf,
}

/// What the writer works with.
pub struct Writing {
    pub project: Arc<Project>,
    pub writer: Arc<dyn StoryWriter + Send + Sync>,
    /// What the writer writes from: the pack's data.
    pub pack: Hash,
}

impl Writing {
    /// What a story depends on besides its canon: a change of style, shape or rate rewrites nothing.
    pub fn settings(&self) -> Value {
        let p = &self.project;
        json!({
            "id": p.id, "title": p.title, "genre": p.genre, "target_duration_s": p.target_duration_s, "language": p.language,
            "premise": p.premise.as_deref().unwrap_or_default(), "safety": stages::json(&p.safety),
            "pack": self.pack,
        })
    }
}

/// The story as it was told: what the adapter reads.
pub struct Told {
    pub project: Arc<Project>,
    pub canon: Made<Canon>,
    pub cast: Made<Cast>,
    pub script: Made<Script>,
    pub read: Made<TableRead>,
}

impl Told {
    /// The documents, borrowed.
    pub fn story(&self) -> Story<'_> {
        Story { project: &self.project, canon: &self.canon.doc, cast: &self.cast.doc, script: &self.script.doc, read: &self.read.doc }
    }

    /// What a shot list depends on.
    pub fn projection(&self) -> Value {
        let p = &self.project;
        json!({
            "project": {"id": p.id, "title": p.title, "genre": p.genre, "language": p.language, "edit_rate": stages::json(&p.edit_rate)},
            "canon": self.canon.hash, "cast": self.cast.hash, "script": self.script.hash, "read": self.read.hash,
        })
    }
}

/// The documents of the story of one episode.
pub struct Written {
    pub arc: Made<contracts::story::StoryArc>,
    pub plan: Made<EpisodePlan>,
    pub cast: Made<Cast>,
    pub script: Made<Script>,
    pub judged: stages::canon_gate::Judged,
    /// The canon the episode began with.
    pub before: Made<Canon>,
    /// Things seen in the episodes before it.
    pub seen_before: Vec<Id>,
}

/// Makes a film, or says why there is none.
pub fn produce(request: &Request) -> Result<Produced, Failure> {
    let folder = ProjectFolder::open(&request.project)?;
    let tools = Arc::new(Tools::find(&folder.project, request.voiced)?);
    if let Some(out) = &request.out {
        view::check_writable(out)?;
    }
    let mut shop = open_shop(&folder.project.id, request.episode, request)?;
    let clock = Arc::clone(shop.registry.clock());
    let (started, from) = (clock.now_utc(), clock.monotonic_ms());
    let run_id = shop.runner.run_id().clone();
    let mut notes = Vec::new();
    if let Some(note) = tools.speech.as_ref().and_then(|s| s.note()) {
        notes.push(note.to_owned());
    }
    if !request.voiced {
        notes.push("made without voices, as asked: lines stand on intertitles".into());
    }
    notes.extend(unheeded(&folder.project));
    let mut approvals = Vec::new();
    let done = all_stages(&mut shop, &folder, &tools, request, &mut approvals);
    let stages = merged(shop.runner.stages());
    let mut summary = RunSummary {
        run_id: run_id.clone(),
        project_id: folder.project.id.clone(),
        episode: request.episode,
        status: RunStatus::Failed,
        started_at: started.rfc3339(),
        elapsed_ms: clock.monotonic_ms() - from,
        duration_ms: 0,
        frames: 0,
        shots: 0,
        stand_ins: Vec::new(),
        notes,
        cost_micro_usd: MicroUsd(0),
        stages,
        artifacts: std::collections::BTreeMap::new(),
        approvals,
    };
    match done {
        Ok(film) => {
            summary.status = if film.stand_ins.is_empty() { RunStatus::Completed } else { RunStatus::Degraded };
            summary.duration_ms = film.output.doc.measured.duration_ms;
            summary.frames = film.output.doc.measured.frames;
            summary.shots = film.output.doc.segments.len() as u64;
            summary.stand_ins = film.stand_ins.clone();
            summary.artifacts = film.artifacts.clone();
            let run_dir = request.out.clone().map_or_else(|| view::default_dir(&run_id), Ok);
            let written = run_dir.and_then(|dir| Ok((view::write(&shop.registry, &dir, &film, &summary)?, dir)));
            match written {
                Ok((film, run_dir)) => {
                    close(shop, summary.status, Some(&summary), None)?;
                    Ok(Produced { summary, run_dir, film })
                }
                // The film is kept in the registry, but nobody can open it: the run did not end well.
                Err(failure) => end_badly(shop, summary, failure),
            }
        }
        Err(failure) => end_badly(shop, summary, failure),
    }
}

/// Records a run that made no film, and hands its failure on.
fn end_badly(shop: Shop, mut summary: RunSummary, failure: Failure) -> Result<Produced, Failure> {
    summary.status = failure.status();
    let failure = failure.of_run(&summary.run_id);
    close(shop, summary.status, Some(&summary), Some(&failure.message))?;
    Err(failure)
}

/// Settings that this build reads and cannot follow: said, never passed over.
fn unheeded(project: &Project) -> Vec<String> {
    let mut notes = Vec::new();
    if !project.language.to_ascii_lowercase().starts_with("en") {
        notes.push(format!("the pack `{}` writes English: the voice for `{}` reads English lines", project.genre, project.language));
    }
    if project.premise.is_some() {
        notes.push(format!("`premise` is not followed: the pack `{}` brings its own situation", project.genre));
    }
    notes
}

/// The finished film's documents.
pub struct Film {
    pub output: Made<contracts::render::RenderOutput>,
    pub stand_ins: Vec<StandIn>,
    /// Every document of the chain, by schema id.
    pub artifacts: std::collections::BTreeMap<String, Hash>,
}

fn all_stages(
    shop: &mut Shop,
    folder: &ProjectFolder,
    tools: &Arc<Tools>,
    request: &Request,
    approvals: &mut Vec<Approval>,
) -> Result<Film, Failure> {
    let points = &folder.project.approval_points;
    let mut gate = Approvals { clock: Arc::clone(shop.registry.clock()), request, given: approvals };
    let told = tell(shop, folder, request.episode, &mut |question| match question {
        Question::Cast(subject) => {
            gate.ask("approve_character_packs", points.approve_character_packs, subject, "the looks and voices of the cast")
        }
        Question::Diff(number, subject) => {
            gate.ask("approve_canon_diff", points.approve_canon_diff, subject, &format!("what episode {number} makes true"))
        }
    })?;
    let read = stages::table_read::run(shop, &told.script, &told.cast, tools)?;
    let project = Arc::new(folder.project.clone());
    let story = Arc::new(Told {
        project,
        canon: told.judged.canon.clone(),
        cast: told.cast.clone(),
        script: told.script.clone(),
        read: read.clone(),
    });
    let shots = stages::shotlist::run(shop, &story)?;
    gate.ask("approve_shotlist_timing_lock", points.approve_shotlist_timing_lock, &shots.hash, "the lengths of the shots")?;
    let profile = Profile::preview_local().map_err(Failure::internal)?;
    let manifest = stages::manifest::run(shop, &story, &shots, profile.short)?;
    let resolved = stages::assets::run(shop, folder, &manifest, &read)?;
    let plan = stages::render_plan::run(shop, &story, &shots, &manifest, &resolved, &profile)?;
    let segments = stages::shots::run(shop, &plan, tools)?;
    let mix = stages::mix::run(shop, &plan)?;
    let joined = stages::join::run(shop, &plan, &segments, &mix, tools)?;
    let output = stages::publish::run(shop, &story, &plan, &segments, &mix, &joined, tools)?;
    let mut artifacts = std::collections::BTreeMap::new();
    let project = shop.registry.put_document(&folder.project).map_err(Failure::damaged)?;
    for (id, hash) in [
        (Project::SCHEMA_ID, &project.hash),
        (Canon::SCHEMA_ID, &told.before.hash),
        (contracts::story::StoryArc::SCHEMA_ID, &told.arc.hash),
        (EpisodePlan::SCHEMA_ID, &told.plan.hash),
        (Cast::SCHEMA_ID, &told.cast.hash),
        (Script::SCHEMA_ID, &told.script.hash),
        (contracts::canon::CanonDiff::SCHEMA_ID, &told.judged.diff.hash),
        (TableRead::SCHEMA_ID, &read.hash),
        (contracts::shots::ShotList::SCHEMA_ID, &shots.hash),
        (contracts::assets::AssetManifest::SCHEMA_ID, &manifest.hash),
        (ResolvedAssets::SCHEMA_ID, &resolved.hash),
        (contracts::render::RenderPlan::SCHEMA_ID, &plan.hash),
        (contracts::render::RenderOutput::SCHEMA_ID, &output.hash),
    ] {
        artifacts.insert(id.to_owned(), hash.clone());
    }
    let mut stand_ins: Vec<StandIn> = resolved.doc.assets.values().filter_map(|a| a.stand_in.clone()).collect();
    stand_ins.sort_by(|a, b| a.missing_id.cmp(&b.missing_id));
    stand_ins.dedup();
    Ok(Film { output, stand_ins, artifacts })
}

/// What a person may be asked while a story is told.
pub enum Question<'a> {
    /// The cast, before the script is written for it.
    Cast(&'a Hash),
    /// What an episode makes true, before the canon holds it.
    Diff(u32, &'a Hash),
}

/// Writes the story up to the asked episode: each earlier one is told first, because what it made true is true in this one.
/// Told episodes are remembered, so this costs nothing twice. `ask` ends the telling where a yes is missing.
pub fn tell(
    shop: &mut Shop,
    folder: &ProjectFolder,
    episode: u32,
    ask: &mut dyn FnMut(Question<'_>) -> Result<(), Failure>,
) -> Result<Written, Failure> {
    let pack = world::fingerprint(&folder.project.genre).map_err(Failure::internal)?;
    let writing = Writing { project: Arc::new(folder.project.clone()), writer: Arc::new(TemplateWriter), pack };
    let sealed = shop.registry.put_document(&folder.canon).map_err(Failure::damaged)?;
    let author = Made { doc: Arc::new(folder.canon.clone()), hash: sealed.hash };
    let (arc, mut canon) = stages::arc::run(shop, &writing, &author)?;
    let episodes = arc.doc.episodes.len() as u32;
    if !(1..=episodes).contains(&episode) {
        let message = format!("episode {episode} does not exist: the season of `{}` has {episodes}", folder.project.id);
        return Err(Failure::story("episode.unknown", message, format!("ask for --episode 1 to {episodes}")));
    }
    let mut cast = None;
    let mut seen_before = std::collections::BTreeSet::new();
    for number in 1..=episode {
        shop.prefix = if number == episode { String::new() } else { format!("episode-{number}/") };
        let plan = stages::episode::run(shop, &writing, &canon, &arc, number)?;
        // Everybody is cast once, for the whole season, before its first line.
        let people: Made<Cast> = match &cast {
            Some(people) => Made::clone(people),
            None => {
                let (people, known) = stages::cast::run(shop, &writing, &canon, &arc)?;
                ask(Question::Cast(&people.hash))?;
                canon = known;
                cast.insert(people).clone()
            }
        };
        let (script, diff) = stages::script::run(shop, &writing, &canon, &arc, &people, &plan)?;
        let judged = stages::canon_gate::run(shop, &canon, &people, &plan, &script, &diff)?;
        ask(Question::Diff(number, &judged.diff.hash))?;
        if number == episode {
            let seen_before = seen_before.into_iter().collect();
            return Ok(Written { arc, plan, cast: people, script, judged, before: canon, seen_before });
        }
        seen_before.extend(script.doc.beats().filter_map(|(_, b)| b.action.as_ref()).flat_map(|a| a.props.iter().cloned()));
        canon = judged.canon;
    }
    Err(Failure::internal("no episode was told"))
}

/// Whose runs these are. One tenant lives in an embedded registry.
pub fn tenant() -> Id {
    Id::slug("local")
}

/// Opens the registry and starts a run in it.
pub fn open_shop(project: &Id, episode: u32, request: &Request) -> Result<Shop, Failure> {
    kit::failpoint::from_env().map_err(|e| Failure::usage(e, "correct or unset the variable"))?;
    let home = kit::home::data_home().map_err(|e| Failure::unwritable(Path::new("the data home"), e))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(Failure::internal)?;
    let registry = runtime.block_on(Registry::open(&home)).map_err(|e| registry_failure(&home, e))?;
    let jobs = request.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get));
    let out_dir = request.out.as_ref().map(|o| std::path::absolute(o).unwrap_or_else(|_| o.clone()).display().to_string());
    let spec = RunSpec { tenant: tenant(), project: project.clone(), episode, jobs, out_dir };
    let progress = Progress::new(request.quiet);
    let runner = runtime.block_on(Runner::start(registry.clone(), spec, Arc::new(progress))).map_err(Failure::step)?;
    let cancel = runner.cancel();
    // Ctrl-C, and the end of the session or of the machine: what runs may finish, nothing new starts.
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        let cancel = cancel.clone();
        runtime.spawn(async move {
            if let Ok(mut stop) = signal(kind) {
                stop.recv().await;
                cancel.cancel();
            }
        });
    }
    Ok(Shop { runner, registry, runtime, prefix: String::new() })
}

/// A registry that cannot be opened: most often a folder that may not be written.
pub fn registry_failure(home: &Path, error: registry::RegistryError) -> Failure {
    match error {
        registry::RegistryError::Io { .. } => Failure::unwritable(home, error),
        _ if home.to_str().is_none() => Failure::unwritable(home, "the data home's name must be UTF-8"),
        error => Failure::damaged(error),
    }
}

/// Ends a run: approvals and summary are recorded, the registry is closed.
pub fn close(shop: Shop, status: RunStatus, summary: Option<&RunSummary>, error: Option<&str>) -> Result<(), Failure> {
    let Shop { runner, registry, runtime, .. } = shop;
    runtime.block_on(async {
        let mut txn = registry.begin();
        for approval in summary.iter().flat_map(|s| &s.approvals) {
            txn.approval(runner.run_id(), approval.clone());
        }
        if !txn.is_empty() {
            txn.commit().await.map_err(Failure::damaged)?;
        }
        runner.finish(status, summary, error).await.map_err(Failure::step)?;
        registry.close().await;
        Ok(())
    })
}

/// Stages that were run in two parts are one stage to a person.
fn merged(parts: Vec<StageSummary>) -> Vec<StageSummary> {
    let mut out: Vec<StageSummary> = Vec::new();
    for part in parts {
        match out.iter_mut().find(|s| s.name == part.name) {
            Some(stage) => {
                stage.ms += part.ms;
                stage.cached &= part.cached;
                stage.steps += part.steps;
                stage.hits += part.hits;
                stage.retries += part.retries;
            }
            None => out.push(part),
        }
    }
    out
}

/// Approval points: a yes is recorded by name and time; without one the run stops here.
struct Approvals<'a> {
    clock: Arc<dyn kit::Clock>,
    request: &'a Request,
    given: &'a mut Vec<Approval>,
}

impl Approvals<'_> {
    fn ask(&mut self, point: &str, asked: bool, subject: &Hash, what: &str) -> Result<(), Failure> {
        if !asked {
            return Ok(());
        }
        if !self.request.yes {
            return Err(Failure::approval(point, what, self.request.argv("--yes"), self.request.look()));
        }
        let approver = ["USER", "LOGNAME"]
            .iter()
            .find_map(|v| std::env::var(v).ok())
            .filter(|u| !u.is_empty())
            .unwrap_or_else(|| "unnamed user".into());
        self.given.push(Approval {
            point: point.to_owned(),
            approver,
            at: self.clock.now_utc().rfc3339(),
            subject: subject.clone(),
            approved: true,
            notes: Some("given by --yes".into()),
        });
        Ok(())
    }
}
