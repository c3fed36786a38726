//! Light: what turns glued paper into a plane of the film, and the planes that are light alone (art direction §3, §5, §6).
//!
//! [`finish`] blurs a group, casts its shadow on what is behind it, lights it, rims it, hazes it and grains it. [`glow`],
//! [`beam`], [`fog`], [`vignette`] and [`rad`] are planes of their own. All planes are composited by ordinary "over".
//! Everything is seeded by content and canvas position: a pixel is the same in every window it is computed in.

mod air;

#[cfg(test)]
mod tests;

pub use air::{Bands, beam, beam_with, fog, glow, mask, rad, rad_squeezed, sky, vignette};

use contracts::Seed;

use crate::paper::{Cover, Group, Rect, Rgb, TILE, blur, tile};

/// A finished plane: premultiplied RGBA, 8 bits a channel, placed on the canvas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plane {
    /// Left edge on the canvas.
    pub x: i32,
    /// Upper edge on the canvas.
    pub y: i32,
    /// Width in pixels.
    pub w: u32,
    /// Height in pixels.
    pub h: u32,
    /// Row by row, premultiplied; no channel exceeds alpha.
    pub rgba: Vec<u8>,
}

impl Plane {
    /// Where it is.
    pub fn rect(&self) -> Rect {
        Rect::new(self.x, self.y, self.w as i32, self.h as i32)
    }

    /// The same picture with straight alpha, as PNG stores it.
    pub fn straight(&self) -> Vec<u8> {
        let mut out = self.rgba.clone();
        for px in out.chunks_exact_mut(4) {
            let a = u32::from(px[3]);
            if a > 0 && a < 255 {
                for v in &mut px[..3] {
                    *v = ((u32::from(*v) * 255 + a / 2) / a).min(255) as u8;
                }
            }
        }
        out
    }

    /// The part within `rect`; what lies outside the plane is transparent.
    pub fn crop(&self, rect: Rect) -> Self {
        let mut rgba = vec![0u8; rect.area() * 4];
        let inner = rect.meet(&self.rect());
        for y in inner.y..inner.bottom() {
            let from = ((y - self.y) as usize * self.w as usize + (inner.x - self.x) as usize) * 4;
            let to = ((y - rect.y) as usize * rect.w as usize + (inner.x - rect.x) as usize) * 4;
            let n = inner.w as usize * 4;
            rgba[to..to + n].copy_from_slice(&self.rgba[from..from + n]);
        }
        Self { x: rect.x, y: rect.y, w: rect.w as u32, h: rect.h as u32, rgba }
    }

    /// Cut to what is not transparent; 1×1 and empty when nothing is.
    pub fn trimmed(&self) -> Self {
        let (w, h) = (self.w as usize, self.h as usize);
        let (mut x0, mut x1, mut y0, mut y1) = (w, 0, h, 0);
        for (y, row) in self.rgba.chunks_exact((w * 4).max(4)).enumerate() {
            if let Some(first) = row.chunks_exact(4).position(|p| p[3] > 0) {
                let last = row.chunks_exact(4).rposition(|p| p[3] > 0).unwrap_or(first);
                x0 = x0.min(first);
                x1 = x1.max(last + 1);
                y0 = y0.min(y);
                y1 = y + 1;
            }
        }
        if x1 <= x0 {
            return Self { x: self.x, y: self.y, w: 1, h: 1, rgba: vec![0; 4] };
        }
        self.crop(Rect::edges(self.x + x0 as i32, self.y + y0 as i32, self.x + x1 as i32, self.y + y1 as i32))
    }
}

/// A plane's shadow on what is behind it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shadow {
    /// Sideways, pixels.
    pub dx: f32,
    /// Down, pixels.
    pub dy: f32,
    /// Sigma, pixels.
    pub blur: f32,
    /// Strength, 0–1.
    pub alpha: f32,
}

/// A lamp on a plane: adds `color · k · (1 − d/r)^p` to what the sheet's colour is multiplied by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Light {
    /// Where, canvas pixels.
    pub x: f32,
    /// Where, canvas pixels.
    pub y: f32,
    /// Reach in pixels.
    pub r: f32,
    /// Colour.
    pub color: Rgb,
    /// Strength.
    pub k: f32,
    /// Fall-off.
    pub p: f32,
}

/// A lit rim along the edge that faces a light.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rim {
    /// From the light into the body, pixels.
    pub dx: f32,
    /// From the light into the body, pixels.
    pub dy: f32,
    /// Sigma, pixels.
    pub blur: f32,
    /// Colour.
    pub color: Rgb,
    /// Strength.
    pub k: f32,
    /// Limits it to the reach of a lamp: x, y, r, p.
    pub rad: Option<(f32, f32, f32, f32)>,
}

/// How a plane is lit.
#[derive(Clone, Debug, PartialEq)]
pub struct Lit {
    /// Its shadow on what is behind.
    pub shadow: Option<Shadow>,
    /// What its colours are multiplied by without lamps.
    pub ambient: Rgb,
    /// Lamps.
    pub lights: Vec<Light>,
    /// Rims, in order.
    pub rim: Vec<Rim>,
    /// Air between: colour and share.
    pub haze: Option<(Rgb, f32)>,
    /// Out of focus: sigma in pixels.
    pub blur: f32,
    /// Grain: .018 at night, .014 by day, 0 for none.
    pub grain: f32,
}

impl Default for Lit {
    fn default() -> Self {
        Self { shadow: None, ambient: Rgb::WHITE, lights: Vec::new(), rim: Vec::new(), haze: None, blur: 0.0, grain: 0.018 }
    }
}

impl Lit {
    /// Unlit paper without a shadow of its own.
    pub fn plain() -> Self {
        Self::default()
    }

    /// With a shadow on what is behind.
    pub fn shadow(mut self, dx: f32, dy: f32, blur: f32, alpha: f32) -> Self {
        self.shadow = Some(Shadow { dx, dy, blur, alpha });
        self
    }

    /// With an ambient colour.
    pub fn ambient(mut self, color: Rgb) -> Self {
        self.ambient = color;
        self
    }

    /// With one more lamp.
    pub fn light(mut self, x: f32, y: f32, r: f32, color: Rgb, k: f32, p: f32) -> Self {
        self.lights.push(Light { x, y, r, color, k, p });
        self
    }

    /// With one more rim.
    pub fn rim(mut self, dx: f32, dy: f32, blur: f32, color: Rgb, k: f32, rad: Option<(f32, f32, f32, f32)>) -> Self {
        self.rim.push(Rim { dx, dy, blur, color, k, rad });
        self
    }

    /// With air in front.
    pub fn haze(mut self, color: Rgb, t: f32) -> Self {
        self.haze = Some((color, t));
        self
    }

    /// Out of focus.
    pub fn blur(mut self, sigma: f32) -> Self {
        self.blur = sigma;
        self
    }

    /// With another grain.
    pub fn grain(mut self, grain: f32) -> Self {
        self.grain = grain;
        self
    }

    /// How far beyond its paper a plane reaches, and how far a pixel's light looks: the room a window needs around what
    /// is to be exact.
    pub fn margin(&self) -> i32 {
        let own = 3.0 * self.blur;
        let shadow = self.shadow.map_or(0.0, |s| 3.0 * s.blur + s.dx.abs().max(s.dy.abs()));
        let rim = self.rim.iter().map(|r| 3.0 * r.blur + r.dx.abs().max(r.dy.abs())).fold(0.0, f32::max);
        (own + shadow.max(rim)).ceil() as i32 + 12
    }
}

/// The plane of a group, cut to what is not transparent.
pub fn finish(group: &Group, lit: &Lit) -> Plane {
    lit_plane(group, lit).trimmed()
}

/// The part of a group's plane within `rect`, not cut: for patches. The group's window should reach [`Lit::margin`]
/// further; then the pixels are those of the whole plane.
pub fn finish_in(group: &Group, lit: &Lit, rect: Rect) -> Plane {
    lit_plane(group, lit).crop(rect)
}

/// Where a group holds paper.
fn used(group: &Group) -> Option<Rect> {
    let w = group.window.w as usize;
    let (mut x0, mut x1, mut y0, mut y1) = (w, 0, usize::MAX, 0);
    for (y, row) in group.pixmap.data().chunks_exact(w * 4).enumerate() {
        if let Some(first) = row.chunks_exact(4).position(|p| p[3] > 0) {
            x0 = x0.min(first);
            x1 = x1.max(row.chunks_exact(4).rposition(|p| p[3] > 0).unwrap_or(first) + 1);
            y0 = y0.min(y);
            y1 = y + 1;
        }
    }
    let at = |x: usize, y: usize| (group.window.x + x as i32, group.window.y + y as i32);
    (x1 > 0).then(|| {
        let (a, b) = (at(x0, y0), at(x1, y1));
        Rect::edges(a.0, a.1, b.0, b.1)
    })
}

fn lit_plane(group: &Group, lit: &Lit) -> Plane {
    let Some(used) = used(group) else {
        return Plane { x: group.window.x, y: group.window.y, w: 1, h: 1, rgba: vec![0; 4] };
    };
    // All that follows looks no further than the margin; beyond the paper there is nothing.
    let window = used.grow(lit.margin()).meet(&group.window);
    let (w, h) = (window.w as usize, window.h as usize);
    let mut paper = Vec::with_capacity(w * h * 4);
    for y in window.y..window.bottom() {
        let start = ((y - group.window.y) as usize * group.window.w as usize + (window.x - group.window.x) as usize) * 4;
        paper.extend_from_slice(&group.pixmap.data()[start..start + w * 4]);
    }
    if lit.blur > 0.05 {
        soften(&mut paper, window, lit.blur);
    }
    let alpha = Cover { rect: window, a: paper.chunks_exact(4).map(|p| p[3]).collect() };
    let shadow = lit.shadow.filter(|s| s.alpha > 0.0).map(|s| {
        let (dx, dy) = (s.dx.round() as i32, s.dy.round() as i32);
        let mut soft = alpha.blurred(s.blur, window, true);
        // A shadow continues beyond the window as its border does.
        soft.rect = window;
        (soft, dx, dy, s.alpha)
    });
    let rims: Vec<(Cover, Rim)> = lit.rim.iter().map(|rim| (rim_mask(&alpha, rim), *rim)).collect();
    let lamps: Vec<(Light, Falloff)> = lit.lights.iter().map(|l| (*l, Falloff::new(l.p))).collect();
    let rim_fall: Vec<Option<Falloff>> = lit.rim.iter().map(|r| r.rad.map(|(_, _, _, p)| Falloff::new(p))).collect();
    let grain = Grain::new(group.seed, lit.grain);
    let mut out = vec![0u8; w * h * 4];
    for y in 0..h {
        let cy = window.y + y as i32;
        for x in 0..w {
            let i = (y * w + x) * 4;
            let al = paper[i + 3];
            let cast = shadow.as_ref().map_or(0.0, |(soft, dx, dy, k)| {
                let sx = (x as i32 - dx).clamp(0, w as i32 - 1) as usize;
                let sy = (y as i32 - dy).clamp(0, h as i32 - 1) as usize;
                f32::from(soft.a[sy * w + sx]) * k * (1.0 / 255.0)
            });
            if al == 0 {
                if cast > 0.0 {
                    out[i + 3] = grain.dither(window.x + x as i32, cy, cast * 255.0);
                }
                continue;
            }
            let cx = window.x + x as i32;
            let a = f32::from(al) * (1.0 / 255.0);
            let inv = 1.0 / f32::from(al);
            let mut c = [f32::from(paper[i]) * inv, f32::from(paper[i + 1]) * inv, f32::from(paper[i + 2]) * inv];
            let mut e = lit.ambient;
            for (lamp, fall) in &lamps {
                let v = fall.at(cx as f32 - lamp.x, cy as f32 - lamp.y, lamp.r) * lamp.k;
                e = Rgb(e.0 + lamp.color.0 * v, e.1 + lamp.color.1 * v, e.2 + lamp.color.2 * v);
            }
            c = [c[0] * e.0, c[1] * e.1, c[2] * e.2];
            for ((mask, rim), fall) in rims.iter().zip(&rim_fall) {
                let m = mask.a[y * w + x];
                if m == 0 {
                    continue;
                }
                let mut v = f32::from(m) * (1.0 / 255.0) * rim.k;
                if let (Some((lx, ly, r, _)), Some(fall)) = (rim.rad, fall) {
                    v *= fall.at(cx as f32 - lx, cy as f32 - ly, r);
                }
                let v = v.clamp(0.0, 1.0);
                for (d, s) in c.iter_mut().zip(rim.color.channels()) {
                    *d = 1.0 - (1.0 - d.clamp(0.0, 1.0)) * (1.0 - v * s);
                }
            }
            if let Some((color, t)) = lit.haze {
                for (d, s) in c.iter_mut().zip(color.channels()) {
                    *d = *d * (1.0 - t) + s * t;
                }
            }
            let c = c.map(|v| v.clamp(0.0, 1.0));
            let g = grain.at(cx, cy, (c[0] + c[1] + c[2]) * (1.0 / 3.0));
            let total = a + cast * (1.0 - a);
            let alpha8 = if al == 255 { 255 } else { grain.dither(cx, cy, total * 255.0) };
            for (o, v) in out[i..i + 3].iter_mut().zip(c) {
                *o = (((v + g).clamp(0.0, 1.0) * a * 255.0 + 0.5) as u8).min(alpha8);
            }
            out[i + 3] = alpha8;
        }
    }
    Plane { x: window.x, y: window.y, w: w as u32, h: h as u32, rgba: out }
}

/// Blurs premultiplied colour and alpha.
fn soften(paper: &mut [u8], window: Rect, sigma: f32) {
    for channel in 0..4 {
        let one = Cover { rect: window, a: paper.iter().skip(channel).step_by(4).copied().collect() };
        let soft = one.blurred(sigma, window, true);
        for (o, v) in paper.iter_mut().skip(channel).step_by(4).zip(soft.a) {
            *o = v;
        }
    }
    for px in paper.chunks_exact_mut(4) {
        let a = px[3];
        px[..3].iter_mut().for_each(|v| *v = (*v).min(a));
    }
}

/// Where a rim shines: the hard alpha less the same alpha moved away from the light, so that soft inner shadows make none.
fn rim_mask(alpha: &Cover, rim: &Rim) -> Cover {
    let rect = alpha.rect;
    let (w, h) = (rect.w as usize, rect.h as usize);
    let hard = |v: u8| ((f32::from(v) * (1.0 / 255.0) - 0.55) * (1.0 / 0.45)).clamp(0.0, 1.0);
    let table: Vec<f32> = (0..=255u8).map(hard).collect();
    let (dx, dy) = (rim.dx.round() as i32, rim.dy.round() as i32);
    let mut out = Cover::empty(rect);
    for y in 0..h {
        let sy = (y as i32 - dy).clamp(0, h as i32 - 1) as usize;
        for x in 0..w {
            let a = table[alpha.a[y * w + x] as usize];
            if a > 0.0 {
                let sx = (x as i32 - dx).clamp(0, w as i32 - 1) as usize;
                let m = (a - table[alpha.a[sy * w + sx] as usize]).max(0.0);
                out.a[y * w + x] = (m * 255.0 + 0.5) as u8;
            }
        }
    }
    let mut soft = out.blurred(rim.blur, rect, true);
    for (m, &a) in soft.a.iter_mut().zip(&alpha.a) {
        *m = (f32::from(*m) * table[a as usize] + 0.5) as u8;
    }
    soft
}

/// `(1 − d/r)^p` from a table, because a power a pixel is slow.
pub(crate) struct Falloff(Vec<f32>);

impl Falloff {
    const STEPS: usize = 512;

    pub(crate) fn new(p: f32) -> Self {
        Self((0..=Self::STEPS + 1).map(|i| libm::powf((i as f32 / Self::STEPS as f32).min(1.0), p)).collect())
    }

    #[inline]
    pub(crate) fn at(&self, dx: f32, dy: f32, r: f32) -> f32 {
        let square = dx * dx + dy * dy;
        if square >= r * r {
            return 0.0;
        }
        self.of(1.0 - square.sqrt() / r)
    }

    /// The power of a value in 0–1.
    #[inline]
    pub(crate) fn of(&self, v: f32) -> f32 {
        let u = v.clamp(0.0, 1.0) * Self::STEPS as f32;
        let i = u as usize;
        self.0[i] + (self.0[i + 1] - self.0[i]) * (u - i as f32)
    }
}

/// Grain of the finished picture, by canvas position.
pub(crate) struct Grain {
    seed: u64,
    noise: f32,
    paper: Vec<f32>,
    tile: &'static [u8],
}

impl Grain {
    pub(crate) fn new(seed: u64, grain: f32) -> Self {
        let paper = (0..256).map(|t| (t as f32 / 255.0 - 0.5) * grain * 3.2).collect();
        Self { seed: Seed::new(seed).next_u64(), noise: grain * 0.36, paper, tile: tile() }
    }

    fn bits(&self, x: i32, y: i32) -> u64 {
        let mut z = self.seed ^ ((u64::from(x as u32) << 32) | u64::from(y as u32));
        z = (z ^ (z >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        z = (z ^ (z >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        z ^ (z >> 32)
    }

    /// What is added to a colour of mean brightness `lum`.
    #[inline]
    pub(crate) fn at(&self, x: i32, y: i32, lum: f32) -> f32 {
        let b = self.bits(x, y);
        // The sum of four uniforms is near enough to a Gaussian: variance 1/3, scaled to 1.
        let sum = (b & 0xFFFF) + ((b >> 16) & 0xFFFF) + ((b >> 32) & 0xFFFF) + (b >> 48);
        let normal = (sum as f32 * (1.0 / 65536.0) - 2.0) * 1.732;
        let n = TILE as i32;
        let t = self.paper[self.tile[y.rem_euclid(n) as usize * TILE + x.rem_euclid(n) as usize] as usize];
        (normal * self.noise + t) * (0.5 + 0.9 * lum * (1.0 - 0.5 * lum))
    }

    /// A value in 0–255 rounded up or down by chance, so that slow gradients do not band.
    #[inline]
    pub(crate) fn dither(&self, x: i32, y: i32, v: f32) -> u8 {
        let chance = (self.bits(x, y) >> 40) as f32 * (1.0 / 16_777_216.0);
        (v + chance).clamp(0.0, 255.0) as u8
    }

    /// As [`Self::dither`], independent for each channel.
    #[inline]
    pub(crate) fn dither4(&self, x: i32, y: i32, v: [f32; 4]) -> [u8; 4] {
        let b = self.bits(x, y);
        [0, 1, 2, 3].map(|i| (v[i] + ((b >> (16 * i)) & 0xFFFF) as f32 * (1.0 / 65536.0)).clamp(0.0, 255.0) as u8)
    }
}

/// Blurs a field of values in 0–1 over a rectangle, borders continued.
pub fn soft_field(field: &mut [f32], w: usize, h: usize, sigma: f32) {
    let mut v: Vec<u16> = field.iter().map(|f| (f.clamp(0.0, 1.0) * 65535.0 + 0.5) as u16).collect();
    blur(&mut v, w, h, sigma);
    for (f, v) in field.iter_mut().zip(v) {
        *f = f32::from(v) / 65535.0;
    }
}

/// Planes composited far to near over black: premultiplied RGBA of `w`×`h`.
pub fn flatten(planes: &[Plane], w: u32, h: u32) -> Vec<u8> {
    let mut out = [0u8, 0, 0, 255].repeat(w as usize * h as usize);
    let canvas = Rect::new(0, 0, w as i32, h as i32);
    for plane in planes {
        let area = plane.rect().meet(&canvas);
        // A sheet of the overscan alone is not on the canvas.
        if area.is_empty() {
            continue;
        }
        for y in area.y..area.bottom() {
            let from = ((y - plane.y) as usize * plane.w as usize + (area.x - plane.x) as usize) * 4;
            let to = (y as usize * w as usize + area.x as usize) * 4;
            let n = area.w as usize * 4;
            for (d, s) in out[to..to + n].chunks_exact_mut(4).zip(plane.rgba[from..from + n].chunks_exact(4)) {
                let keep = 255 - u32::from(s[3]);
                for (d, s) in d.iter_mut().zip(s) {
                    *d = (u32::from(*s) + (u32::from(*d) * keep + 127) / 255).min(255) as u8;
                }
            }
        }
    }
    out
}
