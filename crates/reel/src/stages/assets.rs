//! AssetManifest → ResolvedAssets: the project's library by tags, else painted or composed here, else a marked stand-in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use contracts::{
    Document, Hash, Id, SAMPLE_RATE,
    assets::{AssetManifest, AssetSource, Media, Need, NeedSpec, Patch, Plane, ResolvedAsset, ResolvedAssets, Rights, SoundSpec, StandIn},
    choice::Decided,
    lexicon::{Substitution, WordKind},
    picture::{Canvas, CardKind, Framing, PlaceSpec, PropSpec, StandInSpec, View},
    table_read::TableRead,
};
use craft::paint::{PaintedPlane, Pixels};
use media::{image, import, wav};
use orchestrator::{Grade, Outputs, StepCx, StepError};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    FnStep, Made, Shop, fault, json,
    music::{self, Chosen},
    step,
};
use crate::{
    choosing::{self, Choosing, Held, records::Took},
    failure::Failure,
    project::{LibraryEntry, ProjectFolder},
    tools::Tools,
};

/// What shows through a picture that has holes, as the sheet it would be glued on: `#efe6d6`.
const PAPER: [u8; 3] = [0xef, 0xe6, 0xd6];
/// Who made what this machine made.
pub const ARTIST: &str = "Reelwright";

pub fn run(
    shop: &mut Shop,
    folder: &ProjectFolder,
    manifest: &Made<AssetManifest>,
    read: &Made<TableRead>,
    tools: &Arc<Tools>,
) -> Result<(Made<ResolvedAssets>, Met), Failure> {
    let mut shelf = Shelf { folder, read: BTreeMap::new() };
    let choices = choices(&mut shelf, &manifest.doc, read.doc.voiced, tools.choosing()?)?;
    let needs = credited(&mut shelf, &manifest.doc.needs, &choices);
    writable(&needs)?;
    let canvas = manifest.doc.canvas;
    let mut assets: BTreeMap<Id, ResolvedAsset> = BTreeMap::new();
    let mut works = Vec::new();
    let mut asked = Vec::new();
    for need in &needs {
        match &need.spec {
            NeedSpec::Voice(voice) => {
                assets.insert(need.id.clone(), spoken(&read.doc, &voice.line_id));
            }
            NeedSpec::Music(spec) => {
                let chosen = choices.music(need, Chosen::of(&mut shelf, need, spec));
                asked.push(need.id.clone());
                works.push(music::work(shop, need, spec, chosen, tools)?);
            }
            _ => {
                asked.push(need.id.clone());
                works.push(work(&mut shelf, need, canvas, choices.first(need)));
            }
        }
    }
    let mut took = Took::new();
    for (id, result) in asked.into_iter().zip(shop.all("assets", works)?) {
        if !result.hit {
            took.insert(id.clone(), result.ms);
        }
        assets.insert(id, serde_json::from_value(result.outputs.facts).map_err(Failure::internal)?);
    }
    let decided = needs.iter().filter_map(|need| choices.met(need, &assets, &read.doc)).collect();
    let resolved = ResolvedAssets {
        project_id: manifest.doc.project_id.clone(),
        episode: manifest.doc.episode,
        manifest: manifest.hash.clone(),
        assets,
    };
    let resolved = shop.document("assets", Grade::Pinned, json(&resolved), move |_| Ok(resolved.clone()))?;
    Ok((resolved, Met { choices, decided, took }))
}

/// What was chosen for the needs of an episode, and what came of it.
pub struct Met {
    choices: Choices,
    /// The records, in the order of the needs.
    pub decided: Vec<Decided>,
    /// How long what was made took, milliseconds; what is not there was remembered.
    pub took: Took,
}

/// Choices by need.
struct Choices(BTreeMap<Id, choosing::Chosen>);

/// Asks for every need which tool meets it, before anything is made.
fn choices(shelf: &mut Shelf<'_>, manifest: &AssetManifest, voiced: bool, choosing: &Choosing) -> Result<Choices, Failure> {
    let mut chosen = BTreeMap::new();
    for need in &manifest.needs {
        let held = match &need.spec {
            // Lines on cards are spoken by nobody.
            NeedSpec::Voice(_) if !voiced => continue,
            NeedSpec::Background(_) | NeedSpec::Insert(_) => match shelf.look(need.library_id.as_ref(), &need.tags) {
                Wanted::Nothing => Held::Nothing,
                Wanted::File(..) => Held::File,
                Wanted::Missing(_, why) => Held::Unusable(why),
            },
            NeedSpec::Music(spec) => Chosen::of(shelf, need, spec).held(),
            _ => Held::Nothing,
        };
        chosen.insert(need.id.clone(), choosing.of_need(need, &held, manifest.canvas)?);
    }
    Ok(Choices(chosen))
}

impl Choices {
    /// The tool that is tried first.
    fn first(&self, need: &Need) -> &str {
        self.0.get(&need.id).map_or("", choosing::Chosen::first)
    }

    /// What the library has for the score, where it was chosen.
    fn music(&self, need: &Need, held: Chosen) -> Chosen {
        if held.held() == Held::File && self.first(need) != choosing::LIBRARY_MUSIC { held.instruments() } else { held }
    }

    fn met(&self, need: &Need, assets: &BTreeMap<Id, ResolvedAsset>, read: &TableRead) -> Option<Decided> {
        let chosen = self.0.get(&need.id)?.clone();
        match &need.spec {
            NeedSpec::Voice(voice) => Some(chosen.spoken(need, read.lines.iter().find(|line| line.line_id == voice.line_id))),
            _ => Some(chosen.met(need, assets.get(&need.id)?)),
        }
    }
}

/// The same assets with their pictures made for another frame: what met a need stays, and is painted or cut anew at the size
/// that is shown. What the chain records are the pictures for the manifest's frame, in every profile.
pub fn plates(
    shop: &mut Shop,
    folder: &ProjectFolder,
    manifest: &Made<AssetManifest>,
    (resolved, met): (&Made<ResolvedAssets>, &Met),
    canvas: Canvas,
) -> Result<Made<ResolvedAssets>, Failure> {
    if canvas == manifest.doc.canvas {
        return Ok(resolved.clone());
    }
    let mut shelf = Shelf { folder, read: BTreeMap::new() };
    let pictured = |need: &&Need| !matches!(need.spec, NeedSpec::Voice(_) | NeedSpec::Music(_) | NeedSpec::Sound(_));
    let needs = credited(&mut shelf, &manifest.doc.needs, &met.choices);
    let needs: Vec<&Need> = needs.iter().filter(pictured).collect();
    let works = needs.iter().map(|need| work(&mut shelf, need, canvas, met.choices.first(need))).collect();
    let mut plates = (*resolved.doc).clone();
    for (need, result) in needs.iter().zip(shop.all("plates", works)?) {
        let painted: ResolvedAsset = serde_json::from_value(result.outputs.facts).map_err(Failure::internal)?;
        if let Some(asset) = plates.assets.get_mut(&need.id) {
            asset.media = painted.media;
        }
    }
    let hash = plates.seal().map_err(Failure::internal)?.1;
    Ok(Made { doc: Arc::new(plates), hash })
}

/// The needs, their end card with whom the film owes words for what it shows and plays of the library.
fn credited(shelf: &mut Shelf<'_>, needs: &[Need], choices: &Choices) -> Vec<Need> {
    let mut owed: BTreeSet<String> = BTreeSet::new();
    for need in needs {
        match &need.spec {
            NeedSpec::Background(_) | NeedSpec::Insert(_) if choices.first(need) == choosing::LIBRARY_PICTURE => {
                if let Wanted::File(_, entry, _) = shelf.look(need.library_id.as_ref(), &need.tags) {
                    owed.extend(entry.rights().attribution);
                }
            }
            NeedSpec::Music(spec) => owed.extend(choices.music(need, Chosen::of(shelf, need, spec)).owed()),
            _ => {}
        }
    }
    let mut needs = needs.to_vec();
    for need in &mut needs {
        match &mut need.spec {
            NeedSpec::Card(card) if card.card == CardKind::End && !owed.is_empty() => {
                card.small.push(owed.iter().map(|words| words.trim()).collect::<Vec<_>>().join("; "));
            }
            _ => {}
        }
    }
    needs
}

/// The glyph gate: a letter that no font here has would silently be left out of a card or a slip.
fn writable(needs: &[Need]) -> Result<(), Failure> {
    for need in needs {
        let words: Vec<&String> = match &need.spec {
            NeedSpec::Card(card) => card.text.iter().chain(&card.small).collect(),
            NeedSpec::Insert(insert) => insert.prop.inscription.iter().collect(),
            _ => continue,
        };
        for text in words {
            let missing = craft::text::missing(text);
            if !missing.is_empty() {
                let letters: String = missing.into_iter().collect();
                let message = format!("[glyphs] the picture of `{text}` asks for `{letters}`, which no font here has");
                return Err(Failure::blocked(
                    message,
                    "write it with other letters (project.toml, canon.toml) and run again; no film was made",
                ));
            }
        }
    }
    Ok(())
}

/// A line's voice was recorded at the table read.
fn spoken(read: &TableRead, line: &Id) -> ResolvedAsset {
    let spoken = read.lines.iter().find(|r| &r.line_id == line);
    let media = match spoken.and_then(|r| r.audio.clone().map(|audio| (audio, r.samples))) {
        Some((audio, samples)) => Media::Sound { audio, samples, channels: 1 },
        None => Media::Silence,
    };
    let author = spoken.map_or(ARTIST, |r| r.engine.as_str());
    let unspoken = spoken.and_then(|r| r.unspoken.clone());
    let stand_in = unspoken.map(|why| StandIn { missing_id: line.to_string(), reason: format!("nobody speaks this line: {why}") });
    ResolvedAsset {
        source: AssetSource::Local,
        media,
        rights: Rights::cleared(author),
        stand_in,
        substitutions: Vec::new(),
        parts: Vec::new(),
    }
}

fn work(shelf: &mut Shelf<'_>, need: &Need, canvas: Canvas, tool: &str) -> FnStep {
    let name = need.id.to_string();
    match &need.spec {
        NeedSpec::Sound(spec) => sounding(name, spec.clone()),
        // People stay puppets and cards stay ours: only whole pictures come from a library.
        NeedSpec::Background(spec) => picture(shelf, need, canvas, (&spec.place, spec.framing), tool),
        NeedSpec::Insert(spec) => picture(shelf, need, canvas, (&spec.place, Framing::Insert), tool),
        NeedSpec::Figure(_) | NeedSpec::Card(_) | NeedSpec::Voice(_) | NeedSpec::Music(_) => paint(name, need, canvas),
    }
}

/// The step that makes a sound of what it reads.
pub fn sounding(name: String, spec: SoundSpec) -> FnStep {
    let reads = json(&spec);
    let act = move |cx: &StepCx| sound(cx, craft::foley::sound(&spec), &spec.sound, nearest_sound(&spec.sound));
    step(name, "sound", Grade::Pure, reads, act).portable()
}

/// A picture by the tool that was chosen for it.
fn picture(shelf: &mut Shelf<'_>, need: &Need, canvas: Canvas, (place, framing): (&PlaceSpec, Framing), tool: &str) -> FnStep {
    let name = need.id.to_string();
    match (tool, shelf.look(need.library_id.as_ref(), &need.tags)) {
        (choosing::LIBRARY_PICTURE, Wanted::File(id, entry, bytes)) => from_library(name, id, entry, bytes, canvas, place.clone(), framing),
        (choosing::STAND_IN, Wanted::Missing(missing_id, reason)) => stand_in(name, place.clone(), framing, canvas, &missing_id, reason),
        (choosing::STAND_IN, _) => {
            let reason = "the policy puts a stand-in before every other tool".to_owned();
            stand_in(name, place.clone(), framing, canvas, &need.id, reason)
        }
        _ => paint(name, need, canvas),
    }
}

/// What the author's library says to a need.
pub enum Wanted {
    Nothing,
    File(Id, LibraryEntry, Arc<Vec<u8>>),
    Missing(Id, String),
}

/// The author's library, each file of it read at most once a run.
pub struct Shelf<'a> {
    folder: &'a ProjectFolder,
    read: BTreeMap<Id, Result<Arc<Vec<u8>>, String>>,
}

impl Shelf<'_> {
    /// What the library has under a name, else for tags.
    pub fn look(&mut self, named: Option<&Id>, tags: &[String]) -> Wanted {
        let library = &self.folder.library;
        let found = match named {
            Some(id) => match library.entries.get(id) {
                Some(entry) => Some((id, entry)),
                None => return Wanted::Missing(id.clone(), "library/library.toml has no entry of this name".into()),
            },
            None => library.find(tags),
        };
        let Some((id, entry)) = found else { return Wanted::Nothing };
        if let Err(why) = gates::rights::cleared(&entry.rights()) {
            return Wanted::Missing(id.clone(), format!("library/{} is not used: {why}", entry.file));
        }
        let bytes = self.read.entry(id.clone()).or_insert_with(|| {
            self.folder.library_file(entry).map(Arc::new).map_err(|error| format!("library/{} cannot be read: {error}", entry.file))
        });
        match bytes {
            Ok(bytes) => Wanted::File(id.clone(), entry.clone(), Arc::clone(bytes)),
            Err(reason) => Wanted::Missing(id.clone(), reason.clone()),
        }
    }
}

/// A picture of the author's, cut to cover the frame and what a moving camera shows beyond it; a stand-in that says why
/// when it cannot be read.
fn from_library(
    name: String,
    id: Id,
    entry: LibraryEntry,
    bytes: Arc<Vec<u8>>,
    canvas: Canvas,
    place: PlaceSpec,
    framing: Framing,
) -> FnStep {
    let spec = StandInSpec { missing_id: id.clone(), place, framing };
    let projection = json!({
        "picture": Hash::of(&bytes), "file": entry.file, "canvas": json(&canvas), "rights": json(&entry.rights()), "else": json(&spec),
    });
    step(name, "library", Grade::Pure, projection, move |cx| {
        let (x, y) = (canvas.width / 12, canvas.height / 12);
        let picture = match import::read(&bytes) {
            Ok(picture) => picture.on(PAPER).cover(canvas.width + 2 * x, canvas.height + 2 * y),
            Err(error) => {
                let missing = StandIn { missing_id: id.to_string(), reason: format!("library/{} cannot be used: {error}", entry.file) };
                return planes_stored(cx, craft::paint::stand_in(&spec, canvas), canvas, Some(missing), Vec::new());
            }
        };
        let png = cx.put_bytes(&image::encode(&picture).map_err(fault)?)?;
        let plane = Plane {
            name: id.to_string(),
            image: png.hash.clone(),
            x: -(x as i32),
            y: -(y as i32),
            width: picture.width,
            height: picture.height,
            parallax: 300,
            depth: 0,
            states: BTreeMap::new(),
            sway: None,
            tracks: Vec::new(),
            cycles: Vec::new(),
        };
        let media = Media::Picture { canvas, planes: vec![plane] };
        let asset = ResolvedAsset {
            source: AssetSource::Library,
            media,
            rights: entry.rights(),
            stand_in: None,
            substitutions: Vec::new(),
            parts: Vec::new(),
        };
        Ok(Outputs::new().with("0", png).with_facts(json(&asset)))
    })
}

/// A picture of this machine's artist, for a need that no library is asked about.
pub fn painted(need: &Need, canvas: Canvas) -> FnStep {
    paint(need.id.to_string(), need, canvas)
}

fn paint(name: String, need: &Need, canvas: Canvas) -> FnStep {
    painting(name, PaintSpec { spec: need.spec.clone(), view: need.view, canvas })
}

/// Everything a picture is painted from.
#[derive(Serialize, Deserialize)]
pub struct PaintSpec {
    spec: NeedSpec,
    /// From where it is seen, when that is not as usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    view: Option<View>,
    canvas: Canvas,
}

/// A picture, to be painted by any process.
pub fn painting(name: String, paint: PaintSpec) -> FnStep {
    let projection = json(&paint);
    let PaintSpec { spec, view, canvas } = paint;
    let act = move |cx: &StepCx| {
        let planes = craft::paint::viewed(view, canvas, |canvas| match &spec {
            NeedSpec::Background(s) => craft::paint::background(s, canvas),
            NeedSpec::Figure(s) => craft::paint::figure(s, canvas),
            NeedSpec::Insert(s) => craft::paint::insert(s, canvas),
            NeedSpec::Card(s) => craft::paint::card(s, canvas),
            NeedSpec::Voice(_) | NeedSpec::Music(_) | NeedSpec::Sound(_) => Vec::new(),
        });
        planes_stored(cx, planes, canvas, None, nearest_shapes(&spec))
    };
    step(name, "paint", Grade::Pure, projection, act).portable()
}

fn stand_in(name: String, place: PlaceSpec, framing: Framing, canvas: Canvas, missing: &Id, reason: String) -> FnStep {
    let spec = StandInSpec { missing_id: missing.clone(), place, framing };
    let projection = json!({"stand_in": json(&spec), "reason": reason, "canvas": json(&canvas)});
    let missing = StandIn { missing_id: missing.to_string(), reason };
    step(name, "paint", Grade::Pure, projection, move |cx| {
        planes_stored(cx, craft::paint::stand_in(&spec, canvas), canvas, Some(missing.clone()), Vec::new())
    })
}

fn planes_stored(
    cx: &StepCx,
    painted: Vec<PaintedPlane>,
    canvas: Canvas,
    stand_in: Option<StandIn>,
    substitutions: Vec<Substitution>,
) -> Result<Outputs, StepError> {
    let mut outputs = Outputs::new();
    let mut store = |pixels: Pixels| -> Result<Hash, StepError> {
        let picture = image::Image { width: pixels.width, height: pixels.height, rgba: pixels.rgba };
        let png = cx.put_bytes(&image::encode(&picture).map_err(fault)?)?;
        let hash = png.hash.clone();
        outputs.files.insert(hash.to_string(), png);
        Ok(hash)
    };
    let mut planes = Vec::new();
    for plane in painted {
        let mut states = BTreeMap::new();
        for (state, patch) in plane.states {
            let (width, height) = (patch.pixels.width, patch.pixels.height);
            states.insert(state, Patch { image: store(patch.pixels)?, x: patch.x, y: patch.y, width, height });
        }
        let (width, height) = (plane.pixels.width, plane.pixels.height);
        planes.push(Plane {
            name: plane.name,
            image: store(plane.pixels)?,
            x: plane.x,
            y: plane.y,
            width,
            height,
            parallax: plane.parallax,
            depth: plane.depth,
            states,
            sway: plane.sway,
            tracks: plane.tracks,
            cycles: plane.cycles,
        });
    }
    let asset = ResolvedAsset {
        source: AssetSource::Local,
        media: Media::Picture { canvas, planes },
        rights: Rights::cleared(ARTIST),
        stand_in,
        substitutions,
        parts: Vec::new(),
    };
    Ok(outputs.with_facts(json(&asset)))
}

/// Things whose shape nobody here can draw, and what is drawn in their place.
fn nearest_shapes(spec: &NeedSpec) -> Vec<Substitution> {
    let props: Vec<&PropSpec> = match spec {
        NeedSpec::Background(s) => s.place.props.iter().collect(),
        NeedSpec::Figure(s) => s.holding.iter().collect(),
        NeedSpec::Insert(s) => vec![&s.prop],
        NeedSpec::Card(_) | NeedSpec::Voice(_) | NeedSpec::Music(_) | NeedSpec::Sound(_) => Vec::new(),
    };
    let drawn = props.into_iter().map(|prop| (&prop.shape, craft::props::drawn_as(&prop.shape)));
    drawn
        .filter(|(_, (_, same))| !same)
        .map(|(shape, (used, _))| Substitution { kind: WordKind::Prop, asked: shape.to_string(), used: used.to_owned() })
        .collect()
}

/// What is heard in place of a sound that nobody here can make.
fn nearest_sound(asked: &Id) -> Option<Substitution> {
    let (used, same) = craft::foley::made_as(asked)?;
    (!same).then(|| Substitution { kind: WordKind::Sound, asked: asked.to_string(), used: used.to_owned() })
}

pub fn sound(cx: &StepCx, samples: Option<Vec<f32>>, name: &str, used: Option<Substitution>) -> Result<Outputs, StepError> {
    let rights = Rights::cleared(ARTIST);
    let Some(samples) = samples else {
        let missing = StandIn { missing_id: name.to_owned(), reason: "nobody here can make this sound: it stays silent".into() };
        let asset = ResolvedAsset {
            source: AssetSource::Local,
            media: Media::Silence,
            rights,
            stand_in: Some(missing),
            substitutions: Vec::new(),
            parts: Vec::new(),
        };
        return Ok(Outputs::new().with_facts(json(&asset)));
    };
    let pcm: Vec<i16> = samples.iter().map(|s| (s.clamp(-1.0, 1.0) * 32_767.0).round() as i16).collect();
    let audio = cx.put_bytes(&wav::write(SAMPLE_RATE as u32, 2, &pcm).map_err(fault)?)?;
    let media = Media::Sound { audio: audio.hash.clone(), samples: pcm.len() as u64 / 2, channels: 2 };
    let asset = ResolvedAsset {
        source: AssetSource::Local,
        media,
        rights,
        stand_in: None,
        substitutions: used.into_iter().collect(),
        parts: Vec::new(),
    };
    Ok(Outputs::new().with("audio", audio).with_facts(json(&asset)))
}
