use contracts::Seed;
use media::image::Image;

use super::*;
use crate::compositor::grid::Picture;

/// A picture with stretches of opaque, transparent and anything between.
fn picture(seed: &mut Seed, width: u32, height: u32) -> Image {
    let mut rgba = Vec::with_capacity((width * height * 4) as usize);
    let (bx, by) = (seed.between(1, 40), seed.between(1, 40));
    let kinds: Vec<u64> = (0..4096).map(|_| seed.below(3)).collect();
    for y in 0..i64::from(height) {
        for x in 0..i64::from(width) {
            let a = match kinds[(x / bx * 61 + y / by * 7) as usize % kinds.len()] {
                0 => 255,
                1 => 0,
                _ => seed.below(256) as u8,
            };
            rgba.extend([(); 3].map(|()| seed.below(u64::from(a) + 1) as u8));
            rgba.push(a);
        }
    }
    Image { width, height, rgba }
}

/// Composing as it is defined: every layer, every sample, one at a time.
fn reference<const N: usize>(layers: &[Cover<'_>], empty: [u8; N], width: usize, height: usize) -> [Vec<u8>; N] {
    let mut planes = empty.map(|value| vec![value; width * height]);
    for Cover { grid, x, y } in layers {
        for row in 0..height {
            for column in 0..width {
                let (i, fx, j, fy) = (x.index[column], x.fraction[column], y.index[row], y.fraction[row]);
                if i < -1 || i >= grid.width || j < -1 || j >= grid.height {
                    continue;
                }
                let mix = |a: u16, b: u16, f: u16| (u32::from(a) * (256 - u32::from(f)) + u32::from(b) * u32::from(f) + 128) / 256;
                let sample = |plane: &[u8]| {
                    let at = |x, y| u16::from(plane[grid.at(x, y)]);
                    mix(mix(at(i, j), at(i, j + 1), fy) as u16, mix(at(i + 1, j), at(i + 1, j + 1), fy) as u16, fx)
                };
                let alpha = sample(&grid.alpha);
                for (plane, out) in grid.colours.iter().zip(&mut planes) {
                    let there = u32::from(out[row * width + column]);
                    let kept = (2 * (255 - alpha) * there + 255) / 510;
                    out[row * width + column] = (sample(plane) + kept).min(255) as u8;
                }
            }
        }
    }
    planes
}

#[test]
fn blocks_give_what_the_definition_gives() {
    let mut seed = Seed::of(&["compositor"]);
    for case in 0..160 {
        let (width, height) = (seed.between(1, 90) as usize * 2, seed.between(1, 60) as usize * 2);
        let pictures: Vec<Picture> = (0..seed.between(0, 5))
            .map(|_| {
                let (w, h) = (seed.between(1, 200) as u32, seed.between(1, 120) as u32);
                let image = picture(&mut seed, w, h);
                Picture::of(&image, 0, 0)
            })
            .collect();
        let axes: Vec<(Axis, Axis)> = pictures
            .iter()
            .map(|p| {
                let whole = case % 4 == 0;
                let scale = [1.0, 1.0, seed.range(0.88, 1.14), seed.range(0.5, 3.0)][seed.below(4) as usize];
                let mut axis = |size: i32, count| {
                    let start = seed.range(-40.0, f64::from(size) * 0.7);
                    Axis::new(if whole { start.round() } else { start }, scale, count)
                };
                (axis(p.luma.width, width), axis(p.luma.height, height))
            })
            .collect();
        let mut stack = Stack::default();
        let covers: Vec<Cover<'_>> = pictures.iter().zip(&axes).map(|(p, (x, y))| Cover { grid: &p.luma, x, y }).collect();
        let mut luma = vec![0; width * height];
        stack.compose(&covers, [16], [&mut luma], width, height);
        assert!([luma] == reference(&covers, [16], width, height), "luma of case {case}");
        let covers: Vec<Cover<'_>> = pictures.iter().zip(&axes).map(|(p, (x, y))| Cover { grid: &p.chroma, x, y }).collect();
        let (mut u, mut v) = (vec![0; width * height], vec![0; width * height]);
        stack.compose(&covers, [128, 128], [&mut u, &mut v], width, height);
        assert!([u, v] == reference(&covers, [128, 128], width, height), "chroma of case {case}");
    }
}

#[test]
fn opaque_replaces_and_transparent_leaves() {
    for there in 0..=255 {
        for colour in 0..=255 {
            assert_eq!(over_one(colour, 255, there), colour);
        }
        assert_eq!(over_one(0, 0, there), there);
    }
}

#[test]
fn a_fraction_beyond_any_picture_is_nowhere() {
    let mut seed = Seed::of(&["far"]);
    let p = Picture::of(&picture(&mut seed, 20, 20), 0, 0);
    for start in [-1e18, -5000.0, 5000.0, 1e18, f64::INFINITY, f64::NAN] {
        let (x, y) = (Axis::new(start, 1.0, 32), Axis::new(0.0, 1.0, 32));
        let mut luma = vec![0; 32 * 32];
        Stack::default().compose(&[Cover { grid: &p.luma, x: &x, y: &y }], [16], [&mut luma], 32, 32);
        assert!(start.is_nan() || luma.iter().all(|&l| l == 16), "{start}");
    }
}
