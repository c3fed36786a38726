//! `cargo xtask faults`, `fuzz-corpus` and `fuzz`: builds the harness and the binary it breaks, and starts it.

use std::path::PathBuf;

use crate::{packages, sh};

/// Tries to break the built binary.
pub fn run(args: &[String]) -> Result<(), String> {
    packages::ensure_for_faults()?;
    let (faults, reel) = built()?;
    let work = sh::fresh("faults")?;
    harness(&faults, &["run", "--reel", &reel.to_string_lossy(), "--work", &work.to_string_lossy()], args)
}

/// Replays the fuzz corpora.
pub fn corpus() -> Result<(), String> {
    harness(&built()?.0, &["corpus"], &[])
}

/// Mutates the fuzz corpora.
pub fn mutate(args: &[String]) -> Result<(), String> {
    let work = sh::fresh("fuzz")?;
    harness(&built()?.0, &["mutate", "--work", &work.to_string_lossy()], args)
}

fn harness(faults: &std::path::Path, fixed: &[&str], args: &[String]) -> Result<(), String> {
    let args: Vec<&str> = fixed.iter().copied().chain(args.iter().map(String::as_str)).collect();
    sh::run(&faults.to_string_lossy(), &args)
}

/// The harness and the binary, of the test build: asked for as the tests are, or cargo would compile most of it again with
/// fewer features.
fn built() -> Result<(PathBuf, PathBuf), String> {
    sh::run(&sh::cargo(), &["build", "--locked", "--workspace", "--all-targets"])?;
    let folder = sh::target_directory()?.join("debug");
    Ok((folder.join("faults"), folder.join("reel")))
}
