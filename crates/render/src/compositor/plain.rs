//! The compositor's loops over samples, as plain integer code: what every vector unit carries out alike. [`super::simd`]
//! compiles each of them for every set of instructions it knows, and writes by hand only what compilers do badly.

/// Output samples of a block of [`Blocks`].
pub const BLOCK: usize = 8;
/// Samples that a block reads at once.
pub const WINDOW: usize = 16;
/// One, in the weights of sampling: positions are kept to this part of a sample.
pub const ONE: i16 = 128;

/// How outputs are sampled from a line, eight to a block: for each of them where its two inner samples stand in the 16
/// from the block's first, and their weights, which less the outer ones add up to [`ONE`]. The outer samples stand beside
/// the inner ones; their weights are taken away.
#[derive(Default)]
pub struct Blocks {
    /// Where each block begins, in samples of the picture.
    pub firsts: Vec<i32>,
    /// Places of the inner samples.
    pub places: Vec<[u8; 2 * BLOCK]>,
    /// Weights of the inner samples, 0 to 128.
    pub inner: Vec<[u8; 2 * BLOCK]>,
    /// Weights of the outer samples; empty when only inner ones are read.
    pub outer: Vec<[u8; 2 * BLOCK]>,
}

/// Weights of four samples around a position, `fraction` of [`ONE`] beyond the second: Catmull-Rom. They add up to one, and
/// their centre is exactly the position: a slow move does not tremble.
pub const fn cubic(fraction: u8) -> [i16; 4] {
    let f = fraction as i32;
    // -(f³ - 2f² + f) / 2 and (f³ - f²) / 2 in 1/128, rounded to nearest.
    let first = -((f * (128 - f) * (128 - f) + (1 << 14)) >> 15);
    let last = -((f * f * (128 - f) + (1 << 14)) >> 15);
    let third = f + first - 2 * last;
    [first as i16, (128 - first - third - last) as i16, third as i16, last as i16]
}

/// Mixes two rows, `ONE − fraction` to `fraction`.
#[inline(always)]
pub fn mix_two(above: &[u8], below: &[u8], fraction: u8, out: &mut [u8]) {
    let n = out.len();
    let (above, below) = (&above[..n], &below[..n]);
    let (a, b) = (ONE as u16 - u16::from(fraction), u16::from(fraction));
    for k in 0..n {
        out[k] = ((u16::from(above[k]) * a + u16::from(below[k]) * b + 64) >> 7) as u8;
    }
}

/// Mixes four rows by weights that add up to [`ONE`]; what lies outside 0 to 255 is cut.
#[inline(always)]
pub fn mix_four(rows: [&[u8]; 4], weights: [i16; 4], out: &mut [u8]) {
    let n = out.len();
    let [a, b, c, d] = rows.map(|row| &row[..n]);
    let [wa, wb, wc, wd] = weights;
    for k in 0..n {
        let part = |v: u8, w: i16| i16::from(v).wrapping_mul(w);
        let sum = part(a[k], wa).wrapping_add(part(b[k], wb)).wrapping_add(part(c[k], wc)).wrapping_add(part(d[k], wd));
        out[k] = level(sum.wrapping_sub(128 * ONE));
    }
}

/// A sum of samples less 128, by weights that add up to [`ONE`], as a sample.
#[inline(always)]
fn level(sum: i16) -> u8 {
    (((sum + 64) >> 7) + 128).clamp(0, 255) as u8
}

/// Samples a line, whose first sample is sample `from` of the picture, by blocks `at` and on.
#[inline(always)]
pub fn sample(line: &[u8], from: i32, blocks: &Blocks, at: usize, out: &mut [[u8; BLOCK]]) {
    for (i, out) in (at..).zip(out) {
        let start = (blocks.firsts[i] - from) as usize;
        let Some(window) = line.get(start..).and_then(|line| line.first_chunk::<WINDOW>()) else { continue };
        let (places, inner, outer) = (&blocks.places[i], &blocks.inner[i], blocks.outer.get(i));
        for k in 0..BLOCK {
            let value = |place: u8| i16::from(window[usize::from(place) % WINDOW]) - 128;
            let pair = |places: [u8; 2], weights: &[u8; 2 * BLOCK]| {
                value(places[0]) * i16::from(weights[2 * k]) + value(places[1]) * i16::from(weights[2 * k + 1])
            };
            let (near, far) = (places[2 * k], places[2 * k + 1]);
            let mut sum = pair([near, far], inner);
            if let Some(outer) = outer {
                sum -= pair([near.wrapping_sub(1), far + 1], outer);
            }
            out[k] = level(sum);
        }
    }
}

/// A premultiplied colour over what is there: `colour + (255 − alpha) · there / 255`, rounded to nearest.
#[inline(always)]
pub fn over(colour: &[u8], alpha: &[u8], there: &mut [u8]) {
    let n = there.len();
    let (colour, alpha) = (&colour[..n], &alpha[..n]);
    for k in 0..n {
        let t = u16::from(255 - alpha[k]) * u16::from(there[k]) + 128;
        // Between samples a colour may come out above its alpha.
        there[k] = colour[k].min(alpha[k]) + ((t + (t >> 8)) >> 8) as u8;
    }
}

/// Takes a share of samples, in 1/256.
#[inline(always)]
pub fn fade(samples: &mut [u8], share: u16) {
    for v in samples {
        *v = ((u16::from(*v) * share + 128) >> 8) as u8;
    }
}

/// A mix of two rows: `a` with `256 − weight`, `b` with `weight`, over 256.
#[inline(always)]
pub fn blend(a: &[u8], b: &[u8], weight: u16, out: &mut [u8]) {
    let n = out.len();
    let (a, b) = (&a[..n], &b[..n]);
    for k in 0..n {
        out[k] = ((u16::from(a[k]) * (256 - weight) + u16::from(b[k]) * weight + 128) >> 8) as u8;
    }
}

/// A mix of two rows, by a weight for each sample.
#[inline(always)]
pub fn blend_by(a: &[u8], b: &[u8], weights: &[u16], out: &mut [u8]) {
    let n = out.len();
    let (a, b, weights) = (&a[..n], &b[..n], &weights[..n]);
    for k in 0..n {
        out[k] = ((u16::from(a[k]) * (256 - weights[k]) + u16::from(b[k]) * weights[k] + 128) >> 8) as u8;
    }
}

/// Luma and alpha of premultiplied RGBA: 16 to 235 times alpha (BT.709, in 1/65536).
#[inline(always)]
pub fn luma(rgba: &[[u8; 4]], luma: &mut [u8], alpha: &mut [u8]) {
    let n = rgba.len();
    let (luma, alpha) = (&mut luma[..n], &mut alpha[..n]);
    for k in 0..n {
        let p = u32::from_le_bytes(rgba[k]);
        let (r, g, b, a) = (p & 255, p >> 8 & 255, p >> 16 & 255, p >> 24);
        luma[k] = ((11_966 * r + 40_254 * g + 4_064 * b + 4_112 * a + 32_768) >> 16) as u8;
        alpha[k] = a as u8;
    }
}

/// Two rows of RGBA added up, red and blue in one number, green and alpha in another.
#[inline(always)]
pub fn add_rows(above: &[[u8; 4]], below: &[[u8; 4]], red_blue: &mut [u32], green_alpha: &mut [u32]) {
    let n = above.len();
    let (below, red_blue, green_alpha) = (&below[..n], &mut red_blue[..n], &mut green_alpha[..n]);
    for k in 0..n {
        let (p, q) = (u32::from_le_bytes(above[k]), u32::from_le_bytes(below[k]));
        red_blue[k] = (p & 0x00ff_00ff) + (q & 0x00ff_00ff);
        green_alpha[k] = (p >> 8 & 0x00ff_00ff) + (q >> 8 & 0x00ff_00ff);
    }
}

/// Premultiplied chroma and alpha from rows added up: of columns 2k, 2k + 1 and 2k + 2 with weights 1, 2, 1.
#[inline(always)]
pub fn chroma(red_blue: &[u32], green_alpha: &[u32], u: &mut [u8], v: &mut [u8], alpha: &mut [u8]) {
    let n = u.len();
    let (red_blue, green_alpha) = (&red_blue[..2 * n + 1], &green_alpha[..2 * n + 1]);
    let (v, alpha) = (&mut v[..n], &mut alpha[..n]);
    for k in 0..n {
        let rb = red_blue[2 * k] + 2 * red_blue[2 * k + 1] + red_blue[2 * k + 2];
        let ga = green_alpha[2 * k] + 2 * green_alpha[2 * k + 1] + green_alpha[2 * k + 2];
        let (r, b) = ((rb & 0xffff) as i32, (rb >> 16) as i32);
        let (g, a) = ((ga & 0xffff) as i32, (ga >> 16) as i32);
        let centre = 32_896 * a + (1 << 18);
        u[k] = ((-6_596 * r - 22_189 * g + 28_785 * b + centre) >> 19) as u8;
        v[k] = ((28_785 * r - 26_145 * g - 2_640 * b + centre) >> 19) as u8;
        alpha[k] = ((a + 4) >> 3) as u8;
    }
}

/// Adds a row, times a weight, to sums.
#[inline(always)]
pub fn accumulate(row: &[u8], weight: i32, sums: &mut [i32]) {
    let n = sums.len();
    let row = &row[..n];
    for k in 0..n {
        sums[k] += i32::from(row[k]) * weight;
    }
}

/// Sums in 1/16384 as samples.
#[inline(always)]
pub fn settle(sums: &[i32], out: &mut [u8]) {
    let n = out.len();
    let sums = &sums[..n];
    for k in 0..n {
        out[k] = ((sums[k] + (1 << 13)) >> 14).clamp(0, 255) as u8;
    }
}
