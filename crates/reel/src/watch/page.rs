//! The page of `reel watch`: the film, its storyboard, what is being made, what went wrong. It works without its script;
//! the script keeps it fresh.

use contracts::EditRate;
use maud::{DOCTYPE, Markup, html};

use super::desk::{Draft, Now};
use crate::storyboard::{html::facts, seconds, timecode};

/// All of it.
pub fn whole(now: &Now) -> String {
    let tall = now.draft.as_ref().is_some_and(|d| d.board.canvas.height > d.board.canvas.width);
    let title = now.draft.as_ref().map_or("reel watch", |d| d.board.title.as_str());
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · watch" }
                link rel="stylesheet" href="/page.css";
                script src="/page.js" defer {}
            }
            body class=[tall.then_some("tall")] {
                header {
                    h1 id="title" { (title) }
                    p id="line" class=(now.mood()) role="status" { (now.line()) }
                }
                div id="trouble" { (trouble(now)) }
                section id="screen" {
                    @match &now.draft {
                        Some(draft) => (film(draft)),
                        None => div class="empty" { "the first draft is being made" },
                    }
                }
                main id="board" { (panels(now)) }
            }
        }
    };
    markup.into_string()
}

fn film(draft: &Draft) -> Markup {
    let canvas = draft.board.canvas;
    html! {
        video id="film" src=(format!("/file/{}", draft.film)) width=(canvas.width) height=(canvas.height) controls preload="auto" playsinline poster=[draft.stills.first().map(|s| format!("/file/{s}"))] {
            track kind="captions" label="captions" srclang="en" src=(format!("/file/{}", draft.captions)) default[!draft.drawn];
        }
    }
}

/// What changes with a draft: trouble, the panels, what was noted.
pub fn board(now: &Now) -> Markup {
    html! { (trouble(now)) (panels(now)) }
}

fn trouble(now: &Now) -> Markup {
    html! {
        @if let Some(trouble) = &now.trouble {
            div class="trouble" role="alert" {
                p class="code" { (trouble.code) }
                p { (trouble.message) }
                p class="hint" { "next: " (trouble.hint) }
            }
        }
    }
}

fn panels(now: &Now) -> Markup {
    html! {
        @if let Some(draft) = &now.draft {
            p class="about" data-title=(draft.board.title) data-tall=(draft.board.canvas.height > draft.board.canvas.width) {
                (draft.board.project_id) ", episode " (draft.board.episode) " · " (draft.board.length()) " · click an id to copy it for notes.toml"
            }
            div class="panels" {
                @for (at, panel) in draft.board.panels.iter().enumerate() {
                    @let (start, end) = (clock(draft.board.rate, panel.start_frame), clock(draft.board.rate, panel.start_frame + panel.frames));
                    @let again = draft.remade.get(at).copied().unwrap_or(false) && draft.number > 1;
                    article class=[again.then_some("again")] data-start=(start) data-end=(end) {
                        @if let Some(still) = draft.stills.get(at) {
                            img src=(format!("/file/{still}")) alt=(panel.action) width=(draft.board.canvas.width) height=(draft.board.canvas.height);
                        }
                        div {
                            p class="head" {
                                span class="number" { (panel.number) }
                                button class="id" type="button" title="copy" { (panel.shot_id) }
                                @if again { span class="new" { "made again" } }
                            }
                            p class="time" { (timecode(draft.board.rate, panel.start_frame)) " · " (seconds(draft.board.rate, panel.frames)) " s · " (panel.frames) " f" }
                            (facts(panel))
                            @for line in panel.lines.iter().filter(|l| !l.runs_on) {
                                button class="id line-id" type="button" title="copy" { (line.line_id) }
                            }
                        }
                    }
                }
            }
            @if !draft.stand_ins.is_empty() || !draft.notes.is_empty() {
                div class="notes" {
                    @for (id, reason) in &draft.stand_ins { p { span class="mark" { "stand-in" } " " code { (id) } ": " (reason) } }
                    @for note in &draft.notes { p { "note: " (note) } }
                }
            }
        }
    }
}

/// Where a frame begins, in seconds, rounded up so that a player that seeks there shows it.
fn clock(rate: EditRate, frame: u64) -> String {
    let micros = (frame * 1_000_000 * u64::from(rate.den)).div_ceil(u64::from(rate.num));
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}
