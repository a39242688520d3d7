//! Types of `in`: what a list of values comes to, once all are of one type.
#![forbid(unsafe_code)]

use super::duration::DAY;
use super::operators::{compare, may_repeat};
use super::plan::{Comparison, Domain, Node};
use super::set::{IntSet, TextSet};
use super::typing::{self, Typed};
use super::unify::{is_number, real, unify};
use super::vector::Type;
use arrow_buffer::i256;

/// Whether a value is one of some others.
///
/// # Errors
/// A sentence when one cannot be compared with it.
pub fn member(value: Typed, items: Vec<Typed>) -> Result<Typed, String> {
    if value.kind == Type::Bool || !items.iter().all(|item| item.constant) {
        may_repeat(&value, items.len() + 2)?;
    }
    if !items.iter().all(|item| item.constant) {
        let tests = items
            .into_iter()
            .map(|item| compare(Comparison::Equal, value.clone(), item).map(|test| test.node));
        let node = Node::Or(tests.collect::<Result<_, _>>()?);
        return Ok(Typed { node, kind: Type::Bool, constant: false });
    }
    let constant = value.constant;
    let is_null = |item: &Typed| matches!(item.node, Node::Null(_));
    // As in SQL: what is not found among values of which one is missing may be that one.
    let uncertain = items.iter().any(is_null);
    let items: Vec<Typed> = items.into_iter().filter(|item| !is_null(item)).collect();
    let kind = value.kind;
    let test = match kind {
        Type::Null => return Ok(Typed::null(Type::Bool)),
        Type::List | Type::Other => return Err(format!("cannot compare {} values", kind.called())),
        Type::Bool => {
            let tests = items
                .into_iter()
                .map(|item| compare(Comparison::Equal, value.clone(), item).map(|test| test.node));
            let mut tests = tests.collect::<Result<Vec<_>, _>>()?;
            // Of no items the answer is no, for whatever is not missing.
            tests.push(Node::Not(Box::new(Node::Compare(
                Comparison::Equal,
                Domain::Bools,
                Box::new(value.node.clone()),
                Box::new(value.node),
            ))));
            Node::Or(tests)
        }
        Type::Text | Type::Binary => {
            let mut texts = Vec::new();
            for item in items {
                match (item.kind == kind, item.node) {
                    (true, Node::Text(text)) => texts.push(text),
                    _ => return Err(format!("cannot compare {} and {}", kind.called(), item.kind.called())),
                }
            }
            Node::InTexts(Box::new(value.node), TextSet::new(texts))
        }
        Type::Float => {
            let mut bits = Vec::new();
            for item in items {
                if !is_number(item.kind) {
                    return Err(format!("cannot compare {} and {}", kind.called(), item.kind.called()));
                }
                if let Node::Float(value) = real(item).node {
                    bits.push((value + 0.0).to_bits());
                }
            }
            bits.sort_unstable();
            Node::InFloats(Box::new(value.node), bits)
        }
        _ => {
            let mut whole: Vec<i256> = Vec::new();
            let mut value = value;
            for item in items {
                // Floats among integers count where they are whole.
                let item = match item.node {
                    Node::Float(number)
                        if is_number(kind) && number.fract() == 0.0 && number.abs() < 1e37 =>
                    {
                        Typed::constant(Node::Int(number as i128), Type::Int)
                    }
                    Node::Float(number) if is_number(kind) => typing::number(&number.to_string())?,
                    _ => item,
                };
                let before = value.kind;
                let (left, right) = unify(value, item, "compare")?;
                if left.kind != before {
                    // The value became finer, and with it those already there.
                    let factor = finer_by(before, left.kind);
                    // What becomes too large is no value that there can be.
                    whole = whole.iter().filter_map(|known| known.checked_mul(factor?)).collect();
                }
                match right.node {
                    Node::Int(number) => whole.push(i256::from_i128(number)),
                    Node::Huge(number) => whole.push(number),
                    _ => {} // a constant that not even 256 bits hold
                }
                value = left;
            }
            Node::InInts(Box::new(value.node), IntSet::new(whole))
        }
    };
    let node = match uncertain {
        true => Node::Or(vec![test, Node::Null(Domain::Bools)]),
        false => test,
    };
    Ok(Typed { node, kind: Type::Bool, constant })
}

/// How many of the later unit make one of the earlier.
fn finer_by(before: Type, after: Type) -> Option<i256> {
    let tens = |power: u32| i256::from_i128(10).checked_pow(power);
    let times = |factor: i128| Some(i256::from_i128(factor));
    match (before, after) {
        (Type::Int, Type::Decimal(scale)) => tens(scale),
        (Type::Decimal(a), Type::Decimal(b)) => tens(b.saturating_sub(a)),
        (Type::Date, Type::Stamp(unit)) => times(DAY * i128::from(unit)),
        (Type::Stamp(a), Type::Stamp(b))
        | (Type::Time(a), Type::Time(b))
        | (Type::Span(a), Type::Span(b)) => times(i128::from(b / a)),
        _ => times(1),
    }
}
