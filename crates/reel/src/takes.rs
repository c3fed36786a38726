//! Takes of a shot: made beside a finished run, kept with their notes, and chosen. What is chosen is an input of the next
//! production of the episode, and outranks the generator (law 5).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use adapt::{NoTake, planned_shot, takeable, with_takes};
use contracts::{
    Hash, Id, MicroUsd,
    assets::{AssetManifest, AssetSource, Media, Need, ResolvedAsset, ResolvedAssets},
    render::RenderPlan,
    run::RunStatus,
    shots::{Shot, ShotContent, ShotList, Transition},
    table_read::TableRead,
    takes::{MAX_NOTE, MAX_TAKE, Selections, Taken, Takes},
};
use orchestrator::Silent;
use registry::{Origin, Registry, RegistryError};
use render::{
    compositor::Planes,
    player::{NoClips, Player, Sources, compose_frame},
    timeline::lower,
};
use serde_json::json;

use crate::{
    approvals::approver,
    failure::Failure,
    finished::Finished,
    shop::{Home, Manner, close, tenant},
    stages::{self, Made, Shop},
    view,
};

/// Who paints on this machine.
const LOCAL: &str = "local";

/// Where the choices of an episode are kept.
pub fn selections_of(project: &Id, episode: u32) -> String {
    format!("selections/{project}/ep-{episode:02}")
}

/// Where the takes of an episode are kept.
pub fn takes_of(project: &Id, episode: u32) -> String {
    format!("takes/{project}/ep-{episode:02}")
}

/// A document under a name, and the version of that name; the document of nobody's doing when there is none.
fn kept<T: contracts::Document>(
    registry: &Registry,
    runtime: &tokio::runtime::Runtime,
    name: &str,
    none: impl FnOnce() -> T,
) -> Result<(T, i64, Option<Hash>), Failure> {
    match runtime.block_on(registry.get_ref(&tenant(), name)).map_err(Failure::damaged)? {
        Some(row) => Ok((registry.artifact(&row.hash).map_err(Failure::damaged)?, row.version, Some(row.hash))),
        None => Ok((none(), 0, None)),
    }
}

/// What a person has chosen for an episode; nothing when every shot shows take 0.
pub fn chosen(shop: &Shop, project: &Id, episode: u32) -> Result<Option<Made<Selections>>, Failure> {
    let none = || Selections::none(project.clone(), episode);
    let (doc, _, hash) = kept(&shop.registry, &shop.runtime, &selections_of(project, episode), none)?;
    Ok(hash.filter(|_| !doc.shots.is_empty()).map(|hash| Made { doc: Arc::new(doc), hash }))
}

/// Choices that change nothing, and why: said, never passed over.
pub fn unheeded(list: &ShotList, chosen: &Selections) -> Vec<String> {
    let note = |(id, take): (&Id, &u32)| match list.shots.iter().find(|shot| &shot.id == id) {
        None => Some(format!("take {take} of {id} is chosen, and there is no such shot any more")),
        Some(shot) => match takeable(shot) {
            Ok(()) => None,
            Err(NoTake::Card) => Some(format!("take {take} of {id} is chosen, and it is a card now: a card has one picture")),
            Err(NoTake::Pinned(picture)) => {
                Some(format!("take {take} of {id} is chosen, and the notes show the picture `{picture}` there: the notes count"))
            }
        },
    };
    chosen.shots.iter().filter_map(note).collect()
}

/// What a take would cost, before it is made.
pub struct Quote {
    /// The most it costs.
    pub cost: MicroUsd,
    /// Who would make it.
    pub made_by: &'static str,
}

impl Quote {
    /// This machine paints for nothing.
    fn local() -> Self {
        Self { cost: MicroUsd(0), made_by: LOCAL }
    }

    /// In words.
    pub fn told(&self) -> String {
        format!("cost: {} micro-USD, painted by {}", self.cost.0, if self.made_by == LOCAL { "this machine" } else { self.made_by })
    }
}

/// The documents a take is made from.
struct Desk {
    run: Id,
    project: Id,
    episode: u32,
    shots: ShotList,
    /// What the shots need when nobody has chosen.
    manifest: AssetManifest,
    resolved: ResolvedAssets,
    read: TableRead,
    plan: RenderPlan,
}

impl Desk {
    fn of(registry: &Registry, runtime: &tokio::runtime::Runtime, run: &Finished<'_>) -> Result<Self, Failure> {
        let id = &run.summary.run_id;
        if runtime.block_on(registry.run(id)).map_err(Failure::damaged)?.is_none() {
            let message = format!("the run `{id}` was made in another home: its pictures are not here");
            return Err(Failure::usage(message, "make takes where the film was made, or produce it here; `reel runs` lists the runs"));
        }
        let manifest: AssetManifest = run.document()?;
        let manifest = match &manifest.base {
            Some(base) => registry.artifact(base).map_err(Failure::damaged)?,
            None => manifest,
        };
        Ok(Self {
            run: id.clone(),
            project: run.summary.project_id.clone(),
            episode: run.summary.episode,
            shots: run.document()?,
            manifest,
            resolved: run.document()?,
            read: run.document()?,
            plan: run.document()?,
        })
    }

    /// The shot of this name.
    fn shot(&self, named: &str) -> Result<&Shot, Failure> {
        shot(&self.run, &self.shots, named)
    }

    /// Why no other take can be made of a shot, if none can.
    fn refuse(&self, shot: &Shot) -> Result<(), Failure> {
        let id = &shot.id;
        match takeable(shot) {
            Err(NoTake::Card) => {
                let hint = format!("pictures are: {}", pictures(&self.shots));
                return Err(Failure::usage(format!("{id} is a card: it has no picture to take again"), hint));
            }
            Err(NoTake::Pinned(picture)) => return Err(pinned(id, picture.as_str(), "the notes name it")),
            Ok(()) => {}
        }
        let theirs = |need: &&Need| need.used_by.contains(id);
        let asset = |need: &Need| self.resolved.assets.get(&need.id).filter(|a| a.source == AssetSource::Library);
        match self.manifest.needs.iter().filter(theirs).find_map(asset).map(|a| &a.media) {
            Some(Media::Picture { planes, .. }) => {
                let name = planes.first().map_or("of the library", |p| p.name.as_str());
                Err(pinned(id, name, "the library's tags match it"))
            }
            _ => Ok(()),
        }
    }

    /// One frame of a take of a shot, painted as the next production would: a PNG.
    fn still(&self, shop: &mut Shop, shot: &Shot, take: u32) -> Result<Vec<u8>, Failure> {
        let only = BTreeMap::from([(shot.id.clone(), take)]);
        let manifest = with_takes(self.manifest.clone(), &self.shots, &only).map_err(Failure::internal)?;
        let needs: Vec<&Need> = manifest.needs.iter().filter(|need| need.used_by.contains(&shot.id) && need.spec.is_picture()).collect();
        let mut resolved = self.resolved.clone();
        let missing: Vec<&Need> = needs.iter().copied().filter(|need| !resolved.assets.contains_key(&need.id)).collect();
        let works = missing.iter().map(|need| stages::assets::painted(need, manifest.canvas)).collect();
        for (need, result) in missing.iter().zip(shop.all("assets", works)?) {
            let asset: ResolvedAsset = serde_json::from_value(result.outputs.facts).map_err(Failure::internal)?;
            resolved.assets.insert(need.id.clone(), asset);
        }
        let mut planned = planned_shot(&self.shots, shot, &needs, &resolved, &self.read).map_err(Failure::internal)?;
        // Alone, it begins in nothing.
        planned.transition = Transition::Cut;
        planned.start_frame = 0;
        let plan = RenderPlan {
            canvas: manifest.canvas,
            total_frames: planned.frames,
            shots: vec![planned],
            overlays: Vec::new(),
            sounds: Vec::new(),
            captions: Vec::new(),
            chapters: Vec::new(),
            ..self.plan.clone()
        };
        let timeline = lower(&plan, &[]).map_err(Failure::step)?;
        let alone = timeline.shots.first().ok_or_else(|| Failure::internal("a plan without a shot"))?;
        let fetch = |hash: &Hash| shop.registry.bytes(hash).map_err(|e| e.to_string());
        let sources = Sources { fetch: &fetch, clips: &NoClips, planes: &Planes::default() };
        let frame = compose_frame(alone, None, Player::poster_frame(alone), sources).map_err(Failure::step)?;
        media::image::encode_rgb(frame.width as u32, frame.height as u32, &frame.rgb()).map_err(Failure::internal)
    }
}

/// The shot of a name.
fn shot<'a>(run: &Id, list: &'a ShotList, named: &str) -> Result<&'a Shot, Failure> {
    list.shots.iter().find(|shot| shot.id.as_str() == named).ok_or_else(|| {
        let message = format!("the run {run} has no shot `{}`", named.escape_debug());
        Failure::usage(message, format!("its pictures are: {}", pictures(list)))
    })
}

/// The shots that show pictures, in words.
fn pictures(list: &ShotList) -> String {
    let shots = list.shots.iter().filter(|shot| matches!(shot.content, ShotContent::Picture(_)));
    shots.map(|shot| shot.id.as_str()).collect::<Vec<_>>().join(", ")
}

fn pinned(shot: &Id, picture: &str, why: &str) -> Failure {
    let message = format!("{shot} shows the author's own picture `{picture}` ({why}): it outranks every take");
    Failure::usage(message, "take the picture out of episodes/NN/notes.toml or library/library.toml first, and produce again")
}

/// A take that was made.
pub struct MadeTake {
    pub taken: Taken,
    /// Where its picture was put.
    pub file: PathBuf,
    /// Where the picture of take 0 was put, to hold it against.
    pub first: PathBuf,
    /// The take that is chosen now.
    pub picked: u32,
}

/// Paints another take of a shot of a finished run. `told` hears what it costs before anything is made.
pub fn retake(home: &Home, given: &str, named: &str, note: Option<String>, told: &mut dyn FnMut(&Quote)) -> Result<MadeTake, Failure> {
    if let Some(note) = &note {
        let bad = note.chars().any(|c| c.is_control() && c != '\n');
        if bad || note.trim().is_empty() || note.chars().count() > MAX_NOTE {
            let message = format!("--note has {} characters; expected 1 to {MAX_NOTE}, and no control characters", note.chars().count());
            return Err(Failure::usage(message, "say it shorter, in plain words"));
        }
    }
    let (registry, runtime) = (home.registry(), &home.runtime);
    let desk = Desk::of(registry, runtime, &Finished::find(registry, runtime, given)?)?;
    let shot = desk.shot(named)?;
    desk.refuse(shot)?;
    told(&Quote::local());
    let manner = Manner { jobs: None, out: None, look: true, request: None, fresh: Default::default() };
    let mut shop = home.shop(&desk.project, desk.episode, &manner, Arc::new(Silent))?;
    let made = taken(&desk, &mut shop, shot, note);
    let (status, error) = match &made {
        Ok(_) => (RunStatus::Completed, None),
        Err(failure) => (failure.status(), Some(failure.message.clone())),
    };
    close(shop, status, None, error.as_deref())?;
    made
}

fn taken(desk: &Desk, shop: &mut Shop, shot: &Shot, note: Option<String>) -> Result<MadeTake, Failure> {
    let name = takes_of(&desk.project, desk.episode);
    let none = || Takes::none(desk.project.clone(), desk.episode);
    let folder = folder(&shop.registry, &shop.runtime, &desk.run)?;
    let first = desk.still(shop, shot, 0)?;
    loop {
        let (mut takes, version, _) = kept(&shop.registry, &shop.runtime, &name, none)?;
        let number = takes.next(&shot.id);
        if number > MAX_TAKE {
            return Err(Failure::usage(format!("{} has {MAX_TAKE} takes: more are not kept", shot.id), "pick one of them"));
        }
        shop.prefix = format!("take-{number}/");
        let still = desk.still(shop, shot, number)?;
        let put = |bytes: &[u8]| shop.registry.blobs().put_bytes(bytes).map_err(Failure::damaged);
        let (zero, picture) = (put(&first)?, put(&still)?);
        let at = shop.registry.clock().now_utc().rfc3339();
        let of = |take: u32, note: Option<String>, by: String, still: Hash| Taken {
            shot_id: shot.id.clone(),
            take,
            note,
            by,
            at: at.clone(),
            cost_micro_usd: Quote::local().cost,
            made_by: LOCAL.into(),
            run_id: desk.run.clone(),
            still,
        };
        if number == 1 {
            takes.takes.push(of(0, None, "reelwright".into(), zero.hash.clone()));
        }
        let taken = of(number, note.clone(), approver(), picture.hash.clone());
        takes.takes.push(taken.clone());
        let run = shop.runner.run_id().clone();
        let mut txn = shop.registry.begin();
        txn.on_behalf_of(&run);
        for blob in [zero, picture] {
            txn.record(&tenant(), &blob.into(), Origin::default());
        }
        let origin = Origin { run: Some(run.clone()), step: None };
        let hash = txn.put_document(&tenant(), &takes, origin).map_err(Failure::damaged)?.hash;
        txn.ref_cas(&tenant(), &name, version, &hash);
        txn.event(Some(&desk.run), "take_made", json!({"shot": shot.id, "take": number, "cost_micro_usd": 0, "made_by": LOCAL}));
        match shop.runtime.block_on(txn.commit()) {
            // Somebody made another take meanwhile: this one gets the next number, and is another picture.
            Err(RegistryError::RefMoved { .. }) => continue,
            done => done.map_err(Failure::damaged)?,
        };
        let none = || Selections::none(desk.project.clone(), desk.episode);
        let (chosen, ..) = kept(&shop.registry, &shop.runtime, &selections_of(&desk.project, desk.episode), none)?;
        let zero = takes.of(&shot.id).find(|t| t.take == 0).map_or(&taken, |t| t);
        let first = shown(&shop.registry, &folder, zero)?;
        return Ok(MadeTake { file: shown(&shop.registry, &folder, &taken)?, first, picked: chosen.of(&shot.id), taken });
    }
}

/// Where the pictures of a run's takes are put for a person to open.
fn folder(registry: &Registry, runtime: &tokio::runtime::Runtime, run: &Id) -> Result<PathBuf, Failure> {
    let row = runtime.block_on(registry.run(run)).map_err(Failure::damaged)?;
    let out = row.and_then(|row| row.out_dir).map(PathBuf::from).filter(|dir| dir.is_dir());
    Ok(out.map_or_else(|| view::default_dir(run), Ok)?.join("takes"))
}

/// Puts a take's picture where a person can open it.
fn shown(registry: &Registry, folder: &Path, take: &Taken) -> Result<PathBuf, Failure> {
    let path = folder.join(format!("{}-take-{}.png", take.shot_id, take.take));
    registry.blobs().export(&take.still, &path).map_err(|e| match e {
        RegistryError::Io { .. } => Failure::unwritable(&path, e),
        e => Failure::damaged(e),
    })?;
    Ok(path)
}

/// A take as it is listed.
pub struct Listed {
    pub taken: Taken,
    /// Whether the next production shows it.
    pub picked: bool,
    /// Its picture.
    pub file: PathBuf,
}

/// What was listed: the run, the version of the choices, and the takes by shot and number.
pub struct Listing {
    pub run: Id,
    pub version: i64,
    pub takes: Vec<Listed>,
}

/// The takes of a run's episode, or of one shot of it.
pub fn list(registry: &Registry, runtime: &tokio::runtime::Runtime, given: &str, named: Option<&str>) -> Result<Listing, Failure> {
    let run = Finished::find(registry, runtime, given)?;
    let shots: ShotList = run.document()?;
    let (project, episode) = (&run.summary.project_id, run.summary.episode);
    let only = named.map(|named| shot(&run.summary.run_id, &shots, named)).transpose()?;
    let (mut takes, ..) = kept(registry, runtime, &takes_of(project, episode), || Takes::none(project.clone(), episode))?;
    let (chosen, version, _) = kept(registry, runtime, &selections_of(project, episode), || Selections::none(project.clone(), episode))?;
    let place = |id: &Id| shots.shots.iter().position(|s| &s.id == id).unwrap_or(usize::MAX);
    takes.takes.retain(|take| only.is_none_or(|shot| shot.id == take.shot_id));
    takes.takes.sort_by(|a, b| (place(&a.shot_id), &a.shot_id, a.take).cmp(&(place(&b.shot_id), &b.shot_id, b.take)));
    let folder = folder(registry, runtime, &run.summary.run_id)?;
    let listed = |taken: Taken| {
        let file = shown(registry, &folder, &taken)?;
        Ok(Listed { picked: chosen.of(&taken.shot_id) == taken.take, taken, file })
    };
    let takes = takes.takes.into_iter().map(listed).collect::<Result<_, Failure>>()?;
    Ok(Listing { run: run.summary.run_id.clone(), version, takes })
}

/// What was chosen.
pub struct Picked {
    pub run: Id,
    pub shot: Id,
    pub take: u32,
    /// The take that was chosen before.
    pub before: u32,
    /// The version of the choices since.
    pub version: i64,
}

/// Chooses a take of a shot for the next production of its episode. With `expected`, only when nobody has chosen anything since
/// that version.
pub fn pick(
    registry: &Registry,
    runtime: &tokio::runtime::Runtime,
    (given, named): (&str, &str),
    take: u32,
    expected: Option<i64>,
) -> Result<Picked, Failure> {
    let run = Finished::find(registry, runtime, given)?;
    let shots: ShotList = run.document()?;
    let (project, episode) = (run.summary.project_id.clone(), run.summary.episode);
    let id = run.summary.run_id.clone();
    let shot = shot(&id, &shots, named)?;
    if let (Err(no), true) = (takeable(shot), take > 0) {
        return Err(match no {
            NoTake::Card => {
                Failure::usage(format!("{} is a card: it has one picture", shot.id), format!("pictures are: {}", pictures(&shots)))
            }
            NoTake::Pinned(picture) => pinned(&shot.id, picture.as_str(), "the notes name it"),
        });
    }
    let (takes, ..) = kept(registry, runtime, &takes_of(&project, episode), || Takes::none(project.clone(), episode))?;
    if take > 0 && !takes.of(&shot.id).any(|t| t.take == take) {
        let known: Vec<String> =
            std::iter::once(0).chain(takes.of(&shot.id).map(|t| t.take).filter(|n| *n > 0)).map(|n| n.to_string()).collect();
        let hint = format!("its takes are: {}; make another with `reel retake {id} {}`", known.join(", "), shot.id);
        return Err(Failure::usage(format!("{} has no take {take}", shot.id), hint));
    }
    let name = selections_of(&project, episode);
    let none = || Selections::none(project.clone(), episode);
    let (mut now, mut version, _) = kept(registry, runtime, &name, none)?;
    let before = now.of(&shot.id);
    if expected.is_some_and(|expected| expected != version) {
        return Err(moved(&shot.id, before, expected.unwrap_or(0), version));
    }
    if before == take {
        return Ok(Picked { run: id, shot: shot.id.clone(), take, before, version });
    }
    loop {
        let mut txn = registry.begin();
        txn.on_behalf_of(&id);
        let origin = Origin { run: Some(id.clone()), step: None };
        let hash = txn.put_document(&tenant(), &now.with(&shot.id, take), origin).map_err(Failure::damaged)?.hash;
        txn.ref_cas(&tenant(), &name, version, &hash);
        txn.event(Some(&id), "take_picked", json!({"shot": shot.id, "take": take, "before": before, "by": approver()}));
        match runtime.block_on(txn.commit()) {
            Ok(done) => {
                let version = done.versions.first().copied().unwrap_or(version + 1);
                return Ok(Picked { run: id, shot: shot.id.clone(), take, before, version });
            }
            Err(RegistryError::RefMoved { expected: then, found, .. }) => {
                (now, version, _) = kept(registry, runtime, &name, none)?;
                // Two who choose for two shots do not disturb each other; two who choose for one do.
                if expected.is_some() || now.of(&shot.id) != before {
                    return Err(moved(&shot.id, now.of(&shot.id), then, found));
                }
            }
            Err(error) => return Err(Failure::damaged(error)),
        }
    }
}

fn moved(shot: &Id, now: u32, expected: i64, found: i64) -> Failure {
    let message =
        format!("somebody else has chosen meanwhile: the choices are at version {found}, not {expected}; {shot} shows take {now}");
    Failure::moved(message, "look with `reel takes RUN`, and pick again if that is still what you want")
}
