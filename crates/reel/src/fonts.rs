//! Fonts for what our own cannot draw: of the fonts of this machine, for each script the first that has the most of the
//! letters that are wanted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use contracts::Hash;
use craft::captions::{Letters, MOST_FONTS, letters_of};

/// A script that our own fonts do not carry, or not well.
pub struct Script {
    /// What a person calls it.
    pub name: &'static str,
    /// Letters that a font for it has.
    pub sample: &'static str,
    /// The Debian and Ubuntu package that brings one.
    pub package: &'static str,
    /// First and last letters of its blocks.
    blocks: &'static [(u32, u32)],
}

/// The scripts, and last what is of none of them.
pub const SCRIPTS: &[Script] = &[
    script("emoji", "😀👍🚀", "fonts-noto-color-emoji", &[(0x1f000, 0x1faff), (0x2600, 0x27bf), (0x2b00, 0x2bff), (0xe0000, 0xe007f)]),
    script(
        "Chinese, Japanese",
        "的日本語のカ",
        "fonts-noto-cjk",
        &[
            (0x2e80, 0x312f),
            (0x3190, 0x31ff),
            (0x3220, 0x325f),
            (0x3280, 0xa4cf),
            (0xf900, 0xfaff),
            (0xfe30, 0xfe4f),
            (0xff00, 0xffef),
            (0x20000, 0x3fffd),
        ],
    ),
    script(
        "Korean",
        "한국어",
        "fonts-noto-cjk",
        &[(0x1100, 0x11ff), (0x3130, 0x318f), (0x3200, 0x321f), (0x3260, 0x327f), (0xa960, 0xa97f), (0xac00, 0xd7ff)],
    ),
    script(
        "Arabic, Persian, Urdu",
        "العربيةپچ",
        "fonts-dejavu-core",
        &[(0x600, 0x6ff), (0x750, 0x77f), (0x8a0, 0x8ff), (0xfb50, 0xfdff), (0xfe70, 0xfefc)],
    ),
    script("Hindi, Marathi, Nepali", "हिन्दी", "fonts-noto-core", &[(0x900, 0x97f), (0xa8e0, 0xa8ff)]),
    script("Bengali", "বাংলা", "fonts-noto-core", &[(0x980, 0x9ff)]),
    script("Tamil", "தமிழ்", "fonts-noto-core", &[(0xb80, 0xbff)]),
    script("Thai", "ภาษาไทย", "fonts-noto-core", &[(0xe00, 0xe7f)]),
    script("other letters", "", "fonts-noto-core", &[]),
];

const fn script(name: &'static str, sample: &'static str, package: &'static str, blocks: &'static [(u32, u32)]) -> Script {
    Script { name, sample, package, blocks }
}

/// Which of [`SCRIPTS`] a letter is of.
pub fn script_of(letter: char) -> usize {
    let held = |s: &Script| s.blocks.iter().any(|(a, b)| (*a..=*b).contains(&(letter as u32)));
    SCRIPTS.iter().position(held).unwrap_or(SCRIPTS.len() - 1)
}

/// A font of this machine that was chosen for a script.
#[derive(Clone)]
pub struct Chosen {
    /// Which of [`SCRIPTS`].
    pub script: usize,
    /// The file's name.
    pub name: String,
    /// The address of its bytes, for keys.
    pub hash: Hash,
    /// Its bytes.
    pub bytes: Arc<Vec<u8>>,
}

/// The fonts that were chosen for texts; our own stand before them.
pub struct Fonts {
    own: Letters,
    chosen: Vec<Chosen>,
    language: String,
}

impl Fonts {
    /// Looks for fonts only when our own are not enough: the files of this machine are read until each script has its font.
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>, language: &str) -> Self {
        let own = Letters::new(&[], language);
        let wanted = own.wanted(texts);
        let chosen = if wanted.is_empty() { Vec::new() } else { choose(&media::fonts::files(&media::fonts::folders()), &wanted) };
        Self { own, chosen, language: language.to_owned() }
    }

    /// The fonts a text is drawn with besides our own, in their order.
    pub fn for_text(&self, text: &str) -> Vec<Chosen> {
        let scripts: BTreeSet<usize> = self.own.wanted([text]).into_iter().map(script_of).collect();
        self.chosen.iter().filter(|c| scripts.contains(&c.script)).cloned().collect()
    }

    /// Letters of these fonts.
    pub fn letters(&self, fonts: &[Chosen]) -> Letters {
        let bytes: Vec<Arc<Vec<u8>>> = fonts.iter().map(|c| Arc::clone(&c.bytes)).collect();
        Letters::new(&bytes, &self.language)
    }

    /// The characters that no font here has.
    pub fn missing<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
        self.letters(&self.chosen).unknown(texts)
    }
}

/// For each script the font that has the most of its wanted letters; of equals the one that suits captions best by its name.
fn choose(files: &[PathBuf], wanted: &BTreeSet<char>) -> Vec<Chosen> {
    let mut by_script: BTreeMap<usize, BTreeSet<char>> = BTreeMap::new();
    for letter in wanted {
        by_script.entry(script_of(*letter)).or_default().insert(*letter);
    }
    let mut chosen = Vec::new();
    for (script, letters) in by_script.into_iter().take(MOST_FONTS) {
        let mut ranked: Vec<(u32, &PathBuf)> = files.iter().map(|file| (unfit(file, script), file)).collect();
        // The files are in order of name; a stable sort keeps it among equals.
        ranked.sort_by_key(|(unfit, _)| *unfit);
        let mut best: Option<(usize, String, Arc<Vec<u8>>)> = None;
        for (_, file) in ranked {
            let Some(bytes) = media::fonts::read(file).map(Arc::new) else { continue };
            let has = letters_of(&bytes, &letters).len();
            if has > best.as_ref().map_or(0, |b| b.0) {
                best = Some((has, file.file_name().unwrap_or_default().to_string_lossy().into_owned(), bytes));
            }
            if has == letters.len() {
                break;
            }
        }
        chosen.extend(best.map(|(_, name, bytes)| Chosen { script, name, hash: Hash::of(&bytes), bytes }));
    }
    chosen
}

/// How badly a font suits captions, by its name: upright and bold of ordinary width suits best; emoji have a font of their own.
fn unfit(file: &Path, script: usize) -> u32 {
    let name = file.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
    let has = |words: &[&str]| words.iter().any(|w| name.contains(w));
    let emoji = SCRIPTS.get(script).is_some_and(|s| s.name == "emoji");
    let slanted = u32::from(has(&["italic", "oblique", "slanted"])) * 8;
    let narrow = u32::from(has(&["mono", "condensed", "narrow", "fixed", "typewriter"])) * 4;
    let thin = u32::from(has(&["thin", "light", "black", "display", "symbol", "math"])) * 2;
    u32::from(has(&["emoji"]) != emoji) * 16 + slanted + narrow + thin + u32::from(!has(&["bold", "medium"]))
}

/// The font of this machine that draws a script; `None` when there is none.
pub fn find(script: &Script) -> Option<String> {
    let wanted: BTreeSet<char> = script.sample.chars().collect();
    let index = SCRIPTS.iter().position(|s| s.name == script.name)?;
    let files = media::fonts::files(&media::fonts::folders());
    let found = choose(&files, &wanted).into_iter().find(|c| c.script == index)?;
    (letters_of(&found.bytes, &wanted).len() == wanted.len()).then_some(found.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_letter_is_of_one_script_and_samples_are_their_own() {
        for (index, script) in SCRIPTS.iter().enumerate() {
            assert!(script.sample.chars().all(|c| script_of(c) == index), "{}", script.name);
        }
        assert_eq!(SCRIPTS[script_of('ლ')].name, "other letters");
    }

    #[test]
    fn a_bold_upright_font_suits_best_and_emoji_have_their_own() {
        let best = |names: &[&str], script: usize| names.iter().min_by_key(|n| unfit(Path::new(n), script)).map(|n| (*n).to_owned());
        let names =
            ["DejaVuSans-BoldOblique.ttf", "DejaVuSansMono-Bold.ttf", "DejaVuSans.ttf", "NotoColorEmoji.ttf", "DejaVuSans-Bold.ttf"];
        assert_eq!(best(&names, script_of('ع')).as_deref(), Some("DejaVuSans-Bold.ttf"));
        assert_eq!(best(&names, script_of('😀')).as_deref(), Some("NotoColorEmoji.ttf"));
    }
}
