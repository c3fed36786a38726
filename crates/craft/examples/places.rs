//! Paints a contact set of places, framings, people, inserts and cards into a directory:
//! `cargo run --release --example places -- OUTDIR [NAME-PART]`. For eyes: the tests judge what can be counted.

use std::{env, path::Path};

use contracts::{
    Id,
    canon::PlaceFamily,
    picture::{
        BackgroundSpec, Canvas, CardKind, CardSpec, Expression, Facing, FigureSpec, Framing, InsertSpec, PlaceSpec, Pose, PropSpec, Slot,
        StandInSpec, Take,
    },
    project::{Aspect, VisualStyle},
    story::{Beard, Build, Emblem, FigureKind, Garment, HairStyle, Headwear, Look, Mood, TimeOfDay, Weather},
};
use craft::{
    light,
    paint::{self, PaintedPlane},
};

fn id(text: &str) -> Id {
    Id::slug(text)
}

fn prop(name: &str, shape: &str, look: &str, colours: &[&str], lit: bool) -> PropSpec {
    let inscription = (shape == "card").then(|| "INSPECTION, 11 NOVEMBER".to_owned());
    PropSpec {
        prop_id: Id::slug(name),
        shape: id(shape),
        colours: colours.iter().map(|c| (*c).to_owned()).collect(),
        look: look.into(),
        lit,
        inscription,
    }
}

fn great(lit: bool) -> PropSpec {
    prop("great-lamp", "lamp", "brass drum, four feet high, one thick wick behind ribbed glass", &["#b9873a"], lit)
}

fn agnes() -> Look {
    Look {
        figure: FigureKind::Woman,
        age: 34,
        build: Build::Slight,
        skin: "#d9a583".into(),
        hair: "#8a3a20".into(),
        hair_style: HairStyle::Bun,
        beard: Beard::None,
        headwear: Headwear::None,
        eyes: "#4c6a4a".into(),
        garment: Garment::Coat,
        coat: "#1f4a3b".into(),
        accent: "#e6dcc4".into(),
        scarf: false,
        emblem: Emblem::Key,
        words: String::new(),
    }
}

fn joss() -> Look {
    Look {
        figure: FigureKind::Man,
        age: 58,
        build: Build::Broad,
        skin: "#c8916f".into(),
        hair: "#9a9c9c".into(),
        hair_style: HairStyle::Short,
        beard: Beard::Full,
        headwear: Headwear::Cap,
        eyes: "#4a6880".into(),
        garment: Garment::Coat,
        coat: "#252f42".into(),
        accent: "#b57a26".into(),
        scarf: true,
        emblem: Emblem::None,
        words: String::new(),
    }
}

fn place(name: &str, family: PlaceFamily, look: &str, hour: TimeOfDay, weather: Weather, props: Vec<PropSpec>) -> PlaceSpec {
    PlaceSpec {
        location_id: id(name),
        family,
        look: look.into(),
        time_of_day: hour,
        weather,
        mood: Mood::Calm,
        style: VisualStyle::Paper,
        props,
    }
}

fn figure(look: &Look, who: &str, place: &PlaceSpec, framing: Framing, slot: Slot, facing: Facing) -> FigureSpec {
    FigureSpec {
        character_id: id(who),
        look: look.clone(),
        framing,
        slot,
        facing,
        pose: Pose::Stand,
        expression: if who == "agnes" { Expression::Worried } else { Expression::Stern },
        holding: None,
        speaks: true,
        take: Take::default(),
        place: place.clone(),
    }
}

struct Out {
    dir: String,
    only: Option<String>,
}

impl Out {
    fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|o| name.contains(o.as_str()))
    }

    fn save(&self, name: &str, mut planes: Vec<PaintedPlane>, canvas: Canvas) {
        planes.sort_by_key(|p| p.depth);
        let list: Vec<String> = planes.iter().map(|p| format!("{}@{}", p.name, p.depth)).collect();
        let stack: Vec<light::Plane> = planes.iter().map(PaintedPlane::as_plane).collect();
        let rgba = light::flatten(&stack, canvas.width, canvas.height);
        let rgb: Vec<u8> = rgba.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect();
        let mut bytes = Vec::new();
        {
            let mut encoder = png::Encoder::new(&mut bytes, canvas.width, canvas.height);
            encoder.set_color(png::ColorType::Rgb);
            encoder.set_depth(png::BitDepth::Eight);
            encoder.set_compression(png::Compression::Fast);
            let mut writer = encoder.write_header().expect("header");
            writer.write_image_data(&rgb).expect("data");
        }
        write(&Path::new(&self.dir).join(format!("{name}.png")), &bytes);
        say(&format!("{name}: {} planes: {}", list.len(), list.join(" ")));
    }
}

#[allow(clippy::disallowed_methods, reason = "an example that shows pictures; nothing depends on its files")]
fn write(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).expect("the directory can be written");
}

#[allow(clippy::print_stdout, reason = "an example talks to its user")]
fn say(line: &str) {
    println!("{line}");
}

fn shot(out: &Out, name: &str, place: &PlaceSpec, framing: Framing, canvas: Canvas, people: &[(bool, Slot, Facing)]) {
    if !out.wants(name) {
        return;
    }
    let toward = match framing {
        Framing::Close | Framing::Medium => people.first().map_or(Facing::Right, |p| p.2),
        _ => Facing::Front,
    };
    let mut planes = paint::background(&BackgroundSpec { place: place.clone(), framing, toward }, canvas);
    for &(woman, slot, facing) in people {
        let (look, who) = if woman { (agnes(), "agnes") } else { (joss(), "joss") };
        planes.extend(paint::figure(&figure(&look, who, place, framing, slot, facing), canvas));
    }
    out.save(name, planes, canvas);
}

fn main() {
    let mut args = env::args().skip(1);
    let out = Out { dir: args.next().unwrap_or_else(|| ".".into()), only: args.next() };
    let wide = Canvas::of(Aspect::Wide, 720);
    use {Facing as F, PlaceFamily as P, Slot as S, TimeOfDay as T, Weather as W};
    let both = [(true, S::Left, F::Right), (false, S::Right, F::Left)];
    let her = [(true, S::Left, F::Right)];
    let him = [(false, S::Right, F::Left)];
    let oil = || prop("oil-lamp", "lamp", "small brass oil lamp", &[], true);
    let headland = |t, w| place("tern-head", P::Coast, "a white tower on a black headland", t, w, vec![]);
    let landing =
        |t, w| place("landing", P::Coast, "wet stone steps at the foot of the tower, iron ring, a small boat alongside", t, w, vec![]);
    let gallery = |t, w, lit| {
        place(
            "gallery",
            P::Coast,
            "iron balcony round the lamp room, rail white with frost, nothing but water beyond",
            t,
            w,
            vec![great(lit)],
        )
    };
    let channel = |t, w| place("channel", P::Coast, "two black rocks with a gap of moving water", t, w, vec![]);
    let study = |t, w, lamp: bool| {
        place("study", P::InteriorRoom, "a room with a window, shelves and a table", t, w, if lamp { vec![oil()] } else { vec![] })
    };
    let lamps = |t, w, lit| {
        place(
            "lamp-room",
            P::InteriorRoom,
            "round room of glass over black sea; the great lamp on its iron stand; one chair; a shelf of log books",
            t,
            w,
            vec![
                great(lit),
                prop("log-book", "book", "tall ruled book", &[], false),
                prop("card", "card", "printed card on a nail", &[], false),
            ],
        )
    };
    let vault = |t, w, lamp: bool| {
        let mut props = vec![
            prop("oil-can", "can", "square can with a red band", &[], false),
            prop("tarpaulin", "tarpaulin", "stiff brown cloth over something round", &[], false),
        ];
        if lamp {
            props.push(prop("lantern", "lantern", "storm lantern", &[], true));
        }
        place("oil-store", P::Workshop, "low vault at the foot of the stairs; one long shelf; a row of pegs by the door", t, w, props)
    };
    let village = |t, w| place("harbour", P::Village, "a street of cottages above the quay", t, w, vec![]);
    for (name, place, framing, people) in [
        ("coast-night-wide", headland(T::Night, W::Clear), Framing::Wide, &both[..]),
        ("coast-dawn-wide", headland(T::Dawn, W::Clear), Framing::Wide, &both[..]),
        ("coast-day-wide", headland(T::Day, W::Clear), Framing::Wide, &her[..]),
        ("coast-dusk-fog-wide", headland(T::Dusk, W::Fog), Framing::Wide, &her[..]),
        ("coast-night-rain-wide", headland(T::Night, W::Rain), Framing::Wide, &[][..]),
        ("coast-night-full", headland(T::Night, W::Clear), Framing::Full, &both[..]),
        ("coast-dusk-two", headland(T::Dusk, W::Clear), Framing::MediumTwo, &both[..]),
        ("coast-night-close", headland(T::Night, W::Clear), Framing::Close, &her[..]),
        ("landing-night-wide", landing(T::Night, W::Clear), Framing::Wide, &both[..]),
        ("landing-dawn-full", landing(T::Dawn, W::Fog), Framing::Full, &both[..]),
        ("landing-day-two", landing(T::Day, W::Clear), Framing::MediumTwo, &both[..]),
        ("landing-dusk-close", landing(T::Dusk, W::Clear), Framing::Close, &him[..]),
        ("gallery-night-wide", gallery(T::Night, W::Clear, false), Framing::Wide, &her[..]),
        ("gallery-night-full-lit", gallery(T::Night, W::Clear, true), Framing::Full, &her[..]),
        ("gallery-night-two", gallery(T::Night, W::Clear, false), Framing::MediumTwo, &both[..]),
        ("gallery-night-medium", gallery(T::Night, W::Clear, false), Framing::Medium, &her[..]),
        ("channel-dusk-wide", channel(T::Dusk, W::Clear), Framing::Wide, &[][..]),
        ("channel-night-fog-wide", channel(T::Night, W::Fog), Framing::Wide, &[][..]),
        ("study-night-rain-two", study(T::Night, W::Rain, true), Framing::MediumTwo, &both[..]),
        ("study-night-full", study(T::Night, W::Clear, true), Framing::Full, &both[..]),
        ("study-day-two", study(T::Day, W::Clear, false), Framing::MediumTwo, &both[..]),
        ("study-night-close-her", study(T::Night, W::Rain, true), Framing::Close, &her[..]),
        ("study-night-close-him", study(T::Night, W::Rain, true), Framing::Close, &him[..]),
        ("study-night-medium", study(T::Night, W::Rain, true), Framing::Medium, &her[..]),
        ("lamproom-night-full-dark", lamps(T::Night, W::Clear, false), Framing::Full, &her[..]),
        ("lamproom-night-full-lit", lamps(T::Night, W::Clear, true), Framing::Full, &both[..]),
        ("lamproom-dawn-full", lamps(T::Dawn, W::Clear, false), Framing::Full, &both[..]),
        ("lamproom-night-two", lamps(T::Night, W::Clear, true), Framing::MediumTwo, &both[..]),
        ("lamproom-night-close", lamps(T::Night, W::Clear, true), Framing::Close, &her[..]),
        ("lamproom-dark-close", lamps(T::Night, W::Clear, false), Framing::Close, &her[..]),
        ("vault-night-full", vault(T::Night, W::Clear, true), Framing::Full, &both[..]),
        ("vault-day-full", vault(T::Day, W::Clear, false), Framing::Full, &her[..]),
        ("vault-night-two", vault(T::Night, W::Clear, true), Framing::MediumTwo, &both[..]),
        ("vault-night-close", vault(T::Night, W::Clear, true), Framing::Close, &him[..]),
        ("village-night-wide", village(T::Night, W::Clear), Framing::Wide, &both[..]),
        ("village-day-full", village(T::Day, W::Clear), Framing::Full, &both[..]),
        ("village-dusk-two", village(T::Dusk, W::Clear), Framing::MediumTwo, &both[..]),
        ("village-night-close", village(T::Night, W::Rain), Framing::Close, &her[..]),
        ("forest-day-wide", place("wood", P::Forest, "trees", T::Day, W::Clear, vec![]), Framing::Wide, &her[..]),
        ("forest-night-full", place("wood", P::Forest, "trees", T::Night, W::Clear, vec![]), Framing::Full, &her[..]),
        ("desert-dawn-wide", place("salt", P::Desert, "dunes", T::Dawn, W::Clear, vec![]), Framing::Wide, &both[..]),
        ("stair-night-full", place("stair", P::InteriorRoom, "a winding stair", T::Night, W::Clear, vec![]), Framing::Full, &her[..]),
    ] {
        shot(&out, name, &place, framing, wide, people);
    }
    for (name, aspect) in [("tall", Aspect::Tall), ("square", Aspect::Square)] {
        let canvas = Canvas::of(aspect, 720);
        for (part, place, framing) in [
            ("coast", headland(T::Night, W::Clear), Framing::Wide),
            ("study", study(T::Night, W::Rain, true), Framing::MediumTwo),
            ("lamproom", lamps(T::Night, W::Clear, true), Framing::Full),
            ("village", village(T::Dusk, W::Clear), Framing::Wide),
        ] {
            shot(&out, &format!("{name}-{part}"), &place, framing, canvas, &both);
        }
        shot(&out, &format!("{name}-close"), &study(T::Night, W::Rain, true), Framing::Close, canvas, &her);
    }
    for (name, style) in
        [("dusk", VisualStyle::Dusk), ("ink", VisualStyle::Ink), ("woodcut", VisualStyle::Woodcut), ("pastel", VisualStyle::Pastel)]
    {
        for (part, mut place, framing) in
            [("study", study(T::Night, W::Rain, true), Framing::MediumTwo), ("coast", headland(T::Night, W::Clear), Framing::Wide)]
        {
            place.style = style;
            shot(&out, &format!("style-{name}-{part}"), &place, framing, wide, &both);
        }
    }
    for (name, mut place, framing, people) in [
        ("film-landing-wide", landing(T::Dusk, W::Fog), Framing::Wide, &both[..]),
        ("film-lamps-full", lamps(T::Night, W::Fog, true), Framing::Full, &both[..]),
        ("film-lamps-two", lamps(T::Dusk, W::Clear, true), Framing::MediumTwo, &both[..]),
        ("film-lamps-close", lamps(T::Dawn, W::Clear, false), Framing::Close, &her[..]),
        ("film-gallery-medium", gallery(T::Night, W::Fog, true), Framing::Medium, &him[..]),
        ("film-landing-medium", landing(T::Morning, W::Fog), Framing::Medium, &him[..]),
        ("film-store-full", vault(T::Dawn, W::Fog, false), Framing::Full, &her[..]),
        ("film-store-medium", vault(T::Night, W::Clear, true), Framing::Medium, &him[..]),
        ("film-channel-wide", channel(T::Dawn, W::Storm), Framing::Wide, &[][..]),
        ("film-head-snow", headland(T::Morning, W::Snow), Framing::Wide, &her[..]),
    ] {
        place.style = VisualStyle::Dusk;
        shot(&out, name, &place, framing, wide, people);
    }
    let with = |mut place: PlaceSpec, props: Vec<PropSpec>| {
        place.props.extend(props);
        place
    };
    let star = || prop("star-lamp", "star", "a tin lamp, knee high, punched with one five-pointed star", &[], true);
    let rope = || prop("rope", "rope", "", &[], false);
    let can = || prop("oil-can", "can", "square can with a red band", &[], false);
    shot(&out, "things-channel-star", &with(channel(T::Night, W::Clear), vec![star()]), Framing::Wide, wide, &[]);
    shot(&out, "things-landing", &with(landing(T::Night, W::Clear), vec![star(), rope(), can()]), Framing::Wide, wide, &her);
    shot(&out, "things-gallery", &with(gallery(T::Night, W::Clear, false), vec![star()]), Framing::Full, wide, &her);
    shot(&out, "things-head", &with(headland(T::Dusk, W::Clear), vec![star(), rope()]), Framing::Full, wide, &him);
    if out.wants("things-sit") {
        let place = study(T::Night, W::Clear, true);
        let mut planes = paint::background(&BackgroundSpec { place: place.clone(), framing: Framing::Full, toward: Facing::Front }, wide);
        let mut spec = figure(&agnes(), "agnes", &place, Framing::Full, Slot::Left, Facing::Right);
        spec.pose = Pose::Sit;
        planes.extend(paint::figure(&spec, wide));
        let mut spec = figure(&joss(), "joss", &place, Framing::Full, Slot::Right, Facing::Away);
        spec.look.figure = FigureKind::Boy;
        spec.look.beard = Beard::None;
        planes.extend(paint::figure(&spec, wide));
        out.save("things-sit", planes, wide);
    }
    if out.wants("insert-outdoors") {
        let spec = InsertSpec {
            prop: prop("star-lamp", "star", "tin lamp", &[], true),
            hand: Some(joss()),
            hand_from: None,
            place: landing(T::Night, W::Fog),
        };
        out.save("insert-outdoors", paint::insert(&spec, wide), wide);
        let spec = InsertSpec {
            prop: prop("oil-can", "can", "square can", &[], false),
            hand: None,
            hand_from: None,
            place: channel(T::Day, W::Clear),
        };
        out.save("insert-outdoors-day", paint::insert(&spec, wide), wide);
    }
    for (name, thing) in [
        ("lamp", oil()),
        ("great-lamp", great(true)),
        ("great-lamp-dark", great(false)),
        ("lantern", prop("lantern", "lantern", "storm lantern", &[], true)),
        ("book", prop("log-book", "book", "tall ruled book", &[], false)),
        ("can", prop("oil-can", "can", "square can with a red band", &[], false)),
        ("blanket", prop("blanket", "cloth", "coarse grey wool with one red corner", &[], false)),
        ("tarpaulin", prop("tarpaulin", "tarpaulin", "stiff brown cloth", &[], false)),
        ("card", prop("card", "card", "printed card on a nail", &[], false)),
        ("star", prop("star-lamp", "star", "tin lamp punched with a star", &[], true)),
        ("key", prop("key", "key", "", &[], false)),
        ("bell", prop("bell", "bell", "", &[], false)),
        ("rope", prop("rope", "rope", "", &[], false)),
        ("boat", prop("boat", "boat", "", &[], false)),
        ("pen", prop("pen", "pen", "", &[], false)),
        ("cup", prop("cup", "cup", "", &[], false)),
        ("letter", prop("letter", "letter", "", &[], false)),
        ("parcel", prop("thing", "sextant", "", &[], false)),
        ("caravan-mule", prop("mule", "mule", "an old grey mule", &["#6f6a66", "#8f8a84", "#a23b2a"], false)),
        ("caravan-marker", prop("marker", "marker", "a pillar of salt", &["#b9c4c8", "#dfe6e4", "#fbfaf2"], false)),
        ("caravan-blocks", prop("blocks", "blocks", "salt in a net", &["#c4ccca", "#eef0ea", "#8a6a42"], false)),
        ("caravan-stone", prop("stone", "stone", "a dark stone, three bars", &[], false)),
        (
            "caravan-far",
            prop("far-stone", "stone", "an old stone, leaning, rows of small cuts and no bars", &["#5d5348", "#85796a"], false),
        ),
        ("caravan-ring", prop("ring", "ring", "", &[], false)),
        ("caravan-knife", prop("knife", "knife", "", &[], false)),
        ("caravan-string", prop("string", "string", "", &[], false)),
    ] {
        let name = format!("insert-{name}");
        if out.wants(&name) {
            let lit = matches!(thing.shape.as_str(), "book" | "key" | "letter" | "cup");
            let spec = InsertSpec { prop: thing, hand: Some(agnes()), hand_from: None, place: study(T::Night, W::Clear, lit) };
            out.save(&name, paint::insert(&spec, wide), wide);
        }
    }
    for (name, card, text, small) in [
        ("card-title", CardKind::Title, vec!["The Sixth Can"], vec!["Tern Head"]),
        (
            "card-title-long",
            CardKind::Title,
            vec!["The Light Where No Land Is, and What Seven Boats Steered By"],
            vec!["Tern Head", "a tale in paper and lamplight"],
        ),
        (
            "card-end",
            CardKind::End,
            vec!["Tern Head"],
            vec![
                "The Sixth Can",
                "Agnes Lorn — spoken by slt",
                "Joss Penney — spoken by rms",
                "Narrator — spoken by awb",
                "Painted, scored and cut by this machine",
            ],
        ),
        (
            "card-inter",
            CardKind::Intertitle,
            vec!["Three nights later, the lamp went out and seven boats came home all the same."],
            vec!["AGNES"],
        ),
    ] {
        for (suffix, aspect) in [("", Aspect::Wide), ("-tall", Aspect::Tall)] {
            let name = format!("{name}{suffix}");
            if out.wants(&name) {
                let canvas = Canvas::of(aspect, 720);
                let own = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
                let spec = CardSpec {
                    card,
                    text: own(&text),
                    small: own(&small),
                    style: VisualStyle::Paper,
                    place: headland(T::Night, W::Clear),
                    over: None,
                };
                out.save(&name, paint::card(&spec, canvas), canvas);
            }
        }
    }
    if out.wants("stand-in") {
        let spec = StandInSpec { missing_id: id("tower-at-noon"), place: headland(T::Day, W::Clear), framing: Framing::Wide };
        out.save("stand-in", paint::stand_in(&spec, wide), wide);
    }
    for (name, thing) in [
        ("lantern", prop("lantern", "lantern", "", &[], true)),
        ("book", prop("book", "book", "", &[], false)),
        ("can", prop("can", "can", "", &[], false)),
    ] {
        for (part, framing) in [("full", Framing::Full), ("medium", Framing::Medium), ("two", Framing::MediumTwo)] {
            let name = format!("hold-{name}-{part}");
            if out.wants(&name) {
                let place = study(T::Night, W::Clear, part == "two");
                let toward = Facing::Right;
                let mut planes = paint::background(&BackgroundSpec { place: place.clone(), framing, toward }, wide);
                let mut spec = figure(&agnes(), "agnes", &place, framing, Slot::Left, Facing::Right);
                spec.holding = Some(thing.clone());
                spec.pose = Pose::Hold;
                planes.extend(paint::figure(&spec, wide));
                out.save(&name, planes, wide);
            }
        }
    }
}
