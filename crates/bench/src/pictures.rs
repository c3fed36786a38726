//! Pictures for the workload, made in the tree: dark painted hills under a sky, with paper grain. The grain sets their
//! entropy, which is printed: an encoder's work depends on it.

use contracts::Seed;
use media::image;

/// Width and height of a picture.
pub const SIZE: (u32, u32) = (1920, 1080);

/// A picture as a PNG, and the entropy of what a PNG has to keep of it: the differences of neighbours, bits a pixel.
pub fn picture(number: usize) -> Result<(Vec<u8>, f64), String> {
    let (width, height) = (SIZE.0 as usize, SIZE.1 as usize);
    let mut seed = Seed::of(&["bench", "picture", &number.to_string()]);
    let hue = [seed.between(0, 60), seed.between(10, 60), seed.between(40, 110)];
    // Ridges, far to near: where each begins in every column, a sum of waves of whole periods in 1/256 of a turn.
    let ridges: Vec<Vec<i64>> = (0..6)
        .map(|k| {
            let waves: Vec<[i64; 3]> =
                (0..5).map(|w| [seed.between(6, 46) / (w + 1), seed.between(1, 5) * (w + 1), seed.between(0, 255)]).collect();
            let base = height as i64 * (35 + 11 * k) / 100;
            (0..width as i64)
                .map(|x| base + waves.iter().map(|[a, f, p]| a * wave(x * f * 256 / width as i64 + p) / 256).sum::<i64>())
                .collect()
        })
        .collect();
    let brush = [Brush::new(&mut seed, 14, 8), Brush::new(&mut seed, 46, 10)];
    let mut rgb = Vec::with_capacity(width * height * 3);
    let mut above = vec![0_i64; width];
    for y in 0..height {
        let mut left = 0_i64;
        for x in 0..width {
            let ridge = ridges.iter().rposition(|r| r[x] <= y as i64).map_or(0, |k| k as i64 + 1);
            let light = match ridge {
                0 => 90 + (y as i64 * 60) / height as i64,
                k => 84 - 12 * k + brush.iter().map(|b| b.at(x, y)).sum::<i64>() + ((y as i64 - ridges[k as usize - 1][x]) / 24).min(14),
            };
            // Grain that hangs together over a few pixels, as paper's does.
            let noise = seed.between(-10, 10);
            left = (left * 2 + noise) / 3;
            above[x] = (above[x] * 2 + left * 2) / 4;
            for c in hue {
                rgb.push((light + c * light / 160 + above[x]).clamp(2, 250) as u8);
            }
        }
    }
    let bits = entropy(&rgb, width);
    image::encode_rgb(SIZE.0, SIZE.1, &rgb).map(|png| (png, bits)).map_err(|e| e.to_string())
}

/// Strokes: values at the corners of a grid, mixed between them.
struct Brush {
    step: usize,
    across: usize,
    values: Vec<i64>,
}

impl Brush {
    fn new(seed: &mut Seed, step: usize, depth: i64) -> Self {
        let across = SIZE.0 as usize / step + 2;
        let values = (0..across * (SIZE.1 as usize / step + 2)).map(|_| seed.between(-depth, depth) * 16).collect();
        Self { step, across, values }
    }

    fn at(&self, x: usize, y: usize) -> i64 {
        let (i, j, fx, fy) = (x / self.step, y / self.step, (x % self.step) as i64, (y % self.step) as i64);
        let (at, step) = (j * self.across + i, self.step as i64);
        let row = |at: usize| (self.values[at] * (step - fx) + self.values[at + 1] * fx) / step;
        (row(at) * (step - fy) + row(at + self.across) * fy) / step / 16
    }
}

/// A triangle of ±256 over 256 steps.
fn wave(turn: i64) -> i64 {
    let t = turn.rem_euclid(256);
    if t < 128 { 4 * t - 256 } else { 768 - 4 * t }
}

/// Entropy of order zero of the difference to the pixel on the left, over the three channels: bits a pixel.
fn entropy(rgb: &[u8], width: usize) -> f64 {
    let mut counts = [[0_u64; 256]; 3];
    for row in rgb.chunks_exact(width * 3) {
        for (a, b) in row.iter().zip(&row[3..]).enumerate().map(|(i, (a, b))| ((i % 3, *a), *b)) {
            counts[a.0][usize::from(b.wrapping_sub(a.1))] += 1;
        }
    }
    let channel = |counts: &[u64; 256]| {
        let all = counts.iter().sum::<u64>() as f64;
        counts.iter().filter(|&&n| n > 0).map(|&n| -(n as f64 / all) * (n as f64 / all).log2()).sum::<f64>()
    };
    counts.iter().map(channel).sum()
}
