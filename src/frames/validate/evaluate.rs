//! Runs a plan over the rows of a batch, a block at a time: one loop a step, over columns that stay in the cache.
#![forbid(unsafe_code)]

use super::bits::{Bits, both};
use super::kernels::arithmetic::{self, ints, reals, round_int, round_real};
use super::kernels::compare::{compare as compare_ints, compare_reals, huge_and_real, int_and_real, within};
use super::kernels::text::{change, compare_texts, holds, joined};
use super::kernels::{self, each_two, extreme_ints, extreme_reals, known_of_two, mistyped};
use super::load::load;
use super::plan::{Comparison, Domain, Node};
use super::vector::Vector;
use crate::error::Error;
use arrow_array::{Array, ArrayRef};
use std::borrow::Cow;
use std::ops::Range;

/// Rows worked on at a time: a block of floats is 16 KB.
pub const BLOCK: usize = 2_048;

/// The value of `node` for these rows: as many values as rows, or one that stands for all.
///
/// # Errors
/// [`Error::Overflow`] when an integer that is computed does not fit 128 bits; it says so without naming a place.
pub fn evaluate<'a>(
    node: &'a Node,
    columns: &'a [ArrayRef],
    rows: Range<usize>,
) -> Result<Vector<'a>, Error> {
    let run = |node: &'a Node| evaluate(node, columns, rows.clone());
    Ok(match node {
        Node::Column(index) => load(columns[*index].as_ref(), rows)?,
        Node::Null(domain) => kernels::nothing(*domain),
        Node::Bool(value) => Vector::Bools(if *value { Bits::ones(1) } else { Bits::zeros(1) }, None),
        Node::Int(value) => match i64::try_from(*value) {
            Ok(value) => Vector::Ints(Cow::Owned(vec![value]), None),
            Err(_) => Vector::Wide(vec![*value], None),
        },
        Node::Huge(value) => Vector::Huge(vec![*value], None),
        Node::Float(value) => Vector::Floats(Cow::Owned(vec![*value])),
        Node::Text(text) => Vector::Texts(vec![Cow::Borrowed(text)], None),
        Node::Scale(inner, factor) => arithmetic::scale(run(inner)?, *factor)?,
        Node::Floor(inner, divisor) => arithmetic::floor(run(inner)?, *divisor)?,
        Node::Real(inner, divisor) => arithmetic::real(run(inner)?, *divisor),
        Node::Ints(op, one, other) => ints(*op, run(one)?, run(other)?)?,
        Node::Floats(op, one, other) => {
            let (Vector::Floats(one), Vector::Floats(other)) = (run(one)?, run(other)?) else {
                return Err(mistyped());
            };
            Vector::Floats(reals(*op, &one, &other).into())
        }
        Node::Compare(how, domain, one, other) => compare(*how, *domain, run(one)?, run(other)?)?,
        Node::CompareReal(how, one, other) => {
            let (one, other) = (run(one)?, run(other)?);
            let known = known_of_two(&one, &other);
            let Vector::Floats(right) = &other else { return Err(mistyped()) };
            let truth = match &one {
                Vector::Ints(left, _) => int_and_real(*how, left, right),
                Vector::Wide(left, _) => int_and_real(*how, left, right),
                Vector::Huge(left, _) => huge_and_real(*how, left, right),
                _ => return Err(mistyped()),
            };
            Vector::Bools(truth, known)
        }
        Node::And(parts) => all_of(parts.iter().map(run), rows.len(), false)?,
        Node::Or(parts) => all_of(parts.iter().map(run), rows.len(), true)?,
        Node::Not(inner) => match run(inner)? {
            Vector::Bools(mut truth, known) => {
                truth.invert();
                Vector::Bools(truth, known)
            }
            _ => return Err(mistyped()),
        },
        Node::IsNull(inner) => match inner.as_ref() {
            // Whether a value is there can be told without looking at it.
            Node::Column(index) if kernels::has_plain_nulls(columns[*index].as_ref()) => {
                let known =
                    columns[*index].nulls().map(|nulls| Bits::from_buffer(nulls.inner(), rows.clone()));
                Vector::Bools(kernels::missing(known, rows.len()), None)
            }
            inner => {
                let value = run(inner)?;
                Vector::Bools(kernels::missing(value.known(), value.len()), None)
            }
        },
        Node::InInts(inner, items) => {
            let value = run(inner)?;
            let truth = items.test(&value).ok_or_else(mistyped)?;
            Vector::Bools(truth, value.known())
        }
        Node::InFloats(inner, items) => {
            let value = run(inner)?;
            let Vector::Floats(values) = &value else { return Err(mistyped()) };
            let bits: Vec<u64> = values.iter().map(|value| (value + 0.0).to_bits()).collect();
            Vector::Bools(within(&bits, items), value.known())
        }
        Node::InTexts(inner, items) => match run(inner)? {
            Vector::Texts(values, known) => Vector::Bools(items.test(&values), known),
            _ => return Err(mistyped()),
        },
        Node::Match(inner, pattern) => match run(inner)? {
            Vector::Texts(values, known) => Vector::Bools(pattern.test(&values), known),
            _ => return Err(mistyped()),
        },
        Node::Holds(place, one, other) => {
            let (one, other) = (run(one)?, run(other)?);
            let known = known_of_two(&one, &other);
            let (Vector::Texts(text, _), Vector::Texts(part, _)) = (one, other) else {
                return Err(mistyped());
            };
            Vector::Bools(holds(*place, &text, &part), known)
        }
        Node::Length(inner, characters) => match run(inner)? {
            Vector::Texts(values, known) => {
                let length = |value: &Cow<'_, [u8]>| match characters {
                    true => value.iter().filter(|byte| (**byte & 0xC0) != 0x80).count() as i64,
                    false => value.len() as i64,
                };
                Vector::Ints(values.iter().map(length).collect(), known)
            }
            _ => return Err(mistyped()),
        },
        Node::Change(how, inner) => match run(inner)? {
            Vector::Texts(values, known) => {
                Vector::Texts(values.into_iter().map(|value| change(*how, value)).collect(), known)
            }
            _ => return Err(mistyped()),
        },
        Node::Join(one, other) => {
            let (one, other) = (run(one)?, run(other)?);
            let known = known_of_two(&one, &other);
            let (Vector::Texts(one, _), Vector::Texts(other, _)) = (one, other) else {
                return Err(mistyped());
            };
            Vector::Texts(joined(&one, &other), known)
        }
        Node::Coalesce(parts) => {
            let mut found = None;
            for part in parts {
                let next = run(part)?;
                let merged = match found {
                    None => next,
                    Some(before) => kernels::first_known(before, next, rows.len())?,
                };
                if merged.known().is_none() {
                    return Ok(merged);
                }
                found = Some(merged);
            }
            found.ok_or_else(mistyped)?
        }
        Node::Extreme(domain, largest, parts) => {
            let mut found: Option<Vector<'a>> = None;
            for part in parts {
                let next = run(part)?;
                found = Some(match found {
                    None => next,
                    Some(before) => extreme(*domain, *largest, before, next)?,
                });
            }
            found.ok_or_else(mistyped)?
        }
        Node::RoundFloats(how, digits, inner) => match run(inner)? {
            Vector::Floats(values) => {
                Vector::Floats(values.iter().map(|value| round_real(*how, *digits, *value)).collect())
            }
            _ => return Err(mistyped()),
        },
        Node::RoundInts(how, unit, inner) => {
            let (values, known) = arithmetic::widened(run(inner)?)?;
            Vector::narrowed(values.iter().map(|value| round_int(*how, *unit, *value)).collect(), known)
        }
        Node::Part(part, inner) => {
            let (values, known) = arithmetic::widened(run(inner)?)?;
            Vector::narrowed(values.iter().map(|days| arithmetic::part(*part, *days)).collect(), known)
        }
    })
}

fn compare<'a>(
    how: Comparison,
    domain: Domain,
    one: Vector<'a>,
    other: Vector<'a>,
) -> Result<Vector<'a>, Error> {
    let known = known_of_two(&one, &other);
    let truth = match (domain, &one, &other) {
        (Domain::Floats, Vector::Floats(one), Vector::Floats(other)) => compare_reals(how, one, other),
        (Domain::Texts, Vector::Texts(one, _), Vector::Texts(other, _)) => compare_texts(how, one, other),
        (Domain::Bools, Vector::Bools(one, _), Vector::Bools(other, _)) => {
            let len = one.len().max(other.len());
            let (one, other) = (one.clone().spread(len), other.clone().spread(len));
            Bits::from_fn(len, |at| (one.get(at) == other.get(at)) == (how == Comparison::Equal))
        }
        (_, Vector::Ints(one, _), Vector::Ints(other, _)) => compare_ints(how, one, other),
        (Domain::Ints, Vector::Ints(..) | Vector::Wide(..), Vector::Ints(..) | Vector::Wide(..)) => {
            let ((one, _), (other, _)) = (arithmetic::widened(one)?, arithmetic::widened(other)?);
            compare_ints(how, &one, &other)
        }
        (Domain::Ints, ..) => {
            let ((one, _), (other, _)) = (arithmetic::huge(one)?, arithmetic::huge(other)?);
            compare_ints(how, &one, &other)
        }
        _ => return Err(mistyped()),
    };
    Ok(Vector::Bools(truth, known))
}

/// `and` of all parts, or, exchanging true and false, `or`.
fn all_of<'a>(
    parts: impl Iterator<Item = Result<Vector<'a>, Error>>,
    rows: usize,
    any: bool,
) -> Result<Vector<'a>, Error> {
    // What is certainly true and what is certainly false so far; the rest is not known.
    let (mut yes, mut no): (Option<Bits>, Option<Bits>) = (None, None);
    for part in parts {
        let Vector::Bools(truth, known) = part? else { return Err(mistyped()) };
        let (truth, known) = (truth.spread(rows), known.map(|known| known.spread(rows)));
        let mut lie = truth.clone();
        lie.invert();
        let mut sure = truth;
        if let Some(known) = known {
            lie.and(&known);
            sure.and(&known);
        }
        let (all, one) = if any { (&mut no, &mut yes) } else { (&mut yes, &mut no) };
        let (every, some) = if any { (lie, sure) } else { (sure, lie) };
        match all {
            None => *all = Some(every),
            Some(before) => before.and(&every),
        }
        match one {
            None => *one = Some(some),
            Some(before) => before.or(&some),
        }
    }
    let yes = yes.unwrap_or_else(|| if any { Bits::zeros(rows) } else { Bits::ones(rows) });
    let mut known = no.unwrap_or_else(|| Bits::zeros(rows));
    known.or(&yes);
    let known = (known.count() < known.len()).then_some(known);
    Ok(Vector::Bools(yes, known))
}

fn extreme<'a>(
    domain: Domain,
    largest: bool,
    one: Vector<'a>,
    other: Vector<'a>,
) -> Result<Vector<'a>, Error> {
    let known = known_of_two(&one, &other);
    Ok(match (domain, one, other) {
        (Domain::Floats, Vector::Floats(one), Vector::Floats(other)) => {
            Vector::Floats(extreme_reals(largest, &one, &other).into())
        }
        (Domain::Texts, Vector::Texts(one, _), Vector::Texts(other, _)) => {
            let len = one.len().max(other.len());
            let pick = |at: usize| {
                let (one, other) = (&one[at.min(one.len() - 1)], &other[at.min(other.len() - 1)]);
                if (one > other) == largest { one.clone() } else { other.clone() }
            };
            Vector::Texts((0..len).map(pick).collect(), known)
        }
        (_, Vector::Ints(one, _), Vector::Ints(other, _)) => {
            Vector::Ints(extreme_ints(largest, &one, &other).into(), known)
        }
        (_, one, other) => {
            let ((one, _), (other, _)) = (arithmetic::huge(one)?, arithmetic::huge(other)?);
            Vector::fitted(each_two(&one, &other, |a, b| if (a > b) == largest { a } else { b }), known)
        }
    })
}

/// The rows for which a condition is true, and those for which it is known, block by block.
///
/// # Errors
/// As [`evaluate`].
pub fn condition(
    node: &Node,
    columns: &[ArrayRef],
    rows: Range<usize>,
) -> Result<(Bits, Option<Bits>), Error> {
    let (mut truth, mut known) = (Bits::default(), None::<Bits>);
    let mut start = rows.start;
    while start < rows.end {
        let end = rows.end.min(start + BLOCK);
        let Vector::Bools(block, certain) = evaluate(node, columns, start..end)? else {
            return Err(mistyped());
        };
        let certain = certain.map(|certain| certain.spread(end - start));
        known = match (known, certain) {
            (None, None) => None,
            (before, certain) => {
                let mut all = before.unwrap_or_else(|| Bits::ones(start - rows.start));
                all.append(&certain.unwrap_or_else(|| Bits::ones(end - start)));
                Some(all)
            }
        };
        truth.append(&block.spread(end - start));
        start = end;
    }
    Ok((truth, known))
}

/// Bits of rows that are true where known.
pub fn certain(truth: Bits, known: Option<Bits>) -> Bits {
    both(Some(truth), known).unwrap_or_default()
}
