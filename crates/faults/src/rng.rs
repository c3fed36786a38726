//! Choices from a seed and a purpose, over the house's own stream.

use contracts::{Hash, Seed};

/// A stream of numbers that its seed decides.
#[derive(Clone, Debug)]
pub struct Rng(Seed);

impl Rng {
    /// The stream of a seed and of what it is for: two purposes never share their numbers.
    pub fn new(seed: u64, purpose: &str) -> Self {
        Self(Seed::new(seed ^ Hash::of(purpose.as_bytes()).seed()))
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number below `n`; 0 when `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        if n == 0 { 0 } else { (self.number() % n as u64) as usize }
    }

    /// One of a list.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.below(list.len()))
    }

    /// The list in another order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for i in (1..list.len()).rev() {
            list.swap(i, self.below(i + 1));
        }
    }
}
