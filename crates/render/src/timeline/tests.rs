use std::collections::BTreeMap;

use contracts::{
    Seed,
    assets::{Key, Patch, TrackProperty},
    render::{EncodeSettings, MixSettings, Runtime, SpriteCue},
    shots::Easing,
};

use super::*;

fn plane(name: &str, rect: (i32, i32, u32, u32), parallax: u32) -> Plane {
    let (x, y, width, height) = rect;
    let image = Hash::of(name.as_bytes());
    Plane {
        name: name.into(),
        image,
        x,
        y,
        width,
        height,
        parallax,
        depth: 0,
        states: BTreeMap::new(),
        sway: None,
        tracks: Vec::new(),
        cycles: Vec::new(),
    }
}

fn shot(id: &str, start_frame: u64, frames: u64) -> PlannedShot {
    PlannedShot {
        shot_id: Id::new(id).unwrap(),
        start_frame,
        frames,
        planes: vec![plane("sky", (-50, -30, 1380, 780), 10), plane("face", (300, 100, 400, 600), 500)],
        clip: None,
        movement: Movement::new(MoveKind::PushIn, 40),
        transition: Transition::Cut,
        sprites: vec![],
        still: false,
    }
}

fn plan(shots: Vec<PlannedShot>) -> RenderPlan {
    RenderPlan {
        project_id: Id::new("p").unwrap(),
        episode: 1,
        title: "t".into(),
        language: "en".into(),
        profile: Id::new("preview_local").unwrap(),
        render_runtime: Runtime::Ffmpeg,
        terms: None,
        canvas: Canvas { width: 1280, height: 720 },
        edit_rate: EditRate::FILM,
        timing_lock: Hash::of(b""),
        total_frames: shots.iter().map(|s| s.frames).sum(),
        encode: EncodeSettings { preset: "veryfast".into(), crf: 23, audio_bit_rate: 160_000 },
        filter: Filter::Linear,
        burn_in: None,
        overlays: Vec::new(),
        shots,
        sounds: vec![],
        mix: MixSettings {
            duck_cb: 0,
            duck_lookahead_ms: 0,
            duck_attack_ms: 0,
            duck_release_ms: 0,
            loudness_cb: -1600,
            true_peak_cb: -200,
        },
        captions: vec![],
        chapters: vec![],
        rights: BTreeMap::new(),
        stand_ins: vec![],
    }
}

fn fault(shots: Vec<PlannedShot>) -> String {
    lower(&plan(shots), &[]).unwrap_err().to_string()
}

#[test]
fn a_plan_that_does_not_add_up_is_refused() {
    assert_eq!(fault(vec![shot("a", 0, 10), shot("b", 11, 5)]), "b: it starts at frame 11 with 5 frames; it must start at 10 and last");
    assert!(fault(vec![shot("a", 0, 0)]).starts_with("a: it starts"));
    assert_eq!(fault(vec![]), "film: its shots have 0 frames, 0 were planned");
    let mut long = plan(vec![shot("a", 0, 10)]);
    long.total_frames = 11;
    assert_eq!(lower(&long, &[]).unwrap_err().to_string(), "film: its shots have 10 frames, 11 were planned");
    let mut odd = plan(vec![shot("a", 0, 10)]);
    odd.canvas.width = 1279;
    assert!(lower(&odd, &[]).unwrap_err().to_string().contains("both sides must be even"));
    let mut first = shot("a", 0, 10);
    first.transition = Transition::Dissolve { frames: 4 };
    assert!(fault(vec![first]).starts_with("a: a mix of 4 frames does not fit"));
    let mut second = shot("b", 10, 3);
    second.transition = Transition::Dissolve { frames: 4 };
    assert!(fault(vec![shot("a", 0, 10), second]).starts_with("b: a mix of 4 frames"));
    let mut huge = shot("a", 0, 10);
    huge.planes[0].width = 20_000;
    assert!(fault(vec![huge]).contains("cannot be composed"));
}

#[test]
fn cues_must_name_what_is_there() {
    let cue = |plane: &str, state: &str| SpriteCue { plane: plane.into(), group: "mouth".into(), state: state.into(), frame: 0 };
    let mut bad = shot("a", 0, 10);
    bad.sprites = vec![cue("hat", "x")];
    assert_eq!(fault(vec![bad.clone()]), "a: a cue names the plane `hat`, which is not in the shot");
    bad.sprites = vec![cue("face", "mouth:open")];
    assert_eq!(fault(vec![bad]), "a: a cue names the state `mouth:open`, which the plane `face` does not have");
}

#[test]
fn groups_show_one_state_each_and_unused_patches_are_forgotten() {
    let mut talking = shot("a", 0, 40);
    let patch = |x| Patch { image: Hash::of(&[x as u8]), x, y: 0, width: 4, height: 4 };
    for (state, x) in [("eyes:closed", 1), ("mouth:narrow", 2), ("mouth:open", 3), ("mouth:round", 4)] {
        talking.planes[1].states.insert(state.into(), patch(x));
    }
    let cue = |group: &str, state: &str, frame| SpriteCue { plane: "face".into(), group: group.into(), state: state.into(), frame };
    talking.sprites = vec![
        cue("mouth", "", 0),
        cue("mouth", "mouth:open", 3),
        cue("eyes", "eyes:closed", 5),
        cue("mouth", "mouth:round", 5),
        cue("eyes", "", 8),
        cue("mouth", "mouth:round", 9),
        cue("mouth", "", 12),
    ];
    let layer = lower(&plan(vec![talking]), &[]).unwrap().shots[0].layers[1].clone();
    let images: Vec<Hash> = layer.patches.iter().map(|p| p.image.clone()).collect();
    assert_eq!(images, [Hash::of(&[1]), Hash::of(&[3]), Hash::of(&[4])], "the narrow mouth is never seen");
    let at = |frame| layer.shown(frame).to_vec();
    assert_eq!((at(0), at(2), at(3), at(4)), (vec![], vec![], vec![1], vec![1]));
    assert_eq!((at(5), at(7), at(8), at(11), at(12), at(99)), (vec![0, 2], vec![0, 2], vec![2], vec![2], vec![], vec![]));
    assert_eq!(layer.cues.len(), 4, "a cue that changes nothing is none");
}

#[test]
fn the_actors_move_by_the_amount_and_the_sky_hardly() {
    let of = |kind, amount, frame| {
        let mut shot = shot("a", 0, 49);
        shot.movement = Movement::new(kind, amount);
        let lowered = lower(&plan(vec![shot]), &[]).unwrap().shots.remove(0);
        [0, 1].map(|i| lowered.layers[i].placement(&lowered, frame))
    };
    let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
    let [sky, face] = of(MoveKind::PushIn, 40, 48);
    assert!(close(face.scale, 1.04) && close(sky.scale, 1.0008), "{sky:?} {face:?}");
    assert!(close(of(MoveKind::PullOut, 40, 0)[1].scale, 1.04) && close(of(MoveKind::PullOut, 40, 48)[1].scale, 1.0));
    assert!(close(of(MoveKind::PushIn, 40, 24)[1].scale, 1.02), "half way at half time");
    // The viewer looks left, so what is seen moves right: half the way to each side of rest.
    let width = 0.03 * 1280.0;
    assert!(close(of(MoveKind::PanLeft, 30, 0)[1].dx, -width / 2.0) && close(of(MoveKind::PanLeft, 30, 48)[1].dx, width / 2.0));
    assert!(close(of(MoveKind::PanRight, 30, 48)[1].dx, -width / 2.0));
    let height = 0.03 * 720.0;
    assert!(close(of(MoveKind::TiltUp, 30, 48)[1].dy, height / 2.0) && close(of(MoveKind::TiltDown, 30, 48)[1].dy, -height / 2.0));
    assert_eq!(of(MoveKind::Hold, 30, 7)[1], Placement::REST);
}

#[test]
fn a_move_runs_on_under_the_dissolve_and_then_stands() {
    let mut second = shot("b", 40, 40);
    second.transition = Transition::Dissolve { frames: 10 };
    let shots = lower(&plan(vec![shot("a", 0, 40), second]), &[]).unwrap().shots;
    assert_eq!((shots[0].move_frames, shots[1].move_frames), (50, 40));
    assert!(shots[0].eased(39) < shots[0].eased(44) && shots[0].eased(44) < 1.0);
    assert!(shots[0].eased(49) == 1.0 && shots[0].eased(60) == 1.0);
}

#[test]
fn what_covers_the_frame_keeps_covering_it() {
    use MoveKind::*;
    let mut seed = Seed::of(&["cover"]);
    let kinds = [Hold, PushIn, PullOut, PanLeft, PanRight, TiltUp, TiltDown, TrackLeft, TrackRight, ParallaxLeft, ParallaxRight, Handheld];
    let easings = [None, Some(Easing::Linear), Some(Easing::In), Some(Easing::Out), Some(Easing::InOut)];
    let (mut wider, mut enough) = (0, 0);
    for _ in 0..600 {
        let mut shot = shot("a", 0, 30);
        let overscan = [0, 0, 10, 51][seed.below(4) as usize];
        let full = (-overscan, -overscan, 1280 + 2 * overscan as u32, 720 + 2 * overscan as u32);
        shot.planes = vec![plane("back", full, seed.below(1200) as u32), plane("ground", (-overscan, 400, full.2, 320), 620)];
        shot.planes[0].sway = Some(Sway { dx: seed.between(-4000, 4000) as i32, dy: 2000, period_ms: 900, phase: 100 });
        if seed.below(2) == 0 {
            let mut track = |property, low, high| {
                let mut key = |at_ms| Key { at_ms, value: seed.between(low, high) as i32 };
                Track { property, keys: vec![key(0), key(300), key(900)], easing: Easing::InOut, repeat: true }
            };
            let tracks = [
                track(TrackProperty::X, -15_000, 15_000),
                track(TrackProperty::Y, -9000, 9000),
                track(TrackProperty::Scale, 960_000, 1_040_000),
            ];
            shot.planes[0].tracks = tracks.to_vec();
        }
        shot.movement = Movement::new(kinds[seed.below(12) as usize], seed.below(60) as u32);
        if shot.movement.kind == Handheld {
            // What trembles by more than a scale of 1.25 makes up for shows its edge.
            shot.movement.amount %= 16;
        }
        shot.movement.easing = easings[seed.below(5) as usize];
        shot.movement.seed = seed.below(1000) as u32;
        let lowered = lower(&plan(vec![shot]), &[]).unwrap().shots.remove(0);
        for (layer, sides) in lowered.layers.iter().zip([[true; 4], [true, true, false, true]]) {
            wider += u32::from(layer.cover > 1_000_000);
            enough += u32::from(layer.cover == 1_000_000);
            for frame in 0..45 {
                let p = layer.placement(&lowered, frame);
                let seen = |at: f64, centre: f64, shift: f64| centre + (at - centre) * p.scale + shift;
                let r = layer.rect;
                let left = seen(f64::from(r.x), 640.0, p.dx);
                let right = seen(f64::from(r.x) + f64::from(r.width), 640.0, p.dx);
                let top = seen(f64::from(r.y), 360.0, p.dy);
                let bottom = seen(f64::from(r.y) + f64::from(r.height), 360.0, p.dy);
                let holds = [left <= 1e-6, right >= 1280.0 - 1e-6, top <= 1e-6, bottom >= 720.0 - 1e-6];
                assert!(sides.iter().zip(holds).all(|(wanted, holds)| !wanted || holds), "{layer:?} {:?} {p:?}", lowered.movement);
            }
        }
    }
    assert!(wider > 50 && enough > 50, "{wider} {enough}");
    // What is meant to leave is let go.
    let mut leaving = shot("a", 0, 30);
    leaving.movement = Movement::new(Hold, 0);
    leaving.planes[0].tracks = vec![track(TrackProperty::X, &[(0, 0), (1000, 1_280_000)])];
    assert_eq!(lower(&plan(vec![leaving]), &[]).unwrap().shots[0].layers[0].cover, 1_000_000);
}

fn track(property: TrackProperty, keys: &[(u32, i32)]) -> Track {
    let keys = keys.iter().map(|&(at_ms, value)| Key { at_ms, value }).collect();
    Track { property, keys, easing: Easing::Linear, repeat: false }
}

#[test]
fn tracks_go_from_key_to_key_and_begin_again_when_they_repeat() {
    let mut moving = shot("a", 0, 100);
    moving.movement.kind = MoveKind::Hold;
    let mut x = track(TrackProperty::X, &[(500, 0), (1000, 10_000), (1500, 0)]);
    moving.planes[1].tracks = vec![track(TrackProperty::Opacity, &[(0, 0), (1000, 1000)]), x.clone()];
    let placed = |shot: &PlannedShot, frame| {
        let lowered = lower(&plan(vec![shot.clone()]), &[]).unwrap().shots.remove(0);
        lowered.layers[1].placement(&lowered, frame)
    };
    let dx = |shot: &PlannedShot, frame| (placed(shot, frame).dx * 1000.0).round();
    assert_eq!([1, 12, 18, 24, 36, 90].map(|frame| dx(&moving, frame)), [0.0, 0.0, 5000.0, 10_000.0, 0.0, 0.0]);
    assert_eq!([0, 6, 12, 24, 60].map(|frame| placed(&moving, frame).opacity), [0, 250, 500, 1000, 1000]);
    x.repeat = true;
    x.easing = Easing::In;
    moving.planes[1].tracks = vec![x];
    assert_eq!([6, 18, 24, 42, 48, 60].map(|frame| dx(&moving, frame)), [0.0, 2500.0, 10_000.0, 2500.0, 10_000.0, 0.0]);
    // Its own centre stays where it is while the plane grows: (500, 400) of 1280 × 720.
    moving.planes[1].tracks = vec![track(TrackProperty::Scale, &[(0, 2_000_000)])];
    let place = placed(&moving, 3);
    assert_eq!((place.scale, 640.0 + (500.0 - 640.0) * place.scale + place.dx), (2.0, 500.0));
    assert_eq!(360.0 + (400.0 - 360.0) * place.scale + place.dy, 400.0);
}

#[test]
fn tracks_that_make_no_sense_are_named() {
    let told = |tracks: Vec<Track>| {
        let mut bad = shot("a", 0, 10);
        bad.planes[1].tracks = tracks;
        fault(vec![bad])
    };
    use TrackProperty::*;
    assert_eq!(told(vec![track(X, &[])]), "a: the x track of `face` has 0 keys; it needs 1 to 1000");
    assert_eq!(
        told(vec![track(Y, &[(5, 1), (5, 2)])]),
        "a: the y track of `face` has a key at 5 ms after one at 5 ms; keys go forward in time"
    );
    let opaque = told(vec![track(Opacity, &[(7, 1001)])]);
    assert_eq!(opaque, "a: the opacity track of `face` has the value 1001 at 7 ms; it takes 0 to 1000 thousandths");
    let small = told(vec![track(Scale, &[(0, 0)])]);
    assert_eq!(small, "a: the scale track of `face` has the value 0 at 0 ms; it takes 10000 to 8000000 millionths");
    assert_eq!(told(vec![track(X, &[(0, 1)]), track(X, &[(0, 2)])]), "a: the x track of `face` is there twice; a property has one track");
}

#[test]
fn what_changes_nothing_changes_no_key() {
    let key = |shot: PlannedShot| contracts::canonical_bytes(&lower(&plan(vec![shot]), &[]).unwrap().shots[0]).unwrap();
    let mut still = shot("a", 0, 10);
    still.movement = Movement::new(MoveKind::Hold, 0);
    let mut idle = still.clone();
    idle.movement = Movement { kind: MoveKind::PushIn, amount: 0, easing: Some(Easing::In), seed: 9 };
    idle.planes[1].tracks = vec![track(TrackProperty::Opacity, &[(0, 1000), (80, 1000)]), track(TrackProperty::Scale, &[(3, 1_000_000)])];
    assert!(key(still.clone()) == key(idle.clone()));
    idle.planes[1].tracks.push(track(TrackProperty::X, &[(0, 5)]));
    assert!(key(still) != key(idle.clone()));
    let mut later = idle.clone();
    later.planes[1].tracks[2] = track(TrackProperty::X, &[(40, 5), (70, 5)]);
    assert!(key(idle) == key(later));
    let pushed = |easing| PlannedShot { movement: Movement { easing, ..Movement::new(MoveKind::PushIn, 40) }, ..shot("a", 0, 10) };
    assert!(key(pushed(None)) == key(pushed(Some(Easing::InOut))) && key(pushed(None)) != key(pushed(Some(Easing::Linear))));
}

#[test]
fn a_held_camera_trembles_within_its_amount_and_smoothly() {
    let places = |seed: u32| -> Vec<Placement> {
        let mut held = shot("a", 0, 480);
        held.movement = Movement { seed, ..Movement::new(MoveKind::Handheld, 10) };
        held.planes[1] = plane("face", (0, 0, 1280, 720), 500);
        let lowered = lower(&plan(vec![held]), &[]).unwrap().shots.remove(0);
        (0..480).map(|frame| lowered.layers[1].placement(&lowered, frame)).collect()
    };
    let (one, two) = (places(1), places(2));
    assert!(one != two && one == places(1));
    let most = |of: fn(&Placement) -> f64| one.iter().map(|p| of(p).abs()).fold(0.0, f64::max);
    assert!(most(|p| p.dx) <= 12.8 && most(|p| p.dx) > 6.0 && most(|p| p.dy) <= 9.0 && most(|p| p.dy) > 3.0);
    let steps = one.windows(2).map(|w| (w[1].dx - w[0].dx).abs()).fold(0.0, f64::max);
    assert!(steps < 2.0, "a jump of {steps} px");
    assert!(one.windows(2).all(|w| w[0] != w[1]));
}

#[test]
fn a_sway_comes_back_after_its_period() {
    let mut swaying = shot("a", 0, 100);
    swaying.movement.kind = MoveKind::Hold;
    swaying.planes[1].sway = Some(Sway { dx: 3000, dy: -1000, period_ms: 1000, phase: 0 });
    let lowered = lower(&plan(vec![swaying]), &[]).unwrap().shots.remove(0);
    let at = |frame| lowered.layers[1].placement(&lowered, frame);
    assert_eq!(at(0), at(24));
    assert!((at(6).dx - 3.0).abs() < 1e-9 && (at(6).dy + 1.0).abs() < 1e-9 && (at(18).dx + 3.0).abs() < 1e-9);
}
