//! Types of comparisons, of arithmetic and of patterns.
#![forbid(unsafe_code)]

use super::duration::DAY;
use super::pattern::Pattern;
use super::plan::{Comparison, Domain, Node, Op};
use super::typing::Typed;
use super::unify::{is_number, real, scaled, unify};
use super::vector::Type;

/// Whether one value stands so to another.
///
/// # Errors
/// A sentence when they cannot be compared.
pub fn compare(how: Comparison, one: Typed, other: Typed) -> Result<Typed, String> {
    let constant = one.constant && other.constant;
    let (one, other) = unify(one, other, "compare")?;
    let node = match (one.kind, other.kind) {
        (Type::Null, _) => return Ok(Typed::null(Type::Bool)),
        _ if matches!(one.node, Node::Null(_)) || matches!(other.node, Node::Null(_)) => {
            return Ok(Typed::null(Type::Bool));
        }
        (Type::List | Type::Other, _) => return Err(format!("cannot compare {} values", one.kind.called())),
        (Type::Bool, _) if !matches!(how, Comparison::Equal | Comparison::Unequal) => {
            return Err("true and false have no order; use = or <>".to_owned());
        }
        (Type::Int, Type::Float) => mixed(how, one, other),
        (Type::Float, Type::Int) => mixed(how.mirrored(), other, one),
        (kind, _) => Node::Compare(how, Domain::of(kind), Box::new(one.node), Box::new(other.node)),
    };
    Ok(Typed { node, kind: Type::Bool, constant })
}

/// Integers up to this are floats, too.
pub const EXACT: i128 = 1 << 53;

/// An integer compared with a float.
pub fn mixed(how: Comparison, int: Typed, float: Typed) -> Node {
    match int.node {
        Node::Int(value) if value.abs() <= EXACT => {
            Node::Compare(how, Domain::Floats, Box::new(Node::Float(value as f64)), Box::new(float.node))
        }
        node => Node::CompareReal(how, Box::new(node), Box::new(float.node)),
    }
}

/// Arithmetic on two values.
///
/// # Errors
/// A sentence when there is none for their types.
pub fn arithmetic(sign: &str, one: Typed, other: Typed) -> Result<Typed, String> {
    let constant = one.constant && other.constant;
    let refuse = |a: Type, b: Type| Err(format!("cannot compute {} {sign} {}", a.called(), b.called()));
    let made = |node: Node, kind: Type| Ok(Typed { node, kind, constant });
    let boxed = |one: Typed, other: Typed| (Box::new(one.node), Box::new(other.node));
    if sign == "||" {
        return match (one.kind, other.kind) {
            (Type::Text, Type::Text) => {
                let (a, b) = boxed(one, other);
                made(Node::Join(a, b), Type::Text)
            }
            (Type::Null, Type::Text | Type::Null) | (Type::Text, Type::Null) => Ok(Typed::null(Type::Text)),
            (a, b) => refuse(a, b),
        };
    }
    let op = match sign {
        "+" => Op::Add,
        "-" => Op::Sub,
        "*" => Op::Mul,
        "%" => Op::Mod,
        _ => Op::Div,
    };
    let moment = |kind: Type| matches!(kind, Type::Date | Type::Stamp(_));
    let span_unit = |kind: Type| match kind {
        Type::Stamp(unit) | Type::Span(unit) => unit,
        _ => 1,
    };
    match (one.kind, other.kind) {
        (Type::Null, kind) | (kind, Type::Null) if is_number(kind) || kind == Type::Null => {
            Ok(Typed::null(if kind == Type::Null { Type::Int } else { kind }))
        }
        // Moments: what lies between two of them, and what is so long before or after one.
        (a, b) if moment(a) && moment(b) && op == Op::Sub => {
            let unit = span_unit(a).max(span_unit(b));
            let stamp = |value: Typed| match value.kind {
                Type::Date => scaled(value, DAY * i128::from(unit), Type::Stamp(unit)),
                kind => scaled(value, i128::from(unit / span_unit(kind)), Type::Stamp(unit)),
            };
            let (a, b) = boxed(stamp(one), stamp(other));
            made(Node::Ints(op, a, b), Type::Span(unit))
        }
        (a, b @ Type::Span(_))
            if (moment(a) || matches!(a, Type::Span(_))) && matches!(op, Op::Add | Op::Sub) =>
        {
            let unit = span_unit(a).max(span_unit(b));
            let kind = if moment(a) { Type::Stamp(unit) } else { Type::Span(unit) };
            let left = match a {
                Type::Date => scaled(one, DAY * i128::from(unit), kind),
                _ => scaled(one, i128::from(unit / span_unit(a)), kind),
            };
            let right = scaled(other, i128::from(unit / span_unit(b)), Type::Span(unit));
            let (a, b) = boxed(left, right);
            made(Node::Ints(op, a, b), kind)
        }
        (Type::Span(_), b) if moment(b) && op == Op::Add => arithmetic(sign, other, one),
        (a @ Type::Span(_), Type::Int) if op == Op::Mul => {
            let (left, right) = boxed(one, other);
            made(Node::Ints(op, left, right), a)
        }
        (Type::Int, Type::Span(_)) if op == Op::Mul => arithmetic(sign, other, one),
        (a, b) if !is_number(a) || !is_number(b) => refuse(a, b),
        _ if sign == "/" => {
            let (a, b) = boxed(real(one), real(other));
            made(Node::Floats(Op::Div, a, b), Type::Float)
        }
        (a, b) if a == Type::Float || b == Type::Float => {
            let (a, b) = boxed(real(one), real(other));
            let quotient = Node::Floats(op, a, b);
            match sign {
                "//" => {
                    made(Node::RoundFloats(super::plan::Rounding::Down, 0, Box::new(quotient)), Type::Float)
                }
                _ => made(quotient, Type::Float),
            }
        }
        (Type::Int, Type::Int) => {
            let (a, b) = boxed(one, other);
            made(Node::Ints(op, a, b), Type::Int)
        }
        (a, b) if op == Op::Mul => {
            let scale = |kind: Type| if let Type::Decimal(scale) = kind { scale } else { 0 };
            let kind = Type::Decimal(scale(a) + scale(b));
            let (a, b) = boxed(one, other);
            made(Node::Ints(op, a, b), kind)
        }
        _ => {
            let (one, other) = unify(one, other, "compute with")?;
            let kind = if sign == "//" { Type::Int } else { one.kind };
            let (a, b) = boxed(one, other);
            made(Node::Ints(op, a, b), kind)
        }
    }
}

/// Steps of a part of a plan that is worked out several times, in all.
const REPEATED: usize = 100_000;

/// Whether a value may be worked out so many times: nested often enough, doubling would have no end.
///
/// # Errors
/// A sentence when it may not.
pub fn may_repeat(value: &Typed, times: usize) -> Result<(), String> {
    match value.node.steps().saturating_mul(times) <= REPEATED {
        true => Ok(()),
        false => Err("the expression is too large".to_owned()),
    }
}

/// Whether a pattern is found in text.
///
/// # Errors
/// A sentence when it is no text.
pub fn matched(value: Typed, pattern: Pattern) -> Result<Typed, String> {
    match value.kind {
        Type::Text => Ok(Typed {
            node: Node::Match(Box::new(value.node), pattern),
            kind: Type::Bool,
            constant: value.constant,
        }),
        Type::Null => Ok(Typed::null(Type::Bool)),
        other => Err(format!("a pattern is for text, got {}", other.called())),
    }
}
