use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use contracts::{
    EditRate, Hash, Id,
    picture::Canvas,
    render::{Filter, Fit},
    shots::{MoveKind, Movement, Side},
};
use media::image::{Image, encode};

use super::*;
use crate::timeline::{Layer, Rect, ShotOverlay};

const CANVAS: Canvas = Canvas { width: 64, height: 48 };

/// Pictures by address, and how often each was read.
#[derive(Default)]
struct Blobs {
    files: BTreeMap<Hash, Vec<u8>>,
    read: Mutex<Vec<Hash>>,
}

impl Fetch for Blobs {
    fn fetch(&self, hash: &Hash) -> Result<Vec<u8>, String> {
        self.read.lock().unwrap().push(hash.clone());
        self.files.get(hash).cloned().ok_or_else(|| "gone".into())
    }
}

impl Blobs {
    fn put(&mut self, width: u32, height: u32, pixel: [u8; 4]) -> Hash {
        let bytes = encode(&Image { width, height, rgba: pixel.repeat((width * height) as usize) }).unwrap();
        let hash = Hash::of(&bytes);
        self.files.insert(hash.clone(), bytes);
        hash
    }

    /// A shot of one grey that stands still.
    fn shot(&mut self, level: u8, transition: Transition) -> TimelineShot {
        let image = self.put(64, 48, [level, level, level, 255]);
        let rect = Rect { x: 0, y: 0, width: 64, height: 48 };
        let layer = Layer::plain("grey", image, rect);
        TimelineShot {
            shot_id: Id::new("a").unwrap(),
            canvas: CANVAS,
            rate: EditRate::FILM,
            frames: 12,
            move_frames: 12,
            movement: Movement::new(MoveKind::Hold, 0),
            transition,
            layers: vec![layer],
            clip: None,
            overlays: vec![],
            filter: Filter::Linear,
        }
    }
}

fn player(shot: &TimelineShot, previous: Option<&TimelineShot>, blobs: &Blobs) -> Player {
    Player::new(shot, previous, Sources { fetch: blobs, clips: &NoClips, planes: &Planes::default() }).unwrap()
}

fn overlay(image: &Hash, (x, y, width, height): (i32, i32, u32, u32), (first, end): (u64, u64)) -> ShotOverlay {
    ShotOverlay { image: image.clone(), rect: Rect { x, y, width, height }, first, end }
}

#[test]
fn overlays_lie_over_the_finished_frame_and_only_where_they_are() {
    let mut blobs = Blobs::default();
    let before = blobs.shot(0, Transition::Cut);
    let mut shot = blobs.shot(0, Transition::Dissolve { frames: 4 });
    let white = blobs.put(10, 6, [255; 4]);
    let glass = blobs.put(10, 6, [128, 128, 128, 128]);
    let plain: Vec<Frame> = {
        let mut plain = player(&shot, Some(&before), &blobs);
        (0..12).map(|k| plain.frame(k).unwrap().0.clone()).collect()
    };
    shot.overlays = vec![
        overlay(&white, (5, 3, 10, 6), (2, 6)),
        overlay(&white, (61, -4, 10, 6), (2, 9)),
        overlay(&glass, (8, 4, 20, 12), (4, 6)),
        overlay(&white, (200, 200, 10, 6), (0, 12)),
    ];
    blobs.read.lock().unwrap().clear();
    let mut seen = player(&shot, Some(&before), &blobs);
    let reads = blobs.read.lock().unwrap().iter().filter(|hash| **hash == white).count();
    assert_eq!(reads, 1);
    for (k, plain) in (0..).zip(&plain) {
        let frame = seen.frame(k).unwrap().0;
        let luma = |x: usize, y: usize| frame.yuv[y * 64 + x];
        let (first, second, third) = ((2..6).contains(&k), (2..9).contains(&k), (4..6).contains(&k));
        assert_eq!(luma(6, 3), if first { 235 } else { 16 }, "frame {k}");
        assert_eq!((luma(4, 3), luma(15, 3), luma(5, 2), luma(40, 30)), (16, 16, 16, 16));
        assert_eq!((luma(62, 0), luma(62, 2), luma(60, 0)), (if second { 235 } else { 16 }, 16, 16));
        assert_eq!(luma(22, 10), if third { 126 } else { 16 }, "half grey glass, scaled to its place");
        if !second {
            assert!(frame == plain, "frame {k}");
        }
    }
}

#[test]
fn a_frame_says_that_it_stays_only_when_it_does() {
    let mut blobs = Blobs::default();
    let before = blobs.shot(200, Transition::Cut);
    let transitions = [
        Transition::Cut,
        Transition::FromBlack { frames: 3 },
        Transition::Dissolve { frames: 3 },
        Transition::Dip { frames: 3, colour: DipColour::White },
        Transition::Dip { frames: 1, colour: DipColour::Black },
        Transition::Wipe { frames: 3, from: Side::Top },
    ];
    let mark = blobs.put(4, 4, [255; 4]);
    for transition in transitions {
        let mut shot = blobs.shot(90, transition);
        shot.overlays = vec![overlay(&mark, (0, 0, 4, 4), (6, 9))];
        // All frames, and some left out.
        for step in [1, 2, 5] {
            let mut playing = player(&shot, Some(&before), &blobs);
            let mut last: Option<Frame> = None;
            let mut stayed = 0;
            for k in (0..12).step_by(step) {
                let (frame, changed) = playing.frame(k).unwrap();
                assert!(changed || last.as_ref() == Some(frame), "{transition:?} frame {k}");
                stayed += u32::from(!changed);
                last = Some(frame.clone());
            }
            assert!(step > 1 || stayed >= 6, "{transition:?}: {stayed}");
        }
    }
}

#[test]
fn a_dip_goes_to_its_colour_and_comes_from_it() {
    let mut blobs = Blobs::default();
    let before = blobs.shot(255, Transition::Cut);
    let shot = blobs.shot(255, Transition::Dip { frames: 6, colour: DipColour::Black });
    let mut playing = player(&shot, Some(&before), &blobs);
    let levels: Vec<u8> = (0..8).map(|k| playing.frame(k).unwrap().0.yuv[0]).collect();
    assert!(levels[0] < 235 && levels[0] > levels[1] && levels[2] == 16, "{levels:?}");
    assert!(levels[3] > 16 && levels[3] < levels[4] && levels[4] < levels[5] && levels[5] < 235, "{levels:?}");
    assert_eq!(levels[6..], [235, 235]);
}

/// A clip whose frames are as bright as their index, from the first that is asked for.
struct Counting {
    first: u64,
    end: u64,
    yuv: Vec<u8>,
    asked: Arc<Mutex<Vec<u64>>>,
}

impl ClipFrames for Counting {
    fn frame(&mut self, index: u64) -> Result<&[u8], RenderError> {
        self.asked.lock().unwrap().push(index);
        let level = 20 + (self.first + index).min(self.end) as u8;
        self.yuv.fill(level);
        Ok(&self.yuv)
    }
}

#[derive(Default)]
struct Opener {
    asked: Arc<Mutex<Vec<u64>>>,
    bytes: usize,
}

impl OpenClip for Opener {
    fn open(&self, _: &TimelineShot, _: &Clip, first: u64) -> Result<Box<dyn ClipFrames>, RenderError> {
        Ok(Box::new(Counting { first, end: 14, yuv: vec![0; self.bytes], asked: Arc::clone(&self.asked) }))
    }
}

#[test]
fn a_clip_is_played_in_order_and_runs_on_under_the_shot_after_it() {
    let mut blobs = Blobs::default();
    let clip = Clip { video: Hash::of(b"clip"), skip_ms: 0, fit: Fit::Cover };
    let mut filmed = blobs.shot(0, Transition::Cut);
    filmed.clip = Some(clip);
    let planes = Planes::default();
    let bytes = 64 * 48 * 3 / 2;
    let opener = Opener { bytes, ..Opener::default() };
    let sources = Sources { fetch: &blobs, clips: &opener, planes: &planes };
    let mut playing = Player::new(&filmed, None, sources).unwrap();
    let played: Vec<(u8, bool)> = (0..17).map(|k| playing.frame(k).map(|(frame, changed)| (frame.yuv[9], changed)).unwrap()).collect();
    let wanted: Vec<(u8, bool)> = (0..17).map(|k| (20 + k.min(14), k <= 14)).collect();
    assert_eq!(played, wanted, "past its end it stands");
    assert_eq!(*opener.asked.lock().unwrap(), (0..17).collect::<Vec<_>>());

    // The shot after it: the clip goes on from frame 12.
    opener.asked.lock().unwrap().clear();
    let after = TimelineShot { transition: Transition::Wipe { frames: 2, from: Side::Left }, clip: None, layers: vec![], ..filmed.clone() };
    let mut playing = Player::new(&after, Some(&filmed), Sources { fetch: &blobs, ..sources }).unwrap();
    assert_eq!(playing.frame(0).unwrap().0.yuv[63], 32);
    assert_eq!(playing.frame(1).unwrap().0.yuv[63], 33);
    assert_eq!(playing.frame(2).unwrap().0.yuv[63], 16);
    assert_eq!(*opener.asked.lock().unwrap(), [0, 1]);

    // A frame of another size is no frame of it.
    let short = Opener { bytes: bytes - 1, ..Opener::default() };
    let mut playing = Player::new(&filmed, None, Sources { fetch: &blobs, clips: &short, planes: &planes }).unwrap();
    assert!(playing.frame(0).unwrap_err().to_string().contains("4607 bytes, 4608 were wanted"));
    assert!(Player::new(&filmed, None, Sources { fetch: &blobs, clips: &NoClips, planes: &planes }).is_err());
}
