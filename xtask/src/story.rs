//! `cargo xtask story-check`: episodes in the shape that the story judge reads, and the judge run on them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::sh;

/// Of the episodes drawn, at least so many in a hundred fail nothing.
const CLEAN: usize = 90;
/// No test of the judge fails in more than so many in a hundred.
const ONE_TEST: usize = 5;

/// Exports an episode, or as many as are asked for, drawn by seed over all genres; runs the judge when its path is given.
pub fn run(args: &[String]) -> Result<(), String> {
    let (mut judge, mut project, mut episode) = (None, None, "1".to_owned());
    let (mut drawn, mut seed) = (None, 1u64);
    let mut it = args.iter();
    while let Some(flag) = it.next() {
        let value = it.next().ok_or_else(|| format!("{flag} needs a value"))?.clone();
        let number = || value.parse::<u64>().map_err(|_| format!("{flag} is `{value}`; expected a whole number"));
        match flag.as_str() {
            "--judge" => judge = Some(value),
            "--project" => project = Some(value),
            "--episode" => episode = value,
            "--drawn" => drawn = Some(number()?),
            "--seed" => seed = number()?,
            other => return Err(format!("unknown option {other}: expected --judge, --project, --episode, --drawn or --seed")),
        }
    }
    let reel = sh::build_reel()?;
    let folder = sh::fresh("story-check")?;
    if let Some(count) = drawn {
        return many(&reel, &folder, count, seed, judge.as_deref());
    }
    let project = project.unwrap_or_else(|| "examples/lighthouse".to_owned());
    let file = folder.join(format!("{}.ep{episode}.json", project.rsplit('/').next().unwrap_or("episode")));
    let text = sh::read(&reel.to_string_lossy(), &["write", &project, "--episode", &episode, "--as", "sample"])?;
    std::fs::write(&file, text).map_err(|e| e.to_string())?;
    println!("exported {}", file.display());
    match judge {
        Some(judge) => sh::run("python3", &[&judge, &file.to_string_lossy()]),
        None => {
            println!("no judge was run: give one with --judge PATH/measure.py");
            Ok(())
        }
    }
}

/// `reel` in a home of its own.
fn reel(reel: &Path, folder: &Path, args: &[&str]) -> Result<Vec<u8>, String> {
    let home = folder.join("home");
    let out = Command::new(reel).args(args).env("REELWRIGHT_HOME", home).output().map_err(|e| format!("{}: {e}", reel.display()))?;
    if out.status.success() {
        Ok(out.stdout)
    } else {
        Err(format!("reel {}: {}{}", args.join(" "), String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr)))
    }
}

/// Seasons of three for projects that have nothing but a name and a genre, genre by genre, until there are enough episodes.
fn many(binary: &Path, folder: &Path, count: u64, seed: u64, judge: Option<&str>) -> Result<(), String> {
    let help = String::from_utf8_lossy(&reel(binary, folder, &["new", "--help"])?).into_owned();
    let listed = help.split("Genre pack: ").nth(1).and_then(|rest| rest.split('[').next()).unwrap_or_default().to_owned();
    let genres: Vec<&str> = listed.split(',').map(str::trim).filter(|g| !g.is_empty()).collect();
    if genres.is_empty() {
        return Err("`reel new --help` lists no genre".into());
    }
    let mut files: Vec<PathBuf> = Vec::new();
    let mut refused: Vec<String> = Vec::new();
    let mut kernels: BTreeMap<String, u64> = BTreeMap::new();
    let mut nth = 0;
    while (files.len() + refused.len()) < count as usize {
        let genre = genres[nth % genres.len()];
        let name = format!("drawn-{seed}-{nth}");
        let project = folder.join(&name);
        let shown = project.to_string_lossy();
        reel(binary, folder, &["new", &shown, "--genre", genre])?;
        let settings = std::fs::read_to_string(project.join("project.toml")).map_err(|e| e.to_string())?;
        let kernel = settings.lines().find_map(|l| l.strip_prefix("kernel = \"")).and_then(|l| l.split('"').next()).unwrap_or("?");
        for episode in 1..=3 {
            if files.len() + refused.len() == count as usize {
                break;
            }
            match reel(binary, folder, &["write", &shown, "--episode", &episode.to_string(), "--as", "sample"]) {
                Ok(text) => {
                    let file = folder.join(format!("{name}.ep{episode}.json"));
                    std::fs::write(&file, text).map_err(|e| e.to_string())?;
                    files.push(file);
                    *kernels.entry(format!("{genre} {kernel}")).or_default() += 1;
                }
                Err(why) => refused.push(why),
            }
        }
        nth += 1;
    }
    println!("{} episodes written, {} refused, seed {seed}", files.len(), refused.len());
    for (kernel, n) in &kernels {
        println!("  {n:>4}  {kernel}");
    }
    for why in refused.iter().take(5) {
        println!("  refused: {why}");
    }
    let Some(judge) = judge else {
        println!("no judge was run: give one with --judge PATH/measure.py");
        return if refused.is_empty() { Ok(()) } else { Err(format!("{} episodes were refused", refused.len())) };
    };
    verdict(judge, &files, refused.len())
}

/// What the judge says of all of them, counted.
fn verdict(judge: &str, files: &[PathBuf], refused: usize) -> Result<(), String> {
    let out = Command::new("python3").arg(judge).arg("--json").args(files).output().map_err(|e| format!("python3: {e}"))?;
    let said: Value = serde_json::from_slice(&out.stdout).map_err(|e| format!("the judge did not answer in JSON: {e}"))?;
    let episodes = said["episodes"].as_array().ok_or("the judge's answer names no episodes")?;
    if episodes.len() != files.len() {
        return Err(format!("{} episodes were given to the judge, it speaks of {}", files.len(), episodes.len()));
    }
    let mut tests: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut clean = 0;
    for episode in episodes {
        let words = |key: &str| -> Vec<String> {
            let list = episode[key].as_array().cloned().unwrap_or_default();
            list.iter().map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect()
        };
        let (failed, gate) = (words("failed"), words("gate"));
        clean += usize::from(failed.is_empty() && gate.is_empty());
        let name = episode["file"].as_str().unwrap_or_default();
        for test in failed {
            let id = test.split([' ', ':']).next().unwrap_or(&test).to_owned();
            tests.entry(id).or_default().push(format!("{name}: {test}"));
        }
        for fault in gate {
            tests.entry("gate".into()).or_default().push(format!("{name}: {fault}"));
        }
    }
    let total = files.len() + refused;
    println!("{clean} of {total} fail nothing ({} in 100; at least {CLEAN})", clean * 100 / total.max(1));
    let mut worst = 0;
    for (test, where_) in &tests {
        let n = where_.iter().map(|w| w.split(':').next()).collect::<std::collections::BTreeSet<_>>().len();
        worst = worst.max(n);
        println!("  {test}: fails in {n}, such as {}", where_.first().map(String::as_str).unwrap_or_default());
    }
    let good = clean * 100 >= total * CLEAN && worst * 100 <= total * ONE_TEST && refused == 0;
    println!("{}", if good { "PASS" } else { "FAIL" });
    if good { Ok(()) } else { Err("the episodes do not meet the bar".into()) }
}
