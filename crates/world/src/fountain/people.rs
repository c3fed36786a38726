//! People, places and things that nobody wrote into a canon, taken from the screenplays themselves.

use std::collections::BTreeSet;

use canon::time;
use contracts::{
    Id, Seed,
    canon::{Canon, Character, Fact, FactKind, FactValue, Location, Prop, StoryTime},
    story::{Beard, Build, CastMember, Emblem, FigureKind, Garment, HairStyle, Headwear, Look, Part, Voice, VoiceType},
};

use super::{
    FountainError, Manuscript,
    names::{self, Roll, Who, tokens},
    parse::Kind,
    words::{self, Side},
};

/// The most people and places screenplays may bring in.
const MAX_NEW: usize = 60;

/// The id of whoever tells.
pub(super) fn narrator() -> Id {
    Id::slug("narrator")
}

/// Whether a cue is the teller's and nobody's name.
pub(super) fn narrates(people: &[Character], cue: &str) -> bool {
    cue.eq_ignore_ascii_case("narrator") && matches!(names::person(people, cue), Who::Nobody)
}

/// When the story of a canon stands, before an episode: after its latest events, a week an episode.
pub(super) fn opening(canon: &Canon, number: u32) -> StoryTime {
    let day = |text: &str| StoryTime::try_from(format!("{}T00:00", text.get(..10)?)).ok();
    let begins = |f: &Fact| match &f.value {
        FactValue::Text(text) if f.subject.as_str() == "season" && f.attribute == "begins" => day(text),
        _ => None,
    };
    let stated = canon.timeline_events.iter().map(|e| e.at.clone()).chain(canon.facts.iter().filter_map(begins)).max();
    let year = |born: &StoryTime, age: i64| time::shift_years(born, age).ok();
    let drawn = || canon.characters.iter().filter_map(|c| year(&c.born, i64::from(c.look.as_ref()?.age))).min();
    let grown = || canon.characters.iter().map(|c| c.born.clone()).max().and_then(|born| year(&born, 33));
    let nowhere = || StoryTime::try_from("2000-06-01T00:00".to_owned()).unwrap_or_else(|_| time::epoch());
    let start = stated.or_else(drawn).or_else(grown).unwrap_or_else(nowhere);
    let weeks = i64::from(number.saturating_sub(1)) * 7 * 1440;
    let start = time::shift(&start, weeks).unwrap_or(start);
    let told = canon.facts.iter().filter(|f| f.source.as_deref().is_some_and(|s| s.starts_with("ep"))).map(|f| &f.from).max();
    told.and_then(|t| time::shift(t, 60).ok()).into_iter().chain([start]).max().unwrap_or_else(time::epoch)
}

/// What a person is known by before anybody drew them.
struct Sketch {
    figure: FigureKind,
    age: i64,
    guessed: bool,
}

/// What screenplays may bring in: what the author's canon says nothing of.
#[derive(Clone, Copy)]
pub(super) struct Bring {
    pub people: bool,
    pub places: bool,
    pub things: bool,
}

/// The canon with everybody who speaks, every place and every thing the artist knows, and what was added, in words.
pub(super) fn introduce(base: &Canon, manuscripts: &[&Manuscript], bring: Bring) -> Result<(Canon, Vec<String>), FountainError> {
    let mut canon = base.clone();
    let mut notes = Vec::new();
    let starts = manuscripts.first().map_or_else(time::epoch, |m| m.first_time(&opening(base, m.number)));
    // Everybody's cue once; a part of a longer name is the same person.
    let mut cues: Vec<(String, Vec<String>)> = Vec::new();
    for cue in manuscripts.iter().flat_map(|m| m.cues()).filter(|_| bring.people) {
        let words: Vec<String> = tokens(cue).into_iter().map(|t| t.word).collect();
        let known = !matches!(names::person(&base.characters, cue), Who::Nobody);
        if cues.len() > 500 {
            return Err(FountainError { line: 1, message: format!("more than 500 names speak; at most {MAX_NEW} can be cast") });
        }
        if !known && !words.is_empty() && !cue.eq_ignore_ascii_case("narrator") && !cues.iter().any(|(_, w)| *w == words) {
            cues.push((cue.to_owned(), words));
        }
    }
    let longer = |words: &[String]| cues.iter().any(|(_, other)| other.len() > words.len() && words.iter().all(|w| other.contains(w)));
    let people: Vec<&String> = cues.iter().filter(|(_, words)| !longer(words)).map(|(cue, _)| cue).collect();
    if people.len() > MAX_NEW {
        return Err(FountainError { line: 1, message: format!("{} people speak; at most {MAX_NEW} can be cast", people.len()) });
    }
    for cue in people {
        let name = names::titled(&whole_name(cue, manuscripts));
        let sketch = sketch(cue, manuscripts);
        let id = free(&canon, &name);
        let days = Seed::of(&[id.as_str(), "born"]).between(20, 340);
        let born = time::shift_years(&starts, -sketch.age).and_then(|t| time::shift(&t, -days * 1440)).unwrap_or_else(|_| time::epoch());
        let guess = if sketch.guessed { ", in part guessed" } else { "" };
        notes.push(format!("taken from the screenplay: {name}, {}, {}{guess}", sketch.age, words::name(&sketch.figure)));
        let blank = String::new;
        canon.characters.push(Character {
            look: Some(look(&id, sketch.figure, u32::try_from(sketch.age).unwrap_or(0))),
            id,
            name,
            born,
            role: blank(),
            want: blank(),
            fear: blank(),
            lie: blank(),
            contradiction: blank(),
            voice: None,
        });
    }
    if bring.people && base.characters.is_empty() {
        canon.facts.extend(season(&starts));
    }
    let mut new = 0;
    for (line, text) in manuscripts.iter().flat_map(|m| m.headings()).filter(|_| bring.places) {
        let heading = names::heading(text);
        let inside = heading.side == Side::In;
        let same = names::same_place(&canon.locations, &heading.place, heading.side);
        let outside = same.is_some_and(|p| {
            let brought = !base.locations.contains(p);
            brought && heading.side != Side::Unsaid && words::indoors(p.family) != inside
        });
        if (same.is_some() && !outside) || tokens(&heading.place).is_empty() {
            continue;
        }
        new += 1;
        if new > MAX_NEW {
            return Err(FountainError { line, message: format!("a place that is the {new}th; at most {MAX_NEW} can be painted") });
        }
        let place = location(&canon, &heading, outside);
        notes.push(format!("taken from the screenplay: {}, painted as {}", place.name, words::name(&place.family)));
        canon.locations.push(place);
    }
    let said: Vec<String> = manuscripts.iter().flat_map(|m| m.actions()).flat_map(tokens).map(|t| t.word).collect();
    let said: std::collections::BTreeSet<String> = said.into_iter().collect();
    for thing in words::THINGS.iter().filter(|t| bring.things && t.words.iter().any(|w| said.contains(*w))) {
        let known = canon.props.iter().any(|p| p.words.iter().any(|w| thing.words.contains(&w.to_lowercase().as_str())));
        if !known {
            let named = thing.words.iter().find(|w| said.contains(**w)).copied().unwrap_or(thing.words[0]);
            canon.props.push(Prop {
                id: free(&canon, named),
                name: format!("the {named}"),
                look: thing.look.to_owned(),
                words: thing.words.iter().map(|w| (*w).to_owned()).collect(),
                affordances: vec![],
                shape: Id::slug(thing.shape),
                colours: thing.colours.iter().map(|c| (*c).to_owned()).collect(),
            });
        }
    }
    Ok((canon, notes))
}

/// The day on which the story begins, as a canon states it.
fn season(starts: &StoryTime) -> [Fact; 2] {
    let day = starts.as_str().get(..10).unwrap_or_default();
    [("is", "the season"), ("begins", day)].map(|(attribute, value)| Fact {
        id: Id::slug(&format!("season-{attribute}")),
        subject: Id::slug("season"),
        attribute: attribute.into(),
        value: FactValue::Text(value.into()),
        kind: FactKind::Stateful,
        from: time::epoch(),
        until: None,
        known_by: std::collections::BTreeMap::new(),
        cause: None,
        source: Some("screenplay".into()),
    })
}

/// An id from a name that nothing in the canon has.
fn free(canon: &Canon, name: &str) -> Id {
    let wanted = names::id_of(name, 40);
    let taken = |id: &Id| {
        *id == narrator()
            || canon.characters.iter().any(|c| c.id == *id)
            || canon.locations.iter().any(|l| l.id == *id)
            || canon.props.iter().any(|p| p.id == *id)
    };
    (2..1_000)
        .map(|n| wanted.child(n))
        .find_map(|other| if taken(&wanted) { other.ok().filter(|id| !taken(id)) } else { Some(wanted.clone()) })
        .unwrap_or(wanted.clone())
}

fn location(canon: &Canon, heading: &names::Heading, outside: bool) -> Location {
    let lower = heading.place.to_lowercase().replace(" - ", ", ");
    let owned = lower.contains("'s ") || lower.contains("\u{2019}s ");
    let bare = lower.strip_prefix("the ").unwrap_or(&lower).to_owned();
    let name = match (outside && heading.side == Side::Out, outside, owned) {
        (true, ..) => format!("outside the {bare}"),
        (_, true, _) => format!("inside the {bare}"),
        (.., true) => names::titled(&bare.to_uppercase()),
        _ => format!("the {bare}"),
    };
    let said: Vec<String> = tokens(&heading.place).into_iter().map(|t| t.word).collect();
    let family = words::family(&said, heading.side);
    let look = if words::indoors(family) { format!("{bare}, seen from within") } else { bare.clone() };
    Location {
        id: free(canon, &name.replace("the ", "")),
        name,
        family,
        look,
        words: said.last().cloned().into_iter().collect(),
        sounds: words::air(family).iter().map(|s| (*s).to_owned()).collect(),
        holds: vec![],
        travel_min: std::collections::BTreeMap::new(),
    }
}

/// Age and figure as an action introduces somebody: `MARA (34)`, `MARA, 34, a woman in black`.
fn sketch(cue: &str, manuscripts: &[&Manuscript]) -> Sketch {
    let mut age = None;
    let mut figure = figure_word(&tokens(cue));
    let mut young = None;
    for text in manuscripts.iter().flat_map(|m| m.actions()) {
        let Some(at) = place_of(text, cue) else { continue };
        let rest = &text[at..];
        age = age.or_else(|| said_age(&rest[family_name(rest).len()..]));
        let sentence = rest.split(['.', '!', '?']).next().unwrap_or_default();
        let said = tokens(sentence);
        figure = figure.or_else(|| figure_word(&said)).or_else(|| {
            let next = tokens(rest.get(sentence.len()..).unwrap_or_default());
            next.first().and_then(|t| figure_word(std::slice::from_ref(t)))
        });
        let has = |list: &[&str]| said.iter().take(12).any(|t| list.contains(&t.word.as_str()));
        young = young.or(if has(&["old", "elderly", "ancient", "grandmother", "grandfather"]) {
            Some(68)
        } else if has(&["teenage", "teenager", "teen"]) {
            Some(16)
        } else if has(&["young"]) {
            Some(24)
        } else {
            None
        });
    }
    let mut seed = Seed::of(&["sketch", &cue.to_lowercase()]);
    let guessed = age.is_none() || figure.is_none();
    let child = matches!(figure, Some(FigureKind::Girl | FigureKind::Boy));
    let drawn = if child { seed.between(8, 12) } else { seed.between(26, 55) };
    let age = age.or(young.filter(|_| !child)).unwrap_or(drawn);
    let woman = || cue.to_lowercase().split_whitespace().next().is_some_and(|n| n.ends_with(['a', 'e']) || n.ends_with("elyn"));
    let figure =
        figure.unwrap_or_else(|| if woman() || (!cue.is_ascii() && seed.below(2) == 0) { FigureKind::Woman } else { FigureKind::Man });
    let figure = match (figure, age < 14) {
        (FigureKind::Woman, true) => FigureKind::Girl,
        (FigureKind::Man, true) => FigureKind::Boy,
        (FigureKind::Girl, false) => FigureKind::Woman,
        (FigureKind::Boy, false) => FigureKind::Man,
        (same, _) => same,
    };
    Sketch { figure, age, guessed }
}

/// Whether a first name ends as most women's names here do.
fn sounds_female(name: &str) -> bool {
    const ENDS: &[&str] = &["a", "ah", "ie", "ine", "elle", "ette", "lyn", "een", "ice", "ise", "anne", "rose", "beth"];
    let first = name.to_lowercase();
    first.split_whitespace().next().is_some_and(|n| ENDS.iter().any(|e| n.ends_with(e)))
}

/// The end of a name in a text, in the letters it is written in.
fn place_of(text: &str, cue: &str) -> Option<usize> {
    [cue.to_owned(), names::titled(cue)].iter().find_map(|name| {
        text.match_indices(name.as_str()).find_map(|(at, _)| {
            let (before, after) = (text[..at].chars().next_back(), text[at + name.len()..].chars().next());
            let whole = !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric);
            whole.then_some(at + name.len())
        })
    })
}

/// The name as an action introduces it, when that is longer than the cue: `JOSIE CARR (34)`.
fn whole_name(cue: &str, manuscripts: &[&Manuscript]) -> String {
    let introduced = manuscripts.iter().flat_map(|m| m.actions()).find_map(|text| {
        let at = place_of(text, cue).filter(|at| text[..*at].ends_with(cue))?;
        let more: usize = family_name(&text[at..]).len();
        (more > 0).then(|| text[at - cue.len()..at + more].to_owned())
    });
    introduced.unwrap_or_else(|| cue.to_owned())
}

/// Further words in capitals, before the age in brackets or after a comma that shows that this is an introduction.
fn family_name(rest: &str) -> &str {
    let end = rest.find(['(', ',']).unwrap_or(0);
    let more = rest[..end].trim_end();
    let shouted =
        more.starts_with(' ') && more.split_whitespace().count() <= 3 && more.chars().all(|c| c.is_uppercase() || " '.-".contains(c));
    if shouted && said_age(&rest[more.len()..]).is_some() { more } else { "" }
}

/// `(34)`, `, 34,`, `(mid-40s)`.
fn said_age(rest: &str) -> Option<i64> {
    let rest = rest.trim_start();
    let inner = match rest.chars().next()? {
        '(' => rest[1..].split(')').next()?,
        ',' => rest[1..].split([',', '.', ';']).next()?,
        _ => return None,
    };
    let inner = inner.get(..24).unwrap_or(inner);
    let start = inner.find(|c: char| c.is_ascii_digit())?;
    let digits: String = inner[start..].chars().take_while(char::is_ascii_digit).collect();
    let after = inner[start + digits.len()..].trim_start_matches(['\'', '\u{2019}']);
    let years: i64 = digits.parse().ok().filter(|n| (1..=110).contains(n))?;
    if !after.starts_with('s') {
        return Some(years);
    }
    let part = inner[..start].to_lowercase();
    Some(
        years
            + if part.contains("early") {
                2
            } else if part.contains("late") {
                8
            } else {
                5
            },
    )
}

fn figure_word(words: &[names::Token]) -> Option<FigureKind> {
    words.iter().find_map(|t| {
        Some(match t.word.as_str() {
            "girl" | "daughter" => FigureKind::Girl,
            "boy" | "lad" => FigureKind::Boy,
            "woman" | "she" | "mrs" | "ms" | "miss" | "lady" | "mother" | "widow" | "wife" | "sister" | "queen" | "grandmother"
            | "aunt" | "waitress" | "nun" => FigureKind::Woman,
            "man" | "he" | "mr" | "sir" | "father" | "husband" | "brother" | "king" | "grandfather" | "uncle" | "son" | "priest"
            | "sheriff" | "waiter" => FigureKind::Man,
            _ => return None,
        })
    })
}

/// A look drawn by the person's id alone, so that it is the same in every episode.
fn look(id: &Id, figure: FigureKind, age: u32) -> Look {
    let pick = |what: &str, of: &[&'static str]| Seed::of(&[id.as_str(), "look", what]).pick(of).copied().unwrap_or("#888888");
    let female = matches!(figure, FigureKind::Woman | FigureKind::Girl);
    let grey = age >= 60;
    let (skin, coat) = (
        pick("skin", &["#e2b899", "#d9a583", "#c8916f", "#b07a58", "#8d5a3c", "#6b4430"]),
        pick("coat", &["#1f4a3b", "#252f42", "#5a2f38", "#3a3a2c", "#4a3526", "#27465a", "#5b3a52", "#2f4f4f", "#6a4a2a", "#3b3f56"]),
    );
    let hair = if grey {
        pick("hair", &["#8d9095", "#b9b7b0", "#6f7277"])
    } else {
        pick("hair", &["#4a3a30", "#7f3620", "#3a2a26", "#b98a4a", "#1f1a1a", "#6b4a2a"])
    };
    let accent = pick("accent", &["#b9873a", "#a8452f", "#7fa3a0", "#c9a24b", "#8a9a4b", "#9a5f7a", "#d0a046", "#5f86b0"]);
    let styles: &[HairStyle] =
        if female { &[HairStyle::Bun, HairStyle::Loose, HairStyle::Short] } else { &[HairStyle::Short, HairStyle::Short, HairStyle::Bald] };
    let beards: &[Beard] = if figure == FigureKind::Man { &[Beard::None, Beard::Stubble, Beard::Full] } else { &[Beard::None] };
    let hats: &[Headwear] = if female {
        &[Headwear::None, Headwear::None, Headwear::Knitted]
    } else {
        &[Headwear::None, Headwear::None, Headwear::Cap, Headwear::Knitted]
    };
    let builds = [Build::Slight, Build::Average, Build::Broad];
    let stream = |what: &str| Seed::of(&[id.as_str(), "look", what]);
    Look {
        figure,
        age,
        build: stream("build").pick(&builds).copied().unwrap_or(Build::Average),
        skin: skin.into(),
        hair: hair.into(),
        hair_style: stream("style").pick(styles).copied().unwrap_or(HairStyle::Short),
        beard: stream("beard").pick(beards).copied().unwrap_or(Beard::None),
        headwear: stream("hat").pick(hats).copied().unwrap_or(Headwear::None),
        eyes: pick("eyes", &["#4c6a4a", "#4a6880", "#5a4632", "#3a3a3a"]).into(),
        garment: Garment::Coat,
        coat: coat.into(),
        accent: accent.into(),
        scarf: stream("scarf").below(2) == 0,
        emblem: Emblem::None,
        words: format!("{}, {age}", words::name(&figure)),
    }
}

/// A person as they are cast: with the look and voice they have, else with drawn ones.
pub(super) fn member(person: &Character, at: &StoryTime, part: Part, taken: &[VoiceType]) -> CastMember {
    let age = u32::try_from(time::age(&person.born, at)).unwrap_or(0);
    let heard = person.voice.as_ref().map(|v| match v.reference {
        VoiceType::Woman | VoiceType::WomanOld => FigureKind::Woman,
        VoiceType::Girl => FigureKind::Girl,
        VoiceType::Boy => FigureKind::Boy,
        _ => FigureKind::Man,
    });
    let by_name = if sounds_female(&person.name) { FigureKind::Woman } else { FigureKind::Man };
    let by_role = figure_word(&tokens(&person.role));
    let figure = person.look.as_ref().map(|l| l.figure).or(heard).or(by_role).unwrap_or(by_name);
    let figure = match (figure, age < 14) {
        (FigureKind::Woman, true) => FigureKind::Girl,
        (FigureKind::Man, true) => FigureKind::Boy,
        (same, _) => same,
    };
    let look = person.look.clone().unwrap_or_else(|| look(&person.id, figure, age));
    let voice = person.voice.clone().unwrap_or_else(|| voice(&person.id, figure, age, taken));
    CastMember { id: person.id.clone(), name: person.name.clone(), part, look: Some(look), voice }
}

/// Whoever tells, heard and never seen.
pub(super) fn teller() -> CastMember {
    let voice = plain_voice(VoiceType::Teller);
    CastMember { id: narrator(), name: "Narrator".into(), part: Part::Narrator, look: None, voice }
}

fn voice(id: &Id, figure: FigureKind, age: u32, taken: &[VoiceType]) -> Voice {
    let types: &[VoiceType] = match (figure, age) {
        (FigureKind::Woman, 60..) => &[VoiceType::WomanOld, VoiceType::Woman],
        (FigureKind::Woman, _) => &[VoiceType::Woman, VoiceType::WomanOld],
        (FigureKind::Man, 58..) => &[VoiceType::ManOld, VoiceType::Man],
        (FigureKind::Man, _) => {
            if Seed::of(&[id.as_str(), "voice"]).below(2) == 0 {
                &[VoiceType::Man, VoiceType::ManBright, VoiceType::ManOld]
            } else {
                &[VoiceType::ManBright, VoiceType::Man, VoiceType::ManOld]
            }
        }
        (FigureKind::Girl, _) => &[VoiceType::Girl],
        (FigureKind::Boy, _) => &[VoiceType::Boy],
        (FigureKind::Spirit, _) => &[VoiceType::WomanOld, VoiceType::Woman],
    };
    plain_voice(types.iter().find(|t| !taken.contains(t)).or(types.first()).copied().unwrap_or(VoiceType::Teller))
}

fn plain_voice(reference: VoiceType) -> Voice {
    Voice {
        reference,
        register: Id::slug("as-written"),
        words_mean: 8,
        words_max: 40,
        habits: vec![],
        never: vec![],
        lie_tell: String::new(),
        under_pressure: String::new(),
    }
}

/// Everybody the screenplays need, in the order of the canon: speakers, and people whom an action names.
pub(super) fn called(people: &[Character], manuscripts: &[&Manuscript]) -> Vec<Id> {
    let roll = Roll::new(people);
    let mut ids: BTreeSet<Id> = BTreeSet::new();
    let mut cues: BTreeSet<&str> = BTreeSet::new();
    for element in manuscripts.iter().flat_map(|m| &m.play.elements) {
        match &element.kind {
            Kind::Dialogue { cue, .. } if cues.insert(cue) => match names::person(people, cue) {
                Who::One(person) => {
                    ids.insert(person.id.clone());
                }
                _ if narrates(people, cue) => {
                    ids.insert(narrator());
                }
                _ => {}
            },
            Kind::Action(text) => ids.extend(roll.named(&tokens(text))),
            _ => {}
        }
        // Who is said to be there is there.
        let noted = element.notes.iter().filter_map(|n| n.strip_prefix("present:").or_else(|| n.strip_prefix("heard:")));
        for name in noted.flat_map(|n| n.split(',')) {
            if let Who::One(person) = names::person(people, name.trim()) {
                ids.insert(person.id.clone());
            }
        }
    }
    let told = ids.contains(&narrator()).then(narrator);
    people.iter().map(|p| p.id.clone()).filter(|id| ids.contains(id)).chain(told).collect()
}
