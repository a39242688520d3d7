//! The first element that has no result, once a block is known to hold one, and what to say of it.
#![forbid(unsafe_code)]

use super::operation::{Binary, Operand, Refused, Unary};
use crate::error::Error;
use crate::ints::number::{Int, Overflow};

/// Of `len` pairs, of which the first is element `from` of an array of `shape`.
#[cold]
pub(super) fn first_pair<O: Binary, T: Int>(
    a: impl Operand<T>,
    b: impl Operand<T>,
    len: usize,
    overflow: Overflow,
    from: usize,
    shape: &[usize],
) -> Error {
    let [before, between, after] = O::FORM;
    for i in 0..len {
        let (a, b) = (a.at(i), b.at(i));
        let over = overflow == Overflow::Raise && O::apply(a, b).1;
        let refused = O::refused(a, b);
        if over || refused.is_some() {
            let what = format!("{before}{a}{between}{b}{after}");
            return explain::<T>(&format!("{before}a{between}b{after}"), &what, refused, from + i, shape);
        }
    }
    unreachable!("the loop over the same block found one")
}

/// Of `a`, of which the first is element `from` of an array of `shape`.
#[cold]
pub(super) fn first_single<O: Unary, T: Int>(
    a: &[T],
    overflow: Overflow,
    from: usize,
    shape: &[usize],
) -> Error {
    let [before, after] = O::FORM;
    for (i, &a) in a.iter().enumerate() {
        let over = overflow == Overflow::Raise && O::fails(a);
        let refused = O::refused(a);
        if over || refused.is_some() {
            let what = if refused.is_some() { a.to_string() } else { format!("{before}{a}{after}") };
            return explain::<T>(&format!("{before}a{after}"), &what, refused, from + i, shape);
        }
    }
    unreachable!("the loop over the same block found one")
}

fn explain<T: Int>(form: &str, got: &str, refused: Option<Refused>, flat: usize, shape: &[usize]) -> Error {
    let index = index(flat, shape);
    match refused {
        None => Error::Overflow(format!(
            "{form} must be in {}..={} for {}, got {got} at index {index}",
            T::MIN,
            T::MAX,
            T::NAME
        )),
        Some(Refused::Zero) => Error::ZeroDivision(format!("b must not be 0, got {got} at index {index}")),
        Some(Refused::Negative(name)) => {
            Error::Invalid(format!("{name} must not be negative, got {got} at index {index}"))
        }
    }
}

/// As Python writes an index: `5`, or `(1, 2)` where there are several axes.
fn index(mut flat: usize, shape: &[usize]) -> String {
    if shape.len() <= 1 {
        return flat.to_string();
    }
    let mut parts: Vec<String> = Vec::new();
    for &n in shape.iter().rev() {
        parts.push((flat % n).to_string());
        flat /= n;
    }
    parts.reverse();
    format!("({})", parts.join(", "))
}
