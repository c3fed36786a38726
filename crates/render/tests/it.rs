//! The video engine against the real ffmpeg, on small canvases.

#[path = "it/episodes.rs"]
mod episodes;
#[path = "it/segments.rs"]
mod segments;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use contracts::{
    EditRate, Hash, Id, Seed,
    assets::{Patch, Plane, Sway},
    picture::Canvas,
    render::{Bus, Chapter, EncodeSettings, Filter, MixSettings, PlannedShot, PlannedSound, RenderPlan, Runtime, SpriteCue},
    shots::{MoveKind, Movement, Transition},
};
use media::{
    ffmpeg::Ffmpeg,
    image::{Image, encode},
    wav,
};
use render::{
    compositor::{Fetch, Frame, Planes},
    join::{self, format_of},
    look::verify,
    measure::{Film, measure_film},
    player::{NoClips, Sources, compose_frame},
    sheet::contact_sheet,
    shot::{ShotReport, render_shot},
    timeline::{Timeline, TimelineShot, lower},
};

const CANVAS: Canvas = Canvas { width: 64, height: 36 };

/// Blobs by address.
#[derive(Default)]
struct Blobs(BTreeMap<Hash, Vec<u8>>, Planes);

impl Fetch for Blobs {
    fn fetch(&self, hash: &Hash) -> Result<Vec<u8>, String> {
        self.0.get(hash).cloned().ok_or_else(|| "not in the test".to_owned())
    }
}

impl Blobs {
    fn sound(&self, hash: &Hash) -> Result<wav::Source, Box<dyn std::error::Error + Send + Sync>> {
        Ok(wav::Source::Bytes(self.fetch(hash)?))
    }

    fn sources(&self) -> Sources<'_> {
        Sources { fetch: self, clips: &NoClips, planes: &self.1 }
    }

    fn put(&mut self, bytes: Vec<u8>) -> Hash {
        let hash = Hash::of(&bytes);
        self.0.insert(hash.clone(), bytes);
        hash
    }

    /// A plane whose pixels a function of x and y gives as premultiplied RGBA.
    fn plane(&mut self, name: &str, (x, y): (i32, i32), (width, height): (u32, u32), pixel: impl Fn(u32, u32) -> [u8; 4]) -> Plane {
        let rgba = (0..height).flat_map(|j| (0..width).map(move |i| (i, j))).flat_map(|(i, j)| pixel(i, j)).collect();
        let image = self.put(encode(&Image { width, height, rgba }).unwrap());
        Plane {
            name: name.into(),
            image,
            x,
            y,
            width,
            height,
            parallax: 500,
            depth: 500,
            states: BTreeMap::new(),
            sway: None,
            tracks: Vec::new(),
            cycles: Vec::new(),
        }
    }
}

fn settings() -> EncodeSettings {
    EncodeSettings { preset: "veryfast".into(), crf: 23, audio_bit_rate: 128_000 }
}

fn shot(id: &str, frames: u64, planes: Vec<Plane>) -> PlannedShot {
    PlannedShot {
        shot_id: Id::new(id).unwrap(),
        start_frame: 0,
        frames,
        planes,
        clip: None,
        movement: Movement::new(MoveKind::PushIn, 80),
        transition: Transition::Cut,
        sprites: vec![],
        still: false,
    }
}

fn plan(rate: EditRate, mut shots: Vec<PlannedShot>) -> RenderPlan {
    let mut total = 0;
    for shot in &mut shots {
        shot.start_frame = total;
        total += shot.frames;
    }
    RenderPlan {
        project_id: Id::new("test").unwrap(),
        episode: 1,
        title: "A \"title\"; with = signs # and 'quotes'".into(),
        language: "en-GB".into(),
        profile: Id::new("preview_local").unwrap(),
        render_runtime: Runtime::Ffmpeg,
        terms: None,
        canvas: CANVAS,
        edit_rate: rate,
        timing_lock: Hash::of(b"lock"),
        total_frames: total,
        encode: settings(),
        filter: Filter::Linear,
        burn_in: None,
        overlays: Vec::new(),
        shots,
        sounds: vec![],
        mix: MixSettings {
            duck_cb: -1200,
            duck_lookahead_ms: 50,
            duck_attack_ms: 100,
            duck_release_ms: 400,
            loudness_cb: -1600,
            true_peak_cb: -200,
        },
        captions: vec![],
        chapters: vec![],
        rights: BTreeMap::new(),
        stand_ins: vec![],
    }
}

/// A far plane with texture, a figure with a mouth, and a soft front plane that sways.
fn planes(blobs: &mut Blobs, seed: &str) -> Vec<Plane> {
    let noise = |label: &str, n: usize| -> Vec<u8> {
        let mut seed = Seed::of(&[seed, label]);
        (0..n).map(|_| seed.below(200) as u8).collect()
    };
    let far = noise("far", 72 * 40);
    let mut sky = blobs.plane("sky", (-4, -2), (72, 40), |x, y| {
        let v = far[(y / 4 * 72 + x / 4) as usize];
        [v, 255 - v, 90 + v / 2, 255]
    });
    sky.parallax = 100;
    let mut figure = blobs.plane("figure", (21, 7), (23, 29), |x, y| match (x, y) {
        (3..20, 4..29) => [200, 120, 60, 255],
        _ => [60, 30, 10, 80],
    });
    let mouth = blobs.plane("mouth", (0, 0), (6, 3), |_, _| [20, 0, 0, 255]);
    figure.states.insert("mouth:open".into(), Patch { image: mouth.image, x: 29, y: 20, width: 6, height: 3 });
    let mut front = blobs.plane("front", (-10, 26), (84, 20), |_, y| [0, 0, 0, (y * 12).min(255) as u8]);
    front.parallax = 850;
    front.sway = Some(Sway { dx: 1500, dy: 300, period_ms: 400, phase: 250 });
    vec![sky, figure, front]
}

fn cue(state: &str, frame: u64) -> SpriteCue {
    SpriteCue { plane: "figure".into(), group: "mouth".into(), state: state.into(), frame }
}

/// Three shots of odd lengths: from black, cut, dissolve.
fn three(blobs: &mut Blobs) -> Vec<PlannedShot> {
    let mut shots = vec![
        shot("s1", 13, planes(blobs, "one")),
        shot("s2", 1, planes(blobs, "two")),
        shot("s3", 7, planes(blobs, "three")),
        shot("s4", 30, planes(blobs, "four")),
    ];
    shots[0].transition = Transition::FromBlack { frames: 4 };
    shots[0].sprites = vec![cue("mouth:open", 3), cue("", 6), cue("mouth:open", 9)];
    shots[2].transition = Transition::Dissolve { frames: 4 };
    shots[3].transition = Transition::Dissolve { frames: 5 };
    shots[3].movement.kind = MoveKind::PanLeft;
    shots
}

fn render_all(timeline: &Timeline, blobs: &Blobs, ffmpeg: &Ffmpeg, dir: &Path) -> (Vec<PathBuf>, Vec<ShotReport>) {
    let shots = &timeline.shots;
    let render = |i: usize| {
        let out = dir.join(format!("shot-{i}.mp4"));
        let previous = i.checked_sub(1).map(|p| &shots[p]);
        let report = render_shot(&shots[i], previous, blobs.sources(), ffmpeg, &settings(), &out).unwrap();
        (out, report)
    };
    (0..shots.len()).map(render).unzip()
}

/// A folder that goes away with the test.
struct Scratch(PathBuf);

impl Scratch {
    fn temp_dir(&self, label: &str) -> PathBuf {
        let dir = (0..).map(|n| self.0.join(format!("{label}-{n}"))).find(|dir| !dir.exists()).unwrap();
        std::fs::create_dir_all(&dir).unwrap();
        dir
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct Bench {
    scratch: Scratch,
    ffmpeg: Ffmpeg,
}

impl Bench {
    fn new(label: &str) -> Self {
        let root = std::env::temp_dir().join(format!("reelwright-render-{label}-{}", std::process::id()));
        Self { scratch: Scratch(root), ffmpeg: Ffmpeg::find().unwrap() }
    }
}

#[test]
fn a_shot_is_the_same_bytes_however_often_and_beside_whatever() {
    let bench = Bench::new("same");
    let mut blobs = Blobs::default();
    let timeline = lower(&plan(EditRate::FILM, three(&mut blobs)), &[]).unwrap();
    let (a, b) = (bench.scratch.temp_dir("a"), bench.scratch.temp_dir("b"));
    let (first, reports) = render_all(&timeline, &blobs, &bench.ffmpeg, &a);
    // The second time all shots at once.
    let again: Vec<ShotReport> = std::thread::scope(|scope| {
        let planes = &blobs.1;
        let handles: Vec<_> = (0..timeline.shots.len())
            .map(|i| {
                let (timeline, blobs, bench, out) = (&timeline, &blobs, &bench, b.join(format!("{i}.mp4")));
                let previous = i.checked_sub(1).map(|p| &timeline.shots[p]);
                scope.spawn(move || {
                    render_shot(&timeline.shots[i], previous, Sources { planes, ..blobs.sources() }, &bench.ffmpeg, &settings(), &out)
                        .unwrap()
                })
            })
            .collect();
        handles.into_iter().map(|h| h.join().unwrap()).collect()
    });
    assert!(reports == again);
    for (i, path) in first.iter().enumerate() {
        assert!(std::fs::read(path).unwrap() == std::fs::read(b.join(format!("{i}.mp4"))).unwrap(), "segment {i}");
    }
    // The same on every machine; a change here changes every film's pictures, and is to be made knowingly.
    let composed: Vec<&str> = reports.iter().map(|r| r.composed.short()).collect();
    assert_eq!(composed, ["6e6a7542469b", "84c81af0d709", "1158d557b3f4", "2cfc870d8d5d"]);
    assert_eq!(reports.iter().map(|r| r.frames).collect::<Vec<_>>(), [13, 1, 7, 30]);
    assert_eq!(reports.iter().map(|r| r.black_frames).collect::<Vec<_>>(), [1, 0, 0, 0]);
    assert!(reports.iter().all(|r| r.longest_freeze <= 3));
    let sheet = contact_sheet(&reports.iter().map(|r| r.poster.clone()).collect::<Vec<_>>()).unwrap();
    let sheet = media::image::decode(&sheet).unwrap();
    // Small frames are halved, not quartered.
    assert_eq!((sheet.width, sheet.height), (4 * 38 + 6, 24 + 6));
}

#[test]
fn segments_join_into_a_film_with_every_frame_at_its_time() {
    let bench = Bench::new("join");
    let rates = [(24, 1), (25, 1), (30, 1), (30_000, 1001)].map(|(num, den)| EditRate { num, den });
    for rate in rates {
        let mut blobs = Blobs::default();
        let mut plan = plan(rate, three(&mut blobs));
        let samples = rate.samples_at(plan.total_frames) as usize;
        // A line of noise, over a tone that stands for music.
        let mut seed = Seed::of(&["voice"]);
        let voice: Vec<i16> = (0..12_000).map(|_| seed.between(-6000, 6000) as i16).collect();
        let start = 24_000;
        let mut sound = vec![0_i16; samples * 2];
        for (i, pair) in sound.as_chunks_mut::<2>().0.iter_mut().enumerate() {
            let tone = (libm::sin(i as f64 * 0.05) * 3000.0) as i16;
            let said = i.checked_sub(start).and_then(|k| voice.get(k)).copied().unwrap_or(0);
            *pair = [tone + said; 2];
        }
        let line = |name: &str, at: u64, audio: Hash| PlannedSound {
            need_id: Id::new(name).unwrap(),
            bus: Bus::Voices,
            audio,
            start: at,
            samples: 12_000,
            gain_cb: 0,
            fade_in: 0,
            fade_out: 0,
            room: None,
        };
        let audio = blobs.put(wav::write(48_000, 1, &voice).unwrap());
        // The second line is planned where only music sounds.
        plan.sounds = vec![line("line-1", start as u64, audio.clone()), line("line-2", 50_000, audio)];
        plan.chapters =
            vec![Chapter { title: "One; =#\\ 'x'".into(), start_frame: 0 }, Chapter { title: "Zwei äöü".into(), start_frame: 14 }];
        let timeline = lower(&plan, &[]).unwrap();
        let dir = bench.scratch.temp_dir("film");
        let (segments, _) = render_all(&timeline, &blobs, &bench.ffmpeg, &dir);
        let mix = dir.join("mix.wav");
        write(&mix, &wav::write(48_000, 2, &sound).unwrap());
        let sound = dir.join("sound.mp4");
        join::encode_sound(&plan.encode, &mix, &bench.ffmpeg, &sound).unwrap();
        let out = dir.join("film.mp4");
        let joined = |name: &str, segments: &[PathBuf]| {
            let work = bench.scratch.temp_dir("work");
            join::join(&plan, segments, &sound, &bench.ffmpeg, &work, &dir.join(name)).map_err(|e| e.to_string())
        };
        joined("film.mp4", &segments).unwrap();
        joined("again.mp4", &segments).unwrap();
        assert!(std::fs::read(&out).unwrap() == std::fs::read(dir.join("again.mp4")).unwrap());

        let seen = verify(&out, format_of(&plan), plan.total_frames, &bench.ffmpeg, "film").unwrap();
        assert_eq!(seen.frames, 51);
        let measured =
            measure_film(Film { path: &out, rate, sounds: &plan.sounds, captions: 2 }, &bench.ffmpeg, &|hash| blobs.sound(hash)).unwrap();
        assert_eq!((measured.frames, measured.duration_ms), (51, rate.ms(51)));
        assert_eq!((measured.lines_heard, measured.lines_planned), (1, 2));
        assert!((-3000..-1000).contains(&measured.loudness_cb), "{measured:?}");
        assert!((-1500..-500).contains(&measured.true_peak_cb), "{measured:?}");
        assert_eq!(measured.clipped_samples, 0);
        // What a codec leaves at its ends.
        assert!(measured.longest_silence_ms < 30, "{measured:?}");
        assert_eq!(measured.bytes, std::fs::metadata(&out).unwrap().len());

        let (streams, chapters) = bench.ffmpeg.streams(&out).unwrap();
        let audio = streams.iter().find(|s| s.codec_type == "audio").unwrap();
        assert_eq!((audio.codec_name.as_str(), audio.channels), ("aac", Some(2)));
        // Sound and picture end together, to less than a frame at any rate.
        let (mut heard, mut blocks) = (0, bench.ffmpeg.decode_sound(&out).unwrap());
        while let Some(block) = blocks.next_block().unwrap() {
            heard += block.len() as u64 / 2;
        }
        let apart = heard.abs_diff(rate.samples_at(51));
        assert!(apart < rate.samples_at(1), "{rate:?}: the sound ends {apart} samples before or after the picture");
        assert_eq!(audio.tags.get("language").map(String::as_str), Some("eng"));
        let titles: Vec<&str> = chapters.iter().filter_map(|c| c.tags.get("title").map(String::as_str)).collect();
        assert_eq!(titles, ["One; =#\\ 'x'", "Zwei äöü"]);

        // A film of other segments is not this plan's.
        let mut swapped = segments.clone();
        swapped.swap(0, 2);
        assert_eq!(joined("x.mp4", &swapped), Err("s1: it holds 7 frames, 13 were planned".into()));
        let other = dir.join("other.mp4");
        let coarse = EncodeSettings { crf: 40, ..settings() };
        render_shot(&timeline.shots[1], None, blobs.sources(), &bench.ffmpeg, &coarse, &other).unwrap();
        let mixed = [segments[0].clone(), other, segments[2].clone(), segments[3].clone()];
        assert_eq!(joined("y.mp4", &mixed), Err("s2: it was encoded with other parameter sets than the first shot".into()));

        if rate != EditRate::FILM {
            continue;
        }
        // Cut anywhere, neither a segment nor a film passes.
        for (path, frames) in [(&segments[3], 30), (&out, 51)] {
            let whole = std::fs::read(path).unwrap();
            for percent in [1, 20, 50, 80, 95, 99] {
                let cut = write(&dir.join("cut.mp4"), &whole[..whole.len() * percent / 100]);
                let film = Film { path: &cut, rate, sounds: &[], captions: 0 };
                let picture = verify(&cut, format_of(&plan), frames, &bench.ffmpeg, "cut");
                let sound = measure_film(film, &bench.ffmpeg, &|hash| blobs.sound(hash));
                let short = sound.as_ref().is_ok_and(|m| m.frames != frames);
                assert!(picture.is_err() || (path == &out && (sound.is_err() || short)), "{percent} % of {}", path.display());
            }
        }
    }
}

/// Writes a file and gives its path.
#[allow(clippy::disallowed_methods, reason = "a scratch file of a test needs no atomic write")]
fn write(path: &Path, bytes: &[u8]) -> PathBuf {
    std::fs::write(path, bytes).unwrap();
    path.to_owned()
}

#[test]
fn a_still_picture_is_a_freeze_and_a_slow_move_is_none() {
    let bench = Bench::new("still");
    let mut blobs = Blobs::default();
    let textured = |blobs: &mut Blobs| {
        let mut all = planes(blobs, "still");
        all.truncate(1);
        all
    };
    let mut still = shot("still", 48, textured(&mut blobs));
    still.movement = Movement::new(MoveKind::Hold, 0);
    let mut slow = shot("slow", 120, textured(&mut blobs));
    slow.planes[0].parallax = 500;
    slow.movement = Movement::new(MoveKind::PushIn, 150);
    let black = blobs.plane("black", (0, 0), (64, 36), |_, _| [0, 0, 0, 255]);
    let timeline = lower(&plan(EditRate::FILM, vec![still, slow, shot("black", 12, vec![black])]), &[]).unwrap();
    let dir = bench.scratch.temp_dir("still");
    let (_, reports) = render_all(&timeline, &blobs, &bench.ffmpeg, &dir);
    assert_eq!(reports[0].longest_freeze, 48);
    assert!(reports[1].longest_freeze < 24, "{}", reports[1].longest_freeze);
    assert_eq!((reports[2].black_frames, reports[2].longest_freeze), (12, 12));
}

#[test]
fn a_pan_is_smooth_below_a_pixel() {
    // A soft dot; where its centre lies is measured from luma, frame by frame.
    let mut blobs = Blobs::default();
    let dot = blobs.plane("dot", (44, 10), (40, 40), |x, y| {
        let (dx, dy) = (f64::from(x) - 20.0, f64::from(y) - 20.0);
        let a = (255.0 * libm::exp(-(dx * dx + dy * dy) / 40.0)) as u8;
        [a, a, a, a]
    });
    let mut moving = shot("pan", 60, vec![dot]);
    moving.movement = Movement::new(MoveKind::PanLeft, 150);
    let mut plan = plan(EditRate::FILM, vec![moving]);
    plan.canvas = Canvas { width: 128, height: 72 };
    let lowered = &lower(&plan, &[]).unwrap().shots[0];
    let centre = |frame: u64| {
        let frame = compose_frame(lowered, None, frame, blobs.sources()).unwrap();
        let weigh = |k: usize| f64::from(frame.yuv[k]) - 16.0;
        let pixels = 0..frame.width * frame.height;
        pixels.clone().map(|k| weigh(k) * (k % frame.width) as f64).sum::<f64>() / pixels.map(weigh).sum::<f64>()
    };
    let start = 64.0 - 0.15 * 128.0 / 2.0;
    for frame in 0..60 {
        let wanted = start + 0.15 * 128.0 * lowered.eased(frame);
        assert!((centre(frame) - wanted).abs() < 0.05, "frame {frame}: {} instead of {wanted}", centre(frame));
    }
}

#[test]
fn a_dissolve_mixes_with_the_shot_before_as_it_runs_on() {
    let mut blobs = Blobs::default();
    let shots = lower(&plan(EditRate::FILM, three(&mut blobs)), &[]).unwrap().shots;
    let (before, shot) = (&shots[2], &shots[3]);
    let mut alone = shot.clone();
    alone.transition = Transition::Cut;
    for k in 0..8 {
        let seen = compose_frame(shot, Some(before), k, blobs.sources()).unwrap();
        let mut wanted = compose_frame(&alone, None, k, blobs.sources()).unwrap();
        if k < 5 {
            let mut cut = before.clone();
            cut.transition = Transition::Cut;
            let own = std::mem::replace(&mut wanted, Frame::black(CANVAS));
            wanted.mix(&compose_frame(&cut, None, before.frames + k, blobs.sources()).unwrap(), &own, ((k + 1) * 256 / 6) as u16);
        }
        assert!(seen == wanted, "frame {k}");
    }
    assert!(compose_frame(shot, None, 0, blobs.sources()).unwrap_err().to_string().starts_with("s4: it begins in the shot before it"));
    let first = compose_frame(&shots[0], None, 0, blobs.sources()).unwrap();
    assert!(first == render::compositor::Frame::black(CANVAS), "out of black begins black");
    // What decides a shot's frames has a canonical form, which is its key.
    let key = |shot| Hash::of(&contracts::canonical_bytes(shot).unwrap());
    assert_ne!(key(shot), key(&alone));
}
