//! The gates against the vectors of the projects they mirror, and the properties of the strict ones.

mod compat;
mod policy;
mod terms;
