//! Final Draft's file format, both ways: FDX text → [`Screenplay`], and back such that reading it again gives the same screenplay.
//!
//! A file of another program is hostile input: no document type and so no entity is read, sizes are bounded, and only a fixed depth of
//! elements is looked into. What kind of paragraph is not known is kept as action and told of.

use std::collections::BTreeMap;

use roxmltree::{Document, Node, ParsingOptions};

use super::{
    FountainError,
    parse::{Element, Kind, MAX_ELEMENTS, MAX_SCENES, Part, Screenplay, unseen},
};

/// The longest file that is read, in bytes: a hundred and twenty pages are some 1 MB.
pub const MAX_FDX: usize = 8 << 20;
/// The most nodes of it.
const MAX_NODES: u32 = 400_000;
/// What an attribute says that is on.
const YES: &str = "Yes";

/// A file as it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fdx {
    /// What it says.
    pub play: Screenplay,
    /// Types of paragraphs that were read as action because nobody here knows them, and how many.
    pub unknown: BTreeMap<String, usize>,
}

/// Reads a file of Final Draft.
///
/// # Errors
/// Too large, not XML, with a document type, or no screenplay of Final Draft.
pub fn read(text: &str) -> Result<Fdx, FountainError> {
    let refuse = |line: u32, message: String| FountainError { line, message };
    if text.len() > MAX_FDX {
        return Err(refuse(0, format!("it has {} bytes; a file of Final Draft may have {MAX_FDX}", text.len())));
    }
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text.trim_start_matches('\u{feff}'), options)
        .map_err(|e| refuse(e.pos().row, format!("it is not XML that is read here: {e}")))?;
    let root = document.root_element();
    if root.tag_name().name() != "FinalDraft" {
        let name: String = root.tag_name().name().chars().take(40).collect();
        return Err(refuse(0, format!("it is no file of Final Draft: it begins with <{name}>, not with <FinalDraft>")));
    }
    let ends = document.input_text().bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at).collect();
    let mut reader = Reader { ends, out: Fdx::default(), scenes: 0, dual: false };
    if let Some(page) = child(root, "TitlePage").and_then(|page| child(page, "Content")) {
        reader.title_page(page);
    }
    let content = child(root, "Content").ok_or_else(|| refuse(0, "it has no <Content>".into()))?;
    for paragraph in named(content, "Paragraph") {
        reader.paragraph(paragraph)?;
    }
    Ok(reader.out)
}

fn named<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |n| n.is_element() && n.tag_name().name() == name)
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> Option<Node<'a, 'i>> {
    named(node, name).next()
}

/// The words of a paragraph, white space as single spaces.
fn words_of(node: Node<'_, '_>) -> String {
    let mut text = String::new();
    for part in named(node, "Text") {
        part.children().filter_map(|n| n.text()).for_each(|t| text.push_str(t));
    }
    let seen: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !unseen(*c)).collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

struct Reader {
    /// Where the lines of the file end: to count them anew for each paragraph would take the square of the file's length.
    ends: Vec<usize>,
    out: Fdx,
    scenes: usize,
    /// Whether the next speech is the second of two at once.
    dual: bool,
}

impl Reader {
    /// The first line is the title; the others are what they say they are, or go on with it.
    fn title_page(&mut self, page: Node<'_, '_>) {
        let mut key = "Title".to_owned();
        for line in named(page, "Paragraph").map(words_of).filter(|line| !line.is_empty()).take(100) {
            let said = line.split_once(": ").filter(|(k, _)| k.len() <= 40 && k.chars().all(|c| c.is_ascii_alphabetic() || c == ' '));
            let text = match said {
                Some((named, rest)) => {
                    key = named.to_owned();
                    rest.to_owned()
                }
                None => line,
            };
            match self.out.play.title_page.iter_mut().find(|(k, _)| *k == key) {
                Some((_, lines)) => lines.push(text),
                None => self.out.play.title_page.push((key.clone(), vec![text])),
            }
        }
    }

    fn push(&mut self, node: Node<'_, '_>, kind: Kind, notes: Vec<String>) -> Result<(), FountainError> {
        let line = 1 + self.ends.partition_point(|end| *end < node.range().start) as u32;
        if matches!(kind, Kind::Heading { .. }) {
            self.scenes += 1;
            if self.scenes > MAX_SCENES {
                return Err(FountainError { line, message: format!("scene {} begins here; a film has at most {MAX_SCENES}", self.scenes) });
            }
        }
        if self.out.play.elements.len() >= MAX_ELEMENTS {
            return Err(FountainError { line, message: format!("more than {MAX_ELEMENTS} paragraphs; this is no film of ten minutes") });
        }
        self.out.play.elements.push(Element { line, kind, notes });
        Ok(())
    }

    fn paragraph(&mut self, node: Node<'_, '_>) -> Result<(), FountainError> {
        if let Some(two) = child(node, "DualDialogue") {
            for (n, paragraph) in named(two, "Paragraph").enumerate() {
                let speaks = paragraph.attribute("Type") == Some("Character");
                self.dual = speaks && n > 0;
                self.one(paragraph)?;
            }
            self.dual = false;
            return Ok(());
        }
        self.one(node)
    }

    fn one(&mut self, node: Node<'_, '_>) -> Result<(), FountainError> {
        let text = words_of(node);
        let notes: Vec<String> = named(node, "ScriptNote")
            .map(|note| named(note, "Paragraph").map(words_of).collect::<Vec<_>>().join(" ").replace("]]", "] ]"))
            .filter(|note| !note.is_empty())
            .collect();
        let kind = node.attribute("Type").unwrap_or("General");
        if kind == "General" && text.is_empty() && node.attribute("StartsNewPage") == Some(YES) {
            return self.push(node, Kind::PageBreak, notes);
        }
        if text.is_empty() {
            return if notes.is_empty() { Ok(()) } else { self.push(node, Kind::Nothing, notes) };
        }
        let spoken = |part: Part, out: &mut Fdx| match out.play.elements.last_mut() {
            Some(Element { kind: Kind::Dialogue { parts, .. }, notes: before, .. }) => {
                before.extend(notes.clone());
                match (parts.last_mut(), part) {
                    (Some(Part::Say(said)), Part::Say(more)) => {
                        said.push(' ');
                        said.push_str(&more);
                    }
                    (_, part) => parts.push(part),
                }
                true
            }
            _ => false,
        };
        match kind {
            "Scene Heading" => {
                let fits =
                    |n: &&str| !n.is_empty() && n.len() <= 24 && n.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
                let number = node.attribute("Number").filter(fits).map(str::to_owned);
                self.push(node, Kind::Heading { text, number }, notes)?;
                let summary = child(node, "SceneProperties").and_then(|p| child(p, "Summary"));
                for told in summary.into_iter().flat_map(|s| named(s, "Paragraph")).map(words_of).filter(|t| !t.is_empty()) {
                    self.push(node, Kind::Synopsis(told), Vec::new())?;
                }
                Ok(())
            }
            "Character" => {
                let (cue, extensions) = cue(&text);
                let dual = std::mem::take(&mut self.dual);
                self.push(node, Kind::Dialogue { cue, extensions, dual, parts: Vec::new() }, notes)
            }
            "Parenthetical" => {
                let how = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')).unwrap_or(&text).trim().to_owned();
                if how.is_empty() || spoken(Part::How(how), &mut self.out) { Ok(()) } else { self.push(node, Kind::Action(text), notes) }
            }
            "Dialogue" | "Singing" | "Lyric" => {
                if spoken(Part::Say(text.clone()), &mut self.out) {
                    Ok(())
                } else {
                    self.push(node, Kind::Action(text), notes)
                }
            }
            "Transition" => self.push(node, Kind::Transition(text), notes),
            "Outline Body" => self.push(node, Kind::Synopsis(text), notes),
            kind if kind.strip_prefix("Outline ").is_some_and(|n| n.parse::<usize>().is_ok()) => {
                let level = kind.strip_prefix("Outline ").and_then(|n| n.parse().ok()).unwrap_or(1);
                self.push(node, Kind::Section(1.max(level).min(6), text), notes)
            }
            "New Act" | "End of Act" => self.push(node, Kind::Section(1, text), notes),
            "Action" | "General" | "Shot" | "Cast List" => self.push(node, Kind::Action(text), notes),
            other => {
                *self.out.unknown.entry(other.chars().take(40).collect()).or_default() += 1;
                self.push(node, Kind::Action(text), notes)
            }
        }
    }
}

/// A name and what stands in brackets after it.
fn cue(text: &str) -> (String, Vec<String>) {
    let mut name = text;
    let mut extensions = Vec::new();
    while let Some((before, inside)) = name.strip_suffix(')').and_then(|rest| rest.rsplit_once('(')) {
        if before.trim().is_empty() {
            break;
        }
        if !inside.trim().is_empty() {
            extensions.insert(0, inside.trim().to_owned());
        }
        name = before.trim_end();
    }
    (name.trim().to_owned(), extensions)
}

/// The screenplay as a file of Final Draft.
pub fn print(play: &Screenplay) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\" ?>\n<FinalDraft DocumentType=\"Script\" Template=\"No\" Version=\"5\">\n  <Content>\n",
    );
    let mut at = 0;
    while let Some(element) = play.elements.get(at) {
        let second = play.elements.get(at + 1).filter(|e| matches!(e.kind, Kind::Dialogue { dual: true, .. }));
        match (&element.kind, second) {
            (Kind::Dialogue { dual: false, .. }, Some(second)) => {
                out.push_str("    <Paragraph>\n    <DualDialogue>\n");
                out.push_str(&paragraphs(element));
                out.push_str(&paragraphs(second));
                out.push_str("    </DualDialogue>\n    </Paragraph>\n");
                at += 2;
            }
            // The second of two at once whose first is missing.
            (Kind::Dialogue { dual: true, .. }, _) => {
                out.push_str("    <Paragraph>\n    <DualDialogue>\n      <Paragraph Type=\"General\"><Text></Text></Paragraph>\n");
                out.push_str(&paragraphs(element));
                out.push_str("    </DualDialogue>\n    </Paragraph>\n");
                at += 1;
            }
            _ => {
                out.push_str(&paragraphs(element));
                at += 1;
            }
        }
    }
    out.push_str("  </Content>\n");
    if !play.title_page.is_empty() {
        out.push_str("  <TitlePage>\n    <Content>\n");
        for (n, (key, lines)) in play.title_page.iter().enumerate() {
            for (m, line) in lines.iter().enumerate() {
                let bare = n == 0 && key == "Title" && m == 0 && !line.contains(": ") || m > 0 && !line.contains(": ");
                let said = if bare { line.clone() } else { format!("{key}: {line}") };
                out.push_str(&format!("      <Paragraph Alignment=\"Center\"><Text>{}</Text></Paragraph>\n", escaped(&said)));
            }
        }
        out.push_str("    </Content>\n  </TitlePage>\n");
    }
    out + "</FinalDraft>\n"
}

fn paragraphs(element: &Element) -> String {
    let notes: String = element
        .notes
        .iter()
        .map(|note| format!("<ScriptNote><Paragraph><Text>{}</Text></Paragraph></ScriptNote>", escaped(note)))
        .collect();
    let one = |kind: &str, more: &str, text: &str, notes: &str| {
        format!("    <Paragraph Type=\"{kind}\"{more}>{notes}<Text>{}</Text></Paragraph>\n", escaped(text))
    };
    match &element.kind {
        Kind::Heading { text, number } => {
            let number = number.as_ref().map_or(String::new(), |n| format!(" Number=\"{}\"", escaped(n)));
            one("Scene Heading", &number, text, &notes)
        }
        Kind::Action(text) => one("Action", "", text, &notes),
        Kind::Dialogue { cue, extensions, parts, .. } => {
            let extensions: String = extensions.iter().map(|e| format!(" ({e})")).collect();
            let mut out = one("Character", "", &format!("{cue}{extensions}"), &notes);
            for part in parts {
                match part {
                    Part::Say(text) => out.push_str(&one("Dialogue", "", text, "")),
                    Part::How(text) => out.push_str(&one("Parenthetical", "", &format!("({text})"), "")),
                }
            }
            out
        }
        Kind::Transition(text) => one("Transition", "", text, &notes),
        Kind::Section(level, text) => one(&format!("Outline {level}"), "", text, &notes),
        Kind::Synopsis(text) => one("Outline Body", "", text, &notes),
        Kind::PageBreak => one("General", &format!(" StartsNewPage=\"{YES}\""), "", &notes),
        Kind::Nothing => one("General", "", "", &notes),
    }
}

/// Text as XML holds it; what XML cannot hold is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if unseen(c) || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::{parse, print as fountain};
    use super::*;

    const SET: [&str; 2] =
        [include_str!("../../../../tests/fountain/dry_well.fountain"), include_str!("../../../../tests/fountain/lighthouse_02.fountain")];
    const MORE: &str = "Title: A: B\nCredit: by\nAuthor:\n    One <two>\n    & three\n\n.SNIPER SCOPE POV #7A#\n\n!INT. nothing\n\n@McCLANE (O.S.) (CONT'D)\n(low) Yippee.\n\nBEN ^\nAgain & <again>.\n\n> CUT TO BLACK.\n\n===\n\n## Two\n\n= What happens\n\n> Centred <\n\n[[a note at the end]]\n";

    /// Lines of the file are no part of what it says.
    fn but_lines(mut play: Screenplay) -> Screenplay {
        play.elements.iter_mut().for_each(|e| e.line = 0);
        play
    }

    #[test]
    fn what_fountain_says_final_draft_says_and_back() {
        for text in SET.into_iter().chain([MORE]) {
            let play = but_lines(parse(text).expect("it is read"));
            let written = print(&play);
            let back = read(&written).unwrap_or_else(|e| panic!("{e}\n{written}"));
            assert_eq!(but_lines(back.play.clone()), play, "{written}");
            assert!(back.unknown.is_empty());
            // And through Fountain once more.
            assert_eq!(but_lines(parse(&fountain(&back.play)).expect("it is read")), play);
            assert_eq!(print(&back.play), written);
        }
    }

    #[test]
    fn a_file_of_final_draft_is_read_as_it_writes_them() {
        let text = "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\" ?>
<FinalDraft DocumentType=\"Script\" Template=\"No\" Version=\"5\"><Content>
 <Paragraph Number=\"12\" Type=\"Scene Heading\"><SceneProperties Length=\"1/8\" Page=\"1\" Title=\"\"><Summary><Paragraph><Text>She comes.</Text></Paragraph></Summary></SceneProperties><Text>INT. HOUSE - DAY</Text></Paragraph>
 <Paragraph Type=\"Action\"><Text>She </Text><Text Style=\"Italic\">runs</Text><Text>.</Text></Paragraph>
 <Paragraph><DualDialogue><Paragraph Type=\"Character\"><Text>ADA (V.O.)</Text></Paragraph><Paragraph Type=\"Dialogue\"><Text>Go.</Text></Paragraph><Paragraph Type=\"Character\"><Text>BEN</Text></Paragraph><Paragraph Type=\"Parenthetical\"><Text>(low)</Text></Paragraph><Paragraph Type=\"Dialogue\"><Text>No.</Text></Paragraph></DualDialogue></Paragraph>
 <Paragraph Type=\"Shot\"><Text>CLOSE ON the key</Text></Paragraph><Paragraph Type=\"Teletext\"><Text>Odd</Text></Paragraph>
</Content><TitlePage><Content><Paragraph><Text>THE HOUSE</Text></Paragraph><Paragraph><Text>Author: Somebody</Text></Paragraph></Content></TitlePage></FinalDraft>";
        let Fdx { play, unknown } = read(text).expect("it is read");
        assert_eq!((play.titled("title").as_deref(), play.titled("author").as_deref()), (Some("THE HOUSE"), Some("Somebody")));
        let kinds: Vec<&Kind> = play.elements.iter().map(|e| &e.kind).collect();
        assert_eq!(kinds[0], &Kind::Heading { text: "INT. HOUSE - DAY".into(), number: Some("12".into()) });
        assert_eq!(kinds[1..3], [&Kind::Synopsis("She comes.".into()), &Kind::Action("She runs.".into())]);
        assert!(
            matches!(kinds[3], Kind::Dialogue { cue, extensions, dual: false, .. } if cue == "ADA" && extensions == &["V.O.".to_owned()])
        );
        assert!(matches!(kinds[4], Kind::Dialogue { dual: true, parts, .. } if parts.len() == 2));
        assert_eq!(play.elements.iter().map(|e| e.line).collect::<Vec<_>>(), [3, 3, 4, 5, 5, 6, 6], "lines of the file");
        assert_eq!(unknown.into_iter().collect::<Vec<_>>(), [("Teletext".to_owned(), 1)]);
    }

    #[test]
    fn a_long_file_of_many_paragraphs_takes_time_by_its_length_alone() {
        // Quadratic, this would take minutes.
        let paragraph = format!("<Paragraph Type=\"Action\"><Text>{}</Text></Paragraph>\n", "a ".repeat(150));
        let text = format!("<FinalDraft><Content>\n{}</Content></FinalDraft>", paragraph.repeat(MAX_ELEMENTS));
        let read = read(&text).expect("it is read");
        assert_eq!((read.play.elements.len(), read.play.elements.last().map(|e| e.line)), (MAX_ELEMENTS, Some(MAX_ELEMENTS as u32 + 1)));
    }

    #[test]
    fn a_hostile_file_is_refused() {
        let bomb = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY x \"yyyyyyyy\"><!ENTITY z \"&x;&x;&x;\">]><FinalDraft><Content><Paragraph><Text>&z;</Text></Paragraph></Content></FinalDraft>";
        let outside = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><FinalDraft><Content><Paragraph><Text>&x;</Text></Paragraph></Content></FinalDraft>";
        let many = format!("<FinalDraft><Content>{}</Content></FinalDraft>", "<Paragraph/>".repeat(500_000));
        let deep = format!("{}{}", "<a>".repeat(200_000), "</a>".repeat(200_000));
        let scenes = format!(
            "<FinalDraft><Content>{}</Content></FinalDraft>",
            "<Paragraph Type=\"Scene Heading\"><Text>INT. A</Text></Paragraph>".repeat(201)
        );
        let large = " ".repeat(MAX_FDX + 1);
        for text in [bomb, outside, &many, &deep, &scenes, &large, "", "<html/>", "<FinalDraft>", "<FinalDraft/>", "no xml", "\u{0}"] {
            let shown: String = text.chars().take(60).collect();
            assert!(read(text).is_err(), "{shown}");
        }
    }
}
