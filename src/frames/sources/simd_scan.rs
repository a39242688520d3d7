//! Finds the delimiters and line ends of delimited text 64 bytes at a time, with AVX2 where the processor has it.
//!
//! What lies between quotes is masked out by the parity of the quotes before it (as simdjson does for strings,
//! arXiv:1902.08318). That is right as long as quotes stand at the ends of fields only; any other quote is
//! reported, so that the caller can read the piece again the exact way.

/// The bytes that structure a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marks {
    /// Between two fields.
    pub delimiter: u8,
    /// Around a field that may hold the other two; `None` when quotes mean nothing.
    pub quote: Option<u8>,
    /// After a row.
    pub newline: u8,
}

/// What [`scan`] found besides the positions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Line ends outside quotes.
    pub newlines: usize,
    /// A quote opens in the middle of a field: parity may have misled.
    pub stray: bool,
    /// A quote is still open at the end.
    pub open: bool,
}

/// Appends the position of every delimiter and line end outside quotes to `out`, `base` added; `bytes` start a row.
pub fn scan(bytes: &[u8], base: u32, marks: Marks, out: &mut Vec<u32>) -> Found {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("popcnt")
        {
            // SAFETY: the features the function was compiled for are there.
            return unsafe { scan_avx2(bytes, base, marks, out) };
        }
        scan_with::<Sse2>(bytes, base, marks, out)
    }
    #[cfg(not(target_arch = "x86_64"))]
    scan_with::<Plain>(bytes, base, marks, out)
}

/// How often `quote` and `newline` occur.
pub fn count(bytes: &[u8], quote: Option<u8>, newline: u8) -> (usize, usize) {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt") {
            // SAFETY: the features the function was compiled for are there.
            return unsafe { count_avx2(bytes, quote, newline) };
        }
        count_with::<Sse2>(bytes, quote, newline)
    }
    #[cfg(not(target_arch = "x86_64"))]
    count_with::<Plain>(bytes, quote, newline)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,popcnt")]
unsafe fn scan_avx2(bytes: &[u8], base: u32, marks: Marks, out: &mut Vec<u32>) -> Found {
    scan_with::<Avx2>(bytes, base, marks, out)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt")]
unsafe fn count_avx2(bytes: &[u8], quote: Option<u8>, newline: u8) -> (usize, usize) {
    count_with::<Avx2>(bytes, quote, newline)
}

/// A way to compare 64 bytes with one.
trait Equal {
    /// Bit `i` is set where `block[i] == byte`.
    fn equal(block: &[u8; 64], byte: u8) -> u64;
}

/// Needs AVX2: used by functions compiled for it only.
#[cfg(target_arch = "x86_64")]
struct Avx2;

#[cfg(target_arch = "x86_64")]
impl Equal for Avx2 {
    #[inline(always)]
    fn equal(block: &[u8; 64], byte: u8) -> u64 {
        use std::arch::x86_64::{
            _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_set1_epi8,
        };
        // SAFETY: only scan_avx2 and count_avx2 get here; both loads stay within the 64 bytes.
        unsafe {
            let wanted = _mm256_set1_epi8(byte as i8);
            let low = _mm256_loadu_si256(block.as_ptr().cast());
            let high = _mm256_loadu_si256(block.as_ptr().add(32).cast());
            let low = _mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted)) as u32;
            let high = _mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted)) as u32;
            u64::from(low) | u64::from(high) << 32
        }
    }
}

/// SSE2, which every x86-64 processor has.
#[cfg(target_arch = "x86_64")]
struct Sse2;

#[cfg(target_arch = "x86_64")]
impl Equal for Sse2 {
    #[inline(always)]
    fn equal(block: &[u8; 64], byte: u8) -> u64 {
        use std::arch::x86_64::{_mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_set1_epi8};
        let mut mask = 0;
        for part in 0..4 {
            // SAFETY: SSE2 is part of the baseline; part * 16 + 16 <= 64.
            let bits = unsafe {
                let load = _mm_loadu_si128(block.as_ptr().add(part * 16).cast());
                _mm_movemask_epi8(_mm_cmpeq_epi8(load, _mm_set1_epi8(byte as i8))) as u32
            };
            mask |= u64::from(bits) << (part * 16);
        }
        mask
    }
}

/// Eight bytes at a time in ordinary registers.
#[cfg(any(not(target_arch = "x86_64"), test))]
struct Plain;

#[cfg(any(not(target_arch = "x86_64"), test))]
impl Equal for Plain {
    #[inline(always)]
    fn equal(block: &[u8; 64], byte: u8) -> u64 {
        const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
        let wanted = u64::from_ne_bytes([byte; 8]);
        let mut mask = 0;
        for (part, eight) in block.as_chunks::<8>().0.iter().enumerate() {
            let differs = u64::from_le_bytes(*eight) ^ wanted;
            // The top bit of each byte that is zero, exactly: no carry passes from byte to byte.
            let zero = !(((differs & LOW) + LOW) | differs | LOW);
            // Gathers the eight top bits into the top byte.
            let bits = (zero >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
            mask |= bits << (part * 8);
        }
        mask
    }
}

/// Bit `i` is set where an odd number of bits is set up to and with `i`.
#[inline(always)]
fn parity(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

#[inline(always)]
fn scan_with<E: Equal>(bytes: &[u8], base: u32, marks: Marks, out: &mut Vec<u32>) -> Found {
    let mut found = Found::default();
    let mut inside = 0_u64; // all ones while a quote is open
    let mut may_open = 1_u64; // bit 0: the byte before ended a field, or closed a quote
    let (blocks, rest) = bytes.as_chunks::<64>();
    let mut last = [0; 64];
    last[..rest.len()].copy_from_slice(rest);
    let tail = if rest.is_empty() { None } else { Some(&last) };
    for (number, block) in blocks.iter().chain(tail).enumerate() {
        let mut ends = E::equal(block, marks.newline);
        let mut separators = ends | E::equal(block, marks.delimiter);
        let quotes = marks.quote.map_or(0, |quote| E::equal(block, quote));
        if quotes | inside != 0 {
            let within = parity(quotes) ^ inside;
            separators &= !within;
            ends &= !within;
            let closing = quotes & !within;
            let after = separators | closing;
            found.stray |= quotes & within & !(after << 1 | may_open) != 0;
            may_open = after >> 63;
            inside = (within as i64 >> 63) as u64;
        } else {
            may_open = separators >> 63;
        }
        found.newlines += ends.count_ones() as usize;
        push(separators, base + number as u32 * 64, out);
    }
    found.open = inside != 0;
    found
}

/// Appends the positions of the set bits.
#[inline(always)]
fn push(mut bits: u64, base: u32, out: &mut Vec<u32>) {
    let count = bits.count_ones() as usize;
    out.reserve(64);
    let spare = out.spare_capacity_mut();
    let mut at = 0;
    // Eight at a time whether there are eight or not: a branch for every one costs more.
    while at < count {
        for slot in &mut spare[at..at + 8] {
            slot.write(base + bits.trailing_zeros());
            bits &= bits.wrapping_sub(1);
        }
        at += 8;
    }
    // SAFETY: count <= 64 slots of the 64 reserved were written just now.
    unsafe { out.set_len(out.len() + count) };
}

#[inline(always)]
fn count_with<E: Equal>(bytes: &[u8], quote: Option<u8>, newline: u8) -> (usize, usize) {
    let (mut quotes, mut newlines) = (0, 0);
    let (blocks, rest) = bytes.as_chunks::<64>();
    for block in blocks {
        newlines += E::equal(block, newline).count_ones() as usize;
        if let Some(quote) = quote {
            quotes += E::equal(block, quote).count_ones() as usize;
        }
    }
    for byte in rest {
        newlines += usize::from(*byte == newline);
        quotes += usize::from(Some(*byte) == quote);
    }
    (quotes, newlines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MARKS: Marks = Marks { delimiter: b',', quote: Some(b'"'), newline: b'\n' };

    /// The same by one byte at a time.
    fn slowly(bytes: &[u8], base: u32, marks: Marks) -> (Vec<u32>, Found) {
        let (mut out, mut found, mut before) = (Vec::new(), Found::default(), true);
        for (at, byte) in bytes.iter().enumerate() {
            if Some(*byte) == marks.quote {
                if !found.open {
                    found.stray |= !before;
                }
                before = found.open;
                found.open = !found.open;
            } else if !found.open && (*byte == marks.delimiter || *byte == marks.newline) {
                out.push(base + at as u32);
                found.newlines += usize::from(*byte == marks.newline);
                before = true;
            } else {
                before = false;
            }
        }
        (out, found)
    }

    proptest! {
        #[test]
        fn every_way_finds_the_same(
            text in proptest::collection::vec(prop_oneof![Just(b','), Just(b'"'), Just(b'\n'), Just(b'a'), any::<u8>()], 0..300),
            quoted in any::<bool>(),
        ) {
            let marks = Marks { quote: quoted.then_some(b'"'), ..MARKS };
            let expected = slowly(&text, 7, marks);
            let mut out = Vec::new();
            let found = scan(&text, 7, marks, &mut out);
            prop_assert_eq!(&(out, found), &expected);
            let mut out = Vec::new();
            let found = scan_with::<Plain>(&text, 7, marks, &mut out);
            prop_assert_eq!(&(out, found), &expected);
            #[cfg(target_arch = "x86_64")]
            {
                let mut out = Vec::new();
                let found = scan_with::<Sse2>(&text, 7, marks, &mut out);
                prop_assert_eq!(&(out, found), &expected);
            }
            let of = |byte| text.iter().filter(|it| **it == byte).count();
            let counts = (if quoted { of(b'"') } else { 0 }, of(b'\n'));
            prop_assert_eq!(count(&text, marks.quote, b'\n'), counts);
            prop_assert_eq!(count_with::<Plain>(&text, marks.quote, b'\n'), counts);
        }
    }

    #[test]
    fn what_is_quoted_ends_nothing() {
        let mut out = Vec::new();
        let found = scan(b"a,\"b,\n\"\"c\",d\n", 0, MARKS, &mut out);
        assert_eq!(out, [1, 10, 12]);
        assert_eq!(found, Found { newlines: 1, stray: false, open: false });
    }

    #[test]
    fn a_quote_within_a_field_is_told() {
        assert!(scan(b"5\" pipe,x\n", 0, MARKS, &mut Vec::new()).stray);
        assert!(scan(b"\"never closed,x\n", 0, MARKS, &mut Vec::new()).open);
    }
}
