//! The three shapes of the frame: faces whole and apart, words within what every screen shows, pictures that are full.

use contracts::{
    canon::PlaceFamily,
    picture::{BackgroundSpec, Canvas, CardKind, CardSpec, Facing, FigureSpec, Framing, InsertSpec, PlaceSpec, Pose, Slot, View},
    project::{Aspect, VisualStyle},
    story::{FigureKind, HairStyle, Headwear, Look, TimeOfDay, Weather},
};
use craft::{
    frame::Margins,
    light,
    paint::{self, PaintedPlane},
    paper::Rect,
};

use super::{figure, look, place};

const ASPECTS: [Aspect; 3] = [Aspect::Wide, Aspect::Tall, Aspect::Square];
const STYLES: [VisualStyle; 5] = [VisualStyle::Paper, VisualStyle::Ink, VisualStyle::Dusk, VisualStyle::Woodcut, VisualStyle::Pastel];

fn places() -> Vec<PlaceSpec> {
    [
        (PlaceFamily::Coast, "a white tower on a headland"),
        (PlaceFamily::Coast, "stone steps, a small boat"),
        (PlaceFamily::InteriorRoom, "a room with a window and a table"),
        (PlaceFamily::Desert, "dunes, a tent"),
        (PlaceFamily::Desert, "a salt flat, stones, mountains far off"),
        (PlaceFamily::River, "black water with plates of salt adrift, one stone"),
        (PlaceFamily::Mountain, "bare mountains, a path"),
    ]
    .map(|(family, words)| place(family, words, TimeOfDay::Dawn, Weather::Clear))
    .to_vec()
}

/// Everybody these drawings tell apart by their head.
fn cast() -> Vec<(&'static str, Look)> {
    let of = |kind, words: &str| Look { words: words.into(), ..look(kind) };
    vec![
        ("a woman with a bun", of(FigureKind::Woman, "")),
        ("a bearded man in a cap", of(FigureKind::Man, "tall")),
        (
            "an old woman with a braid",
            Look { age: 61, hair_style: HairStyle::Loose, ..of(FigureKind::Woman, "short and square, a white braid") },
        ),
        ("a boy with a fringe", Look { age: 13, headwear: Headwear::None, ..of(FigureKind::Boy, "a black fringe, bare shins") }),
        ("a girl in a hood", Look { age: 7, headwear: Headwear::Hood, ..of(FigureKind::Girl, "") }),
        ("somebody in a hat", Look { headwear: Headwear::Hat, ..of(FigureKind::Man, "") }),
        ("somebody in a helmet", Look { headwear: Headwear::Helmet, ..of(FigureKind::Woman, "") }),
        ("somebody crowned", Look { headwear: Headwear::Crown, ..of(FigureKind::Woman, "") }),
        ("a spirit", of(FigureKind::Spirit, "")),
        ("somebody veiled", of(FigureKind::Woman, "headcloth and veil, a long robe")),
    ]
}

fn person(who: &Look, place: &PlaceSpec, framing: Framing, slot: Slot) -> FigureSpec {
    FigureSpec { look: who.clone(), ..figure(place, framing, who.figure, slot) }
}

#[test]
fn no_face_is_cut_in_any_shape() {
    for aspect in ASPECTS {
        let canvas = Canvas::of(aspect, 720);
        let action = Margins::action(canvas).within(canvas);
        for place in places() {
            for framing in [Framing::Wide, Framing::Full, Framing::MediumTwo, Framing::OverShoulder, Framing::Medium, Framing::Close] {
                for (name, who) in cast() {
                    for slot in [Slot::Left, Slot::Centre, Slot::Right] {
                        for pose in [Pose::Stand, Pose::Walk, Pose::Sit, Pose::Point, Pose::Hold, Pose::Run, Pose::Kneel] {
                            let spec = FigureSpec { pose, ..person(&who, &place, framing, slot) };
                            let (face, head) = paint::head_boxes(&spec, canvas).expect("a face");
                            let what = format!("{name} {pose:?} at the {slot:?} of {framing:?} {aspect:?} in {}", place.look);
                            assert!(action.holds(&face), "{what}: the face {face:?} leaves {action:?}");
                            // Headroom: hair and hats stay in the frame too.
                            assert!(head.y >= canvas.height as i32 * 4 / 100, "{what}: {head:?}");
                            assert!(head.x >= 0 && head.right() <= canvas.width as i32, "{what}: {head:?}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn two_and_three_people_keep_their_faces_apart() {
    for aspect in ASPECTS {
        let canvas = Canvas::of(aspect, 720);
        for place in places() {
            for framing in [Framing::Wide, Framing::Full, Framing::MediumTwo] {
                let slots: &[Slot] =
                    if framing == Framing::MediumTwo { &[Slot::Left, Slot::Right] } else { &[Slot::Left, Slot::Centre, Slot::Right] };
                for (a, one) in cast() {
                    for (b, other) in cast() {
                        let people = slots
                            .iter()
                            .enumerate()
                            .map(|(i, slot)| person(if i % 2 == 0 { &one } else { &other }, &place, framing, *slot));
                        let faces: Vec<Rect> = people.map(|s| paint::head_boxes(&s, canvas).expect("a face").0).collect();
                        for (i, face) in faces.iter().enumerate() {
                            for next in &faces[i + 1..] {
                                assert!(face.meet(next).is_empty(), "{a} and {b} in {framing:?} {aspect:?}, {}: {faces:?}", place.look);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The strongest alpha of a plane within a rectangle.
fn cover(plane: &PaintedPlane, area: &Rect) -> u8 {
    let part = plane.rect().meet(area);
    let mut most = 0;
    for y in part.y..part.bottom() {
        for x in part.x..part.right() {
            let i = (y - plane.y) as usize * plane.pixels.width as usize + (x - plane.x) as usize;
            most = most.max(plane.pixels.rgba[i * 4 + 3]);
        }
    }
    most
}

#[test]
fn the_near_shoulder_covers_no_face_and_is_seen() {
    for aspect in ASPECTS {
        let canvas = Canvas::of(aspect, 180);
        let place = &places()[4];
        for (name, who) in cast() {
            for (slot, facing, near) in [(Slot::Right, Facing::Left, Slot::Left), (Slot::Left, Facing::Right, Slot::Right)] {
                let far = FigureSpec { facing, ..person(&who, place, Framing::OverShoulder, slot) };
                let back = FigureSpec { facing: Facing::Away, ..person(&who, place, Framing::OverShoulder, near) };
                assert!(paint::head_boxes(&back, canvas).is_none());
                let (face, _) = paint::head_boxes(&far, canvas).expect("a face");
                let planes = paint::figure(&back, canvas);
                let what = format!("{name} over the {near:?} shoulder in {aspect:?}");
                assert_eq!(planes.len(), 1, "{what}");
                assert!(cover(&planes[0], &face) < 60, "{what}: it covers {face:?} by {}", cover(&planes[0], &face));
                let (w, h) = (canvas.width as i32, canvas.height as i32);
                let side = if near == Slot::Left { Rect::new(0, h / 2, w / 8, h / 2) } else { Rect::new(w - w / 8, h / 2, w / 8, h / 2) };
                assert!(cover(&planes[0], &side) > 200, "{what}: nothing at its own side");
                assert!(planes[0].depth > 700, "{what}: it does not stand before the face");
            }
        }
    }
}

#[test]
fn words_stand_where_every_screen_shows_them() {
    let long = "The Light Where No Land Is, and What the Seven Boats of Tern Head Steered By in November";
    for aspect in ASPECTS {
        let canvas = Canvas::of(aspect, 180);
        let title = Margins::title(canvas).within(canvas);
        for style in STYLES {
            for kind in [CardKind::Title, CardKind::End, CardKind::Intertitle] {
                for (text, small) in
                    [("Key", vec![]), (long, vec!["Harrow Head, episode 12".to_owned(), "Written, painted, spoken and scored".to_owned()])]
                {
                    let place = places().remove(4);
                    let spec = CardSpec { card: kind, text: vec![text.into()], small, style, place, over: None };
                    let boxes = paint::text_boxes(&spec, canvas);
                    assert_eq!(
                        boxes.len(),
                        if kind == CardKind::Intertitle { 1 + usize::from(!spec.small.is_empty()) } else { 1 + spec.small.len() }
                    );
                    for area in &boxes {
                        assert!(title.holds(area), "{kind:?} {aspect:?} {style:?} {text:.8}: {area:?} leaves {title:?}");
                    }
                }
            }
        }
        // The boxes are where the letters are: the plane of a title's words is no larger than they and their shadow.
        let spec = CardSpec {
            card: CardKind::Title,
            text: vec![long.into()],
            small: vec!["Tern Head".into()],
            style: VisualStyle::Paper,
            place: places().remove(4),
            over: None,
        };
        let all = paint::text_boxes(&spec, canvas).into_iter().reduce(|a, b| a.join(&b)).expect("words");
        let words = paint::card(&spec, canvas).into_iter().find(|p| p.name == "words").expect("words").rect();
        assert!(all.grow(5).holds(&words) && words.grow(4).holds(&all), "{aspect:?}: {words:?} {all:?}");
    }
}

#[test]
fn an_inscription_stands_within_the_title_margins() {
    for aspect in ASPECTS {
        let canvas = Canvas::of(aspect, 180);
        let title = Margins::title(canvas).within(canvas);
        for shape in ["card", "letter"] {
            for hand in [true, false] {
                let mut prop = super::lamp(false);
                prop.shape = contracts::Id::slug(shape);
                let mut painted = |words: Option<&str>| {
                    prop.inscription = words.map(str::to_owned);
                    let hand = hand.then(|| look(FigureKind::Woman));
                    let planes =
                        paint::insert(&InsertSpec { prop: prop.clone(), hand, hand_from: None, place: places().remove(2) }, canvas);
                    planes.into_iter().find(|p| p.name == "lamp").expect("the thing")
                };
                let (blank, written) = (painted(None), painted(Some("TEN HOME OF NINE")));
                if blank.pixels == written.pixels {
                    assert_ne!(shape, "card", "a card shows no words");
                    continue;
                }
                let wide = blank.pixels.width as usize;
                let changed = blank.pixels.rgba.chunks_exact(4).zip(written.pixels.rgba.chunks_exact(4)).enumerate();
                let ink = changed.filter(|(_, (a, b))| a.iter().zip(*b).any(|(a, b)| a.abs_diff(*b) > 24));
                for (i, _) in ink {
                    let (x, y) = (blank.x + (i % wide) as i32, blank.y + (i / wide) as i32);
                    assert!(title.holds(&Rect::new(x, y, 1, 1)), "{shape} {aspect:?}: ink at {x},{y}");
                }
            }
        }
    }
}

fn whole(place: &PlaceSpec, framing: Framing, canvas: Canvas) -> Vec<u8> {
    let mut planes = paint::background(&BackgroundSpec { place: place.clone(), framing, toward: Facing::Right }, canvas);
    for slot in [Slot::Left, Slot::Right] {
        planes.extend(paint::figure(&person(&look(FigureKind::Woman), place, framing, slot), canvas));
    }
    planes.sort_by_key(|p| p.depth);
    let stack: Vec<light::Plane> = planes.iter().map(PaintedPlane::as_plane).collect();
    light::flatten(&stack, canvas.width, canvas.height)
}

#[test]
fn no_shape_has_an_empty_part() {
    for aspect in ASPECTS {
        let canvas = Canvas::of(aspect, 144);
        for place in places() {
            for framing in [Framing::Wide, Framing::Full, Framing::MediumTwo, Framing::OverShoulder, Framing::Medium, Framing::Close] {
                let rgba = whole(&place, framing, canvas);
                // Each third of the frame's height has light and dark in it: no band of one flat colour.
                let rows = canvas.height as usize / 3 * canvas.width as usize * 4;
                for (n, part) in rgba.chunks_exact(rows).enumerate() {
                    let mut light: Vec<u32> =
                        part.chunks_exact(4).map(|p| (u32::from(p[0]) * 2 + u32::from(p[1]) * 5 + u32::from(p[2])) / 8).collect();
                    light.sort_unstable();
                    let spread = light[light.len() * 98 / 100] - light[light.len() / 50];
                    assert!(spread >= 10, "{} {framing:?} {aspect:?}: third {n} spreads {spread}", place.look);
                }
                assert!(rgba.chunks_exact(4).all(|p| p[3] == 255), "{} {framing:?} {aspect:?}: a hole", place.look);
            }
        }
    }
}

#[test]
fn the_same_bytes_come_out_twice_and_on_every_thread() {
    let canvas = Canvas::of(Aspect::Tall, 90);
    let paint_all = move || -> Vec<Vec<u8>> {
        places().iter().flat_map(|p| [Framing::Wide, Framing::Full, Framing::OverShoulder].map(|f| whole(p, f, canvas))).collect()
    };
    let once = paint_all();
    let threads: Vec<_> = (0..3).map(|_| std::thread::spawn(paint_all)).collect();
    for thread in threads {
        assert!(thread.join().expect("paints") == once, "a thread paints other bytes");
    }
}

/// A picture seen from elsewhere is full: its far plane covers the frame with what a camera's move shows beyond it, and a mouth
/// stays on its face.
#[test]
fn another_view_of_a_place_leaves_no_edge_bare() {
    let canvas = Canvas::of(Aspect::Wide, 180);
    let who = look(FigureKind::Woman);
    for place in places() {
        for framing in [Framing::Wide, Framing::MediumTwo, Framing::Close] {
            let plain = |canvas| paint::background(&BackgroundSpec { place: place.clone(), framing, toward: Facing::Right }, canvas);
            assert_eq!(paint::viewed(None, canvas, plain), plain(canvas));
            for (aside, around) in [(-600, -40), (0, 40), (600, 40)] {
                let view = Some(View { nearer: 1_200, aside, lower: -500, around });
                let planes = paint::viewed(view, canvas, plain);
                let far = planes[0].rect();
                let beyond = canvas.width as i32 / 50;
                assert!(
                    far.x <= -beyond && far.y <= 0 && far.right() >= canvas.width as i32 + beyond && far.bottom() >= canvas.height as i32,
                    "{} {framing:?} {aside}: {far:?}",
                    place.location_id
                );
                for plane in paint::viewed(view, canvas, |canvas| paint::figure(&person(&who, &place, framing, Slot::Left), canvas)) {
                    for (state, patch) in &plane.states {
                        let (x, y) = (patch.x - plane.x, patch.y - plane.y);
                        let inside = x >= 0
                            && y >= 0
                            && x as u32 + patch.pixels.width <= plane.pixels.width
                            && y as u32 + patch.pixels.height <= plane.pixels.height;
                        assert!(inside, "{} {framing:?}: {state}", place.location_id);
                    }
                }
            }
        }
    }
}
