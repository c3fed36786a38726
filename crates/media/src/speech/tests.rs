//! The engines are real here: a machine without them fails these tests, it does not skip them.

use kit::process::{Output, Scripted, System};

use super::*;

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
        let spoken = engine.speak(&System, text, voice).expect("spoken");
        check(&spoken, text);
        assert!((spoken.samples.len() as i64 / 48 - ms).abs() <= 40, "{text}: {} samples, expected {ms} ms", spoken.samples.len());
        assert_eq!(spoken, engine.speak(&System, text, voice).expect("spoken again"));
    }
}

#[test]
fn words_lie_on_their_sound_and_outside_pauses() {
    let engine = flite();
    let spoken = engine.speak(&System, "Cold. I'm coming down.", VoiceType::Woman).expect("spoken");
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
        let spoken = engine.speak(&System, text, VoiceType::Man).expect(text);
        check(&spoken, text);
    }
    assert!(matches!(engine.speak(&System, "\u{2014} ...", VoiceType::Man), Err(SpeechError::NothingToSay { .. })));
    assert!(matches!(engine.speak(&System, &"a ".repeat(1_001), VoiceType::Man), Err(SpeechError::TooLong { .. })));
    assert!(matches!(
        engine.speak(&System, "\u{4f60}\u{597d}", VoiceType::Man),
        Err(SpeechError::NothingToSay { .. } | SpeechError::Silent { .. })
    ));
}

#[test]
fn other_languages_are_spoken_by_espeak() {
    let engine = Engine::detect(&System, "de-DE").expect("espeak-ng speaks German: install it with `apt-get install espeak-ng`");
    assert_eq!(engine.name(), "espeak-ng");
    let text = "Sechs Kannen am Abend. F\u{fc}nf jetzt \u{2014} [[h@]] -v.";
    let spoken = engine.speak(&System, text, VoiceType::Woman).expect("spoken");
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
    let engine = Engine { kind: Kind::Flite, tool: Tool::scripted("flite"), version: String::new(), note: None };
    let words = || Ok(Output { stdout: b"pau k ow l d pau".to_vec(), stderr: String::new() });
    let good = wav::write(16_000, 1, &[1_000; 4_000]).expect("sound");
    let mut cut = good.clone();
    cut.truncate(100);
    for (bytes, what) in [(Vec::new(), "nothing"), (b"RIFF".to_vec(), "a header"), (cut, "half a file")] {
        let runner = Scripted::new().then("flite", words()).then("flite", Ok(Output { stdout: bytes, stderr: String::new() }));
        assert!(matches!(engine.speak(&runner, "Cold.", VoiceType::Woman), Err(SpeechError::BadSound { .. })), "{what}");
    }
    let silent = wav::write(16_000, 1, &[200; 4_000]).expect("sound");
    let runner = Scripted::new().then("flite", words()).then("flite", Ok(Output { stdout: silent, stderr: String::new() }));
    assert!(matches!(engine.speak(&runner, "Cold.", VoiceType::Woman), Err(SpeechError::Silent { .. })));
    // Text before and after the sound, in whatever order a pipe brings them.
    let mut both = b"pau:0.01 k:0.1 ".to_vec();
    both.extend_from_slice(&good);
    both.extend_from_slice(b"ow:0.2 l:0.22 d:0.25\n");
    let runner = Scripted::new().then("flite", words()).then("flite", Ok(Output { stdout: both, stderr: String::new() }));
    let spoken = engine.speak(&runner, "Cold.", VoiceType::Woman).expect("spoken");
    assert_eq!((spoken.samples.len(), spoken.words.len(), spoken.words[0].end), (12_000, 1, 12_000));
}
