//! The types a column of text can have, told from its values.
#![forbid(unsafe_code)]

use super::moment::{self, Order};
use super::number::{self, Look};
use crate::error::Error;
use arrow_schema::{DataType, TimeUnit};

/// How the values of a column are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` and `false` in any case.
    Bool,
    /// Whole numbers of 64 bits.
    Int,
    /// Numbers as float64.
    Float,
    /// Days, written in this order.
    Date(Order),
    /// Times of the day, in nanoseconds or microseconds.
    Time {
        /// More than six decimals were written.
        fine: bool,
    },
    /// Moments.
    Stamp {
        /// Order of the date.
        order: Order,
        /// More than six decimals were written.
        fine: bool,
        /// With an offset from UTC.
        zoned: bool,
    },
    /// Whatever was written.
    Text,
}

impl Kind {
    /// The Arrow type such a column has.
    pub fn data_type(self) -> DataType {
        let unit = |fine| if fine { TimeUnit::Nanosecond } else { TimeUnit::Microsecond };
        match self {
            Self::Bool => DataType::Boolean,
            Self::Int => DataType::Int64,
            Self::Float => DataType::Float64,
            Self::Date(_) => DataType::Date32,
            Self::Time { fine } => DataType::Time64(unit(fine)),
            Self::Stamp { fine, zoned, .. } => DataType::Timestamp(unit(fine), zoned.then(|| "UTC".into())),
            Self::Text => DataType::Utf8,
        }
    }

    /// The type a caller named, as `types=` has it.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a name that is no type.
    pub fn named(name: &str) -> Result<Self, Error> {
        let order = Order::YearFirst; // the values decide, see Guess::finish
        Ok(match name {
            "bool" | "boolean" => Self::Bool,
            "int64" | "int" => Self::Int,
            "float64" | "float" => Self::Float,
            "date32" | "date" => Self::Date(order),
            "time64[us]" | "time" => Self::Time { fine: false },
            "time64[ns]" => Self::Time { fine: true },
            "timestamp[us]" | "timestamp" => Self::Stamp { order, fine: false, zoned: false },
            "timestamp[ns]" => Self::Stamp { order, fine: true, zoned: false },
            "timestamp[us, tz=UTC]" => Self::Stamp { order, fine: false, zoned: true },
            "timestamp[ns, tz=UTC]" => Self::Stamp { order, fine: true, zoned: true },
            "string" | "text" | "str" => Self::Text,
            _ => {
                return Err(Error::Invalid(format!(
                    "types must name bool, int64, float64, date32, time64[us], time64[ns], timestamp[us], \
                     timestamp[ns], either of the last two with \", tz=UTC\", or string, got {name:?}"
                )));
            }
        })
    }
}

/// Orders by preference: where nothing tells them apart, days come before months, as DuckDB has it.
const ORDERS: [Order; 3] = [Order::YearFirst, Order::DayFirst, Order::MonthFirst];

const BOOL: u16 = 1;
const NUMBER: u16 = 2;
const TIME: u16 = 4;
const DATE: u16 = 8; // and the next two, one for each of ORDERS
const STAMP: u16 = 64; // likewise
const ALL: u16 = 511;

/// What is known of a column's type after some of its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guess {
    /// The types that fit every value seen.
    fits: u16,
    seen: bool,
    /// A number with a point or an exponent; a whole one past 64 bits.
    real: bool,
    huge: bool,
    fine: bool,
    zoned: bool,
    naive: bool,
    /// A moment that nanoseconds cannot hold.
    far: bool,
    /// A bit for each of the usual words for null that was seen.
    pub missing: u16,
}

impl Default for Guess {
    fn default() -> Self {
        Self {
            fits: ALL,
            seen: false,
            real: false,
            huge: false,
            fine: false,
            zoned: false,
            naive: false,
            far: false,
            missing: 0,
        }
    }
}

impl Guess {
    /// Takes a value into account that is not null.
    pub fn observe(&mut self, value: &[u8]) {
        self.seen = true;
        let value = value.trim_ascii();
        if self.fits & BOOL != 0 && boolean(value).is_none() {
            self.fits &= !BOOL;
        }
        if self.fits & NUMBER != 0 {
            match number::look(value) {
                Look::Whole => {}
                Look::Real => self.real = true,
                Look::Huge => self.huge = true,
                Look::Other => self.fits &= !NUMBER,
            }
        }
        if self.fits >> 2 != 0 {
            self.observe_moment(value);
        }
    }

    /// The same for a number or a truth value of a format that tells those from text.
    pub fn observe_literal(&mut self, value: &[u8]) {
        self.observe(value);
        self.fits &= BOOL | NUMBER;
    }

    /// The same for text of such a format.
    pub fn observe_text(&mut self, value: &[u8]) {
        self.fits &= !(BOOL | NUMBER);
        self.observe(value);
    }

    /// A value that can be nothing but text.
    pub fn observe_other(&mut self) {
        self.seen = true;
        self.fits = 0;
    }

    /// One of the usual words for null, by its number.
    pub fn observe_missing(&mut self, word: usize) {
        self.missing |= 1 << word;
    }

    fn observe_moment(&mut self, value: &[u8]) {
        if self.fits & TIME != 0 {
            match moment::time(value) {
                Some((_, fine)) => self.fine |= fine,
                None => self.fits &= !TIME,
            }
        }
        for (index, order) in ORDERS.into_iter().enumerate() {
            let (date, stamp) = (DATE << index, STAMP << index);
            if self.fits & date != 0 && moment::date(value, order).is_none() {
                self.fits &= !date;
            }
            if self.fits & stamp != 0 {
                match moment::moment(value, order) {
                    Some(found) => {
                        self.fine |= found.fine;
                        self.zoned |= found.zoned;
                        self.naive |= !found.zoned;
                        self.far |= found.nanos().is_none();
                    }
                    None => self.fits &= !stamp,
                }
            }
        }
    }

    /// Joins what another part of the column told.
    pub fn merge(&mut self, other: &Self) {
        self.fits &= other.fits;
        self.seen |= other.seen;
        self.real |= other.real;
        self.huge |= other.huge;
        self.fine |= other.fine;
        self.zoned |= other.zoned;
        self.naive |= other.naive;
        self.far |= other.far;
        self.missing |= other.missing;
    }

    /// The narrowest type that fits: truth value, whole number, real, date, time, moment, else text.
    pub fn finish(&self) -> Kind {
        if !self.seen {
            return Kind::Text;
        }
        let first = |bit: u16| (0..3).find(|index| self.fits & bit << index != 0).map(|index| ORDERS[index]);
        if self.fits & BOOL != 0 {
            Kind::Bool
        } else if self.fits & NUMBER != 0 && self.real {
            Kind::Float
        } else if self.fits & NUMBER != 0 && !self.huge {
            Kind::Int
        } else if let Some(order) = first(DATE) {
            Kind::Date(order)
        } else if self.fits & TIME != 0 {
            Kind::Time { fine: self.fine }
        } else if let Some(order) = first(STAMP)
            && !(self.zoned && self.naive)
            && !(self.fine && self.far)
        {
            Kind::Stamp { order, fine: self.fine, zoned: self.zoned }
        } else {
            Kind::Text // whole numbers past 64 bits too: as float64 they would lose digits
        }
    }

    /// The type the caller asked for, with the order of its dates as the values have it.
    pub fn ordered(&self, asked: Kind) -> Kind {
        let first = |bit: u16| (0..3).find(|index| self.fits & bit << index != 0).map(|index| ORDERS[index]);
        match asked {
            Kind::Date(order) => Kind::Date(first(DATE).unwrap_or(order)),
            Kind::Stamp { order, fine, zoned } => {
                Kind::Stamp { order: first(STAMP).unwrap_or(order), fine, zoned }
            }
            other => other,
        }
    }
}

/// `true` or `false` in any case.
#[inline]
pub fn boolean(text: &[u8]) -> Option<bool> {
    if text.eq_ignore_ascii_case(b"true") {
        Some(true)
    } else if text.eq_ignore_ascii_case(b"false") {
        Some(false)
    } else {
        None
    }
}

/// The same for a column the caller has said is boolean.
pub fn lenient_boolean(text: &[u8]) -> Option<bool> {
    let any = |words: [&str; 4]| words.iter().any(|word| text.eq_ignore_ascii_case(word.as_bytes()));
    match boolean(text) {
        None if any(["t", "yes", "y", "1"]) => Some(true),
        None if any(["f", "no", "n", "0"]) => Some(false),
        found => found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(values: &[&str]) -> Kind {
        let mut guess = Guess::default();
        values.iter().for_each(|value| guess.observe(value.as_bytes()));
        guess.finish()
    }

    #[test]
    fn the_narrowest_type_that_fits_all() {
        assert_eq!(told(&["true", "FALSE"]), Kind::Bool);
        assert_eq!(told(&["1", "-20"]), Kind::Int);
        assert_eq!(told(&["1", "2.5"]), Kind::Float);
        assert_eq!(told(&["1e3", "99999999999999999999"]), Kind::Float);
        assert_eq!(told(&["2024-01-02", "2024/3/4"]), Kind::Date(Order::YearFirst));
        assert_eq!(told(&["01/02/2024"]), Kind::Date(Order::DayFirst));
        assert_eq!(told(&["01/02/2024", "12/31/2024"]), Kind::Date(Order::MonthFirst));
        assert_eq!(told(&["10:00", "10:00:01.5"]), Kind::Time { fine: false });
        let stamp = |fine, zoned| Kind::Stamp { order: Order::YearFirst, fine, zoned };
        assert_eq!(told(&["2024-01-02 10:00", "2024-01-02"]), stamp(false, false));
        assert_eq!(told(&["2024-01-02T10:00:00.123456789Z"]), stamp(true, true));
    }

    #[test]
    fn what_would_lose_something_is_text() {
        for values in [
            &["007", "1"][..],
            &["+5"],
            &["99999999999999999999", "1"],
            &["1", "true"],
            &["12/31/2024", "31/12/2024"],
            &["2024-01-02T10:00Z", "2024-01-02T10:00"],
            &["1500-01-01 00:00:00.1234567"],
            &["2024-01-01", "10:00"],
            &[],
        ] {
            assert_eq!(told(values), Kind::Text, "{values:?}");
        }
    }

    #[test]
    fn parts_tell_what_the_whole_tells() {
        let values =
            ["2024-01-02", "2024-01-02 10:00", "1", "x", "2.5", "true", "31/12/2024", "10:00:00.1234567"];
        for a in values {
            for b in values {
                let (mut left, mut right) = (Guess::default(), Guess::default());
                left.observe(a.as_bytes());
                right.observe(b.as_bytes());
                left.merge(&right);
                assert_eq!(left.finish(), told(&[a, b]), "{a} {b}");
            }
        }
    }

    #[test]
    fn a_type_asked_for_keeps_the_order_of_the_values() {
        let mut guess = Guess::default();
        guess.observe(b"12/31/2024");
        assert_eq!(guess.ordered(Kind::named("date").unwrap()), Kind::Date(Order::MonthFirst));
        assert!(Kind::named("int32").unwrap_err().to_string().contains("\"int32\""));
    }
}
