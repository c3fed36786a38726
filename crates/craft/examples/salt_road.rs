//! Paints the pictures in `examples/salt-road/library`: `cargo run --release --example salt_road -- OUTDIR`. They are the author's
//! own pictures of that project, made once with the same paper and kept there as JPEG; no film paints them again.

use std::{env, path::Path};

use contracts::{
    Id, Seed,
    picture::{Canvas, PropSpec},
    project::VisualStyle,
};
use craft::{
    light::{self, Lit, Plane},
    paper::{Edge, Rgb, c, p},
    places::{
        palette::{Style, hex, mix},
        pen::{Pen, group, sheet},
        plate::Plate,
        rig::Stage,
    },
    props,
};

const STYLE: Style = Style(VisualStyle::Paper);

fn prop(name: &str, shape: &str, look: &str, colours: &[&str]) -> PropSpec {
    PropSpec {
        prop_id: Id::slug(name),
        shape: Id::slug(shape),
        colours: colours.iter().map(|c| (*c).to_owned()).collect(),
        look: look.into(),
        lit: false,
        inscription: None,
    }
}

/// A tall frame with what a moving camera shows beyond it: a twelfth of the frame on each side.
fn stage() -> Stage {
    Stage::new(Canvas { width: 840, height: 1494 })
}

fn sky(stage: &Stage, bands: &[(f32, &str)], horizon: f32) -> Plate {
    let mut plate = Plate::new(stage);
    let bands: Vec<(f32, Rgb)> = bands.iter().map(|(t, c)| (*t, hex(c))).collect();
    plate.over(&light::sky(&bands, 0.03, horizon * stage.u, 0.012, stage.rect(), 11));
    plate
}

/// Torn strips of cloud, from `y` down, each paler or darker than the one above.
fn clouds(stage: &Stage, plate: &mut Plate, y: f32, tones: &[&str], seed: &str) {
    let mut draw = Seed::of(&["salt-road", seed]);
    for (i, tone) in tones.iter().enumerate() {
        let mut g = sheet(stage, 100 + i as u64);
        {
            let mut pen = Pen::new(&mut g, stage, STYLE);
            let y = y + 74.0 * i as f32;
            let (a, b) = (draw.range(-260.0, 80.0) as f32, draw.range(560.0, 1000.0) as f32);
            let mut top: Vec<(f32, f32)> = Vec::new();
            let mut low: Vec<(f32, f32)> = Vec::new();
            for j in 0..=9 {
                let x = a + (b - a) * j as f32 / 9.0;
                let body = 30.0 * libm::sinf(core::f32::consts::PI * j as f32 / 9.0);
                top.push((x, y - body * draw.range(0.4, 1.1) as f32));
                low.push((x + 12.0, y + body * draw.range(0.3, 0.8) as f32));
            }
            low.reverse();
            top.extend(low);
            let tone = hex(tone);
            pen.curve(&top, tone, |s| s.edge(Edge::Torn).core(mix(tone, Rgb::WHITE, 0.5)).k(0.9).sh(0.0, 5.0, 10.0, 0.22));
        }
        plate.paper(&g, &Lit::plain().blur(0.8));
    }
}

/// A sheet of ground from `y` down with a torn upper edge.
fn ground(stage: &Stage, plate: &mut Plate, y: f32, amp: f32, color: &str, lip: &str, seed: u64) {
    let mut g = group(stage, stage.left(), y - 60.0, stage.right(), stage.bottom(), seed);
    {
        let mut pen = Pen::new(&mut g, stage, STYLE);
        let mut draw = Seed::new(seed);
        let mut points = Vec::new();
        for j in 0..=10 {
            points.push(p(-40.0 + 80.0 * j as f32, y + draw.range(-1.0, 1.0) as f32 * amp));
        }
        points.extend([p(800.0, 1340.0), p(-40.0, 1340.0)]);
        let color = hex(color);
        pen.shape(&points, color, |s| s.edge(Edge::Torn).core(hex(lip)).k(0.8).sh(0.0, -3.0, 9.0, 0.22));
    }
    plate.paper(&g, &Lit::plain().shadow(0.0, -4.0, 12.0, 0.2));
}

fn standing(stage: &Stage, plate: &mut Plate, thing: &PropSpec, x: f32, foot: f32, high: f32, tint: (Rgb, f32)) {
    let mut g = group(stage, x - high * 1.6, foot - high * 1.3, x + high * 1.6, foot + high * 0.4, 700 + (x + foot) as u64);
    {
        let mut pen = Pen::new(&mut g, stage, STYLE);
        props::paint(&mut pen.at(x, foot - high * 0.5, high / 200.0, 1.0), thing, STYLE);
    }
    let lit = Lit::plain().haze(tint.0, tint.1).shadow(5.0 * stage.u, 4.0 * stage.u, 9.0 * stage.u, 0.35);
    plate.paper(&g, &lit.rim(-2.5, -1.5, 2.0, hex("#ffd9a8"), 0.5, None));
}

/// Soft dark under a thing, drawn out away from the light.
fn shade(stage: &Stage, plate: &mut Plate, x: f32, foot: f32, long: (f32, f32), wide: f32, alpha: f32) {
    let mut g = sheet(stage, 31);
    {
        let mut pen = Pen::new(&mut g, stage, STYLE);
        pen.shape(
            &[
                c(x - wide, foot - 3.0),
                c(x + wide, foot - 3.0),
                p(x + wide * 0.7 + long.0, foot + long.1),
                p(x - wide * 0.4 + long.0, foot + long.1),
            ],
            hex("#1a1626"),
            |s| s.flat().tex(0.0).blur(5.0).alpha(alpha),
        );
    }
    plate.paper(&g, &Lit::plain().grain(0.0));
}

/// Thin bright lines on wet salt.
fn glints(stage: &Stage, plate: &mut Plate, y0: f32, y1: f32, color: &str, n: usize, seed: &str) {
    let mut draw = Seed::of(&["salt-road", seed]);
    let mut g = sheet(stage, 57);
    {
        let mut pen = Pen::new(&mut g, stage, STYLE);
        for _ in 0..n {
            let t = draw.unit() as f32;
            let y = y0 + (y1 - y0) * t * t;
            let x = draw.range(-20.0, 740.0) as f32;
            let half = (16.0 + 90.0 * t) * draw.range(0.4, 1.2) as f32;
            let tall = 0.8 + 2.4 * t;
            pen.shape(&[c(x - half, y), p(x, y - tall), c(x + half, y), p(x, y + tall)], hex(color), |s| {
                s.flat().clean().tex(0.2).alpha(0.55)
            });
        }
    }
    plate.paper(&g, &Lit::plain().grain(0.0));
}

/// Dark stones in a line that leaves the white and goes to where the sun went down.
fn stones_dusk() -> Plate {
    let stage = stage();
    let horizon = 640.0;
    let mut plate = sky(&stage, &[(0.0, "#2f3358"), (0.30, "#58496f"), (0.62, "#b8696a"), (0.86, "#e8a06a"), (1.0, "#f6c98a")], horizon);
    clouds(&stage, &mut plate, 250.0, &["#6a4d70", "#a2606e", "#d98a6a", "#f0b684"], "dusk");
    plate.screen(&light::glow(520.0 * stage.u, 632.0 * stage.u, 420.0 * stage.u, hex("#ffb060"), 0.95, stage.rect(), 5));
    ground(&stage, &mut plate, horizon - 14.0, 9.0, "#8d6a80", "#c89a92", 71);
    ground(&stage, &mut plate, horizon + 10.0, 4.0, "#b99a9c", "#f2cfae", 72);
    ground(&stage, &mut plate, horizon + 120.0, 7.0, "#a98c98", "#e8c8b4", 73);
    ground(&stage, &mut plate, horizon + 300.0, 10.0, "#8f7a90", "#d8b8b0", 74);
    glints(&stage, &mut plate, horizon + 14.0, 1200.0, "#f8d8b0", 60, "dusk");
    let mut draw = Seed::of(&["salt-road", "stones"]);
    let count = 11;
    for i in 0..count {
        let t = i as f32 / (count - 1) as f32;
        let near = t * t * t;
        let x = 540.0 - 60.0 * t - 370.0 * near + draw.range(-4.0, 4.0) as f32;
        let foot = horizon + 12.0 + 560.0 * near;
        let high = 12.0 + 236.0 * near;
        shade(&stage, &mut plate, x, foot, (-high * 0.25, high * 0.55), high * 0.24, 0.42);
        let stone = prop("stone", "stone", "a dark stone, three bars", &["#2f2c3a", "#5a5060"]);
        standing(&stage, &mut plate, &stone, x, foot, high, (hex("#b07a80"), 0.42 * (1.0 - t)));
    }
    plate.over(&light::fog(hex("#f0c8a0"), (horizon - 40.0) * stage.u, (horizon + 90.0) * stage.u, 0.55, 90.0, stage.rect(), 9));
    plate
}

/// A mule alone on bright water, the storm behind her, wet to the hoof and no higher.
fn mule_alone() -> Plate {
    let stage = stage();
    let horizon = 610.0;
    let mut plate = sky(&stage, &[(0.0, "#39424f"), (0.35, "#56606c"), (0.7, "#8c979c"), (0.92, "#cfd6d2"), (1.0, "#eef0e6")], horizon);
    clouds(&stage, &mut plate, 170.0, &["#4a5460", "#5c6670", "#7b858c", "#a3acae"], "storm");
    plate.screen(&light::glow(400.0 * stage.u, 600.0 * stage.u, 430.0 * stage.u, hex("#f8f4e0"), 0.7, stage.rect(), 6));
    ground(&stage, &mut plate, horizon - 8.0, 5.0, "#97a3a8", "#e8ece4", 81);
    ground(&stage, &mut plate, horizon + 8.0, 2.0, "#cdd5d2", "#f8f8ee", 82);
    ground(&stage, &mut plate, horizon + 210.0, 5.0, "#b4c0c2", "#eef2ec", 83);
    ground(&stage, &mut plate, horizon + 430.0, 8.0, "#8b989e", "#cfd8d6", 84);
    let (x, foot, high) = (372.0, 836.0, 250.0);
    let mule = prop("mule", "mule", "an old grey mule", &["#6f6a66", "#8f8a84", "#a23b2a"]);
    // Her picture in the water: the same sheet upside down, broken by ripples.
    let mut g = group(&stage, x - 260.0, foot - high * 1.3, x + 260.0, foot + 40.0, 900);
    {
        let mut pen = Pen::new(&mut g, &stage, STYLE);
        props::paint(&mut pen.at(x, foot - high * 0.5, high / 200.0, 1.0), &mule, STYLE);
    }
    let beast = light::finish(&g, &Lit::plain().haze(hex("#c4ccca"), 0.30).blur(1.6));
    plate.over(&mirrored(&beast, (foot * stage.u) as i32));
    glints(&stage, &mut plate, foot + 6.0, 1120.0, "#e4eae6", 90, "mirror");
    standing(&stage, &mut plate, &mule, x, foot, high, (hex("#8a949a"), 0.05));
    let mut g = sheet(&stage, 33);
    {
        let mut pen = Pen::new(&mut g, &stage, STYLE);
        for (i, dx) in [-78.0f32, -58.0, 56.0, 68.0].into_iter().enumerate() {
            let (cx, k) = (x + dx * high / 200.0, 1.0 + 0.2 * (i % 2) as f32);
            for r in [16.0f32, 28.0] {
                pen.line(&[(cx - r * k, foot - 2.0), (cx, foot + r * 0.20), (cx + r * k, foot - 2.0)], hex("#f6f8f2"), 2.2, 0.8, true);
            }
        }
        // Rain, far and thin.
        let mut draw = Seed::of(&["salt-road", "rain"]);
        for _ in 0..150 {
            let (rx, ry) = (draw.range(-20.0, 760.0) as f32, draw.range(-20.0, 1240.0) as f32);
            let long = draw.range(26.0, 60.0) as f32;
            pen.line(&[(rx, ry), (rx - long * 0.16, ry + long)], hex("#eef2f0"), 1.3, 0.30, false);
        }
    }
    plate.paper(&g, &Lit::plain().grain(0.0));
    plate
}

/// A plane turned over a line of the canvas, fading downwards.
fn mirrored(plane: &Plane, line: i32) -> Plane {
    let (w, h) = (plane.w as usize, plane.h as usize);
    let mut rgba = vec![0u8; w * h * 4];
    let top = line - (plane.y + plane.h as i32 - line);
    for j in 0..h {
        let fade = 0.62 * (1.0 - j as f32 / h as f32 * 0.75);
        for i in 0..w {
            let from = ((h - 1 - j) * w + i) * 4;
            for k in 0..4 {
                rgba[(j * w + i) * 4 + k] = (f32::from(plane.rgba[from + k]) * fade) as u8;
            }
        }
    }
    Plane { x: plane.x, y: top, w: plane.w, h: plane.h, rgba }
}

/// One old stone, leaning, where the water ends: no bars.
fn leaning_dawn() -> Plate {
    let stage = stage();
    let horizon = 560.0;
    let mut plate = sky(&stage, &[(0.0, "#6a86a8"), (0.4, "#a9b9c8"), (0.72, "#ecd0bc"), (1.0, "#fbe3b4")], horizon);
    clouds(&stage, &mut plate, 210.0, &["#8fa2b8", "#c2c2c8", "#f0cdb8"], "dawn");
    plate.screen(&light::glow(160.0 * stage.u, 552.0 * stage.u, 460.0 * stage.u, hex("#ffd890"), 0.9, stage.rect(), 7));
    ground(&stage, &mut plate, horizon - 6.0, 5.0, "#a8a4b0", "#f4e4cc", 91);
    ground(&stage, &mut plate, horizon + 8.0, 2.0, "#c9d2d6", "#fdf2da", 92);
    glints(&stage, &mut plate, horizon + 12.0, 900.0, "#fff4d8", 70, "dawn");
    ground(&stage, &mut plate, 940.0, 16.0, "#c9ae86", "#f6e2ba", 93);
    ground(&stage, &mut plate, 1090.0, 20.0, "#a98a64", "#e2c698", 94);
    let (x, foot, high) = (398.0, 1010.0, 470.0);
    shade(&stage, &mut plate, x, foot, (high * 0.55, high * 0.20), high * 0.24, 0.40);
    let stone = prop("leaning", "stone", "an old stone, leaning, rows of small cuts and no bars", &["#5d5348", "#93866f"]);
    standing(&stage, &mut plate, &stone, x, foot, high, (hex("#e0c8a8"), 0.04));
    let mut g = sheet(&stage, 34);
    {
        let mut pen = Pen::new(&mut g, &stage, STYLE);
        let mut draw = Seed::of(&["salt-road", "grass"]);
        for i in 0..26 {
            let gx = x - 190.0 + 15.0 * i as f32 + draw.range(-5.0, 5.0) as f32;
            let tall = draw.range(16.0, 46.0) as f32;
            let lean = draw.range(-10.0, 16.0) as f32;
            let gy = foot + draw.range(-2.0, 16.0) as f32;
            pen.line(&[(gx, gy), (gx + lean * 0.4, gy - tall * 0.6), (gx + lean, gy - tall)], hex("#7a6a48"), 2.4, 0.9, true);
        }
    }
    plate.paper(&g, &Lit::plain().shadow(2.0, 2.0, 4.0, 0.3));
    plate
}

fn main() {
    let dir = env::args().nth(1).unwrap_or_else(|| ".".into());
    for (name, plate) in [("stones_dusk", stones_dusk()), ("mule_alone", mule_alone()), ("leaning_dawn", leaning_dawn())] {
        save(Path::new(&dir), name, plate.plane());
    }
}

#[allow(clippy::disallowed_methods, reason = "an example that shows pictures; nothing depends on its files")]
fn save(dir: &Path, name: &str, plane: &Plane) {
    let canvas = stage().canvas;
    let rgba = light::flatten(std::slice::from_ref(plane), canvas.width, canvas.height);
    let rgb: Vec<u8> = rgba.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect();
    let mut bytes = Vec::new();
    {
        let mut encoder = png::Encoder::new(&mut bytes, canvas.width, canvas.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().expect("header");
        writer.write_image_data(&rgb).expect("data");
    }
    std::fs::write(dir.join(format!("{name}.png")), bytes).expect("the directory can be written");
}
