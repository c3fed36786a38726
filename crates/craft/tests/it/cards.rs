//! Cards: every word can be read in every style and at every hour, a strip lies where nothing is, a card shows its place,
//! and whoever is named on the end card is named whole.

use contracts::{
    Id,
    canon::PlaceFamily,
    picture::{Canvas, CardKind, CardSpec, Framing, Over, PlaceSpec, PropSpec, Slot},
    project::{Aspect, VisualStyle},
    story::{FigureKind, TimeOfDay, Weather},
};
use craft::{light, paint, paint::PaintedPlane, paper::Rect};

const STYLES: [VisualStyle; 5] = [VisualStyle::Paper, VisualStyle::Dusk, VisualStyle::Ink, VisualStyle::Woodcut, VisualStyle::Pastel];

fn card(kind: CardKind, style: VisualStyle, small: &[&str], place: &PlaceSpec) -> CardSpec {
    let place = PlaceSpec { style, ..place.clone() };
    let small = small.iter().map(|s| (*s).to_owned()).collect();
    CardSpec { card: kind, text: vec!["The borrowed door".into()], small, style, place, over: None }
}

/// Relative luminance (WCAG 2).
fn shines(px: &[u8]) -> f64 {
    let linear = |v: u8| {
        let v = f64::from(v) / 255.0;
        if v <= 0.04045 { v / 12.92 } else { libm::pow((v + 0.055) / 1.055, 2.4) }
    };
    0.2126 * linear(px[0]) + 0.7152 * linear(px[1]) + 0.0722 * linear(px[2])
}

/// For each box of words, the contrast of its letters' body against the ground around them that is nearest to it (its worst
/// twentieth left aside), and how many pixels of letters there are.
fn contrasts(spec: &CardSpec, canvas: Canvas, behind: &[PaintedPlane]) -> Vec<(f64, usize)> {
    let card = paint::card(spec, canvas);
    let (w, h) = (canvas.width, canvas.height);
    let flat = |with: bool| {
        let planes: Vec<_> = behind.iter().chain(card.iter().filter(|p| with || p.name != "words")).map(PaintedPlane::as_plane).collect();
        light::flatten(&planes, w, h)
    };
    let (seen, ground) = (flat(true), flat(false));
    let words = card.iter().find(|p| p.name == "words").expect("words");
    let solid = |x: i32, y: i32| {
        let (x, y) = (x - words.x, y - words.y);
        let inside = x >= 0 && y >= 0 && x < words.pixels.width as i32 && y < words.pixels.height as i32;
        if inside { words.pixels.rgba[((y * words.pixels.width as i32 + x) * 4 + 3) as usize] } else { 0 }
    };
    let frame = Rect::new(0, 0, w as i32, h as i32);
    paint::text_boxes(spec, canvas)
        .iter()
        .map(|area| {
            let area = area.meet(&frame);
            let (mut letters, mut around) = (Vec::new(), Vec::new());
            for y in area.y..area.bottom() {
                for x in area.x..area.right() {
                    let i = (y as usize * w as usize + x as usize) * 4;
                    around.push(shines(&ground[i..i + 3]));
                    if solid(x, y) > 190 {
                        letters.push(shines(&seen[i..i + 3]));
                    }
                }
            }
            letters.sort_by(f64::total_cmp);
            around.sort_by(f64::total_cmp);
            let middle = letters.get(letters.len() / 2).copied().unwrap_or(0.0);
            let dark = middle < around[around.len() / 2];
            // The body of a stroke is what is read: thin ones are half rim at this size.
            let body = if dark { letters.len() / 8 } else { letters.len() * 7 / 8 };
            let letter = letters.get(body).copied().unwrap_or(middle);
            let worst = around[if dark { around.len() / 20 } else { around.len() - 1 - around.len() / 20 }];
            ((letter.max(worst) + 0.05) / (letter.min(worst) + 0.05), letters.len())
        })
        .collect()
}

#[test]
fn every_line_stands_out_in_every_style_and_at_every_hour() {
    let canvas = Canvas::of(Aspect::Wide, 360);
    let small = |kind| match kind {
        CardKind::Title => vec!["The Mill's Song"],
        CardKind::End => vec!["The Mill's Song, episode 1", "Written, painted, spoken and scored by Reelwright"],
        CardKind::Intertitle => vec!["Nessa"],
        CardKind::Location => vec!["in the morning"],
    };
    let places =
        [(PlaceFamily::Mountain, "a bare hill, a mill"), (PlaceFamily::Desert, "a plain of salt"), (PlaceFamily::Coast, "a lighthouse")];
    let hours = [TimeOfDay::Dawn, TimeOfDay::Morning, TimeOfDay::Day, TimeOfDay::Dusk, TimeOfDay::Night];
    let (mut seen, mut worst) = (0, f64::MAX);
    for style in STYLES {
        for (n, hour) in hours.into_iter().enumerate() {
            let (family, look) = places[n % places.len()];
            let place = PlaceSpec { style, ..super::place(family, look, hour, Weather::Clear) };
            let behind = super::background(&place, Framing::Wide, canvas);
            for kind in [CardKind::Title, CardKind::End, CardKind::Intertitle, CardKind::Location] {
                let spec = card(kind, style, &small(kind), &place);
                let under = if kind == CardKind::Location { behind.as_slice() } else { &[] };
                for (line, (ratio, pixels)) in contrasts(&spec, canvas, under).into_iter().enumerate() {
                    assert!(pixels > 12, "{style:?} {hour:?} {kind:?} line {line}: {pixels} pixels of letters");
                    assert!(ratio >= 4.5, "{style:?} {hour:?} {kind:?} line {line}: {ratio:.2} : 1");
                    worst = worst.min(ratio);
                    seen += 1;
                }
            }
        }
    }
    assert!(seen >= 5 * 5 * 9 && worst < 30.0, "{seen} lines, {worst}");
}

/// A press prints letters whole: what it prints of them is what was set, in one ink, without a cut.
#[test]
fn letters_are_printed_solid() {
    let canvas = Canvas::of(Aspect::Wide, 360);
    let place = super::place(PlaceFamily::Desert, "a white plain of salt", TimeOfDay::Day, Weather::Clear);
    for kind in [CardKind::Title, CardKind::End, CardKind::Intertitle, CardKind::Location] {
        let words = |style| {
            let planes = paint::card(&card(kind, style, &["by day"], &place), canvas);
            planes.into_iter().find(|p| p.name == "words").expect("words").pixels.rgba
        };
        let body = |rgba: &[u8]| rgba.chunks_exact(4).filter(|px| px[3] > 200).count();
        // Dark words in pastel have no shadow either: what is opaque there is letters alone.
        let set = body(&words(VisualStyle::Pastel));
        for style in [VisualStyle::Ink, VisualStyle::Woodcut] {
            let rgba = words(style);
            let bodies: Vec<&[u8]> = rgba.chunks_exact(4).filter(|px| px[3] > 200).collect();
            assert!(bodies.len() * 10 > set * 8, "{style:?} {kind:?}: {} of {set} pixels", bodies.len());
            let mut values: Vec<u32> = bodies.iter().map(|px| px[..3].iter().map(|v| u32::from(*v)).sum()).collect();
            values.sort_unstable();
            // The rule of an end card and a few rims aside; a wash is never quite even; two inks are 300 apart.
            let (low, high) = (values[values.len() / 50], values[values.len() - 1]);
            assert!(high - low < 150, "{style:?} {kind:?}: letters of two inks ({low} and {high})");
        }
    }
}

fn thing(shape: &str) -> PropSpec {
    PropSpec { prop_id: Id::slug(shape), shape: Id::slug(shape), colours: Vec::new(), look: String::new(), lit: false, inscription: None }
}

/// The strip of a place covers neither its people nor the things in it.
#[test]
fn a_strip_lies_where_nothing_stands() {
    let canvas = Canvas::of(Aspect::Wide, 180);
    let (w, h) = (canvas.width, canvas.height);
    let mut moved = 0;
    for (family, look, framing, shape) in [
        (PlaceFamily::Desert, "a white plain of salt", Framing::Wide, "marker"),
        (PlaceFamily::Village, "a lane of cottages", Framing::Wide, "door"),
        (PlaceFamily::Mountain, "a bare hill, a mill", Framing::Wide, "door"),
        (PlaceFamily::InteriorRoom, "a cottage of one room, a hearth", Framing::Full, "door"),
        (PlaceFamily::Coast, "stone steps, a small boat", Framing::Wide, "chest"),
    ] {
        for style in [VisualStyle::Paper, VisualStyle::Woodcut] {
            let mut place = PlaceSpec { style, ..super::place(family, look, TimeOfDay::Day, Weather::Clear) };
            let bare = super::background(&place, framing, canvas);
            place.props = vec![thing(shape), thing("chest"), thing("chair")];
            let figures: Vec<_> = [(Slot::Left, FigureKind::Woman), (Slot::Right, FigureKind::Man)]
                .map(|(slot, kind)| super::figure(&place, framing, kind, slot))
                .into();
            let mut spec = card(CardKind::Location, style, &["by day"], &place);
            let usual = paint::card(&spec, canvas)[0].rect();
            spec.over = Some(Box::new(Over { framing, figures: figures.clone(), view: None }));
            let strip = paint::card(&spec, canvas)[0].rect();
            moved += usize::from(strip != usual);
            let flat = |planes: &[PaintedPlane]| light::flatten(&planes.iter().map(PaintedPlane::as_plane).collect::<Vec<_>>(), w, h);
            let whole = super::background(&place, framing, canvas);
            let (bare, full) = (flat(&bare), flat(&whole));
            let people: Vec<PaintedPlane> = figures.iter().flat_map(|f| paint::figure(f, canvas)).collect();
            let mut covered = 0;
            let area = strip.meet(&Rect::new(0, 0, w as i32, h as i32));
            for y in area.y..area.bottom() {
                for x in area.x..area.right() {
                    let i = (y as usize * w as usize + x as usize) * 4;
                    let changed = bare[i..i + 3].iter().zip(&full[i..i + 3]).any(|(a, b)| a.abs_diff(*b) > 40);
                    let person = people.iter().any(|p| {
                        let (px, py) = (x - p.x, y - p.y);
                        let inside = px >= 0 && py >= 0 && px < p.pixels.width as i32 && py < p.pixels.height as i32;
                        inside && p.pixels.rgba[((py * p.pixels.width as i32 + px) * 4 + 3) as usize] > 220
                    });
                    covered += usize::from(changed || person);
                }
            }
            assert!(
                covered * 10 < area.area(),
                "{look} {style:?}: {covered} of {} pixels of people and things under {strip:?}",
                area.area()
            );
        }
    }
    assert!(moved >= 2, "every strip lies where it always did");
}

/// A card's scene is that of its place: no two families share one, and what is told among stars shows no sea.
#[test]
fn cards_show_their_own_place() {
    let canvas = Canvas::of(Aspect::Wide, 120);
    let mut seen: Vec<(Vec<u8>, &str)> = Vec::new();
    for (family, look) in [
        (PlaceFamily::Coast, "a lighthouse"),
        (PlaceFamily::Coast, "black rocks in a channel of water"),
        (PlaceFamily::Sky, "space, black and full of stars"),
        (PlaceFamily::Sky, "a floor of cloud"),
        (PlaceFamily::Desert, "dunes"),
        (PlaceFamily::Mountain, "high peaks"),
        (PlaceFamily::Mountain, "a bare hill"),
        (PlaceFamily::Forest, "pines"),
        (PlaceFamily::River, "a bridge over a river"),
        (PlaceFamily::Village, "a lane of cottages"),
        (PlaceFamily::CityStreet, "tall houses"),
        (PlaceFamily::Vehicle, "the deck of a ship, its mast"),
    ] {
        let mut place = super::place(family, look, TimeOfDay::Night, Weather::Clear);
        // One seed for all: what differs is the scene.
        place.location_id = Id::slug("somewhere");
        let planes = paint::card(&card(CardKind::Title, VisualStyle::Paper, &["Tern Head"], &place), canvas);
        let motif = planes.iter().find(|p| p.name == "motif").unwrap_or_else(|| panic!("{look}: no motif"));
        if look.starts_with("space") {
            assert!(!planes.iter().any(|p| p.name == "sea"), "a sea among stars");
        }
        if let Some((_, other)) = seen.iter().find(|(rgba, _)| *rgba == motif.pixels.rgba) {
            panic!("{look} and {other} are one");
        }
        seen.push((motif.pixels.rgba.clone(), look));
    }
}

/// Those the film owes words are named whole, in letters one can read, however many they are.
#[test]
fn attributions_are_whole_and_within_the_card() {
    let place = super::place(PlaceFamily::Coast, "a lighthouse", TimeOfDay::Night, Weather::Clear);
    let one = "Mountain lake by A. Somebody, CC BY 4.0";
    let many: Vec<String> = (1..=14).map(|n| format!("Picture {n} of a shore in winter by A. Painter, CC BY 4.0")).collect();
    for aspect in [Aspect::Wide, Aspect::Tall, Aspect::Square] {
        let canvas = Canvas::of(aspect, 360);
        let title = craft::frame::Margins::title(canvas).within(canvas);
        for (owed, what) in [(one.to_owned(), "one"), (many[..4].join("; "), "four"), (many.join("; "), "fourteen")] {
            let small = ["Harrow Head, episode 1", "Written, painted, spoken and scored by Reelwright", owed.as_str()];
            for style in STYLES {
                let spec = card(CardKind::End, style, &small, &place);
                let lines = craft::cards::lines(&spec, canvas);
                let set: String = lines.last().expect("lines").0.join(" ");
                assert_eq!(
                    set.split_whitespace().collect::<Vec<_>>(),
                    owed.split_whitespace().collect::<Vec<_>>(),
                    "{aspect:?} {what}: cut"
                );
                let size = lines.last().expect("lines").1;
                assert!(size >= if what == "fourteen" { 8.0 } else { 12.0 }, "{aspect:?} {what}: letters of {size:.1} units");
                for area in paint::text_boxes(&spec, canvas) {
                    assert!(title.holds(&area), "{aspect:?} {style:?} {what}: {area:?} leaves {title:?}");
                }
                let overlap = paint::text_boxes(&spec, canvas).windows(2).any(|w| w[0].bottom() > w[1].y + 2);
                assert!(!overlap, "{aspect:?} {style:?} {what}: lines run into each other");
            }
        }
        let spec = card(CardKind::End, VisualStyle::Pastel, &["Harrow Head", "Written by Reelwright", &many[..3].join("; ")], &place);
        // Letters of ten lines and more are measured where a stroke has a body: at the size films are shown.
        for (line, (ratio, _)) in contrasts(&spec, Canvas::of(aspect, 720), &[]).into_iter().enumerate() {
            assert!(ratio >= 4.5, "{aspect:?} line {line}: {ratio:.2} : 1");
        }
    }
}
