//! The rights gate: under what licence each asset is shown (requirements 002-15.f, 002-25.4). A licence that is not known
//! to allow it is refused where the asset is chosen, and blocks the film should it get so far.

use std::collections::BTreeMap;

use contracts::{Id, assets::Rights, canon::Verdict};

use crate::verdict::{blocks, verdict};

/// Licences (SPDX ids, lower case) that allow showing a changed copy to anybody, and whether they ask for words of thanks.
/// `proprietary_cleared` is the project's own word for what its owner may use.
const KNOWN: &[(&str, bool)] = &[
    ("proprietary_cleared", false),
    ("cc0-1.0", false),
    ("cc-pddc", false),
    ("pddl-1.0", false),
    ("unlicense", false),
    ("0bsd", false),
    ("mit-0", false),
    ("cc-by-2.0", true),
    ("cc-by-2.5", true),
    ("cc-by-3.0", true),
    ("cc-by-4.0", true),
    ("cc-by-sa-2.0", true),
    ("cc-by-sa-2.5", true),
    ("cc-by-sa-3.0", true),
    ("cc-by-sa-4.0", true),
    ("mit", true),
    ("apache-2.0", true),
    ("ofl-1.1", true),
];

/// Whether an asset under these rights may be shown; else why not, and what would change it.
pub fn cleared(rights: &Rights) -> Result<(), String> {
    let licence = rights.licence.trim().to_ascii_lowercase();
    match KNOWN.iter().find(|(id, _)| *id == licence) {
        Some((_, thanks)) if *thanks && rights.attribution.as_deref().is_none_or(|a| a.trim().is_empty()) => {
            Err(format!("the licence {} asks for words of attribution: say them as `attribution`", rights.licence))
        }
        Some(_) if rights.author.trim().is_empty() => Err("nobody is named as its author".into()),
        Some(_) => Ok(()),
        None if licence.starts_with("cc-by-n") => {
            Err(format!("the licence {} forbids changes or commercial use; a film does both, or may", rights.licence))
        }
        None => Err(format!(
            "the licence `{}` is not known to allow it; an SPDX id such as CC0-1.0 or CC-BY-4.0 is, or `proprietary_cleared` for what is yours",
            rights.licence.escape_debug()
        )),
    }
}

/// Judges every asset of a film.
pub fn rights(assets: &BTreeMap<Id, Rights>) -> Verdict {
    let found = assets.iter().filter_map(|(id, rights)| {
        cleared(rights).err().map(|why| blocks("rights.not_cleared", format!("{id}: {why}"), &[id, "library/library.toml licence"]))
    });
    verdict("rights", found.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn under(licence: &str, author: &str, attribution: Option<&str>) -> Rights {
        Rights { licence: licence.into(), author: author.into(), attribution: attribution.map(str::to_owned) }
    }

    #[test]
    fn only_what_is_known_to_be_allowed_is() {
        for (rights, allowed) in [
            (under("CC0-1.0", "A", None), true),
            (under("proprietary_cleared", "A", None), true),
            (under("CC-BY-4.0", "A", Some("A, from a walk")), true),
            (under("cc-by-4.0", "A", None), false),
            (under("CC-BY-4.0", "A", Some(" ")), false),
            (under("CC-BY-NC-4.0", "A", Some("A")), false),
            (under("CC-BY-ND-4.0", "A", Some("A")), false),
            (under("unknown", "A", None), false),
            (under("", "A", None), false),
            (under("CC0-1.0", " ", None), false),
        ] {
            assert_eq!(cleared(&rights).is_ok(), allowed, "{rights:?}");
            let verdict = self::rights(&[(Id::slug("one"), rights)].into());
            assert_eq!((verdict.pass, verdict.findings.len()), (allowed, usize::from(!allowed)));
        }
    }
}
