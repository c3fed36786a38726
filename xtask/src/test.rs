//! `cargo xtask test`: what CI runs, in the order in which it is quickest to fail.

use std::time::Instant;

use crate::{faults, packages, sh, tidy};

/// Runs every check.
pub fn run() -> Result<(), String> {
    packages::ensure_for_faults()?;
    let started = Instant::now();
    let cargo = sh::cargo();
    let step = |name: &str, f: &dyn Fn() -> Result<(), String>| {
        println!("── {name} ({} s)", started.elapsed().as_secs());
        f()
    };
    step("format", &|| sh::run(&cargo, &["fmt", "--all", "--check"]))?;
    step("tidy", &tidy::run)?;
    step("lints", &|| sh::run(&cargo, &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]))?;
    step("tests and golden", &|| sh::run(&cargo, &["test", "--workspace", "--locked"]))?;
    step("fuzz corpora", &faults::corpus)?;
    // A fixed seed: what fails here fails again. `cargo xtask faults --seed N` tries others.
    step("faults, a sample", &|| faults::run(&["--lane".into(), "short".into(), "--seed".into(), "1".into()]))?;
    println!("── all checks passed in {} s", started.elapsed().as_secs());
    Ok(())
}

/// Accepts the outputs of this build as goldens; the test refuses where an output changed under an unchanged version.
pub fn accept_goldens() -> Result<(), String> {
    let status = std::process::Command::new(sh::cargo())
        .args(["test", "--locked", "-p", "reel", "--test", "it", "golden"])
        .env("REELWRIGHT_ACCEPT_GOLDEN", "1")
        .current_dir(sh::root())
        .status()
        .map_err(|e| e.to_string())?;
    if status.success() { Ok(()) } else { Err("the goldens were not accepted".into()) }
}

/// Runs the vectors of a folder through the public API; prints passed and total of each suite. Built as an example of `routing`,
/// because nothing here may link an engine.
pub fn vectors(folder: &str) -> Result<(), String> {
    let folder = std::path::Path::new(folder).canonicalize().map_err(|e| format!("{folder}: {e}"))?;
    let folder = folder.to_string_lossy();
    sh::run(&sh::cargo(), &["run", "--quiet", "--locked", "-p", "routing", "--example", "golden", "--", &folder])
        .map_err(|_| "vectors failed: see above".to_owned())
}
