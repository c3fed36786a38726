//! The engines are real here: a machine without them fails these tests, it does not skip them.

use kit::process::{Output, Scripted, System};

use super::*;

mod server;
use server::speech_server;

const PLAIN: Casting = Casting { pitch_cents: 0, rate_pm: 0 };

fn flite() -> Engine {
    let engine = Engine::detect(&System, "en").expect("flite speaks English: install it with `apt-get install flite`");
    assert_eq!((engine.name(), engine.note()), ("flite", None), "flite speaks English: install it with `apt-get install flite`");
    engine
}

fn check(spoken: &Spoken, text: &str) {
    let words: Vec<&str> = text.split_whitespace().collect();
    assert_eq!(spoken.words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>(), words);
    let mut before = 0;
    for mark in &spoken.words {
        assert!(mark.start >= before && mark.start < mark.end && mark.end <= spoken.samples.len() as u64, "{text}: {:?}", spoken.words);
        before = mark.end;
    }
    assert_eq!(spoken.mouth[0].start, 0);
    for pair in spoken.mouth.windows(2) {
        assert!(pair[1].start - pair[0].start >= MOUTH_HOLD && pair[0].shape != pair[1].shape);
    }
    let sound: Vec<f64> = spoken.samples.iter().map(|s| f64::from(*s) / 32767.0).collect();
    let rms = 20.0 * libm::log10(tone::voiced_rms(&sound).expect("voice"));
    assert!((-22.5..-19.0).contains(&rms), "{text}: {rms} dBFS");
    assert!(spoken.samples.iter().all(|s| i32::from(*s).abs() <= 23_200));
}

#[test]
fn flite_speaks_the_reference_lengths() {
    // Milliseconds of the reference table read for these lines with flite 2.2 (writing direction §3.2).
    let engine = flite();
    for (text, voice, ms) in [
        ("Six cans at dusk. Five cans now.", VoiceType::Woman, 2482),
        ("The skippers say it sat a bit low.", VoiceType::Man, 2234),
        ("Some thief. He takes one can, and tucks me in.", VoiceType::WomanOld, 3374),
        ("Then what did seven boats steer by?", VoiceType::RadioSoft, 1816),
        ("Eleven years. That's the first lie in the book.", VoiceType::Teller, 2988),
    ] {
        let spoken = engine.speak(&System, text, voice, PLAIN).expect("spoken");
        check(&spoken, text);
        assert!((spoken.samples.len() as i64 / 48 - ms).abs() <= 40, "{text}: {} samples, expected {ms} ms", spoken.samples.len());
        assert_eq!(spoken, engine.speak(&System, text, voice, PLAIN).expect("spoken again"));
    }
}

#[test]
fn words_lie_on_their_sound_and_outside_pauses() {
    let engine = flite();
    let spoken = engine.speak(&System, "Cold. I'm coming down.", VoiceType::Woman, PLAIN).expect("spoken");
    let w = &spoken.words;
    assert!(w[1].start - w[0].end >= JOINT as u64 - 1, "the pause between sentences belongs to no word: {w:?}");
    let gap = &spoken.samples[w[0].end as usize + 4_000..w[1].start as usize - 100];
    assert!(gap.iter().all(|s| s.abs() < 60), "silence between sentences");
    assert!(w[2].end - w[2].start > w[1].end - w[1].start, "`coming` is longer than `I'm`: {w:?}");
}

#[test]
fn any_text_is_only_ever_spoken() {
    let engine = flite();
    for text in [
        "-o /tmp/never.wav",
        "--version",
        "/etc/passwd",
        "- no \u{2014} wait",
        "It costs $42.50, or 1,000 cans \u{2014} she said \u{201c}Don\u{2019}t!\u{201d} \u{1f600}",
        "Caf\u{e9} <speak>na\u{ef}ve</speak> {\\p1} --> 3",
        "Wait... What?! No.",
    ] {
        let spoken = engine.speak(&System, text, VoiceType::Man, PLAIN).expect(text);
        check(&spoken, text);
    }
    assert!(matches!(engine.speak(&System, "\u{2014} ...", VoiceType::Man, PLAIN), Err(SpeechError::NothingToSay { .. })));
    assert!(matches!(engine.speak(&System, &"a ".repeat(1_001), VoiceType::Man, PLAIN), Err(SpeechError::TooLong { .. })));
    assert!(matches!(
        engine.speak(&System, "\u{4f60}\u{597d}", VoiceType::Man, PLAIN),
        Err(SpeechError::NothingToSay { .. } | SpeechError::Silent { .. })
    ));
}

#[test]
fn other_languages_are_spoken_by_espeak() {
    let engine = Engine::detect(&System, "de-DE").expect("espeak-ng speaks German: install it with `apt-get install espeak-ng`");
    assert_eq!(engine.name(), "espeak-ng");
    let text = "Sechs Kannen am Abend. F\u{fc}nf jetzt \u{2014} [[h@]] -v.";
    let spoken = engine.speak(&System, text, VoiceType::Woman, PLAIN).expect("spoken");
    check(&spoken, text);
    assert!(engine.fingerprint().starts_with("espeak-ng [eSpeak NG text-to-speech: ") && !engine.fingerprint().contains('/'));
    assert!(matches!(Engine::detect(&System, "x-none"), Err(SpeechError::NoEngine { .. })));
    assert!(matches!(Engine::detect(&System, "de;rm"), Err(SpeechError::NoEngine { .. })));
}

#[test]
fn a_missing_flite_is_said_aloud() {
    let out = |text: &str| Ok(Output { stdout: text.as_bytes().to_vec(), stderr: String::new() });
    let missing = || Err(ProcessError::Missing { program: "flite".into(), package: "flite".into() });
    let runner = Scripted::new()
        .then("espeak-ng", out("Pty Language\n 5  en-gb  --/M  English (Great Britain)\n"))
        .then("espeak-ng", out("eSpeak NG text-to-speech: 1.51  Data at: /somewhere\n"));
    let engine = Engine::choose(&runner, "en", missing(), Ok(Tool::scripted("espeak-ng"))).expect("the other engine");
    assert_eq!(engine.name(), "espeak-ng");
    assert!(engine.note().expect("a reason").contains("apt-get install flite"));
    let error = Engine::choose(&Scripted::new(), "en", missing(), missing()).expect_err("no engine at all").to_string();
    assert!(error.contains("apt-get install flite"), "{error}");
    let poor = Scripted::new().then("flite", out("Voices available: kal\n"));
    let error = Engine::choose(&poor, "en", Ok(Tool::scripted("flite")), missing()).expect_err("too few voices").to_string();
    assert!(error.contains("no voice `slt`"), "{error}");
}

#[test]
fn broken_answers_are_errors() {
    let engine = Engine { kind: Kind::Flite { tool: Tool::scripted("flite"), version: String::new() }, note: None };
    let words = || Ok(Output { stdout: b"pau k ow l d pau".to_vec(), stderr: String::new() });
    let good = wav::write(16_000, 1, &[1_000; 4_000]).expect("sound");
    let mut cut = good.clone();
    cut.truncate(100);
    for (bytes, what) in [(Vec::new(), "nothing"), (b"RIFF".to_vec(), "a header"), (cut, "half a file")] {
        let runner = Scripted::new().then("flite", words()).then("flite", Ok(Output { stdout: bytes, stderr: String::new() }));
        assert!(matches!(engine.speak(&runner, "Cold.", VoiceType::Woman, PLAIN), Err(SpeechError::BadSound { .. })), "{what}");
    }
    let silent = wav::write(16_000, 1, &[200; 4_000]).expect("sound");
    let runner = Scripted::new().then("flite", words()).then("flite", Ok(Output { stdout: silent, stderr: String::new() }));
    assert!(matches!(engine.speak(&runner, "Cold.", VoiceType::Woman, PLAIN), Err(SpeechError::Silent { .. })));
    // Text before and after the sound, in whatever order a pipe brings them.
    let mut both = b"pau:0.01 k:0.1 ".to_vec();
    both.extend_from_slice(&good);
    both.extend_from_slice(b"ow:0.2 l:0.22 d:0.25\n");
    let runner = Scripted::new().then("flite", words()).then("flite", Ok(Output { stdout: both, stderr: String::new() }));
    let spoken = engine.speak(&runner, "Cold.", VoiceType::Woman, PLAIN).expect("spoken");
    assert_eq!((spoken.samples.len(), spoken.words.len(), spoken.words[0].end), (12_000, 1, 12_000));
}

#[test]
fn two_people_of_one_type_are_two_voices() {
    let engine = flite();
    let say = |casting| engine.speak(&System, "Six cans at dusk. Five cans now.", VoiceType::Woman, casting).expect("spoken");
    let (low, high) = (say(Casting { pitch_cents: -240, rate_pm: -45 }), say(Casting { pitch_cents: 240, rate_pm: 45 }));
    check(&low, "Six cans at dusk. Five cans now.");
    assert!(low.voice != high.voice && low.samples.len() > high.samples.len() * 105 / 100, "{} {}", low.samples.len(), high.samples.len());
    // The pitch is heard: the voices' fundamentals are four semitones apart, more or less.
    let pitch = |spoken: &Spoken| {
        let x: Vec<f64> = spoken.samples.iter().step_by(6).map(|s| f64::from(*s)).collect();
        let same = |lag: usize| x.iter().zip(&x[lag..]).map(|(a, b)| a * b).sum::<f64>();
        8_000.0 / (8_000 / 280..8_000 / 110).max_by(|a, b| same(*a).total_cmp(&same(*b))).expect("a lag") as f64
    };
    let apart = pitch(&high) / pitch(&low);
    assert!((1.15..1.55).contains(&apart), "{} Hz and {} Hz", pitch(&low), pitch(&high));
}

/// A sound such as an engine gives: half a second of a tone at 22 050 Hz.
fn tone_wav() -> Vec<u8> {
    let wave = |k: usize| (9_000.0 * libm::sin(2.0 * std::f64::consts::PI * 220.0 * k as f64 / 22_050.0)) as i16;
    wav::write(22_050, 1, &(0..11_025).map(wave).collect::<Vec<i16>>()).expect("sound")
}

struct Bench(std::path::PathBuf);

impl Bench {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("reelwright-speech-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("a folder");
        Self(dir)
    }

    #[allow(clippy::disallowed_methods, reason = "the test lays out a folder")]
    fn put(&self, name: &str, bytes: &[u8]) -> std::path::PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).expect("writes");
        path
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn piper_speaks_when_it_is_set_up() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new("piper");
    let sound = bench.put("sound.wav", &tone_wav());
    let (model, said) = (bench.put("voice-amy.onnx", b"weights"), bench.0.join("said"));
    let script = format!(
        "#!/bin/sh\nprintf '%s\\n' \"$@\" >> '{said}'\ncat >> '{said}'\ncase \"$*\" in *speaker\\ 7*) exit 3;; esac\ncat '{}'\n",
        sound.display(),
        said = said.display()
    );
    let command = bench.put("piper-fake", script.as_bytes());
    std::fs::set_permissions(&command, std::fs::Permissions::from_mode(0o755)).expect("may run");
    let settings = PiperSettings {
        command: command.display().to_string(),
        model: model.clone(),
        speaker: None,
        voices: [(VoiceType::Man, PiperVoice { model: None, speaker: Some(7) })].into(),
        languages: Some(vec!["en".into()]),
    };
    let all = |piper: PiperSettings, language| Engine::configured(&SpeechSettings { piper: Some(piper), server: None }, language, false);
    let (engines, notes) = all(settings.clone(), "en-GB");
    assert!(notes.is_empty() && engines.len() == 1, "{notes:?}");
    let engine = &engines[0];
    assert!(engine.name() == "piper" && !engine.repeats() && !engine.fingerprint().contains('/'), "{}", engine.fingerprint());
    let text = "Cold $(touch never); -o never. I'm \u{2014} coming.";
    let spoken = engine.speak(&System, text, VoiceType::Woman, Casting { pitch_cents: 120, rate_pm: 0 }).expect("spoken");
    check(&spoken, text);
    assert_eq!((spoken.engine.as_str(), spoken.voice.as_str()), ("piper", "voice-amy pitch=120 rate=0"));
    // A tone and a fifth of a tone higher; a text only ever on the standard input.
    let asked = std::fs::read_to_string(&said).expect("asked");
    assert!(asked.contains("--length_scale\n1.072\n--output_file\n-\nCold $(touch never); -o never.\n"), "{asked}");
    assert!(!bench.0.join("never").exists());
    // What fails on a line would fail again.
    let error = engine.speak(&System, "Cold.", VoiceType::Man, PLAIN).expect_err("exit code 3");
    assert!(matches!(error, SpeechError::Process(_)) && error.lasts(), "{error}");
    // What is not there is said, and nobody speaks.
    for (settings, language, why) in [
        (settings.clone(), "de", "not for `de`"),
        (PiperSettings { model: "/no/such.onnx".into(), ..settings.clone() }, "en", "no file"),
        (PiperSettings { model: "voice.onnx".into(), ..settings.clone() }, "en", "absolute"),
        (PiperSettings { command: "no-such-piper".into(), ..settings.clone() }, "en", "not found"),
    ] {
        let (engines, notes) = all(settings, language);
        assert!(engines.is_empty() && notes.len() == 1 && notes[0].contains(why), "{notes:?}");
    }
}

#[test]
fn a_server_of_this_machine_speaks_when_it_is_set_up() {
    let (asked, answers) = std::sync::mpsc::channel();
    let url = speech_server(move |ask| {
        let _ = asked.send(ask.clone());
        match ask["input"].as_str() {
            Some("Refused.") => (400, b"{\"error\": \"no\x07pe\"}".to_vec()),
            Some("Later.") => (503, Vec::new()),
            Some("Odd.") => (200, b"ID3 mp3".to_vec()),
            _ => (200, tone_wav()),
        }
    });
    let settings = ServerSettings {
        url,
        model: "tts-1".into(),
        voice: "alloy".into(),
        voices: [(VoiceType::Man, "onyx".to_owned())].into(),
        hosts: Vec::new(),
        languages: None,
    };
    let all = |server: ServerSettings, away| Engine::configured(&SpeechSettings { piper: None, server: Some(server) }, "en", away);
    let (engines, notes) = all(settings.clone(), false);
    assert!(notes.is_empty() && engines.len() == 1, "{notes:?}");
    let engine = &engines[0];
    let text = "Six cans at dusk. \u{201c}Five\u{201d} now.";
    let spoken = engine.speak(&System, text, VoiceType::Man, Casting { pitch_cents: 0, rate_pm: 45 }).expect("spoken");
    check(&spoken, text);
    assert_eq!((spoken.engine.as_str(), spoken.voice.as_str()), ("server", "onyx pitch=0 rate=45"));
    let first = answers.recv().expect("was asked");
    assert_eq!(
        first,
        serde_json::json!({"model": "tts-1", "input": "Six cans at dusk.", "voice": "onyx", "response_format": "wav", "speed": 1.045})
    );
    for (line, lasts) in [("Refused.", true), ("Later.", false), ("Odd.", true)] {
        let error = engine.speak(&System, line, VoiceType::Woman, PLAIN).expect_err(line);
        assert_eq!(error.lasts(), lasts, "{error}");
        assert!(!error.to_string().contains('\x07'));
    }
    // Nobody there, or somewhere else: said, and not asked.
    for (url, away, why) in [
        ("http://127.0.0.1:1", false, "could not be asked"),
        ("http://tts.example.org", true, "not on this machine"),
        ("https://localhost", false, "does not begin with http://"),
    ] {
        let (engines, notes) = all(ServerSettings { url: url.into(), ..settings.clone() }, away);
        assert!(engines.is_empty() && notes.len() == 1 && notes[0].contains(why), "{notes:?}");
    }
    let named = ServerSettings { url: "http://tts.example.org".into(), hosts: vec!["tts.example.org".into()], ..settings };
    let (engines, notes) = all(named, false);
    assert!(engines.is_empty() && notes[0].contains("forbidden"), "{notes:?}");
}
