//! Folders that belong to a process, and locks that die with it.
#![allow(clippy::disallowed_methods, reason = "this module is the guarded act")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::failpoint::hit;

/// A folder that belongs to this process while it lives, for files that are not finished. A lock that the kernel drops
/// at any death tells the living from the dead, so a start sweeps what killed processes left and nothing else.
#[derive(Debug)]
pub struct Scratch {
    dir: PathBuf,
    counter: AtomicU64,
    _lock: fs::File,
}

const LOCK_NAME: &str = "lock";

impl Scratch {
    /// Sweeps the dead folders under `root` and makes one for this process. `label` distinguishes processes in listings.
    pub fn open(root: &Path, label: &str) -> io::Result<Self> {
        fs::create_dir_all(root)?;
        // One start at a time, or a sweep could take a folder that is made but not locked yet.
        let gate = fs::File::options().create(true).truncate(false).write(true).open(root.join(LOCK_NAME))?;
        gate.lock()?;
        hit("scratch.before_sweep")?;
        Self::sweep(root)?;
        hit("scratch.swept")?;
        let mut n = 0;
        let dir = loop {
            let dir = root.join(format!("{label}-{}-{n}", std::process::id()));
            match fs::create_dir(&dir) {
                Ok(()) => break dir,
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => n += 1,
                Err(e) => return Err(e),
            }
        };
        hit("scratch.made")?;
        let lock = fs::File::options().create_new(true).write(true).open(dir.join(LOCK_NAME))?;
        hit("scratch.not_locked")?;
        lock.lock()?;
        hit("scratch.locked")?;
        Ok(Self { dir, counter: AtomicU64::new(0), _lock: lock })
    }

    /// Removes what the dead left. Whoever calls it holds the gate.
    fn sweep(root: &Path) -> io::Result<()> {
        for entry in fs::read_dir(root)? {
            let path = entry?.path();
            if path.is_dir() && !held(&path.join(LOCK_NAME)) {
                match fs::remove_dir_all(&path) {
                    // Its owner is ending just now and removes it as well.
                    Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::DirectoryNotEmpty) => {}
                    other => other?,
                }
            }
        }
        Ok(())
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A new empty folder in it, removed when the value is dropped.
    pub fn temp_dir(&self, label: &str) -> io::Result<TempDir> {
        let dir = self.dir.join(format!("{label}-{}", self.counter.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir(&dir)?;
        hit("scratch.step_folder")?;
        Ok(TempDir { dir })
    }

    /// Whether the process that opened the folder of this name under `root` still lives.
    pub fn is_alive(root: &Path, name: &str) -> bool {
        held(&root.join(name).join(LOCK_NAME))
    }
}

/// Whether another open file holds the lock. A missing lock is not held; one that cannot be asked is left in peace.
fn held(lock: &Path) -> bool {
    match fs::File::options().write(true).open(lock) {
        Ok(file) => file.try_lock().is_err(),
        Err(e) => e.kind() != io::ErrorKind::NotFound && e.kind() != io::ErrorKind::NotADirectory,
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = hit("scratch.before_end");
        let _ = fs::remove_dir_all(&self.dir);
        // A process that was killed between a child's fork and its exec left its lock with that child: it looked alive when
        // this one began. Where somebody else is on the threshold, they sweep.
        if let Some(root) = self.dir.parent()
            && let Ok(gate) = fs::File::options().write(true).open(root.join(LOCK_NAME))
            && gate.try_lock().is_ok()
        {
            let _ = Self::sweep(root);
        }
    }
}

/// Keeps every [`Scratch`] of a root from being opened while it lives; who is inside already stays.
#[derive(Debug)]
pub struct Door {
    _lock: fs::File,
}

impl Door {
    /// Waits until nobody is on the threshold, and closes it.
    pub fn close(root: &Path) -> io::Result<Self> {
        let lock = fs::File::options().create(true).truncate(false).write(true).open(root.join(LOCK_NAME))?;
        lock.lock()?;
        Ok(Self { _lock: lock })
    }
}

/// A folder that one process at a time writes. The kernel drops the hold at any death, and it leaves no file behind.
#[derive(Debug)]
pub struct Hold {
    _dir: fs::File,
}

impl Hold {
    /// Takes hold of an existing folder; `None` when another process has it. Where the file system knows no locks,
    /// everybody gets it.
    pub fn take(dir: &Path) -> io::Result<Option<Self>> {
        let file = fs::File::open(dir)?;
        match file.try_lock() {
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Ok(()) | Err(fs::TryLockError::Error(_)) => Ok(Some(Self { _dir: file })),
        }
    }
}

/// A folder that goes away with the value.
#[derive(Debug)]
pub struct TempDir {
    pub(crate) dir: PathBuf,
}

impl TempDir {
    /// The folder.
    pub fn path(&self) -> &Path {
        &self.dir
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> (TempDir, PathBuf) {
        static N: AtomicU64 = AtomicU64::new(0);
        let dir = std::env::temp_dir().join(format!("kit-scratch-{}-{}", std::process::id(), N.fetch_add(1, Ordering::Relaxed)));
        let root = dir.join("tmp");
        (TempDir { dir }, root)
    }

    #[test]
    fn a_start_sweeps_the_dead_and_spares_the_living() {
        let (_dir, root) = root();
        let live = Scratch::open(&root, "p").expect("opens");
        let kept = live.temp_dir("step").expect("makes a folder");
        let dead = root.join("p-1-0");
        fs::create_dir(&dead).expect("makes a folder");
        fs::write(dead.join("half.mp4"), b"half").expect("writes");
        fs::write(dead.join(LOCK_NAME), b"").expect("writes");
        let next = Scratch::open(&root, "p").expect("opens");
        assert!(kept.path().is_dir() && next.dir().is_dir() && !dead.exists());
        let name = live.dir().file_name().expect("has a name").to_string_lossy().into_owned();
        assert!(Scratch::is_alive(&root, &name) && !Scratch::is_alive(&root, "p-1-0"));
        drop(live);
        assert!(!Scratch::is_alive(&root, &name));
    }

    /// A child of a killed process holds its locks until it becomes another program.
    #[test]
    fn what_looked_alive_at_the_start_is_swept_at_the_end() {
        let (_dir, root) = root();
        let dead = root.join("p-1-0");
        fs::create_dir_all(&dead).expect("makes a folder");
        let child = fs::File::create(dead.join(LOCK_NAME)).expect("is made");
        child.lock().expect("is held");
        let first = Scratch::open(&root, "p").expect("opens");
        assert!(dead.is_dir(), "it may live");
        drop(child);
        // Another opens the door: it is left to them.
        let door = Door::close(&root).expect("closes");
        drop(Scratch { dir: root.join("none"), counter: AtomicU64::new(0), _lock: fs::File::open(first.dir()).expect("opens") });
        assert!(dead.is_dir());
        drop(door);
        drop(first);
        let left: Vec<PathBuf> = fs::read_dir(&root).expect("reads").map(|e| e.expect("reads").path()).collect();
        assert_eq!(left, [root.join(LOCK_NAME)]);
    }
}
