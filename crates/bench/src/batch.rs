//! `cargo xtask bench batch`: twenty films at once over two workers, and the same twenty one by one. Waits, errors, throughput,
//! and whether the films are the same to the byte.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use contracts::Id;
use registry::{Registry, RunFilter, StepRow};
use serde_json::Value;

use crate::runner::{Options, hash_of};

const FILMS: usize = 20;
const WORKERS: usize = 2;

/// What one way of making them came to.
struct Way {
    films: BTreeMap<usize, String>,
    errors: Vec<String>,
    wall_s: f64,
    /// Seconds each film took, sorted.
    each_s: Vec<f64>,
}

/// Makes them both ways and prints what came of it.
pub fn run(options: &Options) -> Result<(), String> {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!(
        "load {}; {FILMS} films, drafts of the fixture, each with words of its own",
        load.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
    );
    let projects: Vec<PathBuf> = (0..FILMS).map(|n| project(&options.work, n)).collect::<Result<_, _>>()?;
    let batch_home = options.work.join("batch-home");
    let mut workers: Vec<Child> = Vec::new();
    for _ in 0..WORKERS {
        let mut command = reel(options, &batch_home);
        workers.push(command.args(["worker", "--jobs", "1", "--json"]).spawn().map_err(|e| e.to_string())?);
    }
    let batch = make(options, &projects, &batch_home, "batch", FILMS)?;
    let mut done = Vec::new();
    for worker in workers {
        Command::new("sh").args(["-c", &format!("kill -TERM {}", worker.id())]).status().map_err(|e| e.to_string())?;
        let output = worker.wait_with_output().map_err(|e| e.to_string())?;
        let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        done.push(said);
    }
    let single = make(options, &projects, &options.work.join("single-home"), "single", 1)?;
    let waits = waits(&batch_home)?;
    for (name, way) in [("at once", &batch), ("one by one", &single)] {
        let middle = way.each_s.get(way.each_s.len() / 2).copied().unwrap_or_default();
        let most = way.each_s.last().copied().unwrap_or_default();
        println!(
            "{name:<11} {} films in {:.1} s = {:.1} a minute; a film {middle:.1} s in the middle, {most:.1} s at most; {} errors",
            way.films.len(),
            way.wall_s,
            60.0 * way.films.len() as f64 / way.wall_s,
            way.errors.len()
        );
        way.errors.iter().for_each(|e| println!("  {e}"));
    }
    let by_workers: u64 = done.iter().filter_map(|d| d["done"].as_u64()).sum();
    println!("workers: {}", done.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
    println!("{} steps ran, {by_workers} of them in workers; portable: {}", waits.ran, waits.portable);
    println!(
        "a step waited {:.0} ms in the middle, {:.0} ms at the 99th in 100; a run stood and waited for {:.1} % of its time ({} ≤ 20 %)",
        waits.middle_ms,
        waits.late_ms,
        waits.share,
        if waits.share <= 20.0 { "PASS" } else { "FAIL" }
    );
    let same = batch.films.len() == FILMS && batch.films == single.films;
    println!("{} films are the same both ways", if same { "PASS: all" } else { "FAIL: not all" });
    let distinct = batch.films.values().collect::<std::collections::BTreeSet<_>>().len();
    println!("{distinct} different films");
    if same { Ok(()) } else { Err("the films differ".into()) }
}

fn reel(options: &Options, home: &Path) -> Command {
    let mut command = Command::new(&options.reel);
    command.env("REELWRIGHT_HOME", home).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

const ROOMS: [&str; 5] = ["LAMP ROOM", "WORKSHOP", "KITCHEN", "HARBOUR", "GARDEN"];
const LINES: [&str; 4] = ["I left it open.", "Nobody came by.", "The key is gone.", "It was shut before."];

/// A project like the fixture, with a place, a line and a name of its own.
fn project(work: &Path, n: usize) -> Result<PathBuf, String> {
    let dir = work.join(format!("project-{n:02}"));
    let episode = dir.join("episodes/01");
    std::fs::create_dir_all(&episode).map_err(|e| e.to_string())?;
    let settings = std::fs::read_to_string("tests/fixtures/tiny/project.toml").map_err(|e| e.to_string())?;
    let settings = settings.replace("id = \"tiny\"", &format!("id = \"tiny-{n:02}\"")).replace("The Gate", &format!("The Gate {n}"));
    let (room, line) = (ROOMS[n % ROOMS.len()], LINES[n / ROOMS.len()]);
    let script = format!("Title: The Gate {n}\n\nINT. {room} - NIGHT\n\nNESSA\n{line}\n");
    for (path, text) in [(dir.join("project.toml"), settings), (episode.join("script.fountain"), script)] {
        std::fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    Ok(dir)
}

/// Makes all, so many at a time, a step at a time each.
fn make(options: &Options, projects: &[PathBuf], home: &Path, name: &str, at_a_time: usize) -> Result<Way, String> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let outcomes = std::sync::Mutex::new(Vec::new());
    let from = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..at_a_time {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    let Some(project) = projects.get(n) else { return };
                    let out = options.work.join(format!("{name}-{n:02}"));
                    let began = Instant::now();
                    let mut command = reel(options, home);
                    command.arg("produce").arg(project).args(["--draft", "--yes", "--json", "--out"]).arg(&out);
                    if at_a_time > 1 {
                        command.args(["--jobs", "1"]);
                    }
                    let outcome = command.output().map_err(|e| e.to_string()).and_then(|output| match output.status.success() {
                        true => hash_of(&out.join("final.mp4")),
                        false => Err(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
                    });
                    if let Ok(mut outcomes) = outcomes.lock() {
                        outcomes.push((n, outcome, began.elapsed().as_secs_f64()));
                    }
                }
            });
        }
    });
    let wall_s = from.elapsed().as_secs_f64();
    let mut way = Way { films: BTreeMap::new(), errors: Vec::new(), wall_s, each_s: Vec::new() };
    for (n, outcome, seconds) in outcomes.into_inner().map_err(|e| e.to_string())? {
        way.each_s.push(seconds);
        match outcome {
            Ok(hash) => drop(way.films.insert(n, hash)),
            Err(why) => way.errors.push(format!("film {n}: {why}")),
        }
    }
    way.each_s.sort_by(f64::total_cmp);
    Ok(way)
}

struct Waits {
    ran: usize,
    portable: usize,
    middle_ms: f64,
    late_ms: f64,
    /// Hundredths of the time of all runs in which a run had a step that waited and none that was worked on.
    share: f64,
}

/// What the journal says of all runs of a home.
fn waits(home: &Path) -> Result<Waits, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    runtime.block_on(async {
        let registry = Registry::open(home).await.map_err(|e| e.to_string())?;
        let filter = RunFilter { limit: 1_000, ..RunFilter::default() };
        let (mut all, mut stood, mut time, mut portable) = (Vec::new(), 0, 0, 0);
        for run in registry.runs(&Id::slug("local"), &filter).await.map_err(|e| e.to_string())? {
            let steps = registry.steps(&run.id).await.map_err(|e| e.to_string())?;
            let ran: Vec<&StepRow> = steps.iter().filter(|s| !s.hit).collect();
            portable += ran.iter().filter(|s| ["paint", "shot", "score", "sound", "speak", "mix"].contains(&s.step.kind.as_str())).count();
            let spans: Vec<(i64, i64, i64)> = ran.iter().filter_map(|s| Some((s.enqueued?.ms(), s.started?.ms(), s.ended?.ms()))).collect();
            all.extend(spans.iter().map(|(put, taken, _)| (taken - put).max(0) as f64));
            let (from, to) = (run.started.ms(), run.ended.map_or(run.started.ms(), |e| e.ms()));
            time += to - from;
            stood += (from..to)
                .filter(|t| {
                    spans.iter().any(|(put, taken, _)| put <= t && t < taken) && !spans.iter().any(|(_, taken, end)| taken <= t && t < end)
                })
                .count() as i64;
        }
        all.sort_by(f64::total_cmp);
        let at = |percent: usize| all.get((all.len() * percent / 100).min(all.len().saturating_sub(1))).copied().unwrap_or(f64::NAN);
        Ok(Waits { ran: all.len(), portable, middle_ms: at(50), late_ms: at(99), share: 100.0 * stood as f64 / time.max(1) as f64 })
    })
}
