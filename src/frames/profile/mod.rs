//! A profile: every column of a frame summed up in one pass over its batches.
//!
//! The frame is read on the calling thread, a window of batches at a time, so a stream of any length needs
//! bounded memory; the columns of a window are summed up in parallel. A frame of few columns is also split by
//! rows, in a way that depends on the data alone: the answer is the same, to the last digit, on any
//! number of threads.
//!
//! What is kept merges: see [`Profile::merge`]. Beside it, a frame that is read in one piece is known better than its
//! sketches could tell, from values and row hashes that are kept while it is read and looked at in the end.
#![deny(unsafe_code)] // not forbid, which simd_moments could not lift

pub mod boolean;
pub mod column;
pub mod compare;
pub mod correlation;
pub mod decimal;
pub mod distinct;
pub mod formats;
pub mod heavy;
pub mod histogram;
pub mod merge;
pub mod moments;
pub mod nested;
pub mod nulls;
pub mod numbers;
pub mod numeric;
pub mod options;
mod pass;
pub mod quantiles;
pub mod report;
pub mod rows;
pub mod runs;
#[allow(unsafe_code)]
pub mod simd_moments;
pub mod state;
pub mod summary;
pub mod table;
pub mod tally;
pub mod text;

use column::Column;
use correlation::Correlations;
use nulls::Patterns;
pub use pass::profile;
use rows::Repeats;
use summary::Summary;

/// Most values, of all columns together, that are kept one by one for exact quantiles where nothing else is said:
/// 256 MiB.
pub const KEPT: usize = 1 << 25;

/// Metadata of a field that goes to the notes of its column.
pub const NOTE: &str = "ironwheel:note";

/// One column of a frame.
#[derive(Clone, Debug)]
pub struct Field {
    /// Name in the frame, which need not be unique.
    pub name: String,
    /// Type in the frame.
    pub data_type: String,
    /// Bits of a value, which tells the wider of two types; 0 where they differ.
    pub width: u32,
    /// Family of types.
    pub kind: &'static str,
    /// What whoever made the frame has to say about the column.
    pub notes: Vec<String>,
    /// What it came to.
    pub column: Column,
}

/// What a frame came to.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Rows of the frame.
    pub rows: u64,
    /// Its columns, or those asked for.
    pub fields: Vec<Field>,
    /// Rows that repeat an earlier one.
    pub repeats: Repeats,
    /// Columns that are null together.
    pub nulls: Patterns,
    /// Correlations, where asked for.
    pub correlations: Option<Correlations>,
}

impl Profile {
    /// What every column came to.
    pub fn summaries(&self) -> Vec<Summary> {
        let fields = self.fields.iter();
        fields
            .map(|field| field.column.summary(&field.name, &field.data_type, field.kind, &field.notes))
            .collect()
    }

    /// Bytes all columns take as Arrow lays them out.
    pub fn memory(&self) -> u64 {
        self.fields.iter().map(|field| field.column.memory).sum()
    }

    /// Rows that repeat an earlier one, also where a column shows that there are none.
    pub fn duplicate_rows(&self, columns: &[Summary]) -> Option<u64> {
        let unique = columns.iter().any(|column| column.is_unique == Some(true) && column.count == self.rows);
        if unique { Some(0) } else { self.repeats.count }
    }
}
