//! A profile as bytes: versioned, the same on every machine, and checked when read.
//!
//! An [envelope](crate::frames::envelope) with the parts in the order of [`Profile::to_bytes`].
#![forbid(unsafe_code)]

mod read;
mod read_values;
#[cfg(test)]
mod tests;
mod write;

use super::Profile;
use super::correlation::Method;
use crate::error::Error;
use crate::frames::envelope::Envelope;

const PROFILE: Envelope = Envelope { magic: b"IWPROFIL", version: 1, called: "profile" };

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
        let mut to = PROFILE.begin();
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
        to.seal()
    }

    /// The profile that [`Profile::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`Error::Invalid`] for anything else, [`Error::Memory`] when it has no room.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let mut from = PROFILE.open(bytes)?;
        let profile = from.profile().ok_or_else(|| PROFILE.contradiction())?;
        if from.left() > 0 {
            return Err(PROFILE.wrong("something follows its end"));
        }
        Ok(profile)
    }
}
