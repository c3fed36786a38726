//! Letters for captions: which font has which, and where each stands on its line. Own fonts carry Latin, Greek, Cyrillic,
//! Hebrew, Armenian and Georgian; for the rest the caller declares fonts as bytes. Which font draws a character is decided
//! here and nowhere else: by the order of the fonts, never by what a shaping library would fall back to on this machine.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use cosmic_text::{
    Align, Attrs, Buffer, CacheKey, CacheKeyFlags, Family, FontSystem, LayoutGlyph, Metrics, Shaping, SwashCache, SwashContent, Weight,
    Wrap, fontdb,
};
use unicode_segmentation::UnicodeSegmentation;

use crate::text::{Step, place};

/// Own fonts, by PostScript name, in the order in which they are asked. The last is asked after every declared one: its
/// letters are all of one width, which is better than none.
const OWN: [&str; 2] = ["LibertinusSerif-Bold", "NewCM10-Bold"];
const LAST: &str = "DejaVuSansMono-Bold";

/// Distance of base lines, as a part of the size.
pub(super) const LEADING: f32 = 1.26;

/// A font that letters are taken from.
#[derive(Clone, Copy)]
struct Font {
    /// The one name it has here.
    family: &'static str,
    id: fontdb::ID,
    /// Its pictures of letters have colours.
    colour: bool,
}

/// Names of fonts within one set; as many are looked at as there are names.
const FAMILIES: [&str; 16] = [
    "font-00", "font-01", "font-02", "font-03", "font-04", "font-05", "font-06", "font-07", "font-08", "font-09", "font-10", "font-11",
    "font-12", "font-13", "font-14", "font-15",
];

/// A line is drawn up to here, ten times what a caption holds; only a word without an end is longer. The files beside the film
/// have all of it.
const MOST_CHARACTERS: usize = 420;

/// As many fonts can be declared.
pub const MOST_FONTS: usize = FAMILIES.len() - OWN.len() - 1;

struct Press {
    fonts: FontSystem,
    glyphs: SwashCache,
}

/// A set of fonts.
pub struct Letters {
    press: Mutex<Press>,
    chain: Vec<Font>,
}

/// What is seen of a glyph.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ink {
    /// An outline, already in its place.
    Outline(Vec<Step>),
    /// A picture with colours, not premultiplied: RGBA, width, height; left, upper edge and the scale at which it stands.
    Picture(Arc<Vec<u8>>, [u32; 2], [f32; 3]),
}

/// A glyph in its place: pixels from the upper centre of the block.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Glyph {
    /// The line of the caption it belongs to.
    pub line: usize,
    /// The byte of that line at which what it shows begins.
    pub byte: usize,
    pub ink: Ink,
}

/// A text whose fonts have been chosen.
pub(super) struct Text {
    /// Lines, each after the mark of its direction.
    text: String,
    /// Stretches of one font.
    fonts: Vec<(Range<usize>, &'static str)>,
    /// Bytes of the mark before each line.
    mark: usize,
}

/// Lines that have been set: where their glyphs stand, pixels from the upper centre of the block.
#[derive(Default)]
pub(super) struct Block {
    glyphs: Vec<(usize, LayoutGlyph, f32, f32)>,
    mark: usize,
    pub size: f32,
    pub width: f32,
    pub height: f32,
}

type Data = Arc<dyn AsRef<[u8]> + Send + Sync>;

fn own() -> &'static Vec<(String, Data)> {
    static OWN_DATA: OnceLock<Vec<(String, Data)>> = OnceLock::new();
    OWN_DATA.get_or_init(|| {
        let mut db = fontdb::Database::new();
        for data in typst_assets::fonts() {
            db.load_font_source(fontdb::Source::Binary(Arc::new(data)));
        }
        let wanted = |name: &str| OWN.contains(&name) || name == LAST;
        let faces = db.faces().filter(|face| wanted(&face.post_script_name));
        faces
            .filter_map(|face| match &face.source {
                fontdb::Source::Binary(data) => Some((face.post_script_name.clone(), Arc::clone(data))),
                _ => None,
            })
            .collect()
    })
}

impl Letters {
    /// The own fonts and declared ones, in this order. In a file of several fonts the one for a language (BCP 47) is taken,
    /// where its name says so, else the first.
    pub fn new(declared: &[Arc<Vec<u8>>], language: &str) -> Self {
        let own = |name: &str| own().iter().find(|(n, _)| n == name).map(|(_, data)| Arc::clone(data));
        let mut sources: Vec<Data> = OWN.iter().filter_map(|name| own(name)).collect();
        sources.extend(declared.iter().take(MOST_FONTS).map(|data| Arc::clone(data) as Data));
        sources.extend(own(LAST));
        let mut db = fontdb::Database::new();
        let mut found = Vec::new();
        for (source, family) in sources.into_iter().zip(FAMILIES) {
            let ids = db.load_font_source(fontdb::Source::Binary(source));
            let suits = |id: &&fontdb::ID| {
                let named = db.face(**id).and_then(|f| f.families.first()).map_or("", |(name, _)| name.as_str());
                region(language).is_some_and(|region| named.ends_with(region))
            };
            let Some(id) = ids.iter().find(suits).or(ids.first()).copied() else { continue };
            let face = db.face(id).cloned();
            ids.iter().for_each(|id| db.remove_face(*id));
            if let Some(mut face) = face {
                face.families = vec![(family.to_owned(), fontdb::Language::English_UnitedStates)];
                (face.style, face.weight, face.stretch) = (fontdb::Style::Normal, fontdb::Weight::NORMAL, fontdb::Stretch::Normal);
                found.push((family, db.push_face_info(face)));
            }
        }
        let mut fonts = FontSystem::new_with_locale_and_db("en-US".into(), db);
        let mut chain = Vec::new();
        for (family, id) in found {
            // A font that cannot be read is none.
            if let Some(font) = fonts.get_font(id, Weight::NORMAL) {
                let colour = font.as_swash().color_strikes().next().is_some() || font.as_swash().color_palettes().next().is_some();
                chain.push(Font { family, id, colour });
            }
        }
        Self { press: Mutex::new(Press { fonts, glyphs: SwashCache::new() }), chain }
    }

    /// The characters of texts that no font of the set has, as a reader counts characters.
    pub fn unknown<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
        let mut press = self.press.lock().unwrap_or_else(PoisonError::into_inner);
        let characters: BTreeSet<&str> = texts.into_iter().flat_map(|t| t.graphemes(true)).collect();
        characters.into_iter().filter(|c| !is_blank(c) && self.font_of(&mut press.fonts, c).is_none()).map(str::to_owned).collect()
    }

    /// The letters for which a font is to be looked for: no font of the set has them, or one only in a fashion.
    pub fn wanted<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<char> {
        let mut press = self.press.lock().unwrap_or_else(PoisonError::into_inner);
        let last = self.chain.last().map(|font| font.id);
        let characters: BTreeSet<&str> = texts.into_iter().flat_map(|t| t.graphemes(true)).filter(|c| !is_blank(c)).collect();
        let poor = characters.into_iter().filter(|c| match self.font_of(&mut press.fonts, c) {
            None => true,
            Some(font) if is_emoji(c) => !font.colour,
            Some(font) => Some(font.id) == last && c.chars().any(reads_from_right),
        });
        poor.flat_map(|c| c.chars()).filter(|c| !is_silent(*c)).collect()
    }

    /// The font of a character: the first that has all of it; for an emoji, the first with colours that does.
    fn font_of(&self, fonts: &mut FontSystem, character: &str) -> Option<Font> {
        let has = |fonts: &mut FontSystem, font: &Font| {
            let Some(loaded) = fonts.get_font(font.id, Weight::NORMAL) else { return false };
            let letters = loaded.as_swash().charmap();
            character.chars().filter(|c| !is_silent(*c)).all(|c| letters.map(c) != 0)
        };
        let emoji = is_emoji(character);
        let of = |colour: bool| self.chain.iter().filter(move |font| font.colour == colour);
        of(emoji).chain(of(!emoji)).find(|font| has(fonts, font)).copied()
    }

    /// The text in stretches of one font.
    fn stretches(&self, fonts: &mut FontSystem, text: &str) -> Vec<(Range<usize>, &'static str)> {
        let mut out: Vec<(Range<usize>, &'static str)> = Vec::new();
        let first = self.chain.first().map_or(FAMILIES[0], |f| f.family);
        // A word that reads from the right is drawn by one font if any has all of it, its full stop too: the library puts what
        // different fonts draw of such a word in the wrong order.
        let mut word: Option<(usize, Option<Font>)> = None;
        for (at, character) in text.grapheme_indices(true) {
            if word.is_none_or(|(end, _)| at >= end) {
                let length = text[at..].find(char::is_whitespace).unwrap_or(text.len() - at);
                let whole = &text[at..at + length];
                let font = whole.chars().any(reads_from_right).then(|| self.font_of(fonts, whole)).flatten();
                word = Some((at + length.max(character.len()), font));
            }
            let of_word = word.and_then(|(_, font)| font);
            let family = if let Some(font) = of_word {
                font.family
            } else if character.chars().all(|c| c.is_whitespace()) {
                first
            } else if is_blank(character) {
                // A mark that is not seen must not tear a word.
                out.last().map_or(first, |(_, family)| family)
            } else {
                self.font_of(fonts, character).map_or(first, |f| f.family)
            };
            let end = at + character.len();
            match out.last_mut() {
                Some((range, last)) if *last == family => range.end = end,
                _ => out.push((at..end, family)),
            }
        }
        out
    }

    /// Chooses the fonts of lines. `from_right`: they are parts of a text that reads from the right.
    pub(super) fn text(&self, lines: &[String], from_right: bool) -> Text {
        let mut press = self.press.lock().unwrap_or_else(PoisonError::into_inner);
        // A mark makes every line of the text read as the text does, whatever the line begins with.
        let mixed = lines.iter().flat_map(|l| l.chars()).any(reads_from_right);
        let mark = match (mixed, from_right) {
            (_, true) => "\u{200f}",
            (true, false) => "\u{200e}",
            (false, false) => "",
        };
        let line = |line: &String| {
            let end = line.grapheme_indices(true).nth(MOST_CHARACTERS).map_or(line.len(), |(at, _)| at);
            let cut = if end < line.len() { "…" } else { "" };
            format!("{mark}{}{cut}", line[..end].replace(char::is_control, " "))
        };
        let text = lines.iter().map(line).collect::<Vec<_>>().join("\n");
        let fonts = self.stretches(&mut press.fonts, &text);
        Text { text, fonts, mark: mark.len() }
    }

    /// Sets lines one under the other, each centred; a line wider than `width` is broken further.
    pub(super) fn set(&self, text: &Text, size: f32, width: f32) -> Block {
        let mut press = self.press.lock().unwrap_or_else(PoisonError::into_inner);
        let fonts = &mut press.fonts;
        let plain = Attrs::new().family(Family::Name(self.chain.first().map_or(FAMILIES[0], |f| f.family)));
        let spans = text.fonts.iter().map(|(range, family)| (&text.text[range.clone()], Attrs::new().family(Family::Name(family))));
        let mut buffer = Buffer::new(fonts, Metrics::new(size, size * LEADING));
        buffer.set_wrap(Wrap::WordOrGlyph);
        buffer.set_size(Some(width), None);
        buffer.set_rich_text(spans, &plain, Shaping::Advanced, Some(Align::Left));
        buffer.shape_until_scroll(fonts, false);
        let mut block = Block { mark: text.mark, size, ..Block::default() };
        for run in buffer.layout_runs() {
            let seen: Vec<&LayoutGlyph> = run.glyphs.iter().filter(|g| !run.text.get(g.start..g.end).is_none_or(is_blank)).collect();
            let (left, right) = seen.iter().fold((f32::MAX, f32::MIN), |(a, b), g| (a.min(g.x), b.max(g.x + g.w)));
            block.height = block.height.max(run.line_top + size * LEADING);
            if !seen.is_empty() {
                block.width = block.width.max(right - left);
            }
            for glyph in seen {
                let (x, y) = (glyph.x + size * glyph.x_offset - (left + right) * 0.5, run.line_y - size * glyph.y_offset);
                block.glyphs.push((run.line_i, glyph.clone(), x, y));
            }
        }
        block
    }

    /// What is seen of lines that have been set.
    pub(super) fn inked(&self, block: &Block) -> Vec<Glyph> {
        let mut guard = self.press.lock().unwrap_or_else(PoisonError::into_inner);
        let Press { fonts, glyphs } = &mut *guard;
        let seen = block.glyphs.iter().filter_map(|(line, glyph, x, y)| {
            let ink = ink(fonts, glyphs, glyph, block.size, *x, *y)?;
            Some(Glyph { line: *line, byte: glyph.start.saturating_sub(block.mark), ink })
        });
        seen.collect()
    }
}

fn ink(fonts: &mut FontSystem, glyphs: &mut SwashCache, glyph: &LayoutGlyph, size: f32, x: f32, y: f32) -> Option<Ink> {
    let key =
        |size: f32| CacheKey::new(glyph.font_id, glyph.glyph_id, size, (0.0, 0.0), glyph.font_weight, CacheKeyFlags::DISABLE_HINTING).0;
    let font = fonts.get_font(glyph.font_id, glyph.font_weight)?;
    // A picture is taken as it is stored and scaled by whole numbers here: the library's own scaling asks the system's libm.
    let strike = font.as_swash().color_strikes().map(|s| s.ppem()).max().filter(|p| *p > 0).map(f32::from);
    if strike.is_some() || font.as_swash().color_palettes().next().is_some() {
        let drawn = strike.unwrap_or(size);
        if let Some(image) = glyphs.get_image(fonts, key(drawn))
            && image.content == SwashContent::Color
            && image.placement.width * image.placement.height > 0
        {
            let (p, k) = (image.placement, size / drawn);
            let place = [x + p.left as f32 * k, y - p.top as f32 * k, k];
            return Some(Ink::Picture(Arc::new(image.data.clone()), [p.width, p.height], place));
        }
    }
    let outline = glyphs.get_outline_commands(fonts, key(size))?;
    Some(Ink::Outline(outline.iter().map(|command| place(*command, x, y)).collect()))
}

/// The letters that a font has, of those that are wanted.
pub fn letters_of(font: &Arc<Vec<u8>>, wanted: &BTreeSet<char>) -> BTreeSet<char> {
    let mut db = fontdb::Database::new();
    let ids = db.load_font_source(fontdb::Source::Binary(Arc::clone(font) as Data));
    let mut fonts = FontSystem::new_with_locale_and_db("en-US".into(), db);
    let Some(font) = ids.first().and_then(|id| fonts.get_font(*id, Weight::NORMAL)) else { return BTreeSet::new() };
    let letters = font.as_swash().charmap();
    wanted.iter().copied().filter(|c| letters.map(*c) != 0).collect()
}

/// What the fonts of a collection for a language are called at the end.
fn region(language: &str) -> Option<&'static str> {
    let language = language.to_ascii_lowercase();
    let traditional = ["hant", "tw", "hk", "mo"].iter().any(|r| language.split('-').any(|part| part == *r));
    match language.split('-').next()? {
        "zh" if traditional => Some(" TC"),
        "zh" => Some(" SC"),
        "ja" => Some(" JP"),
        "ko" => Some(" KR"),
        _ => None,
    }
}

/// Whether nothing is seen of a character by itself: white space and marks that only steer.
fn is_blank(character: &str) -> bool {
    character.chars().all(|c| c.is_whitespace() || c.is_control() || is_silent(c))
}

/// Characters that no font needs to have: joiners, directions, variation selectors, tags (Default_Ignorable_Code_Point).
fn is_silent(c: char) -> bool {
    matches!(c as u32,
        0xad | 0x34f | 0x61c | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f
        | 0x3164 | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff0..=0xfff8 | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff)
}

/// Whether a letter is of a script that is written from the right: the blocks from Hebrew to Arabic Extended-A, the
/// presentation forms, and the historic ones.
fn reads_from_right(c: char) -> bool {
    matches!(c as u32, 0x590..=0x8ff | 0xfb1d..=0xfdff | 0xfe70..=0xfeff | 0x10800..=0x10fff | 0x1e800..=0x1efff)
}

/// Whether a character is to be shown as a small picture: it says so, or stands where only such characters do.
fn is_emoji(character: &str) -> bool {
    let pictures = |c: char| matches!(c as u32, 0x1f000..=0x1faff | 0xfe0f | 0x20e3);
    !character.contains('\u{fe0e}') && character.chars().any(pictures)
}
