//! Lengths of time, dates and moments as people write them.
#![forbid(unsafe_code)]

use crate::frames::temporal::Clock;

/// Nanoseconds of a second.
pub const SECOND: i128 = 1_000_000_000;
/// Seconds of a day.
pub const DAY: i128 = 86_400;

const UNITS: [(&str, i128); 24] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", SECOND),
    ("sec", SECOND),
    ("second", SECOND),
    ("seconds", SECOND),
    ("m", 60 * SECOND),
    ("min", 60 * SECOND),
    ("minute", 60 * SECOND),
    ("minutes", 60 * SECOND),
    ("h", 3_600 * SECOND),
    ("hour", 3_600 * SECOND),
    ("hours", 3_600 * SECOND),
    ("d", DAY * SECOND),
    ("day", DAY * SECOND),
    ("days", DAY * SECOND),
    ("w", 7 * DAY * SECOND),
    ("week", 7 * DAY * SECOND),
    ("weeks", 7 * DAY * SECOND),
    ("microseconds", 1_000),
    ("milliseconds", 1_000_000),
    ("nanoseconds", 1),
    ("hr", 3_600 * SECOND),
];

/// Nanoseconds of a text such as `1d`, `90min`, `1h 30min`, `-2 weeks` or `1.5h`.
pub fn parse(text: &str) -> Option<i128> {
    let text = text.trim();
    let (text, sign) = text.strip_prefix('-').map_or((text, 1), |rest| (rest.trim_start(), -1));
    let mut rest = text;
    let mut total = 0_i128;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let after = after.trim_start();
        let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let (_, size) = UNITS.iter().find(|(name, _)| *name == unit)?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.len() > 15 || fraction.contains('.') {
            return None;
        }
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        let mut part = whole.checked_mul(*size)?;
        if !fraction.is_empty() {
            part =
                part.checked_add(fraction.parse::<i128>().ok()? * size / 10_i128.pow(fraction.len() as u32))?;
        }
        total = total.checked_add(part)?;
        rest = after.trim_start();
    }
    (!text.is_empty() && total <= i128::from(i64::MAX)).then_some(sign * total)
}

/// The shortest of such texts in one unit.
pub fn written(nanoseconds: i128) -> String {
    let units =
        [("d", DAY * SECOND), ("h", 3_600 * SECOND), ("min", 60 * SECOND), ("s", SECOND), ("ms", 1_000_000)];
    match units.iter().find(|(_, size)| nanoseconds != 0 && nanoseconds % size == 0) {
        Some((unit, size)) => format!("{}{unit}", nanoseconds / size),
        None if nanoseconds == 0 => "0s".to_owned(),
        None => format!("{nanoseconds}ns"),
    }
}

/// Days since 1970-01-01 of `2024-01-31` (Hinnant, "chrono-compatible low-level date algorithms", days_from_civil).
pub fn date(text: &str) -> Option<i128> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let mut parts = digits.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if year.len() < 4 || year.len() > 6 || month.len() != 2 || day.len() != 2 {
        return None;
    }
    let number =
        |part: &str| part.bytes().all(|digit| digit.is_ascii_digit()).then(|| part.parse::<i128>().ok())?;
    let (year, month, day) = (sign * number(year)?, number(month)?, number(day)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let longest = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i128::from(leap),
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=longest).contains(&day) {
        return None;
    }
    let shifted = if month > 2 { year } else { year - 1 };
    let (era, of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468)
}

/// Nanoseconds since midnight of `23:59`, `23:59:59` or `23:59:59.123456789`.
pub fn time(text: &str) -> Option<i128> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = clock.split(':');
    let mut next = |limit: i128| {
        let part = parts.next()?;
        let digits = part.len() == 2 && part.bytes().all(|digit| digit.is_ascii_digit());
        part.parse::<i128>().ok().filter(|value| digits && *value < limit)
    };
    let (hour, minute) = (next(24)?, next(60)?);
    let second = if clock.len() > 5 { next(60)? } else { 0 };
    if parts.next().is_some() || fraction.len() > 9 || (text.contains('.') && fraction.is_empty()) {
        return None;
    }
    let mut nanoseconds = 0;
    if !fraction.is_empty() {
        let digits = fraction.bytes().all(|digit| digit.is_ascii_digit());
        nanoseconds =
            fraction.parse::<i128>().ok().filter(|_| digits)? * 10_i128.pow(9 - fraction.len() as u32);
    }
    Some((hour * 3_600 + minute * 60 + second) * SECOND + nanoseconds)
}

/// Nanoseconds since 1970-01-01T00:00:00Z of a date, or of a date and time, with or without an offset.
///
/// What has no offset is taken as UTC.
pub fn moment(text: &str) -> Option<i128> {
    let text = text.trim();
    let Some(split) = text.find(['T', 't', ' ']) else {
        return Some(date(text)? * DAY * SECOND);
    };
    let (day, rest) = (date(&text[..split])?, &text[split + 1..]);
    let (clock, offset) = match rest.find(['Z', 'z', '+', '-']) {
        None => (rest, 0),
        Some(at) if rest[at..].eq_ignore_ascii_case("z") => (&rest[..at], 0),
        Some(at) => {
            let sign = if rest[at..].starts_with('-') { -1 } else { 1 };
            let digits: String = rest[at + 1..].chars().filter(|c| *c != ':').collect();
            let number = |part: Option<&str>| part.and_then(|part| part.parse::<i128>().ok());
            if !digits.bytes().all(|digit| digit.is_ascii_digit()) || !matches!(digits.len(), 2 | 4) {
                return None;
            }
            let minutes = if digits.len() == 4 { number(digits.get(2..))? } else { 0 };
            (&rest[..at], sign * (number(digits.get(..2))? * 3_600 + minutes * 60))
        }
    };
    Some(day * DAY * SECOND + time(clock.trim_end())? - offset * SECOND)
}

/// A moment as ISO 8601 has it.
pub fn moment_written(nanoseconds: i128) -> String {
    Clock::Timestamp { per_second: SECOND, zoned: true }.written(nanoseconds)
}

/// Nanoseconds since 1970 by the system's clock.
pub fn now() -> i128 {
    match std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH) {
        Ok(since) => since.as_nanos() as i128,
        Err(before) => -(before.duration().as_nanos() as i128),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        for (text, seconds) in [
            ("1d", 86_400),
            ("90min", 5_400),
            ("1h 30min", 5_400),
            ("1.5 h", 5_400),
            ("-2 weeks", -1_209_600),
            ("0s", 0),
        ] {
            assert_eq!(parse(text), Some(seconds * SECOND), "{text}");
        }
        for wrong in ["", "d", "1", "1 parsec", "1d2", "1..5h", ".h", "99999999999999999999d", "1d -2h", "é"]
        {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
        for text in ["1d", "90min", "1500ms", "1ns", "0s", "36h"] {
            assert_eq!(written(parse(text).unwrap()), text);
        }
    }

    #[test]
    fn dates_are_read_as_they_are_written() {
        for days in (-800_000..3_000_000).step_by(97).chain([0, -1, 11_016, 2_932_897]) {
            let text = Clock::Date { per_day: 1 }.written(days);
            assert_eq!(date(&text), Some(days), "{text}");
        }
        for wrong in [
            "2023-02-29",
            "2024-13-01",
            "2024-00-01",
            "2024-1-1",
            "24-01-01",
            "2024-01-01-",
            "2024--1-01",
            "",
            "é",
        ] {
            assert_eq!(date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn moments_with_and_without_an_offset() {
        let of = |text: &str| moment(text).map(moment_written);
        for (text, utc) in [
            ("2024-01-31", "2024-01-31T00:00:00+00:00"),
            ("2024-01-31T12:30", "2024-01-31T12:30:00+00:00"),
            ("2024-01-31 12:30:01.5", "2024-01-31T12:30:01.500+00:00"),
            ("2024-01-31T12:30:00Z", "2024-01-31T12:30:00+00:00"),
            ("2024-01-31T00:30:00+01:00", "2024-01-30T23:30:00+00:00"),
            ("2024-01-31T00:30:00-0130", "2024-01-31T02:00:00+00:00"),
        ] {
            assert_eq!(of(text).as_deref(), Some(utc), "{text}");
        }
        for wrong in [
            "",
            "x",
            "2024-01-31T",
            "2024-01-31T25:00",
            "2024-01-31T12:30:00+1",
            "2024-01-31T12:30:00.",
            "2024-01-31T1é:30",
        ] {
            assert_eq!(moment(wrong), None, "{wrong}");
        }
        assert!(now() > moment("2024-01-01").unwrap());
    }
}
