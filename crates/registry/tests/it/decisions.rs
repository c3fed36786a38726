//! What people decided: recorded once, changed by nobody, and missed when it is gone. What waits for them is kept.

use std::sync::Arc;

use contracts::run::{Approval, RunStatus};
use contracts::{Hash, Id};
use kit::{Failpoints, SeededClock, Timestamp};
use registry::{Grade, MemoLookup, OutputRef, Registry, RegistryError, Room, Seams};

use super::integrity::alter;
use super::{id, key, memo, start_run, step};

const POINT: &str = "approve_shotlist_timing_lock";
const DAY_MS: u64 = 86_400_000;

fn decision(subject: &Hash, approved: bool, notes: Option<&str>) -> Approval {
    Approval {
        point: POINT.into(),
        approver: "mara".into(),
        at: "2026-11-20T00:00:00.000Z".into(),
        subject: subject.clone(),
        approved,
        notes: notes.map(str::to_owned),
    }
}

async fn decide(registry: &Registry, run: &Id, decision: Approval) {
    let mut txn = registry.begin();
    txn.approval(run, decision);
    txn.commit().await.expect("is recorded");
}

async fn ask(registry: &Registry, run: &Id, subject: &Hash) {
    let mut txn = registry.begin();
    txn.review_ask(run, POINT, subject, "the lengths of the shots");
    txn.commit().await.expect("asks");
}

async fn end(registry: &Registry, run: &Id, status: RunStatus) {
    let mut txn = registry.begin();
    txn.run_end(run, status, None, None);
    txn.commit().await.expect("ends");
}

async fn waiting(registry: &Registry) -> Vec<(String, Hash)> {
    registry.reviews(None).await.expect("reads").into_iter().map(|r| (r.run.to_string(), r.subject)).collect()
}

/// 002-27.3: there is no act of a transaction that changes or removes a decision, the database refuses both, and what is done
/// behind its back is found.
#[tokio::test]
async fn a_decision_is_never_changed_and_a_changed_one_is_found() {
    for (tampering, found) in [
        ("UPDATE approvals SET approved = 1 WHERE seq = 2", "decision 2"),
        ("UPDATE approvals SET approver = 'bram' WHERE seq = 1", "decision 1"),
        ("UPDATE approvals SET notes = 'fine' WHERE seq = 2", "decision 2"),
        ("DELETE FROM approvals WHERE seq = 1", "decision 2"),
        ("DELETE FROM approvals WHERE seq = 3", "the last of `approvals` is number 2, and 3 were recorded"),
        ("UPDATE approvals SET digest = NULL WHERE seq = 2", "decision 2"),
    ] {
        let home = tempfile::tempdir().expect("a folder");
        let registry = Registry::open(home.path()).await.expect("opens");
        let run = start_run(&registry, "r1").await;
        let put = |bytes: &[u8]| registry.blobs().put_bytes(bytes).expect("stores").hash;
        let (one, two) = (put(b"a shot list"), put(b"another shot list"));
        // A later decision stands beside the first, and counts.
        decide(&registry, &run, decision(&one, true, None)).await;
        decide(&registry, &run, decision(&one, false, Some("too long"))).await;
        decide(&registry, &run, decision(&two, true, None)).await;
        let all = registry.approvals(&run).await.expect("reads");
        assert_eq!(all.iter().map(|a| a.approved).collect::<Vec<_>>(), [true, false, true]);
        let last = registry.decided(&id("local"), POINT, &one).await.expect("reads").expect("decided").1;
        assert_eq!((last.approved, last.notes.as_deref(), last.approver.as_str()), (false, Some("too long"), "mara"));
        assert!(registry.verify(1).await.expect("looks").sound(), "{:?}", registry.verify(1).await);
        registry.close().await;
        // The database itself says no.
        for sql in ["UPDATE approvals SET approved = 1", "DELETE FROM approvals"] {
            let refused = super::integrity::try_alter(home.path(), sql).expect_err("is refused");
            assert!(refused.to_string().contains("an approval is never"), "{refused}");
        }
        alter(home.path(), "DROP TRIGGER approvals_stand; DROP TRIGGER approvals_stay");
        alter(home.path(), tampering);
        let registry = Registry::open(home.path()).await.expect("opens");
        let seen = registry.verify(1).await.expect("looks");
        assert!(!seen.sound() && seen.database.iter().any(|d| d.contains(found)), "{tampering}: {:?}", seen.database);
    }
}

/// 002-27.2: silence is no yes, whatever time passes; what a waiting run has made is there when the answer comes, and not kept
/// for its sake once the film is made.
#[tokio::test]
async fn a_run_waits_for_thirty_days_and_finds_what_it_made() {
    let home = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(SeededClock::new(Timestamp(1_700_000_000_000), 1));
    let open = async || {
        let seams = Seams { clock: Arc::clone(&clock) as Arc<dyn kit::Clock>, failpoints: Failpoints::parse("").expect("a setting") };
        Registry::open_with(home.path(), seams).await.expect("opens")
    };
    let room = Room { keep_days: 7, max_bytes: Some(0) };
    let tenant = id("local");
    let registry = open().await;
    let run = start_run(&registry, "r1").await;
    let output: OutputRef = registry.blobs().put_bytes(b"a painted plane").expect("stores").into();
    let mut txn = registry.begin();
    txn.memo_put(&tenant, memo(1, Grade::Pure, output.clone()), Some(&run)).step_hit(step(&run, "assets/plane"));
    txn.review_ask(&run, POINT, &key(7), "the lengths of the shots");
    txn.commit().await.expect("commits");
    end(&registry, &run, RunStatus::Blocked).await;
    registry.close().await;

    clock.advance(31 * DAY_MS);
    let registry = open().await;
    assert_eq!(registry.collect(room).await.expect("collects").victims, []);
    assert_eq!(registry.decided(&tenant, POINT, &key(7)).await.expect("reads"), None, "nobody has said yes");
    assert_eq!(waiting(&registry).await, [("r1".to_owned(), key(7))]);
    decide(&registry, &run, decision(&key(7), true, None)).await;
    assert_eq!(waiting(&registry).await, []);
    registry.close().await;

    // The yes, and what was made, outlast another month before somebody goes on.
    clock.advance(31 * DAY_MS);
    let registry = open().await;
    assert_eq!(registry.collect(room).await.expect("collects").victims, []);
    assert!(matches!(registry.memo_get(&tenant, &key(1)).await.expect("reads"), MemoLookup::Hit(_)));
    assert!(registry.decided(&tenant, POINT, &key(7)).await.expect("reads").expect("decided").1.approved);
    let film = start_run(&registry, "r2").await;
    end(&registry, &film, RunStatus::Completed).await;
    let gone = registry.collect(room).await.expect("collects").victims;
    assert_eq!(gone.iter().map(|v| v.blob.hash.clone()).collect::<Vec<_>>(), [output.hash]);
}

#[tokio::test]
async fn a_decision_about_content_answers_every_run_that_waits_for_it_and_other_content_is_another_question() {
    let (registry, _) = super::in_memory().await;
    let (one, two) = (start_run(&registry, "r1").await, start_run(&registry, "r2").await);
    ask(&registry, &one, &key(1)).await;
    ask(&registry, &two, &key(1)).await;
    assert_eq!(waiting(&registry).await, [("r1".to_owned(), key(1)), ("r2".to_owned(), key(1))]);
    decide(&registry, &two, decision(&key(1), true, None)).await;
    assert_eq!(waiting(&registry).await, []);
    // Content that has changed takes the place of the question about what it was.
    ask(&registry, &one, &key(2)).await;
    ask(&registry, &two, &key(3)).await;
    assert_eq!(waiting(&registry).await, [("r2".to_owned(), key(3))]);
    end(&registry, &two, RunStatus::Completed).await;
    assert_eq!(waiting(&registry).await, [], "a film is made: nobody waits");
    let mut nobody = registry.begin();
    nobody.approval(&id("r9"), decision(&key(1), true, None));
    assert!(matches!(nobody.commit().await, Err(RegistryError::Database(_))), "a decision is about a run that is known");
}
