//! Plates: several finished planes that share a depth, merged into one plane of the film.

use contracts::{
    Seed,
    assets::{Sway, TrackProperty},
};

use super::{Site, rig::Stage};
use crate::{
    light::{self, Lit, Plane, finish},
    motion::{self, Motion},
    paint::{PaintedPlane, Pixels},
    paper::{Group, Rect, Rgb},
};

/// A plane in the making, and what moves by itself upon it.
pub struct Plate {
    plane: Plane,
    /// Finished sheets under `plane`, far to near; the first stands still.
    under: Vec<Loose>,
    /// Sheets over `plane` that stay in their place, and only come and go.
    upon: Vec<Loose>,
}

/// A sheet that moves by itself.
struct Loose {
    name: String,
    plane: Plane,
    motion: Motion,
    /// How much more of the camera's move it follows than its plate.
    nearer: u32,
}

/// How many fires of a plate are restless each in its own way.
const FIRES: usize = 4;

/// x · y / 255, rounded.
fn part(x: u8, y: u32) -> u32 {
    let v = u32::from(x) * y + 128;
    (v + (v >> 8)) >> 8
}

impl Plate {
    /// An empty plate of the whole stage.
    pub fn new(stage: &Stage) -> Self {
        Self::empty(stage.rect())
    }

    /// An empty plate of a part of it, pixels.
    pub fn empty(r: Rect) -> Self {
        Self::from(Plane { x: r.x, y: r.y, w: r.w.max(0) as u32, h: r.h.max(0) as u32, rgba: vec![0; r.area() * 4] })
    }

    fn from(plane: Plane) -> Self {
        Self { plane, under: Vec::new(), upon: Vec::new() }
    }

    /// Lays a sheet that comes and goes by itself upon what is there. Sheets of one name are one; what is laid over the plate
    /// later covers it.
    pub fn upon(&mut self, name: &str, top: Plane, motion: Motion) -> &mut Self {
        match self.upon.iter_mut().find(|loose| loose.name == name) {
            Some(loose) => {
                let whole = loose.plane.rect().join(&top.rect());
                let mut both = Self::from(loose.plane.crop(whole));
                both.over(&top);
                loose.plane = both.plane;
            }
            None => self.upon.push(Loose { name: name.to_owned(), plane: top, motion, nearer: 0 }),
        }
        self
    }

    /// Lays a sheet that travels by itself over what is there. What is laid down later stands before it, as a plane of its
    /// own, so that it can pass behind.
    pub fn passing(&mut self, name: &str, top: &Plane, motion: Motion, nearer: u32) -> &mut Self {
        let empty = Plane { rgba: vec![0; self.plane.rgba.len()], ..self.plane };
        let still = std::mem::replace(&mut self.plane, empty);
        self.under.push(Loose { name: String::new(), plane: still, motion: Motion::default(), nearer: 0 });
        self.under.append(&mut self.upon);
        self.under.push(Loose { name: name.to_owned(), plane: top.trimmed(), motion, nearer });
        self
    }

    /// The glow of a fire: where (pixels), how far, its colour, how strong. A part of it is restless.
    pub fn fire(&mut self, site: &Site, at: (f32, f32), r: f32, color: Rgb, k: f32, seed: u64) -> &mut Self {
        self.screen(&light::glow(at.0, at.1, r, color, k * 0.88, site.stage.rect(), seed)).restless(site, at, r, color, k)
    }

    /// The part of a light that comes and goes with the clouds outside.
    pub fn breathing(&mut self, site: &Site, name: &str, light: Plane) -> &mut Self {
        let breath = motion::swing(&mut site.seed(name), TrackProperty::Opacity, 500.0, 500.0, (4_400, 5_900));
        self.upon(name, light, Motion::of([breath]))
    }

    fn restless(&mut self, site: &Site, (x, y): (f32, f32), r: f32, color: Rgb, k: f32) -> &mut Self {
        // More than a few fires share their restlessness.
        let n = self.upon.iter().filter(|loose| loose.name.starts_with("flicker")).count() % FIRES;
        // By its number alone: one lamp's light in the air and on the table is one light.
        let mut seed = site.seed(&format!("flicker-{n}"));
        let hot = Rgb::mix(color, Rgb::WHITE, 0.42);
        let glow = light::glow(x, y, r * 0.95, hot, k * 0.55, site.stage.rect(), seed.next_u64());
        self.upon(&format!("flicker-{n}"), glow, Motion::of([motion::flicker(&mut seed, 0, 1000)]))
    }

    fn rows(&mut self, top: &Plane, f: impl Fn(&mut [u8], &[u8])) {
        Self::rows_of(&mut self.plane, top, f);
    }

    fn rows_of(under: &mut Plane, top: &Plane, f: impl Fn(&mut [u8], &[u8])) {
        let area = top.rect().meet(&under.rect());
        if area.is_empty() {
            return;
        }
        let n = area.w as usize * 4;
        for y in area.y..area.bottom() {
            let from = ((y - top.y) as usize * top.w as usize + (area.x - top.x) as usize) * 4;
            let to = ((y - under.y) as usize * under.w as usize + (area.x - under.x) as usize) * 4;
            for (d, s) in under.rgba[to..to + n].chunks_exact_mut(4).zip(top.rgba[from..from + n].chunks_exact(4)) {
                if s[3] > 0 {
                    f(d, s);
                }
            }
        }
    }

    /// Lays a plane over what is there.
    pub fn over(&mut self, top: &Plane) -> &mut Self {
        self.rows(top, |d, s| {
            if s[3] == 255 {
                d.copy_from_slice(s);
                return;
            }
            let keep = 255 - u32::from(s[3]);
            for (d, s) in d.iter_mut().zip(s) {
                *d = (u32::from(*s) + part(*d, keep)).min(255) as u8;
            }
        });
        for loose in &mut self.upon {
            Self::rows_of(&mut loose.plane, top, |d, s| {
                let keep = 255 - u32::from(s[3]);
                d.iter_mut().for_each(|d| *d = part(*d, keep) as u8);
            });
        }
        self
    }

    /// Screens a plane of light onto what is there; where nothing is there it stays light.
    pub fn screen(&mut self, light: &Plane) -> &mut Self {
        self.rows(light, |d, s| {
            let most = s[0].max(s[1]).max(s[2]);
            for (d, s) in d[..3].iter_mut().zip(s) {
                *d = (u32::from(*s) + part(*d, 255 - u32::from(*s))).min(255) as u8;
            }
            d[3] = (u32::from(most) + part(d[3], 255 - u32::from(most))).min(255) as u8;
        });
        self
    }

    /// Finishes a group and lays it over.
    pub fn paper(&mut self, group: &Group, lit: &Lit) -> &mut Self {
        let plane = finish(group, lit);
        self.over(&plane)
    }

    /// Puts the whole plate out of focus: `sigma` in pixels.
    pub fn soften(&mut self, sigma: f32) -> &mut Self {
        let mut group = Group::of(self.plane.rect(), 0);
        group.pixmap.data_mut().copy_from_slice(&self.plane.rgba);
        let soft = finish(&group, &Lit::plain().blur(sigma).grain(0.0));
        self.plane.rgba.fill(0);
        self.over(&soft)
    }

    /// Twice the size by bilinear interpolation, for a plate that was painted on a halved stage.
    pub fn doubled(&self, stage: &Stage) -> Self {
        let r = stage.rect();
        let (sw, sh) = (self.plane.w as i32, self.plane.h as i32);
        let mut rgba = vec![0u8; r.area() * 4];
        // Even pixels of the large sheet lie a quarter before, odd ones a quarter behind a small pixel's centre.
        let tap = |v: i32, origin: i32, n: i32| {
            let half = v.div_euclid(2) - origin;
            let other = if v.rem_euclid(2) == 0 { half - 1 } else { half + 1 };
            (half.clamp(0, n - 1) as usize, other.clamp(0, n - 1) as usize)
        };
        let columns: Vec<(usize, usize)> = (0..r.w).map(|x| tap(r.x + x, self.plane.x, sw)).collect();
        let src = &self.plane.rgba;
        for (j, row) in rgba.chunks_exact_mut(r.w as usize * 4).enumerate() {
            let (ya, yb) = tap(r.y + j as i32, self.plane.y, sh);
            let (ra, rb) = (ya * sw as usize * 4, yb * sw as usize * 4);
            for (px, &(xa, xb)) in row.chunks_exact_mut(4).zip(&columns) {
                for (i, v) in px.iter_mut().enumerate() {
                    let at = |row: usize, x: usize| u32::from(src[row + x * 4 + i]);
                    *v = ((at(ra, xa) * 9 + at(ra, xb) * 3 + at(rb, xa) * 3 + at(rb, xb) + 8) >> 4) as u8;
                }
            }
        }
        Self::from(Plane { x: r.x, y: r.y, w: r.w as u32, h: r.h as u32, rgba })
    }

    /// Grain over an opaque plate that lost its own in a blur: triangular noise, `k` in 8-bit steps.
    pub fn grain(&mut self, k: f32, seed: u64) -> &mut Self {
        let mut noise = Seed::new(seed);
        for px in self.plane.rgba.chunks_exact_mut(4) {
            let b = noise.next_u64();
            let n = ((b & 0xFFFF) + ((b >> 16) & 0xFFFF)) as f32 * (1.0 / 65536.0) - 1.0;
            let a = px[3];
            for v in &mut px[..3] {
                *v = (f32::from(*v) + n * k + 0.5).clamp(0.0, f32::from(a)) as u8;
            }
        }
        self
    }

    /// Mixes everything opaque towards a colour.
    pub fn dim(&mut self, color: Rgb, t: f32) -> &mut Self {
        let c = color.channels();
        for px in self.plane.rgba.chunks_exact_mut(4) {
            let a = f32::from(px[3]);
            for (v, c) in px[..3].iter_mut().zip(c) {
                *v = (f32::from(*v) * (1.0 - t) + c * a * t + 0.5).min(a) as u8;
            }
        }
        self
    }

    /// What it shows so far.
    pub fn plane(&self) -> &Plane {
        &self.plane
    }

    /// The plane of the film: trimmed to what is not transparent. `depth` from 0 far to 1000 near, `parallax` in
    /// thousandths of the camera's move. What moves by itself upon it comes with it, and goes along with its `sway`.
    pub fn done(self, name: &str, parallax: u32, depth: u32, sway: Option<Sway>) -> PaintedPlane {
        let still = |plane: &Plane, name: &str| painted(&plane.trimmed(), name, parallax, depth, sway);
        let mut loose = Vec::new();
        let (mut main, rest) = if self.under.is_empty() {
            (still(&self.plane, name), None)
        } else {
            let mut under = self.under.into_iter();
            let first = under.next().map(|first| still(&first.plane, name));
            for (n, sheet) in under.enumerate() {
                if sheet.name.is_empty() {
                    loose.extend(Some(still(&sheet.plane, &format!("{name}-{n}"))).filter(|q| q.pixels.rgba.iter().any(|v| *v > 0)));
                } else {
                    loose.push(sheet.finished(parallax, depth, sway));
                }
            }
            let last = still(&self.plane, &format!("{name}-low"));
            (first.unwrap_or_else(|| last.clone()), Some(last).filter(|q| q.pixels.rgba.iter().any(|v| *v > 0)))
        };
        loose.extend(rest);
        loose.extend(self.upon.into_iter().map(|sheet| sheet.finished(parallax, depth, sway)));
        main.upon = loose;
        main
    }

    /// Whether nothing was laid on it.
    pub fn is_empty(&self) -> bool {
        self.under.is_empty() && self.upon.is_empty() && self.plane.rgba.chunks_exact(4).all(|p| p[3] == 0)
    }
}

impl Loose {
    fn finished(self, parallax: u32, depth: u32, sway: Option<Sway>) -> PaintedPlane {
        let sway = self.motion.sway.or(sway);
        PaintedPlane { tracks: self.motion.tracks, ..painted(&self.plane.trimmed(), &self.name, parallax + self.nearer, depth, sway) }
    }
}

/// What was glued onto a group, without any light.
pub fn unlit(group: &Group) -> Plane {
    let r = group.window;
    Plane { x: r.x, y: r.y, w: r.w as u32, h: r.h as u32, rgba: group.pixmap.data().to_vec() }.trimmed()
}

/// A finished plane of light as a plane of the film.
pub fn painted(plane: &Plane, name: &str, parallax: u32, depth: u32, sway: Option<Sway>) -> PaintedPlane {
    PaintedPlane {
        name: name.into(),
        pixels: Pixels { width: plane.w, height: plane.h, rgba: plane.rgba.clone() },
        x: plane.x,
        y: plane.y,
        parallax,
        depth,
        states: std::collections::BTreeMap::new(),
        sway,
        tracks: Vec::new(),
        cycles: Vec::new(),
        upon: Vec::new(),
    }
}

/// The bounds of everything that is painted, for planes of light.
pub fn bounds(stage: &Stage) -> Rect {
    stage.rect()
}

#[cfg(test)]
mod tests {
    use contracts::picture::Canvas;

    use super::*;

    fn sheet(stage: &Stage, colour: [u8; 4], from: i32) -> Plane {
        let r = stage.rect();
        let rgba = (0..r.area() as i32).flat_map(|i| if i % r.w >= from { colour } else { [0; 4] }).collect();
        Plane { x: r.x, y: r.y, w: r.w as u32, h: r.h as u32, rgba }
    }

    #[test]
    fn what_is_laid_later_covers_what_comes_and_goes_and_lets_what_passes_pass_behind() {
        let stage = Stage::new(Canvas { width: 64, height: 36 });
        let wide = stage.rect().w;
        let glow = || Motion::of([motion::swing(&mut Seed::new(1), TrackProperty::Opacity, 500.0, 500.0, (1_000, 2_000))]);
        let mut plate = Plate::new(&stage);
        plate.over(&sheet(&stage, [10, 10, 10, 255], 0));
        plate.upon("star", sheet(&stage, [90, 90, 90, 90], 0), glow());
        plate.passing("cloud", &sheet(&stage, [60, 60, 60, 255], 4), Motion::default(), 20);
        plate.upon("spark", sheet(&stage, [80, 80, 80, 80], 0), glow());
        // A hill over the right half.
        plate.over(&sheet(&stage, [0, 40, 0, 255], wide / 2));
        let sheets = plate.done("sky", 10, 0, None).sheets();
        let names: Vec<&str> = sheets.iter().map(|q| q.name.as_str()).collect();
        assert_eq!(names, ["sky", "star", "cloud", "sky-low", "spark"]);
        assert_eq!(sheets.iter().map(|q| q.parallax).collect::<Vec<_>>(), [10, 10, 30, 10, 10]);
        let spark = &sheets[4];
        assert_eq!(spark.pixels.width as i32, wide / 2, "what burns behind the hill is not seen");
        assert_eq!(sheets[3].pixels.width as i32, wide - wide / 2, "the hill is a plane of its own");
        assert!(sheets.iter().all(|q| q.upon.is_empty()) && sheets[4].moves() && !sheets[3].moves());
    }
}
