//! Writes sheets of people to PNG files, to be looked at: `cargo run --release -p craft --example people -- DIR [SHEET]`.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a tool for eyes, not part of the product")]

use std::{fs::File, io::BufWriter, path::PathBuf, time::Instant};

use contracts::{
    Id,
    canon::PlaceFamily,
    picture::{BackgroundSpec, Canvas, Expression, Facing, FigureSpec, Framing, Gaze, PlaceSpec, Pose, PropSpec, Slot, Take, Turn},
    project::VisualStyle,
    story::{Beard, Build, Emblem, FigureKind, Garment, HairStyle, Headwear, Look, Mood, TimeOfDay, Weather},
    table_read::Mouth,
};
use craft::{
    light::{Lit, Plane, finish, finish_in, flatten, fog, glow, sky, vignette},
    paint::{self, PaintedPlane},
    paper::{Edge, Group, Piece, Rect, Rgb, Xf, c, p},
    people::{
        Body, Face, Manner, Person, View, bust, bust_box, figure, figure_box, hand, head, head_back, head_profile, mouth_box, resting_arm,
    },
};

type Sheet = (&'static str, fn() -> Vec<Plane>);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let dir = PathBuf::from(args.next().unwrap_or_else(|| ".".into()));
    let only = args.next();
    let sheets: Vec<Sheet> = vec![
        ("engine", engine),
        ("mara", || close(&mara(), 545.0, 385.0, 1.0, Expression::Worried)),
        ("tobias", || close(&tobias(), 745.0, 372.0, -1.0, Expression::Stern)),
        ("faces", faces),
        ("poses", poses),
        ("wardrobe", || wardrobe(1.0)),
        ("wardrobe-front", || wardrobe(0.0)),
        ("two", two),
        ("detail", detail),
        ("hands", hands),
        ("wide", wide),
        ("garments", garments),
        ("garments-busts", garment_busts),
        ("heads", heads),
        ("manners", manners),
        ("views", views),
        ("strides", strides),
        ("closes-dusk", || closes(TimeOfDay::Dusk, Weather::Clear)),
        ("closes-day", || closes(TimeOfDay::Day, Weather::Clear)),
        ("closes-night", || closes(TimeOfDay::Night, Weather::Fog)),
        ("mediums", mediums),
        ("fulls", fulls),
        ("talls", talls),
    ];
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

const FRAME: Rect = Rect { x: 0, y: 0, w: 1280, h: 720 };

fn look(figure: FigureKind, age: u32, skin: &str, hair: &str, coat: &str, accent: &str) -> Look {
    Look {
        figure,
        age,
        build: Build::Average,
        skin: skin.into(),
        hair: hair.into(),
        hair_style: if figure == FigureKind::Woman { HairStyle::Bun } else { HairStyle::Short },
        beard: Beard::None,
        headwear: Headwear::None,
        eyes: "#4c6a4a".into(),
        garment: Garment::Coat,
        coat: coat.into(),
        accent: accent.into(),
        scarf: false,
        emblem: Emblem::None,
        words: String::new(),
    }
}

fn mara() -> Look {
    Look { emblem: Emblem::Key, ..look(FigureKind::Woman, 34, "#d9a583", "#a54f2c", "#1f4a3b", "#b9873a") }
}

fn tobias() -> Look {
    let base = look(FigureKind::Man, 67, "#c8916f", "#b1b2b2", "#252f42", "#b57a26");
    Look { beard: Beard::Full, headwear: Headwear::Cap, eyes: "#4a6880".into(), scarf: true, ..base }
}

fn backdrop(a: &str, b: &str) -> Plane {
    sky(&[(0.0, Rgb::hex(a)), (1.0, Rgb::hex(b))], 0.03, 720.0, 0.018, FRAME, 1)
}

/// A close-up by lantern light, as in the reference.
fn close(look: &Look, x: f32, y: f32, m: f32, expression: Expression) -> Vec<Plane> {
    let who = Person::from_look(look);
    let xf = Xf { ox: x, oy: y, k: 405.0, m, r: 0.0 };
    let start = Instant::now();
    let mut g = Group::of(FRAME, 7);
    let face = Face::new(1.0, expression).shade(0.62, Rgb::hex("#3b2d5c")).look(0.8);
    bust(&mut g, &xf, &who, 1.0, 1.0);
    head(&mut g, &xf, &who, &face);
    let painted = start.elapsed();
    let lamp = if m > 0.0 { 1130.0 } else { 150.0 };
    let warm = Rgb(1.0, 0.70, 0.38);
    let lit = Lit::default()
        .shadow(-22.0 * m, 14.0, 26.0, 0.5)
        .ambient(Rgb(0.36, 0.40, 0.62))
        .light(lamp, 520.0, 1500.0, warm, 1.85, 1.7)
        .rim(-5.0 * m, 2.0, 2.5, Rgb::hex("#ffc888"), 0.9, Some((lamp, 520.0, 900.0, 1.0)))
        .rim(5.0 * m, 3.0, 4.0, Rgb::hex("#5f86c8"), 0.32, None);
    let plane = finish(&g, &lit);
    println!("  painted {painted:?}, with light {:?}", start.elapsed());
    let start = Instant::now();
    let mut patches = 0;
    for mouth in [Mouth::Rest, Mouth::Open, Mouth::Spread, Mouth::Round, Mouth::Narrow] {
        let rect = mouth_box(&xf, &who, 1.0);
        let mut g = Group::of(rect.grow(lit.margin()), 7);
        bust(&mut g, &xf, &who, 1.0, 1.0);
        head(&mut g, &xf, &who, &face.mouth(Some(mouth)));
        patches += finish_in(&g, &lit, rect).rgba.len() / 4;
    }
    println!("  five mouths, {patches} pixels: {:?}", start.elapsed());
    vec![
        backdrop("#141c30", "#1c2740"),
        glow(lamp, 520.0, 760.0, Rgb::hex("#ff9c45"), 0.6, FRAME, 2),
        plane,
        vignette(0.42, (0.5, 0.5), 1280.0, 720.0, FRAME, 9),
    ]
}

/// Two people by one lamp.
fn two() -> Vec<Plane> {
    let mut planes = vec![backdrop("#33261f", "#4a3a30"), glow(640.0, 400.0, 620.0, Rgb::hex("#ff9c45"), 0.8, FRAME, 3)];
    for (look, x, y, k, m, e) in
        [(mara(), 395.0, 268.0, 215.0, 1.0, Expression::Worried), (tobias(), 885.0, 262.0, 224.0, -1.0, Expression::Stern)]
    {
        let who = Person::from_look(&look);
        let xf = Xf { ox: x, oy: y, k, m, r: 0.0 };
        let start = Instant::now();
        let mut g = Group::of(bust_box(&xf).grow(60).meet(&FRAME), 5);
        bust(&mut g, &xf, &who, 1.0, 1.0);
        head(&mut g, &xf, &who, &Face::new(1.0, e).shade(0.5, Rgb::hex("#3a2b4a")).look(0.8));
        let lit = Lit::default()
            .shadow(-16.0 * m, 12.0, 18.0, 0.5)
            .ambient(Rgb(0.36, 0.38, 0.52))
            .light(640.0, 400.0, 820.0, Rgb(1.0, 0.74, 0.42), 1.15, 1.1)
            .rim(-3.0 * m, 1.0, 1.4, Rgb::hex("#ffd090"), 0.8, Some((640.0, 400.0, 620.0, 1.0)))
            .rim(2.0 * m, 2.0, 2.0, Rgb::hex("#6f90c8"), 0.25, None);
        planes.push(finish(&g, &lit));
        println!("  one: {:?}", start.elapsed());
    }
    planes
}

fn bust_plane(look: &Look, face: &Face, x: f32, y: f32, k: f32, clip: Rect) -> Plane {
    let who = Person::from_look(look);
    let xf = Xf::new(x, y, k);
    let mut g = Group::of(bust_box(&xf).meet(&clip), 4);
    bust(&mut g, &xf, &who, face.yaw, face.light);
    head(&mut g, &xf, &who, face);
    finish(&g, &Lit::default().shadow(-5.0, 6.0, 7.0, 0.35))
}

/// Expressions, mouth shapes, closed eyes.
fn faces() -> Vec<Plane> {
    use Expression as E;
    let mut planes = vec![backdrop("#8f8a7c", "#b9b09c")];
    let all = [E::Neutral, E::Happy, E::Sad, E::Angry, E::Afraid, E::Surprised, E::Worried, E::Determined, E::Stern, E::Soft];
    for (i, e) in all.into_iter().enumerate() {
        let (x, y) = ((i % 5) as f32 * 180.0, (i / 5) as f32 * 360.0);
        let clip = Rect::new(x as i32 + 4, y as i32 + 4, 172, 350);
        planes.push(bust_plane(&mara(), &Face::new(0.0, e), x + 90.0, y + 190.0, 160.0, clip));
    }
    let talk = [None, Some(Mouth::Rest), Some(Mouth::Open), Some(Mouth::Spread), Some(Mouth::Round), Some(Mouth::Narrow)];
    for (i, m) in talk.into_iter().enumerate() {
        let face = Face::new(1.0, E::Stern).mouth(m);
        let face = if i == 0 { face.closed() } else { face };
        let y = i as i32 * 120;
        for (x, l) in [(900.0, tobias()), (1090.0, mara())] {
            let face = if i == 0 && x > 1000.0 { Face::new(0.0, E::Neutral).closed() } else { face };
            planes.push(bust_plane(&l, &face, x + 90.0, y as f32 + 30.0, 190.0, Rect::new(x as i32, y, 184, 116)));
        }
    }
    planes
}

/// Four other people, large.
fn detail() -> Vec<Plane> {
    let mut planes = vec![backdrop("#3a4654", "#4a4640")];
    let stubble = Look {
        beard: Beard::Stubble,
        headwear: Headwear::Knitted,
        emblem: Emblem::Rope,
        ..look(FigureKind::Man, 38, "#c99a78", "#4a3020", "#3b4a3a", "#a8503a")
    };
    let bare = Look { emblem: Emblem::Star, ..look(FigureKind::Man, 24, "#8a5a3c", "#1d1614", "#5a3a3a", "#d0a040") };
    let old = Look { hair_style: HairStyle::Short, scarf: true, ..look(FigureKind::Woman, 71, "#e0b896", "#c8c4bc", "#4a3f5a", "#7a9a8a") };
    let loose = Look {
        hair_style: HairStyle::Loose,
        emblem: Emblem::Button,
        ..look(FigureKind::Woman, 22, "#f0cba8", "#d8b060", "#7a3a3a", "#e0d0a0")
    };
    for (i, l) in [stubble, bare, old, loose].into_iter().enumerate() {
        let who = Person::from_look(&l);
        for (j, (yaw, e)) in [(1.0, Expression::Soft), (0.0, Expression::Happy)].into_iter().enumerate() {
            let xf = Xf::new(160.0 + i as f32 * 320.0, 165.0 + j as f32 * 360.0, 215.0);
            let clip = Rect::new(i as i32 * 320, j as i32 * 360, 316, 356);
            let mut g = Group::of(bust_box(&xf).meet(&clip), 4);
            bust(&mut g, &xf, &who, yaw, 1.0);
            head(&mut g, &xf, &who, &Face::new(yaw, e).shade(0.4, Rgb::hex("#3b2d5c")));
            planes.push(finish(
                &g,
                &Lit::default().shadow(-8.0, 8.0, 12.0, 0.4).ambient(Rgb(0.7, 0.7, 0.8)).light(
                    900.0,
                    200.0,
                    1400.0,
                    Rgb(1.0, 0.8, 0.55),
                    0.5,
                    1.2,
                ),
            ));
        }
    }
    planes
}

/// Hands, resting arms, profiles and backs, large.
fn hands() -> Vec<Plane> {
    let mut planes = vec![backdrop("#3a4654", "#4a4640")];
    for (i, l) in [mara(), tobias()].into_iter().enumerate() {
        let who = Person::from_look(&l);
        let m = if i == 0 { 1.0 } else { -1.0 };
        let x = if i == 0 { 300.0 } else { 980.0 };
        let mut g = Group::of(FRAME, 4);
        let xf = Xf { ox: x - m * 120.0, oy: 160.0, k: 215.0, m, r: 0.0 };
        head_profile(&mut g, &xf, &who, &Face::new(0.0, Expression::Neutral));
        head_back(&mut g, &Xf { ox: x + m * 120.0, ..xf }, &who, 1.0);
        resting_arm(&mut g, &Xf { ox: x - m * 40.0, oy: 100.0, ..xf }, &who, 1.0);
        hand(&mut g, &Xf { ox: x - m * 40.0, oy: 600.0, k: 420.0, m, r: 0.0 }, &who, 1.0);
        planes.push(finish(&g, &Lit::default().shadow(-8.0 * m, 8.0, 12.0, 0.4)));
    }
    planes
}

fn body_plane(look: &Look, body: Body, x: f32, y: f32, k: f32) -> Vec<Plane> {
    let who = Person::from_look(look);
    let xf = Xf::new(x, y, k);
    let mut g = Group::of(figure_box(&xf).grow(20), 4);
    let at = figure(&mut g, &xf, &who, &body);
    let plane = finish(&g, &Lit::default().shadow(-5.0, 7.0, 7.0, 0.4).rim(-2.0, 1.0, 1.0, Rgb::hex("#ffdca8"), 0.5, None));
    let mut planes = vec![plane];
    planes.extend(at.lamp.map(|(x, y)| glow(x, y, 150.0, Rgb::hex("#ffc46a"), 0.8, FRAME, 6)));
    planes
}

fn child(figure: FigureKind) -> Look {
    look(figure, 9, "#f0c8a8", "#a87244", "#d2604e", "#e0b060")
}

/// Views and poses.
fn poses() -> Vec<Plane> {
    let mut planes = vec![backdrop("#6d7a7c", "#57625f")];
    let neutral = Face::new(0.0, Expression::Neutral);
    for (i, v) in [View::Front, View::ThreeQuarter, View::Profile, View::Back].into_iter().enumerate() {
        planes.extend(body_plane(&mara(), Body::new(v, Pose::Stand, neutral), 90.0 + i as f32 * 130.0, 340.0, 41.0));
        planes.extend(body_plane(
            &tobias(),
            Body::new(v, Pose::Stand, Face::new(0.0, Expression::Stern)),
            630.0 + i as f32 * 130.0,
            340.0,
            40.0,
        ));
    }
    planes.extend(body_plane(&child(FigureKind::Girl), Body::new(View::ThreeQuarter, Pose::Walk, neutral), 1150.0, 340.0, 31.0));
    planes.extend(body_plane(&child(FigureKind::Boy), Body::new(View::Front, Pose::Stand, neutral), 1240.0, 340.0, 31.0));
    for (i, pose) in [Pose::Stand, Pose::Sit, Pose::Walk, Pose::Point, Pose::Hold].into_iter().enumerate() {
        let view = if pose == Pose::Walk { View::Profile } else { View::ThreeQuarter };
        planes.extend(body_plane(&mara(), Body::new(view, pose, neutral), 70.0 + i as f32 * 130.0, 690.0, 42.0));
        planes.extend(body_plane(&tobias(), Body::new(View::ThreeQuarter, pose, neutral), 700.0 + i as f32 * 125.0, 690.0, 41.0));
    }
    planes
}

/// Small figures, as in a wide shot.
fn wide() -> Vec<Plane> {
    let mut planes = vec![backdrop("#6d7a7c", "#57625f")];
    let looks = [mara(), tobias(), child(FigureKind::Girl), Look { hair_style: HairStyle::Loose, ..mara() }];
    for (i, k) in [10.0f32, 14.5, 22.0, 30.0].into_iter().enumerate() {
        for (j, l) in looks.iter().enumerate() {
            let pose = [Pose::Walk, Pose::Hold, Pose::Stand, Pose::Point][j];
            let view = [View::Profile, View::ThreeQuarter, View::Front, View::ThreeQuarter][j];
            planes.extend(body_plane(
                l,
                Body::new(view, pose, Face::new(0.0, Expression::Neutral)),
                60.0 + j as f32 * 90.0,
                100.0 + i as f32 * 120.0 + k * 3.0,
                k,
            ));
        }
    }
    planes
}

/// Hair, headwear and beards on every figure.
fn wardrobe(yaw: f32) -> Vec<Plane> {
    let mut planes = vec![backdrop("#8f9a9c", "#a7a294")];
    let kinds = [FigureKind::Woman, FigureKind::Man, FigureKind::Girl, FigureKind::Boy];
    let mut n = 0;
    for kind in kinds {
        for (hair_style, headwear) in [
            (HairStyle::Bun, Headwear::None),
            (HairStyle::Loose, Headwear::None),
            (HairStyle::Short, Headwear::None),
            (HairStyle::Bald, Headwear::None),
            (HairStyle::Short, Headwear::Cap),
            (HairStyle::Short, Headwear::Knitted),
            (HairStyle::Loose, Headwear::Hood),
            (HairStyle::Short, Headwear::Turban),
        ] {
            let base = match kind {
                FigureKind::Woman => {
                    Look { scarf: n % 3 == 0, emblem: Emblem::Star, ..look(kind, 41, "#8a5a3c", "#2a1c18", "#3a4a6a", "#b5483a") }
                }
                FigureKind::Man => Look {
                    emblem: if n % 2 == 0 { Emblem::Rope } else { Emblem::None },
                    beard: [Beard::None, Beard::Stubble, Beard::Full][n % 3],
                    ..look(kind, 36, "#d8a888", "#6a4428", "#4a4238", "#5a7a8a")
                },
                _ => Look { emblem: Emblem::Button, ..child(kind) },
            };
            let l = Look { hair_style, headwear, ..base };
            let (x, y) = ((n % 8) as f32 * 160.0, (n / 8) as f32 * 180.0);
            let clip = Rect::new(x as i32 + 2, y as i32 + 2, 156, 176);
            planes.push(bust_plane(&l, &Face::new(yaw, Expression::Neutral), x + 80.0, y + 86.0, 104.0, clip));
            n += 1;
        }
    }
    planes
}

const GARMENTS: [Garment; 8] =
    [Garment::Coat, Garment::Robe, Garment::Dress, Garment::Apron, Garment::Shawl, Garment::Coverall, Garment::Suit, Garment::Spacesuit];

/// Every garment on a woman and a man, standing and from behind.
fn garments() -> Vec<Plane> {
    let mut planes = vec![backdrop("#8a9496", "#6f7772")];
    for (i, garment) in GARMENTS.into_iter().enumerate() {
        let helmet = if garment == Garment::Spacesuit { Headwear::Helmet } else { Headwear::None };
        let woman = Look { garment, headwear: helmet, ..look(FigureKind::Woman, 34, "#d9a583", "#5a3020", "#3d5a6a", "#c8843a") };
        let man = Look {
            garment,
            headwear: helmet,
            beard: Beard::Stubble,
            ..look(FigureKind::Man, 40, "#b07a58", "#2a2018", "#5a4a38", "#b5483a")
        };
        let face = Face::new(0.0, Expression::Neutral);
        let x = 50.0 + i as f32 * 160.0;
        planes.extend(body_plane(&woman, Body::new(View::ThreeQuarter, Pose::Stand, face), x, 350.0, 43.0));
        planes.extend(body_plane(&woman, Body::new(View::Back, Pose::Stand, face), x + 75.0, 340.0, 40.0));
        planes.extend(body_plane(&man, Body::new(View::Front, Pose::Stand, face), x, 705.0, 42.0));
        planes.extend(body_plane(&man, Body::new(View::ThreeQuarter, Pose::Sit, face), x + 60.0, 705.0, 40.0));
    }
    planes
}

fn garment_busts() -> Vec<Plane> {
    let mut planes = vec![backdrop("#8a9496", "#6f7772")];
    for (i, garment) in GARMENTS.into_iter().enumerate() {
        let helmet = if garment == Garment::Spacesuit { Headwear::Helmet } else { Headwear::None };
        let woman = Look { garment, headwear: helmet, ..look(FigureKind::Woman, 34, "#d9a583", "#5a3020", "#3d5a6a", "#c8843a") };
        let man =
            Look { garment, headwear: helmet, beard: Beard::Full, ..look(FigureKind::Man, 40, "#8a5a3c", "#2a2018", "#5a4a38", "#b5483a") };
        for (j, (l, yaw)) in [(woman, 1.0), (man, 0.0)].into_iter().enumerate() {
            let (x, y) = ((i % 4) as f32 * 320.0 + j as f32 * 160.0, (i / 4) as f32 * 360.0);
            let clip = Rect::new(x as i32 + 2, y as i32 + 2, 156, 356);
            planes.push(bust_plane(&l, &Face::new(yaw, Expression::Neutral), x + 80.0, y + 120.0, 118.0, clip));
        }
    }
    planes
}

/// Hair and hats in front, three-quarter, profile and back view.
fn heads() -> Vec<Plane> {
    let mut planes = vec![backdrop("#a8aca4", "#8a8f8a")];
    let rows = [
        (FigureKind::Woman, HairStyle::Long, Headwear::None),
        (FigureKind::Girl, HairStyle::Plaits, Headwear::None),
        (FigureKind::Woman, HairStyle::Cropped, Headwear::None),
        (FigureKind::Man, HairStyle::Cropped, Headwear::None),
        (FigureKind::Man, HairStyle::Short, Headwear::Hat),
        (FigureKind::Woman, HairStyle::Plaits, Headwear::Hat),
        (FigureKind::Man, HairStyle::Short, Headwear::Helmet),
        (FigureKind::Woman, HairStyle::Long, Headwear::Crown),
        (FigureKind::Spirit, HairStyle::Loose, Headwear::None),
        (FigureKind::Boy, HairStyle::Short, Headwear::None),
    ];
    for (i, (kind, hair_style, headwear)) in rows.into_iter().enumerate() {
        let base = match kind {
            FigureKind::Spirit => look(kind, 0, "#dfe4e2", "#c7d2d8", "#8fa3ad", "#c9b27a"),
            FigureKind::Man => Look {
                beard: if i % 4 == 0 { Beard::Full } else { Beard::None },
                ..look(kind, 36, "#c08a64", "#2e211a", "#44505c", "#b5763a")
            },
            FigureKind::Boy => look(kind, 12, "#d8a888", "#2a1c14", "#4a5a48", "#c8843a"),
            _ => look(kind, if kind == FigureKind::Girl { 9 } else { 30 }, "#e4b898", "#8a5a2c", "#6a3a4a", "#d8a83a"),
        };
        let who = Person::from_look(&Look { hair_style, headwear, ..base });
        for view in 0..4 {
            let (x, y) = ((i % 5) as f32 * 256.0 + (view % 2) as f32 * 128.0, (i / 5) as f32 * 360.0 + (view / 2) as f32 * 180.0);
            let clip = Rect::new(x as i32 + 2, y as i32 + 2, 124, 176);
            let xf = Xf::new(x + 66.0, y + 82.0, 84.0);
            let mut g = Group::of(bust_box(&xf).meet(&clip), 4);
            let yaw = [0.0, 1.0, 2.0, 0.0][view];
            if view == 3 {
                craft::people::bust_back(&mut g, &xf, &who, 1.0);
                head_back(&mut g, &xf, &who, 1.0);
            } else {
                bust(&mut g, &xf, &who, yaw, 1.0);
                head(&mut g, &xf, &who, &Face::new(yaw, Expression::Neutral).shade(0.3, Rgb::hex("#3b2d5c")));
            }
            planes.push(finish(&g, &Lit::default().shadow(-4.0, 4.0, 5.0, 0.35)));
        }
    }
    planes
}

/// What hands do, and every pose, large.
fn manners() -> Vec<Plane> {
    let mut planes = vec![backdrop("#7d8a8c", "#68736f")];
    let face = Face::new(0.0, Expression::Neutral);
    for (i, manner) in [Manner::Easy, Manner::Clasped, Manner::Hip, Manner::Pocket, Manner::Chest, Manner::Talk].into_iter().enumerate() {
        let x = 60.0 + i as f32 * 210.0;
        planes.extend(body_plane(&mara(), Body { manner, ..Body::new(View::ThreeQuarter, Pose::Stand, face) }, x, 355.0, 44.0));
        planes.extend(body_plane(&tobias(), Body { manner, ..Body::new(View::Front, Pose::Stand, face) }, x + 105.0, 355.0, 42.0));
    }
    let poses = [Pose::Point, Pose::Hold, Pose::Sit, Pose::Kneel, Pose::Embrace, Pose::Run, Pose::Walk];
    for (i, pose) in poses.into_iter().enumerate() {
        let x = 60.0 + i as f32 * 180.0;
        let view = if matches!(pose, Pose::Run | Pose::Walk) { View::Profile } else { View::ThreeQuarter };
        planes.extend(body_plane(&mara(), Body::new(view, pose, face), x, 705.0, 43.0));
        planes.extend(body_plane(&tobias(), Body::new(view, pose, face), x + 90.0, 705.0, 41.0));
    }
    planes
}

/// Poses from in front and behind.
fn views() -> Vec<Plane> {
    let mut planes = vec![backdrop("#7d8a8c", "#68736f")];
    let face = Face::new(0.0, Expression::Neutral);
    let poses = [Pose::Stand, Pose::Walk, Pose::Point, Pose::Hold, Pose::Sit, Pose::Run, Pose::Kneel];
    for (j, view) in [View::Front, View::Back, View::Profile].into_iter().enumerate() {
        for (i, pose) in poses.into_iter().enumerate() {
            let (x, y) = (70.0 + i as f32 * 180.0, 232.0 + j as f32 * 240.0);
            planes.extend(body_plane(&tobias(), Body { lantern: false, ..Body::new(view, pose, face) }, x, y, 28.0));
            planes.extend(body_plane(&child(FigureKind::Girl), Body { lantern: false, ..Body::new(view, pose, face) }, x + 80.0, y, 22.0));
        }
    }
    planes
}

/// Eight moments of a double step, walking and running.
fn strides() -> Vec<Plane> {
    let mut planes = vec![backdrop("#7d8a8c", "#68736f")];
    let face = Face::new(0.0, Expression::Neutral);
    for i in 0..8 {
        let phase = i as f32 / 8.0;
        let x = 90.0 + i as f32 * 155.0;
        planes.extend(body_plane(&tobias(), Body { phase, ..Body::new(View::Profile, Pose::Walk, face) }, x, 340.0, 40.0));
        planes.extend(body_plane(&mara(), Body { phase, ..Body::new(View::ThreeQuarter, Pose::Run, face) }, x, 690.0, 40.0));
    }
    planes
}

fn place(family: PlaceFamily, words: &str, time_of_day: TimeOfDay, weather: Weather) -> PlaceSpec {
    PlaceSpec {
        location_id: Id::slug(words),
        family,
        look: words.into(),
        time_of_day,
        weather,
        mood: Mood::Calm,
        style: VisualStyle::Paper,
        props: vec![],
    }
}

fn person(who: &Look, name: &str, place: &PlaceSpec, framing: Framing, slot: Slot) -> FigureSpec {
    FigureSpec {
        character_id: Id::slug(name),
        look: who.clone(),
        framing,
        slot,
        facing: if slot == Slot::Right { Facing::Left } else { Facing::Right },
        pose: Pose::Stand,
        expression: Expression::Neutral,
        holding: None,
        speaks: true,
        take: Take::default(),
        place: place.clone(),
    }
}

/// One shot in a part of the sheet.
fn shot(figures: &[FigureSpec], x: i32, y: i32, w: u32, h: u32) -> Plane {
    let canvas = Canvas { width: w, height: h };
    let first = &figures[0];
    let toward = if figures.len() > 1 { Facing::Front } else { first.facing };
    let mut planes = paint::background(&BackgroundSpec { place: first.place.clone(), framing: first.framing, toward }, canvas);
    for figure in figures {
        planes.extend(paint::figure(figure, canvas));
    }
    planes.sort_by_key(|p| p.depth);
    let stack: Vec<Plane> = planes.iter().map(PaintedPlane::as_plane).collect();
    Plane { x, y, w, h, rgba: flatten(&stack, w, h) }
}

/// One person's close-ups as a film takes them, and another's.
fn closes(hour: TimeOfDay, weather: Weather) -> Vec<Plane> {
    let here = place(PlaceFamily::Coast, "stone steps, a small boat", hour, weather);
    let dark = Look {
        beard: Beard::Full,
        headwear: Headwear::Cap,
        scarf: true,
        ..look(FigureKind::Man, 38, "#8a5a3c", "#2a1c16", "#252f42", "#b57a26")
    };
    let takes = [
        Take::default(),
        Take { nearer: 240, tilt: 45, ..Take::default() },
        Take { turn: Turn::Profile, nearer: -70, ..Take::default() },
        Take { turn: Turn::Slight, nearer: 90, tilt: -40, ..Take::default() },
        Take { gaze: Gaze::Down, tilt: 70, nearer: -130, ..Take::default() },
        Take { gaze: Gaze::Aside, nearer: 190, tilt: -25, ..Take::default() },
    ];
    let faces = [Expression::Worried, Expression::Determined, Expression::Neutral, Expression::Soft, Expression::Sad, Expression::Stern];
    let mut planes = Vec::new();
    for (i, (take, expression)) in takes.into_iter().zip(faces).enumerate() {
        let (x, y) = ((i % 3) as i32 * 426, (i / 3) as i32 * 240);
        planes.push(shot(&[FigureSpec { take, expression, ..person(&mara(), "mara", &here, Framing::Close, Slot::Left) }], x, y, 426, 240));
    }
    for (i, slot) in [0usize, 2, 4].into_iter().enumerate() {
        let spec = FigureSpec { take: takes[slot], expression: faces[slot], ..person(&dark, "bram", &here, Framing::Close, Slot::Right) };
        planes.push(shot(&[spec], i as i32 * 426, 480, 426, 240));
    }
    planes
}

fn prop(shape: &str, lit: bool) -> PropSpec {
    PropSpec { prop_id: Id::slug(shape), shape: Id::slug(shape), colours: vec![], look: shape.into(), lit, inscription: None }
}

/// Arms in near framings.
fn mediums() -> Vec<Plane> {
    let room = place(PlaceFamily::InteriorRoom, "a room with a window and a table", TimeOfDay::Day, Weather::Clear);
    let quay = place(PlaceFamily::Coast, "stone steps, a small boat", TimeOfDay::Dusk, Weather::Clear);
    let m = |who: &Look, name: &str, place: &PlaceSpec, framing, slot| person(who, name, place, framing, slot);
    let shots: Vec<Vec<FigureSpec>> = vec![
        vec![FigureSpec {
            pose: Pose::Point,
            expression: Expression::Determined,
            ..m(&mara(), "mara", &quay, Framing::Medium, Slot::Left)
        }],
        vec![FigureSpec {
            pose: Pose::Hold,
            holding: Some(prop("lantern", true)),
            ..m(&tobias(), "tobias", &quay, Framing::Medium, Slot::Right)
        }],
        vec![FigureSpec { pose: Pose::Hold, holding: Some(prop("book", false)), ..m(&mara(), "mara", &room, Framing::Medium, Slot::Left) }],
        vec![
            FigureSpec {
                pose: Pose::Hold,
                holding: Some(prop("letter", false)),
                ..m(&mara(), "mara", &quay, Framing::MediumTwo, Slot::Left)
            },
            FigureSpec {
                take: Take { turn: Turn::Profile, ..Take::default() },
                ..m(&tobias(), "tobias", &quay, Framing::MediumTwo, Slot::Right)
            },
        ],
        vec![
            FigureSpec { pose: Pose::Embrace, expression: Expression::Soft, ..m(&mara(), "mara", &quay, Framing::MediumTwo, Slot::Left) },
            FigureSpec {
                pose: Pose::Embrace,
                expression: Expression::Sad,
                ..m(&tobias(), "tobias", &quay, Framing::MediumTwo, Slot::Right)
            },
        ],
        vec![
            FigureSpec { pose: Pose::Point, expression: Expression::Angry, ..m(&mara(), "mara", &quay, Framing::MediumTwo, Slot::Left) },
            m(&tobias(), "tobias", &quay, Framing::MediumTwo, Slot::Right),
        ],
        vec![
            m(&mara(), "mara", &room, Framing::MediumTwo, Slot::Left),
            FigureSpec {
                pose: Pose::Hold,
                holding: Some(prop("key", false)),
                ..m(&tobias(), "tobias", &room, Framing::MediumTwo, Slot::Right)
            },
        ],
        vec![FigureSpec {
            pose: Pose::Hold,
            holding: Some(prop("lantern", true)),
            ..m(&mara(), "mara", &quay, Framing::Close, Slot::Left)
        }],
        vec![FigureSpec {
            pose: Pose::Hold,
            holding: Some(prop("cup", false)),
            ..m(&tobias(), "tobias", &room, Framing::Close, Slot::Right)
        }],
    ];
    let each = shots.into_iter().enumerate();
    each.map(|(i, figures)| shot(&figures, (i % 3) as i32 * 426, (i / 3) as i32 * 240, 426, 240)).collect()
}

/// Whole people in their places.
fn fulls() -> Vec<Plane> {
    let room = place(PlaceFamily::InteriorRoom, "a room with a window and a table", TimeOfDay::Day, Weather::Clear);
    let lamp = PlaceSpec {
        props: vec![prop("lamp", true)],
        ..place(PlaceFamily::InteriorRoom, "a room with shelves", TimeOfDay::Night, Weather::Rain)
    };
    let quay = place(PlaceFamily::Coast, "stone steps, a small boat", TimeOfDay::Dusk, Weather::Clear);
    let baker = Look {
        garment: Garment::Apron,
        headwear: Headwear::None,
        ..look(FigureKind::Woman, 52, "#e0b896", "#9a9690", "#6a5a7a", "#c8843a")
    };
    let m = |who: &Look, name: &str, place: &PlaceSpec, slot| person(who, name, place, Framing::Full, slot);
    let shots: Vec<Vec<FigureSpec>> = vec![
        vec![
            FigureSpec { pose: Pose::Sit, expression: Expression::Worried, ..m(&mara(), "mara", &room, Slot::Left) },
            FigureSpec { expression: Expression::Stern, ..m(&tobias(), "tobias", &room, Slot::Right) },
        ],
        vec![
            FigureSpec { pose: Pose::Embrace, expression: Expression::Soft, ..m(&mara(), "mara", &quay, Slot::Left) },
            FigureSpec { pose: Pose::Embrace, expression: Expression::Happy, ..m(&tobias(), "tobias", &quay, Slot::Right) },
        ],
        vec![
            FigureSpec { pose: Pose::Hold, holding: Some(prop("lantern", true)), ..m(&baker, "baker", &lamp, Slot::Left) },
            FigureSpec { pose: Pose::Kneel, expression: Expression::Sad, ..m(&mara(), "mara", &lamp, Slot::Right) },
        ],
        vec![
            FigureSpec {
                pose: Pose::Run,
                take: Take { turn: Turn::Profile, ..Take::default() },
                ..m(&child(FigureKind::Girl), "girl", &quay, Slot::Left)
            },
            FigureSpec {
                pose: Pose::Walk,
                take: Take { turn: Turn::Profile, ..Take::default() },
                ..m(&tobias(), "tobias", &quay, Slot::Right)
            },
        ],
    ];
    let each = shots.into_iter().enumerate();
    each.map(|(i, figures)| shot(&figures, (i % 2) as i32 * 640, (i / 2) as i32 * 360, 640, 360)).collect()
}

/// Tall frames.
fn talls() -> Vec<Plane> {
    let quay = place(PlaceFamily::Coast, "stone steps, a small boat", TimeOfDay::Dawn, Weather::Clear);
    let m = |who: &Look, name: &str, framing, slot| person(who, name, &quay, framing, slot);
    let shots: Vec<Vec<FigureSpec>> = vec![
        vec![
            FigureSpec { pose: Pose::Hold, holding: Some(prop("book", false)), ..m(&mara(), "mara", Framing::MediumTwo, Slot::Left) },
            m(&tobias(), "tobias", Framing::MediumTwo, Slot::Right),
        ],
        vec![FigureSpec { take: Take { nearer: 240, tilt: 40, ..Take::default() }, ..m(&mara(), "mara", Framing::Close, Slot::Left) }],
        vec![FigureSpec { pose: Pose::Point, ..m(&tobias(), "tobias", Framing::Medium, Slot::Right) }],
    ];
    let each = shots.into_iter().enumerate();
    each.map(|(i, figures)| shot(&figures, i as i32 * 410, 0, 404, 718)).collect()
}

/// Edges, torn cores, gradients, glow and fog, each timed.
fn engine() -> Vec<Plane> {
    let frame = FRAME;
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
            let pts = [
                c(-20.0, y),
                p(200.0, y - 60.0),
                p(420.0, y + 20.0),
                p(700.0, y - 40.0),
                p(1000.0, y + 30.0),
                c(1300.0, y - 20.0),
                c(1300.0, 800.0),
                c(-20.0, 800.0),
            ];
            g.piece(&Piece::new(&pts, color).edge(Edge::Torn).core(Rgb::hex("#5d7795")).shadow(0.0, -3.0, 8.0, 0.3));
            let start = Instant::now();
            let plane = finish(
                &g,
                &Lit::default()
                    .shadow(0.0, -3.0, 8.0, 0.35)
                    .light(900.0, 200.0, 600.0, Rgb::hex("#ffb45c"), 0.8, 1.7)
                    .haze(Rgb::hex("#5d7fa8"), 0.3 - 0.15 * i as f32),
            );
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
            g.piece(&Piece::new(&pts, Rgb::hex("#b4554a")).edge(edge).grad(
                (x - 80.0, 400.0),
                (x + 80.0, 600.0),
                Rgb::hex("#d2604e"),
                Rgb::hex("#7a3028"),
            ));
            g.line(
                &[p(x - 60.0, 640.0), p(x, 620.0), p(x + 60.0, 650.0)],
                Rgb::hex("#e9e2d2"),
                1.0 + 2.0 * i as f32,
                &craft::paper::Xf::ID,
                0.8,
                i % 2 == 0,
            );
            g.disc(x, 500.0, 22.0, Rgb::hex("#efcf86"), |q| q.edge(Edge::Clean).shadow(2.0, 3.0, 3.0, 0.4));
        }
        finish(&g, &Lit::default().shadow(6.0, 8.0, 12.0, 0.45).rim(-3.0, 1.0, 1.5, Rgb::hex("#ffd090"), 0.8, None))
    });
    timed("out of focus", &mut || {
        let mut g = Group::new(1280, 720, 30);
        g.piece(
            &Piece::new(
                &[p(-40.0, -40.0), p(90.0, -40.0), p(60.0, 200.0), p(95.0, 420.0), p(70.0, 760.0), p(-40.0, 760.0)],
                Rgb::hex("#090d18"),
            )
            .edge(Edge::Torn),
        );
        finish(&g, &Lit::default().shadow(10.0, 4.0, 20.0, 0.5).blur(9.0))
    });
    timed("vignette", &mut || vignette(0.42, (0.5, 0.5), 1280.0, 720.0, frame, 9));
    planes
}
