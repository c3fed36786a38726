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
            assert!(cue.start_ms < cue.end_ms && cue.lines.len() <= 2 && !cue.lines.is_empty());
            assert!(cue.lines.iter().all(|l| columns(l) <= COLUMNS && !l.is_empty()), "{cue:?}");
        }
        assert!(cues.windows(2).all(|p| p[0].end_ms <= p[1].start_ms), "{cues:?}");
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
    assert_eq!(cues[1].start_ms, 1_000 + one.words[word].start / 48);
    assert_eq!((cues[0].start_ms, cues.last().expect("cue").end_ms), (1_000, 11_000 + LINGER_MS));
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
    assert!(cues.windows(2).all(|p| p[0].start_ms < p[1].start_ms));
}

#[test]
fn nothing_gives_an_empty_file() {
    assert_eq!((srt(&[]).as_str(), vtt(&[]).as_str()), ("", "WEBVTT\n\n"));
    assert!(cues(&[caption(0, " \u{7} ", 0, 48_000)]).is_empty());
}
