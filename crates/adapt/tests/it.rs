//! Adapt over a stored story: timing, ids, needs and plans.

#[path = "it/motion.rs"]
mod motion;

use std::collections::BTreeMap;

use adapt::{AdaptError, MAX_SHOT_MS, Profile, Story, manifest, render_plan, shot_list};
use contracts::{
    Document, EditRate, Hash, Id,
    assets::{AssetManifest, AssetSource, Media, NeedSpec, Plane, ResolvedAsset, ResolvedAssets, Rights},
    canon::{Canon, PlaceFamily},
    notes::Notes,
    picture::{Facing, Framing, Slot},
    project::{Aspect, Project},
    read,
    shots::{MoveKind, ShotContent, ShotList, Transition},
    story::{BeatFn, Cast, Part, Script},
    table_read::{Mouth, MouthMark, TableRead},
};

#[path = "it/any.rs"]
mod any;
#[path = "it/direct.rs"]
mod direct;

fn stored<T: Document>(name: &str) -> T {
    let path = format!("{}/../../tests/fixtures/lighthouse/{name}.json", env!("CARGO_MANIFEST_DIR"));
    read(&std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"))).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The documents of a told episode, owned, so that a test can change them.
struct Told {
    project: Project,
    canon: Canon,
    cast: Cast,
    script: Script,
    notes: Notes,
    read: TableRead,
}

impl Told {
    fn lighthouse() -> Self {
        Self {
            project: stored("Project"),
            canon: stored("Canon"),
            cast: stored("Cast"),
            script: stored("Script"),
            notes: Notes::none(Id::slug("lighthouse"), 1),
            read: stored("TableRead"),
        }
    }

    fn story(&self) -> Story<'_> {
        Story { project: &self.project, canon: &self.canon, cast: &self.cast, script: &self.script, notes: &self.notes, read: &self.read }
    }

    fn shots(&self) -> ShotList {
        shot_list(&self.story()).expect("adapts")
    }
}

/// What holds for every shot list.
fn sound(told: &Told, list: &ShotList) {
    assert!(list.lock_holds());
    let mut at = 0;
    for shot in &list.shots {
        assert_eq!(shot.start_frame, at, "{}", shot.id);
        assert!(shot.frames > 0 && list.edit_rate.ms(shot.frames) <= MAX_SHOT_MS, "{}: {} frames", shot.id, shot.frames);
        if let Transition::Dissolve { frames } = shot.transition {
            assert!(frames < shot.frames, "{}", shot.id);
        }
        at += shot.frames;
    }
    assert_eq!(at, list.total_frames);
    let mut ids: Vec<&Id> = list.shots.iter().map(|s| &s.id).collect();
    ids.sort();
    assert!(ids.windows(2).all(|w| w[0] != w[1]), "an id twice");
    assert_eq!(list.lines.len(), told.read.lines.len());
    let film = list.edit_rate.samples_at(list.total_frames);
    let mut end = 0;
    for (cue, (_, _, line)) in list.lines.iter().zip(told.script.lines()) {
        assert_eq!(cue.line_id, line.id);
        assert!(cue.start >= end, "{} overlaps the line before it", cue.line_id);
        end = cue.start + cue.samples;
        assert!(end <= film);
    }
    assert!(list.sounds.iter().all(|s| s.start + s.samples <= film && !s.sound.ends_with("_stop")));
}

#[test]
fn every_rate_gives_whole_frames_around_whole_lines() {
    for rate in ["24/1", "25/1", "30/1", "30000/1001"] {
        let mut told = Told::lighthouse();
        told.project.edit_rate = EditRate::try_from(rate.to_owned()).expect("a rate");
        let list = told.shots();
        sound(&told, &list);
        // Every shot starts on its own first sample: sound and picture never drift apart, however long the film is.
        for shot in &list.shots {
            let start = list.edit_rate.samples_at(shot.start_frame);
            assert_eq!(list.edit_rate.frame_at(start), shot.start_frame, "{rate} {}", shot.id);
        }
        for cue in &list.lines {
            let shot = list.shots.iter().find(|s| s.id == cue.shot_id).expect("its shot");
            let frame = list.edit_rate.frame_at(cue.start);
            assert!((shot.start_frame..shot.start_frame + shot.frames).contains(&frame), "{rate} {}", cue.line_id);
        }
    }
}

#[test]
fn a_narrow_frame_is_directed_anew_in_the_same_time() {
    let shots = |aspect| {
        let mut told = Told::lighthouse();
        told.project.aspect = aspect;
        told.shots()
    };
    let (wide, tall, square) = (shots(Aspect::Wide), shots(Aspect::Tall), shots(Aspect::Square));
    assert!(wide.timing_lock == tall.timing_lock && wide.timing_lock == square.timing_lock, "a shape changes no length");
    let pictures = |list: &ShotList| {
        let all = list.shots.iter().filter_map(|s| match &s.content {
            ShotContent::Picture(p) => Some((s.movement.kind, p.clone())),
            ShotContent::Card(_) => None,
        });
        all.collect::<Vec<_>>()
    };
    let pans = |list: &ShotList| {
        pictures(list).iter().filter(|(m, p)| matches!(m, MoveKind::PanLeft | MoveKind::PanRight) && p.framing != Framing::Insert).count()
    };
    assert!(pans(&wide) > 0 && pans(&tall) == 0, "{} pans wide, {} tall", pans(&wide), pans(&tall));
    assert!(pictures(&tall).iter().any(|(m, _)| matches!(m, MoveKind::TiltUp | MoveKind::TiltDown)));
    let count = |list: &ShotList, framing| pictures(list).iter().filter(|(_, p)| p.framing == framing).count();
    for list in [&wide, &tall, &square] {
        assert!(count(list, Framing::OverShoulder) > 0, "nobody is seen past a shoulder");
        assert!(count(list, Framing::MediumTwo) <= count(&wide, Framing::MediumTwo));
        for (_, picture) in pictures(list).iter().filter(|(_, p)| p.framing == Framing::OverShoulder) {
            let away: Vec<bool> = picture.figures.iter().map(|f| f.facing == Facing::Away).collect();
            assert!(away.len() == 2 && away[0] != away[1], "{picture:?}");
            let face = picture.figures.iter().find(|f| f.facing != Facing::Away).expect("a face");
            assert!(face.speaks && face.facing == picture.toward, "{picture:?}");
        }
    }
}

#[test]
fn a_third_person_is_seen_and_nobody_changes_sides_within_a_scene() {
    for aspect in [Aspect::Wide, Aspect::Tall, Aspect::Square] {
        let mut told = Told::lighthouse();
        told.project.aspect = aspect;
        // Somebody else comes along wherever two people talk, and says the second line of it.
        let mut third = told.cast.members.iter().find(|m| m.look.is_some() && m.part != Part::Lead).expect("an answer").clone();
        third.id = Id::slug("a-third");
        let seen: Vec<Id> = told.cast.members.iter().filter(|m| m.look.is_some()).map(|m| m.id.clone()).collect();
        told.cast.members.push(third);
        let mut scenes = Vec::new();
        for scene in told.script.scenes.iter_mut().filter(|s| seen.iter().filter(|id| s.present.contains(id)).count() == 2) {
            scene.present.push(Id::slug("a-third"));
            scenes.push(scene.id.clone());
            let lines = scene.beats.iter_mut().flat_map(|b| b.lines.iter_mut());
            lines.skip(2).take(1).for_each(|line| line.speaker_id = Id::slug("a-third"));
        }
        assert!(!scenes.is_empty(), "the fixture has no scene of two");
        let list = told.shots();
        for scene in &scenes {
            // Left to right, as pairs: whoever stood left of somebody stays there.
            let mut order: Vec<(Id, Id)> = Vec::new();
            let (mut three, mut spoke) = (false, false);
            for shot in list.shots.iter().filter(|s| s.scene_id.as_ref() == Some(scene)) {
                let ShotContent::Picture(picture) = &shot.content else { continue };
                let mut row: Vec<(Slot, &Id)> = picture.figures.iter().map(|f| (f.slot, &f.character_id)).collect();
                let across = |slot: Slot| match slot {
                    Slot::Left => 0,
                    Slot::Centre => 1,
                    Slot::Right => 2,
                };
                row.sort_by_key(|(slot, _)| across(*slot));
                assert!(row.windows(2).all(|w| w[0].0 != w[1].0), "{}: two people in one place", shot.id);
                three |= row.len() == 3;
                for (i, (_, left)) in row.iter().enumerate() {
                    for (_, right) in &row[i + 1..] {
                        assert!(!order.contains(&((*right).clone(), (*left).clone())), "{}: {left} and {right} changed sides", shot.id);
                        order.push(((*left).clone(), (*right).clone()));
                    }
                }
                let talks = list.lines.iter().find(|l| l.shot_id == shot.id).map(|l| &l.speaker_id);
                if let Some(who) = talks.filter(|_| picture.framing != Framing::Insert && shot.function != Some(BeatFn::LastImage)) {
                    assert!(picture.figures.iter().any(|f| &f.character_id == who && f.speaks && f.facing != Facing::Away), "{}", shot.id);
                    spoke |= who.as_str() == "a-third";
                }
            }
            assert!(three, "{aspect:?} {scene}: the third is never seen with the others");
            assert!(spoke, "{aspect:?} {scene}: the third is not seen when they speak");
        }
    }
}

#[test]
fn the_lock_is_stable_and_breaks_when_a_length_is_touched() {
    let told = Told::lighthouse();
    let (a, b) = (told.shots(), told.shots());
    assert_eq!(a.timing_lock, b.timing_lock);
    let mut touched = a.clone();
    touched.shots[3].frames += 1;
    assert!(!touched.lock_holds());
    let mut slower = Told::lighthouse();
    slower.read.lines[0].samples += 48_000;
    assert_ne!(slower.shots().timing_lock, a.timing_lock);
}

#[test]
fn an_inserted_beat_renames_no_other_shot() {
    let told = Told::lighthouse();
    let before: Vec<Id> = told.shots().shots.into_iter().map(|s| s.id).collect();
    let mut longer = Told::lighthouse();
    let scene = &mut longer.script.scenes[1];
    let mut beat = scene.beats[0].clone();
    beat.id = Id::new("sc02-b01a").expect("an id");
    beat.lines.clear();
    scene.beats.insert(1, beat);
    let after: Vec<Id> = longer.shots().shots.into_iter().map(|s| s.id).collect();
    let kept: Vec<Id> = after.iter().filter(|id| !id.starts_with("sc02-b01a")).cloned().collect();
    assert_eq!(kept, before);
    assert_eq!(after.len(), before.len() + 1);
}

#[test]
fn a_beat_longer_than_a_shot_may_be_is_cut_and_its_line_runs_over_the_cut() {
    let mut told = Told::lighthouse();
    let line = told.read.lines[4].line_id.clone();
    told.read.lines[4].samples = 48_000 * 21;
    let list = told.shots();
    sound(&told, &list);
    let beat = told.script.lines().find(|(_, _, l)| l.id == line).map(|(_, b, _)| b.id.clone()).expect("its beat");
    let parts: Vec<&str> = list.shots.iter().filter(|s| s.beat_id.as_ref() == Some(&beat)).map(|s| s.id.as_str()).collect();
    assert_eq!(parts, [1, 2, 3].map(|n| format!("{beat}-s{n}")));
    assert_eq!(list.lines.iter().filter(|l| l.line_id == line).count(), 1, "spoken once");
}

#[test]
fn a_silent_film_has_an_intertitle_for_each_line() {
    let mut told = Told::lighthouse();
    told.read.voiced = false;
    let list = told.shots();
    sound(&told, &list);
    let cards =
        list.shots.iter().filter(|s| matches!(&s.content, ShotContent::Card(c) if c.card == contracts::picture::CardKind::Intertitle));
    let texts: Vec<&str> = cards
        .flat_map(|s| if let ShotContent::Card(c) = &s.content { c.text.iter().map(String::as_str).collect() } else { vec![] })
        .collect();
    assert_eq!(texts, told.script.lines().map(|(_, _, l)| l.text.as_str()).collect::<Vec<_>>());
}

#[test]
fn a_place_that_is_not_in_the_canon_is_named() {
    let mut told = Told::lighthouse();
    told.canon.locations.retain(|l| l.id != told.script.scenes[0].location_id);
    let error = shot_list(&told.story()).expect_err("is refused");
    assert!(matches!(&error, AdaptError::Unknown { what: "location", .. }) && error.to_string().contains("sc01"), "{error}");
}

fn needs(told: &Told) -> (ShotList, AssetManifest) {
    let list = told.shots();
    let manifest = manifest(&told.story(), &list, 720).expect("has needs");
    (list, manifest)
}

#[test]
fn needs_are_named_by_content_shared_and_name_no_one_who_could_meet_them() {
    let told = Told::lighthouse();
    let (list, manifest) = needs(&told);
    let (bytes, _) = manifest.seal().expect("seals");
    read::<AssetManifest>(&bytes).expect("no forbidden key");
    let mut ids: Vec<&Id> = manifest.needs.iter().map(|n| &n.id).collect();
    ids.sort();
    assert!(ids.windows(2).all(|w| w[0] != w[1]));
    for shot in &list.shots {
        assert!(
            manifest
                .needs
                .iter()
                .any(|n| n.used_by.contains(&shot.id) && !matches!(n.spec, NeedSpec::Voice(_) | NeedSpec::Sound(_) | NeedSpec::Music(_))),
            "{} shows nothing",
            shot.id
        );
    }
    let backgrounds = manifest.needs.iter().filter(|n| matches!(n.spec, NeedSpec::Background(_)));
    assert!(backgrounds.clone().any(|n| n.used_by.len() > 1), "no two shots share a picture");
    // A change of one line's words changes no picture.
    let mut other = Told::lighthouse();
    other.read.lines[0].text.push('!');
    let pictures =
        |m: &AssetManifest| m.needs.iter().filter(|n| !matches!(n.spec, NeedSpec::Voice(_))).map(|n| n.id.clone()).collect::<Vec<_>>();
    assert_eq!(pictures(&needs(&other).1), pictures(&manifest));
}

/// Every need met with one plane, figures with the states a face needs.
#[test]
fn a_thing_the_shot_names_is_there_in_a_two_shot_and_what_is_held_is_not_there_twice() {
    let told = Told::lighthouse();
    let book = told.canon.props.iter().find(|p| p.shape.as_str() == "book").expect("the fixture has a book").id.clone();
    let there = |framing: Framing, held: bool| -> bool {
        let mut list = told.shots();
        let mut chosen = None;
        for shot in &mut list.shots {
            if let ShotContent::Picture(picture) = &mut shot.content
                && !picture.figures.is_empty()
                && picture.framing != Framing::Insert
                && chosen.is_none()
            {
                picture.framing = framing;
                picture.props = vec![book.clone()];
                picture.figures[0].holding = held.then(|| book.clone());
                chosen = Some(shot.id.clone());
            }
        }
        let chosen = chosen.expect("somebody is seen");
        let manifest = manifest(&told.story(), &list, 720).expect("has needs");
        manifest.needs.iter().filter(|n| n.used_by.contains(&chosen)).any(|n| match &n.spec {
            NeedSpec::Background(spec) => spec.place.props.iter().any(|p| p.prop_id == book),
            _ => false,
        })
    };
    for framing in [Framing::Wide, Framing::Full, Framing::MediumTwo, Framing::Medium] {
        assert!(there(framing, false), "{framing:?}: what is named is not there");
        assert!(!there(framing, true), "{framing:?}: what is held stands there too");
    }
    assert!(!there(Framing::Close, false), "a close shows only what gives light");
}

fn resolved(manifest: &AssetManifest) -> ResolvedAssets {
    let assets = manifest.needs.iter().map(|need| {
        let image = Hash::of(need.id.as_bytes());
        let patch = contracts::assets::Patch { image: image.clone(), x: 0, y: 0, width: 2, height: 2 };
        let states: BTreeMap<String, _> =
            ["mouth:open", "mouth:spread", "mouth:round", "mouth:narrow", "eyes:closed"].map(|s| (s.to_owned(), patch.clone())).into();
        let depth = match need.spec {
            NeedSpec::Figure(_) => 650,
            _ => 0,
        };
        let plane = Plane {
            name: "plane".into(),
            image: image.clone(),
            x: 0,
            y: 0,
            width: 4,
            height: 4,
            parallax: 500,
            depth,
            states,
            sway: None,
            tracks: Vec::new(),
            cycles: Vec::new(),
        };
        let media = match &need.spec {
            NeedSpec::Voice(v) => Media::Sound { audio: image, samples: v.samples, channels: 1 },
            NeedSpec::Sound(s) => Media::Sound { audio: image, samples: s.samples, channels: 2 },
            NeedSpec::Music(s) => Media::Sound { audio: image, samples: s.samples, channels: 2 },
            _ => Media::Picture { canvas: manifest.canvas, planes: vec![plane] },
        };
        (
            need.id.clone(),
            ResolvedAsset {
                source: AssetSource::Local,
                media,
                rights: Rights::cleared("test"),
                stand_in: None,
                substitutions: vec![],
                parts: vec![],
            },
        )
    });
    ResolvedAssets { project_id: manifest.project_id.clone(), episode: 1, manifest: Hash::of(b"m"), assets: assets.collect() }
}

#[test]
fn a_plan_copies_the_timing_and_moves_mouths_only_while_their_line_sounds() {
    let mut told = Told::lighthouse();
    for line in &mut told.read.lines {
        line.mouth = (0..line.samples / 4_000)
            .map(|i| MouthMark { start: i * 4_000, shape: if i % 2 == 0 { Mouth::Open } else { Mouth::Rest } })
            .collect();
    }
    let (list, manifest) = needs(&told);
    let profile = Profile::preview_local().expect("a profile");
    let plan = render_plan(&told.story(), &list, &manifest, &resolved(&manifest), &profile).expect("plans");
    assert_eq!((plan.timing_lock.clone(), plan.total_frames), (list.timing_lock.clone(), list.total_frames));
    let mut talked = 0;
    for (shot, planned) in list.shots.iter().zip(&plan.shots) {
        assert_eq!((shot.frames, &shot.id, shot.start_frame), (planned.frames, &planned.shot_id, planned.start_frame));
        assert!(planned.planes.windows(2).all(|w| w[0].depth <= w[1].depth), "far to near");
        let mut names: Vec<&str> = planned.planes.iter().map(|p| p.name.as_str()).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|w| w[0] != w[1]), "{}: {names:?}", shot.id);
        for cue in &planned.sprites {
            assert!(
                cue.frame < planned.frames
                    && planned.planes.iter().any(|p| p.name == cue.plane && (cue.state.is_empty() || p.states.contains_key(&cue.state)))
            );
            if cue.group == "mouth" && !cue.state.is_empty() {
                talked += 1;
                let sample = list.edit_rate.samples_at(shot.start_frame + cue.frame + 1);
                let who = cue.plane.split(':').next().unwrap_or_default();
                assert!(
                    list.lines.iter().any(|l| l.speaker_id.as_str() == who && l.start <= sample && sample <= l.start + l.samples + 4_000),
                    "{}",
                    shot.id
                );
            }
        }
        if shot.movement.kind != MoveKind::Hold {
            assert!(!planned.still);
        }
    }
    assert!(talked > 100, "{talked} mouth cues");
    assert_eq!(plan.captions.len(), told.read.lines.len());
    assert!(plan.chapters.len() >= 4 && plan.chapters[0].start_frame == 0);
    assert!(plan.sounds.iter().any(|s| s.bus == contracts::render::Bus::Voices));
}

#[test]
fn a_voice_sounds_in_the_room_it_is_spoken_in() {
    let told = Told::lighthouse();
    let (list, manifest) = needs(&told);
    let profile = Profile::preview_local().expect("a profile");
    let plan = render_plan(&told.story(), &list, &manifest, &resolved(&manifest), &profile).expect("plans");
    let mut seen = std::collections::BTreeSet::new();
    for line in &list.lines {
        let shot = list.shots.iter().find(|s| s.id == line.shot_id).expect("its shot");
        let ShotContent::Picture(picture) = &shot.content else { continue };
        let story = told.story();
        let place = story.canon.locations.iter().find(|l| l.id == picture.location_id).expect("its place");
        let indoors = matches!(place.family, PlaceFamily::InteriorRoom | PlaceFamily::Workshop | PlaceFamily::Hall | PlaceFamily::Vehicle);
        let voice = plan.sounds.iter().find(|s| s.bus == contracts::render::Bus::Voices && s.start == line.start).expect("its voice");
        let who = told.cast.members.iter().find(|m| m.id == line.speaker_id).expect("cast");
        let near = who.part != contracts::story::Part::Narrator
            && !matches!(who.voice.reference, contracts::story::VoiceType::Radio | contracts::story::VoiceType::RadioSoft);
        assert_eq!(voice.room.is_some(), indoors || !near, "{} in {}", line.line_id, place.id);
        // Words stay clear: what answers is far under them.
        assert!(voice.room.is_none_or(|room| room.wet_cb <= -1_500));
        seen.insert(indoors);
    }
    assert_eq!(seen.len(), 2, "the story is told on one side of the door only");
    assert!(plan.sounds.iter().all(|s| s.bus == contracts::render::Bus::Voices || s.room.is_none()));
}

#[test]
fn a_need_that_nothing_met_is_named() {
    let told = Told::lighthouse();
    let (list, manifest) = needs(&told);
    let mut assets = resolved(&manifest);
    let picture = manifest.needs.iter().find(|n| matches!(n.spec, NeedSpec::Background(_))).expect("a background").id.clone();
    assets.assets.remove(&picture);
    let profile = Profile::preview_local().expect("a profile");
    let error = render_plan(&told.story(), &list, &manifest, &assets, &profile).expect_err("is refused").to_string();
    assert!(error.contains(picture.as_str()), "{error}");
}

mod by_hand {
    //! A person's notes on shots and music: each changes its own shot and nothing else.
    use contracts::{
        notes::{MusicNote, NoteFault, NoteFaultKind, NoteRef, ShotNote},
        picture::Framing,
        shots::Shot,
        story::Mood,
    };

    use super::*;

    fn id(text: &str) -> Id {
        Id::new(text).expect("an id")
    }

    fn note(at: &str) -> ShotNote {
        ShotNote { at: id(at), library_id: None, framing: None, length_ms: None, movement: None, transition: None }
    }

    fn with(shots: Vec<ShotNote>) -> Told {
        let mut told = Told::lighthouse();
        told.notes.shots = shots;
        told
    }

    fn refused(told: &Told) -> NoteFault {
        match shot_list(&told.story()).expect_err("is refused") {
            AdaptError::Note(fault) => fault,
            other => panic!("{other}"),
        }
    }

    /// The shots that differ in anything but where they stand.
    fn changed(before: &ShotList, after: &ShotList) -> Vec<String> {
        let at_rest = |s: &Shot| Shot { start_frame: 0, ..s.clone() };
        let ids = |list: &ShotList| list.shots.iter().map(|s| s.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(before), ids(after), "a shot was renamed");
        before.shots.iter().zip(&after.shots).filter(|(a, b)| at_rest(a) != at_rest(b)).map(|(a, _)| a.id.to_string()).collect()
    }

    fn shot<'a>(list: &'a ShotList, at: &str) -> &'a Shot {
        list.shots.iter().find(|s| s.id.as_str() == at).expect("the shot")
    }

    fn picture<'a>(list: &'a ShotList, at: &str) -> &'a contracts::shots::Picture {
        match &shot(list, at).content {
            ShotContent::Picture(picture) => picture,
            ShotContent::Card(_) => panic!("{at} is a card"),
        }
    }

    #[test]
    fn a_framing_moves_its_own_people_and_no_other_shot() {
        let before = Told::lighthouse().shots();
        for framing in [Framing::Wide, Framing::Full, Framing::MediumTwo, Framing::Medium, Framing::Close, Framing::Insert] {
            for at in before.shots.iter().filter(|s| s.beat_id.is_some() && s.id.ends_with("-s1")).map(|s| &s.id) {
                let mut told = with(vec![ShotNote { framing: Some(framing), ..note(at) }]);
                let Ok(after) = shot_list(&told.story()) else {
                    // Two people where there is one, or a thing where there is none: refused by name, tested below.
                    assert!(matches!(framing, Framing::MediumTwo | Framing::Insert), "{at} {framing:?}");
                    continue;
                };
                sound(&told, &after);
                assert!(changed(&before, &after).iter().all(|c| c == at.as_str()), "{at} {framing:?}: {:?}", changed(&before, &after));
                let seen = picture(&after, at);
                assert_eq!(seen.framing, framing);
                let people = seen.figures.len();
                match framing {
                    Framing::Insert => assert!(people == 0 && !seen.props.is_empty()),
                    Framing::MediumTwo => assert_eq!(people, 2),
                    Framing::Medium | Framing::Close => assert_eq!(people, 1),
                    _ => {}
                }
                assert_eq!(after.timing_lock, before.timing_lock, "a framing changes no length");
                // The beat names the same shot.
                told.notes.shots[0].at = id(at.strip_suffix("-s1").expect("a beat"));
                assert_eq!(told.shots(), after);
            }
        }
    }

    #[test]
    fn a_length_is_kept_to_the_frame_and_moves_only_what_comes_after() {
        let before = Told::lighthouse().shots();
        for rate in ["24/1", "25/1", "30/1", "30000/1001"] {
            for at in ["sc01-b02-s1", "sc02-b01-s1", "sc05-b02-s1", "sc01-b03-title", "end-card"] {
                let mut told = with(vec![ShotNote { length_ms: Some(6_500), ..note(at) }]);
                told.project.edit_rate = EditRate::try_from(rate.to_owned()).expect("a rate");
                let after = told.shots();
                sound(&told, &after);
                assert_eq!(shot(&after, at).frames, after.edit_rate.frames_from_ms(6_500), "{at} {rate}");
                if rate == "24/1" {
                    assert_eq!(changed(&before, &after), [at]);
                    assert_ne!(after.timing_lock, before.timing_lock);
                    // Lines keep their place in their shots.
                    for (a, b) in before.lines.iter().zip(&after.lines) {
                        let from = |list: &ShotList, cue: &contracts::shots::LineCue| {
                            cue.start - list.edit_rate.samples_at(shot(list, &cue.shot_id).start_frame)
                        };
                        assert_eq!((from(&before, a), a.samples), (from(&after, b), b.samples));
                    }
                }
                told.notes.shots[0].length_ms = Some(8_000);
                sound(&told, &told.shots());
            }
        }
        // As short as its line, and not a frame shorter.
        let cue = before.lines.iter().find(|l| l.shot_id.as_str() == "sc02-b01-s1").expect("a line");
        let until = cue.start + cue.samples - before.edit_rate.samples_at(shot(&before, "sc02-b01-s1").start_frame);
        let ms = (until * 1000).div_ceil(48_000);
        let told = with(vec![ShotNote { length_ms: Some(ms as u32 + 42), ..note("sc02-b01") }]);
        assert!(shot(&told.shots(), "sc02-b01-s1").frames < shot(&before, "sc02-b01-s1").frames);
        let fault = refused(&with(vec![note("sc03-b01"), ShotNote { length_ms: Some(ms as u32 - 42), ..note("sc02-b01") }].split_off(1)));
        assert_eq!((fault.kind, &fault.at), (NoteFaultKind::Contradictory, &NoteRef::Shot(0)));
        assert!(fault.why.contains("sc02-b01") && fault.why.contains("lines sound until"), "{fault}");
        for ms in [0, 100, 8_001, u32::MAX] {
            let fault = refused(&with(vec![ShotNote { length_ms: Some(ms), ..note("sc02-b01") }]));
            assert!(fault.kind == NoteFaultKind::Malformed && fault.why.contains("0.2 s to 8.0 s"), "{fault}");
        }
    }

    #[test]
    fn a_move_a_beginning_and_a_picture_are_the_shots_own() {
        let before = Told::lighthouse().shots();
        let after = with(vec![
            ShotNote { movement: Some(MoveKind::TiltUp), ..note("sc01-b02-s1") },
            ShotNote { transition: Some(Transition::Cut), ..note("sc02-b01") },
            ShotNote { transition: Some(Transition::Dissolve { frames: 0 }), ..note("sc02-b02") },
            ShotNote { library_id: Some(id("harbour")), ..note("sc04-b01") },
            ShotNote { movement: Some(MoveKind::Hold), ..note("end-card") },
        ])
        .shots();
        assert_eq!(changed(&before, &after), ["sc01-b02-s1", "sc02-b01-s1", "sc02-b02-s1", "sc04-b01-s1", "end-card"]);
        assert_eq!(shot(&after, "sc01-b02-s1").movement.kind, MoveKind::TiltUp);
        assert_eq!(shot(&after, "sc02-b01-s1").transition, Transition::Cut);
        assert_eq!(shot(&after, "sc02-b02-s1").transition, Transition::Dissolve { frames: 10 });
        let pinned = picture(&after, "sc04-b01-s1");
        assert!(pinned.figures.is_empty() && pinned.library_id == Some(id("harbour")));
        let told = with(vec![ShotNote { library_id: Some(id("harbour")), ..note("sc04-b01") }]);
        let needs: Vec<_> = needs(&told).1.needs.into_iter().filter(|n| n.used_by.contains(&id("sc04-b01-s1"))).collect();
        assert!(needs.iter().any(|n| n.library_id == Some(id("harbour"))) && !needs.iter().any(|n| matches!(n.spec, NeedSpec::Figure(_))));
        let first = refused(&with(vec![ShotNote { transition: Some(Transition::Dissolve { frames: 0 }), ..note("sc01-b01") }]));
        assert!(first.why.contains("begins the film"), "{first}");
    }

    #[test]
    fn music_is_noted_by_scene() {
        let before = Told::lighthouse().shots();
        let mut told = Told::lighthouse();
        told.notes.music = vec![
            MusicNote { scene_id: id("sc03"), mood: Some(Mood::Tense), level: None },
            MusicNote { scene_id: id("sc04"), mood: None, level: Some(0) },
        ];
        let after = told.shots();
        assert_eq!(changed(&before, &after), [""; 0]);
        let of = |list: &ShotList, scene: &str| {
            list.music.iter().filter(|c| c.scene_id == Some(id(scene))).map(|c| (c.mood, c.level)).collect::<Vec<_>>()
        };
        assert_eq!(of(&after, "sc03"), of(&before, "sc03").into_iter().map(|(_, l)| (Mood::Tense, l)).collect::<Vec<_>>());
        assert_eq!(of(&after, "sc04"), [(of(&before, "sc04")[0].0, 0)]);
        assert_eq!((of(&after, "sc01"), of(&after, "sc05")), (of(&before, "sc01"), of(&before, "sc05")));
        told.notes.music[0].scene_id = id("sc33");
        let fault = refused(&told);
        assert!(fault.kind == NoteFaultKind::Unknown && fault.why.contains("sc03"), "{fault}");
    }

    #[test]
    fn a_note_that_finds_no_shot_or_asks_for_what_is_not_there_is_refused_by_name() {
        let framed = |at: &str, framing| ShotNote { framing: Some(framing), ..note(at) };
        for (note, kind, words) in [
            (framed("sc01-b99", Framing::Close), NoteFaultKind::Unknown, "sc01-b0"),
            (framed("sc01-b02-s4", Framing::Close), NoteFaultKind::Unknown, "nearest: sc01-b02-s1"),
            (framed("sc01-b02-t1", Framing::Close), NoteFaultKind::Contradictory, "card"),
            (framed("end-card", Framing::Wide), NoteFaultKind::Contradictory, "card"),
            (framed("sc02-b03", Framing::Insert), NoteFaultKind::Contradictory, "thing"),
            (framed("sc03-b01", Framing::MediumTwo), NoteFaultKind::Contradictory, "two people"),
        ] {
            let at = note.at.clone();
            let fault = refused(&with(vec![note]));
            assert!(fault.kind == kind && fault.why.contains(words), "{at}: {fault}");
        }
    }

    #[test]
    fn a_beat_without_its_only_line_is_passed_over_unless_something_hangs_on_it() {
        let before = Told::lighthouse().shots();
        let mut told = Told::lighthouse();
        let cut = |told: &mut Told, beat: &str| {
            let beat = told.script.scenes.iter_mut().flat_map(|s| &mut s.beats).find(|b| b.id.as_str() == beat).expect("the beat");
            let gone: Vec<Id> = beat.lines.drain(..).map(|l| l.id).collect();
            told.read.lines.retain(|l| !gone.contains(&l.line_id));
        };
        cut(&mut told, "sc02-b03");
        let after = told.shots();
        sound(&told, &after);
        let ids = |list: &ShotList| list.shots.iter().map(|s| s.id.to_string()).collect::<Vec<_>>();
        assert_eq!(ids(&after), ids(&before).into_iter().filter(|s| s != "sc02-b03-s1").collect::<Vec<_>>());
        told.notes.shots = vec![ShotNote { length_ms: Some(2_000), ..note("sc02-b03") }];
        assert!(refused(&told).why.contains("no picture"));
        told.notes.shots.clear();
        // A fact begins in it, or it is all its scene has: then it stays, as a look.
        for beat in ["sc02-b01", "sc02-b02", "sc02-b04", "sc02-b05", "sc02-b06"] {
            cut(&mut told, beat);
        }
        let scene = told.script.scenes.iter_mut().find(|s| s.id.as_str() == "sc02").expect("the scene");
        scene.beats.retain(|b| ["sc02-b03", "sc02-b04"].contains(&b.id.as_str()));
        let alone = told.shots();
        sound(&told, &alone);
        assert!(ids(&alone).contains(&"sc02-b03-s1".to_owned()) && !ids(&alone).contains(&"sc02-b04-s1".to_owned()));
        assert!(alone.edit_rate.ms(shot(&alone, "sc02-b03-s1").frames) >= 1_400);
        assert_eq!(shot(&alone, "sc02-b03-s1").transition, Transition::Dissolve { frames: 10 });
        let scene = told.script.scenes.iter_mut().find(|s| s.id.as_str() == "sc02").expect("the scene");
        scene.beats[1].effects.push(id("ol-thanked"));
        assert_eq!(ids(&told.shots()).iter().filter(|s| s.starts_with("sc02")).collect::<Vec<_>>(), ["sc02-b04-s1"]);
    }

    #[test]
    fn a_silent_films_cards_hang_on_their_lines() {
        let mut told = Told::lighthouse();
        told.read.voiced = false;
        let before: Vec<Id> = told.shots().shots.into_iter().map(|s| s.id).collect();
        let beat = &mut told.script.scenes[0].beats[1];
        let (mut line, mut read) = (beat.lines[0].clone(), told.read.lines[1].clone());
        line.id = id("sc01-b02-l1-b1");
        read.line_id = line.id.clone();
        beat.lines.insert(0, line);
        told.read.lines.insert(1, read);
        let after: Vec<Id> = told.shots().shots.into_iter().map(|s| s.id).collect();
        let new: Vec<&Id> = after.iter().filter(|s| !before.contains(s)).collect();
        assert_eq!(new, [&id("sc01-b02-t-l1-b1")]);
        assert_eq!(after.len(), before.len() + 1);
    }

    #[test]
    fn a_line_that_runs_over_a_cut_goes_on_speaking_and_changes_no_other_beat() {
        let usual = Told::lighthouse().shots();
        let mut told = Told::lighthouse();
        let marks = |samples: u64| {
            (0..samples / 4_000)
                .map(|i| MouthMark { start: i * 4_000, shape: if i % 2 == 0 { Mouth::Open } else { Mouth::Round } })
                .collect::<Vec<_>>()
        };
        // The second line of the film, long enough for three pictures; its beat has a person in it.
        let read = &mut told.read.lines[1];
        read.samples = 48_000 * 18;
        for line in &mut told.read.lines {
            line.mouth = marks(line.samples);
        }
        let (list, manifest) = needs(&told);
        sound(&told, &list);
        let profile = Profile::preview_local().expect("a profile");
        let plan = render_plan(&told.story(), &list, &manifest, &resolved(&manifest), &profile).expect("plans");
        let speaker = told.read.lines[1].speaker_id.clone();
        let parts: Vec<&Shot> = list.shots.iter().filter(|s| s.beat_id == Some(id("sc01-b02"))).collect();
        assert_eq!(parts.len(), 3);
        for part in &parts[1..] {
            let seen = picture(&list, &part.id);
            assert!(seen.figures.iter().any(|f| f.character_id == speaker && f.speaks), "{}: {:?}", part.id, seen.figures);
            let planned = plan.shots.iter().find(|p| p.shot_id == part.id).expect("is planned");
            let mouth: Vec<_> = planned.sprites.iter().filter(|c| c.group == "mouth" && c.plane.starts_with(speaker.as_str())).collect();
            assert!(mouth.len() > 10, "{}: {} mouth cues", part.id, mouth.len());
            assert!(mouth[0].frame == 0 && !mouth[0].state.is_empty(), "{}: the mouth is shut at the cut", part.id);
        }
        // The beats around it are filmed as they were.
        for before in usual.shots.iter().filter(|s| s.beat_id != Some(id("sc01-b02"))) {
            let after = shot(&list, &before.id);
            assert_eq!((&after.content, after.movement, after.frames), (&before.content, before.movement, before.frames), "{}", before.id);
        }
        // A length cannot be set where a line goes on.
        told.notes.shots = vec![ShotNote { length_ms: Some(8_000), ..note("sc01-b02") }];
        assert!(refused(&told).why.contains("runs over its end"));
    }

    #[test]
    fn two_who_talk_in_one_picture_are_both_seen_and_both_move_their_mouths() {
        let mut told = Told::lighthouse();
        let usual = told.shots();
        let beat = told.script.scenes[1].beats.iter_mut().find(|b| b.id.as_str() == "sc02-b03").expect("the beat");
        let mut answer = beat.lines[0].clone();
        answer.id = id("sc02-b03-l1-a1");
        answer.speaker_id = id("nessa");
        let at = told.read.lines.iter().position(|r| r.line_id == beat.lines[0].id).expect("is read");
        let mut read = told.read.lines[at].clone();
        (read.line_id, read.speaker_id, read.samples) = (answer.id.clone(), answer.speaker_id.clone(), 48_000);
        beat.lines.push(answer);
        told.read.lines.insert(at + 1, read);
        let list = told.shots();
        sound(&told, &list);
        let seen = picture(&list, "sc02-b03-s1");
        assert!(seen.framing == Framing::MediumTwo && seen.figures.len() == 2 && seen.figures.iter().all(|f| f.speaks), "{seen:?}");
        for before in usual.shots.iter().filter(|s| !s.id.starts_with("sc02-b03")) {
            assert_eq!(shot(&list, &before.id).content, before.content, "{}", before.id);
        }
    }
}
