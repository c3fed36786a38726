//! Guarded acts, each once: clock, atomic files, child processes, failpoints, and their seeded twins for tests. A thing belongs here only if clippy bans it elsewhere. Knows no word of the domain.

