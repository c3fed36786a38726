//! What a sound is called, and what is made for a name nobody listed: another word for it, else the nearest thing.

use contracts::{Id, text::distance};

/// What a stop and a silence are made as.
pub const SILENCE: &str = "silence";

/// Every name that sounds, in order. Any of them may also end in `_far`.
pub const KNOWN: &[&str] = &[
    "beep",
    "bell",
    "bell_mule",
    "birds",
    "boots",
    "boots_iron",
    "breeze",
    "burn",
    "cans",
    "canvas",
    "clang",
    "clock_tick",
    "crow",
    "crowd",
    "crust_crack",
    "dog",
    "door",
    "door_bang",
    "drip",
    "drip_single",
    "engine",
    "fire",
    "fire_low",
    "fog_horn",
    "footsteps",
    "glass",
    "gulls",
    "harbour",
    "hinge",
    "hoof",
    "hum",
    "knock",
    "knock_three",
    "lamp_dies",
    "launch_whistle",
    "match",
    "mill",
    "mules",
    "night_insects",
    "oars",
    "owl",
    "page",
    "pen",
    "pencil_line",
    "pot",
    "pour",
    "pump",
    "radio_close",
    "radio_hiss",
    "radio_open",
    "rain",
    "rain_begins",
    "rain_glass",
    "room",
    "room_tone",
    "rope_creak",
    "sea",
    "splash",
    "spoon",
    "storm",
    "strap_cut",
    "swell",
    "thunder",
    "tick",
    "timer_ring",
    "water_lap",
    "waves",
    "wheel",
    "wind",
    "wind_dies",
    "wind_low",
    "wind_rising",
    "wind_soft",
];

/// Other words for the same thing: (word, what is made).
const SAME: &[(&str, &str)] = &[
    ("ambience", "room_tone"),
    ("bark", "dog"),
    ("barking", "dog"),
    ("bird", "birds"),
    ("birdsong", "birds"),
    ("blizzard", "storm"),
    ("boil", "pot"),
    ("bonfire", "fire"),
    ("bubbling", "pot"),
    ("campfire", "fire"),
    ("caw", "crow"),
    ("chatter", "crowd"),
    ("chime", "bell"),
    ("chirp", "birds"),
    ("clatter", "cans"),
    ("clink", "glass"),
    ("clock", "clock_tick"),
    ("creak", "rope_creak"),
    ("cricket", "night_insects"),
    ("dog_bark", "dog"),
    ("door_creak", "hinge"),
    ("door_knock", "knock"),
    ("door_slam", "door_bang"),
    ("downpour", "rain"),
    ("draught", "wind_soft"),
    ("drizzle", "rain"),
    ("drop", "drip"),
    ("fireplace", "fire"),
    ("foghorn", "fog_horn"),
    ("footstep", "footsteps"),
    ("gale", "storm"),
    ("gallop", "hoof"),
    ("gate", "hinge"),
    ("gull", "gulls"),
    ("gust", "wind"),
    ("hearth", "fire_low"),
    ("hoot", "owl"),
    ("hooves", "hoof"),
    ("horse", "hoof"),
    ("insect", "night_insects"),
    ("kettle", "pot"),
    ("knocking", "knock"),
    ("machine_hum", "hum"),
    ("market", "crowd"),
    ("motor", "engine"),
    ("mule", "mules"),
    ("murmur", "crowd"),
    ("oar", "oars"),
    ("ocean", "sea"),
    ("paddle", "oars"),
    ("paper", "page"),
    ("pencil", "pencil_line"),
    ("people", "crowd"),
    ("pouring", "pour"),
    ("quill", "pen"),
    ("raven", "crow"),
    ("rocket", "burn"),
    ("rowing", "oars"),
    ("rustle", "page"),
    ("scratch", "pen"),
    ("seagull", "gulls"),
    ("static", "radio_hiss"),
    ("step", "footsteps"),
    ("stir", "spoon"),
    ("stove", "fire_low"),
    ("surf", "waves"),
    ("thruster", "burn"),
    ("thunderstorm", "storm"),
    ("ticking", "clock_tick"),
    ("ventilation", "hum"),
    ("voices", "crowd"),
    ("walking", "footsteps"),
    ("wave", "waves"),
    ("whistle", "launch_whistle"),
    ("writing", "pen"),
];

/// What is nearest to a thing that nobody here can make: (word, what is made in its place).
const NEAR: &[(&str, &str)] = &[
    ("air", "wind_soft"),
    ("airlock", "door"),
    ("alarm", "timer_ring"),
    ("animal", "dog"),
    ("anvil", "clang"),
    ("applause", "crowd"),
    ("avalanche", "thunder"),
    ("axe", "knock"),
    ("ball", "knock"),
    ("bees", "night_insects"),
    ("blow", "knock"),
    ("boat", "water_lap"),
    ("bomb", "thunder"),
    ("book", "page"),
    ("bottle", "glass"),
    ("branch", "crust_crack"),
    ("breath", "wind_soft"),
    ("bridge", "rope_creak"),
    ("brook", "water_lap"),
    ("broom", "pen"),
    ("bus", "engine"),
    ("camel", "mules"),
    ("car", "engine"),
    ("cart", "wheel"),
    ("chain", "cans"),
    ("chair", "hinge"),
    ("cheer", "crowd"),
    ("chicken", "birds"),
    ("city", "crowd"),
    ("cloth", "canvas"),
    ("coin", "glass"),
    ("computer", "hum"),
    ("cow", "bell_mule"),
    ("crack", "crust_crack"),
    ("crash", "door_bang"),
    ("cup", "glass"),
    ("curtain", "canvas"),
    ("desert", "wind_low"),
    ("dish", "glass"),
    ("dove", "owl"),
    ("drawer", "hinge"),
    ("drum", "knock"),
    ("earthquake", "thunder"),
    ("electric", "hum"),
    ("explosion", "thunder"),
    ("fall", "splash"),
    ("fan", "hum"),
    ("feet", "footsteps"),
    ("flag", "canvas"),
    ("flame", "fire"),
    ("flute", "launch_whistle"),
    ("forest", "birds"),
    ("forge", "clang"),
    ("fountain", "water_lap"),
    ("frog", "night_insects"),
    ("garden", "birds"),
    ("goat", "bell_mule"),
    ("gong", "bell"),
    ("gravel", "footsteps"),
    ("gun", "door_bang"),
    ("gunshot", "door_bang"),
    ("hail", "rain_glass"),
    ("hammer", "knock"),
    ("hen", "birds"),
    ("horn", "fog_horn"),
    ("ice", "crust_crack"),
    ("iron", "clang"),
    ("jungle", "birds"),
    ("key", "cans"),
    ("lake", "water_lap"),
    ("latch", "door"),
    ("laughter", "crowd"),
    ("leaves", "page"),
    ("leaf", "page"),
    ("lightning", "thunder"),
    ("lock", "door"),
    ("machine", "engine"),
    ("metal", "clang"),
    ("mud", "splash"),
    ("night", "night_insects"),
    ("oil", "pour"),
    ("organ", "fog_horn"),
    ("pan", "cans"),
    ("pebble", "footsteps"),
    ("phone", "timer_ring"),
    ("pigeon", "owl"),
    ("plane", "engine"),
    ("plate", "glass"),
    ("pub", "crowd"),
    ("river", "water_lap"),
    ("rock", "knock"),
    ("rooster", "crow"),
    ("rope", "rope_creak"),
    ("run", "boots"),
    ("running", "boots"),
    ("sail", "canvas"),
    ("sand", "wind_soft"),
    ("saw", "pen"),
    ("scrape", "pen"),
    ("sheep", "bell_mule"),
    ("ship", "rope_creak"),
    ("shot", "door_bang"),
    ("shout", "crowd"),
    ("shutter", "door_bang"),
    ("siren", "launch_whistle"),
    ("sleigh", "bell_mule"),
    ("snap", "strap_cut"),
    ("snow", "wind_soft"),
    ("stone", "knock"),
    ("stream", "water_lap"),
    ("street", "crowd"),
    ("switch", "radio_close"),
    ("sword", "clang"),
    ("tap", "drip"),
    ("tavern", "crowd"),
    ("tear", "strap_cut"),
    ("telephone", "timer_ring"),
    ("thud", "door_bang"),
    ("tractor", "engine"),
    ("train", "engine"),
    ("tree", "wind_soft"),
    ("trombone", "fog_horn"),
    ("truck", "engine"),
    ("trumpet", "fog_horn"),
    ("typewriter", "clock_tick"),
    ("vent", "hum"),
    ("wagon", "wheel"),
    ("water", "water_lap"),
    ("waterfall", "rain"),
    ("wing", "canvas"),
    ("wings", "canvas"),
    ("wolf", "dog"),
    ("wolves", "dog"),
    ("wood", "knock"),
];

/// Words that say how a thing sounds, not what it is.
const MANNER: &[&str] = &[
    "a", "again", "at", "begins", "big", "calm", "cold", "dark", "deep", "distant", "dry", "faint", "fast", "gentle", "hard", "heavy",
    "high", "in", "inside", "large", "light", "little", "long", "loop", "loud", "low", "many", "near", "of", "old", "on", "outside",
    "quick", "quiet", "rising", "sharp", "short", "single", "slow", "small", "soft", "some", "sound", "steady", "strong", "the", "three",
    "two", "warm", "weak", "wet",
];

/// What `foley` makes for a name: the name of what is made, and whether that is what was asked for. A stop and a silence
/// are made as [`SILENCE`], but wind that stops is heard to fall first. Another word for a listed sound is that sound; anything else is the nearest of its kind, or
/// what is spelt almost like it. `None` when nothing here is like it.
pub fn made_as(sound: &Id) -> Option<(&'static str, bool)> {
    let name = sound.as_str();
    if name == SILENCE {
        return Some((SILENCE, true));
    }
    if let Some(ends) = stopped(name) {
        // Wind is heard to fall before it is gone; another thing just stops.
        let wind = made_near(&near(ends).0.replace('-', "_")).is_some_and(|(made, _)| made.starts_with("wind") || made == "breeze");
        return Some((if wind { "wind_dies" } else { SILENCE }, true));
    }
    made_near(&near(name).0.replace('-', "_"))
}

/// What stops, in a name that says so and is not itself a listed sound.
fn stopped(name: &str) -> Option<&str> {
    const STOPS: [&str; 6] = ["stop", "stops", "stopped", "ceases", "ends", "dies"];
    let (of, how) = name.rsplit_once(['_', '-'])?;
    (STOPS.contains(&how) && !KNOWN.contains(&name)).then_some(of)
}

/// A name without its distance, and whether it had one.
pub fn near(name: &str) -> (&str, bool) {
    for tail in ["_far", "_distant", "-far", "-distant"] {
        if let Some(near) = name.strip_suffix(tail).filter(|n| !n.is_empty()) {
            return (near, true);
        }
    }
    (name, false)
}

fn made_near(name: &str) -> Option<(&'static str, bool)> {
    if let Some(known) = exactly(name) {
        return Some((known, true));
    }
    let words: Vec<&str> = name.split('_').filter(|w| !w.is_empty()).collect();
    // What a name ends with is what it is of: a church bell is a bell. Two words before one.
    let spans = (0..words.len()).rev().flat_map(|end| [end.checked_sub(1).map(|start| (start, end)), Some((end, end))]).flatten();
    let found = spans.filter_map(|(start, end)| {
        let known = exactly(&words[start..=end].join("_"))?;
        let rest = words.iter().enumerate().filter(|(k, _)| !(start..=end).contains(k));
        // What says how, and what says the same again, changes nothing: a dog that barks is a dog.
        let adds_nothing = |w: &str| MANNER.contains(&w) || exactly(w) == Some(known);
        Some((known, rest.into_iter().all(|(_, w)| adds_nothing(w))))
    });
    let found: Vec<_> = found.collect();
    if let Some(best) = found.iter().find(|f| f.1).or(found.first()) {
        return Some(*best);
    }
    let kind = |word: &str| NEAR.iter().find(|(near, _)| forms(word).iter().any(|f| f == near)).map(|(_, made)| *made);
    if let Some(made) = words.iter().rev().find_map(|w| kind(w)) {
        return Some((made, false));
    }
    // A slip of the pen: one letter in a word of five, two in one of eight.
    let allowed = if name.len() >= 8 { 2 } else { usize::from(name.len() >= 5) };
    let all = KNOWN.iter().map(|k| (*k, *k)).chain(SAME.iter().copied());
    let (distance, made) = all.map(|(word, made)| (distance(name, word), made)).min()?;
    (distance <= allowed).then_some((made, false))
}

/// A listed name or another word for one, in the singular or the plural.
fn exactly(name: &str) -> Option<&'static str> {
    forms(name).iter().find_map(|form| {
        let listed = KNOWN.binary_search(&form.as_str()).ok().map(|k| KNOWN[k]);
        listed.or_else(|| SAME.iter().find(|(word, _)| word == form).map(|(_, made)| *made))
    })
}

/// A word as it is, and without the ending of a plural.
fn forms(word: &str) -> Vec<String> {
    let mut forms = vec![word.to_owned()];
    forms.extend(word.strip_suffix('s').filter(|w| w.len() > 2).map(str::to_owned));
    forms.extend(word.strip_suffix("es").filter(|w| w.len() > 2).map(str::to_owned));
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(name: &str) -> Option<(&'static str, bool)> {
        made_as(&Id::new(name).expect("id"))
    }

    #[test]
    fn every_word_leads_to_a_listed_sound() {
        assert!(KNOWN.is_sorted() && SAME.is_sorted());
        for (word, made) in SAME.iter().chain(NEAR) {
            assert!(KNOWN.contains(made), "{word} is made as `{made}`, which is not listed");
            assert!(!KNOWN.contains(word), "{word} is listed itself");
        }
        for name in KNOWN {
            assert_eq!(made(name), Some((*name, true)));
            assert_eq!(made(&format!("{name}_far")), Some((*name, true)));
        }
    }

    #[test]
    fn other_words_are_the_same_thing_and_near_ones_are_said_to_be_near() {
        for (asked, want) in [
            ("seagulls", ("gulls", true)),
            ("dog_barking", ("dog", true)),
            ("heavy_rain", ("rain", true)),
            ("rain_soft", ("rain", true)),
            ("distant_thunder", ("thunder", true)),
            ("door_slam", ("door_bang", true)),
            ("horses", ("hoof", true)),
            ("church_bell", ("bell", false)),
            ("church-bells", ("bell", false)),
            ("car_door", ("door", false)),
            ("trombone", ("fog_horn", false)),
            ("wolves", ("dog", false)),
            ("river", ("water_lap", false)),
            ("foosteps", ("footsteps", false)),
            ("thundr", ("thunder", false)),
            ("oars_stop", (SILENCE, true)),
            ("bell_far_stop", (SILENCE, true)),
            ("silence", (SILENCE, true)),
            ("engine_dies", (SILENCE, true)),
            ("lamp_dies", ("lamp_dies", true)),
            ("wind_stop", ("wind_dies", true)),
            ("wind-stops", ("wind_dies", true)),
            ("cold_wind_far_stop", ("wind_dies", true)),
        ] {
            assert_eq!(made(asked), Some(want), "{asked}");
        }
        for nothing in ["x", "qwxzjk", "far", "zz9"] {
            assert_eq!(made(nothing), None, "{nothing}");
        }
    }
}
