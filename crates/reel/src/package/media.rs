//! What a package brings along: files and data, taken into the registry by what they are and never by what they are called.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use base64::Engine;
use contracts::{Hash, package::RenderFault};
use registry::OutputRef;
use render::package::Medium;

use super::read::{fault, file};
use crate::shop::Home;

/// The largest picture that is taken in, in bytes.
const MAX_PICTURE: u64 = 64 << 20;
/// The largest sound: an hour of 48 kHz stereo, and its header.
const MAX_SOUND: u64 = (48_000 * 4 * 3600) + 4096;
/// The largest moving picture.
const MAX_CLIP: u64 = 4 << 30;

/// What content is, by its first bytes; otherwise what it seems to be.
pub fn sniff(head: &[u8]) -> Result<Medium, &'static str> {
    match head {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Ok(Medium::Picture),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Ok(Medium::Sound),
        [_, _, _, _, b'f', b't', b'y', b'p', b'a' | b'h', ..] => Err("a picture that is no PNG"),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] | [0x1a, 0x45, 0xdf, 0xa3, ..] => Ok(Medium::Clip),
        [0xff, 0xd8, 0xff, ..] => Err("a JPEG; planes are PNG, which can have holes"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Err("a WebP; planes are PNG"),
        [] => Err("empty"),
        _ => Err("neither PNG nor WAV nor MP4"),
    }
}

/// A medium in words.
pub fn called(medium: Medium) -> &'static str {
    match medium {
        Medium::Picture => "a PNG",
        Medium::Sound => "a WAV",
        Medium::Clip => "a moving picture",
    }
}

/// The first bytes of a file.
pub fn head(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    std::fs::File::open(path)?.take(64).read_to_end(&mut head)?;
    Ok(head)
}

/// Takes everything in that the package brings; what is wrong goes to `faults`.
pub fn take_in(addresses: &[String], root: Option<&Path>, home: &Home, faults: &mut Vec<RenderFault>) -> BTreeMap<Hash, OutputRef> {
    let mut taken = BTreeMap::new();
    // To know a file is to read and hash it whole, which is most of the time of a film that is asked for again.
    for (at, done) in crate::parallel::each(addresses, |address| one(address, root, home)).into_iter().enumerate() {
        match done {
            Ok(stored) => drop(taken.insert(stored.hash.clone(), stored)),
            Err((code, why, later)) => faults.push(fault(code, "inputs", format!("/inputs/media/{at}: {why}"), later)),
        }
    }
    taken
}

fn one(address: &str, root: Option<&Path>, home: &Home) -> Result<OutputRef, (&'static str, String, bool)> {
    let bad = |why: String| ("package.media", why, false);
    let known = |head: &[u8], size: u64| -> Result<(), String> {
        let medium = sniff(head).map_err(|what| format!("it is {what}; expected PNG, WAV or MP4"))?;
        let most = match medium {
            Medium::Picture => MAX_PICTURE,
            Medium::Sound => MAX_SOUND,
            Medium::Clip => MAX_CLIP,
        };
        if size > most { Err(format!("it has {size} bytes; {} may have {most}", called(medium))) } else { Ok(()) }
    };
    let stored = |done: Result<registry::Blob, registry::RegistryError>| match done {
        Ok(blob) => Ok(blob.into()),
        Err(error) => Err(("registry.damaged", error.to_string(), true)),
    };
    if let Some(data) = address.strip_prefix("data:") {
        let Some((kind, text)) = data.split_once(',') else { return Err(bad("a data: address needs a comma before its data".into())) };
        if !kind.ends_with(";base64") {
            return Err(bad("a data: address must be base64, such as data:image/png;base64,…".into()));
        }
        let bytes = base64::engine::general_purpose::STANDARD.decode(text).map_err(|e| bad(format!("its data is not base64: {e}")))?;
        known(&bytes[..bytes.len().min(64)], bytes.len() as u64).map_err(bad)?;
        return stored(home.registry.blobs().put_bytes(&bytes));
    }
    if !address.starts_with("file:") {
        return Err(("package.reference", "expected file:NAME or data:KIND;base64,DATA".into(), false));
    }
    let path = file(address, root).map_err(|(why, later)| ("package.reference", why, later))?;
    let meta = std::fs::metadata(&path).map_err(|e| bad(e.to_string()))?;
    if !meta.is_file() {
        return Err(bad("it is not a file".into()));
    }
    let head = head(&path).map_err(|e| bad(e.to_string()))?;
    known(&head, meta.len()).map_err(bad)?;
    stored(home.registry.blobs().put_file(&path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_known_by_its_bytes() {
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\n...."), Ok(Medium::Picture));
        assert_eq!(sniff(b"RIFF....WAVEfmt "), Ok(Medium::Sound));
        assert_eq!(sniff(b"\0\0\0\x20ftypisom"), Ok(Medium::Clip));
        assert_eq!(sniff(b"\x1a\x45\xdf\xa3...."), Ok(Medium::Clip));
        for other in [&b""[..], b"GIF89a", b"\xff\xd8\xff\xe0", b"RIFF....WEBPVP8 ", b"\0\0\0\x20ftypavif", b"<svg/>", b"#EXTM3U"] {
            assert!(sniff(other).is_err(), "{other:?}");
        }
    }
}
