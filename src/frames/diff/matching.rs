//! Rows of the old table matched with rows of the new, and looked at column by column.
#![forbid(unsafe_code)]

use super::groups::Groups;
use super::parts::{Dealt, Match, Settled, bits, differ};
use super::same::{Same, same};
use super::side::{Place, Side};
use super::{Diff, Shared};
use crate::error::Error;
use crate::exec;
use crate::frames::fingerprint::Plan;
use crate::progress::Progress;
use arrow_array::{Array, RecordBatch};
use std::collections::{HashMap, VecDeque};

/// Rows between two looks at the progress.
const STEP: usize = 512;

/// Pairs of rows one job compares.
const JOB: usize = 16_384;

impl Diff {
    pub(super) fn run(&mut self, progress: &Progress<'_>) -> Result<(), Error> {
        let matched = match &self.key {
            Some(key) => key.clone(),
            None => self.compared.clone(),
        };
        let (matching, differences) = {
            let by = self.comparisons(&matched);
            let rest = self.comparisons(&self.compared);
            let matching = self.matching(&matched, &by, &rest, progress)?;
            // Rows matched as a whole are the same.
            let pairs = if self.key.is_some() { &matching.pairs[..] } else { &[] };
            let differences = self.differences(pairs, &rest, progress)?;
            (matching, differences)
        };
        self.repeated = matching.repeated;
        if let Some(key) = &self.key {
            let nulls = |side: &Side, at: fn(&Shared) -> usize| -> u64 {
                let batches = &self.batches[side.batches.clone()];
                batches.iter().map(|batch| null_rows(batch, key.iter().map(at))).sum()
            };
            self.null_keys = (nulls(&self.old, |column| column.old), nulls(&self.new, |column| column.new));
        }
        let words = self.words();
        for (part, (numbers, flags)) in differences.into_iter().enumerate() {
            for (number, flags) in numbers.iter().zip(flags.chunks(words)) {
                self.changed.push(matching.pairs[part * JOB + *number as usize]);
                self.flags.extend_from_slice(flags);
                for (column, count) in self.differing.iter_mut().enumerate() {
                    *count += flags[column / 64] >> (column % 64) & 1;
                }
            }
        }
        self.unchanged = matching.same + (matching.pairs.len() - self.changed.len()) as u64;
        (self.added, self.removed) = (matching.added, matching.removed);
        Ok(())
    }

    pub(super) fn comparisons(&self, columns: &[Shared]) -> Vec<Same<'_>> {
        let of = |column: &Shared| {
            let old =
                self.batches[self.old.batches.clone()].iter().map(|batch| batch.column(column.old).as_ref());
            let new =
                self.batches[self.new.batches.clone()].iter().map(|batch| batch.column(column.new).as_ref());
            same(old.chain(new).collect::<Vec<&dyn Array>>())
        };
        columns.iter().map(of).collect()
    }

    /// Hashes of some columns of one table's rows.
    fn hashes(&self, side: &Side, columns: Vec<usize>, progress: &Progress<'_>) -> Result<Vec<u64>, Error> {
        let mut hashes = Vec::new();
        hashes.try_reserve_exact(side.rows)?;
        hashes.resize(side.rows, 0);
        Plan::of(columns).hash::<u64>(&self.batches[side.batches.clone()], Some(&mut hashes), progress)?;
        Ok(hashes)
    }

    /// Which rows belong together: those of one hash, which is proven, column by column and on several threads. Where two
    /// keys have one hash, should there ever be any, they are told apart row by row.
    fn matching(
        &self,
        key: &[Shared],
        by: &[Same<'_>],
        rest: &[Same<'_>],
        progress: &Progress<'_>,
    ) -> Result<Matching, Error> {
        let bits = bits(self.old.rows.max(self.new.rows));
        let deal = |side: &Side, at: fn(&Shared) -> usize| {
            let hashes = self.hashes(side, key.iter().map(at).collect(), progress)?;
            Dealt::new(side, &self.batches, &hashes, bits, &progress.pulse())
        };
        let dealt = (deal(&self.old, |column| column.old)?, deal(&self.new, |column| column.new)?);
        for exact in [false, true] {
            let Some(settled) = self.settle((&dealt.0, &dealt.1), by, exact, progress)? else { continue };
            let found = self.paired(&settled, rest, progress)?;
            if exact || self.proven(&found.pairs, by, progress)? {
                return Ok(found);
            }
        }
        unreachable!("what is settled exactly needs no proof")
    }

    /// Whether the rows of every pair have one key.
    pub(super) fn proven(
        &self,
        pairs: &[(Place, Place)],
        by: &[Same<'_>],
        progress: &Progress<'_>,
    ) -> Result<bool, Error> {
        let found = exec::map(pairs.chunks(JOB), progress, |pairs, pulse| {
            pulse.add(pairs.len() as u64)?;
            Ok(!differ(by, pairs))
        })?;
        Ok(found.into_iter().all(|proven| proven))
    }

    /// Rows in the order they come, with those of the other table that have their key.
    fn paired(
        &self,
        settled: &Settled,
        rest: &[Same<'_>],
        progress: &Progress<'_>,
    ) -> Result<Matching, Error> {
        let mut found = Matching { repeated: settled.repeated, ..Matching::default() };
        let (mut many_old, mut many_new) = (Vec::new(), Vec::new());
        for (number, (place, own)) in self.old.places(&self.batches).zip(settled.old.iter()).enumerate() {
            match own {
                Match::Alone => found.removed.push(place),
                Match::Once(_) => {}
                Match::Often(key) => many_old.push(Row { number, place, key }),
            }
        }
        found.pairs.try_reserve_exact(self.new.rows)?;
        for (number, (place, own)) in self.new.places(&self.batches).zip(settled.new.iter()).enumerate() {
            match own {
                Match::Alone => found.added.push(place),
                Match::Once(old) => found.pairs.push((old, place)),
                Match::Often(key) => many_new.push(Row { number, place, key }),
            }
        }
        if !many_old.is_empty() {
            self.repeats(many_old, many_new, rest, progress, &mut found)?;
        }
        Ok(found)
    }

    /// Matches rows whose key comes more than once.
    fn repeats(
        &self,
        old: Vec<Row>,
        new: Vec<Row>,
        rest: &[Same<'_>],
        progress: &Progress<'_>,
        found: &mut Matching,
    ) -> Result<(), Error> {
        // Whole rows: a group's rows are all the same, and its number tells them from others.
        let whole = self.key.is_none();
        let none = |side: &Side| vec![0; if whole { side.rows } else { 0 }];
        let (old_hashes, new_hashes) = if whole {
            (none(&self.old), none(&self.new))
        } else {
            let columns = |at: fn(&Shared) -> usize| self.compared.iter().map(at).collect();
            (
                self.hashes(&self.old, columns(|column| column.old), progress)?,
                self.hashes(&self.new, columns(|column| column.new), progress)?,
            )
        };
        let rest = if whole { &[] } else { rest };
        // The key of a place, for those places that a comparison can ask about.
        let mut key_of: HashMap<Place, u64> = HashMap::new();
        let mix = |hash: u64, key: u64| (hash ^ key).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32);
        let mut groups = Groups::new(old.len())?;
        let pulse = progress.pulse();
        let mut enter = |row: &Row, hash: u64, groups: &mut Groups| -> Result<u32, Error> {
            if row.number.is_multiple_of(STEP) {
                pulse.check()?;
            }
            let before = groups.groups.len();
            let tie = |first: Place, _| key_of.get(&first) == Some(&row.key);
            let number = groups.enter(mix(hash, row.key), row.place, rest, tie)?;
            if groups.groups.len() > before {
                key_of.insert(row.place, row.key);
            }
            Ok(number)
        };
        let mut entered = Vec::with_capacity(old.len());
        for row in &old {
            let number = enter(row, old_hashes[row.number], &mut groups)?;
            groups.groups[number as usize].old += 1;
            entered.push(number);
        }
        let mut left: Vec<&Row> = Vec::new();
        for row in &new {
            let number = enter(row, new_hashes[row.number], &mut groups)?;
            let counts = &mut groups.groups[number as usize];
            if counts.new < counts.old {
                counts.new += 1; // from here on: how many are matched
                found.same += 1;
            } else {
                left.push(row);
            }
        }
        let mut waiting: HashMap<u64, VecDeque<Place>> = HashMap::new();
        for (row, number) in old.iter().zip(entered) {
            let counts = &mut groups.groups[number as usize];
            if counts.new > 0 {
                counts.new -= 1;
            } else {
                waiting.entry(row.key).or_default().push_back(row.place);
            }
        }
        for row in left {
            match waiting.get_mut(&row.key).and_then(VecDeque::pop_front) {
                Some(place) => found.pairs.push((place, row.place)),
                None => found.added.push(row.place),
            }
        }
        found.removed.extend(waiting.into_values().flatten());
        found.removed.sort_unstable();
        found.added.sort_unstable();
        found.pairs.sort_unstable_by_key(|(_, new)| *new);
        Ok(())
    }

    /// For each job of pairs, the numbers of those that differ and in which columns.
    fn differences(
        &self,
        pairs: &[(Place, Place)],
        rest: &[Same<'_>],
        progress: &Progress<'_>,
    ) -> Result<Vec<Differing>, Error> {
        let words = self.words();
        exec::map(pairs.chunks(JOB), progress, |pairs, pulse| {
            let mut differ = vec![0_u64; pairs.len() * words];
            let mut flags = vec![false; pairs.len()];
            for (column, same) in rest.iter().enumerate() {
                flags.fill(false);
                same.differ(pairs, &mut flags);
                let own = differ.iter_mut().skip(column / 64).step_by(words);
                for (own, flag) in own.zip(&flags) {
                    *own |= u64::from(*flag) << (column % 64);
                }
                pulse.add(pairs.len() as u64)?;
            }
            let mut numbers = Vec::new();
            let mut flags = Vec::new();
            for (number, own) in differ.chunks(words).enumerate() {
                if own.iter().any(|word| *word != 0) {
                    numbers.push(number as u32);
                    flags.extend_from_slice(own);
                }
            }
            Ok((numbers, flags))
        })
    }
}

/// A row whose key comes more than once.
struct Row {
    /// In its table.
    number: usize,
    place: Place,
    /// The number of its key.
    key: u64,
}

/// Of one job, the numbers of the pairs that differ, and the flags of each.
type Differing = (Vec<u32>, Vec<u64>);

#[derive(Default)]
struct Matching {
    added: Vec<Place>,
    removed: Vec<Place>,
    /// Old and new row of one key.
    pairs: Vec<(Place, Place)>,
    /// Rows matched as they are.
    same: u64,
    /// Keys that come more than once in the old and in the new table.
    repeated: (u64, u64),
}

/// Rows that have a null in one of these columns.
fn null_rows(batch: &RecordBatch, columns: impl Iterator<Item = usize>) -> u64 {
    let nulls: Vec<_> = columns.filter_map(|at| batch.column(at).logical_nulls()).collect();
    match &nulls[..] {
        [] => 0,
        [one] => one.null_count() as u64,
        many => {
            (0..batch.num_rows()).filter(|row| many.iter().any(|nulls| nulls.is_null(*row))).count() as u64
        }
    }
}
