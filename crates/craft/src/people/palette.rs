//! A person's colours and features, from the few single colours of a look (art direction §4, §7).

use contracts::story::{Beard, Build, Emblem, FigureKind, Garment, HairStyle, Headwear, Look};

use crate::paper::Rgb;

/// Colours and features of one person. Ramps run dark to light.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// Skin, its light and its shade.
    pub skin: Rgb,
    /// Skin in light.
    pub skin_light: Rgb,
    /// Skin in shade.
    pub skin_shade: Rgb,
    /// Hair, four tones.
    pub hair: [Rgb; 4],
    /// Brows.
    pub brow: Rgb,
    /// Thickness of the brows, hu.
    pub brow_thickness: f32,
    /// Coat, three tones.
    pub coat: [Rgb; 3],
    /// Upper and lower lip.
    pub lip: [Rgb; 2],
    /// Iris.
    pub iris: Rgb,
    /// What is worn under the coat.
    pub under: Rgb,
    /// The accent (scarf, trim), three tones.
    pub accent: [Rgb; 3],
    /// The metal or stuff of the emblem, three tones.
    pub badge: [Rgb; 3],
    /// Headwear: visor, band, body, light.
    pub cap: [Rgb; 4],
    /// Boots.
    pub boot: Rgb,
    /// Which body and head.
    pub kind: FigureKind,
    /// Years.
    pub age: u32,
    /// Cut of the hair.
    pub hair_style: HairStyle,
    /// Beard.
    pub beard: Beard,
    /// Headwear.
    pub headwear: Headwear,
    /// Whether the accent is a scarf.
    pub scarf: bool,
    /// The mark on the coat.
    pub emblem: Emblem,
    /// Width of the body against the reference.
    pub girth: f32,
    /// What is worn over the body.
    pub garment: Garment,
    /// What the look says in words and these drawings know.
    pub worn: Worn,
}

/// What an artist who can read finds in a look's words, as places are read by their nouns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Worn {
    /// Hair in a braid over the near shoulder.
    pub braid: bool,
    /// Hair cut straight over the brows.
    pub fringe: bool,
    /// A cloth over head and shoulders, held by a cord.
    pub headcloth: bool,
    /// A cloth before nose and mouth.
    pub veil: bool,
    /// A robe to the ankles in place of a coat.
    pub robe: bool,
    /// Legs bare from the knee, in sandals.
    pub bare: bool,
    /// Smaller (−1) or larger (1) than most.
    pub size: i8,
}

impl Worn {
    fn of(look: &Look) -> Self {
        let text = look.words.to_lowercase();
        let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
        let any = |list: &[&str]| list.iter().any(|w| words.contains(w));
        let beside = |a: &[&str], b: &[&str]| words.windows(2).any(|w| a.contains(&w[0]) && b.contains(&w[1]));
        let cut =
            ["hair", "beard", "braid", "fringe", "coat", "cloak", "boots", "grey", "gray", "white", "black", "brown", "sleeves", "cropped"];
        // `short, square` is a body; `short hair` is not.
        let size = |word: &str| words.contains(&word) && !beside(&[word], &cut);
        Self {
            braid: any(&["braid", "plait", "braids", "plaits", "braided"]),
            fringe: any(&["fringe", "bangs"]),
            headcloth: any(&["headcloth", "headscarf", "kerchief", "keffiyeh", "ghutra", "shemagh"])
                || beside(&["head"], &["cloth", "scarf"]),
            veil: any(&["veil", "veiled"]),
            robe: any(&["robe", "robes", "gown", "kaftan", "caftan", "djellaba"]),
            bare: beside(&["bare"], &["shins", "legs", "feet"]) || any(&["barefoot", "sandals"]),
            size: i8::from(size("tall")) - i8::from(size("short")),
        }
    }
}

/// A darker tone of hair: `k` times as bright, and the redder the more colour it has.
fn tone(c: Rgb, k: f32, redder: f32) -> Rgb {
    let most = c.0.max(c.1).max(c.2);
    let saturation = if most > 0.0 { (most - c.0.min(c.1).min(c.2)) / most } else { 0.0 };
    let c = c.scale(k);
    Rgb(c.0 * (1.0 + 0.03 * saturation), c.1 * (1.0 - redder * saturation), c.2)
}

fn add(c: Rgb, d: (f32, f32, f32)) -> Rgb {
    Rgb((c.0 + d.0).min(1.0), (c.1 + d.1).min(1.0), (c.2 + d.2).min(1.0))
}

/// Dark, own and light tone of cloth.
fn cloth(c: Rgb) -> [Rgb; 3] {
    let most = c.0.max(c.1).max(c.2);
    let lift = 1.0 + 0.40 * (1.0 - 0.75 * most);
    // Black cloth still needs planes.
    let own = add(c, (0.02 * (1.0 - most), 0.02 * (1.0 - most), 0.025 * (1.0 - most)));
    let floor = 0.035 * (1.0 - most);
    [c.scale(0.72), own, add(c.scale(lift), (floor, floor, floor))]
}

/// Dark, own and light tone of an accent.
fn bright(c: Rgb) -> [Rgb; 3] {
    [c.scale(0.75), c, add(c, (0.125, 0.125, 0.094))]
}

impl Person {
    /// Colours and features from a look.
    pub fn from_look(look: &Look) -> Self {
        let child = matches!(look.figure, FigureKind::Girl | FigureKind::Boy);
        let soft = child || look.figure == FigureKind::Woman;
        let skin = Rgb::hex(&look.skin);
        let d = skin.luma() - 0.693;
        let skin_light = Rgb((skin.0 * 1.12).min(1.0), (skin.1 * 1.22).min(1.0), (skin.2 * 1.26).min(1.0));
        let skin_shade = Rgb(
            skin.0 * (0.774 + 0.8 * d).clamp(0.6, 0.9),
            skin.1 * (0.63 + 0.85 * d).clamp(0.5, 0.8),
            skin.2 * (0.70 + 0.7 * d).clamp(0.55, 0.82),
        );
        let own = Rgb::hex(&look.hair);
        let l = own.luma();
        let hair = [tone(own, 0.49 + 0.18 * l, 0.22), tone(own, 0.66 + 0.21 * l, 0.12), own, add(own, (0.105, 0.10, 0.064))];
        let brow = if child {
            hair[1]
        } else if l > 0.5 && !soft {
            hair[1].scale(0.97)
        } else {
            hair[0].scale(if soft { 0.80 } else { 0.88 })
        };
        // A boy's lips are hardly redder than his skin.
        let tint = match look.figure {
            FigureKind::Boy => 0.10,
            FigureKind::Girl => 0.28,
            FigureKind::Spirit => 0.30,
            _ => 0.5,
        };
        let red = if soft && look.figure != FigureKind::Boy { Rgb::hex("#8c1616") } else { Rgb::hex("#6e2f2c") };
        let upper = Rgb::mix(skin_shade, red, tint);
        let coat = cloth(Rgb::hex(&look.coat));
        let accent = bright(Rgb::hex(&look.accent));
        let brass = bright(Rgb::hex("#b9873a"));
        let badge = if look.scarf { brass } else { [accent[0].scale(0.9), accent[1], add(accent[2], (0.08, 0.15, 0.2))] };
        let worn = Worn::of(look);
        let cap = match look.headwear {
            Headwear::Knitted => {
                let c = if look.scarf { Rgb::mix(coat[1], Rgb::hex("#8a8478"), 0.35) } else { Rgb::mix(accent[1], coat[1], 0.25) };
                [c.scale(0.55), c.scale(0.78), c, add(c, (0.08, 0.08, 0.07))]
            }
            Headwear::Turban => {
                let c = Rgb::mix(accent[1], Rgb::hex("#e9dcc2"), 0.6);
                [c.scale(0.6), c.scale(0.78), c.scale(0.92), add(c, (0.05, 0.05, 0.05))]
            }
            _ if worn.headcloth => [accent[1].scale(0.55), accent[1].scale(0.74), accent[1], accent[2]],
            Headwear::Hood => [coat[0].scale(0.7), coat[0], coat[1], coat[2]],
            Headwear::Hat => {
                let felt = Rgb::mix(coat[1], Rgb::hex("#5a4a3a"), 0.45);
                [felt.scale(0.55), accent[1], felt, add(felt, (0.07, 0.07, 0.06))]
            }
            Headwear::Helmet => {
                let shell = Rgb::mix(coat[2], Rgb::hex("#aab0b4"), if look.garment == Garment::Spacesuit { 0.45 } else { 0.8 });
                [shell.scale(0.45), shell.scale(0.72), shell, add(shell, (0.12, 0.12, 0.12))]
            }
            Headwear::Crown => {
                let gold = Rgb::mix(accent[1], Rgb::hex("#d8b04a"), 0.65);
                [gold.scale(0.52), gold.scale(0.78), gold, add(gold, (0.12, 0.12, 0.16))]
            }
            Headwear::None | Headwear::Cap => {
                let felt = Rgb::mix(coat[1], Rgb::hex("#2c2c30"), 0.15);
                [felt.scale(0.41), felt.scale(0.57), felt.scale(0.92), Rgb::mix(coat[2], Rgb::hex("#44485a"), 0.25)]
            }
        };
        Self {
            skin,
            skin_light,
            skin_shade,
            hair,
            brow,
            brow_thickness: if child {
                0.017
            } else if soft {
                0.024
            } else if look.age >= 55 {
                0.043
            } else {
                0.034
            },
            coat,
            lip: [upper, add(upper, (0.11, 0.096, 0.078))],
            iris: Rgb::hex(&look.eyes),
            under: if soft { Rgb::hex("#e6dcc4") } else { Rgb::mix(Rgb::hex("#cfc4ae"), coat[1], 0.25) },
            accent,
            badge,
            cap,
            boot: if child {
                Rgb::hex("#6a4a3c")
            } else if soft {
                Rgb::hex("#2a1d1a")
            } else {
                Rgb::hex("#191512")
            },
            kind: look.figure,
            age: look.age,
            hair_style: look.hair_style,
            beard: if soft { Beard::None } else { look.beard },
            garment: if worn.robe && look.garment == Garment::Coat { Garment::Robe } else { look.garment },
            headwear: if worn.headcloth { Headwear::Hood } else { look.headwear },
            scarf: look.scarf,
            emblem: look.emblem,
            girth: match look.build {
                Build::Slight => 0.92,
                Build::Average => 1.0,
                Build::Broad => 1.1,
            },
            worn,
        }
    }

    /// A child.
    pub fn is_child(&self) -> bool {
        matches!(self.kind, FigureKind::Girl | FigureKind::Boy)
    }

    /// Whether the face is drawn by the woman's measures: women and children.
    pub fn is_soft(&self) -> bool {
        self.kind != FigureKind::Man
    }

    /// What the sleeves are made of.
    pub fn sleeve_cloth(&self) -> [Rgb; 3] {
        self.coat
    }

    /// The end of a sleeve.
    pub(crate) fn cuff(&self) -> Rgb {
        match self.garment {
            Garment::Suit | Garment::Dress => self.under,
            Garment::Robe | Garment::Spacesuit => self.accent[1],
            _ => self.coat[0].scale(0.85),
        }
    }

    /// Gloves, when the garment has them.
    pub(crate) fn glove(&self) -> Option<Rgb> {
        (self.garment == Garment::Spacesuit).then(|| self.coat[0].scale(0.62))
    }

    /// Linen of an apron: the shirt's white, a little towards the accent.
    pub(crate) fn linen(&self) -> Rgb {
        Rgb::mix(Rgb::mix(self.under, Rgb::hex("#efe6d2"), 0.4), self.accent[1], 0.10)
    }

    /// The same person in gloves.
    pub(crate) fn gloved(&self, color: Rgb) -> Self {
        Self { skin: color, skin_light: add(color, (0.08, 0.08, 0.08)), skin_shade: color.scale(0.6), ..self.clone() }
    }

    /// Whether the hair shows as it does without anything on the head.
    pub(crate) fn is_bareheaded(&self) -> bool {
        matches!(self.headwear, Headwear::None | Headwear::Crown)
    }

    /// Whether nobody's body is below the head.
    pub fn is_spirit(&self) -> bool {
        self.kind == FigureKind::Spirit
    }

    /// A full beard.
    pub fn has_full_beard(&self) -> bool {
        self.beard == Beard::Full
    }

    /// Whether the hair is worn long around the face.
    pub fn has_long_hair(&self) -> bool {
        match self.hair_style {
            HairStyle::Bun | HairStyle::Loose | HairStyle::Long | HairStyle::Plaits => true,
            HairStyle::Short => self.worn.braid || self.kind == FigureKind::Woman || self.kind == FigureKind::Girl,
            HairStyle::Bald | HairStyle::Cropped => false,
        }
    }

    /// How much of a child's face is left: 1 up to nine years, .6 at fourteen, none from twenty on.
    pub fn youth(&self) -> f32 {
        if self.is_spirit() {
            return 0.0;
        }
        let age = if self.is_child() { self.age.min(14) } else { self.age } as f32;
        if age < 14.0 { 1.0 - 0.08 * (age - 9.0).max(0.0) } else { (0.6 - 0.1 * (age - 14.0)).max(0.0) }
    }

    /// How deep what age draws into a face is: nothing up to thirty years, all of it from forty on.
    pub(crate) fn lined(&self) -> f32 {
        if self.is_child() { 0.0 } else { ((self.age as f32 - 30.0) / 10.0).clamp(0.0, 1.0) }
    }

    /// Height of the eyes, hu: a child's brow is high.
    pub fn eye_line(&self) -> f32 {
        0.10 * self.youth()
    }

    /// Size of eyes.
    pub(crate) fn eye_scale(&self) -> f32 {
        1.0 + 0.34 * self.youth()
    }

    /// Size of the nose.
    pub(crate) fn nose_scale(&self) -> f32 {
        1.0 - 0.40 * self.youth()
    }

    /// Size of the head on the body. A child grows into its head: it is a fifth of its height at eight, a sixth at twelve.
    pub fn head_scale(&self) -> f32 {
        let grown = if self.kind == FigureKind::Man { 1.06 } else { 1.0 };
        if self.is_child() { 1.42 - 0.0575 * (self.age.clamp(6, 14) as f32 - 8.0) } else { grown }
    }

    /// Size of a bust's body below a head of the same size: a child's is smaller.
    pub fn bust_scale(&self) -> f32 {
        if self.is_child() { 0.66 + 0.022 * (self.age.clamp(6, 14) as f32 - 8.0) } else { 1.0 }
    }

    /// Size of the whole figure against a grown one's measure: by age, and by what the look says.
    pub fn stature(&self) -> f32 {
        let age = if self.is_child() { 0.62 + 0.018 * (self.age.clamp(5, 14) - 5) as f32 } else { 1.0 };
        age * (1.0 + 0.07 * f32::from(self.worn.size))
    }

    /// Whether the hair hangs down behind: not under a cloth, and not when it is braided.
    pub(crate) fn falls(&self) -> bool {
        matches!(self.hair_style, HairStyle::Loose | HairStyle::Long)
            && !matches!(self.headwear, Headwear::Hood | Headwear::Helmet)
            && !self.worn.braid
            && !self.is_spirit()
    }

    /// How much longer than loose hair it falls, hu.
    pub(crate) fn falls_by(&self) -> f32 {
        if self.hair_style == HairStyle::Long { 0.62 } else { 0.0 }
    }
}
