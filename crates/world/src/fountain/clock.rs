//! When scenes stand: by what they say, by the hours of their headings, and by the ways between places.

use std::collections::BTreeMap;

use canon::time;
use contracts::{
    Id,
    canon::{Canon, StoryTime},
    story::{TimeOfDay, Weather},
};

use super::{
    Manuscript,
    build::Draft,
    names,
    parse::Kind,
    words::{self, When},
};

/// The clock of an episode, and where everybody was last.
pub(super) struct Clock {
    pub now: Option<(i64, TimeOfDay, Weather, Id)>,
    pub last: BTreeMap<Id, (i64, Id)>,
}

impl Clock {
    pub fn set(&mut self, draft: &Draft, opens: &StoryTime, canon: &Canon, present: &[Id]) -> (i64, TimeOfDay) {
        let hour = match (&draft.when, &self.now) {
            (Some(When::Hour(hour)), _) => Some(*hour),
            (_, None) => Some(words::hour_of(TimeOfDay::Day)),
            _ => None,
        };
        if let Some(at) = &draft.at {
            let clock = if at.len() == 10 { hour.map_or(720, |h| h.at) } else { 0 };
            let full = if at.len() == 10 { format!("{at}T00:00") } else { at.clone() };
            let start = StoryTime::try_from(full).map_or(0, |t| time::minutes(&t)) + clock;
            let said = if matches!(draft.when, Some(When::Hour(_))) { hour } else { None };
            let light = said.map(|h| h.light).unwrap_or(match start.rem_euclid(1440) {
                300..450 => TimeOfDay::Dawn,
                450..690 => TimeOfDay::Morning,
                690..1020 => TimeOfDay::Day,
                1020..1230 => TimeOfDay::Dusk,
                _ => TimeOfDay::Night,
            });
            return (start, light);
        }
        let Some((before, light, _, place)) = &self.now else {
            let hour = hour.unwrap_or(words::hour_of(TimeOfDay::Day));
            return (next(time::minutes(opens), hour.at), hour.light);
        };
        let way = |from: &Id, to: &Id| {
            let minutes = |a: &Id, b: &Id| canon.locations.iter().find(|l| l.id == *a).and_then(|l| l.travel_min.get(b)).copied();
            minutes(from, to).or_else(|| minutes(to, from)).map(i64::from)
        };
        let moved = if *place == draft.place.id { 1 } else { 5 };
        let mut least = before + moved;
        for (left, from) in present.iter().filter_map(|who| self.last.get(who)) {
            least = least.max(left + if *from == draft.place.id { 0 } else { way(from, &draft.place.id).unwrap_or(5) });
        }
        match (&draft.when, hour) {
            (Some(When::After(n)), _) => (least.max(before + n), *light),
            (_, Some(hour)) => {
                let minute = least.rem_euclid(1440);
                let within = [minute, minute + 1440].iter().any(|m| (hour.begins..hour.ends).contains(m));
                (if within { least } else { next(least, hour.at) }, hour.light)
            }
            (_, None) => (least, *light),
        }
    }
}

/// The next moment from `from` on at a minute of the day.
fn next(from: i64, minute: i64) -> i64 {
    from + (minute - from).rem_euclid(1440)
}

/// When the first scene stands: what it says, else the hour of its heading after `opens`.
pub(super) fn first_time(manuscript: &Manuscript, opens: &StoryTime) -> StoryTime {
    let mut elements = manuscript.play.elements.iter();
    let mut notes: Vec<&String> = Vec::new();
    let mut when = None;
    for element in elements.by_ref() {
        notes.extend(&element.notes);
        if let Kind::Heading { text, .. } = &element.kind {
            when = names::heading(text).when;
            break;
        }
    }
    notes.extend(elements.take_while(|e| !matches!(e.kind, Kind::Heading { .. })).flat_map(|e| &e.notes));
    let hour = match when {
        Some(When::Hour(hour)) => hour.at,
        _ => 720,
    };
    let said = notes.iter().find_map(|n| n.strip_prefix("time:")).and_then(|t| {
        let t = t.trim();
        let day = StoryTime::try_from(format!("{t}T00:00")).and_then(|d| time::shift(&d, hour));
        day.or_else(|_| StoryTime::try_from(t.to_owned())).ok()
    });
    said.or_else(|| time::shift(opens, next(time::minutes(opens), hour) - time::minutes(opens)).ok()).unwrap_or_else(|| opens.clone())
}
