//! Hashes of what is made of other values: rows and structs, lists, maps.
#![forbid(unsafe_code)]

use super::column::Column;
use super::hash::{Hash, seed};
use crate::error::Error;
use crate::progress::Pulse;
use std::ops::Range;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// Items hashed at a time.
const CHUNK: usize = 4096;

/// Bytes of the hashes that wait for their rows to be complete: what stays in the first-level cache.
const ROOM: usize = 32_768;

/// In which order the parts named `names` count, and the seed of what they make up, which is `seed` unless names
/// count.
///
/// # Errors
/// [`Error::Invalid`] when names count and two are the same; the message starts with `what`.
pub fn order(names: &[&str], by_name: bool, seed: u64, what: &str) -> Result<(Vec<usize>, u64), Error> {
    let mut order: Vec<usize> = (0..names.len()).collect();
    if !by_name {
        return Ok((order, seed));
    }
    order.sort_by_key(|at| names[*at]);
    if let Some(pair) = order.windows(2).find(|pair| names[pair[0]] == names[pair[1]]) {
        let name = names[pair[0]];
        return Err(Error::Invalid(format!(
            "{what} must have different names to count by name, got {name:?} twice"
        )));
    }
    let mut stream = Xxh3::with_seed(seed::NAMES ^ seed);
    order.iter().for_each(|at| stream.update(&xxh3_64(names[*at].as_bytes()).to_le_bytes()));
    Ok((order, stream.digest()))
}

/// Hashes of rows: XXH3 of the hashes of their parts, one after the other. The parts of a block of rows are hashed
/// before the next block's, so that their hashes stay in the cache.
///
/// # Errors
/// Those of [`Column::hash`], and [`Error::Memory`] when there are too many parts.
pub fn rows<H: Hash>(
    parts: &[Column<'_, H>],
    seed: u64,
    rows: Range<usize>,
    out: &mut [H],
    pulse: &Pulse<'_>,
) -> Result<(), Error> {
    let width = parts.len() * H::SIZE;
    if width == 0 {
        out.fill(H::of(&[], seed));
        return Ok(());
    }
    let most = (ROOM / width).clamp(16, 512).min(out.len().max(1));
    let mut hashes = Vec::new();
    hashes.try_reserve_exact(most * parts.len())?;
    hashes.resize(most * parts.len(), H::default());
    let mut at = rows.start;
    for out in out.chunks_mut(most) {
        for (hashes, part) in hashes.chunks_mut(most).zip(parts) {
            part.hash(at..at + out.len(), &mut hashes[..out.len()], pulse)?;
        }
        H::rows(&hashes, most, parts.len(), seed, out);
        at += out.len();
    }
    Ok(())
}

/// Where the items of lists lie.
pub enum Lists<'a> {
    /// From each offset to the next.
    Short(&'a [i32]),
    /// From each offset to the next.
    Long(&'a [i64]),
    /// Offsets and sizes.
    ShortViews(&'a [i32], &'a [i32]),
    /// Offsets and sizes.
    LongViews(&'a [i64], &'a [i64]),
    /// So many each.
    Fixed(usize),
}

impl Lists<'_> {
    fn items(&self, row: usize) -> Range<usize> {
        match self {
            Self::Short(offsets) => offsets[row] as usize..offsets[row + 1] as usize,
            Self::Long(offsets) => offsets[row] as usize..offsets[row + 1] as usize,
            Self::ShortViews(offsets, sizes) => offsets[row] as usize..(offsets[row] + sizes[row]) as usize,
            Self::LongViews(offsets, sizes) => offsets[row] as usize..(offsets[row] + sizes[row]) as usize,
            Self::Fixed(size) => row * size..(row + 1) * size,
        }
    }

    /// Hashes of lists: XXH3 of the hashes of their items, one after the other.
    pub(super) fn hash<H: Hash>(
        &self,
        items: &Column<'_, H>,
        rows: Range<usize>,
        out: &mut [H],
        pulse: &Pulse<'_>,
    ) -> Result<(), Error> {
        let (mut hashes, mut bytes) = (Vec::new(), Vec::new());
        let mut row = rows.start;
        while row < rows.end {
            let mut span = self.items(row);
            if span.len() > CHUNK {
                out[row - rows.start] = long(items, span, pulse)?;
                row += 1;
                continue;
            }
            // Neighbours share one call as long as their items lie side by side.
            let first = row;
            row += 1;
            while row < rows.end {
                let next = self.items(row);
                if next.start != span.end || next.end - span.start > CHUNK {
                    break;
                }
                span.end = next.end;
                row += 1;
            }
            hashes.resize(span.len(), H::default());
            bytes.resize(span.len() * H::SIZE, 0);
            items.hash(span.clone(), &mut hashes, pulse)?;
            bytes.chunks_exact_mut(H::SIZE).zip(&hashes).for_each(|(out, hash)| hash.put(out));
            for row in first..row {
                let own = self.items(row);
                let own = (own.start - span.start) * H::SIZE..(own.end - span.start) * H::SIZE;
                out[row - rows.start] = H::of(&bytes[own], seed::LIST);
            }
            pulse.check()?;
        }
        Ok(())
    }
}

/// Hash of one list of many items, in bounded memory.
fn long<H: Hash>(items: &Column<'_, H>, span: Range<usize>, pulse: &Pulse<'_>) -> Result<H, Error> {
    let mut stream = Xxh3::with_seed(seed::LIST);
    let (mut hashes, mut bytes) = (vec![H::default(); CHUNK], vec![0; CHUNK * H::SIZE]);
    for start in span.clone().step_by(CHUNK) {
        let count = CHUNK.min(span.end - start);
        items.hash(start..start + count, &mut hashes[..count], pulse)?;
        bytes.chunks_exact_mut(H::SIZE).zip(&hashes[..count]).for_each(|(out, hash)| hash.put(out));
        stream.update(&bytes[..count * H::SIZE]);
        pulse.check()?;
    }
    Ok(H::end(&stream))
}

/// Maps: where their entries lie, and these.
pub struct Entries<'a, H> {
    /// From each offset to the next.
    pub offsets: &'a [i32],
    /// Keys of all maps.
    pub keys: Box<Column<'a, H>>,
    /// Their values.
    pub values: Box<Column<'a, H>>,
}

impl<H: Hash> Entries<'_, H> {
    /// Hashes of maps: XXH3 of the hashes of their entries, smallest first, so that their order does not show.
    pub(super) fn hash(&self, rows: Range<usize>, out: &mut [H], pulse: &Pulse<'_>) -> Result<(), Error> {
        let mut entries: Vec<H> = Vec::new();
        let (mut keys, mut values) = (vec![H::default(); CHUNK], vec![H::default(); CHUNK]);
        let (mut pair, mut bytes) = (vec![0; 2 * H::SIZE], vec![0; H::SIZE]);
        for (out, row) in out.iter_mut().zip(rows) {
            let span = self.offsets[row] as usize..self.offsets[row + 1] as usize;
            entries.clear();
            entries.try_reserve_exact(span.len())?;
            for start in span.clone().step_by(CHUNK) {
                let count = CHUNK.min(span.end - start);
                self.keys.hash(start..start + count, &mut keys[..count], pulse)?;
                self.values.hash(start..start + count, &mut values[..count], pulse)?;
                for (key, value) in keys.iter().zip(&values).take(count) {
                    key.put(&mut pair[..H::SIZE]);
                    value.put(&mut pair[H::SIZE..]);
                    entries.push(H::of(&pair, seed::ENTRY));
                }
                pulse.check()?;
            }
            entries.sort_unstable();
            let mut stream = Xxh3::with_seed(seed::MAP);
            for entry in &entries {
                entry.put(&mut bytes);
                stream.update(&bytes);
            }
            *out = H::end(&stream);
        }
        Ok(())
    }
}
