//! Artifacts, blobs, memo, refs, events: one SQLite database and a folder of files. Knows neither steps nor film.

