//! People as they are painted: whole in their frame in every pose and garment, faces never covered by hands and things, eyes
//! and mouths that can be read. (That they stay who they are: `identity`.)

use contracts::{
    Id,
    canon::PlaceFamily,
    picture::{BackgroundSpec, Canvas, Expression, Facing, FigureSpec, Framing, Gaze, PlaceSpec, Pose, PropSpec, Slot, Take, Turn},
    project::{Aspect, VisualStyle},
    story::{Beard, FigureKind, Garment, HairStyle, Headwear, Look, TimeOfDay, Weather},
};
use craft::{
    frame::Margins,
    light,
    paint::{self, PaintedPlane},
    paper::Rect,
};

use super::{figure, place};

const POSES: [Pose; 8] = [Pose::Stand, Pose::Walk, Pose::Run, Pose::Point, Pose::Hold, Pose::Sit, Pose::Kneel, Pose::Embrace];
const GARMENTS: [Garment; 8] =
    [Garment::Coat, Garment::Robe, Garment::Dress, Garment::Apron, Garment::Shawl, Garment::Coverall, Garment::Suit, Garment::Spacesuit];
const EXPRESSIONS: [Expression; 10] = [
    Expression::Neutral,
    Expression::Happy,
    Expression::Sad,
    Expression::Angry,
    Expression::Afraid,
    Expression::Surprised,
    Expression::Worried,
    Expression::Determined,
    Expression::Stern,
    Expression::Soft,
];
const STATES: [&str; 5] = ["eyes:closed", "mouth:narrow", "mouth:open", "mouth:round", "mouth:spread"];

fn quay(hour: TimeOfDay) -> PlaceSpec {
    place(PlaceFamily::Coast, "stone steps, a small boat", hour, Weather::Clear)
}

fn room() -> PlaceSpec {
    place(PlaceFamily::InteriorRoom, "a room with a window and a table", TimeOfDay::Day, Weather::Clear)
}

/// The luma of a plane over a background, row by row, within an area of the canvas.
fn grey(rgba: &[u8], width: u32, area: &Rect) -> Vec<u8> {
    let mut out = Vec::with_capacity(area.area());
    for y in area.y..area.bottom() {
        for x in area.x..area.right() {
            let p = &rgba[(y as usize * width as usize + x as usize) * 4..][..4];
            out.push(((u32::from(p[0]) * 77 + u32::from(p[1]) * 151 + u32::from(p[2]) * 28) >> 8) as u8);
        }
    }
    out
}

/// A percentile of values.
fn at(values: &[u8], hundredths: usize) -> i32 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    i32::from(sorted[(sorted.len() - 1) * hundredths / 100])
}

/// A whole shot, flattened.
fn shot(figures: &[&FigureSpec], canvas: Canvas) -> Vec<u8> {
    let first = figures[0];
    let mut planes =
        paint::background(&BackgroundSpec { place: first.place.clone(), framing: first.framing, toward: first.facing }, canvas);
    for figure in figures {
        planes.extend(paint::figure(figure, canvas));
    }
    planes.sort_by_key(|p| p.depth);
    let stack: Vec<light::Plane> = planes.iter().map(PaintedPlane::as_plane).collect();
    light::flatten(&stack, canvas.width, canvas.height)
}

/// Where a plane is opaque enough to be paper: glow and shadow are not.
fn paper(plane: &PaintedPlane) -> Rect {
    let mut rect: Option<Rect> = None;
    let w = plane.pixels.width as usize;
    for (i, p) in plane.pixels.rgba.chunks_exact(4).enumerate() {
        if p[3] > 190 {
            let one = Rect::new(plane.x + (i % w) as i32, plane.y + (i / w) as i32, 1, 1);
            rect = Some(rect.map_or(one, |r| r.join(&one)));
        }
    }
    rect.expect("somebody is painted")
}

/// Every whole figure, in every pose from every side in every garment: it is in the frame and its face can speak and blink.
#[test]
fn every_pose_in_every_garment_stays_in_the_frame_and_keeps_its_face() {
    let facings = [
        (Facing::Right, Turn::ThreeQuarter),
        (Facing::Right, Turn::Profile),
        (Facing::Front, Turn::ThreeQuarter),
        (Facing::Away, Turn::ThreeQuarter),
    ];
    let mut seen = 0;
    for aspect in [Aspect::Wide, Aspect::Tall] {
        let canvas = Canvas::of(aspect, 144);
        let frame = Rect::new(0, 0, canvas.width as i32, canvas.height as i32);
        for (n, garment) in GARMENTS.into_iter().enumerate() {
            for (facing, turn) in facings {
                for (i, pose) in POSES.into_iter().enumerate() {
                    let kind = [FigureKind::Woman, FigureKind::Man, FigureKind::Girl][(n + i) % 3];
                    let slot = if (n + i) % 2 == 0 || aspect == Aspect::Tall { Slot::Left } else { Slot::Centre };
                    let mut spec = figure(&quay(TimeOfDay::Day), Framing::Full, kind, slot);
                    (spec.facing, spec.take.turn, spec.pose, spec.look.garment) = (facing, turn, pose, garment);
                    let what = format!("{kind:?} {pose:?} {garment:?} {facing:?} {turn:?} in {aspect:?}");
                    let planes = paint::figure(&spec, canvas);
                    for plane in &planes {
                        assert!(frame.holds(&paper(plane)), "{what}: {} leaves the frame: {:?}", plane.name, paper(plane));
                    }
                    let names: Vec<&str> = planes[0].states.keys().map(String::as_str).filter(|n| !n.starts_with("walk:")).collect();
                    if facing == Facing::Away {
                        assert!(names.is_empty(), "{what}");
                    } else {
                        assert_eq!(names, STATES, "{what}: something covers the face");
                    }
                    seen += 1;
                }
            }
        }
    }
    assert_eq!(seen, 2 * 8 * 4 * 8);
}

/// Every garment, pose and look is a drawing of its own: nothing falls back silently.
#[test]
fn every_word_of_a_look_is_drawn() {
    let canvas = Canvas::of(Aspect::Wide, 144);
    let here = quay(TimeOfDay::Day);
    let hair =
        [HairStyle::Bun, HairStyle::Loose, HairStyle::Short, HairStyle::Bald, HairStyle::Long, HairStyle::Plaits, HairStyle::Cropped];
    let hats = [
        Headwear::None,
        Headwear::Cap,
        Headwear::Knitted,
        Headwear::Hood,
        Headwear::Turban,
        Headwear::Hat,
        Headwear::Helmet,
        Headwear::Crown,
    ];
    for framing in [Framing::Full, Framing::Medium] {
        for kind in [FigureKind::Woman, FigureKind::Man] {
            for facing in [Facing::Right, Facing::Front] {
                let mut pictures = std::collections::BTreeMap::new();
                let mut put = |name: String, spec: &FigureSpec| {
                    let pixels: Vec<Vec<u8>> = paint::figure(spec, canvas).into_iter().map(|p| p.pixels.rgba).collect();
                    if let Some(other) = pictures.insert(pixels, name.clone()) {
                        panic!("{name} looks like {other} in {framing:?}");
                    }
                };
                let base = FigureSpec { facing, ..figure(&here, framing, kind, Slot::Left) };
                for garment in GARMENTS {
                    let plain = Look { garment, headwear: Headwear::None, hair_style: HairStyle::Short, ..base.look.clone() };
                    put(format!("{garment:?}"), &FigureSpec { look: plain, ..base.clone() });
                }
                for hair_style in hair.into_iter().filter(|h| *h != HairStyle::Short) {
                    let plain = Look { hair_style, headwear: Headwear::None, ..base.look.clone() };
                    put(format!("{hair_style:?}"), &FigureSpec { look: plain, ..base.clone() });
                }
                for headwear in hats.into_iter().skip(1) {
                    let plain = Look { headwear, hair_style: HairStyle::Short, ..base.look.clone() };
                    put(format!("{headwear:?}"), &FigureSpec { look: plain, ..base.clone() });
                }
                let spirit = Look { figure: FigureKind::Spirit, headwear: Headwear::None, ..base.look.clone() };
                put("a spirit".into(), &FigureSpec { look: spirit, ..base.clone() });
                for pose in POSES.into_iter().filter(|p| framing == Framing::Full || *p == Pose::Point).filter(|p| *p != Pose::Stand) {
                    let bare = Look { headwear: Headwear::Cap, hair_style: HairStyle::Bun, ..base.look.clone() };
                    put(format!("{pose:?}"), &FigureSpec { pose, look: bare, ..base.clone() });
                }
            }
        }
    }
}

/// How much of an area a plane covers by more than a shadow, in thousandths.
fn covered(plane: &PaintedPlane, area: &Rect) -> usize {
    let part = plane.rect().meet(area);
    let mut n = 0;
    for y in part.y..part.bottom() {
        for x in part.x..part.right() {
            let i = (y - plane.y) as usize * plane.pixels.width as usize + (x - plane.x) as usize;
            n += usize::from(plane.pixels.rgba[i * 4 + 3] > 140);
        }
    }
    n * 1000 / area.area().max(1)
}

#[test]
fn no_hand_and_nothing_held_covers_a_face() {
    for aspect in [Aspect::Wide, Aspect::Tall, Aspect::Square] {
        let canvas = Canvas::of(aspect, 180);
        for here in [quay(TimeOfDay::Day), room()] {
            for framing in [Framing::MediumTwo, Framing::OverShoulder, Framing::Medium, Framing::Close] {
                for shape in ["lantern", "book", "letter", "key", "cup", "bell", "can", "cloth", "rope", "astrolabe", ""] {
                    for (kind, other, slot) in
                        [(FigureKind::Woman, FigureKind::Man, Slot::Left), (FigureKind::Man, FigureKind::Girl, Slot::Right)]
                    {
                        let mut spec = figure(&here, framing, kind, slot);
                        if shape.is_empty() {
                            spec.pose = Pose::Point;
                        } else {
                            let shape = Id::slug(shape);
                            let prop = PropSpec {
                                prop_id: shape.clone(),
                                shape,
                                colours: vec![],
                                look: "thing".into(),
                                lit: false,
                                inscription: None,
                            };
                            (spec.pose, spec.holding) = (Pose::Hold, Some(prop));
                        }
                        let beside = figure(&here, framing, other, if slot == Slot::Left { Slot::Right } else { Slot::Left });
                        let mut faces = vec![("its own", 0, paint::head_boxes(&spec, canvas).expect("a face").0)];
                        if framing == Framing::MediumTwo {
                            // Whoever stands nearer covers what is held behind them.
                            let depth = paint::figure(&beside, canvas)[0].depth;
                            faces.push(("the other's", depth, paint::head_boxes(&beside, canvas).expect("a face").0));
                        }
                        for plane in paint::figure(&spec, canvas).iter().skip(1) {
                            for (whose, _, face) in faces.iter().filter(|(_, depth, _)| plane.depth > *depth) {
                                let n = covered(plane, face);
                                assert!(
                                    n <= 25,
                                    "{aspect:?} {framing:?} {kind:?} with {shape:?} at {}: {} covers {n} ‰ of {whose} face",
                                    here.look,
                                    plane.name
                                );
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What is held is carried: from the hand down to the lower edge of the frame, or of what stands before the people, arm and body
/// are one piece of paper.
#[test]
fn what_is_held_hangs_together_with_who_holds_it() {
    let canvas = Canvas::of(Aspect::Wide, 180);
    for framing in [Framing::MediumTwo, Framing::Medium, Framing::Close] {
        for shape in ["key", "lantern", "box", "book", "cup", "pot"] {
            for kind in [FigureKind::Woman, FigureKind::Man, FigureKind::Boy] {
                let mut spec = figure(&quay(TimeOfDay::Day), framing, kind, Slot::Left);
                (spec.look.figure, spec.look.age) = (kind, if kind == FigureKind::Boy { 9 } else { 40 });
                let shape = Id::slug(shape);
                spec.pose = Pose::Hold;
                spec.holding =
                    Some(PropSpec { prop_id: shape.clone(), shape, colours: vec![], look: "thing".into(), lit: false, inscription: None });
                let planes = paint::figure(&spec, canvas);
                assert_eq!(planes.len(), 2);
                // Flooded from the body, paper reaches everything solid on the plane of arm and thing.
                let (w, h) = (canvas.width as usize, canvas.height as usize);
                let solid = |plane: &PaintedPlane| {
                    let mut out = vec![false; w * h];
                    for y in plane.rect().y.max(0)..plane.rect().bottom().min(h as i32) {
                        for x in plane.rect().x.max(0)..plane.rect().right().min(w as i32) {
                            let i = ((y - plane.y) * plane.pixels.width as i32 + x - plane.x) as usize * 4;
                            out[y as usize * w + x as usize] = plane.pixels.rgba[i + 3] > 200;
                        }
                    }
                    out
                };
                let (body, arms) = (solid(&planes[0]), solid(&planes[1]));
                let mut reached = body.clone();
                let mut open: Vec<usize> = (0..w * h).filter(|&i| body[i]).collect();
                while let Some(i) = open.pop() {
                    for j in [i.wrapping_sub(1), i + 1, i.wrapping_sub(w), i + w] {
                        if j < w * h && arms[j] && !reached[j] {
                            reached[j] = true;
                            open.push(j);
                        }
                    }
                }
                let (all, apart) = (arms.iter().filter(|a| **a).count(), (0..w * h).filter(|&i| arms[i] && !reached[i]).count());
                let over = (0..w * h).filter(|&i| arms[i] && body[i]).count();
                let what = format!("{framing:?} {kind:?} with {}", spec.holding.as_ref().expect("a thing").shape);
                assert!(apart * 50 <= all, "{what}: {apart} of {all} pixels hang in the air");
                assert!(framing == Framing::Close || over * 12 >= all, "{what}: only {over} of {all} pixels lie before the body");
            }
        }
    }
}

fn takes() -> [Take; 6] {
    let t = Take::default();
    [
        t,
        Take { nearer: 240, tilt: 45, ..t },
        Take { turn: Turn::Profile, nearer: -70, ..t },
        Take { turn: Turn::Slight, nearer: 90, tilt: -40, ..t },
        Take { gaze: Gaze::Down, tilt: 70, nearer: -130, ..t },
        Take { gaze: Gaze::Aside, nearer: 190, tilt: -25, ..t },
    ]
}

#[test]
fn every_take_is_another_picture_and_keeps_the_face_in_the_frame() {
    for aspect in [Aspect::Wide, Aspect::Tall, Aspect::Square] {
        let canvas = Canvas::of(aspect, 180);
        let action = Margins::action(canvas).within(canvas);
        for kind in [FigureKind::Woman, FigureKind::Man, FigureKind::Girl, FigureKind::Boy, FigureKind::Spirit] {
            for slot in [Slot::Left, Slot::Right] {
                let mut pictures = std::collections::BTreeSet::new();
                for take in takes() {
                    let mut spec = FigureSpec { take, ..figure(&quay(TimeOfDay::Dusk), Framing::Close, kind, slot) };
                    spec.look.figure = kind;
                    let (face, _) = paint::head_boxes(&spec, canvas).expect("a face");
                    assert!(action.holds(&face), "{kind:?} {take:?} {aspect:?}: {face:?} leaves {action:?}");
                    let planes = paint::figure(&spec, canvas);
                    assert_eq!(planes[0].states.len(), 5, "{kind:?} {take:?}");
                    assert!(
                        pictures.insert(planes[0].pixels.rgba.clone()) || kind == FigureKind::Spirit,
                        "{kind:?} {take:?} is no other picture"
                    );
                }
            }
        }
    }
}

/// Lead room and eyelines: the empty part of the frame is on the side faced, two who answer one another look across at one
/// height, and nobody's eyes are in the lower half.
#[test]
fn faces_leave_room_where_they_look_and_eyes_are_level() {
    for aspect in [Aspect::Wide, Aspect::Tall, Aspect::Square] {
        let canvas = Canvas::of(aspect, 180);
        let (w, h) = (canvas.width as i32, canvas.height as i32);
        for framing in [Framing::Close, Framing::Medium, Framing::OverShoulder] {
            for take in takes() {
                let boxes = [Slot::Left, Slot::Right].map(|slot| {
                    let spec = FigureSpec { take, ..figure(&room(), framing, FigureKind::Woman, slot) };
                    paint::head_boxes(&spec, canvas).expect("a face").0
                });
                let what = format!("{framing:?} {take:?} {aspect:?}: {boxes:?}");
                let centre = boxes.map(|b| b.x + b.w / 2);
                let lead = match (aspect, take.turn) {
                    (Aspect::Wide, _) => w * 52 / 100,
                    // The face of a profile is the front of its head: the head itself stands as others do.
                    (_, Turn::Profile) => w * 44 / 100,
                    _ => w * 49 / 100,
                };
                assert!(w - centre[0] >= lead && centre[1] >= lead, "{what}: no lead room");
                // Mirrored: the two eyelines meet.
                assert!((boxes[0].y - boxes[1].y).abs() <= 2 && (centre[0] + centre[1] - w).abs() <= 3, "{what}");
                // The eyes are four tenths of the face box down.
                let eyes = boxes[0].y + boxes[0].h * 42 / 100;
                assert!((h * 26 / 100..=h * 57 / 100).contains(&eyes), "{what}: eyes at {eyes} of {h}");
            }
        }
        let pair = [Slot::Left, Slot::Right].map(|slot| {
            let spec = figure(&room(), Framing::MediumTwo, FigureKind::Woman, slot);
            paint::head_boxes(&spec, canvas).expect("a face").0
        });
        assert!(pair[0].x + pair[0].w / 2 < w / 2 && pair[1].x + pair[1].w / 2 > w / 2, "{aspect:?}: they do not look at one another");
        if aspect == Aspect::Wide {
            assert!((pair[0].y - pair[1].y).abs() <= h * 3 / 100, "{pair:?}: their eyes are not level");
        }
    }
}

const SKINS: [&str; 3] = ["#f0cba8", "#b98056", "#6b4226"];

/// Eyes and mouths can be read: in every expression, on three skins, by day, at dusk, at night and by lamp.
#[test]
fn eyes_and_mouths_stand_out_in_every_expression_skin_and_light() {
    let canvas = Canvas::of(Aspect::Wide, 240);
    let lamp = place(PlaceFamily::InteriorRoom, "a room with shelves", TimeOfDay::Night, Weather::Rain);
    let dark = PlaceSpec { props: vec![], ..quay(TimeOfDay::Night) };
    let dusk = PlaceSpec { props: vec![], ..quay(TimeOfDay::Dusk) };
    let day = PlaceSpec { props: vec![], ..quay(TimeOfDay::Day) };
    let mut least = [(i32::MAX, String::new()), (i32::MAX, String::new())];
    for (light, here) in [("lamp", lamp), ("night", dark), ("dusk", dusk), ("day", day)] {
        for skin in SKINS {
            for expression in EXPRESSIONS {
                for (kind, beard) in [(FigureKind::Woman, Beard::None), (FigureKind::Man, Beard::None), (FigureKind::Man, Beard::Full)] {
                    let mut spec = FigureSpec { expression, ..figure(&here, Framing::Close, kind, Slot::Left) };
                    (spec.look.skin, spec.look.beard) = (skin.into(), beard);
                    let planes = paint::figure(&spec, canvas);
                    let rgba = light::flatten(&[planes[0].as_plane()], canvas.width, canvas.height);
                    for (n, state) in ["eyes:closed", "mouth:open"].into_iter().enumerate() {
                        let patch = &planes[0].states[state];
                        let area = Rect::new(patch.x, patch.y, patch.pixels.width as i32, patch.pixels.height as i32);
                        // A beard's patch is the whole jaw: its mouth is in the upper middle of it.
                        let area = match (n, beard) {
                            (1, Beard::Full) => Rect::new(area.x + area.w / 4, area.y, area.w / 2, area.h * 2 / 5),
                            _ => area,
                        };
                        let values = grey(&rgba, canvas.width, &area);
                        let spread = at(&values, 97) - at(&values, 3);
                        if spread < least[n].0 {
                            least[n] = (spread, format!("{state}: {kind:?} {beard:?} {expression:?} on {skin} by {light}"));
                        }
                    }
                }
            }
        }
    }
    assert!(least[0].0 >= 100, "{least:?}");
    assert!(least[1].0 >= 22, "{least:?}");
}

/// A woodcut's second block is for what is red in itself: skin by a lamp or a low sun is cut like any other, and a red coat beside
/// it stays red.
#[test]
fn warm_light_on_skin_is_no_red_block() {
    let canvas = Canvas::of(Aspect::Wide, 240);
    let lamp = place(PlaceFamily::InteriorRoom, "a room with shelves", TimeOfDay::Night, Weather::Clear);
    let plain = |hour| PlaceSpec { props: vec![], ..quay(hour) };
    let desert = place(PlaceFamily::Desert, "a line of stones on a flat", TimeOfDay::Dusk, Weather::Clear);
    let desert = PlaceSpec { props: vec![], ..desert };
    let mut coats = 0;
    let day = plain(TimeOfDay::Day);
    for (light, here) in [("lamp", lamp), ("dusk", plain(TimeOfDay::Dusk)), ("day", day), ("desert dusk", desert)] {
        let here = PlaceSpec { style: VisualStyle::Woodcut, ..here };
        for skin in ["#e2b899", "#d2a07c", "#b98056", "#9a6a48", "#8a5a3c", "#6b4226"] {
            for framing in [Framing::Close, Framing::MediumTwo] {
                let mut spec = figure(&here, framing, FigureKind::Woman, Slot::Left);
                (spec.look.skin, spec.look.coat, spec.look.hair) = (skin.into(), "#8c1f1c".into(), "#1c1612".into());
                (spec.look.garment, spec.look.headwear) = (Garment::Coat, Headwear::Hood);
                let plane = &paint::figure(&spec, canvas)[0];
                let (face, _) = paint::head_boxes(&spec, canvas).expect("a face");
                // Without the hood at its sides and the mouth.
                let face = Rect::new(face.x + face.w / 4, face.y + face.h / 5, face.w / 2, face.h / 2);
                let (mut own, mut coat) = (0, 0);
                for (i, p) in plane.pixels.rgba.chunks_exact(4).enumerate() {
                    let w = plane.pixels.width as usize;
                    let (x, y) = (plane.x + (i % w) as i32, plane.y + (i / w) as i32);
                    let red = p[3] > 200 && p[0] > 110 && i32::from(p[0]) - i32::from(p[1]) > 55;
                    if red && face.holds(&Rect::new(x, y, 1, 1)) {
                        own += 1;
                    }
                    coat += usize::from(red);
                }
                let area = face.area();
                assert!(own * 50 < area, "{skin} by {light}, {framing:?}: {own} of {area} pixels of the face are red");
                coats += usize::from(coat * 20 > plane.rect().area() / 2);
            }
        }
    }
    assert!(coats >= 40, "{coats} of 48 red coats are red");
}

/// A face at dusk does not share its value with the sky, and has a lit and a dark side.
#[test]
fn skin_stands_out_from_the_sky_at_every_hour() {
    let canvas = Canvas::of(Aspect::Wide, 240);
    for hour in [TimeOfDay::Dawn, TimeOfDay::Morning, TimeOfDay::Day, TimeOfDay::Dusk, TimeOfDay::Night] {
        for skin in SKINS {
            let mut spec = figure(&PlaceSpec { props: vec![], ..quay(hour) }, Framing::Close, FigureKind::Woman, Slot::Left);
            spec.look.skin = skin.into();
            let rgba = shot(&[&spec], canvas);
            let (face, _) = paint::head_boxes(&spec, canvas).expect("a face");
            let (cx, cy) = (face.x + face.w / 2, face.y + face.h / 2);
            // The cheek towards the light, the cheek away from it, and the sky beside the face.
            let lit = grey(&rgba, canvas.width, &Rect::new(cx + face.w / 8, cy, face.w / 6, face.h / 6));
            let dark = grey(&rgba, canvas.width, &Rect::new(face.x + face.w / 7, cy, face.w / 9, face.h / 6));
            let sky = grey(&rgba, canvas.width, &Rect::new(face.right() + face.w / 3, face.y, face.w, face.h / 2));
            let (lit, dark, sky) = (at(&lit, 50), at(&dark, 50), at(&sky, 50));
            let what = format!("{hour:?} {skin}: lit {lit}, dark {dark}, sky {sky}");
            assert!(lit - dark >= 12, "{what}: the face is flat");
            assert!((lit - sky).abs().max((dark - sky).abs()) >= 30, "{what}: the face is lost in the sky");
        }
    }
}
