//! cards.
