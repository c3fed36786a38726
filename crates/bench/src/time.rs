//! What work costs: CPU seconds of a process tree from the kernel's accounting, wall seconds, resident memory.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// What something cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// CPU seconds, user and system, of everything that was started.
    pub cpu: f64,
    /// Wall seconds.
    pub wall: f64,
    /// The most memory the tree held at once, MiB; 0 where nothing was started.
    pub rss_mb: u64,
}

impl std::ops::AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.cpu += other.cpu;
        self.wall += other.wall;
        self.rss_mb = self.rss_mb.max(other.rss_mb);
    }
}

/// CPU seconds so far of this process and of its children that have ended (fields 14 to 17 of /proc/self/stat), in the
/// kernel's ticks of 10 ms.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    (11..15).filter_map(|i| fields.get(i)?.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Does something and says what it cost, in this process and in children that ended meanwhile.
pub fn cost<T>(work: impl FnOnce() -> Result<T, String>) -> Result<(T, Cost), String> {
    let (before, started) = (cpu(), Instant::now());
    let done = work()?;
    Ok((done, Cost { cpu: cpu() - before, wall: started.elapsed().as_secs_f64(), rss_mb: 0 }))
}

/// Runs a program to its end. What it printed is given; a failure is told with it.
pub fn run(command: &mut Command) -> Result<(String, Cost), String> {
    let mut rss = 0;
    let (output, mut spent) = cost(|| {
        let mut child = command
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .map_err(|e| format!("{command:?}: {e}"))?;
        rss = watch(&mut child)?;
        child.wait_with_output().map_err(|e| e.to_string())
    })?;
    spent.rss_mb = rss / 1024;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        Ok((text, spent))
    } else {
        Err(format!("{command:?} ended with {}: {text}{}", output.status, String::from_utf8_lossy(&output.stderr)))
    }
}

/// Waits for a child and looks at the memory of its tree; the most that was seen, KiB.
fn watch(child: &mut Child) -> Result<u64, String> {
    let mut peak = 0;
    while child.try_wait().map_err(|e| e.to_string())?.is_none() {
        peak = peak.max(tree_rss_kb(child.id()));
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(peak)
}

/// Resident memory of a process and all its descendants, KiB.
fn tree_rss_kb(root: u32) -> u64 {
    let (mut sum, mut family) = (0, vec![root]);
    while let Some(pid) = family.pop() {
        let folder = format!("/proc/{pid}");
        let statm = std::fs::read_to_string(format!("{folder}/statm")).unwrap_or_default();
        sum += statm.split_whitespace().nth(1).and_then(|p| p.parse::<u64>().ok()).unwrap_or(0) * 4;
        for task in std::fs::read_dir(format!("{folder}/task")).into_iter().flatten().flatten() {
            let children = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
            family.extend(children.split_whitespace().filter_map(|p| p.parse::<u32>().ok()));
        }
    }
    sum
}

/// The middle of some figures; of an even number the lower of the two.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN)
}
