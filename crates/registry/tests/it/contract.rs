//! What every store keeps, whatever its database is: one list of behaviours, under which each implementation is put. A behaviour
//! gets two doors to one fresh database, as two processes have; where there can be only one door, both are the same.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use contracts::run::{Approval, RunStatus};
use contracts::{Hash, Id};
use kit::{Failpoints, SeededClock, Timestamp};
use registry::{
    Around, Claim, Claimed, Committed, Control, Ears, Grade, MemoPut, Moves, NewStep, Op, Origin, OutputRef, RegistryError, RunFilter,
    Scope, SqliteStore, StepState, Store, Wake, decision_digest, memo_digest,
};
use serde_json::json;
use tokio::sync::Notify;

use super::{id, key, memo, new_run, step};

const NOW: i64 = 1_700_000_000_000;

/// Two ways to one database.
struct Doors {
    one: Arc<dyn Store>,
    two: Arc<dyn Store>,
    clock: Arc<SeededClock>,
    /// How often the others were told by the first door.
    told: Arc<Told>,
}

/// Counts, and reaches nobody.
#[derive(Default)]
struct Told(AtomicUsize);

impl Wake for Told {
    fn tell(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn hear(self: Arc<Self>, _: Box<dyn Fn() + Send>) -> Ears {
        Box::new(())
    }
}

impl Doors {
    async fn commit(&self, ops: Vec<Op>) -> Committed {
        self.one.commit(ops, false).await.expect("commits")
    }

    async fn start(&self, name: &str, owner: &str) -> Id {
        self.commit(vec![Op::RunStart { run: new_run(&id(name)), owner: owner.into() }]).await;
        id(name)
    }

    /// A run with these steps, which anybody may take, in this order.
    async fn steps(&self, run: &str, names: &[&str]) -> Id {
        let run = self.start(run, "one").await;
        let add =
            |(place, name): (u64, &&str)| Op::StepAdd { step: NewStep { place, spec: Some("{}".into()), ..step(&run, name) }, hit: false };
        self.commit((0..).zip(names).map(add).collect()).await;
        run
    }

    async fn kinds_of_events(&self) -> Vec<String> {
        self.two.events(None, 0, 10_000).await.expect("reads").into_iter().map(|e| e.kind).collect()
    }

    async fn state(&self, run: &Id, name: &str) -> StepState {
        self.two.steps(run, Some(&[name])).await.expect("reads")[0].state
    }
}

/// Every behaviour, each on a database of its own.
async fn keeps_the_contract(open: impl AsyncFn(Around, Around) -> (Arc<dyn Store>, Arc<dyn Store>)) {
    let doors = async || {
        let clock = Arc::new(SeededClock::new(Timestamp(NOW), 1));
        let told = Arc::new(Told::default());
        let around = |wake: Option<Arc<dyn Wake>>| Around {
            clock: Arc::clone(&clock) as _,
            failpoints: Failpoints::parse("").expect("a setting"),
            woken: Arc::new(Notify::new()),
            wake,
        };
        let (one, two) = open(around(Some(Arc::clone(&told) as _)), around(None)).await;
        Doors { one, two, clock, told }
    };
    the_first_result_stays(doors().await).await;
    a_name_moves_by_compare_and_set(doors().await).await;
    a_refused_list_leaves_nothing_and_takes_no_other_with_it(doors().await).await;
    only_who_holds_a_step_ends_it(doors().await).await;
    of_many_who_claim_at_once_each_step_goes_to_one(doors().await).await;
    a_claim_takes_what_it_may_in_the_order_of_the_queue(doors().await).await;
    fences_grow_whoever_takes(doors().await).await;
    events_come_in_the_order_of_their_numbers(doors().await).await;
    three_deaths_over_a_step_are_enough(doors().await).await;
    what_a_dead_owner_held_is_free_or_lost(doors().await).await;
    a_key_is_claimed_and_answered_once(doors().await).await;
    decisions_stand_in_a_chain_and_answer_questions(doors().await).await;
    content_knows_its_kin_and_who_names_it(doors().await).await;
    rows_come_in_byte_order_whatever_the_language(doors().await).await;
    who_waits_is_told_after_the_commit(doors().await).await;
    a_closed_store_says_so(doors().await).await;
}

#[tokio::test]
async fn sqlite_in_memory_keeps_the_contract() {
    keeps_the_contract(async |around, _| {
        let store: Arc<dyn Store> = Arc::new(SqliteStore::in_memory(around).await.expect("opens"));
        (Arc::clone(&store), store)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_sqlite_file_keeps_the_contract() {
    let home = tempfile::tempdir().expect("a folder");
    let databases = AtomicUsize::new(0);
    keeps_the_contract(async |one, two| {
        let path = home.path().join(format!("{}.sqlite", databases.fetch_add(1, Ordering::SeqCst)));
        let door = async |around| Arc::new(SqliteStore::open(&path, around).await.expect("opens"));
        (door(one).await as Arc<dyn Store>, door(two).await as Arc<dyn Store>)
    })
    .await;
}

async fn the_first_result_stays(doors: Doors) {
    let tenant = id("local");
    let output = |n: u64| OutputRef { hash: key(n), size: n, schema_id: None, schema_version: None };
    let put = |n: u64, tenant: &Id| vec![Op::Memo { tenant: tenant.clone(), memo: memo(1, Grade::Recorded, output(n)), run: None }];
    let first = memo(1, Grade::Recorded, output(1)).outputs;
    assert_eq!(doors.commit(put(1, &tenant)).await.memos, [MemoPut::Stored]);
    assert_eq!(doors.two.commit(put(2, &tenant), true).await.expect("commits").memos, [MemoPut::Kept(first.clone())]);
    assert_eq!(doors.commit(put(1, &tenant)).await.memos, [MemoPut::Same]);
    assert_eq!(doors.kinds_of_events().await, ["memo_kept"]);
    assert_eq!(doors.commit(put(2, &id("other"))).await.memos, [MemoPut::Stored], "another tenant's");
    let keys = [key(9), key(1)];
    let found = doors.two.memos(&tenant, &keys).await.expect("reads");
    assert_eq!(found.len(), 1, "what is not remembered is left out");
    assert_eq!((&found[0].key, found[0].grade, found[0].kind.as_str()), (&key(1), Grade::Recorded, "paint"));
    assert_eq!(serde_json::from_str::<registry::Outputs>(&found[0].outputs).expect("reads"), first);
    assert_eq!(found[0].digest.as_deref(), Some(memo_digest(&key(1), &found[0].outputs).as_str()));
    // What it has read: the first stays, and goes with it.
    let read = |n: u64, text: &str| Op::MemoReads { tenant: tenant.clone(), key: key(n), reads: text.into() };
    doors.commit(vec![read(1, "1"), read(1, "2"), read(9, "9")]).await;
    assert_eq!(doors.two.memo_reads(&tenant, &keys).await.expect("reads"), [(key(1), "1".to_owned())]);
    doors.commit(vec![Op::MemoForget { tenant: tenant.clone(), key: key(1) }]).await;
    assert!(doors.two.memos(&tenant, &keys).await.expect("reads").is_empty());
    assert!(doors.two.memo_reads(&tenant, &keys).await.expect("reads").is_empty());
    // What has expired gives way.
    let until = |n: u64, end: i64| {
        let mut memo = memo(1, Grade::Recorded, output(n));
        memo.outputs = memo.outputs.until(Timestamp(end));
        vec![Op::Memo { tenant: tenant.clone(), memo, run: None }]
    };
    assert_eq!(doors.commit(until(3, NOW + 1_000)).await.memos, [MemoPut::Stored]);
    assert!(matches!(doors.commit(until(4, NOW + 9_000)).await.memos[..], [MemoPut::Kept(_)]));
    doors.clock.advance(2_000);
    assert_eq!(doors.commit(until(4, NOW + 9_000)).await.memos, [MemoPut::Stored]);
    // Of two, the one used last stands last.
    doors.commit(vec![Op::Memo { tenant: tenant.clone(), memo: memo(2, Grade::Pure, output(5)), run: None }]).await;
    doors.commit(vec![Op::MemoUsed { tenant: tenant.clone(), keys: vec![key(1), key(7)] }]).await;
    let index = doors.two.index(Timestamp(NOW)).await.expect("reads");
    let of_tenant: Vec<&Hash> = index.memos.iter().filter(|m| m.tenant == tenant).map(|m| &m.key).collect();
    assert_eq!(of_tenant, [&key(2), &key(1)]);
}

async fn a_name_moves_by_compare_and_set(doors: Doors) {
    let (tenant, name) = (id("local"), "canon/lighthouse");
    let to = |expected: i64, n: u64| {
        let event = Op::Event { run: None, kind: "moved".into(), json: json!({ "n": n }) };
        vec![event, Op::Ref { tenant: id("local"), name: "canon/lighthouse".into(), expected, hash: key(n), run: Some(id("r1")) }]
    };
    let all: Vec<_> = (0..8_u64)
        .map(|n| {
            let (door, ops) = (Arc::clone(if n % 2 == 0 { &doors.one } else { &doors.two }), to(0, n));
            tokio::spawn(async move { door.commit(ops, true).await.map(|done| (n, done.versions)) })
        })
        .collect();
    let mut won = Vec::new();
    for one in all {
        match one.await.expect("ends") {
            Ok(done) => won.push(done),
            Err(error) => assert!(matches!(error, RegistryError::RefMoved { expected: 0, found: 1, .. }), "{error}"),
        }
    }
    let [(winner, versions)] = &won[..] else { panic!("one wins: {won:?}") };
    assert_eq!(versions, &[1]);
    assert_eq!(doors.kinds_of_events().await, ["moved"], "the losers' events are undone with them");
    assert_eq!(doors.commit(to(1, 20)).await.versions, [2]);
    assert!(matches!(doors.two.commit(to(1, 21), true).await, Err(RegistryError::RefMoved { found: 2, .. })));
    assert!(matches!(doors.two.commit(to(7, 21), true).await, Err(RegistryError::RefMoved { found: 2, .. })));
    let stands = doors.two.get_ref(&tenant, name).await.expect("reads").expect("is set");
    assert_eq!((stands.version, stands.hash), (2, key(20)));
    assert_eq!(doors.two.get_ref(&id("other"), name).await.expect("reads"), None, "another tenant's");
    let moves = doors.two.ref_moves(&tenant, Moves::Of(name)).await.expect("reads");
    assert_eq!(moves.iter().map(|m| (m.version, m.hash.clone())).collect::<Vec<_>>(), [(1, key(*winner)), (2, key(20))]);
    assert!(moves.iter().all(|m| m.run == Some(id("r1")) && m.at.ms() >= NOW));
    let there = doors.two.ref_moves(&tenant, Moves::To(&key(20))).await.expect("reads");
    assert_eq!(there.iter().map(|m| (m.name.as_str(), m.version)).collect::<Vec<_>>(), [(name, 2)]);
}

async fn a_refused_list_leaves_nothing_and_takes_no_other_with_it(doors: Doors) {
    let run = doors.start("r1", "one").await;
    let note = |n: u64| {
        vec![
            Op::Event { run: Some(run.clone()), kind: format!("e{n}"), json: json!({}) },
            Op::Blob { hash: key(n), size: n },
            Op::StepAdd { step: step(&run, &format!("s{n}")), hit: false },
        ]
    };
    // Handed in at one moment, so that they may share a commit: every third is refused by its last act.
    let lists = (0..30_u64).map(|n| {
        let mut ops = note(n);
        if n % 3 == 2 {
            ops.push(Op::StepEnd { run: run.clone(), name: format!("s{n}"), fence: 1, state: StepState::Done, error: None });
        }
        doors.one.commit(ops, n % 2 == 0)
    });
    let done = futures_util::future::join_all(lists).await;
    for (n, answer) in done.iter().enumerate() {
        assert_eq!(answer.is_ok(), n % 3 != 2, "{n}: {answer:?}");
        assert!(answer.is_ok() || matches!(answer, Err(RegistryError::Fenced { fence: 1, .. })));
    }
    let stay: BTreeSet<u64> = (0..30).filter(|n| n % 3 != 2).collect();
    let events: Vec<String> = doors.kinds_of_events().await;
    assert_eq!(events, stay.iter().map(|n| format!("e{n}")).collect::<Vec<_>>(), "in the order they were handed in");
    let blobs = doors.two.index(Timestamp(NOW)).await.expect("reads").blobs;
    assert_eq!(blobs, stay.iter().map(|n| key(*n)).collect());
    assert_eq!(doors.two.steps(&run, None).await.expect("reads").len(), stay.len());
    // An act of a list sees what those before it did.
    let twice = Op::RunStart { run: new_run(&id("r2")), owner: "one".into() };
    let refused = doors.one.commit(vec![twice.clone(), twice], true).await;
    assert!(matches!(refused, Err(RegistryError::RunExists { .. })), "{refused:?}");
    assert_eq!(doors.two.run(&id("r2")).await.expect("reads"), None);
}

async fn only_who_holds_a_step_ends_it(doors: Doors) {
    let run = doors.steps("r1", &["s1"]).await;
    let take = || vec![Op::StepTake { run: run.clone(), name: "s1".into(), owner: "one".into() }];
    let end = |fence: i64, state: StepState, error: Option<&str>| {
        let event = Op::Event { run: Some(run.clone()), kind: "ended".into(), json: json!({}) };
        vec![event, Op::StepEnd { run: run.clone(), name: "s1".into(), fence, state, error: error.map(str::to_owned) }]
    };
    let old = doors.commit(take()).await.fences[0];
    assert!(matches!(doors.two.commit(take(), false).await, Err(RegistryError::Taken { state, .. }) if state == "running"));
    doors.commit(end(old, StepState::Failed, Some("the tool crashed"))).await;
    let new = doors.two.commit(take(), false).await.expect("takes again").fences[0];
    assert!(new > old);
    assert!(
        matches!(doors.one.commit(end(old, StepState::Done, None), true).await, Err(RegistryError::Fenced { fence, .. }) if fence == old)
    );
    assert_eq!(doors.kinds_of_events().await, ["ended"], "nothing came of the stale one");
    doors.commit(end(new, StepState::Done, None)).await;
    assert!(matches!(doors.two.commit(end(new, StepState::Done, None), true).await, Err(RegistryError::Fenced { .. })), "twice");
    assert!(matches!(doors.two.commit(take(), true).await, Err(RegistryError::Taken { state, .. }) if state == "done"));
    let row = doors.two.steps(&run, None).await.expect("reads").remove(0);
    assert_eq!((row.state, row.attempt, row.fence, row.step.spec), (StepState::Done, 2, new, None), "what a done step reads is not kept");
    let tries = doors.two.attempts(&run).await.expect("reads");
    let tries: Vec<_> = tries.iter().map(|t| (t.n, t.fence, t.outcome.as_deref(), t.error.as_deref())).collect();
    assert_eq!(tries, [(1, old, Some("failed"), Some("the tool crashed")), (2, new, Some("done"), None)]);
}

async fn of_many_who_claim_at_once_each_step_goes_to_one(doors: Doors) {
    let names: Vec<String> = (0..60).map(|n| format!("s{n:02}")).collect();
    let run = doors.steps("r1", &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let all: Vec<_> = (0..6)
        .map(|n| {
            let door = Arc::clone(if n % 2 == 0 { &doors.one } else { &doors.two });
            tokio::spawn(async move {
                let mut mine: Vec<(String, String, i64)> = Vec::new();
                loop {
                    let taken =
                        door.commit(vec![claim("cpu", 1 + n % 3, &format!("owner-{n}"))], false).await.expect("claims").claimed.remove(0);
                    if taken.is_empty() {
                        return mine;
                    }
                    mine.extend(taken.into_iter().map(|c| (c.step.name, format!("owner-{n}"), c.fence)));
                    assert!(mine.len() <= 60, "what is taken is given again");
                }
            })
        })
        .collect();
    let mut given = BTreeMap::new();
    for one in all {
        for (name, owner, fence) in one.await.expect("ends") {
            assert_eq!(given.insert(name.clone(), (owner, fence)), None, "`{name}` was given twice");
        }
    }
    assert_eq!(given.keys().collect::<Vec<_>>(), names.iter().collect::<Vec<_>>());
    for row in doors.two.steps(&run, None).await.expect("reads") {
        assert_eq!((row.state, row.attempt), (StepState::Running, 1));
        assert_eq!(given[&row.step.name], (row.lease.expect("is held"), row.fence), "the row says who has it");
    }
    assert_eq!(doors.two.attempts(&run).await.expect("reads").len(), names.len());
    let held = doors.two.held("owner-0").await.expect("reads");
    assert_eq!(held.len(), given.values().filter(|(owner, _)| owner != "owner-0").count());
}

fn claim(queue: &str, limit: u32, owner: &str) -> Op {
    Op::Claim { queue: queue.into(), limit, scope: Scope::Anyone(vec![("paint".into(), 1)]), owner: owner.into() }
}

async fn a_claim_takes_what_it_may_in_the_order_of_the_queue(doors: Doors) {
    let (early, late) = (doors.start("a", "one").await, doors.start("b", "one").await);
    let other = NewStep { spec: Some("{}".into()), ..step(&early, "") };
    let add = |name: &str, run: &Id, place: u64, change: fn(&mut NewStep)| {
        let mut step = NewStep { run: run.clone(), name: name.into(), place, ..other.clone() };
        change(&mut step);
        Op::StepAdd { step, hit: false }
    };
    let plain: fn(&mut NewStep) = |_| {};
    doors
        .commit(vec![
            add("z", &late, 1, plain),
            add("b", &late, 2, plain),
            add("c", &early, 2, plain),
            add("a", &early, 2, plain),
            add("another queue", &early, 0, |s| s.queue = "media".into()),
            add("another kind", &early, 0, |s| s.kind = "speak".into()),
            add("another version", &early, 0, |s| s.kind_version = 2),
            add("only its run's own", &early, 0, |s| s.spec = None),
        ])
        .await;
    doors.commit(vec![Op::StepAdd { step: NewStep { name: "answered".into(), place: 0, ..other.clone() }, hit: true }]).await;
    let names = |claimed: &[Claimed]| claimed.iter().map(|c| format!("{}/{}", c.step.run, c.step.name)).collect::<Vec<_>>();
    let kinds = [("paint".to_owned(), 1)];
    assert_eq!(doors.two.waiting("cpu", &kinds).await.expect("reads"), 4);
    // A run that a person has stopped gives nothing; one that has ended neither.
    doors.commit(vec![Op::Control { run: late.clone(), control: Some(Control::Pause) }]).await;
    assert_eq!(doors.two.waiting("cpu", &kinds).await.expect("reads"), 2);
    assert_eq!(names(&doors.two.commit(vec![claim("cpu", 1, "two")], false).await.expect("claims").claimed[0]), ["a/a"]);
    doors.commit(vec![Op::Control { run: late.clone(), control: None }]).await;
    let taken = doors.two.commit(vec![claim("cpu", 9, "two"), claim("cpu", 9, "two")], false).await.expect("claims").claimed;
    assert_eq!(taken.iter().map(|t| names(t)).collect::<Vec<_>>(), [vec!["b/z", "a/c", "b/b"], vec![]]);
    assert!(taken[0].iter().all(|c| c.tenant == id("local") && c.attempt == 1 && c.step.memo_key == key(1)));
    let own = Op::Claim { queue: "cpu".into(), limit: 9, scope: Scope::Stage(early.clone(), "shots".into()), owner: "one".into() };
    let own = doors.commit(vec![own]).await.claimed.remove(0);
    assert_eq!(names(&own), ["a/another kind", "a/another version", "a/only its run's own"]);
    // Given back, the attempt never was.
    let back = own[0].clone();
    doors.commit(vec![Op::StepRelease { run: early.clone(), name: back.step.name, fence: back.fence }]).await;
    let row = doors.two.steps(&early, Some(&["another kind"])).await.expect("reads").remove(0);
    assert_eq!((row.state, row.attempt, row.lease), (StepState::Ready, 0, None));
    assert!(doors.two.attempts(&early).await.expect("reads").iter().all(|a| a.step != "another kind"));
    doors.commit(vec![Op::RunEnd { run: early.clone(), status: RunStatus::Cancelled, summary: None, error: None }]).await;
    let speak = Op::Claim { queue: "cpu".into(), limit: 9, scope: Scope::Anyone(vec![("speak".into(), 1)]), owner: "two".into() };
    assert_eq!(doors.commit(vec![speak]).await.claimed, [vec![]]);
    let refused = doors.one.commit(vec![Op::Control { run: early, control: Some(Control::Drain) }], true).await;
    assert!(matches!(refused, Err(RegistryError::RunNotRunning { .. })));
}

async fn fences_grow_whoever_takes(doors: Doors) {
    let run = doors.steps("r1", &["s1"]).await;
    let mut last = 0;
    for n in 0..20 {
        let (door, owner) = if n % 3 == 0 { (&doors.two, "two") } else { (&doors.one, "one") };
        let fence = if n % 2 == 0 {
            door.commit(vec![claim("cpu", 1, owner)], false).await.expect("claims").claimed[0][0].fence
        } else {
            door.commit(vec![Op::StepTake { run: run.clone(), name: "s1".into(), owner: owner.into() }], false).await.expect("takes").fences
                [0]
        };
        assert!(fence > last, "{fence} after {last}");
        last = fence;
        doors.commit(vec![Op::StepRelease { run: run.clone(), name: "s1".into(), fence }]).await;
    }
}

async fn events_come_in_the_order_of_their_numbers(doors: Doors) {
    let run = doors.start("r1", "one").await;
    let writers: Vec<_> = (0..4_u32)
        .map(|writer| {
            let (door, run) = (Arc::clone(if writer % 2 == 0 { &doors.one } else { &doors.two }), run.clone());
            tokio::spawn(async move {
                for n in 0..25 {
                    let run = (n % 2 == 0).then(|| run.clone());
                    let event = |part: u32| Op::Event { run: run.clone(), kind: format!("{writer} {n} {part}"), json: json!({}) };
                    door.commit(vec![event(0), event(1)], n % 5 == 0).await.expect("commits");
                }
            })
        })
        .collect();
    // Who reads on from what was seen last misses nothing.
    let (mut seen, mut last) = (Vec::new(), 0);
    while seen.len() < 200 {
        for event in doors.two.events(None, last, 7).await.expect("reads") {
            assert!(event.seq > last);
            last = event.seq;
            seen.push(event);
        }
        let ended = writers.iter().all(tokio::task::JoinHandle::is_finished);
        let more = !doors.two.events(None, last, 1).await.expect("reads").is_empty();
        assert!(!ended || more || seen.len() == 200, "an event came late: {} of 200 were seen", seen.len());
        tokio::task::yield_now().await;
    }
    for pair in seen.chunks(2) {
        let list = |kind: &str| kind.rsplit_once(' ').map(|(list, _)| list.to_owned());
        assert_eq!(list(&pair[0].kind), list(&pair[1].kind), "a list's events stand together");
    }
    for writer in 0..4 {
        let own: Vec<&str> = seen.iter().map(|e| e.kind.as_str()).filter(|k| k.starts_with(&format!("{writer} "))).collect();
        let sent: Vec<String> = (0..25).flat_map(|n| [format!("{writer} {n} 0"), format!("{writer} {n} 1")]).collect();
        assert_eq!(own, sent);
    }
    let of_run = doors.two.events(Some(&run), 0, 1_000).await.expect("reads");
    assert_eq!(of_run.len(), 104);
    assert!(of_run.windows(2).all(|pair| pair[0].seq < pair[1].seq) && of_run.iter().all(|e| e.run.as_ref() == Some(&run)));
}

async fn three_deaths_over_a_step_are_enough(doors: Doors) {
    let run = doors.steps("r1", &["s1"]).await;
    let expire = |fence: i64| vec![Op::StepExpire { run: run.clone(), name: "s1".into(), fence }];
    let mut fences = Vec::new();
    for death in 1..=3 {
        let claimed = doors.commit(vec![claim("cpu", 1, "two")]).await.claimed.remove(0);
        assert_eq!(claimed[0].attempt, death);
        let fence = claimed[0].fence;
        doors.two.commit(expire(fence - 1), true).await.expect("a stale fence: nothing happens");
        assert_eq!(doors.state(&run, "s1").await, StepState::Running);
        doors.two.commit(expire(fence), true).await.expect("expires");
        let late = Op::StepEnd { run: run.clone(), name: "s1".into(), fence, state: StepState::Done, error: None };
        assert!(matches!(doors.one.commit(vec![late], true).await, Err(RegistryError::Fenced { .. })), "death {death}");
        fences.push(fence);
    }
    let row = doors.two.steps(&run, None).await.expect("reads").remove(0);
    assert_eq!((row.state, row.attempt), (StepState::Dead, 3));
    assert!(row.error.is_some_and(|e| e.contains("3 in a row")));
    assert_eq!(doors.commit(vec![claim("cpu", 1, "two")]).await.claimed, [vec![]], "nobody takes a dead step");
    let tries = doors.two.attempts(&run).await.expect("reads");
    let tries: Vec<_> = tries.iter().map(|t| (t.n, t.fence, t.outcome.as_deref())).collect();
    assert_eq!(tries, [(1, fences[0], Some("lost")), (2, fences[1], Some("lost")), (3, fences[2], Some("lost"))]);
    let lost = doors.two.events(Some(&run), 0, 99).await.expect("reads");
    let lost: Vec<_> = lost.iter().map(|e| (e.kind.as_str(), e.json["step"].as_str(), e.json["fence"].as_i64())).collect();
    assert_eq!(lost, fences.iter().map(|f| ("lease_lost", Some("s1"), Some(*f))).collect::<Vec<_>>());
    doors.commit(vec![Op::StepRetry { run: run.clone(), name: "s1".into() }]).await;
    assert_eq!(doors.commit(vec![claim("cpu", 1, "two")]).await.claimed[0][0].attempt, 1, "counted anew");
    let skip = |name: &str| vec![Op::StepSkip { run: run.clone(), name: name.into() }];
    assert!(matches!(doors.one.commit(skip("s1"), true).await, Err(RegistryError::Taken { state, .. }) if state == "running"));
    assert!(matches!(doors.one.commit(skip("s2"), true).await, Err(RegistryError::Taken { state, .. }) if state == "unknown"));
}

async fn what_a_dead_owner_held_is_free_or_lost(doors: Doors) {
    let run = doors.steps("r1", &["s1", "s2"]).await;
    let own = doors.start("r2", "two").await;
    let body = key(1);
    doors
        .commit(vec![
            Op::StepAdd { step: step(&own, "done"), hit: true },
            Op::StepAdd { step: step(&own, "held"), hit: false },
            Op::StepTake { run: own.clone(), name: "held".into(), owner: "two".into() },
            Op::StepAdd { step: step(&own, "waiting"), hit: false },
            Op::RequestClaim { tenant: id("local"), key: "k".into(), body: body.clone(), owner: "two".into() },
            Op::WorkerUp { owner: "two".into(), queues: [("cpu".to_owned(), 2)].into(), build: "1".into() },
            Op::WorkerUp { owner: "two".into(), queues: [("cpu".to_owned(), 3)].into(), build: "1".into() },
            claim("cpu", 1, "two"),
        ])
        .await;
    let workers = doors.two.workers().await.expect("reads");
    assert_eq!(workers.iter().map(|w| (w.owner.as_str(), w.beat, w.queues["cpu"])).collect::<Vec<_>>(), [("two", 1, 3)]);
    let held = doors.two.held("one").await.expect("reads");
    assert_eq!(held.iter().map(|h| (h.run.as_str(), h.step.as_str(), h.beat)).collect::<Vec<_>>(), [("r1", "s1", 1), ("r2", "held", 1)]);
    let holders: BTreeSet<String> = doors.two.holders().await.expect("reads").into_iter().collect();
    assert_eq!(holders, ["one".to_owned(), "two".to_owned()].into());
    doors.commit(vec![Op::OwnerDied { owner: "two".into() }]).await;
    assert_eq!(doors.two.holders().await.expect("reads"), ["one"]);
    assert_eq!(doors.state(&run, "s1").await, StepState::Ready, "another's run goes on");
    let states: Vec<_> = doors.two.steps(&own, None).await.expect("reads").into_iter().map(|s| (s.step.name, s.state)).collect();
    let lost = |name: &str| (name.to_owned(), StepState::Lost);
    assert_eq!(states, [("done".to_owned(), StepState::Done), lost("held"), lost("waiting")]);
    let ended = doors.two.run(&own).await.expect("reads").expect("is known");
    assert_eq!((ended.status.as_str(), ended.ended.is_some()), ("partial", true), "some of it is done");
    assert_eq!(doors.two.run(&run).await.expect("reads").expect("is known").status, "running");
    assert_eq!(doors.two.request(&id("local"), "k", Timestamp(NOW)).await.expect("reads"), None);
    assert!(doors.two.workers().await.expect("reads").is_empty());
    assert_eq!(doors.kinds_of_events().await, ["lease_lost", "run_interrupted"]);
}

async fn a_key_is_claimed_and_answered_once(doors: Doors) {
    let tenant = id("local");
    let ask = |n: u64, owner: &str| vec![Op::RequestClaim { tenant: tenant.clone(), key: "k".into(), body: key(n), owner: owner.into() }];
    let answer = |owner: &str| {
        let (tenant, key, owner, response) = (tenant.clone(), "k".to_owned(), owner.to_owned(), key(9));
        vec![Op::RequestAnswer { tenant, key, owner, response, expires_at: NOW + 60_000 }]
    };
    assert_eq!(doors.commit(ask(1, "one")).await.claims, [Claim::Mine]);
    let held = Claim::Held { body: key(1), owner: "one".into() };
    assert_eq!(doors.two.commit(ask(2, "two"), true).await.expect("asks").claims, [held]);
    assert!(matches!(doors.two.commit(answer("two"), true).await, Err(RegistryError::NotClaimed { .. })));
    doors.commit(answer("one")).await;
    assert!(matches!(doors.one.commit(answer("one"), true).await, Err(RegistryError::NotClaimed { .. })), "twice");
    let answered = Claim::Answered { body: key(1), response: key(9) };
    assert_eq!(doors.two.commit(ask(2, "two"), true).await.expect("asks").claims[0], answered);
    assert_eq!(doors.two.request(&tenant, "k", Timestamp(NOW)).await.expect("reads"), Some(answered));
    assert_eq!(doors.two.index(Timestamp(NOW)).await.expect("reads").answers, [("k".to_owned(), key(9))]);
    let later = Timestamp(NOW + 60_000);
    assert_eq!(doors.two.request(&tenant, "k", later).await.expect("reads"), None, "it has expired");
    assert!(doors.two.index(later).await.expect("reads").answers.is_empty());
    doors.clock.advance(60_000);
    assert_eq!(doors.two.commit(ask(3, "two"), true).await.expect("asks").claims, [Claim::Mine]);
    doors.commit(vec![Op::RequestRelease { tenant: tenant.clone(), key: "k".into(), owner: "one".into() }]).await;
    assert!(doors.two.request(&tenant, "k", later).await.expect("reads").is_some(), "another's claim stays");
    doors.commit(vec![Op::RequestRelease { tenant: tenant.clone(), key: "k".into(), owner: "two".into() }]).await;
    assert_eq!(doors.two.request(&tenant, "k", later).await.expect("reads"), None);
}

async fn decisions_stand_in_a_chain_and_answer_questions(doors: Doors) {
    let (one, two) = (doors.start("r1", "one").await, doors.start("r2", "one").await);
    let point = "approve_canon_diff";
    let says = |n: u64, approved: bool| Approval {
        point: point.into(),
        approver: "mara".into(),
        at: "2026-11-20T00:00:00.000Z".into(),
        subject: key(n),
        approved,
        notes: approved.then(|| "fine".to_owned()),
    };
    let ask = |run: &Id, n: u64| Op::ReviewAsk { run: run.clone(), point: point.into(), subject: key(n), what: "canon".into() };
    doors.commit(vec![ask(&one, 1), ask(&two, 1), ask(&two, 1)]).await;
    let waits = async || -> Vec<(String, Hash)> {
        doors.two.reviews(None).await.expect("reads").into_iter().map(|r| (r.run.to_string(), r.subject)).collect()
    };
    assert_eq!(waits().await, [("r1".to_owned(), key(1)), ("r2".to_owned(), key(1))]);
    doors.commit(vec![ask(&two, 2)]).await;
    assert_eq!(waits().await, [("r2".to_owned(), key(2))], "the same episode asks about other content now");
    // Both doors at once: the chain has no fork.
    let both: Vec<_> = (0..12_u64)
        .map(|n| {
            let door = Arc::clone(if n % 2 == 0 { &doors.one } else { &doors.two });
            let op = Op::Approval { run: if n % 3 == 0 { one.clone() } else { two.clone() }, approval: says(n % 4, n % 2 == 0) };
            tokio::spawn(async move { door.commit(vec![op], true).await.map(drop) })
        })
        .collect();
    for one in both {
        one.await.expect("ends").expect("is recorded");
    }
    assert_eq!(waits().await, []);
    doors.commit(vec![Op::Approval { run: one.clone(), approval: says(1, true) }]).await;
    let (of, last) = doors.two.decided(&id("local"), point, &key(1)).await.expect("reads").expect("decided");
    assert_eq!((of, last), (one.clone(), says(1, true)), "the last counts, whichever run asked");
    assert_eq!(doors.two.decided(&id("other"), point, &key(1)).await.expect("reads"), None);
    assert_eq!(doors.two.approvals(&one).await.expect("reads").last(), Some(&says(1, true)));
    let chain = doors.two.decisions().await.expect("reads");
    assert_eq!((chain.rows.len(), chain.rows.last().map(|r| r.seq)), (13, Some(chain.ever)));
    let mut before = String::new();
    for row in chain.rows {
        let (run, said) = row.said.expect("reads back");
        let digest = decision_digest(&before, &run, &said).expect("has one");
        assert_eq!((row.run.as_str(), row.digest.as_deref()), (run.as_str(), Some(digest.as_str())));
        before = digest.to_string();
    }
    assert!(doors.one.commit(vec![Op::Approval { run: id("r9"), approval: says(1, true) }], true).await.is_err(), "about no run");
    assert_eq!(doors.two.decisions().await.expect("reads").rows.len(), 13);
}

async fn content_knows_its_kin_and_who_names_it(doors: Doors) {
    let (run, tenant) = (doors.start("r1", "one").await, id("local"));
    let document = |n: u64| OutputRef { hash: key(n), size: n, schema_id: Some("script".into()), schema_version: Some("0.1.0".into()) };
    let origin = Origin { run: Some(run.clone()), step: Some("s1".into()) };
    let note =
        |n: u64, origin: Origin| [Op::Blob { hash: key(n), size: n }, Op::Artifact { tenant: tenant.clone(), output: document(n), origin }];
    let making = registry::Making {
        kind: "write".into(),
        kind_version: 3,
        grade: Grade::Pinned,
        memo_key: key(50),
        tool: Some("pen 2".into()),
        inputs: vec![key(1), key(77), key(2)],
    };
    let mut ops: Vec<Op> = note(1, Origin::default()).into_iter().chain(note(2, origin.clone())).collect();
    ops.push(Op::Making { tenant: tenant.clone(), hash: key(2), making: making.clone() });
    ops.push(Op::Making { tenant: tenant.clone(), hash: key(2), making: registry::Making { kind_version: 9, inputs: vec![], ..making } });
    ops.extend(note(2, Origin::default()));
    doors.commit(ops).await;
    let row = doors.two.artifact(&tenant, &key(2)).await.expect("reads").expect("is known");
    assert_eq!((row.schema_id.as_str(), row.size, row.run, row.step.as_deref()), ("script", 2, Some(run.clone()), Some("s1")));
    let made = row.made.expect("is noted");
    assert_eq!((made.kind_version, made.memo_key, made.tool.as_deref()), (3, key(50), Some("pen 2")), "the first stays");
    let kin = doors.two.lineage(&tenant, &key(2)).await.expect("reads");
    assert_eq!(kin.parents, [(registry::Relation::MadeFrom, key(1))], "neither itself nor what is no content");
    let index = doors.two.index(Timestamp(NOW)).await.expect("reads");
    let named: BTreeMap<Hash, Option<Id>> = index.artifacts.into_iter().map(|(hash, _, run)| (hash, run)).collect();
    assert_eq!(named, [(key(1), None), (key(2), Some(run))].into());
    assert_eq!(doors.two.artifact(&id("other"), &key(2)).await.expect("reads"), None);
    doors.commit(vec![Op::Gone { hash: key(2) }]).await;
    assert_eq!(doors.two.artifact(&tenant, &key(2)).await.expect("reads"), None);
    assert_eq!(doors.two.lineage(&tenant, &key(1)).await.expect("reads").children, []);
    assert_eq!(doors.two.complaints().await.expect("reads"), Vec::<String>::new());
}

async fn rows_come_in_byte_order_whatever_the_language(doors: Doors) {
    let names = ["b", "B", "a-b", "ab", "Z", "é", "z", "_"];
    let run = doors.steps("r1", &names).await;
    let mut sorted = names.to_vec();
    sorted.sort_unstable();
    let found: Vec<String> = doors.two.steps(&run, None).await.expect("reads").into_iter().map(|s| s.step.name).collect();
    assert_eq!(found, sorted);
    let some: BTreeSet<String> =
        doors.two.steps(&run, Some(&["é", "B", "none"])).await.expect("reads").into_iter().map(|s| s.step.name).collect();
    assert_eq!(some, ["B".to_owned(), "é".to_owned()].into());
    doors.clock.advance(5);
    doors.start("r0", "one").await;
    let filter = RunFilter { project: Some(id("lighthouse")), episode: Some(1), limit: 0 };
    let runs = async |filter: &RunFilter| -> Vec<String> {
        doors.two.runs(&id("local"), filter).await.expect("reads").into_iter().map(|r| r.id.to_string()).collect()
    };
    assert_eq!(runs(&filter).await, ["r0", "r1"], "the newest first");
    assert_eq!(runs(&RunFilter { limit: 1, ..filter.clone() }).await, ["r0"]);
    assert!(runs(&RunFilter { episode: Some(2), ..filter }).await.is_empty());
}

async fn who_waits_is_told_after_the_commit(doors: Doors) {
    let told = || doors.told.0.swap(0, Ordering::SeqCst);
    let run = doors.start("r1", "one").await;
    doors.commit(vec![Op::Event { run: None, kind: "said".into(), json: json!({}) }]).await;
    assert_eq!(told(), 0, "nobody has anything to do");
    let add = |hit: bool, name: &str| vec![Op::StepAdd { step: step(&run, name), hit }];
    doors.commit(add(true, "answered")).await;
    assert_eq!(told(), 0);
    doors.commit(add(false, "waits")).await;
    assert_eq!(told(), 1, "before the caller has its answer");
    assert!(doors.one.commit(add(false, "waits"), true).await.is_err());
    assert_eq!(told(), 0, "nothing has happened");
    let fence = doors.commit(vec![Op::StepTake { run: run.clone(), name: "waits".into(), owner: "one".into() }]).await.fences[0];
    assert_eq!(told(), 0);
    doors.commit(vec![Op::StepEnd { run: run.clone(), name: "waits".into(), fence, state: StepState::Done, error: None }]).await;
    assert_eq!(told(), 1);
}

async fn a_closed_store_says_so(doors: Doors) {
    let said = Op::Event { run: None, kind: "said".into(), json: json!({}) };
    doors.commit(vec![said.clone()]).await;
    doors.one.close().await;
    doors.one.close().await;
    assert!(matches!(doors.one.commit(vec![said], true).await, Err(RegistryError::Closed)));
}

/// What a power cut leaves is what the last flush wrote: all that was given since is given again, but its numbers never are.
#[tokio::test]
async fn a_power_cut_gives_no_fence_a_second_time() {
    let home = tempfile::tempdir().expect("a folder");
    let around = || Around {
        clock: Arc::new(SeededClock::new(Timestamp(NOW), 1)),
        failpoints: Failpoints::parse("").expect("a setting"),
        woken: Arc::new(Notify::new()),
        wake: None,
    };
    let open = async |dir: &Path| SqliteStore::open(&dir.join("registry.sqlite"), around()).await.expect("opens");
    let take = |name: &str| Op::StepTake { run: id("r1"), name: name.into(), owner: "one".into() };
    let before = open(home.path()).await;
    let add = |n: u64| Op::StepAdd { step: step(&id("r1"), &format!("s{n}")), hit: false };
    let mut ops = vec![Op::RunStart { run: new_run(&id("r1")), owner: "one".into() }];
    ops.extend((0..20).map(add));
    before.commit(ops, true).await.expect("starts");
    // The first lease of a process is flushed, whatever its caller asked for.
    let first = before.commit(vec![take("s0")], false).await.expect("takes").fences[0];
    let cut = tempfile::tempdir().expect("a folder");
    for file in std::fs::read_dir(home.path()).expect("lists") {
        let file = file.expect("lists");
        // The index of the log is memory of living processes.
        if !file.file_name().to_string_lossy().ends_with("-shm") {
            kit::Files::copy(&kit::SystemFiles::new(), &file.path(), &cut.path().join(file.file_name())).expect("copies");
        }
    }
    let mut last = first;
    for n in 1..20 {
        last = before.commit(vec![take(&format!("s{n}"))], false).await.expect("takes").fences[0];
    }
    let after = open(cut.path()).await;
    let stands = after.steps(&id("r1"), None).await.expect("reads");
    assert_eq!(stands.iter().filter(|s| s.state == StepState::Running).count(), 1, "the other nineteen were never flushed");
    let again = after.commit(vec![take("s1")], false).await.expect("takes").fences[0];
    assert!(first < last && last < again, "{first} {last} {again}");
}
