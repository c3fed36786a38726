//! Captions to look at: `cargo run -p craft --example captions -- OUT.png [FONT...]` draws every look over a bright and a
//! dark ground, wide and tall, in several scripts, with the fonts that are named.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a tool for eyes, not part of the product")]

use std::{fs::File, io::BufWriter, sync::Arc};

use contracts::{picture::Canvas, project::Aspect, render::BurnIn};
use craft::captions::{Caption, Letters, draw};

const TEXTS: [(&[&str], bool); 5] = [
    (&["Same light as every night, Joss.", "Ich komme hinunter. Кто там?"], false),
    (&["灯台の光はいつもと同じだった。", "没有人敢说一句话。"], false),
    (&["كان هناك قارب ومصباح،", "وطريق طويل إلى الأسفل."], true),
    (&["האור דלק כל הלילה,", "Joss לא אמר דבר."], true),
    (&["We found it! 🎉 👩‍🚀 ❤️ 🇮🇸", "The sixth can… 12% ½ №"], false),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let out = args.next().ok_or("where to?")?;
    let fonts = args.map(|path| std::fs::read(path).map(Arc::new)).collect::<Result<Vec<_>, _>>()?;
    let letters = Letters::new(&fonts, "en");
    let aspect = if out.contains("tall") { Aspect::Tall } else { Aspect::Wide };
    let canvas = Canvas::of(aspect, 720);
    let looks = [BurnIn::Plain, BurnIn::Boxed, BurnIn::Highlight];
    let (strip_h, w) = (190u32, canvas.width);
    let rows = TEXTS.len() as u32 * 3;
    let (width, height) = (w * 2, strip_h * rows);
    let mut page = vec![0u8; (width * height * 3) as usize];
    for (t, (lines, from_right)) in TEXTS.iter().enumerate() {
        let lines: Vec<String> = lines.iter().map(|l| (*l).to_owned()).collect();
        println!("{lines:?}: unknown {:?}", letters.unknown(lines.iter().map(String::as_str)));
        let mut words = Vec::new();
        for (k, line) in lines.iter().enumerate() {
            let mut at = 0;
            for word in line.split(' ') {
                words.push((k, at, at + word.len()));
                at += word.len() + 1;
            }
        }
        for (l, look) in looks.into_iter().enumerate() {
            let size = if aspect == Aspect::Tall { 48 } else { 44 };
            let caption = Caption { lines: &lines, words: &words, from_right: *from_right, canvas, size, look };
            let sprites = draw(&letters, &caption);
            let sprite = if look == BurnIn::Highlight { &sprites[2.min(sprites.len() - 1)] } else { &sprites[0] };
            println!("  {look:?}: {}×{} at {},{}", sprite.pixels.width, sprite.pixels.height, sprite.x, sprite.y);
            let row = (t * 3 + l) as u32 * strip_h;
            for y in 0..strip_h {
                for x in 0..width {
                    let side = x / w;
                    let noise = ((x / 9 + y / 7) % 5) as u8 * 6;
                    let ground = if side == 0 { [235 - noise, 228 - noise, 205 - noise] } else { [20 + noise, 26 + noise, 44 + noise] };
                    let (sx, sy) = ((x % w) as i32 - sprite.x, y as i32 - (strip_h as i32 - 10 - sprite.pixels.height as i32));
                    let at = ((row + y) * width + x) as usize * 3;
                    let inside = (0..sprite.pixels.width as i32).contains(&sx) && (0..sprite.pixels.height as i32).contains(&sy);
                    let p = if inside {
                        let i = (sy as usize * sprite.pixels.width as usize + sx as usize) * 4;
                        &sprite.pixels.rgba[i..i + 4]
                    } else {
                        &[0, 0, 0, 0]
                    };
                    for c in 0..3 {
                        page[at + c] = (u32::from(p[c]) + u32::from(ground[c]) * (255 - u32::from(p[3])) / 255).min(255) as u8;
                    }
                }
            }
        }
    }
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(out)?), width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header()?.write_image_data(&page)?;
    Ok(())
}
