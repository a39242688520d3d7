//! The loops behind expressions: each takes one or two vectors, one of which may stand for all rows.
#![forbid(unsafe_code)]

pub mod arithmetic;
pub mod compare;
pub mod text;

use crate::error::Error;
use crate::frames::validate::bits::{Bits, both};
use crate::frames::validate::plan::Domain;
use crate::frames::validate::vector::Vector;
use arithmetic::huge;
use arrow_array::Array;
use arrow_schema::DataType;
use std::borrow::Cow;

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

/// A plan whose parts do not fit, which typing never makes.
pub fn mistyped() -> Error {
    Error::Type("expression: its parts do not fit together".to_owned())
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

/// The first of two where it is known, else the second.
///
/// # Errors
/// [`Error::Type`] for values of two kinds.
pub fn first_known<'a>(one: Vector<'a>, other: Vector<'a>, rows: usize) -> Result<Vector<'a>, Error> {
    let (here, there) = (one.known(), other.known());
    let Some(here) = here else { return Ok(one) };
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
    Ok(match (one, other) {
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
            let ((one, _), (other, _)) = (huge(one)?, huge(other)?);
            Vector::fitted(pick(&one, &other, &here, rows), known)
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
