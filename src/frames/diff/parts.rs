//! Rows of both tables dealt by the hash of their key, so that each part is matched by itself: on any thread, and with all
//! that is kept of it in the cache (radix partitioning: Shatdal, Kant and Naughton, VLDB 1994).
#![forbid(unsafe_code)]

use super::Diff;
use super::groups::{Group, Groups};
use super::same::Same;
use super::side::{Place, Side};
use crate::error::Error;
use crate::exec;
use crate::progress::{Progress, Pulse};
use arrow_array::RecordBatch;
use std::sync::atomic::{AtomicU64, Ordering};

/// Rows that a part has of either table, or somewhat more.
const PART: usize = 16 << 10;

/// Parts are at most 2^10: dealing to more would miss the cache itself.
const MOST_BITS: u32 = 10;

/// Rows between two looks at the progress.
const STEP: usize = 16 << 10;

/// A row with the hash of its key.
type Hashed = (u64, Place);

/// The rows of one table, those of a part together and in their order.
pub(super) struct Dealt {
    rows: Vec<Hashed>,
    /// Where the parts begin, and at last where they end.
    starts: Vec<usize>,
}

/// How many bits of a hash tell the part of a row, where the larger table has so many.
pub(super) fn bits(rows: usize) -> u32 {
    (rows / PART).checked_ilog2().map_or(0, |bits| (bits + 1).min(MOST_BITS))
}

impl Dealt {
    /// Deals the rows of `side` by the first `bits` bits of their hashes.
    pub(super) fn new(
        side: &Side,
        batches: &[RecordBatch],
        hashes: &[u64],
        bits: u32,
        pulse: &Pulse<'_>,
    ) -> Result<Self, Error> {
        let part = |hash: u64| hash.checked_shr(64 - bits).unwrap_or(0) as usize;
        let mut starts = vec![0; (1 << bits) + 1];
        hashes.iter().for_each(|hash| starts[part(*hash) + 1] += 1);
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut rows = Vec::new();
        rows.try_reserve_exact(side.rows)?;
        rows.resize(side.rows, (0, Place { batch: 0, row: 0 }));
        let mut next = starts.clone();
        for (number, (place, hash)) in side.places(batches).zip(hashes).enumerate() {
            if number.is_multiple_of(STEP) {
                pulse.add(STEP as u64)?;
            }
            let at = &mut next[part(*hash)];
            rows[*at] = (*hash, place);
            *at += 1;
        }
        Ok(Self { rows, starts })
    }

    fn part(&self, part: usize) -> &[Hashed] {
        &self.rows[self.starts[part]..self.starts[part + 1]]
    }
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Match {
    /// The other table does not have its key.
    Alone,
    /// Its key comes once in each table; in the old one at this place.
    Once(Place),
    /// Its key comes several times in a table. The number is that of the key.
    Often(u64),
}

const ALONE: u64 = u64::MAX;
const OFTEN: u64 = 1 << 63;

/// A [`Match`] for every row of a table, written by several threads.
pub(super) struct Matches {
    of: Vec<AtomicU64>,
    /// The number of the first row of each batch.
    starts: Vec<usize>,
    first: usize,
}

impl Matches {
    fn new(side: &Side, batches: &[RecordBatch]) -> Result<Self, Error> {
        let mut of = Vec::new();
        of.try_reserve_exact(side.rows)?;
        of.resize_with(side.rows, AtomicU64::default);
        let ends = batches[side.batches.clone()].iter().scan(0, |end, batch| {
            let start = *end;
            *end += batch.num_rows();
            Some(start)
        });
        Ok(Self { of, starts: ends.collect(), first: side.batches.start })
    }

    fn put(&self, place: Place, found: Match) {
        let packed = match found {
            Match::Alone => ALONE,
            Match::Once(place) => u64::from(place.batch) << 32 | u64::from(place.row),
            Match::Often(key) => OFTEN | key,
        };
        let number = self.starts[place.batch as usize - self.first] + place.row as usize;
        self.of[number].store(packed, Ordering::Relaxed);
    }

    /// In the order of the rows.
    pub(super) fn iter(&self) -> impl Iterator<Item = Match> {
        self.of.iter().map(|packed| match packed.load(Ordering::Relaxed) {
            ALONE => Match::Alone,
            packed if packed & OFTEN != 0 => Match::Often(packed & !OFTEN),
            packed => Match::Once(Place { batch: (packed >> 32) as u32, row: packed as u32 }),
        })
    }
}

/// What became of all rows.
pub(super) struct Settled {
    pub(super) old: Matches,
    pub(super) new: Matches,
    /// Keys that come several times in the old and in the new table.
    pub(super) repeated: (u64, u64),
}

impl Diff {
    /// What became of every row. `by` compares keys. Rows of one hash are taken to have one key unless `exact`; for keys
    /// that come several times that is proven, and none is returned when it is not so.
    pub(super) fn settle(
        &self,
        dealt: (&Dealt, &Dealt),
        by: &[Same<'_>],
        exact: bool,
        progress: &Progress<'_>,
    ) -> Result<Option<Settled>, Error> {
        let old = Matches::new(&self.old, &self.batches)?;
        let new = Matches::new(&self.new, &self.batches)?;
        let found = exec::map(0..dealt.0.starts.len() - 1, progress, |part, pulse| {
            let rows = (dealt.0.part(part), dealt.1.part(part));
            pulse.add((rows.0.len() + rows.1.len()) as u64)?;
            settle(rows, (&old, &new), (part as u64) << 32, by, exact)
        })?;
        let Some(counts) = found.into_iter().collect::<Option<Vec<_>>>() else { return Ok(None) };
        let repeated = counts.iter().fold((0, 0), |sum, (old, new)| (sum.0 + old, sum.1 + new));
        Ok(Some(Settled { old, new, repeated }))
    }
}

/// Settles one part, whose keys are numbered from `base` on, and counts the keys that come several times.
fn settle(
    rows: (&[Hashed], &[Hashed]),
    out: (&Matches, &Matches),
    base: u64,
    by: &[Same<'_>],
    exact: bool,
) -> Result<Option<(u64, u64)>, Error> {
    let mut groups = Groups::new(rows.0.len().max(rows.1.len()))?;
    let mut members = Vec::new();
    members.try_reserve_exact(rows.0.len() + rows.1.len())?;
    let same = if exact { by } else { &[] };
    for (hash, place) in rows.0 {
        let group = groups.enter(*hash, *place, same, |_, _| true)?;
        groups.groups[group as usize].old += 1;
        members.push(group);
    }
    for (hash, place) in rows.1 {
        let group = groups.enter(*hash, *place, same, |_, _| true)?;
        groups.groups[group as usize].new += 1;
        members.push(group);
    }
    // Keys of one hash that come once in each table are proven where both rows are looked at anyway.
    let mut doubtful = Vec::new();
    let (before, after) = members.split_at(rows.0.len());
    for (out, rows, members) in [(out.0, rows.0, before), (out.1, rows.1, after)] {
        for ((_, place), number) in rows.iter().zip(members) {
            let group = &groups.groups[*number as usize];
            let found = match (group.old, group.new) {
                (1, 1) => Match::Once(group.first), // the old row came first
                (0, _) | (_, 0) => Match::Alone,
                _ => Match::Often(base | u64::from(*number)),
            };
            if group.first != *place && !matches!(found, Match::Once(_)) {
                doubtful.push((group.first, *place));
            }
            out.put(*place, found);
        }
    }
    if !exact && differ(by, &doubtful) {
        return Ok(None);
    }
    let often =
        |count: fn(&Group) -> u32| groups.groups.iter().filter(|group| count(group) > 1).count() as u64;
    Ok(Some((often(|group| group.old), often(|group| group.new))))
}

/// Whether any pair differs in any column.
pub(super) fn differ(by: &[Same<'_>], pairs: &[(Place, Place)]) -> bool {
    let mut flags = vec![false; pairs.len()];
    by.iter().for_each(|same| same.differ(pairs, &mut flags));
    flags.contains(&true)
}
