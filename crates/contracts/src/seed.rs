//! Seeded choice without a clock: SplitMix64 (Steele, Lea & Flood 2014). Thirty lines of our own, because a result must
//! not change with the version of a random-number library.

use crate::Hash;

/// A stream of choices that comes from content. One stream per decision, keyed by what is decided, so that an inserted
/// beat re-rolls nothing else.
#[derive(Clone, Debug)]
pub struct Seed(u64);

impl Seed {
    /// A stream from a number.
    pub fn new(state: u64) -> Self {
        Self(state)
    }

    /// A stream from a text: the seed of `["lighthouse", "sc01-b02", "mould"]` never changes.
    pub fn of(parts: &[&str]) -> Self {
        let mut bytes = Vec::new();
        for part in parts {
            bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        Self(Hash::of(&bytes).seed())
    }

    /// An independent stream for a part of this one's subject. Does not advance this stream.
    pub fn derive(&self, part: &str) -> Self {
        Self::of(&[&format!("{:016x}", self.0), part])
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A whole number in `0..n` (`n` ≥ 1), by multiplication, without modulo bias worth measuring.
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next_u64()) * u128::from(n.max(1))) >> 64) as u64
    }

    /// A whole number in `low..=high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1).max(1) as u64) as i64
    }

    /// A fraction in `[0, 1)` with 53 bits: exact in IEEE 754 on every machine.
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// A fraction in `[low, high)`.
    pub fn range(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// One of these, or `None` of nothing.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        if items.is_empty() { None } else { items.get(self.below(items.len() as u64) as usize) }
    }
}
