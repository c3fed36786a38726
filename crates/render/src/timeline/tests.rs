use std::collections::BTreeMap;

use contracts::{
    Seed,
    assets::Patch,
    render::{EncodeSettings, MixSettings, Runtime, SpriteCue},
};

use super::*;

fn plane(name: &str, rect: (i32, i32, u32, u32), parallax: u32) -> Plane {
    let (x, y, width, height) = rect;
    let image = Hash::of(name.as_bytes());
    Plane { name: name.into(), image, x, y, width, height, parallax, depth: 0, states: BTreeMap::new(), sway: None, tracks: Vec::new() }
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
    let mut seed = Seed::of(&["cover"]);
    let kinds = [MoveKind::PushIn, MoveKind::PullOut, MoveKind::PanLeft, MoveKind::PanRight, MoveKind::TiltUp, MoveKind::TiltDown];
    let (mut wider, mut enough) = (0, 0);
    for _ in 0..300 {
        let mut shot = shot("a", 0, 30);
        let overscan = [0, 0, 10, 51][seed.below(4) as usize];
        let full = (-overscan, -overscan, 1280 + 2 * overscan as u32, 720 + 2 * overscan as u32);
        shot.planes = vec![plane("back", full, seed.below(1200) as u32), plane("ground", (-overscan, 400, full.2, 320), 620)];
        shot.planes[0].sway = Some(Sway { dx: seed.between(-4000, 4000) as i32, dy: 2000, period_ms: 900, phase: 100 });
        shot.movement = Movement::new(kinds[seed.below(6) as usize], seed.below(60) as u32);
        let lowered = lower(&plan(vec![shot]), &[]).unwrap().shots.remove(0);
        for (layer, sides) in lowered.layers.iter().zip([[true; 4], [true, true, false, true]]) {
            wider += u32::from(layer.cover > 1_000_000);
            enough += u32::from(layer.cover == 1_000_000);
            for frame in 0..30 {
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
