//! Looking over a whole home: every stored byte is hashed once, every row that names content is held against what is there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use contracts::{Hash, Id};

use crate::blobs::{Blob, Scan};
use crate::rows::Grade;
use crate::{Registry, RegistryError};

/// A piece of content that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its address.
    pub hash: Hash,
    /// Bytes on the medium; 0 when it is missing.
    pub size: u64,
    /// Where the damaged file stands now; `None` when it is missing or could not be moved.
    pub quarantined: Option<PathBuf>,
    /// Who refers to it, in words.
    pub named_by: Vec<String>,
    /// Whether nothing here can make it again.
    pub lost: bool,
}

/// What a look over a home found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Files hashed.
    pub files: u64,
    /// Bytes hashed.
    pub bytes: u64,
    /// Milliseconds it took to hash them.
    pub ms: u64,
    /// Content whose bytes are not the ones that were stored; moved to quarantine.
    pub damaged: Vec<Finding>,
    /// Content that something refers to and that is not there.
    pub missing: Vec<Finding>,
    /// Files that nothing refers to.
    pub orphans: Vec<Blob>,
    /// Files in the store that have no content's name.
    pub strays: Vec<PathBuf>,
    /// Files in quarantine, those of this look among them.
    pub quarantined: Vec<PathBuf>,
    /// Remembered results whose row does not say what was written: grade, kind and key.
    pub memos: Vec<(Grade, String, Hash)>,
    /// What the database says of itself; empty when all is well.
    pub database: Vec<String>,
    /// Runs that have not ended: their newest files may stand among the orphans.
    pub running: Vec<Id>,
}

impl Verified {
    /// Whether nothing is damaged and nothing is lost for good.
    pub fn sound(&self) -> bool {
        self.damaged.is_empty() && self.memos.is_empty() && self.database.is_empty() && self.missing.iter().all(|m| !m.lost)
    }
}

impl Registry {
    /// Hashes everything that is stored on `jobs` threads, and holds it against the rows. Damaged content is moved to
    /// quarantine as on a read. Blocks on the disk.
    pub async fn verify(&self, jobs: usize) -> Result<Verified, RegistryError> {
        let database = self.database_complaints().await?;
        // Rows before files: content reaches the medium before any row that names it.
        let index = match self.index().await {
            Ok(index) => index,
            // Rows that cannot be read are the damage; the files are looked at all the same.
            Err(error) if !database.is_empty() => {
                let mut found = self.hash_all(jobs)?.0;
                found.database = database;
                found.database.push(error.to_string());
                return Ok(found);
            }
            Err(error) => return Err(error),
        };
        let (mut found, scans) = self.hash_all(jobs)?;
        found.database = database;
        let mut named = index.named();
        for (hash, scan) in &scans {
            for name in &scan.names {
                // Digits that are no content here (a fingerprint, a timing lock) name nothing.
                if index.blobs.contains(name) || scans.contains_key(name) {
                    let by = format!("document {}", hash.short());
                    named.entry(name).or_default().push(by);
                }
            }
        }
        let makers = index.makers();
        let gone = named.keys().any(|h| !scans.contains_key(*h));
        let ever = if gone { self.made_ever().await? } else { BTreeMap::new() };
        let lost = |hash: &Hash| {
            let makers = makers.get(hash).copied().unwrap_or_default();
            makers.recorded || !(makers.remakes || ever.get(hash).is_some_and(|g| *g != Grade::Recorded))
        };
        for finding in &mut found.damaged {
            finding.named_by = named.get(&finding.hash).cloned().unwrap_or_default();
            finding.lost = !finding.named_by.is_empty() && lost(&finding.hash);
        }
        let gone: BTreeSet<&Hash> = found.damaged.iter().map(|d| &d.hash).collect();
        for (hash, by) in &named {
            if !scans.contains_key(*hash) && !gone.contains(*hash) {
                let finding = Finding { hash: (*hash).clone(), size: 0, quarantined: None, named_by: by.clone(), lost: lost(hash) };
                found.missing.push(finding);
            }
        }
        found.orphans = scans.iter().filter(|(h, _)| !named.contains_key(h) && !index.blobs.contains(*h)).map(blob).collect();
        found.memos = index.memos.iter().filter(|m| m.outputs.is_none()).map(|m| (m.grade, m.kind.clone(), m.key.clone())).collect();
        found.running = index.runs.iter().filter(|r| !r.ended).map(|r| r.id.clone()).collect();
        // Nobody is to make again what only this look has found.
        self.blobs().take_lost();
        Ok(found)
    }

    /// Hashes every file once. What vanishes meanwhile was moved by another process and counts as missing.
    fn hash_all(&self, jobs: usize) -> Result<(Verified, BTreeMap<Hash, Scan>), RegistryError> {
        let begun = self.clock().monotonic_ms();
        let listing = self.blobs().list()?;
        // The largest first, so that no thread is left alone with one at the end.
        let mut order = listing.blobs;
        order.sort_by(|a, b| b.size.cmp(&a.size).then_with(|| a.hash.cmp(&b.hash)));
        let next = AtomicUsize::new(0);
        let answers: Mutex<Vec<(usize, Result<Scan, RegistryError>)>> = Mutex::default();
        std::thread::scope(|scope| {
            for _ in 0..jobs.clamp(1, order.len().max(1)) {
                scope.spawn(|| {
                    let mut mine = Vec::new();
                    while let Some((at, blob)) = Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, order.get(at)?))) {
                        mine.push((at, self.blobs().scan(&blob.hash)));
                    }
                    answers.lock().unwrap_or_else(PoisonError::into_inner).extend(mine);
                });
            }
        });
        let mut found = Verified { strays: listing.strays, ..Verified::default() };
        let mut scans = BTreeMap::new();
        for (at, answer) in answers.into_inner().unwrap_or_else(PoisonError::into_inner) {
            let blob = &order[at];
            match answer {
                Ok(scan) => {
                    found.bytes += scan.size;
                    scans.insert(blob.hash.clone(), scan);
                }
                Err(RegistryError::Corrupt { hash, quarantined, .. }) => {
                    found.bytes += blob.size;
                    found.damaged.push(Finding { hash, size: blob.size, quarantined, named_by: Vec::new(), lost: false });
                }
                Err(RegistryError::Missing { .. }) => continue,
                Err(other) => return Err(other),
            }
            found.files += 1;
        }
        found.damaged.sort_by(|a, b| a.hash.cmp(&b.hash));
        found.ms = self.clock().monotonic_ms().saturating_sub(begun);
        found.quarantined = self.blobs().quarantined()?;
        Ok((found, scans))
    }
}

fn blob((hash, scan): (&Hash, &Scan)) -> Blob {
    Blob { hash: hash.clone(), size: scan.size }
}
