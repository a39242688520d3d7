//! Digests of pieces of a frame: put together in any order, and as bytes that travel.
#![forbid(unsafe_code)]

use super::Options;
use super::hash::{Hash, Sum};
use crate::error::Error;
use crate::frames::envelope::{Envelope, MOST, Reader};

/// The version is that of docs/fingerprint.md: hashes of another one say nothing of these.
const ENVELOPE: Envelope = Envelope { magic: b"IWDIGEST", version: 1, called: "digest" };

/// What the rows of a frame come to, in whatever order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Digest {
    /// Rows of the frame.
    pub rows: u64,
    /// What they come to.
    pub sum: Sum,
    /// How they were hashed.
    pub options: Options,
}

impl Digest {
    /// Takes in the digest of other rows. Errors call the other `name`.
    ///
    /// # Errors
    /// [`Error::Invalid`] when its rows were hashed in another way, [`Error::Overflow`] beyond 2^53 rows.
    pub fn merge(&mut self, other: &Self, name: &str) -> Result<(), Error> {
        let bits = |options: Options| if options.wide { 128 } else { 64 };
        if self.options.wide != other.options.wide {
            let (ours, theirs) = (bits(self.options), bits(other.options));
            return Err(Error::Invalid(format!("{name} must have bits={ours}, got {theirs}")));
        }
        if self.options.by_name != other.options.by_name {
            let shown = |by_name: bool| if by_name { "True" } else { "False" };
            let (ours, theirs) = (shown(self.options.by_name), shown(other.options.by_name));
            return Err(Error::Invalid(format!("{name} must have order_independent={ours}, got {theirs}")));
        }
        let rows = self.rows.saturating_add(other.rows);
        if rows > MOST {
            return Err(Error::Overflow(format!("{name} makes it {rows} rows, more than 2^53")));
        }
        self.rows = rows;
        self.sum = match self.options.wide {
            true => u128::join(self.sum, other.sum),
            false => u64::join(self.sum, other.sum),
        };
        Ok(())
    }

    /// The digest as bytes, for [`Digest::from_bytes`] on this or any other machine.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut to = ENVELOPE.begin();
        to.byte(u8::from(self.options.wide) | u8::from(self.options.by_name) << 1);
        for word in [self.rows, self.sum.low, self.sum.high] {
            to.word(word);
        }
        to.seal()
    }

    /// The digest that [`Digest::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`Error::Invalid`] for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let read = |mut from: Reader<'_>| {
            let flags = from.byte().filter(|flags| *flags < 4)?;
            let options = Options { wide: flags & 1 > 0, by_name: flags & 2 > 0 };
            let rows = from.word().filter(|rows| *rows <= MOST)?;
            let sum = Sum { low: from.word()?, high: from.word()? };
            (from.left() == 0).then_some(Self { rows, sum, options })
        };
        read(ENVELOPE.open(bytes)?).ok_or_else(|| ENVELOPE.contradiction())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_digest(wide: bool) -> impl Strategy<Value = Digest> {
        (0_u64..1 << 40, any::<u64>(), any::<u64>(), any::<bool>()).prop_map(
            move |(rows, low, high, by_name)| Digest {
                rows,
                sum: Sum { low, high },
                options: Options { wide, by_name },
            },
        )
    }

    proptest! {
        #[test]
        fn bytes_come_back_and_wrong_ones_do_not(digest in prop_oneof![any_digest(false), any_digest(true)]) {
            let bytes = digest.to_bytes();
            prop_assert_eq!(bytes.len(), 43);
            prop_assert_eq!(Digest::from_bytes(&bytes).unwrap(), digest);
            for at in 0..bytes.len() {
                prop_assert!(Digest::from_bytes(&bytes[..at]).is_err());
                let mut flipped = bytes.clone();
                flipped[at] ^= 0x20;
                prop_assert!(Digest::from_bytes(&flipped).is_err());
            }
        }

        #[test]
        fn no_order_of_merging_matters(
            (mut a, mut b, mut c) in any::<bool>().prop_flat_map(|wide| (any_digest(wide), any_digest(wide), any_digest(wide))),
        ) {
            (b.options, c.options) = (a.options, a.options);
            let mut right = b;
            right.merge(&a, "other").unwrap();
            let mut left = c;
            left.merge(&right, "other").unwrap();
            a.merge(&b, "other").unwrap();
            a.merge(&c, "other").unwrap();
            prop_assert_eq!(a, left);
        }
    }

    #[test]
    fn what_cannot_be_merged_is_refused() {
        let of =
            |rows, wide, by_name| Digest { rows, sum: Sum::default(), options: Options { wide, by_name } };
        let error = |other: &Digest| of(1, false, false).merge(other, "digests[1]").unwrap_err().to_string();
        assert_eq!(error(&of(1, true, false)), "digests[1] must have bits=64, got 128");
        assert_eq!(error(&of(1, false, true)), "digests[1] must have order_independent=False, got True");
        assert!(error(&of(MOST, false, false)).contains("more than 2^53"));
    }
}
