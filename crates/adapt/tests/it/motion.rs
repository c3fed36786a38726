//! What moves by itself, and places that are named: from the assets into the plan.

use contracts::{
    assets::{Cycle, Key, Plane, Track, TrackProperty},
    picture::{CardKind, CardSpec},
    render::{PlannedShot, RenderPlan},
    shots::{Easing, Movement},
};

use super::*;

/// A plan over assets whose planes a function changes, need by need.
fn planned(told: &Told, list: &ShotList, manifest: &AssetManifest, change: impl Fn(&NeedSpec, &mut Plane)) -> RenderPlan {
    let mut assets = resolved(manifest);
    for need in &manifest.needs {
        if let Some(Media::Picture { planes, .. }) = assets.assets.get_mut(&need.id).map(|a| &mut a.media) {
            planes.iter_mut().for_each(|plane| change(&need.spec, plane));
        }
    }
    let profile = Profile::preview_local().expect("a profile");
    render_plan(&told.story(), list, manifest, &assets, &profile).expect("plans")
}

fn places(plan: &RenderPlan) -> impl Iterator<Item = (&PlannedShot, &Plane)> {
    plan.shots.iter().flat_map(|s| s.planes.iter().filter(|p| p.name.starts_with("place:")).map(move |p| (s, p)))
}

#[test]
fn tracks_reach_the_plan_and_cycles_become_cues_on_whole_frames() {
    let told = Told::lighthouse();
    let (list, manifest) = needs(&told);
    let track = Track {
        property: TrackProperty::Y,
        keys: vec![Key { at_ms: 0, value: 0 }, Key { at_ms: 1_000, value: 8_000 }],
        easing: Easing::Linear,
        repeat: true,
    };
    let cycle = Cycle {
        group: "cloth".into(),
        states: vec!["eyes:closed".into(), "mouth:open".into(), "no such state".into()],
        frame_ms: 250,
        phase: 100,
    };
    let plan = planned(&told, &list, &manifest, |need, plane| {
        if matches!(need, NeedSpec::Background(_)) {
            (plane.tracks, plane.cycles) = (vec![track.clone()], vec![cycle.clone()]);
        }
    });
    let mut shots = 0;
    for (shot, plane) in places(&plan) {
        shots += 1;
        assert_eq!(plane.tracks, std::slice::from_ref(&track), "{}", shot.shot_id);
        assert!(!shot.still, "{}: something moves in it", shot.shot_id);
        let cues: Vec<_> = shot.sprites.iter().filter(|c| c.group == "cloth" && c.plane == plane.name).collect();
        // 24 frames a second: the first state for 150 ms, then each for 250.
        let wanted = [(0, "eyes:closed"), (4, "mouth:open"), (10, ""), (16, "eyes:closed"), (22, "mouth:open")];
        for (cue, wanted) in cues.iter().zip(wanted) {
            assert_eq!((cue.frame, cue.state.as_str()), wanted, "{}", shot.shot_id);
        }
        assert!(cues.windows(2).all(|c| c[0].frame < c[1].frame) && cues.iter().all(|c| c.frame < shot.frames), "{}", shot.shot_id);
        assert!(cues.len() as u64 >= shot.frames / 6 - 1, "{}: {} cues", shot.shot_id, cues.len());
    }
    assert!(shots >= 10, "{shots} shots show a place");
}

#[test]
fn a_shot_is_still_only_when_nothing_in_it_moves() {
    let told = Told::lighthouse();
    let (mut list, mut manifest) = needs(&told);
    list.shots.iter_mut().for_each(|s| s.movement = Movement::new(MoveKind::Hold, 0));
    manifest.needs.retain(|n| !matches!(&n.spec, NeedSpec::Card(CardSpec { card: CardKind::Location, .. })));
    let faceless = |_: &NeedSpec, plane: &mut Plane| plane.states.clear();
    let plan = planned(&told, &list, &manifest, faceless);
    assert!(plan.shots.iter().all(|s| s.still));
    // A track that says the same all along is no motion; one that says two things is.
    for (value, still) in [(1000, true), (400, false)] {
        let plan = planned(&told, &list, &manifest, |need, plane| {
            faceless(need, plane);
            let keys = vec![Key { at_ms: 0, value: 1000 }, Key { at_ms: 900, value }];
            plane.tracks = vec![Track { property: TrackProperty::Opacity, keys, easing: Easing::Linear, repeat: true }];
        });
        assert!(plan.shots.iter().all(|s| s.still == still), "{value}");
    }
}

/// The shots over which a place is named, with what is written.
fn strips(told: &Told) -> Vec<(Id, Vec<String>, Vec<String>)> {
    let (list, manifest) = needs(told);
    let at = |shot: &Id| list.shots.iter().position(|s| &s.id == shot);
    let mut all: Vec<_> = manifest
        .needs
        .iter()
        .filter_map(|need| match &need.spec {
            NeedSpec::Card(card) if card.card == CardKind::Location => Some((need, card)),
            _ => None,
        })
        .flat_map(|(need, card)| need.used_by.iter().map(|shot| (shot.clone(), card.text.clone(), card.small.clone())))
        .collect();
    all.sort_by_key(|(shot, ..)| at(shot));
    all
}

#[test]
fn a_place_is_named_where_a_scene_opens_in_it_and_takes_no_time() {
    let told = Told::lighthouse();
    let list = told.shots();
    let strips = strips(&told);
    assert!(strips.len() >= 3, "{strips:?}");
    let mut places = Vec::new();
    for (id, text, small) in &strips {
        let shot = list.shots.iter().find(|s| &s.id == id).expect("a shot");
        let ShotContent::Picture(picture) = &shot.content else { panic!("{id}: a card over a card") };
        // The first or second picture of its scene, wide enough and long enough.
        let before = list.shots.iter().filter(|s| s.scene_id == shot.scene_id && s.start_frame < shot.start_frame);
        assert!(before.filter(|s| matches!(s.content, ShotContent::Picture(_))).count() < 2, "{id}");
        assert!(!matches!(picture.framing, Framing::Insert | Framing::Close), "{id}");
        assert!(list.edit_rate.ms(shot.frames) >= 1_700, "{id}");
        assert_eq!((text.len(), small.len()), (1, 1), "{id}");
        assert!(!text[0].starts_with("the "), "{text:?}");
        assert!(!places.contains(&(&picture.location_id, picture.time_of_day)), "{id}: named twice at one hour");
        places.push((&picture.location_id, picture.time_of_day));
    }
    // In another language the words for the hour are not known: the place stands alone.
    let mut german = Told::lighthouse();
    german.project.language = "de".into();
    assert!(self::strips(&german).iter().all(|(_, text, small)| text.len() == 1 && small.is_empty()));
    // A film without voices keeps the cards it has.
    let mut silent = Told::lighthouse();
    silent.read.voiced = false;
    assert!(self::strips(&silent).is_empty());
    // Nothing was timed for it.
    assert!(list.shots.iter().all(|s| !matches!(&s.content, ShotContent::Card(c) if c.card == CardKind::Location)));
}

#[test]
fn a_places_name_comes_after_the_transition_goes_before_the_cut_and_stands_still() {
    let told = Told::lighthouse();
    let (list, manifest) = needs(&told);
    let plan = planned(&told, &list, &manifest, |_, _| {});
    let mut seen = 0;
    for shot in &plan.shots {
        let length = list.edit_rate.ms(shot.frames) as u32;
        for plane in shot.planes.iter().filter(|p| p.tracks.iter().any(|t| t.property == TrackProperty::Opacity)) {
            seen += 1;
            assert!(plane.name.starts_with("card:") && plane.parallax == 0, "{}: {}", shot.shot_id, plane.name);
            let opacity = plane.tracks.iter().find(|t| t.property == TrackProperty::Opacity).expect("opacity");
            let keys: Vec<(u32, i32)> = opacity.keys.iter().map(|k| (k.at_ms, k.value)).collect();
            let [(from, 0), (full, 1000), (fading, 1000), (gone, 0)] = keys[..] else { panic!("{keys:?}") };
            assert!(from >= list.edit_rate.ms(shot.transition.frames()) as u32 && from < full && full < fading && fading < gone);
            assert!(gone < length && fading - full >= 500, "{}: {keys:?} of {length} ms", shot.shot_id);
            for track in &plane.tracks {
                assert!(!track.repeat && track.keys.windows(2).all(|k| k[0].at_ms < k[1].at_ms), "{track:?}");
            }
        }
    }
    assert_eq!(seen, strips(&told).len());
}
