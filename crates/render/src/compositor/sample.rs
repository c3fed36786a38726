//! Sampling and "over": the loops that take the time. Blocks of eight samples in 16-bit integers, in a form that vector
//! units of every width carry out alike.

use super::grid::{Grid, Kind, TILE};

/// Where the samples of one axis lie in a grid, in 1/256 of a sample.
pub struct Axis {
    /// The sample at or before each output sample.
    index: Vec<i32>,
    /// How far it lies beyond, 0 to 255.
    fraction: Vec<u16>,
    /// For each block of eight, the first sample it reads. Output sample k of a block reads those at k, k + 1 and k + 2
    /// from there.
    firsts: Vec<i32>,
    /// With these weights, which add up to 256; empty when all are read alike.
    weights: [Vec<u16>; 3],
    /// How all of them are read.
    read: Read,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Read {
    /// Each is the next sample of the grid.
    Copy,
    /// Each is as far between two samples.
    Shift(u16),
    /// Each has three weights.
    Scale,
    /// They lie too far apart for blocks.
    Gather,
}

impl Axis {
    /// Output sample 0 lies at `start`, every next `step` further, in samples of the grid; `count` of them.
    pub fn new(start: f64, step: f64, count: usize) -> Self {
        // 32 bits of fraction: over 16,384 samples the sum of rounding stays below 1/256 of one in a thousand.
        const ONE: f64 = 4_294_967_296.0;
        let (start, step_fixed) = ((start * ONE).round() as i64, (step * ONE).round() as i64);
        let padded = count.next_multiple_of(TILE);
        let position = |k: usize| start.saturating_add(step_fixed.saturating_mul(k as i64)).saturating_add(1 << 23);
        let index: Vec<i32> = (0..padded).map(|k| (position(k) >> 32).clamp(-1_000_000, 1_000_000) as i32).collect();
        let fraction: Vec<u16> = (0..padded).map(|k| (position(k) >> 24 & 255) as u16).collect();
        let mut read = match (step_fixed == 1 << 32, fraction[0]) {
            (true, 0) => Read::Copy,
            (true, f) => Read::Shift(f),
            (false, _) => Read::Scale,
        };
        let mut firsts = Vec::with_capacity(padded / TILE);
        let mut weights = [(); 3].map(|()| vec![0; if read == Read::Scale { padded } else { 0 }]);
        for at in (0..padded).step_by(TILE) {
            let offsets = (at..at + TILE).map(|k| index[k] - (k - at) as i32);
            let first = offsets.clone().min().unwrap_or(0);
            firsts.push(first);
            for (k, offset) in (at..at + TILE).zip(offsets) {
                match usize::try_from(offset - first) {
                    Ok(0) if read != Read::Scale => {}
                    Ok(d) if d < 2 && read == Read::Scale => {
                        weights[d][k] += 256 - fraction[k];
                        weights[d + 1][k] += fraction[k];
                    }
                    _ => read = Read::Gather,
                }
            }
        }
        Self { index, fraction, firsts, weights, read }
    }
}

/// A layer over a part of the frame.
pub struct Cover<'a> {
    /// Its samples.
    pub grid: &'a Grid,
    /// Columns.
    pub x: &'a Axis,
    /// Rows.
    pub y: &'a Axis,
}

impl Cover<'_> {
    fn gathers(&self) -> bool {
        self.x.read == Read::Gather || self.y.read == Read::Gather
    }
}

/// A stretch of tiles in which a layer is of one kind.
struct Run {
    layer: usize,
    tiles: std::ops::Range<usize>,
    kind: Kind,
}

/// What composing needs beside its layers, kept from frame to frame.
#[derive(Default)]
pub struct Stack {
    kinds: Vec<Kind>,
    base: Vec<usize>,
    runs: Vec<Run>,
    rows: Vec<Vec<u8>>,
    lines: Lines,
}

/// Lines that drawing needs for a moment.
#[derive(Default)]
struct Lines {
    between: Vec<u8>,
    alpha: Vec<u8>,
    colour: Vec<u8>,
}

impl Stack {
    /// Composes `N` planes of `width` × `height` over their empty values: the layers far to near.
    pub fn compose<const N: usize>(
        &mut self,
        layers: &[Cover<'_>],
        empty: [u8; N],
        mut planes: [&mut [u8]; N],
        width: usize,
        height: usize,
    ) {
        let across = width.div_ceil(TILE);
        let padded = across * TILE;
        self.rows.resize_with(N.max(self.rows.len()), Vec::new);
        for top in (0..height).step_by(TILE) {
            let bottom = (top + TILE).min(height);
            self.plan(layers, across, top, bottom);
            for y in top..bottom {
                for (row, &value) in self.rows.iter_mut().zip(&empty) {
                    row.clear();
                    row.resize(padded, value);
                }
                for run in &self.runs {
                    draw(&layers[run.layer], y, run, &mut self.rows[..N], &mut self.lines);
                }
                for (plane, row) in planes.iter_mut().zip(&self.rows) {
                    plane[y * width..(y + 1) * width].copy_from_slice(&row[..width]);
                }
            }
        }
    }

    /// Decides which layers are drawn in which tiles of a row of tiles: from the nearest opaque one on.
    fn plan(&mut self, layers: &[Cover<'_>], across: usize, top: usize, bottom: usize) {
        self.kinds.clear();
        self.base.clear();
        self.base.resize(across, 0);
        self.runs.clear();
        for (l, layer) in layers.iter().enumerate() {
            let (first, last) = (layer.y.index[top], layer.y.index[bottom - 1]);
            let away = last + 1 < 0 || first >= layer.grid.height;
            for t in 0..across {
                let kind = match away {
                    true => Kind::Nothing,
                    // What lies too far apart for a tile's window is never known to be of one kind.
                    false if layer.gathers() => Kind::Mixed,
                    false => Kind::of(layer.grid.flags(layer.x.firsts[t], first)),
                };
                if kind == Kind::Opaque {
                    self.base[t] = l;
                }
                self.kinds.push(kind);
            }
        }
        for l in 0..layers.len() {
            let mut t = 0;
            while t < across {
                let kind = self.kinds[l * across + t];
                let drawn = |t: usize| l >= self.base[t];
                let start = t;
                t += 1;
                if kind == Kind::Nothing || !drawn(start) {
                    continue;
                }
                while t < across && self.kinds[l * across + t] == kind && drawn(t) {
                    t += 1;
                }
                self.runs.push(Run { layer: l, tiles: start..t, kind });
            }
        }
    }
}

/// Draws a run of a layer into the rows of a line.
fn draw(layer: &Cover<'_>, y: usize, run: &Run, rows: &mut [Vec<u8>], lines: &mut Lines) {
    let (j, fy) = (layer.y.index[y], layer.y.fraction[y]);
    if j < -1 || j >= layer.grid.height {
        return;
    }
    if layer.gathers() {
        return gather(layer, j, fy, run, rows);
    }
    let at = (layer.grid.at(0, j), layer.grid.at(0, j + 1));
    if run.kind == Kind::Mixed {
        let Lines { between, alpha, .. } = lines;
        alpha.resize(run.tiles.len() * TILE, 0);
        sample_run(layer, &layer.grid.alpha, at, fy, run, between, alpha);
    }
    for (plane, row) in layer.grid.colours.iter().zip(rows) {
        let out = &mut row[run.tiles.start * TILE..run.tiles.end * TILE];
        let Lines { between, alpha, colour } = lines;
        if run.kind == Kind::Opaque {
            sample_run(layer, plane, at, fy, run, between, out);
        } else {
            colour.resize(out.len(), 0);
            sample_run(layer, plane, at, fy, run, between, colour);
            over(colour, alpha, out);
        }
    }
}

/// Samples a plane over a run: between its two rows first, then between columns.
fn sample_run(layer: &Cover<'_>, plane: &[u8], (above, below): (usize, usize), fy: u16, run: &Run, between: &mut Vec<u8>, out: &mut [u8]) {
    // What a run reads, up to two past its last: inside the padding, because it is known not to be nothing.
    let firsts = &layer.x.firsts[run.tiles.clone()];
    let (from, to) = (firsts[0], firsts[firsts.len() - 1] + TILE as i32 + 2);
    let part = |row: usize| &plane[row.wrapping_add_signed(from as isize)..row.wrapping_add_signed(to as isize)];
    let line = if fy == 0 {
        part(above)
    } else {
        between.resize((to - from) as usize, 0);
        mix_rows(part(above), part(below), fy, between);
        between
    };
    match layer.x.read {
        Read::Copy => out.copy_from_slice(&line[..out.len()]),
        Read::Shift(f) => mix_rows(line, &line[1..], f, out),
        Read::Scale | Read::Gather => {
            let blocks = run.tiles.clone();
            let [a, b, c] = layer.x.weights.each_ref().map(|w| &w.as_chunks::<TILE>().0[blocks.clone()]);
            let weights = a.iter().zip(b).zip(c);
            for ((first, out), ((a, b), c)) in firsts.iter().zip(out.as_chunks_mut::<TILE>().0).zip(weights) {
                if let Some(samples) = line.get((first - from) as usize..).and_then(|l| l.first_chunk()) {
                    weigh(samples, [a, b, c], out);
                }
            }
        }
    }
}

fn lerp(a: u8, b: u8, fraction: u16) -> u16 {
    (u16::from(a) * (256 - fraction) + u16::from(b) * fraction + 128) >> 8
}

/// Mixes two rows, 256 − `fraction` to `fraction`.
fn mix_rows(above: &[u8], below: &[u8], fraction: u16, out: &mut [u8]) {
    for ((&a, &b), out) in above.iter().zip(below).zip(out) {
        *out = lerp(a, b, fraction) as u8;
    }
}

/// Each of eight samples from three by three weights that add up to 256. Plain loops over fixed lengths: this form, and
/// not one over iterators, becomes vector instructions.
#[inline(always)]
fn weigh(samples: &[u8; TILE + 2], [wa, wb, wc]: [&[u16; TILE]; 3], out: &mut [u8; TILE]) {
    for k in 0..TILE {
        let sum = u16::from(samples[k]) * wa[k] + u16::from(samples[k + 1]) * wb[k] + u16::from(samples[k + 2]) * wc[k];
        out[k] = ((sum + 128) >> 8) as u8;
    }
}

/// A premultiplied colour over what is there: `colour + (255 − alpha) · there / 255`, rounded to nearest.
fn over(colour: &[u8], alpha: &[u8], there: &mut [u8]) {
    for ((&colour, &alpha), there) in colour.iter().zip(alpha).zip(there) {
        *there = over_one(colour, alpha, *there);
    }
}

#[inline(always)]
fn over_one(colour: u8, alpha: u8, there: u8) -> u8 {
    let t = u16::from(255 - alpha) * u16::from(there) + 128;
    (u16::from(colour) + ((t + (t >> 8)) >> 8)).min(255) as u8
}

/// The plain form of what blocks do, for samples too far apart: one at a time.
fn gather(layer: &Cover<'_>, j: i32, fy: u16, run: &Run, rows: &mut [Vec<u8>]) {
    let grid = layer.grid;
    for k in run.tiles.start * TILE..run.tiles.end * TILE {
        let (i, fx) = (layer.x.index[k], layer.x.fraction[k]);
        if i < -1 || i >= grid.width {
            continue;
        }
        let (above, below) = (grid.at(i, j), grid.at(i, j + 1));
        let sample = |plane: &[u8]| {
            let (a, b) = (lerp(plane[above], plane[below], fy) as u8, lerp(plane[above + 1], plane[below + 1], fy) as u8);
            lerp(a, b, fx)
        };
        let alpha = sample(&grid.alpha);
        for (plane, row) in grid.colours.iter().zip(rows.iter_mut()) {
            row[k] = over_one(sample(plane) as u8, alpha as u8, row[k]);
        }
    }
}

#[cfg(test)]
mod tests;
