//! Values that must follow one another, from one piece of a table to the next.
#![forbid(unsafe_code)]

use super::bits::{Bits, both, each, part};
use super::check::{Outcome, Rest};
use super::evaluate::{BLOCK, evaluate};
use super::kernels::compare::says;
use super::plan::{Comparison, Node};
use super::vector::Vector;
use crate::error::Error;
use arrow_array::ArrayRef;
use arrow_buffer::i256;
use std::cmp::Ordering;
use std::ops::Range;

/// A value that outlives its batch.
#[derive(Clone, Debug, PartialEq)]
pub enum Owned {
    /// An integer, or what counts as one.
    Int(i128),
    /// One that 128 bits do not hold.
    Huge(i256),
    /// A float.
    Float(f64),
    /// Text or binary.
    Text(Vec<u8>),
}

impl Owned {
    fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Int(one), Self::Int(other)) => one.cmp(other),
            (Self::Float(one), Self::Float(other)) => one.partial_cmp(other).unwrap_or(Ordering::Equal),
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            (Self::Int(one), Self::Huge(other)) => i256::from_i128(*one).cmp(other),
            (Self::Huge(one), Self::Int(other)) => one.cmp(&i256::from_i128(*other)),
            (Self::Huge(one), Self::Huge(other)) => one.cmp(other),
            _ => Ordering::Equal,
        }
    }
}

/// The value of a row.
pub fn owned(value: &Vector<'_>, at: usize) -> Option<Owned> {
    let at = at.min(value.len().saturating_sub(1));
    match value {
        Vector::Ints(values, _) => Some(Owned::Int(values[at].into())),
        Vector::Wide(values, _) => Some(Owned::Int(values[at])),
        Vector::Huge(values, _) => Some(values[at].to_i128().map_or(Owned::Huge(values[at]), Owned::Int)),
        Vector::Floats(values) => Some(Owned::Float(values[at])),
        Vector::Texts(values, _) => Some(Owned::Text(values[at].to_vec())),
        Vector::Bools(..) => None,
    }
}

/// Compares every value that is there with the one before.
///
/// # Errors
/// As [`evaluate`].
pub fn monotonic(
    node: &Node,
    how: Comparison,
    columns: &[ArrayRef],
    rows: Range<usize>,
    selected: Option<&Bits>,
    about: u64,
) -> Result<Outcome, Error> {
    let mut fails = Bits::zeros(rows.len());
    let mut first = None;
    let mut last: Option<Owned> = None;
    let (mut checked, mut start) = (0, rows.start);
    while start < rows.end {
        let (end, done) = (rows.end.min(start + BLOCK), start - rows.start);
        let value = evaluate(node, columns, start..end)?;
        let here =
            both(value.known(), part(selected, done, end - start)).map(|here| here.spread(end - start));
        let mut places = Vec::with_capacity(end - start);
        each(here.as_ref(), end - start, |at| places.push(at));
        checked += places.len() as u64;
        let mut fail = |at: usize, order: Ordering| {
            if !says(how, order) {
                fails.set(done + at);
            }
        };
        if let (Some(&at), Some(&to)) = (places.first(), places.last()) {
            let (begins, ends) = (owned(&value, at), owned(&value, to));
            if let (Some(last), Some(begins)) = (&last, &begins) {
                fail(at, begins.order(last));
            }
            let pairs = || places.iter().copied().zip(places.iter().copied().skip(1));
            match &value {
                Vector::Ints(values, _) if values.len() > 1 => {
                    pairs().for_each(|(before, at)| fail(at, values[at].cmp(&values[before])));
                }
                Vector::Wide(values, _) if values.len() > 1 => {
                    pairs().for_each(|(before, at)| fail(at, values[at].cmp(&values[before])));
                }
                Vector::Huge(values, _) if values.len() > 1 => {
                    pairs().for_each(|(before, at)| fail(at, values[at].cmp(&values[before])));
                }
                Vector::Floats(values) if values.len() > 1 => pairs().for_each(|(before, at)| {
                    fail(at, values[at].partial_cmp(&values[before]).unwrap_or(Ordering::Equal));
                }),
                Vector::Texts(values, _) if values.len() > 1 => {
                    pairs().for_each(|(before, at)| fail(at, values[at].cmp(&values[before])));
                }
                _ => pairs().for_each(|(_, at)| fail(at, Ordering::Equal)),
            }
            if first.is_none() {
                first = begins.map(|value| (done + at, value));
            }
            last = ends;
        }
        start = end;
    }
    let edges = first.zip(last).map(|((row, first), last)| (row, first, last));
    Ok(Outcome {
        checked,
        missing: about - checked,
        fails: fails.any().then_some(fails),
        rest: Rest::Edges(edges),
    })
}

/// Whether a value may follow another.
pub fn follows(how: Comparison, value: &Owned, before: &Owned) -> bool {
    says(how, value.order(before))
}
