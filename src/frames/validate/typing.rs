//! Which types an expression has, and what must be converted so that they agree.
#![forbid(unsafe_code)]

use super::ast::{Ast, Term};
use super::duration::{self, DAY, SECOND};
use super::evaluate;
use super::functions;
use super::lexer::Wrong;
use super::pattern::Pattern;
use super::plan::{Comparison, Domain, Node, Op};
use super::rules::fields::nearest;
use super::set::TextSet;
use super::vector::{Type, Vector};
use arrow_schema::Schema;

/// A plan and the type of what it makes.
#[derive(Clone, Debug)]
pub struct Typed {
    /// What to compute.
    pub node: Node,
    /// What comes out.
    pub kind: Type,
    /// Whether it is the same for every row.
    pub constant: bool,
}

/// What names stand for.
pub struct Scope<'s> {
    /// The columns.
    pub schema: &'s Schema,
    /// Nanoseconds since 1970 that `now()` gives.
    pub now: i128,
}

impl Typed {
    /// Something the same for every row.
    pub fn constant(node: Node, kind: Type) -> Self {
        Self { node, kind, constant: true }
    }

    /// Null of a type.
    pub fn null(kind: Type) -> Self {
        Self::constant(Node::Null(Domain::of(kind)), kind)
    }
}

impl Scope<'_> {
    /// The column of a name, with its type.
    ///
    /// # Errors
    /// A sentence about the columns there are, when none or several bear the name.
    pub fn column(&self, name: &str) -> Result<(usize, Type), String> {
        let fields = self.schema.fields();
        let mut found = fields.iter().enumerate().filter(|(_, field)| field.name() == name);
        match (found.next(), found.next()) {
            (Some((index, field)), None) => Ok((index, Type::of(field.data_type()))),
            (Some(_), Some(_)) => Err(format!("{name:?} is the name of several columns")),
            (None, _) => {
                let hint = nearest(name, fields.iter().map(|field| field.name().as_str()));
                let known: Vec<String> =
                    fields.iter().take(12).map(|field| format!("{:?}", field.name())).collect();
                let more = fields.len().saturating_sub(12);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                let hint = match hint.as_str() {
                    "" if fields.is_empty() => ", which has none".to_owned(),
                    "" => format!(", which has {}{more}", known.join(", ")),
                    hint => hint.to_owned(),
                };
                Err(format!("{name:?} is no column of data{hint}"))
            }
        }
    }

    /// The plan of a condition: a truth value, or null.
    ///
    /// # Errors
    /// What does not fit, and where.
    pub fn condition(&self, ast: &Ast) -> Result<Node, Wrong> {
        as_condition(self.typed(ast)?, ast.at).map(|typed| typed.node)
    }

    /// The plan of any expression.
    ///
    /// # Errors
    /// What does not fit, and where.
    pub fn typed(&self, ast: &Ast) -> Result<Typed, Wrong> {
        let typed = self.unfolded(ast)?;
        fold(typed).map_err(|what| Wrong { what, at: ast.at })
    }

    fn unfolded(&self, ast: &Ast) -> Result<Typed, Wrong> {
        let wrong = |what: String| Wrong { what, at: ast.at };
        Ok(match &ast.what {
            Term::Column(name) => {
                let (index, kind) = self.column(name).map_err(wrong)?;
                match kind {
                    Type::Null => Typed::null(Type::Null),
                    _ => Typed { node: Node::Column(index), kind, constant: false },
                }
            }
            Term::Null => Typed::null(Type::Null),
            Term::Bool(value) => Typed::constant(Node::Bool(*value), Type::Bool),
            Term::Number(digits) => number(digits).map_err(wrong)?,
            Term::Text(text) => Typed::constant(Node::Text(text.clone().into_bytes()), Type::Text),
            Term::Temporal(kind, text) => temporal(kind, text).map_err(wrong)?,
            Term::Negate(inner) => {
                let value = self.typed(inner)?;
                let zero = match value.kind {
                    Type::Float => Typed::constant(Node::Float(0.0), Type::Float),
                    Type::Span(unit) => Typed::constant(Node::Int(0), Type::Span(unit)),
                    _ => Typed::constant(Node::Int(0), Type::Int),
                };
                arithmetic("-", zero, value).map_err(wrong)?
            }
            Term::Not(inner) => {
                let inner = as_condition(self.typed(inner)?, inner.at)?; // typed once, or nesting would double the work
                Typed { node: Node::Not(Box::new(inner.node)), ..inner }
            }
            Term::And(items) | Term::Or(items) => {
                let parts = items.iter().map(|item| self.condition(item)).collect::<Result<Vec<_>, _>>()?;
                let is_and = matches!(ast.what, Term::And(_));
                Typed {
                    node: if is_and { Node::And(parts) } else { Node::Or(parts) },
                    kind: Type::Bool,
                    constant: false,
                }
            }
            Term::Arithmetic(sign, one, other) => {
                arithmetic(sign, self.typed(one)?, self.typed(other)?).map_err(wrong)?
            }
            Term::Compare(sign, one, other) => {
                compare(comparison(sign), self.typed(one)?, self.typed(other)?).map_err(wrong)?
            }
            Term::Between(value, low, high) => {
                let (value, low, high) = (self.typed(value)?, self.typed(low)?, self.typed(high)?);
                let constant = value.constant && low.constant && high.constant;
                may_repeat(&value, 2).map_err(wrong)?;
                let above = compare(Comparison::AtLeast, value.clone(), low).map_err(wrong)?;
                let below = compare(Comparison::AtMost, value, high).map_err(wrong)?;
                Typed { node: Node::And(vec![above.node, below.node]), kind: Type::Bool, constant }
            }
            Term::In(value, items) => {
                let items = items.iter().map(|item| self.typed(item)).collect::<Result<Vec<_>, _>>()?;
                member(self.typed(value)?, items).map_err(wrong)?
            }
            Term::IsNull(value) => {
                let value = self.typed(value)?;
                Typed { node: Node::IsNull(Box::new(value.node)), kind: Type::Bool, constant: value.constant }
            }
            Term::Like(value, pattern, folded) => {
                let value = self.typed(value)?;
                let pattern = Pattern::like(pattern, *folded)
                    .map_err(|why| wrong(format!("not a pattern of like: {why}")))?;
                matched(value, pattern).map_err(wrong)?
            }
            Term::Matches(value, pattern) => matched(self.typed(value)?, pattern.clone()).map_err(wrong)?,
            Term::Call(name, arguments) => {
                let values =
                    arguments.iter().map(|argument| self.typed(argument)).collect::<Result<Vec<_>, _>>()?;
                functions::call(name, values, self.now).map_err(wrong)?
            }
        })
    }
}

/// A truth value, or null of that type.
fn as_condition(typed: Typed, at: usize) -> Result<Typed, Wrong> {
    match typed.kind {
        Type::Bool => Ok(typed),
        Type::Null => Ok(Typed::null(Type::Bool)),
        other => Err(Wrong {
            what: format!("expected a condition, which is true or false, got {}", other.called()),
            at,
        }),
    }
}

/// The value of a constant, worked out once.
fn fold(typed: Typed) -> Result<Typed, String> {
    use Node::{Bool, Float, Int, Null, Text};
    if !typed.constant || matches!(typed.node, Null(_) | Bool(_) | Int(_) | Float(_) | Text(_)) {
        return Ok(typed);
    }
    let vector = evaluate::evaluate(&typed.node, &[], 0..1).map_err(|error| error.to_string())?;
    if vector.known().is_some_and(|known| !known.any()) {
        return Ok(Typed::null(typed.kind));
    }
    let node = match vector {
        Vector::Bools(truth, _) => Bool(truth.get(0)),
        Vector::Ints(values, _) => Int(values[0].into()),
        Vector::Wide(values, _) => Int(values[0]),
        Vector::Floats(values) => Float(values[0]),
        Vector::Texts(values, _) => Text(values[0].to_vec()),
    };
    Ok(Typed { node, ..typed })
}

/// A number as written: an integer, a decimal that keeps its digits, or with an exponent a float.
pub fn number(digits: &str) -> Result<Typed, String> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if !digits.contains(['e', 'E'])
        && let Ok(value) = format!("{whole}{fraction}").parse::<i128>()
        && fraction.len() <= 38
    {
        let kind = if fraction.is_empty() { Type::Int } else { Type::Decimal(fraction.len() as u32) };
        return Ok(Typed::constant(Node::Int(value), kind));
    }
    match digits.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Typed::constant(Node::Float(value), Type::Float)),
        _ => Err(format!("the number {digits} is too large")),
    }
}

/// A date, time, timestamp or duration as written.
pub fn temporal(kind: &str, text: &str) -> Result<Typed, String> {
    let (value, kind, example) = match kind {
        "date" => (duration::date(text), Type::Date, "a date such as '2024-01-31'"),
        "time" => (duration::time(text), Type::Time(SECOND as i64), "a time such as '12:30:00'"),
        "interval" => {
            (duration::parse(text), Type::Span(SECOND as i64), "a duration such as '1d' or '1h 30min'")
        }
        _ => {
            (duration::moment(text), Type::Stamp(SECOND as i64), "a timestamp such as '2024-01-31T12:30:00Z'")
        }
    };
    match value {
        Some(value) => Ok(Typed::constant(Node::Int(value), kind)),
        None => Err(format!("expected {example}, got {text:?}")),
    }
}

fn comparison(sign: &str) -> Comparison {
    match sign {
        "=" => Comparison::Equal,
        "<>" => Comparison::Unequal,
        "<" => Comparison::Less,
        "<=" => Comparison::AtMost,
        ">" => Comparison::Greater,
        _ => Comparison::AtLeast,
    }
}

fn is_number(kind: Type) -> bool {
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
            Node::Int(digits) => Node::Float(format!("{digits}e-{scale}").parse().unwrap_or(f64::NAN)),
            node => Node::Real(Box::new(node), 10_f64.powi(scale as i32)),
        },
        _ => match value.node {
            Node::Int(value) => Node::Float(value as f64),
            node => Node::Real(Box::new(node), 1.0),
        },
    };
    Typed { node, kind: Type::Float, constant }
}

/// A value of integers times a factor, and of the type that makes it.
pub fn scaled(value: Typed, factor: i128, kind: Type) -> Typed {
    let node = match value.node {
        node if factor == 1 => node,
        Node::Int(value) => Node::Int(value.saturating_mul(factor)),
        Node::Null(domain) => Node::Null(domain),
        node => Node::Scale(Box::new(node), factor),
    };
    Typed { node, kind, constant: value.constant }
}

/// Text that stands where a date or a time is meant.
fn as_meant(value: Typed, other: Type) -> Result<Typed, String> {
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
        scaled(value, 10_i128.saturating_pow(scale - from), Type::Decimal(scale))
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
fn mixed(how: Comparison, int: Typed, float: Typed) -> Node {
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
            let mut whole = Vec::new();
            let mut value = value;
            for item in items {
                // Floats among integers count where they are whole.
                let item = match item.node {
                    Node::Float(number)
                        if is_number(kind) && number.fract() == 0.0 && number.abs() < 1e37 =>
                    {
                        Typed::constant(Node::Int(number as i128), Type::Int)
                    }
                    Node::Float(number) if is_number(kind) => self::number(&number.to_string())?,
                    _ => item,
                };
                let before = value.kind;
                let (left, right) = unify(value, item, "compare")?;
                if left.kind != before {
                    // The value became finer, and with it those already there.
                    let factor = finer_by(before, left.kind);
                    whole.iter_mut().for_each(|known: &mut i128| *known = known.saturating_mul(factor));
                }
                if let Node::Int(number) = right.node {
                    whole.push(number);
                }
                value = left;
            }
            whole.sort_unstable();
            whole.dedup();
            Node::InInts(Box::new(value.node), whole)
        }
    };
    let node = match uncertain {
        true => Node::Or(vec![test, Node::Null(Domain::Bools)]),
        false => test,
    };
    Ok(Typed { node, kind: Type::Bool, constant })
}

/// How many of the later unit make one of the earlier.
fn finer_by(before: Type, after: Type) -> i128 {
    match (before, after) {
        (Type::Int, Type::Decimal(scale)) => 10_i128.saturating_pow(scale),
        (Type::Decimal(a), Type::Decimal(b)) => 10_i128.saturating_pow(b.saturating_sub(a)),
        (Type::Date, Type::Stamp(unit)) => DAY * i128::from(unit),
        (Type::Stamp(a), Type::Stamp(b))
        | (Type::Time(a), Type::Time(b))
        | (Type::Span(a), Type::Span(b)) => i128::from(b / a),
        _ => 1,
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
