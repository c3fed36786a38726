//! What is drawn for a shape: the shape itself, another word for it, or the nearest thing of its kind.

use contracts::Id;

/// Every shape that has a drawing of its own.
pub const DRAWN: &[&str] = &[
    "lamp",
    "candle",
    "torch",
    "lantern",
    "star",
    "book",
    "can",
    "cloth",
    "blanket",
    "tarpaulin",
    "card",
    "letter",
    "key",
    "bell",
    "rope",
    "boat",
    "pen",
    "cup",
    "mule",
    "marker",
    "blocks",
    "stone",
    "ring",
    "knife",
    "string",
    "parcel",
    "door",
    "doors",
    "pot",
    "spoon",
    "mitten",
    "loaf",
    "basket",
    "mushroom",
    "flower",
    "crown",
    "ladder",
    "chair",
    "timer",
    "gauge",
    "radio",
    "chart",
    "switch",
    "wheel",
    "helmet",
    "scale",
    "tray",
    "staff",
    "sword",
    "camel",
    "pack",
    "pencil",
];

/// Other words for a drawing: these are what was asked for.
const SAME: &[(&str, &[&str])] = &[
    ("lamp", &["oil-lamp", "oil_lamp", "oillamp"]),
    ("lantern", &["storm-lantern"]),
    ("candle", &["taper"]),
    ("torch", &["firebrand"]),
    ("book", &["log", "ledger", "diary", "journal", "notebook", "logbook", "order-book", "manual", "bible"]),
    ("can", &["oil-can", "canister", "tin", "jerrycan"]),
    ("cloth", &["rag", "towel", "sheet", "scarf", "shawl", "kerchief"]),
    ("blanket", &["quilt", "rug", "coverlet"]),
    ("tarpaulin", &["tarp", "canvas"]),
    ("card", &["ticket", "slip", "tag", "label", "notice", "photograph", "photo", "postcard"]),
    ("letter", &["envelope", "note", "telegram", "scroll"]),
    ("rope", &["coil", "line", "cord", "cable"]),
    ("boat", &["dinghy", "skiff", "rowboat", "rowing-boat"]),
    ("pen", &["quill", "feather"]),
    ("cup", &["mug", "bowl", "beaker", "glass", "goblet", "teacup"]),
    ("mule", &["donkey", "horse", "pony", "ass"]),
    ("marker", &["pillar", "post", "milestone"]),
    ("blocks", &["bricks", "salt"]),
    ("stone", &["rock", "boulder", "tombstone", "headstone", "pebble", "bridge-stone"]),
    ("ring", &["band", "signet"]),
    ("knife", &["dagger", "blade"]),
    ("string", &["thread", "twine", "beads", "necklace"]),
    ("parcel", &["package", "box", "crate", "chest", "bundle", "case"]),
    ("door", &["gate", "green-door"]),
    ("doors", &["three-doors"]),
    ("pot", &["cauldron", "kettle", "pan"]),
    ("spoon", &["ladle"]),
    ("mitten", &["glove", "mittens", "gloves"]),
    ("loaf", &["bread", "loaves"]),
    ("basket", &["hamper", "wicker"]),
    ("mushroom", &["toadstool", "mushrooms"]),
    ("flower", &["rose", "flowers", "blossom", "lily", "daisy"]),
    ("crown", &["tiara", "diadem", "coronet"]),
    ("ladder", &["steps"]),
    ("chair", &["stool", "seat"]),
    ("timer", &["clock", "watch", "stopwatch", "alarm", "dial"]),
    ("gauge", &["meter", "barometer", "thermometer", "fuel-gauge"]),
    ("radio", &["transmitter", "receiver", "radio-lamp", "wireless"]),
    ("chart", &["map", "plan", "diagram"]),
    ("switch", &["guard", "button", "lever"]),
    ("wheel", &["helm", "valve", "steering-wheel", "cog"]),
    ("helmet", &["helm-of-iron", "spacesuit", "visor"]),
    ("scale", &["scales", "balance"]),
    ("tray", &["plant", "plants", "seedlings", "plant-tray", "sprout"]),
    ("staff", &["stick", "cane", "wand", "pole", "crook", "stave"]),
    ("sword", &["sabre", "rapier", "spear"]),
    ("camel", &["dromedary"]),
    ("pack", &["camel-pack", "saddlebag", "bedroll", "rucksack", "load"]),
    ("pencil", &["crayon", "chalk", "grease-pencil"]),
];

/// Things that stand in for others of their kind: these are substitutions.
const NEAR: &[(&str, &[&str])] = &[
    ("lantern", &["light", "beacon", "headlamp", "flashlight", "bulb"]),
    ("cup", &["bottle", "jug", "jar", "vase", "flask", "pitcher", "plate", "dish", "saucer", "vial", "urn"]),
    ("can", &["bucket", "barrel", "pail", "drum", "tank", "tub", "keg"]),
    ("parcel", &["bag", "sack", "purse", "trunk", "suitcase", "drawer", "cage", "coffin", "casket"]),
    ("book", &["newspaper", "magazine", "tablet", "album", "pages"]),
    ("card", &["coin", "badge", "medal", "mirror", "painting", "picture", "portrait", "poster", "sign", "stamp", "banner", "flag"]),
    ("chart", &["compass", "sextant", "astrolabe", "globe", "telescope", "spyglass", "screen"]),
    (
        "knife",
        &["axe", "saw", "hammer", "scissors", "chisel", "spade", "shovel", "pick", "tool", "fork", "needle", "razor", "sickle", "scythe"],
    ),
    ("sword", &["bow", "arrow", "gun", "rifle", "pistol", "shield", "club", "lance"]),
    ("staff", &["oar", "broom", "rake", "fishing-rod", "rod", "paddle", "flute", "violin", "umbrella", "branch", "log-of-wood"]),
    ("bell", &["drum-of-skin", "horn", "whistle", "gong", "trumpet", "music-box"]),
    ("cloth", &["coat", "cloak", "dress", "apron", "shirt", "cape", "curtain", "net", "sail", "hood", "jacket", "boot", "shoe", "sock"]),
    ("crown", &["hat", "cap", "wreath", "mask", "bonnet"]),
    ("ring", &["bracelet", "brooch", "jewel", "gem", "pearl", "chain", "amulet", "pendant", "button-of-bone"]),
    ("flower", &["leaf", "herb", "grass", "branch-of-green", "wheat", "tree", "twig"]),
    ("loaf", &["apple", "cake", "egg", "cheese", "fruit", "pie", "fish", "meat", "potato", "pumpkin"]),
    ("mule", &["dog", "cat", "goat", "sheep", "cow", "ox", "wolf", "fox", "deer", "pig", "bear"]),
    ("wheel", &["mill", "millstone", "cart", "wagon", "gear", "spindle", "spinning-wheel", "barrow"]),
    ("chair", &["bench", "table", "bed", "throne", "cradle", "sofa", "desk"]),
    ("gauge", &["engine", "pump", "machine", "robot", "console", "panel", "computer", "battery"]),
    ("stone", &["statue", "skull", "bone", "idol", "shell", "crystal", "crust"]),
    ("boat", &["ship", "raft", "canoe", "ferry", "barge", "anchor"]),
    ("door", &["window", "hatch", "wall", "fence"]),
    ("star", &["moon", "sun", "comet", "satellite"]),
];

/// Where a thing is at rest in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// On a nail.
    Wall,
    /// On a table or a shelf.
    Board,
    /// On the ground.
    Floor,
}

/// Where a shape is at rest.
pub fn rest(shape: &Id) -> Rest {
    match drawn_as(shape).0 {
        "card" | "key" | "chart" | "gauge" => Rest::Wall,
        "book" | "cup" | "pen" | "letter" | "cloth" | "blanket" | "bell" | "spoon" | "mitten" | "loaf" | "crown" | "timer" | "radio"
        | "switch" | "scale" | "pencil" | "flower" | "knife" | "ring" | "string" | "helmet" | "tray" => Rest::Board,
        _ => Rest::Floor,
    }
}

/// What is drawn for a shape, and whether it is what was asked for. Synonyms come first, then the nearest thing of its
/// kind, then by the words the shape is made of; what no list knows is a wrapped parcel with a tag.
pub fn drawn_as(shape: &Id) -> (&'static str, bool) {
    drawn(shape.as_str())
}

/// As [`drawn_as`], by the word.
pub(super) fn drawn(shape: &str) -> (&'static str, bool) {
    let word = shape.replace('_', "-");
    if let Some(found) = exact(&word) {
        return (found, true);
    }
    if let Some(found) = listed(NEAR, &word) {
        return (found, false);
    }
    // `old-brass-lamp` is a lamp; the last word that is known names the thing.
    for part in word.split('-').rev() {
        if let Some(found) = exact(part) {
            return (found, true);
        }
    }
    for part in word.split('-').rev() {
        if let Some(found) = listed(NEAR, part) {
            return (found, false);
        }
    }
    ("parcel", false)
}

/// The drawing of a word, of its singular, or of a word that means the same.
fn exact(word: &str) -> Option<&'static str> {
    let one = |w: &str| DRAWN.iter().copied().find(|d| *d == w).or_else(|| listed(SAME, w));
    one(word).or_else(|| word.strip_suffix("es").and_then(one)).or_else(|| word.strip_suffix('s').and_then(one))
}

fn listed(list: &[(&'static str, &[&str])], word: &str) -> Option<&'static str> {
    list.iter().find(|(_, words)| words.contains(&word)).map(|(drawn, _)| *drawn)
}
