//! Marked rows as bytes: of every 65,536 rows the runs of marked ones, or a bit each where that is shorter.
#![forbid(unsafe_code)]

use super::mask::{Mask, ROWS, WORDS};
use crate::error::Error;
use crate::frames::envelope::{Reader, Writer};

/// All rows of a chunk are marked.
const ALL: u8 = 0;
/// A bit a row.
const BITS: u8 = 1;
/// Runs: rows passed over, then rows marked.
const RUNS: u8 = 2;

/// Chunks that the masks of one state may span: a gigabyte of places for them.
const SPAN: u64 = 1 << 26;

/// Writes the rows marked.
pub fn write(to: &mut Writer, mask: &Mask) {
    to.size(mask.chunks().count());
    let mut next = 0;
    for (index, words) in mask.chunks() {
        to.count(index - next);
        next = index + 1;
        let runs = runs(words);
        if runs == [(0, ROWS)] {
            to.byte(ALL);
            continue;
        }
        let bytes: usize = runs.iter().map(|(gap, len)| size(*gap) + size(*len)).sum();
        if bytes >= WORDS * 8 {
            to.byte(BITS);
            words.iter().for_each(|word| to.word(*word));
        } else {
            to.byte(RUNS);
            to.size(runs.len());
            for (gap, len) in runs {
                to.count(gap);
                to.count(len);
            }
        }
    }
}

/// The rows that [`write()`] wrote, all below `rows`; none where that cannot be. `span` is what masks read before took.
///
/// # Errors
/// [`Error::Memory`].
pub fn read(from: &mut Reader<'_>, rows: u64, span: &mut u64) -> Result<Option<Mask>, Error> {
    let mut mask = Mask::default();
    let Some(count) = from.size(2) else { return Ok(None) };
    let mut next = 0_u64;
    for _ in 0..count {
        let Some(gap) = from.count() else { return Ok(None) };
        let index = next + gap;
        let Some(first) = index.checked_mul(ROWS).filter(|first| *first < rows) else { return Ok(None) };
        *span += gap + 1;
        if *span > SPAN {
            return Err(Error::Memory(format!("failing rows spread over {first} rows")));
        }
        next = index + 1;
        let words = mask.words(index)?;
        if fill(from, words, (rows - first).min(ROWS)).is_none() {
            return Ok(None);
        }
    }
    Ok(Some(mask))
}

fn fill(from: &mut Reader<'_>, words: &mut [u64], rows: u64) -> Option<()> {
    match from.byte()? {
        ALL if rows == ROWS => words.fill(u64::MAX),
        BITS => {
            for word in &mut *words {
                *word = from.word()?;
            }
            if last(words).is_some_and(|last| last >= rows) {
                return None;
            }
        }
        RUNS => {
            let mut row = 0_u64;
            for _ in 0..from.size(2)? {
                row += from.count()?;
                let end = (row + from.count()?).min(ROWS + 1);
                if end > rows {
                    return None;
                }
                for (at, word) in words.iter_mut().enumerate().skip(row as usize / 64) {
                    let start = at as u64 * 64;
                    if start >= end {
                        break;
                    }
                    *word |= ones(end.min(start + 64) - start) & !ones(row.max(start) - start);
                }
                row = end;
            }
        }
        _ => return None,
    }
    words.iter().any(|word| *word != 0).then_some(())
}

/// So many ones, at most 64, the lowest bits.
fn ones(count: u64) -> u64 {
    if count >= 64 { u64::MAX } else { (1 << count) - 1 }
}

fn last(words: &[u64]) -> Option<u64> {
    let at = words.iter().rposition(|word| *word != 0)?;
    Some(at as u64 * 64 + 63 - u64::from(words[at].leading_zeros()))
}

/// Rows passed over and rows marked, in turn.
fn runs(words: &[u64]) -> Vec<(u64, u64)> {
    let mut runs = Vec::new();
    let (mut row, mut end) = (0, 0);
    let mut open = false;
    for (at, word) in words.iter().enumerate() {
        let start = at as u64 * 64;
        let mut bit = 0;
        while bit < 64 {
            let rest = if open { !(word >> bit) } else { word >> bit };
            let same = u64::from(rest.trailing_zeros()).min(64 - bit);
            bit += same;
            if bit < 64 {
                if open {
                    runs.push((row - end, start + bit - row));
                    end = start + bit;
                } else {
                    row = start + bit;
                }
                open = !open;
            }
        }
    }
    if open {
        runs.push((row - end, ROWS - row));
    }
    runs
}

/// Bytes of a count.
fn size(count: u64) -> usize {
    (64 - (count | 1).leading_zeros() as usize).div_ceil(7)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::envelope::Envelope;
    use proptest::prelude::*;

    const MASK: Envelope = Envelope { magic: b"IWMASK__", version: 1, called: "mask" };

    fn bytes(mask: &Mask) -> Vec<u8> {
        let mut to = MASK.begin();
        write(&mut to, mask);
        to.seal()
    }

    fn again(bytes: &[u8], rows: u64) -> Option<Mask> {
        read(&mut MASK.open(bytes).unwrap(), rows, &mut 0).unwrap()
    }

    fn of(rows: impl IntoIterator<Item = u64>) -> Mask {
        let mut mask = Mask::default();
        rows.into_iter().for_each(|row| mask.set(row).unwrap());
        mask
    }

    proptest! {
        #[test]
        fn marked_rows_come_back(
            spans in prop::collection::vec((0_u64..300_000, prop_oneof![1_u64..3, 60_u64..70, 60_000_u64..140_000]), 0..4),
            step in 1_usize..4,
        ) {
            let mask = of(spans.iter().flat_map(|(first, len)| (*first..first + len).step_by(step)));
            let rows = mask.first(usize::MAX);
            let end = rows.last().map_or(0, |last| last + 1);
            let bytes = bytes(&mask);
            prop_assert_eq!(again(&bytes, end).map(|mask| mask.first(usize::MAX)), Some(rows.clone()));
            if end > 0 {
                prop_assert!(again(&bytes, end - 1).is_none());
            }
            // At any other place it is the same rows, and the same bytes as if they had been marked there.
            let mut moved = Mask::default();
            moved.append(12_345, &mask).unwrap();
            prop_assert_eq!(self::bytes(&moved), self::bytes(&of(rows.iter().map(|row| row + 12_345))));
        }
    }

    #[test]
    fn the_shorter_form_is_taken() {
        assert!(bytes(&of(0..10 * ROWS)).len() < 50);
        assert!(bytes(&of([5, 1 << 30])).len() < 40);
        let scattered =
            bytes(&of((0..ROWS).filter(|row| row.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 63 == 0)));
        assert!(scattered.len() < WORDS * 8 + 40);
    }

    #[test]
    fn rows_beyond_memory_are_an_error() {
        let mut to = MASK.begin();
        to.count(1);
        to.count(SPAN + 1);
        to.byte(ALL);
        let error = read(&mut MASK.open(&to.seal()).unwrap(), 1 << 53, &mut 0).unwrap_err();
        assert!(matches!(error, Error::Memory(_)), "{error}");
    }
}
