//! Adapt over a stored story: timing, ids, needs and plans.

use std::collections::BTreeMap;

use adapt::{AdaptError, MAX_SHOT_MS, Profile, Story, manifest, render_plan, shot_list};
use contracts::{
    Document, EditRate, Hash, Id,
    assets::{AssetManifest, AssetSource, Media, NeedSpec, Plane, ResolvedAsset, ResolvedAssets, Rights},
    canon::Canon,
    notes::Notes,
    project::Project,
    read,
    shots::{MoveKind, ShotContent, ShotList, Transition},
    story::{Cast, Script},
    table_read::{Mouth, MouthMark, TableRead},
};

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
        sound(&told, &told.shots());
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
        let plane =
            Plane { name: "plane".into(), image: image.clone(), x: 0, y: 0, width: 4, height: 4, parallax: 500, depth, states, sway: None };
        let media = match &need.spec {
            NeedSpec::Voice(v) => Media::Sound { audio: image, samples: v.samples, channels: 1 },
            NeedSpec::Sound(s) => Media::Sound { audio: image, samples: s.samples, channels: 2 },
            NeedSpec::Music(s) => Media::Sound { audio: image, samples: s.samples, channels: 2 },
            _ => Media::Picture { canvas: manifest.canvas, planes: vec![plane] },
        };
        (need.id.clone(), ResolvedAsset { source: AssetSource::Local, media, rights: Rights::cleared("test"), stand_in: None })
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
