//! The shape every gate answers in: findings with a stable code and the sources of both sides, and a verdict over them.

use contracts::{
    Id,
    canon::{Finding, Verdict},
};

/// A finding that blocks. `sources` names where each side of the contradiction was stated.
pub fn blocks(code: &str, message: impl Into<String>, sources: &[&str]) -> Finding {
    Finding { code: code.into(), message: message.into(), sources: sources.iter().map(|s| (*s).to_owned()).collect(), blocks: true }
}

/// A finding that only warns.
pub fn warns(code: &str, message: impl Into<String>, sources: &[&str]) -> Finding {
    Finding { blocks: false, ..blocks(code, message, sources) }
}

/// The verdict over findings: it passes when none of them blocks.
pub fn verdict(gate: &str, findings: Vec<Finding>) -> Verdict {
    Verdict { gate: Id::slug(gate), pass: !findings.iter().any(|f| f.blocks), findings }
}

/// The verdict of a gate that could not run: it blocks, and says why (law 8).
pub fn could_not_run(gate: &str, why: impl Into<String>) -> Verdict {
    verdict(gate, vec![blocks(&format!("{gate}.could_not_run"), why, &[])])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_blocking_finding_blocks_and_a_warning_does_not() {
        assert!(verdict("canon", vec![]).pass);
        assert!(verdict("canon", vec![warns("canon.x", "odd", &["a"])]).pass);
        assert!(!verdict("canon", vec![warns("canon.x", "odd", &[]), blocks("canon.y", "wrong", &["a", "b"])]).pass);
        assert!(!could_not_run("canon", "no canon").pass);
    }
}
