//! The one error type of the safe core.
#![forbid(unsafe_code)]

use std::collections::TryReserveError;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why an operation could not be carried out. Each variant is one Python exception and one C status.
///
/// A message states the rule and the value that broke it, and starts with the parameter's name.
#[derive(Debug)]
pub enum Error {
    /// An argument has a value the operation does not accept: `ValueError`.
    Invalid(String),
    /// An argument has a type, or an array a dtype, the operation does not accept: `TypeError`.
    Type(String),
    /// The exact result does not fit the result type: `OverflowError`.
    Overflow(String),
    /// A division by zero: `ZeroDivisionError`.
    ZeroDivision(String),
    /// The operating system refused: the `OSError` subclass of `source`, with this file name.
    Io {
        /// The file the refused call was about.
        path: PathBuf,
        /// What the system answered, with its error number where it gave one.
        source: io::Error,
    },
    /// The result does not fit in memory: `MemoryError`.
    Memory(String),
    /// A progress report asked to stop: `KeyboardInterrupt`, or what the report raised.
    Cancelled,
}

impl Error {
    /// Pairs an `io::Error` with the file it is about; made for `map_err`.
    pub fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { path: path.to_owned(), source }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(message)
            | Self::Type(message)
            | Self::Overflow(message)
            | Self::ZeroDivision(message)
            | Self::Memory(message) => f.write_str(message),
            Self::Io { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Cancelled => f.write_str("cancelled"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// Rust aborts when a plain `Vec` cannot grow, so sizes a caller chooses go through `try_reserve`.
impl From<TryReserveError> for Error {
    fn from(error: TryReserveError) -> Self {
        Self::Memory(error.to_string())
    }
}
