//! Dates, times, timestamps and durations, written out as ISO 8601 has them.
#![forbid(unsafe_code)]

use super::profile::numeric::Wholes;
use super::value::Value;
use arrow_schema::{DataType, TimeUnit};

const DAY: i128 = 86_400;

/// How a column's integers count time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Clock {
    /// Days, or parts of a day, since 1970-01-01.
    Date {
        /// Ticks in a day.
        per_day: i128,
    },
    /// Ticks since midnight.
    Time {
        /// Ticks in a second.
        per_second: i128,
    },
    /// Ticks since 1970-01-01T00:00:00, in UTC when the column has a time zone.
    Timestamp {
        /// Ticks in a second.
        per_second: i128,
        /// Whether the column has a time zone.
        zoned: bool,
    },
    /// A number of ticks.
    Duration {
        /// Ticks in a second.
        per_second: i128,
    },
}

impl Clock {
    /// The clock of a type; none when it does not count time.
    pub fn of(data_type: &DataType) -> Option<Self> {
        match data_type {
            DataType::Date32 => Some(Self::Date { per_day: 1 }),
            DataType::Date64 => Some(Self::Date { per_day: 1000 * DAY }),
            DataType::Time32(unit) | DataType::Time64(unit) => Some(Self::Time { per_second: ticks(*unit) }),
            DataType::Timestamp(unit, zone) => {
                Some(Self::Timestamp { per_second: ticks(*unit), zoned: zone.is_some() })
            }
            DataType::Duration(unit) => Some(Self::Duration { per_second: ticks(*unit) }),
            _ => None,
        }
    }

    /// One value.
    pub fn written(self, value: i128) -> String {
        match self {
            Self::Date { per_day } => date(value.div_euclid(per_day)),
            Self::Time { per_second } => {
                let (seconds, rest) = (value.div_euclid(per_second), value.rem_euclid(per_second));
                time(seconds, nanoseconds(rest, per_second))
            }
            Self::Timestamp { per_second, zoned } => {
                let (seconds, rest) = (value.div_euclid(per_second), value.rem_euclid(per_second));
                let (day, second) = (date(seconds.div_euclid(DAY)), seconds.rem_euclid(DAY));
                let zone = if zoned { "+00:00" } else { "" };
                format!("{day}T{}{zone}", time(second, nanoseconds(rest, per_second)))
            }
            Self::Duration { per_second } => {
                let sign = if value < 0 { "-" } else { "" };
                let (seconds, rest) = (value.abs() / per_second, value.abs() % per_second);
                format!("{sign}PT{seconds}{}S", fraction(nanoseconds(rest, per_second)))
            }
        }
    }

    /// The mean of a column: a date's is a timestamp, because it need not fall on midnight.
    pub fn mean(self, wholes: &Wholes) -> Value {
        let mean = match self {
            Self::Date { per_day } => wholes.mean().map(|mean| {
                let seconds = (mean / per_day as f64 * DAY as f64).round() as i128;
                Self::Timestamp { per_second: 1, zoned: false }.written(seconds)
            }),
            _ => wholes.mean_whole().map(|mean| self.written(mean)),
        };
        mean.map_or(Value::None, Value::Text)
    }

    /// The standard deviation of a column, a duration.
    pub fn std(self, wholes: &Wholes) -> Value {
        let per_second = match self {
            Self::Date { per_day } => per_day as f64 / DAY as f64,
            Self::Time { per_second }
            | Self::Timestamp { per_second, .. }
            | Self::Duration { per_second } => per_second as f64,
        };
        // No finer than the column and never coarser than microseconds, which every reader can hold.
        let digits = if per_second > 1e6 { 1_000_000_000 } else { 1_000_000 };
        let written = wholes.std().map(|std| {
            let ticks = (std / per_second * digits as f64).round() as i128;
            Self::Duration { per_second: digits }.written(ticks)
        });
        written.map_or(Value::None, Value::Text)
    }
}

fn ticks(unit: TimeUnit) -> i128 {
    match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    }
}

fn nanoseconds(rest: i128, per_second: i128) -> i128 {
    rest * (1_000_000_000 / per_second)
}

/// Day of the proleptic Gregorian calendar, `days` after 1970-01-01 (Hinnant, "chrono-compatible low-level date
/// algorithms", civil_from_days).
fn date(days: i128) -> String {
    let shifted = days + 719_468; // from 0000-03-01 on, so that a leap day ends its year
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = 400 * era + year_of_era + i128::from(month <= 2);
    match year {
        0..=9999 => format!("{year:04}-{month:02}-{day:02}"),
        _ => format!("{year:+05}-{month:02}-{day:02}"), // ISO 8601 asks for a sign beyond four digits
    }
}

fn time(seconds: i128, nanoseconds: i128) -> String {
    let (hour, minute, second) =
        (seconds.div_euclid(3600), seconds.rem_euclid(3600) / 60, seconds.rem_euclid(60));
    format!("{hour:02}:{minute:02}:{second:02}{}", fraction(nanoseconds))
}

/// Three, six or nine digits, as many as say it all; none for a whole second.
fn fraction(nanoseconds: i128) -> String {
    match nanoseconds {
        0 => String::new(),
        n if n % 1_000_000 == 0 => format!(".{:03}", n / 1_000_000),
        n if n % 1_000 == 0 => format!(".{:06}", n / 1_000),
        n => format!(".{n:09}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::pick::Pick;

    #[test]
    fn dates_follow_the_gregorian_calendar_both_ways() {
        let known = [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (11_016, "2000-02-29"),
            (15_706, "2013-01-01"),
            (-719_162, "0001-01-01"),
            (-719_529, "-0001-12-31"),
            (2_932_897, "+10000-01-01"),
        ];
        for (days, text) in known {
            assert_eq!(date(days), text);
        }
    }

    #[test]
    fn every_unit_shows_the_digits_it_needs() {
        let of = |unit, zone: Option<&str>, value| {
            Clock::of(&DataType::Timestamp(unit, zone.map(Into::into))).unwrap().written(value)
        };
        assert_eq!(of(TimeUnit::Second, None, 1_357_034_400), "2013-01-01T10:00:00");
        assert_eq!(of(TimeUnit::Millisecond, None, -1), "1969-12-31T23:59:59.999");
        assert_eq!(
            of(TimeUnit::Nanosecond, Some("Europe/Paris"), 1_500),
            "1970-01-01T00:00:00.000001500+00:00"
        );
        assert_eq!(
            Clock::of(&DataType::Time64(TimeUnit::Microsecond)).unwrap().written(3_661_000_000),
            "01:01:01"
        );
        let duration = Clock::of(&DataType::Duration(TimeUnit::Millisecond)).unwrap();
        assert_eq!((duration.written(-1500), duration.written(0)), ("-PT1.500S".into(), "PT0S".into()));
        assert_eq!(Clock::of(&DataType::Date64).unwrap().written(86_400_001), "1970-01-02");
    }

    #[test]
    fn a_mean_of_dates_may_be_noon() {
        let mut wholes = Wholes::new(false);
        wholes.feed(&[0_i32, 1], &Pick::Range(0..2), &mut Default::default());
        let clock = Clock::of(&DataType::Date32).unwrap();
        assert_eq!(clock.mean(&wholes), Value::Text("1970-01-01T12:00:00".into()));
        assert_eq!(clock.std(&wholes), Value::Text("PT61094.025895S".to_owned()));
    }
}
