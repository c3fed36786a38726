//! Paper: a tile of noise and fibres, and value noise for skies, fog and glows (art direction §5).

use std::sync::OnceLock;

use contracts::Seed;

use super::{
    edge::stroke,
    raster::{Cover, Rect, Rule},
};

/// Side of the paper tile in pixels.
pub const TILE: usize = 768;

/// The paper tile, 128 ± grain, periodic in both directions. Painted once.
pub fn tile() -> &'static [u8] {
    static CACHE: OnceLock<Vec<u8>> = OnceLock::new();
    CACHE.get_or_init(make_tile)
}

/// One of 24 ways to lay the tile: an offset and one of the eight turns of a square. Turns keep pixels on pixels, so the
/// grain stays crisp and costs one read.
#[derive(Clone, Copy, Debug)]
pub struct Lay {
    dx: i32,
    dy: i32,
    turn: u8,
}

impl Lay {
    /// The n-th lay.
    pub fn nth(n: u64) -> Self {
        let mut seed = Seed::new(0x7061_7065 ^ (n % 24));
        Self { dx: seed.below(TILE as u64) as i32, dy: seed.below(TILE as u64) as i32, turn: (n % 8) as u8 }
    }

    /// Where a row of canvas pixels starts in the tile, and the step from one to the next.
    pub fn row(&self, x: i32, y: i32) -> Walk {
        let n = TILE as i32;
        let (mut u, mut v) = (x + self.dx, y + self.dy);
        let (mut du, mut dv) = (1, 0);
        if self.turn & 1 != 0 {
            u = -u;
            du = -du;
        }
        if self.turn & 2 != 0 {
            v = -v;
        }
        if self.turn & 4 != 0 {
            (u, v) = (v, u);
            (du, dv) = (dv, du);
        }
        Walk { u: u.rem_euclid(n) as usize, v: v.rem_euclid(n) as usize, du: (du + n) as usize % TILE, dv: (dv + n) as usize % TILE }
    }
}

/// A walk over the tile along a row of the canvas.
#[derive(Clone, Copy, Debug)]
pub struct Walk {
    u: usize,
    v: usize,
    du: usize,
    dv: usize,
}

impl Walk {
    /// The grain here; moves on one pixel.
    #[inline]
    pub fn next(&mut self, tile: &[u8]) -> u8 {
        let t = tile[self.v * TILE + self.u];
        self.u += self.du;
        if self.u >= TILE {
            self.u -= TILE;
        }
        self.v += self.dv;
        if self.v >= TILE {
            self.v -= TILE;
        }
        t
    }
}

fn make_tile() -> Vec<u8> {
    let n = TILE;
    let coarse = periodic(n, 96, 3, 11);
    let fine = periodic(n, 6, 2, 12);
    let mut seed = Seed::new(13);
    let fibres = fibres(n);
    (0..n * n)
        .map(|i| {
            let grain = seed.unit() as f32 - 0.5;
            let t = 0.5 + 0.275 * (coarse[i] - 0.5) + 0.075 * grain + 0.15 * (fine[i] - 0.5) + fibres[i] * 0.55;
            (t.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
        })
        .collect()
}

/// Bent fibres, lighter or darker than the pulp, as offsets around 0.
fn fibres(n: usize) -> Vec<f32> {
    let mut field = vec![0f32; n * n];
    let mut seed = Seed::new(14);
    for _ in 0..1100 {
        let (x, y) = (seed.unit() as f32 * n as f32, seed.unit() as f32 * n as f32);
        let a = seed.range(0.0, std::f64::consts::TAU) as f32;
        let length = seed.range(8.0, 34.0) as f32;
        let bend = (seed.unit() + seed.unit() + seed.unit() - 1.5) as f32 * 1.4;
        let tone = seed.range(10.0, 34.0) as f32 / 255.0 * if seed.below(2) == 0 { -1.0 } else { 1.0 };
        let width = seed.range(0.5, 1.1) as f32;
        let b = a + bend;
        let m = [x + libm::cosf(a) * length / 2.0, y + libm::sinf(a) * length / 2.0];
        let e = [m[0] + libm::cosf(b) * length / 2.0, m[1] + libm::sinf(b) * length / 2.0];
        let line: Vec<[f32; 2]> = (0..=8)
            .map(|i| {
                let t = i as f32 / 8.0;
                let u = 1.0 - t;
                [u * u * x + 2.0 * u * t * m[0] + t * t * e[0], u * u * y + 2.0 * u * t * m[1] + t * t * e[1]]
            })
            .collect();
        let polys = stroke(&line, width, true);
        let cover = Cover::fill(&polys, Rule::NonZero, Rect::around(&polys));
        for yy in cover.rect.y..cover.rect.bottom() {
            for xx in cover.rect.x..cover.rect.right() {
                let c = f32::from(cover.at(xx, yy)) / 255.0 * 0.59;
                let i = yy.rem_euclid(n as i32) as usize * n + xx.rem_euclid(n as i32) as usize;
                field[i] = field[i] * (1.0 - c) + tone * c;
            }
        }
    }
    field
}

/// Value noise that repeats after `n` pixels.
fn periodic(n: usize, cell: usize, octaves: u32, seed: u64) -> Vec<f32> {
    let mut out = vec![0f32; n * n];
    let (mut amp, mut total, mut cells) = (1.0f32, 0.0f32, n / cell);
    for o in 0..octaves {
        let period = cells as i64;
        let lattice = |i: i64, j: i64| at(seed + u64::from(o), i.rem_euclid(period), j.rem_euclid(period));
        add_octave(&mut out, n, n, 0, 0, n as f32 / cells as f32, amp, &lattice);
        total += amp;
        amp *= 0.5;
        cells *= 2;
    }
    out.iter_mut().for_each(|v| *v /= total);
    out
}

/// A fraction for a lattice point.
fn at(seed: u64, i: i64, j: i64) -> f32 {
    let key = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ (i as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93)
        ^ (j as u64).wrapping_mul(0xA076_1D64_78BD_642F);
    (Seed::new(key).next_u64() >> 40) as f32 * (1.0 / 16_777_216.0)
}

/// Adds one octave of bicubic value noise: lattice columns are interpolated along x once a lattice row, rows along y.
#[allow(clippy::too_many_arguments, reason = "one octave is these numbers")]
fn add_octave(out: &mut [f32], w: usize, h: usize, x0: i32, y0: i32, cell: f32, amp: f32, lattice: &dyn Fn(i64, i64) -> f32) {
    let place = |v: i32, i: usize| {
        let u = (v as f32 + i as f32 + 0.5) / cell;
        let f = u.floor();
        (f as i64, cubic(u - f))
    };
    let columns: Vec<(i64, [f32; 4])> = (0..w).map(|i| place(x0, i)).collect();
    let (first, last) = (columns[0].0 - 1, columns[w - 1].0 + 2);
    let interpolated = |j: i64| -> Vec<f32> {
        let nodes: Vec<f32> = (first..=last).map(|i| lattice(i, j)).collect();
        columns
            .iter()
            .map(|(i, k)| {
                let b = (i - 1 - first) as usize;
                nodes[b] * k[0] + nodes[b + 1] * k[1] + nodes[b + 2] * k[2] + nodes[b + 3] * k[3]
            })
            .collect()
    };
    let mut have: Option<i64> = None;
    let mut rows: Vec<Vec<f32>> = Vec::new();
    for y in 0..h {
        let (j, k) = place(y0, y);
        match have {
            Some(old) if old == j => {}
            Some(old) if old + 1 == j => {
                rows.remove(0);
                rows.push(interpolated(j + 2));
            }
            _ => rows = (j - 1..=j + 2).map(&interpolated).collect(),
        }
        have = Some(j);
        let line = &mut out[y * w..(y + 1) * w];
        for (i, o) in line.iter_mut().enumerate() {
            *o += amp * (rows[0][i] * k[0] + rows[1][i] * k[1] + rows[2][i] * k[2] + rows[3][i] * k[3]);
        }
    }
}

fn cubic(t: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [-0.5 * t3 + t2 - 0.5 * t, 1.5 * t3 - 2.5 * t2 + 1.0, -1.5 * t3 + 2.0 * t2 + 0.5 * t, 0.5 * t3 - 0.5 * t2]
}

/// Value noise over a rectangle of the canvas, about 0–1 with mean 0.5: `octaves` from `cell` pixels down, each `gain`
/// times the last. The same pixel has the same value in every window.
pub fn vnoise_in(rect: Rect, cell: f32, octaves: u32, gain: f32, seed: u64) -> Vec<f32> {
    let (w, h) = (rect.w as usize, rect.h as usize);
    let mut out = vec![0f32; w * h];
    if out.is_empty() {
        return out;
    }
    let (mut amp, mut total, mut cell) = (1.0f32, 0.0f32, cell.max(1.5));
    for o in 0..octaves {
        let key = seed.wrapping_add(u64::from(o).wrapping_mul(0x51_7CC1));
        add_octave(&mut out, w, h, rect.x, rect.y, cell, amp, &|i, j| at(key, i, j));
        total += amp;
        amp *= gain;
        cell = (cell / 2.0).max(1.5);
    }
    out.iter_mut().for_each(|v| *v /= total);
    out
}

/// Value noise of a size, from the canvas origin.
pub fn vnoise2(w: u32, h: u32, cell: f32, octaves: u32, gain: f32, seed: u64) -> Vec<f32> {
    vnoise_in(Rect::new(0, 0, w as i32, h as i32), cell, octaves, gain, seed)
}
