//! XXH3 in the two widths a fingerprint comes in, and the seeds that keep kinds of values apart.
#![forbid(unsafe_code)]

use super::{simd_eights, words};
use crate::frames::profile::simd_moments::{Real, Whole};
use xxhash_rust::xxh3::{Xxh3, xxh3_64_with_seed, xxh3_128, xxh3_128_with_seed};

/// Seeds, one a kind of value: XXH3-64 of the kind's name, seed 0. Far apart in all bits, so that no two
/// kinds share hashes for values anybody has.
pub mod seed {
    /// Of `text` and of rows: a text's hash is the plain XXH3 of its UTF-8.
    pub const PLAIN: u64 = 0;
    /// Of `integer`.
    pub const INTEGER: u64 = 0xa9c8_9472_289f_6a93;
    /// Of `float`.
    pub const FLOAT: u64 = 0x3443_d411_d4d2_1bb4;
    /// Of `decimal`.
    pub const DECIMAL: u64 = 0xa3e3_17e3_86c2_aaa4;
    /// Of `boolean`.
    pub const BOOLEAN: u64 = 0x9800_fe0b_535c_e50f;
    /// Of `binary`.
    pub const BINARY: u64 = 0x36fa_e864_859a_8fb6;
    /// Of `date`.
    pub const DATE: u64 = 0x972e_5c7e_5568_2a8f;
    /// Of `time`.
    pub const TIME: u64 = 0xe0c4_b797_1dca_a4d2;
    /// Of `timestamp`, one without a time zone.
    pub const TIMESTAMP: u64 = 0x19b4_86fc_e0c3_4b26;
    /// Of `instant`, a timestamp with a time zone.
    pub const INSTANT: u64 = 0xfb5f_f70d_2fa2_149a;
    /// Of `duration`.
    pub const DURATION: u64 = 0x7ab1_0590_2894_2688;
    /// Of `interval`.
    pub const INTERVAL: u64 = 0x58bc_7738_e94f_ae70;
    /// Of `null`.
    pub const NULL: u64 = 0xb785_b6ec_423c_44e1;
    /// Of `list`.
    pub const LIST: u64 = 0xb04f_5f3a_ea6a_43e1;
    /// Of `struct`.
    pub const STRUCT: u64 = 0xb394_cb06_fbb8_09be;
    /// Of `map`.
    pub const MAP: u64 = 0x68dc_79c3_1202_0102;
    /// Of `entry`, a key of a map and its value.
    pub const ENTRY: u64 = 0x8a4a_d489_d8c2_a56e;
    /// Of `digest`, under which 64-bit hashes of rows are hashed again before they are summed up.
    pub const DIGEST: u64 = 0x81a2_d6e2_0642_4f56;
    /// Of `names`, column names where these count.
    pub const NAMES: u64 = 0x0a24_5677_e848_f580;

    /// Every kind that has a seed of its own.
    pub const ALL: [(&str, u64); 18] = [
        ("integer", INTEGER),
        ("float", FLOAT),
        ("decimal", DECIMAL),
        ("boolean", BOOLEAN),
        ("binary", BINARY),
        ("date", DATE),
        ("time", TIME),
        ("timestamp", TIMESTAMP),
        ("instant", INSTANT),
        ("duration", DURATION),
        ("interval", INTERVAL),
        ("null", NULL),
        ("list", LIST),
        ("struct", STRUCT),
        ("map", MAP),
        ("entry", ENTRY),
        ("digest", DIGEST),
        ("names", NAMES),
    ];
}

/// What rows come to, in whatever order. Of 64-bit hashes `low` is the sum and `high` that of their own hashes, both
/// modulo 2^64; of 128-bit hashes they are the halves of the sum modulo 2^128.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sum {
    /// The low 64 bits.
    pub low: u64,
    /// The high 64 bits.
    pub high: u64,
}

/// A hash of either width.
pub trait Hash: Copy + Default + Ord + Send + Sync + 'static {
    /// Bytes of one.
    const SIZE: usize;

    /// XXH3 of `bytes`.
    fn of(bytes: &[u8], seed: u64) -> Self;

    /// XXH3 of what `stream` was fed with.
    fn end(stream: &Xxh3) -> Self;

    /// Writes the bytes that go into further hashes, the lowest first. `out` has [`Hash::SIZE`] bytes.
    fn put(self, out: &mut [u8]);

    /// Adds what rows come to, in whatever order, to `sum`.
    fn add(rows: &[Self], sum: Sum) -> Sum;

    /// What two lots of rows come to together.
    fn join(one: Sum, other: Sum) -> Sum;

    /// The integer whose memory is the canonical form, highest byte first for the wide one.
    fn shown(self) -> Self;

    /// XXH3 under `seed` of every row: the bytes of `parts[column * stride + row]` for each of the columns.
    fn rows(parts: &[Self], stride: usize, columns: usize, seed: u64, out: &mut [Self]) {
        long(parts, stride, columns, seed, out);
    }

    /// Hash of a null.
    fn null() -> Self {
        Self::of(&[], seed::NULL)
    }

    /// Hashes of 64-bit two's complement integers, eight bytes each.
    fn wholes<T: Whole>(values: &[T], seed: u64, out: &mut [Self]) {
        for (out, value) in out.iter_mut().zip(values) {
            *out = Self::of(&value.bits().to_le_bytes(), seed);
        }
    }

    /// Hashes of `value * factor`; false when a product left 64 bits, whose hash is then wrong.
    fn scaled<T: Whole>(values: &[T], factor: i64, seed: u64, out: &mut [Self]) -> bool {
        let mut fits = true;
        for (out, value) in out.iter_mut().zip(values) {
            let (product, over) = (value.bits() as i64).overflowing_mul(factor);
            fits &= !over;
            *out = Self::of(&product.to_le_bytes(), seed);
        }
        fits
    }

    /// Hashes of floating-point numbers; false when one is so large that it has to be looked at by itself.
    fn reals<T: Real>(values: &[T], out: &mut [Self]) -> bool {
        let mut small = true;
        for (out, value) in out.iter_mut().zip(values) {
            let (bits, whole, big) = simd_eights::canonical(value.double());
            small &= !big;
            *out = Self::of(&bits.to_le_bytes(), if whole { seed::INTEGER } else { seed::FLOAT });
        }
        small
    }
}

/// Hashes rows of any number of columns: puts each together first.
fn long<H: Hash>(parts: &[H], stride: usize, columns: usize, seed: u64, out: &mut [H]) {
    let mut bytes = vec![0; columns * H::SIZE];
    for (row, out) in out.iter_mut().enumerate() {
        let parts = parts.chunks(stride);
        bytes.chunks_exact_mut(H::SIZE).zip(parts).for_each(|(bytes, part)| part[row].put(bytes));
        *out = H::of(&bytes, seed);
    }
}

impl Hash for u64 {
    const SIZE: usize = 8;

    #[inline(always)]
    fn of(bytes: &[u8], seed: u64) -> Self {
        xxh3_64_with_seed(bytes, seed)
    }

    fn end(stream: &Xxh3) -> Self {
        stream.digest()
    }

    #[inline(always)]
    fn put(self, out: &mut [u8]) {
        out.copy_from_slice(&self.to_le_bytes());
    }

    fn add(rows: &[Self], sum: Sum) -> Sum {
        let (low, high) = simd_eights::sum(rows, seed::DIGEST);
        Self::join(sum, Sum { low, high })
    }

    fn join(one: Sum, other: Sum) -> Sum {
        Sum { low: one.low.wrapping_add(other.low), high: one.high.wrapping_add(other.high) }
    }

    fn shown(self) -> Self {
        self
    }

    fn rows(parts: &[Self], stride: usize, columns: usize, seed: u64, out: &mut [Self]) {
        match columns {
            1 => simd_eights::wholes(&parts[..out.len()], seed, out),
            2..=words::MOST => words::rows(parts, stride, columns, seed, out),
            _ => long(parts, stride, columns, seed, out),
        }
    }

    fn wholes<T: Whole>(values: &[T], seed: u64, out: &mut [Self]) {
        simd_eights::wholes(values, seed, out);
    }

    fn scaled<T: Whole>(values: &[T], factor: i64, seed: u64, out: &mut [Self]) -> bool {
        simd_eights::scaled(values, factor, seed, out)
    }

    fn reals<T: Real>(values: &[T], out: &mut [Self]) -> bool {
        simd_eights::reals(values, out)
    }
}

impl Hash for u128 {
    const SIZE: usize = 16;

    #[inline(always)]
    fn of(bytes: &[u8], seed: u64) -> Self {
        if seed == 0 { xxh3_128(bytes) } else { xxh3_128_with_seed(bytes, seed) }
    }

    fn end(stream: &Xxh3) -> Self {
        stream.digest128()
    }

    #[inline(always)]
    fn put(self, out: &mut [u8]) {
        out.copy_from_slice(&self.to_le_bytes());
    }

    fn add(rows: &[Self], sum: Sum) -> Sum {
        rows.iter().fold(sum, |sum, row| Self::join(sum, Sum { low: *row as u64, high: (*row >> 64) as u64 }))
    }

    fn join(one: Sum, other: Sum) -> Sum {
        let (low, over) = one.low.overflowing_add(other.low);
        Sum { low, high: one.high.wrapping_add(other.high).wrapping_add(u64::from(over)) }
    }

    fn shown(self) -> Self {
        self.to_be()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xxhash_rust::xxh3::xxh3_64;

    #[test]
    fn seeds_are_the_hashes_of_their_names() {
        for (name, seed) in seed::ALL {
            assert_eq!(seed, xxh3_64(name.as_bytes()), "{name}");
        }
    }
}
