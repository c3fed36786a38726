//! Notes changed by a program, in the file that a person writes: what the file says besides keeps its words, its order and
//! its comments. Who edits names the file's tag as it was read; a file that somebody else has changed since is not touched.

use std::path::{Path, PathBuf};
use std::time::Duration;

use contracts::{Hash, notes::Notes, project::Project};
use kit::files::{Files, SystemFiles};
use kit::scratch::Hold;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, Value};

use super::{CODES, checked};
use crate::{failure::Failure, project::read_text};

/// The tag of a file that is not there.
pub const ABSENT: &str = "absent";
/// How often a file that another program is editing is tried again, and after how long.
const TRIES: (u32, Duration) = (100, Duration::from_millis(10));

/// The notes on an episode, as their file stands.
pub struct Sheet {
    /// Where it is, or would be.
    pub file: PathBuf,
    /// What it says; none when it is not there.
    pub text: Option<String>,
}

impl Sheet {
    /// Reads it.
    ///
    /// # Errors
    /// When there is a file that cannot be read.
    pub fn open(root: &Path, episode: u32) -> Result<Self, Failure> {
        let file = super::file(root, episode);
        let text = read_text(&file)?;
        Ok(Self { file, text })
    }

    /// Tells this state of the file from any other.
    pub fn tag(&self) -> String {
        self.text.as_ref().map_or_else(|| ABSENT.to_owned(), |text| Hash::of(text.as_bytes()).to_string())
    }

    /// What it says, when that can be followed as far as the file alone tells.
    ///
    /// # Errors
    /// Names the line.
    pub fn notes(&self, project: &Project, episode: u32) -> Result<Notes, Failure> {
        match &self.text {
            Some(text) => checked(text, &self.file, project, episode).map(|hand| hand.notes),
            None => Ok(Notes::none(project.id.clone(), episode)),
        }
    }
}

/// A note, by what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A line that is there, or one that a note added, by its id.
    Line(String),
    /// A line that is added: `after`, `before` or `beat`, where, and its name if it has one.
    Added(&'static str, String, Option<String>),
    /// A shot, by its id or its beat's.
    Shot(String),
    /// The music of a scene.
    Music(String),
    /// How a word is said.
    Word(String),
}

/// What a key is set to.
#[derive(Clone, Debug, PartialEq)]
pub enum Set {
    /// A text.
    Text(String),
    /// Several.
    Texts(Vec<String>),
    /// A whole number.
    Whole(i64),
    /// `true`.
    True,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The whole file says this from now on.
    Whole(String),
    /// These keys of a note; a note that is not there is added.
    Note(About, Vec<(&'static str, Set)>),
    /// The note goes.
    Gone(About),
}

/// Changes the file when its tag is `tag` (`*` is any) and gives back how it stands then. Nothing is written when what would
/// stand there cannot be read as notes.
///
/// # Errors
/// `notes.stale` names the present tag; `notes.malformed` and `notes.contradictory` the line.
pub fn edit(root: &Path, project: &Project, episode: u32, tag: &str, change: &Change) -> Result<Sheet, Failure> {
    let file = super::file(root, episode);
    let folder = file.parent().unwrap_or(root);
    std::fs::create_dir_all(folder).map_err(|e| Failure::unwritable(folder, e))?;
    let _hold = hold(folder)?;
    let before = Sheet::open(root, episode)?;
    if tag != "*" && tag != before.tag() {
        return Err(Failure::stale(&file, tag, &before.tag(), root, episode));
    }
    let text = match change {
        Change::Whole(text) => contracts::nfc(text),
        _ => changed(before.text.as_deref().unwrap_or_default(), &file, change)?,
    };
    checked(&text, &file, project, episode)?;
    if before.text.as_ref() != Some(&text) {
        SystemFiles::new().write_atomic(&file, text.as_bytes()).map_err(|e| Failure::unwritable(&file, e))?;
    }
    Ok(Sheet { file, text: Some(text) })
}

/// Keeps other programs that edit this way out, for as long as reading and writing take.
fn hold(folder: &Path) -> Result<Hold, Failure> {
    for _ in 0..TRIES.0 {
        if let Some(hold) = Hold::take(folder).map_err(|e| Failure::unwritable(folder, e))? {
            return Ok(hold);
        }
        std::thread::sleep(TRIES.1);
    }
    Err(Failure::busy(folder, None))
}

fn changed(text: &str, file: &Path, change: &Change) -> Result<String, Failure> {
    let malformed = |why: &str| Failure::notes(CODES[0], format!("{}: {}", file.display(), why.replace('\n', " ")));
    let mut document: DocumentMut = text.parse().map_err(|e: toml_edit::TomlError| malformed(e.message()))?;
    match change {
        Change::Whole(text) => return Ok(text.clone()),
        Change::Note(About::Word(word), keys) => {
            let table = document.entry("pronounce").or_insert_with(toml_edit::table);
            let table = table.as_table_like_mut().ok_or_else(|| malformed("`pronounce` is no table"))?;
            for (_, set) in keys {
                table.insert(word, Item::Value(value(set)));
            }
        }
        Change::Gone(About::Word(word)) => {
            let table = document.get_mut("pronounce").and_then(Item::as_table_like_mut);
            table.and_then(|t| t.remove(word)).ok_or_else(|| missing(file, &format!("on the word `{}`", word.escape_debug())))?;
        }
        Change::Note(about, keys) => {
            let (kind, at) = place(&document, about, file)?;
            let list = document.entry(kind).or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
            let list = list.as_array_of_tables_mut().ok_or_else(|| malformed(&format!("`{kind}` is no list of [[{kind}]]")))?;
            match at.and_then(|n| list.get_mut(n)) {
                Some(entry) => set(entry, keys),
                None => {
                    let mut entry = Table::new();
                    for (key, text) in about.keys() {
                        entry.insert(key, Item::Value(text.into()));
                    }
                    set(&mut entry, keys);
                    list.push(entry);
                }
            }
        }
        Change::Gone(about) => {
            let (kind, at) = place(&document, about, file)?;
            let list = document.get_mut(kind).and_then(Item::as_array_of_tables_mut);
            let (Some(list), Some(at)) = (list, at) else { return Err(missing(file, &about.told())) };
            list.remove(at);
        }
    }
    Ok(document.to_string())
}

fn missing(file: &Path, about: &str) -> Failure {
    Failure::notes(CODES[1], format!("{}: there is no note {about}", file.display()))
}

/// Sets keys of a note. Words for a line that was cut bring it back, and a cut takes its words.
fn set(entry: &mut Table, keys: &[(&'static str, Set)]) {
    for (key, to) in keys {
        match *key {
            "cut" => ["text", "emotion"].iter().for_each(|other| drop(entry.remove(other))),
            "text" | "emotion" => drop(entry.remove("cut")),
            _ => {}
        }
        match entry.get_mut(key).and_then(Item::as_value_mut) {
            // What stands after it on its line stays.
            Some(there) => {
                let decor = there.decor().clone();
                *there = value(to);
                *there.decor_mut() = decor;
            }
            None => drop(entry.insert(key, Item::Value(value(to)))),
        }
    }
}

fn value(set: &Set) -> Value {
    match set {
        Set::Text(text) => text.as_str().into(),
        Set::Texts(texts) => Value::Array(texts.iter().map(String::as_str).collect()),
        Set::Whole(number) => (*number).into(),
        Set::True => true.into(),
    }
}

impl About {
    /// The keys by which its note is known.
    fn keys(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::Line(id) | Self::Shot(id) => vec![("id", id)],
            Self::Music(scene) => vec![("scene", scene)],
            Self::Added(how, at, name) => [(*how, at.as_str())].into_iter().chain(name.iter().map(|n| ("name", n.as_str()))).collect(),
            Self::Word(_) => Vec::new(),
        }
    }

    fn told(&self) -> String {
        match self {
            Self::Line(id) => format!("on the line `{}`", id.escape_debug()),
            Self::Added(how, at, name) => {
                let name = name.as_ref().map_or(String::new(), |n| format!(" named `{}`", n.escape_debug()));
                format!("that adds a line{name} {how} `{}`", at.escape_debug())
            }
            Self::Shot(id) => format!("on the shot `{}`", id.escape_debug()),
            Self::Music(scene) => format!("on the music of `{}`", scene.escape_debug()),
            Self::Word(word) => format!("on the word `{}`", word.escape_debug()),
        }
    }
}

/// The kind of a note, and its place among its kind when it is there. A new line without a name is a new note each time.
fn place(document: &DocumentMut, about: &About, file: &Path) -> Result<(&'static str, Option<usize>), Failure> {
    let kind = match about {
        About::Line(_) | About::Added(..) => "line",
        About::Shot(_) => "shot",
        About::Music(_) | About::Word(_) => "music",
    };
    let Some(list) = document.get(kind).and_then(Item::as_array_of_tables) else { return Ok((kind, None)) };
    let says = |entry: &Table, key: &str| entry.get(key).and_then(Item::as_str).map(str::to_owned);
    let is = |entry: &Table| about.keys().iter().all(|(key, text)| says(entry, key).as_deref() == Some(*text));
    let found: Vec<usize> = list.iter().enumerate().filter(|(_, entry)| is(entry)).map(|(n, _)| n).collect();
    match (found[..].first(), found.len()) {
        (_, 0 | 1) => Ok((kind, found.first().copied())),
        _ => Err(Failure::notes(CODES[2], format!("{}: there are {} notes {}", file.display(), found.len(), about.told()))),
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "tests lay out files")]
mod tests {
    use super::*;

    const WRITTEN: &str = "\
# mine
[[line]]
id = \"sc01-b02-l1\"
text = \"It never burned.\"  # as agreed

[[shot]]
id = \"sc01-b02-s1\" # the wide one
framing = \"close\"

[pronounce]
Combs = \"koomz\"
";

    fn done(text: &str, change: &Change) -> Result<String, Failure> {
        changed(text, Path::new("notes.toml"), change)
    }

    fn text(words: &str) -> Set {
        Set::Text(words.to_owned())
    }

    #[test]
    fn only_what_is_said_changes() {
        let line = About::Line("sc01-b02-l1".into());
        let new = done(WRITTEN, &Change::Note(line.clone(), vec![("text", text("It burned \"once\"."))])).expect("edits");
        assert_eq!(new, WRITTEN.replace("\"It never burned.\"", "'It burned \"once\".'"));
        let cut = done(WRITTEN, &Change::Note(line.clone(), vec![("cut", Set::True)])).expect("edits");
        assert!(cut.contains("# mine") && cut.contains("cut = true") && !cut.contains("never burned"), "{cut}");
        let back = done(&cut, &Change::Note(line.clone(), vec![("text", text("Count again."))])).expect("edits");
        assert!(back.contains("text = \"Count again.\"") && !back.contains("cut"), "{back}");
        let gone = done(WRITTEN, &Change::Gone(line)).expect("edits");
        assert!(!gone.contains("[[line]]") && gone.contains("# the wide one"), "{gone}");
        let word = done(WRITTEN, &Change::Note(About::Word("inspection".into()), vec![("sound", text("in speck shun"))])).expect("edits");
        assert!(word.ends_with("[pronounce]\nCombs = \"koomz\"\ninspection = \"in speck shun\"\n"), "{word}");
        let fresh = done("", &Change::Note(About::Music("sc01".into()), vec![("level", Set::Whole(0))])).expect("edits");
        assert_eq!(fresh, "[[music]]\nscene = \"sc01\"\nlevel = 0\n");
        let added = About::Added("after", "sc01-b02-l1".into(), Some("again".into()));
        let keys = vec![("speaker", text("nessa")), ("to", Set::Texts(vec!["bram".into()])), ("text", text("Count."))];
        let new = done(WRITTEN, &Change::Note(added.clone(), keys)).expect("edits");
        assert!(
            new.contains("after = \"sc01-b02-l1\"\nname = \"again\"\nspeaker = \"nessa\"\nto = [\"bram\"]\ntext = \"Count.\""),
            "{new}"
        );
        assert_eq!(done(&new, &Change::Gone(added)).expect("edits").matches("[[line]]").count(), 1);
    }

    #[test]
    fn what_is_not_there_and_what_is_no_file_of_notes_is_named() {
        for about in [About::Line("x".into()), About::Shot("x".into()), About::Music("x".into()), About::Word("x".into())] {
            let failure = done(WRITTEN, &Change::Gone(about)).expect_err("is refused");
            assert!(failure.code == "notes.unknown" && failure.message.contains("`x`"), "{}", failure.message);
        }
        for bad in ["[[line", "line = 3\n", "pronounce = 3\n"] {
            for about in [About::Line("x".into()), About::Word("x".into())] {
                let change = Change::Note(about, vec![("text", text("y"))]);
                // What stays readable as TOML is judged with the whole file.
                if let Err(failure) = done(bad, &change) {
                    assert_eq!(failure.code, "notes.malformed", "{bad}");
                }
            }
        }
    }
}
