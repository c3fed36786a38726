//! shot.
