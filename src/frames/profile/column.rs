//! What is kept of one column while its batches go by, and what it comes to in the end.
#![forbid(unsafe_code)]

mod feed;

use super::boolean::Booleans;
use super::decimal::Decimals;
use super::numbers::Numbers;
use super::numeric::{Reals, Wholes};
use super::runs::Order;
use super::tally::Tally;
use super::text::{Lengths, Texts};
use crate::frames::pick;
use crate::frames::temporal::Clock;
use arrow_schema::DataType;

/// What the values of a column are, as far as figures care; columns of one class merge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Class {
    /// Integers; unsigned ones of 64 bits apart, whose largest have no place among the signed.
    Whole {
        /// Whether they are unsigned and have 64 bits.
        unsigned: bool,
    },
    /// Dates, times and durations.
    Clock(Clock),
    /// Floating-point numbers.
    Real,
    /// Decimals of this scale.
    Decimal(i8),
    /// Text.
    Text,
    /// Binary data.
    Binary,
    /// Truth values.
    Boolean,
    /// Lists and maps.
    Lists,
    /// Structs, unions, intervals, nulls: rows and nulls are counted.
    Counted,
}

impl Class {
    /// The class of a type, dictionaries and runs seen through.
    pub fn of(data_type: &DataType) -> Self {
        let leaf = pick::leaf_type(data_type);
        match leaf {
            DataType::Float16 | DataType::Float32 | DataType::Float64 => Self::Real,
            DataType::Decimal32(_, scale)
            | DataType::Decimal64(_, scale)
            | DataType::Decimal128(_, scale)
            | DataType::Decimal256(_, scale) => Self::Decimal(*scale),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Self::Text,
            DataType::Binary
            | DataType::LargeBinary
            | DataType::BinaryView
            | DataType::FixedSizeBinary(_) => Self::Binary,
            DataType::Boolean => Self::Boolean,
            DataType::List(_)
            | DataType::LargeList(_)
            | DataType::ListView(_)
            | DataType::LargeListView(_)
            | DataType::FixedSizeList(..)
            | DataType::Map(..) => Self::Lists,
            _ if leaf.is_integer() => Self::Whole { unsigned: *leaf == DataType::UInt64 },
            _ => Clock::of(leaf).map_or(Self::Counted, Self::Clock),
        }
    }

    /// Whether Pearson's and Spearman's correlations are asked of it.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Whole { .. } | Self::Real | Self::Decimal(_) | Self::Boolean)
    }

    fn values(self) -> Values {
        match self {
            Self::Whole { unsigned } => Values::Wholes(Wholes::new(unsigned)),
            Self::Clock(_) => Values::Wholes(Wholes::new(false)),
            Self::Real => Values::Reals(Reals::default()),
            Self::Decimal(_) => Values::Decimals(Decimals::default()),
            Self::Text => Values::Texts(Texts::new(true)),
            Self::Binary => Values::Texts(Texts::new(false)),
            Self::Boolean => Values::Booleans(Booleans::default()),
            Self::Lists => Values::Lists(Lengths::default()),
            Self::Counted => Values::Counted,
        }
    }
}

/// Running summary of a column, or of a part of one.
#[derive(Clone, Debug)]
pub struct Column {
    /// What the values are.
    pub class: Class,
    /// What they came to.
    pub values: Values,
    /// Rows seen.
    pub rows: u64,
    /// Rows with a value, NaN among them.
    pub present: u64,
    /// Bytes the rows take as Arrow lays them out.
    pub memory: u64,
    /// What depends on the order of the rows; none once columns were merged in no order.
    pub order: Option<Order>,
    /// The order within each segment that was fed since [`Column::agree`], by its number.
    pieces: Vec<(usize, Order)>,
}

/// One summary for each kind of values.
#[derive(Clone, Debug)]
pub enum Values {
    /// Integers and times.
    Wholes(Wholes),
    /// Floating-point numbers.
    Reals(Reals),
    /// Decimals.
    Decimals(Decimals),
    /// Text and binary.
    Texts(Texts),
    /// Truth values.
    Booleans(Booleans),
    /// Lists and maps.
    Lists(Lengths),
    /// Structs, unions, intervals: rows and nulls are counted.
    Counted,
}

impl Column {
    /// An empty summary for columns of this class.
    pub fn new(class: Class) -> Self {
        let order = Some(Order::default());
        Self { class, values: class.values(), rows: 0, present: 0, memory: 0, order, pieces: Vec::new() }
    }

    /// What is kept of numbers, where they are.
    pub fn numbers(&self) -> Option<&Numbers> {
        match &self.values {
            Values::Wholes(wholes) => Some(&wholes.numbers),
            Values::Reals(reals) => Some(&reals.numbers),
            Values::Decimals(decimals) => Some(&decimals.numbers),
            _ => None,
        }
    }

    fn numbers_mut(&mut self) -> Option<&mut Numbers> {
        match &mut self.values {
            Values::Wholes(wholes) => Some(&mut wholes.numbers),
            Values::Reals(reals) => Some(&mut reals.numbers),
            Values::Decimals(decimals) => Some(&mut decimals.numbers),
            _ => None,
        }
    }

    /// Different values and their counts, where they are kept.
    pub fn tally(&self) -> Option<&Tally> {
        match &self.values {
            Values::Texts(texts) => Some(&texts.tally),
            _ => self.numbers().map(|numbers| &numbers.tally),
        }
    }

    /// Values, or hashes of them, that are kept one by one.
    pub fn kept(&self) -> usize {
        match &self.values {
            Values::Texts(texts) => texts.kept(),
            _ => self.numbers().map_or(0, Numbers::kept),
        }
    }

    /// Gives up values kept one by one for a sketch.
    pub fn condense(&mut self) {
        match &mut self.values {
            Values::Texts(texts) => texts.condense(),
            _ => {
                if let Some(numbers) = self.numbers_mut() {
                    numbers.condense();
                }
            }
        }
    }

    /// Takes in another part of the same column.
    pub fn join_part(&mut self, other: Self) {
        self.rows += other.rows;
        self.present += other.present;
        self.memory += other.memory;
        match (&mut self.values, other.values) {
            (Values::Wholes(ours), Values::Wholes(theirs)) => ours.join_part(theirs),
            (Values::Reals(ours), Values::Reals(theirs)) => ours.join_part(theirs),
            (Values::Decimals(ours), Values::Decimals(theirs)) => ours.join_part(theirs),
            (Values::Texts(ours), Values::Texts(theirs)) => ours.join_part(theirs),
            (Values::Booleans(ours), Values::Booleans(theirs)) => ours.merge(&theirs),
            (Values::Lists(ours), Values::Lists(theirs)) => ours.merge(&theirs),
            (ours, theirs) => debug_assert!(matches!((ours, theirs), (Values::Counted, Values::Counted))),
        }
    }

    /// Looks at the values kept while they are there; the column takes in no more rows after it.
    pub fn seal(&mut self) {
        let strictly = |order: &Order| order.monotonic().is_some_and(|way| way.starts_with("strictly"));
        let unique = self.order.as_ref().is_some_and(strictly);
        match &mut self.values {
            Values::Wholes(wholes) => wholes.seal(unique),
            Values::Reals(reals) => reals.seal(unique),
            Values::Decimals(decimals) => decimals.seal(unique),
            Values::Texts(texts) => texts.seal(unique),
            Values::Booleans(_) | Values::Lists(_) | Values::Counted => {}
        }
    }

    /// Takes in a column of the same class from elsewhere, whose rows follow when `ordered`.
    pub fn merge(&mut self, other: &Self, ordered: bool) {
        let text = self.by_text();
        self.order = match (self.order.take(), &other.order) {
            (Some(ours), Some(theirs)) if theirs.count == 0 => Some(ours),
            (Some(ours), Some(theirs)) if ours.count == 0 => Some(theirs.clone()),
            (Some(mut ours), Some(theirs)) if ordered => {
                ours.join(theirs, text);
                Some(ours)
            }
            _ => None,
        };
        self.rows += other.rows;
        self.present += other.present;
        self.memory += other.memory;
        match (&mut self.values, &other.values) {
            (Values::Wholes(ours), Values::Wholes(theirs)) => ours.merge(theirs),
            (Values::Reals(ours), Values::Reals(theirs)) => ours.merge(theirs),
            (Values::Decimals(ours), Values::Decimals(theirs)) => ours.merge(theirs),
            (Values::Texts(ours), Values::Texts(theirs)) => ours.merge(theirs),
            (Values::Booleans(ours), Values::Booleans(theirs)) => ours.merge(theirs),
            (Values::Lists(ours), Values::Lists(theirs)) => ours.merge(theirs),
            _ => debug_assert!(matches!((&self.values, &other.values), (Values::Counted, Values::Counted))),
        }
    }

    /// Lets the parts of a column know of each other after every window.
    ///
    /// Once one of them has had to stop counting all values, the others do, too: the whole has at least as many
    /// different values as any part, so this changes no result; it spares every part the slow filling of its own
    /// table. What depends on the order of rows goes to the first part, in order.
    pub fn agree(parts: &mut [Self]) {
        if parts.iter().any(|part| part.tally().is_some_and(|tally| !tally.is_exact())) {
            for part in parts.iter_mut() {
                match &mut part.values {
                    Values::Texts(texts) => {
                        texts.spill();
                        texts.doubt();
                    }
                    _ => {
                        if let Some(numbers) = part.numbers_mut() {
                            numbers.spill(usize::MAX);
                        }
                    }
                }
            }
        }
        let mut pieces: Vec<(usize, Order)> =
            parts.iter_mut().flat_map(|part| std::mem::take(&mut part.pieces)).collect();
        pieces.sort_unstable_by_key(|(segment, _)| *segment);
        let text = parts[0].by_text();
        if let Some(order) = &mut parts[0].order {
            pieces.iter().for_each(|(_, piece)| order.join(piece, text));
        }
    }

    /// Whether every row has a value and no value came twice, of a column that is too large to count.
    pub fn is_key(&self) -> bool {
        let unique = match &self.values {
            Values::Texts(texts) => texts.unique,
            _ => self.numbers().and_then(|numbers| numbers.exact.as_ref()).and_then(|exact| exact.unique),
        };
        unique == Some(true) && self.count() == self.rows
    }

    /// Values that are neither null nor NaN.
    pub fn count(&self) -> u64 {
        match &self.values {
            Values::Reals(reals) => reals.count(),
            _ => self.present,
        }
    }
}
