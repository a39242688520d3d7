//! Rules about single values, as conditions: a range is two comparisons, a set is `in`.
#![forbid(unsafe_code)]

use super::ast::{Ast, Term};
use super::rules::{Kind, Rule, Scalar};
use super::typing::{self, Scope};
use super::vector::Type;

/// The condition a rule stands for.
///
/// # Errors
/// A sentence about a column that is not there, or a value that does not fit it.
pub fn condition(rule: &Rule, scope: &Scope<'_>) -> Result<Ast, String> {
    let column = |name: &str| Ast::of(Term::Column(name.to_owned()));
    let compare = |sign: &'static str, one: Ast, other: Ast| {
        Ast::of(Term::Compare(sign, Box::new(one), Box::new(other)))
    };
    let whole = |value: u64| Ast::of(Term::Number(value.to_string()));
    Ok(match &rule.kind {
        Kind::NotNull { columns } => {
            let mut tests = Vec::new();
            for name in columns {
                scope.column(name)?;
                tests.push(Ast::of(Term::Not(Box::new(Ast::of(Term::IsNull(Box::new(column(name))))))));
            }
            Ast::of(Term::And(tests))
        }
        Kind::Range { column: name, min, max, above, below } => {
            let (_, kind) = scope.column(name)?;
            if matches!(kind, Type::Bool | Type::Binary | Type::List | Type::Other) {
                return Err(format!("column {name:?} is {}, which has no range", kind.called()));
            }
            let mut tests = Vec::new();
            for (what, bound, sign) in
                [("min", min, if *above { ">" } else { ">=" }), ("max", max, if *below { "<" } else { "<=" })]
            {
                if let Some(bound) = bound {
                    tests.push(compare(sign, column(name), literal(bound, kind, name, what)?));
                }
            }
            Ast::of(Term::And(tests))
        }
        Kind::Length { column: name, min, max } => {
            let (_, kind) = scope.column(name)?;
            if !matches!(kind, Type::Text | Type::Binary | Type::List | Type::Null) {
                return Err(format!("column {name:?} is {}, which has no length", kind.called()));
            }
            let length = || Ast::of(Term::Call("length".to_owned(), vec![column(name)]));
            let mut tests = Vec::new();
            if let Some(min) = min {
                tests.push(compare(">=", length(), whole(*min)));
            }
            if let Some(max) = max {
                tests.push(compare("<=", length(), whole(*max)));
            }
            Ast::of(Term::And(tests))
        }
        Kind::Regex { column: name, pattern } => {
            let (_, kind) = scope.column(name)?;
            if !matches!(kind, Type::Text | Type::Null) {
                return Err(format!("column {name:?} is {}, and a pattern is for text", kind.called()));
            }
            Ast::of(Term::Matches(Box::new(column(name)), pattern.clone()))
        }
        Kind::InSet { column: name, values, negated } => {
            let (_, kind) = scope.column(name)?;
            let items = values
                .iter()
                .enumerate()
                .map(|(index, value)| literal(value, kind, name, &format!("values[{index}]")))
                .collect::<Result<_, _>>()?;
            let test = Ast::of(Term::In(Box::new(column(name)), items));
            if *negated { Ast::of(Term::Not(Box::new(test))) } else { test }
        }
        _ => return Err("it is no condition on values".to_owned()),
    })
}

/// A value of a rule as it is meant for a column of this type.
fn literal(value: &Scalar, kind: Type, column: &str, what: &str) -> Result<Ast, String> {
    let shown = || value.json().to_string();
    let must = |wanted: &str| {
        Err(format!(
            "{what} must be {wanted} for column {column:?}, which is {}, got {}",
            kind.called(),
            shown()
        ))
    };
    let temporal = |name: &'static str, wanted: &str| match value {
        Scalar::Text(text) if typing::temporal(name, text).is_ok() => {
            Ok(Ast::of(Term::Temporal(name, text.clone())))
        }
        _ => must(wanted),
    };
    match kind {
        Type::Int | Type::Decimal(_) | Type::Float => match value {
            Scalar::Whole(value) => Ok(Ast::of(Term::Number(value.to_string()))),
            // Digits would be an integer, which from 2^53 on need not be this float.
            Scalar::Real(value) if kind == Type::Float => Ok(Ast::of(Term::Number(format!("{value:e}")))),
            Scalar::Real(value) => Ok(Ast::of(Term::Number(written(*value)))),
            Scalar::Text(text) if is_number(text) => Ok(Ast::of(Term::Number(text.trim().to_owned()))),
            _ => must("a number"),
        },
        Type::Text => match value {
            Scalar::Text(text) => Ok(Ast::of(Term::Text(text.clone()))),
            _ => must("text"),
        },
        Type::Bool => match value {
            Scalar::Bool(value) => Ok(Ast::of(Term::Bool(*value))),
            _ => must("true or false"),
        },
        Type::Date => match value {
            Scalar::Text(text) if typing::temporal("date", text).is_ok() => {
                Ok(Ast::of(Term::Temporal("date", text.clone())))
            }
            _ => temporal("timestamp", "a date such as \"2024-01-31\""),
        },
        Type::Stamp(_) => temporal("timestamp", "a timestamp such as \"2024-01-31T12:30:00Z\""),
        Type::Time(_) => temporal("time", "a time such as \"12:30:00\""),
        Type::Span(_) => match value {
            Scalar::Whole(seconds) => Ok(Ast::of(Term::Temporal("interval", format!("{seconds}s")))),
            _ => temporal("interval", "a duration such as \"1h 30min\""),
        },
        Type::Null => Ok(Ast::of(Term::Null)),
        Type::Binary | Type::List | Type::Other => {
            Err(format!("column {column:?} is {}, of which values are not compared", kind.called()))
        }
    }
}

/// Whether a text is a number as an expression has it, sign included.
fn is_number(text: &str) -> bool {
    let digits = text.trim();
    let unsigned = digits.strip_prefix('-').unwrap_or(digits);
    unsigned.starts_with(|c: char| c.is_ascii_digit())
        && unsigned.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'))
        && typing::number(digits).is_ok()
}

/// The shortest decimal that reads back as this float.
fn written(value: f64) -> String {
    let text = format!("{value}");
    // Plain digits, so that a decimal column is compared exactly; very large and small ones stay floats.
    if text.len() <= 36 { text } else { format!("{value:e}") }
}
