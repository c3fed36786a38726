//! A look-ahead limiter of true peaks: the gain is already down when a peak arrives, and returns slowly.

use std::collections::VecDeque;

use super::loudness::Peaks;

/// How far it looks ahead: 2 ms.
const AHEAD: usize = 96;
/// The way back to full gain in one sample: 63 % in 80 ms.
const RELEASE: f32 = 1.0 / 3_840.0;

/// The highest magnitude at each frame of interleaved stereo or on either side of it, between the samples too.
/// Between samples it looks only where a sample near reaches `floor`.
pub fn peaks(bed: &[f32], floor: f64) -> Vec<f32> {
    let mut peaks = vec![0f32; bed.len() / 2];
    let mut finder = Peaks::new();
    let tail = std::iter::repeat_n((0.0, 0.0), Peaks::TAIL);
    for (left, right) in bed.chunks_exact(2).map(|p| (f64::from(p[0]), f64::from(p[1]))).chain(tail) {
        let Some((k, peak)) = finder.push(left, right, floor) else { continue };
        // What lies between two frames binds both.
        for near in peaks.iter_mut().skip(k).take(2) {
            *near = near.max(peak as f32);
        }
    }
    peaks
}

/// Gains, one a frame, that keep `peaks` times `gain` at or under `ceiling`.
pub fn envelope(peaks: &[f32], gain: f64, ceiling: f64) -> Vec<f32> {
    let limit = (ceiling / gain) as f32;
    let need = |k: usize| peaks.get(k).map_or(1.0, |p| if *p > limit { limit / p } else { 1.0 });
    // The lowest gain needed within the look-ahead, by a queue of falling candidates.
    let mut queue: VecDeque<(usize, f32)> = VecDeque::new();
    let mut lowest = Vec::with_capacity(peaks.len());
    let mut held = 1.0f32;
    for k in 0..peaks.len() + AHEAD {
        let n = need(k);
        while queue.back().is_some_and(|b| b.1 >= n) {
            queue.pop_back();
        }
        queue.push_back((k, n));
        if k < AHEAD {
            continue;
        }
        let now = k - AHEAD;
        while queue.front().is_some_and(|f| f.0 < now) {
            queue.pop_front();
        }
        held = (held + (1.0 - held) * RELEASE).min(queue.front().map_or(1.0, |f| f.1));
        lowest.push(held);
    }
    // A mean over the look-ahead turns each step down into a ramp that ends where the peak is.
    let first = f64::from(lowest.first().copied().unwrap_or(1.0));
    let mut sum = first * AHEAD as f64;
    let mut out = Vec::with_capacity(lowest.len());
    for k in 0..lowest.len() {
        let gone = k.checked_sub(AHEAD).map_or(first, |g| f64::from(lowest[g]));
        sum += f64::from(lowest[k]) - gone;
        out.push(((sum / AHEAD as f64) as f32).min(1.0));
    }
    out
}
