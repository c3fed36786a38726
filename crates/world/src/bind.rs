//! Roles, places, things, words and numbers of a kernel, bound to the canon. Canon comes first; what it lacks the pack supplies, drawn
//! by the project's id, one stream per slot.

use std::collections::{BTreeMap, BTreeSet};

use canon::time;
use contracts::{
    Id, Seed,
    canon::{Canon, Character, Fact, FactKind, FactValue, Location, Prop, Relationship, StoryTime, WorldRule},
    project::Project,
    story::{FigureKind, Look, Voice, VoiceType},
};

use crate::{
    WorldError,
    pack::{Archetype, FactT, Kernel, Known, Pack, PersonSlot},
    text::{bare, capital, number, ordinal, plural},
};

/// A kernel bound to a canon: slot → id, and every hole a mould may have.
pub(crate) struct Bound<'a> {
    pub canon: &'a Canon,
    pub slots: BTreeMap<String, Id>,
    pub numbers: BTreeMap<String, i64>,
    anchors: BTreeMap<String, StoryTime>,
    holes: BTreeMap<String, String>,
}

fn is_word<'a>(canon: &'a Canon, subject: &str, attribute: &str) -> Option<&'a FactValue> {
    canon.facts.iter().find(|f| f.subject.as_str() == subject && f.attribute == attribute).map(|f| &f.value)
}

/// The id an author's canon gives a slot by a fact (id, `plays`, slot).
fn plays<'a>(canon: &'a Canon, slot: &str) -> Option<&'a Id> {
    canon.facts.iter().find(|f| f.attribute == "plays" && f.value == FactValue::Text(slot.to_owned())).map(|f| &f.subject)
}

fn find_prop<'a>(canon: &'a Canon, slot: &str, needs: &[String], taken: &BTreeSet<Id>) -> Option<&'a Prop> {
    if let Some(id) = plays(canon, slot) {
        return canon.props.iter().find(|p| p.id == *id);
    }
    canon.props.iter().find(|p| !taken.contains(&p.id) && needs.iter().all(|n| p.affordances.contains(n)))
}

fn find_place<'a>(
    canon: &'a Canon,
    slot: &str,
    family: contracts::canon::PlaceFamily,
    words: &[String],
    taken: &BTreeSet<Id>,
) -> Option<&'a Location> {
    if let Some(id) = plays(canon, slot) {
        return canon.locations.iter().find(|l| l.id == *id);
    }
    let speaks = |l: &Location| {
        let text = format!("{} {} {}", l.name, l.look, l.words.join(" ")).to_lowercase();
        let said = crate::text::words(&text);
        words.iter().any(|w| said.contains(w))
    };
    canon.locations.iter().filter(|l| l.family == family && !taken.contains(&l.id)).find(|l| words.is_empty() || speaks(l))
}

/// The people an author's canon gives the slots: by `plays`, by a tie (the tied person is the slot, who they are tied to is the
/// lead), else in the order they are written.
fn find_people(canon: &Canon, slots: &[PersonSlot]) -> BTreeMap<String, Id> {
    let mut found: BTreeMap<String, Id> = BTreeMap::new();
    for slot in slots {
        if let Some(id) = plays(canon, &slot.slot) {
            found.insert(slot.slot.clone(), id.clone());
        }
    }
    for slot in slots {
        let Some(tie) = &slot.tie else { continue };
        if let Some(tied) = canon.relationships.iter().find(|r| r.kind == *tie) {
            if canon.characters.iter().any(|c| c.id == tied.from) {
                found.entry(slot.slot.clone()).or_insert_with(|| tied.from.clone());
            }
            if canon.characters.iter().any(|c| c.id == tied.to) {
                found.entry("lead".to_owned()).or_insert_with(|| tied.to.clone());
            }
        }
    }
    for slot in slots {
        if !found.contains_key(&slot.slot)
            && let Some(free) = canon.characters.iter().find(|c| !found.values().any(|id| *id == c.id))
        {
            found.insert(slot.slot.clone(), free.id.clone());
        }
    }
    found
}

/// The figure of a person: as drawn, else as heard, else the archetype's.
pub(crate) fn figure(person: &Character, archetype: &Archetype) -> FigureKind {
    if let Some(look) = &person.look {
        return look.figure;
    }
    match person.voice.as_ref().map(|v| v.reference) {
        Some(VoiceType::Woman | VoiceType::WomanOld) => FigureKind::Woman,
        Some(VoiceType::Man | VoiceType::ManOld | VoiceType::ManBright) => FigureKind::Man,
        Some(VoiceType::Girl) => FigureKind::Girl,
        Some(VoiceType::Boy) => FigureKind::Boy,
        _ => archetype.figure,
    }
}

fn day(text: &str) -> Option<StoryTime> {
    StoryTime::try_from(format!("{}T00:00", text.get(..10)?)).ok()
}

/// The day it begins: the author's fact (season, begins), else one of the kernel's, drawn beside the births of the cast.
fn night(canon: &Canon, kernel: &Kernel, seed: &Seed) -> Result<StoryTime, WorldError> {
    if let Some(FactValue::Text(text)) = is_word(canon, "season", "begins") {
        return day(text).ok_or_else(|| WorldError::Binding {
            slot: "season begins".into(),
            why: format!("`{text}` is no day of the form 0131-10-20"),
        });
    }
    let picked = seed.derive("night").pick(&kernel.begins).map_or("10-20", String::as_str);
    let born = |c: &Character| c.born.as_str().get(..4).and_then(|y| y.parse::<i64>().ok()).unwrap_or(0);
    // The year in which a person is as old as they are drawn, else one in which the youngest is grown.
    let drawn = canon.characters.iter().find_map(|c| {
        let before_birthday = c.born.as_str().get(5..10).is_some_and(|birthday| picked < birthday);
        Some(born(c) + i64::from(c.look.as_ref()?.age) + i64::from(before_birthday))
    });
    let year = drawn.or_else(|| canon.characters.iter().map(|c| born(c) + 33).max()).unwrap_or(131);
    day(&format!("{year:04}-{picked}"))
        .ok_or_else(|| WorldError::Binding { slot: "season begins".into(), why: format!("year {year} does not exist") })
}

/// How much of a kernel a canon carries already: whether all its rules stand there, and the slots the canon fills, less the people it
/// has no part for.
pub(crate) fn fit(canon: &Canon, kernel: &Kernel) -> (bool, i64) {
    let ruled = kernel.rules.iter().all(|rule| canon.world_rules.iter().any(|r| r.id == rule.id));
    let people = find_people(canon, &kernel.people);
    let idle = canon.characters.iter().filter(|c| !people.values().any(|id| *id == c.id)).count();
    let tied = |s: &&PersonSlot| s.tie.as_ref().is_some_and(|tie| canon.relationships.iter().any(|r| r.kind == *tie));
    let mut filled = people.len() + kernel.people.iter().filter(tied).count();
    let mut taken = BTreeSet::new();
    for slot in &kernel.props {
        if let Some(prop) = find_prop(canon, &slot.slot, &slot.needs, &taken) {
            taken.insert(prop.id.clone());
        }
    }
    filled += taken.len();
    taken.clear();
    for slot in &kernel.places {
        if let Some(place) = find_place(canon, &slot.slot, slot.family, &slot.words, &taken) {
            taken.insert(place.id.clone());
        }
    }
    filled += taken.len();
    filled += kernel.words.iter().filter(|s| is_word(canon, &s.subject, "is").is_some()).count();
    filled += kernel.numbers.iter().filter(|s| is_word(canon, &s.subject, &s.attribute).is_some()).count();
    (ruled, i64::try_from(filled).unwrap_or(i64::MAX) - i64::try_from(idle).unwrap_or(i64::MAX))
}

/// The canon with everything the kernel needs: what the author wrote stays as it is; people, places, things, words and numbers that
/// are missing come from the pack.
pub(crate) fn complete(project: &Project, given: &Canon, pack: &Pack, kernel: &Kernel) -> Result<Canon, WorldError> {
    if given.project_id != project.id && given.project_id.as_str() != canon::author::NO_PROJECT {
        return Err(WorldError::OtherProject { canon: given.project_id.clone(), project: project.id.clone() });
    }
    let mut canon = given.clone();
    canon.project_id = project.id.clone();
    let seed = Seed::of(&[project.id.as_str(), kernel.id.as_str(), "bind"]);
    let from = format!("pack {}@{}", pack.id, pack.version);
    let night = night(&canon, kernel, &seed)?;
    let epoch = time::epoch();
    let state = |canon: &mut Canon, subject: &Id, attribute: &str, value: FactValue, since: &StoryTime, known: Vec<Id>| {
        let id = Id::slug(&format!("{subject}-{attribute}"));
        canon.facts.push(Fact {
            id,
            subject: subject.clone(),
            attribute: attribute.to_owned(),
            value,
            kind: FactKind::Stateful,
            from: since.clone(),
            until: None,
            known_by: known.into_iter().map(|who| (who, since.clone())).collect(),
            cause: None,
            source: Some(from.clone()),
        });
    };
    if is_word(&canon, "season", "begins").is_none() {
        let text = night.as_str().get(..10).unwrap_or_default().to_owned();
        if is_word(&canon, "season", "is").is_none() {
            state(&mut canon, &Id::slug("season"), "is", FactValue::Text("the season".into()), &epoch, vec![]);
        }
        state(&mut canon, &Id::slug("season"), "begins", FactValue::Text(text), &epoch, vec![]);
    }
    people(&mut canon, pack, kernel, &seed, &night)?;
    props(&mut canon, kernel, &seed)?;
    places(&mut canon, kernel, &seed)?;
    for slot in &kernel.words {
        if is_word(&canon, &slot.subject, "is").is_none() {
            let word = seed.derive(&format!("word {}", slot.slot)).pick(&slot.options).cloned().unwrap_or_default();
            state(&mut canon, &slot.subject, "is", FactValue::Text(word), &epoch, vec![]);
        }
        let Some(FactValue::Text(word)) = is_word(&canon, &slot.subject, "is").cloned() else { continue };
        if slot.name && !canon.world.names.contains(&word) {
            canon.world.names.push(word);
        }
    }
    for slot in &kernel.numbers {
        if is_word(&canon, &slot.subject, &slot.attribute).is_none() {
            let steps = (slot.from[1] - slot.from[0]) / slot.step.max(1);
            let n = slot.from[0] + slot.step * seed.derive(&format!("number {}", slot.slot)).between(0, steps);
            let people = find_people(&canon, &kernel.people);
            let known = slot.known.iter().filter_map(|s| people.get(s).cloned()).collect();
            let since = time::shift_years(&night, -1).map_err(|why| WorldError::Binding { slot: slot.slot.clone(), why })?;
            state(&mut canon, &slot.subject, &slot.attribute, FactValue::Number(n), &since, known);
        }
        if is_word(&canon, &slot.subject, "is").is_none() {
            state(&mut canon, &slot.subject, "is", FactValue::Text(slot.subject.to_string()), &epoch, vec![]);
        }
    }
    // Whoever a hidden fact is about, and is neither person, place nor thing, is introduced.
    let slots: BTreeSet<&str> = kernel
        .people
        .iter()
        .map(|s| s.slot.as_str())
        .chain(kernel.props.iter().map(|s| s.slot.as_str()))
        .chain(kernel.places.iter().map(|s| s.slot.as_str()))
        .collect();
    for fact in kernel.truth.iter().filter(|f| !slots.contains(f.of.as_str())) {
        let subject = Id::new(fact.of.clone()).map_err(|e| WorldError::Pack { file: "kernel".into(), message: e.to_string() })?;
        if is_word(&canon, &subject, "is").is_none() {
            state(&mut canon, &subject, "is", FactValue::Text(fact.of.replace('_', " ")), &epoch, vec![]);
        }
    }
    let bound = Bound::new(&canon, pack, kernel)?;
    // What the pack supplied speaks of this world's numbers and days: the slip says how many came home.
    let looks: Vec<(Id, String)> = canon
        .props
        .iter()
        .filter(|p| p.look.contains('{'))
        .map(|p| Ok((p.id.clone(), bound.fill(&p.look)?)))
        .collect::<Result<_, WorldError>>()?;
    let rules: Vec<WorldRule> = kernel
        .rules
        .iter()
        .filter(|r| !canon.world_rules.iter().any(|w| w.id == r.id))
        .map(|r| Ok(WorldRule { id: r.id.clone(), text: capital(&bound.fill(&r.text)?), policy: None }))
        .collect::<Result<_, WorldError>>()?;
    let mut particulars: Vec<String> = kernel.particulars.clone();
    for slot in &kernel.words {
        particulars.extend(crate::text::lower_words(&bound.fill(&format!("{{{}}}", slot.slot))?).into_iter().filter(|w| w != "the"));
    }
    for hole in &kernel.concrete_holes {
        particulars.push(bound.fill(&format!("{{{hole}}}"))?);
    }
    let blanks: Vec<(usize, Character)> = canon
        .characters
        .iter()
        .enumerate()
        .filter_map(|(i, c)| {
            let slot = kernel.people.iter().find(|s| bound.slots.get(&s.slot) == Some(&c.id))?;
            let archetype = pack.archetypes.get(&slot.archetype)?;
            let or = |given: &str, template: &str| if given.is_empty() { bound.fill(template) } else { Ok(given.to_owned()) };
            let filled = (|| {
                Ok::<_, WorldError>(Character {
                    role: or(&c.role, &archetype.role)?,
                    want: or(&c.want, &archetype.want)?,
                    fear: or(&c.fear, &archetype.fear)?,
                    lie: or(&c.lie, &archetype.lie)?,
                    contradiction: or(&c.contradiction, &archetype.contradiction)?,
                    ..c.clone()
                })
            })();
            Some(filled.map(|c| (i, c)))
        })
        .collect::<Result<_, WorldError>>()?;
    let ties: Vec<Relationship> = kernel
        .people
        .iter()
        .filter_map(|s| {
            let (tie, from, to) = (s.tie.as_ref()?, bound.slots.get(&s.slot)?, bound.slots.get("lead")?);
            let known = canon.relationships.iter().any(|r| r.from == *from && r.to == *to && r.kind == *tie);
            (!known).then(|| Relationship { from: from.clone(), to: to.clone(), kind: tie.clone() })
        })
        .collect();
    for (id, look) in looks {
        if let Some(prop) = canon.props.iter_mut().find(|p| p.id == id) {
            prop.look = look;
        }
    }
    for (i, person) in blanks {
        canon.characters[i] = person;
    }
    canon.relationships.extend(ties);
    canon.world_rules.extend(rules);
    for word in particulars {
        if !canon.world.particulars.contains(&word) {
            canon.world.particulars.push(word);
        }
    }
    Ok(canon)
}

fn people(canon: &mut Canon, pack: &Pack, kernel: &Kernel, seed: &Seed, night: &StoryTime) -> Result<(), WorldError> {
    let found = find_people(canon, &kernel.people);
    let called = |slot: &&PersonSlot| pack.archetypes.get(&slot.archetype).and_then(|a| a.called.as_ref());
    let missing: Vec<&PersonSlot> = kernel.people.iter().filter(|s| !found.contains_key(&s.slot)).collect();
    // Nobody is given a name that begins like one the pack has fixed.
    let fixed: BTreeSet<char> = missing.iter().filter_map(called).filter_map(|n| n.chars().next()).collect();
    for slot in missing {
        let archetype = archetype(pack, slot)?;
        let stream = seed.derive(&format!("person {}", slot.slot));
        let mut initials: BTreeSet<char> = canon.characters.iter().filter_map(|c| c.name.chars().next()).collect();
        initials.extend(&fixed);
        let look = stream.derive("look").pick(&archetype.looks).cloned();
        let female = matches!(look.as_ref().map_or(archetype.figure, |l| l.figure), FigureKind::Woman | FigureKind::Girl);
        let names = if female { &pack.women } else { &pack.men };
        let free: Vec<&String> = names.iter().filter(|n| n.chars().next().is_none_or(|c| !initials.contains(&c))).collect();
        let first = stream.derive("name").pick(&free).map(|n| (*n).clone()).unwrap_or_default();
        let surnames: Vec<&String> = pack
            .surnames
            .iter()
            .filter(|s| !canon.characters.iter().any(|c| c.name.ends_with(s.as_str())) && s.chars().next() != first.chars().next())
            .collect();
        let last = stream.derive("surname").pick(&surnames).map(|n| (*n).clone()).unwrap_or_default();
        let age = look.as_ref().map_or(35, |l| i64::from(l.age));
        let why = |why| WorldError::Binding { slot: slot.slot.clone(), why };
        // Born so many years and some days before the night: the drawn age and the counted one agree.
        let days = stream.derive("born").between(20, 340);
        let born = time::shift(&time::shift_years(night, -age).map_err(why)?, -days * 1440).map_err(why)?;
        let name = archetype.called.clone().unwrap_or_else(|| format!("{first} {last}"));
        canon.characters.push(Character {
            id: Id::slug(name.split_whitespace().next().unwrap_or_default()),
            name,
            born,
            role: String::new(),
            want: String::new(),
            fear: String::new(),
            lie: String::new(),
            contradiction: String::new(),
            look,
            voice: None,
        });
    }
    let bound = find_people(canon, &kernel.people);
    let names: Vec<&str> = kernel
        .people
        .iter()
        .filter_map(|s| canon.characters.iter().find(|c| Some(&c.id) == bound.get(&s.slot)))
        .map(|c| c.name.as_str())
        .collect();
    for (i, a) in names.iter().enumerate() {
        for b in &names[i + 1..] {
            if a.chars().next().map(|c| c.to_lowercase().to_string()) == b.chars().next().map(|c| c.to_lowercase().to_string()) {
                return Err(WorldError::Names { one: (*a).to_owned(), other: (*b).to_owned() });
            }
        }
    }
    Ok(())
}

pub(crate) fn archetype<'p>(pack: &'p Pack, slot: &PersonSlot) -> Result<&'p Archetype, WorldError> {
    let missing = || WorldError::Pack { file: pack.id.to_string(), message: format!("no archetype `{}`", slot.archetype) };
    pack.archetypes.get(&slot.archetype).ok_or_else(missing)
}

/// An id nothing else in the canon has.
fn free(canon: &Canon, id: &Id) -> Result<Id, WorldError> {
    let taken = |id: &Id| {
        canon.props.iter().any(|p| p.id == *id)
            || canon.locations.iter().any(|l| l.id == *id)
            || canon.characters.iter().any(|c| c.id == *id)
    };
    let mut candidate = id.clone();
    for n in 2..100 {
        if !taken(&candidate) {
            return Ok(candidate);
        }
        candidate = id.child(n).map_err(|e| WorldError::Binding { slot: id.to_string(), why: e.to_string() })?;
    }
    Err(WorldError::Binding { slot: id.to_string(), why: "a hundred things have this id".into() })
}

fn props(canon: &mut Canon, kernel: &Kernel, seed: &Seed) -> Result<(), WorldError> {
    let mut taken = BTreeSet::new();
    for slot in &kernel.props {
        if let Some(prop) = find_prop(canon, &slot.slot, &slot.needs, &taken) {
            taken.insert(prop.id.clone());
            continue;
        }
        let picked = seed.derive(&format!("prop {}", slot.slot)).pick(&slot.options).cloned();
        let mut prop = picked.ok_or_else(|| WorldError::Binding { slot: slot.slot.clone(), why: "the kernel offers nothing".into() })?;
        prop.id = free(canon, &prop.id)?;
        taken.insert(prop.id.clone());
        canon.props.push(prop);
    }
    Ok(())
}

fn bound_props(canon: &Canon, kernel: &Kernel) -> BTreeMap<String, Id> {
    let mut taken = BTreeSet::new();
    let mut found = BTreeMap::new();
    for slot in &kernel.props {
        if let Some(prop) = find_prop(canon, &slot.slot, &slot.needs, &taken) {
            taken.insert(prop.id.clone());
            found.insert(slot.slot.clone(), prop.id.clone());
        }
    }
    found
}

fn places(canon: &mut Canon, kernel: &Kernel, seed: &Seed) -> Result<(), WorldError> {
    let mut taken = BTreeSet::new();
    let props = bound_props(canon, kernel);
    for slot in &kernel.places {
        if let Some(place) = find_place(canon, &slot.slot, slot.family, &slot.words, &taken) {
            taken.insert(place.id.clone());
            continue;
        }
        let stream = seed.derive(&format!("place {}", slot.slot));
        let index = stream.clone().below(slot.options.len() as u64) as usize;
        let option = slot
            .options
            .get(index)
            .ok_or_else(|| WorldError::Binding { slot: slot.slot.clone(), why: "the kernel offers nothing".into() })?;
        let holds = option.holds.iter().filter_map(|s| props.get(s).cloned()).collect();
        let mut place = option.location(holds);
        place.id = free(canon, &place.id)?;
        taken.insert(place.id.clone());
        canon.locations.push(place);
    }
    Ok(())
}

impl<'a> Bound<'a> {
    /// Binds a kernel to a complete canon.
    ///
    /// # Errors
    /// A slot nothing in the canon fits.
    pub fn new(canon: &'a Canon, pack: &Pack, kernel: &Kernel) -> Result<Self, WorldError> {
        let lacks = |slot: &str| WorldError::Binding {
            slot: slot.to_owned(),
            why: "nothing in the canon fits; `world::complete_canon` supplies it".into(),
        };
        let mut slots = find_people(canon, &kernel.people);
        for slot in &kernel.people {
            slots.get(&slot.slot).ok_or_else(|| lacks(&slot.slot))?;
        }
        let props = bound_props(canon, kernel);
        let mut taken = BTreeSet::new();
        for slot in &kernel.places {
            let place = find_place(canon, &slot.slot, slot.family, &slot.words, &taken).ok_or_else(|| lacks(&slot.slot))?;
            taken.insert(place.id.clone());
            slots.insert(slot.slot.clone(), place.id.clone());
        }
        for slot in &kernel.props {
            slots.insert(slot.slot.clone(), props.get(&slot.slot).ok_or_else(|| lacks(&slot.slot))?.clone());
        }
        let mut bound = Self { canon, slots, numbers: BTreeMap::new(), anchors: BTreeMap::new(), holes: BTreeMap::new() };
        let night = night(canon, kernel, &Seed::new(0))?;
        bound.ages(kernel, &night)?;
        bound.count(kernel)?;
        bound.grown(kernel, &night)?;
        bound.name(pack, kernel)?;
        bound.date(kernel, night)?;
        Ok(bound)
    }

    fn age(&self, slot: &str, at: &StoryTime) -> i64 {
        self.person(slot).map(|p| time::age(&p.born, at)).unwrap_or(0)
    }

    /// The ages that are numbers of the kernel.
    fn ages(&mut self, kernel: &Kernel, at: &StoryTime) -> Result<(), WorldError> {
        for person in &kernel.people {
            let Some(slot) = &person.age else { continue };
            let n = self.age(&person.slot, at);
            if n < 0 {
                return Err(WorldError::Binding { slot: person.slot.clone(), why: format!("is not born before {at}") });
            }
            self.numbers.insert(slot.clone(), n);
        }
        Ok(())
    }

    /// Whoever must be grown is.
    fn grown(&self, kernel: &Kernel, at: &StoryTime) -> Result<(), WorldError> {
        for person in &kernel.people {
            let Some(least) = person.least_age else { continue };
            let plus = person.least_age_plus.as_ref().and_then(|s| self.numbers.get(s)).copied().unwrap_or(0);
            let age = self.age(&person.slot, at);
            if age < least + plus {
                let why = match plus {
                    0 => format!("is {age} years old; this situation needs an adult"),
                    _ => format!("is {age} years old; this situation needs an adult of {} or more", least + plus),
                };
                return Err(WorldError::Binding { slot: person.slot.clone(), why });
            }
        }
        Ok(())
    }

    fn count(&mut self, kernel: &Kernel) -> Result<(), WorldError> {
        for slot in &kernel.numbers {
            let n = match is_word(self.canon, &slot.subject, &slot.attribute) {
                Some(FactValue::Number(n)) => *n,
                Some(FactValue::Text(t)) => {
                    let why = format!("({}, {}) is `{t}`, and must be a whole number", slot.subject, slot.attribute);
                    return Err(WorldError::Binding { slot: slot.slot.clone(), why });
                }
                None => {
                    return Err(WorldError::Binding {
                        slot: slot.slot.clone(),
                        why: format!("no fact ({}, {})", slot.subject, slot.attribute),
                    });
                }
            };
            let most = if slot.step > 1 { 999 } else { 60 };
            if !(3..=most).contains(&n) {
                let why = format!("({}, {}) is {n}; this situation needs 3 to {most}", slot.subject, slot.attribute);
                return Err(WorldError::Binding { slot: slot.slot.clone(), why });
            }
            self.numbers.insert(slot.slot.clone(), n);
        }
        for derived in &kernel.derived {
            let n = self.numbers.get(&derived.of).copied().unwrap_or(0) * derived.times + derived.plus;
            self.numbers.insert(derived.slot.clone(), n);
        }
        let numbers = self.numbers.clone();
        for (slot, n) in numbers {
            self.holes.insert(format!("{slot}.ord"), ordinal(n));
            self.holes.insert(slot, number(n));
        }
        Ok(())
    }

    fn name(&mut self, pack: &Pack, kernel: &Kernel) -> Result<(), WorldError> {
        let mut put = BTreeMap::new();
        for slot in &kernel.people {
            let Some(person) = self.person(&slot.slot) else { continue };
            let female = matches!(figure(person, archetype(pack, slot)?), FigureKind::Woman | FigureKind::Girl);
            let kind = match figure(person, archetype(pack, slot)?) {
                FigureKind::Woman => "woman",
                FigureKind::Man => "man",
                FigureKind::Girl => "girl",
                FigureKind::Boy => "boy",
                FigureKind::Spirit => "spirit",
            };
            put.insert(format!("{}.kind", slot.slot), kind.to_owned());
            let s = &slot.slot;
            put.insert(s.clone(), person.name.split_whitespace().next().unwrap_or_default().to_owned());
            for (key, word) in pronouns(female) {
                put.insert(format!("{s}.{key}"), word.to_owned());
            }
        }
        let named = |slot: &str| self.slots.get(slot).cloned();
        for slot in &kernel.props {
            let Some(prop) = named(&slot.slot).and_then(|id| self.canon.props.iter().find(|p| p.id == id)) else { continue };
            let noun = prop.words.first().cloned().unwrap_or_else(|| bare(&prop.name).to_owned());
            let many = prop.words.iter().find(|w| **w != noun && w.starts_with(noun.as_str())).cloned();
            put.insert(format!("{}s", slot.slot), many.unwrap_or_else(|| plural(&noun)));
            put.insert(slot.slot.clone(), noun);
            put.insert(format!("{}.name", slot.slot), prop.name.clone());
        }
        // The colour of the other light is the colour of the thing that shows it.
        const COLOURS: &[&str] = &["green", "red", "blue", "amber", "yellow", "white", "violet"];
        if let Some(slot) = &kernel.colour_of {
            let thing = self.slots.get(slot).and_then(|id| self.canon.props.iter().find(|p| p.id == *id));
            let colour = thing.and_then(|p| p.words.iter().find(|w| COLOURS.contains(&w.as_str())));
            let colour = colour.ok_or_else(|| WorldError::Binding {
                slot: slot.clone(),
                why: format!("needs one of these among its `words`, for people to name it by: {}", COLOURS.join(", ")),
            })?;
            put.insert("colour".to_owned(), colour.clone());
        }
        // "supplies" reads better in a kernel than "supplys".
        if let Some(many) = put.get("supplys").cloned() {
            put.insert("supplies".to_owned(), many);
        }
        for slot in &kernel.places {
            let Some(place) = named(&slot.slot).and_then(|id| self.canon.locations.iter().find(|l| l.id == id)) else { continue };
            put.insert(slot.slot.clone(), bare(&place.name).to_owned());
            put.insert(format!("{}.name", slot.slot), place.name.clone());
        }
        for slot in &kernel.words {
            let Some(FactValue::Text(word)) = is_word(self.canon, &slot.subject, "is") else {
                return Err(WorldError::Binding { slot: slot.slot.clone(), why: format!("no fact ({}, is) with a text", slot.subject) });
            };
            // A word for somebody has pronouns too.
            const WOMEN: &[&str] = &["sister", "mother", "daughter", "aunt", "wife", "grandmother", "niece"];
            for (key, word) in pronouns(WOMEN.contains(&word.as_str())) {
                put.insert(format!("{}.{key}", slot.slot), word.to_owned());
            }
            put.insert(slot.slot.clone(), word.clone());
        }
        for (slot, id) in &self.slots {
            put.insert(format!("{slot}.id"), id.to_string());
        }
        self.holes.extend(put);
        Ok(())
    }

    fn date(&mut self, kernel: &Kernel, night: StoryTime) -> Result<(), WorldError> {
        let number = |slot: &Option<String>| slot.as_ref().and_then(|s| self.numbers.get(s)).copied().unwrap_or(0);
        let mut anchors = BTreeMap::new();
        for anchor in &kernel.anchors {
            let wrong = |why: String| WorldError::Binding { slot: anchor.slot.clone(), why };
            let year = time::shift_years(&night, -number(&anchor.years_before)).map_err(wrong)?;
            let days = number(&anchor.days_after) + anchor.days;
            anchors.insert(anchor.slot.clone(), time::shift(&year, days * 1440).map_err(wrong)?);
        }
        anchors.insert(kernel.anchor.clone(), night);
        self.anchors = anchors;
        Ok(())
    }

    /// The person of a slot.
    pub fn person(&self, slot: &str) -> Option<&'a Character> {
        let id = self.slots.get(slot)?;
        self.canon.characters.iter().find(|c| c.id == *id)
    }

    /// The id of a slot.
    ///
    /// # Errors
    /// A kernel that names a slot it does not define.
    pub fn id(&self, slot: &str) -> Result<Id, WorldError> {
        self.slots.get(slot).cloned().ok_or_else(|| WorldError::Pack { file: "kernel".into(), message: format!("no slot `{slot}`") })
    }

    /// The ids of slots.
    pub fn ids(&self, slots: &[String]) -> Result<Vec<Id>, WorldError> {
        slots.iter().map(|s| self.id(s)).collect()
    }

    /// A template with its holes filled from canon. `{Hole}` is capitalised, `{HOLE}` in capitals.
    ///
    /// # Errors
    /// A hole nothing fills.
    pub fn fill(&self, template: &str) -> Result<String, WorldError> {
        let mut out = String::new();
        let mut rest = template;
        while let Some(start) = rest.find('{') {
            out.push_str(&rest[..start]);
            let Some(length) = rest[start..].find('}') else { break };
            let hole = &rest[start + 1..start + length];
            let value = self.holes.get(&hole.to_lowercase()).ok_or_else(|| WorldError::Pack {
                file: "kernel".into(),
                message: format!("nothing fills the hole {{{hole}}} in `{template}`"),
            })?;
            let mut letters = hole.chars();
            let upper = letters.next().is_some_and(char::is_uppercase);
            let all = upper && letters.next().is_some_and(char::is_uppercase);
            out.push_str(&if all {
                value.to_uppercase()
            } else if upper {
                capital(value)
            } else {
                value.clone()
            });
            rest = &rest[start + length + 1..];
        }
        out.push_str(rest);
        Ok(out)
    }

    /// A moment written `anchor+days hh:mm`, with `+number` for minutes that a number of the kernel says.
    ///
    /// # Errors
    /// A text that is no such moment, or years out of range.
    pub fn moment(&self, text: &str) -> Result<StoryTime, WorldError> {
        let wrong = |why: String| WorldError::Pack { file: "kernel".into(), message: format!("`{text}` is no moment: {why}") };
        let (head, clock) = text.split_once(' ').ok_or_else(|| wrong("expected `anchor+days hh:mm`".into()))?;
        let mut later = clock.split('+');
        let clock = later.next().unwrap_or_default();
        let more = later.map(|slot| self.numbers.get(slot).copied().ok_or_else(|| wrong(format!("no number `{slot}`"))));
        let more: i64 = more.collect::<Result<Vec<_>, _>>()?.into_iter().sum();
        let cut = head.find(['+', '-']).unwrap_or(head.len());
        let (name, days) = head.split_at(cut);
        let days: i64 = if days.is_empty() { 0 } else { days.parse().map_err(|_| wrong("the days are no number".into()))? };
        let anchor = self.anchors.get(name).ok_or_else(|| wrong(format!("no anchor `{name}`")))?;
        let minutes = clock.split_once(':').and_then(|(h, m)| Some(h.parse::<i64>().ok()? * 60 + m.parse::<i64>().ok()?));
        let minutes = minutes.ok_or_else(|| wrong("no clock".into()))?;
        time::shift(anchor, days * 1440 + minutes + more).map_err(wrong)
    }

    /// A fact of the kernel over this canon. `scene` is when an episode's fact begins; the truth has times of its own.
    pub fn fact(&self, template: &FactT, scene: Option<&StoryTime>, cause: Option<&Id>) -> Result<Fact, WorldError> {
        let wrong = |message: String| WorldError::Pack { file: "kernel".into(), message };
        let from = match (&template.from, scene) {
            (Some(text), _) => self.moment(text)?,
            (None, Some(scene)) => scene.clone(),
            (None, None) => return Err(wrong(format!("{} has no time", template.id))),
        };
        let value = match (&template.text, &template.number) {
            (Some(text), None) => FactValue::Text(self.fill(text)?),
            (None, Some(slot)) => {
                let n = self.numbers.get(slot).ok_or_else(|| wrong(format!("{}: no number `{slot}`", template.id)))?;
                FactValue::Number(n + template.plus)
            }
            _ => return Err(wrong(format!("{} needs either text or number", template.id))),
        };
        let known_by = match &template.known {
            Known::Witnesses(who) => who.iter().map(|w| Ok((self.id(w)?, from.clone()))).collect::<Result<_, WorldError>>()?,
            Known::Since(times) => times.iter().map(|(w, t)| Ok((self.id(w)?, self.moment(t)?))).collect::<Result<_, WorldError>>()?,
        };
        let subject = match self.slots.get(&template.of) {
            Some(id) => id.clone(),
            None => Id::new(template.of.clone()).map_err(|e| wrong(e.to_string()))?,
        };
        Ok(Fact {
            id: template.id.clone(),
            subject,
            attribute: template.attribute.clone(),
            value,
            kind: template.kind,
            until: template.until.as_deref().map(|t| self.moment(t)).transpose()?,
            from,
            known_by,
            cause: cause.cloned(),
            source: None,
        })
    }

    /// Words of this canon that make a line concrete: of the bound props and places, and the world's own.
    pub fn kit(&self) -> BTreeSet<String> {
        let ids: BTreeSet<&Id> = self.slots.values().collect();
        let props = self.canon.props.iter().filter(|p| ids.contains(&p.id)).flat_map(|p| &p.words);
        let places = self.canon.locations.iter().filter(|l| ids.contains(&l.id)).flat_map(|l| &l.words);
        let own = self.canon.world.particulars.iter();
        props.chain(places).chain(own).map(|w| w.to_lowercase()).collect()
    }
}

/// Subject, object and possessive, under the keys a template may use for either.
fn pronouns(female: bool) -> [(&'static str, &'static str); 5] {
    let (she, him, her) = if female { ("she", "her", "her") } else { ("he", "him", "his") };
    [("she", she), ("he", she), ("him", him), ("her", her), ("his", her)]
}

/// The look of a person at the time of the season: as the canon has it, else the archetype's, with the age the birth gives.
pub(crate) fn look_of(project: &Project, person: &Character, archetype: &Archetype, at: &StoryTime) -> Option<Look> {
    let age = u32::try_from(time::age(&person.born, at)).unwrap_or(0);
    if let Some(look) = &person.look {
        return Some(look.clone());
    }
    let fitting: Vec<&Look> = archetype.looks.iter().filter(|l| l.figure == figure(person, archetype)).collect();
    let stream = Seed::of(&[project.id.as_str(), person.id.as_str(), "look"]);
    stream.clone().pick(&fitting).map(|look| Look { age, ..(*look).clone() })
}

/// The voice of a person: as the canon has it, else the archetype's, in a casting type nobody else of the cast has.
pub(crate) fn voice_of(person: &Character, archetype: &Archetype, taken: &[VoiceType]) -> Voice {
    if let Some(voice) = &person.voice {
        return voice.clone();
    }
    // A radio and a teller have voices of their own, whoever speaks in them.
    if matches!(archetype.voice.reference, VoiceType::Radio | VoiceType::RadioSoft | VoiceType::Teller) {
        return archetype.voice.clone();
    }
    let age_figure = figure(person, archetype);
    let types: &[VoiceType] = match age_figure {
        FigureKind::Woman => &[VoiceType::Woman, VoiceType::WomanOld],
        FigureKind::Man => &[VoiceType::Man, VoiceType::ManBright, VoiceType::ManOld],
        FigureKind::Girl => &[VoiceType::Girl],
        FigureKind::Boy => &[VoiceType::Boy],
        // A spirit speaks as its archetype does, or as whoever is free.
        FigureKind::Spirit => &[
            VoiceType::WomanOld,
            VoiceType::ManOld,
            VoiceType::Woman,
            VoiceType::Man,
            VoiceType::ManBright,
            VoiceType::Girl,
            VoiceType::Boy,
        ],
    };
    let own = Some(&archetype.voice.reference).filter(|r| types.contains(r) && !taken.contains(r));
    let reference =
        own.or_else(|| types.iter().find(|t| !taken.contains(t))).or(types.first()).copied().unwrap_or(archetype.voice.reference);
    Voice { reference, ..archetype.voice.clone() }
}
