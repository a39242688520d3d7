//! Dates, times of the day and moments as files spell them.
#![forbid(unsafe_code)]

/// The order in which a date names day, month and year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// 2024-02-29, as ISO 8601 has it.
    YearFirst,
    /// 29/02/2024.
    DayFirst,
    /// 02/29/2024.
    MonthFirst,
}

/// A moment: seconds since 1970 of the clock it names, and what else was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Seconds since 1970-01-01T00:00, of the zone when there is one in UTC.
    pub seconds: i64,
    /// Nanoseconds of the second.
    pub nanos: u32,
    /// Whether more than six decimals were written.
    pub fine: bool,
    /// Whether an offset from UTC was written.
    pub zoned: bool,
}

impl Moment {
    /// In microseconds; decimals past the sixth must have been ruled out.
    pub fn micros(self) -> i64 {
        self.seconds * 1_000_000 + i64::from(self.nanos / 1000) // four-digit years fit by far
    }

    /// In nanoseconds; `None` before 1677 and after 2262.
    pub fn nanos(self) -> Option<i64> {
        self.seconds.checked_mul(1_000_000_000)?.checked_add(i64::from(self.nanos))
    }
}

/// Days since 1970 of a date of the proleptic Gregorian calendar; `None` when there is no such day.
///
/// Algorithm: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
fn days(year: u32, month: u32, day: u32) -> Option<i32> {
    const LENGTHS: [u32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let leap =
        month == 2 && year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let length = *LENGTHS.get(month.wrapping_sub(1) as usize)? + u32::from(leap);
    if day == 0 || day > length || year == 0 {
        return None;
    }
    let shifted = year - u32::from(month <= 2); // years begin in March, so that leap days end them
    let (era, of_era) = (shifted / 400, shifted % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    Some((era * 146_097 + of_era) as i32 - 719_468)
}

/// A number of one to `most` digits at the start, and what follows.
#[inline]
fn digits(text: &[u8], most: usize) -> Option<(u32, usize, &[u8])> {
    let mut value = 0;
    let mut count = 0;
    while count < most
        && let Some(digit) = text.get(count).map(|byte| byte.wrapping_sub(b'0'))
        && digit <= 9
    {
        value = value * 10 + u32::from(digit);
        count += 1;
    }
    (count > 0).then(|| (value, count, &text[count..]))
}

#[inline]
fn two(text: &[u8]) -> Option<(u32, &[u8])> {
    digits(text, 2).map(|(value, _, rest)| (value, rest))
}

#[inline]
fn four(text: &[u8]) -> Option<(u32, &[u8])> {
    digits(text, 4).filter(|(_, count, _)| *count == 4).map(|(value, _, rest)| (value, rest))
}

/// A date at the start of `text`, in days since 1970, and what follows it.
///
/// Years have four digits, days and months one or two; `-`, `/` or `.` stand between, the same twice.
#[inline]
fn date_then(text: &[u8], order: Order) -> Option<(i32, &[u8])> {
    let separator = |text: &[u8], wanted: Option<u8>| match text.first() {
        Some(byte @ (b'-' | b'/' | b'.')) if wanted.is_none_or(|wanted| wanted == *byte) => Some(*byte),
        _ => None,
    };
    let (first, rest) = if order == Order::YearFirst { four(text) } else { two(text) }?;
    let mark = separator(rest, None)?;
    let (second, rest) = two(&rest[1..])?;
    separator(rest, Some(mark))?;
    let (third, rest) = if order == Order::YearFirst { two(&rest[1..]) } else { four(&rest[1..]) }?;
    let day = match order {
        Order::YearFirst => days(first, second, third),
        Order::DayFirst => days(third, second, first),
        Order::MonthFirst => days(third, first, second),
    };
    Some((day?, rest))
}

/// A date and nothing else, in days since 1970.
#[inline]
pub fn date(text: &[u8], order: Order) -> Option<i32> {
    date_then(text, order).filter(|(_, rest)| rest.is_empty()).map(|(day, _)| day)
}

struct Clock {
    seconds: u32,
    nanos: u32,
    fine: bool,
}

/// `H:MM`, `H:MM:SS` or `H:MM:SS.f` with up to nine decimals, and `AM` or `PM` after a space, at the start.
#[inline]
fn clock_then(text: &[u8]) -> Option<(Clock, &[u8])> {
    let full =
        |text: &[u8]| digits(text, 2).filter(|(value, count, _)| *count == 2 && *value < 60).map(|it| it.0);
    let (mut hour, rest) = two(text)?;
    let minute = full(rest.strip_prefix(b":")?)?;
    let mut rest = &rest[3..];
    let (mut second, mut nanos, mut fine) = (0, 0, false);
    if let Some(after) = rest.strip_prefix(b":") {
        second = full(after)?;
        rest = &after[2..];
        if let Some(after) = rest.strip_prefix(b".") {
            let (value, count, after) = digits(after, 9)?;
            nanos = value * 10_u32.pow(9 - count as u32);
            fine = count > 6;
            rest = after;
        }
    }
    if let [b' ', half @ (b'A' | b'a' | b'P' | b'p'), b'M' | b'm', after @ ..] = rest {
        if hour == 0 || hour > 12 {
            return None;
        }
        hour = hour % 12 + if matches!(half, b'P' | b'p') { 12 } else { 0 };
        rest = after;
    }
    (hour < 24).then_some((Clock { seconds: hour * 3600 + minute * 60 + second, nanos, fine }, rest))
}

/// A time of the day and nothing else, in nanoseconds, and whether more than six decimals were written.
#[inline]
pub fn time(text: &[u8]) -> Option<(i64, bool)> {
    let (clock, rest) = clock_then(text)?;
    rest.is_empty().then(|| (i64::from(clock.seconds) * 1_000_000_000 + i64::from(clock.nanos), clock.fine))
}

/// An offset from UTC in seconds: `Z`, `UTC`, `+HH`, `+HHMM` or `+HH:MM`, after a space or not.
fn offset(text: &[u8]) -> Option<i64> {
    let text = text.strip_prefix(b" ").unwrap_or(text);
    if matches!(text, b"Z" | b"z" | b"UTC") {
        return Some(0);
    }
    let (sign, rest) = match text {
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let pair = |at: usize| rest.get(at..at + 2).and_then(two).map(|(value, _)| i64::from(value));
    let whole = rest.iter().filter(|byte| byte.is_ascii_digit()).count();
    let (hours, minutes) = match (rest.len(), whole) {
        (2, 2) => (pair(0)?, 0),
        (4, 4) => (pair(0)?, pair(2)?),
        (5, 4) if rest[2] == b':' => (pair(0)?, pair(3)?),
        _ => return None,
    };
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// A date, then `T` or a space, a time of the day and perhaps an offset; or a date alone, which is its midnight.
#[inline]
pub fn moment(text: &[u8], order: Order) -> Option<Moment> {
    let (day, rest) = date_then(text, order)?;
    let midnight = i64::from(day) * 86_400;
    let Some(([b'T' | b't' | b' '], rest)) = rest.split_first_chunk() else {
        return rest.is_empty().then_some(Moment { seconds: midnight, nanos: 0, fine: false, zoned: false });
    };
    let (clock, rest) = clock_then(rest)?;
    let zone = if rest.is_empty() { None } else { Some(offset(rest)?) };
    Some(Moment {
        seconds: midnight + i64::from(clock.seconds) - zone.unwrap_or(0),
        nanos: clock.nanos,
        fine: clock.fine,
        zoned: zone.is_some(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_written_date_is_read_back(day in -719_162_i32..2_932_896) {
            let shown = arrow_array::temporal_conversions::date32_to_datetime(day).unwrap().date();
            let text = shown.to_string();
            prop_assert_eq!(date(text.as_bytes(), Order::YearFirst), Some(day), "{}", text);
            let (y, m, d) = (&text[..4], &text[5..7], &text[8..]);
            prop_assert_eq!(date(format!("{d}.{m}.{y}").as_bytes(), Order::DayFirst), Some(day));
            prop_assert_eq!(date(format!("{m}/{d}/{y}").as_bytes(), Order::MonthFirst), Some(day));
        }
    }

    #[test]
    fn days_that_never_were() {
        for text in [
            "2023-02-29",
            "1900-02-29",
            "2024-13-01",
            "2024-00-01",
            "2024-01-00",
            "2024-01/01",
            "24-01-01",
            "0000-01-01",
            "2024-01-011",
        ] {
            assert_eq!(date(text.as_bytes(), Order::YearFirst), None, "{text}");
        }
        assert_eq!(date(b"2000-02-29", Order::YearFirst), Some(11_016));
        assert_eq!(date(b"1970-1-2", Order::YearFirst), Some(1));
    }

    #[test]
    fn times_of_the_day() {
        let nanos = |text: &str| time(text.as_bytes());
        assert_eq!(nanos("0:00"), Some((0, false)));
        assert_eq!(nanos("23:59:59.999999999"), Some((86_399_999_999_999, true)));
        assert_eq!(nanos("12:00:01 AM"), Some((1_000_000_000, false)));
        assert_eq!(nanos("12:30 pm"), Some((45_000_000_000_000, false)));
        for wrong in [
            "24:00",
            "1:60",
            "1:5",
            "1",
            "1:05:6",
            "1:05:06.",
            "13:00 PM",
            "0:30 AM",
            "1:05:06x",
            "1:05:06.1234567890",
        ] {
            assert_eq!(nanos(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn moments() {
        let read = |text: &str| moment(text.as_bytes(), Order::YearFirst);
        let at = |seconds, nanos, fine, zoned| Some(Moment { seconds, nanos, fine, zoned });
        assert_eq!(read("1970-01-01T00:00:01"), at(1, 0, false, false));
        assert_eq!(read("1970-01-02"), at(86_400, 0, false, false));
        assert_eq!(read("1970-01-01 02:00:00.5+02:00"), at(0, 500_000_000, false, true));
        assert_eq!(read("1970-01-01 00:00-0130"), at(5400, 0, false, true));
        assert_eq!(read("1969-12-31T23:59:59.1234567Z"), at(-1, 123_456_700, true, true));
        for wrong in [
            "1970-01-01T",
            "1970-01-01 00:00+2",
            "1970-01-01 00:00+25:00",
            "1970-01-01 00:00 CET",
            "1970-01-01x00:00",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(
            moment(b"31/12/2024 1:05 PM", Order::DayFirst).map(|it| it.seconds % 86_400),
            Some(47_100)
        );
        assert_eq!(read("9999-12-31").unwrap().nanos(), None);
    }
}
