//! Segments: what is measured on them, clips in them, and a film of many.

use contracts::{
    assets::{Key, Track, TrackProperty},
    render::{Clip, Fit, Overlay},
    shots::Easing,
};
use render::{
    clip::Clips,
    look::{motion::Motion, overlays::Presence, verify_with},
    player::Player,
};

use super::*;

/// A shot of its own, on a canvas where a face has room.
fn rendered(bench: &Bench, blobs: &Blobs, name: &str, planned: PlannedShot, overlays: Vec<Overlay>) -> (ShotReport, PathBuf, Timeline) {
    let mut plan = plan(EditRate::FILM, vec![planned]);
    plan.canvas = Canvas { width: 192, height: 108 };
    plan.overlays = overlays;
    let timeline = lower(&plan, &[]).unwrap();
    let out = bench.scratch.temp_dir(name).join("s.mp4");
    let report = render_shot(&timeline.shots[0], None, blobs.sources(), &bench.ffmpeg, &settings(), &out).unwrap();
    (report, out, timeline)
}

/// A far plane that covers the frame, and a nearer one with a face; both with texture.
fn face(blobs: &mut Blobs) -> Vec<Plane> {
    let mut seed = Seed::of(&["face"]);
    let noise: Vec<u8> = (0..60 * 40).map(|_| seed.below(200) as u8).collect();
    let mut far = blobs.plane("far", (-24, -14), (240, 136), |x, y| {
        let v = noise[(y / 4 * 60 + x / 4) as usize];
        [v, 200 - v / 2, 60 + v / 2, 255]
    });
    far.parallax = 150;
    let mut head = blobs.plane("head", (70, 20), (60, 80), |x, y| {
        let v = noise[(y / 8 * 60 + x / 8) as usize] / 4;
        if (8..52).contains(&x) { [170 + v, 130, 100, 255] } else { [0; 4] }
    });
    let eyes = blobs.plane("eyes", (0, 0), (12, 6), |_, _| [90, 60, 40, 255]);
    head.states.insert("eyes:closed".into(), Patch { image: eyes.image, x: 84, y: 40, width: 12, height: 6 });
    vec![far, head]
}

fn blink(frame: u64) -> [SpriteCue; 2] {
    let cue = |state: &str, frame| SpriteCue { plane: "head".into(), group: "eyes".into(), state: state.into(), frame };
    [cue("eyes:closed", frame), cue("", frame + 3)]
}

#[test]
fn the_cameras_move_over_a_still_picture_is_none_and_what_moves_in_it_is() {
    let bench = Bench::new("inner");
    let mut blobs = Blobs::default();
    let planes = face(&mut blobs);
    let kinds = [MoveKind::Hold, MoveKind::PanLeft, MoveKind::PushIn, MoveKind::ParallaxRight, MoveKind::Handheld, MoveKind::TiltUp];
    for kind in kinds {
        let mut still = shot("still", 60, planes.clone());
        still.movement = Movement::new(kind, if kind == MoveKind::Hold { 0 } else { 60 });
        let (report, ..) = rendered(&bench, &blobs, "still", still.clone(), vec![]);
        assert_eq!((report.inner_motion, report.moving), (0, false), "{kind:?}");
        // One blink of an eighth of a second is enough.
        let mut alive = still.clone();
        alive.sprites = blink(31).to_vec();
        let (report, ..) = rendered(&bench, &blobs, "blink", alive, vec![]);
        assert!(report.moving && report.inner_motion > 0, "{kind:?}: {report:?}");
        let mut swaying = still.clone();
        swaying.planes[1].sway = Some(Sway { dx: 3000, dy: 0, period_ms: 4300, phase: 0 });
        let (report, ..) = rendered(&bench, &blobs, "sway", swaying, vec![]);
        assert!(report.moving && report.inner_motion > 0, "{kind:?}: {report:?}");
        let mut fading = still;
        fading.planes[1].tracks = vec![Track {
            property: TrackProperty::Opacity,
            keys: vec![Key { at_ms: 0, value: 1000 }, Key { at_ms: 2000, value: 400 }],
            easing: Easing::Linear,
            repeat: false,
        }];
        let (report, ..) = rendered(&bench, &blobs, "fade", fading, vec![]);
        assert!(report.moving && report.inner_motion > 0, "{kind:?}: {report:?}");
    }
}

#[test]
fn a_segment_that_froze_is_still_whatever_was_planned() {
    let bench = Bench::new("froze");
    let mut blobs = Blobs::default();
    let planes = face(&mut blobs);
    let mut panned = shot("pan", 48, planes);
    panned.movement = Movement::new(MoveKind::PanLeft, 60);
    let (_, frozen, _) = rendered(&bench, &blobs, "frozen", panned.clone(), vec![]);
    panned.sprites = [blink(13), blink(30)].concat();
    panned.planes[1].sway = Some(Sway { dx: 3000, dy: 0, period_ms: 4300, phase: 0 });
    let (report, _, timeline) = rendered(&bench, &blobs, "alive", panned, vec![]);
    assert!(report.moving);
    // The plan of the living one, held against the file of the other.
    let planned = &timeline.shots[0];
    let mut player = Player::new(planned, None, blobs.sources()).unwrap();
    let mut motion = Motion::new(planned);
    let format = render::shot::format_of(planned);
    verify_with(&frozen, format, 48, &bench.ffmpeg, "s", |k, luma| motion.see(k, luma, &mut player)).unwrap();
    let moved = motion.moved();
    assert!(!moved.moving && moved.inner_motion * 20 < report.inner_motion, "{moved:?} against {}", report.inner_motion);
}

#[test]
fn an_overlay_is_seen_in_every_frame_or_missed() {
    let bench = Bench::new("overlay");
    let mut blobs = Blobs::default();
    let planes = face(&mut blobs);
    // Light letters with a dark edge, see-through beside them.
    let caption = blobs.plane("caption", (0, 0), (80, 16), |x, y| match (x % 8, y) {
        (2..5, 3..13) => [240, 240, 240, 255],
        (1..6, 2..14) => [10, 10, 10, 255],
        _ => [0; 4],
    });
    let overlay = |start_frame, frames| Overlay { image: caption.image.clone(), x: 56, y: 84, width: 80, height: 16, start_frame, frames };
    let planned = shot("s", 40, planes);
    let (with, _, timeline) = rendered(&bench, &blobs, "with", planned.clone(), vec![overlay(5, 12), overlay(17, 11)]);
    assert_eq!(with.caption_frames, (23, 23));
    assert_eq!((with.inner_motion, with.moving), (0, false));
    let (without, bare, _) = rendered(&bench, &blobs, "without", planned, vec![]);
    assert_eq!(without.caption_frames, (0, 0));
    let mut presence = Presence::load(&timeline.shots[0], &blobs).unwrap();
    let format = render::shot::format_of(&timeline.shots[0]);
    verify_with(&bare, format, 40, &bench.ffmpeg, "s", |k, luma| {
        presence.see(k, luma);
        Ok(())
    })
    .unwrap();
    assert_eq!(presence.frames(), (23, 0));
}

/// A clip of another size and rate, in which something moves, or nothing.
fn clip_file(bench: &Bench, frames: u64, moves: bool) -> PathBuf {
    let format = media::ffmpeg::VideoFormat { width: 128, height: 96, rate: EditRate { num: 25, den: 1 } };
    let path = bench.scratch.temp_dir("clip").join("clip.mp4");
    let mut encoder = bench.ffmpeg.encode(format, &settings(), &path).unwrap();
    for k in 0..frames {
        let at = if moves { 2 * k as usize % 90 } else { 20 };
        let mut yuv = vec![60; 128 * 96];
        for row in 20..70 {
            yuv[row * 128 + at..row * 128 + at + 30].fill(190);
        }
        yuv.resize(format.frame_bytes(), 128);
        encoder.frame(&yuv).unwrap();
    }
    encoder.finish().unwrap();
    path
}

fn clip_shot(blobs: &mut Blobs, id: &str, frames: u64, file: &Path) -> PlannedShot {
    let video = blobs.put(std::fs::read(file).unwrap());
    let mut planned = shot(id, frames, vec![]);
    planned.clip = Some(Clip { video, skip_ms: 120, fit: Fit::Cover });
    planned
}

#[test]
fn a_clip_plays_in_a_shot_and_runs_on_under_the_next() {
    let bench = Bench::new("clip");
    let mut blobs = Blobs::default();
    let (moving, frozen) = (clip_file(&bench, 75, true), clip_file(&bench, 60, false));
    let mut after = shot("s2", 24, planes(&mut blobs, "after"));
    after.transition = Transition::Dissolve { frames: 8 };
    let shots = vec![
        clip_shot(&mut blobs, "s1", 48, &moving),
        after,
        clip_shot(&mut blobs, "s3", 48, &frozen),
        clip_shot(&mut blobs, "s4", 90, &moving),
    ];
    let timeline = lower(&plan(EditRate::FILM, shots), &[]).unwrap();
    let files: BTreeMap<Hash, PathBuf> = [&moving, &frozen].map(|p| (Hash::of(&std::fs::read(p).unwrap()), p.clone())).into();
    let path_of = |hash: &Hash| files.get(hash).cloned().ok_or_else(|| "not in the test".to_owned());
    let clips = Clips { ffmpeg: &bench.ffmpeg, path_of: &path_of };
    let sources = Sources { clips: &clips, ..blobs.sources() };
    let dir = bench.scratch.temp_dir("out");
    let reports: Vec<ShotReport> = (0..4_usize)
        .map(|i| {
            let previous = i.checked_sub(1).map(|p| &timeline.shots[p]);
            render_shot(&timeline.shots[i], previous, sources, &bench.ffmpeg, &settings(), &dir.join(format!("{i}.mp4"))).unwrap()
        })
        .collect();
    assert!(reports[0].moving && reports[0].held_frames == 0, "{:?}", reports[0].inner_motion);
    assert!(!reports[2].moving, "{:?}", reports[2].inner_motion);
    // 75 frames at 25 a second without the first 120 ms are 69 at 24; of 90, 21 hold the last.
    assert_eq!(reports[3].held_frames, 21);
    assert!(reports[3].longest_freeze >= 21);
    // Under the dissolve it runs on: its frame 48 is that of the clip, not of its end.
    let mixed = compose_frame(&timeline.shots[1], Some(&timeline.shots[0]), 0, sources).unwrap();
    let on = compose_frame(&TimelineShot { frames: 60, ..timeline.shots[0].clone() }, None, 48, sources).unwrap();
    let mut alone = timeline.shots[1].clone();
    alone.transition = Transition::Cut;
    let own = compose_frame(&alone, None, 0, sources).unwrap();
    let mut wanted = render::compositor::Frame::black(CANVAS);
    wanted.mix(&on, &own, 256 / 9);
    assert!(mixed == wanted);
    // Absent, it is named.
    let error = render_shot(&timeline.shots[0], None, blobs.sources(), &bench.ffmpeg, &settings(), &dir.join("x.mp4")).unwrap_err();
    assert!(error.to_string().starts_with("s1: its clip ("), "{error}");
}

#[test]
fn twenty_four_segments_of_odd_lengths_join_without_a_tick_of_drift() {
    let bench = Bench::new("many");
    let clip = clip_file(&bench, 50, true);
    for rate in [EditRate::FILM, EditRate { num: 30_000, den: 1001 }] {
        let mut blobs = Blobs::default();
        let textures: Vec<Vec<Plane>> = (0..3).map(|n| planes(&mut blobs, &format!("many {n}"))).collect();
        let shots = (0..24_u64).map(|n| {
            let id = format!("s{n}");
            // Odd lengths, among them a single frame; every fourth stands still and is repeated; two are clips.
            let frames = [13, 61, 7, 49, 1, 53, 25, 3][n as usize % 8];
            if n == 5 || n == 18 {
                return clip_shot(&mut blobs, &id, frames, &clip);
            }
            let mut planned = shot(&id, frames, textures[n as usize % 3].clone());
            if n % 4 == 1 {
                planned.movement = Movement::new(MoveKind::Hold, 0);
                planned.planes.iter_mut().for_each(|p| p.sway = None);
            } else if n > 0 && frames > 4 && n % 3 == 0 {
                planned.transition = Transition::Dissolve { frames: 3 };
            }
            planned
        });
        let plan = plan(rate, shots.collect());
        let timeline = lower(&plan, &[]).unwrap();
        let path_of = |_: &Hash| Ok(clip.clone());
        let clips = Clips { ffmpeg: &bench.ffmpeg, path_of: &path_of };
        let sources = Sources { clips: &clips, ..blobs.sources() };
        let dir = bench.scratch.temp_dir("film");
        let segments: Vec<PathBuf> = (0..24_usize)
            .map(|i| {
                let out = dir.join(format!("{i}.mp4"));
                let previous = i.checked_sub(1).map(|p| &timeline.shots[p]);
                render_shot(&timeline.shots[i], previous, sources, &bench.ffmpeg, &settings(), &out).unwrap();
                out
            })
            .collect();
        // A hold, a move, a dissolve and a clip are the same files when they are made again.
        for i in [1, 2, 3, 5] {
            let again = dir.join("again.mp4");
            render_shot(&timeline.shots[i], Some(&timeline.shots[i - 1]), sources, &bench.ffmpeg, &settings(), &again).unwrap();
            assert!(std::fs::read(&again).unwrap() == std::fs::read(&segments[i]).unwrap(), "{}", timeline.shots[i].shot_id);
        }
        // The sound is as long as the picture, to the sample; the coder fills its last packet.
        let samples = rate.samples_at(plan.total_frames) as usize;
        let mix = write(&dir.join("mix.wav"), &wav::write(48_000, 2, &vec![0; samples * 2]).unwrap());
        let sound = dir.join("sound.mp4");
        join::encode_sound(&plan.encode, &mix, &bench.ffmpeg, &sound).unwrap();
        let film = dir.join("film.mp4");
        join::join(&plan, &segments, &sound, &bench.ffmpeg, &bench.scratch.temp_dir("work"), &film).unwrap();
        let format = join::format_of(&plan);
        let video = bench.ffmpeg.video(&film).unwrap();
        // Every picture lasts one step, the first begins at 0, and none is missing: proven on packets and on decoding.
        assert_eq!(video.constant_rate(&film, rate).unwrap(), plan.total_frames);
        let mut decoded = bench.ffmpeg.decode_luma(&film, format).unwrap();
        for segment in &segments {
            let mut own = bench.ffmpeg.decode_luma(segment, format).unwrap();
            while let Some(frame) = own.next_frame().unwrap() {
                assert!(decoded.next_frame().unwrap() == Some(frame), "{}", segment.display());
            }
        }
        assert!(decoded.next_frame().unwrap().is_none());
        let (mut heard, mut blocks) = (0, bench.ffmpeg.decode_sound(&film).unwrap());
        while let Some(block) = blocks.next_block().unwrap() {
            heard += block.len() / 2;
        }
        assert!(heard.abs_diff(samples) < 1024, "{heard} samples beside {samples}");
    }
}
