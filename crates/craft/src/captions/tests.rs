use std::sync::Arc;

use super::*;
use contracts::{Hash, Seed, project::Aspect};

fn words(lines: &[String]) -> Vec<(usize, usize, usize)> {
    let mut out = Vec::new();
    for (k, line) in lines.iter().enumerate() {
        let mut at = 0;
        for word in line.split(' ') {
            out.push((k, at, at + word.len()));
            at += word.len() + 1;
        }
    }
    out
}

fn drawn(letters: &Letters, lines: &[&str], look: BurnIn, aspect: Aspect) -> Vec<Sprite> {
    let lines: Vec<String> = lines.iter().map(|l| (*l).to_owned()).collect();
    let words = words(&lines);
    let canvas = Canvas::of(aspect, 720);
    draw(letters, &Caption { lines: &lines, words: &words, from_right: false, canvas, size: 42, look })
}

fn rect(sprite: &Sprite) -> Rect {
    Rect::new(sprite.x, sprite.y, sprite.pixels.width as i32, sprite.pixels.height as i32)
}

/// Pixels that are nearer to a colour than to any other a caption is made of.
fn where_is(sprite: &Sprite, colour: [u8; 3]) -> Vec<(usize, usize)> {
    let near = |p: &[u8]| p[3] == 255 && p.iter().zip(colour).all(|(a, b)| a.abs_diff(b) < 8);
    let w = sprite.pixels.width as usize;
    sprite.pixels.rgba.chunks_exact(4).enumerate().filter(|(_, p)| near(p)).map(|(i, _)| (i % w, i / w)).collect()
}

#[test]
fn the_same_caption_gives_the_same_bytes_on_every_thread() {
    let draw =
        || drawn(&Letters::new(&[], "en"), &["Same light as every night, Joss.", "Ich komme hinunter."], BurnIn::Highlight, Aspect::Wide);
    let here = draw();
    assert_eq!(here.len(), 10);
    let others: Vec<_> = (0..3).map(|_| std::thread::spawn(draw)).map(|t| t.join().expect("drawn")).collect();
    assert!(others.iter().all(|o| *o == here));
    // Shared letters remember what they drew; it changes nothing.
    let shared = Letters::new(&[], "en");
    drawn(&shared, &["Something else first"], BurnIn::Boxed, Aspect::Tall);
    assert_eq!(drawn(&shared, &["Same light as every night, Joss.", "Ich komme hinunter."], BurnIn::Highlight, Aspect::Wide), here);
}

#[test]
fn the_spoken_word_stands_out_and_no_other_moves() {
    let sprites = drawn(&Letters::new(&[], "en"), &["Seven boats came", "home tonight"], BurnIn::Highlight, Aspect::Wide);
    assert_eq!(sprites.len(), 6);
    let base = &sprites[0];
    assert!(where_is(base, SPOKEN).is_empty());
    let all = where_is(base, LETTER);
    let mut before = (0, 0);
    for (k, sprite) in sprites[1..].iter().enumerate() {
        assert_eq!(rect(sprite), rect(base));
        let gold = where_is(sprite, SPOKEN);
        assert!(gold.len() > 50, "word {k} has {} golden pixels", gold.len());
        // What is white stood white before; what was white and is not, is golden or beside it.
        let white = where_is(sprite, LETTER);
        assert!(white.iter().all(|p| all.contains(p)));
        let (x0, x1) = (gold.iter().map(|p| p.0).min().unwrap_or(0), gold.iter().map(|p| p.0).max().unwrap_or(0));
        let (y0, y1) = (gold.iter().map(|p| p.1).min().unwrap_or(0), gold.iter().map(|p| p.1).max().unwrap_or(0));
        let gone: Vec<_> = all.iter().filter(|p| !white.contains(p)).collect();
        assert!(gone.iter().all(|p| (x0..=x1).contains(&p.0) && (y0..=y1).contains(&p.1)), "word {k}");
        // Words follow each other as they are read.
        assert!((y0 / 20, x0) > before, "word {k} at {x0},{y0} after {before:?}");
        before = (y0 / 20, x0);
    }
}

#[test]
fn captions_stay_within_the_title_margins() {
    let letters = Letters::new(&[], "en");
    let mut seed = Seed::new(4);
    for round in 0..200 {
        let alphabet: Vec<char> = "aeioWMmlit.,—ÄÖéßΩЖשלום".chars().collect();
        let line = |seed: &mut Seed| {
            let columns = 1 + seed.below(42);
            let letter = |seed: &mut Seed| if seed.below(6) == 0 { ' ' } else { *seed.pick(&alphabet).expect("a letter") };
            (0..columns).map(|_| letter(seed)).collect::<String>()
        };
        let mut lines: Vec<String> = (0..1 + seed.below(2)).map(|_| line(&mut seed)).collect();
        if round % 40 == 0 {
            lines = vec!["W".repeat(10 + seed.below(400) as usize)];
        }
        let aspect = *seed.pick(&[Aspect::Wide, Aspect::Tall, Aspect::Square]).expect("an aspect");
        let look = *seed.pick(&[BurnIn::Plain, BurnIn::Boxed]).expect("a look");
        let canvas = Canvas::of(aspect, *seed.pick(&[360, 720, 1080]).expect("a size"));
        let size = canvas.width.min(canvas.height) * 6 / 100;
        let safe = Margins::title(canvas).within(canvas);
        for sprite in draw(&letters, &Caption { lines: &lines, words: &[], from_right: false, canvas, size, look }) {
            let rect = rect(&sprite);
            assert!(safe.holds(&rect) && !rect.is_empty(), "{lines:?} at {rect:?} in {safe:?}");
            let pixels = &sprite.pixels;
            assert!(pixels.rgba.chunks_exact(4).all(|p| p[..3].iter().all(|c| *c <= p[3])), "premultiplied");
            // Nothing is cut: in a plain caption no letter touches the border of its picture.
            if look == BurnIn::Plain {
                let w = pixels.width as usize;
                let border = |(i, _): &(usize, &[u8])| i % w == 0 || i % w == w - 1 || *i < w || *i >= w * (pixels.height as usize - 1);
                assert!(pixels.rgba.chunks_exact(4).enumerate().filter(border).all(|(_, p)| p[0] < 128), "{lines:?}");
            }
        }
    }
}

#[test]
fn hebrew_reads_from_the_right() {
    let letters = Letters::new(&[], "he");
    let lines = vec!["שלום עולם".to_owned()];
    let words = words(&lines);
    let canvas = Canvas::of(Aspect::Wide, 720);
    let caption = Caption { lines: &lines, words: &words, from_right: true, canvas, size: 42, look: BurnIn::Highlight };
    let sprites = draw(&letters, &caption);
    let middle = |s: &Sprite| {
        let gold = where_is(s, SPOKEN);
        gold.iter().map(|p| p.0).sum::<usize>() / gold.len().max(1)
    };
    assert!(middle(&sprites[1]) > middle(&sprites[2]), "the first word stands at the right");
    // A line that begins with a foreign word keeps the direction of its text.
    let lines = vec!["Joss אמר".to_owned()];
    let words: Vec<_> = [(0, 0, 4), (0, 5, 11)].into();
    let sprites = draw(&letters, &Caption { lines: &lines, words: &words, ..caption });
    assert!(middle(&sprites[1]) > middle(&sprites[2]));
}

#[test]
fn a_foreign_beginning_of_a_line_does_not_turn_its_text_round() {
    let letters = Letters::new(&[], "en");
    let (lines, words) = (vec!["שלום said".to_owned()], [(0, 0, 8), (0, 9, 13)]);
    let canvas = Canvas::of(Aspect::Wide, 720);
    let middle = |from_right: bool| {
        let caption = Caption { lines: &lines, words: &words, from_right, canvas, size: 42, look: BurnIn::Highlight };
        let at = |s: &Sprite| where_is(s, SPOKEN).iter().map(|p| p.0).max().unwrap_or(0);
        let sprites = draw(&letters, &caption);
        (at(&sprites[1]), at(&sprites[2]))
    };
    assert!(middle(false).0 < middle(false).1, "of a text from the left, the second word stands right of the first");
    assert!(middle(true).0 > middle(true).1);
}

#[test]
fn arabic_letters_join() {
    // The last of the own fonts has Arabic. Alone, its letters take other forms than in a word.
    let letters = Letters::new(&[], "ar");
    let outlines = |text: &str| -> Vec<usize> {
        let block = letters.set(&letters.text(&[text.to_owned()], true), 40.0, 1_000.0);
        let mut steps: Vec<_> = letters.inked(&block).iter().map(|g| if let Ink::Outline(s) = &g.ink { s.len() } else { 0 }).collect();
        steps.sort_unstable();
        steps
    };
    assert!(letters.unknown(["سلام"]).is_empty());
    let (joined, alone) = (outlines("سلام"), outlines("س ل ا م"));
    assert!(joined.len() < 4 || joined != alone, "{joined:?} {alone:?}");
}

#[test]
fn what_no_font_has_is_named_and_a_broken_font_is_none() {
    let letters = Letters::new(&[Arc::new(b"no font".to_vec())], "en");
    let unknown = letters.unknown(["Ægir, Ωmega, Жук \u{202e}שלום\u{202c} e\u{301}", "日本 👩\u{200d}🚀 日"]);
    assert_eq!(unknown.iter().map(String::as_str).collect::<Vec<_>>(), ["日", "本", "👩\u{200d}🚀"]);
    assert!(letters_of(&Arc::new(Vec::new()), &['a'].into()).is_empty());
    assert!(
        draw(
            &letters,
            &Caption {
                lines: &[" ".into()],
                words: &[],
                from_right: false,
                canvas: Canvas::of(Aspect::Wide, 360),
                size: 20,
                look: BurnIn::Plain
            }
        )
        .is_empty()
    );
}

#[test]
fn drawn_captions_change_only_with_their_steps_version() {
    // Another picture here is another version of the step `burn` (STEP_VERSIONS of reel); own fonts draw the same everywhere.
    let sprites =
        drawn(&Letters::new(&[], "en"), &["Ten boats home, Nessa!", "\u{5e9}\u{5dc}\u{5d5}\u{5dd} 12%"], BurnIn::Highlight, Aspect::Wide);
    let bytes: Vec<u8> = sprites.iter().flat_map(|s| s.pixels.rgba.iter().copied()).collect();
    assert_eq!(Hash::of(&bytes).to_string(), "4ce2c67215f9e1d263b7686b5ad9489a805df1b8b2adff3aa08823232daf0b31");
}

#[test]
fn a_text_beyond_all_measure_is_drawn_in_the_frame_after_a_few_tries() {
    let lines = vec!["%{gmtime}".repeat(1_200)];
    let canvas = Canvas::of(Aspect::Tall, 360);
    let safe = Margins::title(canvas).within(canvas);
    let caption = Caption { lines: &lines, words: &[], from_right: false, canvas, size: 24, look: BurnIn::Plain };
    let sprites = draw(&Letters::new(&[], "en"), &caption);
    assert!(sprites.len() == 1 && safe.holds(&rect(&sprites[0])));
}
