//! Rows of the old table matched with rows of the new, and looked at column by column.
#![forbid(unsafe_code)]

use super::groups::Groups;
use super::same::{Same, same};
use super::side::{Place, Side};
use super::{Diff, Shared};
use crate::error::Error;
use crate::exec;
use crate::frames::fingerprint::Plan;
use crate::progress::Progress;
use arrow_array::{Array, RecordBatch};
use std::collections::{HashMap, VecDeque};

/// Rows between two looks at the progress, few enough that what they touch stays in the cache.
const STEP: usize = 512;

/// Pairs of rows one job compares.
const JOB: usize = 16_384;

/// Which group each row of a table belongs to, in the order of its rows.
pub(super) struct Members {
    old: Vec<u32>,
    pub(super) new: Vec<u32>,
}

impl Diff {
    pub(super) fn run(&mut self, progress: &Progress<'_>) -> Result<(), Error> {
        let matched = match &self.key {
            Some(key) => key.clone(),
            None => self.compared.clone(),
        };
        let found = {
            let by = self.comparisons(&matched);
            let (groups, members) = self.group(&matched, &by, progress)?;
            let repeated = (
                groups.groups.iter().filter(|group| group.old > 1).count() as u64,
                groups.groups.iter().filter(|group| group.new > 1).count() as u64,
            );
            let rest = self.comparisons(&self.compared);
            let matching = self.matching(&groups, &members, &rest, progress)?;
            let differences = self.differences(&matching.pairs, &rest, progress)?;
            (matching, differences, repeated)
        };
        let (matching, differences, repeated) = found;
        self.repeated = repeated;
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

    /// Puts rows of one key into one group: at first those of one hash, which is proven afterwards, column by column and on
    /// several threads. Two keys of one hash, should there ever be any, are told apart row by row.
    fn group(
        &self,
        key: &[Shared],
        by: &[Same<'_>],
        progress: &Progress<'_>,
    ) -> Result<(Groups, Members), Error> {
        let old = self.hashes(&self.old, key.iter().map(|column| column.old).collect(), progress)?;
        let new = self.hashes(&self.new, key.iter().map(|column| column.new).collect(), progress)?;
        let (groups, members) = self.grouped((&old, &new), &[], progress)?;
        if self.proven(&groups, &members, by, progress)? {
            return Ok((groups, members));
        }
        drop((groups, members));
        self.grouped((&old, &new), by, progress)
    }

    pub(super) fn grouped(
        &self,
        hashes: (&[u64], &[u64]),
        by: &[Same<'_>],
        progress: &Progress<'_>,
    ) -> Result<(Groups, Members), Error> {
        let mut groups = Groups::new(self.old.rows.max(self.new.rows))?;
        let mut enter = |side: &Side, hashes: &[u64], is_old: bool| -> Result<Vec<u32>, Error> {
            let pulse = progress.pulse();
            let mut members = Vec::new();
            members.try_reserve_exact(side.rows)?;
            for (number, (place, hash)) in side.places(&self.batches).zip(hashes).enumerate() {
                if number.is_multiple_of(STEP) {
                    groups.touch(&hashes[number..hashes.len().min(number + STEP)]);
                    pulse.add(STEP as u64)?;
                }
                let group = groups.enter(*hash, place, by, |_, _| true)?;
                let counts = &mut groups.groups[group as usize];
                *if is_old { &mut counts.old } else { &mut counts.new } += 1;
                members.push(group);
            }
            Ok(members)
        };
        let old = enter(&self.old, hashes.0, true)?;
        let new = enter(&self.new, hashes.1, false)?;
        Ok((groups, Members { old, new }))
    }

    /// Whether every row has the key of the first row of its group.
    pub(super) fn proven(
        &self,
        groups: &Groups,
        members: &Members,
        by: &[Same<'_>],
        progress: &Progress<'_>,
    ) -> Result<bool, Error> {
        let mut jobs = Vec::new();
        for (side, members) in [(&self.old, &members.old), (&self.new, &members.new)] {
            let mut rest = &members[..];
            for batch in side.batches.clone() {
                let (mut own, after) = rest.split_at(self.batches[batch].num_rows());
                rest = after;
                let mut row = 0;
                while !own.is_empty() {
                    let (job, after) = own.split_at(own.len().min(JOB));
                    jobs.push((batch as u32, row, job));
                    (own, row) = (after, row + job.len() as u32);
                }
            }
        }
        let found = exec::map(jobs.into_iter(), progress, |(batch, row, members), pulse| {
            let places = (row..).map(|row| Place { batch, row });
            let pairs: Vec<(Place, Place)> = members
                .iter()
                .zip(places)
                .map(|(group, place)| (groups.groups[*group as usize].first, place))
                .filter(|(first, place)| first != place)
                .collect();
            let mut flags = vec![false; pairs.len()];
            for same in by {
                same.differ(&pairs, &mut flags);
                pulse.add(pairs.len() as u64)?;
            }
            Ok(!flags.contains(&true))
        })?;
        Ok(found.into_iter().all(|proven| proven))
    }

    /// Which rows belong together.
    fn matching(
        &self,
        groups: &Groups,
        members: &Members,
        rest: &[Same<'_>],
        progress: &Progress<'_>,
    ) -> Result<Matching, Error> {
        let mut found = Matching::default();
        let (mut many_old, mut many_new) = (Vec::new(), Vec::new());
        for (number, (place, group)) in self.old.places(&self.batches).zip(&members.old).enumerate() {
            let counts = &groups.groups[*group as usize];
            match counts.new {
                0 => found.removed.push(place),
                1 if counts.old == 1 => {}
                _ => many_old.push(Row { number, place, group: *group }),
            }
        }
        for (number, (place, group)) in self.new.places(&self.batches).zip(&members.new).enumerate() {
            let counts = &groups.groups[*group as usize];
            match counts.old {
                0 => found.added.push(place),
                1 if counts.new == 1 => found.pairs.push((counts.first, place)), // the old row came first
                _ => many_new.push(Row { number, place, group: *group }),
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
        // The group of a place, for those places that a comparison can ask about.
        let mut group_of: HashMap<Place, u32> = HashMap::new();
        let mix = |hash: u64, group: u32| {
            (hash ^ u64::from(group)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32)
        };
        let mut groups = Groups::new(old.len())?;
        let pulse = progress.pulse();
        let mut enter = |row: &Row, hash: u64, groups: &mut Groups| -> Result<u32, Error> {
            if row.number.is_multiple_of(STEP) {
                pulse.check()?;
            }
            let before = groups.groups.len();
            let tie = |first: Place, _| group_of.get(&first) == Some(&row.group);
            let number = groups.enter(mix(hash, row.group), row.place, rest, tie)?;
            if groups.groups.len() > before {
                group_of.insert(row.place, row.group);
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
        let mut waiting: HashMap<u32, VecDeque<Place>> = HashMap::new();
        for (row, number) in old.iter().zip(entered) {
            let counts = &mut groups.groups[number as usize];
            if counts.new > 0 {
                counts.new -= 1;
            } else {
                waiting.entry(row.group).or_default().push_back(row.place);
            }
        }
        for row in left {
            match waiting.get_mut(&row.group).and_then(VecDeque::pop_front) {
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
    group: u32,
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
