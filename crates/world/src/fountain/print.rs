//! [`Screenplay`] → Fountain text, such that reading it again gives the same screenplay; and a script as a screenplay.

use contracts::{
    canon::Canon,
    story::{Cast, Delivery, Hold, Line, Script},
};

use super::{
    parse::{Element, Kind, Part, Screenplay, begins_title_page},
    words,
};
use crate::text::bare;

/// The screenplay as Fountain text.
pub fn print(play: &Screenplay) -> String {
    let mut out = String::new();
    for (key, values) in &play.title_page {
        match values.as_slice() {
            [one] => out.push_str(&format!("{key}: {}\n", escape(one))),
            many => {
                out.push_str(&format!("{key}:\n"));
                many.iter().for_each(|v| out.push_str(&format!("    {}\n", escape(v))));
            }
        }
    }
    for element in &play.elements {
        if !out.is_empty() {
            out.push('\n');
        }
        for note in &element.notes {
            out.push_str(&format!("[[{note}]]\n"));
        }
        out.push_str(&paragraph(&element.kind, out.is_empty()));
    }
    out
}

fn paragraph(kind: &Kind, first: bool) -> String {
    match kind {
        Kind::Heading { text, number } => {
            let dot = if words::heading_start(text).is_some() { "" } else { "." };
            let number = number.as_ref().map(|n| format!(" #{n}#")).unwrap_or_default();
            format!("{dot}{}{number}\n", escape(text))
        }
        Kind::Action(text) => {
            let written = escape(text);
            let signs = written.starts_with(['.', '!', '@', '=', '>', '~', '#', '\\']);
            let read_as_other =
                signs || words::heading_start(text).is_some() || words::transition(text) || (first && begins_title_page(text));
            format!("{}{written}\n", if read_as_other { "!" } else { "" })
        }
        Kind::Dialogue { cue, extensions, dual, parts } => {
            let plain = cue.starts_with(|c: char| c.is_ascii_uppercase())
                && cue.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, ' ' | '\'' | '-' | '.'))
                && words::camera(cue).is_none()
                // `INT (low)` would be a place: what stands after the name counts.
                && words::heading_start(&format!("{cue} (")).is_none();
            let mut out = if plain { cue.clone() } else { format!("@{}", escape(cue).replace('(', "\\(").replace('^', "\\^")) };
            extensions.iter().for_each(|e| out.push_str(&format!(" ({})", brackets(e))));
            out.push_str(if *dual { " ^\n" } else { "\n" });
            for part in parts {
                match part {
                    Part::Say(text) => {
                        let sign = if text.starts_with(['(', '~']) { "\\" } else { "" };
                        out.push_str(&format!("{sign}{}\n", escape(text)));
                    }
                    Part::How(text) => out.push_str(&format!("({})\n", brackets(text))),
                }
            }
            out
        }
        Kind::Transition(text) => format!("> {}\n", escape(text)),
        Kind::Section(level, text) => format!("{} {}\n", "#".repeat(*level), escape(text)),
        Kind::Synopsis(text) => format!("= {}\n", if text.starts_with('=') { format!("\\{}", escape(text)) } else { escape(text) }),
        Kind::PageBreak => "===\n".to_owned(),
        Kind::Nothing => String::new(),
    }
}

/// The text with every sign escaped that would be read as a mark.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '*' | '_' | '[' | '#' | '<') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn brackets(text: &str) -> String {
    escape(text).replace('(', "\\(").replace(')', "\\)")
}

/// A script as a screenplay: scenes with their numbers and times, beats with their ids, lines with how they are said. Read again
/// over the same canon it gives the same people, places, times and lines.
pub fn screenplay(script: &Script, cast: &Cast, canon: &Canon) -> Screenplay {
    let mut play = Screenplay { title_page: vec![("Title".into(), vec![script.title.clone()])], elements: Vec::new() };
    let name = |id: &str| cast.members.iter().find(|m| m.id.as_str() == id).map_or_else(|| id.to_owned(), |m| m.name.clone());
    for scene in &script.scenes {
        let place = canon.locations.iter().find(|l| l.id == scene.location_id);
        let side = if place.is_some_and(|p| words::indoors(p.family)) { "INT." } else { "EXT." };
        let named = place.map_or_else(|| scene.location_id.to_string(), |p| bare(&p.name).to_owned()).to_uppercase();
        let list = |ids: &[contracts::Id]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let mut notes = vec![
            format!("time: {}", scene.story_time),
            format!("weather: {}", words::name(&scene.weather)),
            format!("mood: {}", words::name(&scene.mood)),
            format!("present: {}", list(&scene.present)),
        ];
        if !scene.heard.is_empty() {
            notes.push(format!("heard: {}", list(&scene.heard)));
        }
        let hour = words::name(&scene.time_of_day).to_uppercase();
        let heading = Kind::Heading { text: format!("{side} {named} - {hour}"), number: Some(scene.id.to_string()) };
        play.elements.push(Element { line: 0, kind: heading, notes });
        for beat in &scene.beats {
            let mut notes = vec![format!("id: {}", beat.id), format!("fn: {}", words::name(&beat.function))];
            if beat.id == script.title_after {
                notes.push("title".into());
            }
            notes.extend(beat.sounds.iter().map(|s| format!("sound: {s}")));
            if let Some(action) = &beat.action {
                let kind = Kind::Action(action.text.clone());
                play.elements.push(Element { line: 0, kind, notes: std::mem::take(&mut notes) });
            }
            for line in &beat.lines {
                let heard = !scene.present.contains(&line.speaker_id) && scene.heard.contains(&line.speaker_id);
                let kind = Kind::Dialogue {
                    cue: name(&line.speaker_id).to_uppercase(),
                    extensions: if heard { vec!["O.S.".into()] } else { vec![] },
                    dual: false,
                    parts: vec![Part::How(how(line)), Part::Say(line.text.clone())],
                };
                play.elements.push(Element { line: 0, kind, notes: std::mem::take(&mut notes) });
            }
        }
    }
    play
}

fn how(line: &Line) -> String {
    let mut words = vec![format!("{} {}", words::name(&line.emotion.tag), line.emotion.level)];
    match line.delivery {
        Delivery::Plain => {}
        Delivery::Low => words.push("low".into()),
        Delivery::Call => words.push("calling".into()),
        Delivery::Write => words.push("writing".into()),
        Delivery::Read => words.push("reading".into()),
    }
    match line.hold_before {
        Hold::None => {}
        Hold::Short => words.push("a short pause".into()),
        Hold::Medium => words.push("a pause".into()),
        Hold::Long => words.push("a long pause".into()),
    }
    words.push(match line.to.as_slice() {
        [] => "to nobody".into(),
        to => format!("to {}", to.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")),
    });
    words.join(", ")
}
