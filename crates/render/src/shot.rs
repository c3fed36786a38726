//! One shot rendered: composed, encoded, then decoded again and looked at. What is said of a segment was measured on it.

use std::path::Path;

use contracts::{Hash, render::EncodeSettings};
use media::ffmpeg::{Ffmpeg, VideoFormat};

use crate::{
    RenderError,
    compositor::Fetch,
    look::verify,
    player::{NoClips, Player, Sources},
    sheet,
    timeline::TimelineShot,
};

/// What a shot came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShotReport {
    /// Frames that were decoded from the segment; those of the shot.
    pub frames: u64,
    /// Hash over the hashes of the composed frames: equal on every machine.
    pub composed: Hash,
    /// Decoded frames that are black.
    pub black_frames: u64,
    /// The longest run of decoded frames that do not differ from its first.
    pub longest_freeze: u64,
    /// A small picture of the shot, PNG, for the contact sheet.
    pub poster: Vec<u8>,
}

/// The shape of a shot's video.
pub fn format_of(shot: &TimelineShot) -> VideoFormat {
    VideoFormat { width: shot.canvas.width, height: shot.canvas.height, rate: shot.rate }
}

/// Renders a shot into the file `out` and measures it there. Uses one thread here and one in ffmpeg.
///
/// # Errors
/// When a picture is unfit, ffmpeg fails, or the file does not hold exactly the shot's frames at its rate.
pub fn render_shot(
    shot: &TimelineShot,
    previous: Option<&TimelineShot>,
    fetch: &dyn Fetch,
    ffmpeg: &Ffmpeg,
    settings: &EncodeSettings,
    out: &Path,
) -> Result<ShotReport, RenderError> {
    let format = format_of(shot);
    let mut player = Player::new(shot, previous, Sources { fetch, clips: &NoClips })?;
    let mut encoder = ffmpeg.encode(format, settings, out).map_err(RenderError::media(&shot.shot_id))?;
    let mut digests = String::new();
    let mut digest = None;
    let mut poster = Vec::new();
    let poster_frame = Player::poster_frame(shot);
    for k in 0..shot.frames {
        let (frame, changed) = player.frame(k)?;
        if changed {
            digest = None;
        }
        digests.push_str(digest.get_or_insert_with(|| Hash::of(&frame.yuv)).as_str());
        if k == poster_frame {
            poster = sheet::poster(frame);
        }
        encoder.frame(&frame.yuv).map_err(RenderError::media(&shot.shot_id))?;
    }
    drop(player);
    encoder.finish().map_err(RenderError::media(&shot.shot_id))?;
    let seen = verify(out, format, shot.frames, ffmpeg, &shot.shot_id)?;
    Ok(ShotReport {
        frames: seen.frames,
        composed: Hash::of(digests.as_bytes()),
        black_frames: seen.black_frames,
        longest_freeze: seen.longest_freeze,
        poster,
    })
}
