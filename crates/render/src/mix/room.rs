//! The answer of a room: a feedback delay network of eight lines behind two all-passes, stereo out of mono in.
//!
//! All lines feed each other through a Householder matrix, which keeps their energy; what decays is each line's own
//! gain, so that sixty decibels are gone after the room's time, high notes sooner. Seven milliseconds or more pass before
//! it answers. Whole numbers for lengths, one order of additions: the same answer on every machine.

use contracts::{render::Room, time::samples_of_ms};

const LINES: usize = 8;
/// Lengths of the lines of a room and of a hall, in samples: primes, 7 to 21 ms and 23 to 53 ms.
const ROOM: [usize; LINES] = [337, 397, 463, 541, 631, 743, 863, 1009];
const HALL: [usize; LINES] = [1117, 1301, 1487, 1667, 1873, 2089, 2309, 2551];
/// From this time on a room is a hall.
const HALL_MS: u32 = 1_000;
/// Lengths of the all-passes, which make one click many.
const SPREAD: [usize; 2] = [113, 179];
/// How much of a change a line lets through at once: the rest of the high notes is lost on the wall.
const DAMPING: f32 = 0.6;
/// Far below hearing: keeps a network that rests from falling into denormal numbers, which some CPUs compute slowly.
const REST: f32 = 1e-18;

/// A room that is being played in.
#[derive(Clone)]
pub struct Reverb {
    lines: [Line; LINES],
    spread: [Line; 2],
    gains: [f32; LINES],
    /// What each line's walls have kept.
    kept: [f32; LINES],
    /// Level of the answer.
    wet: f32,
}

/// A delay line.
#[derive(Clone)]
struct Line {
    samples: Vec<f32>,
    at: usize,
}

impl Line {
    fn new(length: usize) -> Self {
        Self { samples: vec![0.0; length], at: 0 }
    }

    fn oldest(&self) -> f32 {
        self.samples[self.at]
    }

    fn put(&mut self, x: f32) {
        self.samples[self.at] = x;
        self.at += 1;
        if self.at == self.samples.len() {
            self.at = 0;
        }
    }
}

/// How long after its last sample a sound is still answered: until the answer is 90 dB down.
pub fn tail(room: Room) -> u64 {
    samples_of_ms(u64::from(room.decay_ms) * 3 / 2)
}

impl Reverb {
    /// A room in which nothing has sounded.
    pub fn new(room: Room) -> Self {
        let mut raw = Self::still(room);
        // Its level is that of its answer to noise beside the noise itself: measured on its answer to one click.
        let (mut energy, mut block) = (0.0, [[0f32; 256]; 2]);
        let mut click = [0f32; 256];
        click[0] = 1.0;
        for _ in 0..(tail(room) as usize).div_ceil(256) {
            let [left, right] = &mut block;
            raw.play(&click, left, right);
            energy += block.iter().flatten().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>() / 2.0;
            click[0] = 0.0;
        }
        Self { wet: (super::db(room.wet_cb) / energy.sqrt()) as f32, ..Self::still(room) }
    }

    fn still(room: Room) -> Self {
        let lengths = if room.decay_ms < HALL_MS { ROOM } else { HALL };
        let decay = samples_of_ms(u64::from(room.decay_ms)).max(1) as f64;
        Self {
            lines: lengths.map(Line::new),
            spread: SPREAD.map(Line::new),
            gains: lengths.map(|length| libm::pow(10.0, -3.0 * length as f64 / decay) as f32),
            kept: [0.0; LINES],
            wet: 1.0,
        }
    }

    /// Forgets everything that sounded in it.
    pub fn clear(&mut self) {
        self.lines.iter_mut().chain(&mut self.spread).for_each(|line| {
            line.samples.fill(0.0);
            line.at = 0;
        });
        self.kept = [0.0; LINES];
    }

    /// Answers `input`: replaces what is in `left` and `right`, all of one length.
    pub fn play(&mut self, input: &[f32], left: &mut [f32], right: &mut [f32]) {
        for ((x, left), right) in input.iter().zip(left).zip(right) {
            let mut x = *x + REST;
            for line in &mut self.spread {
                let old = line.oldest();
                let fed = x + old * 0.6;
                line.put(fed);
                x = old - fed * 0.6;
            }
            let mut out = [0f32; LINES];
            for ((out, line), kept) in out.iter_mut().zip(&self.lines).zip(&mut self.kept) {
                *kept += DAMPING * (line.oldest() - *kept);
                *out = *kept;
            }
            let [a, b, c, d, e, f, g, h] = out;
            let all = ((a + b) + (c + d)) + ((e + f) + (g + h));
            for ((line, out), gain) in self.lines.iter_mut().zip(out).zip(self.gains) {
                line.put((out - all * 0.25 + x) * gain);
            }
            *left = self.wet * (((a - b) + (c - d)) + ((e - f) + (g - h)));
            *right = self.wet * (((a + b) - (c + d)) + ((e + f) - (g + h)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(decay_ms: u32, wet_cb: i32, input: &[f32], frames: usize) -> [Vec<f32>; 2] {
        let mut input = input.to_vec();
        input.resize(frames, 0.0);
        let (mut left, mut right) = (vec![0.0; frames], vec![0.0; frames]);
        Reverb::new(Room { decay_ms, wet_cb }).play(&input, &mut left, &mut right);
        [left, right]
    }

    fn level(part: &[f32]) -> f64 {
        10.0 * libm::log10(part.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>() / part.len() as f64)
    }

    #[test]
    fn an_answer_falls_by_sixty_decibels_in_its_time() {
        for decay_ms in [100, 350, 900, 1_000, 4_000] {
            // A low tone that stops: high notes are meant to go sooner.
            let samples = samples_of_ms(u64::from(decay_ms)) as usize;
            let noise = crate::mix::tests::speech(u64::from(decay_ms), 24_000);
            let mut low = 0.0;
            let input: Vec<f32> = noise
                .iter()
                .map(|s| {
                    low += 0.05 * (f32::from(*s) / 32_768.0 - low);
                    low
                })
                .collect();
            let [left, _] = answer(decay_ms, 0, &input, 24_000 + 2 * samples);
            let part = samples / 8;
            let fall = level(&left[24_000..24_000 + part]) - level(&left[24_000 + samples / 2..][..part]);
            assert!((24.0..42.0).contains(&fall), "{decay_ms} ms: {fall} dB in half of it");
        }
    }

    #[test]
    fn an_answer_to_noise_is_as_loud_as_said_and_is_stereo() {
        let mut seed = contracts::Seed::new(7);
        let noise: Vec<f32> = (0..96_000).map(|_| seed.range(-0.5, 0.5) as f32).collect();
        for (decay_ms, wet_cb) in [(350, -2_200), (1_500, 0), (150, -600)] {
            let [left, right] = answer(decay_ms, wet_cb, &noise, 96_000);
            for side in [&left, &right] {
                let off = level(&side[48_000..]) - level(&noise) - f64::from(wet_cb) / 100.0;
                assert!(off.abs() < 1.0, "{decay_ms} ms, {wet_cb}: {off} dB off");
            }
            let both: f64 = left.iter().zip(&right).map(|(l, r)| f64::from(*l) * f64::from(*r)).sum();
            let one: f64 = left.iter().map(|l| f64::from(*l) * f64::from(*l)).sum();
            assert!((both / one).abs() < 0.5, "the sides say the same: {}", both / one);
            assert!(left[..300].iter().all(|x| x.abs() < 1e-9), "it answers before a wall could");
        }
    }
}
