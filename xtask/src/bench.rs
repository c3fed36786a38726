//! `cargo xtask bench`: the three figures of the first run. Prints them; asserts nothing, machines are shared and noisy.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::{packages, sh};

struct Sample {
    wall_s: f64,
    cpu_s: f64,
    peak_mb: u64,
    duration_s: f64,
    stages: Vec<(String, u64)>,
}

/// A cold run in an empty home, then the same run again.
pub fn run() -> Result<(), String> {
    packages::ensure()?;
    let reel = sh::build_reel()?;
    let home = sh::fresh("bench-home")?;
    let produce = |project: &str, out: &str, more: &[&str]| -> Result<Sample, String> {
        let before = children_cpu_s();
        let started = Instant::now();
        let mut child = Command::new(&reel)
            .args(["produce", project, "--yes", "--json", "--out"])
            .arg(home.join(out))
            .args(more)
            .env("REELWRIGHT_HOME", home.join("data"))
            .current_dir(sh::root())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| e.to_string())?;
        let mut peak = 0;
        while child.try_wait().map_err(|e| e.to_string())?.is_none() {
            peak = peak.max(tree_rss_kb(child.id()));
            std::thread::sleep(Duration::from_millis(15));
        }
        let wall_s = started.elapsed().as_secs_f64();
        let output = child.wait_with_output().map_err(|e| e.to_string())?;
        let text = String::from_utf8_lossy(&output.stdout);
        let result: serde_json::Value =
            serde_json::from_str(text.lines().last().unwrap_or_default()).map_err(|e| format!("reel: {e}: {text}"))?;
        let stages = result["stages"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|s| (s["name"].as_str().unwrap_or("?").to_owned(), s["ms"].as_u64().unwrap_or(0)));
        Ok(Sample {
            wall_s,
            cpu_s: children_cpu_s() - before,
            peak_mb: peak / 1024,
            duration_s: result["duration_ms"].as_f64().unwrap_or(0.0) / 1000.0,
            stages: stages.collect(),
        })
    };
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("load before: {}", load.split_whitespace().take(3).collect::<Vec<_>>().join(" "));
    let cold = produce("examples/lighthouse", "first", &[])?;
    let again = produce("examples/lighthouse", "second", &[])?;
    // The author's loop: a draft, a line in other words, the draft again.
    let project = home.join("project");
    std::fs::create_dir_all(project.join("episodes/01")).map_err(|e| e.to_string())?;
    for file in ["project.toml", "canon.toml"] {
        std::fs::copy(sh::root().join("examples/lighthouse").join(file), project.join(file)).map_err(|e| e.to_string())?;
    }
    let place = project.display().to_string();
    let draft = produce(&place, "draft", &["--draft"])?;
    let note = "[[line]]\nid = \"sc02-b02-l1\"\ntext = \"Stone keeps its own time, and so does the fog.\"\n";
    std::fs::write(project.join("episodes/01/notes.toml"), note).map_err(|e| e.to_string())?;
    let edited = produce(&place, "draft", &["--draft"])?;
    let unchanged = produce(&place, "draft", &["--draft"])?;
    println!("film                       {:>8.1} s", cold.duration_s);
    println!("cold run, wall             {:>8.2} s", cold.wall_s);
    println!("cold run, CPU              {:>8.2} s", cold.cpu_s);
    println!("film seconds / wall second {:>8.2}    (goal ≥ 3 on two idle cores)", cold.duration_s / cold.wall_s);
    println!("film seconds / CPU second  {:>8.2}", cold.duration_s / cold.cpu_s);
    println!("peak memory, all processes {:>8} MB (goal ≤ 700)", cold.peak_mb);
    println!("second run, wall           {:>8.2} s = {:.1} % of the first (goal ≤ 2 %)", again.wall_s, 100.0 * again.wall_s / cold.wall_s);
    println!("first draft                {:>8.2} s wall, {:.2} s CPU (goal < 10 s)", draft.wall_s, draft.cpu_s);
    println!("draft after one new line   {:>8.2} s wall, {:.2} s CPU (goal ≤ 3 s)", edited.wall_s, edited.cpu_s);
    for (name, ms) in edited.stages.iter().filter(|(_, ms)| *ms > 20) {
        println!("  {name:<12} {:>7.2} s", *ms as f64 / 1000.0);
    }
    println!("draft of nothing new       {:>8.2} s wall, {:.2} s CPU (goal ≤ 0.15 s)", unchanged.wall_s, unchanged.cpu_s);
    println!("stages of the cold run");
    for (name, ms) in &cold.stages {
        println!("  {name:<12} {:>7.2} s", *ms as f64 / 1000.0);
    }
    Ok(())
}

/// The video engine against its limit and its peers: see `crates/bench`.
pub fn render(args: &[String]) -> Result<(), String> {
    built(None, args)
}

/// The runner (`runner`), and many films at once (`batch`).
pub fn workload(name: &str, args: &[String]) -> Result<(), String> {
    built(Some(name), args)
}

fn built(workload: Option<&str>, args: &[String]) -> Result<(), String> {
    packages::ensure()?;
    let reel = sh::build_reel()?;
    sh::run(&sh::cargo(), &["build", "--release", "--locked", "-p", "bench"])?;
    let bench = sh::target_directory()?.join("release/bench");
    let work = sh::fresh(&format!("bench-{}", workload.unwrap_or("render")))?;
    let (reel, work) = (reel.to_string_lossy().into_owned(), work.to_string_lossy().into_owned());
    let fixed = ["--reel", reel.as_str(), "--work", work.as_str()];
    let args: Vec<&str> = workload.into_iter().chain(fixed).chain(args.iter().map(String::as_str)).collect();
    sh::run(&bench.to_string_lossy(), &args)
}

/// CPU seconds of all finished children, from the kernel's accounting (fields 16 and 17 of /proc/self/stat).
fn children_cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |i: usize| fields.get(i).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(13) + ticks(14)) / 100.0
}

/// Resident memory of a process and all its descendants, in KiB.
fn tree_rss_kb(root: u32) -> u64 {
    let mut parents: Vec<(u32, u32, u64)> = Vec::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|n| n.parse::<u32>().ok()) else { continue };
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let parent = fields.get(1).and_then(|f| f.parse().ok()).unwrap_or(0);
        let pages: u64 = fields.get(21).and_then(|f| f.parse().ok()).unwrap_or(0);
        parents.push((pid, parent, pages * 4));
    }
    let mut family = vec![root];
    let mut at = 0;
    while at < family.len() {
        let parent = family[at];
        family.extend(parents.iter().filter(|(_, p, _)| *p == parent).map(|(pid, _, _)| *pid));
        at += 1;
    }
    parents.iter().filter(|(pid, _, _)| family.contains(pid)).map(|(_, _, kb)| kb).sum()
}
