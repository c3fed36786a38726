//! Many who open one fresh home at one moment.

use std::time::Duration;

use registry::{Claim, Registry};

use super::{id, integrity::behind};

/// Whoever makes a database holds it for some milliseconds, and whoever comes meanwhile has to wait. SQLite makes nobody wait
/// who has read and then wants to write, as the change to a write-ahead log does: it refuses at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_while_another_makes_the_database_waits() {
    let home = tempfile::tempdir().expect("a folder");
    let other = behind(home.path());
    other.execute_batch("BEGIN IMMEDIATE").expect("holds it");
    let opening = tokio::spawn({
        let home = home.path().to_owned();
        async move { Registry::open(&home).await }
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!opening.is_finished(), "it neither waits nor says so");
    other.execute_batch("COMMIT").expect("lets go");
    other.close().expect("closes");
    let registry = opening.await.expect("ends").expect("opens");
    registry.blobs().put_bytes(b"content").expect("stores");
    registry.close().await;
}

/// As processes do that are started at one moment, and end as soon as they have been answered.
#[test]
fn a_fresh_home_is_opened_by_many_at_once() {
    for round in 0..20 {
        let home = tempfile::tempdir().expect("a folder");
        let claims: Vec<Result<Claim, String>> = std::thread::scope(|scope| {
            let all: Vec<_> = (0..5).map(|_| scope.spawn(|| one(home.path()))).collect();
            all.into_iter().map(|one| one.join().expect("ends")).collect()
        });
        let mine = claims.iter().filter(|c| matches!(c, Ok(Claim::Mine))).count();
        assert!(claims.iter().all(Result::is_ok) && mine == 1, "round {round}: {claims:?}");
    }
}

/// One of them: opens, stores what all store, asks for the key, answers when it has it, and closes.
fn one(home: &std::path::Path) -> Result<Claim, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(|e| e.to_string())?;
    runtime.block_on(async {
        let registry = Registry::open(home).await.map_err(|e| e.to_string())?;
        let body = registry.blobs().put_bytes(b"what is asked").map_err(|e| e.to_string())?.hash;
        let claim = loop {
            let mut txn = registry.begin();
            txn.request_claim(&id("local"), "key", &body);
            match txn.commit().await.map_err(|e| e.to_string())?.claims.pop() {
                Some(Claim::Held { .. }) => tokio::time::sleep(Duration::from_millis(5)).await,
                Some(claim) => break claim,
                None => return Err("no answer".to_owned()),
            }
            registry.declare_lost().await.map_err(|e| e.to_string())?;
        };
        if claim == Claim::Mine {
            let mut txn = registry.begin();
            let answer = registry.blobs().put_bytes(b"the answer").map_err(|e| e.to_string())?.hash;
            txn.request_answer(&id("local"), "key", &answer, kit::Timestamp(registry.clock().now_utc().ms() + 1_000_000));
            txn.commit().await.map_err(|e| e.to_string())?;
        }
        registry.close().await;
        Ok(claim)
    })
}
