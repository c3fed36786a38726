//! Clips of a plan, opened in the shape of their shots ([`media::clip`]).

use std::path::PathBuf;

use contracts::{Hash, render::Clip};
use media::{
    clip::{ClipDecoder, Conform},
    ffmpeg::Ffmpeg,
};

use crate::{
    RenderError,
    player::{ClipFrames, OpenClip},
    shot::format_of,
    timeline::TimelineShot,
};

/// Where the file of an address lies.
pub type PathOf<'a> = &'a (dyn Fn(&Hash) -> Result<PathBuf, String> + Sync);

/// Opens clips with ffmpeg.
pub struct Clips<'a> {
    /// What decodes them.
    pub ffmpeg: &'a Ffmpeg,
    /// Where they lie.
    pub path_of: PathOf<'a>,
}

impl OpenClip for Clips<'_> {
    fn open(&self, shot: &TimelineShot, clip: &Clip, first: u64) -> Result<Box<dyn ClipFrames>, RenderError> {
        let absent = |reason| RenderError::fault(&shot.shot_id, format!("its clip ({}) cannot be had: {reason}", clip.video.short()));
        let path = (self.path_of)(&clip.video).map_err(absent)?;
        let conform = Conform { format: format_of(shot), fit: clip.fit, skip_ms: clip.skip_ms, first };
        let decoder = self.ffmpeg.clip(&path, conform).map_err(RenderError::media(&shot.shot_id))?;
        Ok(Box::new(Opened { decoder, shot: shot.shot_id.to_string() }))
    }
}

struct Opened {
    decoder: ClipDecoder,
    shot: String,
}

impl ClipFrames for Opened {
    fn frame(&mut self, index: u64) -> Result<&[u8], RenderError> {
        self.decoder.frame(index).map_err(RenderError::media(&self.shot))
    }

    fn held(&self) -> u64 {
        self.decoder.held()
    }
}
