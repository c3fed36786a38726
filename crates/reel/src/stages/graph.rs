//! The graph of an episode, as data: every stage, what it reads, what it makes, over what it fans out, how long one of its
//! steps may take. The stage files do the work; what is said of a run before and after it (`--plan`, `rerun --from`, `audit`,
//! the deadline) is read from here, and a test holds both against each other.

use std::time::Duration;

/// One stage.
pub struct Part {
    /// Its name.
    pub name: &'static str,
    /// What one of its steps stands for; empty when it has but one.
    pub each: &'static str,
    /// The stages whose results it reads.
    pub needs: &'static [&'static str],
    /// The kinds of its steps.
    pub kinds: &'static [&'static str],
    /// What it makes, by schema id, or `media`: `reel audit` asks whether a run has it.
    pub makes: &'static [&'static str],
    /// How long one attempt at one step may take, seconds. Generous: it ends what hangs, not what is slow.
    pub seconds: u64,
    /// Whether it is cheap, and decides what there is to make after it.
    pub thinks: bool,
}

const fn part(
    name: &'static str,
    each: &'static str,
    needs: &'static [&'static str],
    kinds: &'static [&'static str],
    makes: &'static [&'static str],
    seconds: u64,
) -> Part {
    Part { name, each, needs, kinds, makes, seconds, thinks: false }
}

const fn thinking(
    name: &'static str,
    needs: &'static [&'static str],
    kinds: &'static [&'static str],
    makes: &'static [&'static str],
) -> Part {
    Part { thinks: true, ..part(name, "", needs, kinds, makes, 300) }
}

/// The stages of an episode. Each reads only what stands before it.
pub const EPISODE: &[Part] = &[
    thinking("proposal", &[], &["proposal"], &["proposal"]),
    thinking("arc", &[], &["arc"], &["canon", "story_arc"]),
    thinking("episode", &["arc"], &["episode"], &["episode_plan"]),
    thinking("cast", &["arc"], &["cast"], &["canon", "cast"]),
    // Only where a model is set up to write lines.
    Part { each: "scene", seconds: 1900, ..thinking("model", &["arc", "cast", "episode"], &["ask"], &[]) },
    thinking("script", &["arc", "cast", "episode", "model"], &["script"], &["canon_diff", "script"]),
    thinking("edit", &["cast", "script"], &["edit"], &["script"]),
    thinking("safety", &["script", "edit"], &["safety"], &[]),
    thinking("canon_gate", &["cast", "episode", "script", "edit"], &["canon_gate"], &["canon", "canon_diff"]),
    Part {
        each: "line",
        seconds: 600,
        ..thinking("table_read", &["cast", "script", "edit"], &["speak", "table_read"], &["table_read", "media"])
    },
    thinking("shotlist", &["canon_gate", "cast", "script", "edit", "table_read"], &["shotlist"], &["shot_list"]),
    thinking("manifest", &["canon_gate", "cast", "script", "edit", "table_read", "shotlist"], &["manifest"], &["asset_manifest"]),
    // Only where a person has chosen among takes.
    thinking("takes", &["shotlist", "manifest"], &["takes"], &["asset_manifest"]),
    part("music", "piece", &["manifest", "takes"], &["piece"], &["media"], 1800),
    part(
        "assets",
        "need",
        &["manifest", "takes", "table_read", "music"],
        &["paint", "sound", "score", "library", "assets"],
        &["media", "resolved_assets"],
        1800,
    ),
    part("plates", "need", &["manifest", "takes", "assets"], &["paint", "library"], &["media"], 1800),
    part("render_plan", "", &["proposal", "shotlist", "manifest", "takes", "assets", "plates"], &["render_plan"], &["render_plan"], 600),
    part("burn", "caption", &["render_plan"], &["burn"], &["media"], 600),
    part("shots", "shot", &["render_plan", "burn"], &["shot"], &["media"], 3600),
    part("mix", "", &["render_plan"], &["mix"], &["media"], 3600),
    part("soundtrack", "", &["mix"], &["soundtrack"], &["media"], 3600),
    part("join", "", &["shots", "soundtrack"], &["join", "captions", "sheet"], &["media"], 3600),
    part("publish", "", &["join", "shots", "mix"], &["measure", "publish"], &["render_output"], 3600),
];

/// The stage of this name. A second engine of the table read (`table_read_2`) is the table read.
pub fn stage(name: &str) -> Option<&'static Part> {
    let base = name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('_');
    EPISODE.iter().find(|p| p.name == name).or_else(|| EPISODE.iter().find(|p| p.name == base))
}

/// How long a step of this stage may take.
pub fn allowed(name: &str) -> Option<Duration> {
    stage(name).map(|part| Duration::from_secs(part.seconds))
}

/// A stage and every stage that reads what it makes, directly or not; in order.
pub fn from(name: &str) -> Vec<&'static str> {
    let mut reached: Vec<&'static str> = Vec::new();
    for part in EPISODE {
        if part.name == name || part.needs.iter().any(|need| reached.contains(need)) {
            reached.push(part.name);
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;
    use orchestrator::{Graph, Node};

    #[test]
    fn the_table_is_a_graph_in_its_own_order() {
        let node = |p: &Part| p.needs.iter().fold(Node::new(p.name, |_| Ok(Vec::new())), |node, need| node.after(*need));
        let graph = Graph::compile(EPISODE.iter().map(node).collect()).expect("no circle, no stranger, no twin");
        assert_eq!(graph.order().count(), EPISODE.len());
        for (at, part) in EPISODE.iter().enumerate() {
            let before: Vec<&str> = EPISODE[..at].iter().map(|p| p.name).collect();
            assert!(part.needs.iter().all(|need| before.contains(need)), "{} reads what comes after it", part.name);
            assert!(part.kinds.iter().all(|k| crate::stages::STEP_VERSIONS.iter().any(|(known, _)| known == k)), "{}", part.name);
        }
        let named: Vec<&str> = EPISODE.iter().flat_map(|p| p.kinds).copied().collect();
        for (kind, _) in crate::stages::STEP_VERSIONS {
            assert!(named.contains(kind), "no stage has steps of the kind `{kind}`");
        }
    }

    #[test]
    fn what_follows_a_stage_is_what_reads_it() {
        assert_eq!(from("mix"), ["mix", "soundtrack", "join", "publish"]);
        // All but the proposal, which stands before the story and reads nothing of it.
        assert_eq!(from("arc"), EPISODE[1..].iter().map(|p| p.name).collect::<Vec<_>>());
        assert!(from("shots") == ["shots", "join", "publish"] && from("unknown").is_empty());
        assert_eq!(stage("table_read_2").map(|p| p.name), Some("table_read"));
        assert!(stage("nonsense").is_none());
    }
}
