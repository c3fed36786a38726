//! One function a parser, for the corpus replay, the mutation loop and cargo-fuzz alike. A target takes any bytes; what it
//! asserts holds for all of them.

use contracts::{EditRate, Hash, Id, canon::StoryTime, canonical_value, documents, render::Caption, table_read::WordMark};
use serde_json::Value;

/// What a target may take, in megabytes, unless it says otherwise.
const MEMORY_MB: u64 = 64;

type Act = dyn Fn(&[u8]) + Send + Sync + std::panic::RefUnwindSafe;

/// A parser and what holds for it.
pub struct Target {
    /// Its name, and that of its corpus in `tests/corpus`.
    pub name: String,
    /// What it may take for one input, in megabytes.
    pub memory_mb: u64,
    /// What mutations put together with this format's own words.
    pub words: &'static [&'static str],
    run: Box<Act>,
}

impl Target {
    /// Gives it bytes. Panics when something does not hold.
    pub fn run(&self, bytes: &[u8]) {
        (self.run)(bytes);
    }
}

const JSON: &[&str] = &[
    "null",
    "true",
    "{}",
    "[]",
    "\"\"",
    "-1",
    "0",
    "9007199254740993",
    "1e400",
    "1.5",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"schema_version\":\"9.0.0\"",
    "\"schema_version\":\"\"",
    "\"schema_id\":\"x\"",
    "[[[[[[[[",
    "{\"a\":{\"a\":",
    ",",
    "\"camera\":1",
    "\"provider\":1",
    "18446744073709551615",
];
const TOML: &[&str] = &[
    "[",
    "]",
    "[[",
    "]]",
    "=",
    "\"\"\"",
    "'''",
    "\n",
    "{ a = { b = {",
    "1979-05-27T07:32:00Z",
    "inf",
    "nan",
    "[[facts]]\n",
    "[[characters]]\n",
    "[world]\n",
    "name = ",
    "0x7fffffffffffffff",
    "\u{feff}",
    "\\U0010FFFF",
    "#",
    "until = \"0000-00-00T00:00\"\n",
];
const TEXT: &[&str] = &[
    "-->",
    "\n\n",
    "\r\n",
    "{\\an8}",
    "<b>",
    "</i>",
    "&amp;",
    "%{gmtime}",
    "'",
    "\"",
    ":",
    ",",
    ";",
    "[",
    "]",
    "\\",
    "\u{2060}",
    "\u{202e}",
    "\u{0}",
    "👩‍👩‍👧",
    "e\u{301}",
    "日本語",
    "…",
    "INT. ",
    "EXT. ",
    "CUT TO:",
    "(beat)",
    "[[",
    "]]",
    "/*",
    "*/",
    "===",
    "@",
    "!",
    ">",
    "<",
    "~",
    "#",
    "Title:",
];
const BOXES: &[&str] = &[
    "moov",
    "trak",
    "mdia",
    "mdhd",
    "stts",
    "stsz",
    "stsc",
    "stco",
    "co64",
    "ctts",
    "stsd",
    "avc1",
    "avcC",
    "elst",
    "moof",
    "\0\0\0\u{1}",
    "\0\0\0\0",
    "\u{7f}\u{7f}\u{7f}\u{7f}",
    "IHDR",
    "IDAT",
    "PLTE",
    "tRNS",
    "zTXt",
    "iCCP",
    "acTL",
    "fcTL",
    "fdAT",
    "eXIf",
    "gAMA",
    "IEND",
    "RIFF",
    "WAVE",
    "fmt ",
    "data",
    "LIST",
];

fn target(
    name: impl Into<String>,
    words: &'static [&'static str],
    run: impl Fn(&[u8]) + Send + Sync + std::panic::RefUnwindSafe + 'static,
) -> Target {
    Target { name: name.into(), memory_mb: MEMORY_MB, words, run: Box::new(run) }
}

fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// Every target.
pub fn targets() -> Vec<Target> {
    let mut all: Vec<Target> = documents()
        .iter()
        .map(|kind| {
            target(format!("document_{}", kind.id), JSON, |bytes: &[u8]| {
                // Whatever reads as a document of this kind still does in canonical form.
                if kind.check(bytes).is_ok()
                    && let Ok(value) = serde_json::from_slice::<Value>(bytes)
                    && let Ok(canonical) = canonical_value(&value)
                {
                    kind.check(&canonical).expect("a document read is still one in canonical form");
                }
            })
        })
        .collect();
    all.extend([
        target("canonical", JSON, canonical),
        target("migrate", JSON, |bytes| {
            if let Ok(done) = contracts::migrate::migrate(bytes) {
                let again = contracts::migrate::migrate(&done.bytes).expect("what was migrated is a document");
                assert_eq!(again.bytes, done.bytes, "a migration is idempotent");
            }
        }),
        target("words", TEXT, |bytes| words(&text(bytes))),
        target("canon", TOML, |bytes| {
            if let Ok(canon) = canon::author::parse(&text(bytes)) {
                canon::check(&canon);
            }
        }),
        target("fountain", TEXT, |bytes| {
            if let Ok(play) = world::fountain::parse(&text(bytes)) {
                // What is printed is a screenplay; that it is the same one is held by the writer's own tests.
                drop(world::fountain::parse(&world::fountain::print(&play)));
            }
        }),
        Target { memory_mb: 512, ..target("picture", BOXES, picture) },
        target("wav", BOXES, wav),
        target("mp4", BOXES, mp4),
        target("phones", TEXT, |bytes| phones(&text(bytes))),
        target("captions", TEXT, |bytes| captions(&text(bytes))),
        target("srt", TEXT, |bytes| drop(render::captions::srt_text(&text(bytes)))),
        target("failpoints", TEXT, |bytes| drop(kit::Failpoints::parse(&text(bytes)))),
        target("lettering", TEXT, |bytes| lettering(&text(bytes))),
    ]);
    all
}

/// Canonical JSON is a fixed point, and its address that of its bytes.
fn canonical(bytes: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return };
    let Ok(once) = canonical_value(&value) else { return };
    let back: Value = serde_json::from_slice(&once).expect("canonical JSON is JSON");
    let twice = canonical_value(&back).expect("what was canonical once is again");
    assert_eq!(once, twice, "canonical form is a fixed point");
    assert_eq!(value, back, "canonical form loses nothing");
}

/// The small words of every document: what is read is written back as it was.
fn words(given: &str) {
    if let Ok(id) = Id::new(given) {
        assert_eq!(id.as_str(), given);
        assert!(!given.contains(['/', '.', '\0']) && given.len() <= 63, "an id is safe in a path");
    }
    let slug = Id::slug(given);
    assert!(Id::new(slug.as_str()).is_ok(), "a slug is an id");
    if let Ok(hash) = Hash::try_from(given.to_owned()) {
        assert_eq!(hash.as_str(), given);
    }
    if let Ok(rate) = EditRate::try_from(given.to_owned()) {
        assert!(rate.num > 0 && rate.den > 0);
        assert_eq!(EditRate::try_from(String::from(rate)), Ok(rate));
        assert_eq!(rate.frame_at(rate.samples_at(1000) + 1), 1000);
    }
    if let Ok(time) = StoryTime::try_from(given.to_owned()) {
        assert_eq!(time.as_str(), given);
        canon::time::minutes(&time);
        drop(canon::time::shift(&time, 1));
        drop(canon::time::shift(&time, i64::MAX));
        drop(canon::time::shift_years(&time, i64::MIN));
    }
    drop(contracts::nfc(given));
}

fn picture(bytes: &[u8]) {
    if let Ok(image) = media::image::decode(bytes) {
        assert_eq!(image.rgba.len() as u64, u64::from(image.width) * u64::from(image.height) * 4);
        assert!(image.rgba.as_chunks::<4>().0.iter().all(|p| p[..3].iter().all(|c| *c <= p[3])), "colours are multiplied by alpha");
        if image.rgba.len() < 1 << 20 {
            let again = media::image::encode(&image).expect("what was read can be written");
            assert!(media::image::decode(&again).expect("what was written can be read") == image);
        }
    }
}

fn wav(bytes: &[u8]) {
    for sound in [media::wav::read(bytes), media::wav::read_stream(bytes)].into_iter().flatten() {
        let whole = media::wav::write(sound.rate, sound.channels, &sound.samples).expect("what was read can be written");
        assert_eq!(media::wav::read(&whole).expect("what was written can be read"), sound);
    }
    assert!(media::wav::end_of(bytes).is_none_or(|end| end <= bytes.len()));
}

fn mp4(bytes: &[u8]) {
    let name = std::path::Path::new("fuzz.mp4");
    if let Ok(video) = media::probe::read_video(std::io::Cursor::new(bytes), bytes.len() as u64) {
        for rate in [EditRate::FILM, EditRate { num: 30_000, den: 1001 }] {
            drop(video.constant_rate(name, rate));
        }
    }
}

fn phones(said: &str) {
    let mut before = 0.0;
    for (name, time) in media::speech::read_phones(said) {
        assert!(time.is_finite() && time >= before, "{name} goes back in time");
        before = time;
    }
}

/// The fonts that are part of the program.
fn own_letters() -> &'static craft::captions::Letters {
    static LETTERS: std::sync::OnceLock<craft::captions::Letters> = std::sync::OnceLock::new();
    LETTERS.get_or_init(|| craft::captions::Letters::new(&[], "en"))
}

/// A caption of any text: all files are whole, and what is read from them is the text, white space normalised.
pub(crate) fn captions(said: &str) {
    let marks = said.split_whitespace().enumerate().map(|(i, w)| WordMark {
        text: w.to_owned(),
        start: i as u64 * 9000,
        end: i as u64 * 9000 + 9000,
    });
    let caption = |id: &str, start: u64| Caption {
        line_id: Id::slug(id),
        speaker: said.chars().take(40).collect(),
        text: said.to_owned(),
        start,
        end: start + 9000 * said.split_whitespace().count().max(1) as u64,
        words: marks.clone().collect(),
    };
    let both = [caption("one", 0), caption("two", 1 << 40)];
    let read: String = render::captions::srt_text(&render::captions::srt(&both)).concat();
    let read: String = read.chars().filter(|c| !c.is_whitespace()).collect();
    assert_eq!(read, crate::hostile::as_shown(said).repeat(2), "the letters of the caption file");
    let vtt = render::captions::vtt(&both);
    assert!(vtt.starts_with("WEBVTT\n\n") && !vtt.contains('\0'));
    for line in vtt.lines().filter(|l| l.contains("-->")) {
        assert!(line.len() < 40 && line.as_bytes()[0].is_ascii_digit(), "only a time line holds an arrow: {line}");
    }
    let canvas = contracts::picture::Canvas { width: 720, height: 1280 };
    let screen = render::captions::Screen { canvas, side: 72, bottom: 231 };
    let cues = render::captions::cues_within(&both, screen.columns());
    let ass = render::captions::ass(&both, &screen);
    let events: Vec<&str> = ass.split("[Events]\n").nth(1).expect("the events").lines().skip(1).collect();
    assert_eq!(events.len(), cues.len(), "an event a caption, and nothing else");
    assert!(events.iter().all(|e| e.starts_with("Dialogue: 0,") && e.split(',').nth(3) == Some("Default")));
    let list = render::captions::timestamps(&both).expect("times a film can have");
    let list: Value = serde_json::from_slice(&list).expect("canonical JSON is JSON");
    let words: usize = list.as_array().expect("a list").iter().map(|l| l["words"].as_array().map_or(0, Vec::len)).sum();
    let shown = said.split_whitespace().filter(|w| w.chars().any(|c| !c.is_control())).count();
    assert_eq!(words, 2 * shown, "a time a word");
    // Any text can be drawn; what is drawn stays in the frame.
    for cue in cues.iter().filter(|c| c.line_id == both[0].line_id).take(2) {
        let marks: Vec<_> = cue.words.iter().map(|w| (w.line, w.from, w.to)).collect();
        let caption = craft::captions::Caption {
            lines: &cue.lines,
            words: &marks,
            from_right: cue.from_right,
            canvas: contracts::picture::Canvas { width: 360, height: 640 },
            size: 24,
            look: contracts::render::BurnIn::Boxed,
        };
        for sprite in craft::captions::draw(own_letters(), &caption) {
            assert!(sprite.x >= 0 && sprite.x + sprite.pixels.width as i32 <= 360);
            assert!(sprite.y >= 0 && sprite.y + sprite.pixels.height as i32 <= 640);
        }
    }
}

/// Any text is named as missing where no font has it, or can be set; setting it twice gives the same. What the gate would
/// stop is not set: a search through every font for every letter at every size is what the gate saves.
fn lettering(words: &str) {
    let words: String = words.chars().take(120).collect();
    if !craft::text::missing(&words).is_empty() {
        return;
    }
    let kind = craft::text::Type::new(craft::text::Face::Italic, 24.0);
    let once = format!("{:?}", craft::text::fit(&words, kind, 300.0, 200.0, 4));
    assert_eq!(once, format!("{:?}", craft::text::fit(&words, kind, 300.0, 200.0, 4)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_takes_nothing_and_nonsense() {
        for target in targets() {
            for bytes in [&b""[..], b"\0", b"{", b"\xff\xfe\xfd", b"[]", b"a = 1"] {
                target.run(bytes);
            }
        }
    }
}
