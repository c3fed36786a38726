//! Writes sheets of people to PNG files, to be looked at: `cargo run --release -p craft --example people -- DIR [SHEET]`.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a tool for eyes, not part of the product")]

use std::{fs::File, io::BufWriter, path::PathBuf, time::Instant};

use craft::{
    light::{Lit, Plane, finish, flatten, fog, glow, sky, vignette},
    paper::{Edge, Group, Piece, Rect, Rgb, c, p},
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let dir = PathBuf::from(args.next().unwrap_or_else(|| ".".into()));
    let only = args.next();
    let sheets: [(&str, fn() -> Vec<Plane>); 1] = [("engine", engine)];
    for (name, make) in sheets {
        if only.as_deref().is_some_and(|o| o != name) {
            continue;
        }
        let start = Instant::now();
        let planes = make();
        println!("{name}: {} planes in {:?}", planes.len(), start.elapsed());
        write(&dir.join(format!("{name}.png")), &flatten(&planes, 1280, 720), 1280, 720)?;
    }
    Ok(())
}

fn write(path: &std::path::Path, rgba: &[u8], w: u32, h: u32) -> Result<(), Box<dyn std::error::Error>> {
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), w, h);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(rgba)?;
    Ok(())
}

/// Edges, torn cores, gradients, glow and fog, each timed.
fn engine() -> Vec<Plane> {
    let frame = Rect::new(0, 0, 1280, 720);
    let mut planes = Vec::new();
    let mut timed = |name: &str, make: &mut dyn FnMut() -> Plane| {
        let start = Instant::now();
        planes.push(make());
        println!("  {name}: {:?}", start.elapsed());
    };
    timed("sky (with the paper tile)", &mut || {
        sky(&[(0.0, Rgb::hex("#0b1226")), (0.5, Rgb::hex("#16274a")), (1.0, Rgb::hex("#2f4c72"))], 0.03, 720.0, 0.018, frame, 1)
    });
    timed("glow", &mut || glow(900.0, 200.0, 420.0, Rgb::hex("#ffb45c"), 1.0, frame, 2));
    for (i, y) in [300.0f32, 420.0, 540.0].into_iter().enumerate() {
        timed("land", &mut || {
            let mut g = Group::new(1280, 720, 10 + i as u64);
            let color = [Rgb::hex("#3c5f86"), Rgb::hex("#27466b"), Rgb::hex("#152a47")][i];
            let pts = [c(-20.0, y), p(200.0, y - 60.0), p(420.0, y + 20.0), p(700.0, y - 40.0), p(1000.0, y + 30.0), c(1300.0, y - 20.0), c(1300.0, 800.0), c(-20.0, 800.0)];
            g.piece(&Piece::new(&pts, color).edge(Edge::Torn).core(Rgb::hex("#5d7795")).shadow(0.0, -3.0, 8.0, 0.3));
            let start = Instant::now();
            let plane = finish(&g, &Lit::default().shadow(0.0, -3.0, 8.0, 0.35).light(900.0, 200.0, 600.0, Rgb::hex("#ffb45c"), 0.8, 1.7).haze(Rgb::hex("#5d7fa8"), 0.3 - 0.15 * i as f32));
            println!("    light pass {:?}", start.elapsed());
            plane
        });
    }
    timed("fog", &mut || fog(Rgb::hex("#8fa0c0"), 380.0, 560.0, 0.4, 220.0, frame, 5));
    timed("shapes", &mut || {
        let mut g = Group::new(1280, 720, 20);
        for (i, edge) in [Edge::Torn, Edge::Soft, Edge::Cut, Edge::Clean, Edge::Rag].into_iter().enumerate() {
            let x = 140.0 + 240.0 * i as f32;
            let pts = [c(x - 80.0, 440.0), p(x, 400.0), c(x + 80.0, 440.0), p(x + 60.0, 600.0), p(x - 60.0, 600.0)];
            g.piece(&Piece::new(&pts, Rgb::hex("#b4554a")).edge(edge).grad((x - 80.0, 400.0), (x + 80.0, 600.0), Rgb::hex("#d2604e"), Rgb::hex("#7a3028")));
            g.line(&[p(x - 60.0, 640.0), p(x, 620.0), p(x + 60.0, 650.0)], Rgb::hex("#e9e2d2"), 1.0 + 2.0 * i as f32, &craft::paper::Xf::ID, 0.8, i % 2 == 0);
            g.disc(x, 500.0, 22.0, Rgb::hex("#efcf86"), |q| q.edge(Edge::Clean).shadow(2.0, 3.0, 3.0, 0.4));
        }
        finish(&g, &Lit::default().shadow(6.0, 8.0, 12.0, 0.45).rim(-3.0, 1.0, 1.5, Rgb::hex("#ffd090"), 0.8, None))
    });
    timed("out of focus", &mut || {
        let mut g = Group::new(1280, 720, 30);
        g.piece(&Piece::new(&[p(-40.0, -40.0), p(90.0, -40.0), p(60.0, 200.0), p(95.0, 420.0), p(70.0, 760.0), p(-40.0, 760.0)], Rgb::hex("#090d18")).edge(Edge::Torn));
        finish(&g, &Lit::default().shadow(10.0, 4.0, 20.0, 0.5).blur(9.0))
    });
    timed("vignette", &mut || vignette(0.42, (0.5, 0.5), 1280.0, 720.0, frame, 9));
    planes
}
