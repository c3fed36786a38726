//! `cargo xtask bench runner`: what the runner itself costs. Figures that wait for the medium are held against what the medium
//! takes in the same sitting (fdatasync). It prints a verdict a figure and asserts nothing.

use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use contracts::{Hash, Id};
use orchestrator::{FnStep, Grade, Graph, Kinds, LEASE, Node, Outputs, Queue, RunSpec, Runner, Silent, Step, StepError, Worker};
use registry::{MemoLookup, NewRun, Registry, RunFilter};
use serde_json::{Value, json};

use crate::time::median;

/// What was asked for.
pub struct Options {
    pub reel: PathBuf,
    pub work: PathBuf,
    pub json: bool,
}

/// One figure against its bound.
struct Figure {
    name: &'static str,
    value: f64,
    unit: &'static str,
    bound: f64,
    /// Whether less is better.
    below: bool,
    note: String,
}

impl Figure {
    fn at_most(name: &'static str, value: f64, unit: &'static str, bound: f64, note: String) -> Self {
        Self { name, value, unit, bound, below: true, note }
    }

    fn holds(&self) -> bool {
        if self.below { self.value <= self.bound } else { self.value >= self.bound }
    }

    fn line(&self) -> String {
        let (sign, verdict) = (if self.below { "≤" } else { "≥" }, if self.holds() { "PASS" } else { "FAIL" });
        format!("{verdict}  {:<34} {:>9.2} {sign} {:>7.2} {:<8} {}", self.name, self.value, self.bound, self.unit, self.note)
    }
}

/// Measures all and prints it.
pub fn run(options: &Options) -> Result<(), String> {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().take(3).collect::<Vec<_>>().join(" ");
    let work = options.work.canonicalize().map_err(|e| e.to_string())?;
    let flush = fdatasync(&work)?;
    let (p50, p99) = (part(&flush, 50), part(&flush, 99));
    println!("load {load}; fdatasync of 4 KB, {} times: {p50:.2} ms in the middle, {p99:.2} ms at the 99th in 100", flush.len());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(|e| e.to_string())?;
    let mut figures = vec![
        runtime.block_on(dispatch(&work.join("dispatch"), p99))?,
        runtime.block_on(across(&work.join("across")))?,
        runtime.block_on(throughput(&work.join("throughput")))?,
        compile()?,
    ];
    figures.extend(binary(options, &work)?);
    for figure in &figures {
        println!("{}", figure.line());
    }
    // The medium has its moods: what was held against it is held against both looks at it.
    let after = fdatasync(&work)?;
    println!("fdatasync again: {:.2} ms, {:.2} ms", part(&after, 50), part(&after, 99));
    if options.json {
        let all: serde_json::Map<String, Value> = figures
            .iter()
            .map(|f| (f.name.replace(' ', "_"), json!({"value": f.value, "bound": f.bound, "unit": f.unit, "pass": f.holds()})))
            .collect();
        println!("{}", Value::Object(all));
    }
    Ok(())
}

/// Milliseconds a flush of 4 KB takes, many times, sorted.
fn fdatasync(work: &Path) -> Result<Vec<f64>, String> {
    let path = work.join("flushed");
    let mut file = std::fs::File::create(&path).map_err(|e| e.to_string())?;
    let mut all = Vec::new();
    for _ in 0..400 {
        file.write_all(&[7; 4096]).map_err(|e| e.to_string())?;
        let from = Instant::now();
        file.sync_data().map_err(|e| e.to_string())?;
        all.push(from.elapsed().as_secs_f64() * 1e3);
    }
    let _ = std::fs::remove_file(path);
    all.sort_by(f64::total_cmp);
    Ok(all)
}

/// The value below which so many of a hundred lie.
fn part(sorted: &[f64], percent: usize) -> f64 {
    sorted.get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

/// A step that says when it began, by the time of day in nanoseconds, and does nothing else.
fn empty(name: String) -> FnStep {
    let reads = json!({"name": name});
    FnStep::new(name, ("empty", 1), Grade::Recorded, reads, |_| Ok(Outputs::new().with_facts(json!({"began_ns": epoch_ns().to_string()}))))
}

fn epoch_ns() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| u64::try_from(d.as_nanos()).unwrap_or(u64::MAX))
}

struct Empties;

impl Kinds for Empties {
    fn known(&self) -> Vec<(String, u32)> {
        vec![("empty".to_owned(), 1)]
    }
    fn build(&self, name: &str, _: &str, _: Value) -> Result<Arc<dyn Step>, StepError> {
        Ok(Arc::new(empty(name.to_owned()).portable()))
    }
}

fn began_ns(outputs: &Outputs) -> Result<u64, String> {
    outputs.facts["began_ns"].as_str().and_then(|t| t.parse().ok()).ok_or_else(|| "a step did not say when it began".to_owned())
}

fn local() -> Id {
    Id::slug("local")
}

async fn start(registry: &Registry, jobs: usize) -> Result<Runner, String> {
    let spec = RunSpec::new(local(), Id::slug("bench"), 1, jobs);
    Runner::start(registry.clone(), spec, Arc::new(Silent)).await.map_err(|e| e.to_string())
}

async fn open(home: &Path) -> Result<Registry, String> {
    Registry::open(home).await.map_err(|e| e.to_string())
}

/// From the moment a step is handed to the runner to the moment it begins: planned, put into its queue, claimed, started.
async fn dispatch(home: &Path, p99: f64) -> Result<Figure, String> {
    let registry = open(home).await?;
    let runner = start(&registry, 1).await?;
    let mut waits = Vec::new();
    for n in 0..300 {
        let from = epoch_ns();
        let made = runner.one(&format!("stage-{n}"), empty(format!("step-{n}"))).await.map_err(|e| e.to_string())?;
        waits.push(began_ns(&made.outputs)?.saturating_sub(from) as f64 / 1e6);
    }
    waits.sort_by(f64::total_cmp);
    let note = format!("p99 of 300; {:.2} in the middle; bound = fdatasync p99 + 3", part(&waits, 50));
    registry.close().await;
    Ok(Figure::at_most("dispatch in process", part(&waits, 99), "ms", p99 + 3.0, note))
}

/// A worker in a process of its own: see [`serve`].
fn worker(home: &Path) -> Result<Child, String> {
    let own = std::env::current_exe().map_err(|e| e.to_string())?;
    Command::new(own).arg("serve-empty").arg(home).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(|e| e.to_string())
}

/// Takes empty steps from a home until its standard input is closed.
pub fn serve(home: &Path) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(|e| e.to_string())?;
    runtime.block_on(async {
        let registry = open(home).await?;
        let worker = Worker::new(registry, Arc::new(Empties), &Queue::ALL, 2, LEASE, Arc::new(Silent));
        let stop = worker.stopper();
        std::thread::spawn(move || {
            let _ = std::io::stdin().read_line(&mut String::new());
            stop();
        });
        worker.run().await.map(drop).map_err(|e| e.to_string())
    })
}

/// From before the commit that puts a step into its queue to its beginning in another process that slept.
async fn across(home: &Path) -> Result<Figure, String> {
    let registry = open(home).await?;
    let mut child = worker(home)?;
    let run = Id::slug("across");
    let mut txn = registry.begin();
    txn.run_start(NewRun {
        id: run.clone(),
        tenant: local(),
        project: Id::slug("bench"),
        episode: 1,
        out_dir: None,
        look: false,
        request: None,
    });
    txn.commit().await.map_err(|e| e.to_string())?;
    while registry.workers().await.map_err(|e| e.to_string())?.is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut waits = Vec::new();
    for n in 0..120_u64 {
        tokio::time::sleep(Duration::from_millis(30)).await;
        let step = empty(format!("step-{n}")).portable();
        let key = orchestrator::step_key(&step, &local()).map_err(|e| e.to_string())?;
        let row = orchestrator::step_row(&step, &run, "stage", n, key.clone()).map_err(|e| e.to_string())?;
        let from = epoch_ns();
        let mut txn = registry.begin();
        txn.step_add(row);
        txn.commit_soon().await.map_err(|e| e.to_string())?;
        let until = Instant::now() + Duration::from_secs(15);
        let began: u64 = loop {
            if let MemoLookup::Hit(memo) = registry.memo_get(&local(), &key).await.map_err(|e| e.to_string())? {
                break began_ns(&memo.outputs)?;
            }
            if Instant::now() > until {
                let _ = child.kill();
                return Err("the other process did not take a step".into());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        };
        waits.push(began.saturating_sub(from) as f64 / 1e6);
    }
    drop(child.stdin.take());
    let _ = child.wait();
    waits.sort_by(f64::total_cmp);
    let note = format!("p99 of {}; {:.2} in the middle, {:.2} at most", waits.len(), part(&waits, 50), part(&waits, 100));
    registry.close().await;
    Ok(Figure::at_most("dispatch across processes", part(&waits, 99), "ms", 100.0, note))
}

/// Steps that do nothing, through the runner: put in, claimed, begun, finished by a durable commit each, 64 at a time.
async fn throughput(home: &Path) -> Result<Figure, String> {
    const STEPS: usize = 6_000;
    let registry = open(home).await?;
    let mut rates = Vec::new();
    for round in 0..3 {
        let runner = start(&registry, 128).await?;
        let step = |n| Arc::new(empty(format!("r{round}-{n:05}"))) as Arc<dyn Step>;
        let steps: Vec<_> = (0..STEPS).map(step).collect();
        let from = Instant::now();
        runner.stage("many", steps).await.map_err(|e| e.to_string())?;
        rates.push(STEPS as f64 / from.elapsed().as_secs_f64());
    }
    registry.close().await;
    let note = format!("median of 3 rounds of {STEPS} through the runner, 128 at a time");
    Ok(Figure { name: "steps put in, claimed, finished", value: median(rates), unit: "a second", bound: 3_000.0, below: false, note })
}

/// Ten thousand nodes, each after four earlier ones.
fn compile() -> Result<Figure, String> {
    const NODES: u64 = 10_000;
    let mut times = Vec::new();
    for round in 0..5 {
        let mut seed = contracts::Seed::new(round);
        let nodes: Vec<Node> = (0..NODES)
            .map(|n| {
                let node = Node::new(format!("node-{n}"), |_| Ok(Vec::new()));
                (0..4.min(n)).fold(node, |node, _| node.after(format!("node-{}", seed.below(n))))
            })
            .collect();
        let from = Instant::now();
        let graph = Graph::compile(nodes).map_err(|e| format!("{e:?}"))?;
        times.push(from.elapsed().as_secs_f64() * 1e3);
        if graph.order().count() as u64 != NODES {
            return Err("nodes are missing from the order".into());
        }
    }
    Ok(Figure::at_most("graph of 10,000 nodes", median(times), "ms", 100.0, "median of 5, 4 needs a node".into()))
}

/// What a user starts.
fn binary(options: &Options, work: &Path) -> Result<Vec<Figure>, String> {
    let home = work.join("home");
    let reel = |args: &[&str]| {
        let mut command = Command::new(&options.reel);
        command.args(args).env("REELWRIGHT_HOME", &home).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    };
    let timed = |mut command: Command| -> Result<f64, String> {
        let from = Instant::now();
        let output = command.output().map_err(|e| e.to_string())?;
        let ms = from.elapsed().as_secs_f64() * 1e3;
        if output.status.success() { Ok(ms) } else { Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stdout))) }
    };
    let many = |n: usize, args: &[&str]| -> Result<Vec<f64>, String> {
        let mut all = (0..n).map(|_| timed(reel(args))).collect::<Result<Vec<_>, _>>()?;
        all.sort_by(f64::total_cmp);
        Ok(all)
    };
    let out = work.join("film").display().to_string();
    let produce = ["produce", "examples/lighthouse", "--yes", "--json", "--out", &out];
    timed(reel(&produce))?;
    let cached = many(15, &produce)?;
    let version = many(31, &["--version"])?;
    let runs = many(31, &["runs"])?;
    let told = |all: &[f64]| format!("median of {}; {:.1} to {:.1}", all.len(), part(all, 0), part(all, 100));
    let mut figures = vec![
        Figure::at_most("episode of which all is known", part(&cached, 50), "ms", 150.0, format!("lighthouse, {}", told(&cached))),
        Figure::at_most("reel --version", part(&version, 50), "ms", 20.0, told(&version)),
        Figure::at_most("reel runs", part(&runs, 50), "ms", 20.0, told(&runs)),
    ];
    figures.extend(idle(reel(&["worker"]))?);
    figures.push(restart(options, &work.join("crash"))?);
    Ok(figures)
}

/// A worker that has nothing to do, for ten seconds.
fn idle(mut command: Command) -> Result<[Figure; 2], String> {
    const SECONDS: u64 = 20;
    let mut child = command.spawn().map_err(|e| e.to_string())?;
    std::thread::sleep(Duration::from_secs(2));
    let stat = || std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap_or_default();
    let ticks = || -> u64 {
        let stat = stat();
        stat.rsplit(") ").next().into_iter().flat_map(|s| s.split(' ').skip(11).take(2)).filter_map(|t| t.parse::<u64>().ok()).sum()
    };
    // Nanoseconds on the processor, finer than ticks (schedstat).
    let nanos = || -> Option<u64> {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", child.id())).ok()?;
        let of =
            |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("schedstat")).ok()?.split(' ').next()?.parse::<u64>().ok();
        Some(tasks.flatten().filter_map(of).sum())
    };
    let (from, before, fine) = (Instant::now(), ticks(), nanos());
    std::thread::sleep(Duration::from_secs(SECONDS));
    let wall = from.elapsed().as_secs_f64();
    let cpu = match (fine, nanos()) {
        (Some(a), Some(b)) if b > 0 => b.saturating_sub(a) as f64 / 1e9,
        _ => (ticks() - before) as f64 / 100.0,
    };
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let rss = status.lines().find_map(|l| l.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or(f64::NAN);
    let high = status.lines().find_map(|l| l.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or(f64::NAN);
    child.kill().map_err(|e| e.to_string())?;
    let _ = child.wait();
    Ok([
        Figure::at_most("idle worker, processor", 100.0 * cpu / wall, "%", 1.0, format!("over {SECONDS} s")),
        Figure::at_most("idle worker, memory", rss / 1024.0, "MB", 40.0, format!("resident; {:.1} at most", high / 1024.0)),
    ])
}

/// A run that was killed in the middle: from the start of the next one to its first step.
fn restart(options: &Options, home: &Path) -> Result<Figure, String> {
    let mut waits = Vec::new();
    for n in 0..5 {
        let base = home.join(n.to_string());
        let produce = || {
            let mut command = Command::new(&options.reel);
            command.args(["produce", "tests/fixtures/tiny", "--draft", "--yes", "--json", "--jobs", "1", "--out"]).arg(base.join("out"));
            command.env("REELWRIGHT_HOME", base.join("home")).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
            command
        };
        let killed = produce().env("REELWRIGHT_FAILPOINT", "orchestrator.after_step shots/=kill").status().map_err(|e| e.to_string())?;
        if killed.signal() != Some(9) {
            return Err(format!("the run was not killed: {killed}"));
        }
        let from = i64::try_from(epoch_ns() / 1_000_000).unwrap_or(i64::MAX);
        let done = produce().status().map_err(|e| e.to_string())?;
        if !done.success() {
            return Err(format!("the run after the kill: {done}"));
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
        let first = runtime.block_on(async {
            let registry = open(&base.join("home")).await?;
            let runs = registry.runs(&local(), &RunFilter::default()).await.map_err(|e| e.to_string())?;
            let newest = runs.first().ok_or("no run")?;
            let attempts = registry.attempts(&newest.id).await.map_err(|e| e.to_string())?;
            attempts.iter().map(|a| a.started.ms()).min().ok_or_else(|| "nothing was dispatched".to_owned())
        })?;
        waits.push((first - from) as f64);
        std::fs::remove_dir_all(&base).map_err(|e| e.to_string())?;
    }
    waits.sort_by(f64::total_cmp);
    let note = format!("the most of {}; {:.0} in the middle; killed in `shots`, all before it known", waits.len(), part(&waits, 50));
    Ok(Figure::at_most("crash to first dispatch", part(&waits, 100), "ms", 2_000.0, note))
}

/// The address of a file's content.
pub fn hash_of(path: &Path) -> Result<String, String> {
    std::fs::read(path).map(|bytes| Hash::of(&bytes).to_string()).map_err(|e| format!("{}: {e}", path.display()))
}
