//! The rules of the safety gate as data: words an audience does not hear, and words that must not stand together in one sentence.
//! A list that cannot be read is an error, never an empty list.

use contracts::project::Audience;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The longest list that is read, bytes.
const MAX_LIST: usize = 1024 * 1024;
const AUDIENCES: [&str; 3] = ["general", "teen", "mature"];

/// An audience as the lists write it.
pub(super) fn audience_name(audience: Audience) -> &'static str {
    match audience {
        Audience::General => "general",
        Audience::Teen => "teen",
        Audience::Mature => "mature",
    }
}

/// A word of a rule; `open`: any ending goes.
#[derive(Debug)]
struct Stem {
    text: String,
    open: bool,
}

/// Alternatives, each of words in a row.
#[derive(Debug)]
struct Group {
    phrases: Vec<Vec<Stem>>,
    must_not: bool,
}

#[derive(Debug)]
struct Rule {
    category: String,
    spared: Vec<String>,
    groups: Vec<Group>,
}

/// Every rule of the lists that were read.
#[derive(Debug, Default)]
pub struct Rules {
    rules: Vec<Rule>,
}

/// A rule that a text breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The category, such as `graphic_violence`.
    pub category: String,
    /// The words that were found, as they were read.
    pub words: String,
}

impl Rules {
    /// Reads a list of words: `category | audiences that are spared | words`. The error is the number of the line that is no row.
    pub fn words(mut self, list: &str) -> Result<Self, usize> {
        self.rows(list, |cell| {
            let words: Option<Vec<Vec<Stem>>> = cell.split_whitespace().map(phrase).collect();
            words.filter(|w| !w.is_empty()).map(|phrases| vec![Group { phrases, must_not: false }])
        })?;
        Ok(self)
    }

    /// Reads a list of rules: `category | audiences that are spared | group + group + !group`, a group being alternatives parted by
    /// commas. The error is the number of the line that is no row.
    pub fn together(mut self, list: &str) -> Result<Self, usize> {
        self.rows(list, |cell| {
            let groups: Option<Vec<Group>> = cell
                .split('+')
                .map(|group| {
                    let group = group.trim();
                    let (must_not, group) = group.strip_prefix('!').map_or((false, group), |rest| (true, rest));
                    let phrases: Option<Vec<Vec<Stem>>> = group.split(',').map(phrase).collect();
                    phrases.map(|phrases| Group { phrases, must_not })
                })
                .collect();
            groups.filter(|groups| groups.iter().any(|g| !g.must_not))
        })?;
        Ok(self)
    }

    fn rows(&mut self, list: &str, read: impl Fn(&str) -> Option<Vec<Group>>) -> Result<(), usize> {
        if list.len() > MAX_LIST {
            return Err(0);
        }
        let before = self.rules.len();
        for (number, line) in list.lines().enumerate().filter(|(_, l)| !l.trim().is_empty() && !l.starts_with('#')) {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [category, spared, rule] = cells[..] else { return Err(number + 1) };
            let spared: Vec<String> = spared.split_whitespace().map(str::to_owned).collect();
            let named = !category.is_empty() && category.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            if !named || spared.is_empty() || !spared.iter().all(|a| AUDIENCES.contains(&a.as_str())) {
                return Err(number + 1);
            }
            let groups = read(rule).ok_or(number + 1)?;
            self.rules.push(Rule { category: category.to_owned(), spared, groups });
        }
        if self.rules.len() == before { Err(0) } else { Ok(()) }
    }

    /// The rules that a text breaks before an audience, each category once.
    pub fn broken(&self, audience: Audience, text: &str) -> Vec<Hit> {
        let name = audience_name(audience);
        let mut hits: Vec<Hit> = Vec::new();
        for sentence in sentences(text) {
            for rule in self.rules.iter().filter(|r| r.spared.iter().any(|a| a == name)) {
                if let Some(words) = rule.found(&sentence) {
                    let hit = Hit { category: rule.category.clone(), words };
                    if !hits.contains(&hit) {
                        hits.push(hit);
                    }
                }
            }
        }
        hits
    }
}

/// An alternative; `None` when it has no word, or one that no text could ever hold.
fn phrase(text: &str) -> Option<Vec<Stem>> {
    let stems: Option<Vec<Stem>> = text
        .split_whitespace()
        .map(|word| {
            let (word, open) = word.strip_suffix('*').map_or((word, false), |stem| (stem, true));
            let plain = !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() && !c.is_uppercase());
            plain.then(|| Stem { text: word.to_owned(), open })
        })
        .collect();
    stems.filter(|s| !s.is_empty())
}

/// A word of a text: as it stands, and with digits read as the letters they look like.
struct Word {
    plain: String,
    folded: Option<String>,
}

impl Word {
    fn is(&self, stem: &Stem) -> bool {
        let fits = |word: &str| if stem.open { word.starts_with(&stem.text) } else { word == stem.text };
        fits(&self.plain) || self.folded.as_deref().is_some_and(fits)
    }
}

/// The sentences of a text as words: compatibility forms and accents taken off, letters that stand alone drawn together. A sentence
/// with such letters is there twice.
fn sentences(text: &str) -> Vec<Vec<Word>> {
    let plain: String = text
        .nfkd()
        .filter(|c| !is_combining_mark(*c) && !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'))
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            '@' => 'a',
            '$' => 's',
            other => other,
        })
        .collect();
    let mut out = Vec::new();
    for sentence in plain.split(['.', '!', '?', ';', '\n']) {
        let words: Vec<&str> = sentence.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
        if words.is_empty() {
            continue;
        }
        let mut drawn: Vec<String> = Vec::with_capacity(words.len());
        let mut alone = 0;
        for word in &words {
            let single = word.chars().nth(1).is_none();
            match drawn.last_mut() {
                Some(last) if single && alone > 0 => last.push_str(word),
                _ => drawn.push((*word).to_owned()),
            }
            alone = if single { alone + 1 } else { 0 };
        }
        if drawn.len() < words.len() {
            out.push(drawn.into_iter().map(word).collect());
        }
        out.push(words.into_iter().map(|w| word(w.to_owned())).collect());
    }
    out
}

fn word(plain: String) -> Word {
    let mixed = plain.chars().any(char::is_alphabetic) && plain.chars().any(|c| c.is_ascii_digit());
    let folded = mixed.then(|| {
        let letter = |c| match c {
            '0' => 'o',
            '1' => 'i',
            '3' => 'e',
            '4' => 'a',
            '5' => 's',
            '7' => 't',
            other => other,
        };
        plain.chars().map(letter).collect()
    });
    Word { plain, folded }
}

impl Rule {
    /// The words of a sentence that break this rule.
    fn found(&self, sentence: &[Word]) -> Option<String> {
        let mut words: Vec<&str> = Vec::new();
        for group in &self.groups {
            match (group.found(sentence), group.must_not) {
                (Some(_), true) | (None, false) => return None,
                (Some(at), false) => words.extend(at.iter().map(|w| w.plain.as_str())),
                (None, true) => {}
            }
        }
        words.dedup();
        Some(words.join(" "))
    }
}

impl Group {
    fn found<'a>(&self, sentence: &'a [Word]) -> Option<&'a [Word]> {
        self.phrases
            .iter()
            .find_map(|phrase| sentence.windows(phrase.len()).find(|window| window.iter().zip(phrase).all(|(word, stem)| word.is(stem))))
    }
}
