//! Script + Notes → Script: the lines a person replaced, cut or added (law 5).

use std::sync::Arc;

use contracts::{
    notes::Notes,
    story::{Cast, Script},
};
use orchestrator::Grade;
use serde_json::json;

use super::{Made, Shop, json, untold};
use crate::failure::Failure;

pub fn run(shop: &mut Shop, script: Made<Script>, cast: &Made<Cast>, notes: &Made<Notes>) -> Result<Made<Script>, Failure> {
    if notes.doc.lines.is_empty() {
        return Ok(script);
    }
    let (written, people, hand) = (Arc::clone(&script.doc), Arc::clone(&cast.doc), Arc::clone(&notes.doc));
    let projection = json!({"script": script.hash, "cast": cast.hash, "lines": json(&hand.lines)});
    shop.document("edit", Grade::Pure, projection, move |_| world::edit::lines(&written, &people, &hand).map_err(untold))
}
