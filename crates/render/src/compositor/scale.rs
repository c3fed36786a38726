//! Scaling a picture once, when it is loaded: Lanczos over three samples each way, over as many more as it shrinks, in
//! whole numbers. Rows first, then the picture turned, rows again, and turned back: every loop runs along memory.

use media::image::Image;

use super::simd;

/// One, in weights.
const ONE: f64 = 16_384.0;
/// How far a sample reaches at its own size.
const REACH: f64 = 3.0;
/// Side of the blocks in which a plane is turned.
const TURN: usize = 16;

/// For each output sample of an axis: the first source sample it reads, and weights that add up to [`ONE`].
pub struct Taps(Vec<(usize, Vec<i32>)>);

impl Taps {
    /// Output sample k of `count` lies at source position `start + k · step`; the source has `size` samples, and beyond its
    /// ends its last ones again.
    pub fn new(start: f64, step: f64, count: usize, size: usize) -> Self {
        let wide = step.max(1.0);
        let last = size as i64 - 1;
        let taps = (0..count).map(|k| {
            let centre = start + k as f64 * step;
            let (low, high) = ((centre - REACH * wide).ceil() as i64, (centre + REACH * wide).floor() as i64);
            let shares: Vec<f64> = (low..=high).map(|i| lanczos((i as f64 - centre) / wide)).collect();
            let sum: f64 = shares.iter().sum();
            let (first, end) = (low.clamp(0, last), high.clamp(0, last));
            let mut weights = vec![0_i32; (end - first + 1) as usize];
            let mut left = ONE as i32;
            for (i, share) in (low..).zip(&shares) {
                let weight = (share / sum * ONE).round() as i32;
                weights[(i.clamp(first, end) - first) as usize] += weight;
                left -= weight;
            }
            // What rounding left goes where most is.
            if let Some(most) = weights.iter_mut().max() {
                *most += left;
            }
            (first as usize, weights)
        });
        Self(taps.collect())
    }

    /// Output samples.
    fn len(&self) -> usize {
        self.0.len()
    }
}

fn lanczos(x: f64) -> f64 {
    let x = x * std::f64::consts::PI;
    if x == 0.0 {
        1.0
    } else if x.abs() >= REACH * std::f64::consts::PI {
        0.0
    } else {
        REACH * libm::sin(x) * libm::sin(x / REACH) / (x * x)
    }
}

/// Scales a plane of `width` columns; planes are given with their strides.
pub fn scale_plane((plane, stride): (&[u8], usize), width: usize, columns: &Taps, rows: &Taps, (out, out_stride): (&mut [u8], usize)) {
    let (out_width, out_height) = (columns.len(), rows.len());
    let mut tall = vec![0; width * out_height];
    scale_rows((plane, stride), width, rows, (&mut tall, width));
    let mut turned = vec![0; width * out_height];
    turn((&tall, width), width, out_height, (&mut turned, out_height));
    let mut scaled = vec![0; out_width * out_height];
    scale_rows((&turned, out_height), out_height, columns, (&mut scaled, out_height));
    turn((&scaled, out_height), out_height, out_width, (out, out_stride));
}

/// Each output row is a sum of source rows.
fn scale_rows((plane, stride): (&[u8], usize), width: usize, taps: &Taps, (out, out_stride): (&mut [u8], usize)) {
    let mut sums = vec![0; width];
    for (row, (first, weights)) in taps.0.iter().enumerate() {
        sums.fill(0);
        for (i, weight) in (*first..).zip(weights) {
            simd::accumulate(&plane[i * stride..][..width], *weight, &mut sums);
        }
        simd::settle(&sums, &mut out[row * out_stride..][..width]);
    }
}

/// Columns become rows.
fn turn((plane, stride): (&[u8], usize), width: usize, height: usize, (out, out_stride): (&mut [u8], usize)) {
    for top in (0..height).step_by(TURN) {
        for left in (0..width).step_by(TURN) {
            for x in left..(left + TURN).min(width) {
                for y in top..(top + TURN).min(height) {
                    out[x * out_stride + y] = plane[y * stride + x];
                }
            }
        }
    }
}

/// A picture scaled to `width` × `height` pixels, all of it.
pub fn image(image: &Image, width: u32, height: u32) -> Image {
    let (from_w, from_h, w, h) = (image.width as usize, image.height as usize, width as usize, height as usize);
    if (from_w, from_h) == (w, h) {
        return image.clone();
    }
    let (step_x, step_y) = (from_w as f64 / w as f64, from_h as f64 / h as f64);
    let columns = Taps::new((step_x - 1.0) / 2.0, step_x, w, from_w);
    let rows = Taps::new((step_y - 1.0) / 2.0, step_y, h, from_h);
    let mut rgba = vec![0; w * h * 4];
    // Alpha first: no colour may exceed it.
    for channel in [3, 0, 1, 2] {
        let plane: Vec<u8> = image.rgba.as_chunks::<4>().0.iter().map(|pixel| pixel[channel]).collect();
        let mut scaled = vec![0; w * h];
        scale_plane((&plane, from_w), from_w, &columns, &rows, (&mut scaled, w));
        for (pixel, value) in rgba.as_chunks_mut::<4>().0.iter_mut().zip(scaled) {
            pixel[channel] = if channel == 3 { value } else { value.min(pixel[3]) };
        }
    }
    Image { width, height, rgba }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_picture_stays_flat_and_an_edge_stays_where_it_is() {
        let flat = Image { width: 37, height: 23, rgba: [10, 200, 30, 255].repeat(37 * 23) };
        for (w, h) in [(1, 1), (5, 90), (37, 23), (128, 72), (72, 128)] {
            let scaled = image(&flat, w, h);
            assert_eq!((scaled.width, scaled.height), (w, h));
            assert!(scaled.rgba.chunks_exact(4).all(|p| p == [10, 200, 30, 255]), "{w}×{h}");
        }
        // Left half dark, right half light: at every size the step is in the middle.
        let step = Image { width: 40, height: 4, rgba: (0..160).flat_map(|i| [if i % 40 < 20 { 20 } else { 220 }, 0, 0, 255]).collect() };
        for w in [10_u32, 26, 64, 200] {
            let row: Vec<u8> = image(&step, w, 4).rgba.chunks_exact(4).take(w as usize).map(|p| p[0]).collect();
            let dark: f64 = row.iter().map(|&v| (220.0 - f64::from(v)) / 200.0).sum();
            assert!((dark - f64::from(w) / 2.0).abs() < 0.1, "{w}: {dark}");
            assert!(row[0] == 20 && row[w as usize - 1] == 220, "{row:?}");
        }
    }

    #[test]
    fn weights_add_up() {
        for (start, step, count, size) in [(0.0, 1.0, 5, 5), (-0.3, 0.37, 90, 33), (0.6, 2.21, 40, 90), (3.0, 9.0, 3, 30)] {
            for (first, weights) in Taps::new(start, step, count, size).0 {
                assert_eq!(weights.iter().sum::<i32>(), 16_384);
                assert!(first + weights.len() <= size);
            }
        }
    }
}
