//! Places: every family paints at every hour in every weather, a location is itself whenever it is seen, and two locations
//! are never alike; things that are named are drawn, and never before a face.

use contracts::{
    Id,
    canon::PlaceFamily,
    picture::{Canvas, Framing, PlaceSpec, PropSpec, Slot},
    project::Aspect,
    story::{FigureKind, TimeOfDay, Weather},
};
use craft::{
    light,
    paint::{self, PaintedPlane},
    paper::Rect,
    places::{Lay, Scene},
    props,
};

use crate::{FAMILIES, background, covers, figure, place, sound};

const HOURS: [TimeOfDay; 5] = [TimeOfDay::Dawn, TimeOfDay::Morning, TimeOfDay::Day, TimeOfDay::Dusk, TimeOfDay::Night];
const WEATHERS: [Weather; 5] = [Weather::Clear, Weather::Fog, Weather::Rain, Weather::Storm, Weather::Snow];

fn bare(family: PlaceFamily, look: &str, id: &str, hour: TimeOfDay, weather: Weather) -> PlaceSpec {
    PlaceSpec { location_id: Id::slug(id), props: vec![], ..place(family, look, hour, weather) }
}

fn seen(planes: &[PaintedPlane], canvas: Canvas) -> Vec<u8> {
    let stack: Vec<light::Plane> = planes.iter().map(PaintedPlane::as_plane).collect();
    light::flatten(&stack, canvas.width, canvas.height)
}

#[test]
fn twelve_families_at_five_hours_in_five_weathers() {
    let canvas = Canvas::of(Aspect::Wide, 72);
    for family in FAMILIES {
        let mut pictures = std::collections::BTreeSet::new();
        for hour in HOURS {
            for weather in WEATHERS {
                let what = format!("{family:?} {hour:?} {weather:?}");
                let planes = background(&bare(family, "", "one", hour, weather), Framing::Wide, canvas);
                assert!(covers(&planes[0], canvas), "{what}");
                sound(&planes, &what);
                assert!(pictures.insert(seen(&planes, canvas)), "{what} looks like another hour or weather");
            }
        }
    }
}

/// The scenes that a family falls into, by nouns: every one of them has to be its own picture.
const LOOKS: [(PlaceFamily, &str, Scene); 34] = [
    (PlaceFamily::Coast, "a white tower on a headland", Scene::Headland),
    (PlaceFamily::Coast, "stone steps, a small boat", Scene::Landing),
    (PlaceFamily::Coast, "an iron balcony", Scene::Gallery),
    (PlaceFamily::Coast, "two black rocks, a channel", Scene::Water),
    (PlaceFamily::River, "a river under willows", Scene::River),
    (PlaceFamily::River, "a stone bridge over the water", Scene::River),
    (PlaceFamily::River, "one tall dark stone in open black water, no other beyond it", Scene::Salt),
    (PlaceFamily::Forest, "trees", Scene::Forest),
    (PlaceFamily::Mountain, "a bare hill, snow, one green door, a village and a still mill below", Scene::Hill),
    (PlaceFamily::Mountain, "a pass between peaks", Scene::Peaks),
    (PlaceFamily::Desert, "dunes", Scene::Dunes),
    (PlaceFamily::Desert, "a white plain of salt", Scene::Salt),
    (PlaceFamily::Desert, "inside a striped tent", Scene::Tent),
    (PlaceFamily::Village, "the village square", Scene::Square),
    (PlaceFamily::Village, "the cottage step, the hill across the valley", Scene::Square),
    (PlaceFamily::Village, "a street above the quay", Scene::Street),
    (PlaceFamily::CityStreet, "a street of tall houses", Scene::City),
    (PlaceFamily::InteriorRoom, "a room with a window", Scene::Room),
    (PlaceFamily::InteriorRoom, "one room, a bed, a pot, a doorway hung with a striped blanket", Scene::Cottage),
    (PlaceFamily::InteriorRoom, "round room of glass, the great lamp", Scene::LampRoom),
    (PlaceFamily::InteriorRoom, "a winding stair", Scene::Stair),
    (PlaceFamily::InteriorRoom, "a tent with carpets", Scene::Tent),
    (PlaceFamily::Workshop, "low vault at the foot of the stairs; one long shelf; a row of pegs by the door", Scene::Vault),
    (PlaceFamily::Workshop, "a joiner's bench", Scene::Shop),
    (PlaceFamily::Hall, "the great hall", Scene::Hall),
    (PlaceFamily::Hall, "the castle courtyard", Scene::City),
    (PlaceFamily::Vehicle, "a small tarred boat, oars shipped", Scene::Deck),
    (PlaceFamily::Vehicle, "the deck under a mast", Scene::Deck),
    (PlaceFamily::Vehicle, "a cabin with a bunk", Scene::Cabin),
    (PlaceFamily::Vehicle, "two seats, a curved window of black and stars, one amber lamp", Scene::Cockpit),
    (PlaceFamily::Vehicle, "the hull, a walk among stars", Scene::Space),
    (PlaceFamily::Sky, "sky on all sides, a floor of cloud, one chair", Scene::Air),
    (PlaceFamily::Sky, "stars over a bare moon", Scene::Space),
    (PlaceFamily::Sky, "", Scene::Air),
];

#[test]
fn nouns_choose_the_scene_and_every_scene_fills_every_framing() {
    let canvas = Canvas::of(Aspect::Wide, 72);
    for (family, look, scene) in LOOKS {
        let spec = bare(family, look, "somewhere", TimeOfDay::Day, Weather::Clear);
        assert_eq!(Scene::of(&spec), scene, "{look}");
        for framing in [Framing::Wide, Framing::Full, Framing::MediumTwo, Framing::Close] {
            let planes = background(&spec, framing, canvas);
            assert!(covers(&planes[0], canvas), "{look} {framing:?}");
            assert!(planes.windows(2).all(|p| p[0].depth <= p[1].depth), "{look} {framing:?}: planes are not in order");
        }
    }
}

#[test]
fn an_id_names_a_place_where_its_look_says_nothing() {
    let spec = |id: &str, look: &str| bare(PlaceFamily::Vehicle, look, id, TimeOfDay::Day, Weather::Clear);
    assert_eq!(Scene::of(&spec("cockpit", "small and warm")), Scene::Cockpit);
    assert_eq!(Scene::of(&spec("deck", "wet planks")), Scene::Deck);
    // The look's own words come first.
    assert_eq!(Scene::of(&spec("deck", "a cockpit")), Scene::Cockpit);
}

/// How brightness changes over a picture, in 24×16 cells of two directions, each against its surroundings: the layout, not
/// the hour.
fn layout(place: &PlaceSpec) -> Vec<f32> {
    let canvas = Canvas::of(Aspect::Wide, 144);
    let rgba = seen(&background(place, Framing::Wide, canvas), canvas);
    let (w, h) = (canvas.width as usize, canvas.height as usize);
    let grey: Vec<f32> =
        rgba.chunks_exact(4).map(|p| 0.299 * f32::from(p[0]) + 0.587 * f32::from(p[1]) + 0.114 * f32::from(p[2])).collect();
    let (cols, rows) = (24, 16);
    let mut out = vec![0.0f32; cols * rows * 2];
    for y in 1..h - 1 {
        for x in 1..w - 1 {
            let at = ((y * rows / h) * cols + x * cols / w) * 2;
            out[at] += (grey[y * w + x + 1] - grey[y * w + x - 1]).abs();
            out[at + 1] += (grey[(y + 1) * w + x] - grey[(y - 1) * w + x]).abs();
        }
    }
    // Strong edges count no more than by their presence.
    let mean = out.iter().sum::<f32>() / out.len() as f32;
    for v in &mut out {
        *v = (*v / mean.max(1e-3)).min(2.5);
    }
    let norm = out.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-3);
    out.iter().map(|v| v / norm).collect()
}

fn apart(a: &[f32], b: &[f32]) -> f32 {
    1.0 - a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>()
}

#[test]
#[allow(clippy::print_stderr, reason = "how near the nearest two of a family come, with `--nocapture`")]
fn eight_locations_of_a_family_are_pairwise_apart_and_each_is_itself_at_another_hour() {
    let mut said = String::new();
    for family in FAMILIES {
        let ids = ["mill", "north", "ferry", "old", "green", "tern", "salt", "ash"];
        let at = |id: &str, hour| layout(&bare(family, "", &format!("{id}-one"), hour, Weather::Clear));
        let day: Vec<Vec<f32>> = ids.iter().map(|id| at(id, TimeOfDay::Day)).collect();
        let morning: Vec<Vec<f32>> = ids.iter().map(|id| at(id, TimeOfDay::Morning)).collect();
        // Rooms share more than landscapes do: a wall, a floor, a window somewhere.
        let walled = Scene::of(&bare(family, "", "one", TimeOfDay::Day, Weather::Clear)).indoors();
        let least = if walled { 0.015 } else { 0.05 };
        let mut nearest = f32::MAX;
        for i in 0..ids.len() {
            let own = apart(&day[i], &morning[i]);
            for j in 0..ids.len() {
                if i != j {
                    let other = apart(&day[i], &day[j]);
                    nearest = nearest.min(other);
                    assert!(other > least, "{family:?}: {} and {} are alike ({other:.3})", ids[i], ids[j]);
                    assert!(own < other, "{family:?}: {} at another hour ({own:.3}) is further than {} ({other:.3})", ids[i], ids[j]);
                }
            }
        }
        said += &format!("{family:?} {nearest:.3} ");
    }
    eprintln!("{said}");
}

#[test]
fn a_place_is_laid_out_by_its_id_alone() {
    let mut kinds = std::collections::BTreeSet::new();
    for id in ["mill", "north", "ferry", "old", "green", "tern", "salt", "ash", "elm", "weir", "ford", "quay"] {
        let lay = |hour, weather| Lay::of(&bare(PlaceFamily::Forest, "trees", id, hour, weather));
        assert_eq!(lay(TimeOfDay::Day, Weather::Clear), lay(TimeOfDay::Night, Weather::Storm));
        let lay = lay(TimeOfDay::Day, Weather::Clear);
        kinds.insert((lay.kind, lay.flip));
    }
    assert!(kinds.len() >= 5, "twelve locations share {} compositions", kinds.len());
}

#[test]
fn every_drawing_is_its_own_and_other_words_find_the_nearest() {
    let drawn = |s: &str| props::drawn_as(&Id::slug(s));
    for shape in props::DRAWN {
        assert_eq!(drawn(shape), (*shape, true));
    }
    for (asked, used, same) in [
        ("map", "chart", true),
        ("clock", "timer", true),
        ("loaves", "loaf", true),
        ("mittens", "mitten", true),
        ("old-brass-lantern", "lantern", true),
        ("striped_blanket", "blanket", true),
        ("three_doors", "doors", true),
        ("bucket", "can", false),
        ("silver-coin", "card", false),
        ("spinning-wheel", "wheel", false),
        ("zither", "parcel", false),
    ] {
        assert_eq!(drawn(asked), (used, same), "{asked}");
    }
}

fn prop(shape: &str) -> PropSpec {
    PropSpec { prop_id: Id::slug(shape), shape: Id::slug(shape), colours: vec![], look: shape.into(), lit: false, inscription: None }
}

/// Where two pictures of planes differ.
fn change(a: &[PaintedPlane], b: &[PaintedPlane], canvas: Canvas) -> Option<Rect> {
    let (a, b) = (seen(a, canvas), seen(b, canvas));
    let w = canvas.width as usize;
    let (mut x0, mut y0, mut x1, mut y1) = (i32::MAX, i32::MAX, i32::MIN, i32::MIN);
    for (i, (p, q)) in a.chunks_exact(4).zip(b.chunks_exact(4)).enumerate() {
        if p.iter().zip(q).any(|(p, q)| p.abs_diff(*q) > 24) {
            let (x, y) = ((i % w) as i32, (i / w) as i32);
            (x0, y0, x1, y1) = (x0.min(x), y0.min(y), x1.max(x + 1), y1.max(y + 1));
        }
    }
    (x1 > x0).then(|| Rect::edges(x0, y0, x1, y1))
}

#[test]
fn what_a_two_shot_names_is_seen_and_covers_no_face() {
    let canvas = Canvas::of(Aspect::Wide, 180);
    for (family, look) in [
        (PlaceFamily::InteriorRoom, "a room with a window"),
        (PlaceFamily::InteriorRoom, "a cottage with a hearth"),
        (PlaceFamily::Vehicle, "a cabin"),
        (PlaceFamily::Workshop, "a joiner's bench"),
    ] {
        for shape in ["loaf", "chart", "cup", "timer"] {
            let without = bare(family, look, "here", TimeOfDay::Day, Weather::Clear);
            let with = PlaceSpec { props: vec![prop(shape)], ..without.clone() };
            let boxed = change(&background(&without, Framing::MediumTwo, canvas), &background(&with, Framing::MediumTwo, canvas), canvas);
            let boxed = boxed.unwrap_or_else(|| panic!("{look}: a {shape} is not seen"));
            for (kind, slot) in [(FigureKind::Woman, Slot::Left), (FigureKind::Man, Slot::Right)] {
                let (face, _) = paint::head_boxes(&figure(&with, Framing::MediumTwo, kind, slot), canvas).expect("a face");
                assert!(face.meet(&boxed).is_empty(), "{look}: a {shape} at {boxed:?} before the face at {face:?}");
            }
        }
    }
    // Large things stand behind and between the two.
    for (family, look) in [(PlaceFamily::Village, "the village square"), (PlaceFamily::Mountain, "hills"), (PlaceFamily::CityStreet, "")] {
        let without = bare(family, look, "here", TimeOfDay::Day, Weather::Clear);
        let with = PlaceSpec { props: vec![prop("door")], ..without.clone() };
        let boxed = change(&background(&without, Framing::MediumTwo, canvas), &background(&with, Framing::MediumTwo, canvas), canvas);
        assert!(boxed.is_some(), "{look}: a door is not seen");
    }
}

/// How far the values of some pixels lie apart: standard deviation of their luma.
fn spread(rgba: &[u8], counts: impl Fn(usize) -> bool) -> f32 {
    let luma = |px: &[u8]| 0.299 * f32::from(px[0]) + 0.587 * f32::from(px[1]) + 0.114 * f32::from(px[2]);
    let all: Vec<f32> = rgba.chunks_exact(4).enumerate().filter(|(i, _)| counts(*i)).map(|(_, px)| luma(px)).collect();
    let mean = all.iter().sum::<f32>() / all.len() as f32;
    (all.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / all.len() as f32).sqrt()
}

/// Fog takes the distance and leaves the people: of what tells a person apart nearly all stays, and the far land is veiled.
#[test]
fn fog_takes_the_distance_and_leaves_the_people() {
    let canvas = Canvas::of(Aspect::Wide, 180);
    for (family, look) in
        [(PlaceFamily::Coast, "stone steps, a small boat"), (PlaceFamily::Forest, "pines"), (PlaceFamily::Village, "a lane of cottages")]
    {
        for hour in [TimeOfDay::Dawn, TimeOfDay::Day, TimeOfDay::Night] {
            let place = bare(family, look, "somewhere", hour, Weather::Fog);
            for framing in [Framing::Wide, Framing::MediumTwo] {
                let people: Vec<PaintedPlane> = [(Slot::Left, FigureKind::Woman), (Slot::Right, FigureKind::Man)]
                    .into_iter()
                    .flat_map(|(slot, kind)| paint::figure(&figure(&place, framing, kind, slot), canvas))
                    .collect();
                let mut all = background(&place, framing, canvas);
                assert!(all.iter().any(|p| p.name == "mist") && all.iter().any(|p| p.name == "mist-far"), "{look}: no fog");
                all.extend(people.iter().cloned());
                all.sort_by_key(|p| p.depth);
                let without = |name: &str| seen(&all.iter().filter(|p| p.name != name).cloned().collect::<Vec<_>>(), canvas);
                let w = canvas.width as usize;
                let person = |i: usize| {
                    people.iter().any(|p| {
                        let (x, y) = ((i % w) as i32 - p.x, (i / w) as i32 - p.y);
                        let inside = x >= 0 && y >= 0 && x < p.pixels.width as i32 && y < p.pixels.height as i32;
                        inside && p.pixels.rgba[((y * p.pixels.width as i32 + x) * 4 + 3) as usize] > 220
                    })
                };
                let kept = spread(&seen(&all, canvas), person) / spread(&without("mist"), person);
                assert!(kept > 0.82, "{look} {hour:?} {framing:?}: {kept:.2} of the people is left");
                let far =
                    |i: usize| !person(i) && (canvas.height as usize * 40 / 100..canvas.height as usize * 74 / 100).contains(&(i / w));
                let (with, clear) = (seen(&all, canvas), without("mist-far"));
                let pixels: Vec<u32> = with
                    .chunks_exact(4)
                    .zip(clear.chunks_exact(4))
                    .enumerate()
                    .filter(|(i, _)| far(*i))
                    .map(|(_, (a, b))| a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(*b))).sum())
                    .collect();
                let veiled = pixels.iter().sum::<u32>() / pixels.len() as u32;
                assert!(veiled >= 6, "{look} {hour:?} {framing:?}: the distance changes by {veiled} of 765 levels");
            }
        }
    }
}

/// A bright place is no blank sheet in a woodcut: its sky and its ground are cut, and it stays bright.
#[test]
fn a_woodcut_of_a_bright_place_has_lines() {
    let canvas = Canvas::of(Aspect::Wide, 360);
    for (look, weather) in [("a white plain of salt", Weather::Rain), ("low dry dunes", Weather::Clear)] {
        let mut place = bare(PlaceFamily::Desert, look, "somewhere", TimeOfDay::Day, weather);
        place.style = contracts::project::VisualStyle::Woodcut;
        let picture = seen(&background(&place, Framing::Wide, canvas), canvas);
        let dark = picture.chunks_exact(4).filter(|px| px[0] < 90).count() * 100 / (picture.len() / 4);
        assert!((5..=45).contains(&dark), "{look}: {dark} % of it is cut");
    }
}
