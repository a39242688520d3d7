//! Numbers as files spell them.
#![forbid(unsafe_code)]

/// What a text is as a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Look {
    /// A whole number of 64 bits.
    Whole,
    /// Digits alone, but too many for 64 bits.
    Huge,
    /// A number with a point or an exponent, an infinity or NaN.
    Real,
    /// No number, or one with leading zeros or a plus sign, which codes and telephone numbers have.
    Other,
}

/// How a text looks; what looks like a number is read by [`int`] and [`float`].
pub fn look(text: &[u8]) -> Look {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    if padded(digits) {
        return Look::Other;
    }
    if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) {
        return if int(text, 0, text.len()).is_some() { Look::Whole } else { Look::Huge };
    }
    match float(text) {
        Some(_) => Look::Real,
        None => Look::Other,
    }
}

/// Whether digits start with a zero that a number would not have.
fn padded(digits: &[u8]) -> bool {
    matches!(digits, [b'0', b'0'..=b'9', ..])
}

/// The value of eight ASCII digits, the first in the lowest byte; `None` when one of them is no digit.
#[inline(always)]
fn eight(word: u64) -> Option<u64> {
    let low = word ^ 0x3030_3030_3030_3030;
    if (low.wrapping_add(0x7676_7676_7676_7676) | low) & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    let pairs = low.wrapping_mul(10).wrapping_add(low >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    Some(fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff)
}

/// The whole number `buffer[start..end]` spells without leading zeros or plus sign; what follows is not looked at.
#[inline(always)]
pub fn int(buffer: &[u8], start: usize, end: usize) -> Option<i64> {
    let negative = start < end && buffer[start] == b'-';
    let first = start + usize::from(negative);
    let size = end.wrapping_sub(first);
    if size.wrapping_sub(1) < 8
        && let Some(word) = buffer.get(first..first + 8)
    {
        let word = u64::from_le_bytes(word.try_into().ok()?);
        if size > 1 && word as u8 == b'0' {
            return None;
        }
        // Moved up, with zeros in front.
        let unused = 64 - 8 * size as u32;
        let zeros = 0x3030_3030_3030_3030_u64.checked_shr(64 - unused).unwrap_or(0);
        let moved = word << unused | if unused == 0 { 0 } else { zeros };
        let value = eight(moved)? as i64;
        return Some(if negative { -value } else { value });
    }
    longer(buffer.get(first..end)?, negative)
}

fn longer(digits: &[u8], negative: bool) -> Option<i64> {
    if digits.is_empty() || digits.len() > 19 || padded(digits) {
        return None;
    }
    let mut value = 0_u64;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit); // 19 digits fit
    }
    if negative { 0_i64.checked_sub_unsigned(value) } else { i64::try_from(value).ok() }
}

/// The powers of ten that are exact.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// The nearest float64 of a decimal number, `inf`, `infinity` or `nan` in any case.
#[inline]
pub fn float(text: &[u8]) -> Option<f64> {
    let negative = text.first() == Some(&b'-');
    let digits = &text[usize::from(negative)..];
    let (mut mantissa, mut seen, mut point, mut at) = (0_u64, 0_usize, None, 0);
    while at < digits.len() {
        // Eight at a time once the point is behind; nineteen digits fit.
        if point.is_some()
            && seen <= 11
            && let Some(word) = digits.get(at..at + 8)
            && let Some(value) = eight(u64::from_le_bytes(word.try_into().ok()?))
        {
            mantissa = mantissa * 100_000_000 + value;
            seen += 8;
            at += 8;
            continue;
        }
        let byte = digits[at];
        match byte {
            b'0'..=b'9' => {
                if seen >= 19 {
                    return slowly(text);
                }
                mantissa = mantissa * 10 + u64::from(byte - b'0');
                seen += 1;
            }
            b'.' if point.is_none() => point = Some(seen),
            b'e' | b'E' if seen > 0 => break,
            _ => return slowly(text),
        }
        at += 1;
    }
    if seen == 0 || padded(digits) {
        return None;
    }
    let mut exponent = point.map_or(0, |point| point as i64 - seen as i64);
    if at < digits.len() {
        exponent += exponent_of(&digits[at + 1..])?;
    }
    // Clinger's fast path (1990): both sides exact, so one rounding.
    if mantissa <= 1 << 53 && exponent.unsigned_abs() <= 22 {
        let power = POWERS[exponent.unsigned_abs() as usize];
        let value = if exponent < 0 { mantissa as f64 / power } else { mantissa as f64 * power };
        return Some(if negative { -value } else { value });
    }
    slowly(text)
}

fn exponent_of(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        all => (false, all),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = digits.iter().fold(0_i64, |sum, digit| (sum * 10 + i64::from(digit - b'0')).min(1_000_000));
    Some(if negative { -value } else { value })
}

#[cold]
fn slowly(text: &[u8]) -> Option<f64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    if padded(digits) || digits.first() == Some(&b'+') {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// The same for a column the caller has said is whole: leading zeros and a plus sign are fine.
pub fn lenient_int(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// The same for a column the caller has said is real.
pub fn lenient_float(text: &[u8]) -> Option<f64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn whole(text: &str) -> Option<i64> {
        int(text.as_bytes(), 0, text.len())
    }

    proptest! {
        #[test]
        fn whole_numbers_are_exact(value in any::<i64>(), short in -99_999_999_i64..100_000_000, after in "[0-9a-z,]{0,12}") {
            for value in [value, short] {
                let text = value.to_string();
                let more = format!("{text}{after}");
                prop_assert_eq!(int(more.as_bytes(), 0, text.len()), Some(value));
                prop_assert_eq!(look(text.as_bytes()), Look::Whole);
            }
        }

        #[test]
        fn real_numbers_are_what_rust_reads(value in any::<f64>(), digits in "-?[1-9][0-9]{0,22}(\\.[0-9]{0,22})?([eE][+-]?[0-9]{1,3})?") {
            for text in [format!("{value:?}"), format!("{value:e}"), digits] {
                let ours = float(text.as_bytes()).map(f64::to_bits);
                let theirs = text.parse::<f64>().ok().map(f64::to_bits);
                prop_assert!(ours == theirs || value.is_nan(), "{}", text);
            }
        }

        #[test]
        fn nothing_else_is_a_number(text in "[-+0-9.eE ]{0,24}") {
            let sound = text.parse::<f64>().is_ok()
                && !text.starts_with('+')
                && !padded(text.trim_start_matches('-').as_bytes());
            prop_assert_eq!(float(text.as_bytes()).is_some(), sound, "{}", text);
            let sound = sound && text.parse::<i64>().is_ok();
            prop_assert_eq!(whole(&text).is_some(), sound, "{}", text);
        }
    }

    #[test]
    fn edges() {
        assert_eq!(whole("9223372036854775807"), Some(i64::MAX));
        assert_eq!(whole("-9223372036854775808"), Some(i64::MIN));
        assert_eq!(whole("9223372036854775808"), None);
        assert_eq!(look(b"9223372036854775808"), Look::Huge);
        for other in ["", "-", "007", "+5", "1_000", "0x10", "1e", "e5", ".", "- 1", "12 "] {
            assert_eq!(look(other.as_bytes()), Look::Other, "{other}");
        }
        for real in ["1.", ".5", "-0.0", "1e5", "NaN", "inf", "-Infinity"] {
            assert_eq!(look(real.as_bytes()), Look::Real, "{real}");
        }
        assert_eq!((whole("0"), whole("-0"), whole("00")), (Some(0), Some(0), None));
    }
}
