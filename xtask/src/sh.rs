//! Running other programs, and where things are.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The repository's root.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(|| PathBuf::from("."), PathBuf::from)
}

/// Runs a program in the root, showing what it prints.
pub fn run(program: &str, args: &[&str]) -> Result<(), String> {
    let status = Command::new(program).args(args).current_dir(root()).status().map_err(|e| format!("{program}: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{program} {}` failed ({status})", args.join(" "))) }
}

/// Runs a program in the root and returns what it printed.
pub fn read(program: &str, args: &[&str]) -> Result<String, String> {
    let output =
        Command::new(program).args(args).current_dir(root()).stderr(Stdio::inherit()).output().map_err(|e| format!("{program}: {e}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("`{program} {}` failed ({})", args.join(" "), output.status))
    }
}

/// The cargo that started us.
pub fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".into())
}

/// Builds `reel` in release and returns its path.
pub fn build_reel() -> Result<PathBuf, String> {
    run(&cargo(), &["build", "--release", "--locked", "-p", "reel"])?;
    Ok(target_directory()?.join("release/reel"))
}

/// Where cargo puts what it builds.
pub fn target_directory() -> Result<PathBuf, String> {
    let metadata: serde_json::Value =
        serde_json::from_str(&read(&cargo(), &["metadata", "--format-version", "1", "--no-deps", "--locked"])?)
            .map_err(|e| e.to_string())?;
    metadata["target_directory"].as_str().map(PathBuf::from).ok_or_else(|| "cargo metadata names no target directory".into())
}

/// An empty folder under the target directory, made anew.
pub fn fresh(name: &str) -> Result<PathBuf, String> {
    let path = root().join("target").join(name);
    if path.exists() {
        std::fs::remove_dir_all(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    std::fs::create_dir_all(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(path)
}
