//! Sheets glued onto a plane.

use std::{borrow::Cow, sync::Arc};

use contracts::Seed;
use tiny_skia::{Path, PathSegment, Pixmap};

use super::{
    Pt, Rgb, Xf,
    edge::{Edge, V2, inside, rough, spline, stroke},
    raster::{Cover, Rect, Rule},
    texture::{Lay, tile},
};

/// The colour of shadows between sheets: never pure black.
const SHADOW: Rgb = Rgb(6.0 / 255.0, 5.0 / 255.0, 16.0 / 255.0);

/// How a sheet meets what lies under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blend {
    /// Covers it.
    Over,
    /// Darkens it by its colour; what is transparent stays so.
    Multiply,
    /// Lightens it by its colour; what is transparent stays so.
    Screen,
}

/// Two colours along a line of canvas pixels.
#[derive(Clone, Copy, Debug)]
pub struct Gradient {
    /// Where `a` ends.
    pub from: (f32, f32),
    /// Where `b` begins.
    pub to: (f32, f32),
    /// First colour.
    pub a: Rgb,
    /// Second colour.
    pub b: Rgb,
}

/// A finished outline: what a piece was cut to, a stroke, or letters. Usable as clip and as the shape of further pieces.
#[derive(Clone, Debug)]
pub struct Outline {
    polys: Arc<Vec<Vec<V2>>>,
    rule: Rule,
    /// Its coverage where it was painted.
    cover: Option<Arc<Cover>>,
}

impl Outline {
    /// Closed polygons in canvas pixels.
    pub fn new(polys: Vec<Vec<V2>>, rule: Rule) -> Self {
        Self { polys: Arc::new(polys), rule, cover: None }
    }

    /// The spline through points, without any roughness.
    pub fn smooth(points: &[Pt], xf: &Xf, step: f32) -> Self {
        Self::new(vec![spline(&xf.apply(points), true, step)], Rule::NonZero)
    }

    /// The contours of a path, curves flattened to about a quarter of a pixel.
    pub fn path(path: &Path, rule: Rule) -> Self {
        let mut polys: Vec<Vec<V2>> = Vec::new();
        let mut now: Vec<V2> = Vec::new();
        let flush = |now: &mut Vec<V2>, polys: &mut Vec<Vec<V2>>| {
            if now.len() > 2 {
                polys.push(core::mem::take(now));
            }
            now.clear();
        };
        let steps = |a: V2, b: V2| ((((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1])).sqrt() * 0.5) as usize).clamp(3, 64);
        for segment in path.segments() {
            let last = now.last().copied().unwrap_or([0.0, 0.0]);
            match segment {
                PathSegment::MoveTo(q) => {
                    flush(&mut now, &mut polys);
                    now.push([q.x, q.y]);
                }
                PathSegment::LineTo(q) => now.push([q.x, q.y]),
                PathSegment::QuadTo(m, q) => {
                    let n = steps(last, [q.x, q.y]);
                    for i in 1..=n {
                        let t = i as f32 / n as f32;
                        let u = 1.0 - t;
                        let f = |a: f32, b: f32, c: f32| u * u * a + 2.0 * u * t * b + t * t * c;
                        now.push([f(last[0], m.x, q.x), f(last[1], m.y, q.y)]);
                    }
                }
                PathSegment::CubicTo(m, o, q) => {
                    let n = steps(last, [q.x, q.y]);
                    for i in 1..=n {
                        let t = i as f32 / n as f32;
                        let u = 1.0 - t;
                        let f = |a: f32, b: f32, c: f32, d: f32| u * u * u * a + 3.0 * u * u * t * b + 3.0 * u * t * t * c + t * t * t * d;
                        now.push([f(last[0], m.x, o.x, q.x), f(last[1], m.y, o.y, q.y)]);
                    }
                }
                PathSegment::Close => flush(&mut now, &mut polys),
            }
        }
        flush(&mut now, &mut polys);
        Self::new(polys, rule)
    }

    /// Bounds in whole pixels.
    pub fn bounds(&self) -> Rect {
        Rect::around(&self.polys)
    }

    /// Its polygons, canvas pixels.
    pub fn polys(&self) -> &[Vec<V2>] {
        &self.polys
    }

    /// The same outline with every point moved.
    pub fn map(&self, f: impl Fn(V2) -> V2) -> Self {
        Self::new(self.polys.iter().map(|poly| poly.iter().map(|&q| f(q)).collect()).collect(), self.rule)
    }

    /// Coverage at least where it meets `window`.
    fn cover_in(&self, window: Rect) -> Arc<Cover> {
        let need = self.bounds().meet(&window);
        match &self.cover {
            Some(c) if c.rect.holds(&need) => Arc::clone(c),
            _ => Arc::new(Cover::fill(&self.polys, self.rule, need)),
        }
    }
}

enum Shape<'a> {
    Points(Cow<'a, [Pt]>),
    Ready(&'a Outline),
}

/// A sheet before it is glued down. Defaults: scissors edge, shadow 2,3,3,.35, texture .5.
pub struct Piece<'a> {
    shape: Shape<'a>,
    color: Rgb,
    edge: Edge,
    xf: Xf,
    shadow: Option<(f32, f32, f32, f32)>,
    tex: f32,
    grad: Option<Gradient>,
    core: Option<Rgb>,
    k: f32,
    straight: bool,
    alpha: f32,
    clip: Option<&'a Outline>,
    blur: f32,
    blend: Blend,
    key: Option<Cow<'a, str>>,
}

impl<'a> Piece<'a> {
    /// A sheet through control points.
    pub fn new(points: impl Into<Cow<'a, [Pt]>>, color: Rgb) -> Self {
        Self::of(Shape::Points(points.into()), color)
    }

    /// A sheet of a finished outline (canvas pixels), cut exactly: letters, or the same outline again.
    pub fn ready(outline: &'a Outline, color: Rgb) -> Self {
        Self::of(Shape::Ready(outline), color)
    }

    fn of(shape: Shape<'a>, color: Rgb) -> Self {
        Self {
            shape,
            color,
            edge: Edge::Cut,
            xf: Xf::ID,
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
            key: None,
        }
    }

    /// How it was cut.
    pub fn edge(mut self, edge: Edge) -> Self {
        self.edge = edge;
        self
    }

    /// Where its points are.
    pub fn xf(mut self, xf: &Xf) -> Self {
        self.xf = *xf;
        self
    }

    /// Its shadow: offset in pixels, blur (sigma) in pixels, strength 0–1.
    pub fn shadow(mut self, dx: f32, dy: f32, blur: f32, alpha: f32) -> Self {
        self.shadow = Some((dx, dy, blur, alpha));
        self
    }

    /// As [`Self::shadow`], in one value; `None` casts none.
    pub fn cast(mut self, shadow: Option<(f32, f32, f32, f32)>) -> Self {
        self.shadow = shadow;
        self
    }

    /// Casts no shadow.
    pub fn no_shadow(mut self) -> Self {
        self.shadow = None;
        self
    }

    /// Strength of the paper texture, 0–1.
    pub fn tex(mut self, tex: f32) -> Self {
        self.tex = tex;
        self
    }

    /// A two-stop gradient between two canvas points instead of the flat colour.
    pub fn grad(mut self, from: (f32, f32), to: (f32, f32), a: Rgb, b: Rgb) -> Self {
        self.grad = Some(Gradient { from, to, a, b });
        self
    }

    /// The torn core under the sheet: a lip of this colour shows at the edge. Land, sea, cloud and plates only.
    pub fn core(mut self, color: Rgb) -> Self {
        self.core = Some(color);
        self
    }

    /// Scale of the edge's noise.
    pub fn k(mut self, k: f32) -> Self {
        self.k = k;
        self
    }

    /// Straight lines between the points instead of a spline.
    pub fn straight(mut self) -> Self {
        self.straight = true;
        self
    }

    /// Opacity, 0–1.
    pub fn alpha(mut self, alpha: f32) -> Self {
        self.alpha = alpha;
        self
    }

    /// Only within this outline.
    pub fn clip(mut self, outline: &'a Outline) -> Self {
        self.clip = Some(outline);
        self
    }

    /// Softens the sheet itself (sigma in pixels); a soft sheet has no texture.
    pub fn blur(mut self, sigma: f32) -> Self {
        self.blur = sigma;
        self
    }

    /// How it meets what is under it.
    pub fn blend(mut self, blend: Blend) -> Self {
        self.blend = blend;
        self
    }

    /// Names the piece within its group: its edge and texture then stay the same when its points move. Without a key they
    /// come from the points themselves.
    pub fn key(mut self, key: impl Into<Cow<'a, str>>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// The line through its points (canvas pixels), before its edge is cut; none of fewer than three.
    fn line(&self, points: &[Pt]) -> Option<Vec<V2>> {
        let line: Vec<V2> = if self.straight { points.iter().map(|q| [q.x, q.y]).collect() } else { spline(points, true, 3.0) };
        (line.len() >= 3).then_some(line)
    }

    fn seed(&self, group: u64, points: &[Pt]) -> Seed {
        if let Some(key) = &self.key {
            return Seed::of(&[&format!("{group:016x}"), key]);
        }
        let mut h = group ^ 0x9E37_79B9_7F4A_7C15;
        let mut add = |v: u64| h = (h ^ v).wrapping_mul(0x0000_0100_0000_01B3).rotate_left(23);
        for q in points {
            add((q.x * 16.0).round() as i64 as u64);
            add((q.y * 16.0).round() as i64 as u64);
        }
        add(self.edge as u64);
        Seed::new(h)
    }
}

/// Points of a disc.
pub fn disc(x: f32, y: f32, r: f32) -> Vec<Pt> {
    (0..14)
        .map(|i| {
            let a = core::f32::consts::TAU * i as f32 / 14.0;
            super::p(x + r * libm::cosf(a), y + r * libm::sinf(a))
        })
        .collect()
}

/// One plane in the making: a window of the canvas that pieces are glued onto. Coordinates stay canvas coordinates.
pub struct Group {
    /// The window.
    pub window: Rect,
    /// Premultiplied RGBA of the window.
    pub pixmap: Pixmap,
    /// What edges and textures are drawn from.
    pub seed: u64,
    clip: Option<Outline>,
}

impl Group {
    /// A plane the size of a canvas.
    pub fn new(width: u32, height: u32, seed: u64) -> Self {
        Self::window(0, 0, width, height, seed)
    }

    /// A window of a plane: what lies outside is not painted. Leave room for the plane's own shadow and blur
    /// (`Lit::margin`).
    pub fn window(x: i32, y: i32, w: u32, h: u32, seed: u64) -> Self {
        // Sizes are frame sizes: never near the 2^29 pixels at which a pixmap refuses; an absurd one becomes a single pixel.
        let (w, h) = (w.max(1), h.max(1));
        let made = Pixmap::new(w, h).map(|p| (Rect::new(x, y, w as i32, h as i32), p));
        let (window, pixmap) = made.or_else(|| Pixmap::new(1, 1).map(|p| (Rect::new(x, y, 1, 1), p))).expect("one pixel can be allocated");
        Self { window, pixmap, seed, clip: None }
    }

    /// A window by rectangle.
    pub fn of(rect: Rect, seed: u64) -> Self {
        Self::window(rect.x, rect.y, rect.w as u32, rect.h as u32, seed)
    }

    /// Everything glued from now on stays within this outline; `None` lifts it.
    pub fn set_clip(&mut self, clip: Option<&Outline>) {
        self.clip = clip.map(|o| Outline { cover: Some(o.cover_in(self.window)), ..o.clone() });
    }

    /// The outline a sheet will be cut to, without gluing it.
    pub fn cut(&self, piece: &Piece) -> Outline {
        match &piece.shape {
            Shape::Ready(outline) => (*outline).clone(),
            Shape::Points(points) => {
                let points = piece.xf.apply(points);
                let mut seed = piece.seed(self.seed, &points);
                Outline::new(
                    piece.line(&points).map(|line| rough(&line, piece.edge, piece.k, &mut seed)).into_iter().collect(),
                    Rule::NonZero,
                )
            }
        }
    }

    /// Glues a sheet and returns its outline.
    pub fn piece(&mut self, piece: &Piece) -> Outline {
        let mut seed;
        let (mut outline, upper) = match &piece.shape {
            Shape::Ready(outline) => {
                seed =
                    piece.seed(self.seed ^ outline.polys.first().and_then(|p| p.first()).map_or(0, |q| (q[0] * 64.0) as i64 as u64), &[]);
                ((*outline).clone(), None)
            }
            Shape::Points(points) => {
                let points = piece.xf.apply(points);
                seed = piece.seed(self.seed, &points);
                let Some(line) = piece.line(&points) else {
                    return Outline::new(Vec::new(), Rule::NonZero);
                };
                let cut = rough(&line, piece.edge, piece.k, &mut seed);
                let upper = piece.core.map(|_| vec![inside(&cut, piece.k, &mut seed)]);
                (Outline::new(vec![cut], Rule::NonZero), upper)
            }
        };
        let lay = Lay::nth(seed.below(24));
        let bounds = outline.bounds();
        let shadow = piece.shadow.filter(|s| s.3 > 0.0);
        let reach = shadow.map_or(0.0, |(dx, dy, blur, _)| 3.0 * blur + dx.abs().max(dy.abs()));
        let reach = reach.max(3.0 * piece.blur) as i32 + 2;
        if bounds.grow(reach).meet(&self.window).is_empty() {
            return outline;
        }
        // What lies outside the window matters only as far as its shadow or blur reaches in.
        let work = bounds.meet(&self.window.grow(reach + 12));
        let cover = Arc::new(Cover::fill(&outline.polys, outline.rule, work));
        outline.cover = Some(Arc::clone(&cover));
        let clips: Vec<Arc<Cover>> = piece.clip.iter().chain(self.clip.as_ref().iter()).map(|o| o.cover_in(self.window)).collect();
        if let Some((dx, dy, blur, alpha)) = shadow {
            let out = bounds.grow((3.0 * blur) as i32 + 2);
            let moved = (dx.round() as i32, dy.round() as i32);
            let out = out.meet(&self.window.offset(-moved.0, -moved.1));
            let mut soft = cover.blurred(blur, out, false);
            soft.rect = soft.rect.offset(moved.0, moved.1);
            let hidden =
                (piece.alpha >= 1.0 && piece.blur <= 0.0 && piece.blend == Blend::Over && piece.clip.is_none() && self.clip.is_none())
                    .then_some(&*cover);
            self.shade(&soft, alpha, &clips, hidden);
        }
        let mut sheet = Paint { color: piece.color, grad: piece.grad, tex: piece.tex, alpha: piece.alpha, blend: piece.blend, lay };
        if let (Some(core), Some(upper)) = (piece.core, upper) {
            let under = Paint { color: core, grad: None, tex: 0.0, alpha: piece.alpha, blend: piece.blend, lay };
            self.lay_down(&cover, &under, &clips);
            let upper = Cover::fill(&upper, Rule::NonZero, work);
            let mut clips = clips;
            clips.push(Arc::clone(&cover));
            self.lay_down(&upper, &sheet, &clips);
        } else if piece.blur > 0.0 {
            sheet.tex = 0.0;
            let soft = cover.blurred(piece.blur, bounds.grow((3.0 * piece.blur) as i32 + 2).meet(&self.window), false);
            self.lay_down(&soft, &sheet, &clips);
        } else {
            self.lay_down(&cover, &sheet, &clips);
        }
        outline
    }

    /// A line with round ends, `width` pixels wide, through points; smooth when `smooth` is set.
    pub fn line(&mut self, points: &[Pt], color: Rgb, width: f32, xf: &Xf, alpha: f32, smooth: bool) {
        self.line_in(points, color, width, xf, alpha, smooth, None);
    }

    /// As [`Self::line`], within an outline.
    #[allow(clippy::too_many_arguments, reason = "a line is these numbers")]
    pub fn line_in(&mut self, points: &[Pt], color: Rgb, width: f32, xf: &Xf, alpha: f32, smooth: bool, clip: Option<&Outline>) {
        let points = xf.apply(points);
        let line = if smooth { spline(&points, false, 3.0) } else { points.iter().map(|q| [q.x, q.y]).collect() };
        let outline = Outline::new(stroke(&line, width, smooth), Rule::NonZero);
        let mut piece = Piece::ready(&outline, color).no_shadow().tex(0.0).alpha(alpha);
        if let Some(clip) = clip {
            piece = piece.clip(clip);
        }
        self.piece(&piece);
    }

    /// A disc; `style` sets what differs from a plain piece.
    pub fn disc<'a>(&mut self, x: f32, y: f32, r: f32, color: Rgb, style: impl FnOnce(Piece<'a>) -> Piece<'a>) -> Outline {
        let piece = style(Piece::new(disc(x, y, r), color));
        self.piece(&piece)
    }

    /// Darkens by a soft mask in the shadow colour.
    fn shade(&mut self, soft: &Cover, alpha: f32, clips: &[Arc<Cover>], hidden: Option<&Cover>) {
        let area = soft.rect.meet(&self.window);
        if area.is_empty() {
            return;
        }
        let color = [byte(SHADOW.0), byte(SHADOW.1), byte(SHADOW.2)];
        let strength = (alpha.clamp(0.0, 1.0) * 256.0) as u32;
        let (window, stride) = (self.window, self.window.w as usize * 4);
        let data = self.pixmap.data_mut();
        let mut mask = vec![0u8; area.w as usize];
        for y in area.y..area.bottom() {
            mask.copy_from_slice(soft.row(y, area.x, area.w));
            clip_row(&mut mask, y, area.x, clips);
            let start = (y - window.y) as usize * stride + (area.x - window.x) as usize * 4;
            let line = &mut data[start..start + area.w as usize * 4];
            for (i, (px, &m)) in line.chunks_exact_mut(4).zip(&mask).enumerate() {
                if m == 0 || hidden.is_some_and(|h| h.at(area.x + i as i32, y) == 255) {
                    continue;
                }
                let a = (u32::from(m) * strength) >> 8;
                over(px, color, a);
            }
        }
    }

    fn lay_down(&mut self, cover: &Cover, paint: &Paint, clips: &[Arc<Cover>]) {
        let area = cover.rect.meet(&self.window);
        if area.is_empty() {
            return;
        }
        let strength = (paint.alpha.clamp(0.0, 1.0) * 256.0 + 0.5) as u32;
        let ramp = Ramp::new(paint);
        let tile = tile();
        let (window, stride) = (self.window, self.window.w as usize * 4);
        let data = self.pixmap.data_mut();
        let mut mask = vec![0u8; area.w as usize];
        for y in area.y..area.bottom() {
            mask.copy_from_slice(cover.row(y, area.x, area.w));
            clip_row(&mut mask, y, area.x, clips);
            let Some(first) = mask.iter().position(|&m| m > 0) else { continue };
            let last = mask.iter().rposition(|&m| m > 0).unwrap_or(first);
            let x0 = area.x + first as i32;
            let start = (y - window.y) as usize * stride + (x0 - window.x) as usize * 4;
            let line = &mut data[start..start + (last + 1 - first) * 4];
            let mut walk = paint.lay.row(x0, y);
            for (i, (px, &m)) in line.chunks_exact_mut(4).zip(&mask[first..=last]).enumerate() {
                let t = if ramp.textured { walk.next(tile) } else { 128 };
                if m == 0 {
                    continue;
                }
                let color = ramp.color(x0 + i as i32, y, t);
                let a = (u32::from(m) * strength) >> 8;
                match paint.blend {
                    Blend::Over => over(px, color, a),
                    Blend::Multiply => {
                        for (d, c) in px.iter_mut().zip(color) {
                            *d = div255(u32::from(*d) * (255 - a + div255(a * u32::from(c)))) as u8;
                        }
                    }
                    Blend::Screen => {
                        let full = u32::from(px[3]);
                        for (d, c) in px.iter_mut().zip(color) {
                            let v = u32::from(*d).min(full);
                            *d = (v + div255(div255(a * u32::from(c)) * (full - v))).min(255) as u8;
                        }
                    }
                }
            }
        }
    }
}

fn clip_row(mask: &mut [u8], y: i32, x0: i32, clips: &[Arc<Cover>]) {
    for clip in clips {
        let r = clip.rect;
        if y < r.y || y >= r.bottom() {
            mask.fill(0);
            return;
        }
        let (lo, hi) = ((r.x - x0).clamp(0, mask.len() as i32) as usize, (r.right() - x0).clamp(0, mask.len() as i32) as usize);
        mask[..lo].fill(0);
        mask[hi.max(lo)..].fill(0);
        if hi > lo {
            for (m, &c) in mask[lo..hi].iter_mut().zip(clip.row(y, x0 + lo as i32, (hi - lo) as i32)) {
                *m = div255(u32::from(*m) * u32::from(c)) as u8;
            }
        }
    }
}

fn byte(v: f32) -> u8 {
    (v.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}

/// x / 255 rounded, for x ≤ 65025.
#[inline]
fn div255(x: u32) -> u32 {
    let x = x + 128;
    (x + (x >> 8)) >> 8
}

#[inline]
fn over(px: &mut [u8], color: [u8; 3], a: u32) {
    if a >= 255 {
        px[0] = color[0];
        px[1] = color[1];
        px[2] = color[2];
        px[3] = 255;
        return;
    }
    let keep = 255 - a;
    px[0] = div255(u32::from(color[0]) * a + u32::from(px[0]) * keep) as u8;
    px[1] = div255(u32::from(color[1]) * a + u32::from(px[1]) * keep) as u8;
    px[2] = div255(u32::from(color[2]) * a + u32::from(px[2]) * keep) as u8;
    px[3] = div255(255 * a + u32::from(px[3]) * keep) as u8;
}

struct Paint {
    color: Rgb,
    grad: Option<Gradient>,
    tex: f32,
    alpha: f32,
    blend: Blend,
    lay: Lay,
}

/// The colours of a sheet: along its gradient and under its texture.
struct Ramp {
    textured: bool,
    /// Colour by texture value, for a flat sheet.
    flat: Vec<[u8; 3]>,
    /// For a gradient, 256 steps of colour and of what soft light takes and gives there.
    steps: Vec<[[f32; 3]; 3]>,
    light: Vec<f32>,
    origin: (f32, f32),
    dir: (f32, f32),
}

impl Ramp {
    fn new(paint: &Paint) -> Self {
        let textured = paint.tex > 0.0;
        let light: Vec<f32> = (0..256).map(|t| if textured { (2.0 * t as f32 / 255.0 - 1.0) * paint.tex } else { 0.0 }).collect();
        let mut ramp = Self { textured, flat: Vec::new(), steps: Vec::new(), light, origin: (0.0, 0.0), dir: (0.0, 0.0) };
        match paint.grad {
            None => {
                let parts = soft_light(paint.color);
                ramp.flat = ramp.light.iter().map(|&k| shine(&parts, k)).collect();
            }
            Some(g) => {
                let (dx, dy) = (g.to.0 - g.from.0, g.to.1 - g.from.1);
                let square = (dx * dx + dy * dy).max(1e-6);
                ramp.origin = g.from;
                ramp.dir = (dx / square * 255.0, dy / square * 255.0);
                ramp.steps = (0..256).map(|i| soft_light(Rgb::mix(g.a, g.b, i as f32 / 255.0))).collect();
            }
        }
        ramp
    }

    #[inline]
    fn color(&self, x: i32, y: i32, t: u8) -> [u8; 3] {
        if self.steps.is_empty() {
            return self.flat[t as usize];
        }
        let along = (x as f32 + 0.5 - self.origin.0) * self.dir.0 + (y as f32 + 0.5 - self.origin.1) * self.dir.1;
        shine(&self.steps[(along.clamp(0.0, 255.0) + 0.5) as usize], self.light[t as usize])
    }
}

/// A colour, what full dark takes from it and what full light adds, by the W3C soft-light formula.
fn soft_light(color: Rgb) -> [[f32; 3]; 3] {
    let base = color.channels().map(|v| v.clamp(0.0, 1.0));
    let less = base.map(|v| v * (1.0 - v));
    let more = base.map(|v| (if v > 0.25 { v.sqrt() } else { ((16.0 * v - 12.0) * v + 4.0) * v }) - v);
    [base, less, more]
}

#[inline]
fn shine(parts: &[[f32; 3]; 3], k: f32) -> [u8; 3] {
    let by = if k < 0.0 { &parts[1] } else { &parts[2] };
    [0, 1, 2].map(|i| ((parts[0][i] + k * by[i]).clamp(0.0, 1.0) * 255.0 + 0.5) as u8)
}
