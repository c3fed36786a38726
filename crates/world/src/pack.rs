//! Packs and kernels: data written by people, read from the text files beside the source.

use std::{collections::BTreeMap, sync::OnceLock};

use contracts::{
    Id,
    canon::{FactKind, Location, PlaceFamily, Prop},
    story::{BeatFn, Delivery, Emotion, FigureKind, Hold, Look, Mood, Part, TimeOfDay, Truth, Voice, Weather, Weight},
};
use serde::Deserialize;

use crate::WorldError;

/// A genre: people, voices, joints and kernels.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pack {
    pub id: Id,
    pub version: u32,
    /// What the genre owes its viewers.
    pub promise: String,
    /// Words this genre overuses: refused in lines.
    pub taboo: Vec<String>,
    /// Shortest and longest episode it writes, seconds.
    pub seconds: [u32; 2],
    pub women: Vec<String>,
    pub men: Vec<String>,
    pub surnames: Vec<String>,
    pub archetypes: BTreeMap<String, Archetype>,
    pub joints: Vec<Joint>,
    #[serde(skip)]
    pub kernels: Vec<Kernel>,
}

/// A kind of person: what they want and how they put things.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Archetype {
    pub figure: FigureKind,
    /// What they are called, when that is no given name: a voice, a power.
    pub called: Option<String>,
    pub role: String,
    pub want: String,
    pub fear: String,
    pub lie: String,
    pub contradiction: String,
    /// Words by which the habit of speech is recognised; `#` is any number.
    pub marks: Vec<String>,
    pub voice: Voice,
    pub looks: Vec<Look>,
}

/// Moulds for one act and tactic, shared by all kernels, one list a register.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Joint {
    pub act: Id,
    pub tactic: Id,
    #[serde(default)]
    pub clipped: Vec<String>,
    #[serde(default)]
    pub plain: Vec<String>,
    #[serde(default)]
    pub ornate: Vec<String>,
}

impl Joint {
    /// The moulds of a register; whoever has none of their own speaks plainly.
    pub fn texts(&self, register: &str) -> &[String] {
        let own = match register {
            "clipped" => &self.clipped,
            "ornate" => &self.ornate,
            _ => &self.plain,
        };
        [own, &self.plain, &self.clipped, &self.ornate].into_iter().find(|t| !t.is_empty()).map_or(&[], Vec::as_slice)
    }
}

/// A situation a person wrote: its hidden truth, what it needs of a world, its episodes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kernel {
    pub id: Id,
    pub truth_type: Id,
    pub premise: String,
    pub decoy: String,
    /// The hidden truth in sentences.
    #[serde(rename = "truth_in_words")]
    pub truth_in_words: Vec<String>,
    pub totem: String,
    pub sound: Id,
    /// Days of the year, `MM-DD`, on which it may begin.
    pub begins: Vec<String>,
    /// The name of the day it begins, in moments.
    pub anchor: String,
    /// Other moments the truth and the episodes are dated by.
    #[serde(default)]
    pub anchors: Vec<AnchorT>,
    /// The thing whose colour fills `{colour}`.
    pub colour_of: Option<String>,
    pub people: Vec<PersonSlot>,
    pub props: Vec<PropSlot>,
    pub places: Vec<PlaceSlot>,
    pub words: Vec<WordSlot>,
    pub numbers: Vec<NumberSlot>,
    pub derived: Vec<Derived>,
    pub rules: Vec<RuleT>,
    /// Concrete words of the kernel's own lines.
    pub particulars: Vec<String>,
    /// Holes whose words are as concrete.
    #[serde(default)]
    pub concrete_holes: Vec<String>,
    /// What secretly happened.
    pub truth: Vec<FactT>,
    #[serde(skip)]
    pub episodes: Vec<EpisodeT>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PersonSlot {
    pub slot: String,
    pub part: Part,
    pub archetype: String,
    /// The relationship by which an author's canon names this person.
    pub tie: Option<String>,
    /// Years this person must have lived when it begins.
    pub least_age: Option<i64>,
    /// A number of the kernel to add to `least_age`: somebody who was grown that many years ago.
    pub least_age_plus: Option<String>,
    /// The slot of the number this person's age fills.
    pub age: Option<String>,
}

/// A moment named for its distance from the day it begins.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnchorT {
    pub slot: String,
    /// A number of the kernel: so many years before.
    pub years_before: Option<String>,
    /// A number of the kernel: so many days after.
    pub days_after: Option<String>,
    /// Days more, or less.
    #[serde(default)]
    pub days: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PropSlot {
    pub slot: String,
    /// Affordances a prop of the canon must have to be bound.
    pub needs: Vec<String>,
    pub options: Vec<Prop>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlaceSlot {
    pub slot: String,
    pub family: PlaceFamily,
    /// One of these words in its name, look or words; any place of the family when empty.
    #[serde(default)]
    pub words: Vec<String>,
    pub options: Vec<PlaceOption>,
}

/// A place; what it holds is named by slot.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlaceOption {
    pub id: Id,
    pub name: String,
    pub family: PlaceFamily,
    pub look: String,
    pub words: Vec<String>,
    #[serde(default)]
    pub sounds: Vec<String>,
    #[serde(default)]
    pub holds: Vec<String>,
}

impl PlaceOption {
    pub fn location(&self, holds: Vec<Id>) -> Location {
        Location {
            id: self.id.clone(),
            name: self.name.clone(),
            family: self.family,
            look: self.look.clone(),
            words: self.words.clone(),
            sounds: self.sounds.clone(),
            holds,
            travel_min: BTreeMap::new(),
        }
    }
}

/// A word the world chooses: the fact (subject, `is`).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WordSlot {
    pub slot: String,
    pub subject: Id,
    pub options: Vec<String>,
    /// A proper name of the world.
    #[serde(default)]
    pub name: bool,
}

/// A number the world chooses: the fact (subject, attribute).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NumberSlot {
    pub slot: String,
    pub subject: Id,
    pub attribute: String,
    pub from: [i64; 2],
    #[serde(default = "one")]
    pub step: i64,
    #[serde(default)]
    pub known: Vec<String>,
}

fn one() -> i64 {
    1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Derived {
    pub slot: String,
    pub of: String,
    #[serde(default = "one")]
    pub times: i64,
    #[serde(default)]
    pub plus: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleT {
    pub id: Id,
    pub text: String,
}

/// A fact with holes. In an episode it begins with its beat; in the truth it has times of its own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FactT {
    pub id: Id,
    pub of: String,
    pub attribute: String,
    pub text: Option<String>,
    pub number: Option<String>,
    #[serde(default)]
    pub plus: i64,
    #[serde(default = "stateful")]
    pub kind: FactKind,
    pub from: Option<String>,
    pub until: Option<String>,
    #[serde(default)]
    pub known: Known,
}

fn stateful() -> FactKind {
    FactKind::Stateful
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Known {
    /// From the moment the fact begins.
    Witnesses(Vec<String>),
    /// Each from a time.
    Since(BTreeMap<String, String>),
}

impl Default for Known {
    fn default() -> Self {
        Self::Witnesses(vec![])
    }
}

/// An episode of a kernel: what happens, and the moulds of what is said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EpisodeT {
    pub number: u32,
    pub value: String,
    pub titles: Vec<String>,
    pub question: String,
    pub reveal: String,
    pub answer: String,
    pub turn: String,
    pub cost: String,
    pub summary: String,
    pub question_beat: Id,
    pub title_after: Id,
    pub forms: contracts::story::Forms,
    pub rows: Vec<Row>,
    pub scenes: Vec<SceneT>,
    pub clues: Vec<ClueT>,
    pub threads: Vec<ThreadT>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    pub row: Id,
    pub what: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SceneT {
    pub id: Id,
    pub place: String,
    pub at: String,
    pub time_of_day: TimeOfDay,
    pub weather: Weather,
    pub mood: Mood,
    pub present: Vec<String>,
    #[serde(default)]
    pub heard: Vec<String>,
    pub goal: String,
    pub obstacle: String,
    pub price: String,
    pub reversal: String,
    pub beats: Vec<BeatT>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BeatT {
    pub id: String,
    #[serde(rename = "fn")]
    pub function: BeatFn,
    pub row: Id,
    /// May be left out when the film is too long.
    #[serde(default)]
    pub optional: bool,
    pub action: Option<ActionT>,
    #[serde(default)]
    pub lines: Vec<LineT>,
    pub line_after_ms: Option<u32>,
    #[serde(default)]
    pub sounds: Vec<Id>,
    #[serde(default)]
    pub hold_after: Hold,
    #[serde(default)]
    pub begins: Vec<FactT>,
    #[serde(default)]
    pub ends: Vec<Id>,
    #[serde(default)]
    pub learns: Vec<(String, Id)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActionT {
    pub texts: Vec<String>,
    pub who: Vec<String>,
    pub verb: Id,
    pub props: Vec<String>,
    #[serde(default = "normal")]
    pub weight: Weight,
}

fn normal() -> Weight {
    Weight::Normal
}

/// A line intent with its moulds: who says what to whom, and how it is put.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LineT {
    pub speaker: String,
    #[serde(default)]
    pub to: Vec<String>,
    pub act: Id,
    pub tactic: Id,
    pub emotion: Emotion,
    #[serde(default = "level_one")]
    pub level: u8,
    #[serde(default = "plain")]
    pub delivery: Delivery,
    #[serde(default)]
    pub hold_before: Hold,
    /// Band of words.
    pub words: [usize; 2],
    #[serde(default)]
    pub states: Vec<(Id, Truth)>,
    /// Words that would give a concealed fact away.
    #[serde(default)]
    pub conceals: Vec<String>,
    pub echo_seed: Option<Id>,
    pub echo_of: Option<Id>,
    /// The one line in which the speaker may say what they never say.
    #[serde(default)]
    pub mask_drops: bool,
    /// From the joints of the pack instead of the kernel's own moulds.
    #[serde(default)]
    pub joint: bool,
    #[serde(default)]
    pub moulds: Vec<String>,
}

fn level_one() -> u8 {
    1
}

fn plain() -> Delivery {
    Delivery::Plain
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClueT {
    pub id: Id,
    pub observable: String,
    pub planted_by: String,
    pub false_reading: String,
    pub true_reading: String,
    pub paid_by: Option<String>,
}

/// What an episode does with a thread.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ThreadT {
    pub id: Id,
    pub question: Option<String>,
    pub opened_by: Option<Id>,
    #[serde(default)]
    pub advanced_by: Vec<Id>,
    pub paid_by: Option<Id>,
    #[serde(default)]
    pub answer: Vec<Id>,
    pub due: Option<String>,
}

/// The text files of a pack: its own, then each kernel's, with that kernel's episodes.
struct Source {
    genre: &'static str,
    pack: &'static str,
    kernels: &'static [(&'static str, &'static str, &'static [&'static str])],
}

/// Every pack of this build. A new one is a row here.
const SOURCES: &[Source] = &[
    Source {
        genre: "adventure",
        pack: include_str!("../packs/adventure.toml"),
        kernels: &[
            (
                "half_row",
                include_str!("../packs/half_row/kernel.toml"),
                &[
                    include_str!("../packs/half_row/ep1.toml"),
                    include_str!("../packs/half_row/ep2.toml"),
                    include_str!("../packs/half_row/ep3.toml"),
                ],
            ),
            (
                "blank_letter",
                include_str!("../packs/blank_letter/kernel.toml"),
                &[
                    include_str!("../packs/blank_letter/ep1.toml"),
                    include_str!("../packs/blank_letter/ep2.toml"),
                    include_str!("../packs/blank_letter/ep3.toml"),
                ],
            ),
        ],
    },
    Source {
        genre: "fairy_tale",
        pack: include_str!("../packs/fairy_tale.toml"),
        kernels: &[
            (
                "borrowed_door",
                include_str!("../packs/borrowed_door/kernel.toml"),
                &[
                    include_str!("../packs/borrowed_door/ep1.toml"),
                    include_str!("../packs/borrowed_door/ep2.toml"),
                    include_str!("../packs/borrowed_door/ep3.toml"),
                ],
            ),
            (
                "river_steps",
                include_str!("../packs/river_steps/kernel.toml"),
                &[
                    include_str!("../packs/river_steps/ep1.toml"),
                    include_str!("../packs/river_steps/ep2.toml"),
                    include_str!("../packs/river_steps/ep3.toml"),
                ],
            ),
        ],
    },
    Source {
        genre: "mystery",
        pack: include_str!("../packs/mystery.toml"),
        kernels: &[
            (
                "other_light",
                include_str!("../packs/other_light/kernel.toml"),
                &[
                    include_str!("../packs/other_light/ep1.toml"),
                    include_str!("../packs/other_light/ep2.toml"),
                    include_str!("../packs/other_light/ep3.toml"),
                ],
            ),
            (
                "three_mugs",
                include_str!("../packs/three_mugs/kernel.toml"),
                &[
                    include_str!("../packs/three_mugs/ep1.toml"),
                    include_str!("../packs/three_mugs/ep2.toml"),
                    include_str!("../packs/three_mugs/ep3.toml"),
                ],
            ),
        ],
    },
    Source {
        genre: "science_fiction",
        pack: include_str!("../packs/science_fiction.toml"),
        kernels: &[
            (
                "early_answer",
                include_str!("../packs/early_answer/kernel.toml"),
                &[
                    include_str!("../packs/early_answer/ep1.toml"),
                    include_str!("../packs/early_answer/ep2.toml"),
                    include_str!("../packs/early_answer/ep3.toml"),
                ],
            ),
            (
                "spare_breath",
                include_str!("../packs/spare_breath/kernel.toml"),
                &[
                    include_str!("../packs/spare_breath/ep1.toml"),
                    include_str!("../packs/spare_breath/ep2.toml"),
                    include_str!("../packs/spare_breath/ep3.toml"),
                ],
            ),
        ],
    },
];

/// The genres this build can write, in order.
pub fn genres() -> Vec<&'static str> {
    SOURCES.iter().map(|s| s.genre).collect()
}

/// Shortest and longest episode a genre writes, seconds.
///
/// # Errors
/// An unknown genre.
pub fn seconds(genre: &Id) -> Result<[u32; 2], WorldError> {
    pack(genre).map(|p| p.seconds)
}

/// The situations a genre is written from, by id.
///
/// # Errors
/// An unknown genre.
pub fn kernels(genre: &Id) -> Result<Vec<&'static Id>, WorldError> {
    Ok(pack(genre)?.kernels.iter().map(|k| &k.id).collect())
}

/// A pack as it was read, or the file and what is wrong in it.
type Loaded = Result<Pack, (String, String)>;

/// The pack of a genre, read once a process.
pub(crate) fn pack(genre: &Id) -> Result<&'static Pack, WorldError> {
    static PACKS: [OnceLock<Loaded>; SOURCES.len()] = [const { OnceLock::new() }; SOURCES.len()];
    let (source, slot) = SOURCES
        .iter()
        .zip(&PACKS)
        .find(|(s, _)| s.genre == genre.as_str())
        .ok_or_else(|| WorldError::UnknownGenre { genre: genre.clone(), known: genres().join(", ") })?;
    let pack = slot.get_or_init(|| load(source)).as_ref();
    pack.map_err(|(file, message)| WorldError::Pack { file: file.clone(), message: message.clone() })
}

/// The address of everything a genre writes from: part of the key of any step whose result is memoised.
///
/// # Errors
/// An unknown genre.
pub fn fingerprint(genre: &Id) -> Result<contracts::Hash, WorldError> {
    pack(genre)?;
    let source = SOURCES.iter().filter(|s| s.genre == genre.as_str());
    let texts = source.flat_map(|s| {
        let kernels = s.kernels.iter().flat_map(|(_, kernel, episodes)| [*kernel].into_iter().chain(episodes.iter().copied()));
        [s.pack].into_iter().chain(kernels)
    });
    Ok(contracts::Hash::of(texts.collect::<Vec<_>>().join("\0").as_bytes()))
}

fn load(source: &Source) -> Loaded {
    let mut pack: Pack = read(&format!("{}.toml", source.genre), source.pack)?;
    for (name, text, episodes) in source.kernels {
        let mut kernel: Kernel = read(&format!("{name}/kernel.toml"), text)?;
        for (i, text) in episodes.iter().enumerate() {
            kernel.episodes.push(read(&format!("{name}/ep{}.toml", i + 1), text)?);
        }
        pack.kernels.push(kernel);
    }
    Ok(pack)
}

fn read<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> Result<T, (String, String)> {
    toml::from_str(text).map_err(|e| (name.to_owned(), e.to_string()))
}
