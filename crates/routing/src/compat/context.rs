//! Words of a task and what they are taken to want, as OpenMontage was measured to read them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

/// Words that stand for each other. Visited once, in this order, over a growing set: chains run forward only.
const CLUSTERS: [&[&str]; 11] = [
    &["cinematic", "film", "movie", "trailer", "dramatic", "epic"],
    &["explainer", "educational", "tutorial", "teaching", "lesson"],
    &["corporate", "business", "professional", "enterprise"],
    &["social", "tiktok", "instagram", "reels", "shorts", "viral"],
    &["animation", "animated", "motion-graphics", "motion", "kinetic"],
    &["pixar", "animation", "animated", "stylized", "storybook", "character"],
    &["realistic", "photorealistic", "lifelike", "natural"],
    &["stock", "footage", "b-roll", "library"],
    &["avatar", "presenter", "talking-head", "spokesperson"],
    &["voiceover", "narration", "speech", "voice"],
    &["music", "soundtrack", "background-music", "score", "ambient"],
];

const GENERATED: [&str; 17] = [
    "animated",
    "animation",
    "anime",
    "cartoon",
    "character",
    "cinematic",
    "concept",
    "fantasy",
    "ghibli",
    "illustration",
    "pixar",
    "render",
    "scifi",
    "short",
    "story",
    "stylized",
    "surreal",
];
const REFERENCE: [&str; 8] = ["character", "consistency", "identity", "preserve", "product", "reference", "subject", "wardrobe"];
const EDITING: [&str; 9] = ["combine", "composite", "edit", "merge", "modify", "repaint", "replace", "style-transfer", "transfer"];

/// The words of a text: lower case, ASCII letters and digits with `+._-` inside, in order, repetitions kept.
pub fn tokenize(text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let ends = |c: char| c.is_ascii_digit() || c.is_ascii_lowercase();
    text.split(|c: char| !(ends(c) || "+._-".contains(c)))
        .map(|run| run.trim_matches(|c| !ends(c)))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A set of words with what stands for them.
pub fn expand<T: AsRef<str>>(words: impl IntoIterator<Item = T>) -> BTreeSet<String> {
    let mut words: BTreeSet<String> = words.into_iter().map(|w| w.as_ref().to_owned()).collect();
    for cluster in CLUSTERS {
        if cluster.iter().any(|word| words.contains(*word)) {
            words.extend(cluster.iter().map(|word| (*word).to_owned()));
        }
    }
    words
}

/// A set of words with what stands for them, small enough for a hot loop: words of clusters are bits, the others a sorted list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    bits: u64,
    others: Vec<String>,
}

/// Every word of the clusters with its bit, and the clusters as bits.
static BITS: LazyLock<(BTreeMap<&'static str, u64>, Vec<u64>)> = LazyLock::new(|| {
    let mut bits = BTreeMap::new();
    for word in CLUSTERS.iter().flat_map(|cluster| cluster.iter()) {
        let next = 1_u64 << bits.len();
        bits.entry(*word).or_insert(next);
    }
    let clusters = CLUSTERS.iter().map(|cluster| cluster.iter().fold(0, |all, word| all | bits[word])).collect();
    (bits, clusters)
});

impl Words {
    /// The words themselves, nothing added.
    pub fn of<T: AsRef<str>>(words: impl IntoIterator<Item = T>) -> Self {
        let mut set = Self::default();
        for word in words {
            match BITS.0.get(word.as_ref()) {
                Some(bit) => set.bits |= bit,
                None => set.others.push(word.as_ref().to_owned()),
            }
        }
        set.others.sort_unstable();
        set.others.dedup();
        set
    }

    /// With what stands for them; the same set as [`expand`].
    pub fn expanded(mut self) -> Self {
        for cluster in &BITS.1 {
            if self.bits & cluster != 0 {
                self.bits |= cluster;
            }
        }
        self
    }

    /// Whether one of these is in it.
    pub fn any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| match BITS.0.get(word) {
            Some(bit) => self.bits & bit != 0,
            None => self.others.iter().any(|other| other == word),
        })
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.bits.count_ones() as usize + self.others.len()
    }

    /// Shared words over the smaller set; 0 where one is empty.
    pub fn overlap(&self, other: &Self) -> f64 {
        let smaller = self.count().min(other.count());
        if smaller == 0 {
            return 0.0;
        }
        let shared = self.others.iter().filter(|word| other.others.binary_search(word).is_ok()).count();
        (shared + (self.bits & other.bits).count_ones() as usize) as f64 / smaller as f64
    }
}

/// Whether Python would take a value for true.
pub(super) fn truthy(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Bool(b)) => *b,
        Some(Value::Number(n)) => n.as_f64() != Some(0.0),
        Some(Value::String(s)) => !s.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(map)) => !map.is_empty(),
    }
}

/// The texts of a list; one text is a list of itself; what is no text is left out.
pub(super) fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// What is around a task: the prompt, the capability and the operation that were asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around<'a> {
    /// The prompt or the text to speak.
    pub prompt: Option<&'a str>,
    /// `video_generation`, `image_generation`, `tts`, `music_generation`, or another.
    pub capability: Option<&'a str>,
    /// `reference_to_video`, `edit`, …
    pub operation: Option<&'a str>,
}

/// A task context with everything the scorer reads filled in. The three wishes overwrite what the caller said.
pub fn normalize(context: &Value, around: Around<'_>) -> Value {
    let mut out: Map<String, Value> = context.as_object().cloned().unwrap_or_default();
    let needs: Vec<String> = texts(out.get("needs")).into_iter().map(str::to_owned).collect();
    let said = |out: &Map<String, Value>, name: &str| out.get(name).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
    let mut parts: Vec<String> = ["intent", "style", "brief", "goal", "platform"].iter().map(|name| said(&out, name)).collect();
    parts.extend(needs.iter().map(|need| need.trim().to_owned()));
    parts.push(around.prompt.unwrap_or_default().trim().to_owned());
    parts.retain(|part| !part.is_empty());
    let text = parts.join(" ");
    if !truthy(out.get("intent")) {
        out.insert("intent".into(), json!(text));
    }
    let given = texts(out.get("style_keywords")).into_iter().map(|word| word.trim().to_lowercase());
    let mut style: BTreeSet<String> = given.filter(|word| !word.is_empty()).collect();
    for name in ["style", "platform"] {
        style.extend(tokenize(&said(&out, name)));
    }
    style.extend(needs.iter().flat_map(|need| tokenize(need)));
    out.insert("style_keywords".into(), json!(style));
    let kind = match around.capability {
        Some("video_generation") => Some("video"),
        Some("image_generation") => Some("image"),
        Some("tts") => Some("voice"),
        Some("music_generation") => Some("music"),
        _ => None,
    };
    if let Some(kind) = kind.filter(|_| !truthy(out.get("asset_type"))) {
        out.insert("asset_type".into(), json!(kind));
    }
    if around.capability == Some("video_generation") && !out.contains_key("motion_required") {
        out.insert("motion_required".into(), json!(true));
    }
    if let Some(budget) = out.get("budget_usd").filter(|b| !b.is_null()).cloned()
        && !out.contains_key("budget_remaining_usd")
    {
        out.insert("budget_remaining_usd".into(), budget);
    }
    let words: BTreeSet<String> = tokenize(&text).into_iter().collect();
    let meets = |wanted: &[&str]| wanted.iter().any(|word| words.contains(*word));
    out.insert("prefers_generated_visuals".into(), json!(meets(&GENERATED)));
    let reference = around.operation == Some("reference_to_video") || meets(&REFERENCE);
    out.insert("wants_reference_conditioning".into(), json!(reference));
    out.insert("wants_image_editing".into(), json!(around.operation == Some("edit") || meets(&EDITING)));
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_set_is_the_plain_one() {
        let all: Vec<&str> = CLUSTERS.iter().flat_map(|c| c.iter().copied()).chain(["lamp", "x"]).collect();
        assert!(BITS.0.len() <= 64, "{} words do not fit", BITS.0.len());
        for one in &all {
            for two in &all {
                let plain = expand([one, two]);
                let quick = Words::of([one, two]).expanded();
                assert_eq!(quick.count(), plain.len(), "{one} {two}");
                assert_eq!(quick, Words::of(&plain), "{one} {two}");
            }
        }
    }
}
