//! The contact sheet: one small picture a shot, four across, in the order of the film.

use media::image::{Image, decode, encode_rgb};

use crate::{RenderError, compositor::Frame};

/// Pictures in a row.
pub const COLUMNS: usize = 4;
/// Pixels between pictures and around them.
const GAP: usize = 6;
/// The grey between pictures.
const GROUND: u8 = 24;

/// Up to this short side a frame is halved for its poster, beyond it quartered.
const HALVED: usize = 480;

/// A frame as a small PNG: at a quarter of its size, a draft's at half.
pub fn poster(frame: &Frame) -> Vec<u8> {
    let (width, height, rgb) = frame.half_rgb();
    if frame.width.min(frame.height) <= HALVED {
        return encode_rgb(width, height, &rgb).unwrap_or_default();
    }
    let (width, height) = (width as usize, height as usize);
    let (w, h) = ((width / 2).max(1), (height / 2).max(1));
    let mut out = Vec::with_capacity(w * h * 3);
    for j in 0..h {
        for i in 0..w {
            for c in 0..3 {
                let at = |x: usize, y: usize| u32::from(rgb[(y.min(height - 1) * width + x.min(width - 1)) * 3 + c]);
                let sum = at(2 * i, 2 * j) + at(2 * i + 1, 2 * j) + at(2 * i, 2 * j + 1) + at(2 * i + 1, 2 * j + 1);
                out.push(((sum + 2) / 4) as u8);
            }
        }
    }
    // A frame has at least 16 pixels each way, and pixels for all of them: it can always be written.
    encode_rgb(w as u32, h as u32, &out).unwrap_or_default()
}

/// The contact sheet of these posters as PNG.
///
/// # Errors
/// When there is none, one is no PNG, or they differ in size.
pub fn contact_sheet(posters: &[Vec<u8>]) -> Result<Vec<u8>, RenderError> {
    let fault = |i: usize, text: String| RenderError::fault("contact sheet", format!("picture {}: {text}", i + 1));
    let mut images: Vec<Image> = Vec::with_capacity(posters.len());
    for (i, poster) in posters.iter().enumerate() {
        let image = decode(poster).map_err(|e| fault(i, e.to_string()))?;
        if images.first().is_some_and(|first| (first.width, first.height) != (image.width, image.height)) {
            return Err(fault(i, format!("it has {}×{} pixels, the first has not", image.width, image.height)));
        }
        images.push(image);
    }
    let Some(first) = images.first() else { return Err(RenderError::fault("contact sheet", "there is no shot")) };
    let (w, h) = (first.width as usize, first.height as usize);
    let columns = COLUMNS.min(images.len());
    let (width, height) = (columns * (w + GAP) + GAP, images.len().div_ceil(columns) * (h + GAP) + GAP);
    let mut rgb = vec![GROUND; width * height * 3];
    for (i, image) in images.iter().enumerate() {
        let (left, top) = (GAP + i % columns * (w + GAP), GAP + i / columns * (h + GAP));
        for (y, row) in image.rgba.chunks_exact(w * 4).enumerate() {
            let start = ((top + y) * width + left) * 3;
            for (out, pixel) in rgb[start..start + w * 3].as_chunks_mut::<3>().0.iter_mut().zip(row.as_chunks::<4>().0) {
                *out = [pixel[0], pixel[1], pixel[2]];
            }
        }
    }
    encode_rgb(width as u32, height as u32, &rgb).map_err(|e| RenderError::fault("contact sheet", e.to_string()))
}
