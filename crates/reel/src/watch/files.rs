//! What an episode reads, and whether it was touched.
//!
//! Looked at again and again instead of waiting for the system to tell: a project is a handful of files, a look at them
//! costs microseconds, and it works where notices do not: on network shares and mounted folders, through an editor that
//! writes a new file and renames it, for folders that are made later. It needs no library and no limit of watches.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Files at the root of a project that an episode reads.
const FILES: [&str; 3] = ["project.toml", "canon.toml", "policy.json"];
/// Folders whose files it reads, however deep.
const FOLDERS: [&str; 3] = ["library", "episodes", "canon"];
/// How deep.
const DEPTH: usize = 8;
/// How many files are looked at; a project has a few dozen.
const MOST: usize = 20_000;

/// What tells one state of a file from another without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    bytes: u64,
    /// Seconds and nanoseconds at which its content was written, and at which anything about it changed.
    written: (i64, i64),
    changed: (i64, i64),
}

/// The files of a project at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot(BTreeMap<PathBuf, Stamp>);

impl Snapshot {
    /// Looks at the project in `root`. What cannot be looked at is not there.
    pub fn of(root: &Path) -> Self {
        let mut out = Self::default();
        for name in FILES {
            out.look(root, &root.join(name));
        }
        for name in FOLDERS {
            out.walk(root, &root.join(name), DEPTH);
        }
        out
    }

    /// Files that are other than they were, are new or are gone, by their names in the project.
    pub fn changed(&self, before: &Self) -> Vec<String> {
        let both = self.0.iter().filter(|(path, stamp)| before.0.get(*path) != Some(stamp)).map(|(path, _)| path);
        let gone = before.0.keys().filter(|path| !self.0.contains_key(*path));
        let mut names: Vec<String> = both.chain(gone).map(|p| p.display().to_string()).collect();
        names.sort();
        names
    }

    fn walk(&mut self, root: &Path, dir: &Path, depth: usize) {
        let Ok(entries) = std::fs::read_dir(dir) else { return };
        for entry in entries.flatten() {
            if self.0.len() >= MOST || passing(&entry.file_name().to_string_lossy()) {
                continue;
            }
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && depth > 0 => self.walk(root, &entry.path(), depth - 1),
                Ok(kind) if !kind.is_dir() => self.look(root, &entry.path()),
                _ => {}
            }
        }
    }

    fn look(&mut self, root: &Path, path: &Path) {
        let Ok(meta) = std::fs::metadata(path) else { return };
        if meta.is_file() {
            let stamp = Stamp {
                inode: meta.ino(),
                bytes: meta.len(),
                written: (meta.mtime(), meta.mtime_nsec()),
                changed: (meta.ctime(), meta.ctime_nsec()),
            };
            self.0.insert(path.strip_prefix(root).unwrap_or(path).to_owned(), stamp);
        }
    }
}

/// Whether a name is one that editors and downloads leave for a moment: hidden files, backups, swap files.
fn passing(name: &str) -> bool {
    name.starts_with('.')
        || name.ends_with('~')
        || name.starts_with('#')
        || name == "4913"
        || [".swp", ".swo", ".swx", ".tmp", ".part", ".bak", ".crdownload"].iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "tests lay out folders as a person's editor does")]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn every_way_to_save_is_seen_and_passing_files_are_not() {
        let dir = tempfile::tempdir().expect("a folder");
        let root = dir.path();
        fs::write(root.join("project.toml"), "a").expect("writes");
        let empty = Snapshot::of(root);
        assert_eq!(empty.changed(&Snapshot::default()), ["project.toml"]);
        // Folders that are made later, at depth.
        fs::create_dir_all(root.join("episodes/01")).expect("folders");
        fs::write(root.join("episodes/01/notes.toml"), "one").expect("writes");
        let one = Snapshot::of(root);
        assert_eq!(one.changed(&empty), ["episodes/01/notes.toml"]);
        // Swap files, backups, the file with which an editor tries whether it may write, what is no input.
        for name in [".notes.toml.swp", "notes.toml~", "4913", "#notes.toml#", ".#notes.toml", "notes.toml.tmp"] {
            fs::write(root.join("episodes/01").join(name), "x").expect("writes");
        }
        fs::write(root.join("README.md"), "x").expect("writes");
        fs::create_dir(root.join("film")).expect("a folder");
        fs::write(root.join("film/final.mp4"), "x").expect("writes");
        assert_eq!(Snapshot::of(root), one);
        // A rename over the file, with the same size and time.
        let other = root.join("episodes/01/.new");
        fs::write(&other, "two").expect("writes");
        let time = fs::metadata(root.join("episodes/01/notes.toml")).and_then(|m| m.modified()).expect("a time");
        fs::File::options().write(true).open(&other).and_then(|f| f.set_modified(time)).expect("sets");
        fs::rename(&other, root.join("episodes/01/notes.toml")).expect("renames");
        let two = Snapshot::of(root);
        assert_eq!(two.changed(&one), ["episodes/01/notes.toml"]);
        fs::remove_file(root.join("episodes/01/notes.toml")).expect("removes");
        assert_eq!(Snapshot::of(root).changed(&two), ["episodes/01/notes.toml"]);
        // A folder that leads into itself ends somewhere.
        fs::create_dir(root.join("library")).expect("a folder");
        std::os::unix::fs::symlink(root, root.join("library/self")).expect("links");
        assert_eq!(Snapshot::of(root), empty);
    }
}
