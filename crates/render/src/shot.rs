//! One shot rendered: composed, encoded, then decoded again and looked at. What is said of a segment was measured on it.

use std::path::Path;

use contracts::{Hash, render::EncodeSettings, shots::Transition};
use media::ffmpeg::{Ffmpeg, VideoFormat};

use crate::{
    RenderError,
    compositor::{ComposeError, Fetch, Frame, Scene},
    sheet,
    timeline::TimelineShot,
};

/// Luma up to which a pixel counts as black.
const BLACK_LUMA: u8 = 24;
/// A frame is black when at most one pixel in this many is brighter.
const BLACK_SHARE: usize = 1000;
/// Two frames are equal to the eye when their luma differs by less than this, in mean, in 1/1000 of a level.
const FREEZE_MILLI: u64 = 30;

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

/// Gives a shot's frames as they are seen, its incoming mix included.
pub struct Player {
    scene: Scene,
    previous: Option<(Scene, u64)>,
    transition: Transition,
    mixed: Frame,
}

impl Player {
    /// Loads a shot, and the shot before it when it dissolves.
    ///
    /// # Errors
    /// When a picture is unfit, or a dissolve has no shot before it on the same canvas.
    pub fn new(shot: &TimelineShot, previous: Option<&TimelineShot>, fetch: &dyn Fetch) -> Result<Self, RenderError> {
        let failed = |error: ComposeError| RenderError::Compose { shot: shot.shot_id.clone(), error };
        let previous = match (shot.transition, previous) {
            (Transition::Dissolve { .. }, Some(previous)) if previous.canvas == shot.canvas => {
                Some((Scene::load(previous, fetch).map_err(failed)?, previous.frames))
            }
            (Transition::Dissolve { .. }, _) => {
                return Err(RenderError::fault(&shot.shot_id, "it dissolves, and the shot before it is not on the same canvas"));
            }
            _ => None,
        };
        let scene = Scene::load(shot, fetch).map_err(failed)?;
        Ok(Self { scene, previous, transition: shot.transition, mixed: Frame::black(shot.canvas) })
    }

    /// A frame of the shot, and whether it may differ from the one asked for before.
    pub fn frame(&mut self, frame: u64) -> (&Frame, bool) {
        let share = |part: u64, whole: u64| (part * 256 / whole) as u16;
        match (self.transition, &mut self.previous) {
            (Transition::Dissolve { frames }, Some((previous, end))) if frame < frames => {
                // The first frame shows a little of this shot, the last a little of the other, which runs on.
                self.mixed.yuv.copy_from_slice(&previous.compose(*end + frame).0.yuv);
                self.mixed.mix(self.scene.compose(frame).0, share(frame + 1, frames + 1));
                (&self.mixed, true)
            }
            (Transition::FromBlack { frames }, _) if frame < frames => {
                self.mixed.blacken();
                self.mixed.mix(self.scene.compose(frame).0, share(frame, frames));
                (&self.mixed, true)
            }
            (Transition::Dissolve { frames } | Transition::FromBlack { frames }, _) if frame == frames => {
                // What was composed before was not what was shown before.
                self.previous = None;
                (self.scene.compose(frame).0, true)
            }
            _ => self.scene.compose(frame),
        }
    }

    /// The frame that stands for the shot: its middle, after its mix.
    pub fn poster_frame(shot: &TimelineShot) -> u64 {
        let mix = match shot.transition {
            Transition::Cut => 0,
            Transition::Dissolve { frames } | Transition::FromBlack { frames } => frames,
        };
        (shot.frames / 2).max(mix).min(shot.frames.saturating_sub(1))
    }
}

/// Composes one frame of a shot.
pub fn compose_frame(shot: &TimelineShot, previous: Option<&TimelineShot>, frame: u64, fetch: &dyn Fetch) -> Result<Frame, RenderError> {
    Ok(Player::new(shot, previous, fetch)?.frame(frame).0.clone())
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
    let mut player = Player::new(shot, previous, fetch)?;
    let mut encoder = ffmpeg.encode(format, settings, out).map_err(RenderError::media(&shot.shot_id))?;
    let mut digests = String::new();
    let mut digest = None;
    let mut poster = Vec::new();
    let poster_frame = Player::poster_frame(shot);
    for k in 0..shot.frames {
        let (frame, changed) = player.frame(k);
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

/// What was seen in a segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Frames decoded.
    pub frames: u64,
    /// Frames that are black.
    pub black_frames: u64,
    /// The longest run of frames that do not differ from its first.
    pub longest_freeze: u64,
}

/// Decodes a segment from its first frame to its last and looks at every one.
///
/// # Errors
/// When it is damaged anywhere, or does not hold `frames` frames that last one step of the rate each.
pub fn verify(path: &Path, format: VideoFormat, frames: u64, ffmpeg: &Ffmpeg, what: &str) -> Result<Seen, RenderError> {
    let video = ffmpeg.video(path).map_err(RenderError::media(what))?;
    check_stream(&video.stream, format, what)?;
    let packets = video.constant_rate(path, format.rate).map_err(RenderError::media(what))?;
    let mut decoder = ffmpeg.decode(path, format).map_err(RenderError::media(what))?;
    let mut eye = Eye::new(format.width as usize * format.height as usize);
    while let Some(frame) = decoder.next_frame().map_err(RenderError::media(what))? {
        eye.see(frame);
    }
    let seen = eye.seen();
    if seen.frames != frames || packets != frames {
        let fault = format!("it decodes to {} frames from {packets} packets, {frames} were wanted", seen.frames);
        return Err(RenderError::fault(what, fault));
    }
    Ok(seen)
}

/// Checks what a segment's or a film's header says of its picture.
pub(crate) fn check_stream(stream: &media::probe::Stream, format: VideoFormat, what: &str) -> Result<(), RenderError> {
    let wanted = [
        ("codec", Some("h264".to_owned()), Some(stream.codec_name.clone())),
        ("width", Some(format.width.to_string()), stream.width.map(|v| v.to_string())),
        ("height", Some(format.height.to_string()), stream.height.map(|v| v.to_string())),
        ("pixels", Some("yuv420p".into()), stream.pix_fmt.clone()),
        ("range", Some("tv".into()), stream.color_range.clone()),
        ("matrix", Some("bt709".into()), stream.color_space.clone()),
        ("transfer", Some("bt709".into()), stream.color_transfer.clone()),
        ("primaries", Some("bt709".into()), stream.color_primaries.clone()),
        ("time base", Some(format!("1/{}", format.timescale())), Some(stream.time_base.clone())),
    ];
    match wanted.into_iter().find(|(_, wanted, found)| wanted != found) {
        None => Ok(()),
        Some((name, wanted, found)) => {
            let text = |v: Option<String>| v.unwrap_or_else(|| "nothing".into());
            Err(RenderError::fault(what, format!("its {name} is {}, {} was wanted", text(found), text(wanted))))
        }
    }
}

/// Looks at decoded frames: black ones, and runs that stand still. A run is compared with its first frame, so that a slow
/// move is no freeze.
struct Eye {
    luma: usize,
    seen: Seen,
    run: u64,
    first: Vec<u8>,
}

impl Eye {
    fn new(luma: usize) -> Self {
        Self { luma, seen: Seen::default(), run: 0, first: Vec::new() }
    }

    fn see(&mut self, frame: &[u8]) {
        let luma = &frame[..self.luma];
        self.seen.frames += 1;
        if !reaches(luma.chunks(BLOCK).map(bright), (self.luma / BLACK_SHARE) as u64 + 1) {
            self.seen.black_frames += 1;
        }
        let blocks = luma.chunks(BLOCK).zip(self.first.chunks(BLOCK)).map(difference);
        let differs = self.run == 0 || reaches(blocks, (FREEZE_MILLI * self.luma as u64).div_ceil(1000));
        if differs {
            self.first.clear();
            self.first.extend_from_slice(luma);
            self.run = 0;
        }
        self.run += 1;
        self.seen.longest_freeze = self.seen.longest_freeze.max(self.run);
    }

    fn seen(&self) -> Seen {
        self.seen
    }
}

/// Whether numbers add up to at least `goal`. Most frames tell in their first blocks.
fn reaches(parts: impl Iterator<Item = u32>, goal: u64) -> bool {
    let mut sum = 0;
    goal == 0
        || parts.into_iter().any(|part| {
            sum += u64::from(part);
            sum >= goal
        })
}

/// Pixels that are looked at together.
const BLOCK: usize = 4096;

/// How many pixels are no black.
fn bright(luma: &[u8]) -> u32 {
    luma.iter().map(|&y| u32::from(y > BLACK_LUMA)).sum()
}

/// Sum of the differences of two blocks.
fn difference((a, b): (&[u8], &[u8])) -> u32 {
    a.iter().zip(b).map(|(&a, &b)| u32::from(a.abs_diff(b))).sum()
}
