//! The story of an episode, told: arc, plan, cast, script and the author's hand, up to the gate that judges them.

use std::sync::Arc;

use adapt::Story;
use contracts::{
    Hash, Id,
    canon::{Canon, CanonDiff},
    lexicon::Substitution,
    notes::Notes,
    project::Project,
    story::{Cast, EpisodePlan, Script},
    table_read::TableRead,
};
use serde_json::{Value, json};
use world::fountain::FountainWriter;

use crate::{
    failure::Failure,
    hand::Places,
    project::ProjectFolder,
    stages::{self, Made, Shop},
};

/// What the writer works with.
pub struct Writing {
    pub project: Arc<Project>,
    /// The author's screenplays, and the pack for what stands before them.
    pub writer: Arc<FountainWriter>,
    /// What the pack writes from: its data. None where the author alone writes.
    pub pack: Option<Hash>,
}

impl Writing {
    /// What a story depends on besides its canon: a change of style, shape or rate rewrites nothing.
    pub fn settings(&self) -> Value {
        let p = &self.project;
        let pack = self.pack.as_ref().map_or_else(|| "author".to_owned(), ToString::to_string);
        json!({
            "id": p.id, "title": p.title, "genre": p.genre, "target_duration_s": p.target_duration_s, "language": p.language,
            "premise": p.premise.as_deref().unwrap_or_default(), "safety": stages::json(&p.safety),
            "pack": pack, "kernel": p.kernel.as_ref().map_or("drawn", |k| k.as_str()),
        })
    }

    /// The text an episode is written from: the author's screenplay, where there is one.
    pub fn source(&self, number: u32) -> Value {
        self.writer.manuscript(number).map_or_else(|| json!("pack"), |m| json!(m.source))
    }
}

/// The story as it was told: what the adapter reads.
pub struct Told {
    pub project: Arc<Project>,
    pub canon: Made<Canon>,
    pub cast: Made<Cast>,
    pub script: Made<Script>,
    pub notes: Arc<Notes>,
    pub read: Made<TableRead>,
}

impl Told {
    /// The documents, borrowed.
    pub fn story(&self) -> Story<'_> {
        Story {
            project: &self.project,
            canon: &self.canon.doc,
            cast: &self.cast.doc,
            script: &self.script.doc,
            notes: &self.notes,
            read: &self.read.doc,
        }
    }

    /// What a shot list depends on.
    pub fn projection(&self) -> Value {
        let p = &self.project;
        json!({
            "project": {"id": p.id, "title": p.title, "genre": p.genre, "language": p.language, "edit_rate": stages::json(&p.edit_rate)},
            "canon": self.canon.hash, "cast": self.cast.hash, "script": self.script.hash, "read": self.read.hash,
            "notes": {"shots": stages::json(&self.notes.shots), "music": stages::json(&self.notes.music)},
        })
    }
}

/// The documents of the story of one episode.
pub struct Written {
    pub arc: Made<contracts::story::StoryArc>,
    pub plan: Made<EpisodePlan>,
    pub cast: Made<Cast>,
    /// As the author left it: the writer's, with the notes on its lines.
    pub script: Made<Script>,
    /// The author's notes on this episode.
    pub notes: Made<Notes>,
    /// Where in their file they stand.
    pub places: Arc<Places>,
    /// Words of that file that are not known, and what they were read as.
    pub substitutions: Vec<Substitution>,
    pub judged: stages::canon_gate::Judged,
    /// The canon the episode began with.
    pub before: Made<Canon>,
    /// Things seen in the episodes before it.
    pub seen_before: Vec<Id>,
    /// What each earlier episode makes true as its story stands now, judged.
    pub earlier: Vec<(u32, Made<CanonDiff>)>,
    /// Episodes of the season.
    pub episodes: u32,
}

/// What a person may be asked while a story is told.
pub enum Question<'a> {
    /// The cast, before the script is written for it.
    Cast(&'a Hash),
    /// What an episode makes true, before the canon holds it.
    Diff(u32, &'a Hash),
}

/// Writes the story up to the asked episode: each earlier one is told first, because what it made true is true in this one.
/// Told episodes are remembered, so this costs nothing twice. `ask` ends the telling where a yes is missing.
pub fn tell(
    shop: &mut Shop,
    folder: &ProjectFolder,
    episode: u32,
    ask: &mut dyn FnMut(Question<'_>) -> Result<(), Failure>,
) -> Result<Written, Failure> {
    let asks = folder.writer.asks_pack();
    let pack = asks.then(|| world::fingerprint(&folder.project.genre).map_err(Failure::internal)).transpose()?;
    let writing = Writing { project: Arc::new(folder.project.clone()), writer: Arc::clone(&folder.writer), pack };
    let author = shop.keep(folder.canon.clone())?;
    let unscripted = |failure: Failure| failure.located(|source| folder.place(source, &Notes::none(folder.project.id.clone(), episode)));
    let (arc, mut canon) = stages::arc::run(shop, &writing, &author).map_err(unscripted)?;
    let episodes = arc.doc.episodes.len() as u32;
    let numbers: Vec<u32> = arc.doc.episodes.iter().map(|e| e.number).collect();
    if !numbers.contains(&episode) {
        let whole = numbers.iter().copied().eq(1..=episodes);
        let list = || numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        let known = if whole { format!("1 to {episodes}") } else { list() };
        let message = format!("episode {episode} does not exist: the season of `{}` has the episodes {known}", folder.project.id);
        // Where an author has begun to write, no pack goes on.
        let write =
            if writing.writer.numbers().is_empty() { String::new() } else { format!(", or write episodes/{episode:02}/script.fountain") };
        return Err(Failure::story("episode.unknown", message, format!("ask for --episode {known}{write}")));
    }
    let mut cast = None;
    let mut seen_before = std::collections::BTreeSet::new();
    let mut earlier = Vec::new();
    for number in numbers.into_iter().filter(|n| *n <= episode) {
        shop.prefix = if number == episode { String::new() } else { format!("episode-{number}/") };
        let plan = stages::episode::run(shop, &writing, &canon, &arc, number)?;
        // Everybody is cast once, for the whole season, before its first line.
        let people: Made<Cast> = match &cast {
            Some(people) => Made::clone(people),
            None => {
                let (people, known) = stages::cast::run(shop, &writing, &canon, &arc).map_err(unscripted)?;
                ask(Question::Cast(&people.hash))?;
                canon = known;
                cast.insert(people).clone()
            }
        };
        let (script, diff) = stages::script::run(shop, &writing, &canon, &arc, &people, &plan).map_err(unscripted)?;
        let hand = folder.notes(number)?;
        let (notes, places, substitutions) = (shop.keep(hand.notes)?, Arc::new(hand.places), hand.substitutions);
        let script = stages::edit::run(shop, script, &people, &notes, &places)?;
        // Camera words are weaker than any note, and ask nothing of a picture whose words the author cut.
        let mut hints = writing.writer.hints(&writing.project, &canon.doc, number).map_err(Failure::internal)?;
        hints.shots.retain(|h| script.doc.beats().any(|(_, b)| b.id == h.at && (b.action.is_some() || !b.lines.is_empty())));
        let notes = if hints.is_empty() { notes } else { shop.keep((*notes.doc).clone().over(&hints))? };
        stages::safety::run(shop, &writing, &script)?;
        let judged = stages::canon_gate::run(shop, &canon, &people, &plan, &script, &diff)
            .map_err(|failure| failure.located(|source| folder.place(source, &notes.doc)))?;
        ask(Question::Diff(number, &judged.diff.hash))?;
        if number == episode {
            let seen_before = seen_before.into_iter().collect();
            return Ok(Written {
                arc,
                plan,
                cast: people,
                script,
                notes,
                places,
                substitutions,
                judged,
                before: canon,
                seen_before,
                earlier,
                episodes,
            });
        }
        seen_before.extend(script.doc.beats().filter_map(|(_, b)| b.action.as_ref()).flat_map(|a| a.props.iter().cloned()));
        canon = judged.canon;
        earlier.push((number, judged.diff));
    }
    Err(Failure::internal("no episode was told"))
}
