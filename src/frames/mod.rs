//! Frames of any library, read where they lie: what is in a table, column by column.
#![forbid(unsafe_code)]

pub mod check;

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
