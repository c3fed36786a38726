use std::collections::{BTreeMap, BTreeSet};

use contracts::{Hash, Id, Seed, assets::MusicSpec, shots::MusicCue, story::Mood};

use super::{
    band::{Family, character},
    bars,
    compose::{Note, Player, compose},
    score,
    theme::{Theme, Variation, variations},
};

fn notes_of(spec: &MusicSpec) -> Vec<Note> {
    compose(spec, &|_| true)
}

const ALL: [Mood; 8] = [Mood::Calm, Mood::Uneasy, Mood::Wary, Mood::Tense, Mood::Heavy, Mood::Watchful, Mood::Tender, Mood::Hopeful];
const GENRES: [&str; 4] = ["mystery", "adventure", "science_fiction", "fairy_tale"];

fn spec(seconds: u64, cues: &[(Mood, u8)], lines: &[(u64, u64)]) -> MusicSpec {
    let samples = seconds * 48_000;
    let each = samples / cues.len().max(1) as u64;
    let cue = |(k, (mood, level)): (usize, &(Mood, u8))| MusicCue {
        scene_id: Some(Id::new(format!("sc{k:02}")).expect("id")),
        mood: *mood,
        level: *level,
        start: k as u64 * each,
        samples: each,
    };
    MusicSpec {
        theme: Id::new("lighthouse").expect("id"),
        genre: Id::new("mystery").expect("id"),
        cues: cues.iter().enumerate().map(cue).collect(),
        lines: lines.to_vec(),
        samples,
        scenes: BTreeMap::new(),
    }
}

/// A film of a seed: scenes of any length and mood, a turn in some, words in most.
fn film(number: u64) -> MusicSpec {
    let mut choose = Seed::new(number);
    let mut at = 0;
    let (mut cues, mut lines) = (Vec::new(), Vec::new());
    for scene in 0..4 + choose.below(3) {
        let mood = ALL[choose.below(8) as usize];
        let id = Id::new(format!("sc{scene:02}")).expect("id");
        for turn in 0..1 + choose.below(2) {
            let samples = 48_000 + choose.below(9 * 48_000);
            if choose.below(3) > 0 {
                let start = at + choose.below(samples / 2);
                lines.push((start, start + 24_000 + choose.below(samples / 2)));
            }
            cues.push(MusicCue { scene_id: Some(id.clone()), mood, level: (turn + 1 + choose.below(2)) as u8, start: at, samples });
            at += samples;
        }
    }
    cues.push(MusicCue { scene_id: None, mood: Mood::Watchful, level: 2, start: at, samples: 192_000 });
    let genre = Id::new(GENRES[number as usize % 4]).expect("id");
    MusicSpec {
        theme: Id::new(format!("series-{number}")).expect("id"),
        genre,
        cues,
        lines,
        samples: at + 192_000,
        scenes: BTreeMap::new(),
    }
}

fn rms(sound: &[f32]) -> f64 {
    (sound.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>() / sound.len().max(1) as f64).sqrt()
}

fn seed_of(spec: &MusicSpec) -> Seed {
    Seed::of(&["score", spec.theme.as_str(), spec.genre.as_str()])
}

#[test]
fn every_mood_sounds_and_none_is_loud() {
    for mood in ALL {
        for level in 1..=3 {
            let sound = score(&spec(9, &[(mood, level)], &[]));
            assert_eq!(sound.len(), 9 * 96_000);
            let peak = sound.iter().fold(0f32, |m, x| m.max(x.abs()));
            let loud = rms(&sound[2 * 96_000..7 * 96_000]);
            assert!(peak <= 0.5 && (0.02..0.16).contains(&loud), "{mood:?} {level}: peak {peak}, rms {loud}");
            // No clicks: neighbours are close, and both ends are silent.
            let leap = sound.chunks_exact(2).zip(sound[2..].chunks_exact(2)).map(|(a, b)| (a[0] - b[0]).abs()).fold(0.0, f32::max);
            assert!(leap < 0.08, "{mood:?} {level}: a leap of {leap}");
            assert!(sound[..20].iter().chain(&sound[sound.len() - 20..]).all(|x| x.abs() < 2e-3));
        }
    }
}

#[test]
fn levels_are_heard_and_zero_is_silence() {
    let sound = score(&spec(24, &[(Mood::Uneasy, 1), (Mood::Uneasy, 3), (Mood::Uneasy, 0)], &[]));
    let part = |from: usize, to: usize| rms(&sound[from * 96_000..to * 96_000]);
    assert!(part(10, 15) > 1.25 * part(3, 7), "{} {}", part(3, 7), part(10, 15));
    assert!(part(21, 24) < 0.02 * part(10, 15), "{}", part(21, 24));
    assert!(score(&spec(3, &[], &[])).iter().all(|x| x.abs() < 1e-9));
    assert!(score(&spec(0, &[(Mood::Calm, 1)], &[])).is_empty());
}

#[test]
fn cues_begin_and_end_on_bars_and_levels_change_on_them() {
    for number in 0..50 {
        let film = film(number);
        let lines: BTreeSet<u64> = super::bar_lines(&film).into_iter().collect();
        for cue in &film.cues {
            assert!(lines.contains(&cue.start) && lines.contains(&(cue.start + cue.samples)), "{number}: {cue:?} is off its bars");
        }
        let notes = notes_of(&film);
        for cue in bars::cues(&film, &seed_of(&film)) {
            // Bars follow each other, of one length but for a sample.
            for pair in cue.bars.windows(2) {
                assert_eq!(pair[0].to, pair[1].from);
                assert!(((pair[0].to - pair[0].from) - (pair[1].to - pair[1].from)).abs() <= 1);
            }
            // The tempo is the mood's, bent by a quarter at most where a cue has room for two bars.
            let minute = 48_000 * 60 * 1_000 / (2 * cue.bars[0].step()) / bars::tempo(cue.mood);
            if cue.to - cue.from > 6 * 48_000 {
                assert!((750..1_330).contains(&minute), "{number}: {:?} goes at {minute} thousandths of its tempo", cue.mood);
            }
            // What a player holds is let go at the end of its cue: nothing is carried over a bar line into another level.
            for note in notes.iter().filter(|n| n.at >= cue.from && n.at < cue.to && n.player.sustains()) {
                assert!(note.at + note.held <= cue.to, "{number}: {note:?} is held past {}", cue.to);
            }
            // The bed begins with the first bar and ends with the last.
            let bed: Vec<&Note> = strings(&notes).filter(|n| n.at >= cue.from && n.at < cue.to).collect();
            assert!(bed.iter().any(|n| n.at == cue.from) && bed.iter().any(|n| n.at + n.held == cue.to), "{number}");
        }
    }
}

fn strings(notes: &[Note]) -> impl Iterator<Item = &Note> {
    notes.iter().filter(|n| matches!(n.player, Player::Strings { .. }))
}

#[test]
fn harmony_comes_home_at_the_end_of_every_cue() {
    for number in 0..50 {
        let film = film(number);
        let tonic = Theme::of(&seed_of(&film)).tonic;
        let notes = notes_of(&film);
        let all = bars::cues(&film, &seed_of(&film));
        for cue in &all {
            let who = character(cue.mood, film.genre.as_str());
            let classes = |chord: &[i32]| -> BTreeSet<i32> { chord.iter().map(|c| (tonic + c).rem_euclid(12)).collect() };
            let home = classes(&who.home());
            let last: Vec<&Note> = strings(&notes).filter(|n| n.at >= cue.from && n.at + n.held == cue.to).collect();
            let heard: BTreeSet<i32> = last.iter().map(|n| n.pitch.rem_euclid(12)).collect();
            let bass = last.iter().min_by_key(|n| n.pitch).expect("a bass");
            assert!(heard.is_subset(&home), "{number} {:?}: ends on {heard:?}, home is {home:?}", cue.mood);
            assert_eq!((bass.pitch - tonic - who.root).rem_euclid(12), 0, "{number} {:?}: the bass is not at home", cue.mood);
            // It comes from somewhere: the chord before is another.
            assert_ne!(classes(&who.chord(who.before.0, who.before.1)), home);
        }
    }
}

#[test]
fn moods_have_tempi_of_their_own() {
    let bar = |mood| bars::cues(&spec(40, &[(mood, 2)], &[]), &Seed::new(1))[0].bars[0].step();
    assert!(bar(Mood::Heavy) > 2 * bar(Mood::Tense) && bar(Mood::Calm) > bar(Mood::Wary) && bar(Mood::Wary) > bar(Mood::Tense));
    let tempi: BTreeSet<i64> = ALL.iter().map(|m| bars::tempo(*m)).collect();
    assert_eq!(tempi.len(), 8, "two moods share a tempo");
}

#[test]
fn four_families_play_and_moods_choose_among_them() {
    for genre in GENRES {
        let mut film = spec(160, &ALL.map(|m| (m, 3)), &[]);
        film.genre = Id::new(genre).expect("id");
        let notes = notes_of(&film);
        let mut by_mood: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
        for note in &notes {
            let name = format!("{:?}", note.player);
            by_mood.entry((note.at / (20 * 48_000)) as usize).or_default().insert(name.split(' ').next().unwrap_or_default().to_owned());
        }
        let families: BTreeSet<Family> = notes.iter().map(|n| n.player.family()).collect();
        assert_eq!(families.len(), 4, "{genre}: {families:?}");
        let bands: BTreeSet<&BTreeSet<String>> = by_mood.values().collect();
        assert!(bands.len() >= 6, "{genre}: only {} bands in eight moods: {by_mood:?}", bands.len());
    }
}

#[test]
fn variations_are_other_tunes_from_the_same_notes() {
    let all = [
        Variation::Plain,
        Variation::Inverted,
        Variation::Backwards,
        Variation::Broad,
        Variation::Driven,
        Variation::Broken,
        Variation::Dressed,
    ];
    for number in 0..50 {
        let theme = Theme::of(&Seed::new(number));
        let mut tunes = BTreeSet::new();
        for how in all {
            for eighths in [4, 6, 8, 10, 12] {
                let steps = theme.vary(how, false, eighths);
                assert!(steps.len() >= 2, "{how:?} in {eighths}");
                for pair in steps.windows(2) {
                    assert!(
                        pair[0].at < pair[1].at && pair[0].at + pair[0].length <= pair[1].at && pair[0].length > 0,
                        "{how:?}: {steps:?}"
                    );
                }
                assert!(steps.iter().all(|s| s.at + s.length <= 2 * eighths && (-9..16).contains(&s.degree)), "{how:?}: {steps:?}");
            }
            let steps = theme.vary(how, false, 8);
            tunes.insert(steps.iter().map(|s| (s.at, s.degree - steps[0].degree)).collect::<Vec<_>>());
        }
        assert!(tunes.len() >= 6, "{number}: {} tunes of seven variations", tunes.len());
        // Turned over means turned over.
        let (plain, inverted) = (theme.vary(Variation::Plain, false, 8), theme.vary(Variation::Inverted, false, 8));
        assert!(plain.iter().zip(&inverted).all(|(a, b)| a.at == b.at && a.degree + b.degree == 2 * plain[0].degree));
        // The question is open, the answer at rest.
        let last = |answer| theme.vary(Variation::Plain, answer, 8).last().map_or(0, |s| s.degree.rem_euclid(7));
        assert!(last(false) != 0 && last(true) == 0);
    }
    let firsts: BTreeSet<Variation> = ALL.iter().map(|m| variations(*m)[0]).collect();
    assert!(firsts.len() >= 6, "moods share their variations: {firsts:?}");
}

#[test]
fn there_is_room_for_lines() {
    let moods = [(Mood::Calm, 2), (Mood::Tender, 2), (Mood::Hopeful, 2)];
    let (free, spoken) = (notes_of(&spec(120, &moods, &[])), notes_of(&spec(120, &moods, &[(0, 115 * 48_000)])));
    let tune = |notes: &[Note]| notes.iter().filter(|n| n.player.sustains() && !matches!(n.player, Player::Strings { .. })).count();
    let struck = |notes: &[Note]| notes.iter().filter(|n| !n.player.sustains()).map(|n| f64::from(n.amp)).sum::<f64>();
    assert!(tune(&free) > 30 && tune(&spoken) * 10 < tune(&free), "{} held notes without words, {} under them", tune(&free), tune(&spoken));
    assert!(struck(&spoken) * 3.0 < struck(&free), "{} against {}", struck(&free), struck(&spoken));
    // No held note of a tune ever lies under a line.
    for number in 0..50 {
        let film = film(number);
        for note in notes_of(&film).iter().filter(|n| matches!(n.player, Player::Flute | Player::Reed | Player::Horn | Player::Solo)) {
            let under = film.lines.iter().any(|l| note.at < l.1 as i64 && note.at + note.held > l.0 as i64);
            assert!(!under, "{number}: {note:?}");
        }
    }
}

#[test]
fn a_series_keeps_its_theme_and_another_has_another() {
    let one = spec(20, &[(Mood::Calm, 2)], &[]);
    let mut other = one.clone();
    other.theme = Id::new("salt-road").expect("id");
    assert_ne!(notes_of(&one), notes_of(&other));
    assert_eq!(score(&one), score(&one.clone()));
    let themes: BTreeSet<String> = (0..50).map(|n| format!("{:?}", Theme::of(&Seed::new(n)))).collect();
    assert!(themes.len() >= 48, "fifty series have {} themes", themes.len());
}

#[test]
fn cues_that_are_too_short_or_overlap_or_leave_gaps_are_played() {
    let cue = |mood, level, start, samples| MusicCue { scene_id: None, mood, level, start, samples };
    let mut film = spec(10, &[(Mood::Calm, 1)], &[]);
    film.cues = vec![
        cue(Mood::Tense, 9, 400_000, u64::MAX),
        cue(Mood::Calm, 2, 24_000, 100),
        cue(Mood::Wary, 3, 24_050, 200_000),
        cue(Mood::Heavy, 1, 479_990, 48_000),
        cue(Mood::Heavy, 1, 900_000, 48_000),
    ];
    film.lines = vec![(5, 3), (100_000, u64::MAX), (0, 0)];
    assert_eq!(score(&film).len(), 20 * 48_000);
    let lines = super::bar_lines(&film);
    assert!(lines.windows(2).all(|w| w[0] < w[1]) && lines.first() == Some(&0) && lines.last() == Some(&480_000), "{lines:?}");
    // Ten thousand cues of one sample are no ten thousand bars.
    film.cues = (0..10_000).map(|k| cue(Mood::Tense, 2, k * 48, 48)).collect();
    assert!(super::bar_lines(&film).len() < 20);
}

#[test]
fn the_golden_score() {
    let sound = score(&spec(12, &[(Mood::Wary, 1), (Mood::Tense, 2), (Mood::Hopeful, 3)], &[(96_000, 200_000)]));
    let bytes: Vec<u8> = sound.iter().flat_map(|x| x.to_le_bytes()).collect();
    assert_eq!(
        Hash::of(&bytes).to_string(),
        "7aebfcd447aadcc4a765c2e538499f1d157eac0363bbe1dac9bb06f6afd25903",
        "the score changed: if that was meant, change the step's version too"
    );
}
