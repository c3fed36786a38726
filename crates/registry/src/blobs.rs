//! Content, addressed by its SHA-256: hashed when written, hashed again when read, never re-serialised.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use contracts::Hash;
use kit::Files;
use sha2::{Digest, Sha256};

use crate::RegistryError;

/// One piece of stored content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// Its address.
    pub hash: Hash,
    /// Its size in bytes.
    pub size: u64,
}

/// A store of content. All acts block; what a `put` returned has reached the medium.
pub trait Blobs: Send + Sync {
    /// Stores these bytes, unless they are stored already.
    fn put_bytes(&self, bytes: &[u8]) -> Result<Blob, RegistryError>;

    /// Stores a copy of a file; the file stays its owner's.
    fn put_file(&self, path: &Path) -> Result<Blob, RegistryError>;

    /// Stores a file by moving it in; afterwards its old name is gone. For files nobody else has open or linked.
    fn adopt_file(&self, path: &Path) -> Result<Blob, RegistryError>;

    /// The bytes, checked against their address. Damaged content is moved to quarantine and named in the error.
    fn get_bytes(&self, hash: &Hash) -> Result<Vec<u8>, RegistryError>;

    /// The name of the stored file for reading, after its content was checked. It must not be written to.
    fn path_of(&self, hash: &Hash) -> Result<PathBuf, RegistryError>;

    /// The size on the medium, without looking at the content; `None` when absent.
    fn size(&self, hash: &Hash) -> Result<Option<u64>, RegistryError>;

    /// Checks the content and writes an independent copy of it under a name outside the store.
    fn export(&self, hash: &Hash, to: &Path) -> Result<(), RegistryError>;

    /// Checks the content, and says whether a file outside the store holds the same.
    fn exported(&self, hash: &Hash, to: &Path) -> Result<bool, RegistryError>;

    /// Removes content; absent is no error. Only for what nothing refers to.
    fn remove(&self, hash: &Hash) -> Result<(), RegistryError>;

    /// Everything that is stored, in the order of its address, with its size, and names in the store that are no content.
    fn list(&self) -> Result<Listing, RegistryError>;

    /// The damaged files that were moved away.
    fn quarantined(&self) -> Result<Vec<PathBuf>, RegistryError>;

    /// Reads content once: checks it and, when it is a JSON document, finds the addresses that stand in it. Damaged content
    /// is moved to quarantine as on any other read.
    fn scan(&self, hash: &Hash) -> Result<Scan, RegistryError>;

    /// What was found damaged or missing since this was asked last, by any reader, in the order of its address.
    fn take_lost(&self) -> Vec<Hash>;
}

/// What is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Content.
    pub blobs: Vec<Blob>,
    /// Files in the store that have no content's name.
    pub strays: Vec<PathBuf>,
}

/// What one reading of a blob found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// Its size in bytes.
    pub size: u64,
    /// The addresses that stand in it, when it is a JSON document; each once, in order.
    pub names: Vec<Hash>,
}

/// A document larger than this is not looked into for addresses (the chain's are below 2 MB).
const DOCUMENT_CAP: usize = 64 * 1024 * 1024;

/// The store in a folder: `objects/aa/bb…`, damaged files under `quarantine/`.
pub struct FolderBlobs {
    files: Arc<dyn Files>,
    /// Writes outside the store.
    outside: Arc<dyn Files>,
    objects: PathBuf,
    quarantine: PathBuf,
    lost: Mutex<BTreeSet<Hash>>,
}

impl FolderBlobs {
    /// A store under `home`. `files` writes inside it, `outside` writes exported copies elsewhere.
    pub fn new(home: &Path, files: Arc<dyn Files>, outside: Arc<dyn Files>) -> Self {
        Self { files, outside, objects: home.join("objects"), quarantine: home.join("quarantine"), lost: Mutex::default() }
    }

    /// Where content of this address stands, whether or not it is there.
    pub fn place(&self, hash: &Hash) -> PathBuf {
        let (folder, name) = hash.as_str().split_at(2);
        self.objects.join(folder).join(name)
    }

    /// Whether the content is there at this size. A file of another size is a damaged one and is moved away.
    fn holds(&self, blob: &Blob) -> Result<bool, RegistryError> {
        match self.size(&blob.hash)? {
            None => Ok(false),
            Some(size) if size == blob.size => Ok(true),
            Some(_) => {
                let path = self.place(&blob.hash);
                match self.set_aside(&blob.hash, &path) {
                    Some(_) => Ok(false),
                    None => Err(RegistryError::Corrupt { hash: blob.hash.clone(), path, quarantined: None }),
                }
            }
        }
    }

    /// Moves a damaged file to quarantine under a name of its own.
    fn set_aside(&self, hash: &Hash, path: &Path) -> Option<PathBuf> {
        let free = |n: &u32| !self.files.exists(&self.quarantine.join(format!("{hash}.{n}"))).unwrap_or(true);
        let to = self.quarantine.join(format!("{hash}.{}", (0..1000).find(free)?));
        self.files.rename(path, &to).ok().map(|()| to)
    }

    /// Notes lost content, so that whoever drives a run can have it made again.
    fn note_lost(&self, hash: &Hash) {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).insert(hash.clone());
    }

    fn corrupt(&self, hash: &Hash) -> RegistryError {
        self.note_lost(hash);
        let path = self.place(hash);
        let quarantined = self.set_aside(hash, &path);
        RegistryError::Corrupt { hash: hash.clone(), path, quarantined }
    }

    fn missing_or(&self, act: &'static str, hash: &Hash, path: &Path, error: std::io::Error) -> RegistryError {
        match error.kind() {
            std::io::ErrorKind::NotFound => {
                self.note_lost(hash);
                RegistryError::Missing { hash: hash.clone() }
            }
            _ => RegistryError::io(act, path)(error),
        }
    }

    /// Checks stored content by streaming over it.
    fn check(&self, hash: &Hash) -> Result<PathBuf, RegistryError> {
        let path = self.place(hash);
        let stream = self.files.open(&path).map_err(|e| self.missing_or("open", hash, &path, e))?;
        let found = hash_stream(stream, |_| {}).map_err(RegistryError::io("read", &path))?;
        if found.hash == *hash { Ok(path) } else { Err(self.corrupt(hash)) }
    }
}

/// Hashes a stream, and shows each piece of it.
fn hash_stream(mut stream: impl Read, mut see: impl FnMut(&[u8])) -> std::io::Result<Blob> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    let mut size = 0;
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => {
                hasher.update(&buffer[..n]);
                see(&buffer[..n]);
                size += n as u64;
            }
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    let hex: String = hasher.finalize().iter().map(|b| format!("{b:02x}")).collect();
    let hash = Hash::try_from(hex).map_err(std::io::Error::other)?;
    Ok(Blob { hash, size })
}

/// The addresses in a text: every run of exactly 64 lower-case hexadecimal digits.
fn addresses(text: &[u8]) -> Vec<Hash> {
    let digits = text.split(|b| !matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let found = digits.filter(|run| run.len() == 64).filter_map(|run| Hash::try_from(String::from_utf8_lossy(run).into_owned()).ok());
    found.collect::<BTreeSet<_>>().into_iter().collect()
}

impl Blobs for FolderBlobs {
    fn put_bytes(&self, bytes: &[u8]) -> Result<Blob, RegistryError> {
        let blob = Blob { hash: Hash::of(bytes), size: bytes.len() as u64 };
        if !self.holds(&blob)? {
            let path = self.place(&blob.hash);
            self.files.put_if_absent(&path, bytes).map_err(RegistryError::io("write", &path))?;
        }
        Ok(blob)
    }

    fn put_file(&self, path: &Path) -> Result<Blob, RegistryError> {
        let blob = hash_stream(self.files.open(path).map_err(RegistryError::io("open", path))?, |_| {})
            .map_err(RegistryError::io("read", path))?;
        if !self.holds(&blob)? {
            let place = self.place(&blob.hash);
            self.files.copy(path, &place).map_err(RegistryError::io("write", &place))?;
            // The owner may have written into the file between our two looks at it.
            self.check(&blob.hash)?;
        }
        Ok(blob)
    }

    fn adopt_file(&self, path: &Path) -> Result<Blob, RegistryError> {
        let blob = hash_stream(self.files.open(path).map_err(RegistryError::io("open", path))?, |_| {})
            .map_err(RegistryError::io("read", path))?;
        if self.holds(&blob)? {
            self.files.remove(path).map_err(RegistryError::io("remove", path))?;
        } else {
            let place = self.place(&blob.hash);
            self.files.rename(path, &place).map_err(RegistryError::io("write", &place))?;
        }
        Ok(blob)
    }

    fn get_bytes(&self, hash: &Hash) -> Result<Vec<u8>, RegistryError> {
        let path = self.place(hash);
        let bytes = self.files.read(&path).map_err(|e| self.missing_or("read", hash, &path, e))?;
        if Hash::of(&bytes) == *hash { Ok(bytes) } else { Err(self.corrupt(hash)) }
    }

    fn path_of(&self, hash: &Hash) -> Result<PathBuf, RegistryError> {
        if !self.files.on_disk() {
            return Err(RegistryError::NotOnDisk { hash: hash.clone() });
        }
        self.check(hash)
    }

    fn size(&self, hash: &Hash) -> Result<Option<u64>, RegistryError> {
        let path = self.place(hash);
        self.files.size(&path).map_err(RegistryError::io("look at", &path))
    }

    fn export(&self, hash: &Hash, to: &Path) -> Result<(), RegistryError> {
        let path = self.check(hash)?;
        self.outside.copy(&path, to).map_err(RegistryError::io("write", to))
    }

    fn exported(&self, hash: &Hash, to: &Path) -> Result<bool, RegistryError> {
        let path = self.check(hash)?;
        let size = self.files.size(&path).map_err(RegistryError::io("look at", &path))?;
        // What cannot be read is not the same; whoever then writes there learns why.
        let same = self.outside.size(to).is_ok_and(|found| found == size);
        let stream = if same { self.outside.open(to).ok() } else { None };
        Ok(stream.is_some_and(|stream| hash_stream(stream, |_| {}).is_ok_and(|found| found.hash == *hash)))
    }

    fn remove(&self, hash: &Hash) -> Result<(), RegistryError> {
        let path = self.place(hash);
        self.files.remove(&path).map_err(RegistryError::io("remove", &path))
    }

    fn list(&self) -> Result<Listing, RegistryError> {
        let list = |dir: &Path| self.files.list(dir).map_err(RegistryError::io("list", dir));
        let size = |path: &Path| self.files.size(path).map_err(RegistryError::io("look at", path));
        let mut found = Listing::default();
        for folder in list(&self.objects)? {
            if size(&folder)?.is_some() {
                found.strays.push(folder);
                continue;
            }
            let head = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            for path in list(&folder)? {
                let name = format!("{head}{}", path.file_name().unwrap_or_default().to_string_lossy());
                match (Hash::try_from(name), size(&path)?) {
                    (Ok(hash), Some(size)) if self.place(&hash) == path => found.blobs.push(Blob { hash, size }),
                    // Gone since it was listed: another process has just moved it away.
                    (Ok(_), None) if !path.is_dir() => {}
                    _ => found.strays.push(path),
                }
            }
        }
        found.blobs.sort_by(|a, b| a.hash.cmp(&b.hash));
        Ok(found)
    }

    fn quarantined(&self) -> Result<Vec<PathBuf>, RegistryError> {
        self.files.list(&self.quarantine).map_err(RegistryError::io("list", &self.quarantine))
    }

    fn scan(&self, hash: &Hash) -> Result<Scan, RegistryError> {
        let path = self.place(hash);
        let stream = self.files.open(&path).map_err(|e| self.missing_or("open", hash, &path, e))?;
        let mut text: Vec<u8> = Vec::new();
        let mut first = true;
        let mut document = false;
        let found = hash_stream(stream, |piece| {
            if std::mem::take(&mut first) {
                document = piece.first() == Some(&b'{');
            }
            document &= text.len() + piece.len() <= DOCUMENT_CAP;
            if document {
                text.extend_from_slice(piece);
            }
        })
        .map_err(RegistryError::io("read", &path))?;
        if found.hash != *hash {
            return Err(self.corrupt(hash));
        }
        Ok(Scan { size: found.size, names: if document { addresses(&text) } else { Vec::new() } })
    }

    fn take_lost(&self) -> Vec<Hash> {
        std::mem::take(&mut *self.lost.lock().unwrap_or_else(PoisonError::into_inner)).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kit::MemoryFiles;

    fn store() -> (FolderBlobs, MemoryFiles) {
        let files = MemoryFiles::new();
        (FolderBlobs::new(Path::new("/home"), Arc::new(files.clone()), Arc::new(files.clone())), files)
    }

    #[test]
    fn equal_bytes_are_stored_once() {
        let (blobs, files) = store();
        let one = blobs.put_bytes(b"same").expect("stores");
        let before = files.operations();
        assert_eq!(blobs.put_bytes(b"same").expect("stores"), one);
        assert_eq!(files.operations(), before, "nothing was written the second time");
        assert_eq!(blobs.get_bytes(&one.hash).expect("reads"), b"same");
    }

    #[test]
    fn a_flipped_bit_is_seen_named_and_set_aside_and_the_content_can_be_stored_again() {
        let (blobs, files) = store();
        let blob = blobs.put_bytes(b"precious").expect("stores");
        type Read = fn(&FolderBlobs, &Hash) -> Result<(), RegistryError>;
        let reads: [Read; 2] = [|b, h| b.get_bytes(h).map(|_| ()), |b, h| b.export(h, Path::new("/out/film"))];
        for read in reads {
            assert!(files.corrupt(&blobs.place(&blob.hash), 3));
            match read(&blobs, &blob.hash) {
                Err(RegistryError::Corrupt { hash, path, quarantined: Some(aside) }) => {
                    assert_eq!((hash, path), (blob.hash.clone(), blobs.place(&blob.hash)));
                    assert_ne!(files.read(&aside).expect("kept for inspection"), b"precious");
                }
                other => panic!("damage went unseen: {other:?}"),
            }
            assert!(matches!(blobs.get_bytes(&blob.hash), Err(RegistryError::Missing { .. })));
            blobs.put_bytes(b"precious").expect("stores again");
            assert_eq!(blobs.get_bytes(&blob.hash).expect("reads"), b"precious");
        }
        assert_eq!(files.list(Path::new("/home/quarantine")).expect("lists").len(), 2);
        assert!(!files.exists(Path::new("/out/film")).expect("looks"));
    }

    #[test]
    fn a_truncated_file_is_replaced_when_its_content_comes_again() {
        let (blobs, files) = store();
        let blob = blobs.put_bytes(b"whole").expect("stores");
        files.write_atomic(&blobs.place(&blob.hash), b"who").expect("writes");
        blobs.put_bytes(b"whole").expect("stores");
        assert_eq!(blobs.get_bytes(&blob.hash).expect("reads"), b"whole");
    }

    #[test]
    fn a_put_file_stays_and_an_adopted_one_moves() {
        let (blobs, files) = store();
        let path = Path::new("/tmp/segment.mp4");
        files.write_atomic(path, b"frames").expect("writes");
        let put = blobs.put_file(path).expect("stores");
        assert!(files.exists(path).expect("looks"));
        assert_eq!(blobs.adopt_file(path).expect("stores"), put);
        assert!(!files.exists(path).expect("looks"));
        files.write_atomic(path, b"others").expect("writes");
        let adopted = blobs.adopt_file(path).expect("stores");
        assert!(!files.exists(path).expect("looks"));
        assert_eq!(blobs.get_bytes(&adopted.hash).expect("reads"), b"others");
    }
}
