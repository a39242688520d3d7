//! Rules as people mean them: what each asks for, of which rows, and how strictly.
#![forbid(unsafe_code)]

pub mod fields;
pub mod read;
pub mod write;

use super::ast::Ast;
use super::pattern::Pattern;

/// Some rules, each known to make sense by itself.
#[derive(Clone, Debug)]
pub struct Rules(pub Vec<Rule>);

/// One rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What it asks for.
    pub kind: Kind,
    /// What the user calls it.
    pub name: Option<String>,
    /// The rows it is about; all when there is none.
    pub filter: Option<Expression>,
    /// The share of rows that must pass.
    pub mostly: f64,
    /// Whether failing is an error rather than a warning.
    pub is_error: bool,
    /// Where it was written, as errors say it: `rules.toml line 12: rules[3]`.
    pub place: String,
}

/// An expression, read.
#[derive(Clone, Debug)]
pub struct Expression {
    /// As written.
    pub text: String,
    /// As read.
    pub ast: Ast,
}

/// A value in a rule: a bound, or a member of a set.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// A truth value.
    Bool(bool),
    /// An integer.
    Whole(i128),
    /// Another finite number.
    Real(f64),
    /// Text; for columns of dates, times and decimals, how they are written.
    Text(String),
}

/// What a rule asks for.
#[derive(Clone, Debug)]
pub enum Kind {
    /// No value is missing.
    NotNull {
        /// Columns, all of them.
        columns: Vec<String>,
    },
    /// No two rows have the same values.
    Unique {
        /// Columns that are compared together.
        columns: Vec<String>,
        /// Columns of the groups inside which values must differ.
        within: Vec<String>,
    },
    /// Values lie between two bounds.
    Range {
        /// The column.
        column: String,
        /// Lower bound.
        min: Option<Scalar>,
        /// Upper bound.
        max: Option<Scalar>,
        /// Whether the lower bound itself fails.
        above: bool,
        /// Whether the upper bound itself fails.
        below: bool,
    },
    /// Characters of text, bytes of binary, items of lists.
    Length {
        /// The column.
        column: String,
        /// Shortest.
        min: Option<u64>,
        /// Longest.
        max: Option<u64>,
    },
    /// A pattern is found in the text.
    Regex {
        /// The column.
        column: String,
        /// The pattern.
        pattern: Pattern,
    },
    /// Values are of a set, or not of it.
    InSet {
        /// The column.
        column: String,
        /// The set.
        values: Vec<Scalar>,
        /// Whether they must not be.
        negated: bool,
    },
    /// Values are found in another frame.
    ForeignKey {
        /// Columns of the data.
        columns: Vec<String>,
        /// Name of the other frame.
        frame: String,
        /// Columns of the other frame.
        references: Vec<String>,
    },
    /// Every value follows the one before.
    Monotonic {
        /// The column.
        column: String,
        /// Whether values rise.
        increasing: bool,
        /// Whether equal neighbours fail.
        strict: bool,
    },
    /// The column is there and has a type.
    Type {
        /// The column.
        column: String,
        /// Arrow's name of the type, or of its family.
        data_type: String,
    },
    /// The number of rows.
    RowCount {
        /// Fewest.
        min: Option<u64>,
        /// Most.
        max: Option<u64>,
    },
    /// The newest value is recent.
    Freshness {
        /// The column.
        column: String,
        /// Nanoseconds it may be old.
        within: i128,
        /// Nanoseconds since 1970 that stand for now.
        now: Option<i128>,
    },
    /// An expression is true.
    Expression(Expression),
    /// A function of the caller's says so.
    Custom {
        /// Columns it is given; all when there are none.
        columns: Vec<String>,
    },
}

impl Rules {
    /// Names of the columns that all rules together look at, each once; none when a function may look at any.
    pub fn reads(&self) -> Option<Vec<String>> {
        let mut found: Vec<String> = Vec::new();
        for rule in &self.0 {
            if matches!(&rule.kind, Kind::Custom { columns } if columns.is_empty()) {
                return None;
            }
            for name in rule.reads() {
                if !found.contains(&name) {
                    found.push(name);
                }
            }
        }
        Some(found)
    }
}

impl Kind {
    /// The word in `rule =`.
    pub fn called(&self) -> &'static str {
        match self {
            Self::NotNull { .. } => "not_null",
            Self::Unique { .. } => "unique",
            Self::Range { .. } => "range",
            Self::Length { .. } => "length",
            Self::Regex { .. } => "regex",
            Self::InSet { negated: false, .. } => "in_set",
            Self::InSet { negated: true, .. } => "not_in_set",
            Self::ForeignKey { .. } => "foreign_key",
            Self::Monotonic { .. } => "monotonic",
            Self::Type { .. } => "type",
            Self::RowCount { .. } => "row_count",
            Self::Freshness { .. } => "freshness",
            Self::Expression(_) => "expression",
            Self::Custom { .. } => "custom",
        }
    }
}

impl Rule {
    /// The columns it looks at: those it is about and those that select the rows; no more of a function.
    pub fn reads(&self) -> impl Iterator<Item = String> + '_ {
        let filter = self.filter.iter().flat_map(|filter| filter.ast.columns());
        self.columns().into_iter().chain(filter)
    }

    /// The columns it is about.
    pub fn columns(&self) -> Vec<String> {
        match &self.kind {
            Kind::NotNull { columns } | Kind::Custom { columns } | Kind::ForeignKey { columns, .. } => {
                columns.clone()
            }
            Kind::Unique { columns, within } => [within.as_slice(), columns].concat(),
            Kind::Range { column, .. }
            | Kind::Length { column, .. }
            | Kind::Regex { column, .. }
            | Kind::InSet { column, .. }
            | Kind::Monotonic { column, .. }
            | Kind::Type { column, .. }
            | Kind::Freshness { column, .. } => vec![column.clone()],
            Kind::RowCount { .. } => Vec::new(),
            Kind::Expression(expression) => expression.ast.columns(),
        }
    }
}
