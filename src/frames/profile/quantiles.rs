//! Quantiles: exact from the values themselves, else from a sketch that merges (KLL; Karnin, Lang and Liberty 2016,
//! arXiv:1603.05346).
//!
//! Values are 64-bit keys that compare as the values do. Interpolation is linear between neighbours, as NumPy has it.
#![forbid(unsafe_code)]

use super::histogram::BINS;

/// Shares of the values that lie below each quantile of a report.
pub const SHARES: [f64; 7] = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

/// Rank error of a quantile from a sketch, as a share of all values, that 99 of 100 stay below.
pub const RANK_ERROR: f64 = 0.003;

/// Keys of the top level; levels below shrink by a third each.
const K: usize = 4096;

/// Least keys of a level: sorting longer runs costs less a key.
const LEAST: usize = 256;

/// Strata a column kept whole is sampled from, at least, when it goes into a sketch.
const STRATA_BITS: u32 = 18;

/// Levels a sketch may have: more than 2^64 values need.
pub const LEVELS: usize = 64;

/// A sketch of keys: those of level `n` stand for `2^n` keys each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kll {
    levels: Vec<Vec<u64>>,
    count: u64,
    random: u64,
}

impl Kll {
    /// Keys taken in.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Whether every key is still there.
    pub fn is_exact(&self) -> bool {
        self.levels.len() <= 1
    }

    /// Takes in one key.
    #[inline]
    pub fn add(&mut self, key: u64) {
        self.put(key, 0);
    }

    /// Takes in a key that comes `times`.
    pub fn add_times(&mut self, key: u64, times: u64) {
        (0..64).filter(|level| times >> level & 1 == 1).for_each(|level| self.put(key, level));
    }

    #[inline]
    fn put(&mut self, key: u64, level: usize) {
        while self.levels.len() <= level {
            self.levels.push(Vec::new());
        }
        self.count += 1 << level;
        self.levels[level].push(key);
        if self.levels[level].len() >= self.room(level) {
            self.compress();
        }
    }

    /// A sketch of values that are all at hand: large columns are sampled, one of each run of neighbours.
    pub fn of(keys: &[u64]) -> Self {
        let mut sketch = Self::default();
        let level = (usize::BITS - keys.len().leading_zeros()).saturating_sub(STRATA_BITS + 1) as usize;
        let runs = keys.chunks_exact(1 << level);
        let rest = runs.remainder();
        for run in runs {
            let at = sketch.draw() as usize & ((1 << level) - 1);
            sketch.put(run[at], level);
        }
        rest.iter().for_each(|key| sketch.add(*key));
        sketch
    }

    fn room(&self, level: usize) -> usize {
        let depth = self.levels.len() - 1 - level;
        let room = K as f64 * (2.0_f64 / 3.0).powi(depth.min(32) as i32);
        (room as usize).max(LEAST)
    }

    /// Halves the lowest levels that have no room left.
    fn compress(&mut self) {
        for level in 0..LEVELS - 1 {
            if level >= self.levels.len() {
                return;
            }
            if self.levels[level].len() < self.room(level) {
                continue;
            }
            if level + 1 == self.levels.len() {
                self.levels.push(Vec::new());
            }
            let offset = self.draw() as usize & 1;
            let mut keys = std::mem::take(&mut self.levels[level]);
            keys.sort_unstable();
            let odd = if keys.len() % 2 == 1 { keys.pop() } else { None };
            self.levels[level + 1].extend(keys.iter().skip(offset).step_by(2));
            keys.clear();
            keys.extend(odd);
            self.levels[level] = keys;
        }
    }

    /// A number that looks random and is the same every run (SplitMix64).
    fn draw(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Takes in everything `other` has.
    pub fn merge(&mut self, other: &Self) {
        while self.levels.len() < other.levels.len() {
            self.levels.push(Vec::new());
        }
        for (ours, theirs) in self.levels.iter_mut().zip(&other.levels) {
            ours.extend_from_slice(theirs);
        }
        self.count += other.count;
        self.random = self.random.wrapping_add(other.random);
        self.compress();
    }

    /// Every key kept with what it stands for, in order.
    pub fn weighted(&self) -> Vec<(u64, u64)> {
        let levels = self.levels.iter().enumerate();
        let mut all: Vec<(u64, u64)> =
            levels.flat_map(|(level, keys)| keys.iter().map(move |key| (*key, 1 << level))).collect();
        all.sort_unstable();
        all
    }

    /// The levels and the state of the random numbers, to be written down.
    pub fn parts(&self) -> (&[Vec<u64>], u64) {
        (&self.levels, self.random)
    }

    /// A sketch of such levels; none when they stand for more than 2^62 values.
    pub fn from_parts(levels: Vec<Vec<u64>>, random: u64) -> Option<Self> {
        let mut count = 0_u64;
        for (level, keys) in levels.iter().enumerate() {
            let each = 1_u64.checked_shl(level as u32).filter(|each| *each <= 1 << 62)?;
            count = count.checked_add(each.checked_mul(keys.len() as u64)?)?;
        }
        (count <= 1 << 62 && levels.len() <= LEVELS).then_some(Self { levels, count, random })
    }
}

/// A quantile lies between two keys, this far from the first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Between {
    /// The key at or below it.
    pub low: u64,
    /// The next key.
    pub high: u64,
    /// From 0 to 1.
    pub share: f64,
}

/// The quantiles of [`SHARES`], of keys in order with how often each comes; none of no keys.
pub fn of_weighted(sorted: &[(u64, u64)]) -> Option<[Between; 7]> {
    let count: u64 = sorted.iter().map(|(_, times)| times).sum();
    let (mut at, mut below) = (0, 0_u64);
    (count > 0).then(|| {
        SHARES.map(|share| {
            let (rank, share) = rank(share, count);
            // Ranks only grow from one quantile to the next; the next one may start where the last looked ahead from.
            (at, below) = forward(sorted, at, below, rank);
            let (ahead, _) = forward(sorted, at, below, (rank + 1).min(count - 1));
            Between { low: sorted[at].0, high: sorted[ahead].0, share }
        })
    })
}

/// Where the key of this rank is, from a place with so many below it.
fn forward(sorted: &[(u64, u64)], mut at: usize, mut below: u64, rank: u64) -> (usize, u64) {
    while at + 1 < sorted.len() && below + sorted[at].1 <= rank {
        below += sorted[at].1;
        at += 1;
    }
    (at, below)
}

fn rank(share: f64, count: u64) -> (u64, f64) {
    let position = share * (count - 1) as f64;
    let rank = (position as u64).min(count - 1);
    (rank, (position - rank as f64).clamp(0.0, 1.0))
}

/// Equal-width bins that exact quantiles narrow their search with; a whole number of them makes one of a histogram.
pub const FINE: usize = BINS * 256;

/// The quantiles of [`SHARES`] of all `keys`, given how many of them fall in each of the bins that `bin` tells.
///
/// Only the bins a quantile lies in are looked at again, in `room`.
pub fn of_keys(
    keys: &[u64],
    fine: &[u64],
    bin: impl Fn(u64) -> usize,
    room: &mut Vec<u64>,
) -> Option<[Between; 7]> {
    let count = keys.len() as u64;
    if count == 0 {
        return None;
    }
    let mut ranks: Vec<u64> = Vec::with_capacity(2 * SHARES.len());
    for share in SHARES {
        let (rank, _) = rank(share, count);
        ranks.extend([rank, (rank + 1).min(count - 1)]);
    }
    ranks.sort_unstable();
    ranks.dedup();
    let mut wanted = vec![false; fine.len()];
    let mut found: Vec<(u64, usize)> = Vec::with_capacity(ranks.len()); // rank, and its rank among the keys gathered
    let (mut below, mut gathered, mut next) = (0_u64, 0_u64, 0);
    for (at, held) in fine.iter().enumerate() {
        while next < ranks.len() && ranks[next] < below + held {
            wanted[at] = true;
            found.push((ranks[next], (gathered + ranks[next] - below) as usize));
            next += 1;
        }
        below += held;
        gathered += if wanted[at] { *held } else { 0 };
    }
    room.clear();
    room.reserve(gathered as usize);
    room.extend(keys.iter().filter(|key| wanted[bin(**key)]));
    let places: Vec<usize> = found.iter().map(|(_, place)| *place).collect();
    select(room, 0, &places);
    let at = |rank: u64| match found.binary_search_by_key(&rank, |(rank, _)| *rank) {
        Ok(at) => room[found[at].1],
        Err(_) => room[0],
    };
    Some(SHARES.map(|share| {
        let (rank, share) = rank(share, count);
        Between { low: at(rank), high: at((rank + 1).min(count - 1)), share }
    }))
}

/// As [`of_keys`], of keys that come as often as is said beside them, in no order.
pub fn of_counts(entries: &[(u64, u64)], fine: &[u64], bin: impl Fn(u64) -> usize) -> Option<[Between; 7]> {
    let count: u64 = fine.iter().sum();
    if count == 0 {
        return None;
    }
    let mut wanted = vec![false; fine.len()];
    let mut ends = Vec::with_capacity(fine.len()); // values up to and with each bin
    fine.iter().fold(0, |below, held| {
        ends.push(below + held);
        below + held
    });
    for share in SHARES {
        let (rank, _) = rank(share, count);
        for rank in [rank, (rank + 1).min(count - 1)] {
            wanted[ends.partition_point(|end| *end <= rank)] = true;
        }
    }
    // Bins no quantile lies in become one key each, which keeps all ranks.
    let mut all: Vec<(u64, u64)> = entries.iter().filter(|(key, _)| wanted[bin(*key)]).copied().collect();
    all.sort_unstable();
    let mut gathered = Vec::with_capacity(all.len() + fine.len());
    let mut rest = all.into_iter().peekable();
    for (at, held) in fine.iter().enumerate().filter(|(_, held)| **held > 0) {
        match wanted[at] {
            true => {
                while let Some(entry) = rest.next_if(|(key, _)| bin(*key) == at) {
                    gathered.push(entry);
                }
            }
            false => gathered.push((0, *held)),
        }
    }
    of_weighted(&gathered)
}

/// Puts the keys of these places, in order, where sorting would.
fn select(keys: &mut [u64], first: usize, places: &[usize]) {
    let Some(middle) = places.get(places.len() / 2) else { return };
    if keys.len() < 2 {
        return;
    }
    let at = middle - first;
    let (left, _, right) = keys.select_nth_unstable(at);
    let (before, after) = places.split_at(places.len() / 2);
    select(left, first, before);
    select(right, middle + 1, &after[1..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(keys: &[u64]) -> [Between; 7] {
        let mut keys = keys.to_vec();
        keys.sort_unstable();
        SHARES.map(|share| {
            let (rank, share) = rank(share, keys.len() as u64);
            let low = rank as usize;
            Between { low: keys[low], high: keys[(low + 1).min(keys.len() - 1)], share }
        })
    }

    proptest! {
        #[test]
        fn every_way_gives_what_sorting_gives(keys in prop::collection::vec(0..1000_u64, 1..400)) {
            let bin = |key: u64| key as usize * FINE / 1000;
            let mut fine = vec![0; FINE];
            keys.iter().for_each(|key| fine[bin(*key)] += 1);
            prop_assert_eq!(of_keys(&keys, &fine, bin, &mut Vec::new()), Some(plain(&keys)));
            let one = |_: u64| 0;
            prop_assert_eq!(of_keys(&keys, &[keys.len() as u64], one, &mut Vec::new()), Some(plain(&keys)));
            let mut counts = std::collections::BTreeMap::new();
            keys.iter().for_each(|key| *counts.entry(*key).or_insert(0) += 1);
            let counts: Vec<(u64, u64)> = counts.into_iter().collect();
            prop_assert_eq!(of_weighted(&counts), Some(plain(&keys)));
            let backwards: Vec<(u64, u64)> = counts.iter().rev().copied().collect();
            prop_assert_eq!(of_counts(&backwards, &fine, bin), Some(plain(&keys)));
            let mut sketch = Kll::default();
            keys.iter().for_each(|key| sketch.add(*key));
            prop_assert!(sketch.is_exact());
            prop_assert_eq!(of_weighted(&sketch.weighted()), Some(plain(&keys)));
        }
    }

    /// The largest distance between the share a sketch says lies below a key and the truth, over many keys.
    fn worst(sketch: &Kll, count: u64) -> f64 {
        let (mut below, mut worst) = (0_u64, 0.0_f64);
        for (key, weight) in sketch.weighted() {
            worst = worst.max(((below as f64 + weight as f64 / 2.0) - key as f64).abs() / count as f64);
            below += weight;
        }
        assert_eq!(below, count);
        worst
    }

    #[test]
    fn a_sketch_keeps_its_rank_error_through_streams_samples_and_merges() {
        let count = 1_200_000_u64;
        let shuffled: Vec<u64> = (0..count).map(|n| n * 7_654_321 % count).collect(); // every key once
        let mut streamed = Kll::default();
        shuffled.iter().for_each(|key| streamed.add(*key));
        let mut merged = Kll::default();
        shuffled.chunks(10_007).for_each(|part| merged.merge(&Kll::of(part)));
        for sketch in [streamed, merged, Kll::of(&shuffled)] {
            assert_eq!(sketch.count(), count);
            assert!(worst(&sketch, count) < RANK_ERROR, "{}", worst(&sketch, count));
            let kept: usize = sketch.parts().0.iter().map(Vec::len).sum();
            assert!(kept < 20_000, "{kept}");
        }
    }

    #[test]
    fn a_key_that_comes_often_is_taken_in_at_once() {
        let mut sketch = Kll::default();
        sketch.add_times(5, (1 << 40) + 3);
        sketch.add(9);
        assert_eq!((sketch.count(), sketch.weighted().len()), ((1 << 40) + 4, 4));
        assert_eq!(of_weighted(&sketch.weighted()).unwrap()[3].low, 5);
        assert_eq!(of_weighted(&[]), None);
        assert_eq!(Kll::from_parts(vec![vec![]; 65], 0), None);
        let (levels, random) = sketch.parts();
        assert_eq!(Kll::from_parts(levels.to_vec(), random), Some(sketch));
    }
}
