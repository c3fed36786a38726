//! A sheet of many places in one picture: `cargo run --example sheets -- OUT.png COLUMNS SHORT CELL…`, a cell being
//! `family|look|id|hour|weather|framing|people|style|aspect|props` (`people`: how many; `props`: shapes, joined by `+`; what
//! is empty has a default). For eyes: the tests judge what can be counted.

use std::env;

use contracts::{
    Id,
    picture::{BackgroundSpec, Canvas, Expression, Facing, FigureSpec, Framing, InsertSpec, PlaceSpec, Pose, PropSpec, Slot},
    project::Aspect,
    story::{Look, Mood},
};
use craft::{
    light,
    paint::{self, PaintedPlane},
};

fn read<T: serde::de::DeserializeOwned>(text: &str, default: &str) -> T {
    let text = if text.is_empty() { default } else { text };
    serde_json::from_value(serde_json::Value::String(text.to_owned())).expect("a word of the contract")
}

fn look(who: usize) -> Look {
    let text = [
        r##"{"figure":"woman","age":34,"build":"slight","skin":"#d9a583","hair":"#8a3a20","hair_style":"bun","beard":"none","headwear":"none","eyes":"#4c6a4a","coat":"#1f4a3b","accent":"#e6dcc4","scarf":false,"emblem":"key","words":""}"##,
        r##"{"figure":"man","age":58,"build":"broad","skin":"#c8916f","hair":"#9a9c9c","hair_style":"short","beard":"full","headwear":"cap","eyes":"#4a6880","coat":"#252f42","accent":"#b57a26","scarf":true,"emblem":"none","words":""}"##,
    ];
    serde_json::from_str(text[who]).expect("a look")
}

struct Cell {
    planes: Vec<PaintedPlane>,
    canvas: Canvas,
}

fn paint_cell(spec: &str, short: u32) -> Cell {
    let part: Vec<&str> = spec.split('|').collect();
    let at = |i: usize| part.get(i).copied().unwrap_or("");
    let props = at(9)
        .split('+')
        .filter(|s| !s.is_empty())
        .map(|s| {
            let (shape, lit) = s.strip_suffix('*').map_or((s, false), |s| (s, true));
            PropSpec { prop_id: Id::slug(shape), shape: Id::slug(shape), colours: vec![], look: shape.into(), lit, inscription: None }
        })
        .collect();
    let place = PlaceSpec {
        location_id: Id::slug(if at(2).is_empty() { "place" } else { at(2) }),
        family: read(at(0), "coast"),
        look: at(1).into(),
        time_of_day: read(at(3), "day"),
        weather: read(at(4), "clear"),
        mood: Mood::Calm,
        style: read(at(7), "paper"),
        props,
    };
    let framing: Framing = read(at(5), "wide");
    let canvas = Canvas::of(read::<Aspect>(at(8), "16:9"), short);
    let people: usize = at(6).parse().unwrap_or(0);
    if framing == Framing::Insert {
        let prop = place.props.first().cloned().expect("an insert shows a prop");
        let hand = (people > 0).then(|| look(0));
        return Cell {
            planes: paint::insert(&InsertSpec { prop, hand, hand_from: None, place: PlaceSpec { props: vec![], ..place } }, canvas),
            canvas,
        };
    }
    let toward = if matches!(framing, Framing::Close | Framing::Medium) { Facing::Right } else { Facing::Front };
    let mut planes = paint::background(&BackgroundSpec { place: place.clone(), framing, toward }, canvas);
    for who in 0..people.min(2) {
        let spec = FigureSpec {
            character_id: Id::slug(["agnes", "joss"][who]),
            look: look(who),
            framing,
            slot: [Slot::Left, Slot::Right][who],
            facing: [Facing::Right, Facing::Left][who],
            pose: Pose::Stand,
            expression: Expression::Worried,
            holding: None,
            speaks: true,
            take: contracts::picture::Take::default(),
            place: place.clone(),
        };
        planes.extend(paint::figure(&spec, canvas));
    }
    planes.sort_by_key(|p| p.depth);
    Cell { planes, canvas }
}

#[allow(clippy::disallowed_methods, clippy::print_stdout, reason = "an example that shows pictures; nothing depends on its files")]
fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    let (columns, short): (usize, u32) = (args[1].parse().expect("columns"), args[2].parse().expect("a short side"));
    let cells: Vec<Cell> = args[3..].iter().map(|spec| paint_cell(spec, short)).collect();
    let rows: Vec<&[Cell]> = cells.chunks(columns).collect();
    let gap = 6;
    let width = rows.iter().map(|r| r.iter().map(|c| c.canvas.width + gap).sum::<u32>()).max().unwrap_or(gap) + gap;
    let height = rows.iter().map(|r| r.iter().map(|c| c.canvas.height).max().unwrap_or(0) + gap).sum::<u32>() + gap;
    let mut rgb = vec![24u8; (width * height * 3) as usize];
    let mut y = gap;
    for row in rows {
        let mut x = gap;
        for cell in row {
            let stack: Vec<light::Plane> = cell.planes.iter().map(PaintedPlane::as_plane).collect();
            let rgba = light::flatten(&stack, cell.canvas.width, cell.canvas.height);
            for (j, line) in rgba.chunks_exact(cell.canvas.width as usize * 4).enumerate() {
                for (i, px) in line.chunks_exact(4).enumerate() {
                    let to = (((y as usize + j) * width as usize) + x as usize + i) * 3;
                    rgb[to..to + 3].copy_from_slice(&px[..3]);
                }
            }
            x += cell.canvas.width + gap;
        }
        y += row.iter().map(|c| c.canvas.height).max().unwrap_or(0) + gap;
    }
    let mut bytes = Vec::new();
    {
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::Fast);
        let mut writer = encoder.write_header().expect("header");
        writer.write_image_data(&rgb).expect("data");
    }
    std::fs::write(&args[0], &bytes).expect("the file can be written");
    for cell in &cells {
        let list: Vec<String> = cell.planes.iter().map(|p| format!("{}@{}", p.name, p.depth)).collect();
        println!("{} planes: {}", list.len(), list.join(" "));
    }
}
