//! foley.
