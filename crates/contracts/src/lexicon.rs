//! Words of an author that name a place, a style, a mood, a weather or an hour, and the nearest of the words that are known
//! (issue "The look and the sound", bad input). What was put in place of what is on record: a [`Substitution`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a word names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WordKind {
    /// The kind of a place ([`crate::canon::PlaceFamily`]).
    Place,
    /// The shape of a thing.
    Prop,
    /// A visual style ([`crate::project::VisualStyle`]).
    Style,
    /// The mood of a scene ([`crate::story::Mood`]).
    Mood,
    /// A sound.
    Sound,
}

/// What was used in place of what was asked for, because nobody here knows that.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Substitution {
    /// What the words name.
    pub kind: WordKind,
    /// The author's word.
    pub asked: String,
    /// The nearest that is known.
    pub used: String,
}

impl Substitution {
    /// In words.
    pub fn told(&self) -> String {
        let kind = match self.kind {
            WordKind::Place => "place family",
            WordKind::Prop => "shape",
            WordKind::Style => "visual style",
            WordKind::Mood => "mood",
            WordKind::Sound => "sound",
        };
        format!("the {kind} `{}` is not known here: `{}`, the nearest, stands in its place", self.asked, self.used)
    }
}

/// A word that is known, and others that mean about the same. The first row of a kind is used where nothing is near.
type Row = (&'static str, &'static [&'static str]);

const PLACES: &[Row] = &[
    (
        "interior_room",
        &[
            "room",
            "interior",
            "kitchen",
            "bedroom",
            "house",
            "home",
            "office",
            "study",
            "tavern",
            "inn",
            "shop",
            "library",
            "cottage",
            "hut",
            "tent",
            "cabin_room",
            "school",
            "hospital",
        ],
    ),
    ("coast", &["beach", "shore", "sea", "ocean", "harbour", "harbor", "port", "bay", "cliff", "island", "lighthouse", "quay", "pier"]),
    ("forest", &["wood", "woods", "jungle", "grove", "orchard", "garden", "park", "swamp", "meadow"]),
    ("mountain", &["mountains", "peak", "hill", "hills", "ridge", "pass", "cave", "glacier", "volcano", "canyon"]),
    ("desert", &["dunes", "salt", "steppe", "wasteland", "savanna", "plain", "planet", "moon_surface"]),
    ("river", &["stream", "lake", "canal", "brook", "pond", "waterfall", "ford", "marsh"]),
    ("village", &["hamlet", "farm", "market", "square", "settlement", "town", "mill"]),
    ("city_street", &["city", "street", "alley", "road", "downtown", "avenue", "bridge", "station", "rooftop"]),
    ("workshop", &["forge", "smithy", "studio", "lab", "laboratory", "factory", "garage", "cellar", "vault", "mine"]),
    ("hall", &["castle", "palace", "church", "temple", "cathedral", "court", "theatre", "theater", "museum", "throne", "dungeon", "tower"]),
    (
        "vehicle",
        &[
            "ship",
            "boat",
            "train",
            "car",
            "bus",
            "plane",
            "airplane",
            "spaceship",
            "spacecraft",
            "cockpit",
            "deck",
            "bridge_of_ship",
            "wagon",
            "submarine",
            "carriage",
        ],
    ),
    ("sky", &["space", "clouds", "air", "heaven", "orbit", "stars", "void", "moon"]),
];

const STYLES: &[Row] = &[
    ("paper", &["papercut", "cutout", "cut_paper", "collage", "paper_theatre", "cartoon", "flat", "realistic", "anime", "default"]),
    ("ink", &["noir", "black_and_white", "monochrome", "comic", "manga", "sketch", "pencil", "charcoal", "sumi"]),
    ("dusk", &["sunset", "evening", "twilight", "cinematic", "violet", "neon", "synthwave", "golden_hour"]),
    ("woodcut", &["linocut", "woodblock", "engraving", "print", "folk", "medieval", "ukiyo_e", "expressionist"]),
    ("pastel", &["watercolour", "watercolor", "gouache", "chalk", "soft", "pale", "storybook", "crayon", "ghibli"]),
];

const MOODS: &[Row] = &[
    ("calm", &["quiet", "peaceful", "serene", "neutral", "gentle", "still", "dreamy", "relaxed"]),
    ("uneasy", &["nervous", "strange", "eerie", "odd", "mysterious", "spooky", "creepy", "restless"]),
    ("wary", &["careful", "cautious", "suspicious", "guarded", "doubtful"]),
    (
        "tense",
        &[
            "suspense",
            "angry",
            "danger",
            "dangerous",
            "afraid",
            "fear",
            "fearful",
            "thrilling",
            "dramatic",
            "action",
            "epic",
            "urgent",
            "scary",
        ],
    ),
    ("heavy", &["sad", "grief", "dark", "gloomy", "sombre", "somber", "melancholy", "tragic", "bitter", "lonely"]),
    ("watchful", &["curious", "attentive", "expectant", "waiting", "alert", "thoughtful"]),
    ("tender", &["love", "loving", "romantic", "warm", "intimate", "sweet", "kind", "nostalgic", "wistful"]),
    ("hopeful", &["happy", "joy", "joyful", "bright", "cheerful", "light", "triumphant", "merry", "playful", "funny", "uplifting"]),
];

fn rows(kind: WordKind) -> &'static [Row] {
    match kind {
        WordKind::Place => PLACES,
        WordKind::Style => STYLES,
        WordKind::Mood => MOODS,
        // The artist and the foley stage keep the words they know themselves.
        WordKind::Prop | WordKind::Sound => &[],
    }
}

/// The words of a kind that are known, in a fixed order; none for props and sounds, whose makers keep their own.
pub fn known(kind: WordKind) -> impl Iterator<Item = &'static str> {
    rows(kind).iter().map(|(word, _)| *word)
}

/// Other words that mean about the same as a known one; none for props and sounds.
pub fn meanings(kind: WordKind, word: &str) -> &'static [&'static str] {
    rows(kind).iter().find(|(name, _)| *name == word).map_or(&[], |row| row.1)
}

/// The known word nearest to an author's: itself, else by meaning, else by a part of it, else by spelling, else the first of
/// its kind. None for props and sounds.
pub fn nearest(kind: WordKind, word: &str) -> Option<&'static str> {
    let rows = rows(kind);
    let plain: String = word.trim().to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    let means = |asked: &str| rows.iter().find(|(name, others)| *name == asked || others.contains(&asked)).map(|row| row.0);
    let spelt = || {
        let all = rows.iter().flat_map(|(name, others)| std::iter::once(name).chain(*others).map(move |other| (*name, *other)));
        let nearest = all.map(|(name, other)| (distance(&plain, other), name)).min();
        // A slip of the pen, not another word.
        nearest.filter(|(far, _)| *far <= 1 + plain.chars().count() / 6).map(|(_, name)| name)
    };
    means(&plain).or_else(|| plain.split('_').rev().find_map(means)).or_else(spelt).or_else(|| rows.first().map(|row| row.0))
}

/// How many letters must be changed, added or left away to make one word the other.
pub fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{canon::PlaceFamily, project::VisualStyle, story::Mood};

    fn variants<T: JsonSchema>() -> Vec<String> {
        let schema = serde_json::to_value(schemars::schema_for!(T)).unwrap();
        let listed = schema["enum"].as_array().cloned().unwrap_or_default();
        let one_of = schema["oneOf"].as_array().cloned().unwrap_or_default();
        let apart = one_of.iter().flat_map(|s| s["enum"].as_array().cloned().unwrap_or_else(|| vec![s["const"].clone()]));
        let mut all: Vec<String> = listed.into_iter().chain(apart).filter_map(|v| v.as_str().map(str::to_owned)).collect();
        all.sort();
        all
    }

    fn sorted(kind: WordKind) -> Vec<String> {
        let mut all: Vec<String> = known(kind).map(str::to_owned).collect();
        all.sort();
        all
    }

    #[test]
    fn every_word_of_a_type_is_known_and_no_other() {
        assert_eq!(sorted(WordKind::Place), variants::<PlaceFamily>());
        assert_eq!(sorted(WordKind::Style), variants::<VisualStyle>());
        assert_eq!(sorted(WordKind::Mood), variants::<Mood>());
    }

    #[test]
    fn no_word_means_two_things() {
        for kind in [WordKind::Place, WordKind::Style, WordKind::Mood] {
            let mut seen = std::collections::BTreeSet::new();
            for (name, others) in rows(kind) {
                assert!(std::iter::once(name).chain(*others).all(|word| seen.insert(*word)), "{name}");
            }
        }
    }

    #[test]
    fn an_unknown_word_finds_the_nearest() {
        for (kind, word, used) in [
            (WordKind::Style, "ink", "ink"),
            (WordKind::Style, "Watercolor", "pastel"),
            (WordKind::Style, "woodcutt", "woodcut"),
            (WordKind::Style, "zzzz", "paper"),
            (WordKind::Place, "rocky beach", "coast"),
            (WordKind::Place, "space ship", "vehicle"),
            (WordKind::Place, "casle", "hall"),
            (WordKind::Mood, "melancholy", "heavy"),
            (WordKind::Mood, "", "calm"),
        ] {
            assert_eq!(nearest(kind, word), Some(used), "{word}");
        }
        assert_eq!(nearest(WordKind::Prop, "lamp"), None);
        assert!(meanings(WordKind::Mood, "heavy").contains(&"sad") && meanings(WordKind::Mood, "sad").is_empty());
    }

    #[test]
    fn letters_are_counted() {
        assert_eq!((distance("", "abc"), distance("abc", "abc"), distance("kitten", "sitting")), (3, 0, 3));
    }
}
