//! Text of other encodings, as UTF-8.
#![forbid(unsafe_code)]

use crate::error::Error;
use std::io::{self, Read};

/// How characters are written as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As the web and most else has them.
    Utf8,
    /// Two bytes a unit, low byte first.
    Utf16Le,
    /// Two bytes a unit, high byte first.
    Utf16Be,
    /// One byte a character: ISO 8859-1.
    Latin1,
    /// One byte a character: Windows-1252, a superset of what is printable in Latin-1.
    Cp1252,
}

/// What Windows-1252 has at 0x80..0xa0; its five holes are the control characters, as the web reads them.
const WINDOWS: [char; 32] = [
    '\u{20ac}', '\u{81}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}', '\u{2c6}',
    '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8d}', '\u{17d}', '\u{8f}', '\u{90}', '\u{2018}',
    '\u{2019}', '\u{201c}', '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}', '\u{2dc}', '\u{2122}', '\u{161}',
    '\u{203a}', '\u{153}', '\u{9d}', '\u{17e}', '\u{178}',
];

impl Encoding {
    /// The name Python has for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16Le => "utf-16-le",
            Self::Utf16Be => "utf-16-be",
            Self::Latin1 => "latin-1",
            Self::Cp1252 => "cp1252",
        }
    }

    /// The encoding a caller named; `None` for `"utf-16"`, whose order the file tells.
    ///
    /// # Errors
    /// [`Error::Invalid`] for any other name.
    pub fn named(name: &str) -> Result<Option<Self>, Error> {
        let plain = name.to_ascii_lowercase().replace('_', "-");
        Ok(Some(match plain.as_str() {
            "utf-8" | "utf8" | "utf-8-sig" | "ascii" => Self::Utf8,
            "utf-16-le" | "utf-16le" => Self::Utf16Le,
            "utf-16-be" | "utf-16be" => Self::Utf16Be,
            "utf-16" | "utf16" => return Ok(None),
            "latin-1" | "latin1" | "iso-8859-1" => Self::Latin1,
            "cp1252" | "windows-1252" => Self::Cp1252,
            _ => {
                return Err(Error::Invalid(format!(
                    "encoding must be utf-8, utf-16, utf-16-le, utf-16-be, latin-1 or cp1252, got {name:?}"
                )));
            }
        }))
    }

    /// The encoding a text starts to show, and the bytes of its byte order mark.
    ///
    /// Without a mark: UTF-16 when every other byte is mostly zero, UTF-8 when it is that, else Windows-1252.
    pub fn guess(start: &[u8]) -> (Self, usize) {
        match start {
            [0xef, 0xbb, 0xbf, ..] => return (Self::Utf8, 3),
            [0xff, 0xfe, ..] => return (Self::Utf16Le, 2),
            [0xfe, 0xff, ..] => return (Self::Utf16Be, 2),
            _ => {}
        }
        let pairs = start[..start.len().min(4096)].as_chunks::<2>().0;
        let zeros = |index: usize| pairs.iter().filter(|pair| pair[index] == 0).count();
        let (even, odd) = (zeros(0), zeros(1));
        if pairs.len() > 1 && odd * 2 > pairs.len() && even * 10 < odd {
            return (Self::Utf16Le, 0);
        }
        if pairs.len() > 1 && even * 2 > pairs.len() && odd * 10 < even {
            return (Self::Utf16Be, 0);
        }
        match std::str::from_utf8(start) {
            // A character cut off by the end of the sample is none that is wrong.
            Err(error) if error.error_len().is_some() => (Self::Cp1252, 0),
            _ => (Self::Utf8, 0),
        }
    }

    /// `input` as UTF-8; UTF-8 itself passes unchecked.
    pub fn decoded(self, input: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
        match self {
            Self::Utf8 => input,
            _ => Box::new(Decoder {
                input,
                encoding: self,
                raw: Vec::new(),
                text: Vec::new(),
                at: 0,
                ended: false,
            }),
        }
    }
}

/// Reads one encoding and gives another.
struct Decoder {
    input: Box<dyn Read + Send>,
    encoding: Encoding,
    /// Read and not yet decoded.
    raw: Vec<u8>,
    /// Decoded, and from `at` not yet given.
    text: Vec<u8>,
    at: usize,
    ended: bool,
}

impl Decoder {
    fn decode_more(&mut self) -> io::Result<()> {
        const SIZE: u64 = 64 << 10;
        self.text.clear();
        self.at = 0;
        let read = self.input.by_ref().take(SIZE).read_to_end(&mut self.raw)?;
        self.ended = (read as u64) < SIZE;
        let mut utf8 = [0; 4];
        let mut push = |c: char| self.text.extend_from_slice(c.encode_utf8(&mut utf8).as_bytes());
        let big = match self.encoding {
            Encoding::Utf16Le => false,
            Encoding::Utf16Be => true,
            one_byte => {
                for byte in self.raw.drain(..) {
                    push(match byte {
                        0x80..0xa0 if one_byte == Encoding::Cp1252 => WINDOWS[usize::from(byte - 0x80)],
                        _ => char::from(byte),
                    });
                }
                return Ok(());
            }
        };
        let unit = |pair: &[u8; 2]| if big { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) };
        let mut pairs = self.raw.as_chunks::<2>().0;
        let odd = self.raw.len() % 2 == 1;
        if !self.ended && pairs.last().map(unit).is_some_and(|unit| (0xd800..0xdc00).contains(&unit)) {
            pairs = &pairs[..pairs.len() - 1]; // its other half is still to come
        }
        for decoded in char::decode_utf16(pairs.iter().map(unit)) {
            push(decoded.map_err(|_| wrong("half a surrogate pair"))?);
        }
        if self.ended && odd {
            return Err(wrong("an odd number of bytes"));
        }
        let done = pairs.len() * 2;
        self.raw.drain(..done);
        Ok(())
    }
}

fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("not UTF-16: {what}"))
}

impl Read for Decoder {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.text.len() {
            if self.ended {
                return Ok(0);
            }
            self.decode_more()?;
        }
        let size = out.len().min(self.text.len() - self.at);
        out[..size].copy_from_slice(&self.text[self.at..self.at + size]);
        self.at += size;
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(encoding: Encoding, bytes: Vec<u8>) -> io::Result<String> {
        let mut text = String::new();
        encoding.decoded(Box::new(io::Cursor::new(bytes))).read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn utf16_is_decoded_across_every_boundary() {
        let text = "a\u{1f600}\u{e9}".repeat(40_000);
        for offset in 0..2 {
            let text = format!("{}{text}", "x".repeat(offset));
            let units: Vec<u16> = text.encode_utf16().collect();
            let little = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            let big = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
            assert_eq!(decode(Encoding::Utf16Le, little).unwrap(), text);
            assert_eq!(decode(Encoding::Utf16Be, big).unwrap(), text);
        }
        assert!(decode(Encoding::Utf16Le, vec![0, 0xd8, b'a', 0]).is_err());
        assert!(decode(Encoding::Utf16Le, vec![b'a', 0, b'b']).is_err());
    }

    #[test]
    fn one_byte_encodings_differ_where_windows_does() {
        assert_eq!(decode(Encoding::Cp1252, vec![0x80, 0xe9, b'a']).unwrap(), "\u{20ac}\u{e9}a");
        assert_eq!(decode(Encoding::Latin1, vec![0x80, 0xe9]).unwrap(), "\u{80}\u{e9}");
    }

    #[test]
    fn the_start_tells() {
        assert_eq!(Encoding::guess(b"\xef\xbb\xbfa"), (Encoding::Utf8, 3));
        assert_eq!(Encoding::guess(b"\xff\xfea\0"), (Encoding::Utf16Le, 2));
        assert_eq!(Encoding::guess(b"a\0,\0b\0\n\0"), (Encoding::Utf16Le, 0));
        assert_eq!(Encoding::guess(b"\0a\0,\0b"), (Encoding::Utf16Be, 0));
        assert_eq!(Encoding::guess("caf\u{e9}".as_bytes()), (Encoding::Utf8, 0));
        assert_eq!(Encoding::guess(&"caf\u{e9}".as_bytes()[..4]), (Encoding::Utf8, 0));
        assert_eq!(Encoding::guess(b"caf\xe9,x"), (Encoding::Cp1252, 0));
        assert_eq!(Encoding::guess(b""), (Encoding::Utf8, 0));
    }
}
