//! AssetManifest: what the shots need, by content, so that two shots that need the same thing share it.

use std::collections::BTreeMap;

use contracts::{
    Hash, Id,
    assets::{AssetManifest, MusicSpec, Need, NeedSpec, SoundSpec, VoiceSpec},
    canon::{Fact, FactValue, Location},
    canonical_bytes,
    picture::{BackgroundSpec, Canvas, CardKind, CardSpec, Facing, FigureSpec, Framing, InsertSpec, PlaceSpec, PropSpec, Slot},
    shots::{Picture, Shot, ShotContent, ShotFigure, ShotList},
    story::{Mood, TimeOfDay},
};

use crate::{AdaptError, Story, direct::indoors, titles};

/// Reads every need off the shots. `short` is the short side of the frame in pixels.
pub fn manifest(story: &Story<'_>, list: &ShotList, short: u32) -> Result<AssetManifest, AdaptError> {
    let mut needs = Needs::default();
    // A film may open on its title: the card lies over the place that is seen first.
    let first = list.shots.iter().find_map(|s| if let ShotContent::Picture(p) = &s.content { Some(p) } else { None });
    let mut place = first.and_then(|picture| {
        let location = story.canon.locations.iter().find(|l| l.id == picture.location_id)?;
        Some(place_spec(story, location, picture, Vec::new()))
    });
    let openings = titles::openings(story, list);
    for shot in &list.shots {
        match &shot.content {
            ShotContent::Picture(picture) => {
                let here = picture_needs(story, list, shot, picture, &mut needs)?;
                let location = story.canon.locations.iter().find(|l| l.id == picture.location_id);
                if let Some(location) = location.filter(|_| openings.contains(&&shot.id)) {
                    let people = picture.figures.iter().filter(|_| picture.library_id.is_none());
                    let people = people.map(|f| figure_spec(story, shot, picture, f, &here)).collect::<Result<Vec<_>, _>>()?;
                    let strip = titles::strip(story, location, &here, picture.framing, people);
                    needs.add("place", vec!["location".into()], None, &shot.id, NeedSpec::Card(strip))?;
                }
                place = Some(here);
            }
            ShotContent::Card(card) => {
                let place = place.as_ref().ok_or(AdaptError::Empty)?;
                let place = match card.card {
                    CardKind::Title | CardKind::End => known_by(story, list, place),
                    CardKind::Intertitle | CardKind::Location => place.clone(),
                };
                let spec = CardSpec {
                    card: card.card,
                    text: card.text.clone(),
                    small: card.small.clone(),
                    style: story.project.visual_style,
                    place,
                    over: None,
                };
                needs.add("card", vec![tag(&card.card)], None, &shot.id, NeedSpec::Card(spec))?;
            }
        }
    }
    for cue in &list.lines {
        let text = story.script.lines().find(|(_, _, l)| l.id == cue.line_id).map(|(_, _, l)| l.text.clone()).unwrap_or_default();
        let spec = VoiceSpec { line_id: cue.line_id.clone(), speaker_id: cue.speaker_id.clone(), text, samples: cue.samples };
        needs.insert(cue.line_id.child("voice")?, vec!["voice".into()], &cue.shot_id, NeedSpec::Voice(spec));
    }
    for cue in &list.sounds {
        let spec = SoundSpec { sound: cue.sound.clone(), samples: cue.samples, ambience: cue.ambience };
        let kind = if cue.ambience { "ambience" } else { "effect" };
        needs.add(&format!("{kind}-{}", cue.sound), vec![kind.into(), cue.sound.to_string()], None, &cue.shot_id, NeedSpec::Sound(spec))?;
    }
    let music = MusicSpec {
        theme: story.project.id.clone(),
        genre: story.project.genre.clone(),
        cues: list.music.clone(),
        lines: if story.read.voiced { list.lines.iter().map(|l| (l.start, l.start + l.samples)).collect() } else { Vec::new() },
        samples: list.edit_rate.samples_at(list.total_frames),
        scenes: story
            .script
            .scenes
            .iter()
            .map(|s| (s.id.clone(), vec![s.location_id.to_string(), tag(&s.time_of_day), tag(&s.weather)]))
            .collect(),
    };
    let first = list.shots.first().ok_or(AdaptError::Empty)?;
    needs.add("score", vec!["music".into(), story.project.genre.to_string()], None, &first.id, NeedSpec::Music(music))?;
    Ok(AssetManifest {
        project_id: story.project.id.clone(),
        episode: story.script.episode,
        timing_lock: list.timing_lock.clone(),
        canvas: Canvas::of(story.project.aspect, short),
        base: None,
        needs: needs.list,
    })
}

/// The place a film is known by, at the hour of the picture before its card: the first of its pictures that is out of doors,
/// else its first.
fn known_by(story: &Story<'_>, list: &ShotList, here: &PlaceSpec) -> PlaceSpec {
    let pictures = || {
        list.shots.iter().filter_map(|shot| match &shot.content {
            ShotContent::Picture(picture) => story.canon.locations.iter().find(|l| l.id == picture.location_id),
            ShotContent::Card(_) => None,
        })
    };
    match pictures().find(|l| !indoors(l.family)).or_else(|| pictures().next()) {
        Some(known) => {
            PlaceSpec { location_id: known.id.clone(), family: known.family, look: known.look.clone(), props: Vec::new(), ..here.clone() }
        }
        None => here.clone(),
    }
}

/// The lower-case name of an enum's variant.
fn tag<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

#[derive(Default)]
struct Needs {
    list: Vec<Need>,
    index: BTreeMap<Id, usize>,
}

impl Needs {
    /// Adds a need under a name and the hash of what is needed.
    fn add(&mut self, name: &str, tags: Vec<String>, library_id: Option<Id>, shot: &Id, spec: NeedSpec) -> Result<(), AdaptError> {
        let hash = Hash::of(&canonical_bytes(&(&spec, &library_id.as_ref().map_or("", |id| id.as_str())))?);
        let name: String = name.chars().take(48).collect();
        let id = Id::new(format!("{}-{}", name.trim_end_matches(['-', '_']), hash.short()))?;
        match self.index.get(&id) {
            Some(&at) => {
                if !self.list[at].used_by.contains(shot) {
                    self.list[at].used_by.push(shot.clone());
                }
            }
            None => {
                self.index.insert(id.clone(), self.list.len());
                self.list.push(Need { id, tags, library_id, used_by: vec![shot.clone()], view: None, spec });
            }
        }
        Ok(())
    }

    fn insert(&mut self, id: Id, tags: Vec<String>, shot: &Id, spec: NeedSpec) {
        self.index.insert(id.clone(), self.list.len());
        self.list.push(Need { id, tags, library_id: None, used_by: vec![shot.clone()], view: None, spec });
    }
}

fn picture_needs(story: &Story<'_>, list: &ShotList, shot: &Shot, picture: &Picture, needs: &mut Needs) -> Result<PlaceSpec, AdaptError> {
    let location = story.canon.locations.iter().find(|l| l.id == picture.location_id).ok_or_else(|| AdaptError::Unknown {
        place: shot.id.to_string(),
        what: "location",
        id: picture.location_id.to_string(),
        missing_from: "canon",
    })?;
    let whole = matches!(picture.framing, Framing::Wide | Framing::Full);
    let shows = matches!(picture.framing, Framing::MediumTwo | Framing::Medium);
    // What somebody in the shot holds does not stand there too.
    let held = |id: &Id| picture.figures.iter().any(|f| f.holding.as_ref() == Some(id));
    let named = picture.props.iter().filter(|p| !held(p));
    // A two-shot and a medium show what the shot names, on a table or behind the two; of what a place holds, near framings
    // ask only for what gives light, so that they share one picture.
    let ids: Vec<&Id> = match picture.framing {
        Framing::Wide | Framing::Full => {
            let there = location.holds.iter().filter(|p| !held(p));
            there.chain(named.filter(|p| picture.figures.is_empty() || !location.holds.contains(p))).collect()
        }
        Framing::MediumTwo | Framing::Medium => location.holds.iter().chain(named).collect(),
        _ => location.holds.iter().collect(),
    };
    let mut props: Vec<PropSpec> = Vec::new();
    for id in ids {
        if props.iter().any(|p| &p.prop_id == id) {
            continue;
        }
        let spec = prop_spec(story, shot, picture, id)?;
        let light = matches!(spec.shape.as_str(), "lamp" | "lantern" | "star");
        if whole || light || (shows && picture.props.contains(id) && !held(id)) {
            props.push(spec);
        }
    }
    let place = place_spec(story, location, picture, props);
    let tags = |kind: &str| {
        let mut t = vec![kind.to_owned(), location.id.to_string(), tag(&picture.time_of_day), tag(&picture.weather), tag(&picture.framing)];
        if kind == "figure" {
            t.remove(1);
        }
        t
    };
    if picture.framing == Framing::Insert {
        let prop = picture.props.first().ok_or(AdaptError::Empty)?;
        let prop = prop_spec(story, shot, picture, prop)?;
        let owner = actor(story, shot);
        let hand = owner.as_ref().and_then(|id| story.cast.members.iter().find(|m| &m.id == id)).and_then(|m| m.look.clone());
        let hand_from = owner.as_ref().filter(|_| hand.is_some()).and_then(|id| stands(list, shot, picture, id));
        let name = format!("insert-{}", prop.prop_id);
        let mut t = tags("insert");
        t.push(prop.prop_id.to_string());
        needs.add(
            &name,
            t,
            picture.library_id.clone(),
            &shot.id,
            NeedSpec::Insert(Box::new(InsertSpec { prop, hand, hand_from, place: place.clone() })),
        )?;
        return Ok(place);
    }
    let toward =
        if matches!(picture.framing, Framing::Close | Framing::Medium | Framing::OverShoulder) { picture.toward } else { Facing::Front };
    let background = BackgroundSpec { place: place.clone(), framing: picture.framing, toward };
    needs.add(
        &format!("bg-{}", location.id),
        tags("background"),
        picture.library_id.clone(),
        &shot.id,
        NeedSpec::Background(background),
    )?;
    // A picture the author named is the whole picture: no puppets are put before it.
    if picture.library_id.is_none() {
        for figure in &picture.figures {
            let spec = figure_spec(story, shot, picture, figure, &place)?;
            let mut t = tags("figure");
            t.push(figure.character_id.to_string());
            needs.add(&format!("fig-{}", figure.character_id), t, None, &shot.id, NeedSpec::Figure(Box::new(spec)))?;
        }
    }
    Ok(place)
}

/// On which side somebody stands in the shots of a place around this one: in the nearest before it, else after it.
fn stands(list: &ShotList, shot: &Shot, picture: &Picture, who: &Id) -> Option<Slot> {
    let at = list.shots.iter().position(|s| s.id == shot.id)?;
    let slot = |s: &Shot| match &s.content {
        ShotContent::Picture(p) if p.location_id == picture.location_id => {
            p.figures.iter().find(|f| &f.character_id == who && f.slot != Slot::Centre).map(|f| f.slot)
        }
        _ => None,
    };
    list.shots[..at].iter().rev().find_map(slot).or_else(|| list.shots[at..].iter().find_map(slot))
}

fn actor(story: &Story<'_>, shot: &Shot) -> Option<Id> {
    let beat = shot.beat_id.as_ref()?;
    let (scene, beat) = story.script.beats().find(|(_, b)| &b.id == beat)?;
    // A light that wakes on the water is touched by nobody.
    beat.action.as_ref().map_or(scene.present.first(), |a| a.who.first()).cloned()
}

fn place_spec(story: &Story<'_>, location: &Location, picture: &Picture, props: Vec<PropSpec>) -> PlaceSpec {
    PlaceSpec {
        location_id: location.id.clone(),
        family: location.family,
        look: location.look.clone(),
        time_of_day: picture.time_of_day,
        weather: picture.weather,
        // Mood changes the light only where it changes what is seen; near synonyms share their pictures.
        mood: match picture.mood {
            Mood::Uneasy | Mood::Wary | Mood::Watchful => Mood::Uneasy,
            mood => mood,
        },
        style: story.project.visual_style,
        props,
    }
}

fn figure_spec(
    story: &Story<'_>,
    shot: &Shot,
    picture: &Picture,
    figure: &ShotFigure,
    place: &PlaceSpec,
) -> Result<FigureSpec, AdaptError> {
    let unknown =
        || AdaptError::Unknown { place: shot.id.to_string(), what: "character", id: figure.character_id.to_string(), missing_from: "cast" };
    let look = story.cast.members.iter().find(|m| m.id == figure.character_id).and_then(|m| m.look.clone()).ok_or_else(unknown)?;
    let holding = figure.holding.as_ref().map(|id| prop_spec(story, shot, picture, id)).transpose()?;
    Ok(FigureSpec {
        character_id: figure.character_id.clone(),
        look,
        framing: picture.framing,
        slot: figure.slot,
        facing: figure.facing,
        pose: figure.pose,
        expression: figure.expression,
        holding,
        speaks: figure.speaks,
        take: figure.take,
        place: place.clone(),
    })
}

fn prop_spec(story: &Story<'_>, shot: &Shot, picture: &Picture, id: &Id) -> Result<PropSpec, AdaptError> {
    let prop = story.canon.props.iter().find(|p| &p.id == id).ok_or_else(|| AdaptError::Unknown {
        place: shot.id.to_string(),
        what: "prop",
        id: id.to_string(),
        missing_from: "canon",
    })?;
    // Words on a thing are those its look gives in capitals after a colon: `printed card: INSPECTION, 11 MAY`.
    let inscription =
        prop.look.split_once(':').map(|(_, t)| t.trim().to_owned()).filter(|t| !t.is_empty() && t.chars().all(|c| !c.is_lowercase()));
    Ok(PropSpec {
        prop_id: prop.id.clone(),
        shape: prop.shape.clone(),
        colours: prop.colours.clone(),
        look: prop.look.clone(),
        lit: lit(story, shot, picture, id, prop.shape.as_str()),
        inscription,
    })
}

/// Whether a lamp burns now: what the facts say at this beat, else what one expects at this hour.
fn lit(story: &Story<'_>, shot: &Shot, picture: &Picture, id: &Id, shape: &str) -> bool {
    if !matches!(shape, "lamp" | "lantern" | "star") {
        return false;
    }
    let now = shot.beat_id.as_ref().and_then(|b| story.script.beats().find(|(_, x)| &x.id == b)).map(|(s, _)| s.story_time.clone());
    let order = |beat: &str| story.script.beats().position(|(_, b)| b.id.as_str() == beat);
    let here = shot.beat_id.as_ref().and_then(|b| order(b));
    // Beat ids repeat from episode to episode: only a fact of this one waits for its beat.
    let ours = format!("ep{}", story.script.episode);
    let cause = |f: &Fact| f.cause.as_ref().filter(|_| f.source.as_deref().is_none_or(|s| s == ours)).and_then(|c| order(c));
    let happened = |f: &Fact| cause(f).is_none_or(|at| here.is_some_and(|h| at <= h));
    let holds = |f: &&Fact| {
        f.subject == *id
            && matches!(f.attribute.as_str(), "state" | "lit_at" | "lit")
            && happened(f)
            && now.as_ref().is_none_or(|t| f.from <= *t && f.until.as_ref().is_none_or(|u| u > t))
    };
    let latest = story.canon.facts.iter().filter(holds).max_by(|a, b| (&a.from, cause(a)).cmp(&(&b.from, cause(b))));
    match latest {
        Some(fact) if fact.attribute == "lit_at" => true,
        Some(fact) => match &fact.value {
            FactValue::Text(t) => {
                let t = t.to_lowercase();
                let dark = ["out", "dark", "unlit", "cold", "broken", "false"]
                    .iter()
                    .any(|w| t.split(|c: char| !c.is_alphabetic()).any(|x| x == *w));
                !dark
            }
            FactValue::Number(n) => *n != 0,
        },
        None => matches!(picture.time_of_day, TimeOfDay::Dusk | TimeOfDay::Night),
    }
}
