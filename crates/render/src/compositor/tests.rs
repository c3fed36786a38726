use std::collections::BTreeMap;

use contracts::{
    EditRate, Id, Seed,
    assets::Sway,
    picture::Canvas,
    shots::{MoveKind, Movement, Transition},
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
        Layer {
            name: name.into(),
            image: hash,
            rect,
            parallax: 500,
            cover: 1_000_000,
            sway: None,
            tracks: vec![],
            patches: vec![],
            cues: vec![],
        }
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
