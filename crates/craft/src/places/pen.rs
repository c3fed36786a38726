//! A thin hand over the paper engine: it cuts pieces in local units, so that a place, a prop and a card are written once
//! and come out the same at every size. Coordinates, edges, shadows and blurs scale together.

use super::{palette::Style, rig::Stage};
use crate::paper::{Blend, Edge, Group, Outline, Piece, Pt, Rect, Rgb, Rule, Xf, p};
use crate::text::{Setting, Step};

/// A two-stop gradient: from, to, colour there and here.
type Ramp = ((f32, f32), (f32, f32), Rgb, Rgb);

/// How one sheet differs from a plain one. Lengths in local units.
#[derive(Clone, Copy)]
pub struct Sheet<'a> {
    edge: Edge,
    shadow: Option<(f32, f32, f32, f32)>,
    tex: f32,
    grad: Option<Ramp>,
    core: Option<Rgb>,
    k: f32,
    straight: bool,
    alpha: f32,
    clip: Option<&'a Outline>,
    blur: f32,
    blend: Blend,
}

impl<'a> Sheet<'a> {
    /// Scissors cut, shadow 2,3,3,.35, texture .5.
    pub fn plain() -> Self {
        Self {
            edge: Edge::Cut,
            shadow: Some((2.0, 3.0, 3.0, 0.35)),
            tex: 0.5,
            grad: None,
            core: None,
            k: 1.0,
            straight: false,
            alpha: 1.0,
            clip: None,
            blur: 0.0,
            blend: Blend::Over,
        }
    }
    /// Edge.
    pub fn edge(mut self, edge: Edge) -> Self {
        self.edge = edge;
        self
    }
    /// Knife cut with a fine edge.
    pub fn clean(self) -> Self {
        self.edge(Edge::Clean).k(0.5)
    }
    /// Shadow: offset, blur, strength.
    pub fn sh(mut self, dx: f32, dy: f32, blur: f32, alpha: f32) -> Self {
        self.shadow = Some((dx, dy, blur, alpha));
        self
    }
    /// No shadow.
    pub fn flat(mut self) -> Self {
        self.shadow = None;
        self
    }
    /// Texture strength.
    pub fn tex(mut self, tex: f32) -> Self {
        self.tex = tex;
        self
    }
    /// Gradient between two local points.
    pub fn grad(mut self, from: (f32, f32), to: (f32, f32), a: Rgb, b: Rgb) -> Self {
        self.grad = Some((from, to, a, b));
        self
    }
    /// Torn lip.
    pub fn core(mut self, core: Rgb) -> Self {
        self.core = Some(core);
        self
    }
    /// Scale of the edge's noise.
    pub fn k(mut self, k: f32) -> Self {
        self.k = k;
        self
    }
    /// Opacity.
    pub fn alpha(mut self, alpha: f32) -> Self {
        self.alpha = alpha;
        self
    }
    /// Clip.
    pub fn clip(mut self, clip: &'a Outline) -> Self {
        self.clip = Some(clip);
        self
    }
    /// Softness.
    pub fn blur(mut self, sigma: f32) -> Self {
        self.blur = sigma;
        self
    }
    /// Blend.
    pub fn blend(mut self, blend: Blend) -> Self {
        self.blend = blend;
        self
    }
}

/// A hand over a group, in local units.
pub struct Pen<'g> {
    /// The plane in the making.
    pub g: &'g mut Group,
    /// Local units to canvas pixels.
    pub xf: Xf,
    /// The style's transform; colours are mapped before they reach the pen.
    pub style: Style,
}

impl<'g> Pen<'g> {
    /// A hand in the units of the stage.
    pub fn new(g: &'g mut Group, stage: &Stage, style: Style) -> Self {
        Self { g, xf: stage.xf(), style }
    }

    /// The same hand in the units of a part: origin at (x, y), `k` times as large, mirrored when `m` is −1.
    pub fn at(&mut self, x: f32, y: f32, k: f32, m: f32) -> Pen<'_> {
        let xf = self.xf.sub(x, y, k, 0.0, m);
        Pen { g: self.g, xf, style: self.style }
    }

    /// The same hand, turned by `r` radians about (x, y).
    pub fn turned(&mut self, x: f32, y: f32, k: f32, r: f32) -> Pen<'_> {
        let xf = self.xf.sub(x, y, k, r, 1.0);
        Pen { g: self.g, xf, style: self.style }
    }

    fn glue(&mut self, points: &[Pt], color: Rgb, sheet: Sheet) -> Outline {
        let s = self.xf.k;
        if self.is_outside(points, 8.0 * sheet.k * s + 3.0 * sheet.blur * s + 2.0) {
            return Outline::new(Vec::new(), Rule::NonZero);
        }
        let mut piece = Piece::new(points, color).xf(&self.xf).edge(sheet.edge).k(sheet.k * s * self.style.edge()).tex(sheet.tex);
        piece = self.dress(piece, &sheet);
        if sheet.straight {
            piece = piece.straight();
        }
        if let Some(core) = sheet.core {
            piece = piece.core(core);
        }
        self.g.piece(&piece)
    }

    /// Whether points, and `reach` pixels around them, lie outside the plane: a sheet off the stage is not worth cutting.
    fn is_outside(&self, points: &[Pt], reach: f32) -> bool {
        let q = self.xf.apply(points);
        let fold = |f: fn(f32, f32) -> f32, start: f32, of: fn(&Pt) -> f32| q.iter().map(of).fold(start, f);
        let w = self.g.window;
        fold(f32::max, f32::MIN, |q| q.x) + reach < w.x as f32
            || fold(f32::min, f32::MAX, |q| q.x) - reach > w.right() as f32
            || fold(f32::max, f32::MIN, |q| q.y) + reach < w.y as f32
            || fold(f32::min, f32::MAX, |q| q.y) - reach > w.bottom() as f32
    }

    fn dress<'a>(&self, mut piece: Piece<'a>, sheet: &Sheet<'a>) -> Piece<'a> {
        let s = self.xf.k;
        piece = match sheet.shadow {
            Some((dx, dy, blur, a)) if a > 0.0 => {
                piece.shadow(dx * s * self.xf.m, dy * s, (blur * s * self.style.softness()).max(0.4), (a * self.style.shadow()).min(0.9))
            }
            _ => piece.no_shadow(),
        };
        if let Some((from, to, a, b)) = sheet.grad {
            piece = piece.grad(self.xf.pt(from.0, from.1), self.xf.pt(to.0, to.1), a, b);
        }
        if let Some(clip) = sheet.clip {
            piece = piece.clip(clip);
        }
        if sheet.blur > 0.0 {
            piece = piece.blur(sheet.blur * s);
        }
        piece.alpha(sheet.alpha).blend(sheet.blend).tex(sheet.tex * self.style.texture())
    }

    /// A sheet through control points; corners where a point says so.
    pub fn shape<'a>(&mut self, points: &[Pt], color: Rgb, f: impl FnOnce(Sheet<'a>) -> Sheet<'a>) -> Outline {
        self.glue(points, color, f(Sheet::plain()))
    }

    /// A sheet through smooth points.
    pub fn curve<'a>(&mut self, points: &[(f32, f32)], color: Rgb, f: impl FnOnce(Sheet<'a>) -> Sheet<'a>) -> Outline {
        self.glue(&smooth(points), color, f(Sheet::plain()))
    }

    /// A sheet with straight sides.
    pub fn poly<'a>(&mut self, points: &[(f32, f32)], color: Rgb, f: impl FnOnce(Sheet<'a>) -> Sheet<'a>) -> Outline {
        let mut sheet = f(Sheet::plain());
        sheet.straight = true;
        self.glue(&smooth(points), color, sheet)
    }

    /// A rectangle with straight sides.
    pub fn rect<'a>(&mut self, x0: f32, y0: f32, x1: f32, y1: f32, color: Rgb, f: impl FnOnce(Sheet<'a>) -> Sheet<'a>) -> Outline {
        self.poly(&[(x0, y0), (x1, y0), (x1, y1), (x0, y1)], color, f)
    }

    /// A disc.
    pub fn disc<'a>(&mut self, x: f32, y: f32, r: f32, color: Rgb, f: impl FnOnce(Sheet<'a>) -> Sheet<'a>) -> Outline {
        self.ellipse(x, y, r, r, color, f)
    }

    /// An ellipse.
    pub fn ellipse<'a>(&mut self, x: f32, y: f32, rx: f32, ry: f32, color: Rgb, f: impl FnOnce(Sheet<'a>) -> Sheet<'a>) -> Outline {
        let points: Vec<Pt> = crate::paper::disc(0.0, 0.0, 1.0).iter().map(|q| p(x + q.x * rx, y + q.y * ry)).collect();
        self.glue(&points, color, f(Sheet::plain()))
    }

    /// A line of a width with round ends; a smooth one when `curved`.
    pub fn line(&mut self, points: &[(f32, f32)], color: Rgb, width: f32, alpha: f32, curved: bool) {
        let xf = self.xf;
        self.g.line(&smooth(points), color, (width * xf.k).max(0.6), &xf, alpha, curved);
    }

    /// The outline of a shape, not glued.
    pub fn outline(&self, points: &[(f32, f32)]) -> Outline {
        let q = self.xf.apply(&smooth(points));
        Outline::new(vec![q.iter().map(|q| [q.x, q.y]).collect()], Rule::NonZero)
    }

    /// Letters, their origin at (x, y), `k` local units per pixel of their setting.
    pub fn words<'a>(&mut self, setting: &Setting, x: f32, y: f32, k: f32, color: Rgb, f: impl FnOnce(Sheet<'a>) -> Sheet<'a>) {
        let sheet = f(Sheet::plain());
        let xf = self.xf.sub(x, y, k, 0.0, 1.0);
        let outline = letters(setting, &xf);
        if outline.polys().is_empty() {
            return;
        }
        let piece = Piece::ready(&outline, color);
        let piece = self.dress(piece, &sheet);
        self.g.piece(&piece);
    }

    /// A piece with a hole: outer and inner contours by the even-odd rule.
    pub fn frame<'a>(&mut self, contours: &[Vec<(f32, f32)>], color: Rgb, f: impl FnOnce(Sheet<'a>) -> Sheet<'a>) -> Outline {
        let sheet = f(Sheet::plain());
        let polys = contours.iter().map(|c| self.xf.apply(&smooth(c)).iter().map(|q| [q.x, q.y]).collect()).collect();
        let outline = Outline::new(polys, Rule::EvenOdd);
        let piece = Piece::ready(&outline, color);
        let piece = self.dress(piece, &sheet);
        self.g.piece(&piece)
    }
}

/// Points without corners.
pub fn smooth(points: &[(f32, f32)]) -> Vec<Pt> {
    points.iter().map(|q| p(q.0, q.1)).collect()
}

/// A window of the stage as a group: the rectangle in view units, within the overscan.
pub fn group(stage: &Stage, x0: f32, y0: f32, x1: f32, y1: f32, seed: u64) -> Group {
    let (u, (ox, oy)) = (stage.u, stage.origin);
    let want =
        Rect::edges((x0 * u + ox).floor() as i32, (y0 * u + oy).floor() as i32, (x1 * u + ox).ceil() as i32, (y1 * u + oy).ceil() as i32);
    let want = want.meet(&stage.rect());
    if want.is_empty() { Group::window(-stage.mx, -stage.my, 1, 1, seed) } else { Group::of(want, seed) }
}

/// A group over the stage from `y` down.
pub fn band(stage: &Stage, y: f32, seed: u64) -> Group {
    group(stage, stage.left(), y, stage.right(), stage.bottom(), seed)
}

/// The whole stage with its overscan as a group.
pub fn sheet(stage: &Stage, seed: u64) -> Group {
    Group::of(stage.rect(), seed)
}

/// Set words as one outline.
pub(crate) fn letters(setting: &Setting, xf: &Xf) -> Outline {
    let at = |x: f32, y: f32| {
        let (a, b) = xf.pt(x, y);
        [a, b]
    };
    let mut polys: Vec<Vec<[f32; 2]>> = Vec::new();
    let mut now: Vec<[f32; 2]> = Vec::new();
    let bends = ((setting.size * xf.k * 0.12) as usize).clamp(3, 12);
    for step in &setting.outline {
        let last = now.last().copied().unwrap_or([0.0, 0.0]);
        match *step {
            Step::Move(x, y) => {
                if now.len() > 2 {
                    polys.push(std::mem::take(&mut now));
                }
                now.clear();
                now.push(at(x, y));
            }
            Step::Line(x, y) => now.push(at(x, y)),
            Step::Quad(a, b, x, y) => {
                let (q, r) = (at(a, b), at(x, y));
                for i in 1..=bends {
                    let t = i as f32 / bends as f32;
                    let s = 1.0 - t;
                    now.push([0, 1].map(|i| s * s * last[i] + 2.0 * s * t * q[i] + t * t * r[i]));
                }
            }
            Step::Cubic(a, b, d, e, x, y) => {
                let (q, o, r) = (at(a, b), at(d, e), at(x, y));
                for i in 1..=bends {
                    let t = i as f32 / bends as f32;
                    let s = 1.0 - t;
                    now.push([0, 1].map(|i| s * s * s * last[i] + 3.0 * s * s * t * q[i] + 3.0 * s * t * t * o[i] + t * t * t * r[i]));
                }
            }
            Step::Close => {
                if now.len() > 2 {
                    polys.push(std::mem::take(&mut now));
                }
                now.clear();
            }
        }
    }
    if now.len() > 2 {
        polys.push(now);
    }
    Outline::new(polys, Rule::NonZero)
}
