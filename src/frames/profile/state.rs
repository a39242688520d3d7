//! A profile as bytes: versioned, the same on every machine, and checked when read.
//!
//! `IWPROFIL`, a version, the parts in the order of this file, and XXH3-64 of all that. Integers are little-endian;
//! counts and sizes take seven bits a byte, the low ones first (LEB128).
#![forbid(unsafe_code)]

use super::boolean::Booleans;
use super::column::{Class, Column, Values};
use super::correlation::{Correlations, Method, Pair, pairs};
use super::decimal::Decimals;
use super::distinct::{REGISTERS, Registers, hash8, unhash8};
use super::formats::NAMES;
use super::heavy::Heavy;
use super::histogram::BINS;
use super::moments::Moments;
use super::nulls::{MOST as PATTERNS, Patterns};
use super::numbers::{Domain, Exact, Kept, Numbers};
use super::numeric::{Reals, Wholes};
use super::quantiles::{Between, Kll, LEVELS};
use super::rows::{MERGED, Repeats};
use super::runs::{Mark, Order};
use super::table::{EXACT, KEPT_BYTES, Table, Word};
use super::tally::{Many, Tally};
use super::text::{Lengths, Looks, Texts};
use super::{Field, Profile};
use crate::error::Error;
use crate::frames::temporal::Clock;
use arrow_buffer::i256;
use std::collections::BTreeMap;
use xxhash_rust::xxh3::xxh3_64;

const MAGIC: &[u8; 8] = b"IWPROFIL";

/// Raised when the parts or their order change.
pub const VERSION: u16 = 1;

/// Most columns that are read.
const COLUMNS: usize = 1 << 20;

/// Families of types, by the code they are written as.
const KINDS: [&str; 16] = [
    "null",
    "boolean",
    "float",
    "decimal",
    "text",
    "binary",
    "date",
    "time",
    "timestamp",
    "duration",
    "interval",
    "struct",
    "map",
    "union",
    "list",
    "integer",
];

impl Profile {
    /// The profile as bytes, for [`Profile::from_bytes`] on this or any other machine.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut to = Writer(Vec::new());
        to.0.extend_from_slice(MAGIC);
        to.0.extend_from_slice(&VERSION.to_le_bytes());
        to.count(self.rows);
        to.option(self.repeats.count, |to, count| to.count(count));
        to.option(self.repeats.hashes.as_ref(), |to, hashes| to.words(hashes));
        to.option(self.nulls.counts(), |to, counts| {
            to.size(counts.len());
            for (pattern, rows) in counts {
                to.size(pattern.len());
                pattern.iter().for_each(|at| to.count(u64::from(*at)));
                to.count(*rows);
            }
        });
        to.option(self.correlations.as_ref(), |to, all| {
            to.byte(u8::from(all.method == Method::Spearman));
            to.size(all.columns.len());
            all.columns.iter().for_each(|at| to.count(u64::from(*at)));
            for pair in &all.pairs {
                to.count(pair.count);
                pair.means.iter().chain(&pair.squares).for_each(|value| to.real(*value));
                to.real(pair.product);
            }
        });
        to.size(self.fields.len());
        for field in &self.fields {
            to.bytes(field.name.as_bytes());
            to.bytes(field.data_type.as_bytes());
            to.count(u64::from(field.width));
            to.byte(KINDS.iter().position(|kind| *kind == field.kind).unwrap_or(0) as u8);
            to.size(field.notes.len());
            field.notes.iter().for_each(|note| to.bytes(note.as_bytes()));
            to.column(&field.column);
        }
        let sum = xxh3_64(&to.0);
        to.word(sum);
        to.0
    }

    /// The profile that [`Profile::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`Error::Invalid`] for anything else, [`Error::Memory`] when it has no room.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let wrong = |what: &str| Error::Invalid(format!("data is no profile that to_bytes wrote: {what}"));
        let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| wrong("it does not start with IWPROFIL"))?;
        let (version, _) = rest.split_first_chunk::<2>().ok_or_else(|| wrong("it ends early"))?;
        let version = u16::from_le_bytes(*version);
        if version != VERSION {
            return Err(Error::Invalid(format!(
                "data is a profile of version {version}, this library reads version {VERSION}"
            )));
        }
        let (body, sum) = bytes.split_last_chunk::<8>().ok_or_else(|| wrong("it ends early"))?;
        if xxh3_64(body) != u64::from_le_bytes(*sum) {
            return Err(wrong("its checksum does not fit, it was changed or cut off"));
        }
        let mut from = Reader(&body[MAGIC.len() + 2..]);
        let profile = from.profile().ok_or_else(|| wrong("its parts contradict each other"))?;
        if !from.0.is_empty() {
            return Err(wrong("something follows its end"));
        }
        Ok(profile)
    }
}

/// Appends parts.
struct Writer(Vec<u8>);

impl Writer {
    fn byte(&mut self, value: u8) {
        self.0.push(value);
    }

    fn count(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn size(&mut self, value: usize) {
        self.count(value as u64);
    }

    fn word(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn words(&mut self, values: &[u64]) {
        self.size(values.len());
        values.iter().for_each(|value| self.word(*value));
    }

    fn real(&mut self, value: f64) {
        self.word(value.to_bits());
    }

    fn wide(&mut self, value: i128) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.size(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.byte(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }

    fn flag(&mut self, value: Option<bool>) {
        self.option(value, |to, value| to.byte(u8::from(value)));
    }

    fn column(&mut self, column: &Column) {
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
                    to.0.extend_from_slice(&min.to_le_bytes());
                    to.0.extend_from_slice(&max.to_le_bytes());
                });
                self.0.extend_from_slice(&decimals.origin.to_le_bytes());
                self.moments(&decimals.moments);
                self.option(decimals.sum, |to, sum| to.0.extend_from_slice(&sum.to_le_bytes()));
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

    fn class(&mut self, class: Class) {
        match class {
            Class::Whole { unsigned } => self.0.extend([0, u8::from(unsigned)]),
            Class::Clock(clock) => {
                let (code, ticks) = match clock {
                    Clock::Date { per_day } => (0, per_day),
                    Clock::Time { per_second } => (1, per_second),
                    Clock::Timestamp { per_second, zoned } => (2 + u8::from(zoned), per_second),
                    Clock::Duration { per_second } => (4, per_second),
                };
                self.0.extend([1, code]);
                self.count(ticks as u64);
            }
            Class::Real => self.byte(2),
            Class::Decimal(scale) => self.0.extend([3, scale as u8]),
            Class::Text => self.byte(4),
            Class::Binary => self.byte(5),
            Class::Boolean => self.byte(6),
            Class::Lists => self.byte(7),
            Class::Counted => self.byte(8),
        }
    }

    fn order(&mut self, order: &Order) {
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

    fn moments(&mut self, moments: &Moments) {
        self.count(moments.count);
        [moments.mean, moments.m2, moments.m3, moments.m4].iter().for_each(|value| self.real(*value));
    }

    fn lengths(&mut self, lengths: &Lengths) {
        self.count(lengths.count);
        self.count(lengths.min);
        self.count(lengths.max);
        self.wide(lengths.total as i128);
    }

    fn numbers(&mut self, numbers: &Numbers) {
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

    fn tally(&mut self, tally: &Tally) {
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
                self.0.extend_from_slice(many.registers.bytes());
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

/// Takes parts off the front; none when they cannot be what a [`Writer`] wrote.
struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take(&mut self, size: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(size)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn truth(&mut self) -> Option<bool> {
        match self.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn word(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// A count: what is written stays far below the edge, so that sums of any number of them cannot leave 64 bits.
    fn count(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return (value <= 1 << 53).then_some(value);
            }
        }
        None
    }

    /// A number of parts that follow, each of at least `least` bytes: never more than there can be.
    fn size(&mut self, least: usize) -> Option<usize> {
        let size = usize::try_from(self.count()?).ok()?;
        (size <= self.0.len() / least.max(1)).then_some(size)
    }

    fn words(&mut self) -> Option<Vec<u64>> {
        let size = self.size(8)?;
        (0..size).map(|_| self.word()).collect()
    }

    fn real(&mut self) -> Option<f64> {
        self.word().map(f64::from_bits)
    }

    fn wide(&mut self) -> Option<i128> {
        self.array().map(i128::from_le_bytes)
    }

    fn widest(&mut self) -> Option<i256> {
        self.array().map(i256::from_le_bytes)
    }

    fn bytes(&mut self) -> Option<&'b [u8]> {
        let size = self.size(1)?;
        self.take(size)
    }

    fn text(&mut self) -> Option<String> {
        std::str::from_utf8(self.bytes()?).ok().map(str::to_owned)
    }

    /// A part that may be missing: the outer none is an error, the inner one a missing part.
    fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        if self.truth()? { read(self).map(Some) } else { Some(None) }
    }

    fn profile(&mut self) -> Option<Profile> {
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
        let notes = (0..notes).map(|_| self.text()).collect::<Option<Vec<String>>>()?;
        let column = self.column()?;
        (column.rows == rows).then_some(Field { name, data_type, width, kind, notes, column })
    }

    fn column(&mut self) -> Option<Column> {
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

    fn class(&mut self) -> Option<Class> {
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

    fn order(&mut self) -> Option<Order> {
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

    fn moments(&mut self) -> Option<Moments> {
        Some(Moments {
            count: self.count()?,
            mean: self.real()?,
            m2: self.real()?,
            m3: self.real()?,
            m4: self.real()?,
        })
    }

    fn lengths(&mut self) -> Option<Lengths> {
        let (count, min, max) = (self.count()?, self.count()?, self.count()?);
        let total = u128::try_from(self.wide()?).ok()?;
        (min <= max && total <= u128::from(max) * u128::from(count)).then_some(Lengths {
            count,
            min,
            max,
            total,
        })
    }

    fn wholes(&mut self, domain: Domain) -> Option<Wholes> {
        let mut wholes = Wholes::new(domain == Domain::Unsigned);
        let fits = |value: i128| match domain {
            Domain::Unsigned => u64::try_from(value).is_ok(),
            _ => i64::try_from(value).is_ok(),
        };
        wholes.range = self.option(|from| Some((from.wide()?, from.wide()?)))?;
        if wholes.range.is_some_and(|(min, max)| min > max || !fits(min) || !fits(max)) {
            return None;
        }
        wholes.count = self.count()?;
        (wholes.sum, wholes.origin) = (self.wide()?, self.wide()?);
        // A sum of so many values of 64 bits.
        if wholes.sum.unsigned_abs() > u128::from(wholes.count) << 64 || !fits(wholes.origin) {
            return None;
        }
        wholes.moments = self.moments()?;
        (wholes.zeros, wholes.negatives) = (self.count()?, self.count()?);
        wholes.numbers = self.numbers(domain, wholes.count)?;
        (wholes.range.is_some() == (wholes.count > 0) && wholes.moments.count == wholes.count)
            .then_some(wholes)
    }

    fn reals(&mut self) -> Option<Reals> {
        let mut reals = Reals { finite: self.moments()?, origin: self.real()?, ..Reals::default() };
        reals.range = self.option(|from| Some((from.real()?, from.real()?)))?;
        if reals.range.is_some_and(|(min, max)| !(min.is_finite() && max.is_finite() && min <= max)) {
            return None;
        }
        reals.nan = self.count()?;
        (reals.positive_infinite, reals.negative_infinite) = (self.count()?, self.count()?);
        (reals.zeros, reals.negatives) = (self.count()?, self.count()?);
        let infinite = reals.positive_infinite.checked_add(reals.negative_infinite)?;
        let count = reals.finite.count.checked_add(infinite).filter(|count| *count <= 1 << 62)?;
        reals.numbers = self.numbers(Domain::Real, count)?;
        (reals.range.is_some() == (reals.finite.count > 0)).then_some(reals)
    }

    fn decimals(&mut self) -> Option<Decimals> {
        let range = self.option(|from| Some((from.widest()?, from.widest()?)))?;
        if range.is_some_and(|(min, max)| min > max) {
            return None;
        }
        let (origin, moments) = (self.widest()?, self.moments()?);
        let sum = self.option(Self::widest)?;
        let (zeros, negatives) = (self.count()?, self.count()?);
        let numbers = self.numbers(Domain::Decimal, moments.count)?;
        (range.is_some() == (moments.count > 0)).then_some(Decimals {
            range,
            origin,
            moments,
            sum,
            zeros,
            negatives,
            numbers,
        })
    }

    fn texts(&mut self, characters: bool, present: u64) -> Option<Texts> {
        let mut looks = Looks { lengths: self.lengths()?, ..Looks::default() };
        (looks.empty, looks.blank) = (self.count()?, self.count()?);
        for count in &mut looks.formats {
            *count = self.count()?;
        }
        looks.sampled = self.truth()?;
        let range = self.option(|from| Some((from.bytes()?.to_vec(), from.bytes()?.to_vec())))?;
        let utf8 = |bytes: &[u8]| !characters || std::str::from_utf8(bytes).is_ok();
        if range.as_ref().is_some_and(|(min, max)| min > max || !utf8(min) || !utf8(max)) {
            return None;
        }
        let tally = self.tally(true, present, None)?;
        let unique = self.option(Self::truth)?;
        (range.is_some() == (present > 0)).then(|| Texts::from_parts(characters, looks, range, tally, unique))
    }

    fn numbers(&mut self, domain: Domain, count: u64) -> Option<Numbers> {
        let mut numbers = Numbers::new(domain);
        numbers.tally = self.tally(domain == Domain::Decimal, count, Some(domain))?;
        if !numbers.tally.is_exact() {
            let levels = self.size(1).filter(|levels| *levels <= LEVELS)?;
            let levels = (0..levels).map(|_| self.words()).collect::<Option<Vec<_>>>()?;
            let sketch = Kll::from_parts(levels, self.word()?)?;
            if sketch.count() != count {
                return None;
            }
            numbers.kept = Kept::Sketch(sketch);
        }
        numbers.exact = self.option(|from| {
            let mut between = || {
                let between = Between { low: from.word()?, high: from.word()?, share: from.real()? };
                (between.low <= between.high && (0.0..=1.0).contains(&between.share)).then_some(between)
            };
            let mut quantiles = [Between { low: 0, high: 0, share: 0.0 }; 7];
            for quantile in &mut quantiles {
                *quantile = between()?;
            }
            let bins = from.size(1).filter(|bins| (1..=BINS).contains(bins))?;
            let bins = (0..bins).map(|_| from.count()).collect::<Option<Vec<u64>>>()?;
            Some(Exact { quantiles, bins, unique: from.option(Self::truth)? })
        })?;
        Some(numbers)
    }

    /// A tally of `count` values, in which words stand beside hashes when `valued`.
    fn tally(&mut self, valued: bool, count: u64, domain: Option<Domain>) -> Option<Tally> {
        if !self.truth()? {
            let size = self.size(10).filter(|size| *size <= EXACT)?;
            let (mut table, mut last, mut total) = (Table::default(), None, 0_u64);
            for _ in 0..size {
                let (hash, times) = (self.word()?, self.count().filter(|times| *times > 0)?);
                if last.is_some_and(|last| last >= hash) {
                    return None;
                }
                (last, total) = (Some(hash), total.checked_add(times)?);
                let word = self.option(|from| {
                    let bytes = from.bytes().filter(|bytes| bytes.len() <= KEPT_BYTES)?;
                    let (length, format) = (from.count()?, from.byte()?);
                    (usize::from(format) < NAMES.len()).then_some(Word { bytes, length, format })
                })?;
                match word {
                    Some(word) if valued => {
                        let fits = domain != Some(Domain::Decimal) || word.bytes.len() == 32;
                        fits.then(|| table.insert_word(hash, times, &word))?;
                    }
                    None if !valued => {
                        debug_assert_eq!(hash8(unhash8(hash)), hash);
                        table.add(hash, times);
                    }
                    _ => return None,
                }
            }
            return (total == count).then_some(Tally::Few(table));
        }
        let registers = Registers::from_bytes(self.take(REGISTERS)?)?;
        let error = self.count()?;
        let marked = self.truth()?;
        if marked != valued {
            return None;
        }
        let size = self.size(10).filter(|size| *size <= Heavy::MOST)?;
        let (mut heavy, mut last) = (Heavy::new(valued), None);
        for _ in 0..size {
            let (hash, times) = (self.word()?, self.count().filter(|times| *times > 0)?);
            if last.is_some_and(|last| last >= hash) {
                return None;
            }
            last = Some(hash);
            match self.option(Self::bytes)? {
                Some(value) if valued && value.len() <= KEPT_BYTES => heavy.add_value(hash, times, value),
                None if !valued => heavy.add(hash, times),
                _ => return None,
            }
        }
        heavy.set_error(error);
        Some(Tally::Many(Box::new(Many { registers, heavy })))
    }
}

#[cfg(test)]
mod tests {
    use super::super::options::Options;
    use super::super::profile;
    use super::*;
    use crate::progress::Progress;
    use arrow_array::{
        ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int32Array, ListArray, RecordBatch,
        RecordBatchIterator, StringArray, TimestampMicrosecondArray, UInt64Array,
    };
    use proptest::prelude::*;
    use std::sync::{Arc, OnceLock};

    fn of(rows: std::ops::Range<i64>) -> Profile {
        let n = || rows.clone();
        let words = n().map(|n| (n % 5 != 0).then(|| format!("word {}", n % 900)));
        let lists = n().map(|n| Some((0..n % 3).map(|n| Some(n as i32)).collect::<Vec<_>>()));
        let columns: Vec<(&str, ArrayRef)> = vec![
            (
                "whole",
                Arc::new(Int32Array::from_iter(n().map(|n| (n % 7 != 0).then_some((n % 1000) as i32)))),
            ),
            ("unsigned", Arc::new(UInt64Array::from_iter_values(n().map(|n| u64::MAX - n as u64)))),
            (
                "real",
                Arc::new(Float64Array::from_iter_values(n().map(|n| match n % 50 {
                    0 => f64::NAN,
                    1 => f64::INFINITY,
                    _ => (n as f64).sin(),
                }))),
            ),
            ("text", Arc::new(StringArray::from_iter(words))),
            ("id", Arc::new(StringArray::from_iter_values(n().map(|n| format!("id {n}"))))),
            ("truth", Arc::new(BooleanArray::from_iter(n().map(|n| Some(n % 3 == 0))))),
            ("when", Arc::new(TimestampMicrosecondArray::from_iter_values(n().map(|n| n * 1_000_003)))),
            (
                "price",
                Arc::new(
                    Decimal128Array::from_iter_values(n().map(|n| i128::from(n * n % 100_003)))
                        .with_precision_and_scale(20, 2)
                        .unwrap(),
                ),
            ),
            ("list", Arc::new(ListArray::from_iter_primitive::<arrow_array::types::Int32Type, _, _>(lists))),
        ];
        let batch = RecordBatch::try_from_iter_with_nullable(
            columns.into_iter().map(|(name, array)| (name, array, true)),
        )
        .unwrap();
        let schema = batch.schema();
        let mut reader = RecordBatchIterator::new([Ok(batch)], schema);
        profile(
            &mut reader,
            None,
            &Options { correlations: Some(Method::Pearson), ..Options::default() },
            &Progress::silent(),
        )
        .unwrap()
    }

    /// A small profile and one in which every column has gone over to its sketches.
    fn examples() -> &'static [Profile; 2] {
        static EXAMPLES: OnceLock<[Profile; 2]> = OnceLock::new();
        EXAMPLES.get_or_init(|| [of(0..300), of(0..140_000)])
    }

    /// The bytes with a checksum that fits.
    fn signed(mut bytes: Vec<u8>) -> Vec<u8> {
        let end = bytes.len().saturating_sub(8);
        bytes.truncate(end);
        let sum = xxh3_64(&bytes);
        bytes.extend(sum.to_le_bytes());
        bytes
    }

    #[test]
    fn what_is_written_is_read_back_and_merges_as_before() {
        for one in examples() {
            let bytes = one.to_bytes();
            let again = Profile::from_bytes(&bytes).unwrap();
            assert_eq!(again.json(), one.json());
            assert_eq!(again.to_bytes(), bytes);
            let (mut left, mut right) = (one.clone(), again);
            left.merge(&examples()[0], true).unwrap();
            right.merge(&examples()[0], true).unwrap();
            assert_eq!(left.json(), right.json());
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let bytes = examples()[0].to_bytes();
        let error = |bytes: &[u8]| Profile::from_bytes(bytes).unwrap_err().to_string();
        assert_eq!(error(b""), "data is no profile that to_bytes wrote: it does not start with IWPROFIL");
        assert_eq!(error(b"IWPROFIL"), "data is no profile that to_bytes wrote: it ends early");
        let mut newer = bytes.clone();
        newer[8] = 2;
        assert_eq!(error(&newer), "data is a profile of version 2, this library reads version 1");
        assert!(error(&bytes[..bytes.len() - 1]).contains("checksum"));
        let mut longer = bytes[..bytes.len() - 8].to_vec();
        longer.extend([0; 9]);
        assert!(error(&signed(longer)).contains("something follows its end"));
    }

    /// Reads bytes and, where they are accepted, does everything a profile can do.
    fn survives(bytes: &[u8]) {
        if let Ok(mut profile) = Profile::from_bytes(bytes) {
            let json = profile.json();
            assert!(!json.is_empty());
            profile.table().unwrap();
            let copy = profile.clone();
            profile.merge(&copy, true).unwrap();
            profile.merge(&copy, false).unwrap();
            let _ = profile.merge(&examples()[0], false);
            assert!(!profile.json().is_empty());
            let bytes = profile.to_bytes();
            assert!(!bytes.is_empty());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        #[test]
        fn hostile_bytes_are_an_error_or_a_profile(
            flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
            end in any::<prop::sample::Index>(),
            cut in any::<bool>(),
        ) {
            let mut bytes = examples()[0].to_bytes();
            for (at, value) in flips {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            if cut {
                bytes.truncate(end.index(bytes.len()));
            }
            survives(&bytes);
            survives(&signed(bytes));
        }

        #[test]
        fn random_bytes_are_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Profile::from_bytes(&bytes).is_err());
            let mut named = MAGIC.to_vec();
            named.extend([1, 0]);
            named.extend(&bytes);
            named.extend([0; 8]);
            survives(&signed(named));
        }
    }

    #[test]
    fn hostile_bytes_of_sketches_are_an_error_or_a_profile() {
        let bytes = examples()[1].to_bytes();
        let mut random = 7_u64;
        for _ in 0..8 {
            let mut bytes = bytes.clone();
            random = hash8(random);
            let at = random as usize % bytes.len();
            bytes[at] ^= (random >> 40) as u8 | 1;
            survives(&signed(bytes));
        }
    }
}
