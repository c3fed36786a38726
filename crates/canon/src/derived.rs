//! What is computed and never stated otherwise: an age from a birth, a day of the week, the minutes of a way.
//!
//! A fact of the kind `derived` is checked against the computed value; a moment's own value is asked for with [`value`].

use contracts::canon::{Fact, FactKind, FactValue, Finding, StoryTime};
use gates::blocks;

use crate::{
    contradictions::show,
    facts::Facts,
    sources::{self, fact as source},
    time,
};

/// What the attribute of a way begins with: `minutes_to quay`.
pub const MINUTES_TO: &str = "minutes_to ";
/// The subject under which an author says what day of the week a date is: `calendar weekday saturday`, true from that date.
pub const CALENDAR: &str = "calendar";

const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The day of the week at a moment: counted from the day the canon names (a fact `calendar weekday`), else by the Gregorian calendar.
pub fn weekday(base: &impl Facts, at: &StoryTime) -> &'static str {
    let anchor = base.about(CALENDAR, "weekday").into_iter().find_map(|f| {
        let day = DAYS.iter().position(|d| show(&f.value).to_lowercase() == *d)?;
        Some((time::day(&f.from), i64::try_from(day).ok()?))
    });
    // 0000-03-01, from which days are counted, was a Wednesday.
    let (day, is) = anchor.unwrap_or((0, 2));
    let n = (time::day(at) - day + is).rem_euclid(7);
    DAYS[usize::try_from(n).unwrap_or(0) % 7]
}

/// What a derived attribute is at a moment; none when it is no derived attribute, or cannot be computed.
pub fn value(base: &impl Facts, subject: &str, attribute: &str, at: &StoryTime) -> Option<FactValue> {
    match attribute {
        "age" => {
            let age = time::age(&base.person(subject)?.born, at);
            (age >= 0).then_some(FactValue::Number(age))
        }
        "weekday" => Some(FactValue::Text(weekday(base, at).to_owned())),
        _ => {
            let to = attribute.strip_prefix(MINUTES_TO)?;
            let way =
                |from: &str, to: &str| base.place(from).and_then(|p| p.travel_min.iter().find(|(id, _)| id.as_str() == to)).map(|w| *w.1);
            way(subject, to).or_else(|| way(to, subject)).map(|minutes| FactValue::Number(i64::from(minutes)))
        }
    }
}

/// Facts that state what is computed, and state it otherwise; facts of the kind `derived` that nothing computes.
pub(crate) fn stated<F: Facts>(base: &F, facts: &[&Fact], found: &mut Vec<Finding>) {
    for fact in facts {
        let derived = fact.kind == FactKind::Derived;
        let way = fact.attribute.starts_with(MINUTES_TO);
        let day = fact.attribute == "weekday" && fact.subject.as_str() != CALENDAR;
        if !(derived || way || day) {
            continue;
        }
        let told = source(fact);
        match value(base, &fact.subject, &fact.attribute, &fact.from) {
            Some(computed) if show(&computed) == show(&fact.value).to_lowercase() => {}
            Some(computed) => {
                let message = format!(
                    "{}: {} of {} is computed, and is {} at {}; it is stated as {}",
                    fact.id,
                    fact.attribute,
                    fact.subject,
                    show(&computed),
                    fact.from,
                    show(&fact.value)
                );
                let from = if way { sources::place(&fact.subject) } else { sources::person(&fact.subject) };
                let rests = if day { vec![told.as_str()] } else { vec![told.as_str(), from.as_str()] };
                found.push(blocks("canon.derived", message, &rests));
            }
            None => {
                let message = format!(
                    "{}: nothing computes {} of {}; what is computed is the `age` of a person, `weekday`, and `{MINUTES_TO}PLACE` of a place with a way there",
                    fact.id, fact.attribute, fact.subject
                );
                found.push(blocks("canon.derived", message, &[&told]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{author, facts::Book};

    #[test]
    fn days_of_the_week_are_counted_from_the_day_the_author_names() {
        let at = |text: &str| StoryTime::try_from(text.to_owned()).expect("a story time");
        let plain = author::parse("").expect("a canon");
        let book = Book::new(&plain);
        assert_eq!((weekday(&book, &at("1970-01-01T00:00")), weekday(&book, &at("2026-11-22T23:59"))), ("thursday", "sunday"));
        let anchored = "[[facts]]\nsubject = \"calendar\"\nattribute = \"weekday\"\nvalue = \"Saturday\"\nfrom = \"0131-11-01\"";
        let anchored = author::parse(anchored).expect("a canon");
        let book = Book::new(&anchored);
        assert_eq!((weekday(&book, &at("0131-11-02T06:00")), weekday(&book, &at("0131-10-31T06:00"))), ("sunday", "friday"));
    }
}
