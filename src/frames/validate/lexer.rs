//! The words of an expression.
#![forbid(unsafe_code)]

/// What is wrong with an expression, and at which byte.
#[derive(Clone, Debug, PartialEq)]
pub struct Wrong {
    /// What was expected.
    pub what: String,
    /// Byte of the text.
    pub at: usize,
}

impl Wrong {
    /// With the place it was written at, and a caret under the character.
    pub fn written(&self, place: &str, text: &str) -> String {
        const SHOWN: usize = 60;
        let at = boundary(text, self.at);
        let column = text[..at].chars().count() + 1;
        let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        // A long line is shown around the place.
        let from = boundary(text, at.saturating_sub(SYMBOLS_BEFORE).max(start));
        let line = text[from..].lines().next().unwrap_or_default();
        let shown: String = line.chars().take(SHOWN + SYMBOLS_BEFORE).map(visible).collect();
        let before = text[from..at].chars().count();
        format!("{place}: {} at column {column}\n  {shown}\n  {}^", self.what, " ".repeat(before))
    }
}

/// Characters shown before the one that is wrong.
const SYMBOLS_BEFORE: usize = 60;

/// The byte itself, or the first of the character it is inside of.
fn boundary(text: &str, byte: usize) -> usize {
    let byte = byte.min(text.len());
    (0..=byte).rev().find(|byte| text.is_char_boundary(*byte)).unwrap_or(0)
}

fn visible(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

/// One word, number, text or sign.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// A name without quotes, as written: a column, a function or a keyword.
    Word(String),
    /// A column's name in backticks.
    Column(String),
    /// A number as written.
    Number(String),
    /// Text without its quotes.
    Text(String),
    /// `+ - * / // % ( ) , = < <= > >= <>`; `==` and `!=` come as `=` and `<>`.
    Sign(&'static str),
}

const SIGNS: [(&str, &str); 18] = [
    ("<>", "<>"),
    ("!=", "<>"),
    ("<=", "<="),
    (">=", ">="),
    ("==", "="),
    ("//", "//"),
    ("||", "||"),
    ("+", "+"),
    ("-", "-"),
    ("*", "*"),
    ("/", "/"),
    ("%", "%"),
    ("(", "("),
    (")", ")"),
    (",", ","),
    ("=", "="),
    ("<", "<"),
    (">", ">"),
];

/// Splits a text into words, each with the byte it begins at.
///
/// # Errors
/// What cannot be a word, and an unclosed quote.
pub fn words(text: &str) -> Result<Vec<(Token, usize)>, Wrong> {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let start = at;
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        let token = match c {
            '\'' | '"' | '`' => {
                let (inside, end) = quoted(text, at, c)?;
                at = end;
                if c == '`' { Token::Column(inside) } else { Token::Text(inside) }
            }
            '0'..='9' | '.' => {
                at = number(text, at)?;
                Token::Number(text[start..at].replace('_', ""))
            }
            _ if c.is_alphabetic() || c == '_' => {
                let end = text[at..].find(|c: char| !c.is_alphanumeric() && c != '_');
                at = end.map_or(text.len(), |end| at + end);
                Token::Word(text[start..at].to_owned())
            }
            _ => match SIGNS.iter().find(|(sign, _)| text[at..].starts_with(sign)) {
                Some((sign, token)) => {
                    at += sign.len();
                    Token::Sign(token)
                }
                None => return Err(Wrong { what: format!("{c:?} has no meaning here"), at }),
            },
        };
        words.push((token, start));
    }
    Ok(words)
}

/// What stands between quotes, where a doubled quote is one; and where it ends.
fn quoted(text: &str, start: usize, quote: char) -> Result<(String, usize), Wrong> {
    let mut inside = String::new();
    let mut rest = text[start + 1..].char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        if c != quote {
            inside.push(c);
        } else if rest.peek().is_some_and(|(_, next)| *next == quote) {
            inside.push(c);
            rest.next();
        } else {
            return Ok((inside, start + 1 + at + 1));
        }
    }
    Err(Wrong { what: format!("{quote} is not closed, opened"), at: start })
}

fn number(text: &str, start: usize) -> Result<usize, Wrong> {
    let bytes = text.as_bytes();
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(|byte| byte.is_ascii_digit() || *byte == b'_') {
            at += 1;
        }
        at
    };
    let mut at = digits(start);
    let whole = at - start;
    if bytes.get(at) == Some(&b'.') {
        let end = digits(at + 1);
        if end == at + 1 && whole == 0 {
            return Err(Wrong { what: "expected a digit".to_owned(), at });
        }
        at = end;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let end = digits(at + 1 + sign);
        if end == at + 1 + sign {
            return Err(Wrong { what: "expected a digit of the exponent".to_owned(), at: end });
        }
        at = end;
    }
    match text[at..].chars().next() {
        Some(c) if c.is_alphanumeric() || c == '.' => {
            Err(Wrong { what: format!("{c:?} does not belong to a number"), at })
        }
        _ => Ok(at),
    }
}
