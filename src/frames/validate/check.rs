//! A rule bound to the columns of a frame: what is looked at in a segment of rows, and what that says.
#![forbid(unsafe_code)]

use super::bits::{Bits, both, each, part};
use super::duration;
use super::evaluate::{BLOCK, certain, condition, evaluate};
use super::keys::{Keys, Recipe};
use super::order::{Owned, monotonic, owned};
use super::plan::{Comparison, Node};
use super::rules::{Kind, Rule};
use super::set::KeySet;
use super::typing::Scope;
use super::vector::Type;
use crate::error::Error;
use crate::frames::types::{kind, type_name};
use arrow_array::ArrayRef;
use arrow_schema::DataType;
use std::ops::Range;

/// What is asked of the rows.
pub enum Check {
    /// A condition is true.
    Condition(Node),
    /// Keys differ from one another.
    Unique(Recipe),
    /// Keys are in a set.
    Foreign(Recipe, References),
    /// Values follow one another; the comparison of one with the one before.
    Monotonic(Node, Comparison),
    /// Rows are counted.
    Count,
    /// The newest value, so many ticks a second.
    Newest(Node, i64),
    /// Known from the schema alone.
    Settled {
        /// Whether it holds.
        holds: bool,
        /// What is to be said.
        said: String,
        /// Whether the column has no type but null.
        is_null: bool,
    },
    /// A function of the caller's, given these columns.
    Custom(Vec<usize>),
}

/// The keys of another frame.
pub enum References {
    /// Numbers.
    Narrow(KeySet<u64>),
    /// Larger ones and hashes.
    Wide(KeySet<u128>),
}

/// What a segment of rows came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Rows the rule is about that have what it looks at.
    pub checked: u64,
    /// Rows the rule is about where something is missing.
    pub missing: u64,
    /// Rows that fail; none when none does.
    pub fails: Option<Bits>,
    /// What only later rows can tell.
    pub rest: Rest,
}

/// What is kept of a segment beyond its failing rows.
#[derive(Debug, Default)]
pub enum Rest {
    /// Nothing.
    #[default]
    Nothing,
    /// Keys, and which rows have one.
    Keys(Keys, Option<Bits>),
    /// The first value with its row, and the last.
    Edges(Option<(usize, Owned, Owned)>),
    /// The newest value.
    Newest(Option<i128>),
}

/// A rule ready to run.
pub struct Bound {
    /// The rows it is about.
    pub filter: Option<Node>,
    /// What is asked of them.
    pub check: Check,
}

/// What is wrong with a rule for this data.
pub fn refused(rule: &Rule, what: &str) -> Error {
    Error::Invalid(format!("{} ({}): {what}", rule.place, rule.kind.called()))
}

impl Bound {
    /// Binds a rule. `references` are the keys of the other frame, for a foreign key.
    ///
    /// # Errors
    /// [`Error::Invalid`] that names the rule's place and what does not fit.
    pub fn new(
        rule: &Rule,
        scope: &Scope<'_>,
        references: Option<(Recipe, References)>,
    ) -> Result<Self, Error> {
        let filter = match &rule.filter {
            None => None,
            Some(filter) => {
                let node = scope.condition(&filter.ast).map_err(|wrong| {
                    Error::Invalid(wrong.written(&format!("{}.where", rule.place), &filter.text))
                })?;
                Some(node)
            }
        };
        let check = match &rule.kind {
            Kind::Expression(expression) => {
                let node = scope.condition(&expression.ast).map_err(|wrong| {
                    Error::Invalid(wrong.written(&format!("{}.expression", rule.place), &expression.text))
                })?;
                Check::Condition(node)
            }
            Kind::ForeignKey { .. } => {
                let Some((recipe, references)) = references else {
                    return Err(refused(rule, "its frame was not given"));
                };
                Check::Foreign(recipe, references)
            }
            Kind::Unique { .. } => Check::Unique(recipe(rule, scope, &rule.columns())?),
            Kind::Monotonic { column, increasing, strict } => {
                let (index, kind) = scope.column(column).map_err(|what| refused(rule, &what))?;
                if matches!(kind, Type::Bool | Type::List | Type::Other) {
                    let what = format!("column {column:?} is {}, which has no order", kind.called());
                    return Err(refused(rule, &what));
                }
                let how = match (increasing, strict) {
                    (true, false) => Comparison::AtLeast,
                    (true, true) => Comparison::Greater,
                    (false, false) => Comparison::AtMost,
                    (false, true) => Comparison::Less,
                };
                Check::Monotonic(Node::Column(index), how)
            }
            Kind::Type { column, data_type } => Self::typed(scope, column, data_type),
            Kind::RowCount { .. } => Check::Count,
            Kind::Freshness { column, .. } => {
                let (index, kind) = scope.column(column).map_err(|what| refused(rule, &what))?;
                match kind {
                    Type::Stamp(unit) => Check::Newest(Node::Column(index), unit),
                    Type::Date => Check::Newest(Node::Scale(Box::new(Node::Column(index)), duration::DAY), 1),
                    Type::Null => Check::Newest(Node::Column(index), 1),
                    other => {
                        let what = format!(
                            "column {column:?} is {}, and freshness needs dates or timestamps",
                            other.called()
                        );
                        return Err(refused(rule, &what));
                    }
                }
            }
            Kind::Custom { columns } => {
                let all = || Ok((0..scope.schema.fields().len()).collect());
                let of = |name: &String| {
                    scope.column(name).map(|(index, _)| index).map_err(|what| refused(rule, &what))
                };
                Check::Custom(if columns.is_empty() { all() } else { columns.iter().map(of).collect() }?)
            }
            _ => {
                let ast = super::bind::condition(rule, scope).map_err(|what| refused(rule, &what))?;
                Check::Condition(scope.condition(&ast).map_err(|wrong| refused(rule, &wrong.what))?)
            }
        };
        Ok(Self { filter, check })
    }

    fn typed(scope: &Scope<'_>, column: &str, data_type: &str) -> Check {
        let found = scope.schema.fields().iter().find(|field| field.name() == column);
        match found {
            None => {
                let said = format!("column {column:?} is not there");
                Check::Settled { holds: false, said, is_null: false }
            }
            Some(field) => {
                let (exact, family) = (type_name(field.data_type()), kind(field.data_type()));
                let holds = data_type == exact || data_type == family;
                let said = format!("column {column:?} is {exact} ({family})");
                Check::Settled { holds, said, is_null: *field.data_type() == DataType::Null }
            }
        }
    }

    /// Looks at some rows of a batch.
    ///
    /// # Errors
    /// As [`evaluate`].
    pub fn look(&self, columns: &[ArrayRef], rows: Range<usize>) -> Result<Outcome, Error> {
        let selected = match &self.filter {
            None => None,
            Some(filter) => {
                let (truth, known) = condition(filter, columns, rows.clone())?;
                Some(certain(truth, known))
            }
        };
        let about = selected.as_ref().map_or(rows.len(), Bits::count) as u64;
        let counted = |having: Option<&Bits>| {
            let having = having.map_or(about, |having| having.count() as u64);
            (having, about - having.min(about))
        };
        let some = |fails: Bits| fails.any().then_some(fails);
        Ok(match &self.check {
            Check::Condition(node) => {
                let (truth, known) = condition(node, columns, rows)?;
                let looked = both(selected, known);
                let (checked, missing) = counted(looked.as_ref());
                let mut fails = truth;
                fails.invert();
                if let Some(looked) = &looked {
                    fails.and(looked);
                }
                Outcome { checked, missing, fails: some(fails), rest: Rest::Nothing }
            }
            Check::Unique(recipe) => {
                let (keys, having) = recipe.keys(columns, rows, selected.as_ref())?;
                let (checked, missing) = counted(having.as_ref());
                Outcome { checked, missing, fails: None, rest: Rest::Keys(keys, having) }
            }
            Check::Foreign(recipe, references) => {
                let len = rows.len();
                let (keys, having) = recipe.keys(columns, rows, selected.as_ref())?;
                let (checked, missing) = counted(having.as_ref());
                let found = match (&keys, references) {
                    (Keys::Narrow(keys), References::Narrow(set)) => {
                        Bits::from_fn(keys.len(), |at| !set.has(keys[at]))
                    }
                    (Keys::Wide(keys), References::Wide(set)) => {
                        Bits::from_fn(keys.len(), |at| !set.has(keys[at]))
                    }
                    (Keys::Narrow(keys), References::Wide(set)) => {
                        Bits::from_fn(keys.len(), |at| !set.has(i128::from(keys[at] as i64) as u128))
                    }
                    (Keys::Wide(keys), References::Narrow(_)) => Bits::ones(keys.len()),
                };
                let fails = match having {
                    None => found,
                    Some(having) => {
                        let (mut fails, mut next) = (Bits::zeros(len), 0);
                        having.each(|at| {
                            if found.get(next) {
                                fails.set(at);
                            }
                            next += 1;
                            true
                        });
                        fails
                    }
                };
                Outcome { checked, missing, fails: some(fails), rest: Rest::Nothing }
            }
            Check::Monotonic(node, how) => monotonic(node, *how, columns, rows, selected.as_ref(), about)?,
            Check::Newest(node, _) => {
                let (mut newest, mut checked, mut start) = (None, 0, rows.start);
                while start < rows.end {
                    let end = rows.end.min(start + BLOCK);
                    let value = evaluate(node, columns, start..end)?;
                    let here = both(value.known(), part(selected.as_ref(), start - rows.start, end - start));
                    each(here.as_ref(), end - start, |at| {
                        checked += 1;
                        if let Some(Owned::Int(tick)) = owned(&value, at) {
                            newest = newest.max(Some(tick));
                        }
                    });
                    start = end;
                }
                Outcome { checked, missing: about - checked, fails: None, rest: Rest::Newest(newest) }
            }
            Check::Count => Outcome { checked: about, ..Outcome::default() },
            Check::Settled { .. } | Check::Custom(_) => Outcome::default(),
        })
    }

    /// The rows of a batch that a custom rule is about.
    ///
    /// # Errors
    /// As [`evaluate`].
    pub fn selected(&self, columns: &[ArrayRef], rows: Range<usize>) -> Result<Option<Bits>, Error> {
        let Some(filter) = &self.filter else { return Ok(None) };
        let (truth, known) = condition(filter, columns, rows)?;
        Ok(Some(certain(truth, known)))
    }
}

/// How rows of these columns become keys.
pub fn recipe(rule: &Rule, scope: &Scope<'_>, names: &[String]) -> Result<Recipe, Error> {
    let mut parts = Vec::new();
    let mut narrow = names.len() == 1;
    for name in names {
        let (index, kind) = scope.column(name).map_err(|what| refused(rule, &what))?;
        if matches!(kind, Type::List | Type::Other) {
            let what = format!("column {name:?} is {}, of which values are not compared", kind.called());
            return Err(refused(rule, &what));
        }
        let leaf = crate::frames::pick::leaf_type(scope.schema.field(index).data_type());
        narrow &= super::keys::is_narrow(kind, *leaf == DataType::UInt64);
        parts.push(Node::Column(index));
    }
    Ok(Recipe { parts, narrow })
}
