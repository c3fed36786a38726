//! Paints every shot of a film as it is planned, without rendering it:
//! `cargo run --release --example film -- AssetManifest.json OUTDIR [SHOT-PART] [STATE]`. STATE is a state of a figure, such as
//! `mouth:open`. For eyes: the tests judge what can be counted.

use std::{collections::BTreeMap, env, path::Path};

use contracts::assets::{AssetManifest, NeedSpec};
use craft::{
    light,
    paint::{self, PaintedPlane},
};

#[allow(clippy::disallowed_methods, clippy::print_stdout, reason = "an example that shows pictures; nothing depends on its files")]
fn main() {
    let mut args = env::args().skip(1);
    let (manifest, dir) = (args.next().expect("a manifest"), args.next().expect("a directory"));
    let (part, state) = (args.next().unwrap_or_default(), args.next().unwrap_or_default());
    let text = std::fs::read(manifest).expect("the manifest can be read");
    let manifest: AssetManifest = serde_json::from_slice(&text).expect("a manifest");
    let canvas = manifest.canvas;
    let mut shots: BTreeMap<String, Vec<&NeedSpec>> = BTreeMap::new();
    for need in &manifest.needs {
        for shot in &need.used_by {
            if shot.as_str().contains(&part) {
                shots.entry(shot.to_string()).or_default().push(&need.spec);
            }
        }
    }
    for (shot, needs) in shots {
        let mut planes: Vec<PaintedPlane> = Vec::new();
        for need in needs {
            planes.extend(match need {
                NeedSpec::Background(spec) => paint::background(spec, canvas),
                NeedSpec::Figure(spec) => paint::figure(spec, canvas),
                NeedSpec::Insert(spec) => paint::insert(spec, canvas),
                NeedSpec::Card(spec) => paint::card(spec, canvas),
                _ => Vec::new(),
            });
        }
        if planes.is_empty() {
            continue;
        }
        planes.sort_by_key(|p| p.depth);
        let list: Vec<String> = planes.iter().map(|p| format!("{}@{}", p.name, p.depth)).collect();
        println!("{shot}: {} planes: {}", list.len(), list.join(" "));
        let stack: Vec<light::Plane> = planes
            .iter()
            .map(|plane| {
                let mut shown = plane.as_plane();
                if let Some(patch) = plane.states.get(&state) {
                    let wide = patch.pixels.width as usize * 4;
                    for (j, row) in patch.pixels.rgba.chunks_exact(wide).enumerate() {
                        let at = ((patch.y + j as i32 - shown.y) as usize * shown.w as usize + (patch.x - shown.x) as usize) * 4;
                        shown.rgba[at..at + wide].copy_from_slice(row);
                    }
                }
                shown
            })
            .collect();
        let rgb: Vec<u8> = light::flatten(&stack, canvas.width, canvas.height).chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect();
        let mut bytes = Vec::new();
        {
            let mut encoder = png::Encoder::new(&mut bytes, canvas.width, canvas.height);
            encoder.set_color(png::ColorType::Rgb);
            encoder.set_depth(png::BitDepth::Eight);
            encoder.set_compression(png::Compression::Fast);
            let mut writer = encoder.write_header().expect("header");
            writer.write_image_data(&rgb).expect("data");
        }
        std::fs::write(Path::new(&dir).join(format!("{shot}.png")), &bytes).expect("the directory can be written");
    }
}
