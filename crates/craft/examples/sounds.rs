//! Writes sounds to hear and to measure: `sounds DIR` makes the score of a minute and every foley sound as WAV.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a tool for the ear; nothing of the product calls it")]

use std::{collections::BTreeMap, error::Error, path::Path, time::Instant};

use contracts::{
    Id,
    assets::{MusicSpec, SoundSpec},
    shots::MusicCue,
    story::Mood,
};
use craft::{foley, score};

/// 16-bit stereo WAV. `craft` knows no files and no `media`; this example brings its own ten lines.
fn write(path: &Path, sound: &[f32]) -> Result<(), Box<dyn Error>> {
    let bytes = (sound.len() * 2) as u32;
    let mut out = b"RIFF".to_vec();
    out.extend((36 + bytes).to_le_bytes());
    out.extend(b"WAVEfmt \x10\0\0\0\x01\0\x02\0");
    out.extend(48_000u32.to_le_bytes());
    out.extend(192_000u32.to_le_bytes());
    out.extend(b"\x04\0\x10\0data");
    out.extend(bytes.to_le_bytes());
    out.extend(sound.iter().flat_map(|x| ((x * 32_767.0).round() as i16).to_le_bytes()));
    Ok(std::fs::write(path, out)?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let dir = std::env::args().nth(1).ok_or("sounds DIR")?;
    let dir = Path::new(&dir);
    let second = 48_000u64;
    let cue = |mood, level, start, seconds| MusicCue { scene_id: None, mood, level, start: start * second, samples: seconds * second };
    let film = MusicSpec {
        theme: Id::new("lighthouse")?,
        genre: Id::new("mystery")?,
        cues: vec![
            cue(Mood::Uneasy, 1, 0, 10),
            cue(Mood::Wary, 1, 12, 10),
            cue(Mood::Wary, 2, 22, 6),
            cue(Mood::Heavy, 1, 28, 8),
            cue(Mood::Tense, 2, 36, 8),
            cue(Mood::Tender, 1, 44, 6),
            cue(Mood::Hopeful, 2, 50, 7),
            cue(Mood::Watchful, 2, 57, 3),
        ],
        lines: vec![(second, 3 * second), (14 * second, 18 * second), (30 * second, 33 * second), (46 * second, 48 * second)],
        samples: 60 * second,
        scenes: BTreeMap::new(),
    };
    let start = Instant::now();
    let sound = score::score(&film);
    println!("score: 60 s in {:?}", start.elapsed());
    write(&dir.join("score.wav"), &sound)?;
    for mood in [Mood::Calm, Mood::Uneasy, Mood::Wary, Mood::Tense, Mood::Heavy, Mood::Watchful, Mood::Tender, Mood::Hopeful] {
        let spec = MusicSpec { cues: vec![cue(mood, 2, 0, 20)], lines: vec![], samples: 20 * second, ..film.clone() };
        write(&dir.join(format!("score-{mood:?}.wav").to_lowercase()), &score::score(&spec))?;
    }
    for name in foley::KNOWN {
        let start = Instant::now();
        let spec = SoundSpec { sound: Id::new(*name)?, samples: 5 * second, ambience: foley::is_ambience(name) };
        let sound = foley::sound(&spec).ok_or_else(|| format!("`{name}` is listed and unknown"))?;
        println!("{name}: 5 s in {:?}", start.elapsed());
        write(&dir.join(format!("foley-{name}.wav")), &sound)?;
    }
    Ok(())
}
