//! Arithmetic on story time. The calendar is the proleptic Gregorian one, which every story calendar here is written in.

use contracts::canon::StoryTime;

/// The beginning of every calendar, `0001-01-01T00:00`: when a fact without a `from` began.
pub fn epoch() -> StoryTime {
    StoryTime::try_from("0001-01-01T00:00".to_owned()).expect("the literal is a story time")
}

fn part(time: &StoryTime, from: usize, to: usize) -> i64 {
    time.as_str().get(from..to).and_then(|t| t.parse().ok()).unwrap_or(0)
}

/// Days since 0000-03-01 (Howard Hinnant, days_from_civil).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let of_era = y - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year
}

/// Minutes since the calendar began: the difference of two is the time between them.
pub fn minutes(time: &StoryTime) -> i64 {
    (days(part(time, 0, 4), part(time, 5, 7), part(time, 8, 10)) * 24 + part(time, 11, 13)) * 60 + part(time, 14, 16)
}

/// Whole days since the calendar began.
pub fn day(time: &StoryTime) -> i64 {
    minutes(time).div_euclid(1440)
}

/// Whole years from `born` to `at`; negative when `at` lies before birth.
pub fn age(born: &StoryTime, at: &StoryTime) -> i64 {
    let years = part(at, 0, 4) - part(born, 0, 4);
    let before_birthday = at.as_str().get(5..) < born.as_str().get(5..);
    if before_birthday { years - 1 } else { years }
}

/// The moment `minutes` later (or earlier). Errors when the result leaves the years 0000–9999.
pub fn shift(time: &StoryTime, by_minutes: i64) -> Result<StoryTime, String> {
    let left = || format!("story time leaves the years 0000-9999: {by_minutes} minutes from {time}");
    let total = minutes(time).checked_add(by_minutes).ok_or_else(left)?;
    let (day, minute) = (total.div_euclid(1440), total.rem_euclid(1440));
    // civil_from_days, the inverse of `days`.
    let era = day.div_euclid(146_097);
    let of_era = day - era * 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let m = (5 * of_year + 2) / 153;
    let day_of_month = of_year - (153 * m + 2) / 5 + 1;
    let month = if m < 10 { m + 3 } else { m - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    if !(0..=9999).contains(&year) {
        return Err(left());
    }
    StoryTime::try_from(format!("{year:04}-{month:02}-{day_of_month:02}T{:02}:{:02}", minute / 60, minute % 60))
}

/// The same day and hour `years` earlier or later; 29 February becomes 28.
pub fn shift_years(time: &StoryTime, years: i64) -> Result<StoryTime, String> {
    let year = part(time, 0, 4).saturating_add(years);
    if !(0..=9999).contains(&year) {
        return Err(format!("story time leaves the years 0000-9999: {years} years from {time}"));
    }
    let rest = time.as_str().get(4..).unwrap_or("-01-01T00:00");
    let rest = if rest.starts_with("-02-29") { rest.replacen("-02-29", "-02-28", 1) } else { rest.to_owned() };
    StoryTime::try_from(format!("{year:04}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> StoryTime {
        StoryTime::try_from(text.to_owned()).expect("a story time")
    }

    #[test]
    fn minutes_cross_months_and_leap_years() {
        assert_eq!(minutes(&at("0124-03-01T00:00")) - minutes(&at("0124-02-28T23:50")), 1440 + 10);
        assert_eq!(minutes(&at("0123-03-01T00:00")) - minutes(&at("0123-02-28T23:50")), 10);
        assert_eq!(shift(&at("0123-12-31T23:50"), 20), Ok(at("0124-01-01T00:10")));
        assert_eq!(shift(&at("0124-03-01T00:00"), -1), Ok(at("0124-02-29T23:59")));
        assert!(shift(&at("0000-01-01T00:00"), -1).is_err());
        for far in [i64::MIN, i64::MAX] {
            assert!(shift(&at("0124-03-01T00:00"), far).is_err() && shift_years(&at("0124-03-01T00:00"), far).is_err());
        }
    }

    #[test]
    fn age_turns_on_the_birthday() {
        assert_eq!(age(&at("0090-05-20T00:00"), &at("0122-05-19T23:59")), 31);
        assert_eq!(age(&at("0090-05-20T00:00"), &at("0122-05-20T00:00")), 32);
        assert_eq!(age(&at("0122-05-20T00:00"), &at("0121-01-01T00:00")), -2);
        assert_eq!(shift_years(&at("0124-02-29T12:00"), -1), Ok(at("0123-02-28T12:00")));
    }
}
