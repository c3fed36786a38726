//! The local artist: plates, figures, titles, score and foley from structured data. Knows neither files nor networks nor encoders.

pub mod captions;
pub mod cards;
pub mod foley;
pub mod frame;
pub mod light;
pub mod motion;
pub mod paint;
pub mod paper;
pub mod people;
pub mod places;
mod print;
pub mod props;
pub mod score;
pub mod text;
