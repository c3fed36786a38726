//! CPU seconds and peak memory of a mix: two minutes with forty sounds, or as many minutes as are asked for.
//! Run with `cargo run --release -p render --example mix_bench -- [MINUTES]`.
#![allow(clippy::print_stdout, reason = "an example prints what it measured")]

use std::{collections::BTreeMap, fs::File};

use contracts::{
    Hash, Id, Seed,
    render::{Bus, MixSettings, PlannedSound},
};
use media::wav;
use render::mix::Sinks;

const SECOND: u64 = 48_000;

/// CPU seconds of this process so far.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks: Vec<f64> = stat.split_whitespace().skip(13).take(2).filter_map(|t| t.parse().ok()).collect();
    ticks.iter().sum::<f64>() / 100.0
}

/// The most memory this process has held, in megabytes.
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// Noise with the crest of speech, without end.
fn speech(seed: &mut Seed) -> impl Iterator<Item = i16> {
    let mut low = 0.0;
    (0_u64..).map(move |k| {
        low += 0.2 * (seed.range(-1.0, 1.0) - low);
        let beat = libm::sin(std::f64::consts::PI * (k % 9_000) as f64 / 9_000.0);
        wav::to_i16(0.5 * low * beat * beat)
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let minutes: u64 = std::env::args().nth(1).map_or(Ok(2), |m| m.parse())?;
    let total = minutes * 60 * SECOND;
    let mut seed = Seed::of(&["mix bench"]);
    let dir = std::env::temp_dir().join(format!("mix_bench-{}", std::process::id()));
    std::fs::create_dir(&dir)?;
    let new_file = |name: &str| File::options().create_new(true).write(true).open(dir.join(name));
    let mut files: BTreeMap<Hash, wav::Source> = BTreeMap::new();
    let mut sounds = Vec::new();
    let mut put = |bus, start, gain_cb, channels, samples, sound: &mut dyn Iterator<Item = i16>, fade| {
        let name = format!("need-{}", sounds.len());
        let mut file = wav::Writer::new(new_file(&name)?, 48_000, channels, samples)?;
        let mut left = samples * u64::from(channels);
        while left > 0 {
            let part: Vec<i16> = sound.take(left.min(65_536) as usize).collect();
            left -= part.len() as u64;
            file.push(&part)?;
        }
        file.finish()?;
        let (audio, need_id) = (Hash::of(name.as_bytes()), Id::new(name.clone())?);
        files.insert(audio.clone(), wav::Source::File(dir.join(&name)));
        sounds.push(PlannedSound { need_id, bus, audio, start, samples, gain_cb, fade_in: fade, fade_out: fade, room: None });
        Ok::<(), Box<dyn std::error::Error>>(())
    };
    let mut music = (0..total).flat_map(|k| {
        let t = k as f64 / SECOND as f64;
        [220.0, 331.0].map(|hz| wav::to_i16(0.4 * libm::sin(2.0 * std::f64::consts::PI * hz * t)))
    });
    put(Bus::Music, 0, -900, 2, total, &mut music, 20_000)?;
    for k in 0..minutes * 10 {
        put(Bus::Voices, (k * 6 + 1) * SECOND, 0, 1, 3 * SECOND, &mut speech(&mut seed), 0)?;
    }
    for k in 0..minutes * 3 {
        put(Bus::Ambience, k * 20 * SECOND, -1_900, 2, 20 * SECOND, &mut speech(&mut seed), 16_800)?;
    }
    for k in 0..minutes * 6 {
        put(Bus::Effects, (k * 10 + 4) * SECOND, -1_000, 2, 2 * SECOND, &mut speech(&mut seed), 9_600)?;
    }
    let settings = MixSettings {
        duck_cb: -900,
        duck_lookahead_ms: 120,
        duck_attack_ms: 180,
        duck_release_ms: 600,
        loudness_cb: -1_600,
        true_peak_cb: -220,
    };
    let mut out = new_file("mix")?;
    let (before, memory) = (cpu_seconds(), peak_mb());
    let sinks = Sinks { mix: &mut out, stems: None };
    let mixed = render::mix::mix(&sounds, &settings, total, &|hash| files.get(hash).cloned().ok_or_else(|| "absent".into()), sinks)?;
    println!(
        "{} sounds, {minutes} min: {:.2} CPU s, {} MB over the sources; {} LUFS, {} dBTP (hundredths), gain {}",
        sounds.len(),
        cpu_seconds() - before,
        peak_mb() - memory,
        mixed.loudness_cb,
        mixed.true_peak_cb,
        mixed.gain_cb
    );
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}
