//! A frame, and what is done with whole frames.

use contracts::{
    picture::Canvas,
    shots::{DipColour, Side},
};

use super::simd;

/// Luma of black.
pub const BLACK_Y: u8 = 16;
/// Luma of white.
pub const WHITE_Y: u8 = 235;
/// Chroma of grey.
pub const GREY: u8 = 128;

/// How wide the soft edge of a wipe is, in thousandths of the way it goes.
const SOFT_EDGE: i64 = 60;

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

    /// Becomes a mix of two frames: `a` with weight `256 - weight`, `b` with `weight`, over 256.
    pub fn mix(&mut self, a: &Self, b: &Self, weight: u16) {
        simd::blend(&a.yuv, &b.yuv, weight.min(256), &mut self.yuv);
    }

    /// Becomes a mix of a frame and one colour: the frame with `weight` of 256.
    pub fn dip(&mut self, colour: DipColour, frame: &Self, weight: u16) {
        self.fill(colour);
        let weight = weight.min(256);
        let (luma, chroma) = frame.yuv.split_at(self.width * self.height);
        let (own_luma, own_chroma) = self.yuv.split_at_mut(self.width * self.height);
        // One value against a row of them: a row is mixed with itself where it stands.
        for (own, other) in [(own_luma, luma), (own_chroma, chroma)] {
            let value = own.first().copied().unwrap_or(GREY);
            let row = vec![value; self.width];
            for (own, other) in own.chunks_mut(self.width).zip(other.chunks(self.width)) {
                simd::blend(&row, other, weight, own);
            }
        }
    }

    /// Becomes `a`, over which `b` is drawn from a side, `part` of `whole` of the way, with a soft edge.
    pub fn wipe(&mut self, a: &Self, b: &Self, from: Side, part: u64, whole: u64) {
        let (width, height) = (self.width, self.height);
        let across = matches!(from, Side::Left | Side::Right);
        let length = if across { width } else { height } as i64;
        // In half pixels: pixel k stands at 2k + 1. The edge, half of it soft, goes from before the frame to beyond it.
        let soft = (2 * length * SOFT_EDGE / 1000).max(2);
        let edge = (2 * length + soft) * part as i64 / whole.max(1) as i64;
        let weight = |at: i64| {
            let gone = if matches!(from, Side::Right | Side::Bottom) { 2 * length - at } else { at };
            ((edge - gone) * 256 / soft).clamp(0, 256) as u16
        };
        // Chroma stands on every second column, and between two rows.
        let planes = [
            (0, width, height, 2, 1),
            (width * height, width / 2, height / 2, 4, if across { 1 } else { 2 }),
            (width * height * 5 / 4, width / 2, height / 2, 4, if across { 1 } else { 2 }),
        ];
        for (at, w, h, step, first) in planes {
            let count = if across { w } else { h };
            let weights: Vec<u16> = (0..count as i64).map(|k| weight(step * k + first)).collect();
            for row in 0..h {
                let span = at + row * w..at + (row + 1) * w;
                let (a, b, out) = (&a.yuv[span.clone()], &b.yuv[span.clone()], &mut self.yuv[span]);
                if across {
                    simd::blend_by(a, b, &weights, out);
                } else {
                    simd::blend(a, b, weights[row], out);
                }
            }
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
