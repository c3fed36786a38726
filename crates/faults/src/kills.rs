//! F01: kill -9 at every durable act and at random moments. The next run of the same command must finish with the uncut
//! run's bytes, must not do again what was finished, and must leave nothing behind.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Row, SqliteConnection};

use crate::rng::Rng;
use crate::run::Tally;
use crate::world::{Golden, Point, World, files_of, finish, in_parallel, objects_of, tree};

/// Random moments, whatever the sample.
const MOMENTS: usize = 10;
/// Points that even the shortest run passes: one that finds everything in memory.
const CLEARING: usize = 20;
const SIGKILL: i32 = 9;

/// How a run is cut.
#[derive(Clone, Debug)]
enum Cut {
    /// At a point; then, when a number is given, the next run at the point it passes as the n-th, whichever that is: which
    /// points a run passes that clears up depends on where the first was cut.
    At(Point, Option<u64>),
    /// From outside, after this part of the uncut run's time, in 1/1000; with its children or without.
    After(u64, bool),
}

pub fn run(world: &World) -> Result<Tally, String> {
    let golden = world.golden()?;
    let stages: BTreeSet<&str> = golden.points.iter().map(|p| p.stage.as_str()).collect();
    let mut rng = Rng::new(world.plan.seed, "kills");
    if let Some(at) = &world.plan.at {
        let known = golden.points.iter().find(|p| format!("{}@{}", p.name, p.nth) == *at);
        let point = known.ok_or_else(|| format!("the uncut run passes no point `{at}`"))?;
        let mut tally = Tally::default();
        tally.case(case(world, golden, 0, &Cut::At(point.clone(), None)).map(|_| ()));
        return Ok(tally);
    }
    let mut chosen = chosen(&golden.points, world.plan.sample, &mut rng);
    chosen.extend(
        regressions(world)?.into_iter().filter_map(|(name, nth)| golden.points.iter().find(|p| p.name == name && p.nth == nth).cloned()),
    );
    let covered: BTreeSet<&str> = chosen.iter().map(|p| p.stage.as_str()).collect();
    let missed: Vec<&&str> = stages.difference(&covered).collect();
    if !missed.is_empty() {
        return Err(format!("no kill point in {missed:?}"));
    }
    let mut cuts: Vec<Cut> = chosen
        .into_iter()
        .enumerate()
        // Every tenth run is cut a second time, while it clears up after the first.
        .map(|(i, point)| Cut::At(point, (i % 10 == 9).then(|| 1 + rng.below(CLEARING) as u64)))
        .collect();
    let points = cuts.len();
    cuts.extend((0..MOMENTS).map(|i| Cut::After(rng.below(1000) as u64, i % 2 == 1)));
    let outcomes = in_parallel(&cuts, |at, cut| case(world, golden, at, cut).map_err(|why| format!("{}: {why}", told(cut))));
    let mut tally = Tally::default();
    let mut missed = 0;
    for outcome in outcomes {
        if let Ok(false) = outcome {
            missed += 1;
        }
        tally.case(outcome.map(|_| ()));
    }
    tally.note = format!(
        "{} points found in {} stages, {points} killed at and {MOMENTS} random moments ({missed} of them after the end); uncut run {:.1} s",
        golden.points.len(),
        stages.len(),
        golden.took.as_secs_f64()
    );
    Ok(tally)
}

/// Points that once failed are tried for ever: `name@n` a line of `tests/regressions/kills`.
fn regressions(world: &World) -> Result<Vec<(String, u64)>, String> {
    let file = world.plan.root.join("tests/regressions/kills");
    let text = std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    let lines = text.lines().map(|l| l.split('#').next().unwrap_or_default().trim()).filter(|l| !l.is_empty());
    let point = |l: &str| l.split_once('@').and_then(|(name, nth)| Some((name.to_owned(), nth.parse().ok()?)));
    lines.map(|l| point(l).ok_or_else(|| format!("{}: `{l}` is no point", file.display()))).collect()
}

fn told(cut: &Cut) -> String {
    match cut {
        Cut::At(point, None) => format!("{}@{} ({})", point.name, point.nth, point.stage),
        Cut::At(point, Some(second)) => format!("{}@{} ({}), then the next run's point {second}", point.name, point.nth, point.stage),
        Cut::After(part, children) => format!("at {part}/1000 of the time{}", if *children { ", children too" } else { "" }),
    }
}

/// One point in every stage, then points of every name in turn, until the sample is full; all when it is 0.
fn chosen(points: &[Point], sample: usize, rng: &mut Rng) -> Vec<Point> {
    if sample == 0 {
        return points.to_vec();
    }
    let mut by_stage: BTreeMap<&str, Vec<&Point>> = BTreeMap::new();
    let mut by_name: BTreeMap<&str, Vec<&Point>> = BTreeMap::new();
    for point in points {
        by_stage.entry(&point.stage).or_default().push(point);
        by_name.entry(&point.name).or_default().push(point);
    }
    let mut chosen: Vec<Point> = by_stage.values().filter_map(|p| rng.pick(p).copied().cloned()).collect();
    let mut names: Vec<&str> = by_name.keys().copied().collect();
    rng.shuffle(&mut names);
    for name in names.iter().cycle().take(points.len() * 2) {
        if chosen.len() >= sample.min(points.len()) {
            break;
        }
        let fresh: Vec<&Point> = by_name[name].iter().copied().filter(|p| !chosen.contains(p)).collect();
        chosen.extend(rng.pick(&fresh).copied().cloned());
    }
    chosen
}

/// Cuts a run, lets the next one finish, and compares. `false` when a random moment came after the end.
fn case(world: &World, golden: &Golden, at: usize, cut: &Cut) -> Result<bool, String> {
    let base = world.folder(&format!("cut-{at}"))?;
    let (home, out) = (base.join("home"), base.join("out"));
    let produce = || world.produce(&world.project(), &home, &out);
    let armed = |name: &str, nth: u64| {
        let mut command = produce();
        command.args(["--jobs", "1"]).env("REELWRIGHT_FAILPOINT", format!("{name}=kill@{nth}"));
        let ended = finish(command)?;
        match ended.status.signal() {
            Some(SIGKILL) => Ok(()),
            _ => Err(format!("{name}@{nth} was not reached: {}", ended.said())),
        }
    };
    let cut_short = match cut {
        Cut::At(first, second) => {
            armed(&first.name, first.nth)?;
            second.map_or(Ok(()), |nth| armed("*", nth))?;
            true
        }
        Cut::After(part, children) => kill_after(produce(), golden.took * u32::try_from(*part).unwrap_or(0) / 1000, *children)?,
    };
    let before = Journal::read(&home)?;
    let ended = finish(produce())?;
    if !ended.status.success() {
        return Err(format!("the next run failed: {}", ended.said()));
    }
    same(golden, &home, &out)?;
    clean(&base)?;
    let after = Journal::read(&home)?.ok_or("the next run left no registry")?;
    after.sound()?;
    after.nothing_twice(before.as_ref(), ended.json["run_id"].as_str().unwrap_or_default())?;
    // Room for the next ones.
    std::fs::remove_dir_all(&base).map_err(|e| e.to_string())?;
    Ok(cut_short)
}

/// Starts a run and kills it from outside. Whether it still ran.
fn kill_after(mut command: Command, delay: Duration, children: bool) -> Result<bool, String> {
    command.process_group(0).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|e| e.to_string())?;
    std::thread::sleep(delay);
    // What the run started leads groups of its own; only those are looked for, by their parent.
    let others = if children { children_of(child.id()) } else { Vec::new() };
    child.kill().map_err(|e| e.to_string())?;
    for pid in others {
        let _ = Command::new("kill").args(["-9", &pid.to_string()]).stderr(Stdio::null()).status();
    }
    let status = child.wait().map_err(|e| e.to_string())?;
    Ok(status.signal() == Some(SIGKILL))
}

fn children_of(parent: u32) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|e| e.file_name().to_str()?.parse::<u32>().ok());
    let is_child = |pid: &u32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(1)).is_some_and(|p| p == parent.to_string())
    };
    pids.filter(is_child).collect()
}

/// The folder and the store are those of the uncut run.
fn same(golden: &Golden, home: &Path, out: &Path) -> Result<(), String> {
    let files = files_of(out)?;
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    if names(&files) != names(&golden.files) {
        return Err(format!("the run folder holds {:?}, the uncut one {:?}", names(&files), names(&golden.files)));
    }
    if let Some((name, _)) = files.iter().find(|(name, bytes)| golden.files[*name] != **bytes) {
        return Err(format!("{name} is not the uncut run's"));
    }
    let objects = objects_of(home)?;
    // Records of runs hold times; everything else in the store is the same.
    let is_record = |hash: &&String| record_in(home, hash) || record_in(&golden.home, hash);
    if let Some(lost) = golden.objects.difference(&objects).find(|h| !is_record(h)) {
        return Err(format!("{lost} is not in the store"));
    }
    if let Some(other) = objects.difference(&golden.objects).find(|h| !is_record(h)) {
        return Err(format!("{other} is in the store and not in the uncut run's"));
    }
    Ok(())
}

fn record_in(home: &Path, hash: &str) -> bool {
    let path = home.join("objects").join(&hash[..2]).join(&hash[2..]);
    std::fs::read(path).is_ok_and(|b| serde_json::from_slice::<serde_json::Value>(&b).is_ok_and(|v| v["schema_id"] == "run_summary"))
}

/// No file under a temporary name, no folder of a dead process, nothing set aside.
fn clean(base: &Path) -> Result<(), String> {
    let stray = |path: &&PathBuf| {
        let inside = path.strip_prefix(base).unwrap_or(path);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let in_tmp = inside.starts_with("home/tmp") && inside != Path::new("home/tmp/lock");
        in_tmp || name.ends_with(kit::files::TEMP_SUFFIX) || name.starts_with('.') || inside.starts_with("home/quarantine")
    };
    match tree(base)?.iter().find(stray) {
        Some(path) => Err(format!("{} was left behind", path.strip_prefix(base).unwrap_or(path).display())),
        None => match std::fs::read_dir(base.join("home/tmp")).into_iter().flatten().flatten().find(|e| e.path().is_dir()) {
            Some(folder) => Err(format!("{} was left behind", folder.path().display())),
            None => Ok(()),
        },
    }
}

/// What the registry's tables say, read from outside.
struct Journal {
    integrity: String,
    /// Steps that someone holds, and runs that have not ended.
    held: i64,
    /// Steps: run, name, memo key, state, whether the memo answered.
    steps: Vec<(String, String, String, String, bool)>,
    /// Keys the memo knows.
    memo: BTreeSet<String>,
}

impl Journal {
    /// Reads a home; `None` when it holds no registry yet.
    fn read(home: &Path) -> Result<Option<Self>, String> {
        let path = home.join("registry.sqlite");
        if !path.is_file() {
            return Ok(None);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(|e| e.to_string())?;
        runtime.block_on(async {
            // Not read-only: what a kill left in the log is only seen by a reader that may recover it.
            let mut conn =
                SqliteConnectOptions::new().filename(&path).connect().await.map_err(|e| format!("the registry cannot be opened: {e}"))?;
            Self::tables(&mut conn).await.map_err(|e| format!("the registry cannot be read: {e}"))
        })
    }

    async fn tables(conn: &mut SqliteConnection) -> Result<Option<Self>, sqlx::Error> {
        let integrity: String = sqlx::query("PRAGMA integrity_check").fetch_one(&mut *conn).await?.try_get(0)?;
        let made: i64 = sqlx::query("SELECT count(*) FROM sqlite_schema WHERE name = 'steps'").fetch_one(&mut *conn).await?.try_get(0)?;
        if made == 0 {
            return Ok((integrity != "ok").then(|| Self { integrity, held: 0, steps: Vec::new(), memo: BTreeSet::new() }));
        }
        let sql = "SELECT (SELECT count(*) FROM steps WHERE state = 'running') + (SELECT count(*) FROM runs WHERE ended IS NULL)";
        let held = sqlx::query(sql).fetch_one(&mut *conn).await?.try_get(0)?;
        let rows = sqlx::query("SELECT run, name, memo_key, state, hit FROM steps").fetch_all(&mut *conn).await?;
        let step =
            |r: sqlx::sqlite::SqliteRow| Ok((r.try_get(0)?, r.try_get(1)?, r.try_get(2)?, r.try_get(3)?, r.try_get::<i64, _>(4)? != 0));
        let steps = rows.into_iter().map(step).collect::<Result<_, sqlx::Error>>()?;
        let rows = sqlx::query("SELECT key FROM memo").fetch_all(conn).await?;
        let memo = rows.into_iter().map(|r| r.try_get(0)).collect::<Result<_, sqlx::Error>>()?;
        Ok(Some(Self { integrity, held, steps, memo }))
    }

    /// The database is whole, and nobody holds anything.
    fn sound(&self) -> Result<(), String> {
        if self.integrity != "ok" {
            return Err(format!("integrity_check: {}", self.integrity));
        }
        if self.held > 0 { Err(format!("{} leases are held by nobody", self.held)) } else { Ok(()) }
    }

    /// Every step the last run executed was unknown to the memo before, and none is left unfinished in it.
    fn nothing_twice(&self, before: Option<&Self>, run: &str) -> Result<(), String> {
        let steps: Vec<_> = self.steps.iter().filter(|s| s.0 == run).collect();
        if steps.is_empty() {
            return Err(format!("the run `{run}` has no steps"));
        }
        for (_, name, key, state, hit) in &steps {
            if state != "done" {
                return Err(format!("step {name} is `{state}`"));
            }
            let Some(before) = before else { continue };
            let finished = before.memo.contains(key) || before.steps.iter().any(|s| s.2 == *key && s.3 == "done");
            if finished && !hit {
                return Err(format!("step {name} was finished before the kill, and ran again"));
            }
        }
        Ok(())
    }
}
