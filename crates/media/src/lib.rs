//! The one door to media tools and files: ffmpeg, speech engines, PNG and WAV. Knows neither story nor timelines.

pub mod ffmpeg;
pub mod image;
pub mod probe;
pub mod resample;
pub mod speech;
pub mod wav;
