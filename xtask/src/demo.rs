//! `cargo xtask demo`: from nothing to a film.

use std::process::{Command, Stdio};

use crate::{packages, sh};

/// Installs what is missing, builds, makes the example, says where the film is.
pub fn run() -> Result<(), String> {
    packages::ensure()?;
    println!("building reel (release) …");
    let reel = sh::build_reel()?;
    let out = sh::root().join("out/lighthouse");
    println!("making examples/lighthouse …");
    let mut command = Command::new(&reel);
    command.args(["produce", "examples/lighthouse", "--yes", "--json", "--out"]).arg(&out).current_dir(sh::root());
    let output = command.stderr(Stdio::inherit()).output().map_err(|e| format!("reel: {e}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().last().unwrap_or_default();
    if !output.status.success() {
        return Err(format!("reel produce ended with {}: {last}", output.status));
    }
    let result: serde_json::Value = serde_json::from_str(last).map_err(|e| format!("reel's last line is not JSON ({e}): {last}"))?;
    let ms = |v: &serde_json::Value| v.as_u64().unwrap_or_default();
    println!();
    println!("film       {}", result["film"].as_str().unwrap_or("?"));
    println!("length     {:.1} s, {} frames, {} shots", ms(&result["duration_ms"]) as f64 / 1000.0, result["frames"], result["shots"]);
    match result["stand_ins"].as_array() {
        Some(list) if !list.is_empty() => {
            println!("stand-ins  {}", list.len());
            for item in list {
                println!("           {}: {}", item["missing_id"].as_str().unwrap_or("?"), item["reason"].as_str().unwrap_or("?"));
            }
        }
        _ => println!("stand-ins  none"),
    }
    println!("stages");
    for stage in result["stages"].as_array().into_iter().flatten() {
        let cached = if stage["cached"].as_bool() == Some(true) { "  (from memory)" } else { "" };
        println!("  {:<12} {:>7.2} s{cached}", stage["name"].as_str().unwrap_or("?"), ms(&stage["ms"]) as f64 / 1000.0);
    }
    Ok(())
}
