//! What can be counted of a picture: it is the same twice, it covers its overscan, it stays within the planes a renderer
//! can afford, its patches agree with what they replace, its words stay in their frames.

mod cards;
mod identity;
mod motion;
mod people;
mod places;
mod shapes;

use contracts::{
    Id,
    canon::PlaceFamily,
    picture::{
        BackgroundSpec, Canvas, CardKind, CardSpec, Expression, Facing, FigureSpec, Framing, InsertSpec, PlaceSpec, Pose, PropSpec, Slot,
        StandInSpec, Take, Turn,
    },
    project::{Aspect, VisualStyle},
    story::{Beard, Build, Emblem, FigureKind, Garment, HairStyle, Headwear, Look, Mood, TimeOfDay, Weather},
};
use craft::paint::{self, PaintedPlane};

const FAMILIES: [PlaceFamily; 12] = [
    PlaceFamily::Coast,
    PlaceFamily::Forest,
    PlaceFamily::Mountain,
    PlaceFamily::Desert,
    PlaceFamily::River,
    PlaceFamily::Village,
    PlaceFamily::CityStreet,
    PlaceFamily::InteriorRoom,
    PlaceFamily::Workshop,
    PlaceFamily::Hall,
    PlaceFamily::Vehicle,
    PlaceFamily::Sky,
];
/// Planes of a shot with two people.
const MOST_PLANES: usize = 26;
const FRAMINGS: [Framing; 6] = [Framing::Wide, Framing::Full, Framing::MediumTwo, Framing::Medium, Framing::Close, Framing::Insert];

fn lamp(lit: bool) -> PropSpec {
    PropSpec { prop_id: Id::slug("lamp"), shape: Id::slug("lamp"), colours: vec![], look: "oil lamp".into(), lit, inscription: None }
}

fn place(family: PlaceFamily, look: &str, time_of_day: TimeOfDay, weather: Weather) -> PlaceSpec {
    PlaceSpec {
        location_id: Id::slug(look),
        family,
        look: look.into(),
        time_of_day,
        weather,
        mood: Mood::Calm,
        style: VisualStyle::Paper,
        props: vec![lamp(true)],
    }
}

fn look(figure: FigureKind) -> Look {
    let man = figure == FigureKind::Man;
    Look {
        figure,
        age: 40,
        build: Build::Average,
        skin: "#d9a583".into(),
        hair: "#8a3a20".into(),
        hair_style: if man { HairStyle::Short } else { HairStyle::Bun },
        beard: if man { Beard::Full } else { Beard::None },
        headwear: if man { Headwear::Cap } else { Headwear::None },
        eyes: "#4c6a4a".into(),
        garment: Garment::Coat,
        coat: "#1f4a3b".into(),
        accent: "#b57a26".into(),
        scarf: man,
        emblem: Emblem::Key,
        words: String::new(),
    }
}

fn figure(place: &PlaceSpec, framing: Framing, kind: FigureKind, slot: Slot) -> FigureSpec {
    FigureSpec {
        character_id: Id::slug(if kind == FigureKind::Man { "joss" } else { "agnes" }),
        look: look(kind),
        framing,
        slot,
        facing: if slot == Slot::Right { Facing::Left } else { Facing::Right },
        pose: Pose::Stand,
        expression: Expression::Worried,
        holding: None,
        speaks: true,
        take: Take::default(),
        place: place.clone(),
    }
}

fn background(place: &PlaceSpec, framing: Framing, canvas: Canvas) -> Vec<PaintedPlane> {
    paint::background(&BackgroundSpec { place: place.clone(), framing, toward: Facing::Right }, canvas)
}

/// Whether a plane is opaque over the canvas and eight hundredths of it on each side.
fn covers(plane: &PaintedPlane, canvas: Canvas) -> bool {
    let (mx, my) = ((canvas.width * 80).div_ceil(1000) as i32, (canvas.height * 80).div_ceil(1000) as i32);
    let r = plane.rect();
    r.x <= -mx
        && r.y <= -my
        && r.right() >= canvas.width as i32 + mx
        && r.bottom() >= canvas.height as i32 + my
        && plane.pixels.rgba.chunks_exact(4).all(|p| p[3] == 255)
}

fn sound(planes: &[PaintedPlane], what: &str) {
    for plane in planes {
        assert_eq!(plane.pixels.rgba.len(), (plane.pixels.width * plane.pixels.height * 4) as usize, "{what} {}", plane.name);
        assert!(plane.depth <= 1000 && plane.parallax <= 1200, "{what} {}", plane.name);
        assert!(
            plane.pixels.rgba.chunks_exact(4).all(|p| p[0].max(p[1]).max(p[2]) <= p[3]),
            "{what} {}: a channel exceeds alpha",
            plane.name
        );
    }
}

#[test]
fn every_family_fills_every_framing_and_aspect() {
    // Small canvases: what is counted does not depend on size.
    for aspect in [Aspect::Wide, Aspect::Tall, Aspect::Square] {
        let canvas = Canvas::of(aspect, 90);
        for family in FAMILIES {
            let place = place(family, "place", TimeOfDay::Night, Weather::Clear);
            for framing in FRAMINGS {
                let planes = background(&place, framing, canvas);
                let what = format!("{family:?} {framing:?} {aspect:?}");
                assert!(covers(&planes[0], canvas), "{what}: the far plane does not cover the overscan");
                assert!(planes.windows(2).all(|p| p[0].depth <= p[1].depth), "{what}: planes are not in order");
                sound(&planes, &what);
            }
        }
    }
}

#[test]
fn a_shot_with_two_people_has_no_more_planes_than_a_renderer_can_afford() {
    let canvas = Canvas::of(Aspect::Wide, 90);
    let looks = [
        (PlaceFamily::Coast, "a white tower on a headland"),
        (PlaceFamily::Coast, "stone steps, a small boat"),
        (PlaceFamily::Coast, "an iron balcony, a rail"),
        (PlaceFamily::Coast, "two black rocks, a channel"),
        (PlaceFamily::InteriorRoom, "a room with a window"),
        (PlaceFamily::InteriorRoom, "round room of glass, the great lamp"),
        (PlaceFamily::InteriorRoom, "a winding stair"),
        (PlaceFamily::Workshop, "low vault"),
        (PlaceFamily::Village, "a street above the quay"),
        (PlaceFamily::Forest, "trees"),
        (PlaceFamily::Desert, "dunes"),
        (PlaceFamily::River, "a river, a bridge"),
        (PlaceFamily::Village, "the village square"),
        (PlaceFamily::CityStreet, "a street"),
        (PlaceFamily::Mountain, "hills"),
        (PlaceFamily::Hall, "a great hall"),
        (PlaceFamily::InteriorRoom, "a cottage with a hearth"),
        (PlaceFamily::InteriorRoom, "a tent"),
        (PlaceFamily::Workshop, "a bench"),
        (PlaceFamily::Vehicle, "the deck, a mast"),
        (PlaceFamily::Vehicle, "a cabin"),
        (PlaceFamily::Vehicle, "a cockpit"),
        (PlaceFamily::Sky, "a floor of cloud"),
        (PlaceFamily::Sky, "stars and a moon"),
    ];
    for (family, look) in looks {
        let place = place(family, look, TimeOfDay::Dusk, Weather::Rain);
        for framing in [Framing::Wide, Framing::Full, Framing::MediumTwo] {
            let mut n = background(&place, framing, canvas).len();
            for (kind, slot) in [(FigureKind::Woman, Slot::Left), (FigureKind::Man, Slot::Right)] {
                n += paint::figure(&figure(&place, framing, kind, slot), canvas).len();
            }
            // What moves by itself is a plane of its own: rain far and near, clouds, three handfuls of glitter, a fire. Most of
            // them are small or nearly empty, and the render bench's workload with inner motion keeps its limit with as many.
            assert!(n <= MOST_PLANES, "{look} {framing:?}: {n} planes");
        }
    }
}

#[test]
fn every_hour_weather_mood_and_style_is_painted() {
    let canvas = Canvas::of(Aspect::Wide, 72);
    let mut seen = std::collections::BTreeSet::new();
    for hour in [TimeOfDay::Dawn, TimeOfDay::Morning, TimeOfDay::Day, TimeOfDay::Dusk, TimeOfDay::Night] {
        for weather in [Weather::Clear, Weather::Fog, Weather::Rain, Weather::Storm, Weather::Snow] {
            let planes = background(&place(PlaceFamily::Coast, "a white tower", hour, weather), Framing::Wide, canvas);
            assert!(covers(&planes[0], canvas));
            assert!(seen.insert(planes[0].pixels.rgba.clone()), "{hour:?} {weather:?} looks like another hour or weather");
        }
    }
    for style in [VisualStyle::Ink, VisualStyle::Dusk, VisualStyle::Woodcut, VisualStyle::Pastel] {
        let mut p = place(PlaceFamily::Coast, "a white tower", TimeOfDay::Night, Weather::Clear);
        p.style = style;
        assert!(seen.insert(background(&p, Framing::Wide, canvas)[0].pixels.rgba.clone()), "{style:?} looks like paper");
    }
}

#[test]
fn the_same_specification_is_the_same_picture_and_another_location_is_another() {
    let canvas = Canvas::of(Aspect::Wide, 120);
    let mut here = place(PlaceFamily::InteriorRoom, "a room with a window", TimeOfDay::Night, Weather::Rain);
    let once = background(&here, Framing::MediumTwo, canvas);
    // Other work in between, on another thread: neither may leave a trace.
    let there = here.clone();
    std::thread::spawn(move || background(&there, Framing::Close, canvas)).join().expect("painted");
    assert!(once == background(&here, Framing::MediumTwo, canvas));
    let spec = figure(&here, Framing::Close, FigureKind::Man, Slot::Right);
    assert!(paint::figure(&spec, canvas) == paint::figure(&spec, canvas));
    here.location_id = Id::slug("another-room");
    assert!(once != background(&here, Framing::MediumTwo, canvas));
}

#[test]
fn patches_agree_with_the_plane_they_replace() {
    let canvas = Canvas::of(Aspect::Wide, 240);
    let place = place(PlaceFamily::InteriorRoom, "a room with a window", TimeOfDay::Night, Weather::Rain);
    for framing in [Framing::Close, Framing::Medium, Framing::MediumTwo, Framing::Full] {
        for (kind, slot, turn) in [
            (FigureKind::Woman, Slot::Left, Turn::ThreeQuarter),
            (FigureKind::Man, Slot::Right, Turn::ThreeQuarter),
            (FigureKind::Girl, Slot::Left, Turn::ThreeQuarter),
            (FigureKind::Woman, Slot::Left, Turn::Profile),
            (FigureKind::Man, Slot::Right, Turn::Profile),
        ] {
            let mut spec = figure(&place, framing, kind, slot);
            (spec.take.turn, spec.take.tilt) = (turn, 40);
            let planes = paint::figure(&spec, canvas);
            let body = &planes[0];
            let names: Vec<&str> = body.states.keys().map(String::as_str).collect();
            assert_eq!(names, ["eyes:closed", "mouth:narrow", "mouth:open", "mouth:round", "mouth:spread"], "{framing:?} {kind:?}");
            for (name, patch) in &body.states {
                let what = format!("{framing:?} {kind:?} {name}");
                let (w, h) = (patch.pixels.width as i32, patch.pixels.height as i32);
                assert!(patch.x >= body.x && patch.y >= body.y, "{what}");
                assert!(patch.x + w <= body.rect().right() && patch.y + h <= body.rect().bottom(), "{what}");
                let at = |x: i32, y: i32| {
                    let i = ((y - body.y) * body.pixels.width as i32 + (x - body.x)) as usize * 4;
                    &body.pixels.rgba[i..i + 4]
                };
                let mut differing = 0;
                for y in 0..h {
                    for x in 0..w {
                        let i = (y * w + x) as usize * 4;
                        if &patch.pixels.rgba[i..i + 4] != at(patch.x + x, patch.y + y) {
                            differing += 1;
                            assert!(x > 0 && y > 0 && x < w - 1 && y < h - 1, "{what}: the change reaches the patch's edge");
                        }
                    }
                }
                assert!(differing > 0, "{what}: changes nothing");
            }
        }
    }
}

#[test]
fn people_far_off_and_silent_people_need_fewer_patches() {
    let canvas = Canvas::of(Aspect::Wide, 120);
    let place = place(PlaceFamily::Coast, "a white tower", TimeOfDay::Night, Weather::Clear);
    assert!(paint::figure(&figure(&place, Framing::Wide, FigureKind::Woman, Slot::Left), canvas)[0].states.is_empty());
    let mut silent = figure(&place, Framing::Close, FigureKind::Woman, Slot::Left);
    silent.speaks = false;
    assert_eq!(paint::figure(&silent, canvas)[0].states.len(), 1);
}

#[test]
fn mirrored_closeups_have_their_heads_on_either_side() {
    let canvas = Canvas::of(Aspect::Wide, 120);
    let place = place(PlaceFamily::InteriorRoom, "a room with a window", TimeOfDay::Night, Weather::Clear);
    let centre = |slot| {
        let planes = paint::figure(&figure(&place, Framing::Close, FigureKind::Woman, slot), canvas);
        let patch = &planes[0].states["eyes:closed"];
        (patch.x as f32 + patch.pixels.width as f32 * 0.5) / canvas.width as f32
    };
    let (left, right) = (centre(Slot::Left), centre(Slot::Right));
    assert!((0.38..0.50).contains(&left), "{left}");
    assert!((left + right - 1.0).abs() < 0.02, "{left} {right}");
}

#[test]
fn every_shape_can_fill_a_frame_and_be_held() {
    let canvas = Canvas::of(Aspect::Wide, 120);
    let place = place(PlaceFamily::InteriorRoom, "a room with a window", TimeOfDay::Night, Weather::Clear);
    let mut pictures = std::collections::BTreeSet::new();
    for shape in craft::props::DRAWN.iter().copied().chain(["zither"]) {
        let prop = PropSpec {
            prop_id: Id::slug("thing"),
            shape: Id::slug(shape),
            colours: vec!["#b9873a".into()],
            look: "thing".into(),
            lit: shape == "star",
            inscription: (shape == "card").then(|| "INSPECTION, 11 NOVEMBER".into()),
        };
        let planes = paint::insert(
            &InsertSpec { prop: prop.clone(), hand: Some(look(FigureKind::Woman)), hand_from: None, place: place.clone() },
            canvas,
        );
        assert!(planes.len() <= 10 && covers(&planes[0], canvas), "{shape}");
        sound(&planes, shape);
        let thing = planes.iter().find(|p| p.name == "thing").expect("the thing");
        // What nobody knows is drawn as the nearest thing of its kind.
        assert!(pictures.insert(thing.pixels.rgba.clone()) || shape == "zither", "{shape} looks like another shape");
        let mut spec = figure(&place, Framing::Medium, FigureKind::Woman, Slot::Left);
        spec.holding = Some(prop);
        let planes = paint::figure(&spec, canvas);
        assert_eq!(planes.len(), 2, "{shape} is not held");
        sound(&planes, shape);
    }
}

fn insert(shape: &str, lit: bool, hand: bool, place: &PlaceSpec) -> Vec<PaintedPlane> {
    let prop = PropSpec {
        prop_id: Id::slug("thing"),
        shape: Id::slug(shape),
        colours: vec!["#16352c".into(), "#3f9a72".into(), "#b8ffd8".into()],
        look: "thing".into(),
        lit,
        inscription: None,
    };
    let hand = hand.then(|| look(FigureKind::Woman));
    paint::insert(&InsertSpec { prop, hand, hand_from: None, place: place.clone() }, Canvas::of(Aspect::Wide, 180))
}

/// Where the skin and sleeve of a hand are: how much of a thing's plane is solid in the left and in the right third.
#[test]
fn a_hand_enters_from_where_its_owner_stands() {
    let place = place(PlaceFamily::InteriorRoom, "a room with a window", TimeOfDay::Day, Weather::Clear);
    let canvas = Canvas::of(Aspect::Wide, 120);
    let thirds = |from: Option<Slot>| {
        let prop = PropSpec { shape: Id::slug("key"), ..lamp(false) };
        let spec = InsertSpec { prop, hand: Some(look(FigureKind::Woman)), hand_from: from, place: place.clone() };
        let planes = paint::insert(&spec, canvas);
        let thing = planes.iter().find(|p| p.name == "lamp").expect("the thing");
        let mut counts = [0usize; 3];
        for (i, px) in thing.pixels.rgba.chunks_exact(4).enumerate() {
            let x = thing.x + (i % thing.pixels.width as usize) as i32;
            counts[(x.clamp(0, canvas.width as i32 - 1) * 3 / canvas.width as i32) as usize] += usize::from(px[3] > 200);
        }
        (counts[0], counts[2])
    };
    let (left, right) = (thirds(Some(Slot::Left)), thirds(Some(Slot::Right)));
    assert!(left.0 > 400 && left.1 == 0, "{left:?}");
    assert!(right.1 > 400 && right.0 == 0, "{right:?}");
    assert!([left, right].contains(&thirds(None)));
}

#[test]
fn a_light_alone_on_a_coast_at_night_is_out_on_the_water() {
    let canvas = Canvas::of(Aspect::Wide, 180);
    let mut shore = place(PlaceFamily::Coast, "an iron balcony, a rail", TimeOfDay::Night, Weather::Clear);
    shore.props.clear();
    let planes = insert("lantern", true, false, &shore);
    let name = |planes: &[PaintedPlane]| planes.iter().any(|p| p.name == "reflection");
    assert!(name(&planes) && planes.len() <= 14 && covers(&planes[0], canvas));
    sound(&planes, "light at sea");
    assert!(planes.windows(2).all(|p| p[0].depth <= p[1].depth));
    assert!(planes.iter().filter(|p| p.sway.is_some()).count() >= 4, "water, boat, reflection and fog move");
    // Its own colour: what is reflected is green.
    let water = planes.iter().find(|p| p.name == "reflection").expect("a reflection");
    let sum = water.pixels.rgba.chunks_exact(4).fold([0u64; 3], |s, p| [0, 1, 2].map(|i| s[i] + u64::from(p[i])));
    assert!(sum[1] > sum[0] * 5 / 4 && sum[1] > sum[2], "{sum:?}");
    // In a hand, unlit, by day or indoors it stands where it is.
    assert!(!name(&insert("lantern", true, true, &shore)) && !name(&insert("lantern", false, false, &shore)));
    shore.time_of_day = TimeOfDay::Day;
    assert!(!name(&insert("lantern", true, false, &shore)));
    let room = place(PlaceFamily::InteriorRoom, "a room", TimeOfDay::Night, Weather::Clear);
    assert!(!name(&insert("lantern", true, false, &room)));
}

#[test]
fn a_hand_covers_a_part_of_what_it_holds() {
    let room = place(PlaceFamily::InteriorRoom, "a room", TimeOfDay::Night, Weather::Clear);
    for shape in ["card", "cloth", "can", "cup", "lantern", "key"] {
        let thing = |hand| insert(shape, false, hand, &room).into_iter().find(|p| p.name == "thing").expect("the thing");
        let (alone, held) = (thing(false), thing(true));
        // Light things are lifted: compare where both are opaque and the picture is not the table.
        let at = |p: &PaintedPlane, x: i32, y: i32| {
            let r = p.rect();
            let inside = x >= r.x && y >= r.y && x < r.right() && y < r.bottom();
            inside.then(|| {
                let i = ((y - r.y) * r.w + x - r.x) as usize * 4;
                [0, 1, 2, 3].map(|j| p.pixels.rgba[i + j])
            })
        };
        let mut skin = 0;
        for y in 0..180 {
            for x in 0..320 {
                let (a, b) = (at(&alone, x, y), at(&held, x, y));
                let warm = |p: [u8; 4]| p[3] == 255 && p[0] > 110 && i32::from(p[0]) - i32::from(p[2]) > 30;
                skin += (b.is_some_and(warm) && !a.is_some_and(warm)) as usize;
            }
        }
        assert!(skin > 60, "{shape}: {skin} pixels of a hand");
    }
}

#[test]
fn words_stay_within_their_cards() {
    let place = place(PlaceFamily::Coast, "a white tower", TimeOfDay::Night, Weather::Clear);
    let long = "The Light Where No Land Is, and What the Seven Boats of Tern Head Steered By in November";
    for aspect in [Aspect::Wide, Aspect::Tall, Aspect::Square] {
        let canvas = Canvas::of(aspect, 180);
        for kind in [CardKind::Title, CardKind::End, CardKind::Intertitle] {
            for text in ["Key", long] {
                let spec = CardSpec {
                    card: kind,
                    text: vec![text.into()],
                    small: vec!["Tern Head".into(), "a rather long second line of small words, as credits have".into()],
                    style: VisualStyle::Paper,
                    place: place.clone(),
                    over: None,
                };
                let planes = paint::card(&spec, canvas);
                let what = format!("{kind:?} {aspect:?} {text:.8}");
                assert!(planes.len() <= 8 && covers(&planes[0], canvas), "{what}");
                sound(&planes, &what);
                if kind != CardKind::Intertitle {
                    let words = planes.iter().find(|p| p.name == "words").expect("words").rect();
                    // Inside the smallest frame's opening.
                    let (w, h) = (canvas.width as i32, canvas.height as i32);
                    assert!(words.x >= w * 11 / 100 && words.right() <= w * 89 / 100, "{what}: {words:?}");
                    assert!(words.y >= h * 6 / 100 && words.bottom() <= h * 80 / 100, "{what}: {words:?}");
                    // On the frame's axis; the letters' shadow falls a little to the right.
                    assert!((words.x + words.right() - w).abs() <= w / 60, "{what}: {words:?}");
                }
            }
        }
        let tag = paint::stand_in(&StandInSpec { missing_id: Id::slug(&long[..60]), place: place.clone(), framing: Framing::Wide }, canvas);
        assert!(covers(&tag[0], canvas) && tag.len() == 3);
    }
}

#[test]
fn water_and_boats_move_and_rooms_do_not() {
    let canvas = Canvas::of(Aspect::Wide, 120);
    let moving = |family, look: &str| {
        background(&place(family, look, TimeOfDay::Night, Weather::Clear), Framing::Wide, canvas)
            .into_iter()
            .filter_map(|p| p.sway.map(|s| (p.name, s)))
            .collect::<Vec<_>>()
    };
    let coast = moving(PlaceFamily::Coast, "stone steps, a small boat");
    assert!(coast.iter().any(|(n, _)| n == "boat") && coast.iter().any(|(n, _)| n == "sea"));
    let (clouds, water): (Vec<_>, Vec<_>) = coast.iter().partition(|(n, _)| n == "clouds");
    assert!(water.iter().all(|(_, s)| (3500..=7000).contains(&s.period_ms) && s.dx.abs() <= 30_000));
    // Clouds drift too slowly to turn back within a shot.
    assert!(clouds.len() == 1 && clouds.iter().all(|(_, s)| s.dy == 0 && s.period_ms > 40_000), "{clouds:?}");
    assert!(moving(PlaceFamily::InteriorRoom, "a room").is_empty());
}
