//! What a place is painted as, read off its family and the nouns of its look; and how its parts stand.

use contracts::{Seed, canon::PlaceFamily, picture::PlaceSpec};

/// What is painted for a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scene {
    /// A headland, with a tower when the look names one.
    Headland,
    /// Steps and a boat at the water's edge.
    Landing,
    /// An iron rail before the sea.
    Gallery,
    /// Rocks and moving water.
    Water,
    /// A river between its banks.
    River,
    /// A room with a window, shelves, a table and a lamp.
    Room,
    /// A round room of glass.
    LampRoom,
    /// A winding stair.
    Stair,
    /// A low vault with a shelf and pegs.
    Vault,
    /// A workshop with a bench and its tools.
    Shop,
    /// One low room with a hearth.
    Cottage,
    /// A hall of stone with high windows.
    Hall,
    /// The inside of a tent.
    Tent,
    /// The deck of a ship, or a small boat.
    Deck,
    /// A cabin, a hold, a carriage.
    Cabin,
    /// Seats and instruments before a curved window.
    Cockpit,
    /// Cottages along a quay.
    Street,
    /// Cottages round a green, away from any sea.
    Square,
    /// A street between tall houses.
    City,
    /// Trees.
    Forest,
    /// Dunes.
    Dunes,
    /// A salt flat.
    Salt,
    /// Bare mountains.
    Peaks,
    /// Round hills above a valley.
    Hill,
    /// A floor of cloud.
    Air,
    /// Stars, worlds and bare ground.
    Space,
}

struct Words(Vec<String>);

impl Words {
    fn of(text: &str) -> Self {
        Self(text.to_lowercase().split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect())
    }

    fn any(&self, list: &[&str]) -> bool {
        self.0.iter().any(|w| list.contains(&w.as_str()))
    }
}

const TENT: &[&str] = &["tent", "tents", "yurt", "pavilion", "awning", "marquee"];
const VAULT: &[&str] = &["vault", "cellar", "store", "crypt", "dungeon", "cell", "undercroft"];
const STAIR: &[&str] = &["stair", "stairs", "stairwell", "staircase", "spiral"];
const HALL: &[&str] = &["hall", "castle", "throne", "church", "chapel", "temple", "cathedral", "palace", "court", "nave", "ballroom"];
const HEARTH: &[&str] = &[
    "cottage",
    "hut",
    "hearth",
    "mill",
    "bakehouse",
    "bakery",
    "oven",
    "kitchen",
    "stove",
    "fireplace",
    "bed",
    "farmhouse",
    "inn",
    "pot",
    "chimney",
    "mat",
];
const STUDY: &[&str] = &["study", "shelves", "library", "office", "books", "desk"];
const CABIN: &[&str] = &[
    "cabin",
    "berth",
    "bunk",
    "porthole",
    "portholes",
    "hold",
    "airlock",
    "lock",
    "station",
    "ship",
    "tug",
    "wagon",
    "carriage",
    "compartment",
    "bulkhead",
    "galley",
];
const COCKPIT: &[&str] = &["cockpit", "console", "controls", "canopy", "flightdeck"];
const DECK: &[&str] = &[
    "deck", "mast", "masts", "sail", "sails", "rigging", "bow", "stern", "prow", "raft", "rail", "oars", "boat", "rowing", "dinghy",
    "skiff", "punt", "canoe", "barge", "ferry",
];
const HARBOUR: &[&str] = &["quay", "harbour", "harbor", "pier", "sea", "boats", "port", "jetty", "shore", "coast", "fishing", "beach"];

impl Scene {
    /// Reads the family and the nouns of the look; where the look says nothing in particular, the words of the id too.
    pub fn of(place: &PlaceSpec) -> Self {
        let look = Words::of(&place.look);
        let scene = Self::read(place.family, &look);
        if scene != Self::read(place.family, &Words(Vec::new())) {
            return scene;
        }
        Self::read(place.family, &Words::of(&format!("{} {}", place.look, place.location_id)))
    }

    fn read(family: PlaceFamily, w: &Words) -> Self {
        match family {
            PlaceFamily::Coast => {
                if w.any(&["balcony", "rail", "railing", "gallery"]) {
                    Self::Gallery
                } else if w.any(&["landing", "steps", "boat", "boats", "jetty", "slip", "mooring", "pier"]) {
                    Self::Landing
                } else if w.any(&["rocks", "rock", "channel", "water", "reef", "skerry", "sound"]) && !w.any(&["tower", "lighthouse"]) {
                    Self::Water
                } else {
                    Self::Headland
                }
            }
            PlaceFamily::InteriorRoom | PlaceFamily::Hall | PlaceFamily::Vehicle | PlaceFamily::Workshop => Self::inside(family, w),
            PlaceFamily::Village if w.any(HARBOUR) => Self::Street,
            PlaceFamily::Village => Self::Square,
            PlaceFamily::CityStreet => Self::City,
            PlaceFamily::Forest => Self::Forest,
            PlaceFamily::Desert if w.any(TENT) && w.any(&["inside", "interior", "within"]) => Self::Tent,
            PlaceFamily::Desert | PlaceFamily::River if w.any(&["salt", "pan", "playa", "flat", "brine"]) && !w.any(&["dune", "dunes"]) => {
                Self::Salt
            }
            PlaceFamily::River
                if w.any(&["stone"]) && w.any(&["black", "open"]) && !w.any(&["bank", "banks", "river", "bridge", "mill"]) =>
            {
                Self::Salt
            }
            PlaceFamily::Desert => Self::Dunes,
            PlaceFamily::River => Self::River,
            PlaceFamily::Mountain => {
                let round = ["hill", "hills", "moor", "down", "downs", "meadow", "meadows", "heath", "pasture", "valley"];
                if w.any(&round) && !w.any(&["peak", "peaks", "mountains", "cliff", "cliffs", "pass", "ledge", "summit", "rocks"]) {
                    Self::Hill
                } else {
                    Self::Peaks
                }
            }
            PlaceFamily::Sky => {
                let out = ["space", "stars", "orbit", "moon", "planet", "vacuum", "asteroid", "station", "hull", "void", "comet"];
                if w.any(&out) && !w.any(&["cloud", "clouds"]) { Self::Space } else { Self::Air }
            }
        }
    }

    fn inside(family: PlaceFamily, w: &Words) -> Self {
        let vehicle = family == PlaceFamily::Vehicle;
        if w.any(COCKPIT) || vehicle && w.any(&["bridge", "seats", "helm"]) && !w.any(DECK) {
            Self::Cockpit
        } else if vehicle && w.any(&["hull"]) && w.any(&["walk", "outside", "outer", "stars"]) {
            Self::Space
        } else if vehicle && w.any(DECK) && !w.any(CABIN) || w.any(&["deck"]) && !w.any(&["below", "under"]) {
            Self::Deck
        } else if w.any(&["glass", "lantern", "panes"]) && w.any(&["round", "lamp", "light", "tower"]) {
            Self::LampRoom
        } else if w.any(STAIR) && !w.any(VAULT) && family != PlaceFamily::Workshop {
            Self::Stair
        } else if w.any(VAULT) {
            Self::Vault
        } else if w.any(TENT) {
            Self::Tent
        } else if vehicle {
            Self::Cabin
        } else if family == PlaceFamily::Hall {
            // A castle is also its yard.
            if w.any(&["courtyard", "yard", "ramparts", "battlements", "gate"]) && !w.any(&["hall", "room", "chamber"]) {
                Self::City
            } else {
                Self::Hall
            }
        } else if family == PlaceFamily::Workshop {
            if w.any(&["stone", "arches"]) { Self::Vault } else { Self::Shop }
        } else if w.any(STUDY) {
            Self::Room
        } else if w.any(CABIN) {
            Self::Cabin
        } else if w.any(HALL) {
            Self::Hall
        } else if w.any(HEARTH) {
            Self::Cottage
        } else {
            Self::Room
        }
    }

    /// Whether it has walls.
    pub fn indoors(self) -> bool {
        matches!(
            self,
            Self::Room
                | Self::LampRoom
                | Self::Stair
                | Self::Vault
                | Self::Shop
                | Self::Cottage
                | Self::Hall
                | Self::Tent
                | Self::Cabin
                | Self::Cockpit
        )
    }

    /// Whether it is dry land under an open sky.
    pub fn dry(self) -> bool {
        matches!(self, Self::Dunes | Self::Salt | Self::Peaks)
    }

    /// Whether two people sit at a table in it.
    pub fn has_table(self) -> bool {
        matches!(self, Self::Room | Self::Vault | Self::Shop | Self::Cottage | Self::Hall | Self::Cabin | Self::Cockpit)
    }

    /// Whether a fire burns in it at the hours of lamps.
    pub fn has_hearth(self) -> bool {
        matches!(self, Self::Cottage | Self::Tent)
    }
}

/// How the parts of a location stand in their picture: chosen once by its id, the same in every episode, framing, hour and
/// weather.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lay {
    /// One of three compositions.
    pub kind: usize,
    /// Whether left and right change sides.
    pub flip: bool,
    /// How high the horizon stands against the composition's: −1 to 1.
    pub lift: f32,
    /// How far the set pieces are apart: −1 to 1.
    pub spread: f32,
}

impl Lay {
    /// The composition of a location.
    pub fn of(place: &PlaceSpec) -> Self {
        let mut seed = Seed::of(&["place", place.location_id.as_str(), "lay"]);
        Self {
            kind: seed.below(3) as usize,
            flip: seed.below(2) == 1,
            lift: seed.range(-1.0, 1.0) as f32,
            spread: seed.range(-1.0, 1.0) as f32,
        }
    }

    /// A fraction of the width, on its side.
    pub fn x(&self, t: f32) -> f32 {
        if self.flip { 1.0 - t } else { t }
    }

    /// 1, or −1 when left and right change sides.
    pub fn m(&self) -> f32 {
        if self.flip { -1.0 } else { 1.0 }
    }
}
