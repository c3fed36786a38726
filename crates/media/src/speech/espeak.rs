//! espeak-ng, for languages flite does not speak.

use contracts::story::VoiceType;
use kit::process::{Runner, Tool};

use super::{SpeechError, casting::Casting, invocation};

/// A voice variant with its settings.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    variant: &'static str,
    words_a_minute: u32,
    pitch: u32,
}

impl Setting {
    /// The voice of a person.
    pub fn of(voice: VoiceType, casting: Casting) -> Self {
        let (variant, words_a_minute, pitch): (_, u32, i32) = match voice {
            VoiceType::Woman => ("f2", 155, 50),
            VoiceType::WomanOld => ("f4", 135, 38),
            VoiceType::Girl => ("f5", 160, 72),
            VoiceType::Boy => ("f3", 162, 66),
            VoiceType::Man => ("m3", 152, 40),
            VoiceType::ManOld => ("m6", 128, 28),
            VoiceType::ManBright => ("m1", 156, 52),
            VoiceType::Teller => ("m7", 145, 42),
            VoiceType::Radio => ("m4", 150, 45),
            VoiceType::RadioSoft => ("m2", 132, 36),
        };
        let words_a_minute = (words_a_minute * casting.pace() + 500) / 1_000;
        // Its scale of 0 to 99 spans about three octaves.
        let pitch = (pitch + casting.pitch_cents / 30).clamp(0, 99) as u32;
        Self { variant, words_a_minute, pitch }
    }

    /// Such as `de+f2 speed=155 pitch=50`.
    pub fn describe(self, language: &str) -> String {
        format!("{language}+{} speed={} pitch={}", self.variant, self.words_a_minute, self.pitch)
    }
}

/// The version text and the engine's voice for a language: the one for language and region, else for the language.
pub fn probe(runner: &dyn Runner, tool: &Tool, language: &str) -> Result<(String, String), String> {
    let run = |arg: &str| runner.run(invocation(tool).arg(arg)).map_err(|e| e.to_string());
    let tag: String = language.replace('_', "-").to_ascii_lowercase();
    let primary = tag.split('-').next().unwrap_or_default().to_owned();
    if primary.is_empty() || tag.len() > 35 || !tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(format!("`{}` is not a language tag", language.escape_debug()));
    }
    let listed = String::from_utf8_lossy(&run("--voices")?.stdout).into_owned();
    // Columns: priority (lower is better), language, and more that is not needed.
    let row = |line: &str| {
        let mut columns = line.split_whitespace();
        Some((columns.next()?.parse::<u32>().ok()?, columns.next()?.to_owned()))
    };
    let known: Vec<(u32, String)> = listed.lines().filter_map(row).collect();
    let voice = [tag.as_str(), primary.as_str()]
        .into_iter()
        .find_map(|want| known.iter().find(|(_, k)| k == want))
        .or_else(|| known.iter().filter(|(_, k)| k.split('-').next() == Some(primary.as_str())).min_by_key(|(priority, _)| *priority))
        .map(|(_, k)| k.clone())
        .ok_or_else(|| format!("espeak-ng has no voice for `{tag}`"))?;
    let about = run("--version")?;
    let version = String::from_utf8_lossy(&about.stdout);
    // What follows is the path of its data, which is no part of the version.
    let version = version.split("Data at").next().unwrap_or_default().trim().to_owned();
    Ok((version, voice))
}

/// A word without control characters and without the brackets that would start phoneme input.
pub fn plain(word: &str) -> String {
    let clean = |c: char| match c {
        '\u{2012}'..='\u{2015}' => ',',
        '[' | ']' | '<' | '>' => ' ',
        c if c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}') => ' ',
        c => c,
    };
    let text: String = word.chars().map(clean).collect();
    if text.chars().any(char::is_alphanumeric) { text.trim_start_matches([',', ' ', '-']).to_owned() } else { String::new() }
}

/// Speaks a sentence: its WAV, whose header says no true length.
pub fn speak(runner: &dyn Runner, tool: &Tool, text: &str, language: &str, s: Setting) -> Result<Vec<u8>, SpeechError> {
    let call = invocation(tool)
        .args(["-v".to_owned(), format!("{language}+{}", s.variant), "-s".into(), s.words_a_minute.to_string(), "-p".into()])
        .args([s.pitch.to_string(), "-b".into(), "1".into(), "--stdin".into(), "--stdout".into()])
        .stdin(text);
    Ok(runner.run(call)?.stdout)
}
