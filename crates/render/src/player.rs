//! The frames of a shot as they are seen: composed, mixed with the shot before it where it begins, overlays on top.

use contracts::shots::{DipColour, Transition};

use crate::{
    RenderError,
    compositor::{ComposeError, Fetch, Frame, Scene},
    timeline::TimelineShot,
};

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
            (transition, Some(previous)) if transition.shows_previous() && previous.canvas == shot.canvas => {
                Some((Scene::load(previous, fetch).map_err(failed)?, previous.frames))
            }
            (transition, _) if transition.shows_previous() => {
                return Err(RenderError::fault(&shot.shot_id, "it begins in the shot before it, which is not there on the same canvas"));
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
                self.mixed.fill(DipColour::Black);
                self.mixed.mix(self.scene.compose(frame).0, share(frame, frames));
                (&self.mixed, true)
            }
            (transition, _) if frame == transition.frames() && frame > 0 => {
                // What was composed before was not what was shown before.
                self.previous = None;
                (self.scene.compose(frame).0, true)
            }
            (Transition::Dip { frames, colour }, Some((previous, end))) if frame < frames => {
                // The first half goes to the colour, the second comes from it.
                let (goes, comes) = (frames.div_ceil(2), frames / 2);
                self.mixed.fill(colour);
                if frame < goes {
                    self.mixed.mix(previous.compose(*end + frame).0, 256 - share(frame + 1, goes));
                } else {
                    self.mixed.mix(self.scene.compose(frame).0, share(frame - goes, comes.max(1)));
                }
                (&self.mixed, true)
            }
            (Transition::Wipe { frames, from }, Some((previous, end))) if frame < frames => {
                self.mixed.yuv.copy_from_slice(&previous.compose(*end + frame).0.yuv);
                self.mixed.wipe(self.scene.compose(frame).0, from, frame + 1, frames + 1);
                (&self.mixed, true)
            }
            _ => self.scene.compose(frame),
        }
    }

    /// The frame that stands for the shot: its middle, after its mix.
    pub fn poster_frame(shot: &TimelineShot) -> u64 {
        let mix = shot.transition.frames();
        (shot.frames / 2).max(mix).min(shot.frames.saturating_sub(1))
    }
}

/// Composes one frame of a shot.
pub fn compose_frame(shot: &TimelineShot, previous: Option<&TimelineShot>, frame: u64, fetch: &dyn Fetch) -> Result<Frame, RenderError> {
    Ok(Player::new(shot, previous, fetch)?.frame(frame).0.clone())
}
