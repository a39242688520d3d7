//! Profiles of parts, put together to the profile of the whole.
#![forbid(unsafe_code)]

use super::column::Class;
use super::correlation::Method;
use super::{Field, Profile};
use crate::error::Error;

impl Profile {
    /// Takes in the profile of other rows of the same columns; they follow ours when `ordered`.
    ///
    /// Counts, extremes and everything that follows from values counted one by one is what one piece would have given;
    /// the rest keeps its stated error. What only the order of rows tells is given up unless `ordered`, so that without
    /// it no order of merging matters.
    ///
    /// A column that is null throughout and has no type of its own goes with any.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the columns differ in number, name or kind; then nothing has changed.
    pub fn merge(&mut self, other: &Self, ordered: bool) -> Result<(), Error> {
        if self.fields.len() != other.fields.len() {
            return Err(Error::Invalid(format!(
                "other must have the columns of this profile, got {} columns instead of {}",
                other.fields.len(),
                self.fields.len()
            )));
        }
        for (at, (ours, theirs)) in self.fields.iter().zip(&other.fields).enumerate() {
            if ours.name != theirs.name {
                return Err(Error::Invalid(format!(
                    "other must have the columns of this profile, got {:?} instead of {:?} at position {at}",
                    theirs.name, ours.name
                )));
            }
            let same = ours.column.class == theirs.column.class && ours.kind == theirs.kind;
            if !(same || is_null(ours) || is_null(theirs)) {
                return Err(Error::Invalid(format!(
                    "other must have the columns of this profile, got {:?} as {} instead of {}; convert it to one type \
                     in every piece before it is profiled",
                    ours.name, theirs.data_type, ours.data_type
                )));
            }
        }
        for (ours, theirs) in self.fields.iter_mut().zip(&other.fields) {
            match (is_null(ours), is_null(theirs)) {
                (true, false) => {
                    let (rows, memory) = (ours.column.rows, ours.column.memory);
                    ours.column = theirs.column.clone();
                    ours.column.rows += rows;
                    ours.column.memory += memory;
                    (ours.width, ours.data_type, ours.kind) =
                        (theirs.width, theirs.data_type.clone(), theirs.kind);
                }
                (false, true) => {
                    ours.column.rows += theirs.column.rows;
                    ours.column.memory += theirs.column.memory;
                }
                _ => ours.column.merge(&theirs.column, ordered),
            }
            // The wider type; any rule would do that does not depend on which side is which.
            if !is_null(theirs) && (ours.width, &ours.data_type) < (theirs.width, &theirs.data_type) {
                (ours.width, ours.data_type) = (theirs.width, theirs.data_type.clone());
            }
            ours.notes.extend(theirs.notes.iter().cloned());
            ours.notes.sort();
            ours.notes.dedup();
        }
        self.nulls.merge(&other.nulls);
        let rows = self.rows + other.rows;
        let classes: Vec<Class> = self.fields.iter().map(|field| field.column.class).collect();
        match (self.rows, other.rows) {
            (_, 0) => {}
            (0, _) => {
                self.repeats = other.repeats.clone();
                self.correlations = other.correlations.clone();
            }
            _ => {
                self.repeats.merge(&other.repeats, rows);
                self.correlations = match (self.correlations.take(), &other.correlations) {
                    // Ranks are of the whole frame: those of its parts say nothing.
                    (Some(ours), Some(theirs))
                        if ours.method == theirs.method && ours.method == Method::Pearson =>
                    {
                        let mut all = ours.of(&classes);
                        all.merge(&theirs.of(&classes).pairs);
                        Some(all)
                    }
                    _ => None,
                };
            }
        }
        // What was null throughout in one of them may be a number by now.
        self.correlations = self.correlations.take().map(|all| all.of(&classes));
        self.rows = rows;
        Ok(())
    }
}

/// Whether a column has nothing but nulls and no type.
fn is_null(field: &Field) -> bool {
    field.kind == "null" && field.column.class == Class::Counted && field.column.present == 0
}
