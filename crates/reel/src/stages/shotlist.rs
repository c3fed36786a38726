//! Script + TableRead → ShotList, with the timing lock.

use std::sync::Arc;

use contracts::shots::ShotList;
use orchestrator::Grade;

use super::{Made, Shop, fault};
use crate::{failure::Failure, tell::Told};

pub fn run(shop: &mut Shop, told: &Arc<Told>) -> Result<Made<ShotList>, Failure> {
    let inner = Arc::clone(told);
    shop.document("shotlist", Grade::Pure, told.projection(), move |_| adapt::shot_list(&inner.story()).map_err(fault))
}
