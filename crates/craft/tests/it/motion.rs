//! What moves by itself: that every place, hour and weather declares what is expected of it, that loops meet, and that nothing
//! moves farther than it may.

use std::collections::BTreeSet;

use contracts::{
    Id,
    assets::{Track, TrackProperty},
    canon::PlaceFamily,
    picture::{Canvas, CardKind, CardSpec, Framing, PlaceSpec, Slot},
    project::{Aspect, VisualStyle},
    story::{FigureKind, TimeOfDay, Weather},
};
use craft::paint::{self, PaintedPlane};

use super::{FAMILIES, background, figure, insert, lamp, place};

const HOURS: [TimeOfDay; 5] = [TimeOfDay::Dawn, TimeOfDay::Morning, TimeOfDay::Day, TimeOfDay::Dusk, TimeOfDay::Night];
const WEATHERS: [Weather; 5] = [Weather::Clear, Weather::Fog, Weather::Rain, Weather::Storm, Weather::Snow];

fn small() -> Canvas {
    Canvas::of(Aspect::Wide, 90)
}

fn moving(planes: &[PaintedPlane]) -> BTreeSet<&str> {
    planes.iter().filter(|q| q.moves()).map(|q| q.name.as_str()).collect()
}

fn ends(track: &Track) -> (i32, i32) {
    (track.keys.first().expect("a key").value, track.keys.last().expect("a key").value)
}

/// Whether a plane looks the same when it is moved by so many pixels, wherever both pictures have pixels.
fn repeats(plane: &PaintedPlane, dx: i32, dy: i32) -> bool {
    let (w, h) = (plane.pixels.width as i32, plane.pixels.height as i32);
    let at = |x: i32, y: i32| &plane.pixels.rgba[((y * w + x) * 4) as usize..][..4];
    (dy..h).all(|y| (0..w + dx.min(0)).all(|x| at(x, y) == at(x - dx, y - dy)))
}

/// A loop meets: its values do, or what they show does, or it is not seen where it jumps.
fn meets(plane: &PaintedPlane, what: &str) {
    let of = |property| plane.tracks.iter().find(|t| t.property == property);
    for track in plane.tracks.iter().filter(|t| t.repeat) {
        let (first, last) = ends(track);
        assert!(track.keys.windows(2).all(|k| k[0].at_ms < k[1].at_ms), "{what} {}: {track:?}", plane.name);
        if first == last {
            continue;
        }
        if let Some(seen) = of(TrackProperty::Opacity) {
            // Smoke: a jump of a millisecond while nothing is seen.
            let jumps = track.keys.windows(2).filter(|k| k[1].at_ms == k[0].at_ms + 1);
            let dark = |ms: u32| seen.keys.iter().any(|k| k.at_ms == ms && k.value == 0);
            assert!(jumps.clone().all(|k| dark(k[0].at_ms) && dark(k[1].at_ms)), "{what} {}", plane.name);
            assert!((first - last).abs() < 2_000, "{what} {}: {track:?}", plane.name);
            continue;
        }
        let end = |property| of(property).filter(|t| t.keys.len() == 2).map_or(0, |t| ends(t).1);
        let (x, y) = (end(TrackProperty::X), end(TrackProperty::Y));
        assert!(x % 2_000 == 0 && y % 2_000 == 0 && y > 0, "{what} {}: {x}, {y}", plane.name);
        assert!(repeats(plane, x / 1000, y / 1000), "{what} {}: another picture after {x}, {y}", plane.name);
    }
}

#[test]
fn loops_meet() {
    let mut fallen = 0;
    for family in FAMILIES {
        for (hour, weather) in HOURS.into_iter().zip(WEATHERS) {
            let here = place(family, "a place", hour, weather);
            for framing in [Framing::Wide, Framing::MediumTwo, Framing::Close] {
                for plane in background(&here, framing, small()) {
                    meets(&plane, &format!("{family:?} {hour:?} {weather:?} {framing:?}"));
                    fallen += usize::from(plane.name == "rain" || plane.name == "snow");
                }
                for plane in paint::figure(&figure(&here, framing, FigureKind::Woman, Slot::Left), small()) {
                    meets(&plane, "a figure");
                }
            }
        }
    }
    assert!(fallen > 20, "{fallen} planes of rain and snow");
    assert!(!repeats(&background(&place(PlaceFamily::Coast, "rocks", TimeOfDay::Day, Weather::Rain), Framing::Wide, small())[0], 0, 40));
}

#[test]
fn every_weather_moves_out_of_doors_and_none_indoors() {
    for family in FAMILIES {
        for weather in WEATHERS {
            for framing in [Framing::Wide, Framing::Full, Framing::MediumTwo, Framing::Close] {
                let here = place(family, "a place", TimeOfDay::Day, weather);
                let planes = background(&here, framing, small());
                let names: BTreeSet<&str> = planes.iter().map(|q| q.name.as_str()).collect();
                assert_eq!(names.len(), planes.len(), "two planes of one name: {names:?}");
                let moving = moving(&planes);
                let what = format!("{family:?} {weather:?} {framing:?}: {moving:?}");
                let indoors =
                    matches!(family, PlaceFamily::InteriorRoom | PlaceFamily::Workshop | PlaceFamily::Hall | PlaceFamily::Vehicle);
                let has = |name: &str| moving.contains(name);
                assert_eq!(has("rain"), !indoors && matches!(weather, Weather::Rain | Weather::Storm), "{what}");
                assert_eq!(has("lightning"), has("rain") && weather == Weather::Storm || indoors && has("lightning"), "{what}");
                assert_eq!(has("snow"), !indoors && weather == Weather::Snow, "{what}");
                if weather == Weather::Fog {
                    assert_eq!(has("mist"), !indoors, "{what}");
                }
                assert!(!moving.is_empty(), "{what}: nothing moves");
            }
        }
    }
}

/// Family, look, hour, framing, whether a lamp burns, and what moves.
type Row = (PlaceFamily, &'static str, TimeOfDay, Framing, bool, &'static [&'static str]);

#[test]
fn every_place_moves_as_it_should() {
    use PlaceFamily as P;
    use TimeOfDay::{Day, Dusk, Night};
    let rows: [Row; 16] = [
        (
            P::Coast,
            "a white tower on a headland",
            Night,
            Framing::Wide,
            false,
            &["beam-up", "beam-down", "beam-back", "sea", "sea-near", "clouds", "twinkle-0", "glitter-0", "flicker-0", "blades"],
        ),
        (P::Coast, "a white tower on a headland", Day, Framing::Full, false, &["sea", "clouds", "glitter-1", "blades"]),
        (
            P::Coast,
            "stone steps, a small boat",
            Dusk,
            Framing::Wide,
            false,
            &["sea", "sea-near", "boat", "clouds", "glitter-1", "flicker-0"],
        ),
        (P::Coast, "an iron balcony, a rail", Night, Framing::MediumTwo, false, &["sea", "clouds", "twinkle-1"]),
        (P::Coast, "two black rocks, a channel", Day, Framing::Wide, false, &["sea", "clouds"]),
        (P::River, "a river between banks", Day, Framing::Wide, false, &["river", "clouds"]),
        (P::Village, "a street above the quay", Dusk, Framing::Wide, false, &["clouds", "smoke-row-0-0", "smoke-row-0-2", "boat"]),
        (P::CityStreet, "a street", Day, Framing::Full, false, &["clouds"]),
        (P::Forest, "trees", Day, Framing::Wide, false, &["wood-near", "shafts"]),
        (P::Desert, "dunes", Day, Framing::Wide, false, &["clouds", "sand", "heat"]),
        (P::Desert, "a salt flat", Dusk, Framing::Full, false, &["clouds", "sand"]),
        (P::Mountain, "bare peaks", Day, Framing::Wide, false, &["clouds", "mist-far"]),
        (P::InteriorRoom, "a room with a window", Night, Framing::Full, true, &["flicker-0", "dust", "dust-far"]),
        (P::InteriorRoom, "a room with a window", Night, Framing::Close, true, &["flicker-0", "dust"]),
        (P::InteriorRoom, "a room with a window", Day, Framing::Full, false, &["window-light", "dust"]),
        (P::Workshop, "low vault", Day, Framing::MediumTwo, false, &["window-light", "dust"]),
    ];
    for (family, look, hour, framing, lit, wanted) in rows {
        let mut here = place(family, look, hour, Weather::Clear);
        here.props = vec![lamp(lit)];
        let planes = background(&here, framing, small());
        let moving = moving(&planes);
        for name in wanted {
            assert!(moving.contains(name), "{look} at {hour:?}, {framing:?}: no `{name}` among {moving:?}");
        }
    }
}

#[test]
fn no_two_things_keep_step() {
    let planes = background(&place(PlaceFamily::Coast, "a white tower", TimeOfDay::Night, Weather::Clear), Framing::Wide, small());
    // The parts of one light turn together, and a lamp's light is one light in the air and on the wall.
    let alike = |name: &str| name.starts_with("beam") || name.starts_with("flicker");
    let mut times = BTreeSet::new();
    let mut tracks = 0;
    for track in planes.iter().filter(|q| q.tracks.len() == 1 && !alike(&q.name)).flat_map(|q| &q.tracks) {
        tracks += 1;
        times.insert((track.keys.last().expect("a key").at_ms, ends(track).0));
    }
    assert!(tracks >= 6 && times.len() == tracks, "{tracks} tracks, {} times", times.len());
    // The same place moves the same way in every episode, another one in its own.
    let mut there = place(PlaceFamily::Coast, "a white tower", TimeOfDay::Night, Weather::Clear);
    let tracks = |place: &PlaceSpec| background(place, Framing::Wide, small()).into_iter().map(|q| (q.tracks, q.sway)).collect::<Vec<_>>();
    let here = tracks(&there);
    assert!(here == tracks(&there));
    there.location_id = Id::slug("elsewhere");
    assert!(here != tracks(&there));
}

/// How far the corners of a plane are moved by its own tracks, pixels: at every key of any of them.
fn reach(plane: &PaintedPlane) -> f64 {
    let keys: BTreeSet<u32> = plane.tracks.iter().flat_map(|t| &t.keys).map(|k| k.at_ms).collect();
    let at = |property, ms: u32, usual: f64| {
        plane.tracks.iter().find(|t| t.property == property).map_or(usual, |t| {
            let next = t.keys.partition_point(|k| k.at_ms < ms % t.keys.last().map_or(1, |k| k.at_ms.max(1)));
            f64::from(t.keys[next.min(t.keys.len() - 1)].value)
        })
    };
    let mut most: f64 = 0.0;
    for ms in keys {
        let scale = at(TrackProperty::Scale, ms, 1_000_000.0) / 1_000_000.0 - 1.0;
        let (x, y) = (at(TrackProperty::X, ms, 0.0) / 1000.0, at(TrackProperty::Y, ms, 0.0) / 1000.0);
        for (sx, sy) in [(-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5), (0.5, 0.5)] {
            let dx = x + scale * sx * f64::from(plane.pixels.width);
            let dy = y + scale * sy * f64::from(plane.pixels.height);
            most = most.max((dx * dx + dy * dy).sqrt());
        }
    }
    most
}

#[test]
fn people_breathe_by_less_than_two_pixels_and_keep_their_feet() {
    let canvas = Canvas::of(Aspect::Wide, 720);
    let here = place(PlaceFamily::Workshop, "low vault", TimeOfDay::Day, Weather::Clear);
    for framing in [Framing::Wide, Framing::Full, Framing::MediumTwo, Framing::Medium, Framing::Close] {
        let planes = paint::figure(&figure(&here, framing, FigureKind::Woman, Slot::Left), canvas);
        let moved = reach(&planes[0]);
        assert!((0.4..=2.1).contains(&moved), "{framing:?}: {moved} pixels");
        let of = |property| planes[0].tracks.iter().find(|t| t.property == property).expect("a track");
        for (grown, up) in of(TrackProperty::Scale).keys.iter().zip(&of(TrackProperty::Y).keys) {
            let half = f64::from(grown.value - 1_000_000) / 1_000_000.0 * f64::from(planes[0].pixels.height) / 2.0;
            let foot = half + f64::from(up.value) / 1000.0;
            assert!(foot.abs() < 0.02 && grown.at_ms == up.at_ms, "{framing:?}: the foot moves by {foot}");
        }
    }
    let breath = |kind, slot| paint::figure(&figure(&here, Framing::MediumTwo, kind, slot), small())[0].tracks.clone();
    assert_ne!(breath(FigureKind::Woman, Slot::Left), breath(FigureKind::Man, Slot::Right), "two people breathe as one");
}

#[test]
fn who_walks_goes_where_they_look_and_no_farther_than_a_shot_has_room() {
    let canvas = Canvas::of(Aspect::Wide, 720);
    let here = place(PlaceFamily::Coast, "stone steps, a small boat", TimeOfDay::Day, Weather::Clear);
    for (slot, side) in [(Slot::Left, 1), (Slot::Right, -1)] {
        for framing in [Framing::Wide, Framing::Full] {
            let mut spec = figure(&here, framing, FigureKind::Woman, slot);
            spec.pose = contracts::picture::Pose::Walk;
            let body = paint::figure(&spec, canvas).remove(0);
            let way = body.tracks.iter().find(|t| t.property == TrackProperty::X).expect("a way");
            let (from, to) = ends(way);
            let last = way.keys.last().expect("a key").at_ms as i32;
            let speed = (to - from) * side / last;
            assert!((18..=70).contains(&speed), "{framing:?} {slot:?}: {speed} pixels a second");
            // In the eight seconds of the longest shot nobody leaves the frame.
            let end = body.x + body.pixels.width as i32 / 2 + (from + speed * side * 8_000) / 1_000;
            assert!((0..1280).contains(&end), "{framing:?} {slot:?}: at {end}");
            let bob = body.tracks.iter().find(|t| t.property == TrackProperty::Y).expect("steps");
            assert!(bob.keys.iter().all(|k| (-1_300..=0).contains(&k.value)), "{bob:?}");
        }
    }
}

/// Who walks or runs has twelve drawings that follow each other, in step with the way: between two of them neither the drawing nor
/// the place changes. They differ below the neck only, so that a mouth and a lid find the face where it was painted.
#[test]
fn legs_swing_in_step_with_the_way() {
    use contracts::picture::{Pose, Take, Turn};
    let canvas = Canvas::of(Aspect::Wide, 360);
    let here = place(PlaceFamily::Coast, "stone steps, a small boat", TimeOfDay::Day, Weather::Clear);
    for (pose, framing) in [(Pose::Walk, Framing::Wide), (Pose::Walk, Framing::Full), (Pose::Run, Framing::Full)] {
        for kind in [FigureKind::Woman, FigureKind::Man, FigureKind::Boy] {
            let mut spec = figure(&here, framing, kind, Slot::Left);
            (spec.pose, spec.speaks, spec.take) = (pose, true, Take { turn: Turn::Profile, ..Take::default() });
            spec.look.age = if kind == FigureKind::Boy { 9 } else { 40 };
            let planes = paint::figure(&spec, canvas);
            let body = &planes[0];
            let what = format!("{pose:?} {framing:?} {kind:?}");
            let [cycle] = &body.cycles[..] else { panic!("{what}: {:?}", body.cycles) };
            assert_eq!(cycle.states.len(), 12, "{what}");
            let steps: Vec<&paint::PaintedPatch> = cycle.states.iter().filter(|s| !s.is_empty()).map(|s| &body.states[s]).collect();
            let distinct: BTreeSet<&Vec<u8>> = steps.iter().map(|p| &p.pixels.rgba).collect();
            assert_eq!(distinct.len(), 11, "{what}");
            let rect = |p: &paint::PaintedPatch| craft::paper::Rect::new(p.x, p.y, p.pixels.width as i32, p.pixels.height as i32);
            for (name, patch) in body.states.iter().filter(|(name, _)| !name.starts_with("walk")) {
                for step in &steps {
                    assert!(rect(step).meet(&rect(patch)).is_empty(), "{what}: a step covers {name}");
                }
            }
            assert!(steps.iter().all(|p| body.rect().holds(&rect(p))), "{what}");
            let way = body.tracks.iter().find(|t| t.property == TrackProperty::X).expect("a way");
            let jumps: Vec<u32> = way.keys.windows(2).filter(|k| k[0].value != k[1].value).map(|k| k[1].at_ms).collect();
            assert!(jumps.len() > 50 && jumps.iter().all(|ms| ms % cycle.frame_ms == 0), "{what}");
            // All of them together are small.
            let bytes: usize = steps.iter().map(|p| p.pixels.rgba.len()).sum();
            assert!(bytes < 12 * 4 * 180 * 320, "{what}: {bytes} bytes");
        }
    }
    let still = figure(&here, Framing::Wide, FigureKind::Woman, Slot::Left);
    assert!(paint::figure(&still, canvas)[0].cycles.is_empty());
}

#[test]
fn a_thing_lies_still_and_a_hand_does_not() {
    let mut room = place(PlaceFamily::InteriorRoom, "a room", TimeOfDay::Day, Weather::Clear);
    room.props.clear();
    let still = insert("book", false, false, &room);
    assert!(moving(&still).is_empty(), "{:?}", moving(&still));
    let held = insert("card", false, true, &room);
    assert_eq!(moving(&held).into_iter().collect::<Vec<_>>(), ["thing"]);
    assert!(held.iter().filter(|q| q.moves()).all(|q| reach(q) < 1.0), "at a quarter of 720 lines");
    let lit = insert("lantern", true, false, &room);
    assert!(moving(&lit).contains("flicker-0") && !moving(&lit).contains("thing"));
}

#[test]
fn cards_lie_still_and_name_places_within_the_frame() {
    let canvas = Canvas::of(Aspect::Wide, 180);
    let here = place(PlaceFamily::Coast, "a white tower", TimeOfDay::Night, Weather::Clear);
    let card = |kind, text: &str, small: &[&str]| CardSpec {
        card: kind,
        text: vec![text.into()],
        small: small.iter().map(|s| (*s).to_owned()).collect(),
        style: VisualStyle::Paper,
        place: here.clone(),
        over: None,
    };
    for kind in [CardKind::Title, CardKind::End, CardKind::Intertitle] {
        assert!(moving(&paint::card(&card(kind, "Key", &["Tern Head"]), canvas)).is_empty(), "{kind:?}");
    }
    for aspect in [Aspect::Wide, Aspect::Tall, Aspect::Square] {
        let canvas = Canvas::of(aspect, 180);
        let title = craft::frame::Margins::title(canvas).within(canvas);
        for (name, hour) in [("Landing", vec!["at dusk"]), ("The long gallery above the harbour mouth of Tern Head", vec![])] {
            let spec = card(CardKind::Location, name, &hour);
            let planes = paint::card(&spec, canvas);
            let names: Vec<&str> = planes.iter().map(|p| p.name.as_str()).filter(|n| *n != "shade").collect();
            assert_eq!(names, ["location", "words"], "{aspect:?}");
            let (strip, boxes) = (planes[0].rect(), paint::text_boxes(&spec, canvas));
            assert_eq!(boxes.len(), 1 + hour.len());
            for words in boxes {
                assert!(title.holds(&words) && strip.holds(&words), "{aspect:?} {name}: {words:?} leaves {title:?} or {strip:?}");
            }
            // It is no wall: most of the frame stays free.
            let part = strip.meet(&craft::paper::Rect::new(0, 0, canvas.width as i32, canvas.height as i32)).area();
            assert!(part * 4 < canvas.width as usize * canvas.height as usize, "{aspect:?} {name}: {strip:?}");
        }
    }
}
