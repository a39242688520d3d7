//! A profile as bytes: versioned, the same on every machine, and checked when read.
//!
//! `IWPROFIL`, a version, the parts in the order of [`Profile::to_bytes`], and XXH3-64 of all that. Integers are little-endian;
//! counts and sizes take seven bits a byte, the low ones first (LEB128).
#![forbid(unsafe_code)]

mod read;
mod read_values;
#[cfg(test)]
mod tests;
mod write;

use super::Profile;
use super::correlation::Method;
use crate::error::Error;
use read::Reader;
use write::Writer;
use xxhash_rust::xxh3::xxh3_64;

const MAGIC: &[u8; 8] = b"IWPROFIL";

/// Raised when the parts or their order change.
pub const VERSION: u16 = 1;

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
