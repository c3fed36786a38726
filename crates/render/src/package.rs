//! The engine for a program that links it: three documents in, a film out, with nothing else of this house. `check` says
//! what is wrong with them before any work; `render_all` calls the same [`render_shot`], [`mix_to_folder`] and [`join()`] that
//! a runner fans out, and gives the same bytes.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use contracts::{
    Hash, Id,
    assets::AssetManifest,
    render::{Measured, Overlay, RenderPlan},
    shots::{ShotList, timing_lock},
};
use media::{
    ffmpeg::{Ffmpeg, encodable},
    wav::Source,
};

use crate::{
    RenderError,
    captions::{srt, vtt},
    clip::Clips,
    compositor::{Fetch, Planes},
    join::{format_of, join},
    measure::{Film, measure_film},
    mix::{self, MAX_SAMPLES, STEM_NAMES, mix_to_folder},
    player::Sources,
    shot::{ShotReport, render_shot},
    soundtrack::soundtrack,
    timeline::lower,
};

const FILM: &str = "film";

/// What kind of thing is wrong with a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Shots, their order or their lengths are not those that were locked.
    TimingLock,
    /// Two documents say different things.
    Mismatch,
    /// The plan cannot be played.
    Plan,
}

/// Something that is wrong with a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What kind.
    pub kind: FaultKind,
    /// Which field of which document, what it says, and what was expected.
    pub message: String,
}

/// Says what is wrong with three documents, all that can be seen at once; empty when they can be rendered. Nothing is
/// fetched: whether pictures and sounds are there is for whoever holds them.
pub fn check(list: &ShotList, manifest: &AssetManifest, plan: &RenderPlan) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut add = |kind, message: String| faults.push(Fault { kind, message });
    let most = plan.edit_rate.frame_at(MAX_SAMPLES);
    let most = most.min(list.edit_rate.frame_at(MAX_SAMPLES));
    let long = |frames: Vec<u64>| frames.into_iter().try_fold(0, u64::checked_add).is_none_or(|sum| sum > most);
    let (listed, planned) = (list.shots.iter().map(|s| s.frames).collect(), plan.shots.iter().map(|s| s.frames).collect());
    if long(listed) || long(planned) || plan.total_frames > most {
        // Further sums would have no meaning.
        add(FaultKind::Plan, format!("the film is longer than {most} frames, an hour: send it in parts"));
        return faults;
    }
    for (what, one, other) in [
        ("asset manifest", (&manifest.project_id, manifest.episode), (&list.project_id, list.episode)),
        ("render plan", (&plan.project_id, plan.episode), (&list.project_id, list.episode)),
    ] {
        if one != other {
            let message =
                format!("the {what} is of `{}`, episode {}; the shot list is of `{}`, episode {}", one.0, one.1, other.0, other.1);
            add(FaultKind::Mismatch, message);
        }
    }
    timing(list, manifest, plan, &mut add);
    let (a, b) = (manifest.canvas, plan.canvas);
    let (wide, high) = (u64::from(a.width) * u64::from(b.height), u64::from(a.height) * u64::from(b.width));
    // Sides are whole and even: shapes that are meant to be one may differ by a pixel or two.
    if wide.abs_diff(high) > 2 * u64::from(a.width.max(b.width).max(a.height).max(b.height)) {
        let message = format!(
            "/canvas: the asset manifest is for a frame of {}×{}, the render plan's is {}×{}: another shape",
            a.width, a.height, b.width, b.height
        );
        add(FaultKind::Mismatch, message);
    }
    needs(list, manifest, plan, &mut add);
    if let Err(error) = lower(plan, &[]) {
        add(FaultKind::Plan, format!("/shots: {error}"));
    }
    if let Err(error) = encodable(format_of(plan), &plan.encode) {
        add(FaultKind::Plan, format!("/encode: {error}"));
    }
    if let Err(error) = mix::check(&plan.sounds, &plan.mix) {
        add(FaultKind::Plan, error.to_string());
    }
    faults
}

/// The lock of the list, and that the others obey it.
fn timing(list: &ShotList, manifest: &AssetManifest, plan: &RenderPlan, add: &mut dyn FnMut(FaultKind, String)) {
    if !list.lock_holds() {
        let message =
            format!("/timing_lock: the shot list says {}, which is not the lock of its shots and edit rate", list.timing_lock.short());
        add(FaultKind::TimingLock, message);
    }
    for (what, lock) in [("asset manifest", &manifest.timing_lock), ("render plan", &plan.timing_lock)] {
        if lock != &list.timing_lock {
            let (own, of) = (lock.short(), list.timing_lock.short());
            add(FaultKind::TimingLock, format!("/timing_lock: the {what} obeys {own}, the shot list is locked as {of}"));
        }
    }
    let own = timing_lock(plan.edit_rate, plan.shots.iter().map(|s| (&s.shot_id, s.frames)));
    if own.is_ok_and(|own| own == list.timing_lock) && plan.shots.len() == list.shots.len() {
        if plan.total_frames != list.total_frames {
            let message = format!("/total_frames: the render plan has {}, the shot list {}", plan.total_frames, list.total_frames);
            add(FaultKind::TimingLock, message);
        }
        return;
    }
    if plan.edit_rate != list.edit_rate {
        let (a, b) = (String::from(plan.edit_rate), String::from(list.edit_rate));
        add(FaultKind::TimingLock, format!("/edit_rate: the render plan plays at {a}, the shot list is timed at {b}"));
    }
    if plan.shots.len() != list.shots.len() {
        add(FaultKind::TimingLock, format!("/shots: the render plan has {} shots, the shot list {}", plan.shots.len(), list.shots.len()));
    }
    let other = plan.shots.iter().zip(&list.shots).position(|(a, b)| a.shot_id != b.id || a.frames != b.frames);
    if let Some((at, (a, b))) = other.and_then(|at| Some((at, (plan.shots.get(at)?, list.shots.get(at)?)))) {
        let message = format!(
            "/shots/{at}: the render plan shows `{}` for {} frames, the shot list `{}` for {}",
            a.shot_id, a.frames, b.id, b.frames
        );
        add(FaultKind::TimingLock, message);
    }
}

/// Needs, rights and stand-ins name each other.
fn needs(list: &ShotList, manifest: &AssetManifest, plan: &RenderPlan, add: &mut dyn FnMut(FaultKind, String)) {
    let shots: BTreeSet<&Id> = list.shots.iter().map(|s| &s.id).collect();
    let needs: BTreeSet<&Id> = manifest.needs.iter().map(|n| &n.id).collect();
    for (at, need) in manifest.needs.iter().enumerate() {
        for shot in need.used_by.iter().filter(|s| !shots.contains(s)) {
            add(
                FaultKind::Mismatch,
                format!("/needs/{at}/used_by: `{}` is for the shot `{shot}`, which the shot list does not have", need.id),
            );
        }
        if !plan.rights.contains_key(&need.id) {
            add(FaultKind::Mismatch, format!("/rights: the render plan does not say under what rights `{}` is shown", need.id));
        }
    }
    let named = plan.sounds.iter().enumerate().map(|(at, s)| (format!("/sounds/{at}/need_id"), &s.need_id));
    let named = named.chain(plan.stand_ins.iter().enumerate().map(|(at, id)| (format!("/stand_ins/{at}"), id)));
    for (pointer, id) in named.chain(plan.rights.keys().map(|id| (format!("/rights/{id}"), id))).filter(|(_, id)| !needs.contains(id)) {
        add(FaultKind::Mismatch, format!("{pointer}: the render plan names the need `{id}`, which the asset manifest does not have"));
    }
}

/// What a content address is to a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Medium {
    /// A PNG.
    Picture,
    /// A 48 kHz WAV.
    Sound,
    /// A moving picture.
    Clip,
}

/// Every content a plan plays: what it is, and the first place that names it, in words.
pub fn content(plan: &RenderPlan) -> BTreeMap<&Hash, (Medium, String)> {
    let mut found = BTreeMap::new();
    let mut add = |hash, medium, place: String| {
        found.entry(hash).or_insert((medium, place));
    };
    for shot in &plan.shots {
        if let Some(clip) = &shot.clip {
            add(&clip.video, Medium::Clip, format!("shot `{}`, its clip", shot.shot_id));
            continue;
        }
        for plane in &shot.planes {
            add(&plane.image, Medium::Picture, format!("shot `{}`, plane `{}`", shot.shot_id, plane.name));
            for (state, patch) in &plane.states {
                add(&patch.image, Medium::Picture, format!("shot `{}`, plane `{}`, state `{state}`", shot.shot_id, plane.name));
            }
        }
    }
    for (at, overlay) in plan.overlays.iter().enumerate() {
        add(&overlay.image, Medium::Picture, format!("overlay {at}"));
    }
    for sound in &plan.sounds {
        add(&sound.audio, Medium::Sound, format!("sound `{}`", sound.need_id));
    }
    found
}

/// A film that was rendered, and what lies beside it.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The film, MP4.
    pub film: PathBuf,
    /// The mix, 48 kHz stereo WAV.
    pub mix: PathBuf,
    /// Its parts by name, 48 kHz stereo WAV.
    pub stems: BTreeMap<&'static str, PathBuf>,
    /// One video segment a shot, in order.
    pub segments: Vec<PathBuf>,
    /// What each shot came to, in order.
    pub reports: Vec<ShotReport>,
    /// Captions by format: `srt`, `vtt`.
    pub captions: BTreeMap<&'static str, String>,
    /// What was measured on the film's file.
    pub measured: Measured,
}

/// Renders a plan that [`check`] has nothing to say about into the folder `work`, which is empty and whose files are the
/// caller's afterwards. `drawn` are captions that were drawn for it; `fetch` gives content by its address; `threads` shots
/// are made at a time, each with one thread here and one in ffmpeg. The bytes do not depend on `threads`.
///
/// # Errors
/// The first thing that failed, in film order.
pub fn render_all(
    plan: &RenderPlan,
    drawn: &[Overlay],
    fetch: &dyn Fetch,
    ffmpeg: &Ffmpeg,
    work: &Path,
    threads: usize,
) -> Result<Rendered, RenderError> {
    let timeline = lower(plan, drawn).map_err(|error| RenderError::fault(&error.shot, error.fault))?;
    let segments: Vec<PathBuf> = (0..timeline.shots.len()).map(|at| work.join(format!("segment-{at:04}.mp4"))).collect();
    let planes = Planes::default();
    let clips = clip_files(plan, fetch, work)?;
    let path_of = |video: &Hash| clips.get(video).cloned().ok_or_else(|| "the plan does not name it".to_owned());
    let next = AtomicUsize::new(0);
    let done: Mutex<BTreeMap<usize, Result<ShotReport, RenderError>>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, timeline.shots.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(shot) = timeline.shots.get(at) else { break };
                    let before = at.checked_sub(1).filter(|_| shot.transition.shows_previous()).map(|b| &timeline.shots[b]);
                    let sources = Sources { fetch, clips: &Clips { ffmpeg, path_of: &path_of }, planes: &planes };
                    let report = render_shot(shot, before, sources, ffmpeg, &plan.encode, &segments[at]);
                    if report.is_err() {
                        // Nothing new is begun.
                        next.store(timeline.shots.len(), Ordering::Relaxed);
                    }
                    done.lock().unwrap_or_else(PoisonError::into_inner).insert(at, report);
                }
            });
        }
    });
    let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    let reports = done.into_values().collect::<Result<Vec<_>, _>>()?;
    let samples = plan.edit_rate.samples_at(plan.total_frames);
    let sounds = |hash: &Hash| fetch.fetch(hash).map(Source::Bytes).map_err(Into::into);
    mix_to_folder(&plan.sounds, &plan.mix, samples, &sounds, work, true).map_err(|error| RenderError::fault(FILM, error.to_string()))?;
    let (mix, track, film) = (work.join("mix.wav"), work.join("sound.mp4"), work.join("film.mp4"));
    soundtrack(&plan.mix, &plan.encode, &mix, ffmpeg, work, &track)?;
    join(plan, &segments, &track, ffmpeg, work, &film)?;
    let captions = BTreeMap::from([("srt", srt(&plan.captions)), ("vtt", vtt(&plan.captions))]);
    let finished = Film { path: &film, rate: plan.edit_rate, sounds: &plan.sounds, captions: plan.captions.len() as u64 };
    let measured = measure_film(finished, ffmpeg, &sounds)?;
    let stems = STEM_NAMES.iter().map(|name| (*name, work.join(format!("{name}.wav")))).collect();
    Ok(Rendered { film, mix, stems, segments, reports, captions, measured })
}

/// The clips of a plan as files, which ffmpeg needs.
fn clip_files(plan: &RenderPlan, fetch: &dyn Fetch, work: &Path) -> Result<BTreeMap<Hash, PathBuf>, RenderError> {
    let mut files = BTreeMap::new();
    for (shot, clip) in plan.shots.iter().filter_map(|s| Some((&s.shot_id, s.clip.as_ref()?))) {
        let path = work.join(format!("clip-{}", clip.video));
        let bytes = fetch.fetch(&clip.video).map_err(|reason| RenderError::fault(shot, reason))?;
        let written = media::create(&path).map_err(RenderError::media(shot))?.write_all(&bytes);
        written.map_err(|error| RenderError::media(shot)(media::MediaError::File { path: path.clone(), error }))?;
        files.insert(clip.video.clone(), path);
    }
    Ok(files)
}
