use std::collections::BTreeMap;

use contracts::{
    EditRate, Id, Seed,
    assets::{Key, Sway, Track, TrackProperty},
    picture::Canvas,
    render::Filter,
    shots::{Easing, MoveKind, Movement, Side, Transition},
};
use media::image;

use super::*;
use crate::timeline::{Cue, PatchImage};

#[derive(Default)]
struct Blobs(BTreeMap<Hash, Vec<u8>>);

impl Blobs {
    fn layer(&mut self, name: &str, x: i32, y: i32, image: &Image) -> Layer {
        let hash = self.put(image);
        let rect = Rect { x, y, width: image.width, height: image.height };
        Layer::plain(name, hash, rect)
    }

    fn put(&mut self, image: &Image) -> Hash {
        let bytes = image::encode(image).unwrap();
        let hash = Hash::of(&bytes);
        self.0.insert(hash.clone(), bytes);
        hash
    }

    fn scene(&self, shot: &TimelineShot) -> Result<Scene, ComposeError> {
        Scene::load(shot, self, &Planes::default())
    }
}

impl Fetch for Blobs {
    fn fetch(&self, hash: &Hash) -> Result<Vec<u8>, String> {
        self.0.get(hash).cloned().ok_or_else(|| "gone".to_owned())
    }
}

fn flat(width: u32, height: u32, pixel: [u8; 4]) -> Image {
    Image { width, height, rgba: pixel.repeat((width * height) as usize) }
}

fn noise(seed: &mut Seed, width: u32, height: u32) -> Image {
    let mut rgba = Vec::new();
    for _ in 0..width * height {
        let a = [0, 255, seed.below(256)][seed.below(3) as usize];
        rgba.extend([seed.below(a + 1), seed.below(a + 1), seed.below(a + 1), a].map(|v| v as u8));
    }
    Image { width, height, rgba }
}

fn shot(layers: Vec<Layer>, movement: Movement) -> TimelineShot {
    TimelineShot {
        shot_id: Id::new("a").unwrap(),
        canvas: Canvas { width: 48, height: 32 },
        rate: EditRate::FILM,
        frames: 10,
        move_frames: 10,
        movement,
        transition: Transition::Cut,
        layers,
        clip: None,
        overlays: vec![],
        filter: contracts::render::Filter::Linear,
    }
}

fn hold() -> Movement {
    Movement::new(MoveKind::Hold, 0)
}

fn push() -> Movement {
    Movement::new(MoveKind::PushIn, 90)
}

#[test]
fn colours_are_bt_709_in_limited_range() {
    // Values of ITU-R BT.709-6, 8 bits.
    let known = [
        ([255, 255, 255], [235, 128, 128]),
        ([0, 0, 0], [16, 128, 128]),
        ([255, 0, 0], [63, 102, 240]),
        ([0, 255, 0], [173, 42, 26]),
        ([0, 0, 255], [32, 240, 118]),
        ([128, 128, 128], [126, 128, 128]),
    ];
    for ([r, g, b], wanted) in known {
        let mut blobs = Blobs::default();
        let layer = blobs.layer("a", 0, 0, &flat(48, 32, [r, g, b, 255]));
        let mut scene = blobs.scene(&shot(vec![layer], hold())).unwrap();
        let (frame, _) = scene.compose(0);
        let (luma, chroma) = (&frame.yuv[..48 * 32], &frame.yuv[48 * 32..]);
        let found = [luma[0], chroma[0], chroma[24 * 16]];
        assert!(found.iter().zip(wanted).all(|(&f, w): (&u8, i32)| (i32::from(f) - w).abs() <= 1), "{found:?} {wanted:?}");
        assert!(luma.iter().all(|&y| y == found[0]) && chroma[..24 * 16].iter().all(|&u| u == found[1]), "an edge bleeds");
        let (w, h, rgb) = frame.half_rgb();
        assert_eq!((w, h, rgb.len()), (24, 16, 24 * 16 * 3));
        assert!(rgb.iter().zip([r, g, b].iter().cycle()).all(|(f, w)| f.abs_diff(*w) <= 3), "{:?}", &rgb[..3]);
        let rgb = frame.rgb();
        assert_eq!(rgb.len(), 48 * 32 * 3);
        assert!(rgb.iter().zip([r, g, b].iter().cycle()).all(|(f, w)| f.abs_diff(*w) <= 3), "{:?}", &rgb[..3]);
    }
}

#[test]
fn between_its_samples_chroma_runs_evenly() {
    // Blue-difference 100 left, 140 right; above and below alike.
    let mut frame = Frame::black(Canvas { width: 16, height: 16 });
    frame.yuv[..256].fill(126);
    for j in 0..8 {
        frame.yuv[256 + j * 8..256 + j * 8 + 8].copy_from_slice(&[100, 100, 100, 100, 140, 140, 140, 140]);
    }
    let rgb = frame.rgb();
    let blue: Vec<u8> = (0..16).map(|i| rgb[(5 * 16 + i) * 3 + 2]).collect();
    assert!(blue[..7].iter().all(|b| *b == blue[0]) && blue[8..].iter().all(|b| *b == blue[8]), "{blue:?}");
    assert_eq!(u32::from(blue[7]), (u32::from(blue[0]) + u32::from(blue[8])).div_ceil(2), "{blue:?}");
    assert!(rgb.chunks_exact(3).all(|p| p[0] == 128), "red takes nothing from it");
}

#[test]
fn half_transparent_over_white_is_grey() {
    let mut blobs = Blobs::default();
    let layers = vec![blobs.layer("paper", 0, 0, &flat(48, 32, [255; 4])), blobs.layer("veil", 3, 5, &flat(20, 20, [0, 0, 0, 128]))];
    let mut scene = blobs.scene(&shot(layers, hold())).unwrap();
    let (frame, _) = scene.compose(0);
    let luma = |x: usize, y: usize| frame.yuv[y * 48 + x];
    assert_eq!((luma(2, 10), luma(22, 24), luma(23, 24)), (235, 125, 235));
    assert_eq!((luma(3, 5), luma(3, 4)), (125, 235));
}

#[test]
fn a_patch_is_as_if_it_had_been_painted() {
    let mut seed = Seed::of(&["patch"]);
    for movement in [hold(), push()] {
        for _ in 0..20 {
            let mut blobs = Blobs::default();
            let base = noise(&mut seed, 30, 24);
            let (x, y) = (seed.between(-6, 20) as i32, seed.between(-6, 12) as i32);
            let patches: Vec<(Image, i32, i32)> = (0..2)
                .map(|_| {
                    let (w, h) = (seed.between(1, 12) as u32, seed.between(1, 12) as u32);
                    (noise(&mut seed, w, h), x + seed.between(-4, 28) as i32, y + seed.between(-4, 22) as i32)
                })
                .collect();
            let back = blobs.layer("back", 0, 0, &noise(&mut seed, 48, 32));
            let mut layer = blobs.layer("face", x, y, &base);
            for (image, x, y) in &patches {
                let rect = Rect { x: *x, y: *y, width: image.width, height: image.height };
                layer.patches.push(PatchImage { image: blobs.put(image), rect });
            }
            let states: [&[u32]; 6] = [&[], &[0], &[0, 1], &[1], &[], &[0, 1]];
            layer.cues = (1..).zip(&states[1..]).map(|(frame, s)| Cue { frame, patches: s.to_vec() }).collect();
            let mut patched = blobs.scene(&shot(vec![back.clone(), layer], movement)).unwrap();
            for (frame, state) in (0..).zip(states) {
                let mut painted = base.clone();
                for &i in state {
                    let (image, px, py) = &patches[i as usize];
                    replace(&mut painted, image, px - x, py - y);
                }
                let layer = blobs.layer("face", x, y, &painted);
                let mut plain = blobs.scene(&shot(vec![back.clone(), layer], movement)).unwrap();
                assert!(patched.compose(frame).0 == plain.compose(frame).0, "frame {frame} at {x},{y}");
            }
        }
    }
}

#[test]
fn nothing_is_composed_twice_and_nothing_is_forgotten() {
    let mut seed = Seed::of(&["hold"]);
    let mut blobs = Blobs::default();
    let mut layer = blobs.layer("a", -2, 3, &noise(&mut seed, 40, 20));
    let mut still = blobs.scene(&shot(vec![layer.clone()], hold())).unwrap();
    assert_eq!([0, 1, 2].map(|frame| still.compose(frame).1), [true, false, false]);
    layer.sway = Some(Sway { dx: 900, dy: 0, period_ms: 500, phase: 0 });
    let swaying = shot(vec![layer], push());
    let mut scene = blobs.scene(&swaying).unwrap();
    // Frames may be asked for in any order.
    let forward: Vec<Frame> = (0..12).map(|frame| scene.compose(frame).0.clone()).collect();
    assert!(forward.windows(2).take(9).all(|pair| pair[0] != pair[1]));
    for frame in (0..12).rev() {
        assert!(scene.compose(frame).0 == &forward[frame as usize], "frame {frame}");
        assert!(blobs.scene(&swaying).unwrap().compose(frame).0 == &forward[frame as usize]);
    }
}

#[test]
fn unfit_pictures_are_named() {
    let mut blobs = Blobs::default();
    let layer = blobs.layer("cloud", 0, 0, &flat(4, 4, [9, 9, 9, 255]));
    blobs.0.insert(layer.image.clone(), b"GIF89a".to_vec());
    assert!(matches!(blobs.scene(&shot(vec![layer.clone()], hold())).err(), Some(ComposeError::Picture { .. })));
    blobs.0.clear();
    assert!(matches!(blobs.scene(&shot(vec![layer], hold())).err(), Some(ComposeError::Absent { .. })));
}

#[test]
fn a_mix_begins_with_one_and_ends_with_the_other() {
    let canvas = Canvas { width: 16, height: 16 };
    let (black, mut white) = (Frame::black(canvas), Frame::black(canvas));
    white.yuv[..256].fill(235);
    let mixed = |weight| {
        let mut frame = Frame::black(canvas);
        frame.mix(&black, &white, weight);
        frame
    };
    assert!(mixed(0) == black && mixed(256) == white);
    assert_eq!(mixed(128).yuv[0], 126);
}

/// Random layers, some large enough for every width of vector, under a move, in both filters.
fn crowd(seed: &mut Seed, blobs: &mut Blobs) -> TimelineShot {
    let kinds = [MoveKind::Hold, MoveKind::PushIn, MoveKind::PullOut, MoveKind::PanLeft, MoveKind::TiltUp, MoveKind::Handheld];
    let mut layers = Vec::new();
    for n in 0..4 {
        let (w, h) = (seed.between(1, 260) as u32, seed.between(1, 90) as u32);
        let (x, y) = (seed.between(-80, 150) as i32, seed.between(-40, 60) as i32);
        let image = if n == 0 { flat(w, h, [90, 60, 30, 255]) } else { noise(seed, w, h) };
        let mut layer = blobs.layer("a", x, y, &image);
        layer.parallax = seed.below(1200) as u32;
        // Some stand in another size than they have.
        if seed.below(3) == 0 {
            layer.rect.width = seed.between(1, 300) as u32;
            layer.rect.height = seed.between(1, 120) as u32;
        }
        if seed.below(2) == 0 {
            layer.sway = Some(Sway { dx: 2345, dy: 1234, period_ms: 400, phase: seed.below(1000) as u32 });
        }
        if seed.below(3) == 0 {
            let keys = [(0, 0), (200, 1000), (400, 300)].map(|(at_ms, value)| Key { at_ms, value });
            layer.tracks.push(Track { property: TrackProperty::Opacity, keys: keys.to_vec(), easing: Easing::Linear, repeat: false });
        }
        if seed.below(4) == 0 {
            let keys = [(0, 200_000), (400, 5_000_000)].map(|(at_ms, value)| Key { at_ms, value });
            layer.tracks.push(Track { property: TrackProperty::Scale, keys: keys.to_vec(), easing: Easing::Out, repeat: false });
        }
        layers.push(layer);
    }
    let mut movement = Movement::new(kinds[seed.below(6) as usize], seed.below(200) as u32);
    movement.seed = 7;
    let mut shot = shot(layers, movement);
    shot.canvas = Canvas { width: 198, height: 70 };
    shot.filter = if seed.below(2) == 0 { Filter::Linear } else { Filter::Cubic };
    shot
}

#[test]
fn every_set_of_instructions_gives_the_same_frames_on_any_number_of_threads() {
    let mut seed = Seed::of(&["instructions"]);
    let mut blobs = Blobs::default();
    let shots: Vec<TimelineShot> = (0..40).map(|_| crowd(&mut seed, &mut blobs)).collect();
    let frames = |planes: &Planes, shot: &TimelineShot| -> Vec<Frame> {
        let mut scene = Scene::load(shot, &blobs, planes).unwrap();
        [0, 1, 5, 9].map(|frame| scene.compose(frame).0.clone()).to_vec()
    };
    let mut wanted: Option<Vec<Vec<Frame>>> = None;
    let all = Isa::available();
    for isa in &all {
        isa.force();
        assert_eq!(Isa::current(), *isa);
        for threads in 1..=3 {
            let planes = Planes::default();
            let found: Vec<Vec<Frame>> = std::thread::scope(|scope| {
                let part = |n| shots.chunks(shots.len().div_ceil(threads)).nth(n).unwrap_or(&[]);
                let work: Vec<_> = (0..threads)
                    .map(|n| {
                        scope.spawn({
                            let (planes, frames) = (&planes, &frames);
                            move || part(n).iter().map(|shot| frames(planes, shot)).collect::<Vec<_>>()
                        })
                    })
                    .collect();
                work.into_iter().flat_map(|work| work.join().unwrap()).collect()
            });
            let wanted = wanted.get_or_insert_with(|| found.clone());
            assert!(*wanted == found, "{} with {threads} threads", isa.name());
        }
    }
    let moving = wanted.unwrap().iter().filter(|frames| frames[0] != frames[3]).count();
    assert!(moving > 20, "only {moving} shots show anything that moves");
    assert!(Isa::force_named("abacus").unwrap_err().contains("scalar"));
    all[all.len() - 1].force();
}

#[test]
fn cubic_weights_add_up_and_keep_their_centre() {
    for f in 0..128_u8 {
        let [a, b, c, d] = plain::cubic(f);
        assert_eq!((a + b + c + d, c + 2 * d - a), (128, i16::from(f)), "{f}");
        assert!(a <= 0 && d <= 0 && (0..=128).contains(&b) && (0..=128).contains(&c), "{:?}", plain::cubic(f));
    }
}

#[test]
fn opacity_runs_from_nothing_to_everything() {
    let mut seed = Seed::of(&["opacity"]);
    let mut blobs = Blobs::default();
    let (back, veil) = (noise(&mut seed, 48, 32), flat(20, 20, [200, 200, 200, 255]));
    let under = blobs.layer("back", 0, 0, &back);
    let over = blobs.layer("veil", 8, 6, &veil);
    let with = |value: Option<i32>| {
        let mut over = over.clone();
        let track =
            |value| Track { property: TrackProperty::Opacity, keys: vec![Key { at_ms: 0, value }], easing: Easing::Linear, repeat: false };
        over.tracks.extend(value.map(track));
        blobs.scene(&shot(vec![under.clone(), over], push())).unwrap().compose(4).0.clone()
    };
    let alone = blobs.scene(&shot(vec![under.clone()], push())).unwrap().compose(4).0.clone();
    assert!(with(Some(0)) == alone && with(Some(1000)) == with(None) && with(None) != alone);
    let at = 16 * 48 + 18;
    let (low, high) = (i32::from(alone.yuv[at]), i32::from(with(None).yuv[at]));
    assert!((i32::from(with(Some(500)).yuv[at]) - (low + high) / 2).abs() <= 1);
    // A layer that is not seen and moves all the same changes nothing.
    let mut hidden = over.clone();
    let key = |at_ms, value| Key { at_ms, value };
    hidden.tracks = vec![
        Track { property: TrackProperty::X, keys: vec![key(0, 0), key(400, 9000)], easing: Easing::Linear, repeat: false },
        Track { property: TrackProperty::Opacity, keys: vec![key(0, 0)], easing: Easing::Linear, repeat: false },
    ];
    let mut scene = blobs.scene(&shot(vec![under.clone(), hidden], hold())).unwrap();
    assert_eq!([0, 1, 2].map(|frame| scene.compose(frame).1), [true, false, false]);
}

#[test]
fn a_plane_grows_about_its_own_centre() {
    let mut blobs = Blobs::default();
    let mut layer = blobs.layer("square", 4, 10, &flat(8, 8, [255; 4]));
    let key = |at_ms, value| Key { at_ms, value };
    layer.tracks = vec![Track {
        property: TrackProperty::Scale,
        keys: vec![key(0, 1_000_000), key(375, 2_000_000)],
        easing: Easing::Linear,
        repeat: false,
    }];
    let mut scene = blobs.scene(&shot(vec![layer], hold())).unwrap();
    let frame = scene.compose(9).0;
    let lit: Vec<usize> = (0..48 * 32).filter(|&i| frame.yuv[i] > 120).collect();
    let (xs, ys) = (lit.iter().map(|i| i % 48), lit.iter().map(|i| i / 48));
    assert_eq!((xs.clone().min(), xs.max(), ys.clone().min(), ys.max()), (Some(0), Some(15), Some(6), Some(21)), "8 px about (8, 14)");
}

#[test]
fn a_wipe_is_soft_and_its_chroma_goes_with_it() {
    let canvas = Canvas { width: 200, height: 100 };
    let (mut a, mut b) = (Frame::black(canvas), Frame::black(canvas));
    for (frame, luma, chroma) in [(&mut a, 40, 60), (&mut b, 200, 220)] {
        frame.yuv[..20_000].fill(luma);
        frame.yuv[20_000..].fill(chroma);
    }
    let mut out = Frame::black(canvas);
    for from in [Side::Left, Side::Right, Side::Top, Side::Bottom] {
        let mut before = 0;
        for part in 0..=10 {
            out.wipe(&a, &b, from, part, 10);
            let seen = out.yuv[..20_000].iter().filter(|v| **v > 120).count();
            assert!(seen >= before && (part > 0 || seen == 0) && (part < 10 || seen == 20_000), "{from:?} {part}: {seen}");
            before = seen;
            // Where luma is as far along as it is, chroma is too.
            for k in 0..50 {
                let (x, y) = if matches!(from, Side::Left | Side::Right) { (2 * k, 48) } else { (100, 2 * k.min(48)) };
                let luma = |y: usize| (i32::from(out.yuv[y * 200 + x]) - 40) as f64 / 160.0;
                let here = if matches!(from, Side::Left | Side::Right) { luma(y) } else { f64::midpoint(luma(y), luma(y + 1)) };
                let chroma = (i32::from(out.yuv[20_000 + y / 2 * 100 + x / 2]) - 60) as f64 / 160.0;
                assert!((here - chroma).abs() < 0.06, "{from:?} {part} at {x},{y}: {here} {chroma}");
            }
        }
        assert!(out == b);
        out.wipe(&a, &b, from, 0, 10);
        assert!(out == a);
        out.wipe(&a, &b, from, 5, 10);
        let between = out.yuv[..20_000].iter().filter(|v| (50..190).contains(*v)).count();
        assert!(between > 500, "{from:?} has a hard edge: {between}");
    }
}

mod smooth;
