//! Arithmetic, rounding, and parts of dates.
#![forbid(unsafe_code)]

use super::{each_two, known_of_two, mistyped, nothing};
use crate::error::Error;
use crate::frames::profile::numbers::wide_to_f64;
use crate::frames::validate::bits::{Bits, both};
use crate::frames::validate::plan::{Domain, Op, Part, Rounding};
use crate::frames::validate::vector::Vector;
use arrow_buffer::i256;

/// Integers as 128 bits.
///
/// # Errors
/// [`Error::Overflow`] where they do not fit, [`Error::Type`] for what is no integer.
pub fn widened(vector: Vector<'_>) -> Result<(Vec<i128>, Option<Bits>), Error> {
    match vector {
        Vector::Ints(values, known) => Ok((values.iter().map(|value| i128::from(*value)).collect(), known)),
        Vector::Wide(values, known) => Ok((values, known)),
        Vector::Huge(..) => Err(too_wide()),
        _ => Err(mistyped()),
    }
}

/// Integers of any width as 256 bits.
///
/// # Errors
/// [`Error::Type`] for what is no integer.
pub fn huge(vector: Vector<'_>) -> Result<(Vec<i256>, Option<Bits>), Error> {
    match vector {
        Vector::Huge(values, known) => Ok((values, known)),
        other => {
            let (values, known) = widened(other)?;
            Ok((values.into_iter().map(i256::from_i128).collect(), known))
        }
    }
}

fn too_wide() -> Error {
    Error::Overflow("an integer of more than 128 bits".to_owned())
}

/// Integers times a factor, exact.
///
/// # Errors
/// [`Error::Overflow`] where a known product does not fit 256 bits.
pub fn scale(vector: Vector<'_>, factor: i128) -> Result<Vector<'_>, Error> {
    if let (Vector::Ints(values, known), Ok(factor)) = (&vector, i64::try_from(factor)) {
        let mut lost = false;
        let make = |value: &i64| {
            let (product, overflow) = value.overflowing_mul(factor);
            lost |= overflow;
            product
        };
        let products: Vec<i64> = values.iter().map(make).collect();
        if !lost {
            return Ok(Vector::Ints(products.into(), known.clone()));
        }
    }
    if let Vector::Ints(..) | Vector::Wide(..) = &vector {
        let (values, known) = widened(vector.clone())?;
        let products: Option<Vec<i128>> = values.iter().map(|value| value.checked_mul(factor)).collect();
        if let Some(products) = products {
            return Ok(Vector::narrowed(products, known));
        }
    }
    let (mut values, known) = huge(vector)?;
    let factor = i256::from_i128(factor);
    for (at, value) in values.iter_mut().enumerate() {
        *value = match value.checked_mul(factor) {
            Some(product) => product,
            None if known.as_ref().is_some_and(|known| !known.get(at)) => i256::ZERO,
            None => return Err(Error::Overflow("a decimal of more than 256 bits".to_owned())),
        };
    }
    Ok(Vector::fitted(values, known))
}

/// Integers divided by a positive number, rounded down.
///
/// # Errors
/// As [`widened`].
pub fn floor(vector: Vector<'_>, divisor: i128) -> Result<Vector<'_>, Error> {
    Ok(match (vector, i64::try_from(divisor)) {
        (Vector::Ints(values, known), Ok(divisor)) => {
            Vector::Ints(values.iter().map(|value| value.div_euclid(divisor)).collect(), known)
        }
        (vector, _) => {
            let (values, known) = widened(vector)?;
            Vector::narrowed(values.iter().map(|value| value.div_euclid(divisor)).collect(), known)
        }
    })
}

/// Integers as floats, divided; the divisor is a power of ten, so what is exact stays the nearest float.
pub fn real(vector: Vector<'_>, divisor: f64) -> Vector<'_> {
    let known = vector.known();
    let mut floats: Vec<f64> = match vector {
        Vector::Ints(values, _) => values.iter().map(|value| *value as f64 / divisor).collect(),
        Vector::Wide(values, _) => values.iter().map(|value| *value as f64 / divisor).collect(),
        Vector::Huge(values, _) => values.iter().map(|value| wide_to_f64(*value) / divisor).collect(),
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
    let ((a, _), (b, _)) = (widened(one)?, widened(other)?);
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
            None => return Err(too_wide()),
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
    use crate::frames::validate::bits::Bits;
    use proptest::prelude::*;
    use std::borrow::Cow;

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
    }

    #[test]
    fn parts_of_dates() {
        let of = |days| [Part::Year, Part::Month, Part::Day, Part::Weekday].map(|what| part(what, days));
        assert_eq!(of(0), [1970, 1, 1, 4]);
        assert_eq!(of(11_016), [2000, 2, 29, 2]);
        assert_eq!(of(-1), [1969, 12, 31, 3]);
    }
}
