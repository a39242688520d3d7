//! What a text looks like: a number, a date, an e-mail address and so on, by its characters alone.
#![forbid(unsafe_code)]

use serde_json::Value as Json;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Names of the formats, by code; code 0 is any other text, the last are no text at all and whitespace alone.
pub const NAMES: [&str; 17] = [
    "", "integer", "decimal", "digits", "boolean", "date", "datetime", "time", "email", "uuid", "url",
    "ipv4", "ipv6", "json", "phone", "empty", "blank",
];

/// Code of a text of length 0.
pub const EMPTY: u8 = 15;

/// Code of a text of whitespace alone.
pub const BLANK: u8 = 16;

/// Longest text that is looked at for anything but JSON: longer ones are prose.
const LONGEST: usize = 2048;

/// Longest text that is read as JSON.
const LONGEST_JSON: usize = 1 << 16;

/// Whether there is something, and all of it is whitespace.
#[inline]
pub fn is_blank(text: &[u8]) -> bool {
    match text.first() {
        None => false,
        Some(first) if first.is_ascii() && !first.is_ascii_whitespace() && *first != 0x0b => false,
        Some(_) => std::str::from_utf8(text).is_ok_and(|text| text.chars().all(char::is_whitespace)),
    }
}

/// The code of the most special format that fits; an index of [`NAMES`].
pub fn of(text: &[u8]) -> u8 {
    let (Some(first), Some(last)) = (text.first(), text.last()) else { return EMPTY };
    if matches!((first, last), (b'{', b'}') | (b'[', b']')) {
        return if text.len() <= LONGEST_JSON && is_json(text) { 13 } else { 0 };
    }
    if text.len() > LONGEST {
        return if is_blank(text) { BLANK } else { 0 };
    }
    match first {
        b'0'..=b'9' | b'+' | b'-' | b'.' | b'(' => {
            if let Some(code) = number(text).or_else(|| moment(text)) {
                return code;
            }
        }
        _ if is_blank(text) => return BLANK,
        _ => {}
    }
    if text.len() <= 5 && is_boolean(text) {
        return 4;
    }
    let Ok(plain) = std::str::from_utf8(text) else { return 0 };
    match text.len() {
        36 if is_uuid(text) => 9,
        7..=15 if first.is_ascii_digit() && plain.parse::<Ipv4Addr>().is_ok() => 11,
        2..=45 if text.contains(&b':') && plain.parse::<Ipv6Addr>().is_ok() => 12,
        3.. if text.contains(&b'@') && is_email(text) => 8,
        4.. if text.contains(&b':') && is_url(text) => 10,
        7..=24 if matches!(first, b'0'..=b'9' | b'+' | b'(') && is_phone(text) => 14,
        _ => 0,
    }
}

fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<Json>(text).is_ok()
}

fn is_boolean(text: &[u8]) -> bool {
    [&b"true"[..], b"false", b"yes", b"no", b"t", b"f", b"y", b"n"]
        .iter()
        .any(|word| word.eq_ignore_ascii_case(text))
}

/// How many ASCII digits a text starts with.
fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

fn number(text: &[u8]) -> Option<u8> {
    let body = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    let whole = digits(body);
    let mut rest = &body[whole..];
    if rest.is_empty() && whole > 0 {
        // A zero in front that a number would lose: postal codes and the like.
        return match body {
            [b'0', _, ..] => Some(3),
            _ if text[0] == b'+' && whole > 6 => None, // a telephone number
            _ => Some(1),
        };
    }
    let mut part = 0;
    if let Some(after) = rest.strip_prefix(b".") {
        part = digits(after);
        rest = &after[part..];
    }
    if whole + part == 0 {
        return None;
    }
    if let [b'e' | b'E', after @ ..] = rest {
        let after = after.strip_prefix(b"-").or_else(|| after.strip_prefix(b"+")).unwrap_or(after);
        let power = digits(after);
        if power == 0 {
            return None;
        }
        rest = &after[power..];
    }
    rest.is_empty().then_some(2)
}

/// A date, a time of the day or both.
fn moment(text: &[u8]) -> Option<u8> {
    if let Some(rest) = time(text) {
        return rest.is_empty().then_some(7);
    }
    match date(text)? {
        [] => Some(5),
        [b'T' | b't' | b' ', rest @ ..] => {
            let rest = time(rest)?;
            let done = match rest {
                [] | b"Z" | b"z" | b" UTC" => true,
                [b'+' | b'-', zone @ ..] => match zone {
                    [a, b] | [a, b, b':', ..] | [a, b, _, _]
                        if !(a.is_ascii_digit() && b.is_ascii_digit()) =>
                    {
                        false
                    }
                    [_, _] => true,
                    [_, _, b':', c, d] | [_, _, c, d] => c.is_ascii_digit() && d.is_ascii_digit(),
                    _ => false,
                },
                _ => false,
            };
            done.then_some(6)
        }
        _ => None,
    }
}

/// What follows a date: year first with - or /, or year last with . / or -.
fn date(text: &[u8]) -> Option<&[u8]> {
    let two = |at: usize| two_digits(text, at);
    match text {
        [_, _, _, _, mark @ (b'-' | b'/'), _, _, other, _, _, rest @ ..]
            if mark == other && digits(&text[..4]) == 4 =>
        {
            let (month, day) = (two(5)?, two(8)?);
            ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some(rest)
        }
        [_, _, mark @ (b'.' | b'/' | b'-'), _, _, other, _, _, _, _, rest @ ..]
            if mark == other && digits(&text[6..10]) == 4 =>
        {
            let (one, other) = (two(0)?, two(3)?);
            let fits = (1..=31).contains(&one) && (1..=31).contains(&other) && one.min(other) <= 12;
            fits.then_some(rest)
        }
        _ => None,
    }
}

/// What follows hours, minutes and, where there are any, seconds with a fraction.
fn time(text: &[u8]) -> Option<&[u8]> {
    let (hour, minute) = (two_digits(text, 0)?, two_digits(text, 3)?);
    if text.get(2) != Some(&b':') || hour > 24 || minute > 59 {
        return None;
    }
    let rest = &text[5..];
    if rest.first() != Some(&b':') {
        return Some(rest);
    }
    if two_digits(rest, 1)? > 60 {
        return None;
    }
    match &rest[3..] {
        [b'.' | b',', after @ ..] => {
            let part = digits(after);
            (part > 0).then(|| &after[part..])
        }
        rest => Some(rest),
    }
}

fn two_digits(text: &[u8], at: usize) -> Option<u8> {
    match text.get(at..at + 2)? {
        [a @ b'0'..=b'9', b @ b'0'..=b'9'] => Some(10 * (a - b'0') + (b - b'0')),
        _ => None,
    }
}

fn is_uuid(text: &[u8]) -> bool {
    text.iter().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

fn is_email(text: &[u8]) -> bool {
    let mut halves = text.splitn(2, |byte| *byte == b'@');
    let (Some(local), Some(domain)) = (halves.next(), halves.next()) else { return false };
    let fits = |byte: &u8| {
        !byte.is_ascii() || byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(byte)
    };
    (1..=64).contains(&local.len())
        && local.iter().all(fits)
        && domain.contains(&b'.')
        && domain.split(|byte| *byte == b'.').all(|label| {
            !label.is_empty()
                && label.iter().all(|byte| !byte.is_ascii() || byte.is_ascii_alphanumeric() || *byte == b'-')
        })
}

fn is_url(text: &[u8]) -> bool {
    let scheme = text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(byte)).count();
    scheme > 1
        && text[0].is_ascii_alphabetic()
        && text[scheme..].strip_prefix(b"://").is_some_and(|rest| !rest.is_empty())
        && !text.iter().any(u8::is_ascii_whitespace)
}

fn is_phone(text: &[u8]) -> bool {
    let count = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    let marked = matches!(text[0], b'+' | b'(') || text.iter().any(|byte| b" -".contains(byte));
    (if matches!(text[0], b'+' | b'(') { 7..=15 } else { 10..=15 }).contains(&count) // fewer may be a date
        && marked
        && text[0] != b'-'
        && text.iter().enumerate().all(|(at, byte)| byte.is_ascii_digit() || b" -().".contains(byte) || (at == 0 && *byte == b'+'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_are_named_after_what_they_look_like() {
        for (name, texts) in [
            ("integer", &["0", "-12", "+5", "99999999999999999999999999"][..]),
            ("decimal", &["1.5", "-.5", "3.", "1e9", "6.02E+23"]),
            ("digits", &["01234", "007"]),
            ("boolean", &["true", "No", "Y", "FALSE"]),
            ("date", &["2024-02-29", "2024/12/31", "31.12.2024", "12/31/2024"]),
            ("datetime", &["2024-02-29T23:59", "2024-02-29 23:59:59.123456Z", "2024-02-29T01:02:03+05:30"]),
            ("time", &["23:59", "23:59:59", "00:00:00.5"]),
            ("email", &["a.b+c@example.co.uk", "jürgen@exämple.de"]),
            ("uuid", &["123e4567-e89b-12d3-a456-426614174000"]),
            ("url", &["https://example.com/a?b=c", "s3://bucket/key"]),
            ("ipv4", &["192.168.0.1"]),
            ("ipv6", &["::1", "2001:db8::ff00:42:8329"]),
            ("json", &["{\"a\": [1, null]}", "[]"]),
            ("phone", &["+41 44 668 18 00", "(555) 123-4567", "555-123-4567", "+15551234567"]),
            ("empty", &[""]),
            ("blank", &[" ", "\t\n", "\u{a0}\u{2003}"]),
            (
                "",
                &[
                    "x",
                    "-",
                    "+",
                    ".",
                    "e5",
                    "2024-13-01",
                    "25:00",
                    "24:60",
                    "a@b",
                    "@b.c",
                    "1.2.3.4.5",
                    "{a}",
                    "http://",
                    "maybe",
                    "1e",
                    "12:3",
                    "日本",
                ],
            ),
        ] {
            for text in texts {
                assert_eq!(NAMES[usize::from(of(text.as_bytes()))], name, "{text:?}");
            }
        }
        let deep = "[".repeat(60_000) + &"]".repeat(60_000);
        assert_eq!(of(deep.as_bytes()), 0);
    }

    proptest! {
        #[test]
        fn any_bytes_have_a_format(bytes in prop::collection::vec(any::<u8>(), 0..60), text in "[0-9a-f:.@+/ T{}\\[\\]-]{0,40}") {
            prop_assert!(usize::from(of(&bytes)) < NAMES.len());
            prop_assert_eq!(of(text.as_bytes()) == BLANK, is_blank(text.as_bytes()));
        }
    }
}
