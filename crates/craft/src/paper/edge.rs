//! Outlines: splines through few points, even resampling, and the noise that makes an edge torn, cut or ragged
//! (art direction §5).

use contracts::Seed;

use super::Pt;

/// How an outline was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Edge {
    /// Torn by hand: land, sea, cloud, plates.
    Torn,
    /// Soft and round: stone, wool, far things.
    Soft,
    /// Cut with scissors: facets show.
    Cut,
    /// Cut with a knife: faces, props.
    Clean,
    /// Frayed: beard, fur, bushes.
    Rag,
}

impl Edge {
    /// Sampling distance in pixels and the octaves of its noise as (amplitude, wavelength) in pixels.
    fn recipe(self) -> (f32, &'static [(f32, f32)]) {
        match self {
            Self::Torn => (1.6, &[(2.6, 70.0), (1.3, 19.0), (0.65, 6.0)]),
            Self::Soft => (2.5, &[(1.5, 60.0), (0.5, 14.0)]),
            Self::Cut => (7.0, &[(0.75, 55.0)]),
            Self::Clean => (2.5, &[(0.3, 40.0)]),
            Self::Rag => (2.0, &[(3.2, 26.0), (1.6, 9.0)]),
        }
    }
}

/// A position in pixels.
pub type V2 = [f32; 2];

fn sub(a: V2, b: V2) -> V2 {
    [a[0] - b[0], a[1] - b[1]]
}

fn len(v: V2) -> f32 {
    (v[0] * v[0] + v[1] * v[1]).sqrt()
}

/// A cardinal spline through points, sampled about every `step` pixels. At a corner both tangents point along the chord.
pub fn spline(points: &[Pt], closed: bool, step: f32) -> Vec<V2> {
    let n = points.len();
    let at = |i: usize| [points[i].x, points[i].y];
    if n < 3 {
        return points.iter().map(|q| [q.x, q.y]).collect();
    }
    let mut out = Vec::new();
    let segments = if closed { n } else { n - 1 };
    for i in 0..segments {
        let (a, b) = (i, (i + 1) % n);
        let chord = sub(at(b), at(a));
        let length = len(chord);
        if length < 1e-6 {
            continue;
        }
        let before = if closed || a > 0 { (a + n - 1) % n } else { a };
        let after = if closed || b < n - 1 { (b + 1) % n } else { b };
        let straight = [chord[0] / 3.0, chord[1] / 3.0];
        let tangent = |from: usize, to: usize| {
            let d = sub(at(to), at(from));
            let l = len(d) + 1e-9;
            [d[0] / l * length / 3.0, d[1] / l * length / 3.0]
        };
        let ta = if points[a].corner || before == a { straight } else { tangent(before, b) };
        let tb = if points[b].corner || after == b { straight } else { tangent(a, after) };
        let (p0, p3) = (at(a), at(b));
        let p1 = [p0[0] + ta[0], p0[1] + ta[1]];
        let p2 = [p3[0] - tb[0], p3[1] - tb[1]];
        let samples = ((length / step) as usize).clamp(2, 4096);
        for s in 0..samples {
            let t = s as f32 / samples as f32;
            let u = 1.0 - t;
            let (w0, w1, w2, w3) = (u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t);
            out.push([w0 * p0[0] + w1 * p1[0] + w2 * p2[0] + w3 * p3[0], w0 * p0[1] + w1 * p1[1] + w2 * p2[1] + w3 * p3[1]]);
        }
    }
    if !closed {
        out.push(at(n - 1));
    }
    out
}

/// A closed polygon resampled at even distances near `ds`, with its length.
fn resample(points: &[V2], ds: f32) -> (Vec<V2>, f32) {
    let n = points.len();
    let mut along = Vec::with_capacity(n + 1);
    let mut total = 0.0f32;
    along.push(0.0);
    for i in 0..n {
        total += len(sub(points[(i + 1) % n], points[i]));
        along.push(total);
    }
    // A small piece keeps its shape: never fewer than 18 corners, never finer than half a pixel.
    let count = ((total / ds) as usize).max(18.min((total / 0.5) as usize)).clamp(6, 40_000);
    let mut out = Vec::with_capacity(count);
    let mut segment = 0;
    for i in 0..count {
        let s = total * i as f32 / count as f32;
        while segment + 1 < n && along[segment + 1] < s {
            segment += 1;
        }
        let (a, b) = (points[segment], points[(segment + 1) % n]);
        let span = along[segment + 1] - along[segment];
        let t = if span > 1e-9 { (s - along[segment]) / span } else { 0.0 };
        out.push([a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]);
    }
    (out, total)
}

/// Periodic value noise along an outline of length `total`, in −1..1.
struct Ring {
    values: Vec<f32>,
    scale: f32,
}

impl Ring {
    fn new(total: f32, wavelength: f32, seed: &mut Seed) -> Self {
        let n = ((total / wavelength).round() as usize).clamp(4, 4096);
        let values = (0..n).map(|_| seed.range(-1.0, 1.0) as f32).collect();
        Self { values, scale: n as f32 / total.max(1e-6) }
    }

    fn at(&self, s: f32) -> f32 {
        let u = s * self.scale;
        let i = u.floor();
        let f = u - i;
        let f = f * f * (3.0 - 2.0 * f);
        let n = self.values.len();
        let i = i as usize;
        self.values[i % n] * (1.0 - f) + self.values[(i + 1) % n] * f
    }
}

/// Moves a closed outline along its normals by the noise of an edge, scaled by `k`.
pub fn rough(points: &[V2], edge: Edge, k: f32, seed: &mut Seed) -> Vec<V2> {
    let (ds, octaves) = edge.recipe();
    let ds = if edge == Edge::Cut { (ds * k).max(3.0) } else { ds };
    let (points, total) = resample(points, ds);
    let rings: Vec<(f32, Ring)> = octaves.iter().map(|&(a, wl)| (a * k, Ring::new(total, wl * k.max(0.35), seed))).collect();
    let n = points.len();
    (0..n)
        .map(|i| {
            let t = sub(points[(i + 1) % n], points[(i + n - 1) % n]);
            let l = len(t) + 1e-9;
            let s = total * i as f32 / n as f32;
            let d: f32 = rings.iter().map(|(a, r)| a * r.at(s)).sum();
            [points[i][0] + t[1] / l * d, points[i][1] - t[0] / l * d]
        })
        .collect()
}

/// The upper sheet of a torn piece: the same outline torn anew and drawn in, so that a lip of the core shows that swells
/// and vanishes.
pub fn inside(points: &[V2], k: f32, seed: &mut Seed) -> Vec<V2> {
    let q = rough(points, Edge::Torn, 0.55 * k, seed);
    let n = q.len();
    let offset = seed.range(0.8, 1.6) as f32 * k;
    let mut area = 0.0f32;
    for i in 0..n {
        let (a, b) = (q[i], q[(i + 1) % n]);
        area += a[0] * b[1] - b[0] * a[1];
    }
    let sign = if area > 0.0 { 1.0 } else { -1.0 };
    let ring = Ring::new(1000.0, 40.0, seed);
    (0..n)
        .map(|i| {
            let t = sub(q[(i + 2) % n], q[(i + n - 2) % n]);
            let l = len(t) + 1e-9;
            let w = offset * (1.1 + ring.at(1000.0 * i as f32 / n as f32)) * sign;
            [q[i][0] - t[1] / l * w, q[i][1] + t[0] / l * w]
        })
        .collect()
}

/// The outlines of a stroke of `width` along an open line, with round ends: one outline for a smooth line, capsules for a
/// line with corners.
pub fn stroke(line: &[V2], width: f32, smooth: bool) -> Vec<Vec<V2>> {
    let r = width * 0.5;
    let mut path: Vec<V2> = Vec::with_capacity(line.len());
    for &q in line {
        if path.last().is_none_or(|&l| len(sub(q, l)) > 1e-3) {
            path.push(q);
        }
    }
    match path.len() {
        0 => Vec::new(),
        1 => vec![arc(path[0], [1.0, 0.0], r, 2)],
        _ if smooth => vec![ribbon(&path, r)],
        _ => path.windows(2).map(|s| ribbon(s, r)).collect(),
    }
}

/// Half turns of a circle from the normal of `dir` through `dir`, or a whole circle.
fn arc(at: V2, dir: V2, r: f32, halves: usize) -> Vec<V2> {
    let steps = ((r * 1.6) as usize).clamp(3, 24) * halves;
    (0..=steps)
        .map(|i| {
            let a = core::f32::consts::PI * (i as f32 * halves as f32 / steps as f32 - 0.5);
            let (s, c) = (libm::sinf(a), libm::cosf(a));
            [at[0] + r * (dir[0] * c - dir[1] * s), at[1] + r * (dir[1] * c + dir[0] * s)]
        })
        .collect()
}

fn ribbon(path: &[V2], r: f32) -> Vec<V2> {
    let n = path.len();
    let direction = |i: usize| {
        let t = sub(path[(i + 1).min(n - 1)], path[i.saturating_sub(1)]);
        let l = len(t) + 1e-9;
        [t[0] / l, t[1] / l]
    };
    let mut out = Vec::with_capacity(2 * n + 16);
    for (i, q) in path.iter().enumerate() {
        let d = direction(i);
        out.push([q[0] + d[1] * r, q[1] - d[0] * r]);
    }
    out.extend(arc(path[n - 1], direction(n - 1), r, 1));
    for (i, q) in path.iter().enumerate().rev() {
        let d = direction(i);
        out.push([q[0] - d[1] * r, q[1] + d[0] * r]);
    }
    let d = direction(0);
    out.extend(arc(path[0], [-d[0], -d[1]], r, 1));
    out
}
