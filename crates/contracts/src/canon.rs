//! Canon: structured truth over story time (requirements 002-5.2, 002-5.3). Only an accepted CanonDiff changes it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Document, Hash, Id,
    project::Audience,
    story::{Look, Voice},
};

/// A moment of story time as fixed-width text, `0122-11-03T23:45`: it sorts, and no float enters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$"))]
pub struct StoryTime(String);

impl StoryTime {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for StoryTime {
    type Error = String;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let shape = b"0000-00-00T00:00";
        let fits = text.len() == shape.len() && text.bytes().zip(shape).all(|(c, s)| if *s == b'0' { c.is_ascii_digit() } else { c == *s });
        let part = |r: std::ops::Range<usize>| text.get(r).and_then(|t| t.parse::<u32>().ok()).unwrap_or(99);
        if fits && (1..=12).contains(&part(5..7)) && (1..=31).contains(&part(8..10)) && part(11..13) < 24 && part(14..16) < 60 {
            Ok(Self(text))
        } else {
            Err(format!("story time `{text}`: expected YYYY-MM-DDThh:mm, such as 0122-11-03T23:45"))
        }
    }
}

impl From<StoryTime> for String {
    fn from(time: StoryTime) -> Self {
        time.0
    }
}

impl std::fmt::Display for StoryTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The structured truth of the story world at one version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Canon {
    /// The project it belongs to.
    pub project_id: Id,
    /// Grows by one with every accepted diff; 0 is what the author wrote.
    pub version: u32,
    /// The world's name and audience, for the writer.
    pub world: World,
    /// People.
    pub characters: Vec<Character>,
    /// Places.
    pub locations: Vec<Location>,
    /// Things that can be held, spent and seen.
    pub props: Vec<Prop>,
    /// Rules that hold always.
    pub world_rules: Vec<WorldRule>,
    /// Who is what to whom.
    pub relationships: Vec<Relationship>,
    /// What happened, in order.
    pub timeline_events: Vec<TimelineEvent>,
    /// Facts over intervals of story time.
    pub facts: Vec<Fact>,
    /// Unresolved questions.
    pub threads: Vec<Thread>,
}

impl Document for Canon {
    const SCHEMA_ID: &'static str = "canon";
    const SCHEMA_VERSION: &'static str = "0.1.0";
}

/// The world's name and audience.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct World {
    /// Name of the place or age.
    pub name: String,
    /// Who may watch.
    pub audience: Audience,
    /// Proper names that belong to the world and are nobody in the cast, such as ships.
    #[serde(default)]
    pub names: Vec<String>,
    /// Concrete words this world owns beyond its props and places, such as `dusk`, `skippers`.
    #[serde(default)]
    pub particulars: Vec<String>,
}

/// A person. `look` and `voice` arrive with the accepted Cast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Character {
    /// Id.
    pub id: Id,
    /// Full name.
    pub name: String,
    /// Birth.
    pub born: StoryTime,
    /// What they do in the story world.
    pub role: String,
    /// A state of canon, so that a cost can end its support.
    pub want: String,
    /// A past fact.
    pub fear: String,
    /// A false proposition they act on.
    pub lie: String,
    /// One observable contradiction.
    pub contradiction: String,
    /// What is seen of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look: Option<Look>,
    /// How they speak.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<Voice>,
}

/// A place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Location {
    /// Id.
    pub id: Id,
    /// Name with its article, such as `the lamp room`.
    pub name: String,
    /// What kind of place is painted.
    pub family: PlaceFamily,
    /// What is seen, in words.
    pub look: String,
    /// Surface forms that speak of it.
    pub words: Vec<String>,
    /// Sounds of the place.
    #[serde(default)]
    pub sounds: Vec<String>,
    /// Props that stand there.
    #[serde(default)]
    pub holds: Vec<Id>,
    /// Minutes on foot or by boat to other places.
    #[serde(default)]
    pub travel_min: BTreeMap<Id, u32>,
}

/// What kind of place is painted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each name is its own description")]
pub enum PlaceFamily {
    Coast,
    Forest,
    Mountain,
    Desert,
    River,
    Village,
    CityStreet,
    InteriorRoom,
    Workshop,
    Hall,
    Vehicle,
    Sky,
}

/// A thing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Prop {
    /// Id.
    pub id: Id,
    /// Name with its article.
    pub name: String,
    /// What is seen, in words.
    pub look: String,
    /// Surface forms.
    pub words: Vec<String>,
    /// What can be done with it: light, put_out, pour, write …
    #[serde(default)]
    pub affordances: Vec<String>,
    /// What is painted: one of the shapes the artist knows, such as `lamp`, `book`, `can`, `cloth`, `card`, `star`.
    pub shape: Id,
    /// Colours, far to near, `#rrggbb`.
    #[serde(default)]
    pub colours: Vec<String>,
}

/// A rule that holds always.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WorldRule {
    /// Id.
    pub id: Id,
    /// In words.
    pub text: String,
    /// What the gate asks of every episode, when the rule can be checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<RulePolicy>,
}

/// A rule of the world as a question to an episode, in Rego.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RulePolicy {
    /// Of what it is asked; each of them is `it`.
    #[serde(default)]
    pub of: RuleOf,
    /// When it is kept: bodies of Rego over `it` and `input`, of which one has to hold, such as `it.weekday != "sunday"`.
    pub kept: Vec<String>,
}

/// What a rule is asked of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each name is its own description")]
pub enum RuleOf {
    #[default]
    Scene,
    Beat,
    Line,
    Episode,
}

/// Who is what to whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Relationship {
    /// One.
    pub from: Id,
    /// The other.
    pub to: Id,
    /// Such as `supplies`, `owes`, `child_of`.
    pub kind: String,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TimelineEvent {
    /// Id.
    pub id: Id,
    /// When.
    pub at: StoryTime,
    /// What, in words.
    pub text: String,
    /// Who had part in it.
    pub who: Vec<Id>,
    /// Events that lie before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<Id>,
}

/// How a fact behaves over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FactKind {
    /// Never changes: a name, a birth, a deed.
    Immutable,
    /// Holds until another value begins.
    Stateful,
    /// Begins once and never ends: a death, a thing spent.
    OneWay,
    /// Computed from other facts, and never stated otherwise: an age, a day of the week, the minutes of a way.
    Derived,
}

/// The value of a fact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum FactValue {
    /// A whole number.
    Number(i64),
    /// A text or an id.
    Text(String),
}

/// (subject, attribute, value), true over an interval of story time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fact {
    /// Id.
    pub id: Id,
    /// Of whom or what: an id of a character, place, prop, or a name of the world.
    pub subject: Id,
    /// Such as `name`, `born`, `dead`, `location`, `holder`, `state`.
    pub attribute: String,
    /// The value.
    pub value: FactValue,
    /// How it behaves.
    pub kind: FactKind,
    /// True from.
    pub from: StoryTime,
    /// True until.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<StoryTime>,
    /// Who knows it, since when.
    #[serde(default)]
    pub known_by: BTreeMap<Id, StoryTime>,
    /// The beat that shows it, for facts an episode adds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Id>,
    /// Where it was stated: `author`, or an episode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// An unresolved question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Thread {
    /// Id.
    pub id: Id,
    /// The question, at most nine words.
    pub question: String,
    /// `season` or `episode`.
    pub kind: ThreadKind,
    /// Open or paid.
    pub state: ThreadState,
    /// The beat that opened it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened_by: Option<String>,
    /// Beats that moved it.
    #[serde(default)]
    pub advanced_by: Vec<String>,
    /// The beat that paid it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_by: Option<String>,
    /// Facts that answer it, once it is paid.
    #[serde(default)]
    pub answer: Vec<Id>,
    /// The episode it is owed in, such as `ep3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
}

/// How long a thread lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each name is its own description")]
pub enum ThreadKind {
    Season,
    Episode,
}

/// State of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each name is its own description")]
pub enum ThreadState {
    Open,
    Paid,
}

/// A proposed change to the canon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CanonDiff {
    /// The project.
    pub project_id: Id,
    /// The canon it is meant for, by address.
    pub base: Hash,
    /// Facts that begin.
    pub added: Vec<Fact>,
    /// Facts whose value was corrected by the author. Generators leave it empty.
    pub modified: Vec<Fact>,
    /// Facts taken back by the author. Generators leave it empty.
    pub removed: Vec<Id>,
    /// Facts that end.
    pub ended: Vec<EndedFact>,
    /// Who learns what.
    pub learned: Vec<Learned>,
    /// Looks and voices accepted with the cast.
    #[serde(default)]
    pub characters: Vec<Character>,
    /// Threads as they stand after the episode.
    pub threads: Vec<Thread>,
    /// Why.
    pub justification: String,
    /// Who proposes it, such as `template:mystery episode 1`.
    pub provenance: String,
    /// What the gate said; absent until it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

impl Document for CanonDiff {
    const SCHEMA_ID: &'static str = "canon_diff";
    const SCHEMA_VERSION: &'static str = "0.1.0";
}

/// A fact that ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EndedFact {
    /// Which.
    pub fact: Id,
    /// When.
    pub until: StoryTime,
    /// The beat that shows it.
    pub cause: Id,
}

/// Someone learns a fact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Learned {
    /// Who.
    pub who: Id,
    /// Which fact.
    pub fact: Id,
    /// The beat in which.
    pub cause: Id,
}

/// What a gate said: machine-readable, stored with what it judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// The gate, such as `canon`.
    pub gate: Id,
    /// Whether the work may pass. A gate that could not run blocks.
    pub pass: bool,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// One thing a gate found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Stable code, such as `canon.two_places`.
    pub code: String,
    /// What happened, in a sentence.
    pub message: String,
    /// Where each side of it was stated.
    pub sources: Vec<String>,
    /// Whether it blocks or only warns.
    pub blocks: bool,
    /// A change of the script that the gate has tried: with it the finding is gone, and no other is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repair: Option<Box<Repair>>,
}

/// A change of a script, never of canon, that makes a finding go away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Repair {
    /// What it does, in a few words.
    pub what: String,
    /// The edits, in order.
    pub edits: Vec<ScriptEdit>,
}

/// One value of a script becomes another. In a list, `from` alone takes an entry out and `to` alone adds one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScriptEdit {
    /// The scene, beat or line; `script` for the script's own fields.
    pub at: Id,
    /// Which of its fields.
    pub field: ScriptField,
    /// What stands there now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What is to stand there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// A field of a script that a repair may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScriptField {
    /// The script's title_after.
    TitleAfter,
    /// A scene's story_time.
    StoryTime,
    /// A scene's location_id.
    LocationId,
    /// A scene's list of who is there.
    Present,
    /// A scene's list of who is only heard.
    Heard,
    /// Who acts in a beat.
    Who,
    /// Things used in a beat.
    Props,
    /// Facts a beat begins.
    Effects,
    /// To whom a line is said.
    To,
    /// What a line claims, an entry `FACT TRUTH`.
    States,
    /// The words of a line, or of a beat's action: the whole text.
    Text,
    /// A beat's whole action, taken out.
    Action,
    /// A whole line, taken out.
    Line,
}
