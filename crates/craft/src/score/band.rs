//! Who plays in which mood, and what a mood means in harmony, pace of notes and colour.

use contracts::story::Mood;

/// Who plays a note.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Player {
    /// Low strings, bowed, three desks.
    Strings {
        /// Brightness, 0 to 1.
        bright: f32,
        /// Depth of tremolo, 0 to 1.
        tremolo: f32,
    },
    /// One low string that sings.
    Solo,
    /// One thin high string.
    Held,
    /// A piano with felt.
    Felt,
    /// A celesta, or a music box.
    Glass,
    /// A soft low beat.
    Pulse,
    /// A hand drum.
    Drum,
    /// A damped high tick.
    Tick,
    /// A harp.
    Harp,
    /// A lute, brighter and shorter than a harp.
    Lute,
    /// Strings plucked with a finger.
    Pizzicato,
    /// A flute.
    Flute,
    /// A low reed.
    Reed,
    /// A horn, far back.
    Horn,
}

/// The four families.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(not(test), allow(dead_code, reason = "asked by the tests alone"))]
pub enum Family {
    /// Strings with a bow.
    Bowed,
    /// Hammers, mallets, drums.
    Struck,
    /// Strings with a finger.
    Plucked,
    /// Breath.
    Wind,
}

impl Player {
    /// Its family.
    #[cfg_attr(not(test), allow(dead_code, reason = "asked by the tests alone"))]
    pub fn family(self) -> Family {
        match self {
            Self::Strings { .. } | Self::Solo | Self::Held => Family::Bowed,
            Self::Felt | Self::Glass | Self::Pulse | Self::Drum | Self::Tick => Family::Struck,
            Self::Harp | Self::Lute | Self::Pizzicato => Family::Plucked,
            Self::Flute | Self::Reed | Self::Horn => Family::Wind,
        }
    }

    /// Whether it sounds as long as it is held, so that it cannot be left out in the middle of a note.
    pub fn sustains(self) -> bool {
        matches!(self, Self::Strings { .. } | Self::Solo | Self::Held | Self::Flute | Self::Reed | Self::Horn)
    }
}

/// What a mood means in notes.
pub struct Character {
    /// Semitones from the series' tonic to this mood's: bright moods stand in the relative major.
    pub root: i32,
    /// The scale over it.
    pub scale: [i32; 7],
    /// Two turns of four chords, by degree.
    pub turns: [[usize; 4]; 2],
    /// The chord before the last of a cue, by degree, and whether its third leads upward.
    pub before: (usize, bool),
    /// Whether chords have a second in place of the third.
    pub open: bool,
    /// Where the strings lie, from the usual place.
    pub register: i32,
    /// Brightness, tremolo and loudness of the strings.
    pub bright: f32,
    /// Depth of tremolo.
    pub tremolo: f32,
    /// Loudness of the strings.
    pub strings: f32,
    /// The high held note, from the tonic.
    pub held: Option<i32>,
    /// Loudness of the beat, and the eighths that have it.
    pub pulse: f32,
    /// Eighths of a bar that the beat has.
    pub beats: &'static [i64],
    /// What goes on under a tune: eighth, and which tone of the chord (the fourth is the octave).
    pub figure: &'static [(i64, usize)],
    /// Who plays it, around which pitch.
    pub figures: (Player, i32),
    /// Who has the tune, around which pitch.
    pub tune: (Player, i32),
    /// How often two free bars have the tune, in hundredths.
    pub theme: u64,
    /// How many single notes another bar may have.
    pub notes: u64,
}

const IONIAN: [i32; 7] = [0, 2, 4, 5, 7, 9, 11];
const LYDIAN: [i32; 7] = [0, 2, 4, 6, 7, 9, 11];
const AEOLIAN: [i32; 7] = [0, 2, 3, 5, 7, 8, 10];
const DORIAN: [i32; 7] = [0, 2, 3, 5, 7, 9, 10];
const PHRYGIAN: [i32; 7] = [0, 1, 3, 5, 7, 8, 10];

/// A mood in a genre.
pub fn character(mood: Mood, genre: &str) -> Character {
    let plain = Character {
        root: 0,
        scale: AEOLIAN,
        turns: [[0, 5, 3, 4], [0, 3, 5, 4]],
        before: (4, true),
        open: false,
        register: 0,
        bright: 0.35,
        tremolo: 0.0,
        strings: 1.0,
        held: None,
        pulse: 0.0,
        beats: &[0],
        figure: &[],
        figures: (Player::Felt, 60),
        tune: (Player::Felt, 67),
        theme: 50,
        notes: 2,
    };
    let mut who = match mood {
        Mood::Calm => Character {
            scale: DORIAN,
            turns: [[0, 3, 0, 6], [0, 2, 3, 6]],
            before: (6, false),
            bright: 0.3,
            strings: 0.8,
            figure: &[(0, 0), (2, 1), (4, 2), (6, 1)],
            figures: (Player::Harp, 57),
            tune: (Player::Flute, 72),
            theme: 70,
            notes: 1,
            ..plain
        },
        Mood::Uneasy => Character {
            turns: [[0, 5, 0, 1], [0, 2, 5, 1]],
            strings: 0.85,
            held: Some(7),
            figure: &[(0, 0), (5, 2)],
            figures: (Player::Felt, 58),
            tune: (Player::Reed, 62),
            theme: 50,
            ..plain
        },
        Mood::Wary => Character {
            scale: PHRYGIAN,
            turns: [[0, 1, 0, 3], [0, 1, 5, 1]],
            before: (1, false),
            strings: 0.85,
            pulse: 0.5,
            beats: &[0, 3],
            held: Some(0),
            figure: &[(0, 0), (3, 2), (6, 1)],
            figures: (Player::Pizzicato, 50),
            tune: (Player::Reed, 57),
            theme: 40,
            ..plain
        },
        Mood::Tense => Character {
            turns: [[0, 0, 5, 1], [0, 3, 1, 4]],
            bright: 0.75,
            tremolo: 0.55,
            strings: 0.9,
            pulse: 1.0,
            beats: &[0, 2, 4, 6],
            held: Some(1),
            figure: &[(0, 0), (1, 0), (2, 2), (3, 0), (4, 3), (5, 0), (6, 2), (7, 0)],
            figures: (Player::Pizzicato, 48),
            tune: (Player::Horn, 58),
            theme: 40,
            notes: 1,
            ..plain
        },
        Mood::Heavy => Character {
            turns: [[0, 5, 3, 0], [0, 3, 1, 4]],
            register: -5,
            bright: 0.25,
            strings: 0.95,
            pulse: 0.7,
            figure: &[(0, 0)],
            figures: (Player::Felt, 40),
            tune: (Player::Horn, 54),
            theme: 55,
            notes: 1,
            ..plain
        },
        Mood::Watchful => Character {
            turns: [[0, 5, 0, 6], [0, 3, 5, 6]],
            before: (6, false),
            open: true,
            bright: 0.3,
            strings: 0.8,
            pulse: 0.25,
            held: Some(12),
            figure: &[(0, 0), (6, 2)],
            figures: (Player::Harp, 55),
            tune: (Player::Glass, 79),
            theme: 55,
            ..plain
        },
        Mood::Tender => Character {
            root: 3,
            scale: IONIAN,
            turns: [[0, 5, 3, 4], [0, 2, 3, 1]],
            register: 2,
            bright: 0.4,
            strings: 0.75,
            figure: &[(0, 0), (1, 2), (2, 3), (4, 1), (6, 2)],
            figures: (Player::Felt, 60),
            tune: (Player::Solo, 60),
            theme: 75,
            notes: 1,
            ..plain
        },
        Mood::Hopeful => Character {
            root: 3,
            scale: LYDIAN,
            turns: [[0, 4, 5, 1], [0, 5, 1, 4]],
            before: (4, false),
            register: 4,
            bright: 0.55,
            strings: 0.85,
            held: Some(7),
            figure: &[(0, 0), (1, 1), (2, 2), (3, 3), (4, 2), (5, 3), (6, 1), (7, 2)],
            figures: (Player::Harp, 62),
            tune: (Player::Flute, 76),
            theme: 80,
            notes: 1,
            ..plain
        },
    };
    // A genre recolours: who is not at hand there is replaced by a neighbour.
    let recolour = |player: Player| match (genre, player) {
        ("fairy_tale", Player::Felt) => Player::Glass,
        ("fairy_tale", Player::Horn) => Player::Reed,
        ("adventure", Player::Harp | Player::Felt) => Player::Lute,
        ("adventure", Player::Glass) => Player::Flute,
        ("science_fiction", Player::Harp) => Player::Glass,
        ("science_fiction", Player::Flute) => Player::Solo,
        (_, player) => player,
    };
    who.figures.0 = recolour(who.figures.0);
    who.tune.0 = recolour(who.tune.0);
    if who.tune.0 == Player::Glass {
        who.tune.1 = who.tune.1.max(74);
    }
    if who.tune.0 == Player::Solo {
        who.tune.1 = who.tune.1.min(64);
    }
    if who.figures.0 == Player::Glass {
        who.figures.1 += 12;
    }
    who
}

impl Character {
    /// The chord on a degree: semitones over the series' tonic. `leads` raises the seventh of the scale.
    pub fn chord(&self, degree: usize, leads: bool) -> Vec<i32> {
        let second = usize::from(self.open && degree == 0);
        let tone = |k: usize| {
            let step = degree + k;
            let raised = if leads && step % 7 == 6 && self.scale[6] == 10 { 1 } else { 0 };
            self.root + self.scale[step % 7] + 12 * (step / 7) as i32 + raised
        };
        vec![tone(0), tone(2 - second), tone(4)]
    }

    /// Where a cue comes to rest: the tonic, without a second in it.
    pub fn home(&self) -> Vec<i32> {
        let third = if self.open { self.scale[4] } else { self.scale[2] };
        vec![self.root, self.root + third, self.root + self.scale[4]]
    }

    /// A pitch of the scale: the degree over a tonic given as a MIDI number.
    pub fn pitch(&self, base: i32, degree: i32) -> i32 {
        base + self.scale[degree.rem_euclid(7) as usize] + 12 * degree.div_euclid(7)
    }
}
