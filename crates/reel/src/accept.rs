//! What an accepted film changes: the canon of the project moves on, and the film is the episode's latest.

use contracts::{Hash, Id, canon::CanonDiff, run::RunSummary};
use registry::{RefRow, Registry, RegistryError, Relation};
use serde_json::json;

use crate::{
    failure::Failure,
    logged,
    produce::Film,
    proposal,
    shop::tenant,
    stages::{Made, Shop},
};

/// A change of canon that an episode brings.
pub struct Change {
    /// Whose canon.
    pub project: Id,
    /// Which episode, from 1.
    pub episode: u32,
    /// Episodes of the season.
    pub episodes: u32,
    /// The canon the episode began with.
    pub before: Hash,
    /// What it makes true, judged.
    pub diff: Hash,
    /// The canon after it.
    pub after: Hash,
}

/// Where the canon of a project stands: after the furthest episode that has an accepted film.
pub fn head(project: &Id) -> String {
    format!("canon/{project}")
}

/// The canon after an episode's accepted film.
pub fn canon_of(project: &Id, episode: u32) -> String {
    format!("canon/{project}/ep-{episode:02}")
}

/// What an episode's accepted film made true.
pub fn diff_of(project: &Id, episode: u32) -> String {
    format!("diff/{project}/ep-{episode:02}")
}

/// Times a lost race is run again. Each loss is somebody else's gain, so that this many in a row mean a fault.
const RACES: usize = 1_000;

/// An episode's latest film in one profile.
pub fn film_of(project: &Id, episode: u32, profile: &str) -> String {
    format!("film/{project}/ep-{episode:02}/{profile}")
}

/// Records a film that was measured and accepted: it is the latest of its episode and profile, and the canon of the project
/// moves on; what was decided is in the project's log, whose address comes back. A draft is looked at while working: it changes no
/// canon, locks nothing and decides nothing.
pub fn film(shop: &Shop, film: &Film, summary: &RunSummary) -> Result<Option<Hash>, Failure> {
    let latest = (film_of(&summary.project_id, summary.episode, &film.profile), &film.output.hash);
    let change = if film.draft { None } else { Some(&film.canon) };
    shop.runtime.block_on(accepted(&shop.registry, Some(shop.runner.run_id()), Some(latest), change)).map_err(Failure::damaged)?;
    if film.draft {
        return Ok(None);
    }
    // The first film that is accepted locks its episode to what it was promised to be.
    let (run, proposal) = (shop.runner.run_id(), &film.promised.made.doc);
    if film.promised.pledge.lock.is_none() {
        proposal::approve(&shop.registry, &shop.runtime, proposal, run.as_str(), None)?;
    }
    let mut entries = logged::of_film(summary, &film.decided)?;
    if film.promised.pledge.lock.is_none() {
        entries.extend(logged::proposed(proposal, false));
    }
    logged::record(&shop.registry, &shop.runtime, &summary.project_id, Some(run), &entries)
}

/// Moves the names of an episode by compare-and-set, all in one commit. A lost race reads again and goes on from what the
/// winner left, so that no episode's change is lost. The film before this one is kept, and linked.
async fn accepted(
    registry: &Registry,
    run: Option<&Id>,
    latest: Option<(String, &Hash)>,
    change: Option<&Change>,
) -> Result<(), RegistryError> {
    let tenant = tenant();
    let mut races = 0;
    loop {
        let mut names: Vec<(String, &Hash)> = latest.iter().cloned().collect();
        if let Some(change) = change {
            let mut furthest = change.episode;
            for later in change.episode + 1..=change.episodes {
                if registry.get_ref(&tenant, &canon_of(&change.project, later)).await?.is_some() {
                    furthest = later;
                }
            }
            names.push((canon_of(&change.project, change.episode), &change.after));
            names.push((diff_of(&change.project, change.episode), &change.diff));
            if furthest == change.episode {
                names.push((head(&change.project), &change.after));
            }
        }
        let mut txn = registry.begin();
        if let Some(run) = run {
            txn.on_behalf_of(run);
        }
        for (name, to) in &names {
            let now: Option<RefRow> = registry.get_ref(&tenant, name).await?;
            if now.as_ref().is_none_or(|row| row.hash != **to) {
                txn.ref_cas(&tenant, name, now.as_ref().map_or(0, |row| row.version), to);
                if let (Some(old), true) = (&now, latest.as_ref().is_some_and(|(film, _)| film == name)) {
                    txn.link(&tenant, to, Relation::Supersedes, &old.hash);
                }
            }
        }
        if let Some(Change { before, diff, after, .. }) = change {
            txn.event(run, "film_accepted", json!({"canon_before": before, "canon_diff": diff, "canon_after": after}));
        }
        match txn.commit().await {
            Err(RegistryError::RefMoved { .. }) if races < RACES => races += 1,
            done => return done.map(|_| ()),
        }
    }
}

/// What a person must hear when the story of an earlier episode has moved on since its film was accepted. An episode
/// without an accepted film is no news.
pub fn outrun(shop: &Shop, project: &Id, earlier: &[(u32, Made<CanonDiff>)]) -> Result<Vec<String>, Failure> {
    let mut notes = Vec::new();
    for (episode, now) in earlier {
        let name = diff_of(project, *episode);
        let Some(then) = shop.runtime.block_on(shop.registry.get_ref(&tenant(), &name)).map_err(Failure::damaged)? else { continue };
        if then.hash == now.hash {
            continue;
        }
        let then: CanonDiff = shop.registry.artifact(&then.hash).map_err(Failure::damaged)?;
        if !same_truth(&then, &now.doc) {
            notes.push(format!("episode {episode}'s film tells something else than its story does now; produce episode {episode} again"));
        }
    }
    Ok(notes)
}

/// Whether two diffs make the same things true, whatever canon they were made over.
fn same_truth(a: &CanonDiff, b: &CanonDiff) -> bool {
    let rest = |d: &CanonDiff| CanonDiff {
        base: Hash::of(b""),
        justification: String::new(),
        provenance: String::new(),
        verdict: None,
        ..d.clone()
    };
    rest(a) == rest(b)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn change(episode: u32, text: &str) -> Change {
        let address = |what: &str| Hash::of(format!("{what} {text}").as_bytes());
        Change { project: Id::slug("p"), episode, episodes: 3, before: address("before"), diff: address("diff"), after: address("after") }
    }

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
    }

    #[test]
    fn the_head_is_the_furthest_episode_in_whatever_order_films_are_accepted() {
        for order in [[1, 2, 3], [3, 2, 1], [2, 3, 1], [2, 1, 3]] {
            runtime().block_on(async {
                let registry = Registry::in_memory().await.expect("opens");
                let mut furthest = 0;
                for n in order {
                    accepted(&registry, None, None, Some(&change(n, &n.to_string()))).await.expect("accepted");
                    furthest = furthest.max(n);
                    let now = registry.get_ref(&tenant(), &head(&Id::slug("p"))).await.expect("reads").expect("a head");
                    assert_eq!(now.hash, change(furthest, &furthest.to_string()).after);
                }
                // The same film again moves nothing; another one of episode 1 moves episode 1 alone.
                let head_then = registry.get_ref(&tenant(), &head(&Id::slug("p"))).await.expect("reads");
                accepted(&registry, None, None, Some(&change(3, "3"))).await.expect("accepted");
                accepted(&registry, None, None, Some(&change(1, "other"))).await.expect("accepted");
                assert_eq!(registry.get_ref(&tenant(), &head(&Id::slug("p"))).await.expect("reads"), head_then);
                let one = registry.get_ref(&tenant(), &canon_of(&Id::slug("p"), 1)).await.expect("reads").expect("there");
                assert_eq!((one.hash, one.version), (change(1, "other").after, 2));
            });
        }
    }

    #[test]
    fn a_story_that_makes_the_same_true_over_another_canon_is_no_news() {
        let diff = |base: &str, thread: &str| CanonDiff {
            project_id: Id::slug("p"),
            base: Hash::of(base.as_bytes()),
            added: vec![],
            modified: vec![],
            removed: vec![],
            ended: vec![],
            learned: vec![contracts::canon::Learned { who: Id::slug("a"), fact: Id::slug(thread), cause: Id::slug("sc01-b01") }],
            characters: vec![],
            threads: vec![],
            justification: base.into(),
            provenance: base.into(),
            verdict: None,
        };
        assert!(same_truth(&diff("one", "t"), &diff("two", "t")));
        assert!(!same_truth(&diff("one", "t"), &diff("one", "u")));
    }

    #[test]
    fn thirty_two_who_accept_at_once_lose_nothing() {
        runtime().block_on(async {
            let registry = Registry::in_memory().await.expect("opens");
            let registry = Arc::new(registry);
            let all: Vec<_> = (0..32_u32)
                .map(|i| {
                    let registry = Arc::clone(&registry);
                    tokio::spawn(async move {
                        accepted(&registry, None, None, Some(&change(1 + i % 3, &format!("{} by {i}", 1 + i % 3)))).await
                    })
                })
                .collect();
            for one in all {
                one.await.expect("runs").expect("accepted");
            }
            let at = async |name: String| registry.get_ref(&tenant(), &name).await.expect("reads").expect("there");
            let project = Id::slug("p");
            // Every acceptance moved its episode once: versions count the writers, and canon and diff are of the same one.
            for (n, writers) in [(1, 11), (2, 11), (3, 10)] {
                let (after, diff) = (at(canon_of(&project, n)).await, at(diff_of(&project, n)).await);
                assert_eq!((after.version, diff.version), (writers, writers), "episode {n}");
                let by = (0..32).find(|i| change(n, &format!("{n} by {i}")).after == after.hash).expect("one of them");
                assert_eq!(diff.hash, change(n, &format!("{n} by {by}")).diff);
            }
            assert_eq!(at(head(&project)).await.hash, at(canon_of(&project, 3)).await.hash);
            let accepted = registry.events(None, 0, 100).await.expect("reads").iter().filter(|e| e.kind == "film_accepted").count();
            assert_eq!(accepted, 32);
        });
    }
}
