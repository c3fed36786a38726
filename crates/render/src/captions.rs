//! Captions as SRT and WebVTT: every word of the script, at most two lines of 42 columns, timed by the table read.
//!
//! A line of the script that fits is one cue; a longer one becomes several, split where a clause ends if it can be and
//! timed by the words' own marks. Cues never overlap. Text is data: an arrow, a tag or an override in it stays text.

use std::fmt::Write;

use contracts::{Id, render::Caption, time::ms_of_samples};

/// Columns of a caption line.
pub const COLUMNS: usize = 42;
/// A cue stays this long after its last word, where there is room.
const LINGER_MS: u64 = 250;
/// A cue is shown this long at least, where there is room.
const SHORTEST_MS: u64 = 900;
/// Two frames of film between cues, so that the eye sees the change.
const GAP_MS: u64 = 83;
/// Invisible and without width (U+2060): parts what a player would take for markup.
const JOINER: char = '\u{2060}';

/// One caption on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cue {
    /// The line of the script.
    pub line_id: Id,
    /// Which part of it, from 1.
    pub part: usize,
    /// Who speaks.
    pub speaker: String,
    /// One or two lines of text, unescaped.
    pub lines: Vec<String>,
    /// First millisecond.
    pub start_ms: u64,
    /// One past the last millisecond.
    pub end_ms: u64,
}

/// The cues of a film, in order of time, without overlap.
pub fn cues(captions: &[Caption]) -> Vec<Cue> {
    let mut ordered: Vec<&Caption> = captions.iter().collect();
    ordered.sort_by_key(|c| c.start);
    let mut cues: Vec<Cue> = ordered.into_iter().flat_map(split).collect();
    // Starts strictly rise; two lines that start together follow each other by a millisecond.
    let mut floor = 0;
    for cue in &mut cues {
        cue.start_ms = cue.start_ms.max(floor);
        floor = cue.start_ms + 1;
    }
    for k in 0..cues.len() {
        let next = cues.get(k + 1).map_or(u64::MAX, |n| n.start_ms);
        let cue = &mut cues[k];
        let spoken = cue.end_ms.max(cue.start_ms + 1);
        let wanted = (spoken + LINGER_MS).max(cue.start_ms + SHORTEST_MS);
        // Lingering leaves a gap before the next cue; speech itself may use it up.
        cue.end_ms = wanted.min(next.saturating_sub(GAP_MS)).max(spoken).min(next);
    }
    cues
}

/// SubRip. Plain text; arrows, tags and overrides in the text are parted by an invisible joiner, since the format has no
/// escapes.
pub fn srt(captions: &[Caption]) -> String {
    let mut out = String::new();
    for (k, cue) in cues(captions).iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(out, "{}\n{} --> {}\n", k + 1, clock(cue.start_ms, ','), clock(cue.end_ms, ','));
        for line in &cue.lines {
            out += &part_markup(line);
            out.push('\n');
        }
        out.push('\n');
    }
    out
}

/// WebVTT with the speaker as voice.
pub fn vtt(captions: &[Caption]) -> String {
    let mut out = String::from("WEBVTT\n\n");
    for cue in cues(captions) {
        let _ = write!(out, "{}-{}\n{} --> {}\n", cue.line_id, cue.part, clock(cue.start_ms, '.'), clock(cue.end_ms, '.'));
        let speaker = escape(&clean(&cue.speaker).join(" "));
        // Before the bracket that ends the tag, hyphens would make an arrow of it, and that ends the cue.
        let speaker = speaker.trim_end_matches(['-', ' ']);
        if !speaker.is_empty() {
            let _ = write!(out, "<v {speaker}>");
        }
        out += &escape(&cue.lines.join("\n"));
        out += "\n\n";
    }
    out
}

/// The text of each cue of a SubRip file that [`srt`] wrote, white space normalised and the joiners taken out again: what
/// a gate compares with the script, so that it judges the file and not the intent.
pub fn srt_text(srt: &str) -> Vec<String> {
    let text = |block: &str| block.lines().skip(2).flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ").replace(JOINER, "");
    srt.split("\n\n").filter(|b| !b.trim().is_empty()).map(text).collect()
}

/// The cues of one line; times are those of speech.
fn split(caption: &Caption) -> Vec<Cue> {
    let words = clean(&caption.text);
    let atoms = atoms(&words);
    let starts = starts(caption, &words, &atoms);
    let parts = parts(&atoms);
    let count = parts.len();
    let mut from = 0;
    let mut cues = Vec::with_capacity(count);
    for (k, lines) in parts.into_iter().enumerate() {
        let to = from + lines.iter().map(|l| l.len()).sum::<usize>();
        let start = if k == 0 { caption.start } else { starts[from] };
        let end = if k + 1 == count { caption.end } else { starts[to] };
        cues.push(Cue {
            line_id: caption.line_id.clone(),
            part: k + 1,
            speaker: caption.speaker.clone(),
            lines: lines.iter().map(|l| join(l)).collect(),
            start_ms: ms_of_samples(start),
            end_ms: ms_of_samples(end),
        });
        from = to;
    }
    cues
}

/// A piece of text that is never broken: a word, or a character of a script that is written without spaces.
#[derive(Clone, Debug)]
struct Atom<'a> {
    text: &'a str,
    /// Which word it belongs to.
    word: usize,
    columns: usize,
    /// Whether a space stands before it.
    spaced: bool,
}

/// Words without control characters.
fn clean(text: &str) -> Vec<String> {
    let without = |w: &str| w.chars().filter(|c| !c.is_control()).collect::<String>();
    let apart = |c: char| c.is_whitespace() || matches!(c, '\u{2028}' | '\u{2029}');
    text.split(apart).map(without).filter(|w| !w.is_empty()).collect()
}

fn atoms(words: &[String]) -> Vec<Atom<'_>> {
    let mut atoms = Vec::new();
    for (word, text) in words.iter().enumerate() {
        let mut cuts = vec![0];
        if columns(text) > COLUMNS {
            // A run of ideographs longer than a line may break between any two of them, but not before what hangs on one.
            let wide = |c: char| char_columns(c) == 2;
            let mut chars = text.char_indices().peekable();
            while let Some((_, c)) = chars.next() {
                if let Some(&(at, next)) = chars.peek()
                    && c != '\u{200d}'
                    && (wide(c) || wide(next))
                    && char_columns(next) > 0
                    && !"。、，．！？：；」』）】…".contains(next)
                {
                    cuts.push(at);
                }
            }
        }
        cuts.push(text.len());
        for pair in cuts.windows(2) {
            let part = &text[pair[0]..pair[1]];
            atoms.push(Atom { text: part, word, columns: columns(part), spaced: pair[0] == 0 });
        }
    }
    atoms
}

/// When each atom starts, in film samples: by the words' marks, else in proportion to the text.
fn starts(caption: &Caption, words: &[String], atoms: &[Atom<'_>]) -> Vec<u64> {
    let length = caption.end.saturating_sub(caption.start);
    let marked = caption.words.len() == words.len();
    let total: usize = atoms.iter().map(|a| a.columns.max(1)).sum();
    let mut sum = 0;
    let mut before = caption.start;
    atoms
        .iter()
        .map(|atom| {
            let share = length * sum as u64 / total.max(1) as u64;
            sum += atom.columns.max(1);
            let offset = if marked && atom.spaced { caption.words[atom.word].start } else { share };
            before = (caption.start + offset).clamp(before, caption.end.max(before));
            before
        })
        .collect()
}

/// Atoms in parts, each of one or two lines.
fn parts<'a, 'b>(atoms: &'b [Atom<'a>]) -> Vec<Vec<&'b [Atom<'a>]>> {
    let mut parts = Vec::new();
    let mut rest = atoms;
    while !rest.is_empty() {
        let fit = two_lines(rest);
        let mut take = fit;
        if fit < rest.len() {
            // Not all fits: stop where a clause ends, if that leaves a part worth reading, and never leave one word alone.
            let least = fit / 3;
            if let Some(k) = (least.max(1)..=fit).rev().find(|&k| ends_clause(rest[k - 1].text)) {
                take = k;
            } else if rest.len() - fit == 1 && fit > 2 {
                take = fit - 1;
            }
        }
        let (now, later) = rest.split_at(take);
        parts.push(two_halves(now));
        rest = later;
    }
    parts
}

/// How many atoms fit on two lines, at least one.
fn two_lines(atoms: &[Atom<'_>]) -> usize {
    let first = one_line(atoms);
    first + if first < atoms.len() { one_line(&atoms[first..]) } else { 0 }
}

/// How many atoms fit on a line; one wider than a line still takes a line of its own.
fn one_line(atoms: &[Atom<'_>]) -> usize {
    let mut width = 0;
    for (k, atom) in atoms.iter().enumerate() {
        width += atom.columns + usize::from(k > 0 && atom.spaced);
        if width > COLUMNS {
            return k.max(1);
        }
    }
    atoms.len()
}

/// The break that leaves the two lines most even, preferring the end of a clause; one line when all fits.
fn two_halves<'a, 'b>(atoms: &'b [Atom<'a>]) -> Vec<&'b [Atom<'a>]> {
    if one_line(atoms) == atoms.len() {
        return vec![atoms];
    }
    let fits = |part: &[Atom<'_>]| one_line(part) == part.len();
    let uneven = |k: usize| {
        let (a, b) = (width(&atoms[..k]), width(&atoms[k..]));
        a.abs_diff(b) + if ends_clause(atoms[k - 1].text) { 0 } else { 12 }
    };
    let best = (1..atoms.len()).filter(|&k| fits(&atoms[..k]) && fits(&atoms[k..])).min_by_key(|&k| uneven(k));
    let (a, b) = atoms.split_at(best.unwrap_or_else(|| one_line(atoms)));
    vec![a, b]
}

fn width(atoms: &[Atom<'_>]) -> usize {
    atoms.iter().enumerate().map(|(k, a)| a.columns + usize::from(k > 0 && a.spaced)).sum()
}

fn join(atoms: &[Atom<'_>]) -> String {
    let mut out = String::new();
    for (k, atom) in atoms.iter().enumerate() {
        if k > 0 && atom.spaced {
            out.push(' ');
        }
        out += atom.text;
    }
    out
}

fn ends_clause(word: &str) -> bool {
    word.trim_end_matches(['"', '\'', '\u{201d}', '\u{2019}', ')'])
        .ends_with(['.', '!', '?', ',', ';', ':', '\u{2014}', '\u{2026}', '。', '、', '，', '！', '？'])
}

/// Columns of a text on the screen.
pub fn columns(text: &str) -> usize {
    text.chars().map(char_columns).sum()
}

/// Columns of a character: 2 for ideographs, full-width forms and emoji, 0 for what hangs on another, else 1.
fn char_columns(c: char) -> usize {
    match c as u32 {
        0x0300..=0x036f | 0x0483..=0x0489 | 0x0591..=0x05bd | 0x064b..=0x065f | 0x200b..=0x200f | 0x202a..=0x202e => 0,
        0x2060..=0x2069 | 0x20d0..=0x20f0 | 0xfe00..=0xfe0f | 0xfe20..=0xfe2f | 0xfeff | 0x1f3fb..=0x1f3ff | 0xe0000..=0xe01ef => 0,
        0x1100..=0x115f | 0x2e80..=0x303e | 0x3041..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe4f => 2,
        0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1faff | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

fn clock(ms: u64, point: char) -> String {
    format!("{:02}:{:02}:{:02}{point}{:03}", ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Parts `-->`, `<tag` and `{\tag`, which SubRip players act on.
fn part_markup(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '>' && out.ends_with("--") {
            out.push(JOINER);
        }
        out.push(c);
        let next = chars.peek().copied().unwrap_or(' ');
        if (c == '<' && (next == '/' || next.is_alphabetic())) || (c == '{' && next == '\\') {
            out.push(JOINER);
        }
    }
    out
}

#[cfg(test)]
mod tests {
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
}
