//! Words of screenplays, as tables: what a heading begins with, what the camera is told, what hands and bodies do.

use contracts::{
    canon::PlaceFamily,
    picture::Framing,
    shots::{self, DipColour, MoveKind, Transition},
    story::{Delivery, Emotion, EmotionTag, Hold, Mood, TimeOfDay, Weather},
};

use crate::text::lower_words;

/// The snake-case name of a variant.
pub(super) fn name<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A word of a table as an id; tables hold nothing else.
pub(super) fn id(word: &str) -> contracts::Id {
    contracts::Id::new(word).unwrap_or_else(|_| contracts::Id::slug(word))
}

/// The variant of a snake-case name.
pub(super) fn named<T: serde::de::DeserializeOwned>(name: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(name.trim().to_lowercase().replace(' ', "_"))).ok()
}

/// Inside or outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    In,
    Out,
    Unsaid,
}

/// What a heading begins with, and the rest.
pub(super) fn heading_start(text: &str) -> Option<(Side, &str)> {
    const STARTS: &[(&str, Side)] = &[
        ("int./ext", Side::In),
        ("int/ext", Side::In),
        ("ext./int", Side::Out),
        ("ext/int", Side::Out),
        ("i./e", Side::In),
        ("i/e", Side::In),
        ("int", Side::In),
        ("ext", Side::Out),
        ("est", Side::Out),
    ];
    for (start, side) in STARTS {
        let Some(head) = text.get(..start.len()) else { continue };
        let rest = &text[head.len()..];
        if head.eq_ignore_ascii_case(start) && rest.starts_with(['.', ' ']) {
            return Some((*side, rest.trim_start_matches(['.', ' '])));
        }
    }
    None
}

/// Whether a line in capitals is a transition.
pub(super) fn transition(text: &str) -> bool {
    let shouted = text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase);
    let end = text.trim_end_matches(['.', ':']);
    let known = matches!(
        end,
        "FADE IN"
            | "FADE OUT"
            | "FADE TO BLACK"
            | "FADE TO WHITE"
            | "DIP TO BLACK"
            | "DIP TO WHITE"
            | "WIPE"
            | "CUT TO BLACK"
            | "DISSOLVE"
            | "THE END"
            | "SMASH CUT"
            | "MATCH CUT"
    );
    shouted && !text.starts_with('!') && (text.ends_with("TO:") || known)
}

/// How the next shot begins, as a transition asks.
pub(super) fn transition_kind(text: &str) -> Option<Transition> {
    let words = lower_words(text);
    let has = |w: &str| words.iter().any(|x| x == w);
    if has("wipe") {
        return Some(Transition::Wipe { frames: 0, from: shots::Side::Left });
    }
    if has("dip") || has("fade") {
        match (has("white"), has("black")) {
            (true, _) => return Some(Transition::Dip { frames: 0, colour: DipColour::White }),
            // At the end of a scene: the next one comes out of the black.
            (_, true) if !has("out") => return Some(Transition::Dip { frames: 0, colour: DipColour::Black }),
            _ => {}
        }
    }
    if has("dissolve") || (has("fade") && !has("out") && !has("black") && !has("in")) {
        return Some(Transition::Dissolve { frames: 0 });
    }
    (has("cut") && !has("black")).then_some(Transition::Cut)
}

/// What the camera is told.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Camera {
    pub framing: Option<Framing>,
    pub movement: Option<MoveKind>,
}

const CAMERA: &[(&str, Camera)] = &[
    ("extreme close up", near(Framing::Close)),
    ("extreme close-up", near(Framing::Close)),
    ("close up", near(Framing::Close)),
    ("close-up", near(Framing::Close)),
    ("closeup", near(Framing::Close)),
    ("close shot", near(Framing::Close)),
    ("closer", near(Framing::Close)),
    ("close on", near(Framing::Close)),
    ("close", near(Framing::Close)),
    ("tight on", near(Framing::Close)),
    ("ecu", near(Framing::Close)),
    ("cu", near(Framing::Close)),
    ("extreme wide shot", near(Framing::Wide)),
    ("wide shot", near(Framing::Wide)),
    ("wide angle", near(Framing::Wide)),
    ("wide on", near(Framing::Wide)),
    ("wider", near(Framing::Wide)),
    ("wide", near(Framing::Wide)),
    ("establishing shot", near(Framing::Wide)),
    ("establishing", near(Framing::Wide)),
    ("long shot", near(Framing::Wide)),
    ("full shot", near(Framing::Full)),
    ("full on", near(Framing::Full)),
    ("medium two shot", near(Framing::MediumTwo)),
    ("two shot", near(Framing::MediumTwo)),
    ("two-shot", near(Framing::MediumTwo)),
    ("medium close up", near(Framing::Close)),
    ("medium shot", near(Framing::Medium)),
    ("medium on", near(Framing::Medium)),
    ("medium", near(Framing::Medium)),
    ("reverse angle", near(Framing::Medium)),
    ("new angle", near(Framing::Medium)),
    ("angle on", near(Framing::Medium)),
    ("angle", near(Framing::Medium)),
    ("insert shot", near(Framing::Insert)),
    ("insert on", near(Framing::Insert)),
    ("insert", near(Framing::Insert)),
    ("slow push in", moves(MoveKind::PushIn)),
    ("push in", moves(MoveKind::PushIn)),
    ("pushing in", moves(MoveKind::PushIn)),
    ("dolly in", moves(MoveKind::PushIn)),
    ("zoom in", moves(MoveKind::PushIn)),
    ("move in", moves(MoveKind::PushIn)),
    ("moving in", moves(MoveKind::PushIn)),
    ("pull back", moves(MoveKind::PullOut)),
    ("pull out", moves(MoveKind::PullOut)),
    ("dolly out", moves(MoveKind::PullOut)),
    ("zoom out", moves(MoveKind::PullOut)),
    ("pan left", moves(MoveKind::PanLeft)),
    ("pan right", moves(MoveKind::PanRight)),
    ("pan", moves(MoveKind::PanRight)),
    ("tilt up", moves(MoveKind::TiltUp)),
    ("tilt down", moves(MoveKind::TiltDown)),
    ("track left", moves(MoveKind::TrackLeft)),
    ("track right", moves(MoveKind::TrackRight)),
    ("tracking shot", moves(MoveKind::TrackRight)),
    ("track with", moves(MoveKind::TrackRight)),
    ("handheld shot", moves(MoveKind::Handheld)),
    ("hand-held shot", moves(MoveKind::Handheld)),
    ("handheld", moves(MoveKind::Handheld)),
    ("hand-held", moves(MoveKind::Handheld)),
    ("static shot", moves(MoveKind::Hold)),
    ("static", moves(MoveKind::Hold)),
    ("hold on", moves(MoveKind::Hold)),
];

const fn near(framing: Framing) -> Camera {
    Camera { framing: Some(framing), movement: None }
}

const fn moves(movement: MoveKind) -> Camera {
    Camera { framing: None, movement: Some(movement) }
}

/// The words of the camera a sentence begins with, and where the rest begins. In capitals anywhere they begin; in other letters
/// only before a colon or a dash, because people hold on and close doors.
pub(super) fn camera(text: &str) -> Option<(Camera, usize)> {
    let trimmed = text.trim_start();
    let mut at = text.len() - trimmed.len();
    for lead in ["WE ", "We ", "we ", "THE CAMERA ", "The camera ", "CAMERA ", "Camera ", "SLOW ", "SLOWLY "] {
        if let Some(rest) = text[at..].strip_prefix(lead) {
            at = text.len() - rest.len();
        }
    }
    let led = at > text.len() - trimmed.len();
    for (words, camera) in CAMERA {
        let Some(said) = text.get(at..at + words.len()) else { continue };
        let rest = &text[at + words.len()..];
        // `PUSHES IN` and `PANS` are told of the camera, `Bram pushes in` is not.
        if !said.eq_ignore_ascii_case(words) || rest.starts_with(char::is_alphanumeric) {
            continue;
        }
        let shouted = !said.chars().any(char::is_lowercase);
        let ends = rest.trim_start().starts_with([':', '\u{2013}', '\u{2014}']) || rest.starts_with(" - ");
        if !(shouted || ends || led) {
            continue;
        }
        let mut rest = rest.trim_start_matches([' ', ':', '-', '\u{2013}', '\u{2014}', '.', ',']);
        for link in ["on ", "ON ", "to ", "TO ", "of ", "OF "] {
            rest = rest.strip_prefix(link).unwrap_or(rest);
        }
        return Some((*camera, text.len() - rest.len()));
    }
    None
}

/// Whether a family of places has walls.
pub(super) fn indoors(family: PlaceFamily) -> bool {
    matches!(family, PlaceFamily::InteriorRoom | PlaceFamily::Workshop | PlaceFamily::Hall | PlaceFamily::Vehicle)
}

/// An hour a heading may name: the light, and minutes of the day it begins, is set at and ends.
pub(super) struct Hour {
    pub light: TimeOfDay,
    pub begins: i64,
    pub at: i64,
    pub ends: i64,
}

/// When a heading says it is.
pub(super) enum When {
    Hour(&'static Hour),
    /// So many minutes after the scene before it, in the same light.
    After(i64),
}

const DAWN: Hour = Hour { light: TimeOfDay::Dawn, begins: 300, at: 360, ends: 450 };
const MORNING: Hour = Hour { light: TimeOfDay::Morning, begins: 390, at: 510, ends: 690 };
const DAY: Hour = Hour { light: TimeOfDay::Day, begins: 540, at: 720, ends: 1020 };
const AFTERNOON: Hour = Hour { light: TimeOfDay::Day, begins: 780, at: 900, ends: 1080 };
const DUSK: Hour = Hour { light: TimeOfDay::Dusk, begins: 990, at: 1110, ends: 1260 };
const NIGHT: Hour = Hour { light: TimeOfDay::Night, begins: 1200, at: 1320, ends: 1740 };
const MIDNIGHT: Hour = Hour { light: TimeOfDay::Night, begins: 1410, at: 1440, ends: 1560 };

/// The hour of a light, for a scene whose heading names none.
pub(super) fn hour_of(light: TimeOfDay) -> &'static Hour {
    match light {
        TimeOfDay::Dawn => &DAWN,
        TimeOfDay::Morning => &MORNING,
        TimeOfDay::Day => &DAY,
        TimeOfDay::Dusk => &DUSK,
        TimeOfDay::Night => &NIGHT,
    }
}

/// When a part of a heading says it is: `NIGHT`, `LATER THAT DAY`, `MOMENTS LATER`.
pub(super) fn when(part: &str) -> Option<When> {
    let words = lower_words(part);
    let has = |w: &str| words.iter().any(|x| x == w);
    let hour = words.iter().find_map(|w| {
        Some(match w.as_str() {
            "dawn" | "sunrise" | "daybreak" => &DAWN,
            "morning" => &MORNING,
            "day" | "noon" | "midday" | "daytime" => &DAY,
            "afternoon" => &AFTERNOON,
            "dusk" | "evening" | "sunset" | "twilight" => &DUSK,
            "midnight" => &MIDNIGHT,
            "night" => &NIGHT,
            _ => return None,
        })
    });
    match hour {
        Some(hour) => Some(When::Hour(hour)),
        None if has("continuous") || has("same") => Some(When::After(1)),
        None if has("moments") || has("moment") || has("seconds") => Some(When::After(3)),
        None if has("hours") => Some(When::After(120)),
        None if has("later") => Some(When::After(30)),
        None => None,
    }
}

/// The first entry of a table one of whose words stands among these.
fn first<T: Copy>(words: &[String], table: &[(&[&str], T)]) -> Option<T> {
    words.iter().find_map(|w| table.iter().find(|(list, _)| list.contains(&w.as_str())).map(|(_, value)| *value))
}

/// Weather that words speak of.
pub(super) fn weather(words: &[String]) -> Option<Weather> {
    const TABLE: &[(&[&str], Weather)] = &[
        (&["storm", "stormy", "thunder", "lightning", "gale"], Weather::Storm),
        (&["rain", "rains", "raining", "rainy", "drizzle", "downpour"], Weather::Rain),
        (&["snow", "snows", "snowing", "snowy", "blizzard"], Weather::Snow),
        (&["fog", "foggy", "mist", "misty"], Weather::Fog),
        (&["clear", "sunny", "sunlight", "cloudless", "starlit"], Weather::Clear),
    ];
    first(words, TABLE)
}

/// The mood of a scene, from its words, else from its weather and light.
pub(super) fn mood(words: &[String], weather: Weather, light: TimeOfDay) -> Mood {
    const TABLE: &[(&[&str], Mood)] = &[
        (
            &["afraid", "scared", "frightened", "terrified", "panic", "scream", "screams", "danger", "gun", "knife", "runs", "chase"],
            Mood::Tense,
        ),
        (&["grave", "funeral", "weeps", "crying", "cries", "mourning", "dead", "death", "grief"], Mood::Heavy),
        (&["kiss", "kisses", "embrace", "embraces", "tender", "gently", "hug", "hugs"], Mood::Tender),
        (&["smile", "smiles", "laugh", "laughs", "laughing", "hope", "hopeful"], Mood::Hopeful),
        (&["suspicious", "wary", "guarded", "stranger", "lie", "lies"], Mood::Wary),
        (&["silence", "strange", "uneasy", "worried", "nervous", "empty"], Mood::Uneasy),
        (&["waits", "watches", "watching", "listens", "listening"], Mood::Watchful),
    ];
    first(words, TABLE).unwrap_or(match (weather, light) {
        (Weather::Storm, _) => Mood::Tense,
        (Weather::Fog, _) => Mood::Uneasy,
        (_, TimeOfDay::Night) => Mood::Watchful,
        (_, TimeOfDay::Dawn) => Mood::Hopeful,
        (Weather::Rain, _) => Mood::Heavy,
        _ => Mood::Calm,
    })
}

/// The feeling of a line nobody described.
pub(super) fn feeling(text: &str, mood: Mood) -> EmotionTag {
    let tag = |tag, level| EmotionTag { tag, level };
    let end = text.trim_end_matches(['"', '\u{201d}', '\u{2019}', ')']);
    let letters = || text.chars().filter(|c| c.is_alphabetic());
    if letters().count() > 3 && letters().all(char::is_uppercase) {
        return tag(Emotion::Anger, 3);
    }
    if end.ends_with('!') {
        return tag(Emotion::Alarm, 2);
    }
    tag(
        match mood {
            Mood::Calm => Emotion::Calm,
            Mood::Uneasy | Mood::Wary | Mood::Watchful => Emotion::Guarded,
            Mood::Tense => Emotion::Fear,
            Mood::Heavy => Emotion::Grief,
            Mood::Tender => Emotion::Tenderness,
            Mood::Hopeful => Emotion::Hope,
        },
        1,
    )
}

/// What a parenthetical says of a line.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct How {
    pub emotion: Option<EmotionTag>,
    pub delivery: Option<Delivery>,
    pub hold: Hold,
    /// Names after `to`; empty names are nobody.
    pub to: Option<Vec<String>>,
}

const EMOTIONS: &[(&[&str], Emotion)] = &[
    (&["calm", "calmly", "even", "evenly"], Emotion::Calm),
    (&["guarded", "cautious", "careful", "carefully", "wary", "warily", "flat", "flatly", "cold", "coldly"], Emotion::Guarded),
    (
        &["warmth", "warm", "warmly", "kindly", "friendly", "smiling", "smiles", "grinning", "laughing", "amused", "happy", "happily"],
        Emotion::Warmth,
    ),
    (&["tenderness", "tender", "tenderly", "gentle", "gently", "lovingly"], Emotion::Tenderness),
    (&["fear", "afraid", "scared", "frightened", "fearful", "terrified", "nervous", "nervously", "trembling", "shaking"], Emotion::Fear),
    (&["alarm", "alarmed", "startled", "panicked", "urgent", "urgently"], Emotion::Alarm),
    (&["grief", "sad", "sadly", "crying", "weeping", "tearful", "sobbing", "broken"], Emotion::Grief),
    (&["anger", "angry", "angrily", "furious", "snapping", "snaps", "bitter", "bitterly"], Emotion::Anger),
    (&["shame", "ashamed", "embarrassed", "guilty", "sheepish"], Emotion::Shame),
    (&["resolve", "firm", "firmly", "determined", "steady"], Emotion::Resolve),
    (&["wonder", "amazed", "awed", "astonished", "surprised", "stunned"], Emotion::Wonder),
    (&["irony", "ironic", "ironically", "dry", "dryly", "wry", "wryly", "sarcastic", "teasing"], Emotion::Irony),
    (&["contempt", "contemptuous", "scornful", "sneering", "disgusted"], Emotion::Contempt),
    (&["pleading", "begging", "imploring", "desperate", "desperately"], Emotion::Pleading),
    (&["relief", "relieved"], Emotion::Relief),
    (&["hope", "hopeful", "hopefully"], Emotion::Hope),
];

/// Reads a parenthetical: `(afraid)`, `(whispering, to Bram)`, `(fear 2, low, a pause)`.
pub(super) fn how(text: &str) -> How {
    let mut how = How::default();
    for part in text.split([',', ';']) {
        let part = part.trim();
        let lower = part.to_lowercase();
        if let Some(names) = lower.strip_prefix("to ") {
            let names = names.split(" and ").map(|n| n.trim().to_owned());
            let alone = |n: &str| matches!(n, "nobody" | "no one" | "herself" | "himself" | "themselves" | "self" | "camera" | "");
            how.to = Some(names.filter(|n| !alone(n)).collect());
            continue;
        }
        let words = lower_words(part);
        if let Some(tag) = first(&words, EMOTIONS) {
            let strong = words.iter().any(|w| matches!(w.as_str(), "very" | "deeply" | "terrified" | "furious" | "panicked" | "sobbing"));
            let slight = words.iter().any(|w| matches!(w.as_str(), "slightly" | "little"));
            let said = part.chars().find_map(|c| c.to_digit(10)).filter(|d| (1..=3).contains(d));
            let level = said.map_or(
                if strong {
                    3
                } else if slight {
                    1
                } else {
                    2
                },
                |d| d as u8,
            );
            how.emotion = Some(EmotionTag { tag, level });
        }
        let has = |list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
        if has(&[
            "low",
            "quietly",
            "quiet",
            "softly",
            "whispering",
            "whispers",
            "whisper",
            "murmuring",
            "muttering",
            "breath",
            "herself",
            "himself",
        ]) {
            how.delivery = Some(Delivery::Low);
        } else if has(&["calling", "calls", "call", "shouting", "shouts", "shout", "yelling", "yells", "screaming", "loud", "loudly"]) {
            how.delivery = Some(Delivery::Call);
        } else if has(&["writing", "writes"]) {
            how.delivery = Some(Delivery::Write);
        } else if has(&["reading", "reads"]) {
            how.delivery = Some(Delivery::Read);
        }
        if has(&["pause", "beat", "silence", "hesitates"]) {
            how.hold = if has(&["long"]) {
                Hold::Long
            } else if has(&["short", "beat", "slight"]) {
                Hold::Short
            } else {
                Hold::Medium
            };
        }
    }
    how
}

/// Acts in one word: the verb as the director knows it, and its forms beyond -s and -ing.
const VERBS: &[(&str, &[&str])] = &[
    ("sit", &["sitting", "seated"]),
    ("wake", &["waking", "awakes"]),
    ("write", &["writing", "scribble", "scribbles"]),
    ("read", &[]),
    ("sleep", &["asleep"]),
    ("sign", &[]),
    ("row", &[]),
    ("rest", &[]),
    ("walk", &["stride", "strides", "wander", "wanders", "pace", "paces", "stumbles"]),
    ("cross", &["crosses"]),
    ("leave", &["leaving", "exits", "exit"]),
    ("climb", &[]),
    ("run", &["running", "hurries", "hurry", "rushes", "sprints", "races"]),
    ("enter", &[]),
    ("come", &["coming", "arrives", "approaches"]),
    ("go", &["goes"]),
    ("step", &["stepping"]),
    ("point", &[]),
    ("show", &[]),
    ("hold", &["grips", "clutches", "clutching"]),
    ("lift", &["raises", "picks"]),
    ("carry", &["carries", "drags", "brings"]),
    ("light", &["lights", "lighting"]),
    ("take", &["taking", "grabs", "seizes"]),
    ("give", &["giving", "hands", "passes"]),
    ("offer", &[]),
    ("touch", &["touches", "feels", "strokes"]),
    ("count", &[]),
    ("open", &[]),
    ("close", &["closing", "shuts"]),
    ("pour", &[]),
    ("cut", &["cutting"]),
    ("cover", &[]),
    ("uncover", &[]),
    ("turn", &[]),
    ("lay", &["puts", "places"]),
    ("wipe", &["wiping"]),
    ("fold", &["unfolds"]),
    ("tie", &[]),
    ("untie", &[]),
    ("set", &["setting"]),
    ("find", &["discovers"]),
    ("burn", &[]),
    ("tear", &["rips"]),
    ("look", &["stares", "gazes", "glances", "peers", "studies"]),
    ("watch", &["watches"]),
    ("listen", &[]),
    ("stand", &[]),
    ("wait", &[]),
    ("stop", &["stopping", "halts", "freezes"]),
    ("nod", &["nodding"]),
    ("fall", &["collapses", "drops"]),
];

/// The act of an action in words, and whether it is somebody's: `the light` and `a walk` are things.
pub(super) fn verb(words: &[String]) -> Option<&'static str> {
    const NOUN_AFTER: &[&str] = &["a", "an", "the", "his", "her", "their", "its", "this", "that", "of", "no", "my"];
    for (i, word) in words.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|i| words.get(i)).map(String::as_str);
        if before.is_some_and(|b| NOUN_AFTER.contains(&b) || b.ends_with("'s")) {
            continue;
        }
        let after = words.get(i + 1).map(String::as_str);
        match (word.as_str(), after) {
            ("holds" | "holding", Some("up")) => return Some("hold_up"),
            ("puts" | "blows", Some("out")) => return Some("put_out"),
            ("puts" | "sets", Some("down")) => return Some("set_down"),
            ("pushes", Some("off")) => return Some("push_off"),
            ("strikes", Some("out")) => return Some("strike_out"),
            _ => {}
        }
        let found = VERBS.iter().find(|(verb, forms)| {
            let regular = word.strip_prefix(verb).is_some_and(|end| matches!(end, "s" | "ing" | "es"));
            regular || forms.contains(&word.as_str())
        });
        if let Some((verb, _)) = found {
            return Some(verb);
        }
    }
    None
}

/// Sounds an action makes: words → a name the artist knows.
pub const SOUNDS: &[(&[&str], &str)] = &[
    (&["bell", "bells"], "bell"),
    (&["boots"], "boots"),
    (&["footsteps", "steps"], "footsteps"),
    (&["door"], "door"),
    (&["slams", "bangs"], "door_bang"),
    (&["hinge", "creaks"], "hinge"),
    (&["knock", "knocks", "knocking"], "knock"),
    (&["clock"], "clock_tick"),
    (&["drip", "drips", "dripping"], "drip"),
    (&["fire", "flames"], "fire"),
    (&["foghorn", "horn"], "fog_horn"),
    (&["shatters"], "glass"),
    (&["gulls", "gull"], "gulls"),
    (&["match"], "match"),
    (&["oars", "rows"], "oars"),
    (&["pages", "leafs"], "page"),
    (&["pen", "writes"], "pen"),
    (&["pours", "pouring"], "pour"),
    (&["radio"], "radio_hiss"),
    (&["rain", "raining"], "rain"),
    (&["splash", "splashes"], "splash"),
    (&["storm"], "storm"),
    (&["thunder"], "thunder"),
    (&["waves", "surf"], "waves"),
    (&["wind", "gale"], "wind"),
    (&["whistle", "whistles"], "launch_whistle"),
    (&["mules", "mule"], "mules"),
    (&["rope"], "rope_creak"),
    (&["beeps", "beeping"], "beep"),
    (&["birds", "birdsong"], "birds"),
    (&["breeze"], "breeze"),
    (&["clang", "clangs"], "clang"),
    (&["clinks"], "glass"),
    (&["crickets", "insects"], "night_insects"),
    (&["crow", "crows", "raven"], "crow"),
    (&["crowd", "chatter"], "crowd"),
    (&["dog", "dogs", "barks", "barking"], "dog"),
    (&["engine", "engines", "motor"], "engine"),
    (&["hoofbeats", "hooves", "gallops"], "hoof"),
    (&["hum", "hums", "humming"], "hum"),
    (&["kettle", "boils"], "pot"),
    (&["owl", "owls"], "owl"),
    (&["pump", "pumps"], "pump"),
    (&["spoon", "stirs"], "spoon"),
    (&["ticking", "ticks"], "clock_tick"),
    (&["wheels"], "wheel"),
];

/// What says that a sound is over.
const STOPS: &[&str] = &["stops", "stopped", "ceases", "dies", "ends"];

/// Sounds of an action, at most two.
pub(super) fn sounds(words: &[String]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (k, word) in words.iter().enumerate() {
        let sound = SOUNDS.iter().find(|(list, _)| list.contains(&word.as_str())).map(|(_, sound)| *sound);
        let over = words.get(k + 1).is_some_and(|next| STOPS.contains(&next.as_str()));
        let sound = sound.map(|sound| if over { format!("{sound}_stop") } else { sound.to_owned() });
        found.extend(sound.filter(|s| !found.contains(s) && found.len() < 2));
    }
    found
}

/// What family a place belongs to, by the words of its heading, and the air it has.
pub(super) fn family(words: &[String], side: Side) -> PlaceFamily {
    const OUT: &[(&[&str], PlaceFamily)] = &[
        (
            &[
                "lighthouse",
                "beach",
                "shore",
                "coast",
                "pier",
                "harbour",
                "harbor",
                "dock",
                "docks",
                "quay",
                "cliff",
                "cliffs",
                "sea",
                "ocean",
                "island",
                "rocks",
                "landing",
                "gallery",
                "bay",
                "boat",
                "ship",
                "deck",
                "jetty",
            ],
            PlaceFamily::Coast,
        ),
        (&["forest", "woods", "wood", "trees", "clearing", "jungle", "grove"], PlaceFamily::Forest),
        (&["mountain", "mountains", "peak", "ridge", "pass", "summit", "slope"], PlaceFamily::Mountain),
        (&["desert", "dune", "dunes", "salt", "mesa", "canyon", "prairie", "plain", "plains", "trail"], PlaceFamily::Desert),
        (&["river", "stream", "bridge", "bank", "lake", "pond", "ford", "creek"], PlaceFamily::River),
        (&["street", "road", "alley", "city", "avenue", "rooftop", "sidewalk", "market", "corner", "parking"], PlaceFamily::CityStreet),
        (&["sky", "clouds", "space", "stars", "air"], PlaceFamily::Sky),
        (
            &[
                "village",
                "town",
                "farm",
                "square",
                "field",
                "yard",
                "garden",
                "house",
                "cottage",
                "churchyard",
                "well",
                "barn",
                "ranch",
                "saloon",
            ],
            PlaceFamily::Village,
        ),
    ];
    const IN: &[(&[&str], PlaceFamily)] = &[
        (
            &[
                "workshop",
                "forge",
                "garage",
                "store",
                "cellar",
                "lab",
                "laboratory",
                "mill",
                "engine",
                "barn",
                "shed",
                "smithy",
                "stable",
                "warehouse",
                "vault",
            ],
            PlaceFamily::Workshop,
        ),
        (
            &[
                "hall",
                "church",
                "station",
                "court",
                "courtroom",
                "theatre",
                "theater",
                "palace",
                "temple",
                "cathedral",
                "ballroom",
                "saloon",
                "lobby",
            ],
            PlaceFamily::Hall,
        ),
        (
            &["car", "train", "carriage", "bus", "ship", "boat", "cockpit", "wagon", "plane", "truck", "van", "taxi", "tram"],
            PlaceFamily::Vehicle,
        ),
    ];
    match side {
        Side::In => first(words, IN).unwrap_or(PlaceFamily::InteriorRoom),
        Side::Out => first(words, OUT).unwrap_or(PlaceFamily::Village),
        Side::Unsaid => first(words, OUT).or_else(|| first(words, IN)).unwrap_or(PlaceFamily::InteriorRoom),
    }
}

/// The air of a family of places.
pub(super) fn air(family: PlaceFamily) -> &'static [&'static str] {
    match family {
        PlaceFamily::Coast => &["waves"],
        PlaceFamily::Forest | PlaceFamily::Village => &["breeze"],
        PlaceFamily::Mountain | PlaceFamily::Sky => &["wind"],
        PlaceFamily::Desert | PlaceFamily::CityStreet => &["wind_soft"],
        PlaceFamily::River => &["water_lap"],
        PlaceFamily::InteriorRoom | PlaceFamily::Workshop | PlaceFamily::Hall => &["room_tone"],
        PlaceFamily::Vehicle => &["wind_low"],
    }
}

/// Things an action may speak of: a shape the artist knows, how it looks, its colours.
pub(super) struct Thing {
    pub words: &'static [&'static str],
    pub shape: &'static str,
    pub look: &'static str,
    pub colours: [&'static str; 3],
}

const fn thing(words: &'static [&'static str], shape: &'static str, look: &'static str, colours: [&'static str; 3]) -> Thing {
    Thing { words, shape, look, colours }
}

/// Things, by the first of their words.
pub(super) const THINGS: &[Thing] = &[
    thing(&["lantern", "lanterns"], "lantern", "an iron lantern", ["#2a2a30", "#5a4632", "#ffcf86"]),
    thing(&["lamp", "lamps"], "lamp", "a brass lamp", ["#7a5320", "#b9873a", "#ffcf86"]),
    thing(&["candle", "candles"], "candle", "a short candle", ["#7a5320", "#efe6d6", "#ffcf86"]),
    thing(&["torch", "torches"], "torch", "a burning torch", ["#5a4632", "#b9873a", "#ffcf86"]),
    thing(&["book", "books", "ledger", "diary", "journal"], "book", "a worn book", ["#3e2a20", "#6e4632", "#efe6d6"]),
    thing(&["letter", "letters", "envelope"], "letter", "a folded letter", ["#b7a57f", "#efe6d6", "#a8452f"]),
    thing(&["card", "photograph", "photo", "note", "telegram", "map"], "card", "a creased card", ["#b7a57f", "#efe6d6", "#3a2626"]),
    thing(&["key", "keys"], "key", "an iron key", ["#3a4450", "#7a6a4a", "#b9873a"]),
    thing(&["bell", "bells"], "bell", "a small bell", ["#7a5320", "#b9873a", "#e6c06a"]),
    thing(&["rope", "ropes"], "rope", "a coil of rope", ["#5a4632", "#9a7f56", "#c9b48a"]),
    thing(&["blanket", "blankets", "quilt", "cloth"], "cloth", "a folded blanket", ["#6b2f2a", "#a8452f", "#d98c78"]),
    thing(&["tarpaulin", "canvas"], "tarpaulin", "stiff brown canvas", ["#33261f", "#5a4632", "#7a6a4a"]),
    thing(&["tin", "tins", "can", "cans", "canteen", "jerrycan"], "can", "a dented can", ["#3a4450", "#5d6a78", "#d0a046"]),
    thing(&["cup", "cups", "mug", "glass"], "cup", "an enamel cup", ["#5d6a78", "#c9d3d8", "#3a4450"]),
    thing(&["pen", "quill"], "pen", "a pen", ["#1c1a24", "#3e2a20", "#efe6d6"]),
    thing(&["boat", "rowboat", "dinghy"], "boat", "a small boat", ["#252f42", "#5a4632", "#9a7f56"]),
];

#[cfg(test)]
mod tests {
    #[test]
    fn an_action_sounds_as_its_words_say_and_stops_when_they_say_so() {
        let heard = |text: &str| super::sounds(&text.split(' ').map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(heard("a dog barks at the engine"), ["dog", "engine"]);
        assert_eq!(heard("the wind stops and a bell rings"), ["wind_stop", "bell"]);
        assert_eq!(heard("they wait"), Vec::<String>::new());
    }
}
