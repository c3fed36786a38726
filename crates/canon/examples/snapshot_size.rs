//! What a canon of a hundred thousand facts costs as one document, and what it would as a document for each subject:
//! `cargo run --release -p canon --example snapshot_size`. The figures decide how a canon is kept (docs/performance.md).
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "it measures, and tells a person at a terminal"
)]

use std::collections::BTreeMap;
use std::time::Instant;

use contracts::{
    Document, Hash, Id,
    canon::{Canon, Fact, FactKind, FactValue, StoryTime},
    canonical_value,
};

const FACTS: usize = 100_000;
/// Facts of a subject.
const EACH: usize = 50;
/// Subjects of which an episode begins a fact.
const CHANGED: usize = 12;

fn timed<T>(what: &str, times: usize, f: impl Fn() -> T) -> T {
    let mut best = u128::MAX;
    let mut made = f();
    for _ in 0..times {
        let from = Instant::now();
        made = f();
        best = best.min(from.elapsed().as_micros());
    }
    println!("{what}: {}.{:03} ms", best / 1000, best % 1000);
    made
}

fn main() {
    let toml = "[[characters]]\nid = \"ada\"\nname = \"Ada Stone\"\nborn = \"0090-05-20\"\n";
    let mut canon = Canon { project_id: Id::slug("large"), ..canon::author::parse(toml).expect("a canon") };
    let from = |n: usize| StoryTime::try_from(format!("0122-{:02}-{:02}T{:02}:00", 1 + n % 12, 1 + n % 28, n % 24)).expect("a time");
    canon.facts = (0..FACTS)
        .map(|n| Fact {
            id: Id::slug(&format!("f-{n:06}")),
            subject: Id::slug(&format!("subject-{:05}", n / EACH)),
            attribute: format!("attribute_{}", n % EACH),
            value: FactValue::Text(format!("what is so of number {n}, in some words")),
            kind: FactKind::Stateful,
            from: from(n),
            until: None,
            known_by: BTreeMap::from([(Id::slug("ada"), from(n))]),
            cause: None,
            source: Some("author".into()),
        })
        .collect();
    let (bytes, _) = timed("one document: sealed and hashed", 5, || canon.seal().expect("sealed"));
    timed("one document: read and checked by its address", 5, || {
        (Hash::of(&bytes), contracts::read::<Canon>(&bytes).expect("read").facts.len()).1
    });
    timed("as of a moment, over the canon in memory", 5, || canon::standing(&canon, &[], Some(&from(7))).people.len());
    let mut chunks: BTreeMap<&Id, Vec<&Fact>> = BTreeMap::new();
    canon.facts.iter().for_each(|f| chunks.entry(&f.subject).or_default().push(f));
    let sealed = timed("a document a subject: all sealed and hashed", 3, || {
        let bytes = |facts: &Vec<&Fact>| canonical_value(&serde_json::to_value(facts).expect("a value")).expect("canonical");
        chunks.values().map(bytes).map(|b| (Hash::of(&b), b)).collect::<Vec<_>>()
    });
    let read = |b: &[u8]| (Hash::of(b), serde_json::from_slice::<Vec<Fact>>(b).expect("read").len()).1;
    timed("a document a subject: all read and checked", 3, || sealed.iter().map(|(_, b)| read(b)).sum::<usize>());
    timed("a document a subject: one read and checked", 20, || read(&sealed[7].1));
    // A list of the chunks: the subject and an address for each.
    let list = sealed.len() * (64 + 20);
    let each = sealed.iter().map(|(_, b)| b.len()).sum::<usize>() / sealed.len();
    println!(
        "{FACTS} facts of {} subjects: as one {} bytes; in chunks {} bytes in {} files",
        sealed.len(),
        bytes.len(),
        each * sealed.len() + list,
        sealed.len() + 1
    );
    println!(
        "a version that changes {CHANGED} subjects stores {} bytes as one, {} in chunks and their list",
        bytes.len(),
        CHANGED * each + list
    );
}
