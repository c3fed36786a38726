//! Another take of a shot: the same place, people, things and moment, seen from elsewhere and taken otherwise. A pure function
//! of the shot and the number of the take; take 0 is what the director chose.

use std::collections::BTreeMap;

use contracts::{
    Hash, Id, Seed,
    assets::{AssetManifest, Need, NeedSpec},
    canon::PlaceFamily,
    canonical_bytes,
    picture::{CardKind, Facing, FigureSpec, Framing, Over, Pose, Slot, Take, Turn, View},
    shots::{Picture, Shot, ShotContent, ShotList},
};

use crate::{AdaptError, direct::indoors};

/// Why a shot has no other take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoTake {
    /// It shows a card.
    Card,
    /// It shows a picture of the project's library, which its author named.
    Pinned(Id),
}

/// Whether another take can be made of a shot.
///
/// # Errors
/// Why none can.
pub fn takeable(shot: &Shot) -> Result<(), NoTake> {
    match &shot.content {
        ShotContent::Card(_) => Err(NoTake::Card),
        ShotContent::Picture(picture) => picture.library_id.clone().map_or(Ok(()), |id| Err(NoTake::Pinned(id))),
    }
}

/// The manifest with other takes of these shots. What a shot shares with others stays as it is for them. A choice about a shot
/// that is not there any more, or has no other take, changes nothing.
///
/// # Errors
/// None that a manifest of ours can cause.
pub fn with_takes(mut manifest: AssetManifest, list: &ShotList, chosen: &BTreeMap<Id, u32>) -> Result<AssetManifest, AdaptError> {
    for shot in &list.shots {
        let take = chosen.get(&shot.id).copied().unwrap_or(0);
        let ShotContent::Picture(picture) = &shot.content else { continue };
        if take == 0 || takeable(shot).is_err() {
            continue;
        }
        let here = manifest.needs.iter().find_map(|need| match &need.spec {
            NeedSpec::Background(spec) if need.used_by.contains(&shot.id) => Some(spec.place.family),
            _ => None,
        });
        let view = view(&shot.id, picture, here, take);
        let mut needs = Vec::with_capacity(manifest.needs.len() + 4);
        for mut need in manifest.needs {
            let other = if need.used_by.contains(&shot.id) { other(&shot.id, &need, view, take)? } else { None };
            need.used_by.retain(|id| other.is_none() || id != &shot.id);
            needs.extend(Some(need).filter(|need| !need.used_by.is_empty()));
            needs.extend(other);
        }
        manifest.needs = needs;
    }
    Ok(manifest)
}

/// A need of this shot as the take asks for it; nothing where the take changes nothing.
fn other(shot: &Id, need: &Need, view: View, take: u32) -> Result<Option<Need>, AdaptError> {
    let (spec, view) = match &need.spec {
        NeedSpec::Background(spec) => (NeedSpec::Background(spec.clone()), Some(view)),
        NeedSpec::Insert(spec) => (NeedSpec::Insert(spec.clone()), Some(view)),
        NeedSpec::Figure(spec) => {
            let figure = FigureSpec { take: taken(shot, spec, take), ..(**spec).clone() };
            // A face that fills the frame is taken nearer or farther by itself: what is behind it moves alone.
            (NeedSpec::Figure(Box::new(figure)), Some(view).filter(|_| spec.framing != Framing::Close))
        }
        NeedSpec::Card(card) if card.card == CardKind::Location => {
            let Some(over) = &card.over else { return Ok(None) };
            let figures = over.figures.iter().map(|f| FigureSpec { take: taken(shot, f, take), ..f.clone() }).collect();
            let mut card = card.clone();
            card.over = Some(Box::new(Over { framing: over.framing, figures, view: Some(view) }));
            (NeedSpec::Card(card), None)
        }
        NeedSpec::Card(_) | NeedSpec::Voice(_) | NeedSpec::Music(_) | NeedSpec::Sound(_) => return Ok(None),
    };
    let seen: Vec<View> = view.into_iter().collect();
    let hash = Hash::of(&canonical_bytes(&(&spec, &seen))?);
    let name = need.id.as_str().rsplit_once('-').map_or(need.id.as_str(), |(name, _)| name);
    let id = Id::new(format!("{name}-{}", hash.short()))?;
    Ok(Some(Need { id, used_by: vec![shot.clone()], view, spec, ..need.clone() }))
}

/// From where a take sees its shot: one of three ways in turn, from the one side and from the other. Heads stay in the frame, and
/// where feet are left out the knees are in it.
fn view(shot: &Id, picture: &Picture, place: Option<PlaceFamily>, take: u32) -> View {
    let mut seed = Seed::of(&["take", shot.as_str(), &take.to_string()]);
    let first = Seed::of(&["take", shot.as_str()]).below(6);
    let n = u64::from(take) + first;
    // People in the open are small, and stand low in it.
    let open = !place.is_some_and(|f| indoors(f) || f == PlaceFamily::Vehicle);
    // How near, and where between its upper and its lower edge the picture lies.
    let ways: [(i64, i64); 3] = match picture.framing {
        Framing::Wide if picture.figures.is_empty() => [(1_180, -400), (1_420, 300), (1_280, -100)],
        Framing::Wide if open => [(1_160, 700), (1_400, 900), (1_260, 800)],
        Framing::Wide | Framing::Full => [(1_090, 700), (1_310, -150), (1_170, 850)],
        Framing::MediumTwo => [(1_090, -700), (1_250, -800), (1_160, -600)],
        Framing::OverShoulder => [(1_070, -500), (1_230, -600), (1_130, -500)],
        Framing::Medium => [(1_060, -700), (1_200, -850), (1_120, -750)],
        Framing::Close => [(1_150, -300), (1_400, 300), (1_260, 0)],
        Framing::Insert => [(1_060, 300), (1_210, -250), (1_130, 400)],
    };
    let (nearer, lower) = ways[(n % 3) as usize];
    // Over a shoulder the viewer stays on the shoulder's side, and only leans.
    let shoulder = picture.figures.iter().find(|f| f.facing == Facing::Away).filter(|_| picture.framing == Framing::OverShoulder);
    let (left, aside) = match shoulder {
        Some(figure) => (figure.slot != Slot::Right, seed.between(500, 850)),
        None => (n.is_multiple_of(2), seed.between(380, 620)),
    };
    let aside = if left { -aside } else { aside };
    // Half of what nearness leaves beside the picture, and a little of what is painted beyond it, is gone round.
    let room = ((nearer - 1_000) / 2 * (1_000 - aside.abs()) / 1_000 + 18).min(80);
    let around = seed.between(room * 2 / 3, room) * if n.is_multiple_of(2) { 1 } else { -1 };
    View { nearer: nearer as u16, aside: aside as i16, lower: (lower + seed.between(-60, 60)) as i16, around: around as i16 }
}

/// How a take shows a person: turned, bent and near in another way. Face, gesture and whom they look at stay: they mean
/// something.
fn taken(shot: &Id, spec: &FigureSpec, take: u32) -> Take {
    let n = u64::from(take) + Seed::of(&["taken", shot.as_str(), spec.character_id.as_str()]).below(3);
    let at = |row: &[i16]| row[(n % row.len() as u64) as usize];
    let was = spec.take;
    // Somebody who speaks is not seen from the side: their mouth is.
    let turns: &[Turn] = match (spec.framing, was.turn) {
        (Framing::Close, Turn::ThreeQuarter) if spec.speaks => &[Turn::Slight, Turn::ThreeQuarter],
        (Framing::Close, Turn::ThreeQuarter) => &[Turn::Slight, Turn::Profile],
        (Framing::Close | Framing::Medium, Turn::Slight) => &[Turn::ThreeQuarter],
        (Framing::Close, Turn::Profile) => &[Turn::ThreeQuarter, Turn::Slight],
        (Framing::MediumTwo, Turn::Profile) => &[Turn::ThreeQuarter],
        (Framing::MediumTwo, Turn::ThreeQuarter) if !spec.speaks => &[Turn::Profile, Turn::ThreeQuarter],
        _ => &[],
    };
    let turn = if turns.is_empty() { was.turn } else { turns[(n % turns.len() as u64) as usize] };
    let bent = match spec.framing {
        Framing::Close => at(&[60, -55, 95]),
        Framing::Medium | Framing::MediumTwo => at(&[45, -40, 70]),
        Framing::OverShoulder if spec.facing != Facing::Away => at(&[35, -35, 55]),
        Framing::Full if !matches!(spec.pose, Pose::Walk | Pose::Run | Pose::Embrace) => at(&[60, -45, 30]),
        _ => 0,
    };
    let nearer = match spec.framing {
        Framing::Close => at(&[150, -170, 80]),
        Framing::Medium => at(&[70, -50, 110]),
        _ => 0,
    };
    Take { turn, gaze: was.gaze, nearer: (was.nearer + nearer).clamp(-220, 300), tilt: (was.tilt + bent).clamp(-80, 110) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_takes_that_follow_each_other_look_from_elsewhere_and_keep_the_frame_full() {
        let framings =
            [Framing::Wide, Framing::Full, Framing::MediumTwo, Framing::OverShoulder, Framing::Medium, Framing::Close, Framing::Insert];
        for framing in framings {
            let picture = Picture {
                location_id: Id::slug("landing"),
                time_of_day: contracts::story::TimeOfDay::Day,
                weather: contracts::story::Weather::Clear,
                mood: contracts::story::Mood::Calm,
                framing,
                toward: Facing::Front,
                figures: Vec::new(),
                props: Vec::new(),
                description: String::new(),
                library_id: None,
            };
            let shot = Id::slug("sc01-b01-s1");
            let all: Vec<View> = (1..=99).map(|n| view(&shot, &picture, Some(PlaceFamily::Coast), n)).collect();
            assert_eq!(all, (1..=99).map(|n| view(&shot, &picture, Some(PlaceFamily::Coast), n)).collect::<Vec<_>>());
            for pair in all.windows(2) {
                assert!(pair[0].nearer.abs_diff(pair[1].nearer) > 40, "{framing:?} {pair:?}");
                assert!(i32::from(pair[0].aside) * i32::from(pair[1].aside) < 0, "from the other side: {framing:?} {pair:?}");
            }
            for v in all {
                // What the far planes slide is painted: within what nearness leaves, and a quarter of the overscan.
                let room = f64::from(v.nearer - 1_000) / 2.0 * (1.0 - f64::from(v.aside.abs()) / 1_000.0) + 20.0;
                assert!(f64::from(v.around.abs()) <= room && v.lower.abs() <= 1_000, "{framing:?} {v:?}");
            }
        }
    }
}
