//! Coverage masks: an exact-area polygon rasteriser and a blur, both in integers, so that a pixel's value does not depend
//! on the window it was computed in: a patch painted alone matches the plane it replaces a part of.

use super::edge::V2;

/// A rectangle of pixels on the canvas; `x`, `y` may be negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rect {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width.
    pub w: i32,
    /// Height.
    pub h: i32,
}

impl Rect {
    /// A rectangle; negative sizes count as empty.
    pub fn new(x: i32, y: i32, w: i32, h: i32) -> Self {
        Self { x, y, w: w.max(0), h: h.max(0) }
    }

    /// From edges, right and bottom exclusive.
    pub fn edges(x0: i32, y0: i32, x1: i32, y1: i32) -> Self {
        Self::new(x0, y0, x1 - x0, y1 - y0)
    }

    /// Right edge, exclusive.
    pub fn right(&self) -> i32 {
        self.x + self.w
    }

    /// Lower edge, exclusive.
    pub fn bottom(&self) -> i32 {
        self.y + self.h
    }

    /// Grown by `m` pixels on every side.
    pub fn grow(&self, m: i32) -> Self {
        Self::edges(self.x - m, self.y - m, self.right() + m, self.bottom() + m)
    }

    /// The part in both.
    pub fn meet(&self, other: &Self) -> Self {
        Self::edges(self.x.max(other.x), self.y.max(other.y), self.right().min(other.right()), self.bottom().min(other.bottom()))
    }

    /// The smallest rectangle around both; an empty one adds nothing.
    pub fn join(&self, other: &Self) -> Self {
        if self.is_empty() {
            return *other;
        }
        if other.is_empty() {
            return *self;
        }
        Self::edges(self.x.min(other.x), self.y.min(other.y), self.right().max(other.right()), self.bottom().max(other.bottom()))
    }

    /// Whether it holds no pixel.
    pub fn is_empty(&self) -> bool {
        self.w == 0 || self.h == 0
    }

    /// Whether `other` lies within.
    pub fn holds(&self, other: &Self) -> bool {
        other.is_empty() || (other.x >= self.x && other.y >= self.y && other.right() <= self.right() && other.bottom() <= self.bottom())
    }

    /// Moved.
    pub fn offset(&self, dx: i32, dy: i32) -> Self {
        Self { x: self.x + dx, y: self.y + dy, ..*self }
    }

    /// Grown so that all edges are multiples of `f`: grids of smaller copies then coincide everywhere.
    fn aligned(&self, f: i32) -> Self {
        let up = |v: i32| -((-v).div_euclid(f)) * f;
        Self::edges(self.x.div_euclid(f) * f, self.y.div_euclid(f) * f, up(self.right()), up(self.bottom()))
    }

    /// Pixels.
    pub fn area(&self) -> usize {
        self.w as usize * self.h as usize
    }

    /// The bounds of outlines, in whole pixels.
    pub fn around(polys: &[Vec<V2>]) -> Self {
        let (mut x0, mut y0, mut x1, mut y1) = (f32::MAX, f32::MAX, f32::MIN, f32::MIN);
        for q in polys.iter().flatten() {
            x0 = x0.min(q[0]);
            x1 = x1.max(q[0]);
            y0 = y0.min(q[1]);
            y1 = y1.max(q[1]);
        }
        if x1 < x0 {
            return Self::new(0, 0, 0, 0);
        }
        let limit = |v: f32| v.clamp(-100_000.0, 100_000.0) as i32;
        Self::edges(limit(x0.floor()), limit(y0.floor()), limit(x1.ceil()) + 1, limit(y1.ceil()) + 1)
    }
}

/// Which side of crossing outlines is inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Anything enclosed.
    NonZero,
    /// Enclosed an odd number of times: nested outlines are holes.
    EvenOdd,
}

/// How much of each pixel is covered, 0–255.
#[derive(Clone, Debug)]
pub struct Cover {
    /// Where.
    pub rect: Rect,
    /// Row by row.
    pub a: Vec<u8>,
}

/// A whole pixel of coverage while edges are summed.
const FULL: i32 = 1 << 16;

impl Cover {
    /// Nothing covered.
    pub fn empty(rect: Rect) -> Self {
        Self { rect, a: vec![0; rect.area()] }
    }

    /// A row's coverage from `x0` for `w` pixels if it lies within.
    pub fn row(&self, y: i32, x0: i32, w: i32) -> &[u8] {
        let start = (y - self.rect.y) as usize * self.rect.w as usize + (x0 - self.rect.x) as usize;
        &self.a[start..start + w as usize]
    }

    /// Coverage of a pixel, 0 outside.
    pub fn at(&self, x: i32, y: i32) -> u8 {
        let r = &self.rect;
        if x < r.x || y < r.y || x >= r.right() || y >= r.bottom() {
            0
        } else {
            self.a[(y - r.y) as usize * r.w as usize + (x - r.x) as usize]
        }
    }

    /// Exact area coverage of closed outlines within `rect`.
    pub fn fill(polys: &[Vec<V2>], rule: Rule, rect: Rect) -> Self {
        let mut cover = Self::empty(rect);
        if rect.is_empty() {
            return cover;
        }
        let stride = rect.w as usize + 1;
        let mut acc = vec![0i32; stride * rect.h as usize];
        for poly in polys {
            for i in 0..poly.len() {
                edge(&mut acc, rect, poly[i], poly[(i + 1) % poly.len()]);
            }
        }
        for y in 0..rect.h as usize {
            let sums = &acc[y * stride..y * stride + rect.w as usize];
            let out = &mut cover.a[y * rect.w as usize..(y + 1) * rect.w as usize];
            let mut s = 0i32;
            for (o, d) in out.iter_mut().zip(sums) {
                s += d;
                let c = match rule {
                    Rule::NonZero => s.abs().min(FULL),
                    Rule::EvenOdd => {
                        let m = s.rem_euclid(2 * FULL);
                        if m > FULL { 2 * FULL - m } else { m }
                    }
                };
                *o = ((c * 255 + FULL / 2) >> 16) as u8;
            }
        }
        cover
    }

    /// Blurred by a Gaussian of `sigma` pixels, over `out`. Beyond its own rectangle it counts as empty, or as its border
    /// when `clamp` is set.
    pub fn blurred(&self, sigma: f32, out: Rect, clamp: bool) -> Self {
        if out.is_empty() {
            return Self::empty(out);
        }
        if sigma <= 0.05 {
            let mut cover = Self::empty(out);
            let inner = out.meet(&self.rect);
            for y in inner.y..inner.bottom() {
                let start = (y - out.y) as usize * out.w as usize + (inner.x - out.x) as usize;
                cover.a[start..start + inner.w as usize].copy_from_slice(self.row(y, inner.x, inner.w));
            }
            return cover;
        }
        let f = if sigma < 3.0 {
            1
        } else if sigma < 9.0 {
            2
        } else {
            4
        };
        let reach = (3.0 * sigma) as i32 + 2 * f + 2;
        let work = if clamp { self.rect.aligned(f) } else { out.grow(reach).meet(&self.rect.grow(reach)).aligned(f) };
        let (w, h) = ((work.w / f) as usize, (work.h / f) as usize);
        if w == 0 || h == 0 {
            return Self::empty(out);
        }
        let mut small = vec![0u16; w * h];
        self.shrink(&mut small, work, f, clamp);
        // Means of f×f blocks and linear interpolation add their own variance.
        let own = if f == 1 { 0.0 } else { (f * f) as f32 * 0.25 };
        let s = ((sigma * sigma - own).max(0.1)).sqrt() / f as f32;
        blur(&mut small, w, h, s);
        let mut cover = Self::empty(out);
        if f == 1 {
            let inner = out.meet(&work);
            for y in inner.y..inner.bottom() {
                let from = (y - work.y) as usize * w + (inner.x - work.x) as usize;
                let to = (y - out.y) as usize * out.w as usize + (inner.x - out.x) as usize;
                for i in 0..inner.w as usize {
                    cover.a[to + i] = byte(small[from + i]);
                }
            }
        } else {
            enlarge(&small, w, h, work, f, &mut cover);
        }
        cover
    }

    fn shrink(&self, small: &mut [u16], work: Rect, f: i32, clamp: bool) {
        let w = (work.w / f) as usize;
        for (j, row) in small.chunks_exact_mut(w).enumerate() {
            for (i, o) in row.iter_mut().enumerate() {
                let (bx, by) = (work.x + i as i32 * f, work.y + j as i32 * f);
                let block = Rect::new(bx, by, f, f).meet(&self.rect);
                if block.is_empty() {
                    continue;
                }
                let mut sum = 0u32;
                for y in block.y..block.bottom() {
                    sum += self.row(y, block.x, block.w).iter().map(|&v| u32::from(v)).sum::<u32>();
                }
                let n = if clamp { block.area() as u32 } else { (f * f) as u32 };
                *o = (sum * 257 / n) as u16;
            }
        }
    }
}

fn byte(v: u16) -> u8 {
    ((u32::from(v) + 128) / 257) as u8
}

fn enlarge(small: &[u16], w: usize, h: usize, work: Rect, f: i32, cover: &mut Cover) {
    let out = cover.rect;
    let inner = out.meet(&work);
    let half = (f - 1) as f32 * 0.5;
    let inv = 1.0 / f as f32;
    let mut row = vec![0f32; w];
    for y in inner.y..inner.bottom() {
        let v = (((y - work.y) as f32 - half) * inv).clamp(0.0, (h - 1) as f32);
        let (j, t) = (v as usize, v - (v as usize) as f32);
        let j1 = (j + 1).min(h - 1);
        for (i, o) in row.iter_mut().enumerate() {
            *o = f32::from(small[j * w + i]) * (1.0 - t) + f32::from(small[j1 * w + i]) * t;
        }
        let to = (y - out.y) as usize * out.w as usize + (inner.x - out.x) as usize;
        for i in 0..inner.w {
            let u = (((inner.x + i - work.x) as f32 - half) * inv).clamp(0.0, (w - 1) as f32);
            let (k, t) = (u as usize, u - (u as usize) as f32);
            let value = row[k] * (1.0 - t) + row[(k + 1).min(w - 1)] * t;
            cover.a[to + i as usize] = (value * (1.0 / 257.0) + 0.5) as u8;
        }
    }
}

/// Gaussian blur of 16-bit values with clamped borders: a short kernel for small sigmas, three boxes for larger ones.
pub fn blur(values: &mut [u16], w: usize, h: usize, sigma: f32) {
    let mut other = vec![0u16; values.len()];
    if sigma < 2.0 {
        let r = (2.8 * sigma).ceil() as usize;
        let raw: Vec<f32> = (0..=r).map(|i| libm::expf(-((i * i) as f32) / (2.0 * sigma * sigma))).collect();
        let total: f32 = raw[0] + 2.0 * raw[1..].iter().sum::<f32>();
        let mut kernel: Vec<u32> = raw.iter().map(|v| (v / total * 65536.0) as u32).collect();
        kernel[0] = 65536 - 2 * kernel[1..].iter().sum::<u32>();
        let mut padded = vec![0u32; w + 2 * r];
        for (src, dst) in values.chunks_exact(w).zip(other.chunks_exact_mut(w)) {
            for (i, o) in padded.iter_mut().enumerate() {
                *o = u32::from(src[i.saturating_sub(r).min(w - 1)]);
            }
            for (i, o) in dst.iter_mut().enumerate() {
                let mut s = padded[i + r] * kernel[0];
                for (k, &weight) in kernel.iter().enumerate().skip(1) {
                    s += (padded[i + r - k] + padded[i + r + k]) * weight;
                }
                *o = (s >> 16) as u16;
            }
        }
        let mut sums = vec![0u32; w];
        for y in 0..h {
            sums.fill(0);
            for dy in 0..=2 * r {
                let row = (y + dy).saturating_sub(r).min(h - 1);
                let weight = kernel[dy.abs_diff(r)];
                for (s, &v) in sums.iter_mut().zip(&other[row * w..(row + 1) * w]) {
                    *s += u32::from(v) * weight;
                }
            }
            for (o, s) in values[y * w..(y + 1) * w].iter_mut().zip(&sums) {
                *o = (s >> 16) as u16;
            }
        }
        return;
    }
    // Three boxes whose variances add up to sigma².
    let ideal = (12.0 * sigma * sigma / 3.0 + 1.0).sqrt();
    let low = {
        let v = ideal.floor() as i32;
        if v % 2 == 0 { v - 1 } else { v }
    };
    let l = low as f32;
    let narrow = ((12.0 * sigma * sigma - 3.0 * l * l - 12.0 * l - 9.0) / (-4.0 * l - 4.0)).round() as i32;
    for pass in 0..3 {
        let width = if pass < narrow { low } else { low + 2 };
        let r = (width / 2) as usize;
        box_rows(values, &mut other, w, r);
        box_columns(&other, values, w, h, r);
    }
}

fn box_rows(src: &[u16], dst: &mut [u16], w: usize, r: usize) {
    let inv = 1.0 / (2 * r + 1) as f32;
    for (row, out) in src.chunks_exact(w).zip(dst.chunks_exact_mut(w)) {
        let at = |i: usize| u32::from(row[i.min(w - 1)]);
        let mut sum = at(0) * (r as u32 + 1) + (1..=r).map(at).sum::<u32>();
        for (i, o) in out.iter_mut().enumerate() {
            *o = (sum as f32 * inv + 0.5) as u16;
            sum = sum + at(i + r + 1) - at(i.saturating_sub(r));
        }
    }
}

fn box_columns(src: &[u16], dst: &mut [u16], w: usize, h: usize, r: usize) {
    let inv = 1.0 / (2 * r + 1) as f32;
    let row = |j: usize| &src[j.min(h - 1) * w..(j.min(h - 1) + 1) * w];
    let mut sums: Vec<u32> = row(0).iter().map(|&v| u32::from(v) * (r as u32 + 1)).collect();
    for j in 1..=r {
        for (s, &v) in sums.iter_mut().zip(row(j)) {
            *s += u32::from(v);
        }
    }
    for j in 0..h {
        let (add, take) = (row(j + r + 1), row(j.saturating_sub(r)));
        for (((o, s), &a), &t) in dst[j * w..(j + 1) * w].iter_mut().zip(sums.iter_mut()).zip(add).zip(take) {
            *o = (*s as f32 * inv + 0.5) as u16;
            *s = *s + u32::from(a) - u32::from(t);
        }
    }
}

/// Adds one edge. Heights are whole 256ths, so every closed outline sums to exactly nothing to its right; widths are
/// rounded as a running total, so a cell's value is the same in every window.
fn edge(acc: &mut [i32], rect: Rect, a: V2, b: V2) {
    let quant = |v: f32| (v.clamp(-100_000.0, 100_000.0) * 256.0).round() as i32;
    let (ya, yb) = (quant(a[1]), quant(b[1]));
    if ya == yb {
        return;
    }
    let (sign, x0, y0, x1, y1) = if ya < yb { (1, a[0], ya, b[0], yb) } else { (-1, b[0], yb, a[0], ya) };
    let slope = (x1 - x0) / (y1 - y0) as f32;
    let stride = rect.w as usize + 1;
    let first = y0.div_euclid(256).max(rect.y);
    let last = (y1 - 1).div_euclid(256).min(rect.bottom() - 1);
    for row in first..=last {
        let (ta, tb) = (y0.max(row * 256), y1.min(row * 256 + 256));
        let dy = sign * (tb - ta) * (FULL / 256);
        let xa = x0 + (ta - y0) as f32 * slope;
        let xb = x0 + (tb - y0) as f32 * slope;
        let line = &mut acc[(row - rect.y) as usize * stride..(row - rect.y + 1) as usize * stride];
        span(line, rect, dy, xa.min(xb), xa.max(xb));
    }
}

/// One edge within one row: cell `j` is covered by the mean over the edge of how much of it lies to the right.
fn span(line: &mut [i32], rect: Rect, dy: i32, x0: f32, x1: f32) {
    let limit = |v: f32| v.floor().clamp(-200_000.0, 200_000.0) as i32;
    let (left, right) = (limit(x0), limit(x1));
    if left >= rect.right() {
        return;
    }
    if right < rect.x {
        line[0] += dy;
        return;
    }
    let middle = (x0 + x1) * 0.5;
    if left == right {
        let part = ((left + 1) as f32 - middle) * dy as f32;
        let part = part.round() as i32;
        let i = (left - rect.x) as usize;
        line[i] += part;
        line[i + 1] += dy - part;
        return;
    }
    let inv = 0.5 / (x1 - x0);
    let area = |u: f32| {
        if u <= x0 {
            0.0
        } else if u < x1 {
            (u - x0) * (u - x0) * inv
        } else {
            u - middle
        }
    };
    let start = left.max(rect.x);
    let end = right.min(rect.right() - 1);
    let mut before = 0;
    let mut low = area(start as f32);
    for j in start..=end {
        let high = area((j + 1) as f32);
        let covered = ((high - low) * dy as f32).round() as i32;
        line[(j - rect.x) as usize] += covered - before;
        before = covered;
        low = high;
    }
    line[(end + 1 - rect.x) as usize] += dy - before;
}
