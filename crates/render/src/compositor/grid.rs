//! A layer's picture as the compositor samples it: planes with alpha in BT.709 YUV, and what each part of them is.

use media::image::Image;

/// Samples of nothing around a grid, so that a block may be read at its edges. Also where tiles begin.
pub const PAD: i32 = 16;
/// Side of a tile, in samples.
pub const TILE: usize = 8;
/// Samples that a tile of output reads, counted from the tile of the grid it begins in: up to 7 before it, then 8 at up
/// to 8/7 of a sample apart and two beyond.
const WINDOW: usize = 19;

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

/// Planes of one resolution, premultiplied, with their alpha. Sample (x, y) of every plane, from (−[`PAD`], −1), stands
/// at [`Grid::at`].
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
    tiles_across: usize,
    tiles: Vec<u8>,
}

impl Grid {
    fn new(width: usize, height: usize, colours: usize) -> Self {
        let stride = width + 2 * PAD as usize + TILE;
        let plane = vec![0; stride * (height + 2)];
        let tiles_across = (width + 2 * PAD as usize).div_ceil(TILE);
        let tiles_down = (height + 2 * PAD as usize).div_ceil(TILE);
        Self {
            width: width as i32,
            height: height as i32,
            stride,
            colours: vec![plane.clone(); colours],
            alpha: plane,
            tiles_across,
            tiles: vec![0; tiles_across * tiles_down],
        }
    }

    /// Where a sample stands in its plane: x from −[`PAD`] to width + [`PAD`] + 7, y from −1 to height.
    pub fn at(&self, x: i32, y: i32) -> usize {
        (y + 1) as usize * self.stride + (x + PAD) as usize
    }

    /// Flags of the part that a tile of output reads whose first sample is near (x, y); make a [`Kind`] of it.
    pub fn flags(&self, x: i32, y: i32) -> u8 {
        let (across, down) = ((x + PAD) >> 3, (y + PAD) >> 3);
        if across < 0 || down < 0 || across as usize >= self.tiles_across {
            return CLEAR;
        }
        self.tiles.get(down as usize * self.tiles_across + across as usize).copied().unwrap_or(CLEAR)
    }

    /// Looks at alpha again in the rows from `first` to before `end`, and notes what each tile that reads them is.
    fn classify(&mut self, first: i32, end: i32) {
        let down = self.tiles.len() / self.tiles_across;
        // Tile t reads rows 8t − PAD up to 8t − PAD + WINDOW − 1.
        let from = ((first + PAD - WINDOW as i32 + 1).max(0) as usize).div_ceil(TILE).min(down);
        let to = (((end - 1 + PAD).max(-1) + TILE as i32) as usize / TILE).min(down);
        let mut row_flags = vec![0_u8; self.tiles_across];
        for t in from..to {
            let tiles = t * self.tiles_across..(t + 1) * self.tiles_across;
            self.tiles[tiles.clone()].fill(0);
            for k in 0..WINDOW {
                let y = (t * TILE + k) as i32 - PAD;
                row_flags.fill(CLEAR);
                if (0..self.height).contains(&y) {
                    self.row_flags(y, &mut row_flags);
                }
                for (tile, flags) in self.tiles[tiles.clone()].iter_mut().zip(&row_flags) {
                    *tile |= flags;
                }
            }
        }
    }

    /// Flags of each window of a row.
    fn row_flags(&self, y: i32, out: &mut [u8]) {
        let start = self.at(-PAD, y);
        let row = &self.alpha[start..start + self.stride];
        // Eight samples at a time, then windows of 16 from two of them and three single samples.
        let eights: Vec<u8> = row.chunks_exact(TILE).map(flags_of).collect();
        for (t, out) in out.iter_mut().enumerate() {
            let tail = row.get(t * TILE + 16..t * TILE + WINDOW).unwrap_or(&[0]);
            *out = eights.get(t).copied().unwrap_or(CLEAR) | eights.get(t + 1).copied().unwrap_or(CLEAR) | flags_of(tail);
        }
    }
}

fn flags_of(alphas: &[u8]) -> u8 {
    let (or, and) = alphas.iter().fold((0, 255), |(or, and), &a| (or | a, and & a));
    u8::from(or > 0) * SEEN + u8::from(and < 255) * CLEAR
}

/// A layer's picture. Its corner is moved to even pixels of the canvas, so that its chroma falls on the frame's.
pub struct Picture {
    /// Left edge on the canvas, even.
    pub x: i32,
    /// Upper edge on the canvas, even.
    pub y: i32,
    /// How far the picture lies from that corner, 0 or 1 each way.
    inset: (i32, i32),
    /// Y with alpha.
    pub luma: Grid,
    /// U and V with alpha, at half the resolution.
    pub chroma: Grid,
}

impl Picture {
    /// Converts a picture that stands at (x, y) of the canvas.
    pub fn of(image: &Image, x: i32, y: i32) -> Self {
        let inset = (x & 1, y & 1);
        let width = (inset.0 as usize + image.width as usize).next_multiple_of(2);
        let height = (inset.1 as usize + image.height as usize).next_multiple_of(2);
        let mut picture =
            Self { x: x - inset.0, y: y - inset.1, inset, luma: Grid::new(width, height, 1), chroma: Grid::new(width / 2, height / 2, 2) };
        picture.update(image, 0, 0, image.width, image.height);
        picture
    }

    /// Converts a part of the picture again.
    pub fn update(&mut self, image: &Image, x: i32, y: i32, width: u32, height: u32) {
        let (x0, x1) = (x.max(0), x.saturating_add(width as i32).min(image.width as i32));
        let (y0, y1) = (y.max(0), y.saturating_add(height as i32).min(image.height as i32));
        if x0 >= x1 || y0 >= y1 {
            return;
        }
        for row in y0..y1 {
            let from = row as usize * image.width as usize;
            let pixels = &image.rgba.as_chunks::<4>().0[from + x0 as usize..from + x1 as usize];
            let to = self.luma.at(x0 + self.inset.0, row + self.inset.1);
            let (lumas, alphas) = (&mut self.luma.colours[0][to..], &mut self.luma.alpha[to..]);
            for ((p, luma), alpha) in pixels.iter().zip(lumas).zip(alphas) {
                *luma = luma_of(p);
                *alpha = p[3];
            }
        }
        // A chroma sample reads a luma column to each side.
        let (c0, c1) = ((x0 + self.inset.0 - 1) >> 1, (x1 + self.inset.0 + 2) >> 1);
        let (r0, r1) = ((y0 + self.inset.1) >> 1, (y1 + self.inset.1 + 1) >> 1);
        for row in r0.max(0)..r1.min(self.chroma.height) {
            for column in c0.max(0)..c1.min(self.chroma.width) {
                let [u, v, a] = chroma_of(image, 2 * column - self.inset.0, 2 * row - self.inset.1);
                let to = self.chroma.at(column, row);
                self.chroma.colours[0][to] = u;
                self.chroma.colours[1][to] = v;
                self.chroma.alpha[to] = a;
            }
        }
        self.luma.classify(y0 + self.inset.1, y1 + self.inset.1);
        self.chroma.classify(r0, r1);
    }
}

/// Premultiplied luma of premultiplied RGBA: 16 to 235 times alpha (BT.709, in 1/65536).
fn luma_of(&[r, g, b, a]: &[u8; 4]) -> u8 {
    let sum = 11_966 * u32::from(r) + 40_254 * u32::from(g) + 4_064 * u32::from(b) + 4_112 * u32::from(a) + 32_768;
    (sum >> 16) as u8
}

/// Premultiplied chroma and alpha where column `x` meets the border of rows `y` and `y + 1`: columns weigh 1, 2, 1. The
/// picture's edge is continued outwards.
fn chroma_of(image: &Image, x: i32, y: i32) -> [u8; 3] {
    let (right, bottom) = (image.width as i32 - 1, image.height as i32 - 1);
    let mut sum = [0_i32; 4];
    for row in [y, y + 1] {
        let start = row.clamp(0, bottom) as usize * image.width as usize;
        for (column, weight) in [(x - 1, 1), (x, 2), (x + 1, 1)] {
            let at = (start + column.clamp(0, right) as usize) * 4;
            for (sum, &c) in sum.iter_mut().zip(&image.rgba[at..at + 4]) {
                *sum += weight * i32::from(c);
            }
        }
    }
    let [r, g, b, a] = sum;
    let centre = 32_896 * a + (1 << 18);
    let u = (-6_596 * r - 22_189 * g + 28_785 * b + centre) >> 19;
    let v = (28_785 * r - 26_145 * g - 2_640 * b + centre) >> 19;
    [u as u8, v as u8, ((a + 4) >> 3) as u8]
}
