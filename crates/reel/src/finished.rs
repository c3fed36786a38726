//! A finished run, found again: by its id, as `latest`, or by its folder, which may come from another machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use contracts::{
    Document, Id,
    render::{RenderOutput, RenderPlan},
    run::{RunStatus, RunSummary},
};
use media::ffmpeg::Ffmpeg;
use registry::{Registry, RunFilter};
use render::{compositor::Frame, join::format_of};

use crate::{failure::Failure, view};

/// How many runs back a film is looked for.
const LATEST: u32 = 1000;

/// A run that made a film.
pub struct Finished<'a> {
    /// Its record.
    pub summary: RunSummary,
    /// The folder it was named by; else its documents and files are the registry's.
    folder: Option<PathBuf>,
    registry: &'a Registry,
}

impl<'a> Finished<'a> {
    /// Finds the run that a person names.
    pub fn find(registry: &'a Registry, runtime: &tokio::runtime::Runtime, given: &str) -> Result<Self, Failure> {
        let path = Path::new(given);
        if path.join("run_summary.json").is_file() {
            let summary: RunSummary = read_file(&path.join("run_summary.json"))?;
            return filmed(Self { summary, folder: Some(path.to_owned()), registry });
        }
        if given.contains('/') || path.is_dir() {
            return Err(Failure::usage(
                format!("{given} is no run folder: it holds no run_summary.json"),
                "give the folder a film was made into (`--out`), the id of a run, or `latest`",
            ));
        }
        let tenant = crate::shop::tenant();
        let row = if given == "latest" {
            let filter = RunFilter { project: None, episode: None, limit: LATEST };
            let rows = runtime.block_on(registry.runs(&tenant, &filter)).map_err(Failure::damaged)?;
            // A run that only wrote a story, or only captions, is completed too, and has no film.
            let film = |row: &registry::RunRow| {
                let summary = row.summary.as_ref().and_then(|hash| registry.artifact::<RunSummary>(hash).ok());
                summary.is_some_and(|s| filmed_status(s.status) && s.artifacts.contains_key(RenderOutput::SCHEMA_ID))
            };
            let made = rows.into_iter().find(film);
            made.ok_or_else(|| Failure::usage("no film was made here yet", "make one with `reel produce PROJECT`"))?
        } else {
            let id = Id::new(given).map_err(|e| Failure::usage(e, "`reel runs` lists the ids"))?;
            let row = runtime.block_on(registry.run(&id)).map_err(Failure::damaged)?;
            row.ok_or_else(|| Failure::usage(format!("there is no run `{id}`"), "`reel runs` lists the ids"))?
        };
        let Some(hash) = &row.summary else {
            let message = format!("the run `{}` is {}: it has no film", row.id, row.status);
            return Err(Failure::usage(message, "`reel runs` lists the runs that were completed"));
        };
        let summary = registry.artifact(hash).map_err(Failure::damaged)?;
        filmed(Self { summary, folder: None, registry })
    }

    /// A document of its chain.
    pub fn document<T: Document>(&self) -> Result<T, Failure> {
        match &self.folder {
            Some(folder) => read_file(&folder.join(format!("{}.json", view::camel(T::SCHEMA_ID)))),
            None => of(self.registry, &self.summary),
        }
    }

    /// These frames of its film, decoded.
    pub fn frames(&self, plan: &RenderPlan, wanted: &[u64]) -> Result<BTreeMap<u64, Frame>, Failure> {
        let ffmpeg = Ffmpeg::find().map_err(|_| Failure::tool_missing("ffmpeg", "ffmpeg", ""))?;
        let mut left: Vec<u64> = wanted.iter().copied().filter(|f| *f < plan.total_frames).collect();
        left.sort_unstable();
        left.dedup();
        let mut out = BTreeMap::new();
        if let Some(folder) = &self.folder {
            decode(&ffmpeg, plan, &folder.join("final.mp4"), 0, &left, &mut out)?;
            return Ok(out);
        }
        // A segment holds the very packets of the film, and starts where its shot does.
        let output: RenderOutput = self.document()?;
        for (shot, segment) in plan.shots.iter().zip(&output.segments) {
            let here: Vec<u64> = left.iter().copied().filter(|f| (shot.start_frame..shot.start_frame + shot.frames).contains(f)).collect();
            if !here.is_empty() {
                let path = self.registry.blobs().path_of(&segment.video).map_err(Failure::damaged)?;
                decode(&ffmpeg, plan, &path, shot.start_frame, &here, &mut out)?;
            }
        }
        Ok(out)
    }
}

/// A document of a run, from the registry.
pub fn of<T: Document>(registry: &Registry, summary: &RunSummary) -> Result<T, Failure> {
    let named = summary.artifacts.get(T::SCHEMA_ID);
    let hash = named.ok_or_else(|| Failure::damaged(format!("the summary of `{}` names no {}", summary.run_id, T::SCHEMA_ID)))?;
    registry.artifact(hash).map_err(Failure::damaged)
}

fn filmed(run: Finished<'_>) -> Result<Finished<'_>, Failure> {
    let known = filmed_status(run.summary.status) && run.summary.artifacts.contains_key(RenderOutput::SCHEMA_ID);
    if known {
        return Ok(run);
    }
    Err(Failure::usage(
        format!("the run `{}` made no film", run.summary.run_id),
        "`reel runs` lists the runs that were completed; `latest` is the newest that made a film",
    ))
}

fn filmed_status(status: RunStatus) -> bool {
    matches!(status, RunStatus::Completed | RunStatus::Degraded)
}

fn read_file<T: Document>(path: &Path) -> Result<T, Failure> {
    let bytes = std::fs::read(path).map_err(|e| Failure::damaged(format!("{} cannot be read: {e}", path.display())))?;
    contracts::read(&bytes).map_err(|e| Failure::damaged(format!("{}: {e}", path.display())))
}

/// Decodes a file, whose first frame is frame `start` of the film, up to the last frame that is wanted.
fn decode(
    ffmpeg: &Ffmpeg,
    plan: &RenderPlan,
    file: &Path,
    start: u64,
    wanted: &[u64],
    out: &mut BTreeMap<u64, Frame>,
) -> Result<(), Failure> {
    let Some(&last) = wanted.last() else { return Ok(()) };
    let mut decoder = ffmpeg.decode(file, format_of(plan)).map_err(Failure::step)?;
    for frame in start..=last {
        let Some(yuv) = decoder.next_frame().map_err(Failure::step)? else {
            return Err(Failure::damaged(format!("{} ends before frame {frame} of the film", file.display())));
        };
        if wanted.contains(&frame) {
            let (width, height) = (plan.canvas.width as usize, plan.canvas.height as usize);
            out.insert(frame, Frame { width, height, yuv: yuv.to_vec() });
        }
    }
    Ok(())
}
