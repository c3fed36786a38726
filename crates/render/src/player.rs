//! The frames of a shot as they are seen: composed or taken from a clip, mixed with the shot before it where it begins,
//! overlays on top.

use contracts::{
    render::Clip,
    shots::{DipColour, Transition},
};

use crate::{
    RenderError,
    compositor::{ComposeError, Fetch, Frame, Overlays, Planes, Scene},
    timeline::TimelineShot,
};

/// The frames of a clip in the shape of a shot: its canvas, its rate, 4:2:0 BT.709 limited range.
pub trait ClipFrames: Send {
    /// The frame at an index, counted from the first that was opened; never lower than one asked for before, any number of
    /// them may be left out. Past the end of the clip its last one. Laid out as [`Frame::yuv`].
    ///
    /// # Errors
    /// When the clip is damaged, or has no frame at all.
    fn frame(&mut self, index: u64) -> Result<&[u8], RenderError>;

    /// How many frames were asked for past its end.
    fn held(&self) -> u64 {
        0
    }
}

/// What opens clips.
pub trait OpenClip: Sync {
    /// Opens a clip in the shape of `shot`: index 0 is what shows `first` frames into the shot.
    ///
    /// # Errors
    /// When the clip is absent or cannot be decoded.
    fn open(&self, shot: &TimelineShot, clip: &Clip, first: u64) -> Result<Box<dyn ClipFrames>, RenderError>;
}

/// Where the pictures of a shot come from.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// Pictures.
    pub fetch: &'a dyn Fetch,
    /// Moving pictures.
    pub clips: &'a dyn OpenClip,
    /// Pictures that were converted already. What is kept there decides how long a shot takes, never what it shows.
    pub planes: &'a Planes,
}

/// What a shot shows before any mix.
enum Source {
    /// Layers.
    Scene(Box<Scene>),
    /// A moving picture, and its frame of this moment.
    Clip { frames: Box<dyn ClipFrames>, shown: Frame, first: u64 },
}

impl Source {
    /// Opens what a shot shows from its frame `first` on.
    fn open(shot: &TimelineShot, first: u64, sources: Sources<'_>) -> Result<Self, RenderError> {
        let failed = |error: ComposeError| RenderError::Compose { shot: shot.shot_id.clone(), error };
        match &shot.clip {
            None => Ok(Self::Scene(Box::new(Scene::load(shot, sources.fetch, sources.planes).map_err(failed)?))),
            Some(clip) => {
                let frames = sources.clips.open(shot, clip, first)?;
                Ok(Self::Clip { frames, shown: Frame::black(shot.canvas), first })
            }
        }
    }

    /// A frame of the shot, which may lie past its end, and whether it may differ from the one asked for before.
    fn frame(&mut self, frame: u64) -> Result<(&Frame, bool), RenderError> {
        match self {
            Self::Scene(scene) => Ok(scene.compose(frame)),
            Self::Clip { frames, shown, first } => {
                let yuv = frames.frame(frame.saturating_sub(*first))?;
                if yuv.len() != shown.yuv.len() {
                    let fault = format!("a frame of its clip has {} bytes, {} were wanted", yuv.len(), shown.yuv.len());
                    return Err(RenderError::fault("clip", fault));
                }
                let changed = shown.yuv != yuv;
                shown.yuv.copy_from_slice(yuv);
                Ok((shown, changed))
            }
        }
    }
}

/// Gives a shot's frames as they are seen, in order: its incoming mix included, its overlays on top.
pub struct Player {
    source: Source,
    /// The shot before, until it is no longer seen, and its length.
    previous: Option<(Source, u64)>,
    transition: Transition,
    /// What is seen below the overlays while the transition lasts.
    mixed: Frame,
    /// Whether `mixed` was seen last.
    mixing: bool,
    overlays: Overlays,
    /// What is seen, when something lies over it, and what lies over it.
    covered: Frame,
    laid: Vec<usize>,
    asked: bool,
}

impl Player {
    /// Opens a shot, and the shot before it when that is seen in it.
    ///
    /// # Errors
    /// When a picture or a clip is unfit, or a shot that begins in another has none before it on the same canvas.
    pub fn new(shot: &TimelineShot, previous: Option<&TimelineShot>, sources: Sources<'_>) -> Result<Self, RenderError> {
        let previous = match (shot.transition, previous) {
            (transition, Some(previous)) if transition.shows_previous() && previous.canvas == shot.canvas => {
                Some((Source::open(previous, previous.frames, sources)?, previous.frames))
            }
            (transition, _) if transition.shows_previous() => {
                return Err(RenderError::fault(&shot.shot_id, "it begins in the shot before it, which is not there on the same canvas"));
            }
            _ => None,
        };
        let failed = |error: ComposeError| RenderError::Compose { shot: shot.shot_id.clone(), error };
        Ok(Self {
            source: Source::open(shot, 0, sources)?,
            previous,
            transition: shot.transition,
            mixed: Frame::black(shot.canvas),
            mixing: false,
            overlays: Overlays::load(shot, sources.fetch).map_err(failed)?,
            covered: Frame::black(shot.canvas),
            laid: Vec::new(),
            asked: false,
        })
    }

    /// A frame of the shot, and whether it may differ from the one asked for before. Frames are asked for in order; any
    /// number of them may be left out.
    ///
    /// # Errors
    /// When a clip is damaged.
    pub fn frame(&mut self, frame: u64) -> Result<(&Frame, bool), RenderError> {
        let was_mixing = std::mem::replace(&mut self.mixing, frame < self.transition.frames());
        let (below, moved) = if self.mixing {
            self.mix(frame)?;
            (&self.mixed, true)
        } else {
            self.previous = None;
            self.source.frame(frame)?
        };
        let moved = moved || was_mixing || !self.asked;
        self.asked = true;
        let same = self.overlays.seen(frame).eq(self.laid.iter().copied());
        if moved || !same {
            self.laid.clear();
            self.laid.extend(self.overlays.seen(frame));
            if !self.laid.is_empty() {
                self.covered.yuv.copy_from_slice(&below.yuv);
                for &overlay in &self.laid {
                    self.overlays.lay(overlay, &mut self.covered);
                }
            }
        }
        Ok((if self.laid.is_empty() { below } else { &self.covered }, moved || !same))
    }

    /// Makes a frame of the transition.
    fn mix(&mut self, frame: u64) -> Result<(), RenderError> {
        let share = |part: u64, whole: u64| (part * 256 / whole.max(1)) as u16;
        let Self { source, previous, mixed, .. } = self;
        match self.transition {
            Transition::Cut => {}
            Transition::FromBlack { frames } => mixed.dip(DipColour::Black, source.frame(frame)?.0, share(frame, frames)),
            // The first frame shows a little of this shot, the last a little of the other, which runs on.
            Transition::Dissolve { frames } => mixed.mix(run_on(previous, frame)?, source.frame(frame)?.0, share(frame + 1, frames + 1)),
            Transition::Wipe { frames, from } => mixed.wipe(run_on(previous, frame)?, source.frame(frame)?.0, from, frame + 1, frames + 1),
            Transition::Dip { frames, colour } => {
                // The first half goes to the colour and ends there, the second comes from it.
                let goes = frames.div_ceil(2);
                match frame.checked_sub(goes) {
                    None => mixed.dip(colour, run_on(previous, frame)?, 256 - share(frame + 1, goes)),
                    Some(comes) => mixed.dip(colour, source.frame(frame)?.0, share(comes + 1, frames - goes + 1)),
                }
            }
        }
        Ok(())
    }

    /// How many of the shot's frames so far show the last one of a clip that was too short.
    pub fn held(&self) -> u64 {
        match &self.source {
            Source::Scene(_) => 0,
            Source::Clip { frames, .. } => frames.held(),
        }
    }

    /// The shot's layers, for a look at what its frames would be otherwise; a clip has none.
    pub(crate) fn scene(&mut self) -> Option<&mut Scene> {
        match &mut self.source {
            Source::Scene(scene) => Some(scene),
            Source::Clip { .. } => None,
        }
    }

    /// The frame that stands for the shot: its middle, after its mix.
    pub fn poster_frame(shot: &TimelineShot) -> u64 {
        let mix = shot.transition.frames();
        (shot.frames / 2).max(mix).min(shot.frames.saturating_sub(1))
    }
}

/// The shot before at a frame of this one: it runs on.
fn run_on(previous: &mut Option<(Source, u64)>, frame: u64) -> Result<&Frame, RenderError> {
    match previous {
        Some((previous, end)) => Ok(previous.frame(*end + frame)?.0),
        None => Err(RenderError::fault("transition", "the shot before it is no longer there: frames are only to be had in order")),
    }
}

/// Opens no clip: for shots that have none.
pub struct NoClips;

impl OpenClip for NoClips {
    fn open(&self, shot: &TimelineShot, clip: &Clip, _first: u64) -> Result<Box<dyn ClipFrames>, RenderError> {
        Err(RenderError::fault(&shot.shot_id, format!("its clip ({}) cannot be opened here", clip.video.short())))
    }
}

/// Composes one frame of a shot.
///
/// # Errors
/// As [`Player::new`] and [`Player::frame`].
pub fn compose_frame(shot: &TimelineShot, previous: Option<&TimelineShot>, frame: u64, sources: Sources<'_>) -> Result<Frame, RenderError> {
    Ok(Player::new(shot, previous, sources)?.frame(frame)?.0.clone())
}

#[cfg(test)]
mod tests;
