//! The shape every gate answers in: findings with a stable code and the sources of both sides, and a verdict over them.

use contracts::{
    Id,
    canon::{Finding, Verdict},
};

/// A finding that blocks. `sources` names where each side of the contradiction was stated.
pub fn blocks(code: &str, message: impl Into<String>, sources: &[&str]) -> Finding {
    Finding {
        code: code.into(),
        message: message.into(),
        sources: sources.iter().map(|s| (*s).to_owned()).collect(),
        blocks: true,
        repair: None,
    }
}

/// A finding that is worth a look and blocks nothing.
pub fn warns(code: &str, message: impl Into<String>, sources: &[&str]) -> Finding {
    Finding { blocks: false, ..blocks(code, message, sources) }
}

/// The verdict over findings: it passes when none of them blocks.
pub fn verdict(gate: &str, findings: Vec<Finding>) -> Verdict {
    Verdict { gate: Id::slug(gate), pass: !findings.iter().any(|f| f.blocks), findings }
}

/// A finding as a person reads it: `[canon.age] what happened (one side against the other)`.
pub fn told(finding: &Finding) -> String {
    let sides = if finding.sources.is_empty() { String::new() } else { format!(" ({})", finding.sources.join(" against ")) };
    format!("[{}] {}{sides}", finding.code, finding.message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_blocking_finding_blocks_and_a_warning_does_not() {
        assert!(verdict("canon", vec![]).pass);
        let warning = || warns("canon.x", "odd", &["a"]);
        assert!(verdict("canon", vec![warning()]).pass);
        assert!(!verdict("canon", vec![warning(), blocks("canon.y", "wrong", &["a", "b"])]).pass);
        assert_eq!(told(&blocks("canon.y", "wrong", &["a", "b"])), "[canon.y] wrong (a against b)");
        assert_eq!(told(&blocks("canon.y", "wrong", &[])), "[canon.y] wrong");
    }
}
