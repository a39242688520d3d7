//! What changed between two tables: rows added, removed and changed, and in which columns.
//!
//! Rows are matched by key, or as a whole where there is none. Hashes only find candidates; every match is proven by
//! comparing values, which are equal under the same rules as fingerprints (docs/fingerprint.md). Both tables are
//! kept where their producers put them; beside them matching takes some 50 bytes a row.
#![forbid(unsafe_code)]

pub mod cell;
pub mod groups;
pub mod report;
pub mod same;
pub mod side;
pub mod spell;
pub mod tables;
pub mod take;

#[cfg(test)]
mod tests;

use crate::error::Error;
use crate::exec;
use crate::frames::fingerprint::Plan;
use crate::progress::Progress;
use arrow_array::{Array, RecordBatch, RecordBatchReader};
use arrow_schema::Schema;
use groups::Groups;
use same::{Same, same};
use side::{Place, Side};
use std::collections::{HashMap, VecDeque};

/// Rows between two looks at the progress, few enough that what they touch stays in the cache.
const STEP: usize = 512;

/// Pairs of rows one job compares.
const JOB: usize = 16_384;

/// A column of both tables: its place in the old one and in the new one.
#[derive(Clone, Debug, PartialEq)]
pub struct Shared {
    /// Its name.
    pub name: String,
    /// Its place in the old table.
    pub old: usize,
    /// Its place in the new table.
    pub new: usize,
}

/// What changed.
#[derive(Debug)]
pub struct Diff {
    batches: Vec<RecordBatch>,
    /// The old table.
    pub old: Side,
    /// The new table.
    pub new: Side,
    /// Columns that rows are matched by; none where whole rows are.
    pub key: Option<Vec<Shared>>,
    /// Columns that are compared.
    pub compared: Vec<Shared>,
    /// Rows of the new table that the old one does not have, in its order.
    pub added: Vec<Place>,
    /// Rows of the old table that the new one does not have, in its order.
    pub removed: Vec<Place>,
    /// Old and new row of one key that differ, in the order of the new table.
    pub changed: Vec<(Place, Place)>,
    /// Whether compared column `c` of changed pair `p` differs: bit `c % 64` of word `p * words + c / 64`.
    flags: Vec<u64>,
    /// How many changed rows differ in each compared column.
    pub differing: Vec<u64>,
    /// Rows that are in both tables and the same.
    pub unchanged: u64,
    /// Keys that come more than once, in the old and in the new table.
    pub repeated: (u64, u64),
    /// Rows with a null in their key, in the old and in the new table.
    pub null_keys: (u64, u64),
    /// The columns looked at in each table; all unless some were asked for.
    pub shown: (Vec<usize>, Vec<usize>),
}

/// Compares two tables.
///
/// `key` names the columns rows are matched by; none: whole rows. `columns` names those that are looked at beside the key;
/// none: all.
///
/// Null keys match each other. Rows of a key that comes more than once are matched like this: those that are the same in
/// both tables first, then, in the order they come, old with new ones as changed; what is left over is removed or added.
///
/// # Errors
/// [`Error::Invalid`] for a name no column bears, a key without columns, two columns of one name, and whatever a reader
/// fails with. [`Error::Memory`], [`Error::Cancelled`].
pub fn diff(
    old: &mut dyn RecordBatchReader,
    new: &mut dyn RecordBatchReader,
    key: Option<&[&str]>,
    columns: Option<&[&str]>,
    progress: &Progress<'_>,
) -> Result<Diff, Error> {
    let mut batches = Vec::new();
    let (old_schema, new_schema) = (old.schema(), new.schema());
    let key = key.map(|names| keys(names, &old_schema, &new_schema)).transpose()?;
    if let Some(name) = columns
        .iter()
        .flat_map(|names| names.iter())
        .find(|name| old_schema.index_of(name).is_err() && new_schema.index_of(name).is_err())
    {
        return Err(Error::Invalid(format!("columns: {name:?} is neither a column of old nor of new")));
    }
    let is_key = |name: &str| key.iter().flatten().any(|column| column.name == name);
    let wanted = |name: &str| columns.is_none_or(|names| names.contains(&name));
    let shown = |schema: &Schema| -> Vec<usize> {
        let fields = schema.fields().iter().enumerate();
        fields.filter(|(_, field)| is_key(field.name()) || wanted(field.name())).map(|(at, _)| at).collect()
    };
    let shown = (shown(&old_schema), shown(&new_schema));
    let compared: Vec<Shared> = shown
        .1
        .iter()
        .map(|at| (*at, new_schema.field(*at).name()))
        .filter(|(_, name)| !is_key(name))
        .filter_map(|(new, name)| {
            Some(Shared { name: name.clone(), old: old_schema.index_of(name).ok()?, new })
        })
        .collect();
    let old = side::read(old, "old", &mut batches, progress)?;
    let new = side::read(new, "new", &mut batches, progress)?;
    let mut found = Diff {
        batches,
        old,
        new,
        differing: vec![0; compared.len()],
        key,
        compared,
        added: Vec::new(),
        removed: Vec::new(),
        changed: Vec::new(),
        flags: Vec::new(),
        unchanged: 0,
        repeated: (0, 0),
        null_keys: (0, 0),
        shown,
    };
    found.run(progress)?;
    progress.finish()?;
    Ok(found)
}

fn keys(names: &[&str], old: &Schema, new: &Schema) -> Result<Vec<Shared>, Error> {
    if names.is_empty() {
        return Err(Error::Invalid("key must name at least one column, got none".into()));
    }
    let mut key: Vec<Shared> = Vec::new();
    for name in names {
        let place = |schema: &Schema, side: &str| {
            schema.index_of(name).map_err(|_| {
                let has = crate::frames::fingerprint::listed(schema);
                Error::Invalid(format!("key: {name:?} is not a column of {side}, which has {has}"))
            })
        };
        if key.iter().any(|column| column.name == *name) {
            return Err(Error::Invalid(format!("key must name different columns, got {name:?} twice")));
        }
        key.push(Shared { name: (*name).to_owned(), old: place(old, "old")?, new: place(new, "new")? });
    }
    Ok(key)
}

/// Which group each row of a table belongs to, in the order of its rows.
struct Members {
    old: Vec<u32>,
    new: Vec<u32>,
}

impl Diff {
    fn run(&mut self, progress: &Progress<'_>) -> Result<(), Error> {
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

    /// Words of flags a changed pair has.
    fn words(&self) -> usize {
        self.compared.len().div_ceil(64).max(1)
    }

    /// Whether compared column `column` differs in changed pair `pair`.
    pub fn differs(&self, pair: usize, column: usize) -> bool {
        self.flags[pair * self.words() + column / 64] >> (column % 64) & 1 == 1
    }

    fn comparisons(&self, columns: &[Shared]) -> Vec<Same<'_>> {
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

    fn grouped(
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
    fn proven(
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
