//! Truth over story time: diffs and contradictions. Knows neither generation nor media.

