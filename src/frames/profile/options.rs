//! What a profile is asked for beside its usual figures.
#![forbid(unsafe_code)]

use super::correlation::Method;
use crate::error::Error;
use serde_json::Value as Json;

/// Options of a profile.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Options {
    /// Correlations between all columns of numbers.
    pub correlations: Option<Method>,
}

impl Options {
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
                _ => {
                    return Err(Error::Invalid(format!(
                        "options: {name:?} is not an option, known is \"correlations\""
                    )));
                }
            }
        }
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
        for (text, part) in [
            ("[]", "JSON object"),
            (r#"{"x": 1}"#, r#""x" is not an option"#),
            (r#"{"correlations": "kendall"}"#, r#"got "kendall""#),
        ] {
            let message = Options::read(text).unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        }
    }
}
