//! Rows that share their key with another.
//!
//! Keys are kept in the order of the rows, 8 or 16 bytes each, and looked at once all are there: keys that only
//! rise need nothing more, numbers that lie close together a bit each, and the rest is split by hash into parts
//! small enough for the cache.
#![forbid(unsafe_code)]

use super::bits::Bits;
use super::keys::Keys;
use super::set::Key;
use crate::error::Error;
use crate::exec;
use crate::progress::Progress;
use std::sync::Arc;

/// The keys of some rows. A copy shares them.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Number of the first row.
    pub first: u64,
    /// The keys.
    pub keys: Arc<Keys>,
    /// Which rows they belong to; none when to each.
    pub having: Option<Arc<Bits>>,
}

/// Keys in a part on average: with their rows and a table they take half a megabyte.
const PART: usize = 16_384;
/// Most parts; one write ahead of each must stay in the cache.
const PARTS: usize = 4_096;

/// Calls `fail` with every row that shares its key with another, in no order.
///
/// # Errors
/// [`Error::Memory`]; [`Error::Cancelled`] when the progress says stop.
pub fn repeated(pieces: &[Piece], progress: &Progress<'_>, mut fail: impl FnMut(u64)) -> Result<(), Error> {
    match pieces.first().map(|piece| piece.keys.as_ref()) {
        None => Ok(()),
        Some(Keys::Narrow(_)) => {
            let keys = pieces.iter().filter_map(|piece| match piece.keys.as_ref() {
                Keys::Narrow(keys) => Some((piece, keys.as_slice())),
                Keys::Wide(_) => None,
            });
            let keys: Vec<(&Piece, &[u64])> = keys.collect();
            if rises(&keys) || dense(&keys, progress, &mut fail)? {
                return Ok(());
            }
            split(&keys, progress, fail)
        }
        Some(Keys::Wide(_)) => {
            let keys = pieces.iter().filter_map(|piece| match piece.keys.as_ref() {
                Keys::Wide(keys) => Some((piece, keys.as_slice())),
                Keys::Narrow(_) => None,
            });
            split(&keys.collect::<Vec<(&Piece, &[u128])>>(), progress, fail)
        }
    }
}

/// Whether every key is larger than the one before.
fn rises(pieces: &[(&Piece, &[u64])]) -> bool {
    let mut last = None;
    pieces.iter().all(|(_, keys)| {
        let Some(first) = keys.first().map(|key| *key as i64) else { return true };
        let after = last.is_none_or(|last| last < first);
        last = keys.last().map(|key| *key as i64);
        after
            && keys
                .chunks(4096)
                .all(|chunk| chunk.windows(2).fold(true, |all, two| all & ((two[0] as i64) < two[1] as i64)))
            && keys
                .chunks(4096)
                .zip(keys.chunks(4096).skip(1))
                .all(|(one, next)| (one[one.len() - 1] as i64) < next[0] as i64)
    })
}

/// The row of each key of a piece, in order.
fn rows<'p>(piece: &'p Piece, count: usize) -> Box<dyn Iterator<Item = u64> + 'p> {
    match &piece.having {
        None => Box::new((0..count as u64).map(|at| piece.first + at)),
        Some(having) => {
            Box::new((0..having.len()).filter(|at| having.get(*at)).map(|at| piece.first + at as u64))
        }
    }
}

/// Numbers that lie close together; false when they do not.
fn dense(
    pieces: &[(&Piece, &[u64])],
    progress: &Progress<'_>,
    fail: &mut impl FnMut(u64),
) -> Result<bool, Error> {
    let total: usize = pieces.iter().map(|(_, keys)| keys.len()).sum();
    let range = pieces
        .iter()
        .flat_map(|(_, keys)| keys.iter())
        .fold((i64::MAX, i64::MIN), |(low, high), key| (low.min(*key as i64), high.max(*key as i64)));
    let (low, high) = range;
    if low > high || high.wrapping_sub(low) as u64 / 16 > total as u64 {
        return Ok(false);
    }
    let size = (high.wrapping_sub(low) as u64 as usize / 64).saturating_add(1);
    let (mut seen, mut again): (Vec<u64>, Vec<u64>) = (Vec::new(), Vec::new());
    seen.try_reserve_exact(size)?;
    again.try_reserve_exact(size)?;
    seen.resize(size, 0);
    again.resize(size, 0);
    let place = |key: u64| {
        let at = (key as i64).wrapping_sub(low) as u64 as usize;
        (at / 64, 1_u64 << (at % 64))
    };
    let mut repeats = 0_u64;
    for (_, keys) in pieces {
        progress.poll()?;
        for key in *keys {
            let (word, bit) = place(*key);
            let twice = seen[word] & bit;
            seen[word] |= bit;
            again[word] |= twice;
            repeats |= twice;
        }
    }
    if repeats != 0 {
        for (piece, keys) in pieces {
            progress.poll()?;
            for (key, row) in keys.iter().zip(rows(piece, keys.len())) {
                let (word, bit) = place(*key);
                if again[word] & bit != 0 {
                    fail(row);
                }
            }
        }
    }
    Ok(true)
}

fn split<K: Key>(
    pieces: &[(&Piece, &[K])],
    progress: &Progress<'_>,
    mut fail: impl FnMut(u64),
) -> Result<(), Error> {
    let total: usize = pieces.iter().map(|(_, keys)| keys.len()).sum();
    let parts = (total / PART).next_power_of_two().clamp(1, PARTS);
    let part_of = |key: K| (key.mixed() as usize) & (parts - 1);
    // A key's place is counted first, so that all lie in one block of memory.
    let mut ends = vec![0_usize; parts + 1];
    for (_, keys) in pieces {
        progress.poll()?;
        keys.iter().for_each(|key| ends[part_of(*key) + 1] += 1);
    }
    for part in 0..parts {
        ends[part + 1] += ends[part];
    }
    let mut sorted: Vec<(K, u64)> = Vec::new();
    sorted.try_reserve_exact(total)?;
    sorted.resize(total, (K::FREE, 0));
    let mut next = ends.clone();
    for (piece, keys) in pieces {
        progress.poll()?;
        let mut put = |key: K, row: u64| {
            let place = &mut next[part_of(key)];
            sorted[*place] = (key, row);
            *place += 1;
        };
        match &piece.having {
            None => keys.iter().enumerate().for_each(|(at, key)| put(*key, piece.first + at as u64)),
            Some(_) => keys.iter().zip(rows(piece, keys.len())).for_each(|(key, row)| put(*key, row)),
        }
    }
    let mut rest = sorted.as_slice();
    let mut slices = Vec::with_capacity(parts);
    for part in 0..parts {
        let (slice, after) = rest.split_at(ends[part + 1] - ends[part]);
        slices.push(slice);
        rest = after;
    }
    let found = exec::map(slices.chunks(16), progress, |slices, pulse| {
        let mut failing = Vec::new();
        let mut slots = Vec::new();
        for slice in slices {
            repeats(slice, &mut slots, &mut failing)?;
            pulse.check()?;
        }
        Ok(failing)
    })?;
    found.into_iter().flatten().for_each(&mut fail);
    Ok(())
}

/// Rows of `keys` whose key comes up again there.
fn repeats<K: Key>(keys: &[(K, u64)], slots: &mut Vec<u32>, failing: &mut Vec<u64>) -> Result<(), Error> {
    const SEEN: u32 = 1 << 31;
    if keys.len() >= SEEN as usize {
        return Err(Error::Memory("too many rows with the same few keys".to_owned()));
    }
    let count = (keys.len() * 2).next_power_of_two().max(2);
    slots.clear();
    slots.try_reserve_exact(count)?;
    slots.resize(count, 0);
    let shift = 64 - count.trailing_zeros();
    for (at, (key, row)) in keys.iter().enumerate() {
        // The low bits chose the part; the high ones choose the slot.
        let mut slot = (key.mixed() >> shift) as usize;
        loop {
            let held = slots[slot];
            if held == 0 {
                slots[slot] = at as u32 + 1;
                break;
            }
            let first = ((held & !SEEN) - 1) as usize;
            if keys[first].0 == *key {
                if held & SEEN == 0 {
                    failing.push(keys[first].1);
                    slots[slot] = held | SEEN;
                }
                failing.push(*row);
                break;
            }
            slot = (slot + 1) & (count - 1);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(pieces: &[Piece]) -> Vec<u64> {
        let mut rows = Vec::new();
        repeated(pieces, &Progress::silent(), |row| rows.push(row)).unwrap();
        rows.sort_unstable();
        rows
    }

    proptest! {
        #[test]
        fn repeats_are_what_pandas_calls_duplicated(
            values in prop::collection::vec(prop::option::of(prop_oneof![-20_i64..20, any::<i64>()]), 0..120),
            cut in 0_usize..120,
        ) {
            let expected: Vec<u64> = (0..values.len())
                .filter(|at| values[*at].is_some() && values.iter().filter(|value| **value == values[*at]).count() > 1)
                .map(|at| at as u64)
                .collect();
            let cut = cut.min(values.len());
            for wide in [false, true] {
                let pieces: Vec<Piece> = [(0, &values[..cut]), (cut, &values[cut..])].into_iter().map(|(first, values)| {
                    let present = values.iter().flatten();
                    let keys = match wide {
                        false => Keys::Narrow(present.map(|value| *value as u64).collect()),
                        true => Keys::Wide(present.map(|value| *value as u128).collect()),
                    };
                    let having = Some(Bits::from_fn(values.len(), |at| values[at].is_some()));
                    Piece { first: first as u64, keys: Arc::new(keys), having: having.map(Arc::new) }
                }).collect();
                prop_assert_eq!(&found(&pieces), &expected);
            }
        }
    }

    #[test]
    fn many_keys_are_split_and_none_is_lost() {
        let count = 300_000_u64;
        let mut keys: Vec<u64> = (0..count).map(|at| at.wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect();
        keys[299_999] = keys[5];
        let pieces = [Piece { first: 10, keys: Arc::new(Keys::Narrow(keys)), having: None }];
        assert_eq!(found(&pieces), [15, 300_009]);
        let rising = [Piece { first: 0, keys: Arc::new(Keys::Narrow((0..count).collect())), having: None }];
        assert_eq!(found(&rising), [0_u64; 0]);
    }
}
