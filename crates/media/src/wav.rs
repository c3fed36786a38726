//! wav.
