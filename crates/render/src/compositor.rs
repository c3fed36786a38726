//! The compositor: layers as planes of premultiplied BT.709 YUV with alpha, placed with 1/256 pixel, put over each other
//! far to near in integer arithmetic. The same frames on every machine, with or without vector units: nothing here rounds
//! in floating point but the placement of a layer, and that by `+ − × ÷` alone.
//!
//! A frame is made in tiles of 8×8. What a layer is in a tile (nothing, opaque, or mixed) is known beforehand, so that
//! nothing is sampled that is transparent or hidden, and the result is that of composing everything.

mod grid;
mod sample;

use contracts::{
    Hash,
    picture::Canvas,
    shots::{DipColour, Side},
};
use media::image::{self, Image, ImageError};

use self::{
    grid::Picture,
    sample::{Axis, Cover, Stack},
};
use crate::timeline::{Layer, PatchImage, Placement, Rect, TimelineShot};

/// Luma of black.
pub const BLACK_Y: u8 = 16;
/// Luma of white.
pub const WHITE_Y: u8 = 235;
/// Chroma of grey.
pub const GREY: u8 = 128;

/// Where pictures come from: the bytes of an address.
pub trait Fetch: Sync {
    /// The bytes, or why they are not there.
    fn fetch(&self, hash: &Hash) -> Result<Vec<u8>, String>;
}

impl<F: Fn(&Hash) -> Result<Vec<u8>, String> + Sync> Fetch for F {
    fn fetch(&self, hash: &Hash) -> Result<Vec<u8>, String> {
        self(hash)
    }
}

/// Why a layer cannot be composed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// Its bytes are not there.
    #[error("the picture of `{layer}` ({}) cannot be had: {reason}", .image.short())]
    Absent {
        /// The layer.
        layer: String,
        /// The picture.
        image: Hash,
        /// Why.
        reason: String,
    },
    /// Its bytes are no picture.
    #[error("the picture of `{layer}` ({}): {error}", .image.short())]
    Picture {
        /// The layer.
        layer: String,
        /// The picture.
        image: Hash,
        /// Why.
        error: ImageError,
    },
    /// It has not the size its layer gives it.
    #[error("the picture of `{layer}` ({}) has {}×{} pixels, its place has {}×{}", .image.short(), .found.0, .found.1, .placed.0, .placed.1)]
    Size {
        /// The layer.
        layer: String,
        /// The picture.
        image: Hash,
        /// Width and height of the picture.
        found: (u32, u32),
        /// Width and height of its place.
        placed: (u32, u32),
    },
}

/// A frame: Y, then U, then V, 4:2:0, BT.709 limited range, chroma sited left.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    /// Width in pixels, even.
    pub width: usize,
    /// Height in pixels, even.
    pub height: usize,
    /// `width * height * 3 / 2` bytes.
    pub yuv: Vec<u8>,
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Frame({}×{})", self.width, self.height)
    }
}

impl Frame {
    /// A black frame.
    pub fn black(canvas: Canvas) -> Self {
        let (width, height) = (canvas.width as usize, canvas.height as usize);
        let mut yuv = vec![BLACK_Y; width * height];
        yuv.resize(width * height * 3 / 2, GREY);
        Self { width, height, yuv }
    }

    /// Makes it one colour.
    pub fn fill(&mut self, colour: DipColour) {
        let (luma, chroma) = self.yuv.split_at_mut(self.width * self.height);
        luma.fill(match colour {
            DipColour::Black => BLACK_Y,
            DipColour::White => WHITE_Y,
        });
        chroma.fill(GREY);
    }

    /// Draws another frame over this one from a side, `part` of `whole` of the way.
    pub fn wipe(&mut self, other: &Self, from: Side, part: u64, whole: u64) {
        let (width, height) = (self.width, self.height);
        let planes = [(0, width, height), (width * height, width / 2, height / 2), (width * height * 5 / 4, width / 2, height / 2)];
        for (at, w, h) in planes {
            let gone = |side: usize| (side as u64 * part / whole) as usize;
            let (columns, rows) = match from {
                Side::Left => (0..gone(w), 0..h),
                Side::Right => (w - gone(w)..w, 0..h),
                Side::Top => (0..w, 0..gone(h)),
                Side::Bottom => (0..w, h - gone(h)..h),
            };
            for row in rows {
                let span = at + row * w + columns.start..at + row * w + columns.end;
                self.yuv[span.clone()].copy_from_slice(&other.yuv[span]);
            }
        }
    }

    /// This frame becomes a mix: of itself with weight `256 - other_weight`, of another with `other_weight`, over 256.
    pub fn mix(&mut self, other: &Self, other_weight: u16) {
        let w = other_weight.min(256);
        for (a, &b) in self.yuv.iter_mut().zip(&other.yuv) {
            *a = ((u16::from(*a) * (256 - w) + u16::from(b) * w + 128) >> 8) as u8;
        }
    }

    /// Straight RGB at full size, three bytes a pixel. Chroma lies on every second column and between two rows: the pixels
    /// beside it take it by the half, the three quarters and the quarter.
    pub fn rgb(&self) -> Vec<u8> {
        let (w, h) = (self.width / 2, self.height / 2);
        let (luma, chroma) = self.yuv.split_at(self.width * self.height);
        let (u, v) = chroma.split_at(w * h);
        let mut rgb = Vec::with_capacity(self.width * self.height * 3);
        for j in 0..self.height {
            let near = j / 2;
            let far = if j % 2 == 0 { near.saturating_sub(1) } else { (near + 1).min(h - 1) };
            for i in 0..self.width {
                let (left, right) = (i / 2, (i.div_ceil(2)).min(w - 1));
                let at = |plane: &[u8]| {
                    let row = |j: usize| i32::from(plane[j * w + left]) + i32::from(plane[j * w + right]);
                    3 * row(near) + row(far) - 8 * 128
                };
                let (y, u, v) = ((i32::from(luma[j * self.width + i]) - i32::from(BLACK_Y)) * 76_309, at(u), at(v));
                for c in [8 * y + 117_489 * v, 8 * y - 13_975 * u - 34_925 * v, 8 * y + 138_438 * u] {
                    rgb.push(((c + (1 << 18)) >> 19).clamp(0, 255) as u8);
                }
            }
        }
        rgb
    }

    /// Straight RGB at half size, three bytes a pixel: each the mean of four pixels.
    pub fn half_rgb(&self) -> (u32, u32, Vec<u8>) {
        let (w, h) = (self.width / 2, self.height / 2);
        let (luma, chroma) = self.yuv.split_at(self.width * self.height);
        let (u, v) = chroma.split_at(w * h);
        let mut rgb = Vec::with_capacity(w * h * 3);
        for j in 0..h {
            for i in 0..w {
                let at = 2 * j * self.width + 2 * i;
                let sum: i32 = [at, at + 1, at + self.width, at + self.width + 1].iter().map(|&k| i32::from(luma[k])).sum();
                // BT.709 limited range to full range in 1/65536, luma as a sum of four.
                let y = (sum - 4 * i32::from(BLACK_Y)) * 76_309 / 4;
                let (u, v) = (i32::from(u[j * w + i]) - 128, i32::from(v[j * w + i]) - 128);
                for c in [y + 117_489 * v, y - 13_975 * u - 34_925 * v, y + 138_438 * u] {
                    rgb.push(((c + 32_768) >> 16).clamp(0, 255) as u8);
                }
            }
        }
        (w as u32, h as u32, rgb)
    }
}

/// A layer with its picture in memory.
struct Loaded {
    layer: Layer,
    picture: Picture,
    /// The picture before any patch, and the patches; kept only when there are cues.
    base: Option<(Image, Vec<Image>)>,
    /// The patches that are in `picture` now.
    applied: Vec<u32>,
}

/// A shot with its pictures in memory.
pub struct Scene {
    shot: TimelineShot,
    layers: Vec<Loaded>,
    frame: Frame,
    /// Placements and patches of the frame in `frame`.
    current: Option<Vec<(Placement, Vec<u32>)>>,
    stack: Stack,
}

impl Scene {
    /// Loads a shot's pictures.
    ///
    /// # Errors
    /// When a picture is absent, is no picture, or has another size than its place.
    pub fn load(shot: &TimelineShot, fetch: &dyn Fetch) -> Result<Self, ComposeError> {
        let mut layers = Vec::with_capacity(shot.layers.len());
        for layer in &shot.layers {
            let image = load_image(layer, &layer.image, layer.rect, fetch)?;
            let picture = Picture::of(&image, layer.rect.x, layer.rect.y);
            let base = if layer.patches.is_empty() {
                None
            } else {
                let patches = layer.patches.iter().map(|PatchImage { image, rect }| load_image(layer, image, *rect, fetch));
                Some((image, patches.collect::<Result<Vec<_>, _>>()?))
            };
            layers.push(Loaded { layer: layer.clone(), picture, base, applied: Vec::new() });
        }
        Ok(Self { shot: shot.clone(), layers, frame: Frame::black(shot.canvas), current: None, stack: Stack::default() })
    }

    /// The picture at a frame of the shot, which may lie past its end. Whether it differs from the frame composed before
    /// is told too: a layer that moved below what can be seen counts as a difference.
    pub fn compose(&mut self, frame: u64) -> (&Frame, bool) {
        let state: Vec<_> = self.layers.iter().map(|l| (l.layer.placement(&self.shot, frame), l.layer.shown(frame).to_vec())).collect();
        if self.current.as_ref() == Some(&state) {
            return (&self.frame, false);
        }
        for (loaded, (_, shown)) in self.layers.iter_mut().zip(&state) {
            loaded.show(shown);
        }
        let (width, height) = (self.frame.width, self.frame.height);
        let (luma, chroma) = self.frame.yuv.split_at_mut(width * height);
        let (u, v) = chroma.split_at_mut(width * height / 4);
        let half = |size: f64| size / 2.0;
        let place = |grid_step: f64, grid_first: (f64, f64), out: (usize, usize)| {
            let covers = self.layers.iter().zip(&state).map(move |(l, (p, _))| {
                // Output sample k lies at canvas position first + k * step; so do the layer's own, from its corner.
                let axis = |size: usize, first: f64, corner: i32, shift: f64, count: usize| {
                    let centre = half(size as f64);
                    let at = |position: f64| (centre + (position - centre - shift) / p.scale - f64::from(corner) - first) / grid_step;
                    Axis::new(at(first), 1.0 / p.scale, count)
                };
                (axis(width, grid_first.0, l.picture.x, p.dx, out.0), axis(height, grid_first.1, l.picture.y, p.dy, out.1))
            });
            covers.collect::<Vec<_>>()
        };
        let places = place(1.0, (0.5, 0.5), (width, height));
        let covers: Vec<Cover<'_>> = self.layers.iter().zip(&places).map(|(l, (x, y))| Cover { grid: &l.picture.luma, x, y }).collect();
        self.stack.compose(&covers, [BLACK_Y], [luma], width, height);
        // Chroma lies on every second luma column, between two luma rows.
        let places = place(2.0, (0.5, 1.0), (width / 2, height / 2));
        let covers: Vec<Cover<'_>> = self.layers.iter().zip(&places).map(|(l, (x, y))| Cover { grid: &l.picture.chroma, x, y }).collect();
        self.stack.compose(&covers, [GREY, GREY], [u, v], width / 2, height / 2);
        self.current = Some(state);
        (&self.frame, true)
    }
}

impl Loaded {
    /// Puts the patches of this moment into the picture, and what stood there before back where they are gone.
    fn show(&mut self, shown: &[u32]) {
        let Some((base, patches)) = &self.base else { return };
        if self.applied == shown {
            return;
        }
        let (left, top) = (self.layer.rect.x, self.layer.rect.y);
        let mut pixels = None;
        for &changed in self.applied.iter().chain(shown) {
            if self.applied.contains(&changed) && shown.contains(&changed) {
                continue;
            }
            let image = pixels.get_or_insert_with(|| {
                let mut image = base.clone();
                for &index in shown {
                    let at = self.layer.patches[index as usize].rect;
                    replace(&mut image, &patches[index as usize], at.x - left, at.y - top);
                }
                image
            });
            let at = self.layer.patches[changed as usize].rect;
            self.picture.update(image, at.x - left, at.y - top, at.width, at.height);
        }
        self.applied = shown.to_vec();
    }
}

/// Copies a picture onto another, whose parts outside are left away.
fn replace(image: &mut Image, patch: &Image, x: i32, y: i32) {
    let (x0, x1) = (x.max(0), (x + patch.width as i32).min(image.width as i32));
    for row in y.max(0)..(y + patch.height as i32).min(image.height as i32) {
        if x0 < x1 {
            let from = ((row - y) as usize * patch.width as usize + (x0 - x) as usize) * 4;
            let to = (row as usize * image.width as usize + x0 as usize) * 4;
            let bytes = (x1 - x0) as usize * 4;
            image.rgba[to..to + bytes].copy_from_slice(&patch.rgba[from..from + bytes]);
        }
    }
}

fn load_image(layer: &Layer, hash: &Hash, rect: Rect, fetch: &dyn Fetch) -> Result<Image, ComposeError> {
    let (name, address) = (|| layer.name.clone(), || hash.clone());
    let bytes = fetch.fetch(hash).map_err(|reason| ComposeError::Absent { layer: name(), image: address(), reason })?;
    let image = image::decode(&bytes).map_err(|error| ComposeError::Picture { layer: name(), image: address(), error })?;
    let (found, placed) = ((image.width, image.height), (rect.width, rect.height));
    if found == placed { Ok(image) } else { Err(ComposeError::Size { layer: name(), image: address(), found, placed }) }
}

#[cfg(test)]
mod tests;
