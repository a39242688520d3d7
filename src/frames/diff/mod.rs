//! What changed between two tables: rows added, removed and changed, and in which columns.
//!
//! Rows are matched by key, or as a whole where there is none. Hashes only find candidates; every match is proven by
//! comparing values, which are equal under the same rules as fingerprints (docs/fingerprint.md). Both tables are
//! kept where their producers put them; beside them matching takes some 65 bytes a row of the larger one.
#![forbid(unsafe_code)]

pub mod cell;
pub mod groups;
mod matching;
mod parts;
pub mod report;
pub mod same;
pub mod side;
pub mod spell;
pub mod tables;
pub mod take;

#[cfg(test)]
mod tests;

use crate::error::Error;
use crate::progress::Progress;
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::Schema;
use side::{Place, Side};

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

impl Diff {
    /// Words of flags a changed pair has.
    fn words(&self) -> usize {
        self.compared.len().div_ceil(64).max(1)
    }

    /// Whether compared column `column` differs in changed pair `pair`.
    pub fn differs(&self, pair: usize, column: usize) -> bool {
        self.flags[pair * self.words() + column / 64] >> (column % 64) & 1 == 1
    }
}
