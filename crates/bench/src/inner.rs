//! Inner motion for the workload: planes that the artist paints, with the tracks it gives them, laid over every picture. Two of
//! rain, two of dust, the fires of a lamp, and a person who breathes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use contracts::{
    Hash,
    assets::Plane,
    picture::{BackgroundSpec, Canvas, FigureSpec},
};
use craft::paint::{self, PaintedPlane};
use media::image;
use serde_json::{Value, json};

/// The planes, far to near, and their files in a folder.
pub fn planes(canvas: Canvas, folder: &Path) -> Result<(Vec<Plane>, Vec<PathBuf>), String> {
    let place = |family: &str, look: &str, hour: &str, weather: &str, props: Value| {
        json!({
            "location_id": "bench", "family": family, "look": look, "time_of_day": hour, "weather": weather, "mood": "calm",
            "style": "paper", "props": props
        })
    };
    let lamp = json!([{"prop_id": "lamp", "shape": "lamp", "colours": [], "look": "oil lamp", "lit": true}]);
    let room = place("interior_room", "a room with a window", "night", "clear", lamp);
    let shore = place("coast", "stone steps, a small boat", "day", "rain", json!([]));
    let background = |place: &Value, framing: &str| -> Result<Vec<PaintedPlane>, String> {
        let spec: BackgroundSpec =
            serde_json::from_value(json!({"place": place, "framing": framing, "toward": "front"})).map_err(|e| e.to_string())?;
        Ok(paint::background(&spec, canvas))
    };
    let person: FigureSpec = serde_json::from_value(json!({
        "character_id": "bench", "framing": "medium", "slot": "left", "facing": "right", "pose": "stand", "expression": "neutral",
        "speaks": false, "place": room,
        "look": {
            "figure": "woman", "age": 40, "build": "average", "skin": "#d9a583", "hair": "#8a3a20", "hair_style": "bun", "beard": "none",
            "headwear": "none", "eyes": "#4c6a4a", "coat": "#1f4a3b", "accent": "#b57a26", "scarf": false, "emblem": "key", "words": ""
        }
    }))
    .map_err(|e| e.to_string())?;
    let air = background(&shore, "wide")?.into_iter().filter(|q| q.name.starts_with("rain"));
    let fire = background(&room, "full")?.into_iter().filter(|q| q.name.starts_with("flicker") || q.name.starts_with("dust"));
    let mut painted: Vec<PaintedPlane> = air.chain(fire).chain(paint::figure(&person, canvas)).collect();
    painted.sort_by_key(|q| q.depth);
    if painted.len() < 6 || !painted.iter().all(PaintedPlane::moves) {
        let names: Vec<&str> = painted.iter().map(|q| q.name.as_str()).collect();
        return Err(format!("the artist moves other planes than this workload is made of: {}", names.join(", ")));
    }
    let (mut planes, mut files) = (Vec::new(), Vec::new());
    for (n, plane) in painted.into_iter().enumerate() {
        let (width, height) = (plane.pixels.width, plane.pixels.height);
        let rgba = plane.pixels.rgba;
        let png = image::encode(&image::Image { width, height, rgba }).map_err(|e| e.to_string())?;
        let file = folder.join(format!("inner-{n}.png"));
        std::fs::write(&file, &png).map_err(|e| format!("{}: {e}", file.display()))?;
        files.push(file);
        planes.push(Plane {
            name: format!("{}-{n}", plane.name),
            image: Hash::of(&png),
            x: plane.x,
            y: plane.y,
            width,
            height,
            parallax: plane.parallax,
            depth: 500 + n as u32,
            states: BTreeMap::new(),
            sway: plane.sway,
            tracks: plane.tracks,
            cycles: Vec::new(),
        });
    }
    Ok((planes, files))
}
