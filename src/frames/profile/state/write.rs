//! What a profile is made of, written one part after the other.
#![forbid(unsafe_code)]

use crate::frames::envelope::Writer;
use crate::frames::profile::column::{Class, Column, Values};
use crate::frames::profile::moments::Moments;
use crate::frames::profile::numbers::{Kept, Numbers};
use crate::frames::profile::quantiles::Kll;
use crate::frames::profile::runs::Order;
use crate::frames::profile::tally::Tally;
use crate::frames::profile::text::Lengths;
use crate::frames::temporal::Clock;

impl Writer {
    fn flag(&mut self, value: Option<bool>) {
        self.option(value, |to, value| to.byte(u8::from(value)));
    }

    pub(super) fn column(&mut self, column: &Column) {
        self.class(column.class);
        self.count(column.rows);
        self.count(column.present);
        self.count(column.memory);
        self.option(column.order.as_ref(), Self::order);
        match &column.values {
            Values::Wholes(wholes) => {
                self.option(wholes.range, |to, (min, max)| {
                    to.wide(min);
                    to.wide(max);
                });
                self.count(wholes.count);
                self.wide(wholes.sum);
                self.wide(wholes.origin);
                self.moments(&wholes.moments);
                self.count(wholes.zeros);
                self.count(wholes.negatives);
                self.numbers(&wholes.numbers);
            }
            Values::Reals(reals) => {
                self.moments(&reals.finite);
                self.real(reals.origin);
                self.option(reals.range, |to, (min, max)| {
                    to.real(min);
                    to.real(max);
                });
                for count in [
                    reals.nan,
                    reals.positive_infinite,
                    reals.negative_infinite,
                    reals.zeros,
                    reals.negatives,
                ] {
                    self.count(count);
                }
                self.numbers(&reals.numbers);
            }
            Values::Decimals(decimals) => {
                self.option(decimals.range, |to, (min, max)| {
                    to.raw(&min.to_le_bytes());
                    to.raw(&max.to_le_bytes());
                });
                self.raw(&decimals.origin.to_le_bytes());
                self.moments(&decimals.moments);
                self.option(decimals.sum, |to, sum| to.raw(&sum.to_le_bytes()));
                self.count(decimals.zeros);
                self.count(decimals.negatives);
                self.numbers(&decimals.numbers);
            }
            Values::Texts(texts) => {
                let (looks, range) = texts.parts();
                self.lengths(&looks.lengths);
                self.count(looks.empty);
                self.count(looks.blank);
                looks.formats.iter().for_each(|count| self.count(*count));
                self.byte(u8::from(looks.sampled));
                self.option(range, |to, (min, max)| {
                    to.bytes(min);
                    to.bytes(max);
                });
                self.tally(&texts.tally);
                self.flag(texts.unique);
            }
            Values::Booleans(booleans) => {
                self.count(booleans.yes);
                self.count(booleans.no);
            }
            Values::Lists(lengths) => self.lengths(lengths),
            Values::Counted => {}
        }
    }

    pub(super) fn class(&mut self, class: Class) {
        match class {
            Class::Whole { unsigned } => self.raw(&[0, u8::from(unsigned)]),
            Class::Clock(clock) => {
                let (code, ticks) = match clock {
                    Clock::Date { per_day } => (0, per_day),
                    Clock::Time { per_second } => (1, per_second),
                    Clock::Timestamp { per_second, zoned } => (2 + u8::from(zoned), per_second),
                    Clock::Duration { per_second } => (4, per_second),
                };
                self.raw(&[1, code]);
                self.count(ticks as u64);
            }
            Class::Real => self.byte(2),
            Class::Decimal(scale) => self.raw(&[3, scale as u8]),
            Class::Text => self.byte(4),
            Class::Binary => self.byte(5),
            Class::Boolean => self.byte(6),
            Class::Lists => self.byte(7),
            Class::Counted => self.byte(8),
        }
    }

    pub(super) fn order(&mut self, order: &Order) {
        self.count(order.count);
        for mark in [&order.first, &order.last] {
            self.word(mark.key);
            self.bytes(&mark.text);
        }
        self.byte(u8::from(order.rises) | u8::from(order.falls) << 1 | u8::from(order.repeats) << 2);
        self.count(order.head);
        self.count(order.tail);
        self.count(order.longest);
    }

    pub(super) fn moments(&mut self, moments: &Moments) {
        self.count(moments.count);
        [moments.mean, moments.m2, moments.m3, moments.m4].iter().for_each(|value| self.real(*value));
    }

    pub(super) fn lengths(&mut self, lengths: &Lengths) {
        self.count(lengths.count);
        self.count(lengths.min);
        self.count(lengths.max);
        self.wide(lengths.total as i128);
    }

    pub(super) fn numbers(&mut self, numbers: &Numbers) {
        self.tally(&numbers.tally);
        if !numbers.tally.is_exact() {
            let condensed;
            let sketch = match &numbers.kept {
                Kept::Sketch(sketch) => sketch,
                Kept::All(all) => {
                    condensed = Kll::of(all);
                    &condensed
                }
                Kept::Counted => {
                    condensed = Kll::default();
                    &condensed
                }
            };
            let (levels, random) = sketch.parts();
            self.size(levels.len());
            levels.iter().for_each(|keys| self.words(keys));
            self.word(random);
        }
        self.option(numbers.exact.as_ref(), |to, exact| {
            for between in &exact.quantiles {
                to.word(between.low);
                to.word(between.high);
                to.real(between.share);
            }
            to.size(exact.bins.len());
            exact.bins.iter().for_each(|count| to.count(*count));
            to.flag(exact.unique);
        });
    }

    pub(super) fn tally(&mut self, tally: &Tally) {
        match tally {
            Tally::Few(table) => {
                self.byte(0);
                let mut entries: Vec<_> = table.entries().collect();
                entries.sort_unstable_by_key(|(slot, _)| slot.hash); // the same bytes however the table came to be
                self.size(entries.len());
                for (slot, word) in entries {
                    self.word(slot.hash);
                    self.count(slot.count);
                    self.option(word, |to, word| {
                        to.bytes(word.bytes);
                        to.count(word.length);
                        to.byte(word.format);
                    });
                }
            }
            Tally::Many(many) => {
                self.byte(1);
                self.raw(many.registers.bytes());
                self.count(many.heavy.error());
                let entries: Vec<_> = many.heavy.entries().collect();
                self.byte(u8::from(many.heavy.is_valued()));
                self.size(entries.len());
                for (hash, count, value) in entries {
                    self.word(hash);
                    self.count(count);
                    self.option(value, Self::bytes);
                }
            }
        }
    }
}
