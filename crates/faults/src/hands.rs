//! Workers beside a run, as processes of their own: killed, stopped, of another build; and runs that meet.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::after::{Journal, clean, same, writable};
use crate::rng::Rng;
use crate::run::Tally;
use crate::world::{Door, Ended, Golden, World, finish, in_parallel, points};

/// A lease short enough to be waited for.
pub const LEASE_MS: u64 = 600;
/// How long anything may take to come about.
const PATIENCE: Duration = Duration::from_secs(60);

/// A home and a run folder of one case.
pub struct Place {
    pub base: PathBuf,
    pub home: PathBuf,
    pub out: PathBuf,
}

impl Place {
    pub fn new(world: &World, name: &str) -> Result<Self, String> {
        let base = world.folder(name)?;
        Ok(Self { home: base.join("home"), out: base.join("out"), base })
    }

    /// `reel produce` of the fixture, one step at a time, with a short lease.
    pub fn produce(&self, world: &World) -> Command {
        let mut command = world.produce(&world.project(), &self.home, &self.out);
        command.args(["--jobs", "1"]).env("REELWRIGHT_LEASE_MS", LEASE_MS.to_string());
        command
    }

    /// What must hold when everybody has gone.
    pub fn holds(&self, golden: &Golden) -> Result<Journal, String> {
        same(golden, &self.home, &self.out)?;
        clean(&self.base)?;
        let journal = Journal::read(&self.home)?.ok_or("there is no registry")?;
        journal.sound()?;
        journal.once()?;
        Ok(journal)
    }

    pub fn remove(&self) -> Result<(), String> {
        std::fs::remove_dir_all(&self.base).map_err(|e| e.to_string())
    }
}

/// A `reel worker`.
pub struct Hand {
    child: Option<Child>,
    pid: u32,
    folder: PathBuf,
}

impl Hand {
    /// Starts one and waits until it takes work. `failpoint` and `path` are its environment's.
    pub fn start(world: &World, place: &Place, name: &str, failpoint: &str, path: Option<OsString>) -> Result<Self, String> {
        let folder = world.folder(&format!("{}-{name}", place.base.file_name().unwrap_or_default().to_string_lossy()))?;
        let file = |name: &str| std::fs::File::create(folder.join(name)).map_err(|e| e.to_string());
        let mut command = world.reel(&place.home);
        command.args(["worker", "--jobs", "1", "--json"]).env("REELWRIGHT_LEASE_MS", LEASE_MS.to_string());
        if !failpoint.is_empty() {
            command.env("REELWRIGHT_FAILPOINT", failpoint);
        }
        command.envs(path.map(|p| ("PATH", p)));
        command.stdout(Stdio::from(file("out")?)).stderr(Stdio::from(file("err")?));
        let child = command.spawn().map_err(|e| e.to_string())?;
        let hand = Self { pid: child.id(), child: Some(child), folder };
        // A point on its way may stop or kill it before.
        let here = || {
            hand.state().is_none_or(|s| s == 'T' || s == 'Z') || matches!(Journal::read(&place.home), Ok(Some(j)) if !j.workers.is_empty())
        };
        if wait_for(here) { Ok(hand) } else { Err("the worker did not come".into()) }
    }

    /// The kernel's letter for its state (proc(5)).
    fn state(&self) -> Option<char> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid)).ok()?;
        stat.rsplit(") ").next()?.chars().next()
    }

    /// Whether it stands still.
    pub fn stopped(&self) -> bool {
        self.state() == Some('T')
    }

    /// Once it stands still, sees to it that it does so outside of a commit ([`outside_of_a_commit`]).
    pub fn settle(&self, home: &Path) -> Result<(), String> {
        outside_of_a_commit(self.pid, home)
    }

    /// Whether it was killed.
    pub fn dead(&self) -> bool {
        self.state().is_none_or(|s| s == 'Z')
    }

    /// Lets it go on.
    pub fn go_on(&self) -> Result<(), String> {
        signal("CONT", self.pid)
    }

    /// Asks it to stop and waits: what it said at its end.
    pub fn end(mut self) -> Result<serde_json::Value, String> {
        if !self.dead() {
            signal("TERM", self.pid)?;
        }
        let Some(mut child) = self.child.take() else { return Err("the worker is gone".into()) };
        let gone = wait_for(|| matches!(child.try_wait(), Ok(Some(_))));
        if !gone {
            let _ = child.kill();
            let _ = child.wait();
            return Err("the worker did not end when it was asked to".into());
        }
        let said = std::fs::read_to_string(self.folder.join("out")).unwrap_or_default();
        Ok(said.lines().last().and_then(|l| serde_json::from_str(l).ok()).unwrap_or_default())
    }

    fn finish(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        self.finish();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Sends a signal to a process of ours.
pub fn signal(name: &str, pid: u32) -> Result<(), String> {
    let sent = Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]).stderr(Stdio::null()).status().map_err(|e| e.to_string())?;
    if sent.success() { Ok(()) } else { Err(format!("SIG{name} could not be sent")) }
}

/// Whoever is stopped in the middle of a commit keeps the database's lock, and everybody waits for it; that is a case of its
/// own (`registry.locked`). Lets a process that stands still go on until it stands elsewhere.
pub fn outside_of_a_commit(pid: u32, home: &Path) -> Result<(), String> {
    for _ in 0..100 {
        if writable(home) {
            return Ok(());
        }
        signal("CONT", pid)?;
        std::thread::sleep(Duration::from_millis(3));
        signal("STOP", pid)?;
    }
    Err("it stands in the middle of a commit, wherever it is stopped".into())
}

/// Looks until something is so. Whether it came to be.
pub fn wait_for(mut so: impl FnMut() -> bool) -> bool {
    let started = Instant::now();
    loop {
        if so() {
            return true;
        }
        if started.elapsed() > PATIENCE {
            return false;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A run to its end, on a thread of its own.
pub fn beside(command: Command) -> std::thread::JoinHandle<Result<Ended, String>> {
    std::thread::spawn(move || finish(command))
}

/// The answer of such a thread.
pub fn ended(thread: std::thread::JoinHandle<Result<Ended, String>>) -> Result<Ended, String> {
    thread.join().map_err(|_| "the harness panicked".to_owned())?
}

/// One case.
enum Case {
    /// The worker is killed at a point of its own; the run goes on without it.
    Worker(String),
    /// The run is killed at a point while the worker holds a step, and started again; the worker then goes on.
    Run(String),
    /// A worker whose encoder is another one.
    OtherTools,
    /// Two runs into one folder.
    OneFolder,
    /// Two runs of one home at a time.
    OneHome,
}

/// The part of F01 that needs more than one process: nothing is lost and nothing is done twice, whoever dies.
pub fn run(world: &World, golden: &Golden, tally: &mut Tally) -> Result<String, String> {
    let mut rng = Rng::new(world.plan.seed, "hands");
    let mut cases = vec![Case::OtherTools, Case::OneFolder, Case::OneHome];
    if world.plan.long {
        let found = worker_points(world, golden)?;
        let mut names: Vec<&String> = found.iter().collect();
        rng.shuffle(&mut names);
        cases.extend(names.into_iter().take(24).map(|point| Case::Worker(point.clone())));
        let held = golden.points.iter().filter(|p| p.stage == "assets" || p.stage == "shots").collect::<Vec<_>>();
        for _ in 0..16 {
            cases.extend(rng.pick(&held).map(|p| Case::Run(format!("{}@{}", p.name, p.nth))));
        }
    } else {
        cases.push(Case::Worker("orchestrator.after_step@1".into()));
        cases.push(Case::Run("orchestrator.after_step assets/@1".into()));
    }
    let outcomes = in_parallel(&cases, |at, case| one(world, golden, at, case));
    let (mut killed, mut missed) = (0, 0);
    for (case, outcome) in cases.iter().zip(outcomes) {
        match (case, &outcome) {
            (Case::Worker(_) | Case::Run(_), Ok(true)) => killed += 1,
            (Case::Worker(_) | Case::Run(_), Ok(false)) => missed += 1,
            _ => {}
        }
        // What was not reached proves nothing.
        if outcome != Ok(false) {
            tally.case(outcome.map(|_| ()).map_err(|why| format!("{}: {why}", told(case))));
        }
    }
    tally.hold(killed > missed, || format!("of {} points beside a worker only {killed} were reached", killed + missed));
    if missed > 0 {
        tally.skipped.push((missed, "the worker had done less in this run than in the one that was recorded".into()));
    }
    Ok(format!("{killed} killed beside a worker"))
}

fn told(case: &Case) -> String {
    match case {
        Case::Worker(point) => format!("worker killed at {point}"),
        Case::Run(point) => format!("run killed at {point} while a worker held a step"),
        Case::OtherTools => "a worker with another encoder".into(),
        Case::OneFolder => "two runs into one folder".into(),
        Case::OneHome => "two runs of one home".into(),
    }
}

/// The points a worker passes, `name@n`.
fn worker_points(world: &World, golden: &Golden) -> Result<Vec<String>, String> {
    let place = Place::new(world, "hand-uncut")?;
    let record = world.folder("hand-record")?.join("points");
    let hand = Hand::start(world, &place, "hand", &format!("record:{}", record.display()), None)?;
    let ended = finish(place.produce(world))?;
    hand.end()?;
    if !ended.status.success() {
        return Err(format!("the uncut run with a worker failed: {}", ended.said()));
    }
    place.holds(golden)?;
    place.remove()?;
    let found = points(&std::fs::read_to_string(&record).map_err(|e| e.to_string())?)?;
    // What comes after its first step is work; before it the worker only starts.
    let from = found.iter().position(|p| p.name == "orchestrator.before_step").ok_or("the worker took nothing")?;
    Ok(found[from..].iter().map(|p| format!("{}@{}", p.name, p.nth)).collect())
}

/// `false` when the point was not reached.
fn one(world: &World, golden: &Golden, at: usize, case: &Case) -> Result<bool, String> {
    let place = Place::new(world, &format!("hand-{at}"))?;
    let good = |ended: Ended| if ended.status.success() { Ok(ended) } else { Err(format!("the run failed: {}", ended.said())) };
    let kill = |point: &str| point.split_once('@').map_or_else(String::new, |(name, n)| format!("{name}=kill@{n}"));
    let reached = match case {
        Case::Worker(point) => {
            let hand = Hand::start(world, &place, "hand", &kill(point), None)?;
            good(finish(place.produce(world))?)?;
            let dead = hand.dead();
            hand.end()?;
            // What it left in its folder is swept by the next who comes.
            good(finish(place.produce(world))?)?;
            place.holds(golden)?;
            dead
        }
        Case::Run(point) => {
            let hand = Hand::start(world, &place, "hand", "orchestrator.after_step=stop", None)?;
            let mut command = place.produce(world);
            // A long lease: the run waits for the worker, and is killed meanwhile.
            command.env("REELWRIGHT_FAILPOINT", kill(point)).env("REELWRIGHT_LEASE_MS", "6000");
            let cut = beside(command);
            if wait_for(|| hand.stopped() || cut.is_finished()) && hand.stopped() {
                hand.settle(&place.home)?;
            }
            let cut = ended(cut)?;
            let (reached, before) = (cut.status.code().is_none(), Journal::read(&place.home)?);
            let again = beside(place.produce(world));
            std::thread::sleep(Duration::from_millis(300));
            // It may come to its point only now, and in the middle of a commit: whenever it stands, it is let go on.
            while !again.is_finished() {
                if hand.stopped() {
                    hand.go_on()?;
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            let again = good(ended(again)?)?;
            hand.end()?;
            let after = place.holds(golden)?;
            after.nothing_twice(before.as_ref(), again.json["run_id"].as_str().unwrap_or_default())?;
            reached
        }
        Case::OtherTools => {
            let path = Door::other(&place.base.with_file_name(format!("door-{at}")))?;
            let hand = Hand::start(world, &place, "hand", "", Some(path))?;
            good(finish(place.produce(world))?)?;
            let said = hand.end()?;
            let journal = place.holds(golden)?;
            // It paints, for that needs no encoder, and gives shots back.
            if said["refused"].as_u64() != Some(1) || journal.refused != 1 {
                return Err(format!("it was to give one step back: {said}"));
            }
            true
        }
        Case::OneFolder => {
            let (one, other) = (beside(place.produce(world)), beside(place.produce(world)));
            let both = [ended(one)?, ended(other)?];
            let won = both.iter().filter(|e| e.status.success()).count();
            let named = both.iter().filter(|e| e.refused()).count();
            if won + named != 2 || won == 0 {
                return Err(format!("{}; {}", both[0].said(), both[1].said()));
            }
            place.holds(golden)?;
            true
        }
        Case::OneHome => {
            let mut command = world.produce(&world.project(), &place.home, &place.base.join("other"));
            command.args(["--jobs", "1"]);
            let (one, other) = (beside(place.produce(world)), beside(command));
            good(ended(one)?)?;
            good(ended(other)?)?;
            place.holds(golden)?;
            same(golden, &place.home, &place.base.join("other"))?;
            true
        }
    };
    place.remove()?;
    Ok(reached)
}

/// A path as it is shown to a shell.
pub fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
}
