//! The choices of three public projects, reproduced number by number: what they were measured to do, not what they should
//! have done. Strict routing ([`crate::select`]) never asks this module for an order; it is there for users who bring files
//! from those projects, for comparison, and for the vectors of `tests/compat`.
//!
//! Costs are doubles here and only here, because the originals' faults are faults of doubles: three of 0.04 do not fit 0.12.

pub mod cm;
pub mod context;
pub mod portfolio;
pub mod recommend;
pub mod score;
pub mod selector;
pub mod shape;
pub mod visuals;

/// A double as JavaScript's `toFixed(digits)` writes it: the exact binary value, half away from zero (ECMA-262, 21.1.3.3).
/// Rust's own formatting rounds exact halves to even.
pub fn to_fixed(value: f64, digits: usize) -> String {
    if !value.is_finite() || value.abs() >= 1e21 {
        return value.to_string();
    }
    // No double has more than 1074 digits after the point, so this is the value itself.
    let exact = format!("{:.1080}", value.abs());
    let (whole, fraction) = exact.split_once('.').unwrap_or((exact.as_str(), ""));
    let mut kept: Vec<u8> = whole.bytes().chain(fraction.bytes().take(digits)).collect();
    if fraction.as_bytes().get(digits).is_some_and(|&next| next >= b'5') {
        let mut at = kept.len();
        loop {
            if at == 0 {
                kept.insert(0, b'1');
                break;
            }
            at -= 1;
            if kept[at] < b'9' {
                kept[at] += 1;
                break;
            }
            kept[at] = b'0';
        }
    }
    let text: String = kept.iter().map(|&b| char::from(b)).collect();
    let (whole, fraction) = text.split_at(text.len() - digits);
    let sign = if value < 0.0 { "-" } else { "" };
    if digits == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::to_fixed;

    #[test]
    fn halves_leave_zero_as_in_javascript() {
        // Each pair was asked of node 20.
        for (value, expected) in [
            (1.005, "1.00"),
            (2.675, "2.67"),
            (0.015, "0.01"),
            (0.025, "0.03"),
            (0.125, "0.13"),
            (0.625, "0.63"),
            (-0.125, "-0.13"),
            (-1.0, "-1.00"),
            (9.995, "9.99"),
            (99.999, "100.00"),
            (0.0, "0.00"),
            (-0.0, "0.00"),
            (-0.001, "-0.00"),
        ] {
            assert_eq!(to_fixed(value, 2), expected, "{value}");
        }
        assert_eq!(to_fixed(2.5, 0), "3");
    }
}
