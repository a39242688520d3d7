//! JSON as it is read from lines: strings, numbers, and values within values, without building anything.
#![forbid(unsafe_code)]

/// Deepest nesting; deeper is an error, as in `serde_json`.
const DEEPEST: usize = 128;

/// The place past the string that starts after an opening quote at `at - 1`, and whether it holds escapes.
pub fn string_end(text: &[u8], mut at: usize) -> Option<(usize, bool)> {
    // Most strings are shorter than a call that looks for the end of long ones is worth.
    for (place, byte) in text.iter().enumerate().skip(at).take(16) {
        match byte {
            b'"' => return Some((place + 1, false)),
            b'\\' => break,
            _ => {}
        }
    }
    let mut escaped = false;
    loop {
        let found = at + memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[found] == b'"' {
            return Some((found + 1, escaped));
        }
        escaped = true;
        at = found + 2;
    }
}

/// The place of the next byte that is no white space.
#[inline]
pub fn skip_space(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\r' | b'\n') = text.get(at) {
        at += 1;
    }
    at
}

/// The place past the number, `true`, `false` or `null` at `at`.
pub fn literal_end(text: &[u8], at: usize) -> Option<usize> {
    let rest = &text[at..];
    for word in [&b"true"[..], b"false", b"null"] {
        if rest.starts_with(word) {
            return Some(at + word.len());
        }
    }
    let digits = |from: usize| from + rest[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = usize::from(rest.first() == Some(&b'-'));
    let mut end = digits(whole);
    if end == whole || (rest[whole] == b'0' && end > whole + 1) {
        return None;
    }
    if rest.get(end) == Some(&b'.') {
        let after = digits(end + 1);
        if after == end + 1 {
            return None;
        }
        end = after;
    }
    if let Some(b'e' | b'E') = rest.get(end) {
        let sign = end + 1 + usize::from(matches!(rest.get(end + 1), Some(b'+' | b'-')));
        let after = if sign <= rest.len() { digits(sign) } else { sign };
        if after == sign {
            return None;
        }
        end = after;
    }
    Some(at + end)
}

/// The place past the object or array at `at`, checked to be one.
pub fn nested_end(text: &[u8], at: usize) -> Option<usize> {
    let mut objects = [false; DEEPEST]; // of each open one: whether it is an object
    let mut depth = 0;
    let mut at = at;
    loop {
        // A value starts here.
        at = skip_space(text, at);
        match *text.get(at)? {
            open @ (b'{' | b'[') => {
                *objects.get_mut(depth)? = open == b'{';
                depth += 1;
                at = skip_space(text, at + 1);
                let close = if open == b'{' { b'}' } else { b']' };
                if *text.get(at)? == close {
                    at += 1;
                    depth -= 1;
                } else {
                    if open == b'{' {
                        at = key_end(text, at)?;
                    }
                    continue;
                }
            }
            b'"' => {
                let (end, escaped) = string_end(text, at + 1)?;
                if escaped {
                    unescape(&text[at + 1..end - 1], &mut Vec::new())?;
                }
                at = end;
            }
            _ => at = literal_end(text, at)?,
        }
        // A value ended here.
        loop {
            if depth == 0 {
                return Some(at);
            }
            at = skip_space(text, at);
            let object = objects[depth - 1];
            match *text.get(at)? {
                b',' => {
                    at = if object { key_end(text, skip_space(text, at + 1))? } else { at + 1 };
                    break;
                }
                b'}' if object => {}
                b']' if !object => {}
                _ => return None,
            }
            at += 1;
            depth -= 1;
        }
    }
}

/// The place past a key and its colon.
fn key_end(text: &[u8], at: usize) -> Option<usize> {
    if *text.get(at)? != b'"' {
        return None;
    }
    let (end, _) = string_end(text, at + 1)?;
    let colon = skip_space(text, end);
    (*text.get(colon)? == b':').then_some(colon + 1)
}

/// Appends what a string with escapes means; `None` when one of them means nothing. Half a surrogate pair, for which UTF-8
/// has no bytes, is its escape.
pub fn unescape(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let hex = |at: usize| {
        let digits = text.get(at..at + 4)?;
        digits.iter().try_fold(0, |value, digit| Some(value * 16 + char::from(*digit).to_digit(16)?))
    };
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', &text[at..]) {
        out.extend_from_slice(&text[at..at + found]);
        at += found + 2;
        match *text.get(at - 1)? {
            plain @ (b'"' | b'\\' | b'/') => out.push(plain),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'u' => {
                let mut code = hex(at)?;
                at += 4;
                if (0xd800..0xdc00).contains(&code)
                    && text.get(at..at + 2) == Some(b"\\u")
                    && let Some(low) = hex(at + 2).filter(|low| (0xdc00..0xe000).contains(low))
                {
                    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                    at += 6;
                }
                match char::from_u32(code) {
                    Some(char) => out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
                    None => out.extend_from_slice(format!("\\u{code:04x}").as_bytes()),
                }
            }
            _ => return None,
        }
    }
    out.extend_from_slice(&text[at..]);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn strings_are_read_as_serde_json_reads_them(text in any::<String>()) {
            let written = serde_json::to_string(&text).unwrap();
            let (end, _) = string_end(written.as_bytes(), 1).unwrap();
            prop_assert_eq!(end, written.len());
            let mut out = Vec::new();
            unescape(&written.as_bytes()[1..end - 1], &mut out).unwrap();
            prop_assert_eq!(String::from_utf8(out).unwrap(), text);
        }

        #[test]
        fn what_serde_json_takes_is_taken_and_nothing_else(text in "[\\[{]([0-9.eE\\-+\\[\\]{},:\" ]|true|null|\"a\":){0,14}") {
            let sound = serde_json::from_str::<serde_json::Value>(&text).is_ok();
            let ours = nested_end(text.as_bytes(), 0).is_some_and(|end| skip_space(text.as_bytes(), end) == text.len());
            prop_assert_eq!(ours, sound, "{}", text);
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep = |depth| "[".repeat(depth) + &"]".repeat(depth);
        assert!(nested_end(deep(128).as_bytes(), 0).is_some());
        assert!(nested_end(deep(129).as_bytes(), 0).is_none());
    }

    #[test]
    fn surrogates_come_in_pairs_or_stay_escaped() {
        let read = |text: &str| {
            let mut out = Vec::new();
            unescape(text.as_bytes(), &mut out).map(|()| String::from_utf8(out).unwrap())
        };
        assert_eq!(read(r"\ud83d\ude00 \u00e9\n"), Some("\u{1f600} \u{e9}\n".to_owned()));
        for (half, told) in [
            (r"\uD83d", r"\ud83d"),
            (r"\ud83d\u0041", r"\ud83dA"),
            (r"\ude00\ud83d", r"\ude00\ud83d"),
            (r"\ud83d\ud83d\ude00", "\\ud83d\u{1f600}"),
        ] {
            assert_eq!(read(half).as_deref(), Some(told), "{half}");
        }
        for wrong in [r"\u12", r"\ud83d\u12", r"\x", "\\"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
