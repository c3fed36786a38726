//! How long a screenplay of a hundred and twenty pages takes to be read: `cargo run --release -p world --example fountain_speed`.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "it measures, and tells a person at a terminal"
)]

use std::time::Instant;

use world::fountain::{fdx, parse, print};

/// Lines of a printed page.
const PAGE: usize = 55;
const PAGES: usize = 120;

fn main() {
    let mut text = String::from("Title: A Long One\n\n");
    let mut n = 0;
    while text.lines().count() < PAGE * PAGES {
        n += 1;
        if n % 8 == 1 && n / 8 < 190 {
            text.push_str(&format!("INT. ROOM {} - NIGHT #{}#\n\n", n / 8, n / 8 + 1));
        }
        text.push_str(&format!("She goes to the window and *looks* down at the yard, where number {n} waits. [[a note]]\n\n"));
        text.push_str(
            "ADA (O.S.)\n(low)\nYou never came back for it, did you?\n\nBEN\nI came back. You were asleep, and the lamp was _out_.\n\n",
        );
    }
    let best = |what: &str, f: &dyn Fn() -> usize| {
        let times = (0..20).map(|_| {
            let from = Instant::now();
            let made = f();
            (from.elapsed().as_micros(), made)
        });
        let (us, made) = times.min().unwrap_or_default();
        println!("{what}: {}.{:03} ms, {made}", us / 1000, us % 1000);
    };
    let play = parse(&text).expect("it is read");
    let file = fdx::print(&play);
    println!(
        "{PAGES} pages, {} lines, {} bytes, {} paragraphs; as FDX {} bytes",
        text.lines().count(),
        text.len(),
        play.elements.len(),
        file.len()
    );
    best("fountain read", &|| parse(&text).map_or(0, |p| p.elements.len()));
    best("fountain written", &|| print(&play).len());
    best("fdx read", &|| fdx::read(&file).map_or(0, |f| f.play.elements.len()));
    best("fdx written", &|| fdx::print(&play).len());
}
