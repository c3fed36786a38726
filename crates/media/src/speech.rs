//! speech.
