//! compositor.
