//! Frames and samples. The project has a rational edit rate; shots last whole frames; audio is counted in samples at
//! 48 kHz; milliseconds are for display (design §7).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Audio samples per second of every sound in the house.
pub const SAMPLE_RATE: u64 = 48_000;

/// Frames per second as a fraction, such as 24/1 or 30000/1001.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^[1-9][0-9]{0,5}/[1-9][0-9]{0,4}$"))]
pub struct EditRate {
    /// Frames.
    pub num: u32,
    /// Per this many seconds.
    pub den: u32,
}

impl EditRate {
    /// 24 frames per second.
    pub const FILM: Self = Self { num: 24, den: 1 };

    /// The first sample of frame `frame`: the first that does not sound before the frame shows, so that
    /// [`EditRate::frame_at`] of it is the frame again at every rate.
    pub fn samples_at(self, frame: u64) -> u64 {
        (frame * SAMPLE_RATE * u64::from(self.den)).div_ceil(u64::from(self.num))
    }

    /// The smallest number of whole frames that hold this many samples.
    pub fn frames_to_hold(self, samples: u64) -> u64 {
        (samples * u64::from(self.num)).div_ceil(SAMPLE_RATE * u64::from(self.den))
    }

    /// The frame that shows at this sample.
    pub fn frame_at(self, sample: u64) -> u64 {
        sample * u64::from(self.num) / (SAMPLE_RATE * u64::from(self.den))
    }

    /// Whole frames nearest to this many milliseconds.
    pub fn frames_from_ms(self, ms: u64) -> u64 {
        (ms * u64::from(self.num) + 500 * u64::from(self.den)) / (1000 * u64::from(self.den))
    }

    /// Milliseconds, for display.
    pub fn ms(self, frames: u64) -> u64 {
        frames * 1000 * u64::from(self.den) / u64::from(self.num)
    }
}

impl TryFrom<String> for EditRate {
    type Error = String;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let parsed = text.split_once('/').and_then(|(n, d)| Some((n.parse::<u32>().ok()?, d.parse::<u32>().ok()?)));
        match parsed {
            Some((num, den)) if den > 0 && (1..=120).contains(&(num / den)) && num <= 120_000 && den <= 1001 => Ok(Self { num, den }),
            _ => Err(format!(
                "edit rate `{text}`: expected frames/seconds such as `24/1`, `25/1`, `30/1` or `30000/1001`, between 1 and 120 frames a second"
            )),
        }
    }
}

impl From<EditRate> for String {
    fn from(rate: EditRate) -> Self {
        format!("{}/{}", rate.num, rate.den)
    }
}

/// Milliseconds of a number of samples, for display.
pub fn ms_of_samples(samples: u64) -> u64 {
    samples * 1000 / SAMPLE_RATE
}

/// Samples of a number of milliseconds.
pub fn samples_of_ms(ms: u64) -> u64 {
    ms * SAMPLE_RATE / 1000
}
