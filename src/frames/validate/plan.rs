//! An expression made ready to run: columns found, types agreed on, every conversion spelled out.
#![forbid(unsafe_code)]

use super::pattern::Pattern;
use super::set::{IntSet, TextSet};
use super::vector::Type;
use arrow_buffer::i256;

/// What to compute, in terms of the four kinds of vectors.
#[derive(Clone, Debug)]
pub enum Node {
    /// A column of the batch, by position.
    Column(usize),
    /// Nothing, of vectors of this kind.
    Null(Domain),
    /// A truth value.
    Bool(bool),
    /// An integer, or what counts as one.
    Int(i128),
    /// One that 128 bits do not hold.
    Huge(i256),
    /// A float.
    Float(f64),
    /// Text or binary.
    Text(Vec<u8>),
    /// Integers times a factor, as large as 256 bits go.
    Scale(Box<Node>, i128),
    /// Integers divided, rounded down.
    Floor(Box<Node>, i128),
    /// Integers as floats, divided.
    Real(Box<Node>, f64),
    /// Two integers make one.
    Ints(Op, Box<Node>, Box<Node>),
    /// Two floats make one.
    Floats(Op, Box<Node>, Box<Node>),
    /// Two values of one kind are compared.
    Compare(Comparison, Domain, Box<Node>, Box<Node>),
    /// An integer on the left is compared with a float, exactly.
    CompareReal(Comparison, Box<Node>, Box<Node>),
    /// All are true.
    And(Vec<Node>),
    /// One is true.
    Or(Vec<Node>),
    /// It is not true.
    Not(Box<Node>),
    /// It is missing.
    IsNull(Box<Node>),
    /// Integers of a list.
    InInts(Box<Node>, IntSet),
    /// Floats of a sorted list, by their bits.
    InFloats(Box<Node>, Vec<u64>),
    /// Text or binary of a set.
    InTexts(Box<Node>, TextSet),
    /// A pattern is found.
    Match(Box<Node>, Pattern),
    /// One text is somewhere in another.
    Holds(Place, Box<Node>, Box<Node>),
    /// Characters of text, or else bytes.
    Length(Box<Node>, bool),
    /// Text changed.
    Change(Change, Box<Node>),
    /// Two texts joined.
    Join(Box<Node>, Box<Node>),
    /// The first that is not missing.
    Coalesce(Vec<Node>),
    /// The smallest, or else largest, if none is missing.
    Extreme(Domain, bool, Vec<Node>),
    /// Floats rounded to so many digits.
    RoundFloats(Rounding, i32, Box<Node>),
    /// Integers rounded to multiples.
    RoundInts(Rounding, i128, Box<Node>),
    /// A part of a date given in days.
    Part(Part, Box<Node>),
}

impl Node {
    /// Number of nodes.
    pub fn steps(&self) -> usize {
        1 + match self {
            Self::Column(_)
            | Self::Null(_)
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Huge(_)
            | Self::Float(_)
            | Self::Text(_) => 0,
            Self::Scale(inner, _)
            | Self::Floor(inner, _)
            | Self::Real(inner, _)
            | Self::Not(inner)
            | Self::IsNull(inner)
            | Self::InInts(inner, _)
            | Self::InFloats(inner, _)
            | Self::InTexts(inner, _)
            | Self::Match(inner, _)
            | Self::Length(inner, _)
            | Self::Change(_, inner)
            | Self::RoundFloats(_, _, inner)
            | Self::RoundInts(_, _, inner)
            | Self::Part(_, inner) => inner.steps(),
            Self::Ints(_, one, other)
            | Self::Floats(_, one, other)
            | Self::Compare(_, _, one, other)
            | Self::CompareReal(_, one, other)
            | Self::Holds(_, one, other)
            | Self::Join(one, other) => one.steps() + other.steps(),
            Self::And(parts) | Self::Or(parts) | Self::Coalesce(parts) | Self::Extreme(_, _, parts) => {
                parts.iter().map(Self::steps).sum()
            }
        }
    }
}

/// Kinds of vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// Truth values.
    Bools,
    /// Integers and what counts as integers.
    Ints,
    /// Floats.
    Floats,
    /// Text and binary.
    Texts,
}

impl Domain {
    /// How values of a type are held.
    pub fn of(kind: Type) -> Self {
        match kind {
            Type::Bool => Self::Bools,
            Type::Float => Self::Floats,
            Type::Text | Type::Binary => Self::Texts,
            _ => Self::Ints,
        }
    }
}

/// Arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Sum.
    Add,
    /// Difference.
    Sub,
    /// Product.
    Mul,
    /// Quotient; of integers rounded down.
    Div,
    /// What a quotient that is rounded down leaves.
    Mod,
}

/// Comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

impl Comparison {
    /// The same with its sides exchanged.
    pub fn mirrored(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::AtMost => Self::AtLeast,
            Self::Greater => Self::Less,
            Self::AtLeast => Self::AtMost,
            same => same,
        }
    }
}

/// Where one text is to be found in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Anywhere.
    Inside,
    /// At the beginning.
    Start,
    /// At the end.
    End,
}

/// Changes of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Lower case.
    Lower,
    /// Upper case.
    Upper,
    /// Without white space around it.
    Trim,
}

/// Ways to round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest, halves away from zero.
    Nearest,
    /// Down.
    Down,
    /// Up.
    Up,
}

/// Parts of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Year.
    Year,
    /// Months since the year 0.
    Months,
    /// 1 to 12.
    Month,
    /// 1 to 31.
    Day,
    /// 1, Monday, to 7, Sunday.
    Weekday,
}
