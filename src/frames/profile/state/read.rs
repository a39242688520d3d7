//! The parts of a profile taken off the front of bytes, none of them believed.
#![forbid(unsafe_code)]

use super::KINDS;
use crate::frames::envelope::Reader;
use crate::frames::profile::boolean::Booleans;
use crate::frames::profile::column::{Class, Column, Values};
use crate::frames::profile::correlation::{Correlations, Method, Pair, pairs};
use crate::frames::profile::moments::Moments;
use crate::frames::profile::nulls::{MOST as PATTERNS, Patterns};
use crate::frames::profile::rows::{MERGED, Repeats};
use crate::frames::profile::runs::{Mark, Order};
use crate::frames::profile::text::Lengths;
use crate::frames::profile::{Field, Profile};
use crate::frames::temporal::Clock;
use arrow_buffer::i256;
use std::collections::BTreeMap;

/// Most columns that are read.
const COLUMNS: usize = 1 << 20;

impl Reader<'_> {
    pub(super) fn widest(&mut self) -> Option<i256> {
        self.raw(32)?.try_into().ok().map(i256::from_le_bytes)
    }

    pub(super) fn profile(&mut self) -> Option<Profile> {
        let rows = self.count()?;
        let count = self.option(Self::count)?;
        let hashes = self.option(Self::words)?;
        if hashes.as_ref().is_some_and(|hashes| hashes.len() > MERGED || !hashes.is_sorted_by(|a, b| a < b)) {
            return None;
        }
        if hashes.as_ref().is_some_and(|hashes| hashes.len() as u64 > rows)
            || count.is_some_and(|count| count > rows)
        {
            return None;
        }
        let nulls = self.option(|from| {
            let size = from.size(2).filter(|size| *size <= PATTERNS)?;
            let mut counts = BTreeMap::new();
            for _ in 0..size {
                let columns = from.size(1)?;
                let pattern =
                    (0..columns).map(|_| u32::try_from(from.count()?).ok()).collect::<Option<Vec<u32>>>()?;
                counts.insert(pattern, from.count()?);
            }
            Some(counts)
        })?;
        let correlations = self.option(|from| {
            let method = if from.truth()? { Method::Spearman } else { Method::Pearson };
            let size = from.size(1)?;
            let columns =
                (0..size).map(|_| u32::try_from(from.count()?).ok()).collect::<Option<Vec<u32>>>()?;
            let pairs = (0..pairs(size)).map(|_| {
                Some(Pair {
                    count: from.count()?,
                    means: [from.real()?, from.real()?],
                    squares: [from.real()?, from.real()?],
                    product: from.real()?,
                })
            });
            Some(Correlations { method, columns, pairs: pairs.collect::<Option<Vec<Pair>>>()? })
        })?;
        let size = self.size(8).filter(|size| *size <= COLUMNS)?;
        let fields = (0..size).map(|_| self.field(rows)).collect::<Option<Vec<Field>>>()?;
        let known = |at: &u32| (*at as usize) < fields.len();
        let nulls = nulls.filter(|counts| counts.keys().flatten().all(known)).or(None);
        if let Some(all) = &correlations
            && !all.columns.iter().all(|at| known(at) && fields[*at as usize].column.class.is_number())
        {
            return None;
        }
        let repeats = Repeats { count, hashes };
        Some(Profile { rows, fields, repeats, nulls: Patterns::from_counts(nulls), correlations })
    }

    fn field(&mut self, rows: u64) -> Option<Field> {
        let (name, data_type) = (self.text()?, self.text()?);
        let width = u32::try_from(self.count()?).ok()?;
        let kind = *KINDS.get(usize::from(self.byte()?))?;
        let notes = self.size(1)?;
        let notes = (0..notes).map(|_| self.text().map(str::to_owned)).collect::<Option<Vec<String>>>()?;
        let column = self.column()?;
        (column.rows == rows).then_some(Field {
            name: name.to_owned(),
            data_type: data_type.to_owned(),
            width,
            kind,
            notes,
            column,
        })
    }

    pub(super) fn column(&mut self) -> Option<Column> {
        let class = self.class()?;
        let mut column = Column::new(class);
        (column.rows, column.present, column.memory) = (self.count()?, self.count()?, self.count()?);
        let present = column.present;
        if present > column.rows {
            return None;
        }
        column.order = self.option(Self::order)?;
        match &mut column.values {
            Values::Wholes(wholes) => {
                let domain = wholes.numbers.domain;
                *wholes = self.wholes(domain)?;
                (wholes.count == present).then_some(())?;
            }
            Values::Reals(reals) => {
                *reals = self.reals()?;
                (reals.count().checked_add(reals.nan)? == present).then_some(())?;
            }
            Values::Decimals(decimals) => {
                *decimals = self.decimals()?;
                (decimals.count() == present).then_some(())?;
            }
            Values::Texts(texts) => *texts = self.texts(texts.characters, present)?,
            Values::Booleans(booleans) => {
                *booleans = Booleans { yes: self.count()?, no: self.count()? };
                (booleans.count() == present).then_some(())?;
            }
            Values::Lists(lengths) => *lengths = self.lengths()?,
            Values::Counted => {}
        }
        Some(column)
    }

    pub(super) fn class(&mut self) -> Option<Class> {
        Some(match self.byte()? {
            0 => Class::Whole { unsigned: self.truth()? },
            1 => {
                let code = self.byte()?;
                let ticks = i128::from(self.count()?);
                let per_second = ticks;
                match (code, ticks) {
                    (0, 1 | 86_400_000) => Class::Clock(Clock::Date { per_day: ticks }),
                    (1..=4, 1 | 1_000 | 1_000_000 | 1_000_000_000) => Class::Clock(match code {
                        1 => Clock::Time { per_second },
                        2 | 3 => Clock::Timestamp { per_second, zoned: code == 3 },
                        _ => Clock::Duration { per_second },
                    }),
                    _ => return None,
                }
            }
            2 => Class::Real,
            3 => Class::Decimal(self.byte()? as i8),
            4 => Class::Text,
            5 => Class::Binary,
            6 => Class::Boolean,
            7 => Class::Lists,
            8 => Class::Counted,
            _ => return None,
        })
    }

    pub(super) fn order(&mut self) -> Option<Order> {
        let count = self.count()?;
        let mut mark = || Some(Mark { key: self.word()?, text: self.bytes()?.to_vec() });
        let (first, last) = (mark()?, mark()?);
        let bits = self.byte().filter(|bits| *bits < 8)?;
        let order = Order {
            count,
            first,
            last,
            rises: bits & 1 > 0,
            falls: bits & 2 > 0,
            repeats: bits & 4 > 0,
            head: self.count()?,
            tail: self.count()?,
            longest: self.count()?,
        };
        (order.head <= count && order.tail <= count && order.longest <= count).then_some(order)
    }

    pub(super) fn moments(&mut self) -> Option<Moments> {
        Some(Moments {
            count: self.count()?,
            mean: self.real()?,
            m2: self.real()?,
            m3: self.real()?,
            m4: self.real()?,
        })
    }

    pub(super) fn lengths(&mut self) -> Option<Lengths> {
        let (count, min, max) = (self.count()?, self.count()?, self.count()?);
        let total = u128::try_from(self.wide()?).ok()?;
        (min <= max && total <= u128::from(max) * u128::from(count)).then_some(Lengths {
            count,
            min,
            max,
            total,
        })
    }
}
