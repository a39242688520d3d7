//! A JSON reader that borrows what it can and keeps numbers as they were written.
//!
//! Not serde_json: a `json` widget shows `0.32E-12` as written, a table of a million cells should not
//! copy a million strings, and a spec from Python may hold `NaN`, which is refused by the field it is in.
#![forbid(unsafe_code)]

use std::borrow::Cow;

/// Arrays and objects inside one another; more would only serve to exhaust the stack.
const DEEPEST: usize = 160;

/// A JSON value over the text it was read from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'j> {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number as written; also `NaN`, `Infinity` and `-Infinity` where those are let in.
    Number(&'j str),
    /// A string without its escapes.
    String(Cow<'j, str>),
    /// `[...]`
    Array(Vec<Value<'j>>),
    /// `{...}` in the order written; a repeated name is kept.
    Object(Vec<(Cow<'j, str>, Value<'j>)>),
}

/// What is read how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// A spec: `NaN` and the infinities pass, as Python's `json` writes them.
    Spec,
    /// A text to show: strings are kept as written, escapes and all.
    Source,
}

/// Reads one value, which is all there is.
///
/// # Errors
/// A sentence that says what was expected and where: `expected ',' or ']' at line 2, column 5`.
pub(super) fn parse(text: &str, mode: Mode) -> Result<Value<'_>, String> {
    let mut reader = Reader { text, at: 0, mode };
    reader.blank();
    let value = reader.value(0)?;
    reader.blank();
    if reader.at < text.len() {
        return Err(reader.expected("the end"));
    }
    Ok(value)
}

struct Reader<'j> {
    text: &'j str,
    at: usize,
    mode: Mode,
}

impl<'j> Reader<'j> {
    fn expected(&self, what: &str) -> String {
        let before = &self.text.as_bytes()[..self.at];
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let start = memchr::memrchr(b'\n', before).map_or(0, |end| end + 1);
        let column = String::from_utf8_lossy(&before[start..]).chars().count() + 1;
        format!("expected {what} at line {line}, column {column}")
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.text[self.at..].starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    fn value(&mut self, depth: usize) -> Result<Value<'j>, String> {
        match self.peek() {
            Some(b'"') => self.string().map(Value::String),
            Some(b'[' | b'{') if depth == DEEPEST => {
                Err(self.expected(&format!("at most {DEEPEST} arrays and objects inside one another")))
            }
            Some(b'[') => self.array(depth),
            Some(b'{') => self.object(depth),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') if self.take("true") => Ok(Value::Bool(true)),
            Some(b'f') if self.take("false") => Ok(Value::Bool(false)),
            Some(b'n') if self.take("null") => Ok(Value::Null),
            Some(b'N') if self.mode == Mode::Spec && self.take("NaN") => Ok(Value::Number("NaN")),
            Some(b'I') if self.mode == Mode::Spec && self.take("Infinity") => Ok(Value::Number("Infinity")),
            _ => Err(self.expected("a value")),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value<'j>, String> {
        self.at += 1;
        let mut items = Vec::new();
        self.blank();
        if self.take("]") {
            return Ok(Value::Array(items));
        }
        loop {
            self.blank();
            items.push(self.value(depth + 1)?);
            self.blank();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::Array(items));
                }
                _ => return Err(self.expected("',' or ']'")),
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value<'j>, String> {
        self.at += 1;
        let mut members = Vec::new();
        self.blank();
        if self.take("}") {
            return Ok(Value::Object(members));
        }
        loop {
            self.blank();
            if self.peek() != Some(b'"') {
                return Err(self.expected("a name in quotes"));
            }
            let name = self.string()?;
            self.blank();
            if !self.take(":") {
                return Err(self.expected("':'"));
            }
            self.blank();
            members.push((name, self.value(depth + 1)?));
            self.blank();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Value::Object(members));
                }
                _ => return Err(self.expected("',' or '}'")),
            }
        }
    }

    fn number(&mut self) -> Result<Value<'j>, String> {
        let start = self.at;
        let negative = self.take("-");
        if negative && self.mode == Mode::Spec && self.take("Infinity") {
            return Ok(Value::Number("-Infinity"));
        }
        if !self.take("0") {
            self.digits()?;
        }
        if self.take(".") {
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(Value::Number(&self.text[start..self.at]))
    }

    fn digits(&mut self) -> Result<(), String> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.expected("a digit")) } else { Ok(()) }
    }

    fn string(&mut self) -> Result<Cow<'j, str>, String> {
        self.at += 1;
        let start = self.at;
        self.plain();
        if self.peek() == Some(b'"') {
            self.at += 1;
            return Ok(Cow::Borrowed(&self.text[start..self.at - 1]));
        }
        if self.mode == Mode::Source {
            return self.source(start);
        }
        let mut owned = String::from(&self.text[start..self.at]);
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(owned));
                }
                Some(b'\\') => {
                    self.at += 1;
                    owned.push(self.escape()?);
                }
                _ => return Err(self.expected("the end of the string")),
            }
            let start = self.at;
            self.plain();
            owned.push_str(&self.text[start..self.at]);
        }
    }

    /// The rest of a string that began at `start`, as it is written.
    fn source(&mut self, start: usize) -> Result<Cow<'j, str>, String> {
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Borrowed(&self.text[start..self.at - 1]));
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escape()?;
                }
                _ => return Err(self.expected("the end of the string")),
            }
            self.plain();
        }
    }

    /// Goes on to a quote, a backslash, a control character or the end.
    fn plain(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        let stop = rest.iter().position(|&byte| byte == b'"' || byte == b'\\' || byte < 0x20);
        self.at += stop.unwrap_or(rest.len());
    }

    fn escape(&mut self) -> Result<char, String> {
        let plain = match self.peek() {
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{C}',
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'u') => {
                self.at += 1;
                return self.unicode();
            }
            _ => return Err(self.expected("an escape")),
        };
        self.at += 1;
        Ok(plain)
    }

    fn unicode(&mut self) -> Result<char, String> {
        let first = self.four_digits()?;
        if let 0xD800..=0xDBFF = first {
            let after = self.at;
            if self.take("\\u")
                && let second @ 0xDC00..=0xDFFF = self.four_digits()?
                && let Some(pair) = char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00))
            {
                return Ok(pair);
            }
            self.at = after;
        }
        char::from_u32(first).ok_or_else(|| self.expected("the other half of a surrogate pair"))
    }

    fn four_digits(&mut self) -> Result<u32, String> {
        let digits = self.text.get(self.at..self.at + 4).filter(|digits| {
            digits.bytes().all(|digit| digit.is_ascii_hexdigit()) // from_str_radix would take a sign
        });
        let value = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let value = value.ok_or_else(|| self.expected("four hexadecimal digits"))?;
        self.at += 4;
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(value: Value<'_>) -> serde_json::Value {
        match value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => value.into(),
            Value::Number(text) => serde_json::from_str(text).unwrap(),
            Value::String(text) => text.into_owned().into(),
            Value::Array(items) => items.into_iter().map(plain).collect(),
            Value::Object(members) => serde_json::Value::Object(
                members.into_iter().map(|(k, v)| (k.into_owned(), plain(v))).collect(),
            ),
        }
    }

    #[test]
    fn numbers_are_kept_as_written() {
        for number in ["0", "-0", "0.32E-12", "1e400", "12345678901234567890123"] {
            assert_eq!(parse(number, Mode::Source), Ok(Value::Number(number)));
        }
        assert_eq!(parse("[NaN, -Infinity]", Mode::Spec).map(|_| ()), Ok(()));
        assert!(parse("NaN", Mode::Source).is_err());
    }

    #[test]
    fn strings_without_escapes_are_borrowed() {
        assert_eq!(parse(r#""a\u0041""#, Mode::Source), Ok(Value::String(r"a\u0041".into())));
        let Ok(Value::String(Cow::Borrowed("é"))) = parse("\"é\"", Mode::Spec) else { panic!() };
        assert_eq!(parse(r#""\ud83d\ude00\n""#, Mode::Spec), Ok(Value::String("😀\n".into())));
    }

    #[test]
    fn mistakes_are_placed() {
        for (text, message) in [
            ("", "expected a value at line 1, column 1"),
            ("[1,\n 2 3]", "expected ',' or ']' at line 2, column 4"),
            ("{\"é\" 1}", "expected ':' at line 1, column 6"),
            ("{a: 1}", "expected a name in quotes at line 1, column 2"),
            ("[1,]", "expected a value at line 1, column 4"),
            ("\"a\nb\"", "expected the end of the string at line 1, column 3"),
            (r#""\ud800""#, "expected the other half of a surrogate pair at line 1, column 8"),
            (r#""\u+123""#, "expected four hexadecimal digits at line 1, column 4"),
            ("01", "expected the end at line 1, column 2"),
            ("1.", "expected a digit at line 1, column 3"),
        ] {
            assert_eq!(parse(text, Mode::Source), Err(message.to_owned()), "{text}");
        }
        assert!(parse(&"[".repeat(100_000), Mode::Spec).unwrap_err().contains("at most 160"));
    }

    proptest! {
        #[test]
        fn any_text_reads_as_serde_json_reads_it(text in r#"[\[\]{}:,"\\u0-9eE.+\-dntrals /\x01é]{0,24}"#) {
            let ours = parse(&text, Mode::Spec).map(plain);
            match serde_json::from_str::<serde_json::Value>(&text) {
                Ok(theirs) => prop_assert_eq!(ours.unwrap(), theirs),
                // it refuses numbers beyond f64
                Err(error) => prop_assert!(ours.is_err() || error.to_string().contains("out of range")),
            }
        }
    }
}
