//! The join: segments, the sound and chapters become a film, without touching a packet of either. Before, all
//! segments must be of one shape; after, the film must hold their packets, all of them and no other.

use std::path::{Path, PathBuf};

use contracts::render::{Chapter, EncodeSettings, RenderPlan};
use media::{
    ffmpeg::{Ffmpeg, Join, VideoFormat},
    probe::Video,
};

use crate::{RenderError, look::check_stream};

const FILM: &str = "film";

/// Encodes a plan's mix (48 kHz stereo WAV) into the file `out`, an MP4 of AAC for [`join`]. It needs no shot, and can be
/// done beside them.
///
/// # Errors
/// When the plan's bit rate is not one that can be had, or ffmpeg fails.
pub fn encode_sound(settings: &EncodeSettings, mix: &Path, ffmpeg: &Ffmpeg, out: &Path) -> Result<(), RenderError> {
    ffmpeg.encode_sound(mix, settings.audio_bit_rate, out).map_err(RenderError::media(FILM))
}

/// Joins a plan's segments, one a shot in order, and its encoded sound into the file `out`: an MP4 with its index at the
/// front, title, language and chapters. `work` is an empty directory that the caller removes.
///
/// # Errors
/// When a segment has another shape or length than the plan's shot, ffmpeg fails, or the film is not made of the
/// segments' packets.
pub fn join(plan: &RenderPlan, segments: &[PathBuf], sound: &Path, ffmpeg: &Ffmpeg, work: &Path, out: &Path) -> Result<(), RenderError> {
    let format = format_of(plan);
    if segments.len() != plan.shots.len() || segments.is_empty() {
        return Err(RenderError::fault(FILM, format!("{} segments for {} shots", segments.len(), plan.shots.len())));
    }
    let mut packets: Vec<String> = Vec::new();
    let mut parameters: Option<Option<String>> = None;
    for (shot, segment) in plan.shots.iter().zip(segments) {
        let video = checked(ffmpeg, segment, format, shot.frames, &shot.shot_id)?;
        if video.packets.first().is_none_or(|first| !first.flags.starts_with('K')) {
            return Err(RenderError::fault(&shot.shot_id, "its first frame cannot be decoded alone"));
        }
        let own = video.stream.extradata_hash.clone();
        if parameters.get_or_insert_with(|| own.clone()) != &own || own.is_none() {
            return Err(RenderError::fault(&shot.shot_id, "it was encoded with other parameter sets than the first shot"));
        }
        packets.extend(video.packets.into_iter().map(|p| p.data_hash));
    }
    let chapters = chapters(&plan.chapters, plan.total_frames);
    let parts = Join { segments, sound, format, title: &plan.title, language: &plan.language, chapters: &chapters };
    ffmpeg.join(&parts, work, out).map_err(RenderError::media(FILM))?;
    let film = checked(ffmpeg, out, format, plan.total_frames, FILM)?;
    if film.stream.extradata_hash != parameters.flatten() {
        return Err(RenderError::fault(FILM, "its parameter sets are not those of its segments"));
    }
    match film.packets.iter().zip(&packets).position(|(film, segment)| &film.data_hash != segment) {
        Some(at) => Err(RenderError::fault(FILM, format!("packet {at} is not that of its segment"))),
        None => Ok(()),
    }
}

/// The shape of a plan's film.
pub fn format_of(plan: &RenderPlan) -> VideoFormat {
    VideoFormat { width: plan.canvas.width, height: plan.canvas.height, rate: plan.edit_rate }
}

/// The packets of a file that has the shape and the frames it should.
fn checked(ffmpeg: &Ffmpeg, path: &Path, format: VideoFormat, frames: u64, what: &str) -> Result<Video, RenderError> {
    let video = ffmpeg.video(path).map_err(RenderError::media(what))?;
    check_stream(&video.stream, format, what)?;
    let counted = video.constant_rate(path, format.rate).map_err(RenderError::media(what))?;
    if counted == frames { Ok(video) } else { Err(RenderError::fault(what, format!("it holds {counted} frames, {frames} were planned"))) }
}

/// Chapters with their ends: each lasts until the next begins.
fn chapters(chapters: &[Chapter], total: u64) -> Vec<(String, u64, u64)> {
    let ends = chapters.iter().skip(1).map(|c| c.start_frame).chain([total]);
    chapters.iter().zip(ends).filter(|(c, end)| c.start_frame < *end).map(|(c, end)| (c.title.clone(), c.start_frame, end)).collect()
}
