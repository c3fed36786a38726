//! How far music and ambience step back under voices: computed from where voices are planned, not from their sound, so
//! that it can begin before the first word.
//!
//! A look-ahead before a voice the gain starts to fall; an attack later it is down by the depth, and stays there until the
//! voice ends; a release later it is back. Both ways are a smoothstep over decibels. Voices nearer to each other than a
//! full return are one stretch.

use contracts::{render::MixSettings, time::samples_of_ms};

/// The ducking of a whole film.
pub struct Ducking {
    /// Stretches in order, apart from each other by a full return.
    spans: Vec<Span>,
    /// Gains of a way down and of a way back, sample by sample: every stretch has the same two, and a power is slow.
    down: Vec<f32>,
    back: Vec<f32>,
    /// The gain under a voice.
    held: f32,
}

/// From `down` the gain falls until `low`, stays there, and from `up` returns until `back`.
struct Span {
    down: u64,
    low: u64,
    up: u64,
    back: u64,
}

impl Ducking {
    /// From the spans of voices (first sample, one past the last).
    pub fn new(voices: impl Iterator<Item = (u64, u64)>, settings: &MixSettings) -> Self {
        let ms = |ms: u32| samples_of_ms(u64::from(ms));
        let (ahead, attack, release) = (ms(settings.duck_lookahead_ms), ms(settings.duck_attack_ms), ms(settings.duck_release_ms));
        let mut voices: Vec<(u64, u64)> = voices.filter(|v| v.1 > v.0).collect();
        voices.sort_unstable();
        let mut spans: Vec<Span> = Vec::new();
        for (start, end) in voices {
            let down = start.saturating_sub(ahead);
            let next = Span { down, low: down + attack, up: end.max(down + attack), back: end.max(down + attack) + release };
            match spans.last_mut() {
                // Back up for less than a release would be heard as pumping: stay down until the next voice.
                Some(last) if next.down <= last.back => {
                    last.up = last.up.max(next.up);
                    last.back = last.up + release;
                }
                _ => spans.push(next),
            }
        }
        let depth_db = f64::from(settings.duck_cb) / 100.0;
        let gain = |done: u64, of: u64| {
            let amount = done as f64 / of.max(1) as f64;
            // Smoothstep over decibels: no corner is heard at either end.
            let eased = amount * amount * (3.0 - 2.0 * amount);
            libm::pow(10.0, depth_db * eased / 20.0) as f32
        };
        Self {
            spans,
            down: (0..attack).map(|k| gain(k, attack)).collect(),
            back: (0..release).map(|k| gain(release - k, release)).collect(),
            held: libm::pow(10.0, depth_db / 20.0) as f32,
        }
    }

    /// Fills `gains` with those from a sample on.
    pub fn fill(&self, from: u64, gains: &mut [f32]) {
        gains.fill(1.0);
        let to = from + gains.len() as u64;
        let first = self.spans.partition_point(|s| s.back <= from);
        for span in self.spans[first..].iter().take_while(|s| s.down < to) {
            for (range, ramp) in
                [(span.down..span.low, self.down.as_slice()), (span.low..span.up, &[]), (span.up..span.back, self.back.as_slice())]
            {
                let (start, end) = (range.start.max(from), range.end.min(to));
                if start >= end {
                    continue;
                }
                let part = &mut gains[(start - from) as usize..(end - from) as usize];
                let offset = (start - range.start) as usize;
                match ramp.get(offset..offset + part.len()) {
                    Some(ramp) => part.copy_from_slice(ramp),
                    None => part.fill(self.held),
                }
            }
        }
    }
}
