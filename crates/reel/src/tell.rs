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
    amended::Amended,
    failure::Failure,
    hand::Places,
    project::ProjectFolder,
    stages::{
        self, Made, Shop,
        script::{Scripted, Words},
    },
    writing::{self, WRITING_FILE, Writer},
};

/// What the writer works with.
pub struct Writing {
    pub project: Arc<Project>,
    /// The author's screenplays, and the pack for what stands before them.
    pub writer: Arc<FountainWriter>,
    /// What the pack writes from: its data. None where the author alone writes.
    pub pack: Option<Hash>,
    /// The model that is asked for lines of the pack's episodes, where one is set up and may be asked.
    pub model: Option<Arc<Writer>>,
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
    /// Who found the words, where a model was asked for them.
    pub words: Option<Words>,
    /// Why the model that is set up was not asked.
    pub unasked: Option<String>,
}

/// Where a version of the canon comes from.
#[derive(Clone)]
pub enum By {
    /// `canon.toml`, and what the pack adds to it.
    Author,
    /// What the season hides, before anything is shown.
    Truth,
    /// Looks and voices.
    Cast,
    /// A diff the author applied, before an episode.
    Hand(Box<Amended>),
    /// What an episode makes true.
    Episode(u32),
}

/// A version of the canon, as the story stands now.
pub struct Version {
    pub by: By,
    pub canon: Made<Canon>,
    /// The judged diff that made it, where it is kept as one.
    pub diff: Option<Made<CanonDiff>>,
    /// The text it was read off, of an episode.
    pub script: Option<Made<Script>>,
}

impl Version {
    fn of(by: By, canon: &Made<Canon>) -> Self {
        Self { by, canon: canon.clone(), diff: None, script: None }
    }
}

/// How far a story is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    /// To the author's diffs before the episode.
    Hand,
    /// To the end of the episode.
    Told,
}

/// The versions of the canon up to where an author's diff before this episode stands: the last is what it would change. Nothing of
/// the episode itself is told.
pub fn canon_before(shop: &mut Shop, folder: &ProjectFolder, episode: u32) -> Result<Vec<Version>, Failure> {
    let mut versions = Vec::new();
    walk(shop, folder, (episode, Until::Hand), &mut |_| Ok(()), &mut versions)?;
    Ok(versions)
}

/// The versions of the canon up to the end of an episode.
pub fn canon_after(shop: &mut Shop, folder: &ProjectFolder, episode: u32) -> Result<Vec<Version>, Failure> {
    let mut versions = Vec::new();
    walk(shop, folder, (episode, Until::Told), &mut |_| Ok(()), &mut versions)?;
    Ok(versions)
}

impl Written {
    /// What a person should know of who wrote.
    pub fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> = self.unasked.iter().cloned().collect();
        let Some(words) = &self.words else { return notes };
        let models: Vec<&String> = words.by.values().filter(|by| by.starts_with("model:")).collect();
        let name = models.first().map_or("a model", |name| name.as_str());
        notes.push(format!("{} of {} lines are by {name}; the others are the pack's", models.len(), words.by.len()));
        notes.extend(words.told.iter().take(TOLD).cloned());
        if words.told.len() > TOLD {
            notes.push(format!("and {} more lines keep the pack's words", words.told.len() - TOLD));
        }
        notes
    }
}

/// Reasons that are told, at most.
const TOLD: usize = 8;

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
    walk(shop, folder, (episode, Until::Told), ask, &mut Vec::new())?.ok_or_else(|| Failure::internal("no episode was told"))
}

fn walk(
    shop: &mut Shop,
    folder: &ProjectFolder,
    (episode, until): (u32, Until),
    ask: &mut dyn FnMut(Question<'_>) -> Result<(), Failure>,
    versions: &mut Vec<Version>,
) -> Result<Option<Written>, Failure> {
    versions.clear();
    let asks = folder.writer.asks_pack();
    let pack = asks.then(|| world::fingerprint(&folder.project.genre).map_err(Failure::internal)).transpose()?;
    let (model, unasked) = match if asks { writing::set_up()? } else { None } {
        None => (None, None),
        Some((_, settings)) => match Writer::open(&settings, &folder.project) {
            Ok(model) => (model.map(Arc::new), None),
            Err(why) => (None, Some(format!("the model of {WRITING_FILE} is not asked: {why}"))),
        },
    };
    let writing = Writing { project: Arc::new(folder.project.clone()), writer: Arc::clone(&folder.writer), pack, model };
    let author = shop.keep(folder.canon.clone())?;
    let unscripted = |failure: Failure| failure.located(|source| folder.place(source, &Notes::none(folder.project.id.clone(), episode)));
    let (arc, mut canon) = stages::arc::run(shop, &writing, &author).map_err(unscripted)?;
    versions.extend([Version::of(By::Author, &author), Version::of(By::Truth, &canon)]);
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
        for hand in folder.amended.iter().filter(|a| a.before == number) {
            let (diff, after) = canon::again(&canon.doc, &hand.amendment).map_err(|e| hand.failure(&folder.root, e))?;
            canon = shop.keep(after)?;
            let by = By::Hand(Box::new(hand.clone()));
            versions.push(Version { diff: Some(shop.keep(diff)?), ..Version::of(by, &canon) });
        }
        if number == episode && until == Until::Hand {
            return Ok(None);
        }
        let plan = stages::episode::run(shop, &writing, &canon, &arc, number)?;
        // Everybody is cast once, for the whole season, before its first line.
        let people: Made<Cast> = match &cast {
            Some(people) => Made::clone(people),
            None => {
                let (people, known) = stages::cast::run(shop, &writing, &canon, &arc).map_err(unscripted)?;
                ask(Question::Cast(&people.hash))?;
                canon = known;
                versions.push(Version::of(By::Cast, &canon));
                cast.insert(people).clone()
            }
        };
        let Scripted { script, diff, words } = stages::script::run(shop, &writing, &canon, &arc, &people, &plan).map_err(unscripted)?;
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
        versions.push(Version {
            diff: Some(judged.diff.clone()),
            script: Some(script.clone()),
            ..Version::of(By::Episode(number), &judged.canon)
        });
        if number == episode {
            let seen_before = seen_before.into_iter().collect();
            return Ok(Some(Written {
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
                words,
                unasked,
            }));
        }
        seen_before.extend(script.doc.beats().filter_map(|(_, b)| b.action.as_ref()).flat_map(|a| a.props.iter().cloned()));
        canon = judged.canon;
        earlier.push((number, judged.diff));
    }
    Err(Failure::internal("no episode was told"))
}
