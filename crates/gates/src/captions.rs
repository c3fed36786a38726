//! The gate of captions: what a caption file says, as a viewer meets it. Its words are judged with the film.

use contracts::canon::{Finding, Verdict};

use crate::verdict::{blocks, verdict};

/// Columns that are read in a second.
pub const SPEED: u64 = 20;
/// Columns of a line.
pub const COLUMNS: usize = 42;
/// Lines at a time.
pub const LINES: usize = 2;
/// As many captions are named in a finding.
const NAMED: usize = 6;

/// A caption as it was read from the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// First millisecond.
    pub start_ms: u64,
    /// One past the last millisecond.
    pub end_ms: u64,
    /// Columns of each of its lines.
    pub columns: Vec<usize>,
}

/// Judges the captions of a file, in its order. Captions that cannot be read in their time, or stand beyond the columns, are
/// findings that do not block: speech may leave no more time, and a word cannot always be broken.
pub fn captions(shown: &[Shown]) -> Verdict {
    let mut found = Vec::new();
    let overlap = shown.windows(2).position(|p| p[1].start_ms < p[0].end_ms);
    if let Some(at) = overlap {
        let message = format!(
            "caption {} begins at {} ms, before caption {} ends at {} ms",
            at + 2,
            shown[at + 1].start_ms,
            at + 1,
            shown[at].end_ms
        );
        found.push(blocks("captions.overlap", message, &[]));
    }
    if let Some(at) = shown.iter().position(|c| c.start_ms >= c.end_ms || c.columns.is_empty()) {
        found.push(blocks("captions.empty", format!("caption {} is never seen", at + 1), &[]));
    }
    if let Some(at) = shown.iter().position(|c| c.columns.len() > LINES) {
        found.push(blocks(
            "captions.lines",
            format!("caption {} has {} lines; at most {LINES} are shown", at + 1, shown[at].columns.len()),
            &[],
        ));
    }
    let warn = |code: &str, which: Vec<(usize, String)>, what: &str| {
        let sources = which.iter().take(NAMED).map(|(at, how)| format!("caption {} {how}", at + 1)).collect();
        let message = format!("{} of {} captions {what}", which.len(), shown.len());
        (!which.is_empty()).then(|| Finding { code: code.to_owned(), message, sources, blocks: false, repair: None })
    };
    let fast = shown.iter().enumerate().filter_map(|(at, c)| {
        let (columns, ms) = (c.columns.iter().sum::<usize>() as u64, c.end_ms.saturating_sub(c.start_ms).max(1));
        (columns * 1000 > SPEED * ms).then(|| (at, format!("({} columns a second)", columns * 1000 / ms)))
    });
    found.extend(warn("captions.speed", fast.collect(), &format!("leave less than a second for {SPEED} columns")));
    let wide = shown.iter().enumerate().filter_map(|(at, c)| {
        let widest = c.columns.iter().copied().max().filter(|w| *w > COLUMNS)?;
        Some((at, format!("({widest} columns)")))
    });
    found.extend(warn("captions.columns", wide.collect(), &format!("have a line wider than {COLUMNS} columns")));
    verdict("caption_form", found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(change: impl FnOnce(&mut Vec<Shown>)) -> (bool, Vec<String>) {
        let mut shown: Vec<Shown> =
            (0..3).map(|k| Shown { start_ms: k * 5_000, end_ms: k * 5_000 + 4_200, columns: vec![42, 42] }).collect();
        change(&mut shown);
        let verdict = captions(&shown);
        (verdict.pass, verdict.findings.into_iter().map(|f| f.code).collect())
    }

    #[test]
    fn captions_at_the_edge_pass_and_one_step_further_do_not() {
        assert_eq!(judged(|_| ()), (true, vec![]));
        assert_eq!(judged(|c| c[0].end_ms = 5_000), (true, vec![]));
        assert_eq!(judged(|c| c[0].end_ms = 5_001), (false, vec!["captions.overlap".into()]));
        assert_eq!(judged(|c| c[1].columns.push(1)), (false, vec!["captions.lines".into(), "captions.speed".into()]));
        assert_eq!(judged(|c| c[1].columns.clear()), (false, vec!["captions.empty".into()]));
        assert_eq!(judged(|c| c[2].end_ms -= 1), (true, vec!["captions.speed".into()]));
        assert_eq!(judged(|c| c[2].columns = vec![43]), (true, vec!["captions.columns".into()]));
        assert_eq!(judged(Vec::clear), (true, vec![]));
    }
}
