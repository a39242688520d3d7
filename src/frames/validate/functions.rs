//! The functions of expressions: which there are, what they take and what they give.
#![forbid(unsafe_code)]

use super::duration::{DAY, SECOND};
use super::operators::{arithmetic, matched, may_repeat};
use super::pattern::Pattern;
use super::plan::{Change, Domain, Node, Op, Part, Place, Rounding};
use super::rules::fields::nearest;
use super::typing::Typed;
use super::unify::{real, scaled, unify};
use super::vector::Type;

/// Every function, with how it is called.
const FUNCTIONS: [(&str, &str); 29] = [
    ("abs", "abs(number)"),
    ("ceil", "ceil(number)"),
    ("coalesce", "coalesce(value, value, ...)"),
    ("contains", "contains(text, part)"),
    ("date", "date(timestamp)"),
    ("date_diff", "date_diff('day', from, to)"),
    ("day", "day(date)"),
    ("ends_with", "ends_with(text, part)"),
    ("floor", "floor(number)"),
    ("hour", "hour(timestamp)"),
    ("is_missing", "is_missing(value)"),
    ("length", "length(text)"),
    ("lower", "lower(text)"),
    ("matches", "matches(text, 'pattern')"),
    ("max", "max(value, value, ...)"),
    ("min", "min(value, value, ...)"),
    ("minute", "minute(timestamp)"),
    ("month", "month(date)"),
    ("now", "now()"),
    ("quarter", "quarter(date)"),
    ("round", "round(number, digits)"),
    ("second", "second(timestamp)"),
    ("starts_with", "starts_with(text, part)"),
    ("today", "today()"),
    ("trim", "trim(text)"),
    ("upper", "upper(text)"),
    ("weekday", "weekday(date)"),
    ("year", "year(date)"),
    ("yesterday", "yesterday()"),
];

/// The plan of a call.
///
/// # Errors
/// A sentence about a name that is none, or arguments that do not fit.
pub fn call(name: &str, arguments: Vec<Typed>, now: i128) -> Result<Typed, String> {
    let Some((_, usage)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else {
        let hint = nearest(name, FUNCTIONS.iter().map(|(known, _)| *known));
        let known: Vec<&str> = FUNCTIONS.iter().map(|(known, _)| *known).collect();
        let hint = if hint.is_empty() { format!("; there are {}", known.join(", ")) } else { hint };
        return Err(format!("{name} is no function{hint}"));
    };
    let count = arguments.len();
    let constant = arguments.iter().all(|argument| argument.constant);
    let kinds: Vec<&str> = arguments.iter().map(|argument| argument.kind.called()).collect();
    let refuse = || match kinds.is_empty() {
        true => Err(format!("{name} is called as {usage}")),
        false => Err(format!("{name} is called as {usage}, not with {}", kinds.join(", "))),
    };
    let made = |node: Node, kind: Type| Ok(Typed { node, kind, constant });
    let mut given = arguments.into_iter();
    let mut next = || given.next().unwrap_or_else(|| Typed::null(Type::Null));
    let boxed = |value: Typed| Box::new(value.node);
    let missing = |kind: Type| Ok(Typed::null(kind));
    match (name, count) {
        ("now", 0) => Ok(Typed::constant(Node::Int(now), Type::Stamp(SECOND as i64))),
        ("today" | "yesterday", 0) => {
            let today = now.div_euclid(DAY * SECOND);
            Ok(Typed::constant(Node::Int(today - i128::from(name == "yesterday")), Type::Date))
        }
        ("is_missing", 1) => made(Node::IsNull(boxed(next())), Type::Bool),
        ("length", 1) => {
            let value = next();
            match value.kind {
                Type::Text | Type::Binary => {
                    made(Node::Length(Box::new(value.node), value.kind == Type::Text), Type::Int)
                }
                Type::List => made(value.node, Type::Int),
                Type::Null => missing(Type::Int),
                _ => refuse(),
            }
        }
        ("lower" | "upper" | "trim", 1) => {
            let value = next();
            let change = match name {
                "lower" => Change::Lower,
                "upper" => Change::Upper,
                _ => Change::Trim,
            };
            match value.kind {
                Type::Text => made(Node::Change(change, boxed(value)), Type::Text),
                Type::Null => missing(Type::Text),
                _ => refuse(),
            }
        }
        ("contains" | "starts_with" | "ends_with", 2) => {
            let (text, part) = (next(), next());
            let place = match name {
                "contains" => Place::Inside,
                "starts_with" => Place::Start,
                _ => Place::End,
            };
            match (text.kind, part.kind) {
                (Type::Text, Type::Text) => made(Node::Holds(place, boxed(text), boxed(part)), Type::Bool),
                (Type::Null, Type::Text | Type::Null) | (Type::Text, Type::Null) => missing(Type::Bool),
                _ => refuse(),
            }
        }
        ("matches", 2) => {
            let (text, pattern) = (next(), next());
            match (text.kind, pattern.node) {
                (Type::Text | Type::Null, Node::Text(pattern)) => {
                    let pattern = String::from_utf8_lossy(&pattern);
                    let pattern = Pattern::regex(&pattern, false)
                        .map_err(|why| format!("{pattern:?} is no regular expression: {why}"))?;
                    matched(text, pattern)
                }
                _ => refuse(),
            }
        }
        ("coalesce" | "min" | "max", 1..) => {
            let mut values: Vec<Typed> = vec![next()];
            for _ in 1..count {
                values.push(next());
            }
            let values = alike(values)?;
            let kind = values[0].kind;
            match kind {
                Type::List | Type::Other => return refuse(),
                Type::Bool if name != "coalesce" => return refuse(),
                Type::Null => return missing(Type::Null),
                _ => {}
            }
            let nodes = values.into_iter().map(|value| value.node).collect();
            match name {
                "coalesce" => made(Node::Coalesce(nodes), kind),
                _ => made(Node::Extreme(Domain::of(kind), name == "max", nodes), kind),
            }
        }
        ("abs", 1) => {
            let value = next();
            match value.kind {
                Type::Int | Type::Decimal(_) | Type::Float | Type::Span(_) => {
                    let zero = match value.kind {
                        Type::Float => Typed::constant(Node::Float(0.0), Type::Float),
                        kind => Typed::constant(Node::Int(0), kind),
                    };
                    let kind = value.kind;
                    may_repeat(&value, 2)?;
                    let negative = arithmetic("-", zero, value.clone())?;
                    made(Node::Extreme(Domain::of(kind), true, vec![value.node, negative.node]), kind)
                }
                Type::Null => missing(Type::Null),
                _ => refuse(),
            }
        }
        ("round", 1 | 2) | ("floor" | "ceil", 1) => {
            let (value, digits) = (next(), next());
            let rounding = match name {
                "round" => Rounding::Nearest,
                "floor" => Rounding::Down,
                _ => Rounding::Up,
            };
            let digits = match (count, digits.node) {
                (1, _) => 0,
                (_, Node::Int(digits @ -30..=30)) => digits as i32,
                _ => return Err("round takes a constant number of digits in -30..=30".to_owned()),
            };
            match value.kind {
                Type::Float => made(Node::RoundFloats(rounding, digits, boxed(value)), Type::Float),
                Type::Int | Type::Decimal(_) => {
                    let scale = if let Type::Decimal(scale) = value.kind { scale as i32 } else { 0 };
                    let kind = value.kind;
                    let places = scale - digits; // digits to be made zero
                    match places {
                        ..=0 => Ok(value),
                        1..=37 => {
                            made(Node::RoundInts(rounding, 10_i128.pow(places as u32), boxed(value)), kind)
                        }
                        _ => made(Node::Ints(Op::Mul, boxed(value), Box::new(Node::Int(0))), kind),
                    }
                }
                Type::Null => missing(Type::Null),
                _ => refuse(),
            }
        }
        ("date", 1) => {
            let value = next();
            match value.kind {
                Type::Date | Type::Stamp(_) => Ok(days(value)),
                Type::Null => missing(Type::Date),
                _ => refuse(),
            }
        }
        ("year" | "month" | "day" | "weekday" | "quarter", 1) => {
            let value = next();
            match value.kind {
                Type::Date | Type::Stamp(_) => {}
                Type::Null => return missing(Type::Int),
                _ => return refuse(),
            }
            let part = |part: Part| Node::Part(part, Box::new(days(value.clone()).node));
            match name {
                "year" => made(part(Part::Year), Type::Int),
                "month" => made(part(Part::Month), Type::Int),
                "day" => made(part(Part::Day), Type::Int),
                "weekday" => made(part(Part::Weekday), Type::Int),
                _ => {
                    let later = Node::Ints(Op::Add, Box::new(part(Part::Month)), Box::new(Node::Int(2)));
                    made(Node::Floor(Box::new(later), 3), Type::Int)
                }
            }
        }
        ("hour" | "minute" | "second", 1) => {
            let value = next();
            let (seconds, most) = match name {
                "hour" => (3_600, 24),
                "minute" => (60, 60),
                _ => (1, 60),
            };
            match value.kind {
                Type::Stamp(unit) | Type::Time(unit) => {
                    let whole = Node::Floor(boxed(value), seconds * i128::from(unit));
                    made(Node::Ints(Op::Mod, Box::new(whole), Box::new(Node::Int(most))), Type::Int)
                }
                Type::Date => made(Node::Ints(Op::Mul, boxed(value), Box::new(Node::Int(0))), Type::Int),
                Type::Null => missing(Type::Int),
                _ => refuse(),
            }
        }
        ("date_diff", 3) => {
            let (unit, from, to) = (next(), next(), next());
            let Node::Text(unit) = unit.node else { return refuse() };
            match (from.kind, to.kind) {
                (Type::Null, _) | (_, Type::Null) => return missing(Type::Int),
                (Type::Date | Type::Stamp(_), Type::Date | Type::Stamp(_)) => {}
                _ => return refuse(),
            }
            let count = |value: Typed| -> Option<Node> {
                let days_of = |value: Typed| Box::new(days(value).node);
                Some(match unit.as_slice() {
                    b"year" => Node::Part(Part::Year, days_of(value)),
                    b"month" => Node::Part(Part::Months, days_of(value)),
                    b"quarter" => Node::Floor(Box::new(Node::Part(Part::Months, days_of(value))), 3),
                    // 1970-01-01 was a Thursday.
                    b"week" => {
                        let later = Node::Ints(Op::Add, days_of(value), Box::new(Node::Int(3)));
                        Node::Floor(Box::new(later), 7)
                    }
                    b"day" => *days_of(value),
                    b"hour" => in_seconds(value, 3_600),
                    b"minute" => in_seconds(value, 60),
                    b"second" => in_seconds(value, 1),
                    _ => return None,
                })
            };
            match (count(from), count(to)) {
                (Some(from), Some(to)) => made(Node::Ints(Op::Sub, Box::new(to), Box::new(from)), Type::Int),
                _ => Err(format!(
                    "date_diff counts in year, quarter, month, week, day, hour, minute or second, got {:?}",
                    String::from_utf8_lossy(&unit)
                )),
            }
        }
        _ => refuse(),
    }
}

/// The day of a date or a timestamp.
fn days(value: Typed) -> Typed {
    match value.kind {
        Type::Stamp(unit) => {
            let node = Node::Floor(Box::new(value.node), DAY * i128::from(unit));
            Typed { node, kind: Type::Date, constant: value.constant }
        }
        _ => value,
    }
}

/// Whole hours, minutes or seconds since 1970.
fn in_seconds(value: Typed, seconds: i128) -> Node {
    match value.kind {
        Type::Stamp(unit) => Node::Floor(Box::new(value.node), seconds * i128::from(unit)),
        _ => scaled(value, DAY / seconds, Type::Int).node,
    }
}

/// All of one type.
fn alike(values: Vec<Typed>) -> Result<Vec<Typed>, String> {
    let mut first = values[0].clone();
    if values.iter().any(|value| value.kind == Type::Float) {
        let number = |kind: Type| matches!(kind, Type::Int | Type::Decimal(_) | Type::Float | Type::Null);
        return match values.iter().find(|value| !number(value.kind)) {
            Some(other) => Err(format!("cannot combine a float and {}", other.kind.called())),
            None => Ok(values.into_iter().map(real).collect()),
        };
    }
    // Once to find the common type, once more to bring each to it.
    for value in &values[1..] {
        first = unify(first, value.clone(), "combine")?.0;
    }
    let model = Typed::null(first.kind);
    let mut all = Vec::with_capacity(values.len());
    for value in values {
        let (_, same) = unify(model.clone(), value, "combine")?;
        let same = match (same.kind, model.kind) {
            (Type::Int, Type::Decimal(scale)) => scaled(same, 10_i128.saturating_pow(scale), model.kind),
            (Type::Decimal(a), Type::Decimal(b)) => {
                scaled(same, 10_i128.saturating_pow(b.saturating_sub(a)), model.kind)
            }
            (Type::Date, Type::Stamp(unit)) => scaled(same, DAY * i128::from(unit), model.kind),
            (Type::Stamp(a), Type::Stamp(b))
            | (Type::Time(a), Type::Time(b))
            | (Type::Span(a), Type::Span(b)) => scaled(same, i128::from(b / a), model.kind),
            (Type::Null, _) => model.clone(),
            _ => same,
        };
        all.push(same);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::FUNCTIONS;

    #[test]
    fn the_table_is_in_order() {
        assert!(FUNCTIONS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
