//! A folder that calls may not leave.

use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use crate::failure::Failure;

/// Every path of a call lies in this folder. What a link leads to counts, as it stands when the call begins.
pub struct Root(PathBuf);

impl Root {
    /// # Errors
    /// When it is no folder that can be looked into.
    pub fn new(dir: &Path) -> Result<Self, Failure> {
        let refuse = |why: String| Failure::usage(format!("--root {}: {why}", dir.display()), "give a folder that exists");
        let root = dir.canonicalize().map_err(|e| refuse(e.to_string()))?;
        if root.is_dir() && root.to_str().is_some() { Ok(Self(root)) } else { Err(refuse("it is no folder with a name in UTF-8".into())) }
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.0
    }

    /// Whether what names a run names a folder.
    pub fn is_path(&self, given: &str) -> bool {
        given.contains('/') || given.starts_with('.') || self.0.join(given).symlink_metadata().is_ok()
    }

    /// The path that is meant, when it lies in the folder. It need not exist.
    ///
    /// # Errors
    /// Names the argument and why it does not.
    pub fn inside(&self, key: &str, given: &str) -> Result<String, Failure> {
        let shown: String = given.escape_debug().take(120).collect();
        let refuse = |why: &str| Failure::outside(format!("`{key}` is `{shown}`: {why}"), &self.0);
        let path = Path::new(given);
        if given.is_empty() {
            return Err(refuse("it is empty"));
        }
        if path.components().any(|part| matches!(part, Component::ParentDir)) {
            return Err(refuse("it has `..` in it"));
        }
        let whole = self.0.join(path);
        // As far as it exists it is followed; the rest is plain names.
        let absent = |p: &Path| match p.symlink_metadata() {
            Err(e) => matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory),
            Ok(_) => false,
        };
        let there = whole.ancestors().find(|p| !absent(p)).ok_or_else(|| refuse("it leads nowhere"))?;
        let rest = whole.strip_prefix(there).map_err(|_| refuse("it leads nowhere"))?;
        let real = there.canonicalize().map_err(|_| refuse("it cannot be followed"))?;
        if !real.starts_with(&self.0) {
            return Err(refuse("it leads out of the folder"));
        }
        let real = if rest.as_os_str().is_empty() { real } else { real.join(rest) };
        real.to_str().map(str::to_owned).ok_or_else(|| refuse("its name is not UTF-8"))
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "tests lay out folders")]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_path_lies_inside_or_is_refused() {
        let dir = tempfile::tempdir().expect("a folder");
        let base = dir.path().canonicalize().expect("a path");
        fs::create_dir_all(base.join("root/p")).expect("folders");
        fs::create_dir_all(base.join("root-beside")).expect("folders");
        fs::create_dir_all(base.join("out")).expect("folders");
        fs::write(base.join("out/secret"), "x").expect("writes");
        symlink("../out", base.join("root/link")).expect("links");
        symlink("../gone", base.join("root/dangling")).expect("links");
        symlink("p", base.join("root/near")).expect("links");
        let root = Root::new(&base.join("root")).expect("a root");
        let inside = |given: &str| root.inside("project", given).ok().map(PathBuf::from);
        assert_eq!(inside("p"), Some(base.join("root/p")));
        assert_eq!(inside("near/film"), Some(base.join("root/p/film")));
        assert_eq!(inside("new/deep"), Some(base.join("root/new/deep")));
        assert_eq!(inside(&base.join("root/p").display().to_string()), Some(base.join("root/p")));
        for given in [
            "",
            "..",
            "../out",
            "p/../../out",
            "/",
            "/etc/passwd",
            "link",
            "link/secret",
            "link/new",
            "dangling",
            "dangling/new",
            "p/\u{0}",
        ] {
            assert_eq!(inside(given), None, "{given:?}");
        }
        assert_eq!(inside(&base.join("root-beside").display().to_string()), None, "a name that only begins alike");
        assert!(root.is_path("link") && root.is_path("./x") && root.is_path("a/b") && !root.is_path("run-1"));
        assert!(Root::new(&base.join("absent")).is_err() && Root::new(&base.join("out/secret")).is_err());
    }
}
