//! Keys of uniqueness as bytes: blocks in which only what tells one key from another, or from its neighbour, is written.
//!
//! Numbers that count up take next to nothing, numbers of a narrow range a few bits; hashes, which nothing makes
//! smaller, take what they have.
#![forbid(unsafe_code)]

use super::keys::Keys;
use crate::error::Error;
use crate::frames::envelope::{Reader, Writer};

/// Keys of a block.
const BLOCK: usize = 1_024;
/// Marks a block of differences.
const STEPS: u8 = 0x80;
/// Bytes of the smallest block: its form and what all its keys are counted from.
const LEAST: usize = 9;

/// Writes `count` keys, the words of each one after the other: those of numbers, or the low ones and then the high ones.
pub fn write(to: &mut Writer, count: usize, keys: &mut dyn Iterator<Item = u64>) {
    let mut block = Vec::with_capacity(BLOCK);
    for start in (0..count).step_by(BLOCK) {
        block.clear();
        block.extend(keys.take(BLOCK.min(count - start)));
        write_block(to, &block);
    }
}

/// The keys written by [`write()`]: none where there cannot be so many.
///
/// # Errors
/// [`Error::Memory`].
pub fn read(from: &mut Reader<'_>, count: usize) -> Result<Option<Vec<u64>>, Error> {
    if count.div_ceil(BLOCK).saturating_mul(LEAST) > from.left() {
        return Ok(None);
    }
    let mut keys = Vec::new();
    keys.try_reserve_exact(count)?;
    while keys.len() < count {
        let len = BLOCK.min(count - keys.len());
        if read_block(from, len, &mut keys).is_none() {
            return Ok(None);
        }
    }
    Ok(Some(keys))
}

/// Writes keys of either kind; their number goes before them.
pub fn write_keys(to: &mut Writer, narrow: bool, pieces: &[&Keys]) {
    let count = pieces.iter().map(|keys| keys.len()).sum();
    to.size(count);
    let words = |high: bool| {
        pieces.iter().flat_map(move |keys| -> Box<dyn Iterator<Item = u64>> {
            match keys {
                Keys::Narrow(keys) => Box::new(keys.iter().copied()),
                Keys::Wide(keys) => {
                    Box::new(keys.iter().map(move |key| (key >> if high { 64 } else { 0 }) as u64))
                }
            }
        })
    };
    write(to, count, &mut words(false));
    if !narrow {
        write(to, count, &mut words(true));
    }
}

/// The keys written by [`write_keys`]; none where there cannot be so many.
///
/// # Errors
/// [`Error::Memory`].
pub fn read_keys(from: &mut Reader<'_>, narrow: bool) -> Result<Option<Keys>, Error> {
    let Some(count) = from.count().and_then(|count| usize::try_from(count).ok()) else { return Ok(None) };
    let Some(low) = read(from, count)? else { return Ok(None) };
    if narrow {
        return Ok(Some(Keys::Narrow(low)));
    }
    let Some(high) = read(from, count)? else { return Ok(None) };
    let mut keys = Vec::new();
    keys.try_reserve_exact(count)?;
    keys.extend(low.into_iter().zip(high).map(|(low, high)| u128::from(high) << 64 | u128::from(low)));
    Ok(Some(Keys::Wide(keys)))
}

/// What the numbers of a block have in common, and the bits of what is left: signed, so that -1 is near 0.
fn frame(values: impl Iterator<Item = u64> + Clone) -> (u64, u32) {
    let (low, high) = values
        .fold((i64::MAX, i64::MIN), |(low, high), value| (low.min(value as i64), high.max(value as i64)));
    if low > high {
        return (0, 0);
    }
    (low as u64, 64 - (high.wrapping_sub(low) as u64).leading_zeros())
}

fn size(count: usize, width: u32) -> usize {
    (count * width as usize).div_ceil(8)
}

fn write_block(to: &mut Writer, keys: &[u64]) {
    let steps = || keys.windows(2).map(|two| two[1].wrapping_sub(two[0]));
    let ((base, width), (step, narrow)) = (frame(keys.iter().copied()), frame(steps()));
    let first = keys.first().copied().unwrap_or_default();
    if 8 + size(keys.len().saturating_sub(1), narrow) < size(keys.len(), width) {
        to.byte(STEPS | narrow as u8);
        to.word(first);
        to.word(step);
        pack(to, steps().map(|value| value.wrapping_sub(step)), narrow);
    } else {
        to.byte(width as u8);
        to.word(base);
        pack(to, keys.iter().map(|value| value.wrapping_sub(base)), width);
    }
}

fn read_block(from: &mut Reader<'_>, count: usize, keys: &mut Vec<u64>) -> Option<()> {
    let form = from.byte()?;
    let width = u32::from(form & !STEPS);
    if width > 64 {
        return None;
    }
    let base = from.word()?;
    if form & STEPS == 0 {
        return unpack(from, count, width, |value| keys.push(base.wrapping_add(value)));
    }
    let step = from.word()?;
    let mut last = base;
    keys.push(base);
    unpack(from, count - 1, width, |value| {
        last = last.wrapping_add(step).wrapping_add(value);
        keys.push(last);
    })
}

/// Numbers of `width` bits, one after the other, the low bits first.
fn pack(to: &mut Writer, values: impl Iterator<Item = u64>, width: u32) {
    if width == 64 {
        return values.for_each(|value| to.word(value));
    }
    let (mut held, mut bits) = (0_u128, 0_u32);
    for value in values {
        held |= u128::from(value) << bits;
        bits += width;
        while bits >= 8 {
            to.byte(held as u8);
            held >>= 8;
            bits -= 8;
        }
    }
    if bits > 0 {
        to.byte(held as u8);
    }
}

fn unpack(from: &mut Reader<'_>, count: usize, width: u32, mut put: impl FnMut(u64)) -> Option<()> {
    if width == 64 {
        return (0..count).try_for_each(|_| from.word().map(&mut put));
    }
    let mut bytes = from.raw(size(count, width))?.iter();
    let mask = (1_u128 << width) - 1;
    let (mut held, mut bits) = (0_u128, 0_u32);
    for _ in 0..count {
        while bits < width {
            held |= u128::from(*bytes.next()?) << bits;
            bits += 8;
        }
        put((held & mask) as u64);
        held >>= width;
        bits -= width;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::envelope::Envelope;
    use proptest::prelude::*;

    const KEYS: Envelope = Envelope { magic: b"IWKEYS__", version: 1, called: "keys" };

    fn bytes(keys: &Keys) -> Vec<u8> {
        let mut to = KEYS.begin();
        let narrow = matches!(keys, Keys::Narrow(_));
        write_keys(&mut to, narrow, &[keys]);
        to.seal()
    }

    fn again(bytes: &[u8], narrow: bool) -> Option<Keys> {
        read_keys(&mut KEYS.open(bytes).unwrap(), narrow).unwrap()
    }

    proptest! {
        #[test]
        fn keys_come_back(
            origin in any::<i64>(),
            steps in prop::collection::vec(prop_oneof![Just(1_i64), -3_i64..3, any::<i64>()], 0..2_500),
        ) {
            let numbers: Vec<u64> = steps.iter().scan(origin, |last, step| {
                *last = last.wrapping_add(*step);
                Some(*last as u64)
            }).collect();
            let narrow = Keys::Narrow(numbers.clone());
            prop_assert_eq!(again(&bytes(&narrow), true), Some(narrow));
            let wide = Keys::Wide(numbers.iter().map(|low| u128::from(*low) * 0x1_0000_0001_0000_0007).collect());
            prop_assert_eq!(again(&bytes(&wide), false), Some(wide));
        }
    }

    #[test]
    fn what_needs_few_bits_takes_few() {
        let size = |keys: Vec<u64>| bytes(&Keys::Narrow(keys)).len();
        assert!(size((5..100_005).collect()) < 2_000); // 98 blocks of 17 bytes
        assert!(size((0..100_000).map(|at| at * 7_919 % 256).collect()) < 102_000);
        assert!(size((0..100_000).map(|at: u64| at.wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect()) < 801_000);
    }

    #[test]
    fn more_keys_than_there_can_be_are_refused() {
        let mut to = KEYS.begin();
        to.count(1 << 50);
        to.raw(&[0; 100]);
        assert_eq!(again(&to.seal(), true), None);
    }
}
