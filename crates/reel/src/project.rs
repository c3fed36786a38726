//! The project folder: `project.toml`, `canon.toml` (optional), `canon/` and `library/` (optional).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use contracts::{
    Id,
    assets::Rights,
    canon::Canon,
    lexicon::{Substitution, WordKind},
    notes::{LineNote, Notes},
    project::{ContinuityMode, Pledge, Project},
};
use kit::{files::read_at_most, inside::inside};
use serde::Deserialize;
use world::{
    WorldError,
    fountain::{FountainWriter, Manuscript, Opened},
};

use crate::{
    amended::{self, Amended},
    failure::Failure,
    hand::{self, Hand},
    words::settled,
};

/// The largest text file of a project that is read, in bytes.
const MAX_TEXT: u64 = 8 * 1024 * 1024;
/// Beats a minute of a piece of music that are believed.
const BPM: std::ops::RangeInclusive<f64> = 20.0..=300.0;
/// Beats of a bar that are believed.
const BEATS: std::ops::RangeInclusive<u8> = 1..=16;
/// The largest picture of a library that is read, in bytes.
const MAX_PICTURE: u64 = 64 * 1024 * 1024;

/// A project as it lies on disk.
pub struct ProjectFolder {
    /// Where.
    pub root: PathBuf,
    /// Settings.
    pub project: Project,
    /// The author's canon; the pack's own when the author wrote none.
    pub canon: Canon,
    /// Who writes its episodes: the author's screenplays, and the genre's pack.
    pub writer: Arc<FountainWriter>,
    /// What the author should know of how the screenplays were read.
    pub said: Vec<String>,
    /// The author's pictures and music.
    pub library: Library,
    /// The entries of the canon that the author wrote, by the name the gate gives them.
    pub written: BTreeSet<String>,
    /// Words of its files that are not known, and what they were read as.
    pub substitutions: Vec<Substitution>,
    /// What the author made true by hand since, in order.
    pub amended: Vec<Amended>,
}

/// The tag of a piece of music.
pub const MUSIC: &str = "music";

/// The author's pictures and music, described by `library/library.toml`.
#[derive(Default)]
pub struct Library {
    /// Entries by id.
    pub entries: BTreeMap<Id, LibraryEntry>,
}

/// One picture or piece of music.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LibraryEntry {
    /// File in `library/`: a PNG, a JPEG or a WebP; of music a WAV, a FLAC, an Ogg, an MP3 or an M4A.
    pub file: String,
    /// A need is met when it carries all of these tags, such as `["background", "lamp_room", "night"]` or
    /// `["music", "tense"]`.
    pub tags: Vec<String>,
    /// An SPDX id, or `proprietary_cleared`.
    pub licence: String,
    /// Who made it.
    pub author: String,
    /// Words the licence asks to be shown.
    #[serde(default)]
    pub attribution: Option<String>,
    /// Of music: beats a minute, from its first sample on, so that it is repeated and faded by the bar.
    #[serde(default)]
    pub bpm: Option<f64>,
    /// Of music: beats of a bar, four when absent.
    #[serde(default)]
    pub beats: Option<u8>,
}

impl LibraryEntry {
    /// Whether it is a piece of music.
    pub fn is_music(&self) -> bool {
        self.tags.iter().any(|tag| tag == MUSIC)
    }

    /// Thousandths of a beat a minute, and beats of a bar.
    pub fn pace(&self) -> Option<(u64, u64)> {
        self.bpm.map(|bpm| ((bpm * 1_000.0).round() as u64, u64::from(self.beats.unwrap_or(4))))
    }

    /// What is wrong with what it says of its bars.
    fn bars_wrong(&self) -> Option<String> {
        match (self.bpm, self.beats) {
            (None, None) => None,
            _ if !self.is_music() => Some(format!("bpm and beats are of music: it is not tagged `{MUSIC}`")),
            (None, Some(_)) => Some("beats is set and bpm is not; bars need both".into()),
            (Some(bpm), _) if !BPM.contains(&bpm) => Some(format!("bpm is {bpm}; expected {} to {}", BPM.start(), BPM.end())),
            (_, Some(beats)) if !BEATS.contains(&beats) => Some(format!("beats is {beats}; expected {} to {}", BEATS.start(), BEATS.end())),
            _ => None,
        }
    }

    /// Its rights.
    pub fn rights(&self) -> Rights {
        Rights { licence: self.licence.clone(), author: self.author.clone(), attribution: self.attribution.clone() }
    }
}

impl Library {
    /// The entry that fits a need best: all its tags are among the need's, and it has the most of them.
    pub fn find(&self, tags: &[String]) -> Option<(&Id, &LibraryEntry)> {
        self.entries
            .iter()
            .filter(|(_, e)| e.is_music() == tags.iter().any(|t| t == MUSIC))
            .filter(|(_, e)| e.tags.len() >= 2 && e.tags.iter().all(|t| tags.contains(t)))
            .max_by(|a, b| (a.1.tags.len(), std::cmp::Reverse(a.0)).cmp(&(b.1.tags.len(), std::cmp::Reverse(b.0))))
    }
}

impl ProjectFolder {
    /// A file of the library. Nothing outside the project folder is read, wherever a link may point.
    pub fn library_file(&self, entry: &LibraryEntry) -> std::io::Result<Vec<u8>> {
        let most = if entry.is_music() { media::music::MAX_BYTES } else { MAX_PICTURE };
        read_at_most(&inside(&self.root, &Path::new("library").join(&entry.file))?, most)
    }

    /// The author's notes on an episode; none when nothing was written.
    pub fn notes(&self, episode: u32) -> Result<Hand, Failure> {
        hand::read(&self.root, &self.project, episode)
    }

    /// Where a person opens what a finding on an episode names.
    pub fn place(&self, source: &str, notes: &Notes) -> String {
        let lines: Vec<&Id> = notes.lines.iter().map(LineNote::line_id).collect();
        place(source, &self.written, Some(&format!("episodes/{:02}/notes.toml", notes.episode)), &lines)
    }

    /// Reads and checks the settings of a project, and nothing else of it.
    pub fn settings(root: &Path) -> Result<Project, Failure> {
        Ok(Self::settled(root)?.0)
    }

    fn settled(root: &Path) -> Result<(Project, Vec<Substitution>), Failure> {
        if !root.is_dir() {
            return Err(Failure::project_missing(
                root,
                if root.exists() { "it is a file, not a folder" } else { "there is no such folder" },
            ));
        }
        let file = root.join("project.toml");
        let text = read_text(&file)?.ok_or_else(|| Failure::project_missing(root, "the folder holds no `project.toml`"))?;
        let (text, substitutions) = settled(&text, &[("visual_style", WordKind::Style)]);
        let project: Project = from_toml(&text).map_err(|why| Failure::project_malformed(&file, why))?;
        known(&text, &project).map_err(|why| Failure::project_malformed(&file, why))?;
        check(&project).map_err(|why| Failure::project_malformed(&file, why))?;
        Ok((project, substitutions))
    }

    /// Reads and checks a project.
    pub fn open(root: &Path) -> Result<Self, Failure> {
        Self::open_with(root, None)
    }

    /// Reads and checks a project as it would be with this screenplay in the place of the episode's.
    pub fn open_with(root: &Path, screenplay: Option<Manuscript>) -> Result<Self, Failure> {
        let (project, mut substitutions) = Self::settled(root)?;
        let file = root.join("project.toml");
        let canon_file = root.join("canon.toml");
        let written = match read_text(&canon_file)? {
            Some(text) => {
                let (text, made) = settled(&text, &[("family", WordKind::Place)]);
                substitutions.extend(made);
                Some(canon::author::parse(&text).map_err(|e| Failure::canon_malformed(&canon_file, e))?)
            }
            None => None,
        };
        let by_hand = written.iter().flat_map(canon::sources::entries).collect();
        let mut plays = screenplays(root)?;
        if let Some(new) = screenplay {
            plays.retain(|play| play.number != new.number);
            plays.push(new);
        }
        let opened = world::fountain::open(&project, written.as_ref(), plays).map_err(|e| story(&file, &canon_file, &by_hand, e))?;
        let Opened { canon, writer, notes } = opened;
        let (library, amended) = (library(root)?, amended::read(root)?);
        let (root, writer) = (root.to_owned(), Arc::new(writer));
        Ok(Self { root, project, canon, writer, said: notes, library, written: by_hand, substitutions, amended })
    }
}

/// Findings that say two things which cannot both be true; any other says that an entry is malformed.
const HARD: &[&str] = &["canon.name", "canon.age", "canon.death", "canon.location", "canon.value"];

/// Where a person opens what a finding names: an entry the pack supplied is not in `canon.toml`, and a line may be in a
/// file of the author's (`lines`, by beat or line).
fn place(source: &str, written: &BTreeSet<String>, file: Option<&str>, lines: &[&Id]) -> String {
    if let Some(entry) = source.strip_prefix(canon::sources::CANON) {
        let mine = written.contains(source) || written.iter().any(|w| source.strip_prefix(w.as_str()).is_some_and(|r| r.starts_with(' ')));
        return if mine { source.to_owned() } else { format!("the pack's canon, [[{entry}") };
    }
    match (source.strip_prefix(canon::sources::SCRIPT), file) {
        (Some(id), Some(file)) if lines.iter().any(|l| l.as_str() == id) => format!("{file} {id}"),
        _ => source.to_owned(),
    }
}

/// The screenplays of a project: `episodes/NN/script.fountain`.
fn screenplays(root: &Path) -> Result<Vec<Manuscript>, Failure> {
    let folder = root.join("episodes");
    let listed = match std::fs::read_dir(&folder) {
        Ok(listed) => listed,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Failure::project_malformed(&folder, format!("it cannot be read: {e}"))),
    };
    let mut names: Vec<String> = Vec::new();
    for entry in listed {
        let entry = entry.map_err(|e| Failure::project_malformed(&folder, format!("it cannot be read: {e}")))?;
        // What is no number is the author's own folder.
        names.extend(entry.file_name().into_string().ok().filter(|n| n.bytes().all(|b| b.is_ascii_digit())));
    }
    names.sort();
    let mut found = Vec::new();
    for name in names {
        let number = name.parse::<u32>().ok().filter(|n| (1..=99).contains(n));
        let number = number.filter(|n| format!("{n:02}") == name).ok_or_else(|| {
            let two = name.trim_start_matches('0').parse::<u32>().ok().filter(|n| (1..=99).contains(n)).unwrap_or(1);
            Failure::project_malformed(
                &folder.join(&name),
                format!("an episode's folder has two digits from 01 to 99, such as `episodes/{two:02}`"),
            )
        })?;
        let file = folder.join(&name).join("script.fountain");
        let inside = |path: &Path| Some(path.canonicalize().ok()?.starts_with(root.canonicalize().ok()?));
        if inside(&file) == Some(false) {
            return Err(Failure::project_malformed(&file, "it leads out of the project folder"));
        }
        if let Some(text) = read_text(&file)? {
            let name = format!("episodes/{name}/script.fountain");
            found.push(Manuscript::read(number, &name, &text).map_err(Failure::screenplay)?);
        }
    }
    Ok(found)
}

/// What the writer says of a project or its canon.
fn story(project: &Path, canon: &Path, written: &BTreeSet<String>, error: WorldError) -> Failure {
    match error {
        WorldError::Refused(verdict) if verdict.findings.iter().any(|f| f.blocks && HARD.contains(&f.code.as_str())) => {
            Failure::contradiction(&verdict).located(|source| place(source, written, None, &[]))
        }
        WorldError::UnknownGenre { .. } => {
            Failure::story("genre.unknown", error, format!("set genre to one of: {}", world::genres().join(", ")))
        }
        WorldError::Fountain { .. } => Failure::screenplay(error),
        WorldError::Length { .. } | WorldError::UnknownKernel { .. } => Failure::project_malformed(project, error),
        WorldError::Binding { .. } | WorldError::Names { .. } | WorldError::Refused(_) | WorldError::OtherProject { .. } => {
            Failure::canon_malformed(canon, error)
        }
        error => Failure::story("story.failed", error, "change what the message names in canon.toml or project.toml, and run again"),
    }
}

/// Refuses keys that mean nothing: a misspelt setting must not be passed over. Documents tolerate what they do not know;
/// a person's own file does not.
fn known(text: &str, project: &Project) -> Result<(), String> {
    fn stray(given: &toml::Value, read: &serde_json::Value, path: &str) -> Option<String> {
        given.as_table()?.iter().find_map(|(key, value)| {
            let place = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            match read.get(key) {
                Some(read) => stray(value, read, &place),
                None => Some(place),
            }
        })
    }
    let given: toml::Value = from_toml(text)?;
    match stray(&given, &crate::stages::json(project), "") {
        Some(key) => Err(format!("{}: there is no such setting", key.escape_debug())),
        None => Ok(()),
    }
}

/// Ranges that types do not hold.
fn check(project: &Project) -> Result<(), String> {
    if !(30..=600).contains(&project.target_duration_s) {
        return Err(format!("target_duration_s is {}; expected 30 to 600 seconds", project.target_duration_s));
    }
    let title = project.title.chars().count();
    if project.title.trim().is_empty() || title > 60 {
        return Err(format!("title has {title} characters; expected 1 to 60"));
    }
    let language = project.language.as_str();
    if !(2..=35).contains(&language.len()) || !language.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Err(format!("language is `{language}`; expected a BCP 47 tag such as `en`"));
    }
    if project.continuity_mode == ContinuityMode::Review {
        return Err("continuity_mode is `review`; this build blocks every contradiction: set `strict`".into());
    }
    if project.approval_points.threshold().0 < 0 {
        let threshold = project.approval_points.threshold().0;
        return Err(format!("approval_points.spend_threshold_micro_usd is {threshold}; expected 0 or more"));
    }
    project.promise.as_ref().map_or(Ok(()), promise)?;
    contracts::notes::check_words(&project.pronounce).map_err(|fault| format!("pronounce: {}", fault.why))?;
    match project.render_profiles.first().map(Id::as_str) {
        Some("preview_local" | "standard_local") => {}
        Some(other) => return Err(format!("render_profiles starts with `{other}`; expected `preview_local` or `standard_local`")),
        None => return Err("render_profiles is empty; expected at least `preview_local`".into()),
    }
    Ok(())
}

/// What is said of the promise: words that nobody here knows would be locked, and mean nothing.
fn promise(said: &Pledge) -> Result<(), String> {
    let known = |field: &str, given: &Option<String>, known: &[&str]| match given.as_deref().filter(|g| !known.contains(g)) {
        Some(given) => Err(format!("promise.{field} is `{}`; expected one of {}", given.escape_debug(), known.join(", "))),
        None => Ok(()),
    };
    known("production", &said.production, &gates::promise::PRODUCTIONS)?;
    known("approved_fallback", &said.approved_fallback, &["still_led"])?;
    known("renderer_family", &said.renderer_family, &gates::promise::FAMILIES)?;
    for (field, given) in [("tone_mode", &said.tone_mode), ("quality_floor", &said.quality_floor)] {
        if let Some(given) = given.as_deref().filter(|g| g.trim().is_empty() || g.chars().count() > 60 || g.contains(char::is_control)) {
            let given: String = given.escape_debug().take(80).collect();
            return Err(format!("promise.{field} is `{given}`; expected 1 to 60 characters in one line"));
        }
    }
    Ok(())
}

fn library(root: &Path) -> Result<Library, Failure> {
    let file = root.join("library/library.toml");
    let Some(text) = read_text(&file)? else { return Ok(Library::default()) };
    let raw: BTreeMap<String, LibraryEntry> = from_toml(&text).map_err(|why| Failure::project_malformed(&file, why))?;
    let mut entries = BTreeMap::new();
    for (id, entry) in raw {
        let id = Id::new(id).map_err(|e| Failure::project_malformed(&file, e))?;
        let plain = Path::new(&entry.file).components().all(|c| matches!(c, std::path::Component::Normal(_)));
        if !plain || entry.file.is_empty() || entry.file.contains(char::is_control) {
            return Err(Failure::project_malformed(
                &file,
                format!("[{id}] file is `{}`; expected the name of a file inside `library`", entry.file.escape_debug()),
            ));
        }
        if entry.licence.trim().is_empty() || entry.author.trim().is_empty() {
            return Err(Failure::project_malformed(
                &file,
                format!("[{id}] licence and author must be said: nothing is shown without rights"),
            ));
        }
        if let Some(why) = entry.bars_wrong() {
            return Err(Failure::project_malformed(&file, format!("[{id}] {why}")));
        }
        entries.insert(id, entry);
    }
    Ok(Library { entries })
}

/// A text file of the project; `None` when there is none.
pub fn read_text(path: &Path) -> Result<Option<String>, Failure> {
    let bytes = match read_at_most(path, MAX_TEXT) {
        Ok(bytes) => bytes,
        // A folder that is a file holds nothing; whoever needs the folder says so.
        Err(e) if matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => return Ok(None),
        Err(e) => return Err(Failure::project_malformed(path, format!("it cannot be read: {e}"))),
    };
    String::from_utf8(bytes)
        .map(|text| Some(contracts::nfc(&text)))
        .map_err(|e| Failure::project_malformed(path, format!("it is not UTF-8 text (byte {})", e.utf8_error().valid_up_to())))
}

/// Reads TOML; what is wrong is said with line and field.
pub fn from_toml<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    let located = |error: &toml::de::Error, field: &str| {
        let message = error.message().replace('\n', " ");
        let line = error.span().map(|span| 1 + text.get(..span.start).unwrap_or(text).matches('\n').count());
        let place = line.map_or_else(String::new, |n| format!("line {n}: "));
        if field.is_empty() || field == "." { format!("{place}{message}") } else { format!("{place}{field}: {message}") }
    };
    let deserializer = toml::Deserializer::parse(text).map_err(|e| located(&e, ""))?;
    serde_path_to_error::deserialize(deserializer).map_err(|e| located(e.inner(), &e.path().to_string()))
}
