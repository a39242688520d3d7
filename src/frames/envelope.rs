//! What a frame came to, as bytes that travel: versioned, the same on every machine, and checked when read.
//!
//! Eight letters, a version, the parts, and XXH3-64 of all that. Integers are little-endian; counts and sizes take
//! seven bits a byte, the low ones first (LEB128).
#![forbid(unsafe_code)]

use crate::error::Error;
use xxhash_rust::xxh3::xxh3_64;

/// Largest count that is read: sums of any number of them that fit a file stay below 64 bits.
pub const MOST: u64 = 1 << 53;

/// What the bytes hold, and by what they are known.
pub struct Envelope {
    /// The letters they begin with.
    pub magic: &'static [u8; 8],
    /// Raised when the parts or their order change.
    pub version: u16,
    /// What errors call it.
    pub called: &'static str,
}

impl Envelope {
    /// An envelope to be filled and sealed.
    pub fn begin(&self) -> Writer {
        let mut to = Writer(Vec::new());
        to.0.extend_from_slice(self.magic);
        to.0.extend_from_slice(&self.version.to_le_bytes());
        to
    }

    /// The parts inside `bytes`, once magic, version and checksum are what they must be.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn open<'b>(&self, bytes: &'b [u8]) -> Result<Reader<'b>, Error> {
        let letters = String::from_utf8_lossy(self.magic);
        let rest = bytes
            .strip_prefix(self.magic)
            .ok_or_else(|| self.wrong(&format!("it does not start with {letters}")))?;
        let (version, _) = rest.split_first_chunk::<2>().ok_or_else(|| self.wrong("it ends early"))?;
        let version = u16::from_le_bytes(*version);
        if version != self.version {
            return Err(Error::Invalid(format!(
                "data is a {} of version {version}, this library reads version {}",
                self.called, self.version
            )));
        }
        let (body, sum) = bytes.split_last_chunk::<8>().ok_or_else(|| self.wrong("it ends early"))?;
        if xxh3_64(body) != u64::from_le_bytes(*sum) {
            return Err(self.wrong("its checksum does not fit, it was changed or cut off"));
        }
        let parts = body.get(self.magic.len() + 2..).ok_or_else(|| self.wrong("it ends early"))?;
        Ok(Reader(parts))
    }

    /// The error of bytes that are something else.
    pub fn wrong(&self, what: &str) -> Error {
        Error::Invalid(format!("data is no {} that to_bytes wrote: {what}", self.called))
    }

    /// The error of parts that cannot be.
    pub fn contradiction(&self) -> Error {
        self.wrong("its parts contradict each other")
    }
}

/// Appends parts.
pub struct Writer(Vec<u8>);

impl Writer {
    /// A byte.
    pub fn byte(&mut self, value: u8) {
        self.0.push(value);
    }

    /// A count.
    pub fn count(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    /// A number of parts.
    pub fn size(&mut self, value: usize) {
        self.count(value as u64);
    }

    /// 64 bits.
    pub fn word(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    /// Many of 64 bits, with their number.
    pub fn words(&mut self, values: &[u64]) {
        self.size(values.len());
        values.iter().for_each(|value| self.word(*value));
    }

    /// A float, by its bits.
    pub fn real(&mut self, value: f64) {
        self.word(value.to_bits());
    }

    /// 128 bits.
    pub fn wide(&mut self, value: i128) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    /// Bytes of which the reader knows how many there are.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// Bytes with their number.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.size(bytes.len());
        self.raw(bytes);
    }

    /// A part that may be missing.
    pub fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.byte(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }

    /// Everything, with its checksum.
    pub fn seal(mut self) -> Vec<u8> {
        let sum = xxh3_64(&self.0);
        self.word(sum);
        self.0
    }
}

/// Takes parts off the front; none when they cannot be what a [`Writer`] wrote.
pub struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    /// Bytes left.
    pub fn left(&self) -> usize {
        self.0.len()
    }

    /// So many bytes.
    pub fn raw(&mut self, size: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(size)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.raw(N)?.try_into().ok()
    }

    /// A byte.
    pub fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// A byte that is 0 or 1.
    pub fn truth(&mut self) -> Option<bool> {
        match self.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    /// 64 bits.
    pub fn word(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// Many of 64 bits.
    pub fn words(&mut self) -> Option<Vec<u64>> {
        let size = self.size(8)?;
        (0..size).map(|_| self.word()).collect()
    }

    /// A float.
    pub fn real(&mut self) -> Option<f64> {
        self.word().map(f64::from_bits)
    }

    /// 128 bits.
    pub fn wide(&mut self) -> Option<i128> {
        self.array().map(i128::from_le_bytes)
    }

    /// A count, of at most [`MOST`].
    pub fn count(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return (value <= MOST).then_some(value);
            }
        }
        None
    }

    /// A number of parts that follow, each of at least `least` bytes: never more than there can be.
    pub fn size(&mut self, least: usize) -> Option<usize> {
        let size = usize::try_from(self.count()?).ok()?;
        (size <= self.0.len() / least.max(1)).then_some(size)
    }

    /// Bytes.
    pub fn bytes(&mut self) -> Option<&'b [u8]> {
        let size = self.size(1)?;
        self.raw(size)
    }

    /// Text.
    pub fn text(&mut self) -> Option<&'b str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    /// A part that may be missing: the outer none is an error, the inner one a missing part.
    pub fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        if self.truth()? { read(self).map(Some) } else { Some(None) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LETTER: Envelope = Envelope { magic: b"IWLETTER", version: 3, called: "letter" };

    proptest! {
        #[test]
        fn parts_are_read_as_they_were_written(
            count in 0..=MOST,
            word in any::<u64>(),
            wide in any::<i128>(),
            real in any::<f64>(),
            text in prop::option::of(any::<String>()),
        ) {
            let mut to = LETTER.begin();
            to.count(count);
            to.word(word);
            to.wide(wide);
            to.real(real);
            to.words(&[word, count]);
            to.option(text.as_ref(), |to, text| to.bytes(text.as_bytes()));
            let bytes = to.seal();
            let mut from = LETTER.open(&bytes).unwrap();
            prop_assert_eq!(from.count(), Some(count));
            prop_assert_eq!(from.word(), Some(word));
            prop_assert_eq!(from.wide(), Some(wide));
            prop_assert_eq!(from.real().map(f64::to_bits), Some(real.to_bits()));
            prop_assert_eq!(from.words(), Some(vec![word, count]));
            prop_assert_eq!(from.option(|from| from.text().map(str::to_owned)), Some(text));
            prop_assert_eq!((from.left(), from.byte()), (0, None));
            for at in 0..bytes.len() {
                prop_assert!(LETTER.open(&bytes[..at]).is_err());
                let mut flipped = bytes.clone();
                flipped[at] ^= 0x10;
                prop_assert!(LETTER.open(&flipped).is_err());
            }
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let error = |bytes: &[u8]| LETTER.open(bytes).map(|_| ()).unwrap_err().to_string();
        assert_eq!(error(b""), "data is no letter that to_bytes wrote: it does not start with IWLETTER");
        assert_eq!(error(b"IWLETTER"), "data is no letter that to_bytes wrote: it ends early");
        assert_eq!(error(b"IWLETTER\x04\0"), "data is a letter of version 4, this library reads version 3");
        assert_eq!(
            error(b"IWLETTER\x03\0"),
            "data is no letter that to_bytes wrote: its checksum does not fit, it was changed or cut off"
        );
        let count = |bytes: &[u8]| Reader(bytes).count();
        assert_eq!(count(&[0x80, 0x80]), None);
        assert_eq!(count(&[0xff; 10]), None);
        assert_eq!(Reader(&[9, 1, 2]).size(1), None);
    }
}
