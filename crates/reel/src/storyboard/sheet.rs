//! The storyboard as PNG pages, A4 landscape at 150 dots an inch: six panels a page, set with the fonts that are part of
//! this program, so that the same film gives the same bytes on any machine.

use craft::{
    paper::Cover,
    text::{self, Face, Setting, Type},
};
use media::image::{Image, encode_rgb};

use super::{Board, Panel, seconds, timecode};
use crate::failure::Failure;

/// Width of a page in pixels.
const WIDTH: u32 = 1754;
/// Height of a page in pixels.
const HEIGHT: u32 = 1240;
/// Around the page.
const MARGIN: f32 = 52.0;
/// Between panels, across and down.
const GUTTER: (f32, f32) = (30.0, 26.0);
/// From the top margin to the first row.
const HEADER: f32 = 62.0;
const COLUMNS: usize = 3;
const ROWS: usize = 2;
/// Letters of a panel's text, before it is made to fit.
const LETTERS: f32 = 19.0;

type Rgb = [u8; 3];
const PAPER: Rgb = [250, 245, 235];
const INK: Rgb = [43, 38, 32];
const SOFT: Rgb = [109, 98, 86];
const ACCENT: Rgb = [164, 73, 47];
const RULE: Rgb = [214, 201, 178];

/// The pages of a film, in order. `pictures` are its frames, one a panel, of any size.
///
/// # Errors
/// A gate: when a text holds a letter that no font here has.
pub fn pages(board: &Board, pictures: &[Image]) -> Result<Vec<Vec<u8>>, Failure> {
    writable(board)?;
    let on_page = COLUMNS * ROWS;
    let count = board.panels.len().div_ceil(on_page);
    let rows: Vec<(&Panel, &Image)> = board.panels.iter().zip(pictures).collect();
    let pages = rows.chunks(on_page).enumerate().map(|(at, panels)| {
        let mut page = Page::blank();
        page.header(board, at + 1, count);
        for (place, (panel, picture)) in panels.iter().enumerate() {
            page.panel(board, panel, picture, place % COLUMNS, place / COLUMNS);
        }
        encode_rgb(WIDTH, HEIGHT, &page.rgb).map_err(Failure::internal)
    });
    pages.collect()
}

/// The glyph gate: a letter that no font has would silently be left out.
fn writable(board: &Board) -> Result<(), Failure> {
    let texts = board.panels.iter().flat_map(|p| entries(p).into_iter().map(|e| e.text)).chain([board.title.clone()]);
    for text in texts {
        let missing: String = text::missing(&text).into_iter().collect();
        if !missing.is_empty() {
            return Err(Failure::blocked(
                format!("[glyphs] the sheet's `{text}` asks for `{missing}`, which no font here has"),
                "open the HTML page, which uses the fonts of your browser, or write it with other letters",
            ));
        }
    }
    Ok(())
}

/// A paragraph of a panel.
struct Entry {
    text: String,
    face: Face,
    colour: Rgb,
    /// Room above it, as a part of the letters' size.
    above: f32,
}

/// What a panel says under its head: what must be read first stands first.
fn entries(panel: &Panel) -> Vec<Entry> {
    let entry = |text: String, face, colour, above| Entry { text, face, colour, above };
    let transition = panel.transition.iter().map(|t| format!(", {t}"));
    let mark = panel.stand_in.then(|| " — stand-in".to_owned());
    let camera: String = [format!("{}, {}", panel.framing, panel.movement)].into_iter().chain(transition).chain(mark).collect();
    let mut out = vec![entry(camera, Face::Regular, SOFT, 0.0)];
    if let Some(place) = &panel.place {
        let who = if panel.who.is_empty() { String::new() } else { format!(" — {}", panel.who.join(", ")) };
        out.push(entry(format!("{place}{who}"), Face::Regular, SOFT, 0.0));
    }
    for line in &panel.lines {
        let on = if line.runs_on { "… " } else { "" };
        out.push(entry(format!("{}: {on}“{}”", line.speaker, line.text), Face::Regular, INK, 0.3));
    }
    if !panel.action.is_empty() {
        out.push(entry(panel.action.clone(), Face::Italic, INK, 0.3));
    }
    if !panel.sounds.is_empty() {
        out.push(entry(format!("sound: {}", panel.sounds.join(", ")), Face::Regular, SOFT, 0.3));
    }
    out.extend(panel.music.iter().map(|music| entry(format!("music: {music}"), Face::Regular, SOFT, 0.0)));
    out
}

/// A page in the making.
struct Page {
    rgb: Vec<u8>,
}

impl Page {
    fn blank() -> Self {
        Self { rgb: PAPER.repeat((WIDTH * HEIGHT) as usize) }
    }

    fn header(&mut self, board: &Board, page: usize, of: usize) {
        let title = text::set(&board.title, Type::new(Face::Bold, 34.0).left(), None);
        self.words(&title, MARGIN, MARGIN - 12.0, INK);
        let about = format!("{}, episode {} — {} — page {page} of {of}", board.project_id, board.episode, board.length());
        let about = text::fit(&about, Type::new(Face::Regular, 20.0).left(), WIDTH as f32 - 2.0 * MARGIN - title.width - 40.0, 40.0, 1);
        self.words(&about, WIDTH as f32 - MARGIN - about.width, MARGIN, SOFT);
        self.rule(MARGIN, MARGIN + 40.0, WIDTH as f32 - 2.0 * MARGIN);
    }

    fn panel(&mut self, board: &Board, panel: &Panel, picture: &Image, column: usize, row: usize) {
        let width = (WIDTH as f32 - 2.0 * MARGIN - (COLUMNS - 1) as f32 * GUTTER.0) / COLUMNS as f32;
        let height = (HEIGHT as f32 - 1.6 * MARGIN - HEADER - (ROWS - 1) as f32 * GUTTER.1) / ROWS as f32;
        let (x, y) = (MARGIN + column as f32 * (width + GUTTER.0), MARGIN + HEADER + row as f32 * (height + GUTTER.1));
        // A wide picture stands over its words, any other beside them.
        let wide = board.canvas.width > board.canvas.height;
        let share = board.canvas.height as f32 / board.canvas.width as f32;
        let w = if wide { width } else { (width * 0.55).min(height / share) };
        let h = w * share;
        self.picture(picture, x, y, w, h);
        let (left, top) = if wide { (x, y + h + 8.0) } else { (x + w + 16.0, y - 4.0) };
        let measure = if wide { width } else { width - w - 16.0 };
        let top = top + self.head(board, panel, left, top, measure, wide);
        self.entries(&entries(panel), left, top, measure, y + height - top);
    }

    /// Number, id, time and length; gives its height.
    fn head(&mut self, board: &Board, panel: &Panel, x: f32, y: f32, measure: f32, one_line: bool) -> f32 {
        let number = text::set(&panel.number.to_string(), Type::new(Face::Bold, 28.0).left(), None);
        self.words(&number, x, y - 4.0, ACCENT);
        let id = text::fit(&panel.shot_id, Type::new(Face::Bold, 20.0).left(), measure - 44.0, 28.0, 1);
        self.words(&id, x + 44.0, y + 2.0, INK);
        let time =
            format!("{}  ·  {} s  ·  {} frames", timecode(board.rate, panel.start_frame), seconds(board.rate, panel.frames), panel.frames);
        let room = if one_line { measure - 60.0 - id.width } else { measure };
        let time = text::fit(&time, Type::new(Face::Regular, 17.0).left(), room, 26.0, 1);
        let at = if one_line { (x + measure - time.width, y + 4.0) } else { (x, y + 30.0) };
        self.words(&time, at.0, at.1, SOFT);
        if one_line { 32.0 } else { 58.0 }
    }

    /// Paragraphs, as large as they fit; what does not fit even when small ends with an ellipsis.
    fn entries(&mut self, entries: &[Entry], x: f32, y: f32, measure: f32, height: f32) {
        let set = |size: f32| -> Vec<(Setting, f32, Rgb)> {
            let mut at = 0.0;
            let set = entries.iter().map(|e| {
                at += e.above * size;
                let kind = Type { leading: 1.2, ..Type::new(e.face, size).left() };
                let setting = text::set(&e.text, kind, Some(measure));
                let from = at;
                at += setting.height;
                (setting, from, e.colour)
            });
            set.collect()
        };
        let fits = |set: &[(Setting, f32, Rgb)]| set.last().is_none_or(|(s, from, _)| from + s.height <= height);
        let sizes = (0..8).map(|step| LETTERS - step as f32);
        let smallest = LETTERS - 7.0;
        let chosen = sizes.map(set).find(|s| fits(s)).unwrap_or_else(|| {
            let mut kept = set(smallest);
            let lines = kept.iter().take_while(|(s, from, _)| from + s.height <= height).count();
            // The paragraph that crosses the foot gets what room is left; the rest is left out, and the ellipsis says so.
            if let (Some((_, from, colour)), Some(entry)) = (kept.get(lines).cloned(), entries.get(lines)) {
                kept.truncate(lines);
                let words = format!("{} …", entry.text);
                kept.push((text::fit(&words, Type::new(entry.face, smallest).left(), measure, (height - from).max(0.0), 3), from, colour));
            }
            kept
        });
        for (setting, from, colour) in &chosen {
            self.words(setting, x, y + from, *colour);
        }
    }

    fn words(&mut self, setting: &Setting, x: f32, y: f32, colour: Rgb) {
        self.ink(&text::ink(setting, x, y), colour);
    }

    fn ink(&mut self, cover: &Cover, colour: Rgb) {
        for y in cover.rect.y.max(0)..cover.rect.bottom().min(HEIGHT as i32) {
            for x in cover.rect.x.max(0)..cover.rect.right().min(WIDTH as i32) {
                let a = u32::from(cover.at(x, y));
                if a > 0 {
                    let at = (y as usize * WIDTH as usize + x as usize) * 3;
                    for (under, over) in self.rgb[at..at + 3].iter_mut().zip(colour) {
                        *under = ((u32::from(*under) * (255 - a) + u32::from(over) * a + 127) / 255) as u8;
                    }
                }
            }
        }
    }

    fn rule(&mut self, x: f32, y: f32, width: f32) {
        let at = (y as usize * WIDTH as usize + x as usize) * 3;
        for pixel in self.rgb[at..at + width as usize * 3].as_chunks_mut::<3>().0 {
            *pixel = RULE;
        }
    }

    fn picture(&mut self, picture: &Image, x: f32, y: f32, w: f32, h: f32) {
        let (x, y, w, h) = (x as usize, y as usize, (w as u32).max(1), (h as u32).max(1));
        let small = picture.cover(w, h);
        for (row, pixels) in small.rgba.chunks_exact(w as usize * 4).enumerate() {
            let at = ((y + row) * WIDTH as usize + x) * 3;
            let Some(out) = self.rgb.get_mut(at..at + w as usize * 3) else { break };
            for (to, from) in out.as_chunks_mut::<3>().0.iter_mut().zip(pixels.as_chunks::<4>().0) {
                *to = [from[0], from[1], from[2]];
            }
        }
    }
}
