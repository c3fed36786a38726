//! What the artist declares is seen in the encoded picture: rain falls, a lamp flickers, a card lies still.

use std::collections::BTreeMap;

use contracts::{
    EditRate, Hash, Id,
    picture::{BackgroundSpec, Canvas, CardKind, CardSpec, Facing, Framing, PlaceSpec, PropSpec},
    project::{Aspect, VisualStyle},
    render::{EncodeSettings, Filter},
    shots::{MoveKind, Movement, Transition},
    story::{Mood, TimeOfDay, Weather},
};
use craft::paint::{self, PaintedPlane};
use media::{ffmpeg::Ffmpeg, image};
use render::{
    compositor::Planes,
    player::{NoClips, Sources},
    shot::{ShotReport, render_shot},
    timeline::{Layer, Rect, TimelineShot},
};

const FRAMES: u64 = 60;

fn place(family: contracts::canon::PlaceFamily, look: &str, time_of_day: TimeOfDay, weather: Weather, lit: bool) -> PlaceSpec {
    let lamp = PropSpec {
        prop_id: Id::slug("lamp"),
        shape: Id::slug("lamp"),
        colours: Vec::new(),
        look: "oil lamp".into(),
        lit,
        inscription: None,
    };
    PlaceSpec {
        location_id: Id::slug(look),
        family,
        look: look.into(),
        time_of_day,
        weather,
        mood: Mood::Calm,
        style: VisualStyle::Paper,
        props: vec![lamp],
    }
}

/// Renders planes as a held shot and says what was measured on the decoded segment.
fn measured(planes: &[PaintedPlane], canvas: Canvas) -> ShotReport {
    let mut blobs = BTreeMap::new();
    let mut layers = Vec::new();
    for plane in planes {
        let (width, height) = (plane.pixels.width, plane.pixels.height);
        let png = image::encode(&image::Image { width, height, rgba: plane.pixels.rgba.clone() }).expect("a picture");
        let hash = Hash::of(&png);
        blobs.insert(hash.clone(), png);
        let rect = Rect { x: plane.x, y: plane.y, width, height };
        layers.push(Layer {
            parallax: plane.parallax,
            sway: plane.sway,
            tracks: plane.tracks.clone(),
            ..Layer::plain(&plane.name, hash, rect)
        });
    }
    let shot = TimelineShot {
        shot_id: Id::slug("shot"),
        canvas,
        rate: EditRate::FILM,
        frames: FRAMES,
        move_frames: FRAMES,
        movement: Movement::new(MoveKind::Hold, 0),
        transition: Transition::Cut,
        layers,
        clip: None,
        overlays: Vec::new(),
        filter: Filter::Linear,
    };
    let fetch = |hash: &Hash| blobs.get(hash).cloned().ok_or_else(|| "not in the test".to_owned());
    let planes = Planes::default();
    let settings = EncodeSettings { preset: "veryfast".into(), crf: 23, audio_bit_rate: 128_000 };
    let folder = tempfile::tempdir().expect("a folder");
    let ffmpeg = Ffmpeg::find().expect("ffmpeg");
    let sources = Sources { fetch: &fetch, clips: &NoClips, planes: &planes };
    render_shot(&shot, None, sources, &ffmpeg, &settings, &folder.path().join("shot.mp4")).expect("renders")
}

fn background(place: PlaceSpec, framing: Framing, canvas: Canvas) -> Vec<PaintedPlane> {
    paint::background(&BackgroundSpec { place, framing, toward: Facing::Right }, canvas)
}

#[test]
fn rain_a_lamp_and_the_sea_are_measured_as_moving_and_a_card_is_not() {
    use contracts::canon::PlaceFamily as P;
    let canvas = Canvas::of(Aspect::Wide, 360);
    let rows = [
        ("rain", place(P::Coast, "stone steps, a small boat", TimeOfDay::Day, Weather::Rain, false), Framing::Wide, 250),
        ("snow", place(P::Mountain, "bare peaks", TimeOfDay::Day, Weather::Snow, false), Framing::Wide, 100),
        ("fog", place(P::Coast, "two black rocks, a channel", TimeOfDay::Dawn, Weather::Fog, false), Framing::Full, 80),
        ("a lamp", place(P::InteriorRoom, "a room with a window", TimeOfDay::Night, Weather::Clear, true), Framing::Full, 100),
        ("a lamp before a face", place(P::InteriorRoom, "a room", TimeOfDay::Night, Weather::Clear, true), Framing::Close, 100),
        ("the sea", place(P::Coast, "an iron balcony, a rail", TimeOfDay::Night, Weather::Clear, false), Framing::Wide, 80),
        ("dunes", place(P::Desert, "dunes", TimeOfDay::Day, Weather::Clear, false), Framing::Wide, 30),
    ];
    let mut seen = Vec::new();
    for (name, place, framing, least) in rows {
        let report = measured(&background(place, framing, canvas), canvas);
        let moves = report.moving && report.inner_motion >= least && report.longest_freeze < FRAMES / 2;
        seen.push((moves, format!("{name}: {} of {least} thousandths of a level, {} alike", report.inner_motion, report.longest_freeze)));
    }
    assert!(seen.iter().all(|(moves, _)| *moves), "{seen:#?}");
    let card = CardSpec {
        card: CardKind::Title,
        text: vec!["Key".into()],
        small: vec!["Tern Head".into()],
        style: VisualStyle::Paper,
        place: place(P::Coast, "a white tower", TimeOfDay::Night, Weather::Clear, false),
        over: None,
    };
    let report = measured(&paint::card(&card, canvas), canvas);
    assert!(!report.moving && report.inner_motion == 0 && report.longest_freeze == FRAMES, "a card moves");
}
