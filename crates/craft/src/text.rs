//! Words as shapes: shaping, wrapping and outlines of text, from fonts that are part of this program. No system font is
//! ever read, so the same words give the same outlines on every machine. Libertinus Serif (SIL Open Font Licence 1.1)
//! carries Latin, Greek and Cyrillic; a letter it lacks falls back to the other embedded fonts, and what no font knows is
//! counted in [`Setting::missing`] instead of being drawn as a box.

use std::sync::{Mutex, OnceLock};

use cosmic_text::{
    Align, Attrs, Buffer, CacheKey, CacheKeyFlags, Family, FontSystem, Metrics, Shaping, Style as Slant, SwashCache, Weight, Wrap, fontdb,
};

use crate::{
    paper::{Cover, Rule, Xf},
    places::pen::letters,
};

/// A cut of the embedded serif.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// Upright.
    Regular,
    /// For titles in capitals.
    Bold,
    /// For subtitles, cards and handwriting.
    Italic,
}

/// Which side lines are set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Ragged right.
    Left,
    /// Centred on the measure.
    Centre,
}

/// How words are set. Lengths in pixels.
#[derive(Clone, Copy, Debug)]
pub struct Type {
    /// The cut.
    pub face: Face,
    /// Size of the letters.
    pub size: f32,
    /// Extra room after each letter, as a part of the size.
    pub tracking: f32,
    /// Distance of base lines, as a part of the size.
    pub leading: f32,
    /// Alignment.
    pub side: Side,
}

impl Type {
    /// Centred words of a face and a size, with the leading of the intertitles (art direction §11).
    pub fn new(face: Face, size: f32) -> Self {
        Self { face, size, tracking: 0.0, leading: 1.32, side: Side::Centre }
    }

    /// The same with a tracking.
    pub fn tracked(mut self, tracking: f32) -> Self {
        self.tracking = tracking;
        self
    }

    /// The same, set to the left.
    pub fn left(mut self) -> Self {
        self.side = Side::Left;
        self
    }
}

/// One step of an outline, in pixels, y down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// Begin a contour.
    Move(f32, f32),
    /// A straight line.
    Line(f32, f32),
    /// A quadratic curve: control point, end.
    Quad(f32, f32, f32, f32),
    /// A cubic curve: two control points, end.
    Cubic(f32, f32, f32, f32, f32, f32),
    /// Close the contour.
    Close,
}

/// A set line.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its words.
    pub text: String,
    /// Ink from, relative to the origin of the setting.
    pub left: f32,
    /// Ink width, without the tracking after the last letter.
    pub width: f32,
    /// Base line, below the top of the setting.
    pub baseline: f32,
}

/// Words that have been set. The origin is the upper left corner of the block for [`Side::Left`], its upper centre for
/// [`Side::Centre`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Setting {
    /// Outlines of every letter, to be filled by the non-zero rule.
    pub outline: Vec<Step>,
    /// Lines, from the top.
    pub lines: Vec<Line>,
    /// The widest line.
    pub width: f32,
    /// From the top of the first line to the bottom of the last.
    pub height: f32,
    /// The size that was used.
    pub size: f32,
    /// Letters that no embedded font has.
    pub missing: usize,
}

struct Press {
    fonts: FontSystem,
    glyphs: SwashCache,
}

fn press() -> &'static Mutex<Press> {
    static PRESS: OnceLock<Mutex<Press>> = OnceLock::new();
    PRESS.get_or_init(|| {
        let mut db = fontdb::Database::new();
        for data in typst_assets::fonts() {
            db.load_font_data(data.to_vec());
        }
        db.set_serif_family("Libertinus Serif");
        // A fixed locale: the fallback order of fonts must not depend on the user's.
        Mutex::new(Press { fonts: FontSystem::new_with_locale_and_db("en-US".into(), db), glyphs: SwashCache::new() })
    })
}

/// As many missing letters are named; to look for one in every font takes milliseconds.
const NAMED: usize = 24;

/// The first letters of a text, as written and as capitals, that no embedded font has: they would be left out of a card.
pub fn missing(text: &str) -> Vec<char> {
    let letters: std::collections::BTreeSet<char> =
        text.chars().flat_map(|c| c.to_uppercase().chain([c])).filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    letters.into_iter().filter(|c| set(&c.to_string(), Type::new(Face::Regular, 20.0), None).missing > 0).take(NAMED).collect()
}

/// Sets words within a width, wrapping at spaces; a word wider than the width is broken. Without a width, only `\n` breaks.
pub fn set(text: &str, kind: Type, width: Option<f32>) -> Setting {
    // A control is no letter: each would be looked for in every font, at every size, and never found.
    let text = &text.replace(|c: char| c.is_control() && c != '\n', " ");
    let mut guard = press().lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let Press { fonts, glyphs } = &mut *guard;
    let size = kind.size.max(1.0);
    let mut buffer = Buffer::new(fonts, Metrics::new(size, size * kind.leading));
    let attrs = Attrs::new().family(Family::Name("Libertinus Serif")).letter_spacing(kind.tracking);
    let attrs = match kind.face {
        Face::Regular => attrs,
        Face::Bold => attrs.weight(Weight::BOLD),
        Face::Italic => attrs.style(Slant::Italic),
    };
    buffer.set_wrap(Wrap::WordOrGlyph);
    buffer.set_size(width, None);
    buffer.set_text(text, &attrs, Shaping::Advanced, Some(Align::Left));
    buffer.shape_until_scroll(fonts, false);
    let mut out = Setting { size, ..Setting::default() };
    for run in buffer.layout_runs() {
        let trailing = kind.tracking * size;
        let ink: Vec<_> = run.glyphs.iter().filter(|g| !run.text.get(g.start..g.end).is_some_and(|t| t.trim().is_empty())).collect();
        let (left, right) = ink.iter().fold((f32::MAX, 0.0f32), |(a, b), g| (a.min(g.x), b.max(g.x + g.w)));
        let (left, right) = if ink.is_empty() { (0.0, 0.0) } else { (left, (right - trailing).max(left)) };
        let shift = match kind.side {
            Side::Left => -left,
            Side::Centre => -(left + right) * 0.5,
        };
        let words: String = match (run.glyphs.iter().map(|g| g.start).min(), run.glyphs.iter().map(|g| g.end).max()) {
            (Some(a), Some(b)) => run.text.get(a..b).unwrap_or("").trim().to_owned(),
            _ => String::new(),
        };
        let baseline = run.line_y;
        for glyph in ink {
            if glyph.glyph_id == 0 {
                out.missing += 1;
                continue;
            }
            let key = CacheKey::new(glyph.font_id, glyph.glyph_id, size, (0.0, 0.0), glyph.font_weight, CacheKeyFlags::DISABLE_HINTING).0;
            let (x, y) = (glyph.x + size * glyph.x_offset + shift, baseline - size * glyph.y_offset);
            for command in glyphs.get_outline_commands(fonts, key).unwrap_or(&[]) {
                out.outline.push(place(*command, x, y));
            }
        }
        out.width = out.width.max(right - left);
        out.height = out.height.max(run.line_top + size * kind.leading);
        out.lines.push(Line { text: words, left: left + shift, width: right - left, baseline });
    }
    out
}

/// A step of a letter's outline in its place.
pub(crate) fn place(command: cosmic_text::Command, x: f32, y: f32) -> Step {
    use cosmic_text::Command as C;
    match command {
        C::MoveTo(p) => Step::Move(x + p.x, y - p.y),
        C::LineTo(p) => Step::Line(x + p.x, y - p.y),
        C::QuadTo(c, p) => Step::Quad(x + c.x, y - c.y, x + p.x, y - p.y),
        C::CurveTo(a, b, p) => Step::Cubic(x + a.x, y - a.y, x + b.x, y - b.y, x + p.x, y - p.y),
        C::Close => Step::Close,
    }
}

/// How much of each pixel set words cover, with their origin at `x`, `y` pixels: plain print, without paper or light.
pub fn ink(setting: &Setting, x: f32, y: f32) -> Cover {
    let outline = letters(setting, &Xf::new(x, y, 1.0));
    Cover::fill(outline.polys(), Rule::NonZero, outline.bounds())
}

/// Sets words into a box: the size shrinks until they stand in at most `lines` lines within `width` and `height`; then more
/// lines are allowed; at last the end is cut with an ellipsis. The lines are balanced, so that no word stands alone on the
/// last line. What is returned never overflows the box.
pub fn fit(text: &str, kind: Type, width: f32, height: f32, lines: usize) -> Setting {
    let at = |k: f32| Type { size: kind.size * k, ..kind };
    for (most, low) in [(lines.max(1), 11), (usize::MAX, 5)] {
        let mut step = if most == usize::MAX { 11 } else { 20 };
        while step >= low {
            let kind = at(step as f32 * 0.05);
            if !breaks_a_word(text, kind, width) {
                let setting = set(text, kind, Some(width));
                if setting.lines.len() <= most && setting.width <= width && setting.height <= height {
                    return balance(text, kind, width, setting);
                }
            }
            step -= 1;
        }
    }
    let kind = at(0.3);
    let mut keep: Vec<char> = text.chars().collect();
    while !keep.is_empty() {
        let cut: String = keep.iter().collect::<String>().trim_end().to_owned() + "…";
        let setting = set(&cut, kind, Some(width));
        if setting.width <= width && setting.height <= height {
            return setting;
        }
        let drop = (keep.len() / 16).max(1);
        keep.truncate(keep.len() - drop);
    }
    Setting::default()
}

fn breaks_a_word(text: &str, kind: Type, width: f32) -> bool {
    text.split_whitespace().map(str::chars).max_by_key(|c| c.clone().count()).is_some_and(|longest| {
        let word: String = longest.collect();
        // Letters are rarely wider than their size: most words need no measuring.
        word.chars().count() as f32 * kind.size * (0.9 + kind.tracking) > width && set(&word, kind, None).width > width
    })
}

/// The narrowest measure that keeps the number of lines.
fn balance(text: &str, kind: Type, width: f32, setting: Setting) -> Setting {
    let count = setting.lines.len();
    if count < 2 {
        return setting;
    }
    let (mut low, mut high, mut best) = (width * 0.3, width, setting);
    for _ in 0..7 {
        let middle = (low + high) * 0.5;
        if breaks_a_word(text, kind, middle) {
            low = middle;
            continue;
        }
        let tried = set(text, kind, Some(middle));
        if tried.lines.len() <= count && tried.width <= middle {
            high = middle;
            best = tried;
        } else {
            low = middle;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_outlines_and_centre_on_the_origin() {
        let s = set("The Sixth Can", Type::new(Face::Bold, 76.0).tracked(0.1), None);
        assert_eq!(s.lines.len(), 1);
        assert_eq!(s.missing, 0);
        assert!(s.outline.len() > 100);
        let line = &s.lines[0];
        assert!((line.left + line.width * 0.5).abs() < 0.01, "{line:?}");
        let left = s.outline.iter().filter_map(|p| if let Step::Move(x, _) = p { Some(*x) } else { None }).fold(f32::MAX, f32::min);
        assert!(left >= line.left - 4.0);
    }

    #[test]
    fn faces_differ_and_letters_beyond_ascii_are_known() {
        let italic = set("Ægir går hjem, Ωmega", Type::new(Face::Italic, 40.0), None);
        let upright = set("Ægir går hjem, Ωmega", Type::new(Face::Regular, 40.0), None);
        assert_eq!(italic.missing + upright.missing, 0);
        assert_ne!(italic.outline, upright.outline);
        assert!(set("𐎀", Type::new(Face::Regular, 40.0), None).missing > 0);
        assert_eq!(missing("Qu 日本 — ‘éß’ x!"), ['日', '本']);
    }

    #[test]
    fn a_fitted_text_never_leaves_its_box() {
        let long = "word ".repeat(200);
        for text in
            ["Short", "A line of dialogue that needs a second line on the card", "Donaudampfschifffahrtsgesellschaftskapitän", &long]
        {
            for (w, h) in [(700.0, 260.0), (240.0, 120.0)] {
                let s = fit(text, Type::new(Face::Italic, 52.0), w, h, 3);
                assert!(s.width <= w && s.height <= h && !s.lines.is_empty(), "{text:.20} {w} {} {}", s.width, s.height);
            }
        }
    }

    #[test]
    fn ink_lies_where_the_words_are_set() {
        let s = set("O", Type::new(Face::Regular, 60.0).left(), None);
        let cover = ink(&s, 100.0, 50.0);
        let (middle, line) = ((100.0 + s.lines[0].width * 0.5) as i32, (50.0 + s.lines[0].baseline) as i32);
        assert!(cover.rect.x >= 98 && cover.rect.bottom() <= line + 3, "{:?}", cover.rect);
        assert_eq!(cover.at(middle, line - 20), 0, "a letter O is hollow");
        assert!((0..60).any(|x| cover.at(100 + x, line - 20) > 200));
    }

    #[test]
    fn lines_are_balanced() {
        let s = fit("Seven boats came home and none of them saw the lamp", Type::new(Face::Italic, 52.0), 760.0, 300.0, 3);
        let widths: Vec<f32> = s.lines.iter().map(|l| l.width).collect();
        assert!(widths.len() == 2 && widths[1] > widths[0] * 0.6, "{widths:?}");
    }
}
