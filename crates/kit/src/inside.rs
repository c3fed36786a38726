//! Names that somebody else wrote, resolved inside a folder and nowhere else.

use std::io;
use std::path::{Component, Path, PathBuf};

/// Where a name leads that is relative to a folder. Refused are absolute names, names with `..`, and links that lead out.
///
/// # Errors
/// Says which of these it is, or that there is no such file.
pub fn inside(folder: &Path, name: &Path) -> io::Result<PathBuf> {
    let plain = name.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !plain || name.as_os_str().is_empty() {
        return Err(io::Error::other("it must be a name inside the folder, without `..` and not absolute"));
    }
    let root = folder.canonicalize()?;
    let path = root.join(name).canonicalize()?;
    if path.starts_with(&root) { Ok(path) } else { Err(io::Error::other("it leads out of the folder")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    #[allow(clippy::disallowed_methods, reason = "the test lays out a folder")]
    fn a_name_leads_inside_or_nowhere() {
        let dir = std::env::temp_dir().join(format!("kit-inside-{}", std::process::id()));
        std::fs::create_dir_all(dir.join("in/deep")).expect("makes");
        std::fs::write(dir.join("out.txt"), "x").expect("writes");
        std::fs::write(dir.join("in/deep/a.txt"), "x").expect("writes");
        let _ = std::os::unix::fs::symlink("../out.txt", dir.join("in/link"));
        let _ = std::os::unix::fs::symlink("deep/a.txt", dir.join("in/near"));
        let root = dir.join("in");
        for name in ["deep/a.txt", "./deep/a.txt", "near"] {
            assert!(inside(&root, Path::new(name)).is_ok_and(|p| p.ends_with("deep/a.txt")), "{name}");
        }
        for name in ["", "../out.txt", "deep/../../out.txt", "/etc/passwd", "link", "absent", "deep/../deep/a.txt"] {
            assert!(inside(&root, Path::new(name)).is_err(), "{name}");
        }
        std::fs::remove_dir_all(&dir).expect("removes");
    }
}
