//! Content, addressed by its SHA-256: hashed when written, hashed again when read, never re-serialised.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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

    /// Removes content; absent is no error. Only for what nothing refers to.
    fn remove(&self, hash: &Hash) -> Result<(), RegistryError>;
}

/// The store in a folder: `objects/aa/bb…`, damaged files under `quarantine/`.
pub struct FolderBlobs {
    files: Arc<dyn Files>,
    /// Writes outside the store.
    outside: Arc<dyn Files>,
    objects: PathBuf,
    quarantine: PathBuf,
}

impl FolderBlobs {
    /// A store under `home`. `files` writes inside it, `outside` writes exported copies elsewhere.
    pub fn new(home: &Path, files: Arc<dyn Files>, outside: Arc<dyn Files>) -> Self {
        Self { files, outside, objects: home.join("objects"), quarantine: home.join("quarantine") }
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

    fn corrupt(&self, hash: &Hash) -> RegistryError {
        let path = self.place(hash);
        let quarantined = self.set_aside(hash, &path);
        RegistryError::Corrupt { hash: hash.clone(), path, quarantined }
    }

    fn missing_or(act: &'static str, hash: &Hash, path: &Path, error: std::io::Error) -> RegistryError {
        match error.kind() {
            std::io::ErrorKind::NotFound => RegistryError::Missing { hash: hash.clone() },
            _ => RegistryError::io(act, path)(error),
        }
    }

    /// Checks stored content by streaming over it.
    fn check(&self, hash: &Hash) -> Result<PathBuf, RegistryError> {
        let path = self.place(hash);
        let stream = self.files.open(&path).map_err(|e| Self::missing_or("open", hash, &path, e))?;
        let found = hash_stream(stream).map_err(RegistryError::io("read", &path))?;
        if found.hash == *hash { Ok(path) } else { Err(self.corrupt(hash)) }
    }
}

/// Hashes a stream.
fn hash_stream(mut stream: impl Read) -> std::io::Result<Blob> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    let mut size = 0;
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => {
                hasher.update(&buffer[..n]);
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
        let blob = hash_stream(self.files.open(path).map_err(RegistryError::io("open", path))?).map_err(RegistryError::io("read", path))?;
        if !self.holds(&blob)? {
            let place = self.place(&blob.hash);
            self.files.copy(path, &place).map_err(RegistryError::io("write", &place))?;
            // The owner may have written into the file between our two looks at it.
            self.check(&blob.hash)?;
        }
        Ok(blob)
    }

    fn adopt_file(&self, path: &Path) -> Result<Blob, RegistryError> {
        let blob = hash_stream(self.files.open(path).map_err(RegistryError::io("open", path))?).map_err(RegistryError::io("read", path))?;
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
        let bytes = self.files.read(&path).map_err(|e| Self::missing_or("read", hash, &path, e))?;
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

    fn remove(&self, hash: &Hash) -> Result<(), RegistryError> {
        let path = self.place(hash);
        self.files.remove(&path).map_err(RegistryError::io("remove", &path))
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
