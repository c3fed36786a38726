//! Paper: colours, points, sheets and the planes they are glued to (art direction §1, §5).
//!
//! Every visible thing is a [`Piece`]: a closed outline, a flat colour or two-stop gradient, paper texture, and a shadow
//! on what lies behind it. Pieces are glued onto a [`Group`], which `light::finish` turns into a plane of the film.
//! Lengths are canvas pixels, y is down, colours are sRGB in 0–1 and blended in sRGB.

mod edge;
mod group;
mod raster;
mod texture;

#[cfg(test)]
mod tests;

pub use edge::{Edge, V2, spline, stroke};
pub use group::{Blend, Gradient, Group, Outline, Piece, disc};
pub use raster::{Cover, Rect, Rule, blur};
pub use texture::{Lay, TILE, Walk, tile, vnoise_in, vnoise2};

/// A colour, sRGB, 0–1 a channel (more is allowed while light is added up).
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Rgb(pub f32, pub f32, pub f32);

impl Rgb {
    /// White.
    pub const WHITE: Self = Self(1.0, 1.0, 1.0);
    /// Black.
    pub const BLACK: Self = Self(0.0, 0.0, 0.0);

    /// From `#rrggbb` or `#rgb`; mid grey when the text is no colour (looks are checked where they enter).
    pub fn hex(text: &str) -> Self {
        let digits: Option<Vec<u32>> = text.strip_prefix('#').unwrap_or(text).chars().map(|c| c.to_digit(16)).collect();
        let pair = |a: u32, b: u32| (a * 16 + b) as f32 / 255.0;
        match digits.as_deref() {
            Some([r, g, b]) => Self(pair(*r, *r), pair(*g, *g), pair(*b, *b)),
            Some([r, s, g, h, b, c]) => Self(pair(*r, *s), pair(*g, *h), pair(*b, *c)),
            _ => Self(0.5, 0.5, 0.5),
        }
    }

    /// A pixel's colour, were it opaque.
    pub fn of8(px: &[u8; 4]) -> Self {
        Self(f32::from(px[0]) / 255.0, f32::from(px[1]) / 255.0, f32::from(px[2]) / 255.0)
    }

    /// `a` and `t` parts of the way to `b`.
    pub fn mix(a: Self, b: Self, t: f32) -> Self {
        let m = |x: f32, y: f32| x * (1.0 - t) + y * t;
        Self(m(a.0, b.0), m(a.1, b.1), m(a.2, b.2))
    }

    /// Channel by channel product.
    #[allow(clippy::should_implement_trait, reason = "reads like mix and scale")]
    pub fn mul(self, other: Self) -> Self {
        Self(self.0 * other.0, self.1 * other.1, self.2 * other.2)
    }

    /// Brighter or darker by a factor, within 0–1.
    pub fn scale(self, k: f32) -> Self {
        let s = |v: f32| (v * k).clamp(0.0, 1.0);
        Self(s(self.0), s(self.1), s(self.2))
    }

    /// Mean of the channels.
    pub fn mean(self) -> f32 {
        (self.0 + self.1 + self.2) / 3.0
    }

    /// Perceived brightness (Rec. 601 weights).
    pub fn luma(self) -> f32 {
        self.0 * 0.299 + self.1 * 0.587 + self.2 * 0.114
    }

    /// The channels.
    pub fn channels(self) -> [f32; 3] {
        [self.0, self.1, self.2]
    }
}

/// A control point of an outline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pt {
    /// To the right.
    pub x: f32,
    /// Down.
    pub y: f32,
    /// Whether the outline bends sharply here.
    pub corner: bool,
}

/// A smooth point.
pub const fn p(x: f32, y: f32) -> Pt {
    Pt { x, y, corner: false }
}

/// A corner.
pub const fn c(x: f32, y: f32) -> Pt {
    Pt { x, y, corner: true }
}

/// Points between two outlines with the same number of points.
pub fn lerp(a: &[Pt], b: &[Pt], t: f32) -> Vec<Pt> {
    a.iter()
        .zip(b)
        .map(|(a, b)| Pt { x: a.x * (1.0 - t) + b.x * t, y: a.y * (1.0 - t) + b.y * t, corner: if t < 0.5 { a.corner } else { b.corner } })
        .collect()
}

/// Local units to canvas pixels: mirror, turn, scale, move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Xf {
    /// Where the local origin is, x.
    pub ox: f32,
    /// Where the local origin is, y.
    pub oy: f32,
    /// Pixels a unit.
    pub k: f32,
    /// 1, or −1 to mirror left and right.
    pub m: f32,
    /// Turn in radians, clockwise.
    pub r: f32,
}

impl Xf {
    /// Canvas pixels as they are.
    pub const ID: Self = Self { ox: 0.0, oy: 0.0, k: 1.0, m: 1.0, r: 0.0 };

    /// At a place, at a scale.
    pub const fn new(ox: f32, oy: f32, k: f32) -> Self {
        Self { ox, oy, k, m: 1.0, r: 0.0 }
    }

    /// Mirrored left and right.
    pub const fn mirrored(ox: f32, oy: f32, k: f32) -> Self {
        Self { ox, oy, k, m: -1.0, r: 0.0 }
    }

    /// Points on the canvas.
    pub fn apply(&self, points: &[Pt]) -> Vec<Pt> {
        let (c, s) = (libm::cosf(self.r), libm::sinf(self.r));
        points
            .iter()
            .map(|q| {
                let x = q.x * self.m;
                Pt { x: self.ox + (x * c - q.y * s) * self.k, y: self.oy + (x * s + q.y * c) * self.k, corner: q.corner }
            })
            .collect()
    }

    /// One point on the canvas.
    pub fn pt(&self, x: f32, y: f32) -> (f32, f32) {
        let q = self.apply(&[p(x, y)])[0];
        (q.x, q.y)
    }

    /// A system within this one: origin at (x, y), `k` times as large, turned by `r`, mirrored when `m` is −1.
    pub fn sub(&self, x: f32, y: f32, k: f32, r: f32, m: f32) -> Self {
        let (ox, oy) = self.pt(x, y);
        Self { ox, oy, k: self.k * k, m: self.m * m, r: self.r + r * self.m }
    }
}
