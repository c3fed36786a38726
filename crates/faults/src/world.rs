//! Where faults happen: a fixture project, homes and folders for each case, the built binary, and the uncut run that all
//! others are compared with.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use contracts::Hash;
use serde_json::Value;

use crate::run::Plan;

/// How long one start of the binary may take before it counts as hanging.
const HANGS: Duration = Duration::from_secs(240);

/// A seeded world.
pub struct World {
    pub plan: Plan,
    golden: OnceLock<Result<Golden, String>>,
}

/// The uncut run.
pub struct Golden {
    /// Its home.
    pub home: PathBuf,
    /// Every file in it but the record of the run, which holds times.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Every address in its store.
    pub objects: BTreeSet<String>,
    /// The points it passed: name with ordinal, and the stage it was in.
    pub points: Vec<Point>,
    /// How long it took.
    pub took: Duration,
    /// Every argument vector that ffmpeg and ffprobe were given.
    pub argvs: Vec<Vec<String>>,
}

/// A failpoint as it was passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// `files.named`.
    pub name: String,
    /// Which time, from 1.
    pub nth: u64,
    /// The stage, or `start` and `end` outside of stages.
    pub stage: String,
}

/// What a start of the binary came to.
pub struct Ended {
    pub status: ExitStatus,
    /// The last line of standard output as JSON; null when it is none.
    pub json: Value,
    pub stderr: String,
    pub took: Duration,
    /// Processor time of the process and the children it waited for, in milliseconds, to ten of them.
    pub worked_ms: u64,
    /// The highest resident memory that was seen, in kilobytes.
    pub peak_kb: u64,
}

impl Ended {
    /// `exit code 3, project.malformed: …`.
    pub fn said(&self) -> String {
        let (code, message) = (&self.json["error"]["code"], &self.json["error"]["message"]);
        let end = self.stderr.lines().last().unwrap_or_default();
        format!("{}, {} {} {end}", self.status, code.as_str().unwrap_or("no code"), message.as_str().unwrap_or_default())
    }

    /// A refusal with a code, as every fault of input should be.
    pub fn refused(&self) -> bool {
        matches!(self.status.code(), Some(2..=10)) && self.json["error"]["code"].is_string()
    }
}

impl World {
    /// An empty world.
    pub fn new(plan: &Plan) -> Result<Self, String> {
        let mut plan = plan.clone();
        if !plan.reel.is_file() {
            return Err(format!("{} is not there: `cargo build -p reel` makes it", plan.reel.display()));
        }
        if plan.work.exists() {
            fs::remove_dir_all(&plan.work).map_err(|e| format!("{}: {e}", plan.work.display()))?;
        }
        fs::create_dir_all(&plan.work).map_err(|e| format!("{}: {e}", plan.work.display()))?;
        plan.work = plan.work.canonicalize().map_err(|e| e.to_string())?;
        plan.reel = plan.reel.canonicalize().map_err(|e| e.to_string())?;
        plan.root = plan.root.canonicalize().map_err(|e| e.to_string())?;
        Ok(Self { plan, golden: OnceLock::new() })
    }

    /// A new empty folder of this name.
    pub fn folder(&self, name: &str) -> Result<PathBuf, String> {
        let path = self.plan.work.join(name);
        fs::create_dir_all(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(path)
    }

    /// The fixture: a film of seconds that passes through every stage.
    pub fn project(&self) -> PathBuf {
        self.plan.root.join(FIXTURE)
    }

    /// A copy of the fixture that may be spoilt.
    pub fn project_copy(&self, name: &str) -> Result<PathBuf, String> {
        let to = self.folder(name)?.join("tiny");
        copy_tree(&self.project(), &to)?;
        Ok(to)
    }

    /// The binary, in a home of its own and with nothing of our environment but the PATH.
    pub fn reel(&self, home: &Path) -> Command {
        let mut command = Command::new(&self.plan.reel);
        command.env_clear().env("REELWRIGHT_HOME", home).env("HOME", home).env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// `reel produce` of a project, with the fixture's options.
    pub fn produce(&self, project: &Path, home: &Path, out: &Path) -> Command {
        let mut command = self.reel(home);
        command.arg("produce").arg(project).args(OPTIONS).arg("--out").arg(out);
        command
    }

    /// The uncut run, made once.
    pub fn golden(&self) -> Result<&Golden, String> {
        self.golden.get_or_init(|| self.uncut()).as_ref().map_err(Clone::clone)
    }

    fn uncut(&self) -> Result<Golden, String> {
        let base = self.folder("uncut")?;
        let (home, out, record) = (base.join("home"), base.join("out"), base.join("points"));
        let door = Door::new(&base.join("door"))?;
        let mut command = self.produce(&self.project(), &home, &out);
        // One step at a time, so that the n-th time a point is reached is the same time in every run.
        command.args(["--jobs", "1"]).env("REELWRIGHT_FAILPOINT", format!("record:{}", record.display())).env("PATH", door.path());
        let ended = finish(command)?;
        if !ended.status.success() {
            return Err(format!("the uncut run failed: {}", ended.said()));
        }
        let points = points(&fs::read_to_string(&record).map_err(|e| format!("the record of failpoints: {e}"))?)?;
        let (files, objects) = (files_of(&out)?, objects_of(&home)?);
        Ok(Golden { files, objects, points, took: ended.took, argvs: door.argvs()?, home })
    }
}

/// The fixture, and how it is produced.
const FIXTURE: &str = "tests/fixtures/tiny";
const OPTIONS: [&str; 3] = ["--draft", "--yes", "--json"];

/// Reads the record of a run: `name@n detail` a line.
pub fn points(record: &str) -> Result<Vec<Point>, String> {
    let mut points = Vec::new();
    let mut stage = "start".to_owned();
    for line in record.lines() {
        let (point, detail) = line.split_once(' ').ok_or("a line of the record has no detail")?;
        let (name, nth) = point.split_once('@').ok_or("a line of the record has no ordinal")?;
        let nth = nth.parse().map_err(|_| "an ordinal of the record is no number")?;
        if name == "orchestrator.before_stage" {
            detail.clone_into(&mut stage);
        }
        points.push(Point { name: name.to_owned(), nth, stage: stage.clone() });
        if name == "orchestrator.after_stage" {
            "end".clone_into(&mut stage);
        }
    }
    Ok(points)
}

/// Runs a command to its end, or until it hangs, and watches its memory.
pub fn finish(mut command: Command) -> Result<Ended, String> {
    let started = Instant::now();
    let mut child = command.spawn().map_err(|e| format!("{}: {e}", command.get_program().to_string_lossy()))?;
    let (mut out, mut err) = (child.stdout.take(), child.stderr.take());
    let reader = |pipe: Option<Box<dyn Read + Send>>| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            pipe.map(|mut p| p.read_to_end(&mut bytes));
            bytes
        })
    };
    let out = reader(out.take().map(|p| Box::new(p) as Box<dyn Read + Send>));
    let err = reader(err.take().map(|p| Box::new(p) as Box<dyn Read + Send>));
    let (status_file, stat_file) = (format!("/proc/{}/status", child.id()), format!("/proc/{}/stat", child.id()));
    let (mut peak_kb, mut worked_ms) = (0, 0);
    let status = loop {
        let status = fs::read_to_string(&status_file).unwrap_or_default();
        let high = status.lines().find_map(|l| l.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
        peak_kb = peak_kb.max(high.unwrap_or(0));
        // A process that has ended and was not waited for still says what it worked: fields 14 to 17 (proc(5)).
        let stat = fs::read_to_string(&stat_file).unwrap_or_default();
        let ticks = stat.rsplit(") ").next().into_iter().flat_map(|s| s.split(' ').skip(11).take(4)).filter_map(|t| t.parse::<u64>().ok());
        worked_ms = worked_ms.max(ticks.sum::<u64>() * 10);
        if let Some(status) = child.try_wait().map_err(|e| e.to_string())? {
            break status;
        }
        if started.elapsed() > HANGS {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("it did not end within {} s: {:?}", HANGS.as_secs(), command.get_args().collect::<Vec<_>>()));
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let took = started.elapsed();
    let text = |t: std::thread::JoinHandle<Vec<u8>>| String::from_utf8_lossy(&t.join().unwrap_or_default()).into_owned();
    let (stdout, stderr) = (text(out), text(err));
    let json = stdout.lines().last().and_then(|l| serde_json::from_str(l).ok()).unwrap_or_default();
    Ok(Ended { status, json, stderr, took, worked_ms, peak_kb })
}

/// The files of a run folder but the record of the run.
pub fn files_of(out: &Path) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let entries = fs::read_dir(out).map_err(|e| format!("{}: {e}", out.display()))?;
    let mut files = BTreeMap::new();
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != "run_summary.json" {
            files.insert(name, fs::read(entry.path()).map_err(|e| e.to_string())?);
        }
    }
    Ok(files)
}

/// Every address in the store of a home. Each file is hashed: a name that is not its content is an error.
pub fn objects_of(home: &Path) -> Result<BTreeSet<String>, String> {
    let mut found = BTreeSet::new();
    for path in tree(&home.join("objects"))? {
        let part = |p: Option<&std::ffi::OsStr>| p.unwrap_or_default().to_string_lossy().into_owned();
        let name = part(path.parent().and_then(Path::file_name)) + &part(path.file_name());
        let bytes = fs::read(&path).map_err(|e| e.to_string())?;
        if Hash::of(&bytes).as_str() != name {
            return Err(format!("{} does not hold what its name says", path.display()));
        }
        found.insert(name);
    }
    Ok(found)
}

/// Every file under a folder; a missing folder has none.
pub fn tree(dir: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    let Ok(entries) = fs::read_dir(dir) else { return Ok(files) };
    for entry in entries.flatten() {
        let kind = entry.file_type().map_err(|e| e.to_string())?;
        if kind.is_dir() {
            files.extend(tree(&entry.path())?);
        } else {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// A folder and all in it, copied.
pub fn copy_tree(from: &Path, to: &Path) -> Result<(), String> {
    fs::create_dir_all(to).map_err(|e| format!("{}: {e}", to.display()))?;
    for path in tree(from)? {
        let target = to.join(path.strip_prefix(from).map_err(|e| e.to_string())?);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(|e| e.to_string())?;
        }
        fs::copy(&path, &target).map_err(|e| format!("{}: {e}", target.display()))?;
    }
    Ok(())
}

/// A door before ffmpeg and ffprobe: programs of those names that write down what they are asked and then are them.
pub struct Door {
    dir: PathBuf,
    log: PathBuf,
}

impl Door {
    /// Makes the door in a folder.
    pub fn new(dir: &Path) -> Result<Self, String> {
        fs::create_dir_all(dir).map_err(|e| e.to_string())?;
        let log = dir.join("log");
        for program in ["ffmpeg", "ffprobe"] {
            let path = std::env::var_os("PATH").unwrap_or_default();
            let real = std::env::split_paths(&path).map(|d| d.join(program)).find(|p| p.is_file());
            let real = real.ok_or_else(|| format!("{program} is not installed"))?;
            // Arguments end with a zero byte, which none can hold; a file a process.
            let (log, real) = (log.display(), real.display());
            let script = format!("#!/bin/sh\nprintf '%s\\0' {program} \"$@\" > '{log}.'$$\nexec '{real}' \"$@\"\n");
            let file = dir.join(program);
            fs::write(&file, script).map_err(|e| e.to_string())?;
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).map_err(|e| e.to_string())?;
        }
        Ok(Self { dir: dir.to_owned(), log })
    }

    /// The PATH of a machine whose ffmpeg is of another version, made in a folder.
    pub fn other(dir: &Path) -> Result<std::ffi::OsString, String> {
        let door = Self::new(dir)?;
        for program in ["ffmpeg", "ffprobe"] {
            let file = dir.join(program);
            let script = fs::read_to_string(&file).map_err(|e| e.to_string())?;
            let real = script.lines().find_map(|l| l.strip_prefix("exec ")).unwrap_or_default();
            // Asked who it is, it says so where it says everything: what it encodes meanwhile passes by.
            let said = format!(
                "case \"$*\" in *'-loglevel info'*) {{ {real} 2>&1 >&3 3>&- | sed 's/^ffmpeg version /ffmpeg version 0.0-/' >&2; }} 3>&1; exit;; esac\n"
            );
            fs::write(&file, script.replace("\nexec ", &format!("\n{said}exec "))).map_err(|e| e.to_string())?;
        }
        Ok(door.path())
    }

    /// The PATH that leads through it.
    pub fn path(&self) -> std::ffi::OsString {
        let rest = std::env::var_os("PATH").unwrap_or_default();
        std::env::join_paths(std::iter::once(self.dir.clone()).chain(std::env::split_paths(&rest))).unwrap_or(rest)
    }

    /// What was asked so far, sorted: the order of processes is not ours.
    pub fn argvs(&self) -> Result<Vec<Vec<String>>, String> {
        let mut all = Vec::new();
        let prefix = format!("{}.", self.log.file_name().unwrap_or_default().to_string_lossy());
        for path in tree(&self.dir)? {
            if path.file_name().is_some_and(|n| n.to_string_lossy().starts_with(&prefix)) {
                let text = String::from_utf8_lossy(&fs::read(&path).map_err(|e| e.to_string())?).into_owned();
                all.push(text.split_terminator('\0').map(str::to_owned).collect());
            }
        }
        all.sort();
        if all.is_empty() { Err("nothing went through the door before ffmpeg".into()) } else { Ok(all) }
    }
}

/// Runs cases on as many threads as there are cores; results in the order of the cases.
pub fn in_parallel<T: Sync, R: Send>(cases: &[T], f: impl Fn(usize, &T) -> R + Sync) -> Vec<R> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let results: Vec<std::sync::Mutex<Option<R>>> = cases.iter().map(|_| std::sync::Mutex::new(None)).collect();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(cases.len());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let Some(case) = cases.get(at) else { break };
                    let result = f(at, case);
                    if let Ok(mut slot) = results[at].lock() {
                        *slot = Some(result);
                    }
                }
            });
        }
    });
    results.into_iter().filter_map(|r| r.into_inner().ok().flatten()).collect()
}
