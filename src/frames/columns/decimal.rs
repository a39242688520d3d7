//! Decimals from how Python spells them: one scale and one width for the whole column.
#![forbid(unsafe_code)]

use super::Column;
use crate::error::Error;
use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, Decimal128Array, Decimal256Array, UInt64Array};
use arrow_buffer::i256;
use arrow_schema::DataType;
use std::sync::Arc;

/// Digits the widest decimal has room for.
const MOST_DIGITS: i64 = 76;

/// A number as it is spelled: `digits` times ten to the power of `exponent`.
struct Spelled<'t> {
    negative: bool,
    whole: &'t str,
    fraction: &'t str,
    exponent: i64,
}

/// What the spelling stands for; `None` for a NaN of any sort.
fn read(text: &str) -> Result<Option<Spelled<'_>>, Error> {
    let refuse =
        || Error::Overflow(format!("{text:?} is not a finite decimal of at most {MOST_DIGITS} digits"));
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if rest.trim_start_matches(['s', 'S']).starts_with("NaN") {
        return Ok(None);
    }
    let (number, exponent) = match rest.split_once(['E', 'e']) {
        Some((number, exponent)) => (number, exponent.parse::<i64>().map_err(|_| refuse())?),
        None => (rest, 0),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !digits(whole) || !digits(fraction) {
        return Err(refuse());
    }
    let fits = |size: usize| i64::try_from(size).is_ok_and(|size| size < 1 << 32);
    if exponent.abs() >= 1 << 32 || !fits(whole.len()) || !fits(fraction.len()) {
        return Err(refuse());
    }
    Ok(Some(Spelled { negative, whole: whole.trim_start_matches('0'), fraction, exponent }))
}

impl Spelled<'_> {
    fn is_zero(&self) -> bool {
        self.whole.is_empty() && self.fraction.bytes().all(|byte| byte == b'0')
    }

    /// Digits after the point.
    fn scale(&self) -> i64 {
        (self.fraction.len() as i64 - self.exponent).max(0)
    }

    /// Digits before the point.
    fn above(&self) -> i64 {
        if self.is_zero() {
            return 0;
        }
        let leading = if self.whole.is_empty() {
            -(self.fraction.len() as i64 - self.fraction.trim_start_matches('0').len() as i64)
        } else {
            self.whole.len() as i64
        };
        (leading + self.exponent).max(0)
    }

    /// The digits of the value times ten to the power of `scale`, which is at least its own.
    fn digits(&self, scale: i64, room: &mut String) {
        room.clear();
        if self.negative {
            room.push('-');
        }
        if self.is_zero() {
            room.push('0');
            return;
        }
        room.push_str(self.whole);
        room.push_str(if self.whole.is_empty() {
            self.fraction.trim_start_matches('0')
        } else {
            self.fraction
        });
        let zeros = scale - (self.fraction.len() as i64 - self.exponent);
        room.extend(std::iter::repeat_n('0', zeros.max(0) as usize)); // at most 76: the widths were added up before
    }
}

/// Reads pieces of text, one decimal each, as uint64, decimal128 or decimal256: the narrowest that holds them all
/// exactly. NaN is null.
///
/// # Errors
/// [`Error::Overflow`] when one is infinite, no number, or needs more digits together with the rest than there are.
pub fn parsed(pieces: &[ArrayRef]) -> Result<Column, Error> {
    let (mut scale, mut above, mut negative) = (0, 0, false);
    for text in pieces.iter().flat_map(|piece| piece.as_string::<i32>().iter()).flatten() {
        if let Some(spelled) = read(text)? {
            scale = spelled.scale().max(scale);
            above = spelled.above().max(above);
            negative |= spelled.negative;
        }
    }
    let precision = (scale + above).max(1);
    if precision > MOST_DIGITS {
        return Err(Error::Overflow(format!("decimals need {precision} digits, more than {MOST_DIGITS}")));
    }
    if scale == 0 && above <= 20 && !negative {
        let read = pieces.iter().map(|piece| values(piece, 0, |text| text.parse::<u64>().ok()));
        if let Ok(read) = read.collect::<Result<Vec<_>, _>>() {
            let arrays = read.into_iter().map(|values| Arc::new(UInt64Array::from(values)) as ArrayRef);
            return Ok(Column::ready(DataType::UInt64, arrays.collect()));
        }
    }
    let (precision, places) = (precision as u8, scale as i8); // both at most 76
    let mut arrays: Vec<ArrayRef> = Vec::with_capacity(pieces.len());
    let odd = |error: arrow_schema::ArrowError| Error::Overflow(error.to_string());
    if precision <= 38 {
        for piece in pieces {
            let read = Decimal128Array::from(values(piece, scale, |text| text.parse::<i128>().ok())?);
            arrays.push(Arc::new(read.with_precision_and_scale(precision, places).map_err(odd)?));
        }
        return Ok(Column::ready(DataType::Decimal128(precision, places), arrays));
    }
    for piece in pieces {
        let read = Decimal256Array::from(values(piece, scale, i256::from_string)?);
        arrays.push(Arc::new(read.with_precision_and_scale(precision, places).map_err(odd)?));
    }
    Ok(Column::ready(DataType::Decimal256(precision, places), arrays))
}

/// Every value of a piece, scaled up to whole numbers.
fn values<T>(
    piece: &ArrayRef,
    scale: i64,
    number: impl Fn(&str) -> Option<T>,
) -> Result<Vec<Option<T>>, Error> {
    let mut room = String::new();
    let mut made = Vec::new();
    made.try_reserve_exact(piece.len())
        .map_err(|_| Error::Memory(format!("no memory for {} decimals", piece.len())))?;
    for text in piece.as_string::<i32>() {
        let spelled = match text {
            Some(text) => read(text)?,
            None => None,
        };
        made.push(match spelled {
            None => None,
            Some(spelled) => {
                spelled.digits(scale, &mut room);
                Some(number(&room).ok_or_else(|| Error::Overflow(format!("{room} has no room")))?)
            }
        });
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::types::Decimal128Type;
    use arrow_array::{Array, StringArray};
    use proptest::prelude::*;

    fn of(texts: &[Option<&str>]) -> Result<Column, Error> {
        parsed(&[Arc::new(StringArray::from(texts.to_vec()))])
    }

    fn spelled(texts: &[&str]) -> (String, Vec<String>) {
        let texts: Vec<Option<&str>> = texts.iter().map(|text| Some(*text)).collect();
        let column = of(&texts).unwrap();
        let array = column.pieces[0].array(0, texts.len()).unwrap();
        let rows = (0..texts.len()).map(|row| match array.data_type() {
            DataType::Decimal128(..) => array.as_primitive::<Decimal128Type>().value_as_string(row),
            DataType::UInt64 => array.as_primitive::<arrow_array::types::UInt64Type>().value(row).to_string(),
            _ => array.as_primitive::<arrow_array::types::Decimal256Type>().value_as_string(row),
        });
        (format!("{:?}", column.data_type()), rows.collect())
    }

    #[test]
    fn one_scale_holds_every_value_exactly() {
        let (kind, rows) = spelled(&["1.50", "-0.001", "2E+3", "1e-2", "0", "-0.00"]);
        assert_eq!(kind, "Decimal128(7, 3)");
        assert_eq!(rows, ["1.500", "-0.001", "2000.000", "0.010", "0.000", "0.000"]);
        let (kind, rows) = spelled(&["0E+99", "7", "0.00E-2"]);
        assert_eq!((kind.as_str(), &rows[1]), ("Decimal128(5, 4)", &"7.0000".to_owned()));
        assert_eq!(spelled(&["18446744073709551615", "1"]).0, "UInt64");
        assert_eq!(spelled(&["18446744073709551616", "-1"]).0, "Decimal128(20, 0)");
        let wide = "9".repeat(76);
        let (kind, rows) = spelled(&[&wide, "1"]);
        assert_eq!((kind.as_str(), &rows[0]), ("Decimal256(76, 0)", &wide));
    }

    #[test]
    fn what_has_no_room_is_an_error_and_nan_is_null() {
        for wrong in
            ["Infinity", "-Infinity", "1E+76", "1E-77", "x", "", "-", ".", "1E", "1E99999999999", "1.2.3"]
        {
            assert!(matches!(of(&[Some(wrong)]), Err(Error::Overflow(_))), "{wrong}");
        }
        assert!(of(&[Some(&"9".repeat(77))]).is_err());
        assert!(of(&[Some("1E+40"), Some("1E-40")]).is_err());
        let column = of(&[Some("NaN"), None, Some("-sNaN123"), Some("1.5")]).unwrap();
        assert_eq!(column.pieces[0].array(0, 4).unwrap().null_count(), 3);
    }

    proptest! {
        #[test]
        fn any_number_comes_back(whole in any::<i64>(), scale in 0_u32..18) {
            let power = 10_i128.pow(scale);
            let (above, below) = (i128::from(whole).abs() / power, i128::from(whole).abs() % power);
            let sign = if whole < 0 { "-" } else { "" };
            let text = match scale {
                0 => format!("{sign}{above}"),
                _ => format!("{sign}{above}.{below:0width$}", width = scale as usize),
            };
            prop_assert_eq!(&spelled(&[&text, "-1.0"]).1[0].parse::<f64>().unwrap(), &text.parse::<f64>().unwrap());
        }
    }
}
