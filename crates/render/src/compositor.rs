//! The compositor: layers as planes of premultiplied BT.709 YUV with alpha, placed with 1/128 pixel, put over each other
//! far to near in integer arithmetic. The same frames on every machine, with or without vector units: nothing here rounds
//! in floating point but the placement of a layer, and that by `+ − × ÷` alone.
//!
//! A frame is made in tiles of 8×8. What a layer is in a tile (nothing, opaque, or mixed) is known beforehand, so that
//! nothing is sampled that is transparent or hidden, and the result is that of composing everything.

mod frame;
mod grid;
mod plain;
mod planes;
mod sample;
mod scale;
mod simd;

use std::sync::Arc;

use contracts::Hash;
use media::image::{Image, ImageError};

use self::{
    grid::{Grid, Picture},
    planes::{Unfit, Want, load_sized},
    sample::{Cover, Place, Stack},
};
use crate::timeline::{Layer, Placement, Rect, ShotOverlay, TimelineShot};

pub use self::{
    frame::{BLACK_Y, Frame, GREY, WHITE_Y},
    planes::Planes,
    simd::Isa,
};

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
}

impl ComposeError {
    fn of<'a>(layer: &'a str, image: &'a Hash) -> impl Fn(Unfit) -> Self + 'a {
        move |unfit| {
            let (layer, image) = (layer.to_owned(), image.clone());
            match unfit {
                Unfit::Absent(reason) => Self::Absent { layer, image, reason },
                Unfit::Picture(error) => Self::Picture { layer, image, error },
            }
        }
    }
}

/// A layer with its picture in memory.
struct Loaded {
    layer: Layer,
    picture: Arc<Picture>,
    /// The picture before any patch, and the patches; kept only when there are cues.
    base: Option<(Image, Vec<Image>)>,
    /// The patches that are in `picture` now.
    applied: Vec<u32>,
    /// Where its luma and its chroma lie under the frame's.
    places: [Place; 2],
}

/// What a layer is at a moment.
#[derive(Clone, Debug, PartialEq)]
struct State {
    place: Placement,
    shown: Vec<u32>,
}

/// A shot with its pictures in memory.
pub struct Scene {
    shot: TimelineShot,
    layers: Vec<Loaded>,
    frame: Frame,
    /// What every layer is in `frame`; empty before the first.
    current: Vec<State>,
    /// What every layer is in the frame that is asked for.
    wanted: Vec<State>,
    composed: bool,
    stack: Stack,
}

impl Scene {
    /// Loads a shot's pictures; planes that are needed elsewhere too are shared.
    ///
    /// # Errors
    /// When a picture is absent or is no picture.
    pub fn load(shot: &TimelineShot, fetch: &dyn Fetch, planes: &Planes) -> Result<Self, ComposeError> {
        let layers = shot.layers.iter().map(|layer| Loaded::load(layer, shot, fetch, planes)).collect::<Result<Vec<_>, _>>()?;
        let still = State { place: Placement::REST, shown: Vec::new() };
        let state = vec![still; layers.len()];
        Ok(Self {
            shot: shot.clone(),
            layers,
            frame: Frame::black(shot.canvas),
            current: state.clone(),
            wanted: state,
            composed: false,
            stack: Stack::new(shot.filter),
        })
    }

    /// The picture at a frame of the shot, which may lie past its end. Whether it differs from the frame composed before
    /// is told too: a layer that moved below what can be seen counts as a difference.
    pub fn compose(&mut self, frame: u64) -> (&Frame, bool) {
        self.compose_as(frame, frame)
    }

    /// As [`Scene::compose`], of what would be seen if since the frame `still` only the camera had moved.
    pub fn compose_as(&mut self, frame: u64, still: u64) -> (&Frame, bool) {
        for (state, Loaded { layer, .. }) in self.wanted.iter_mut().zip(&self.layers) {
            state.place = layer.placement_as(&self.shot, frame, still);
            state.shown.clear();
            state.shown.extend_from_slice(layer.shown(still));
        }
        if self.composed && self.current == self.wanted {
            return (&self.frame, false);
        }
        let (width, height) = (self.frame.width, self.frame.height);
        for (loaded, state) in self.layers.iter_mut().zip(&self.wanted) {
            loaded.show(&state.shown);
            loaded.place(&state.place, width, height, self.shot.filter);
        }
        let (luma, chroma) = self.frame.yuv.split_at_mut(width * height);
        let (u, v) = chroma.split_at_mut(width * height / 4);
        let covers = |plane: usize| -> Vec<Cover<'_>> {
            let layers = self.layers.iter().zip(&self.wanted);
            let cover = layers.map(|(loaded, state)| Cover {
                grid: loaded.grid(plane),
                place: &loaded.places[plane],
                share: ((state.place.opacity * 256 + 500) / 1000) as u16,
            });
            cover.collect()
        };
        self.stack.compose(&covers(0), [BLACK_Y], [luma], width, height);
        self.stack.compose(&covers(1), [GREY, GREY], [u, v], width / 2, height / 2);
        std::mem::swap(&mut self.current, &mut self.wanted);
        self.composed = true;
        (&self.frame, true)
    }
}

impl Loaded {
    fn load(layer: &Layer, shot: &TimelineShot, fetch: &dyn Fetch, planes: &Planes) -> Result<Self, ComposeError> {
        let Rect { x, y, width, height } = layer.rect;
        let (picture, base) = if layer.patches.is_empty() {
            let want = Want { at: (x, y), size: (width, height), scales: layer.scales(shot) };
            (planes.get(&layer.image, &want, fetch).map_err(ComposeError::of(&layer.name, &layer.image))?, None)
        } else {
            let sized = |image: &Hash, rect: Rect| {
                load_sized(image, (rect.width, rect.height), fetch).map_err(ComposeError::of(&layer.name, image))
            };
            let image = sized(&layer.image, layer.rect)?;
            let patches = layer.patches.iter().map(|patch| sized(&patch.image, patch.rect)).collect::<Result<Vec<_>, _>>()?;
            (Arc::new(Picture::of(&image, x, y)), Some((image, patches)))
        };
        Ok(Self { layer: layer.clone(), picture, base, applied: Vec::new(), places: Default::default() })
    }

    fn grid(&self, plane: usize) -> &Grid {
        if plane == 0 { &self.picture.luma } else { &self.picture.chroma }
    }

    /// Finds where the samples of a frame lie in the picture.
    fn place(&mut self, place: &Placement, width: usize, height: usize, filter: contracts::render::Filter) {
        let Picture { inset, luma, .. } = &*self.picture;
        let rect = self.layer.rect;
        // Samples a pixel of the canvas: one, unless the picture was scaled.
        let density = |samples: i32, inset: i32, pixels: u32| {
            if (inset + pixels as i32 + 1) & !1 == samples { 1.0 } else { f64::from(samples) / f64::from(pixels) }
        };
        let across = (density(luma.width, inset.0, rect.width), f64::from(rect.x - inset.0), place.dx, width);
        let down = (density(luma.height, inset.1, rect.height), f64::from(rect.y - inset.1), place.dy, height);
        // What is at a canvas position in this frame was there at rest, in pixels from the corner of the planes.
        let rest = |position: f64, (_, corner, shift, size): (f64, f64, f64, usize)| {
            let centre = size as f64 / 2.0;
            centre + (position - centre - shift) / place.scale - corner
        };
        let [luma, chroma] = &mut self.places;
        let (step_x, step_y) = (across.0 / place.scale, down.0 / place.scale);
        luma.x.place_columns(rest(0.5, across) * across.0 - 0.5, step_x, width, filter);
        luma.y.place(rest(0.5, down) * down.0 - 0.5, step_y, height);
        // Chroma lies on every second luma column, between two luma rows, in the frame and in the picture.
        chroma.x.place_columns((rest(0.5, across) * across.0 - 0.5) / 2.0, step_x, width / 2, filter);
        chroma.y.place((rest(1.0, down) * down.0 - 1.0) / 2.0, step_y, height / 2);
    }

    /// Puts the patches of this moment into the picture, and what stood there before back where they are gone.
    fn show(&mut self, shown: &[u32]) {
        let Some((base, patches)) = &self.base else { return };
        if self.applied == shown {
            return;
        }
        let (left, top) = (self.layer.rect.x, self.layer.rect.y);
        let picture = Arc::make_mut(&mut self.picture);
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
            picture.update(image, at.x - left, at.y - top, at.width, at.height);
        }
        self.applied.clear();
        self.applied.extend_from_slice(shown);
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

/// The overlays of a shot, in memory.
pub struct Overlays {
    /// Each with its planes and the frames it is seen in.
    all: Vec<(ShotOverlay, Arc<Picture>)>,
}

impl Overlays {
    /// Loads them, each distinct picture once.
    ///
    /// # Errors
    /// When a picture is absent or is no picture.
    pub fn load(shot: &TimelineShot, fetch: &dyn Fetch) -> Result<Self, ComposeError> {
        let mut all: Vec<(ShotOverlay, Arc<Picture>)> = Vec::with_capacity(shot.overlays.len());
        let mut images: Vec<(&Hash, Image)> = Vec::new();
        for overlay in &shot.overlays {
            let Rect { x, y, width, height } = overlay.rect;
            // The same picture in the same size, on pixels of the same kind, has the same planes.
            let kind = |o: &ShotOverlay| (o.rect.width, o.rect.height, o.rect.x & 1, o.rect.y & 1);
            let known = all.iter().find(|(other, _)| other.image == overlay.image && kind(other) == kind(overlay));
            let picture = match known {
                Some((_, picture)) => Arc::clone(picture),
                None => {
                    let sized = |image: &Image| (image.width, image.height) == (width, height);
                    let at = match images.iter().position(|(hash, image)| **hash == overlay.image && sized(image)) {
                        Some(at) => at,
                        None => {
                            let failed = ComposeError::of("overlay", &overlay.image);
                            images.push((&overlay.image, load_sized(&overlay.image, (width, height), fetch).map_err(failed)?));
                            images.len() - 1
                        }
                    };
                    Arc::new(Picture::of(&images[at].1, x, y))
                }
            };
            all.push((overlay.clone(), picture));
        }
        Ok(Self { all })
    }

    /// Which are seen at a frame of the shot.
    pub fn seen(&self, frame: u64) -> impl Iterator<Item = usize> {
        self.all.iter().enumerate().filter(move |(_, (o, _))| (o.first..o.end).contains(&frame)).map(|(i, _)| i)
    }

    /// Lays one over a frame.
    pub fn lay(&self, index: usize, frame: &mut Frame) {
        let Some((ShotOverlay { rect, .. }, picture)) = self.all.get(index) else { return };
        let (x, y) = (rect.x - picture.inset.0, rect.y - picture.inset.1);
        let (width, height) = (frame.width, frame.height);
        let (luma, chroma) = frame.yuv.split_at_mut(width * height);
        let (u, v) = chroma.split_at_mut(width * height / 4);
        lay(&picture.luma, (x, y), [luma], width, height);
        lay(&picture.chroma, (x / 2, y / 2), [u, v], width / 2, height / 2);
    }
}

/// Puts planes over others, with their corner at (x, y).
fn lay<const N: usize>(grid: &Grid, (x, y): (i32, i32), planes: [&mut [u8]; N], width: usize, height: usize) {
    let (left, right) = (x.max(0), (x + grid.width).min(width as i32));
    if left >= right {
        return;
    }
    for (plane, colour) in planes.into_iter().zip(&grid.colours) {
        for row in y.max(0)..(y + grid.height).min(height as i32) {
            let from = grid.at(left - x, row - y);
            let to = row as usize * width;
            let out = &mut plane[to + left as usize..to + right as usize];
            simd::over(&colour[from..from + out.len()], &grid.alpha[from..from + out.len()], out);
        }
    }
}

#[cfg(test)]
mod tests;
