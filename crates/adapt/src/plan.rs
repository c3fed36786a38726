//! RenderPlan: the shots with the assets that met their needs, for one profile. Timing is copied from the lock, never
//! chosen; a profile changes nothing but this document (requirement 002-11).

use std::collections::BTreeMap;

use contracts::{
    Id, Seed,
    assets::{AssetManifest, Key, Media, Need, NeedSpec, Plane, ResolvedAssets, Rights, Track, TrackProperty},
    canon::PlaceFamily,
    picture::{Canvas, CardKind},
    project::Project,
    render::{
        BurnIn, Bus, Caption, Chapter, EncodeSettings, Filter, MixSettings, PlannedShot, PlannedSound, RenderPlan, Room, Runtime, SpriteCue,
    },
    shots::{Easing, LineCue, MoveKind, Shot, ShotContent, ShotList},
    story::{Part, VoiceType},
    table_read::{Mouth, TableRead},
    time::samples_of_ms,
};

use crate::{AdaptError, Story};

/// What a profile decides.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Its id.
    pub id: Id,
    /// Short side of the frame in pixels.
    pub short: u32,
    /// How pictures are sampled when they are scaled.
    pub filter: Filter,
    /// Encoder settings.
    pub encode: EncodeSettings,
    /// How captions are drawn into the picture.
    pub burn_in: Option<BurnIn>,
}

impl Profile {
    /// The frame of a project in this profile.
    pub fn canvas(&self, project: &Project) -> Canvas {
        Canvas::of(project.aspect, self.short)
    }

    /// 360 lines, fastest: what `reel watch` shows while a person works. Same story, same timing, same sound.
    pub fn draft_local() -> Result<Self, AdaptError> {
        let encode = EncodeSettings { preset: "ultrafast".into(), crf: 26, audio_bit_rate: 128_000 };
        Ok(Self { id: Id::new("draft_local")?, short: 360, filter: Filter::Linear, encode, burn_in: None })
    }

    /// 720 lines, fast: what every first run makes.
    pub fn preview_local() -> Result<Self, AdaptError> {
        let encode = EncodeSettings { preset: "veryfast".into(), crf: 23, audio_bit_rate: 160_000 };
        Ok(Self { id: Id::new("preview_local")?, short: 720, filter: Filter::Linear, encode, burn_in: None })
    }

    /// 1080 lines, the better filter and a better preset: for showing (002-10.2).
    pub fn standard_local() -> Result<Self, AdaptError> {
        let encode = EncodeSettings { preset: "faster".into(), crf: 21, audio_bit_rate: 192_000 };
        Ok(Self { id: Id::new("standard_local")?, short: 1080, filter: Filter::Cubic, encode, burn_in: None })
    }
}

/// How long a place's name is seen, and how long it takes to come and to go.
const STRIP_MS: u32 = 3_200;
const STRIP_FADE_MS: u32 = 420;

// Levels beside the voices, in hundredths of a decibel. Voices are levelled to −20 dBFS when they are spoken; the score
// and the air of a place arrive with peaks near half scale.
/// The score beside the voices.
pub const MUSIC_CB: i32 = -700;
const AMBIENCE_CB: i32 = -1_900;
const EFFECT_CB: i32 = -1_000;

/// How this house mixes: ducking of 9 dB that starts 120 ms before a voice; −16 LUFS; −2.2 dBTP before AAC, which adds up
/// to 1.2 dB to most films, so that the decoded one holds −1; where it adds more, the soundtrack is made again.
pub fn mix_settings() -> MixSettings {
    MixSettings {
        duck_cb: -900,
        duck_lookahead_ms: 120,
        duck_attack_ms: 180,
        duck_release_ms: 600,
        loudness_cb: -1_600,
        true_peak_cb: -220,
    }
}

/// Puts shots and assets together. The pictures of `resolved` are those for this profile's frame: the documents of the chain
/// hold them for the manifest's frame, and whoever plans for another brings them painted for it.
pub fn render_plan(
    story: &Story<'_>,
    list: &ShotList,
    manifest: &AssetManifest,
    resolved: &ResolvedAssets,
    profile: &Profile,
) -> Result<RenderPlan, AdaptError> {
    let mut by_shot: BTreeMap<&Id, Vec<&Need>> = BTreeMap::new();
    for need in &manifest.needs {
        for shot in &need.used_by {
            by_shot.entry(shot).or_default().push(need);
        }
    }
    let shots = list
        .shots
        .iter()
        .map(|shot| planned_shot(list, shot, by_shot.get(&shot.id).map_or(&[], Vec::as_slice), resolved, story.read))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(RenderPlan {
        project_id: story.project.id.clone(),
        episode: list.episode,
        title: story.script.title.clone(),
        language: story.project.language.clone(),
        profile: profile.id.clone(),
        render_runtime: Runtime::Ffmpeg,
        terms: None,
        canvas: profile.canvas(story.project),
        edit_rate: list.edit_rate,
        timing_lock: list.timing_lock.clone(),
        total_frames: list.total_frames,
        encode: profile.encode.clone(),
        filter: profile.filter,
        // Lines that are not spoken stand on cards already.
        burn_in: profile.burn_in.filter(|_| story.read.voiced),
        overlays: Vec::new(),
        shots,
        sounds: sounds(story, list, manifest, resolved),
        mix: mix_settings(),
        captions: captions(story, list),
        chapters: chapters(story, list),
        rights: rights(resolved),
        stand_ins: resolved.assets.iter().filter(|(_, a)| a.stand_in.is_some()).map(|(id, _)| id.clone()).collect(),
    })
}

/// The rights of everything that is seen and heard: by need, and of what is in a need's asset by need and place in it.
fn rights(resolved: &ResolvedAssets) -> BTreeMap<Id, Rights> {
    let mut all = BTreeMap::new();
    for (need, asset) in &resolved.assets {
        all.insert(need.clone(), asset.rights.clone());
        for (k, part) in asset.parts.iter().enumerate() {
            let id = need.child(format_args!("part-{k}")).unwrap_or_else(|_| Id::slug(&format!("part-{k}-{need}")));
            all.insert(id, part.rights.clone());
        }
    }
    all
}

/// One shot with the assets that met its needs.
///
/// # Errors
/// A need without an asset.
pub fn planned_shot(
    list: &ShotList,
    shot: &Shot,
    needs: &[&Need],
    resolved: &ResolvedAssets,
    read: &TableRead,
) -> Result<PlannedShot, AdaptError> {
    let mut planes: Vec<Plane> = Vec::new();
    let mut sprites = Vec::new();
    for need in needs {
        let asset = resolved.assets.get(&need.id).ok_or_else(|| AdaptError::Unknown {
            place: shot.id.to_string(),
            what: "need",
            id: need.id.to_string(),
            missing_from: "resolved assets",
        })?;
        let Media::Picture { planes: own, canvas } = &asset.media else { continue };
        let prefix = match &need.spec {
            NeedSpec::Figure(f) => f.character_id.to_string(),
            NeedSpec::Background(_) => "place".into(),
            NeedSpec::Insert(_) => "thing".into(),
            _ => "card".into(),
        };
        for plane in own {
            let mut plane = plane.clone();
            plane.name = format!("{prefix}:{}", plane.name);
            if matches!(&need.spec, NeedSpec::Card(card) if card.card == CardKind::Location) {
                shown_for_a_while(list, shot, *canvas, own, &mut plane);
            }
            sprites.extend(cycles(list, shot, &plane));
            if let NeedSpec::Figure(f) = &need.spec {
                sprites.extend(mouths(list, shot, &f.character_id, &plane, read));
                sprites.extend(blinks(list, shot, &plane));
            }
            planes.push(plane);
        }
    }
    // Planes of several assets are merged by where they stand; equal depths keep the order of the needs.
    planes.sort_by_key(|p| p.depth);
    sprites.sort_by(|a, b| (a.frame, &a.plane, &a.group).cmp(&(b.frame, &b.plane, &b.group)));
    let still =
        (shot.movement.kind == MoveKind::Hold || shot.movement.amount == 0) && sprites.is_empty() && !planes.iter().any(Plane::moves);
    Ok(PlannedShot {
        shot_id: shot.id.clone(),
        start_frame: shot.start_frame,
        frames: shot.frames,
        planes,
        clip: None,
        movement: shot.movement,
        transition: shot.transition,
        sprites,
        still,
    })
}

/// The mouth follows the table read's marks: one cue a change, on the frame that shows it.
fn mouths(list: &ShotList, shot: &Shot, who: &Id, plane: &Plane, read: &TableRead) -> Vec<SpriteCue> {
    let mut cues: Vec<SpriteCue> = Vec::new();
    // Arms and far figures have no mouth: nothing about them changes when a line ends.
    if !plane.states.keys().any(|state| state.starts_with("mouth:")) {
        return cues;
    }
    let (first, last) = (shot.start_frame, shot.start_frame + shot.frames);
    for line in list.lines.iter().filter(|l| &l.speaker_id == who) {
        if list.edit_rate.frame_at(line.start + line.samples) < first {
            continue;
        }
        let Some(spoken) = read.lines.iter().find(|r| r.line_id == line.line_id) else { continue };
        let marks = spoken.mouth.iter().map(|m| (line.start + m.start, shape(m.shape))).chain([(line.start + line.samples, "")]);
        for (sample, state) in marks {
            // A mark before the shot is what the mouth already does when a line runs over the cut into it.
            let frame = list.edit_rate.frame_at(sample);
            if frame >= last || !(state.is_empty() || plane.states.contains_key(state)) {
                continue;
            }
            let frame = frame.saturating_sub(first);
            match cues.last_mut() {
                Some(cue) if cue.frame == frame => cue.state = state.into(),
                Some(cue) if cue.state == state => {}
                _ => cues.push(SpriteCue { plane: plane.name.clone(), group: "mouth".into(), state: state.into(), frame }),
            }
        }
    }
    cues
}

fn shape(mouth: Mouth) -> &'static str {
    match mouth {
        Mouth::Rest => "",
        Mouth::Open => "mouth:open",
        Mouth::Spread => "mouth:spread",
        Mouth::Round => "mouth:round",
        Mouth::Narrow => "mouth:narrow",
    }
}

/// A blink every 2.5 to 5 seconds, an eighth of a second long (art direction §9).
fn blinks(list: &ShotList, shot: &Shot, plane: &Plane) -> Vec<SpriteCue> {
    const CLOSED: &str = "eyes:closed";
    if !plane.states.contains_key(CLOSED) {
        return Vec::new();
    }
    let frames = |ms: i64| list.edit_rate.frames_from_ms(ms as u64).max(1);
    let mut seed = Seed::of(&["blink", &shot.id, &plane.name]);
    let mut cues = Vec::new();
    let mut at = frames(seed.between(700, 2_600));
    while at + frames(250) < shot.frames {
        for (state, frame) in [(CLOSED, at), ("", at + frames(125))] {
            cues.push(SpriteCue { plane: plane.name.clone(), group: "eyes".into(), state: state.into(), frame });
        }
        at += frames(seed.between(2_500, 5_000));
    }
    cues
}

/// The strip with a place's name comes in when the transition is over, stays to be read, and is gone before the shot is. It
/// stands still while the camera moves. It comes from the side it lies at.
fn shown_for_a_while(list: &ShotList, shot: &Shot, canvas: Canvas, strip: &[Plane], plane: &mut Plane) {
    let ms = |frames: u64| list.edit_rate.ms(frames) as u32;
    let from = ms(shot.transition.frames()) + 150;
    let until = ms(shot.frames).saturating_sub(150).min(from + STRIP_MS);
    let fade = STRIP_FADE_MS.min(until.saturating_sub(from) / 3);
    let keys = |all: [(u32, i32); 4]| {
        let mut keys: Vec<Key> = all.into_iter().map(|(at_ms, value)| Key { at_ms, value }).collect();
        keys.dedup_by_key(|key| key.at_ms);
        keys
    };
    let way = canvas.width.min(canvas.height) as i32 * 1000 / 40;
    let at_right = strip.first().is_some_and(|p| 2 * p.x + p.width as i32 > canvas.width as i32);
    let aside = if at_right { way } else { -way };
    plane.parallax = match shot.movement.kind {
        MoveKind::ParallaxLeft | MoveKind::ParallaxRight => 500,
        _ => 0,
    };
    plane.tracks = vec![
        Track {
            property: TrackProperty::Opacity,
            keys: keys([(from, 0), (from + fade, 1000), (until.saturating_sub(fade), 1000), (until, 0)]),
            easing: Easing::InOut,
            repeat: false,
        },
        Track {
            property: TrackProperty::X,
            keys: keys([(from, aside), (from + fade * 2, 0), (until, 0), (until + 1, 0)]),
            easing: Easing::Out,
            repeat: false,
        },
    ];
}

/// A cue at every frame of the shot on which a plane's cycles change state. A state the plane does not have shows it alone.
fn cycles(list: &ShotList, shot: &Shot, plane: &Plane) -> Vec<SpriteCue> {
    let mut cues: Vec<SpriteCue> = Vec::new();
    for cycle in plane.cycles.iter().filter(|c| !c.states.is_empty()) {
        let mut shown = String::new();
        for frame in 0..shot.frames {
            let at = list.edit_rate.ms(frame) + u64::from(cycle.phase);
            let turn = (at / u64::from(cycle.frame_ms.max(1))) % cycle.states.len() as u64;
            let state = &cycle.states[turn as usize];
            let state = if plane.states.contains_key(state) { state.as_str() } else { "" };
            if state != shown {
                shown = state.to_owned();
                cues.push(SpriteCue { plane: plane.name.clone(), group: cycle.group.clone(), state: shown.clone(), frame });
            }
        }
    }
    cues
}

/// What answers a voice in a place: quiet enough that every word stays clear, loud enough that a room is heard as one. Out of
/// doors nothing answers.
fn room_of(family: PlaceFamily) -> Option<Room> {
    match family {
        PlaceFamily::InteriorRoom => Some(Room { decay_ms: 350, wet_cb: -2_000 }),
        PlaceFamily::Workshop => Some(Room { decay_ms: 600, wet_cb: -2_000 }),
        PlaceFamily::Hall => Some(Room { decay_ms: 1_400, wet_cb: -1_900 }),
        PlaceFamily::Vehicle => Some(Room { decay_ms: 150, wet_cb: -1_900 }),
        _ => None,
    }
}

/// The room of a shot; a card has none.
fn room(story: &Story<'_>, list: &ShotList, shot: &Id) -> Option<Room> {
    let shot = list.shots.iter().find(|s| &s.id == shot)?;
    let ShotContent::Picture(picture) = &shot.content else { return None };
    room_of(story.canon.locations.iter().find(|l| l.id == picture.location_id)?.family)
}

/// The room of a voice: the place's, a little nearer or further for each person; the small box of a radio, wherever it
/// stands; none around a teller, who is nowhere.
fn voice_room(story: &Story<'_>, list: &ShotList, cue: &LineCue) -> Option<Room> {
    let speaker = story.cast.members.iter().find(|m| m.id == cue.speaker_id);
    match speaker.map(|m| (m.part, m.voice.reference)) {
        Some((Part::Narrator, _)) => None,
        Some((_, VoiceType::Radio | VoiceType::RadioSoft)) => Some(Room { decay_ms: 120, wet_cb: -1_500 }),
        _ => {
            let near = Seed::of(&["room", &cue.speaker_id]).between(-2, 2) as i32 * 75;
            room(story, list, &cue.shot_id).map(|room| Room { wet_cb: room.wet_cb + near, ..room })
        }
    }
}

fn sounds(story: &Story<'_>, list: &ShotList, manifest: &AssetManifest, resolved: &ResolvedAssets) -> Vec<PlannedSound> {
    let mut out = Vec::new();
    let total = list.edit_rate.samples_at(list.total_frames);
    let mut push = |need: &Need, bus: Bus, start: u64, gain_cb: i32, (fade_in_ms, fade_out_ms): (u64, u64), room: Option<Room>| {
        let Some(Media::Sound { audio, samples, .. }) = resolved.assets.get(&need.id).map(|a| &a.media) else { return };
        let samples = (*samples).min(total.saturating_sub(start));
        out.push(PlannedSound {
            need_id: need.id.clone(),
            bus,
            audio: audio.clone(),
            start,
            samples,
            gain_cb,
            fade_in: samples_of_ms(fade_in_ms).min(samples / 3),
            fade_out: samples_of_ms(fade_out_ms).min(samples / 3),
            room,
        });
    };
    for need in &manifest.needs {
        match &need.spec {
            NeedSpec::Voice(v) => {
                for cue in list.lines.iter().filter(|c| c.line_id == v.line_id) {
                    push(need, Bus::Voices, cue.start, 0, (0, 0), voice_room(story, list, cue));
                }
            }
            NeedSpec::Music(_) => push(need, Bus::Music, 0, MUSIC_CB, (400, 1_500), None),
            NeedSpec::Sound(s) => {
                for cue in list.sounds.iter().filter(|c| {
                    c.sound == s.sound && c.samples == s.samples && c.ambience == s.ambience && need.used_by.contains(&c.shot_id)
                }) {
                    if cue.ambience {
                        push(need, Bus::Ambience, cue.start, AMBIENCE_CB, (350, 350), None);
                    } else {
                        push(need, Bus::Effects, cue.start, EFFECT_CB, (20, 500), None);
                    }
                }
            }
            _ => {}
        }
    }
    out.sort_by(|a, b| (a.start, a.bus, &a.need_id).cmp(&(b.start, b.bus, &b.need_id)));
    out
}

fn captions(story: &Story<'_>, list: &ShotList) -> Vec<Caption> {
    list.lines
        .iter()
        .filter_map(|cue| {
            let spoken = story.read.lines.iter().find(|r| r.line_id == cue.line_id)?;
            let speaker =
                story.cast.members.iter().find(|m| m.id == cue.speaker_id).map_or_else(|| cue.speaker_id.to_string(), |m| m.name.clone());
            Some(Caption {
                line_id: cue.line_id.clone(),
                speaker,
                text: spoken.text.clone(),
                start: cue.start,
                end: cue.start + cue.samples,
                words: spoken.words.clone(),
            })
        })
        .collect()
}

/// A chapter a scene, named by its place.
fn chapters(story: &Story<'_>, list: &ShotList) -> Vec<Chapter> {
    let mut out: Vec<Chapter> = Vec::new();
    for scene in &story.script.scenes {
        let first = list.shots.iter().find(|s| s.scene_id.as_ref() == Some(&scene.id) && matches!(s.content, ShotContent::Picture(_)));
        let name = story.canon.locations.iter().find(|l| l.id == scene.location_id).map_or(scene.location_id.as_str(), |l| l.name.as_str());
        if let Some(shot) = first {
            let name = name.strip_prefix("the ").unwrap_or(name);
            let mut title: String = name.chars().take(1).flat_map(char::to_uppercase).collect();
            title.extend(name.chars().skip(1));
            out.push(Chapter { title, start_frame: shot.start_frame });
        }
    }
    out
}
