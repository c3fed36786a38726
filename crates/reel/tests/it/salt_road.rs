//! The second example: another genre, three people, a tall frame, another rate, and pictures of its author's own.

use std::{collections::BTreeMap, fs};

use contracts::{
    EditRate,
    assets::{AssetManifest, AssetSource, Media, ResolvedAssets},
    picture::Canvas,
    project::Aspect,
    read,
    shots::ShotList,
};

use crate::{ok, reel, root};

#[test]
fn the_salt_road_is_written_through_its_season() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut said: BTreeMap<String, u32> = BTreeMap::new();
    for episode in ["1", "2", "3"] {
        let story = ok(reel(dir.path()).arg("write").arg(root().join("examples/salt-road")).args(["--json", "--episode", episode]));
        assert_eq!(story["story_arc"]["pack"], "adventure@1");
        assert_eq!(story["canon_diff"]["verdict"]["pass"], true, "{}", story["canon_diff"]["verdict"]);
        let cast = story["cast"]["members"].as_array().expect("a cast");
        assert_eq!(cast.len(), 3);
        for member in cast {
            let speaks = |s: &serde_json::Value| {
                let beats = s["beats"].as_array().into_iter().flatten();
                beats.flat_map(|b| b["lines"].as_array().into_iter().flatten()).any(|l| l["speaker_id"] == member["id"])
            };
            assert!(story["script"]["scenes"].as_array().is_some_and(|s| s.iter().any(speaks)), "{} has no line", member["id"]);
        }
        for scene in story["script"]["scenes"].as_array().expect("scenes") {
            for beat in scene["beats"].as_array().expect("beats") {
                for line in beat["lines"].as_array().into_iter().flatten() {
                    *said.entry(line["text"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
                }
            }
        }
    }
    assert!(said.len() > 50 && said.values().all(|n| *n == 1), "{said:?}");
}

#[test]
fn the_salt_road_is_a_tall_film_at_its_own_rate_with_its_own_pictures() {
    let dir = tempfile::tempdir().expect("a folder");
    let out = dir.path().join("out");
    let mut produce = reel(dir.path());
    produce.arg("produce").arg(root().join("examples/salt-road")).args(["--yes", "--json", "--draft", "--no-voice", "--out"]).arg(&out);
    let done = ok(&mut produce);
    assert_eq!(done["status"], "completed", "{done}");
    assert!(done["stand_ins"].as_array().is_none_or(Vec::is_empty), "{done}");
    let shots: ShotList = read(&fs::read(out.join("ShotList.json")).expect("reads")).expect("is a document");
    let rate = EditRate { num: 30, den: 1 };
    assert_eq!(shots.edit_rate, rate);
    // A silent film stands as long as its captions take to read.
    assert!(rate.ms(shots.total_frames) >= 45_000, "{} ms", rate.ms(shots.total_frames));
    let manifest: AssetManifest = read(&fs::read(out.join("AssetManifest.json")).expect("reads")).expect("is a document");
    assert!(manifest.canvas.height * 9 == manifest.canvas.width * 16, "{:?}", manifest.canvas);
    assert_eq!(manifest.canvas, Canvas::of(Aspect::Tall, manifest.canvas.width));
    let resolved: ResolvedAssets = read(&fs::read(out.join("ResolvedAssets.json")).expect("reads")).expect("is a document");
    let own: Vec<_> = resolved.assets.values().filter(|a| a.source == AssetSource::Library).collect();
    assert!(!own.is_empty(), "no picture of the library is used");
    for asset in own {
        assert_eq!((asset.rights.licence.as_str(), asset.rights.author.as_str()), ("CC0-1.0", "Reelwright"));
        assert!(matches!(&asset.media, Media::Picture { canvas, .. } if *canvas == manifest.canvas));
    }
}
