//! F04: stored bytes that change where they lie: one bit, a tail that is cut off, zeros, two files that have changed places.
//! Whoever reads must notice, set the file aside and name it; a run in the middle of which that happens ends with the same film.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};

use contracts::Hash;
use registry::{Registry, RegistryError};

use crate::after::Journal;
use crate::rng::Rng;
use crate::run::Tally;
use crate::trivial::{block_on, open};
use crate::world::{Golden, World, copy_tree, files_of, finish, in_parallel, objects_of, tree};

/// A change, as (file, what it held before); what was done, in a word.
type Change = (Vec<(PathBuf, Vec<u8>)>, &'static str);

pub fn run(world: &World) -> Result<Tally, String> {
    let golden = world.golden()?;
    let (mutations, runs) = if world.plan.long { (10_000, 32) } else { (200, 2) };
    let mut tally = Tally::default();
    let mut rng = Rng::new(world.plan.seed, "rot");
    let home = world.folder("rot")?.join("home");
    copy_tree(&golden.home, &home)?;
    let counts = block_on(at_rest(&home, mutations, &mut rng, &mut tally))?;
    let stages = golden.points.iter().filter(|p| p.name == "orchestrator.before_stage").map(|p| p.nth).max().unwrap_or(1);
    let cases: Vec<(u64, u64)> = (0..runs).map(|_| (2 + rng.below(stages as usize - 1) as u64, rng.number())).collect();
    let outcomes = in_parallel(&cases, |at, (stage, seed)| mid_run(world, golden, at, *stage, *seed));
    let mut changed = 0;
    for ((stage, _), outcome) in cases.iter().zip(outcomes) {
        changed += *outcome.as_ref().unwrap_or(&0);
        tally.case(outcome.map(|_| ()).map_err(|why| format!("before stage {stage}: {why}")));
    }
    tally.note = format!("{counts}; {runs} runs cut between two stages, {changed} files changed, the same film");
    Ok(tally)
}

/// Changes one file, or two that change places.
fn change(rng: &mut Rng, files: &[PathBuf]) -> Result<Change, String> {
    let read = |path: &Path| fs::read(path).map_err(|e| format!("{}: {e}", path.display()));
    let write = |path: &Path, bytes: &[u8]| fs::write(path, bytes).map_err(|e| format!("{}: {e}", path.display()));
    let path = rng.pick(files).ok_or("the store is empty")?.clone();
    let was = read(&path)?;
    let mut now = was.clone();
    let kind = match rng.below(4) {
        0 if !was.is_empty() => {
            now[rng.below(was.len())] ^= 1 << rng.below(8);
            "bit"
        }
        1 if !was.is_empty() => {
            now.truncate(rng.below(was.len()));
            "cut"
        }
        2 if !was.is_empty() => {
            let from = rng.below(was.len());
            now[from..].iter_mut().take(4096).for_each(|b| *b = 0);
            "zero"
        }
        _ => {
            let other = rng.pick(files).ok_or("the store is empty")?.clone();
            let theirs = read(&other)?;
            if other != path && theirs != was {
                write(&path, &theirs)?;
                write(&other, &was)?;
                return Ok((vec![(path, was), (other, theirs)], "swap"));
            }
            now.push(0);
            "longer"
        }
    };
    if now == was {
        // Zeros over zeros are no change.
        now[0] ^= 1;
    }
    write(&path, &now)?;
    Ok((vec![(path, was)], kind))
}

/// The address a file of the store stands under.
fn address(path: &Path) -> Result<Hash, String> {
    let part = |p: Option<&std::ffi::OsStr>| p.unwrap_or_default().to_string_lossy().into_owned();
    let name = part(path.parent().and_then(Path::file_name)) + &part(path.file_name());
    Hash::try_from(name).map_err(|e| e.to_string())
}

/// Every change must be seen by the next who reads, by whatever way.
async fn at_rest(home: &Path, mutations: usize, rng: &mut Rng, tally: &mut Tally) -> Result<String, String> {
    let registry = open(home).await?;
    let files = tree(&home.join("objects"))?;
    let (mut by_kind, mut seen) = (std::collections::BTreeMap::<&str, usize>::new(), 0);
    for n in 0..mutations {
        let (changed, kind) = change(rng, &files)?;
        *by_kind.entry(kind).or_default() += 1;
        for (path, was) in changed {
            let hash = address(&path)?;
            let outcome = read(&registry, &hash, rng.below(5), home);
            let held = match &outcome {
                Err(RegistryError::Corrupt { hash: named, quarantined: Some(aside), .. }) => {
                    let moved = *named == hash && !path.exists() && aside.starts_with(home.join("quarantine"));
                    let _ = fs::remove_file(aside);
                    moved
                }
                _ => false,
            };
            seen += usize::from(held);
            tally.hold(held, || format!("mutation {n} ({kind}) of {hash} was not noticed or not set aside: {:?}", outcome.err()));
            // Made again by who can; mostly put back as it was, for a flush costs time.
            if n % 25 == 0 {
                registry.blobs().put_bytes(&was).map_err(|e| e.to_string())?;
            } else {
                fs::write(&path, &was).map_err(|e| e.to_string())?;
            }
        }
    }
    let verified = registry.verify(2).await.map_err(|e| e.to_string())?;
    tally.hold(verified.sound() && verified.damaged.is_empty(), || format!("what was put back is not whole: {:?}", verified.damaged));
    registry.close().await;
    let kinds: Vec<String> = by_kind.iter().map(|(kind, n)| format!("{kind} {n}")).collect();
    Ok(format!("{mutations} mutations ({}), {seen} files noticed at the first read", kinds.join(", ")))
}

/// Reads content by one of the ways there are.
fn read(registry: &Registry, hash: &Hash, way: usize, home: &Path) -> Result<(), RegistryError> {
    let blobs = registry.blobs();
    match way {
        0 => blobs.get_bytes(hash).map(drop),
        1 => blobs.path_of(hash).map(drop),
        2 => blobs.scan(hash).map(drop),
        3 => blobs.export(hash, &home.with_file_name("exported")),
        _ => registry.bytes(hash).map(drop),
    }
}

/// Cuts a run before a stage, changes up to three files of its store, and lets the next one finish. How many were changed.
fn mid_run(world: &World, golden: &Golden, at: usize, stage: u64, seed: u64) -> Result<usize, String> {
    let base = world.folder(&format!("rot-{at}"))?;
    let (home, out) = (base.join("home"), base.join("out"));
    let mut cut = world.produce(&world.project(), &home, &out);
    cut.args(["--jobs", "1"]).env("REELWRIGHT_FAILPOINT", format!("orchestrator.before_stage=kill@{stage}"));
    let ended = finish(cut)?;
    if ended.status.signal() != Some(9) {
        return Err(format!("it was not reached: {}", ended.said()));
    }
    let files = tree(&home.join("objects"))?;
    let mut rng = Rng::new(seed, "rot in a run");
    let mut changed = Vec::new();
    for _ in 0..1 + rng.below(3) {
        let fresh: Vec<PathBuf> = files.iter().filter(|f| !changed.contains(*f)).cloned().collect();
        changed.extend(change(&mut rng, &fresh)?.0.into_iter().map(|(path, _)| path));
    }
    let again = |what: &str| -> Result<(), String> {
        let ended = finish(world.produce(&world.project(), &home, &out))?;
        if !ended.status.success() {
            return Err(format!("{what} failed: {}", ended.said()));
        }
        let files = files_of(&out)?;
        match golden.files.iter().find(|(name, bytes)| files.get(*name) != Some(bytes)) {
            Some((name, _)) => Err(format!("{what}: {name} is not the uncut run's")),
            None => Ok(()),
        }
    };
    again("the next run")?;
    // What nobody had to read is found by looking, and set aside.
    let mut look = world.reel(&home);
    look.args(["artifacts", "verify", "--json"]);
    let looked = finish(look)?;
    if !matches!(looked.status.code(), Some(0 | 7)) {
        return Err(format!("artifacts verify: {}", looked.said()));
    }
    let left = objects_of(&home)?;
    again("the run after the look")?;
    let now = objects_of(&home)?;
    // The records of runs apart, nothing is in the store that the uncut run has not.
    let strange = left.union(&now).find(|h| !golden.objects.contains(*h) && !crate::after::record_in(&home, h));
    if let Some(hash) = strange {
        return Err(format!("{hash} was made of what was damaged"));
    }
    Journal::read(&home)?.ok_or("there is no registry")?.sound()?;
    fs::remove_dir_all(&base).map_err(|e| e.to_string())?;
    Ok(changed.len())
}
