//! Which types an expression has, and what its names stand for.
#![forbid(unsafe_code)]

use super::ast::{Ast, Term};
use super::duration::{self, SECOND};
use super::evaluate;
use super::functions;
use super::lexer::Wrong;
use super::membership::member;
use super::operators::{arithmetic, compare, matched, may_repeat};
use super::pattern::Pattern;
use super::plan::{Comparison, Domain, Node};
use super::rules::fields::nearest;
use super::vector::{Type, Vector};
use arrow_buffer::i256;
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
    use Node::{Bool, Float, Huge, Int, Null, Text};
    if !typed.constant || matches!(typed.node, Null(_) | Bool(_) | Int(_) | Huge(_) | Float(_) | Text(_)) {
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
        Vector::Huge(values, _) => Huge(values[0]),
        Vector::Floats(values) => Float(values[0]),
        Vector::Texts(values, _) => Text(values[0].to_vec()),
    };
    Ok(Typed { node, ..typed })
}

/// Most digits of a decimal.
const DIGITS: usize = 76;

/// A number as written: an integer, a decimal that keeps its digits, or with an exponent a float.
pub fn number(digits: &str) -> Result<Typed, String> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let kind = if fraction.is_empty() { Type::Int } else { Type::Decimal(fraction.len() as u32) };
    let all = format!("{whole}{fraction}");
    if !digits.contains(['e', 'E']) && all.len() <= 1 + DIGITS {
        if let Ok(value) = all.parse::<i128>() {
            return Ok(Typed::constant(Node::Int(value), kind));
        }
        if let Some(value) = i256::from_string(&all) {
            return Ok(Typed::constant(Node::Huge(value), kind));
        }
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
