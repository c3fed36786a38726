//! Font files of this machine. Which of them draws what is decided by who asks.

use std::path::{Path, PathBuf};

use kit::files::read_at_most;

/// The largest font file that is read, in bytes.
const MAX_FONT: u64 = 64 * 1024 * 1024;
/// Folders in folders are followed this far.
const DEPTH: usize = 6;
/// As many files are listed at most.
const MOST: usize = 20_000;
/// Names a folder instead of the usual ones; several are parted as in PATH.
pub const FOLDERS_VARIABLE: &str = "REELWRIGHT_FONTS";

/// Folders that fonts lie in: those of `REELWRIGHT_FONTS`, else the usual ones of the system and of the user.
pub fn folders() -> Vec<PathBuf> {
    folders_from(|name| std::env::var_os(name))
}

fn folders_from(var: impl Fn(&str) -> Option<std::ffi::OsString>) -> Vec<PathBuf> {
    if let Some(named) = var(FOLDERS_VARIABLE) {
        return std::env::split_paths(&named).filter(|p| !p.as_os_str().is_empty()).collect();
    }
    let mut folders: Vec<PathBuf> = ["/usr/share/fonts", "/usr/local/share/fonts"].map(PathBuf::from).into();
    if let Some(home) = var("HOME").filter(|h| !h.is_empty()).map(PathBuf::from) {
        folders.extend([home.join(".local/share/fonts"), home.join(".fonts")]);
    }
    folders
}

/// Font files in folders and in what lies in them: TrueType, OpenType and collections. Sorted by name, then by place, so that
/// the order does not hang on the file system. A folder that cannot be read holds none.
pub fn files(folders: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in folders {
        collect(folder, DEPTH, &mut found);
    }
    found.sort_by(|a, b| (a.file_name(), a).cmp(&(b.file_name(), b)));
    found.dedup();
    found
}

fn collect(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if found.len() >= MOST {
            return;
        }
        // Through a link too: distributions link folders of fonts. The depth ends a ring.
        if path.is_dir() {
            if depth > 0 {
                collect(&path, depth - 1, found);
            }
        } else if path
            .extension()
            .and_then(|e| e.to_str())
            .is_some_and(|e| ["ttf", "otf", "ttc", "otc"].contains(&e.to_ascii_lowercase().as_str()))
        {
            found.push(path);
        }
    }
}

/// The bytes of a font file; none when it cannot be read or is larger than a font is.
pub fn read(path: &Path) -> Option<Vec<u8>> {
    read_at_most(path, MAX_FONT).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fonts_are_found_in_folders_and_sorted_by_name() {
        let root = std::env::temp_dir().join(format!("reelwright-fonts-{}", std::process::id()));
        let put = |name: &str| {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            kit::files::Files::write_atomic(&kit::SystemFiles::new(), &path, b"font").expect("written");
        };
        ["z/a.ttf", "a/b.OTF", "a/deep/er/c.ttc", "a/readme.txt", "a/d.pfb"].into_iter().for_each(put);
        #[cfg(unix)]
        std::os::unix::fs::symlink(&root, root.join("a/ring")).expect("a link");
        let names: Vec<String> =
            files(std::slice::from_ref(&root)).iter().filter_map(|p| Some(p.file_name()?.to_str()?.to_owned())).collect();
        std::fs::remove_dir_all(&root).expect("removed");
        let mut once = names.clone();
        once.dedup();
        assert_eq!(once, ["a.ttf", "b.OTF", "c.ttc"]);
        assert!(names.is_sorted());
        assert!(files(&[root]).is_empty());
    }

    #[test]
    fn a_named_folder_takes_the_place_of_the_usual_ones() {
        let set = |vars: &'static [(&str, &str)]| folders_from(|name| vars.iter().find(|(k, _)| *k == name).map(|(_, v)| v.into()));
        assert_eq!(set(&[("REELWRIGHT_FONTS", "/x:/y"), ("HOME", "/h")]), [PathBuf::from("/x"), "/y".into()]);
        assert!(set(&[("REELWRIGHT_FONTS", "")]).is_empty());
        assert_eq!(set(&[("HOME", "/h")])[2..], [PathBuf::from("/h/.local/share/fonts"), "/h/.fonts".into()]);
        assert_eq!(set(&[]).len(), 2);
    }
}
