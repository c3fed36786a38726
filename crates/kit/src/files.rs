//! Files: whole or absent, never half. Bytes go to a temporary name, are flushed to the medium, renamed, and the folder
//! is flushed too; only then does the call return.
#![allow(clippy::disallowed_methods, reason = "this module is the guarded act: everything else takes a `Files`")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::failpoint::hit;

/// What every temporary name ends with, so that a sweep knows its own.
pub const TEMP_SUFFIX: &str = ".reelwright.tmp";

/// The guarded acts on files. Errors are the system's; callers add what the file was for.
pub trait Files: Send + Sync {
    /// All bytes of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// A stream over a file.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + Send>>;

    /// Size in bytes; `None` when there is no such file.
    fn size(&self, path: &Path) -> io::Result<Option<u64>>;

    /// Whether there is such a file.
    fn exists(&self, path: &Path) -> io::Result<bool> {
        Ok(self.size(path)?.is_some())
    }

    /// Puts these bytes under the name, replacing what was there, durably; makes the folder when it is missing.
    fn write_atomic(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// As [`Files::write_atomic`] when nothing is there; `false` when something is, which is left alone.
    fn put_if_absent(&self, path: &Path, bytes: &[u8]) -> io::Result<bool>;

    /// Moves a file to another name, replacing what was there, durably; across file systems it is copied. When both
    /// names are links to one file nothing happens (POSIX rename).
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// The same content under a second name, durably: a hard link where the file system can, else a copy. Whoever writes
    /// into one then writes into both, so the two must never be written again. `false` when the name is taken.
    fn hard_link_or_copy(&self, from: &Path, to: &Path) -> io::Result<bool>;

    /// The same content as an independent file, durably, replacing what was there.
    fn copy(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file; no such file is no error.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// What is directly in a folder, sorted by name; a missing folder is empty.
    fn list(&self, dir: &Path) -> io::Result<Vec<PathBuf>>;

    /// Removes the temporary files that killed writers left directly in a folder, and says how many. What a living
    /// process of this machine is writing is spared.
    fn sweep(&self, dir: &Path) -> io::Result<u64> {
        let mut swept = 0;
        for path in self.list(dir)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.ends_with(TEMP_SUFFIX) && !writer_lives(&name) {
                self.remove(&path)?;
                swept += 1;
            }
        }
        Ok(swept)
    }

    /// Whether names here are names on a disk, which a child process could open.
    fn on_disk(&self) -> bool;
}

/// All bytes of a file that someone else wrote. Only a file is read, and at most `most` bytes: a pipe would be waited for,
/// and a device has no end.
pub fn read_at_most(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let meta = fs::metadata(path)?;
    if !meta.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    if meta.len() > most {
        return Err(io::Error::other(format!("it has {} bytes; at most {most} are read", meta.len())));
    }
    let mut bytes = Vec::new();
    // It may have grown since we looked.
    fs::File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(io::Error::other(format!("it has more than {most} bytes"))) } else { Ok(bytes) }
}

/// Appends whole lines to a file that other processes append to as well: one at a time, so that none stands between the words of
/// another's. A line that a killed writer left half is ended first. Makes the file and its folder when they are missing. It is on
/// its way to the medium when this returns, not there: for records that work does not rest on.
pub fn append_line(path: &Path, lines: &str) -> io::Result<()> {
    make_dir(parent(path)?)?;
    let mut file = fs::File::options().create(true).read(true).append(true).open(path)?;
    // Whoever stands still over a lock keeps nobody from work: after a second the line goes out as it is, in one piece.
    for _ in 0..100 {
        match file.try_lock() {
            Err(fs::TryLockError::WouldBlock) => std::thread::sleep(std::time::Duration::from_millis(10)),
            Ok(()) | Err(fs::TryLockError::Error(_)) => break,
        }
    }
    let mut last = [b'\n'];
    if file.metadata()?.len() > 0 {
        file.seek(io::SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    let ended = if last == [b'\n'] { "" } else { "\n" };
    file.write_all(format!("{ended}{lines}").as_bytes())
}

/// A name no other writer of this machine uses.
fn temp_name(final_name: &Path) -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let stem: String = final_name.file_name().map(|n| n.to_string_lossy().chars().take(60).collect()).unwrap_or_default();
    format!(".{stem}.{}-{}{TEMP_SUFFIX}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed))
}

/// The machine's files.
#[derive(Debug, Clone, Default)]
pub struct SystemFiles {
    temp_dir: Option<PathBuf>,
}

impl SystemFiles {
    /// Temporary names stand beside the final ones.
    pub fn new() -> Self {
        Self::default()
    }

    /// Temporary names stand in one folder, so that what a kill leaves is found in one place; on another file system than
    /// that folder's, beside the final ones.
    pub fn with_temp_dir(dir: impl Into<PathBuf>) -> Self {
        Self { temp_dir: Some(dir.into()) }
    }

    /// Whether a folder can be written, found out by writing: an empty file under a temporary name, gone again at once.
    /// Makes the folder when it is missing, and sweeps it.
    pub fn try_folder(&self, dir: &Path) -> io::Result<()> {
        make_dir(dir)?;
        self.sweep(dir)?;
        let probe = dir.join(temp_name(Path::new("probe")));
        fs::File::options().write(true).create_new(true).open(&probe)?;
        hit("files.folder_tried")?;
        fs::remove_file(&probe)
    }

    /// Fills a temporary file and hands it to `settle` under its final name; removes it when anything fails.
    fn through_temp<T>(
        &self,
        path: &Path,
        fill: impl Fn(&mut fs::File) -> io::Result<()>,
        settle: impl Fn(&Path) -> io::Result<T>,
    ) -> io::Result<T> {
        let beside = parent(path)?;
        make_dir(beside)?;
        match &self.temp_dir {
            // Only the attempt tells: two mounts of one file system have one number, and no rename goes between them.
            Some(dir) => match Self::through(&dir.join(temp_name(path)), path, &fill, &settle) {
                Err(e) if e.kind() == io::ErrorKind::CrossesDevices => Self::through(&beside.join(temp_name(path)), path, &fill, &settle),
                result => result,
            },
            None => Self::through(&beside.join(temp_name(path)), path, &fill, &settle),
        }
    }

    fn through<T>(
        temp: &Path,
        path: &Path,
        fill: &impl Fn(&mut fs::File) -> io::Result<()>,
        settle: &impl Fn(&Path) -> io::Result<T>,
    ) -> io::Result<T> {
        let result = (|| {
            hit("files.before_write")?;
            let mut file = fs::File::options().write(true).create_new(true).open(temp)?;
            hit("files.created")?;
            fill(&mut file)?;
            hit("files.filled")?;
            file.sync_all()?;
            hit("files.flushed")?;
            let settled = settle(temp)?;
            hit("files.named")?;
            sync_dir(parent(path)?)?;
            hit("files.written")?;
            Ok(settled)
        })();
        if result.is_err() {
            let _ = fs::remove_file(temp);
        }
        result
    }
}

/// Whether the writer of a temporary name of ours still lives on this machine.
fn writer_lives(name: &str) -> bool {
    let writer = || name.strip_suffix(TEMP_SUFFIX)?.rsplit('.').next()?.split('-').next()?.parse().ok();
    writer()
        .and_then(rustix::process::Pid::from_raw)
        .is_some_and(|pid| rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
}

fn parent(path: &Path) -> io::Result<&Path> {
    match path.parent() {
        Some(dir) if dir.as_os_str().is_empty() => Ok(Path::new(".")),
        Some(dir) => Ok(dir),
        None => Err(io::Error::new(io::ErrorKind::InvalidInput, "a file's name has no folder")),
    }
}

fn sync_dir(dir: &Path) -> io::Result<()> {
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    fs::File::open(dir)?.sync_all()
}

/// Makes a folder and those above it; their names survive a power cut as a file's does.
fn make_dir(dir: &Path) -> io::Result<()> {
    if dir.as_os_str().is_empty() || dir.is_dir() {
        return Ok(());
    }
    let above = parent(dir)?;
    make_dir(above)?;
    hit("files.before_folder")?;
    match fs::create_dir(dir) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
        _ => sync_dir(above)?,
    }
    Ok(hit("files.folder_made")?)
}

fn absent_is<T>(result: io::Result<T>, value: T) -> io::Result<T> {
    match result {
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(value),
        other => other,
    }
}

impl Files for SystemFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(fs::File::open(path)?))
    }

    fn size(&self, path: &Path) -> io::Result<Option<u64>> {
        absent_is(fs::metadata(path).map(|m| m.is_file().then_some(m.len())), None)
    }

    fn write_atomic(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.through_temp(path, |f| f.write_all(bytes), |temp| fs::rename(temp, path))
    }

    fn put_if_absent(&self, path: &Path, bytes: &[u8]) -> io::Result<bool> {
        if self.exists(path)? {
            return Ok(false);
        }
        self.through_temp(path, |f| f.write_all(bytes), |temp| settle_if_absent(temp, path))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        make_dir(parent(to)?)?;
        hit("files.before_rename")?;
        fs::File::open(from)?.sync_all()?;
        hit("files.rename_flushed")?;
        match fs::rename(from, to) {
            Err(e) if e.kind() == io::ErrorKind::CrossesDevices => {
                self.copy(from, to)?;
                self.remove(from)?;
            }
            Err(e) => return Err(e),
            Ok(()) => {
                hit("files.renamed")?;
                sync_dir(parent(to)?)?;
                sync_dir(parent(from)?)?;
            }
        }
        Ok(hit("files.moved")?)
    }

    fn hard_link_or_copy(&self, from: &Path, to: &Path) -> io::Result<bool> {
        make_dir(parent(to)?)?;
        hit("files.before_link")?;
        fs::File::open(from)?.sync_all()?;
        match fs::hard_link(from, to) {
            Ok(()) => sync_dir(parent(to)?).map(|()| true),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            // Other file systems, ones without links, and systems that forbid links to other people's files.
            Err(_) if self.exists(to)? => Ok(false),
            Err(_) => self.copy(from, to).map(|()| true),
        }
    }

    fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.through_temp(to, |f| io::copy(&mut fs::File::open(from)?, f).map(|_| ()), |temp| fs::rename(temp, to))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        hit("files.before_remove")?;
        absent_is(fs::remove_file(path), ())?;
        Ok(hit("files.removed")?)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        let Some(entries) = absent_is(fs::read_dir(dir).map(Some), None)? else { return Ok(Vec::new()) };
        let mut paths = entries.map(|e| e.map(|e| e.path())).collect::<io::Result<Vec<_>>>()?;
        paths.sort();
        Ok(paths)
    }

    fn on_disk(&self) -> bool {
        true
    }
}

/// Gives a finished temporary file its name unless the name is taken. A link cannot replace, a rename would; where the
/// file system has no links, a rename after a look is the best there is.
fn settle_if_absent(temp: &Path, path: &Path) -> io::Result<bool> {
    match fs::hard_link(temp, path) {
        Ok(()) => {
            hit("files.linked")?;
            fs::remove_file(temp).map(|()| true)
        }
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => fs::remove_file(temp).map(|()| false),
        Err(_) if path.exists() => fs::remove_file(temp).map(|()| false),
        Err(_) => fs::rename(temp, path).map(|()| true),
    }
}

/// Bytes that may still be written to the file system a path is on, or its nearest existing folder; `None` when it cannot
/// be asked.
pub fn free_bytes(path: &Path) -> Option<u64> {
    let there = path.ancestors().find(|p| p.exists())?;
    let found = rustix::fs::statvfs(there).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

/// The files of a seeded world: in memory, with operations that can be told to fail and a power cut that loses whatever
/// was not flushed. Every step of a durable write (create, write, flush, rename, flush the folder) is one operation.
#[derive(Debug, Clone, Default)]
pub struct MemoryFiles(Arc<Mutex<Disk>>);

#[derive(Debug, Default)]
struct Disk {
    /// What a reader sees: name to file.
    live: BTreeMap<PathBuf, usize>,
    /// What a power cut leaves: name to file.
    durable: BTreeMap<PathBuf, usize>,
    files: Vec<Inode>,
    operations: u64,
    fault: Option<Fault>,
    temp_dir: Option<PathBuf>,
}

#[derive(Debug, Default, Clone)]
struct Inode {
    bytes: Vec<u8>,
    flushed: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
struct Fault {
    at: u64,
    kind: io::ErrorKind,
    for_ever: bool,
}

impl MemoryFiles {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// Temporary names stand in one folder.
    pub fn with_temp_dir(dir: impl Into<PathBuf>) -> Self {
        let files = Self::default();
        files.disk().temp_dir = Some(dir.into());
        files
    }

    /// The n-th writing operation from now (from 1) fails with this error, once.
    pub fn fail_after(&self, n: u64, kind: io::ErrorKind) {
        let mut disk = self.disk();
        disk.fault = Some(Fault { at: disk.operations + n, kind, for_ever: false });
    }

    /// The n-th writing operation from now (from 1) and every later one fail, as a full or vanished disk does.
    pub fn fail_from(&self, n: u64, kind: io::ErrorKind) {
        let mut disk = self.disk();
        disk.fault = Some(Fault { at: disk.operations + n, kind, for_ever: true });
    }

    /// No more failures.
    pub fn heal(&self) {
        self.disk().fault = None;
    }

    /// Whether an armed failure has happened.
    pub fn has_failed(&self) -> bool {
        let disk = self.disk();
        disk.fault.is_some_and(|f| disk.operations >= f.at)
    }

    /// A power cut: what was not flushed is gone, and so are armed failures.
    pub fn power_cut(&self) {
        let mut disk = self.disk();
        disk.fault = None;
        disk.live = disk.durable.clone();
        for file in &mut disk.files {
            file.bytes = file.flushed.clone();
        }
    }

    /// Writing operations so far.
    pub fn operations(&self) -> u64 {
        self.disk().operations
    }

    /// Flips one bit of a file, behind everyone's back. `false` when there is no such byte.
    pub fn corrupt(&self, path: &Path, offset: usize) -> bool {
        let mut disk = self.disk();
        let Some(&inode) = disk.live.get(path) else { return false };
        let file = &mut disk.files[inode];
        let Some(byte) = file.bytes.get_mut(offset) else { return false };
        *byte ^= 1;
        file.flushed = file.bytes.clone();
        true
    }

    /// Every name, sorted.
    pub fn all(&self) -> Vec<PathBuf> {
        self.disk().live.keys().cloned().collect()
    }

    fn disk(&self) -> std::sync::MutexGuard<'_, Disk> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn through_temp<T>(&self, path: &Path, bytes: &[u8], settle: impl FnOnce(&mut Disk, &Path) -> io::Result<T>) -> io::Result<T> {
        let mut disk = self.disk();
        let dir = parent(path)?.to_owned();
        let temp = disk.temp_dir.clone().unwrap_or_else(|| dir.clone()).join(temp_name(path));
        let result = (|| {
            disk.operation()?;
            disk.files.push(Inode::default());
            let inode = disk.files.len() - 1;
            disk.live.insert(temp.clone(), inode);
            disk.operation()?;
            disk.files[inode].bytes = bytes.to_vec();
            disk.operation()?;
            disk.files[inode].flushed = bytes.to_vec();
            disk.operation()?;
            let settled = settle(&mut disk, &temp)?;
            disk.operation()?;
            disk.flush_dir(&dir);
            Ok(settled)
        })();
        // A writer that dies cannot tidy up after itself; one that merely failed does.
        if result.is_err() && disk.operation().is_ok() {
            disk.live.remove(&temp);
        }
        result
    }
}

impl Disk {
    fn operation(&mut self) -> io::Result<()> {
        self.operations += 1;
        match self.fault {
            Some(f) if self.operations == f.at || (f.for_ever && self.operations > f.at) => Err(f.kind.into()),
            _ => Ok(()),
        }
    }

    fn flush_dir(&mut self, dir: &Path) {
        self.durable.retain(|path, _| path.parent() != Some(dir));
        let names: Vec<_> = self.live.iter().filter(|(p, _)| p.parent() == Some(dir)).map(|(p, i)| (p.clone(), *i)).collect();
        self.durable.extend(names);
    }

    fn take(&mut self, path: &Path) -> io::Result<usize> {
        self.live.remove(path).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn bytes(&self, path: &Path) -> io::Result<&Vec<u8>> {
        self.live.get(path).map(|&i| &self.files[i].bytes).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Files for MemoryFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.disk().bytes(path).cloned()
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(io::Cursor::new(self.read(path)?)))
    }

    fn size(&self, path: &Path) -> io::Result<Option<u64>> {
        Ok(self.disk().bytes(path).ok().map(|b| b.len() as u64))
    }

    fn write_atomic(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.through_temp(path, bytes, |disk, temp| {
            let inode = disk.take(temp)?;
            disk.live.insert(path.to_owned(), inode);
            Ok(())
        })
    }

    fn put_if_absent(&self, path: &Path, bytes: &[u8]) -> io::Result<bool> {
        if self.exists(path)? {
            return Ok(false);
        }
        self.through_temp(path, bytes, |disk, temp| {
            let inode = disk.take(temp)?;
            let absent = !disk.live.contains_key(path);
            if absent {
                disk.live.insert(path.to_owned(), inode);
            }
            Ok(absent)
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut disk = self.disk();
        disk.bytes(from)?;
        disk.operation()?;
        if disk.live.get(from) == disk.live.get(to) {
            return Ok(());
        }
        let inode = disk.take(from)?;
        disk.files[inode].flushed = disk.files[inode].bytes.clone();
        disk.live.insert(to.to_owned(), inode);
        disk.operation()?;
        disk.flush_dir(parent(to)?);
        disk.flush_dir(parent(from)?);
        Ok(())
    }

    fn hard_link_or_copy(&self, from: &Path, to: &Path) -> io::Result<bool> {
        let mut disk = self.disk();
        disk.bytes(from)?;
        if disk.live.contains_key(to) {
            return Ok(false);
        }
        disk.operation()?;
        let inode = disk.live[from];
        disk.files[inode].flushed = disk.files[inode].bytes.clone();
        disk.live.insert(to.to_owned(), inode);
        disk.operation()?;
        disk.flush_dir(parent(to)?);
        Ok(true)
    }

    fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        let bytes = self.read(from)?;
        self.write_atomic(to, &bytes)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut disk = self.disk();
        disk.operation()?;
        disk.live.remove(path);
        disk.durable.remove(path);
        Ok(())
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        let disk = self.disk();
        let under = disk.live.keys().filter_map(|p| p.strip_prefix(dir).ok()?.components().next().map(|c| dir.join(c)));
        Ok(under.collect::<BTreeSet<_>>().into_iter().collect())
    }

    fn on_disk(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::TempDir;

    /// A fresh folder of the machine, and its twin in memory.
    fn worlds() -> (TempDir, SystemFiles, MemoryFiles) {
        static N: AtomicU64 = AtomicU64::new(0);
        let dir = std::env::temp_dir().join(format!("kit-test-{}-{}", std::process::id(), N.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir_all(&dir).expect("a folder for the test");
        (TempDir { dir }, SystemFiles::new(), MemoryFiles::new())
    }

    #[test]
    fn the_twin_behaves_as_the_disk() {
        let (dir, system, memory) = worlds();
        let (a, b, c) = (dir.path().join("x/a"), dir.path().join("y/b"), dir.path().join("y/c"));
        let story = |files: &dyn Files| -> Vec<String> {
            let mut log = Vec::new();
            let mut say = |what: String| log.push(what);
            say(format!("{:?}", files.read(&a).map_err(|e| e.kind())));
            say(format!("{:?}", files.put_if_absent(&a, b"one").ok()));
            say(format!("{:?}", files.put_if_absent(&a, b"two").ok()));
            say(format!("{:?}", files.read(&a).ok()));
            files.write_atomic(&a, b"three").expect("writes");
            say(format!("{:?} {:?} {:?}", files.read(&a).ok(), files.size(&a).ok(), files.exists(&b).ok()));
            say(format!("{:?}", files.hard_link_or_copy(&a, &b).ok()));
            say(format!("{:?}", files.hard_link_or_copy(&a, &b).ok()));
            files.copy(&a, &c).expect("copies");
            files.rename(&b, &a).expect("renaming one of two links onto the other is nothing");
            say(format!("{:?}", files.exists(&b).ok()));
            files.remove(&a).expect("removes");
            files.rename(&b, &a).expect("renames");
            say(format!("{:?}", files.list(dir.path()).ok()));
            say(format!("{:?}", files.list(&dir.path().join("y")).ok()));
            files.remove(&c).expect("removes");
            files.remove(&c).expect("removing nothing is fine");
            say(format!("{:?} {:?}", files.list(&dir.path().join("y")).ok(), files.list(&dir.path().join("none")).ok()));
            say(format!("{:?}", files.rename(&b, &a).map_err(|e| e.kind())));
            log
        };
        assert_eq!(story(&system), story(&memory));
    }

    #[test]
    fn a_write_that_fails_at_any_operation_leaves_old_or_new_and_never_half() {
        for n in 1.. {
            let files = MemoryFiles::new();
            let path = Path::new("/d/f");
            files.write_atomic(path, b"old").expect("writes");
            files.fail_from(n, io::ErrorKind::StorageFull);
            let result = files.write_atomic(path, b"new");
            let failed = files.has_failed();
            files.power_cut();
            let left = files.read(path).expect("the name is there");
            assert!(left == b"old" || left == b"new", "operation {n} left {left:?}");
            if !failed {
                assert!(result.is_ok() && left == b"new");
                break;
            }
            assert!(result.is_err(), "operation {n} failed silently");
        }
    }

    #[test]
    fn what_is_no_file_or_too_long_is_not_read() {
        let (dir, system, _) = worlds();
        let path = dir.path().join("f");
        system.write_atomic(&path, b"12345").expect("writes");
        assert_eq!(read_at_most(&path, 5).expect("reads"), b"12345");
        assert!(read_at_most(&path, 4).is_err());
        assert!(read_at_most(Path::new("/dev/zero"), 5).is_err() && read_at_most(dir.path(), 5).is_err());
        assert_eq!(read_at_most(&dir.path().join("none"), 5).map_err(|e| e.kind()), Err(io::ErrorKind::NotFound));
    }

    #[test]
    fn a_sweep_takes_what_the_dead_left_and_nothing_else() {
        let (dir, system, _) = worlds();
        let keep = dir.path().join("final.mp4");
        let ours = dir.path().join(temp_name(&keep));
        // No process has this number: Linux numbers them up to 2^22.
        let dead = dir.path().join(format!(".final.mp4.{}-0{TEMP_SUFFIX}", 1 << 23));
        for path in [&keep, &ours, &dead] {
            fs::write(path, b"half").expect("writes");
        }
        assert_eq!(system.sweep(dir.path()).expect("sweeps"), 1);
        assert!(keep.exists() && ours.exists() && !dead.exists());
        fs::write(&dead, b"half").expect("writes");
        system.try_folder(dir.path()).expect("can be written");
        assert_eq!(system.list(dir.path()).expect("lists"), [ours, keep]);
        assert!(system.try_folder(&dir.path().join("final.mp4/x")).is_err());
    }
}
