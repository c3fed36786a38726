//! Whether what was planned to lie over a shot is seen in its decoded frames.

use media::image;

use crate::{
    RenderError,
    compositor::{ComposeError, Fetch},
    timeline::TimelineShot,
};

/// From this alpha on a pixel of an overlay hides what is under it.
const OPAQUE: u8 = 250;
/// By how many levels of luma, in mean, its pixels may differ from what was planned.
const APART: u64 = 32;
/// How many pixels of one overlay are compared at most.
const PIXELS: usize = 16_384;

/// The opaque pixels of an overlay: where, and what luma they have.
struct Planned {
    first: u64,
    end: u64,
    pixels: Vec<(u32, u8)>,
}

/// Looks for overlays in decoded frames.
pub struct Presence {
    planned: Vec<Planned>,
    /// Frames in which one was planned, and in which all that were planned are seen.
    frames: (u64, u64),
}

impl Presence {
    /// Loads a shot's overlays. One that hides nothing completely cannot be told from what it lies on and is not looked for.
    ///
    /// # Errors
    /// When a picture is absent or is none.
    pub fn load(shot: &TimelineShot, fetch: &dyn Fetch) -> Result<Self, RenderError> {
        let mut planned: Vec<Planned> = Vec::with_capacity(shot.overlays.len());
        for (at, overlay) in shot.overlays.iter().enumerate() {
            let (layer, hash) = (|| "overlay".to_owned(), || overlay.image.clone());
            let failed = |error| RenderError::Compose { shot: shot.shot_id.clone(), error };
            let bytes =
                fetch.fetch(&overlay.image).map_err(|reason| failed(ComposeError::Absent { layer: layer(), image: hash(), reason }))?;
            let picture = image::decode(&bytes).map_err(|error| failed(ComposeError::Picture { layer: layer(), image: hash(), error }))?;
            let rect = overlay.rect;
            // What lies under a later overlay is hidden by it.
            let later = &shot.overlays[at + 1..];
            let hidden = |x: i32, y: i32| {
                let inside = |at: i32, size: u32, p: i32| p >= at && i64::from(p) < i64::from(at) + i64::from(size);
                let together = |o: &&crate::timeline::ShotOverlay| o.first < overlay.end && overlay.first < o.end;
                later.iter().filter(together).any(|o| inside(o.rect.x, o.rect.width, x) && inside(o.rect.y, o.rect.height, y))
            };
            let mut pixels = Vec::new();
            for row in 0..rect.height {
                for column in 0..rect.width {
                    let (x, y) = (rect.x.saturating_add_unsigned(column), rect.y.saturating_add_unsigned(row));
                    let inside = (0..shot.canvas.width.cast_signed()).contains(&x) && (0..shot.canvas.height.cast_signed()).contains(&y);
                    let from = |at: u32, size: u32, own: u32| (u64::from(at) * u64::from(own) / u64::from(size)) as usize;
                    let place = from(row, rect.height, picture.height) * picture.width as usize + from(column, rect.width, picture.width);
                    let Some([r, g, b, a]) = picture.rgba.as_chunks::<4>().0.get(place).copied() else { continue };
                    if inside && a >= OPAQUE && !hidden(x, y) {
                        // BT.709 limited range in 1/65536.
                        let luma = (u32::from(r) * 11_966 + u32::from(g) * 40_254 + u32::from(b) * 4_064 + (1 << 15)) >> 16;
                        pixels.push((y.cast_unsigned() * shot.canvas.width + x.cast_unsigned(), luma as u8 + 16));
                    }
                }
            }
            let step = pixels.len().div_ceil(PIXELS).max(1);
            planned.push(Planned { first: overlay.first, end: overlay.end, pixels: pixels.into_iter().step_by(step).collect() });
        }
        planned.retain(|p| !p.pixels.is_empty());
        Ok(Self { planned, frames: (0, 0) })
    }

    /// Looks at a decoded frame's luma.
    pub fn see(&mut self, frame: u64, luma: &[u8]) {
        let (mut any, mut all) = (false, true);
        for overlay in self.planned.iter().filter(|o| (o.first..o.end).contains(&frame)) {
            any = true;
            let differs = |&(at, wanted): &(u32, u8)| u64::from(luma.get(at as usize).map_or(255, |&found| found.abs_diff(wanted)));
            all &= overlay.pixels.iter().map(differs).sum::<u64>() <= APART * overlay.pixels.len() as u64;
        }
        self.frames.0 += u64::from(any);
        self.frames.1 += u64::from(any && all);
    }

    /// Frames in which an overlay was planned, and in how many of them all of it was seen.
    pub fn frames(&self) -> (u64, u64) {
        self.frames
    }
}
