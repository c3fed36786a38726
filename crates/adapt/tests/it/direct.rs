//! What the director decides: who looks where, how a face is taken, who holds a thing, who embraces.

use std::collections::BTreeMap;

use contracts::{
    Id,
    picture::{Facing, Framing, Pose, Slot, Take, Turn},
    project::Aspect,
    shots::{ShotContent, ShotList},
};

use super::Told;

fn pictures(list: &ShotList) -> Vec<(&contracts::shots::Shot, &contracts::shots::Picture)> {
    list.shots
        .iter()
        .filter_map(|s| match &s.content {
            ShotContent::Picture(p) => Some((s, p)),
            ShotContent::Card(_) => None,
        })
        .collect()
}

/// The 180° rule for singles: in a scene of two, everybody looks to one side in every shot, and the two look at each other.
#[test]
fn everybody_looks_to_the_side_of_whom_they_talk_to() {
    for aspect in [Aspect::Wide, Aspect::Tall, Aspect::Square] {
        let mut told = Told::lighthouse();
        told.project.aspect = aspect;
        let list = told.shots();
        let mut pairs = 0;
        for scene in &told.script.scenes {
            let mut sides: BTreeMap<Id, Facing> = BTreeMap::new();
            for (shot, picture) in pictures(&list).into_iter().filter(|(s, _)| s.scene_id.as_ref() == Some(&scene.id)) {
                for figure in picture.figures.iter().filter(|f| f.facing != Facing::Away) {
                    let before = *sides.entry(figure.character_id.clone()).or_insert(figure.facing);
                    assert_eq!(before, figure.facing, "{aspect:?} {}: {} looks the other way", shot.id, figure.character_id);
                    // Whoever is alone in the frame stands on the side they look away from.
                    if picture.figures.len() == 1 {
                        assert_eq!(figure.slot == Slot::Left, figure.facing == Facing::Right, "{}", shot.id);
                    }
                }
            }
            if let [one, other] = sides.values().collect::<Vec<_>>()[..] {
                assert_ne!(one, other, "{}: they look past one another", scene.id);
                pairs += 1;
            }
        }
        assert!(pairs > 0, "{aspect:?}: the fixture has no scene of two");
    }
}

/// A close-up is never taken twice running as it was, and two that answer each other are of one size.
#[test]
fn close_ups_vary_within_a_scene() {
    let told = Told::lighthouse();
    let list = told.shots();
    let (mut takes, mut closes) = (std::collections::BTreeSet::new(), 0);
    for scene in &told.script.scenes {
        let mut last: BTreeMap<Id, Take> = BTreeMap::new();
        for (shot, picture) in pictures(&list).into_iter().filter(|(s, _)| s.scene_id.as_ref() == Some(&scene.id)) {
            if picture.framing != Framing::Close {
                continue;
            }
            for figure in &picture.figures {
                if let Some(before) = last.insert(figure.character_id.clone(), figure.take) {
                    assert_ne!(before, figure.take, "{}: the same close-up again", shot.id);
                }
                takes.insert(figure.take);
                closes += 1;
                assert!((-300..=400).contains(&figure.take.nearer) && figure.take.tilt.abs() <= 120, "{:?}", figure.take);
                // Whoever speaks is never seen from the side only.
                assert!(!figure.speaks || figure.take.turn != Turn::Profile, "{}", shot.id);
            }
        }
    }
    assert!(closes >= 5 && takes.len() * 2 > closes, "{closes} close-ups, {} takes", takes.len());
    assert_eq!(list, told.shots(), "a shot is directed the same way every time");
}

/// No cut from people to the same people at the same size: it would be a jump. Two beside each other are no habit: in a scene
/// of two the two-shot opens it, or shows what both do.
#[test]
fn no_picture_repeats_the_one_before_it_and_two_shots_are_few() {
    for aspect in [Aspect::Wide, Aspect::Tall, Aspect::Square] {
        for talkers in [1, 2] {
            let mut told = Told::lighthouse();
            told.project.aspect = aspect;
            if talkers == 2 {
                // Longer scenes of two, as stories of every genre have them.
                for scene in told.script.scenes.iter_mut().filter(|s| s.present.len() >= 2) {
                    let more: Vec<_> = scene.beats.iter().skip(1).cloned().collect();
                    for (n, mut beat) in more.into_iter().enumerate() {
                        beat.id = Id::slug(&format!("{}-x{n}", scene.id));
                        beat.action = None;
                        if n % 3 == 0 {
                            beat.lines.clear();
                        }
                        for (k, line) in beat.lines.iter_mut().enumerate() {
                            line.emotion.level = 1;
                            let read = told.read.lines.iter().find(|r| r.line_id == line.id).cloned();
                            line.id = Id::slug(&format!("{}-l{k}", beat.id));
                            told.read.lines.extend(read.map(|r| contracts::table_read::ReadLine { line_id: line.id.clone(), ..r }));
                        }
                        scene.beats.push(beat);
                    }
                }
            }
            let list = told.shots();
            let (mut cuts, mut twos, mut people) = (0, 0, 0);
            for scene in &told.script.scenes {
                let mut before: Option<(Framing, Vec<&Id>)> = None;
                for (shot, picture) in pictures(&list).into_iter().filter(|(s, _)| s.scene_id.as_ref() == Some(&scene.id)) {
                    let now = (picture.framing, picture.figures.iter().map(|f| &f.character_id).collect::<Vec<_>>());
                    let bare = now.1.is_empty();
                    assert!(bare || before.as_ref() != Some(&now), "{aspect:?} {}: {now:?} again", shot.id);
                    cuts += usize::from(before.is_some());
                    twos += usize::from(now.0 == Framing::MediumTwo);
                    people += usize::from(!bare);
                    before = Some(now);
                }
            }
            assert!(cuts > 8, "{cuts} cuts");
            assert!(twos * 4 <= people, "{aspect:?}: {twos} of {people} pictures of people are two-shots");
        }
    }
}

/// In a silence after a line one sees who listened to it.
#[test]
fn a_silence_is_the_listeners() {
    let mut told = Told::lighthouse();
    let scene = told.script.scenes.iter_mut().find(|s| s.present.len() == 2 && s.beats.len() > 3).expect("a scene of two");
    let (spoke, present) = (scene.beats[2].lines.last().expect("a line").speaker_id.clone(), scene.present.clone());
    let silent = &mut scene.beats[3];
    silent.lines.clear();
    silent.action = None;
    silent.sounds = vec![Id::slug("bell")];
    let beat = silent.id.clone();
    let list = told.shots();
    let (_, picture) = pictures(&list).into_iter().find(|(s, _)| s.beat_id.as_ref() == Some(&beat)).expect("a shot");
    let listener = present.iter().find(|id| **id != spoke).expect("somebody who listens");
    assert_eq!(picture.figures.iter().map(|f| &f.character_id).collect::<Vec<_>>(), [listener], "{picture:?}");
    assert!(matches!(picture.framing, Framing::Close | Framing::Medium));
}

/// A thing is in one hand.
#[test]
fn one_thing_is_held_by_one_person() {
    let mut told = Told::lighthouse();
    for scene in &mut told.script.scenes {
        let present = scene.present.clone();
        for beat in &mut scene.beats {
            if let Some(action) = beat.action.as_mut().filter(|a| !a.props.is_empty()) {
                (action.verb, action.who) = (Id::slug("hold"), present.clone());
            }
        }
    }
    let list = told.shots();
    let mut held = 0;
    for (shot, picture) in pictures(&list) {
        let hands: Vec<&Id> = picture.figures.iter().filter_map(|f| f.holding.as_ref()).collect();
        assert!(hands.len() <= 1, "{}: {hands:?}", shot.id);
        held += hands.len();
        for figure in &picture.figures {
            assert_eq!(figure.holding.is_some(), figure.pose == Pose::Hold, "{}: {figure:?}", shot.id);
        }
    }
    assert!(held > 0, "nobody holds anything");
}

#[test]
fn two_embrace_in_one_picture_and_run_where_they_are_seen_whole() {
    for (verb, pose) in [("embrace", Pose::Embrace), ("run", Pose::Run), ("kneel", Pose::Kneel), ("walk", Pose::Walk)] {
        let mut told = Told::lighthouse();
        for action in told.script.scenes.iter_mut().flat_map(|s| &mut s.beats).filter_map(|b| b.action.as_mut()) {
            action.verb = Id::slug(verb);
        }
        let list = told.shots();
        let mut seen = 0;
        for (shot, picture) in pictures(&list) {
            let n = picture.figures.iter().filter(|f| f.pose == pose).count();
            let whole = matches!(picture.framing, Framing::Wide | Framing::Full);
            match pose {
                Pose::Embrace => assert!(n == 0 || (n == 2 && picture.figures.len() == 2), "{}: {n} embrace", shot.id),
                _ => assert!(n == 0 || whole, "{}: {pose:?} where no legs are seen", shot.id),
            }
            seen += n;
        }
        assert!(seen > 0, "nobody does {verb}");
    }
}
