//! Which tools there are: the manifests and ordering tables that are built in, and those of a person's own folders. A file with a
//! fault is named with its field and left out; the others stand. A person's manifest stands in the place of the built-in one of
//! the same tool, and a person's table in the place of the built-in one of the same task.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use contracts::choice::{Availability, Breaker, OrderTable, SelectionRequest, ToolId};
use kit::files::read_at_most;
use routing::discover::Health;
use routing::manifest::{self, Catalogue, ManifestError};
use routing::table::{self, Tables};

use crate::failure::Failure;

/// The most files of one folder: more is no folder of manifests.
const MAX_FILES: usize = 10_000;

macro_rules! built_in {
    ($folder:literal: $($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../policies/", $folder, "/", $name)))),*]
    };
}

/// The manifests that are built in: file name, text.
pub const PROVIDERS: &[(&str, &str)] = built_in!["providers":
    "author.script.toml", "craft.foley.toml", "craft.painter.toml", "craft.score.toml", "espeak-ng.toml", "ffmpeg.toml", "flite.toml",
    "library.music.toml", "library.picture.toml", "library.sound.toml", "pack.writer.toml", "piper.toml", "server.toml", "standin.picture.toml",
];

/// The ordering tables that are built in: file name, text.
pub const TABLES: &[(&str, &str)] = built_in!["routing":
    "image.toml", "image_establishing.toml", "music.toml", "runtime.toml", "sound.toml", "speech.toml", "text.toml", "video.toml",
];

/// Tools, their order, and what was wrong with files.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    /// The tools.
    pub catalogue: Catalogue,
    /// The ordering tables.
    pub tables: Tables,
    /// Files that were left out, each with its field and why.
    pub faults: Vec<ManifestError>,
    /// The folders of a person that were read.
    pub folders: Vec<PathBuf>,
}

impl Shelf {
    /// What is built in, and the folders `providers` and `routing` of a person's settings (`$XDG_CONFIG_HOME/reelwright`). Another
    /// folder of manifests may be named instead of the former; one that is named must be there.
    pub fn open(providers: Option<&Path>) -> Result<Self, Failure> {
        Self::open_in(kit::home::config_home().as_deref(), providers)
    }

    fn open_in(config: Option<&Path>, providers: Option<&Path>) -> Result<Self, Failure> {
        let mut shelf = Self::default();
        let own = match (providers, config) {
            (Some(folder), _) => {
                let unreadable = |e| Failure::usage(format!("--providers {}: {e}", folder.display()), "give a folder of TOML manifests");
                let files = files(folder, &mut shelf.faults).map_err(unreadable)?;
                shelf.folders.push(folder.to_owned());
                files
            }
            (None, Some(config)) => shelf.folder(&config.join("providers")),
            (None, None) => Vec::new(),
        };
        let orders = config.map(|config| shelf.folder(&config.join("routing"))).unwrap_or_default();
        shelf.stock(&own, &orders);
        Ok(shelf)
    }

    /// The files of a folder that need not be there.
    fn folder(&mut self, folder: &Path) -> Vec<(String, String)> {
        match files(folder, &mut self.faults) {
            Ok(files) => {
                self.folders.push(folder.to_owned());
                files
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => {
                self.faults.push(fault(folder, format!("cannot be read: {error}")));
                Vec::new()
            }
        }
    }

    fn stock(&mut self, own: &[(String, String)], orders: &[(String, String)]) {
        // What is wrong among a person's files is told by their own load; what stands is loaded beside what is built in.
        let (mine, faults) = Catalogue::load(texts(own));
        self.faults.extend(faults);
        let tool = |(file, text): &(&str, &str)| manifest::parse(file, text).ok().map(|manifest| manifest.tool);
        let kept = texts(own).filter(|file| tool(file).is_some_and(|tool| mine.get(&tool).is_some()));
        let built_in =
            PROVIDERS.iter().copied().filter(|file| mine.tools().is_empty() || tool(file).is_none_or(|t| mine.get(&t).is_none()));
        let (catalogue, faults) = Catalogue::load(built_in.chain(kept));
        self.catalogue = catalogue;
        self.faults.extend(faults);

        let (_, faults) = Tables::load(texts(orders));
        self.faults.extend(faults);
        let key = |(file, text): &(&str, &str)| table::parse(file, text).ok().map(|table| (table.modality, table.task));
        let mut count: BTreeMap<_, usize> = BTreeMap::new();
        texts(orders).filter_map(|file| key(&file)).for_each(|key| *count.entry(key).or_default() += 1);
        let once = |file: &(&str, &str)| key(file).is_some_and(|key| count.get(&key) == Some(&1));
        let built_in = TABLES.iter().copied().filter(|file| count.is_empty() || !once(file));
        let (tables, faults) = Tables::load(built_in.chain(texts(orders).filter(once)));
        self.tables = tables;
        self.faults.extend(faults);
    }

    /// The ordering table of a request.
    pub fn table(&self, request: &SelectionRequest) -> Option<OrderTable> {
        self.tables.of(request.modality, request.task.as_deref()).cloned()
    }

    /// Names of the variables tools ask for that are set, and not empty.
    pub fn environment(&self) -> BTreeSet<String> {
        let set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        manifest::environment(&self.catalogue).into_iter().filter(set).map(str::to_owned).collect()
    }
}

/// How the built-in tools that are programs are on this machine: only those that are not well are named.
pub fn health() -> BTreeMap<ToolId, Health> {
    let mut health = BTreeMap::new();
    let mut put = |name: &str, why: String| {
        if let Ok(tool) = ToolId::new(name) {
            health.insert(tool, unavailable(why));
        }
    };
    for program in ["ffmpeg", "flite", "espeak-ng"] {
        if let Err(error) = kit::process::Tool::find(program) {
            put(program, error.to_string());
        }
    }
    let settings = crate::tools::settings();
    let found = settings.as_ref().map(media::speech::Engine::survey).unwrap_or_default();
    for engine in ["piper", "server"] {
        match (&settings, found.iter().find(|(name, _)| *name == engine)) {
            (Err(failure), _) => put(engine, failure.message.clone()),
            (_, None) => put(engine, format!("{} does not set it up", crate::tools::SPEECH_FILE)),
            (_, Some((_, Err(why)))) => put(engine, why.clone()),
            (_, Some((_, Ok(_)))) => {}
        }
    }
    health
}

/// A tool that cannot be asked.
pub fn unavailable(why: impl Into<String>) -> Health {
    Health { availability: Availability::Unavailable, breaker: Breaker::Closed, why: Some(why.into()) }
}

fn texts(files: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    files.iter().map(|(name, text)| (name.as_str(), text.as_str()))
}

fn fault(path: &Path, message: String) -> ManifestError {
    ManifestError { file: path.display().to_string(), field: String::new(), message }
}

/// The TOML files of a folder, by name; one that cannot be read is a fault.
fn files(folder: &Path, faults: &mut Vec<ManifestError>) -> std::io::Result<Vec<(String, String)>> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "toml") {
            paths.push(path);
        }
    }
    if paths.len() > MAX_FILES {
        let told = format!("{} files; at most {MAX_FILES} are read, and none of these is", paths.len());
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, told));
    }
    paths.sort();
    let mut files = Vec::with_capacity(paths.len());
    for path in paths {
        let read = read_at_most(&path, manifest::MAX_BYTES as u64).map_err(|e| e.to_string());
        match read.and_then(|bytes| String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())) {
            Ok(text) => files.push((path.display().to_string(), text)),
            Err(why) => faults.push(fault(&path, why)),
        }
    }
    Ok(files)
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "tests lay out folders")]
mod tests {
    use contracts::choice::Modality;

    use super::*;

    fn id(name: &str) -> ToolId {
        ToolId::new(name).expect("a name")
    }

    #[test]
    fn every_file_of_the_policies_is_built_in_and_none_has_a_fault() {
        for (folder, built_in) in [("providers", PROVIDERS), ("routing", TABLES)] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies").join(folder);
            let mut faults = Vec::new();
            let found: Vec<(String, String)> = files(&path, &mut faults).expect("a folder");
            let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
            let found: Vec<(String, String)> = found.into_iter().map(|(file, text)| (name(&file), text)).collect();
            let ours: Vec<(String, String)> = built_in.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect();
            assert_eq!(found, ours, "policies/{folder} and what is built in differ");
            assert!(faults.is_empty());
        }
        let shelf = Shelf::open_in(None, None).expect("what is built in");
        assert_eq!((shelf.catalogue.tools().len(), shelf.faults.len()), (PROVIDERS.len(), 0));
        assert!(shelf.tables.strangers(&shelf.catalogue).is_empty());
    }

    #[test]
    fn a_persons_file_is_a_tool_without_a_rebuild_and_a_faulty_one_is_named_and_left_out() {
        let config = tempfile::tempdir().expect("a folder");
        let (providers, routing) = (config.path().join("providers"), config.path().join("routing"));
        std::fs::create_dir_all(&providers).expect("a folder");
        std::fs::create_dir_all(&routing).expect("a folder");
        let put = |folder: &Path, name: &str, text: &str| std::fs::write(folder.join(name), text).expect("a file");
        let painter = PROVIDERS.iter().find(|(file, _)| *file == "craft.painter.toml").expect("the painter").1;
        put(&providers, "mine.toml", &painter.replace("craft.painter", "mine.painter"));
        put(&providers, "painter.toml", &painter.replace("latency_ms = 600", "latency_ms = 601"));
        put(&providers, "bad.toml", &painter.replace("quality_ppm = 700000", "quality_ppm = \"good\""));
        put(&providers, "twice-1.toml", &painter.replace("craft.painter", "flite"));
        put(&providers, "twice-2.toml", &painter.replace("craft.painter", "flite"));
        put(&providers, "notes.txt", "no manifest");
        std::fs::write(providers.join("bytes.toml"), [0xff, 0xfe]).expect("a file");
        put(&routing, "image.toml", "version = \"2.0.0\"\nmodality = \"image\"\norder = [\"mine.painter\"]\n");
        let shelf = Shelf::open_in(Some(config.path()), None).expect("a shelf");
        let told: Vec<String> = shelf.faults.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told.iter().any(|t| t.contains("bad.toml: quality_ppm: ")), "{told:?}");
        assert!(told.iter().any(|t| t.contains("bytes.toml: it is not UTF-8")), "{told:?}");
        assert!(told.iter().any(|t| t.contains("twice-1.toml") && t.contains("twice-2.toml")), "{told:?}");
        let latency = |tool: &str| shelf.catalogue.get(&id(tool)).and_then(|t| t.latency_ms);
        assert_eq!((latency("mine.painter"), latency("craft.painter")), (Some(600), Some(601)));
        // Two files for one tool say nothing that could be used: the built-in one stands.
        assert_eq!(shelf.catalogue.get(&id("flite")).map(|t| t.modality), Some(Modality::Speech));
        let order = |task: Option<&str>| shelf.tables.of(Modality::Image, task).map(|t| t.version.clone());
        assert_eq!((order(None), order(Some("establishing"))), (Some("2.0.0".into()), Some("1.0.0".into())));
        // A folder that is named stands in the place of the settings' one, and must be there.
        let named = Shelf::open_in(Some(config.path()), Some(&routing)).expect("a shelf");
        assert!(named.catalogue.get(&id("mine.painter")).is_none() && named.faults.iter().any(|f| f.file.ends_with("image.toml")));
        assert_eq!(Shelf::open_in(None, Some(&config.path().join("absent"))).expect_err("no folder").code, "usage");
    }
}
