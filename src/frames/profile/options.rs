//! What a profile is asked for beside its usual figures.
#![forbid(unsafe_code)]

use super::correlation::Method;
use super::rows;
use crate::error::Error;
use serde_json::Value as Json;

/// Bytes that are kept at most where nothing else is said: 320 MiB, a share of what a frame in memory takes itself.
pub const MEMORY: u64 = 320 << 20;

/// The same of rows that lie in no memory, and may be more than fit there: 112 MiB.
pub const MEMORY_STREAMED: u64 = 112 << 20;

/// Options of a profile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Correlations between all columns of numbers.
    pub correlations: Option<Method>,
    /// Bytes that are kept at most, beside the sketches, so that what a frame read in one piece allows is exact.
    pub memory: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { correlations: None, memory: MEMORY }
    }
}

impl Options {
    /// Rows whose hashes may be kept, to count those that repeat: a third of the memory, and never more than 64 MiB.
    pub fn most_rows(&self) -> usize {
        usize::try_from(self.memory / 3 / 8).map_or(rows::MOST, |most| most.min(rows::MOST))
    }

    /// Values that may be kept one by one, of all columns together: what the rows leave.
    pub fn most_values(&self) -> usize {
        usize::try_from(self.memory / 8).unwrap_or(usize::MAX) - self.most_rows()
    }

    /// Options as a JSON object; none of them when the text is empty.
    ///
    /// # Errors
    /// [`Error::Invalid`] for anything else, an unknown option and a value it does not take.
    pub fn read(text: &str) -> Result<Self, Error> {
        let mut options = Self::default();
        if text.is_empty() {
            return Ok(options);
        }
        let Ok(Json::Object(given)) = serde_json::from_str(text) else {
            return Err(Error::Invalid(format!("options must be a JSON object, got {text:?}")));
        };
        let mut streamed = false;
        let mut memory = None;
        for (name, value) in given {
            match name.as_str() {
                "correlations" => {
                    options.correlations = match value.as_str() {
                        _ if value.is_null() => None,
                        Some("pearson") => Some(Method::Pearson),
                        Some("spearman") => Some(Method::Spearman),
                        _ => {
                            return Err(Error::Invalid(format!(
                                "correlations must be \"pearson\", \"spearman\" or null, got {value}"
                            )));
                        }
                    };
                }
                "memory" => {
                    memory = value.as_u64();
                    if memory.is_none() && !value.is_null() {
                        let message = format!("memory must be a number of bytes, 0 or more, got {value}");
                        return Err(Error::Invalid(message));
                    }
                }
                "streamed" => {
                    streamed = value.as_bool().ok_or_else(|| {
                        Error::Invalid(format!("streamed must be true or false, got {value}"))
                    })?;
                }
                _ => {
                    return Err(Error::Invalid(format!(
                        "options: {name:?} is not an option, known are \"correlations\", \"memory\" and \"streamed\""
                    )));
                }
            }
        }
        options.memory = memory.unwrap_or(if streamed { MEMORY_STREAMED } else { MEMORY });
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_or_refused() {
        assert_eq!(Options::read("").unwrap(), Options::default());
        let pearson = Options::read(r#"{"correlations": "pearson"}"#).unwrap();
        assert_eq!(pearson.correlations, Some(Method::Pearson));
        let small = Options::read(r#"{"memory": 48000000}"#).unwrap();
        assert_eq!((small.most_rows(), small.most_values()), (2_000_000, 4_000_000));
        let usual = Options::default();
        assert_eq!((usual.most_rows(), usual.most_values()), (rows::MOST, super::super::KEPT));
        let none = Options::read(r#"{"memory": 0}"#).unwrap();
        assert_eq!((none.most_rows(), none.most_values()), (0, 0));
        for (text, memory) in [
            (r#"{"streamed": true}"#, MEMORY_STREAMED),
            (r#"{"memory": null, "streamed": false}"#, MEMORY),
            (r#"{"memory": 7, "streamed": true}"#, 7),
        ] {
            assert_eq!(Options::read(text).unwrap().memory, memory);
        }
        for (text, part) in [
            ("[]", "JSON object"),
            (r#"{"memory": -1}"#, "memory must be a number of bytes, 0 or more, got -1"),
            (r#"{"memory": "1"}"#, r#"got "1""#),
            (r#"{"streamed": 1}"#, "streamed must be true or false, got 1"),
            (r#"{"x": 1}"#, r#""x" is not an option"#),
            (r#"{"correlations": "kendall"}"#, r#"got "kendall""#),
        ] {
            let message = Options::read(text).unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        }
    }
}
