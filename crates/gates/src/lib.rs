//! Facts in, verdict out. Knows nothing of who made what it judges. An error or an undefined answer is a deny.

pub mod captions;
pub mod compat;
pub mod film;
pub mod native;
pub mod policy;
pub mod promise;
pub mod rights;
pub mod rules;
pub mod safety;
pub mod slideshow;
pub mod verdict;

pub use verdict::{blocks, told, verdict};
