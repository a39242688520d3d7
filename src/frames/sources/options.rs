//! What a caller may say about files, as it crosses the boundary: one JSON object.
#![forbid(unsafe_code)]

use super::encoding::Encoding;
use super::kind::Kind;
use super::nulls::Nulls;
use crate::error::Error;
use serde_json::Value as Json;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Delimited text, tabs included.
    Csv,
    /// One JSON object a line.
    JsonLines,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "json lines",
            Self::Parquet => "parquet",
        }
    }
}

/// What the caller says of the encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// UTF-16, of an order the file tells.
    Utf16,
    /// This one.
    Exactly(Encoding),
}

/// Bytes looked at from the start of a file, unless the caller wants another number.
pub const SAMPLE: u64 = 16 << 20;

/// Everything a caller may say; what is `None` is told from the file.
#[derive(Clone, Debug)]
pub struct Options {
    /// What the files hold.
    pub format: Option<Format>,
    /// Tabs unless something else is said or seen.
    pub tabs: bool,
    /// Between fields.
    pub delimiter: Option<u8>,
    /// Around fields; `Some(None)` when quotes mean nothing.
    pub quote: Option<Option<u8>>,
    /// Before a byte within quotes; `Some(None)` when quotes are doubled.
    pub escape: Option<Option<u8>>,
    /// Whether the first row names the columns.
    pub header: Option<bool>,
    /// How characters are written.
    pub encoding: Option<Said>,
    /// Types of columns by name.
    pub types: Vec<(String, Kind)>,
    /// The type of all columns.
    pub every: Option<Kind>,
    /// What is null.
    pub nulls: Nulls,
    /// The columns to read, in this order.
    pub columns: Option<Vec<String>>,
    /// Rows may be short.
    pub pad: bool,
    /// Files may lack columns.
    pub union: bool,
    /// Bytes to look at for types; `None` for all.
    pub sample: Option<u64>,
    /// Lines before the table.
    pub skip: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            format: None,
            tabs: false,
            delimiter: None,
            quote: None,
            escape: None,
            header: None,
            encoding: None,
            types: Vec::new(),
            every: None,
            nulls: Nulls::default(),
            columns: None,
            pad: false,
            union: false,
            sample: Some(SAMPLE),
            skip: 0,
        }
    }
}

impl Options {
    /// Reads `{"delimiter": ";", ...}`; a key left out or null is told from the files.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an unknown key or a wrong value, by its name.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let json: Json =
            serde_json::from_str(text).map_err(|error| Error::Invalid(format!("options: {error}")))?;
        let Json::Object(fields) = json else {
            return Err(Error::Invalid(format!("options must be a JSON object, got {json}")));
        };
        let mut options = Self::default();
        for (name, value) in &fields {
            let given = (!value.is_null()).then_some(value);
            match (name.as_str(), given) {
                ("sample", None) => options.sample = None,
                ("sample", Some(value)) => options.sample = Some(count(name, value)?.max(1)),
                (_, None) => {}
                ("format", Some(value)) => options.format(text_of(name, value)?)?,
                ("delimiter", Some(value)) => {
                    options.delimiter = Some(byte(name, value)?.ok_or_else(|| {
                        Error::Invalid("delimiter must be one ASCII character, got \"\"".into())
                    })?);
                }
                ("quote", Some(value)) => options.quote = Some(byte(name, value)?),
                ("escape", Some(value)) => options.escape = Some(byte(name, value)?),
                ("header", Some(value)) => options.header = Some(flag(name, value)?),
                ("encoding", Some(value)) => {
                    let named = Encoding::named(text_of(name, value)?)?;
                    options.encoding = Some(named.map_or(Said::Utf16, Said::Exactly));
                }
                ("types", Some(Json::String(every))) => options.every = Some(Kind::named(every)?),
                ("types", Some(Json::Object(types))) => {
                    for (column, of) in types {
                        options.types.push((column.clone(), Kind::named(text_of(name, of)?)?));
                    }
                }
                ("nulls", Some(value)) => {
                    let words = texts(name, value)?;
                    options.nulls.usual = false;
                    options.nulls.empty = words.iter().any(String::is_empty);
                    let words = words.into_iter().filter(|word| !word.is_empty());
                    options.nulls.words = words.map(String::into_bytes).collect();
                }
                ("columns", Some(value)) => options.columns = Some(texts(name, value)?),
                ("ragged", Some(value)) => {
                    options.pad = match text_of(name, value)? {
                        "error" => false,
                        "pad" => true,
                        other => {
                            return Err(Error::Invalid(format!(
                                "ragged must be error or pad, got {other:?}"
                            )));
                        }
                    };
                }
                ("union", Some(value)) => options.union = flag(name, value)?,
                ("skip", Some(value)) => options.skip = count(name, value)?,
                (other, Some(value)) => {
                    return Err(Error::Invalid(format!(
                        "options: {other:?} is not known or cannot be {value}"
                    )));
                }
            }
        }
        options.check()?;
        Ok(options)
    }

    fn format(&mut self, name: &str) -> Result<(), Error> {
        self.format = Some(match name {
            "csv" => Format::Csv,
            "tsv" => {
                self.tabs = true;
                Format::Csv
            }
            "jsonl" | "ndjson" | "json lines" | "json" => Format::JsonLines,
            "parquet" => Format::Parquet,
            _ => {
                return Err(Error::Invalid(format!(
                    "format must be csv, tsv, jsonl or parquet, got {name:?}"
                )));
            }
        });
        Ok(())
    }

    fn check(&self) -> Result<(), Error> {
        let same = |a: Option<u8>, b: Option<u8>| a.is_some() && a == b;
        let quote = self.quote.flatten();
        if same(self.delimiter, quote) || same(self.delimiter, self.escape.flatten()) {
            return Err(Error::Invalid(format!(
                "delimiter must differ from quote and escape, got {:?}",
                self.delimiter.map(char::from).unwrap_or_default()
            )));
        }
        Ok(())
    }
}

fn text_of<'a>(name: &str, value: &'a Json) -> Result<&'a str, Error> {
    value.as_str().ok_or_else(|| Error::Invalid(format!("{name} must be text, got {value}")))
}

fn texts(name: &str, value: &Json) -> Result<Vec<String>, Error> {
    let list =
        value.as_array().ok_or_else(|| Error::Invalid(format!("{name} must be a list, got {value}")))?;
    list.iter().map(|item| text_of(name, item).map(str::to_owned)).collect()
}

fn flag(name: &str, value: &Json) -> Result<bool, Error> {
    value.as_bool().ok_or_else(|| Error::Invalid(format!("{name} must be true or false, got {value}")))
}

fn count(name: &str, value: &Json) -> Result<u64, Error> {
    value.as_u64().ok_or_else(|| Error::Invalid(format!("{name} must be a whole number from 0, got {value}")))
}

/// One character, or none when the text is empty.
fn byte(name: &str, value: &Json) -> Result<Option<u8>, Error> {
    match text_of(name, value)?.as_bytes() {
        [] => Ok(None),
        [byte @ 1..128] if !matches!(byte, b'\n' | b'\r') => Ok(Some(*byte)),
        _ => Err(Error::Invalid(format!("{name} must be one ASCII character and no line end, got {value}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_may_be_said() {
        let options = Options::parse(
            r#"{"format": "tsv", "delimiter": ";", "quote": "", "escape": "\\", "header": false, "encoding": "utf-16",
                "types": {"a": "string"}, "nulls": ["", "NA"], "columns": ["a"], "ragged": "pad", "union": true,
                "sample": null, "skip": 2}"#,
        )
        .unwrap();
        assert_eq!((options.format, options.tabs, options.delimiter), (Some(Format::Csv), true, Some(b';')));
        assert_eq!((options.quote, options.escape), (Some(None), Some(Some(b'\\'))));
        assert_eq!((options.sample, options.skip, options.encoding), (None, 2, Some(Said::Utf16)));
        assert!(options.nulls.matches(b"") && options.nulls.matches(b"NA") && !options.nulls.matches(b"N"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, said) in [
            ("[]", "options must be a JSON object, got []"),
            (r#"{"delimiter": "ab"}"#, r#"delimiter must be one ASCII character and no line end, got "ab""#),
            (r#"{"delimiter": ""}"#, "delimiter must be one ASCII character"),
            (r#"{"delimiter": "|", "quote": "|"}"#, "delimiter must differ from quote and escape, got '|'"),
            (r#"{"delimeter": "|"}"#, "\"delimeter\" is not known"),
            (r#"{"header": 1}"#, "header must be true or false, got 1"),
            (r#"{"encoding": "ebcdic"}"#, "\"ebcdic\""),
            (r#"{"types": "int32"}"#, "\"int32\""),
            (r#"{"types": 3}"#, "\"types\" is not known or cannot be 3"),
            (r#"{"sample": -1}"#, "sample must be a whole number from 0, got -1"),
            (r#"{"ragged": "x"}"#, "ragged must be error or pad, got \"x\""),
            (r#"{"format": "xls"}"#, "\"xls\""),
        ] {
            let message = Options::parse(text).unwrap_err().to_string();
            assert!(message.contains(said), "{message}");
        }
    }
}
