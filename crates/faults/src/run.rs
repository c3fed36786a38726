//! The faults of `docs/faults.md`, one after the other, and what came of each.

use std::path::PathBuf;
use std::time::Instant;

use crate::world::World;
use crate::{bombs, clocks, elsewhere, full, hostile, injection, kills, lies, paths, races, replay, rot, skew, zombies};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The repository.
    pub root: PathBuf,
    /// The built binary.
    pub reel: PathBuf,
    /// A folder for homes and hostile files; emptied first.
    pub work: PathBuf,
    /// Decides every choice.
    pub seed: u64,
    /// Kill points that are tried; 0 for all.
    pub sample: usize,
    /// Everything, and not only what can be tried on every change.
    pub long: bool,
    /// One kill point only, `files.named@7`.
    pub at: Option<String>,
    /// These faults only, `F01` or `F05,F17`.
    pub only: Option<String>,
}

/// Kill points of the whole lane.
pub const POINTS: usize = 220;
/// Kill points of the sample.
pub const SAMPLED: usize = 40;

impl Default for Plan {
    fn default() -> Self {
        let empty = PathBuf::new;
        Self { root: empty(), reel: empty(), work: empty(), seed: 1, sample: POINTS, long: true, at: None, only: None }
    }
}

/// What came of one fault.
#[derive(Debug, Default)]
pub struct Tally {
    /// Cases that ran and held.
    pub passed: usize,
    /// Cases that ran and did not hold: each in a sentence.
    pub failed: Vec<String>,
    /// Cases that could not be tried yet: how many, and what they need.
    pub skipped: Vec<(usize, String)>,
    /// Figures worth showing.
    pub note: String,
}

impl Tally {
    /// Counts a case.
    pub fn case(&mut self, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => self.passed += 1,
            Err(why) => self.failed.push(why),
        }
    }

    /// Counts a case by a condition.
    pub fn hold(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        self.case(if holds { Ok(()) } else { Err(otherwise()) });
    }
}

type Fault = (&'static str, &'static str, fn(&World) -> Result<Tally, String>);

/// Every fault this harness can try.
const FAULTS: &[Fault] = &[
    ("F01", "kill -9 at every durable act", kills::run),
    ("F03", "disk full", full::run),
    ("F04", "corrupted bytes at rest", rot::run),
    ("F05", "truncated and lying media", lies::run),
    ("F10", "duplicates and replay", replay::run),
    ("F11", "zombie workers", zombies::run),
    ("F12", "clock skew and jumps", clocks::run),
    ("F14", "path and name abuse", paths::run),
    ("F16", "bombs", bombs::run),
    ("F17", "media that points elsewhere", elsewhere::run),
    ("F18", "text that becomes syntax", hostile::run),
    ("F24", "canon races", races::run),
    ("F19", "text that becomes an instruction", injection::run),
    ("F25", "malformed documents and version skew", skew::run),
];

/// Faults that are tried elsewhere, or need what does not exist yet. Never counted as passed.
const OTHERS: &[(&str, &str)] = &[
    ("F02", "not yet: needs a provider that is paid"),
    ("F06", "not yet: needs a provider and the network"),
    ("F07", "not yet: needs the broker's breaker; what a choice does with it is tested in `routing`"),
    ("F08", "not yet: needs fallback chains"),
    ("F09", "not yet: needs the ledger"),
    ("F13", "not yet: needs sites"),
    ("F15", "not yet: needs the network"),
    ("F20", "not yet: needs a provider's secrets; what writers of logs take out is tested in `kit` and `reel`"),
    ("F21", "not yet: needs commands over the network"),
    ("F22", "not yet: nobody has a role before there are tenants; the table of roles and its mutations are tested in `gates`"),
    ("F23", "not yet: needs more than one tenant"),
];

/// Tries what was asked for. An error when anything did not hold.
pub fn run(plan: &Plan) -> Result<(), String> {
    let started = Instant::now();
    let only = plan.only.as_deref();
    for asked in only.iter().flat_map(|o| o.split(',')) {
        if let Some((id, why)) = OTHERS.iter().find(|(id, _)| *id == asked) {
            return Err(format!("{id} {why}"));
        }
        if !FAULTS.iter().any(|(id, ..)| *id == asked) {
            return Err(format!("no fault `{asked}`; there are: {}", FAULTS.iter().map(|f| f.0).collect::<Vec<_>>().join(", ")));
        }
    }
    let chosen: Vec<&Fault> = FAULTS.iter().filter(|(id, ..)| only.is_none_or(|o| o.split(',').any(|o| o == *id))).collect();
    let lane = if plan.long { "everything" } else { "a sample" };
    println!(
        "faults: {lane}, seed {}, kill points {}",
        plan.seed,
        if plan.sample == 0 { "all".to_owned() } else { plan.sample.to_string() }
    );
    let world = World::new(plan)?;
    let mut failed = 0;
    for (id, name, fault) in chosen {
        let from = started.elapsed();
        let tally = fault(&world).unwrap_or_else(|why| Tally { failed: vec![format!("could not be tried: {why}")], ..Tally::default() });
        let skipped: usize = tally.skipped.iter().map(|(n, _)| n).sum();
        let ran = tally.passed + tally.failed.len();
        let note = if tally.note.is_empty() { String::new() } else { format!(" · {}", tally.note) };
        let s = (started.elapsed() - from).as_secs_f64();
        println!("{id} {name}: ran {ran}, passed {}, skipped {skipped}, {s:.1} s{note}", tally.passed);
        for (n, why) in &tally.skipped {
            println!("    skipped {n}: {why}");
        }
        for why in tally.failed.iter().take(20) {
            println!("    FAILED {why}");
        }
        if tally.failed.len() > 20 {
            println!("    FAILED and {} more", tally.failed.len() - 20);
        }
        // A fault of which nothing ran proves nothing.
        failed += tally.failed.len() + usize::from(ran == 0);
    }
    if only.is_none() {
        for (id, why) in OTHERS {
            println!("{id} skipped: {why}");
        }
    }
    println!("faults: {} s", started.elapsed().as_secs());
    if failed == 0 {
        return Ok(());
    }
    let fault = only.map_or(String::new(), |o| format!(" --only {o}"));
    Err(format!(
        "{failed} failures; again with: cargo xtask faults --lane {} --seed {} --sample {}{fault}",
        if plan.long { "long" } else { "short" },
        plan.seed,
        plan.sample
    ))
}
