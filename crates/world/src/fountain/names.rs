//! Who and where: cues and headings matched to the people, places and things of a canon.

use contracts::{
    Hash, Id,
    canon::{Canon, Character, Location, Prop},
};

use super::words::{self, Side, When};

/// A word of a text, in lower case.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub word: String,
    /// Begins with a capital, or has no case.
    pub capital: bool,
    /// `Bram's`: it is about something of his.
    pub owner: bool,
}

/// The words of a text in any script: runs of letters and digits.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::new();
    let mut word = String::new();
    let mut letters = text.chars().chain([' ']).peekable();
    while let Some(c) = letters.next() {
        let apostrophe = matches!(c, '\'' | '\u{2019}');
        if c.is_alphanumeric() || (apostrophe && !word.is_empty() && letters.peek().is_some_and(|n| n.is_alphanumeric())) {
            word.push(if apostrophe { '\'' } else { c });
            continue;
        }
        if word.is_empty() {
            continue;
        }
        let owned = word.strip_suffix("'s").or_else(|| word.strip_suffix("'S")).map(str::to_owned);
        let owner = owned.is_some() || (apostrophe && word.ends_with(['s', 'S']));
        let bare = owned.unwrap_or_else(|| word.clone());
        let capital = bare.chars().next().is_some_and(|c| !c.is_lowercase());
        out.push(Token { word: bare.to_lowercase(), capital, owner });
        word.clear();
    }
    out
}

fn bag(text: &str) -> Vec<String> {
    tokens(text).into_iter().map(|t| t.word).collect()
}

const TITLES: &[&str] = &[
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "doctor",
    "captain",
    "old",
    "young",
    "sir",
    "lady",
    "professor",
    "sergeant",
    "the",
    "father",
    "sister",
];

/// What a name stands for.
pub(super) enum Who<'a> {
    One(&'a Character),
    Many(Vec<&'a str>),
    Nobody,
}

/// The person of a name, by the whole name, the id, or words of the name that only one person has.
pub(super) fn person<'a>(people: &'a [Character], name: &str) -> Who<'a> {
    let said = bag(name);
    if said.is_empty() {
        return Who::Nobody;
    }
    let slug = Id::slug(name);
    let exact = people.iter().find(|p| bag(&p.name) == said || p.id.as_str() == name || p.id == slug);
    if let Some(one) = exact {
        return Who::One(one);
    }
    for words in [said.clone(), said.into_iter().filter(|w| !TITLES.contains(&w.as_str())).collect()] {
        let found: Vec<&Character> = people
            .iter()
            .filter(|p| {
                let own = bag(&p.name);
                !words.is_empty() && words.iter().all(|w| own.contains(w))
            })
            .collect();
        match found.as_slice() {
            [one] => return Who::One(one),
            [] => {}
            many => return Who::Many(many.iter().map(|p| p.name.as_str()).collect()),
        }
    }
    Who::Nobody
}

/// Everybody's names, taken apart once.
pub(super) struct Roll {
    names: Vec<(Vec<String>, Id)>,
}

impl Roll {
    /// The names of these people.
    pub fn new(people: &[Character]) -> Self {
        Self { names: people.iter().map(|p| (bag(&p.name), p.id.clone())).collect() }
    }

    /// People named in an action, in the order of their names. Who is only spoken of as an owner (`Bram's oars`) is not there.
    pub fn named(&self, text: &[Token]) -> Vec<Id> {
        let mut found: Vec<Id> = Vec::new();
        for (at, token) in text.iter().enumerate() {
            if !token.capital || token.owner {
                continue;
            }
            let whole = self.names.iter().find(|(name, _)| {
                let here = text.get(at..at + name.len());
                !name.is_empty()
                    && here.is_some_and(|t| t.iter().zip(name).all(|(t, n)| t.word == *n) && t.last().is_some_and(|l| !l.owner))
            });
            let by_word = || {
                let long = token.word.chars().count() >= 2 && !TITLES.contains(&token.word.as_str());
                let mut having = self.names.iter().filter(|(name, _)| long && name.contains(&token.word));
                having.next().filter(|_| having.next().is_none())
            };
            // In `Bram Tolley's boat` the first name is no second person.
            let owner_follows = text.get(at + 1).is_some_and(|next| next.owner && next.capital);
            if let Some((_, id)) = whole.or_else(|| by_word().filter(|_| !owner_follows))
                && !found.contains(id)
            {
                found.push(id.clone());
            }
        }
        found
    }
}

/// Up to three known names that are nearest to one nobody has.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = name.to_lowercase();
    let letters = wanted.chars().count();
    let distance = |other: &str| contracts::text::distance(&wanted, &other.to_lowercase());
    let near = |other: &str| std::iter::once(other).chain(other.split_whitespace()).map(distance).min().unwrap_or(usize::MAX);
    let mut all: Vec<(usize, &str)> = known.map(|k| (near(k), k)).collect();
    all.sort_unstable();
    all.dedup();
    all.into_iter().filter(|(d, _)| *d <= 2 && *d * 2 <= letters).take(3).map(|(_, k)| k).collect()
}

/// A heading, taken apart.
pub(super) struct Heading {
    pub side: Side,
    /// The place as it is written.
    pub place: String,
    pub when: Option<When>,
    pub weather: Option<contracts::story::Weather>,
}

/// Takes a heading apart: `INT. HOUSE - KITCHEN - NIGHT (RAIN)`.
pub(super) fn heading(text: &str) -> Heading {
    let (side, rest) = words::heading_start(text).unwrap_or((Side::Unsaid, text));
    let (mut place, mut when, mut weather) = (Vec::new(), None, None);
    let dashes = rest.replace(['\u{2013}', '\u{2014}'], " - ").replace(['(', ')'], " - ");
    for (n, part) in dashes.split(" - ").map(str::trim).filter(|p| !p.is_empty() && *p != "-").enumerate() {
        // The first part is the place, whatever it is called.
        let hour = if n == 0 { None } else { words::when(part) };
        let sky = if n == 0 { None } else { words::weather(&bag(part)) };
        if hour.is_none() && sky.is_none() {
            place.push(part);
        }
        when = hour.or(when);
        weather = sky.or(weather);
    }
    Heading { side, place: place.join(" - "), when, weather }
}

/// The words a place is known by, without articles and sides.
fn place_words(name: &str) -> Vec<String> {
    bag(name).into_iter().filter(|w| !matches!(w.as_str(), "the" | "a" | "an" | "outside" | "inside")).collect()
}

/// The place of that very name, on the side that is asked for when there are two.
pub(super) fn same_place<'a>(places: &'a [Location], name: &str, side: Side) -> Option<&'a Location> {
    let said = place_words(name);
    let mut found: Vec<&Location> = places.iter().filter(|p| place_words(&p.name) == said || bag(&p.id) == said).collect();
    if found.len() > 1 && side != Side::Unsaid {
        found.sort_by_key(|p| words::indoors(p.family) != (side == Side::In));
    }
    found.first().copied()
}

/// The place a heading means: its name, its name within other words, a part of its name, or one of its words.
pub(super) fn place<'a>(places: &'a [Location], heading: &Heading) -> Option<&'a Location> {
    if let Some(same) = same_place(places, &heading.place, heading.side) {
        return Some(same);
    }
    let said = place_words(&heading.place);
    let inside = |p: &&Location| {
        let own = place_words(&p.name);
        if !own.is_empty() && own.iter().all(|w| said.contains(w)) { own.len() } else { 0 }
    };
    let most = places.iter().filter(|p| inside(p) > 0).max_by_key(|p| (inside(p), std::cmp::Reverse(&p.id)));
    if most.is_some() {
        return most;
    }
    let only = |fits: &dyn Fn(&Location) -> bool| {
        let mut found = places.iter().filter(|p| fits(p));
        found.next().filter(|_| found.next().is_none())
    };
    only(&|p| !said.is_empty() && said.iter().all(|w| place_words(&p.name).contains(w)))
        .or_else(|| only(&|p| p.words.iter().any(|w| said.contains(&w.to_lowercase()))))
}

/// Things an action speaks of, in the order of their words, at most three: by name, by a word only one thing has, or by a word of a
/// thing that stands here.
pub(super) fn things(canon: &Canon, place: &Location, text: &[Token]) -> Vec<Id> {
    let said: Vec<&str> = text.iter().map(|t| t.word.as_str()).collect();
    let own: Vec<(Vec<String>, Vec<String>, &Prop)> =
        canon.props.iter().map(|p| (place_words(&p.name), p.words.iter().map(|w| w.to_lowercase()).collect(), p)).collect();
    let mut found: Vec<(usize, &Id)> = Vec::new();
    for (name, words, prop) in &own {
        let whole = (0..said.len())
            .find(|at| !name.is_empty() && said.get(*at..at + name.len()).is_some_and(|s| s.iter().zip(name).all(|(s, n)| s == n)));
        let one = said.iter().position(|s| {
            let holders = own.iter().filter(|(n, w, _)| w.iter().any(|w| w == s) || n.last().is_some_and(|n| n == s)).count();
            let has = words.iter().any(|w| w == s) || name.last().is_some_and(|n| n == s);
            has && (holders == 1 || (place.holds.contains(&prop.id) && name.last().is_some_and(|n| n == s)))
        });
        if let Some(at) = whole.or(one) {
            found.push((at, &prop.id));
        }
    }
    found.sort();
    found.into_iter().take(3).map(|(_, id)| id.clone()).collect()
}

/// An id from words, with a hash when they give none. At most `most` letters.
pub(super) fn id_of(text: &str, most: usize) -> Id {
    let slug = Id::slug(text);
    let cut: String = slug.chars().take(most).collect();
    let cut = cut.trim_end_matches('-');
    let hashed = || format!("x-{}", Hash::of(text.as_bytes()).short());
    let none = slug.as_str() == "untitled" || bag(text).iter().any(|w| !w.is_ascii());
    Id::new(if none { hashed() } else { cut.to_owned() }).unwrap_or(slug)
}

/// A name in capitals as a name: `NESSA ROAN` → `Nessa Roan`.
pub(super) fn titled(cue: &str) -> String {
    if cue.chars().any(char::is_lowercase) {
        return cue.to_owned();
    }
    let mut out = String::new();
    let mut begins = true;
    for c in cue.chars() {
        if begins {
            out.push(c);
        } else {
            out.extend(c.to_lowercase());
        }
        begins = !(c.is_alphanumeric() || matches!(c, '\'' | '\u{2019}'));
    }
    out
}
