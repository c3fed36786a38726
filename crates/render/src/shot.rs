//! One shot rendered: composed, encoded, then decoded again and looked at. What is said of a segment was measured on it.
//! A picture that stands to the shot's end is encoded once ([`media::segment`]).

use std::path::Path;

use contracts::{Hash, render::EncodeSettings};
use media::ffmpeg::{Ffmpeg, VideoFormat};

use crate::{
    RenderError,
    look::{motion::Motion, overlays::Presence, verify_with},
    player::{Player, Sources},
    sheet,
    timeline::TimelineShot,
};

/// What a shot came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShotReport {
    /// Frames that were decoded from the segment; those of the shot.
    pub frames: u64,
    /// Hash over the folds of the composed frames: equal on every machine.
    pub composed: Hash,
    /// Decoded frames that are black.
    pub black_frames: u64,
    /// The longest run of decoded frames that do not differ from its first.
    pub longest_freeze: u64,
    /// Frames at its end that show the last one of a clip that was too short.
    pub held_frames: u64,
    /// Mean difference of luma that is not the camera's, thousandths of a level ([`crate::look::motion`]).
    pub inner_motion: u64,
    /// Whether something in it moves by itself.
    pub moving: bool,
    /// Frames in which something was planned to lie over the shot, and in how many of them it is seen.
    pub caption_frames: (u64, u64),
    /// A small picture of the shot, PNG, for the contact sheet.
    pub poster: Vec<u8>,
}

/// The shape of a shot's video.
pub fn format_of(shot: &TimelineShot) -> VideoFormat {
    VideoFormat { width: shot.canvas.width, height: shot.canvas.height, rate: shot.rate }
}

/// A frame in 64 bytes: eight lanes of `(lane ^ word) × odd, turned`, each step of which can be undone, so that frames that
/// differ in one word always differ here. No more is needed to tell composed frames apart, and SHA-256 over every frame
/// would cost as much as composing it.
fn fold(bytes: &[u8]) -> [u64; 8] {
    let mut lanes = [bytes.len() as u64; 8];
    let (whole, rest) = bytes.as_chunks::<64>();
    let mut last = [0; 64];
    last[..rest.len()].copy_from_slice(rest);
    for chunk in whole.iter().chain([&last]) {
        for (lane, word) in lanes.iter_mut().zip(chunk.as_chunks::<8>().0) {
            *lane = (*lane ^ u64::from_le_bytes(*word)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        }
    }
    lanes
}

/// Renders a shot into the file `out` and measures it there. Uses one thread here and one in ffmpeg.
///
/// # Errors
/// When a picture is unfit, ffmpeg fails, or the file does not hold exactly the shot's frames at its rate.
pub fn render_shot(
    shot: &TimelineShot,
    previous: Option<&TimelineShot>,
    sources: Sources<'_>,
    ffmpeg: &Ffmpeg,
    settings: &EncodeSettings,
    out: &Path,
) -> Result<ShotReport, RenderError> {
    let format = format_of(shot);
    let mut player = Player::new(shot, previous, sources)?;
    let mut segment = ffmpeg.segment(format, settings, out).map_err(RenderError::media(&shot.shot_id))?;
    let mut digests: Vec<u8> = Vec::new();
    let mut digest = None;
    let mut poster = Vec::new();
    let poster_frame = Player::poster_frame(shot);
    for k in 0..shot.frames {
        let (frame, changed) = player.frame(k)?;
        let before = digest;
        let own = digest.filter(|_| !changed).unwrap_or_else(|| fold(&frame.yuv));
        own.iter().for_each(|word| digests.extend_from_slice(&word.to_le_bytes()));
        digest = Some(own);
        if k == poster_frame {
            poster = sheet::poster(frame);
        }
        segment.frame(&frame.yuv, before != digest).map_err(RenderError::media(&shot.shot_id))?;
    }
    let held_frames = player.held();
    segment.finish().map_err(RenderError::media(&shot.shot_id))?;
    let (mut motion, mut overlays) = (Motion::new(shot), Presence::load(shot, sources.fetch)?);
    let seen = verify_with(out, format, shot.frames, ffmpeg, &shot.shot_id, |k, luma| {
        overlays.see(k, luma);
        motion.see(k, luma, &mut player)
    })?;
    let moved = motion.moved();
    Ok(ShotReport {
        frames: seen.frames,
        composed: Hash::of(&digests),
        black_frames: seen.black_frames,
        longest_freeze: seen.longest_freeze,
        held_frames,
        inner_motion: moved.inner_motion,
        moving: moved.moving,
        caption_frames: overlays.frames(),
        poster,
    })
}
