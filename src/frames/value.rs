//! One value of a profile, as the reports spell it.
#![forbid(unsafe_code)]

use serde_json::{Number, Value as Json};
use std::fmt::Write;

/// A smallest, largest, mean or spread.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// There is none: no values, or the type has no such thing.
    None,
    /// An integer of at most 64 bits.
    Whole(i128),
    /// A binary floating-point number.
    Real(f64),
    /// A truth value.
    Bool(bool),
    /// Text; also decimals, dates and times, written out exactly.
    Text(String),
    /// Binary data.
    Bytes(Vec<u8>),
}

impl Value {
    /// As JSON: integers beyond 64 bits are text; infinities are the texts "inf" and "-inf", which JSON has no numbers for; bytes are hexadecimal.
    pub fn json(&self) -> Json {
        match self {
            Self::None => Json::Null,
            Self::Whole(value) => {
                let number = i64::try_from(*value).map(Number::from);
                let number = number.or_else(|_| u64::try_from(*value).map(Number::from));
                number.map_or_else(|_| Json::String(value.to_string()), Json::Number)
            }
            Self::Real(value) if value.is_infinite() => Json::String(value.to_string()),
            Self::Real(value) => Number::from_f64(*value).map_or(Json::Null, Json::Number),
            Self::Bool(value) => Json::Bool(*value),
            Self::Text(text) => Json::String(text.clone()),
            Self::Bytes(bytes) => Json::String(hexadecimal(bytes)),
        }
    }

    /// As text; none for no value.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::None => None,
            Self::Whole(value) => Some(value.to_string()),
            Self::Real(value) => Some(format!("{value:?}")), // the fewest digits that read back the same
            Self::Bool(value) => Some(value.to_string()),
            Self::Text(text) => Some(text.clone()),
            Self::Bytes(bytes) => Some(hexadecimal(bytes)),
        }
    }

    /// As a number; none for anything else.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Whole(value) => Some(*value as f64),
            Self::Real(value) => Some(*value),
            _ => None,
        }
    }
}

impl From<Option<f64>> for Value {
    fn from(value: Option<f64>) -> Self {
        value.filter(|value| !value.is_nan()).map_or(Self::None, Self::Real)
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
