//! Captions drawn for a frame: light letters with a dark edge or on a dark box, within the title margins, as pictures that
//! lie over the film. The words are shaped, so that Arabic joins and Hebrew reads from the right; emoji keep their colours.
//!
//! A highlighted caption is one picture for each of its words and one in which none stands out. All have the same place and
//! size, and no letter moves between them.

mod letters;

pub use letters::{Letters, MOST_FONTS, letters_of};

use contracts::{picture::Canvas, render::BurnIn};

use crate::{
    frame::Margins,
    paint::Pixels,
    paper::{Cover, Rect},
    text::{Setting, Step, ink},
};
use letters::{Block, Glyph, Ink};

/// A caption to be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption<'a> {
    /// Its lines.
    pub lines: &'a [String],
    /// Its words: line, first byte in it, one past the last byte.
    pub words: &'a [(usize, usize, usize)],
    /// It is a text that reads from the right, whatever its lines begin with.
    pub from_right: bool,
    /// The frame.
    pub canvas: Canvas,
    /// Size of the letters in pixels; less where a line has no room.
    pub size: u32,
    /// How it is drawn.
    pub look: BurnIn,
}

/// A caption as a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Sprite {
    /// The picture, premultiplied.
    pub pixels: Pixels,
    /// Left edge in the frame.
    pub x: i32,
    /// Upper edge in the frame.
    pub y: i32,
}

/// Light letters.
const LETTER: [u8; 3] = [255, 253, 246];
/// The word that is spoken.
const SPOKEN: [u8; 3] = [255, 205, 52];
/// Edge and box.
const DARK: [u8; 3] = [14, 14, 18];
/// How dense the box is.
const BOX_ALPHA: u32 = 196;
/// How dense the soft shadow under the edge is.
const SHADOW_ALPHA: u32 = 150;

/// Draws a caption: the picture in which no word stands out, then, when one is to, a picture for each word. Nothing when
/// nothing of it can be seen.
pub fn draw(letters: &Letters, caption: &Caption<'_>) -> Vec<Sprite> {
    let safe = Margins::title(caption.canvas).within(caption.canvas);
    let block = fitted(letters, caption, safe);
    let (size, glyphs) = (block.size, letters.inked(&block));
    if glyphs.is_empty() {
        return Vec::new();
    }
    let margin = margin(caption.look, size);
    // Even edges: the film's colours have half its resolution.
    let even = |v: f32| (v / 2.0).floor() as i32 * 2;
    let x = (safe.x * 2 + safe.w) as f32 * 0.5;
    let y = (safe.bottom() as f32 - margin.1 - block.height).floor();
    let (half, high) = (block.width * 0.5 + margin.0, block.height + 2.0 * margin.1);
    let rect = Rect::edges(even(x - half), even(y - margin.1), even(x + half) + 2, even(y - margin.1 + high) + 2).meet(&safe);
    let mut paint = Paint { glyphs: &glyphs, caption, size, rect, x, y, under: Picture { rect, rgba: vec![0; rect.area() * 4] } };
    paint.lay_under();
    let mut sprites = vec![paint.sprite(None)];
    if caption.look == BurnIn::Highlight {
        sprites.extend((0..caption.words.len()).map(|word| paint.sprite(Some(word))));
    }
    sprites
}

/// Room that edge, shadow and box take beside the letters, and above and below the lines.
fn margin(look: BurnIn, size: f32) -> (f32, f32) {
    match look {
        BurnIn::Boxed => (size * 0.45, size * 0.12),
        BurnIn::Plain | BurnIn::Highlight => (size * 0.3, size * 0.1),
    }
}

/// The lines, as large as they fit: first smaller on the lines they have, then broken further, at last smaller still.
fn fitted(letters: &Letters, caption: &Caption<'_>, safe: Rect) -> Block {
    let full = caption.size.max(4) as f32;
    let lines = caption.lines.len().max(1) as f32;
    let text = letters.text(caption.lines, caption.from_right);
    let mut block = Block::default();
    let mut most = 20.0;
    for step in [20.0, 19.0, 18.0, 17.0, 16.0, 15.0, 14.0, 12.0, 10.0, 8.0, 6.0, 5.0, 4.0, 3.0f32] {
        // What overflows by far is not tried at every size: half the size takes a quarter of the room.
        if step > most && step > 3.0 {
            continue;
        }
        let size = full * step * 0.05;
        let margin = margin(caption.look, size);
        let (width, height) = (safe.w as f32 - 2.0 * margin.0, safe.h as f32 - 2.0 * margin.1);
        block = letters.set(&text, size, width);
        let broken = block.height > (lines + 0.5) * size * letters::LEADING;
        let room = if broken { height * 0.5 } else { height };
        if block.width <= width && block.height <= room && !(broken && step > 14.0) {
            break;
        }
        most = step * (2.0 * room / block.height.max(1.0)).sqrt();
    }
    block
}

struct Paint<'a> {
    glyphs: &'a [Glyph],
    caption: &'a Caption<'a>,
    size: f32,
    rect: Rect,
    x: f32,
    y: f32,
    /// What lies under the letters.
    under: Picture,
}

impl Paint<'_> {
    /// The box, or the edge and its shadow: the same whichever word stands out.
    fn lay_under(&mut self) {
        if self.caption.look == BurnIn::Boxed {
            self.under.put(&self.plate(), DARK, BOX_ALPHA);
            return;
        }
        let mut all = self.cover(&self.glyphs.iter().collect::<Vec<_>>());
        for glyph in self.glyphs {
            self.picture(glyph, &mut |at, pixel| all.a[at] = all.a[at].max(pixel[3]));
        }
        let edge = grown(&all, self.size * 0.062);
        self.under.put(&edge.blurred(self.size * 0.07, self.rect, false), DARK, SHADOW_ALPHA);
        self.under.put(&edge, DARK, 255);
    }

    /// The picture in which a word stands out.
    fn sprite(&self, spoken: Option<usize>) -> Sprite {
        let mut picture = self.under.clone();
        let word = spoken.and_then(|k| self.caption.words.get(k));
        let stands_out = |g: &&Glyph| word.is_some_and(|&(line, from, to)| g.line == line && (from..to).contains(&g.byte));
        let (out, rest): (Vec<&Glyph>, Vec<&Glyph>) = self.glyphs.iter().partition(stands_out);
        picture.put(&self.cover(&rest), LETTER, 255);
        // Heavier without being wider: its letters grow by a part of their edge.
        picture.put(&grown(&self.cover(&out), self.size * 0.018), SPOKEN, 255);
        for glyph in self.glyphs {
            self.picture(glyph, &mut |at, pixel| over(&mut picture.rgba[at * 4..at * 4 + 4], pixel));
        }
        let pixels = Pixels { width: self.rect.w as u32, height: self.rect.h as u32, rgba: picture.rgba };
        Sprite { pixels, x: self.rect.x, y: self.rect.y }
    }

    /// What outlines cover of the picture.
    fn cover(&self, glyphs: &[&Glyph]) -> Cover {
        let outlines = glyphs.iter().filter_map(|g| if let Ink::Outline(steps) = &g.ink { Some(steps) } else { None });
        let setting = Setting { outline: outlines.flatten().copied().collect(), size: self.size, ..Setting::default() };
        let drawn = ink(&setting, self.x, self.y);
        drawn.blurred(0.0, self.rect, false)
    }

    /// A box with round corners around the lines.
    fn plate(&self) -> Cover {
        let r = self.size * 0.22;
        let (a, b) = (self.rect.x as f32 - self.x, self.rect.y as f32 - self.y);
        let (c, d) = (a + self.rect.w as f32, b + self.rect.h as f32);
        let outline = vec![
            Step::Move(a + r, b),
            Step::Line(c - r, b),
            Step::Quad(c, b, c, b + r),
            Step::Line(c, d - r),
            Step::Quad(c, d, c - r, d),
            Step::Line(a + r, d),
            Step::Quad(a, d, a, d - r),
            Step::Line(a, b + r),
            Step::Quad(a, b, a + r, b),
            Step::Close,
        ];
        ink(&Setting { outline, size: self.size, ..Setting::default() }, self.x, self.y).blurred(0.0, self.rect, false)
    }

    /// Hands over the premultiplied pixels of a glyph that is a picture, each with its place in the sprite: every pixel is the
    /// mean of what of the stored picture lies under it, in 1/256 of its pixels.
    fn picture(&self, glyph: &Glyph, put: &mut dyn FnMut(usize, [u8; 4])) {
        let Ink::Picture(rgba, [w, h], [left, top, k]) = &glyph.ink else { return };
        let (left, top) = (self.x + left - self.rect.x as f32, self.y + top - self.rect.y as f32);
        let (wide, high) = (*w as f32 * k, *h as f32 * k);
        let range = |from: f32, size: f32, limit: i32| (from.floor() as i32).clamp(0, limit)..((from + size).ceil() as i32).clamp(0, limit);
        // Where an edge of the sprite's pixels lies in the stored picture.
        let span = |at: i32, from: f32, limit: u32| {
            let place = |v: i32| (((v as f32 - from) / k) * 256.0) as i64;
            let most = i64::from(limit) * 256;
            (place(at).clamp(0, most), place(at + 1).clamp(0, most))
        };
        let weights = |(a, b): (i64, i64)| (a / 256..(b + 255) / 256).map(move |i| (i as usize, ((i + 1) * 256).min(b) - (i * 256).max(a)));
        // What a whole pixel of the sprite covers.
        let whole = ((256.0 / k) * (256.0 / k)) as i64;
        for y in range(top, high, self.rect.h) {
            let rows = span(y, top, *h);
            for x in range(left, wide, self.rect.w) {
                let columns = span(x, left, *w);
                let mut sum = [0i64; 4];
                for (row, down) in weights(rows) {
                    for (column, across) in weights(columns) {
                        let at = (row * *w as usize + column) * 4;
                        let Some(p) = rgba.get(at..at + 4) else { continue };
                        let weight = down * across;
                        let alpha = i64::from(p[3]) * weight;
                        (0..3).for_each(|c| sum[c] += i64::from(p[c]) * alpha / 255);
                        sum[3] += alpha;
                    }
                }
                let pixel = sum.map(|s| (s / whole.max(1)).clamp(0, 255) as u8);
                if pixel[3] > 0 {
                    put(y as usize * self.rect.w as usize + x as usize, pixel.map(|c| c.min(pixel[3])));
                }
            }
        }
    }
}

/// A picture that is being made, premultiplied.
#[derive(Clone)]
struct Picture {
    rect: Rect,
    rgba: Vec<u8>,
}

impl Picture {
    /// Lays a colour over it where a mask covers it.
    fn put(&mut self, mask: &Cover, colour: [u8; 3], alpha: u32) {
        debug_assert_eq!(mask.rect, self.rect);
        for (&cover, pixel) in mask.a.iter().zip(self.rgba.chunks_exact_mut(4)) {
            if cover > 0 {
                let a = (u32::from(cover) * alpha + 127) / 255;
                let part = |c: u8| ((u32::from(c) * a + 127) / 255) as u8;
                over(pixel, [part(colour[0]), part(colour[1]), part(colour[2]), a as u8]);
            }
        }
    }
}

/// A premultiplied colour over a premultiplied pixel.
fn over(pixel: &mut [u8], colour: [u8; 4]) {
    let under = 255 - u32::from(colour[3]);
    for (there, c) in pixel.iter_mut().zip(colour) {
        *there = (u32::from(c) + (u32::from(*there) * under + 127) / 255).min(255) as u8;
    }
}

/// A mask grown by `radius` pixels to all sides: of each pixel the most that a soft disc around it meets.
fn grown(mask: &Cover, radius: f32) -> Cover {
    let reach = radius.ceil() as i32;
    let mut disc: Vec<(i32, i32, u32)> = Vec::new();
    for dy in -reach..=reach {
        for dx in -reach..=reach {
            let weight = radius + 0.5 - ((dx * dx + dy * dy) as f32).sqrt();
            if weight > 0.0 && (dx, dy) != (0, 0) {
                disc.push((dx, dy, (weight.min(1.0) * 256.0) as u32));
            }
        }
    }
    let mut out = mask.clone();
    let (w, h) = (mask.rect.w, mask.rect.h);
    for (at, &cover) in mask.a.iter().enumerate().filter(|(_, c)| **c > 0) {
        let (x, y) = (at as i32 % w, at as i32 / w);
        for &(dx, dy, weight) in &disc {
            let (nx, ny) = (x + dx, y + dy);
            if (0..w).contains(&nx) && (0..h).contains(&ny) {
                let there = &mut out.a[(ny * w + nx) as usize];
                *there = (*there).max(((u32::from(cover) * weight) >> 8) as u8);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests;
