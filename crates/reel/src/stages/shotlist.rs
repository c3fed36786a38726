//! Script + TableRead → ShotList, with the timing lock.

use std::sync::Arc;

use adapt::AdaptError;
use contracts::shots::ShotList;
use orchestrator::Grade;

use super::{Made, Shop, fault};
use crate::{failure::Failure, hand::Places, tell::Told};

pub fn run(shop: &mut Shop, told: &Arc<Told>, places: &Arc<Places>) -> Result<Made<ShotList>, Failure> {
    let (inner, places) = (Arc::clone(told), Arc::clone(places));
    shop.document("shotlist", Grade::Pure, told.projection(), move |_| {
        adapt::shot_list(&inner.story()).map_err(|error| match error {
            AdaptError::Note(note) => places.error(&note),
            error => fault(error),
        })
    })
}
