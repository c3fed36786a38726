//! Cutting an author's picture to a frame: scaled until it covers, the overhang cut evenly.

use crate::image::{Image, premultiply};

impl Image {
    /// This picture laid on a sheet of one colour: nothing of it is transparent afterwards.
    pub fn on(mut self, sheet: [u8; 3]) -> Self {
        for pixel in self.rgba.as_chunks_mut::<4>().0 {
            let rest = 255 - pixel[3];
            if rest > 0 {
                for (value, under) in pixel.iter_mut().zip(sheet) {
                    *value = value.saturating_add(premultiply(under, rest));
                }
                pixel[3] = 255;
            }
        }
        self
    }

    /// This picture scaled to cover `width`×`height` pixels, centred; what hangs over is cut. Areas are averaged when it
    /// shrinks and neighbours mixed when it grows, with whole numbers in sixteenths of a pixel: the same on every machine.
    pub fn cover(&self, width: u32, height: u32) -> Self {
        let (w, h) = (u64::from(width.max(1)), u64::from(height.max(1)));
        let (sw, sh) = (u64::from(self.width), u64::from(self.height));
        // The largest window of the source with the target's shape, in 1/65536 of a source pixel for each target pixel.
        let step = ((sw << 16) / w).min((sh << 16) / h).max(1);
        let left = ((sw << 16) - (step * w).min(sw << 16)) / 2;
        let top = ((sh << 16) - (step * h).min(sh << 16)) / 2;
        let columns: Vec<Vec<(usize, u64)>> = (0..w).map(|x| taps(left + x * step, step, self.width)).collect();
        let mut rgba = Vec::with_capacity((w * h * 4) as usize);
        for y in 0..h {
            let rows = taps(top + y * step, step, self.height);
            for column in &columns {
                let mut sum = [0_u64; 4];
                let mut weight = 0;
                for (row, wy) in &rows {
                    for (x, wx) in column {
                        let at = (row * self.width as usize + x) * 4;
                        let share = wx * wy;
                        weight += share;
                        for (total, value) in sum.iter_mut().zip(&self.rgba[at..at + 4]) {
                            *total += u64::from(*value) * share;
                        }
                    }
                }
                rgba.extend(sum.map(|s| ((s + weight / 2) / weight.max(1)) as u8));
            }
        }
        Self { width: width.max(1), height: height.max(1), rgba }
    }
}

/// Which source pixels a target pixel covers, with their shares in sixteenths: an area when the source is finer, the two
/// nearest when it is coarser.
fn taps(start: u64, step: u64, size: u32) -> Vec<(usize, u64)> {
    let last = u64::from(size - 1);
    if step >= 1 << 16 {
        let end = start + step;
        let mut out: Vec<(usize, u64)> = Vec::new();
        let mut at = start;
        while at < end {
            let next = ((at >> 16) + 1) << 16;
            let share = (next.min(end) - at) >> 12;
            if share > 0 {
                out.push(((at >> 16).min(last) as usize, share));
            }
            at = next;
        }
        if out.is_empty() { vec![((start >> 16).min(last) as usize, 16)] } else { out }
    } else {
        let centre = (start + step / 2).saturating_sub(1 << 15);
        let (at, part) = (centre >> 16, (centre & 0xFFFF) >> 12);
        vec![(at.min(last) as usize, 16 - part), ((at + 1).min(last) as usize, part)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 4]) -> Image {
        let rgba = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).flat_map(|(x, y)| pixel(x, y)).collect();
        Image { width, height, rgba }
    }

    #[test]
    fn a_flat_picture_stays_flat_at_every_size() {
        let flat = picture(37, 23, |_, _| [10, 200, 30, 255]);
        for (w, h) in [(1, 1), (5, 90), (37, 23), (128, 72), (720, 1280)] {
            let cut = flat.cover(w, h);
            assert_eq!((cut.width, cut.height, cut.rgba.len()), (w, h, (w * h * 4) as usize));
            assert!(cut.rgba.chunks_exact(4).all(|p| p == [10, 200, 30, 255]), "{w}×{h}");
        }
    }

    #[test]
    fn the_middle_is_kept_and_the_overhang_cut() {
        // Red left third, green middle, blue right: a square cut of 3:1 keeps only the middle.
        let stripes = picture(30, 10, |x, _| [[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255]][(x / 10) as usize]);
        assert!(stripes.cover(10, 10).rgba.chunks_exact(4).all(|p| p == [0, 255, 0, 255]));
        let half = picture(2, 2, |x, _| [if x == 0 { 0 } else { 200 }, 0, 0, 255]).cover(1, 1);
        assert_eq!(half.rgba, [100, 0, 0, 255]);
    }

    #[test]
    fn the_same_size_is_the_same_picture() {
        let noise = picture(16, 9, |x, y| [(x * 16) as u8, (y * 28) as u8, ((x * y) % 256) as u8, 255]);
        assert_eq!(noise.cover(16, 9), noise);
    }
}
