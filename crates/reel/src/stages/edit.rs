//! Script + Notes → Script: the lines a person replaced, cut or added (law 5).

use std::sync::Arc;

use contracts::{
    notes::Notes,
    story::{Cast, Script},
};
use orchestrator::Grade;
use serde_json::json;

use super::{Made, Shop, json};
use crate::{failure::Failure, hand::Places};

pub fn run(
    shop: &mut Shop,
    script: Made<Script>,
    cast: &Made<Cast>,
    notes: &Made<Notes>,
    places: &Arc<Places>,
) -> Result<Made<Script>, Failure> {
    let script = lines(shop, script, cast, notes, places)?;
    // What a shot is asked for can be refused before a line is spoken: nobody waits for a table read to hear of a slip.
    adapt::check_notes(&script.doc, &cast.doc, &notes.doc).map_err(|fault| places.failure(&fault))?;
    Ok(script)
}

fn lines(
    shop: &mut Shop,
    script: Made<Script>,
    cast: &Made<Cast>,
    notes: &Made<Notes>,
    places: &Arc<Places>,
) -> Result<Made<Script>, Failure> {
    if notes.doc.lines.is_empty() {
        return Ok(script);
    }
    let places = Arc::clone(places);
    let (written, people, hand) = (Arc::clone(&script.doc), Arc::clone(&cast.doc), Arc::clone(&notes.doc));
    let projection = json!({"script": script.hash, "cast": cast.hash, "lines": json(&hand.lines)});
    shop.document("edit", Grade::Pure, projection, move |_| {
        world::edit::lines(&written, &people, &hand).map_err(|fault| places.error(&fault))
    })
}
