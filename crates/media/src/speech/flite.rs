//! flite, for English.

use contracts::story::VoiceType;
use kit::process::{Runner, Tool};

use super::{SpeechError, casting::Casting, invocation};
use crate::wav::{self, WavError};

/// A voice with its settings (writing direction §3.2): decimals are kept as hundredths, because their text must not
/// depend on a locale.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    voice: &'static str,
    stretch: u32,
    f0: u32,
}

impl Setting {
    /// The voice of a person.
    pub fn of(voice: VoiceType, casting: Casting) -> Self {
        let (voice, stretch, f0) = match voice {
            VoiceType::Woman => ("slt", 99, 175),
            VoiceType::WomanOld => ("slt", 112, 140),
            VoiceType::Girl => ("slt", 96, 235),
            VoiceType::Boy => ("slt", 94, 225),
            VoiceType::Man => ("rms", 97, 100),
            VoiceType::ManOld => ("rms", 118, 85),
            VoiceType::ManBright => ("awb", 104, 125),
            VoiceType::Teller => ("awb", 110, 115),
            VoiceType::Radio => ("kal16", 104, 105),
            VoiceType::RadioSoft => ("kal16", 120, 92),
        };
        // A faster pace is a shorter stretch.
        let pace = casting.pace();
        let stretch = (stretch * 1_000 + pace / 2) / pace;
        Self { voice, stretch, f0: (f64::from(f0) * casting.pitch()).round() as u32 }
    }

    fn stretch(self) -> String {
        format!("{}.{:02}", self.stretch / 100, self.stretch % 100)
    }

    /// Such as `slt stretch=0.99 f0=175`.
    pub fn describe(self) -> String {
        format!("{} stretch={} f0={}", self.voice, self.stretch(), self.f0)
    }

    fn args(self) -> [String; 6] {
        let stretch = format!("duration_stretch={}", self.stretch());
        let f0 = format!("int_f0_target_mean={}", self.f0);
        ["-voice".into(), self.voice.into(), "--setf".into(), stretch, "--setf".into(), f0]
    }
}

/// The version text, when the tool has every voice of the table.
pub fn probe(runner: &dyn Runner, tool: &Tool) -> Result<String, String> {
    let run = |arg: &str| {
        let out = runner.run(invocation(tool).arg(arg)).map_err(|e| e.to_string())?;
        Ok::<_, String>(String::from_utf8_lossy(&out.stdout).into_owned() + &out.stderr)
    };
    let listed = run("-lv")?;
    let voices: Vec<&str> = listed.split_whitespace().collect();
    if let Some(missing) = ["slt", "rms", "awb", "kal16"].iter().find(|v| !voices.contains(v)) {
        return Err(format!("this build of flite has no voice `{missing}`"));
    }
    // Its help says the version and ends well; `--version` says it and ends with code 1.
    let about = run("--help")?;
    let version = about.lines().find_map(|l| l.trim().strip_prefix("version:")).unwrap_or("version unknown");
    Ok(version.trim().to_owned())
}

/// A word as flite can read it: ASCII, no control characters. A dash becomes a comma, because dashes do not exist for it
/// and run words together; accents are taken off; what it has no letter for is left out.
pub fn plain(word: &str) -> String {
    let mut out = String::new();
    for c in word.chars() {
        match c {
            '\u{2018}' | '\u{2019}' | '\u{02bc}' | '\u{2032}' => out.push('\''),
            '\u{2012}'..='\u{2015}' | '\u{2212}' => out.push_str(", "),
            '\u{2026}' => out.push_str(if word.ends_with(c) { "..." } else { ", " }),
            c if c.is_ascii_graphic() => out.push(c),
            c => out.push_str(latin(c)),
        }
    }
    // A dash that stands alone is a pause too; a comma with nothing before it is nothing.
    if out.chars().all(|c| c == '-') { String::new() } else { out.trim_start_matches([',', ' ']).to_owned() }
}

fn latin(c: char) -> &'static str {
    match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
        'À'..='Å' | 'Ā' | 'Ă' | 'Ą' => "A",
        'æ' | 'Æ' => "ae",
        'ç' | 'ć' | 'č' => "c",
        'Ç' | 'Ć' | 'Č' => "C",
        'è'..='ë' | 'ē' | 'ę' | 'ě' => "e",
        'È'..='Ë' | 'Ē' | 'Ę' | 'Ě' => "E",
        'ì'..='ï' | 'ī' | 'ı' => "i",
        'Ì'..='Ï' | 'Ī' | 'İ' => "I",
        'ñ' | 'ń' | 'ň' => "n",
        'Ñ' | 'Ń' | 'Ň' => "N",
        'ò'..='ö' | 'ø' | 'ō' | 'ő' => "o",
        'Ò'..='Ö' | 'Ø' | 'Ō' | 'Ő' => "O",
        'œ' | 'Œ' => "oe",
        'ù'..='ü' | 'ū' | 'ů' | 'ű' => "u",
        'Ù'..='Ü' | 'Ū' | 'Ů' | 'Ű' => "U",
        'ý' | 'ÿ' => "y",
        'Ý' | 'Ÿ' => "Y",
        'ß' => "ss",
        'š' | 'ś' | 'ş' => "s",
        'Š' | 'Ś' | 'Ş' => "S",
        'ž' | 'ź' | 'ż' => "z",
        'Ž' | 'Ź' | 'Ż' => "Z",
        'ł' => "l",
        'Ł' => "L",
        'đ' | 'ď' | 'ð' => "d",
        'Đ' | 'Ď' | 'Ð' => "D",
        'ř' => "r",
        'Ř' => "R",
        'ť' => "t",
        'Ť' => "T",
        'þ' | 'Þ' => "th",
        '&' => "and",
        _ => "",
    }
}

/// Speaks a sentence: its WAV, and its phones with their end times in seconds.
#[allow(clippy::type_complexity, reason = "named at the only place it is used")]
pub fn speak(runner: &dyn Runner, tool: &Tool, text: &str, setting: Setting) -> Result<(Vec<u8>, Vec<(String, f64)>), SpeechError> {
    let call = invocation(tool).args(setting.args()).args(["-psdur", "-t", text, "-o", "/dev/stdout"]);
    let out = runner.run(call)?.stdout;
    // One pipe carries the sound and the phones; whichever the tool flushes first, the sound says where it ends itself.
    let no_sound = || SpeechError::BadSound { engine: "flite", text: text.to_owned(), source: WavError::NotWav };
    let start = out.windows(4).position(|w| w == b"RIFF").ok_or_else(no_sound)?;
    let end = start + wav::end_of(&out[start..]).ok_or_else(no_sound)?;
    let mut said = out[..start].to_vec();
    said.extend_from_slice(&out[end..]);
    Ok((out[start..end].to_vec(), phones(&String::from_utf8_lossy(&said))))
}

/// `pau:0.164 hh:0.255 …`. What is not of this form, or goes back in time, ends the list.
pub fn phones(text: &str) -> Vec<(String, f64)> {
    let mut before = 0.0;
    let parse = |part: &str| {
        let (name, time) = part.split_once(':')?;
        let time: f64 = time.parse().ok()?;
        (time.is_finite() && time >= before).then(|| {
            before = time;
            (name.to_owned(), time)
        })
    };
    text.split_whitespace().map_while(parse).collect()
}

/// Phones of each word when every word is followed by a comma, in one call; `None` when the engine's groups do not match
/// the words.
pub fn words_alone(
    runner: &dyn Runner,
    tool: &Tool,
    setting: Setting,
    pieces: &[Vec<String>],
) -> Result<Option<Vec<Vec<String>>>, SpeechError> {
    let bare = |piece: &String| piece.trim_end_matches(|c: char| c.is_ascii_punctuation()).to_owned();
    let mut owners = Vec::new();
    let mut list = String::new();
    for (word, piece) in pieces.iter().enumerate().flat_map(|(w, p)| p.iter().map(move |p| (w, p))) {
        let bare = bare(piece);
        if bare.chars().any(char::is_alphanumeric) {
            owners.push(word);
            list += &bare;
            list += ", ";
        }
    }
    let call = invocation(tool).args(setting.args()).args(["-ps", "-t", list.trim_end(), "-o", "none"]);
    let out = runner.run(call)?.stdout;
    let said = String::from_utf8_lossy(&out).into_owned();
    let names: Vec<&str> = said.split_whitespace().collect();
    let groups: Vec<&[&str]> = names.split(|n| *n == "pau").filter(|g| !g.is_empty()).collect();
    if groups.len() != owners.len() {
        return Ok(None);
    }
    let mut alone = vec![Vec::new(); pieces.len()];
    for (owner, group) in owners.into_iter().zip(groups) {
        alone[owner].extend(group.iter().map(|p| (*p).to_owned()));
    }
    Ok(Some(alone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_becomes_ascii_without_controls() {
        for (word, want) in [
            ("caf\u{e9}", "cafe"),
            ("don\u{2019}t", "don't"),
            ("cold\u{2014}and", "cold, and"),
            ("\u{2014}", ""),
            ("-", ""),
            ("\u{7}be\u{0}ll\u{1b}", "bell"),
            ("\u{202e}abc\u{1f600}", "abc"),
            ("well\u{2026}", "well..."),
        ] {
            assert_eq!(plain(word), want, "{word:?}");
        }
    }

    #[test]
    fn phones_are_read_until_something_else_comes() {
        assert_eq!(phones("pau:0.1 k:0.25 \n"), [("pau".to_owned(), 0.1), ("k".to_owned(), 0.25)]);
        assert_eq!(phones("pau:0.1 k:nan x:0.3").len(), 1);
        assert_eq!(phones("pau:0.4 k:0.2").len(), 1);
        assert!(phones("garbage").is_empty());
    }

    #[test]
    fn settings_read_as_the_table() {
        let plain = Casting::default();
        assert_eq!(Setting::of(VoiceType::Woman, plain).describe(), "slt stretch=0.99 f0=175");
        assert_eq!(Setting::of(VoiceType::RadioSoft, plain).describe(), "kal16 stretch=1.20 f0=92");
        let high = Casting { pitch_cents: 240, rate_pm: 45 };
        assert_eq!(Setting::of(VoiceType::Woman, high).describe(), "slt stretch=0.95 f0=201");
    }
}
