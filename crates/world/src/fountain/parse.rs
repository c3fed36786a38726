//! Fountain text → [`Screenplay`]: what is a heading, a cue, an action. No meaning is read yet.
//!
//! Linear in the length of the text. Hostile text is only text: control and bidirectional characters are dropped, an
//! unterminated note or boneyard stays as it is written, and what is too much is refused with its number.

use super::{FountainError, words};

/// The longest screenplay that is read, in bytes: ten minutes of film are some 20 kB.
pub const MAX_BYTES: usize = 1 << 20;
/// The most scenes of a screenplay.
pub const MAX_SCENES: usize = 200;
/// The most paragraphs of a screenplay.
pub(super) const MAX_ELEMENTS: usize = 20_000;

/// A screenplay as it is written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Screenplay {
    /// Keys of the title page with their lines.
    pub title_page: Vec<(String, Vec<String>)>,
    /// Paragraphs in order.
    pub elements: Vec<Element>,
}

/// A paragraph.
#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    /// The line of the file it begins on, from 1.
    pub line: u32,
    /// What it is.
    pub kind: Kind,
    /// What stands between `[[` and `]]` in it or right before it.
    pub notes: Vec<String>,
}

/// What a paragraph is. Texts are plain: marks of emphasis are taken off.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `INT. LAMP ROOM - DAWN #1#`.
    Heading {
        /// Without its number.
        text: String,
        /// Between the `#`.
        number: Option<String>,
    },
    /// What is seen; centred text is seen too.
    Action(String),
    /// Who speaks, and what.
    Dialogue {
        /// The name.
        cue: String,
        /// What stands in brackets after it, such as `O.S.`.
        extensions: Vec<String>,
        /// Spoken over the dialogue before it.
        dual: bool,
        /// Words and how they are said.
        parts: Vec<Part>,
    },
    /// `CUT TO:`.
    Transition(String),
    /// `# Act one`: order for the author, no film.
    Section(usize, String),
    /// `= What happens`: no film.
    Synopsis(String),
    /// `===`.
    PageBreak,
    /// Notes at the end, with nothing after them.
    Nothing,
}

/// A part of a dialogue.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Words.
    Say(String),
    /// A parenthetical.
    How(String),
}

impl Screenplay {
    /// A value of the title page, its lines joined.
    pub fn titled(&self, key: &str) -> Option<String> {
        let (_, lines) = self.title_page.iter().find(|(k, _)| k.eq_ignore_ascii_case(key))?;
        let joined = lines.join(" ").trim().to_owned();
        (!joined.is_empty()).then_some(joined)
    }
}

/// A line of the text without its notes.
struct Line {
    no: u32,
    text: String,
    notes: Vec<String>,
}

impl Line {
    /// Neither words nor notes.
    fn blank(&self) -> bool {
        self.text.trim().is_empty() && self.notes.is_empty()
    }

    /// Only notes: it parts nothing.
    fn only_notes(&self) -> bool {
        self.text.trim().is_empty() && !self.notes.is_empty()
    }
}

/// Reads a screenplay.
///
/// # Errors
/// More than [`MAX_BYTES`], [`MAX_SCENES`] or the paragraphs of any film.
pub fn parse(text: &str) -> Result<Screenplay, FountainError> {
    if text.len() > MAX_BYTES {
        return Err(FountainError::long(0, format!("it has {} bytes; a screenplay may have {MAX_BYTES}", text.len())));
    }
    let lines = lines(text);
    let mut reader = Reader { at: 0, out: Screenplay::default(), pending: Vec::new(), scenes: 0, lines };
    reader.title_page();
    reader.body()?;
    Ok(reader.out)
}

/// Whether a character shows nothing and may turn the text around it.
pub(super) fn unseen(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Marks a note that was taken out.
const NOTE: char = '\u{1}';
/// Marks an end of line inside something that was taken out, so that lines keep their numbers.
const INNER: char = '\u{2}';

fn lines(text: &str) -> Vec<Line> {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '\r' => {
                if letters.peek() != Some(&'\n') {
                    plain.push('\n');
                }
            }
            '\n' => plain.push('\n'),
            '\t' | '\u{2028}' | '\u{2029}' => plain.push(' '),
            c if unseen(c) => {}
            c => plain.push(c),
        }
    }
    let (kept, mut notes) = taken_out(&plain);
    let mut notes = notes.drain(..);
    let mut no = 1;
    let mut out = Vec::new();
    for raw in kept.split('\n') {
        let own: Vec<String> = raw.matches(NOTE).filter_map(|_| notes.next()).collect();
        let inner = raw.matches(INNER).count() as u32;
        let text = if own.is_empty() && inner == 0 { raw.to_owned() } else { raw.replace([NOTE, INNER], "") };
        out.push(Line { no, text, notes: own });
        no += 1 + inner;
    }
    out
}

/// Whether the character at a byte is escaped: an odd number of backslashes before it.
fn escaped(text: &str, at: usize) -> bool {
    text.as_bytes()[..at].iter().rev().take_while(|b| **b == b'\\').count() % 2 == 1
}

/// The text without boneyards and notes, and the notes.
fn taken_out(text: &str) -> (String, Vec<String>) {
    /// The next place of a mark, looked for only once.
    struct Next {
        mark: &'static str,
        at: Option<usize>,
    }
    impl Next {
        fn after(&mut self, text: &str, from: usize) -> Option<usize> {
            if self.at.is_some_and(|at| at < from) {
                self.at = text.get(from..).and_then(|rest| rest.find(self.mark)).map(|at| at + from);
            }
            self.at
        }
    }
    let next = |mark: &'static str| Next { mark, at: text.find(mark) };
    let (mut bone, mut bone_end, mut note, mut note_end, mut gap) = (next("/*"), next("*/"), next("[["), next("]]"), next("\n\n"));
    let (mut kept, mut notes) = (String::with_capacity(text.len()), Vec::new());
    let (mut done, mut at) = (0, 0);
    loop {
        let opens = match (bone.after(text, at), note.after(text, at)) {
            (Some(b), Some(n)) => b.min(n),
            (one, other) => match one.or(other) {
                Some(one) => one,
                None => break,
            },
        };
        let is_bone = text[opens..].starts_with("/*");
        let close = if is_bone { bone_end.after(text, opens + 2) } else { note_end.after(text, opens + 2) };
        let close = close.filter(|c| is_bone || gap.after(text, opens).is_none_or(|gap| gap > *c));
        let Some(close) = close.filter(|_| !escaped(text, opens)) else {
            at = opens + 1;
            continue;
        };
        kept.push_str(&text[done..opens]);
        let inside = &text[opens + 2..close];
        kept.extend(inside.matches('\n').map(|_| INNER));
        let note = inside.split_whitespace().collect::<Vec<_>>().join(" ");
        if !is_bone && !note.is_empty() {
            notes.push(note);
            kept.push(NOTE);
        }
        done = close + 2;
        at = done;
    }
    kept.push_str(&text[done..]);
    (kept, notes)
}

struct Reader {
    lines: Vec<Line>,
    at: usize,
    out: Screenplay,
    /// Notes on lines of their own, for the next paragraph.
    pending: Vec<String>,
    scenes: usize,
}

/// `Title` in `Title: Big Fish`.
fn title_key(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(':')?;
    let plain = !key.is_empty() && key.len() <= 40 && key.starts_with(|c: char| c.is_ascii_alphabetic());
    (plain && key.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ')).then_some((key.trim(), value))
}

/// Keys one of which begins a title page; `FADE IN:` begins a film.
pub(super) fn begins_title_page(line: &str) -> bool {
    const KEYS: &[&str] = &[
        "title",
        "credit",
        "author",
        "authors",
        "source",
        "notes",
        "draft date",
        "date",
        "contact",
        "copyright",
        "revision",
        "episode",
        "series",
        "language",
        "format",
        "font",
    ];
    title_key(line).is_some_and(|(key, _)| KEYS.contains(&key.to_lowercase().as_str()))
}

impl Reader {
    fn title_page(&mut self) {
        while self.lines.get(self.at).is_some_and(Line::blank) {
            self.at += 1;
        }
        if !self.lines.get(self.at).is_some_and(|l| begins_title_page(&l.text)) {
            self.at = 0;
            return;
        }
        while let Some(line) = self.lines.get(self.at).filter(|l| !l.blank()) {
            let indented = line.text.starts_with(' ');
            match title_key(&line.text).filter(|_| !indented) {
                Some((key, value)) => {
                    let value = plain(value);
                    self.out.title_page.push((key.to_owned(), if value.is_empty() { vec![] } else { vec![value] }));
                }
                None => {
                    let value = plain(&line.text);
                    if let (Some((_, values)), false) = (self.out.title_page.last_mut(), value.is_empty()) {
                        values.push(value);
                    }
                }
            }
            self.at += 1;
        }
    }

    fn body(&mut self) -> Result<(), FountainError> {
        let mut free = true;
        while let Some(line) = self.lines.get(self.at) {
            if line.only_notes() {
                self.pending.extend(line.notes.clone());
                self.at += 1;
                continue;
            }
            if line.text.trim().is_empty() {
                free = true;
                self.at += 1;
                continue;
            }
            let before = self.at;
            self.paragraph(free)?;
            self.at = self.at.max(before + 1);
            free = false;
        }
        if !self.pending.is_empty() {
            let line = self.lines.last().map_or(1, |l| l.no);
            self.push(line, Kind::Nothing)?;
        }
        Ok(())
    }

    fn push(&mut self, line: u32, kind: Kind) -> Result<(), FountainError> {
        if matches!(kind, Kind::Heading { .. }) {
            self.scenes += 1;
            if self.scenes > MAX_SCENES {
                return Err(FountainError::long(line, format!("scene {} begins here; a film has at most {MAX_SCENES}", self.scenes)));
            }
        }
        if self.out.elements.len() >= MAX_ELEMENTS {
            return Err(FountainError::long(line, format!("more than {MAX_ELEMENTS} paragraphs; this is no film of ten minutes")));
        }
        let notes = std::mem::take(&mut self.pending);
        self.out.elements.push(Element { line, kind, notes });
        Ok(())
    }

    /// Whether the next line that is not only notes has words: then a name in capitals is a cue.
    fn words_follow(&self) -> bool {
        self.lines.iter().skip(self.at + 1).find(|l| !l.only_notes()).is_some_and(|l| !l.blank() && !l.text.trim().is_empty())
    }

    fn paragraph(&mut self, free: bool) -> Result<(), FountainError> {
        let (no, text, notes) = match self.lines.get(self.at) {
            Some(line) => (line.no, line.text.trim().to_owned(), line.notes.clone()),
            None => return Ok(()),
        };
        if let Some(kind) = forced(&text) {
            self.pending.extend(notes);
            self.at += 1;
            return match kind {
                Some(kind) => self.push(no, kind),
                None => Ok(()),
            };
        }
        if free && words::heading_start(&text).is_some() {
            self.pending.extend(notes);
            self.at += 1;
            let (text, number) = numbered(&text);
            return self.push(no, Kind::Heading { text, number });
        }
        let follow = self.words_follow();
        if free && !follow && words::transition(&text) {
            self.pending.extend(notes);
            self.at += 1;
            return self.push(no, Kind::Transition(plain(&text)));
        }
        if follow && let Some(cue) = cue(&text, free) {
            self.pending.extend(notes);
            self.at += 1;
            return self.dialogue(no, &text, cue);
        }
        let mut joined = String::new();
        while let Some(line) = self.lines.get(self.at) {
            if line.blank() || (!joined.is_empty() && forced(line.text.trim()).is_some()) {
                break;
            }
            self.pending.extend(line.notes.clone());
            joined.push_str(line.text.trim().strip_prefix('!').filter(|_| joined.is_empty()).unwrap_or(line.text.trim()));
            joined.push(' ');
            self.at += 1;
        }
        let text = plain(&joined);
        // Notes without words wait for the next paragraph.
        if text.is_empty() { Ok(()) } else { self.push(no, Kind::Action(text)) }
    }

    fn dialogue(&mut self, no: u32, written: &str, (name, extensions, dual): (String, Vec<String>, bool)) -> Result<(), FountainError> {
        let mut parts: Vec<Part> = Vec::new();
        while let Some(line) = self.lines.get(self.at) {
            // Two spaces keep a dialogue open over an empty line.
            if line.blank() && line.text.len() < 2 {
                break;
            }
            self.pending.extend(line.notes.clone());
            let mut rest = line.text.trim();
            self.at += 1;
            rest = rest.strip_prefix('~').unwrap_or(rest).trim_start();
            if rest.starts_with('(')
                && let Some(end) = closing(rest)
            {
                let how = plain(&rest[1..end]);
                if !how.is_empty() {
                    parts.push(Part::How(how));
                }
                rest = rest[end + 1..].trim();
            }
            let said = plain(rest);
            match (parts.last_mut(), said.is_empty()) {
                (_, true) => {}
                (Some(Part::Say(text)), false) => {
                    text.push(' ');
                    text.push_str(&said);
                }
                (_, false) => parts.push(Part::Say(said)),
            }
        }
        let text = plain(written);
        match (parts.is_empty(), text.is_empty()) {
            (false, _) => self.push(no, Kind::Dialogue { cue: name, extensions, dual, parts }),
            (true, false) => self.push(no, Kind::Action(text)),
            (true, true) => Ok(()),
        }
    }
}

/// The bracket that closes the one a text begins with.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0u32;
    for (at, c) in text.char_indices() {
        match c {
            '(' if !escaped(text, at) => depth += 1,
            ')' if !escaped(text, at) => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// What a line's first sign forces it to be; `Some(None)` for something empty. `@` and `!` are read elsewhere.
fn forced(text: &str) -> Option<Option<Kind>> {
    let some = |text: &str, kind: fn(String) -> Kind| {
        let text = plain(text);
        Some((!text.is_empty()).then(|| kind(text)))
    };
    let mut letters = text.chars();
    match letters.next()? {
        '=' if text.len() >= 3 && text.bytes().all(|b| b == b'=') => Some(Some(Kind::PageBreak)),
        '=' => some(text.trim_start_matches('='), Kind::Synopsis),
        '#' => {
            let rest = text.trim_start_matches('#');
            let (level, name) = (text.len() - rest.len(), plain(rest));
            Some((!name.is_empty()).then_some(Kind::Section(level.min(6), name)))
        }
        '>' if text.len() > 1 && text.ends_with('<') && !escaped(text, text.len() - 1) => some(&text[1..text.len() - 1], Kind::Action),
        '>' => some(&text[1..], Kind::Transition),
        '.' if letters.next().is_some_and(char::is_alphanumeric) => {
            let (text, number) = numbered(&text[1..]);
            Some((!text.is_empty()).then_some(Kind::Heading { text, number }))
        }
        _ => None,
    }
}

/// A heading's words and the number after them.
fn numbered(text: &str) -> (String, Option<String>) {
    let text = text.trim();
    let number = text.strip_suffix('#').filter(|rest| !escaped(text, rest.len())).and_then(|rest| {
        let start = rest.rfind('#').filter(|at| !escaped(rest, *at))?;
        let number = rest[start + 1..].trim();
        let fits = !number.is_empty() && number.len() <= 24 && number.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
        (fits && !plain(&rest[..start]).is_empty()).then(|| (plain(&rest[..start]), Some(number.to_owned())))
    });
    number.unwrap_or_else(|| (plain(text), None))
}

/// Name, extensions and the mark of dual dialogue, if a line is a cue.
fn cue(text: &str, free: bool) -> Option<(String, Vec<String>, bool)> {
    let (named, by_force) = match text.strip_prefix('@') {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    if !by_force && (!free || text.starts_with('!')) {
        return None;
    }
    let named = named.trim_end();
    let dual = named.ends_with('^') && !escaped(named, named.len() - 1);
    let named = if dual { &named[..named.len() - 1] } else { named };
    let open = named.char_indices().find(|(at, c)| *c == '(' && !escaped(named, *at)).map_or(named.len(), |(at, _)| at);
    let name = plain(&named[..open]);
    let shouted = name.chars().any(char::is_uppercase) && !name.chars().any(char::is_lowercase);
    if name.is_empty() || name.chars().count() > 60 || (!by_force && (!shouted || words::camera(&name).is_some() || name.ends_with(':'))) {
        return None;
    }
    let mut extensions = Vec::new();
    let mut rest = &named[open..];
    while let Some(start) = rest.find('(') {
        let Some(length) = closing(&rest[start..]) else { break };
        let inside = plain(&rest[start + 1..start + length]);
        if !inside.is_empty() {
            extensions.push(inside);
        }
        rest = &rest[start + length + 1..];
    }
    Some((name, extensions, dual))
}

/// Text without marks of emphasis and escapes, white space as single spaces.
pub(super) fn plain(text: &str) -> String {
    let mut letters: Vec<(char, bool)> = Vec::with_capacity(text.len());
    let mut source = text.trim().chars().peekable();
    while let Some(c) = source.next() {
        match c {
            '\\' if source.peek().is_some_and(char::is_ascii_punctuation) => letters.extend(source.next().map(|c| (c, true))),
            c if c.is_whitespace() => {
                if letters.last().is_some_and(|(c, _)| *c != ' ') {
                    letters.push((' ', true));
                }
            }
            c => letters.push((c, false)),
        }
    }
    while letters.last().is_some_and(|(c, _)| *c == ' ') {
        letters.pop();
    }
    let mut dropped = vec![false; letters.len()];
    // The last mark of each kind that may open: `_`, `*`, `**`, `***`.
    let mut open: [Option<usize>; 4] = [None; 4];
    let mut at = 0;
    while at < letters.len() {
        let (c, literal) = letters[at];
        // Other letters are passed over one by one: a run of a million brackets is counted never, not a million times.
        if !matches!(c, '*' | '_') {
            at += 1;
            continue;
        }
        let run = letters[at..].iter().take_while(|l| **l == (c, literal)).count();
        let kind = match c {
            '_' if !literal && run == 1 => 0,
            '*' if !literal && run <= 3 => run,
            _ => {
                at += run;
                continue;
            }
        };
        let (before, after) = (at.checked_sub(1).map(|i| letters[i].0), letters.get(at + run).map(|l| l.0));
        let space = |c: Option<char>| c.is_none_or(char::is_whitespace);
        let inside_word = kind == 0 && before.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric);
        if let Some(start) = open[kind].filter(|_| !space(before) && !inside_word) {
            dropped[start..start + run].fill(true);
            dropped[at..at + run].fill(true);
            open[kind] = None;
        } else if !space(after) && !inside_word {
            open[kind] = Some(at);
        }
        at += run;
    }
    let kept = letters.iter().zip(&dropped).filter(|(_, dropped)| !**dropped).map(|((c, _), _)| *c);
    let kept: String = kept.collect();
    // Marks around nothing may leave two spaces.
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}
