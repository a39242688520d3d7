//! The loops behind expressions: each takes one or two vectors, one of which may stand for all rows.
#![forbid(unsafe_code)]

use super::bits::{Bits, both};
use super::plan::{Change, Comparison, Domain, Op, Part, Place, Rounding};
use super::typing::EXACT;
use super::vector::Vector;
use crate::error::Error;
use arrow_array::Array;
use arrow_schema::DataType;
use std::borrow::Cow;
use std::cmp::Ordering;

/// Null, once for all rows.
pub fn nothing<'a>(domain: Domain) -> Vector<'a> {
    let known = Some(Bits::zeros(1));
    match domain {
        Domain::Bools => Vector::Bools(Bits::zeros(1), known),
        Domain::Ints => Vector::Ints(Cow::Owned(vec![0]), known),
        Domain::Floats => Vector::Floats(Cow::Owned(vec![f64::NAN])),
        Domain::Texts => Vector::Texts(vec![Cow::Borrowed(&[])], known),
    }
}

/// Which rows are missing, from which are known.
pub fn missing(known: Option<Bits>, len: usize) -> Bits {
    match known {
        None => Bits::zeros(len),
        Some(mut known) => {
            known.invert();
            known
        }
    }
}

/// Whether the null bits of an array are all there is to know about what is missing.
pub fn has_plain_nulls(array: &dyn Array) -> bool {
    !matches!(
        array.data_type(),
        DataType::Null
            | DataType::Float16
            | DataType::Float32
            | DataType::Float64
            | DataType::Dictionary(..)
            | DataType::RunEndEncoded(..)
    )
}

/// Which rows are known of both.
pub fn known_of_two(one: &Vector<'_>, other: &Vector<'_>) -> Option<Bits> {
    let len = one.len().max(other.len());
    both(one.known(), other.known()).map(|known| known.spread(len))
}

/// A value for each row of two vectors.
#[inline]
pub fn each_two<A: Copy, B: Copy, R>(one: &[A], other: &[B], make: impl Fn(A, B) -> R) -> Vec<R> {
    match (one, other) {
        ([a], other) => other.iter().map(|b| make(*a, *b)).collect(),
        (one, [b]) => one.iter().map(|a| make(*a, *b)).collect(),
        _ => one.iter().zip(other).map(|(a, b)| make(*a, *b)).collect(),
    }
}

/// A bit for each row of two vectors.
#[inline]
fn test_two<A: Copy, B: Copy>(one: &[A], other: &[B], test: impl Fn(A, B) -> bool) -> Bits {
    match (one, other) {
        ([a], other) => Bits::from_fn(other.len(), |at| test(*a, other[at])),
        (one, [b]) => Bits::from_fn(one.len(), |at| test(one[at], *b)),
        _ => {
            let len = one.len().min(other.len());
            let (one, other) = (&one[..len], &other[..len]);
            Bits::from_fn(len, |at| test(one[at], other[at]))
        }
    }
}

/// Compares integers.
pub fn compare<T: Copy + Ord>(how: Comparison, one: &[T], other: &[T]) -> Bits {
    match how {
        Comparison::Equal => test_two(one, other, |a, b| a == b),
        Comparison::Unequal => test_two(one, other, |a, b| a != b),
        Comparison::Less => test_two(one, other, |a, b| a < b),
        Comparison::AtMost => test_two(one, other, |a, b| a <= b),
        Comparison::Greater => test_two(one, other, |a, b| a > b),
        Comparison::AtLeast => test_two(one, other, |a, b| a >= b),
    }
}

/// Compares floats; what it says of NaN means nothing.
pub fn compare_reals(how: Comparison, one: &[f64], other: &[f64]) -> Bits {
    match how {
        Comparison::Equal => test_two(one, other, |a, b| a == b),
        Comparison::Unequal => test_two(one, other, |a, b| a != b),
        Comparison::Less => test_two(one, other, |a, b| a < b),
        Comparison::AtMost => test_two(one, other, |a, b| a <= b),
        Comparison::Greater => test_two(one, other, |a, b| a > b),
        Comparison::AtLeast => test_two(one, other, |a, b| a >= b),
    }
}

/// Compares text by code point, which in UTF-8 is by byte.
pub fn compare_texts(how: Comparison, one: &[Cow<'_, [u8]>], other: &[Cow<'_, [u8]>]) -> Bits {
    let test = |found: Ordering| says(how, found);
    match (how, one, other) {
        (Comparison::Equal | Comparison::Unequal, many, [single])
        | (Comparison::Equal | Comparison::Unequal, [single], many) => {
            Bits::from_fn(many.len(), |at| (many[at][..] == single[..]) == (how == Comparison::Equal))
        }
        (_, [single], many) => Bits::from_fn(many.len(), |at| test(single[..].cmp(&many[at][..]))),
        (_, many, [single]) => Bits::from_fn(many.len(), |at| test(many[at][..].cmp(&single[..]))),
        _ => Bits::from_fn(one.len(), |at| test(one[at][..].cmp(&other[at][..]))),
    }
}

/// Whether an order is what a comparison asks for.
pub fn says(how: Comparison, found: Ordering) -> bool {
    match how {
        Comparison::Equal => found.is_eq(),
        Comparison::Unequal => found.is_ne(),
        Comparison::Less => found.is_lt(),
        Comparison::AtMost => found.is_le(),
        Comparison::Greater => found.is_gt(),
        Comparison::AtLeast => found.is_ge(),
    }
}

/// Compares integers with floats, exactly.
pub fn int_and_real<T: Copy + Into<i128>>(how: Comparison, one: &[T], other: &[f64]) -> Bits {
    let small = |value: &T| (-EXACT..=EXACT).contains(&(*value).into());
    if one.iter().fold(true, |all, value| all & small(value)) {
        let floats: Vec<f64> = one.iter().map(|value| (*value).into() as f64).collect();
        return compare_reals(how, &floats, other);
    }
    test_two(one, other, |int, real| says(how, order(int.into(), real)))
}

/// The order of an integer and a float that is a number.
pub fn order(int: i128, real: f64) -> Ordering {
    const LIMIT: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0; // 2^127
    if real >= LIMIT {
        return Ordering::Less;
    }
    if real < -LIMIT {
        return Ordering::Greater;
    }
    let whole = real.floor(); // fits, and its conversion is exact
    int.cmp(&(whole as i128)).then(if real > whole { Ordering::Less } else { Ordering::Equal })
}

/// Integers of any width as 128 bits.
pub fn widened(vector: Vector<'_>) -> Option<(Vec<i128>, Option<Bits>)> {
    match vector {
        Vector::Ints(values, known) => Some((values.iter().map(|value| i128::from(*value)).collect(), known)),
        Vector::Wide(values, known) => Some((values, known)),
        _ => None,
    }
}

/// Integers times a factor; what 128 bits cannot hold becomes the largest they can.
pub fn scale(vector: Vector<'_>, factor: i128) -> Vector<'_> {
    if let (Vector::Ints(values, known), Ok(factor)) = (&vector, i64::try_from(factor)) {
        let mut lost = false;
        let make = |value: &i64| {
            let (product, overflow) = value.overflowing_mul(factor);
            lost |= overflow;
            product
        };
        let products: Vec<i64> = values.iter().map(make).collect();
        if !lost {
            return Vector::Ints(products.into(), known.clone());
        }
    }
    match widened(vector) {
        Some((values, known)) => {
            Vector::Wide(values.iter().map(|value| value.saturating_mul(factor)).collect(), known)
        }
        None => nothing(Domain::Ints),
    }
}

/// Integers divided by a positive number, rounded down.
pub fn floor(vector: Vector<'_>, divisor: i128) -> Vector<'_> {
    match (vector, i64::try_from(divisor)) {
        (Vector::Ints(values, known), Ok(divisor)) => {
            Vector::Ints(values.iter().map(|value| value.div_euclid(divisor)).collect(), known)
        }
        (vector, _) => match widened(vector) {
            Some((values, known)) => {
                Vector::narrowed(values.iter().map(|value| value.div_euclid(divisor)).collect(), known)
            }
            None => nothing(Domain::Ints),
        },
    }
}

/// Integers as floats, divided; the divisor is a power of ten, so what is exact stays the nearest float.
pub fn real(vector: Vector<'_>, divisor: f64) -> Vector<'_> {
    let known = vector.known();
    let mut floats: Vec<f64> = match vector {
        Vector::Ints(values, _) => values.iter().map(|value| *value as f64 / divisor).collect(),
        Vector::Wide(values, _) => values.iter().map(|value| *value as f64 / divisor).collect(),
        Vector::Floats(values) => return Vector::Floats(values),
        _ => return nothing(Domain::Floats),
    };
    if let Some(known) = known {
        for (at, value) in floats.iter_mut().enumerate() {
            if !known.get(at) {
                *value = f64::NAN;
            }
        }
    }
    Vector::Floats(floats.into())
}

/// Arithmetic on integers, exact: in 64 bits where that is enough, else in 128.
///
/// Division by zero gives nothing.
///
/// # Errors
/// [`Error::Overflow`] where a known result does not fit 128 bits.
pub fn ints<'a>(op: Op, one: Vector<'a>, other: Vector<'a>) -> Result<Vector<'a>, Error> {
    let known = known_of_two(&one, &other);
    if let (Vector::Ints(a, _), Vector::Ints(b, _)) = (&one, &other)
        && matches!(op, Op::Add | Op::Sub | Op::Mul)
    {
        let lost = std::cell::Cell::new(false);
        let keep = |(value, overflow): (i64, bool)| {
            lost.set(lost.get() | overflow);
            value
        };
        let values = match op {
            Op::Add => each_two(a, b, |a, b| keep(a.overflowing_add(b))),
            Op::Sub => each_two(a, b, |a, b| keep(a.overflowing_sub(b))),
            _ => each_two(a, b, |a, b| keep(a.overflowing_mul(b))),
        };
        if !lost.get() {
            return Ok(Vector::Ints(values.into(), known));
        }
    }
    let (Some((a, _)), Some((b, _))) = (widened(one), widened(other)) else {
        return Ok(nothing(Domain::Ints));
    };
    let results = match op {
        Op::Add => each_two(&a, &b, i128::checked_add),
        Op::Sub => each_two(&a, &b, i128::checked_sub),
        Op::Mul => each_two(&a, &b, i128::checked_mul),
        Op::Div | Op::Mod => {
            let divides = match b.as_slice() {
                [divisor] => Bits::from_fn(a.len(), |_| *divisor != 0),
                many => Bits::from_fn(many.len(), |at| many[at] != 0),
            };
            let known = both(known, (divides.count() < divides.len()).then_some(divides));
            let results = match op {
                Op::Div => each_two(&a, &b, floor_div),
                _ => each_two(&a, &b, floor_mod),
            };
            return Ok(Vector::narrowed(results, known));
        }
    };
    let mut values = Vec::with_capacity(results.len());
    for (at, result) in results.into_iter().enumerate() {
        match result {
            Some(value) => values.push(value),
            None if known.as_ref().is_some_and(|known| !known.get(at)) => values.push(0),
            None => return Err(Error::Overflow("an integer of more than 128 bits".to_owned())),
        }
    }
    Ok(Vector::narrowed(values, known))
}

fn floor_div(a: i128, b: i128) -> i128 {
    match a.checked_div_euclid(b) {
        // Euclid rounds so that the rest is not negative: up where the divisor is.
        Some(quotient) if b < 0 && a.rem_euclid(b) != 0 => quotient - 1,
        Some(quotient) => quotient,
        None => {
            if b == 0 {
                0
            } else {
                i128::MAX
            }
        }
    }
}

fn floor_mod(a: i128, b: i128) -> i128 {
    match a.checked_rem(b) {
        Some(rest) if rest != 0 && (rest < 0) != (b < 0) => rest + b,
        Some(rest) => rest,
        None => 0,
    }
}

/// Arithmetic on floats; division by zero gives nothing.
pub fn reals(op: Op, one: &[f64], other: &[f64]) -> Vec<f64> {
    match op {
        Op::Add => each_two(one, other, |a, b| a + b),
        Op::Sub => each_two(one, other, |a, b| a - b),
        Op::Mul => each_two(one, other, |a, b| a * b),
        Op::Div => each_two(one, other, |a, b| if b == 0.0 { f64::NAN } else { a / b }),
        Op::Mod => each_two(one, other, |a, b| {
            let rest = a % b; // NaN for zero
            if rest != 0.0 && (rest < 0.0) != (b < 0.0) { rest + b } else { rest }
        }),
    }
}

/// Which values are in a sorted list.
pub fn within<T: Copy + Ord>(values: &[T], items: &[T]) -> Bits {
    match items {
        [] => Bits::zeros(values.len()),
        [one] => Bits::from_fn(values.len(), |at| values[at] == *one),
        few if few.len() <= 8 => Bits::from_fn(values.len(), |at| {
            few.iter().fold(false, |found, item| found | (values[at] == *item))
        }),
        many => Bits::from_fn(values.len(), |at| many.binary_search(&values[at]).is_ok()),
    }
}

/// Which texts hold a part.
pub fn holds(place: Place, texts: &[Cow<'_, [u8]>], parts: &[Cow<'_, [u8]>]) -> Bits {
    if let (Place::Inside, [part]) = (place, parts) {
        let finder = memchr::memmem::Finder::new(&part[..]);
        return Bits::from_fn(texts.len(), |at| finder.find(&texts[at]).is_some());
    }
    Bits::from_fn(texts.len().max(parts.len()), |at| {
        let (text, part) = (&texts[at.min(texts.len() - 1)][..], &parts[at.min(parts.len() - 1)][..]);
        match place {
            Place::Inside => memchr::memmem::find(text, part).is_some(),
            Place::Start => text.starts_with(part),
            Place::End => text.ends_with(part),
        }
    })
}

/// Text in another case, or without white space around it. What has nothing to change is not copied.
pub fn change(how: Change, value: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    let plain = |differs: fn(&u8) -> bool| value.is_ascii() && !value.iter().any(differs);
    match how {
        Change::Lower if plain(u8::is_ascii_uppercase) => value,
        Change::Upper if plain(u8::is_ascii_lowercase) => value,
        Change::Lower => Cow::Owned(String::from_utf8_lossy(&value).to_lowercase().into_bytes()),
        Change::Upper => Cow::Owned(String::from_utf8_lossy(&value).to_uppercase().into_bytes()),
        Change::Trim => {
            let text = String::from_utf8_lossy(&value);
            let trimmed = text.trim();
            if trimmed.len() == value.len() { value } else { Cow::Owned(trimmed.as_bytes().to_vec()) }
        }
    }
}

/// Two texts joined, row by row.
pub fn joined(one: &[Cow<'_, [u8]>], other: &[Cow<'_, [u8]>]) -> Vec<Cow<'static, [u8]>> {
    let join = |at: usize| {
        let (one, other) = (&one[at.min(one.len() - 1)], &other[at.min(other.len() - 1)]);
        Cow::Owned([&one[..], &other[..]].concat())
    };
    (0..one.len().max(other.len())).map(join).collect()
}

/// The first of two where it is known, else the second.
pub fn first_known<'a>(one: Vector<'a>, other: Vector<'a>, rows: usize) -> Option<Vector<'a>> {
    let (here, there) = (one.known(), other.known());
    let Some(here) = here else { return Some(one) };
    let here = here.spread(rows);
    let known = match there {
        None => None,
        Some(there) => {
            let mut either = there.spread(rows);
            either.or(&here);
            (either.count() < rows).then_some(either)
        }
    };
    fn pick<T: Clone>(one: &[T], other: &[T], here: &Bits, rows: usize) -> Vec<T> {
        let of = |values: &[T], at: usize| values[at.min(values.len() - 1)].clone();
        (0..rows).map(|at| if here.get(at) { of(one, at) } else { of(other, at) }).collect()
    }
    Some(match (one, other) {
        (Vector::Floats(one), Vector::Floats(other)) => {
            Vector::Floats(pick(&one, &other, &here, rows).into())
        }
        (Vector::Texts(one, _), Vector::Texts(other, _)) => {
            Vector::Texts(pick(&one, &other, &here, rows), known)
        }
        (Vector::Bools(one, _), Vector::Bools(other, _)) => {
            let (one, other) = (one.spread(rows), other.spread(rows));
            Vector::Bools(
                Bits::from_fn(rows, |at| if here.get(at) { one.get(at) } else { other.get(at) }),
                known,
            )
        }
        (Vector::Ints(one, _), Vector::Ints(other, _)) => {
            Vector::Ints(pick(&one, &other, &here, rows).into(), known)
        }
        (one, other) => {
            let ((one, _), (other, _)) = (widened(one)?, widened(other)?);
            Vector::narrowed(pick(&one, &other, &here, rows), known)
        }
    })
}

/// The larger or smaller float; NaN when one is.
pub fn extreme_reals(largest: bool, one: &[f64], other: &[f64]) -> Vec<f64> {
    each_two(one, other, |a, b| match a.is_nan() || b.is_nan() {
        true => f64::NAN,
        false => {
            if (a > b) == largest {
                a
            } else {
                b
            }
        }
    })
}

/// The larger or smaller integer.
pub fn extreme_ints(largest: bool, one: &[i64], other: &[i64]) -> Vec<i64> {
    each_two(one, other, |a, b| if (a > b) == largest { a } else { b })
}

/// A float rounded to so many digits, halves away from zero.
pub fn round_real(how: Rounding, digits: i32, value: f64) -> f64 {
    let round = |value: f64| match how {
        Rounding::Nearest => value.round(),
        Rounding::Down => value.floor(),
        Rounding::Up => value.ceil(),
    };
    if digits == 0 {
        return round(value);
    }
    let power = 10_f64.powi(digits.abs());
    let rounded = if digits > 0 { round(value * power) / power } else { round(value / power) * power };
    if rounded.is_finite() { rounded } else { value }
}

/// An integer rounded to a multiple of `unit`, halves away from zero.
pub fn round_int(how: Rounding, unit: i128, value: i128) -> i128 {
    let rest = value.rem_euclid(unit);
    let down = value.saturating_sub(rest);
    let up = match how {
        Rounding::Down => false,
        Rounding::Up => rest > 0,
        Rounding::Nearest => rest * 2 > unit || (rest * 2 == unit && value > 0),
    };
    if up { down.saturating_add(unit) } else { down }
}

/// A part of the date so many days after 1970-01-01 (Hinnant, civil_from_days).
pub fn part(part: Part, days: i128) -> i128 {
    if part == Part::Weekday {
        return (days + 3).rem_euclid(7) + 1;
    }
    let shifted = days.saturating_add(719_468);
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = 400 * era + year_of_era + i128::from(month <= 2);
    match part {
        Part::Year => year,
        Part::Months => year * 12 + month,
        Part::Month => month,
        _ => day,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn division_rounds_down(a in -100_i128..100, b in -10_i128..10) {
            prop_assume!(b != 0);
            prop_assert_eq!(floor_div(a, b), (a as f64 / b as f64).floor() as i128);
            prop_assert_eq!(floor_mod(a, b), a - b * floor_div(a, b));
            let reals = reals(Op::Mod, &[a as f64], &[b as f64]);
            prop_assert_eq!(reals[0], floor_mod(a, b) as f64);
        }

        #[test]
        fn integers_and_floats_compare_exactly(int in any::<i64>(), steps in -3_i64..3) {
            let real = int as f64;
            let near = f64::from_bits(real.to_bits().saturating_add_signed(steps));
            prop_assume!(near.is_finite());
            // 128 bits hold every float of this size, and its fraction shows in a comparison of floats.
            let expected = i128::from(int).cmp(&(near.floor() as i128)).then(if near.fract() == 0.0 { Ordering::Equal } else { Ordering::Less });
            prop_assert_eq!(order(int.into(), near), expected);
        }

        #[test]
        fn rounding_agrees_for_integers_and_floats(value in -100_000_i128..100_000) {
            for how in [Rounding::Nearest, Rounding::Down, Rounding::Up] {
                prop_assert_eq!(round_int(how, 100, value), round_real(how, -2, value as f64) as i128);
            }
        }
    }

    #[test]
    fn integers_grow_when_they_must() {
        let small = |values: &[i64]| Vector::Ints(Cow::Owned(values.to_vec()), None);
        let sum = ints(Op::Add, small(&[1, i64::MAX]), small(&[1])).unwrap();
        assert_eq!(sum, Vector::Wide(vec![2, i128::from(i64::MAX) + 1], None));
        let wide = Vector::Wide(vec![i128::MAX], None);
        assert!(matches!(ints(Op::Mul, wide.clone(), small(&[2])), Err(Error::Overflow(_))));
        let unknown = Vector::Wide(vec![i128::MAX], Some(Bits::zeros(1)));
        assert!(ints(Op::Mul, unknown, small(&[2])).is_ok());
        let quotient = ints(Op::Div, small(&[7, 8]), small(&[2, 0])).unwrap();
        let Vector::Ints(values, Some(known)) = quotient else { panic!() };
        assert_eq!((values[0], known.get(0), known.get(1)), (3, true, false));
        assert_eq!(order(i128::MAX, f64::INFINITY), Ordering::Less);
        assert_eq!(order(i128::MIN, f64::NEG_INFINITY), Ordering::Greater);
        assert_eq!(order(3, 3.5), Ordering::Less);
        assert_eq!(order(-3, -3.5), Ordering::Greater);
    }

    #[test]
    fn parts_of_dates() {
        let of = |days| [Part::Year, Part::Month, Part::Day, Part::Weekday].map(|what| part(what, days));
        assert_eq!(of(0), [1970, 1, 1, 4]);
        assert_eq!(of(11_016), [2000, 2, 29, 2]);
        assert_eq!(of(-1), [1969, 12, 31, 3]);
    }
}
