//! What is painted: specifications that any artist can fill, ours or another (design §8). Structured data only.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Id,
    canon::PlaceFamily,
    project::{Aspect, VisualStyle},
    story::{Look, Mood, TimeOfDay, Weather},
};

/// How near the viewer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Framing {
    /// The place; figures are 2–5 % heads.
    Wide,
    /// Whole figures.
    Full,
    /// Two people, cut at the table or the hip.
    MediumTwo,
    /// One face over the dark shoulder of whoever is spoken to.
    OverShoulder,
    /// One person, cut at elbow or hip.
    Medium,
    /// One face.
    Close,
    /// An object.
    Insert,
}

/// A place in a light: what decides sky, walls, ambient colour, lamps and shadows.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct PlaceSpec {
    /// The location; its id seeds everything that varies, so that it looks the same in every episode.
    pub location_id: Id,
    /// What kind of place.
    pub family: PlaceFamily,
    /// The location's look in words; the artist reads the nouns it knows (window, stairs, shelf, boat …).
    pub look: String,
    /// Hour.
    pub time_of_day: TimeOfDay,
    /// Weather.
    pub weather: Weather,
    /// Mood.
    pub mood: Mood,
    /// Style.
    pub style: VisualStyle,
    /// Props that stand there and can be seen or can light it (such as a lit lamp).
    pub props: Vec<PropSpec>,
}

/// A thing as it is painted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct PropSpec {
    /// The prop.
    pub prop_id: Id,
    /// The shape, such as `lamp`, `book`, `can`, `cloth`, `card`, `star`, `key`, `bell`, `rope`, `boat`.
    pub shape: Id,
    /// Colours, `#rrggbb`.
    pub colours: Vec<String>,
    /// In words.
    pub look: String,
    /// Whether it gives light now.
    pub lit: bool,
    /// At most four words written on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inscription: Option<String>,
}

/// Which way a figure faces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each name is its own description")]
pub enum Facing {
    Left,
    Right,
    Front,
    Away,
}

/// Where a figure stands in the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each name is its own description")]
pub enum Slot {
    Left,
    Right,
    Centre,
}

#[allow(missing_docs, reason = "each name is its own description")]
mod body_words {
    use super::{Deserialize, JsonSchema, Serialize};
    /// What the body does.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum Pose {
        Stand,
        Walk,
        Point,
        Hold,
        Sit,
        Run,
        /// Arms around somebody who embraces too: the other slot of the same shot.
        Embrace,
        Kneel,
    }
    /// How far a head that faces left or right is turned from the viewer.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum Turn {
        /// Three quarters: both eyes, the far cheek foreshortened.
        #[default]
        ThreeQuarter,
        /// A little more towards the viewer.
        Slight,
        /// The line of the face against what is behind it.
        Profile,
    }
    /// Where the eyes go.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum Gaze {
        /// Whoever is spoken to: the side faced.
        #[default]
        Partner,
        /// What is held or lies below.
        Down,
        /// Past the partner, away from the side faced.
        Aside,
    }
    /// The ten faces of the reference; adapt maps the sixteen emotions to them.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum Expression {
        Neutral,
        Happy,
        Sad,
        Angry,
        Afraid,
        Surprised,
        Worried,
        Determined,
        Stern,
        Soft,
    }
}
pub use body_words::{Expression, Gaze, Pose, Turn};

/// How one shot takes a person, beyond framing and facing: what keeps two close-ups of a face from being one picture.
/// All of it is small; the person stays who they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Take {
    /// How far the head is turned.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub turn: Turn,
    /// Where the eyes go.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub gaze: Gaze,
    /// How much nearer than its framing usually is, in thousandths of the head's size; less than 0 is farther. −300 to 400,
    /// read in near framings only.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub nearer: i16,
    /// How far the head bends towards the side it faces, in thousandths of a radian; less than 0 leans back. −120 to 120.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub tilt: i16,
}

/// Whether a value is what it is when nobody said anything: such a value is not written down, so that documents and keys
/// from before it stay equal.
pub(crate) fn is_usual<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// From where another take of a shot looks at the same picture: nothing in the place changes, and nobody stands elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct View {
    /// How large things are seen, in thousandths of how the framing usually shows them: 1000 to 1600.
    pub nearer: u16,
    /// Where in the usual picture this one lies, in thousandths of the room that being nearer leaves: −1000 at its left edge,
    /// 1000 at its right.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub aside: i16,
    /// The same downwards: −1000 at its upper edge, 1000 at its lower.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub lower: i16,
    /// How far the viewer has gone round the actors, in thousandths of the frame's width by which the farthest planes have moved
    /// to the right against them: −80 to 80.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub around: i16,
}

/// A figure as it is painted: look, body, face, in a place's light, at a framing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct FigureSpec {
    /// The character.
    pub character_id: Id,
    /// What is seen of them.
    pub look: Look,
    /// Framing.
    pub framing: Framing,
    /// Where in the frame.
    pub slot: Slot,
    /// Which way.
    pub facing: Facing,
    /// Body.
    pub pose: Pose,
    /// Face.
    pub expression: Expression,
    /// What is in the hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holding: Option<PropSpec>,
    /// Whether mouth shapes are needed.
    pub speaks: bool,
    /// How this shot takes them.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub take: Take,
    /// The light it stands in.
    pub place: PlaceSpec,
}

/// The background of a shot: every plane of the place but its people.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct BackgroundSpec {
    /// The place and its light.
    pub place: PlaceSpec,
    /// Framing.
    pub framing: Framing,
    /// Which side the shot looks to: mirrored close-ups look at different walls.
    pub toward: Facing,
}

/// One thing filling the frame.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct InsertSpec {
    /// The thing.
    pub prop: PropSpec,
    /// A hand entering, by its owner's look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hand: Option<Look>,
    /// From which side of the frame it enters: where its owner stands in the scene. Without one the thing decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hand_from: Option<Slot>,
    /// The place behind it, out of focus.
    pub place: PlaceSpec,
}

/// A card with words.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct CardSpec {
    /// What kind of card.
    pub card: CardKind,
    /// The large line or lines.
    pub text: Vec<String>,
    /// The small lines: the series on a title card, credits on an end card.
    pub small: Vec<String>,
    /// Style.
    pub style: VisualStyle,
    /// The place whose colours and shapes it takes.
    pub place: PlaceSpec,
    /// For a place's strip: the picture it lies over, so that it covers nothing that is to be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<Box<Over>>,
}

/// The picture under a strip: how its place is framed, and who stands there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Over {
    /// Framing.
    pub framing: Framing,
    /// People.
    pub figures: Vec<FigureSpec>,
    /// From where it is seen, when that is not as usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<View>,
}

/// What kind of card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CardKind {
    /// Title of the episode.
    Title,
    /// End and credits.
    End,
    /// A line of dialogue on paper, for films without voices.
    Intertitle,
    /// A strip of paper with the name of a place and its hour, over the picture that opens a scene there.
    Location,
}

/// What a stand-in shows: the place, marked with what is missing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct StandInSpec {
    /// The id of what is missing; painted on the picture.
    pub missing_id: Id,
    /// What it would have shown.
    pub place: PlaceSpec,
    /// Framing.
    pub framing: Framing,
}

/// A canvas in pixels: the frame's size, before the overscan that a moving camera needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Canvas {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

impl Canvas {
    /// The canvas of an aspect at a short side.
    pub fn of(aspect: Aspect, short: u32) -> Self {
        let (width, height) = aspect.size(short);
        Self { width, height }
    }
}
