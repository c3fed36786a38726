//! The film as we make it: in this process, to tell the parts apart, and by the binary, as a user has it.

use std::path::Path;
use std::process::Command;

use contracts::Hash;
use media::ffmpeg::Ffmpeg;
use render::{
    compositor::Planes,
    look::verify,
    player::{NoClips, Player, Sources},
    shot::{format_of, render_shot},
    timeline::{TimelineShot, lower},
};
use serde_json::Value;

use crate::{
    Options,
    film::Workload,
    time::{Cost, cost, run},
};

/// What the parts of a film's picture cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Parts {
    /// Loading, composing, drawing and encoding all shots, nothing looked at.
    pub pictures: Cost,
    /// Decoding and judging all segments.
    pub verify: Cost,
    /// The bare encoder: the same frames from memory through the same pipe, with the same settings.
    pub limit: Cost,
}

/// What is found out about the frames, once.
pub struct Frames {
    /// Hash over all composed frames.
    pub composed: Hash,
    /// Bytes of all segments.
    pub bytes: u64,
    /// Luma PSNR of every twelfth frame, decibels.
    pub psnr: f64,
}

/// Bytes by address, from the workload's folder.
pub struct Store(std::collections::BTreeMap<Hash, std::path::PathBuf>);

impl Store {
    /// Of all files of a workload.
    pub fn of(workload: &Workload) -> Result<Self, String> {
        let files =
            workload.pictures.iter().chain(&workload.inner).chain(&workload.lines).chain([&workload.music]).chain(&workload.drawn.1);
        let addressed =
            files.map(|f| std::fs::read(f).map(|bytes| (Hash::of(&bytes), f.clone())).map_err(|e| format!("{}: {e}", f.display())));
        Ok(Self(addressed.collect::<Result<_, _>>()?))
    }

    fn fetch(&self, hash: &Hash) -> Result<Vec<u8>, String> {
        let path = self.0.get(hash).ok_or_else(|| format!("{} is not in the workload", hash.short()))?;
        std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))
    }
}

/// Renders every shot, looks at it, and feeds the same frames to the encoder alone. `work` is a folder for segments.
pub fn parts(workload: &Workload, store: &Store, ffmpeg: &Ffmpeg, work: &Path) -> Result<Parts, String> {
    let plan = &workload.plan;
    let timeline = lower(plan, &workload.drawn.0).map_err(|e| e.to_string())?;
    let fetch = |hash: &Hash| store.fetch(hash);
    let planes = Planes::default();
    let mut parts = Parts::default();
    for (n, shot) in timeline.shots.iter().enumerate() {
        let before = previous(&timeline.shots, n);
        let format = format_of(shot);
        let (ours, bare) = (work.join("ours.mp4"), work.join("bare.mp4"));
        let (_, whole) = cost(|| {
            render_shot(shot, before, Sources { fetch: &fetch, clips: &NoClips, planes: &planes }, ffmpeg, &plan.encode, &ours)
                .map_err(|e| e.to_string())
        })?;
        let (_, looked) = cost(|| verify(&ours, format, shot.frames, ffmpeg, &shot.shot_id).map_err(|e| e.to_string()))?;
        parts.pictures += Cost { cpu: whole.cpu - looked.cpu, wall: whole.wall - looked.wall, rss_mb: 0 };
        parts.verify += looked;
        let frames = composed(shot, before, &fetch)?;
        let (_, limit) = cost(|| {
            let mut encoder = ffmpeg.encode(format, &plan.encode, &bare).map_err(|e| e.to_string())?;
            frames.iter().try_for_each(|frame| encoder.frame(frame)).map_err(|e| e.to_string())?;
            encoder.finish().map_err(|e| e.to_string())
        })?;
        parts.limit += limit;
    }
    Ok(parts)
}

fn previous(shots: &[TimelineShot], n: usize) -> Option<&TimelineShot> {
    n.checked_sub(1).filter(|_| shots[n].transition.shows_previous()).map(|k| &shots[k])
}

fn composed(shot: &TimelineShot, before: Option<&TimelineShot>, fetch: &dyn render::compositor::Fetch) -> Result<Vec<Vec<u8>>, String> {
    let mut player =
        Player::new(shot, before, Sources { fetch, clips: &NoClips, planes: &Planes::default() }).map_err(|e| e.to_string())?;
    (0..shot.frames).map(|k| player.frame(k).map(|(frame, _)| frame.yuv.clone()).map_err(|e| e.to_string())).collect()
}

/// Hashes, bytes and PSNR of all shots.
pub fn frames(workload: &Workload, store: &Store, ffmpeg: &Ffmpeg, work: &Path) -> Result<Frames, String> {
    let plan = &workload.plan;
    let timeline = lower(plan, &workload.drawn.0).map_err(|e| e.to_string())?;
    let fetch = |hash: &Hash| store.fetch(hash);
    let planes = Planes::default();
    let (mut text, mut bytes, mut square, mut count) = (String::new(), 0, 0_u64, 0_u64);
    for (n, shot) in timeline.shots.iter().enumerate() {
        let before = previous(&timeline.shots, n);
        let file = work.join("seen.mp4");
        let report = render_shot(shot, before, Sources { fetch: &fetch, clips: &NoClips, planes: &planes }, ffmpeg, &plan.encode, &file)
            .map_err(|e| e.to_string())?;
        text.push_str(report.composed.as_str());
        bytes += std::fs::metadata(&file).map_err(|e| e.to_string())?.len();
        let wanted = composed(shot, before, &fetch)?;
        let luma = shot.canvas.width as usize * shot.canvas.height as usize;
        let mut decoder = ffmpeg.decode(&file, format_of(shot)).map_err(|e| e.to_string())?;
        let mut k = 0;
        while let Some(frame) = decoder.next_frame().map_err(|e| e.to_string())? {
            if k % 12 == 0 {
                square += frame[..luma].iter().zip(&wanted[k][..luma]).map(|(&a, &b)| u64::from(a.abs_diff(b)).pow(2)).sum::<u64>();
                count += luma as u64;
            }
            k += 1;
        }
    }
    let psnr = 10.0 * (255.0 * 255.0 * count as f64 / square.max(1) as f64).log10();
    Ok(Frames { composed: Hash::of(text.as_bytes()), bytes, psnr })
}

/// What `reel render` made of a package.
pub struct Rendered {
    /// What it cost, as a process tree.
    pub cost: Cost,
    /// Shots that were encoded in it.
    pub encoded: u64,
    /// Milliseconds of each stage.
    pub stages: Vec<(String, u64)>,
    /// The film.
    pub film: String,
}

/// Renders a package with the binary.
pub fn render(options: &Options, home: &Path, package: &Path) -> Result<Rendered, String> {
    let mut command = Command::new(&options.reel);
    command.arg("render").arg(package).arg("--json").env("REELWRIGHT_HOME", home);
    let (text, cost) = run(&mut command)?;
    let answer: Value = serde_json::from_str(text.lines().last().unwrap_or_default()).map_err(|e| format!("{e}: {text}"))?;
    if answer["status"] != "completed" {
        return Err(format!("reel render did not complete: {text}"));
    }
    let number = |v: &Value| v.as_u64().unwrap_or(0);
    let summary = &answer["run_summary"];
    let stages: Vec<&Value> = summary["stages"].as_array().into_iter().flatten().collect();
    Ok(Rendered {
        cost,
        encoded: summary["remade"].as_array().map_or(0, |a| a.len() as u64),
        stages: stages.iter().map(|s| (s["name"].as_str().unwrap_or("?").to_owned(), number(&s["ms"]))).collect(),
        film: answer["artifact_uris"]["video"].as_str().unwrap_or_default().to_owned(),
    })
}
