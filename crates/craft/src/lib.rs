//! The local artist: plates, figures, titles, score and foley from structured data. Knows neither files nor networks nor encoders.

pub mod paper;
pub mod light;
pub mod people;
pub mod places;
pub mod props;
pub mod cards;
pub mod text;
pub mod paint;
pub mod score;
pub mod foley;
