//! Whether something in a shot moves by itself. At some of its frames the decoded picture is compared with two composed
//! ones: what should be seen, and what would be seen if only the camera had moved since the shot's first whole frame. Where the decoded
//! picture is nearer to the first, something moved that is not the camera. Pan, push, tremor and the parallax between
//! planes are the camera's own: over a still picture the two are the same, to the last bit, and nothing is measured.
//!
//! Of a clip no camera is known: its own frames are compared, and a frozen one is still.

use crate::{RenderError, player::Player, timeline::TimelineShot};

/// At how many frames, spread over the shot, the picture is looked at, and at how many of those where a patch (an eyelid, a
/// mouth) shows that did not at the first.
const SPREAD: u64 = 8;
/// Pixels are judged in squares of this side.
const SIDE: usize = 16;
/// By how many levels of luma a pixel must be nearer to what should be seen, to have moved.
const NEARER: u8 = 16;
/// How many pixels of one frame must have moved.
const PIXELS: u64 = 16;
/// A shot moves, too, from this much mean difference on, in thousandths of a level: soft things, such as fog.
const MOVES_MILLI: u64 = 20;
/// Squares of a clip differ from this mean on, in levels: less is the encoder's.
const CLIP_LEVELS: u64 = 2;

/// What was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Mean difference, thousandths of a level of luma.
    pub inner_motion: u64,
    /// Whether something moves.
    pub moving: bool,
}

/// The frames at which a shot is looked at, in order. All are compared with its first after the transition.
fn samples(shot: &TimelineShot) -> Vec<u64> {
    let (start, end) = (shot.transition.frames(), shot.frames);
    let moves = shot.layers.iter().any(|l| l.sway.is_some() || !l.tracks.is_empty() || !l.cues.is_empty());
    if end <= start + 1 || !(moves || shot.clip.is_some()) {
        return Vec::new();
    }
    let other = |frame: u64| shot.layers.iter().any(|l| l.shown(frame) != l.shown(start));
    let cues = shot.layers.iter().flat_map(|l| &l.cues).map(|c| c.frame);
    let mut cues: Vec<u64> = cues.filter(|&frame| (start + 1..end).contains(&frame) && other(frame)).collect();
    cues.sort_unstable();
    cues.dedup();
    let few = cues.len().min(SPREAD as usize);
    let chosen = (0..few).map(|i| cues[i * cues.len() / few]);
    let spread = (1..=SPREAD).map(|i| start + (end - 1 - start) * i / SPREAD).filter(|&frame| frame > start);
    let mut all: Vec<u64> = chosen.chain(spread).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Compares decoded frames, in order.
pub struct Motion<'a> {
    shot: &'a TimelineShot,
    samples: Vec<u64>,
    next: usize,
    /// What should be seen.
    wanted: Vec<u8>,
    /// Of a clip: the frame that was looked at before.
    before: Vec<u8>,
    /// Sum of differences, and pixels they were taken over.
    sum: u64,
    pixels: u64,
    moved: bool,
}

impl<'a> Motion<'a> {
    /// For the frames of a shot.
    pub fn new(shot: &'a TimelineShot) -> Self {
        let samples = samples(shot);
        Self { shot, samples, next: 0, wanted: Vec::new(), before: Vec::new(), sum: 0, pixels: 0, moved: false }
    }

    /// Looks at a decoded frame's luma.
    ///
    /// # Errors
    /// When the frames it is compared with cannot be composed.
    pub fn see(&mut self, frame: u64, luma: &[u8], player: &mut Player) -> Result<(), RenderError> {
        if self.samples.get(self.next) == Some(&frame) {
            self.next += 1;
            if self.shot.clip.is_some() {
                self.of_clip(luma);
                return Ok(());
            }
            let Some(scene) = player.scene() else { return Ok(()) };
            self.wanted.clear();
            self.wanted.extend_from_slice(&scene.compose(frame).0.yuv[..luma.len()]);
            let frozen = &scene.compose_as(frame, self.shot.transition.frames()).0.yuv[..luma.len()];
            self.pixels += luma.len() as u64;
            let (mut sum, mut pixels) = (0, 0);
            squares(
                self.shot,
                |row| {
                    let (wanted, frozen, seen) = (&self.wanted[row.clone()], &frozen[row.clone()], &luma[row]);
                    if wanted == frozen {
                        return (0, 0);
                    }
                    let (mut near, mut far) = (0, 0);
                    for ((&w, &f), &s) in wanted.iter().zip(frozen).zip(seen) {
                        let (to_wanted, to_frozen) = (s.abs_diff(w), s.abs_diff(f));
                        near += u64::from(to_wanted);
                        far += u64::from(to_frozen);
                        pixels += u64::from(to_frozen >= to_wanted.saturating_add(NEARER));
                    }
                    (near, far)
                },
                |near, far| sum += far.saturating_sub(near),
            );
            self.sum += sum;
            self.moved |= pixels >= PIXELS;
        }
        Ok(())
    }

    fn of_clip(&mut self, luma: &[u8]) {
        if self.before.len() == luma.len() {
            self.pixels += luma.len() as u64;
            let (mut sum, before) = (0, &self.before);
            squares(
                self.shot,
                |row| (row.len() as u64, before[row.clone()].iter().zip(&luma[row]).map(|(&a, &b)| u64::from(a.abs_diff(b))).sum()),
                |pixels, difference| sum += if difference >= CLIP_LEVELS * pixels { difference } else { 0 },
            );
            self.sum += sum;
        }
        self.before.clear();
        self.before.extend_from_slice(luma);
    }

    /// What was measured over all frames.
    pub fn moved(&self) -> Moved {
        let inner_motion = (self.sum * 1000).checked_div(self.pixels).unwrap_or(0);
        Moved { inner_motion, moving: self.moved || inner_motion >= MOVES_MILLI }
    }
}

/// Goes over the squares of a frame, but for those an overlay touches: two sums over each row's part, then both of a square.
fn squares(shot: &TimelineShot, mut row: impl FnMut(std::ops::Range<usize>) -> (u64, u64), mut square: impl FnMut(u64, u64)) {
    let (width, height) = (shot.canvas.width as usize, shot.canvas.height as usize);
    let over = |x: usize, y: usize| {
        let meets = |at: i32, size: u32, from: usize| i64::from(at) < (from + SIDE) as i64 && i64::from(at) + i64::from(size) > from as i64;
        // Whenever it is seen: it may have come or gone between the two frames that are compared.
        shot.overlays.iter().any(|o| meets(o.rect.x, o.rect.width, x) && meets(o.rect.y, o.rect.height, y))
    };
    for y in (0..height).step_by(SIDE) {
        for x in (0..width).step_by(SIDE) {
            if over(x, y) {
                continue;
            }
            let (mut a, mut b) = (0, 0);
            for line in y..(y + SIDE).min(height) {
                let (one, two) = row(line * width + x..line * width + (x + SIDE).min(width));
                a += one;
                b += two;
            }
            square(a, b);
        }
    }
}
