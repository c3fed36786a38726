//! F24: thirty-two writers on one canon. Each reads the head, has its diff judged over it, and moves the head by compare and set; who
//! came too late reads again. In memory the seed draws every turn and where a commit is cut; on disk they are tasks of two processes'
//! handles, and a process is killed inside a commit. Then the binary: who is killed while it applies an author's diff has applied it
//! or has not.
//!
//! What must hold: no accepted diff is lost, versions are one line, each next canon is its diff laid over the one before, what
//! contradicts the canon is refused always and what does not never, and of those that contradict each other the first wins.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use canon::{AmendError, amend};
use contracts::{
    Hash, Id,
    canon::{Canon, CanonDiff, Fact, FactKind, FactValue, StoryTime},
};
use kit::{Failpoints, MemoryFiles, SystemClock};
use registry::{Origin, Registry, RegistryError, Seams};
use serde_json::json;

use crate::rng::Rng;
use crate::run::Tally;
use crate::trivial::{block_on, open};
use crate::world::{World, copy_tree, finish, points};

/// Writers of one head.
const WRITERS: usize = 32;
/// The name they move.
const HEAD: &str = "canon/race";
const SIGKILL: i32 = 9;

/// Tries it.
pub fn run(world: &World) -> Result<Tally, String> {
    let (seeds, on_disk, applied) = if world.plan.long { (10_000, 20, 24) } else { (60, 2, 4) };
    let mut tally = Tally::default();
    let (mut turns, mut lost_races) = (0, 0);
    block_on(async {
        for seed in 0..seeds {
            let mut rng = Rng::new(world.plan.seed ^ (seed << 32), "races");
            match in_memory(&mut rng).await {
                Ok((n, moved)) => {
                    (turns, lost_races) = (turns + n, lost_races + moved);
                    tally.case(Ok(()));
                }
                Err(why) => tally.case(Err(format!("in memory, seed {seed}: {why}"))),
            }
        }
        Ok(())
    })?;
    let mut killed = 0;
    for seed in 0..on_disk {
        let home = world.folder(&format!("races-{seed}"))?;
        let outcome = disk(&home, world.plan.seed ^ (seed << 32));
        killed += usize::from(outcome == Ok(true));
        tally.case(outcome.map(drop).map_err(|why| format!("on disk, seed {seed}: {why}")));
        fs::remove_dir_all(&home).map_err(|e| e.to_string())?;
    }
    tally.hold(killed > 0, || "nobody was killed inside a commit".into());
    let cut = by_hand(world, applied, &mut tally)?;
    tally.note = format!(
        "{WRITERS} writers, {seeds} seeds in memory ({turns} turns, {lost_races} came too late), {on_disk} on disk ({killed} killed in a commit), {cut} kills while a diff is applied"
    );
    Ok(tally)
}

const WORLD: &str = r#"
[[characters]]
id = "ada"
name = "Ada Stone"
born = "0090-05-20"
[[characters]]
id = "ben"
name = "Ben Field"
born = "0080-01-02"
[[locations]]
id = "hall"
name = "the hall"
family = "hall"
look = "a hall"
[[locations]]
id = "yard"
name = "the yard"
family = "village"
look = "a yard"
[[props]]
id = "lamp"
name = "the lamp"
look = "a lamp"
shape = "lamp"
[[facts]]
id = "ada-there"
subject = "ada"
attribute = "location"
value = "hall"
from = "0122-01-01"
[[facts]]
id = "ben-dead"
subject = "ben"
attribute = "dead"
value = "drowned"
kind = "one_way"
from = "0121-01-01"
"#;

fn beginning() -> Result<Canon, String> {
    let canon = canon::author::parse(WORLD).map_err(|e| e.to_string())?;
    Ok(Canon { project_id: Id::slug("race"), ..canon })
}

/// What a writer wants to be true.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wish {
    /// Something nobody else speaks of.
    Own,
    /// That one of two has the lamp at a moment: whoever is first is right.
    Lamp(bool),
    /// What the canon says is not so: name, age, death, location.
    Wrong(usize),
}

#[derive(Clone, Debug)]
struct Writer {
    name: String,
    wish: Wish,
    diff: CanonDiff,
}

fn writers(rng: &mut Rng, project: &Id) -> Result<Vec<Writer>, String> {
    let time = |text: &str| StoryTime::try_from(text.to_owned());
    let mut all = Vec::new();
    for n in 0..WRITERS {
        let wish = match rng.below(4) {
            0 => Wish::Wrong(rng.below(5)),
            1 => Wish::Lamp(rng.below(2) == 0),
            _ => Wish::Own,
        };
        let (subject, attribute, value, from, kind) = match wish {
            Wish::Own => ("ada", format!("promise_{n}"), "kept".to_owned(), "0122-02-01T00:00", FactKind::Stateful),
            Wish::Lamp(hers) => ("lamp", "holder".into(), if hers { "ada" } else { "hall" }.into(), "0122-03-01T00:00", FactKind::Stateful),
            Wish::Wrong(0) => ("ada", "name".into(), "Ida Stone".into(), "0090-05-20T00:00", FactKind::Immutable),
            Wish::Wrong(1) => ("ada", "born".into(), "0091-05-20".into(), "0090-05-20T00:00", FactKind::Immutable),
            Wish::Wrong(2) => ("ben", "state".into(), "asleep".into(), "0122-01-01T00:00", FactKind::Stateful),
            Wish::Wrong(3) => ("ada", "location".into(), "yard".into(), "0122-01-01T00:00", FactKind::Stateful),
            Wish::Wrong(_) => ("ada", "location".into(), "the moon".into(), "0122-05-01T00:00", FactKind::Stateful),
        };
        let fact = Fact {
            id: Id::new(format!("w{n:02}")).map_err(|e| e.to_string())?,
            subject: Id::slug(subject),
            attribute,
            value: FactValue::Text(value),
            kind,
            from: time(from)?,
            until: None,
            known_by: BTreeMap::new(),
            cause: None,
            source: None,
        };
        let diff = CanonDiff {
            project_id: project.clone(),
            base: Hash::of(b""),
            added: vec![fact],
            modified: vec![],
            removed: vec![],
            ended: vec![],
            learned: vec![],
            characters: vec![],
            threads: vec![],
            justification: format!("the wish of writer {n}"),
            provenance: format!("writer-{n}"),
            verdict: None,
        };
        all.push(Writer { name: format!("w{n:02}"), wish, diff });
    }
    Ok(all)
}

/// A head as a writer read it.
#[derive(Clone)]
struct Seen {
    hash: Hash,
    version: i64,
    canon: Arc<Canon>,
}

/// What came of a turn.
#[derive(Debug, PartialEq)]
enum Came {
    Accepted,
    TooLate,
    Refused,
    /// The commit was cut: it is there whole or not at all.
    Cut,
}

fn tenant() -> Id {
    Id::slug("local")
}

async fn begin(registry: &Registry) -> Result<(), String> {
    if registry.get_ref(&tenant(), HEAD).await.map_err(|e| e.to_string())?.is_some() {
        return Ok(());
    }
    let mut txn = registry.begin();
    let put = txn.put_document(&tenant(), &beginning()?, Origin::default()).map_err(|e| e.to_string())?;
    txn.ref_cas(&tenant(), HEAD, 0, &put.hash);
    txn.commit().await.map(drop).map_err(|e| e.to_string())
}

async fn read(registry: &Registry) -> Result<Seen, String> {
    let row = registry.get_ref(&tenant(), HEAD).await.map_err(|e| e.to_string())?.ok_or("the head is gone")?;
    let canon = Arc::new(registry.artifact(&row.hash).map_err(|e| e.to_string())?);
    Ok(Seen { hash: row.hash, version: row.version, canon })
}

/// Judges the diff over the head that was read, and moves the head if it is still that one.
async fn write(registry: &Registry, writer: &Writer, seen: &Seen) -> Result<Came, String> {
    let proposal = CanonDiff { base: seen.hash.clone(), ..writer.diff.clone() };
    let (amendment, after) = match amend(&seen.canon, &proposal) {
        Ok(done) => done,
        Err(AmendError::Refused(_)) => return Ok(Came::Refused),
        Err(other) => return Err(other.to_string()),
    };
    let mut txn = registry.begin();
    let next = txn.put_document(&tenant(), &after, Origin::default()).map_err(|e| e.to_string())?;
    let diff = txn.put_document(&tenant(), &amendment.diff, Origin::default()).map_err(|e| e.to_string())?;
    txn.ref_cas(&tenant(), HEAD, seen.version, &next.hash);
    txn.event(None, "amended", json!({"before": seen.hash, "after": next.hash, "diff": diff.hash, "by": writer.name}));
    match txn.commit().await {
        Ok(_) => Ok(Came::Accepted),
        Err(RegistryError::RefMoved { .. }) => Ok(Came::TooLate),
        Err(RegistryError::Injected(_)) => Ok(Came::Cut),
        Err(other) => Err(other.to_string()),
    }
}

fn there(canon: &Canon, writer: &Writer) -> bool {
    canon.facts.iter().any(|f| f.id.as_str() == writer.name)
}

/// The turns of all writers, drawn by the seed. How many there were, and how many came too late.
async fn in_memory(rng: &mut Rng) -> Result<(usize, usize), String> {
    let mut arm = Vec::new();
    for point in ["registry.before_commit", "registry.after_commit"] {
        if rng.below(3) == 0 {
            // The first commit lays the beginning.
            arm.push(format!("{point}=error@{}", 2 + rng.below(24)));
        }
    }
    let failpoints = if arm.is_empty() { Failpoints::none() } else { Failpoints::parse(&arm.join(",")).map_err(|e| e.to_string())? };
    let seams = Seams { clock: Arc::new(SystemClock::new()), failpoints };
    let registry = Registry::in_memory_with(seams, MemoryFiles::new()).await.map_err(|e| e.to_string())?;
    begin(&registry).await?;
    let all = writers(rng, &Id::slug("race"))?;
    let mut seen: Vec<Option<Seen>> = vec![None; all.len()];
    let mut refused = BTreeSet::new();
    let mut live: Vec<usize> = (0..all.len()).collect();
    let (mut turns, mut late) = (0, 0);
    while !live.is_empty() {
        turns += 1;
        let at = rng.below(live.len());
        let n = live[at];
        let Some(head) = seen[n].take() else {
            let head = read(&registry).await?;
            // Whoever was cut looks whether it was done.
            if there(&head.canon, &all[n]) {
                live.swap_remove(at);
            } else {
                seen[n] = Some(head);
            }
            continue;
        };
        match write(&registry, &all[n], &head).await? {
            Came::Accepted => drop(live.swap_remove(at)),
            Came::Refused => {
                refused.insert(all[n].name.clone());
                live.swap_remove(at);
            }
            Came::TooLate => late += 1,
            Came::Cut => {}
        }
    }
    holds(&registry, &all, &refused).await?;
    registry.close().await;
    Ok((turns, late))
}

/// What must hold when all writers are done.
async fn holds(registry: &Registry, all: &[Writer], refused: &BTreeSet<String>) -> Result<(), String> {
    let winner = history(registry, all).await?;
    let end = read(registry).await?.canon;
    for writer in all {
        let is = there(&end, writer);
        let should = match writer.wish {
            Wish::Own => true,
            Wish::Lamp(hers) => winner == Some(hers),
            Wish::Wrong(_) => false,
        };
        if is != should || refused.contains(&writer.name) == should {
            return Err(format!("{writer:?}: in the canon {is}, refused {}, expected {should}", refused.contains(&writer.name)));
        }
    }
    if !canon::check(&end).pass {
        return Err("the canon contradicts itself".into());
    }
    Ok(())
}

/// Walks the moves of the head: one line of versions, each its diff laid over the one before. Who has the lamp, if anybody.
async fn history(registry: &Registry, all: &[Writer]) -> Result<Option<bool>, String> {
    let moves = registry.ref_moves(&tenant(), HEAD).await.map_err(|e| e.to_string())?;
    let events = registry.events(None, 0, 10_000).await.map_err(|e| e.to_string())?;
    let amended: Vec<_> = events.into_iter().filter(|e| e.kind == "amended").collect();
    if amended.len() + 1 != moves.len() {
        return Err(format!("{} diffs were accepted, and the head moved {} times", amended.len(), moves.len()));
    }
    let mut winner = None;
    let mut before: Canon = registry.artifact(&moves.first().ok_or("no head")?.hash).map_err(|e| e.to_string())?;
    for (at, (moved, event)) in moves.iter().skip(1).zip(&amended).enumerate() {
        if moved.version != at as i64 + 2 || event.json["after"] != json!(moved.hash) || event.json["before"] != json!(moves[at].hash) {
            return Err(format!("move {at} is {} to {}, told as {}", moved.version, moved.hash.short(), event.json));
        }
        let hash: Hash = serde_json::from_value(event.json["diff"].clone()).map_err(|e| e.to_string())?;
        let diff: CanonDiff = registry.artifact(&hash).map_err(|e| e.to_string())?;
        let (_, after) = amend(&before, &CanonDiff { verdict: None, ..diff.clone() }).map_err(|e| format!("move {at}: {e}"))?;
        if canon::address(&after).map_err(|e| e.to_string())? != moved.hash || after.version != before.version + 1 {
            return Err(format!("move {at} is not its diff laid over the canon before it"));
        }
        let writer = all.iter().find(|w| diff.added.iter().any(|f| f.id.as_str() == w.name)).ok_or("a diff of nobody's")?;
        if let Wish::Lamp(hers) = writer.wish {
            winner = winner.or(Some(hers));
        }
        before = after;
    }
    Ok(winner)
}

/// All writers at once, over two handles of one home. `refused` are those whom the gate refused.
async fn at_once(home: &Path, all: &[Writer]) -> Result<BTreeSet<String>, String> {
    let both = [open(home).await?, open(home).await?];
    begin(&both[0]).await?;
    let mut tasks = Vec::new();
    for (n, writer) in all.iter().cloned().enumerate() {
        let registry = both[n % 2].clone();
        tasks.push(tokio::spawn(async move {
            loop {
                let head = read(&registry).await?;
                if there(&head.canon, &writer) {
                    return Ok::<_, String>(None);
                }
                match write(&registry, &writer, &head).await? {
                    Came::Accepted => return Ok(None),
                    Came::Refused => return Ok(Some(writer.name)),
                    Came::TooLate | Came::Cut => {}
                }
            }
        }));
    }
    let mut refused = BTreeSet::new();
    for task in tasks {
        refused.extend(task.await.map_err(|e| e.to_string())??);
    }
    for registry in both {
        registry.close().await;
    }
    Ok(refused)
}

/// A process of writers that is killed inside a commit; then all of them again, over what it left. Whether it was killed.
fn disk(home: &Path, seed: u64) -> Result<bool, String> {
    let mut rng = Rng::new(seed, "races on disk");
    let point = ["registry.before_commit", "registry.after_commit"][rng.below(2)];
    let ours = std::env::current_exe().map_err(|e| e.to_string())?;
    let mut child = Command::new(ours);
    child.arg("race").arg(home).arg(seed.to_string()).env("REELWRIGHT_FAILPOINT", format!("{point}=kill@{}", 2 + rng.below(10)));
    let ended = child.stdout(Stdio::null()).stderr(Stdio::piped()).output().map_err(|e| e.to_string())?;
    let killed = ended.status.signal() == Some(SIGKILL);
    if !killed && !ended.status.success() {
        return Err(format!("the writers failed: {}", String::from_utf8_lossy(&ended.stderr).trim()));
    }
    let all = writers(&mut Rng::new(seed, "writers on disk"), &Id::slug("race"))?;
    block_on(async {
        // The head is old or new: what it names is whole, and so is the line before it.
        let registry = open(home).await?;
        if registry.get_ref(&tenant(), HEAD).await.map_err(|e| e.to_string())?.is_some() {
            history(&registry, &all).await.map_err(|why| format!("after the kill: {why}"))?;
        }
        registry.close().await;
        let refused = at_once(home, &all).await?;
        let registry = open(home).await?;
        holds(&registry, &all, &refused).await?;
        registry.close().await;
        Ok(())
    })?;
    Ok(killed)
}

/// The writers of a seed, in a process of their own, whose failpoints are those of the environment.
///
/// # Errors
/// When one of them can do neither: be accepted nor be refused.
pub fn writers_of(home: &Path, seed: u64) -> Result<(), String> {
    kit::failpoint::from_env().map_err(|e| e.to_string())?;
    let all = writers(&mut Rng::new(seed, "writers on disk"), &Id::slug("race"))?;
    block_on(at_once(home, &all)).map(drop)
}

/// The binary, killed at acts it passes while it applies an author's diff: the diff is there whole or not at all, and the same
/// command then does it or says that it is done.
fn by_hand(world: &World, most: usize, tally: &mut Tally) -> Result<usize, String> {
    let base = world.folder("by-hand")?;
    let diff = base.join("diff.json");
    let told = json!({"justification": "a test", "added": [{"id": "h-one", "subject": "stranger", "attribute": "is", "value": "a stranger", "from": "0100-01-01"}]});
    fs::write(&diff, told.to_string()).map_err(|e| e.to_string())?;
    let apply = |project: &Path, home: &Path| {
        let mut command = world.reel(home);
        command.args(["canon", "apply", "--json", "--before", "1"]).arg(project).arg(&diff);
        command
    };
    let project = |name: &str| -> Result<_, String> {
        let to = base.join(name);
        copy_tree(&world.project(), &to)?;
        Ok(to)
    };
    let record = base.join("points");
    let whole = project("uncut")?;
    let mut command = apply(&whole, &base.join("uncut-home"));
    command.env("REELWRIGHT_FAILPOINT", format!("record:{}", record.display()));
    let ended = finish(command)?;
    if !ended.status.success() {
        return Err(format!("the uncut command failed: {}", ended.said()));
    }
    let address = ended.json["address"].clone();
    let all = points(&fs::read_to_string(&record).map_err(|e| e.to_string())?)?;
    // The last acts are those of the diff's file.
    let chosen: Vec<_> = all.iter().rev().take(most).collect();
    let mut killed = 0;
    for (n, point) in chosen.iter().enumerate() {
        let (project, home) = (project(&format!("cut-{n}"))?, base.join(format!("home-{n}")));
        let mut command = apply(&project, &home);
        command.env("REELWRIGHT_FAILPOINT", format!("{}=kill@{}", point.name, point.nth));
        let cut = finish(command)?.status.signal() == Some(SIGKILL);
        killed += usize::from(cut);
        let file = project.join("canon/0001.json");
        let was_there = file.is_file();
        let again = finish(apply(&project, &home))?;
        let mut show = world.reel(&home);
        show.args(["canon", "show", "--json", "--before", "1"]).arg(&project);
        let now = finish(show)?;
        let done = if was_there { again.json["error"]["code"] == "canon.contradiction" } else { again.status.success() };
        tally.hold(done && now.json["address"] == address, || {
            format!(
                "{}@{}: the file was there: {was_there}; again: {}; the canon: {}",
                point.name,
                point.nth,
                again.said(),
                now.json["address"]
            )
        });
    }
    tally.hold(killed > 0, || "nobody was killed while it applied a diff".into());
    Ok(killed)
}
