//! The seeded mutation loop: where cargo-fuzz cannot run, this can. Takes inputs from the corpus, changes them, and keeps
//! what breaks a target as a new file of the corpus.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use crate::corpus::{files, find, measured};
use crate::rng::Rng;
use crate::targets::{Target, targets};

/// Longer inputs are cut: what breaks a parser is seldom long, and time is.
const LONGEST: usize = 256 * 1024;
/// Inputs longer than this are changed in their first part, where headers are, as often as anywhere.
const HEAD: usize = 512;

/// Changes an input in one to six places.
pub fn mutated(rng: &mut Rng, seeds: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
    let mut bytes = rng.pick(seeds).cloned().unwrap_or_default();
    for _ in 0..=rng.below(6) {
        change(rng, &mut bytes, seeds, words);
    }
    bytes.truncate(LONGEST);
    bytes
}

fn change(rng: &mut Rng, bytes: &mut Vec<u8>, seeds: &[Vec<u8>], words: &[&str]) {
    let reach = if rng.below(2) == 0 { bytes.len().min(HEAD) } else { bytes.len() };
    let at = rng.below(reach);
    let span = (rng.below(5).pow(4) + 1).min(bytes.len() - at.min(bytes.len()));
    match rng.below(10) {
        0 if !bytes.is_empty() => bytes[at] ^= 1 << rng.below(8),
        1 if !bytes.is_empty() => bytes[at] = [0, 1, 0x7f, 0x80, 0xff, b'"', b'\n', b'['][rng.below(8)],
        2 => {
            // Lengths and counts: big-endian in boxes and PNG, little-endian in WAV.
            let number = [0_u32, 1, 0x7fff_ffff, 0x8000_0000, u32::MAX, bytes.len() as u32, rng.number() as u32][rng.below(7)];
            let number = if rng.below(2) == 0 { number.to_be_bytes() } else { number.to_le_bytes() };
            for (place, byte) in bytes.iter_mut().skip(at).zip(number) {
                *place = byte;
            }
        }
        3 => drop(bytes.drain(at..at + span)),
        4 => {
            let copy = bytes[at..at + span].to_vec();
            let times = rng.below(4).pow(3) + 1;
            let to = rng.below(bytes.len() + 1);
            bytes.splice(to..to, copy.repeat(times));
        }
        5 => bytes.truncate(at),
        6 => {
            let word = rng.pick(words).copied().unwrap_or_default().as_bytes().to_vec();
            bytes.splice(at..at, word);
        }
        7 => {
            let word = rng.pick(words).copied().unwrap_or_default().as_bytes().to_vec();
            bytes.splice(at..at + span, word);
        }
        8 => {
            let other = rng.pick(seeds).cloned().unwrap_or_default();
            let from = rng.below(other.len());
            bytes.truncate(at);
            bytes.extend_from_slice(other.get(from..).unwrap_or_default());
        }
        _ => {
            let word = rng.pick(words).copied().unwrap_or("[").repeat(rng.below(3000));
            bytes.splice(at..at, word.bytes());
        }
    }
}

/// Mutates one target's corpus in this process until the time is over or something breaks. The input at hand lies in
/// `hand`, so that a parent finds it when the process is gone.
pub fn mutate_one(root: &Path, name: &str, seed: u64, budget: Duration, hand: &Path) -> ExitCode {
    let Some(target) = find(name) else {
        println!("fault no target `{name}`");
        return ExitCode::FAILURE;
    };
    std::panic::set_hook(Box::new(|_| {}));
    let seeds: Vec<Vec<u8>> = files(root, name).iter().filter_map(|f| fs::read(f).ok()).collect();
    let mut rng = Rng::new(seed, name);
    let started = Instant::now();
    let mut tried = 0_u64;
    while started.elapsed() < budget {
        let bytes = mutated(&mut rng, &seeds, target.words);
        if fs::write(hand, &bytes).is_err() {
            println!("fault {} cannot be written", hand.display());
            return ExitCode::FAILURE;
        }
        tried += 1;
        if let Err(why) = measured(&target, &bytes) {
            println!("tried {tried}");
            println!("fault {why}");
            return ExitCode::FAILURE;
        }
    }
    println!("tried {tried}");
    ExitCode::SUCCESS
}

/// Mutates every target, or one, each for its share of the time. What breaks a target is kept in its corpus.
pub fn mutate(root: &Path, work: &Path, seed: u64, seconds: u64, only: Option<&str>) -> Result<(), String> {
    let chosen: Vec<Target> = targets().into_iter().filter(|t| only.is_none_or(|o| o == t.name)).collect();
    if chosen.is_empty() {
        return Err(format!(
            "no target `{}`; there are: {}",
            only.unwrap_or_default(),
            targets().iter().map(|t| t.name.clone()).collect::<Vec<_>>().join(", ")
        ));
    }
    println!("fuzz: seed {seed}, {seconds} s over {} targets", chosen.len());
    let own = std::env::current_exe().map_err(|e| e.to_string())?;
    // In memory where the machine has such a folder: every input is written down before it is tried.
    let shm = Path::new("/dev/shm");
    let work = if shm.is_dir() { shm } else { work };
    let share = (seconds * 1000 / chosen.len() as u64).max(200);
    let mut found = Vec::new();
    for target in &chosen {
        let hand: PathBuf = work.join(format!("reelwright-fuzz-{}-{}", std::process::id(), target.name));
        let output = Command::new(&own)
            .args(["mutate-one", &target.name, &seed.to_string(), &share.to_string()])
            .arg(&hand)
            .current_dir(root)
            .stderr(Stdio::null())
            .output()
            .map_err(|e| e.to_string())?;
        let bytes = fs::read(&hand).unwrap_or_default();
        let _ = fs::remove_file(&hand);
        let text = String::from_utf8_lossy(&output.stdout);
        let tried = text.lines().find_map(|l| l.strip_prefix("tried ")).unwrap_or("?");
        if output.status.success() {
            println!("  {:<26} {tried} inputs, none broke it", target.name);
            continue;
        }
        let why = text
            .lines()
            .find_map(|l| l.strip_prefix("fault "))
            .map_or_else(|| format!("the process ended with {}", output.status), str::to_owned);
        let folder = root.join("tests/corpus").join(&target.name);
        let kept = folder.join(format!("found-{}", contracts::Hash::of(&bytes).short()));
        fs::create_dir_all(&folder).and_then(|()| fs::write(&kept, &bytes)).map_err(|e| e.to_string())?;
        println!("  {:<26} {tried} inputs: {why}", target.name);
        found.push(format!("{}: {why}; kept as {}", target.name, kept.strip_prefix(root).unwrap_or(&kept).display()));
    }
    if found.is_empty() { Ok(()) } else { Err(found.join("\n")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_every_mutation() {
        let seeds = vec![b"one two three".to_vec(), Vec::new(), vec![7; 2000]];
        let all = |seed| {
            let mut rng = Rng::new(seed, "test");
            (0..500).map(|_| mutated(&mut rng, &seeds, &["[", "x"])).collect::<Vec<_>>()
        };
        assert_eq!(all(1), all(1));
        assert_ne!(all(1), all(2));
        assert!(all(3).iter().any(|b| b.len() > 100) && all(3).iter().any(Vec::is_empty));
    }
}
