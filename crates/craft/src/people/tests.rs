use contracts::{
    picture::{Expression, Pose},
    story::{Beard, Build, Emblem, FigureKind, Garment, HairStyle, Headwear, Look},
    table_read::Mouth,
};

use super::{Body, Face, Person, View, bust, bust_box, eyes_box, figure, figure_box, head, head_back, head_box, head_profile, mouth_box};
use crate::{
    light::{Lit, Plane, finish_in},
    paper::{Group, Rect, Rgb, Xf},
};

fn look(figure: FigureKind) -> Look {
    Look {
        figure,
        age: if matches!(figure, FigureKind::Girl | FigureKind::Boy) { 9 } else { 34 },
        build: Build::Average,
        skin: "#d9a583".into(),
        hair: "#a54f2c".into(),
        hair_style: HairStyle::Bun,
        beard: Beard::None,
        headwear: Headwear::None,
        eyes: "#4c6a4a".into(),
        garment: Garment::Coat,
        coat: "#1f4a3b".into(),
        accent: "#b9873a".into(),
        scarf: false,
        emblem: Emblem::Key,
        words: String::new(),
    }
}

fn bearded() -> Look {
    Look {
        figure: FigureKind::Man,
        age: 67,
        skin: "#c8916f".into(),
        hair: "#b1b2b2".into(),
        hair_style: HairStyle::Short,
        beard: Beard::Full,
        headwear: Headwear::Cap,
        coat: "#252f42".into(),
        accent: "#b57a26".into(),
        scarf: true,
        emblem: Emblem::None,
        ..look(FigureKind::Man)
    }
}

fn near(a: Rgb, hex: &str) {
    let b = Rgb::hex(hex);
    let far = a.channels().iter().zip(b.channels()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(far < 0.05, "{a:?} is not {hex}: off by {far}");
}

fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0000_0100_0000_01B3))
}

fn lit() -> Lit {
    Lit::default().shadow(-8.0, 6.0, 9.0, 0.5).ambient(Rgb(0.36, 0.40, 0.62)).light(400.0, 180.0, 600.0, Rgb(1.0, 0.7, 0.38), 1.8, 1.7).rim(
        -3.0,
        1.0,
        1.5,
        Rgb::hex("#ffc888"),
        0.9,
        Some((400.0, 180.0, 400.0, 1.0)),
    )
}

fn portrait(look: &Look, face: &Face, window: Rect, rect: Rect) -> Plane {
    let who = Person::from_look(look);
    let xf = Xf::new(150.0, 140.0, 120.0);
    let mut g = Group::of(window, 11);
    bust(&mut g, &xf, &who, face.yaw, face.light);
    head(&mut g, &xf, &who, face);
    finish_in(&g, &lit(), rect)
}

const WHOLE: Rect = Rect { x: 0, y: 0, w: 300, h: 300 };

#[test]
fn a_look_gives_the_reference_colours() {
    let mara = Person::from_look(&look(FigureKind::Woman));
    for (a, b) in [
        (mara.skin_light, "#f0c8a4"),
        (mara.skin_shade, "#a8685c"),
        (mara.hair[0], "#5d2418"),
        (mara.hair[1], "#7f3620"),
        (mara.hair[3], "#c06a3c"),
        (mara.coat[0], "#16352c"),
        (mara.coat[2], "#2c6150"),
        (mara.lip[0], "#9a3f3a"),
        (mara.lip[1], "#b9594f"),
        (mara.brow, "#4a1c14"),
    ] {
        near(a, b);
    }
    let tobias = Person::from_look(&bearded());
    for (a, b) in [
        (tobias.skin_light, "#e2b48d"),
        (tobias.skin_shade, "#8c5548"),
        (tobias.hair[0], "#6d7076"),
        (tobias.hair[1], "#8d9095"),
        (tobias.hair[3], "#cbc9c3"),
        (tobias.coat[0], "#1a2230"),
        (tobias.coat[2], "#33425a"),
        (tobias.lip[0], "#7d423a"),
        (tobias.accent[0], "#8a5a1c"),
        (tobias.accent[2], "#d59a3e"),
        (tobias.brow, "#8a8a8a"),
        (tobias.cap[2], "#232a38"),
    ] {
        near(a, b);
    }
}

#[test]
fn the_same_head_is_the_same_bytes_everywhere() {
    let face = Face::new(1.0, Expression::Worried).shade(0.6, Rgb::hex("#3b2d5c"));
    let a = portrait(&look(FigureKind::Woman), &face, WHOLE, WHOLE);
    let b = portrait(&look(FigureKind::Woman), &face, WHOLE, WHOLE);
    assert_eq!(a, b);
    assert_eq!(hash(&a.rgba), GOLDEN, "the picture of a head changed: raise the step version of the painter with it");
}

/// Of the head above, made in a release build and checked in a debug build.
const GOLDEN: u64 = 13_051_371_445_586_093_985;

fn changed(a: &Plane, b: &Plane) -> Rect {
    let mut rect = Rect::new(0, 0, 0, 0);
    for (i, (p, q)) in a.rgba.chunks_exact(4).zip(b.rgba.chunks_exact(4)).enumerate() {
        if p != q {
            let (x, y) = ((i % a.w as usize) as i32 + a.x, (i / a.w as usize) as i32 + a.y);
            rect = rect.join(&Rect::new(x, y, 1, 1));
        }
    }
    rect
}

#[test]
fn mouths_and_lids_change_only_their_patch() {
    let xf = Xf::new(150.0, 140.0, 120.0);
    for l in [look(FigureKind::Woman), bearded(), look(FigureKind::Girl)] {
        let who = Person::from_look(&l);
        for yaw in [0.0, 0.8, 1.0, super::PROFILE_YAW] {
            let face = Face::new(yaw, Expression::Neutral);
            let base = portrait(&l, &face, WHOLE, WHOLE);
            let mouth = mouth_box(&xf, &who, yaw);
            for shape in [Mouth::Rest, Mouth::Open, Mouth::Spread, Mouth::Round, Mouth::Narrow] {
                let other = portrait(&l, &face.mouth(Some(shape)), WHOLE, WHOLE);
                let at = changed(&base, &other);
                assert!(!at.is_empty() || shape == Mouth::Rest, "{shape:?} shows nothing");
                assert!(mouth.holds(&at), "{:?} {shape:?} yaw {yaw}: {at:?} outside {mouth:?}", l.figure);
            }
            let closed = portrait(&l, &face.closed(), WHOLE, WHOLE);
            let (at, eyes) = (changed(&base, &closed), eyes_box(&xf, &who, yaw));
            assert!(at.area() > 100 && eyes.holds(&at), "{:?} lids yaw {yaw}: {at:?} outside {eyes:?}", l.figure);
        }
    }
}

#[test]
fn a_patch_painted_alone_is_the_plane_there() {
    let face = Face::new(1.0, Expression::Angry).mouth(Some(Mouth::Open)).shade(0.5, Rgb::hex("#3b2d5c"));
    let xf = Xf::new(150.0, 140.0, 120.0);
    for l in [look(FigureKind::Woman), bearded()] {
        let rect = mouth_box(&xf, &Person::from_look(&l), 1.0);
        let whole = portrait(&l, &face, WHOLE, WHOLE).crop(rect);
        let alone = portrait(&l, &face, rect.grow(lit().margin()), rect);
        assert_eq!(changed(&whole, &alone), Rect::new(0, 0, 0, 0));
    }
}

#[test]
fn no_gap_opens_between_face_hair_and_headwear() {
    use FigureKind::{Boy, Girl, Man, Woman};
    let xf = Xf::new(120.0, 130.0, 110.0);
    let mut gaps = Vec::new();
    for figure in [Woman, Man, Girl, Boy] {
        for hair_style in
            [HairStyle::Bun, HairStyle::Loose, HairStyle::Short, HairStyle::Bald, HairStyle::Long, HairStyle::Plaits, HairStyle::Cropped]
        {
            for headwear in [
                Headwear::None,
                Headwear::Cap,
                Headwear::Knitted,
                Headwear::Hood,
                Headwear::Turban,
                Headwear::Hat,
                Headwear::Helmet,
                Headwear::Crown,
            ] {
                for view in 0..4 {
                    let beard = if figure == Man && view == 0 { Beard::Full } else { Beard::None };
                    let who = Person::from_look(&Look { hair_style, headwear, beard, ..look(figure) });
                    let mut g = Group::of(head_box(&xf), 3);
                    match view {
                        0 | 1 => {
                            head(&mut g, &xf, &who, &Face::new(view as f32, Expression::Neutral));
                        }
                        2 => {
                            head_profile(&mut g, &xf, &who, &Face::new(0.0, Expression::Neutral));
                        }
                        _ => head_back(&mut g, &xf, &who, 1.0),
                    }
                    // Every row from the brow's crown to the cheek is one run of opaque paper.
                    for hu in -40..12 {
                        let y = 130 + hu * 110 / 100 - g.window.y;
                        let w = g.window.w as usize;
                        let row = &g.pixmap.data()[y as usize * w * 4..(y as usize + 1) * w * 4];
                        let solid: Vec<bool> = row.chunks_exact(4).map(|p| p[3] > 215).collect();
                        let runs = solid.windows(2).filter(|p| !p[0] && p[1]).count();
                        if runs != 1 || solid.iter().filter(|s| **s).count() < 50 {
                            gaps.push(format!("{figure:?} {hair_style:?} {headwear:?} view {view} at {hu}"));
                        }
                    }
                }
            }
        }
    }
    assert!(gaps.is_empty(), "{gaps:#?}");
}

#[test]
fn talk_is_not_shouting() {
    use Expression as E;
    let open = |e, shape| super::Lips::of(&super::Mien::of(e), Some(shape)).open;
    for e in [E::Neutral, E::Soft, E::Stern, E::Worried, E::Angry, E::Surprised] {
        assert!(open(e, Mouth::Open) <= 0.105 * 0.701, "{e:?}");
        assert!(open(e, Mouth::Open) > open(e, Mouth::Spread) && open(e, Mouth::Spread) > open(e, Mouth::Rest), "{e:?}");
    }
    assert!(open(E::Angry, Mouth::Open) > open(E::Soft, Mouth::Open));
}

#[test]
fn expressions_are_distinct() {
    use Expression as E;
    let all = [E::Neutral, E::Happy, E::Sad, E::Angry, E::Afraid, E::Surprised, E::Worried, E::Determined, E::Stern, E::Soft];
    for l in [look(FigureKind::Woman), bearded()] {
        let faces: Vec<Plane> = all.iter().map(|e| portrait(&l, &Face::new(1.0, *e), WHOLE, Rect::new(90, 80, 120, 120))).collect();
        for i in 0..faces.len() {
            for j in 0..i {
                let far = |p: &[u8], q: &[u8]| p.iter().zip(q).any(|(a, b)| a.abs_diff(*b) > 24);
                let n = faces[i].rgba.chunks_exact(4).zip(faces[j].rgba.chunks_exact(4)).filter(|(p, q)| far(p, q)).count();
                assert!(n > 60, "{:?} and {:?} differ in {n} pixels", all[i], all[j]);
            }
        }
    }
}

/// Spread of the greys of a face within a box in hu, between the 3rd and the 97th of a hundred.
fn spread(look: &Look, expression: Expression, corners: [(f32, f32); 2]) -> u8 {
    let who = Person::from_look(look);
    let xf = Xf::new(400.0, 400.0, 300.0);
    let mut g = Group::of(head_box(&xf), 3);
    head(&mut g, &xf, &who, &Face::new(0.0, expression));
    let [(x0, y0), (x1, y1)] = corners.map(|(x, y)| xf.pt(x, y + who.eye_line()));
    let mut greys = Vec::new();
    for y in y0 as i32..y1 as i32 {
        for x in x0 as i32..x1 as i32 {
            let i = ((y - g.window.y) * g.window.w + x - g.window.x) as usize * 4;
            let px = &g.pixmap.data()[i..i + 4];
            greys.push(((u32::from(px[0]) * 77 + u32::from(px[1]) * 151 + u32::from(px[2]) * 28) >> 8) as u8);
        }
    }
    greys.sort_unstable();
    greys[greys.len() * 97 / 100] - greys[greys.len() * 3 / 100]
}

#[test]
fn young_faces_feel_with_their_brows_and_old_ones_with_lines_too() {
    use FigureKind::{Boy, Girl, Man, Woman};
    // Between the brows of who frowns, and above those of who worries.
    let frown = [(-0.045, -0.11), (0.045, -0.05)];
    let brow = [(-0.09, -0.25), (0.09, -0.19)];
    let lines = |l: &Look| (spread(l, Expression::Angry, frown), spread(l, Expression::Worried, brow));
    for (figure, ages) in [(Girl, [6, 14]), (Boy, [8, 12]), (Woman, [17, 29]), (Man, [20, 30])] {
        for age in ages {
            let young = Look { age, hair_style: HairStyle::Short, ..look(figure) };
            let (a, b) = lines(&young);
            assert!(a < 26 && b < 22, "{figure:?} of {age}: {a} between the brows, {b} on the brow");
        }
    }
    for figure in [Woman, Man] {
        let (a, b) = lines(&Look { age: 62, hair_style: HairStyle::Short, ..look(figure) });
        assert!(a > 34 && b > 28, "{figure:?} of 62: {a} between the brows, {b} on the brow");
    }
}

#[test]
fn children_grow_into_their_faces() {
    let of = |figure, age| Person::from_look(&Look { age, ..look(figure) });
    let line: Vec<Person> = [6, 10, 12, 14]
        .map(|age| of(FigureKind::Girl, age))
        .into_iter()
        .chain([15, 17, 20, 40].map(|age| of(FigureKind::Woman, age)))
        .collect();
    for pair in line.windows(2) {
        let what = format!("{} and {}", pair[0].age, pair[1].age);
        assert!(pair[0].eye_line() >= pair[1].eye_line() && pair[0].eye_scale() >= pair[1].eye_scale(), "{what}");
        assert!(pair[0].head_scale() >= pair[1].head_scale() && pair[0].bust_scale() <= pair[1].bust_scale(), "{what}");
    }
    assert!(line[0].eye_line() > 0.08 && line[7].eye_line() == 0.0 && line[6].youth() == 0.0);
    // Heads to a figure, as `figure` puts them on it.
    let heads = |age: u32| {
        let who = of(FigureKind::Boy, age);
        let t = super::head_of(&Xf::new(0.0, 0.0, 1.0), &who, &Body::new(View::Front, Pose::Stand, Face::new(0.0, Expression::Neutral)));
        (-t.oy + 0.5 * t.k) / t.k
    };
    assert!((4.7..5.7).contains(&heads(8)) && (5.6..6.7).contains(&heads(12)), "{} and {}", heads(8), heads(12));
}

#[test]
fn figures_stand_on_the_ground_and_keep_their_pose() {
    let xf = Xf::new(200.0, 300.0, 30.0);
    let mut shapes = Vec::new();
    for pose in [Pose::Stand, Pose::Walk, Pose::Point, Pose::Hold, Pose::Sit, Pose::Run, Pose::Embrace, Pose::Kneel] {
        for l in [look(FigureKind::Woman), bearded(), look(FigureKind::Boy)] {
            let who = Person::from_look(&l);
            let mut g = Group::of(figure_box(&xf), 5);
            let at = figure(&mut g, &xf, &who, &Body::new(View::ThreeQuarter, pose, Face::new(0.0, Expression::Neutral)));
            let row = |y: i32| {
                let w = g.window.w as usize * 4;
                let start = (y - g.window.y) as usize * w;
                g.pixmap.data()[start..start + w].chunks_exact(4).filter(|p| p[3] > 200).count()
            };
            assert!(row(298) > 6 && row(306) == 0, "{pose:?} of {:?}: {} pixels at its soles, {} below", l.figure, row(298), row(306));
            assert_eq!(at.lamp.is_some(), pose == Pose::Hold);
            assert!(at.head.1 < 300.0 - 4.4 * 30.0);
            shapes.push(hash(g.pixmap.data()));
        }
    }
    shapes.sort_unstable();
    shapes.dedup();
    assert_eq!(shapes.len(), 24);
}

#[test]
fn the_boxes_hold_what_is_painted() {
    let xf = Xf::mirrored(500.0, 300.0, 60.0);
    let who = Person::from_look(&Look { hair_style: HairStyle::Loose, ..look(FigureKind::Woman) });
    let mut g = Group::new(1000, 700, 5);
    bust(&mut g, &xf, &who, 1.0, 1.0);
    head(&mut g, &xf, &who, &Face::new(1.0, Expression::Happy));
    let used = crate::light::finish(&g, &Lit::plain()).rect();
    assert!(bust_box(&xf).holds(&used), "{used:?}");
}

#[test]
fn a_planted_foot_stays_where_it_is() {
    use super::stance::Stance;
    for stride in [1.0f32, 0.46, 0.28] {
        let body = Body { stride, ..Body::new(View::Profile, Pose::Walk, Face::new(0.0, Expression::Neutral)) };
        let at = |n: u32| Stance::of(Pose::Walk, super::Manner::Easy, View::Profile, 0.4, (0.08 + n as f32 / 12.0, stride));
        let mut planted = 0;
        for n in 0..12 {
            let (now, next) = (at(n), at(n + 1));
            assert!((now.hip - next.hip).abs() < 1e-6 && now.feet.iter().any(|f| f.1 == 0.0), "{n}: in the air");
            for foot in 0..2 {
                let (a, b) = (now.feet[foot], next.feet[foot]);
                if a.1 == 0.0 && b.1 == 0.0 {
                    planted += 1;
                    assert!((a.0 - b.0 - body.double_step() / 12.0).abs() < 1e-3, "{n} foot {foot}: {a:?} to {b:?}");
                }
            }
        }
        assert!(planted >= 10, "{planted}");
    }
}
