//! The corpora, replayed: every file of `tests/corpus/TARGET` through its target, in a child process a target, so that a
//! crash names the file that made it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use crate::targets::{Target, targets};

/// How much work one input may make, in milliseconds of this thread's processor time: other work on the machine is not
/// the input's fault.
pub const SLOWEST_MS: u64 = 1000;

/// The files of a target's corpus, by name.
pub fn files(root: &Path, target: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root.join("tests/corpus").join(target)).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|e| e.path()).filter(|p| p.is_file()).collect();
    files.sort();
    files
}

/// Finds a target by name.
pub fn find(name: &str) -> Option<Target> {
    targets().into_iter().find(|t| t.name == name)
}

/// What one input cost.
pub struct Cost {
    /// Milliseconds of processor time.
    pub ms: u64,
    /// Memory that was touched beyond what was there before, in megabytes.
    pub mb: u64,
}

/// Runs a target on an input and measures it. A panic is an error with its message.
pub fn measured(target: &Target, bytes: &[u8]) -> Result<Cost, String> {
    // The kernel forgets the highest mark of this process (proc(5), clear_refs).
    let marked = fs::write("/proc/self/clear_refs", "5").is_ok();
    let before = status_kb("VmRSS:");
    let started = worked_ms();
    let outcome = std::panic::catch_unwind(|| target.run(bytes));
    let ms = worked_ms().saturating_sub(started);
    let mb = if marked { status_kb("VmHWM:").saturating_sub(before) / 1024 } else { 0 };
    match outcome {
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
            Err(format!("panicked: {}", text.unwrap_or("no message")))
        }
        Ok(()) if !marked || started == 0 => Err("its cost cannot be measured: /proc says nothing of this process".into()),
        Ok(()) if ms > SLOWEST_MS => Err(format!("took {ms} ms; at most {SLOWEST_MS} are allowed")),
        Ok(()) if mb > target.memory_mb => Err(format!("took {mb} MB; at most {} are allowed", target.memory_mb)),
        Ok(()) => Ok(Cost { ms, mb }),
    }
}

/// What this thread has worked, in milliseconds; 0 when the kernel does not say.
fn worked_ms() -> u64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|ns| ns.parse::<u64>().ok()).map_or(0, |ns| ns / 1_000_000 + u64::from(ns > 0))
}

fn status_kb(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix(field));
    line.and_then(|l| l.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// Replays one target's corpus in this process; says what it begins, so that a parent knows what ended it.
pub fn replay_one(root: &Path, name: &str) -> ExitCode {
    let Some(target) = find(name) else {
        println!("fault no target `{name}`");
        return ExitCode::FAILURE;
    };
    let mut well = true;
    for file in files(root, name) {
        let shown = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        println!("begin {shown}");
        let outcome = fs::read(&file).map_err(|e| e.to_string()).and_then(|bytes| measured(&target, &bytes));
        match outcome {
            Ok(cost) => println!("end {} {}", cost.ms, cost.mb),
            Err(why) => {
                well = false;
                println!("fault {name}/{shown}: {why}");
            }
        }
    }
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Replays every corpus. Prints a line a target; an error names every input that did not pass.
pub fn replay(root: &Path) -> Result<(), String> {
    let started = Instant::now();
    let own = std::env::current_exe().map_err(|e| e.to_string())?;
    let mut faults = Vec::new();
    let mut total = 0;
    for target in targets() {
        let name = &target.name;
        let count = files(root, name).len();
        if count == 0 {
            faults.push(format!("{name} has no corpus: put at least one input into tests/corpus/{name}"));
            continue;
        }
        let output = Command::new(&own).args(["replay", name]).current_dir(root).stderr(Stdio::null()).output();
        let output = output.map_err(|e| e.to_string())?;
        let text = String::from_utf8_lossy(&output.stdout);
        let found: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("fault ")).collect();
        let costs: Vec<(u64, u64)> = text
            .lines()
            .filter_map(|l| l.strip_prefix("end ")?.split_once(' '))
            .filter_map(|(ms, mb)| Some((ms.parse().ok()?, mb.parse().ok()?)))
            .collect();
        faults.extend(found.iter().map(|f| (*f).to_owned()));
        if !output.status.success() && found.is_empty() {
            let last = text.lines().rev().find_map(|l| l.strip_prefix("begin ")).unwrap_or("(none)");
            faults.push(format!("{name}/{last}: the process ended with {}", output.status));
        } else if costs.len() + found.len() != count {
            faults.push(format!("{name}: {} of {count} inputs were replayed", costs.len()));
        }
        total += costs.len();
        let (ms, mb) = (costs.iter().map(|c| c.0).max().unwrap_or(0), costs.iter().map(|c| c.1).max().unwrap_or(0));
        println!("  {name:<26} {count:>4} inputs, slowest {ms:>4} ms, largest {mb:>3} MB of {}", target.memory_mb);
    }
    println!("corpus: {total} inputs replayed in {} ms", started.elapsed().as_millis());
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}
