//! Routing from outside: the vectors, the bad input, the rules, the properties.

mod bad_input;
mod files;
mod properties;
mod records;
mod rules;
mod suites;
mod vectors;
mod world;
