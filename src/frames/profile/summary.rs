//! What a column came to, in the end.
#![forbid(unsafe_code)]

use super::column::{Class, Column, Values};
use super::decimal::{scaled, spelled};
use super::distinct::unhash8;
use super::formats::NAMES;
use super::moments::Moments;
use super::numbers::{Domain, Numbers};
use super::quantiles::{Between, RANK_ERROR};
use super::tally::Tally;
use super::text::Lengths;
use crate::frames::temporal::Clock;
use crate::frames::value::Value;

/// Most values a report lists.
pub const TOP: usize = 10;

/// What a column came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Name in the frame, which need not be unique.
    pub name: String,
    /// Type in the frame.
    pub data_type: String,
    /// Family of types, which says how the values below are spelled.
    pub kind: &'static str,
    /// Values that are neither null nor NaN; every figure below is over these.
    pub count: u64,
    /// Null values.
    pub nulls: u64,
    /// NaN values; none for types that have none.
    pub nan: Option<u64>,
    /// Infinite values, positive or negative.
    pub infinite: Option<u64>,
    /// Different values; none for nested types.
    pub distinct: Option<u64>,
    /// Whether `distinct` is exact rather than an estimate.
    pub distinct_exact: Option<bool>,
    /// Smallest or first value.
    pub min: Value,
    /// Largest or last value.
    pub max: Value,
    /// Mean.
    pub mean: Value,
    /// Sample standard deviation.
    pub std: Value,
    /// Skewness.
    pub skew: Value,
    /// Excess kurtosis.
    pub kurtosis: Value,
    /// Sum.
    pub sum: Value,
    /// Values that are zero.
    pub zeros: Option<u64>,
    /// Values below zero.
    pub negatives: Option<u64>,
    /// Quantiles of [`super::quantiles::SHARES`].
    pub quantiles: Option<[Value; 7]>,
    /// Whether they are exact.
    pub quantiles_exact: Option<bool>,
    /// Edges and counts of equal-width bins.
    pub histogram: Option<(Vec<Value>, Vec<u64>)>,
    /// The most frequent values with their counts.
    pub top: Option<Vec<(Value, u64)>>,
    /// Whether these counts, and the choice, are exact.
    pub top_exact: Option<bool>,
    /// By how much a count may be too low, and how often a value not listed may have come.
    pub top_error: Option<u64>,
    /// Lengths of text (characters), binary (bytes) and lists (items).
    pub lengths: Option<Lengths>,
    /// Texts without a character.
    pub empty: Option<u64>,
    /// Texts of whitespace alone.
    pub blank: Option<u64>,
    /// What texts look like, most frequent first.
    pub formats: Option<Vec<(&'static str, u64)>>,
    /// Whether every text was looked at.
    pub formats_exact: Option<bool>,
    /// Whether no value came twice.
    pub is_unique: Option<bool>,
    /// Whether all values are the same.
    pub is_constant: Option<bool>,
    /// Which way the column goes.
    pub monotonic: Option<&'static str>,
    /// Most neighbours that are the same.
    pub longest_run: Option<u64>,
    /// What else there is to say.
    pub notes: Vec<String>,
}

impl Column {
    /// What the column came to.
    pub fn summary(&self, name: &str, data_type: &str, kind: &'static str, notes: &[String]) -> Summary {
        let count = self.count();
        let mut summary = Summary {
            name: name.to_owned(),
            data_type: data_type.to_owned(),
            kind,
            count,
            nulls: self.rows - self.present,
            nan: None,
            infinite: None,
            distinct: None,
            distinct_exact: None,
            min: Value::None,
            max: Value::None,
            mean: Value::None,
            std: Value::None,
            skew: Value::None,
            kurtosis: Value::None,
            sum: Value::None,
            zeros: None,
            negatives: None,
            quantiles: None,
            quantiles_exact: None,
            histogram: None,
            top: None,
            top_exact: None,
            top_error: None,
            lengths: None,
            empty: None,
            blank: None,
            formats: None,
            formats_exact: None,
            is_unique: None,
            is_constant: None,
            monotonic: None,
            longest_run: None,
            notes: notes.to_vec(),
        };
        let spell = |value: f64| Value::from(Some(value));
        match &self.values {
            Values::Wholes(wholes) => {
                let clock = match self.class {
                    Class::Clock(clock) => Some(clock),
                    _ => None,
                };
                let written =
                    |value| clock.map_or(Value::Whole(value), |clock| Value::Text(clock.written(value)));
                if let Some((min, max)) = wholes.range {
                    (summary.min, summary.max) = (written(min), written(max));
                }
                match clock {
                    Some(clock) => {
                        (summary.mean, summary.std) = (clock.mean(wholes), clock.std(wholes));
                        if let Clock::Duration { .. } = clock {
                            summary.sum = written(wholes.sum);
                        }
                    }
                    None => {
                        summary.mean = wholes.mean().into();
                        summary.shape(Some(&wholes.moments), &|std| std);
                        summary.sum = Value::Whole(wholes.sum);
                    }
                }
                if clock.is_none_or(|clock| matches!(clock, Clock::Duration { .. })) {
                    (summary.zeros, summary.negatives) = (Some(wholes.zeros), Some(wholes.negatives));
                }
                let domain = wholes.numbers.domain;
                summary.numbers(&wholes.numbers, wholes.keys(), &|between| match clock {
                    Some(clock) => Value::Text(clock.written(domain.whole_between(between))),
                    None => spell(domain.between(between)),
                });
                if let (Some((_, counts)), Some((min, max))) = (&summary.histogram, wholes.range) {
                    let bins = counts.len() as i128;
                    let edges = (0..=bins).map(|at| match clock {
                        Some(clock) => {
                            // The first tick of the bin, so that edges and counts agree.
                            let over = (max - min) * at;
                            Value::Text(clock.written(min + (over + bins - 1).div_euclid(bins)))
                        }
                        None => spell(min as f64 + (max - min) as f64 * (at as f64 / bins as f64)),
                    });
                    summary.histogram = Some((edges.collect(), counts.clone()));
                }
                summary.top(&wholes.numbers.tally, &|hash, _| {
                    written(domain.whole(domain.key_of_bits(unhash8(hash))))
                });
            }
            Values::Reals(reals) => {
                summary.nan = Some(reals.nan);
                summary.infinite = Some(reals.positive_infinite + reals.negative_infinite);
                (summary.min, summary.max) = (reals.min(), reals.max());
                (summary.mean, summary.sum) = (reals.mean().into(), reals.sum().into());
                summary.shape(reals.shape(), &|std| std);
                (summary.zeros, summary.negatives) =
                    (Some(reals.zeros), Some(reals.negatives + reals.negative_infinite));
                summary
                    .numbers(&reals.numbers, reals.keys(), &|between| spell(Domain::Real.between(between)));
                if let (Some((_, counts)), Some((min, max))) = (&summary.histogram, reals.keys()) {
                    let edges = Domain::Real.grid(min, max).edges();
                    summary.histogram = Some((edges.into_iter().map(spell).collect(), counts.clone()));
                }
                summary.top(&reals.numbers.tally, &|hash, _| Value::Real(f64::from_bits(unhash8(hash))));
            }
            Values::Decimals(decimals) => {
                let scale = match self.class {
                    Class::Decimal(scale) => scale,
                    _ => 0,
                };
                (summary.min, summary.max) = decimals.range(scale);
                (summary.mean, summary.sum) = (decimals.mean(scale).into(), decimals.sum(scale));
                summary.shape(Some(&decimals.moments), &|std| scaled(std, scale));
                (summary.zeros, summary.negatives) = (Some(decimals.zeros), Some(decimals.negatives));
                let number = |value| spell(scaled(value, scale));
                summary.numbers(&decimals.numbers, decimals.keys(), &|between| {
                    number(Domain::Decimal.between(between))
                });
                if let (Some((_, counts)), Some((min, max))) = (&summary.histogram, decimals.keys()) {
                    let edges = Domain::Decimal.grid(min, max).edges();
                    summary.histogram = Some((edges.into_iter().map(number).collect(), counts.clone()));
                }
                summary.top(&decimals.numbers.tally, &|_, bytes| {
                    bytes.map_or(Value::None, |bytes| Value::Text(spelled(bytes, scale)))
                });
            }
            Values::Texts(texts) => {
                (summary.min, summary.max) = texts.range();
                let looks = texts.looks();
                summary.lengths = Some(looks.lengths);
                summary.empty = Some(looks.empty);
                summary.is_unique = texts.unique;
                summary.distinct(&texts.tally);
                if texts.characters {
                    summary.blank = Some(looks.blank);
                    let codes = NAMES.iter().zip(looks.formats).skip(1);
                    let mut formats: Vec<(&str, u64)> = codes
                        .filter(|(name, count)| *count > 0 && !matches!(**name, "empty" | "blank"))
                        .map(|(name, times)| (*name, times.min(count)))
                        .collect();
                    formats.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
                    (summary.formats, summary.formats_exact) = (Some(formats), Some(!looks.sampled));
                }
                summary.top(&texts.tally, &|_, bytes| texts.spelled_start(bytes.unwrap_or_default()));
            }
            Values::Booleans(booleans) => {
                (summary.distinct, summary.distinct_exact) = (Some(booleans.distinct()), Some(true));
                (summary.min, summary.max) = booleans.range();
                summary.mean = booleans.mean().into();
                summary.shape(Some(&booleans.moments()), &|std| std);
                summary.std = booleans.std().into();
                summary.sum = Value::Whole(i128::from(booleans.yes));
                let mut top = vec![(Value::Bool(false), booleans.no), (Value::Bool(true), booleans.yes)];
                top.retain(|(_, count)| *count > 0);
                top.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
                (summary.top, summary.top_exact, summary.top_error) = (Some(top), Some(true), Some(0));
            }
            Values::Lists(lengths) => summary.lengths = Some(*lengths),
            Values::Counted => {}
        }
        self.flags(&mut summary);
        summary
    }

    fn flags(&self, summary: &mut Summary) {
        if matches!(self.values, Values::Lists(_) | Values::Counted) {
            return;
        }
        let order = self.order.as_ref();
        summary.monotonic = order.and_then(|order| order.monotonic());
        summary.longest_run = order.map(|order| order.longest);
        let count = summary.count;
        let strictly = summary.monotonic.is_some_and(|way| way.starts_with("strictly"));
        summary.is_constant = Some(match (summary.distinct_exact, summary.distinct) {
            (Some(true), Some(distinct)) => distinct == 1,
            _ => false,
        });
        if strictly || summary.is_unique == Some(true) {
            (summary.is_unique, summary.distinct, summary.distinct_exact) =
                (Some(true), Some(count), Some(true));
        } else if summary.distinct_exact == Some(true) {
            summary.is_unique = Some(count > 0 && summary.distinct == Some(count));
        } else if summary.longest_run.is_some_and(|run| run > 1)
            || summary.top.as_ref().and_then(|top| top.first()).is_some_and(|(_, count)| *count > 1)
        {
            summary.is_unique = Some(false);
        }
    }
}

impl Summary {
    fn distinct(&mut self, tally: &Tally) {
        let distinct = tally.distinct();
        // An estimate may come out above the number of values, the truth cannot.
        self.distinct = Some(if tally.is_exact() { distinct } else { distinct.min(self.count) });
        self.distinct_exact = Some(tally.is_exact());
    }

    fn shape(&mut self, moments: Option<&Moments>, scale: &dyn Fn(f64) -> f64) {
        if let Some(moments) = moments {
            self.std = moments.std().map(scale).into();
            let finite = |value: Option<f64>| Value::from(value.filter(|value| value.is_finite()));
            (self.skew, self.kurtosis) = (finite(moments.skew()), finite(moments.kurtosis()));
        }
    }

    /// What the values of numbers came to; the histogram's edges are left to fill in.
    fn numbers(&mut self, numbers: &Numbers, keys: Option<(u64, u64)>, spell: &dyn Fn(&Between) -> Value) {
        self.distinct(&numbers.tally);
        self.is_unique = numbers.exact.as_ref().and_then(|exact| exact.unique);
        let (quantiles, bins) = numbers.spread(keys);
        if let Some((quantiles, exact)) = quantiles {
            self.quantiles = Some(quantiles.each_ref().map(spell));
            self.quantiles_exact = Some(exact);
        }
        self.histogram = bins.map(|bins| (Vec::new(), bins));
    }

    /// The most frequent values; what comes equally often is listed in the order of its hashes.
    fn top<'t>(&mut self, tally: &'t Tally, spell: &dyn Fn(u64, Option<&[u8]>) -> Value) {
        let error = match tally {
            Tally::Few(_) => 0,
            Tally::Many(many) => many.heavy.error(),
        };
        let mut top: Vec<(u64, u64, Option<&[u8]>)> = Vec::with_capacity(TOP + 1);
        let mut offer = |hash: u64, count: u64, bytes: Option<&'t [u8]>| {
            let better = |than: &(u64, u64, Option<&[u8]>)| (count, than.0) > (than.1, hash);
            if top.len() == TOP && !top.last().is_some_and(better) {
                return;
            }
            let at = top.iter().position(better).unwrap_or(top.len());
            top.insert(at, (hash, count, bytes));
            top.truncate(TOP);
        };
        match tally {
            Tally::Few(table) => {
                table
                    .entries()
                    .for_each(|(slot, word)| offer(slot.hash, slot.count, word.map(|word| word.bytes)));
            }
            // What is not above the error may be less frequent than what is not listed.
            Tally::Many(many) => {
                let above = many.heavy.entries().filter(|(_, count, _)| *count > error);
                above.for_each(|(hash, count, bytes)| offer(hash, count, bytes));
            }
        }
        self.top = Some(top.into_iter().map(|(hash, count, bytes)| (spell(hash, bytes), count)).collect());
        (self.top_exact, self.top_error) = (Some(tally.is_exact()), Some(error));
    }

    /// The stated rank error of the quantiles.
    pub fn quantiles_error(&self) -> Option<f64> {
        self.quantiles_exact.map(|exact| if exact { 0.0 } else { RANK_ERROR })
    }

    /// Lengths, when there are values to have them.
    pub fn lengths(&self) -> Option<Lengths> {
        self.lengths.filter(|lengths| lengths.count > 0)
    }
}
