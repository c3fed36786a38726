use super::*;
use contracts::{Seed, table_read::WordMark};

fn caption(k: usize, text: &str, start: u64, samples: u64) -> Caption {
    let words: Vec<&str> = text.split_whitespace().collect();
    let each = samples / words.len().max(1) as u64;
    let mark = |(i, w): (usize, &&str)| WordMark { text: (*w).into(), start: i as u64 * each, end: (i as u64 + 1) * each };
    Caption {
        line_id: Id::new(format!("sc01-b{k:02}-l1")).expect("id"),
        speaker: "Agnes <\u{1f600}> & \"Co\" -->".into(),
        text: text.into(),
        start,
        end: start + samples,
        words: words.iter().enumerate().map(mark).collect(),
    }
}

fn normal(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Reads SubRip as a player does: blocks between empty lines, a number, an arrow, text.
fn read_srt(text: &str) -> Vec<(u64, u64, String)> {
    let ms = |t: &str| {
        let n: Vec<u64> = t.split([':', ',', '.']).map(|p| p.parse().expect("number")).collect();
        ((n[0] * 60 + n[1]) * 60 + n[2]) * 1000 + n[3]
    };
    text.split("\n\n")
        .filter(|b| !b.is_empty())
        .map(|block| {
            let (_, rest) = block.split_once('\n').expect("number");
            let (time, body) = rest.split_once('\n').expect("time");
            let (from, to) = time.split_once(" --> ").expect("arrow");
            (ms(from), ms(to), body.to_owned())
        })
        .collect()
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

const HOSTILE: [&str; 14] = [
    "Cold.",
    "Same light as every night, Joss. I'm coming down.",
    "1 00:00:01,000 --> 00:00:02,000 gone",
    "a --> b & <b>c</b> \"d\" {\\p1} {\\an8} &lt;",
    "\u{202e}backwards\u{202c} \u{2066}x\u{2069}",
    "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} e\u{301}\u{301}\u{301} \u{1f600}\u{1f600}",
    "one\n\n2\n00:00:09,000 --> 00:00:10,000\ninjected\tline\r\n",
    "NOTE this is no note. STYLE neither. WEBVTT",
    "There was a boat, and a lamp, and a long way down to both of them; nobody had asked who lit the one or who took the other, until that night.",
    "averyveryveryveryveryveryveryveryveryveryveryveryverylongwordwithoutanyspaceatall and more",
    "word word word word word word word word word word word word word word word word word word word word word",
    "   leading and   trailing   ",
    "- Is it? - It is.",
    "x",
];

#[test]
fn the_script_comes_back_word_for_word() {
    let captions: Vec<Caption> = HOSTILE.iter().enumerate().map(|(k, t)| caption(k, t, k as u64 * 200_000, 150_000)).collect();
    let cues = cues(&captions);
    let from_srt = read_srt(&srt(&captions));
    let vtt = vtt(&captions);
    let body = vtt.strip_prefix("WEBVTT\n\n").expect("header");
    let from_vtt = read_srt(body);
    assert_eq!((from_srt.len(), from_vtt.len()), (cues.len(), cues.len()));
    for (k, text) in HOSTILE.iter().enumerate() {
        let own: Vec<usize> = (0..cues.len()).filter(|&i| cues[i].line_id == captions[k].line_id).collect();
        let whole = |part: &dyn Fn(usize) -> String| normal(&own.iter().map(|&i| part(i)).collect::<Vec<_>>().join(" "));
        assert_eq!(whole(&|i| cues[i].lines.join(" ")), normal(text));
        assert_eq!(whole(&|i| from_srt[i].2.replace(JOINER, "")), normal(text));
        let spoken = |i: usize| unescape(from_vtt[i].2.strip_prefix("<v Agnes &lt;\u{1f600}&gt; &amp; \"Co\" --&gt;>").expect("voice"));
        assert_eq!(whole(&spoken), normal(text));
    }
    assert_eq!(srt_text(&srt(&captions)).join(" "), normal(&HOSTILE.join(" ")));
    for block in from_srt.iter().chain(&from_vtt) {
        assert!(!block.2.contains("-->") && !block.2.contains("<b>"), "{}", block.2);
        assert!(block.2.lines().count() <= 2);
    }
    // Overrides are SubRip's; WebVTT knows none.
    assert!(from_srt.iter().all(|block| !block.2.contains("{\\")));
}

#[test]
fn cues_are_narrow_ordered_and_apart() {
    let mut seed = Seed::new(11);
    for _ in 0..300 {
        let mut start = 0;
        let captions: Vec<Caption> = (0..seed.below(6) as usize)
            .map(|k| {
                let words: Vec<String> = (0..1 + seed.below(40))
                    .map(|_| "w".repeat(1 + seed.below(12) as usize) + *seed.pick(&["", "", ",", "."]).expect("one"))
                    .collect();
                let length = 4_000 + seed.below(400_000);
                let made = caption(k, &words.join(" "), start, length);
                start = (start + seed.below(length * 2)).saturating_sub(2_000);
                made
            })
            .collect();
        let cues = cues(&captions);
        for cue in &cues {
            assert!(cue.start_ms() < cue.end_ms() && cue.lines.len() <= 2 && !cue.lines.is_empty());
            assert!(cue.lines.iter().all(|l| columns(l) <= COLUMNS && !l.is_empty()), "{cue:?}");
        }
        assert!(cues.windows(2).all(|p| p[0].end_ms() <= p[1].start_ms()), "{cues:?}");
    }
}

#[test]
fn long_lines_break_at_clauses_on_their_words() {
    let text = HOSTILE[8];
    let one = caption(0, text, 48_000, 480_000);
    let cues = cues(std::slice::from_ref(&one));
    assert!(cues.len() >= 2);
    assert!(cues[0].lines.last().expect("line").ends_with([';', ',']), "{cues:?}");
    let word = cues[0].lines.iter().map(|l| l.split(' ').count()).sum::<usize>();
    assert_eq!(cues[1].start_ms(), 1_000 + one.words[word].start / 48);
    assert_eq!((cues[0].start_ms(), cues.last().expect("cue").end_ms()), (1_000, 11_000 + LINGER_MS));
    // Two lines that stand together are even, and break after the comma.
    let two = caption(1, "When the lamp went out, nobody on the boats said anything.", 0, 96_000);
    assert_eq!(super::cues(&[two])[0].lines, ["When the lamp went out,", "nobody on the boats said anything."]);
}

#[test]
fn ideographs_break_between_each_other() {
    let text = "灯台の光はいつもと同じだった。".repeat(8);
    let cues = cues(&[caption(0, &text, 0, 960_000)]);
    assert!(cues.len() >= 2 && cues.iter().flat_map(|c| &c.lines).all(|l| columns(l) <= COLUMNS && !l.starts_with('。')));
    assert_eq!(cues.iter().flat_map(|c| c.lines.clone()).collect::<String>(), text);
    assert!(cues.windows(2).all(|p| p[0].start_ms() < p[1].start_ms()));
}

#[test]
fn nothing_gives_an_empty_file() {
    assert_eq!((srt(&[]).as_str(), vtt(&[]).as_str()), ("", "WEBVTT\n\n"));
    assert!(cues(&[caption(0, " \u{7} ", 0, 48_000)]).is_empty());
}

/// What a player of ASS shows: overrides are taken out, `\N` is a line break, a brace after a backslash is a brace.
fn read_ass(text: &str) -> Vec<(String, String, Vec<u64>)> {
    let (mut out, mut events) = (Vec::new(), false);
    for line in text.lines() {
        events |= line == "[Events]";
        let Some(rest) = line.strip_prefix("Dialogue: ").filter(|_| events) else { continue };
        let fields: Vec<&str> = rest.splitn(10, ',').collect();
        let (mut shown, mut times) = (String::new(), Vec::new());
        let mut chars = fields[9].chars().peekable();
        while let Some(c) = chars.next() {
            match (c, chars.peek().copied()) {
                ('\\', Some(brace @ ('{' | '}'))) => {
                    shown.push(brace);
                    chars.next();
                }
                ('\\', Some('N')) => {
                    shown.push('\n');
                    chars.next();
                }
                ('\\', next) => {
                    assert!(!matches!(next, Some('n' | 'h')), "{line}");
                    shown.push('\\');
                }
                ('{', _) => {
                    let inside: String = chars.by_ref().take_while(|c| *c != '}').collect();
                    times.push(inside.strip_prefix("\\k").and_then(|t| t.parse().ok()).unwrap_or_else(|| panic!("an override: {line}")));
                }
                (c, _) => shown.push(c),
            }
        }
        out.push((format!("{} {}", fields[1], fields[2]), shown.replace([JOINER, FROM_RIGHT, FROM_LEFT], ""), times));
    }
    out
}

fn wide() -> Screen {
    Screen { canvas: contracts::picture::Canvas { width: 1280, height: 720 }, side: 128, bottom: 72 }
}

#[test]
fn text_stays_text_in_ass() {
    let mut texts = HOSTILE.to_vec();
    texts.extend(["{\\b1}loud{\\b0} \\N \\n\\h C:\\new\\Notes }{ {", "{", "a\\", "{\\k99}}\\{"]);
    let captions: Vec<Caption> = texts.iter().enumerate().map(|(k, t)| caption(k, t, k as u64 * 900_000, 600_000)).collect();
    let written = ass(&captions, &wide());
    let read = read_ass(&written);
    let all = read.iter().map(|r| r.1.as_str()).collect::<Vec<_>>().join(" ");
    assert_eq!(normal(&all), normal(&texts.join(" ")));
    assert!(read.iter().all(|(_, text, _)| text.lines().count() <= 2));
    assert!(written.lines().all(|l| !l.contains('\r')) && written.contains("PlayResX: 1280\nPlayResY: 720\n"));
    // The times of a caption's words are, in sum, no longer than it is shown.
    for (cue, (_, _, times)) in cues_within(&captions, wide().columns()).iter().zip(&read) {
        assert!(times.len() >= cue.words.len());
        assert!(times.iter().sum::<u64>() <= (cue.end_ms() - cue.start_ms()).div_ceil(10), "{cue:?}");
    }
}

#[test]
fn ass_words_begin_where_they_are_marked() {
    let mut one = caption(0, "wait for it", 48_000, 144_000);
    one.words = [("wait", 4_800, 24_000), ("for", 48_000, 60_000), ("it", 96_000, 120_000)]
        .map(|(text, start, end)| WordMark { text: text.into(), start, end })
        .into();
    let read = read_ass(&ass(&[one], &wide()));
    assert_eq!(read[0].0, "0:00:01.00 0:00:04.25");
    // A tenth until the first word; then until each next one begins; the last for as long as it sounds.
    assert_eq!(read[0].2, [10, 90, 100, 50]);
}

#[test]
fn captions_stay_until_they_are_read_where_the_film_leaves_the_time() {
    // 40 columns in one second: they stay for two, and longer only if nothing comes.
    let text = "a b c d e f g h i j k l m n o p q r s tt";
    let fast = |start: u64| caption(0, text, start, 48_000);
    let shown = |next: u64| {
        let cues = cues(&[fast(0), Caption { line_id: Id::slug("next"), ..fast(next) }]);
        (cues[0].start_ms(), cues[0].end_ms())
    };
    assert_eq!(columns(text), 40);
    assert_eq!(shown(480_000), (0, 2_000));
    // Reading may use up the gap before the next one, and never reaches into it.
    assert_eq!(shown(96_000), (0, 2_000));
    assert_eq!(shown(72_000), (0, 1_500));
    assert_eq!(shown(48_000), (0, 1_000));
}

#[test]
fn a_long_line_is_parted_so_that_it_can_be_read() {
    // The first words are said fast, the others slowly: parted in the middle, the first half could not be read.
    let text = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen";
    let mut line = caption(0, text, 0, 480_000);
    for (k, word) in line.words.iter_mut().enumerate() {
        let at = if k < 12 { k as u64 * 9_600 } else { 115_200 + (k as u64 - 12) * 72_000 };
        (word.start, word.end) = (at, at + 9_000);
    }
    let cues = cues(&[line]);
    let slow = |cue: &Cue| cue.columns() as u64 * 1_000 <= SPEED * (cue.end_ms() - cue.start_ms());
    assert!(cues.len() >= 2 && cues[1..].iter().all(slow), "{cues:?}");
    assert!(cues[0].columns() * 1000 <= 26 * (cues[0].end_ms() - cues[0].start_ms()) as usize, "{cues:?}");
}

#[test]
fn lines_break_by_the_rules_of_their_script() {
    let lines = |text: &str| cues(&[caption(0, text, 0, 480_000)]).into_iter().flat_map(|c| c.lines).collect::<Vec<_>>();
    // No line begins with a French exclamation mark, an opening quote is never left behind.
    let french = "Mais qui donc a bien pu allumer cette lampe « hier » ! Personne ne le sait ici, mon ami ?";
    assert!(lines(french).iter().all(|l| !l.starts_with(['!', '?', '»']) && !l.ends_with('«')), "{:?}", lines(french));
    assert_eq!(lines(french).join(" "), french);
    // Small kana, the long vowel and closing marks do not begin a line (kinsoku).
    let japanese = "「ランプのそばにいると、だれもさむくないっていったでしょう。」「そうだったかしら、ねえ、ジョスさん。」";
    assert!(lines(japanese).len() > 1);
    assert!(
        lines(japanese).iter().all(|l| !l.starts_with(['。', '、', '」', 'っ', 'ー', 'ょ', 'ッ']) && !l.ends_with('「')),
        "{:?}",
        lines(japanese)
    );
    assert_eq!(lines(japanese).concat(), japanese);
    // Thai has no spaces: a line that is too long is broken, and no vowel or tone is torn from its letter.
    let thai = "ไม่มีใครหนาวเมื่ออยู่ข้างตะเกียงที่จุดไฟไว้ตลอดทั้งคืนและไม่มีใครรู้ว่าใครเป็นคนจุดมันขึ้นมาเมื่อคืนนี้";
    assert!(columns(thai) > COLUMNS);
    assert!(lines(thai).iter().all(|l| columns(l) <= COLUMNS && !l.starts_with(['\u{e31}', '\u{e34}', '\u{e35}', '\u{e48}', '\u{e49}'])));
    assert_eq!(lines(thai).concat(), thai);
    // A family is one character.
    let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}".repeat(30);
    assert!(lines(&family).iter().all(|l| l.starts_with('\u{1f468}') && columns(l) <= COLUMNS));
}

#[test]
fn a_line_is_marked_when_it_begins_from_the_other_side() {
    let line = "האור דלק כל הלילה והסירות חזרו הביתה, Joss לא אמר דבר על זה ולא שאל";
    for (text, marks) in [(line.to_owned(), 1), (format!("{line} מי הדליק. {line}"), 2)] {
        let one = caption(0, &text, 0, 480_000);
        let cues = cues(std::slice::from_ref(&one));
        assert!(cues.iter().all(|c| c.from_right));
        let begun = cues.iter().flat_map(|c| &c.lines).filter(|l| l.starts_with("Joss")).count();
        assert_eq!(begun, marks, "{cues:?}");
        for file in [srt(std::slice::from_ref(&one)), vtt(std::slice::from_ref(&one))] {
            assert_eq!(file.matches("\u{200f}Joss").count(), marks);
            assert_eq!(file.matches('\u{200f}').count(), marks);
        }
        assert_eq!(normal(&srt_text(&srt(&[one])).join(" ")), text);
    }
    // And the other way round.
    let latin = caption(0, "Nobody has ever said it so, שלום אמרה נסה פעם אחת 1 2.", 0, 480_000);
    let file = srt(std::slice::from_ref(&latin));
    assert_eq!((file.matches("\u{200e}שלום").count(), file.matches('\u{200e}').count()), (1, 1), "{file}");
    assert_eq!(srt_text(&file), [latin.text]);
    // A mark of the author's own comes back.
    for own in ["\u{200f}Joss אמר", "\u{200e}Joss אמר", "\u{200e}\u{200f}Joss"] {
        assert_eq!(srt_text(&srt(&[caption(0, own, 0, 48_000)])), [own]);
    }
}

#[test]
fn every_word_has_its_time_and_its_place() {
    let mut seed = Seed::new(12);
    for round in 0..200 {
        let alphabet: Vec<char> = "abcdefgh,.!灯台の光、שלום ไม่มี".chars().collect();
        let text: String =
            (0..1 + seed.below(160)).map(|_| if seed.below(6) == 0 { ' ' } else { *seed.pick(&alphabet).expect("one") }).collect();
        let mut one = caption(0, &text, 96_000, 4_000 + seed.below(500_000));
        if round % 3 == 0 {
            one.words.clear();
        }
        let limit = 12 + seed.below(31) as usize;
        for cue in cues_within(std::slice::from_ref(&one), limit) {
            let (mut before, mut read) = (0, String::new());
            for word in &cue.words {
                assert!(word.start_ms() <= word.end_ms() && word.start_ms() >= before, "{cue:?}");
                assert!(word.start_ms() >= cue.start_ms(), "no word stands before its caption: {cue:?}");
                before = word.start_ms();
                read += &cue.lines[word.line][word.from..word.to];
            }
            let lines: String = cue.lines.concat().chars().filter(|c| *c != ' ').collect();
            assert_eq!(read, lines);
        }
        let list: serde_json::Value = serde_json::from_slice(&timestamps(std::slice::from_ref(&one)).expect("a list")).expect("JSON");
        let words: Vec<&str> = list[0]["words"].as_array().expect("words").iter().filter_map(|w| w["text"].as_str()).collect();
        assert_eq!(words.join(" "), normal(&text));
    }
}

#[test]
fn timestamps_are_canonical_json() {
    let one = caption(3, "Come down", 48_000, 96_000);
    let bytes = timestamps(&[one]).expect("a list");
    let text = String::from_utf8(bytes.clone()).expect("text");
    assert!(text.starts_with("[{\"end_ms\":3000,\"line_id\":\"sc01-b03-l1\",\"speaker\":"), "{text}");
    assert!(text.ends_with("\"start_ms\":1000,\"words\":[{\"end_ms\":2000,\"start_ms\":1000,\"text\":\"Come\"},{\"end_ms\":3000,\"start_ms\":2000,\"text\":\"down\"}]}]"), "{text}");
    let value: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!(contracts::canonical_value(&value).expect("canonical"), bytes);
    assert_eq!(timestamps(&[]).expect("a list"), b"[]");
}

#[test]
fn what_is_read_from_a_damaged_file_is_what_is_whole() {
    let read = super::read_srt(
        "1\n00:00:01,000 --> 00:00:02,000\nfirst\nline\n\nnonsense\n\n2\n00:99 --> x\ntext\n\n3\n01:00:00,500 --> 01:00:01,000\n\u{200f}last",
    );
    assert_eq!(read.len(), 2);
    assert_eq!((read[0].start_ms, read[0].end_ms, read[0].lines.join("|").as_str()), (1_000, 2_000, "first|line"));
    assert_eq!((read[1].start_ms, read[1].lines[0].as_str()), (3_600_500, "last"));
}
