//! How numbers and dates are written in a few languages (Unicode CLDR).
#![forbid(unsafe_code)]

use super::spec::Fields;
use crate::error::Error;

/// The conventions of a language and country.
pub(super) struct Culture {
    name: &'static str,
    decimal: char,
    thousands: char,
    months: [&'static str; 12],
    /// Short, from Sunday on.
    pub(super) days: [&'static str; 7],
    /// 0 is Sunday.
    pub(super) first_day: usize,
    year_first: bool,
}

const ENGLISH_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const ENGLISH_DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

static CULTURES: [Culture; 7] = [
    Culture {
        name: "invariant",
        decimal: '.',
        thousands: ',',
        months: ENGLISH_MONTHS,
        days: ENGLISH_DAYS,
        first_day: 0,
        year_first: true,
    },
    Culture {
        name: "en-US",
        decimal: '.',
        thousands: ',',
        months: ENGLISH_MONTHS,
        days: ENGLISH_DAYS,
        first_day: 0,
        year_first: false,
    },
    Culture {
        name: "en-GB",
        decimal: '.',
        thousands: ',',
        months: ENGLISH_MONTHS,
        days: ENGLISH_DAYS,
        first_day: 1,
        year_first: false,
    },
    Culture {
        name: "de-DE",
        decimal: ',',
        thousands: '.',
        months: [
            "Januar",
            "Februar",
            "März",
            "April",
            "Mai",
            "Juni",
            "Juli",
            "August",
            "September",
            "Oktober",
            "November",
            "Dezember",
        ],
        days: ["So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"],
        first_day: 1,
        year_first: false,
    },
    Culture {
        name: "fr-FR",
        decimal: ',',
        thousands: '\u{202F}',
        months: [
            "janvier",
            "février",
            "mars",
            "avril",
            "mai",
            "juin",
            "juillet",
            "août",
            "septembre",
            "octobre",
            "novembre",
            "décembre",
        ],
        days: ["dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."],
        first_day: 1,
        year_first: false,
    },
    Culture {
        name: "nl-NL",
        decimal: ',',
        thousands: '.',
        months: [
            "januari",
            "februari",
            "maart",
            "april",
            "mei",
            "juni",
            "juli",
            "augustus",
            "september",
            "oktober",
            "november",
            "december",
        ],
        days: ["zo", "ma", "di", "wo", "do", "vr", "za"],
        first_day: 1,
        year_first: false,
    },
    Culture {
        name: "sv-SE",
        decimal: ',',
        thousands: '\u{A0}',
        months: [
            "januari",
            "februari",
            "mars",
            "april",
            "maj",
            "juni",
            "juli",
            "augusti",
            "september",
            "oktober",
            "november",
            "december",
        ],
        days: ["sön", "mån", "tis", "ons", "tors", "fre", "lör"],
        first_day: 1,
        year_first: false,
    },
];

impl Culture {
    /// Reads the field `culture`.
    pub(super) fn of(fields: &mut Fields<'_, '_>) -> Result<&'static Self, Error> {
        let words = CULTURES.each_ref().map(|culture| (culture.name, culture));
        Ok(fields.choice("culture", &words)?.unwrap_or(&CULTURES[0]))
    }

    /// Month (1..=12) and year, as a heading.
    pub(super) fn month(&self, year: i64, month: usize) -> String {
        let name = self.months[month - 1];
        if self.year_first { format!("{year:04} {name}") } else { format!("{name} {year}") }
    }

    /// The shortest digits that say the number.
    pub(super) fn number(&self, value: f64) -> String {
        value.to_string().replace('.', self.decimal.encode_utf8(&mut [0; 4]))
    }

    /// With a number of decimals and, if wanted, separators between thousands. Halves round away from 0.
    fn fixed(&self, value: f64, decimals: usize, grouped: bool) -> String {
        let scale = 10_f64.powi(decimals as i32);
        let scaled = (value * scale).round();
        let rounded = if scaled.is_finite() { scaled / scale } else { value };
        let digits = format!("{:.decimals$}", rounded.abs());
        let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
        let mut text = if rounded < 0.0 { "-".to_owned() } else { String::new() };
        for (index, digit) in whole.chars().enumerate() {
            if grouped && index > 0 && (whole.len() - index) % 3 == 0 {
                text.push(self.thousands);
            }
            text.push(digit);
        }
        if !fraction.is_empty() {
            text.push(self.decimal);
            text.push_str(fraction);
        }
        text
    }
}

/// How a value is written.
pub(super) enum Format {
    /// The shortest digits.
    Plain,
    /// `N2`: two decimals, with separators between thousands.
    Grouped(usize),
    /// `F2`: two decimals.
    Fixed(usize),
    /// The digits in place of `{0}`: `{0}%`.
    Around(String, String),
}

impl Format {
    /// Reads the field `value_format`.
    pub(super) fn of(fields: &mut Fields<'_, '_>) -> Result<Self, Error> {
        let Some(format) = fields.text("value_format")? else { return Ok(Self::Plain) };
        if let Some((before, after)) = format.split_once("{0}") {
            return Ok(Self::Around(before.to_owned(), after.to_owned()));
        }
        let (letter, digits) = format.split_at(format.chars().next().map_or(0, char::len_utf8));
        let decimals =
            if digits.is_empty() { Some(2) } else { digits.parse().ok().filter(|count| *count <= 15) };
        match (letter, decimals) {
            ("N" | "n", Some(decimals)) => Ok(Self::Grouped(decimals)),
            ("F" | "f", Some(decimals)) => Ok(Self::Fixed(decimals)),
            _ => {
                let rule = "N0 to N15, F0 to F15, or a text with {0}";
                Err(fields.path.field("value_format").must(rule, format_args!("{format:?}")))
            }
        }
    }

    /// A value in words.
    pub(super) fn write(&self, value: f64, culture: &Culture) -> String {
        match self {
            Self::Plain => culture.number(value),
            Self::Grouped(decimals) => culture.fixed(value, *decimals, true),
            Self::Fixed(decimals) => culture.fixed(value, *decimals, false),
            Self::Around(before, after) => format!("{before}{}{after}", culture.number(value)),
        }
    }
}

/// One decimal, as sizes are written.
pub(super) fn one_decimal(value: f64) -> String {
    CULTURES[0].fixed(value, 1, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_culture_does() {
        let german = &CULTURES[3];
        assert_eq!(german.number(28.3), "28,3");
        assert_eq!(german.fixed(-1_234_567.891, 2, true), "-1.234.567,89");
        assert_eq!(CULTURES[0].fixed(9000.0, 0, true), "9,000");
        assert_eq!(CULTURES[0].fixed(1.25, 1, false), "1.3");
        assert_eq!(CULTURES[0].fixed(-0.04, 1, false), "0.0");
        assert_eq!(CULTURES[0].number(37.0), "37");
        assert_eq!(german.month(2020, 3), "März 2020");
        assert_eq!(CULTURES[0].month(2020, 10), "2020 October");
    }
}
