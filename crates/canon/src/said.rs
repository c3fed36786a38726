//! What the words of a script say of names, ages, deaths and places. A line that a person wrote carries no claims, so its
//! words are read: only where they can mean nothing else, because a false alarm blocks a film that is sound.
//!
//! A narrator is never judged, nor a question, nor a line that is said to be a lie. An age counts when a clause says it of a
//! known person and ends there; a place when it is named in full.

use std::collections::BTreeSet;

use contracts::{
    Id,
    canon::{Character, Location, Repair, ScriptField},
    story::{Beat, Cast, Delivery, FigureKind, Line, Part, Scene, Truth},
};

use crate::{
    facts::Facts,
    repair::{changed, edit, repair, unsaid, with},
    sources::{person, place, script as at},
    time,
    words::{Word, asks, near, number, sentence_case, spelt, words},
};

/// A finding before it is blocked: code, message, sources, and what might make it go away.
pub(crate) type Said = (&'static str, String, Vec<String>, Vec<Repair>);

/// Days and months: written large, and the name of nobody. Lower case.
pub const CALENDAR: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Capitalised words besides those of the calendar that may follow a name without being one.
const NO_SURNAME: &[&str] = &[
    "i",
    "i'm",
    "i'd",
    "i'll",
    "i've",
    "god",
    "lord",
    "christ",
    "heaven",
    "christmas",
    "easter",
    "mr",
    "mrs",
    "miss",
    "ms",
    "sir",
    "madam",
    "captain",
    "doctor",
    "dr",
    "father",
    "mother",
    "uncle",
    "aunt",
    "old",
    "english",
    "junior",
    "senior",
    "jr",
    "sr",
];

fn no_surname(word: &str) -> bool {
    NO_SURNAME.contains(&word) || CALENDAR.contains(&word)
}
/// First names that are also words: at the head of a sentence they may be the word.
const ALSO_WORDS: &[&str] = &[
    "will", "may", "mark", "hope", "faith", "grace", "rose", "bill", "art", "dawn", "summer", "ivy", "pat", "rob", "sue", "drew", "chase",
    "grant", "miles", "april", "june", "august", "joy",
];
const OF_MEN: &[&str] = &["mr", "mister", "sir", "lord"];
const OF_WOMEN: &[&str] = &["mrs", "miss", "ms", "madam", "lady"];
/// Third persons that are no act, or an act of the dead.
const NO_ACT: &[&str] = &[
    "is",
    "was",
    "has",
    "does",
    "lies",
    "rests",
    "remains",
    "always",
    "perhaps",
    "sometimes",
    "his",
    "hers",
    "its",
    "this",
    "as",
    "seems",
    "haunts",
    "dies",
    "drowns",
];
/// A sentence with one of these shows somebody far off, or only their image.
const AFAR: &[&str] = &[
    "photograph",
    "photo",
    "picture",
    "portrait",
    "painting",
    "drawing",
    "film",
    "letter",
    "dream",
    "dreams",
    "memory",
    "remembers",
    "voice",
    "radio",
    "telephone",
    "phone",
    "statue",
    "name",
    "ghost",
    "shadow",
    "reflection",
    "mirror",
    "window",
    "below",
    "above",
    "far",
    "away",
    "distance",
    "across",
    "outside",
    "beyond",
    "through",
    "off",
    "horizon",
    "distant",
];
const DEATHS: &[&str] = &["dies", "drowns", "is dead", "falls dead", "lies dead"];
const GREETINGS: &[&str] =
    &["good morning", "good evening", "good day", "welcome", "hello", "come in", "sit down", "hand me", "give me", "pass me"];
const STAYS: &[&str] = &["stands", "sits", "waits", "kneels", "lies", "sleeps", "is", "works"];
const AFTER_PLACE: &[&str] = &["now", "here", "today", "tonight", "with", "and", "beside", "under", "alone", "again", "while", "as"];

struct Person<'a> {
    who: &'a Character,
    /// The words of the name, in lower case.
    name: Vec<String>,
}

/// What can be known by reading.
pub(crate) struct Reader<'a, F: Facts> {
    people: Vec<Person<'a>>,
    places: &'a [Location],
    /// Words of the names of people.
    names: BTreeSet<String>,
    world: &'a F,
    narrators: BTreeSet<&'a str>,
}

/// Where a text stands.
struct Here<'a> {
    scene: &'a Scene,
    id: &'a Id,
    /// Whoever says I, and whoever is you.
    line: Option<&'a Line>,
    /// The beat of an action.
    beat: Option<&'a Beat>,
    /// What is read.
    text: &'a str,
}

impl Here<'_> {
    /// The text with the words from `first` to `last` put otherwise.
    fn put(&self, first: &Word<'_>, last: &Word<'_>, to: &str) -> Vec<Repair> {
        let start = self.offset(first);
        let end = self.offset(last) + last.text.len();
        let around = self.text.get(..start).zip(self.text.get(end..));
        around.map(|(head, tail)| changed(self.id, ScriptField::Text, self.text, &format!("{head}{to}{tail}"))).into_iter().collect()
    }

    fn offset(&self, word: &Word<'_>) -> usize {
        (word.text.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize)
    }

    /// The text without the sentence of a word; without a sentence left, the whole line or action goes.
    fn without(&self, word: &Word<'_>) -> Vec<Repair> {
        let at = self.offset(word);
        let mut from = 0;
        let mut kept = String::new();
        for sentence in self.text.split_inclusive(['.', '!', '?', '\n']) {
            if !(from..from + sentence.len()).contains(&at) {
                kept.push_str(sentence);
            }
            from += sentence.len();
        }
        let kept = kept.trim();
        if !kept.is_empty() {
            return vec![changed(self.id, ScriptField::Text, self.text, kept)];
        }
        match (self.line, self.beat) {
            (Some(line), _) => vec![unsaid(line)],
            (None, Some(beat)) if !beat.lines.is_empty() => {
                vec![repair(
                    format!("leave the action of {} out", self.id),
                    vec![edit(self.id, ScriptField::Action, Some(self.text), None)],
                )]
            }
            _ => vec![],
        }
    }
}

impl<'a, F: Facts> Reader<'a, F> {
    pub fn new(base: &'a F, cast: &'a Cast) -> Self {
        let low = |text: &str| words(text).iter().map(|w| w.low.clone()).collect::<Vec<_>>();
        let narrators: BTreeSet<&str> = cast.members.iter().filter(|m| m.part == Part::Narrator).map(|m| m.id.as_str()).collect();
        let people: Vec<Person<'_>> =
            base.people().iter().filter(|p| !narrators.contains(p.id.as_str())).map(|who| Person { who, name: low(&who.name) }).collect();
        let mut names: BTreeSet<String> = cast.members.iter().flat_map(|m| low(&m.name)).collect();
        names.extend(people.iter().flat_map(|p| p.name.clone()));
        Self { people, places: base.places(), names, world: base, narrators }
    }

    /// Whether a word in lower case is a name, or part of one, in this world.
    fn known(&self, word: &str) -> bool {
        self.names.contains(word) || self.world.names(word)
    }

    /// A line of dialogue. `dead` says since when somebody is dead there, and where that stands.
    pub fn line(&self, scene: &Scene, line: &Line, dead: &dyn Fn(&Id) -> Option<String>) -> Vec<Said> {
        if self.narrators.contains(line.speaker_id.as_str()) {
            return vec![];
        }
        let here = Here { scene, id: &line.id, line: Some(line), beat: None, text: &line.text };
        let read = words(&line.text);
        let mut found = self.names(&here, &read);
        let lie = line.act.as_str() == "lie" || line.states.iter().any(|c| matches!(c.truth, Truth::Lie | Truth::Mistaken));
        if !lie && line.delivery != Delivery::Read {
            for i in 0..read.len() {
                if asks(&read, i) {
                    continue;
                }
                found.extend(self.age(&here, &read, i));
                found.extend(self.says_dead(&here, &read, i));
                found.extend(self.says_where(&here, &read, i));
            }
        }
        found.extend(self.greets(&here, &read, dead));
        found
    }

    /// The text of an action.
    pub fn action(&self, scene: &Scene, beat: &Beat, dead: &dyn Fn(&Id) -> Option<String>) -> Vec<Said> {
        let Some(action) = &beat.action else { return vec![] };
        let here = Here { scene, id: &beat.id, line: None, beat: Some(beat), text: &action.text };
        let read = words(&action.text);
        let mut found = self.names(&here, &read);
        for i in 0..read.len() {
            found.extend(self.age(&here, &read, i));
            found.extend(self.bracketed_age(&here, &read, i));
            found.extend(self.acts(&here, &read, i, &action.who, dead));
            found.extend(self.stays(&here, &read, i));
        }
        found
    }

    /// Who dies in an action, by its words.
    pub fn dies(&self, beat: &Beat) -> Vec<&'a Id> {
        let Some(action) = &beat.action else { return vec![] };
        let read = words(&action.text);
        let dies = |i: usize| {
            let (person, next) = self.subject(&read, i)?;
            let told = |phrase: &&str| phrase.split(' ').enumerate().all(|(k, w)| read.get(next + k).is_some_and(|r| r.low == w));
            (read[i].starts && !read[next - 1].owns && DEATHS.iter().any(told)).then_some(&person.who.id)
        };
        (0..read.len()).filter_map(dies).collect()
    }

    /// The person named at word `i`, by first name or by the whole name, and the word after it.
    fn subject(&self, read: &[Word<'_>], i: usize) -> Option<(&Person<'a>, usize)> {
        let word = read.get(i).filter(|w| w.is_name() || w.is_loud())?;
        let mut fits = self.people.iter().filter(|p| p.name.first() == Some(&word.low));
        let person = fits.next().filter(|_| fits.next().is_none())?;
        let rest = &person.name[1..];
        let whole =
            !rest.is_empty() && !word.owns && rest.iter().enumerate().all(|(k, n)| read.get(i + 1 + k).is_some_and(|w| w.low == *n));
        Some((person, i + 1 + if whole { rest.len() } else { 0 }))
    }

    fn names(&self, here: &Here<'_>, read: &[Word<'_>]) -> Vec<Said> {
        let mut found = Vec::new();
        let mut wrong = |said: String, who: &Character, repairs: Vec<Repair>| {
            let message = format!("{}: `{said}` is no name of {}, who is `{}`", here.id, who.id, who.name);
            found.push(("canon.name", message, vec![person(&who.id), at(here.id)], repairs));
        };
        for (i, word) in read.iter().enumerate() {
            let next = read.get(i + 1).filter(|_| word.after == " " && !word.owns);
            let previous = i.checked_sub(1).map(|p| &read[p]);
            for p in self.people.iter().filter(|p| p.name.first() == Some(&word.low) && (word.is_name() || word.is_loud())) {
                // Another surname.
                if let (Some(next), false) = (next, p.name.len() < 2 || (word.starts && ALSO_WORDS.contains(&word.low.as_str()))) {
                    let other = !self.known(&next.low) && !no_surname(&next.low);
                    let loud = word.is_loud() && next.is_loud();
                    let aged = next.after.trim_start().starts_with('(') && number(read, i + 2).is_some();
                    let spelt = p.name.iter().any(|n| near(n, &next.low));
                    if other && ((word.is_name() && next.is_name()) || (loud && (aged || spelt))) {
                        let name = if loud { p.who.name.to_uppercase() } else { p.who.name.clone() };
                        wrong(format!("{} {}", word.text, next.text), p.who, here.put(word, next, &name));
                    }
                }
                // A title of the other sex.
                if let (Some(title), Some(look)) = (previous, &p.who.look) {
                    let joined = title.after == " " || (title.after == ". " && ["mr", "mrs", "ms"].contains(&title.low.as_str()));
                    let verb = title.low == "miss" && title.starts;
                    let other = match look.figure {
                        FigureKind::Woman | FigureKind::Girl => OF_MEN,
                        FigureKind::Man | FigureKind::Boy => OF_WOMEN,
                        FigureKind::Spirit => &[],
                    };
                    let fits = other.contains(&title.low.as_str()) && !self.known(&title.low);
                    if joined && !verb && title.is_name() && fits {
                        wrong(format!("{} {}", title.text, word.text), p.who, here.put(title, word, word.text));
                    }
                }
            }
            if !word.is_name() || self.known(&word.low) || no_surname(&word.low) {
                continue;
            }
            for p in &self.people {
                let first = p.name.first().map_or("", String::as_str);
                // Another first name before the surname: `Brem Tolley`.
                let before_surname = next.is_some_and(|n| n.is_name() && p.name[1..].contains(&n.low));
                if before_surname && first.chars().next() == word.low.chars().next() && near(first, &word.low) {
                    let right = next.map(|n| here.put(word, n, &p.who.name)).unwrap_or_default();
                    wrong(format!("{} {}", word.text, next.map_or("", |n| n.text)), p.who, right);
                    break;
                }
                // A name with one letter wrong, where no sentence begins. A pet name and a family's plural are no mistakes.
                let pet = word.low.ends_with(['y', 'i', 'o']) || word.low.ends_with("ie");
                let spelt = |name: &String| {
                    name.chars().count() >= 5
                        && name.chars().next() == word.low.chars().next()
                        && near(name, &word.low)
                        && word.low != format!("{name}s")
                        && (!pet || name.ends_with(['y', 'i', 'o']) || name.ends_with("ey"))
                };
                let after_first = previous.is_some_and(|w| w.after == " " && w.low == first);
                if !word.starts && !after_first && p.name.iter().any(spelt) {
                    let right = p.who.name.split_whitespace().find(|n| near(&n.to_lowercase(), &word.low)).unwrap_or(&p.who.name);
                    wrong(word.text.to_owned(), p.who, here.put(word, word, right));
                    break;
                }
            }
        }
        found
    }

    fn wrong_age(&self, here: &Here<'_>, who: &Character, said: i64, number: &[Word<'_>]) -> Option<Said> {
        let age = time::age(&who.born, &here.scene.story_time);
        ((said - age).abs() > 1 && age >= 0).then(|| {
            let message = format!(
                "{}: says that {} is {said}, but born {} makes {age} years at {}",
                here.id, who.id, who.born, here.scene.story_time
            );
            let digits = number.first().is_some_and(|w| w.low.bytes().all(|b| b.is_ascii_digit()));
            let right = if digits { age.to_string() } else { spelt(age).unwrap_or_else(|| age.to_string()) };
            let right = if number.first().is_some_and(|w| w.starts && !digits) { sentence_case(&right) } else { right };
            let repairs = number.first().zip(number.last()).map(|(first, last)| here.put(first, last, &right)).unwrap_or_default();
            ("canon.age", message, vec![person(&who.id), at(here.id)], repairs)
        })
    }

    /// `I am forty.` `Nessa is 41 years old.` `You're forty, Bram.`
    fn age(&self, here: &Here<'_>, read: &[Word<'_>], i: usize) -> Option<Said> {
        let word = &read[i];
        let joins = i.checked_sub(1).is_some_and(|p| ["and", "but", "because", "well"].contains(&read[p].low.as_str()));
        if !word.begins() && !joins {
            return None;
        }
        let is = |k: usize, verb: &str| read.get(k).is_some_and(|w| w.low == verb);
        let (who, k) = match (here.line, word.low.as_str()) {
            (Some(line), "i'm") => (self.who(&line.speaker_id)?, i + 1),
            (Some(line), "i") if is(i + 1, "am") => (self.who(&line.speaker_id)?, i + 2),
            (Some(line), "you're") if line.to.len() == 1 => (self.who(&line.to[0])?, i + 1),
            (Some(line), "you") if is(i + 1, "are") && line.to.len() == 1 => (self.who(&line.to[0])?, i + 2),
            _ => {
                let (person, next) = self.subject(read, i)?;
                let k = if read[next - 1].owns { next } else { next + 1 };
                (read[next - 1].owns || is(next, "is")).then_some((person.who, k))?
            }
        };
        // The words before the number belong to one clause.
        if read[i..k].iter().any(|w| w.after != " ") {
            return None;
        }
        let (n, taken) = number(read, k)?;
        let last = &read[k + taken - 1];
        let old = is(k + taken, "years") && (is(k + taken + 1, "old") || (is(k + taken + 1, "of") && is(k + taken + 2, "age")));
        let counted = last.after.trim_start().starts_with(',') && number(read, k + taken).is_some();
        let closed = last.ends() || read.get(k + taken).is_some_and(|w| ["now", "today", "already"].contains(&w.low.as_str()) && w.ends());
        if old || (n >= 13 && closed && !counted) { self.wrong_age(here, who, n, &read[k..k + taken]) } else { None }
    }

    /// `NESSA (41)`, `Nessa, 41, stands`, `Nessa, aged 41`: in an action only.
    fn bracketed_age(&self, here: &Here<'_>, read: &[Word<'_>], i: usize) -> Option<Said> {
        let (who, next) = self.subject(read, i)?;
        let name = read.get(next - 1).filter(|w| !w.owns)?;
        let aged = name.after == ", " && read.get(next).is_some_and(|w| ["age", "aged"].contains(&w.low.as_str()));
        let k = next + usize::from(aged);
        let (n, taken) = number(read, k)?;
        let after = read[k + taken - 1].after;
        let bracket = name.after == " (" && after.starts_with(')');
        let commas = name.after == ", " && n >= 13 && after.starts_with(',');
        if bracket || commas || aged { self.wrong_age(here, who.who, n, &read[k..k + taken]) } else { None }
    }

    fn who(&self, id: &Id) -> Option<&'a Character> {
        self.people.iter().find(|p| p.who.id == *id).map(|p| p.who)
    }

    /// `Bram is dead.` beside Bram.
    fn says_dead(&self, here: &Here<'_>, read: &[Word<'_>], i: usize) -> Option<Said> {
        let (who, next) = self.subject(read, i).filter(|_| read[i].begins())?;
        let k = if read[next - 1].owns { next } else { next + usize::from(read.get(next)?.low == "is") };
        let dead = read.get(k).filter(|w| w.low == "dead" && w.ends() && (k > next || read[next - 1].owns))?;
        let present = here.scene.present.contains(&who.who.id);
        (present && dead.ends()).then(|| {
            let message = format!("{}: says that {} is dead, who is present in {}", here.id, who.who.id, here.scene.id);
            ("canon.death", message, vec![at(&here.scene.id), at(here.id)], here.without(dead))
        })
    }

    /// `Come in, Bram!` to the dead.
    fn greets(&self, here: &Here<'_>, read: &[Word<'_>], dead: &dyn Fn(&Id) -> Option<String>) -> Vec<Said> {
        let mut found = Vec::new();
        for (i, word) in read.iter().enumerate() {
            let Some((who, next)) = self.subject(read, i) else { continue };
            let called = (word.begins() || word.before == " ") && read[next - 1].ends() && !read[next - 1].owns;
            let from = read[..=i].iter().rposition(|w| w.starts).unwrap_or(0);
            let opening: Vec<&str> = read[from..i].iter().map(|w| w.low.as_str()).collect();
            let greets = GREETINGS.iter().any(|g| opening.join(" ").starts_with(g)) && word.before.starts_with(',');
            if let (true, Some(source)) = (called && greets, dead(&who.who.id)) {
                let message = format!("{}: greets {}, who is dead", here.id, who.who.id);
                found.push(("canon.death", message, vec![source, at(here.id)], here.without(word)));
            }
        }
        found
    }

    /// A sentence of an action that begins with a name and a verb: the dead and the absent do not act.
    fn acts(&self, here: &Here<'_>, read: &[Word<'_>], i: usize, tagged: &[Id], dead: &dyn Fn(&Id) -> Option<String>) -> Option<Said> {
        let (who, next) = self.subject(read, i).filter(|_| read[i].starts)?;
        let verb = read.get(next).filter(|w| read[next - 1].after == " " && !read[next - 1].owns && !w.owns)?;
        let acts = verb.low.len() > 2 && verb.low.ends_with('s') && !verb.low.ends_with("ss") && !NO_ACT.contains(&verb.low.as_str());
        let id = &who.who.id;
        if !acts || tagged.contains(id) || (read[i].starts && ALSO_WORDS.contains(&read[i].low.as_str())) {
            return None;
        }
        let to = read[next..].iter().position(|w| w.after.contains(['.', '!', '?'])).map_or(read.len(), |p| next + p + 1);
        if read[i..to].iter().any(|w| AFAR.contains(&w.low.as_str())) {
            return None;
        }
        if let Some(source) = dead(id) {
            let message = format!("{}: {id} {}, and is dead", here.id, verb.low);
            return Some(("canon.death", message, vec![source, at(here.id)], here.without(verb)));
        }
        let there = here.scene.present.contains(id) || here.scene.heard.contains(id);
        (!there).then(|| {
            let message = format!("{}: {id} {}, but is not present in {}", here.id, verb.low, here.scene.id);
            let there = with(&here.scene.id, ScriptField::Present, id);
            let repairs = std::iter::once(there).chain(here.without(verb)).collect();
            ("canon.absent", message, vec![at(&here.scene.id), at(here.id)], repairs)
        })
    }

    /// The place named at word `i` (`in the lamp room`), when it is another than the scene's and no step away.
    fn elsewhere(&self, scene: &Scene, read: &[Word<'_>], i: usize) -> Option<&'a Location> {
        if !read.get(i).is_some_and(|w| ["in", "on", "at", "inside"].contains(&w.low.as_str()) && w.after == " ") {
            return None;
        }
        let named = |l: &Location| {
            let name = words(&l.name).iter().map(|w| w.low.clone()).collect::<Vec<_>>();
            let fits = name.iter().enumerate().all(|(k, n)| read.get(i + 1 + k).is_some_and(|w| w.low == *n && !w.owns));
            let last = read.get(i + name.len())?;
            let closed = last.ends() || read.get(i + 1 + name.len()).is_some_and(|w| AFTER_PLACE.contains(&w.low.as_str()));
            (fits && closed).then_some(name.len())
        };
        let found = self.places.iter().filter_map(|l| named(l).map(|n| (n, l))).max_by_key(|(n, _)| *n)?.1;
        let there = self.places.iter().find(|l| l.id == scene.location_id)?;
        let way = found.travel_min.get(&there.id).or_else(|| there.travel_min.get(&found.id));
        (found.id != there.id && way.is_none_or(|minutes| *minutes > 1)).then_some(found)
    }

    fn two_places(&self, here: &Here<'_>, who: &Id, named: &Location, word: &Word<'_>) -> Said {
        let message =
            format!("{}: puts {who} at {}, yet {who} is present at {} in {}", here.id, named.id, here.scene.location_id, here.scene.id);
        ("canon.location", message, vec![at(&here.scene.id), at(here.id), place(&named.id)], here.without(word))
    }

    /// `I'm in the lamp room.` said on the landing.
    fn says_where(&self, here: &Here<'_>, read: &[Word<'_>], i: usize) -> Option<Said> {
        let word = read.get(i).filter(|w| w.begins())?;
        let speaker = &here.line?.speaker_id;
        let is = |k: usize, verb: &str| read.get(k).is_some_and(|w| w.low == verb);
        let (who, k) = match word.low.as_str() {
            "i'm" => (speaker, i + 1),
            "i" if is(i + 1, "am") => (speaker, i + 2),
            _ => {
                let (person, next) = self.subject(read, i)?;
                let owns = read[next - 1].owns;
                (owns || is(next, "is")).then_some((&person.who.id, if owns { next } else { next + 1 }))?
            }
        };
        let named = self.elsewhere(here.scene, read, k).filter(|_| here.scene.present.contains(who))?;
        Some(self.two_places(here, who, named, word))
    }

    /// `Nessa stands in the oil store` in a scene on the landing.
    fn stays(&self, here: &Here<'_>, read: &[Word<'_>], i: usize) -> Option<Said> {
        let (who, next) = self.subject(read, i).filter(|_| read[i].starts)?;
        let stays = read.get(next).filter(|w| !read[next - 1].owns && STAYS.contains(&w.low.as_str()))?;
        let named =
            self.elsewhere(here.scene, read, next + 1).filter(|_| stays.after == " " && here.scene.present.contains(&who.who.id))?;
        Some(self.two_places(here, &who.who.id, named, stays))
    }
}
