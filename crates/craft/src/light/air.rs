//! Planes that are light or air alone.

use super::{Falloff, Grain, Plane};
use crate::paper::{Rect, Rgb, vnoise_in};

/// What screening `v` onto a picture amounts to, as a plane: the light itself, over what is behind dimmed by its
/// strongest channel. Over dark ground that is nearly the screen; and no channel exceeds alpha, so the plane survives
/// straight-alpha files.
fn screened(bounds: Rect, seed: u64, light: impl Fn(f32, f32) -> [f32; 3]) -> Plane {
    paint(bounds, seed, |x, y| {
        let v = light(x, y);
        [v[0], v[1], v[2], v[0].max(v[1]).max(v[2])]
    })
}

/// A dithered plane from premultiplied values in 0–1 by canvas pixel.
fn paint(bounds: Rect, seed: u64, pixel: impl Fn(f32, f32) -> [f32; 4]) -> Plane {
    let grain = Grain::new(seed, 0.0);
    let mut rgba = vec![0u8; bounds.area() * 4];
    for (j, row) in rgba.chunks_exact_mut((bounds.w as usize * 4).max(4)).enumerate() {
        let y = bounds.y + j as i32;
        for (i, px) in row.chunks_exact_mut(4).enumerate() {
            let x = bounds.x + i as i32;
            let v = pixel(x as f32, y as f32);
            if v[3] <= 0.0 {
                continue;
            }
            let q = grain.dither4(x, y, v.map(|c| c.clamp(0.0, 1.0) * 255.0));
            px.copy_from_slice(&[q[0].min(q[3]), q[1].min(q[3]), q[2].min(q[3]), q[3]]);
        }
    }
    Plane { x: bounds.x, y: bounds.y, w: bounds.w as u32, h: bounds.h as u32, rgba }
}

fn reach(bounds: Rect, x: f32, y: f32, rx: f32, ry: f32) -> Rect {
    Rect::edges((x - rx).floor() as i32, (y - ry).floor() as i32, (x + rx).ceil() as i32 + 1, (y + ry).ceil() as i32 + 1).meet(&bounds)
}

/// The glow of a source: three screens of it, wide, near and core (art direction §6).
pub fn glow(x: f32, y: f32, r: f32, color: Rgb, k: f32, bounds: Rect, seed: u64) -> Plane {
    let (wide, near, core) = (Falloff::new(2.6), Falloff::new(2.2), Falloff::new(1.6));
    let hot = Rgb::mix(color, Rgb::WHITE, 0.6).channels();
    let color = color.channels();
    screened(reach(bounds, x, y, r, r), seed, |px, py| {
        let (dx, dy) = (px - x, py - y);
        let a = (wide.at(dx, dy, r) * 0.55 * k).min(1.0);
        let b = (near.at(dx, dy, r * 0.38) * 0.7 * k).min(1.0);
        let c = (core.at(dx, dy, r * 0.11) * k).min(1.0);
        [0, 1, 2].map(|i| 1.0 - (1.0 - a * color[i]) * (1.0 - b * color[i]) * (1.0 - c * hot[i]))
    })
}

/// A round light: `(1 − d/r)^p · k` of a colour, screened.
#[allow(clippy::too_many_arguments, reason = "a light is these numbers")]
pub fn rad(x: f32, y: f32, r: f32, p: f32, color: Rgb, k: f32, bounds: Rect, seed: u64) -> Plane {
    rad_squeezed(x, y, (r, r), p, color, k, bounds, seed)
}

/// As [`rad`], with its own reach along x and y: light on the ground.
#[allow(clippy::too_many_arguments, reason = "a light is these numbers")]
pub fn rad_squeezed(x: f32, y: f32, r: (f32, f32), p: f32, color: Rgb, k: f32, bounds: Rect, seed: u64) -> Plane {
    let fall = Falloff::new(p);
    let color = color.channels();
    screened(reach(bounds, x, y, r.0, r.1), seed, |px, py| {
        let m = (fall.at((px - x) / r.0, (py - y) / r.1, 1.0) * k).min(1.0);
        color.map(|c| m * c)
    })
}

/// A beam of light through fog from (x, y) along `angle` (radians, clockwise from the right), `half` radians to each
/// side, `length` pixels long.
#[allow(clippy::too_many_arguments, reason = "a beam is these numbers")]
pub fn beam(x: f32, y: f32, angle: f32, half: f32, length: f32, color: Rgb, k: f32, bounds: Rect, seed: u64) -> Plane {
    beam_with(x, y, angle, half, length, color, k, true, bounds, seed)
}

/// As [`beam`], with or without fog in it.
#[allow(clippy::too_many_arguments, reason = "a beam is these numbers")]
pub fn beam_with(x: f32, y: f32, angle: f32, half: f32, length: f32, color: Rgb, k: f32, foggy: bool, bounds: Rect, seed: u64) -> Plane {
    let (dx, dy) = (libm::cosf(angle), libm::sinf(angle));
    // The box of a fan: its apex and arc.
    let mut area = reach(bounds, x, y, 2.0, 2.0);
    for i in -4i32..=4 {
        let a = angle + half * i as f32 / 4.0;
        let l = length * 1.02;
        area = area.join(&Rect::new((x + l * libm::cosf(a)) as i32 - 2, (y + l * libm::sinf(a)) as i32 - 2, 5, 5));
    }
    let area = area.meet(&bounds);
    let noise = if foggy { vnoise_in(area, 150.0, 4, 0.5, seed) } else { Vec::new() };
    let fade = Falloff::new(1.15);
    let color = color.channels();
    screened(area, seed, |px, py| {
        let (vx, vy) = (px - x, py - y);
        let (along, across) = (vx * dx + vy * dy, vy * dx - vx * dy);
        let d = (vx * vx + vy * vy).sqrt();
        if d >= length || (half < 1.4 && along <= 0.0) {
            return [0.0; 3];
        }
        let turned = libm::atan2f(across, along).abs();
        let m = (1.0 - turned / half).clamp(0.0, 1.0);
        let mut m = m * m * (3.0 - 2.0 * m) * fade.of(1.0 - d / length);
        if m > 0.0 && foggy {
            let i = (py as i32 - area.y) as usize * area.w as usize + (px as i32 - area.x) as usize;
            m *= 0.62 + 0.76 * (noise[i] - 0.15).clamp(0.0, 1.0);
        }
        let m = (m * k).min(1.0);
        color.map(|c| m * c)
    })
}

/// A band of fog between `y0` and `y1`, thickest in the middle, `k` strong; `cell` is the size of its clouds (220), three
/// times as wide.
pub fn fog(color: Rgb, y0: f32, y1: f32, k: f32, cell: f32, bounds: Rect, seed: u64) -> Plane {
    let area = Rect::edges(bounds.x, y0.floor() as i32, bounds.right(), y1.ceil() as i32).meet(&bounds);
    // Noise squeezed to a third of the width, then stretched.
    let third = Rect::edges(area.x.div_euclid(3), area.y, area.right().div_euclid(3) + 2, area.bottom());
    let noise = vnoise_in(third, cell, 4, 0.5, seed);
    let half = ((y1 - y0) * 0.5).max(1.0);
    mask(color, area, seed, |x, y| {
        let u = x / 3.0;
        let i = u.floor();
        let at = (y as i32 - third.y) as usize * third.w as usize + (i as i32 - third.x) as usize;
        let n = noise[at] + (noise[at + 1] - noise[at]) * (u - i);
        let band = ((y - y0) / half).clamp(0.0, 1.0) * ((y1 - y) / half).clamp(0.0, 1.0);
        ((n - 0.3) / 0.45).clamp(0.0, 1.0) * band * k
    })
}

/// A flat colour at a strength by canvas pixel, blended normally: shafts, stains, anything soft.
pub fn mask(color: Rgb, bounds: Rect, seed: u64, strength: impl Fn(f32, f32) -> f32) -> Plane {
    let c = color.channels();
    paint(bounds, seed, |x, y| {
        let a = strength(x, y).clamp(0.0, 1.0);
        [c[0] * a, c[1] * a, c[2] * a, a]
    })
}

/// Darkened corners of a `w`×`h` frame around a centre given in fractions of it.
pub fn vignette(k: f32, centre: (f32, f32), w: f32, h: f32, bounds: Rect, seed: u64) -> Plane {
    let fall = Falloff::new(1.5);
    mask(Rgb::BLACK, bounds, seed, |x, y| {
        let (u, v) = ((x / w - centre.0) / 0.72, (y / h - centre.1) / 0.72);
        let d = (u * u + v * v).sqrt() - 0.35;
        k * if d > 1.0 { libm::powf(d, 1.5) } else { fall.of(d) }
    })
}

/// Colours down a sky: fractions of `height` from 0 at the top, each with its colour.
pub type Bands<'a> = &'a [(f32, Rgb)];

/// An opaque sky: a gradient through bands with slow noise (.03), grained.
pub fn sky(bands: Bands, noise: f32, height: f32, grain: f32, bounds: Rect, seed: u64) -> Plane {
    let field = vnoise_in(bounds, 260.0, 4, 0.5, seed);
    let grainy = Grain::new(seed, grain);
    let mut rgba = vec![255u8; bounds.area() * 4];
    let w = bounds.w as usize;
    for (j, row) in rgba.chunks_exact_mut((w * 4).max(4)).enumerate() {
        let y = bounds.y + j as i32;
        let t = y as f32 / height;
        let base = bands_at(bands, t).channels();
        for (i, px) in row.chunks_exact_mut(4).enumerate() {
            let n = (field[j * w + i] - 0.5) * noise * 2.0;
            let c = base.map(|v| (v + n).clamp(0.0, 1.0));
            let g = grainy.at(bounds.x + i as i32, y, (c[0] + c[1] + c[2]) / 3.0);
            let q = grainy.dither4(bounds.x + i as i32, y, [c[0] + g, c[1] + g, c[2] + g, 1.0].map(|v| v.clamp(0.0, 1.0) * 255.0));
            px[..3].copy_from_slice(&q[..3]);
        }
    }
    Plane { x: bounds.x, y: bounds.y, w: bounds.w as u32, h: bounds.h as u32, rgba }
}

fn bands_at(bands: Bands, t: f32) -> Rgb {
    let Some(&(_, mut last)) = bands.first() else { return Rgb::BLACK };
    let mut from = f32::MIN;
    for &(at, color) in bands {
        if t <= at {
            return if from == f32::MIN || at <= from { color } else { Rgb::mix(last, color, (t - from) / (at - from)) };
        }
        (from, last) = (at, color);
    }
    last
}
