//! F03: a disk that fills up. Home and run folder stand on a file system of a size of its own; the run is refused by name,
//! nothing wrong is stored, and once there is room the same command ends with the uncut run's film.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::after::{Journal, clean, same};
use crate::hands::quoted;
use crate::run::Tally;
use crate::world::{Golden, World, finish, in_parallel, objects_of, tree};

pub fn run(world: &World) -> Result<Tally, String> {
    let golden = world.golden()?;
    let mut tally = Tally::default();
    // In hundredths of what the uncut run left behind; above all of it there is room for what is unfinished, too.
    let percents: Vec<u64> = if world.plan.long { (1..=130).collect() } else { vec![3, 25, 70] };
    if let Err(why) = may_mount(&world.folder("full-try")?) {
        tally.skipped.push((percents.len(), format!("this machine lets nobody mount a small file system: {why}")));
        return Ok(tally);
    }
    let bytes: u64 =
        tree(&golden.home)?.iter().chain(&tree(&golden.home.with_file_name("out"))?).map(|f| fs::metadata(f).map_or(0, |m| m.len())).sum();
    let outcomes = in_parallel(&percents, |_, percent| case(world, golden, *percent, bytes * percent / 100));
    let (mut stopped, mut least) = (0, u64::MAX);
    for (percent, outcome) in percents.iter().zip(outcomes) {
        if let Ok(full) = outcome {
            stopped += usize::from(full);
            least = if full { least } else { least.min(*percent) };
        }
        tally.case(outcome.map(|_| ()).map_err(|why| format!("{percent} % of {bytes} bytes: {why}")));
    }
    tally.hold(stopped > 0, || "no size was too small: nothing was tried".into());
    let enough = if least == u64::MAX { "none was enough".into() } else { format!("{least} % is enough") };
    tally.note = format!(
        "{} sizes up to {} MB, {stopped} too small and said so, {enough}",
        percents.len(),
        bytes * percents.last().unwrap_or(&0) / 100_000_000
    );
    Ok(tally)
}

/// A shell in a world of mounts of its own.
fn apart(script: &str) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--mount", "--map-root-user", "sh", "-c", script]).stdin(Stdio::null());
    command
}

fn may_mount(dir: &Path) -> Result<(), String> {
    let tried = apart(&format!("mount -t tmpfs -o size=64k none {}", quoted(dir))).output().map_err(|e| format!("unshare: {e}"))?;
    if tried.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&tried.stderr).trim().to_owned()) }
}

/// Runs on a disk of this size, makes room, runs again. Whether the disk was too small.
fn case(world: &World, golden: &Golden, percent: u64, bytes: u64) -> Result<bool, String> {
    let base = world.folder(&format!("full-{percent}"))?;
    let (disk, log, kept) =
        (world.folder(&format!("full-{percent}/disk"))?, world.folder(&format!("full-{percent}/log"))?, base.join("kept"));
    let produce = world.produce(&world.project(), &disk.join("home"), &disk.join("out"));
    let words: Vec<String> = std::iter::once(produce.get_program()).chain(produce.get_args()).map(|w| quoted(Path::new(w))).collect();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let (home, words) = (quoted(&disk.join("home")), words.join(" "));
    let command = format!("env -i REELWRIGHT_HOME={home} HOME={home} PATH={} {words}", quoted(Path::new(&path)));
    let (disk, log, quoted_kept) = (quoted(&disk), quoted(&log), quoted(&kept));
    let script = format!(
        "mount -t tmpfs -o size={}k none {disk} || exit 97
        {command} > {log}/first.out 2> {log}/first.err; echo $? > {log}/first.code
        mkdir -p {quoted_kept}; cp -a {disk} {quoted_kept}/first || exit 98
        mount -o remount,size=1g {disk} || exit 97
        {command} > {log}/second.out 2> {log}/second.err; echo $? > {log}/second.code
        cp -a {disk} {quoted_kept}/second || exit 98",
        bytes / 1024 + 1
    );
    let mut shell = apart(&script);
    shell.stdout(Stdio::piped()).stderr(Stdio::piped());
    let ended = finish(shell)?;
    if !ended.status.success() {
        return Err(format!("the small disk: {} {}", ended.status, ended.stderr.trim()));
    }
    let read = |name: &str| fs::read_to_string(base.join("log").join(name)).unwrap_or_default();
    let json = |name: &str| read(name).lines().last().and_then(|l| serde_json::from_str::<serde_json::Value>(l).ok()).unwrap_or_default();
    let (first, code) = (json("first.out"), read("first.code").trim().to_owned());
    let full = code != "0";
    if full && first["error"]["code"] != "disk.full" {
        return Err(format!("exit code {code}, and not that the disk is full: {} {}", first["error"], read("first.err")));
    }
    // What was stored before there was no room is what it says it is.
    let home = kept.join("first/home");
    objects_of(&home)?;
    if let Some(journal) = Journal::read(&home)? {
        journal.whole()?;
    }
    if read("second.code").trim() != "0" {
        return Err(format!("with room again: {} {}", json("second.out")["error"], read("second.err")));
    }
    let (home, out) = (kept.join("second/home"), kept.join("second/out"));
    same(golden, &home, &out)?;
    clean(&kept.join("second"))?;
    let journal = Journal::read(&home)?.ok_or("there is no registry")?;
    journal.sound()?;
    journal.once()?;
    fs::remove_dir_all(&base).map_err(|e| e.to_string())?;
    Ok(full)
}
