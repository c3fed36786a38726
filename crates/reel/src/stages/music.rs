//! Music of the author's own in place of stretches of the score: chosen by tags like a picture, made as loud as the score
//! would be there, and put on the same bus, so that it steps back for lines in the same way.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::Arc;

use contracts::{
    Hash, Id, SAMPLE_RATE,
    assets::{AssetSource, Media, MusicSpec, Need, Part, ResolvedAsset, Rights, StandIn},
    lexicon::{WordKind, meanings},
    shots::MusicCue,
    story::Mood,
};
use craft::score::{Font, Pace, Piece, Play, SYNTHESISER, Stretch, score, score_with, stretches};
use media::{music, wav};
use orchestrator::{Grade, Outputs, StepCx, StepError};
use render::mix::Meter;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    FnStep, Shop,
    assets::{ARTIST, Shelf, Wanted},
    fault, json, step,
};
use crate::{
    choosing::Held,
    failure::Failure,
    project::{LibraryEntry, MUSIC},
    tools::Tools,
};

/// The tag, beside `music`, of a soundfont that plays our score.
const SOUNDFONT: &str = "soundfont";
/// No fifth of a second of a piece is louder than this, before the fader: then it stays under three tenths of a line while
/// one is spoken, as the score does (`adapt::MUSIC_CB`, `MixSettings::duck_cb`).
const LOUDEST: f64 = 0.14;
/// No sample of it is above what the score keeps to.
const PEAK: f64 = 0.5;
/// A piece is made louder by at most this, hundredths of a decibel: noise stays noise.
const MOST_CB: i32 = 2_400;
/// What is quieter is no music, hundredths of a LUFS.
const SILENT_CB: i32 = -6_000;
/// How much of the score is heard to know how loud it is, in samples.
const HEARD: u64 = 12 * SAMPLE_RATE;

/// What the library has for the stretches of a film, in their order.
pub struct Chosen {
    stretches: Vec<Option<Id>>,
    pieces: BTreeMap<Id, (LibraryEntry, Arc<Vec<u8>>)>,
    /// The instruments that play our score.
    font: Option<(Id, LibraryEntry, Arc<Vec<u8>>)>,
    missing: BTreeMap<Id, String>,
}

impl Chosen {
    /// Looks for a piece for every stretch in which music sounds.
    pub fn of(shelf: &mut Shelf<'_>, need: &Need, spec: &MusicSpec) -> Self {
        let mut chosen = Self { stretches: Vec::new(), pieces: BTreeMap::new(), font: None, missing: BTreeMap::new() };
        match shelf.look(None, &[MUSIC.to_owned(), SOUNDFONT.to_owned()]) {
            Wanted::Nothing => {}
            Wanted::Missing(id, reason) => drop(chosen.missing.insert(id, reason)),
            Wanted::File(id, entry, bytes) => chosen.font = Some((id, entry, bytes)),
        }
        for stretch in stretches(spec) {
            let mut found = Wanted::Nothing;
            for tags in tags(need, spec, &stretch).iter().filter(|_| stretch.level > 0) {
                found = shelf.look(None, tags);
                if !matches!(found, Wanted::Nothing) {
                    break;
                }
            }
            let id = match found {
                Wanted::Nothing => None,
                Wanted::Missing(id, reason) => {
                    chosen.missing.insert(id, reason);
                    None
                }
                Wanted::File(id, entry, bytes) => {
                    chosen.pieces.insert(id.clone(), (entry, bytes));
                    Some(id)
                }
            };
            chosen.stretches.push(id);
        }
        chosen
    }

    /// The words that licences of what was found ask for.
    pub fn owed(&self) -> impl Iterator<Item = String> {
        let font = self.font.iter().map(|(_, entry, _)| entry);
        self.pieces.values().map(|(entry, _)| entry).chain(font).filter_map(|entry| entry.rights().attribution)
    }

    /// Whether there is a piece for a stretch of the film.
    pub fn held(&self) -> Held {
        match (self.pieces.is_empty(), self.missing.is_empty()) {
            (false, _) => Held::File,
            (true, true) => Held::Nothing,
            (true, false) => Held::Unusable(self.missing.values().cloned().collect::<Vec<_>>().join("; ")),
        }
    }

    /// The same without its pieces: our own score alone plays, on the author's instruments where there are some.
    pub fn instruments(self) -> Self {
        let stretches = self.stretches.iter().map(|_| None).collect();
        Self { stretches, pieces: BTreeMap::new(), missing: BTreeMap::new(), ..self }
    }

    fn is_empty(&self) -> bool {
        self.pieces.is_empty() && self.missing.is_empty() && self.font.is_none()
    }
}

/// What a piece may say of a stretch: that it is music, the mood in any word that means it, and of a scene its name, place,
/// hour and weather. A piece that says the genre too is for what no other fits.
fn tags(need: &Need, spec: &MusicSpec, stretch: &Stretch) -> [Vec<String>; 2] {
    let mood = json(&stretch.mood).as_str().unwrap_or_default().to_owned();
    let mut tags: Vec<String> = meanings(WordKind::Mood, &mood).iter().map(|word| (*word).to_owned()).collect();
    tags.extend([MUSIC.to_owned(), mood, stretch.scene.clone()]);
    tags.extend(spec.scenes.iter().filter(|(id, _)| id.as_str() == stretch.scene).flat_map(|(_, said)| said.clone()));
    let mut all = tags.clone();
    all.extend(need.tags.iter().cloned());
    [tags, all]
}

/// What is known of a piece that was read.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Heard {
    /// It can be played.
    Piece {
        /// 48 kHz stereo WAV.
        audio: Hash,
        /// Integrated loudness in hundredths of a LUFS.
        loudness_cb: i32,
        /// How much louder it may be made before it stands out, hundredths of a decibel.
        room_cb: i32,
    },
    /// It cannot, and why.
    Unusable(String),
}

/// The step that makes the film's music: the score alone, or with what the library has. What must be read for it is read
/// first.
pub fn work(shop: &mut Shop, need: &Need, spec: &MusicSpec, chosen: Chosen, tools: &Arc<Tools>) -> Result<FnStep, Failure> {
    // What only a library asks about does not make the score another.
    let spec = MusicSpec { scenes: BTreeMap::new(), ..spec.clone() };
    let name = need.id.to_string();
    if chosen.is_empty() {
        return Ok(scoring(name, spec));
    }
    let Chosen { stretches, pieces, font, mut missing } = chosen;
    let works = pieces.iter().map(|(id, (_, bytes))| read(id, bytes, tools)).collect::<Result<Vec<_>, _>>()?;
    let mut usable: BTreeMap<Id, Used> = BTreeMap::new();
    for ((id, (entry, bytes)), result) in pieces.iter().zip(shop.all("music", works)?) {
        match serde_json::from_value(result.outputs.facts).map_err(Failure::internal)? {
            Heard::Piece { audio, loudness_cb, room_cb } => {
                let (file, rights, pace) = (Hash::of(bytes), entry.rights(), entry.pace());
                usable.insert(id.clone(), Used { audio, loudness_cb, room_cb, file, rights, pace });
            }
            Heard::Unusable(why) => {
                missing.insert(id.clone(), format!("library/{} cannot be used: {why}", entry.file));
            }
        }
    }
    let plays: Vec<Option<Id>> = stretches.into_iter().map(|id| id.filter(|id| usable.contains_key(id))).collect();
    let mut grade = Grade::Pure;
    let mut projection = json!({"score": json(&spec), "pieces": json(&usable), "plays": plays.iter().map(|id| id.as_ref().map_or("", Id::as_str)).collect::<Vec<_>>(), "missing": json(&missing)});
    let font =
        font.map(|(id, entry, bytes)| Instruments { id, file: entry.file.clone(), hash: Hash::of(&bytes), rights: entry.rights(), bytes });
    if let Some(font) = &font {
        projection["font"] = json!({"file": font.hash, "id": font.id, "rights": json(&font.rights)});
        projection["engine"] = json!(SYNTHESISER);
        grade = Grade::Pinned;
    }
    Ok(step(name, "score", grade, projection, move |cx| with_pieces(cx, &spec, font.as_ref(), &usable, &plays, &missing)))
}

/// The step that writes and plays the score alone.
pub fn scoring(name: String, spec: MusicSpec) -> FnStep {
    let reads = json(&spec);
    step(name, "score", Grade::Pure, reads, move |cx| super::assets::sound(cx, Some(score(&spec)), "score", None)).portable()
}

/// A soundfont of the library.
struct Instruments {
    id: Id,
    file: String,
    hash: Hash,
    rights: Rights,
    bytes: Arc<Vec<u8>>,
}

/// Reads a piece and hears how loud it is.
fn read(id: &Id, bytes: &Arc<Vec<u8>>, tools: &Arc<Tools>) -> Result<FnStep, Failure> {
    let mut projection = json!({"file": Hash::of(bytes)});
    let mut grade = Grade::Pure;
    if music::needs_ffmpeg(bytes) {
        projection["decoder"] = json(&tools.encoder_fingerprint()?);
        grade = Grade::Pinned;
    }
    let (bytes, tools) = (Arc::clone(bytes), Arc::clone(tools));
    Ok(step(id.to_string(), "piece", grade, projection, move |cx| {
        let path = cx.temp_dir()?.join("piece");
        media::create(&path).map_err(fault)?.write_all(&bytes).map_err(fault)?;
        let sound = match music::read(&bytes, &path, &tools.ffmpeg) {
            Ok(sound) => sound,
            Err(why) => return Ok(Outputs::new().with_facts(json(&Heard::Unusable(why)))),
        };
        let mut meter = Meter::default();
        for second in sound.chunks(2 * SAMPLE_RATE as usize) {
            meter.push(&second.chunks_exact(2).map(|p| [0, 1].map(|k| f32::from(p[k]) / 32_768.0)).collect::<Vec<_>>());
        }
        let (loudness_cb, room_cb) = (meter.finish().0, music::headroom_cb(&sound, LOUDEST, PEAK));
        if loudness_cb <= SILENT_CB {
            return Ok(Outputs::new().with_facts(json(&Heard::Unusable("nothing can be heard in it".into()))));
        }
        let audio = cx.put_bytes(&wav::write(SAMPLE_RATE as u32, 2, &sound).map_err(fault)?)?;
        let facts = json(&Heard::Piece { audio: audio.hash.clone(), loudness_cb, room_cb });
        Ok(Outputs::new().with("audio", audio).with_facts(facts))
    }))
}

/// How loud our score is in a mood at a level when nobody speaks, in hundredths of a LUFS.
fn reference(spec: &MusicSpec, mood: Mood, level: u8) -> i32 {
    let cue = MusicCue { scene_id: None, mood, level, start: 0, samples: HEARD };
    let heard = score(&MusicSpec { cues: vec![cue], lines: Vec::new(), samples: HEARD, ..spec.clone() });
    let mut meter = Meter::default();
    meter.push(heard.as_chunks::<2>().0);
    meter.finish().0
}

/// A piece that plays.
#[derive(Serialize)]
struct Used {
    audio: Hash,
    loudness_cb: i32,
    room_cb: i32,
    file: Hash,
    rights: Rights,
    #[serde(skip_serializing_if = "Option::is_none")]
    pace: Option<(u64, u64)>,
}

fn with_pieces(
    cx: &StepCx,
    spec: &MusicSpec,
    font: Option<&Instruments>,
    usable: &BTreeMap<Id, Used>,
    plays: &[Option<Id>],
    missing: &BTreeMap<Id, String>,
) -> Result<Outputs, StepError> {
    let mut missing = missing.clone();
    let named: BTreeSet<&Id> = plays.iter().flatten().collect();
    let ids: Vec<&Id> = usable.keys().filter(|id| named.contains(id)).collect();
    let mut sounds = Vec::new();
    for id in &ids {
        sounds.push(wav::read(&cx.get_bytes(&usable[*id].audio)?).map_err(fault)?.samples);
    }
    let pieces: Vec<Piece<'_>> = ids
        .iter()
        .zip(&sounds)
        .map(|(id, sound)| Piece { sound, pace: usable[*id].pace.map(|(milli_bpm, beats)| Pace { milli_bpm, beats }) })
        .collect();
    let mut references: BTreeMap<(String, u8), i32> = BTreeMap::new();
    let (mut played, mut parts) = (Vec::new(), Vec::new());
    for (stretch, id) in stretches(spec).into_iter().zip(plays) {
        let Some((id, piece)) = id.as_ref().and_then(|id| Some((id, ids.iter().position(|i| *i == id)?))) else {
            played.push(None);
            continue;
        };
        let used = &usable[id];
        let key = (format!("{:?}", stretch.mood), stretch.level);
        let ours = *references.entry(key).or_insert_with(|| reference(spec, stretch.mood, stretch.level));
        let gain_cb = (ours - used.loudness_cb).min(used.room_cb).min(MOST_CB);
        played.push(Some(Play { piece, gain_cb }));
        parts.push(Part {
            library_id: id.clone(),
            file: used.file.clone(),
            start: stretch.from,
            samples: stretch.to - stretch.from,
            gain_cb,
            rights: used.rights.clone(),
        });
    }
    let by_font = font.map(|font| (font, Font::read(&font.bytes).and_then(|read| score_with(spec, Some(&read), &pieces, &played))));
    let made = match by_font {
        Some((font, Ok(made))) => {
            let (library_id, file, rights) = (font.id.clone(), font.hash.clone(), font.rights.clone());
            parts.push(Part { library_id, file, start: 0, samples: spec.samples, gain_cb: 0, rights });
            made
        }
        Some((font, Err(why))) => {
            missing.insert(font.id.clone(), format!("library/{} cannot be used: {why}", font.file));
            score_with(spec, None, &pieces, &played).map_err(fault)?
        }
        None => score_with(spec, None, &pieces, &played).map_err(fault)?,
    };
    let pcm: Vec<i16> = made.iter().map(|s| (s.clamp(-1.0, 1.0) * 32_767.0).round() as i16).collect();
    let audio = cx.put_bytes(&wav::write(SAMPLE_RATE as u32, 2, &pcm).map_err(fault)?)?;
    let media = Media::Sound { audio: audio.hash.clone(), samples: pcm.len() as u64 / 2, channels: 2 };
    let ids: Vec<&str> = missing.keys().map(Id::as_str).collect();
    let why: Vec<&str> = missing.values().map(String::as_str).collect();
    let stand_in = (!ids.is_empty())
        .then(|| StandIn { missing_id: ids.join(", "), reason: format!("{}; our own score plays in its place", why.join("; ")) });
    let rights = Rights::cleared(ARTIST);
    let asset = ResolvedAsset { source: AssetSource::Local, media, rights, stand_in, substitutions: Vec::new(), parts };
    Ok(Outputs::new().with("audio", audio).with_facts(json(&asset)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Library;
    use contracts::assets::NeedSpec;

    #[test]
    fn a_piece_is_found_by_a_word_that_means_the_mood_and_no_picture_is_music() {
        let id = Id::slug;
        let scenes = BTreeMap::from([(id("sc02"), vec!["lamp_room".to_owned(), "night".to_owned(), "rain".to_owned()])]);
        let spec = MusicSpec { theme: id("p"), genre: id("mystery"), cues: Vec::new(), lines: Vec::new(), samples: 0, scenes };
        let tags_of = vec!["music".to_owned(), "mystery".to_owned()];
        let need =
            Need { id: id("score"), tags: tags_of, library_id: None, used_by: Vec::new(), view: None, spec: NeedSpec::Music(spec.clone()) };
        let stretch = |scene: &str, mood| Stretch { from: 0, to: 1, mood, level: 2, scene: scene.to_owned() };
        let entry = |tags: &[&str]| LibraryEntry {
            file: "a.wav".into(),
            tags: tags.iter().map(|t| (*t).to_owned()).collect(),
            licence: "CC0-1.0".into(),
            author: "A".into(),
            attribution: None,
            bpm: None,
            beats: None,
        };
        let entries = [
            ("any", &["music", "mystery"][..]),
            ("sad", &["music", "sad"]),
            ("sad-here", &["music", "sad", "lamp_room"]),
            ("picture", &["lamp_room", "night", "rain"]),
            ("alone", &["music"]),
        ];
        let library = Library { entries: entries.map(|(name, tags)| (id(name), entry(tags))).into() };
        for (scene, mood, want) in
            [("sc02", Mood::Heavy, "sad-here"), ("sc01", Mood::Heavy, "sad"), ("sc02", Mood::Calm, "any"), ("card", Mood::Calm, "any")]
        {
            let tags = tags(&need, &spec, &stretch(scene, mood));
            let found = tags.iter().find_map(|tags| library.find(tags)).map(|(id, _)| id.as_str());
            assert_eq!(found, Some(want), "{scene} {mood:?}");
        }
        let room = ["background", "lamp_room", "night", "rain"].map(str::to_owned);
        assert_eq!(library.find(&room).map(|(id, _)| id.as_str()), Some("picture"));
    }
}
