//! What the writer makes: StoryArc → EpisodePlan → Cast → Script (requirements 002-4, 002-5.4, 002-5.5).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Document, Id, canon::StoryTime};

/// What the season asks, hides and pays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StoryArc {
    /// The project.
    pub project_id: Id,
    /// The genre pack it was written from, with its version, such as `mystery@1`.
    pub pack: String,
    /// The situation it is built on.
    pub kernel: Id,
    /// What kind of truth is hidden, such as `care_seen_as_crime`.
    pub truth_type: Id,
    /// The premise in a sentence.
    pub premise: String,
    /// What secretly happened, in sentences.
    pub truth: Vec<String>,
    /// What it looks like instead.
    pub decoy: String,
    /// The thing that changes hand or meaning.
    pub totem: Id,
    /// The signature sound.
    pub sound: Id,
    /// Who plays which part: role → character id.
    pub roles: BTreeMap<String, Id>,
    /// Season threads.
    pub threads: Vec<Id>,
    /// One line per episode.
    pub episodes: Vec<ArcEpisode>,
}

impl Document for StoryArc {
    const SCHEMA_ID: &'static str = "story_arc";
    const SCHEMA_VERSION: &'static str = "0.1.0";
}

/// One episode of the arc.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ArcEpisode {
    /// From 1.
    pub number: u32,
    /// What changes, such as `safe -> found out`.
    pub value: String,
    /// What is asked.
    pub question: String,
    /// What is revealed.
    pub reveal: String,
}

/// One episode before a line is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EpisodePlan {
    /// The project.
    pub project_id: Id,
    /// From 1.
    pub number: u32,
    /// The title.
    pub title: String,
    /// Which episode of the arc it is.
    pub arc_reference: u32,
    /// What happens, in a few sentences.
    pub summary: String,
    /// Asked once, at most nine words.
    pub question: String,
    /// The beat that opens it.
    pub question_beat: Id,
    /// What it is answered with, if it is.
    pub answer: String,
    /// What gets a second reading.
    pub turn: String,
    /// What the lead spends.
    pub cost: String,
    /// Hook, turn, cost and last image, by form.
    pub forms: Forms,
    /// What passes from scene to scene.
    pub scenes: Vec<PlannedScene>,
    /// Beats in order, grouped.
    pub beat_sheet: Vec<BeatSheetRow>,
    /// Observables planted and paid.
    pub clues: Vec<Clue>,
    /// Ids of facts the episode begins.
    pub new_facts: Vec<Id>,
    /// Threads still open at the end.
    pub unresolved_threads: Vec<Id>,
}

impl Document for EpisodePlan {
    const SCHEMA_ID: &'static str = "episode_plan";
    const SCHEMA_VERSION: &'static str = "0.1.0";
}

/// The four forms of an episode; none twice in a season.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Forms {
    /// Such as `image_denies_line`.
    pub hook: Id,
    /// Such as `clue_reads_twice`.
    pub turn: Id,
    /// Such as `record_falsified`.
    pub cost: Id,
    /// Such as `light_where_none_can_be`.
    pub last_image: Id,
}

/// A scene before its lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedScene {
    /// Such as `sc01`.
    pub id: Id,
    /// Where.
    pub location_id: Id,
    /// When.
    pub story_time: StoryTime,
    /// What the acting person wants here.
    pub goal: String,
    /// What denies it.
    pub obstacle: String,
    /// What passing costs.
    pub price: String,
    /// What is different at the end.
    pub reversal: String,
    /// Its beats.
    pub beats: Vec<Id>,
}

/// A row of the beat sheet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BeatSheetRow {
    /// Such as `hook`.
    pub beat: Id,
    /// What it does.
    pub what: String,
    /// The script's beats, in order.
    pub script_beats: Vec<Id>,
}

/// Something seen that will be read again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Clue {
    /// Id.
    pub id: Id,
    /// What is seen or heard.
    pub observable: String,
    /// The beat that plants it.
    pub planted_by: String,
    /// What it seems to mean.
    pub false_reading: String,
    /// What it means.
    pub true_reading: String,
    /// The beat that pays it, in this episode or a later one (`ep2 sc03-b01`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_by: Option<String>,
}

/// Look and voice of each character, accepted into canon before the script is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cast {
    /// The project.
    pub project_id: Id,
    /// Everyone who is seen or heard, the narrator included.
    pub members: Vec<CastMember>,
}

impl Document for Cast {
    const SCHEMA_ID: &'static str = "cast";
    const SCHEMA_VERSION: &'static str = "0.1.0";
}

/// One of the cast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CastMember {
    /// The character's id in canon; the narrator is `narrator`.
    pub id: Id,
    /// Full name.
    pub name: String,
    /// Part in the scenes: `lead`, `other`, `witness`, `narrator`.
    pub part: Part,
    /// What is seen; absent for a voice only heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look: Option<Look>,
    /// What is heard.
    pub voice: Voice,
}

/// A part in the scenes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each name is its own description")]
pub enum Part {
    Lead,
    Other,
    Witness,
    Narrator,
}

/// What is seen of a character: five features that survive every framing. Colours are `#rrggbb`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Look {
    /// Which body and head is drawn.
    pub figure: FigureKind,
    /// Years.
    pub age: u32,
    /// Width of the body.
    pub build: Build,
    /// Skin, lit side.
    pub skin: String,
    /// Hair.
    pub hair: String,
    /// Cut of the hair.
    pub hair_style: HairStyle,
    /// Beard.
    pub beard: Beard,
    /// What is on the head.
    pub headwear: Headwear,
    /// Eyes.
    pub eyes: String,
    /// What is worn over the body, in the colour of [`Self::coat`].
    #[serde(default, skip_serializing_if = "crate::picture::is_usual")]
    pub garment: Garment,
    /// Coat, or whatever garment is worn in its place.
    pub coat: String,
    /// The accent only this character owns: scarf, collar or trim.
    pub accent: String,
    /// Whether the accent is worn as a scarf.
    pub scarf: bool,
    /// The mark on the coat, such as `key` or `rope`; `none` when there is none.
    pub emblem: Emblem,
    /// In words, for people and for other artists.
    pub words: String,
}

#[allow(missing_docs, reason = "each name is its own description")]
mod look_words {
    use super::{Deserialize, JsonSchema, Serialize};
    /// Which body and head is drawn.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum FigureKind {
        Woman,
        Man,
        Girl,
        Boy,
        /// Nobody's body: a shape of ribbons with a face.
        Spirit,
    }
    /// Width of the body.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum Build {
        Slight,
        Average,
        Broad,
    }
    /// Cut of the hair.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum HairStyle {
        Bun,
        Loose,
        Short,
        Bald,
        /// Down the back, parted in the middle.
        Long,
        /// Two plaits before the shoulders.
        Plaits,
        /// Cut close to the skull.
        Cropped,
    }
    /// Beard.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum Beard {
        None,
        Stubble,
        Full,
    }
    /// What is on the head.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum Headwear {
        None,
        Cap,
        Knitted,
        Hood,
        Turban,
        /// With a brim.
        Hat,
        /// Open at the face; over a spacesuit, a clear dome.
        Helmet,
        Crown,
    }
    /// What is worn over the body.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum Garment {
        /// A coat with lapels: long and belted on women and children, to the thigh on men.
        #[default]
        Coat,
        /// Straight to the ankles.
        Robe,
        /// A bodice and a wide skirt.
        Dress,
        /// A bib and skirt of linen over a plain dress or shirt.
        Apron,
        /// A shawl of the accent's colour over a dress or shirt.
        Shawl,
        /// One piece of work clothing, legs too, with a zip and pockets.
        Coverall,
        /// A short jacket, trousers, a tie or brooch of the accent.
        Suit,
        /// Thick and sealed, with a ring at the neck.
        Spacesuit,
    }
    /// The mark on the coat.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum Emblem {
        None,
        Key,
        Rope,
        Button,
        Star,
    }
}
pub use look_words::{Beard, Build, Emblem, FigureKind, Garment, HairStyle, Headwear};

/// What is heard of a character, and how they put things.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Voice {
    /// The casting type; the table read maps it to an engine's voice, pace and pitch.
    pub reference: VoiceType,
    /// How sentences are built: `clipped`, `plain`, `ornate`, `formula`.
    pub register: Id,
    /// Mean words a line.
    pub words_mean: u32,
    /// Most words a line.
    pub words_max: u32,
    /// Habits of speech.
    pub habits: Vec<String>,
    /// Words they never say.
    pub never: Vec<String>,
    /// What they do instead of telling the truth.
    pub lie_tell: String,
    /// What changes under pressure.
    pub under_pressure: String,
}

/// A casting type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each name is its own description")]
pub enum VoiceType {
    Woman,
    WomanOld,
    Girl,
    Boy,
    Man,
    ManOld,
    ManBright,
    Teller,
    Radio,
    RadioSoft,
}

/// Scenes, actions and lines. No camera (requirement 002-5.5).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Script {
    /// The project.
    pub project_id: Id,
    /// From 1.
    pub episode: u32,
    /// The title.
    pub title: String,
    /// The beat after which the title card stands.
    pub title_after: Id,
    /// Scenes in order.
    pub scenes: Vec<Scene>,
}

impl Document for Script {
    const SCHEMA_ID: &'static str = "script";
    const SCHEMA_VERSION: &'static str = "0.1.0";
    const FORBIDDEN_KEYS: &'static [&'static str] = &["camera", "framing", "lens", "shot", "shots", "movement"];
}

impl Script {
    /// Scene and beat, in order.
    pub fn beats(&self) -> impl Iterator<Item = (&Scene, &Beat)> {
        self.scenes.iter().flat_map(|s| s.beats.iter().map(move |b| (s, b)))
    }

    /// Scene, beat and line, in order.
    pub fn lines(&self) -> impl Iterator<Item = (&Scene, &Beat, &Line)> {
        self.beats().flat_map(|(s, b)| b.lines.iter().map(move |l| (s, b, l)))
    }
}

/// A scene: one place, one hour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Scene {
    /// Such as `sc01`.
    pub id: Id,
    /// Where.
    pub location_id: Id,
    /// When.
    pub story_time: StoryTime,
    /// Light of the hour.
    pub time_of_day: TimeOfDay,
    /// Weather.
    pub weather: Weather,
    /// Mood.
    pub mood: Mood,
    /// Who is there.
    pub present: Vec<Id>,
    /// Who is only heard.
    #[serde(default)]
    pub heard: Vec<Id>,
    /// Beats in order.
    pub beats: Vec<Beat>,
}

#[allow(missing_docs, reason = "each name is its own description")]
mod scene_words {
    use super::{Deserialize, JsonSchema, Serialize};
    /// Light of the hour.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum TimeOfDay {
        Dawn,
        Morning,
        Day,
        Dusk,
        Night,
    }
    /// Weather.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum Weather {
        Clear,
        Fog,
        Rain,
        Storm,
        Snow,
    }
    /// Mood of a scene: what the music states.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum Mood {
        Calm,
        Uneasy,
        Wary,
        Tense,
        Heavy,
        Watchful,
        Tender,
        Hopeful,
    }
    /// What a line or a face feels: the closed list of 16.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum Emotion {
        Calm,
        Guarded,
        Warmth,
        Tenderness,
        Fear,
        Alarm,
        Grief,
        Anger,
        Shame,
        Resolve,
        Wonder,
        Irony,
        Contempt,
        Pleading,
        Relief,
        Hope,
    }
    /// What a beat does.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum BeatFn {
        Hook,
        Question,
        Pressure,
        Clue,
        Turn,
        Cost,
        Choice,
        Test,
        Climax,
        Payoff,
        Image,
        LastImage,
    }
    /// How long an action without a line takes: 1.4, 2.2 or 3.2 s.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum Weight {
        Quick,
        Normal,
        Slow,
    }
    /// A held breath: 0, 0.5, 1.0 or 1.8 s.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum Hold {
        #[default]
        None,
        Short,
        Medium,
        Long,
    }
    /// How a line is spoken.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum Delivery {
        Plain,
        Low,
        Call,
        Write,
        Read,
    }
    /// The truth of a claim, as its speaker knows it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum Truth {
        True,
        Lie,
        Mistaken,
        Double,
    }
}
pub use scene_words::{BeatFn, Delivery, Emotion, Hold, Mood, TimeOfDay, Truth, Weather, Weight};

impl Hold {
    /// Milliseconds.
    pub fn ms(self) -> u64 {
        match self {
            Self::None => 0,
            Self::Short => 500,
            Self::Medium => 1000,
            Self::Long => 1800,
        }
    }
}

impl Weight {
    /// Milliseconds of the action when nobody speaks.
    pub fn ms(self) -> u64 {
        match self {
            Self::Quick => 1400,
            Self::Normal => 2200,
            Self::Slow => 3200,
        }
    }
}

/// A beat is a picture: an action, lines, or both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Beat {
    /// Such as `sc01-b02`.
    pub id: Id,
    /// What it does.
    #[serde(rename = "fn")]
    pub function: BeatFn,
    /// What is seen to happen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// What is said.
    #[serde(default)]
    pub lines: Vec<Line>,
    /// How long after the action begins the first line begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_after_ms: Option<u32>,
    /// Facts this beat begins.
    #[serde(default)]
    pub effects: Vec<Id>,
    /// Sounds that start, or stop (`boots_stop`).
    #[serde(default)]
    pub sounds: Vec<Id>,
    /// Silence after it.
    #[serde(default)]
    pub hold_after: Hold,
}

/// One visible act.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Action {
    /// In words, present tense, at most 28.
    pub text: String,
    /// Who acts; each is present.
    pub who: Vec<Id>,
    /// The verb, such as `hold_up`.
    pub verb: Id,
    /// Props seen.
    pub props: Vec<Id>,
    /// How long it takes.
    pub weight: Weight,
}

/// A line of dialogue or narration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    /// Such as `sc01-b02-l1`.
    pub id: Id,
    /// Who speaks.
    pub speaker_id: Id,
    /// To whom; nobody when it is said to oneself.
    pub to: Vec<Id>,
    /// The words.
    pub text: String,
    /// What the speaker does with it, such as `ask`, `lie`, `count`.
    pub act: Id,
    /// How it is put, such as `count_instead_of_feel`.
    pub tactic: Id,
    /// The emotional tag.
    pub emotion: EmotionTag,
    /// How it is spoken.
    pub delivery: Delivery,
    /// A breath before it.
    #[serde(default)]
    pub hold_before: Hold,
    /// What it claims.
    #[serde(default)]
    pub states: Vec<Claim>,
    /// The name under which a later line may answer it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub echo_seed: Option<Id>,
    /// The earlier line it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub echo_of: Option<Id>,
}

/// An emotion with its level, 1 to 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EmotionTag {
    /// Which.
    pub tag: Emotion,
    /// 1, 2 or 3.
    pub level: u8,
}

/// A claim a line makes about a fact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Claim {
    /// Which fact.
    pub fact: Id,
    /// True, lie, mistaken or double.
    pub truth: Truth,
}
