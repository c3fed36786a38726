//! The strips that name a place where a scene opens in it.

use contracts::{
    Id,
    canon::Location,
    picture::{CardKind, CardSpec, FigureSpec, Framing, Over, PlaceSpec},
    shots::{Picture, Shot, ShotContent, ShotList},
    story::TimeOfDay,
};

use crate::Story;

/// What a shot must last to carry a place's name: it comes, is read and goes.
const LEAST_MS: u64 = 1_700;
/// Among how many of a scene's first pictures the one that opens it is looked for.
const FIRST: usize = 2;

/// The shots over which a place is named: the opening picture of a scene that goes somewhere else than the one before, the
/// first time in the film, or when it comes back at another hour. A picture too near or too short to open a scene is passed
/// over for the next one; a film without voices has cards of its own.
pub fn openings<'a>(story: &Story<'_>, list: &'a ShotList) -> Vec<&'a Id> {
    let mut out = Vec::new();
    if !story.read.voiced {
        return out;
    }
    let mut seen: Vec<(&Id, TimeOfDay)> = Vec::new();
    let mut here: Option<&Id> = None;
    for scene in &story.script.scenes {
        let of_scene = list.shots.iter().filter(|s| s.scene_id.as_ref() == Some(&scene.id));
        let pictures: Vec<(&Shot, &Picture)> = of_scene.filter_map(picture).take(FIRST).collect();
        let Some((_, first)) = pictures.first() else { continue };
        let there = (&first.location_id, first.time_of_day);
        let new = here != Some(there.0) && !seen.contains(&there);
        here = Some(there.0);
        seen.push(there);
        let opens = |(shot, picture): &&(&Shot, &Picture)| {
            list.edit_rate.ms(shot.frames) >= LEAST_MS
                && !matches!(picture.framing, Framing::Insert | Framing::Close | Framing::OverShoulder)
        };
        out.extend(pictures.iter().find(opens).filter(|_| new).map(|(shot, _)| &shot.id));
    }
    out
}

fn picture(shot: &Shot) -> Option<(&Shot, &Picture)> {
    match &shot.content {
        ShotContent::Picture(picture) => Some((shot, picture)),
        ShotContent::Card(_) => None,
    }
}

/// The strip of a place, over a picture of it with these people. It keeps the place's things: it is not to lie on them.
pub fn strip(story: &Story<'_>, location: &Location, place: &PlaceSpec, framing: Framing, figures: Vec<FigureSpec>) -> CardSpec {
    let name = location.name.strip_prefix("the ").unwrap_or(&location.name);
    // The words for the hours are English; a film in another language names the place alone.
    let english = story.project.language.split('-').next() == Some("en");
    let hour = match place.time_of_day {
        TimeOfDay::Dawn => "at dawn",
        TimeOfDay::Morning => "in the morning",
        TimeOfDay::Day => "by day",
        TimeOfDay::Dusk => "at dusk",
        TimeOfDay::Night => "at night",
    };
    CardSpec {
        card: CardKind::Location,
        text: vec![name.to_owned()],
        small: if english { vec![hour.to_owned()] } else { Vec::new() },
        style: place.style,
        place: place.clone(),
        over: Some(Box::new(Over { framing, figures, view: None })),
    }
}
