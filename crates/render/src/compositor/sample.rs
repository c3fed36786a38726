//! Sampling and "over", a row of tiles at a time: only what is seen is sampled.

use contracts::render::Filter;

use super::{
    grid::{Grid, Kind, PAD, TILE},
    plain::{self, BLOCK, Blocks, ONE, WINDOW},
    simd,
};

/// Where the samples of one axis lie in a grid, in 1/128 of a sample.
#[derive(Default)]
pub struct Axis {
    /// The sample at or before each output sample.
    index: Vec<i32>,
    /// How far it lies beyond, 0 to 127.
    fraction: Vec<u8>,
    /// How blocks of them are read, when they are read that way.
    blocks: Blocks,
    read: Read,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Read {
    /// Each is the next sample of the grid.
    #[default]
    Copy,
    /// Each is as far between its samples.
    Shift(u8),
    /// By blocks.
    Blocks,
    /// They lie too far apart for blocks.
    Gather,
}

impl Axis {
    /// Output sample 0 lies at `start`, every next `step` further, in samples of the grid; `count` of them.
    pub fn place(&mut self, start: f64, step: f64, count: usize) {
        // 32 bits of fraction: over 16,384 samples the sum of rounding stays below 1/128 of one in a thousand.
        const UNIT: f64 = 4_294_967_296.0;
        let (start, step) = ((start * UNIT).round() as i64, (step * UNIT).round() as i64);
        let padded = count.next_multiple_of(TILE);
        let position = |k: usize| start.saturating_add(step.saturating_mul(k as i64)).saturating_add(1 << 24);
        self.index.clear();
        self.index.extend((0..padded).map(|k| (position(k) >> 32).clamp(-1_000_000, 1_000_000) as i32));
        self.fraction.clear();
        self.fraction.extend((0..padded).map(|k| (position(k) >> 25 & 127) as u8));
        self.read = match (step == 1 << 32, self.fraction[0]) {
            (true, 0) => Read::Copy,
            (true, f) => Read::Shift(f),
            (false, _) => Read::Gather,
        };
    }

    /// As [`Axis::place`], for columns: blocks are made ready too.
    pub fn place_columns(&mut self, start: f64, step: f64, count: usize, filter: Filter) {
        self.place(start, step, count);
        let blocks = &mut self.blocks;
        blocks.firsts.clear();
        blocks.places.clear();
        blocks.inner.clear();
        blocks.outer.clear();
        let before = i32::from(filter == Filter::Cubic);
        let (indices, fractions) = (self.index.as_chunks::<BLOCK>().0, self.fraction.as_chunks::<BLOCK>().0);
        blocks.firsts.extend(indices.iter().map(|index| index[0] - before));
        // The last inner sample of a block, and the one beyond it, must lie in what is read at once.
        let reach = indices.iter().map(|index| index[BLOCK - 1] - index[0]).max().unwrap_or(0);
        if self.read != Read::Gather || reach + 1 + 2 * before >= WINDOW as i32 {
            return;
        }
        self.read = Read::Blocks;
        for (index, fraction) in indices.iter().zip(fractions) {
            let (mut places, mut inner, mut outer) = ([0; 2 * BLOCK], [0; 2 * BLOCK], [0; 2 * BLOCK]);
            for k in 0..BLOCK {
                let place = (index[k] - index[0] + before) as u8;
                (places[2 * k], places[2 * k + 1]) = (place, place + 1);
                match filter {
                    Filter::Linear => (inner[2 * k], inner[2 * k + 1]) = (ONE as u8 - fraction[k], fraction[k]),
                    Filter::Cubic => {
                        let [a, b, c, d] = plain::cubic(fraction[k]);
                        (inner[2 * k], inner[2 * k + 1]) = (b as u8, c as u8);
                        (outer[2 * k], outer[2 * k + 1]) = (a.unsigned_abs() as u8, d.unsigned_abs() as u8);
                    }
                }
            }
            blocks.places.push(places);
            blocks.inner.push(inner);
            if filter == Filter::Cubic {
                blocks.outer.push(outer);
            }
        }
    }
}

/// Where a layer's samples lie in a grid.
#[derive(Default)]
pub struct Place {
    /// Columns.
    pub x: Axis,
    /// Rows.
    pub y: Axis,
}

/// A layer over a part of the frame.
pub struct Cover<'a> {
    /// Its samples.
    pub grid: &'a Grid,
    /// Where they lie.
    pub place: &'a Place,
    /// How much of it is seen, in 1/256.
    pub share: u16,
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
    filter: Filter,
    kinds: Vec<Kind>,
    flags: Vec<u8>,
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
    /// One that samples with this filter.
    pub fn new(filter: Filter) -> Self {
        Self { filter, ..Self::default() }
    }

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
            // When the first run is opaque from side to side, nothing of what was there before is seen.
            let covered = self.runs.first().is_some_and(|run| run.kind == Kind::Opaque && run.tiles == (0..across));
            for y in top..bottom {
                for (row, &value) in self.rows.iter_mut().zip(&empty) {
                    row.resize(padded, value);
                    if !covered {
                        row.fill(value);
                    }
                }
                for run in &self.runs {
                    draw(&layers[run.layer], self.filter, y, run, &mut self.rows[..N], &mut self.lines);
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
        let beyond = i32::from(self.filter == Filter::Cubic);
        for (l, Cover { grid, place, share }) in layers.iter().enumerate() {
            let (first, last) = (place.y.index[top] - beyond, place.y.index[bottom - 1] + 1 + beyond);
            if *share == 0 || !grid.row_flags(first, last, &mut self.flags) {
                self.kinds.resize(self.kinds.len() + across, Kind::Nothing);
                continue;
            }
            for (t, index) in place.x.index.as_chunks::<TILE>().0.iter().enumerate() {
                let mut kind = grid.kind(index[0] - beyond, index[TILE - 1] + 1 + beyond, &self.flags);
                if kind == Kind::Opaque {
                    if *share == 256 {
                        self.base[t] = l;
                    } else {
                        kind = Kind::Mixed;
                    }
                }
                self.kinds.push(kind);
            }
        }
        for l in 0..layers.len() {
            let kinds = &self.kinds[l * across..(l + 1) * across];
            let mut t = 0;
            while t < across {
                let (start, kind) = (t, kinds[t]);
                t += 1;
                if kind == Kind::Nothing || l < self.base[start] {
                    continue;
                }
                while t < across && kinds[t] == kind && l >= self.base[t] {
                    t += 1;
                }
                self.runs.push(Run { layer: l, tiles: start..t, kind });
            }
        }
    }
}

/// Draws a run of a layer into the rows of a line.
fn draw(layer: &Cover<'_>, filter: Filter, y: usize, run: &Run, rows: &mut [Vec<u8>], lines: &mut Lines) {
    let beyond = i32::from(filter == Filter::Cubic);
    let j = layer.place.y.index[y];
    if j + 1 + beyond < 0 || j - beyond >= layer.grid.height {
        return;
    }
    let Lines { between, alpha, colour } = lines;
    if run.kind == Kind::Mixed {
        alpha.resize(run.tiles.len() * TILE, 0);
        sample_run(layer, filter, &layer.grid.alpha, y, run, between, alpha);
        if layer.share < 256 {
            simd::fade(alpha, layer.share);
        }
    }
    for (plane, row) in layer.grid.colours.iter().zip(rows) {
        let out = &mut row[run.tiles.start * TILE..run.tiles.end * TILE];
        if run.kind == Kind::Opaque {
            sample_run(layer, filter, plane, y, run, between, out);
        } else {
            colour.resize(out.len(), 0);
            sample_run(layer, filter, plane, y, run, between, colour);
            if layer.share < 256 {
                simd::fade(colour, layer.share);
            }
            simd::over(colour, alpha, out);
        }
    }
}

/// Samples a plane over a run: between its rows first, then between columns.
fn sample_run(layer: &Cover<'_>, filter: Filter, plane: &[u8], y: usize, run: &Run, between: &mut Vec<u8>, out: &mut [u8]) {
    let Place { x, y: rows } = layer.place;
    let (j, fraction) = (rows.index[y], rows.fraction[y]);
    // What a run reads: inside the padding, but for what lies so far apart that a tile reaches beyond it.
    let before = i32::from(filter == Filter::Cubic);
    let firsts = &x.blocks.firsts[run.tiles.clone()];
    let edge = layer.grid.width + PAD;
    let from = firsts[0].clamp(-PAD, edge);
    let to = match x.read {
        Read::Gather => x.index[run.tiles.end * TILE - 1] + 3,
        _ => firsts[firsts.len() - 1] + WINDOW as i32,
    };
    let to = to.clamp(from, edge);
    let part = |row: i32| &plane[layer.grid.at(from, row)..layer.grid.at(to, row)];
    let line = match (fraction, filter) {
        (0, _) => part(j),
        (f, Filter::Linear) => {
            between.resize((to - from) as usize, 0);
            simd::mix_two(part(j), part(j + 1), f, between);
            between
        }
        (f, Filter::Cubic) => {
            between.resize((to - from) as usize, 0);
            simd::mix_four([part(j - 1), part(j), part(j + 1), part(j + 2)], plain::cubic(f), between);
            between
        }
    };
    match (x.read, filter) {
        (Read::Copy, _) => out.copy_from_slice(&line[before as usize..][..out.len()]),
        (Read::Shift(f), Filter::Linear) => simd::mix_two(line, &line[1..], f, out),
        (Read::Shift(f), Filter::Cubic) => simd::mix_four([line, &line[1..], &line[2..], &line[3..]], plain::cubic(f), out),
        (Read::Blocks, _) => simd::sample(line, from, &x.blocks, run.tiles.start, out.as_chunks_mut().0),
        (Read::Gather, _) => {
            let samples = run.tiles.start * TILE..run.tiles.end * TILE;
            for ((index, fraction), out) in x.index[samples.clone()].iter().zip(&x.fraction[samples]).zip(out) {
                // Beyond the padding there is nothing, as there is in it.
                let at = |i: i32| {
                    let near = (index + i).clamp(-PAD, edge - 1);
                    line.get((near - from) as usize).copied().unwrap_or(0)
                };
                let mut one = [0];
                match filter {
                    Filter::Linear => plain::mix_two(&[at(0)], &[at(1)], *fraction, &mut one),
                    Filter::Cubic => {
                        let [a, b, c, d] = [-1, 0, 1, 2].map(|i| [at(i)]);
                        plain::mix_four([&a, &b, &c, &d], plain::cubic(*fraction), &mut one);
                    }
                }
                *out = one[0];
            }
        }
    }
}
