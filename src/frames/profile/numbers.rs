//! Different values, quantiles and histogram of a column of numbers.
//!
//! While the values are few they are all counted, and everything follows exactly from the counts. Beyond that the
//! values themselves are kept, as long as there is room for them, and are looked at once when the column has
//! ended; a sketch takes their place for what is merged later.
#![forbid(unsafe_code)]

mod domain;

use super::histogram::BINS;
use super::quantiles::{self, Between, FINE, Kll};
use super::table::Table;
use super::tally::Tally;
use crate::error::Error;
pub use domain::{Domain, real_key, real_of, unscaled, wide_to_f64};

/// Values of a column that are too many to count.
#[derive(Clone, Debug)]
pub enum Kept {
    /// They are not: the table has them.
    Counted,
    /// All of them.
    All(Vec<u64>),
    /// A sketch of them.
    Sketch(Kll),
}

/// What the values came to while they were all there.
#[derive(Clone, Debug, PartialEq)]
pub struct Exact {
    /// Where the quantiles lie.
    pub quantiles: [Between; 7],
    /// How many values each bin of the histogram has.
    pub bins: Vec<u64>,
    /// Whether every value came once; unknown when it did not look that way at first.
    pub unique: Option<bool>,
}

/// Where quantiles lie, and whether exactly.
pub type Found = ([Between; 7], bool);

/// What is kept of the values of a column of numbers.
#[derive(Clone, Debug)]
pub struct Numbers {
    /// What keys stand for.
    pub domain: Domain,
    /// Different values and their counts.
    pub tally: Tally,
    /// The values, once they are too many to count.
    pub kept: Kept,
    /// What they came to, once that is known.
    pub exact: Option<Exact>,
}

impl Numbers {
    /// Nothing yet.
    pub fn new(domain: Domain) -> Self {
        Self { domain, tally: Tally::default(), kept: Kept::Counted, exact: None }
    }

    /// Takes in numbers by their hashes and, once they are many, their keys.
    #[inline]
    pub fn extend(&mut self, hashes: impl Iterator<Item = u64>, keys: impl Iterator<Item = u64>) {
        match &mut self.tally {
            Tally::Few(table) => hashes.for_each(|hash| table.add(hash, 1)),
            Tally::Many(many) => {
                for hash in hashes {
                    many.registers.add(hash);
                    many.heavy.add(hash, 1);
                }
                self.keep(keys);
            }
        }
        if self.tally.is_full() {
            self.spill(usize::MAX);
        }
    }

    /// Keeps keys beside a tally that is no table any more.
    #[inline]
    pub fn keep(&mut self, keys: impl Iterator<Item = u64>) {
        match &mut self.kept {
            Kept::All(all) => all.extend(keys),
            Kept::Sketch(sketch) => keys.for_each(|key| sketch.add(key)),
            Kept::Counted => {}
        }
    }

    /// Goes over from the table to sketches, and to all values when there are at most `most`.
    pub fn spill(&mut self, most: usize) {
        let Some(table) = self.tally.spill(self.domain == Domain::Decimal) else { return };
        let domain = self.domain;
        let total = usize::try_from(table.total()).unwrap_or(usize::MAX);
        let room = total <= most.min(super::KEPT);
        let mut all = Vec::new();
        if room && all.try_reserve(total).is_ok() {
            for (slot, word) in table.entries() {
                let key = domain.key(&slot, word.as_ref());
                all.extend(std::iter::repeat_n(key, slot.count as usize));
            }
            self.kept = Kept::All(all);
        } else {
            let mut sketch = Kll::default();
            for (key, times) in sorted(domain, &table) {
                sketch.add_times(key, times);
            }
            self.kept = Kept::Sketch(sketch);
        }
    }

    /// Values kept one by one.
    pub fn kept(&self) -> usize {
        match &self.kept {
            Kept::All(all) => all.len(),
            _ => 0,
        }
    }

    /// Makes room for `more` values.
    ///
    /// # Errors
    /// [`Error::Memory`] when there is none.
    pub fn reserve(&mut self, more: usize) -> Result<(), Error> {
        if let Kept::All(all) = &mut self.kept {
            all.try_reserve(more).map_err(|_| {
                Error::Memory(format!("no memory to keep {more} more values for their quantiles"))
            })?;
        }
        Ok(())
    }

    /// Gives up the values for a sketch of them.
    pub fn condense(&mut self) {
        if let Kept::All(all) = &self.kept {
            self.kept = Kept::Sketch(Kll::of(all));
        }
    }

    /// Takes in another part of the same column, values and all.
    pub fn join(&mut self, mut other: Self) {
        if self.tally.is_exact() != other.tally.is_exact() {
            self.spill(usize::MAX);
            other.spill(usize::MAX);
        }
        self.tally.merge(&other.tally);
        match (&mut self.kept, &mut other.kept) {
            (Kept::All(ours), Kept::All(theirs)) => ours.append(theirs),
            (Kept::Counted, Kept::Counted) => {}
            _ => {
                self.condense();
                other.condense();
                if let (Kept::Sketch(ours), Kept::Sketch(theirs)) = (&mut self.kept, &other.kept) {
                    ours.merge(theirs);
                }
            }
        }
        if self.tally.is_full() {
            self.spill(usize::MAX);
        }
    }

    /// Looks at the values while they are there, and keeps a sketch.
    ///
    /// `range` is that of the finite keys, and `outside` says how many lie below and above it; `unique` is known to be so.
    pub fn seal(&mut self, range: Option<(u64, u64)>, outside: (u64, u64), unique: bool) {
        let Kept::All(all) = &mut self.kept else { return };
        let (Some((low, high)), Some(_)) = (range, all.first()) else {
            return self.condense();
        };
        let domain = self.domain;
        let grid = domain.grid(low, high);
        let cuts = grid.bins * (FINE / BINS);
        let mut fine = vec![0_u64; cuts];
        all.iter().for_each(|key| fine[grid.bin(domain.place(*key, low), cuts)] += 1);
        let mut bins: Vec<u64> = fine.chunks(FINE / BINS).map(|bins| bins.iter().sum()).collect();
        bins[0] -= outside.0;
        bins[grid.bins - 1] -= outside.1;
        let sketch = Kll::of(all);
        let mut room = Vec::new();
        let near_unique = self.tally.distinct() as f64 > 0.9 * all.len() as f64;
        let bin = |key: u64| grid.bin(domain.place(key, low), cuts);
        let quantiles = quantiles::of_keys(all, &fine, bin, &mut room);
        drop(room);
        let unique = match (near_unique, domain) {
            _ if unique => Some(true),
            (_, Domain::Decimal) => None, // keys of different values may be the same double
            (false, _) => Some(false),
            (true, _) => {
                all.sort_unstable();
                Some(all.windows(2).all(|pair| pair[0] != pair[1]))
            }
        };
        self.exact = quantiles.map(|quantiles| Exact { quantiles, bins, unique });
        self.kept = Kept::Sketch(sketch);
    }

    /// Takes in another part for good: what only the values themselves could tell is given up.
    pub fn merge(&mut self, other: &Self) {
        self.exact = None;
        self.condense();
        let mut other = other.clone();
        other.condense();
        if self.tally.is_exact() != other.tally.is_exact() {
            self.spill(0);
            other.spill(0);
        }
        self.tally.merge(&other.tally);
        if let (Kept::Sketch(ours), Kept::Sketch(theirs)) = (&mut self.kept, &other.kept) {
            ours.merge(theirs);
        }
        if self.tally.is_full() {
            self.spill(0);
        }
    }

    /// Every key, or those a sketch kept, with what they stand for; in order.
    pub fn weighted(&self) -> Vec<(u64, u64)> {
        match (&self.tally, &self.kept) {
            (Tally::Few(table), _) => sorted(self.domain, table),
            (_, Kept::Sketch(sketch)) => sketch.weighted(),
            (_, Kept::All(all)) => Kll::of(all).weighted(),
            (_, Kept::Counted) => Vec::new(),
        }
    }

    /// Where the quantiles lie, whether exactly, and how many finite values each bin from `low` to `high` has.
    pub fn spread(&self, range: Option<(u64, u64)>) -> (Option<Found>, Option<Vec<u64>>) {
        if let Some(exact) = &self.exact {
            return (Some((exact.quantiles, true)), range.map(|_| exact.bins.clone()));
        }
        let (Tally::Few(table), Some((low, high))) = (&self.tally, range) else {
            let weighted = self.weighted();
            let quantiles = quantiles::of_weighted(&weighted).map(|quantiles| (quantiles, self.is_exact()));
            return (quantiles, range.map(|(low, high)| self.bins(&weighted, low, high)));
        };
        // Sorting all of a large table would take longer than making it.
        let domain = self.domain;
        let entries: Vec<(u64, u64)> =
            table.entries().map(|(slot, word)| (domain.key(&slot, word.as_ref()), slot.count)).collect();
        let grid = domain.grid(low, high);
        let cuts = grid.bins * (FINE / BINS);
        let bin = |key: u64| grid.bin(domain.place(key, low), cuts);
        let mut fine = vec![0_u64; cuts];
        entries.iter().for_each(|(key, times)| fine[bin(*key)] += times);
        let quantiles = quantiles::of_counts(&entries, &fine, bin);
        let mut bins: Vec<u64> = fine.chunks(FINE / BINS).map(|bins| bins.iter().sum()).collect();
        for (key, times) in &entries {
            // Infinities were put into the bins at the ends; saturating, because a profile may come as bytes.
            if *key < low {
                bins[0] = bins[0].saturating_sub(*times);
            } else if *key > high {
                bins[grid.bins - 1] = bins[grid.bins - 1].saturating_sub(*times);
            }
        }
        (quantiles.map(|quantiles| (quantiles, true)), Some(bins))
    }

    /// Whether [`Numbers::weighted`] has every value.
    pub fn is_exact(&self) -> bool {
        match &self.kept {
            Kept::Sketch(sketch) => sketch.is_exact(),
            _ => true,
        }
    }

    /// How many of these keys each bin between `low` and `high` has.
    fn bins(&self, weighted: &[(u64, u64)], low: u64, high: u64) -> Vec<u64> {
        let grid = self.domain.grid(low, high);
        let mut bins = vec![0; grid.bins];
        for (key, times) in weighted.iter().filter(|(key, _)| (low..=high).contains(key)) {
            bins[grid.bin(self.domain.place(*key, low), grid.bins)] += times;
        }
        bins
    }
}

/// Every key of a table with its count, in order.
fn sorted(domain: Domain, table: &Table) -> Vec<(u64, u64)> {
    let mut all: Vec<(u64, u64)> =
        table.entries().map(|(slot, word)| (domain.key(&slot, word.as_ref()), slot.count)).collect();
    all.sort_unstable();
    all
}

#[cfg(test)]
mod tests {
    use super::super::distinct::hash8;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn keys_compare_as_their_numbers_do(a in any::<f64>(), b in any::<f64>(), c in any::<i64>(), d in any::<i64>()) {
            prop_assert_eq!(real_key(a).cmp(&real_key(b)), a.total_cmp(&b));
            prop_assert_eq!(real_of(real_key(a)).to_bits(), a.to_bits());
            let key = |value: i64| Domain::Signed.key_of_bits(value as u64);
            prop_assert_eq!(key(c).cmp(&key(d)), c.cmp(&d));
            prop_assert_eq!(Domain::Signed.whole(key(c)), i128::from(c));
        }
    }

    fn of(values: impl Iterator<Item = i64> + Clone) -> Numbers {
        let mut numbers = Numbers::new(Domain::Signed);
        let bits = values.map(|value| value as u64);
        let all: Vec<u64> = bits.collect();
        for part in all.chunks(2048) {
            let keys = part.iter().map(|bits| Domain::Signed.key_of_bits(*bits));
            numbers.extend(part.iter().map(|bits| hash8(*bits)), keys);
        }
        numbers
    }

    #[test]
    fn many_values_are_exact_until_they_are_merged() {
        let key = |value: i64| Domain::Signed.key_of_bits(value as u64);
        let range = Some((key(0), key(199_999)));
        let mut whole = of((0..200_000).map(|n| n * 7919 % 200_000));
        assert!(!whole.tally.is_exact() && whole.kept() == 200_000);
        whole.seal(range, (0, 0), false);
        let exact = whole.exact.clone().unwrap();
        assert_eq!((exact.unique, exact.bins.clone()), (Some(true), vec![10_000; 20]));
        assert_eq!(Domain::Signed.between(&exact.quantiles[3]), 99_999.5);
        let mut parts = of(0..100_000);
        parts.join(of(100_000..200_000));
        parts.seal(range, (0, 0), false);
        assert_eq!(parts.exact, whole.exact);
        let mut merged = of(0..100_000);
        merged.seal(Some((key(0), key(99_999))), (0, 0), false);
        let mut other = of(100_000..200_000);
        other.seal(Some((key(100_000), key(199_999))), (0, 0), false);
        merged.merge(&other);
        let (quantiles, bins) = merged.spread(range);
        let ((quantiles, exact), bins) = (quantiles.unwrap(), bins.unwrap());
        assert!(!exact && (Domain::Signed.between(&quantiles[3]) - 1e5).abs() < 600.0);
        assert_eq!(bins.iter().sum::<u64>(), 200_000);
        assert!(bins.iter().all(|bin| bin.abs_diff(10_000) < 1200), "{bins:?}");
    }

    #[test]
    fn few_values_stay_exact_through_merges() {
        let mut merged = of((0..50_000).map(|n| n % 1000));
        merged.merge(&of((0..50_000).map(|n| n % 500)));
        let key = |value: i64| Domain::Signed.key_of_bits(value as u64);
        let (quantiles, bins) = merged.spread(Some((key(0), key(999))));
        assert_eq!((merged.weighted().len(), quantiles.unwrap().1), (1000, true));
        assert_eq!(bins.unwrap()[19], 2500);
    }
}
