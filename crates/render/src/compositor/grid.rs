//! A layer's picture as the compositor samples it: planes with alpha in BT.709 YUV, and what each part of them is.

use media::image::Image;

use super::{
    plain,
    scale::{Taps, scale_plane},
    simd,
};

/// Samples of nothing beside a grid, so that a block may be read at its edges.
pub const PAD: i32 = 32;
/// Rows of nothing above and below.
const PAD_ROWS: i32 = 3;
/// Side of a tile, in samples.
pub const TILE: usize = plain::BLOCK;

/// Some alpha is above 0.
const SEEN: u8 = 1;
/// Some alpha is below 255.
const CLEAR: u8 = 2;

/// What a layer is in a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Transparent.
    Nothing,
    /// Alpha 255 everywhere.
    Opaque,
    /// Anything else.
    Mixed,
}

impl Kind {
    /// From flags of its parts.
    pub fn of(flags: u8) -> Self {
        match flags {
            SEEN => Self::Opaque,
            CLEAR | 0 => Self::Nothing,
            _ => Self::Mixed,
        }
    }
}

/// Planes of one resolution, premultiplied, with their alpha. Sample (x, y) of every plane, from (−[`PAD`], −3), stands
/// at [`Grid::at`].
#[derive(Clone)]
pub struct Grid {
    /// Samples a row, without padding.
    pub width: i32,
    /// Rows, without padding.
    pub height: i32,
    stride: usize,
    /// Y, or U and V.
    pub colours: Vec<Vec<u8>>,
    /// Alpha.
    pub alpha: Vec<u8>,
    tiles_across: i32,
    tiles: Vec<u8>,
}

impl Grid {
    fn new(width: usize, height: usize, colours: usize) -> Self {
        let stride = (width + 2 * PAD as usize).next_multiple_of(TILE);
        let plane = vec![0; stride * (height + 2 * PAD_ROWS as usize)];
        let (across, down) = (width.div_ceil(TILE), height.div_ceil(TILE));
        Self {
            width: width as i32,
            height: height as i32,
            stride,
            colours: vec![plane.clone(); colours],
            alpha: plane,
            tiles_across: across as i32,
            tiles: vec![CLEAR; across * down],
        }
    }

    /// Bytes it takes.
    fn bytes(&self) -> usize {
        self.alpha.len() * (1 + self.colours.len()) + self.tiles.len()
    }

    /// Where a sample stands in its plane: x from −[`PAD`] to before width + [`PAD`], y from −3 to before height + 3.
    pub fn at(&self, x: i32, y: i32) -> usize {
        (y + PAD_ROWS) as usize * self.stride + (x + PAD) as usize
    }

    /// Adds to `flags`, one for each column of tiles, what the tiles that hold the rows `first` to `last` are. False when
    /// there is nothing of it in these rows.
    pub fn row_flags(&self, first: i32, last: i32, flags: &mut Vec<u8>) -> bool {
        flags.clear();
        if last < 0 || first >= self.height {
            return false;
        }
        let outside = first < 0 || last >= self.height;
        flags.resize(self.tiles_across as usize, if outside { CLEAR } else { 0 });
        for row in first.max(0) / TILE as i32..=last.min(self.height - 1) / TILE as i32 {
            let start = (row * self.tiles_across) as usize;
            for (flag, tile) in flags.iter_mut().zip(&self.tiles[start..]) {
                *flag |= tile;
            }
        }
        true
    }

    /// What is in the columns from `first` to `last`, given the flags of [`Grid::row_flags`].
    pub fn kind(&self, first: i32, last: i32, flags: &[u8]) -> Kind {
        if last < 0 || first >= self.width {
            return Kind::Nothing;
        }
        let outside = if first < 0 || last >= self.width { CLEAR } else { 0 };
        let tiles = first.max(0) as usize / TILE..=last.min(self.width - 1) as usize / TILE;
        Kind::of(flags[tiles].iter().fold(outside, |all, flag| all | flag))
    }

    /// Looks at alpha again in the rows from `first` to before `end`.
    fn classify(&mut self, first: i32, end: i32) {
        let side = TILE as i32;
        for row in first.max(0) / side..=(end - 1).min(self.height - 1) / side {
            let start = (row * self.tiles_across) as usize;
            for tile in 0..self.tiles_across {
                let mut flags = 0;
                for y in row * side..((row + 1) * side).min(self.height) {
                    let at = self.at(tile * side, y);
                    flags |= flags_of(&self.alpha[at..at + (self.width - tile * side).min(side) as usize]);
                }
                self.tiles[start + tile as usize] = flags;
            }
        }
    }

    /// All planes, each scaled to `width` × `height`; `columns` and `rows` say where their samples come from.
    fn scaled(&self, width: usize, height: usize, columns: &Taps, rows: &Taps) -> Self {
        let mut out = Self::new(width, height, self.colours.len());
        let (from, to) = (self.at(0, 0), out.at(0, 0));
        let (stride, out_stride) = (self.stride, out.stride);
        let scale = |plane: &[u8], scaled: &mut Vec<u8>| {
            scale_plane((&plane[from..], stride), self.width as usize, columns, rows, (&mut scaled[to..], out_stride));
        };
        for (plane, scaled) in self.colours.iter().zip(&mut out.colours) {
            scale(plane, scaled);
        }
        if self.tiles.iter().all(|flags| *flags == SEEN) {
            for y in 0..height {
                out.alpha[to + y * out_stride..][..width].fill(255);
            }
        } else {
            scale(&self.alpha, &mut out.alpha);
        }
        out.classify(0, height as i32);
        out
    }
}

fn flags_of(alphas: &[u8]) -> u8 {
    let (or, and) = alphas.iter().fold((0, 255), |(or, and), &a| (or | a, and & a));
    u8::from(or > 0) * SEEN + u8::from(and < 255) * CLEAR
}

/// A layer's picture. When it has the resolution of the canvas it begins at even pixels there, so that its chroma falls on
/// the frame's.
#[derive(Clone)]
pub struct Picture {
    /// How far the picture lies from where its planes begin, 0 or 1 each way.
    pub inset: (i32, i32),
    /// Y with alpha.
    pub luma: Grid,
    /// U and V with alpha, at half the resolution: sample (k, l) lies on luma column 2k, between luma rows 2l and 2l + 1.
    pub chroma: Grid,
}

impl Picture {
    /// Converts a picture that stands at (x, y) of the canvas.
    pub fn of(image: &Image, x: i32, y: i32) -> Self {
        let inset = (x & 1, y & 1);
        let width = (inset.0 as usize + image.width as usize).next_multiple_of(2);
        let height = (inset.1 as usize + image.height as usize).next_multiple_of(2);
        let mut picture = Self { inset, luma: Grid::new(width, height, 1), chroma: Grid::new(width / 2, height / 2, 2) };
        picture.update(image, 0, 0, image.width, image.height);
        picture
    }

    /// Converts a picture and scales it to `width` × `height` luma samples, both even.
    pub fn scaled(image: &Image, width: usize, height: usize) -> Self {
        let source = Self::of(image, 0, 0);
        let (from_w, from_h) = (image.width as usize, image.height as usize);
        let (step_x, step_y) = (from_w as f64 / width as f64, from_h as f64 / height as f64);
        // Output luma k lies at source position (k + 1/2) · step − 1/2; chroma as its siting says.
        let columns = Taps::new((step_x - 1.0) / 2.0, step_x, width, from_w);
        let rows = Taps::new((step_y - 1.0) / 2.0, step_y, height, from_h);
        let luma = source.luma.scaled(width, height, &columns, &rows);
        let columns = Taps::new((step_x - 1.0) / 4.0, step_x, width / 2, from_w.div_ceil(2));
        let rows = Taps::new((step_y - 1.0) / 2.0, step_y, height / 2, from_h.div_ceil(2));
        let chroma = source.chroma.scaled(width / 2, height / 2, &columns, &rows);
        Self { inset: (0, 0), luma, chroma }
    }

    /// Bytes it takes.
    pub fn bytes(&self) -> usize {
        self.luma.bytes() + self.chroma.bytes()
    }

    /// Converts a part of the picture again.
    pub fn update(&mut self, image: &Image, x: i32, y: i32, width: u32, height: u32) {
        let (x0, x1) = (x.max(0), x.saturating_add(width as i32).min(image.width as i32));
        let (y0, y1) = (y.max(0), y.saturating_add(height as i32).min(image.height as i32));
        if x0 >= x1 || y0 >= y1 {
            return;
        }
        let rows = image.rgba.as_chunks::<4>().0;
        let row = |y: i32| &rows[y.clamp(0, image.height as i32 - 1) as usize * image.width as usize..][..image.width as usize];
        for y in y0..y1 {
            let to = self.luma.at(x0 + self.inset.0, y + self.inset.1);
            simd::luma(&row(y)[x0 as usize..x1 as usize], &mut self.luma.colours[0][to..], &mut self.luma.alpha[to..]);
        }
        // A chroma sample reads a luma column to each side, two rows, and beyond an edge the edge again.
        let c0 = ((x0 + self.inset.0 - 1) >> 1).max(0);
        let c1 = ((x1 + self.inset.0 + 2) >> 1).min(self.chroma.width);
        let r0 = ((y0 + self.inset.1) >> 1).max(0);
        let r1 = ((y1 + self.inset.1 + 1) >> 1).min(self.chroma.height);
        let count = (c1 - c0) as usize;
        let first = 2 * c0 - self.inset.0 - 1;
        let sums = 2 * count + 1;
        let (mut red_blue, mut green_alpha) = (vec![0; sums], vec![0; sums]);
        let (inner, end) = (first.max(0), (first + sums as i32).min(image.width as i32));
        for r in r0..r1 {
            let above = 2 * r - self.inset.1;
            let part = |y: i32| &row(y)[inner as usize..end as usize];
            let (from, to) = ((inner - first) as usize, (end - first) as usize);
            simd::add_rows(part(above), part(above + 1), &mut red_blue[from..to], &mut green_alpha[from..to]);
            for sums in [&mut red_blue, &mut green_alpha] {
                let (left, right) = (sums[from], sums[to - 1]);
                sums[..from].fill(left);
                sums[to..].fill(right);
            }
            let at = self.chroma.at(c0, r);
            if let [u, v] = &mut self.chroma.colours[..] {
                let alpha = &mut self.chroma.alpha[at..at + count];
                simd::chroma(&red_blue, &green_alpha, &mut u[at..at + count], &mut v[at..at + count], alpha);
            }
        }
        self.luma.classify(y0 + self.inset.1, y1 + self.inset.1);
        self.chroma.classify(r0, r1);
    }
}
