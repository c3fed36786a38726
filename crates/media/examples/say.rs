//! Speaks a line and writes what the film would play: `say VOICE TEXT OUT.wav`, VOICE as in the cast (`man_old`).
use std::{error::Error, path::Path};

use contracts::story::VoiceType;
use kit::{Files, SystemFiles, process::System};
use media::speech::{Casting, Engine};

#[allow(clippy::print_stdout, reason = "a tool for the ear and the eye")]
fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [voice, text, out] = args.as_slice() else { return Err("say VOICE TEXT OUT.wav".into()) };
    let voice: VoiceType = serde_json::from_value(serde_json::Value::String(voice.clone()))?;
    let engine = Engine::detect(&System, "en")?;
    let spoken = engine.speak(&System, text, voice, Casting::default())?;
    println!("{} {} {} samples", engine.fingerprint(), spoken.voice, spoken.samples.len());
    for word in &spoken.words {
        println!("{:6} {:6} {}", word.start, word.end, word.text);
    }
    println!("{:?}", spoken.mouth.iter().map(|m| (m.start, m.shape)).collect::<Vec<_>>());
    let bytes = media::wav::write(48_000, 1, &spoken.samples)?;
    SystemFiles::new().write_atomic(Path::new(out), &bytes)?;
    Ok(())
}
