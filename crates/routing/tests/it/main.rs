//! Routing from outside: the vectors, the bad input, the properties.

mod suites;
mod vectors;
