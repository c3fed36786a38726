//! What is kept for a client, for how long, and what of the rest goes.

use contracts::{Hash, Id, Seed, run::RunStatus};
use kit::{Failpoints, MemoryFiles, SeededClock, Timestamp};
use registry::{Claim, Grade, MemoLookup, MemoPut, NewRun, Origin, OutputRef, Registry, RegistryError, Room, Seams};
use std::sync::Arc;

use super::{artifact, id, key, memo, start_run};

const ROOM: Room = Room { keep_days: 30, max_bytes: None };

/// A registry whose clock a test sets.
async fn timed() -> (Registry, Arc<SeededClock>) {
    let clock = Arc::new(SeededClock::new(Timestamp(1_700_000_000_000), 1));
    let seams = Seams { clock: Arc::clone(&clock) as Arc<dyn kit::Clock>, failpoints: Failpoints::parse("").expect("a setting") };
    (Registry::in_memory_with(seams, MemoryFiles::new()).await.expect("opens"), clock)
}

async fn claim(registry: &Registry, name: &str, body: u64) -> Claim {
    let mut txn = registry.begin();
    txn.request_claim(&id("local"), name, &key(body));
    txn.commit().await.expect("commits").claims.remove(0)
}

async fn answer(registry: &Registry, name: &str, response: &Hash, until: i64) -> Result<(), RegistryError> {
    let mut txn = registry.begin();
    txn.request_answer(&id("local"), name, response, Timestamp(until));
    txn.commit().await.map(drop)
}

#[tokio::test]
async fn of_thirty_two_who_claim_a_key_at_once_one_works() {
    let home = tempfile::tempdir().expect("a folder");
    let mut doors = Vec::new();
    for _ in 0..4 {
        doors.push(Registry::open(home.path()).await.expect("opens"));
    }
    let all: Vec<_> = (0..32)
        .map(|n| {
            let door = doors[n % 4].clone();
            tokio::spawn(async move { (n % 4, claim(&door, "night 1", 1).await) })
        })
        .collect();
    let mut mine = Vec::new();
    for one in all {
        match one.await.expect("runs") {
            (door, Claim::Mine) => mine.push(door),
            (_, Claim::Held { body, .. }) => assert_eq!(body, key(1)),
            (_, Claim::Answered { .. }) => panic!("nobody has answered"),
        }
    }
    assert_eq!(mine.len(), 1);
    // Nobody but who claimed it may answer; then everybody hears the answer, whatever they ask.
    let response = doors[0].blobs().put_bytes(&artifact(1)).expect("stores").hash;
    let far = i64::MAX / 2;
    for (n, door) in doors.iter().enumerate().filter(|(n, _)| *n != mine[0]) {
        assert!(matches!(answer(door, "night 1", &response, far).await, Err(RegistryError::NotClaimed { .. })), "{n}");
    }
    answer(&doors[mine[0]], "night 1", &response, far).await.expect("answers");
    let answered = Claim::Answered { body: key(1), response: response.clone() };
    assert_eq!(claim(&doors[0], "night 1", 1).await, answered);
    assert_eq!(claim(&doors[1], "night 1", 2).await, answered, "another body hears what was asked first");
    assert_eq!(doors[2].request(&id("local"), "night 1").await.expect("reads"), Some(answered));
    assert_eq!(doors[2].request(&id("other"), "night 1").await.expect("reads"), None, "tenants do not meet");
}

#[tokio::test]
async fn a_claim_ends_with_its_process_or_when_it_is_given_back() {
    let home = tempfile::tempdir().expect("a folder");
    let survivor = Registry::open(home.path()).await.expect("opens");
    let dying = Registry::open(home.path()).await.expect("opens");
    assert_eq!(claim(&dying, "a", 1).await, Claim::Mine);
    assert!(matches!(claim(&survivor, "a", 1).await, Claim::Held { .. }));
    survivor.declare_lost().await.expect("looks");
    assert!(matches!(claim(&survivor, "a", 1).await, Claim::Held { .. }), "its process lives");
    dying.close().await;
    survivor.declare_lost().await.expect("looks");
    assert_eq!(claim(&survivor, "a", 1).await, Claim::Mine);
    let mut txn = survivor.begin();
    txn.request_release(&id("local"), "a");
    txn.commit().await.expect("commits");
    assert_eq!(survivor.request(&id("local"), "a").await.expect("reads"), None);
}

#[tokio::test]
async fn an_answer_keeps_what_it_names_until_it_expires() {
    let (registry, clock) = timed().await;
    let film = registry.blobs().put_bytes(b"a film").expect("stores").hash;
    let named = format!("{{\"film\":\"sha256:{film}\",\"schema_id\":\"render_response\",\"schema_version\":\"1.0.0\"}}");
    let response = registry.blobs().put_bytes(named.as_bytes()).expect("stores").hash;
    assert_eq!(claim(&registry, "a", 1).await, Claim::Mine);
    answer(&registry, "a", &response, 1_700_000_000_000 + 86_400_000).await.expect("answers");
    assert_eq!(registry.collect(ROOM).await.expect("collects").victims, []);
    clock.jump_utc(2 * 86_400_000);
    assert_eq!(registry.request(&id("local"), "a").await.expect("reads"), None);
    assert_eq!(registry.collect(ROOM).await.expect("collects").victims.len(), 2);
    assert_eq!(claim(&registry, "a", 2).await, Claim::Mine, "the key is free again");
}

#[tokio::test]
async fn a_result_that_has_expired_is_asked_for_anew_and_its_content_goes() {
    let (registry, clock) = timed().await;
    let tenant = id("local");
    let put = |bytes: &[u8]| -> OutputRef { registry.blobs().put_bytes(bytes).expect("stores").into() };
    let end = Timestamp(1_700_000_000_000 + 86_400_000);
    let mut txn = registry.begin();
    let mut lent = memo(1, Grade::Recorded, put(b"lent for a day"));
    lent.outputs = lent.outputs.until(end);
    txn.memo_put(&tenant, lent.clone(), None).memo_put(&tenant, memo(2, Grade::Recorded, put(b"given for ever")), None);
    txn.commit().await.expect("commits");
    assert_eq!(registry.memo_get(&tenant, &key(1)).await.expect("reads"), MemoLookup::Hit(lent));
    assert_eq!(registry.collect(ROOM).await.expect("collects").victims, []);
    clock.jump_utc(2 * 86_400_000);
    assert_eq!(registry.plan_collection(ROOM).await.expect("plans").memos, [(tenant.clone(), key(1))]);
    // A new result takes its place, whether or not somebody looked before.
    let mut txn = registry.begin();
    txn.memo_put(&tenant, memo(1, Grade::Recorded, put(b"asked again")), None);
    assert_eq!(txn.commit().await.expect("commits").memos, [MemoPut::Stored]);
    let again = registry.memo_get(&tenant, &key(1)).await.expect("reads");
    assert_eq!(again, MemoLookup::Hit(memo(1, Grade::Recorded, put(b"asked again"))));
    let gone = registry.collect(ROOM).await.expect("collects").victims;
    assert_eq!(gone.iter().map(|v| v.blob.hash.clone()).collect::<Vec<_>>(), [Hash::of(b"lent for a day")]);
    clock.jump_utc(86_400_000_000);
    assert!(matches!(registry.memo_get(&tenant, &key(2)).await.expect("reads"), MemoLookup::Hit(_)));
}

#[tokio::test]
async fn an_expired_result_is_forgotten_when_it_is_asked_for() {
    let (registry, clock) = timed().await;
    let tenant = id("local");
    let mut txn = registry.begin();
    let mut lent = memo(1, Grade::Recorded, registry.blobs().put_bytes(b"x").expect("stores").into());
    lent.outputs = lent.outputs.until(Timestamp(1_700_000_000_000 + 1_000));
    txn.memo_put(&tenant, lent, None);
    txn.commit().await.expect("commits");
    clock.jump_utc(2_000);
    assert_eq!(registry.memo_get(&tenant, &key(1)).await.expect("reads"), MemoLookup::Miss);
    assert_eq!(registry.events(None, 0, 9).await.expect("reads").iter().filter(|e| e.kind == "memo_expired").count(), 1);
}

/// Makes a run with a document of its own.
async fn run_of(registry: &Registry, name: &str, look: bool, n: u64) -> Hash {
    let (tenant, run): (Id, Id) = (id("local"), id(name));
    let mut txn = registry.begin();
    txn.run_start(NewRun {
        id: run.clone(),
        tenant: tenant.clone(),
        project: id("lighthouse"),
        episode: 1,
        out_dir: None,
        look,
        request: None,
    });
    let hash = txn.put_artifact(&tenant, &artifact(n), Origin { run: Some(run.clone()), step: None }).expect("stores").hash;
    txn.run_end(&run, RunStatus::Completed, None, None);
    txn.commit().await.expect("commits");
    hash
}

#[tokio::test]
async fn of_looks_at_work_in_hand_the_newest_are_kept_and_of_films_all() {
    let (registry, _) = timed().await;
    let mut films = Vec::new();
    let mut looks = Vec::new();
    for n in 0..9 {
        films.push(run_of(&registry, &format!("film-{n}"), false, n).await);
        looks.push(run_of(&registry, &format!("look-{n}"), true, 100 + n).await);
    }
    let gone: Vec<Hash> = registry.collect(ROOM).await.expect("collects").victims.into_iter().map(|v| v.blob.hash).collect();
    assert_eq!(gone.len(), 4, "of nine looks five are kept");
    for (n, hash) in looks.iter().enumerate() {
        assert_eq!(gone.contains(hash), n < 4, "look {n}");
    }
    assert!(films.iter().all(|f| registry.bytes(f).is_ok()));
    assert!(registry.verify(1).await.expect("looks").sound());
}

/// The least recently used go first, and no more of them than the size asks.
#[tokio::test]
async fn room_is_made_by_least_recent_use_and_never_of_what_is_recorded() {
    let (registry, clock) = timed().await;
    let tenant = id("local");
    let mut random = Seed::new(7);
    for n in 0..20 {
        let bytes: Vec<u8> = (0..1_000).map(|_| random.below(256) as u8).collect();
        let grade = if n == 0 { Grade::Recorded } else { [Grade::Pure, Grade::Pinned][n as usize % 2] };
        let mut txn = registry.begin();
        txn.memo_put(&tenant, memo(n, grade, registry.blobs().put_bytes(&bytes).expect("stores").into()), None);
        txn.commit().await.expect("commits");
        clock.jump_utc(1_000);
    }
    let mut txn = registry.begin();
    txn.memo_used(&tenant, &[key(1), key(2)]);
    txn.commit().await.expect("commits");
    let went = registry.collect(Room { keep_days: 30, max_bytes: Some(12_500) }).await.expect("collects");
    let keys: Vec<Hash> = went.memos.into_iter().map(|(_, key)| key).collect();
    assert_eq!(keys, (3..11).map(key).collect::<Vec<_>>(), "eight of a thousand bytes, the oldest that were not used since");
    let run = start_run(&registry, "r1").await;
    assert_eq!(
        registry.collect(Room { keep_days: 0, max_bytes: Some(0) }).await.expect("collects").running,
        [run],
        "and none beside a run"
    );
}
