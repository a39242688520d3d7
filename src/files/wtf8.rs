//! UTF-16 from WTF-8, the bytes in which names on Windows are kept and cross the boundary.
//!
//! Names there are any 16-bit units, so halves of surrogate pairs stand alone in some. WTF-8 is UTF-8 that
//! holds those too, in three bytes each: https://simonsapin.github.io/wtf-8/. Python writes the same bytes
//! with the error handler `surrogatepass`.
#![forbid(unsafe_code)]

/// The units, or the number of the first byte that is neither UTF-8 nor a lone surrogate.
///
/// Two halves that stand side by side become the character they make, as on the way to the system they would.
pub(crate) fn to_utf16(bytes: &[u8]) -> Result<Vec<u16>, usize> {
    let mut units = Vec::with_capacity(bytes.len());
    let mut at = 0;
    loop {
        let rest = &bytes[at..];
        let text = rest.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        units.extend(text.encode_utf16());
        at += text.len();
        match &rest[text.len()..] {
            [] => return Ok(units),
            [0xED, second @ 0xA0..=0xBF, third @ 0x80..=0xBF, ..] => {
                units.push(0xD000 | u16::from(second & 0x3F) << 6 | u16::from(third & 0x3F));
                at += 3;
            }
            _ => return Err(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// By the definition, one code point after the other.
    fn from_utf16(units: &[u16]) -> Vec<u8> {
        char::decode_utf16(units.iter().copied())
            .flat_map(|unit| match unit {
                Ok(known) => known.to_string().into_bytes(),
                Err(lone) => {
                    let [high, low] = lone.unpaired_surrogate().to_be_bytes();
                    vec![0xED, 0x80 | (high & 0x0F) << 2 | low >> 6, 0x80 | low & 0x3F]
                }
            })
            .collect()
    }

    proptest! {
        #[test]
        fn any_units_come_back(units: Vec<u16>, surrogates in prop::collection::vec(0xD800..=0xDFFF_u16, 0..6)) {
            for units in [units.as_slice(), &surrogates, &[units.as_slice(), &surrogates].concat()] {
                prop_assert_eq!(to_utf16(&from_utf16(units)), Ok(units.to_vec()));
            }
        }

        #[test]
        fn bytes_are_taken_or_refused_where_they_go_wrong(bytes: Vec<u8>) {
            if let Err(at) = to_utf16(&bytes) {
                prop_assert!(to_utf16(&bytes[..at]).is_ok());
            }
        }
    }

    #[test]
    fn halves_side_by_side_are_one_character() {
        assert_eq!(to_utf16(b"\xED\xA0\xBD\xED\xB8\x80"), Ok("😀".encode_utf16().collect()));
        assert_eq!(to_utf16(b"a\xED\xA0\x80b"), Ok(vec![0x61, 0xD800, 0x62]));
    }

    #[test]
    fn what_is_neither_is_refused_by_its_place() {
        for (bytes, at) in [
            (b"ab\xFF".as_slice(), 2),
            (b"\xED\xA0", 0),
            (b"x\xED\xA0z", 1),
            (b"\xC0\x80", 0),
            (b"\xE2\x82", 0),
        ] {
            assert_eq!(to_utf16(bytes), Err(at), "{bytes:?}");
        }
    }
}
