//! The video engine: a Timeline in; frames, PCM, segments and a film out. Knows neither story nor storage nor how a plate was made.

pub mod timeline;
pub mod compositor;
pub mod shot;
pub mod join;
pub mod measure;
pub mod mix;
pub mod captions;
pub mod sheet;
