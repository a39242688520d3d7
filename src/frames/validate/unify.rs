//! What must be converted so that two values agree.
#![forbid(unsafe_code)]

use super::duration::{self, DAY};
use super::plan::{Domain, Node};
use super::typing::{Typed, temporal};
use super::vector::Type;
use crate::frames::profile::numbers::wide_to_f64;
use arrow_buffer::i256;

/// Most powers of ten that 128 bits hold.
const TENS: u32 = 38;

/// Whether values of a type are numbers.
pub fn is_number(kind: Type) -> bool {
    matches!(kind, Type::Int | Type::Decimal(_) | Type::Float)
}

/// A value as a float.
pub fn real(value: Typed) -> Typed {
    let constant = value.constant;
    let node = match value.kind {
        Type::Float => value.node,
        Type::Null => Node::Null(Domain::Floats),
        Type::Decimal(scale) => match value.node {
            // From its digits, so that 0.1 is the float that 0.1 is everywhere.
            Node::Huge(digits) => Node::Float(format!("{digits}e-{scale}").parse().unwrap_or(f64::NAN)),
            Node::Int(digits) => Node::Float(format!("{digits}e-{scale}").parse().unwrap_or(f64::NAN)),
            node => Node::Real(Box::new(node), 10_f64.powi(scale as i32)),
        },
        _ => match value.node {
            Node::Int(value) => Node::Float(value as f64),
            Node::Huge(value) => Node::Float(wide_to_f64(value)),
            node => Node::Real(Box::new(node), 1.0),
        },
    };
    Typed { node, kind: Type::Float, constant }
}

/// A value of integers times a factor, and of the type that makes it.
pub fn scaled(value: Typed, factor: i128, kind: Type) -> Typed {
    let node = match value.node {
        node if factor == 1 => node,
        Node::Int(value) => match value.checked_mul(factor) {
            Some(product) => Node::Int(product),
            None => Node::Huge(i256::from_i128(value).wrapping_mul(i256::from_i128(factor))), // always fits
        },
        Node::Huge(value) => match value.checked_mul(i256::from_i128(factor)) {
            Some(product) => Node::Huge(product),
            None => Node::Scale(Box::new(Node::Huge(value)), factor), // an error if ever it is looked at
        },
        Node::Null(domain) => Node::Null(domain),
        node => Node::Scale(Box::new(node), factor),
    };
    Typed { node, kind, constant: value.constant }
}

/// Text that stands where a date or a time is meant.
pub fn as_meant(value: Typed, other: Type) -> Result<Typed, String> {
    let kind = match other {
        Type::Date | Type::Stamp(_) => "timestamp",
        Type::Time(_) => "time",
        Type::Span(_) => "interval",
        _ => return Ok(value),
    };
    match (&value.node, value.kind) {
        (Node::Text(text), Type::Text) => {
            let text = String::from_utf8_lossy(text);
            match duration::date(&text) {
                Some(days) if kind == "timestamp" => Ok(Typed::constant(Node::Int(days), Type::Date)),
                _ => temporal(kind, &text),
            }
        }
        _ => Ok(value),
    }
}

/// Both of one type, or a sentence saying why they cannot be. Integers and floats stay apart.
///
/// # Errors
/// A sentence with `doing`, such as "compare".
pub fn unify(one: Typed, other: Typed, doing: &str) -> Result<(Typed, Typed), String> {
    let (one, other) = (as_meant(one.clone(), other.kind)?, as_meant(other, one.kind)?);
    let finer = |a: i64, b: i64| a.max(b);
    let to = |value: Typed, from: i64, unit: i64, kind: Type| scaled(value, i128::from(unit / from), kind);
    let rescaled = |value: Typed, from: u32, scale: u32| {
        let kind = Type::Decimal(scale);
        let (steps, rest) = ((scale - from) / TENS, (scale - from) % TENS);
        let tens = (0..steps).fold(value, |value, _| scaled(value, 10_i128.pow(TENS), kind));
        scaled(tens, 10_i128.pow(rest), kind)
    };
    Ok(match (one.kind, other.kind) {
        (Type::Null, kind) => (Typed::null(kind), other),
        (kind, Type::Null) => (one, Typed::null(kind)),
        (a, b) if a == b => (one, other),
        (Type::Int, Type::Decimal(scale)) => (rescaled(one, 0, scale), other),
        (Type::Decimal(scale), Type::Int) => (one, rescaled(other, 0, scale)),
        (Type::Decimal(a), Type::Decimal(b)) => (rescaled(one, a, a.max(b)), rescaled(other, b, a.max(b))),
        (Type::Decimal(_), Type::Float) => (real(one), other),
        (Type::Float, Type::Decimal(_)) => (one, real(other)),
        (Type::Int, Type::Float) | (Type::Float, Type::Int) => (one, other),
        (Type::Date, Type::Stamp(unit)) => (scaled(one, DAY * i128::from(unit), other.kind), other),
        (Type::Stamp(unit), Type::Date) => {
            let kind = one.kind;
            (one, scaled(other, DAY * i128::from(unit), kind))
        }
        (Type::Stamp(a), Type::Stamp(b)) => {
            let kind = Type::Stamp(finer(a, b));
            (to(one, a, finer(a, b), kind), to(other, b, finer(a, b), kind))
        }
        (Type::Time(a), Type::Time(b)) => {
            let kind = Type::Time(finer(a, b));
            (to(one, a, finer(a, b), kind), to(other, b, finer(a, b), kind))
        }
        (Type::Span(a), Type::Span(b)) => {
            let kind = Type::Span(finer(a, b));
            (to(one, a, finer(a, b), kind), to(other, b, finer(a, b), kind))
        }
        (a, b) => return Err(format!("cannot {doing} {} and {}", a.called(), b.called())),
    })
}
