//! XXH3-64 of rows that lie column by column: the same number of 64-bit words each, one row beside the other.
//!
//! XXH3 reads what it hashes in pairs of words at fixed places, so a block of rows is hashed pair by pair down the
//! columns, without putting any row together first. The paths are those of xxHash's specification for 8, 16, 17 to 128
//! and 129 to 240 bytes.
#![forbid(unsafe_code)]

/// Most words a row may have here; longer ones go through stripes, which gain nothing from columns.
pub const MOST: usize = 30;

const PRIME64_1: u64 = 0x9e37_79b1_85eb_ca87;
const PRIME_MX1: u64 = 0x1656_6791_9e37_79f9;

/// The first 136 bytes of the default secret.
const SECRET: [u8; 136] = [
    0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c, 0xde,
    0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f, 0xcb, 0x79,
    0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21, 0xb8, 0x08, 0x46,
    0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c, 0x3c, 0x28, 0x52, 0xbb,
    0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3, 0x71, 0x64, 0x48, 0x97, 0xa2,
    0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8, 0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c,
    0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d, 0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59,
    0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64, 0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3,
];

const fn secret(at: usize) -> u64 {
    let mut word = 0;
    let mut byte = 0;
    while byte < 8 {
        word |= (SECRET[at + byte] as u64) << (8 * byte);
        byte += 1;
    }
    word
}

fn avalanche(mixed: u64) -> u64 {
    let mixed = (mixed ^ mixed >> 37).wrapping_mul(PRIME_MX1);
    mixed ^ mixed >> 32
}

#[inline(always)]
fn fold(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    product as u64 ^ (product >> 64) as u64
}

/// XXH3-64 under `seed` of every row: `words[column * stride + row]`, lowest byte first, is word `column` of it.
/// There are 2 to [`MOST`] columns; `out` has at most `stride` rows.
pub fn rows(words: &[u64], stride: usize, columns: usize, seed: u64, out: &mut [u64]) {
    let count = out.len();
    let column = |at: usize| &words[at * stride..at * stride + count];
    let size = 8 * columns as u64;
    if columns == 2 {
        let low = (secret(24) ^ secret(32)).wrapping_add(seed);
        let high = (secret(40) ^ secret(48)).wrapping_sub(seed);
        for ((out, one), other) in out.iter_mut().zip(column(0)).zip(column(1)) {
            let (one, other) = (one ^ low, other ^ high);
            let mixed = size.wrapping_add(one.swap_bytes()).wrapping_add(other);
            *out = avalanche(mixed.wrapping_add(fold(one, other)));
        }
        return;
    }
    out.fill(size.wrapping_mul(PRIME64_1));
    let add = |out: &mut [u64], first: usize, place: usize| {
        let (low, high) = (secret(place).wrapping_add(seed), secret(place + 8).wrapping_sub(seed));
        for ((out, one), other) in out.iter_mut().zip(column(first)).zip(column(first + 1)) {
            *out = out.wrapping_add(fold(one ^ low, other ^ high));
        }
    };
    if columns <= 16 {
        for step in 0..(columns - 1) / 4 + 1 {
            add(out, 2 * step, 32 * step);
            add(out, columns - 2 - 2 * step, 32 * step + 16);
        }
    } else {
        (0..8).for_each(|step| add(out, 2 * step, 16 * step));
        out.iter_mut().for_each(|out| *out = avalanche(*out));
        (8..columns / 2).for_each(|step| add(out, 2 * step, 16 * (step - 8) + 3));
        add(out, columns - 2, 136 - 17);
    }
    out.iter_mut().for_each(|out| *out = avalanche(*out));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use xxhash_rust::xxh3::xxh3_64_with_seed;

    proptest! {
        #[test]
        fn columns_hash_as_rows_do(count in 0..9_usize, columns in 2..=MOST, seed: u64, salt: u64) {
            let stride = count + 1;
            let words: Vec<u64> =
                (0..(stride * columns) as u64).map(|at| (at ^ salt).wrapping_mul(PRIME64_1)).collect();
            let mut out = vec![0; count];
            rows(&words, stride, columns, seed, &mut out);
            for (row, hash) in out.iter().enumerate() {
                let bytes: Vec<u8> =
                    (0..columns).flat_map(|column| words[column * stride + row].to_le_bytes()).collect();
                prop_assert_eq!(*hash, xxh3_64_with_seed(&bytes, seed));
            }
        }
    }
}
