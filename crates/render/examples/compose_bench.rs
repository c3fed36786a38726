//! Milliseconds a frame at 1280×720, and to load a shot, for every set of instructions of this machine: one picture of
//! 1920×1080 as the bench has it, and seven layers as an episode has them, under a push-in, a pan and a hold.
//! Run with `cargo run --release -p render --example compose_bench`.
#![allow(clippy::print_stdout, reason = "an example prints what it measured")]

use contracts::{
    EditRate, Hash, Id, Seed,
    assets::Sway,
    picture::Canvas,
    render::Filter,
    shots::{MoveKind, Movement, Transition},
};
use media::image::{Image, encode};
use render::{
    compositor::{Isa, Planes, Scene},
    timeline::{Layer, Rect, TimelineShot},
};

const FRAMES: u64 = 240;

/// A plane with a wavy upper edge that is soft over a few pixels, noisy inside.
fn plane(width: u32, height: u32, horizon: f64, seed: &mut Seed) -> Image {
    let phase = seed.range(0.0, 6.0);
    let mut rgba = Vec::with_capacity((width * height * 4) as usize);
    for y in 0..height {
        for x in 0..width {
            let edge = horizon * f64::from(height) + 20.0 * libm::sin(f64::from(x) / 60.0 + phase);
            let a = ((f64::from(y) - edge) * 64.0).clamp(0.0, 255.0) as u32;
            let level = 60 + seed.below(90) as u32;
            rgba.extend([level, level + 20, level + 40].map(|c| (c * a / 255) as u8));
            rgba.push(a as u8);
        }
    }
    Image { width, height, rgba }
}

/// A dark edge: an ellipse left clear, alpha rising to the corners.
fn frame_edge(width: u32, height: u32) -> Image {
    let mut rgba = Vec::with_capacity((width * height * 4) as usize);
    for y in 0..height {
        for x in 0..width {
            let (dx, dy) = (f64::from(x) / f64::from(width) - 0.5, f64::from(y) / f64::from(height) - 0.5);
            let a = ((dx * dx + dy * dy - 0.25) * 2000.0).clamp(0.0, 200.0) as u8;
            rgba.extend([a / 20, a / 20, a / 16, a]);
        }
    }
    Image { width, height, rgba }
}

fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks: Vec<f64> = stat.rsplit(") ").next().unwrap_or_default().split(' ').skip(11).take(2).filter_map(|t| t.parse().ok()).collect();
    ticks.iter().sum::<f64>() / 100.0
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut seed = Seed::of(&["bench"]);
    let sway = Some(Sway { dx: 3000, dy: 600, period_ms: 6000, phase: 0 });
    let planes = [
        (plane(1382, 778, -0.2, &mut seed), -51, -29, 10, None),
        (plane(1382, 420, 0.15, &mut seed), -51, 330, 80, sway),
        (plane(1382, 360, 0.2, &mut seed), -51, 400, 200, None),
        (plane(300, 480, 0.1, &mut seed), 800, 120, 350, None),
        (plane(420, 620, 0.1, &mut seed), 380, 120, 500, None),
        (plane(1382, 200, 0.3, &mut seed), -51, 560, 620, None),
        (frame_edge(1382, 778), -51, -29, 1150, None),
    ];
    let mut files = std::collections::BTreeMap::new();
    let mut layers = Vec::new();
    for (i, (image, x, y, parallax, sway)) in planes.into_iter().enumerate() {
        let bytes = encode(&image)?;
        let rect = Rect { x, y, width: image.width, height: image.height };
        let hash = Hash::of(&bytes);
        layers.push(Layer {
            name: format!("p{i}"),
            image: hash.clone(),
            rect,
            parallax,
            cover: 1_000_000,
            sway,
            tracks: vec![],
            patches: vec![],
            cues: vec![],
        });
        files.insert(hash, bytes);
    }
    let whole = plane(1920, 1080, -0.2, &mut seed);
    let bytes = encode(&whole)?;
    let picture = Layer::plain("picture", Hash::of(&bytes), Rect { x: 0, y: 0, width: 1280, height: 720 });
    files.insert(picture.image.clone(), bytes);
    let fetch = |hash: &Hash| files.get(hash).cloned().ok_or_else(|| "absent".to_owned());
    let moves = [(MoveKind::PushIn, 150), (MoveKind::PanLeft, 30), (MoveKind::Hold, 0)];
    for (what, layers) in [("one picture of 1920x1080", vec![picture]), ("seven layers", layers)] {
        for (filter, (kind, amount)) in [Filter::Linear, Filter::Cubic].into_iter().flat_map(|f| moves.map(|m| (f, m))) {
            let shot = TimelineShot {
                shot_id: Id::new("bench")?,
                canvas: Canvas { width: 1280, height: 720 },
                rate: EditRate::FILM,
                frames: FRAMES,
                move_frames: FRAMES,
                movement: Movement::new(kind, amount),
                transition: Transition::Cut,
                layers: layers.clone(),
                clip: None,
                overlays: vec![],
                filter,
            };
            print!("{what}, {kind:?}, {filter:?}:");
            let mut seen = None;
            for isa in Isa::available() {
                isa.force();
                let before = cpu_seconds();
                let mut scene = Scene::load(&shot, &fetch, &Planes::default())?;
                let loaded = cpu_seconds();
                let mut sum = 0_u64;
                for frame in 0..FRAMES {
                    let (frame, changed) = scene.compose(frame);
                    if changed || frame.yuv[0] == 0 {
                        sum = sum.rotate_left(5) ^ frame.yuv.iter().step_by(97).fold(0, |s: u64, &v| s.rotate_left(7) ^ u64::from(v));
                    }
                }
                let composed = cpu_seconds() - loaded;
                print!(" {} {:.2} ms (load {:.0})", isa.name(), composed * 1000.0 / FRAMES as f64, (loaded - before) * 1000.0);
                if *seen.get_or_insert(sum) != sum {
                    print!(" DIFFERS");
                }
            }
            println!();
        }
    }
    Ok(())
}
