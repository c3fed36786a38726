//! How fast truth is read: `cargo run --release -p canon --example gate_speed`. It prints figures and asserts nothing.
//!
//! A hundred thousand facts of a world of a thousand people, places and things stand around the example episode; loading them is not
//! in the figures of the gate, and stands by itself.

use std::{collections::BTreeMap, process::ExitCode};

use canon::{
    Book, Facts, check,
    context::{Need, context},
    gate_over,
};
use contracts::{
    Id, Seed,
    canon::{Canon, CanonDiff, Fact, FactKind, FactValue, RuleOf, RulePolicy, StoryTime, WorldRule},
    context::ContextStep,
    story::{Cast, EpisodePlan, Script},
};

/// Facts in the world.
const FACTS: usize = 100_000;
/// People, and as many places and things.
const OTHERS: usize = 1_000;

/// Seconds of CPU this process has used, as the kernel counts them.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}

/// The most memory this process has had, and what it has, MB.
fn memory() -> (u64, u64) {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |name: &str| {
        let line = text.lines().find(|l| l.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    };
    (of("VmHWM").unwrap_or(0) / 1024, of("VmRSS").unwrap_or(0) / 1024)
}

/// The middle and the 99th of a hundred of what `work` takes, milliseconds.
fn timed(rounds: usize, mut work: impl FnMut()) -> (f64, f64) {
    let mut samples: Vec<f64> = (0..rounds)
        .map(|_| {
            let before = cpu();
            work();
            (cpu() - before) * 1e3
        })
        .collect();
    samples.sort_by(f64::total_cmp);
    (samples[rounds / 2], samples[rounds * 99 / 100])
}

fn read<T: serde::de::DeserializeOwned>(path: &str) -> Option<T> {
    let path = format!("{}/../../tests/{path}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// The example's world among many: people who go from place to place, things that change hands, what they know of each other.
fn grown(mut canon: Canon) -> Option<Canon> {
    let (person, place, prop) = (canon.characters.first()?.clone(), canon.locations.first()?.clone(), canon.props.first()?.clone());
    for n in 0..OTHERS {
        let mut other = person.clone();
        (other.id, other.name) = (Id::slug(&format!("person-{n}")), format!("Zed{n} Other{n}"));
        canon.characters.push(other);
        let mut other = place.clone();
        (other.id, other.name, other.holds) = (Id::slug(&format!("place-{n}")), format!("the place {n}"), vec![]);
        canon.locations.push(other);
        let mut other = prop.clone();
        (other.id, other.name) = (Id::slug(&format!("thing-{n}")), format!("the thing {n}"));
        canon.props.push(other);
    }
    let mut seed = Seed::of(&["gate speed"]);
    let start = StoryTime::try_from("0120-01-01T00:00".to_owned()).ok()?;
    let mut number = |below: usize| usize::try_from(seed.below(below as u64)).unwrap_or(0);
    for n in canon.facts.len()..FACTS {
        let who = Id::slug(&format!("person-{}", number(OTHERS)));
        // One in fifty is known to somebody of the episode.
        let knower = if n % 50 == 0 { Id::slug(if n % 100 == 0 { "nessa" } else { "bram" }) } else { who.clone() };
        let from = canon::time::shift(&start, i64::try_from(n * 10).ok()?).ok()?;
        let (subject, attribute, value) = match n % 3 {
            0 => (who, "location".to_owned(), FactValue::Text(format!("place-{}", number(OTHERS)))),
            1 => (Id::slug(&format!("thing-{}", number(OTHERS))), "holder".to_owned(), FactValue::Text(who.to_string())),
            _ => (who, format!("told-{}", number(40)), FactValue::Number(n as i64)),
        };
        let until = canon::time::shift(&from, 5).ok();
        let known_by = BTreeMap::from([(knower, from.clone())]);
        let id = Id::slug(&format!("fact-{n}"));
        canon.facts.push(Fact {
            id,
            subject,
            attribute,
            value,
            kind: FactKind::Stateful,
            from,
            until,
            known_by,
            cause: None,
            source: None,
        });
    }
    for n in 0..8 {
        let policy = RulePolicy { of: RuleOf::Beat, kept: vec!["it.verb != \"row\"".into(), "it.weekday != \"sunday\"".into()] };
        canon.world_rules.push(WorldRule {
            id: Id::slug(&format!("asked-{n}")),
            text: "No boat on a Sunday.".into(),
            policy: Some(policy),
        });
    }
    Some(canon)
}

#[expect(clippy::print_stdout, reason = "figures are what this prints")]
fn run() -> Option<()> {
    let tell = |what: &str, (p50, p99): (f64, f64)| println!("{what}: p50 {p50:.2} ms, p99 {p99:.2} ms (CPU)");
    let (cast, script): (Cast, Script) = (read("fixtures/lighthouse/Cast.json")?, read("fixtures/lighthouse/Script.json")?);
    let plan: EpisodePlan = read("contradictions/EpisodePlan.json")?;
    let canon = grown(read("fixtures/lighthouse/Canon.json")?)?;
    let mut diff: serde_json::Value = read("contradictions/CanonDiff.json")?;
    // The gate does not read it, and the bytes of such a canon are several times the canon.
    diff["base"] = contracts::Hash::of(b"gate speed").as_str().into();
    let diff: CanonDiff = serde_json::from_value(diff).ok()?;
    println!("{} facts, {} people; a canon in memory: {} MB", canon.facts.len(), canon.characters.len(), memory().1);
    tell("loading: the indexes", timed(5, || drop(Book::new(&canon))));
    let book = Book::new(&canon);
    let now = plan.scenes.last()?.story_time.clone();
    let need = Need {
        canon: &diff.base,
        step: ContextStep::Script,
        episode: Some(1),
        scene: None,
        at: &now,
        budget: 8_000,
        people: &[],
        places: &[],
        arc: None,
        plan: Some(&plan),
        last: None,
        style: None,
        wanted: &[],
        recalled: &[],
    };
    let people = [Id::slug("nessa"), Id::slug("bram")];
    let near = Need { people: &people, ..need };
    println!("the first of each, with what is loaded when it is first asked for:");
    tell("  gate", timed(1, || drop(gate_over(&book, &cast, &script, &diff))));
    tell("  context pack", timed(1, || drop(context(&book, &near))));
    let verdict = gate_over(&book, &cast, &script, &diff);
    println!("the verdict: pass {}, {} findings", verdict.pass, verdict.findings.len());
    tell("the gate of an episode", timed(100, || drop(gate_over(&book, &cast, &script, &diff))));
    let mut broken = script.clone();
    broken.scenes.iter_mut().for_each(|s| s.location_id = Id::slug("nowhere"));
    println!("of a broken one: {} findings", gate_over(&book, &cast, &broken, &diff).findings.len());
    tell("  with repairs tried", timed(20, || drop(gate_over(&book, &cast, &broken, &diff))));
    let pack = context(&book, &near).ok()?;
    println!("a pack of {} items, {} tokens; {} left out", pack.items.len(), pack.used, pack.left_out.iter().map(|l| l.count).sum::<u32>());
    tell("a context pack", timed(100, || drop(context(&book, &near))));
    tell("a context pack of everybody", timed(20, || drop(context(&book, &need))));
    let as_of = || {
        for n in 0..OTHERS {
            std::hint::black_box(book.at(&format!("person-{n}"), "location", &now));
        }
    };
    tell("where a thousand people are at a moment", timed(20, as_of));
    tell("all that holds at a moment", timed(20, || drop(std::hint::black_box(book.as_of(&now)))));
    println!("the most memory: {} MB", memory().0);
    tell("the check of the whole canon", timed(3, || drop(check(&canon))));
    println!("the most memory, with that: {} MB", memory().0);
    Some(())
}

fn main() -> ExitCode {
    run().map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS)
}
