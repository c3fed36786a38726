//! Pictures as planes, converted once: shots that share a picture share its planes, for as long as they fit into a bound.
//! What is kept decides how long composing takes, never what comes out.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use contracts::Hash;
use media::image::{self, Image, ImageError};

use super::{Fetch, grid::Picture, scale};

/// As much as is kept when nothing else is said, in bytes.
pub const USUAL_BYTES: usize = 48 << 20;
/// The largest picture that is made by scaling up, in pixels.
const MAX_SCALED: u64 = 33_177_600;

/// Why there are no planes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// The bytes are not there.
    Absent(String),
    /// They are no picture.
    Picture(ImageError),
}

/// Which planes are wanted of a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Want {
    /// Where it stands on the canvas.
    pub at: (i32, i32),
    /// How large it stands there, in pixels.
    pub size: (u32, u32),
    /// The least and the greatest scale at which it is seen.
    pub scales: (f64, f64),
}

impl Want {
    /// The luma samples a picture of `source` pixels is best kept in, when that is not as it is: enough for the greatest
    /// scale, few enough that at the least one sampling leaves nothing out, and no more than the picture has.
    fn samples(&self, source: (u32, u32)) -> Option<(usize, usize)> {
        if source == self.size {
            return None;
        }
        // Samples further apart than this leave some of the picture out.
        let most = self.scales.1.min(self.scales.0 * 1.6);
        let side = |source: u32, placed: u32| {
            let wanted = (f64::from(placed) * most).ceil();
            let kept = if f64::from(source) < wanted { f64::from(source.max(placed)) } else { wanted };
            (kept as u32).next_multiple_of(2).max(2)
        };
        let (width, height) = (side(source.0, self.size.0), side(source.1, self.size.1));
        let (width, height) = if u64::from(width) * u64::from(height) > MAX_SCALED {
            (source.0.next_multiple_of(2), source.1.next_multiple_of(2))
        } else {
            (width, height)
        };
        Some((width as usize, height as usize))
    }
}

/// What decides planes: the picture, how many samples if it is scaled, and where it begins among even pixels.
type Key = (Hash, Option<(usize, usize)>, (i32, i32));

struct Entry {
    key: Key,
    source: (u32, u32),
    picture: Arc<Picture>,
    used: u64,
}

#[derive(Default)]
struct Kept {
    entries: Vec<Entry>,
    /// Pictures that somebody is converting: who else needs them waits.
    busy: Vec<Hash>,
    clock: u64,
}

impl Kept {
    fn find(&mut self, hash: &Hash, want: &Want) -> Option<Arc<Picture>> {
        let source = self.entries.iter().find(|entry| entry.key.0 == *hash)?.source;
        let key = key_of(hash, want, source);
        self.clock += 1;
        let entry = self.entries.iter_mut().find(|entry| entry.key == key)?;
        entry.used = self.clock;
        Some(Arc::clone(&entry.picture))
    }
}

fn key_of(hash: &Hash, want: &Want, source: (u32, u32)) -> Key {
    match want.samples(source) {
        None => (hash.clone(), None, (want.at.0 & 1, want.at.1 & 1)),
        samples => (hash.clone(), samples, (0, 0)),
    }
}

/// Planes that are kept for who needs them next.
pub struct Planes {
    bytes: usize,
    kept: Mutex<Kept>,
    done: Condvar,
}

impl Default for Planes {
    fn default() -> Self {
        Self::new(USUAL_BYTES)
    }
}

impl Planes {
    /// Keeps up to so many bytes; what was used least lately goes first.
    pub fn new(bytes: usize) -> Self {
        Self { bytes, kept: Mutex::default(), done: Condvar::new() }
    }

    /// Bytes kept now.
    pub fn bytes(&self) -> usize {
        self.lock().entries.iter().map(|entry| entry.picture.bytes()).sum()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The planes of a picture, converted by whoever needs them first.
    pub(super) fn get(&self, hash: &Hash, want: &Want, fetch: &dyn Fetch) -> Result<Arc<Picture>, Unfit> {
        let mut kept = self.lock();
        loop {
            if let Some(picture) = kept.find(hash, want) {
                return Ok(picture);
            }
            if !kept.busy.contains(hash) {
                break;
            }
            kept = self.done.wait(kept).unwrap_or_else(PoisonError::into_inner);
        }
        kept.busy.push(hash.clone());
        drop(kept);
        let _turn = Turn { planes: self, hash };
        let image = load(hash, fetch)?;
        let source = (image.width, image.height);
        let picture = Arc::new(match want.samples(source) {
            None => Picture::of(&image, want.at.0, want.at.1),
            Some((width, height)) => Picture::scaled(&image, width, height),
        });
        self.keep(Entry { key: key_of(hash, want, source), source, picture: Arc::clone(&picture), used: 0 });
        Ok(picture)
    }

    fn keep(&self, mut entry: Entry) {
        let mut kept = self.lock();
        kept.clock += 1;
        entry.used = kept.clock;
        kept.entries.push(entry);
        let mut bytes: usize = kept.entries.iter().map(|entry| entry.picture.bytes()).sum();
        while bytes > self.bytes {
            let Some(oldest) = (0..kept.entries.len()).min_by_key(|&i| kept.entries[i].used) else { break };
            bytes -= kept.entries.swap_remove(oldest).picture.bytes();
        }
    }
}

/// The turn of who converts a picture; it ends however that does.
struct Turn<'a> {
    planes: &'a Planes,
    hash: &'a Hash,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.planes.lock().busy.retain(|hash| hash != self.hash);
        self.planes.done.notify_all();
    }
}

/// Reads a picture.
fn load(hash: &Hash, fetch: &dyn Fetch) -> Result<Image, Unfit> {
    let bytes = fetch.fetch(hash).map_err(Unfit::Absent)?;
    image::decode(&bytes).map_err(Unfit::Picture)
}

/// Reads a picture in the size it stands in.
pub(super) fn load_sized(hash: &Hash, (width, height): (u32, u32), fetch: &dyn Fetch) -> Result<Image, Unfit> {
    let image = load(hash, fetch)?;
    Ok(if (image.width, image.height) == (width, height) { image } else { scale::image(&image, width, height) })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn a_picture_is_decoded_once_however_many_need_it_and_kept_within_bounds() {
        let picture = |v: u8| image::encode(&Image { width: 64, height: 64, rgba: [v, v, v, 255].repeat(64 * 64) }).unwrap();
        let files: Vec<Vec<u8>> = (0..8).map(picture).collect();
        let hashes: Vec<Hash> = files.iter().map(|bytes| Hash::of(bytes)).collect();
        let reads = AtomicUsize::new(0);
        let fetch = |hash: &Hash| {
            reads.fetch_add(1, Ordering::SeqCst);
            hashes.iter().position(|known| known == hash).map(|i| files[i].clone()).ok_or_else(|| "gone".to_owned())
        };
        let want = Want { at: (0, 0), size: (64, 64), scales: (1.0, 1.0) };
        let planes = Planes::default();
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| planes.get(&hashes[0], &want, &fetch).unwrap());
            }
        });
        assert_eq!(reads.load(Ordering::SeqCst), 1);
        // Another size is another entry, the same is not.
        let half = Want { size: (32, 32), ..want };
        assert_eq!(planes.get(&hashes[0], &half, &fetch).unwrap().luma.width, 32);
        planes.get(&hashes[0], &want, &fetch).unwrap();
        planes.get(&hashes[0], &half, &fetch).unwrap();
        assert_eq!(reads.load(Ordering::SeqCst), 2);

        let one = planes.get(&hashes[0], &want, &fetch).unwrap().bytes();
        let small = Planes::new(3 * one);
        for hash in &hashes {
            small.get(hash, &want, &fetch).unwrap();
            assert!(small.bytes() <= 3 * one);
        }
        // The last three are there, the first was given up.
        let before = reads.load(Ordering::SeqCst);
        small.get(&hashes[7], &want, &fetch).unwrap();
        assert_eq!(reads.load(Ordering::SeqCst), before);
        small.get(&hashes[0], &want, &fetch).unwrap();
        assert_eq!(reads.load(Ordering::SeqCst), before + 1);
        // Who fails leaves nobody waiting.
        let gone = Hash::of(b"gone");
        assert_eq!(planes.get(&gone, &want, &fetch).err(), Some(Unfit::Absent("gone".into())));
        assert_eq!(planes.get(&gone, &want, &fetch).err(), Some(Unfit::Absent("gone".into())));
    }

    #[test]
    fn planes_hold_what_the_move_needs_and_no_more_than_the_picture_has() {
        let want = |scales| Want { at: (0, 0), size: (1280, 720), scales };
        assert_eq!(want((1.0, 1.15)).samples((1280, 720)), None, "what fits is kept as it is");
        assert_eq!(want((1.0, 1.15)).samples((1920, 1080)), Some((1472, 828)));
        assert_eq!(want((1.0, 1.9)).samples((1920, 1080)), Some((1920, 1080)));
        assert_eq!(want((1.0, 3.0)).samples((8000, 4500)), Some((2048, 1152)), "not so many that some are left out");
        assert_eq!(want((1.0, 1.1)).samples((640, 360)), Some((1280, 720)));
        assert_eq!(want((1.0, 1.1)).samples((1300, 300)), Some((1300, 720)));
    }
}
