//! What is seen in an encoded segment, decoded again from its first frame to its last.

use std::path::Path;

use media::ffmpeg::{Ffmpeg, VideoFormat};

use crate::RenderError;

pub mod motion;
pub mod overlays;

/// Luma up to which a pixel counts as black.
const BLACK_LUMA: u8 = 24;
/// A frame is black when at most one pixel in this many is brighter.
const BLACK_SHARE: usize = 1000;
/// Two frames are equal to the eye when their luma differs by less than this, in mean, in 1/1000 of a level.
const FREEZE_MILLI: u64 = 30;

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
    verify_with(path, format, frames, ffmpeg, what, |_, _| Ok(()))
}

/// As [`verify`]; `see` is shown every frame as well: its number and its luma.
///
/// # Errors
/// As [`verify`], and what `see` says.
pub fn verify_with(
    path: &Path,
    format: VideoFormat,
    frames: u64,
    ffmpeg: &Ffmpeg,
    what: &str,
    mut see: impl FnMut(u64, &[u8]) -> Result<(), RenderError>,
) -> Result<Seen, RenderError> {
    let video = ffmpeg.video(path).map_err(RenderError::media(what))?;
    check_stream(&video.stream, format, what)?;
    let packets = video.constant_rate(path, format.rate).map_err(RenderError::media(what))?;
    let mut decoder = ffmpeg.decode_luma(path, format).map_err(RenderError::media(what))?;
    let mut eye = Eye::new(format.width as usize * format.height as usize);
    while let Some(frame) = decoder.next_frame().map_err(RenderError::media(what))? {
        see(eye.seen.frames, frame)?;
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
        let luma = frame;
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
