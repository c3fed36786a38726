//! Where a statement stands, in words a person can follow: the file and the table, or the script and the line.
//!
//! A source names `canon.toml` for what the canon holds from the start; whoever knows which entries the author wrote may say
//! that an entry is the pack's. It names `script` for what the script at hand says; whoever knows which lines come from a
//! person's notes or screenplay may name that file.

use std::fmt::Display;

use contracts::canon::{Canon, Fact};

/// What begins the name of an entry of the canon.
pub const CANON: &str = "canon.toml [[";
/// What begins the name of a place in the script.
pub const SCRIPT: &str = "script ";

/// An entry of a table of the canon.
pub(crate) fn entry(table: &str, id: impl Display) -> String {
    format!("{CANON}{table}]] {id}")
}

/// Every entry of a canon, by the name the gate gives it.
pub fn entries(canon: &Canon) -> Vec<String> {
    let people = canon.characters.iter().map(|p| person(&p.id));
    let places = canon.locations.iter().map(|l| place(&l.id));
    let props = canon.props.iter().map(|p| entry("props", &p.id));
    let facts = canon.facts.iter().map(|f| entry("facts", &f.id));
    let threads = canon.threads.iter().map(|t| entry("threads", &t.id));
    people.chain(places).chain(props).chain(facts).chain(threads).collect()
}

/// A person of the canon.
pub(crate) fn person(id: impl Display) -> String {
    entry("characters", id)
}

/// A place of the canon.
pub(crate) fn place(id: impl Display) -> String {
    entry("locations", id)
}

/// A scene, a beat or a line of the script at hand.
pub(crate) fn script(id: impl Display) -> String {
    format!("{SCRIPT}{id}")
}

/// One of the cast.
pub(crate) fn cast(id: impl Display) -> String {
    format!("cast {id}")
}

/// A fact, by where it was stated: the author's canon, a beat of an earlier episode, a beat of this script, a pack.
pub(crate) fn fact(fact: &Fact) -> String {
    let episode = fact.source.as_deref().and_then(|s| s.strip_prefix("ep")).filter(|n| n.bytes().all(|b| b.is_ascii_digit()));
    match (fact.source.as_deref(), &fact.cause) {
        (Some("author"), None) => entry("facts", &fact.id),
        (_, Some(cause)) if episode.is_some() => format!("episode {} {cause} (fact {})", episode.unwrap_or_default(), fact.id),
        (Some(source), _) => format!("fact {} ({source})", fact.id),
        (None, Some(cause)) => format!("{} (fact {})", script(cause), fact.id),
        (None, None) => format!("fact {}", fact.id),
    }
}
