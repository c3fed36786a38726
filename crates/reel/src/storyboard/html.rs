//! The storyboard as one HTML file that needs nothing else: pictures are part of it, and a browser prints it as a PDF.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Board, Panel, seconds, timecode};

/// How it looks, on a screen and on paper.
const STYLE: &str = include_str!("board.css");

/// The page. `pictures` are PNG files, one a panel.
pub fn page(board: &Board, pictures: &[Vec<u8>]) -> String {
    let tall = board.canvas.height > board.canvas.width;
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'";
                title { (board.title) " · storyboard" }
                style { (PreEscaped(STYLE)) }
            }
            body class=[tall.then_some("tall")] {
                header {
                    h1 { (board.title) }
                    p { (board.project_id) ", episode " (board.episode) " · " (board.length()) " · " (board.canvas.width) "×" (board.canvas.height) " at " (String::from(board.rate)) }
                    p class="lock" { "timing lock " (board.lock) }
                }
                main {
                    @for (panel, picture) in board.panels.iter().zip(pictures) {
                        (figure(board, panel, &format!("data:image/png;base64,{}", base64(picture))))
                    }
                }
            }
        }
    };
    markup.into_string()
}

fn figure(board: &Board, panel: &Panel, source: &str) -> Markup {
    html! {
        article id=(panel.shot_id) {
            img src=(source) alt=(panel.action) width=(board.canvas.width) height=(board.canvas.height);
            div {
                p class="head" {
                    span class="number" { (panel.number) }
                    code { (panel.shot_id) }
                    span class="time" { (timecode(board.rate, panel.start_frame)) " · " (seconds(board.rate, panel.frames)) " s · " (panel.frames) " f" }
                }
                (facts(panel))
            }
        }
    }
}

/// What a panel says beside its picture and its head.
pub fn facts(panel: &Panel) -> Markup {
    html! {
        p class="camera" {
            @if let Some(purpose) = &panel.purpose { (purpose) ": " }
            (panel.framing) ", " (panel.movement)
            @if let Some(transition) = &panel.transition { ", " (transition) }
            @if panel.stand_in { " " span class="mark" { "stand-in" } }
        }
        @if let Some(place) = &panel.place {
            p class="place" { (place) @if !panel.who.is_empty() { " · " (panel.who.join(", ")) } }
        }
        @if !panel.action.is_empty() { p class="action" { (panel.action) } }
        @for line in &panel.lines {
            p class="line" { span class="speaker" { (line.speaker) } " " q { @if line.runs_on { "… " } (line.text) } }
        }
        @if !panel.sounds.is_empty() { p class="sound" { "sound: " (panel.sounds.join(", ")) } }
        @if let Some(music) = &panel.music { p class="sound" { "music: " (music) } }
    }
}

/// Bytes as base64 (RFC 4648 §4).
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().enumerate().fold(0_u32, |bits, (i, byte)| bits | u32::from(*byte) << (16 - 8 * i));
        for i in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * i)) as usize & 63];
            out.push(if i <= group.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn base64_is_that_of_the_standard() {
        let told = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
        for (n, told) in told.into_iter().enumerate() {
            assert_eq!(super::base64(&b"foobar"[..n]), told);
        }
    }
}
