//! One production of one episode: the stages in order, the record of what happened, the run folder.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use adapt::Profile;
use contracts::{
    Document, Hash, Id, MicroUsd,
    assets::{AssetManifest, ResolvedAssets, Rights, StandIn},
    canon::Canon,
    choice::{Decided, Decisions},
    lexicon::Substitution,
    notes::Notes,
    project::{Captions, Project},
    render::BurnIn,
    run::{Approval, CacheUse, RunStatus, RunSummary, StageSummary},
    shots::{Shot, ShotContent, ShotList},
    story::{Cast, EpisodePlan, Script},
    table_read::TableRead,
    takes::Selections,
};
use orchestrator::{Observer, Silent};

use crate::{
    accept,
    approvals::Approvals,
    choosing::{
        asked::Asked,
        visuals::{self, Visuals},
    },
    failure::Failure,
    foresee::{Foreseen, Plan},
    progress::Progress,
    project::ProjectFolder,
    shop::{Home, Manner, close, mended, mending, stopped},
    stages::{
        self, Shop,
        publish::{Kept, Said},
    },
    takes,
    tell::{Question, Told, tell},
    timeline::work_of,
    tools::Tools,
    view,
};

/// What was asked for.
#[derive(Clone)]
pub struct Request {
    pub project: PathBuf,
    pub episode: u32,
    pub out: Option<PathBuf>,
    pub yes: bool,
    pub jobs: Option<usize>,
    pub voiced: bool,
    /// A small, fast film to look at while working; the story, the timing and the sound are the real ones.
    pub draft: bool,
    /// How captions are drawn into the picture, if not as the project says.
    pub captions: Option<Captions>,
    /// The profile, when another is asked for than the project's first.
    pub profile: Option<String>,
    /// A look at work in hand: nothing is accepted, so nobody is asked, and no folder is written.
    pub look: bool,
    /// Whether a person at the terminal may be asked.
    pub may_ask: bool,
    /// The first stage whose steps are made again although the memo knows them, and all after it.
    pub from: Option<&'static str>,
    /// Only looks ahead: says what would be done.
    pub plan: bool,
    /// Only the pictures are made: a look as far as approvals go, and put on record as what other programs count.
    pub pictures: bool,
    /// How tools are chosen, as far as the command line says.
    pub choosing: Asked,
}

impl Request {
    /// A voiced film as the project says, for a program: nobody is asked.
    pub fn new(project: PathBuf, episode: u32) -> Self {
        Self {
            project,
            episode,
            out: None,
            yes: false,
            jobs: None,
            voiced: true,
            draft: false,
            captions: None,
            profile: None,
            look: false,
            may_ask: false,
            from: None,
            plan: false,
            pictures: false,
            choosing: Asked::default(),
        }
    }

    /// The command that asks for the same again, with one more flag if there is one.
    pub fn argv(&self, flag: &str) -> Vec<String> {
        let mut argv = vec!["reel".to_owned(), "produce".into(), self.project.display().to_string()];
        argv.extend(["--episode".to_owned(), self.episode.to_string()]);
        argv.extend(self.out.iter().flat_map(|out| ["--out".to_owned(), out.display().to_string()]));
        argv.extend(self.jobs.iter().flat_map(|jobs| ["--jobs".to_owned(), jobs.to_string()]));
        argv.extend(self.flags());
        argv.extend(self.choosing.cm_paths.then(|| "--cm-paths".to_owned()));
        argv.extend((!flag.is_empty()).then(|| flag.to_owned()));
        argv
    }

    /// The flags that decide what is made.
    pub fn flags(&self) -> Vec<String> {
        let mut flags = Vec::new();
        flags.extend((!self.voiced).then(|| "--no-voice".to_owned()));
        flags.extend(self.draft.then(|| "--draft".to_owned()));
        flags.extend(self.captions.iter().flat_map(|c| ["--burn-in".to_owned(), stages::json(c).as_str().unwrap_or_default().to_owned()]));
        flags.extend(self.profile.iter().flat_map(|profile| ["--profile".to_owned(), profile.clone()]));
        flags.extend(self.choosing.flags());
        flags
    }

    /// The command that makes the same film again, from anywhere on this machine.
    pub fn again(&self) -> Vec<String> {
        let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone()).display().to_string();
        let mut argv = self.argv(if self.yes { "--yes" } else { "" });
        argv[2] = absolute(&self.project);
        if let (Some(out), Some(at)) = (&self.out, argv.iter().position(|word| word == "--out")) {
            argv[at + 1] = absolute(out);
        }
        argv
    }

    /// The profile the film is rendered in.
    fn profile(&self, project: &Project) -> Result<Profile, Failure> {
        let first = project.render_profiles.first().map(Id::as_str);
        let profile = match self.profile.as_deref().or(first) {
            _ if self.draft => Profile::draft_local(),
            Some("standard_local") => Profile::standard_local(),
            _ => Profile::preview_local(),
        };
        Ok(Profile { burn_in: self.burn_in(project), ..profile.map_err(Failure::internal)? })
    }

    /// How its run is made.
    pub fn manner(&self) -> Manner<'_> {
        let fresh = self.from.map(stages::graph::from).unwrap_or_default().into_iter().collect();
        Manner { jobs: self.jobs, out: self.out.as_deref(), look: self.look, request: Some(self.again()), fresh }
    }

    /// How captions are drawn into the picture.
    fn burn_in(&self, project: &Project) -> Option<BurnIn> {
        self.captions.or(project.captions).unwrap_or_default().burn_in()
    }

    /// The command that shows the story that is asked about.
    pub fn look(&self) -> Vec<String> {
        ["reel", "write", &self.project.display().to_string(), "--episode", &self.episode.to_string()].map(str::to_owned).to_vec()
    }
}

/// What came of it.
pub struct Produced {
    pub summary: RunSummary,
    pub run_dir: PathBuf,
    pub film: PathBuf,
}

/// Makes a film, or says why there is none.
pub fn produce(request: &Request) -> Result<Produced, Failure> {
    // What is wrong with the project or the tools is said before a home is made.
    let ready = Ready::look(request)?;
    let home = Home::open()?;
    let done = ready.produce(&home, request);
    home.make_room();
    home.close();
    done
}

/// Makes a film in this home.
pub fn produce_at(home: &Home, request: &Request) -> Result<Produced, Failure> {
    Ready::look(request)?.produce(home, request)
}

/// What a production stands on besides its home.
struct Ready {
    folder: ProjectFolder,
    tools: Arc<Tools>,
    _hold: Option<kit::scratch::Hold>,
}

impl Ready {
    fn look(request: &Request) -> Result<Self, Failure> {
        let folder = ProjectFolder::open(&request.project)?;
        let tools = Arc::new(Tools::find(&folder, request.voiced, &request.choosing)?);
        let hold = request.out.as_deref().map(view::hold).transpose()?;
        Ok(Self { folder, tools, _hold: hold })
    }

    fn produce(&self, home: &Home, request: &Request) -> Result<Produced, Failure> {
        let write = |shop: &Shop, film: &Film, summary: &RunSummary| {
            let run_dir = request.out.clone().map_or_else(|| view::default_dir(&summary.run_id), Ok)?;
            // The film is kept in the registry, but when nobody can open it the run did not end well.
            Ok((view::write(&shop.registry, &run_dir, film, summary)?, run_dir))
        };
        let made = make(home, &self.folder, &self.tools, request, Arc::new(Progress::new()), &write)?;
        let Made { shop, summary, film, kept: (path, run_dir) } = made;
        match accept::film(&shop, &film, &summary) {
            Ok(log) => {
                if let Some(log) = log {
                    view::log(&shop.registry, &run_dir, &log)?;
                }
                close(shop, summary.status, Some(&summary), None)?;
                Ok(Produced { summary, run_dir, film: path })
            }
            Err(failure) => Err(end_badly(shop, summary, failure)),
        }
    }
}

/// Makes a film to look at, as [`Request::look`] says: it is recorded as a run, and stays in the registry.
pub fn look(
    home: &Home,
    folder: &ProjectFolder,
    tools: &Arc<Tools>,
    request: &Request,
    observer: Arc<dyn Observer>,
) -> Result<(RunSummary, Film), Failure> {
    let Made { shop, summary, film, kept: () } = make(home, folder, tools, request, observer, &|_, _, _| Ok(()))?;
    close(shop, summary.status, Some(&summary), None)?;
    Ok((summary, film))
}

/// Looks ahead: which steps the memo knows, and which would run. The story is written and read aloud for it, because nothing
/// else says what there is to make; what that gives is kept for the run to come.
pub fn plan(request: &Request) -> Result<Plan, Failure> {
    let request = Request { look: true, plan: true, out: None, ..request.clone() };
    let folder = ProjectFolder::open(&request.project)?;
    let tools = Arc::new(Tools::find(&folder, request.voiced, &request.choosing)?);
    let home = Home::open()?;
    let mut shop = home.shop(&folder.project.id, request.episode, &request.manner(), Arc::new(Silent))?;
    shop.foreseen = Some(Foreseen::default());
    let run = shop.runner.run_id().clone();
    let mut approvals = Vec::new();
    let done = all_stages(&mut shop, &folder, &tools, &request, &mut approvals).map_err(|failure| proposing(failure, &request));
    let mut foreseen = shop.foreseen.take().unwrap_or_default();
    let usual = home.runtime.block_on(home.registry.usual_ms(&crate::shop::tenant())).map_err(Failure::damaged);
    let done = match done {
        Err(failure) if failure.is_foreseen() => {
            foreseen.complete();
            close(shop, RunStatus::Partial, None, None)
        }
        Ok(_) => close(shop, RunStatus::Completed, None, None),
        Err(failure) => {
            let failure = failure.of_run(&run);
            let _ = close(shop, failure.status(), None, Some(&failure.message));
            Err(failure)
        }
    };
    home.close();
    done?;
    Ok(Plan { run, foreseen, usual: usual? })
}

/// The pictures of an episode, and no film.
pub struct Pictured {
    /// The run that made them.
    pub run: Id,
    /// `visuals.json`.
    pub file: PathBuf,
    /// `Decisions.json`.
    pub decisions: PathBuf,
    /// What they are.
    pub visuals: Visuals,
    /// What a person should hear.
    pub notes: Vec<String>,
}

/// Chooses and makes the pictures of an episode, and ends there.
pub fn visuals(request: &Request) -> Result<Pictured, Failure> {
    let ready = Ready::look(request)?;
    let home = Home::open()?;
    let mut shop = home.shop(&ready.folder.project.id, request.episode, &request.manner(), Arc::new(Progress::new()))?;
    let run = shop.runner.run_id().clone();
    let mut approvals = Vec::new();
    let done = mending(&mut shop, |shop| {
        approvals.clear();
        let met =
            until_assets(shop, &ready.folder, &ready.tools, request, &mut approvals).map_err(|failure| proposing(failure, request))?;
        let dir = request.out.clone().map_or_else(|| view::default_dir(&run), Ok)?;
        let (file, decisions) = (dir.join(view::VISUALS), dir.join("Decisions.json"));
        view::text(&shop.registry, &file, &met.visuals.text)?;
        shop.registry.blobs().export(&met.decisions.hash, &decisions).map_err(Failure::damaged)?;
        let notes = ready.tools.notes.iter().chain(&met.visuals.notes).cloned().collect();
        Ok(Pictured { run: run.clone(), file, decisions, visuals: met.visuals, notes })
    });
    let done = match done {
        Ok(made) => close(shop, RunStatus::Completed, None, None).map(|()| made),
        Err(failure) => {
            let failure = stopped(&shop, failure).of_run(&run);
            let _ = close(shop, failure.status(), None, Some(&failure.message));
            Err(failure)
        }
    };
    home.close();
    done
}

/// A film that is finished and not yet recorded as such.
struct Made<T> {
    shop: Shop,
    summary: RunSummary,
    film: Film,
    kept: T,
}

/// All stages, and what is to be done with the film while lost content can still be made again.
fn make<T>(
    home: &Home,
    folder: &ProjectFolder,
    tools: &Arc<Tools>,
    request: &Request,
    observer: Arc<dyn Observer>,
    keep: &dyn Fn(&Shop, &Film, &RunSummary) -> Result<T, Failure>,
) -> Result<Made<T>, Failure> {
    let mut shop = home.shop(&folder.project.id, request.episode, &request.manner(), observer)?;
    let clock = Arc::clone(shop.registry.clock());
    let started = clock.now_utc();
    let run_id = shop.runner.run_id().clone();
    let mut notes = Vec::new();
    notes.extend(tools.notes.iter().cloned());
    if !request.voiced {
        notes.push("made without voices, as asked: lines stand on intertitles".into());
        if request.burn_in(&folder.project).is_some() {
            notes.push("captions are not drawn into the picture: the lines stand on intertitles already".into());
        }
    }
    notes.extend(unheeded(folder));
    notes.extend(folder.said.iter().cloned());
    let mut approvals = Vec::new();
    let mut summary = RunSummary {
        run_id,
        project_id: folder.project.id.clone(),
        episode: request.episode,
        status: RunStatus::Failed,
        started_at: started.rfc3339(),
        elapsed_ms: 0,
        duration_ms: 0,
        frames: 0,
        shots: 0,
        stand_ins: Vec::new(),
        substitutions: Vec::new(),
        remade: Vec::new(),
        notes: Vec::new(),
        cost_micro_usd: MicroUsd(0),
        stages: Vec::new(),
        cache: None,
        work: None,
        artifacts: std::collections::BTreeMap::new(),
        approvals: Vec::new(),
        gates: Vec::new(),
    };
    let done = mending(&mut shop, |shop| {
        approvals.clear();
        let film = all_stages(shop, folder, tools, request, &mut approvals).map_err(|failure| proposing(failure, request))?;
        let mut summary = summary.clone();
        summary.status = if film.stand_ins.is_empty() { RunStatus::Completed } else { RunStatus::Degraded };
        summary.duration_ms = film.output.doc.measured.duration_ms;
        summary.frames = film.output.doc.measured.frames;
        summary.shots = film.output.doc.segments.len() as u64;
        summary.stand_ins = film.stand_ins.clone();
        summary.substitutions = film.substitutions.clone();
        summary.remade = film.remade.clone();
        summary.artifacts = film.artifacts.clone();
        settle(&mut summary, shop, &notes, &approvals);
        summary.notes.extend(film.notes.iter().cloned());
        let kept = keep(shop, &film, &summary)?;
        Ok((summary, film, kept))
    });
    match done {
        Ok((summary, film, kept)) => Ok(Made { shop, summary, film, kept }),
        Err(failure) => {
            let failure = stopped(&shop, failure).go_on(&request.again());
            settle(&mut summary, &shop, &notes, &approvals);
            Err(end_badly(shop, summary, failure))
        }
    }
}

/// What a run's summary says however it ends.
fn settle(summary: &mut RunSummary, shop: &Shop, notes: &[String], approvals: &[Approval]) {
    summary.elapsed_ms = shop.runner.elapsed_ms();
    summary.notes = notes.iter().cloned().chain(mended(shop)).collect();
    summary.stages = merged(shop.runner.stages());
    summary.cache = Some(CacheUse::of(&summary.stages));
    summary.work = shop.runtime.block_on(work_of(&shop.registry, &summary.run_id)).ok();
    summary.approvals = approvals.to_vec();
    summary.gates.clone_from(&shop.gates.outcomes);
}

/// Records a run that made no film, and hands its failure on.
fn end_badly(shop: Shop, mut summary: RunSummary, failure: Failure) -> Failure {
    summary.status = failure.status();
    let failure = failure.of_run(&summary.run_id);
    // Where even the record cannot be written (a full disk), the next start records that the run has ended.
    let _ = close(shop, summary.status, Some(&summary), Some(&failure.message));
    failure
}

/// Settings that this build reads and cannot follow: said, never passed over.
fn unheeded(folder: &ProjectFolder) -> Vec<String> {
    let mut notes = Vec::new();
    let project = &folder.project;
    if !folder.writer.asks_pack() {
        return notes;
    }
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
    pub output: stages::Made<contracts::render::RenderOutput>,
    pub stand_ins: Vec<StandIn>,
    /// What was used in place of what nobody here knows.
    pub substitutions: Vec<Substitution>,
    /// The profile it was rendered in.
    pub profile: String,
    /// Shots whose picture was made in this run.
    pub remade: Vec<Id>,
    /// A small picture of each shot, in film order, PNG.
    pub stills: Vec<Hash>,
    /// The canon the episode began with, what it made true, and the canon after it.
    pub canon: accept::Change,
    /// What it was promised to be.
    pub promised: stages::proposal::Promised,
    /// Under what rights its assets are shown.
    pub rights: Vec<Rights>,
    /// Made to look at while working: it accepts nothing into canon.
    pub draft: bool,
    /// What a person must hear about it.
    pub notes: Vec<String>,
    /// Every document of the chain, by schema id.
    pub artifacts: std::collections::BTreeMap<String, Hash>,
    /// What its pictures are and why, for other programs.
    pub visuals: Visuals,
    /// Which tools met its needs.
    pub decided: Vec<contracts::choice::Decided>,
}

/// What the first half of the stages made: the story, its shots, what they need and what met it.
struct Met {
    told: crate::tell::Written,
    read: stages::Made<TableRead>,
    story: Arc<Told>,
    shots: stages::Made<ShotList>,
    profile: Profile,
    chosen: Option<stages::Made<Selections>>,
    manifest: stages::Made<AssetManifest>,
    resolved: stages::Made<ResolvedAssets>,
    met: stages::assets::Met,
    decisions: stages::Made<Decisions>,
    visuals: Visuals,
    promised: stages::proposal::Promised,
}

/// Who is told that a promise is not kept is told where to look at it.
fn proposing(failure: Failure, request: &Request) -> Failure {
    if failure.code != "promise.broken" {
        return failure;
    }
    failure.next(&["reel", "propose", &request.project.display().to_string(), "--episode", &request.episode.to_string()])
}

fn until_assets(
    shop: &mut Shop,
    folder: &ProjectFolder,
    tools: &Arc<Tools>,
    request: &Request,
    approvals: &mut Vec<Approval>,
) -> Result<Met, Failure> {
    shop.gates = crate::gated::Said::default();
    let promised = stages::proposal::run(shop, folder, tools.choosing()?, request.episode, request.look && !request.plan)?;
    let points = &folder.project.approval_points;
    let (registry, driver) = (shop.registry.clone(), Arc::clone(&shop.runtime));
    let mut gate = Approvals { registry, runtime: driver, run: shop.runner.run_id().clone(), request, given: approvals, ahead: Vec::new() };
    // Who writes, and who puts the film together, is asked before either begins.
    let writer = tools.choosing()?.writer(folder.writer.manuscript(request.episode).is_some())?;
    let runtime = tools.choosing()?.runtime()?;
    let told = tell(shop, folder, request.episode, &mut |question| match question {
        Question::Cast(subject) => {
            gate.ask("approve_character_packs", points.approve_character_packs, subject, "the looks and voices of the cast")
        }
        Question::Diff(number, subject) => {
            gate.ask("approve_canon_diff", points.approve_canon_diff, subject, &format!("what episode {number} makes true"))
        }
    })?;
    if let Some(foreseen) = &mut shop.foreseen {
        foreseen.waits = gate.ahead.clone();
    }
    let read = stages::table_read::run(shop, folder, &told.script, &told.cast, &told.notes.doc, tools)?;
    let project = Arc::new(folder.project.clone());
    let story = Arc::new(Told {
        project,
        canon: told.judged.canon.clone(),
        cast: told.cast.clone(),
        script: told.script.clone(),
        notes: Arc::clone(&told.notes.doc),
        read: read.clone(),
    });
    let shots = stages::shotlist::run(shop, &story, &told.places)?;
    gate.ask("approve_shotlist_timing_lock", points.approve_shotlist_timing_lock, &shots.hash, "the lengths of the shots")?;
    if let Some(foreseen) = &mut shop.foreseen {
        (foreseen.waits, foreseen.shots) = (gate.ahead.clone(), Some(Arc::clone(&shots.doc)));
    }
    let profile = request.profile(&folder.project)?;
    // Needs, and what met them, are the same in every profile (002-11). A draft is a look, and paints no more than it shows.
    let short = if request.draft { profile.short } else { stages::manifest::REFERENCE };
    let chosen = takes::chosen(shop, &folder.project.id, request.episode)?;
    let manifest = stages::manifest::run(shop, &story, &shots, short, chosen.as_ref())?;
    if let Some(foreseen) = &mut shop.foreseen {
        foreseen.manifest = Some(Arc::clone(&manifest.doc));
    }
    promised.edit(shop, folder, &shots.doc, &manifest.doc)?;
    stages::safety::prompts(shop, &folder.project, &manifest.doc)?;
    let (resolved, met) = stages::assets::run(shop, folder, &manifest, &read, tools)?;
    stages::safety::assets(shop, folder, &manifest.doc, &resolved.doc)?;
    let (project_id, episode) = (folder.project.id.clone(), request.episode);
    let decided: Vec<Decided> =
        std::iter::once(writer.wrote(&told.script.hash)).chain(met.decided.iter().cloned()).chain([runtime.ahead("film")]).collect();
    let decisions = shop.keep(Decisions { project_id, episode, decided })?;
    shop.note("decided", serde_json::json!({"decisions": decisions.hash, "choices": decisions.doc.decided.len()}))?;
    let chosen_for = (&decisions.doc.decided[..], &met.took, &decisions.hash);
    let visuals = visuals::of(shop, folder, request, tools, (&manifest.doc, &shots.doc), chosen_for)?;
    Ok(Met { told, read, story, shots, profile, chosen, manifest, resolved, met, decisions, visuals, promised })
}

fn all_stages(
    shop: &mut Shop,
    folder: &ProjectFolder,
    tools: &Arc<Tools>,
    request: &Request,
    approvals: &mut Vec<Approval>,
) -> Result<Film, Failure> {
    let half = until_assets(shop, folder, tools, request, approvals)?;
    let Met { told, read, story, shots, profile, chosen, manifest, resolved, met, decisions, visuals, promised } = half;
    let plates = stages::assets::plates(shop, folder, &manifest, (&resolved, &met), profile.canvas(&folder.project))?;
    let carried = (&profile, promised.pledge.terms());
    let plan = stages::render_plan::run(shop, &story, &shots, &manifest, &resolved, &plates, carried)?;
    let cuts = promised.compose(shop, &shots.doc, &plan.doc, &manifest.doc, &resolved.doc)?;
    let kept = Kept { promised: promised.clone(), cuts, safety: folder.project.safety.clone(), cards: cards(&shots.doc) };
    let said = Said { kept: Some(kept), ..Said::of_story(&story) };
    let stages::film::Filmed { shots: segments, output } = stages::film::run(shop, &plan, &said, false, tools)?;
    let mut artifacts = std::collections::BTreeMap::new();
    let project = shop.keep(folder.project.clone())?;
    for (id, hash) in [
        (Project::SCHEMA_ID, &project.hash),
        (contracts::promise::Proposal::SCHEMA_ID, &promised.made.hash),
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
        (Decisions::SCHEMA_ID, &decisions.hash),
        (contracts::render::RenderPlan::SCHEMA_ID, &plan.hash),
        (contracts::render::RenderOutput::SCHEMA_ID, &output.hash),
    ] {
        artifacts.insert(id.to_owned(), hash.clone());
    }
    if !told.notes.doc.is_empty() {
        artifacts.insert(Notes::SCHEMA_ID.to_owned(), told.notes.hash.clone());
    }
    if let Some(chosen) = &chosen {
        artifacts.insert(Selections::SCHEMA_ID.to_owned(), chosen.hash.clone());
    }
    let mut stand_ins: Vec<StandIn> = resolved.doc.assets.values().filter_map(|a| a.stand_in.clone()).collect();
    stand_ins.sort_by(|a, b| a.missing_id.cmp(&b.missing_id));
    stand_ins.dedup();
    let made = resolved.doc.assets.values().flat_map(|a| &a.substitutions).chain(&folder.substitutions).chain(&told.substitutions);
    let substitutions: Vec<Substitution> = made.cloned().collect::<BTreeSet<_>>().into_iter().collect();
    let remade = segments.iter().filter(|s| s.made).map(|s| s.segment.shot_id.clone()).collect();
    let rights = resolved.doc.assets.values().flat_map(contracts::assets::ResolvedAsset::all_rights).cloned().collect();
    let mut notes = visuals.notes.clone();
    notes.extend(told.notes());
    notes.extend(accept::outrun(shop, &folder.project.id, &told.earlier)?);
    notes.extend(chosen.iter().flat_map(|chosen| takes::unheeded(&shots.doc, &chosen.doc)));
    notes.extend(stages::table_read::said(&read.doc));
    // What a gate found and let pass is said.
    let passed = output.doc.verdicts.iter().flat_map(|v| &v.findings).filter(|f| !f.blocks);
    notes.extend(passed.map(|f| format!("[{}] {}: {}", f.code, f.message, f.sources.join(", "))));
    let canon = accept::Change {
        project: folder.project.id.clone(),
        episode: request.episode,
        episodes: told.episodes,
        before: told.before.hash,
        diff: told.judged.diff.hash,
        after: told.judged.canon.hash,
    };
    let stills = segments.iter().map(|s| s.still.clone()).collect();
    let profile = profile.id.to_string();
    let (draft, decided) = (request.draft, met.decided);
    Ok(Film {
        decided,
        output,
        stand_ins,
        substitutions,
        profile,
        remade,
        stills,
        canon,
        promised,
        draft,
        notes,
        rights,
        artifacts,
        visuals,
    })
}

/// What cards say, with the shots they stand in.
fn cards(list: &ShotList) -> Vec<(String, String)> {
    let said = |shot: &Shot| match &shot.content {
        ShotContent::Card(card) => card.text.iter().chain(&card.small).map(|text| (shot.id.to_string(), text.clone())).collect(),
        ShotContent::Picture(_) => Vec::new(),
    };
    list.shots.iter().flat_map(said).collect()
}

/// Stages that were run in two parts are one stage to a person.
pub fn merged(parts: Vec<StageSummary>) -> Vec<StageSummary> {
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
