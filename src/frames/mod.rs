//! Frames of any library, read where they lie: what is in a table, column by column.
#![deny(unsafe_code)] // not forbid, which simd_moments could not lift

pub mod check;
pub mod columns;
pub mod diff;
pub mod envelope;
pub mod fingerprint;
pub mod frame;
pub mod memory;
pub mod pick;
pub mod profile;
pub mod sources;
pub mod temporal;
pub mod types;
pub mod validate;
pub mod value;
pub mod window;

use crate::error::Error;
use arrow_schema::ArrowError;

/// Our error in Arrow's clothes, for traits whose error type is Arrow's.
pub fn carry(error: Error) -> ArrowError {
    ArrowError::ExternalError(Box::new(error))
}

/// The error [`carry`] dressed up, or Arrow's own as the nearest of ours.
pub fn uncarry(error: ArrowError) -> Error {
    match error {
        ArrowError::ExternalError(inner) => match inner.downcast::<Error>() {
            Ok(ours) => *ours,
            Err(other) => Error::Invalid(other.to_string()),
        },
        ArrowError::MemoryError(message) => Error::Memory(message),
        ArrowError::NotYetImplemented(message) => Error::Type(message),
        other => Error::Invalid(other.to_string()),
    }
}
