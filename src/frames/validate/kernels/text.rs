//! Parts of texts, and texts that are changed.
#![forbid(unsafe_code)]

use super::compare::says;
use crate::frames::validate::bits::Bits;
use crate::frames::validate::plan::{Change, Comparison, Place};
use std::borrow::Cow;
use std::cmp::Ordering;

/// Compares text by code point, which in UTF-8 is by byte.
pub fn compare_texts(how: Comparison, one: &[Cow<'_, [u8]>], other: &[Cow<'_, [u8]>]) -> Bits {
    let test = |found: Ordering| says(how, found);
    match (how, one, other) {
        (Comparison::Equal | Comparison::Unequal, many, [single])
        | (Comparison::Equal | Comparison::Unequal, [single], many) => {
            Bits::from_fn(many.len(), |at| (many[at][..] == single[..]) == (how == Comparison::Equal))
        }
        (_, [single], many) => Bits::from_fn(many.len(), |at| test(single[..].cmp(&many[at][..]))),
        (_, many, [single]) => Bits::from_fn(many.len(), |at| test(many[at][..].cmp(&single[..]))),
        _ => Bits::from_fn(one.len(), |at| test(one[at][..].cmp(&other[at][..]))),
    }
}

/// Which texts hold a part.
pub fn holds(place: Place, texts: &[Cow<'_, [u8]>], parts: &[Cow<'_, [u8]>]) -> Bits {
    if let (Place::Inside, [part]) = (place, parts) {
        let finder = memchr::memmem::Finder::new(&part[..]);
        return Bits::from_fn(texts.len(), |at| finder.find(&texts[at]).is_some());
    }
    Bits::from_fn(texts.len().max(parts.len()), |at| {
        let (text, part) = (&texts[at.min(texts.len() - 1)][..], &parts[at.min(parts.len() - 1)][..]);
        match place {
            Place::Inside => memchr::memmem::find(text, part).is_some(),
            Place::Start => text.starts_with(part),
            Place::End => text.ends_with(part),
        }
    })
}

/// Text in another case, or without white space around it. What has nothing to change is not copied.
pub fn change(how: Change, value: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    let plain = |differs: fn(&u8) -> bool| value.is_ascii() && !value.iter().any(differs);
    match how {
        Change::Lower if plain(u8::is_ascii_uppercase) => value,
        Change::Upper if plain(u8::is_ascii_lowercase) => value,
        Change::Lower => Cow::Owned(String::from_utf8_lossy(&value).to_lowercase().into_bytes()),
        Change::Upper => Cow::Owned(String::from_utf8_lossy(&value).to_uppercase().into_bytes()),
        Change::Trim => {
            let text = String::from_utf8_lossy(&value);
            let trimmed = text.trim();
            if trimmed.len() == value.len() { value } else { Cow::Owned(trimmed.as_bytes().to_vec()) }
        }
    }
}

/// Two texts joined, row by row.
pub fn joined(one: &[Cow<'_, [u8]>], other: &[Cow<'_, [u8]>]) -> Vec<Cow<'static, [u8]>> {
    let join = |at: usize| {
        let (one, other) = (&one[at.min(one.len() - 1)], &other[at.min(other.len() - 1)]);
        Cow::Owned([&one[..], &other[..]].concat())
    };
    (0..one.len().max(other.len())).map(join).collect()
}
