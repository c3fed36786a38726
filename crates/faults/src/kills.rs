//! F01: kill -9 at every durable act and at random moments. The next run of the same command must finish with the uncut
//! run's bytes, must not do again what was finished, and must leave nothing behind.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::after::{Journal, clean, same};
use crate::hands;
use crate::rng::Rng;
use crate::run::Tally;
use crate::world::{Golden, Point, World, finish, in_parallel};

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
    let mut waits = Vec::new();
    for outcome in outcomes {
        if let Ok((cut_short, wait)) = &outcome {
            missed += usize::from(!cut_short);
            waits.extend(*wait);
        }
        tally.case(outcome.map(|_| ()));
    }
    let beside = hands::run(world, golden, &mut tally)?;
    waits.sort_unstable();
    tally.note = format!(
        "{} points found in {} stages, {points} killed at and {MOMENTS} random moments ({missed} of them after the end); {beside}; \
         restart to first dispatch {} ms in the middle, {} at most (goal 2000); uncut run {:.1} s",
        golden.points.len(),
        stages.len(),
        waits.get(waits.len() / 2).copied().unwrap_or_default(),
        waits.last().copied().unwrap_or_default(),
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

/// Cuts a run, lets the next one finish, and compares. Whether it was cut (a random moment may come after the end), and how long
/// the next one took to its first step.
fn case(world: &World, golden: &Golden, at: usize, cut: &Cut) -> Result<(bool, Option<i64>), String> {
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
    let asked = now();
    let ended = finish(produce())?;
    if !ended.status.success() {
        return Err(format!("the next run failed: {}", ended.said()));
    }
    same(golden, &home, &out)?;
    clean(&base)?;
    let after = Journal::read(&home)?.ok_or("the next run left no registry")?;
    after.sound()?;
    let run = ended.json["run_id"].as_str().unwrap_or_default();
    after.nothing_twice(before.as_ref(), run)?;
    after.once()?;
    // Room for the next ones.
    std::fs::remove_dir_all(&base).map_err(|e| e.to_string())?;
    Ok((cut_short, after.first_taken(run, asked)))
}

/// Milliseconds since the epoch.
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or_default()
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
